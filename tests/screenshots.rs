//! The pictures in screenshots/ are those of the program as it is.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "screenshots/png.rs"]
mod png;
#[path = "screenshots/scenes.rs"]
mod scenes;
#[path = "support/screen_sources.rs"]
mod sources;
#[path = "screenshots/svg.rs"]
mod svg;

use std::collections::BTreeSet;
use std::fs;

const ANEW: &str = "`cargo run --example screenshots` makes them anew";

/// Does nothing but in the process that the other test starts.
#[test]
fn drawing() {
    scenes::is_drawn().unwrap();
}

#[test]
fn the_pictures_match_the_program() {
    let drawn = scenes::drawn(&["--exact", "drawing"]).unwrap();
    let there: BTreeSet<String> =
        fs::read_dir(scenes::folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let expected: BTreeSet<String> = drawn.iter().map(|(name, _)| format!("{name}.png")).collect();
    assert_eq!(there, expected, "pictures are missing, or there are too many; {ANEW}");
    for (name, svg) in &drawn {
        assert!(!svg.contains("/tmp") && !svg.contains("/proc"), "{name} shows a place of this machine");
        let png = fs::read(scenes::folder().join(format!("{name}.png"))).unwrap();
        assert_eq!(png::source(&png), Some(png::hash(svg)), "{name} is stale; {ANEW}");
    }
    // To make all of them takes long; one tells whether they are made as they were.
    let (name, svg) = drawn.iter().min_by_key(|(_, svg)| svg.len()).unwrap();
    let png = png::png(svg, &png::fonts().unwrap()).unwrap();
    assert!(
        png == fs::read(scenes::folder().join(format!("{name}.png"))).unwrap(),
        "{name} is made differently; {ANEW}"
    );
}

#[test]
fn every_picture_of_the_readme_is_there() {
    let readme = fs::read_to_string(scenes::folder().join("../README.md")).unwrap();
    let shown = readme.split("](screenshots/").skip(1).map(|rest| rest.split_once(')').unwrap().0);
    let mut count = 0;
    for file in shown {
        assert!(scenes::folder().join(file).exists(), "{file}");
        count += 1;
    }
    assert!(count > 1);
}
