//! Environment files in every version of Nix: the same file holds the same, and a bad one is told at its place.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use support::judge::{Kind, json};
use support::lab::{Answer, Lab, PACKAGES, Who};

const FILES: &str = "/tmp/files";

macro_rules! with_every_nix {
    ($($check:ident),* $(,)?) => {
        $(mod $check {
            use super::Who;

            #[test]
            fn nix_2_8() { super::with("2.8", Who::Root, super::$check); }
            #[test]
            fn nix_2_26() { super::with("2.26", Who::Alice, super::$check); }
            #[test]
            fn nix_2_34() { super::with("2.34", Who::RootBehindDaemon, super::$check); }
        })*
    };
}

with_every_nix!(
    environments_of_every_form_are_read_and_installed,
    a_file_is_one_element_beside_what_nix_installs,
    bad_files_are_told_at_their_place,
);

fn with(version: &'static str, who: Who, check: fn(&Lab)) {
    let Some(lab) = Lab::or_skip(version, who) else { return };
    for file in ["default.nix", "builder.pl"] {
        let from = format!("{}/tests/fixtures/build-env/{file}", env!("CARGO_MANIFEST_DIR"));
        write(&lab, &format!("build-env/{file}"), &fs::read_to_string(from).unwrap());
    }
    for file in ["default.nix", "flake.nix"] {
        let text = fs::read_to_string(lab.host(format!("{PACKAGES}/{file}"))).unwrap();
        write(&lab, &format!("flake/{file}"), &text);
    }
    check(&lab);
}

/// Writes a file that whoever works there can read; gives its path inside.
fn write(lab: &Lab, name: &str, text: &str) -> String {
    let place = lab.host(format!("{FILES}/{name}"));
    let folder = place.parent().unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&place, text).unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o644)).unwrap();
    format!("{FILES}/{name}")
}

fn any(lab: &Lab, profile: &str, arguments: &[&str]) -> Answer {
    let source = format!("packages={PACKAGES}/default.nix");
    let global = ["--profile", profile, "--store", "nix", "--source", &source];
    Answer::of(lab.loom_command(&[&global, arguments].concat()).output().unwrap())
}

#[track_caller]
fn loom(lab: &Lab, profile: &str, arguments: &[&str]) -> Value {
    let answer = any(lab, profile, &[arguments, &["--json"]].concat());
    json(&answer.expect(&format!("Nix {}: {arguments:?}", lab.version)))
}

fn packages(document: &Value) -> Vec<String> {
    let package = |it: &Value| {
        let outputs: Vec<_> = it["outputs"].as_object().unwrap().keys().map(String::as_str).collect();
        let text = |key: &str| it[key].as_str().unwrap();
        let source = if text("source").starts_with('/') { "file" } else { text("source") };
        format!("{} {} {}@{source}", text("name"), outputs.join(","), text("attribute"))
    };
    document["packages"].as_array().unwrap().iter().map(package).collect()
}

#[track_caller]
fn elements(lab: &Lab, profile: &str) -> Vec<String> {
    let list = loom(lab, profile, &["list"]);
    let element = |it: &Value| {
        let outputs: Vec<_> = it["outputs"].as_object().unwrap().keys().map(String::as_str).collect();
        format!("{} {} {}", it["name"].as_str().unwrap(), outputs.join(","), it["priority"])
    };
    let mut elements: Vec<String> = list.as_array().unwrap().iter().map(element).collect();
    elements.sort();
    elements
}

/// An environment of that form.
fn environment(lab: &Lab, form: &str, paths: &str) -> String {
    let text = format!(
        "let pkgs = import {PACKAGES} {{ }}; env = import ./build-env {{ }}; in
         env.{form} {{ name = \"tools_env\"; paths = with pkgs; [ {paths} ]; pathsToLink = [ \"/bin\" \"/include\" ]; }}"
    );
    write(lab, "tools_env.nix", &text)
}

fn environments_of_every_form_are_read_and_installed(lab: &Lab) {
    let profile = lab.profile("mine");
    let system = lab.run("nix-instantiate", &["--eval", "--expr", "builtins.currentSystem"]);
    let flake = format!(
        "{{ outputs = {{ self }}: {{ packages.{}.default = let pkgs = import ./. {{ system = {system}; }}; in derivation {{
             name = \"tools_env\"; system = \"builtin\"; builder = \"builtin:buildenv\"; manifest = \"/manifest\";
             derivations = [ \"true\" 5 1 pkgs.hello \"true\" 5 2 pkgs.several.out pkgs.several.dev ]; }}; }}; }}",
        system.trim(),
    );
    write(lab, "flake/flake.nix", &flake);
    let paths = "hello several.out several.dev";
    for form in ["buildEnvOld", "buildEnvNew", "flake"] {
        let file = if form == "flake" { format!("{FILES}/flake") } else { environment(lab, form, paths) };
        let told = loom(lab, &profile, &["import", &file]);
        // A flake has packages of its own, which are the same as those of the file.
        assert_eq!(
            packages(&told),
            ["hello out hello@packages", "several out,dev several@packages"],
            "Nix {}, {form}: {told:#}",
            lab.version
        );
        assert_eq!(told["rules"]["name"], if form == "flake" { "nix" } else { "nixpkgs" });
        loom(lab, &profile, &["import", &file, "--apply"]);
        assert_eq!(elements(lab, &profile), ["tools_env out 5"], "Nix {}, {form}", lab.version);
        assert_eq!(loom(lab, &profile, &["import", &file, "--apply"])["unchanged"], true, "{form}");
    }
    // What Nix builds of the file by itself is what was installed.
    let file = environment(lab, "buildEnvNew", paths);
    loom(lab, &profile, &["import", &file, "--apply"]);
    let built = lab.run("nix-build", &["--no-out-link", &file]);
    let list = loom(lab, &profile, &["list"]);
    assert_eq!(list[0]["outputs"]["out"], built.trim(), "Nix {}", lab.version);
    loom(lab, &profile, &["import", &file, "--apart", "-tools_env", "--apply"]);
    assert_eq!(elements(lab, &profile), ["hello out 5", "several out,dev 5"], "Nix {}", lab.version);
}

fn a_file_is_one_element_beside_what_nix_installs(lab: &Lab) {
    for kind in [Kind::NixEnv, Kind::NixProfile] {
        let profile = lab.profile(&format!("mine-{kind:?}"));
        lab.nix_installs(kind, &profile, &["odd"]);
        let file = environment(lab, "buildEnvOld", "hello");
        loom(lab, &profile, &["import", &file, "--apply"]);
        assert_eq!(elements(lab, &profile).last().unwrap(), "tools_env out 5", "Nix {}, {kind:?}", lab.version);
        let file = environment(lab, "buildEnvNew", "hello even");
        let since = &loom(lab, &profile, &["import", &file])["since"];
        let names: Vec<_> = since["added"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        // Of `even` nothing is linked: only bin and include are.
        assert_eq!((names, since["element"].as_str()), (vec!["even"], Some("tools_env")), "Nix {}", lab.version);
        loom(lab, &profile, &["import", &file, "--apply"]);
        assert_eq!(elements(lab, &profile).len(), 2, "Nix {}, {kind:?}", lab.version);
        // Nix goes on with it.
        if kind == Kind::NixEnv {
            let listed = lab.run("nix-env", &["--profile", &profile, "-q"]);
            assert!(listed.lines().any(|line| line == "tools_env"), "Nix {}: {listed}", lab.version);
            lab.run("nix-env", &["--profile", &profile, "-if", &file]);
            assert_eq!(elements(lab, &profile).len(), 2, "Nix {}", lab.version);
        } else {
            lab.run("nix", &["profile", "list", "--profile", &profile]);
        }
    }
}

fn bad_files_are_told_at_their_place(lab: &Lab) {
    let profile = lab.profile("mine");
    let good = environment(lab, "buildEnvOld", "even");
    loom(lab, &profile, &["import", &good, "--apply"]);
    let before = lab.follow(&profile);
    let told = |text: &str| {
        let file = write(lab, "bad.nix", text);
        let answer = any(lab, &profile, &["import", &file, "--apply"]);
        assert_eq!((answer.code, &*answer.stdout), (Some(1), ""), "Nix {}: {text}\n{}", lab.version, answer.stderr);
        assert_eq!(lab.follow(&profile), before, "nothing is changed");
        let start = format!("nix-loom: {file}: ");
        let reason = answer.stderr.trim_end().strip_prefix(&start).unwrap_or_else(|| panic!("{}", answer.stderr));
        assert_eq!(reason.lines().count(), 1, "{reason}");
        reason.replace(&file, "FILE")
    };
    let hash = "0".repeat(52);
    // The words are those of each version; what counts is that reason and place are told.
    for (text, reason, place) in [
        ("{ a = 1;\n  b = ;\n}", "syntax error, unexpected ';'", ", at FILE:2:7"),
        ("[\n  pkgz.zlib\n]", "undefined variable 'pkgz'", ", at FILE:2:3"),
        ("let pkgs = { zlib = 1; }; in\n[ pkgs.zlip ]", "attribute 'zlip' missing", ", at FILE:2:3"),
        ("let f = x:\n  throw \"boom ${x}\"; in f \"1\"", "boom 1", ", at FILE:"),
        ("assert 1 == 2; { }", "", ", at FILE:1:1"),
        ("let x = x; in x", "infinite recursion encountered", ", at FILE:1:9"),
        ("{ pkgs }: pkgs", "called without required argument 'pkgs'", "FILE:1:1"),
        ("derivation {\n  name = \"a\"; builder = \"b\"; }", "required attribute 'system' missing", ", at FILE:2:"),
        ("let f = n: [ n ] ++ f (n + 1); in f 0", "stack overflow", ""),
        ("import ./gone.nix", "gone.nix", ""),
        ("7", "it is a number; what can be installed is a package", ""),
        ("{ }", "nothing in it can be installed: there is no package in it", ""),
        ("{ type = \"derivation\"; name = \"x\"; outPath = \"/x\"; }", "it has no drvPath", ""),
        (
            &format!("import (builtins.fetchurl {{ url = \"file:///etc/passwd\"; sha256 = \"{hash}\"; }})"),
            "hash mismatch in file downloaded from 'file:///etc/passwd'",
            "",
        ),
        (
            "derivation { name = \"a\"; builder = \"b\"; system = \"c\"; outputHash = \"xyz\"; outputHashAlgo = \"sha256\"; }",
            "hash 'xyz' has wrong length",
            "",
        ),
    ] {
        let said = told(text);
        assert!(said.contains(reason) && said.contains(place), "Nix {}: {text}\n{said}", lab.version);
        assert!(!said.contains("1|") && !said.contains("«string»"), "Nix {}: {said}", lab.version);
    }
}
