//! Who provides a file or a command.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{Loom, LoomError};
use crate::engine::{EntryKind, join};
use crate::progress::Silent;
use crate::store::listing::{FileKind, NixIndex, NixIndexError};

/// What the packages that only the database of nix-index knows have as their source.
const NIX_INDEX: &str = "nix-index";

/// A package that has a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The element's name if it is installed, else the attribute.
    pub package: String,
    pub source: String,
    pub output: String,
    /// Relative to the environment.
    pub path: Box<[u8]>,
    pub installed: bool,
    /// Whether a source has it.
    pub on_offer: bool,
    /// Installed, but the profile shows another package's file, or none.
    pub shadowed: bool,
}

/// Who has a file, as far as that can be told.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    /// The installed ones first, then those of which all is known, then those that only nix-index knows.
    pub providers: Vec<Provider>,
    /// Why the database of nix-index could not be asked.
    pub problem: Option<NixIndexError>,
}

impl Loom {
    /// The packages that have a file: `file` is a command's name, a path relative to the
    /// environment (with a slash), or an absolute path inside the profile.
    pub fn which(&self, file: &str) -> Result<Providers, LoomError> {
        let path = match Path::new(file).strip_prefix(self.profile.link()) {
            Ok(inside) => inside.as_os_str().as_bytes().to_vec(),
            Err(_) if file.contains('/') => file.trim_start_matches('/').as_bytes().to_vec(),
            Err(_) => join(b"bin", file.as_bytes()),
        };
        let elements = self.contents()?.elements;
        let shown = self.installed_plan(&elements)?.source_of(&path).and_then(|source| self.real(&source));
        let mut providers = Vec::new();
        let mut seen = HashSet::new();
        let mut told = HashSet::new();
        for element in &elements {
            for output in &element.outputs {
                let Some(real) = self.file_in(&output.path, &path) else { continue };
                seen.insert(output.path.as_path());
                told.insert((element.attribute.clone(), output.name.clone()));
                providers.push(Provider {
                    package: element.name.clone(),
                    source: element.source.clone(),
                    output: output.name.clone(),
                    path: path.as_slice().into(),
                    installed: true,
                    on_offer: false,
                    shadowed: shown.as_ref() != Some(&real),
                });
            }
        }
        for package in self.catalogue().known() {
            for output in &package.outputs {
                let Some(at) = output.path.as_deref().filter(|at| !seen.contains(at)) else { continue };
                if self.file_in(at, &path).is_some() {
                    told.insert((package.attribute.clone(), output.name.clone()));
                    providers.push(Provider {
                        package: package.attribute.clone(),
                        source: package.source.to_string(),
                        output: output.name.clone(),
                        path: path.as_slice().into(),
                        installed: false,
                        on_offer: true,
                        shadowed: false,
                    });
                }
            }
        }
        let problem = self.add_indexed(&path, told, &mut providers).err();
        Ok(Providers { providers, problem })
    }

    /// Adds what the user's database of nix-index knows besides the attributes and outputs that were `told`. Only outputs
    /// of attributes: what is merely referred to cannot be installed by that name.
    fn add_indexed(
        &self,
        path: &[u8],
        mut told: HashSet<(String, String)>,
        providers: &mut Vec<Provider>,
    ) -> Result<(), NixIndexError> {
        let Some(index) = NixIndex::of_user(&|name| std::env::var_os(name)) else { return Ok(()) };
        let catalogue = self.catalogue();
        for file in index.find(&join(b"/", path), &Silent)? {
            let is_meant = !matches!(file.kind, FileKind::Directory { .. }) && !file.is_only_referred_to;
            if is_meant && told.insert((file.attribute.clone(), file.output.clone())) {
                providers.push(Provider {
                    on_offer: catalogue.find(&file.attribute, "").is_some(),
                    package: file.attribute,
                    source: NIX_INDEX.to_owned(),
                    output: file.output,
                    path: file.path,
                    installed: false,
                    shadowed: false,
                });
            }
        }
        Ok(())
    }

    /// The real path of the file at `path` in an output, if there is one and it is no directory.
    fn file_in(&self, output: &Path, path: &[u8]) -> Option<std::sync::Arc<[u8]>> {
        let source = join(output.as_os_str().as_bytes(), path);
        let found = self.store.files().find(&source).ok()?;
        if found.kind == EntryKind::Directory { None } else { self.real(&source) }
    }

    fn real(&self, source: &[u8]) -> Option<std::sync::Arc<[u8]>> {
        self.store.files().canonicalize(source).ok()
    }
}
