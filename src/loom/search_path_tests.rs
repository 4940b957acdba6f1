use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

/// A profile at `state/profile` → `profile-1-link` → `env`, and folders of PATH beside it.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        for folder in ["state", "env/bin", "home"] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        symlink(machine.path("env"), machine.path("state/profile-1-link")).unwrap();
        symlink("profile-1-link", machine.path("state/profile")).unwrap();
        symlink(machine.path("state/profile"), machine.path("home/.nix-profile")).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, path: &str, mode: u32) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn search_path(&self, folders: &[&str]) -> SearchPath {
        let folders: Vec<_> = folders.iter().map(|folder| self.path(folder)).collect();
        SearchPath::new(&folders, &Located::at(self.path("state/profile")))
    }

    /// `NAME: why`, with the machine's own root left out, for a plan before and after which these commands are there.
    fn meanings(&self, folders: &[&str], before: &[&str], after: &[&str]) -> Vec<String> {
        let names = |some: &[&str], others: &[&str]| -> Vec<Box<[u8]>> {
            some.iter().filter(|name| !others.contains(name)).map(|name| name.as_bytes().into()).collect()
        };
        let changed = before.iter().filter(|name| after.contains(name)).map(|name| name.as_bytes().into()).collect();
        let commands = Changed { added: names(after, before), removed: names(before, after), changed };
        let provide = |names: &[&str], name: &[u8]| {
            names
                .iter()
                .any(|it| it.as_bytes() == name)
                .then(|| Program { file: executable(&self.path("pkg/bin").join(OsStr::from_bytes(name))) })
        };
        let search_path = self.search_path(folders);
        let meanings = search_path.meanings(&commands, &|name| provide(before, name), &|name| provide(after, name));
        let root = format!("{}/", self.0.path().display());
        let told = |it: &Meaning| format!("{}: {}", safe::bytes(&it.command), it.why().replace(&root, ""));
        meanings.iter().map(told).collect()
    }
}

const FOLDERS: [&str; 3] = ["early", "home/.nix-profile/bin", "late"];

#[test]
fn a_folder_is_the_profiles_through_whatever_links_but_not_past_its_own() {
    let machine = Machine::new();
    symlink(machine.path("home/.nix-profile/bin"), machine.path("mine")).unwrap();
    symlink(machine.path("state"), machine.path("moved")).unwrap();
    symlink(machine.path("loop"), machine.path("loop")).unwrap();
    for folder in ["state/profile/bin", "home/.nix-profile/bin", "mine", "moved/profile/bin", "home/../mine/."] {
        assert_eq!(machine.search_path(&["late", folder]).profile(), Some(1), "{folder}");
        assert_eq!(machine.search_path(&["late", folder]).missing(), None);
    }
    for folder in ["env/bin", "state/profile-1-link/bin", "state/profile", "state/profile/sbin", "loop/bin", "gone"] {
        assert_eq!(machine.search_path(&["late", folder]).profile(), None, "{folder}");
        assert_eq!(machine.search_path(&["late", folder]).missing(), Some(&*machine.path("state/profile/bin")));
    }
    assert_eq!(machine.search_path(&[]).missing(), None, "nothing is known, so nothing is said");
}

#[test]
fn a_profile_that_is_not_there_yet_is_found_by_the_name_it_will_have() {
    let machine = Machine::new();
    let profile = crate::profile::Profile::at(machine.path("later/profiles/profile"));
    let located = Located { profile, alias: machine.path("home/.later") };
    let of = |folder: &str| SearchPath::new(&[machine.path(folder)], &located).profile();
    assert_eq!((of("home/.later/bin"), of("later/profiles/profile/bin")), (Some(0), Some(0)));
    symlink(machine.path("state/profile"), machine.path("home/.later")).unwrap();
    assert_eq!(of("home/.later/bin"), None, "it leads to another profile by now");
}

#[test]
fn a_new_command_takes_the_place_of_a_later_one_and_is_hidden_by_an_earlier() {
    let machine = Machine::new();
    machine.command("late/rg", 0o755);
    machine.command("late/vi", 0o755);
    machine.command("early/vi", 0o755);
    let told = machine.meanings(&FOLDERS, &[], &["rg", "vi", "unknown"]);
    let expected = ["rg: takes the place of late/rg", "vi: hidden by early/vi, which stands earlier on PATH"];
    assert_eq!(told, expected);
}

#[test]
fn a_removed_command_falls_back_to_a_later_one() {
    let machine = Machine::new();
    machine.command("late/rg", 0o755);
    machine.command("early/vi", 0o755);
    assert_eq!(machine.meanings(&FOLDERS, &["rg", "vi"], &[]), ["rg: falls back to late/rg"]);
    assert_eq!(machine.meanings(&FOLDERS, &["rg", "vi"], &["rg", "vi"]).len(), 1, "only vi goes on to be another's");
}

#[test]
fn before_and_after_are_what_a_shell_runs() {
    let machine = Machine::new();
    machine.command("late/rg", 0o755);
    let commands = Changed { added: vec![b"rg".as_slice().into()], ..Changed::default() };
    let here = |_: &[u8]| Some(Program { file: None });
    let meanings = machine.search_path(&FOLDERS).meanings(&commands, &|_| None, &here);
    assert_eq!(meanings[0].before, Some(machine.path("late/rg")));
    assert_eq!(meanings[0].after, Some(machine.path("home/.nix-profile/bin/rg")));
}

#[test]
fn what_cannot_be_run_is_no_command() {
    let machine = Machine::new();
    machine.command("early/rg", 0o644);
    fs::create_dir_all(machine.path("early/fd")).unwrap();
    symlink("gone", machine.path("early/jq")).unwrap();
    machine.command("late/rg", 0o755);
    assert_eq!(machine.meanings(&FOLDERS, &[], &["rg", "fd", "jq"]), ["rg: takes the place of late/rg"]);
}

#[test]
fn the_same_file_by_another_name_means_the_same() {
    let machine = Machine::new();
    machine.command("pkg/bin/rg", 0o755);
    for folder in ["early", "late"] {
        fs::create_dir_all(machine.path(folder)).unwrap();
        symlink(machine.path("pkg/bin/rg"), machine.path(folder).join("rg")).unwrap();
        let folders = [folder, "home/.nix-profile/bin"];
        let folders = if folder == "late" { [folders[1], folders[0]] } else { folders };
        assert!(machine.meanings(&folders, &[], &["rg"]).is_empty(), "{folder}");
        assert!(machine.meanings(&folders, &["rg"], &[]).is_empty(), "{folder}");
    }
}

#[test]
fn without_the_profile_on_path_no_command_changes() {
    let machine = Machine::new();
    machine.command("late/rg", 0o755);
    assert!(machine.meanings(&["late"], &[], &["rg"]).is_empty());
}

#[test]
fn many_commands_are_told_like_few() {
    let machine = Machine::new();
    let names: Vec<String> = (0..3 * FEW).map(|number| format!("command-{number:05}")).collect();
    for (number, name) in names.iter().enumerate() {
        let folder = ["early", "late", "nowhere"][number % 3];
        machine.command(&format!("{folder}/{name}"), if number % 2 == 0 { 0o755 } else { 0o644 });
    }
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let told = machine.meanings(&FOLDERS, &[], &all);
    let one_by_one: Vec<_> = all.iter().flat_map(|name| machine.meanings(&FOLDERS, &[], &[name])).collect();
    assert_eq!(told, one_by_one);
    assert_eq!(told.len(), FEW, "a half of two thirds");
}
