//! The log: what works began, how they ended, every error as a whole, and what other programs wrote meanwhile. It keeps
//! the last of that, and knows on which row of the screen each part stands.

use std::collections::VecDeque;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::list::List;
use crate::safe;

/// How many lines are kept.
pub const MOST_LINES: usize = 5000;
/// Bytes of a line that are kept.
const MOST_BYTES: usize = 64 << 10;
/// From this width on a row begins with the whole time and the number of the work.
const WIDE: usize = 70;

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Began,
    Done,
    Failed,
    Stopped,
    /// Another program wrote it.
    Said,
    Note,
}

impl Kind {
    /// A sign beside the words, which tell the same.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Began => "›",
            Self::Done => "✓",
            Self::Failed => "✗",
            Self::Stopped => "−",
            Self::Said => "│",
            Self::Note => " ",
        }
    }
}

/// One part of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    /// The number of the work that it is of.
    pub work: Option<u64>,
    pub kind: Kind,
    /// Of several lines, if it is; not safe for a terminal.
    pub text: String,
}

/// The last entries, and where they are in sight.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    /// How many are gone.
    dropped: u64,
    columns: usize,
    /// The rows up to the end of each entry, as far as they are counted; those of entries that are gone count on.
    ends: VecDeque<u64>,
    /// The rows of entries that are gone.
    gone: u64,
    /// The same when the list was fitted.
    fitted_gone: u64,
    pub list: List,
}

impl Log {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        let mut entry = entry;
        if entry.text.len() > MOST_BYTES {
            entry.text.truncate(entry.text.floor_char_boundary(MOST_BYTES));
            entry.text.push('…');
        }
        self.entries.push_back(entry);
        if self.entries.len() > MOST_LINES {
            self.entries.pop_front();
            self.dropped = self.dropped.saturating_add(1);
            self.gone = self.ends.pop_front().unwrap_or(self.gone);
        }
    }

    /// That many lines never came here.
    pub(super) fn leave_out(&mut self, lines: u64) {
        self.dropped = self.dropped.saturating_add(lines);
    }

    /// Lays all out for a pane of this width and height. What is in sight stays there; whoever saw the end sees the end.
    pub(super) fn fit(&mut self, columns: usize, page: usize) {
        let was_at_end = self.list.visible().end >= self.rows();
        let is_new_width = columns != self.columns;
        if is_new_width {
            self.columns = columns;
            self.ends.clear();
            (self.gone, self.fitted_gone) = (0, 0);
        }
        for entry in self.entries.range(self.ends.len()..) {
            let end = self.ends.back().copied().unwrap_or(self.gone);
            self.ends.push_back(end + rows_of(&entry.text, columns).len() as u64);
        }
        self.list.fit(self.rows(), page);
        if was_at_end || is_new_width {
            self.list.to_bottom();
        } else {
            let gone = isize::try_from(self.gone - self.fitted_gone).unwrap_or(isize::MAX);
            self.list.scroll(-gone);
        }
        self.fitted_gone = self.gone;
    }

    /// The rows of all entries, as far as they are laid out.
    pub fn rows(&self) -> usize {
        let end = self.ends.back().copied().unwrap_or(self.gone);
        usize::try_from(end - self.gone).unwrap_or(usize::MAX)
    }

    /// The rows from a row on: each entry with the number of its own row, and what stands there.
    pub fn rows_from(&self, row: usize) -> impl Iterator<Item = (&Entry, usize, String)> {
        let row = self.gone + row as u64;
        let first = self.ends.partition_point(|&end| end <= row);
        let start = first.checked_sub(1).and_then(|before| self.ends.get(before).copied()).unwrap_or(self.gone);
        let skipped = usize::try_from(row - start).unwrap_or(usize::MAX);
        let entries = self.entries.range(first.min(self.entries.len())..);
        entries
            .flat_map(|entry| {
                rows_of(&entry.text, self.columns).into_iter().enumerate().map(move |(at, text)| (entry, at, text))
            })
            .skip(skipped)
    }

    /// All of it as plain lines, safe for a terminal.
    pub fn text(&self, time_zone: &TimeZone) -> String {
        let mut text = String::new();
        if self.dropped > 0 {
            let _ = writeln!(text, "{}", self.dropped_words());
        }
        for entry in &self.entries {
            let number = entry.work.map_or_else(String::new, |number| number.to_string());
            for line in entry.text.lines() {
                let (time, sign) = (clock(entry.at, time_zone, true), entry.kind.sign());
                let _ = writeln!(text, "{time} {number:>3} {sign} {}", safe::text(line));
            }
        }
        text
    }

    /// How much is not there any more; empty if nothing.
    pub fn dropped_words(&self) -> String {
        match self.dropped {
            0 => String::new(),
            dropped => format!("{} older lines are not kept", super::text::count(dropped)),
        }
    }
}

/// The time of day: `14:03:59`, or `14:03`.
pub fn clock(at: Timestamp, time_zone: &TimeZone, has_seconds: bool) -> String {
    let time = at.to_zoned(time_zone.clone()).time();
    let minutes = format!("{:02}:{:02}", time.hour(), time.minute());
    if has_seconds { format!("{minutes}:{:02}", time.second()) } else { minutes }
}

/// Whether rows of this width begin with the whole time and the number of the work.
pub fn is_wide(columns: usize) -> bool {
    columns >= WIDE
}

/// Columns before the text of a row: the time, where there is room the number of the work, and the sign.
pub fn margin(columns: usize) -> usize {
    if is_wide(columns) { 8 + 4 + 3 } else { 5 + 3 }
}

/// A text made safe, in rows for a log of this width. Blanks stay as they are: programs draw tables with them.
fn rows_of(text: &str, columns: usize) -> Vec<String> {
    let room = columns.saturating_sub(margin(columns)).max(1);
    let mut rows = Vec::with_capacity(1);
    for line in text.lines() {
        let safe = safe::text(&line.replace('\t', "    "));
        break_into(safe.trim_end_matches(' '), room, &mut rows);
    }
    if rows.is_empty() {
        rows.push(String::new());
    }
    rows
}

/// Breaks behind the last blank of a row's second half, or where the row ends.
fn break_into(line: &str, room: usize, rows: &mut Vec<String>) {
    let mut rest = line;
    loop {
        let (mut used, mut end, mut blank) = (0, rest.len(), None);
        for (at, grapheme) in rest.grapheme_indices(true) {
            used += grapheme.width();
            if used > room {
                end = at;
                break;
            }
            if grapheme == " " && used * 2 > room {
                blank = Some(at + 1);
            }
        }
        if end == rest.len() {
            rows.push(rest.to_owned());
            return;
        }
        // A letter wider than the row has to go somewhere.
        let first = rest.graphemes(true).next().map_or(rest.len(), str::len);
        let end = blank.unwrap_or(end).max(first);
        rows.push(rest[..end].trim_end_matches(' ').to_owned());
        rest = &rest[end..];
        if rest.is_empty() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> Entry {
        Entry { at: Timestamp::UNIX_EPOCH, work: Some(1), kind: Kind::Said, text: text.to_owned() }
    }

    fn shown(log: &Log) -> Vec<String> {
        log.rows_from(log.list.visible().start).take(log.list.page()).map(|(_, _, text)| text).collect()
    }

    #[test]
    fn the_last_lines_are_kept_and_the_others_counted() {
        let mut log = Log::default();
        for number in 0..MOST_LINES + 3 {
            log.push(said(&number.to_string()));
        }
        log.leave_out(2);
        assert_eq!((log.entries().count(), log.dropped()), (MOST_LINES, 5));
        assert_eq!(log.entries().next().map(|entry| entry.text.as_str()), Some("3"));
        assert!(log.text(&TimeZone::UTC).starts_with("5 older lines are not kept\n00:00:00   1 │ 3\n"));
        log.push(said(&"é".repeat(MOST_BYTES)));
        assert!(log.entries().next_back().is_some_and(|entry| entry.text.len() < MOST_BYTES + 4));
    }

    #[test]
    fn whoever_sees_the_end_follows_it_and_whoever_reads_is_left_in_peace() {
        let mut log = Log::default();
        (0..20).for_each(|number| log.push(said(&number.to_string())));
        log.fit(80, 3);
        assert_eq!(shown(&log), ["17", "18", "19"]);
        log.push(said("20"));
        log.fit(80, 3);
        assert_eq!(shown(&log), ["18", "19", "20"]);
        log.list.scroll(-4);
        assert_eq!(shown(&log), ["14", "15", "16"]);
        for number in 0..MOST_LINES - 16 {
            log.push(said(&format!("more {number}")));
            log.fit(80, 3);
        }
        assert_eq!(shown(&log), ["14", "15", "16"], "though older lines went");
        log.push(said("more"));
        log.fit(40, 3);
        assert_eq!(shown(&log).last().map(String::as_str), Some("more"), "laid out anew, at the end");
    }

    #[test]
    fn lines_are_broken_and_keep_their_blanks() {
        assert_eq!(rows_of("a    b\n  c", 80), ["a    b", "  c"]);
        assert_eq!(rows_of("the quick brown fox", 8 + 10), ["the quick", "brown fox"]);
        assert_eq!(rows_of("abcdefghijkl", 8 + 5), ["abcde", "fghij", "kl"]);
        assert_eq!(rows_of("日本語", 8 + 1), ["日", "本", "語"], "what never fits is not lost");
        assert_eq!(rows_of("", 80), [""]);
        assert_eq!(rows_of("a\u{1b}[31mb", 80), ["a\\x1b[31mb"]);
    }

    proptest! {
        #[test]
        fn rows_are_safe_whole_and_never_too_wide(text in any::<String>(), columns in 12_usize..90) {
            let rows = rows_of(&text, columns);
            let room = columns - margin(columns);
            for row in &rows {
                prop_assert!(super::super::text::width(row) <= room.max(2), "{row:?}");
                prop_assert!(!row.chars().any(char::is_control));
            }
            let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<String>();
            let safe: String = text.lines().map(|line| safe::text(&line.replace('\t', "    "))).collect();
            prop_assert_eq!(letters(&rows.concat()), letters(&safe));
        }

        #[test]
        fn every_row_is_found_again(texts in prop::collection::vec("[a-c \n]{0,60}", 1..30), columns in 20_usize..90) {
            let mut log = Log::default();
            for text in &texts {
                log.push(said(text));
            }
            log.fit(columns, 5);
            let all: Vec<String> = log.rows_from(0).map(|(_, _, text)| text).collect();
            prop_assert_eq!(all.len(), log.rows());
            for (row, expected) in all.iter().enumerate() {
                let found = log.rows_from(row).next().map(|(_, _, text)| text);
                prop_assert_eq!(found.as_ref(), Some(expected));
            }
        }
    }
}
