//! What the command line is, for people: the man page and the README's tables, all made from its definition, so that none
//! of them goes stale.

mod page;
// Only the test that keeps the README writes it.
#[cfg(all(test, feature = "tui"))]
mod readme;
mod roff;
#[cfg(all(test, feature = "tui"))]
mod tests;

use std::io::Write as _;

use anyhow::Result;
use clap::{Arg, ArgAction, Command, CommandFactory as _};

use super::args::Cli;
use super::exit::Exit;
use super::output::Output;

/// What one types, and what for; every command is among them.
const EXAMPLES: &[(&str, &str)] = &[
    ("nix-loom", "open the screen"),
    ("nix-loom list", "what is installed"),
    ("nix-loom search node 20", "what is on offer"),
    ("nix-loom available", "everything on offer"),
    ("nix-loom show nodejs_20", "one package, its outputs and their sizes"),
    ("nix-loom preview nodejs_20 -nodejs_18", "what these changes would do; nothing is touched"),
    ("nix-loom collisions nodejs_20", "every collision that they would lead to, who wins and why"),
    ("nix-loom compare nodejs_20 --path bin/node", "two files that collide, beside each other"),
    ("nix-loom explain nodejs_20 -nodejs_18", "the commands of Nix that come to the same, to copy"),
    ("nix-loom apply nodejs_20 -nodejs_18", "make them: one new generation"),
    ("nix-loom build --file my_env.nix", "a dry run of an environment file: build it and link it as `result`"),
    ("nix-loom build --with nodejs_20 -nodejs_18", "the same of changes: what `apply` would make current"),
    ("nix-loom build --with nodejs_20 -nodejs_18", "a dry run: build that and link it as `result`"),
    ("nix-loom upgrade", "what is newer, with sizes, files and collisions; --apply takes it"),
    ("nix-loom undo", "back to what was there before the last change"),
    ("nix-loom rollback", "back to the generation before"),
    ("nix-loom generations", "all of them"),
    ("nix-loom diff 2 3", "what differs between two of them"),
    ("nix-loom delete-generations 3 30d", "delete some: by number, `old`, `30d`, `+5`"),
    ("nix-loom convert nix-env", "a profile that nix-env keeps, of one of `nix profile`"),
    ("nix-loom sources add nixpkgs='<nixpkgs>'", "have a source always"),
    ("nix-loom source pin nixpkgs", "hold a source at the revision that it has now, or move its pin there"),
    ("nix-loom which node", "who provides a command or a file"),
    ("nix-loom files nodejs_20", "every file of a package; of the profile, if none is named"),
    ("nix-loom export --out my_env.nix", "what is installed as a file that Nix builds the same from"),
    ("nix-loom import my_env.nix", "what such a file holds, and what installing it would do"),
    ("nix-loom import my_env.nix -zlib --apply", "install it as one, and remove what it collides with"),
    ("nix-loom status", "how the profile stands, and whether it agrees with its file"),
    ("nix-loom doctor", "what was found, and what is wrong with it"),
    ("nix-loom build SPEC.json --out DIR", "the engine alone: an environment from a list of packages"),
    ("nix-loom --plain", "what the screen shows first, as plain lines"),
    ("nix-loom --plain generations", "the screen's view of the generations, as plain lines"),
    ("nix-loom actions", "every action of the screen by name"),
    ("nix-loom keys", "every key of the screen"),
    ("nix-loom completions bash", "completions for your shell"),
    ("nix-loom man | man -l -", "the manual"),
];

/// Prints the man page.
pub(super) fn run(output: &mut Output) -> Result<Exit> {
    output.write_all(page::page().as_bytes())?;
    Ok(Exit::Done)
}

/// The definition of the command line, options that hold everywhere only in the first place.
fn definition() -> Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// The commands of a command, as its help lists them.
fn commands(of: &Command) -> impl Iterator<Item = &Command> {
    of.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

/// A command with its arguments: `sources move NAME POSITION`.
fn usage(path: &str, command: &Command) -> String {
    let path = std::iter::once(path).chain(command.get_visible_aliases()).collect::<Vec<_>>().join(", ");
    let positionals = command.get_positionals().map(positional);
    let needs_command = command.has_subcommands() && command.is_subcommand_required_set();
    let sub = needs_command.then(|| "COMMAND".to_owned());
    std::iter::once(path).chain(positionals).chain(sub).collect::<Vec<_>>().join(" ")
}

/// `NAME`, `[NAME]`, `NAME…`.
fn positional(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let name = names.first().map_or_else(|| argument.get_id().as_str().to_uppercase(), ToString::to_string);
    let more = if matches!(argument.get_action(), ArgAction::Append) { "…" } else { "" };
    if argument.is_required_set() { format!("{name}{more}") } else { format!("[{name}{more}]") }
}

/// The options of a command alone, as its help lists them.
fn options(of: &Command) -> impl Iterator<Item = &Arg> {
    let is_own =
        |argument: &&Arg| !argument.is_global_set() && !matches!(argument.get_id().as_str(), "help" | "version");
    of.get_arguments().filter(|argument| !argument.is_positional() && !argument.is_hide_set()).filter(is_own)
}

/// `--store STORE`, `-h, --help`.
fn option(argument: &Arg) -> String {
    let mut names = Vec::new();
    names.extend(argument.get_short().map(|short| format!("-{short}")));
    names.extend(argument.get_long().map(|long| format!("--{long}")));
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let value = argument.get_value_names().filter(|_| takes_value).and_then(|names| names.first());
    value.map_or_else(|| names.join(", "), |value| format!("{} {value}", names.join(", ")))
}

/// With its full stop, if it has none and is one.
fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// What an argument means, in paragraphs; the last one tells the values that it may have too.
fn meaning(argument: &Arg) -> Vec<String> {
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut paragraphs: Vec<String> = help.split("\n\n").map(sentence).collect();
    let mut sentences: Vec<String> = paragraphs.pop().into_iter().filter(|last| !last.is_empty()).collect();
    let values = argument.get_possible_values().into_iter().filter(|_| takes_value);
    let values: Vec<_> = values
        .map(|value| match value.get_help() {
            Some(help) => format!("{} ({help})", value.get_name()),
            None => value.get_name().to_owned(),
        })
        .collect();
    if !values.is_empty() {
        sentences.push(format!("One of {}.", values.join(", ")));
    }
    if let Some(default) = argument.get_default_values().first().filter(|_| takes_value) {
        sentences.push(format!("Usually {}.", default.to_string_lossy()));
    }
    if let Some(variable) = argument.get_env() {
        sentences.push(format!("The variable {} sets it too.", variable.to_string_lossy()));
    }
    paragraphs.push(sentences.join(" "));
    paragraphs
}
