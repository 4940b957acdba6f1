//! What the engine is asked for: packages, and the rules of the builder that is followed.

use std::sync::Arc;

/// Which builder's rules a plan follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleSet {
    /// `builtin:buildenv`, as `nix-env` and `nix profile` use it.
    Nix,
    /// `buildEnv` of nixpkgs (`builder.pl`).
    Nixpkgs,
}

impl RuleSet {
    /// The name in specifications, JSON and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nix => "nix",
            Self::Nixpkgs => "nixpkgs",
        }
    }
}

/// The rules with their settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rules {
    Nix,
    Nixpkgs(NixpkgsRules),
}

impl Rules {
    pub fn set(&self) -> RuleSet {
        match self {
            Self::Nix => RuleSet::Nix,
            Self::Nixpkgs(_) => RuleSet::Nixpkgs,
        }
    }
}

/// The arguments of nixpkgs' `buildEnv` that its builder sees; the defaults are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NixpkgsRules {
    /// Only these paths of the packages, and what is below them, are linked. `/` is everything.
    pub paths_to_link: Vec<Vec<u8>>,
    /// Keep the first of two colliding files with a warning instead of refusing.
    pub ignore_collisions: bool,
    /// Two files of the same mode and bytes do not collide.
    pub check_collision_contents: bool,
    /// A package that is a plain file is skipped with a warning instead of refused.
    pub ignore_single_file_outputs: bool,
    /// Where below the environment's root the links go, e.g. `/usr`; empty is the root itself.
    pub extra_prefix: Vec<u8>,
    /// Further packages at priority 1000, after all others.
    pub extra_paths: Vec<Vec<u8>>,
    /// Target of a link `manifest` in the environment's root.
    pub manifest: Option<Vec<u8>>,
}

impl Default for NixpkgsRules {
    fn default() -> Self {
        Self {
            paths_to_link: vec![b"/".to_vec()],
            ignore_collisions: false,
            check_collision_contents: true,
            ignore_single_file_outputs: false,
            extra_prefix: Vec::new(),
            extra_paths: Vec::new(),
            manifest: None,
        }
    }
}

/// One output of a package: a directory whose files are woven in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// `out`, `dev`, …; only for messages.
    pub name: Arc<str>,
    pub path: Arc<[u8]>,
}

/// One package, as the profile or the specification gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Only for messages.
    pub name: Arc<str>,
    /// A lower number wins; 5 is usual.
    pub priority: i64,
    /// An inactive package is left out.
    pub active: bool,
    pub outputs: Vec<Output>,
}

/// An environment to plan.
#[derive(Clone, Debug)]
pub struct Request {
    pub rules: Rules,
    pub packages: Vec<Package>,
    /// Compare the bytes of files that collide also where the rules do not need it, to tell harmless collisions apart.
    pub compare_contents: bool,
}

/// Reads a priority as Nix does, like C's `stoi`: blanks, a sign, digits, and whatever follows is ignored.
///
/// `"3abc"` is 3; `None` where there is no number or it does not fit 32 bits (semantics: rule 8 of `builtin:buildenv`).
pub fn parse_priority(text: &str) -> Option<i64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let digits_from = usize::from(text.starts_with(['-', '+']));
    let digits = text[digits_from..].bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..digits_from + digits].parse::<i64>().ok()?;
    i32::try_from(number).ok().map(i64::from)
}
