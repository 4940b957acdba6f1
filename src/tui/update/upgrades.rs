//! The upgrades screen: what is asked, marked and staged.

use super::super::action::Command;
use super::super::app::{App, Screen};
use super::super::effect::Effect;
use super::super::text;
use super::super::upgrades::Row;
use crate::loom::{LoomError, Upgrade, UpgradeWeight};

impl App {
    pub(super) fn show_upgrades(&mut self) {
        self.open(Screen::Upgrades);
        if self.upgrades.rows.is_none() && !self.upgrades.is_asking {
            self.ask_for_upgrades();
        }
    }

    /// Does a command of the upgrades screen; `false` if it is none.
    pub(super) fn change_upgrades(&mut self, command: Command) -> bool {
        match command {
            Command::ShowUpgrades => self.show_upgrades(),
            Command::AskSources => self.ask_for_upgrades(),
            Command::MarkUpgrade | Command::MarkAnyway => self.mark_upgrade(),
            Command::MarkAllUpgrades => self.mark_all_upgrades(),
            Command::NextUpgradeSource => self.ask_next_source(),
            Command::StageUpgrades => self.stage_upgrades(),
            _ => return false,
        }
        true
    }

    /// Asks the sources of all that is installed, anew.
    fn ask_for_upgrades(&mut self) {
        self.upgrades.is_asking = true;
        self.upgrades.error = None;
        self.requests.upgrades += 1;
        let request = self.requests.upgrades;
        self.outbox.push(Effect::AskForUpgrades { request, names: Vec::new(), from: None });
    }

    /// What is installed became something else: what was answered is not about that.
    pub(super) fn forget_upgrades(&mut self) {
        let was_asked = self.upgrades.rows.is_some() || self.upgrades.is_asking;
        self.upgrades.rows = None;
        self.upgrades.marked.clear();
        if was_asked && self.screens.contains(&Screen::Upgrades) {
            self.ask_for_upgrades();
        } else {
            // An answer that is on its way is about what was installed before.
            self.requests.upgrades += 1;
            self.upgrades.is_asking = false;
        }
    }

    pub(super) fn take_upgrades(
        &mut self,
        request: u64,
        names: &[String],
        found: Result<Vec<Upgrade>, LoomError>,
        was_stopped: bool,
    ) {
        if request != self.requests.upgrades {
            return;
        }
        if names.is_empty() {
            self.upgrades.is_asking = false;
            match found {
                Ok(found) => {
                    let selected = self.selected_upgrade().map(|row| row.upgrade.name.clone());
                    self.upgrades.take(found);
                    self.fit_lists();
                    let rows = self.upgrades.rows.iter().flatten();
                    let row = selected.and_then(|name| rows.clone().position(|row| row.upgrade.name == name));
                    self.lists.upgrades.select(row.unwrap_or(0));
                }
                Err(_) if was_stopped => {
                    self.upgrades.error = Some("The sources were not asked to the end.".to_owned());
                }
                Err(error) => self.upgrades.error = Some(error.to_string()),
            }
        } else {
            for row in self.upgrades.rows.iter_mut().flatten().filter(|row| names.contains(&row.upgrade.name)) {
                row.is_asking = false;
            }
            match found {
                Ok(found) => found.into_iter().for_each(|upgrade| self.take_upgrade(upgrade)),
                Err(error) => self.fail("The source was not asked", &error.to_string(), was_stopped),
            }
        }
        // The sources were evaluated anew, so what is staged may be something else now.
        if !self.staged.is_empty() {
            self.ask_for_preview();
        }
    }

    /// Puts what one source answered for one package in its row.
    fn take_upgrade(&mut self, upgrade: Upgrade) {
        let rows = self.upgrades.rows.iter_mut().flatten();
        if let Some(row) = rows.into_iter().find(|row| row.upgrade.name == upgrade.name) {
            if upgrade.change.is_none() || !upgrade.verdict.is_upgrade() {
                self.upgrades.marked.remove(&upgrade.name);
            }
            row.upgrade = upgrade;
        }
    }

    fn mark_upgrade(&mut self) {
        let Some(name) = self.selected_upgrade().map(|row| row.upgrade.name.clone()) else { return };
        if !self.upgrades.marked.remove(&name) {
            self.upgrades.marked.insert(name);
        }
    }

    /// Marks all that is to be taken, or takes all marks off if they are marked.
    fn mark_all_upgrades(&mut self) {
        let is_taken = |row: &&Row| row.upgrade.verdict.is_upgrade() && row.upgrade.change.is_some();
        let rows = self.upgrades.rows.iter().flatten().filter(is_taken);
        let all: Vec<String> = rows.map(|row| row.upgrade.name.clone()).collect();
        if all.iter().all(|name| self.upgrades.marked.contains(name)) {
            self.upgrades.marked.clear();
        } else {
            self.upgrades.marked.extend(all);
        }
    }

    /// Asks the next source for the selected package.
    fn ask_next_source(&mut self) {
        let (Some(next), Some(at)) = (self.next_upgrade_source(), self.lists.upgrades.selected()) else { return };
        let Some(row) = self.upgrades.rows.as_mut().and_then(|rows| rows.get_mut(at)) else { return };
        row.from = Some(next.clone());
        row.is_asking = true;
        let names = vec![row.upgrade.name.clone()];
        // Other rows that are asked for go on waiting for their answers.
        let request = self.requests.upgrades;
        self.outbox.push(Effect::AskForUpgrades { request, names, from: Some(next) });
    }

    /// Stages what is marked, as one step, and shows the plan.
    fn stage_upgrades(&mut self) {
        let changes = self.upgrades.to_stage(self.lists.upgrades.selected());
        let elements = self.elements().to_vec();
        let number = changes.len();
        self.edit_staged(|transaction| changes.into_iter().for_each(|change| transaction.stage(change, &elements)));
        self.upgrades.marked.clear();
        self.open(Screen::Plan);
        self.say(format!("Staged: {}.", text::plural(number, "upgrade")));
    }

    /// Asks what the selected row would do, if that is in sight and not known.
    pub(super) fn weigh_upgrade(&mut self) {
        if self.screen() != Some(Screen::Upgrades) {
            return;
        }
        let Some(change) = self.selected_upgrade().and_then(|row| row.upgrade.change.clone()) else { return };
        let written = change.to_string();
        if self.upgrades.weights.contains_key(&written) || self.upgrades.weighed.as_ref() == Some(&written) {
            return;
        }
        self.upgrades.weighed = Some(written);
        self.outbox.push(Effect::WeighUpgrade { change: Box::new(change) });
    }

    pub(super) fn upgrade_weighed(&mut self, change: &str, weight: Result<Box<UpgradeWeight>, LoomError>) {
        if self.upgrades.weighed.as_deref() == Some(change) {
            self.upgrades.weighed = None;
            self.upgrades
                .weights
                .insert(change.to_owned(), weight.map(|weight| *weight).map_err(|error| error.to_string()));
        }
    }
}
