//! A package as Nix' evaluation describes it, made into one on offer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::package::{DEFAULT_PRIORITY, Evaluated, FlakeOrigin, Obstacle, Package, PackageOutput};

/// What `evaluate.nix` tells of a derivation.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    name: String,
    pname: String,
    version: String,
    system: String,
    derivation: String,
    outputs: Vec<Output>,
    /// The only output that is meant, as of `openssl.dev`.
    selected: Option<String>,
    meta: Vec<Meta>,
}

#[derive(Debug, Deserialize)]
struct Output {
    name: String,
    /// `None` in a listing.
    path: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Meta {
    name: String,
    value: Value,
}

impl Record {
    /// The package called `attribute` of `source`; the error says what it lacks.
    ///
    /// Paths outside of `store`, as content-addressed derivations have before they are built, are not known. Without a
    /// choice `nix-env` installs `meta.outputsToInstall`, else all outputs; `nix profile` of Nix 2.26 and later the same,
    /// else `out` (both observed).
    pub fn into_package(
        mut self,
        attribute: String,
        source: Arc<str>,
        store: &Path,
        flake: Option<FlakeOrigin>,
    ) -> Result<Package, &'static str> {
        if self.derivation.is_empty() {
            return Err("it has no drvPath, so nothing can build it");
        }
        let meta = self.take_meta();
        let package = self.described(&meta, attribute, source, store, flake.is_some())?;
        let evaluated =
            Evaluated { full_name: self.name, system: self.system, derivation: self.derivation.into(), meta, flake };
        Ok(Package { evaluated: Some(Arc::new(evaluated)), ..package })
    }

    /// The same as a row of a listing: it has neither paths nor what only an evaluation tells.
    pub fn into_row(mut self, attribute: String, source: Arc<str>, is_of_flake: bool) -> Result<Package, &'static str> {
        let meta = self.take_meta();
        self.described(&meta, attribute, source, Path::new("/"), is_of_flake)
    }

    fn take_meta(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.meta).into_iter().map(|it| (it.name, it.value)).collect()
    }

    fn described(
        &mut self,
        meta: &Map<String, Value>,
        attribute: String,
        source: Arc<str>,
        store: &Path,
        is_of_flake: bool,
    ) -> Result<Package, &'static str> {
        if self.outputs.is_empty() {
            return Err("it has no outputs");
        }
        let path = |path: Option<String>| path.map(PathBuf::from).filter(|path| path.starts_with(store));
        let outputs = std::mem::take(&mut self.outputs).into_iter();
        let outputs: Vec<PackageOutput> =
            outputs.map(|it| PackageOutput { path: path(it.path), name: it.name }).collect();
        let (name, version) = if self.pname.is_empty() || self.version.is_empty() {
            split_name(&self.name)
        } else {
            (std::mem::take(&mut self.pname), std::mem::take(&mut self.version))
        };
        let text = |name: &str| meta.get(name).and_then(Value::as_str).unwrap_or_default();
        Ok(Package {
            attribute,
            source,
            name,
            version,
            description: one_line(text("description")),
            long_description: one_line(text("longDescription")),
            homepage: meta.get("homepage").and_then(first_text).unwrap_or_default().to_owned(),
            licenses: meta.get("license").map(licenses).unwrap_or_default(),
            priority: meta.get("priority").and_then(priority).unwrap_or(DEFAULT_PRIORITY),
            default_outputs: default_outputs(&outputs, self.selected.take(), meta, is_of_flake),
            main_program: Some(text("mainProgram")).filter(|name| !name.is_empty()).map(str::to_owned),
            obstacles: obstacles(meta),
            outputs,
            evaluated: None,
        })
    }
}

/// What nixpkgs says in `meta` of whether a package can be had here.
fn obstacles(meta: &Map<String, Value>) -> Vec<Obstacle> {
    let known = [
        ("broken", Obstacle::Broken),
        ("unfree", Obstacle::Unfree),
        ("insecure", Obstacle::Insecure),
        ("unsupported", Obstacle::OtherSystem),
    ];
    let is_said = |name: &str| meta.get(name).and_then(Value::as_bool) == Some(true);
    known.into_iter().filter(|(name, _)| is_said(name)).map(|(_, obstacle)| obstacle).collect()
}

fn default_outputs(
    outputs: &[PackageOutput],
    selected: Option<String>,
    meta: &Map<String, Value>,
    is_of_flake: bool,
) -> Vec<String> {
    let is_there = |name: &String| outputs.iter().any(|output| output.name == *name);
    let to_install = meta.get("outputsToInstall").and_then(Value::as_array).into_iter().flatten();
    let to_install = to_install.filter_map(|name| name.as_str().map(str::to_owned));
    let chosen = selected.map_or_else(|| to_install.collect(), |name| vec![name]);
    let chosen: Vec<String> = chosen.into_iter().filter(is_there).collect();
    if !chosen.is_empty() {
        return chosen;
    }
    let all = outputs.iter().map(|output| output.name.clone());
    match outputs.iter().find(|output| output.name == "out") {
        Some(out) if is_of_flake => vec![out.name.clone()],
        None if is_of_flake => all.take(1).collect(),
        _ => all.collect(),
    }
}

/// Name and version of a full name: split at the first `-` that no letter follows (Nix, `src/libstore/names.cc`).
fn split_name(full: &str) -> (String, String) {
    let dashes = full.match_indices('-').map(|(at, _)| at);
    let is_split = |at: &usize| full[at + 1..].bytes().next().is_some_and(|next| !next.is_ascii_alphabetic());
    match dashes.into_iter().find(is_split) {
        Some(at) => (full[..at].to_owned(), full[at + 1..].to_owned()),
        None => (full.to_owned(), String::new()),
    }
}

/// The words of a text with one blank between them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text, or the first of a list of them.
fn first_text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.as_array()?.first()?.as_str())
}

/// Read like C's `stoi`, as Nix does when it links an environment: `"3abc"` is 3, 4.5 is 4, `true` is 1. `None` for what
/// has no number that Nix could read back.
fn priority(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Bool(is_true) => return is_true.then_some(1),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim_start().to_owned(),
        _ => return None,
    };
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    text[..sign + digits].parse::<i32>().ok().map(i64::from)
}

/// The SPDX identifiers in `meta.license`, which may be a text, a set, a list of both, or a compound; where one has no
/// identifier, its short name, or its full one.
fn licenses(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(all) => all.iter().flat_map(licenses).collect(),
        Value::Object(license) => {
            let name = ["spdxId", "shortName", "fullName"].iter().find_map(|key| license.get(*key)?.as_str());
            match name {
                Some(name) => vec![name.to_owned()],
                // `A or B`, `A with exception E`.
                None => ["licenses", "license", "exception"]
                    .iter()
                    .filter_map(|key| license.get(*key))
                    .flat_map(licenses)
                    .collect(),
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            defaults(json!({"outputs": [{"name": "lib", "path": ""}, {"name": "doc", "path": ""}]}), true),
            ["lib"]
        );
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
}
