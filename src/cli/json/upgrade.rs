//! What the sources of installed packages offer in their place.

use serde::Serialize;

use super::plan::PreviewDocument;
use crate::loom::{Project, Upgrade, UpgradeVerdict, UpgradeWeight};

/// What `upgrade` found, and did or would do.
#[derive(Serialize)]
pub(in crate::cli) struct UpgradesDocument<'a> {
    pub upgrades: Vec<UpgradeDocument<'a>>,
    /// The one that was made; null without --apply.
    pub generation: Option<u64>,
    /// Whether there is nothing to take, or what was taken was there already.
    pub unchanged: bool,
    /// Of all that is taken; null if that is nothing.
    pub preview: Option<PreviewDocument>,
}

/// One installed package.
#[derive(Serialize)]
pub(in crate::cli) struct UpgradeDocument<'a> {
    name: &'a str,
    from: &'a str,
    to: &'a str,
    attribute: &'a str,
    source: &'a str,
    verdict: &'static str,
    /// Whether it is among what the command takes.
    taken: bool,
    /// What would take it; null if nothing can be taken.
    change: Option<String>,
    outputs: &'a [String],
    lost_outputs: &'a [String],
    /// Why it cannot be installed, or what the source said.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The two projects of one name.
    #[serde(skip_serializing_if = "Option::is_none")]
    installed: Option<ProjectDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered: Option<ProjectDocument<'a>>,
    /// What it alone would do; left out where that is not known or done already.
    #[serde(skip_serializing_if = "Option::is_none")]
    alone: Option<AloneDocument>,
}

#[derive(Serialize)]
struct ProjectDocument<'a> {
    name: &'a str,
    version: &'a str,
    homepage: &'a str,
    description: &'a str,
}

#[derive(Serialize)]
struct AloneDocument {
    /// Of all that it needs and that is not here.
    download_bytes: u64,
    unpacked_bytes: u64,
    builds: usize,
    added: usize,
    removed: usize,
    changed: usize,
    collisions: usize,
    blocking: usize,
    /// Outputs of which not all is known before they are fetched.
    unknown: usize,
}

impl<'a> From<&'a Project> for ProjectDocument<'a> {
    fn from(project: &'a Project) -> Self {
        Self {
            name: &project.name,
            version: &project.version,
            homepage: &project.homepage,
            description: &project.description,
        }
    }
}

impl<'a> UpgradeDocument<'a> {
    pub fn new(upgrade: &'a Upgrade, taken: bool, weight: Option<&UpgradeWeight>) -> Self {
        let (installed, offered) = match &upgrade.verdict {
            UpgradeVerdict::OtherProject { installed, offered } => (Some(&**installed), Some(&**offered)),
            _ => (None, None),
        };
        Self {
            name: &upgrade.name,
            from: &upgrade.from,
            to: &upgrade.to,
            attribute: &upgrade.attribute,
            source: &upgrade.source,
            verdict: verdict(&upgrade.verdict),
            taken,
            change: upgrade.change.as_ref().map(ToString::to_string),
            outputs: &upgrade.outputs,
            lost_outputs: &upgrade.lost_outputs,
            reason: match &upgrade.verdict {
                UpgradeVerdict::Obstacle(why) | UpgradeVerdict::Failed(why) => Some(why),
                _ => None,
            },
            installed: installed.map(Into::into),
            offered: offered.map(Into::into),
            alone: weight.map(Into::into),
        }
    }
}

/// As scripts know it.
fn verdict(verdict: &UpgradeVerdict) -> &'static str {
    match verdict {
        UpgradeVerdict::Newer => "newer",
        UpgradeVerdict::AnotherBuild => "another-build",
        UpgradeVerdict::AnotherSource => "another-source",
        UpgradeVerdict::Unchanged => "unchanged",
        UpgradeVerdict::Older => "older",
        UpgradeVerdict::OtherProject { .. } => "other-project",
        UpgradeVerdict::Gone => "gone",
        UpgradeVerdict::NoSource => "no-source",
        UpgradeVerdict::UnknownSource => "unknown-source",
        UpgradeVerdict::Obstacle(_) => "obstacle",
        UpgradeVerdict::Failed(_) => "failed",
    }
}

impl From<&UpgradeWeight> for AloneDocument {
    fn from(weight: &UpgradeWeight) -> Self {
        let UpgradeWeight { consequence, fetch } = weight;
        Self {
            download_bytes: fetch.download_bytes,
            unpacked_bytes: fetch.unpacked_bytes,
            builds: fetch.builds,
            added: consequence.added,
            removed: consequence.removed,
            changed: consequence.changed,
            collisions: consequence.collisions,
            blocking: consequence.blocking,
            unknown: consequence.unknown,
        }
    }
}
