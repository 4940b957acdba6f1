//! Lines that two texts differ in.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use super::Contents;

/// Equal lines shown around those that differ.
const CONTEXT: usize = 3;

/// Most lines of a difference.
const MAX_LINES: usize = 2000;

/// After this time what is left counts as one difference: it is a right one, if not the shortest.
const LONGEST: Duration = Duration::from_millis(300);

/// What becomes of a line on the way from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiffChange {
    Same,
    Removed,
    Added,
    /// Equal lines are left out here.
    Gap,
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    pub change: DiffChange,
    /// Its number on the left, from 1.
    pub left: Option<u32>,
    /// Its number on the right, from 1.
    pub right: Option<u32>,
    /// Without its line end; to be made safe by whoever shows it.
    pub text: Box<[u8]>,
    /// The last line of its file, which has no line end.
    pub is_unended: bool,
}

/// The lines that differ, with those around them.
pub(super) fn difference(left: &[u8], right: &[u8]) -> Contents {
    let (left, right) = (lines(left), lines(right));
    let operations = capture_diff_slices_deadline(Algorithm::Myers, &left, &right, Some(Instant::now() + LONGEST));
    let mut shown = Shown { left: &left, right: &right, lines: Vec::new(), is_cut: false };
    for (index, group) in group_diff_ops(operations, CONTEXT).into_iter().enumerate() {
        if index > 0 {
            shown.push(DiffChange::Gap, None, None);
        }
        for operation in &group {
            shown.operation(operation);
        }
        if shown.is_cut {
            break;
        }
    }
    Contents::Text { lines: shown.lines, is_cut: shown.is_cut }
}

/// Each with its line end, so that texts that differ in line ends only do differ.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

struct Shown<'a> {
    left: &'a [&'a [u8]],
    right: &'a [&'a [u8]],
    lines: Vec<DiffLine>,
    is_cut: bool,
}

impl Shown<'_> {
    fn operation(&mut self, operation: &DiffOp) {
        if let DiffOp::Equal { old_index, new_index, len } = *operation {
            (0..len).for_each(|at| self.push(DiffChange::Same, Some(old_index + at), Some(new_index + at)));
            return;
        }
        operation.old_range().for_each(|at| self.push(DiffChange::Removed, Some(at), None));
        operation.new_range().for_each(|at| self.push(DiffChange::Added, None, Some(at)));
    }

    fn push(&mut self, change: DiffChange, left: Option<usize>, right: Option<usize>) {
        if self.lines.len() == MAX_LINES {
            self.is_cut = true;
            return;
        }
        let line = left.map(|at| self.left[at]).or_else(|| right.map(|at| self.right[at]));
        let text = line.unwrap_or_default();
        // There are fewer lines than bytes, and those are few.
        let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        self.lines.push(DiffLine {
            change,
            left: left.map(number),
            right: right.map(number),
            text: text.strip_suffix(b"\n").unwrap_or(text).into(),
            is_unended: line.is_some_and(|line| !line.ends_with(b"\n")),
        });
    }
}
