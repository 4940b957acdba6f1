//! Sources for tests of the screen: one in every state, something found, and packages that something stands in the way of.

use nix_loom::loom::{FoundRow, WayRow};
use nix_loom::package::{Obstacle, Package};

use super::memory::{Memory, Shelves};

pub fn shelves() -> Shelves {
    let way = |text: &str, cost: &str| WayRow { text: text.into(), cost: cost.into() };
    let hindered = |attribute: &str, obstacle: Obstacle| Package {
        obstacles: vec![obstacle],
        long_description: "What there is more to tell of it takes some lines. ".repeat(9),
        ..Memory::offered(attribute)
    };
    let mine = vec![
        hindered("bat", Obstacle::Broken),
        hindered("busybox", Obstacle::NeedsNix),
        Memory::offered("git"),
        hindered("nodePackages.prettier", Obstacle::Failed("error: undefined variable 'x'".into())),
    ];
    let newer = Package { version: "2.53.0".into(), ..Memory::offered("git") };
    Shelves::default()
        .given("demo", "/nix/demo")
        .source("nixpkgs", "<nixpkgs>")
        .source("theirs", "github:them/theirs")
        .found(FoundRow {
            name: "unstable".into(),
            location: "/home/user/.nix-defexpr/channels/unstable".into(),
            why: "channel of user".into(),
            ways: vec![
                way("packages.json of nixos-unstable", "a download of about 5 MB"),
                way("evaluated by Nix", "about a minute and 7 GB of memory"),
            ],
        })
        .offer("/nix/demo", mine)
        .offer("<nixpkgs>", vec![newer, Memory::offered("jq")])
}
