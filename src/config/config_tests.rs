use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[path = "file_tests.rs"]
mod file_tests;
#[path = "properties.rs"]
mod properties;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new(text: &str) -> Self {
        let place = Self::empty();
        fs::write(place.file(), text).unwrap();
        place
    }

    fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("config.toml")
    }

    fn load(&self) -> Config {
        Config::load(&self.file()).unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    /// The files beside the config and it.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn spec(text: &str) -> Spec {
    text.parse().unwrap()
}

fn names(config: &Config) -> Vec<&str> {
    config.sources().iter().map(|source| source.name.as_str()).collect()
}

/// What is said of a file with this text, after its path.
fn error(text: &str) -> String {
    let place = Place::new(text);
    let error = Config::load(&place.file()).unwrap_err().to_string();
    let path = format!("{}: ", place.file().display());
    error.strip_prefix(&path).unwrap_or_else(|| panic!("{error} names no file")).to_owned()
}

const BY_HAND: &str = "\
# My sources.
# Keep the work one first!

# from the team
[[source]]
name = 'work'   # not \"job\"
location = \"github:team/packages\" # they promised to keep it
# they say it moves

# ---- the usual ----

  [[source]] # channel
  location = '<nixpkgs>'
  # written by hand
  name     = \"nixpkgs\"
  enabled=false#too slow
[[source]]
name = \"old\"
location = \"<old>\"

# vim: ft=toml
";

#[test]
fn a_missing_file_has_no_sources_and_the_first_one_is_put_into_a_file_that_explains_itself() {
    let place = Place::empty();
    let file = place.dir.path().join("made/on/the/way/config.toml");
    let mut config = Config::load(&file).unwrap();
    assert_eq!(config.sources(), []);
    assert!(matches!(config.remove("x"), Err(ConfigError::NoSource { .. })));
    assert!(!file.exists(), "what cannot be done makes no file");
    config.add(&spec("nixpkgs=<nixpkgs>"), None).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, format!("{TEMPLATE}\n[[source]]\nname = \"nixpkgs\"\nlocation = \"<nixpkgs>\"\n"));
    assert_eq!(fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    let [source] = config.sources() else { panic!("{:?}", config.sources()) };
    assert_eq!((source.enabled, source.spec.as_ref().unwrap()), (true, &spec("nixpkgs=<nixpkgs>")));
}

#[test]
fn the_example_in_the_new_file_is_right() {
    let example: Vec<&str> = TEMPLATE
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with('[') || line.contains(" = "))
        .collect();
    let place = Place::new(&example.join("\n"));
    let entries = entries::parse(&place.text()).unwrap();
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(entry.name.text, "nixpkgs");
    assert!(entry.listing.is_some() && entry.pin.is_some() && entry.enabled.as_ref().unwrap().is_set);
    let config = place.load();
    assert_eq!(
        config.screen().iter().map(|setting| (&*setting.name, &setting.value)).collect::<Vec<_>>(),
        [
            ("theme", &Value::Text("terminal".into())),
            ("marks", &Value::Text("auto".into())),
            ("mouse", &Value::Flag(true)),
            ("motion", &Value::Text("full".into())),
        ],
        "as it is with nothing set"
    );
    let [panes] = config.keys() else { panic!("{:?}", config.keys()) };
    let reload = Setting {
        name: "reload".into(),
        spot: Spot { line: 14, column: 1 },
        value: Value::Text("f5".into()),
        value_spot: Spot { line: 14, column: 10 },
    };
    assert_eq!((&*panes.name, panes.spot, &panes.settings[1]), ("panes", Spot { line: 12, column: 7 }, &reload));
    let place = Place::new(TEMPLATE);
    let config = place.load();
    assert!(config.sources().is_empty() && config.screen().is_empty() && config.keys().is_empty());
}

#[test]
fn every_edit_keeps_the_rest_as_it_was_written_by_hand() {
    let place = Place::new(BY_HAND);
    let mut config = place.load();
    assert_eq!(names(&config), ["work", "nixpkgs", "old"]);
    assert_eq!(config.sources().iter().map(|source| source.line).collect::<Vec<_>>(), [5, 12, 17]);

    config.set_enabled("nixpkgs", true).unwrap();
    assert_eq!(place.text(), BY_HAND.replace("enabled=false#too slow", "enabled=true#too slow"));
    config.set_enabled("nixpkgs", false).unwrap();
    assert_eq!(place.text(), BY_HAND);
    config.rename("nixpkgs", "pkgs").unwrap();
    assert_eq!(place.text(), BY_HAND.replace("\"nixpkgs\"", "\"pkgs\""));
    config.rename("pkgs", "nixpkgs").unwrap();

    config.set_enabled("work", false).unwrap();
    let there = "# they promised to keep it\n";
    assert_eq!(place.text(), BY_HAND.replace(there, &format!("{there}enabled = false\n")));
    fs::write(place.file(), BY_HAND).unwrap();

    let listing = "https://example.org/packages.json.br".parse().unwrap();
    config.set_listing("nixpkgs", Some(&listing)).unwrap();
    let line = "  listing = \"https://example.org/packages.json.br\"\n";
    let there = "  location = '<nixpkgs>'\n";
    assert_eq!(place.text(), BY_HAND.replace(there, &format!("{there}{line}")));
    config.set_listing("nixpkgs", None).unwrap();
    assert_eq!(place.text(), BY_HAND);
}

const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn a_pin_is_a_line_of_its_source_that_comes_moves_and_goes() {
    let place = Place::new(BY_HAND);
    let mut config = place.load();
    let pin = |digit: &str| format!("github:team/packages/{}", REVISION.replace('0', digit)).parse::<Pin>().unwrap();
    config.set_pin("work", Some(&pin("0"))).unwrap();
    let there = "location = \"github:team/packages\" # they promised to keep it\n";
    let line = |digit: &str| format!("{there}pin = \"{}\"\n", pin(digit));
    assert_eq!(place.text(), BY_HAND.replace(there, &line("0")));
    assert_eq!(config.source("work").unwrap().spec.as_ref().unwrap().pin, Some(pin("0")));
    config.set_pin("work", Some(&pin("9"))).unwrap();
    assert_eq!(place.text(), BY_HAND.replace(there, &line("9")));
    config.set_enabled("work", false).unwrap();
    config.set_enabled("work", true).unwrap();
    config.set_pin("work", None).unwrap();
    assert_eq!(place.text().replace("enabled = true\n", ""), BY_HAND);
    assert!(matches!(config.set_pin("none", None), Err(ConfigError::NoSource { .. })));
}

#[test]
fn a_pin_that_is_none_of_its_source_is_the_trouble_of_that_source_alone() {
    let source = |name: &str, location: &str, pin: &str| {
        format!("[[source]]\nname = \"{name}\"\nlocation = \"{location}\"\npin = \"{pin}\"\n")
    };
    let flake = format!("github:a/b/{REVISION}");
    let tarball = format!("https://x.org/{REVISION}.tar.gz?narHash=sha256-{}=", "A".repeat(43));
    let place = Place::new(
        &[
            source("channel", "<nixpkgs>", &flake),
            source("listing", "https://x.org/packages.json", &flake),
            source("pinned", "<nixpkgs>", &tarball),
            source("flake", "github:a/b", &flake),
        ]
        .concat(),
    );
    let config = place.load();
    let problems: Vec<_> = config.sources().iter().map(|source| source.problem().unwrap_or_default()).collect();
    assert!(problems[0].contains("a source that is no flake is pinned to a tarball with its narHash"), "{problems:?}");
    assert!(problems[1].contains("a listing is what it is"), "{problems:?}");
    assert_eq!(problems[2..], ["", ""]);
}

#[test]
fn a_source_moves_with_the_comments_at_it_and_those_of_the_file_stay() {
    let place = Place::new(BY_HAND);
    let mut config = place.load();
    config.move_to("work", 2).unwrap();
    assert_eq!(names(&config), ["nixpkgs", "old", "work"]);
    assert_eq!(
        place.text(),
        "\
# My sources.
# Keep the work one first!

# ---- the usual ----

  [[source]] # channel
  location = '<nixpkgs>'
  # written by hand
  name     = \"nixpkgs\"
  enabled=false#too slow
[[source]]
name = \"old\"
location = \"<old>\"

# from the team
[[source]]
name = 'work'   # not \"job\"
location = \"github:team/packages\" # they promised to keep it
# they say it moves

# vim: ft=toml
"
    );
    config.remove("work").unwrap();
    config.remove("nixpkgs").unwrap();
    config.remove("old").unwrap();
    assert_eq!(
        place.text(),
        "# My sources.\n# Keep the work one first!\n\n# ---- the usual ----\n\n# vim: ft=toml\n",
        "comments that stand at no source stay"
    );
}

#[test]
fn the_comment_with_which_the_file_begins_is_no_sources_own() {
    let place = Place::new(
        "# all mine\n[[source]]\nname = \"a\"\nlocation = \"<a>\"\n[[source]]\nname = \"b\"\nlocation = \"<b>\"",
    );
    let mut config = place.load();
    config.move_to("b", 0).unwrap();
    assert!(place.text().starts_with("# all mine\n\n[[source]]\nname = \"b\""), "{}", place.text());
    config.remove("b").unwrap();
    config.remove("a").unwrap();
    assert_eq!(place.text(), "# all mine\n");
}

/// Other settings anywhere among the sources.
const WITH_SCREEN: &str = "\
# mine
screen.theme = 'terminal' # plain

# of a
[[source]]
name = \"a\"
location = \"<a>\"
# keys by hand
[keys.panes] # above b
show-plan = [ \"enter\",
  'ctrl-e', # both
]
# of b
[[source]]
name = \"b\"
location = \"<b>\"

[ keys . plan ]
apply='f9'
";

#[test]
fn edits_of_sources_keep_other_settings_where_and_as_they_are() {
    let place = Place::new(WITH_SCREEN);
    let mut config = place.load();
    let (screen, keys) = (config.screen().len(), config.keys().len());
    assert_eq!((names(&config), screen, keys), (vec!["a", "b"], 1, 2));
    let Value::Texts(texts) = &config.keys()[0].settings[0].value else { panic!() };
    assert_eq!(texts[1], ("ctrl-e".to_owned(), Spot { line: 11, column: 3 }));

    config.move_to("b", 0).unwrap();
    let [of_a, of_b] = [
        "# of a\n[[source]]\nname = \"a\"\nlocation = \"<a>\"\n",
        "# of b\n[[source]]\nname = \"b\"\nlocation = \"<b>\"\n",
    ];
    let keys = "# keys by hand\n[keys.panes] # above b\nshow-plan = [ \"enter\",\n  'ctrl-e', # both\n]\n";
    let end = "\n[ keys . plan ]\napply='f9'\n";
    let start = "# mine\nscreen.theme = 'terminal' # plain\n\n";
    assert_eq!(place.text(), format!("{start}{of_b}\n{of_a}{keys}{end}"));
    config.set_enabled("a", false).unwrap();
    config.set_enabled("a", true).unwrap();
    config.remove("a").unwrap();
    config.remove("b").unwrap();
    assert_eq!(place.text(), format!("{start}{keys}{end}"));
    config.add(&spec("c=<c>"), None).unwrap();
    assert_eq!(place.text(), format!("{start}{keys}{end}\n[[source]]\nname = \"c\"\nlocation = \"<c>\"\n"));
    assert_eq!((names(&config), config.screen().len(), config.keys().len()), (vec!["c"], 1, 2));
}

#[test]
fn a_listing_that_goes_leaves_its_comment() {
    let place =
        Place::new("[[source]]\nname = \"a\"\nlocation = \"<a>\"\n\tlisting = \"x\" # of May\nenabled = true\n");
    place.load().set_listing("a", None).unwrap();
    assert_eq!(place.text(), "[[source]]\nname = \"a\"\nlocation = \"<a>\"\n\t# of May\nenabled = true\n");
}

#[test]
fn lines_go_on_ending_as_they_end_and_a_mark_of_order_does_no_harm() {
    let place = Place::new("\u{feff}[[source]]\r\nname = \"a\"\r\nlocation = \"<a>\"\r\n");
    let mut config = place.load();
    config.add(&spec("b=<b>"), Some(0)).unwrap();
    config.set_enabled("a", false).unwrap();
    assert_eq!(names(&config), ["b", "a"]);
    let text = place.text();
    assert_eq!(text.matches("\r\n").count(), text.matches('\n').count(), "{text:?}");
    config.move_to("a", 0).unwrap();
    assert_eq!(names(&config), ["a", "b"]);
}

#[test]
fn what_is_no_config_is_told_with_line_column_and_the_way_out() {
    let source = "[[source]]\nname = \"a\"\nlocation = \"<a>\"\n";
    for (text, expected) in [
        ("[[source]\nname = 1", "line 1, column "),
        ("# a\n[[source]]\nname = \"a", "line 3, column "),
        ("[[source]]\nname = \"a\"\n", "line 1, column 1: a source without a location"),
        ("\n[[source]]\nlocation = \"a\"\n", "line 2, column 1: a source without a name"),
        ("sources = 1\n", "line 1, column 1: there is no setting \"sources\"; each source begins with [[source]], the"),
        ("screen = 1\n", "line 1, column 1: the settings of the screen begin with [screen]"),
        ("[[screen]]\n", "line 1, column 3: the settings of the screen begin with [screen]"),
        ("# a\n[keys]\nx = 1\n", "line 3, column 1: keys are set for one place each, as in [keys.panes]"),
        ("[source]\nname = \"a\"\n", "line 1, column 2: each source begins with [[source]]"),
        ("source = []\n", "line 1, column 1: each source begins with [[source]]"),
        (
            &format!("{source}enabeld = true\n"),
            "line 4, column 1: there is no setting \"enabeld\"; a source has name, location, listing, pin and enabled",
        ),
        (&format!("{source}\"en\\u001babled\" = true\n"), "line 4, column 1: there is no setting \"en\\u{1b}abled\""),
        (&format!("{source}enabled = \"no\"\n"), "line 4, column 11: enabled is true or false, and this is string"),
        (&format!("{source}listing = [\"a\"]\n"), "line 4, column 11: listing is a text in quotes, and this is array"),
        (&format!("{source}[source.listing]\nurl = \"a\"\n"), "listing is a text in quotes, and this is table"),
        (&format!("{source}\n{source}"), "line 6, column 8: a source before it is called \"a\" too"),
        ("[[source]]\nname = \"a b\"\nlocation = \"<a>\"\n", "line 2, column 8: a name has no ' ' in it"),
        ("[[source]]\nname = \"\"\nlocation = \"<a>\"\n", "line 2, column 8: the name is missing"),
        (&format!("{source}pin = \"main\"\n"), "line 4, column 7: main: this is no address of a revision; a pin is"),
        (&format!("{source}pin = \"github:a/b/main\"\n"), "line 4, column 7: github:a/b/main: this names no revision"),
        (&format!("{source}pin = \"git:x?rev=\u{1b}\"\n"), "line 4, column "),
        (&format!("{source}pin = 1\n"), "line 4, column 7: pin is a text in quotes, and this is integer"),
        (&format!("{source}name = \"b\"\n"), "line 4, column 1: duplicate key"),
    ] {
        let error = error(text);
        assert!(error.contains(expected), "{text}\n{error}");
        assert!(error.ends_with("; repair the file, or name another with --config"), "{error}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }
    let place = Place::empty();
    fs::write(place.file(), b"# caf\xe9\n").unwrap();
    let error = Config::load(&place.file()).unwrap_err().to_string();
    assert!(error.contains("line 1, column 6: this is not UTF-8"), "{error}");
}

#[test]
fn an_edit_of_a_file_that_cannot_be_read_leaves_it_alone() {
    let place = Place::new("[[source]]\nname = \"a\"\nlocation = \"<a>\"\n");
    let mut config = place.load();
    fs::write(place.file(), "[[sou").unwrap();
    assert!(matches!(config.add(&spec("b=<b>"), None), Err(ConfigError::Wrong { line: 1, .. })));
    assert_eq!(place.text(), "[[sou");
    assert_eq!(names(&config), ["a"], "as it was when it was read");
}

#[test]
fn a_location_that_means_nothing_now_is_the_trouble_of_its_source_alone() {
    let place = Place::new(
        "[[source]]\nname = \"gone\"\nlocation = \"./gone.nix\"\n[[source]]\nname = \"bad\"\nlocation = \"a#b\"\n\
         [[source]]\nname = \"good\"\nlocation = \"./here.nix\"\n",
    );
    let here = place.file().with_file_name("here.nix");
    fs::write(&here, "{ }").unwrap();
    let config = place.load();
    let [gone, bad, good] = config.sources() else { panic!() };
    let expected =
        format!("./gone.nix: cannot read {}: No such file", place.file().with_file_name("./gone.nix").display());
    assert!(gone.problem().unwrap().starts_with(&expected), "{:?}", gone.problem());
    assert!(bad.problem().unwrap().contains("leave the # and what follows away"));
    assert_eq!(good.spec.as_ref().unwrap().location, Location::File(here.clone()));
    // It can still be changed, and read again once its file is there.
    let mut config = config.clone();
    config.rename("gone", "back").unwrap();
    fs::write(here.with_file_name("gone.nix"), "{ }").unwrap();
    assert_eq!(place.load().sources()[0].problem(), None);
}

#[test]
fn every_kind_of_location_is_read_back_as_it_was_added() {
    let place = Place::empty();
    let at = place.file().parent().unwrap().to_owned();
    for (folder, file) in [("flake", "flake.nix"), ("plain", "default.nix"), ("pa\"ck\\ages\n# x", "x")] {
        fs::create_dir(at.join(folder)).unwrap();
        fs::write(at.join(folder).join(file), "{ }").unwrap();
        fs::write(at.join(folder).join("x.json"), "{ }").unwrap();
    }
    let file = |name: &str| Location::File(at.join(name));
    let locations = [
        file("plain"),
        file("plain/default.nix"),
        file("pa\"ck\\ages\n# x/x"),
        Location::SearchPath("nixpkgs/nixos".into()),
        Location::Flake("nixpkgs".into()),
        Location::Flake(at.join("flake").to_str().unwrap().to_owned()),
        Location::Folder(at.join("pa\"ck\\ages\n# x")),
        Location::Folder(at.join("plain")),
    ];
    let mut config = place.load();
    for (number, location) in locations.iter().enumerate() {
        let listing = (number % 2 == 1).then(|| ListingPlace::File(at.join("pa\"ck\\ages\n# x/x.json")));
        let spec = Spec { name: format!("source{number}"), location: location.clone(), listing, pin: None };
        config.add(&spec, None).unwrap();
        assert_eq!(config.sources()[number].spec.as_ref(), Ok(&spec));
        assert_eq!(place.load().sources(), config.sources());
    }
}

#[test]
fn names_that_are_taken_invalid_or_nowhere_change_nothing() {
    let place = Place::new(BY_HAND);
    let mut config = place.load();
    let path = place.file().display().to_string();
    let told = |done: Result<(), ConfigError>| done.unwrap_err().to_string().replace(&path, "FILE");
    assert_eq!(
        told(config.add(&spec("work=<x>"), None)),
        "FILE: a source is called work already; choose another name, or `nix-loom sources remove` that one first"
    );
    assert!(told(config.rename("old", "work")).contains("a source is called work already"));
    assert!(told(config.rename("old", "o d")).contains("o d: no source can be called so: a name has no ' ' in it"));
    let nameless = Spec { name: "a\u{1b}".into(), ..spec("x=<x>") };
    assert!(told(config.add(&nameless, None)).starts_with("a\\x1b: no source can be called so"));
    assert_eq!(
        told(config.set_enabled("n\u{1b}w", true)),
        "FILE: there is no source called n\\x1bw; there are work, nixpkgs, old"
    );
    assert!(told(config.remove("new")).contains("there is no source called new"));
    assert_eq!(
        told(config.move_to("old", 3)),
        "FILE: there is no position 4 among the sources, which are 3; 1 is the first"
    );
    assert!(matches!(config.add(&spec("x=<x>"), Some(4)), Err(ConfigError::Position { .. })));
    assert_eq!(place.text(), BY_HAND);
}
