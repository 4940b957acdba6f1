//! Whole sources as a real Nix lists them, in every version: a file of which much fails, a flake of it, a channel.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix_loom::nix::{Access, Config, Installation, User};
use nix_loom::package::{Obstacle, Package};
use nix_loom::progress::{Progress, Recorded, Silent, Step};
use nix_loom::source::{Location, NixSource, Spec, discover};
use serde_json::Value;
use support::lab::{Lab, Who};

/// Where the file and the flake of `tests/fixtures/listed` are seen inside.
const LISTED: &str = "/tmp/listed";

/// A Nix in a lab, called from outside.
struct Inside {
    lab: Lab,
    programs: tempfile::TempDir,
}

impl Inside {
    fn or_skip(version: &'static str, who: Who) -> Option<Self> {
        let inside = Self { lab: Lab::or_skip(version, who)?, programs: tempfile::tempdir().unwrap() };
        for program in ["nix", "nix-instantiate"] {
            inside.wrap(program);
        }
        copy_listed(&inside.lab.host(LISTED));
        Some(inside)
    }

    /// A program that runs this one inside.
    fn wrap(&self, program: &str) {
        let command = self.lab.command(program, &[]);
        let quoted = |text: &std::ffi::OsStr| format!("'{}'", text.to_str().unwrap());
        let variables = command
            .get_envs()
            .filter_map(|(name, value)| Some(format!("export {}={}\n", name.to_str().unwrap(), quoted(value?))));
        let words: Vec<String> = [command.get_program()].into_iter().chain(command.get_args()).map(quoted).collect();
        let script = format!("#!/bin/sh\n{}exec {} \"$@\"\n", variables.collect::<String>(), words.join(" "));
        let path = self.programs.path().join(program);
        fs::write(&path, script).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn installation(&self) -> Installation {
        Installation {
            store_directory: self.lab.store().into(),
            state_directory: "/nix/var/nix".into(),
            access: Access::Direct,
            config: Config::default(),
            user: User {
                name: "somebody".into(),
                is_root: false,
                home: Some(self.lab.host(self.lab.home())),
                state_home: None,
                config_home: None,
            },
            search_path: vec![self.programs.path().to_owned()],
        }
    }

    fn source(&self, location: Location) -> NixSource {
        NixSource::new(Spec { name: "mine".into(), location, listing: None, pin: None }, Arc::new(self.installation()))
    }
}

fn copy_listed(to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["default.nix", "flake.nix"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/listed").join(name);
        fs::write(to.join(name), fs::read(from).unwrap()).unwrap();
    }
}

/// All rows, by attribute, no attribute twice.
#[track_caller]
fn list(source: &NixSource) -> BTreeMap<String, Package> {
    let mut rows = BTreeMap::new();
    let mut each = |package: Package| {
        assert_eq!(&*package.source, "mine");
        let again = rows.insert(package.attribute.clone(), package);
        assert_eq!(again, None, "twice");
    };
    source.list(&mut each, &Silent).unwrap();
    rows
}

fn failure(package: &Package) -> Option<&str> {
    package.obstacles.iter().find_map(|obstacle| match obstacle {
        Obstacle::Failed(reason) => Some(&**reason),
        _ => None,
    })
}

fn outputs(package: &Package) -> Vec<&str> {
    package.outputs.iter().map(|output| &*output.name).collect()
}

/// What fails of `default.nix`, and a part of the reason.
const FAILS: [(&str, &str); 28] = [
    ("abort0", "abort0 has ended it"),
    ("abortInMeta", "abortInMeta has ended it"),
    ("abortInName", "abortInName has ended it"),
    ("abortInRecurse", "abortInRecurse has ended it"),
    ("aborted0", "aborted0 has ended it"),
    ("aborted1", "aborted1 has ended it"),
    ("aborted2", "aborted2 has ended it"),
    ("aborted3", "aborted3 has ended it"),
    ("asserted", "throws"),
    ("circular", "infinite recursion"),
    ("deep", "stack overflow"),
    ("missing0", "gone"),
    ("missing1", "gone"),
    ("mistyped0", "integer"),
    ("mistyped1", "list"),
    ("nameless", "name"),
    ("numbered", "throws"),
    ("sets.aborted", "sets.aborted has ended it"),
    ("sets.thrown", "throws"),
    ("throwInName", "throws"),
    ("throwInType", "throws"),
    ("thrown0", "throws"),
    ("thrown1", "throws"),
    ("thrown2", "throws"),
    ("thrown3", "throws"),
    ("thrown4", "throws"),
    ("thrown5", "throws"),
    ("thrown6", "throws"),
];

#[track_caller]
fn fails_as_such(rows: &BTreeMap<String, Package>) {
    let failed: BTreeSet<&str> =
        rows.iter().filter(|(_, row)| failure(row).is_some()).map(|(name, _)| &**name).collect();
    assert_eq!(failed, FAILS.iter().map(|(name, _)| *name).collect());
    for (name, part) in FAILS {
        let reason = failure(&rows[name]).unwrap();
        assert!(reason.contains(part) && !reason.contains(char::is_control), "{name}: {reason}");
        assert!(rows[name].is_unevaluated());
    }
}

#[track_caller]
fn has_the_right_fields(rows: &BTreeMap<String, Package>) {
    let several = &rows["several"];
    assert_eq!((&*several.name, &*several.version, several.priority), ("several", "1.5-rc1", 3));
    assert_eq!((&*several.description, &*several.long_description), ("Has outputs", "More of it."));
    assert_eq!((&*several.homepage, several.main_program.as_deref()), ("https://several.example", Some("severally")));
    assert_eq!(several.licenses, ["MIT", "Own"]);
    assert_eq!(
        (outputs(several), &several.default_outputs),
        (vec!["dev", "out", "man"], &vec!["out".into(), "man".into()])
    );
    assert!(several.outputs.iter().all(|output| output.path.is_none()) && several.is_unevaluated());
    for (name, obstacle) in [
        ("broken", Obstacle::Broken),
        ("unfree", Obstacle::Unfree),
        ("insecure", Obstacle::Insecure),
        ("foreign", Obstacle::OtherSystem),
    ] {
        assert_eq!((&rows[name].obstacles, outputs(&rows[name])), (&vec![obstacle], vec!["out"]), "{name}");
    }
    let in_part = &rows["metaInPart"];
    assert_eq!(
        (&*in_part.description, &in_part.licenses, &in_part.obstacles),
        ("The rest of meta is there", &vec![], &vec![])
    );
    assert_eq!((&*rows["undescribed"].description, &*rows["undescribed"].long_description), ("", ""));
    assert_eq!(rows["hostile"].description, "a b \u{1b}[31mred \u{1b}]0;title");
    assert_eq!((&*rows["bare"].name, &*rows["bare"].version), ("bare", ""));
    for (name, version) in [("\"7off\"", "7"), ("\"a.b\"", "1"), ("\"q\\\"uo\\\\te \\${x}\"", "1"), ("\"é\"", "1")] {
        assert_eq!(rows[name].version, version, "{name}");
    }
    assert_eq!((&*rows["sets.one"].version, &*rows["sets.inner.two"].version), ("1", "2"));
    for absent in ["sets", "sets.closed.three", "closed.four", "halfOpen.five", "text", "function", "list", "nothing"] {
        assert!(!rows.contains_key(absent), "{absent}");
    }
}

/// What nix-env says of the same file without what ends it: the same rows, but those that it leaves out.
#[track_caller]
fn is_what_nix_env_lists(lab: &Lab, rows: &BTreeMap<String, Package>) {
    let arguments = ["-f", LISTED, "-qaP", "--json", "--meta"];
    assert_ne!(lab.any("nix-env", &arguments).code, Some(0), "one abort ends all of it");
    let told = lab.run("nix-env", &[&arguments[..], &["--arg", "withFatal", "false"]].concat());
    let told: BTreeMap<String, Value> = serde_json::from_str(&told).unwrap();
    // It knows no names in quotes.
    let is_known = |name: &str| !name.contains('"') && name != "metaInPart";
    let good = rows.iter().filter(|(name, row)| failure(row).is_none() && is_known(name));
    assert_eq!(good.clone().map(|(name, _)| name).collect::<Vec<_>>(), told.keys().collect::<Vec<_>>());
    for (name, row) in good {
        let told = &told[name];
        let text = |value: &Value| value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((&row.name, &row.version), (&text(&told["pname"]), &text(&told["version"])), "{name}");
        assert_eq!(row.description, text(&told["meta"]["description"]), "{name}");
        let names: BTreeSet<_> = told["outputs"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(outputs(row).into_iter().collect::<BTreeSet<_>>(), names, "{name}");
        for (field, obstacle) in [("broken", Obstacle::Broken), ("unfree", Obstacle::Unfree)] {
            assert_eq!(told["meta"][field] == Value::Bool(true), row.obstacles.contains(&obstacle), "{name} {field}");
        }
    }
}

#[track_caller]
fn packages_can_be_looked_at(source: &NixSource, rows: &BTreeMap<String, Package>) {
    for name in ["several", "plain7", "sets.inner.two", "\"q\\\"uo\\\\te \\${x}\""] {
        let package = source.package(name, &Silent).unwrap().unwrap();
        assert!(!package.is_unevaluated() && package.outputs.iter().all(|output| output.path.is_some()), "{name}");
        // An evaluation tells more than a listing, and nothing else.
        let mut listed = Package { evaluated: package.evaluated.clone(), ..rows[name].clone() };
        listed.outputs.clone_from(&package.outputs);
        assert_eq!((&listed, outputs(&rows[name])), (&package, outputs(&package)), "{name}");
    }
    for (name, part) in
        [("thrown0", "thrown0 is gone"), ("aborted3", "aborted3 has ended it"), ("unfree", "unfree-1 is refused")]
    {
        let message = source.package(name, &Silent).unwrap_err().message;
        assert!(message.contains(part), "{name}: {message}");
    }
}

fn a_file_is_listed(inside: &Inside) {
    let source = inside.source(Location::File(LISTED.into()));
    assert_eq!(source.attributes(&Silent).unwrap().len(), 200);
    let rows = list(&source);
    fails_as_such(&rows);
    has_the_right_fields(&rows);
    is_what_nix_env_lists(&inside.lab, &rows);
    packages_can_be_looked_at(&source, &rows);
}

fn a_flake_is_listed(inside: &Inside) {
    let source = inside.source(Location::Flake(format!("path:{LISTED}")));
    let rows = list(&source);
    assert_eq!(rows["plain0"].name, "of-packages", "what is in both is meant in packages");
    assert_eq!(rows["default"].name, "several");
    assert!(failure(&rows["aborted"]).unwrap().contains("packages.aborted has ended it"));
    assert!(!rows.contains_key("sets.notFlat"), "packages has no sets");
    let mut of_legacy = rows.clone();
    let is_only_in_packages = |name: &String| name == "aborted" || name == "default" || name == "plain0";
    of_legacy.retain(|name, _| !is_only_in_packages(name));
    fails_as_such(&of_legacy);
    has_the_right_fields(&of_legacy);
    assert_eq!(rows["several"].default_outputs, ["out", "man"]);
    packages_can_be_looked_at(&source, &rows);
}

fn a_channel_is_found_and_listed(inside: &Inside) {
    let home = inside.lab.home();
    inside.lab.run("mkdir", &[&format!("{home}/.nix-defexpr")]);
    inside.lab.run("cp", &["-r", LISTED, &format!("{home}/.nix-defexpr/mine")]);
    let found = discover(&inside.installation(), &|_| None);
    assert_eq!(found.len(), 1, "{found:?}");
    let Location::File(place) = &found[0].spec.location else { panic!("{found:?}") };
    let place = Path::new(home).join(place.strip_prefix(inside.lab.host(home)).unwrap());
    assert_eq!((&*found[0].spec.name, place.to_str()), ("mine", Some(&*format!("{home}/.nix-defexpr/mine"))));
    let source = inside.source(Location::File(place));
    let rows = list(&source);
    fails_as_such(&rows);
    // As nix-env finds it of itself.
    let told = inside.lab.run("nix-env", &["-qaP", "--json", "--arg", "withFatal", "false"]);
    let told: BTreeMap<String, Value> = serde_json::from_str(&told).unwrap();
    let good = rows.iter().filter(|(name, row)| failure(row).is_none() && !name.contains('"'));
    let good: BTreeSet<_> = good.map(|(name, _)| name.as_str()).filter(|name| *name != "metaInPart").collect();
    let told: BTreeSet<_> = told.keys().map(|name| name.strip_prefix("mine.").unwrap_or(name)).collect();
    assert_eq!(good, told);
    packages_can_be_looked_at(&source, &rows);
}

/// A small file, in the oldest and in the newest version.
fn each_end(check: impl Fn(&Inside)) {
    for version in ["2.8", "2.34"] {
        if let Some(inside) = Inside::or_skip(version, Who::Root) {
            check(&inside);
        }
    }
}

impl Inside {
    /// A source of a file with this text.
    fn file(&self, text: &str) -> NixSource {
        fs::write(self.lab.host("/tmp/small.nix"), text).unwrap();
        self.source(Location::File("/tmp/small.nix".into()))
    }
}

/// What was given before the listing failed, and why it did.
#[track_caller]
fn list_in_part(source: &NixSource) -> (Vec<String>, String) {
    let mut given = Vec::new();
    let error = source.list(&mut |package| given.push(package.attribute), &Silent).unwrap_err();
    (given, error.to_string())
}

#[test]
fn files_of_every_form_are_listed() {
    each_end(|inside| {
        let one = r#"derivation { name = "one-2"; system = "x"; builder = "/bin/sh"; }"#;
        for (text, expected) in [
            (one.to_owned(), &["default"][..]),
            (format!("{{ name ? \"x\" }}: {{ ${{name}} = {one}; called = {{ y ? 1 }}: {one}; }}"), &["x"]),
            (format!("{{ recurseForDerivations = true; a.b = {one}; c = {one}; }}"), &["c"]),
            ("{ }".to_owned(), &[]),
        ] {
            let rows = list(&inside.file(&text));
            assert_eq!(rows.keys().collect::<Vec<_>>(), expected, "{text}");
            assert!(rows.values().all(|row| row.version == "2" && row.is_unevaluated()), "{text}");
        }
        let rows = list(&inside.file(&format!("[ ({one}) ({one}) ]")));
        assert_eq!(rows.keys().collect::<Vec<_>>(), ["one", "one-1"]);
        for (text, problem) in
            [("[ 1 ]", "item 1 of the list is no package"), ("1", "is a number, and no set of packages")]
        {
            let (given, error) = list_in_part(&inside.file(text));
            assert!(given.is_empty() && error.contains(problem), "{error}");
        }
    });
}

#[test]
fn sets_that_hold_each_other_come_to_an_end() {
    each_end(|inside| {
        let one = r#"name: derivation { inherit name; system = "x"; builder = "/bin/sh"; }"#;
        let circle = inside.file(&format!(
            "let one = {one}; in rec {{ x = one \"x\"; set = {{ recurseForDerivations = true; inherit set x; }}; }}"
        ));
        let rows = list(&circle);
        assert_eq!(rows.len(), 8, "{:?}", rows.keys());
        assert!(rows.contains_key("set.set.set.set.set.set.set.x"));
        let wide = inside.file(
            "let set = { recurseForDerivations = true; } // builtins.listToAttrs
                (builtins.genList (n: { name = \"s${toString n}\"; value = set; }) 99); in set",
        );
        let (given, error) = list_in_part(&wide);
        assert!(given.is_empty() && error.contains("it has over 1000000 attributes"), "{error}");
    });
}

#[test]
fn a_source_in_which_nothing_works_is_given_up() {
    let Some(inside) = Inside::or_skip("2.8", Who::Root) else { return };
    let source = inside
        .file("builtins.listToAttrs (builtins.genList (n: { name = \"a${toString n}\"; value = abort \"no\"; }) 300)");
    let (given, error) = list_in_part(&source);
    assert_eq!(given.len(), 200);
    assert!(error.starts_with("source mine: over 200 of its attributes end the evaluation"), "{error}");
    assert!(error.ends_with("'no'"), "{error}");
    let (given, error) = list_in_part(&inside.file("{ needed }: { }"));
    assert!(given.is_empty() && error.contains("needed"), "{error}");
}

#[test]
fn a_large_source_is_listed_in_parts_and_tells_how_far_it_is() {
    each_end(|inside| {
        let source = inside.file(
            r#"let set = count: builtins.listToAttrs (builtins.genList (n: {
                name = "package-with-a-rather-long-name-${toString n}";
                value = { type = "derivation"; name = "p-${toString n}"; outPath = "/x"; };
            }) count); in set 9000 // { set = set 3000 // { recurseForDerivations = true; }; single = set 1; }"#,
        );
        let (mut rows, recorded) = (Vec::new(), Recorded::default());
        source.list(&mut |package| rows.push(package), &recorded).unwrap();
        assert_eq!(rows.len(), 12_000);
        let is_nested = |row: &Package| row.attribute.starts_with("set.");
        assert!(rows[..9000].iter().all(|row| !is_nested(row)) && rows[9000..].iter().all(is_nested));
        let steps = recorded.0.lock().unwrap();
        let told: Vec<_> = steps.iter().filter(|step| step.total > 0).collect();
        assert!(told.iter().all(|step| step.what == "listing mine"));
        assert!(told.len() >= 4 && told.is_sorted_by_key(|step| step.done), "{told:?}");
        // `set` itself, `single` and `recurseForDerivations` are attributes as well.
        assert!(told[0].total == 9002 && told[told.len() - 1].total == 12_003, "{told:?}");
    });
}

/// Wants nothing any more as soon as the first attributes are asked for.
#[derive(Default)]
struct Impatient(AtomicBool);

impl Progress for Impatient {
    fn step(&self, step: Step) {
        self.0.fetch_or(step.total > 0, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_listing_that_nobody_wants_any_more_is_stopped() {
    each_end(|inside| {
        let source = inside.file(
            "{ slow = builtins.foldl' (sum: n: sum + builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 10000))
                0 (builtins.genList (x: x) 1000000); }",
        );
        let error = source.list(&mut |package| panic!("{package:?}"), &Impatient::default()).unwrap_err();
        assert_eq!(error.message, "stopped");
    });
}

macro_rules! in_labs {
    ($($check:ident),*) => {
        $(mod $check {
            use super::{Inside, Who};
            #[test]
            fn root_2_8() {
                Inside::or_skip("2.8", Who::Root).iter().for_each(super::$check);
            }
            #[test]
            fn alice_2_26() {
                Inside::or_skip("2.26", Who::Alice).iter().for_each(super::$check);
            }
            #[test]
            fn root_behind_daemon_2_34() {
                Inside::or_skip("2.34", Who::RootBehindDaemon).iter().for_each(super::$check);
            }
        })*
    };
}
in_labs!(a_file_is_listed, a_flake_is_listed, a_channel_is_found_and_listed);
