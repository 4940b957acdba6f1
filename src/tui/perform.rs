//! The one place that does what the screen wants done.
//!
//! [`perform`] may take long: the program calls it on worker threads ([`worker`](super::worker)), tests call it directly.

use std::sync::Arc;

use crate::loom::Found;
use crate::profile::Deletion;
use crate::progress::{Progress, Step};

use super::backend::Backend;
use super::effect::{Effect, Looked, Reply, SourceChanged, current, offer};
use super::environment::Read;
use super::report::Report;
use super::work::Task;

/// Bytes of a line of another program that are passed on.
const MOST_BYTES: usize = 4 << 10;

/// More hits than this are not asked for: nobody reads them, and ranking all would slow each keystroke.
pub const SEARCH_LIMIT: usize = 2000;

/// Does one effect that needs the backend, and gives what became of it to `send`.
///
/// `is_cancelled` tells long work whether it is still wanted. [`Effect::Open`] is done by whoever has the backend; it and the effects on the terminal give nothing here.
pub fn perform(
    effect: Effect,
    backend: &dyn Backend,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    send: &(dyn Fn(Reply) + Sync),
) {
    let task = Task::of(&effect);
    let tell = |step| {
        if let Some(task) = task {
            send(Reply::Progressed(task, step));
        }
    };
    let hear = |line: &str| {
        if let Some(task) = task {
            let line = line[..line.floor_char_boundary(MOST_BYTES)].to_owned();
            send(Reply::Said { task, lines: vec![line], dropped: 0 });
        }
    };
    let progress = Listener { is_cancelled, tell: &tell, hear: &hear };
    let reply = match effect {
        Effect::WeighUpgrade { change } => {
            let weight = backend.weigh_upgrade(&change, &progress).map(Box::new);
            if is_cancelled() {
                return;
            }
            Reply::UpgradeWeighed { change: change.to_string(), weight }
        }
        Effect::Weigh { request, staged, then } => {
            let tell = |at, weight| send(Reply::Weighed { request, at, weight });
            match backend.consequences(&staged, &then, &progress, &tell) {
                Ok(()) => return,
                Err(error) => Reply::NotWeighed { request, error },
            }
        }
        Effect::Summarise { request } => {
            match backend.summarise(&|summary| send(Reply::Summarised { request, summary }), &progress) {
                Ok(()) => return,
                Err(error) => Reply::NotSummarised { request, error },
            }
        }
        Effect::Compare { request, pairs } => {
            let wanted = pairs.into_iter().take_while(|_| !is_cancelled());
            return wanted.for_each(|(from, to)| send(compared(backend, request, from, to)));
        }
        Effect::CompareFiles { request, files } => {
            let is_wanted = || !is_cancelled();
            let Some((one, others)) = files.split_first() else { return };
            let comparisons = others.iter().map(|other| backend.compare_files(one, other, &is_wanted)).collect();
            Reply::FilesCompared { request, comparisons }
        }
        Effect::Which { request, question } => {
            let so_far = |found: &Found| send(Reply::Which { request, found: Ok(found.clone()) });
            Reply::Which { request, found: backend.seek(&question, &progress, &so_far) }
        }
        Effect::ReadFolder { folder } => {
            let found = backend.folder(&folder, &|| !is_cancelled()).map_err(|error| error.to_string());
            Reply::Folder { folder, found }
        }
        effect => match answer(effect, backend, &progress) {
            Some(reply) => reply,
            None => return,
        },
    };
    send(reply);
}

/// Does an effect that has one answer; `None` for those that are not the backend's.
fn answer(effect: Effect, backend: &dyn Backend, progress: &dyn Progress) -> Option<Reply> {
    Some(match effect {
        Effect::Reload => Reply::Reloaded(current(backend)),
        Effect::LookElsewhere => {
            let elsewhere = backend.elsewhere();
            Reply::LookedElsewhere(Box::new((elsewhere, backend.about())))
        }
        Effect::Search { request, query } => {
            let catalogue = backend.catalogue();
            let result = catalogue.search(&query, SEARCH_LIMIT);
            Reply::Found { request, result, catalogue }
        }
        Effect::SortByName => {
            let catalogue = backend.catalogue();
            Reply::Sorted { rows: catalogue.by_name().into(), catalogue }
        }
        Effect::LoadSources => {
            let errors = backend.load_sources(progress);
            Reply::Loaded { offer: offer(backend), errors, has_more: backend.has_unloaded_sources() }
        }
        Effect::LookAtSources => Reply::Sources(backend.sources()),
        Effect::AskForUpgrades { request, names, from } => {
            let found = backend.upgrades(&names, from.as_deref(), progress);
            Reply::Upgrades { request, names, found }
        }
        Effect::ChangeSource(change) => {
            let offer = backend.change_source(&change).map(|()| offer(backend));
            let (sources, about) = (backend.sources(), backend.about());
            Reply::SourceChanged(Box::new(SourceChanged { change, offer, sources, about }))
        }
        Effect::FindPin(name) => {
            let found = backend.find_pin(&name, None, progress).map(Box::new);
            Reply::PinFound(name, found)
        }
        Effect::Look { request, package } => {
            let looked = backend.look(&package, progress);
            Reply::Looked { request, looked: looked.map(|(package, outputs)| Box::new(Looked { package, outputs })) }
        }
        Effect::Preview { request, transaction } => {
            let report = backend.preview(&transaction, progress).map(|preview| Box::new(Report::new(preview)));
            Reply::Previewed { request, report }
        }
        Effect::Explain { request, transaction } => {
            Reply::Explained { request, lines: backend.explain(&transaction, progress) }
        }
        Effect::WeighDeletion { request, deletions } => {
            Reply::DeletionWeighed { request, preview: backend.weigh_deletion(&deletions).map(Box::new) }
        }
        Effect::Files { request, of } => Reply::Files { request, tree: backend.files(&of, progress).map(Arc::new) },
        Effect::FetchForPreview { transaction } => {
            Reply::FetchedForPreview(backend.fetch_for_preview(&transaction, progress))
        }
        Effect::Apply { transaction } => Reply::Applied(backend.apply(&transaction, progress).map(Box::new)),
        Effect::Build { what, link } => {
            let result = backend.build(&what, Some(&link), progress).map(Box::new);
            Reply::Built { what, result }
        }
        Effect::RollBack { to } => Reply::RolledBack(backend.rollback(to)),
        Effect::Convert { to } => Reply::Converted(backend.convert(to, progress).map(Box::new)),
        Effect::Empty { transaction } => Reply::Emptied(backend.apply(&transaction, progress).map(Box::new)),
        Effect::Import { request, file } => {
            let read = backend.import(&file, progress).map(|imported| Box::new(Read::new(imported)));
            Reply::Imported { request, read }
        }
        Effect::Status { request, is_full } => {
            let status = if is_full { backend.status(progress) } else { backend.quick_status() };
            Reply::Status { request, is_full, status: status.map(Box::new) }
        }
        Effect::ForgetFile(file) => {
            let result = backend.forget_file(&file);
            Reply::Forgotten(file, result)
        }
        Effect::Export(wanted) => {
            let result = backend.export(&wanted, progress);
            Reply::Exported(wanted, result)
        }
        Effect::DeleteGenerations { numbers } => {
            let numbers: Vec<_> = numbers.into_iter().map(Deletion::Number).collect();
            Reply::Deleted(backend.delete_generations(&numbers))
        }

        // What has several answers, or none.
        Effect::WeighUpgrade { .. }
        | Effect::Weigh { .. }
        | Effect::Summarise { .. }
        | Effect::Compare { .. }
        | Effect::CompareFiles { .. }
        | Effect::Which { .. }
        | Effect::ReadFolder { .. }
        | Effect::Open
        | Effect::Cancel(_)
        | Effect::Remember(_)
        | Effect::Copy(_)
        | Effect::Redraw
        | Effect::Suspend
        | Effect::Quit => return None,
    })
}

fn compared(backend: &dyn Backend, request: u64, from: Option<u64>, to: u64) -> Reply {
    Reply::Compared { request, from, to, diff: backend.diff(from, to).map(Box::new) }
}

/// Passes the progress of long work on to the screen.
struct Listener<'a> {
    is_cancelled: &'a (dyn Fn() -> bool + Sync),
    tell: &'a (dyn Fn(Step) + Sync),
    hear: &'a (dyn Fn(&str) + Sync),
}

impl Progress for Listener<'_> {
    fn step(&self, step: Step) {
        (self.tell)(step);
    }

    fn line(&self, line: &str) {
        (self.hear)(line);
    }

    fn is_cancelled(&self) -> bool {
        (self.is_cancelled)()
    }
}
