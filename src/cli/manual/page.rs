//! The man page.

use clap::Command;

use super::super::args::{CHANGES, COMBINED, EXIT_CODES};
use super::roff::Roff;
use super::{EXAMPLES, commands, definition, meaning, option, options, positional, sentence, usage};
use crate::catalogue::QUERY_HELP;

const DESCRIPTION: &[&str] = &[
    "nix-loom looks after a user's profile of Nix: what is installed, what is on offer, and what a change would do to every \
     file and every command. It works the whole environment out in memory, by the rules of Nix' own builder, and shows every \
     collision of files before anything is fetched or built: who wins, why, and what would settle it. Several changes become \
     one new generation of the profile, or nothing.",
    "Without a command it opens a screen. Every key of it is shown by the key ? there, and below.",
    "On a machine without Nix it keeps a small store of its own and offers demonstration packages.",
];

/// Variables that are not options too.
const VARIABLES: &[(&str, &str)] = &[
    (
        "NO_COLOR",
        "If it is not empty, the screen uses no colours; whatever is told is told in words and signs as well.",
    ),
    ("NIX_PROFILE", "The profile's link, unless --profile names one."),
    ("PATH", "What becomes of commands is told for this search path; nix and nix-daemon are looked for in it."),
];

const FILES: &[(&str, &str)] = &[
    (
        "$XDG_CONFIG_HOME/nix-loom/config.toml",
        "The sources, in the order in which they are asked. Usually in ~/.config.",
    ),
    ("~/.nix-profile", "The profile of Nix, as Nix finds it."),
    ("$XDG_STATE_HOME/nix-loom/profiles/profile", "The profile where there is no Nix. Usually in ~/.local/state."),
    (
        "$XDG_STATE_HOME/nix-loom/screen.json",
        "What the screen remembers: the last pane, sort orders, what was searched for. It can be deleted.",
    ),
    ("$XDG_DATA_HOME/nix-loom/", "The store where there is no Nix. Usually in ~/.local/share."),
    (
        "$XDG_CACHE_HOME/nix-loom/",
        "Indexes of sources and listings of outputs; all of it can be deleted. Usually in ~/.cache.",
    ),
];

/// All of it.
pub(super) fn page() -> String {
    let definition = definition();
    let mut page = Roff::new(definition.get_name(), env!("CARGO_PKG_VERSION"));
    page.section("NAME");
    page.paragraph("nix-loom - look after a Nix profile: every collision is shown before anything is built");
    page.section("SYNOPSIS");
    page.paragraph("nix-loom [OPTION…]");
    page.paragraph("nix-loom [OPTION…] COMMAND [ARGUMENT…]");
    page.section("DESCRIPTION");
    for paragraph in DESCRIPTION {
        page.paragraph(paragraph);
    }
    page.section("OPTIONS");
    page.paragraph("These go before a command or after it.");
    let everywhere = definition.get_arguments().filter(|argument| !argument.is_positional() && !argument.is_hide_set());
    for argument in everywhere {
        item(&mut page, &option(argument), &meaning(argument));
    }
    page.section("COMMANDS");
    for it in commands(&definition) {
        command(&mut page, it.get_name(), it);
    }
    page.section("CHANGES");
    page.paragraph("What preview, apply, compare and explain take:");
    items(&mut page, CHANGES);
    page.paragraph(COMBINED);
    page.section("TERMS OF A SEARCH");
    page.paragraph(
        "All terms must be found: in the attribute, the name, the main program or the description. A capital makes its word \
         heed case. Terms may also be these:",
    );
    items(&mut page, QUERY_HELP);
    #[cfg(feature = "tui")]
    keys(&mut page);
    page.section("EXIT STATUS");
    items(&mut page, EXIT_CODES);
    page.section("ENVIRONMENT");
    for (variable, help) in set_by_variables(&definition) {
        page.item(&variable, &help);
    }
    items(&mut page, VARIABLES);
    page.section("FILES");
    items(&mut page, FILES);
    page.section("EXAMPLES");
    for (line, what) in EXAMPLES {
        page.paragraph(&sentence(what));
        page.example(line);
    }
    page.section("SEE ALSO");
    page.paragraph("nix-env(1), nix3-profile(1), nix3-search(1)");
    page.text()
}

/// A word, and what it means, in paragraphs.
fn item(page: &mut Roff, word: &str, meaning: &[String]) {
    let (first, others) = meaning.split_first().map_or(("", &[][..]), |(first, others)| (first, others));
    page.item(word, first);
    for paragraph in others {
        page.more(paragraph);
    }
}

fn items(page: &mut Roff, rows: &[(&str, &str)]) {
    for (word, meaning) in rows {
        page.item(word, meaning);
    }
}

/// A command, its arguments and options, and the commands that it has itself.
fn command(page: &mut Roff, path: &str, command: &Command) {
    page.item(&usage(path, command), &sentence(&command.get_about().map(ToString::to_string).unwrap_or_default()));
    let explained = command.get_positionals().filter(|argument| argument.get_help().is_some());
    let rows: Vec<_> = explained
        .map(|argument| (positional(argument), meaning(argument)))
        .chain(options(command).map(|argument| (option(argument), meaning(argument))))
        .collect();
    if !rows.is_empty() {
        page.indent();
        for (word, meaning) in rows {
            item(page, &word, &meaning);
        }
        page.end_indent();
    }
    for sub in commands(command) {
        self::command(page, &format!("{path} {}", sub.get_name()), sub);
    }
}

/// The variables that set options.
fn set_by_variables(definition: &Command) -> Vec<(String, String)> {
    let named = definition.get_arguments().filter_map(|argument| {
        let variable = argument.get_env()?.to_string_lossy().into_owned();
        Some((variable, format!("What --{} is where it is not given.", argument.get_long()?)))
    });
    named.collect()
}

/// The keys as they are unless the user's configuration binds them otherwise.
#[cfg(feature = "tui")]
fn keys(page: &mut Roff) {
    use crate::tui::context::Context;
    use crate::tui::keymap::{BINDINGS, keys_in_words};
    page.section("KEYS");
    page.paragraph("As they are before any is bound otherwise.");
    for &context in Context::ALL {
        page.subsection(context.title());
        for binding in BINDINGS.iter().filter(|binding| binding.context == context) {
            page.item(&keys_in_words(binding), binding.help);
        }
    }
}
