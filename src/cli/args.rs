//! What the command line may say.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

#[cfg(feature = "tui")]
use super::exit::UsageError;
use crate::catalogue::QUERY_HELP;
use crate::config::{Config, ConfigError};
use crate::engine::RuleSet;
use crate::loom::{Options, StoreChoice};
use crate::source::{ListingPlace, Spec};

/// Look after a Nix profile: every file collision shown before anything is built.
///
/// Without a command it opens the screen.
#[derive(Debug, Parser)]
#[command(name = "nix-loom", version, after_help = exit_codes())]
pub(super) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What each exit code means.
pub(super) const EXIT_CODES: &[(&str, &str)] = &[
    ("0", "done"),
    ("1", "failed, doctor found a problem, or status --check a difference"),
    ("2", "wrong usage"),
    ("3", "refused (or would be) because of collisions"),
];

/// How a change is written.
pub(super) const CHANGES: &[(&str, &str)] = &[
    ("ATTR", "install an attribute, or install it again as its source offers it now"),
    ("ATTR^out,dev", "… with these outputs; ^* is all of them"),
    ("ATTR@SOURCE", "… from this source"),
    ("ATTR:priority=4", "… with this priority; a lower number wins"),
    ("-NAME, remove:NAME", "remove an installed package"),
    ("NAME^out,man", "choose the outputs of an installed package"),
    ("NAME:priority=4", "change its priority"),
    ("NAME:active=false", "keep it installed, but out of the environment"),
    ("NAME:source=SOURCE", "take it from another source; outputs, priority and activity stay"),
    ("NAME:attribute=ATTR", "take another attribute in its place, in the same way"),
];

pub(super) const COMBINED: &str =
    "They can be combined: ATTR@SOURCE^out,dev:priority=4. A name that holds @, ^ or : wants double quotes.";

fn exit_codes() -> String {
    let codes: Vec<_> = EXIT_CODES.iter().map(|(code, meaning)| format!("{code} {meaning}")).collect();
    format!("Exit codes: {}.", codes.join("; "))
}

fn changes_help() -> String {
    let lines: Vec<_> = CHANGES.iter().map(|(change, help)| format!("  {change:<23} {help}")).collect();
    format!("Changes:\n{}\n{COMBINED}", lines.join("\n"))
}

/// What a term of `search` may be, as the screen's search box takes it too.
fn query_help() -> String {
    let lines: Vec<_> = QUERY_HELP.iter().map(|(word, help)| format!("  {word:<14} {help}")).collect();
    format!("Terms may also be these; ' and ! want quotes in a shell:\n{}", lines.join("\n"))
}

#[derive(Debug, Args)]
pub(super) struct Global {
    /// The profile's link, instead of the default profile
    #[arg(long, global = true, value_name = "PATH")]
    profile: Option<PathBuf>,
    /// Where outputs live: in the store of Nix if there is one, else in the program's own
    #[arg(long, global = true, value_enum, value_name = "STORE", default_value = "auto", env = "NIX_LOOM_STORE")]
    store: Store,
    /// A folder of packages to offer too: each subfolder NAME[-VERSION] or NAME/OUTPUT; may be repeated
    #[arg(long, global = true, value_name = "DIR")]
    packages: Vec<PathBuf>,
    /// A Nix file, <nixpkgs> or a flake to offer too, evaluated by Nix; may be repeated
    #[arg(long, global = true, value_name = "NAME=LOCATION")]
    source: Vec<Spec>,
    /// The file that says which sources there are, instead of $XDG_CONFIG_HOME/nix-loom/config.toml
    #[arg(long, global = true, value_name = "PATH", env = "NIX_LOOM_CONFIG", value_hint = ValueHint::FilePath)]
    config: Option<OsString>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Print a view of the screen as plain lines, a fact a line: for a screen reader or a pipe
    ///
    /// Without a command it is what the screen shows first. The other views are named by their commands, as in `nix-loom
    /// --plain generations`: installed, available, search, details, plan, collisions, compare, explain, apply, generations,
    /// diff, sources, files, which and keys. What other commands print is lines already.
    #[arg(long, global = true)]
    pub plain: bool,
    #[command(flatten)]
    pub look: Look,
    /// Panic once the screen is open: for the tests of how the terminal is given back
    #[arg(long, hide = true, value_enum, value_name = "WHERE")]
    pub panic_in: Option<PanicIn>,
}

/// How the screen looks; goes before what the config file says.
#[derive(Debug, Args)]
pub(super) struct Look {
    /// Leave the mouse to the terminal
    #[arg(long)]
    pub no_mouse: bool,
    /// How the screen is coloured, even if `NO_COLOR` is set
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(themes()))]
    pub theme: Option<String>,
    /// Draw the screen with the letters and signs of ASCII alone, as where the locale is not UTF-8
    #[arg(long)]
    pub ascii: bool,
}

#[cfg(feature = "tui")]
impl Look {
    pub fn flags(&self) -> Result<crate::tui::Flags, UsageError> {
        let theme = self.theme.as_ref().map(|name| name.parse().map_err(UsageError)).transpose()?;
        Ok(crate::tui::Flags { theme, is_ascii: self.ascii, no_mouse: self.no_mouse })
    }
}

#[cfg(feature = "tui")]
fn themes() -> Vec<&'static str> {
    crate::tui::theme::ThemeName::ALL.iter().map(|theme| theme.name()).collect()
}

#[cfg(not(feature = "tui"))]
fn themes() -> Vec<&'static str> {
    Vec::new()
}

/// Where the screen is to panic.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PanicIn {
    Drawing,
    Work,
}

impl Global {
    pub fn options(&self) -> Options {
        let store = match self.store {
            Store::Auto => StoreChoice::Auto,
            Store::Local => StoreChoice::Local,
            Store::Nix => StoreChoice::Nix,
        };
        let search_path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
        Options {
            profile: self.profile.clone(),
            store,
            packages: self.packages.clone(),
            sources: self.source.clone(),
            // Without a home there is no config file, and nothing in it.
            config: self.config().ok(),
            search_path,
            only_looks: false,
        }
    }

    /// The config file. An empty variable is as good as none.
    pub fn config(&self) -> Result<PathBuf, ConfigError> {
        let named = self.config.as_ref().filter(|path| !path.is_empty());
        named.map_or_else(Config::default_path, |path| Ok(path.into()))
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Store {
    Auto,
    Local,
    Nix,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Build an environment and leave a link to it; the profile is not touched
    ///
    /// It is that of an environment file, or what the profile would be with changes; of a SPEC the engine alone makes a
    /// directory.
    #[command(after_help = changes_help())]
    Build(Build),
    /// What is installed
    #[command(visible_alias = "installed")]
    List,
    /// Look for packages on offer, best first
    #[command(after_help = query_help())]
    Search {
        /// All of them must be found in the name or the description
        #[arg(required = true)]
        terms: Vec<String>,
        /// Show at most this many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Everything on offer, or all that answers a query as the screen's search box takes it, as plain lines
    #[command(after_help = query_help())]
    Available {
        #[arg(value_name = "TERM")]
        query: Vec<String>,
    },
    /// One package on offer, with its outputs
    #[command(visible_aliases = ["details", "outputs"])]
    Show {
        /// ATTR or ATTR@SOURCE
        #[arg(value_name = "ATTR")]
        attribute: String,
    },
    /// What changes would do; nothing is changed
    #[command(visible_alias = "plan", after_help = changes_help())]
    Preview {
        #[arg(required = true, value_name = "CHANGE")]
        changes: Vec<String>,
        /// First put those outputs into the store whose files nobody lists; the profile is not touched
        #[arg(long)]
        fetch: bool,
    },
    /// Make changes: all together are one new generation, or nothing
    #[command(after_help = changes_help())]
    Apply {
        #[arg(required = true, value_name = "CHANGE")]
        changes: Vec<String>,
    },
    /// Every collision of the profile, or of what changes would make of it, as plain lines
    #[command(after_help = changes_help())]
    Collisions {
        #[arg(value_name = "CHANGE")]
        changes: Vec<String>,
    },
    /// The files that would collide, beside each other: what each is, how they differ, who wins and by which rule
    #[command(after_help = changes_help())]
    Compare {
        #[arg(required = true, value_name = "CHANGE")]
        changes: Vec<String>,
        /// Where they collide, e.g. bin/node; without it all are shown that block
        #[arg(long, value_name = "PATH")]
        path: Option<String>,
    },
    /// The commands of Nix that would come to the same as changes; nothing is changed
    #[command(after_help = changes_help())]
    Explain {
        #[arg(required = true, value_name = "CHANGE")]
        changes: Vec<String>,
    },
    /// What is installed as a file that Nix builds the same environment from; nothing is changed
    Export(Export),
    /// What an environment file holds, and what installing it would do; --apply installs it
    Import(Import),
    /// How the profile stands, and whether it agrees with the file that it was made from or written to
    Status(Status),
    /// What the sources of installed packages offer now: versions, sizes, files and collisions; --apply takes it
    Upgrade(Upgrade),
    /// All generations of the profile
    Generations,
    /// Make the profile one that the other of Nix' programs keeps; nothing is lost, and `convert` leads back
    Convert {
        #[arg(value_enum, value_name = "TO")]
        to: Kind,
    },
    /// Delete generations, never the current one
    DeleteGenerations {
        /// Numbers, or `old` (all but the current), `30d` (not current for 30 days), `+5` (all but the last 5)
        #[arg(required = true, value_name = "WHICH")]
        which: Vec<String>,
        /// Only say which would go, and what only they have
        #[arg(long)]
        dry_run: bool,
    },
    /// What differs between two generations
    Diff {
        #[arg(value_name = "A")]
        from: u64,
        #[arg(value_name = "B")]
        to: u64,
    },
    /// Go back to generation N, or to the one before the current
    Rollback {
        #[arg(value_name = "N")]
        to: Option<u64>,
    },
    /// Go back to the generation from which the current one was made
    Undo,
    /// The sources in the config file, in order; or change them
    #[command(visible_alias = "source")]
    Sources {
        #[command(subcommand)]
        command: Option<SourcesCommand>,
    },
    /// The files of the profile, or of a package's outputs, with who provides each and who wants it too
    Files {
        /// ATTR, ATTR^out,dev or the name of an installed package; without it, the whole profile
        #[arg(value_name = "ATTR")]
        package: Option<String>,
        /// The profile as it was in generation N
        #[arg(long, value_name = "N", conflicts_with = "package")]
        generation: Option<u64>,
        /// The profile as it would be with this change; may be repeated
        #[arg(long, value_name = "CHANGE", conflicts_with_all = ["package", "generation"], allow_hyphen_values = true)]
        with: Vec<String>,
        /// What was built there to look at it, by `build` or by nix-build
        #[arg(long, value_name = "LINK", conflicts_with_all = ["package", "generation", "with"], value_hint = ValueHint::AnyPath)]
        built: Option<PathBuf>,
    },
    /// Which packages provide a command, or a file (a path with a slash, such as share/man/man1/ls.1)
    Which {
        file: String,
        /// Where nothing has it exactly: files of that name elsewhere, or names that hold it; * and ? stand for letters
        #[arg(long)]
        like: bool,
    },
    /// What there is on this machine, and what is wrong with it; nothing is changed
    Doctor,
    /// Every action of the screen by name, with its keys and why it would do nothing now, as plain lines
    Actions,
    /// Every key of the screen, as plain lines
    Keys,
    /// The completions for a shell, to be put where it looks for them
    Completions { shell: Shell },
    /// The manual page, for `man -l -` or to be put where man looks for it
    Man,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Names of installed packages; without any, all of the profile
    #[arg(value_name = "NAME")]
    pub elements: Vec<String>,
    /// What the environment is called in the store: as the file of --out, or else `my_env`
    #[arg(long, value_name = "ENV")]
    pub name: Option<String>,
    /// What to write: as the file of --out is named (flake.nix, NAME.json), or else nix
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Take sources as they are when the file is built, not at the revision that is installed
    #[arg(long)]
    pub unpinned: bool,
    /// Write into this file, whole or not at all, instead of standard output; in a folder, into ENV.nix there
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Write over what is there
    #[arg(long, requires = "out")]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// A Nix file (`buildEnv`, any package, a list or a set of them), or the folder of a flake with a default package
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// Further changes, made together with it: -NAME removes what it would collide with
    #[arg(value_name = "CHANGE")]
    pub changes: Vec<String>,
    /// Each of its packages by itself, and not all as one
    #[arg(long)]
    pub apart: bool,
    /// Install it: one new generation
    #[arg(long)]
    pub apply: bool,
    /// First put into the store what cannot be told else
    #[arg(long)]
    pub fetch: bool,
}

#[derive(Debug, Args)]
pub(super) struct Status {
    /// Take files at their word of the last time, without asking Nix what they say now
    #[arg(long)]
    pub quick: bool,
    /// End with 1 if the profile does not agree with each of its files
    #[arg(long)]
    pub check: bool,
    /// Forget that this file belongs to the profile; the file stays
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["quick", "check"])]
    pub forget: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Upgrade {
    /// Names of installed packages; without any, all of them
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Take them from this source, not each from its own
    #[arg(long, value_name = "SOURCE")]
    pub from: Option<String>,
    /// Make it so: all together are one new generation, or nothing
    #[arg(long)]
    pub apply: bool,
    /// Take what is older than what is installed, for this package; may be repeated
    #[arg(long, value_name = "NAME")]
    pub older: Vec<String>,
    /// Take another project of the same name in place of this package; may be repeated
    #[arg(long, value_name = "NAME")]
    pub other_project: Vec<String>,
}

/// What an environment is written as.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// An expression with the `buildEnv` of nixpkgs
    Nix,
    /// A whole flake.nix, of which `packages.SYSTEM.default` is that
    Flake,
    /// One document, as with --json
    Json,
}

/// A change of the config file. It keeps comments, order and whatever else is in the file.
#[derive(Debug, Subcommand)]
pub(super) enum SourcesCommand {
    /// All of them, as without a command
    List,
    /// Add a source after the others
    Add {
        /// A Nix file, <nixpkgs>, a flake, a listing (packages.json or packages.json.br), or folder:PATH
        #[arg(value_name = "NAME=LOCATION")]
        spec: Spec,
        /// A listing of the same revision, so that Nix need not evaluate everything: a file or a URL
        #[arg(long, value_name = "PLACE")]
        listing: Option<ListingPlace>,
        /// Add it before the others
        #[arg(long)]
        first: bool,
    },
    /// Remove a source; what is installed from it stays
    Remove { name: String },
    /// Give a source another name
    Rename {
        name: String,
        #[arg(value_name = "NEW-NAME")]
        to: String,
    },
    /// Offer the packages of a source
    Enable { name: String },
    /// Keep a source in the file without offering its packages
    Disable { name: String },
    /// Give a source another position; 1 is the first
    Move { name: String, position: NonZeroUsize },
    /// Hold a source at the revision that it has now, or move its pin there
    Pin(Pin),
    /// Let a pinned source follow its location again
    Unpin { name: String },
}

/// Which sources are pinned, and where.
#[derive(Debug, Args)]
pub(super) struct Pin {
    #[arg(required_unless_present = "all")]
    pub name: Option<String>,
    /// The revision, in full: of a flake in git or of nixpkgs; or of what is no flake the address of a tarball
    #[arg(value_name = "REV")]
    pub revision: Option<String>,
    /// Every source that is on and keeps revisions
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Only say from which revision to which
    #[arg(long)]
    pub dry_run: bool,
}

/// A program that keeps profiles.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Kind {
    /// nix-env, with manifest.nix
    NixEnv,
    /// nix profile, with manifest.json
    NixProfile,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true))]
pub(super) struct Build {
    /// The packages and rules as JSON; - is standard input
    #[arg(group = "what")]
    pub spec: Option<PathBuf>,
    /// The JSON that the builder of nixpkgs' buildEnv gets, in place of SPEC
    #[arg(long, value_name = "FILE", group = "what")]
    pub structured_attrs: Option<PathBuf>,
    /// What this Nix file is, as nix-build builds it: an environment, or any other package
    #[arg(long, value_name = "FILE", group = "what", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// What the profile would be with these changes, at the very path of the store that `apply` would make current
    #[arg(long, value_name = "CHANGE", num_args = 1.., group = "what")]
    pub with: Vec<String>,
    /// The directory to make of a SPEC; it must not exist
    #[arg(long, value_name = "DIR", conflicts_with_all = ["dry_run", "with", "file"])]
    pub out: Option<PathBuf>,
    /// Only plan a SPEC, and show all collisions
    #[arg(long, conflicts_with_all = ["with", "file"])]
    pub dry_run: bool,
    /// Follow these rules, whatever the SPEC says
    #[arg(long, value_enum, value_name = "RULES", conflicts_with_all = ["with", "file"])]
    rules: Option<Rules>,
    /// The link to make; one that leads into the store is replaced, anything else stays
    #[arg(
        long,
        value_name = "LINK",
        default_value = "result",
        conflicts_with_all = ["spec", "structured_attrs"],
        value_hint = ValueHint::FilePath
    )]
    out_link: PathBuf,
    /// Make no link: nothing keeps what is built from the next garbage collection
    #[arg(long, conflicts_with_all = ["spec", "structured_attrs", "out_link"])]
    no_out_link: bool,
}

impl Build {
    /// Where a link is wanted.
    pub fn link(&self) -> Option<&Path> {
        (!self.no_out_link).then_some(&self.out_link)
    }

    pub fn rules(&self) -> Option<RuleSet> {
        self.rules.map(|rules| match rules {
            Rules::Nix => RuleSet::Nix,
            Rules::Nixpkgs => RuleSet::Nixpkgs,
        })
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Rules {
    /// As nix-env and `nix profile` build a profile
    Nix,
    /// As nixpkgs' buildEnv
    Nixpkgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
