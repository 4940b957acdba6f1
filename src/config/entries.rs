//! The text of a config file → its sources, and where each part of them stands.

use std::collections::HashSet;
use std::ops::Range;

use toml_edit::{Document, Item, Table, TableLike};

use crate::source::{Pin, SpecError, check_name};

/// What a source may say of itself.
const KEYS: &str = "a source has name, location, listing, pin and enabled";

/// What a file consists of.
const SECTIONS: &str = "each source begins with [[source]], the settings of the screen with [screen], and keys with [keys.panes] or the like";

/// A source as it stands in the file. Ranges are of bytes of the text.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: Setting,
    pub location: Setting,
    pub listing: Option<Setting>,
    pub pin: Option<Setting>,
    pub enabled: Option<Flag>,
    /// `[[source]]`.
    pub header: Range<usize>,
}

/// A string that the file sets.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub text: String,
    /// The key.
    pub key: Range<usize>,
    /// The value with its quotes.
    pub value: Range<usize>,
}

/// `true` or `false` in the file.
#[derive(Clone, Debug)]
pub(super) struct Flag {
    pub is_set: bool,
    pub value: Range<usize>,
}

impl Entry {
    /// Where its last value ends.
    pub fn end(&self) -> usize {
        let [listing, pin] = [&self.listing, &self.pin].map(|setting| setting.as_ref().map(|setting| &setting.value));
        let enabled = self.enabled.as_ref().map(|enabled| &enabled.value);
        let ends = [Some(&self.name.value), Some(&self.location.value), listing, pin, enabled];
        ends.into_iter().flatten().map(|value| value.end).max().unwrap_or(self.header.end)
    }
}

/// What is wrong with a text, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub at: usize,
    pub problem: String,
}

/// The text as TOML, with nothing at its top that is no setting.
pub(super) fn document(text: &str) -> Result<Document<&str>, Wrong> {
    let document = Document::parse(text).map_err(|error| Wrong {
        at: error.span().map_or(0, |span| span.start),
        problem: error.message().trim().replace('\n', ", "),
    })?;
    let root = document.as_table();
    if let Some((key, _)) = root.iter().find(|(key, _)| !["source", "screen", "keys"].contains(key)) {
        let problem = format!("there is no setting {key:?}; {SECTIONS}");
        return Err(Wrong { at: place(root, key).start, problem });
    }
    Ok(document)
}

/// All sources in order. Their names are valid, and no two are alike.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, Wrong> {
    let document = document(text)?;
    let root = document.as_table();
    let Some(sources) = root.get("source") else { return Ok(Vec::new()) };
    let Item::ArrayOfTables(sources) = sources else {
        return Err(Wrong { at: place(root, "source").start, problem: "each source begins with [[source]]".into() });
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut names = HashSet::new();
    for table in sources {
        let entry = entry(table)?;
        if !names.insert(entry.name.text.clone()) {
            let problem = format!("a source before it is called {:?} too", entry.name.text);
            return Err(Wrong { at: entry.name.value.start, problem });
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(table: &Table) -> Result<Entry, Wrong> {
    let header = table.span().unwrap_or_default();
    if let Some((key, _)) =
        table.iter().find(|(key, _)| !["name", "location", "listing", "pin", "enabled"].contains(key))
    {
        return Err(Wrong { at: place(table, key).start, problem: format!("there is no setting {key:?}; {KEYS}") });
    }
    let missing = |key| Wrong { at: header.start, problem: format!("a source without a {key}") };
    let name = string(table, "name")?.ok_or_else(|| missing("name"))?;
    check_name(&name.text).map_err(|problem| Wrong { at: name.value.start, problem })?;
    let enabled = match table.get("enabled") {
        None => None,
        Some(item) => Some(Flag {
            is_set: item.as_bool().ok_or_else(|| mistyped(table, "enabled", item, "true or false"))?,
            value: item.span().unwrap_or_default(),
        }),
    };
    let pin = string(table, "pin")?;
    if let Some(Setting { text, value, .. }) = &pin {
        let wrong = |error: SpecError| Wrong { at: value.start, problem: error.to_string() };
        text.parse::<Pin>().map_err(wrong)?;
    }
    Ok(Entry {
        pin,
        location: string(table, "location")?.ok_or_else(|| missing("location"))?,
        listing: string(table, "listing")?,
        name,
        enabled,
        header,
    })
}

fn string(table: &Table, key: &str) -> Result<Option<Setting>, Wrong> {
    let Some(item) = table.get(key) else { return Ok(None) };
    let text = item.as_str().ok_or_else(|| mistyped(table, key, item, "a text in quotes"))?;
    let value = item.span().unwrap_or_default();
    Ok(Some(Setting { text: text.to_owned(), key: place(table, key), value }))
}

fn mistyped(table: &Table, key: &str, item: &Item, expected: &str) -> Wrong {
    let at = item.span().map_or_else(|| place(table, key).start, |span| span.start);
    Wrong { at, problem: format!("{key} is {expected}, and this is {}", item.type_name()) }
}

/// Where a key stands.
pub(super) fn place(table: &dyn TableLike, key: &str) -> Range<usize> {
    table.key(key).and_then(toml_edit::Key::span).unwrap_or_default()
}
