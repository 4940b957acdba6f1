use super::*;
use crate::profile::ElementOutput;

/// `a 1.0 out,dev 5`, of the attribute and with the paths that belong to name and version.
fn element(text: &str) -> Element {
    let words: Vec<&str> = text.split(' ').collect();
    let [name, version, outputs, priority] = words[..] else { panic!("{text}") };
    let output = |output: &str| ElementOutput {
        name: output.to_owned(),
        path: format!("/store/{name}-{version}-{output}").into(),
    };
    Element {
        name: name.to_owned(),
        attribute: name.to_owned(),
        source: "nixpkgs".to_owned(),
        version: version.to_owned(),
        outputs: outputs.split(',').map(output).collect(),
        priority: priority.parse().unwrap(),
        active: true,
        ..Element::default()
    }
}

fn elements(texts: &[&str]) -> Vec<Element> {
    texts.iter().map(|text| element(text)).collect()
}

fn inactive(text: &str) -> Element {
    Element { active: false, ..element(text) }
}

#[track_caller]
fn check(said: &[Element], installed: &[Element], told: &[&str], changes: &[&str]) {
    let sides = Sides::new(said, installed);
    let beside = |element: &Element| element.name == "beside";
    let differences: Vec<_> = sides.differences(&beside).iter().map(ToString::to_string).collect();
    assert_eq!(differences, told);
    let adopted: Vec<_> = sides.adopt(&beside, &Adopt::default()).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(adopted, changes);
}

#[test]
fn what_is_the_same_agrees_in_whatever_order() {
    let said = elements(&["a 1 out,dev 5", "b 2 out 4"]);
    check(&said, &elements(&["b 2 out 4", "beside 1 out 5", "a 1 dev,out 5"]), &[], &[]);
    check(&[], &[], &[], &[]);
}

#[test]
fn what_only_one_side_has_is_told_with_its_version() {
    check(
        &elements(&["a 1 out 5", "new 2 out,dev 3"]),
        &elements(&["old 3 out 5", "a 1 out 5"]),
        &["new 2: only the file has it", "old 3: only the profile has it"],
        &["-old", "new@nixpkgs^out,dev:priority=3"],
    );
}

#[test]
fn other_versions_builds_outputs_and_priorities_are_told_apart() {
    let rebuilt = Element { outputs: element("b 2x out 5").outputs, ..element("b 2 out 5") };
    let said = [elements(&["a 2 out 5"]), vec![rebuilt], elements(&["c 1 out,dev 5", "d 1 out 9"])].concat();
    check(
        &said,
        &elements(&["a 1 out 5", "b 2 out 5", "c 1 out 5", "d 1 out -2"]),
        &[
            "a: 1 in the profile, 2 in the file",
            "b: the file has another build of the same version",
            "c: outputs out in the profile, out, dev in the file",
            "d: priority -2 in the profile, 9 in the file",
        ],
        &["a@nixpkgs^out:priority=5", "b@nixpkgs^out:priority=5", "c^out,dev", "d:priority=9"],
    );
}

#[test]
fn what_is_from_another_source_is_removed_before_it_is_installed_from_that_of_the_file() {
    let said = [Element { source: "/a.nix".into(), attribute: "paths.a".into(), ..element("a 2 out 5") }];
    check(
        &said,
        &elements(&["a 1 out 5"]),
        &["a: 1 in the profile, 2 in the file"],
        &["-a", "paths.a@/a.nix^out:priority=5"],
    );
    // The very same package, by whatever name: nothing to do.
    let said = [Element { name: "z".into(), version: String::new(), ..said[0].clone() }];
    check(&said, &elements(&["a 2 out 5"]), &[], &[]);
}

#[test]
fn of_what_has_no_paths_the_version_is_told() {
    let bare = |text: &str| {
        let mut element = element(text);
        element.outputs.iter_mut().for_each(|output| output.path = "".into());
        element
    };
    check(&[bare("a 1 out,dev 5")], &elements(&["a 1 out,dev 5"]), &[], &[]);
    check(
        &[bare("a 2 out 5")],
        &elements(&["a 1 out 5"]),
        &["a: 1 in the profile, 2 in the file"],
        &["a@nixpkgs^out:priority=5"],
    );
}

#[test]
fn what_is_switched_off_is_in_no_environment() {
    check(&elements(&["a 1 out 5"]), &[element("a 1 out 5"), inactive("b 1 out 5")], &[], &[]);
    check(&[element("a 1 out 5"), inactive("b 1 out 5")], &elements(&["a 1 out 5"]), &[], &[]);
    check(
        &[element("a 1 out 5"), inactive("b 1 out 5")],
        &[inactive("a 1 out 5"), element("b 1 out 5")],
        &["a: inactive in the profile, active in the file", "b: active in the profile, inactive in the file"],
        &["a:active=true", "b:active=false"],
    );
}

#[test]
fn what_has_no_attribute_cannot_be_staged() {
    let said = [Element { attribute: String::new(), ..element("a 1 out 5") }];
    let sides = Sides::new(&said, &[]);
    assert_eq!(sides.adopt(&|_| false, &Adopt::default()), None);
    let there = elements(&["a 1 out 5"]);
    assert_eq!(
        Sides::new(&said, &there).adopt(&|_| false, &Adopt::default()),
        Some(Vec::new()),
        "unless nothing is to be done"
    );
}

#[test]
fn the_order_is_told_of_those_that_want_the_same_path() {
    let said = elements(&["a 1 out 5", "b 1 out 5", "c 1 out 5"]);
    let installed = elements(&["c 1 out 5", "b 1 out 5", "a 1 out 5"]);
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    let contend = HashSet::from([pair("a", "c"), pair("c", "a")]);
    let told = |sides: &Sides| sides.order(&contend).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told(&Sides::new(&said, &installed)), ["a: before c in the file, after it in the profile"]);
    assert_eq!(told(&Sides::new(&said, &said)), Vec::<String>::new());
}

#[test]
fn names_from_outside_steer_no_terminal() {
    let kind = DifferenceKind::Version { profile: "\u{1b}[31m".into(), file: "\u{202e}".into() };
    let told = Difference { name: "a\n".into(), kind }.to_string();
    assert_eq!(told, "a\\n: \\x1b[31m in the profile, \\u{202e} in the file");
}
