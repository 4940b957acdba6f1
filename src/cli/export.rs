//! `export`: the profile as an environment file.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::args::{Export as Arguments, Format as Asked};
use super::complain;
use super::exit::{Exit, UsageError};
use super::output::Output;
use super::progress::Line;
use crate::env_file::{self, Format, WriteError, is_name};
use crate::loom::{Export, ExportFile, Exported, Loom, LoomError};
use crate::safe;

/// What an environment is called that nobody has given a name.
const USUAL_NAME: &str = "my_env";

pub(super) fn run(loom: &Loom, arguments: Arguments, json: bool, output: &mut Output) -> Result<Exit> {
    let Arguments { elements, name, format, unpinned, out, force } = arguments;
    let format = chosen_format(format, json, out.as_deref())?;
    let name = name.unwrap_or_else(|| name_of(out.as_deref()));
    if !is_name(&name) {
        let message =
            format!("{} cannot be the name of a store path: letters, digits and +-._?= can", safe::text(&name));
        return Err(UsageError(message).into());
    }
    let out = out.map(|out| place(out, &name, format)).transpose()?;
    let export = Export { name, elements, is_unpinned: unpinned };
    let (packages, notes) = if let Some(Place { out, is_told }) = out {
        let wanted = ExportFile { export, format, out, is_over: force };
        let Exported { path, packages, notes, unremembered, .. } = loom.export(&wanted, &Line::new()).map_err(told)?;
        if is_told {
            complain(&format!("written to {}", path.display()));
        }
        if format == Format::Flake && path.file_name().is_none_or(|name| name != "flake.nix") {
            complain("Nix looks for a flake in a file that is called flake.nix, and in no other");
        }
        if let Some(warning) = &unremembered {
            complain(warning);
        }
        (packages, notes)
    } else {
        let file = loom.env_file(&export, &Line::new())?;
        output.write_all(env_file::text(&file, format).as_bytes())?;
        (file.packages.len(), env_file::notes(&file, format))
    };
    if packages == 0 {
        complain("nothing is installed; the environment is empty");
    }
    for note in &notes {
        complain(note);
    }
    Ok(Exit::Done)
}

/// What was asked for, or what the file's name says.
fn chosen_format(asked: Option<Asked>, json: bool, out: Option<&Path>) -> Result<Format, UsageError> {
    let of_name = out.and_then(Path::file_name).map(Path::new).map(|name| {
        if name.extension().is_some_and(|it| it == "json") {
            Format::Json
        } else if name == "flake.nix" {
            Format::Flake
        } else {
            Format::Nix
        }
    });
    match asked {
        Some(Asked::Json) => Ok(Format::Json),
        Some(_) if json => Err(UsageError("--json is the format json, and not the one of --format".to_owned())),
        _ if json => Ok(Format::Json),
        Some(Asked::Nix) => Ok(Format::Nix),
        Some(Asked::Flake) => Ok(Format::Flake),
        None => Ok(of_name.unwrap_or_default()),
    }
}

/// What an environment is called that is written into this file.
fn name_of(out: Option<&Path>) -> String {
    let stem = out.filter(|out| !out.is_dir()).and_then(Path::file_stem).and_then(|stem| stem.to_str());
    let stem = stem.filter(|stem| !["flake", "default"].contains(stem) && is_name(stem));
    stem.unwrap_or(USUAL_NAME).to_owned()
}

/// Where to write.
struct Place {
    out: PathBuf,
    /// Whether the name is not the user's.
    is_told: bool,
}

fn place(out: PathBuf, name: &str, format: Format) -> Result<Place, UsageError> {
    if out.is_dir() {
        return Ok(Place { out: out.join(format.file_name(name)), is_told: true });
    }
    if out.as_os_str().as_encoded_bytes().ends_with(b"/") {
        let message = format!("there is no folder {}; make it first, or name a file", safe::path(&out));
        return Err(UsageError(message));
    }
    Ok(Place { out, is_told: false })
}

/// With the way out, if there is one.
fn told(error: LoomError) -> anyhow::Error {
    match error {
        LoomError::EnvFile(WriteError::Exists(_)) => anyhow!("{error}; --force writes over it"),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_says_what_it_is_and_what_the_environment_is_called() {
        for (out, format, name) in [
            ("a/tools_env.nix", Format::Nix, "tools_env"),
            ("tools.json", Format::Json, "tools"),
            ("tools", Format::Nix, "tools"),
            ("a/flake.nix", Format::Flake, USUAL_NAME),
            ("default.nix", Format::Nix, USUAL_NAME),
            ("two words.nix", Format::Nix, USUAL_NAME),
            (".nix", Format::Nix, USUAL_NAME),
        ] {
            let path = Some(Path::new(out));
            assert_eq!(chosen_format(None, false, path).unwrap(), format, "{out}");
            assert_eq!(name_of(path), name, "{out}");
        }
        let path = Some(Path::new("a.json"));
        assert_eq!(chosen_format(Some(Asked::Nix), false, path).unwrap(), Format::Nix);
        assert_eq!(chosen_format(None, true, Some(Path::new("a.nix"))).unwrap(), Format::Json);
        assert!(chosen_format(Some(Asked::Flake), true, None).is_err());
        assert_eq!(name_of(None), USUAL_NAME);
    }

    #[test]
    fn in_a_folder_the_file_is_called_after_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let of = |format| place(folder.path().to_owned(), "tools", format).unwrap().out;
        assert_eq!(of(Format::Nix), folder.path().join("tools.nix"));
        assert_eq!(of(Format::Flake), folder.path().join("flake.nix"));
        assert_eq!(of(Format::Json), folder.path().join("tools.json"));
        assert!(place(folder.path().join("no/"), "tools", Format::Nix).is_err());
        assert!(!place(folder.path().join("file"), "tools", Format::Nix).unwrap().is_told);
    }
}
