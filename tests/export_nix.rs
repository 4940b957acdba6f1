//! From what `export` writes, real Nix builds the tree of the profile, and what nixpkgs' stricter builder would make of it
//! is told.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use serde_json::Value;
use support::exports::{self, Case, NIXPKGS, OLD_NIXPKGS, built, built_flakes, built_strictly, packages_file};
use support::judge::{Kind, differences, json};
use support::lab::{Lab, PACKAGES, with_every_nix};
use support::say;
use support::tree::Tree;

with_every_nix!(crate::exports::prepare => chosen_profiles_are_built_anew, random_profiles_are_built_anew);

/// How many random profiles there are for each version of Nix.
const PROFILES: usize = 40;

/// Nix builds what is exported, and that is the profile; what was exported.
#[track_caller]
fn is_built_anew(case: &Case, options: &[&str]) -> String {
    let file = format!("{}_env.nix", case.profile);
    let exported = case.export(&file, options);
    let name = file.rsplit('/').next().unwrap().strip_suffix(".nix").unwrap();
    assert_eq!(case.loom(&[&["export", "--name", name], options].concat()), exported, "the same bytes each time");
    assert!(rnix::Root::parse(&exported).errors().is_empty(), "{exported}");
    for nixpkgs in [NIXPKGS, OLD_NIXPKGS] {
        let built = built(case.lab, nixpkgs, std::slice::from_ref(&file));
        is_same(case, &built[0], &exported);
    }
    exported
}

#[track_caller]
fn is_same(case: &Case, built: &Tree, exported: &str) {
    let profile = case.tree();
    let differences = differences(built, &profile);
    assert!(differences.is_empty(), "Nix {}: {differences:#?}\n{exported}", case.lab.version);
    assert!(profile.0.len() > 1, "there is something in it");
}

fn chosen_profiles_are_built_anew(lab: &Lab) {
    for kind in [Kind::NixEnv, Kind::NixProfile] {
        let new = |name: &str, changes: &[&str]| Case::new(lab, kind, &format!("{name}-{kind:?}"), changes);

        let told = is_built_anew(&new("usual", &["hello", "several@channel", "even", "odd", "many.n1"]), &[]);
        assert!(told.contains("pkgs = import <nixpkgs> { };\n") && told.contains("\n    pkgs.several\n"), "{told}");
        assert!(told.contains("packages.many.n1\n"), "{told}");

        let told = is_built_anew(&new("extra", &["several@channel^out,dev,man", "hello", "rival:priority=7"]), &[]);
        assert!(told.contains("  extraOutputsToInstall = [ \"dev\" ];\n"), "{told}");
        assert!(told.contains("(pkgs.lib.setPrio 7 packages.rival)"), "{told}");

        let own = ["meek@channel", "bold@channel:priority=4", "hello", "several@channel^dev,man:priority=3", "carrier"];
        let told = is_built_anew(&new("priorities", &own), &[]);
        assert!(told.contains("\n    pkgs.meek\n"), "{told}");
        assert!(told.contains("(pkgs.lib.setPrio 4 pkgs.bold)"), "{told}");
        assert!(told.contains("(pkgs.several.dev // { meta.priority = 3; })"), "{told}");

        let case = new("mixed", &["hello@flake", "several@packages^dev:priority=4", "rival@channel:priority=9"]);
        is_built_anew(&case, &["--unpinned"]);
        let told = is_built_anew(&case, &[]);
        if kind == Kind::NixProfile {
            assert!(told.contains(&format!("builtins.getFlake \"path:{PACKAGES}?")), "{told}");
            assert!(told.contains("narHash="), "{told}");
        }
        // Without the flake as a source, its package is of the revision that the file names.
        let file = format!("{}_env.nix", case.profile);
        let copy = Case::bare(lab, kind, &format!("revision-{kind:?}"));
        let sources = ["packages=/tmp/packages/default.nix", "channel=<nixpkgs>"];
        copy.loom_with(&sources, &["import", &file, "--apart", "--apply", "--", "-carried"]);
        let installed = json(&copy.loom_with(&sources, &["list", "--json"]));
        let hello = installed.as_array().unwrap().iter().find(|it| it["name"] == "hello").unwrap();
        let locked = hello["source"].as_str().unwrap();
        assert!(locked.starts_with("path:/tmp/packages?") && locked.contains("narHash="), "{hello}");
        assert_eq!(hello["attribute"], "packages.x86_64-linux.hello");
        assert!(differences(&copy.tree(), &case.tree()).is_empty());

        let part = case.loom(&["export", "several", "--name", "part"]);
        assert!(part.contains("name = \"part\";") && !part.contains("hello"), "{part}");

        let case = new("inactive", &["hello", "rival:priority=4"]);
        case.loom(&["apply", "rival:active=false"]);
        let told = is_built_anew(&case, &[]);
        assert!(told.contains("    # (pkgs.lib.setPrio 4 packages.rival)\n"), "{told}");

        // The two that lose are different files at one priority, and nixpkgs looks at them before the one that wins.
        let mut losing = ["hoarse@channel:priority=6", "loud@channel:priority=6", "rival@channel:priority=2"];
        if kind == Kind::NixEnv {
            losing.reverse();
        }
        let case = new("losing", &losing);
        let told = is_built_anew(&case, &[]);
        let reason = "two of them tie before the best priority is looked at: the rules `nixpkgs` go by list order";
        let refusal = format!(
            "# nixpkgs' buildEnv refuses this, as the profile does not: bin/hello of hoarse, loud, rival: {reason}; \
             this change of the profile would settle it: "
        );
        let way = told.split(&refusal).nth(1).unwrap_or_else(|| panic!("{refusal}\n{told}"));
        let file = format!("{}_env.nix", case.profile);
        assert!(built_strictly(lab, std::slice::from_ref(&file))[0].is_none(), "it is refused");
        case.loom(&["apply", way.split(['.', '\n']).next().unwrap()]);
        let told = is_built_anew(&case, &[]);
        assert!(!told.contains("nixpkgs' buildEnv refuses"), "{told}");
        assert!(built_strictly(lab, std::slice::from_ref(&file))[0].is_some(), "the way out is one");

        // Nobody knows where this comes from, but the store has it.
        let stored = Case { lab, kind, profile: lab.profile(&format!("stored-{kind:?}")) };
        let built = lab.run("nix-build", &["--no-out-link", &packages_file(), "-A", "hello"]);
        match kind {
            Kind::NixEnv => lab.run("nix-env", &["--profile", &stored.profile, "--install", built.trim()]),
            Kind::NixProfile => lab.run("nix", &["profile", "install", "--profile", &stored.profile, built.trim()]),
        };
        let told = is_built_anew(&stored, &[]);
        assert!(told.contains("builtins.storePath \"/nix/store/"), "{told}");
        let name = json(&stored.loom(&["list", "--json"]))[0]["name"].as_str().unwrap().to_owned();
        stored.loom(&["apply", &format!("{name}:priority=3"), "several"]);
        let told = is_built_anew(&stored, &[]);
        assert!(told.contains("      meta.priority = 3;\n"), "{told}");
    }
}

/// Profiles of several outputs and sources, with priorities of all kinds.
fn random_profiles_are_built_anew(lab: &Lab) {
    let mut random = Random(7);
    let cases: Vec<_> = (0..PROFILES)
        .map(|number| {
            let kind = if number % 2 == 0 { Kind::NixEnv } else { Kind::NixProfile };
            let changes = random_changes(&mut random, number);
            let changes: Vec<_> = changes.iter().map(String::as_str).collect();
            let case = Case::new(lab, kind, &format!("random-{number}"), &changes);
            if number % 5 == 2 {
                case.loom(&["apply", "n5:active=false"]);
            }
            case
        })
        .collect();
    let files: Vec<_> = cases.iter().map(|case| format!("{}_env.nix", case.profile)).collect();
    let exported: Vec<_> = cases.iter().zip(&files).map(|(case, file)| case.export(file, &[])).collect();
    for nixpkgs in [NIXPKGS, OLD_NIXPKGS] {
        let built = built(lab, nixpkgs, &files);
        assert_eq!(built.len(), PROFILES);
        for ((case, built), exported) in cases.iter().zip(&built).zip(&exported) {
            is_same(case, built, exported);
        }
    }

    let (mut refused, mut others) = (0, 0);
    for ((case, built), exported) in cases.iter().zip(built_strictly(lab, &files)).zip(&exported) {
        let is_told = |what: &str| exported.contains(&format!("# nixpkgs' buildEnv {what}"));
        let says = (is_told("refuses this"), is_told("makes another tree"));
        match built {
            None => assert_eq!(says, (true, false), "it is refused\n{exported}"),
            Some(built) => {
                let differences = differences(&built, &case.tree());
                let is_other = !differences.is_empty();
                assert_eq!(says, (false, is_other), "{differences:#?}\n{exported}");
                others += usize::from(is_other);
            }
        }
        refused += usize::from(says.0);
    }
    say(&format!(
        "Nix {}: of {PROFILES} profiles, nixpkgs refuses {refused} and makes another tree of {others}",
        lab.version
    ));
    assert!(others > 0 && refused + others < PROFILES, "some are the same and some are not: {refused}, {others}");

    are_imported_again(lab, &cases, &files);

    // Each fourth one as a flake; those of flakes alone need nothing that is impure.
    for (at, options) in [(0, &["--impure"] as &[&str]), (3, &[])] {
        let chosen: Vec<_> =
            cases.iter().enumerate().filter(|(number, _)| number % 4 == at).map(|(_, it)| it).collect();
        let names: Vec<_> = chosen.iter().map(|case| case.profile.rsplit('/').next().unwrap()).collect();
        let folders: Vec<_> = names.iter().map(|name| format!("/tmp/flakes/{name}")).collect();
        let export = |((case, folder), name): ((&&Case, &String), &&str)| {
            lab.run("mkdir", &["-p", folder]);
            let flake = case.export(&format!("{folder}/flake.nix"), &["--name", name]);
            assert!(rnix::Root::parse(&flake).errors().is_empty(), "{flake}");
            assert_eq!(flake.contains("`nix build --impure`"), !options.is_empty(), "{flake}");
            flake
        };
        let exported: Vec<_> = chosen.iter().zip(&folders).zip(&names).map(export).collect();
        let built = built_flakes(lab, options, &folders);
        for ((case, name), exported) in chosen.iter().zip(&names).zip(&exported) {
            is_same(case, &built[*name], exported);
        }
    }
}

/// What was exported is the same elements again in an empty profile, and they make the same tree.
fn are_imported_again(lab: &Lab, cases: &[Case], files: &[String]) {
    for (number, (case, file)) in cases.iter().zip(files).enumerate() {
        let is_said_in_nix = |it: &&Value| it["active"] == true;
        let installed = case.elements();
        let of_nix: Vec<_> = installed.iter().filter(is_said_in_nix).cloned().collect();
        let again = |file: &str, expected: &[Value]| {
            let name = format!("again-{number}-{}", file.rsplit('.').next().unwrap());
            let copy = Case::bare(lab, case.kind, &name);
            let told = copy.loom(&["import", file, "--apart", "--apply", "--", "-carried"]);
            let exported = fs::read_to_string(lab.host(file)).unwrap();
            assert_eq!(copy.elements(), expected, "Nix {}\n{exported}\n{told}", lab.version);
            let differences = differences(&copy.tree(), &case.tree());
            assert!(differences.is_empty(), "Nix {}: {differences:#?}\n{exported}", lab.version);
        };
        again(file, &of_nix);
        if number % 4 == 1 || installed.len() != of_nix.len() {
            let document = file.replace(".nix", ".json");
            case.export(&document, &[]);
            again(&document, &installed);
        }
    }
}

/// What is staged for one profile. Each fourth one, which `nix profile` keeps, takes all from the flake.
fn random_changes(random: &mut Random, number: usize) -> Vec<String> {
    // Those that have files in common, and those that have none or only folders.
    let rivals = ["hello", "rival", "meek", "bold", "loud", "hoarse", "carrier"];
    let peaceful = ["several", "even", "many.n3", "odd"];
    let several = ["", "^out", "^dev", "^man", "^out,dev", "^dev,man", "^out,man", "^out,dev,man"];
    let priorities = ["", "", ":priority=5", ":priority=1", ":priority=-3", ":priority=4", ":priority=20"];
    let is_of_flake = number % 4 == 3;
    let source = |random: &mut Random| match random.below(4) {
        3 => None,
        _ if is_of_flake => Some("flake"),
        at => Some(["packages", "flake", "channel"][at]),
    };
    let mut changes = vec![format!("many.n5@{}", if is_of_flake { "flake" } else { "channel" })];
    // The last one has its file in common with the others only by what it propagates.
    let (best, has_ties) = (random.below(4), number.is_multiple_of(3));
    for (at, attribute) in rivals.iter().enumerate() {
        let (source, spread) = (source(random), random.below(2));
        let is_of_channel = ["loud", "hoarse"].contains(attribute);
        if is_of_channel && is_of_flake {
            continue;
        }
        let source = if is_of_channel && random.below(2) == 0 { Some("channel") } else { source };
        let source = source.filter(|source| !is_of_channel || *source == "channel");
        // One is before all others, which may be equal among each other: a profile does not mind.
        let (source, priority) = match source {
            None if at == best => ("flake", 2),
            None => continue,
            Some(source) if at == best => (source, 2),
            Some(source) if has_ties => (source, 6 + spread),
            Some(source) => (source, 3 + (at * 2 + number) % rivals.len()),
        };
        changes.push(format!("{attribute}@{source}:priority={priority}"));
    }
    for attribute in peaceful {
        if let Some(source) = source(random) {
            let outputs = if attribute == "several" { several[random.below(several.len())] } else { "" };
            let priority = priorities[random.below(priorities.len())];
            changes.push(format!("{attribute}@{source}{outputs}{priority}"));
        }
    }
    // What is staged last stands first in a profile of nix-env.
    for at in (1..changes.len()).rev() {
        changes.swap(at, random.below(at + 1));
    }
    changes
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}
