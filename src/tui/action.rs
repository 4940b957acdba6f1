//! What can happen to the screen: a key, the mouse, a new size, or the answer to an effect.

use crossterm::event::MouseEvent;

use super::effect::Reply;
use super::key::Key;

/// One thing that happened.
#[derive(Debug)]
pub enum Action {
    Key(Key),
    /// Text pasted by the terminal.
    Paste(String),
    Mouse(MouseEvent),
    /// New size in columns and rows.
    Resize(u16, u16),
    Reply(Reply),
}

/// Makes the enum and the list of all its variants, so that tests can ask whether each has a key.
macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What a key can ask for; which key asks for it is told by [`bindings`](super::bindings) alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command { $($(#[$doc])* $name),* }

        impl Command {
            /// Every command.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

commands! {
    /// Leaves at once, whatever runs or is staged.
    QuitNow,
    Suspend,
    Redraw,
    /// Shows everything in the next theme.
    NextTheme,
    /// One level back.
    Back,
    /// Closes a screen; in the panes, leaves.
    Quit,
    Help,
    Down,
    Up,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    Top,
    Bottom,
    NextPane,
    PreviousPane,
    FocusInstalled,
    FocusAvailable,
    FocusOutputs,
    /// The next order of the list.
    NextOrder,
    /// The pane with the focus, in columns.
    NarrowerPane,
    WiderPane,
    /// Everything that is known of the package.
    ShowDetails,
    Search,
    ToggleRemoval,
    ToggleInstall,
    ToggleOutput,
    /// Asks for a priority.
    Priority,
    ToggleActive,
    Undo,
    Redo,
    ClearStaged,
    StageSuggestion,
    ShowPlan,
    /// Shows the plan in the words of Nix.
    Explain,
    /// Hands what is selected to the terminal.
    Copy,
    /// Lists every command.
    Palette,
    ShowCollisions,
    ShowGenerations,
    ShowSources,
    /// Shows what the sources offer in place of what is installed.
    ShowUpgrades,
    /// Marks the selected upgrade, or takes its mark off.
    MarkUpgrade,
    /// Marks all that is to be taken.
    MarkAllUpgrades,
    /// Marks what would be left alone.
    MarkAnyway,
    /// Asks another source for the selected package.
    NextUpgradeSource,
    /// Stages what is marked.
    StageUpgrades,
    /// Asks the sources of what is installed again.
    AskSources,
    /// Shows the files of the selected package's outputs.
    ShowFiles,
    ShowProfileFiles,
    /// Shows whether the profile agrees with the file that it was made from or written to.
    ShowDrift,
    /// Asks the files of the profile what they say now.
    AskFile,
    NextFile,
    /// Stages what makes the profile as the file says.
    StageFile,
    /// Asks before the file is written anew from the profile.
    RewriteFile,
    ForgetFile,
    /// Asks who provides a command or a file.
    ShowWhich,
    /// The profile as it is, or as it would be.
    SwitchFiles,
    /// Unfolds all below the row, or folds it.
    UnfoldAll,
    /// Goes to the package of the selected answer.
    GoToPackage,
    RollBack,
    /// Reads the profile again.
    Reload,
    Unstage,
    NextSection,
    PreviousSection,
    Apply,
    /// Builds something to look at, and makes a link to it.
    BuildResult,
    NextKind,
    PreviousKind,
    /// Groups the collisions in another way.
    Regroup,
    Unfold,
    /// Folds the row, or goes to the one of which it is a part.
    Fold,
    /// Folds or unfolds the row, or goes on to what it leads to.
    ToggleFold,
    Filter,
    ToggleBlockingOnly,
    /// Stages the suggestion whose number the key is: the first of its keys is the first one's, and so on.
    StageNumbered,
    /// Fetches what is not known, for the preview alone.
    FetchUnknown,
    ScrollDetailDown,
    ScrollDetailUp,
    GoToGeneration,
    /// Marks a generation for a comparison of two.
    MarkGeneration,
    /// Back to the generation from which the current one was made.
    UndoGeneration,
    DeleteGeneration,
    /// Proposes the next rule of what is deleted.
    NextRule,
    Convert,
    /// Switches the selected source on or off.
    ToggleSource,
    /// Makes what was found a source.
    AddFound,
    /// Asks for a source.
    AddSource,
    MoveSourceUp,
    MoveSourceDown,
    RemoveSource,
    RereadSource,
    /// Finds the revision that the source has now, and asks whether to hold it there.
    PinSource,
    UnpinSource,
    Accept,
    DeleteLeft,
    DeleteRight,
    DeleteWord,
    DeleteLine,
    CursorLeft,
    CursorRight,
    CursorStart,
    CursorEnd,
    Yes,
    No,
    /// Puts a query that was kept before into the search box.
    OlderQuery,
    NewerQuery,
    /// Shows the works that run, and the log.
    ShowLog,
    NextWork,
    /// Asks the selected work to stop.
    StopWork,
    /// Asks for an environment file, and shows what it holds.
    OpenEnvironment,
    /// Stages what the file holds as one package.
    InstallWhole,
    /// Stages what the file holds package by package.
    TakeApart,
    RereadEnvironment,
    /// Completes the path as far as there is one way.
    CompletePath,
    /// Asks how the profile is written as an environment file.
    WriteEnvironment,
    NextField,
    PreviousField,
}
