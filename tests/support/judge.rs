//! What Nix itself says of a profile in a [lab](Lab): what is installed, the tree it would build, what it would delete.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use super::lab::{Lab, PACKAGES};
use super::tree::{Node, Tree};

/// Which of Nix' two programs a profile belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    NixEnv,
    NixProfile,
}

/// What is installed, by name.
pub type Listed = BTreeMap<String, Element>;

/// An element of a profile, as far as both kinds have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub paths: BTreeSet<String>,
    pub priority: i64,
    pub active: bool,
}

impl Lab {
    /// Installs packages of [`PACKAGES`] with Nix' own program.
    #[track_caller]
    pub fn nix_installs(&self, kind: Kind, profile: &str, attributes: &[&str]) {
        match kind {
            Kind::NixEnv => {
                let install = ["--profile", profile, "--file", PACKAGES, "--install", "--attr"];
                self.run("nix-env", &[&install, attributes].concat());
            }
            Kind::NixProfile => {
                let flakes: Vec<_> =
                    attributes.iter().map(|attribute| format!("path:{PACKAGES}#{attribute}")).collect();
                let flakes: Vec<_> = flakes.iter().map(String::as_str).collect();
                self.run("nix", &[&["profile", "install", "--profile", profile], flakes.as_slice()].concat());
            }
        }
    }

    /// Removes an element with Nix' own program.
    #[track_caller]
    pub fn nix_removes(&self, kind: Kind, profile: &str, name: &str) {
        match kind {
            Kind::NixEnv => self.run("nix-env", &["--profile", profile, "--uninstall", name]),
            // 2.8 knows no names of elements, only attributes.
            Kind::NixProfile if self.version == "2.8" => {
                self.run("nix", &["profile", "remove", "--profile", profile, &format!(".*\\.{name}")])
            }
            Kind::NixProfile => self.run("nix", &["profile", "remove", "--profile", profile, name]),
        };
    }

    /// Rolls back one generation with Nix' own program.
    #[track_caller]
    pub fn nix_rolls_back(&self, kind: Kind, profile: &str) {
        match kind {
            Kind::NixEnv => self.run("nix-env", &["--profile", profile, "--rollback"]),
            Kind::NixProfile => self.run("nix", &["profile", "rollback", "--profile", profile]),
        };
    }

    /// What Nix lists.
    #[track_caller]
    pub fn nix_lists(&self, kind: Kind, profile: &str) -> Listed {
        match kind {
            Kind::NixEnv => {
                let query = ["--profile", profile, "--query", "--json", "--out-path", "--meta"];
                read_nix_env(&json(&self.run("nix-env", &query)))
            }
            Kind::NixProfile if self.version == "2.8" => {
                let list = self.run("nix", &["profile", "list", "--profile", profile]);
                let manifest = fs::read(self.host(self.follow(profile)).join("manifest.json")).unwrap();
                read_old_list(&list, &serde_json::from_slice(&manifest).unwrap())
            }
            Kind::NixProfile => {
                let list = json(&self.run("nix", &["profile", "list", "--profile", profile, "--json"]));
                list["elements"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, it)| (name.clone(), profile_element(it)))
                    .collect()
            }
        }
    }

    /// What `profile` leads to.
    pub fn environment(&self, profile: &str) -> Tree {
        Tree::read(&self.host(self.follow(profile)))
    }

    /// The environment that Nix builds from the manifest of `profile`, as a path of the store; `profile` stays as it is.
    ///
    /// - `nix-env -e` of what is not installed warns, and then builds the environment of all that is left as ever.
    /// - `nix profile remove` of what is not installed does so too in 2.8. Later versions build nothing then, so a package
    ///   without any file is installed and removed.
    #[track_caller]
    pub fn nix_rebuilds(&self, kind: Kind, profile: &str) -> String {
        self.on_a_copy(profile, |copy| {
            if kind == Kind::NixEnv || self.version == "2.8" {
                self.nix_removes(kind, copy, "no-such-package");
            } else {
                let nothing = format!("{}/nothing", self.home());
                fs::create_dir(self.host(&nothing)).unwrap();
                let path = self.run("nix-store", &["--add", &nothing]);
                fs::remove_dir(self.host(&nothing)).unwrap();
                self.run("nix", &["profile", "install", "--profile", copy, path.trim_end()]);
                self.nix_removes(kind, copy, "nothing");
            }
            self.follow(copy)
        })
    }

    /// Nix' own next installation, removal and rollback work on a profile with these elements and keep them all.
    #[track_caller]
    pub fn assert_nix_goes_on(&self, kind: Kind, profile: &str, listed: &Listed) {
        self.on_a_copy(profile, |copy| {
            self.nix_installs(kind, copy, &["many.n49"]);
            let mut more = self.nix_lists(kind, copy);
            assert!(more.remove("n49").is_some(), "what Nix installed is there");
            assert_eq!(more, *listed, "after Nix installed something");
            self.nix_removes(kind, copy, "n49");
            assert_eq!(self.nix_lists(kind, copy), *listed, "after Nix removed it again");
            self.nix_rolls_back(kind, copy);
            assert!(self.nix_lists(kind, copy).contains_key("n49"), "after Nix rolled back");
        });
    }

    /// Works on another profile that begins as the same environment, and removes it.
    #[track_caller]
    fn on_a_copy<T>(&self, profile: &str, work: impl FnOnce(&str) -> T) -> T {
        let folder = format!("{}/copy", self.home());
        self.run("mkdir", &[&folder]);
        let copy = format!("{folder}/profile");
        symlink(self.follow(profile), self.host(&copy)).unwrap();
        let result = work(&copy);
        fs::remove_dir_all(self.host(&folder)).unwrap();
        result
    }

    /// The environment of `profile` is the one that Nix builds from its manifest, to the last link.
    ///
    /// All that may differ is a manifest.json with keys that this Nix passes over and forgets: in which this program keeps
    /// what only `nix-env` records or where an element comes from, and those that 2.8 does not know yet.
    #[track_caller]
    pub fn assert_as_nix_builds(&self, kind: Kind, profile: &str) {
        let (mine, rebuilt) = (self.follow(profile), self.nix_rebuilds(kind, profile));
        let (text, expected) = (self.manifest(kind, &mine), self.manifest(kind, &rebuilt));
        let (mut ours, mut theirs) = (Tree::read(&self.host(&mine)), Tree::read(&self.host(&rebuilt)));
        let is_as_nix_writes_it = text == expected;
        if kind == Kind::NixProfile && !is_as_nix_writes_it {
            let unknown: &[_] = if self.version == "2.8" { &["outputs", "priority"] } else { &[] };
            let known = without(json(&text), &[&["nixEnv", "nixLoom"], unknown].concat());
            assert_eq!(known, json(&expected), "{profile}: the manifest");
            for tree in [&mut ours, &mut theirs] {
                tree.0.remove(&b"manifest.json"[..]);
            }
        } else {
            assert_eq!(text, expected, "{profile}: the manifest");
        }
        assert_eq!(differences(&ours, &theirs), Vec::<String>::new(), "{profile} (ours) is not {rebuilt} (Nix')");
        // The path of a `nix profile` environment is made from its content and its references.
        if kind == Kind::NixProfile && is_as_nix_writes_it {
            assert_eq!(mine, rebuilt, "the content is the same, so the references are not");
        }
    }

    /// The text of the manifest of an environment.
    #[track_caller]
    pub fn manifest(&self, kind: Kind, environment: &str) -> String {
        let name = if kind == Kind::NixEnv { "manifest.nix" } else { "manifest.json" };
        fs::read_to_string(self.host(self.follow(&format!("{environment}/{name}")))).unwrap()
    }

    /// Numbers and environments of all generations, oldest first.
    pub fn generations(&self, profile: &str) -> Vec<(u64, String)> {
        let (folder, name) = profile.rsplit_once('/').unwrap();
        let number = |entry: &str| entry.strip_prefix(name)?.strip_prefix('-')?.strip_suffix("-link")?.parse().ok();
        let entries = fs::read_dir(self.host(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let mut generations: Vec<(u64, String)> = entries
            .filter_map(|entry| {
                let entry = entry.to_str()?;
                Some((number(entry)?, self.follow(&format!("{folder}/{entry}"))))
            })
            .collect();
        generations.sort();
        generations
    }

    /// Collects garbage. What any generation has installed, inactive elements too, must survive it; what nothing needs
    /// must not.
    #[track_caller]
    pub fn collect_garbage(&self, profile: &str) {
        let litter = format!("{}/litter", self.home());
        fs::write(self.host(&litter), "nobody needs this").unwrap();
        let litter = self.run("nix-store", &["--add", &litter]);
        // The daemon's process for the one who added it may end, and let go of it, a moment after its client.
        let collected = (0..50).any(|_| {
            self.run("nix-store", &["--gc"]);
            !self.is_there(litter.trim_end())
        });
        assert!(collected, "the collection deleted nothing");
        let mut needs = BTreeSet::new();
        for (number, environment) in self.generations(profile) {
            assert!(self.is_there(&environment), "generation {number}, {environment}, was deleted");
            for needed in self.needs(&environment) {
                assert!(self.is_there(&needed), "{needed} of generation {number} was deleted");
                needs.insert(needed);
            }
            needs.insert(environment);
        }
        let needs = needs.iter().map(String::as_str);
        self.run("nix-store", &["--check-validity"].into_iter().chain(needs).collect::<Vec<_>>());
    }

    pub fn is_there(&self, path: &str) -> bool {
        self.host(path).symlink_metadata().is_ok()
    }

    /// All paths of the store to which an environment's links lead or which its manifest has installed.
    pub fn needs(&self, environment: &str) -> BTreeSet<String> {
        let links = Tree::read(&self.host(environment)).0.into_values().filter_map(|node| match node {
            Node::Link(target) => Some(String::from_utf8_lossy(&target).into_owned()),
            _ => None,
        });
        let mut texts: Vec<String> = links.collect();
        if self.is_there(&format!("{environment}/manifest.nix")) {
            // A main output that is not installed is named as well, but not as one of the outputs; it may be gone.
            let manifest = self.manifest(Kind::NixEnv, environment);
            texts.extend(
                manifest.split(" = { outPath = ").skip(1).map(|rest| rest[..rest.find('}').unwrap()].to_owned()),
            );
        } else if self.is_there(&format!("{environment}/manifest.json")) {
            let manifest = json(&self.manifest(Kind::NixProfile, environment));
            let elements = match &manifest["elements"] {
                Value::Array(elements) => elements.iter().collect(),
                elements => elements.as_object().unwrap().values().collect::<Vec<_>>(),
            };
            texts.extend(elements.into_iter().flat_map(|it| strings(it["storePaths"].as_array().unwrap())));
        }
        texts.iter().flat_map(|text| store_paths(&self.store(), text)).collect()
    }
}

/// The store paths that a text names, each cut off below the store.
fn store_paths(store: &str, text: &str) -> Vec<String> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "+-._?=".contains(letter);
    let folder = format!("{store}/");
    let after = text.split(&folder).skip(1);
    after.map(|rest| format!("{store}/{}", &rest[..rest.find(|c| !is_of_name(c)).unwrap_or(rest.len())])).collect()
}

/// What one tree has and the other has not, `<` before the first one's.
pub fn differences(a: &Tree, b: &Tree) -> Vec<String> {
    let missing = |from: &Tree, other: &Tree, mark: &str| -> Vec<String> {
        let only = from.0.iter().filter(|(path, node)| other.0.get(*path) != Some(node));
        only.map(|(path, node)| format!("{mark} {} {}", String::from_utf8_lossy(path), shown(node))).collect()
    };
    [missing(a, b, "<"), missing(b, a, ">")].concat()
}

fn shown(node: &Node) -> String {
    match node {
        Node::Directory => "a directory".to_owned(),
        Node::File { bytes, executable: false } => format!("a file: {}", String::from_utf8_lossy(bytes)),
        Node::File { bytes, executable: true } => format!("a program: {}", String::from_utf8_lossy(bytes)),
        Node::Link(target) => format!("a link to {}", String::from_utf8_lossy(target)),
    }
}

#[track_caller]
pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A manifest.json of any version without these keys of its elements.
fn without(mut manifest: Value, keys: &[&str]) -> Value {
    let clean = |element: &mut Value| element.as_object_mut().unwrap().retain(|key, _| !keys.contains(&key.as_str()));
    match &mut manifest["elements"] {
        Value::Array(elements) => elements.iter_mut().for_each(clean),
        elements => elements.as_object_mut().unwrap().values_mut().for_each(clean),
    }
    manifest
}

fn strings<'a>(values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    values.into_iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// Keys are numbers there. What the user set is a string, what the package says need not be one.
fn read_nix_env(list: &Value) -> Listed {
    let element = |it: &Value| {
        let priority = match &it["meta"]["priority"] {
            Value::Null => 5,
            Value::String(text) => text.parse().unwrap(),
            number => number.as_i64().unwrap(),
        };
        let active = it["meta"]["active"] != "false" && it["meta"]["active"] != false;
        let element = Element { paths: strings(it["outputs"].as_object().unwrap().values()), priority, active };
        (it["pname"].as_str().unwrap().to_owned(), element)
    };
    list.as_object().unwrap().values().map(element).collect()
}

fn profile_element(it: &Value) -> Element {
    Element {
        paths: strings(it["storePaths"].as_array().unwrap()),
        priority: it["priority"].as_i64().unwrap_or(5),
        active: it["active"].as_bool().unwrap(),
    }
}

/// The list of 2.8: a line for each element with its number, two flakes and its paths. That version knows no priorities,
/// and whether an element is active is in the manifest only. It knows no names either: an element is called by its
/// attribute, or by its first path if it is of no flake.
fn read_old_list(list: &str, manifest: &Value) -> Listed {
    let element = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let at: usize = words[0].parse().unwrap();
        let element = Element {
            paths: words[3..].iter().map(|&path| path.to_owned()).collect(),
            priority: 5,
            active: manifest["elements"][at]["active"].as_bool().unwrap(),
        };
        let name = if words[1] == "-" { words[3] } else { words[1].rsplit(['.', '#']).next().unwrap() };
        (name.to_owned(), element)
    };
    list.lines().map(element).collect()
}
