//! One output that is merged, and why it is.

use std::sync::Arc;

use crate::engine::{Package, path};

/// One output that is merged.
#[derive(Clone, Debug)]
pub(super) struct Root {
    /// Position of its package in the request; `None` if no package of the request is it.
    pub index: Option<usize>,
    pub package: Arc<str>,
    pub output: Arc<str>,
    pub path: Arc<[u8]>,
    /// The same with every link resolved, once it was looked at.
    pub real: Arc<[u8]>,
    pub priority: i64,
    pub origin: Origin,
}

/// Why a root takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Listed,
    /// Asked for by another package, not by the user.
    Propagated,
    /// nixpkgs' `extraPathsFrom`.
    Extra,
}

impl Root {
    /// The outputs of the active packages, in list order.
    pub fn listed(packages: &[Package]) -> impl Iterator<Item = Self> {
        packages.iter().enumerate().filter(|(_, package)| package.active).flat_map(|(index, package)| {
            package.outputs.iter().map(move |output| Self {
                index: Some(index),
                package: package.name.clone(),
                output: output.name.clone(),
                path: output.path.clone(),
                real: output.path.clone(),
                priority: package.priority,
                origin: Origin::Listed,
            })
        })
    }

    /// A root that is no package of the request; it is called by its path's last component.
    pub fn unlisted(path: Vec<u8>, priority: i64, origin: Origin) -> Self {
        let package = String::from_utf8_lossy(path::file_name(&path)).into();
        let path: Arc<[u8]> = path.into();
        Self { index: None, package, output: "out".into(), real: path.clone(), path, priority, origin }
    }
}
