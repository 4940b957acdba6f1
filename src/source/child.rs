//! Child processes of Nix: bounded in time and in what they say, and ended when nobody wants them any more.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};

use crate::progress::{Progress, Step};
use crate::safe;

/// A flake may have to be fetched first; what takes longer than this goes on for ever.
const LIMIT: Duration = Duration::from_mins(10);
/// What is done before this is not worth telling.
const QUICK: Duration = Duration::from_millis(150);
/// Between two looks at whether the work is still wanted.
const LOOK: Duration = Duration::from_millis(20);
/// The names of a million attributes fit.
const MAX_OUTPUT: u64 = 64 << 20;
/// Lines that wait to be heard.
const MAX_UNHEARD: usize = 256;
/// Bytes of a line; more of it is left out where it is passed on.
const MAX_LINE: usize = 4 << 10;
/// The last bytes of standard error that are kept; the reason of a failure stands at its end, or before the trace to it.
const MAX_MESSAGES: usize = 1 << 20;

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
    // A child that says more than can be listened to has to wait.
    let (said, hearing) = sync_channel(MAX_UNHEARD);
    if let Some(stdout) = child.child.stdout.take() {
        let said = said.clone();
        // Nobody listens any more if the work was given up.
        thread::spawn(move || drop(said.send(Said::Output(read_output(stdout)))));
    }
    if let Some(stderr) = child.child.stderr.take() {
        thread::spawn(move || {
            let messages = read_messages(stderr, &mut |line| drop(said.send(Said::Line(line))));
            drop(said.send(Said::Messages(messages)));
        });
    }
    let (output, messages) = listen(&hearing, what, progress)?;
    let status = child.wait().map_err(Failure::Start)?;
    if status.success() { Ok(output) } else { Err(Failure::Failed(status, messages)) }
}

/// What one of the child's streams gave.
enum Said {
    /// Until its end.
    Output(Result<Vec<u8>, Failure>),
    /// A line of its messages.
    Line(String),
    /// The last messages, once it has ended.
    Messages(Vec<u8>),
}

fn listen(hearing: &Receiver<Said>, what: &str, progress: &dyn Progress) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let start = Instant::now();
    let (mut output, mut messages) = (None, None);
    let mut is_told = false;
    loop {
        match hearing.recv_timeout(LOOK) {
            Ok(Said::Output(said)) => output = Some(said?),
            Ok(Said::Messages(said)) => messages = Some(said),
            Ok(Said::Line(line)) => progress.line(&line),
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

/// Passes on each line as it comes, readable, and gives the last of all.
fn read_messages(mut from: impl Read, each: &mut dyn FnMut(String)) -> Vec<u8> {
    let mut messages = Vec::new();
    let mut line = Vec::new();
    let mut chunk = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        messages.extend_from_slice(&chunk[..read]);
        if messages.len() > 2 * MAX_MESSAGES {
            messages.drain(..messages.len() - MAX_MESSAGES);
        }
        let mut parts = chunk[..read].split(|&byte| byte == b'\n');
        let goes_on = parts.next_back();
        for part in parts {
            push(&mut line, part);
            pass_on(&mut line, each);
        }
        push(&mut line, goes_on.unwrap_or_default());
    }
    pass_on(&mut line, each);
    messages
}

fn push(line: &mut Vec<u8>, part: &[u8]) {
    let room = MAX_LINE.saturating_sub(line.len());
    line.extend_from_slice(&part[..part.len().min(room)]);
}

fn pass_on(line: &mut Vec<u8>, each: &mut dyn FnMut(String)) {
    let text = safe::message(line);
    line.clear();
    if !text.is_empty() {
        each(text);
    }
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
    fn what_it_says_meanwhile_is_passed_on_line_by_line() {
        let recorded = Recorded::default();
        let script = "printf 'one\\n\\n\\033[31;1mtwo\\033[0m\\nthr' >&2; printf 'ee\\a' >&2";
        run(shell(script), "", &recorded).unwrap();
        assert_eq!(*recorded.1.lock().unwrap(), ["one", "two", "three\\x07"]);
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
        let mut longest = 0;
        let endless = io::repeat(b'x').take(10 << 20).chain(&b"the reason"[..]);
        let messages = read_messages(endless, &mut |line| longest = longest.max(line.len()));
        assert_eq!(longest, MAX_LINE);
        assert!(messages.len() <= 2 * MAX_MESSAGES && messages.ends_with(b"the reason"));
    }
}
