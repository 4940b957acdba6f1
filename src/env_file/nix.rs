//! The environment as a Nix file: nixpkgs' `buildEnv`.

use super::bind::bind;
use super::build_env::build_env;
use super::document::Document;
use super::language::variable;
use super::{EnvFile, Source};

/// The file's text. It has `buildEnv` and `lib` from the first source that is nixpkgs, and from `<nixpkgs>` if none is.
pub(super) fn nix(file: &EnvFile) -> String {
    let has_nixpkgs = file.sources.iter().any(Source::is_nixpkgs);
    let variables = variables(&file.sources);
    let mut to = Document::default();
    for note in &file.notes {
        to.comment(&format!("{note}."));
    }
    to.line("let");
    to.deeper(|to| {
        if !has_nixpkgs {
            to.comment("For buildEnv and lib alone; not pinned.");
            to.line("pkgs = import <nixpkgs> { };");
        }
        for (source, variable) in file.sources.iter().zip(&variables) {
            bind(to, variable, source);
        }
    });
    to.line("in");
    build_env(&mut to, file, &variables, "", "");
    to.into_text()
}

/// What each source is called in the file.
fn variables(sources: &[Source]) -> Vec<String> {
    let first = sources.iter().position(Source::is_nixpkgs);
    let mut variables = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        let called = if first == Some(at) { "pkgs".to_owned() } else { variable(&source.name, &variables) };
        variables.push(called);
    }
    variables
}
