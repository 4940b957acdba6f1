//! The SPEC of `build`: packages and rules as JSON, every path in it absolute.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::engine::{NixpkgsRules, Output, Package, Request, RuleSet, Rules, parse_priority};
use crate::package::DEFAULT_PRIORITY;
use crate::profile::StoreName;
use crate::safe;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    #[serde(default)]
    rules: RulesName,
    packages: Vec<SpecPackage>,
    #[serde(default = "everything")]
    paths_to_link: Vec<String>,
    #[serde(default)]
    ignore_collisions: bool,
    #[serde(default = "yes")]
    check_collision_contents: bool,
    #[serde(default)]
    ignore_single_file_outputs: bool,
    #[serde(default)]
    extra_prefix: String,
    #[serde(default)]
    manifest: String,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RulesName {
    #[default]
    Nix,
    Nixpkgs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpecPackage {
    name: Option<String>,
    #[serde(default = "usual", deserialize_with = "priority")]
    priority: i64,
    #[serde(default = "yes")]
    active: bool,
    paths: Vec<AbsolutePath>,
}

/// A path that begins with a slash.
pub(super) struct AbsolutePath(pub String);

impl<'de> Deserialize<'de> for AbsolutePath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let path = String::deserialize(from)?;
        if path.starts_with('/') && !path.contains('\0') {
            return Ok(Self(path));
        }
        Err(D::Error::invalid_value(Unexpected::Str(&path), &"an absolute path"))
    }
}

fn yes() -> bool {
    true
}

fn usual() -> i64 {
    DEFAULT_PRIORITY
}

fn everything() -> Vec<String> {
    vec!["/".to_owned()]
}

/// A priority as Nix reads one (semantics 2.8): numbers lose their fraction, words are read up to the first letter,
/// `true` is 1.
pub(super) fn priority<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let value = Value::deserialize(from)?;
    let read = match &value {
        Value::Null => Some(DEFAULT_PRIORITY),
        Value::Bool(true) => Some(1),
        // Written out it is a word like any other: "4.5" is 4.
        Value::Number(number) if number.is_f64() => {
            number.as_f64().and_then(|number| parse_priority(&number.to_string()))
        }
        Value::Number(number) => parse_priority(&number.to_string()),
        Value::String(word) => parse_priority(word),
        Value::Bool(false) | Value::Array(_) | Value::Object(_) => None,
    };
    read.ok_or_else(|| D::Error::custom(format_args!("{value} is no priority: a whole number of 32 bits is needed")))
}

/// What a file asks for.
pub(super) struct Job {
    pub request: Request,
    /// Where it says that the environment goes.
    pub out: Option<PathBuf>,
    /// What it says to no effect.
    pub warnings: Vec<String>,
}

/// Reads a SPEC; `rules` overrides what it says.
pub(super) fn read(path: &Path, rules: Option<RuleSet>) -> Result<Job> {
    let spec: Spec = parse(&read_bytes(path)?, path)?;
    let rules = rules.unwrap_or(match spec.rules {
        RulesName::Nix => RuleSet::Nix,
        RulesName::Nixpkgs => RuleSet::Nixpkgs,
    });
    let packages = spec.packages.into_iter().map(Package::from).collect();
    let settings = NixpkgsRules {
        paths_to_link: spec.paths_to_link.into_iter().map(String::into_bytes).collect(),
        ignore_collisions: spec.ignore_collisions,
        check_collision_contents: spec.check_collision_contents,
        ignore_single_file_outputs: spec.ignore_single_file_outputs,
        extra_prefix: spec.extra_prefix.into_bytes(),
        extra_paths: Vec::new(),
        manifest: Some(spec.manifest.into_bytes()).filter(|manifest| !manifest.is_empty()),
    };
    Ok(job(rules, settings, packages, None))
}

/// The engine's request; warns of settings that have no meaning under the rules.
pub(super) fn job(rules: RuleSet, settings: NixpkgsRules, packages: Vec<Package>, out: Option<String>) -> Job {
    let has_settings = settings != NixpkgsRules::default();
    let (rules, warnings) = match rules {
        RuleSet::Nixpkgs => (Rules::Nixpkgs(settings), Vec::new()),
        RuleSet::Nix if has_settings => (Rules::Nix, vec![ONLY_NIXPKGS.to_owned()]),
        RuleSet::Nix => (Rules::Nix, Vec::new()),
    };
    let request = Request { rules, packages, compare_contents: true };
    Job { request, out: out.map(Into::into), warnings }
}

const ONLY_NIXPKGS: &str = "only the rules `nixpkgs` know settings such as pathsToLink, ignoreCollisions or manifest; \
    the rules `nix` are followed without them";

impl From<SpecPackage> for Package {
    fn from(package: SpecPackage) -> Self {
        let paths = package.paths.into_iter().map(|path| path.0).collect::<Vec<_>>();
        engine_package(package.name, package.priority, package.active, &paths)
    }
}

/// A package of the engine; names that are not given are read from the paths.
pub(super) fn engine_package(name: Option<String>, priority: i64, active: bool, paths: &[String]) -> Package {
    let of_path = || paths.first().map(|path| StoreName::of(Path::new(path)).name);
    let name = name.or_else(of_path).unwrap_or_default();
    let outputs = paths
        .iter()
        .map(|path| Output { name: StoreName::of(Path::new(path)).output.into(), path: path.as_bytes().into() });
    Package { name: name.into(), priority, active, outputs: outputs.collect() }
}

/// All of a file, or of standard input for `-`.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.with_context(|| safe::path(path))?;
    Ok(bytes)
}

/// Reads JSON; an error names the file, line, column and field.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let file = safe::path(path);
    let value = match serde_path_to_error::deserialize(&mut reader) {
        Ok(value) => value,
        Err(error) => {
            let field = error.path().to_string();
            let error = error.into_inner();
            let problem = without_place(&error);
            let field = if field == "." { String::new() } else { format!("{field}: ") };
            bail!("{file}: line {}, column {}: {field}{problem}", error.line(), error.column());
        }
    };
    if let Err(error) = reader.end() {
        bail!("{file}: line {}, column {}: {}", error.line(), error.column(), without_place(&error));
    }
    Ok(value)
}

fn without_place(error: &serde_json::Error) -> String {
    let problem = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    problem.strip_suffix(&place).map(str::to_owned).unwrap_or(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(json: &str) -> Result<Vec<Package>> {
        let spec: Spec = parse(json.as_bytes(), Path::new("spec.json"))?;
        Ok(spec.packages.into_iter().map(Package::from).collect())
    }

    fn error(json: &str) -> String {
        packages(json).unwrap_err().to_string()
    }

    #[test]
    fn all_but_the_packages_may_be_left_out_and_names_come_from_the_paths() {
        let found =
            packages(r#"{"packages":[{"paths":["/s/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-zlib-1.3-dev"]}]}"#).unwrap();
        assert_eq!(
            (&*found[0].name, &*found[0].outputs[0].name, found[0].priority, found[0].active),
            ("zlib", "dev", 5, true)
        );
        assert_eq!(error("{}"), "spec.json: line 1, column 2: missing field `packages`");
    }

    #[test]
    fn priorities_are_read_as_nix_reads_them() {
        let with = |priority: &str| packages(&format!(r#"{{"packages":[{{"paths":[],"priority":{priority}}}]}}"#));
        for (text, number) in
            [("4", 4), ("-10", -10), ("4.9", 4), ("-4.9", -4), ("true", 1), ("\"3abc\"", 3), ("null", 5)]
        {
            assert_eq!(with(text).unwrap()[0].priority, number, "{text}");
        }
        for text in ["\"abc\"", "false", "[]", "99999999999", "1e300", "\"\""] {
            let error = with(text).unwrap_err().to_string();
            assert!(error.contains("packages[0].priority: ") && error.contains("is no priority"), "{text}: {error}");
        }
    }

    #[test]
    fn errors_name_file_line_column_and_field() {
        assert_eq!(
            error("{\"packages\":[{\"paths\":[\"/a\",\n\"b\"]}]}"),
            "spec.json: line 2, column 4: packages[0].paths[1]: invalid value: string \"b\", expected an absolute path"
        );
        assert!(error(r#"{"packages":[],"ignoreColisions":true}"#).contains("unknown field `ignoreColisions`"));
        assert!(error(r#"{"packages":[]} x"#).contains("line 1, column 17: trailing characters"));
        assert!(
            error(r#"{"packages":[],"rules":"nixos"}"#).contains("rules: unknown variant `nixos`, expected `nix` or")
        );
    }
}
