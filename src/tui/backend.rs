//! What the screen asks of the program beneath it: the part of [`Loom`] that it uses, as a trait, so that tests can run
//! the screen over a backend in memory.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::catalogue::Catalogue;
use crate::env_file::{Nearby, nearby};
use crate::loom::{
    About, Applied, Built, Consequence, DeletionPreview, Elsewhere, ExplainedLine, ExportFile, Exported,
    FileComparison, FileTree, FilesError, FilesOf, Found, GenerationDiff, GenerationSummary, Imported, Loom, LoomError,
    OutputInfo, PinMove, Preview, Snapshot, SourceChange, SourcesView, Status, ToBuild, Upgrade, UpgradeWeight,
};
use crate::package::{EvaluationError, Package};
use crate::profile::{Change, Deletion, Generation, ManifestKind, Parent, Transaction};
use crate::progress::Progress;

/// See the methods of the same names of [`Loom`].
pub trait Backend: Send + Sync {
    fn about(&self) -> About;
    fn snapshot(&self) -> Result<Snapshot, LoomError>;
    fn catalogue(&self) -> Arc<Catalogue>;
    fn has_unloaded_sources(&self) -> bool;
    fn load_sources(&self, progress: &dyn Progress) -> Vec<EvaluationError>;
    fn package(
        &self,
        attribute: &str,
        source: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Option<Package>, EvaluationError>;
    fn look(&self, package: &Package, progress: &dyn Progress) -> Result<(Package, Vec<OutputInfo>), EvaluationError>;
    fn preview(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Preview, LoomError>;
    fn consequences(
        &self,
        staged: &Transaction,
        then: &[Transaction],
        progress: &dyn Progress,
        tell: &dyn Fn(usize, Result<Consequence, LoomError>),
    ) -> Result<(), LoomError>;
    fn explain(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Vec<ExplainedLine>, LoomError>;
    fn compare_files(&self, left: &[u8], right: &[u8], is_wanted: &dyn Fn() -> bool) -> FileComparison;
    fn fetch_for_preview(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<(), LoomError>;
    fn apply(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Applied, LoomError>;
    fn build(&self, what: &ToBuild, link: Option<&Path>, progress: &dyn Progress) -> Result<Built, LoomError>;
    fn generations(&self) -> Result<Vec<Generation>, LoomError>;
    fn diff(&self, from: Option<u64>, to: u64) -> Result<GenerationDiff, LoomError>;
    fn rollback(&self, to: Option<u64>) -> Result<u64, LoomError>;
    /// What time it is.
    fn now(&self) -> SystemTime;
    fn parents(&self, generations: &[Generation]) -> Vec<Parent>;
    fn summarise(&self, tell: &dyn Fn(GenerationSummary), progress: &dyn Progress) -> Result<(), LoomError>;
    fn weigh_deletion(&self, deletions: &[Deletion]) -> Result<DeletionPreview, LoomError>;
    fn delete_generations(&self, deletions: &[Deletion]) -> Result<Vec<u64>, LoomError>;
    fn convert(&self, to: ManifestKind, progress: &dyn Progress) -> Result<Applied, LoomError>;
    fn sources(&self) -> SourcesView;
    fn upgrades(
        &self,
        names: &[String],
        from: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<Upgrade>, LoomError>;
    fn weigh_upgrade(&self, change: &Change, progress: &dyn Progress) -> Result<UpgradeWeight, LoomError>;
    fn change_source(&self, change: &SourceChange) -> Result<(), LoomError>;
    fn find_pin(&self, name: &str, wanted: Option<&str>, progress: &dyn Progress) -> Result<PinMove, LoomError>;
    fn files(&self, of: &FilesOf, progress: &dyn Progress) -> Result<FileTree, FilesError>;
    fn seek(&self, question: &str, progress: &dyn Progress, tell: &dyn Fn(&Found)) -> Result<Found, LoomError>;
    fn import(&self, file: &Path, progress: &dyn Progress) -> Result<Imported, LoomError>;
    /// Which environment files a folder has.
    fn folder(&self, folder: &Path, is_wanted: &dyn Fn() -> bool) -> io::Result<Vec<Nearby>> {
        nearby(folder, is_wanted)
    }
    fn export(&self, wanted: &ExportFile, progress: &dyn Progress) -> Result<Exported, LoomError>;
    fn quick_status(&self) -> Result<Status, LoomError>;
    fn status(&self, progress: &dyn Progress) -> Result<Status, LoomError>;
    fn forget_file(&self, file: &Path) -> Result<(), LoomError>;
    /// Nothing, for a backend that has only itself.
    fn elsewhere(&self) -> Elsewhere {
        Elsewhere::default()
    }
}

impl Backend for Loom {
    fn about(&self) -> About {
        Self::about(self)
    }
    fn snapshot(&self) -> Result<Snapshot, LoomError> {
        Self::snapshot(self)
    }
    fn catalogue(&self) -> Arc<Catalogue> {
        Self::catalogue(self)
    }
    fn has_unloaded_sources(&self) -> bool {
        Self::has_unloaded_sources(self)
    }
    fn load_sources(&self, progress: &dyn Progress) -> Vec<EvaluationError> {
        Self::load_sources(self, progress)
    }
    fn package(
        &self,
        attribute: &str,
        source: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Option<Package>, EvaluationError> {
        self.package(attribute, source, progress)
    }
    fn look(&self, package: &Package, progress: &dyn Progress) -> Result<(Package, Vec<OutputInfo>), EvaluationError> {
        Self::look(self, package, progress)
    }
    fn preview(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Preview, LoomError> {
        Self::preview(self, transaction, progress)
    }
    fn consequences(
        &self,
        staged: &Transaction,
        then: &[Transaction],
        progress: &dyn Progress,
        tell: &dyn Fn(usize, Result<Consequence, LoomError>),
    ) -> Result<(), LoomError> {
        Self::consequences(self, staged, then, progress, tell)
    }
    fn explain(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Vec<ExplainedLine>, LoomError> {
        Self::explain(self, transaction, progress)
    }
    fn compare_files(&self, left: &[u8], right: &[u8], is_wanted: &dyn Fn() -> bool) -> FileComparison {
        Self::compare_files(self, left, right, is_wanted)
    }
    fn fetch_for_preview(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<(), LoomError> {
        Self::fetch_for_preview(self, transaction, progress)
    }
    fn apply(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Applied, LoomError> {
        Self::apply(self, transaction, progress)
    }
    fn build(&self, what: &ToBuild, link: Option<&Path>, progress: &dyn Progress) -> Result<Built, LoomError> {
        Self::build(self, what, link, progress)
    }
    fn generations(&self) -> Result<Vec<Generation>, LoomError> {
        Self::generations(self)
    }
    fn diff(&self, from: Option<u64>, to: u64) -> Result<GenerationDiff, LoomError> {
        Self::diff(self, from, to)
    }
    fn rollback(&self, to: Option<u64>) -> Result<u64, LoomError> {
        Self::rollback(self, to)
    }
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
    fn parents(&self, generations: &[Generation]) -> Vec<Parent> {
        Self::parents(self, generations)
    }
    fn summarise(&self, tell: &dyn Fn(GenerationSummary), progress: &dyn Progress) -> Result<(), LoomError> {
        Self::summarise(self, tell, progress)
    }
    fn weigh_deletion(&self, deletions: &[Deletion]) -> Result<DeletionPreview, LoomError> {
        Self::weigh_deletion(self, deletions)
    }
    fn delete_generations(&self, deletions: &[Deletion]) -> Result<Vec<u64>, LoomError> {
        Self::delete_generations(self, deletions)
    }
    fn upgrades(
        &self,
        names: &[String],
        from: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<Upgrade>, LoomError> {
        Self::upgrades(self, names, from, progress)
    }
    fn weigh_upgrade(&self, change: &Change, progress: &dyn Progress) -> Result<UpgradeWeight, LoomError> {
        Self::weigh_upgrade(self, change, progress)
    }
    fn sources(&self) -> SourcesView {
        Self::sources(self)
    }
    fn change_source(&self, change: &SourceChange) -> Result<(), LoomError> {
        Self::change_source(self, change)
    }
    fn find_pin(&self, name: &str, wanted: Option<&str>, progress: &dyn Progress) -> Result<PinMove, LoomError> {
        Self::find_pin(self, name, wanted, progress)
    }
    fn convert(&self, to: ManifestKind, progress: &dyn Progress) -> Result<Applied, LoomError> {
        Self::convert(self, to, progress)
    }
    fn files(&self, of: &FilesOf, progress: &dyn Progress) -> Result<FileTree, FilesError> {
        Self::files(self, of, progress)
    }
    fn seek(&self, question: &str, progress: &dyn Progress, tell: &dyn Fn(&Found)) -> Result<Found, LoomError> {
        Self::seek(self, question, progress, tell)
    }
    fn import(&self, file: &Path, progress: &dyn Progress) -> Result<Imported, LoomError> {
        Self::import(self, file, progress)
    }
    fn export(&self, wanted: &ExportFile, progress: &dyn Progress) -> Result<Exported, LoomError> {
        Self::export(self, wanted, progress)
    }
    fn quick_status(&self) -> Result<Status, LoomError> {
        Self::quick_status(self)
    }
    fn status(&self, progress: &dyn Progress) -> Result<Status, LoomError> {
        Self::status(self, progress)
    }
    fn forget_file(&self, file: &Path) -> Result<(), LoomError> {
        Self::forget_file(self, file)
    }
    fn elsewhere(&self) -> Elsewhere {
        Self::elsewhere(self)
    }
}
