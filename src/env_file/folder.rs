//! What environment files a folder has, for whoever completes a path.

use std::io;
use std::path::Path;

/// More of a folder is not told of: nobody completes among so many.
const MOST: usize = 4000;

/// Something in a folder that may be an environment file, or lead to one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nearby {
    /// Whether it is a folder, links followed.
    pub is_folder: bool,
    /// Not safe for a terminal.
    pub name: String,
}

/// The files of a folder that end in `.nix` or `.json`, then its folders, each by name. Names that nobody could type (no
/// UTF-8, or with control characters) are left out.
pub fn nearby(folder: &Path, is_wanted: &dyn Fn() -> bool) -> io::Result<Vec<Nearby>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        if !is_wanted() || found.len() == MOST {
            break;
        }
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.chars().any(char::is_control) {
            continue;
        }
        let ending = Path::new(&name).extension().and_then(|ending| ending.to_str());
        let is_file_name = matches!(ending, Some("nix" | "json"));
        let is_folder = match entry.file_type() {
            Ok(kind) if kind.is_symlink() => entry.path().is_dir(),
            Ok(kind) => kind.is_dir(),
            Err(_) => false,
        };
        if is_folder || is_file_name {
            found.push(Nearby { is_folder, name });
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn files_of_nix_and_folders_are_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        for name in ["b_env.nix", "a.json", "notes.txt", "x\u{1b}[31m.nix"] {
            fs::write(place.join(name), "").unwrap();
        }
        fs::write(place.join(std::ffi::OsStr::from_bytes(b"\xff.nix")), "").unwrap();
        fs::create_dir(place.join("project")).unwrap();
        std::os::unix::fs::symlink("project", place.join("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", place.join("gone")).unwrap();
        let found = nearby(place, &|| true).unwrap();
        let names: Vec<_> = found.iter().map(|it| (&*it.name, it.is_folder)).collect();
        assert_eq!(names, [("a.json", false), ("b_env.nix", false), ("link", true), ("project", true)]);
        assert!(nearby(&place.join("nowhere"), &|| true).is_err());
        assert_eq!(nearby(place, &|| false).unwrap(), [], "nobody waits for what is not wanted");
    }
}
