//! A lab with nixpkgs in it, and profiles there that are exported.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use super::judge::{Kind, json};
use super::lab::{Lab, PACKAGES};
use super::tree::Tree;

const CHANNELS: &str = "/nix/var/nix/profiles/per-user/root/channels";
/// A nixpkgs that is a Nix file and a flake; `<nixpkgs>` leads there, too.
pub const NIXPKGS: &str = "/tmp/nixpkgs";
/// The same, as nixpkgs was before its `setPrio` went by `overrideAttrs`.
pub const OLD_NIXPKGS: &str = "/tmp/old-nixpkgs";
/// The same with a builder that follows the rules `nixpkgs`, where the others have that of profiles.
pub const STRICT_NIXPKGS: &str = "/tmp/strict-nixpkgs";

/// Where packages come from, in every profile here.
const SOURCES: [&str; 3] = ["packages=/tmp/packages/default.nix", "flake=path:/tmp/packages", "channel=<nixpkgs>"];

pub fn prepare(lab: &Lab) {
    let fixture = |name: &str| format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let copied = |from: &str, to: &str| {
        fs::create_dir_all(lab.host(to)).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), lab.host(to).join(entry.file_name())).unwrap();
        }
    };
    // A flake cannot read what is beside it.
    let nixpkgs = include_str!("../fixtures/nixpkgs/default.nix").replace("../packages", "./packages");
    for (folder, text) in
        [(NIXPKGS, nixpkgs.clone()), (OLD_NIXPKGS, nixpkgs.replace("oldLib ? false", "oldLib ? true"))]
    {
        copied(&fixture("packages"), &format!("{folder}/packages"));
        fs::write(lab.host(format!("{folder}/default.nix")), text).unwrap();
        fs::write(lab.host(format!("{folder}/flake.nix")), "{ outputs = { self }: { }; }\n").unwrap();
    }
    copied(&fixture("build-env"), &format!("{STRICT_NIXPKGS}/build-env"));
    let strict =
        format!("arguments: import {NIXPKGS} arguments // {{ buildEnv = (import ./build-env {{ }}).buildEnvNew; }}\n");
    fs::write(lab.host(format!("{STRICT_NIXPKGS}/default.nix")), strict).unwrap();
    // Where Nix looks for <nixpkgs> if nobody says otherwise.
    fs::create_dir_all(lab.host(CHANNELS)).unwrap();
    symlink(NIXPKGS, lab.host(format!("{CHANNELS}/nixpkgs"))).unwrap();
    for kind in [Kind::NixEnv, Kind::NixProfile] {
        lab.nix_installs(kind, &base(lab, kind), &["carried"]);
    }
}

/// A profile of that kind with one package, `carried`, that Nix has made.
fn base(lab: &Lab, kind: Kind) -> String {
    lab.profile(&format!("base-{kind:?}"))
}

/// A profile.
pub struct Case<'a> {
    pub lab: &'a Lab,
    pub kind: Kind,
    pub profile: String,
}

impl<'a> Case<'a> {
    /// A new profile of that kind with `carried`.
    pub fn bare(lab: &'a Lab, kind: Kind, name: &str) -> Self {
        let profile = lab.profile(name);
        symlink(lab.follow(&base(lab, kind)), lab.host(&profile)).unwrap();
        Self { lab, kind, profile }
    }

    /// A new profile of that kind with these packages.
    #[track_caller]
    pub fn new(lab: &'a Lab, kind: Kind, name: &str, changes: &[&str]) -> Self {
        let case = Self::bare(lab, kind, name);
        case.loom(&[&["apply", "-carried"], changes].concat());
        case
    }

    /// What the program prints; it must succeed.
    #[track_caller]
    pub fn loom(&self, arguments: &[&str]) -> String {
        self.loom_with(&SOURCES, arguments)
    }

    /// The same with other sources.
    #[track_caller]
    pub fn loom_with(&self, sources: &[&str], arguments: &[&str]) -> String {
        let sources = sources.iter().flat_map(|source| ["--source", source]).collect::<Vec<_>>();
        let global = [&["--profile", &self.profile], &*sources].concat();
        let output = self.lab.loom_command(&[&global, arguments].concat()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "Nix {}: {arguments:?}\n{stdout}{stderr}", self.lab.version);
        stdout
    }

    /// Exports into a file of the lab; its text.
    #[track_caller]
    pub fn export(&self, out: &str, options: &[&str]) -> String {
        self.loom(&[&["export", "--force", "--out", out], options].concat());
        fs::read_to_string(self.lab.host(out)).unwrap()
    }

    /// Every link of the profile, without the manifest.
    pub fn tree(&self) -> Tree {
        tree(self.lab, &self.lab.follow(&self.profile))
    }

    /// What is installed, in order.
    #[track_caller]
    pub fn elements(&self) -> Vec<serde_json::Value> {
        json(&self.loom(&["list", "--json"])).as_array().unwrap().clone()
    }
}

/// Every link of an environment, without the manifest.
pub fn tree(lab: &Lab, environment: &str) -> Tree {
    let mut tree = Tree::read(&lab.host(environment));
    tree.0.retain(|path, _| !path.starts_with(b"manifest."));
    tree
}

/// What Nix builds of these files, all in one go, with this as `<nixpkgs>`.
#[track_caller]
pub fn built(lab: &Lab, nixpkgs: &str, files: &[String]) -> Vec<Tree> {
    let search_path = format!("nixpkgs={nixpkgs}");
    let files = files.iter().map(String::as_str);
    let answer =
        lab.run("nix-build", &["--no-out-link", "-I", &search_path].into_iter().chain(files).collect::<Vec<_>>());
    answer.lines().map(|path| tree(lab, path)).collect()
}

/// What the strict builder makes of these files, all in one go; `None` for what it refuses.
#[track_caller]
pub fn built_strictly(lab: &Lab, files: &[String]) -> Vec<Option<Tree>> {
    let search_path = format!("nixpkgs={STRICT_NIXPKGS}");
    let files = files.iter().map(String::as_str);
    let derivations = lab.run("nix-instantiate", &["-I", &search_path].into_iter().chain(files).collect::<Vec<_>>());
    let derivations: Vec<_> = derivations.lines().collect();
    lab.any("nix-store", &[&["--realise", "--keep-going"], &*derivations].concat());
    let outputs = lab.run("nix-store", &[&["--query", "--outputs"], &*derivations].concat());
    outputs.lines().map(|path| lab.is_there(path).then(|| tree(lab, path))).collect()
}

/// What Nix builds of these folders with a `flake.nix`, all in one go, by what the environments are called. Those that need
/// no other get our nixpkgs.
#[track_caller]
pub fn built_flakes(lab: &Lab, options: &[&str], folders: &[String]) -> BTreeMap<String, Tree> {
    let flakes: Vec<_> = folders.iter().map(|folder| format!("path:{folder}")).collect();
    let link = "/tmp/built-flake";
    let nixpkgs = format!("path:{NIXPKGS}");
    let fixed = ["build", "--out-link", link, "--override-input", "nixpkgs", &nixpkgs, "--no-write-lock-file"];
    let flakes = flakes.iter().map(String::as_str);
    lab.run("nix", &fixed.into_iter().chain(options.iter().copied()).chain(flakes).collect::<Vec<_>>());
    // The links are numbered in another order.
    let link = |at: usize| if at == 0 { link.to_owned() } else { format!("{link}-{at}") };
    let built = (0..folders.len()).map(|at| lab.follow(&link(at)));
    built.map(|path| (path.rsplit('/').next().unwrap()[33..].to_owned(), tree(lab, &path))).collect()
}

/// Where the packages are.
pub fn packages_file() -> String {
    format!("{PACKAGES}/default.nix")
}
