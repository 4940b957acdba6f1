use std::collections::HashSet;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::set::PROPAGATED;
use super::*;
use crate::engine::{self, Disk, EntryKind, FileError, Output, Plan, Request, RuleSet, Rules, remove_tree};
use crate::progress::{Recorded, Silent, Step};

/// A temporary directory that is removed whole even by users whom read-only directories stop.
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove_tree(self.path()).unwrap();
    }
}

/// A store with the demo set in a directory of its own.
fn demo_store(root: &Path) -> LocalStore {
    let directory = resolve_directory(&root.join("store")).unwrap();
    let demo = DemoSet::bundled(&directory).unwrap();
    LocalStore::open(directory, vec![Box::new(demo)]).unwrap()
}

pub fn realise(store: &LocalStore, paths: &[PathBuf], progress: &dyn Progress) -> Result<(), StoreError> {
    let wanted: Vec<_> = paths.iter().cloned().map(Wanted::from).collect();
    store.session(progress)?.realise(&wanted, progress)
}

fn add_environment(store: &LocalStore, plan: &Plan) -> Result<PathBuf, StoreError> {
    store.session(&Silent)?.add_environment("profile", plan, &[])
}

fn path(store: &LocalStore, attribute: &str, output: &str) -> PathBuf {
    let package = store.packages().find(|package| package.attribute == attribute).unwrap();
    package.output(output).unwrap().path.clone().unwrap()
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Everything below `root` looks the same through the two views.
fn assert_same(store: &LocalStore, root: &Path) {
    let listed = store.files();
    let mut next = vec![root.to_path_buf()];
    while let Some(directory) = next.pop() {
        assert_eq!(fs::metadata(&directory).unwrap().mtime(), 1);
        let mut on_disk = Disk.read_dir(bytes(&directory)).unwrap().to_vec();
        on_disk.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(&*listed.read_dir(bytes(&directory)).unwrap(), &*on_disk, "{}", directory.display());
        for entry in on_disk {
            let path = directory.join(std::ffi::OsStr::from_bytes(&entry.name));
            let name = bytes(&path);
            assert_eq!(listed.read_link(name).unwrap(), Disk.read_link(name).unwrap(), "{}", path.display());
            assert_eq!(listed.find(name).unwrap(), Disk.find(name).unwrap(), "{}", path.display());
            if entry.kind == EntryKind::Directory {
                next.push(path);
            }
        }
    }
}

/// Everything that is no directory below `root`.
fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut next = vec![root.to_path_buf()];
    while let Some(directory) = next.pop() {
        for (path, kind) in tree::entries(&directory).unwrap() {
            if kind.is_dir() { next.push(path) } else { files.push(path) }
        }
    }
    files
}

/// A file's size and how it begins. In the demo set only zeros follow.
fn content(path: &Path) -> (u64, Vec<u8>) {
    let file = fs::File::open(path).unwrap();
    let size = file.metadata().unwrap().len();
    let mut beginning = Vec::new();
    file.take(4096).read_to_end(&mut beginning).unwrap();
    (size, beginning)
}

#[test]
fn every_output_of_the_demo_set_is_on_disk_as_it_was_listed_and_equal_where_it_says_so() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let all: HashSet<PathBuf> =
        store.packages().flat_map(|package| &package.outputs).filter_map(|output| output.path.clone()).collect();
    let all: Vec<PathBuf> = all.into_iter().collect();
    realise(&store, &all, &Silent).unwrap();
    assert!(names(store.directory()).iter().all(|name| !name.starts_with('.')), "nothing temporary is left");

    let mut files = 0;
    let mut same: HashMap<(u64, Vec<u8>), PathBuf> = HashMap::new();
    for output in &all {
        assert_eq!(store.presence(&output.clone().into()), Presence::Here);
        assert_same(&store, output);
        let below = files_below(output);
        files += below.len();
        assert_eq!(store.size(output).unwrap().1, below.len() as u64);
        for file in below.into_iter().filter(|file| !file.is_symlink() && !file.ends_with(PROPAGATED)) {
            let first = same.entry(content(&file)).or_insert_with(|| file.clone());
            assert_eq!(store.files().same_bytes(bytes(first), bytes(&file)).unwrap(), Some(true), "{}", file.display());
        }
    }
    // Those of one size but other bytes have other contents; those of another size have so anyway.
    let mut by_size: HashMap<u64, Vec<PathBuf>> = HashMap::new();
    for ((size, _), file) in same {
        let others = by_size.entry(size).or_default();
        for other in &*others {
            assert_eq!(
                store.files().same_bytes(bytes(other), bytes(&file)).unwrap(),
                Some(false),
                "{}",
                file.display()
            );
        }
        others.push(file);
    }
    assert!(files > 16_000 && by_size.values().map(Vec::len).sum::<usize>() > 13_000, "{files}");
}

#[test]
fn programs_say_what_they_are_under_whatever_name_and_in_every_shell() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let node = path(&store, "nodejs_20", "out");
    let p7zip = path(&store, "p7zip", "out");
    realise(&store, &[node.clone(), p7zip.clone()], &Silent).unwrap();
    let big = node.join("bin/node");
    assert!(fs::metadata(&big).unwrap().len() > 1_000_000);
    for (program, package) in [(big, "nodejs 20.20.2"), (p7zip.join("bin/7z"), "p7zip ")] {
        let link = root.path().join("other-name");
        std::os::unix::fs::symlink(&program, &link).unwrap();
        for shell in ["", "sh", "dash", "bash"] {
            let mut command = if shell.is_empty() { Command::new(&link) } else { Command::new(shell) };
            if !shell.is_empty() {
                command.arg(&link);
            }
            let output = loop {
                match command.output() {
                    // Another test forked while the program was being written: the file is free in a moment.
                    Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound && !shell.is_empty() => break None,
                    result => break Some(result.unwrap()),
                }
            };
            let Some(output) = output else {
                eprintln!("skipped: there is no {shell} on this machine");
                continue;
            };
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(said.starts_with("other-name: ") && said.contains(package) && said.contains("demo set"), "{said}");
            assert!(output.status.success() && output.stderr.is_empty() && said.lines().count() == 1);
        }
        fs::remove_file(link).unwrap();
    }
}

#[test]
fn an_output_is_fetched_once_and_brings_what_it_propagates() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let binutils = path(&store, "binutils", "out");
    let glibc = path(&store, "glibc", "bin");
    assert!(store.propagated(&binutils).contains(&glibc));
    let Presence::Fetch { download_bytes: 0, unpacked_bytes } = store.presence(&glibc.clone().into()) else {
        panic!("not to fetch")
    };
    assert_eq!(store.size(&glibc).unwrap().0, unpacked_bytes);

    let recorded = Recorded::default();
    realise(&store, std::slice::from_ref(&binutils), &recorded).unwrap();
    let steps = recorded.0.into_inner().unwrap();
    assert_eq!(steps[0].what, "putting binutils-wrapper-2.46 into the store");
    assert_eq!(steps[0].done, 0);
    assert!(steps.iter().any(|step| step.done == step.total && step.what == steps[0].what));
    assert_eq!(
        (store.presence(&binutils.clone().into()), store.presence(&glibc.clone().into())),
        (Presence::Here, Presence::Here)
    );

    let again = Recorded::default();
    realise(&store, &[binutils], &again).unwrap();
    assert_eq!(again.0.into_inner().unwrap(), []);
}

#[test]
fn a_path_that_nobody_has_is_an_error_before_anything_is_done() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let unknown = store.directory().join("0".repeat(32) + "-unknown");
    assert_eq!(store.presence(&unknown.clone().into()), Presence::Missing);
    assert_eq!(store.size(&unknown), None);
    assert!(matches!(store.files().find(bytes(&unknown)), Err(FileError::NotFound)));
    let error = realise(&store, &[path(&store, "zlib", "out"), unknown], &Silent).unwrap_err();
    assert!(matches!(error, StoreError::NotAvailable { .. }), "{error}");
    assert!(!store.directory().exists(), "even the directory is made only when it is needed");
}

#[test]
fn two_at_once_both_find_the_output_there() {
    let root = Scratch::new();
    let (one, two) = (demo_store(root.path()), demo_store(root.path()));
    let wanted = [path(&one, "git", "out"), path(&one, "ffmpeg", "out")];
    let barrier = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for store in [&one, &two] {
            scope.spawn(|| {
                barrier.wait();
                realise(store, &wanted, &Silent).unwrap();
            });
        }
    });
    for path in &wanted {
        assert_same(&one, path);
    }
    assert_eq!(names(one.directory()).len(), 2);
}

/// Does something at a certain step, and is cancelled from then on if it is to be.
struct AtStep<F> {
    step: usize,
    act: F,
    then_cancel: bool,
    seen: AtomicUsize,
}

impl<F: Fn() + Sync> Progress for AtStep<F> {
    fn step(&self, _: Step) {
        if self.seen.fetch_add(1, Ordering::Relaxed) + 1 == self.step {
            (self.act)();
        }
    }

    fn is_cancelled(&self) -> bool {
        self.then_cancel && self.seen.load(Ordering::Relaxed) >= self.step
    }
}

#[test]
fn what_is_cancelled_in_the_middle_leaves_nothing() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let git = path(&store, "git", "out");
    let look = || assert!(names(store.directory())[0].starts_with(".nix-loom-staging-"), "it is under way");
    let progress = AtStep { step: 20, act: look, then_cancel: true, seen: AtomicUsize::new(0) };
    let error = realise(&store, std::slice::from_ref(&git), &progress).unwrap_err();
    assert!(matches!(error, StoreError::Cancelled));
    assert_eq!(progress.seen.into_inner(), 20);
    assert_eq!(names(store.directory()), Vec::<String>::new());

    realise(&store, std::slice::from_ref(&git), &Silent).unwrap();
    assert_same(&store, &git);
}

/// What a profile with these packages' default outputs asks of the engine.
fn request(store: &LocalStore, attributes: &[&str]) -> Request {
    let package = |attribute: &&str| {
        let package = store.packages().find(|package| package.attribute == **attribute).unwrap();
        let output = |name: &String| Output {
            name: name.as_str().into(),
            path: bytes(package.output(name).unwrap().path.as_ref().unwrap()).into(),
        };
        let outputs = package.default_outputs.iter().map(output).collect();
        engine::Package { name: (**attribute).into(), priority: package.priority, active: true, outputs }
    };
    let packages = attributes.iter().map(package).collect();
    Request { rules: Rules::Nix, packages, compare_contents: true }
}

#[test]
fn an_environment_planned_before_anything_is_here_is_the_one_on_disk_afterwards() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let request = request(&store, &["git", "zlib", "emacs-nox", "pkg-config", "curl"]);
    let before = engine::plan(&request, store.files()).unwrap();
    assert!(before.builds(), "{:?}", before.collisions);
    assert!(!store.directory().exists());

    for output in request.packages.iter().flat_map(|package| &package.outputs) {
        realise(&store, &[PathBuf::from(std::ffi::OsStr::from_bytes(&output.path))], &Silent).unwrap();
    }
    let environment = add_environment(&store, &before).unwrap();
    let on_disk = engine::plan(&request, &Disk).unwrap();
    assert_eq!(add_environment(&store, &on_disk).unwrap(), environment, "the same plan has the same path");
    assert_eq!(before.collisions, on_disk.collisions);

    assert!(environment.file_name().unwrap().to_str().unwrap().ends_with("-profile"));
    assert!(environment.join("bin/git").is_file() && environment.join("bin/mailutils").is_file());
    for directory in [environment.clone(), environment.join("bin"), environment.join("share")] {
        let metadata = fs::metadata(&directory).unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.mtime()), (0o555, 1), "{}", directory.display());
    }
    assert!(names(store.directory()).iter().all(|name| !name.starts_with('.')), "nothing temporary is left");
}

#[test]
fn an_environment_that_collides_is_refused_and_leaves_nothing() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let plan = engine::plan(&request(&store, &["nodejs_18", "nodejs_20"]), store.files()).unwrap();
    assert!(!plan.builds());
    assert!(matches!(add_environment(&store, &plan), Err(StoreError::Write(_))));
    assert_eq!(names(store.directory()), Vec::<String>::new());
}

#[test]
fn an_empty_environment_has_a_path_of_its_own() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let empty = Plan::empty(RuleSet::Nix);
    let with_manifest = Plan::empty(RuleSet::Nix).with_root_file(b"manifest.json", b"{}");
    let (empty, other) = (add_environment(&store, &empty).unwrap(), add_environment(&store, &with_manifest).unwrap());
    assert_ne!(empty, other);
    assert_eq!(fs::read(other.join("manifest.json")).unwrap(), b"{}");
    assert_eq!(fs::metadata(other.join("manifest.json")).unwrap().mode() & 0o777, 0o444);
}

#[test]
fn a_start_removes_what_a_dead_program_left_and_nothing_else() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let zlib = path(&store, "zlib", "out");
    realise(&store, std::slice::from_ref(&zlib), &Silent).unwrap();
    let left = store.directory().join(".nix-loom-staging-1-0");
    fs::create_dir_all(left.join("bin")).unwrap();
    tree::seal(&left).unwrap();
    fs::write(store.directory().join(".mine"), "").unwrap();
    demo_store(root.path());
    assert_eq!(names(store.directory()), [".mine", zlib.file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn errors_name_the_place() {
    let root = Scratch::new();
    fs::write(root.path().join("file"), "").unwrap();
    let directory = root.path().join("file/store");
    let error = LocalStore::open(directory.clone(), vec![]).err().unwrap();
    assert!(error.to_string().contains(directory.to_str().unwrap()), "{error}");
    let error = LocalStore::open(PathBuf::from("store"), vec![]).err().unwrap();
    assert!(matches!(error, StoreError::NotAbsolute { .. }));
}

#[test]
fn a_store_that_cannot_be_written_can_be_read_and_says_what_is_the_matter() {
    let root = Scratch::new();
    let store = demo_store(root.path());
    let zlib = path(&store, "zlib", "out");
    realise(&store, std::slice::from_ref(&zlib), &Silent).unwrap();
    fs::set_permissions(store.directory(), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::create_dir(store.directory().join("probe")).is_ok() {
        eprintln!("skipped: this user may write everywhere");
        return;
    }
    let store = demo_store(root.path());
    assert_eq!(store.presence(&zlib.clone().into()), Presence::Here);
    let error = realise(&store, &[path(&store, "git", "out")], &Silent).unwrap_err().to_string();
    assert!(error.contains(store.directory().to_str().unwrap()) && error.contains("denied"), "{error}");
    fs::set_permissions(store.directory(), fs::Permissions::from_mode(0o755)).unwrap();
}
