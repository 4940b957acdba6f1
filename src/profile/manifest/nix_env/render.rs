//! Writes plain values as `nix-env` writes them: on one line, attributes sorted, and no newline at the end.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

/// What cannot be the name of an attribute without quotes (`or` can).
const KEYWORDS: [&str; 9] = ["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"];

/// Appends `value`.
pub(super) fn value(to: &mut String, value: &Value) {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(is) => to.push_str(if *is { "true" } else { "false" }),
        Value::Number(is) => number(to, is),
        Value::String(text) => string(to, text),
        Value::Array(entries) => list(to, entries),
        Value::Object(entries) => attributes(to, entries),
    }
}

/// Appends a list.
pub(super) fn list(to: &mut String, entries: &[Value]) {
    to.push_str("[ ");
    for entry in entries {
        value(to, entry);
        to.push(' ');
    }
    to.push(']');
}

fn attributes(to: &mut String, entries: &Map<String, Value>) {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    to.push_str("{ ");
    for (name, entry) in sorted {
        if is_bare(name) {
            to.push_str(name);
        } else {
            string(to, name);
        }
        to.push_str(" = ");
        value(to, entry);
        to.push_str("; ");
    }
    to.push('}');
}

/// Whether an attribute can be called so without quotes.
fn is_bare(name: &str) -> bool {
    let is_start = |letter: u8| letter.is_ascii_alphabetic() || letter == b'_';
    let is_inside = |letter: u8| is_start(letter) || letter.is_ascii_digit() || letter == b'-' || letter == b'\'';
    name.bytes().next().is_some_and(is_start) && name.bytes().all(is_inside) && !KEYWORDS.contains(&name)
}

/// Between quotes; a `$` is escaped only where it would begin an interpolation.
fn string(to: &mut String, text: &str) {
    to.push('"');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            '$' if letters.peek() == Some(&'{') => to.push_str("\\$"),
            _ => to.push(letter),
        }
    }
    to.push('"');
}

fn number(to: &mut String, number: &Number) {
    if let Some(integer) = number.as_i64() {
        let _ = write!(to, "{integer}");
        return;
    }
    to.push_str(&float(number.as_f64().unwrap_or_default()));
}

/// As C's `%g` prints a finite number, which is what C++ does by default: six digits, without zeros at the end.
fn float(number: f64) -> String {
    let scientific = format!("{number:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    match usize::try_from(5 - exponent) {
        Ok(decimals) if exponent >= -4 => trimmed(&format!("{number:.decimals$}")).to_owned(),
        _ => format!("{}e{}{:02}", trimmed(digits), if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs()),
    }
}

/// `digits` without zeros at the end of the fraction.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_cpp_prints_them() {
        // What `printf %g` of C gives.
        for (number, printed) in [
            (1.5, "1.5"),
            (-3.25, "-3.25"),
            (1.0 / 3.0, "0.333333"),
            (2.0, "2"),
            (100_000.0, "100000"),
            (999_999.5, "1e+06"),
            (123_456.789, "123457"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (1e30, "1e+30"),
            (1e-300, "1e-300"),
            (-0.0, "-0"),
        ] {
            assert_eq!(float(number), printed, "{number:e}");
        }
    }
}
