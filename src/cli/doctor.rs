//! `doctor`: what there is, and what is wrong with it.

use std::io::Write as _;

use anyhow::Result;

use super::exit::Exit;
use super::json::FindingDocument;
use super::output::Output;
use crate::loom::{Level, Options, doctor};
use crate::safe;

pub(super) fn run(options: &Options, json: bool, output: &mut Output) -> Result<Exit> {
    let findings = doctor(options);
    if json {
        output.json(&findings.iter().map(FindingDocument::from).collect::<Vec<_>>())?;
    } else {
        for finding in &findings {
            let mark = match finding.level {
                Level::Ok => "✓",
                Level::Note => "·",
                Level::Problem => "✗",
            };
            let end = if finding.way_out.is_empty() { "" } else { "; " };
            let said = format!("{}: {}{end}{}", finding.what, finding.detail, finding.way_out);
            writeln!(output, "{mark} {:<8} {}", finding.level.word(), safe::text(&said))?;
        }
    }
    let is_ill = findings.iter().any(|finding| finding.level == Level::Problem);
    Ok(if is_ill { Exit::Failed } else { Exit::Done })
}
