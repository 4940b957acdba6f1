use std::os::unix::fs::symlink;

use super::*;
use crate::package::PackageOutput;
use crate::profile::{ElementOutput, Located};
use crate::store::local::LocalStore;

const HASH: &str = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff";

/// A store with a profile's environment, the system's and some packages; `sw` leads to the system's.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine.environment("system-path", &["git-2.43.0", "jq-1.8"]);
        machine.environment("profile", &["git-2.50.0", "jq-1.8"]);
        symlink(machine.store("system-path"), machine.path("sw")).unwrap();
        symlink(machine.store("profile"), machine.path("profile-1-link")).unwrap();
        symlink("profile-1-link", machine.path("profile")).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(name)
    }

    fn store(&self, name: &str) -> PathBuf {
        self.path("store").join(format!("{HASH}-{name}"))
    }

    fn environment(&self, name: &str, packages: &[&str]) {
        fs::create_dir_all(self.store(name).join("bin")).unwrap();
        for package in packages {
            self.package(package);
            symlink(self.store(package).join("bin/x"), self.store(name).join("bin").join(package)).unwrap();
        }
    }

    fn package(&self, name: &str) {
        fs::create_dir_all(self.store(name).join("bin")).unwrap();
        fs::write(self.store(name).join("bin/x"), "").unwrap();
    }

    fn elsewhere(&self, folders: &[&str]) -> Elsewhere {
        let store = LocalStore::open(self.path("store"), vec![]).unwrap();
        let folders: Vec<_> = folders.iter().map(|folder| self.path(folder)).collect();
        let located = Located::at(self.path("profile"));
        let search_path = SearchPath::new(&folders, &located);
        Elsewhere::find(&store, &search_path, &located.profile, &self.path("sw"))
    }

    fn element(&self, store_name: &str) -> Element {
        let output = ElementOutput { name: "out".into(), path: self.store(store_name) };
        Element { name: "given-name".into(), outputs: vec![output], ..Element::default() }
    }
}

#[test]
fn the_system_has_the_same_path_or_another_version_or_nothing() {
    let machine = Machine::new();
    let elsewhere = machine.elsewhere(&[]);
    let system = machine.path("sw");
    let of = |name: &str| elsewhere.of_element(&machine.element(name)).map(|it| it.words("2.50.0"));
    let place = safe::path(&system);
    assert_eq!(of("jq-1.8"), Some(format!("in {place} too")));
    assert_eq!(of("git-2.50.0"), Some(format!("{place} has 2.43.0")));
    assert_eq!(of("zlib-1.3"), None);
    let git = machine.element("git-2.50.0");
    let found = elsewhere.of_element(&git).unwrap();
    assert_eq!(found, Match::OtherVersion { place: &system, version: "2.43.0" });
    assert_eq!(found.words("2.43.0"), format!("{place} has another build"));
}

#[test]
fn a_package_on_offer_is_known_by_its_path_or_else_by_its_name() {
    let machine = Machine::new();
    let elsewhere = machine.elsewhere(&[]);
    let mut package = Package {
        attribute: "vcs.git".into(),
        source: "demo".into(),
        name: "git".into(),
        version: "2.43.0".into(),
        description: String::new(),
        long_description: String::new(),
        homepage: String::new(),
        licenses: Vec::new(),
        priority: 5,
        outputs: vec![PackageOutput { name: "out".into(), path: Some(machine.store("git-2.43.0")) }],
        default_outputs: vec!["out".into()],
        main_program: None,
        obstacles: Vec::new(),
        evaluated: None,
    };
    assert!(matches!(elsewhere.of_package(&package), Some(Match::Same { .. })));
    package.outputs[0].path = None;
    assert!(matches!(elsewhere.of_package(&package), Some(Match::OtherVersion { version: "2.43.0", .. })));
    package.name = "gitea".into();
    assert_eq!(elsewhere.of_package(&package), None);
}

#[test]
fn the_profile_is_not_elsewhere_by_whatever_name_it_is_on_path() {
    let machine = Machine::new();
    let elsewhere = machine.elsewhere(&["profile/bin", "profile-1-link/bin", "sw/bin"]);
    assert_eq!(elsewhere.places(), [machine.path("sw")], "and the system is one place, not two");
    assert_eq!(elsewhere.of_output(&machine.store("git-2.50.0")), None);
}

#[test]
fn a_folder_of_path_stands_for_its_environment_or_its_package_and_comes_before_the_system() {
    let machine = Machine::new();
    machine.environment("user-environment", &["git-2.40.0"]);
    machine.package("jq-1.7");
    symlink(machine.store("user-environment"), machine.path("other")).unwrap();
    // An environment of one package, whose `bin` is linked whole.
    machine.package("fd-9");
    fs::create_dir_all(machine.store("single")).unwrap();
    symlink(machine.store("fd-9").join("bin"), machine.store("single").join("bin")).unwrap();
    symlink(machine.store("single"), machine.path("single")).unwrap();
    let jq = machine.store("jq-1.7").join("bin");
    let elsewhere = machine.elsewhere(&["other/bin", jq.to_str().unwrap(), "single/bin", "gone", "store"]);
    assert_eq!(elsewhere.places().len(), 4);
    let of = |name: &str| elsewhere.of_element(&machine.element(name));
    let has = |place: &Path, version| Some((place.to_owned(), version));
    let told = |name: &str| match of(name)? {
        Match::Same { place } => Some((place.to_owned(), "same")),
        Match::OtherVersion { place, version } => Some((place.to_owned(), version)),
    };
    let (git, single, system) = (machine.path("other/bin"), machine.path("single/bin"), machine.path("sw"));
    assert_eq!(told("git-2.50.0"), has(&git, "2.40.0"));
    assert_eq!(told("jq-1.9"), has(&jq, "1.7"));
    assert_eq!(told("fd-9"), has(&single, "same"));
    assert_eq!(told("jq-1.8"), has(&system, "same"), "the very same path counts before another version");
}
