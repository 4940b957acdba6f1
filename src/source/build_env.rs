//! What an environment takes, read from the derivation that builds it: of nixpkgs' `buildEnv` in both of its forms, and of
//! Nix' own builder.
//!
//! nixpkgs, `pkgs/build-support/buildenv/default.nix`: the older form has its arguments as variables, with the packages in
//! `pkgs` as JSON; the newer one has structured attributes, with the packages in `chosenOutputs`. Nix,
//! `src/libstore/builtins/buildenv.cc`: all is in `derivations`, as "active priority count path…".

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::engine::{NixpkgsRules, RuleSet, Rules, parse_priority};
use crate::package::{DEFAULT_PRIORITY, Evaluated, Package, PackageOutput};
use crate::safe;

use super::attribute;
use super::derivation::Derivation;
use super::record::Described;

/// The set below which an environment offers the packages in it.
pub(super) const PATHS: &str = "paths";

/// Letters of the hash that begins the name of a store path.
const HASH: usize = 32;

/// An environment, as its derivation tells it.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Those that its builder follows.
    pub rules: Rules,
    /// In its order, one for each row of outputs of one derivation at one priority, which are its `default_outputs`.
    /// Their attributes are `paths.NAME`.
    pub packages: Vec<Package>,
    /// Shell commands that may change the environment once it is built.
    pub post_build: Option<String>,
    /// Where the link to its manifest leads; only Nix' own builder makes one in any case.
    pub manifest: Option<String>,
    /// What is to be known of it; sentences without a full stop, safe for a terminal.
    pub notes: Vec<String>,
    /// Those of the notes that say what it takes beside `packages`, and that cannot be told.
    pub gaps: Vec<String>,
}

/// Paths that are taken at one priority.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    paths: Vec<String>,
    priority: i64,
}

impl Environment {
    /// What the derivation takes if it is one of an environment; `None` if it is another. The packages are of `source`.
    ///
    /// The error says what is wrong, and is safe for a terminal.
    pub fn load(derivation: &Path, source: &Arc<str>) -> Result<Option<Self>, String> {
        Self::of(&Derivation::load(derivation)?, source)
    }

    fn of(derivation: &Derivation, source: &Arc<str>) -> Result<Option<Self>, String> {
        let mut notes = Vec::new();
        let mut gaps = Vec::new();
        let Some((rules, taken)) = arguments(derivation, &mut notes, &mut gaps) else { return Ok(None) };
        let makers = makers(&derivation.inputs)?;
        let variables = variables(derivation);
        let post_build = text(&variables, "postBuild").filter(|it| !it.trim().is_empty());
        let manifest = text(&variables, "manifest").filter(|_| rules.set() == RuleSet::Nix);
        let packages = packages(&taken, &makers, source, &mut gaps);
        notes.extend_from_slice(&gaps);
        Ok(Some(Self { rules, packages, post_build, manifest, notes, gaps }))
    }
}

/// The arguments in either form: all variables, or what is in `__json` in their place.
fn variables(derivation: &Derivation) -> Map<String, Value> {
    let structured = derivation.variables.get("__json").and_then(|text| serde_json::from_str(text).ok());
    structured.unwrap_or_else(|| {
        derivation.variables.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect()
    })
}

fn arguments(derivation: &Derivation, notes: &mut Vec<String>, gaps: &mut Vec<String>) -> Option<(Rules, Vec<Taken>)> {
    let variables = variables(derivation);
    if derivation.builder == "builtin:buildenv" {
        return Some((Rules::Nix, of_nix(&words(variables.get("derivations")?), notes)?));
    }
    let chosen = match variables.get("chosenOutputs") {
        Some(chosen) => chosen.clone(),
        // A text, even where it is passed as a file.
        None => serde_json::from_str(variables.get("pkgs")?.as_str()?).ok()?,
    };
    let taken = chosen.as_array()?.iter().map(taken).collect::<Option<Vec<_>>>()?;
    let flag = |name: &str, usual| variables.get(name).map_or(usual, is_true);
    let usual = NixpkgsRules::default();
    let bytes = |text: String| text.into_bytes();
    let rules = NixpkgsRules {
        paths_to_link: variables
            .get("pathsToLink")
            .map_or(usual.paths_to_link, |it| words(it).into_iter().map(bytes).collect()),
        ignore_collisions: flag("ignoreCollisions", usual.ignore_collisions),
        check_collision_contents: flag("checkCollisionContents", usual.check_collision_contents),
        ignore_single_file_outputs: flag("ignoreSingleFileOutputs", usual.ignore_single_file_outputs),
        extra_prefix: text(&variables, "extraPrefix").map(bytes).unwrap_or_default(),
        extra_paths: extra_paths(&variables, gaps),
        manifest: text(&variables, "manifest").filter(|it| !it.is_empty()).map(bytes),
    };
    Some((Rules::Nixpkgs(rules), taken))
}

fn taken(chosen: &Value) -> Option<Taken> {
    let paths = chosen.get("paths")?.as_array()?;
    let paths = paths.iter().map(|path| path.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
    let priority = chosen.get("priority").map_or(Some(DEFAULT_PRIORITY), number)?;
    Some(Taken { paths, priority })
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse_priority(text),
        other => parse_priority(&other.to_string()),
    }
}

/// "active priority count path…", again and again.
fn of_nix(words: &[String], notes: &mut Vec<String>) -> Option<Vec<Taken>> {
    let mut all = Vec::new();
    let mut rest = words;
    while let [active, priority, count, after @ ..] = rest {
        let count = count.parse().ok().filter(|&count: &usize| count <= after.len())?;
        let (paths, after) = after.split_at(count);
        if active == "false" {
            notes.extend(paths.iter().map(|path| format!("{} is not active in it", safe::text(path))));
        } else {
            all.push(Taken { paths: paths.to_vec(), priority: parse_priority(priority)? });
        }
        rest = after;
    }
    rest.is_empty().then_some(all)
}

/// The further paths that it takes, which stand in a file that is built with it.
fn extra_paths(variables: &Map<String, Value>, gaps: &mut Vec<String>) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    for file in variables.get("extraPathsFrom").map(words).unwrap_or_default() {
        match fs::read_to_string(&file) {
            Ok(text) => paths.extend(text.lines().map(|line| line.as_bytes().to_vec())),
            Err(_) => gaps.push(format!(
                "it takes all that its packages need, too (includeClosures): that is known once {} is built",
                safe::text(&file)
            )),
        }
    }
    paths
}

/// A list, or the words of a text, as Nix makes a variable of a list.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
        Value::String(text) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn text(variables: &Map<String, Value>, name: &str) -> Option<String> {
    Some(variables.get(name)?.as_str()?.to_owned())
}

/// As a variable, true is "1" and false is empty.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(is_true) => *is_true,
        Value::String(text) => !matches!(&**text, "" | "0"),
        Value::Number(number) => number.as_i64() != Some(0),
        _ => false,
    }
}

/// A derivation of which an environment may take outputs, and where it is.
struct Maker {
    path: PathBuf,
    derivation: Derivation,
}

/// What makes each path that the derivations make, and as which output.
type Makers = HashMap<String, (Arc<Maker>, String)>;

fn makers(derivations: &[PathBuf]) -> Result<Makers, String> {
    let mut makers = Makers::new();
    for path in derivations {
        let maker = Arc::new(Maker { derivation: Derivation::load(path)?, path: path.clone() });
        for (output, path) in &maker.derivation.outputs {
            let path = path.as_deref().and_then(Path::to_str);
            makers.extend(path.map(|path| (path.to_owned(), (Arc::clone(&maker), output.clone()))));
        }
    }
    Ok(makers)
}

/// A row of outputs of one derivation at one priority; what has none is a path alone.
struct Row<'a> {
    maker: Option<&'a Arc<Maker>>,
    priority: i64,
    /// By path and name.
    outputs: Vec<(&'a str, &'a str)>,
}

fn packages(taken: &[Taken], makers: &Makers, source: &Arc<str>, gaps: &mut Vec<String>) -> Vec<Package> {
    let mut rows: Vec<Row> = Vec::new();
    for Taken { paths, priority } in taken {
        for path in paths {
            let Some((maker, output)) = makers.get(path) else {
                rows.push(Row { maker: None, priority: *priority, outputs: vec![(path, "out")] });
                continue;
            };
            let is_same =
                |row: &&mut Row| row.priority == *priority && row.maker.is_some_and(|it| Arc::ptr_eq(it, maker));
            match rows.last_mut().filter(is_same) {
                // Said twice, it is there once.
                Some(row) if row.outputs.iter().any(|(there, _)| *there == &**path) => {}
                Some(row) => row.outputs.push((path, output)),
                None => rows.push(Row { maker: Some(maker), priority: *priority, outputs: vec![(path, output)] }),
            }
        }
    }
    let mut names = HashSet::new();
    rows.into_iter().filter_map(|row| package(row, source, &mut names, gaps)).collect()
}

fn package(row: Row, source: &Arc<str>, names: &mut HashSet<String>, gaps: &mut Vec<String>) -> Option<Package> {
    let Row { maker, priority, outputs } = row;
    let (full_name, variables) = if let Some(maker) = maker {
        (name_of(&maker.path.with_extension(""))?, variables(&maker.derivation))
    } else {
        let path = Path::new(outputs[0].0);
        let Some(name) = name_of(path).filter(|_| path.is_absolute() && !is_placeholder(path)) else {
            gaps.push(format!("what it takes as {} is known only once it is built", safe::text(outputs[0].0)));
            return None;
        };
        (name, Map::new())
    };
    let chosen: Vec<&str> = outputs.iter().map(|(_, name)| *name).collect();
    let meta =
        Map::from_iter([("outputsToInstall".to_owned(), json!(chosen)), ("priority".to_owned(), json!(priority))]);
    let described = Described {
        full_name: full_name.clone(),
        pname: text(&variables, "pname").unwrap_or_default(),
        version: text(&variables, "version").unwrap_or_default(),
        outputs: match maker {
            Some(maker) => outputs_of(&maker.derivation, &variables),
            None => vec![PackageOutput { name: "out".to_owned(), path: Some(outputs[0].0.into()) }],
        },
        selected: None,
        is_of_flake: false,
    };
    let package = described.into_package(String::new(), Arc::clone(source), &meta);
    let mut numbered = (1_u64..).map(|number| format!("{}-{number}", package.name));
    let name =
        if names.contains(&package.name) { numbered.find(|name| !names.contains(name))? } else { package.name.clone() };
    names.insert(name.clone());
    let evaluated = maker.map(|maker| {
        Arc::new(Evaluated {
            full_name,
            system: maker.derivation.system.clone(),
            derivation: maker.path.clone(),
            meta,
            flake: None,
            pin: None,
        })
    });
    Some(Package { attribute: attribute::spelled(&[PATHS.to_owned(), name]), evaluated, ..package })
}

/// A path of the store without its hash; of another one its last name.
fn name_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let in_store = name.split_once('-').filter(|(hash, name)| hash.len() == HASH && !name.is_empty());
    Some(in_store.map_or(name, |(_, name)| name).to_owned())
}

/// Whether it stands for a path that only the build tells: a slash and a hash (Nix, `src/libstore/derived-path.cc`).
fn is_placeholder(path: &Path) -> bool {
    let letters = path.to_str().and_then(|path| path.strip_prefix('/'));
    letters.is_some_and(|letters| {
        letters.len() == 52 && letters.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    })
}

/// All outputs, in the order in which the package names them.
fn outputs_of(derivation: &Derivation, variables: &Map<String, Value>) -> Vec<PackageOutput> {
    let order = variables.get("outputs").map(words).unwrap_or_default();
    let mut outputs = derivation.outputs.clone();
    outputs.sort_by_key(|(name, _)| order.iter().position(|it| it == name).unwrap_or(order.len()));
    outputs.into_iter().map(|(name, path)| PackageOutput { name, path }).collect()
}

#[cfg(test)]
#[path = "build_env_tests.rs"]
mod tests;
