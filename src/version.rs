//! Which of two versions is the newer one, as Nix decides it (manual of Nix: `builtins.compareVersions`).

use std::cmp::Ordering;

/// Compares two versions component by component; what is missing at the end counts as an empty component.
///
/// A component is a run of digits or a run of other letters; `.` and `-` only separate. Numbers compare as numbers, `pre`
/// comes before everything, then what is empty, then letters, then numbers: `2.3pre1` < `2.3` < `2.3a` < `2.3.1`. A number
/// that does not fit into 32 bits is letters to Nix.
pub fn compare(one: &str, other: &str) -> Ordering {
    let (mut ones, mut others) = (Components(one), Components(other));
    loop {
        let (one, other) = match (ones.next(), others.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => (one.unwrap_or_default(), other.unwrap_or_default()),
        };
        let order = compare_components(one, other);
        if order.is_ne() {
            return order;
        }
    }
}

/// Whether `offered` is newer than `installed`; a version that is not known is not.
pub fn is_newer(offered: &str, installed: &str) -> bool {
    !offered.is_empty() && !installed.is_empty() && compare(offered, installed).is_gt()
}

fn compare_components(one: &str, other: &str) -> Ordering {
    /// What kind of component comes before what kind.
    fn rank(component: &str) -> u8 {
        match component {
            "pre" => 0,
            "" => 1,
            _ if number(component).is_none() => 2,
            _ => 3,
        }
    }
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => rank(one).cmp(&rank(other)).then_with(|| one.cmp(other)),
    }
}

fn number(component: &str) -> Option<i32> {
    component.parse().ok().filter(|_| component.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// The components of what is left of a version.
struct Components<'a>(&'a str);

impl<'a> Iterator for Components<'a> {
    type Item = &'a str;

    /// `None` at the end; after a last separator comes one more component, an empty one, which changes no comparison.
    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let rest = self.0.trim_start_matches(['.', '-']);
        let is_number = rest.starts_with(|letter: char| letter.is_ascii_digit());
        let is_end = |letter: char| letter.is_ascii_digit() != is_number || matches!(letter, '.' | '-');
        let (component, rest) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        self.0 = rest;
        Some(component)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_version_is_newer_than_the_one_before_it() {
        let rising =
            ["", "1.0pre", "1.0", "1.0a", "1.0b", "1.0.1", "1.1", "1.9", "1.10", "2", "2.0-3", "2.0.10", "20240101"];
        for (at, pair) in rising.windows(2).enumerate().skip(1) {
            assert!(is_newer(pair[1], pair[0]), "{at}: {pair:?}");
            assert!(!is_newer(pair[0], pair[1]), "{at}: {pair:?}");
        }
    }

    #[test]
    fn separators_and_zeros_before_a_number_make_no_difference() {
        for (one, other) in [("1.2.3", "1-2-3"), ("1.02", "1.2"), ("1..2", "1.2"), ("1.2.", "1.2"), ("rc1", "rc-1")] {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn a_number_too_large_for_nix_is_letters() {
        assert_eq!(compare("2147483647", "5"), Ordering::Greater);
        assert_eq!(compare("2147483648", "5"), Ordering::Less);
        assert_eq!(compare("99999999999", "111111111111"), Ordering::Greater);
    }

    #[test]
    fn a_version_that_is_not_known_is_neither_newer_nor_older() {
        assert!(!is_newer("", "1") && !is_newer("1", "") && !is_newer("", ""));
    }

    proptest! {
        #[test]
        fn comparing_in_turn_gives_the_opposite(one in any::<String>(), other in any::<String>()) {
            prop_assert_eq!(compare(&one, &other), compare(&other, &one).reverse());
            prop_assert_eq!(compare(&one, &one), Ordering::Equal);
        }
    }
}
