//! The packages to measure with: a list of real ones, or a made-up set of similar shape.

// Every bench compiles this module for itself, and none uses all of it.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of a package, relative to its root.
pub type Tree = BTreeSet<String>;

pub struct Input {
    /// Where it comes from, for the reader of the numbers.
    pub origin: String,
    pub packages: BTreeMap<String, Tree>,
    /// The real list of 597 packages, whose counts are known.
    is_597: bool,
}

impl Input {
    pub fn load() -> Self {
        let named = std::env::var_os("NIX_LOOM_PROFILE_TSV").map(PathBuf::from);
        let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/profile-597.tsv.xz");
        match named {
            Some(file) => Self::read(&file),
            None if usual.exists() => Self::read(&usual),
            None => Self::made_up(),
        }
    }

    fn read(file: &Path) -> Self {
        let bytes = if file.extension().is_some_and(|extension| extension == "xz") {
            Command::new("xz").arg("-dc").arg(file).output().expect("xz unpacks the list").stdout
        } else {
            std::fs::read(file).expect("the list can be read")
        };
        let mut packages: BTreeMap<String, Tree> = BTreeMap::new();
        for line in String::from_utf8(bytes).expect("the list is UTF-8").lines() {
            let (package, file) = line.split_once('\t').expect("a line is PACKAGE, tab, FILE");
            packages.entry(package.to_owned()).or_default().insert(file.to_owned());
        }
        assert!(!packages.is_empty(), "{}: no packages", file.display());
        let is_597 = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("profile-597."));
        Self { origin: file.display().to_string(), packages, is_597 }
    }

    /// 597 packages with files of their own in shared directories, some deep, and directories of their own.
    fn made_up() -> Self {
        let mut dice = Dice(597);
        let shared = [
            "bin",
            "lib",
            "lib/pkgconfig",
            "include",
            "share/man/man1",
            "share/man/man3",
            "share/applications",
            "share/icons/hicolor/48x48/apps",
        ];
        let packages = (0..597).map(|at| {
            let name = format!("package-{at}");
            let mut files = Tree::new();
            for number in 0..20 + dice.below(60) {
                let dir = shared[dice.below(shared.len() - at % 3)];
                files.insert(format!("{dir}/{name}-{number}"));
            }
            for number in 0..20 + dice.below(90) {
                files.insert(format!("share/{name}/part-{}/file-{number}", dice.below(6)));
            }
            for language in 0..dice.below(40) {
                files.insert(format!("share/locale/l{language}/LC_MESSAGES/{name}.mo"));
            }
            files.insert(format!("share/doc/{name}/copyright"));
            (name, files)
        });
        let origin = "made up (NIX_LOOM_PROFILE_TSV names no list, and the usual one is not there)".into();
        Self { origin, packages: packages.collect(), is_597: false }
    }

    /// Of the real list it is known how much work there is: directories to read, directories and links to make. Rules
    /// `nix` leave out the hidden directory that two of its packages share.
    pub fn check_counts(&self, rules: &str, counts: (usize, usize, usize)) {
        if self.is_597 {
            assert_eq!(counts, if rules == "nix" { (16_910, 578, 27_859) } else { (16_910, 579, 27_874) }, "{rules}");
        }
    }
}

/// Numbers that look random and are the same every time (Knuth's linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % limit.max(1)
    }
}
