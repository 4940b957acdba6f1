//! How the program ends.

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::loom::{LoomError, Verdict};
use crate::profile::ChangeParseError;

/// Exit codes, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Done,
    Failed,
    Usage,
    /// Collisions block the environment, or would block it.
    Refused,
    /// A signal ended the screen: 128 and its number.
    #[cfg_attr(not(feature = "tui"), expect(dead_code))]
    Signal(u8),
}

/// Of a command that only tells what would be.
impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Builds => Self::Done,
            Verdict::Collides { .. } => Self::Refused,
            Verdict::Impossible => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Signal(code) => code,
        })
    }
}

/// The command was called in a way that cannot mean anything.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub String);

impl Exit {
    /// The code of a command that failed.
    pub fn of(error: &anyhow::Error) -> Self {
        let is_usage = error.is::<UsageError>()
            || error.is::<ChangeParseError>()
            || matches!(error.downcast_ref(), Some(LoomError::SourceName { .. }))
            || matches!(error.downcast_ref(), Some(ConfigError::Name { .. }));
        if is_usage { Self::Usage } else { Self::Failed }
    }
}
