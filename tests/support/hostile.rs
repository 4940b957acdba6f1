//! What a source may say that means no good: texts that steer a terminal, deceive a reader, or are far too long.

use nix_loom::package::{Obstacle, Package, PackageOutput};
use proptest::prelude::*;

/// Texts as no friendly source has them.
pub fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned()),
        Just("\u{9b}31m\r\n\t\0\u{7f}".to_owned()),
        Just("\u{202e}gnp.exe\u{2066}\u{200f}שלום مرحبا".to_owned()),
        Just("日本語ｗｉｄｅ👩\u{200d}💻🏳\u{fe0f}\u{200d}🌈".to_owned()),
        Just("e\u{301}\u{301}\u{301}".to_owned() + &"\u{35c}".repeat(200)),
        Just("\u{200b}\u{feff}\u{ad}\u{2028}".to_owned()),
        Just("x".repeat(10_000)),
        Just("word ".repeat(2_000)),
        any::<String>(),
        "[a-z]{1,12}",
        Just(String::new()),
    ];
    prop::collection::vec(piece, 1..3).prop_map(|pieces| pieces.concat())
}

/// A package each of whose fields is such a text.
pub fn package() -> impl Strategy<Value = Package> {
    let obstacle = (0..6, hostile()).prop_map(|(kind, reason)| match kind {
        0 => Obstacle::Broken,
        1 => Obstacle::Unfree,
        2 => Obstacle::Insecure,
        3 => Obstacle::OtherSystem,
        4 => Obstacle::NeedsNix,
        _ => Obstacle::Failed(reason),
    });
    (prop::collection::vec(hostile(), 10), prop::collection::vec(obstacle, 0..3)).prop_map(|(texts, obstacles)| {
        let [attribute, name, version, description, long_description, homepage, license, output, default, program] =
            texts.try_into().unwrap();
        Package {
            // No attribute is empty, and no two are the same.
            attribute: format!("{attribute}{}", "a".repeat(obstacles.len() + 1)),
            source: "replaced".into(),
            name,
            version,
            description,
            long_description,
            homepage,
            licenses: vec![license.clone(), license],
            priority: i64::MIN,
            outputs: vec![
                PackageOutput { name: output, path: None },
                PackageOutput { name: default.clone(), path: Some("/store/x\u{1b}[31m".into()) },
            ],
            default_outputs: vec![default],
            main_program: Some(program),
            obstacles,
            evaluated: None,
        }
    })
}
