use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::*;
use crate::engine::{self, EntryKind, ListingBuilder, Output, Package, Request, Rules};
use crate::progress::{Progress, Silent};
use crate::store::listing::Provider;

/// Has these, at their paths.
struct Shelf(HashMap<PathBuf, Listing>);

impl Provider for Shelf {
    fn name(&self) -> String {
        "shelf".to_owned()
    }

    fn listings(&self, paths: &[PathBuf], found: &(dyn Fn(&Path, Result<Listing, String>) + Sync), _: &dyn Progress) {
        for (path, listing) in paths.iter().filter_map(|path| Some((path, self.0.get(path)?))) {
            found(path, Ok(listing.clone()));
        }
    }
}

/// A store of which `away` is not here and listed, with a file `bin/x` of 5 bytes and some links.
struct Store {
    folder: tempfile::TempDir,
    files: NixFiles,
}

impl Store {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().canonicalize().unwrap().join("store");
        fs::create_dir_all(store.join("here/share")).unwrap();
        fs::write(store.join("here/share/five"), "fives").unwrap();
        fs::write(store.join("here/share/six"), "sixsix").unwrap();
        let mut listing = ListingBuilder::new();
        listing.file(b"bin/x", 5, true, None).unwrap();
        listing.file(b"bin/y", 5, true, None).unwrap();
        for (name, target) in [
            ("share", store.join("here/share")),
            ("beside", "../other/lib/file".into()),
            ("gone", "../gone/lib/file".into()),
            ("outside", folder.path().to_owned()),
        ] {
            listing.symlink(name.as_bytes(), target.as_os_str().as_bytes()).unwrap();
        }
        let mut other = ListingBuilder::new();
        other.file(b"lib/file", 8, false, None).unwrap();
        let shelf = HashMap::from([(store.join("away"), listing.finish()), (store.join("other"), other.finish())]);
        let known = Known::new(None, vec![Box::new(Shelf(shelf))], &store);
        Self { files: NixFiles::new(&store, known), folder }
    }

    fn path(&self, name: &str) -> Vec<u8> {
        self.folder.path().canonicalize().unwrap().join("store").join(name).into_os_string().as_bytes().to_vec()
    }

    fn learn(&self) {
        let away = PathBuf::from(OsStr::from_bytes(&self.path("away")));
        let unlisted = self.files.known().learn(&[away], &Silent);
        assert_eq!(unlisted.len(), 1, "only what one link leads to is not known: {unlisted:?}");
        self.files.look_again();
    }
}

#[test]
fn an_output_that_is_not_here_is_unknown_until_its_listing_is_learnt() {
    let store = Store::new();
    assert!(matches!(store.files.find(&store.path("away/bin/x")), Err(FileError::Unknown)));
    store.learn();
    let found = store.files.find(&store.path("away/bin/x")).unwrap();
    assert_eq!((found.kind, found.mode, found.size), (EntryKind::File, 0o555, 5));
    let names: Vec<_> = store.files.read_dir(&store.path("away")).unwrap().iter().map(|it| it.name.to_vec()).collect();
    assert_eq!(names, [&b"beside"[..], b"bin", b"gone", b"outside", b"share"]);
    assert!(matches!(store.files.find(&store.path("away/bin/z")), Err(FileError::NotFound)));
    assert!(matches!(store.files.find(&store.path("never/bin/z")), Err(FileError::Unknown)));
}

#[test]
fn links_of_a_listing_lead_to_what_is_here_to_other_listings_and_out_of_the_store() {
    let store = Store::new();
    store.learn();
    assert_eq!(store.files.read(&store.path("away/share/five")).unwrap(), b"fives");
    assert_eq!(*store.files.canonicalize(&store.path("away/share/six")).unwrap(), *store.path("here/share/six"));
    assert_eq!(store.files.find(&store.path("away/beside")).unwrap().size, 8);
    assert_eq!(*store.files.canonicalize(&store.path("away/beside")).unwrap(), *store.path("other/lib/file"));
    assert!(matches!(store.files.find(&store.path("away/gone")), Err(FileError::Unknown)));
    assert_eq!(store.files.find(&store.path("away/outside/store")).unwrap().kind, EntryKind::Directory);
    assert_eq!(store.files.read_link(&store.path("away/beside")).unwrap().unwrap(), b"../other/lib/file");
}

#[test]
fn what_a_listed_file_holds_is_not_known_but_sizes_and_names_tell_some_of_it() {
    let store = Store::new();
    store.learn();
    let same = |a: &str, b: &str| store.files.same_bytes(&store.path(a), &store.path(b)).unwrap();
    assert!(matches!(store.files.read(&store.path("away/bin/x")), Err(FileError::Unknown)));
    assert_eq!(same("away/bin/x", "away/bin/y"), None);
    assert_eq!(same("away/bin/x", "here/share/five"), None);
    assert_eq!(same("away/bin/x", "here/share/six"), Some(false));
    assert_eq!(same("away/bin/x", "away/bin/../bin/x"), Some(true));
    assert_eq!(same("away/share/five", "here/share/five"), Some(true));
}

#[test]
fn what_is_here_counts_whatever_is_listed_and_from_when_it_comes() {
    let store = Store::new();
    store.learn();
    assert_eq!(store.files.listing(Path::new(OsStr::from_bytes(&store.path("away")))).unwrap().size(), (10, 6));
    let away = PathBuf::from(OsStr::from_bytes(&store.path("away")));
    fs::create_dir_all(away.join("bin")).unwrap();
    fs::write(away.join("bin/x"), "real one").unwrap();
    symlink("x", away.join("bin/link")).unwrap();
    store.files.look_again();
    assert_eq!(store.files.find(&store.path("away/bin/x")).unwrap().size, 8);
    assert_eq!(store.files.read(&store.path("away/bin/link")).unwrap(), b"real one");
    assert!(matches!(store.files.find(&store.path("away/bin/y")), Err(FileError::NotFound)));
    assert!(store.files.listing(&away).is_none());
}

#[test]
fn a_plan_of_listed_and_present_packages_is_the_plan_of_all_of_them_here() {
    let store = Store::new();
    store.learn();
    let package = |name: &str| Package {
        name: name.into(),
        priority: 5,
        active: true,
        outputs: vec![Output { name: "out".into(), path: store.path(name).into() }],
    };
    let request =
        Request { rules: Rules::Nix, packages: vec![package("away"), package("here")], compare_contents: true };
    let plan = engine::plan(&request, &store.files).unwrap();
    assert_eq!(plan.unknown, [Box::from(store.path("gone"))]);
    let same: Vec<_> = plan.collisions.iter().map(|it| (it.path.to_vec(), it.kind)).collect();
    let kind = engine::CollisionKind::SameFile;
    assert_eq!(same, [(b"share/five".to_vec(), kind), (b"share/six".to_vec(), kind)]);
    assert_eq!(plan.source_of(b"bin/x").unwrap(), store.path("away/bin/x"));
}

#[test]
fn a_store_that_is_not_there_yet_can_be_planned_from_listings() {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().canonicalize().unwrap().join("nix/store");
    let mut listing = ListingBuilder::new();
    listing.file(b"bin/x", 5, true, None).unwrap();
    let known = Known::new(None, vec![Box::new(Shelf([(store.join("a"), listing.finish())].into()))], &store);
    assert_eq!(known.learn(&[store.join("a")], &Silent), []);
    let files = NixFiles::new(&store, known);
    let outputs = vec![Output { name: "out".into(), path: store.join("a").as_os_str().as_bytes().into() }];
    let packages = vec![Package { name: "a".into(), priority: 5, active: true, outputs }];
    let plan = engine::plan(&Request { rules: Rules::Nix, packages, compare_contents: true }, &files).unwrap();
    assert_eq!((plan.links(), plan.unknown.len()), (1, 0));
}
