//! From what `export` writes, real Nix builds the tree of the profile.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::os::unix::fs::symlink;

use support::judge::{Kind, json};
use support::lab::{Lab, PACKAGES, Who};
use support::tree::Tree;

const CHANNELS: &str = "/nix/var/nix/profiles/per-user/root/channels";
const OLD_NIXPKGS: &str = "/tmp/old-nixpkgs";

macro_rules! with_every_nix {
    ($($check:ident),* $(,)?) => {
        $(mod $check {
            #[test]
            fn nix_2_8() { super::with("2.8", super::$check); }
            #[test]
            fn nix_2_26() { super::with("2.26", super::$check); }
            #[test]
            fn nix_2_34() { super::with("2.34", super::$check); }
        })*
    };
}

with_every_nix!(chosen_profiles_are_built_anew, random_profiles_are_built_anew);

fn with(version: &'static str, check: fn(&Lab)) {
    let Some(lab) = Lab::or_skip(version, Who::Root) else { return };
    let nixpkgs = lab.host("/tmp/nixpkgs");
    fs::create_dir(&nixpkgs).unwrap();
    fs::write(nixpkgs.join("default.nix"), include_str!("fixtures/nixpkgs/default.nix")).unwrap();
    // Where Nix looks for <nixpkgs> if nobody says otherwise.
    fs::create_dir_all(lab.host(CHANNELS)).unwrap();
    symlink("/tmp/nixpkgs", lab.host(format!("{CHANNELS}/nixpkgs"))).unwrap();
    // The same, as nixpkgs was before its `setPrio` went by `overrideAttrs`.
    let old = include_str!("fixtures/nixpkgs/default.nix").replace("oldLib ? false", "oldLib ? true");
    fs::create_dir(lab.host(OLD_NIXPKGS)).unwrap();
    fs::write(lab.host(format!("{OLD_NIXPKGS}/default.nix")), old).unwrap();
    check(&lab);
}

struct Case<'a> {
    lab: &'a Lab,
    profile: String,
}

impl<'a> Case<'a> {
    /// A new profile of that kind with these packages.
    fn new(lab: &'a Lab, kind: Kind, name: &str, changes: &[&str]) -> Self {
        let case = Self { lab, profile: lab.profile(name) };
        lab.nix_installs(kind, &case.profile, &["carried"]);
        let installed = json(&case.loom(&["list", "--json"]));
        let only = format!("-{}", installed[0]["name"].as_str().unwrap());
        case.loom(&[&["apply", &only], changes].concat());
        case
    }

    #[track_caller]
    fn loom(&self, arguments: &[&str]) -> String {
        let file = format!("packages={PACKAGES}/default.nix");
        let flake = format!("flake=path:{PACKAGES}");
        let global =
            ["--profile", &self.profile, "--source", &file, "--source", &flake, "--source", "channel=<nixpkgs>"];
        let output = self.lab.loom_command(&[&global, arguments].concat()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "Nix {}: {arguments:?}\n{stdout}{stderr}", self.lab.version);
        stdout
    }

    /// Every link of an environment, without the manifest.
    fn tree(&self, environment: &str) -> Tree {
        let mut tree = Tree::read(&self.lab.host(environment));
        tree.0.retain(|path, _| !path.starts_with(b"manifest."));
        tree
    }

    /// Nix builds what is exported, and that is the profile; what was exported.
    #[track_caller]
    fn is_built_anew(&self, options: &[&str]) -> String {
        let file = format!("{}_env.nix", self.profile);
        let exported = self.loom(&[&["export"], options].concat());
        self.loom(&[&["export", "--force", "--out", &file], options].concat());
        assert_eq!(fs::read_to_string(self.lab.host(&file)).unwrap(), exported, "the same bytes each time");
        assert!(rnix::Root::parse(&exported).errors().is_empty(), "{exported}");
        let answer = self.lab.any("nix-build", &["--no-out-link", &file]);
        assert_eq!(answer.code, Some(0), "Nix {}\n{exported}\n{}", self.lab.version, answer.stderr);
        let with_old = ["--no-out-link", "-I", &format!("nixpkgs={OLD_NIXPKGS}"), &file];
        assert_eq!(self.lab.run("nix-build", &with_old), answer.stdout, "{exported}");
        let (built, profile) = (self.tree(answer.stdout.trim()), self.tree(&self.lab.follow(&self.profile)));
        assert_eq!(built, profile, "Nix {}\n{exported}", self.lab.version);
        assert!(profile.0.len() > 1, "there is something in it");
        exported
    }
}

fn chosen_profiles_are_built_anew(lab: &Lab) {
    for kind in [Kind::NixEnv, Kind::NixProfile] {
        let new = |name: &str, changes: &[&str]| Case::new(lab, kind, &format!("{name}-{kind:?}"), changes);

        let told = new("usual", &["hello", "several@channel", "even", "odd", "many.n1"]).is_built_anew(&[]);
        assert!(told.contains("pkgs = import <nixpkgs> { };\n") && told.contains("\n    pkgs.several\n"), "{told}");
        assert!(told.contains("packages.many.n1\n"), "{told}");

        let told = new("extra", &["several@channel^out,dev,man", "hello", "rival:priority=7"]).is_built_anew(&[]);
        assert!(told.contains("  extraOutputsToInstall = [ \"dev\" ];\n"), "{told}");
        assert!(told.contains("(pkgs.lib.setPrio 7 packages.rival)"), "{told}");

        let own = ["meek@channel", "bold@channel:priority=4", "hello", "several@channel^dev,man:priority=3", "carrier"];
        let told = new("priorities", &own).is_built_anew(&[]);
        assert!(told.contains("\n    pkgs.meek\n"), "{told}");
        assert!(told.contains("(pkgs.lib.setPrio 4 pkgs.bold)"), "{told}");
        assert!(told.contains("(pkgs.several.dev // { meta.priority = 3; })"), "{told}");

        let case = new("mixed", &["hello@flake", "several@packages^dev:priority=4", "rival@channel:priority=9"]);
        case.is_built_anew(&["--unpinned"]);
        let told = case.is_built_anew(&[]);
        if kind == Kind::NixProfile {
            assert!(told.contains(&format!("builtins.getFlake \"path:{PACKAGES}?")), "{told}");
            assert!(told.contains("narHash="), "{told}");
        }
        let part = case.loom(&["export", "several", "--name", "part"]);
        assert!(part.contains("name = \"part\";") && !part.contains("hello"), "{part}");

        let case = new("inactive", &["hello", "rival:priority=4"]);
        case.loom(&["apply", "rival:active=false"]);
        let told = case.is_built_anew(&[]);
        assert!(told.contains("    # (pkgs.lib.setPrio 4 packages.rival)\n"), "{told}");

        // Nobody knows where this comes from, but the store has it.
        let stored = Case { lab, profile: lab.profile(&format!("stored-{kind:?}")) };
        let built = lab.run("nix-build", &["--no-out-link", &format!("{PACKAGES}/default.nix"), "-A", "hello"]);
        match kind {
            Kind::NixEnv => lab.run("nix-env", &["--profile", &stored.profile, "--install", built.trim()]),
            Kind::NixProfile => lab.run("nix", &["profile", "install", "--profile", &stored.profile, built.trim()]),
        };
        let told = stored.is_built_anew(&[]);
        assert!(told.contains("builtins.storePath \"/nix/store/"), "{told}");
        let name = json(&stored.loom(&["list", "--json"]))[0]["name"].as_str().unwrap().to_owned();
        stored.loom(&["apply", &format!("{name}:priority=3"), "several"]);
        let told = stored.is_built_anew(&[]);
        assert!(told.contains("      meta.priority = 3;\n"), "{told}");
    }
}

/// Profiles of several outputs and sources, where each package has a priority of its own.
fn random_profiles_are_built_anew(lab: &Lab) {
    let offered = [
        ("hello", "^out"),
        ("several", "^out ^dev ^man ^out,dev ^dev,man ^out,man ^out,dev,man"),
        ("rival", "^out"),
        ("meek", "^out"),
        ("bold", "^out"),
        ("carrier", "^out"),
        ("even", "^out"),
        ("many.n3", "^out"),
    ];
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for number in 0..16 {
        let kind = if number % 2 == 0 { Kind::NixEnv } else { Kind::NixProfile };
        let mut changes = vec!["odd".to_owned()];
        for (at, (attribute, outputs)) in offered.iter().enumerate() {
            let outputs: Vec<_> = outputs.split(' ').collect();
            let (source, outputs) = (random(4), outputs[random(outputs.len())]);
            if let Some(source) = ["packages", "flake", "channel"].get(source) {
                // No two are equal, and 5 is left to what has no priority of its own.
                let priority = 6 + (at + number) % offered.len();
                changes.push(format!("{attribute}@{source}{outputs}:priority={priority}"));
            }
        }
        let changes: Vec<_> = changes.iter().map(String::as_str).collect();
        Case::new(lab, kind, &format!("random-{number}"), &changes).is_built_anew(&[]);
    }
}
