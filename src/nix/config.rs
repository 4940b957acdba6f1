//! The settings of `nix.conf` that decide what this program does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{User, Variables};

/// More files than this include each other only in a circle.
const MAX_FILES: usize = 32;
const USUAL_CACHE: &str = "https://cache.nixos.org/";

/// The settings that are looked at. Files that cannot be read count as empty, as they do for Nix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    pub experimental_features: BTreeSet<String>,
    /// `~/.nix-profile` is `$XDG_STATE_HOME/nix/profile` instead.
    pub use_xdg_base_directories: bool,
    /// The entries of Nix' search path, if `NIX_PATH` does not say them: `nixpkgs=/some/folder`.
    pub nix_path: Vec<String>,
    /// Where the global registry of flakes is; empty for none, `None` for the usual one.
    pub flake_registry: Option<String>,
    /// The binary caches that are said to be used, if any are; and those that are used besides.
    caches: Option<Vec<String>>,
    extra_caches: Vec<String>,
    /// Nothing is to be had from elsewhere.
    substitutes_nothing: bool,
}

impl Config {
    /// The system's file, the user's files, then `NIX_CONFIG`; the last word counts (Nix, `src/libstore/globals.cc`).
    pub(super) fn read(user: &User, system: &Path, variables: &Variables) -> Self {
        let mut config = Self::default();
        let mut left = MAX_FILES;
        config.read_file(&system.join("nix.conf"), &mut left);
        let files: Vec<PathBuf> = if let Some(files) = variables("NIX_USER_CONF_FILES") {
            std::env::split_paths(&files).collect()
        } else {
            let shared = variables("XDG_CONFIG_DIRS").filter(|folders| !folders.is_empty());
            let shared = shared.unwrap_or_else(|| "/etc/xdg".into());
            let folders = user.config_home.iter().cloned().chain(std::env::split_paths(&shared));
            folders.map(|folder| folder.join("nix/nix.conf")).collect()
        };
        // The first has the last word.
        for file in files.iter().rev() {
            config.read_file(file, &mut left);
        }
        if let Some(text) = variables("NIX_CONFIG") {
            config.read_text(&text.to_string_lossy(), Path::new("/"), &mut left);
        }
        config
    }

    /// Whether `nix profile` and the other new commands can be used.
    pub fn has_nix_command(&self) -> bool {
        self.experimental_features.contains("nix-command")
    }

    pub fn has_flakes(&self) -> bool {
        self.experimental_features.contains("flakes")
    }

    /// The URLs of the binary caches that Nix uses for the store at `store`, in order, each once; without a word on them
    /// that of nixpkgs, whose paths are all of the usual store.
    pub fn substituters(&self, store: &Path) -> Vec<String> {
        if self.substitutes_nothing {
            return Vec::new();
        }
        let usual = if store == Path::new("/nix/store") { vec![USUAL_CACHE.to_owned()] } else { Vec::new() };
        let mut urls = self.caches.clone().unwrap_or(usual);
        urls.extend(self.extra_caches.iter().cloned());
        let mut seen = BTreeSet::new();
        urls.retain(|url| seen.insert(url.clone()));
        urls
    }

    fn read_file(&mut self, file: &Path, left: &mut usize) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        if let Ok(text) = fs::read(file) {
            self.read_text(&String::from_utf8_lossy(&text), file.parent().unwrap_or(file), left);
        }
    }

    /// `folder` is where relative includes start.
    fn read_text(&mut self, text: &str, folder: &Path, left: &mut usize) {
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            match *words.as_slice() {
                ["include" | "!include", file] => self.read_file(&folder.join(file), left),
                [name, "=", ref values @ ..] => self.set(name, values),
                _ => {}
            }
        }
    }

    fn set(&mut self, name: &str, values: &[&str]) {
        match name {
            "experimental-features" | "extra-experimental-features" => {
                if !name.starts_with("extra-") {
                    self.experimental_features.clear();
                }
                self.experimental_features.extend(values.iter().map(ToString::to_string));
            }
            "nix-path" | "extra-nix-path" => {
                if !name.starts_with("extra-") {
                    self.nix_path.clear();
                }
                self.nix_path.extend(values.iter().map(ToString::to_string));
            }
            "flake-registry" => self.flake_registry = Some(values.join(" ")),
            // The second names are those of Nix 1, which are still understood.
            "substituters" | "binary-caches" => {
                self.caches = Some(values.iter().map(ToString::to_string).collect());
                self.extra_caches.clear();
            }
            "extra-substituters" | "extra-binary-caches" => {
                self.extra_caches.extend(values.iter().map(ToString::to_string));
            }
            "substitute" | "build-use-substitutes" => self.substitutes_nothing = values == ["false"],
            "use-xdg-base-directories" => self.use_xdg_base_directories = values == ["true"],
            _ => {}
        }
    }
}
