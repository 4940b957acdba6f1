//! What stands in the way of marking and staging upgrades.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::text;
use super::super::upgrades::{self, Row};
use super::Hindrance;

impl App {
    /// Why a command of the upgrades would do nothing; `None` for others, too.
    pub(super) fn no_upgrade(&self, command: Command) -> Option<Hindrance> {
        match command {
            Command::ShowUpgrades => self.no_upgrades(),
            Command::MarkUpgrade => self.no_mark_of_upgrade(),
            Command::MarkAnyway => self.no_mark_anyway(),
            Command::MarkAllUpgrades => self.no_mark_of_all(),
            Command::StageUpgrades => self.no_staging_of_upgrades(),
            Command::NextUpgradeSource => self.no_next_source(),
            Command::AskSources => self.no_asking(),
            _ => None,
        }
    }

    pub(super) fn no_upgrades(&self) -> Option<Hindrance> {
        self.elements().is_empty().then(|| "Nothing is installed that could be upgraded.".into())
    }

    /// Why the selected row cannot be marked as it is.
    pub(super) fn no_mark_of_upgrade(&self) -> Option<Hindrance> {
        let Some(row) = self.selected_upgrade() else { return Some(self.no_upgrade_row()) };
        if self.upgrades.is_marked(row) {
            return None;
        }
        self.unmarkable(row).or_else(|| {
            let reason = upgrades::reason(&row.upgrade)?;
            let key = self.key_for(Context::Upgrades, Command::MarkAnyway);
            Some(Hindrance::refusal(format!("Not marked: {} {key} marks it all the same.", text::in_a_line(&reason))))
        })
    }

    /// Why it cannot be marked whatever it is.
    pub(super) fn no_mark_anyway(&self) -> Option<Hindrance> {
        let Some(row) = self.selected_upgrade() else { return Some(self.no_upgrade_row()) };
        if self.upgrades.is_marked(row) { None } else { self.unmarkable(row) }
    }

    fn unmarkable(&self, row: &Row) -> Option<Hindrance> {
        if row.is_asking {
            return Some("The source is still being asked.".into());
        }
        let reason = upgrades::reason(&row.upgrade).filter(|_| row.upgrade.change.is_none())?;
        let way = match self.next_upgrade_source() {
            Some(_) => {
                format!(" {} asks another source.", self.key_for(Context::Upgrades, Command::NextUpgradeSource))
            }
            None => String::new(),
        };
        Some(Hindrance::refusal(format!("Not marked: {}{way}", text::in_a_line(&reason))))
    }

    fn no_upgrade_row(&self) -> Hindrance {
        if self.upgrades.is_asking { "The sources are still being asked." } else { "There is no row to be marked." }
            .into()
    }

    pub(super) fn no_mark_of_all(&self) -> Option<Hindrance> {
        let mut rows = self.upgrades.rows.iter().flatten();
        let can_be = rows.any(|row| row.upgrade.verdict.is_upgrade() && row.upgrade.change.is_some());
        match (can_be, self.upgrades.is_asking) {
            (true, _) => None,
            (false, true) => Some("The sources are still being asked.".into()),
            (false, false) => Some("No source has anything newer.".into()),
        }
    }

    pub(super) fn no_staging_of_upgrades(&self) -> Option<Hindrance> {
        if !self.upgrades.to_stage(self.lists.upgrades.selected()).is_empty() {
            return None;
        }
        self.no_mark_of_upgrade()
    }

    pub(super) fn no_next_source(&self) -> Option<Hindrance> {
        match self.selected_upgrade() {
            None => Some(self.no_upgrade_row()),
            Some(row) if row.is_asking => Some("The source is still being asked.".into()),
            Some(_) if self.upgrades.is_asking => Some("The sources are still being asked.".into()),
            Some(_) if self.next_upgrade_source().is_none() => {
                let key = self.key_for(Context::Panes, Command::ShowSources);
                Some(format!("There is no other source; {key} in the panes shows and adds sources.").into())
            }
            Some(_) => None,
        }
    }

    pub(super) fn no_asking(&self) -> Option<Hindrance> {
        self.upgrades.is_asking.then(|| "The sources are being asked already.".into())
    }
}
