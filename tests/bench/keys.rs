//! Measures each key of a script, from the event to the new state, and the frame after it.

use std::time::{Duration, Instant};

use nix_loom::tui::App;
use nix_loom::tui::action::Action;
use nix_loom::tui::key::Key;
use nix_loom::tui::moment::Moment;
use nix_loom::tui::update::update;
use nix_loom::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// What is measured, its goal in milliseconds, and the keys of which each is measured.
pub type Script = [(&'static str, u64, &'static [Key])];

/// Presses the keys of the script that many times, and prints what each of its lines took.
pub fn measure(app: &mut App, script: &Script, rounds: usize) {
    let mut terminal = Terminal::new(TestBackend::new(app.size.0, app.size.1)).expect("a terminal in memory");
    let mut keys: Vec<Vec<Duration>> = vec![Vec::new(); script.len()];
    let mut frames = Vec::new();
    for _ in 0..rounds {
        for (times, (_, _, line)) in keys.iter_mut().zip(script) {
            for &key in *line {
                let start = Instant::now();
                let _ = update(app, Action::Key(key), Moment::default());
                times.push(start.elapsed());
                let start = Instant::now();
                terminal.draw(|frame| view(app, frame)).expect("memory does not fail");
                frames.push(start.elapsed());
            }
        }
    }
    for (times, (name, goal, _)) in keys.into_iter().zip(script) {
        tell(name, *goal, times);
    }
    tell("a frame, after each of these keys", 5, frames);
}

/// Prints median and slowest beside the goal.
fn tell(name: &str, goal: u64, mut times: Vec<Duration>) {
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    let verdict = if slowest < Duration::from_millis(goal) { "reached" } else { "MISSED" };
    println!("  {name}: median {median:.2?}, slowest {slowest:.2?}; goal {goal} ms: {verdict}");
}
