//! One staged edit of a profile.

use std::fmt::{self, Display, Formatter};

use super::notation::{spelled, spelled_attribute};

/// Chooses all outputs, as in Nix' `^*`.
pub(super) const ALL_OUTPUTS: &str = "*";

/// A staged edit. Its `Display` is the notation that [`super::ChangeRequest`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Install an attribute; if it is installed already, replace it by what its source offers now and keep its
    /// outputs, priority and activity except where given here.
    Install {
        attribute: String,
        /// `None`: the first source that has the attribute.
        source: Option<String>,
        /// `None`: the default outputs. `*` alone: all of them.
        outputs: Option<Vec<String>>,
        /// `None`: the package's own.
        priority: Option<i64>,
    },
    Remove {
        name: String,
    },
    Outputs {
        name: String,
        outputs: Vec<String>,
    },
    Priority {
        name: String,
        priority: i64,
    },
    Active {
        name: String,
        active: bool,
    },
    /// Take an installed element from another source, or as another attribute; its name, priority and activity stay.
    Source {
        name: String,
        /// `None`: the one that it has, or its name where none is known.
        attribute: Option<String>,
        source: String,
        /// `None`: those that it has. `*` alone: all of them.
        outputs: Option<Vec<String>>,
    },
}

impl Change {
    /// The element that it is about, if it is about an installed one.
    pub fn element(&self) -> Option<&str> {
        match self {
            Self::Install { .. } => None,
            Self::Remove { name }
            | Self::Outputs { name, .. }
            | Self::Priority { name, .. }
            | Self::Active { name, .. }
            | Self::Source { name, .. } => Some(name),
        }
    }
}

impl Display for Change {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install { attribute, source, outputs, priority } => {
                write!(to, "{}", spelled_attribute(attribute))?;
                if let Some(source) = source {
                    write!(to, "@{}", spelled(source))?;
                }
                if let Some(outputs) = outputs {
                    write_outputs(to, outputs)?;
                }
                priority.map_or(Ok(()), |priority| write!(to, ":priority={priority}"))
            }
            Self::Remove { name } => write!(to, "-{}", spelled(name)),
            Self::Outputs { name, outputs } => {
                write!(to, "{}", spelled(name))?;
                write_outputs(to, outputs)
            }
            Self::Priority { name, priority } => write!(to, "{}:priority={priority}", spelled(name)),
            Self::Active { name, active } => write!(to, "{}:active={active}", spelled(name)),
            Self::Source { name, attribute, source, outputs } => {
                write!(to, "{}", spelled(name))?;
                if let Some(outputs) = outputs {
                    write_outputs(to, outputs)?;
                }
                if let Some(attribute) = attribute {
                    write!(to, ":attribute={}", spelled_attribute(attribute))?;
                }
                write!(to, ":source={}", spelled(source))
            }
        }
    }
}

fn write_outputs(to: &mut Formatter<'_>, outputs: &[String]) -> fmt::Result {
    for (index, output) in outputs.iter().enumerate() {
        write!(to, "{}{}", if index == 0 { '^' } else { ',' }, spelled(output))?;
    }
    Ok(())
}
