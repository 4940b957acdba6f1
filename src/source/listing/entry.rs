//! One entry of a listing, made into a package on offer.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::package::{Package, PackageOutput};

use super::super::attribute;
use super::super::record::Described;

/// Bytes; no text of a package is longer.
const MAX_TEXT: usize = 64 << 10;
/// What is read of `meta`; the rest is passed over.
const META: [&str; 11] = [
    "broken",
    "description",
    "homepage",
    "insecure",
    "license",
    "longDescription",
    "mainProgram",
    "outputsToInstall",
    "priority",
    "unfree",
    "unsupported",
];

/// What is told of one attribute. All of it may be missing or of any type.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Entry {
    name: Value,
    pname: Value,
    version: Value,
    output_name: Value,
    /// Each with its path, or null.
    outputs: Value,
    meta: Loose<Meta>,
}

impl Entry {
    /// Whether it looks like a package at all.
    pub fn has_name(&self) -> bool {
        self.name.is_string() || self.pname.is_string()
    }

    /// Without outputs, as of attributes that throw, there is the one that is named, else `out`. The attribute is spelled
    /// as everywhere in this program: `nix-env` writes no quotes, nixpkgs more of them.
    pub fn into_package(self, attribute: String, source: Arc<str>) -> Package {
        let attribute = attribute::parse(&attribute).map_or(attribute, |path| attribute::spelled(&path));
        let (pname, version) = (text(self.pname), text(self.version));
        let full_name = match text(self.name) {
            name if !name.is_empty() => name,
            _ if !pname.is_empty() => pname.clone(),
            _ => attribute.clone(),
        };
        let outputs = match self.outputs {
            Value::Object(outputs) => outputs.into_iter().map(output).collect(),
            _ => Vec::new(),
        };
        let outputs = if outputs.is_empty() {
            let name = Some(text(self.output_name)).filter(|name| !name.is_empty());
            vec![PackageOutput { name: name.unwrap_or_else(|| "out".to_owned()), path: None }]
        } else {
            outputs
        };
        let described = Described { full_name, pname, version, outputs, selected: None, is_of_flake: false };
        let meta = match self.meta {
            Loose::Object(Meta(meta)) => meta,
            Loose::Other(_) => Map::new(),
        };
        let mut package = described.into_package(attribute, source, &meta);
        cap(&mut package);
        package
    }
}

fn text(value: Value) -> String {
    if let Value::String(text) = value { text } else { String::new() }
}

fn output((name, path): (String, Value)) -> PackageOutput {
    let path = Some(PathBuf::from(text(path))).filter(|path| path.is_absolute());
    PackageOutput { name, path }
}

/// Cuts texts that are longer than any that is meant.
fn cap(package: &mut Package) {
    let Package { attribute, name, version, description, long_description, homepage, .. } = package;
    let texts = [attribute, name, version, description, long_description, homepage].into_iter();
    let lists = package.licenses.iter_mut().chain(&mut package.default_outputs).chain(&mut package.main_program);
    for text in texts.chain(lists).chain(package.outputs.iter_mut().map(|output| &mut output.name)) {
        if text.len() > MAX_TEXT {
            text.truncate(text.floor_char_boundary(MAX_TEXT));
            text.shrink_to_fit();
        }
    }
}

/// The members of `meta` that are read.
pub(super) struct Meta(Map<String, Value>);

impl<'de> Deserialize<'de> for Meta {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(MetaVisitor)
    }
}

struct MetaVisitor;

impl<'de> Visitor<'de> for MetaVisitor {
    type Value = Meta;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Meta, A::Error> {
        let mut meta = Map::new();
        while let Some(key) = map.next_key_seed(Key)? {
            match key {
                Some(key) => drop(meta.insert(key.to_owned(), map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Meta(meta))
    }
}

/// One of [`META`], or nothing; a key is not copied for the sake of it.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<&'static str>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(META.into_iter().find(|known| *known == key))
    }
}

/// What should be an object.
pub(super) enum Loose<T> {
    Object(T),
    /// A number, text or truth value, as text; empty for the rest.
    Other(String),
}

impl<T> Default for Loose<T> {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(LooseVisitor(PhantomData))
    }
}

struct LooseVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LooseVisitor<T> {
    type Value = Loose<T>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Loose<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Loose::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose<T>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::default())
    }

    fn visit_unit<E>(self) -> Result<Loose<T>, E> {
        Ok(Loose::default())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose<T>, E> {
        Ok(Loose::Other(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Loose<T>, E> {
        Ok(Loose::Other(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Loose<T>, E> {
        Ok(Loose::Other(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Loose<T>, E> {
        Ok(Loose::Other(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Loose<T>, E> {
        Ok(Loose::Other(value.to_owned()))
    }
}
