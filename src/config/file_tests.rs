//! The file on disk: what is written, when, and over what.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::{BY_HAND, Place, names, spec};
use crate::config::file::{self, Step};
use crate::config::{Config, ConfigError, TEMPLATE};

#[test]
fn what_changes_nothing_writes_nothing() {
    use std::os::unix::fs::MetadataExt as _;
    let place = Place::new(BY_HAND);
    let inode = fs::metadata(place.file()).unwrap().ino();
    let mut config = place.load();
    config.set_enabled("work", true).unwrap();
    config.move_to("old", 2).unwrap();
    config.rename("old", "old").unwrap();
    config.set_listing("old", None).unwrap();
    assert_eq!(fs::metadata(place.file()).unwrap().ino(), inode);
    config.set_enabled("old", false).unwrap();
    assert_ne!(fs::metadata(place.file()).unwrap().ino(), inode);
}

#[test]
fn mode_and_link_are_kept() {
    let place = Place::new(BY_HAND);
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o640)).unwrap();
    let dotfiles = tempfile::tempdir().unwrap();
    let link = dotfiles.path().join("config.toml");
    symlink(place.file(), &link).unwrap();
    Config::load(&link).unwrap().remove("old").unwrap();
    assert_eq!(fs::read_link(&link).unwrap(), place.file());
    assert_eq!(fs::metadata(place.file()).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(names(&place.load()), ["work", "nixpkgs"]);
    assert_eq!(place.files(), ["config.toml"]);
}

#[test]
fn a_file_that_another_program_makes_is_not_replaced_even_by_root() {
    let store = Place::new(BY_HAND);
    fs::set_permissions(store.file(), fs::Permissions::from_mode(0o444)).unwrap();
    let place = Place::empty();
    symlink(store.file(), place.file()).unwrap();
    let error = place.load().remove("old").unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "{} may not be changed: it leads to {}; change it where it is made (home-manager, for one), or name another with --config",
            place.file().display(),
            store.file().display()
        )
    );
    assert_eq!(store.text(), BY_HAND);
    let error = store.load().remove("old").unwrap_err().to_string();
    assert!(error.contains("config.toml may not be changed; change it where"), "{error}");
}

#[test]
fn what_is_no_file_is_told() {
    let place = Place::empty();
    let at = place.dir.path();
    let told = |path: &Path| Config::load(path).unwrap_err().to_string();
    let is = |what| {
        format!("{} is {what}, and the config is a file; move it away, or name a file with --config", at.display())
    };
    assert_eq!(told(at), is("a directory"));
    assert!(told(Path::new("/dev/null")).contains("is no ordinary file"));
    symlink("nowhere.toml", place.file()).unwrap();
    let error = place.load().add(&spec("a=<a>"), None).unwrap_err().to_string();
    assert!(error.contains("leads to nowhere.toml, which is not there; make that file or remove the link"), "{error}");
    assert_eq!(place.files(), ["config.toml"]);
    fs::remove_file(place.file()).unwrap();
    fs::write(place.file(), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(told(&place.file()).contains("is larger than 1048576 bytes"));
    assert!(told(&place.file().join("below")).contains("cannot read it: Not a directory"));
}

#[test]
fn nothing_is_seen_of_a_change_until_it_is_whole_and_what_a_kill_leaves_is_swept() {
    let place = Place::new(BY_HAND);
    let leftover = ".config.toml.nix-loom-1-1".to_owned();
    fs::write(place.file().with_file_name(&leftover), "half").unwrap();
    let mut steps = Vec::new();
    file::change(
        &place.file(),
        |_| Ok(Some(b"# new\n".to_vec())),
        |step| {
            steps.push(step);
            let expected = if step == Step::Replaced { "# new\n" } else { BY_HAND };
            assert_eq!(place.text(), expected);
            assert_eq!(place.files().len(), if step == Step::Replaced { 1 } else { 2 }, "{:?}", place.files());
            assert!(!place.files().contains(&leftover));
        },
    )
    .unwrap();
    assert_eq!(steps, [Step::TemporaryMade, Step::Replaced]);
}

#[test]
fn what_an_editor_saves_meanwhile_is_not_lost() {
    let place = Place::new("# 0\n");
    let mut saved = 0;
    let on_bytes = |bytes: Option<&[u8]>| Ok(Some([bytes.unwrap(), b"# ours\n"].concat()));
    file::change(&place.file(), on_bytes, |step| {
        if step == Step::TemporaryMade && saved < 3 {
            saved += 1;
            fs::write(place.file(), format!("# {saved}\n")).unwrap();
        }
    })
    .unwrap();
    assert_eq!(place.text(), "# 3\n# ours\n");
    // One that saves all the time has the last word.
    let mut saved = 0;
    let busy = file::change(&place.file(), on_bytes, |_| {
        saved += 1;
        fs::write(place.file(), format!("# {saved}\n")).unwrap();
    });
    assert!(matches!(busy, Err(ConfigError::Busy { .. })));
    assert_eq!(place.text(), format!("# {saved}\n"));
    assert_eq!(place.files(), ["config.toml"]);
}

#[test]
fn programs_that_add_at_once_lose_nothing() {
    let place = Place::empty();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let file = place.file();
            scope.spawn(move || {
                let mut config = Config::load(&file).unwrap();
                for number in 0..20 {
                    config.add(&spec(&format!("s{thread}-{number}=<a>")), Some(0)).unwrap();
                    if number % 2 == 1 {
                        config.remove(&format!("s{thread}-{}", number - 1)).unwrap();
                    }
                }
            });
        }
    });
    let config = place.load();
    assert_eq!(config.sources().len(), 40);
    for thread in 0..4 {
        let own = format!("s{thread}-");
        let order: Vec<u32> = names(&config).iter().filter_map(|name| name.strip_prefix(&own)?.parse().ok()).collect();
        assert_eq!(order, [19, 17, 15, 13, 11, 9, 7, 5, 3, 1]);
    }
    assert!(place.text().starts_with(TEMPLATE));
    assert_eq!(place.files(), ["config.toml"]);
}
