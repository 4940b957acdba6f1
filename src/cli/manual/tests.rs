//! What is printed in files is what the program says of itself.

use std::fs;
use std::path::Path;

use clap::Parser as _;

use super::super::args::Cli;
use super::super::removals::spell_out;
use super::{EXAMPLES, commands, definition, page, readme};
use crate::tui::context::Context;
use crate::tui::keymap;

/// Compares a generated text with what a file has, or puts it there if `UPDATE` is set.
#[track_caller]
fn generated(file: &str, parts: impl Fn(&str) -> (usize, usize), text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let now = fs::read_to_string(&path).unwrap_or_default();
    let (start, end) = parts(&now);
    if std::env::var_os("UPDATE").is_some() {
        let (before, after) = (&now[..start], &now[end..]);
        fs::write(path, format!("{before}{text}{after}")).unwrap();
    } else {
        assert!(&now[start..end] == text, "{file} is stale: `UPDATE=1 cargo test --lib generated` makes it anew");
    }
}

/// Where the part of the README is between the comments that tell of `what`.
fn between(what: &str) -> impl Fn(&str) -> (usize, usize) {
    move |readme| {
        let start = format!("<!-- {what}: made by `UPDATE=1 cargo test --lib generated` -->\n");
        let start = readme.find(&start).expect("the README marks where it starts") + start.len();
        let end = readme[start..].find("<!-- end -->").expect("and where it ends");
        (start, start + end)
    }
}

/// One test, for what is written one after the other.
#[test]
fn generated_tables_of_the_readme_are_those_of_the_program() {
    generated("README.md", between("keys"), &keymap::markdown());
    generated("README.md", between("examples"), &readme::examples());
    generated("README.md", between("commands"), &readme::commands_table());
}

#[test]
fn generated_man_page_is_that_of_the_definition() {
    generated("assets/nix-loom.1", |page| (0, page.len()), &page::page());
}

#[test]
fn the_man_page_tells_every_command_option_and_key() {
    let page = page::page();
    let has = |part: &str| page.contains(&part.replace('-', "\\-"));
    for command in definition().get_subcommands().filter(|command| command.get_name() != "help") {
        assert!(has(&format!("\n.B \"{}", command.get_name())), "{command}");
        for option in command.get_arguments().filter_map(|argument| argument.get_long()) {
            assert!(has(&format!("--{option}")), "{command} --{option}");
        }
    }
    let keys = page.split(".SH \"KEYS\"").nth(1).unwrap().split("\n.SH ").next().unwrap();
    assert_eq!(keys.matches("\n.TP\n").count(), keymap::BINDINGS.len());
    assert_eq!(keys.matches("\n.SS ").count(), Context::ALL.len());
}

#[test]
fn each_paragraph_of_an_options_help_is_one_and_ends_in_a_full_stop() {
    let page = page::page();
    let plain = page.split("\n.B \"\\-\\-plain\"\n").nth(1).unwrap().split("\n.TP").next().unwrap();
    let paragraphs: Vec<_> = plain.split("\n.IP\n").collect();
    assert_eq!(paragraphs.len(), 2, "{plain}");
    assert!(paragraphs.iter().all(|paragraph| paragraph.ends_with('.') && !paragraph.contains("  ")), "{plain}");
    for view in ["installed", "available", "details", "plan", "collisions", "generations", "sources", "keys"] {
        assert!(paragraphs[1].contains(view), "{view}");
    }
}

#[test]
fn the_man_page_is_ascii_and_has_no_line_that_roff_does_not_know() {
    let known = [".TH", ".SH", ".SS", ".PP", ".TP", ".IP", ".B", ".EX", ".EE", ".RS", ".RE", ".nh", ".ad"];
    for line in page::page().lines() {
        assert!(line.is_ascii() && !line.is_empty(), "{line:?}");
        let is_request = line.starts_with('.');
        assert!(!is_request || known.contains(&line.split(' ').next().unwrap()), "{line}");
        assert!(!line.starts_with('\''), "{line}");
    }
}

#[test]
fn every_example_is_understood_and_every_command_has_one() {
    for (line, _) in EXAMPLES {
        let line = line.split(" | ").next().unwrap().replace('\'', "");
        let arguments = spell_out(line.split(' ').map(Into::into));
        Cli::try_parse_from(arguments).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for command in commands(&definition()) {
        let name = format!(" {} ", command.get_name());
        assert!(EXAMPLES.iter().any(|(line, _)| format!("{line} ").contains(&name)), "{name}");
    }
}
