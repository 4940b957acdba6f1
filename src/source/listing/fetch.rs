//! A listing fetched by Nix.

use std::path::PathBuf;

use crate::nix::Installation;
use crate::progress::Progress;
use crate::safe;

use super::super::evaluator::{Evaluator, Failure};
use super::ListingError;

/// The address is an argument of it, so that it cannot become code. A name of its own, for not every address ends in one
/// that the store takes.
const EXPRESSION: &str = "{ url }: builtins.fetchurl { inherit url; name = \"packages.json\"; }";

/// Has Nix fetch what is at `url`; the file lies in Nix' store, and no root keeps it there.
///
/// Nix remembers what it fetched and asks the server whether that has changed only after its `tarball-ttl`, an hour if not
/// set otherwise; where there is no network then, it takes what it has (`src/libfetchers/tarball.cc`). A body that the
/// server sent compressed is unpacked already, whatever the address ends in.
pub fn fetch(url: &str, nix: &Installation, progress: &dyn Progress) -> Result<PathBuf, ListingError> {
    let failed = |Failure(reason)| {
        if progress.is_cancelled() {
            return ListingError::Cancelled;
        }
        ListingError::Fetch { url: url.to_owned(), reason }
    };
    let mut command = Evaluator::program(nix, "nix-instantiate").map_err(failed)?;
    command.args(["--eval", "--strict", "--json", "--read-write-mode", "--expr", EXPRESSION, "--argstr", "url", url]);
    let what = format!("fetching {}", safe::text(url));
    let output = Evaluator::output(command, &what, progress).map_err(failed)?;
    serde_json::from_slice(&output).map_err(|error| {
        failed(Failure(format!("Nix answered what cannot be read: {}", safe::text(&error.to_string()))))
    })
}
