use proptest::prelude::*;

use super::flake::flake;
use super::nix::nix;
use super::*;
use crate::safe;

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn file(sources: Vec<(&str, Import)>, packages: Vec<Entry>) -> EnvFile {
    let source = |(name, import): (&str, Import)| Source { name: name.to_owned(), import };
    EnvFile {
        name: "my_env".to_owned(),
        sources: sources.into_iter().map(source).collect(),
        packages,
        ..EnvFile::default()
    }
}

fn search_path() -> Import {
    Import::SearchPath("nixpkgs".to_owned())
}

/// An active package of the first source, of which nothing more is known.
fn entry(path: &[&str], outputs: &[&str], priority: i64) -> Entry {
    Entry {
        name: path.last().unwrap().to_string(),
        version: "1.0".to_owned(),
        origin: origin(&path.join(".")),
        from: From::Attribute { source: 0, path: strings(path) },
        outputs: strings(outputs),
        priority,
        active: true,
        known: None,
        notes: Vec::new(),
    }
}

fn origin(attribute: &str) -> Origin {
    Origin { attribute: attribute.to_owned(), source: "nixpkgs".to_owned(), location: Some("<nixpkgs>".to_owned()) }
}

fn known(entry: Entry, outputs: &[&str], default: &[&str], priority: i64) -> Entry {
    Entry { known: Some(Known { outputs: strings(outputs), default: strings(default), priority }), ..entry }
}

#[track_caller]
fn parsed(text: &str) {
    let parsed = rnix::Root::parse(text);
    assert!(parsed.errors().is_empty(), "{:?}\n{text}", parsed.errors());
}

#[track_caller]
fn says(file: &EnvFile, expected: &str) {
    let text = nix(file);
    assert_eq!(text, expected, "{text}");
    parsed(&text);
}

/// The lines between those of `paths`, of packages of one source.
#[track_caller]
fn paths(packages: Vec<Entry>) -> String {
    let text = nix(&file(vec![("nixpkgs", search_path())], packages));
    parsed(&text);
    let from = text.find("  paths = ").unwrap();
    text[from..].strip_suffix("}\n").unwrap().to_owned()
}

#[test]
fn an_empty_profile_is_an_empty_environment() {
    says(
        &file(Vec::new(), Vec::new()),
        "let
  # For buildEnv and lib alone; not pinned.
  pkgs = import <nixpkgs> { };
in
pkgs.buildEnv {
  name = \"my_env\";
  paths = [ ];
}
",
    );
}

#[test]
fn every_source_is_imported_once_as_exactly_as_it_is_known() {
    let tarball = tarball(
        "github:NixOS/nixpkgs/0123456789abcdef0123456789abcdef01234567?narHash=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    )
    .unwrap();
    let sources = vec![
        ("my own", Import::File("/home/x/my own.nix".to_owned())),
        ("nixpkgs", Import::Nixpkgs { tarball, system: "x86_64-linux".to_owned() }),
        ("nixpkgs", search_path()),
        ("flake", Import::Flake { url: "path:/x?narHash=y".to_owned(), is_pinned: true }),
        ("import", Import::SearchPath("odd name".to_owned())),
    ];
    let mut packages: Vec<_> = (0..5)
        .map(|source| Entry { from: From::Attribute { source, path: strings(&["a"]) }, ..entry(&["a"], &["out"], 5) })
        .collect();
    packages[0].from = From::Whole { source: 0 };
    says(
        &file(sources, packages),
        "let
  # my own is not pinned: this takes what is there when it is built.
  my-own =
    let
      file = import (/. + \"/home/x/my own.nix\");
    in
    if builtins.isFunction file then file { } else file;
  pkgs =
    import
      (fetchTarball {
        url = \"https://github.com/NixOS/nixpkgs/archive/0123456789abcdef0123456789abcdef01234567.tar.gz\";
        sha256 = \"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\";
      })
      {
        config = { };
        overlays = [ ];
        system = \"x86_64-linux\";
      };
  # nixpkgs is not pinned: this takes what is there when it is built.
  nixpkgs = import <nixpkgs> { };
  flake = builtins.getFlake \"path:/x?narHash=y\";
  # import is not pinned: this takes what is there when it is built.
  source-import = import (builtins.findFile builtins.nixPath \"odd name\") { };
in
pkgs.buildEnv {
  name = \"my_env\";
  paths = [
    (my-own.default or my-own).out
    pkgs.a.out
    nixpkgs.a.out
    flake.a.out
    source-import.a.out
  ];
}
",
    );
}

#[test]
fn outputs_and_priorities_are_said_only_where_they_must_be() {
    let usual = |entry| known(entry, &["out", "dev", "man"], &["out", "man"], 5);
    let told = paths(vec![
        usual(entry(&["usual"], &["man", "out"], 5)),
        usual(entry(&["first"], &["man", "out"], 3)),
        usual(entry(&["below"], &["man", "out"], -3)),
        usual(entry(&["some"], &["dev", "out"], 5)),
        usual(entry(&["both"], &["dev", "out"], 6)),
        known(entry(&["own"], &["out"], 10), &["out"], &["out"], 10),
        // An output may have the priority of its package, or none.
        known(entry(&["own", "dev"], &["dev"], 10), &["out", "dev"], &["out"], 10),
        known(entry(&["own", "usual"], &["dev"], 5), &["out", "dev"], &["out"], 10),
        entry(&["unknown"], &["out"], 5),
        entry(&["unknown", "told"], &["out"], 7),
    ]);
    assert_eq!(
        told,
        "  paths = [
    pkgs.usual
    (pkgs.lib.setPrio 3 pkgs.first)
    (pkgs.lib.setPrio (-3) pkgs.below)
    pkgs.some.dev
    pkgs.some.out
    (pkgs.both.dev // { meta.priority = 6; })
    (pkgs.both.out // { meta.priority = 6; })
    pkgs.own
    (pkgs.own.dev.dev // { meta.priority = 10; })
    (pkgs.own.usual.dev // { meta.priority = 5; })
    pkgs.unknown.out
    (pkgs.unknown.told.out // { meta.priority = 7; })
  ];
"
    );
}

#[test]
fn extra_outputs_are_asked_of_all_only_where_that_says_the_same() {
    let split = |name, outputs: &[&str], priority| {
        known(entry(&[name], outputs, priority), &["out", "dev", "man"], &["out", "man"], 5)
    };
    let whole = || known(entry(&["whole"], &["out"], 5), &["out"], &["out"], 5);
    let all = vec![split("a", &["out", "dev", "man"], 5), whole(), split("b", &["dev", "man", "out"], 4)];
    assert_eq!(
        paths(all.clone()),
        "  paths = [
    pkgs.a
    pkgs.whole
    (pkgs.lib.setPrio 4 pkgs.b)
  ];
  extraOutputsToInstall = [ \"dev\" ];
"
    );
    let with = |more: Entry| paths([all.clone(), vec![more]].concat());
    assert!(with(Entry { from: From::Paths(strings(&["/s/a"])), ..whole() }).contains("extraOutputsToInstall"));
    assert!(with(Entry { active: false, ..split("off", &["out"], 5) }).contains("extraOutputsToInstall"));
    for (more, why) in [
        (split("c", &["out", "man"], 5), "it has dev, and is installed without"),
        (split("c", &["out", "dev"], 5), "it lacks an output that would be taken"),
        (entry(&["c"], &["out"], 5), "what it has is not known"),
    ] {
        let told = with(more);
        assert!(!told.contains("extraOutputsToInstall"), "{why}: {told}");
        assert!(told.contains("    pkgs.a.dev\n"), "{told}");
    }
}

#[test]
fn what_no_source_has_is_a_path_and_what_is_inactive_a_comment() {
    let stored =
        |priority| Entry { from: From::Paths(strings(&["/nix/store/a-b"])), ..entry(&["b"], &["out"], priority) };
    let told = paths(vec![
        stored(5),
        stored(4),
        Entry { active: false, ..stored(4) },
        Entry { active: false, ..entry(&["off"], &["out", "dev"], 5) },
        Entry {
            from: From::Nowhere(strings(&["/store/c"])),
            notes: strings(&["no Nix knows it"]),
            ..entry(&["c"], &["out"], 5)
        },
    ]);
    assert_eq!(
        told,
        "  paths = [
    (builtins.storePath \"/nix/store/a-b\")
    {
      outPath = builtins.storePath \"/nix/store/a-b\";
      meta.priority = 4;
    }
    # b is installed, but not active:
    # {
    #   outPath = builtins.storePath \"/nix/store/a-b\";
    #   meta.priority = 4;
    # }
    # off is installed, but not active:
    # pkgs.off.out
    # pkgs.off.dev
    # c: no Nix knows it.
    # /store/c
  ];
"
    );
    let one = paths(vec![stored(4)]);
    assert!(one.starts_with("  paths = [\n    {\n"), "{one}");
}

#[test]
fn odd_names_are_quoted_and_hostile_ones_stay_text() {
    let told = paths(vec![
        entry(&["aspellDicts", "or"], &["out"], 5),
        entry(&["7off", "a.b"], &["2"], 5),
        entry(&["a\"b\\c${d}\n\t$"], &["out"], 5),
        Entry {
            notes: strings(&["two\nlines \x1b[31m */ '' ${x}"]),
            active: false,
            ..entry(&["x\nbuiltins.abort"], &["out"], 5)
        },
    ]);
    assert_eq!(
        told,
        r#"  paths = [
    pkgs.aspellDicts."or".out
    pkgs."7off"."a.b"."2"
    pkgs."a\"b\\c\${d}\n\t\$".out
    # x\nbuiltins.abort: two\nlines \x1b[31m */ '' ${x}.
    # x\nbuiltins.abort is installed, but not active:
    # pkgs."x\nbuiltins.abort".out
  ];
"#
    );
}

#[test]
fn the_document_tells_all_that_the_file_does() {
    let mut off = entry(&["a", "or"], &["out", "dev"], 7);
    (off.active, off.notes) = (false, strings(&["a note"]));
    let stored = Entry {
        from: From::Paths(strings(&["/nix/store/b"])),
        origin: Origin::default(),
        ..entry(&["b"], &["out"], 5)
    };
    let file = EnvFile { notes: strings(&["of all"]), ..file(vec![("nixpkgs", search_path())], vec![off, stored]) };
    assert_eq!(
        json(&file),
        serde_json::json!({
            "nixLoom": 1,
            "name": "my_env",
            "system": "",
            "notes": ["of all"],
            "sources": [
                { "name": "nixpkgs", "kind": "search-path", "location": "<nixpkgs>", "hash": null, "pinned": false },
            ],
            "packages": [
                {
                    "name": "or", "version": "1.0", "source": 0, "attribute": ["a", "or"], "storePaths": null,
                    "outputs": ["out", "dev"], "priority": 7, "active": false, "notes": ["a note"],
                    "from": { "attribute": "a.or", "source": "nixpkgs", "location": "<nixpkgs>" },
                },
                {
                    "name": "b", "version": "1.0", "source": null, "attribute": null, "storePaths": ["/nix/store/b"],
                    "outputs": ["out"], "priority": 5, "active": true, "notes": [], "from": null,
                },
            ],
        })
    );
}

#[test]
fn a_flake_pins_its_inputs_in_itself_and_says_what_it_cannot_take_along() {
    let locked = |revision: char| {
        let revision: String = std::iter::repeat_n(revision, 40).collect();
        let hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A=";
        let tarball = tarball(&format!("github:NixOS/nixpkgs/{revision}?narHash={hash}")).unwrap();
        Import::Nixpkgs { tarball, system: "x86_64-linux".to_owned() }
    };
    let sources = vec![
        ("my own", Import::File("/home/x/my own.nix".to_owned())),
        ("nixpkgs", locked('1')),
        ("nixpkgs", locked('2')),
        ("tools", Import::Flake { url: "path:/x?narHash=y".to_owned(), is_pinned: true }),
        ("self", Import::Flake { url: "github:a/b".to_owned(), is_pinned: false }),
        ("tools", search_path()),
    ];
    let of = |source| From::Attribute { source, path: strings(&["packages", "x86_64-linux", "a"]) };
    let mut packages: Vec<_> = (0..6).map(|at| Entry { from: of(at), ..entry(&["a"], &["out"], 5) }).collect();
    packages[0].from = From::Whole { source: 0 };
    let stored = Entry { from: From::Paths(strings(&["/nix/store/a-b"])), ..entry(&["b"], &["out"], 5) };
    let mut file = EnvFile { system: "x86_64-linux".to_owned(), ..file(sources, packages) };
    file.packages.push(stored);
    file.notes.push("A note".to_owned());
    let text = flake(&file);
    parsed(&text);
    assert_eq!(
        text,
        "# A note.
# Build it with `nix build --impure`: it reads /home/x/my own.nix, <nixpkgs>, paths of this machine's store, which can be no input of a flake.
{
  inputs = {
    nixpkgs.url = \"github:NixOS/nixpkgs/1111111111111111111111111111111111111111?narHash=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%2BA%3D\";
    nixpkgs-2.url = \"github:NixOS/nixpkgs/2222222222222222222222222222222222222222?narHash=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%2BA%3D\";
    tools.url = \"path:/x?narHash=y\";
    # self is not pinned: the lock file beside this one is.
    source-self.url = \"github:a/b\";
  };

  outputs =
    {
      self,
      nixpkgs,
      nixpkgs-2,
      tools,
      source-self,
    }:
    let
      # my own is not pinned: this takes what is there when it is built.
      my-own =
        let
          file = import (/. + \"/home/x/my own.nix\");
        in
        if builtins.isFunction file then file { } else file;
      pkgs = import nixpkgs {
        config = { };
        overlays = [ ];
        system = \"x86_64-linux\";
      };
      pkgs-of-nixpkgs-2 = import nixpkgs-2 {
        config = { };
        overlays = [ ];
        system = \"x86_64-linux\";
      };
      # tools is not pinned: this takes what is there when it is built.
      tools-2 = import <nixpkgs> { };
    in
    {
      packages.x86_64-linux.default = pkgs.buildEnv {
        name = \"my_env\";
        paths = [
          (my-own.default or my-own).out
          pkgs.packages.x86_64-linux.a.out
          pkgs-of-nixpkgs-2.packages.x86_64-linux.a.out
          tools.packages.x86_64-linux.a.out
          source-self.packages.x86_64-linux.a.out
          tools-2.packages.x86_64-linux.a.out
          (builtins.storePath \"/nix/store/a-b\")
        ];
      };
    };
}
"
    );
    assert_eq!(notes(&file, Format::Flake).len(), 2);
    assert_eq!(notes(&file, Format::Nix), ["A note"]);
}

#[test]
fn a_flake_has_nixpkgs_even_if_no_package_is_of_it() {
    let file = EnvFile { system: "x86_64-linux".to_owned(), ..file(Vec::new(), Vec::new()) };
    let text = flake(&file);
    parsed(&text);
    assert_eq!(
        text,
        "{
  inputs = {
    # For buildEnv and lib alone; not pinned.
    nixpkgs.url = \"github:NixOS/nixpkgs/nixpkgs-unstable\";
  };

  outputs =
    { self, nixpkgs }:
    let
      pkgs = import nixpkgs {
        config = { };
        overlays = [ ];
        system = \"x86_64-linux\";
      };
    in
    {
      packages.x86_64-linux.default = pkgs.buildEnv {
        name = \"my_env\";
        paths = [ ];
      };
    };
}
"
    );
}

/// The document of one package, with `from` in place of `to`.
fn document_with(from: &str, to: &str) -> Result<Document, DocumentError> {
    let file = file(vec![("nixpkgs", search_path())], vec![entry(&["a"], &["out"], 5)]);
    let text = text(&file, Format::Json);
    assert!(text.contains(from), "{from} is not in {text}");
    read(text.replace(from, to).as_bytes())
}

#[test]
fn a_document_may_leave_to_other_programs_what_is_for_them() {
    let whole = document_with("1.0", "1.0").unwrap();
    assert_eq!(whole.packages[0].origin, Some(origin("a")));
    let less = read(
        br#"{"nixLoom":1,"name":"my_env","packages":[{"name":"a","version":"1.0","outputs":["out"],"priority":5,
            "active":true,"from":{"attribute":"a","source":"nixpkgs","location":"<nixpkgs>"}}]}"#,
    );
    assert_eq!(less, Ok(whole));
}

#[test]
fn what_is_wrong_in_a_document_is_told_with_its_place() {
    for (from, to, told) in [
        (
            "\"priority\": 5",
            "\"priority\": \"5\"",
            "line 27, column 21, at packages[0].priority: invalid type: string \"5\", expected i32",
        ),
        ("\"priority\": 5", "\"priority\": 5000000000", "at packages[0].priority: invalid value: integer `5000000000`"),
        ("\"active\"", "\"activ\"", "at packages[0].activ: unknown field `activ`, expected one of"),
        ("\"active\": true,", "", "at packages[0]: missing field `active`"),
        ("\"attribute\": \"a\"", "\"attribute\": \"\"", "packages[0].from.attribute (a): it is empty"),
        ("\"out\"", "", "packages[0].outputs (a): there is none"),
        ("\"nixLoom\": 1", "\"nixLoom\": 2", "a newer nix-loom has written this: it is of version 2"),
        ("\"nixLoom\": 1,", "", "this is no document of `nix-loom export --format json`"),
        ("\"name\": \"a\"", "\"name\": \"a\\u001b[31m\", \"x\u{9b}\": 1", "at packages[0]"),
        ("\"from\"", "]", "line "),
    ] {
        let error = document_with(from, to).unwrap_err().to_string();
        assert!(error.contains(told), "{to}: {error}");
        assert_eq!(safe::text(&error), error, "it is safe for a terminal");
    }
    for text in ["", "[]", "null", "{", "[1,2", "{\"nixLoom\":-1}", "\u{0}"] {
        assert!(read(text.as_bytes()).is_err(), "{text}");
    }
    assert!(read(b"{\"nixLoom\":1,\"name\":\"a\",\"packages\":[]} x").unwrap_err().to_string().contains("trailing"));
    let deep = "[".repeat(100_000);
    assert!(read(format!("{{\"nixLoom\":1,\"x\":{deep}").as_bytes()).is_err());
}

/// Any import, of any text.
fn import() -> impl Strategy<Value = Import> {
    any::<String>().prop_flat_map(|text| {
        let locked = "github:NixOS/nixpkgs/0123456789abcdef0123456789abcdef01234567";
        let tarball = Tarball { url: text.clone(), hash: Some(text.clone()), ..tarball(locked).unwrap() };
        prop_oneof![
            Just(Import::AnyNixpkgs),
            Just(Import::SearchPath(text.clone())),
            Just(Import::File(format!("/{text}"))),
            Just(Import::Nixpkgs { tarball, system: text.clone() }),
            Just(Import::Flake { url: text, is_pinned: false }),
        ]
    })
}

fn package() -> impl Strategy<Value = (Vec<String>, Vec<String>, String, i64, bool, u8)> {
    let texts = || prop::collection::vec(any::<String>(), 1..4);
    (texts(), texts(), any::<String>(), any::<i32>().prop_map(i64::from), any::<bool>(), 0..4_u8)
}

proptest! {
    /// Whatever the texts are, the file is one expression of Nix, and no text is anything but a string or a comment.
    #[test]
    fn every_file_is_one_expression(
        sources in prop::collection::vec((any::<String>(), import()), 1..4),
        packages in prop::collection::vec(package(), 0..6),
    ) {
        let count = packages.len();
        let packages = packages.into_iter().map(|(path, outputs, name, priority, active, kind)| Entry {
            from: match kind {
                0 => From::Attribute { source: 0, path },
                1 => From::Whole { source: 0 },
                2 => From::Paths(path),
                _ => From::Nowhere(path),
            },
            notes: vec![name.clone()],
            known: None,
            version: name.clone(),
            origin: Origin { attribute: format!("a{name}"), source: name.clone(), location: Some(name.clone()) },
            name, outputs, priority, active,
        });
        let sources = sources.into_iter().map(|(name, import)| Source { name, import });
        let file = EnvFile { sources: sources.collect(), packages: packages.collect(), ..EnvFile::default() };
        for write in [nix, flake] {
            let text = write(&file);
            let parsed = rnix::Root::parse(&text);
            prop_assert!(parsed.errors().is_empty(), "{:?}\n{}", parsed.errors(), text);
            prop_assert_eq!(write(&file), text);
        }
        let document = read(text(&file, Format::Json).as_bytes()).unwrap();
        prop_assert_eq!(document.packages.len(), count);
        for (read, written) in document.packages.iter().zip(&file.packages) {
            let Entry { name, version, origin, outputs, priority, active, .. } = written.clone();
            prop_assert_eq!(read, &DocumentPackage { name, version, origin: Some(origin), outputs, priority, active });
        }
    }
}
