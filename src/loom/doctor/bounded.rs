//! Work on other programs that comes to an end: what takes too long is given up.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// So long a program or daemon may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// More than this no program has to say of itself.
const MAX_BYTES: u64 = 4096;

/// The result of `work` if it comes in time. Else the thread that does it is left behind.
pub(super) fn within_limit<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (send, result) = mpsc::channel();
    thread::Builder::new().name("doctor".into()).spawn(move || send.send(work())).ok()?;
    result.recv_timeout(LIMIT).ok()
}

/// Why a program does not tell its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoVersion {
    /// It cannot be started, or ends without a word.
    Silent,
    /// It was given up.
    Late,
}

/// The first line that `program --version` prints.
pub(super) fn version(program: &Path) -> Result<String, NoVersion> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|_| NoVersion::Silent)?;
    let stdout = child.stdout.take().ok_or(NoVersion::Silent)?;
    let said = within_limit(move || {
        let mut said = Vec::new();
        stdout.take(MAX_BYTES).read_to_end(&mut said).map(|_| said)
    });
    // It has said what it had to say, or says too much or nothing. One that has ended already is not hurt.
    let _ = child.kill();
    let _ = child.wait();
    let said = said.ok_or(NoVersion::Late)?.unwrap_or_default();
    String::from_utf8_lossy(&said).lines().next().map(str::to_owned).ok_or(NoVersion::Silent)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::{Mutex, PoisonError};
    use std::time::Instant;

    use super::*;

    /// One at a time: a file that another thread's child still has open for writing cannot be started.
    static TURN: Mutex<()> = Mutex::new(());

    fn version_of(script: &str) -> Result<String, NoVersion> {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        version(&program)
    }

    #[test]
    fn a_program_that_never_answers_is_given_up() {
        let start = Instant::now();
        assert_eq!(version_of("exec sleep 60"), Err(NoVersion::Late));
        assert!(start.elapsed() < LIMIT * 5);
    }

    #[test]
    fn a_program_that_never_stops_talking_is_cut_short() {
        assert_eq!(version_of("exec yes Nix"), Ok("Nix".to_owned()));
    }

    #[test]
    fn what_is_no_program_has_no_version() {
        assert_eq!(version(Path::new("/nowhere/nix")), Err(NoVersion::Silent));
        assert_eq!(version_of("exit 1"), Err(NoVersion::Silent));
    }
}
