//! `which`: who provides a command or a file.

use anyhow::Result;

use super::complain;
use super::exit::Exit;
use super::json::ProviderDocument;
use super::output::Output;
use super::text::Table;
use crate::loom::{Found, Loom, Provider, Providers};
use crate::progress::Silent;
use crate::safe;

pub(super) fn run(loom: &Loom, file: &str, like: bool, json: bool, output: &mut Output) -> Result<Exit> {
    let Providers { providers, problem } = if like {
        let Found { providers, problem, unlisted, .. } = loom.seek(file, &Silent, &|_| ())?;
        if unlisted > 0 {
            complain(&format!("{unlisted} packages whose files nobody here has listed were not looked at"));
        }
        Providers { providers, problem }
    } else {
        loom.which(file)?
    };
    if let Some(problem) = problem {
        complain(&problem.to_string());
    }
    if json {
        output.json(&providers.iter().map(ProviderDocument::from).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if providers.is_empty() {
        complain(&format!("no package provides {file}"));
    }
    let mut table = Table::new(&[]);
    for provider in &providers {
        let state = match provider {
            Provider { installed: true, shadowed: false, .. } => "installed",
            Provider { installed: true, .. } => "installed, but another package's file is shown",
            Provider { on_offer: true, .. } => "on offer",
            Provider { .. } => "in nix-index",
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
