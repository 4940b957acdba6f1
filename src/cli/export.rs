//! `export`: the profile as an environment file.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use super::args::{Export as Arguments, Format};
use super::complain;
use super::exit::{Exit, UsageError};
use super::output::Output;
use super::progress::Line;
use crate::env_file;
use crate::loom::{Export, Loom};
use crate::safe;

/// Nix takes no longer names for paths.
const MAX_NAME: usize = 211;

pub(super) fn run(loom: &Loom, arguments: Arguments, json: bool, output: &mut Output) -> Result<Exit> {
    let Arguments { elements, name, format, unpinned, out, force } = arguments;
    if !is_name(&name) {
        let message =
            format!("{} cannot be the name of a store path: letters, digits and +-._?= can", safe::text(&name));
        return Err(UsageError(message).into());
    }
    if let Some(out) = out.as_deref().filter(|_| !force)
        && fs::symlink_metadata(out).is_ok()
    {
        return Err(exists(out));
    }
    let file = loom.env_file(&Export { name, elements, is_unpinned: unpinned }, &Line::new())?;
    if file.packages.is_empty() {
        complain("nothing is installed; the environment is empty");
    }
    let text = match format {
        Format::Nix if !json => env_file::nix(&file),
        _ => format!("{}\n", safe::json_document(&serde_json::to_string_pretty(&env_file::json(&file))?)),
    };
    match out {
        Some(out) => write(&out, &text, force)?,
        None => output.write_all(text.as_bytes())?,
    }
    Ok(Exit::Done)
}

/// Whether Nix takes it, in all its versions.
fn is_name(name: &str) -> bool {
    let is_fine = |it: char| it.is_ascii_alphanumeric() || "+-._?=".contains(it);
    (1..=MAX_NAME).contains(&name.len()) && !name.starts_with('.') && name.chars().all(is_fine)
}

fn exists(out: &Path) -> anyhow::Error {
    anyhow!("{} is there already; --force writes over it", safe::path(out))
}

/// The whole file or nothing. A link is not followed: it is replaced.
fn write(out: &Path, text: &str, force: bool) -> Result<()> {
    let told = || format!("{}: it cannot be written", safe::path(out));
    let mut name = out.file_name().ok_or_else(|| anyhow!("{} names no file", safe::path(out)))?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = Temporary(out.with_file_name(name));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary.0).with_context(told)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(told)?;
    if force {
        return fs::rename(&temporary.0, out).with_context(told);
    }
    // Unlike a rename, this fails where somebody else has made the file meanwhile.
    fs::hard_link(&temporary.0, out).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(out),
        _ => anyhow::Error::from(error).context(told()),
    })
}

/// A file that goes when it is no longer needed.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_over_only_by_force_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a_env.nix");
        write(&out, "one", false).unwrap();
        let refused = write(&out, "two", false).unwrap_err().to_string();
        assert!(refused.ends_with("a_env.nix is there already; --force writes over it"), "{refused}");
        assert_eq!(fs::read_to_string(&out).unwrap(), "one");
        write(&out, "three", true).unwrap();
        assert_eq!(fs::read_to_string(&out).unwrap(), "three");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn names_are_those_that_a_store_takes() {
        for name in ["a", "my_env-1.0+x?=", "A"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".a", "a b", "a/b", "é", "a\n", &"a".repeat(212)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
