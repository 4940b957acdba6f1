//! Paragraphs and facts of a package, one after another.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::super::action::Command;
use super::super::super::app::{App, Evaluation};
use super::super::super::context::Context;
use super::super::super::subject::Subject;
use super::super::super::words;
use super::super::super::{subject_words, text};
use crate::loom::revision_of;
use crate::package::{Obstacle, Package};
use crate::profile::Element;

/// Columns of the label before a fact.
const LABEL: usize = 12;
/// Rows of a paragraph where rows are few: what comes after it matters too.
const PARAGRAPH_ROWS: usize = 8;
/// Rows of a fact there.
const FACT_ROWS: usize = 2;
/// With fewer rows than these none is left blank.
const TIGHT: usize = 8;
/// More names are counted.
const NAMES: usize = 4;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What is worth some of so many rows.
    Rows(usize),
    All,
}

/// The lines that there are so far.
pub struct Facts<'a> {
    pub app: &'a App,
    pub lines: Vec<Line<'static>>,
    columns: usize,
    extent: Extent,
}

impl<'a> Facts<'a> {
    pub fn new(app: &'a App, columns: usize, extent: Extent) -> Self {
        Self { app, lines: Vec::new(), columns, extent }
    }

    /// A blank line, where there is room for one.
    pub fn blank(&mut self) {
        if !self.is_tight() {
            self.lines.push(Line::default());
        }
    }

    /// Whether there is so little room that no line is left blank.
    fn is_tight(&self) -> bool {
        matches!(self.extent, Extent::Rows(rows) if rows < TIGHT)
    }

    /// A blank line and a heading.
    pub fn heading(&mut self, words: &str) {
        if !self.lines.is_empty() {
            self.blank();
        }
        self.lines.push(Line::styled(words.to_owned(), self.app.theme().title));
    }

    /// A line of little interest, with a blank one before it.
    pub fn note(&mut self, words: &'static str) {
        self.lines.extend([Line::default(), Line::styled(words, self.app.theme().dim)]);
    }

    /// One line, cut if it is too long.
    pub fn line(&mut self, content: &str, style: Style) {
        self.lines.push(Line::styled(text::fit(content, self.columns), style));
    }

    /// Sentences that belong to the line above them.
    pub fn indented(&mut self, content: &str, style: Style) {
        const INDENT: &str = "    ";
        let lines = text::wrap(content, self.columns.saturating_sub(INDENT.len()));
        self.lines.extend(lines.into_iter().map(|line| Line::styled(format!("{INDENT}{line}"), style)));
    }

    /// Sentences, and a blank line after them.
    pub fn paragraph(&mut self, content: &str, style: Style) {
        if !content.is_empty() {
            let lines = match self.extent {
                Extent::All => text::wrap(content, self.columns),
                Extent::Rows(_) => text::wrap_to(content, self.columns, PARAGRAPH_ROWS),
            };
            self.lines.extend(lines.into_iter().map(|line| Line::styled(line, style)));
            self.blank();
        }
    }

    /// A label and a value, unless that is empty; what has no room in a line goes on below it.
    pub fn fact(&mut self, label: &str, value: &str) {
        self.mark(label, value, self.app.theme().dim);
    }

    fn mark(&mut self, label: &str, value: &str, style: Style) {
        let columns = self.columns.saturating_sub(LABEL);
        let values = match self.extent {
            Extent::All => text::wrap(value, columns),
            Extent::Rows(_) => text::wrap_to(value, columns, FACT_ROWS),
        };
        for (at, value) in values.into_iter().enumerate() {
            let label = Span::styled(text::pad(if at == 0 { label } else { "" }, LABEL), style);
            self.lines.push(Line::from(vec![label, Span::styled(value, self.app.theme().text)]));
        }
    }

    pub fn evaluation(&mut self) {
        match &self.app.evaluation {
            Evaluation::Quiet if self.app.is_evaluating() => self.paragraph("evaluating…", self.app.theme().dim),
            Evaluation::Quiet => {}
            Evaluation::Failed(error) => self.paragraph(error, self.app.theme().blocked),
        }
    }

    /// What it is, and what stands in its way.
    pub fn about(&mut self, subject: &Subject<'_>) {
        let app = self.app;
        if let Some(package) = &subject.package {
            // The evaluation that has just failed tells it better than the one before.
            let is_told = |obstacle: &&Obstacle| {
                matches!((&app.evaluation, obstacle), (Evaluation::Failed(_), Obstacle::Failed(_)))
            };
            let obstacles: Vec<_> = package.obstacles.iter().filter(|obstacle| !is_told(obstacle)).cloned().collect();
            self.paragraph(&words::obstacles(&obstacles), app.theme().warning);
            self.paragraph(&package.description, app.theme().text);
        } else if subject_words::is_known_not_offered(app, subject) {
            self.paragraph(subject_words::not_offered(subject), app.theme().text);
        }
    }

    /// The marks of its rows in words: what is staged, newer, shadowed, switched off, and in another place too.
    pub fn marks(&mut self, subject: &Subject<'_>) {
        let app = self.app;
        let theme = *app.theme();
        if let Some((mark, words)) = subject_words::staged(app, subject) {
            let style = super::super::plan_panel::mark_style(app, mark);
            self.mark(&format!("{} staged", mark.sign()), &words, style);
        }
        if let Some(element) = subject.element {
            let is_known = !element.attribute.is_empty() && element.attribute != element.name;
            let name = if is_known { format!(" as {}", element.name) } else { String::new() };
            self.mark("• state", &format!("installed{name}"), theme.dim);
            if !element.active {
                let key = self.app.key_for(Context::Panes, Command::ToggleActive);
                let words = format!("it stays installed, and nothing of it is linked; {key} switches it on");
                self.mark("○ off", &words, theme.dim);
            }
        }
        self.newer(subject);
        let losses = app.outlook.report.as_ref().and_then(|report| report.losses.of(&app.planned_name(subject)));
        if let Some(loss) = losses {
            if loss.files > 0 {
                self.mark("▾ shadowed", &subject_words::shadowed(loss, NAMES), theme.warning);
            }
            let blocking: usize = loss.blocking.iter().map(|(_, number)| number).sum();
            if blocking > 0 {
                let key = self.app.key_for(Context::Panes, Command::ShowCollisions);
                let words = format!("the plan, at {}; {key} shows which", text::plural(blocking, "path"));
                self.mark("✗ blocks", &words, theme.blocked);
            }
        }
        let (found, version) = match (subject.element, &subject.package) {
            (Some(element), _) => (app.elsewhere.of_element(element), element.version.as_str()),
            (None, Some(package)) => (app.elsewhere.of_package(package), package.version.as_str()),
            (None, None) => (None, ""),
        };
        if let Some(found) = found {
            let sign = words::elsewhere(Some(found), 1);
            self.mark(&format!("{sign} elsewhere"), &found.words(version), theme.dim);
        }
    }

    /// What its source offers in place of what is installed.
    fn newer(&mut self, subject: &Subject<'_>) {
        let (Some(element), Some(package)) = (subject.element, &subject.package) else { return };
        // Nothing is said of a version that is not known yet.
        if package.version.is_empty() || package.version == element.version {
            return;
        }
        let style = self.app.theme().dim;
        if crate::version::is_newer(&package.version, &element.version) {
            let key = self.app.key_for(Context::Available, Command::ToggleInstall);
            let how =
                if self.extent == Extent::All { format!("; {key} in Available stages it") } else { String::new() };
            self.mark("↑ newer", &format!("{} in {}{how}", package.version, package.source), style);
        } else {
            self.mark("offered", &package.version, style);
        }
    }

    /// What is installed of it, whatever is staged; what its source says, and what others offer.
    pub fn package(&mut self, subject: &Subject<'_>) {
        let (app, package) = (self.app, subject.package.as_ref());
        let attribute = subject.element.map(|element| element.attribute.as_str());
        let attribute = attribute.or(package.map(|package| package.attribute.as_str())).unwrap_or_default();
        match (subject.element, package) {
            (Some(element), _) => self.installed(element),
            (None, Some(package)) => {
                self.fact("version", &package.version);
                let staged = app.staged.install(&package.attribute, &package.source).and_then(|(_, priority)| priority);
                // Without outputs nothing is known but the name.
                let known = Some(package.priority).filter(|_| !package.outputs.is_empty());
                self.priority(staged.or(known));
            }
            (None, None) => {}
        }
        if attribute != subject.name() || self.extent == Extent::All {
            self.fact("attribute", attribute);
        }
        self.fact("program", package.and_then(|package| package.main_program.as_deref()).unwrap_or_default());
        let source = package.map(|package| &*package.source).or(subject.element.map(|element| element.source.as_str()));
        let source = source.unwrap_or_default();
        self.fact("source", &format!("{source}{}", self.pin_of(source)));
        self.other_sources(attribute, package);
        if let Some(package) = package {
            self.fact("license", &package.licenses.join(", "));
            self.fact("homepage", &package.homepage);
        }
    }

    /// Behind the name of a source that is pinned: where, and what that means for newer versions.
    fn pin_of(&self, source: &str) -> String {
        let rows = self.app.sources.iter().flat_map(|view| &view.configured);
        let Some(pin) = rows.into_iter().find(|row| row.name == source).and_then(|row| row.pin.as_ref()) else {
            return String::new();
        };
        let more = if self.extent == Extent::All { ": nothing newer is taken from it" } else { "" };
        format!(", pinned to {}{more}", pin.in_short())
    }

    fn installed(&mut self, element: &Element) {
        self.fact("version", &element.version);
        let outputs: Vec<_> = element.outputs.iter().map(|output| output.name.as_str()).collect();
        self.fact("outputs", &outputs.join(" "));
        self.fact("revision", &revision_of(element).map(|pin| pin.in_short()).unwrap_or_default());
        self.priority(Some(self.app.staged.priority(&element.name).unwrap_or(element.priority)));
    }

    fn priority(&mut self, priority: Option<i64>) {
        let Some(priority) = priority else { return };
        let words =
            if self.extent == Extent::All { "; of two files at one path that with the lower number wins" } else { "" };
        self.fact("priority", &format!("{priority}{words}"));
    }

    /// The versions in the other sources, a line for each.
    fn other_sources(&mut self, attribute: &str, package: Option<&Package>) {
        let own = package.map(|package| &package.source);
        let others = self.app.offer.all_of(attribute).into_iter().filter(|other| Some(&other.source) != own);
        for (at, other) in others.enumerate() {
            let version = if other.version.is_empty() { "not known yet" } else { &other.version };
            self.fact(if at == 0 { "also in" } else { "" }, &format!("{} {version}", other.source));
        }
    }

    /// The long description, or as much of it as there is room for.
    pub fn long_description(&mut self, subject: &Subject<'_>) {
        let Some(package) = &subject.package else { return };
        let content = package.long_description.trim();
        if content.is_empty() || content == package.description {
            return;
        }
        let lines = match self.extent {
            Extent::All => text::wrap(content, self.columns),
            Extent::Rows(rows) => text::wrap_to(content, self.columns, rows.saturating_sub(self.lines.len() + 1)),
        };
        if !lines.is_empty() {
            self.blank();
            let style = if self.extent == Extent::All { self.app.theme().text } else { self.app.theme().dim };
            self.lines.extend(lines.into_iter().map(|line| Line::styled(line, style)));
        }
    }
}
