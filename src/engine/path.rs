//! Paths as bytes: the few operations the engine needs, without assuming UTF-8.

use std::sync::Arc;

/// `dir` and `name` with one `/` between them; an empty `name` gives `dir`.
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(dir.len() + 1 + name.len());
    path.extend_from_slice(dir);
    if !name.is_empty() {
        if dir.last() != Some(&b'/') {
            path.push(b'/');
        }
        path.extend_from_slice(name);
    }
    path
}

/// The same, shared. Planning makes one for every directory that it merges, so the usual one is put together on the
/// stack and allocated once.
pub fn join_shared(dir: &[u8], name: &[u8]) -> Arc<[u8]> {
    let mut buffer = [0; 256];
    let length = dir.len() + 1 + name.len();
    match buffer.get_mut(..length) {
        Some(path) if !name.is_empty() && dir.last() != Some(&b'/') => {
            path[..dir.len()].copy_from_slice(dir);
            path[dir.len()] = b'/';
            path[dir.len() + 1..].copy_from_slice(name);
            Arc::from(&*path)
        }
        _ => join(dir, name).into(),
    }
}

/// The last component; empty for `/`.
pub fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

/// Everything before the last component: `/` for `/a`, empty for a path without a slash.
pub fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(0) if path.len() > 1 => b"/",
        Some(at) => &path[..at],
        None => b"",
    }
}

/// The components of a path, without empty ones and `.`; `..` is kept.
pub fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    path.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".")
}

/// An absolute path without `.` and `..`; nothing is followed, so a `..` takes away the name before it.
pub fn without_dots(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in components(path) {
        match part {
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.iter().flat_map(|part| [b"/", *part]).collect::<Vec<&[u8]>>().concat()
}

/// Whether `path` is `ancestor` or lies below it, compared component by component.
pub fn starts_with(path: &[u8], ancestor: &[u8]) -> bool {
    ancestor == b"/" || path.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// Where a link in the directory `dir` points: `target` itself if absolute, else below `dir`.
pub fn resolve(dir: &[u8], target: &[u8]) -> Vec<u8> {
    if target.first() == Some(&b'/') { target.to_vec() } else { join(dir, target) }
}

/// `name` in `dir`, where an empty `dir` is the root of a tree of relative paths.
pub fn below(dir: &[u8], name: &[u8]) -> Vec<u8> {
    if dir.is_empty() { name.to_vec() } else { join(dir, name) }
}
