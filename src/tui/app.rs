//! All state of the screen, and the questions that views and updates ask of it. Only [`update`](super::update) changes it.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use crate::catalogue::{Query, SearchResult};
use crate::loom::{About, Built, Elsewhere, OutputInfo, SourcesView, ToBuild};
use crate::package::Package;
use crate::profile::{Element, Generation};
use crate::progress::Step;
use crate::safe;

use super::bindings::Bindings;
use super::dialog::Dialog;
use super::drift::Drift;
use super::effect::{Current, Effect};
use super::environment::Environment;
use super::errors::{self, Errors};
use super::explanation::Explanation;
use super::export_form::ExportForm;
use super::files::Files;
use super::help::Help;
use super::history::History;
use super::input::Input;
use super::inspector::{Inspector, Row};
use super::key::Key;
use super::list::List;
use super::log::Log;
use super::look::Look;
use super::moment::Moment;
use super::offer::Offer;
use super::order::{ByName, Orders};
use super::report::Report;
use super::staged::Staged;
use super::theme::{Theme, ThemeName};
use super::timeline::Timeline;
use super::update::mouse::Mouse;
use super::upgrades::Upgrades;
use super::weighing::Weighing;
use super::which::Which;
use super::widths::Widths;
use super::words;
use super::work::{Task, Work, Works};

/// One of the three panes, from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Installed,
    Available,
    Outputs,
}

/// A screen that lies over the panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Plan,
    /// The plan in the words of Nix.
    Explanation,
    Collisions,
    Generations,
    /// Everything that is known of the subject.
    Details,
    Sources,
    /// What the sources offer in place of what is installed.
    Upgrades,
    Files,
    /// Who provides a command or a file.
    Which,
    /// What an environment file holds.
    Environment,
    /// Whether the profile agrees with its file.
    Drift,
    /// The works that run, and the log of all of it.
    Log,
    Help,
}

/// How far the program beneath is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Opening,
    Failed(String),
    Open,
}

/// What the message line says until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub is_error: bool,
}

/// What the staged changes would do, as far as it is worked out.
#[derive(Debug, Default)]
pub struct Outlook {
    /// Whether a newer one is on its way.
    pub is_working: bool,
    /// The newest there is; of older changes while a newer one is on its way.
    pub report: Option<Box<Report>>,
    /// Why there is none.
    pub error: Option<String>,
}

impl Outlook {
    /// The report of exactly the changes that are staged now.
    pub fn current(&self) -> Option<&Report> {
        self.report.as_deref().filter(|_| !self.is_working)
    }
}

/// What became of the evaluation of the subject, where it needed one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Evaluation {
    /// Done, or not needed, or under way.
    #[default]
    Quiet,
    Failed(String),
}

/// The number of the last request of each kind; replies to older ones are dropped. Changes of the sources are counted: all
/// are done, and what older ones led to is not shown.
#[derive(Debug, Default)]
pub struct Requests {
    /// How often the program beneath was opened again.
    pub reopen: u64,
    pub search: u64,
    pub look: u64,
    pub explain: u64,
    pub preview: u64,
    pub outputs: u64,
    pub compare: u64,
    pub summarise: u64,
    pub weigh: u64,
    pub files: u64,
    pub tree: u64,
    pub which: u64,
    pub upgrades: u64,
    pub import: u64,
    pub status: u64,
    /// Changes of the sources that are not answered yet.
    pub source_changes: usize,
}

/// The lists of all screens.
#[derive(Debug, Default)]
pub struct Lists {
    pub installed: List,
    pub available: List,
    pub outputs: List,
    pub plan: List,
    pub explanation: List,
    pub collisions: List,
    pub generations: List,
    pub details: List,
    pub sources: List,
    pub upgrades: List,
    pub files: List,
    pub which: List,
    pub environment: List,
    pub drift: List,
    pub works: List,
    pub help: List,
    pub palette: List,
}

/// What the screen is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    pub look: Look,
    pub time_zone: TimeZone,
    /// Shown in place of the beginning of the profile's path, as `~`.
    pub home: Option<std::path::PathBuf>,
}

/// All state of the screen.
#[derive(Debug)]
pub struct App {
    pub settings: Settings,
    pub size: (u16, u16),
    /// When the last action happened.
    pub now: Moment,
    pub phase: Phase,
    pub about: Option<About>,
    pub offer: Offer,
    /// Whether the reading of the sources was stopped before its end.
    pub is_load_stopped: bool,
    /// The sources, and what could be one; `None` until they are looked at.
    pub sources: Option<SourcesView>,
    /// What they offer in place of what is installed.
    pub upgrades: Upgrades,
    pub current: Current,
    /// For each element the newer version that its source offers, if it does.
    pub newer: Vec<Option<String>>,
    /// What is there beside the profile; empty until it is known.
    pub elsewhere: Elsewhere,
    /// The elements as they are listed, as indices into them.
    pub(super) installed_rows: Vec<usize>,
    /// Index into the elements, by attribute.
    pub(super) installed_by_attribute: HashMap<String, Vec<usize>>,

    pub orders: Orders,
    /// What is on offer by name, once somebody asks for that order.
    pub(super) by_name: ByName,
    pub widths: Widths,
    pub focus: Pane,
    /// The list whose selection the outputs pane shows.
    pub subject_pane: Pane,
    /// Attribute and source of a package that no row shows and that the outputs are of all the same.
    pub(super) unlisted: Option<(String, String)>,
    pub is_searching: bool,
    pub query: Input,
    pub history: History,
    /// Environment files that were opened, in this run and before.
    pub opened_files: History,
    /// The theme that was chosen with a key, in this run or before.
    pub(super) chosen_theme: Option<ThemeName>,
    /// `None`: everything on offer, in its order.
    pub found: Option<SearchResult>,
    /// The search that `found` is of.
    pub(super) found_by: u64,
    /// The query that was asked for last, and that of `found`.
    pub(super) asked: Query,
    pub(super) found_query: Query,
    /// Whether the search under way is for the query whose rows are in sight: then what is selected stays so.
    pub(super) is_refresh: bool,
    /// Keys that were pressed for rows which are still being looked for; they are done once the rows are there.
    pub(super) held: Vec<Key>,
    pub(super) mouse: Mouse,
    /// The outputs of the subject; `None` until they are known.
    pub outputs: Option<Vec<OutputInfo>>,
    pub evaluation: Evaluation,
    /// Attribute and source that `outputs` were asked for.
    pub(super) looked_at: Option<(String, String)>,

    pub staged: Staged,
    pub outlook: Outlook,
    /// What ticking the outputs of the subject would do.
    pub(super) weighing: Weighing,
    pub inspector: Inspector,
    pub explanation: Explanation,
    /// What was built last to be looked at, and of what.
    pub built: Option<(ToBuild, Built)>,
    /// Where its link was to go, as it was typed.
    pub(super) last_link: Option<String>,
    pub files: Files,
    pub which: Which,
    pub environment: Environment,
    pub drift: Drift,
    /// Attribute and source of the package that is searched for to be selected.
    pub(super) sought: Option<(String, String)>,
    pub timeline: Timeline,
    pub help: Help,
    /// The form as it was filled in last.
    pub last_export: Option<Box<ExportForm>>,

    pub screens: Vec<Screen>,
    pub dialog: Option<Dialog>,
    /// Long work that runs.
    pub works: Works,
    pub log: Log,
    pub errors: Errors,
    pub message: Option<Message>,
    pub lists: Lists,
    pub(super) requests: Requests,
    /// Effects that the update under way asks for.
    pub(super) outbox: Vec<Effect>,
}

/// The plan that the inspector is about: that of what is staged, or that of an environment file by itself.
pub(super) fn inspected_report<'a>(
    inspector: &Inspector,
    outlook: &'a Outlook,
    environment: &'a Environment,
) -> Option<&'a Report> {
    if inspector.is_of_file { environment.own_report() } else { outlook.report.as_deref() }
}

impl Pane {
    pub const ALL: &[Self] = &[Self::Installed, Self::Available, Self::Outputs];

    /// The name under which it is remembered; never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Available => "available",
            Self::Outputs => "outputs",
        }
    }

    /// The pane that is remembered by that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|pane| pane.name() == name)
    }
}

impl App {
    /// A screen on which nothing is loaded yet; [`start`](super::update::start) gives the first effects.
    pub fn new(settings: Settings, size: (u16, u16)) -> Self {
        Self {
            settings,
            size,
            now: Moment::default(),
            phase: Phase::Opening,
            about: None,
            offer: Offer::default(),
            is_load_stopped: false,
            sources: None,
            upgrades: Upgrades::default(),
            current: Current::default(),
            newer: Vec::new(),
            elsewhere: Elsewhere::default(),
            installed_rows: Vec::new(),
            installed_by_attribute: HashMap::new(),
            orders: Orders::default(),
            by_name: ByName::default(),
            widths: Widths::default(),
            focus: Pane::Installed,
            subject_pane: Pane::Installed,
            unlisted: None,
            is_searching: false,
            query: Input::default(),
            history: History::default(),
            opened_files: History::default(),
            chosen_theme: None,
            found: None,
            found_by: 0,
            asked: Query::default(),
            found_query: Query::default(),
            is_refresh: false,
            held: Vec::new(),
            mouse: Mouse::default(),
            outputs: None,
            evaluation: Evaluation::default(),
            looked_at: None,
            staged: Staged::default(),
            outlook: Outlook::default(),
            weighing: Weighing::default(),
            inspector: Inspector::default(),
            explanation: Explanation::default(),
            built: None,
            last_link: None,
            files: Files::default(),
            which: Which::default(),
            environment: Environment::default(),
            drift: Drift::default(),
            sought: None,
            timeline: Timeline::default(),
            help: Help::default(),
            last_export: None,
            screens: Vec::new(),
            dialog: None,
            works: Works::default(),
            log: Log::default(),
            errors: Errors::default(),
            message: None,
            lists: Lists::default(),
            requests: Requests::default(),
            outbox: Vec::new(),
        }
    }

    pub fn theme(&self) -> &Theme {
        &self.settings.look.theme
    }

    pub fn bindings(&self) -> &Bindings {
        &self.settings.look.bindings
    }

    /// The whole screen.
    pub fn whole_area(&self) -> Rect {
        Rect::new(0, 0, self.size.0, self.size.1)
    }

    /// All of it but the rows at the bottom that show an error.
    pub fn area(&self) -> Rect {
        let rows = u16::try_from(errors::rows(self).len()).unwrap_or(0);
        let whole = self.whole_area();
        Rect { height: whole.height - rows.min(whole.height), ..whole }
    }

    pub fn screen(&self) -> Option<Screen> {
        self.screens.last().copied()
    }

    pub fn elements(&self) -> &[Element] {
        &self.current.snapshot.elements
    }

    pub fn element(&self, name: &str) -> Option<&Element> {
        self.elements().iter().find(|element| element.name == name)
    }

    /// The installed element of a package on offer.
    pub fn element_of(&self, package: &Package) -> Option<&Element> {
        let of_attribute = self.installed_by_attribute.get(&package.attribute)?;
        of_attribute
            .iter()
            .map(|&at| &self.elements()[at])
            .find(|element| element.source.is_empty() || *element.source == *package.source)
    }

    /// The sources that could not be read.
    pub fn failed_sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let rows = self.sources.iter().flat_map(|view| &view.configured).filter(|source| source.is_on);
        rows.filter_map(|source| Some((source.name.as_str(), source.problem.as_deref()?)))
    }

    /// Number of rows in the available pane.
    pub fn available_len(&self) -> usize {
        self.found.as_ref().map_or(self.offer.len(), |found| found.hits.len())
    }

    /// A row of the available pane.
    pub fn available(&self, row: usize) -> Option<Package> {
        match &self.found {
            None => self.offer.get(self.offered_at(row)),
            Some(found) => self.offer.get(found.hits.get(row)?.package),
        }
    }

    /// The byte positions of the letters in a row's attribute that the query matched.
    pub fn matched(&self, row: usize) -> Vec<usize> {
        let hit = self.found.as_ref().and_then(|found| found.hits.get(row));
        hit.map_or_else(Vec::new, |hit| self.offer.matched(hit.package, &self.found_query))
    }

    /// The plan that the inspector is about.
    pub fn inspected_report(&self) -> Option<&Report> {
        inspected_report(&self.inspector, &self.outlook, &self.environment)
    }

    /// The selected row of the inspector.
    pub fn inspected(&self) -> Option<Row> {
        self.inspector.row(self.lists.collisions.selected()?)
    }

    /// A path with `~` for the home directory, safe for a terminal.
    pub fn at_home(&self, path: &Path) -> String {
        match self.settings.home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) => format!("~/{}", safe::path(rest)),
            None => safe::path(path),
        }
    }

    /// When a generation was made, by the clock of the user.
    pub fn date(&self, generation: &Generation) -> String {
        Timestamp::try_from(generation.created).map_or_else(
            |_| "no date".into(),
            |created| created.to_zoned(self.settings.time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        )
    }

    /// How long ago that was, in words.
    pub fn age(&self, generation: &Generation) -> String {
        let now = self.current.read + self.now.since(self.timeline.read);
        words::age(generation.created, now)
    }

    /// Whether the profile is being changed.
    pub fn is_busy(&self) -> bool {
        self.works.on_profile().is_some()
    }

    /// The work that is selected in the list of them.
    pub fn selected_work(&self) -> Option<&Work> {
        self.works.all().get(self.lists.works.selected()?)
    }

    /// How far the reading of the sources is, once that takes a while.
    pub fn loading(&self) -> Option<&Step> {
        self.works.get(Task::Load)?.step.as_ref()
    }

    /// Whether Nix evaluates the subject, and has for a while.
    pub fn is_evaluating(&self) -> bool {
        self.works.get(Task::Look(self.requests.look)).is_some()
    }
}
