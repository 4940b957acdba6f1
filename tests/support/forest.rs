//! Several packages side by side, and the list of elements that names them: the input of one environment.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::path::Path;

use nix_loom::engine::{self, Disk, Output, Package, Plan, PlanError, Request, Rules};
use nix_loom::safe;
use tempfile::TempDir;

use super::rows::{self, REFUSED};
use super::temp_dir;
use super::tree::{Node, Tree};

/// One entry of the list of packages.
#[derive(Clone, Debug)]
pub struct Element {
    /// Names of trees; one that is in no forest is a package that does not exist.
    pub trees: Vec<String>,
    pub priority: i32,
    pub active: bool,
}

/// Packages in one directory, which need not exist as long as nothing is [made](Forest::make).
#[derive(Clone, Debug)]
pub struct Forest {
    /// Absolute, without a slash at the end.
    pub base: String,
    pub trees: BTreeMap<String, Tree>,
    /// In the order of the list.
    pub elements: Vec<Element>,
}

impl Forest {
    pub fn new(base: &Path) -> Self {
        let base = base.to_str().expect("temporary directories have plain names").to_owned();
        Self { base, trees: BTreeMap::new(), elements: Vec::new() }
    }

    /// Where the package called `name` is.
    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    /// Makes all packages on disk.
    pub fn make(&self) {
        std::fs::create_dir_all(&self.base).unwrap();
        for (name, tree) in &self.trees {
            tree.make(Path::new(&self.path(name)));
        }
    }

    /// What the engine is asked.
    pub fn request(&self, rules: Rules) -> Request {
        let output = |(at, name): (usize, &String)| Output {
            name: ["out", "dev", "man", "doc"][at].into(),
            path: self.path(name).into_bytes().into(),
        };
        let package = |(at, element): (usize, &Element)| Package {
            name: format!("element{at}").into(),
            priority: element.priority.into(),
            active: element.active,
            outputs: element.trees.iter().enumerate().map(output).collect(),
        };
        let packages = self.elements.iter().enumerate().map(package).collect();
        Request { rules, packages, compare_contents: false }
    }

    /// What `builtin:buildenv` is asked: the words of its variable `derivations`.
    pub fn derivations(&self) -> Vec<String> {
        let mut words = Vec::new();
        for element in &self.elements {
            words.extend([element.active.to_string(), element.priority.to_string(), element.trees.len().to_string()]);
            words.extend(element.trees.iter().map(|name| self.path(name)));
        }
        words
    }

    /// The environment as text, one `path -> target` for each link, targets in a package without the common base.
    /// Directories are named only where they are empty.
    pub fn describe(&self, environment: &Tree) -> Vec<String> {
        let base = format!("{}/", self.base).into_bytes();
        let mut lines = Vec::new();
        for (path, node) in environment.0.iter().filter(|(path, _)| !path.is_empty()) {
            let is_empty = || !environment.0.keys().any(|other| other.starts_with(&[path, b"/".as_slice()].concat()));
            match node {
                Node::Link(target) => {
                    let target = target.strip_prefix(base.as_slice()).unwrap_or(target);
                    lines.push(format!("{} -> {}", safe::bytes(path), safe::bytes(target)));
                }
                Node::Directory if is_empty() => lines.push(format!("{}/", safe::bytes(path))),
                Node::Directory => {}
                Node::File { bytes, .. } => lines.push(format!("{} = {}", safe::bytes(path), safe::bytes(bytes))),
            }
        }
        lines
    }
}

/// A forest on disk, for as long as this lives.
pub struct Planted {
    forest: Forest,
    dir: TempDir,
}

/// Makes the packages that a line of text describes; see [`rows::parse`].
pub fn plant(text: &str) -> Planted {
    let dir = temp_dir();
    let forest = rows::parse(&dir.path().join("packages"), text);
    forest.make();
    Planted { forest, dir }
}

impl Deref for Planted {
    type Target = Forest;
    fn deref(&self) -> &Forest {
        &self.forest
    }
}

impl Planted {
    pub fn plan(&self, rules: Rules) -> Result<Plan, PlanError> {
        engine::plan(&self.request(rules), &Disk)
    }

    /// The environment in one line, as the engine writes it, or [`REFUSED`].
    pub fn outcome(&self, rules: Rules) -> String {
        match self.plan(rules) {
            Ok(plan) if plan.builds() => {
                let out = self.dir.path().join("out");
                engine::write(&plan, &out).unwrap();
                let environment = Tree::read(&out);
                std::fs::remove_dir_all(&out).unwrap();
                self.describe(&environment).join(", ")
            }
            _ => REFUSED.to_owned(),
        }
    }
}

/// Everything that makes up the input, for the message of a failed test.
impl fmt::Display for Forest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for element in &self.elements {
            let state = if element.active { "" } else { ", inactive" };
            writeln!(f, "element {} at {}{state}", element.trees.join(" and "), element.priority)?;
        }
        for (name, tree) in &self.trees {
            writeln!(f, "package {name}")?;
            for (path, node) in &tree.0 {
                let path = if path.is_empty() { ".".to_owned() } else { safe::bytes(path) };
                match node {
                    Node::Directory => writeln!(f, "  {path}/")?,
                    Node::Link(target) => writeln!(f, "  {path} -> {}", safe::bytes(target))?,
                    Node::File { bytes, executable } => {
                        writeln!(
                            f,
                            "  {path} = {:?}{}",
                            safe::bytes(bytes),
                            if *executable { " executable" } else { "" }
                        )?;
                    }
                }
            }
        }
        Ok(())
    }
}
