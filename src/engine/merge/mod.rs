//! The merging core: packages in, plan out. One core, two sets of rules.
//!
//! What becomes of a path depends only on the entries that arrive at that very path, in order: the state of both of
//! Nix' builders is kept by path. So a directory of the environment can be worked out from the list of directories that
//! are merged into it, without regard to the rest, and directories are worked out in parallel:
//!
//! 1. `gather`: which packages, in which order, propagated ones included;
//! 2. `directory`: all entries of the merged directories, grouped by name; each name's arrivals go through the
//!    `rules` one by one; where directories are to be merged, a new piece of work results;
//! 3. `pool`: works through the pieces on all cores;
//! 4. `verdict`: what the plan says of a name where rules had to decide.

mod arrival;
mod directory;
mod gather;
mod job;
mod nix;
mod nixpkgs;
mod pool;
mod root;
mod rules;
mod verdict;

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;

use super::{Directory, DirectoryId, Files, NixpkgsRules, Node, Plan, PlanError, Request, Rules, Target, path};
use directory::{Merger, Outcome};
use gather::Gathered;
use job::Job;
use verdict::Judge;

/// Most directories of one environment; a real one has some ten thousand.
const MAX_DIRECTORIES: usize = 1 << 20;

/// How many directories may repeat one that they are in, because links lead in circles. builder.pl follows one circle
/// forty times, and of two of them it would make 2⁴⁰ directories.
const MAX_REPEATS: u32 = 1000;

/// Works out an environment. Touches nothing, and goes on after a collision, so that the plan holds all of them.
pub fn plan(request: &Request, files: &dyn Files) -> Result<Plan, PlanError> {
    match &request.rules {
        Rules::Nix => weave(request, files, &nix::Nix),
        Rules::Nixpkgs(settings) => {
            if settings.paths_to_link.is_empty() {
                return Err(PlanError::NoPathsToLink);
            }
            let plan = weave(request, files, &nixpkgs::Nixpkgs::new(settings))?;
            Ok(finish_nixpkgs(plan, settings))
        }
    }
}

fn weave(request: &Request, files: &dyn Files, rules: &dyn rules::MergeRules) -> Result<Plan, PlanError> {
    let Gathered { roots, contributions, warnings, problems, unknown } = gather::gather(request, files, rules)?;
    let merger = Merger {
        files,
        rules,
        roots: &roots,
        judge: Judge { files, set: request.rules.set(), compare_contents: request.compare_contents },
        next_id: AtomicU32::new(DirectoryId::ROOT.0 + 1),
        repeats: AtomicU32::new(0),
    };
    let outcomes = pool::run(&Job::root(contributions), &merger)?;
    let plan = Plan { warnings, problems, unknown, ..Plan::empty(request.rules.set()) };
    Ok(assemble(plan, outcomes))
}

/// Numbers the directories from the root down in order of their names, whatever order they were worked out in.
fn assemble(mut plan: Plan, outcomes: Vec<Outcome>) -> Plan {
    let mut worked_out = HashMap::with_capacity(outcomes.len());
    for outcome in outcomes {
        plan.collisions.extend(outcome.collisions);
        plan.warnings.extend(outcome.warnings);
        plan.problems.extend(outcome.problems);
        plan.unknown.extend(outcome.unknown);
        worked_out.insert(outcome.id, outcome.directory);
    }
    let mut directories = Vec::with_capacity(worked_out.len());
    directories.push(worked_out.remove(&DirectoryId::ROOT).unwrap_or_default());
    let mut at = 0;
    while at < directories.len() {
        let mut directory: Directory = std::mem::take(&mut directories[at]);
        for (_, node) in &mut directory.entries {
            if let Node::Directory(id) = node {
                let child = worked_out.remove(id).unwrap_or_default();
                *id = next_id(&directories);
                directories.push(child);
            }
        }
        directories[at] = directory;
        at += 1;
    }
    plan.directories = directories;
    plan.collisions.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    plan.warnings.sort_unstable();
    plan.problems.sort_by_cached_key(ToString::to_string);
    plan.unknown.sort_unstable();
    plan.unknown.dedup();
    plan
}

fn next_id(directories: &[Directory]) -> DirectoryId {
    DirectoryId(u32::try_from(directories.len()).expect("MAX_DIRECTORIES fits 32 bits"))
}

/// `extraPrefix` and `manifest`, which lie outside what is merged.
fn finish_nixpkgs(mut plan: Plan, settings: &NixpkgsRules) -> Plan {
    let prefix: Vec<&[u8]> = path::components(&settings.extra_prefix).collect();
    if !prefix.is_empty() {
        let merged = std::mem::take(&mut plan.directories[0]);
        let mut inner = next_id(&plan.directories);
        plan.directories.push(merged);
        for part in prefix[1..].iter().rev() {
            let outer = next_id(&plan.directories);
            plan.directories.push(Directory { entries: vec![((*part).into(), Node::Directory(inner))] });
            inner = outer;
        }
        plan.directories[0].entries.push((prefix[0].into(), Node::Directory(inner)));
        let prefix = prefix.join(&b'/');
        for collision in &mut plan.collisions {
            collision.path = path::join(&prefix, &collision.path).into();
        }
    }
    if let Some(manifest) = &settings.manifest {
        let root = &mut plan.directories[0].entries;
        match root.binary_search_by(|(name, _)| (**name).cmp(b"manifest")) {
            Ok(_) => plan.problems.push(PlanError::ManifestTaken { path: b"manifest"[..].into() }),
            Err(at) => root.insert(at, (b"manifest"[..].into(), Node::Link(Target::from(&**manifest)))),
        }
    }
    plan
}
