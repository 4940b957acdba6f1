//! What writing a file anew from the profile would make of it.

use super::memory::text;
use crate::env_file::{self, Format};
use crate::loom::compare::{DiffLine, lines};
use crate::loom::{Export, ExportFile, Loom};
use crate::profile::{Element, RememberedFile};
use crate::progress::Progress;

/// A file that was written from the profile, and what it would become if it were written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewriting {
    pub wanted: ExportFile,
    /// From the text that is there to that which would be; a long one is cut.
    pub difference: Vec<DiffLine>,
}

impl Loom {
    /// `None` for a file that was not written from the profile, or if nothing of what it was made of is installed.
    pub(super) fn rewriting(
        &self,
        file: &RememberedFile,
        elements: &[Element],
        progress: &dyn Progress,
    ) -> Option<Rewriting> {
        let written = file.written.as_ref()?;
        let format = *Format::ALL.iter().find(|format| format.name() == written.format)?;
        let is_installed = |name: &&String| elements.iter().any(|element| element.name == **name);
        let chosen: Vec<String> = written.elements.iter().filter(is_installed).cloned().collect();
        if chosen.is_empty() && !written.elements.is_empty() {
            return None;
        }
        let export = Export { name: written.name.clone(), elements: chosen, is_unpinned: written.is_unpinned };
        let would_be = env_file::text(&self.env_file(&export, progress).ok()?, format);
        let is_there = text(&file.path).unwrap_or_default();
        let difference = lines(&is_there, would_be.as_bytes());
        let wanted = ExportFile { export, format, out: file.path.clone(), is_over: true };
        Some(Rewriting { wanted, difference })
    }
}
