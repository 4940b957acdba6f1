//! Ours and Nix' own programs take turns on one profile, with every version of Nix, every kind of user, both kinds of
//! profile; after every step Nix is asked whether it could have been its own.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Child, Stdio};

use support::judge::{Element, Kind, Listed, json};
use support::lab::{Lab, PACKAGES, in_every_lab};

in_every_lab!(
    nix_env_and_we_take_turns,
    nix_profile_and_we_take_turns,
    a_single_package_is_shown_kept_and_taken_over,
    a_first_profile_is_made_where_nix_finds_it,
    changes_at_once_are_all_kept
);

fn nix_env_and_we_take_turns(lab: &Lab) {
    take_turns(&Turns::new(lab, Kind::NixEnv));
}

fn nix_profile_and_we_take_turns(lab: &Lab) {
    take_turns(&Turns::new(lab, Kind::NixProfile));
}

/// A profile that ours and Nix' programs change in turns.
struct Turns<'a> {
    lab: &'a Lab,
    kind: Kind,
    profile: String,
}

fn take_turns(turns: &Turns) {
    let Turns { lab, kind, profile } = turns;
    // What Nix began, we go on with, and it stays what it was.
    lab.nix_installs(*kind, profile, &["hello"]);
    turns.check("Nix installed hello");

    turns.apply(&["several", "even"]);
    assert_eq!(turns.outputs("several"), ["man", "out"], "what the package says is to be installed");
    turns.apply(&["several^out,dev"]);
    assert_eq!(turns.outputs("several"), ["dev", "out"]);
    turns.apply(&["several^dev"]);
    assert_eq!(turns.outputs("several"), ["dev"]);
    turns.apply(&["odd", "carrier"]);
    turns.apply(&["even:active=false"]);
    assert!(!turns.ours()["even"].active);
    turns.apply(&["even:active=true"]);

    // `nix profile` of 2.8 knows no priorities: it would build with none of them, and forget them.
    if turns.has_priorities() {
        turns.apply(&["meek"]);
        assert_eq!(turns.ours()["meek"].priority, 10);
        turns.apply(&["rival:priority=4"]);
        turns.apply(&["hello:priority=3", "rival:priority=7"]);
        assert_eq!((turns.ours()["hello"].priority, turns.ours()["rival"].priority), (3, 7));
        turns.apply(&["-meek"]);
    }
    let before = turns.lab.follow(profile);
    turns.refuse(&["bold:priority=3", "hello:priority=3"]);
    assert_eq!(lab.follow(profile), before, "a collision changes nothing");

    turns.is_healthy();
    turns.nix_goes_on();
    turns.roll_back();
    turns.convert();
    turns.delete_generations();
}

impl<'a> Turns<'a> {
    fn new(lab: &'a Lab, kind: Kind) -> Self {
        Self { lab, kind, profile: lab.profile("mine") }
    }

    /// The same profile, after it became one of the other kind.
    fn of(&self, kind: Kind) -> Self {
        Self { lab: self.lab, kind, profile: self.profile.clone() }
    }

    fn other(&self) -> Kind {
        if self.kind == Kind::NixEnv { Kind::NixProfile } else { Kind::NixEnv }
    }

    fn has_priorities(&self) -> bool {
        self.kind == Kind::NixEnv || self.lab.version != "2.8"
    }

    /// The name of an element, which `nix-env` takes from the package and `nix profile` from the attribute.
    fn name(&self, attribute: &str) -> String {
        if self.kind == Kind::NixEnv && attribute == "odd" { "odd-font".to_owned() } else { attribute.to_owned() }
    }

    /// Runs the program, which must end with `code`.
    #[track_caller]
    fn loom(&self, code: i32, arguments: &[&str]) -> machine::Said {
        let said = machine::said(&loom(self.lab, self.kind, &self.profile, arguments).wait_with_output().unwrap());
        let lab = self.lab;
        assert_eq!(
            said.code, code,
            "Nix {}, {:?}, {:?}: {arguments:?}\n{}{}",
            lab.version, lab.who, self.kind, said.stdout, said.stderr
        );
        said
    }

    /// One new generation by these changes, and all is as it should be.
    #[track_caller]
    fn apply(&self, changes: &[&str]) {
        let before = self.lab.generations(&self.profile);
        self.loom(0, &[&["apply"], changes].concat());
        let after = self.lab.generations(&self.profile);
        assert_eq!(after[..before.len()], before, "{changes:?}: the generations that there were");
        assert_eq!(after.len(), before.len() + 1, "{changes:?}: one generation");
        assert_eq!(after[before.len()].1, self.lab.follow(&self.profile), "{changes:?}: the new one is current");
        self.check(&format!("{changes:?}"));
    }

    #[track_caller]
    fn refuse(&self, changes: &[&str]) {
        self.loom(3, &[&["apply"], changes].concat());
    }

    #[track_caller]
    fn ours(&self) -> Listed {
        let list = json(&self.loom(0, &["list", "--json"]).stdout);
        let element = |it: &serde_json::Value| {
            let paths = it["outputs"].as_object().unwrap().values();
            let element = Element {
                paths: paths.map(|path| path.as_str().unwrap().to_owned()).collect(),
                priority: it["priority"].as_i64().unwrap(),
                active: it["active"].as_bool().unwrap(),
            };
            (it["name"].as_str().unwrap().to_owned(), element)
        };
        list.as_array().unwrap().iter().map(element).collect()
    }

    /// The names of the outputs of an element, sorted.
    #[track_caller]
    fn outputs(&self, name: &str) -> Vec<String> {
        let list = json(&self.loom(0, &["list", "--json"]).stdout);
        let element = list.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
        let outputs: BTreeSet<_> = element["outputs"].as_object().unwrap().keys().cloned().collect();
        outputs.into_iter().collect()
    }

    /// Nix agrees on what is installed, would build the same, can go on from here, and collects no garbage that is none.
    #[track_caller]
    fn check(&self, step: &str) {
        let listed = self.lab.nix_lists(self.kind, &self.profile);
        if self.kind == Kind::NixProfile && self.lab.version == "2.8" {
            // The names of a converted profile are ours alone: that version has none.
            let unnamed =
                |listed: Listed| listed.into_values().map(|it| (it.paths.clone(), it)).collect::<BTreeMap<_, _>>();
            assert_eq!(unnamed(self.ours()), unnamed(listed.clone()), "{step}: what ours lists and what Nix lists");
        } else {
            assert_eq!(self.ours(), listed, "{step}: what ours lists and what Nix lists");
        }
        self.generations_agree();
        self.lab.assert_as_nix_builds(self.kind, &self.profile);
        self.lab.assert_nix_goes_on(self.kind, &self.profile, &listed);
        self.lab.collect_garbage(&self.profile);
    }

    /// What ours says of the generations is what the links say.
    #[track_caller]
    fn generations_agree(&self) {
        let said = json(&self.loom(0, &["generations", "--json"]).stdout);
        let told = |it: &serde_json::Value| {
            let path = it["path"].as_str().unwrap().to_owned();
            (it["number"].as_u64().unwrap(), path, it["current"].as_bool().unwrap())
        };
        let current = fs::read_link(self.lab.host(&self.profile)).unwrap();
        let name = self.profile.rsplit('/').next().unwrap();
        let is_current = |number| current.ends_with(format!("{name}-{number}-link"));
        let links = self.lab.generations(&self.profile).into_iter();
        assert_eq!(
            said.as_array().unwrap().iter().map(told).collect::<Vec<_>>(),
            links.map(|(number, path)| (number, path, is_current(number))).collect::<Vec<_>>()
        );
    }

    /// `doctor` finds nothing wrong, and says what kind of profile this is.
    #[track_caller]
    fn is_healthy(&self) {
        let findings = json(&self.loom(0, &["doctor", "--json"]).stdout);
        let findings = findings.as_array().unwrap();
        assert!(!findings.is_empty());
        let problems: Vec<_> = findings.iter().filter(|finding| finding["level"] == "problem").collect();
        assert!(problems.is_empty(), "{problems:?}");
        let kind = if self.kind == Kind::NixEnv { "manifest.nix" } else { "manifest.json" };
        let says_kind = |finding: &serde_json::Value| finding["detail"].as_str().unwrap().contains(kind);
        assert!(findings.iter().any(says_kind), "{kind} in {findings:?}");
    }

    /// Nix' own installation, removal and rollback on the profile itself.
    fn nix_goes_on(&self) {
        let Self { lab, kind, profile, .. } = self;
        let before = (lab.nix_lists(*kind, profile), lab.follow(profile));
        lab.nix_installs(*kind, profile, &["many.n0"]);
        self.check("Nix installed one more");
        let more = lab.nix_lists(*kind, profile);
        assert!(before.0.iter().all(|(name, element)| more.get(name) == Some(element)), "Nix keeps all that was there");
        lab.nix_rolls_back(*kind, profile);
        assert_eq!((lab.nix_lists(*kind, profile), lab.follow(profile)), before);
        self.check("Nix rolled back");
        lab.nix_removes(*kind, profile, &self.name("odd"));
        self.check("Nix removed one");
        self.apply(&["odd"]);
        assert_eq!(self.ours(), before.0);
    }

    fn roll_back(&self) {
        let before = (self.lab.follow(&self.profile), self.ours());
        let number = self.lab.generations(&self.profile).last().unwrap().0;
        self.apply(&[&format!("-{}", self.name("odd"))]);
        assert!(!self.ours().contains_key(&self.name("odd")));
        self.loom(0, &["rollback"]);
        assert_eq!((self.lab.follow(&self.profile), self.ours()), before);
        self.check("rollback");
        self.loom(0, &["rollback", "1"]);
        assert_eq!(self.ours().len(), 1);
        self.check("rollback to the first");
        self.loom(0, &["rollback", &number.to_string()]);
        assert_eq!((self.lab.follow(&self.profile), self.ours()), before);
    }

    /// To the other kind and back; outputs, priorities and flags stay, names may not.
    fn convert(&self) {
        let content = |listed: Listed| -> BTreeMap<BTreeSet<String>, (i64, bool)> {
            listed.into_values().map(|element| (element.paths, (element.priority, element.active))).collect()
        };
        let (before, there) = (self.ours(), self.of(self.other()));
        let command = |kind| if kind == Kind::NixEnv { "nix-env" } else { "nix-profile" };
        if !there.has_priorities() {
            self.apply(&["-rival", "hello:priority=5"]);
        }
        let expected = content(self.ours());
        let environment = self.lab.follow(&self.profile);
        self.loom(0, &["convert", command(there.kind)]);
        assert_eq!(content(there.ours()), expected);
        there.check("converted");
        there.is_healthy();
        there.apply(&["even:active=false"]);
        there.apply(&["even:active=true"]);
        there.loom(0, &["convert", command(self.kind)]);
        self.check("converted back");
        assert_eq!(content(self.ours()), expected);
        if there.has_priorities() {
            assert_eq!(self.ours(), before);
        }
        assert_eq!(self.lab.environment(&self.profile).counts(), self.lab_counts(&environment));
    }

    fn lab_counts(&self, environment: &str) -> (usize, usize) {
        support::tree::Tree::read(&self.lab.host(environment)).counts()
    }

    /// What was in deleted generations only goes with the next collection, and nothing else does.
    fn delete_generations(&self) {
        self.apply(&["many.n1"]);
        let gone = self.ours()["n1"].paths.first().unwrap().clone();
        self.apply(&["-n1"]);
        self.lab.collect_garbage(&self.profile);
        assert!(self.lab.is_there(&gone), "a generation still has it");
        let numbers: Vec<_> = self.lab.generations(&self.profile).iter().map(|(number, _)| *number).collect();
        let (current, others) = numbers.split_last().unwrap();
        self.loom(0, &["delete-generations", &others[0].to_string()]);
        assert_eq!(self.lab.generations(&self.profile).len(), numbers.len() - 1);
        self.loom(1, &["delete-generations", &current.to_string()]);
        self.loom(0, &["delete-generations", "old"]);
        assert_eq!(self.lab.generations(&self.profile).iter().map(|it| it.0).collect::<Vec<_>>(), [*current]);
        self.check("old generations deleted");
        assert!(!self.lab.is_there(&gone), "no generation has it");
        self.apply(&["many.n2"]);
    }
}

/// `nix-env --set` puts a package in place of an environment.
fn a_single_package_is_shown_kept_and_taken_over(lab: &Lab) {
    let turns = Turns::new(lab, Kind::NixEnv);
    let path = lab.run("nix-build", &["--no-out-link", PACKAGES, "--attr", "hello"]);
    let path = path.trim_end();
    lab.run("nix-env", &["--profile", &turns.profile, "--set", path]);
    let listed = turns.ours();
    assert_eq!(listed.keys().collect::<Vec<_>>(), ["hello"]);
    assert_eq!(listed["hello"].paths, BTreeSet::from([path.to_owned()]));

    let before = lab.generations(&turns.profile);
    let refused = turns.loom(1, &["apply", "rival"]).stderr;
    assert!(refused.contains("convert nix-env"), "it tells the way out: {refused}");
    assert_eq!((lab.generations(&turns.profile), lab.follow(&turns.profile)), (before, path.to_owned()));

    turns.loom(0, &["convert", "nix-env"]);
    turns.check("taken over");
    assert_eq!(turns.ours()["hello"].paths, listed["hello"].paths);
    turns.apply(&["several"]);
    assert_eq!(turns.ours().len(), 2);
    turns.loom(0, &["rollback", "1"]);
    assert_eq!(lab.follow(&turns.profile), path, "and there is a way back");
}

/// Nobody says which profile is meant, and there is none yet; afterwards Nix finds it without being told, too.
fn a_first_profile_is_made_where_nix_finds_it(lab: &Lab) {
    // The default profile becomes one of `nix profile` only where that can be used.
    for kind in [Kind::NixProfile, Kind::NixEnv] {
        let folder = format!("{}/.config/nix", lab.home());
        fs::create_dir_all(lab.host(&folder)).unwrap();
        let features = if kind == Kind::NixProfile { "nix-command flakes" } else { "" };
        fs::write(lab.host(format!("{folder}/nix.conf")), format!("experimental-features = {features}\n")).unwrap();

        let source = source(kind);
        let command = |arguments: &[&str]| lab.loom_command(&[&["--source", &source], arguments].concat());
        let loom = |arguments: &[&str]| machine::said(&command(arguments).output().unwrap());
        let made = loom(&["apply", "hello", "several"]);
        assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
        let paths = || -> BTreeSet<_> {
            let list = json(&loom(&["list", "--json"]).stdout);
            let outputs = list.as_array().unwrap().iter().flat_map(|it| it["outputs"].as_object().unwrap().values());
            outputs.map(|path| path.as_str().unwrap().to_owned()).collect()
        };
        let known = || match kind {
            Kind::NixEnv => lab.run("nix-env", &["--query", "--out-path", "--no-name"]),
            Kind::NixProfile => lab.run("nix", &["profile", "list"]),
        };
        assert_eq!(paths().len(), 3);
        assert!(paths().iter().all(|path| known().contains(path)), "{:?} and {}", paths(), known());
        match kind {
            Kind::NixEnv => lab.run("nix-env", &["--file", PACKAGES, "--install", "--attr", "even"]),
            Kind::NixProfile => lab.run("nix", &["profile", "install", &format!("path:{PACKAGES}#even")]),
        };
        assert_eq!(paths().len(), 4, "Nix goes on with the same profile");
        let environment = lab.follow(&format!("{}/.nix-profile", lab.home()));
        assert!(lab.is_there(&format!("{environment}/bin/hello")), "it is what PATH leads to");
        lab.run("nix-store", &["--gc"]);
        assert!(paths().iter().all(|path| lab.is_there(path)), "it is a root");

        let healthy = loom(&["doctor"]);
        assert_eq!(healthy.code, 0, "{}{}", healthy.stdout, healthy.stderr);
        // So that there is none again.
        lab.run("sh", &["-c", "rm $(readlink ~/.nix-profile)* ~/.nix-profile"]);
    }
}

/// [`PACKAGES`] as the source that fits a profile.
fn source(kind: Kind) -> String {
    match kind {
        Kind::NixEnv => format!("packages={PACKAGES}/default.nix"),
        Kind::NixProfile => format!("packages=path:{PACKAGES}"),
    }
}

/// Starts the program on a profile, with [`PACKAGES`] as the source that fits it.
fn loom(lab: &Lab, kind: Kind, profile: &str, arguments: &[&str]) -> Child {
    let options = ["--profile", profile, "--source", &source(kind)];
    let mut command = lab.loom_command(&[&options, arguments].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Fifty programs at once: `nix-env` and ours in turns, then ours alone.
fn changes_at_once_are_all_kept(lab: &Lab) {
    let names: Vec<_> = (0..50).map(|number| format!("n{number}")).collect();
    lab.run("nix-build", &["--no-out-link", PACKAGES, "--attr", "many"]);
    for every in [2, 1] {
        let profile = lab.profile(&format!("mine-{every}"));
        lab.nix_installs(Kind::NixEnv, &profile, &["hello"]);
        let start = |at: usize| {
            let attribute = format!("many.{}", names[at]);
            if at.is_multiple_of(every) {
                return loom(lab, Kind::NixEnv, &profile, &["apply", &attribute]);
            }
            let install = ["--profile", &profile, "--file", PACKAGES, "--install", "--attr", &attribute];
            lab.command("nix-env", &install).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let running: Vec<_> = (0..names.len()).map(start).collect();
        for child in running {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        lab.assert_as_nix_builds(Kind::NixEnv, &profile);
        if every == 2 && lab.version == "2.8" {
            ours_keep_what_was_there(lab, &profile);
            continue;
        }
        let mut expected: BTreeSet<_> = names.iter().cloned().collect();
        expected.insert("hello".to_owned());
        let listed = lab.nix_lists(Kind::NixEnv, &profile);
        assert_eq!(listed.keys().cloned().collect::<BTreeSet<_>>(), expected);
        assert_eq!(lab.generations(&profile).len(), 51, "one generation for each");
    }
}

/// Every generation of ours has what the one before it had, and one element more.
///
/// That is all that can be asked of Nix 2.8: its `nix-env`, where it finds the profile changed and starts again, takes the
/// old elements once more (25 of it alone leave 3 to 5 of 25 elements), whatever others do.
fn ours_keep_what_was_there(lab: &Lab, profile: &str) {
    let generations = lab.generations(profile);
    let environments: Vec<_> = generations.iter().map(|(_, environment)| environment.as_str()).collect();
    let derivers = lab.run("nix-store", &[&["--query", "--deriver"], environments.as_slice()].concat());
    let listed: Vec<_> =
        generations.iter().map(|it| lab.nix_lists(Kind::NixEnv, &format!("{profile}-{}-link", it.0))).collect();
    // What Nix built was built from a derivation.
    let ours: Vec<_> = (1..listed.len()).filter(|&at| derivers.lines().nth(at) == Some("unknown-deriver")).collect();
    assert_eq!(ours.len(), 25, "one generation for each change of ours");
    for at in ours {
        let (before, after) = (&listed[at - 1], &listed[at]);
        assert!(before.iter().all(|(name, element)| after.get(name) == Some(element)), "{before:?} became {after:?}");
        assert!(after.len() == before.len() + 1, "{before:?} became {after:?}");
    }
}
