//! What several test files need: package sets, trees on disk and in memory, and a real Nix to compare with.

// Every test file compiles this module for itself, and none uses all of it.
#![allow(dead_code, clippy::unwrap_used)]

pub mod build_env;
pub mod exports;
pub mod forest;
pub mod http;
pub mod judge;
pub mod lab;
pub mod model;
pub mod nix;
pub mod nix_index;
pub mod rows;
pub mod sets;
pub mod tree;
pub mod walk;

use std::io::Write;

use tempfile::TempDir;

/// Says something in the test's output even when the test passes: only `print!` and `eprint!` are captured.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A number from the environment, to try more or other random cases than usual.
pub fn number_from_env(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => default,
    }
}

/// A temporary directory, in memory where there is room: thousands of small trees are made and removed here.
pub fn temp_dir() -> TempDir {
    const ROOM: u64 = 512 << 20;
    const MEMORY: &str = "/dev/shm";
    let has_room = rustix::fs::statvfs(MEMORY).is_ok_and(|fs| fs.f_bavail.saturating_mul(fs.f_frsize) >= ROOM);
    match if has_room { TempDir::new_in(MEMORY) } else { TempDir::new() } {
        Ok(dir) => dir,
        Err(_) => TempDir::new().expect("the temporary directory can be written"),
    }
}
