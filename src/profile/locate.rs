//! Where the user's profile is, found as Nix finds it (semantics 6; Nix, `src/libstore/profiles.cc`).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Profile, ProfileError};
use crate::nix::Installation;

/// A profile, and the link by which its user knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    pub profile: Profile,
    /// E.g. `~/.nix-profile`; the profile's own link where there is no other.
    pub alias: PathBuf,
}

impl Located {
    /// The profile at the link that the user named.
    pub fn at(link: PathBuf) -> Self {
        Self { profile: Profile::at(link.clone()), alias: link }
    }

    /// The user's profile: the one to which `~/.nix-profile` (or its successor in the state directory) leads, else the
    /// one that Nix would make. `None` for a user without a home.
    pub fn of_user(nix: &Installation) -> Option<Self> {
        let alias = if nix.config.use_xdg_base_directories {
            nix.user.state_home.as_ref()?.join("nix/profile")
        } else {
            nix.user.home.as_ref()?.join(".nix-profile")
        };
        if fs::symlink_metadata(&alias).is_ok() {
            return Some(Self::at(alias));
        }
        Some(Self { profile: Profile::at(usual(nix)?), alias })
    }

    /// Makes the alias, if it is not there and is not the profile itself, so that Nix and `PATH` find the profile.
    pub fn make_alias(&self) -> Result<(), ProfileError> {
        if self.alias == self.profile.link() || fs::symlink_metadata(&self.alias).is_ok() {
            return Ok(());
        }
        let made = self.alias.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| symlink(self.profile.link(), &self.alias))
            .map_err(ProfileError::io(&self.alias, "make a link to the profile"))
    }
}

/// The profile of a user who has no link to one: what an older Nix made, else where today's Nix would make it.
fn usual(nix: &Installation) -> Option<PathBuf> {
    let shared = nix.state_directory.join("profiles");
    let of_user = shared.join("per-user").join(&nix.user.name).join("profile");
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    if is_there(&of_user) {
        return Some(of_user);
    }
    if nix.user.is_root {
        let default = shared.join("default");
        return Some(if is_there(&default) { default } else { of_user });
    }
    Some(nix.user.state_home.as_ref()?.join("nix/profiles/profile"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir_all(dir.path().join("store")).unwrap();
            fs::create_dir_all(dir.path().join("home")).unwrap();
            Self(dir)
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// Of an ordinary user, whoever runs the tests.
        fn located(&self, config: &str) -> Located {
            let variables = |name: &str| -> Option<OsString> {
                Some(match name {
                    "NIX_STORE_DIR" => self.path("store").into(),
                    "NIX_STATE_DIR" => self.path("state").into(),
                    "NIX_CONF_DIR" | "NIX_USER_CONF_FILES" => self.path("conf").into(),
                    "HOME" => self.path("home").into(),
                    "NIX_CONFIG" => config.into(),
                    _ => return None,
                })
            };
            let mut nix = Installation::find(&variables).unwrap();
            nix.user.is_root = false;
            nix.user.name = "ada".to_owned();
            Located::of_user(&nix).unwrap()
        }
    }

    #[test]
    fn a_link_in_the_home_is_followed_wherever_it_leads() {
        let machine = Machine::new();
        symlink(machine.path("elsewhere/p"), machine.path("home/.nix-profile")).unwrap();
        let located = machine.located("");
        assert_eq!(located.profile.link(), machine.path("elsewhere/p"));
        assert_eq!(located.alias, machine.path("home/.nix-profile"));
    }

    #[test]
    fn without_a_link_an_old_profile_serves_else_the_place_of_today() {
        let machine = Machine::new();
        let today = machine.located("");
        assert_eq!(today.profile.link(), machine.path("home/.local/state/nix/profiles/profile"));
        let old = machine.path("state/profiles/per-user/ada/profile");
        fs::create_dir_all(old.parent().unwrap()).unwrap();
        symlink("profile-1-link", &old).unwrap();
        assert_eq!(machine.located("").profile.link(), old);
    }

    #[test]
    fn base_directories_on_request_move_the_link() {
        let machine = Machine::new();
        let located = machine.located("use-xdg-base-directories = true");
        assert_eq!(located.alias, machine.path("home/.local/state/nix/profile"));
        located.make_alias().unwrap();
        assert_eq!(fs::read_link(&located.alias).unwrap(), located.profile.link());
        located.make_alias().unwrap();
        assert_eq!(machine.located("use-xdg-base-directories = true").profile, located.profile);
    }
}
