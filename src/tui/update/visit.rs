//! Where a state is brought without keys: to what was asked for by name.

use std::path::Path;

use super::super::action::Command;
use super::super::app::{App, Pane, Screen};
use super::super::effect::Effect;
use super::super::environment::StagedAs;
use super::super::files::Showing;
use super::super::input::Input;
use super::super::inspector::Anchor;
use crate::package::Package;
use crate::profile::Transaction;

/// Something that can be shown.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// What is installed under that name, or else on offer under that attribute.
    Package { attribute: &'a str, source: Option<&'a str> },
    /// A package that no row shows, such as `python3Packages.requests`, as its evaluation told of it.
    Unlisted(&'a Package),
    /// The files of the package that was gone to.
    FilesOfPackage,
    /// The files of the profile, or of a generation.
    Files { generation: Option<u64> },
    /// Who provides a command or a file.
    Which(&'a str),
    /// A row of the generations, newest first.
    Generation(usize),
    /// A collision of the plan, by its index.
    Collision(u32),
    /// The plan in the words of Nix.
    Explanation,
    /// An environment file.
    Environment(&'a Path),
    /// The plan with what that file holds: as one package, where it is one, or each of its packages.
    StagedImport { is_apart: bool },
}

/// Has a new screen start with a query and with staged changes.
pub fn prepare(app: &mut App, query: &str, transaction: Transaction) {
    app.query = Input::new(query);
    app.staged.edit(|staged| *staged = transaction);
}

/// Goes to a place; gives the effects that it asks for, or `None` if there is no such place.
pub fn visit(app: &mut App, place: Place<'_>) -> Option<Vec<Effect>> {
    match place {
        Place::Package { attribute, source } => app.select_package(attribute, source)?,
        Place::Unlisted(package) => app.select_unlisted(package),
        Place::Generation(row) => {
            app.open(Screen::Generations);
            app.fit_lists();
            app.lists.generations.select(row);
        }
        Place::Collision(at) => app.select_collision(at)?,
        Place::FilesOfPackage => {
            app.browse(Command::ShowFiles);
        }
        Place::Files { generation } => app.show_files(generation.map_or(Showing::Profile, Showing::Generation)),
        Place::Which(question) => {
            app.show_which();
            app.which.input.insert(question);
        }
        Place::Explanation => app.show_explanation(),
        Place::Environment(file) => app.open_file(file.to_owned()),
        Place::StagedImport { is_apart } => {
            let is_whole = !is_apart && app.environment.imported()?.whole.is_some();
            app.stage_import(if is_whole { StagedAs::Whole } else { StagedAs::Apart });
        }
    }
    app.follow();
    Some(std::mem::take(&mut app.outbox))
}

impl App {
    fn select_package(&mut self, attribute: &str, source: Option<&str>) -> Option<()> {
        let is_from = |from: &str| source.is_none_or(|source| source == from);
        let elements = self.elements().iter();
        let by_name = elements.clone().position(|it| it.name == attribute && is_from(&it.source));
        let installed =
            by_name.or_else(|| elements.clone().position(|it| it.attribute == attribute && is_from(&it.source)));
        if let Some(row) = installed {
            self.focus(Pane::Installed);
            self.fit_lists();
            self.lists.installed.select(row);
            return Some(());
        }
        let row = self.offer.position(attribute, source.unwrap_or_default())?;
        self.found = None;
        self.focus(Pane::Available);
        self.fit_lists();
        self.lists.available.select(row);
        Some(())
    }

    fn select_unlisted(&mut self, package: &Package) {
        self.offer.learn(package.clone());
        self.focus(Pane::Available);
        self.unlisted = Some((package.attribute.clone(), package.source.to_string()));
    }

    fn select_collision(&mut self, at: u32) -> Option<()> {
        self.open(Screen::Collisions);
        let report = self.outlook.report.as_deref()?;
        let path = report.collisions().get(at as usize)?.path.clone();
        let row = self.inspector.find(report, &Anchor::Collision(path))?;
        self.fit_lists();
        self.lists.collisions.select(row);
        Some(())
    }
}
