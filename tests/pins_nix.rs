//! Sources that are held at a revision, with a real Nix in every version: found, moved, evaluated, told apart.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::judge::json;
use support::lab::{Answer, Lab, Who};

macro_rules! with_every_nix {
    ($($check:ident),* $(,)?) => {
        $(mod $check {
            #[test]
            fn nix_2_8() { super::with("2.8", super::$check); }
            #[test]
            fn nix_2_26() { super::with("2.26", super::$check); }
            #[test]
            fn nix_2_34() { super::with("2.34", super::$check); }
        })*
    };
}

with_every_nix!(
    a_pinned_flake_stays_where_it_is_until_its_pin_is_moved,
    two_pins_of_one_flake_are_two_sources,
    what_is_no_flake_is_pinned_to_a_tarball,
    what_keeps_no_revisions_or_is_rubbish_is_told_and_changes_nothing,
);

fn with(version: &'static str, check: fn(&Pinned)) {
    let Some(lab) = Lab::or_skip(version, Who::Root) else { return };
    check(&Pinned::new(&lab));
}

/// A flake with one package, `tool`, that gets newer, and a config file for sources of it.
struct Pinned<'a> {
    lab: &'a Lab,
    profile: String,
}

impl<'a> Pinned<'a> {
    fn new(lab: &'a Lab) -> Self {
        let pinned = Self { lab, profile: lab.profile("mine") };
        pinned.write_version("1");
        pinned
    }

    /// Where the flake is: in git, but for Nix 2.8, which would need the program git that its root has not; that takes a
    /// tarball.
    fn flake(&self) -> &'static str {
        if self.lab.version == "2.8" { "file:///tmp/flake.tar.gz" } else { "git+file:///tmp/flake" }
    }

    /// Makes the newest version of the flake.
    fn write_version(&self, version: &str) {
        let folder = self.lab.host("/tmp/flake");
        fs::create_dir_all(&folder).unwrap();
        let package = format!(
            "{{ system ? builtins.currentSystem }}: {{ tool = derivation {{ name = \"tool-{version}\"; inherit system; \
             builder = \"/bin/sh\"; args = [ \"-c\" \"/usr/bin/mkdir -p $out/bin; echo {version} >$out/bin/tool-{version}\" ]; \
             }} // {{ pname = \"tool\"; version = \"{version}\"; }}; }}"
        );
        fs::write(folder.join("default.nix"), package).unwrap();
        let flake = "{ outputs = { self }: { packages = builtins.listToAttrs (map (system: { name = system; value = \
                     import ./. { inherit system; }; }) [ \"x86_64-linux\" \"aarch64-linux\" ]); }; }";
        fs::write(folder.join("flake.nix"), flake).unwrap();
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.current_dir(&folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
            let who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
            succeed(command.args(who).args(arguments));
        };
        if !folder.join(".git").exists() {
            git(&["init", "--quiet"]);
        }
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", version]);
        self.tarball("flake");
        self.tarball(&format!("flake-{version}"));
    }

    /// Packs the folder of the flake, without what git keeps.
    fn tarball(&self, name: &str) -> String {
        let place = format!("/tmp/{name}.tar.gz");
        let mut tar = Command::new("tar");
        tar.args(["--exclude=.git", "-czf"]).arg(self.lab.host(&place)).arg("-C").arg(self.lab.host("/tmp"));
        succeed(tar.arg("flake"));
        format!("file://{place}")
    }

    fn config(&self) -> String {
        fs::read_to_string(self.lab.host("/tmp/config.toml")).unwrap_or_default()
    }

    fn any(&self, arguments: &[&str]) -> Answer {
        let global = ["--config", "/tmp/config.toml", "--profile", &self.profile];
        Answer::of(self.lab.loom_command(&[&global, arguments].concat()).output().unwrap())
    }

    #[track_caller]
    fn loom(&self, arguments: &[&str]) -> String {
        self.any(arguments).expect(&format!("Nix {}: {arguments:?}", self.lab.version))
    }

    /// The pin of a source, as the list of sources tells it.
    fn pin(&self, name: &str) -> Value {
        let sources = json(&self.loom(&["source", "list", "--json"]));
        sources.as_array().unwrap().iter().find(|source| source["name"] == name).unwrap()["pin"].clone()
    }

    /// What a source offers as `tool`.
    #[track_caller]
    fn offered(&self, source: &str) -> String {
        let shown = json(&self.loom(&["show", &format!("tool@{source}"), "--json"]));
        shown["version"].as_str().unwrap().to_owned()
    }

    /// Name, version and source of all that is installed.
    fn installed(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = json(&self.loom(&["list", "--json"]));
        let of = |it: &Value| (text(&it["name"]), text(&it["version"]), text(&it["source"]));
        list.as_array().unwrap().iter().map(of).collect()
    }
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn installed(name: &str, version: &str, source: &str) -> (String, String, String) {
    (name.to_owned(), version.to_owned(), source.to_owned())
}

fn a_pinned_flake_stays_where_it_is_until_its_pin_is_moved(pinned: &Pinned) {
    pinned.loom(&["source", "add", &format!("mine={}", pinned.flake())]);
    let before = pinned.config();
    let dry = pinned.loom(&["source", "pin", "mine", "--dry-run"]);
    assert!(dry.starts_with("mine would be pinned to ") && pinned.config() == before, "{dry}");
    let said = pinned.loom(&["source", "pin", "mine"]);
    assert!(said.starts_with("mine is pinned to ") && said.contains(pinned.flake()), "{said}");
    let first = pinned.pin("mine");
    assert!(first["hash"].as_str().unwrap().starts_with("sha256-"), "{first}");
    assert_eq!(first["revision"].is_string(), pinned.lab.version != "2.8", "{first}");
    assert_eq!(first["date"].is_string(), pinned.lab.version != "2.8", "{first}");
    assert_eq!(
        before,
        pinned
            .config()
            .lines()
            .filter(|line| !line.starts_with("pin = "))
            .fold(String::new(), |text, line| text + line + "\n")
    );
    pinned.loom(&["apply", "tool@mine"]);

    pinned.write_version("2");
    assert_eq!(pinned.offered("mine"), "1", "what it follows is newer");
    pinned.loom(&["apply", "tool@mine"]);
    assert_eq!(pinned.installed(), [installed("tool", "1", "mine")]);

    let moved = json(&pinned.loom(&["source", "pin", "mine", "--json"]));
    assert_eq!((&moved[0]["from"], &moved[0]["moved"]), (&first, &Value::Bool(true)));
    assert_eq!(pinned.pin("mine"), moved[0]["to"]);
    assert_ne!(moved[0]["to"]["hash"], first["hash"]);
    assert_eq!(pinned.offered("mine"), "2");
    // What was installed at the old revision is still of this source, whoever keeps the profile.
    assert_eq!(pinned.installed(), [installed("tool", "1", "mine")]);
    let kind = json(&pinned.loom(&["generations", "--json"])).to_string();
    for to in ["nix-env", "nix-profile"] {
        pinned.any(&["convert", to]);
        assert_eq!(pinned.installed(), [installed("tool", "1", "mine")], "{to} after {kind}");
    }
    let after = pinned.config();
    let again = pinned.loom(&["source", "pin", "mine"]);
    assert!(again.contains(" already, which ") && pinned.config() == after, "{again}");
    pinned.loom(&["apply", "tool@mine"]);
    assert_eq!(pinned.installed(), [installed("tool", "2", "mine")]);

    if let Some(revision) = first["revision"].as_str() {
        pinned.loom(&["source", "pin", "mine", revision]);
        assert_eq!(pinned.pin("mine")["hash"], first["hash"]);
        assert_eq!(pinned.offered("mine"), "1");
    }
    let unpinned = pinned.loom(&["source", "unpin", "mine"]);
    assert!(unpinned.starts_with(&format!("mine follows {} again; it was pinned to ", pinned.flake())), "{unpinned}");
    assert_eq!((pinned.pin("mine"), pinned.config()), (Value::Null, before));
    assert_eq!(pinned.offered("mine"), "2");
    assert!(pinned.loom(&["source", "unpin", "mine"]).starts_with("mine is not pinned"));
}

fn two_pins_of_one_flake_are_two_sources(pinned: &Pinned) {
    pinned.loom(&["source", "add", &format!("old={}", pinned.flake())]);
    pinned.loom(&["source", "pin", "old"]);
    pinned.write_version("2");
    pinned.loom(&["source", "add", &format!("new={}", pinned.flake())]);
    pinned.loom(&["source", "pin", "new"]);
    assert_eq!((pinned.offered("old"), pinned.offered("new")), ("1".to_owned(), "2".to_owned()));
    pinned.loom(&["apply", "tool@old"]);
    assert_eq!(pinned.installed(), [installed("tool", "1", "old")]);
    // nix-env knows one tool only; the other kind keeps both.
    let is_one = |both: &[(String, String, String)]| both.len() == 1;
    pinned.loom(&["apply", "tool@new"]);
    let both = pinned.installed();
    assert!(both.iter().any(|it| (&*it.1, &*it.2) == ("2", "new")), "{both:?}");
    if !is_one(&both) {
        assert!(both.iter().any(|it| (&*it.1, &*it.2) == ("1", "old")), "{both:?}");
    }

    // Each goes to the pin of its own source, wherever that is by then.
    pinned.write_version("3");
    pinned.loom(&["source", "pin", "new"]);
    let before = pinned.installed();
    pinned.loom(&["upgrade", "--apply"]);
    let at_pin = |(name, _, source): (String, String, String)| {
        let version = if source == "new" { "3" } else { "1" };
        (name, version.to_owned(), source)
    };
    assert_eq!(pinned.installed(), before.into_iter().map(at_pin).collect::<Vec<_>>());
    let sources = |it: Vec<(String, String, String)>| it.into_iter().map(|it| it.2).collect::<Vec<_>>();
    let before = sources(both);
    assert_eq!(sources(pinned.installed()), before);

    // All at once: what can be pinned is, and what cannot is told.
    pinned.loom(&["source", "add", "none=path:/no/such/flake"]);
    let all = pinned.any(&["source", "pin", "--all", "--json"]);
    assert_eq!(all.code, Some(1), "{all:?}");
    let moved = json(&all.stdout);
    let of = |name: &str| moved.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
    assert_eq!((&of("old")["moved"], &of("new")["moved"]), (&Value::Bool(true), &Value::Bool(false)));
    assert!(of("none")["error"].as_str().unwrap().contains("/no/such/flake"), "{moved}");
    assert_eq!(pinned.offered("old"), "3");
}

fn what_is_no_flake_is_pinned_to_a_tarball(pinned: &Pinned) {
    // As a channel is unpacked, whose files are those of nixpkgs.
    fs::create_dir_all(pinned.lab.host("/tmp/channel")).unwrap();
    fs::copy(pinned.lab.host("/tmp/flake/default.nix"), pinned.lab.host("/tmp/channel/default.nix")).unwrap();
    pinned.loom(&["source", "add", "mine=/tmp/channel"]);
    let none = pinned.any(&["source", "pin", "mine"]);
    assert_eq!((none.code, pinned.config().lines().any(|line| line.starts_with("pin = "))), (Some(1), false));
    assert!(none.stderr.contains("does not say which revision it is"), "{}", none.stderr);

    pinned.write_version("2");
    pinned.loom(&["source", "pin", "mine", "file:///tmp/flake-2.tar.gz"]);
    let pin = pinned.pin("mine");
    assert!(pin["address"].as_str().unwrap().starts_with("file:///tmp/flake-2.tar.gz?narHash=sha256-"), "{pin}");
    assert_eq!(pinned.offered("mine"), "2");
    pinned.loom(&["apply", "tool@mine"]);
    assert_eq!(pinned.installed(), [installed("tool", "2", "mine")]);

    // It is written into an environment file as what it came from, wherever the pin is by then, and Nix builds that.
    pinned.write_version("3");
    pinned.loom(&["source", "pin", "mine", "file:///tmp/flake-3.tar.gz"]);
    assert_eq!(pinned.offered("mine"), "3");
    let exported = pinned.loom(&["export"]);
    let hash = pin["hash"].as_str().unwrap();
    assert!(exported.contains("url = \"file:///tmp/flake-2.tar.gz\";") && exported.contains(hash), "{exported}");
    assert!(!exported.contains("mine is not pinned"), "{exported}");
    assert!(pinned.loom(&["export", "--unpinned"]).contains("/tmp/channel"));

    // A channel says its commit, of which the tarball would be fetched, were there a network.
    let revision = "fedcba9876543210fedcba9876543210fedcba98";
    fs::create_dir_all(pinned.lab.host("/tmp/channel/pkgs/top-level")).unwrap();
    fs::write(pinned.lab.host("/tmp/channel/.git-revision"), revision).unwrap();
    let before = pinned.config();
    for arguments in [&["mine"][..], &["mine", &revision.to_uppercase()]] {
        let answer = pinned.any(&[&["source", "pin"], arguments].concat());
        assert_eq!((answer.code, pinned.config()), (Some(1), before.clone()), "{answer:?}");
        let place = format!("/NixOS/nixpkgs/archive/{}.tar.gz", arguments.get(1).unwrap_or(&revision));
        assert!(answer.stderr.contains(&place), "{}", answer.stderr);
    }

    // What lists its packages may be newer than the pin, which is told.
    fs::write(pinned.lab.host("/tmp/packages.json"), r#"{"version":2,"packages":{}}"#).unwrap();
    pinned.loom(&["source", "add", "listed=/tmp/channel", "--listing", "/tmp/packages.json"]);
    let told = pinned.loom(&["source", "pin", "listed", "file:///tmp/flake-2.tar.gz"]);
    assert!(told.contains("Its listing is not of the pin: rows may show newer versions"), "{told}");

    // A file that is changed behind the pin is not taken for it, but where the store still has what it was.
    let other = pinned.config().replace("flake-3.tar.gz", "flake-1.tar.gz");
    fs::write(pinned.lab.host("/tmp/config.toml"), other).unwrap();
    let shown = pinned.any(&["show", "tool@mine", "--json"]);
    match shown.code {
        Some(0) => assert_eq!(json(&shown.stdout)["version"], "3"),
        _ => assert!(shown.stderr.contains("hash mismatch"), "{}", shown.stderr),
    }
}

fn what_keeps_no_revisions_or_is_rubbish_is_told_and_changes_nothing(pinned: &Pinned) {
    let add = |spec: &str| _ = pinned.loom(&["source", "add", spec]);
    add(&format!("flake={}", pinned.flake()));
    add("folder=path:/tmp/packages");
    add("file=/tmp/packages/default.nix");
    add("gone=git+file:///tmp/gone");
    fs::create_dir(pinned.lab.host("/tmp/many")).unwrap();
    add("many=folder:/tmp/many");
    let before = pinned.config();
    let nobody = "0123456789abcdef0123456789abcdef01234567";
    for (arguments, reason) in [
        (&["folder"][..], "is a folder, which keeps no revisions"),
        (&["file"], "is a Nix file, which keeps no revisions"),
        (&["many"], "a folder of packages keeps no revisions"),
        (&["gone"], "source gone: "),
        (&["none"], "there is no source called none"),
        (&["flake", "main"], "main is no revision"),
        (&["flake", "--option"], "--option"),
        (&["file", "main"], "main is neither a revision of git"),
        (&["file", "file:///tmp/gone.tar.gz"], "/tmp/gone.tar.gz"),
        (&["file", "ssh://x/y.tar.gz"], "ssh://x/y.tar.gz"),
        (&["file", nobody], "is not nixpkgs"),
        (&["flake", nobody], if pinned.lab.version == "2.8" { "not kept in git" } else { nobody }),
    ] {
        let answer = pinned.any(&[&["source", "pin"], arguments].concat());
        assert_ne!(answer.code, Some(0), "{arguments:?}: {answer:?}");
        assert!(answer.stderr.contains(reason), "{arguments:?}: {}", answer.stderr);
        assert_eq!(pinned.config(), before, "{arguments:?}");
    }
    if pinned.lab.version != "2.8" {
        fs::write(pinned.lab.host("/tmp/flake/flake.nix"), "{ outputs = { self }: { }; }").unwrap();
        let dirty = pinned.any(&["source", "pin", "flake"]);
        assert!(dirty.stderr.contains("has changes that are in no revision; commit them first"), "{}", dirty.stderr);
    }
    // What two programs pin at once is pinned by both.
    for name in ["a", "b"] {
        add(&format!("{name}=file:///tmp/flake.tar.gz"));
    }
    let global = ["--config", "/tmp/config.toml", "source", "pin"];
    let start = |name| {
        let mut command = pinned.lab.loom_command(&[&global[..], &[name]].concat());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    for mut child in ["a", "b"].map(start) {
        assert!(child.wait().unwrap().success());
    }
    assert!(pinned.pin("a").is_object() && pinned.pin("a") == pinned.pin("b"), "{}", pinned.config());
}
