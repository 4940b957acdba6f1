//! What is on offer: the packages that are known from the start, and those of sources that are listed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::chosen::{Choice, Chosen};
use super::listed::Listed;
use super::{Loom, OutputInfo, wanted};
use crate::catalogue::{Catalogue, Part, Query, SearchResult};
use crate::package::{EvaluationError, Obstacle, Package, PackageOutput};
use crate::profile::{Change, Element, Transaction};
use crate::progress::{Progress, Silent};
use crate::source::NixSource;
use crate::store::Presence;

/// All sources, and what is known of what they offer.
pub(super) struct Sources {
    /// In order.
    all: Vec<Source>,
    /// What the sources offer that are known from the start.
    plain: Catalogue,
    /// What is left out, and why.
    problems: Vec<String>,
    catalogue: RwLock<Arc<Catalogue>>,
}

enum Source {
    Listed(Arc<Listed>),
    /// Packages that are known from the start.
    Plain(Part),
}

impl Source {
    fn name(&self) -> &Arc<str> {
        match self {
            Self::Listed(listed) => listed.name(),
            Self::Plain(part) => part.source(),
        }
    }

    fn part(&self) -> Option<Part> {
        match self {
            Self::Listed(listed) => listed.part(),
            Self::Plain(part) => Some(part.clone()),
        }
    }
}

impl Sources {
    /// Those that were chosen, then those that are there anyway.
    pub fn chosen(chosen: Chosen, plain: &[Part], mut problems: Vec<String>) -> Self {
        let mut parts = plain.to_vec();
        let mut all = Vec::new();
        problems.extend(chosen.problems);
        for choice in chosen.sources {
            match choice {
                Choice::Listed(listed) => all.push(Source::Listed(listed)),
                Choice::Folder { name, .. } => {
                    let at = parts.iter().position(|part| **part.source() == *name);
                    all.extend(at.map(|at| Source::Plain(parts.remove(at))));
                }
            }
        }
        all.extend(parts.into_iter().map(Source::Plain));
        Self::new(all, problems)
    }

    /// Evaluates and lists nothing.
    fn new(all: Vec<Source>, problems: Vec<String>) -> Self {
        let is_plain = |source: &&Source| matches!(source, Source::Plain(_));
        let plain = Catalogue::new(all.iter().filter(is_plain).filter_map(Source::part).collect());
        let catalogue = Catalogue::new(all.iter().filter_map(Source::part).collect());
        Self { all, plain, problems, catalogue: RwLock::new(Arc::new(catalogue)) }
    }

    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.all.iter().map(Source::name)
    }

    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    pub fn listed(&self) -> impl Iterator<Item = &Arc<Listed>> {
        self.all.iter().filter_map(|source| match source {
            Source::Listed(listed) => Some(listed),
            Source::Plain(_) => None,
        })
    }

    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sources that Nix evaluates: that of this name, or all.
    pub(super) fn meant<'a>(&'a self, name: Option<&'a str>) -> impl Iterator<Item = &'a NixSource> {
        let nix = self.listed().filter_map(|listed| listed.nix());
        nix.filter(move |source| name.is_none_or(|name| *name == **source.name()))
    }

    /// What an element of a flake is called here: attribute and source; `None` if no source is that flake. Which source a
    /// pinned element is of was `recorded`.
    pub fn called(&self, url: &str, path: &str, recorded: Option<&str>) -> Option<(String, String)> {
        let recorded = recorded.and_then(|name| self.meant(Some(name)).find(|source| source.is_flake()));
        if let Some(source) = recorded {
            return Some((source.attribute_of(path), source.name().to_string()));
        }
        let called = |source: &NixSource| Some((source.attribute_at(url, path)?, source.name().to_string()));
        self.meant(None).find_map(called)
    }

    /// A package that can be told without evaluating: of a source that is known from the start.
    fn find(&self, attribute: &str, source: Option<&str>) -> Option<Package> {
        if let Some(at) = self.plain.find(attribute, source.unwrap_or_default()) {
            return self.plain.get(at);
        }
        let is_named = |it: &&Package| {
            source.is_none_or(|source| *source == *it.source) && (it.name == attribute || it.full_name() == attribute)
        };
        let mut named = self.plain.known().filter(is_named);
        named.next().filter(|_| named.next().is_none()).cloned()
    }

    /// A package that is only listed: nothing here evaluates its source. Listings that are not read yet are read for it.
    fn find_listed(
        &self,
        attribute: &str,
        source: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Option<Package>, EvaluationError> {
        let alone = self.listed().filter(|listed| listed.nix().is_none());
        let meant: Vec<_> = alone.filter(|listed| source.is_none_or(|source| *source == **listed.name())).collect();
        let failed = self.read_on(meant.iter().copied(), progress);
        let found = meant.iter().find_map(|listed| {
            let part = listed.part()?;
            let row = part.index().find(attribute)?;
            Some(part.index().package(row, part.source()))
        });
        match failed.into_iter().next() {
            Some(error) if found.is_none() => Err(error),
            _ => Ok(found),
        }
    }

    /// Reads what sources offer, one stage of those that are not read yet; gives what went wrong.
    fn read_on<'a>(
        &'a self,
        sources: impl Iterator<Item = &'a Arc<Listed>>,
        progress: &dyn Progress,
    ) -> Vec<EvaluationError> {
        let unread: Vec<&Arc<Listed>> = sources.filter(|listed| !listed.is_read()).collect();
        if unread.is_empty() {
            return Vec::new();
        }
        let mut failed = Vec::new();
        for listed in unread {
            let result = listed.read_on(progress);
            if progress.is_cancelled() {
                // What is not read, or not to its end, is still to be read; that is no failure.
                break;
            }
            failed.extend(result.err());
        }
        let catalogue = Arc::new(Catalogue::new(self.all.iter().filter_map(Source::part).collect()));
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
        failed
    }
}

impl Loom {
    pub(super) fn sources_now(&self) -> Arc<Sources> {
        Arc::clone(&self.sources.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All packages on offer, prepared for search; [`Loom::load_sources`] makes it another.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.sources_now().catalogue()
    }

    /// Whether there are sources that [`Loom::load_sources`] would read.
    pub fn has_unloaded_sources(&self) -> bool {
        self.sources_now().listed().any(|listed| !listed.is_read())
    }

    /// Reads what the sources offer, the next stage of each that is not read to its end, and puts that into the
    /// catalogue: names first, as they come in seconds; then listings, which may take minutes where nothing is kept of
    /// them. A source that fails keeps what was known of it, and so does one whose reading is cancelled: that one is still
    /// to be read.
    pub fn load_sources(&self, progress: &dyn Progress) -> Vec<EvaluationError> {
        let sources = self.sources_now();
        sources.read_on(sources.listed(), progress)
    }

    /// The configured sources that are left out, and why; safe for a terminal.
    pub fn source_problems(&self) -> Vec<String> {
        self.sources_now().problems().to_vec()
    }

    /// The best `limit` packages that match, best first. An empty query gives all, in the order of their sources.
    pub fn search(&self, query: &str, limit: usize) -> SearchResult {
        self.catalogue().search(&Query::parse(query), limit)
    }

    /// The package of an attribute: of that source, or of the first that has it. What is no attribute is taken for a
    /// package's name, with or without its version, if only one package has it.
    ///
    /// A source that Nix has to evaluate is asked for this attribute alone, which may take seconds the first time. It may
    /// also be the absolute path of a Nix file, or of the folder of a flake.
    pub fn package(
        &self,
        attribute: &str,
        source: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Option<Package>, EvaluationError> {
        if let Some(file) = self.file_source(source)? {
            return file.package(attribute, progress);
        }
        let sources = self.sources_now();
        for source in sources.meant(source) {
            if let Some(package) = source.package(attribute, progress)? {
                return Ok(Some(package));
            }
        }
        match sources.find(attribute, source) {
            None => sources.find_listed(attribute, source, progress),
            found => Ok(found),
        }
    }

    /// The same, of what can be installed.
    pub(super) fn installable(
        &self,
        attribute: &str,
        source: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Option<Package>, EvaluationError> {
        let package = self.package(attribute, source, progress)?;
        match package {
            Some(package) if package.obstacles.contains(&Obstacle::NeedsNix) => Err(EvaluationError {
                attribute: package.attribute,
                source_name: package.source.to_string(),
                message: "it is only listed there; to install it, give the source a location that Nix can evaluate, \
                          such as <nixpkgs> or a flake, and this as its listing"
                    .to_owned(),
            }),
            package => Ok(package),
        }
    }

    /// Evaluates what a transaction installs, each source in one go; what fails tells so when it is asked for.
    pub(super) fn prepare(&self, before: &[Element], transaction: &Transaction, progress: &dyn Progress) {
        let sources = self.sources_now();
        let mut of_source: HashMap<&Arc<str>, Vec<&str>> = HashMap::new();
        let mut of_file: HashMap<&str, Vec<&str>> = HashMap::new();
        for change in &transaction.changes {
            let (attribute, source) = match change {
                Change::Install { attribute, source, .. } => (attribute.as_str(), source.as_deref()),
                Change::Source { name, attribute, source, .. } => {
                    let element = before.iter().find(|element| element.name == *name);
                    let attribute = attribute.as_deref().or(element.map(Element::attribute_or_name));
                    (attribute.unwrap_or(name), Some(source.as_str()))
                }
                _ => continue,
            };
            if let Some(name) = source.filter(|name| name.starts_with('/')) {
                of_file.entry(name).or_default().push(attribute);
            }
            if let Some(source) = sources.meant(source).find(|source| source.may_have(attribute)) {
                of_source.entry(source.name()).or_default().push(attribute);
            }
        }
        for source in sources.meant(None) {
            source.prepare(of_source.get(source.name()).map_or(&[], Vec::as_slice), progress);
        }
        for (name, attributes) in of_file {
            if let Ok(Some(file)) = self.file_source(Some(name)) {
                file.prepare(&attributes, progress);
            }
        }
    }

    /// Whether a source (any, for `None`) may have the attribute; nothing is evaluated, so a source of which not even the
    /// names are known may have any.
    pub fn offers(&self, attribute: &str, source: Option<&str>) -> bool {
        let sources = self.sources_now();
        matches!(self.file_source(source), Ok(Some(_)))
            || sources.meant(source).any(|source| source.may_have(attribute))
            || sources.find(attribute, source).is_some()
            || sources.find_listed(attribute, source, &Silent).is_ok_and(|found| found.is_some())
    }

    /// A package on offer as it is once it is looked at, evaluated if it has to be, and where its outputs are and how
    /// large.
    pub fn look(
        &self,
        package: &Package,
        progress: &dyn Progress,
    ) -> Result<(Package, Vec<OutputInfo>), EvaluationError> {
        let sources = self.sources_now();
        let evaluated = match sources.meant(Some(&package.source)).next() {
            Some(source) if package.is_unevaluated() => {
                source.package(&package.attribute, progress)?.ok_or_else(|| EvaluationError {
                    attribute: package.attribute.clone(),
                    source_name: package.source.to_string(),
                    message: "the source no longer has this attribute".to_owned(),
                })?
            }
            _ => package.clone(),
        };
        let outputs = self.outputs(&evaluated);
        Ok((evaluated, outputs))
    }

    fn outputs(&self, package: &Package) -> Vec<OutputInfo> {
        let info = |output: &PackageOutput| {
            let size = output.path.as_ref().and_then(|path| self.store.size(path));
            OutputInfo {
                name: output.name.clone(),
                path: output.path.clone(),
                is_default: package.default_outputs.contains(&output.name),
                presence: wanted(package, output).map_or(Presence::Missing, |wanted| self.store.presence(&wanted)),
                size: size.map(|(bytes, _)| bytes),
                files: size.map(|(_, files)| files),
            }
        };
        package.outputs.iter().map(info).collect()
    }
}
