//! Where knowledge of files ends.

use std::sync::Arc;

use super::files::MAX_LINKS;
use super::{FileError, Files, path};

/// A path as far as it can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// The output of which nothing is known.
    pub root: Vec<u8>,
    /// The path that is looked for in it.
    pub path: Arc<[u8]>,
}

/// Follows `path`, which [`Files::find`] knows nothing of, up to the output of which nothing is known.
pub(super) fn edge(files: &dyn Files, path: &[u8]) -> Edge {
    let mut path = path::without_dots(path);
    'links: for _ in 0..MAX_LINKS {
        let ends = memchr::memchr_iter(b'/', &path).skip(1).chain([path.len()]).collect::<Vec<_>>();
        for end in ends {
            let (before, rest) = path.split_at(end);
            if !matches!(files.find(before), Err(FileError::Unknown)) {
                continue;
            }
            // It is the link that leads to the output, or the output itself.
            let Ok(Some(target)) = files.read_link(before) else {
                return Edge { root: before.to_vec(), path: path.into() };
            };
            let target = path::resolve(path::parent(before), &target);
            path = path::without_dots(&[&target, rest].concat());
            continue 'links;
        }
        break;
    }
    Edge { root: path.clone(), path: path.into() }
}
