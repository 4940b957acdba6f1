//! What the derivations of environments say, in each form.

use std::fs;

use super::*;

const STORE: &str = "/nix/store";
const HASH: &str = "00000000000000000000000000000000";

/// Two packages as derivations in a folder, and environments of them.
struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fixture.write("zlib-1.3.1", &["dev", "out"], r#"("outputs","out dev")"#);
        fixture.write("gtk+-4.0", &["out"], r#"("pname","gtk"),("version","4.0")"#);
        fixture
    }

    fn drv(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{HASH}-{name}.drv"))
    }

    fn write(&self, name: &str, outputs: &[&str], variables: &str) {
        let output = |output: &&str| format!(r#"("{output}","{}","","")"#, path(name, output));
        let outputs: Vec<String> = outputs.iter().map(output).collect();
        let text = format!(r#"Derive([{}],[],[],"x86_64-linux","/bin/sh",[],[{variables}])"#, outputs.join(","));
        fs::write(self.drv(name), text).unwrap();
    }

    fn environment(&self, builder: &str, variables: &[(&str, &str)]) -> Option<Environment> {
        let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let derivation = Derivation {
            inputs: vec![self.drv("zlib-1.3.1"), self.drv("gtk+-4.0")],
            builder: builder.to_owned(),
            variables: variables.collect(),
            ..Derivation::default()
        };
        Environment::of(&derivation, &Arc::from("/env.nix")).unwrap()
    }
}

/// Of an output.
fn path(name: &str, output: &str) -> String {
    let end = if output == "out" { String::new() } else { format!("-{output}") };
    format!("{STORE}/{HASH}-{name}{end}")
}

/// What is taken, in short.
fn taken(environment: &Environment) -> Vec<String> {
    let package = |it: &Package| {
        let (outputs, all) = (it.default_outputs.join(","), it.outputs.len());
        format!("{} {} {} {outputs} of {all} at {}", it.attribute, it.name, it.version, it.priority)
    };
    environment.packages.iter().map(package).collect()
}

fn chosen() -> String {
    let (zlib, gtk) = (|output| path("zlib-1.3.1", output), path("gtk+-4.0", "out"));
    json!([
        { "paths": [zlib("dev"), zlib("out")], "priority": 5 },
        { "paths": [gtk], "priority": 10 },
        { "paths": [zlib("dev")], "priority": 3 },
        { "paths": [format!("{STORE}/{HASH}-bare-2")], "priority": 5 },
    ])
    .to_string()
}

const TAKEN: [&str; 4] = [
    "paths.zlib zlib 1.3.1 dev,out of 2 at 5",
    "paths.gtk gtk 4.0 out of 1 at 10",
    "paths.zlib-1 zlib 1.3.1 dev of 2 at 3",
    "paths.bare bare 2 out of 1 at 5",
];

#[test]
fn both_forms_of_nixpkgs_say_the_same() {
    let fixture = Fixture::new();
    let old = fixture.environment(
        "/bin/bash",
        &[
            ("pkgs", &chosen()),
            ("pathsToLink", "/bin /share"),
            ("ignoreCollisions", "1"),
            ("checkCollisionContents", ""),
            ("ignoreSingleFileOutputs", ""),
            ("extraPrefix", "/usr"),
            ("manifest", ""),
            ("postBuild", " \n"),
        ],
    );
    let structured = json!({
        "chosenOutputs": serde_json::from_str::<Value>(&chosen()).unwrap(),
        "pathsToLink": ["/bin", "/share"],
        "ignoreCollisions": true,
        "checkCollisionContents": false,
        "ignoreSingleFileOutputs": false,
        "extraPrefix": "/usr",
        "manifest": "",
        "postBuild": "",
    });
    let new = fixture.environment("/bin/bash", &[("__json", &structured.to_string())]);
    let rules = Rules::Nixpkgs(NixpkgsRules {
        paths_to_link: vec![b"/bin".to_vec(), b"/share".to_vec()],
        ignore_collisions: true,
        check_collision_contents: false,
        extra_prefix: b"/usr".to_vec(),
        ..NixpkgsRules::default()
    });
    for environment in [old.unwrap(), new.unwrap()] {
        assert_eq!(taken(&environment), TAKEN);
        assert_eq!(environment.rules, rules);
        assert_eq!(environment.post_build, None);
        assert_eq!(environment.notes, Vec::<String>::new());
    }
}

#[test]
fn what_is_not_said_is_as_usual() {
    let fixture = Fixture::new();
    let environment = fixture.environment("/bin/bash", &[("pkgs", &chosen()), ("postBuild", "rm $out/bin/x")]).unwrap();
    assert_eq!(environment.rules, Rules::Nixpkgs(NixpkgsRules::default()));
    assert_eq!(environment.post_build.as_deref(), Some("rm $out/bin/x"));
    let bare = environment.packages.last().unwrap();
    assert!(bare.evaluated.is_none() && !bare.is_unevaluated(), "it is a path and nothing builds it");
    let zlib = environment.packages[0].evaluated.as_ref().unwrap();
    assert_eq!((&*zlib.full_name, &*zlib.system), ("zlib-1.3.1", "x86_64-linux"));
    assert_eq!(environment.packages[0].outputs[0].name, "out", "in the order of the package");
}

#[test]
fn nix_own_builder_has_all_in_one_list() {
    let fixture = Fixture::new();
    let (out, dev, gtk) = (path("zlib-1.3.1", "out"), path("zlib-1.3.1", "dev"), path("gtk+-4.0", "out"));
    let words = format!("true 5 2 {out} {dev} false 5 1 {gtk} true -3 1 {gtk}");
    let environment = fixture.environment("builtin:buildenv", &[("derivations", &words)]).unwrap();
    assert_eq!(environment.rules, Rules::Nix);
    assert_eq!(taken(&environment), ["paths.zlib zlib 1.3.1 out,dev of 2 at 5", "paths.gtk gtk 4.0 out of 1 at -3"]);
    assert_eq!(environment.notes, [format!("{gtk} is not active in it")]);
    for broken in ["true 5", "true 5 3 /a", "true x 1 /a"] {
        assert!(fixture.environment("builtin:buildenv", &[("derivations", broken)]).is_none(), "{broken}");
    }
}

#[test]
fn what_is_no_environment_is_none_and_what_is_not_known_yet_is_told() {
    let fixture = Fixture::new();
    for pkgs in ["no json", "{}", "[1]", "[{\"paths\": 1}]"] {
        assert!(fixture.environment("/bin/bash", &[("pkgs", pkgs)]).is_none(), "{pkgs}");
    }
    let placeholder = "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9";
    let pkgs = json!([{ "paths": [placeholder], "priority": 5 }]).to_string();
    let environment = fixture.environment("/bin/bash", &[("pkgs", &pkgs), ("extraPathsFrom", "/no/such")]).unwrap();
    assert_eq!(environment.packages.len(), 0);
    assert!(environment.notes[0].contains("known once /no/such is built"), "{:?}", environment.notes);
    assert!(environment.notes[1].contains("is known only once it is built"), "{:?}", environment.notes);
    let lost = Derivation { inputs: vec!["/no/such.drv".into()], ..Derivation::default() };
    let variables = [("pkgs".to_owned(), "[]".to_owned())].into();
    let lost = Environment::of(&Derivation { variables, ..lost }, &Arc::from("/env.nix"));
    assert!(lost.unwrap_err().starts_with("/no/such.drv cannot be read"));
}
