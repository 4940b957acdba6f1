use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::profile::ElementOutput;

/// What the nix-env of Nix 2.8, 2.26 and 2.34 wrote: several outputs, flags that were set, `meta` of all types.
const WRITTEN: [&str; 9] = [
    include_str!("../../../../tests/fixtures/manifests/nix-env-2.8.nix"),
    include_str!("../../../../tests/fixtures/manifests/nix-env-2.26.nix"),
    include_str!("../../../../tests/fixtures/manifests/nix-env-2.34.nix"),
    include_str!("../../../../tests/fixtures/manifests/nix-env-types-2.8.nix"),
    include_str!("../../../../tests/fixtures/manifests/nix-env-types-2.26.nix"),
    include_str!("../../../../tests/fixtures/manifests/nix-env-types-2.34.nix"),
    // With drvPath, and with numbers that Nix cannot read again.
    include_str!("../../../../tests/fixtures/manifests/nix-env-unreadable-2.8.nix"),
    include_str!("../../../../tests/fixtures/manifests/nix-env-unreadable-2.26.nix"),
    include_str!("../../../../tests/fixtures/manifests/nix-env-unreadable-2.34.nix"),
];

fn read(text: &str) -> Vec<Element> {
    parse(text.as_bytes(), Path::new("/env/manifest.nix")).unwrap()
}

fn text(elements: &[Element]) -> String {
    String::from_utf8(render(elements).unwrap()).unwrap()
}

fn error(text: &[u8]) -> String {
    parse(text, Path::new("/env/manifest.nix")).unwrap_err().to_string()
}

fn with_meta(meta: &str) -> Vec<Element> {
    read(&format!(
        "[ {{ meta = {meta}; name = \"a-1\"; out = {{ outPath = \"/s/a\"; }}; outPath = \"/s/a\"; outputs = [ \"out\" ]; type = \"derivation\"; }} ]"
    ))
}

#[test]
fn what_nix_env_wrote_is_written_byte_for_byte_as_it_was() {
    for written in WRITTEN {
        assert_eq!(text(&read(written)), written);
    }
    assert_eq!(text(&read("[ ]")), "[ ]");
}

#[test]
fn elements_have_the_names_versions_outputs_and_flags_that_nix_env_tells() {
    let elements = read(WRITTEN[1]);
    let rows: Vec<_> = elements
        .iter()
        .map(|element| {
            let outputs: Vec<_> = element.outputs.iter().map(|output| &*output.name).collect();
            (&*element.name, &*element.version, outputs.join(" "), element.priority, element.active)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("twin", "2.0", "out".to_owned(), 5, true),
            ("plain", "1.0", "out".to_owned(), 3, true),
            ("multi-pkg", "2.3-rc1", "bin man".to_owned(), 9, true),
            ("all", "3", "bin dev out".to_owned(), 5, false),
            ("hi-prio-pkg", "1", "out".to_owned(), -10, true),
            ("floatprio", "1", "out".to_owned(), 4, true),
            ("noversion", "", "out".to_owned(), 5, true),
            ("odd+name_x.y?=1.0", "", "out".to_owned(), 5, true),
            ("foo", "32bit-1.0", "out".to_owned(), 5, true),
            ("twin-1", "1.0", "out".to_owned(), 5, true),
        ]
    );
    assert!(elements.iter().all(|element| element.attribute.is_empty() && element.source.is_empty()));
    let path = &elements[2].outputs[1].path;
    assert!(path.starts_with("/nix/store") && path.to_str().unwrap().ends_with("-multi-pkg-2.3-rc1-man"));
}

#[test]
fn a_flag_keeps_its_form_until_it_changes_and_is_a_string_then() {
    for (meta, priority, active) in [
        ("{ }", 5, true),
        ("{ priority = 7; }", 7, true),
        ("{ priority = \"-3\"; active = \"true\"; }", -3, true),
        ("{ priority = 4.9; active = \"false\"; }", 4, false),
        ("{ priority = \" 3abc\"; active = true; }", 3, true),
        ("{ priority = true; active = false; }", 1, false),
        ("{ priority = \"high\"; active = \"no\"; }", 5, true),
    ] {
        let elements = with_meta(meta);
        assert_eq!((elements[0].priority, elements[0].active), (priority, active), "{meta}");
        let sorted = read(&text(&elements));
        assert_eq!(sorted, elements, "{meta}");
    }
    let mut elements = with_meta("{ priority = 7; }");
    assert!(text(&elements).contains("meta = { priority = 7; };"));
    elements[0].priority = 8;
    elements[0].active = false;
    assert!(text(&elements).contains(r#"meta = { active = "false"; priority = "8"; };"#));
    (elements[0].priority, elements[0].active) = (5, true);
    assert!(text(&elements).contains(r#"meta = { priority = "5"; };"#));
}

#[test]
fn outputs_to_install_follow_the_outputs_because_nix_reads_no_others() {
    let mut elements = read(WRITTEN[2]);
    let multi = elements.iter_mut().find(|element| element.name == "multi-pkg").unwrap();
    multi.outputs.remove(0);
    let written = text(&elements);
    assert!(written.contains(r#"meta = { outputsToInstall = [ "man" ]; priority = "9"; };"#), "{written}");
    assert!(!written.contains("bin = { outPath = \"/nix/store/rdm"));
}

#[test]
fn an_element_of_a_source_comes_back_with_it_and_is_a_whole_derivation() {
    let path = |name: &str| format!("/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-{name}").into();
    let element = Element {
        name: "hello".into(),
        attribute: "hello_2".into(),
        source: "demo".into(),
        version: "2.12".into(),
        outputs: vec![
            ElementOutput { name: "out".into(), path: path("hello-2.12") },
            ElementOutput { name: "dev".into(), path: path("hello-2.12-dev") },
        ],
        priority: 4,
        active: true,
        extra: Map::new(),
    };
    let written = text(std::slice::from_ref(&element));
    assert_eq!(
        written,
        r#"[ { dev = { outPath = "/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12-dev"; }; meta = { nixLoom = "{\"attribute\":\"hello_2\",\"order\":[\"out\",\"dev\"],\"source\":\"demo\"}"; priority = "4"; }; name = "hello-2.12"; out = { outPath = "/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12"; }; outPath = "/nix/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-hello-2.12"; outputs = [ "dev" "out" ]; system = "unknown"; type = "derivation"; } ]"#
    );
    let mut back = read(&written).remove(0);
    back.extra.clear();
    assert_eq!(back, element);
}

#[test]
fn an_output_that_a_derivation_cannot_have_is_refused() {
    let mut elements = with_meta("{ }");
    elements[0].outputs.push(ElementOutput { name: "meta".into(), path: "/s/b".into() });
    assert!(matches!(render(&elements), Err(ProfileError::ReservedOutput { .. })));
}

#[test]
fn old_derivations_without_a_list_of_outputs_have_one() {
    let elements = read(r#"[ { meta = { }; name = "a-1"; outPath = "/s/a"; type = "derivation"; } ]"#);
    assert_eq!(elements[0].outputs, [ElementOutput { name: "out".into(), path: "/s/a".into() }]);
    let elements = read(r#"[ { name = "a"; outputs = [ "gone" "out" "out" ]; out = { outPath = "/s/a"; x = 1; }; } ]"#);
    assert_eq!(elements[0].outputs.len(), 1);
    assert!(text(&elements).contains(r#"out = { outPath = "/s/a"; x = 1; };"#));
}

#[test]
fn a_hostile_number_of_outputs_is_read_in_no_time() {
    let names: Vec<_> = (0..50_000).map(|number| format!("o{number}")).collect();
    let listed: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let outputs: Vec<_> = names.iter().map(|name| format!("{name} = {{ outPath = \"/s/{name}\"; }};")).collect();
    let (listed, outputs) = (listed.join(" "), outputs.join(" "));
    let start = Instant::now();
    assert_eq!(read(&format!("[ {{ name = \"a-1\"; outputs = [ {listed} ]; {outputs} }} ]"))[0].outputs.len(), 50_000);
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

#[test]
fn damage_is_named_with_file_line_and_column() {
    for (text, start) in [
        ("[ {\n  name = \"ä\"; a = b;\n} ]", "line 2, column 19: the variable `b` where"),
        ("[\n  { } ]", "line 2, column 3: a derivation without a name; "),
        ("[ { name = \"a\"; } ]", "line 1, column 3: a derivation without any output; "),
        ("[ 1 ]", "line 1, column 3: an entry that is no attribute set; "),
    ] {
        assert!(
            error(text.as_bytes()).starts_with(&format!("/env/manifest.nix: {start}")),
            "{}",
            error(text.as_bytes())
        );
    }
    assert!(error(b"[ {\n name = \"\xe9\"; } ]").contains("line 2, column 10: no UTF-8"));
}

#[test]
fn what_the_user_told_nix_env_outlives_a_build() {
    let mut elements = with_meta(r#"{ description = "x"; keep = "true"; }"#);
    forget_build(&mut elements[0].extra);
    assert!(text(&elements).contains(r#"meta = { keep = "true"; };"#));
    let mut elements = with_meta(r#"{ description = "x"; }"#);
    forget_build(&mut elements[0].extra);
    assert!(elements[0].extra.is_empty());
}

#[test]
fn a_large_manifest_is_read_in_no_time() {
    let one = WRITTEN[4].strip_prefix("[ ").unwrap().strip_suffix(" ]").unwrap();
    let large = format!("[ {} ]", vec![one; 1000].join(" "));
    let start = Instant::now();
    assert_eq!(read(&large).len(), 1000);
    // A hundredth of this in release; the limit only catches what grows with the square.
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![any::<String>(), "[$\\\\{}\"\n\r\ta-c ]{0,6}"];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // As many digits as are printed.
        (-999_999_i32..1_000_000, -20_i32..20)
            .prop_map(|(digits, exponent)| json!(format!("{digits}e{exponent}").parse::<f64>().unwrap())),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(
                prop_oneof![any::<String>(), "[a-z_'-]{0,4}", Just("inherit".to_owned())],
                inner,
                0..5
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_plain_value_is_written_as_it_was_read(values in prop::collection::vec(any_value(), 0..4)) {
        let mut written = String::new();
        render::list(&mut written, &values);
        let back: Vec<_> = parse::list(&written).unwrap().into_iter().map(|(_, value)| value).collect();
        let mut again = String::new();
        render::list(&mut again, &back);
        prop_assert_eq!(&again, &written);
        // A whole number is printed without a point, so it comes back as an integer.
        let numbers = |value: &Value| value.to_string().matches(char::is_numeric).count() == 0;
        if values.iter().all(numbers) {
            prop_assert_eq!(back, values);
        }
    }

    #[test]
    fn a_derivation_with_anything_in_it_is_written_as_it_was_read(
        meta in prop::collection::btree_map(any::<String>(), any_value(), 0..4),
        unknown in prop::collection::btree_map("x[a-z]{0,3}", any_value(), 0..3),
        name in any::<String>(),
        outputs in prop::collection::btree_set("[a-m]{1,3}", 1..4),
    ) {
        let mut attributes: Map<String, Value> = unknown.into_iter().collect();
        for output in &outputs {
            attributes.insert(output.clone(), json!({ "outPath": format!("/nix/store/{output}") }));
        }
        attributes.insert("outputs".to_owned(), json!(outputs));
        attributes.insert("outPath".to_owned(), "/nix/store/main".into());
        attributes.insert("name".to_owned(), name.into());
        attributes.insert("type".to_owned(), "derivation".into());
        attributes.insert("meta".to_owned(), Value::Object(meta.into_iter().collect()));
        let mut written = String::new();
        render::list(&mut written, &[attributes.into()]);
        prop_assert_eq!(text(&read(&written)), written);
    }
}
