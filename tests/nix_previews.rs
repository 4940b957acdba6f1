//! What a preview says of packages that only a binary cache has, beside what comes of it when they are really installed.

#![allow(clippy::unwrap_used)]

#[path = "support/machine.rs"]
mod machine;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::judge::json;
use support::lab::{CACHE, Lab, PACKAGES, Who};
use support::walk::differences;

/// What is put into the cache, and what of it a preview is asked about.
const ALL: &[&str] = &["hello", "rival", "meek", "bold", "several", "odd", "even", "gathered"];

/// A lab whose packages are in the cache and nowhere else.
struct Cached {
    lab: Lab,
    profile: String,
}

fn outputs(lab: &Lab, attributes: &[&str]) -> Vec<String> {
    let file = format!("{PACKAGES}/default.nix");
    let mut arguments = vec!["--no-out-link".to_owned(), file];
    arguments.extend(attributes.iter().flat_map(|attribute| ["-A".to_owned(), (*attribute).to_owned()]));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    lab.run("nix-build", &arguments).lines().map(ToOwned::to_owned).collect()
}

fn cached(version: &'static str, who: Who, has_listings: bool) -> Option<Cached> {
    let lab = Lab::with_cache_or_skip(version, who)?;
    let mut paths = outputs(&lab, ALL);
    paths.extend(outputs(&lab, &["several.dev", "several.man"]));
    let cache = format!("file://{CACHE}?write-nar-listing={}", u8::from(has_listings));
    let copy =
        [&["copy", "--no-check-sigs", "--to", &cache], &paths.iter().map(String::as_str).collect::<Vec<_>>()[..]];
    lab.run("nix", &copy.concat());
    lab.run("nix-collect-garbage", &[]);
    for path in &paths {
        assert!(fs::symlink_metadata(lab.host(path)).is_err(), "{path} is only in the cache");
    }
    let profile = lab.profile("mine");
    Some(Cached { lab, profile })
}

impl Cached {
    /// What is in the store, but for what tells how to build.
    fn store(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.lab.host("/nix/store")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let is_output =
            |name: &String| Path::new(name).extension().is_none_or(|end| end != "drv") && !name.starts_with('.');
        names.filter(is_output).collect()
    }

    #[track_caller]
    fn loom(&self, code: i32, arguments: &[&str]) -> String {
        let source = format!("p={PACKAGES}/default.nix");
        let options = ["--store", "nix", "--profile", &self.profile, "--source", &source];
        let said = machine::said(&self.lab.loom_command(&[&options, arguments].concat()).output().unwrap());
        let lab = &self.lab;
        assert_eq!(
            said.code, code,
            "Nix {}, {:?}: {arguments:?}\n{}{}",
            lab.version, lab.who, said.stdout, said.stderr
        );
        said.stdout
    }

    #[track_caller]
    fn preview(&self, code: i32, changes: &[&str]) -> Value {
        json(&self.loom(code, &[&["preview", "--json"], changes].concat()))
    }
}

/// The collisions without what only the bytes of files tell.
fn collisions(preview: &Value) -> Vec<Value> {
    let without_content = |collision: &Value| {
        let mut collision = collision.clone();
        let kind = collision["kind"].as_str().unwrap();
        if ["same-content", "mode-differs"].contains(&kind) {
            collision["kind"] = json!("tie");
        }
        collision["reason"].take();
        collision
    };
    preview["collisions"].as_array().unwrap().iter().map(without_content).collect()
}

fn a_preview_from_listings_is_what_really_happens(cached: &Cached) {
    let Cached { lab, profile } = cached;
    let before = cached.store();
    let changes = ["hello", "rival", "meek", "several^out,dev,man", "odd", "even", "gathered"];
    let told = cached.preview(3, &changes);
    assert_eq!(cached.store(), before, "nothing was fetched");
    assert_eq!(told["fetch"]["unknown"], json!([]));
    assert!(told["fetch"]["unpacked_bytes"].as_u64().unwrap() > 0);
    let kind_at = |path: &str| {
        let all = told["collisions"].as_array().unwrap();
        all.iter().find(|collision| collision["path"] == path).map(|collision| collision["kind"].clone())
    };
    assert_eq!(kind_at("share/man/man1/hello.1"), Some(json!("same-file")), "what gathered holds is hello's own");
    assert_eq!(kind_at("bin/hello"), Some(json!("tie")));

    // With a way out for each it is the same again, and that is what is then installed.
    let settled = [
        "hello:priority=4",
        "rival",
        "meek:priority=3",
        "several^out,dev,man",
        "odd",
        "even:priority=6",
        "gathered:priority=7",
    ];
    let told_settled = cached.preview(0, &settled);
    assert_eq!(cached.store(), before, "nothing was fetched");
    let empty = tempfile::tempdir().unwrap();
    let applied = json(&cached.loom(0, &[&["apply", "--json"], &settled[..]].concat()));
    assert_eq!(collisions(&applied), collisions(&told_settled), "Nix {} as {:?}", lab.version, lab.who);
    let tree = Tree::of(lab, profile);
    let walked = differences(empty.path(), &tree.place());
    let paths = |name: &str| -> BTreeSet<Vec<u8>> {
        told_settled[name].as_array().unwrap().iter().map(|path| path.as_str().unwrap().as_bytes().to_vec()).collect()
    };
    assert_eq!((walked.added, walked.changed), (paths("added"), paths("changed")));

    // Once they are here, the disk says what the listings said, and Nix refuses it too.
    cached.loom(0, &["apply", "-hello", "-rival", "-meek", "-several", "-odd", "-even", "-gathered"]);
    assert_eq!(collisions(&cached.preview(3, &changes)), collisions(&told));
    let mut all = outputs(lab, &["hello", "rival", "meek", "odd", "even", "gathered"]);
    all.sort();
    let own = lab.profile("nixs-own");
    let arguments = [&["-p", &own, "-i"], &all.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
    let refused = lab.any("nix-env", &arguments);
    assert_ne!(refused.code, Some(0));
    let blocking = told["collisions"].as_array().unwrap().iter().filter(|collision| collision["blocks"] == true);
    assert!(
        blocking.map(|collision| collision["path"].as_str().unwrap()).any(|path| refused.stderr.contains(path)),
        "{}",
        refused.stderr
    );
}

fn a_cache_without_listings_leaves_it_unknown_until_it_is_fetched(cached: &Cached) {
    let before = cached.store();
    let told = cached.preview(0, &["hello", "rival"]);
    assert_eq!(cached.store(), before, "nothing was fetched");
    assert_eq!((&told["collisions"], told["fetch"]["unknown"].as_array().unwrap().len()), (&json!([]), 2));
    let text = cached.loom(0, &["preview", "hello", "rival"]);
    assert!(text.contains("would build as far as is known"), "{text}");

    let fetched = cached.preview(3, &["hello", "rival", "--fetch"]);
    assert_eq!(fetched["fetch"]["unknown"], json!([]));
    assert_eq!(fetched["collisions"][0]["path"], "bin/hello");
    assert!(cached.store().len() > before.len());
    assert!(fs::symlink_metadata(cached.lab.host(&cached.profile)).is_err(), "the profile is not touched");
}

/// A tree of the lab, with links that lead where they lead inside.
struct Tree(tempfile::TempDir);

impl Tree {
    fn of(lab: &Lab, profile: &str) -> Self {
        let copy = tempfile::tempdir().unwrap();
        let place = copy.path().join("environment");
        copy_tree(lab, &lab.host(lab.follow(profile)), &place);
        Self(copy)
    }

    fn place(&self) -> std::path::PathBuf {
        self.0.path().join("environment")
    }
}

fn copy_tree(lab: &Lab, from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, place) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_symlink() {
            std::os::unix::fs::symlink(lab.host(fs::read_link(entry.path()).unwrap()), place).unwrap();
        } else if kind.is_dir() {
            copy_tree(lab, &entry.path(), &place);
        }
        // The manifest is no package's file.
    }
}

macro_rules! in_labs_with_caches {
    ($($test:ident $version:literal $who:ident,)*) => {
        $(mod $test {
            use super::*;

            #[test]
            fn a_preview_from_listings_is_what_really_happens() {
                if let Some(cached) = cached($version, Who::$who, true) {
                    super::a_preview_from_listings_is_what_really_happens(&cached);
                }
            }

            #[test]
            fn a_cache_without_listings_leaves_it_unknown_until_it_is_fetched() {
                if let Some(cached) = cached($version, Who::$who, false) {
                    super::a_cache_without_listings_leaves_it_unknown_until_it_is_fetched(&cached);
                }
            }
        })*
    };
}

in_labs_with_caches!(
    root_2_8 "2.8" Root,
    alice_2_8 "2.8" Alice,
    root_2_26 "2.26" Root,
    alice_2_26 "2.26" Alice,
    root_2_34 "2.34" Root,
    alice_2_34 "2.34" Alice,
);
