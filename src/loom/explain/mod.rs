//! A transaction in the words of Nix' own programs: the commands that come to the same, to copy and to learn from.
//!
//! What Nix has no command for is said in a comment, with the nearest way. The facts were observed with Nix 2.8, 2.26 and
//! 2.34, and `tests/explain_nix.rs` runs the commands with all three.

mod edits;
mod nix_env;
mod nix_profile;
pub(super) mod origin;
mod words;

use std::fmt;

use self::edits::Edit;
use self::nix_env::NixEnv;
use self::nix_profile::NixProfile;
use super::environment::{KNOWS_PRIORITIES, version};
use super::{Loom, LoomError, OwnPlan};
use crate::package::DEFAULT_PRIORITY;
use crate::profile::{Element, ManifestKind, Transaction};
use crate::progress::{Progress, Silent};
use crate::safe;

/// No more environments are planned to find an order in which each step can be built.
const MAX_PLANS: usize = 100;

/// The newest Nix of which the commands were tried out; what has no known version is taken for it.
const NEWEST: (u64, u64) = (2, 34);

/// One line, safe for a terminal. All of them can be pasted into a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExplainedLine {
    Command(String),
    /// Without the mark of a comment.
    Comment(String),
}

impl ExplainedLine {
    fn comment(text: &str) -> Self {
        Self::Comment(safe::text(text))
    }

    /// A command of these words.
    fn command(words: &[&str]) -> Self {
        Self::Command(words.iter().map(|word| safe::shell(word)).collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for ExplainedLine {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(command) => to.write_str(command),
            Self::Comment(comment) => write!(to, "# {comment}"),
        }
    }
}

/// Says edits in the words of one of Nix' programs.
trait Speaker {
    /// What has to be done for this edit where `state` is installed.
    fn say(&self, edit: &Edit, state: &[Element]) -> Vec<ExplainedLine>;
}

impl Loom {
    /// The commands of Nix that come to the same as the transaction, for this profile and the Nix that answers here. Looks
    /// up what the transaction installs, as a preview does, and changes nothing.
    pub fn explain(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Vec<ExplainedLine>, LoomError> {
        let before = self.contents()?;
        if before.kind == ManifestKind::Bare {
            return Err(LoomError::Bare { profile: self.located.alias.clone() });
        }
        let planned = self.planned(&before, transaction, progress)?;
        let version = self.nix_version();
        let mut lines = Vec::new();
        if !self.is_nix {
            lines.push(ExplainedLine::comment(
                "there is no Nix to say this to: the profile lies in the program's own store; with Nix it would be",
            ));
        } else if version.is_none() {
            let (major, minor) = NEWEST;
            let guess = format!("Nix does not say its version; this is for Nix {major}.{minor}");
            lines.push(ExplainedLine::comment(&guess));
        }
        let blocking = planned.plan.blocking().count();
        if blocking > 0 {
            let refused = format!("Nix refuses this as it is, because of {blocking} collisions that block");
            lines.push(ExplainedLine::comment(&refused));
        }
        let own = planned.environments.iter().filter_map(OwnPlan::obstacle);
        for obstacle in planned.plan.problems.iter().map(ToString::to_string).chain(own) {
            lines.push(ExplainedLine::comment(&format!("Nix refuses this as it is: {obstacle}")));
        }
        if !planned.plan.unknown.is_empty() {
            lines.push(ExplainedLine::comment(
                "not all files of this are known until they are fetched, so Nix may find collisions that are not known here",
            ));
        }
        let version = version.unwrap_or(NEWEST);
        let profile = self.is_nix.then(|| self.profile.link());
        let edits = edits::edits(before.kind, &before.elements, &planned.elements);
        let has_priorities = before.kind == ManifestKind::NixEnv || version >= KNOWS_PRIORITIES;
        let steps = match before.kind {
            ManifestKind::NixEnv => {
                let environment = self.profile.environment()?;
                self.steps(edits, before.elements, has_priorities, &NixEnv { loom: self, profile, environment })
            }
            _ => self.steps(edits, before.elements, has_priorities, &NixProfile { loom: self, profile, version }),
        };
        let commands = steps.iter().filter(|line| matches!(line, ExplainedLine::Command(_))).count();
        if commands > 1 {
            let many = format!("Nix makes {commands} generations of this, one with each command; nix-loom makes one");
            lines.push(ExplainedLine::comment(&many));
        }
        lines.extend(steps);
        Ok(lines)
    }

    /// The edits in an order in which Nix can build what each of them leaves, as far as there is one.
    fn steps(
        &self,
        mut edits: Vec<Edit>,
        mut state: Vec<Element>,
        has_priorities: bool,
        speaker: &dyn Speaker,
    ) -> Vec<ExplainedLine> {
        let mut lines = Vec::new();
        let mut plans = 0;
        let mut builds = |state: &[Element]| {
            plans += 1;
            if plans > MAX_PLANS {
                return true;
            }
            let mut state = state.to_vec();
            if !has_priorities {
                for element in &mut state {
                    element.priority = DEFAULT_PRIORITY;
                }
            }
            self.plan(&state).map_or(true, |plan| plan.builds())
        };
        while !edits.is_empty() {
            // Nothing is installed before what it takes the place of is removed.
            let is_possible = |at: &usize| !edits.iter().any(|other| other.comes_before(&edits[*at]));
            let possible: Vec<usize> = (0..edits.len()).filter(is_possible).collect();
            let next = possible.iter().copied().find(|&at| builds(&edits[at].applied_to(&state)));
            let aside = possible.iter().copied().filter(|_| next.is_none());
            let aside = aside.filter_map(|at| Some((at, edits[at].stepping_aside()?)));
            if let Some((at, steps)) = aside.into_iter().find(|(_, steps)| builds(&steps[0].applied_to(&state))) {
                edits.splice(at..=at, steps);
                continue;
            }
            if next.is_none() && edits.len() > 1 {
                lines.push(ExplainedLine::comment(
                    "Nix refuses the next step because of collisions in between, which nix-loom's one step never has",
                ));
            }
            let edit = edits.remove(next.or(possible.first().copied()).unwrap_or(0));
            lines.extend(speaker.say(&edit, &state));
            state = edit.applied_to(&state);
        }
        lines
    }

    /// The first two numbers of the version of the Nix that keeps the store.
    fn nix_version(&self) -> Option<(u64, u64)> {
        let session = self.is_nix.then(|| self.store.session(&Silent).ok()).flatten()?;
        session.nix_version().and_then(version)
    }
}
