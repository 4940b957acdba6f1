//! Dry runs in every version of Nix, by root, by root behind a daemon, and by a user who has nothing but the daemon.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::judge::Kind;
use support::lab::{Lab, PACKAGES, in_every_lab};

in_every_lab!(changes_are_built_and_kept_and_are_what_apply_makes, a_file_is_built_as_nix_build_builds_it);

#[track_caller]
fn loom(lab: &Lab, profile: &str, arguments: &[&str]) -> String {
    let source = format!("packages={PACKAGES}/default.nix");
    let output =
        lab.loom_command(&[&["--profile", profile, "--source", &source], arguments].concat()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "Nix {}, {:?}: {arguments:?}\n{stdout}{stderr}", lab.version, lab.who);
    stdout.trim_end().to_owned()
}

fn changes_are_built_and_kept_and_are_what_apply_makes(lab: &Lab) {
    for kind in [Kind::NixEnv, Kind::NixProfile] {
        let (profile, result) = (lab.profile(&format!("of-{kind:?}")), format!("{}/result", lab.home()));
        lab.nix_installs(kind, &profile, &["hello"]);
        let generations = lab.generations(&profile);
        let changes = ["several^out,dev", "carrier", "-hello"];
        let built = loom(lab, &profile, &[&["build", "--with"], &changes[..]].concat());
        assert_eq!(lab.follow(&result), built);
        assert_eq!(lab.generations(&profile), generations, "no generation is made");
        lab.collect_garbage(&profile);
        assert!(lab.host(&built).exists(), "its link keeps it");
        // Of what the outputs of an environment need nothing is lost.
        assert!(lab.needs(&built).iter().all(|path| lab.host(path).exists()));
        loom(lab, &profile, &[&["apply"], &changes[..]].concat());
        assert_eq!(lab.follow(&profile), built);
        lab.assert_as_nix_builds(kind, &profile);

        // Another build takes the link, and nothing keeps the one before.
        let other = loom(lab, &profile, &["build", "--with", "hello", "-carrier", "-several"]);
        assert_eq!(lab.follow(&result), other);
        loom(lab, &profile, &["build", "--with", "odd"]);
        lab.collect_garbage(&profile);
        assert!(!lab.host(&other).exists());
    }
}

fn a_file_is_built_as_nix_build_builds_it(lab: &Lab) {
    let (profile, home) = (lab.profile("untouched"), lab.home());
    let file = format!("{home}/env.nix");
    let text = format!(
        "let packages = import {PACKAGES}/default.nix {{ }}; in derivation {{
          name = \"env\"; system = \"builtin\"; builder = \"builtin:buildenv\"; manifest = \"/manifest\";
          derivations = [ \"true\" \"5\" \"1\" \"${{packages.hello}}\" \"true\" \"5\" \"1\" \"${{packages.several.dev}}\" ];
        }}"
    );
    fs::write(lab.host(&file), text).unwrap();
    let by_nix = lab.run("nix-build", &["--no-out-link", &file]);
    let built = loom(lab, &profile, &["build", "--file", &file, "--out-link", &format!("{home}/mine")]);
    assert_eq!(built, by_nix.trim_end());
    lab.collect_garbage(&profile);
    assert!(lab.host(&built).exists());
    let needed = lab.run("nix-store", &["--query", "--references", &built]);
    assert!(needed.lines().count() == 2 && needed.lines().all(|path| lab.host(path).exists()), "{needed}");
    assert!(fs::symlink_metadata(lab.host(&profile)).is_err(), "there is no profile yet");
    let files = loom(lab, &profile, &["files", "--built", &format!("{home}/mine")]);
    assert!(
        files.lines().any(|line| line.starts_with("include/several.h") && line.ends_with("several dev")),
        "{files}"
    );
    fs::remove_file(lab.host(format!("{home}/mine"))).unwrap();
    lab.collect_garbage(&profile);
    assert!(!lab.host(&built).exists());
}
