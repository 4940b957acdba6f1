//! Scripted daemons, honest and not. What one says is written into a socket beforehand.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use proptest::prelude::*;

use super::channel::Channel;
use super::wire::{MOST_ANSWER, Request};
use super::*;
use crate::progress::{Progress, Recorded, Silent, Step};

const STORE: &str = "/nix/store";
const HELLO: &str = "/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12";
const JQ: &str = "/nix/store/d74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.7";

const LAST: u64 = 0x616c_7473;
const NEXT: u64 = 0x6f6c_6d67;
const ERROR: u64 = 0x6378_7470;
const START: u64 = 0x5354_5254;
const RESULT: u64 = 0x5253_4c54;

/// A daemon's words: numbers and byte strings.
fn say(first: u64) -> Request {
    Request::new(first)
}

/// What a daemon of this version says to begin with.
fn greeting(minor: u64) -> Request {
    let greeting = say(0x6478_696f).number(1 << 8 | minor).bytes(b"2.26.3");
    if minor >= 35 { greeting.number(2).number(LAST) } else { greeting.number(LAST) }
}

/// What a daemon was told, once its client is gone.
type Heard = JoinHandle<Vec<u8>>;

/// A connection to one that says `script` and then no more.
fn scripted(script: &[u8]) -> (Channel, Heard) {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(script).unwrap();
    theirs.shutdown(Shutdown::Write).unwrap();
    let heard = thread::spawn(move || {
        let mut heard = Vec::new();
        theirs.read_to_end(&mut heard).unwrap();
        heard
    });
    (Channel::new("the daemon".into(), ours.try_clone().unwrap().into(), ours.into(), None).unwrap(), heard)
}

fn greet(script: &[u8]) -> Result<Connection, NixError> {
    let (channel, _theirs) = scripted(script);
    Connection::greet(channel, &Silent)
}

/// A client whose daemon has greeted it, and then says `script`.
fn client(script: &Request) -> (Client, Heard) {
    let (channel, theirs) = scripted(&[greeting(35).as_bytes(), script.as_bytes()].concat());
    (Client::new(Connection::greet(channel, &Silent).unwrap(), Path::new(STORE)), theirs)
}

/// All that a daemon was told, without the greeting: four numbers.
fn heard(client: Client, heard: Heard) -> Vec<u8> {
    drop(client);
    heard.join().unwrap().split_off(32)
}

fn info(request: Request, references: &[&str]) -> Request {
    let info = request.bytes(b"").bytes(b"00ff").list(references);
    info.number(1_700_000_000).number(120).number(0).list::<&str>(&[]).bytes(b"")
}

/// The message of the error that `path_info` gives when the daemon says `script`.
fn complaint(script: &Request) -> String {
    let (mut client, _theirs) = client(script);
    let error = client.path_info(Path::new(HELLO), &Silent).unwrap_err();
    let after = client.path_info(Path::new(HELLO), &Silent).unwrap_err();
    match &error {
        NixError::Daemon(_) => assert!(matches!(after, NixError::Closed { .. }), "the script is over: {after}"),
        _ => assert!(matches!(after, NixError::GivenUp { .. }), "{after}"),
    }
    error.to_string()
}

#[test]
fn the_handshake_agrees_on_the_older_version_and_learns_who_is_there() {
    for (minor, agreed, trusted) in [(34, 34, None), (35, 35, Some(false)), (38, 35, Some(false))] {
        let connection = greet(greeting(minor).as_bytes()).unwrap();
        assert_eq!(connection.version(), Version { major: 1, minor: agreed });
        assert_eq!((connection.nix_version(), connection.is_trusted()), ("2.26.3", trusted));
    }
}

#[test]
fn a_daemon_that_is_too_old_or_of_another_world_is_refused_with_both_versions() {
    for (version, said) in [(0x121, "1.33"), (0x100, "1.0"), (0x228, "2.40"), (34, "0.34")] {
        let error = greet(say(0x6478_696f).number(version).as_bytes()).err().unwrap().to_string();
        assert!(error.contains(&format!("version {said} ")) && error.contains("1.34 to 1.35"), "{error}");
    }
}

#[test]
fn one_that_is_no_daemon_or_says_nothing_is_told_so() {
    let error = greet(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n").err().unwrap().to_string();
    assert_eq!(error, "the daemon does not answer as a Nix daemon does: its first bytes are not those of the protocol");
    let error = greet(b"").err().unwrap().to_string();
    assert_eq!(error, "the daemon ended the connection before it answered");
}

#[test]
fn a_greeting_that_ends_anywhere_is_an_error() {
    let whole = greeting(35);
    for length in 0..whole.as_bytes().len() {
        let error = greet(&whole.as_bytes()[..length]).err().unwrap();
        assert!(matches!(error, NixError::Closed { .. }), "{length}: {error}");
    }
}

#[test]
fn a_daemon_that_refuses_the_user_in_its_greeting_is_heard() {
    let refusal = say(0x6478_696f).number(0x123).bytes(b"2.26.3").number(1).number(ERROR);
    let refusal =
        refusal.bytes(b"Error").number(0).bytes(b"Error").bytes(b"user 'x' is not allowed").number(0).number(0);
    let error = greet(refusal.as_bytes()).err().unwrap().to_string();
    assert_eq!(error, "Nix says: user 'x' is not allowed");
}

#[test]
fn path_info_is_read_and_references_are_sorted() {
    let (mut client, theirs) = client(&info(say(LAST).number(1), &[JQ, HELLO]));
    let info = client.path_info(Path::new(HELLO), &Silent).unwrap().unwrap();
    assert_eq!(info.references, [PathBuf::from(HELLO), PathBuf::from(JQ)]);
    assert_eq!((info.nar_hash.as_str(), info.nar_bytes, info.deriver), ("00ff", 120, None));
    assert_eq!(heard(client, theirs), say(26).bytes(HELLO.as_bytes()).as_bytes());
}

#[test]
fn what_is_not_valid_has_no_info() {
    let (mut client, _theirs) = client(&say(LAST).number(0));
    assert_eq!(client.path_info(Path::new(HELLO), &Silent).unwrap(), None);
}

#[test]
fn wanted_things_are_written_as_nix_writes_them_and_missing_ones_read() {
    let drv = format!("{JQ}.drv");
    let answer = say(LAST).list(&[&drv]).list(&[HELLO]).list::<&str>(&[]).number(10).number(20);
    let (mut client, theirs) = client(&answer);
    let wanted = [
        Wanted::Path(HELLO.into()),
        Wanted::Outputs { drv: drv.clone().into(), outputs: vec!["bin".into(), "man".into()] },
        Wanted::Outputs { drv: drv.clone().into(), outputs: vec![] },
    ];
    let missing = client.missing(&wanted, &Silent).unwrap();
    let expected = Missing {
        to_build: vec![drv.clone().into()],
        to_fetch: vec![HELLO.into()],
        unknown: vec![],
        download_bytes: 10,
        unpacked_bytes: 20,
    };
    assert_eq!(missing, expected);
    let written = [HELLO.to_owned(), format!("{drv}!bin,man"), format!("{drv}!*")];
    assert_eq!(heard(client, theirs), say(40).list(&written).as_bytes());
}

#[test]
fn content_goes_in_frames_and_its_end_is_said() {
    let (mut client, theirs) = client(&info(say(LAST).bytes(HELLO.as_bytes()), &[JQ]));
    let content = vec![7; 100_000];
    let write = |to: &mut dyn std::io::Write| to.write_all(&content);
    let info = client.add("hello-2.12", Content::Nar, &[JQ.into()], write, &Silent).unwrap();
    assert_eq!((info.path, info.references), (PathBuf::from(HELLO), vec![PathBuf::from(JQ)]));
    let mut expected = say(7).bytes(b"hello-2.12").bytes(b"fixed:r:sha256").list(&[JQ]).number(0).as_bytes().to_vec();
    for frame in [&content[..65536], &content[65536..], &[]] {
        expected.extend_from_slice(&(frame.len() as u64).to_le_bytes());
        expected.extend_from_slice(frame);
    }
    assert!(heard(client, theirs) == expected);
}

#[test]
fn content_that_cannot_be_read_to_its_end_is_never_ended() {
    let (mut client, theirs) = client(&info(say(LAST).bytes(HELLO.as_bytes()), &[]));
    let write = |to: &mut dyn std::io::Write| {
        to.write_all(&vec![7; 70_000])?;
        Err(std::io::Error::other("the disk is gone"))
    };
    let error = client.add("hello", Content::Text, &[], write, &Silent).unwrap_err();
    assert_eq!(error.to_string(), "hello: what was to be put into the store cannot be read: the disk is gone");
    assert!(matches!(client.build(&[], &Silent), Err(NixError::GivenUp { .. })));
    let heard = heard(client, theirs);
    let request = say(7).bytes(b"hello").bytes(b"text:sha256").list::<&str>(&[]).number(0);
    assert_eq!(heard.len(), request.as_bytes().len() + 8 + 65536, "one frame, and no empty one");
}

#[test]
fn what_is_no_store_path_or_name_is_refused_before_anything_is_sent() {
    let (mut client, theirs) = client(&say(LAST));
    let foreign = PathBuf::from("/etc/passwd");
    let drv = PathBuf::from(format!("{JQ}.drv"));
    assert!(matches!(client.path_info(&foreign, &Silent), Err(NixError::NotInStore { .. })));
    assert!(matches!(client.valid_paths(&[HELLO.into(), foreign.clone()], &Silent), Err(NixError::NotInStore { .. })));
    assert!(matches!(client.add_temp_root(&foreign, &Silent), Err(NixError::NotInStore { .. })));
    assert!(matches!(client.build(&[Wanted::Path(foreign)], &Silent), Err(NixError::NotInStore { .. })));
    for output in ["", "a,b", "a!b", "../x", "*"] {
        let wanted = [Wanted::Outputs { drv: drv.clone(), outputs: vec![output.into()] }];
        assert!(matches!(client.build(&wanted, &Silent), Err(NixError::Name { .. })), "{output}");
    }
    assert!(matches!(client.add("a/b", Content::Nar, &[], |_| Ok(()), &Silent), Err(NixError::Name { .. })));
    assert!(matches!(client.add_indirect_root(Path::new("link"), &Silent), Err(NixError::NotAbsolute { .. })));
    assert_eq!(heard(client, theirs), b"");
}

#[test]
fn an_error_of_the_daemon_is_shown_harmless_with_what_led_to_it() {
    let drv = format!("{JQ}.drv");
    let script = say(NEXT).bytes(b"\x1b[31;1merror:\x1b[0m \x1b]0;owned\x07told\xff").number(START).number(5).number(3);
    let script = script.number(105).bytes(b"building").number(1).number(1).bytes(drv.as_bytes()).number(0);
    let script = script.number(RESULT).number(5).number(101).number(1).number(1).bytes(b"cc: \x1b[1mno such file");
    let script = script.number(ERROR).bytes(b"Error").number(0).bytes(b"").bytes(b"build failed\nsee above");
    let script = script.number(0).number(1).number(0).bytes(b"while\tbuilding");
    assert_eq!(
        complaint(&script),
        "Nix says: build failed\nsee above\nwhile    building\nbefore that:\n  error: told\\xff\n\
         the builder's last lines:\n  cc: no such file"
    );
}

#[test]
fn after_an_error_of_the_daemon_the_connection_still_serves() {
    let error = say(ERROR).bytes(b"Error").number(0).bytes(b"").bytes(b"no").number(0).number(0);
    let (mut client, _theirs) = client(&error.number(LAST).number(1));
    assert!(matches!(client.add_temp_root(Path::new(HELLO), &Silent), Err(NixError::Daemon(_))));
    client.add_temp_root(Path::new(HELLO), &Silent).unwrap();
}

#[test]
fn damage_is_named_and_ends_the_connection() {
    let valid = || say(LAST).number(1);
    let no_padding = say(NEXT).number(1).number(0x0101);
    for (script, problem) in [
        (say(0x1234), "it sends the unknown message 0x1234"),
        (say(0x6461_7461).number(8), "it asks for data of an operation that was not asked for"),
        (say(NEXT).number(u64::MAX), "it announces a message of 18446744073709551615 bytes"),
        (valid().number(u64::MAX), "it announces a string of 18446744073709551615 bytes"),
        (valid().number(MOST_ANSWER as u64 + 1), "it announces a string of 67108865 bytes"),
        (valid().bytes(b"").bytes(b"00").number(u64::MAX / 32), "it announces a list of 576460752303423487 items"),
        (valid().bytes(b"").bytes(b"00").number(3_000_000), "it announces a list of 3000000 items"),
        (no_padding, "the padding of a string is not zero"),
        (valid().bytes(b"/etc/passwd"), "it names a deriver that is no path of the store"),
        (info(valid(), &["/etc/\u{1b}[31mx"]), "it names /etc/x, which is no path of the store /nix/store"),
        (say(RESULT).number(1).number(101).number(65), "it announces 65 fields"),
        (say(RESULT).number(1).number(101).number(1).number(2), "it sends a field of the unknown type 2"),
        (
            say(ERROR).bytes(b"Error").number(0).bytes(b"").bytes(b"no").number(1),
            "it sends a position in a file, which the protocol has no form for",
        ),
    ] {
        assert_eq!(complaint(&script), format!("the daemon does not answer as a Nix daemon does: {problem}"));
    }
}

#[test]
fn an_answer_that_ends_anywhere_is_an_error() {
    let whole = info(say(NEXT).bytes(b"hm").number(LAST).number(1), &[JQ, HELLO]);
    for length in 0..whole.as_bytes().len() {
        let (channel, _theirs) = scripted(&[greeting(35).as_bytes(), &whole.as_bytes()[..length]].concat());
        let mut client = Client::new(Connection::greet(channel, &Silent).unwrap(), Path::new(STORE));
        let error = client.path_info(Path::new(HELLO), &Silent).unwrap_err();
        assert!(matches!(error, NixError::Closed { .. }), "{length}: {error}");
    }
}

/// Cancels after so many looks.
struct Patience(AtomicUsize);

impl Progress for Patience {
    fn step(&self, _: Step) {}

    fn is_cancelled(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
    }
}

/// A client of a daemon that listens, and whose further words are the test's.
fn open_client() -> (Client, UnixStream) {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(greeting(35).as_bytes()).unwrap();
    let channel = Channel::new("the daemon".into(), ours.try_clone().unwrap().into(), ours.into(), None).unwrap();
    (Client::new(Connection::greet(channel, &Silent).unwrap(), Path::new(STORE)), theirs)
}

#[test]
fn a_silent_daemon_can_be_left_and_the_connection_is_closed() {
    let (mut client, mut theirs) = open_client();
    let error = client.build(&[], &Patience(3.into())).unwrap_err();
    assert!(matches!(error, NixError::Cancelled), "{error}");
    assert!(matches!(client.build(&[], &Silent), Err(NixError::GivenUp { .. })));
    let mut heard = Vec::new();
    theirs.read_to_end(&mut heard).expect("it ends although the client still is");
}

#[test]
fn one_that_never_stops_talking_can_be_left() {
    let (mut client, mut theirs) = open_client();
    let talker = thread::spawn(move || {
        let message = say(NEXT).bytes(&[b'x'; 1000]);
        while theirs.write_all(message.as_bytes()).is_ok() {}
    });
    let error = client.build(&[], &Patience(1000.into())).unwrap_err();
    assert!(matches!(error, NixError::Cancelled), "{error}");
    talker.join().unwrap();
}

#[test]
fn one_that_does_not_listen_can_be_left() {
    let (mut client, _theirs) = open_client();
    let endless = |to: &mut dyn std::io::Write| loop {
        to.write_all(&[0; 4096])?;
    };
    let error = client.add("x", Content::Nar, &[], endless, &Patience(10.into())).unwrap_err();
    assert!(matches!(error, NixError::Cancelled), "{error}");
}

#[test]
fn one_that_talks_while_it_listens_hears_all() {
    let (mut client, mut theirs) = open_client();
    let daemon = thread::spawn(move || {
        // Far more than fits any buffer between the two, both ways.
        let message = say(NEXT).bytes(&vec![b'x'; 1 << 20]);
        for _ in 0..4 {
            theirs.write_all(message.as_bytes()).unwrap();
        }
        theirs.read_exact(&mut vec![0; 4 << 20]).unwrap();
        theirs.write_all(info(say(LAST).bytes(HELLO.as_bytes()), &[]).as_bytes()).unwrap();
        std::io::copy(&mut theirs, &mut std::io::sink()).unwrap();
    });
    let info = client.add("hello-2.12", Content::Nar, &[], |to| to.write_all(&vec![0; 8 << 20]), &Silent).unwrap();
    assert_eq!(info.path, PathBuf::from(HELLO));
    drop(client);
    daemon.join().unwrap();
}

#[test]
fn one_that_talks_without_listening_is_left() {
    let (mut client, mut theirs) = open_client();
    let talker = thread::spawn(move || {
        let message = say(NEXT).bytes(&vec![b'x'; 1 << 16]);
        while theirs.write_all(message.as_bytes()).is_ok() {}
    });
    let error = client.add("x", Content::Nar, &[], |to| to.write_all(&vec![0; 64 << 20]), &Silent).unwrap_err();
    assert!(error.to_string().ends_with("it talks without listening"), "{error}");
    talker.join().unwrap();
}

#[test]
fn one_that_stops_listening_is_still_heard() {
    let (mut client, mut theirs) = open_client();
    let error = say(ERROR).bytes(b"Error").number(0).bytes(b"").bytes(b"disk full").number(0).number(0);
    theirs.write_all(error.as_bytes()).unwrap();
    drop(theirs);
    let error = client.add("x", Content::Nar, &[], |to| to.write_all(&vec![0; 8 << 20]), &Silent).unwrap_err();
    assert_eq!(error.to_string(), "Nix says: disk full");
    assert!(matches!(client.build(&[], &Silent), Err(NixError::Closed { .. })));
}

#[test]
fn a_program_that_ends_at_once_is_told_with_its_words() {
    let missing = Endpoint::Program { program: "/nowhere/nix-daemon".into(), environment: vec![] };
    let error = Connection::open(&missing, &Silent).err().unwrap().to_string();
    assert!(error.starts_with("/nowhere/nix-daemon cannot be started: No such file"), "{error}");

    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("nix-daemon");
    std::fs::write(&program, "#!/bin/sh\nprintf '\\033[31;1merror:\\033[0m no %s for %s' \"$THING\" \"$1\" >&2\n")
        .unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, executable).unwrap();
    let endpoint = Endpoint::Program { program, environment: vec![("THING".into(), "store".into())] };
    let error = Connection::open(&endpoint, &Silent).err().unwrap().to_string();
    assert!(error.ends_with("ended the connection before it answered: error: no store for --stdio"), "{error}");
}

#[test]
fn a_socket_where_nobody_listens_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let open = |socket: &Path| Connection::open(&Endpoint::Socket(socket.into()), &Silent).err().unwrap().to_string();
    assert!(open(&socket).contains(&*socket.to_string_lossy()));
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(open(&socket).contains("refused"));
}

/// Words that mean something more often than bytes of pure chance would.
fn words() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        3 => prop::sample::select(vec![LAST, NEXT, ERROR, START, RESULT, 0x5354_4f50, 0x6461_7461, 0x6461_7416]),
        3 => 0_u64..4,
        2 => prop::sample::select(vec![100_u64, 101, 104, 105, 106, 107, 108]),
        1 => any::<u64>(),
    ];
    let string = prop_oneof![
        Just(HELLO.as_bytes().to_vec()),
        Just(format!("{JQ}.drv").into_bytes()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let word = prop_oneof![
        4 => number.prop_map(|number| number.to_le_bytes().to_vec()),
        2 => string.prop_map(|string| say(0).bytes(&string).as_bytes()[8..].to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn whatever_a_daemon_says_there_is_an_answer_or_an_error(script in words(), is_greeted in any::<bool>(), which in 0..6) {
        let recorded = Recorded::default();
        let script = if is_greeted { [greeting(35).as_bytes(), &script].concat() } else { script };
        let (channel, _theirs) = scripted(&script);
        if let Ok(connection) = Connection::greet(channel, &recorded) {
            let mut client = Client::new(connection, Path::new(STORE));
            let hello = PathBuf::from(HELLO);
            let error = match which {
                0 => client.path_info(&hello, &recorded).err(),
                1 => client.valid_paths(&[hello], &recorded).err(),
                2 => client.missing(&[Wanted::Path(hello)], &recorded).err(),
                3 => client.build(&[Wanted::Path(hello)], &recorded).err(),
                4 => client.add("x", Content::Text, &[], |to| to.write_all(b"x"), &recorded).err(),
                _ => client.add_temp_root(&hello, &recorded).err(),
            };
            for step in recorded.0.into_inner().unwrap() {
                prop_assert!(step.done <= step.total && step.total.checked_mul(100).is_some());
            }
            let shown = error.map(|error| error.to_string()).unwrap_or_default();
            prop_assert!(!shown.contains(|letter: char| letter.is_control() && letter != '\n'));
        }
    }
}
