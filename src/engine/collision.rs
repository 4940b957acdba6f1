//! One path that more than one package wants, and what becomes of it.

use std::sync::Arc;

use super::RuleSet;

/// What kind of collision it is, told by looking at the contenders; in order of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CollisionKind {
    /// A file loses to one of a better priority.
    Shadowed,
    /// The contenders are one real file.
    SameFile,
    /// The same bytes and mode.
    SameContent,
    /// The same bytes with other permission bits.
    ModeDiffers,
    /// Different files at one priority, or files whose contents were not compared.
    Tie,
    /// A link that leads nowhere against something else.
    Dangling,
    /// A directory against something that is none.
    FileDirectory,
}

impl CollisionKind {
    /// Every kind, in order of gravity.
    pub const ALL: [Self; 7] = [
        Self::Shadowed,
        Self::SameFile,
        Self::SameContent,
        Self::ModeDiffers,
        Self::Tie,
        Self::Dangling,
        Self::FileDirectory,
    ];

    /// The name in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shadowed => "shadowed",
            Self::SameFile => "same-file",
            Self::SameContent => "same-content",
            Self::ModeDiffers => "mode-differs",
            Self::Tie => "tie",
            Self::Dangling => "dangling",
            Self::FileDirectory => "file-directory",
        }
    }
}

/// One of those who want a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// Position in [`super::Request::packages`]; `None` for what a package propagates.
    pub index: Option<usize>,
    pub package: Arc<str>,
    pub output: Arc<str>,
    /// The file, directory or link in the package.
    pub source: Arc<[u8]>,
    /// Where it really lies, links followed, if that is not in the package: an environment has the files of others as links.
    pub outside: Option<Arc<[u8]>>,
    pub priority: i64,
    /// Whether it is a directory, links followed.
    pub is_directory: bool,
}

/// Which rule decided; [`Collision::reason`] puts it into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The winner has the better priority.
    BetterPriority,
    /// The same priority, and the rules refuse a tie.
    SamePriority,
    /// Two of them tie before the one with the best priority is looked at.
    TieAmongLosers,
    /// A directory cannot be merged with something that is none.
    NotADirectory,
    /// One real file reached by two names.
    SameFile,
    /// The same bytes and mode.
    SameContent,
    /// The same bytes, but other permission bits.
    ModeDiffers,
    /// Whether they hold the same bytes decides, and that is not known until they are fetched.
    NotCompared,
    /// `ignoreCollisions` is set.
    Ignored,
    /// A propagated package does not displace what is there.
    PropagatedYields,
    /// A link that leads nowhere against something else.
    Dangling,
}

/// One path with more than one contender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// Relative to the environment's root, without a leading slash.
    pub path: Box<[u8]>,
    pub kind: CollisionKind,
    /// Whether the environment cannot be built because of it.
    pub blocks: bool,
    /// In the order in which the rules look at them.
    pub contenders: Vec<Contender>,
    /// Index into `contenders`; `None` if the collision blocks.
    pub winner: Option<usize>,
    /// What decided.
    pub cause: Reason,
    /// Whose rules decided.
    pub rules: RuleSet,
}

impl Collision {
    /// The reason in one sentence that names the rule.
    pub fn reason(&self) -> String {
        let rules = self.rules.name();
        match self.cause {
            Reason::BetterPriority => match self.winner.map(|at| &self.contenders[at]) {
                Some(winner) => {
                    format!("{} has the lowest number ({}), and the lowest wins", winner.package, winner.priority)
                }
                None => "the lowest number wins".to_owned(),
            },
            Reason::SamePriority => match (self.rules, self.tied_priority()) {
                (RuleSet::Nix, Some(priority)) => {
                    format!("same priority {priority}: the rules `nix` refuse a tie, whatever the files hold")
                }
                (RuleSet::Nixpkgs, Some(priority)) => {
                    format!("same priority {priority} and not the same file: the rules `nixpkgs` refuse a tie")
                }
                (_, None) => format!("the rules `{rules}` cannot merge them, whatever their priorities"),
            },
            Reason::TieAmongLosers => {
                format!("two of them tie before the best priority is looked at: the rules `{rules}` go by list order")
            }
            Reason::NotADirectory => {
                format!("the rules `{rules}` cannot merge a directory with something that is none")
            }
            Reason::SameFile => "all of them are one real file".to_owned(),
            Reason::SameContent => {
                format!("same bytes and mode: the rules `{rules}` keep the first listed")
            }
            Reason::ModeDiffers => {
                format!("same bytes, but other permission bits: the rules `{rules}` count that as different")
            }
            Reason::NotCompared => {
                format!(
                    "whether they hold the same bytes decides by the rules `{rules}`, and is not known until they are fetched"
                )
            }
            Reason::Ignored => "ignoreCollisions is set: the first listed is kept".to_owned(),
            Reason::PropagatedYields => "a package that was only propagated does not displace what is there".to_owned(),
            Reason::Dangling => {
                format!("one of them is a link that leads nowhere: the rules `{rules}` cannot compare it")
            }
        }
    }

    /// The priority that at least two contenders share.
    fn tied_priority(&self) -> Option<i64> {
        let mut priorities: Vec<i64> = self.contenders.iter().map(|contender| contender.priority).collect();
        priorities.sort_unstable();
        priorities.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }
}
