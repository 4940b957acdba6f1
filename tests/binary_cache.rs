//! Listings from binary caches: what a cache answers, well or badly, and what is made of it.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix_loom::engine::Listing;
use nix_loom::progress::{Progress, Silent, Step};
use nix_loom::store::listing::{Cache, Limits, Provider};
use support::http::{Reply, Server};

const STORE: &str = "/nix/store";
const INFO: &str = "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n";
const HASH: &str = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff";
/// How long something may take that takes a moment on an idle machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// A listing with one program.
fn ls(program: &str) -> String {
    format!(
        r#"{{"version":1,"root":{{"type":"directory","entries":{{"bin":{{"type":"directory","entries":
        {{"{program}":{{"type":"regular","size":9,"executable":true,"narOffset":400}}}}}}}}}}}}"#
    )
}

fn path(hash: &str) -> PathBuf {
    Path::new(STORE).join(format!("{hash}-some-1.0"))
}

/// As many store paths as are wanted.
fn paths(count: usize) -> Vec<PathBuf> {
    (0..count).map(|at| path(&format!("{at:032}"))).collect()
}

fn limits() -> Limits {
    Limits { connect: DEADLINE, total: DEADLINE, body: 1 << 20, parallel: 4 }
}

type Answers = BTreeMap<PathBuf, Result<Vec<String>, String>>;

fn ask_with(cache: &Cache, paths: &[PathBuf], progress: &dyn Progress) -> Answers {
    let answers = Mutex::new(Answers::new());
    let files = |listing: Listing| {
        let mut files: Vec<_> = listing.files().map(|file| String::from_utf8_lossy(&file).into_owned()).collect();
        files.sort();
        files
    };
    let found = |path: &Path, listing: Result<Listing, String>| {
        assert!(answers.lock().unwrap().insert(path.to_owned(), listing.map(files)).is_none(), "told twice");
    };
    cache.listings(paths, &found, progress);
    answers.into_inner().unwrap()
}

fn ask(url: &str, paths: &[PathBuf]) -> Answers {
    ask_with(&Cache::new(url, Path::new(STORE), limits()), paths, &Silent)
}

/// What a server says of one path, if it says something.
fn ask_one(answer: impl Fn() -> Reply + Send + Sync + 'static) -> Option<Result<Vec<String>, String>> {
    let server = Server::start(move |path| if path == "/nix-cache-info" { Reply::ok(INFO) } else { answer() });
    let mut answers = ask(&server.url, &[path(HASH)]);
    assert_eq!(server.asked()[..2], ["/nix-cache-info".to_owned(), format!("/{HASH}.ls")]);
    answers.remove(&path(HASH))
}

fn brotli(text: &str) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut text.as_bytes(), &mut packed, &brotli::enc::BrotliEncoderParams::default()).unwrap();
    packed
}

#[test]
fn a_listing_is_read_however_it_is_encoded() {
    let zstd = zstd::encode_all(ls("it").as_bytes(), 3).unwrap();
    for (header, body) in [
        (None, ls("it").into_bytes()),
        (Some("identity"), ls("it").into_bytes()),
        (Some("br"), brotli(&ls("it"))),
        (Some("zstd"), zstd.clone()),
        (Some("ZSTD"), zstd.clone()),
        // A mirror that lost the header.
        (None, zstd),
    ] {
        let answer = ask_one(move || match header {
            Some(header) => Reply::ok(body.clone()).with("Content-Encoding", header),
            None => Reply::ok(body.clone()),
        });
        assert_eq!(answer, Some(Ok(vec!["bin/it".to_owned()])), "{header:?}");
    }
}

#[test]
fn an_encoding_that_is_not_known_is_an_error_and_no_empty_listing() {
    for header in ["xz", "br, zstd", "\u{7f}"] {
        let told = ask_one(move || Reply::ok(ls("it")).with("Content-Encoding", header)).unwrap().unwrap_err();
        assert!(told.contains("encoding") || told.contains("header"), "{told}");
    }
}

#[test]
fn what_a_cache_does_not_have_is_no_error_and_what_goes_wrong_is() {
    for status in [403, 404, 410] {
        assert_eq!(ask_one(move || Reply::status(status)), None, "{status}");
    }
    for status in [206, 401, 500, 503] {
        let told = ask_one(move || Reply::status(status)).unwrap().unwrap_err();
        assert!(told.contains(&status.to_string()), "{told}");
    }
    for (body, wanted) in [
        ("", "cut short"),
        ("<html>hotel network</html>", "its listing is damaged"),
        (r#"{"version":1,"root":{"type":"directory","entries":{"..":{}}}}"#, "no entry can be called so"),
    ] {
        let told = ask_one(move || Reply::ok(body)).unwrap().unwrap_err();
        assert!(told.contains(wanted), "{told}");
    }
}

#[test]
fn a_body_that_is_cut_short_or_never_ends_is_an_error() {
    let told = ask_one(|| Reply::Raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{}", ls("it")).into()));
    assert!(told.unwrap().is_err());
    let told = ask_one(|| {
        Reply::ok(&zstd::encode_all(ls("it").as_bytes(), 3).unwrap()[..40]).with("Content-Encoding", "zstd")
    });
    assert!(told.unwrap().is_err());
    assert!(ask_one(|| Reply::Raw(b"rubbish\r\n\r\n".to_vec())).unwrap().is_err());
    let told = ask_one(|| Reply::Endless { headers: "" }).unwrap().unwrap_err();
    assert!(told.contains("more than 1 MiB"), "{told}");
    let bomb = zstd::encode_all(&*vec![b' '; 64 << 20], 3).unwrap();
    let told = ask_one(move || Reply::ok(bomb.clone()).with("Content-Encoding", "zstd")).unwrap().unwrap_err();
    assert!(told.contains("more than 1 MiB"), "{told}");
}

#[test]
fn redirects_are_followed_to_an_end() {
    let elsewhere = Server::start(|_| Reply::ok(ls("it")));
    let target = format!("{}/stored", elsewhere.url);
    let answer = ask_one(move || Reply::status(302).with("Location", target.clone()));
    assert_eq!(answer, Some(Ok(vec!["bin/it".to_owned()])));
    let told = ask_one(|| Reply::status(302).with("Location", format!("/{HASH}.ls"))).unwrap().unwrap_err();
    assert!(told.contains("too many redirects"), "{told}");
}

#[test]
fn many_paths_are_asked_for_over_a_few_connections_and_the_cache_once_what_it_is() {
    let server = Server::start(|path| match path {
        "/nix-cache-info" => Reply::ok(INFO),
        // Every third is not there.
        path if path[1..33].parse::<u64>().unwrap() % 3 == 0 => Reply::status(404),
        path => Reply::ok(ls(&path[1..33])),
    });
    let cache = Cache::new(&format!("{}/?priority=3", server.url), Path::new(STORE), limits());
    let paths = paths(90);
    for round in 1..=2 {
        let answers = ask_with(&cache, &paths, &Silent);
        assert_eq!(answers.len(), 60);
        for (path, files) in &answers {
            let hash = &path.file_name().unwrap().to_str().unwrap()[..32];
            assert_eq!(files.as_ref().unwrap(), &[format!("bin/{hash}")]);
        }
        assert_eq!(server.asked().len(), 1 + 90 * round);
    }
    assert!(server.connections() <= 4, "{} connections", server.connections());
    assert!(server.headers().iter().any(|header| header.eq_ignore_ascii_case("accept-encoding: br, zstd, gzip")));
}

#[test]
fn a_cache_of_another_store_is_left_out_with_the_reason() {
    let server = Server::start(|_| Reply::ok("StoreDir: /other/store\n"));
    let answers = ask(&server.url, &paths(20));
    assert_eq!(answers.len(), 20);
    for answer in answers.into_values() {
        assert_eq!(answer.unwrap_err(), "it is a cache of the store /other/store, not of /nix/store");
    }
    assert_eq!(server.asked(), ["/nix-cache-info"]);
    for (reply, wanted) in
        [(Reply::status(404), "there is no nix-cache-info"), (Reply::ok("<html>"), "does not tell a StoreDir")]
    {
        let server = Server::start(move |_| reply.clone());
        let told = ask(&server.url, &[path(HASH)]).remove(&path(HASH)).unwrap().unwrap_err();
        assert!(told.contains("it is no binary cache") && told.contains(wanted), "{told}");
    }
}

/// A port at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn a_cache_that_does_not_answer_is_given_up_and_not_tried_for_each_path() {
    let answers = ask(&nobody(), &paths(300));
    assert_eq!(answers.len(), 300);
    assert!(answers.values().all(|answer| answer.as_ref().is_err_and(|told| told.contains("cannot connect"))));

    // It says what it is, and then nothing any more.
    let server = Server::start(|path| if path == "/nix-cache-info" { Reply::ok(INFO) } else { Reply::Silence });
    let limits = Limits { total: Duration::from_millis(300), ..limits() };
    let started = Instant::now();
    let answers = ask_with(&Cache::new(&server.url, Path::new(STORE), limits), &paths(300), &Silent);
    assert!(answers.len() == 300 && answers.values().all(Result::is_err));
    assert!(server.asked().len() <= 1 + 4 * 2, "{} requests", server.asked().len());
    assert!(started.elapsed() < DEADLINE);
}

/// Wants no more as soon as the server was asked.
struct UntilAsked<'a>(&'a AtomicBool);

impl Progress for UntilAsked<'_> {
    fn step(&self, _: Step) {}

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn who_wants_no_more_does_not_wait_for_a_server() {
    static ASKED: AtomicBool = AtomicBool::new(false);
    let server = Server::start(|_| {
        ASKED.store(true, Ordering::Relaxed);
        Reply::Silence
    });
    let limits = Limits { connect: DEADLINE * 2, total: DEADLINE * 2, ..limits() };
    let started = Instant::now();
    let answers = ask_with(&Cache::new(&server.url, Path::new(STORE), limits), &paths(300), &UntilAsked(&ASKED));
    assert!(answers.is_empty() && started.elapsed() < DEADLINE);
}

#[test]
fn a_cache_in_a_directory_is_read_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| fs::write(dir.path().join(name), content).unwrap();
    let paths = paths(6);
    let name = |at: usize| format!("{at:032}.ls");
    let url = format!("file://{}?write-nar-listing=1", dir.path().display());
    let told = ask(&url, &paths).into_values().next().unwrap().unwrap_err();
    assert!(told.contains("there is no nix-cache-info"), "{told}");

    file("nix-cache-info", INFO.as_bytes());
    file(&name(0), ls("plain").as_bytes());
    file(&name(1), &brotli(&ls("brotli")));
    file(&name(2), &zstd::encode_all(ls("zstd").as_bytes(), 3).unwrap());
    file(&name(3), b"{}");
    // Whoever opened a pipe would wait.
    rustix::fs::mkfifoat(rustix::fs::CWD, dir.path().join(name(4)), rustix::fs::Mode::RWXU).unwrap();
    for url in [url, dir.path().display().to_string()] {
        let mut answers = ask(&url, &paths);
        assert_eq!(answers.remove(&paths[0]).unwrap().unwrap(), ["bin/plain"]);
        assert_eq!(answers.remove(&paths[1]).unwrap().unwrap(), ["bin/brotli"]);
        assert_eq!(answers.remove(&paths[2]).unwrap().unwrap(), ["bin/zstd"]);
        assert!(answers.remove(&paths[3]).unwrap().unwrap_err().contains("there is no tree in it"));
        assert!(answers.remove(&paths[4]).unwrap().unwrap_err().contains("it is no file"));
        assert_eq!(answers.len(), 0, "and of the last there is no listing");
    }
}

#[test]
fn stores_of_other_kinds_are_told_to_be_unsupported() {
    for url in ["s3://bucket?region=eu-west-1", "ssh://host", "daemon", "auto"] {
        let cache = Cache::new(url, Path::new(STORE), limits());
        let told = ask_with(&cache, &[path(HASH)], &Silent).remove(&path(HASH)).unwrap().unwrap_err();
        assert!(told.starts_with("not supported for previews"), "{told}");
        assert!(url.starts_with(&cache.name()));
    }
}

#[test]
fn only_paths_of_the_store_are_asked_for() {
    let server = Server::start(|_| Reply::ok(INFO));
    let strange = ["/nix/store", "/nix/store/short", "/elsewhere/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-a", "/"];
    assert!(ask(&server.url, &strange.map(PathBuf::from)).is_empty());
    assert!(ask(&server.url, &[]).is_empty());
    assert_eq!(server.asked(), ["/nix-cache-info"]);
}
