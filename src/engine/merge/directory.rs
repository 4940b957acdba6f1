//! One directory of the environment: the entries of all directories that are merged into it, name by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::arrival::{Arrival, Contribution, LeadsTo, Occupant};
use super::job::{Job, Lineage};
use super::root::Root;
use super::rules::{Dangling, Decision, MergeRules};
use super::verdict::{Judge, Step};
use super::{MAX_DIRECTORIES, MAX_REPEATS};
use crate::engine::unknown::edge;
use crate::engine::{
    Collision, Directory, DirectoryId, Entry, EntryKind, FileError, Files, Node, PlanError, Reason, RuleSet, Target,
    path,
};
use crate::safe;

/// A directory worked out.
#[derive(Debug)]
pub(super) struct Outcome {
    pub id: DirectoryId,
    pub directory: Directory,
    pub collisions: Vec<Collision>,
    pub warnings: Vec<String>,
    /// Links that no builder follows.
    pub problems: Vec<PlanError>,
    /// Outputs of which nothing is known, into which links lead.
    pub unknown: Vec<Box<[u8]>>,
    /// Directories in it that are merged in turn.
    pub below: Vec<Job>,
}

/// What works out directories; shared by all threads.
pub(super) struct Merger<'a> {
    pub files: &'a dyn Files,
    pub rules: &'a dyn MergeRules,
    pub roots: &'a [Root],
    pub judge: Judge<'a>,
    pub next_id: AtomicU32,
    /// How many directories repeated one that they are in.
    pub repeats: AtomicU32,
}

/// What a name holds while its arrivals are gone through.
enum Slot {
    Nothing,
    /// The arrival of this number.
    Link(usize),
    Merged {
        first: Option<usize>,
        contributions: Vec<Contribution>,
    },
}

impl Merger<'_> {
    pub fn merge(&self, job: &Job) -> Result<Outcome, PlanError> {
        let lineage = Arc::new(job.lineage());
        if lineage.repeats() {
            self.count_repeat(job)?;
        }
        let listings = self.read(job)?;
        let named = self.by_name(job, &listings);
        let mut outcome = Outcome {
            id: job.id,
            directory: Directory::default(),
            collisions: Vec::new(),
            warnings: Vec::new(),
            problems: Vec::new(),
            unknown: Vec::new(),
            below: Vec::new(),
        };
        for group in named.chunk_by(|a, b| a.start == b.start && a.name == b.name) {
            self.merge_name(job, &lineage, group, &mut outcome)?;
        }
        Ok(outcome)
    }

    /// Links lead in circles here. `builtin:buildenv` always fails then, for it follows them until the system refuses.
    fn count_repeat(&self, job: &Job) -> Result<(), PlanError> {
        if self.judge.set == RuleSet::Nix {
            let circling = job.contributions.iter().find(|it| it.dir != it.real).or(job.contributions.first());
            return Err(PlanError::LinkLoop { path: circling.map_or_else(Box::default, |it| (*it.dir).into()) });
        }
        match self.repeats.fetch_add(1, Ordering::Relaxed) {
            0..MAX_REPEATS => Ok(()),
            _ => Err(PlanError::TooLarge { path: job.path.as_slice().into() }),
        }
    }

    fn read(&self, job: &Job) -> Result<Vec<Arc<[Entry]>>, PlanError> {
        let read = |contribution: &Contribution| match &contribution.entries {
            Some(entries) => Ok(entries.clone()),
            None => self
                .files
                .read_dir(&contribution.dir)
                .map_err(|source| PlanError::File { path: (*contribution.dir).into(), source }),
        };
        job.contributions.iter().map(read).collect()
    }

    /// All entries that count, sorted by name; those of one name in the order of their contributions.
    fn by_name<'a>(&'a self, job: &'a Job, listings: &'a [Arc<[Entry]>]) -> Vec<Named<'a>> {
        let planned = self.rules.planned(&job.path);
        let entries: usize = listings.iter().map(|entries| entries.len()).sum();
        let mut named = Vec::with_capacity(planned.len() + entries);
        named.extend(planned.into_iter().map(|name| Named::new(name, None)));
        for (contribution, entries) in job.contributions.iter().zip(listings) {
            for entry in &**entries {
                let skipped = self.rules.skips(&job.path, &entry.name)
                    || (entry.kind != EntryKind::Symlink && self.rules.skips_source(&contribution.dir, &entry.name));
                if !skipped {
                    named.push(Named::new(&entry.name, Some((contribution, entry.kind))));
                }
            }
        }
        named.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.name.cmp(b.name)));
        named
    }

    fn merge_name(
        &self,
        job: &Job,
        lineage: &Arc<Lineage>,
        group: &[Named],
        outcome: &mut Outcome,
    ) -> Result<(), PlanError> {
        let name = group[0].name;
        if let [Named { entry: Some((contribution, kind)), .. }] = group
            && *kind != EntryKind::Symlink
        {
            let target = Target::new(contribution.dir.clone(), name.clone());
            outcome.directory.entries.push((name.clone(), Node::Link(target)));
            return Ok(());
        }
        let mut arrivals = Vec::with_capacity(group.len());
        for named in group {
            if let Some((contribution, kind)) = named.entry
                && let Some(arrival) = self.arrival(contribution, name, kind, outcome)?
            {
                arrivals.push(arrival);
            }
        }
        let is_planned = group[0].entry.is_none();
        let (slot, steps) = self.decide(&arrivals, is_planned)?;
        let winner = match slot {
            Slot::Nothing => return Ok(()),
            Slot::Link(at) => {
                let arrival = &arrivals[at];
                if arrival.is_dangling() {
                    let source = safe::bytes(&arrival.source());
                    outcome.warnings.push(format!("{source} leads nowhere and is linked all the same"));
                }
                let target = Target::new(arrival.contribution.dir.clone(), name.clone());
                outcome.directory.entries.push((name.clone(), Node::Link(target)));
                Some(at)
            }
            Slot::Merged { first, contributions } => {
                let path = path::below(&job.path, name);
                let id = self.next_id(&path)?;
                outcome.directory.entries.push((name.clone(), Node::Directory(id)));
                outcome.below.push(Job { id, path, contributions, parent: Some(lineage.clone()) });
                first
            }
        };
        if !steps.is_empty() {
            outcome.warnings.extend(steps.iter().filter_map(|step| step.warning(&arrivals)));
            let uncompared = steps.iter().filter(|step| step.reason == Reason::NotCompared);
            let of_step = uncompared.flat_map(|step| step.old.into_iter().chain([step.new]));
            outcome.unknown.extend(of_step.map(|at| Box::from(&*arrivals[at].root.path)));
            let path = path::below(&job.path, name);
            outcome.collisions.push(self.judge.collision(path, &arrivals, winner, &steps)?);
        }
        Ok(())
    }

    /// Looks where an entry leads; `None` if it is left out.
    fn arrival<'a>(
        &'a self,
        contribution: &'a Contribution,
        name: &'a Arc<[u8]>,
        kind: EntryKind,
        outcome: &mut Outcome,
    ) -> Result<Option<Arrival<'a>>, PlanError> {
        let root = &self.roots[contribution.root as usize];
        let mut arrival = Arrival { root, contribution, name, kind, leads_to: LeadsTo::File };
        if kind == EntryKind::Directory {
            arrival.leads_to = LeadsTo::Directory;
        }
        if kind != EntryKind::Symlink {
            return Ok(Some(arrival));
        }
        let source = arrival.source();
        let dangling = match self.files.find(&source) {
            Ok(found) => {
                if found.kind == EntryKind::Directory {
                    arrival.leads_to = LeadsTo::Directory;
                }
                return Ok((!self.rules.skips_source(&contribution.dir, name)).then_some(arrival));
            }
            Err(FileError::NotFound | FileError::NotADirectory) => self.rules.dangling(),
            Err(FileError::Loop) => match self.rules.link_loop(&source) {
                Ok(dangling) => dangling,
                Err(problem) => {
                    outcome.problems.push(problem);
                    return Ok(None);
                }
            },
            Err(FileError::Unknown) => {
                outcome.unknown.push(edge(self.files, &source).root.into());
                return Ok((!self.rules.skips_source(&contribution.dir, name)).then_some(arrival));
            }
            Err(error) => return Err(PlanError::File { path: source.into(), source: error }),
        };
        arrival.leads_to = LeadsTo::Nothing;
        Ok(match dangling {
            Dangling::Skipped => {
                outcome.warnings.push(format!("{} leads nowhere and is left out", safe::bytes(&source)));
                None
            }
            Dangling::Linked => Some(arrival),
        })
    }

    /// Lets the rules decide on each arrival in turn, and goes on where the builder would give up.
    fn decide(&self, arrivals: &[Arrival], is_planned: bool) -> Result<(Slot, Vec<Step>), PlanError> {
        let mut steps = Vec::new();
        let mut slot = if is_planned { Slot::Merged { first: None, contributions: Vec::new() } } else { Slot::Nothing };
        for (at, new) in arrivals.iter().enumerate() {
            let (there, old) = match &slot {
                Slot::Nothing => (Occupant::Nothing, None),
                Slot::Link(old) => (Occupant::Link(&arrivals[*old]), Some(*old)),
                Slot::Merged { first, .. } => (Occupant::Merged, *first),
            };
            match self.rules.arrive(there, new, self.files)? {
                Decision::Place => slot = Slot::Link(at),
                Decision::Replace(reason) => {
                    steps.push(Step { old, new: at, reason, blocks: false });
                    slot = Slot::Link(at);
                }
                Decision::Keep(reason) => steps.push(Step { old, new: at, reason, blocks: false }),
                Decision::Merge => self.add_directory(&mut slot, arrivals, at)?,
                Decision::Collide(reason) => {
                    steps.push(Step { old, new: at, reason, blocks: true });
                    // Of a file and a directory the directory is gone on with: what collides in it is shown too.
                    let keeps = !new.is_directory() || matches!(there, Occupant::Link(old) if old.is_directory());
                    if !keeps {
                        slot = Slot::Link(at);
                    }
                }
            }
        }
        Ok((slot, steps))
    }

    fn add_directory(&self, slot: &mut Slot, arrivals: &[Arrival], at: usize) -> Result<(), PlanError> {
        let contribution = |at: usize, resolved| {
            let arrival: &Arrival = &arrivals[at];
            let real = arrival.real(self.files)?.ok_or_else(|| arrival.failed(FileError::NotFound))?;
            Ok(arrival.as_contribution(real, resolved))
        };
        if let Slot::Link(old) = *slot {
            let mut contributions = Vec::with_capacity(arrivals.len() - old);
            contributions.push(contribution(old, self.rules.resolves_first())?);
            *slot = Slot::Merged { first: Some(old), contributions };
        }
        if let Slot::Merged { first, contributions } = slot {
            first.get_or_insert(at);
            contributions.push(contribution(at, false)?);
        }
        Ok(())
    }

    fn next_id(&self, path: &[u8]) -> Result<DirectoryId, PlanError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        if id as usize >= MAX_DIRECTORIES {
            return Err(PlanError::TooLarge { path: path.into() });
        }
        Ok(DirectoryId(id))
    }
}

/// A name in a directory of the environment, and the entry that arrives at it; no entry for a planned directory.
struct Named<'a> {
    /// The first eight bytes as a number, which settles most comparisons without a look at the name: sorting is a good
    /// part of planning.
    start: u64,
    name: &'a Arc<[u8]>,
    entry: Option<(&'a Contribution, EntryKind)>,
}

impl<'a> Named<'a> {
    fn new(name: &'a Arc<[u8]>, entry: Option<(&'a Contribution, EntryKind)>) -> Self {
        let mut start = [0; 8];
        let length = name.len().min(8);
        start[..length].copy_from_slice(&name[..length]);
        Self { start: u64::from_be_bytes(start), name, entry }
    }
}
