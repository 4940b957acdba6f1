//! The places in which keys hold, and which of them hold together.

use super::app::{App, Pane, Phase, Screen};
use super::dialog::Dialog;

/// Where a key holds. A screen's keys are those of a chain of contexts, the most particular first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    Everywhere,
    /// All screens with lists.
    Lists,
    Panes,
    Installed,
    Available,
    Outputs,
    Search,
    /// Wherever staged changes are in sight.
    Staging,
    Plan,
    /// The plan in the words of Nix.
    Explanation,
    Collisions,
    /// What collisions and the help are filtered by.
    Filter,
    Generations,
    /// Everything that is known of a package.
    Details,
    Sources,
    /// What the sources offer in place of what is installed.
    Upgrades,
    /// The tree of files.
    Files,
    /// What files are filtered by.
    FileFilter,
    /// A command or file of which is told who has it.
    Which,
    /// What an environment file holds.
    Environment,
    /// Whether the profile agrees with its file.
    Drift,
    /// The works that run, and the log.
    Log,
    Help,
    /// The list of all commands.
    Palette,
    /// A question with yes and no.
    Question,
    /// A number that is asked for.
    Number,
    /// A source that is asked for.
    NewSource,
    /// A place for a link that is asked for.
    Link,
    /// Generations to delete that are asked for.
    Deletion,
    /// A file that is asked for.
    FilePrompt,
    /// How the profile is written as an environment file.
    Export,
    /// The profile could not be opened.
    Failed,
}

use Context::{
    Available, Collisions, Deletion, Details, Everywhere, Failed, FileFilter, Filter, Generations, Installed, Lists,
    NewSource, Number, Outputs, Panes, Plan, Question, Search, Sources, Staging,
};

impl Context {
    /// Every context, in the order of the `?` screen.
    pub const ALL: &[Self] = &[
        Panes,
        Installed,
        Available,
        Outputs,
        Search,
        Staging,
        Plan,
        Self::Explanation,
        Collisions,
        Filter,
        Details,
        Generations,
        Sources,
        Self::Upgrades,
        Self::Files,
        FileFilter,
        Self::Which,
        Self::Environment,
        Self::Drift,
        Self::Log,
        Lists,
        Self::Help,
        Self::Palette,
        Question,
        Number,
        NewSource,
        Self::Link,
        Deletion,
        Self::FilePrompt,
        Self::Export,
        Failed,
        Everywhere,
    ];

    /// The contexts whose keys hold in this one, the most particular first.
    pub fn chain(self) -> &'static [Self] {
        match self {
            Everywhere => &[Everywhere],
            Lists => &[Lists, Everywhere],
            Staging => &[Staging, Everywhere],
            Panes => &[Panes, Staging, Lists, Everywhere],
            Installed => &[Installed, Panes, Staging, Lists, Everywhere],
            Available => &[Available, Panes, Staging, Lists, Everywhere],
            Outputs => &[Outputs, Panes, Staging, Lists, Everywhere],
            Search => &[Search, Everywhere],
            Plan => &[Plan, Staging, Lists, Everywhere],
            Self::Explanation => &[Self::Explanation, Lists, Everywhere],
            Collisions => &[Collisions, Staging, Lists, Everywhere],
            Filter => &[Filter, Everywhere],
            Generations => &[Generations, Lists, Everywhere],
            Details => &[Details, Lists, Everywhere],
            Sources => &[Sources, Lists, Everywhere],
            Self::Upgrades => &[Self::Upgrades, Lists, Everywhere],
            Self::Files => &[Self::Files, Lists, Everywhere],
            FileFilter => &[FileFilter, Everywhere],
            Self::Which => &[Self::Which, Everywhere],
            Self::Environment => &[Self::Environment, Staging, Lists, Everywhere],
            Self::Drift => &[Self::Drift, Lists, Everywhere],
            Self::Log => &[Self::Log, Lists, Everywhere],
            Self::Help => &[Self::Help, Lists, Everywhere],
            Self::Palette => &[Self::Palette, Everywhere],
            Question => &[Question, Everywhere],
            Number => &[Number, Everywhere],
            NewSource => &[NewSource, Everywhere],
            Self::Link => &[Self::Link, Everywhere],
            Deletion => &[Deletion, Everywhere],
            Self::FilePrompt => &[Self::FilePrompt, Everywhere],
            Self::Export => &[Self::Export, Everywhere],
            Failed => &[Failed, Everywhere],
        }
    }

    /// Whether a letter is text here, so that it can be no key.
    pub fn types(self, letter: char) -> bool {
        match self {
            Search
            | Filter
            | FileFilter
            | NewSource
            | Self::Link
            | Deletion
            | Self::Palette
            | Self::FilePrompt
            | Self::Export => true,
            // A blank stages what is selected.
            Self::Which => letter != ' ',
            Number => letter.is_ascii_digit() || letter == '-',
            Everywhere
            | Lists
            | Staging
            | Panes
            | Installed
            | Available
            | Outputs
            | Plan
            | Self::Explanation
            | Collisions
            | Generations
            | Details
            | Sources
            | Self::Upgrades
            | Self::Files
            | Self::Environment
            | Self::Drift
            | Self::Log
            | Self::Help
            | Question
            | Failed => false,
        }
    }

    /// The heading under which its keys are explained.
    pub fn title(self) -> &'static str {
        match self {
            Everywhere => "Everywhere",
            Lists => "All lists",
            Panes => "The three panes",
            Installed => "Installed",
            Available => "Available",
            Outputs => "Outputs",
            Search => "Search box",
            Staging => "Staged changes",
            Plan => "Plan",
            Self::Explanation => "With Nix' own commands",
            Collisions => "Collisions",
            Filter => "Filter of the collisions and of the help",
            Generations => "Generations",
            Details => "Details of a package",
            Sources => "Sources",
            Self::Upgrades => "Upgrades",
            Self::Files => "Files",
            FileFilter => "Filter of the files",
            Self::Which => "Who provides it",
            Self::Environment => "Environment file",
            Self::Drift => "Profile and file",
            Self::Log => "Work and log",
            Self::Help => "Help",
            Self::Palette => "Command palette",
            Question => "Questions",
            Number => "Priority",
            NewSource => "New source",
            Self::Link => "Link to what is built",
            Deletion => "Generations to delete",
            Self::FilePrompt => "File to open",
            Self::Export => "Environment file to write",
            Failed => "When the profile cannot be opened",
        }
    }
}

impl App {
    /// Whose keys hold now.
    pub fn context(&self) -> Context {
        match &self.dialog {
            Some(Dialog::Question(_)) => Context::Question,
            Some(Dialog::Priority { .. }) => Context::Number,
            Some(Dialog::Source(_)) => Context::NewSource,
            Some(Dialog::Link { .. }) => Context::Link,
            Some(Dialog::Deletion(_)) => Context::Deletion,
            Some(Dialog::File(_)) => Context::FilePrompt,
            Some(Dialog::Export(_)) => Context::Export,
            Some(Dialog::Palette(_)) => Context::Palette,
            None => self.context_below(),
        }
    }

    /// Whose keys would hold if no dialog were open.
    pub fn context_below(&self) -> Context {
        match self.screen() {
            Some(Screen::Help) if self.help.is_typing => Context::Filter,
            Some(Screen::Help) => Context::Help,
            _ if matches!(self.phase, Phase::Failed(_)) => Context::Failed,
            Some(Screen::Plan) => Context::Plan,
            Some(Screen::Explanation) => Context::Explanation,
            Some(Screen::Collisions) if self.inspector.is_typing => Context::Filter,
            Some(Screen::Collisions) => Context::Collisions,
            Some(Screen::Generations) => Context::Generations,
            Some(Screen::Details) => Context::Details,
            Some(Screen::Sources) => Context::Sources,
            Some(Screen::Upgrades) => Context::Upgrades,
            Some(Screen::Files) if self.files.is_typing => Context::FileFilter,
            Some(Screen::Files) => Context::Files,
            Some(Screen::Which) => Context::Which,
            Some(Screen::Environment) => Context::Environment,
            Some(Screen::Drift) => Context::Drift,
            Some(Screen::Log) => Context::Log,
            None if self.is_searching => Context::Search,
            None => match self.focus {
                Pane::Installed => Context::Installed,
                Pane::Available => Context::Available,
                Pane::Outputs => Context::Outputs,
            },
        }
    }
}
