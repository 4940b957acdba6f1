//! Which packages take part, in which order: the listed ones, then what they propagate, in rounds.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::arrival::Contribution;
use super::root::{Origin, Root};
use super::rules::MergeRules;
use crate::engine::{Entry, FileError, Files, PlanError, Request, path};
use crate::safe;

/// The roots in order, and what each contributes to the environment's root directory.
#[derive(Default)]
pub(super) struct Gathered {
    pub roots: Vec<Root>,
    pub contributions: Vec<Contribution>,
    pub warnings: Vec<String>,
    /// Packages that can be in no environment.
    pub problems: Vec<PlanError>,
    /// Packages of which no listing could be had, and those of which it is not known what they propagate.
    pub unknown: Vec<Box<[u8]>>,
}

/// Priority of the first propagated package; each further one gets the next number.
const FIRST_PROPAGATED_PRIORITY: i64 = 1000;

pub(super) fn gather(request: &Request, files: &dyn Files, rules: &dyn MergeRules) -> Result<Gathered, PlanError> {
    let mut gathering = Gathering::new(files, rules);
    for root in rules.order(&request.packages) {
        gathering.add(root)?;
    }
    let mut priority = FIRST_PROPAGATED_PRIORITY;
    while !gathering.postponed.is_empty() {
        for path in std::mem::take(&mut gathering.postponed) {
            gathering.add(Root::unlisted(path, priority, Origin::Propagated))?;
            priority += 1;
        }
    }
    for root in rules.late() {
        gathering.add(root)?;
    }
    Ok(gathering.gathered)
}

struct Gathering<'a> {
    files: &'a dyn Files,
    rules: &'a dyn MergeRules,
    gathered: Gathered,
    /// Paths that were added: a path counts once, the first time.
    done: HashSet<Arc<[u8]>>,
    /// Propagated paths for the next round.
    postponed: BTreeSet<Vec<u8>>,
    /// Packages lie side by side: their common parent is resolved once.
    parents: HashMap<Vec<u8>, Arc<[u8]>>,
}

impl<'a> Gathering<'a> {
    fn new(files: &'a dyn Files, rules: &'a dyn MergeRules) -> Self {
        Self {
            files,
            rules,
            gathered: Gathered::default(),
            done: HashSet::new(),
            postponed: BTreeSet::new(),
            parents: HashMap::new(),
        }
    }

    fn add(&mut self, root: Root) -> Result<(), PlanError> {
        if !self.done.insert(root.path.clone()) {
            return Ok(());
        }
        if root.path.first() != Some(&b'/') {
            let problem = PlanError::NotAbsolute { package: root.package.to_string(), path: (*root.path).into() };
            self.gathered.problems.push(problem);
            return Ok(());
        }
        let entries = match self.files.read_dir(&root.path) {
            Ok(entries) => entries,
            Err(FileError::Unknown) => {
                self.gathered.unknown.push((*root.path).into());
                return Ok(());
            }
            Err(error) => {
                match self.rules.no_directory(&root, error, self.files) {
                    Ok(Some(warning)) => self.gathered.warnings.push(warning),
                    // What is passed over in silence was never looked at: if it is propagated too, it counts.
                    Ok(None) => drop(self.done.remove(&root.path)),
                    Err(error @ PlanError::File { .. }) => return Err(error),
                    Err(problem) => self.gathered.problems.push(problem),
                }
                return Ok(());
            }
        };
        self.postpone(&root, &entries)?;
        let number = u32::try_from(self.gathered.roots.len()).expect("fewer than 2³² packages");
        let (dir, real) = (root.path.clone(), self.canonicalize(&root)?);
        self.gathered.roots.push(Root { real: real.clone(), ..root });
        self.gathered.contributions.push(Contribution { root: number, dir, real, entries: Some(entries) });
        Ok(())
    }

    /// Notes what the package propagates.
    fn postpone(&mut self, root: &Root, entries: &[Entry]) -> Result<(), PlanError> {
        if !entries.iter().any(|entry| &*entry.name == b"nix-support") {
            return Ok(());
        }
        let list = path::join(&root.path, b"nix-support/propagated-user-env-packages");
        match self.files.read(&list) {
            Ok(content) => {
                for path in self.rules.propagated(&content) {
                    if !self.done.contains(path) {
                        self.postponed.insert(path.to_vec());
                    }
                }
                Ok(())
            }
            Err(error) if self.rules.propagates_nothing(&error) => Ok(()),
            Err(FileError::Unknown) => {
                let package = safe::text(&root.package);
                self.gathered.warnings.push(format!("what {package} propagates is not known until it is fetched"));
                self.gathered.unknown.push((*root.path).into());
                Ok(())
            }
            Err(source) => Err(PlanError::File { path: list.into(), source }),
        }
    }

    fn canonicalize(&mut self, root: &Root) -> Result<Arc<[u8]>, PlanError> {
        let failed = |source| PlanError::File { path: (*root.path).into(), source };
        let (parent, name) = (path::parent(&root.path), path::file_name(&root.path));
        if matches!(name, b"" | b"." | b"..") || self.files.read_link(&root.path).map_err(failed)?.is_some() {
            return self.files.canonicalize(&root.path).map_err(failed);
        }
        if !self.parents.contains_key(parent) {
            self.parents.insert(parent.to_vec(), self.files.canonicalize(parent).map_err(failed)?);
        }
        let real_parent = &self.parents[parent];
        // The same allocation serves where nothing was resolved, which is the rule.
        Ok(if **real_parent == *parent { root.path.clone() } else { path::join(real_parent, name).into() })
    }
}
