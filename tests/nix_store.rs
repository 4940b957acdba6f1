//! The client of the Nix daemon's protocol against a real Nix: over a socket, and with a process of its own.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs::{self, File};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix_loom::engine::{self, Disk, Plan, Rules};
use nix_loom::progress::{Progress, Recorded, Silent, Step};
use nix_loom::store::nix::{Client, Content, Endpoint, NixError, Wanted};
use support::forest::plant;
use support::nix::{Nix, lines, succeed};

/// How long something may take that takes a second on an idle machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// A daemon that listens on a socket until the test is over.
struct Daemon(Child);

impl Daemon {
    /// The test itself makes the socket and hands it over as systemd does, so that nobody has to wait for it.
    fn start(nix: &Nix) -> (Self, Endpoint) {
        let socket = nix.path("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        let daemon = nix
            .command("sh")
            .args(["-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec nix-daemon 3<&0 </dev/null"])
            .stdin(OwnedFd::from(listener))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        (Self(daemon), Endpoint::Socket(socket))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Does the same over a socket and with a process, each time with a new store.
fn on_both_ways(test: fn(&Nix, &Endpoint)) {
    let Some(nix) = Nix::or_skip() else { return };
    test(&nix, &Endpoint::Program { program: "nix-daemon".into(), environment: nix.environment() });
    let Some(nix) = Nix::or_skip() else { return };
    let (_daemon, endpoint) = Daemon::start(&nix);
    test(&nix, &endpoint);
}

fn open(nix: &Nix, endpoint: &Endpoint) -> Client {
    Client::open(endpoint, &nix.store(), &Silent).unwrap()
}

fn add_text(client: &mut Client, name: &str, references: &[PathBuf]) -> PathBuf {
    let write = |to: &mut dyn std::io::Write| to.write_all(name.as_bytes());
    client.add(name, Content::Text, references, write, &Silent).unwrap().path
}

fn environment() -> Plan {
    let forest = plant("a5: bin/a=1 share/doc/a=1 | b5: bin/b=1 lib/b.so->../a");
    engine::plan(&forest.request(Rules::Nix), &Disk).unwrap().with_root_file(b"manifest.json", b"{}")
}

/// Instantiates a derivation `name` that runs `script`.
fn derivation(nix: &Nix, name: &str, script: &str) -> PathBuf {
    let file = nix.path(&format!("{name}.nix"));
    let expression = format!(
        "derivation {{ name = \"{name}\"; system = builtins.currentSystem; builder = \"/bin/sh\"; outputs = [ \"out\" \"doc\" ];
            PATH = \"/bin:/usr/bin\"; args = [ \"-c\" ''{script}'' ]; }}"
    );
    fs::write(&file, expression).unwrap();
    lines(&succeed(nix.command("nix-instantiate").arg(&file)))[0].clone().into()
}

fn collect_garbage(nix: &Nix) {
    succeed(nix.command("nix-store").arg("--gc"));
}

/// Collects garbage until `path` is gone. A daemon ends, and lets go of its temporary roots, a moment after its client.
fn wait_until_collected(nix: &Nix, path: &Path) {
    let start = Instant::now();
    while path.exists() {
        assert!(start.elapsed() < DEADLINE, "{} is never collected", path.display());
        collect_garbage(nix);
    }
}

#[test]
fn a_text_is_added_where_nix_would_put_it() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let path = add_text(&mut client, "hello.txt", &[]);
        let expression = "builtins.toFile \"hello.txt\" \"hello.txt\"";
        let evaluated = succeed(nix.command("nix-instantiate").args(["--eval", "--expr", expression]));
        assert_eq!(format!("\"{}\"\n", path.display()), String::from_utf8(evaluated.stdout).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "hello.txt");
    });
}

#[test]
fn a_plan_is_added_as_the_tree_that_it_is_with_the_references_that_are_given() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let mut references = vec![add_text(&mut client, "z", &[]), add_text(&mut client, "y", &[])];
        references.sort();
        let plan = environment();
        let mut add = || {
            let write = |to: &mut dyn std::io::Write| engine::nar::write_plan(&plan, to);
            client.add("profile", Content::Nar, &references, write, &Silent).unwrap()
        };
        let added = add();
        assert_eq!(add().path, added.path, "the same again is the same path");
        let mut nar = Vec::new();
        engine::nar::write_plan(&plan, &mut nar).unwrap();
        assert!(nix.dump(&added.path) == nar, "Nix dumps what was sent");
        assert_eq!(added.nar_bytes, nar.len() as u64);

        let info = client.path_info(&added.path, &Silent).unwrap().unwrap();
        assert_eq!(info, added);
        assert_eq!(info.references, references);
        let told = lines(&succeed(nix.command("nix-store").args(["--query", "--references"]).arg(&added.path)));
        let mut told: Vec<_> = told.into_iter().map(PathBuf::from).collect();
        told.sort();
        assert_eq!(told, references);
        succeed(nix.command("nix-store").arg("--verify-path").arg(&added.path));

        let unknown = nix.store().join("c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello");
        let asked = [added.path.clone(), unknown.clone()];
        assert_eq!(client.valid_paths(&asked, &Silent).unwrap(), [added.path].into());
        assert_eq!(client.path_info(&unknown, &Silent).unwrap(), None);
    });
}

#[test]
fn what_an_indirect_root_leads_to_survives_with_its_references_as_long_as_it_leads_there() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let reference = add_text(&mut client, "reference", &[]);
        let rooted = add_text(&mut client, "rooted", std::slice::from_ref(&reference));
        let loose = add_text(&mut client, "loose", &[]);
        let link = nix.path("home/profile-1-link");
        symlink(&rooted, &link).unwrap();
        client.add_indirect_root(&link, &Silent).unwrap();
        drop(client);
        wait_until_collected(nix, &loose);
        let both = [rooted.clone(), reference];
        assert_eq!(open(nix, endpoint).valid_paths(&both, &Silent).unwrap().len(), 2);
        fs::remove_file(&link).unwrap();
        wait_until_collected(nix, &rooted);
    });
}

#[test]
fn a_temporary_root_holds_until_its_client_is_gone() {
    on_both_ways(|nix, endpoint| {
        let mut adder = open(nix, endpoint);
        let (held, loose) = (add_text(&mut adder, "held", &[]), add_text(&mut adder, "loose", &[]));
        let mut holder = open(nix, endpoint);
        holder.add_temp_root(&held, &Silent).unwrap();
        drop(adder);
        wait_until_collected(nix, &loose);
        assert!(held.exists());
        drop(holder);
        wait_until_collected(nix, &held);
    });
}

#[test]
fn what_is_missing_is_said_and_building_it_tells_what_it_does() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let drv = derivation(nix, "greeter-1.0", "echo hi > $out; echo how > $doc");
        let wanted = [Wanted::Outputs { drv: drv.clone(), outputs: vec!["out".into()] }];
        let missing = client.missing(&wanted, &Silent).unwrap();
        assert_eq!((missing.to_build, missing.to_fetch, missing.unknown), (vec![drv.clone()], vec![], vec![]));

        let steps = Recorded::default();
        client.build(&wanted, &steps).unwrap();
        let steps = steps.0.into_inner().unwrap();
        assert!(steps.contains(&Step { what: "building greeter-1.0".into(), done: 0, total: 1 }), "{steps:?}");
        assert!(client.missing(&wanted, &Silent).unwrap().to_build.is_empty());

        let outs = lines(&succeed(nix.command("nix-store").args(["--query", "--outputs"]).arg(&drv)));
        let outs: Vec<PathBuf> = outs.into_iter().map(PathBuf::from).collect();
        assert_eq!(client.valid_paths(&outs, &Silent).unwrap().len(), 2);
        for out in &outs {
            client.ensure(out, &Silent).unwrap();
            assert_eq!(client.path_info(out, &Silent).unwrap().unwrap().deriver.as_ref(), Some(&drv));
        }
        client.build(&[Wanted::Path(outs[0].clone()), Wanted::Outputs { drv, outputs: vec![] }], &Silent).unwrap();
    });
}

#[test]
fn what_nobody_has_is_unknown_and_the_daemon_says_so() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let nowhere = nix.store().join("c74xkqfhqz9h3d7rffn02cih0fdwb1ff-nowhere");
        let wanted = [Wanted::Path(nowhere.clone())];
        assert_eq!(client.missing(&wanted, &Silent).unwrap().unknown, std::slice::from_ref(&nowhere));
        for error in [client.build(&wanted, &Silent).unwrap_err(), client.ensure(&nowhere, &Silent).unwrap_err()] {
            assert!(matches!(error, NixError::Daemon(_)), "{error}");
            assert!(error.to_string().contains("nowhere"), "{error}");
        }
        let write = |to: &mut dyn std::io::Write| to.write_all(&vec![0; 100_000]);
        let error = client.add("no-nar", Content::Nar, &[], write, &Silent).unwrap_err();
        assert!(matches!(error, NixError::Daemon(_)), "{error}");
        add_text(&mut client, "after-errors", &[]);
    });
}

#[test]
fn a_build_that_fails_tells_its_last_lines_also_to_what_depends_on_it() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let script = "for i in $(seq 40); do echo line $i; done; printf '\\033[31mcc: no such file\\n'; exit 3";
        let drv = derivation(nix, "broken-1.0", script);
        let depends = format!(
            "derivation {{ name = \"user-1.0\"; system = builtins.currentSystem; builder = \"/bin/sh\";
                dependency = import {}; }}",
            nix.path("broken-1.0.nix").display()
        );
        fs::write(nix.path("user-1.0.nix"), depends).unwrap();
        let user = lines(&succeed(nix.command("nix-instantiate").arg(nix.path("user-1.0.nix"))))[0].clone().into();
        for drv in [drv, user] {
            let error = client.build(&[Wanted::Outputs { drv, outputs: vec![] }], &Silent).unwrap_err();
            let shown = error.to_string();
            let NixError::Daemon(error) = error else { panic!("{shown}") };
            assert_eq!(error.log.len(), 20, "{shown}");
            assert_eq!(error.log[18..], ["line 40", "cc: no such file"]);
            assert!(shown.contains("cc: no such file"), "{shown}");
            assert!(!shown.contains('\x1b'));
        }
    });
}

/// Cancels once the builder runs, which a fifo tells.
struct WhileBuilding(Arc<AtomicBool>);

impl Progress for WhileBuilding {
    fn step(&self, _: Step) {}

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn cancelling_ends_the_call_and_soon_the_builder() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let fifo = nix.path("fifo");
        succeed(Command::new("mkfifo").arg(&fifo));
        let drv = derivation(nix, "sleeper-1.0", &format!("exec sleep 1000 > {}", fifo.display()));
        let is_running = Arc::new(AtomicBool::new(false));
        let signal = Arc::clone(&is_running);
        // Opens when the builder does, and ends with it.
        let builder = thread::spawn(move || {
            let mut fifo = File::open(fifo).unwrap();
            signal.store(true, Ordering::Relaxed);
            fifo.read_to_end(&mut Vec::new()).unwrap();
            Instant::now()
        });
        let wanted = [Wanted::Outputs { drv, outputs: vec![] }];
        let error = client.build(&wanted, &WhileBuilding(is_running)).unwrap_err();
        let start = Instant::now();
        assert!(matches!(error, NixError::Cancelled), "{error}");
        let took = builder.join().unwrap().saturating_duration_since(start);
        assert!(took < Duration::from_secs(20), "the builder ran {took:?} longer");
        assert!(matches!(client.build(&wanted, &Silent), Err(NixError::GivenUp { .. })));
        add_text(&mut open(nix, endpoint), "afterwards", &[]);
    });
}

#[test]
fn a_large_content_needs_no_room_in_memory() {
    on_both_ways(|nix, endpoint| {
        let mut client = open(nix, endpoint);
        let size = 128 << 20;
        let largest = Mutex::new(0);
        let write = |to: &mut dyn std::io::Write| {
            let header: [&[u8]; 5] = [b"nix-archive-1", b"(", b"type", b"regular", b"contents"];
            for token in header {
                to.write_all(&(token.len() as u64).to_le_bytes())?;
                to.write_all(token)?;
                to.write_all(&[0; 8][..token.len().next_multiple_of(8) - token.len()])?;
            }
            to.write_all(&(size as u64).to_le_bytes())?;
            for _ in 0..size >> 16 {
                to.write_all(&vec![b'x'; 1 << 16])?;
                let memory = resident_bytes();
                let mut largest = largest.lock().unwrap();
                *largest = memory.max(*largest);
            }
            to.write_all(&[1, 0, 0, 0, 0, 0, 0, 0, b')', 0, 0, 0, 0, 0, 0, 0])
        };
        let before = resident_bytes();
        let info = client.add("large", Content::Nar, &[], write, &Silent).unwrap();
        assert_eq!(fs::metadata(&info.path).unwrap().len(), size as u64);
        let more = largest.into_inner().unwrap().saturating_sub(before);
        assert!(more < size * 3 / 4, "{more} bytes more in memory");
    });
}

/// What this process takes of the memory.
fn resident_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim_end_matches("kB").trim().parse::<usize>().unwrap() << 10
}
