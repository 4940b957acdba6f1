use std::ffi::OsStr;
use std::fs::{File, FileTimes};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::*;
use crate::progress::{Progress, Silent, Step};
use crate::store::local::tests::{Scratch, realise};
use crate::store::local::{LocalStore, resolve_directory};
use crate::store::{Presence, Store as _};

/// A folder of packages and a store, in one temporary directory.
struct Place {
    root: Scratch,
}

impl Place {
    fn new() -> Self {
        let root = Scratch::new();
        fs::create_dir(root.path().join("packages")).unwrap();
        Self { root }
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("packages")
    }

    fn file(&self, path: impl AsRef<Path>, content: &str) -> PathBuf {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn set(&self) -> Result<FolderSet, StoreError> {
        FolderSet::open(&self.folder(), "mine", &self.store_directory())
    }

    fn store(&self) -> LocalStore {
        LocalStore::open(self.store_directory(), vec![Box::new(self.set().unwrap())]).unwrap()
    }

    fn store_directory(&self) -> PathBuf {
        resolve_directory(&self.root.path().join("store")).unwrap()
    }
}

/// The path of the first output of the package.
fn path(store: &LocalStore, attribute: &str) -> PathBuf {
    let package = store.packages().find(|package| package.attribute == attribute).unwrap();
    package.outputs[0].path.clone().unwrap()
}

fn same_bytes(store: &LocalStore, a: &str, b: &str) -> Option<bool> {
    let file = |attribute| path(store, attribute).join("bin/x").into_os_string().into_encoded_bytes();
    store.files().same_bytes(&file(a), &file(b)).unwrap()
}

#[test]
fn a_package_is_what_its_directory_is_called() {
    let place = Place::new();
    place.file("hello-2.10/bin/hello", "");
    place.file("tool-1/bin/bin/tool", "");
    place.file("tool-1/man/share/man/man1/tool.1", "");
    place.file("README", "");
    let set = place.set().unwrap();
    let [hello, tool] = set.packages() else { panic!("{:?}", set.packages()) };
    assert_eq!((&*hello.attribute, &*hello.name, &*hello.version, &*hello.source), ("hello", "hello", "2.10", "mine"));
    assert_eq!(hello.default_outputs, ["out"]);
    assert_eq!(tool.outputs.iter().map(|output| &*output.name).collect::<Vec<_>>(), ["bin", "man"]);
    assert_eq!(tool.default_outputs, ["bin", "man"]);
    let man = tool.outputs[1].path.as_ref().unwrap().file_name().unwrap().to_str().unwrap();
    assert_eq!(&man[32..], "-tool-1-man");
    assert_eq!(FolderSet::usual_name(&place.folder()), "packages");
}

#[test]
fn the_newest_version_has_the_plain_name_and_odd_names_are_quoted() {
    let place = Place::new();
    for name in ["tool-1.9", "tool-1.10", "tool-1.2", "my.tool-1", "7off", "lone"] {
        place.file(format!("{name}/bin/x"), "");
    }
    let set = place.set().unwrap();
    let mut named: Vec<_> = set.packages().iter().map(|it| (it.attribute.as_str(), it.version.as_str())).collect();
    named.sort_unstable();
    let wanted = [
        ("\"7off\"", ""),
        ("\"my.tool\"", "1"),
        ("lone", ""),
        ("tool", "1.10"),
        ("tool_1_2", "1.2"),
        ("tool_1_9", "1.9"),
    ];
    assert_eq!(named, wanted);
}

#[test]
fn a_copy_is_what_was_there_with_names_and_links_of_any_kind() {
    let place = Place::new();
    let odd = OsStr::from_bytes(b"\xff new\nline -> \x1b[31m");
    fs::set_permissions(place.file("odd name-1/bin/run", "#!"), fs::Permissions::from_mode(0o700)).unwrap();
    place.file(Path::new("odd name-1").join(odd), "text");
    let package = place.folder().join("odd name-1");
    fs::create_dir(package.join("empty")).unwrap();
    symlink("../bin/run", package.join("empty/relative")).unwrap();
    symlink("/nowhere", package.join("absolute")).unwrap();
    fs::create_dir_all(place.folder().join(odd).join("bin")).unwrap();

    let store = place.store();
    let path = path(&store, "\"odd name\"");
    assert_eq!(store.presence(&path.clone().into()), Presence::Fetch { download_bytes: 6, unpacked_bytes: 6 });
    assert_eq!(store.size(&path), Some((6, 4)));
    realise(&store, std::slice::from_ref(&path), &Silent).unwrap();

    let mode = |name: &OsStr| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(OsStr::new("bin/run")), mode(odd), mode(OsStr::new("empty"))), (0o555, 0o444, 0o555));
    assert_eq!(fs::read(path.join(odd)).unwrap(), b"text");
    assert_eq!(fs::read_link(path.join("absolute")).unwrap(), Path::new("/nowhere"));
    assert_eq!(fs::read_link(path.join("empty/relative")).unwrap(), Path::new("../bin/run"));

    let escaped = store.packages().find(|package| package.attribute.contains("\\xff")).unwrap();
    let name = escaped.outputs[0].path.as_ref().unwrap().file_name().unwrap().to_str().unwrap();
    assert!(!name.contains([' ', '\n', '\x1b']), "{name:?}");
}

#[test]
fn an_edit_gives_another_path_and_the_old_output_stays() {
    let place = Place::new();
    let file = place.file("a/bin/x", "one");
    place.file("b/bin/x", "b");
    let old = place.store();
    let (a, b) = (path(&old, "a"), path(&old, "b"));
    realise(&old, std::slice::from_ref(&a), &Silent).unwrap();
    assert_eq!(path(&place.store(), "a"), a, "nothing was changed");

    // The same size: only the time tells, to the nanosecond.
    let modified = fs::metadata(&file).unwrap().modified().unwrap() + Duration::from_nanos(1);
    fs::write(&file, "two").unwrap();
    File::options().write(true).open(&file).unwrap().set_times(FileTimes::new().set_modified(modified)).unwrap();
    let new = place.store();
    assert_ne!(path(&new, "a"), a);
    assert_eq!(path(&new, "b"), b);
    assert_eq!(fs::read_to_string(a.join("bin/x")).unwrap(), "one");
    // Seen on disk, as no set knows it any more.
    assert_eq!(new.presence(&a.clone().into()), Presence::Here);
    assert_eq!(new.files().read(a.join("bin/x").as_os_str().as_bytes()).unwrap(), b"one");

    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    assert_ne!(path(&place.store(), "a"), path(&new, "a"), "it became a program");
}

type Change = fn(&Path);

/// Changes the file once, at the first sign of work.
struct Changing<'a>(&'a Path, Change, AtomicBool);
impl Progress for Changing<'_> {
    fn step(&self, step: Step) {
        if step.done > 0 && !self.2.swap(true, Ordering::Relaxed) {
            (self.1)(self.0);
        }
    }
}

#[test]
fn a_file_that_changed_before_or_while_it_is_copied_is_an_error_and_leaves_nothing() {
    let changes: [Change; 5] = [
        |file| fs::write(file, "longer").unwrap(),
        |file| fs::remove_file(file).unwrap(),
        |file| fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap(),
        |file| {
            let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
            File::options().write(true).open(file).unwrap().set_times(times).unwrap();
        },
        |file| {
            fs::remove_file(file).unwrap();
            symlink("/etc/passwd", file).unwrap();
        },
    ];
    for change in changes {
        let place = Place::new();
        place.file("a/bin/first", "1");
        let file = place.file("a/bin/second", "2");
        let store = place.store();
        let wanted = [path(&store, "a")];
        let progress = Changing(&file, change, AtomicBool::new(false));
        let error = realise(&store, &wanted, &progress).unwrap_err();
        assert!(error.to_string().contains("bin/second changed while it was copied"), "{error}");
        assert_eq!(fs::read_dir(store.directory()).unwrap().count(), 0);
        if file.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            let again = place.store();
            realise(&again, &[path(&again, "a")], &Silent).unwrap();
        }
    }
}

#[test]
fn contents_are_compared_where_they_are_before_and_after_the_copy() {
    let place = Place::new();
    for (package, content) in [("a", "same"), ("b", "same"), ("c", "diff"), ("d", "longer")] {
        place.file(format!("{package}/bin/x"), content);
    }
    let store = place.store();
    for wanted in [vec![], vec!["a"], vec!["b", "c"]] {
        let paths: Vec<_> = wanted.into_iter().map(|attribute| path(&store, attribute)).collect();
        realise(&store, &paths, &Silent).unwrap();
        assert_eq!(same_bytes(&store, "a", "b"), Some(true));
        assert_eq!(same_bytes(&store, "a", "c"), Some(false));
        assert_eq!(same_bytes(&store, "a", "d"), Some(false));
    }
}

#[test]
fn what_a_package_of_a_folder_propagates_comes_along() {
    let place = Place::new();
    place.file("b/bin/x", "");
    let b = path(&place.store(), "b");
    place.file(Path::new("a").join(super::super::set::PROPAGATED), &format!("{} ", b.display()));
    let store = place.store();
    let a = path(&store, "a");
    assert_eq!(store.propagated(&a), std::slice::from_ref(&b));
    realise(&store, &[a], &Silent).unwrap();
    assert_eq!(store.presence(&b.clone().into()), Presence::Here);
}

#[test]
fn a_tree_as_deep_as_paths_can_be_is_copied() {
    let place = Place::new();
    let mut deepest = place.folder().join("deep");
    fs::create_dir(&deepest).unwrap();
    for _ in 0..1000 {
        deepest.push("d");
        fs::create_dir(&deepest).unwrap();
    }
    fs::write(deepest.join("file"), "x").unwrap();
    let store = place.store();
    let path = path(&store, "deep");
    realise(&store, std::slice::from_ref(&path), &Silent).unwrap();
    let copy = path.join(deepest.strip_prefix(place.folder().join("deep")).unwrap()).join("file");
    assert_eq!(fs::read(copy).unwrap(), b"x");
}

#[test]
fn what_is_no_file_directory_or_link_is_refused_by_name() {
    let place = Place::new();
    place.file("a/bin/x", "");
    let _socket = std::os::unix::net::UnixListener::bind(place.folder().join("a/bin/socket")).unwrap();
    let error = place.set().err().unwrap().to_string();
    assert!(error.contains("a/bin/socket is a socket"), "{error}");
}

#[test]
fn a_folder_that_is_none_is_an_error_that_names_it() {
    let place = Place::new();
    let error = |path: PathBuf| FolderSet::open(&path, "mine", Path::new("/s")).err().unwrap().to_string();
    assert!(error(place.folder().join("nothing")).contains("packages/nothing: No such file"));
    assert!(error(place.file("file", "")).contains("packages/file is not a directory"));
}

#[test]
fn what_cannot_be_read_is_an_error_that_names_it() {
    let place = Place::new();
    let secret = place.file("a/secret/file", "").parent().unwrap().to_path_buf();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&secret).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let error = place.set().err().unwrap().to_string();
    assert!(error.contains("a/secret: Permission denied"), "{error}");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn two_directories_that_would_have_one_name_are_refused() {
    let place = Place::new();
    for name in [&b"a\xff"[..], b"a\\xff"] {
        fs::create_dir(place.folder().join(OsStr::from_bytes(name))).unwrap();
    }
    assert!(place.set().err().unwrap().to_string().contains("rename one"));
}
