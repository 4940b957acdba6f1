use std::os::unix::ffi::OsStrExt as _;

use proptest::prelude::*;

use super::*;

const HELLO: &str = r#"{"elements":{"hello":{"active":true,"nixLoom":{"attribute":"hello","outputs":[["out","/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12"]],"source":"demo"},"priority":5,"storePaths":["/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12"]}},"version":3}"#;

fn read(text: &str) -> Vec<Element> {
    parse(text.as_bytes(), Path::new("/env/manifest.json")).unwrap()
}

fn error(text: &str) -> String {
    parse(text.as_bytes(), Path::new("/env/manifest.json")).unwrap_err().to_string()
}

fn text(elements: &[Element]) -> String {
    String::from_utf8(render(elements, JsonVersion::V3).unwrap()).unwrap()
}

fn output(name: &str, path: &str) -> ElementOutput {
    ElementOutput { name: name.to_owned(), path: path.into() }
}

#[test]
fn an_ordinary_manifest_is_written_byte_for_byte_as_it_was_read() {
    let elements = read(HELLO);
    assert_eq!(
        elements,
        [Element {
            name: "hello".into(),
            attribute: "hello".into(),
            source: "demo".into(),
            version: "2.12".into(),
            outputs: vec![output("out", "/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12")],
            priority: 5,
            active: true,
            extra: Map::new(),
        }]
    );
    assert_eq!(text(&elements), HELLO);
    assert_eq!(text(&[]), r#"{"elements":{},"version":3}"#);
}

#[test]
fn elements_of_flakes_and_bare_paths_and_unknown_keys_survive() {
    let foreign = r#"{"elements":{"a":{"active":false,"attrPath":"legacyPackages.x86_64-linux.a","future":{"b":1,"x":[null]},"originalUrl":"flake:nixpkgs","outputs":null,"priority":-3,"storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-a-1","/nix/store/d74xkqfhqz9h3d7rffn02cih0fdwb1ff-a-1-man"],"url":"github:NixOS/nixpkgs/abc"},"all":{"active":true,"attrPath":"b","originalUrl":"flake:nixpkgs","outputs":["*"],"priority":5,"storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-b-1-dev"],"url":"github:NixOS/nixpkgs/abc"},"path":{"active":true,"priority":5,"storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-bare-1"]}},"version":3}"#;
    let elements = read(foreign);
    assert_eq!(elements[0].outputs.iter().map(|output| output.name.as_str()).collect::<Vec<_>>(), ["out", "man"]);
    assert_eq!(elements[0].source, "flake:nixpkgs");
    assert_eq!((elements[2].attribute.as_str(), elements[2].source.as_str()), ("", ""));
    assert_eq!(text(&elements), foreign);
}

#[test]
fn what_nix_wrote_is_written_byte_for_byte_as_it_was() {
    for (written, version) in [
        (include_str!("../../../tests/fixtures/manifests/nix-profile-2.8.json"), JsonVersion::V2),
        (include_str!("../../../tests/fixtures/manifests/nix-profile-2.26.json"), JsonVersion::V3),
        (include_str!("../../../tests/fixtures/manifests/nix-profile-2.34.json"), JsonVersion::V3),
    ] {
        let elements = read(written);
        assert_eq!(String::from_utf8(render(&elements, version).unwrap()).unwrap(), written);
    }
}

#[test]
fn chosen_outputs_of_a_flake_are_sorted_like_those_of_nix_and_need_no_key_of_ours() {
    let nix = r#"{"elements":{"a":{"active":true,"attrPath":"packages.x86_64-linux.a","originalUrl":"path:/a","outputs":["dev","out"],"priority":5,"storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-a-1","/nix/store/d74xkqfhqz9h3d7rffn02cih0fdwb1ff-a-1-dev"],"url":"path:/a?locked"}},"version":3}"#;
    let mut elements = read(nix);
    assert_eq!(text(&elements), nix);
    elements[0].outputs.reverse();
    assert_eq!(text(&elements), nix, "in whatever order they were chosen");
}

#[test]
fn an_element_of_a_flake_that_is_a_source_keeps_the_name_of_the_source() {
    let mut element = read(
        r#"{"elements":{"a":{"active":true,"attrPath":"x.a","originalUrl":"path:/f","outputs":null,"priority":5,"storePaths":["/s/a"],"url":"path:/f?l"}},"version":3}"#,
    )
    .remove(0);
    assert_eq!((&*element.attribute, &*element.source), ("x.a", "path:/f"));
    assert!(!text(std::slice::from_ref(&element)).contains("nixLoom"));
    element.source = "mine".to_owned();
    let written = text(std::slice::from_ref(&element));
    for part in [r#""originalUrl":"path:/f","outputs":null"#, r#""attrPath":"x.a""#, r#""source":"mine""#] {
        assert!(written.contains(part), "{written}");
    }
    assert_eq!(read(&written), [element]);
}

#[test]
fn version_2_keeps_order_names_and_what_else_it_has_no_key_for() {
    let element = |name: &str, priority| Element {
        name: name.to_owned(),
        attribute: "tools.b".to_owned(),
        priority,
        outputs: vec![output("dev", "/s/x"), output("out", "/s/x-dev")],
        ..read(HELLO).remove(0)
    };
    for names in [["z", "a"], ["b", "b-1"]] {
        let elements = [element(names[0], 5), element(names[1], 8)];
        let written = String::from_utf8(render(&elements, JsonVersion::V2).unwrap()).unwrap();
        let mut back = read(&written);
        for element in &mut back {
            "2.12".clone_into(&mut element.version);
        }
        assert_eq!(back, elements);
        assert_eq!(written.contains(r#""name":"#), names == ["z", "a"], "{written}");
        assert_eq!(written.matches("priority").count(), 1);
    }
}

#[test]
fn older_versions_are_read_and_named_as_nix_names_them() {
    let old = r#"{"version":2,"elements":[
        {"active":true,"attrPath":"packages.x86_64-linux.default","originalUrl":"github:NixOS/patchelf","url":"github:NixOS/patchelf/1","outputs":null,"storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-patchelf-0.18"]},
        {"active":true,"attrPath":"legacyPackages.x86_64-linux.hello","originalUrl":"flake:nixpkgs","url":"path:/x","priority":7,"storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12"]},
        {"active":true,"attrPath":"x.hello","originalUrl":"flake:nixpkgs","url":"path:/x","storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-1"]},
        {"active":true,"storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-bare-1"]}]}"#;
    let elements = read(old);
    assert_eq!(
        elements.iter().map(|element| element.name.as_str()).collect::<Vec<_>>(),
        ["patchelf", "hello", "hello-1", "bare"]
    );
    assert_eq!(elements.iter().map(|element| element.priority).collect::<Vec<_>>(), [5, 7, 5, 5]);
    let first = r#"{"version":1,"elements":[{"active":true,"attrPath":"hello","originalUri":"flake:nixpkgs","uri":"path:/x","storePaths":["/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-1"]}]}"#;
    assert_eq!((read(first)[0].name.as_str(), read(first)[0].source.as_str()), ("hello", "flake:nixpkgs"));
}

#[test]
fn damaged_and_newer_manifests_are_refused_with_file_and_place() {
    assert!(
        error("{\"version\":3,\n\"elements\":{\"a\":{\"storePaths\":7}}}")
            .starts_with("/env/manifest.json: line 2, column 31: invalid type: integer `7`, expected a sequence; ")
    );
    assert!(error("{\"version\":3").contains("line 1, column 12: EOF"));
    assert!(error("{}").contains("missing field `version`"));
    assert!(error("").contains("line 1, column 0"));
    assert!(error(r#"{"version":4,"elements":0}"#).contains("manifest of version 4"));
}

#[test]
fn a_priority_with_a_fraction_is_cut_as_nix_does() {
    let with = |priority: &str| HELLO.replace("\"priority\":5", &format!("\"priority\":{priority}"));
    assert_eq!(read(&with("4.9"))[0].priority, 4);
    assert_eq!(read(&with("-1"))[0].priority, -1);
    assert_eq!(read(&with("null"))[0].priority, 5);
}

#[test]
fn a_path_that_json_cannot_hold_is_an_error() {
    let path = PathBuf::from(std::ffi::OsStr::from_bytes(b"/caf\xe9/x"));
    let element = Element { outputs: vec![ElementOutput { name: "out".into(), path }], ..read(HELLO).remove(0) };
    assert!(matches!(render(&[element], JsonVersion::V3), Err(ProfileError::NotText { .. })));
}

#[test]
fn paths_recorded_by_us_are_ignored_once_another_program_has_changed_them() {
    let element = Element { outputs: vec![output("dev", "/s/x"), output("out", "/s/x-dev")], ..read(HELLO).remove(0) };
    let written = text(std::slice::from_ref(&element));
    assert_eq!(read(&written)[0].outputs, element.outputs);
    let (before, store_paths) = written.split_once("storePaths").unwrap();
    let moved = format!("{before}storePaths{}", store_paths.replace("/s/x-dev", "/s/y-dev"));
    assert_ne!(moved, written);
    assert_eq!(read(&moved)[0].outputs.len(), 2);
    assert!(read(&moved)[0].outputs.iter().all(|output| output.path != Path::new("/s/x-dev")));
}

fn any_element() -> impl Strategy<Value = Element> {
    let outputs = prop::collection::btree_map(
        prop_oneof![Just("out".to_owned()), Just("dev".to_owned()), Just("man".to_owned()), any::<String>()],
        prop_oneof![
            "/store/[a-z0-9]{32}-[a-z]{1,3}-[0-9](-dev|-man|-out)?",
            "/[a-c]{0,2}(-dev|-out)?",
            any::<String>()
        ],
        1..5,
    );
    let text = || prop_oneof!["[a-z.]{0,8}", any::<String>()];
    let extra = prop::collection::btree_map("x[a-z]{0,4}", prop_oneof![Just(Value::Null), Just(json!([1, "a"]))], 0..3);
    (any::<String>(), text(), text(), (outputs, any::<prop::sample::Index>()), any::<i64>(), any::<bool>(), extra)
        .prop_map(|(name, attribute, source, (outputs, turn), priority, active, extra)| {
            let mut outputs: Vec<_> = outputs.into_iter().map(|(name, path)| output(&name, &path)).collect();
            let turn = turn.index(outputs.len());
            outputs.rotate_left(turn);
            let first = &outputs[0];
            let version = StoreName::with_output(&first.path, &first.name).version;
            let extra = extra.into_iter().collect();
            Element { name, attribute, source, version, outputs, priority, active, extra }
        })
}

proptest! {
    #[test]
    fn every_element_is_read_back_as_it_was_written(elements in prop::collection::vec(any_element(), 0..4)) {
        let mut sorted: BTreeMap<_, _> = BTreeMap::new();
        for element in &elements {
            sorted.insert(element.name.clone(), element.clone());
        }
        let written = render(&elements, JsonVersion::V3).unwrap();
        let back = parse(&written, Path::new("m")).unwrap();
        prop_assert_eq!(&back, &sorted.into_values().collect::<Vec<_>>());
        prop_assert_eq!(render(&back, JsonVersion::V3).unwrap(), written);
    }

    #[test]
    fn version_2_is_read_back_as_it_was_written(elements in prop::collection::vec(any_element(), 0..4)) {
        let mut elements = elements;
        let mut names = crate::profile::element_name::UniqueNames::default();
        for element in &mut elements {
            let name = if element.name.is_empty() { "a" } else { &element.name };
            element.name = names.take(name);
        }
        let written = render(&elements, JsonVersion::V2).unwrap();
        let back = parse(&written, Path::new("m")).unwrap();
        prop_assert_eq!(&back, &elements);
        prop_assert_eq!(render(&back, JsonVersion::V2).unwrap(), written);
    }
}
