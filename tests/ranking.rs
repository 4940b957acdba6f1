//! What people type for what they want, over the real catalogue, which lies beside the project and not in it.

#![allow(clippy::unwrap_used)]

#[path = "support/catalogue.rs"]
mod input;

use std::sync::LazyLock;

use nix_loom::catalogue::{Catalogue, Query};

static REAL: LazyLock<Option<Catalogue>> = LazyLock::new(|| {
    input::real_listing()?;
    Some(Catalogue::of_packages(input::packages().packages))
});

/// What is typed, and the attribute that is wanted: the first in all but a few, always among the first five. A `*` stands
/// for the version of a set.
const WANTED: [(&str, &str); 108] = [
    // Names, programs and what they are called for short.
    ("rg", "ripgrep"),
    ("ripgrep", "ripgrep"),
    ("vim", "vim"),
    ("nvim", "neovim"),
    ("gcc", "gcc"),
    ("clang", "clang"),
    ("git", "git"),
    ("gh", "gh"),
    ("fd", "fd"),
    ("jq", "jq"),
    ("hx", "helix"),
    ("7z", "p7zip"),
    ("gpg", "gnupg"),
    ("ssh", "openssh"),
    ("ssl", "openssl"),
    ("k8s", "kubernetes"),
    ("kubectl", "kubectl"),
    ("golang", "go"),
    ("make", "gnumake"),
    ("tar", "gnutar"),
    ("java", "openjdk"),
    ("jdk", "jdk"),
    ("node", "nodejs"),
    ("nodejs", "nodejs"),
    ("python", "python3"),
    ("postgres", "postgresql"),
    ("libjpeg", "libjpeg"),
    ("zlib", "zlib"),
    ("curl", "curl"),
    ("htop", "htop"),
    ("tmux", "tmux"),
    ("emacs", "emacs"),
    ("firefox", "firefox"),
    ("chromium", "chromium"),
    ("vlc", "vlc"),
    ("ffmpeg", "ffmpeg"),
    ("imagemagick", "imagemagick"),
    ("libreoffice", "libreoffice"),
    ("steam", "steam"),
    ("docker", "docker"),
    ("terraform", "terraform"),
    ("nginx", "nginx"),
    ("apache", "apacheHttpd"),
    ("sqlite", "sqlite"),
    ("redis", "redis"),
    ("rust-analyzer", "rust-analyzer"),
    ("cargo", "cargo"),
    ("ghc", "ghc"),
    ("ruby", "ruby"),
    ("perl", "perl"),
    ("lua", "lua"),
    ("typst", "typst"),
    ("pandoc", "pandoc"),
    ("obs", "obs-studio"),
    ("telegram", "telegram-desktop"),
    ("qemu", "qemu"),
    ("wireshark", "wireshark"),
    ("gcloud", "google-cloud-sdk"),
    ("aws", "awscli"),
    ("1password", "_1password-gui"),
    // Several words: name and version, set, output, company and product.
    ("node 20", "nodejs_20"),
    ("postgresql 16", "postgresql_16"),
    ("jdk 21", "jdk21"),
    ("python 3.13", "python313"),
    ("python requests", "python*Packages.requests"),
    ("haskell lens", "haskellPackages.lens"),
    ("emacs magit", "emacsPackages.magit"),
    ("requests", "python*Packages.requests"),
    ("numpy", "python*Packages.numpy"),
    ("pip", "python*Packages.pip"),
    ("zlib dev", "zlib"),
    ("openssl dev", "openssl"),
    ("docker compose", "docker-compose"),
    ("google chrome", "google-chrome"),
    ("vs code", "vscode"),
    ("aws cli", "awscli"),
    ("github cli", "github-cli"),
    ("home manager", "home-manager"),
    ("typescript language server", "typescript-language-server"),
    // Slips.
    ("ngnix", "nginx"),
    ("terrafrom", "terraform"),
    ("pyhton", "python3"),
    ("firfox", "firefox"),
    ("postgers", "postgresql"),
    ("kuberntes", "kubernetes"),
    ("ffmpge", "ffmpeg"),
    ("thunderbrid", "thunderbird"),
    ("inkscpae", "inkscape"),
    // Purposes.
    ("terminal multiplexer", "tmux"),
    ("video player", "mpv"),
    ("media player", "mpv"),
    ("web browser", "firefox"),
    ("text editor", "emacs"),
    ("file manager", "yazi"),
    ("version control", "git"),
    ("fuzzy finder", "fzf"),
    ("json processor", "jq"),
    ("process viewer", "htop"),
    ("pdf viewer", "zathura"),
    ("torrent client", "deluge"),
    ("load testing", "k6"),
    ("disk usage", "ncdu"),
    ("screen locker", "i3lock"),
    ("game engine", "godot"),
    ("static site generator", "jekyll"),
    ("spell checker", "aspell"),
    ("screen recorder", "peek"),
    ("password manager", "keepassxc"),
];

#[test]
fn people_find_what_they_mean() {
    let Some(catalogue) = &*REAL else {
        println!("SKIPPED: the real catalogue is not beside the checkout");
        return;
    };
    let (mut first, mut missed) = (0, Vec::new());
    for (typed, wanted) in WANTED {
        let found = catalogue.search(&Query::parse(typed), 5);
        let found: Vec<&str> = found.hits.iter().map(|hit| catalogue.attribute(hit.package).unwrap()).collect();
        match found.iter().position(|attribute| is(attribute, wanted)) {
            Some(0) => first += 1,
            Some(place) => println!("{typed:?}: {wanted} is number {}, after {}", place + 1, found[..place].join(", ")),
            None => missed.push(format!("{typed:?}: {wanted} is not among {}", found.join(", "))),
        }
    }
    println!("{first} of {} come first", WANTED.len());
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert!(first * 10 >= WANTED.len() * 9, "only {first} of {} come first", WANTED.len());
}

fn is(attribute: &str, wanted: &str) -> bool {
    match wanted.split_once('*') {
        None => attribute == wanted,
        Some((before, after)) => attribute.starts_with(before) && attribute.ends_with(after),
    }
}

#[test]
fn every_attribute_finds_itself() {
    let Some(catalogue) = &*REAL else {
        println!("SKIPPED: the real catalogue is not beside the checkout");
        return;
    };
    // Some of all of them, of the top level and of sets.
    let packages: Vec<&str> = (0..catalogue.len()).step_by(997).filter_map(|at| catalogue.attribute(at)).collect();
    for attribute in &packages {
        let found = catalogue.search(&Query::parse(attribute), 3);
        let found: Vec<&str> = found.hits.iter().map(|hit| catalogue.attribute(hit.package).unwrap()).collect();
        assert!(found.contains(attribute), "{attribute} finds {found:?}");
    }
}
