//! `build`: an environment that no profile shows. Of a SPEC it is made by the engine alone, anywhere; what is built of
//! changes is a path of the store.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::{Build, Global};
use super::exit::{Exit, UsageError};
use super::json::{BuiltDocument, PlanDocument, PreviewDocument};
use super::output::Output;
use super::preview::{self, requests};
use super::progress::Line;
use super::spec::Job;
use super::text::count;
use super::{collisions, complain, open, spec, structured_attrs};
use crate::engine::{self, Disk, Plan};
use crate::loom::{Loom, LoomError};
use crate::safe;

pub(super) fn run(arguments: &Build, global: &Global, output: &mut Output) -> Result<Exit> {
    if let Some(file) = &arguments.file {
        return of_file(&open(global)?, file, arguments.link(), global.json, output);
    }
    if !arguments.with.is_empty() {
        return of_changes(&open(global)?, &arguments.with, arguments.link(), global.json, output);
    }
    of_spec(arguments, global.json, output)
}

/// What an environment file is.
fn of_file(loom: &Loom, file: &Path, link: Option<&Path>, json: bool, output: &mut Output) -> Result<Exit> {
    let built = {
        let progress = Line::new();
        loom.build_file(file, link, &progress)
    };
    match built {
        Ok(built) if json => {
            output.json(&BuiltDocument::<PlanDocument>::new(Some(&built.path), built.link.as_deref(), None))?;
            Ok(Exit::Done)
        }
        Ok(built) => tell(&built.path, built.link.as_deref(), output).map(|()| Exit::Done),
        Err(LoomError::OwnCollisions { own }) => {
            let Ok(plan) = &own.plan else { return Ok(Exit::Refused) };
            if json {
                output.json(&BuiltDocument::new(None, None, Some(PlanDocument::from(&**plan))))?;
            } else {
                collisions::print(plan, &[], output)?;
                let (name, summary) = (safe::text(&own.name), collisions::summary(plan));
                writeln!(output, "{name} is refused by its own builder, and nothing was made: {summary}")?;
            }
            Ok(Exit::Refused)
        }
        Err(error) => Err(error.into()),
    }
}

/// What the profile would be with changes.
fn of_changes(loom: &Loom, changes: &[String], link: Option<&Path>, json: bool, output: &mut Output) -> Result<Exit> {
    let installed = loom.snapshot()?.elements;
    let transaction = loom.transaction(&requests(changes)?)?;
    let built = {
        let progress = Line::new();
        loom.build_changes(&transaction, link, &progress)
    };
    match built {
        Ok(built) => {
            built.warnings.iter().for_each(|warning| complain(warning));
            if json {
                let plan = built.preview.as_ref().map(|preview| PreviewDocument::new(preview, &installed));
                output.json(&BuiltDocument::new(Some(&built.path), built.link.as_deref(), plan))?;
            } else {
                tell(&built.path, built.link.as_deref(), output)?;
            }
            Ok(Exit::Done)
        }
        Err(LoomError::Collisions { preview, .. } | LoomError::Impossible { preview }) => {
            if json {
                output.json(&BuiltDocument::new(None, None, Some(PreviewDocument::new(&preview, &installed))))?;
            } else {
                preview::print(&preview, &installed, output)?;
                writeln!(output, "refused, and nothing was made: {}", collisions::summary(&preview.plan))?;
            }
            Ok(preview.verdict().into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The path alone, for scripts; the rest is for people.
fn tell(path: &Path, link: Option<&Path>, output: &mut Output) -> Result<()> {
    writeln!(output, "{}", safe::path(path))?;
    output.flush()?;
    match link {
        Some(link) => complain(&format!("{} leads to it; the profile is as it was", safe::path(link))),
        None => complain("no link keeps it from a garbage collection; the profile is as it was"),
    }
    Ok(())
}

fn of_spec(arguments: &Build, json: bool, output: &mut Output) -> Result<Exit> {
    let Job { request, out, warnings } = match (&arguments.spec, &arguments.structured_attrs) {
        (Some(path), _) => spec::read(path, arguments.rules())?,
        (None, Some(path)) => structured_attrs::read(path, arguments.rules())?,
        (None, None) => {
            return Err(UsageError("a SPEC, --structured-attrs, --file or --with is needed".to_owned()).into());
        }
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
    plan.problems.iter().for_each(|problem| complain(&problem.to_string()));
    Ok(match (plan.problems.is_empty(), plan.builds()) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Done,
        (true, false) => Exit::Refused,
    })
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
        _ if !plan.problems.is_empty() => "cannot be made".to_owned(),
        (false, None) => "would be refused".to_owned(),
        (false, Some(_)) => "refused, and nothing was made".to_owned(),
    };
    let links = count(plan.links(), "link", "links");
    let directories = count(plan.directories(), "directory", "directories");
    let (rules, summary) = (plan.rules.name(), collisions::summary(plan));
    writeln!(output, "{verdict}: {links}, {directories} by the rules `{rules}`; {summary}")?;
    Ok(())
}
