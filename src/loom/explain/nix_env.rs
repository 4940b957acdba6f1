//! The words of `nix-env`.
//!
//! It finds installed packages by name and version. Outputs, priority and activity of a package that is being installed
//! are what its `meta` says, so an expression can say all three at once (observed in 2.8, 2.26 and 2.34).

use std::path::{Path, PathBuf};

use super::edits::{Edit, is_part};
use super::origin::{Origin, outputs, paths};
use super::{ExplainedLine, Speaker, words};
use crate::loom::Loom;
use crate::package::DEFAULT_PRIORITY;
use crate::profile::{Element, nix_env, split_version};
use crate::safe;

pub(super) struct NixEnv<'a> {
    pub loom: &'a Loom,
    pub profile: Option<&'a Path>,
    /// Of the profile before the transaction.
    pub environment: Option<PathBuf>,
}

impl Speaker for NixEnv<'_> {
    fn say(&self, edit: &Edit, state: &[Element]) -> Vec<ExplainedLine> {
        match edit {
            Edit::Remove(element) | Edit::Hide(element) => self.remove(element, state),
            Edit::Flag { before, after } => self.flag(before, after, state),
            Edit::Replace { before, after } if is_part(&after.outputs, &before.outputs) => {
                let mut lines = vec![ExplainedLine::comment(&format!(
                    "nix-env cannot leave outputs of {} away; this installs it again from the profile's own manifest",
                    before.name
                ))];
                lines.extend(self.again_from_manifest(before, after, state));
                lines
            }
            Edit::Replace { before, after } => {
                let mut lines = Vec::new();
                if before.version != after.version {
                    lines.push(ExplainedLine::comment(&format!(
                        "`nix-env -u {}` would go by the name alone, of whatever project, and forget the flags that were set",
                        before.name
                    )));
                }
                lines.extend(self.install(after, Some(before), state));
                lines
            }
            Edit::Install(element) | Edit::InstallAgain(element) | Edit::Upgrade(element) => {
                self.install(element, None, state)
            }
        }
    }
}

impl NixEnv<'_> {
    fn command(&self, arguments: &[&str]) -> ExplainedLine {
        let profile = self.profile.map(|profile| profile.display().to_string());
        let profile = profile.as_deref().map_or(Vec::new(), |profile| vec!["-p", profile]);
        ExplainedLine::command(&[&["nix-env"], &*profile, arguments].concat())
    }

    fn remove(&self, element: &Element, state: &[Element]) -> Vec<ExplainedLine> {
        let identity = Identity::of(element);
        let others = |is_meant: &dyn Fn(&Identity) -> bool| {
            let others = state.iter().filter(|other| other.name != element.name && is_meant(&Identity::of(other)));
            others.map(|other| other.name.clone()).collect::<Vec<_>>()
        };
        let selector = identity.selector();
        if others(&|other| other.full == identity.full).is_empty() && !selector.starts_with('-') {
            return vec![self.command(&["-e", &selector])];
        }
        // Several are called so, but each has a path of its own.
        let as_well = others(&|other| other.path == identity.path);
        let command = self.command(&["-e", &identity.path]);
        if as_well.is_empty() {
            return vec![command];
        }
        let told = format!("nix-env takes {} away as well, which has the same path", as_well.join(", "));
        vec![ExplainedLine::comment(&told), command]
    }

    fn flag(&self, before: &Element, after: &Element, state: &[Element]) -> Vec<ExplainedLine> {
        let identity = Identity::of(before);
        let selector = identity.selector();
        let is_only = state.iter().all(|other| other.name == before.name || Identity::of(other).full != identity.full);
        if !is_only || selector.starts_with('-') {
            let several = format!("several packages are called {}, and a flag would be that of all", identity.full);
            let mut lines = vec![ExplainedLine::comment(&several)];
            lines.extend(self.again_from_manifest(before, after, state));
            return lines;
        }
        let (flag, value) = if before.priority == after.priority {
            ("active", after.active.to_string())
        } else {
            ("priority", after.priority.to_string())
        };
        vec![self.command(&["--set-flag", flag, &value, &selector])]
    }

    /// Installs an element anew from the manifest that it is in, with some of its outputs and other flags.
    fn again_from_manifest(&self, before: &Element, after: &Element, state: &[Element]) -> Vec<ExplainedLine> {
        let environment =
            self.environment.as_ref().map(|environment| safe::path(&environment.join(nix_env::FILE_NAME)));
        let (Some(manifest), Some(first)) = (environment, before.outputs.first()) else { return Vec::new() };
        let path = words::string(&safe::path(&first.path));
        let output = words::name(&first.name);
        let outputs = words::list(&outputs(after));
        let found = format!("builtins.head (builtins.filter (e: (e.{output}.outPath or \"\") == {path}) f)");
        let meta = meta(Some(after), Some(after.priority), after.active);
        let expression = format!("f: let p = {found}; in p // {{ outputs = {outputs}; {meta} }}");
        self.installed(&["-f", &manifest], "-iE", &expression, before, Some(before), state)
    }

    fn install(&self, element: &Element, replaced: Option<&Element>, state: &[Element]) -> Vec<ExplainedLine> {
        match self.loom.origin(element) {
            Origin::File { place, tarball, attribute, package } => {
                let place = tarball.map_or(place, |(url, _)| url);
                let is_default = package.as_ref().is_some_and(|package| {
                    let chosen = outputs(element);
                    package.default_outputs.len() == chosen.len()
                        && package.default_outputs.iter().all(|output| chosen.contains(&&**output))
                });
                let own = package.as_ref().map_or(DEFAULT_PRIORITY, |package| package.priority);
                let from = ["-f", &place];
                // A file that is one package has no attributes.
                if is_default && own == element.priority && element.active && attribute != "default" {
                    return self.installed(&from, "-iA", &attribute, element, replaced, state);
                }
                let called = "if builtins.isFunction f then f { } else f";
                let package = if attribute == "default" {
                    format!("let s = {called}; in if (s.type or \"\") == \"derivation\" then s else s.default")
                } else {
                    format!("({called}).{}", words::path(&attribute))
                };
                let meta = meta(
                    Some(element).filter(|_| !is_default),
                    Some(element.priority).filter(|priority| *priority != own),
                    element.active,
                );
                let expression = format!("f: let p = {package}; in p // {{ {meta} }}");
                self.installed(&from, "-iE", &expression, element, replaced, state)
            }
            Origin::Flake { url, path, .. } => {
                let flake = format!("(builtins.getFlake {}).{}", words::string(&url), words::path(&path));
                let meta = meta(Some(element), Some(element.priority), element.active);
                let expression = format!("_: let p = {flake}; in p // {{ {meta} }}");
                self.installed(&[], "-iE", &expression, element, replaced, state)
            }
            Origin::Paths | Origin::Nowhere => {
                let unknown = format!(
                    "where {} comes from is not known any more; by its paths, each becomes a package of its own",
                    element.name
                );
                let mut lines = vec![ExplainedLine::comment(&unknown)];
                let paths = paths(element);
                let arguments: Vec<_> = std::iter::once("-i").chain(paths.iter().map(String::as_str)).collect();
                lines.extend(replaced.into_iter().flat_map(|replaced| self.remove(replaced, state)));
                lines.push(self.command(&arguments));
                lines
            }
        }
    }

    /// An installation, which takes the place of all that have the same name, unless they are to stay.
    fn installed(
        &self,
        from: &[&str],
        how: &str,
        what: &str,
        element: &Element,
        replaced: Option<&Element>,
        state: &[Element],
    ) -> Vec<ExplainedLine> {
        let name = Identity::of(element).name;
        let is_replaced = |other: &Element| replaced.is_some_and(|replaced| replaced.name == other.name);
        let stays = |other: &&Element| !is_replaced(other) && Identity::of(other).name == name;
        let others: Vec<_> = state.iter().filter(stays).map(|other| other.name.as_str()).collect();
        let is_called_otherwise = replaced.is_some_and(|replaced| Identity::of(replaced).name != name);
        let mut lines = Vec::new();
        if !others.is_empty() {
            let told = format!("nix-env takes them for versions of one package; -P lets {} stay", others.join(", "));
            lines.push(ExplainedLine::comment(&told));
        }
        if !others.is_empty() || is_called_otherwise {
            lines.extend(replaced.into_iter().flat_map(|replaced| self.remove(replaced, state)));
        }
        let preserve: &[&str] = if others.is_empty() { &[] } else { &["-P"] };
        lines.push(self.command(&[from, preserve, &[how, what]].concat()));
        lines
    }
}

/// `meta` of `p` with the outputs of an element, a priority, and whether it is active.
fn meta(outputs_of: Option<&Element>, priority: Option<i64>, is_active: bool) -> String {
    let mut meta = String::from("meta = (p.meta or { }) // { ");
    if let Some(element) = outputs_of {
        meta = meta + "outputsToInstall = " + &words::list(&outputs(element)) + "; ";
    }
    if let Some(priority) = priority {
        let number = if priority < 0 { format!("({priority})") } else { priority.to_string() };
        meta = meta + "priority = " + &number + "; ";
    }
    if !is_active {
        // Anything but this very string is active.
        meta += "active = \"false\"; ";
    }
    meta + "};"
}

/// By what `nix-env` knows an element.
struct Identity {
    /// Name and version.
    full: String,
    name: String,
    version: String,
    path: String,
}

impl Identity {
    fn of(element: &Element) -> Self {
        let (full, path) = nix_env::identity(element);
        let (name, version) = split_version(&full);
        Self { name: name.to_owned(), version: version.to_owned(), path, full }
    }

    fn selector(&self) -> String {
        words::selector(&self.name, &self.version)
    }
}
