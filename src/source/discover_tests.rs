use std::ffi::OsString;
use std::os::unix::fs::symlink;

use super::*;
use crate::nix::{Access, Config, User};

/// A made-up machine.
struct Home {
    folder: tempfile::TempDir,
    config: Config,
    nix_path: Option<String>,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), config: Config::default(), nix_path: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, name: &str, target: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.path(target), path).unwrap();
    }

    /// What `nix-channel` makes of a release of nixpkgs.
    fn unpack(&self, release: &str, name: &str) -> String {
        let place = format!("store/h-{release}/{name}");
        self.write(&format!("{place}/default.nix"), "{ }");
        self.write(&format!("{place}/pkgs/top-level/all-packages.nix"), "");
        place
    }

    fn registry(&self, file: &str, to: &serde_json::Value) {
        let from = serde_json::json!({"type": "indirect", "id": "nixpkgs"});
        self.write(file, &serde_json::json!({"version": 2, "flakes": [{"from": from, "to": to}]}).to_string());
    }

    fn discover(&self) -> Vec<Found> {
        let user = User {
            name: "ada".into(),
            is_root: false,
            home: Some(self.path("home")),
            state_home: Some(self.path("home/.local/state")),
            config_home: Some(self.path("home/.config")),
        };
        let nix = Installation {
            store_directory: self.path("store"),
            state_directory: self.path("var"),
            access: Access::Direct,
            config: self.config.clone(),
            user,
            search_path: Vec::new(),
        };
        let variable = |name: &str| match name {
            "NIX_PATH" => self.nix_path.clone().map(OsString::from),
            "NIX_CONF_DIR" => Some(self.path("etc/nix").into()),
            _ => None,
        };
        discover(&nix, &variable)
    }

    /// Names and locations, with paths from this home.
    fn found(&self) -> Vec<(String, String)> {
        let root = format!("{}/", self.path("").to_str().unwrap().trim_end_matches('/'));
        let shown = |found: Found| (found.spec.name, found.spec.location.to_string().replace(&root, ""));
        self.discover().into_iter().map(shown).collect()
    }
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, location)| ((*name).to_owned(), (*location).to_owned())).collect()
}

fn url(found: &Found) -> Option<String> {
    found.spec.listing.as_ref().map(ToString::to_string)
}

#[test]
fn where_there_is_nothing_nothing_is_found() {
    assert_eq!(Home::new().discover(), []);
}

#[test]
fn channels_are_found_with_the_cheap_way_first() {
    let home = Home::new();
    let stable = home.unpack("nixos-25.11.9.abc", "nixos");
    let unstable = home.unpack("nixpkgs-26.05pre9.abc", "nixpkgs");
    home.link("home/.nix-defexpr/channels/nixpkgs", &unstable);
    home.write("home/.nix-defexpr/channels/manifest.nix", "[ ]");
    home.link("home/.nix-defexpr/channels_root", "var/profiles/per-user/root/channels");
    home.link("var/profiles/per-user/root/channels/nixos", &stable);
    home.write("home/.nix-defexpr/channels/mine/default.nix", "{ }");
    home.write("home/.nix-channels", "https://nixos.org/channels/nixos-unstable nixpkgs\n# comment\nbroken\n");
    let found = home.discover();
    assert_eq!(
        home.found(),
        pairs(&[
            ("mine", "home/.nix-defexpr/channels/mine"),
            ("nixpkgs", "home/.nix-defexpr/channels/nixpkgs"),
            ("nixos", "home/.nix-defexpr/channels_root/nixos"),
        ])
    );
    // The subscription tells more than the name of what was unpacked.
    assert_eq!(url(&found[1]).unwrap(), "https://channels.nixos.org/nixos-unstable/packages.json.br");
    assert_eq!(url(&found[2]).unwrap(), "https://channels.nixos.org/nixos-25.11/packages.json.br");
    let costs: Vec<_> = found.iter().map(|found| found.ways.iter().map(|way| &*way.cost).collect::<Vec<_>>()).collect();
    assert_eq!(costs[0], ["evaluated by Nix"]);
    assert_eq!(
        costs[2],
        [
            "a download of about 5 MB: the packages that nixos-25.11 has today",
            "evaluated by Nix: some minutes, and up to 7 GB of memory"
        ]
    );
    assert_eq!((found[2].ways[1].listing.as_ref(), found[0].spec.listing.as_ref()), (None, None));
}

#[test]
fn channels_are_found_in_every_layout() {
    let home = Home::new();
    home.write("home/.nix-defexpr/own/default.nix", "{ }");
    home.write("home/.nix-defexpr/single.nix", "{ }");
    home.write("home/.nix-defexpr/empty/readme", "");
    home.write("home/.nix-defexpr/.hidden/default.nix", "{ }");
    let unstable = home.unpack("nixos-26.05pre9.abc", "nixos");
    home.link("home/.local/state/nix/defexpr/channels/nixos", &unstable);
    home.write("home/.local/state/nix/channels", "https://channels.nixos.org/nixos-unstable-small nixos\n");
    let of_root = home.unpack("nixos-25.11.9.abc", "nixos");
    home.link("var/profiles/per-user/root/channels/nixos", &of_root);
    assert_eq!(
        home.found(),
        pairs(&[
            ("own", "home/.nix-defexpr/own"),
            ("single", "home/.nix-defexpr/single.nix"),
            ("nixos", "home/.local/state/nix/defexpr/channels/nixos"),
            ("nixos-2", "var/profiles/per-user/root/channels/nixos"),
        ])
    );
    let small = home.discover().remove(2);
    assert_eq!(url(&small).unwrap(), "https://channels.nixos.org/nixos-unstable-small/packages.json.br");
}

#[test]
fn two_ways_to_one_place_are_one_source() {
    let mut home = Home::new();
    let stable = home.unpack("nixos-25.11.9.abc", "nixos");
    home.link("var/profiles/per-user/root/channels/nixos", &stable);
    home.nix_path = Some(format!("nixpkgs={}", home.path("var/profiles/per-user/root/channels/nixos").display()));
    home.registry("etc/nix/registry.json", &serde_json::json!({"type": "path", "path": home.path(&stable)}));
    assert_eq!(home.found(), pairs(&[("nixos", "var/profiles/per-user/root/channels/nixos")]));
    // Another checkout is another source, and no release.
    home.write("checkout/pkgs/top-level/all-packages.nix", "");
    home.write("checkout/.version", "26.05");
    home.nix_path = Some(format!("nixpkgs={}", home.path("checkout").display()));
    assert_eq!(home.found()[1..], pairs(&[("nixpkgs", "<nixpkgs>")]));
    assert_eq!(url(&home.discover()[1]), None);
    assert!(home.discover()[1].ways[0].cost.contains("7 GB"));
}

#[test]
fn without_the_variable_the_configuration_tells_the_search_path() {
    let mut home = Home::new();
    home.config.nix_path = vec!["nixpkgs=https://channels.nixos.org/nixos-25.11/nixexprs.tar.xz".into()];
    assert_eq!(home.found(), pairs(&[("nixpkgs", "<nixpkgs>")]));
    let found = home.discover().remove(0);
    assert_eq!(url(&found).unwrap(), "https://channels.nixos.org/nixos-25.11/packages.json.br");
    assert!(found.ways[1].cost.starts_with("a download of about 50 MB, evaluated by Nix"));
    home.nix_path = Some(String::new());
    assert_eq!(home.discover(), []);
}

#[test]
fn the_registries_are_asked_in_their_order() {
    let mut home = Home::new();
    assert_eq!(home.discover(), [], "without flakes the global registry means nothing");
    home.config.experimental_features.insert("flakes".into());
    assert_eq!(home.found(), pairs(&[("nixpkgs", "nixpkgs")]));
    let listing = |home: &Home| url(&home.discover()[0]);
    let of = |channel: &str| Some(format!("https://channels.nixos.org/{channel}/packages.json.br"));
    assert_eq!(listing(&home), of("nixpkgs-unstable"));
    home.config.flake_registry = Some(String::new());
    assert_eq!(home.discover(), [], "there is none");
    let github =
        |branch: &str| serde_json::json!({"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": branch});
    home.registry("etc/nix/registry.json", &github("nixos-25.11"));
    assert_eq!(listing(&home), of("nixos-25.11"));
    home.registry("home/.config/nix/registry.json", &github("nixos-unstable"));
    assert_eq!(listing(&home), of("nixos-unstable"));
    home.registry("home/.config/nix/registry.json", &github("master"));
    assert_eq!(listing(&home), None);
    home.write("home/.config/nix/registry.json", "{\"version\": 2, \"flakes\": [{\"from\"");
    assert_eq!(listing(&home), of("nixos-25.11"), "what is broken counts as empty");
    // A NixOS that is made of flakes: both lead to the same.
    home.nix_path = Some("nixpkgs=flake:nixpkgs".into());
    assert_eq!(home.found(), pairs(&[("nixpkgs", "nixpkgs")]));
    home.config.experimental_features.clear();
    assert_eq!(home.found(), pairs(&[("nixpkgs", "<nixpkgs>")]));
}

#[test]
fn every_name_is_one_that_a_source_may_have() {
    let home = Home::new();
    for name in ["a b", "a@b", "-x", "--", "a=b", "\u{1b}[31mred", "q\"uote", "ü"] {
        home.write(&format!("home/.nix-defexpr/{name}/default.nix"), "{ }");
    }
    let names: Vec<String> = home.discover().into_iter().map(|found| found.spec.name).collect();
    assert_eq!(names, ["[31mred", "source", "x", "a-b", "a-b-2", "a-b-3", "q-uote", "ü"]);
    for name in names {
        assert!(format!("{name}=<x>").parse::<Spec>().is_ok(), "{name}");
    }
}
