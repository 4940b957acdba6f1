//! Columns, sizes and times for people to read.

use std::io::{self, Write};
use std::time::SystemTime;

use unicode_width::UnicodeWidthStr as _;

use crate::safe;

/// Between two columns.
const GAP: usize = 2;

/// Rows whose columns are as wide as their widest cell; the last column is as long as it is.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns whose cells stand at the right: numbers.
    right: &'static [usize],
}

impl Table {
    pub fn new(right: &'static [usize]) -> Self {
        Self { rows: Vec::new(), right }
    }

    /// Adds a row; the cells must have passed [`crate::safe`].
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub fn headings(&mut self, headings: &[&str]) {
        self.row(headings.iter().map(|&heading| heading.to_owned()));
    }

    /// Writes the rows, each after `indent` blanks, cut to `width` columns if that is given.
    pub fn write(&self, to: &mut dyn Write, indent: usize, width: Option<usize>) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column| {
            self.rows.iter().filter_map(|row: &Vec<String>| row.get(column)).map(|cell: &String| cell.width()).max()
        };
        let widths: Vec<_> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (column, cell) in row.iter().enumerate() {
                let padding = " ".repeat(widths[column] - cell.width());
                let is_right = self.right.contains(&column);
                line.push_str(if is_right { &padding } else { "" });
                line.push_str(cell);
                line.push_str(if is_right { "" } else { &padding });
                line.push_str(&" ".repeat(GAP));
            }
            writeln!(to, "{}", fit(line.trim_end(), width))?;
        }
        Ok(())
    }
}

/// `line` cut to `width` columns, with `…` where something is missing.
fn fit(line: &str, width: Option<usize>) -> String {
    let Some(width) = width.filter(|&width| line.width() > width) else { return line.to_owned() };
    let mut kept = String::new();
    for letter in line.chars() {
        kept.push(letter);
        if kept.width() >= width {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

/// Bytes in decimal units, as disks are sold: `84.1 MB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // Rounded once, to tenths of the first unit in which that is below 1000: 999,950 bytes are 1.0 MB, not 1000.0 kB.
    let mut tenth = 100;
    let mut unit = 0;
    while bytes.saturating_add(tenth / 2) / tenth >= 10_000 && unit + 1 < UNITS.len() {
        tenth *= 1000;
        unit += 1;
    }
    let tenths = bytes.saturating_add(tenth / 2) / tenth;
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `1 package`, `3 packages`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Names joined by commas, each made safe.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(safe::text).collect::<Vec<_>>().join(", ")
}

/// A moment in the user's own time zone, to the minute.
pub(super) fn local_time(time: SystemTime) -> String {
    let zoned = jiff::Timestamp::try_from(time).map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(|_| "unknown".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}

/// The same for programs, in UTC as RFC 3339 has it, to the second.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let stamp = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_never_show_a_thousand_of_a_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (40_000, "40.0 kB"),
            (84_149_999, "84.1 MB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (u64::MAX - 50, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn columns_align_by_what_the_terminal_shows() {
        let mut table = Table::new(&[1]);
        table.row(["日本".to_owned(), "5".to_owned(), "x".to_owned()]);
        table.row(["abc".to_owned(), "-10".to_owned(), String::new()]);
        let mut text = Vec::new();
        table.write(&mut text, 1, None).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), " 日本    5  x\n abc   -10\n");
    }

    #[test]
    fn what_does_not_fit_is_cut_visibly() {
        assert_eq!(fit("日本日本", Some(5)), "日本…");
        assert_eq!(fit("abc", Some(3)), "abc");
        assert_eq!(fit("abcd", Some(3)), "ab…");
        assert_eq!(fit("abcd", Some(1)), "…");
    }

    #[test]
    fn times_for_programs_are_utc() {
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::new(1_700_000_000, 5);
        assert_eq!(rfc3339(time), "2023-11-14T22:13:20Z");
    }
}
