//! The object around the entries.

use std::fmt;
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};

use crate::package::Package;

use super::entry::{Entry, Loose};
use super::input::Meter;

/// The version of the format of `packages.json`. Older generators wrote it as a number, newer ones as a text.
const VERSION: &str = "2";

/// Where the packages of a document go.
pub(super) struct Document<'a> {
    pub source: &'a Arc<str>,
    pub each: &'a mut dyn FnMut(Package),
    pub meter: &'a Meter<'a>,
}

impl Document<'_> {
    /// Gives all packages of `{"version": "2", "packages": {ATTRIBUTE: ENTRY…}}` or `{ATTRIBUTE: ENTRY…}`.
    pub fn read<'de, D: Deserializer<'de>>(mut self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(Root(&mut self))
    }

    fn give(&mut self, attribute: String, entry: Entry) {
        // No command could name it.
        if !attribute.is_empty() {
            (self.each)(entry.into_package(attribute, Arc::clone(self.source)));
        }
    }
}

/// The outermost object.
struct Root<'a, 'b>(&'a mut Document<'b>);

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a listing of packages")
    }

    /// Which form it is shows at its end alone, for the keys come in any order.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut is_empty, mut is_of_nix_env) = (true, false);
        let (mut has_version, mut has_packages) = (false, false);
        self.0.meter.begin_entry();
        while let Some(key) = map.next_key::<String>()? {
            is_empty = false;
            if key == "packages" {
                has_packages = true;
                map.next_value_seed(Packages(self.0))?;
                continue;
            }
            match map.next_value::<Loose<Entry>>()? {
                Loose::Other(version) if key == "version" => {
                    has_version = true;
                    check_version(&version).map_err(A::Error::custom)?;
                }
                Loose::Object(entry) if entry.has_name() => {
                    is_of_nix_env = true;
                    self.0.give(key, entry);
                }
                _ => {}
            }
            self.0.meter.begin_entry();
        }
        match (has_version, has_packages) {
            (true, true) => Ok(()),
            (true, false) => Err(A::Error::custom("there is a format version, but no packages")),
            (false, true) => Err(A::Error::custom("there are packages, but no format version")),
            // Of nothing, nix-env prints an empty object.
            (false, false) if is_of_nix_env || is_empty => Ok(()),
            (false, false) => Err(A::Error::custom("there are no packages in it")),
        }
    }
}

fn check_version(version: &str) -> Result<(), String> {
    const SHOWN: usize = 20;
    if version == VERSION {
        return Ok(());
    }
    let version: String = version.chars().take(SHOWN).collect();
    Err(format!("the format version is \"{version}\", and only {VERSION} is known"))
}

/// The object with the entries.
struct Packages<'a, 'b>(&'a mut Document<'b>);

impl<'de> DeserializeSeed<'de> for Packages<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Packages<'_, '_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object with packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.meter.begin_entry();
        while let Some((attribute, entry)) = map.next_entry::<String, Loose<Entry>>()? {
            if let Loose::Object(entry) = entry {
                self.0.give(attribute, entry);
            }
            self.0.meter.begin_entry();
        }
        Ok(())
    }
}
