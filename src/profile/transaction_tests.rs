use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::package::PackageOutput;
use crate::package::{EvaluationError, Package};
use crate::profile::{ChangeRequest, ManifestKind};

fn package(attribute: &str, source: &str, version: &str, outputs: &[&str]) -> Package {
    let name = element_name(attribute);
    let path = |output: &str| format!("/store/{source}-{name}-{version}-{output}").into();
    Package {
        attribute: attribute.to_owned(),
        source: Arc::from(source),
        name: name.clone(),
        version: version.to_owned(),
        description: String::new(),
        long_description: String::new(),
        homepage: String::new(),
        licenses: Vec::new(),
        priority: if name == "low" { 10 } else { 5 },
        outputs: outputs
            .iter()
            .map(|output| PackageOutput { name: (*output).into(), path: Some(path(output)) })
            .collect(),
        default_outputs: vec![outputs[0].to_owned()],
        main_program: None,
        obstacles: Vec::new(),
        evaluated: None,
    }
}

fn offered() -> Vec<Package> {
    vec![
        package("hello", "demo", "2.12", &["out"]),
        package("nodejs_20", "demo", "20.11", &["out", "dev"]),
        package("low", "demo", "1", &["bin", "out", "man"]),
        package("python312Packages.requests", "demo", "2.31", &["out", "dist"]),
        package("python311Packages.requests", "demo", "2.31", &["out", "dist"]),
        package("hello", "mine", "3.0", &["out"]),
        package("aspellDicts.\"or\"", "demo", "1", &["out"]),
        package("odd@name:1", "mine", "1", &["out"]),
    ]
}

fn installed(elements: &[Element]) -> Contents {
    Contents { kind: ManifestKind::NixProfile, elements: elements.to_vec() }
}

#[expect(clippy::unnecessary_wraps, reason = "as a source that needs no evaluation")]
fn find(attribute: &str, source: Option<&str>) -> Result<Option<Package>, EvaluationError> {
    Ok(lookup(attribute, source))
}

fn lookup(attribute: &str, source: Option<&str>) -> Option<Package> {
    offered()
        .into_iter()
        .find(|package| package.attribute == attribute && source.is_none_or(|source| source == &*package.source))
}

fn resolve(text: &str, elements: &[Element]) -> Result<Vec<Change>, ProfileError> {
    let request: ChangeRequest = text.parse()?;
    request.resolve(elements, &|attribute, source| lookup(attribute, source).is_some())
}

/// Applies the changes one transaction after the other.
fn apply(texts: &[&str]) -> Result<Vec<Element>, ProfileError> {
    let mut elements = Vec::new();
    for text in texts {
        let mut transaction = Transaction::default();
        for change in resolve(text, &elements)? {
            transaction.stage(change, &elements);
        }
        elements = transaction.apply_to(&installed(&elements), &find)?;
    }
    Ok(elements)
}

fn names(elements: &[Element]) -> Vec<&str> {
    elements.iter().map(|element| element.name.as_str()).collect()
}

fn outputs(element: &Element) -> Vec<&str> {
    element.outputs.iter().map(|output| output.name.as_str()).collect()
}

fn staged(texts: &[&str], elements: &[Element]) -> Vec<String> {
    let mut transaction = Transaction::default();
    for text in texts {
        for change in resolve(text, elements).unwrap() {
            transaction.stage(change, elements);
        }
    }
    transaction.changes.iter().map(ToString::to_string).collect()
}

#[test]
fn an_installation_takes_name_outputs_and_priority_from_the_package() {
    let elements = apply(&["low", "nodejs_20^dev,out:priority=3", "aspellDicts.\"or\""]).unwrap();
    assert_eq!(names(&elements), ["low", "nodejs_20", "or"]);
    assert_eq!((outputs(&elements[0]), elements[0].priority), (vec!["bin"], 10));
    assert_eq!((outputs(&elements[1]), elements[1].priority), (vec!["out", "dev"], 3));
    assert_eq!((elements[1].version.as_str(), elements[1].source.as_str()), ("20.11", "demo"));
}

#[test]
fn an_element_is_named_by_the_last_component_of_its_attribute() {
    for (attribute, name) in [
        ("python312Packages.requests", "requests"),
        ("aspellDicts.\"or\"", "or"),
        ("fonts.\"m+.x\"", "m+.x"),
        ("\"7off\"", "7off"),
        ("tool-1.0", "tool-1.0"),
        ("7zip", "7zip"),
        ("trailing.", "trailing."),
    ] {
        assert_eq!(element_name(attribute), name);
    }
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let elements =
        apply(&["python312Packages.requests", "python311Packages.requests", "hello@mine", "hello@demo"]).unwrap();
    assert_eq!(names(&elements), ["requests", "requests-1", "hello", "hello-1"]);
}

#[test]
fn installing_again_keeps_what_the_user_chose() {
    let mut elements = apply(&["low^man:priority=2", "low:active=false"]).unwrap();
    elements[0].version = "0.9".into();
    elements[0].outputs[0].path = "/store/old".into();
    elements[0].extra.insert("kept".into(), true.into());
    let meta = serde_json::json!({ "description": "old", "keep": "true" });
    elements[0].extra.insert("nixEnv".into(), serde_json::json!({ "attributes": { "name": "low-0.9", "meta": meta } }));
    let again = Transaction { changes: resolve("low", &elements).unwrap() };
    let after = again.apply_to(&installed(&elements), &find).unwrap();
    assert_eq!(after[0].extra["nixEnv"], serde_json::json!({ "attributes": { "meta": { "keep": "true" } } }));
    assert_eq!((outputs(&after[0]), after[0].priority, after[0].active), (vec!["man"], 2, false));
    assert_eq!(after[0].outputs[0].path, std::path::PathBuf::from("/store/demo-low-1-man"));
    assert_eq!(after[0].version, "1");
    assert!(after[0].extra.contains_key("kept"));
    let after = Transaction { changes: resolve("low@demo^*:priority=7", &elements).unwrap() };
    let after = after.apply_to(&installed(&elements), &find).unwrap();
    assert_eq!((outputs(&after[0]), after[0].priority), (vec!["bin", "out", "man"], 7));
}

#[test]
fn edits_change_what_they_name_and_nothing_else() {
    let before = apply(&["hello", "nodejs_20", "low"]).unwrap();
    let after = apply(&["hello", "nodejs_20", "low", "nodejs_20^dev:priority=4:active=false", "-hello"]).unwrap();
    assert_eq!(names(&after), ["nodejs_20", "low"]);
    assert_eq!((outputs(&after[0]), after[0].priority, after[0].active), (vec!["dev"], 4, false));
    assert_eq!(after[1], before[2]);
}

#[test]
fn an_attribute_names_the_element_that_was_installed_from_it() {
    let both = ["python312Packages.requests", "hello@mine", "hello@demo"];
    let elements = apply(&both).unwrap();
    assert_eq!(
        resolve("-python312Packages.requests", &elements).unwrap(),
        [Change::Remove { name: "requests".into() }]
    );
    let renamed = elements.iter().cloned().map(|mut element| {
        element.name.push('!');
        element
    });
    let renamed: Vec<_> = renamed.collect();
    assert!(matches!(resolve("-hello", &renamed), Err(ProfileError::Ambiguous { .. })));
}

#[test]
fn only_the_outputs_that_are_there_can_be_chosen_and_the_error_says_which() {
    let error = apply(&["nodejs_20^lib"]).unwrap_err();
    assert_eq!(error.to_string(), "nodejs_20 has no output lib; it has out, dev");
    let error = apply(&["nodejs_20", "nodejs_20^lib"]).unwrap_err();
    assert_eq!(error.to_string(), "nodejs_20 has no output lib; it has out, dev");
    let elements = apply(&["nodejs_20"]).unwrap();
    let none = Transaction { changes: vec![Change::Outputs { name: "nodejs_20".into(), outputs: vec![] }] };
    let error = none.apply_to(&installed(&elements), &find).unwrap_err();
    assert_eq!(error.to_string(), "nodejs_20 without any output would be nothing; write -nodejs_20 to remove it");
}

#[test]
fn what_is_unknown_is_an_error_that_names_the_way_on() {
    let error = apply(&["nodejs_99"]).unwrap_err();
    assert_eq!(error.to_string(), "no source offers an attribute nodejs_99; `nix-loom search nodejs_99` looks for it");
    let error = apply(&["hello@nixos"]).unwrap_err();
    assert_eq!(error.to_string(), "nixos offers no attribute hello; `nix-loom search hello` looks for it");
    assert!(matches!(apply(&["-hello"]), Err(ProfileError::NotInstalled { .. })));
    assert!(matches!(apply(&["hello:active=false"]), Err(ProfileError::ActiveWithoutElement { .. })));
}

#[test]
fn outputs_of_a_bare_store_path_can_be_dropped_but_not_added() {
    let mut elements = apply(&["nodejs_20^*"]).unwrap();
    elements[0].attribute.clear();
    elements[0].source.clear();
    let change = |output: &str| Transaction {
        changes: vec![Change::Outputs { name: "nodejs_20".into(), outputs: vec![output.into()] }],
    };
    assert_eq!(outputs(&change("dev").apply_to(&installed(&elements), &find).unwrap()[0]), ["dev"]);
    assert!(matches!(change("man").apply_to(&installed(&elements), &find), Err(ProfileError::UnknownOutput { .. })));
    assert!(matches!(resolve("nodejs_20", &elements), Err(ProfileError::NoSource { .. })));
}

#[test]
fn an_element_never_mixes_two_builds() {
    let mut elements = apply(&["nodejs_20"]).unwrap();
    elements[0].version = "20.10".into();
    elements[0].outputs[0].path = "/store/demo-nodejs-20.10".into();
    let add = Transaction { changes: resolve("nodejs_20^out,dev", &elements).unwrap() };
    let after = add.apply_to(&installed(&elements), &find).unwrap();
    assert_eq!(after[0].version, "20.11");
    assert_eq!(after[0].outputs[0].path, std::path::PathBuf::from("/store/demo-nodejs_20-20.11-out"));
}

#[test]
fn the_last_word_on_a_thing_counts() {
    let elements = apply(&["hello", "low"]).unwrap();
    assert_eq!(staged(&["hello:priority=4", "hello:priority=6"], &elements), ["hello:priority=6"]);
    assert_eq!(staged(&["hello:priority=4", "-hello"], &elements), ["-hello"]);
    assert_eq!(staged(&["-hello", "hello:priority=4"], &elements), ["hello:priority=4"]);
    assert_eq!(staged(&["-hello", "hello"], &elements), ["hello@demo"]);
    assert_eq!(
        staged(&["nodejs_20", "nodejs_20^dev", "nodejs_20@demo:priority=2"], &elements),
        ["nodejs_20@demo^dev:priority=2"]
    );
    assert_eq!(staged(&["hello", "-hello"], &elements), ["-hello"], "an installed one is removed all the same");
}

#[test]
fn an_element_taken_from_another_source_keeps_its_name_outputs_priority_and_activity() {
    let before = apply(&["hello:priority=3", "low", "hello:active=false"]).unwrap();
    let after = apply(&["hello:priority=3", "low", "hello:active=false", "hello:source=mine"]).unwrap();
    let hello = &after[0];
    assert_eq!((&*hello.name, &*hello.attribute, &*hello.source), ("hello", "hello", "mine"));
    assert_eq!((&*hello.version, hello.priority, hello.active), ("3.0", 3, false));
    assert_eq!(hello.outputs[0].path, std::path::PathBuf::from("/store/mine-hello-3.0-out"));
    assert_eq!(after[1], before[1], "nothing else is touched");
    let other = apply(&["low^out,man", "low^out:attribute=nodejs_20:priority=7"]).unwrap();
    assert_eq!((&*other[0].name, &*other[0].attribute, outputs(&other[0])), ("low", "nodejs_20", vec!["out"]));
    assert_eq!((other[0].priority, &*other[0].source), (7, "demo"));
}

#[test]
fn what_another_source_lacks_is_an_error_and_no_loss() {
    let error = apply(&["low^out,man", "low:attribute=hello:source=mine"]).unwrap_err();
    assert!(matches!(&error, ProfileError::UnknownOutput { output, .. } if output == "man"), "{error}");
    let error = apply(&["low", "low:source=mine"]).unwrap_err();
    assert!(error.to_string().contains("low") && error.to_string().contains("mine"), "{error}");
    assert!(matches!(resolve("low:source=mine", &[]), Err(ProfileError::NotInstalled { .. })));
    let bare = Element { name: "bare".into(), ..Element::default() };
    let elements = [bare];
    assert!(matches!(resolve("bare:attribute=low", &elements), Err(ProfileError::NoSource { .. })));
    let moved = resolve("bare:source=demo", &elements).unwrap();
    assert_eq!(moved[0].to_string(), "bare:source=demo", "its name is what the other source is asked for");
}

#[test]
fn of_an_upgrade_and_another_source_the_last_word_counts() {
    let elements = apply(&["hello", "low^bin"]).unwrap();
    assert_eq!(staged(&["hello", "hello:source=mine"], &elements), ["hello:source=mine"]);
    assert_eq!(staged(&["hello:source=mine", "hello"], &elements), ["hello@demo"]);
    assert_eq!(staged(&["hello:source=mine", "-hello"], &elements), ["-hello"]);
    assert_eq!(staged(&["-hello", "hello:source=mine"], &elements), ["hello:source=mine"]);
    assert_eq!(staged(&["hello:source=mine", "hello:source=demo"], &elements), ["hello:source=demo"]);
    assert_eq!(staged(&["low^out", "low^man:source=demo"], &elements), ["low^man:source=demo"]);
    assert_eq!(staged(&["low:source=demo", "low^bin"], &elements), ["low:source=demo", "low^bin"]);
    assert_eq!(
        staged(&["low^out:source=demo", "low^man", "low@demo:priority=3"], &elements),
        ["low@demo^out:priority=3", "low^man"]
    );
    assert_eq!(
        staged(&["hello:priority=1", "hello@demo:priority=3", "hello:source=mine"], &elements),
        ["hello:source=mine", "hello:priority=3"]
    );
    let mut transaction = Transaction::default();
    transaction.stage(resolve("hello@demo", &[]).unwrap().remove(0), &[]);
    let moved = Change::Source { name: "hello".into(), attribute: None, source: "mine".into(), outputs: None };
    transaction.stage(moved, &[]);
    assert_eq!(transaction.changes[0].to_string(), "hello@mine", "what is only staged is staged from there");
}

#[test]
fn what_only_gives_back_the_present_state_is_not_staged() {
    let elements = apply(&["hello"]).unwrap();
    assert_eq!(staged(&["hello:priority=4", "hello:priority=5"], &elements), [""; 0]);
    assert_eq!(staged(&["hello^out:active=true"], &elements), [""; 0]);
    assert_eq!(
        staged(&["hello@demo:priority=4", "hello:priority=5"], &elements),
        ["hello@demo:priority=4", "hello:priority=5"]
    );
}

#[test]
fn edits_of_what_is_only_staged_go_into_its_installation_and_removal_unstages_it() {
    let mut transaction = Transaction::default();
    let install = resolve("nodejs_20", &[]).unwrap().remove(0);
    transaction.stage(install, &[]);
    transaction.stage(Change::Priority { name: "nodejs_20".into(), priority: 4 }, &[]);
    transaction.stage(Change::Outputs { name: "nodejs_20".into(), outputs: vec!["dev".into()] }, &[]);
    assert_eq!(transaction.changes.iter().map(ToString::to_string).collect::<Vec<_>>(), ["nodejs_20^dev:priority=4"]);
    transaction.stage(Change::Remove { name: "nodejs_20".into() }, &[]);
    assert!(transaction.is_empty());
    assert_eq!(transaction.unstage(0), None);
}

#[test]
fn a_request_to_remove_what_is_only_staged_takes_it_back() {
    let stage = |texts: &[&str]| {
        let mut transaction = Transaction::default();
        let offers = |attribute: &str, source: Option<&str>| lookup(attribute, source).is_some();
        let staged = texts.iter().try_for_each(|text| transaction.stage_request(&text.parse().unwrap(), &[], &offers));
        staged.map(|()| transaction)
    };
    assert!(stage(&["python312Packages.requests", "-requests"]).unwrap().is_empty());
    assert!(stage(&["python312Packages.requests", "-python312Packages.requests"]).unwrap().is_empty());
    assert!(stage(&["\"odd@name:1\"", "-\"odd@name:1\""]).unwrap().is_empty());
    assert!(matches!(stage(&["hello", "-low"]), Err(ProfileError::NotInstalled { .. })));
}

fn any_change(elements: &[Element]) -> impl Strategy<Value = Change> + use<> {
    let attributes: Vec<_> = offered().iter().map(|package| package.attribute.clone()).collect();
    let installed: Vec<_> = elements.iter().map(|element| element.name.clone()).collect();
    let outputs = || prop::collection::vec("[a-z\\PC,:^@\" ]{1,6}", 1..4);
    let number = || any::<i32>().prop_map(i64::from);
    let name = move || prop::sample::select(installed.clone());
    let attribute = || prop::sample::select(attributes.clone());
    prop_oneof![
        (attribute(), any::<bool>(), prop::option::of(outputs()), prop::option::of(number())).prop_map(
            |(attribute, is_mine, outputs, priority)| {
                let source = Some(if is_mine { "mine" } else { "demo" }.to_owned());
                Change::Install { attribute, source, outputs, priority }
            }
        ),
        name().prop_map(|name| Change::Remove { name }),
        (name(), outputs()).prop_map(|(name, outputs)| Change::Outputs { name, outputs }),
        (name(), number()).prop_map(|(name, priority)| Change::Priority { name, priority }),
        (name(), any::<bool>()).prop_map(|(name, active)| Change::Active { name, active }),
        (name(), prop::option::of(attribute()), "[a-z\\PC,:^@=\" ]{1,6}", prop::option::of(outputs()))
            .prop_map(|(name, attribute, source, outputs)| Change::Source { name, attribute, source, outputs }),
    ]
}

/// Elements with names of every kind.
fn odd_elements() -> Vec<Element> {
    let names = [
        "hello",
        "requests",
        "-dash",
        "remove:x",
        "a@b",
        "a^b",
        "a:b",
        "\"q\"",
        "q\"",
        "",
        "a.b",
        "a b",
        "new\nline",
        "$x\\",
    ];
    names.map(|name| Element { name: name.to_owned(), ..Element::default() }).to_vec()
}

proptest! {
    #[test]
    fn every_change_is_read_back_from_its_notation(change in any_change(&odd_elements())) {
        let is_offered = |attribute: &str, _: Option<&str>| offered().iter().any(|package| package.attribute == attribute);
        let request: ChangeRequest = change.to_string().parse().unwrap();
        prop_assert_eq!(request.resolve(&odd_elements(), &is_offered).unwrap(), [change]);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = text.parse::<ChangeRequest>();
    }

    #[test]
    fn staging_one_by_one_ends_where_applying_one_by_one_ends(
        texts in prop::collection::vec(prop::sample::select(vec![
            "hello", "hello@demo:priority=3", "low", "low:priority=4", "low^man", "low:active=false", "-low", "-hello",
            "hello:priority=5", "low^bin", "low:active=true", "low:source=demo", "low^out:source=demo",
        ]), 1..8),
    ) {
        let start = apply(&["hello", "low"]).unwrap();
        let mut transaction = Transaction::default();
        let mut one_by_one = start.clone();
        for text in texts {
            let changes = resolve(text, &start).unwrap();
            let name = if text.contains("hello") { "hello" } else { "low" };
            // A word after a removal takes it back: the element is there again as it was.
            if changes.iter().all(|change| !matches!(change, Change::Remove { .. })) && !names(&one_by_one).contains(&name) {
                one_by_one.extend(start.iter().find(|element| element.name == name).cloned());
            }
            one_by_one = Transaction { changes: changes.clone() }.apply_to(&installed(&one_by_one), &find).unwrap_or(one_by_one);
            for change in changes {
                transaction.stage(change, &start);
            }
        }
        let mut staged = transaction.apply_to(&installed(&start), &find).unwrap();
        staged.sort_by(|a, b| a.name.cmp(&b.name));
        one_by_one.sort_by(|a, b| a.name.cmp(&b.name));
        prop_assert_eq!(staged, one_by_one);
    }
}
