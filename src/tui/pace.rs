//! How fast work goes, and from that how long it takes still.

use std::time::Duration;

use super::moment::Moment;
use crate::progress::Step;

/// Before this an estimate would mean nothing: the first steps tell little of those that follow.
const EARLIEST: Duration = Duration::from_secs(2);
/// The same, in hundredths of the whole.
const LEAST_PERCENT: u128 = 3;
/// What takes longer than this is not foretold.
const LONGEST: Duration = Duration::from_hours(100);

/// The pace of one stage of work: of steps that count the same things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    began: Moment,
    /// What was done when it began; that took no time here.
    first: u64,
    last: Step,
}

impl Pace {
    pub fn of(step: &Step, now: Moment) -> Self {
        Self { began: now, first: step.done, last: step.clone() }
    }

    /// Takes the next step in. Where other things are done or counted than before, a new stage begins.
    pub fn go_on(&mut self, step: &Step, now: Moment) {
        let is_known = self.last.total > 0;
        if step.done < self.last.done || is_known != (step.total > 0) || verb(step) != verb(&self.last) {
            *self = Self::of(step, now);
        } else {
            self.last = step.clone();
        }
    }

    /// How long the stage takes still, if that can be told: the rest at the pace so far.
    pub fn left(&self, now: Moment) -> Option<Duration> {
        let Step { done, total, .. } = self.last;
        let taken = now.since(self.began);
        let (done, all) = (done.min(total).checked_sub(self.first)?, total.checked_sub(self.first)?);
        let (done, all) = (u128::from(done), u128::from(all));
        if done == 0 || taken < EARLIEST || done * 100 < all * LEAST_PERCENT {
            return None;
        }
        let left = taken.as_millis().checked_mul(all - done)? / done;
        let left = Duration::from_millis(u64::try_from(left).ok()?);
        (left <= LONGEST).then_some(left)
    }
}

/// What is done, whatever it is done to: `fetching` of `fetching a and 3 more`.
fn verb(step: &Step) -> &str {
    step.what.split_whitespace().next().unwrap_or_default()
}

/// In words as sure as an estimate is: `about 40 s left`.
pub fn in_words(left: Duration) -> String {
    let seconds = left.as_millis().div_ceil(1000);
    let (number, unit) = match seconds {
        0..=5 => return "a few seconds left".to_owned(),
        6..=55 => (seconds.div_ceil(5) * 5, "s"),
        56..=3540 => (seconds.div_ceil(60), "min"),
        _ => (seconds.div_ceil(3600), "h"),
    };
    format!("about {number} {unit} left")
}

/// How long something took: `0.2 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
pub fn taken(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{}.{} s", seconds, time.subsec_millis() / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(milliseconds: u64) -> Moment {
        Moment { steady: Duration::from_millis(milliseconds), ..Moment::default() }
    }

    fn step(what: &str, done: u64, total: u64) -> Step {
        Step { what: what.to_owned(), done, total }
    }

    /// Steps as time (in ms), done and total; gives what is left after the last, in seconds.
    fn left(steps: &[(u64, u64, u64)]) -> Option<u64> {
        let mut pace: Option<Pace> = None;
        for &(time, done, total) in steps {
            let step = step("fetching", done, total);
            match &mut pace {
                Some(pace) => pace.go_on(&step, at(time)),
                None => pace = Some(Pace::of(&step, at(time))),
            }
        }
        pace?.left(at(steps.last()?.0)).map(|left| left.as_secs())
    }

    #[test]
    fn the_rest_takes_as_long_for_each_as_what_is_done() {
        assert_eq!(left(&[(0, 0, 100), (10_000, 20, 100)]), Some(40));
        assert_eq!(left(&[(5000, 50, 100), (15_000, 75, 100)]), Some(10), "what was there before took no time");
        assert_eq!(left(&[(0, 0, 100), (10_000, 20, 200)]), Some(90), "more to do was found");
        assert_eq!(left(&[(0, 0, 100), (10_000, 100, 100)]), Some(0));
    }

    #[test]
    fn nothing_is_foretold_before_it_means_something() {
        assert_eq!(left(&[(0, 0, 100)]), None);
        assert_eq!(left(&[(0, 0, 100), (1999, 50, 100)]), None, "too early");
        assert_eq!(left(&[(0, 0, 100), (2000, 2, 100)]), None, "too little is done");
        assert_eq!(left(&[(0, 0, 100), (2000, 3, 100)]), Some(64));
        assert_eq!(left(&[(0, 0, 0), (9000, 500, 0)]), None, "nobody knows of how many");
        assert_eq!(left(&[(0, 10, 10), (9000, 10, 10)]), None, "nothing was done meanwhile");
        assert_eq!(left(&[(0, 0, 100), (100_000_000, 3, 100)]), None, "that is for ever");
    }

    #[test]
    fn another_stage_has_a_pace_of_its_own() {
        let mut pace = Pace::of(&step("fetching a", 0, 100), at(0));
        pace.go_on(&step("fetching b and 3 more", 50, 100), at(10_000));
        assert_eq!(pace.left(at(10_000)), Some(Duration::from_secs(10)));
        pace.go_on(&step("building b", 1, 3), at(11_000));
        assert_eq!(pace.left(at(11_000)), None);
        pace.go_on(&step("building b", 2, 3), at(21_000));
        assert_eq!(pace.left(at(21_000)), Some(Duration::from_secs(10)));
        pace.go_on(&step("building c", 0, 3), at(22_000));
        assert_eq!(pace.left(at(22_000)), None, "it counts anew");
    }

    #[test]
    fn words_are_no_surer_than_the_estimate() {
        let words = |milliseconds| in_words(Duration::from_millis(milliseconds));
        assert_eq!(words(0), "a few seconds left");
        assert_eq!(words(5001), "about 10 s left");
        assert_eq!(words(36_100), "about 40 s left");
        assert_eq!(words(55_001), "about 1 min left");
        assert_eq!(words(61_000), "about 2 min left");
        assert_eq!(words(3_600_000), "about 1 h left");
        assert_eq!(words(3_601_000), "about 2 h left");
        let taken = |milliseconds| super::taken(Duration::from_millis(milliseconds));
        assert_eq!([taken(249), taken(9999), taken(10_500)], ["0.2 s", "9.9 s", "10 s"]);
        assert_eq!([taken(185_000), taken(7_800_000)], ["3 min 5 s", "2 h 10 min"]);
    }

    proptest! {
        #[test]
        fn no_numbers_overflow(steps in prop::collection::vec((any::<u32>(), any::<u64>(), any::<u64>()), 1..20)) {
            let mut steps: Vec<_> = steps.into_iter().map(|(time, done, total)| (u64::from(time), done, total)).collect();
            steps.sort_unstable();
            if let Some(left) = left(&steps) {
                in_words(Duration::from_secs(left));
            }
        }
    }
}
