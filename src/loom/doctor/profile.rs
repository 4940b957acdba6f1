//! The profile: where its link leads, and what is wrong on the way.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::{Report, some};
use crate::nix::Installation;
use crate::profile::{Located, Lock, LockState, ManifestKind, Profile, ProfileError};
use crate::safe;

/// Most links that are told, as many as Linux follows.
const MAX_LINKS: usize = 40;

pub(super) fn look(located: &Located, report: &mut Report) {
    const WHAT: &str = "profile";
    let profile = &located.profile;
    let start = if fs::symlink_metadata(&located.alias).is_ok() { &located.alias } else { profile.link() };
    let chain = chain(start);
    let chain = chain.iter().map(|link| safe::path(link)).collect::<Vec<_>>().join(" → ");
    match profile.target() {
        Ok(None) => report.note(WHAT, format!("{chain}: there is none yet; the first installation makes it"), ""),
        Ok(Some(_)) => environment(profile, &chain, report),
        Err(ProfileError::NotALink { path }) => report.problem(
            WHAT,
            format!("{} is not a link, so it is no profile", safe::path(&path)),
            "move it away, or choose another with --profile",
        ),
        Err(error) => report.problem(WHAT, error.to_string(), ""),
    }
    directory(profile, report);
}

/// The current environment and the generations beside it.
fn environment(profile: &Profile, chain: &str, report: &mut Report) {
    const WHAT: &str = "profile";
    match profile.environment() {
        Ok(_) => report.ok(WHAT, chain),
        Err(ProfileError::Dangling { path, .. }) => {
            report.problem(WHAT, format!("{chain}: {} is gone", safe::path(&path)), way_back(profile));
        }
        Err(error) => report.problem(WHAT, error.to_string(), way_back(profile)),
    }
    if let Ok(Some(environment)) = profile.environment() {
        manifest(profile, &environment, report);
    }
    let Ok(generations) = profile.generations() else { return };
    let number = generations.len();
    match profile.current() {
        Ok(Some(current)) => report.ok("generations", format!("{number}, the current one is {current}")),
        _ => report.note("generations", format!("{number}, and the link leads to none of them"), ""),
    }
    let is_gone = |path: &Path| fs::metadata(path).is_err();
    let gone: Vec<_> = generations.iter().filter(|it| !it.current && is_gone(&it.path)).collect();
    if !gone.is_empty() {
        let shown = some(gone.iter().map(|generation| generation.number.to_string()));
        report.note("generations", format!("nothing is left of {shown}"), "there is no going back to them");
    }
}

fn manifest(profile: &Profile, environment: &Path, report: &mut Report) {
    const WHAT: &str = "manifest";
    let contents = match profile.contents() {
        Ok(Some(contents)) => contents,
        Ok(None) => return,
        Err(ProfileError::NoManifest { .. }) => {
            let detail = format!("{} holds none, so nobody knows what is installed", safe::path(environment));
            return report.problem(WHAT, detail, way_back(profile));
        }
        Err(ProfileError::Manifest { path, line, column, problem }) => {
            let place = format!("{}: line {line}, column {column}", safe::path(&path));
            return report.problem(WHAT, format!("{place}: {}", safe::text(&problem)), way_back(profile));
        }
        Err(error) => return report.problem(WHAT, safe::text(&error.to_string()), ""),
    };
    let elements = contents.elements;
    let kind = match contents.kind {
        ManifestKind::NixProfile => "manifest.json, as of `nix profile`",
        ManifestKind::NixEnv => "manifest.nix, as of nix-env",
        ManifestKind::Bare => {
            let detail = format!("none: {} is a package in place of an environment", safe::path(environment));
            return report.note(WHAT, detail, "`nix-loom convert nix-env` makes it the first package of a profile");
        }
    };
    let number = match elements.len() {
        1 => "1 package".to_owned(),
        number => format!("{number} packages"),
    };
    report.ok(WHAT, format!("{kind}; {number}"));
    let outputs = elements.iter().flat_map(|element| element.outputs.iter().map(move |output| (element, output)));
    let gone: Vec<_> = outputs.filter(|(_, output)| fs::symlink_metadata(&output.path).is_err()).collect();
    if !gone.is_empty() {
        let shown =
            some(gone.iter().map(|(element, it)| format!("{} ({})", safe::text(&element.name), safe::path(&it.path))));
        let way_out = "install them again with `nix-loom apply ATTR`, or remove them with `nix-loom apply -NAME`";
        report.problem("installed", format!("not in the store any more: {shown}"), way_out);
    }
}

/// What lies beside the profile's link, and whether this user may change it.
fn directory(profile: &Profile, report: &mut Report) {
    let directory = profile.directory();
    if directory.is_dir() && access(directory, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        report.problem(
            "profile directory",
            format!("{} cannot be written by you, so nothing can be installed", safe::path(directory)),
            "work as its owner, or on another profile with --profile",
        );
    }
    match Lock::look(profile.link()) {
        Ok(LockState::Free) => {}
        Ok(LockState::Held) => report.note("lock", "another program changes the profile now", "wait for it"),
        Ok(LockState::Left) => report.note("lock", "its file was left by a program that died; it does no harm", ""),
        Err(error) => report.note("lock", error.to_string(), ""),
    }
    let left = profile.leftovers();
    if !left.is_empty() {
        let shown = some(left.iter().map(|path| safe::path(path)));
        report.note("leftovers", format!("of programs that were killed: {shown}; they do no harm"), "");
    }
}

/// That the user's usual link to a profile leads to another one.
pub(super) fn alias(nix: &Installation, profile: &Profile, report: &mut Report) {
    let Some(usual) = Located::of_user(nix).filter(|it| fs::symlink_metadata(&it.alias).is_ok()) else { return };
    let place = |profile: &Profile| fs::canonicalize(profile.directory()).map(|it| it.join(profile.name())).ok();
    if place(&usual.profile) != place(profile) {
        let (alias, other) = (safe::path(&usual.alias), safe::path(usual.profile.link()));
        report.note("profile", format!("{alias} leads to another one: {other}"), "");
    }
}

/// How to come to the newest generation that can still be read.
fn way_back(profile: &Profile) -> String {
    let generations = profile.generations().unwrap_or_default();
    let is_whole = |number: u64| profile.elements_of(number).is_ok();
    let whole = generations.iter().rev().find(|it| !it.current && is_whole(it.number));
    whole.map_or_else(
        || "no generation can be read: choose another profile with --profile".to_owned(),
        |generation| format!("go back with `nix-loom rollback {}`", generation.number),
    )
}

/// The link, and every place to which it leads.
fn chain(link: &Path) -> Vec<PathBuf> {
    let mut chain = vec![link.to_owned()];
    while let Some(last) = chain.last()
        && chain.len() <= MAX_LINKS
        && let Ok(target) = fs::read_link(last)
    {
        let next = last.parent().unwrap_or(Path::new("/")).join(target);
        chain.push(next);
    }
    chain
}
