//! Makes the pictures in screenshots/ anew: `cargo run --example screenshots`. The program's own drawing of real packages, by key
//! scripts as in the tests; `tests/screenshots.rs` fails when they no longer match the program.

#[path = "../support/screen.rs"]
#[allow(dead_code)] // made for tests, which ask for more
mod driver;
#[path = "../support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
mod png;
mod scenes;
#[path = "../support/screen_sources.rs"]
mod sources;
mod svg;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    if scenes::is_drawn()? {
        return Ok(());
    }
    let fonts = png::fonts()?;
    let mut files = BTreeSet::new();
    for (name, svg) in scenes::drawn(&[])? {
        let file = scenes::folder().join(format!("{name}.png"));
        let is_new = fs::read(&file).ok().and_then(|png| png::source(&png)) != Some(png::hash(&svg));
        if is_new {
            fs::write(&file, png::png(&svg, &fonts)?)?;
            println!("{}", file.display());
        }
        files.insert(file);
    }
    for file in fs::read_dir(scenes::folder())? {
        let file = file?.path();
        if !files.contains(&file) {
            println!("{} is not made any more", file.display());
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}
