//! Upgrades of both kinds of profile with real Nix: what is newer is taken with all that the user chose, what is another
//! project is not, and what stays is as it was to the byte.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::judge::{Kind, json};
use support::lab::{CACHE, Lab, Who};

macro_rules! with_every_nix {
    ($($check:ident),* $(,)?) => {
        $(mod $check {
            use crate::support::judge::Kind::{NixEnv, NixProfile};
            #[test]
            fn nix_env_2_8() { super::with("2.8", NixEnv, super::$check); }
            #[test]
            fn nix_env_2_26() { super::with("2.26", NixEnv, super::$check); }
            #[test]
            fn nix_env_2_34() { super::with("2.34", NixEnv, super::$check); }
            #[test]
            fn nix_profile_2_8() { super::with("2.8", NixProfile, super::$check); }
            #[test]
            fn nix_profile_2_26() { super::with("2.26", NixProfile, super::$check); }
            #[test]
            fn nix_profile_2_34() { super::with("2.34", NixProfile, super::$check); }
        })*
    };
}

with_every_nix!(
    everything_chosen_is_kept_and_nothing_else_is_touched,
    a_new_collision_is_told_before_anything_is_fetched,
    sources_are_changed_fail_and_are_pinned_each_for_itself,
);

fn with(version: &'static str, kind: Kind, check: fn(&Case)) {
    let Some(lab) = Lab::with_cache_or_skip(version, Who::Root) else { return };
    let profile = lab.profile("mine");
    let case = Case { lab, kind, profile };
    case.write("mine", &[]);
    // So that it is a profile of that kind.
    case.lab.nix_installs(kind, &case.profile, &["carried"]);
    let only = case.list().keys().next().unwrap().clone();
    case.loom(0, &["apply", &format!("-{only}")]);
    check(&case);
}

struct Case {
    lab: Lab,
    kind: Kind,
    profile: String,
}

/// A package: attribute, name with version, outputs, more of `meta`, and what it has in `bin/` beside its own name.
type Package<'a> = (&'a str, &'a str, &'a [&'a str], &'a str, &'a [&'a str]);

/// How the language says it.
fn expression(packages: &[Package<'_>]) -> String {
    let mut text = "{ system ? builtins.currentSystem }: {\n".to_owned();
    for (attribute, name, outputs, meta, commands) in packages {
        let mut script = String::new();
        for output in *outputs {
            let folder = format!("${output}/share/{attribute}");
            write!(script, "mkdir -p {folder}; echo {name} >{folder}/{output}; ").unwrap();
        }
        let first = outputs[0];
        for command in commands.iter().chain([attribute]) {
            write!(script, "mkdir -p ${first}/bin; echo {name} >${first}/bin/{command}; ").unwrap();
        }
        let list = outputs.iter().map(|output| format!("\"{output}\"")).collect::<Vec<_>>().join(" ");
        writeln!(
            text,
            "  {attribute} = derivation {{ name = \"{name}\"; inherit system; outputs = [ {list} ]; builder = \"/bin/sh\"; \
             PATH = \"/usr/bin:/bin\"; args = [ \"-euc\" ''{script}'' ]; }} // {{ meta = {{ {meta} }}; }};"
        ).unwrap();
    }
    text + "}\n"
}

const FLAKE: &str = "{ outputs = { self }: { packages = builtins.listToAttrs (map (system: { name = system; value = import ./. \
                     { inherit system; }; }) [ \"x86_64-linux\" \"aarch64-linux\" ]); }; }\n";

impl Case {
    fn write(&self, source: &str, packages: &[Package<'_>]) {
        self.write_text(source, &expression(packages));
    }

    fn write_text(&self, source: &str, text: &str) {
        let folder = self.lab.host(format!("/tmp/{source}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("default.nix"), text).unwrap();
        fs::write(folder.join("flake.nix"), FLAKE).unwrap();
    }

    fn any(&self, arguments: &[&str]) -> machine::Said {
        let mut options = vec!["--store".to_owned(), "nix".to_owned(), "--profile".to_owned(), self.profile.clone()];
        for entry in fs::read_dir(self.lab.host("/tmp")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !self.lab.host(format!("/tmp/{name}/flake.nix")).exists() || name == "packages" {
                continue;
            }
            let location = match self.kind {
                Kind::NixEnv => format!("/tmp/{name}/default.nix"),
                Kind::NixProfile => format!("path:/tmp/{name}"),
            };
            options.extend(["--source".to_owned(), format!("{name}={location}")]);
        }
        let options: Vec<&str> = options.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
        machine::said(&self.lab.loom_command(&options).output().unwrap())
    }

    #[track_caller]
    fn loom(&self, code: i32, arguments: &[&str]) -> String {
        let said = self.any(arguments);
        let lab = &self.lab;
        assert_eq!(
            said.code, code,
            "Nix {}, {:?}: {arguments:?}\n{}{}",
            lab.version, self.kind, said.stdout, said.stderr
        );
        said.stdout
    }

    #[track_caller]
    fn upgrade(&self, code: i32, arguments: &[&str]) -> Value {
        json(&self.loom(code, &[&["upgrade", "--json"], arguments].concat()))
    }

    #[track_caller]
    fn list(&self) -> BTreeMap<String, Value> {
        let list = json(&self.loom(0, &["list", "--json"]));
        let elements = list.as_array().unwrap().iter();
        elements.map(|element| (element["name"].as_str().unwrap().to_owned(), element.clone())).collect()
    }

    fn generation(&self) -> String {
        fs::read_link(self.lab.host(&self.profile)).unwrap().into_os_string().into_string().unwrap()
    }

    /// What the manifest records of what has this path, to the byte.
    fn record(&self, path: &str) -> String {
        let environment = self.lab.host(self.lab.follow(&self.profile));
        let text = match self.kind {
            Kind::NixEnv => {
                let link = environment.join("manifest.nix");
                let target = fs::read_link(link).unwrap();
                fs::read_to_string(self.lab.host(target)).unwrap()
            }
            Kind::NixProfile => fs::read_to_string(environment.join("manifest.json")).unwrap(),
        };
        // No text in it has a brace. In the third version the elements are a set, too.
        let at = text.find(path).unwrap();
        let depth = match self.kind {
            Kind::NixEnv => 0,
            Kind::NixProfile => 1 + usize::from(text.contains("\"version\":3")),
        };
        let (mut open, mut found) = (Vec::new(), None);
        for (place, letter) in text.char_indices() {
            match letter {
                '{' => open.push(place),
                '}' => {
                    let start = open.pop().unwrap();
                    let is_it = open.len() == depth && start < at && at < place;
                    found = found.or(is_it.then_some((start, place)));
                }
                _ => {}
            }
        }
        let (start, end) = found.unwrap();
        text[start..=end].to_owned()
    }
}

fn verdicts(document: &Value) -> BTreeMap<&str, &str> {
    let upgrades = document["upgrades"].as_array().unwrap().iter();
    upgrades.map(|it| (it["name"].as_str().unwrap(), it["verdict"].as_str().unwrap())).collect()
}

#[track_caller]
fn of<'a>(document: &'a Value, name: &str) -> &'a Value {
    document["upgrades"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap()
}

const OUT: &[&str] = &["out"];

fn with_source<'a>(source: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["--source", source], arguments].concat()
}

#[allow(clippy::too_many_lines)] // one profile, of which all is kept at once
fn everything_chosen_is_kept_and_nothing_else_is_touched(case: &Case) {
    let is_nix_env = case.kind == Kind::NixEnv;
    let all = &["out", "dev", "man"][..];
    case.write(
        "mine",
        &[
            ("tool", "tool-1.9", all, "outputsToInstall = [ \"out\" ];", &[]),
            ("other", "other-1", OUT, "", &[]),
            ("same", "same-1", &["out", "dev"], "", &[]),
            ("home", "home-1", OUT, "homepage = \"https://www.one.example/\"; description = \"The first\";", &[]),
            ("moved", "moved-1", OUT, "homepage = \"https://www.moved.example/\";", &[]),
            ("renamed", "renamed-1", OUT, "", &[]),
            ("gone", "gone-1", OUT, "", &[]),
            ("throws", "throws-1", OUT, "", &[]),
            ("shrinks", "shrinks-1", &["out", "lib"], "", &[]),
            ("older", "older-2.0", OUT, "", &[]),
            ("rebuilt", "rebuilt-1", OUT, "", &[]),
        ],
    );
    let install = [
        "tool^man,out:priority=3",
        "other",
        "same^dev:priority=7",
        "home",
        "moved",
        "renamed",
        "gone",
        "throws",
        "shrinks^lib",
        "older",
        "rebuilt",
    ];
    case.loom(0, &[&["apply"], &install[..]].concat());
    case.loom(0, &["apply", "tool:active=false", "other:priority=2"]);
    if is_nix_env {
        case.lab.run("nix-env", &["-p", &case.profile, "--set-flag", "keep", "true", "tool"]);
    }
    let before = case.list();
    let same_path = before["same"]["outputs"]["dev"].as_str().unwrap().to_owned();
    let same = case.record(&same_path);
    assert!(same.contains("same-1") && !same.contains("other-1"), "{same}");
    let quiet = case.upgrade(0, &[]);
    assert!(verdicts(&quiet).values().all(|verdict| *verdict == "unchanged"), "{quiet}");
    assert_eq!((&quiet["unchanged"], &quiet["preview"]), (&json!(true), &Value::Null));

    let newer = expression(&[
        ("tool", "tool-1.10", all, "outputsToInstall = [ \"out\" ];", &[]),
        ("other", "other-2", OUT, "", &[]),
        ("same", "same-1", &["out", "dev"], "", &[]),
        ("home", "home-2", OUT, "homepage = \"https://two.example\"; description = \"The second\";", &[]),
        ("moved", "moved-2", OUT, "homepage = \"http://moved.example\";", &[]),
        ("renamed", "different-2", OUT, "", &[]),
        ("shrinks", "shrinks-2", OUT, "", &[]),
        ("older", "older-1.0", OUT, "", &[]),
        ("rebuilt", "rebuilt-1", OUT, "", &["more"]),
    ]);
    let newer = newer.trim_end().strip_suffix('}').unwrap().to_owned() + "  throws = throw \"not any more\";\n}\n";
    case.write_text("mine", &newer);
    let generation = case.generation();
    let told = case.upgrade(1, &[]);
    assert_eq!(case.generation(), generation, "nothing is changed yet");
    let mut expected = BTreeMap::from([
        ("tool", "newer"),
        ("other", "newer"),
        ("same", "unchanged"),
        ("moved", "newer"),
        ("renamed", "other-project"),
        ("gone", "gone"),
        ("throws", "obstacle"),
        ("shrinks", "newer"),
        ("older", "older"),
        ("rebuilt", "another-build"),
    ]);
    // Only nix-env records homepages.
    expected.insert("home", if is_nix_env { "other-project" } else { "newer" });
    // nix-env calls an element by its derivation.
    assert_eq!(verdicts(&told), expected, "{told:#}");
    assert!(of(&told, "throws")["reason"].as_str().unwrap().contains("not any more"), "{told:#}");
    if is_nix_env {
        let home = of(&told, "home");
        assert_eq!(
            (&home["installed"]["homepage"], &home["offered"]["homepage"]),
            (&json!("https://www.one.example/"), &json!("https://two.example"))
        );
        assert_eq!(
            (&home["installed"]["description"], &home["offered"]["description"]),
            (&json!("The first"), &json!("The second"))
        );
    }
    assert_eq!(of(&told, "renamed")["installed"]["name"], "renamed");
    assert_eq!(of(&told, "renamed")["offered"]["name"], "different");
    let shrinks = of(&told, "shrinks");
    assert_eq!((&shrinks["lost_outputs"], &shrinks["outputs"]), (&json!(["lib"]), &json!(["out"])));
    assert_eq!(of(&told, "tool")["alone"]["builds"], 1);
    let text = case.loom(1, &["upgrade"]);
    for words in ["1.9 -> 1.10", "it no longer has lib; it has out instead", "--other-project renamed", "--older older"]
    {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }

    case.upgrade(1, &["--apply"]);
    let after = case.list();
    let version = |name: &str| after[name]["version"].as_str().unwrap().to_owned();
    for (name, expected) in [
        ("tool", "1.10"),
        ("other", "2"),
        ("same", "1"),
        ("moved", "2"),
        ("renamed", "1"),
        ("gone", "1"),
        ("throws", "1"),
        ("shrinks", "2"),
        ("older", "2.0"),
        ("home", if is_nix_env { "1" } else { "2" }),
    ] {
        assert_eq!(version(name), expected, "{name}");
    }
    let outputs = |name: &str| {
        let mut names: Vec<String> = after[name]["outputs"].as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(
        (outputs("tool"), outputs("same"), outputs("shrinks")),
        (vec!["man".into(), "out".into()], vec!["dev".to_owned()], vec!["out".into()])
    );
    let choice = |name: &str| (after[name]["priority"].clone(), after[name]["active"].clone());
    assert_eq!(choice("tool"), (json!(3), json!(false)));
    assert_eq!(choice("other"), (json!(2), json!(true)));
    assert_ne!(after["rebuilt"]["outputs"], before["rebuilt"]["outputs"]);
    assert_eq!(case.record(&same_path), same, "what is unchanged is as it was to the byte");
    if is_nix_env {
        let tool = case.record(after["tool"]["outputs"]["out"].as_str().unwrap());
        assert!(tool.contains("keep = \"true\""), "{tool}");
    }
    let listed = case.lab.nix_lists(case.kind, &case.profile);
    assert_eq!(listed.len(), after.len(), "Nix itself reads all of it: {listed:?}");
    let generations = json(&case.loom(0, &["generations", "--json"]));
    let number = |link: &str| link.rsplit('-').nth(1).unwrap().parse::<u64>().unwrap();
    assert_eq!(number(&case.generation()), number(&generation) + 1, "one generation: {generations}");

    // By name, and what is refused on request only.
    case.upgrade(1, &["renamed", "--apply"]);
    assert_eq!(case.list()["renamed"]["version"], "1");
    case.upgrade(0, &["renamed", "older", "--other-project", "renamed", "--older", "older", "--apply"]);
    let after = case.list();
    assert_eq!(after["older"]["version"], "1.0");
    let swapped = if is_nix_env { "different" } else { "renamed" };
    assert_eq!(after[swapped]["version"], "2");
    assert_eq!(case.record(&same_path), same);
    case.loom(1, &["upgrade", "nobody"]);
}

fn a_new_collision_is_told_before_anything_is_fetched(case: &Case) {
    let lab = &case.lab;
    let write = |commands: &[&str], version: &str| {
        case.write("mine", &[("tool", version, OUT, "", commands), ("other", "other-1", OUT, "", &[])]);
    };
    write(&[], "tool-1");
    case.loom(0, &["apply", "tool", "other"]);
    write(&["other"], "tool-2");
    let path = lab.run("nix-build", &["--no-out-link", "/tmp/mine/default.nix", "-A", "tool"]);
    let path = path.trim();
    lab.run("nix", &["copy", "--no-check-sigs", "--to", &format!("file://{CACHE}?write-nar-listing=1"), path]);
    lab.run("nix-collect-garbage", &[]);
    let is_here = || fs::symlink_metadata(lab.host(Path::new(path))).is_ok();
    assert!(!is_here(), "it is only in the cache");
    let generation = case.generation();
    let told = case.upgrade(3, &[]);
    let tool = of(&told, "tool");
    assert_eq!((&tool["verdict"], &tool["alone"]["blocking"]), (&json!("newer"), &json!(1)), "{told:#}");
    assert!(tool["alone"]["download_bytes"].as_u64().unwrap() > 0, "{told:#}");
    let collision = &told["preview"]["collisions"][0];
    assert_eq!((&collision["path"], &collision["origin"]), (&json!("bin/other"), &json!("new")), "{told:#}");
    assert_eq!(told["preview"]["fetch"]["unknown"], json!([]));
    assert!(!is_here(), "it was told from its listing");
    case.upgrade(3, &["--apply"]);
    let text = case.loom(3, &["upgrade", "--apply"]);
    assert!(
        text.contains("refused, and nothing was changed") && text.contains("1 new collision (1 blocking)"),
        "{text}"
    );
    assert!(!is_here());
    assert_eq!(case.generation(), generation);
    // With a way out it is taken, flags and all.
    case.loom(0, &["apply", "tool:priority=4"]);
    case.upgrade(0, &["--apply"]);
    assert!(is_here());
    assert_eq!((&case.list()["tool"]["version"], &case.list()["tool"]["priority"]), (&json!("2"), &json!(4)));
}

fn sources_are_changed_fail_and_are_pinned_each_for_itself(case: &Case) {
    let lab = &case.lab;
    let tool = |source: &str, name: &str| case.write(source, &[("tool", name, &["out", "dev"], "", &[])]);
    let one = |source: &str, name: &str| case.write(source, &[(name.split('-').next().unwrap(), name, OUT, "", &[])]);
    tool("mine", "tool-1");
    tool("others", "tool-3");
    one("failing", "fragile-1");
    one("twice", "twice-1");
    // What is in the store never changes: a source there is pinned.
    one("first", "pinned-1");
    let pin = lab.run("nix-store", &["--add", "/tmp/first"]).trim().to_owned();
    let pinned = format!("pin={}", if case.kind == Kind::NixEnv { pin.clone() } else { format!("path:{pin}") });
    let install = ["apply", "tool@mine^dev:priority=6", "fragile", "twice", "pinned@pin"];
    case.loom(0, &with_source(&pinned, &install));
    tool("mine", "tool-2");
    one("twice", "twice-2");
    one("first", "pinned-2");
    case.write_text("failing", "{ }: {\n  fragile = oops oops\n");
    let told = json(&case.loom(1, &with_source(&pinned, &["upgrade", "--json"])));
    let expected =
        BTreeMap::from([("tool", "newer"), ("fragile", "failed"), ("twice", "newer"), ("pinned", "unchanged")]);
    assert_eq!(verdicts(&told), expected, "{told:#}");
    assert!(of(&told, "fragile")["reason"].as_str().unwrap().contains("syntax error"), "{told:#}");

    // From another source, which the others do not have.
    let from =
        json(&case.loom(0, &with_source(&pinned, &["upgrade", "tool", "--from", "others", "--apply", "--json"])));
    let change = of(&from, "tool");
    assert_eq!(
        (&change["change"], &change["from"], &change["to"]),
        (&json!("tool:source=others"), &json!("1"), &json!("3"))
    );
    let after = case.list();
    assert_eq!((&after["tool"]["source"], &after["tool"]["version"]), (&json!("others"), &json!("3")));
    assert_eq!((&after["tool"]["priority"], after["tool"]["outputs"].as_object().unwrap().len()), (&json!(6), 1));
    assert!(after["tool"]["outputs"].get("dev").is_some());
    assert_eq!(after["fragile"]["version"], "1");
    let back = json(&case.loom(1, &with_source(&pinned, &["upgrade", "tool", "--from", "mine", "--json"])));
    assert_eq!(verdicts(&back), BTreeMap::from([("tool", "older")]));
    let none = json(&case.loom(1, &with_source(&pinned, &["upgrade", "twice", "--from", "others", "--json"])));
    assert_eq!(verdicts(&none), BTreeMap::from([("twice", "gone")]));
    case.loom(1, &with_source(&pinned, &["upgrade", "--from", "nowhere"]));
    // A file that is one package is evaluated anew.
    let environment = |says: &str| {
        let script = format!("mkdir -p $out/share; echo {says} >$out/share/my_env");
        let text = format!(
            "derivation {{ name = \"my_env\"; system = builtins.currentSystem; builder = \"/bin/sh\"; \
             PATH = \"/usr/bin:/bin\"; args = [ \"-euc\" ''{script}'' ]; }}"
        );
        fs::write(lab.host("/tmp/my_env.nix"), text).unwrap();
    };
    environment("one");
    case.loom(0, &with_source(&pinned, &["apply", "default@/tmp/my_env.nix:priority=4"]));
    let before = case.list()["my_env"].clone();
    environment("two");
    let told = json(&case.loom(0, &with_source(&pinned, &["upgrade", "my_env", "--apply", "--json"])));
    assert_eq!(verdicts(&told), BTreeMap::from([("my_env", "another-build")]));
    let after = case.list()["my_env"].clone();
    assert_ne!(after["outputs"], before["outputs"]);
    assert_eq!((&after["priority"], &after["source"]), (&json!(4), &json!("/tmp/my_env.nix")));

    // The failing one stood in nobody's way.
    case.loom(1, &with_source(&pinned, &["upgrade", "--apply"]));
    assert_eq!(case.list()["twice"]["version"], "2");
    // Without its source, an element stays as it is.
    let gone = json(&case.loom(1, &["upgrade", "--json"]));
    let verdict = of(&gone, "pinned")["verdict"].as_str().unwrap();
    assert!(["unknown-source", "unchanged"].contains(&verdict), "{gone:#}");
}
