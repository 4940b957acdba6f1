use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::profile::manifest::{JsonVersion, ManifestKind, nix_env, nix_profile};
use crate::profile::{ElementOutput, StoreName};

const NIX_ENV_WRITTEN: [&str; 3] = [
    include_str!("../../../tests/fixtures/manifests/nix-env-2.8.nix"),
    include_str!("../../../tests/fixtures/manifests/nix-env-types-2.34.nix"),
    include_str!("../../../tests/fixtures/manifests/nix-env-unreadable-2.26.nix"),
];

const NIX_PROFILE_WRITTEN: [(&str, JsonVersion); 3] = [
    (include_str!("../../../tests/fixtures/manifests/nix-profile-2.8.json"), JsonVersion::V2),
    (include_str!("../../../tests/fixtures/manifests/nix-profile-2.26.json"), JsonVersion::V3),
    (include_str!("../../../tests/fixtures/manifests/nix-profile-2.34.json"), JsonVersion::V3),
];

fn read_nix(text: &[u8]) -> Vec<Element> {
    nix_env::parse(text, Path::new("manifest.nix")).unwrap()
}

fn read_json(text: &[u8]) -> Vec<Element> {
    nix_profile::parse(text, Path::new("manifest.json")).unwrap()
}

/// A manifest.json of the same profile.
fn to_json(manifest: &[u8], version: JsonVersion) -> Vec<u8> {
    let converted = convert(&read_nix(manifest), ManifestKind::NixEnv, ManifestKind::NixProfile);
    nix_profile::render(&converted, version).unwrap()
}

/// A manifest.nix of the same profile.
fn to_nix(manifest: &[u8]) -> Vec<u8> {
    let converted = convert(&read_json(manifest), ManifestKind::NixProfile, ManifestKind::NixEnv);
    nix_env::render(&converted).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// What must be kept.
fn essence(elements: &[Element]) -> Vec<(String, String, Vec<ElementOutput>, i64, bool)> {
    let of = |element: &Element| {
        let mut outputs = element.outputs.clone();
        outputs.sort_by(|one, other| one.name.cmp(&other.name));
        (element.attribute.clone(), element.source.clone(), outputs, element.priority, element.active)
    };
    let mut all: Vec<_> = elements.iter().map(of).collect();
    all.sort_by(|one, other| format!("{one:?}").cmp(&format!("{other:?}")));
    all
}

#[test]
fn what_nix_env_wrote_comes_back_byte_for_byte_from_a_manifest_json() {
    for written in NIX_ENV_WRITTEN {
        for version in [JsonVersion::V2, JsonVersion::V3] {
            let json = to_json(written.as_bytes(), version);
            assert_eq!(essence(&read_json(&json)), essence(&read_nix(written.as_bytes())));
            assert_eq!(text(to_nix(&json)), written);
        }
    }
}

#[test]
fn what_nix_profile_wrote_comes_back_byte_for_byte_from_a_manifest_nix() {
    for (written, version) in NIX_PROFILE_WRITTEN {
        let nix = to_nix(written.as_bytes());
        assert_eq!(essence(&read_nix(&nix)), essence(&read_json(written.as_bytes())));
        assert_eq!(text(to_json(&nix, version)), written);
    }
}

#[test]
fn in_a_profile_of_nix_env_elements_are_called_like_their_derivations() {
    let converted = read_nix(&to_nix(NIX_PROFILE_WRITTEN[2].0.as_bytes()));
    let names: Vec<_> = converted.iter().map(|element| &*element.name).collect();
    assert_eq!(names, ["plain", "multi", "multi-1", "hello", "hello-1", "all"]);
}

#[test]
fn a_change_between_the_ways_there_and_back_is_kept_with_all_else() {
    let mut elements = read_json(&to_json(NIX_ENV_WRITTEN[0].as_bytes(), JsonVersion::V3));
    let twin = elements.iter().position(|element| element.name == "twin").unwrap();
    elements.remove(twin);
    let plain = elements.iter_mut().find(|element| element.name == "plain").unwrap();
    plain.priority = 11;
    let new = Element {
        name: "new".into(),
        outputs: vec![ElementOutput {
            name: "out".into(),
            path: "/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-a-1".into(),
        }],
        priority: 5,
        active: true,
        ..Element::default()
    };
    elements.push(new);
    let back = convert(&elements, ManifestKind::NixProfile, ManifestKind::NixEnv);
    let names: Vec<_> = back.iter().map(|element| &*element.name).collect();
    assert_eq!(names[..3], ["a", "plain", "multi-pkg"], "the new one is first, the others lie as they lay");
    let written = text(nix_env::render(&back).unwrap());
    assert!(written.contains(r#"meta = { keep = "true"; priority = "11"; };"#));
    let unchanged = NIX_ENV_WRITTEN[0].split(" } { ").filter(|part| written.contains(part)).count();
    assert_eq!(unchanged, 10 - 2);
}

#[test]
fn a_single_package_becomes_an_element_of_either_kind() {
    let path = Path::new("/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12");
    let bare = Element {
        name: "hello".into(),
        version: "2.12".into(),
        outputs: vec![ElementOutput { name: "out".into(), path: path.into() }],
        priority: 5,
        active: true,
        ..Element::default()
    };
    let nix = convert(std::slice::from_ref(&bare), ManifestKind::Bare, ManifestKind::NixEnv);
    assert_eq!(essence(&read_nix(&nix_env::render(&nix).unwrap())), essence(std::slice::from_ref(&bare)));
    let json = convert(std::slice::from_ref(&bare), ManifestKind::Bare, ManifestKind::NixProfile);
    assert_eq!(json, [bare]);
}

/// An element that lies in a manifest.json: of a flake, of a source of ours, of a bare path.
fn any_element() -> impl Strategy<Value = Element> {
    let outputs = prop::collection::btree_map(
        prop_oneof!["(out|dev|man|bin)", "[a-d]{1,3}"],
        prop_oneof!["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1f[a-d]-[a-z]{1,3}-[0-9](-dev|-man|-out)?", "/[a-c]{1,3}"],
        1..4,
    );
    let extra =
        prop::collection::btree_map("x[a-z]{0,3}", prop_oneof![Just(json!(null)), Just(json!([1.5, "a${b}"]))], 0..3);
    let source = prop_oneof![
        Just((String::new(), String::new())),
        ("[a-z.]{1,6}", any::<String>()),
        (any::<String>(), "(demo|mine)"),
        ("[a-z.]{1,6}", "path:/[a-z]{1,4}"),
    ];
    ("[a-z]{1,4}", source, outputs, any::<prop::sample::Index>(), any::<i64>(), any::<bool>(), extra).prop_map(
        |(name, (attribute, source), outputs, turn, priority, active, extra)| {
            let output = |(name, path): (String, String)| ElementOutput { name, path: path.into() };
            let mut outputs: Vec<_> = outputs.into_iter().map(output).collect();
            let turn = turn.index(outputs.len());
            outputs.rotate_left(turn);
            let mut extra: Map<_, _> = extra.into_iter().collect();
            if source.starts_with("path:") {
                extra.insert("originalUrl".to_owned(), json!(source));
                extra.insert("url".to_owned(), json!(format!("{source}?locked")));
            }
            let version = StoreName::with_output(&outputs[0].path, &outputs[0].name).version;
            Element { name, attribute, source, version, outputs, priority, active, extra }
        },
    )
}

proptest! {
    #[test]
    fn every_manifest_json_comes_back_from_a_manifest_nix(
        elements in prop::collection::vec(any_element(), 0..5),
        version in prop::sample::select(vec![JsonVersion::V2, JsonVersion::V3]),
    ) {
        let mut elements = elements;
        let mut names = UniqueNames::default();
        for element in &mut elements {
            element.name = names.take(&element.name);
        }
        let written = nix_profile::render(&elements, version).unwrap();
        let nix = to_nix(&written);
        prop_assert_eq!(essence(&read_nix(&nix)), essence(&elements));
        prop_assert_eq!(text(to_json(&nix, version)), text(written));
    }

    #[test]
    fn every_manifest_nix_comes_back_from_a_manifest_json(
        elements in prop::collection::vec(any_element(), 0..5),
        version in prop::sample::select(vec![JsonVersion::V2, JsonVersion::V3]),
    ) {
        // Some with a system and a description, as nix-env writes them, and some without.
        let mut elements = elements;
        for (at, element) in elements.iter_mut().enumerate().filter(|(at, _)| at % 2 == 0) {
            element.extra.insert(NIX_ENV.to_owned(), json!({
                "attributes": { "system": "x", "meta": { "description": element.name, "priority": at } }
            }));
        }
        let written = nix_env::render(&elements).unwrap();
        let written = nix_env::render(&read_nix(&written)).unwrap();
        let json = to_json(&written, version);
        prop_assert_eq!(essence(&read_json(&json)), essence(&read_nix(&written)));
        prop_assert_eq!(text(to_nix(&json)), text(written));
    }
}
