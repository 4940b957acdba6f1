//! The environment as a whole `flake.nix`, whose `packages.SYSTEM.default` is nixpkgs' `buildEnv`.
//!
//! Inputs are pinned in the file itself: an address with a revision and a hash is taken at its word by Nix, with or
//! without a lock file beside it (seen in 2.8, 2.26 and 2.34). A flake is evaluated purely, so a search path or a local
//! Nix file can be no input of it; it is imported all the same, and the file says that it wants `--impure`.

use super::bind::{file, nixpkgs_arguments, search_path, unpacked};
use super::build_env::build_env;
use super::document::Document;
use super::language::{input, string, variable};
use super::{EnvFile, From, Import, Source};

/// Where nixpkgs is if no revision of it is meant.
const ANY_NIXPKGS: &str = "github:NixOS/nixpkgs/nixpkgs-unstable";

/// An input of the flake.
struct Input {
    name: String,
    url: String,
    comment: Option<String>,
}

/// What the file calls things.
#[derive(Default)]
struct Names {
    inputs: Vec<Input>,
    /// At the place of each source, the input that it is; `None` for what cannot be one.
    of_source: Vec<Option<usize>>,
    /// At the place of each source, the variable that holds its packages.
    variables: Vec<String>,
    /// The input that is nixpkgs for `buildEnv` and `lib` alone.
    extra: Option<usize>,
}

/// The file's text.
pub(super) fn flake(of: &EnvFile) -> String {
    let names = Names::of(&of.sources, of.sources.iter().any(Source::is_nixpkgs));
    let mut to = Document::default();
    for note in of.notes.iter().map(String::as_str).chain(impure(of).as_deref()) {
        to.comment(&format!("{note}."));
    }
    to.line("{");
    to.deeper(|to| {
        if !names.inputs.is_empty() {
            inputs(to, &names.inputs);
            to.line("");
        }
        outputs(to, of, &names);
    });
    to.line("}");
    to.into_text()
}

/// Why pure evaluation refuses the file, if it does.
pub(super) fn impure(of: &EnvFile) -> Option<String> {
    let of_source = of.sources.iter().filter_map(|source| match &source.import {
        Import::SearchPath(found) => Some(format!("<{found}>")),
        Import::File(place) => Some(place.clone()),
        // It is called with the settings of the machine, as it was installed.
        Import::Tarball { url, .. } => Some(url.clone()),
        Import::AnyNixpkgs | Import::Nixpkgs { .. } | Import::Flake { .. } => None,
    });
    let mut read: Vec<_> = of_source.collect();
    if of.packages.iter().any(|entry| entry.active && matches!(entry.from, From::Paths(_))) {
        read.push("paths of this machine's store".to_owned());
    }
    (!read.is_empty()).then(|| {
        format!("Build it with `nix build --impure`: it reads {}, which can be no input of a flake", read.join(", "))
    })
}

impl Names {
    fn of(sources: &[Source], has_nixpkgs: bool) -> Self {
        let mut names = Self::default();
        if !has_nixpkgs {
            let comment = Some("For buildEnv and lib alone; not pinned.".to_owned());
            names.extra = Some(names.input("nixpkgs", ANY_NIXPKGS.to_owned(), comment));
        }
        let at = sources.iter().map(|source| names.input_of(source)).collect();
        names.of_source = at;
        let mut taken: Vec<_> = names.inputs.iter().map(|input| input.name.clone()).collect();
        let first = sources.iter().position(Source::is_nixpkgs);
        for (at, source) in sources.iter().enumerate() {
            let called = match (&source.import, names.of_source[at]) {
                _ if first == Some(at) => "pkgs".to_owned(),
                (Import::Flake { .. }, Some(input)) => names.inputs[input].name.clone(),
                (_, Some(input)) => variable(&format!("pkgs-of-{}", names.inputs[input].name), &taken),
                (_, None) => variable(&source.name, &taken),
            };
            taken.push(called.clone());
            names.variables.push(called);
        }
        names
    }

    fn input_of(&mut self, source: &Source) -> Option<usize> {
        let url = match &source.import {
            Import::AnyNixpkgs => ANY_NIXPKGS.to_owned(),
            Import::Nixpkgs { tarball, .. } => tarball.flake(),
            Import::Flake { url, .. } => url.clone(),
            Import::SearchPath(_) | Import::File(_) | Import::Tarball { .. } => return None,
        };
        let comment =
            (!source.is_pinned()).then(|| format!("{} is not pinned: the lock file beside this one is.", source.name));
        Some(self.input(&source.name, url, comment))
    }

    fn input(&mut self, name: &str, url: String, comment: Option<String>) -> usize {
        let taken: Vec<_> = self.inputs.iter().map(|input| input.name.clone()).collect();
        self.inputs.push(Input { name: input(name, &taken), url, comment });
        self.inputs.len() - 1
    }
}

fn inputs(to: &mut Document, inputs: &[Input]) {
    to.line("inputs = {");
    to.deeper(|to| {
        for Input { name, url, comment } in inputs {
            if let Some(comment) = comment {
                to.comment(comment);
            }
            to.line(&format!("{name}.url = {};", string(url)));
        }
    });
    to.line("};");
}

fn outputs(to: &mut Document, of: &EnvFile, names: &Names) {
    to.line("outputs =");
    to.deeper(|to| {
        match &*names.inputs {
            [] => to.line("{ self }:"),
            [only] => to.line(&format!("{{ self, {} }}:", only.name)),
            inputs => {
                to.line("{");
                to.deeper(|to| {
                    to.line("self,");
                    for input in inputs {
                        to.line(&format!("{},", input.name));
                    }
                });
                to.line("}:");
            }
        }
        to.line("let");
        to.deeper(|to| bindings(to, of, names));
        to.line("in");
        to.line("{");
        let before = format!("packages.{}.default = ", super::language::name(&of.system));
        to.deeper(|to| build_env(to, of, &names.variables, &before, ";"));
        to.line("};");
    });
}

fn bindings(to: &mut Document, of: &EnvFile, names: &Names) {
    let nixpkgs = |to: &mut Document, variable: &str, input: usize, system: &str| {
        to.line(&format!("{variable} = import {} {{", names.inputs[input].name));
        to.deeper(|to| nixpkgs_arguments(to, system));
        to.line("};");
    };
    if let Some(input) = names.extra {
        nixpkgs(to, "pkgs", input, &of.system);
    }
    for (at, source) in of.sources.iter().enumerate() {
        let variable = &names.variables[at];
        if names.of_source[at].is_none() && !source.is_pinned() {
            to.comment(&format!("{} is not pinned: this takes what is there when it is built.", source.name));
        }
        match (&source.import, names.of_source[at]) {
            (Import::AnyNixpkgs, Some(input)) => nixpkgs(to, variable, input, &of.system),
            (Import::Nixpkgs { system, .. }, Some(input)) => nixpkgs(to, variable, input, system),
            (Import::SearchPath(found), _) => search_path(to, variable, found),
            (Import::File(place), _) => file(to, variable, place),
            (Import::Tarball { url, hash, .. }, _) => unpacked(to, variable, url, hash),
            // An input is a variable already.
            _ => {}
        }
    }
}
