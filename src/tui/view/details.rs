//! What is known of the selected package, below its outputs: the most important first, for a low pane shows the beginning.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::{App, Evaluation};
use super::super::subject::Subject;
use super::super::{text, words};
use crate::package::{Obstacle, Package};
use crate::profile::Element;
use crate::version::is_newer;

/// Columns of the label before a fact.
const LABEL: usize = 10;
/// Rows of a paragraph: what comes after it matters too.
const PARAGRAPH_ROWS: usize = 8;

/// The lines for a room of `columns` and `rows`; the long description takes what the rest leaves.
pub fn lines(app: &App, subject: &Subject<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let mut details = Details { columns, label: app.theme().dim, text: app.theme().text, lines: vec![Line::default()] };
    details.evaluation(app);
    details.about(app, subject);
    if let Some(element) = subject.element {
        details.installed(app, element);
    }
    details.offered(app, subject);
    if app.output_rows().iter().any(|row| row.is_default) {
        details.lines.extend([Line::default(), Line::styled("* default output", app.theme().dim)]);
    }
    if let Some(package) = &subject.package {
        details.long_description(package, rows);
    }
    details.lines
}

struct Details {
    columns: usize,
    label: Style,
    text: Style,
    lines: Vec<Line<'static>>,
}

impl Details {
    /// Sentences, and a blank line after them.
    fn paragraph(&mut self, content: &str, style: Style) {
        if !content.is_empty() {
            let lines = text::wrap_to(content, self.columns, PARAGRAPH_ROWS);
            self.lines.extend(lines.into_iter().map(|line| Line::styled(line, style)));
            self.lines.push(Line::default());
        }
    }

    /// A line, unless the value is empty.
    fn fact(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            let value = text::fit(value, self.columns.saturating_sub(LABEL));
            let label = Span::styled(text::pad(label, LABEL), self.label);
            self.lines.push(Line::from(vec![label, Span::styled(value, self.text)]));
        }
    }

    fn evaluation(&mut self, app: &App) {
        match &app.evaluation {
            Evaluation::Quiet if app.is_evaluating() => self.paragraph("evaluating…", app.theme().dim),
            Evaluation::Quiet => {}
            Evaluation::Failed(error) => self.paragraph(error, app.theme().blocked),
        }
    }

    /// What it is, and what stands in its way.
    fn about(&mut self, app: &App, subject: &Subject<'_>) {
        if let Some(package) = &subject.package {
            // The evaluation that has just failed tells it better than the one before.
            let is_told = |obstacle: &&Obstacle| {
                matches!((&app.evaluation, obstacle), (Evaluation::Failed(_), Obstacle::Failed(_)))
            };
            let obstacles: Vec<_> = package.obstacles.iter().filter(|obstacle| !is_told(obstacle)).cloned().collect();
            self.paragraph(&words::obstacles(&obstacles), app.theme().warning);
            self.paragraph(&package.description, app.theme().text);
        } else if app.outputs.is_some() || subject.element.is_some_and(|element| element.attribute.is_empty()) {
            let sentence = if subject.element.is_some_and(|element| element.source.is_empty()) {
                "Where it was installed from is not recorded."
            } else {
                "None of the sources here offers this package."
            };
            self.paragraph(sentence, app.theme().text);
        }
    }

    /// What is installed of it: what the profile has now, whatever is staged.
    fn installed(&mut self, app: &App, element: &Element) {
        let off = if element.active { "" } else { ", switched off" };
        let is_known = !element.attribute.is_empty() && element.attribute != element.name;
        let name = if is_known { format!(" as {}", element.name) } else { String::new() };
        self.fact("state", &format!("installed{name}{off}"));
        self.fact("version", &element.version);
        let outputs: Vec<_> = element.outputs.iter().map(|output| output.name.as_str()).collect();
        self.fact("outputs", &outputs.join(" "));
        let priority = app.staged.priority(&element.name).unwrap_or(element.priority);
        self.fact("priority", &priority.to_string());
    }

    /// What its source offers, and what others do.
    fn offered(&mut self, app: &App, subject: &Subject<'_>) {
        match (subject.element, &subject.package) {
            (None, Some(package)) => {
                self.fact("version", &package.version);
                let staged = app.staged.install(&package.attribute, &package.source).and_then(|(_, priority)| priority);
                // Without outputs nothing is known but the name.
                let known = Some(package.priority).filter(|_| !package.outputs.is_empty());
                self.fact("priority", &staged.or(known).map_or_else(String::new, |priority| priority.to_string()));
            }
            (Some(element), Some(package)) if element.version != package.version => {
                let newer = if is_newer(&package.version, &element.version) { " (newer)" } else { "" };
                // Nothing is said of a version that is not known yet.
                if !package.version.is_empty() {
                    self.fact("offered", &format!("{}{newer}", package.version));
                }
            }
            _ => {}
        }
        let elsewhere = match (subject.element, &subject.package) {
            (Some(element), _) => app.elsewhere.of_element(element).map(|found| found.words(&element.version)),
            (None, Some(package)) => app.elsewhere.of_package(package).map(|found| found.words(&package.version)),
            (None, None) => None,
        };
        self.fact("elsewhere", &elsewhere.unwrap_or_default());
        let attribute = subject.element.map(|element| element.attribute.as_str());
        let attribute = attribute.or(subject.package.as_ref().map(|package| package.attribute.as_str()));
        let attribute = attribute.unwrap_or_default();
        if attribute != subject.name() {
            self.fact("attribute", attribute);
        }
        if let Some(package) = &subject.package {
            self.fact("program", package.main_program.as_deref().unwrap_or_default());
            self.fact("source", &package.source);
        }
        self.other_sources(app, attribute, subject.package.as_ref());
        if let Some(package) = &subject.package {
            self.fact("license", &package.licenses.join(", "));
            self.fact("homepage", &package.homepage);
        }
    }

    /// The versions in the other sources, a line for each.
    fn other_sources(&mut self, app: &App, attribute: &str, package: Option<&Package>) {
        let own = package.map(|package| &package.source);
        let others = app.offer.all_of(attribute).into_iter().filter(|other| Some(&other.source) != own);
        for (at, other) in others.enumerate() {
            let version = if other.version.is_empty() { "not known yet" } else { &other.version };
            self.fact(if at == 0 { "also in" } else { "" }, &format!("{} {version}", other.source));
        }
    }

    /// As much of the long description as there is room for.
    fn long_description(&mut self, package: &Package, rows: usize) {
        let room = rows.saturating_sub(self.lines.len() + 1);
        let content = package.long_description.trim();
        if room == 0 || content.is_empty() || content == package.description {
            return;
        }
        let lines = text::wrap_to(content, self.columns, room);
        self.lines.push(Line::default());
        self.lines.extend(lines.into_iter().map(|line| Line::styled(line, self.label)));
    }
}
