//! What has to be done to get from some elements to others, in steps that Nix' programs have commands for.

use crate::profile::{Element, ElementOutput, ManifestKind};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    Remove(Element),
    /// Remove what becomes inactive, where nothing can be inactive.
    Hide(Element),
    /// `nix-env` only: other flags, the same outputs.
    Flag {
        before: Element,
        after: Element,
    },
    /// `nix-env` only: other outputs, or another build.
    Replace {
        before: Element,
        after: Element,
    },
    Install(Element),
    /// The same, of what was removed for it: there is no other way to change it.
    InstallAgain(Element),
}

impl Edit {
    /// The elements after it.
    pub fn applied_to(&self, state: &[Element]) -> Vec<Element> {
        let mut state = state.to_vec();
        match self {
            Self::Remove(gone) | Self::Hide(gone) => state.retain(|element| element.name != gone.name),
            Self::Install(new) | Self::InstallAgain(new) => state.push(new.clone()),
            Self::Flag { after, .. } | Self::Replace { after, .. } => {
                if let Some(element) = state.iter_mut().find(|element| element.name == after.name) {
                    element.clone_from(after);
                }
            }
        }
        state
    }

    /// Whether it makes room for the other one.
    pub fn comes_before(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Remove(gone), Self::Install(new) | Self::InstallAgain(new)) => gone.name == new.name,
            (Self::Flag { after, .. }, Self::Flag { before, .. }) => after == before,
            _ => false,
        }
    }
}

/// The steps from `before` to `after`: what goes first, then what changes, then what comes.
pub(super) fn edits(kind: ManifestKind, before: &[Element], after: &[Element]) -> Vec<Edit> {
    let find = |elements: &'_ [Element], name: &str| elements.iter().find(|element| element.name == name).cloned();
    let gone = before.iter().filter(|element| find(after, &element.name).is_none());
    let mut edits: Vec<_> = gone.cloned().map(Edit::Remove).collect();
    let mut new = Vec::new();
    for element in after {
        match find(before, &element.name) {
            None => new.push(Edit::Install(element.clone())),
            Some(old) if kind == ManifestKind::NixEnv => edits.extend(changed(old, element)),
            Some(old) if is_same(&old, element) => {}
            Some(old) if !element.active => edits.push(Edit::Hide(old)),
            Some(old) => {
                edits.push(Edit::Remove(old));
                new.push(Edit::InstallAgain(element.clone()));
            }
        }
    }
    edits.extend(new);
    edits
}

fn changed(before: Element, after: &Element) -> Vec<Edit> {
    if !has_same_outputs(&before, after) {
        return vec![Edit::Replace { before, after: after.clone() }];
    }
    let mut edits = Vec::new();
    let mut between = before;
    if between.priority != after.priority {
        let flagged = Element { priority: after.priority, ..between.clone() };
        edits.push(Edit::Flag { before: std::mem::replace(&mut between, flagged.clone()), after: flagged });
    }
    if between.active != after.active {
        let flagged = Element { active: after.active, ..between.clone() };
        edits.push(Edit::Flag { before: between, after: flagged });
    }
    edits
}

fn is_same(before: &Element, after: &Element) -> bool {
    has_same_outputs(before, after) && (before.priority, before.active) == (after.priority, after.active)
}

fn has_same_outputs(before: &Element, after: &Element) -> bool {
    before.outputs.len() == after.outputs.len() && is_part(&after.outputs, &before.outputs)
}

/// Whether all outputs of `part` are among those of `whole`, of the same build.
pub(super) fn is_part(part: &[ElementOutput], whole: &[ElementOutput]) -> bool {
    part.iter().all(|output| whole.contains(output))
}
