//! Listings: a real one, and those that a real Nix fetches or prints.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix_loom::nix::Installation;
use nix_loom::package::{Obstacle, Package};
use nix_loom::progress::Silent;
use nix_loom::source::listing::{ListingError, fetch, fingerprint, read};
use support::lab::{Lab, PACKAGES, in_every_lab};

fn packages(path: &Path) -> Vec<Package> {
    let mut packages = Vec::new();
    read(path, &"test".into(), &mut |package| packages.push(package), &Silent).unwrap();
    packages
}

#[test]
fn the_catalogue_of_nixpkgs_is_read_whole() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/packages.json.br");
    if !path.exists() {
        return support::say(&format!("skipped: there is no {}", path.display()));
    }
    let packages = packages(&path);
    assert_eq!(packages.len(), 143_785);
    let by_attribute: HashMap<&str, &Package> = packages.iter().map(|it| (&*it.attribute, it)).collect();
    assert_eq!(by_attribute.len(), packages.len());

    let ripgrep = by_attribute["ripgrep"];
    assert_eq!((&*ripgrep.name, &*ripgrep.version, ripgrep.main_program.as_deref()), ("ripgrep", "15.1.0", Some("rg")));
    assert_eq!(ripgrep.licenses, ["Unlicense", "MIT"]);
    assert_eq!(ripgrep.homepage, "https://github.com/BurntSushi/ripgrep");
    let openssl = by_attribute["openssl"];
    let outputs: Vec<_> = openssl.outputs.iter().map(|output| &*output.name).collect();
    assert_eq!(outputs, ["bin", "debug", "dev", "doc", "man", "out"]);
    assert_eq!(openssl.default_outputs, ["bin", "man"]);
    assert_eq!(by_attribute["ccacheStdenv"].default_outputs, ["out"]);
    assert!(by_attribute.contains_key("vscode-extensions.\"4ops\".terraform"));
    assert!(by_attribute.contains_key("rubyPackages.\"http_parser.rb\""));

    let count = |obstacle| packages.iter().filter(|package| package.obstacles.contains(&obstacle)).count();
    assert_eq!((count(Obstacle::Broken), count(Obstacle::Unfree)), (13_375, 2996));
    assert_eq!((count(Obstacle::Insecure), count(Obstacle::OtherSystem)), (98, 464));
    // 134,660 are texts, one is a list.
    assert_eq!(packages.iter().filter(|package| !package.homepage.is_empty()).count(), 134_661);
    let is_whole = |package: &Package| {
        let is_output = |name| package.output(name).is_some();
        !package.name.is_empty()
            && !package.default_outputs.is_empty()
            && package.default_outputs.iter().all(|name| is_output(name))
    };
    assert!(packages.iter().all(is_whole));
}

in_every_lab!(nix_fetches_a_listing_once_in_a_while, what_nix_env_prints_is_a_listing);

/// What runs Nix' programs in the lab, so that the library under test may start them from here; with this configuration.
fn installation(lab: &Lab, folder: &Path, config: &str) -> Installation {
    let config = format!("NIX_CONFIG={config}");
    let inside = lab.command("env", &[&config, "nix-instantiate"]);
    let quoted = |text: &std::ffi::OsStr| format!("'{}'", text.to_str().unwrap().replace('\'', "'\\''"));
    let mut script = "#!/bin/sh\n".to_owned();
    for (name, value) in inside.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        writeln!(script, "export {}={}", name.display(), quoted(value)).unwrap();
    }
    let words: Vec<_> = std::iter::once(inside.get_program()).chain(inside.get_args()).map(quoted).collect();
    writeln!(script, "exec {} \"$@\"", words.join(" ")).unwrap();
    let program = folder.join("nix-instantiate");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let variable = |name: &str| (name == "NIX_STORE_DIR").then(|| folder.into());
    Installation { search_path: vec![folder.to_owned()], ..Installation::find(&variable).unwrap() }
}

fn write_listing(lab: &Lab, place: &str, names: &[&str]) {
    let entries: Vec<_> = names.iter().map(|name| format!("\"{name}\":{{\"name\":\"{name}-1\"}}")).collect();
    let json = format!("{{\"version\":\"2\",\"packages\":{{{}}}}}", entries.join(","));
    let file = fs::File::create(lab.host(place)).unwrap();
    brotli::CompressorWriter::new(file, 4096, 5, 22).write_all(json.as_bytes()).unwrap();
}

fn nix_fetches_a_listing_once_in_a_while(lab: &Lab) {
    let (place, url) = ("/tmp/listing.json.br", "file:///tmp/listing.json.br");
    let folder = support::temp_dir();
    let fetch = |config, url| -> Result<PathBuf, ListingError> {
        let path = fetch(url, &installation(lab, folder.path(), config), &Silent)?;
        assert!(path.starts_with(lab.store()), "{}", path.display());
        Ok(lab.host(path))
    };
    let names =
        |path: &Path| -> HashSet<String> { packages(path).into_iter().map(|package| package.attribute).collect() };

    write_listing(lab, place, &["a", "b"]);
    let first = fetch("", url).unwrap();
    assert_eq!(names(&first), HashSet::from(["a".to_owned(), "b".to_owned()]));

    // It is not fetched anew at every start, but when its time has come; and what is there stays good without a network.
    write_listing(lab, place, &["c"]);
    assert_eq!(fetch("", url).unwrap(), first);
    let second = fetch("tarball-ttl = 0", url).unwrap();
    assert_eq!(names(&second), HashSet::from(["c".to_owned()]));
    assert_ne!(fingerprint(&first).unwrap(), fingerprint(&second).unwrap());
    fs::remove_file(lab.host(place)).unwrap();
    assert_eq!(fetch("tarball-ttl = 0", url).unwrap(), second);

    // Nothing in an address becomes code, and what goes wrong is told in Nix' words.
    for url in ["file:///tmp/none.json", "file:///tmp/none\"; ${x}.json", "none\u{1b}://x/packages.json"] {
        let error = fetch("", url).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, ListingError::Fetch { .. }), "{said}");
        assert!(said.starts_with("cannot fetch ") && said.contains("none") && !said.contains('\u{1b}'), "{said}");
    }
}

fn what_nix_env_prints_is_a_listing(lab: &Lab) {
    let file = format!("{PACKAGES}/default.nix");
    let plain = lab.run("nix-env", &["-f", &file, "-qaP", "--json"]);
    let full = lab.run("nix-env", &["-f", &file, "-qaP", "--json", "--meta", "--out-path"]);
    let folder = support::temp_dir();
    let listed = |text: &str| -> HashMap<String, Package> {
        let path = folder.path().join("listing");
        fs::write(&path, text).unwrap();
        packages(&path).into_iter().map(|package| (package.attribute.clone(), package)).collect()
    };
    let (plain, full) = (listed(&plain), listed(&full));
    assert_eq!(plain.keys().collect::<HashSet<_>>(), full.keys().collect());
    let names = ["hello", "several", "rival", "meek", "bold", "carrier", "carried", "odd", "even"];
    assert!(names.iter().all(|name| full.contains_key(*name)));

    let several = &full["several"];
    assert_eq!((&*several.name, &*several.version), ("several", "1.5-rc1"));
    assert_eq!(several.default_outputs, ["out", "man"]);
    for name in ["out", "dev", "man"] {
        let path =
            lab.run("nix-instantiate", &["--eval", "--expr", &format!("(import {file} {{ }}).several.{name}.outPath")]);
        assert_eq!(several.output(name).unwrap().path.as_deref(), Some(Path::new(path.trim().trim_matches('"'))));
        assert_eq!(plain["several"].output(name).unwrap().path, None);
    }
    assert_eq!((full["meek"].priority, plain["meek"].priority), (10, 5));
    assert_eq!(full["hello"].description, "Says hello, \"quoted\" and for ${nothing}");
    assert_eq!(plain["hello"].description, "");
}
