//! The one table of keys, as it is if the user sets none. Dispatch, the hint line and the `?` screen read it as
//! [`Bindings`](super::bindings::Bindings), with the user's own keys in it; the README's table is made from it.

use std::borrow::Cow;
use std::fmt::Write as _;

use crossterm::event::KeyCode;

use super::action::Command;
use super::bindings::name_of;
use super::context::Context::{
    self, Available, Collisions, Deletion, Details, Everywhere, Failed, FileFilter, Filter, Generations, Installed,
    Lists, NewSource, Number, Outputs, Panes, Plan, Question, Search, Sources, Staging,
};
use super::key::Key;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The first is told in the hint line; none if the user took them away.
    pub keys: Cow<'static, [Key]>,
    pub command: Command,
    pub context: Context,
    /// What it does, in one line.
    pub help: &'static str,
    /// The word in the hint line; empty if it is not shown there.
    pub hint: &'static str,
}

const fn bind(
    context: Context,
    keys: &'static [Key],
    command: Command,
    hint: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys: Cow::Borrowed(keys), command, context, help, hint }
}

const ENTER: Key = Key::code(KeyCode::Enter);
const ESC: Key = Key::code(KeyCode::Esc);
const TAB: Key = Key::code(KeyCode::Tab);
const BACK_TAB: Key = Key::code(KeyCode::BackTab);
const UP: Key = Key::code(KeyCode::Up);
const DOWN: Key = Key::code(KeyCode::Down);
const LEFT: Key = Key::code(KeyCode::Left);
const RIGHT: Key = Key::code(KeyCode::Right);
const PAGE_UP: Key = Key::code(KeyCode::PageUp);
const PAGE_DOWN: Key = Key::code(KeyCode::PageDown);
const HOME: Key = Key::code(KeyCode::Home);
const END: Key = Key::code(KeyCode::End);
const BACKSPACE: Key = Key::code(KeyCode::Backspace);
const DELETE: Key = Key::code(KeyCode::Delete);
const SPACE: Key = Key::letter(' ');
#[rustfmt::skip]
const DIGITS: &[Key] = &[
    Key::letter('1'), Key::letter('2'), Key::letter('3'), Key::letter('4'), Key::letter('5'),
    Key::letter('6'), Key::letter('7'), Key::letter('8'), Key::letter('9'),
];

/// The table; within one context in the order of the hint line and the `?` screen.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    bind(Installed, &[SPACE], Command::ToggleRemoval, "remove", "stage the removal of the package, or take it back"),

    bind(Available, &[SPACE], Command::ToggleInstall, "install", "stage the installation of the package, or take it back"),

    bind(Outputs, &[SPACE], Command::ToggleOutput, "tick", "tick the output, or take the tick off"),

    bind(Panes, &[ENTER], Command::ShowPlan, "plan", "show the plan of the staged changes in full"),
    bind(Panes, &[Key::letter('o'), Key::letter('3')], Command::FocusOutputs, "outputs", "to the outputs of the selected package"),
    bind(Panes, &[Key::letter('/')], Command::Search, "search", "search what is available"),
    bind(Panes, &[Key::letter('c')], Command::ShowCollisions, "collisions", "show every collision, with its winner and the reason"),
    bind(Panes, &[Key::letter('d')], Command::ShowDetails, "details", "show everything that is known of the package"),
    bind(Panes, &[Key::letter('p')], Command::Priority, "priority", "set the priority of the package: a lower number wins"),
    bind(Panes, &[Key::letter('a')], Command::ToggleActive, "active", "switch an installed package on or off without removing it"),
    bind(Panes, &[Key::letter('H')], Command::ShowGenerations, "history", "show the history: all generations"),
    bind(Panes, &[Key::letter('S')], Command::ShowSources, "sources", "show the sources, and what on this machine could be one"),
    bind(Panes, &[Key::letter('n')], Command::ShowUpgrades, "newer", "show what is newer than what is installed, to be marked and staged"),
    bind(Panes, &[Key::letter('f')], Command::ShowFiles, "files", "show the files of the package's outputs"),
    bind(Panes, &[Key::letter('F')], Command::ShowProfileFiles, "", "show all files of the profile, and who provides each"),
    bind(Panes, &[Key::letter('w')], Command::ShowWhich, "who has", "find out who provides a command or a file"),
    bind(Panes, &[Key::letter('E')], Command::OpenEnvironment, "file", "open an environment file: what it holds, and what it would change"),
    bind(Panes, &[Key::letter('W')], Command::WriteEnvironment, "", "write the profile, or a part of it, as an environment file"),
    bind(Panes, &[Key::letter('=')], Command::ShowDrift, "", "show whether the profile agrees with the file that it was made from or written to"),
    bind(Panes, &[Key::letter('R')], Command::RollBack, "roll back", "roll back to the generation before"),
    bind(Panes, &[Key::letter('C')], Command::Convert, "", "make the profile one of nix-env, or one of nix profile"),
    bind(Panes, &[TAB, Key::letter('l'), RIGHT], Command::NextPane, "", "next pane"),
    bind(Panes, &[BACK_TAB, Key::letter('h'), LEFT], Command::PreviousPane, "", "pane before"),
    bind(Panes, &[Key::letter('1'), Key::letter('i')], Command::FocusInstalled, "", "to the installed packages"),
    bind(Panes, &[Key::letter('2')], Command::FocusAvailable, "", "to the available packages"),
    bind(Panes, &[Key::letter('O')], Command::NextOrder, "", "sort the list in the next order"),
    bind(Panes, &[Key::letter('<')], Command::NarrowerPane, "", "make the pane narrower"),
    bind(Panes, &[Key::letter('>')], Command::WiderPane, "", "make the pane wider"),
    bind(Panes, &[Key::letter('r')], Command::Reload, "", "read the profile again"),
    bind(Panes, &[Key::letter('t')], Command::NextTheme, "", "show everything in the next theme"),

    bind(Search, &[ENTER, TAB], Command::Accept, "keep the query", "leave the box and keep the query"),
    bind(Search, &[ESC], Command::Back, "clear", "clear the query; an empty box is left"),
    bind(Search, &[UP, Key::ctrl('p')], Command::Up, "above", "row above in the results"),
    bind(Search, &[DOWN, Key::ctrl('n')], Command::Down, "below", "row below in the results"),
    bind(Search, &[PAGE_UP], Command::PageUp, "", "page up in the results"),
    bind(Search, &[PAGE_DOWN], Command::PageDown, "", "page down in the results"),
    bind(Search, &[Key::alt('p'), Key::with_ctrl(KeyCode::Up)], Command::OlderQuery, "older", "the query that was kept before"),
    bind(Search, &[Key::alt('n'), Key::with_ctrl(KeyCode::Down)], Command::NewerQuery, "", "the query after that; in the end what was typed"),
    bind(Search, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(Search, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(Search, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Search, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Search, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Search, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Search, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Search, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Plan, &[ENTER], Command::Apply, "apply", "apply the plan: make the new generation"),
    bind(Plan, &[SPACE], Command::Unstage, "unstage", "take the selected change back"),
    bind(Plan, &[Key::letter('c')], Command::ShowCollisions, "collisions", "show every collision, with its winner and the reason"),
    bind(Plan, &[TAB, Key::letter('l'), RIGHT], Command::NextSection, "next section", "to the next section"),
    bind(Plan, &[BACK_TAB, Key::letter('h'), LEFT], Command::PreviousSection, "", "to the section before"),
    bind(Plan, &[Key::letter('x')], Command::Explain, "in Nix", "show the commands of Nix that would come to the same"),
    bind(Plan, &[Key::letter('b')], Command::BuildResult, "build", "build it without touching the profile, and make a link to it"),
    bind(Plan, &[Key::letter('f')], Command::ShowFiles, "", "show the files as they would be, or of what was built"),

    bind(Context::Explanation, &[Key::letter('y')], Command::Copy, "copy", "copy all of it, if the terminal can"),

    bind(Collisions, &[ENTER], Command::ToggleFold, "open", "unfold or fold the row; once nothing blocks, on to the plan"),
    bind(Collisions, &[Key::letter('l'), RIGHT], Command::Unfold, "", "unfold the pair or the directory"),
    bind(Collisions, &[Key::letter('h'), LEFT], Command::Fold, "", "fold it, or go to what the row is a part of"),
    bind(Collisions, &[Key::letter('s')], Command::StageSuggestion, "settle", "stage the first change that would settle what is selected"),
    bind(Collisions, DIGITS, Command::StageNumbered, "", "stage the change of that number"),
    bind(Collisions, &[TAB], Command::Regroup, "regroup", "group by pairs of packages, or list by path"),
    bind(Collisions, &[Key::letter('/')], Command::Filter, "filter", "show only paths and packages with some text"),
    bind(Collisions, &[Key::letter('b')], Command::ToggleBlockingOnly, "blocking", "show only what blocks, or all"),
    bind(Collisions, &[Key::letter('t')], Command::NextKind, "kind", "show the next kind of collisions"),
    bind(Collisions, &[Key::letter('T')], Command::PreviousKind, "", "show the kind before"),
    bind(Collisions, &[Key::letter('J')], Command::ScrollDetailDown, "scroll", "scroll what is told of the selected row down"),
    bind(Collisions, &[Key::letter('K')], Command::ScrollDetailUp, "", "scroll it up"),
    bind(Collisions, &[Key::letter('f')], Command::FetchUnknown, "fetch", "fetch what is not known, for the preview alone"),

    bind(Filter, &[ENTER, TAB], Command::Accept, "keep the filter", "leave the line and keep the filter"),
    bind(Filter, &[ESC], Command::Back, "clear", "clear the filter"),
    bind(Filter, &[UP, Key::ctrl('p')], Command::Up, "above", "row above"),
    bind(Filter, &[DOWN, Key::ctrl('n')], Command::Down, "below", "row below"),
    bind(Filter, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(Filter, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(Filter, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Filter, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Filter, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Filter, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Filter, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Filter, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Generations, &[ENTER], Command::GoToGeneration, "go there", "make the selected generation the current one"),
    bind(Generations, &[SPACE], Command::MarkGeneration, "mark", "mark the generation, or take its mark off; two that are marked are compared"),
    bind(Generations, &[Key::letter('u')], Command::UndoGeneration, "undo", "undo the current generation: back to the one from which it was made"),
    bind(Generations, &[Key::letter('R')], Command::RollBack, "roll back", "roll back to the generation before"),
    bind(Generations, &[Key::letter('D'), DELETE], Command::DeleteGeneration, "delete", "delete the selected generation, or some by a rule; never the current one"),
    bind(Generations, &[TAB], Command::NextSection, "sections", "to the packages, then the commands, then the files that differ"),
    bind(Generations, &[BACK_TAB], Command::PreviousSection, "", "to the section before"),
    bind(Generations, &[Key::letter('l'), RIGHT], Command::NextPane, "", "to the details of the generation"),
    bind(Generations, &[Key::letter('h'), LEFT], Command::PreviousPane, "", "back to the generations"),
    bind(Generations, &[Key::letter('J')], Command::ScrollDetailDown, "", "scroll the details down"),
    bind(Generations, &[Key::letter('K')], Command::ScrollDetailUp, "", "scroll them up"),
    bind(Generations, &[Key::letter('f')], Command::ShowFiles, "files", "show all files of the generation, and who provides each"),
    bind(Generations, &[Key::letter('r')], Command::Reload, "", "read the profile again"),

    bind(Details, &[Key::letter('d'), ENTER], Command::Quit, "close", "close the details"),

    bind(Sources, &[SPACE], Command::ToggleSource, "on/off", "switch the source on or off"),
    bind(Sources, &[ENTER], Command::AddFound, "add", "make what was found a source, listed in the way of the row"),
    bind(Sources, &[Key::letter('a')], Command::AddSource, "new", "add a source that you name"),
    bind(Sources, &[Key::letter('K')], Command::MoveSourceUp, "up", "move the source up: of equals the upper one comes first"),
    bind(Sources, &[Key::letter('J')], Command::MoveSourceDown, "down", "move the source down"),
    bind(Sources, &[Key::letter('r')], Command::RereadSource, "read again", "read the source again"),
    bind(Sources, &[Key::letter('p')], Command::PinSource, "pin", "hold the source at the revision that it has now, or move its pin there"),
    bind(Sources, &[Key::letter('P')], Command::UnpinSource, "unpin", "let the source follow its location again"),
    bind(Sources, &[Key::letter('D'), DELETE], Command::RemoveSource, "remove", "remove the source; nothing that is installed changes"),

    bind(Context::Upgrades, &[SPACE], Command::MarkUpgrade, "mark", "mark the upgrade, or take its mark off"),
    bind(Context::Upgrades, &[Key::letter('a')], Command::MarkAllUpgrades, "all", "mark all that is to be taken, or take all marks off"),
    bind(Context::Upgrades, &[ENTER], Command::StageUpgrades, "stage", "stage what is marked, or else the selected upgrade, and show the plan"),
    bind(Context::Upgrades, &[Key::letter('s')], Command::NextUpgradeSource, "source", "ask another source for the package: each in turn, then its own again"),
    bind(Context::Upgrades, &[Key::letter('!')], Command::MarkAnyway, "anyway", "mark what would be left alone: another project of the name, or an older version"),
    bind(Context::Upgrades, &[Key::letter('r')], Command::AskSources, "ask again", "ask the sources again"),

    bind(Context::Files, &[ENTER], Command::ToggleFold, "open", "unfold or fold the directory"),
    bind(Context::Files, &[Key::letter('l'), RIGHT], Command::Unfold, "", "unfold the directory"),
    bind(Context::Files, &[Key::letter('h'), LEFT], Command::Fold, "", "fold it, or go to the directory that the row is in"),
    bind(Context::Files, &[Key::letter('e'), Key::letter('*')], Command::UnfoldAll, "all below", "unfold everything below the row, or fold it"),
    bind(Context::Files, &[Key::letter('/')], Command::Filter, "filter", "show only paths that hold some words"),
    bind(Context::Files, &[TAB], Command::SwitchFiles, "now/then", "show the profile as it is, or as it would be with what is staged"),
    bind(Context::Files, &[Key::letter('w')], Command::ShowWhich, "who has", "find out who provides a command or a file"),
    bind(Context::Files, &[Key::letter('J')], Command::ScrollDetailDown, "scroll", "scroll what is told of the selected row down"),
    bind(Context::Files, &[Key::letter('K')], Command::ScrollDetailUp, "", "scroll it up"),

    bind(FileFilter, &[ENTER, TAB], Command::Accept, "keep the filter", "leave the line and keep the filter"),
    bind(FileFilter, &[ESC], Command::Back, "clear", "clear the filter"),
    bind(FileFilter, &[UP, Key::ctrl('p')], Command::Up, "above", "row above"),
    bind(FileFilter, &[DOWN, Key::ctrl('n')], Command::Down, "below", "row below"),
    bind(FileFilter, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(FileFilter, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(FileFilter, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(FileFilter, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(FileFilter, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(FileFilter, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(FileFilter, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(FileFilter, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Context::Which, &[SPACE], Command::ToggleInstall, "install", "stage the installation of what has the file, or take it back"),
    bind(Context::Which, &[ENTER], Command::GoToPackage, "go to it", "go to the package, installed or available"),
    bind(Context::Which, &[ESC], Command::Back, "back", "clear the line; an empty one closes the screen"),
    bind(Context::Which, &[UP, Key::ctrl('p')], Command::Up, "above", "answer above"),
    bind(Context::Which, &[DOWN, Key::ctrl('n')], Command::Down, "below", "answer below"),
    bind(Context::Which, &[PAGE_UP], Command::PageUp, "", "page up in the answers"),
    bind(Context::Which, &[PAGE_DOWN], Command::PageDown, "", "page down in the answers"),
    bind(Context::Which, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(Context::Which, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(Context::Which, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Context::Which, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Context::Which, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Context::Which, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Context::Which, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Context::Which, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Context::Environment, &[ENTER], Command::InstallWhole, "install", "stage what the file holds as one package, and show the plan"),
    bind(Context::Environment, &[Key::letter('a')], Command::TakeApart, "apart", "stage its packages one by one, and show the plan"),
    bind(Context::Environment, &[Key::letter('b')], Command::BuildResult, "build", "build the file without touching the profile, and make a link to it"),
    bind(Context::Environment, &[Key::letter('c')], Command::ShowCollisions, "its collisions", "show the collisions within the file, under its own rules"),
    bind(Context::Environment, &[Key::letter('f')], Command::ShowFiles, "its files", "show the files of the environment that it is by itself"),
    bind(Context::Environment, &[Key::letter('r')], Command::RereadEnvironment, "read again", "read the file again, as it is now"),
    bind(Context::Environment, &[Key::letter('E')], Command::OpenEnvironment, "other file", "open another file"),
    bind(Context::Environment, &[Key::letter('J')], Command::ScrollDetailDown, "", "scroll what is told of the file down"),
    bind(Context::Environment, &[Key::letter('K')], Command::ScrollDetailUp, "", "scroll it up"),

    bind(Context::Log, &[Key::letter('x')], Command::StopWork, "stop", "ask the selected work to stop"),
    bind(Context::Log, &[TAB], Command::NextWork, "next work", "select the next of the works that run"),

    bind(Context::Drift, &[ENTER], Command::StageFile, "stage", "stage what makes the profile as the file says"),
    bind(Context::Drift, &[Key::letter('W')], Command::RewriteFile, "write anew", "write the file anew from the profile, after a question"),
    bind(Context::Drift, &[TAB], Command::NextFile, "next file", "show the next file of the profile"),
    bind(Context::Drift, &[Key::letter('r')], Command::AskFile, "ask again", "ask the files again what they say now"),
    bind(Context::Drift, &[Key::letter('D'), DELETE], Command::ForgetFile, "forget", "forget that the file belongs to the profile; the file stays"),

    bind(Staging, &[Key::letter('s')], Command::StageSuggestion, "settle", "stage the change that would settle the collisions"),
    bind(Staging, &[Key::letter('u')], Command::Undo, "undo", "undo the last staged change"),
    bind(Staging, &[Key::letter('U'), Key::ctrl('r')], Command::Redo, "", "redo what was undone"),
    bind(Staging, &[Key::letter('X')], Command::ClearStaged, "", "drop all staged changes"),

    bind(Context::Help, &[Key::letter('/')], Command::Filter, "search", "show only the keys with some words"),
    bind(Context::Help, &[ENTER], Command::Back, "close", "close the help"),

    bind(Context::Palette, &[ENTER], Command::Accept, "do it", "do the selected command, or go to where it is done"),
    bind(Context::Palette, &[ESC], Command::Back, "close", "close the palette"),
    bind(Context::Palette, &[UP, Key::ctrl('p')], Command::Up, "above", "command above"),
    bind(Context::Palette, &[DOWN, Key::ctrl('n')], Command::Down, "below", "command below"),
    bind(Context::Palette, &[PAGE_UP], Command::PageUp, "", "page up"),
    bind(Context::Palette, &[PAGE_DOWN], Command::PageDown, "", "page down"),
    bind(Context::Palette, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(Context::Palette, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(Context::Palette, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Context::Palette, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Context::Palette, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Context::Palette, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Context::Palette, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Context::Palette, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Lists, &[Key::letter('j'), DOWN], Command::Down, "", "row below"),
    bind(Lists, &[Key::letter('k'), UP], Command::Up, "", "row above"),
    bind(Lists, &[Key::ctrl('d')], Command::HalfPageDown, "", "half a page down"),
    bind(Lists, &[Key::ctrl('u')], Command::HalfPageUp, "", "half a page up"),
    bind(Lists, &[PAGE_DOWN, Key::ctrl('f')], Command::PageDown, "", "page down"),
    bind(Lists, &[PAGE_UP, Key::ctrl('b')], Command::PageUp, "", "page up"),
    bind(Lists, &[Key::letter('g'), HOME], Command::Top, "", "first row"),
    bind(Lists, &[Key::letter('G'), END], Command::Bottom, "", "last row"),
    bind(Lists, &[Key::letter('L')], Command::ShowLog, "", "show the works that run, and the log with every error and what Nix said"),
    bind(Lists, &[Key::letter('y')], Command::Copy, "", "copy what stands for the selected row: a path, or else a name"),
    bind(Lists, &[Key::letter(':')], Command::Palette, "commands", "list every command by name, and do one"),
    bind(Lists, &[Key::letter('?')], Command::Help, "help", "show all keys"),
    bind(Lists, &[Key::letter('q')], Command::Quit, "quit", "close this screen; in the panes, quit"),

    bind(Question, &[Key::letter('y'), Key::letter('Y'), ENTER], Command::Yes, "yes", "yes"),
    bind(Question, &[Key::letter('n'), Key::letter('N'), Key::letter('q')], Command::No, "no", "no"),

    bind(Number, &[ENTER], Command::Accept, "set", "set it"),
    bind(Number, &[UP, Key::letter('+'), Key::letter('k')], Command::Up, "one more", "one more"),
    bind(Number, &[DOWN, Key::letter('j')], Command::Down, "one less", "one less"),
    bind(Number, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the digit before the cursor"),
    bind(Number, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything"),

    bind(NewSource, &[ENTER], Command::Accept, "add", "add it"),
    bind(NewSource, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(NewSource, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(NewSource, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(NewSource, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(NewSource, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(NewSource, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(NewSource, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(NewSource, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Context::Link, &[ENTER], Command::Accept, "build", "build it, and make the link"),
    bind(Context::Link, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(Context::Link, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(Context::Link, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Context::Link, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Context::Link, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Context::Link, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Context::Link, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Context::Link, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Deletion, &[ENTER], Command::Accept, "delete", "delete exactly those that are listed"),
    bind(Deletion, &[TAB], Command::NextRule, "rules", "propose the next rule: the selected one, all old ones, those of 30 days, all but 5"),
    bind(Deletion, &[DOWN, Key::ctrl('n')], Command::Down, "", "scroll what would go down"),
    bind(Deletion, &[UP, Key::ctrl('p')], Command::Up, "", "scroll it up"),
    bind(Deletion, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(Deletion, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(Deletion, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Deletion, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Deletion, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Deletion, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Deletion, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Deletion, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Context::FilePrompt, &[ENTER], Command::Accept, "open", "open the file, or go into the folder"),
    bind(Context::FilePrompt, &[TAB], Command::CompletePath, "complete", "complete the path; where there are several ways, the next one"),
    bind(Context::FilePrompt, &[UP, Key::ctrl('p')], Command::Up, "", "file above"),
    bind(Context::FilePrompt, &[DOWN, Key::ctrl('n')], Command::Down, "below", "file below"),
    bind(Context::FilePrompt, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left"),
    bind(Context::FilePrompt, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right"),
    bind(Context::FilePrompt, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Context::FilePrompt, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Context::FilePrompt, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Context::FilePrompt, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Context::FilePrompt, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Context::FilePrompt, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Context::Export, &[ENTER], Command::Accept, "write", "write the file"),
    bind(Context::Export, &[TAB, DOWN, Key::ctrl('n')], Command::NextField, "next field", "to the next field"),
    bind(Context::Export, &[BACK_TAB, UP, Key::ctrl('p')], Command::PreviousField, "", "to the field before"),
    bind(Context::Export, &[LEFT, Key::ctrl('b')], Command::CursorLeft, "", "cursor left; of what is chosen, the one before"),
    bind(Context::Export, &[RIGHT, Key::ctrl('f')], Command::CursorRight, "", "cursor right; of what is chosen, the next one"),
    bind(Context::Export, &[HOME, Key::ctrl('a')], Command::CursorStart, "", "cursor to the start"),
    bind(Context::Export, &[END, Key::ctrl('e')], Command::CursorEnd, "", "cursor to the end"),
    bind(Context::Export, &[BACKSPACE, Key::ctrl('h')], Command::DeleteLeft, "", "delete the letter before the cursor"),
    bind(Context::Export, &[DELETE], Command::DeleteRight, "", "delete the letter under the cursor"),
    bind(Context::Export, &[Key::ctrl('w')], Command::DeleteWord, "", "delete the word before the cursor"),
    bind(Context::Export, &[Key::ctrl('u')], Command::DeleteLine, "", "delete everything before the cursor"),

    bind(Failed, &[Key::letter('r')], Command::Reload, "try again", "try again"),
    bind(Failed, &[Key::letter('q')], Command::Quit, "quit", "quit"),

    bind(Everywhere, &[ESC], Command::Back, "", "one level back: close, cancel, clear"),
    bind(Everywhere, &[Key::ctrl('l')], Command::Redraw, "", "draw the screen anew"),
    bind(Everywhere, &[Key::ctrl('z')], Command::Suspend, "", "suspend"),
    bind(Everywhere, &[Key::ctrl('c')], Command::QuitNow, "", "quit at once"),
];

/// The keys of a row in words and letters alone, for reading: `j, Down`.
pub fn keys_in_words(binding: &Binding) -> String {
    if binding.keys.is_empty() {
        return "(no key)".to_owned();
    }
    binding.keys.iter().map(|key| key.in_words()).collect::<Vec<_>>().join(", ")
}

/// The whole table in Markdown, as the README has it.
pub fn markdown() -> String {
    let mut text = String::from("| Where | Key | What it does | Its name in the config file |\n|---|---|---|---|\n");
    for &context in Context::ALL {
        let mut place = format!("{} `[keys.{}]`", context.title(), name_of(&context));
        for binding in BINDINGS.iter().filter(|binding| binding.context == context) {
            let keys: Vec<_> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
            let name = name_of(&binding.command);
            let _ = writeln!(text, "| {place} | {} | {} | `{name}` |", keys.join(" "), binding.help);
            place.clear();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_command_has_a_key_and_a_help_line() {
        for &command in Command::ALL {
            let rows: Vec<_> = BINDINGS.iter().filter(|binding| binding.command == command).collect();
            assert!(!rows.is_empty(), "{command:?} has no key");
            assert!(rows.iter().all(|row| !row.help.is_empty() && !row.keys.is_empty()), "{command:?}");
        }
    }

    /// So `[keys.PLACE]` and the command's name say which row is meant.
    #[test]
    fn no_command_has_two_rows_in_one_context() {
        let mut seen = HashSet::new();
        for row in BINDINGS {
            assert!(seen.insert((row.context, row.command)), "{:?} {:?}", row.context, row.command);
        }
    }

    #[test]
    fn every_binding_is_in_the_markdown_once() {
        let markdown = markdown();
        assert_eq!(markdown.lines().count(), BINDINGS.len() + 2);
        assert!(Context::ALL.iter().all(|context| markdown.contains(context.title())));
    }
}
