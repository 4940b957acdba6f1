//! `build`: the engine alone, without a profile.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::Build;
use super::exit::{Exit, UsageError};
use super::json::PlanDocument;
use super::output::Output;
use super::spec::Job;
use super::text::count;
use super::{collisions, complain, spec, structured_attrs};
use crate::engine::{self, Disk, Plan};
use crate::safe;

pub(super) fn run(arguments: &Build, json: bool, output: &mut Output) -> Result<Exit> {
    let Job { request, out, warnings } = match (&arguments.spec, &arguments.structured_attrs) {
        (Some(path), _) => spec::read(path, arguments.rules())?,
        (None, Some(path)) => structured_attrs::read(path, arguments.rules())?,
        (None, None) => return Err(UsageError("a SPEC or --structured-attrs is needed".to_owned()).into()),
    };
    let out = match arguments.out.clone().or(out) {
        _ if arguments.dry_run => None,
        Some(out) => Some(out),
        None => return Err(UsageError("say where to with --out DIR, or only plan with --dry-run".to_owned()).into()),
    };
    if let Some(out) = &out {
        check_free(out)?;
    }
    let mut plan = engine::plan(&request, &Disk)?;
    plan.warnings.splice(..0, warnings);
    if let Some(out) = out.as_ref().filter(|_| plan.builds()) {
        engine::write(&plan, out)?;
    }
    if json {
        output.json(&PlanDocument::from(&plan))?;
    } else {
        print(&plan, out.as_deref(), output)?;
    }
    Ok(if plan.builds() { Exit::Done } else { Exit::Refused })
}

/// Refuses early what [`engine::write`] would refuse after all the planning.
fn check_free(out: &Path) -> Result<()> {
    match out.symlink_metadata() {
        Ok(_) => bail!("{} exists already; an environment is only made where nothing is", safe::path(out)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| safe::path(out)),
    }
}

fn print(plan: &Plan, out: Option<&Path>, output: &mut Output) -> Result<()> {
    for warning in &plan.warnings {
        complain(&format!("warning: {warning}"));
    }
    collisions::print(plan, &[], output)?;
    let verdict = match (plan.builds(), out) {
        (true, None) => "builds".to_owned(),
        (true, Some(out)) => format!("built {}", safe::path(out)),
        (false, None) => "would be refused".to_owned(),
        (false, Some(_)) => "refused, and nothing was made".to_owned(),
    };
    let links = count(plan.links(), "link", "links");
    let directories = count(plan.directories(), "directory", "directories");
    let (rules, summary) = (plan.rules.name(), collisions::summary(plan));
    writeln!(output, "{verdict}: {links}, {directories} by the rules `{rules}`; {summary}")?;
    Ok(())
}
