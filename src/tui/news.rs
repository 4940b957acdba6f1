//! What running works tell, on its way to the screen. However much that is, no more of it waits than the screen can show:
//! of each work its newest step, and of the lines of other programs the last ones.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, PoisonError};

use super::effect::Reply;
use super::log::MOST_LINES;
use super::work::Task;
use crate::progress::Step;

/// What is put into the mailbox of the screen.
#[derive(Debug)]
pub enum Mail {
    Reply(Reply),
    /// There are news to be taken.
    News,
}

/// The news that wait.
#[derive(Debug, Default)]
pub struct News(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    steps: Vec<(Task, Step)>,
    lines: VecDeque<(Task, String)>,
    /// Lines that were left out.
    dropped: u64,
}

impl News {
    /// Keeps what is news; gives what is to be mailed for that, if anything is: of news that it is there, once.
    pub fn sort(&self, reply: Reply) -> Option<Mail> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = waiting.steps.is_empty() && waiting.lines.is_empty();
        match reply {
            Reply::Progressed(task, step) => {
                match waiting.steps.iter_mut().find(|(of, _)| *of == task) {
                    Some((_, older)) => *older = step,
                    None => waiting.steps.push((task, step)),
                }
                is_first.then_some(Mail::News)
            }
            Reply::Said { task, lines, dropped } => {
                waiting.lines.extend(lines.into_iter().map(|line| (task, line)));
                let over = waiting.lines.len().saturating_sub(MOST_LINES);
                waiting.lines.drain(..over);
                waiting.dropped += dropped + over as u64;
                is_first.then_some(Mail::News)
            }
            reply => Some(Mail::Reply(reply)),
        }
    }

    /// Takes all that wait, as replies.
    pub fn take(&self) -> Vec<Reply> {
        let waiting = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut replies: Vec<_> = waiting.steps.into_iter().map(|(task, step)| Reply::Progressed(task, step)).collect();
        let mut dropped = waiting.dropped;
        for (task, line) in waiting.lines {
            match replies.last_mut() {
                Some(Reply::Said { task: last, lines, .. }) if *last == task => lines.push(line),
                _ => replies.push(Reply::Said { task, lines: vec![line], dropped: mem::take(&mut dropped) }),
            }
        }
        replies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(done: u64) -> Step {
        Step { what: "fetching".into(), done, total: 9 }
    }

    fn said(line: &str) -> Reply {
        Reply::Said { task: Task::Apply, lines: vec![line.to_owned()], dropped: 0 }
    }

    #[test]
    fn a_flood_is_announced_once_and_only_its_end_waits() {
        let news = News::default();
        assert!(matches!(news.sort(Reply::Progressed(Task::Load, step(0))), Some(Mail::News)));
        for number in 0..MOST_LINES as u64 + 7 {
            assert!(news.sort(Reply::Progressed(Task::Load, step(number))).is_none());
            assert!(news.sort(said(&number.to_string())).is_none());
        }
        let taken = news.take();
        let [Reply::Progressed(Task::Load, last), Reply::Said { lines, dropped: 7, .. }] = &taken[..] else {
            panic!("{taken:?}")
        };
        assert_eq!((last.done, lines.len(), lines[0].as_str()), (MOST_LINES as u64 + 6, MOST_LINES, "7"));
        assert!(news.take().is_empty());
        assert!(matches!(news.sort(said("more")), Some(Mail::News)));
    }

    #[test]
    fn what_ends_a_work_is_never_held_back() {
        let news = News::default();
        news.sort(Reply::Progressed(Task::Fetch, step(0)));
        assert!(matches!(news.sort(Reply::FetchedForPreview(Ok(()))), Some(Mail::Reply(_))));
    }
}
