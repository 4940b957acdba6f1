//! What the packages of a folder are called.
//!
//! The newest version of a name is its attribute `NAME`, so that installing it again takes a newer version up; older
//! ones beside it are `NAME_VERSION` with `_` for every dot, much as nixpkgs calls them (`nodejs_18`).

use std::cmp::Ordering;

use crate::package::Package;

/// Gives each package of one folder its attribute.
pub fn assign(packages: &mut [Package]) {
    for at in 0..packages.len() {
        let this = &packages[at];
        let is_newest = packages.iter().enumerate().all(|(other, it)| {
            it.name != this.name
                || (compare_versions(&it.version, &this.version), other).cmp(&(Ordering::Equal, at)).is_le()
        });
        let attribute = if is_newest || this.version.is_empty() {
            this.name.clone()
        } else {
            format!("{}_{}", this.name, this.version.replace('.', "_"))
        };
        packages[at].attribute = quoted(&attribute);
    }
}

/// An attribute's component as Nix spells it: in quotes unless it is a plain name.
fn quoted(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '\'');
    if !name.starts_with(|first: char| first.is_ascii_digit()) && name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${"))
}

/// Which version is the newer, by Nix' rule (`builtins.compareVersions`): component by component, numbers by value,
/// `pre` before everything, and a number after a word.
fn compare_versions(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (components(a), components(b));
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
        let order = match (left.parse::<u64>(), right.parse::<u64>()) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            _ if left == right => Ordering::Equal,
            _ if left == "pre" => Ordering::Less,
            _ if right == "pre" => Ordering::Greater,
            (Ok(_), Err(_)) => Ordering::Greater,
            (Err(_), Ok(_)) => Ordering::Less,
            _ => left.cmp(right),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Runs of digits and runs of anything else, split at dots and dashes.
fn components(version: &str) -> impl Iterator<Item = &str> {
    let parts = version.split(['.', '-']).filter(|part| !part.is_empty());
    parts.flat_map(|part| {
        let mut rest = part;
        std::iter::from_fn(move || {
            let is_digit = rest.chars().next()?.is_ascii_digit();
            let end = rest.find(|letter: char| letter.is_ascii_digit() != is_digit).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            Some(run)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_nix_compares_them() {
        // Each line as `nix-instantiate --eval -E 'builtins.compareVersions …'` gives it.
        for (older, newer) in
            [("1.9", "1.10"), ("1.0pre1", "1.0"), ("2.3a", "2.3.1"), ("2.3", "2.3a"), ("", "0"), ("1.0-rc1", "1.0-rc2")]
        {
            assert_eq!(compare_versions(older, newer), Ordering::Less, "{older} {newer}");
            assert_eq!(compare_versions(newer, older), Ordering::Greater, "{older} {newer}");
        }
        assert_eq!(compare_versions("1.01", "1-1"), Ordering::Equal);
    }
}
