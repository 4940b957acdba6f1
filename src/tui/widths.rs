//! How wide the panes are, in parts of the screen. Whatever the numbers say, no pane becomes too narrow to be read.

use std::collections::BTreeMap;

use super::app::Pane;

/// No pane is narrower than this, in columns, while it stands beside another.
pub const NARROWEST: u16 = 24;
/// One key press, in percent.
const STEP: i16 = 4;
const BOUNDS: (i16, i16) = (10, 80);

/// Shares of the screen's width, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// Of three panes the left one.
    pub installed: u8,
    /// Of three panes the right one; the one in the middle has the rest.
    pub outputs: u8,
    /// Of two panes the left one.
    pub left: u8,
}

impl Default for Widths {
    fn default() -> Self {
        Self { installed: 30, outputs: 34, left: 50 }
    }
}

/// Under these names they are remembered.
const INSTALLED: &str = "installed-of-three";
const OUTPUTS: &str = "outputs-of-three";
const LEFT: &str = "left-of-two";

impl Widths {
    /// As they are remembered; whatever cannot be is as usual.
    pub fn of(numbers: &BTreeMap<String, u64>) -> Self {
        let usual = Self::default();
        let number = |name: &str, usual: u8| {
            let percent = numbers.get(name).and_then(|&percent| u8::try_from(percent).ok());
            percent.filter(|&percent| (BOUNDS.0..=BOUNDS.1).contains(&i16::from(percent))).unwrap_or(usual)
        };
        Self {
            installed: number(INSTALLED, usual.installed),
            outputs: number(OUTPUTS, usual.outputs),
            left: number(LEFT, usual.left),
        }
    }

    /// The same to be remembered.
    pub fn numbers(self) -> BTreeMap<String, u64> {
        let numbers = [(INSTALLED, self.installed), (OUTPUTS, self.outputs), (LEFT, self.left)];
        numbers.map(|(name, percent)| (name.to_owned(), percent.into())).into()
    }

    /// Columns of the three panes, from left to right.
    pub fn three(self, columns: u16) -> [u16; 3] {
        let most = columns.saturating_sub(2 * NARROWEST).max(NARROWEST);
        let mut installed = share(columns, self.installed).clamp(NARROWEST, most);
        let mut outputs = share(columns, self.outputs).clamp(NARROWEST, most);
        let over = (installed + outputs + NARROWEST).saturating_sub(columns);
        // The wider one gives way.
        let side = if installed > outputs { &mut installed } else { &mut outputs };
        *side = side.saturating_sub(over);
        [installed, columns.saturating_sub(installed + outputs), outputs]
    }

    /// Columns of two panes.
    pub fn two(self, columns: u16) -> [u16; 2] {
        let right = share(columns, 100_u8.saturating_sub(self.left));
        let right = right.clamp(NARROWEST, columns.saturating_sub(NARROWEST).max(NARROWEST)).min(columns);
        [columns - right, right]
    }

    /// The widths with the pane one step wider, or narrower: of three panes, or of two of which it is the left one or the
    /// right one.
    #[must_use]
    pub fn resized(self, pane: Pane, is_wider: bool, place: Place) -> Self {
        let step = if is_wider { STEP } else { -STEP };
        let mut to = self;
        match (place, pane) {
            (Place::LeftOfTwo, _) => to.left = moved(self.left, step),
            (Place::RightOfTwo, _) => to.left = moved(self.left, -step),
            (Place::OfThree, Pane::Installed) => to.installed = moved(self.installed, step),
            (Place::OfThree, Pane::Outputs) => to.outputs = moved(self.outputs, step),
            (Place::OfThree, Pane::Available) => {
                to.installed = moved(self.installed, -step / 2);
                to.outputs = moved(self.outputs, -step / 2);
            }
        }
        to
    }
}

/// Where a pane stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    OfThree,
    LeftOfTwo,
    RightOfTwo,
}

fn share(columns: u16, percent: u8) -> u16 {
    let columns = u32::from(columns) * u32::from(percent.min(100)) / 100;
    u16::try_from(columns).unwrap_or(u16::MAX)
}

fn moved(percent: u8, step: i16) -> u8 {
    let (least, most) = BOUNDS;
    u8::try_from((i16::from(percent) + step).clamp(least, most)).unwrap_or(percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_widths() {
        assert_eq!(Widths::default().three(120), [36, 44, 40]);
        assert_eq!(Widths::default().two(80), [40, 40]);
    }

    #[test]
    fn what_is_remembered_is_as_it_was_and_what_is_damaged_is_as_usual() {
        let widths = Widths { installed: 22, outputs: 42, left: 66 };
        assert_eq!(Widths::of(&widths.numbers()), widths);
        let damaged = [(INSTALLED.to_owned(), 3), (OUTPUTS.to_owned(), u64::MAX), ("other".to_owned(), 20)];
        assert_eq!(Widths::of(&damaged.into()), Widths::default());
    }

    proptest! {
        /// They may come from a damaged file.
        #[test]
        fn whatever_the_shares_no_pane_is_too_narrow(
            installed: u8, outputs: u8, left: u8, columns in 60_u16..1000, steps in prop::collection::vec(any::<(u8, bool)>(), 0..20)
        ) {
            let mut widths = Widths { installed, outputs, left };
            for (pane, is_wider) in steps {
                let pane = [Pane::Installed, Pane::Available, Pane::Outputs][usize::from(pane) % 3];
                let places = [Place::OfThree, Place::LeftOfTwo, Place::RightOfTwo];
                widths = places.into_iter().fold(widths, |widths, place| widths.resized(pane, is_wider, place));
                if columns >= 120 {
                    let three = widths.three(columns);
                    prop_assert_eq!(three.iter().sum::<u16>(), columns);
                    prop_assert!(three.iter().all(|&columns| columns >= NARROWEST), "{three:?}");
                }
                let two = widths.two(columns);
                prop_assert_eq!(two.iter().sum::<u16>(), columns);
                prop_assert!(two.iter().all(|&columns| columns >= NARROWEST), "{two:?}");
            }
        }
    }
}
