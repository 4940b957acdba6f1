//! What is on offer: the packages that are known from the start, and those of sources that Nix evaluates.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Loom, OutputInfo, wanted};
use crate::catalogue::{Catalogue, Part, Query, SearchResult};
use crate::package::{EvaluationError, Package, PackageOutput};
use crate::profile::{Change, Transaction};
use crate::progress::Progress;
use crate::source::NixSource;
use crate::store::Presence;

/// All sources, and what is known of what they offer.
pub(super) struct Sources {
    /// Sources that Nix evaluates; they come before the others.
    nix: Vec<NixSource>,
    /// What the other sources offer.
    plain: Catalogue,
    /// Names of all sources, in order.
    names: Vec<Arc<str>>,
    catalogue: RwLock<Arc<Catalogue>>,
}

impl Sources {
    /// Evaluates nothing.
    pub fn new(nix: Vec<NixSource>, plain: Vec<Part>) -> Self {
        let of_nix = nix.iter().map(NixSource::name);
        let names = of_nix.chain(plain.iter().map(Part::source)).cloned().collect();
        let catalogue = RwLock::new(Arc::new(Catalogue::new(plain.clone())));
        Self { nix, plain: Catalogue::new(plain), names, catalogue }
    }

    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sources that Nix evaluates: that of this name, or all.
    fn meant<'a>(&'a self, name: Option<&'a str>) -> impl Iterator<Item = &'a NixSource> {
        self.nix.iter().filter(move |source| name.is_none_or(|name| *name == **source.name()))
    }

    /// What an element of a flake is called here: attribute and source; `None` if no source is that flake.
    pub fn called(&self, url: &str, path: &str) -> Option<(String, String)> {
        let called = |source: &NixSource| Some((source.attribute_at(url, path)?, source.name().to_string()));
        self.nix.iter().find_map(called)
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

    /// Reads the names that the sources offer, where they are not known yet; gives what went wrong.
    fn load(&self, progress: &dyn Progress) -> Vec<EvaluationError> {
        let unloaded = self.nix.iter().filter(|source| !source.is_loaded());
        let (loaded, failed): (Vec<_>, Vec<_>) =
            unloaded.map(|source| source.attributes(progress)).partition(Result::is_ok);
        if !loaded.is_empty() {
            let parts = self.nix.iter().map(|source| {
                let attributes = source.loaded().unwrap_or_default().into_iter();
                let rows = attributes.map(|attribute| Package::unevaluated(attribute, source.name().clone()));
                Part::of_packages(source.name().clone(), rows.collect())
            });
            let catalogue = Catalogue::new(parts.chain(self.plain.parts().iter().cloned()).collect());
            *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
        }
        failed.into_iter().filter_map(Result::err).collect()
    }
}

impl Loom {
    /// All packages on offer, prepared for search; [`Loom::load_sources`] makes it another.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.sources.catalogue()
    }

    /// Whether there are sources that [`Loom::load_sources`] would read.
    pub fn has_unloaded_sources(&self) -> bool {
        self.sources.nix.iter().any(|source| !source.is_loaded())
    }

    /// Has Nix tell what the sources that it evaluates offer, as names alone, and puts that into the catalogue. May take
    /// seconds. A source that fails is left out, and tried again by the next call.
    pub fn load_sources(&self, progress: &dyn Progress) -> Vec<EvaluationError> {
        self.sources.load(progress)
    }

    /// The best `limit` packages that match, best first. An empty query gives all, in the order of their sources.
    pub fn search(&self, query: &str, limit: usize) -> SearchResult {
        self.catalogue().search(&Query::parse(query), limit)
    }

    /// The package of an attribute: of that source, or of the first that has it. What is no attribute is taken for a
    /// package's name, with or without its version, if only one package has it.
    ///
    /// A source that Nix has to evaluate is asked for this attribute alone, which may take seconds the first time.
    pub fn package(
        &self,
        attribute: &str,
        source: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Option<Package>, EvaluationError> {
        for source in self.sources.meant(source) {
            if let Some(package) = source.package(attribute, progress)? {
                return Ok(Some(package));
            }
        }
        Ok(self.sources.find(attribute, source))
    }

    /// Evaluates what a transaction installs, each source in one go; what fails tells so when it is asked for.
    pub(super) fn prepare(&self, transaction: &Transaction, progress: &dyn Progress) {
        let mut of_source: HashMap<&Arc<str>, Vec<&str>> = HashMap::new();
        for change in &transaction.changes {
            let Change::Install { attribute, source, .. } = change else { continue };
            if let Some(source) = self.sources.meant(source.as_deref()).find(|source| source.may_have(attribute)) {
                of_source.entry(source.name()).or_default().push(attribute);
            }
        }
        for source in &self.sources.nix {
            source.prepare(of_source.get(source.name()).map_or(&[], Vec::as_slice), progress);
        }
    }

    /// Whether a source (any, for `None`) may have the attribute; nothing is evaluated, so a source of which not even the
    /// names are known may have any.
    pub fn offers(&self, attribute: &str, source: Option<&str>) -> bool {
        self.sources.meant(source).any(|source| source.may_have(attribute))
            || self.sources.find(attribute, source).is_some()
    }

    /// A package on offer as it is once it is looked at, evaluated if it has to be, and where its outputs are and how
    /// large.
    pub fn look(
        &self,
        package: &Package,
        progress: &dyn Progress,
    ) -> Result<(Package, Vec<OutputInfo>), EvaluationError> {
        let evaluated = match self.sources.meant(Some(&package.source)).next() {
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
