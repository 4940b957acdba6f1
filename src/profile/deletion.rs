//! Which generations to delete, in the notation of `nix-env --delete-generations`, and their deletion.

use std::fs;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::switch::LockedProfile;
use super::{Generation, Profile, ProfileError};

const FORM: &str = "generations are deleted by their numbers, or by `old`, `30d` (older than 30 days) or `+5` (keep 5)";

/// Generations, told one by one or by a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    Number(u64),
    /// All but the current one.
    Old,
    /// What was not current any more this long ago: the newest that is older stays, for it was current then.
    OlderThan(Duration),
    /// All that lie further back than this many, counted from the current one, which is the first.
    KeepLast(u64),
}

impl FromStr for Deletion {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let error = |message| ProfileError::Deletion { given: text.to_owned(), message };
        let number = |digits: &str| digits.parse::<u64>().map_err(|_| error(FORM));
        if text == "old" {
            return Ok(Self::Old);
        }
        if let Some(days) = text.strip_suffix('d') {
            let seconds = number(days)?.checked_mul(24 * 60 * 60).ok_or_else(|| error(FORM))?;
            return Ok(Self::OlderThan(Duration::from_secs(seconds)));
        }
        match text.strip_prefix('+').map(number) {
            Some(Ok(0)) => Err(error("at least the current generation is kept: give +1 or more")),
            Some(count) => count.map(Self::KeepLast),
            None => number(text).map(Self::Number),
        }
    }
}

impl Deletion {
    /// The numbers among `generations`, which are sorted, that it means; `now` is the time of asking. The current one
    /// is never among them; asking for it by its number is an error, as is a number that is not there.
    fn numbers(&self, generations: &[Generation], now: SystemTime) -> Result<Vec<u64>, u64> {
        let is_older = |generation: &&Generation, than: Duration| {
            now.duration_since(generation.created).is_ok_and(|age| age > than)
        };
        let meant: Vec<&Generation> = match *self {
            Self::Number(number) => match generations.iter().find(|generation| generation.number == number) {
                Some(generation) if !generation.current => vec![generation],
                _ => return Err(number),
            },
            Self::Old => generations.iter().collect(),
            Self::OlderThan(age) => generations.iter().rev().skip_while(|it| !is_older(it, age)).skip(1).collect(),
            Self::KeepLast(count) => {
                let kept = usize::try_from(count).unwrap_or(usize::MAX);
                generations.iter().rev().skip_while(|generation| !generation.current).skip(kept).collect()
            }
        };
        let mut numbers: Vec<u64> =
            meant.into_iter().filter(|generation| !generation.current).map(|generation| generation.number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

impl Profile {
    /// The numbers of the generations that would go, sorted; `generations` are all there are, and `now` is the time of
    /// asking. The current one is never among them: to ask for it by its number is an error.
    pub fn chosen(
        &self,
        deletions: &[Deletion],
        generations: &[Generation],
        now: SystemTime,
    ) -> Result<Vec<u64>, ProfileError> {
        let mut numbers = Vec::new();
        for deletion in deletions {
            numbers.extend(deletion.numbers(generations, now).map_err(|number| {
                if generations.iter().any(|generation| generation.number == number) {
                    return ProfileError::DeletesCurrent { number };
                }
                let numbers = generations.iter().map(|generation| generation.number).collect();
                ProfileError::NoGeneration { profile: self.link().to_owned(), number, numbers }
            })?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }
}

impl LockedProfile<'_> {
    /// Deletes generations; returns their numbers. All of them are known to be there, and none to be the current one,
    /// before the first is deleted.
    pub fn delete(&self, deletions: &[Deletion]) -> Result<Vec<u64>, ProfileError> {
        let profile = self.profile();
        let numbers = profile.chosen(deletions, &profile.generations()?, SystemTime::now())?;
        for &number in &numbers {
            let link = profile.generation_link(number);
            fs::remove_file(&link).map_err(ProfileError::io(&link, "delete the generation's link"))?;
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    /// Generations 1 to 6, made on as many days, the last today; `current` is current.
    fn six(now: SystemTime, current: u64) -> Vec<Generation> {
        let made = |number: u64| Generation {
            number,
            current: number == current,
            created: now - DAY * u32::try_from(6 - number).unwrap(),
            path: PathBuf::from("/s/e"),
        };
        (1..=6).map(made).collect()
    }

    fn deleted(text: &str, current: u64) -> Vec<u64> {
        let now = SystemTime::now();
        text.parse::<Deletion>().unwrap().numbers(&six(now, current), now).unwrap()
    }

    #[test]
    fn rules_mean_what_they_mean_to_nix_env() {
        assert_eq!(deleted("old", 4), [1, 2, 3, 5, 6]);
        // Older than two days are 1, 2 and 3; 3 was the current one two days ago.
        assert_eq!(deleted("2d", 6), [1, 2]);
        assert_eq!(deleted("2d", 1), [2], "the current one stays");
        assert_eq!(deleted("90d", 6), [0; 0]);
        assert_eq!(deleted("+2", 6), [1, 2, 3, 4]);
        assert_eq!(deleted("+2", 4), [1, 2], "newer ones than the current stay");
        assert_eq!(deleted("+9", 6), [0; 0]);
        assert_eq!(deleted("3", 6), [3]);
    }

    #[test]
    fn what_is_no_rule_is_refused_with_the_forms_there_are() {
        for text in ["", "x", "-1", "d", "+", "1.5d", "99999999999999999999", "99999999999999999d"] {
            let error = text.parse::<Deletion>().unwrap_err().to_string();
            assert!(error.contains("`old`, `30d`"), "{text}: {error}");
        }
        assert!("+0".parse::<Deletion>().unwrap_err().to_string().contains("+1 or more"));
    }

    #[test]
    fn the_current_generation_and_missing_ones_are_refused_by_number() {
        let now = SystemTime::now();
        assert_eq!(Deletion::Number(4).numbers(&six(now, 4), now), Err(4));
        assert_eq!(Deletion::Number(7).numbers(&six(now, 4), now), Err(7));
    }
}
