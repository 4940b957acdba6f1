//! `[screen]` and `[keys.…]`: settings whose meaning is not known down here. They are handed out as they are written, with
//! their places, and whoever knows what they mean can say what is wrong with them ([`Config::wrong`](super::Config::wrong)).

use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::entries::{Wrong, document, place};

/// Settings under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Of `[keys.panes]`: `panes`.
    pub name: String,
    pub spot: Spot,
    pub settings: Vec<Setting>,
}

/// A setting as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub spot: Spot,
    pub value: Value,
    pub value_spot: Spot,
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Flag(bool),
    /// Each with its own place.
    Texts(Vec<(String, Spot)>),
    /// What no setting is; with the name that TOML has for it.
    Other(&'static str),
}

impl Value {
    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Flag(_) => "boolean",
            Self::Texts(_) => "a list of texts",
            Self::Other(kind) => kind,
        }
    }
}

/// A place in the file; line and column are counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub line: usize,
    pub column: usize,
}

/// What the file says of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Screen {
    pub screen: Vec<Setting>,
    pub keys: Vec<Section>,
}

/// Reads both out of a text.
pub(super) fn parse(text: &str) -> Result<Screen, Wrong> {
    let document = document(text)?;
    let root = document.as_table();
    let mut read = Screen::default();
    if let Some(item) = root.get("screen") {
        let wrong = || wrong(root, "screen", "the settings of the screen begin with [screen]");
        read.screen = settings(text, item.as_table_like().ok_or_else(wrong)?);
    }
    if let Some(item) = root.get("keys") {
        const HOW: &str = "keys are set for one place each, as in [keys.panes]";
        let places = item.as_table_like().ok_or_else(|| wrong(root, "keys", HOW))?;
        for (name, item) in places.iter() {
            let table = item.as_table_like().ok_or_else(|| wrong(places, name, HOW))?;
            let spot = spot(text, &place(places, name));
            read.keys.push(Section { name: name.to_owned(), spot, settings: settings(text, table) });
        }
    }
    Ok(read)
}

fn wrong(table: &dyn TableLike, key: &str, problem: &str) -> Wrong {
    Wrong { at: place(table, key).start, problem: problem.to_owned() }
}

fn settings(text: &str, table: &dyn TableLike) -> Vec<Setting> {
    let setting = |(name, item): (&str, &Item)| {
        let key = place(table, name);
        let value_spot = spot(text, &item.span().unwrap_or_else(|| key.clone()));
        Setting { name: name.to_owned(), spot: spot(text, &key), value: value(text, item), value_spot }
    };
    table.iter().map(setting).collect()
}

fn value(text: &str, item: &Item) -> Value {
    if let Some(said) = item.as_str() {
        return Value::Text(said.to_owned());
    }
    if let Some(is_set) = item.as_bool() {
        return Value::Flag(is_set);
    }
    let Some(array) = item.as_array() else { return Value::Other(item.type_name()) };
    let texts = array.iter().map(|value| Some((value.as_str()?.to_owned(), spot(text, &value.span()?))));
    texts.collect::<Option<_>>().map_or(Value::Other("array of other things than texts"), Value::Texts)
}

fn spot(text: &str, range: &Range<usize>) -> Spot {
    let (line, column) = super::position(text, range.start);
    Spot { line, column }
}
