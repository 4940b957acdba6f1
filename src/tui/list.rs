//! A scrolling list: what is selected, what is in sight. It knows lengths only, so 200,000 rows cost as much as two.

use std::ops::Range;

/// Selection and offset of a list; [`List::fit`] must be told whenever the length or the height changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    selected: usize,
    offset: usize,
    len: usize,
    page: usize,
}

impl List {
    /// Tells the list how many rows there are and how many fit; the selection is kept where it can be.
    pub fn fit(&mut self, len: usize, page: usize) {
        self.len = len;
        self.page = page;
        self.select(self.selected);
    }

    /// Index of the selected row; `None` if the list is empty.
    pub fn selected(&self) -> Option<usize> {
        (self.len > 0).then_some(self.selected)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many rows fit.
    pub fn page(&self) -> usize {
        self.page
    }

    /// Selects a row, or the last one if there are not as many, and brings it into sight.
    pub fn select(&mut self, row: usize) {
        self.selected = row.min(self.len.saturating_sub(1));
        let last_offset = self.len.saturating_sub(self.page);
        let lowest = (self.selected + 1).saturating_sub(self.page.max(1));
        self.offset = self.offset.clamp(lowest, self.selected.max(lowest)).min(last_offset.max(lowest));
    }

    /// Follows the selected row to where it is now: it stays on its line, as far as that can be.
    pub fn move_to(&mut self, row: usize) {
        let line = self.selected.saturating_sub(self.offset);
        self.offset = row.saturating_sub(line);
        self.select(row);
    }

    /// Moves the selection by `rows`, down if positive.
    pub fn step(&mut self, rows: isize) {
        self.select(self.selected.saturating_add_signed(rows));
    }

    /// Moves the selection by `halves` of what is in sight.
    pub fn half_pages(&mut self, halves: isize) {
        let half = isize::try_from(self.page / 2).unwrap_or(isize::MAX).max(1);
        self.step(half.saturating_mul(halves));
    }

    pub fn to_top(&mut self) {
        self.select(0);
    }

    pub fn to_bottom(&mut self) {
        self.select(usize::MAX);
    }

    /// Moves what is in sight, as a mouse wheel does; the selection stays in sight.
    pub fn scroll(&mut self, rows: isize) {
        self.offset = self.offset.saturating_add_signed(rows).min(self.len.saturating_sub(self.page));
        self.selected = self.selected.clamp(self.offset, (self.offset + self.page.max(1)) - 1).min(self.len.max(1) - 1);
    }

    /// Brings into sight what is as far down as that line is in a scroll bar of `height` cells.
    pub fn jump(&mut self, line: usize, height: usize) {
        let last = self.len.saturating_sub(self.page);
        let offset = last * line.min(height.saturating_sub(1)) / height.saturating_sub(1).max(1);
        let signed = |rows: usize| isize::try_from(rows).unwrap_or(isize::MAX);
        self.scroll(signed(offset) - signed(self.offset));
    }

    /// The rows in sight.
    pub fn visible(&self) -> Range<usize> {
        self.offset..self.len.min(self.offset.saturating_add(self.page))
    }

    /// The row drawn `line` lines below the top, if there is one.
    pub fn row_at(&self, line: usize) -> Option<usize> {
        (line < self.page).then(|| self.offset + line).filter(|&row| row < self.len)
    }

    /// Where a scroll bar of `height` cells shows its thumb; `None` if everything is in sight.
    pub fn thumb(&self, height: usize) -> Option<Range<usize>> {
        if self.len <= self.page || height == 0 {
            return None;
        }
        let size = (height * self.page / self.len).clamp(1, height);
        let start = (height - size) * self.offset / (self.len - self.page).max(1);
        Some(start..start + size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(len: usize, page: usize) -> List {
        let mut list = List::default();
        list.fit(len, page);
        list
    }

    #[test]
    fn an_empty_list_selects_nothing() {
        assert_eq!(list(0, 5).selected(), None);
        assert_eq!(list(0, 5).visible(), 0..0);
    }

    #[test]
    fn a_shrinking_list_keeps_the_selection_in_it() {
        let mut list = list(10, 3);
        list.to_bottom();
        list.fit(4, 3);
        assert_eq!((list.selected(), list.visible()), (Some(3), 1..4));
    }

    #[test]
    fn a_growing_window_leaves_no_empty_rows_below() {
        let mut list = list(10, 3);
        list.to_bottom();
        list.fit(10, 8);
        assert_eq!(list.visible(), 2..10);
    }

    #[test]
    fn a_row_that_moves_stays_on_its_line() {
        let mut list = list(10, 4);
        list.select(5);
        list.step(-1);
        list.fit(110, 4);
        let line = 4 - list.visible().start;
        list.move_to(104);
        assert_eq!((list.selected(), list.visible().start), (Some(104), 104 - line));
    }

    #[test]
    fn a_scroll_bar_leads_to_both_ends_and_to_the_middle() {
        let mut list = list(1001, 11);
        list.jump(10, 11);
        assert_eq!(list.visible(), 990..1001);
        list.jump(5, 11);
        assert_eq!(list.visible().start, 495);
        list.jump(0, 11);
        assert_eq!((list.visible().start, list.selected()), (0, Some(10)));
        list.jump(0, 0);
    }

    proptest! {
        #[test]
        fn the_selection_is_always_in_sight(moves in prop::collection::vec((0..8, -300_isize..300, 0_usize..400, 0_usize..60), 1..40)) {
            let mut list = List::default();
            for (kind, by, len, page) in moves {
                match kind {
                    0 => list.fit(len, page),
                    1 => list.step(by),
                    2 => list.scroll(by),
                    3 => list.to_bottom(),
                    4 => list.half_pages(by),
                    5 => list.select(len),
                    7 => list.move_to(len),
                    _ => list.to_top(),
                }
                let visible = list.visible();
                if let Some(selected) = list.selected() && list.page > 0 {
                    prop_assert!(visible.contains(&selected), "{list:?}");
                    prop_assert_eq!(visible.len(), list.len.min(list.page));
                    prop_assert_eq!(list.row_at(selected - list.offset), Some(selected));
                }
                if let Some(thumb) = list.thumb(7) {
                    prop_assert!(thumb.end <= 7 && !thumb.is_empty());
                }
            }
        }
    }
}
