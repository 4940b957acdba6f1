//! `nix-loom build` as scripts see it: documents, exit codes, messages.

#![allow(clippy::unwrap_used)]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    /// A package of these files, each with its content; its path as text.
    fn package(&self, name: &str, files: &[(&str, &str)]) -> String {
        let root = self.path(name);
        fs::create_dir_all(&root).unwrap();
        for (file, content) in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root.to_str().unwrap().to_owned()
    }

    fn spec(&self, spec: &Value) -> PathBuf {
        let path = self.path("spec.json");
        fs::write(&path, spec.to_string()).unwrap();
        path
    }

    /// Two packages that tie on `bin/x`, with this difference to the SPEC.
    fn tie(&self, more: &Value) -> PathBuf {
        let a = self.package("a-1.0", &[("bin/x", "one"), ("bin/a", "a")]);
        let b = self.package("b-1.0-dev", &[("bin/x", "two"), ("share/same", "s")]);
        let mut spec = json!({ "packages": [{ "name": "a", "paths": [a] }, { "paths": [b], "priority": "5" }] });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.spec(&spec)
    }

    fn out(&self) -> PathBuf {
        self.path("out")
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nix-loom"));
    command.arg("build").stdin(Stdio::null());
    command
}

fn build(arguments: &[&dyn AsRef<OsStr>]) -> Output {
    command().args(arguments.iter().map(AsRef::as_ref)).output().unwrap()
}

#[track_caller]
fn expect(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{stdout}{stderr}");
    (stdout, stderr)
}

#[track_caller]
fn document(output: &Output, code: i32) -> Value {
    serde_json::from_str(&expect(output, code).0).unwrap()
}

#[test]
fn a_dry_run_prints_the_plan_and_makes_nothing() {
    let place = Place::new();
    let spec = place.tie(&json!({}));
    let before = fs::read_dir(place.dir.path()).unwrap().count();
    let output = build(&[&spec, &"--dry-run", &"--json"]);
    let (a, b) = (place.path("a-1.0"), place.path("b-1.0-dev"));
    assert_eq!(
        document(&output, 3),
        json!({
            "rules": "nix",
            "builds": false,
            "links": 3,
            "directories": 1,
            "collisions": [{
                "path": "bin/x",
                "kind": "tie",
                "blocks": true,
                "contenders": [
                    { "package": "a", "output": "out", "source": a.join("bin/x"), "priority": 5 },
                    { "package": "b", "output": "dev", "source": b.join("bin/x"), "priority": 5 },
                ],
                "winner": null,
                "reason": "same priority 5: the rules `nix` refuse a tie, whatever the files hold",
            }],
            "warnings": [],
            "problems": [],
        })
    );
    let keys = ["\"rules\"", "\"builds\"", "\"links\"", "\"directories\"", "\"collisions\"", "\"warnings\""];
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(keys.map(|key| text.find(key).unwrap()).is_sorted(), "{text}");
    assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), before);
}

#[test]
fn a_build_makes_the_tree() {
    let place = Place::new();
    let a = place.package("a-1.0", &[("bin/x", "one")]);
    let b = place.package("b-1.0", &[("bin/x", "two"), ("bin/y", "y")]);
    let spec = place.spec(&json!({ "packages": [{ "paths": [a], "priority": 4 }, { "paths": [b] }] }));
    let (stdout, _) = expect(&build(&[&spec, &"--out", &place.out()]), 0);
    assert!(stdout.contains("shadowed  bin/x  a (4), b (5)  a wins"), "{stdout}");
    assert!(
        stdout.ends_with("2 links, 1 directory by the rules `nix`; 1 collision, none of which blocks\n"),
        "{stdout}"
    );
    assert_eq!(fs::read_to_string(place.out().join("bin/x")).unwrap(), "one");
    assert_eq!(fs::read_link(place.out().join("bin/y")).unwrap(), Path::new(&b).join("bin/y"));
}

#[test]
fn a_refused_build_leaves_nothing_and_lists_the_collisions() {
    let place = Place::new();
    let spec = place.tie(&json!({}));
    let before = fs::read_dir(place.dir.path()).unwrap().count();
    let (stdout, _) = expect(&build(&[&spec, &"--out", &place.out()]), 3);
    assert!(stdout.starts_with("blocks  tie  bin/x  a (5), b.dev (5)  no winner  same priority 5: "), "{stdout}");
    assert!(stdout.contains("refused, and nothing was made"), "{stdout}");
    assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), before);
}

#[test]
fn what_can_be_in_no_environment_ends_with_1_and_is_told_beside_every_collision() {
    let place = Place::new();
    let spec = place.tie(&json!({ "rules": "nixpkgs" }));
    let mut more: Value = serde_json::from_slice(&fs::read(&spec).unwrap()).unwrap();
    let list = "nix-support/propagated-user-env-packages";
    let lacking = place.package("c-1.0", &[(list, "relative /nowhere/at/all"), ("bin/c", "c")]);
    more["packages"]
        .as_array_mut()
        .unwrap()
        .extend([json!({ "paths": [place.path("a-1.0/bin/x")] }), json!({ "paths": [lacking] })]);
    let spec = place.spec(&more);
    for out in [vec![], vec!["--json"]] {
        let mut arguments: Vec<&dyn AsRef<OsStr>> = vec![&spec, &"--out"];
        let place_of_out = place.out();
        arguments.push(&place_of_out);
        arguments.extend(out.iter().map(|it| it as &dyn AsRef<OsStr>));
        let (stdout, stderr) = expect(&build(&arguments), 1);
        assert!(stdout.contains("bin/x") && stdout.contains("tie"), "{stdout}");
        for problem in
            ["bin/x is a file and cannot be merged", "relative is not an absolute path", "all does not exist"]
        {
            assert!(stderr.contains(problem), "{problem}: {stderr}");
        }
        assert!(!place.out().exists(), "nothing is left behind");
    }
    let plan: Value = serde_json::from_str(&expect(&build(&[&spec, &"--dry-run", &"--json"]), 1).0).unwrap();
    assert_eq!((&plan["builds"], plan["problems"].as_array().map(Vec::len)), (&json!(false), Some(3)), "{plan:#}");
    assert_eq!(plan["collisions"][0]["blocks"], true);
}

#[test]
fn the_rules_can_be_given_by_file_and_by_option() {
    let place = Place::new();
    let spec = place.tie(&json!({ "rules": "nixpkgs", "ignoreCollisions": true }));
    let plan = document(&build(&[&spec, &"--dry-run", &"--json"]), 0);
    assert_eq!((&plan["rules"], &plan["builds"]), (&json!("nixpkgs"), &json!(true)));
    assert_eq!(plan["collisions"][0]["winner"], json!(place.path("a-1.0/bin/x")));
    let plan = document(&build(&[&spec, &"--dry-run", &"--json", &"--rules", &"nix"]), 3);
    assert_eq!(plan["rules"], "nix");
    assert!(plan["warnings"][0].as_str().unwrap().contains("only the rules `nixpkgs` know settings"), "{plan}");
}

#[test]
fn what_exists_is_never_overwritten() {
    let place = Place::new();
    let a = place.package("a-1.0", &[("bin/x", "one")]);
    let spec = place.spec(&json!({ "packages": [{ "paths": [a] }] }));
    fs::create_dir(place.out()).unwrap();
    symlink("/nowhere", place.path("dangling")).unwrap();
    for out in ["out", "dangling"] {
        let (_, stderr) = expect(&build(&[&spec, &"--out", &place.path(out)]), 1);
        assert!(stderr.contains(&format!("{out} exists already")), "{stderr}");
    }
    assert_eq!(fs::read_dir(place.out()).unwrap().count(), 0);
}

#[test]
fn wrong_usage_ends_with_2() {
    let place = Place::new();
    let spec = place.tie(&json!({}));
    expect(&build(&[]), 2);
    expect(&build(&[&spec]), 2);
    expect(&build(&[&spec, &"--structured-attrs", &spec, &"--dry-run"]), 2);
    expect(&build(&[&spec, &"--dry-run", &"--out", &place.out()]), 2);
    expect(&build(&[&spec, &"--rules", &"debian"]), 2);
    expect(&build(&[&"--help"]), 0);
}

#[test]
fn a_bad_spec_ends_with_1_and_names_file_line_column_and_field() {
    let place = Place::new();
    let path = place.path("spec.json");
    for (text, problem) in [
        ("{\"packages\": [\n  {\"paths\": [\"relative\"]}]}", "line 2, column 24: packages[0].paths[0]: invalid value"),
        ("{\"packages\": [{\"paths\": [], \"priority\": \"high\"}]}", "packages[0].priority: \"high\" is no priority"),
        ("{\"packages\": [", "line 1, column 14: "),
        ("{\"packages\": [], \"rule\": 1}", "unknown field `rule`"),
    ] {
        fs::write(&path, text).unwrap();
        let (_, stderr) = expect(&build(&[&path, &"--dry-run"]), 1);
        assert!(stderr.contains(problem) && stderr.contains("spec.json"), "{text}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    let (_, stderr) = expect(&build(&[&place.path("none.json"), &"--dry-run"]), 1);
    assert!(stderr.contains("none.json: No such file"), "{stderr}");
    let missing = place.spec(&json!({ "packages": [{ "paths": ["/nowhere/at/all"] }] }));
    let (_, stderr) = expect(&build(&[&missing, &"--dry-run"]), 1);
    assert!(stderr.contains("/nowhere/at/all does not exist"), "{stderr}");
}

#[test]
fn standard_input_serves_as_the_spec() {
    let place = Place::new();
    let a = place.package("a-1.0", &[("bin/x", "one")]);
    let mut child =
        command().args(["-", "--dry-run", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let spec = json!({ "packages": [{ "paths": [a] }] }).to_string();
    child.stdin.take().unwrap().write_all(spec.as_bytes()).unwrap();
    assert_eq!(document(&child.wait_with_output().unwrap(), 0)["links"], 1);
}

#[test]
fn structured_attributes_are_built_where_they_say() {
    let place = Place::new();
    let a = place.package("a-1.0", &[("bin/x", "one"), ("share/a", "a"), ("etc/no", "n")]);
    let b = place.package("b-1.0", &[("bin/x", "one"), ("bin/b", "b")]);
    let extra = place.package("c-1.0", &[("bin/b", "other"), ("bin/c", "c")]);
    fs::write(place.path("extra"), format!("{extra}\n/nowhere/at/all\n{a}/bin/x\n")).unwrap();
    let attrs = json!({
        "name": "env",
        "outputs": { "out": place.out() },
        "extraPrefix": "",
        "pathsToLink": ["/bin", "/share"],
        "ignoreCollisions": false,
        "checkCollisionContents": 1,
        "chosenOutputs": [{ "paths": [a], "priority": 5 }, { "paths": [b, "/nowhere/at/all"] }],
        "extraPathsFrom": place.path("extra"),
        "manifest": "",
        "unknown": { "to": "us" },
    });
    let spec = place.spec(&attrs);
    let plan = document(&build(&[&"--structured-attrs", &spec, &"--json"]), 0);
    assert_eq!((&plan["rules"], &plan["builds"]), (&json!("nixpkgs"), &json!(true)));
    let target = |name: &str| fs::read_link(place.out().join(name)).unwrap();
    assert_eq!(target("bin/x"), Path::new(&a).join("bin/x"));
    assert_eq!(target("bin/b"), Path::new(&b).join("bin/b"), "what is listed wins over the extra paths");
    assert_eq!(target("bin/c"), Path::new(&extra).join("bin/c"));
    assert!(!place.out().join("etc").exists());
    let (_, stderr) = expect(&build(&[&"--structured-attrs", &spec]), 1);
    assert!(stderr.contains("out exists already"), "{stderr}");
    expect(&build(&[&"--structured-attrs", &spec, &"--out", &place.path("elsewhere")]), 0);
    assert!(place.path("elsewhere/bin/x").exists());
}

#[test]
fn hostile_names_are_shown_but_not_obeyed() {
    let place = Place::new();
    let name = OsStr::from_bytes(b"evil\x1b[31m\xff\nname");
    let mut packages = Vec::new();
    for package in ["a", "b"] {
        let root = place.package(package, &[("bin/x", package)]);
        fs::write(Path::new(&root).join("bin").join(name), package).unwrap();
        packages.push(json!({ "name": format!("{package}\u{1b}]0;t\u{7}"), "paths": [root] }));
    }
    let spec = place.spec(&json!({ "packages": packages }));
    let (stdout, _) = expect(&build(&[&spec, &"--dry-run"]), 3);
    assert!(!stdout.contains('\x1b') && !stdout.contains('\x07'), "{stdout:?}");
    assert!(stdout.contains("bin/evil\\x1b[31m\\xff\\nname"), "{stdout}");
    let plan = document(&build(&[&spec, &"--dry-run", &"--json"]), 3);
    assert_eq!(plan["collisions"][0]["path"], "bin/evil\u{1b}[31m\\xff\nname");

    fs::write(place.path("spec.json"), "{\"packages\":[],\"\u{1b}[2Jkey\":1}").unwrap();
    let (_, stderr) = expect(&build(&[&place.path("spec.json"), &"--dry-run"]), 1);
    assert!(!stderr.contains('\x1b'), "{stderr:?}");
}

#[test]
fn a_closed_pipe_changes_neither_the_exit_code_nor_the_result() {
    let place = Place::new();
    let run = |arguments: &[&dyn AsRef<OsStr>]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command()
            .args(arguments.iter().map(AsRef::as_ref))
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let spec = place.tie(&json!({}));
    assert_eq!(run(&[&spec, &"--dry-run", &"--json"]), (Some(3), String::new()));
    let spec = place.tie(&json!({ "rules": "nixpkgs", "ignoreCollisions": true }));
    assert_eq!(run(&[&spec, &"--out", &place.out(), &"--json"]), (Some(0), String::new()));
    assert!(place.out().join("bin/a").exists());
    assert_eq!(run(&[&"--help"]), (Some(0), String::new()));
}
