//! Whether a shell finds what is installed.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use super::{Report, some, word};
use crate::loom::search_path::executable;
use crate::loom::{Loom, SearchPath};
use crate::profile::Profile;
use crate::safe;

pub(super) fn look(search_path: &SearchPath, profile: &Profile, opened: Option<&Loom>, report: &mut Report) {
    const WHAT: &str = "PATH";
    let folders = search_path.folders();
    match search_path.profile() {
        Some(at) => {
            let place = format!("{} is folder {} of {}", safe::path(&folders[at]), at + 1, folders.len());
            report.ok(WHAT, format!("the profile's {place}"));
        }
        None => match search_path.missing() {
            Some(bin) => report.note(
                WHAT,
                "no folder on it is the profile's, so a shell does not find what is installed",
                format!("write `export PATH={}:$PATH` in your shell's startup file", word(bin)),
            ),
            None => report.note(WHAT, "it names no folder", "set PATH"),
        },
    }
    let bin = profile.link().join("bin");
    let names: Vec<OsString> = fs::read_dir(&bin).into_iter().flatten().flatten().map(|it| it.file_name()).collect();
    let own: HashSet<&[u8]> = names.iter().map(|name| name.as_bytes()).collect();
    let is_other = |name: &[u8], path: &std::path::Path| {
        let ours = executable(&bin.join(std::ffi::OsStr::from_bytes(name)));
        ours.is_some() && ours != executable(path)
    };
    let mut hidden = search_path.hidden(&own);
    hidden.retain(|(name, by)| is_other(name, by));
    if !hidden.is_empty() {
        let shown = some(hidden.iter().map(|(name, by)| format!("{} by {}", safe::bytes(name), safe::path(by))));
        let detail = format!("commands of the profile hidden by folders that stand earlier: {shown}");
        report.note(WHAT, detail, "put the profile's folder before theirs if you mean its commands");
    }
    let elsewhere = opened.map(Loom::elsewhere).unwrap_or_default();
    if !elsewhere.is_empty() {
        let places = some(elsewhere.places().iter().map(|place| safe::path(place)));
        report.ok("other environments", format!("{} known from {places}", elsewhere.len()));
    }
}
