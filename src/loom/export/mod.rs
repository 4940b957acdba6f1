//! The profile, or a part of it, as an environment file.
//!
//! | module | what it is |
//! |---|---|
//! | `said` | how a file says where a package comes from |
//! | `stricter` | what nixpkgs' builder would make of the packages that the profile's does not |

mod said;
mod stricter;

use std::path::PathBuf;

use serde_json::Value;

use super::explain::origin::{Origin, paths};
use super::{Loom, LoomError};
use crate::env_file::{self, Entry, EnvFile, Format, From, Import, WriteError};
use crate::profile::{Element, ProfileError, manifest};
use crate::progress::Progress;
use crate::source::attribute;
use crate::store::StoreError;

/// What is to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// What the environment is to be called.
    pub name: String,
    /// The names of elements; all of the profile if empty. They come in the profile's order.
    pub elements: Vec<String>,
    /// Whether sources are to be what they are when the file is built, and not the revision that is installed.
    pub is_unpinned: bool,
}

/// An environment file that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    pub export: Export,
    pub format: Format,
    pub out: PathBuf,
    /// Whether it may take the place of what is there.
    pub is_over: bool,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Absolute.
    pub path: PathBuf,
    pub packages: usize,
    /// How many of the packages have something that the file can only tell of in a comment.
    pub noted: usize,
    /// What is to be known of the file as a whole; it tells that, too. One sentence each, without a full stop.
    pub notes: Vec<String>,
    /// Why it will not be known that the file belongs to the profile.
    pub unremembered: Option<String>,
}

impl Loom {
    /// Writes what is installed as an environment file: the whole file or nothing. What is there already is told before
    /// anything is worked out.
    pub fn export(&self, wanted: &ExportFile, progress: &dyn Progress) -> Result<Exported, LoomError> {
        let ExportFile { export, format, out, is_over } = wanted;
        if !is_over && std::fs::symlink_metadata(out).is_ok() {
            return Err(WriteError::Exists(out.clone()).into());
        }
        let file = self.env_file(export, progress)?;
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        env_file::write(out, &env_file::text(&file, *format), *is_over)?;
        let noted = file.packages.iter().filter(|entry| !entry.notes.is_empty()).count();
        let path = std::path::absolute(out).unwrap_or_else(|_| out.clone());
        let unremembered = self.remember_export(&path, wanted);
        Ok(Exported {
            path,
            packages: file.packages.len(),
            noted,
            notes: env_file::notes(&file, *format),
            unremembered,
        })
    }

    /// What is installed, as an environment file. Packages of sources that Nix evaluates are evaluated for it, so that
    /// outputs and priorities are said only where they have to be; where that fails, they are said.
    pub fn env_file(&self, export: &Export, progress: &dyn Progress) -> Result<EnvFile, LoomError> {
        let elements = self.contents()?.elements;
        if let Some(name) = export.elements.iter().find(|name| elements.iter().all(|it| it.name != **name)) {
            return Err(ProfileError::NotInstalled { name: name.clone() }.into());
        }
        let mut file = EnvFile { name: export.name.clone(), ..EnvFile::default() };
        let is_wanted = |it: &Element| export.elements.is_empty() || export.elements.contains(&it.name);
        let elements: Vec<_> = elements.into_iter().filter(is_wanted).collect();
        for element in &elements {
            let entry = self.entry(element, export, &mut file, progress);
            file.packages.push(entry);
        }
        file.system = system(&file);
        // What is only a comment in the file is none of the builder's.
        let said = elements.into_iter().zip(&file.packages);
        let said = said.filter(|(_, entry)| !matches!(entry.from, From::Nowhere(_))).map(|(element, _)| element);
        let notes = self.stricter(&said.collect::<Vec<_>>());
        file.notes.extend(notes);
        Ok(file)
    }

    fn entry(&self, element: &Element, export: &Export, file: &mut EnvFile, progress: &dyn Progress) -> Entry {
        let mut entry = Entry {
            name: element.name.clone(),
            version: element.version.clone(),
            origin: self.as_installed(element),
            from: From::Paths(paths(element)),
            outputs: element.outputs.iter().map(|output| output.name.clone()).collect(),
            priority: element.priority,
            active: element.active,
            known: None,
            notes: Vec::new(),
        };
        let origin = self.origin(element);
        let is_pinned = !export.is_unpinned
            && self.is_nix
            && (matches!(origin, Origin::Flake { .. }) || manifest::locked_address(element).is_some());
        let said = match origin {
            Origin::Nowhere => {
                entry.notes.push("it is of a folder of packages, which no Nix knows".to_owned());
                entry.from = From::Nowhere(paths(element));
                return entry;
            }
            Origin::Paths => None,
            Origin::File { place, attribute, tarball: Some((url, hash)), .. } if !export.is_unpinned => {
                said::of_tarball(&place, url, hash, &attribute)
            }
            Origin::File { place, attribute, .. } => said::of_file(&place, &attribute),
            Origin::Flake { path, .. } if !self.is_nix => {
                let note =
                    "The demonstration packages are modelled on those of nixpkgs: it has them, in other versions";
                if file.notes.is_empty() {
                    file.notes.push(note.to_owned());
                }
                attribute::parse(&path).map(|path| (Import::AnyNixpkgs, Some(path)))
            }
            Origin::Flake { url, path, .. } => {
                let locked = element.extra.get("url").and_then(Value::as_str).unwrap_or(&url);
                said::of_flake(&url, locked, &path, export.is_unpinned)
            }
        };
        let Some((import, path)) = said.filter(|(import, path)| said::is_sayable(import, path.as_deref(), element))
        else {
            entry.notes.push(
                "where it comes from is not known, or cannot be said; this is what this machine's store has".to_owned(),
            );
            return entry;
        };
        let package = self.package(&element.attribute, Some(&element.source), progress).ok().flatten();
        if let Some(package) = package {
            let is_there = |name: &String| package.output(name).is_some();
            let is_same = element.outputs.iter().all(|output| {
                let offered = package.output(&output.name).and_then(|offered| offered.path.as_ref());
                offered.is_none_or(|path| *path == output.path)
            });
            if !is_pinned && !entry.outputs.iter().all(is_there) {
                entry.notes.push(
                    "its source has it without these outputs now; this is what this machine's store has".to_owned(),
                );
                return entry;
            }
            if !is_same && !is_pinned && self.is_nix {
                entry.notes.push(said::changed(element, &package));
            }
            // Of a revision that is not the one of the source here nothing is known.
            if is_same || !is_pinned {
                entry.known = said::known(&package);
            }
        }
        let source = said::source(&mut file.sources, &element.source, import);
        entry.from = match path {
            Some(path) => From::Attribute { source, path },
            None => From::Whole { source },
        };
        entry
    }

    /// The element in the words of this program.
    fn as_installed(&self, element: &Element) -> env_file::Origin {
        let recorded = element.extra.get("originalUrl").and_then(Value::as_str).map(str::to_owned);
        let location = recorded.or_else(|| {
            let rows = self.sources().configured.into_iter();
            rows.filter(|row| row.name == element.source).map(|row| row.location).next()
        });
        env_file::Origin { attribute: element.attribute.clone(), source: element.source.clone(), location }
    }
}

/// For what system the environment is: that of its packages, as far as it is told, else that of this machine.
fn system(file: &EnvFile) -> String {
    let told = file.packages.iter().filter_map(|entry| match &entry.from {
        From::Attribute { source, path } => match &file.sources[*source].import {
            Import::Nixpkgs { system, .. } => Some(system.clone()),
            // `packages.SYSTEM.…`
            Import::Flake { .. } if path.len() > 2 => Some(path[1].clone()),
            _ => None,
        },
        _ => None,
    });
    told.into_iter().next().unwrap_or_else(|| {
        let kernel = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
        format!("{}-{kernel}", std::env::consts::ARCH)
    })
}
