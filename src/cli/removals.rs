//! `-NAME` where changes are expected: clap would take it for an option.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Options that take the next argument as their value.
const WITH_VALUE: [&str; 13] = [
    "--profile",
    "--store",
    "--packages",
    "--source",
    "--config",
    "--path",
    "--theme",
    "--panic-in",
    "--structured-attrs",
    "--out",
    "--rules",
    "--out-link",
    "--file",
];

/// Commands whose arguments are changes.
const TAKE_CHANGES: [&str; 8] = ["preview", "plan", "apply", "build", "compare", "collisions", "explain", "import"];

/// Rewrites the changes `-NAME` of [`TAKE_CHANGES`] as `remove:NAME`.
///
/// clap would let a positional argument begin with a dash only if no option could follow it: `apply -hello --json`
/// would remove a package called `-json`.
pub(super) fn spell_out(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut takes_changes = None;
    let mut is_value = true; // The program's own name is no argument either.
    let mut is_literal = false;
    let rewrite = |argument: OsString| {
        let is_free = !is_value && !is_literal;
        is_value = is_free && WITH_VALUE.iter().any(|option| argument == *option);
        is_literal |= is_free && argument == "--";
        let removed = argument.as_bytes().strip_prefix(b"-").filter(|name| !name.is_empty() && name[0] != b'-');
        match removed {
            Some(name) if is_free && takes_changes == Some(true) && name != b"h" => {
                OsString::from_vec([b"remove:", name].concat())
            }
            _ => {
                let is_command = is_free && !argument.as_bytes().starts_with(b"-");
                if is_command && takes_changes.is_none() {
                    takes_changes = Some(TAKE_CHANGES.iter().any(|command| argument == *command));
                }
                argument
            }
        }
    };
    arguments.into_iter().map(rewrite).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::super::args::Cli;
    use super::*;

    #[test]
    fn every_option_with_a_value_is_known_that_may_stand_before_a_change() {
        let cli = Cli::command();
        let takes_changes = |command: &&clap::Command| {
            command.get_name_and_visible_aliases().iter().any(|name| TAKE_CHANGES.contains(name))
        };
        let own = cli.get_subcommands().filter(takes_changes).flat_map(clap::Command::get_arguments);
        let is_change = |it: &clap::Arg| it.get_value_names().is_some_and(|names| names == ["CHANGE"]);
        let with_value = cli.get_arguments().chain(own).filter(|it| it.get_action().takes_values() && !is_change(it));
        let names: BTreeSet<_> = with_value.filter_map(|it| Some(format!("--{}", it.get_long()?))).collect();
        assert_eq!(names, WITH_VALUE.map(str::to_owned).into());
    }

    fn rewritten(line: &str) -> String {
        let arguments = spell_out(line.split(' ').map(OsString::from));
        arguments.iter().map(|argument| argument.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn removals_are_spelled_out_where_changes_are_expected_and_nowhere_else() {
        for (line, expected) in [
            ("nix-loom apply -hello --json", "nix-loom apply remove:hello --json"),
            ("nix-loom --profile apply preview a -b", "nix-loom --profile apply preview a remove:b"),
            ("nix-loom apply --profile -p -x", "nix-loom apply --profile -p remove:x"),
            ("nix-loom --source apply=x preview -b", "nix-loom --source apply=x preview remove:b"),
            ("nix-loom apply --source -x -y", "nix-loom apply --source -x remove:y"),
            ("nix-loom --config apply preview -b", "nix-loom --config apply preview remove:b"),
            ("nix-loom --plain plan a -b", "nix-loom --plain plan a remove:b"),
            ("nix-loom collisions -b --plain", "nix-loom collisions remove:b --plain"),
            ("nix-loom --theme apply preview -b", "nix-loom --theme apply preview remove:b"),
            ("nix-loom explain -b", "nix-loom explain remove:b"),
            ("nix-loom import my_env.nix -b --apply", "nix-loom import my_env.nix remove:b --apply"),
            ("nix-loom compare --path -x -b", "nix-loom compare --path -x remove:b"),
            ("nix-loom build --with a -b --out-link -x", "nix-loom build --with a remove:b --out-link -x"),
            ("nix-loom build - --out -x", "nix-loom build - --out -x"),
            ("nix-loom apply -h", "nix-loom apply -h"),
            ("nix-loom apply -- -hello", "nix-loom apply -- -hello"),
            ("nix-loom search -V apply", "nix-loom search -V apply"),
            ("-x apply -x", "-x apply remove:x"),
        ] {
            assert_eq!(rewritten(line), expected);
        }
    }
}
