//! Versions are compared as a real Nix compares them.

#![allow(clippy::unwrap_used)]

mod support;

use std::cmp::Ordering;
use std::fs;

use nix_loom::version::compare;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use support::nix::{Nix, succeed};

/// Versions as they are, and as they could be: what makes a difference is frequent.
fn version() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[0-9]{1,3}",
        2 => prop::sample::select(vec!["pre", "rc", "a", "b", "alpha", "beta", "p", "unstable", "prE", "ä", "é1", "+", "_"])
            .prop_map(String::from),
        1 => prop::sample::select(vec!["2147483647", "2147483648", "99999999999999999999", "007", "0", "00"])
            .prop_map(String::from),
        1 => "[0-9]{8}",
        1 => "[ -~]{0,4}",
        3 => prop::sample::select(vec![".", "-", "..", ".-"]).prop_map(String::from),
    ];
    prop::collection::vec(part, 0..7).prop_map(|parts| parts.concat())
}

#[test]
fn versions_are_ordered_as_nix_orders_them() {
    const PAIRS: usize = 20_000;
    let Some(nix) = Nix::or_skip() else { return };
    let mut runner = TestRunner::default();
    // A version beside one that begins alike is harder than two that have nothing in common.
    let pair = (version(), version(), version()).prop_map(|(start, one, other)| [start.clone() + &one, start + &other]);
    let pairs: Vec<_> = (0..PAIRS).map(|_| pair.new_tree(&mut runner).unwrap().current()).collect();
    fs::write(nix.path("pairs.json"), serde_json::to_vec(&pairs).unwrap()).unwrap();
    let expression = "map (pair: builtins.compareVersions (builtins.elemAt pair 0) (builtins.elemAt pair 1))
        (builtins.fromJSON (builtins.readFile ./pairs.json))";
    fs::write(nix.path("compare.nix"), expression).unwrap();
    let answer = succeed(nix.command("nix-instantiate").args(["--eval", "--strict", "--json", "compare.nix"]));
    let orders: Vec<i8> = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(orders.len(), PAIRS);
    for ([one, other], order) in pairs.iter().zip(orders) {
        assert_eq!(compare(one, other), order.cmp(&0), "{one:?} {other:?}");
    }
    for order in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
        let number = pairs.iter().filter(|[one, other]| compare(one, other) == order).count();
        assert!(number > PAIRS / 50, "only {number} are {order:?}: nothing is shown");
    }
}
