//! Environment files that a real Nix evaluates: what they hold, what is installed of them, and what bad ones say.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use support::nix::Nix;

/// A Nix with a store of its own, the packages of the tests, both forms of `buildEnv`, and a profile.
struct Fixture {
    nix: Nix,
}

struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Fixture {
    fn or_skip() -> Option<Self> {
        let fixture = Self { nix: Nix::or_skip()? };
        let fixtures = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
        for folder in ["packages", "build-env"] {
            let to = fixture.nix.path(folder);
            fs::create_dir(&to).unwrap();
            for entry in fs::read_dir(fixtures.join(folder)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
        Some(fixture)
    }

    /// Writes a file beside the packages; gives its path.
    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.nix.path(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// An environment of that form, with these paths and further arguments.
    fn environment(&self, name: &str, form: &str, paths: &str, more: &str) -> String {
        self.write(
            name,
            format!(
                "let pkgs = import ./packages {{ }}; env = import ./build-env {{ }}; in\n\
                 env.{form} {{ name = \"tools_env\"; paths = with pkgs; [ {paths} ]; {more} }}\n"
            ),
        )
    }

    fn any(&self, arguments: &[&str]) -> Said {
        let source = format!("packages={}", self.nix.path("packages/default.nix").display());
        let profile = self.nix.path("profile");
        let mut command = self.nix.command(env!("CARGO_BIN_EXE_nix-loom"));
        command.args(["--profile", profile.to_str().unwrap(), "--source", &source, "--store", "nix"]).args(arguments);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    #[track_caller]
    fn run(&self, code: i32, arguments: &[&str]) -> Said {
        let said = self.any(arguments);
        assert_eq!(said.code, code, "{arguments:?}\n{}{}", said.stdout, said.stderr);
        said
    }

    #[track_caller]
    fn json(&self, code: i32, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(code, &[arguments, &["--json"]].concat()).stdout).unwrap()
    }
}

/// Name, version, outputs, priority and what it is installed as, of each package.
fn packages(document: &Value) -> Vec<String> {
    let package = |it: &Value| {
        let outputs: Vec<_> = it["outputs"].as_object().unwrap().keys().map(String::as_str).collect();
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        let source = text("source");
        let source = if source.starts_with('/') { "file" } else { &source };
        let (name, version, attribute) = (text("name"), text("version"), text("attribute"));
        format!("{name} {version} {} {} {attribute}@{source}", outputs.join(","), it["priority"])
    };
    document["packages"].as_array().unwrap().iter().map(package).collect()
}

/// Name, version, outputs and priority of what is installed.
fn elements(fixture: &Fixture) -> Vec<String> {
    let list = fixture.json(0, &["list"]);
    let element = |it: &Value| {
        let outputs: Vec<_> = it["outputs"].as_object().unwrap().keys().map(String::as_str).collect();
        let (name, version) = (it["name"].as_str().unwrap(), it["version"].as_str().unwrap());
        format!("{name} {version} {} {}", outputs.join(","), it["priority"])
    };
    list.as_array().unwrap().iter().map(element).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_environment_of_either_form_tells_what_it_takes() {
    let Some(fixture) = Fixture::or_skip() else { return };
    for form in ["buildEnvOld", "buildEnvNew"] {
        let file = fixture.environment(
            "tools_env.nix",
            form,
            "hello several (env.lib.setPrio 3 several.dev) many.n7 carrier",
            "pathsToLink = [ \"/bin\" \"/share\" ]; extraOutputsToInstall = [ \"man\" ]; ignoreCollisions = true;
             extraPrefix = \"/usr\"; postBuild = \"true\";",
        );
        let told = fixture.json(0, &["import", &file]);
        assert_eq!(
            packages(&told),
            [
                "hello 2.12 out 5 hello@packages",
                "several 1.5-rc1 out,man 5 several@packages",
                "several 1.5-rc1 dev,man 3 paths.several-1@file",
                "n7 1 out 5 paths.n7@file",
                "carrier 3 out 5 carrier@packages",
            ],
            "{form}"
        );
        assert_eq!((&told["kind"], &told["name"]), (&"environment".into(), &"tools_env".into()));
        let rules = &told["rules"];
        assert_eq!(rules["name"], "nixpkgs");
        assert_eq!(texts(&rules["pathsToLink"]), ["/bin", "/share"]);
        assert_eq!((&rules["extraPrefix"], &rules["postBuild"]), (&"/usr".into(), &"true".into()));
        let flags = ["ignoreCollisions", "checkCollisionContents", "ignoreSingleFileOutputs"];
        assert_eq!(flags.map(|flag| rules[flag].as_bool().unwrap()), [true, true, false], "{form}");
        assert_eq!(texts(&told["changes"]), [format!("default@{file}")]);
        // With the lists of the sources it is known that a set in one has it, too.
        fixture.write("nested.nix", "{ many = (import ./packages { }).many // { recurseForDerivations = true; }; }");
        let nested = format!("nested={}", fixture.nix.path("nested.nix").display());
        let told = fixture.json(0, &["import", &file, "--apart", "--source", &nested]);
        assert_eq!(packages(&told)[3], "n7 1 out 5 many.n7@nested", "{form}");
    }
    let lines = fixture.run(0, &["import", "./tools_env.nix"]).stdout;
    for line in ["several  1.5-rc1  dev, man  priority 3", "pathsToLink: /bin /share", "note: postBuild runs commands"]
    {
        assert!(lines.contains(line), "{lines}");
    }
}
