//! The columns of the installed pane. They come and go with the width, in a fixed order of importance: name, marks, version,
//! outputs, whether another place has it too, priority, source. What is in them says how wide they are.

use ratatui::text::Line;

use super::super::app::App;
use super::super::words::{self, Mark};
use super::super::{losses::Loss, text};
use super::paint::Cells;
use crate::profile::Element;

/// The sign of what is staged, and a blank.
const SIGN: usize = 2;
/// The least for a name, and the most.
const NAME: (usize, usize) = (10, 32);
/// The least that says something, what is enough, and the most.
const VERSION: [usize; 3] = [6, 8, 16];
const OUTPUTS: [usize; 3] = [5, 8, 24];
const SOURCE: [usize; 3] = [6, 6, 16];
const PRIORITY: usize = 4;
/// Columns for a sign alone, and with a word.
const ELSEWHERE: (usize, usize) = (1, 10);

/// The width of each column; 0 for one that is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    name: usize,
    version: usize,
    newer: usize,
    shadowed: usize,
    outputs: usize,
    elsewhere: usize,
    priority: usize,
    source: usize,
}

/// What the columns would like, in columns of the terminal.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    name: usize,
    version: usize,
    outputs: usize,
    source: usize,
    elsewhere: usize,
}

impl Columns {
    /// For rows of `columns`; with `has_headings` each is wide enough for its heading.
    pub fn new(app: &App, columns: usize, has_headings: bool) -> Self {
        let heading = |word: &str| if has_headings { word.len() } else { 0 };
        let mut wanted = Wanted {
            name: heading("name"),
            version: heading("version"),
            outputs: heading("outputs"),
            source: 0,
            elsewhere: if app.elsewhere.is_empty() { 0 } else { ELSEWHERE.1 },
        };
        for element in app.elements() {
            wanted.name = wanted.name.max(text::width(&element.name));
            wanted.version = wanted.version.max(text::width(&element.version));
            wanted.outputs = wanted.outputs.max(text::width(&outputs(app, element)));
            wanted.source = wanted.source.max(text::width(&element.source));
        }
        if wanted.source > 0 {
            wanted.source = wanted.source.max(heading("source"));
        }
        let newer = usize::from(app.newer.iter().any(Option::is_some));
        let shadowed = usize::from(app.elements().iter().any(|element| loss(app, element).is_some()));
        Self::share_out(columns, wanted, newer, shadowed)
    }

    fn share_out(columns: usize, wanted: Wanted, newer: usize, shadowed: usize) -> Self {
        let mut left = columns.saturating_sub(SIGN);
        // A long name leaves room for the others.
        let name = wanted.name.min(NAME.0.max(left * 2 / 5)).min(left);
        let mut shared = Self { name, ..Self::default() };
        left -= name;
        if newer + shadowed < left {
            (shared.newer, shared.shadowed) = (newer, shadowed);
            left -= newer + shadowed + usize::from(newer + shadowed > 0);
        }
        // Once one has not enough room, those that matter less have none.
        let mut is_full = false;
        let mut take = |least: usize, enough: usize, wanted: usize| {
            let room = if is_full { 0 } else { left.saturating_sub(1) };
            let enough = enough.min(wanted);
            is_full |= room < enough;
            let width = if room < least.min(wanted) { 0 } else { enough.min(room) };
            left -= width + usize::from(width > 0);
            width
        };
        shared.version = take(VERSION[0], VERSION[1], wanted.version);
        shared.outputs = take(OUTPUTS[0], OUTPUTS[1], wanted.outputs);
        shared.elsewhere = take(ELSEWHERE.0, ELSEWHERE.0, wanted.elsewhere);
        shared.priority = take(PRIORITY, PRIORITY, PRIORITY);
        shared.source = take(SOURCE[0], SOURCE[1], wanted.source);
        grow(&mut shared.version, wanted.version.min(VERSION[2]), &mut left);
        grow(&mut shared.outputs, wanted.outputs.min(OUTPUTS[2]), &mut left);
        grow(&mut shared.name, wanted.name.min(NAME.1), &mut left);
        grow(&mut shared.source, wanted.source.min(SOURCE[2]), &mut left);
        // A word that is cut says less than the sign alone.
        if shared.elsewhere + left >= wanted.elsewhere {
            grow(&mut shared.elsewhere, wanted.elsewhere, &mut left);
        }
        shared
    }

    fn marks(self) -> usize {
        self.newer + self.shadowed
    }
}

/// Makes a column that is there wider, as far as there is room.
fn grow(width: &mut usize, wanted: usize, left: &mut usize) {
    if *width > 0 {
        let more = wanted.saturating_sub(*width).min(*left);
        *width += more;
        *left -= more;
    }
}

/// The headings of the columns, over the rows.
pub fn headings(app: &App, columns: usize, widths: Columns) -> Line<'static> {
    let theme = app.theme();
    let gap = |width: usize| usize::from(width > 0);
    Cells::new(columns)
        .gap(SIGN)
        .cell("name", widths.name, theme.dim)
        .gap(gap(widths.version))
        .cell("version", widths.version, theme.dim)
        .gap(gap(widths.marks()) + widths.marks())
        .gap(gap(widths.outputs))
        .cell("outputs", widths.outputs, theme.dim)
        .gap(gap(widths.priority))
        .right("prio", widths.priority, theme.dim)
        .gap(gap(widths.source))
        .cell("source", widths.source, theme.dim)
        .gap(gap(widths.elsewhere))
        .cell(if widths.elsewhere > 1 { "elsewhere" } else { "" }, widths.elsewhere, theme.dim)
        .line()
}

/// A row, as the package will be once the staged changes are applied.
pub fn line(app: &App, row: usize, columns: usize, widths: Columns) -> Line<'static> {
    let Some(element) = app.installed(row) else { return Line::default() };
    let (theme, staged) = (app.theme(), &app.staged);
    let name = element.name.as_str();
    let is_active = staged.active(name).unwrap_or(element.active);
    let is_changed = staged.install(&element.attribute, &element.source).is_some()
        || staged.outputs(name).is_some()
        || staged.priority(name).is_some()
        || staged.active(name).is_some();
    let (mark, style) = if staged.removes(name) {
        (Mark::Removed.sign(), theme.removed)
    } else if is_changed {
        (Mark::Changed.sign(), theme.changed)
    } else if is_active {
        (" ", theme.text)
    } else {
        ("○", theme.dim)
    };
    let detail = if is_changed { theme.changed } else { theme.dim };
    let newer = if app.newer_than(row).is_some() { "↑" } else { "" };
    let shadowed = if loss(app, element).is_some() { "▾" } else { "" };
    let outputs = if is_active { outputs(app, element) } else { "off".into() };
    let priority = staged.priority(name).unwrap_or(element.priority);
    let elsewhere = words::elsewhere(app.elsewhere.of_element(element), widths.elsewhere);
    let gap = |width: usize| usize::from(width > 0);
    Cells::new(columns)
        .cell(mark, SIGN, style)
        .cell(name, widths.name, style)
        .gap(gap(widths.version))
        .cell(&element.version, widths.version, theme.dim)
        .gap(gap(widths.marks()))
        .cell(newer, widths.newer, theme.changed)
        .cell(shadowed, widths.shadowed, theme.warning)
        .gap(gap(widths.outputs))
        .cell(&outputs, widths.outputs, detail)
        .gap(gap(widths.priority))
        .right(&priority.to_string(), widths.priority, detail)
        .gap(gap(widths.source))
        .cell(&element.source, widths.source, theme.dim)
        .gap(gap(widths.elsewhere))
        .cell(&elsewhere, widths.elsewhere, theme.dim)
        .line()
}

/// What a package loses to others, if it does.
fn loss<'a>(app: &'a App, element: &Element) -> Option<&'a Loss> {
    let losses = &app.outlook.report.as_ref()?.losses;
    losses.of(&element.name).filter(|loss| loss.files > 0)
}

fn outputs(app: &App, element: &Element) -> String {
    match app.staged.outputs(&element.name) {
        Some(outputs) => outputs.join(" "),
        None => element.outputs.iter().map(|output| output.name.as_str()).collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(columns: usize) -> Vec<&'static str> {
        let wanted = Wanted { name: 12, version: 7, outputs: 11, source: 7, elsewhere: 10 };
        let widths = Columns::share_out(columns, wanted, 1, 1);
        let all = [
            ("version", widths.version),
            ("outputs", widths.outputs),
            ("elsewhere", widths.elsewhere),
            ("priority", widths.priority),
            ("source", widths.source),
        ];
        all.into_iter().filter(|(_, width)| *width > 0).map(|(name, _)| name).collect()
    }

    #[test]
    fn columns_go_in_the_order_of_their_importance() {
        let all = ["version", "outputs", "elsewhere", "priority", "source"];
        let mut before = 0;
        for columns in 10..60 {
            let shown = shown(columns);
            assert_eq!(shown, all[..shown.len()], "{columns}");
            assert!(shown.len() >= before, "{columns}");
            before = shown.len();
        }
        assert_eq!(before, all.len());
        assert_eq!(shown(26), all[..1], "half of a terminal of 60 columns");
        assert_eq!(shown(36), all[..3], "half of a terminal of 80 columns");
    }

    proptest! {
        #[test]
        fn columns_never_take_more_than_there_is(
            columns in 0_usize..120, name in 0_usize..50, version in 0_usize..50, outputs in 0_usize..50,
            source in 0_usize..50, elsewhere in 0_usize..11, newer in 0_usize..2, shadowed in 0_usize..2
        ) {
            let wanted = Wanted { name, version, outputs, source, elsewhere };
            let widths = Columns::share_out(columns, wanted, newer, shadowed);
            let all = [widths.version, widths.marks(), widths.outputs, widths.elsewhere, widths.priority, widths.source];
            let gaps = all.iter().filter(|width| **width > 0).count();
            prop_assert!(SIGN.min(columns) + widths.name + all.iter().sum::<usize>() + gaps <= columns, "{widths:?}");
        }
    }
}
