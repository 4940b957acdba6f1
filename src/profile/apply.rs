//! What one change makes of the elements of a profile.

use super::change::ALL_OUTPUTS;
use super::element_name::element_name;
use super::{Change, Element, ElementOutput, ManifestKind, ProfileError, manifest, split_version};
use crate::package::{EvaluationError, Package};

/// Gives the package of an attribute, if there is one: of that source, or of the first that has it.
pub type Find<'a> = dyn Fn(&str, Option<&str>) -> Result<Option<Package>, EvaluationError> + 'a;

/// The elements while changes are applied to them.
pub(super) struct Elements<'a> {
    pub kind: ManifestKind,
    pub list: Vec<Element>,
    pub find: &'a Find<'a>,
}

impl Elements<'_> {
    pub fn apply(&mut self, change: &Change) -> Result<(), ProfileError> {
        match change {
            Change::Install { attribute, source, outputs, priority } => {
                self.install(attribute, source.as_deref(), outputs.as_deref(), *priority)
            }
            Change::Remove { name } => {
                let at = self.position(name)?;
                self.list.remove(at);
                Ok(())
            }
            Change::Outputs { name, outputs } => self.choose_outputs(name, outputs),
            Change::Priority { name, priority } => {
                let at = self.position(name)?;
                self.list[at].priority = *priority;
                Ok(())
            }
            Change::Active { name, active } => {
                let at = self.position(name)?;
                self.list[at].active = *active;
                Ok(())
            }
            Change::Source { name, attribute, source, outputs } => {
                self.take_from(name, attribute.as_deref(), source, outputs.as_deref())
            }
        }
    }

    fn install(
        &mut self,
        attribute: &str,
        source: Option<&str>,
        outputs: Option<&[String]>,
        priority: Option<i64>,
    ) -> Result<(), ProfileError> {
        let package = self.package(attribute, source)?;
        // What was asked for may be another name of the package's.
        let attribute = &*package.attribute;
        let kind = self.kind;
        let of_file = whole_file(&package);
        if let Some(name) = &of_file
            && let Some(at) = self.replaced_by_file(&package, name)
        {
            return self.install_file_again(at, &package, name, outputs, priority);
        }
        if let Some(element) = self.list.iter_mut().find(|element| is_of(element, &package)) {
            offer_again(element, &package, outputs, kind)?;
            element.priority = priority.unwrap_or(element.priority);
            return Ok(());
        }
        let first = package.outputs.first().map(|output| output.name.clone());
        let default =
            if package.default_outputs.is_empty() { Vec::from_iter(first) } else { package.default_outputs.clone() };
        let mut element = Element {
            name: self.free_name(&of_file.unwrap_or_else(|| element_name(attribute))),
            attribute: attribute.to_owned(),
            source: package.source.to_string(),
            version: package.version.clone(),
            outputs: choose(&package, attribute, outputs.unwrap_or(&default))?,
            priority: priority.unwrap_or(package.priority),
            active: true,
            extra: serde_json::Map::new(),
        };
        manifest::record_build(&mut element, kind, &package, outputs);
        match kind {
            // The newest first.
            ManifestKind::NixEnv => self.list.insert(0, element),
            ManifestKind::NixProfile | ManifestKind::Bare => self.list.push(element),
        }
        Ok(())
    }

    fn take_from(
        &mut self,
        name: &str,
        attribute: Option<&str>,
        source: &str,
        outputs: Option<&[String]>,
    ) -> Result<(), ProfileError> {
        let at = self.position(name)?;
        let element = &self.list[at];
        let package = self.package(attribute.unwrap_or_else(|| element.attribute_or_name()), Some(source))?;
        let element = &mut self.list[at];
        offer_again(element, &package, outputs, self.kind)?;
        element.attribute.clone_from(&package.attribute);
        element.source = package.source.to_string();
        Ok(())
    }

    /// Which element a file that is one package takes the place of.
    fn replaced_by_file(&self, package: &Package, name: &str) -> Option<usize> {
        let of_file = self.list.iter().position(|element| is_of(element, package));
        of_file.or_else(|| self.list.iter().position(|element| is_replaced(element, name)))
    }

    /// Puts a file that is one package in the place of an element, and of all others of its derivation's name, as
    /// `nix-env -i` does.
    fn install_file_again(
        &mut self,
        at: usize,
        package: &Package,
        name: &str,
        outputs: Option<&[String]>,
        priority: Option<i64>,
    ) -> Result<(), ProfileError> {
        let element = &mut self.list[at];
        let has_kept = element.outputs.iter().all(|output| package.output(&output.name).is_some());
        let outputs = outputs.or((!has_kept).then_some(&package.default_outputs));
        offer_again(element, package, outputs, self.kind)?;
        element.attribute.clone_from(&package.attribute);
        element.source = package.source.to_string();
        element.priority = priority.unwrap_or(element.priority);
        let mut place = 0;
        self.list.retain(|element| {
            place += 1;
            place == at + 1 || !is_replaced(element, name)
        });
        Ok(())
    }

    fn choose_outputs(&mut self, name: &str, outputs: &[String]) -> Result<(), ProfileError> {
        let at = self.position(name)?;
        if outputs.is_empty() {
            return Err(ProfileError::NoOutputs { name: name.to_owned() });
        }
        let element = &self.list[at];
        if let Some(missing) = outputs.iter().find(|output| element.output(output).is_none()) {
            if element.attribute.is_empty() {
                let has = element.outputs.iter().map(|output| output.name.clone()).collect();
                return Err(ProfileError::UnknownOutput {
                    name: name.to_owned(),
                    output: missing.clone(),
                    outputs: has,
                });
            }
            // All outputs anew, so that an element never mixes two builds of its package.
            let package = self.package(&element.attribute, Some(&element.source))?;
            return offer_again(&mut self.list[at], &package, Some(outputs), self.kind);
        }
        let element = &mut self.list[at];
        element.outputs.retain(|installed| outputs.contains(&installed.name));
        element.extra.remove(super::manifest::OUTPUTS);
        Ok(())
    }

    fn package(&self, attribute: &str, source: Option<&str>) -> Result<Package, ProfileError> {
        (self.find)(attribute, source)?.ok_or_else(|| ProfileError::UnknownAttribute {
            attribute: attribute.to_owned(),
            from: source.map(str::to_owned),
        })
    }

    fn position(&self, name: &str) -> Result<usize, ProfileError> {
        let at = self.list.iter().position(|element| element.name == name);
        at.ok_or_else(|| ProfileError::NotInstalled { name: name.to_owned() })
    }

    /// `name`, or the first of `name-1`, `name-2`, … that no element has.
    fn free_name(&self, name: &str) -> String {
        let is_free = |name: &String| self.list.iter().all(|element| element.name != *name);
        let numbered = (1_u64..).map(|number| format!("{name}-{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(is_free).expect("there are more names than elements")
    }
}

/// Whether the element was installed from this package, of whatever version.
fn is_of(element: &Element, package: &Package) -> bool {
    let flake = package.evaluated.as_ref().and_then(|evaluated| evaluated.flake.as_ref());
    let is_at = |attribute: &str, source: &str| element.attribute == attribute && element.source == source;
    is_at(&package.attribute, &package.source)
        || flake.is_some_and(|flake| is_at(&flake.attribute_path, &flake.original_url))
}

/// What the element of a package is called that is a Nix file as a whole, as `nix-env` would call it: the name of its
/// derivation. Such a package comes from a source that is named by a path.
fn whole_file(package: &Package) -> Option<String> {
    let evaluated = package.evaluated.as_ref()?;
    let is_file = package.attribute == "default" && package.source.starts_with('/');
    is_file.then(|| split_version(&evaluated.full_name).0.to_owned())
}

/// Whether `nix-env -i` would replace an element by a package of this name.
fn is_replaced(element: &Element, name: &str) -> bool {
    element.is_of_derivation(name) && !manifest::is_kept(element)
}

/// Makes `element` what `package` is now, with these outputs, or chosen as they were; name, priority and activity stay.
fn offer_again(
    element: &mut Element,
    package: &Package,
    outputs: Option<&[String]>,
    kind: ManifestKind,
) -> Result<(), ProfileError> {
    let chosen = outputs.map_or_else(|| manifest::choice(element), |outputs| Some(outputs.to_vec()));
    let names = chosen.as_ref().unwrap_or(&package.default_outputs);
    element.outputs = choose(package, &element.name, names)?;
    element.version.clone_from(&package.version);
    manifest::forget_build(&mut element.extra);
    manifest::record_build(element, kind, package, chosen.as_deref());
    Ok(())
}

/// The outputs of `package` with these names, in the package's order.
fn choose(package: &Package, name: &str, outputs: &[String]) -> Result<Vec<ElementOutput>, ProfileError> {
    if outputs.is_empty() {
        return Err(ProfileError::NoOutputs { name: name.to_owned() });
    }
    let all = outputs == [ALL_OUTPUTS];
    if let Some(unknown) = outputs.iter().find(|output| !all && package.output(output).is_none()) {
        return Err(ProfileError::UnknownOutput {
            name: name.to_owned(),
            output: unknown.clone(),
            outputs: package.outputs.iter().map(|output| output.name.clone()).collect(),
        });
    }
    let chosen = package.outputs.iter().filter(|output| all || outputs.contains(&output.name));
    chosen
        .map(|output| match &output.path {
            Some(path) => Ok(ElementOutput { name: output.name.clone(), path: path.clone() }),
            None => Err(ProfileError::NoPath { name: name.to_owned(), output: output.name.clone() }),
        })
        .collect()
}
