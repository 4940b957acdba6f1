//! What must be answered before anything else.

use super::deletion::Choice;
use super::export_form::ExportForm;
use super::file_prompt::FilePrompt;
use super::input::Input;
use super::work::Task;
use crate::loom::PinMove;
use crate::loom::ToBuild;
use crate::profile::ManifestKind;

/// Something that must be answered before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    Question(Question),
    /// A priority for a package.
    Priority {
        subject: String,
        input: Input,
    },
    /// A source, as `NAME=LOCATION`.
    Source(Input),
    /// Where the link to something goes that is built.
    Link {
        what: ToBuild,
        input: Input,
    },
    /// Which generations are deleted.
    Deletion(Choice),
    /// The path of an environment file.
    File(Box<FilePrompt>),
    /// How the profile is written as an environment file.
    Export(Box<ExportForm>),
    /// The list of all commands, and what it is narrowed by.
    Palette(Input),
}

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    ClearStaged,
    GoToGeneration(u64),
    /// Back from a generation to that from which it was made; `None`: to nothing.
    UndoGeneration {
        number: u64,
        to: Option<u64>,
    },
    Convert(ManifestKind),
    RemoveSource(String),
    /// Whether to hold a source at what was found.
    Pin(Box<PinMove>),
    Unpin(String),
    /// Whether the environment file takes the place of what is there.
    WriteOver(Box<ExportForm>),
    /// Whether the file in sight is written anew from the profile.
    RewriteFile,
    /// Whether to stop that work.
    Stop(Task),
    Quit,
}
