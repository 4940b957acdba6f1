//! Which revision a source is at now, or what a revision of it is.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use crate::nix::Installation;
use crate::package::EvaluationError;
use crate::progress::Progress;
use crate::safe;

use super::evaluator::{Evaluator, FEATURES, Failure};
use super::pin::{is_revision, without};
use super::{Location, Pin, Spec};

/// Where a channel says which commit it was made of.
const REVISION_FILE: &str = ".git-revision";
/// No such file is longer, in bytes.
const MAX_REVISION_FILE: u64 = 100;
/// Has a tarball fetched, and says what is in it. `lastModified` is not told by every version of Nix.
const FETCH: &str = "{ url }: let tree = builtins.fetchTree { type = \"tarball\"; inherit url; }; in \
                     { inherit (tree) narHash; lastModified = tree.lastModified or null; \
                     hasFile = builtins.pathExists (tree + \"/default.nix\"); }";

/// The revision that the location of a source has now, whatever it is pinned to; or that which is asked for: a commit, or
/// of a source that is no flake the address of a tarball. It is fetched, so that its hash is known.
///
/// A flake is pinned to what Nix locks it to. `<nixpkgs>` and unpacked channels say which commit of nixpkgs they are, and
/// are pinned to the tarball of that commit, which everybody can fetch for all time; the path in the store, where they lie
/// now, can be collected. What keeps no revisions cannot be pinned, and the error says so.
pub fn find_pin(
    spec: &Spec,
    wanted: Option<&str>,
    nix: &Arc<Installation>,
    progress: &dyn Progress,
) -> Result<Pin, EvaluationError> {
    let what = format!("looking for the revision of {}", spec.name);
    let finder =
        Finder { evaluator: Evaluator::new(spec.location.clone(), None, Arc::clone(nix)), nix, what, progress };
    let found = match &spec.location {
        Location::Flake(reference) => finder.flake(reference, wanted),
        Location::File(_) | Location::SearchPath(_) => finder.file(&spec.location, wanted),
        Location::Listing(_) | Location::Folder(_) => Err(no_pin(&spec.location).unwrap_or_default().to_owned()),
    };
    found.map_err(|message| EvaluationError { attribute: String::new(), source_name: spec.name.clone(), message })
}

/// Why nothing of this kind can be held at a revision; `None` if it may be.
pub fn no_pin(location: &Location) -> Option<&'static str> {
    match location {
        Location::Flake(_) | Location::File(_) | Location::SearchPath(_) => None,
        Location::Listing(_) => Some("a listing only says what packages there are, and is not kept at a revision"),
        Location::Folder(_) => Some("a folder of packages keeps no revisions"),
    }
}

struct Finder<'a> {
    evaluator: Evaluator,
    nix: &'a Installation,
    what: String,
    progress: &'a dyn Progress,
}

/// What [`FETCH`] tells.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fetched {
    nar_hash: String,
    last_modified: Option<i64>,
    has_file: bool,
}

impl Finder<'_> {
    fn flake(&self, reference: &str, wanted: Option<&str>) -> Result<Pin, String> {
        let look = |reference: &str| {
            // What is known already may be an hour old.
            let found = self.evaluator.metadata(reference, &["--refresh"], &self.what, self.progress);
            found.map_err(|Failure(reason)| reason)
        };
        let found = look(reference)?;
        let Some(wanted) = wanted else { return found.pin() };
        if !is_revision(wanted) {
            return Err(format!("{} is no revision: those of git have 40 digits", safe::text(wanted)));
        }
        look(&at_revision(&found.resolved_url, wanted)?)?.pin()
    }

    fn file(&self, location: &Location, wanted: Option<&str>) -> Result<Pin, String> {
        if let Some(url) = wanted.filter(|wanted| wanted.contains("://")) {
            return self.tarball(url);
        }
        let place = self.evaluator.place(&self.what, self.progress).map_err(|Failure(reason)| reason)?.place;
        let place = fs::canonicalize(&place).map_err(|error| format!("cannot read {}: {error}", safe::path(&place)))?;
        let is_nixpkgs = place.join("pkgs/top-level").is_dir();
        let revision = match wanted {
            Some(wanted) if !is_revision(wanted) => {
                return Err(format!(
                    "{} is neither a revision of git, which has 40 digits, nor the address of a tarball",
                    safe::text(wanted)
                ));
            }
            Some(_) if !is_nixpkgs => {
                return Err(format!(
                    "{location} is not nixpkgs, so nothing says where its revisions are; name the address of a tarball"
                ));
            }
            Some(wanted) => wanted.to_owned(),
            None => said_revision(&place).filter(|_| is_nixpkgs).ok_or_else(|| no_revision(location, &place))?,
        };
        self.tarball(&format!("https://github.com/NixOS/nixpkgs/archive/{revision}.tar.gz"))
    }

    fn tarball(&self, url: &str) -> Result<Pin, String> {
        let fetched = self.fetch(url).map_err(|Failure(reason)| reason)?;
        if !fetched.has_file {
            return Err(format!("what is in {} has no default.nix, so it is no such source", safe::text(url)));
        }
        let pin =
            Pin::locked(&without(url, &["narHash", "lastModified"]), Some(&fetched.nar_hash), fetched.last_modified);
        let pin = pin.map_err(|error| error.to_string())?;
        pin.tarball().is_some().then_some(pin).ok_or_else(|| {
            format!("{} is no address of a tarball: those begin with https://, http:// or file://", safe::text(url))
        })
    }

    fn fetch(&self, url: &str) -> Result<Fetched, Failure> {
        let mut command = Evaluator::program(self.nix, "nix-instantiate")?;
        command.args(FEATURES).args(["--option", "tarball-ttl", "0"]);
        command.args(["--eval", "--strict", "--json", "--read-write-mode", "--expr", FETCH, "--argstr", "url", url]);
        self.evaluator.read(&Evaluator::output(command, &self.what, self.progress)?)
    }
}

/// The commit that a channel says it is.
fn said_revision(place: &Path) -> Option<String> {
    let file = place.join(REVISION_FILE);
    let is_short = fs::metadata(&file).is_ok_and(|found| found.is_file() && found.len() <= MAX_REVISION_FILE);
    let text = is_short.then(|| fs::read_to_string(file).ok()).flatten()?;
    Some(text.trim().to_owned()).filter(|revision| is_revision(revision))
}

/// Why what lies somewhere has no revision, and what to do.
fn no_revision(location: &Location, place: &Path) -> String {
    let shown = safe::path(place);
    let folder = if place.is_dir() { place } else { place.parent().unwrap_or(place) };
    if !place.is_dir() {
        return format!(
            "{location} is a Nix file, which keeps no revisions; make it a flake in git, or pin it to a tarball"
        );
    }
    if folder.join(".git").exists() {
        return format!(
            "{location} is a working tree of git at {shown}; as a flake it has revisions: give the source the location \
             git+file://{shown}, if it has a flake.nix"
        );
    }
    format!(
        "{location} is a folder, {shown}, that does not say which revision it is; name one, or the address of a tarball"
    )
}

/// The address of a flake at a commit; `resolved` is no short name.
fn at_revision(resolved: &str, revision: &str) -> Result<String, String> {
    let (place, query) = resolved.split_once('?').map_or((resolved, ""), |(place, query)| (place, query));
    let scheme = place.split(':').next().unwrap_or_default();
    if matches!(scheme, "github" | "gitlab" | "sourcehut") {
        let rest = without(&format!("?{query}"), &["rev", "ref", "narHash", "lastModified"]);
        let repository: Vec<_> = place.splitn(3, '/').take(2).collect();
        return Ok(format!("{}/{revision}{}", repository.join("/"), rest.trim_end_matches('?')));
    }
    if scheme == "git" || scheme.starts_with("git+") {
        let place = without(resolved, &["rev", "narHash", "lastModified"]);
        return Ok(format!("{place}{}rev={revision}", if place.contains('?') { '&' } else { '?' }));
    }
    Err(format!("{} is not kept in git, so it has no revisions to choose from", safe::text(resolved)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_flake_in_git_is_asked_for_at_a_revision() {
        for (resolved, expected) in [
            ("github:NixOS/nixpkgs", "github:NixOS/nixpkgs/REV"),
            ("github:NixOS/nixpkgs/nixos-unstable?dir=lib", "github:NixOS/nixpkgs/REV?dir=lib"),
            ("github:a/b?ref=main", "github:a/b/REV"),
            ("git+file:///x", "git+file:///x?rev=REV"),
            ("git+https://x.org/y?ref=main&rev=1&dir=z", "git+https://x.org/y?ref=main&dir=z&rev=REV"),
        ] {
            assert_eq!(at_revision(resolved, REVISION).unwrap(), expected.replace("REV", REVISION), "{resolved}");
        }
        for resolved in ["path:/x", "https://x.org/y.tar.gz"] {
            assert!(at_revision(resolved, REVISION).unwrap_err().contains("not kept in git"), "{resolved}");
        }
    }

    #[test]
    fn a_channel_says_its_commit_in_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(said_revision(folder.path()), None);
        for (text, expected) in [
            (format!("{REVISION}\n"), Some(REVISION)),
            (REVISION.to_owned(), Some(REVISION)),
            ("master\n".to_owned(), None),
            (format!("../{REVISION}"), None),
            (REVISION.repeat(9), None),
        ] {
            fs::write(folder.path().join(REVISION_FILE), text).unwrap();
            assert_eq!(said_revision(folder.path()).as_deref(), expected);
        }
    }
}
