//! Who provides a file or a command.

mod seek;

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

use super::{Loom, LoomError};
use crate::engine::{EntryKind, Plan, join};
use crate::package::{Package, PackageOutput};
use crate::profile::{Element, ElementOutput};
use crate::progress::Silent;
use crate::store::listing::{FileKind, IndexedFile, NixIndex, NixIndexError};

pub use seek::{Found, Likeness};

/// What the packages that only the database of nix-index knows have as their source.
pub const NIX_INDEX: &str = "nix-index";

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

/// Attributes and outputs that were told already.
type Told = HashSet<(String, String)>;

impl Loom {
    /// The packages that have a file: `file` is a command's name, a path relative to the
    /// environment (with a slash), or an absolute path inside the profile.
    pub fn which(&self, file: &str) -> Result<Providers, LoomError> {
        let path = self.meant(file);
        let elements = self.contents()?.elements;
        let plan = self.installed_plan(&elements)?;
        let (mut providers, told) = self.known_with(&path, &elements, &plan);
        let problem = match NixIndex::of_user(&|name| std::env::var_os(name)) {
            None => None,
            Some(index) => match index.find(&join(b"/", &path), &Silent) {
                Ok(found) => {
                    self.add_indexed(found, told, &mut providers);
                    None
                }
                Err(problem) => Some(problem),
            },
        };
        Ok(Providers { providers, problem })
    }

    /// The path, relative to the environment, that is meant by the name of a command or a file.
    fn meant(&self, file: &str) -> Vec<u8> {
        match Path::new(file).strip_prefix(self.profile.link()) {
            Ok(inside) => inside.as_os_str().as_bytes().to_vec(),
            Err(_) if file.contains('/') => file.trim_start_matches('/').as_bytes().to_vec(),
            Err(_) => join(b"bin", file.as_bytes()),
        }
    }

    /// Installed packages, and those of which all is known, that have exactly this file.
    fn known_with(&self, path: &[u8], elements: &[Element], plan: &Plan) -> (Vec<Provider>, Told) {
        let shown = self.shown(plan, path);
        let mut providers = Vec::new();
        let mut seen = HashSet::new();
        let mut told = HashSet::new();
        for element in elements {
            for output in &element.outputs {
                let Some(real) = self.file_in(&output.path, path) else { continue };
                seen.insert(output.path.as_path());
                told.insert((element.attribute.clone(), output.name.clone()));
                providers.push(Provider::installed(element, output, path, shown.as_ref() != Some(&real)));
            }
        }
        for package in self.catalogue().known() {
            for output in &package.outputs {
                let Some(at) = output.path.as_deref().filter(|at| !seen.contains(at)) else { continue };
                if self.file_in(at, path).is_some() {
                    told.insert((package.attribute.clone(), output.name.clone()));
                    providers.push(Provider::on_offer(package, output, path));
                }
            }
        }
        (providers, told)
    }

    /// Adds what the user's database of nix-index knows besides the attributes and outputs that were `told`. Only outputs
    /// of attributes: what is merely referred to cannot be installed by that name.
    fn add_indexed(&self, found: Vec<IndexedFile>, mut told: Told, providers: &mut Vec<Provider>) {
        let catalogue = self.catalogue();
        for file in found {
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
    }

    /// The real file that the profile shows at a path.
    fn shown(&self, plan: &Plan, path: &[u8]) -> Option<Arc<[u8]>> {
        plan.source_of(path).and_then(|source| self.real(&source))
    }

    /// The real path of the file at `path` in an output, if there is one and it is no directory.
    fn file_in(&self, output: &Path, path: &[u8]) -> Option<Arc<[u8]>> {
        let source = join(output.as_os_str().as_bytes(), path);
        let found = self.store.files().find(&source).ok()?;
        if found.kind == EntryKind::Directory { None } else { self.real(&source) }
    }

    fn real(&self, source: &[u8]) -> Option<Arc<[u8]>> {
        self.store.files().canonicalize(source).ok()
    }
}

impl Provider {
    fn installed(element: &Element, output: &ElementOutput, path: &[u8], shadowed: bool) -> Self {
        Self {
            package: element.name.clone(),
            source: element.source.clone(),
            output: output.name.clone(),
            path: path.into(),
            installed: true,
            on_offer: false,
            shadowed,
        }
    }

    fn on_offer(package: &Package, output: &PackageOutput, path: &[u8]) -> Self {
        Self {
            package: package.attribute.clone(),
            source: package.source.to_string(),
            output: output.name.clone(),
            path: path.into(),
            installed: false,
            on_offer: true,
            shadowed: false,
        }
    }
}
