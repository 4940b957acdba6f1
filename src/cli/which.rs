//! `which`: who provides a command or a file.

use anyhow::Result;

use super::complain;
use super::exit::Exit;
use super::json::ProviderDocument;
use super::output::Output;
use super::text::Table;
use crate::loom::Loom;
use crate::safe;

pub(super) fn run(loom: &Loom, file: &str, json: bool, output: &mut Output) -> Result<Exit> {
    let providers = loom.which(file)?;
    if json {
        output.json(&providers.iter().map(ProviderDocument::from).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if providers.is_empty() {
        complain(&format!("no package provides {file}"));
    }
    let mut table = Table::new(&[]);
    for provider in &providers {
        let state = match (provider.installed, provider.shadowed) {
            (false, _) => "on offer",
            (true, false) => "installed",
            (true, true) => "installed, but another package's file is shown",
        };
        table.row([
            safe::text(&provider.package),
            safe::text(&provider.output),
            safe::text(&provider.source),
            safe::bytes(&provider.path),
            state.to_owned(),
        ]);
    }
    table.write(output, 0, None)?;
    Ok(Exit::Done)
}
