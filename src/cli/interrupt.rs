//! What becomes of Nix when a signal ends this program.

use std::fs;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Has a signal that ends this program end what Nix evaluates for it, too: each such child has a process group of its own, so
/// it does not hear of an interrupt. Signals that are ignored, as below `nohup`, stay so.
pub(super) fn end_children_with_us() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = ignored(&status);
    let heard = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(heard) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            crate::source::end_evaluations();
            let _ = emulate_default_handler(signal);
        }
    });
}

/// The signals that a process ignores, the lowest bit for the first, as the system tells it.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn ignored_signals_are_read_from_the_mask() {
        assert_eq!(super::ignored("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000002\n"), 0x1001);
        assert_eq!(super::ignored(""), 0);
    }
}
