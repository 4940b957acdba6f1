//! What stands in the way among files, and of doing something with who has a file.

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::files::Showing;
use super::super::text;
use super::Hindrance;
use crate::loom::{NIX_INDEX, Provider};

impl App {
    pub(super) fn no_files(&self, context: Context) -> Option<Hindrance> {
        match context {
            Context::Plan => self.nothing_staged(),
            Context::Generations => self.selected_generation().is_none().then(|| "No generation is selected.".into()),
            _ => self.subject().is_none().then(|| "No package is selected.".into()),
        }
    }

    pub(super) fn no_file_folding(&self, command: Command) -> Option<Hindrance> {
        let selected = self.lists.files.selected().and_then(|row| self.files.node(row));
        let Some((tree, at)) = self.files.tree().zip(selected) else { return Some("No file is selected.".into()) };
        let is_leaf = tree.below(at).is_empty();
        match command {
            Command::Fold if self.files.is_unfolded(at) || tree.parent(at).is_some() => None,
            Command::Fold => Some("There is nothing to fold here.".into()),
            Command::Unfold if !is_leaf && !self.files.is_unfolded(at) => None,
            Command::ToggleFold | Command::UnfoldAll if !is_leaf => None,
            _ => Some("There is nothing to unfold here.".into()),
        }
    }

    pub(super) fn no_other_files(&self) -> Option<Hindrance> {
        let is_same = self.files.showing == Showing::Profile && self.staged.is_empty();
        is_same.then(|| "Nothing is staged: the profile would stay as it is.".into())
    }

    pub(super) fn no_provider(&self) -> Option<Hindrance> {
        match self.selected_provider() {
            None => Some("There is no package to go to.".into()),
            Some(provider) if provider.installed || self.offered_by(provider).is_some() => None,
            Some(provider) => Some(self.not_on_offer(provider)),
        }
    }

    pub(super) fn no_provider_installation(&self) -> Option<Hindrance> {
        let Some(provider) = self.selected_provider() else { return Some("There is nothing to install.".into()) };
        let name = text::fit(&provider.package, 40);
        let (go, priority) =
            (self.key_for(Context::Which, Command::GoToPackage), self.key_for(Context::Panes, Command::Priority));
        if provider.installed && provider.shadowed {
            let sentence = format!(
                "{name} is installed, but another file is shown: {go} goes to it, {priority} sets its priority."
            );
            return Some(sentence.into());
        }
        if provider.installed {
            return Some(format!("{name} is installed already; {go} goes to it.").into());
        }
        let Some(package) = self.offered_by(provider) else { return Some(self.not_on_offer(provider)) };
        if self.is_staged_provider(provider) { None } else { self.unobtainable(&package) }
    }

    fn not_on_offer(&self, provider: &Provider) -> Hindrance {
        let name = text::fit(&provider.package, 40);
        let whose = if provider.source == NIX_INDEX { "only nix-index's database knows it" } else { "it is gone" };
        let key = self.key_for(Context::Panes, Command::ShowSources);
        format!("No source here offers {name}: {whose}. In the panes {key} leads to the sources.").into()
    }
}
