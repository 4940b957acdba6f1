//! The manifest of an environment: the file that records which elements it was made of.
//!
//! There are two kinds: `manifest.nix` of `nix-env` and `manifest.json` of `nix profile`. Both are written in Nix' own
//! bytes, and what one kind has no place for is kept in a key of ours, so that nothing is lost by converting and
//! converting back. An environment without any is never taken for an empty profile: the next change would silently
//! throw away what is in it.

mod convert;
pub mod nix_env;
pub mod nix_profile;
mod old_names;
mod outputs;

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use serde_json::{Map, Number, Value};

pub use self::convert::convert;
pub use self::nix_profile::JsonVersion;
use super::change::ALL_OUTPUTS;
use super::store_name::is_store_path;
use super::{Element, ElementOutput, ProfileError, StoreName};
use crate::package::{DEFAULT_PRIORITY, Package};

/// The key under which [`Element::extra`] keeps a choice of outputs that names none.
pub(super) const OUTPUTS: &str = "outputs";

/// The key under which [`Element::extra`] keeps the path within its flake of an element whose `attribute` and `source` are
/// what this program calls them.
const ATTRIBUTE_PATH: &str = "attrPath";

/// The key under which [`Element::extra`] keeps which source an element of a pinned flake is of: several may be of one
/// flake, each at its own revision, and once a pin has moved, the address does not tell.
const SOURCE: &str = "nixLoomSource";

/// The key under which [`Element::extra`] keeps the pin that the source had from which the element was installed, if that
/// is no flake.
const PIN: &str = "nixLoomPin";

/// The key under which [`Element::extra`] keeps what only `nix-env` records.
pub(super) const NIX_ENV: &str = "nixEnv";

/// What [`Element::extra`] may hold that is true of one build only.
const OF_ONE_BUILD: [&str; 6] = [ATTRIBUTE_PATH, "originalUrl", "url", OUTPUTS, SOURCE, PIN];

/// What an environment in the store is called: without a manifest it is a damaged profile, not a single package.
const ENVIRONMENTS: [&str; 2] = ["profile", "user-environment"];

/// No manifest is larger: that of 10000 elements has some 20 MB.
const MAX_BYTES: u64 = 64 << 20;

/// Who keeps the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ManifestKind {
    /// `nix-env`, with a manifest.nix.
    NixEnv,
    /// `nix profile`, with a manifest.json.
    NixProfile,
    /// A package stands in place of an environment (`nix-env --set`); there is no manifest.
    Bare,
}

impl Display for ManifestKind {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::NixEnv => "nix-env profile",
            Self::NixProfile => "nix profile",
            Self::Bare => "single package",
        })
    }
}

/// What an environment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    pub kind: ManifestKind,
    pub elements: Vec<Element>,
}

/// Reads what an environment holds. With both manifests, that of `nix profile` counts, as for Nix: it reads its own, and
/// `nix-env` refuses to work where there is one. With none, a store path is a package of its own, and anything else
/// is an error.
pub fn read(environment: &Path) -> Result<Contents, ProfileError> {
    let has = |name: &str| fs::symlink_metadata(environment.join(name)).is_ok();
    if has(nix_profile::FILE_NAME) {
        let path = environment.join(nix_profile::FILE_NAME);
        let elements = nix_profile::parse(&bytes(&path)?, &path)?;
        return Ok(Contents { kind: ManifestKind::NixProfile, elements });
    }
    if has(nix_env::FILE_NAME) {
        let path = environment.join(nix_env::FILE_NAME);
        let elements = nix_env::parse(&bytes(&path)?, &path)?;
        return Ok(Contents { kind: ManifestKind::NixEnv, elements });
    }
    let StoreName { name, version, output } = StoreName::of(environment);
    if !is_store_path(environment) || ENVIRONMENTS.contains(&&*name) {
        return Err(ProfileError::NoManifest { path: environment.to_owned() });
    }
    let element = Element {
        name,
        attribute: String::new(),
        source: String::new(),
        version,
        outputs: vec![ElementOutput { name: output, path: environment.to_owned() }],
        priority: DEFAULT_PRIORITY,
        active: true,
        extra: Map::new(),
    };
    Ok(Contents { kind: ManifestKind::Bare, elements: vec![element] })
}

/// The manifest that records `elements`: the name of its file and its bytes. What nix-env keeps stays with it, and all
/// else becomes a profile of `nix profile`, in this version.
pub fn render(
    kind: ManifestKind,
    elements: &[Element],
    version: JsonVersion,
) -> Result<(&'static str, Vec<u8>), ProfileError> {
    Ok(match kind {
        ManifestKind::NixEnv => {
            (nix_env::FILE_NAME, nix_env::render(&elements.iter().map(as_recorded).collect::<Vec<_>>())?)
        }
        ManifestKind::NixProfile | ManifestKind::Bare => (
            nix_profile::FILE_NAME,
            nix_profile::render(&elements.iter().map(as_recorded).collect::<Vec<_>>(), version)?,
        ),
    })
}

/// Records what an evaluation told of the package from which an element is installed, as the program that keeps the
/// profile would; `outputs` are the chosen ones, if any were.
pub(super) fn record_build(element: &mut Element, kind: ManifestKind, package: &Package, outputs: Option<&[String]>) {
    let Some(evaluated) = &package.evaluated else { return };
    if let Some(flake) = &evaluated.flake {
        element.extra.insert(ATTRIBUTE_PATH.to_owned(), flake.attribute_path.clone().into());
        element.extra.insert("originalUrl".to_owned(), flake.original_url.clone().into());
        element.extra.insert("url".to_owned(), flake.url.clone().into());
        match outputs {
            None => _ = element.extra.insert(OUTPUTS.to_owned(), Value::Null),
            Some([all]) if all == ALL_OUTPUTS => _ = element.extra.insert(OUTPUTS.to_owned(), vec![ALL_OUTPUTS].into()),
            Some(_) => {}
        }
        if evaluated.pin.is_some() {
            element.extra.insert(SOURCE.to_owned(), package.source.to_string().into());
        }
    } else if let Some(pin) = &evaluated.pin {
        element.extra.insert(PIN.to_owned(), pin.clone().into());
    }
    if kind == ManifestKind::NixEnv
        && let Some(main) = package.outputs.first().and_then(|output| output.path.as_deref())
        && let Some(record) = nix_env::of_evaluated(evaluated, main)
    {
        let keep = element.extra.get(NIX_ENV).and_then(|old| old.pointer("/attributes/meta/keep")).cloned();
        element.extra.insert(NIX_ENV.to_owned(), record);
        if let Some((keep, meta)) =
            keep.zip(element.extra.get_mut(NIX_ENV).and_then(|it| it.pointer_mut("/attributes/meta")?.as_object_mut()))
        {
            meta.insert("keep".to_owned(), keep);
        }
    }
}

/// Where an element of a flake comes from, as `nix profile` records it: the flake and the path in it; `None` if it is not
/// told, or if the element is called by the names of this program already.
pub fn flake_of(element: &Element) -> Option<(&str, &str)> {
    let original = element.extra.get("originalUrl")?.as_str()?;
    let is_told = original == element.source && !element.extra.contains_key(ATTRIBUTE_PATH);
    is_told.then_some((original, &element.attribute))
}

/// Which source an element of a flake is of, if that was pinned.
pub fn pinned_source(element: &Element) -> Option<&str> {
    element.extra.get(SOURCE)?.as_str()
}

/// The locked address from which an element was installed, if that is known: of a flake, or the pin of another source.
pub fn locked_address(element: &Element) -> Option<&str> {
    ["url", PIN].iter().find_map(|key| element.extra.get(*key)?.as_str())
}

/// The flake that an element came from and the path in it, as `nix profile` records both, however it is called here.
pub fn recorded_flake(element: &Element) -> Option<(&str, &str)> {
    let original = element.extra.get("originalUrl")?.as_str()?;
    let path = element.extra.get(ATTRIBUTE_PATH).map_or(Some(&*element.attribute), Value::as_str)?;
    Some((original, path))
}

/// Whether an element of a flake has the outputs of an installation without a choice.
pub fn has_default_outputs(element: &Element) -> bool {
    element.extra.get(OUTPUTS) == Some(&Value::Null)
}

/// How the outputs of an element were chosen, for another build of it: `None` for an installation without a choice, `*`
/// alone for all of them, else by their names.
pub(super) fn choice(element: &Element) -> Option<Vec<String>> {
    let is_of_flake = element.extra.contains_key("originalUrl");
    match element.extra.get(OUTPUTS).filter(|_| is_of_flake) {
        Some(Value::Null) => None,
        Some(Value::Array(names)) if *names == [ALL_OUTPUTS] => Some(vec![ALL_OUTPUTS.to_owned()]),
        _ => Some(element.outputs.iter().map(|output| output.name.clone()).collect()),
    }
}

/// Whether the user told `nix-env` to keep the element beside others of its name (`--set-flag keep true`).
pub(super) fn is_kept(element: &Element) -> bool {
    let keep = element.extra.get(NIX_ENV).and_then(|it| it.pointer("/attributes/meta/keep"));
    keep.is_some_and(|keep| matches!(keep.as_str(), Some("true" | "1")) || *keep == Value::Bool(true))
}

/// Calls an element of a flake by the names of this program, until it is written.
pub fn call(element: &mut Element, attribute: String, source: String) {
    let path = std::mem::replace(&mut element.attribute, attribute);
    element.extra.insert(ATTRIBUTE_PATH.to_owned(), path.into());
    element.source = source;
}

/// The element as `nix profile` names it.
fn as_recorded(element: &Element) -> Element {
    let mut element = element.clone();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let original = text(element.extra.get("originalUrl"));
    let path = text(element.extra.get(ATTRIBUTE_PATH));
    if let Some((original, path)) = original.zip(path) {
        element.extra.shift_remove(ATTRIBUTE_PATH);
        (element.attribute, element.source) = (path, original);
    }
    element
}

/// Takes out of `extra` what is true of one build only, because another build takes its place. What the user has told
/// `nix-env` (`meta.keep`) stays.
pub(super) fn forget_build(extra: &mut Map<String, Value>) {
    for key in OF_ONE_BUILD {
        extra.remove(key);
    }
    nix_env::forget_build(extra);
}

/// Nix reads a priority as a C `int`, which cuts a fraction off; what is out of range becomes the nearest one.
#[expect(clippy::cast_possible_truncation, reason = "that is what is meant")]
fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().map(|number| number as i64))
}

/// The bytes of a manifest, which may be a link to one.
fn bytes(path: &Path) -> Result<Vec<u8>, ProfileError> {
    let failed = |error| ProfileError::io(path, "read the manifest")(error);
    let there = fs::metadata(path).map_err(failed)?;
    // Opening a pipe would wait for somebody to write into it.
    if !there.is_file() {
        return Err(failed(ErrorKind::InvalidInput.into()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ProfileError::TooLarge { path: path.to_owned(), size: there.len() });
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
