//! The history of a profile of a real Nix: sizes are those of the closures that Nix tells, undo goes where the records say, and
//! what a deletion is said to free is what the garbage collection frees.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::nix::{Nix, lines, succeed};

/// Two packages; `b` needs what nobody installs.
const PACKAGES: &str = r#"
let
  make = name: text: needs: derivation {
    inherit name needs;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/bin:/bin";
    args = [ "-c" "mkdir -p $out/bin; { echo '${text}'; echo $needs; } > $out/bin/${name}" ];
  };
in {
  a = make "a-1" "short" "";
  b = make "b-1" "a longer text than the other" (make "needed-1" "nobody installs this one" "");
}
"#;

struct Profile {
    nix: Nix,
    link: PathBuf,
}

impl Profile {
    /// `nix-env` installs `a` and then `b`.
    fn or_skip() -> Option<Self> {
        let nix = Nix::or_skip()?;
        fs::write(nix.path("packages.nix"), PACKAGES).unwrap();
        let link = nix.path("state/profiles/mine");
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        let profile = Self { nix, link };
        profile.nix_env(&["--file", "packages.nix", "--install", "--attr", "a"]);
        profile.nix_env(&["--file", "packages.nix", "--install", "--attr", "b"]);
        Some(profile)
    }

    fn nix_env(&self, arguments: &[&str]) {
        succeed(self.nix.command("nix-env").arg("--profile").arg(&self.link).args(arguments));
    }

    #[track_caller]
    fn loom(&self, arguments: &[&str]) -> Value {
        let mut command = self.nix.command(env!("CARGO_BIN_EXE_nix-loom"));
        command.args(["--json", "--store", "nix", "--profile"]).arg(&self.link).args(arguments);
        serde_json::from_slice(&succeed(&mut command).stdout).unwrap()
    }

    fn environment(&self, number: u64) -> PathBuf {
        fs::read_link(self.link.with_file_name(format!("mine-{number}-link"))).unwrap()
    }

    /// Every path that one needs, with its bytes, as Nix tells.
    fn closure(&self, path: &Path) -> BTreeMap<PathBuf, u64> {
        let ask =
            |what: &str, path: &Path| lines(&succeed(self.nix.command("nix-store").args(["--query", what]).arg(path)));
        let bytes = |path: &Path| ask("--size", path)[0].to_str().unwrap().parse().unwrap();
        ask("--requisites", path).into_iter().map(PathBuf::from).map(|path| (path.clone(), bytes(&path))).collect()
    }
}

#[test]
fn sizes_are_those_of_the_closures_and_a_collection_frees_what_was_said() {
    let Some(profile) = Profile::or_skip() else { return };
    let generations = profile.loom(&["generations"]);
    let closures = [1, 2].map(|number| profile.closure(&profile.environment(number)));
    for (generation, closure) in generations.as_array().unwrap().iter().zip(&closures) {
        assert_eq!(generation["bytes"], closure.values().sum::<u64>(), "{closure:?}");
        assert_eq!(generation["bytes_of_closure"], true);
    }
    assert!(closures[1].keys().any(|path| path.to_string_lossy().ends_with("-needed-1")), "{closures:?}");

    profile.nix_env(&["--rollback"]);
    let weighed = profile.loom(&["delete-generations", "2", "--dry-run"]);
    let only: BTreeMap<_, _> = closures[1].iter().filter(|(path, _)| !closures[0].contains_key(*path)).collect();
    assert_eq!(weighed["bytes"], only.values().copied().sum::<u64>(), "{only:?}");
    assert_eq!((weighed["paths"].as_u64(), &weighed["is_collected"]), (Some(only.len() as u64), &true.into()));
    assert_eq!(weighed["ancestors"], Value::Array(Vec::new()), "2 was made from 1, not the other way round");

    profile.loom(&["delete-generations", "2"]);
    assert!(only.keys().all(|path| path.exists()), "it stays until garbage is collected");
    succeed(profile.nix.command("nix-store").arg("--gc"));
    assert!(only.keys().all(|path| !path.exists()), "{only:?}");
    assert!(closures[0].keys().all(|path| path.exists()), "what the other generation has stays");
}

#[test]
fn undo_knows_what_it_made_itself_and_guesses_what_nix_env_made() {
    let Some(profile) = Profile::or_skip() else { return };
    let parents = || -> Vec<(Option<u64>, bool)> {
        let generations = profile.loom(&["generations"]);
        let parent = |it: &Value| (it["parent"].as_u64(), it["parent_is_known"].as_bool().unwrap());
        generations.as_array().unwrap().iter().map(parent).collect()
    };
    profile.nix_env(&["--rollback"]);
    profile.loom(&["apply", "a:priority=4"]);
    assert_eq!(parents(), [(None, true), (Some(1), false), (Some(1), true)]);
    assert_eq!(profile.loom(&["undo"])["generation"], 1);
    assert_eq!(profile.loom(&["undo"])["generation"], 4, "before the first there was nothing");
    assert_eq!(profile.loom(&["list"]), Value::Array(Vec::new()));
    assert!(profile.link.join("manifest.nix").exists(), "no generation is without a manifest");
    profile.nix_env(&["--file", "packages.nix", "--install", "--attr", "b"]);
    assert_eq!(profile.loom(&["list"]).as_array().unwrap().len(), 1, "nix-env goes on with it");
}
