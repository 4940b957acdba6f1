//! Environment files in memory: what each holds, and what the environment is that it builds.

#![allow(clippy::unwrap_used)]

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_loom::engine::{self, Disk, ListingBuilder, Listings, NixpkgsRules, Rules};
use nix_loom::env_file::Nearby;
use nix_loom::loom::{
    EnvironmentChange, EnvironmentPackage, ImportKind, Imported, ImportedPackage, LoomError, OwnPlan,
};
use nix_loom::package::{Evaluated, Package, PackageOutput};
use nix_loom::profile::{Change, Element, ElementOutput};

use super::{Memory, OFFERED, path};

/// An environment of five packages, two of which want one path.
pub const FILE: &str = "/home/user/myproject_env.nix";
/// The same after its author has changed it.
pub const EDITED: &str = "/home/user/edited/myproject_env.nix";
/// An environment that its builder refuses.
pub const BLOCKED: &str = "/home/user/blocked_env.nix";
/// A set of packages.
pub const SET: &str = "/home/user/tools.nix";
/// It does not evaluate.
pub const BROKEN_FILE: &str = "/home/user/broken.nix";
/// Nothing in it is meant well.
pub const HOSTILE: &str = "/home/user/hostile.nix";

/// What Nix says of [`BROKEN_FILE`].
pub const PROBLEM: &str =
    "undefined variable 'zlb'\nat /home/user/broken.nix:4:7:\n     3|   paths = [\n     4|       zlb\n      |       ^";

/// A package in a file: its attribute on offer, outputs, priority.
type Taken = (&'static str, &'static [&'static str], i64);

const TAKEN: &[Taken] = &[
    ("zlib", &["out", "dev"], 5),
    ("ffmpeg", &["bin", "man"], 5),
    ("nodejs_24", &["out"], 5),
    ("neovim", &["out"], 6),
    ("vim", &["out"], 5),
];
const BLOCKED_TAKEN: &[Taken] = &[("nodejs_18", &["out"], 5), ("nodejs_24", &["out"], 5)];
const SET_TAKEN: &[Taken] = &[("bat", &["out"], 5), ("ripgrep", &["out"], 5)];

/// What a file takes, if there is such a file.
fn taken(file: &Path) -> Option<Vec<Taken>> {
    Some(match file.to_str()? {
        FILE | HOSTILE => TAKEN.to_vec(),
        EDITED => TAKEN.iter().copied().filter(|taken| taken.0 != "ffmpeg").chain([("jq", &["bin"][..], 5)]).collect(),
        BLOCKED => BLOCKED_TAKEN.to_vec(),
        SET => SET_TAKEN.to_vec(),
        _ => return None,
    })
}

/// What the environment of a file is called, and where it is built.
fn built(file: &Path) -> (String, PathBuf) {
    let name = match file.to_str() {
        Some(HOSTILE) => "\u{1b}[31mred\u{202e}_env".to_owned(),
        Some(EDITED) => "myproject_env".to_owned(),
        _ => file.file_stem().unwrap().to_string_lossy().into_owned(),
    };
    let edited = if file == Path::new(EDITED) { "-edited" } else { "" };
    (name, format!("/store/{}{edited}", file.file_stem().unwrap().to_string_lossy()).into())
}

/// Every environment as it would be built: the first of equals keeps a path, a better priority takes it.
pub fn insert(listings: &mut Listings<Disk>) {
    for file in [FILE, EDITED, BLOCKED, HOSTILE].map(Path::new) {
        let mut files: Vec<(&str, u64)> = Vec::new();
        let mut packages = taken(file).unwrap();
        packages.sort_by_key(|(_, _, priority)| *priority);
        for (attribute, outputs, _) in packages {
            for (name, content) in super::contents(attribute, outputs) {
                if files.iter().all(|(there, _)| *there != name) {
                    files.push((name, content));
                }
            }
        }
        let mut listing = ListingBuilder::new();
        for (name, content) in files {
            listing.file(name.as_bytes(), 412_345, name.starts_with("bin/"), Some(content)).unwrap();
        }
        listings.insert(built(file).1.to_str().unwrap().as_bytes(), Arc::new(listing.finish()));
    }
}

/// A package that the file offers: itself, or one in it.
pub fn find(attribute: &str, source: &str) -> Option<Package> {
    let file = Path::new(source);
    let taken = taken(file)?;
    let source: Arc<str> = source.into();
    if attribute == "default" && file != Path::new(SET) {
        let (name, path) = built(file);
        let evaluated = Evaluated { full_name: name.clone(), ..Evaluated::default() };
        return Some(Package {
            attribute: "default".into(),
            name,
            version: String::new(),
            outputs: vec![PackageOutput { name: "out".into(), path: Some(path) }],
            default_outputs: vec!["out".into()],
            evaluated: Some(Arc::new(evaluated)),
            description: String::new(),
            source,
            ..Memory::offered("zlib")
        });
    }
    let name = attribute.strip_prefix("paths.").unwrap_or(attribute);
    let (of, outputs, priority) = taken.into_iter().find(|taken| taken.0 == name)?;
    Some(Package {
        attribute: attribute.into(),
        default_outputs: outputs.iter().map(ToString::to_string).collect(),
        priority,
        evaluated: Some(Arc::default()),
        source,
        ..Memory::offered(of)
    })
}

/// What a file holds beside what is installed.
pub fn import(
    file: &Path,
    elements: &[Element],
    plan: &dyn Fn(engine::Request) -> Result<engine::Plan, engine::PlanError>,
) -> Result<Imported, LoomError> {
    let problem = if file == Path::new(BROKEN_FILE) { PROBLEM } else { "it cannot be read: No such file or directory" };
    let failed = || LoomError::File { file: file.to_owned(), problem: problem.to_owned() };
    let taken = taken(file).ok_or_else(failed)?;
    let is_set = file == Path::new(SET);
    let source = file.to_str().unwrap();
    let install = |attribute: &str| Change::Install {
        attribute: attribute.into(),
        source: Some(source.into()),
        outputs: None,
        priority: None,
    };
    let attribute = |name: &str| if is_set { name.to_owned() } else { format!("paths.{name}") };
    let output = |of: &str, name: &&str| ElementOutput {
        name: (*name).into(),
        path: path(OFFERED.iter().find(|it| it.0 == of).unwrap(), name),
    };
    let packages = taken.iter().map(|(name, outputs, priority)| ImportedPackage {
        name: (*name).into(),
        version: Memory::offered(name).version,
        // What a configured source has as well is taken from there.
        attribute: if *name == "vim" { "vim".into() } else { attribute(name) },
        source: if *name == "vim" { "demo".into() } else { source.into() },
        outputs: outputs.iter().map(|it| output(name, it)).collect(),
        priority: *priority,
    });
    let (name, path) = built(file);
    let notes =
        if file == Path::new(HOSTILE) { vec!["it has \u{1b}[2J and \u{202e}what not".to_owned()] } else { Vec::new() };
    Ok(Imported {
        file: file.to_owned(),
        kind: if is_set { ImportKind::Set } else { ImportKind::BuildEnv },
        packages: packages.collect(),
        own: (!is_set).then(|| own(file, &taken, plan)),
        rules: (!is_set).then(|| Rules::Nixpkgs(NixpkgsRules::default())),
        post_build: (file == Path::new(HOSTILE)).then(|| "rm -rf \u{1b}c".to_owned()),
        whole: (!is_set).then(|| install("default")),
        apart: taken.iter().map(|(name, ..)| install(&attribute(name))).collect(),
        since: elements.iter().find(|element| element.name == name).map(|element| since(element, &path)),
        notes,
        name,
    })
}

/// What its builder makes of it.
fn own(
    file: &Path,
    taken: &[Taken],
    plan: &dyn Fn(engine::Request) -> Result<engine::Plan, engine::PlanError>,
) -> OwnPlan {
    let packages = taken.iter().map(|(name, outputs, priority)| engine::Package {
        name: (*name).into(),
        priority: *priority,
        active: true,
        outputs: outputs
            .iter()
            .map(|output| engine::Output {
                name: (*output).into(),
                path: path(OFFERED.iter().find(|it| it.0 == *name).unwrap(), output).as_os_str().as_bytes().into(),
            })
            .collect(),
    });
    let rules = Rules::Nixpkgs(NixpkgsRules::default());
    let request = engine::Request { rules, packages: packages.collect(), compare_contents: true };
    let (name, path) = built(file);
    let doubts = if file == Path::new(HOSTILE) { vec!["postBuild may change it".to_owned()] } else { Vec::new() };
    OwnPlan { name, path, plan: plan(request).map(Arc::new), unlisted: Vec::new(), doubts }
}

fn since(element: &Element, path: &Path) -> EnvironmentChange {
    let package = |name: &str, version: &str, output: &str| EnvironmentPackage {
        name: name.into(),
        version: version.into(),
        output: output.into(),
    };
    let change = EnvironmentChange { element: element.name.clone(), ..EnvironmentChange::default() };
    if element.outputs.iter().any(|output| output.path == path) {
        return EnvironmentChange { is_same: true, ..change };
    }
    EnvironmentChange {
        added: vec![package("jq", "1.8.1", "bin")],
        removed: vec![package("ffmpeg", "8.0.1", "bin"), package("ffmpeg", "8.0.1", "man")],
        changed: vec![(package("nodejs", "24.11.0", "out"), package("nodejs", "24.11.1", "out"))],
        ..change
    }
}

/// What the home of the user has, and nothing else.
pub fn folder(folder: &Path) -> io::Result<Vec<Nearby>> {
    let file = |name: &str| Nearby { is_folder: false, name: name.into() };
    let folder_called = |name: &str| Nearby { is_folder: true, name: name.into() };
    match folder.to_str().map(|folder| folder.trim_end_matches('/')) {
        Some("/home/user" | ".") => {
            let names =
                ["blocked_env.nix", "broken.nix", "hostile.nix", "myproject_env.nix", "tools.nix", "\u{202e}x.nix"];
            Ok(names.map(file).into_iter().chain([folder_called("edited")]).collect())
        }
        Some("/home/user/edited" | "edited") => Ok(vec![file("myproject_env.nix")]),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}
