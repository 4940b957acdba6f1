//! What the screen remembers from one run to the next: where one was, how lists were sorted, what was searched for.
//!
//! It is a convenience and never more: a file that is damaged, unreadable or of a newer version is as good as none, and one
//! that cannot be written is let be. Of two programs at once the last one to end says where one was; their queries are
//! put together.
//!
//! The values are names and numbers; what they mean is the business of whoever remembers them.

pub(crate) mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

pub use file::SaveError;

/// The version of the file. One of a newer version is neither used nor written over.
const VERSION: u64 = 1;
/// More queries are not kept: nobody walks back further.
pub const MOST_QUERIES: usize = 200;
/// A longer query, in bytes, was no query but a slip of the clipboard.
const LONGEST_QUERY: usize = 500;
/// More names in a table than this are not ours.
const MOST_NAMES: usize = 50;
/// A longer name, in bytes, is not ours.
const LONGEST_NAME: usize = 100;

/// What is remembered. What is not set is as usual when it is read, and left as it was when it is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The pane that had the focus.
    pub pane: Option<String>,
    pub theme: Option<String>,
    /// List → order.
    pub orders: BTreeMap<String, String>,
    /// Pane → its width, in whatever unit.
    pub widths: BTreeMap<String, u64>,
    /// Queries that were kept, the newest first. When it is saved: those that are new since it was saved last.
    pub queries: Vec<String>,
    /// Environment files that were opened, in the same way.
    pub files: Vec<String>,
}

/// Where it is kept: `$XDG_STATE_HOME/nix-loom/screen.json`; `None` for a user without a home.
pub fn default_path() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.state_dir()?.join("nix-loom/screen.json"))
}

impl Remembered {
    /// Reads the file, as far as it makes sense.
    pub fn load(path: &Path) -> Self {
        file::read(path).map_or_else(Self::default, |bytes| Self::parse(&bytes))
    }

    /// Puts it into the file, beside what is there.
    pub fn save(&self, path: &Path) -> Result<(), SaveError> {
        file::change(path, |before| self.merged_into(before))
    }

    fn parse(bytes: &[u8]) -> Self {
        let Some(object) = object(bytes).filter(is_known) else { return Self::default() };
        let table = |name: &str| object.get(name).and_then(Value::as_object).into_iter().flatten().take(MOST_NAMES);
        let names = table("orders").filter_map(|(list, order)| Some((self::name(list)?, self::name(order.as_str()?)?)));
        let widths = table("widths").filter_map(|(pane, width)| Some((self::name(pane)?, width.as_u64()?)));
        let text = |name: &str| object.get(name).and_then(Value::as_str).and_then(self::name);
        Self {
            pane: text("pane"),
            theme: text("theme"),
            orders: names.collect(),
            widths: widths.collect(),
            queries: texts(&object, "queries"),
            files: texts(&object, "files"),
        }
    }

    /// The bytes of the file after it is saved; `None` to leave it as it is.
    fn merged_into(&self, before: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut object = before.and_then(object).unwrap_or_default();
        if !is_known(&object) {
            return None;
        }
        let read = object.clone();
        // Fields that are not known here stay.
        object.insert("version".into(), VERSION.into());
        for (name, value) in [("pane", &self.pane), ("theme", &self.theme)] {
            if let Some(value) = value {
                object.insert(name.into(), value.as_str().into());
            }
        }
        if !self.orders.is_empty() {
            object.insert("orders".into(), json!(self.orders));
        }
        if !self.widths.is_empty() {
            object.insert("widths".into(), json!(self.widths));
        }
        for (name, new) in [("queries", &self.queries), ("files", &self.files)] {
            let mut kept = Vec::new();
            for text in new.iter().filter_map(|text| clean(text)).chain(texts(&object, name)) {
                if !kept.contains(&text) {
                    kept.push(text);
                }
            }
            kept.truncate(MOST_QUERIES);
            if !kept.is_empty() || name == "queries" {
                object.insert(name.into(), kept.into());
            }
        }
        if object == read {
            return None;
        }
        let mut bytes = serde_json::to_vec_pretty(&object).ok()?;
        bytes.push(b'\n');
        Some(bytes)
    }
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(bytes).ok()
}

fn is_known(object: &Map<String, Value>) -> bool {
    // Without a number it is damaged, but not of a newer version.
    object.get("version").and_then(Value::as_u64).is_none_or(|version| version <= VERSION)
}

fn texts(object: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = object.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|text| clean(text.as_str()?)).take(MOST_QUERIES).collect()
}

/// A query or a file as it is kept; `None` if it is not worth it.
pub fn clean(query: &str) -> Option<String> {
    let query = query.trim();
    let is_kept = !query.is_empty() && query.len() <= LONGEST_QUERY && !query.chars().any(char::is_control);
    is_kept.then(|| query.to_owned())
}

fn name(text: &str) -> Option<String> {
    (text.len() <= LONGEST_NAME).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
