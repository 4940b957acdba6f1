//! One derivation of a manifest.nix: attributes ↔ [`Element`].

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::package::{DEFAULT_PRIORITY, Evaluated};
use crate::profile::element_name::UniqueNames;
use crate::profile::manifest::NIX_ENV;
use crate::profile::store_name::{full_name, split_version, without_output};
use crate::profile::{Element, ElementOutput, ProfileError};

/// The key under which [`Element::extra`] keeps the name that the element had in a profile of `nix profile`.
pub(in crate::profile::manifest) const PROFILE_NAME: &str = "nixProfileName";

/// In `meta`: what `nix-env` knows nothing of, as one string of JSON, because strings are what survives its operations.
const OWN: &str = "nixLoom";

/// Below [`NIX_ENV`]: the attributes as they are in the manifest, without what the element itself holds.
const ATTRIBUTES: &str = "attributes";

/// Below [`NIX_ENV`], while the element lies in a manifest.json: its place in the manifest.nix.
const POSITION: &str = "position";

const META: &str = "meta";
const OUT_PATH: &str = "outPath";
const OUTPUTS: &str = "outputs";
const OUTPUTS_TO_INSTALL: &str = "outputsToInstall";

/// What `nix-env` writes for a system where it finds none.
const UNKNOWN: &str = "unknown";

/// Attributes of a derivation that no output can be called.
const RESERVED: [&str; 7] = ["drvPath", META, "name", OUT_PATH, OUTPUTS, "system", "type"];

/// What [`OWN`] holds.
#[derive(Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
struct Own {
    #[serde(skip_serializing_if = "String::is_empty")]
    attribute: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    source: String,
    /// The outputs in the element's order, where that is not the sorted one of `nix-env`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    order: Vec<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
}

/// The element that these attributes record, still without a name that is its own; else what is wrong with them.
pub(super) fn element(mut attributes: Map<String, Value>) -> Result<Element, String> {
    if !attributes.get("name").is_some_and(Value::is_string) {
        return Err("a derivation without a name".to_owned());
    }
    let mut outputs = take_outputs(&mut attributes)?;
    let own = take_own(&mut attributes);
    let order: HashMap<_, _> = own.order.iter().enumerate().map(|(at, name)| (&**name, at)).collect();
    if outputs.iter().all(|output| order.contains_key(&*output.name)) {
        outputs.sort_by_key(|output| order[&*output.name]);
    }
    let meta = attributes.get(META);
    let (priority, active) = (priority_said(meta), active_said(meta));
    let mut extra = own.extra;
    extra.insert(NIX_ENV.to_owned(), json!({ ATTRIBUTES: attributes }));
    Ok(Element {
        name: String::new(),
        attribute: own.attribute,
        source: own.source,
        version: String::new(),
        outputs,
        priority,
        active,
        extra,
    })
}

/// The attributes that record the element.
pub(super) fn record(element: &Element) -> Result<Map<String, Value>, ProfileError> {
    let nothing = || Map::from_iter([("system".to_owned(), UNKNOWN.into())]);
    let mut attributes = known_attributes(element).cloned().unwrap_or_else(nothing);
    for (name, value) in derived(element)? {
        attributes.entry(name).or_insert(value);
    }
    let mut sorted: Vec<_> = element.outputs.iter().collect();
    sorted.sort_by_key(|output| &output.name);
    let names: Vec<_> = sorted.iter().map(|output| &*output.name).collect();
    for (at, output) in sorted.iter().enumerate() {
        let is_twice = at > 0 && names[at - 1] == output.name;
        if is_twice || RESERVED.contains(&&*output.name) {
            let (name, output) = (element.name.clone(), output.name.clone());
            return Err(ProfileError::ReservedOutput { name, output });
        }
        let path = text_of(output)?.into();
        match attributes.get_mut(&output.name) {
            Some(Value::Object(attributes)) => _ = attributes.insert(OUT_PATH.to_owned(), path),
            _ => _ = attributes.insert(output.name.clone(), json!({ OUT_PATH: path })),
        }
    }
    attributes.insert(OUTPUTS.to_owned(), json!(names));
    let meta = attributes.get(META);
    let is_priority_new = priority_said(meta) != element.priority;
    let is_active_new = active_said(meta) != element.active;
    let own = own(element, &sorted);
    if let Some(Value::Object(meta)) = attributes.get_mut(META) {
        // As `nix-env --set-flag` writes them.
        if is_priority_new {
            meta.insert("priority".to_owned(), element.priority.to_string().into());
        }
        if is_active_new {
            meta.insert("active".to_owned(), element.active.to_string().into());
        }
        // Nix reads these outputs of a manifest only, and refuses the whole profile if one of them is not there.
        if let Some(to_install) = meta.get_mut(OUTPUTS_TO_INSTALL)
            && !is_set_of(to_install, &names)
        {
            *to_install = json!(names);
        }
        if own != Own::default() {
            let mut own = json!(own);
            own.sort_all_objects();
            meta.insert(OWN.to_owned(), own.to_string().into());
        }
    }
    Ok(attributes)
}

/// What `nix-env` would record of a package with this main output, for [`NIX_ENV`] in [`Element::extra`].
pub(in crate::profile) fn of_evaluated(evaluated: &Evaluated, main: &std::path::Path) -> Option<Value> {
    let mut attributes = Map::new();
    attributes.insert("name".to_owned(), evaluated.full_name.clone().into());
    attributes.insert("type".to_owned(), "derivation".into());
    attributes.insert(OUT_PATH.to_owned(), main.to_str()?.into());
    attributes.insert(META.to_owned(), evaluated.meta.clone().into());
    if !evaluated.system.is_empty() {
        attributes.insert("system".to_owned(), evaluated.system.clone().into());
    }
    Some(json!({ ATTRIBUTES: attributes }))
}

/// Names each element as `nix-env` does: name and version of the derivation's name, divided; a name that is taken gets
/// `-1`, `-2`, … appended.
pub(in crate::profile::manifest) fn named(elements: &mut [Element]) {
    let mut names = UniqueNames::default();
    for element in elements {
        let known = known_attributes(element).and_then(|attributes| attributes.get("name")).and_then(Value::as_str);
        let full = known.map_or_else(|| derived_name(element), str::to_owned);
        let (name, version) = split_version(&full);
        let name = if name.is_empty() { &full } else { name };
        version.clone_into(&mut element.version);
        element.name = names.take(if name.is_empty() { "package" } else { name });
    }
}

/// By what `nix-env` knows an element: the name of its derivation, with the version, and its main path.
pub fn identity(element: &Element) -> (String, String) {
    let known = |name: &str| Some(known_attributes(element)?.get(name)?.as_str()?.to_owned());
    let main = element.output("out").or(element.outputs.first());
    let path = || main.map(|output| crate::safe::path(&output.path)).unwrap_or_default();
    (known("name").unwrap_or_else(|| derived_name(element)), known(OUT_PATH).unwrap_or_else(path))
}

/// A text that `meta` says of an element, as far as its manifest records it; of several the first.
pub fn meta_text<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    let value = known_attributes(element)?.get(META)?.get(name)?;
    value.as_str().or_else(|| value.as_array()?.first()?.as_str())
}

/// Whether all that is kept for `nix-env` follows from the rest of the element.
pub(in crate::profile::manifest) fn is_derived(element: &Element) -> bool {
    let Some(known) = known_attributes(element) else { return true };
    let Ok(derived) = derived(element) else { return false };
    known.iter().all(|(name, value)| match &**name {
        "system" => value == UNKNOWN,
        META => value.as_object().is_some_and(|meta| meta.iter().all(is_flag)),
        _ => derived.get(name) == Some(value),
    })
}

/// Whether it is a flag as `nix-env --set-flag` writes it, which the element itself holds.
fn is_flag((name, value): (&String, &Value)) -> bool {
    matches!(&**name, "active" | "priority") && value.is_string()
}

/// Where the element lay in a manifest.nix; `None` if it came after that.
pub(in crate::profile::manifest) fn position(element: &Element) -> Option<u64> {
    element.extra.get(NIX_ENV)?.get(POSITION)?.as_u64()
}

/// Remembers where the element lies in a manifest.nix, or forgets it.
pub(in crate::profile::manifest) fn set_position(element: &mut Element, position: Option<usize>) {
    let nix_env = element.extra.entry(NIX_ENV).or_insert_with(|| Map::new().into());
    let Some(nix_env) = nix_env.as_object_mut() else { return };
    match position {
        Some(position) => _ = nix_env.insert(POSITION.to_owned(), position.into()),
        None => _ = nix_env.remove(POSITION),
    }
}

fn known_attributes(element: &Element) -> Option<&Map<String, Value>> {
    element.extra.get(NIX_ENV)?.get(ATTRIBUTES)?.as_object()
}

/// What a derivation must have, where nothing else is known.
fn derived(element: &Element) -> Result<Map<String, Value>, ProfileError> {
    let main = element.output("out").or(element.outputs.first());
    let mut attributes = Map::new();
    if let Some(main) = main {
        attributes.insert(OUT_PATH.to_owned(), text_of(main)?.into());
    }
    attributes.insert("name".to_owned(), derived_name(element).into());
    attributes.insert("type".to_owned(), "derivation".into());
    attributes.insert(META.to_owned(), Map::new().into());
    Ok(attributes)
}

/// A derivation's name as the paths of its outputs tell it.
fn derived_name(element: &Element) -> String {
    let Some(output) = element.output("out").or(element.outputs.first()) else { return element.name.clone() };
    let full = full_name(&output.path);
    without_output(&full, &output.name).map(str::to_owned).unwrap_or(full)
}

fn text_of(output: &ElementOutput) -> Result<&str, ProfileError> {
    output.path.to_str().ok_or_else(|| ProfileError::NotText { path: output.path.clone() })
}

/// The outputs in the order of `outputs`. Those that have no path are passed over, as Nix does; without such a list,
/// `outPath` is the only one.
fn take_outputs(attributes: &mut Map<String, Value>) -> Result<Vec<ElementOutput>, String> {
    let listed = match attributes.remove(OUTPUTS) {
        Some(Value::Array(names)) => names,
        Some(_) => return Err("a derivation whose outputs are no list".to_owned()),
        None => {
            let path = attributes.get(OUT_PATH).and_then(Value::as_str);
            let path = path.ok_or("a derivation without any output")?;
            return Ok(vec![ElementOutput { name: "out".to_owned(), path: path.into() }]);
        }
    };
    let mut outputs = Vec::new();
    let mut seen = BTreeSet::new();
    for name in listed {
        let Value::String(name) = name else { return Err("a derivation with an output that has no name".to_owned()) };
        let Some(Value::Object(output)) = attributes.get_mut(&name).filter(|_| !RESERVED.contains(&&*name)) else {
            continue;
        };
        let Some(path) = output.get(OUT_PATH).and_then(Value::as_str).map(Into::into) else { continue };
        if !seen.insert(name.clone()) {
            continue;
        }
        outputs.push(ElementOutput { name, path });
    }
    for output in &outputs {
        if let Some(Value::Object(attributes)) = attributes.get_mut(&output.name) {
            attributes.remove(OUT_PATH);
        }
        if attributes.get(&output.name).and_then(Value::as_object).is_some_and(Map::is_empty) {
            attributes.remove(&output.name);
        }
    }
    Ok(outputs)
}

fn take_own(attributes: &mut Map<String, Value>) -> Own {
    let Some(Value::Object(meta)) = attributes.get_mut(META) else { return Own::default() };
    let own = meta.get(OWN).and_then(Value::as_str).and_then(|text| serde_json::from_str::<Own>(text).ok());
    if own.is_some() {
        meta.remove(OWN);
    }
    let mut own = own.unwrap_or_default();
    own.extra.remove(NIX_ENV);
    own
}

/// What has to be kept beside what `nix-env` keeps.
fn own(element: &Element, sorted: &[&ElementOutput]) -> Own {
    let in_order = element.outputs.iter().map(|output| output.name.clone());
    let is_sorted = in_order.clone().eq(sorted.iter().map(|output| output.name.clone()));
    let mut extra = element.extra.clone();
    extra.remove(NIX_ENV);
    Own {
        attribute: element.attribute.clone(),
        source: element.source.clone(),
        order: if is_sorted { Vec::new() } else { in_order.collect() },
        extra,
    }
}

/// The priority with which the builder links: that of `meta`, read like C's `stoi`, else the default one.
fn priority_said(meta: Option<&Value>) -> i64 {
    let read = |value: &Value| match value {
        Value::Number(number) => crate::profile::manifest::whole(number),
        Value::String(text) => leading_integer(text),
        Value::Bool(true) => Some(1),
        _ => None,
    };
    meta.and_then(|meta| meta.get("priority")).and_then(read).unwrap_or(DEFAULT_PRIORITY)
}

/// The integer with which `text` begins, after blanks.
fn leading_integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    text[..text.len() - digits.len() + end].parse().ok()
}

/// Whether the builder links it: all but `"false"` is true for it; a boolean, which `nix-env` never writes, is itself.
fn active_said(meta: Option<&Value>) -> bool {
    let active = meta.and_then(|meta| meta.get("active"));
    !active.is_some_and(|active| *active == "false" || *active == Value::Bool(false))
}

/// Whether the list names exactly these, in any order.
fn is_set_of(list: &Value, names: &[&str]) -> bool {
    let listed: Option<BTreeSet<_>> = list.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    listed.is_some_and(|listed| listed == names.iter().copied().collect())
}
