//! `convert`: the same packages as a profile of the other of Nix' programs.

use std::io::Write as _;

use anyhow::Result;

use super::args::Kind;
use super::complain;
use super::exit::Exit;
use super::json::ConvertedDocument;
use super::output::Output;
use super::progress::Line;
use crate::loom::Loom;
use crate::profile::ManifestKind;

pub(super) fn run(loom: &Loom, to: Kind, json: bool, output: &mut Output) -> Result<Exit> {
    let to = match to {
        Kind::NixEnv => ManifestKind::NixEnv,
        Kind::NixProfile => ManifestKind::NixProfile,
    };
    let snapshot = loom.snapshot()?;
    if snapshot.kind == Some(to) {
        complain(&format!("nothing to do: it is a {to} already"));
        if json {
            output.json(&ConvertedDocument { generation: snapshot.generation, unchanged: true })?;
        }
        return Ok(Exit::Done);
    }
    let converted = {
        let progress = Line::new();
        loom.convert(to, &progress)
    }?;
    converted.warnings.iter().for_each(|warning| complain(warning));
    if json {
        let generation = Some(converted.generation);
        output.json(&ConvertedDocument { generation, unchanged: converted.unchanged })?;
    } else {
        writeln!(output, "generation {} is current now: a {to}", converted.generation)?;
    }
    Ok(Exit::Done)
}
