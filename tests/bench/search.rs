//! How long each keystroke of a search takes over a whole catalogue, beside nucleo-matcher over the same names.
//!
//! `cargo bench --bench search` measures; with `-- --test` it makes one short round. Twenty words are typed letter by
//! letter; ours searches names and descriptions and ranks, nucleo-matcher scores and sorts the names alone. Both take
//! turns keystroke by keystroke, so that what disturbs one disturbs the other.

#[path = "../support/catalogue.rs"]
mod input;

use std::hint::black_box;
use std::time::{Duration, Instant};

use nix_loom::catalogue::{Catalogue, Query};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

/// The program's own, so that its figures are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;
/// As many hits as the screen asks for.
const LIMIT: usize = 2000;
const MANY: usize = 1_000_000;

/// What people type; names, programs, purposes, a path and slips.
const WORDS: [&str; 20] = [
    "ripgrep",
    "firefox",
    "nodejs 20",
    "python requests",
    "terminal multiplexer",
    "openssl",
    "vscode",
    "postgresql",
    "libjpeg",
    "neovim",
    "video player",
    "kubernetes",
    "haskellPackages.lens",
    "terrafrom",
    "emacs",
    "zlib dev",
    "image viewer",
    "gcc",
    "docker-compose",
    "rust-analyzer",
];

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let rounds = if is_test { 1 } else { ROUNDS };
    let packages = input::packages();
    println!("{}: {} attributes", packages.origin, packages.packages.len());
    let few = if is_test { packages.packages.len().min(20_000) } else { packages.packages.len() };
    compare(&Catalogue::of_packages(packages.packages[..few].to_vec()), rounds);
    let many = if is_test { 50_000 } else { MANY };
    let grown = input::grown(&packages.packages, many);
    println!("the same, grown: {many} attributes");
    compare(&Catalogue::of_packages(grown), 1);
}

fn compare(catalogue: &Catalogue, rounds: usize) {
    let names: Vec<String> = catalogue.known().map(|package| package.attribute.clone()).collect();
    let mut matcher = Matcher::new(Config::DEFAULT);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for word in WORDS {
            for end in (1..=word.len()).filter(|&end| !word[..end].ends_with(' ')) {
                let typed = &word[..end];
                let start = Instant::now();
                black_box(catalogue.search(&Query::parse(typed), LIMIT));
                ours.push((start.elapsed(), typed));
                let start = Instant::now();
                let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
                black_box(pattern.match_list(names.iter(), &mut matcher));
                theirs.push((start.elapsed(), typed));
            }
        }
    }
    let (ours, theirs) = (summary("nix-loom, names and descriptions", ours), summary("nucleo-matcher, names", theirs));
    println!("  median keystroke, ours / nucleo-matcher: {:.2}", ours.as_secs_f64() / theirs.as_secs_f64());
}

/// Prints median and slowest; gives the median.
fn summary(of: &str, mut times: Vec<(Duration, &str)>) -> Duration {
    times.sort();
    let median = times[times.len() / 2].0;
    let ninety = times[times.len() * 9 / 10].0;
    let slowest: Vec<String> =
        times.iter().rev().take(4).map(|(time, typed)| format!("{typed:?} {time:.2?}")).collect();
    println!("  {of}: median {median:.2?}, 90% {ninety:.2?}, slowest {}", slowest.join(", "));
    median
}
