//! How a file gets its sources: one binding each.

use super::document::Document;
use super::language::{path, string};
use super::{Import, Source, Tarball};

/// Where nixpkgs is looked for if no revision of it is meant.
const NIXPKGS: &str = "nixpkgs";

/// Binds a source in a file that may read what it likes.
pub(super) fn bind(to: &mut Document, variable: &str, source: &Source) {
    if !source.is_pinned() {
        to.comment(&format!("{} is not pinned: this takes what is there when it is built.", source.name));
    }
    match &source.import {
        Import::AnyNixpkgs => search_path(to, variable, NIXPKGS),
        Import::SearchPath(found) => search_path(to, variable, found),
        Import::File(place) => file(to, variable, place),
        Import::Tarball { url, hash, .. } => unpacked(to, variable, url, hash),
        Import::Nixpkgs { tarball, system } => {
            if tarball.is_revision && tarball.hash.is_none() {
                to.comment("The hash of this revision is not recorded.");
            }
            to.line(&format!("{variable} ="));
            to.deeper(|to| {
                to.line("import");
                to.deeper(|to| {
                    fetched(to, tarball);
                    to.line("{");
                    to.deeper(|to| nixpkgs_arguments(to, system));
                    to.line("};");
                });
            });
        }
        Import::Flake { url, .. } => to.line(&format!("{variable} = builtins.getFlake {};", string(url))),
    }
}

/// `import <…> { }`.
pub(super) fn search_path(to: &mut Document, variable: &str, found: &str) {
    if is_search_path(found) {
        return to.line(&format!("{variable} = import <{found}> {{ }};"));
    }
    let found = string(found);
    to.line(&format!("{variable} = import (builtins.findFile builtins.nixPath {found}) {{ }};"));
}

/// A Nix file, which is called with nothing if it is a function.
pub(super) fn file(to: &mut Document, variable: &str, place: &str) {
    called(to, variable, |to| to.line(&format!("file = import {};", path(place))));
}

/// The same of a tarball.
pub(super) fn unpacked(to: &mut Document, variable: &str, url: &str, hash: &str) {
    called(to, variable, |to| {
        to.line("file = import (fetchTarball {");
        to.deeper(|to| {
            to.line(&format!("url = {};", string(url)));
            to.line(&format!("sha256 = {};", string(hash)));
        });
        to.line("});");
    });
}

/// What is bound to `file`, called with nothing if it is a function.
fn called(to: &mut Document, variable: &str, bind: impl FnOnce(&mut Document)) {
    to.line(&format!("{variable} ="));
    to.deeper(|to| {
        to.line("let");
        to.deeper(bind);
        to.line("in");
        to.line("if builtins.isFunction file then file { } else file;");
    });
}

/// What makes nixpkgs give what its flake gives.
pub(super) fn nixpkgs_arguments(to: &mut Document, system: &str) {
    to.line("config = { };");
    to.line("overlays = [ ];");
    to.line(&format!("system = {};", string(system)));
}

fn fetched(to: &mut Document, tarball: &Tarball) {
    let Some(hash) = &tarball.hash else { return to.line(&format!("(fetchTarball {})", string(&tarball.url))) };
    to.line("(fetchTarball {");
    to.deeper(|to| {
        to.line(&format!("url = {};", string(&tarball.url)));
        to.line(&format!("sha256 = {};", string(hash)));
    });
    to.line("})");
}

fn is_search_path(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_alphanumeric())
        && name
            .split('/')
            .all(|part| !part.is_empty() && part.chars().all(|it| it.is_ascii_alphanumeric() || "._+-".contains(it)))
}
