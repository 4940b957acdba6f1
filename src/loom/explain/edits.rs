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
    /// The same, where another build of the same attribute takes its place and nothing else becomes different.
    Upgrade(Element),
}

impl Edit {
    /// The elements after it.
    pub fn applied_to(&self, state: &[Element]) -> Vec<Element> {
        let mut state = state.to_vec();
        match self {
            Self::Remove(gone) | Self::Hide(gone) => state.retain(|element| element.name != gone.name),
            Self::Install(new) | Self::InstallAgain(new) | Self::Upgrade(new) => state.push(new.clone()),
            Self::Flag { after, .. } | Self::Replace { after, .. } => {
                if let Some(element) = state.iter_mut().find(|element| element.name == after.name) {
                    element.clone_from(after);
                }
            }
        }
        state
    }

    /// The same for another priority, with the element inactive meanwhile: what is inactive collides with nothing.
    pub fn stepping_aside(&self) -> Option<[Self; 3]> {
        let Self::Flag { before, after } = self else { return None };
        let inactive = |element: &Element| Element { active: false, ..element.clone() };
        let (off, off_after) = (inactive(before), inactive(after));
        (before.active && after.active).then(|| {
            [
                Self::Flag { before: before.clone(), after: off.clone() },
                Self::Flag { before: off, after: off_after.clone() },
                Self::Flag { before: off_after, after: after.clone() },
            ]
        })
    }

    /// Whether it makes room for the other one.
    pub fn comes_before(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Remove(gone), Self::Install(new) | Self::InstallAgain(new) | Self::Upgrade(new)) => {
                gone.name == new.name
            }
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
                let is_upgrade = is_other_build(&old, element);
                edits.push(Edit::Remove(old));
                let element = element.clone();
                new.push(if is_upgrade { Edit::Upgrade(element) } else { Edit::InstallAgain(element) });
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

/// Whether both are builds of one attribute of one source, chosen in the same way.
fn is_other_build(before: &Element, after: &Element) -> bool {
    let names = |element: &Element| {
        let mut names: Vec<_> = element.outputs.iter().map(|output| output.name.clone()).collect();
        names.sort_unstable();
        names
    };
    !after.source.is_empty()
        && (&before.attribute, &before.source) == (&after.attribute, &after.source)
        && (before.priority, before.active) == (after.priority, after.active)
        && names(before) == names(after)
}

fn has_same_outputs(before: &Element, after: &Element) -> bool {
    before.outputs.len() == after.outputs.len() && is_part(&after.outputs, &before.outputs)
}

/// Whether all outputs of `part` are among those of `whole`, of the same build.
pub(super) fn is_part(part: &[ElementOutput], whole: &[ElementOutput]) -> bool {
    part.iter().all(|output| whole.contains(output))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &str, outputs: &[&str], priority: i64, active: bool) -> Element {
        let output = |output: &&str| ElementOutput { name: (*output).to_owned(), path: format!("/s/{output}").into() };
        let outputs = outputs.iter().map(output).collect();
        Element { name: name.to_owned(), outputs, priority, active, ..Element::default() }
    }

    /// Whatever they are, the steps lead from one to the other, and in `nix-env` nothing that stays is removed.
    #[test]
    fn steps_lead_to_what_is_wanted() {
        let before = [element("a", &["out"], 5, true), element("b", &["out", "dev"], 5, true)];
        let after = [element("b", &["dev"], 3, true), element("c", &["out"], 5, true)];
        for kind in [ManifestKind::NixEnv, ManifestKind::NixProfile] {
            let steps = edits(kind, &before, &after);
            let mut state = steps.iter().fold(before.to_vec(), |state, step| step.applied_to(&state));
            state.sort_by(|a, b| a.name.cmp(&b.name));
            assert_eq!(state, after, "{kind:?}: {steps:?}");
            let removes_b = steps.iter().any(|step| matches!(step, Edit::Remove(gone) if gone.name == "b"));
            assert_eq!(removes_b, kind == ManifestKind::NixProfile);
        }
    }

    #[test]
    fn each_flag_is_a_step_and_the_second_follows_the_first() {
        let (before, after) = ([element("a", &["out"], 5, true)], [element("a", &["out"], 4, false)]);
        let steps = edits(ManifestKind::NixEnv, &before, &after);
        assert_eq!(steps.len(), 2);
        assert!(steps[0].comes_before(&steps[1]) && !steps[1].comes_before(&steps[0]));
        assert_eq!(steps[1].applied_to(&steps[0].applied_to(&before)), after);
        let steps = edits(ManifestKind::NixProfile, &before, &after);
        assert_eq!(steps, [Edit::Hide(before[0].clone())], "nothing is inactive there");
    }

    #[test]
    fn what_steps_aside_comes_back_in_order() {
        let (before, after) = (element("a", &["out"], 5, true), element("a", &["out"], 4, true));
        let edit = Edit::Flag { before: before.clone(), after: after.clone() };
        let [off, other, on] = edit.stepping_aside().unwrap();
        assert!(off.comes_before(&other) && other.comes_before(&on));
        let state = [off, other, on].iter().fold(vec![before], |state, step| step.applied_to(&state));
        assert_eq!(state, [after]);
        let inactive = Edit::Flag { before: element("a", &["out"], 5, false), after: element("a", &["out"], 4, false) };
        assert_eq!(inactive.stepping_aside(), None, "or it would never end");
    }
}
