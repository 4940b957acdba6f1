//! All staged changes together; a transaction makes one generation.

use super::apply::{Elements, Find};
use super::element_name::element_name;
use super::request::{Offers, is_from};
use super::{Change, ChangeRequest, Contents, Element, ProfileError};

/// The staged changes, in the order in which they were staged and in which they are applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    pub changes: Vec<Change>,
}

impl Transaction {
    /// Whether nothing is staged.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Stages a change; the last word on a thing counts.
    ///
    /// A second change of the same kind replaces or completes the first; what only gives back the state that
    /// `elements` (the installed ones) have already is dropped; removing what is only staged unstages it.
    pub fn stage(&mut self, change: Change, elements: &[Element]) {
        match change {
            Change::Install { attribute, source, outputs, priority } => {
                self.stage_install(attribute, source, outputs, priority, elements);
            }
            Change::Remove { name } => self.stage_removal(name, elements),
            edit => self.stage_edit(edit, elements),
        }
    }

    /// Stages what a request means for `elements` ([`ChangeRequest::resolve`]). Removing what is not installed but
    /// staged, by its name or attribute, takes that back.
    pub fn stage_request(
        &mut self,
        request: &ChangeRequest,
        elements: &[Element],
        offers: &Offers,
    ) -> Result<(), ProfileError> {
        match request.resolve(elements, offers) {
            Err(ProfileError::NotInstalled { .. }) if request.remove && self.takes_back(request) => Ok(()),
            changes => {
                changes?.into_iter().for_each(|change| self.stage(change, elements));
                Ok(())
            }
        }
    }

    /// Takes the change at `index` back.
    pub fn unstage(&mut self, index: usize) -> Option<Change> {
        (index < self.changes.len()).then(|| self.changes.remove(index))
    }

    /// The elements after all changes, or why there can be none.
    pub fn apply_to(&self, contents: &Contents, find: &Find) -> Result<Vec<Element>, ProfileError> {
        let mut after = Elements { kind: contents.kind, list: contents.elements.clone(), find };
        for change in &self.changes {
            after.apply(change)?;
        }
        Ok(after.list)
    }

    fn takes_back(&mut self, request: &ChangeRequest) -> bool {
        let before = self.changes.len();
        self.changes.retain(|staged| match staged {
            Change::Install { attribute, .. } => !request.means(attribute) && !request.means(&element_name(attribute)),
            _ => true,
        });
        self.changes.len() < before
    }

    fn stage_install(
        &mut self,
        attribute: String,
        source: Option<String>,
        outputs: Option<Vec<String>>,
        priority: Option<i64>,
        elements: &[Element],
    ) {
        if let Some(element) = elements.iter().find(|element| is_from(element, &attribute, source.as_deref())) {
            self.changes.retain(|staged| match staged {
                Change::Install { .. } | Change::Active { .. } | Change::Source { .. } => true,
                Change::Remove { name } => *name != element.name,
                Change::Outputs { name, .. } => *name != element.name || outputs.is_none(),
                Change::Priority { name, .. } => *name != element.name || priority.is_none(),
            });
            if self.changes.iter().any(|staged| matches!(staged, Change::Source { name, .. } if *name == element.name))
            {
                return self.stage_build(Change::Install { attribute, source, outputs, priority }, element);
            }
        }
        for staged in &mut self.changes {
            let Change::Install { attribute: same, source: from, outputs: old_outputs, priority: old_priority } =
                staged
            else {
                continue;
            };
            let is_same_source = from.is_none() || source.is_none() || *from == source;
            if *same == attribute && is_same_source {
                *from = source.or(from.take());
                *old_outputs = outputs.or(old_outputs.take());
                *old_priority = priority.or(*old_priority);
                return;
            }
        }
        self.changes.push(Change::Install { attribute, source, outputs, priority });
    }

    fn stage_removal(&mut self, name: String, elements: &[Element]) {
        let installed = elements.iter().find(|element| element.name == name);
        let was_staged = self.changes.len();
        self.changes.retain(|staged| match staged {
            Change::Install { attribute, source, .. } => match installed {
                Some(element) => !is_from(element, attribute, source.as_deref()),
                None => element_name(attribute) != name,
            },
            edit => edit.element() != Some(name.as_str()),
        });
        if installed.is_some() || self.changes.len() == was_staged {
            self.changes.push(Change::Remove { name });
        }
    }

    fn stage_edit(&mut self, edit: Change, elements: &[Element]) {
        let Some(name) = edit.element().map(str::to_owned) else { return };
        let Some(installed) = elements.iter().find(|element| element.name == name) else {
            if !self.complete_install(&name, &edit) {
                self.changes.push(edit);
            }
            return;
        };
        if let Change::Source { outputs, .. } = &edit {
            let is_chosen = outputs.is_some();
            self.changes.retain(|staged| match staged {
                Change::Remove { name: same } => *same != name,
                Change::Outputs { name: same, .. } => *same != name || !is_chosen,
                _ => true,
            });
            return self.stage_build(edit, installed);
        }
        let is_about_it = |staged: &Change| staged.element() == Some(name.as_str());
        self.changes.retain(|staged| {
            let is_replaced = matches!(staged, Change::Remove { .. })
                || std::mem::discriminant(staged) == std::mem::discriminant(&edit);
            !(is_about_it(staged) && is_replaced)
        });
        let is_another_build = self.changes.iter().any(|staged| makes_another_build(staged, installed));
        if is_another_build || !is_already_so(&edit, installed) {
            self.changes.push(edit);
        }
    }

    /// Stages another build of an installed element, in the place of one that is staged; outputs and priority that were
    /// chosen with that one stay so.
    fn stage_build(&mut self, mut new: Change, installed: &Element) {
        let Some(at) = self.changes.iter().position(|staged| makes_another_build(staged, installed)) else {
            return self.changes.push(new);
        };
        let (Change::Install { outputs: old, .. } | Change::Source { outputs: old, .. }) = &mut self.changes[at] else {
            return;
        };
        if let Change::Install { outputs, .. } | Change::Source { outputs, .. } = &mut new {
            *outputs = outputs.take().or(old.take());
        }
        let old_priority = if let Change::Install { priority, .. } = &self.changes[at] { *priority } else { None };
        if let Change::Install { priority, .. } = &mut new {
            *priority = priority.or(old_priority);
            self.changes[at] = new;
        } else {
            self.changes[at] = new;
            let name = installed.name.clone();
            if let Some(priority) = old_priority {
                self.changes.insert(at + 1, Change::Priority { name, priority });
            }
        }
    }

    /// Writes an edit of something that is only staged into its installation.
    fn complete_install(&mut self, name: &str, edit: &Change) -> bool {
        for staged in &mut self.changes {
            let Change::Install { attribute, source, outputs, priority } = staged else { continue };
            if element_name(attribute) != name {
                continue;
            }
            match edit {
                Change::Source { attribute: other, source: from, outputs: chosen, .. } => {
                    if let Some(other) = other {
                        attribute.clone_from(other);
                    }
                    *source = Some(from.clone());
                    *outputs = chosen.clone().or(outputs.take());
                }
                Change::Outputs { outputs: chosen, .. } => *outputs = Some(chosen.clone()),
                Change::Priority { priority: chosen, .. } => *priority = Some(*chosen),
                _ => return false,
            }
            return true;
        }
        false
    }
}

/// Whether a change takes what is installed from its source again, or from another one.
fn makes_another_build(change: &Change, installed: &Element) -> bool {
    match change {
        Change::Install { attribute, source, .. } => is_from(installed, attribute, source.as_deref()),
        Change::Source { name, .. } => *name == installed.name,
        _ => false,
    }
}

fn is_already_so(edit: &Change, element: &Element) -> bool {
    match edit {
        Change::Outputs { outputs, .. } => {
            outputs.len() == element.outputs.len() && outputs.iter().all(|output| element.output(output).is_some())
        }
        Change::Priority { priority, .. } => *priority == element.priority,
        Change::Active { active, .. } => *active == element.active,
        Change::Install { .. } | Change::Remove { .. } | Change::Source { .. } => false,
    }
}

#[cfg(test)]
#[path = "transaction_tests.rs"]
mod tests;
