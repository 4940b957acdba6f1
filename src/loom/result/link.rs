//! A link to what was built, as `nix-build` leaves one: a root of the store's garbage collection, of which one build takes
//! the place of another's.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use rustix::fs::Access;

use crate::engine::Staging;
use crate::profile::Located;
use crate::safe;
use crate::store::{Session, StoreError};

/// Why no link can be made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("{} names no place for a link; give it a name, such as result", told(link))]
    NoName { link: PathBuf },
    #[error("{}: there is no such folder; make it first, or put the link elsewhere", safe::path(folder))]
    NoFolder { folder: PathBuf },
    #[error("{}: nothing can be written in this folder ({source}); put the link elsewhere", safe::path(folder))]
    Folder { folder: PathBuf, source: io::Error },
    #[error("{} would be a link in the store; put it elsewhere", safe::path(link))]
    InStore { link: PathBuf },
    #[error("{} belongs to the profile, which stays as it is; give the link another name", safe::path(link))]
    OfProfile { link: PathBuf },
    #[error(
        "{} is there already and is no link, so it stays; remove it, or give the link another name",
        safe::path(link)
    )]
    Taken { link: PathBuf },
    #[error(
        "{} leads to {}, which is no path of the store, so it stays; remove it, or give the link another name",
        safe::path(link),
        safe::path(target)
    )]
    LeadsElsewhere { link: PathBuf, target: PathBuf },
    #[error(
        "{}: it cannot be followed: {source}; what was built there may have been collected as garbage",
        safe::path(link)
    )]
    Read { link: PathBuf, source: io::Error },
    #[error("{} leads to {}, which is no path of the store", safe::path(link), safe::path(target))]
    NotBuilt { link: PathBuf, target: PathBuf },
    #[error("{}: the link cannot be made: {source}", safe::path(link))]
    Io { link: PathBuf, source: io::Error },
    #[error(
        "{}: the store does not keep what is built for the link ({source}), so the link stays as it was",
        safe::path(link)
    )]
    Root { link: PathBuf, source: StoreError },
}

/// An empty path would be seen as nothing.
fn told(link: &Path) -> String {
    if link.as_os_str().is_empty() { "an empty name".to_owned() } else { safe::path(link) }
}

/// Where a link may be made.
pub(super) struct ResultLink {
    /// Absolute; no folder on the way is a link.
    place: PathBuf,
    store: PathBuf,
}

impl ResultLink {
    /// The link at that place, if one may be made there: where nothing is, or a link into `store`. As with `nix-build`,
    /// whose `addPermRoot` (`src/libstore/local-fs-store.cc`, `gc.cc`) asks for the same; the profile's own links are out of
    /// the question besides.
    pub fn at(link: &Path, store: &Path, located: &Located) -> Result<Self, LinkError> {
        let no_name = || LinkError::NoName { link: link.to_owned() };
        let name = link.file_name().ok_or_else(no_name)?;
        let folder = folder(link);
        let real = match fs::canonicalize(folder) {
            Ok(real) if real.is_dir() => real,
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(LinkError::Folder { folder: folder.to_owned(), source: error });
            }
            _ => return Err(LinkError::NoFolder { folder: folder.to_owned() }),
        };
        let place = real.join(name);
        if real.starts_with(store) || fs::canonicalize(store).is_ok_and(|store| real.starts_with(store)) {
            return Err(LinkError::InStore { link: place });
        }
        let is_in = |folder: &Path| fs::canonicalize(folder).is_ok_and(|folder| folder == real);
        let is_alias = located.alias.file_name() == Some(name) && located.alias.parent().is_some_and(is_in);
        if is_alias || located.profile.has_name(name) && is_in(located.profile.directory()) {
            return Err(LinkError::OfProfile { link: place });
        }
        let link = Self { place, store: store.to_owned() };
        link.old()?;
        // Better told now than after a long build.
        match rustix::fs::access(&real, Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => Ok(link),
            Err(error) => Err(LinkError::Folder { folder: folder.to_owned(), source: error.into() }),
        }
    }

    /// Where it leads now; `None` if nothing is there.
    fn old(&self) -> Result<Option<PathBuf>, LinkError> {
        match fs::read_link(&self.place) {
            Ok(target) if is_in_store(&target, &self.store) => Ok(Some(target)),
            Ok(target) => Err(LinkError::LeadsElsewhere { link: self.place.clone(), target }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidInput => Err(LinkError::Taken { link: self.place.clone() }),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Makes it lead to a path of the store, which the session keeps until then, and a root of its garbage collection.
    /// At each moment it is as it was or as it will be. Gives its place.
    pub fn point_at(self, path: &Path, session: &mut dyn Session) -> Result<PathBuf, LinkError> {
        // Before the link is changed, so that a failure leaves it alone, and, as a collection meanwhile forgets roots that
        // lead nowhere, after it.
        self.keep(session)?;
        let is_new = match self.old()? {
            Some(_) => self.replace(path).map(|()| false),
            // Unlike a rename, this fails where somebody else has made something meanwhile.
            None => match symlink(path, &self.place) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists && self.old()?.is_some() => {
                    self.replace(path).map(|()| false)
                }
                made => made.map(|()| true),
            },
        };
        let is_new = is_new.map_err(|error| self.failed(error))?;
        if is_new {
            self.keep(session).inspect_err(|_| {
                let _ = fs::remove_file(&self.place);
            })?;
        }
        Ok(self.place)
    }

    fn keep(&self, session: &mut dyn Session) -> Result<(), LinkError> {
        session.add_root(&self.place).map_err(|source| LinkError::Root { link: self.place.clone(), source })
    }

    /// Puts another link in its place, in one step.
    fn replace(&self, path: &Path) -> io::Result<()> {
        Staging::sweep(folder(&self.place));
        // In a folder of its own: what a kill leaves of it goes with the next build there.
        let staging = Staging::beside(&self.place)?;
        let new = staging.path().join("result");
        symlink(path, &new)?;
        fs::rename(&new, &self.place)
    }

    fn failed(&self, source: io::Error) -> LinkError {
        LinkError::Io { link: self.place.clone(), source }
    }
}

/// The path of the store to which a link, or a path in the store, leads.
pub(super) fn leads_to(link: &Path, store: &Path) -> Result<PathBuf, LinkError> {
    let io = |source| LinkError::Io { link: link.to_owned(), source };
    let real = fs::canonicalize(link).map_err(|source| LinkError::Read { link: link.to_owned(), source })?;
    let store = fs::canonicalize(store).map_err(io)?;
    match real.strip_prefix(&store).ok().and_then(|rest| rest.components().next()) {
        Some(first) => Ok(store.join(first)),
        None => Err(LinkError::NotBuilt { link: link.to_owned(), target: real }),
    }
}

/// The folder of a link, `.` for a bare name.
fn folder(link: &Path) -> &Path {
    match link.parent() {
        Some(folder) if folder.as_os_str() != OsStr::new("") => folder,
        _ => Path::new("."),
    }
}

/// Whether a link's target, as it is written, is something in the store.
fn is_in_store(target: &Path, store: &Path) -> bool {
    let mut rest = match target.strip_prefix(store) {
        Ok(rest) => rest.components().peekable(),
        Err(_) => return false,
    };
    rest.peek().is_some() && rest.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Plan;
    use crate::profile::Profile;
    use crate::progress::Progress;
    use crate::store::Wanted;

    /// Notes what it is asked to keep, and refuses from a number on.
    struct Keeper {
        kept: Vec<(PathBuf, Option<PathBuf>)>,
        refuses_from: usize,
    }

    impl Session for Keeper {
        fn realise(&mut self, _: &[Wanted], _: &dyn Progress) -> Result<(), StoreError> {
            unreachable!()
        }
        fn add_text(&mut self, _: &str, _: &[u8], _: &[PathBuf]) -> Result<PathBuf, StoreError> {
            unreachable!()
        }
        fn add_environment(&mut self, _: &str, _: &Plan, _: &[PathBuf]) -> Result<PathBuf, StoreError> {
            unreachable!()
        }
        fn nix_version(&self) -> Option<&str> {
            None
        }
        fn add_root(&mut self, link: &Path) -> Result<(), StoreError> {
            if self.kept.len() >= self.refuses_from {
                return Err(StoreError::Cancelled);
            }
            self.kept.push((link.to_owned(), fs::read_link(link).ok()));
            Ok(())
        }
    }

    struct Place {
        folder: tempfile::TempDir,
        store: PathBuf,
        located: Located,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = folder.path().join("store");
            fs::create_dir(&store).unwrap();
            let profile = Profile::at(folder.path().join("profiles/profile"));
            fs::create_dir(folder.path().join("profiles")).unwrap();
            let alias = folder.path().join("alias");
            Self { folder, store, located: Located { profile, alias } }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn link(&self, place: impl AsRef<Path>) -> Result<ResultLink, LinkError> {
            ResultLink::at(place.as_ref(), &self.store, &self.located)
        }

        fn point(&self, place: impl AsRef<Path>, at: &str, keeper: &mut Keeper) -> Result<PathBuf, LinkError> {
            self.link(place)?.point_at(&self.store.join(at), keeper)
        }
    }

    fn keeper() -> Keeper {
        Keeper { kept: Vec::new(), refuses_from: usize::MAX }
    }

    #[test]
    fn a_link_is_made_and_replaced_and_the_store_keeps_what_it_leads_to() {
        let here = Place::new();
        let (place, mut keeper) = (here.path("result"), keeper());
        let real = fs::canonicalize(here.folder.path()).unwrap().join("result");
        assert_eq!(here.point(&place, "one", &mut keeper).unwrap(), real);
        assert_eq!(fs::read_link(&place).unwrap(), here.store.join("one"));
        assert_eq!(keeper.kept, [(real.clone(), None), (real.clone(), Some(here.store.join("one")))]);
        // A slash at the end is not followed.
        here.point(here.path("result/"), "two", &mut keeper).unwrap();
        assert_eq!(fs::read_link(&place).unwrap(), here.store.join("two"));
        assert_eq!(keeper.kept[2..], [(real, Some(here.store.join("one")))]);
        assert_eq!(fs::read_dir(here.folder.path()).unwrap().count(), 3, "nothing else is left");
    }

    #[test]
    fn what_the_store_does_not_keep_is_not_linked() {
        let here = Place::new();
        for refuses_from in [0, 1] {
            let mut keeper = Keeper { refuses_from, ..keeper() };
            let refused = here.point(here.path("result"), "one", &mut keeper);
            assert!(matches!(refused, Err(LinkError::Root { .. })));
            assert!(fs::symlink_metadata(here.path("result")).is_err(), "{refuses_from}");
        }
        symlink(here.store.join("old"), here.path("result")).unwrap();
        let mut keeper = Keeper { refuses_from: 0, ..keeper() };
        assert!(here.point(here.path("result"), "one", &mut keeper).is_err());
        assert_eq!(fs::read_link(here.path("result")).unwrap(), here.store.join("old"));
    }

    #[test]
    fn nothing_but_a_link_into_the_store_is_ever_replaced() {
        let here = Place::new();
        fs::write(here.path("file"), "mine").unwrap();
        fs::create_dir(here.path("folder")).unwrap();
        for name in ["file", "folder"] {
            let refused = here.point(here.path(name), "one", &mut keeper()).unwrap_err();
            assert!(matches!(refused, LinkError::Taken { .. }), "{refused}");
        }
        let store = here.store.to_str().unwrap();
        for target in ["file", "/", store, &format!("{store}-other/x"), &format!("{store}/../file"), "store/one"] {
            let link = here.path("link");
            symlink(target, &link).unwrap();
            let refused = here.point(&link, "one", &mut keeper()).unwrap_err();
            assert!(matches!(refused, LinkError::LeadsElsewhere { .. }), "{target}: {refused}");
            assert_eq!(fs::read_link(&link).unwrap(), Path::new(target));
            fs::remove_file(link).unwrap();
        }
        // One that leads to what was collected meanwhile is one of ours all the same.
        symlink(here.store.join("gone/bin"), here.path("old")).unwrap();
        here.point(here.path("old"), "one", &mut keeper()).unwrap();
    }

    #[test]
    fn what_comes_meanwhile_is_not_replaced_either() {
        let here = Place::new();
        let link = here.link(here.path("result")).unwrap();
        fs::write(here.path("result"), "mine").unwrap();
        assert!(matches!(link.point_at(&here.store.join("one"), &mut keeper()), Err(LinkError::Taken { .. })));
        assert_eq!(fs::read(here.path("result")).unwrap(), b"mine");
    }

    #[test]
    fn places_that_cannot_be_are_told_before_anything_is_built() {
        let here = Place::new();
        let no_name = |place: &str| matches!(here.link(place), Err(LinkError::NoName { .. }));
        assert!(["", "/", ".", "..", "../.."].into_iter().all(no_name));
        assert!(matches!(here.link(here.path("none/result")), Err(LinkError::NoFolder { .. })));
        fs::write(here.path("file"), "").unwrap();
        assert!(matches!(here.link(here.path("file/result")), Err(LinkError::NoFolder { .. })));
        assert!(matches!(here.link(here.store.join("result")), Err(LinkError::InStore { .. })));
        // By a way through a link, too.
        symlink(&here.store, here.path("way")).unwrap();
        assert!(matches!(here.link(here.path("way/result")), Err(LinkError::InStore { .. })));
        for name in ["profile", "profile-3-link", "profile.lock", ".profile.nix-loom-new"] {
            let place = here.path("profiles").join(name);
            assert!(matches!(here.link(place), Err(LinkError::OfProfile { .. })), "{name}");
        }
        assert!(matches!(here.link(here.path("alias")), Err(LinkError::OfProfile { .. })));
        assert!(here.link(here.path("profiles/result")).is_ok());
        let long = here.link(here.path(&"x".repeat(300)));
        assert!(matches!(long, Err(LinkError::Io { .. })), "{:?}", long.err());
    }

    #[test]
    fn messages_make_hostile_names_safe() {
        let here = Place::new();
        fs::write(here.path("\u{1b}[31mred\n"), "").unwrap();
        let told = here.link(here.path("\u{1b}[31mred\n")).err().unwrap().to_string();
        assert!(!told.chars().any(char::is_control), "{told}");
    }
}
