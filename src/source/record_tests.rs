//! What of a record becomes the package on offer.

use serde_json::json;

use super::*;

fn package(change: &Value, is_of_flake: bool) -> Result<Package, &'static str> {
    let mut record = json!({
        "name": "hello-2.12", "pname": "", "version": "", "system": "x86_64-linux",
        "derivation": "/nix/store/d-hello.drv", "selected": null, "meta": [],
        "outputs": [{"name": "dev", "path": "/nix/store/e"}, {"name": "out", "path": "/nix/store/o"}],
    });
    for (key, value) in change.as_object().unwrap() {
        record[key] = value.clone();
    }
    let flake = is_of_flake.then(FlakeOrigin::default);
    let record: Record = serde_json::from_value(record).unwrap();
    record.into_package("hello".into(), "test".into(), Path::new("/nix/store"), flake)
}

fn with_meta(name: &str, value: &Value) -> Package {
    package(&json!({"meta": [{"name": name, "value": value}]}), false).unwrap()
}

#[test]
fn a_bare_derivation_is_a_package() {
    let package = package(&json!({}), false).unwrap();
    assert_eq!((&*package.name, &*package.version, package.priority), ("hello", "2.12", 5));
    assert_eq!(package.output("out").unwrap().path.as_deref(), Some(Path::new("/nix/store/o")));
    let evaluated = package.evaluated.unwrap();
    assert_eq!(evaluated.full_name, "hello-2.12");
    assert_eq!(evaluated.derivation, Path::new("/nix/store/d-hello.drv"));
}

#[test]
fn what_cannot_be_built_is_no_package() {
    assert!(package(&json!({"derivation": ""}), false).unwrap_err().contains("drvPath"));
    assert!(package(&json!({"outputs": []}), false).unwrap_err().contains("no outputs"));
}

#[test]
fn a_path_that_only_the_build_tells_is_not_known() {
    let outputs =
        json!({"outputs": [{"name": "out", "path": "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9"}]});
    assert_eq!(package(&outputs, false).unwrap().outputs[0].path, None);
}

#[test]
fn the_default_outputs_are_those_that_nix_takes() {
    let defaults = |change: Value, is_of_flake| package(&change, is_of_flake).unwrap().default_outputs;
    let to_install = |names: Value| json!({"meta": [{"name": "outputsToInstall", "value": names}]});
    assert_eq!(defaults(json!({}), false), ["dev", "out"]);
    assert_eq!(defaults(json!({}), true), ["out"]);
    assert_eq!(defaults(json!({"outputs": [{"name": "lib", "path": ""}, {"name": "doc", "path": ""}]}), true), ["lib"]);
    assert_eq!(defaults(to_install(json!(["dev"])), false), ["dev"]);
    assert_eq!(defaults(to_install(json!(["dev"])), true), ["dev"]);
    assert_eq!(defaults(to_install(json!(["none", 1])), true), ["out"]);
    assert_eq!(defaults(to_install(json!("dev")), false), ["dev", "out"]);
    assert_eq!(defaults(json!({"selected": "dev"}), true), ["dev"]);
}

#[test]
fn names_are_split_as_nix_splits_them() {
    for (full, name, version) in [
        ("hello-2.12", "hello", "2.12"),
        ("font-adobe-75dpi-1.0", "font-adobe", "75dpi-1.0"),
        ("name", "name", ""),
        ("name-", "name-", ""),
        ("a--b", "a", "-b"),
        ("-1", "", "1"),
    ] {
        assert_eq!(split_name(full), (name.to_owned(), version.to_owned()), "{full}");
    }
    let named = package(&json!({"pname": "font-adobe-75dpi", "version": "1.0"}), false).unwrap();
    assert_eq!((&*named.name, &*named.version), ("font-adobe-75dpi", "1.0"));
}

#[test]
fn priorities_are_read_as_nix_reads_them() {
    for (value, expected) in [
        (json!(3), 3),
        (json!(-10), -10),
        (json!("7"), 7),
        (json!("-3abc"), -3),
        (json!(" +4"), 4),
        (json!(4.5), 4),
        (json!(true), 1),
        (json!(false), 5),
        (json!("high"), 5),
        (json!(""), 5),
        (json!(99_999_999_999_u64), 5),
        (json!([1]), 5),
    ] {
        assert_eq!(with_meta("priority", &value).priority, expected, "{value}");
    }
}

#[test]
fn licences_of_every_form_are_read() {
    for (value, expected) in [
        (json!("MIT"), vec!["MIT"]),
        (json!({"spdxId": "MIT", "shortName": "mit"}), vec!["MIT"]),
        (json!({"shortName": "unfree"}), vec!["unfree"]),
        (json!({"fullName": "Own", "url": "x"}), vec!["Own"]),
        (json!([{"spdxId": "MIT"}, "BSD", {}, 1]), vec!["MIT", "BSD"]),
        (json!({"licenses": [{"spdxId": "A"}, {"spdxId": "B"}], "operator": "OR"}), vec!["A", "B"]),
        (json!({"license": {"spdxId": "A"}, "exception": {"spdxId": "E"}}), vec!["A", "E"]),
        (json!(true), vec![]),
    ] {
        assert_eq!(with_meta("license", &value).licenses, expected, "{value}");
    }
}

#[test]
fn texts_of_meta_are_taken_where_they_are_texts() {
    assert_eq!(with_meta("description", &json!("one\n  two")).description, "one two");
    assert_eq!(with_meta("description", &json!(["one"])).description, "");
    assert_eq!(with_meta("longDescription", &json!("A\n\nlong  one.\n")).long_description, "A long one.");
    assert_eq!(with_meta("homepage", &json!(["https://a", "https://b"])).homepage, "https://a");
    assert_eq!(with_meta("homepage", &json!([])).homepage, "");
    assert_eq!(with_meta("mainProgram", &json!("hi")).main_program.as_deref(), Some("hi"));
    assert_eq!(with_meta("mainProgram", &json!("")).main_program, None);
}
