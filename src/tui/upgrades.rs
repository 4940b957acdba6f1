//! What the sources offer in place of what is installed, as the screen has it: the rows, which of them are marked, and what
//! each would do.

use std::collections::{BTreeSet, HashMap};

use super::app::App;
use crate::loom::{Upgrade, UpgradeVerdict, UpgradeWeight};
use crate::profile::Change;

/// State of the upgrades screen.
#[derive(Debug, Default)]
pub struct Upgrades {
    /// `None` until the sources have answered.
    pub rows: Option<Vec<Row>>,
    /// Why they have not.
    pub error: Option<String>,
    /// Whether all are being asked.
    pub is_asking: bool,
    /// How many packages are as their sources offer them.
    pub unchanged: usize,
    /// The elements that are to be staged.
    pub(super) marked: BTreeSet<String>,
    /// What each change alone would do, or why that cannot be told.
    pub(super) weights: HashMap<String, Result<UpgradeWeight, String>>,
    /// The change that is being weighed, as it is written.
    pub(super) weighed: Option<String>,
}

/// A row of the list.
#[derive(Debug)]
pub struct Row {
    pub upgrade: Upgrade,
    /// The other source from which it was asked to be taken.
    pub from: Option<String>,
    /// Whether that is still to answer.
    pub is_asking: bool,
}

impl Upgrades {
    /// Takes in what the sources answered for all: what can be taken first, then what is left alone, each as the profile has
    /// it.
    pub(super) fn take(&mut self, found: Vec<Upgrade>) {
        self.unchanged = found.iter().filter(|it| it.verdict == UpgradeVerdict::Unchanged).count();
        let row = |upgrade| Row { upgrade, from: None, is_asking: false };
        let mut rows: Vec<Row> =
            found.into_iter().filter(|it| it.verdict != UpgradeVerdict::Unchanged).map(row).collect();
        rows.sort_by_key(|row| !row.upgrade.verdict.is_upgrade());
        let is_there = |name: &String| rows.iter().any(|row| row.upgrade.name == *name && row.upgrade.change.is_some());
        self.marked.retain(is_there);
        self.weights.clear();
        self.weighed = None;
        self.error = None;
        self.rows = Some(rows);
    }

    pub fn is_marked(&self, row: &Row) -> bool {
        self.marked.contains(&row.upgrade.name)
    }

    pub fn marked(&self) -> usize {
        self.marked.len()
    }

    /// What a row alone would do; `None` while that is not known.
    pub fn weight(&self, row: &Row) -> Option<&Result<UpgradeWeight, String>> {
        self.weights.get(&row.upgrade.change.as_ref()?.to_string())
    }

    pub fn is_weighing(&self, row: &Row) -> bool {
        let change = row.upgrade.change.as_ref().map(ToString::to_string);
        change.is_some() && self.weighed == change
    }

    /// The changes to stage: of what is marked, or else of this row if it is one to be taken.
    pub(super) fn to_stage(&self, selected: Option<usize>) -> Vec<Change> {
        let rows = self.rows.iter().flatten();
        let marked: Vec<_> =
            rows.filter(|row| self.is_marked(row)).filter_map(|row| row.upgrade.change.clone()).collect();
        if !marked.is_empty() {
            return marked;
        }
        let row = selected.and_then(|at| self.rows.as_ref()?.get(at));
        row.filter(|row| row.upgrade.verdict.is_upgrade())
            .and_then(|row| row.upgrade.change.clone())
            .into_iter()
            .collect()
    }
}

impl App {
    pub fn selected_upgrade(&self) -> Option<&Row> {
        self.upgrades.rows.as_ref()?.get(self.lists.upgrades.selected()?)
    }

    /// The source that the selected row would be asked to be taken from next: the sources in their order, and after the last
    /// its own again.
    pub(super) fn next_upgrade_source(&self) -> Option<String> {
        let row = self.selected_upgrade()?;
        let element = self.elements().iter().find(|element| element.name == row.upgrade.name)?;
        let sources = &self.about.as_ref()?.sources;
        let mut order = vec![&element.source];
        order.extend(sources.iter().filter(|source| **source != element.source));
        let now = row.from.as_ref().unwrap_or(&element.source);
        let at = order.iter().position(|source| *source == now).unwrap_or(0);
        let next = order.iter().skip(at + 1).chain(&order).find(|source| !source.is_empty())?;
        (*next != now).then(|| (*next).clone())
    }
}

/// The reason why a row is left alone, in a sentence; `None` for what is to be taken.
pub fn reason(upgrade: &Upgrade) -> Option<String> {
    Some(match &upgrade.verdict {
        UpgradeVerdict::Newer | UpgradeVerdict::AnotherBuild | UpgradeVerdict::AnotherSource => return None,
        UpgradeVerdict::Unchanged => "It is as that source offers it.".to_owned(),
        UpgradeVerdict::Older => "What the source offers is older than what is installed.".to_owned(),
        UpgradeVerdict::OtherProject { .. } => "What is called so there is another project.".to_owned(),
        UpgradeVerdict::Gone => format!("{} has no {}.", upgrade.source, upgrade.attribute),
        UpgradeVerdict::NoSource => "Where it comes from is not recorded.".to_owned(),
        UpgradeVerdict::UnknownSource => format!("Its source {} is not among the sources now.", upgrade.source),
        UpgradeVerdict::Obstacle(why) => format!("It cannot be installed: {why}"),
        UpgradeVerdict::Failed(why) => format!("{} could not be asked: {why}", upgrade.source),
    })
}
