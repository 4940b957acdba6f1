//! Moving about: panes, lists, screens, and the search box.

use crate::catalogue::Query;

use super::super::action::Command;
use super::super::app::{App, Pane, Phase, Screen};
use super::super::dialog::{Dialog, Question};
use super::super::effect::Effect;
use super::super::help::Help;
use super::super::layout::ListId;
use super::super::outline::Outline;
use super::super::work::Task;

impl App {
    /// Does a command that moves; `false` if it is none.
    pub(super) fn navigate(&mut self, command: Command) -> bool {
        match command {
            Command::NextPane => self.focus(self.pane_beside(1)),
            Command::PreviousPane => self.focus(self.pane_beside(-1)),
            Command::FocusInstalled => self.focus(Pane::Installed),
            Command::FocusAvailable => self.focus(Pane::Available),
            Command::FocusOutputs => self.focus(Pane::Outputs),
            Command::NextOrder => self.next_order(),
            Command::NarrowerPane => self.resize_pane(false),
            Command::WiderPane => self.resize_pane(true),
            Command::ShowDetails => self.open(Screen::Details),
            Command::Search => {
                self.focus(Pane::Available);
                self.is_searching = true;
                // Another search is wanted more often than more of the same.
                self.query.select_all();
            }
            Command::ShowPlan => self.open(Screen::Plan),
            Command::Explain => self.show_explanation(),
            Command::Copy => self.copy(),
            Command::Palette => self.open_palette(),
            Command::Filter => self.open_filter(),
            Command::ShowCollisions => self.open(Screen::Collisions),
            Command::ShowGenerations => self.open(Screen::Generations),
            Command::ShowSources => self.show_sources(),
            Command::ShowLog => self.show_log(),
            Command::NextWork => self.next_work(),
            Command::StopWork => {
                if let Some(task) = self.selected_work().map(|work| work.task) {
                    self.ask_to_stop(task);
                }
            }
            Command::Help => self.open(Screen::Help),
            Command::NextSection => self.next_section(true),
            Command::PreviousSection => self.next_section(false),
            _ => return self.move_in_list(command),
        }
        true
    }

    /// Moves in the list that has the focus.
    fn move_in_list(&mut self, command: Command) -> bool {
        let id = self.focused_list();
        let is_page = matches!(
            id,
            ListId::Help
                | ListId::Explanation
                | ListId::Log
                | ListId::GenerationDetail
                | ListId::Details
                | ListId::EnvironmentDetail
                | ListId::Drift
        );
        let list = self.list_mut(id);
        match command {
            // There is nothing to select: the page moves.
            Command::Down if is_page => list.scroll(1),
            Command::Up if is_page => list.scroll(-1),
            Command::Down => list.step(1),
            Command::Up => list.step(-1),
            Command::HalfPageDown => list.half_pages(1),
            Command::HalfPageUp => list.half_pages(-1),
            Command::PageDown => list.half_pages(2),
            Command::PageUp => list.half_pages(-2),
            Command::Top => list.to_top(),
            Command::Bottom => list.to_bottom(),
            _ => return false,
        }
        true
    }

    pub(super) fn focus(&mut self, pane: Pane) {
        if pane != Pane::Outputs {
            self.subject_pane = pane;
            self.unlisted = None;
        }
        self.focus = pane;
    }

    fn pane_beside(&self, by: isize) -> Pane {
        const PANES: [Pane; 3] = [Pane::Installed, Pane::Available, Pane::Outputs];
        let at = PANES.iter().position(|&pane| pane == self.focus).unwrap_or(0);
        PANES[(at + 3).saturating_add_signed(by) % 3]
    }

    /// Shows a screen; one that is open below the present one is gone back to.
    pub(super) fn open(&mut self, screen: Screen) {
        if let Some(at) = self.screens.iter().position(|&open| open == screen) {
            self.screens.truncate(at + 1);
            return;
        }
        self.screens.push(screen);
        match screen {
            // The first row is a heading.
            Screen::Plan => {
                self.fit_lists();
                self.lists.plan.to_top();
                self.lists.plan.step(1);
            }
            Screen::Collisions => self.open_inspector(),
            Screen::Generations => {
                self.timeline.clear_marks();
                self.timeline.is_in_detail = false;
                self.fit_lists();
                let current = self.current.snapshot.generation.and_then(|number| self.row_of_generation(number));
                self.lists.generations.select(current.unwrap_or(0));
            }
            Screen::Sources => self.lists.sources.to_top(),
            Screen::Upgrades => self.lists.upgrades.to_top(),
            Screen::Files | Screen::Which | Screen::Environment => {}
            Screen::Explanation => self.lists.explanation.to_top(),
            Screen::Details => self.lists.details.to_top(),
            Screen::Drift => self.lists.drift.to_top(),
            Screen::Help => {
                self.help = Help::default();
                self.lists.help.to_top();
            }
            Screen::Log => self.lists.works.to_top(),
        }
    }

    /// One level back.
    pub(super) fn back(&mut self) {
        if self.screen() == Some(Screen::Help) && !self.help.filter.is_empty() {
            self.clear_filter();
        } else if self.screen() == Some(Screen::Help) {
            self.screens.pop();
        } else if self.stop_what_is_in_sight() {
        } else if self.screen() == Some(Screen::Collisions) && !self.inspector.filter.text.is_empty() {
            self.clear_filter();
        } else if self.screen() == Some(Screen::Files) && !self.files.filter.is_empty() {
            self.clear_file_filter();
        } else if self.screen() == Some(Screen::Generations) && self.timeline.is_in_detail {
            self.timeline.is_in_detail = false;
        } else if self.screen() == Some(Screen::Generations) && !self.timeline.marks().is_empty() {
            self.timeline.clear_marks();
        } else if self.screens.pop().is_some() {
        } else if self.focus == Pane::Outputs {
            self.focus(self.subject_pane);
        } else if self.focus == Pane::Available && !self.query.is_empty() {
            self.query.clear();
            self.searched();
        }
    }

    /// Asks the work that stands in the way to stop; `false` if none does.
    fn stop_what_is_in_sight(&mut self) -> bool {
        let on_profile = self.works.on_profile().map(|work| work.task);
        on_profile.is_some_and(|task| self.ask_to_stop(task))
            || self.screen() == Some(Screen::Collisions) && self.ask_to_stop(Task::Fetch)
            || self.screen() == Some(Screen::Upgrades) && self.ask_to_stop(Task::Upgrades)
            || self.screen() == Some(Screen::Environment) && self.reading().is_some_and(|task| self.ask_to_stop(task))
            || matches!(self.screen(), Some(Screen::Plan | Screen::Environment)) && self.ask_to_stop(Task::Build)
    }

    /// Closes the screen; from the panes, leaves, and asks first if something would be lost.
    pub(super) fn quit(&mut self) {
        if self.screens.pop().is_some() {
        } else if self.staged.is_empty() && !self.is_busy() && self.works.get(Task::Build).is_none() {
            self.outbox.push(Effect::Quit);
        } else {
            self.dialog = Some(Dialog::Question(Question::Quit));
        }
    }

    /// A key of the search box that does not type.
    pub(super) fn edit_query(&mut self, command: Command) {
        let before = self.query.text().to_owned();
        match command {
            Command::Accept => {
                self.is_searching = false;
                self.keep_query();
            }
            Command::OlderQuery | Command::NewerQuery => self.walk_history(command),
            Command::Back if self.query.is_empty() => self.is_searching = false,
            Command::Back => self.query.clear(),
            _ if self.query.edit(command) => {}
            _ => {
                self.navigate(command);
            }
        }
        if self.query.text() != before {
            self.searched();
        }
    }

    /// The query became another one.
    pub(super) fn searched(&mut self) {
        self.lists.available.to_top();
        self.is_refresh = false;
        self.search();
    }

    /// What answers the same query may have become something else.
    pub(super) fn search_again(&mut self) {
        let is_answered = self.found_by == self.requests.search;
        self.is_refresh |= is_answered;
        self.search();
    }

    /// Asks for what matches the query.
    fn search(&mut self) {
        self.requests.search += 1;
        let query = Query::parse(self.query.text());
        if query.is_empty() {
            self.found = None;
            self.found_by = self.requests.search;
        } else if self.phase == Phase::Open {
            let installed = self.elements().iter().map(|element| (element.attribute.clone(), element.source.clone()));
            let query = query.with_installed(installed.collect());
            self.asked = query.clone();
            self.outbox.push(Effect::Search { request: self.requests.search, query });
        }
    }

    fn next_section(&mut self, is_forward: bool) {
        let outline = Outline::of(self);
        let row = self.lists.plan.selected().unwrap_or(0);
        let start = if is_forward {
            outline.starts().find(|&start| start > row)
        } else {
            outline.starts().rev().find(|&start| start < row)
        };
        if let Some(start) = start {
            self.lists.plan.select(start);
        }
    }
}
