//! What is said of an environment file: the same words in the pane, in its border and in the plain view.

use super::super::super::action::Command;
use super::super::super::app::App;
use super::super::super::context::Context;
use super::super::super::environment::{Own, StagedAs};
use super::super::super::{text, words};
use crate::engine::{NixpkgsRules, Rules};
use crate::loom::{EnvironmentChange, EnvironmentPackage, ImportKind, Imported, ImportedPackage};
use crate::safe;

/// The rules that the file's own builder follows, by name.
pub fn rules(imported: &Imported) -> &'static str {
    imported.rules.as_ref().map_or("nixpkgs", |rules| rules.set().name())
}

/// What it is, in a sentence.
pub fn kind(imported: &Imported) -> String {
    let number = imported.packages.len();
    let name = &imported.name;
    match imported.kind {
        ImportKind::BuildEnv => {
            format!("An environment of {}. As one package it is {name}.", text::plural(number, "package"))
        }
        ImportKind::Derivation => format!("A package, {name}."),
        ImportKind::Set => format!("A set of {}, each installed for itself.", text::plural(number, "package")),
        ImportKind::List => format!("A list of {}, each installed for itself.", text::plural(number, "package")),
        ImportKind::Document => {
            format!("A document of {} that nix-loom wrote, each installed for itself.", text::plural(number, "package"))
        }
    }
}

/// Where a package comes from: a source by name, or the file itself.
pub fn from(imported: &Imported, package: &ImportedPackage) -> String {
    let is_of_file = imported.file.to_str() == Some(&*package.source) || package.source.starts_with('/');
    if is_of_file { "the file".to_owned() } else { package.source.clone() }
}

/// In few words what it is by itself, and whether something is wrong with it.
pub fn verdict(app: &App) -> (String, bool) {
    let Some(read) = app.environment.read.as_deref() else { return (String::new(), false) };
    let rules = rules(&read.imported);
    match &read.own {
        Own::NoEnvironment => (String::new(), false),
        Own::Unknown(_) => (format!("rules {rules}: ✗ cannot be built"), true),
        Own::Planned(report, _) => {
            let verdict = match (report.collisions().len(), report.blocking().len()) {
                (_, 1) => "✗ 1 collision blocks".to_owned(),
                (_, blocking) if blocking > 0 => format!("✗ {} block", text::plural(blocking, "collision")),
                _ if !read.builds() => "✗ cannot be built".to_owned(),
                _ if !report.preview.plan.unknown.is_empty() => {
                    let outputs = text::plural(report.preview.plan.unknown.len(), "output");
                    format!("files of {outputs} not known yet")
                }
                (0, _) => "builds, no collision".to_owned(),
                (all, _) => format!("builds, {}", text::plural(all, "collision")),
            };
            (format!("rules {rules}: {verdict}"), !read.builds())
        }
    }
}

/// How to see its collisions, after a sentence that tells how many there are.
pub fn shows_collisions(app: &App) -> String {
    format!("; {} shows them", app.key_for(Context::Environment, Command::ShowCollisions))
}

/// What it is by itself, in sentences, and whether each is bad news; `shows` says where the collisions are.
pub fn own(app: &App, shows: &str) -> Vec<(String, bool)> {
    let Some(read) = app.environment.read.as_deref() else { return Vec::new() };
    let mut told = Vec::new();
    match &read.own {
        Own::NoEnvironment => return told,
        Own::Unknown(why) => told.push((format!("✗ It cannot be built: {}.", why.trim_end_matches('.')), true)),
        Own::Planned(report, _) => {
            let (all, blocking) = (report.collisions().len(), report.blocking().len());
            let directories = match report.directories {
                1 => "1 directory".to_owned(),
                more => format!("{} directories", text::count_of(more)),
            };
            let size = format!("{} in {directories}", text::plural(report.links, "link"));
            let tally = words::tally_blocking(all, blocking);
            let fetches = if shows.is_empty() {
                String::new()
            } else {
                let (see, fetch) = (
                    app.key_for(Context::Environment, Command::ShowCollisions),
                    app.key_for(Context::Collisions, Command::FetchUnknown),
                );
                format!("; {see} and then {fetch} fetch them")
            };
            told.push(match (all, blocking) {
                _ if blocking > 0 => (format!("✗ It does not build: {tally}{shows}."), true),
                _ if !read.builds() => (format!("✗ It does not build: {}.", read.obstacle().unwrap_or_default()), true),
                _ if !report.preview.plan.unknown.is_empty() => {
                    let outputs = text::plural(report.preview.plan.unknown.len(), "output");
                    let tally = if all == 0 { "no collision".to_owned() } else { tally };
                    (format!("As far as is known it builds, with {tally}; of {outputs} no list of files is here{fetches}."), false)
                }
                (0, _) => (format!("It builds: {size}. No two packages want the same path."), false),
                _ => (format!("It builds: {size}. {}{shows}.", text::capital(&tally)), false),
            });
        }
    }
    if let Some(Rules::Nixpkgs(rules)) = &read.imported.rules {
        told.extend(arguments(rules).into_iter().map(|sentence| (sentence, false)));
    }
    let doubts = read.imported.own.iter().flat_map(|own| &own.doubts);
    told.extend(doubts.map(|doubt| (format!("{}.", text::capital(doubt.trim_end_matches('.'))), false)));
    told
}

/// The arguments that are not the usual ones, in sentences.
fn arguments(rules: &NixpkgsRules) -> Vec<String> {
    let usual = NixpkgsRules::default();
    let list = |paths: &[Vec<u8>]| paths.iter().map(|path| safe::bytes(path)).collect::<Vec<_>>().join(", ");
    let mut told = Vec::new();
    if rules.paths_to_link != usual.paths_to_link {
        told.push(format!("Only these paths are linked: {}.", list(&rules.paths_to_link)));
    }
    if rules.ignore_collisions {
        told.push("ignoreCollisions: of two files the first is kept.".to_owned());
    }
    if !rules.check_collision_contents {
        told.push("checkCollisionContents is off: files of the same content collide, too.".to_owned());
    }
    if !rules.extra_prefix.is_empty() {
        told.push(format!("All of it lies in {} (extraPrefix).", safe::bytes(&rules.extra_prefix)));
    }
    told
}

/// What would become of the profile: what is staged, or how to stage it.
pub fn in_profile(app: &App) -> (String, bool) {
    let key = |command| app.key_for(Context::Environment, command);
    let Some(imported) = app.environment.imported() else { return (String::new(), false) };
    let (whole, apart) = (key(Command::InstallWhole), key(Command::TakeApart));
    let Some(staged) = app.staged_import() else {
        let sentence = match imported.whole {
            Some(_) => format!(
                "{whole} stages it as one package, {apart} takes it apart; the plan then tells what comes of it."
            ),
            None => format!("{apart} stages its packages; the plan then tells what comes of it."),
        };
        return (sentence, false);
    };
    let how = match staged {
        StagedAs::Whole => "Staged as one package",
        StagedAs::Apart => "Staged package by package",
    };
    let plan = if staged == StagedAs::Whole { whole } else { apart };
    match (app.outlook.current(), &app.outlook.error) {
        (Some(report), _) if report.builds() => {
            let preview = &report.preview;
            let collisions = match report.collisions().len() {
                0 => "no collision".to_owned(),
                all => words::tally_blocking(all, 0),
            };
            let sentence = format!(
                "{how}: commands {}, files {}, {collisions}; {plan} shows the plan.",
                words::tally(&preview.commands),
                words::tally(&preview.files),
            );
            (sentence, false)
        }
        (Some(report), _) => {
            let tally = words::tally_blocking(report.collisions().len(), report.blocking().len());
            let settle = report.preview.suggestions.first().map(|suggestion| {
                let key = app.key_for(Context::Environment, Command::StageSuggestion);
                format!(" {key} stages: {}.", words::suggestion(suggestion))
            });
            (format!("✗ {how}, but refused: {tally}.{}", settle.unwrap_or_default()), true)
        }
        (None, Some(error)) => (format!("✗ {how}, but: {}", text::in_a_line(error)), true),
        (None, None) => (format!("{how}; working out what comes of it…"), false),
    }
}

/// What became other since it was installed: a sentence, and then what came, went and changed.
pub fn since(change: &EnvironmentChange) -> (String, Vec<(words::Mark, String)>) {
    let element = &change.element;
    if change.is_same {
        return (format!("It is what is installed as {element}: nothing became other."), Vec::new());
    }
    let mut rows = Vec::new();
    rows.extend(change.changed.iter().map(|(before, after)| (words::Mark::Changed, changed(before, after))));
    rows.extend(change.added.iter().map(|package| (words::Mark::Added, named(package))));
    rows.extend(change.removed.iter().map(|package| (words::Mark::Removed, named(package))));
    if rows.is_empty() {
        return (format!("It is another build than what is installed as {element}, of the same packages."), rows);
    }
    (format!("Installed as {element}, which it would replace:"), rows)
}

fn named(package: &EnvironmentPackage) -> String {
    let output = if package.output == "out" { "" } else { &package.output };
    [&*package.name, &package.version, output].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn changed(before: &EnvironmentPackage, after: &EnvironmentPackage) -> String {
    let output = if before.output == "out" { String::new() } else { format!(" {}", before.output) };
    if before.version == after.version {
        return format!("{}{output} {}, another build", before.name, before.version);
    }
    format!("{}{output} {} → {}", before.name, before.version, after.version)
}
