//! What stands on which row of the plan screen. Rows are worked out by counting, so a plan of 100,000 files costs no more
//! than one of ten.

use super::app::App;
use super::report::Report;

/// A part of the plan screen, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What is in the way beside collisions.
    Obstacles,
    /// The collisions that block.
    Blocked,
    /// What would settle them.
    Settle,
    Changes,
    Fetch,
    Commands,
    /// What becomes of commands because of the order of PATH.
    Meanings,
    Collisions,
    Files,
    Warnings,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Heading(Section),
    /// The section's item of that index.
    Item(Section, usize),
    Blank,
}

/// More blocking collisions than this are left to the collisions view.
pub const BLOCKED_SHOWN: usize = 6;

/// The sections that there are, with the number of their items.
#[derive(Clone, Debug, Default)]
pub struct Outline(Vec<(Section, usize)>);

impl Outline {
    pub fn of(app: &App) -> Self {
        let mut sections = Vec::new();
        let report = app.outlook.current();
        if let Some(report) = report {
            sections.push((Section::Obstacles, report.obstacles.len()));
            let blocked = report.blocking().len();
            // One row more says how many are not shown.
            sections.push((Section::Blocked, if blocked > BLOCKED_SHOWN { BLOCKED_SHOWN + 1 } else { blocked }));
            sections.push((Section::Settle, report.preview.suggestions.len()));
        }
        sections.push((Section::Changes, app.staged.changes().len()));
        if let Some(report) = report {
            let Report { preview, .. } = report;
            sections.push((Section::Fetch, usize::from(preview.fetch.paths > 0) + preview.fetch.unknown.len()));
            sections.push((Section::Commands, total(&preview.commands)));
            let missing = usize::from(preview.missing_from_path.is_some());
            sections.push((Section::Meanings, missing + preview.meanings.len()));
            sections.push((Section::Collisions, report.kinds().count()));
            sections.push((Section::Files, total(&preview.files)));
            sections.push((Section::Warnings, preview.plan.warnings.len()));
        }
        sections.retain(|&(_, items)| items > 0);
        Self(sections)
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(|(_, items)| items + 2).sum::<usize>().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn row(&self, mut row: usize) -> Option<Row> {
        for &(section, items) in &self.0 {
            match row {
                0 => return Some(Row::Heading(section)),
                item if item <= items => return Some(Row::Item(section, item - 1)),
                blank if blank == items + 1 => return Some(Row::Blank),
                _ => row -= items + 2,
            }
        }
        None
    }

    /// The first items of all sections.
    pub fn starts(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let mut next = 1;
        let starts: Vec<usize> = self
            .0
            .iter()
            .map(|(_, items)| {
                let start = next;
                next += items + 2;
                start
            })
            .collect();
        starts.into_iter()
    }

    pub fn items(&self, section: Section) -> usize {
        self.0.iter().find(|(of, _)| *of == section).map_or(0, |(_, items)| *items)
    }
}

fn total<T>(changed: &crate::loom::Changed<T>) -> usize {
    changed.added.len() + changed.changed.len() + changed.removed.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_heading_an_item_or_the_blank_between_sections() {
        let outline = Outline(vec![(Section::Changes, 2), (Section::Files, 1)]);
        let rows: Vec<_> = (0..=outline.len()).map_while(|row| outline.row(row)).collect();
        assert_eq!(outline.len(), 6);
        assert_eq!(
            rows[..6],
            [
                Row::Heading(Section::Changes),
                Row::Item(Section::Changes, 0),
                Row::Item(Section::Changes, 1),
                Row::Blank,
                Row::Heading(Section::Files),
                Row::Item(Section::Files, 0),
            ]
        );
        assert_eq!(outline.starts().collect::<Vec<_>>(), [1, 5]);
    }
}
