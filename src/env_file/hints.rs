//! What the text of a Nix file says of where its packages come from, without an evaluation.
//!
//! Evaluating a file tells which packages it holds, but not by which name from which source: two sources may offer the very
//! same package. The text mostly does, at least of files in the form in which [`nix`](super::nix) and [`flake`](super::flake)
//! write them. It is no more than a hint, which whoever uses it holds against what was evaluated.

use std::collections::HashMap;

use rnix::SyntaxNode;
use rnix::ast::{self, AstNode, Attr, Expr, HasEntry as _, InterpolPart};

/// A path of names that a file takes from a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub place: Place,
    /// Below what the source is; the last name may be that of an output.
    pub path: Vec<String>,
}

/// Where a source is, as a file imports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// What stands between the angle brackets.
    SearchPath(String),
    /// An absolute path.
    File(String),
    /// What is unpacked of a tarball at this address, and for which system it is called, if that is said.
    Tarball(String, Option<String>),
    /// A flake at this address, by its outputs.
    Flake(String),
    /// The Nix file of a flake at this address, and for which system it is called, if that is said.
    FileOfFlake(String, Option<String>),
}

/// All hints, in the order of the text; none of a text that is not Nix.
pub fn hints(text: &str) -> Vec<Hint> {
    let parsed = rnix::Root::parse(text);
    let Some(root) = parsed.tree().expr().filter(|_| parsed.errors().is_empty()) else { return Vec::new() };
    let mut places = inputs(&root);
    for node in syntax(&root).descendants() {
        let Some(binding) = cast::<ast::AttrpathValue>(node) else { continue };
        let names = binding.attrpath().and_then(|path| names(&path));
        if let (Some([name]), Some(value)) = (names.as_deref(), binding.value())
            && !places.contains_key(name)
            && let Some(place) = place(&value, &places)
        {
            places.insert(name.clone(), place);
        }
    }
    let selects = syntax(&root).descendants().filter_map(cast::<ast::Select>).filter(|select| !is_called(select));
    selects.filter_map(|select| hint(&select, &places)).collect()
}

fn hint(select: &ast::Select, places: &HashMap<String, Place>) -> Option<Hint> {
    let Expr::Ident(ident) = select.expr()? else { return None };
    let place = places.get(syntax(&ident).text().to_string().trim())?.clone();
    Some(Hint { place, path: names(&select.attrpath()?)? })
}

/// Whether it is a function that is called, such as `pkgs.buildEnv`.
fn is_called(select: &ast::Select) -> bool {
    let call = syntax(select).parent().and_then(cast::<ast::Apply>);
    call.and_then(|call| call.lambda()).is_some_and(|function| syntax(&function) == syntax(select))
}

/// The inputs of a flake, by their names.
fn inputs(root: &Expr) -> HashMap<String, Place> {
    let mut inputs = HashMap::new();
    let Expr::AttrSet(root) = root else { return inputs };
    let mut add = |path: &[String], value: Option<Expr>| {
        if let ([name, url], Some(Expr::Str(address))) = (path, value)
            && url == "url"
            && let Some(address) = text(&address)
        {
            inputs.insert(name.clone(), Place::Flake(address));
        }
    };
    for binding in root.attrpath_values() {
        let Some(path) = binding.attrpath().and_then(|path| names(&path)) else { continue };
        match (&*path, binding.value()) {
            ([first], Some(Expr::AttrSet(all))) if first == "inputs" => {
                for binding in all.attrpath_values() {
                    let Some(path) = binding.attrpath().and_then(|path| names(&path)) else { continue };
                    match binding.value() {
                        Some(Expr::AttrSet(one)) => {
                            for setting in one.attrpath_values() {
                                let below = setting.attrpath().and_then(|path| names(&path)).unwrap_or_default();
                                add(&[&*path, &*below].concat(), setting.value());
                            }
                        }
                        value => add(&path, value),
                    }
                }
            }
            ([first, rest @ ..], value) if first == "inputs" => add(rest, value),
            _ => {}
        }
    }
    inputs
}

/// The first place that an expression imports.
fn place(value: &Expr, places: &HashMap<String, Place>) -> Option<Place> {
    syntax(value).descendants().find_map(|node| match cast(node)? {
        Expr::PathSearch(path) => Some(Place::SearchPath(path.content()?.text().trim_matches(['<', '>']).to_owned())),
        Expr::PathAbs(path) => match &*path.parts() {
            [InterpolPart::Literal(path)] => Some(Place::File(path.text().to_owned())),
            _ => None,
        },
        // What no path can be written as: `/. + "…"`.
        Expr::BinOp(sum) => match (sum.lhs()?, sum.rhs()?) {
            (Expr::PathAbs(root), Expr::Str(rest)) if syntax(&root).text() == "/." => Some(Place::File(text(&rest)?)),
            _ => None,
        },
        Expr::Apply(call) => called(&call, places),
        _ => None,
    })
}

fn called(call: &ast::Apply, places: &HashMap<String, Place>) -> Option<Place> {
    let (function, argument) = (call.lambda()?, call.argument()?);
    let function_text = syntax(&function).text().to_string();
    match (&*function_text, argument) {
        ("fetchTarball" | "builtins.fetchTarball", Expr::Str(url)) => Some(Place::Tarball(text(&url)?, None)),
        ("fetchTarball" | "builtins.fetchTarball", Expr::AttrSet(arguments)) => {
            Some(Place::Tarball(setting(&arguments, "url")?, None))
        }
        ("builtins.getFlake", Expr::Str(url)) => Some(Place::Flake(text(&url)?)),
        ("builtins.findFile builtins.nixPath", Expr::Str(name)) => Some(Place::SearchPath(text(&name)?)),
        (_, Expr::AttrSet(arguments)) => {
            // `import INPUT { … }`, `import (fetchTarball …) { … }`
            let Expr::Apply(import) = function else { return None };
            let is_import = syntax(&import.lambda()?).text() == "import";
            let imported = match import.argument().filter(|_| is_import)? {
                Expr::Ident(input) => places.get(&syntax(&input).text().to_string())?.clone(),
                other => place(&other, places)?,
            };
            let system = setting(&arguments, "system");
            match imported {
                Place::Flake(url) => Some(Place::FileOfFlake(url, system)),
                Place::Tarball(url, _) => Some(Place::Tarball(url, system)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A setting that is a plain text.
fn setting(of: &ast::AttrSet, name: &str) -> Option<String> {
    of.attrpath_values().find_map(|binding| {
        let path = names(&binding.attrpath()?)?;
        match binding.value()? {
            Expr::Str(value) if path == [name] => text(&value),
            _ => None,
        }
    })
}

/// The names of a path; `None` if one of them is worked out.
fn names(path: &ast::Attrpath) -> Option<Vec<String>> {
    let name = |attr: Attr| match attr {
        Attr::Ident(ident) => Some(syntax(&ident).text().to_string()),
        Attr::Str(name) => text(&name),
        Attr::Dynamic(_) => None,
    };
    path.attrs().map(name).collect()
}

/// A text with nothing worked out in it.
fn text(of: &ast::Str) -> Option<String> {
    match &*of.normalized_parts() {
        [] => Some(String::new()),
        [InterpolPart::Literal(text)] => Some(text.clone()),
        _ => None,
    }
}

// The trait that has these is of a crate that rnix does not hand on.
fn syntax<N: AstNode>(node: &N) -> &SyntaxNode {
    node.syntax()
}

fn cast<N: AstNode>(node: SyntaxNode) -> Option<N> {
    N::cast(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env_file::{Entry, EnvFile, Format, From, Import, Origin, Source, tarball, text};

    fn exported(format: Format) -> Vec<Hint> {
        let pinned = "github:NixOS/nixpkgs/0123456789abcdef0123456789abcdef01234567?narHash=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let tarball = tarball(pinned).unwrap();
        let sources = [
            ("channel", Import::SearchPath("nixpkgs".to_owned())),
            ("odd", Import::SearchPath("a b".to_owned())),
            ("own", Import::File("/x/own.nix".to_owned())),
            ("my own", Import::File("/x/my own.nix".to_owned())),
            ("tools", Import::Flake { url: "path:/x?narHash=y".to_owned(), is_pinned: true }),
            ("nixpkgs", Import::Nixpkgs { tarball, system: "x86_64-linux".to_owned() }),
        ];
        let entry = |source| Entry {
            name: "a".to_owned(),
            version: String::new(),
            origin: Origin::default(),
            from: From::Attribute { source, path: vec!["or".to_owned(), "a.b".to_owned()] },
            outputs: vec!["dev".to_owned()],
            priority: 4,
            active: true,
            known: None,
            notes: Vec::new(),
        };
        let packages = (0..sources.len()).rev().map(entry).collect();
        let source = |(name, import): (&str, Import)| Source { name: name.to_owned(), import };
        let sources = sources.into_iter().map(source).collect();
        hints(&text(&EnvFile { system: "x86_64-linux".to_owned(), sources, packages, ..EnvFile::default() }, format))
    }

    #[test]
    fn what_is_exported_says_where_each_package_comes_from() {
        let of = |place: Place| Hint { place, path: ["or", "a.b", "dev"].map(str::to_owned).to_vec() };
        let others = [
            Place::Flake("path:/x?narHash=y".to_owned()),
            Place::File("/x/my own.nix".to_owned()),
            Place::File("/x/own.nix".to_owned()),
            Place::SearchPath("a b".to_owned()),
            Place::SearchPath("nixpkgs".to_owned()),
        ];
        let with = |first: Place| std::iter::once(first).chain(others.clone()).map(of).collect::<Vec<_>>();
        let revision = "0123456789abcdef0123456789abcdef01234567";
        let system = Some("x86_64-linux".to_owned());
        let tarball = format!("https://github.com/NixOS/nixpkgs/archive/{revision}.tar.gz");
        assert_eq!(exported(Format::Nix), with(Place::Tarball(tarball, system.clone())));
        let hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D";
        let flake = format!("github:NixOS/nixpkgs/{revision}?narHash={hash}");
        assert_eq!(exported(Format::Flake), with(Place::FileOfFlake(flake, system)));
    }

    #[test]
    fn files_that_were_written_by_hand_are_read_as_far_as_they_are_plain() {
        let read = |text: &str| hints(text).into_iter().map(|hint| hint.path.join("/")).collect::<Vec<_>>();
        assert_eq!(
            read("let p = import <n> { }; in p.buildEnv { paths = [ p.a (p.lib.hiPrio p.b) p.c.${x} q.d ]; }"),
            ["a", "b"]
        );
        assert_eq!(
            read("{ inputs.p.url = \"github:a/b\"; outputs = { self, p }: { x = p.packages.s.a; }; }"),
            ["packages/s/a"]
        );
        for text in ["", "{", "let a = 1; in a.b", "with import <nixpkgs> { }; hello"] {
            assert_eq!(hints(text), [], "{text}");
        }
    }
}
