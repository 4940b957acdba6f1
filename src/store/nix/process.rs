//! A `nix-daemon --stdio` of our own.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use crate::safe::message as readable;

/// How much of its standard error is kept: the end, where the reason is.
const KEPT: usize = 8 << 10;

/// How long its last words are waited for once it has ended the connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// The process, which ends by itself when its ends of the connection are closed. Nobody has to wait for it.
pub(super) struct Process(Arc<(Mutex<Words>, Condvar)>);

#[derive(Default)]
struct Words {
    tail: Vec<u8>,
    is_over: bool,
}

/// Its standard output, its standard input, and itself.
pub(super) struct Spawned {
    pub from: OwnedFd,
    pub to: OwnedFd,
    pub process: Process,
}

/// Starts it, with `environment` added to that of this program.
pub(super) fn spawn(program: &Path, environment: &[(OsString, OsString)]) -> io::Result<Spawned> {
    let mut child = Command::new(program)
        .arg("--stdio")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // The keys of the terminal are for this program, which then closes the connection in good order.
        .process_group(0)
        .spawn()?;
    let (Some(to), Some(from), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("its standard streams are not there"));
    };
    let words = Arc::<(Mutex<Words>, Condvar)>::default();
    let process = Process(Arc::clone(&words));
    thread::Builder::new().name("nix-daemon".into()).spawn(move || listen(stderr, child, &words))?;
    Ok(Spawned { from: from.into(), to: to.into(), process })
}

impl Process {
    /// What it wrote to its standard error, made readable; to be asked once it has ended the connection.
    pub fn said(&self) -> String {
        let (words, over) = &*self.0;
        let Ok(words) = words.lock() else { return String::new() };
        let Ok((words, _)) = over.wait_timeout_while(words, PATIENCE, |words| !words.is_over) else {
            return String::new();
        };
        readable(&words.tail)
    }
}

/// Keeps the end of what the process says until it says no more, then takes note of its end.
fn listen(mut stderr: ChildStderr, mut child: Child, words: &(Mutex<Words>, Condvar)) {
    let (words, over) = words;
    let mut buffer = [0; 4096];
    loop {
        let count = match stderr.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        let Ok(mut words) = words.lock() else { break };
        words.tail.extend_from_slice(&buffer[..count]);
        let surplus = words.tail.len().saturating_sub(KEPT);
        words.tail.drain(..surplus);
    }
    if let Ok(mut words) = words.lock() {
        words.is_over = true;
    }
    over.notify_all();
    // So that it leaves no zombie; how it ended says nothing that its words do not.
    let _ = child.wait();
}
