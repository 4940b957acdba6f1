//! How a file stands, in words.

use super::{EnvironmentChange, FileState, FileStatus};
use crate::loom::import::EnvironmentPackage;
use crate::profile::Relation;
use crate::safe;

impl FileStatus {
    /// How it belongs to the profile: `written from generation 3`.
    pub fn belongs(&self) -> String {
        let since = self.generation.map_or_else(String::new, |number| format!(" since generation {number}"));
        match (self.relation, self.generation) {
            (Relation::Whole, _) => format!("installed as one package{since}"),
            (Relation::Apart, _) => format!("its packages are installed one by one{since}"),
            (Relation::Exported, Some(number)) => format!("written from generation {number}"),
            (Relation::Exported, None) => "written from the profile".to_owned(),
        }
    }

    /// Whether it agrees, in a few words; safe for a terminal.
    pub fn verdict(&self) -> String {
        let known = if self.is_asked { "" } else { ", by what it said when last read" };
        match &self.state {
            FileState::Agrees => format!("agrees with the profile{known}"),
            FileState::Differs if self.differences.len() == 1 => format!("differs from the profile in 1 thing{known}"),
            FileState::Differs => format!("differs from the profile in {} things{known}", self.differences.len()),
            FileState::Edited => "its text has changed; what it says now is not known".to_owned(),
            FileState::Unreadable(why) => format!("cannot be read: {}", safe::text(why)),
            FileState::Gone => "is gone, or has another name now".to_owned(),
        }
    }

    /// What has changed since it was installed or written, if that is known.
    pub fn cause(&self) -> Option<&'static str> {
        match self.state {
            FileState::Differs if self.is_edited => Some("its text has changed since then"),
            FileState::Differs if self.is_moved => Some(
                "its text is the same, but it says something else now: a source that it takes packages from has moved",
            ),
            FileState::Differs => Some("the file says what it said then; the profile has changed"),
            _ => None,
        }
    }
}

impl EnvironmentChange {
    /// What became of each package, a line each: `+ zlib 1.3`; safe for a terminal.
    pub fn lines(&self) -> Vec<String> {
        let one = |mark: &str| {
            let mark = mark.to_owned();
            move |package: &EnvironmentPackage| format!("{mark} {}", told(package))
        };
        let other = |(before, after): &(EnvironmentPackage, EnvironmentPackage)| {
            let after = if before.version == after.version {
                "another build".to_owned()
            } else if after.version.is_empty() {
                "no version".to_owned()
            } else {
                safe::text(&after.version)
            };
            format!("~ {}: {after} in the file", told(before))
        };
        let added = self.added.iter().map(one("+"));
        added.chain(self.removed.iter().map(one("-"))).chain(self.changed.iter().map(other)).collect()
    }
}

/// `zlib.dev 1.3`.
fn told(package: &EnvironmentPackage) -> String {
    let EnvironmentPackage { name, version, output } = package;
    let output = if output.is_empty() || output == "out" { String::new() } else { format!(".{output}") };
    safe::text(format!("{name}{output} {version}").trim_end())
}
