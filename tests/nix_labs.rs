//! What the matrix of real Nix stands on: in every lab Nix works as it should without us, and its judges can say no.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;

use support::judge::{Kind, differences};
use support::lab::{Lab, Who, in_every_lab};
use support::tree::{Node, Tree};

in_every_lab!(nix_env_is_judged, nix_profile_is_judged, everybody_is_who_he_should_be);

fn everybody_is_who_he_should_be(lab: &Lab) {
    let said = lab.run("sh", &["-c", "id -u; id -gn; echo $HOME; echo $NIX_REMOTE; pwd; nix --version"]);
    let (id, group) = if lab.who == Who::Alice { ("4242", "alice") } else { ("0", "root") };
    let remote = if lab.who == Who::Root { "" } else { "daemon" };
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[..5], [id, group, lab.home(), remote, lab.home()]);
    assert!(lines[5].starts_with(&format!("nix (Nix) {}.", lab.version)), "{}", lines[5]);
    // A build is made by a builder of the daemon's, or by root where there is none.
    let who_builds = "derivation { name = \"who\"; system = builtins.currentSystem; builder = \"/bin/sh\";
        args = [ \"-c\" \"/usr/bin/id -un >$out\" ]; }";
    let out = lab.run("nix-build", &["--no-out-link", "-E", who_builds]);
    let builder = fs::read_to_string(lab.host(out.trim_end())).unwrap();
    let expected = if lab.who == Who::Root { "root" } else { "nixbld" };
    assert!(builder.starts_with(expected), "{builder}");
    // The root itself is shared, so nobody may write to it.
    assert_ne!(lab.any("touch", &["/etc/written"]).code, Some(0));
    assert_eq!(lab.any("sh", &["-c", "exit 7"]).code, Some(7));
    let program = lab.loom_command(&["--version"]).output().unwrap();
    assert!(program.stdout.starts_with(b"nix-loom "), "{}", String::from_utf8_lossy(&program.stderr));
}

fn nix_env_is_judged(lab: &Lab) {
    let profile = &lab.profile("mine");
    lab.nix_installs(Kind::NixEnv, profile, &["hello", "several", "carrier", "odd", "even", "meek"]);
    lab.assert_as_nix_builds(Kind::NixEnv, profile);
    lab.run("nix-env", &["--profile", profile, "--set-flag", "active", "false", "even"]);
    lab.run("nix-env", &["--profile", profile, "--set-flag", "priority", "4", "carrier"]);
    let listed = lab.nix_lists(Kind::NixEnv, profile);
    let names: Vec<_> = listed.keys().map(String::as_str).collect();
    assert_eq!(names, ["carrier", "even", "hello", "meek", "odd-font", "several"]);
    assert_eq!((listed["even"].active, listed["even"].priority), (false, 5));
    assert_eq!((listed["carrier"].active, listed["carrier"].priority), (true, 4));
    assert_eq!(listed["meek"].priority, 10);
    assert_eq!(outputs(lab, &listed["several"].paths), ["several-1.5-rc1", "several-1.5-rc1-man"]);
    lab.assert_as_nix_builds(Kind::NixEnv, profile);
    assert_eq!(lab.generations(profile).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3]);

    lab.assert_nix_goes_on(Kind::NixEnv, profile, &listed);

    // An inactive element is needed as well, and is in no link.
    let environment = lab.follow(profile);
    assert!(lab.needs(&environment).is_superset(&listed["even"].paths));
    lab.collect_garbage(profile);

    lab.nix_removes(Kind::NixEnv, profile, "carrier");
    assert!(!lab.nix_lists(Kind::NixEnv, profile).contains_key("carrier"));
    lab.nix_rolls_back(Kind::NixEnv, profile);
    assert_eq!((lab.follow(profile), lab.nix_lists(Kind::NixEnv, profile)), (environment, listed));

    // What was in deleted generations only goes with the next collection.
    lab.nix_removes(Kind::NixEnv, profile, "odd-font");
    let odd = lab.generations(profile)[0].1.clone();
    lab.run("nix-env", &["--profile", profile, "--delete-generations", "old"]);
    lab.collect_garbage(profile);
    assert!(!lab.is_there(&odd));
}

fn nix_profile_is_judged(lab: &Lab) {
    let profile = &lab.profile("mine");
    for attribute in ["hello", "several", "odd", "even"] {
        lab.nix_installs(Kind::NixProfile, profile, &[attribute]);
    }
    let listed = lab.nix_lists(Kind::NixProfile, profile);
    assert_eq!(listed.keys().map(String::as_str).collect::<Vec<_>>(), ["even", "hello", "odd", "several"]);
    // 2.8 installs one output, whatever a package says.
    let several: &[&str] =
        if lab.version == "2.8" { &["several-1.5-rc1"] } else { &["several-1.5-rc1", "several-1.5-rc1-man"] };
    assert_eq!(outputs(lab, &listed["several"].paths), several);
    lab.assert_as_nix_builds(Kind::NixProfile, profile);
    lab.assert_nix_goes_on(Kind::NixProfile, profile, &listed);
    lab.collect_garbage(profile);

    lab.nix_removes(Kind::NixProfile, profile, "hello");
    assert_eq!(lab.nix_lists(Kind::NixProfile, profile).len(), 3);
    lab.nix_rolls_back(Kind::NixProfile, profile);
    assert_eq!(lab.nix_lists(Kind::NixProfile, profile), listed);
    assert_eq!(lab.generations(profile).len(), 5);

    if lab.version != "2.8" {
        lab.nix_installs(Kind::NixProfile, profile, &["meek"]);
        assert_eq!(lab.nix_lists(Kind::NixProfile, profile)["meek"].priority, 10);
        lab.assert_as_nix_builds(Kind::NixProfile, profile);
    }
}

#[test]
fn a_relocated_store_is_another_store() {
    for version in ["2.8", "2.26", "2.34"] {
        let Some(lab) = Lab::relocated_or_skip(version) else { return };
        let profile = &lab.profile("mine");
        lab.nix_installs(Kind::NixEnv, profile, &["hello", "odd", "even"]);
        assert!(lab.follow(profile).starts_with("/tmp/elsewhere/store/"));
        lab.assert_as_nix_builds(Kind::NixEnv, profile);
        lab.collect_garbage(profile);
        assert!(!lab.is_there("/nix/store"));
    }
}

#[test]
fn an_environment_that_nix_would_not_build_is_found_out() {
    let Some(lab) = Lab::or_skip("2.26", Who::Root) else { return };
    let profile = &lab.profile("mine");
    lab.nix_installs(Kind::NixEnv, profile, &["hello", "meek"]);
    // The same with one link more, one link less and one that leads elsewhere.
    let real = lab.environment(profile);
    let mut forged = real.clone();
    forged.0.insert(b"bin/more".to_vec(), Node::Link(b"/nowhere".to_vec()));
    forged.0.insert(b"bin/hello".to_vec(), Node::Link(b"/elsewhere".to_vec()));
    assert!(forged.0.remove(b"bin/meek".as_slice()).is_some());
    forged.make(&lab.host("/root/forged"));
    let path = lab.run("nix-store", &["--add", "/root/forged"]);
    symlink(path.trim_end(), lab.host("/root/forged-profile")).unwrap();

    let rebuilt = lab.nix_rebuilds(Kind::NixEnv, "/root/forged-profile");
    assert_eq!(lab.follow("/root/forged-profile"), path.trim_end(), "the profile itself stays");
    assert_eq!(Tree::read(&lab.host(&rebuilt)), real);
    let found: Vec<_> = differences(&lab.environment("/root/forged-profile"), &real);
    let found: Vec<_> = found.iter().map(|line| line.split_once(" a link").unwrap().0).collect();
    assert_eq!(found, ["< bin/hello", "< bin/more", "> bin/hello", "> bin/meek"]);
}

#[test]
fn a_collection_that_deletes_what_a_generation_needs_is_found_out() {
    let Some(lab) = Lab::or_skip("2.26", Who::Root) else { return };
    // A profile outside the state directory, made by hand: no root of the collector.
    lab.nix_installs(Kind::NixEnv, "/nix/var/nix/profiles/real", &["hello"]);
    symlink(lab.follow("/nix/var/nix/profiles/real"), lab.host("/root/mine-1-link")).unwrap();
    symlink("mine-1-link", lab.host("/root/mine")).unwrap();
    lab.collect_garbage("/root/mine");
    for link in ["real", "real-1-link"] {
        fs::remove_file(lab.host(format!("/nix/var/nix/profiles/{link}"))).unwrap();
    }
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lab.collect_garbage("/root/mine")));
    let message = *result.expect_err("it is gone").downcast::<String>().unwrap();
    assert!(message.contains("was deleted"), "{message}");
}

/// The names of store paths, without their hashes, sorted.
fn outputs<'a>(lab: &Lab, paths: &'a BTreeSet<String>) -> Vec<&'a str> {
    let mut names: Vec<_> = paths.iter().map(|path| &path[lab.store().len() + 34..]).collect();
    names.sort_unstable();
    names
}
