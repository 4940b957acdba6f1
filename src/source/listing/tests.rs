//! Listings as they come.

use std::io::Write as _;

use serde_json::{Value, json};

use super::*;
use crate::package::Obstacle;
use crate::progress::Silent;

#[path = "trouble_tests.rs"]
mod trouble;

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 1, 22);
    writer.write_all(bytes).unwrap();
    drop(writer);
    compressed
}

/// What is read of a file with these bytes before its end or the error.
fn read_with(bytes: &[u8], progress: &dyn Progress) -> (Vec<Package>, Result<(), ListingError>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut packages = Vec::new();
    let result = read(file.path(), &"test".into(), &mut |package| packages.push(package), progress);
    (packages, result)
}

fn packages(bytes: &[u8]) -> Vec<Package> {
    let (packages, result) = read_with(bytes, &Silent);
    result.unwrap();
    packages
}

fn problem(bytes: &[u8]) -> String {
    read_with(bytes, &Silent).1.unwrap_err().to_string()
}

/// A listing of a channel.
fn channel(packages: &Value) -> Vec<u8> {
    json!({"version": "2", "packages": packages}).to_string().into()
}

fn only(entry: &Value) -> Package {
    packages(&channel(&json!({ "it": entry }))).pop().unwrap()
}

fn with_meta(meta: &Value) -> Package {
    only(&json!({"name": "it-1", "pname": "it", "version": "1", "meta": meta}))
}

fn output_names(package: &Package) -> Vec<&str> {
    package.outputs.iter().map(|output| &*output.name).collect()
}

/// Of the new generator of nixpkgs.
fn jq() -> Value {
    json!({
        "name": "jq-1.8.1", "pname": "jq", "version": "1.8.1", "system": "x86_64-linux", "outputName": "bin",
        "outputs": {"bin": null, "dev": null, "doc": null, "man": null, "out": null},
        "meta": {
            "available": true, "broken": false, "unfree": false, "insecure": false, "unsupported": false,
            "description": "Lightweight and flexible\n  command-line JSON processor", "longDescription": "Like sed\n\nfor JSON.\n",
            "homepage": "https://jqlang.github.io/jq/", "license": {"spdxId": "MIT", "shortName": "mit", "free": true},
            "mainProgram": "jq", "outputsToInstall": ["bin", "man"], "priority": 4, "platforms": ["x", {"kernel": {}}],
            "maintainers": [{"name": "ä", "githubId": 1}], "position": "pkgs/by-name/jq/jq/package.nix:130"
        }
    })
}

#[test]
fn every_field_of_an_entry_is_read() {
    let package = only(&jq());
    assert_eq!((&*package.attribute, &*package.source), ("it", "test"));
    assert_eq!((&*package.name, &*package.version), ("jq", "1.8.1"));
    assert_eq!(package.description, "Lightweight and flexible command-line JSON processor");
    assert_eq!(package.long_description, "Like sed for JSON.");
    assert_eq!(package.homepage, "https://jqlang.github.io/jq/");
    assert_eq!((package.licenses, package.priority), (vec!["MIT".to_owned()], 4));
    assert_eq!(package.main_program.as_deref(), Some("jq"));
    assert_eq!(package.default_outputs, ["bin", "man"]);
    let outputs: Vec<_> = package.outputs.iter().map(|it| (&*it.name, it.path.as_deref())).collect();
    assert_eq!(outputs, [("bin", None), ("dev", None), ("doc", None), ("man", None), ("out", None)]);
    assert_eq!((package.obstacles, package.evaluated), (vec![], None));
}

#[test]
fn the_format_version_is_a_number_or_a_text_and_stands_anywhere() {
    for text in [
        r#"{"version":"2","packages":{"a":{"name":"a-1"}}}"#,
        r#"{"version":2,"packages":{"a":{"name":"a-1"}}}"#,
        r#"{"packages":{"a":{"name":"a-1"}},"version":"2"}"#,
        r#"{"packages":{"a":{"name":"a-1"}},"version":2,"more":{"x":[1]}}"#,
    ] {
        let read = packages(text.as_bytes());
        assert_eq!((&*read[0].name, &*read[0].version, read.len()), ("a", "1", 1), "{text}");
    }
}

#[test]
fn what_nix_env_prints_is_read_with_and_without_meta_and_paths() {
    // Nix 2.8 and 2.34, the latter with --meta and --out-path; 2.3 has neither outputName nor outputs.
    let of_2_8 = br#"{
  "jq": { "name": "jq-1.8.1", "pname": "jq", "version": "1.8.1", "system": "x86_64-linux", "outputName": "bin",
          "outputs": { "bin": null, "out": null } },
  "version": { "name": "version-3", "pname": "version", "version": "3", "system": "x86_64-linux" }
}
"#;
    let read = packages(of_2_8);
    assert_eq!((&*read[0].attribute, &*read[0].version, output_names(&read[0])), ("jq", "1.8.1", vec!["bin", "out"]));
    assert_eq!(read[0].default_outputs, ["bin", "out"]);
    assert_eq!((&*read[1].attribute, output_names(&read[1])), ("version", vec!["out"]));

    let of_2_34 = br#"{"jq":{"meta":{"outputsToInstall":["bin"]},"name":"jq-1.8.1","outputName":"bin",
        "outputs":{"bin":"/nix/store/q0pj1dw2-jq-1.8.1-bin","out":"/nix/store/abc-jq-1.8.1"},
        "pname":"jq","system":"x86_64-linux","version":"1.8.1"},
        "steam":{"name":"steam-1","outputName":"bin","pname":"steam","system":"x86_64-linux","version":"1"}}"#;
    let read = packages(of_2_34);
    let path = |name| read[0].output(name).unwrap().path.as_deref().unwrap().to_str().unwrap();
    assert_eq!((path("bin"), path("out")), ("/nix/store/q0pj1dw2-jq-1.8.1-bin", "/nix/store/abc-jq-1.8.1"));
    assert_eq!(read[0].default_outputs, ["bin"]);
    // What throws leaves a stub without outputs.
    assert_eq!((output_names(&read[1]), &*read[1].default_outputs), (vec!["bin"], &["bin".to_owned()][..]));

    assert_eq!(packages(b"{}\n"), []);
}

#[test]
fn missing_outputs_and_meta_are_no_loss() {
    let package = only(&json!({"name": "stdenv-linux", "system": "x86_64-linux"}));
    assert_eq!((&*package.name, &*package.version), ("stdenv-linux", ""));
    assert_eq!((output_names(&package), &*package.default_outputs), (vec!["out"], &["out".to_owned()][..]));
    assert_eq!((package.priority, package.licenses.len()), (5, 0));
    for outputs in [json!(null), json!({}), json!([]), json!("out"), json!(["out"])] {
        assert_eq!(output_names(&only(&json!({"name": "a", "outputs": outputs}))), ["out"], "{outputs}");
    }
    assert_eq!(only(&json!({"name": "a", "outputs": {"out": "relative"}})).outputs[0].path, None);
}

#[test]
fn a_name_is_split_where_its_parts_are_not_told() {
    for (entry, expected) in [
        (json!({"name": "flare-1.14", "pname": "flare-1.14", "version": ""}), ("flare", "1.14")),
        (json!({"name": "ap64", "pname": "ap64", "version": ""}), ("ap64", "")),
        (json!({"name": "font-adobe-75dpi-1.0.3"}), ("font-adobe", "75dpi-1.0.3")),
        (json!({"name": "python3.13-networkx-3.5", "pname": "networkx", "version": "3.5"}), ("networkx", "3.5")),
        (json!({"name": null, "pname": "a", "version": "1"}), ("a", "1")),
        (json!({"name": 1, "pname": "a"}), ("a", "")),
        (json!({"name": "a-1", "pname": ["x"], "version": 7}), ("a", "1")),
        (json!({}), ("it", "")),
    ] {
        let package = only(&entry);
        assert_eq!((&*package.name, &*package.version), expected, "{entry}");
    }
}

#[test]
fn licences_of_every_form_are_read() {
    for (license, expected) in [
        (json!({"spdxId": "MIT", "shortName": "mit"}), vec!["MIT"]),
        (json!([{"spdxId": "MIT"}, {"fullName": "Own", "url": "x"}]), vec!["MIT", "Own"]),
        (json!("GPL"), vec!["GPL"]),
        (
            json!({"licenseType": "compound", "licenses": [{"spdxId": "A"}, {"spdxId": "B"}], "operator": "OR"}),
            vec!["A", "B"],
        ),
        (json!({"license": {"spdxId": "A"}, "exception": {"spdxId": "E"}, "operator": "WITH"}), vec!["A", "E"]),
        (json!(null), vec![]),
        (json!(7), vec![]),
    ] {
        assert_eq!(with_meta(&json!({"license": license})).licenses, expected, "{license}");
    }
}

#[test]
fn a_field_of_the_wrong_type_leaves_the_others() {
    assert_eq!(with_meta(&json!({"homepage": ["https://a", "https://b"], "changelog": ["x"]})).homepage, "https://a");
    for wrong in [json!(null), json!(1), json!([[]]), json!({"a": {}}), json!(true), json!(0.5)] {
        let meta = json!({
            "description": wrong, "longDescription": wrong, "homepage": wrong, "mainProgram": wrong,
            "outputsToInstall": wrong, "broken": 1, "unfree": "true", "insecure": true, "license": "MIT",
        });
        let package = with_meta(&meta);
        assert_eq!((&*package.name, &*package.description, &*package.long_description), ("it", "", ""), "{wrong}");
        assert_eq!((&*package.homepage, package.main_program), ("", None), "{wrong}");
        assert_eq!(
            (package.licenses, package.obstacles),
            (vec!["MIT".to_owned()], vec![Obstacle::Insecure]),
            "{wrong}"
        );
        assert_eq!(with_meta(&wrong).name, "it");
    }
    let all = json!({"a": null, "b": [1, {"c": []}], "d": "x", "e": -1, "f": 1.5, "g": false, "h": {"name": "h-1"}});
    let read = packages(&channel(&all));
    assert_eq!((read.len(), &*read[0].attribute), (1, "h"));
}

#[test]
fn what_stands_in_the_way_is_told() {
    let meta = json!({"broken": true, "unfree": true, "insecure": true, "unsupported": true});
    let all = [Obstacle::Broken, Obstacle::Unfree, Obstacle::Insecure, Obstacle::OtherSystem];
    assert_eq!(with_meta(&meta).obstacles, all);
}

#[test]
fn default_outputs_are_outputs_that_exist() {
    let of = |to_install: Value| {
        let outputs = json!({"bin": null, "out": null});
        only(&json!({"name": "a", "outputs": outputs, "meta": {"outputsToInstall": to_install}})).default_outputs
    };
    assert_eq!(of(json!(["out"])), ["out"]);
    assert_eq!(of(json!(["out", "gone", 3])), ["out"]);
    assert_eq!(of(json!(["gone"])), ["bin", "out"]);
    assert_eq!(of(json!([])), ["bin", "out"]);
}

#[test]
fn attributes_are_spelled_as_everywhere_and_one_package_may_have_several() {
    let entry = json!({"name": "a-1"});
    let names = [
        (r#"aspellDicts."or""#, "aspellDicts.or"),
        (r#"nerd-fonts."m+""#, r#"nerd-fonts."m+""#),
        ("nerd-fonts.m+", r#"nerd-fonts."m+""#),
        ("chickenEggs.7off", r#"chickenEggs."7off""#),
        (r#"rubyPackages."http_parser.rb""#, r#"rubyPackages."http_parser.rb""#),
        ("_1password-cli", "_1password-cli"),
        ("a..b", "a..b"),
        (r#""unclosed"#, r#""unclosed"#),
    ];
    let all: serde_json::Map<String, Value> =
        names.iter().map(|(name, _)| ((*name).to_owned(), entry.clone())).collect();
    let read = packages(&channel(&Value::Object(all)));
    for (package, (name, expected)) in read.iter().zip(names) {
        assert_eq!((&*package.attribute, &*package.name), (expected, "a"), "{name}");
    }
    assert_eq!(read.len(), names.len());
    assert_eq!(packages(&channel(&json!({"": entry}))), []);
}

#[test]
fn sixty_outputs_are_kept_in_their_order() {
    let names: Vec<String> = (0..60).rev().map(|number| format!("o{number}")).collect();
    let outputs: serde_json::Map<String, Value> = names.iter().map(|name| (name.clone(), Value::Null)).collect();
    assert_eq!(output_names(&only(&json!({"name": "a", "outputs": outputs}))), names);
}
