//! What stands in the way of what an environment file is for.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::environment::Own;
use super::super::text;
use super::Hindrance;
use crate::loom::{ImportKind, Imported, ToBuild};

impl App {
    /// What the file holds, or why that is not known.
    fn read_import(&self) -> Result<&Imported, Hindrance> {
        let environment = &self.environment;
        let key = |command| self.key_for(Context::Environment, command);
        if environment.is_reading {
            return Err(format!("The file is being read; {} stops that.", key(Command::Back)).into());
        }
        if environment.error.is_some() {
            let again = key(Command::RereadEnvironment);
            return Err(format!("What the file holds is not known: it could not be read; {again} tries again.").into());
        }
        environment
            .imported()
            .ok_or_else(|| format!("No file is open; {} asks for one.", key(Command::OpenEnvironment)).into())
    }

    pub(super) fn no_whole_import(&self) -> Option<Hindrance> {
        let imported = match self.read_import() {
            Ok(imported) => imported,
            Err(hindrance) => return Some(hindrance),
        };
        if imported.whole.is_some() {
            return None;
        }
        let what = match imported.kind {
            ImportKind::Set => "A set of packages",
            ImportKind::List => "A list of packages",
            ImportKind::Document => "A document",
            ImportKind::BuildEnv | ImportKind::Derivation => "This",
        };
        let (key, number) = (self.key_for(Context::Environment, Command::TakeApart), imported.packages.len());
        Some(format!("{what} is no package by itself; {key} stages its {}.", text::plural(number, "package")).into())
    }

    pub(super) fn no_import_apart(&self) -> Option<Hindrance> {
        match self.read_import() {
            Ok(imported) if imported.apart.is_empty() => Some("There is no package in it.".into()),
            Ok(_) => None,
            Err(hindrance) => Some(hindrance),
        }
    }

    pub(super) fn no_rereading(&self) -> Option<Hindrance> {
        let key = self.key_for(Context::Environment, Command::Back);
        self.environment.is_reading.then(|| format!("The file is being read already; {key} stops that.").into())
    }

    /// Why no files can be shown: neither planned ones nor those of what was built.
    pub(super) fn no_own_files(&self) -> Option<Hindrance> {
        let what = ToBuild::File(self.environment.file.clone());
        if self.built.as_ref().is_some_and(|(of, _)| *of == what) { None } else { self.no_own_plan() }
    }

    /// Why there is nothing to see of the environment that the file is by itself.
    pub(super) fn no_own_plan(&self) -> Option<Hindrance> {
        if let Err(hindrance) = self.read_import() {
            return Some(hindrance);
        }
        match self.environment.read.as_deref().map(|read| &read.own) {
            Some(Own::Planned(..)) => None,
            Some(Own::Unknown(why)) => {
                Some(Hindrance::refusal(format!("It is not known: {}.", text::in_a_line(why).trim_end_matches('.'))))
            }
            Some(Own::NoEnvironment) | None => {
                Some("Its packages lie beside each other only once they are in the profile.".into())
            }
        }
    }

    pub(super) fn no_own_collision(&self) -> Option<Hindrance> {
        self.no_own_plan().or_else(|| {
            let report = self.environment.own_report()?;
            let is_clean = report.collisions().is_empty() && report.preview.plan.unknown.is_empty();
            is_clean.then(|| "No two packages in the file want the same path: there is no collision.".into())
        })
    }
}
