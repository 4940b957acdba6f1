//! What texts mean as sources.

use super::*;

fn location(text: &str) -> Location {
    format!("name={text}").parse::<Spec>().unwrap().location
}

fn problem(text: &str) -> String {
    text.parse::<Spec>().unwrap_err().problem
}

#[test]
fn search_paths_and_flakes_are_told_by_their_form() {
    let spec: Spec = "unstable=<nixpkgs>".parse().unwrap();
    assert_eq!(
        spec,
        Spec { name: "unstable".into(), location: Location::SearchPath("nixpkgs".into()), listing: None, pin: None }
    );
    for flake in ["nixpkgs", "github:NixOS/nixpkgs/nixos-25.11", "git+https://x.org/a?ref=b", "path:/x", "flake:x"] {
        assert_eq!(location(flake), Location::Flake(flake.into()));
    }
}

#[test]
fn an_existing_path_is_a_file_or_a_flake_by_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().canonicalize().unwrap();
    for (folder, file) in [("flake", "flake.nix"), ("plain", "default.nix"), ("neither", "x"), ("a#b", "flake.nix")] {
        std::fs::create_dir(at.join(folder)).unwrap();
        std::fs::write(at.join(folder).join(file), "{ }").unwrap();
    }
    let path = |name: &str| at.join(name).to_str().unwrap().to_owned();
    assert_eq!(location(&path("flake")), Location::Flake(path("flake")));
    assert_eq!(location(&path("plain")), Location::File(at.join("plain")));
    assert_eq!(location(&path("neither/x")), Location::File(at.join("neither/x")));
    assert_eq!(location(&path("neither/../plain")), Location::File(at.join("plain")));
    assert!(problem(&format!("a={}", path("neither"))).contains("holds neither flake.nix nor default.nix"));
    assert!(problem(&format!("a={}", path("a#b"))).contains("without # and ?"));
    assert_eq!(location(&format!("folder:{}", path("plain"))), Location::Folder(at.join("plain")));
    assert!(problem(&format!("a=folder:{}", path("neither/x"))).contains("is no folder"));
    assert!(problem("a=folder:").contains("the path is missing"));
    assert!(problem(&format!("a={}", path("gone.nix"))).contains("cannot read"));
}

#[test]
fn a_relative_path_becomes_absolute() {
    // Tests run in the package's folder.
    let expected = std::env::current_dir().unwrap().join("src/source/evaluate.nix");
    assert_eq!(location("./src/source/evaluate.nix"), Location::File(expected.clone()));
    assert_eq!(location("src/source/evaluate.nix"), Location::File(expected));
}

#[test]
fn what_names_no_source_is_told_with_the_right_form() {
    for (text, expected) in [
        ("nixpkgs", "there is no ="),
        ("=x", "the name is missing"),
        ("a b=x", "no ' ' in it"),
        ("a@b=x", "no '@' in it"),
        ("a\u{1b}=x", "in it"),
        ("-a=x", "does not begin with -"),
        ("a=", "the location is missing"),
        ("a=<nixpkgs", "looks like <nixpkgs>"),
        ("a=--impure", "does not begin with -"),
        ("a=nixpkgs#hello", "leave the # and what follows away"),
        ("a=no such thing", "no blanks"),
    ] {
        assert!(problem(text).contains(expected), "{text}: {}", problem(text));
    }
    let error = "nixpkgs".parse::<Spec>().unwrap_err().to_string();
    assert!(error.starts_with("nixpkgs: there is no =; the form is NAME=LOCATION"), "{error}");
}

#[test]
fn a_listing_is_told_by_how_its_name_ends() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().canonicalize().unwrap();
    for name in ["packages.json", "mine.json.br", "packages.br", "x.json.nix"] {
        std::fs::write(at.join(name), "").unwrap();
    }
    std::fs::create_dir(at.join("set.json")).unwrap();
    std::fs::write(at.join("set.json/default.nix"), "{ }").unwrap();
    let path = |name: &str| at.join(name).to_str().unwrap().to_owned();
    for name in ["packages.json", "mine.json.br"] {
        assert_eq!(location(&path(name)), Location::Listing(ListingPlace::File(at.join(name))));
        assert_eq!(path(name).parse(), Ok(ListingPlace::File(at.join(name))));
    }
    for name in ["packages.br", "x.json.nix", "set.json"] {
        assert_eq!(location(&path(name)), Location::File(at.join(name)));
        assert!(path(name).parse::<ListingPlace>().unwrap_err().problem.contains("no listing"), "{name}");
    }
    assert!(problem(&format!("a={}", path("gone.json"))).contains("cannot read"));
    assert!(problem("a=gone.json").contains("cannot read gone.json"));
}

#[test]
fn an_address_is_a_listing_or_a_flake() {
    for url in [
        "https://channels.nixos.org/nixos-unstable/packages.json.br",
        "http://localhost:8080/packages.json",
        "file:///srv/packages.json.br",
        "https://example.org/packages.json?of=today",
    ] {
        assert_eq!(location(url), Location::Listing(ListingPlace::Url(url.into())));
        assert_eq!(url.parse(), Ok(ListingPlace::Url(url.into())));
    }
    for flake in ["https://example.org/a.tar.gz", "https://example.org/x?file=packages.json", "github:a/b.json"] {
        assert_eq!(location(flake), Location::Flake(flake.into()));
    }
    assert!(problem("a=https://example.org/packages.json#x").contains("leave the #"));
    assert!(problem("a=https://example.org/a b/packages.json").contains("no blanks"));
}

#[test]
fn what_names_no_listing_is_told_with_the_right_form() {
    for text in ["", "nixpkgs", "<nixpkgs>", "-x.json", "ftp://example.org/packages.json", "gone/packages.json"] {
        let error = text.parse::<ListingPlace>().unwrap_err().to_string();
        assert!(error.contains("; a listing is a file or an address that begins with https://"), "{error}");
    }
}

#[test]
fn what_stands_in_a_file_means_the_same_wherever_the_program_runs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().canonicalize().unwrap();
    std::fs::write(at.join("a.nix"), "{ }").unwrap();
    std::fs::write(at.join("packages.json"), "{ }").unwrap();
    let read = |location: &str, listing| Spec::in_file("name", location, listing, &at);
    assert_eq!(read("./a.nix", None).unwrap().location, Location::File(at.join("a.nix")));
    // Tests run in the package's folder, where there is a `src`.
    assert_eq!(read("src", None).unwrap().location, Location::Flake("src".into()));
    assert_eq!(read("folder:.", None).unwrap().location, Location::Folder(at.clone()));
    let listing = read("<nixpkgs>", Some("./packages.json")).unwrap().listing;
    assert_eq!(listing, Some(ListingPlace::File(at.join("packages.json"))));
    let listing = read("<nixpkgs>", Some("https://example.org/packages.json.br")).unwrap().listing;
    assert_eq!(listing, Some(ListingPlace::Url("https://example.org/packages.json.br".into())));
    assert!(read("./gone.nix", None).unwrap_err().problem.contains("cannot read"));
    assert!(read("<nixpkgs>", Some("./a.nix")).unwrap_err().problem.contains("no listing"));
}
