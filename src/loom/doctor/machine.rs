//! The Nix of this machine: its programs, its configuration, and whether its store can be reached.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::fs::{Access as Permission, access as may};

use super::bounded::{NoVersion, version, within_limit};
use super::{Report, some};
use crate::loom::Loom;
use crate::nix::{Access, Installation};
use crate::profile::{Profile, nix_profile};
use crate::safe;

/// Asked for their version in this order until one tells it. Never `nix-env`, which makes `~/.nix-profile` and
/// `~/.nix-defexpr` even for `--version` (observed in 2.8, 2.26 and 2.34).
const PROGRAMS: [&str; 3] = ["nix", "nix-store", "nix-daemon"];

pub(super) fn programs(nix: Option<&Installation>, report: &mut Report) {
    let Some(nix) = nix else {
        report.note("Nix", "neither its store nor one of its programs is here; the local store does without", "");
        return;
    };
    let found: Vec<_> = PROGRAMS.iter().filter_map(|name| nix.program(name)).collect();
    let shown = some(found.iter().cloned().chain(nix.program("nix-env")).map(|program| safe::path(&program)));
    if found.is_empty() {
        let detail = format!("of its programs there is {}", if shown.is_empty() { "none" } else { &shown });
        report.note("Nix", detail, "install Nix, or put its programs on PATH");
        return;
    }
    for program in &found {
        match version(program) {
            Ok(version) => return report.ok("Nix", format!("{}: {shown}", safe::text(&version))),
            // It may be that one only: in 2.26 `nix-store` fails for who may not open the store, and `nix` answers.
            Err(NoVersion::Silent) => {}
            Err(NoVersion::Late) => {
                let detail = format!("{} --version does not answer within two seconds", safe::path(program));
                return report.problem("Nix", detail, "try it in a shell; install Nix anew if it hangs there too");
            }
        }
    }
    report.problem("Nix", format!("none tells its version: {shown}"), "try them in a shell; install Nix anew");
}

/// Whether the store of this Nix is there and can be reached; `socket` is where a daemon would listen.
pub(super) fn access(nix: &Installation, socket: &Path, report: &mut Report) {
    let store = safe::path(&nix.store_directory);
    if nix.store_directory.is_dir() {
        report.ok("store directory", store);
    } else {
        report.problem("store directory", format!("{store} is not there"), "set NIX_STORE_DIR, or install Nix anew");
    }
    match &nix.access {
        Access::Daemon { socket } => daemon(socket, report),
        Access::Direct => direct(nix, socket, report),
        Access::Unsupported { remote } => report.problem(
            "way to the store",
            format!("NIX_REMOTE is {}, which this program does not do", safe::text(remote)),
            "unset NIX_REMOTE, or set it to daemon",
        ),
    }
}

fn daemon(socket: &Path, report: &mut Report) {
    const WHAT: &str = "way to the store";
    let start = "start it, e.g. with `systemctl start nix-daemon.socket`";
    let (shown, to) = (safe::path(socket), socket.to_owned());
    let problem = match within_limit(move || UnixStream::connect(to)) {
        Some(Ok(_)) => return report.ok(WHAT, format!("a daemon listens at {shown}")),
        None => "takes no connection within two seconds".to_owned(),
        Some(Err(error)) if error.kind() == ErrorKind::NotFound => "is not there: no daemon runs".to_owned(),
        Some(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => "was left by a daemon that died".to_owned(),
        Some(Err(error)) => format!("cannot be used: {error}"),
    };
    report.problem(WHAT, format!("{shown} {problem}"), start);
}

fn direct(nix: &Installation, socket: &Path, report: &mut Report) {
    const WHAT: &str = "way to the store";
    let state = safe::path(&nix.state_directory);
    let is_there = nix.state_directory.is_dir();
    if is_there && may(&nix.state_directory, Permission::READ_OK | Permission::WRITE_OK).is_err() {
        let detail = format!("{state} belongs to others, and no daemon listens at {}", safe::path(socket));
        report.problem(WHAT, detail, "start the daemon, e.g. with `systemctl start nix-daemon.socket`");
    } else if nix.program("nix-daemon").is_none() {
        report.problem(WHAT, "there is no program nix-daemon to open it", "put the programs of Nix on PATH");
    } else if is_there {
        report.ok(WHAT, format!("directly, with the state in {state}"));
    } else {
        report.note(WHAT, format!("directly; {state} is not there yet"), "");
    }
}

/// The store that was opened, and what it tells of itself.
pub(super) fn store(loom: &Loom, report: &mut Report) {
    let about = loom.about();
    let directory = safe::path(&about.store_directory);
    let store = format!("{} in {directory}", safe::text(&about.store));
    if fs::symlink_metadata(&about.store_directory).is_ok() {
        report.ok("store", store);
    } else {
        report.note("store", format!("{store}, which is not there yet: the first installation makes it"), "");
    }
    match loom.store.facts() {
        Ok(facts) => {
            for (name, value) in facts {
                report.ok("store", format!("{}: {}", safe::text(&name), safe::text(&value)));
            }
        }
        Err(error) => report.problem("store", safe::text(&error.to_string()), ""),
    }
}

pub(super) fn config(nix: &Installation, profile: &Profile, report: &mut Report) {
    let features = &nix.config.experimental_features;
    let names = some(features.iter().map(|name| safe::text(name)));
    let names = if features.is_empty() { "none".to_owned() } else { names };
    let is_of_nix_profile =
        profile.environment().ok().flatten().is_some_and(|it| it.join(nix_profile::FILE_NAME).exists());
    if is_of_nix_profile && !nix.config.has_nix_command() {
        report.note(
            "configuration",
            format!("the profile is one of `nix profile`, which is not enabled; experimental features: {names}"),
            "write `extra-experimental-features = nix-command flakes` in nix.conf to use it beside nix-loom",
        );
    } else {
        report.ok("configuration", format!("experimental features: {names}"));
    }
}
