//! What the screen tells of packages on offer: what stands in their way, what is installed of them, what other sources have.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;

use driver::Screen;
use memory::Memory;
use nix_loom::package::{Obstacle, Package};

/// Packages that something stands in the way of.
fn hindered() -> Vec<Package> {
    let hindered = |attribute: &str, obstacles: &[Obstacle]| Package {
        obstacles: obstacles.to_vec(),
        ..Memory::offered(attribute)
    };
    vec![
        hindered("bat", &[Obstacle::Broken]),
        hindered("busybox", &[Obstacle::Unfree, Obstacle::Insecure]),
        hindered("corepack", &[Obstacle::NeedsNix]),
        hindered("git", &[Obstacle::OtherSystem]),
        hindered("jq", &[Obstacle::Broken, Obstacle::Failed("error: undefined variable 'x'\n  at line 3".into())]),
        Memory::offered("zlib"),
    ]
}

fn screen(columns: u16, rows: u16) -> Screen {
    let mut screen = Screen::new(Memory::offering(hindered()), columns, rows);
    screen.keys("2");
    screen
}

/// The row of an attribute in the pane of available packages.
fn row(screen: &Screen, attribute: &str) -> String {
    let text = screen.text();
    let row = text.lines().find(|line| line.contains(attribute) && !line.contains("Outputs")).expect("a row");
    row.to_owned()
}

#[test]
fn a_row_tells_the_gravest_obstacle_in_a_word_or_where_there_is_no_room_in_a_sign() {
    let screen = screen(120, 40);
    let words =
        [("bat", "! broken"), ("busybox", "! insecure"), ("corepack", "✗"), ("git", "! system"), ("jq", "✗ fails")];
    for (attribute, word) in words {
        assert!(row(&screen, &format!("  {attribute} ")).contains(word), "{}", screen.text());
    }
    assert!(!row(&screen, "zlib").contains('!'));
    let mut long = hindered();
    long[0].attribute = "a-name-that-is-longer-than-the-row-has-columns-for-it".into();
    let screen = Screen::new(Memory::offering(long), 80, 24);
    assert!(row(&screen, "a-name").contains("… !"), "{}", screen.text());
}

#[test]
fn the_whole_reason_is_told_below_the_rows_and_in_the_details() {
    let mut screen = screen(120, 40);
    screen.keys("j");
    assert_eq!(screen.text().matches("! unfree, insecure").count(), 2, "{}", screen.text());
    screen.keys("jjj");
    assert!(screen.shows("✗ broken, does not evaluate: error:"), "{}", screen.text());
    assert!(screen.shows("undefined variable 'x' · at line 3"), "{}", screen.text());
}

#[test]
fn what_can_be_installed_in_no_way_is_refused_with_the_reason_and_the_way_out() {
    let mut screen = screen(120, 40);
    screen.keys("jj<space>");
    assert!(screen.app.staged.is_empty());
    assert!(
        screen.message().starts_with("Not staged: corepack needs Nix: demo only lists it.")
            && screen.message().contains("A source that Nix evaluates can install it"),
        "{}",
        screen.message()
    );
    screen.keys("jj<space>");
    assert!(screen.app.staged.is_empty());
    assert!(
        screen.message().starts_with("Not staged: jq does not evaluate: error: undefined variable 'x' · at line 3.")
            && screen.message().contains("r reads it again"),
        "{}",
        screen.message()
    );
    screen.keys("o<space>");
    assert!(screen.app.staged.is_empty() && screen.message().starts_with("Not staged"), "an output of it neither");
    screen.keys("<esc>p");
    assert!(screen.app.dialog.is_none() && screen.message().starts_with("Not staged"), "nor is a priority asked for");
}

#[test]
fn what_the_users_configuration_may_allow_is_staged_and_tried() {
    let mut screen = screen(120, 40);
    screen.keys("<space>j<space>jj<space>");
    assert_eq!(screen.app.staged.changes().len(), 3, "{}", screen.message());
    screen.keys("<space>");
    assert_eq!(screen.app.staged.changes().len(), 2, "and taken back");
}

#[test]
fn the_details_tell_what_is_installed_and_what_other_sources_have() {
    let other = Package { source: "unstable".into(), version: "2.53.0".into(), ..Memory::offered("git") };
    let third = Package { source: "third".into(), version: String::new(), ..Memory::offered("git") };
    let own = Package { long_description: "Git is a tool. ".repeat(50), ..Memory::offered("git") };
    let memory = Memory::with(&["jq", "git"]).that_offers(vec![own, Memory::offered("jq"), other, third]);
    let mut screen = Screen::new(memory, 120, 40);
    screen.keys("j");
    for line in [
        "• state     installed",
        "version     2.52.0",
        "outputs     out",
        "also in     unstable 2.53.0",
        "license     MIT",
    ] {
        assert!(screen.shows(line), "{line}\n{}", screen.text());
    }
    assert!(screen.shows("third not known yet") && screen.shows("Git is a tool. Git"), "{}", screen.text());
    assert!(screen.text().lines().any(|line| line.contains("Git is") && line.contains('…')), "{}", screen.text());
    let text = screen.text();
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}"));
    assert!(at("Distributed version control") < at("also in") && at("also in") < at("Git is a tool"));
    screen.resize(50, 15);
    screen.keys("o");
    assert!(screen.shows("Distributed version control"), "the most important first:\n{}", screen.text());
}

#[test]
fn the_hint_line_tells_what_the_search_box_takes() {
    let mut screen = screen(120, 40);
    screen.keys("/");
    let hints = screen.text().lines().last().unwrap_or_default().to_owned();
    assert!(hints.contains("Esc clear") && hints.contains("'exact  ^start  !not  source:NAME"), "{hints}");
}

#[test]
fn where_nothing_is_found_the_filters_in_force_are_named() {
    let mut screen = screen(120, 40);
    screen.keys("/qqqq");
    assert!(screen.shows("fewer or shorter words"), "{}", screen.text());
    screen.keys("<c-u>zlib source:nowhere !broken: output:");
    assert!(screen.shows("source:nowhere !broken: is looked at"), "{}", screen.text());
    assert!(!screen.shows("output: is looked at"), "a filter without its text asks for nothing");
    screen.keys("<c-u>zlib foo: output:");
    assert!(screen.shows("Available 0 of 6"), "an unknown one is a word like any other:\n{}", screen.text());
    screen.keys("<c-u>zlib output:");
    assert!(screen.shows("Available 1 of 6"), "{}", screen.text());
}

#[test]
fn a_query_that_changes_goes_to_the_top_and_what_refreshes_stays() {
    let mut screen = Screen::new(Memory::with(&["jq", "git"]), 120, 40);
    screen.keys("/installed:<down>");
    assert_eq!(screen.app.lists.available.selected(), Some(1));
    screen.keys("<enter>1<space><enter><enter>");
    assert!(screen.message().starts_with("Generation 3"), "{}", screen.message());
    assert!(screen.shows("Available 1 of 16"), "what is installed became less:\n{}", screen.text());
    screen.keys("/<c-u>o<down><down>d");
    assert_eq!(screen.app.lists.available.selected(), Some(0));
}

#[test]
fn an_installed_package_with_a_newer_version_in_its_source_is_marked() {
    // As an index tells of them: where their outputs are is not known.
    let other = |attribute: &str, version: &str| {
        let mut package = Package { version: version.into(), ..Memory::offered(attribute) };
        package.outputs.iter_mut().for_each(|output| output.path = None);
        package
    };
    // Of zlib the source has an older one, of bat only another source has a newer one.
    let elsewhere = Package { source: "other".into(), ..other("bat", "99") };
    let offered = vec![other("git", "2.52.0.1"), other("jq", "1.10"), other("zlib", "1.3.1pre2"), elsewhere];
    let memory = Memory::with(&["git", "jq", "zlib", "bat"]).that_offers(offered);
    let mut screen = Screen::new(memory, 120, 40);
    assert!(screen.shows("Installed 4 · 2 newer"), "{}", screen.text());
    for (attribute, is_newer) in [("git", true), ("jq", true), ("zlib", false), ("bat", false)] {
        let text = screen.text();
        let mut rows = text.lines().skip(2).map(|line| line.chars().take(36).collect::<String>());
        let row = rows.find(|row| row.contains(attribute)).unwrap();
        assert_eq!(row.contains('↑'), is_newer, "{row}");
    }
    assert!(screen.shows("↑ newer     2.52.0.1 in demo"), "{}", screen.text());
    screen.keys("jj");
    assert!(screen.shows("offered     1.3.1pre2") && !screen.shows("↑ newer"), "{}", screen.text());
    screen.resize(160, 40);
    assert!(screen.shows("Installed 4 · 2 have newer versions"), "{}", screen.text());
    screen.resize(50, 15);
    assert!(screen.shows("↑"), "{}", screen.text());
    // Space on the newer one stages it.
    screen.keys("2/git<enter><space>");
    assert_eq!(screen.app.staged.changes().len(), 1, "{}", screen.message());
}
