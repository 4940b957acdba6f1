//! Environment files woven into a profile before they are built, held against what a real Nix then makes of them.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use nix_loom::loom::{Loom, Options, StoreChoice, Verdict};
use nix_loom::profile::Transaction;
use nix_loom::progress::Silent;
use serde_json::{Value, json};
use support::nix::{Nix, lines, succeed};
use support::tree::Tree;
use support::{number_from_env, say};

/// A Nix, the packages of the tests, all of them built, and both forms of `buildEnv`.
struct Place(Nix);

struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new(nix: Nix) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        for folder in ["packages", "build-env"] {
            let to = nix.path(folder);
            fs::create_dir(&to).unwrap();
            for entry in fs::read_dir(fixtures.join(folder)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
        // A library, as most environments hold it, and something that is built only when it is asked for.
        let more = r#"{ }:
            let package = name: outputs: script: derivation {
                  inherit name outputs; system = builtins.currentSystem;
                  builder = "/bin/sh"; args = [ "-euc" script ]; PATH = "/usr/bin:/bin";
                };
            in import ./packages { } // {
              zlib = package "zlib-1.3.1" [ "out" "dev" ] ''
                mkdir -p $out/lib $dev/include
                echo z >$out/lib/libz.so.1; ln -s libz.so.1 $out/lib/libz.so; echo h >$dev/include/zlib.h'' // {
                  meta.outputsToInstall = [ "out" ];
                };
              clash = package "clash-1" [ "out" ] "mkdir -p $out/bin; echo other >$out/bin/hello";
              unbuilt = package "unbuilt-1" [ "out" ] "mkdir -p $out/bin; echo u >$out/bin/u";
            }"#;
        fs::write(nix.path("more.nix"), more).unwrap();
        let place = Self(nix);
        let packages =
            ["hello", "several", "rival", "meek", "bold", "carrier", "gathered", "odd", "even", "zlib", "clash"];
        let attributes = packages.iter().flat_map(|name| ["-A", name]);
        succeed(place.0.command("nix-build").args(["--no-out-link", "more.nix"]).args(attributes));
        // The other outputs, which nix-build passes over.
        succeed(place.0.command("nix-build").args([
            "--no-out-link",
            "more.nix",
            "-A",
            "several.dev",
            "-A",
            "several.man",
        ]));
        place
    }

    fn environment(&self, name: &str, form: &str, paths: &str, more: &str) -> PathBuf {
        let file = self.0.path(&format!("{name}.nix"));
        let text = format!(
            "let pkgs = import ./more.nix {{ }}; env = import ./build-env {{ }}; in\n\
             env.{form} {{ name = \"{name}\"; paths = with pkgs; [ {paths} ]; {more} }}\n"
        );
        fs::write(&file, text).unwrap();
        file
    }

    fn nix_env(&self, profile: &str, arguments: &[&str]) -> bool {
        let profile = self.0.path(profile);
        let output = self.0.command("nix-env").arg("--profile").arg(profile).args(arguments).output().unwrap();
        output.status.success()
    }

    fn loom(&self, code: i32, arguments: &[&str]) -> Said {
        let (profile, source) = (self.0.path("profile"), format!("more={}", self.0.path("more.nix").display()));
        let mut command = self.0.command(env!("CARGO_BIN_EXE_nix-loom"));
        command.args(["--profile", profile.to_str().unwrap(), "--source", &source, "--store", "nix"]);
        let output = command.args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let said =
            Said { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert_eq!(said.code, code, "{arguments:?}\n{}{}", said.stdout, said.stderr);
        said
    }

    fn json(&self, code: i32, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.loom(code, &[arguments, &["--json"]].concat()).stdout).unwrap()
    }

    /// What Nix says is installed, by full names.
    fn installed(&self) -> Vec<String> {
        let profile = self.0.path("profile");
        let listed = succeed(self.0.command("nix-env").arg("--profile").arg(profile).arg("--query"));
        lines(&listed).into_iter().map(|line| line.into_string().unwrap()).collect()
    }

    fn generations(&self) -> usize {
        self.json(0, &["generations"]).as_array().unwrap().len()
    }
}

/// The tree at a path, without what `nix-env` adds.
fn tree(path: &Path) -> Tree {
    let mut tree = Tree::read(&fs::canonicalize(path).unwrap());
    tree.0.remove(b"manifest.nix".as_slice());
    tree
}

#[test]
fn a_random_environment_beside_random_packages_merges_as_nix_env_merges_it_once_it_is_built() {
    let name = "a_random_environment_beside_random_packages_merges_as_nix_env_merges_it_once_it_is_built";
    let Some(nix) = Nix::for_library(name) else { return };
    let place = Place::new(nix);
    let mut state = number_from_env("NIX_LOOM_SEED", 7);
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let packages = ["hello", "several", "rival", "meek", "bold", "carrier", "gathered", "odd", "even", "zlib", "clash"];
    let (mut merged, mut refused, mut unbuildable, mut doubles) = (0, 0, 0, 0);
    for number in 0..number_from_env("NIX_LOOM_SETS", 48) {
        let name = format!("env{number}");
        let mut inside: Vec<_> = packages.iter().filter(|_| random(3) == 0).collect();
        inside.push(&packages[random(packages.len())]);
        let paths = inside.iter().map(|package| match random(5) {
            0 => format!("(env.lib.setPrio {} {package}) ", 3 + random(4)),
            _ => format!("{package} "),
        });
        let paths: String = paths.collect();
        let more = ["", "", "ignoreCollisions = true;", "extraOutputsToInstall = [ \"dev\" ];"][random(4)];
        let meta = ["", "", "meta.priority = 4;", "meta.priority = 7;"][random(4)];
        let form = ["buildEnvOld", "buildEnvNew"][random(2)];
        let file = place.environment(&name, form, &paths, &format!("{more} {meta}"));
        let profile = format!("profile-{number}");
        for package in packages.iter().filter(|_| random(4) == 0) {
            // What collides with what is there is left out.
            place.nix_env(&profile, &["--file", "more.nix", "--install", "--attr", package]);
        }

        let options = Options { profile: Some(place.0.path(&profile)), store: StoreChoice::Nix, ..Options::default() };
        let loom = Loom::open(&options).unwrap();
        let imported = loom.import(&file, &Silent).unwrap();
        let own = imported.own.unwrap();
        let preview = loom.preview(&Transaction { changes: vec![imported.whole.unwrap()] }, &Silent).unwrap();
        let what = format!("{form} {name} {paths}{more} {meta}");
        assert!(own.path.symlink_metadata().is_err(), "{what}: nothing is built for a preview");
        assert_eq!((own.is_certain(), preview.plan.unknown.len()), (true, 0), "{what}");

        let built = place.0.command("nix-build").arg("--no-out-link").arg(&file).output().unwrap();
        assert_eq!(own.builds(), built.status.success(), "{what}: {}", String::from_utf8_lossy(&built.stderr));
        let installs = place.nix_env(&profile, &["--install", "--file", file.to_str().unwrap()]);
        assert_eq!(preview.builds(), installs, "{what}: {:#?}", preview.plan.collisions);
        if !built.status.success() {
            assert!(matches!(preview.verdict(), Verdict::Collides { .. }), "{what}");
            unbuildable += 1;
            continue;
        }
        assert_eq!(Tree::of_plan(own.plan.as_ref().unwrap()), tree(&own.path), "{what}");
        if installs {
            assert_eq!(Tree::of_plan(&preview.plan), tree(&place.0.path(&profile)), "{what}");
            merged += 1;
        } else {
            refused += 1;
            doubles += usize::from(!preview.doubles.is_empty());
        }
    }
    say(&format!(
        "{merged} environments merged as nix-env merges them, {refused} refused by both ({doubles} for a package that is there \
         twice), {unbuildable} that cannot be built"
    ));
    assert!(merged >= 10 && refused >= 5 && unbuildable >= 3 && doubles >= 3, "too one-sided");
}

#[test]
fn an_environment_with_zlib_beside_zlib_is_explained_and_settled_in_one_generation() {
    let Some(nix) = Nix::or_skip() else { return };
    let place = Place::new(nix);
    for form in ["buildEnvOld", "buildEnvNew"] {
        let file = place.environment("myproject_env", form, "zlib hello", "extraOutputsToInstall = [ \"dev\" ];");
        let install = format!("default@{}", file.display());
        assert!(place.nix_env("profile", &["--remove-all", "--file", "more.nix", "--install", "--attr", "zlib"]));

        let told = "myproject_env has zlib 1.3.1 in it, and zlib is installed by itself too";
        let preview = place.json(3, &["preview", &install]);
        let own = &preview["environments"][0];
        assert_eq!((&own["name"], &own["certain"]), (&json!("myproject_env"), &json!(true)), "{own}");
        let [double] = &preview["doubles"].as_array().unwrap()[..] else { panic!("{preview:#}") };
        assert_eq!((&double["why"], &double["same"]), (&json!(told), &json!(true)), "{double}");
        let collision = &preview["collisions"][0];
        assert_eq!((&collision["kind"], &collision["blocks"]), (&json!("same-file"), &json!(true)), "{collision}");
        let contenders = collision["contenders"].as_array().unwrap();
        let of_environment = contenders.iter().find(|it| it["package"] == "myproject_env").unwrap();
        assert_eq!(of_environment["inside"]["package"], "zlib", "{collision}");
        let of_zlib = contenders.iter().find(|it| it["package"] == "zlib").unwrap();
        assert_eq!(of_zlib.get("inside"), None, "{collision}");
        let best = &preview["suggestions"][0];
        assert_eq!((&best["changes"], &best["builds"]), (&json!(["-zlib"]), &json!(true)), "{best}");
        let nothing = json!({ "added": 0, "removed": 0, "changed": 0 });
        assert_eq!(best["alters"], nothing, "removing it takes nothing away: {best}");
        assert!(place.loom(3, &["preview", &install]).stdout.contains(told));
        assert!(place.loom(3, &["collisions", &install]).stdout.contains(told));
        assert!(!Path::new(own["path"].as_str().unwrap()).exists(), "nothing is built for a preview");
        place.loom(3, &["apply", &install]);
        assert!(!Path::new(own["path"].as_str().unwrap()).exists(), "nor for what is refused");

        let before = place.generations();
        place.loom(0, &["apply", &install, "-zlib"]);
        assert_eq!((place.generations(), place.installed()), (before + 1, vec!["myproject_env".to_owned()]));
        assert!(fs::read_to_string(place.0.path("profile/include/zlib.h")).is_ok_and(|text| text == "h\n"));

        // The other way round: the environment is there, and zlib would come.
        let preview = place.json(3, &["preview", "zlib@more"]);
        let told = "myproject_env has zlib 1.3.1 in it already, so zlib need not be installed by itself";
        assert_eq!(preview["doubles"][0]["why"], told, "{preview:#}");
        assert_eq!(preview["suggestions"][0]["changes"], json!(["-zlib"]), "{:#}", preview["suggestions"]);
        // Nix goes on with the profile.
        assert!(place.nix_env("profile", &["--uninstall", "myproject_env"]));
        assert_eq!(place.installed(), Vec::<String>::new());
    }
}

#[test]
fn an_environment_that_its_builder_would_refuse_is_refused_before_anything_is_built() {
    let Some(nix) = Nix::or_skip() else { return };
    let place = Place::new(nix);
    assert!(place.nix_env("profile", &["--file", "more.nix", "--install", "--attr", "odd"]));
    for form in ["buildEnvOld", "buildEnvNew"] {
        let file = place.environment("clash_env", form, "hello clash", "");
        let install = format!("default@{}", file.display());
        let preview = place.json(3, &["preview", &install]);
        let own = &preview["environments"][0];
        assert_eq!(
            (&preview["builds"], &preview["collisions"], &own["nar_hash"]),
            (&json!(false), &json!([]), &Value::Null)
        );
        let blocking: Vec<_> =
            own["plan"]["collisions"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
        assert_eq!((blocking, &own["plan"]["rules"]), (vec!["bin/hello"], &json!("nixpkgs")), "{own}");
        let told = "clash_env cannot be built: bin/hello of hello and clash collides in it, which the rules `nixpkgs`";
        for command in ["preview", "apply"] {
            let said = place.loom(3, &[command, &install]);
            assert!(said.stdout.contains(told), "{}{}", said.stdout, said.stderr);
        }
        assert!(!Path::new(own["path"].as_str().unwrap()).exists());
        let imported = place.json(3, &["import", file.to_str().unwrap()]);
        assert_eq!(imported["own"]["plan"], own["plan"]);
        assert_eq!(place.installed(), ["odd-font-75dpi-0.3"]);
    }
}

#[test]
fn what_may_become_another_is_said_to_be_not_known() {
    let Some(nix) = Nix::or_skip() else { return };
    let place = Place::new(nix);
    let post_build = "postBuild = \"/bin/mkdir -p $out/extra; echo later >$out/extra/later\";";
    for (name, paths, more) in [("later_env", "several", post_build), ("away_env", "hello unbuilt", "")] {
        let file = place.environment(name, "buildEnvNew", paths, more);
        let install = format!("default@{}", file.display());
        let preview = place.json(0, &["preview", &install]);
        let own = &preview["environments"][0];
        assert_eq!((&own["certain"], &own["nar_hash"]), (&json!(false), &Value::Null), "{own}");
        assert_eq!(preview["fetch"]["unknown"], json!([own["path"]]), "{preview:#}");
        assert!(place.loom(0, &["preview", &install]).stdout.contains("would build as far as is known"));
        place.loom(0, &["apply", &install]);
    }
    assert!(place.0.path("profile/extra/later").exists(), "what is applied is what is really there");
    assert!(place.0.path("profile/bin/u").exists());
}

#[test]
fn an_environment_in_an_environment_is_known_before_either_is_built() {
    let Some(nix) = Nix::or_skip() else { return };
    let place = Place::new(nix);
    place.environment("inner_env", "buildEnvOld", "hello odd", "");
    let file = place.environment("outer_env", "buildEnvNew", "(import ./inner_env.nix) several", "");
    let install = format!("default@{}", file.display());
    let before = place.json(0, &["preview", &install]);
    let names: Vec<_> = before["environments"].as_array().unwrap().iter().map(|own| &own["name"]).collect();
    assert_eq!(names, ["inner_env", "outer_env"]);
    for own in before["environments"].as_array().unwrap() {
        assert!(own["nar_hash"].is_string() && !Path::new(own["path"].as_str().unwrap()).exists(), "{own}");
    }
    succeed(place.0.command("nix-build").arg("--no-out-link").arg(&file));
    for own in before["environments"].as_array().unwrap() {
        let hash = lines(&succeed(place.0.command("nix-store").args(["-q", "--hash", own["path"].as_str().unwrap()])));
        let mut to_base16 = place.0.command("nix-hash");
        let hash = lines(&succeed(to_base16.args(["--type", "sha256", "--to-base16"]).args(hash)));
        assert_eq!(hash[0].to_str(), own["nar_hash"].as_str());
    }
    let after = place.json(0, &["preview", &install]);
    assert_eq!(after["environments"], json!([]), "what is here needs not be foreseen");
    for part in ["links", "directories", "collisions", "added", "commands"] {
        assert_eq!(before[part], after[part], "{part}");
    }
}
