//! How a folder of packages is laid out: which directory is a package, and which of its directories are outputs.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::store::StoreError;
use crate::store::local::tree::{at, entries};

/// Names of outputs, as nixpkgs uses them.
const OUTPUTS: [&str; 14] =
    ["out", "bin", "dev", "lib", "man", "doc", "devdoc", "devman", "info", "static", "debug", "dist", "data", "py"];

/// Names of directories at the top of an output. Only they tell `NAME/bin` the output from `NAME/bin` the directory of
/// programs of a package that has no outputs.
const TOP_LEVEL: [&str; 12] =
    ["bin", "sbin", "lib", "lib64", "libexec", "include", "share", "etc", "man", "var", "opt", "nix-support"];

/// Splits as Nix does: the version begins after the first `-` that no letter follows; empty if there is none.
pub fn split_version(full_name: &[u8]) -> (&[u8], &[u8]) {
    let begins_version =
        |&at: &usize| full_name[at] == b'-' && full_name.get(at + 1).is_some_and(|next| !next.is_ascii_alphabetic());
    match (1..full_name.len()).find(begins_version) {
        Some(at) => (&full_name[..at], &full_name[at + 1..]),
        None => (full_name, b""),
    }
}

/// The outputs that an installation without a choice takes, as nixpkgs' stdenv has it: `bin` if there is one, else
/// `out`, else the first; and `man` if there is one.
pub fn default_outputs(outputs: &[String]) -> Vec<String> {
    let named = |name: &str| outputs.iter().find(|output| *output == name);
    let main = named("bin").or_else(|| named("out")).or(outputs.first());
    let mut defaults: Vec<String> = main.into_iter().cloned().collect();
    defaults.extend(named("man").filter(|_| !defaults.iter().any(|name| name == "man")).cloned());
    defaults
}

/// The directories in `folder`, also those to which a link leads, by name; hidden ones and all else are passed over.
pub fn packages(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut packages = Vec::new();
    for (path, kind) in entries(folder)? {
        let is_directory = kind.is_dir()
            || kind.is_symlink()
                && match fs::metadata(&path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                    result => result.map_err(at(&path))?.is_dir(),
                };
        if is_directory && !is_hidden(&path) {
            packages.push(path);
        }
    }
    packages.sort_unstable();
    Ok(packages)
}

/// The outputs of a package and their directories.
///
/// A package is split by outputs if everything in it (but hidden names) is a directory named like an output, and one
/// of them is `out`, or each holds a directory named as those at the top of an output are (`bin`, `lib`, `share`, …).
/// Else the whole directory is the one output `out`.
pub fn outputs(package: &Path) -> Result<Vec<(String, PathBuf)>, StoreError> {
    let mut outputs = Vec::new();
    for (path, kind) in entries(package)?.into_iter().filter(|(path, _)| !is_hidden(path)) {
        match OUTPUTS.into_iter().position(|name| kind.is_dir() && path.ends_with(name)) {
            Some(rank) => outputs.push((rank, path)),
            None => return Ok(vec![whole(package)]),
        }
    }
    outputs.sort_unstable();
    let mut is_split = outputs.first().is_some_and(|(rank, _)| OUTPUTS[*rank] == "out");
    if !is_split && !outputs.is_empty() {
        is_split = outputs
            .iter()
            .map(|(_, path)| has_top_level_directory(path))
            .collect::<Result<Vec<_>, _>>()?
            .iter()
            .all(|&has| has);
    }
    if is_split {
        Ok(outputs.into_iter().map(|(rank, path)| (OUTPUTS[rank].to_owned(), path)).collect())
    } else {
        Ok(vec![whole(package)])
    }
}

fn whole(package: &Path) -> (String, PathBuf) {
    ("out".to_owned(), package.to_path_buf())
}

fn has_top_level_directory(output: &Path) -> Result<bool, StoreError> {
    let is_top_level =
        |(path, kind): &(PathBuf, fs::FileType)| kind.is_dir() && TOP_LEVEL.iter().any(|name| path.ends_with(name));
    Ok(entries(output)?.iter().any(is_top_level))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.as_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output_names(directories: &[&str], files: &[&str]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for directory in directories {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        for file in files {
            fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
            fs::write(root.path().join(file), "").unwrap();
        }
        outputs(root.path()).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn names_are_split_as_nix_splits_them() {
        for (full, name, version) in [
            ("hello-2.10", "hello", "2.10"),
            ("hello", "hello", ""),
            ("gtk-doc-1.2-rc1", "gtk-doc", "1.2-rc1"),
            ("a-b", "a-b", ""),
            ("a-", "a-", ""),
            ("a--1", "a", "-1"),
            ("a-_", "a", "_"),
            ("-1", "-1", ""),
        ] {
            let split = split_version(full.as_bytes());
            assert_eq!(split, (name.as_bytes(), version.as_bytes()), "{full}");
        }
    }

    #[test]
    fn defaults_are_those_of_stdenv() {
        for (outputs, defaults) in [
            ("out", "out"),
            ("out dev man", "out man"),
            ("dev bin out", "bin"),
            ("lib dev", "lib"),
            ("man", "man"),
            ("bin man", "bin man"),
        ] {
            let outputs: Vec<String> = outputs.split(' ').map(str::to_owned).collect();
            assert_eq!(default_outputs(&outputs).join(" "), defaults);
        }
    }

    #[test]
    fn an_ordinary_tree_is_one_output() {
        assert_eq!(output_names(&[], &["bin/hello", "share/man/man1/hello.1"]), ["out"]);
        assert_eq!(output_names(&[], &["bin/hello", "lib/libhello.so", "man/man1/hello.1"]), ["out"]);
        assert_eq!(output_names(&[], &["bin/man", "lib/libman.so"]), ["out"]);
        assert_eq!(output_names(&["bin"], &[]), ["out"]);
        assert_eq!(output_names(&[], &["README", "out/bin/hello"]), ["out"]);
        assert_eq!(output_names(&[], &[]), ["out"]);
    }

    #[test]
    fn a_tree_of_outputs_is_split() {
        assert_eq!(output_names(&["out"], &["dev/anything"]), ["out", "dev"]);
        assert_eq!(output_names(&[], &["bin/bin/hello", "dev/include/hello.h", ".git/HEAD"]), ["bin", "dev"]);
    }

    #[test]
    fn hidden_names_plain_files_and_dangling_links_are_no_packages() {
        let root = tempfile::tempdir().unwrap();
        for directory in ["b-1", "a", ".hidden"] {
            fs::create_dir(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("file"), "").unwrap();
        std::os::unix::fs::symlink("nowhere", root.path().join("dangling")).unwrap();
        std::os::unix::fs::symlink("a", root.path().join("link")).unwrap();
        let found = packages(root.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a", "b-1", "link"]);
    }
}
