//! The packages of an environment as what `buildEnv` is told of them.

use std::collections::BTreeSet;

use super::document::{Document, Item};
use super::language::{name, string};
use super::{Entry, EnvFile, From};
use crate::package::DEFAULT_PRIORITY;

/// `pkgs.buildEnv { … }`: the first line begins with `before`, the last ends with `after`. `variables` is what each source
/// is called.
pub(super) fn build_env(to: &mut Document, file: &EnvFile, variables: &[String], before: &str, after: &str) {
    let extra = extra_outputs(&file.packages);
    to.line(&format!("{before}pkgs.buildEnv {{"));
    to.deeper(|to| {
        to.line(&format!("name = {};", string(&file.name)));
        let items: Vec<_> = file.packages.iter().flat_map(|it| items(it, variables, extra.is_some())).collect();
        to.list("paths", &items);
        if let Some(extra) = extra {
            to.list("extraOutputsToInstall", &extra.iter().map(|it| Item::Value(string(it))).collect::<Vec<_>>());
        }
    });
    to.line(&format!("}}{after}"));
}

/// The lines of one package.
fn items(entry: &Entry, variables: &[String], has_extra: bool) -> Vec<Item> {
    let mut items: Vec<_> = entry.notes.iter().map(|note| Item::Comment(format!("{}: {note}.", entry.name))).collect();
    let values = match &entry.from {
        From::Attribute { source, path } => {
            let path = path.iter().map(|it| name(it)).collect::<Vec<_>>().join(".");
            of_package(&format!("{}.{path}", variables[*source]), entry, has_extra)
        }
        From::Whole { source } => {
            let source = &variables[*source];
            of_package(&format!("({source}.default or {source})"), entry, has_extra)
        }
        From::Paths(paths) => paths.iter().map(|path| stored(path, entry.priority)).collect(),
        From::Nowhere(paths) => {
            items.extend(paths.iter().map(|path| Item::Comment(path.clone())));
            return items;
        }
    };
    if entry.active {
        items.extend(values.into_iter().map(Item::Value));
    } else {
        items.push(Item::Comment(format!("{} is installed, but not active:", entry.name)));
        let lines = |value: &String| value.lines().map(str::to_owned).collect::<Vec<_>>();
        items.extend(values.iter().flat_map(lines).map(Item::Comment));
    }
    items
}

/// The package where `buildEnv` takes just what is installed of it, else each output.
///
/// Of an output, `setPrio` of newer nixpkgs would give back the package (it goes by `overrideAttrs`), and that of older
/// ones leaves the outputs of what it gives as they were. So the priority of an output is set in its own `meta`, of
/// which `buildEnv` needs no more; a package that is no nixpkgs' has none in its outputs.
fn of_package(package: &str, entry: &Entry, has_extra: bool) -> Vec<String> {
    if let Some(known) = &entry.known
        && (has_extra && entry.active || is_same(&known.default, &entry.outputs))
    {
        return vec![match entry.priority {
            same if same == known.priority => package.to_owned(),
            other => format!("(pkgs.lib.setPrio {} {package})", number(other)),
        }];
    }
    let own = entry.known.as_ref().map(|known| known.priority);
    let is_told = entry.priority != DEFAULT_PRIORITY || own.is_some_and(|own| own != DEFAULT_PRIORITY);
    let of = |output: &String| {
        let output = format!("{package}.{}", name(output));
        if is_told { format!("({output} // {{ meta.priority = {}; }})", entry.priority) } else { output }
    };
    entry.outputs.iter().map(of).collect()
}

/// A path that is there already. Where it is not, the file says so as it is evaluated, and not by leaving it out.
fn stored(path: &str, priority: i64) -> String {
    let path = format!("builtins.storePath {}", string(path));
    match priority {
        DEFAULT_PRIORITY => format!("({path})"),
        other => format!("{{\n  outPath = {path};\n  meta.priority = {other};\n}}"),
    }
}

/// A number as an argument.
fn number(number: i64) -> String {
    if number < 0 { format!("({number})") } else { number.to_string() }
}

/// The outputs that can be asked of all packages at once, because each that has them wants them beside its usual ones.
fn extra_outputs(packages: &[Entry]) -> Option<BTreeSet<&str>> {
    let mut known = Vec::new();
    for entry in packages.iter().filter(|entry| entry.active) {
        match entry.from {
            From::Attribute { .. } | From::Whole { .. } => known.push((entry, entry.known.as_ref()?)),
            From::Paths(_) | From::Nowhere(_) => {}
        }
    }
    let beyond = known.iter().flat_map(|(entry, known)| {
        entry.outputs.iter().filter(|output| !known.default.contains(output)).map(String::as_str)
    });
    let extra: BTreeSet<_> = beyond.collect();
    let says_it = known.iter().all(|(entry, known)| {
        let added = known.outputs.iter().filter(|output| extra.contains(output.as_str()));
        let all: BTreeSet<_> = known.default.iter().chain(added).collect();
        all == entry.outputs.iter().collect()
    });
    (says_it && !extra.is_empty()).then_some(extra)
}

fn is_same(one: &[String], other: &[String]) -> bool {
    one.iter().collect::<BTreeSet<_>>() == other.iter().collect()
}
