//! The JSON that the commands print. Scripts rely on names and order: both are part of the program's promise.
//!
//! Paths and names that are no UTF-8 are given with `\xNN` in place of each such byte.

mod compared;
mod found;
mod imported;
mod package;
mod plan;
mod profile;
mod source;
mod status;
mod upgrade;

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::safe;

pub(super) use self::compared::ComparedDocument;
pub(super) use self::found::{FileDocument, FindingDocument, ProviderDocument};
pub(super) use self::imported::ImportedDocument;
pub(super) use self::package::{ElementDocument, HitDocument, PackageDocument, presence};
pub(super) use self::plan::{AppliedDocument, BuiltDocument, PlanDocument, PreviewDocument};
pub(super) use self::profile::{
    ConvertedDocument, DeletedDocument, DeletionDocument, DiffDocument, GenerationDocument, RollbackDocument,
    UndoneDocument,
};
pub(super) use self::source::{PinMoveDocument, SourceDocument};
pub(super) use self::status::StatusDocument;
pub(super) use self::upgrade::{UpgradeDocument, UpgradesDocument};

fn path_text(path: &Path) -> String {
    safe::json(path.as_os_str().as_bytes())
}
