//! Child processes of Nix: bounded in time and in what they say, and ended when nobody wants them any more.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};

use crate::progress::{Progress, Step};

/// A flake may have to be fetched first; what takes longer than this goes on for ever.
const LIMIT: Duration = Duration::from_mins(10);
/// What is done before this is not worth telling.
const QUICK: Duration = Duration::from_millis(150);
/// Between two looks at whether the work is still wanted.
const LOOK: Duration = Duration::from_millis(20);
/// The names of a million attributes fit.
const MAX_OUTPUT: u64 = 64 << 20;
/// The last bytes of standard error that are kept; the reason of a failure stands at its end.
const MAX_MESSAGES: usize = 64 << 10;

/// Why a child gave no output.
#[derive(Debug)]
pub(super) enum Failure {
    Start(io::Error),
    Cancelled,
    TooLong,
    TooMuch,
    /// With the end of what it wrote to standard error.
    Failed(ExitStatus, Vec<u8>),
}

/// All children of this program that run now.
static CHILDREN: Children = Children(Mutex::new(Processes { running: BTreeSet::new(), is_over: false }));

/// Ends all children that still run, for a program that ends: nobody waits for them any more. No other starts.
pub(super) fn end_all() {
    CHILDREN.end_all();
}

/// Runs a program to its end; gives its standard output. `what` is told once the work turns out to take a while.
pub(super) fn run(command: Command, what: &str, progress: &dyn Progress) -> Result<Vec<u8>, Failure> {
    run_among(&CHILDREN, command, what, progress)
}

fn run_among(
    children: &Children,
    mut command: Command,
    what: &str,
    progress: &dyn Progress,
) -> Result<Vec<u8>, Failure> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = children.start(command).map_err(Failure::Start)?;
    // Should this program be killed, a child that goes on for ever would have nobody to end it.
    let seconds = Some(LIMIT.as_secs());
    let _ = prlimit(child.id(), Resource::Cpu, Rlimit { current: seconds, maximum: seconds });
    let (said, hearing) = channel();
    if let Some(stdout) = child.child.stdout.take() {
        hear(stdout, said.clone(), Said::Output, read_output);
    }
    if let Some(stderr) = child.child.stderr.take() {
        hear(stderr, said, Said::Messages, |from| Ok(read_messages(from)));
    }
    let (output, messages) = listen(&hearing, what, progress)?;
    let status = child.wait().map_err(Failure::Start)?;
    if status.success() { Ok(output) } else { Err(Failure::Failed(status, messages)) }
}

/// What one of the child's streams gave until its end.
enum Said {
    Output(Result<Vec<u8>, Failure>),
    Messages(Result<Vec<u8>, Failure>),
}

fn hear<R: Read + Send + 'static>(
    from: R,
    to: Sender<Said>,
    wrap: fn(Result<Vec<u8>, Failure>) -> Said,
    read: fn(R) -> Result<Vec<u8>, Failure>,
) {
    // Nobody listens any more if the work was given up.
    thread::spawn(move || drop(to.send(wrap(read(from)))));
}

fn listen(hearing: &Receiver<Said>, what: &str, progress: &dyn Progress) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let start = Instant::now();
    let (mut output, mut messages) = (None, None);
    let mut is_told = false;
    loop {
        match hearing.recv_timeout(LOOK) {
            Ok(Said::Output(said)) => output = Some(said?),
            Ok(Said::Messages(said)) => messages = Some(said?),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Ok((output.unwrap_or_default(), messages.unwrap_or_default()));
            }
        }
        if progress.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        if start.elapsed() > LIMIT {
            return Err(Failure::TooLong);
        }
        if !is_told && start.elapsed() > QUICK {
            is_told = true;
            progress.step(Step { what: what.to_owned(), done: 0, total: 0 });
        }
    }
}

fn read_output(from: impl Read) -> Result<Vec<u8>, Failure> {
    let mut output = Vec::new();
    from.take(MAX_OUTPUT + 1).read_to_end(&mut output).map_err(Failure::Start)?;
    if output.len() as u64 > MAX_OUTPUT { Err(Failure::TooMuch) } else { Ok(output) }
}

fn read_messages(mut from: impl Read) -> Vec<u8> {
    let mut messages = Vec::new();
    let mut chunk = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        messages.extend_from_slice(&chunk[..read]);
        if messages.len() > 2 * MAX_MESSAGES {
            messages.drain(..messages.len() - MAX_MESSAGES);
        }
    }
    messages
}

struct Children(Mutex<Processes>);

#[derive(Default)]
struct Processes {
    /// The process groups of children that nobody has waited for yet, so that their numbers are still theirs.
    running: BTreeSet<i32>,
    is_over: bool,
}

impl Children {
    fn start(&self, mut command: Command) -> io::Result<Running<'_>> {
        let mut processes = self.lock();
        if processes.is_over {
            return Err(io::Error::other("this program comes to its end"));
        }
        let child = command.spawn()?;
        // The system's numbers are no larger.
        let id = i32::try_from(child.id()).map_err(io::Error::other)?;
        processes.running.insert(id);
        Ok(Running { children: self, child, id })
    }

    fn end_all(&self) {
        let mut processes = self.lock();
        processes.is_over = true;
        processes.running.iter().for_each(|id| kill(*id));
    }

    fn lock(&self) -> MutexGuard<'_, Processes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kill(id: i32) {
    if let Some(id) = Pid::from_raw(id) {
        let _ = kill_process_group(id, Signal::KILL);
    }
}

/// A child that ends, with all that it started, when nobody waits for it any more.
struct Running<'a> {
    children: &'a Children,
    child: Child,
    id: i32,
}

impl Running<'_> {
    fn id(&self) -> Option<Pid> {
        Pid::from_raw(self.id)
    }

    fn wait(mut self) -> io::Result<ExitStatus> {
        self.children.lock().running.remove(&self.id);
        self.child.wait()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // One that was waited for is not in here any more.
        if self.children.lock().running.remove(&self.id) {
            kill(self.id);
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::progress::{Recorded, Silent};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_comes_back_and_messages_only_with_a_failure() {
        assert_eq!(run(shell("echo out; echo err >&2"), "", &Silent).unwrap(), b"out\n");
        match run(shell("echo out; echo err >&2; exit 3"), "", &Silent) {
            Err(Failure::Failed(status, messages)) => assert_eq!((status.code(), &*messages), (Some(3), &b"err\n"[..])),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_program_that_is_not_there_fails_to_start() {
        assert!(matches!(run(Command::new("/no/such/program"), "", &Silent), Err(Failure::Start(_))));
    }

    #[test]
    fn what_is_quick_is_not_told() {
        let recorded = Recorded::default();
        run(shell("true"), "evaluating", &recorded).unwrap();
        assert_eq!(recorded.0.lock().unwrap().len(), 0);
    }

    /// Stops the work as soon as it is told that it takes a while.
    #[derive(Default)]
    struct Impatient(AtomicBool);

    impl Progress for Impatient {
        fn step(&self, step: Step) {
            assert_eq!(step.what, "evaluating");
            self.0.store(true, Ordering::Relaxed);
        }

        fn is_cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn what_is_not_wanted_any_more_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ids");
        // A child of the child holds the output open, too.
        let script = format!("sleep 1000 & echo $$ $! > {}; wait", file.display());
        assert!(matches!(run(shell(&script), "evaluating", &Impatient::default()), Err(Failure::Cancelled)));
        let ids = std::fs::read_to_string(&file).unwrap();
        let is_running =
            |id: &str| std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        // A killed process may take a moment to be gone.
        while ids.split_whitespace().any(is_running) {
            thread::yield_now();
        }
        assert_eq!(ids.split_whitespace().count(), 2);
    }

    /// Ends the program as soon as it is told that the work takes a while.
    struct Ending<'a>(&'a Children);

    impl Progress for Ending<'_> {
        fn step(&self, _: Step) {
            self.0.end_all();
        }
    }

    #[test]
    fn at_the_end_of_the_program_no_child_is_left() {
        let children = Children(Mutex::default());
        let ended = run_among(&children, shell("sleep 1000"), "", &Ending(&children));
        assert!(matches!(ended, Err(Failure::Failed(status, _)) if status.code().is_none()));
        assert!(children.lock().running.is_empty());
        assert!(matches!(run_among(&children, shell("true"), "", &Silent), Err(Failure::Start(_))));
    }

    #[test]
    fn endless_messages_keep_only_their_end() {
        let messages = read_messages(io::repeat(b'x').take(10 << 20).chain(&b"the reason"[..]));
        assert!(messages.len() <= 2 * MAX_MESSAGES && messages.ends_with(b"the reason"));
    }
}
