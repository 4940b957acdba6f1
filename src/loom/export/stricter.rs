//! What nixpkgs' builder would make of the packages that the profile's does not: the two follow different rules
//! (semantics 4), and an exported file goes by the former.

use super::super::planned::request;
use super::super::{Loom, changes_of};
use crate::engine::{self, Collision, Difference, NixpkgsRules, Plan, Request, Rules, Settlement};
use crate::profile::Element;
use crate::safe;

/// How many paths are told by name; of the others, the number.
const TOLD: usize = 5;

/// How many ways out are looked at.
const WAYS: usize = 8;

impl Loom {
    /// Where the environment that `buildEnv` builds of these elements would be refused, or be another than that of a
    /// profile. One sentence each, without a full stop; none if what they hold is not known to the end.
    pub(super) fn stricter(&self, elements: &[Element]) -> Vec<String> {
        let files = self.store.files();
        let nix = request(elements);
        let nixpkgs = Request { rules: Rules::Nixpkgs(NixpkgsRules::default()), ..nix.clone() };
        let Ok(profile) = engine::plan(&nix, files) else { return Vec::new() };
        let built = match engine::plan(&nixpkgs, files) {
            Ok(built) => built,
            Err(error) => return vec![format!("nixpkgs' buildEnv refuses this, as the profile does not: {error}")],
        };
        if !(profile.unknown.is_empty() && built.unknown.is_empty()) {
            return Vec::new();
        }
        let refused: Vec<_> = built.blocking().collect();
        if !refused.is_empty() {
            let way = self.way_out(&nix, &nixpkgs, &built, elements);
            let way = way.map(|way| format!("; this change of the profile would settle it: {way}"));
            let paths = told(refused.iter().map(|collision| refusal(collision)).collect(), "; ");
            return vec![format!(
                "nixpkgs' buildEnv refuses this, as the profile does not: {paths}{}",
                way.unwrap_or_default()
            )];
        }
        let difference = engine::diff(&profile, &built, files).unwrap_or_default();
        other_tree(&difference).into_iter().collect()
    }

    /// Changes under which both builders build, in the notation of the command line.
    fn way_out(&self, nix: &Request, nixpkgs: &Request, built: &Plan, elements: &[Element]) -> Option<String> {
        let files = self.store.files();
        let ways = engine::suggest(nixpkgs, &[], built, files, WAYS).into_iter().filter(|way| way.builds);
        let is_for_both = |settlements: &[Settlement]| {
            let mut changed = nix.clone();
            settlements.iter().all(|settlement| settle(&mut changed, settlement))
                && engine::plan(&changed, files).is_ok_and(|plan| plan.builds())
        };
        let way = ways.into_iter().find(|way| is_for_both(&way.settlements))?;
        let changes = changes_of(&way, elements);
        Some(changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }
}

/// Changes a request as a settlement says, if that only changes a number.
fn settle(request: &mut Request, settlement: &Settlement) -> bool {
    let Settlement::Priority { package, priority } = settlement else { return false };
    let package = request.packages.iter_mut().find(|it| it.name == *package);
    package.map(|package| package.priority = *priority).is_some()
}

fn refusal(collision: &Collision) -> String {
    let mut packages: Vec<_> = collision.contenders.iter().map(|it| safe::text(&it.package)).collect();
    packages.dedup();
    format!("{} of {}: {}", safe::bytes(&collision.path), packages.join(", "), collision.reason())
}

fn other_tree(difference: &Difference) -> Option<String> {
    let part = |paths: &[Box<[u8]>], before: &str, after: &str| {
        let paths: Vec<_> = paths.iter().map(|path| safe::bytes(path)).collect();
        (!paths.is_empty()).then(|| format!("{before}{}{after}", told(paths, ", ")))
    };
    let parts: Vec<_> = [
        part(&difference.added, "it has ", " besides"),
        part(&difference.removed, "it lacks ", ""),
        part(&difference.changed, "", " lead to other files"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty())
        .then(|| format!("nixpkgs' buildEnv makes another tree of this than the profile: {}", parts.join("; ")))
}

/// The first few, and how many more there are.
fn told(mut texts: Vec<String>, between: &str) -> String {
    let more = texts.len().saturating_sub(TOLD);
    texts.truncate(TOLD);
    let all = texts.join(between);
    if more == 0 { all } else { format!("{all}{between}and {more} more") }
}
