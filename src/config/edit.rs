//! Changes of a config file's text. What a change does not mean stays as it is, byte for byte.
//!
//! A source is a block of lines: from `[[source]]` to its last value. Comments directly above or below it, with no blank
//! line between, are of the block and go where it goes; between two blocks, or a block and other settings, they are of the
//! second. The comment with which the file begins is of the file.

use std::ops::Range;

use toml_edit::Value;

use super::entries::{Entry, Setting, Wrong, parse};

/// A source to be written.
pub(super) struct Written<'a> {
    pub name: &'a str,
    pub location: &'a str,
    pub listing: Option<&'a str>,
    pub pin: Option<&'a str>,
}

/// Puts a source at a position, that of the source which comes after it; at the end for their number.
pub(super) fn add(text: &str, source: &Written, at: usize) -> Result<String, Wrong> {
    let Written { name, location, listing, pin } = *source;
    let settings = [("name", Some(name)), ("location", Some(location)), ("pin", pin), ("listing", listing)];
    let settings = settings.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}", quoted(value?))));
    let lines: Vec<String> = std::iter::once("[[source]]".to_owned()).chain(settings).collect();
    let newline = newline(text);
    insert(text, &(lines.join(newline) + newline), at)
}

/// Takes out the source at a position, with its comments.
pub(super) fn remove(text: &str, at: usize) -> Result<String, Wrong> {
    Ok(take_out(text, at)?.0)
}

/// Moves the source at a position to another, that which it has afterwards.
pub(super) fn move_to(text: &str, from: usize, to: usize) -> Result<String, Wrong> {
    let (rest, block) = take_out(text, from)?;
    insert(&rest, &block, to)
}

/// Gives a source another name.
pub(super) fn rename(text: &str, entry: &Entry, name: &str) -> String {
    replaced(text, entry.name.value.clone(), &quoted(name))
}

/// Switches a source on or off.
pub(super) fn set_enabled(text: &str, entry: &Entry, enabled: bool) -> String {
    match &entry.enabled {
        Some(flag) => replaced(text, flag.value.clone(), if enabled { "true" } else { "false" }),
        None if enabled => text.to_owned(),
        None => add_line(text, entry, entry.end(), "enabled = false"),
    }
}

/// Gives a source another listing, or none.
pub(super) fn set_listing(text: &str, entry: &Entry, listing: Option<&str>) -> String {
    set_text(text, entry, entry.listing.as_ref(), "listing", listing)
}

/// Holds a source at a revision, or lets it follow its location.
pub(super) fn set_pin(text: &str, entry: &Entry, pin: Option<&str>) -> String {
    set_text(text, entry, entry.pin.as_ref(), "pin", pin)
}

/// Sets an optional setting, or takes it out.
fn set_text(text: &str, entry: &Entry, old: Option<&Setting>, key: &str, new: Option<&str>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => replaced(text, old.value.clone(), &quoted(new)),
        (Some(old), None) => drop_setting(text, entry, old),
        (None, Some(new)) => add_line(text, entry, entry.location.value.end, &format!("{key} = {}", quoted(new))),
        (None, None) => text.to_owned(),
    }
}

/// Takes out the line of a setting; a comment at its end stays, in a line of its own.
fn drop_setting(text: &str, entry: &Entry, setting: &Setting) -> String {
    let line = line_start(text, setting.key.start)..line_end(text, setting.value.end);
    let comment = text[setting.value.end..line.end].trim_start();
    let indent = &text[line.start..setting.key.start];
    let mut kept = if comment.is_empty() { String::new() } else { format!("{indent}{comment}") };
    // Directly above the next source it would be a comment of that.
    let next = &text[line.end..line_end(text, line.end)];
    if !kept.is_empty() && setting.value.end == entry.end() && !next.trim().is_empty() {
        kept.push_str(newline(text));
    }
    replaced(text, line, &kept)
}

/// Adds a line after that in which `after` is, indented as the source's name.
fn add_line(text: &str, entry: &Entry, after: usize, line: &str) -> String {
    let text = ended(text);
    let at = line_end(&text, after);
    let indent = &text[line_start(&text, entry.name.key.start)..entry.name.key.start];
    replaced(&text, at..at, &format!("{indent}{line}{}", newline(&text)))
}

/// The text without the block at a position, and the block.
fn take_out(text: &str, at: usize) -> Result<(String, String), Wrong> {
    let text = ended(text);
    let block = blocks(&text)?.swap_remove(at);
    Ok((joined(&text[..block.start], "", &text[block.end..]), text[block].to_owned()))
}

/// The text with a block at a position.
fn insert(text: &str, block: &str, at: usize) -> Result<String, Wrong> {
    let text = ended(text);
    let blocks = blocks(&text)?;
    let place = match (blocks.get(at), blocks.last()) {
        (Some(next), _) => next.start,
        (None, Some(last)) => last.end,
        (None, None) => text.len(),
    };
    Ok(joined(&text[..place], block, &text[place..]))
}

/// Parts of a text with a blank line between each two, and none at the end.
fn joined(before: &str, block: &str, after: &str) -> String {
    let newline = newline(&[before, block, after].concat());
    let mut text = String::new();
    for part in [before, block, after].map(without_blank_ends).into_iter().filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push_str(newline);
        }
        text.push_str(part);
    }
    text
}

/// Whole lines, without the blank ones at the start and at the end.
fn without_blank_ends(text: &str) -> &str {
    let start = text.find(|letter: char| !letter.is_whitespace()).map_or(text.len(), |at| line_start(text, at));
    let text = &text[start..];
    &text[..line_end(text, text.trim_end().len())]
}

/// The lines of each source.
fn blocks(text: &str) -> Result<Vec<Range<usize>>, Wrong> {
    let entries = parse(text)?;
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let above = at.checked_sub(1).map_or(0, |before| line_end(text, entries[before].end()));
        let header = line_start(text, entry.header.start);
        let mut start = header;
        while start > above && is_comment(&text[line_start(text, start - 1)..start]) {
            start = line_start(text, start - 1);
        }
        // The comment with which the file begins stays where it is.
        let start = if start == 0 { header } else { start };
        let values_end = line_end(text, entry.end());
        let mut end = values_end;
        while is_comment(&text[end..line_end(text, end)]) {
            end = line_end(text, end);
        }
        // After the values of a source, what begins so is the heading of the next one, or of other settings.
        let is_next = text[end..line_end(text, end)].trim_start().starts_with('[');
        blocks.push(start..if is_next { values_end } else { end });
    }
    Ok(blocks)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// After the newline of the line in which `at` is.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// The text with a newline at its end, if there is anything in it.
fn ended(text: &str) -> String {
    let is_ended = text.is_empty() || text.ends_with('\n');
    if is_ended { text.to_owned() } else { format!("{text}{}", newline(text)) }
}

/// How lines end in this text.
fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(range, with);
    text
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
