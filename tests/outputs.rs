//! What an output says that a tick would do is what the preview of that tick says, over the program's own store and the
//! demonstration packages.

#![allow(clippy::unwrap_used)]

use std::process::Command;
use std::sync::Mutex;

use nix_loom::loom::{Consequence, Loom, LoomError, Options, StoreChoice};
use nix_loom::profile::{Change, Transaction};
use nix_loom::progress::Silent;

/// Set in the process that has a home of its own.
const INNER: &str = "NIX_LOOM_OUTPUTS_INNER";

fn install(attribute: &str, outputs: &[&str]) -> Change {
    let outputs = Some(outputs.iter().map(ToString::to_string).collect());
    Change::Install { attribute: attribute.into(), source: None, outputs, priority: None }
}

fn transaction(changes: Vec<Change>) -> Transaction {
    Transaction { changes }
}

#[test]
fn a_tick_does_what_it_says() {
    if std::env::var_os(INNER).is_some() {
        return check();
    }
    // The store is where the environment says, and a test must not change its own.
    let home = tempfile::tempdir().unwrap();
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "a_tick_does_what_it_says", "--nocapture"]).env(INNER, "1").env("HOME", home.path());
    for name in ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "NIX_LOOM_CONFIG"] {
        again.env_remove(name);
    }
    let output = again.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn check() {
    let loom = Loom::open(&Options { store: StoreChoice::Local, ..Options::default() }).unwrap();
    loom.apply(&transaction(vec![install("zlib", &["out"]), install("nodejs_18", &["out"])]), &Silent).unwrap();
    let staged = transaction(Vec::new());
    let outputs = |outputs: &[&str]| Change::Outputs {
        name: "zlib".into(),
        outputs: outputs.iter().map(ToString::to_string).collect(),
    };
    let then = [
        transaction(vec![outputs(&["out", "dev"])]),
        transaction(vec![Change::Remove { name: "zlib".into() }]),
        transaction(vec![install("nodejs_20", &["out"])]),
        transaction(vec![install("no_such_package", &["out"])]),
    ];
    let told = Mutex::new(Vec::new());
    loom.consequences(&staged, &then, &Silent, &|at, weight| told.lock().unwrap().push((at, weight))).unwrap();
    let told: Vec<(usize, Result<Consequence, LoomError>)> = told.into_inner().unwrap();
    assert_eq!(told.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1, 2, 3]);
    for (at, weight) in &told[..3] {
        let weight = weight.as_ref().unwrap();
        let preview = loom.preview(&then[*at], &Silent).unwrap();
        let files = &preview.files;
        let expected = (files.added.len(), files.removed.len(), files.changed.len());
        assert_eq!((weight.added, weight.removed, weight.changed), expected, "{at}");
        assert_eq!(weight.blocking, preview.plan.blocking().count(), "nothing blocked before: {at}");
        assert_eq!(weight.unknown, 0);
        assert!(expected != (0, 0, 0), "it does something: {at}");
    }
    assert!(told[2].1.as_ref().unwrap().blocking > 0, "two versions of Node.js collide");
    assert!(told[2].1.as_ref().unwrap().against.iter().any(|(name, _)| &**name == "nodejs_18"));
    assert!(told[3].1.is_err(), "what cannot be told is an error of its own, and stops no other");
    // On top of staged changes: only what the tick itself would do.
    let staged = transaction(vec![outputs(&["out", "dev"])]);
    let told = Mutex::new(Vec::new());
    let again = [staged.clone(), transaction(Vec::new())];
    loom.consequences(&staged, &again, &Silent, &|_, weight| told.lock().unwrap().push(weight.unwrap())).unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!(told[0], Consequence::default(), "the same again does nothing");
    let tick = loom.preview(&staged, &Silent).unwrap().files.added.len();
    assert_eq!((told[1].removed, told[1].added), (tick, 0), "and taken off it takes away what it brought");
}
