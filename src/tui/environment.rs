//! The state of the screen of an environment file: what Nix told of it, and what it is by itself.

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::Plan;
use crate::loom::{Imported, ImportedPackage, OwnPlan, Preview, Woven};
use crate::profile::{Change, Element};

use super::app::App;
use super::list::List;
use super::report::Report;

/// A file that was read, made ready for the screen by the thread that read it.
#[derive(Clone, Debug)]
pub struct Read {
    pub imported: Imported,
    pub own: Own,
}

/// What a file is by itself, before anything of a profile is beside it.
#[derive(Clone, Debug)]
pub enum Own {
    /// It is no environment: its packages never lie beside each other but in a profile.
    NoEnvironment,
    /// Its plan under its own builder's rules; nothing in it is ever staged.
    Planned(Box<Report>, Woven),
    /// Why there is no plan.
    Unknown(String),
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// What was asked for last, absolute once it is read.
    pub file: PathBuf,
    /// Whether the answer to that is on its way.
    pub is_reading: bool,
    /// Why there is none.
    pub error: Option<String>,
    /// Whether it is the user who wanted none.
    pub was_stopped: bool,
    /// The newest there is; the one before while it is being read anew.
    pub read: Option<Box<Read>>,
    /// How far what is told of it is scrolled.
    pub detail: List,
}

impl Read {
    /// Counts and sorts once what views need of it.
    pub fn new(imported: Imported) -> Self {
        let own = own(&imported);
        Self { imported, own }
    }

    /// Whether its builder would make it; what is no environment has none.
    pub fn builds(&self) -> bool {
        self.imported.own.as_ref().is_none_or(OwnPlan::builds)
    }

    /// What keeps it from being built, in a sentence without a full stop.
    pub fn obstacle(&self) -> Option<String> {
        self.imported.own.as_ref().and_then(OwnPlan::obstacle)
    }
}

impl Environment {
    pub fn imported(&self) -> Option<&Imported> {
        self.read.as_deref().map(|read| &read.imported)
    }

    /// Its own plan, if it has one.
    pub fn own_report(&self) -> Option<&Report> {
        match &self.read.as_deref()?.own {
            Own::Planned(report, _) => Some(report),
            Own::NoEnvironment | Own::Unknown(_) => None,
        }
    }

    /// Whether nothing is told but why nothing is known.
    pub fn has_failed(&self) -> bool {
        self.error.is_some()
    }
}

/// What is staged of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StagedAs {
    Whole,
    Apart,
}

impl App {
    /// The package of the selected row.
    pub fn selected_import(&self) -> Option<&ImportedPackage> {
        self.environment.imported()?.packages.get(self.lists.environment.selected()?)
    }

    /// How what the file holds is staged, if it is.
    pub fn staged_import(&self) -> Option<StagedAs> {
        let imported = self.environment.imported()?;
        let is_staged = |change: &Change| self.staged.changes().contains(change);
        if imported.whole.as_ref().is_some_and(is_staged) {
            Some(StagedAs::Whole)
        } else {
            (!imported.apart.is_empty() && imported.apart.iter().all(is_staged)).then_some(StagedAs::Apart)
        }
    }
}

/// What it is by itself, with what views need of that counted and sorted.
fn own(imported: &Imported) -> Own {
    let Some(own) = &imported.own else { return Own::NoEnvironment };
    let plan = match &own.plan {
        Ok(plan) => Arc::clone(plan),
        Err(error) => return Own::Unknown(error.to_string()),
    };
    let preview = Preview { plan: Plan::clone(&plan), ..Preview::default() };
    let elements = imported.packages.iter().map(element).collect();
    Own::Planned(Box::new(Report::new(preview)), Woven { plan, elements })
}

/// A package as one of a profile would be.
fn element(package: &ImportedPackage) -> Element {
    Element {
        name: package.name.clone(),
        version: package.version.clone(),
        outputs: package.outputs.clone(),
        priority: package.priority,
        active: true,
        ..Element::default()
    }
}
