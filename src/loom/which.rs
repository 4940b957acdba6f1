//! Who provides a file or a command.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{Loom, LoomError};
use crate::engine::{EntryKind, join};

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
    /// Installed, but the profile shows another package's file, or none.
    pub shadowed: bool,
}

impl Loom {
    /// The packages that have a file, the installed ones first: `file` is a command's name, a path relative to the
    /// environment (with a slash), or an absolute path inside the profile.
    pub fn which(&self, file: &str) -> Result<Vec<Provider>, LoomError> {
        let path = match Path::new(file).strip_prefix(self.profile.link()) {
            Ok(inside) => inside.as_os_str().as_bytes().to_vec(),
            Err(_) if file.contains('/') => file.trim_start_matches('/').as_bytes().to_vec(),
            Err(_) => join(b"bin", file.as_bytes()),
        };
        let elements = self.contents()?.elements;
        let shown = self.installed_plan(&elements)?.source_of(&path).and_then(|source| self.real(&source));
        let mut providers = Vec::new();
        let mut seen = HashSet::new();
        for element in &elements {
            for output in &element.outputs {
                let Some(real) = self.file_in(&output.path, &path) else { continue };
                seen.insert(output.path.as_path());
                providers.push(Provider {
                    package: element.name.clone(),
                    source: element.source.clone(),
                    output: output.name.clone(),
                    path: path.as_slice().into(),
                    installed: true,
                    shadowed: shown.as_ref() != Some(&real),
                });
            }
        }
        for package in self.catalogue().known() {
            for output in &package.outputs {
                let Some(at) = output.path.as_deref().filter(|at| !seen.contains(at)) else { continue };
                if self.file_in(at, &path).is_some() {
                    providers.push(Provider {
                        package: package.attribute.clone(),
                        source: package.source.to_string(),
                        output: output.name.clone(),
                        path: path.as_slice().into(),
                        installed: false,
                        shadowed: false,
                    });
                }
            }
        }
        Ok(providers)
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
