//! Environments that are yet to be built, worked out from the derivations that build them: each by the rules of its own
//! builder, and what it will be is what the store's files show of it until it is there. So an environment is merged into a
//! profile before anything of it is built.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::Loom;
use crate::engine::{self, Output, Plan, PlanError, Request, nar};
use crate::package::Package;
use crate::progress::Progress;
use crate::safe;
use crate::source::Environment;
use crate::store::listing::Unlisted;

/// An environment as its builder will make it.
#[derive(Clone, Debug)]
pub struct OwnPlan {
    /// What it is called, without a version.
    pub name: String,
    /// Where in the store it is, or will be.
    pub path: PathBuf,
    /// By the rules of its builder; or why there can be none.
    pub plan: Result<Arc<Plan>, PlanError>,
    /// Of which of its packages no listing could be had, and why.
    pub unlisted: Vec<Unlisted>,
    /// What may make it another than planned; sentences without a full stop, safe for a terminal.
    pub doubts: Vec<String>,
}

impl OwnPlan {
    /// Whether it can be built, as far as is known.
    pub fn builds(&self) -> bool {
        self.plan.as_ref().is_ok_and(|plan| plan.builds())
    }

    /// Whether it will be what is planned, to the last link.
    pub fn is_certain(&self) -> bool {
        self.doubts.is_empty() && self.plan.as_ref().is_ok_and(|plan| plan.unknown.is_empty())
    }

    /// Why it may become another than planned, in one sentence; empty if it will not.
    pub(super) fn doubt(&self) -> String {
        let mut doubts = self.doubts.clone();
        match &self.plan {
            Ok(plan) if plan.unknown.is_empty() => {}
            Ok(_) => doubts.push("not all that is in it is known until it is fetched".to_owned()),
            Err(error) => doubts.push(error.to_string()),
        }
        doubts.join("; ")
    }

    /// What keeps it from being built; one sentence without a full stop, safe for a terminal. `None` if nothing does.
    pub fn obstacle(&self) -> Option<String> {
        let name = safe::text(&self.name);
        let plan = match &self.plan {
            Err(error) => return Some(format!("{name} cannot be built: {error}")),
            Ok(plan) => plan,
        };
        let problems = plan.problems.iter().map(ToString::to_string);
        let rules = plan.rules.name();
        let collisions: Vec<_> = plan.blocking().collect();
        let blocking = collisions.first().map(|first| {
            let mut who: Vec<_> = first.contenders.iter().map(|contender| safe::text(&contender.package)).collect();
            who.dedup();
            let path = safe::bytes(&first.path);
            let blocks = match collisions.len() {
                1 => format!("{path} of {} collides in it", who.join(" and ")),
                many => format!("{many} paths collide in it, such as {path} of {}", who.join(" and ")),
            };
            format!("{blocks}, which the rules `{rules}` of its builder refuse")
        });
        let why: Vec<String> = problems.chain(blocking).collect();
        (!why.is_empty()).then(|| format!("{name} cannot be built: {}", why.join("; ")))
    }

    /// The SHA-256 hash that Nix will give the built environment, as 64 hexadecimal digits; `None` if it may be another, or
    /// cannot be built.
    pub fn nar_hash(&self) -> Option<String> {
        let plan = self.plan.as_ref().ok().filter(|plan| plan.builds() && self.is_certain())?;
        let mut hash = Hash(Sha256::new());
        nar::write_plan(plan, &mut hash).ok()?;
        Some(hash.0.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}

/// Hashes all that is written to it.
struct Hash(Sha256);

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was worked out so far.
#[derive(Default)]
pub(super) struct Foreseen {
    pub environments: Vec<OwnPlan>,
    seen: HashSet<PathBuf>,
}

impl Loom {
    /// Works out those of the packages' outputs that are environments and are not here, and the environments in them; the
    /// store's files show them from now on.
    pub(super) fn foresee(&self, packages: &[Package], wanted: &[PathBuf], progress: &dyn Progress) -> Foreseen {
        let mut foreseen = Foreseen::default();
        for package in packages {
            let outputs = package.outputs.iter().filter_map(|output| output.path.as_deref());
            if outputs.clone().any(|path| wanted.iter().any(|wanted| wanted == path)) {
                self.foresee_package(package, &mut foreseen, progress);
            }
        }
        foreseen
    }

    fn foresee_package(&self, package: &Package, foreseen: &mut Foreseen, progress: &dyn Progress) {
        let Some(evaluated) = &package.evaluated else { return };
        // A builder of environments makes one output.
        let [output] = &*package.outputs else { return };
        let Some(path) = output.path.as_deref().filter(|path| path.symlink_metadata().is_err()) else { return };
        if !foreseen.seen.insert(path.to_owned()) || progress.is_cancelled() {
            return;
        }
        // What its derivation does not tell is not known, as of any other package.
        let Ok(Some(environment)) = Environment::load(&evaluated.derivation, &package.source) else { return };
        let own = self.own_plan(package, path, &environment, foreseen, progress);
        if let Ok(plan) = &own.plan
            && let Ok(listing) = plan.listing()
        {
            self.store.foresee(path, Arc::new(listing));
        }
        foreseen.environments.push(own);
    }

    /// Works out an environment, here or not; `None` if only its build tells where it is.
    pub(super) fn own_plan_of(
        &self,
        package: &Package,
        environment: &Environment,
        progress: &dyn Progress,
    ) -> Option<OwnPlan> {
        let path = package.outputs.first()?.path.as_deref()?;
        Some(self.own_plan(package, path, environment, &mut Foreseen::default(), progress))
    }

    /// `foreseen` is about those in it.
    fn own_plan(
        &self,
        package: &Package,
        path: &Path,
        environment: &Environment,
        foreseen: &mut Foreseen,
        progress: &dyn Progress,
    ) -> OwnPlan {
        for inner in &environment.packages {
            self.foresee_package(inner, foreseen, progress);
        }
        let taken = environment.packages.iter().flat_map(|inner| outputs(inner).into_iter());
        let paths: Vec<PathBuf> = taken.map(|(_, path)| path).collect();
        let unlisted = self.store.learn(&paths, progress);
        let plan = engine::plan(&request(environment), self.store.files()).map(|mut plan| {
            // What may become another in it may become another of it.
            let doubtful =
                foreseen.environments.iter().filter(|inner| !inner.is_certain() && paths.contains(&inner.path));
            plan.unknown.extend(doubtful.map(|inner| Box::from(inner.path.as_os_str().as_bytes())));
            plan.unknown.sort_unstable();
            plan.unknown.dedup();
            match &environment.manifest {
                Some(target) => plan.with_root_link(b"manifest.nix", target.as_bytes()),
                None => plan,
            }
        });
        let mut doubts = environment.gaps.clone();
        if environment.post_build.is_some() {
            doubts.push("its postBuild commands may change it once it is built".to_owned());
        }
        let full_name = package.evaluated.as_ref().map(|evaluated| &*evaluated.full_name);
        let name = crate::profile::split_version(full_name.unwrap_or(&package.name)).0.to_owned();
        OwnPlan { name, path: path.to_owned(), plan: plan.map(Arc::new), unlisted, doubts }
    }
}

/// The environment as the engine is asked for it.
fn request(environment: &Environment) -> Request {
    let package = |package: &Package| engine::Package {
        name: package.name.as_str().into(),
        priority: package.priority,
        active: true,
        outputs: outputs(package)
            .into_iter()
            .map(|(name, path)| Output { name: name.into(), path: path.as_os_str().as_bytes().into() })
            .collect(),
    };
    let packages = environment.packages.iter().map(package).collect();
    Request { rules: environment.rules.clone(), packages, compare_contents: true }
}

/// The outputs that an environment takes of a package.
fn outputs(package: &Package) -> Vec<(&str, PathBuf)> {
    let output = |name: &String| {
        let output = package.output(name)?;
        Some((output.name.as_str(), output.path.clone()?))
    };
    package.default_outputs.iter().filter_map(output).collect()
}
