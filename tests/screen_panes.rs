//! The three panes and the details, driven by key scripts: columns, marks, orders, widths, and what a tick would do.

#![cfg(feature = "tui")]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "support/pictures.rs"]
#[allow(dead_code)]
mod pictures;
#[path = "support/screen_sources.rs"]
mod sources;

use driver::Screen;
use memory::{MINE, Memory};
use nix_loom::loom::Elsewhere;
use nix_loom::package::Package;
use nix_loom::tui::app::{Pane, Screen as Shown};
use nix_loom::tui::effect::Effect;
use nix_loom::tui::order::{AvailableOrder, InstalledOrder};
use pictures::pictures;
use sources::shelves;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];

fn screen() -> Screen {
    Screen::new(Memory::with(INSTALLED), 120, 40)
}

/// The text of the rows in which one of the panes has this.
fn row(screen: &Screen, part: &str) -> String {
    let text = screen.text();
    text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part} in\n{text}")).to_owned()
}

/// The names in the installed pane, from top to bottom.
fn installed(screen: &Screen) -> Vec<&str> {
    (0..).map_while(|row| screen.app.installed(row)).map(|element| element.name.as_str()).collect()
}

fn selected(screen: &Screen) -> &str {
    &screen.app.selected_element().expect("something is installed").name
}

/// What weighs the outputs, of those effects that wait.
fn weighing(screen: &Screen) -> Vec<usize> {
    let then = screen.waiting.iter().filter_map(|effect| match effect {
        Effect::Weigh { then, .. } => Some(then.len()),
        _ => None,
    });
    then.collect()
}

#[test]
fn columns_have_headings_where_there_is_room_and_the_least_important_go_first() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 160, 50);
    assert!(row(&screen, "name").contains("version outputs prio source"), "{}", screen.text());
    assert!(row(&screen, "output").contains("where"), "{}", screen.text());
    screen.resize(80, 24);
    assert!(!screen.shows("source") && screen.shows("prio"), "{}", screen.text());
    screen.resize(60, 24);
    assert!(!screen.shows("prio") && screen.shows("outpu"), "{}", screen.text());
    screen.resize(50, 15);
    assert!(!screen.shows("version") && screen.shows("jq"), "in a low pane rows go before headings: {}", screen.text());
}

#[test]
fn what_is_shadowed_is_marked_and_told_by_whom() {
    // The editors and busybox have `vi`, and of lower numbers one wins.
    let mut screen = Screen::new(Memory::with(&["git", "neovim"]), 160, 50);
    screen.keys("/vim<enter>p<c-u>4<enter>1G");
    assert!(row(&screen, "neovim 0.11.5").contains("▾"), "{}", screen.text());
    assert!(!row(&screen, "git ").contains('▾'), "{}", screen.text());
    assert!(screen.shows("▾ shadowed  1 file by vim"), "{}", screen.text());
    screen.keys("o");
    assert!(row(&screen, "[x] out").contains("2 · 1 shadowed"), "{}", screen.text());
    assert!(screen.shows("1 of its files is"), "{}", screen.text());
    screen.keys("uu1");
    assert!(!screen.shows("▾"), "{}", screen.text());
}

#[test]
fn the_installed_packages_are_sorted_and_the_selection_stays_on_its_package() {
    let mut screen = Screen::new(Memory::with(&["zlib", "jq", "git"]), 120, 40);
    assert_eq!(installed(&screen), ["zlib", "jq", "git"]);
    screen.keys("jO");
    assert_eq!((installed(&screen), selected(&screen)), (vec!["git", "jq", "zlib"], "jq"));
    assert!(screen.shows("Installed 3 · by name"), "{}", screen.text());
    screen.keys("j<space>");
    assert!(row(&screen, "− zlib").contains("› − zlib"), "{}", screen.text());
    assert!(format!("{:?}", screen.app.staged.changes()).contains("zlib"), "the key means the row in sight");
    screen.keys("<space>OO");
    assert_eq!(screen.app.orders.installed, InstalledOrder::Newer);
    screen.keys("O");
    assert_eq!((installed(&screen), selected(&screen)), (vec!["zlib", "jq", "git"], "zlib"));
    assert!(!screen.shows("Installed 3 ·"), "the usual order is not told");
}

#[test]
fn outdated_packages_come_first_in_their_order() {
    let newer = Package { version: "2.53.0".into(), ..Memory::offered("git") };
    let offered = vec![Memory::offered("zlib"), newer, Memory::offered("jq")];
    let mut screen = Screen::new(Memory::with(&["zlib", "jq", "git"]).that_offers(offered), 120, 40);
    screen.keys("OOO");
    assert_eq!(installed(&screen), ["git", "zlib", "jq"]);
    assert!(screen.shows("outdated first"), "{}", screen.text());
    assert!(row(&screen, "git ").contains('↑'), "{}", screen.text());
    screen.keys("g");
    assert!(screen.shows("↑ newer     2.53.0 in demo"), "{}", screen.text());
}

#[test]
fn what_is_on_offer_is_sorted_by_name_across_sources_but_a_search_ranks() {
    let mut screen = Screen::new(Memory::with_source(INSTALLED, &["zlib", "bat"]), 120, 40);
    screen.keys("2G");
    let shown = |screen: &Screen| {
        let names = (0..screen.app.available_len()).filter_map(|row| screen.app.available(row));
        names.map(|package| (package.attribute, package.source.to_string())).collect::<Vec<_>>()
    };
    let last = screen.app.available(screen.app.lists.available.selected().unwrap()).unwrap().attribute;
    let before = shown(&screen);
    screen.hold();
    screen.keys("O");
    assert_eq!(shown(&screen), before, "until it is sorted it stays as it was");
    screen.go_on();
    let after = shown(&screen);
    let bats: Vec<_> = after.iter().map(|(name, _)| name.as_str()).take(2).collect();
    assert_eq!(bats, ["bat", "bat"], "those of both sources stand together");
    assert_eq!((after[0].1.as_str(), after.len()), (MINE, before.len()));
    let prettier = after.iter().position(|(name, _)| name == "nodePackages.prettier").unwrap();
    assert!(after[prettier - 1].0.as_str() < "prettier" && after[prettier + 1].0 == "python313", "{after:?}");
    let selected = screen.app.available(screen.app.lists.available.selected().unwrap()).unwrap().attribute;
    assert_eq!(selected, last, "what is selected stays so");
    assert!(screen.shows("· by name"), "{}", screen.text());
    screen.keys("/node<enter>O");
    assert!(screen.message().starts_with("A search ranks what it finds"), "{}", screen.message());
    assert_eq!(screen.app.orders.available, AvailableOrder::Name);
    assert!(!screen.shows("· by name"), "{}", screen.text());
    screen.keys("<esc><esc>O");
    assert_eq!(shown(&screen), before);
}

#[test]
fn the_outputs_stand_in_the_order_of_their_package() {
    let mut screen = screen();
    screen.keys("oO");
    assert!(screen.message().contains("order of their package"), "{}", screen.message());
}

#[test]
fn panes_become_wider_and_narrower_within_bounds() {
    let mut screen = screen();
    let width = |screen: &Screen| row(screen, "╭ Installed").split('╮').next().unwrap().chars().count();
    let before = width(&screen);
    screen.keys(">");
    assert!(width(&screen) > before, "{}", screen.text());
    screen.keys("<<<");
    assert!(width(&screen) < before);
    screen.keys(&"<".repeat(30));
    assert_eq!(screen.message(), "The pane cannot be narrower.");
    assert!(screen.shows("nodejs_18"), "{}", screen.text());
    let narrowest = width(&screen);
    screen.keys(">");
    assert!(width(&screen) > narrowest, "one key leads back at once");
    screen.keys(&">".repeat(30));
    assert!(screen.message().starts_with("The pane cannot be wider"), "{}", screen.message());
    screen.resize(80, 24);
    let before = width(&screen);
    screen.keys("2>");
    assert!(width(&screen) < before, "of two panes the one takes from the other");
    screen.resize(50, 15);
    screen.keys(">");
    assert!(screen.message().starts_with("From 60 columns on"), "{}", screen.message());
}

#[test]
fn an_output_says_what_a_tick_adds_and_what_it_usually_holds() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 160, 50);
    screen.keys("/zlib<enter>oj");
    assert!(row(&screen, "[ ] dev").contains("+2 files"), "{}", screen.text());
    assert!(row(&screen, "[x] out").contains("brings 2 files"), "{}", screen.text());
    assert!(screen.shows("dev: headers and build files"), "{}", screen.text());
    assert!(screen.shows("A tick adds 2 files."), "{}", screen.text());
    screen.keys("<space>");
    assert!(row(&screen, "[x] dev").contains("brings 2 files"), "{}", screen.text());
    let added = screen.app.outlook.current().unwrap().preview.files.added.len();
    assert_eq!(added, 2, "as it was said");
}

#[test]
fn an_output_says_with_whom_it_would_collide() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 160, 50);
    screen.keys("/corepack<enter>o");
    assert!(row(&screen, "[ ] out").contains("+2 · 1 blocks"), "{}", screen.text());
    assert!(screen.shows("nodejs_18; that blocks the plan."), "{}", screen.text());
    screen.keys("<space>");
    assert!(row(&screen, "[x] out").contains("blocks"), "{}", screen.text());
    assert!(screen.shows("✗ blocks    the plan, at 1 path"), "{}", screen.text());
}

#[test]
fn what_is_not_known_is_said_to_be_unknown_until_fetched() {
    let mut screen = Screen::new(Memory::with(INSTALLED).unlisted(&["neovim"]), 160, 50);
    screen.keys("/neovim<enter>o");
    assert!(row(&screen, "[ ] out").contains("unknown"), "{}", screen.text());
    assert!(screen.shows("unknown until fetched, and so is"), "{}", screen.text());
    screen.keys("<space>cf<esc><space>");
    assert!(row(&screen, "[ ] out").contains("+3"), "what is fetched is known: {}", screen.text());
}

#[test]
fn outputs_are_weighed_once_and_again_when_something_is_staged() {
    let mut screen = screen();
    screen.hold();
    screen.keys("j");
    assert_eq!(weighing(&screen), [] as [usize; 0], "nothing is weighed before it is looked at");
    screen.go_on();
    assert!(row(&screen, "[x] bin").contains('1'), "{}", screen.text());
    screen.hold();
    screen.keys("jk");
    screen.go_on();
    screen.hold();
    screen.keys("jk");
    screen.waiting.retain(|effect| matches!(effect, Effect::Look { .. } | Effect::Weigh { .. }));
    let looks = std::mem::take(&mut screen.waiting);
    assert!(looks.iter().all(|effect| matches!(effect, Effect::Look { .. })), "what is known is not asked for again");
    screen.waiting = looks;
    screen.go_on();
    screen.hold();
    screen.keys("<space>");
    assert_eq!(weighing(&screen), [4], "four outputs of jq, as they would be now");
    screen.keys("H");
    screen.keys("<esc>");
    assert_eq!(weighing(&screen), [4], "what is asked for is not asked for again");
    screen.go_on();
    screen.keys("<space>");
    screen.resize(80, 24);
    screen.hold();
    screen.keys("jj<space>");
    assert_eq!(weighing(&screen), [] as [usize; 0], "nothing is worked out for a pane that is out of sight");
}

#[test]
fn an_answer_of_older_staged_changes_is_dropped() {
    let mut screen = screen();
    screen.keys("/corepack<enter>");
    screen.hold();
    screen.keys("o<space>");
    let effect = screen.waiting.iter().position(|effect| matches!(effect, Effect::Weigh { .. })).unwrap();
    let older = screen.waiting.remove(effect).unwrap();
    screen.keys("<space>");
    screen.go_on();
    let before = screen.text();
    screen.waiting.push_back(older);
    screen.go_on();
    assert_eq!(screen.text(), before);
}

#[test]
fn a_package_that_is_switched_off_says_why_its_outputs_bring_nothing() {
    let mut screen = screen();
    screen.keys("ao");
    assert!(screen.shows("switched off, so nothing of it is") && screen.shows("nothing"), "{}", screen.text());
    assert!(row(&screen, "~ git").contains("off"), "{}", screen.text());
}

#[test]
fn the_details_tell_everything_and_scroll() {
    for (columns, rows) in [(80, 24), (50, 15)] {
        let mut screen = Screen::new(Memory::with_shelves(&["git"], shelves()), columns, rows);
        screen.keys("2d");
        assert_eq!(screen.app.screen(), Some(Shown::Details));
        assert!(screen.shows("Details of bat") && screen.shows("Shows files with"), "{}", screen.text());
        assert!(screen.shows("! broken"), "{}", screen.text());
        let seen = |screen: &mut Screen| {
            let mut seen = screen.text();
            for _ in 0..40 {
                screen.keys("j");
                seen += &screen.text();
            }
            seen
        };
        let seen = seen(&mut screen);
        for part in [
            "attribute   bat",
            "license     MIT",
            "Outputs",
            "[ ] out",
            "A tick adds 2 files",
            "https://example.org/bat",
        ] {
            assert!(seen.contains(part), "no {part} at {columns}×{rows} in\n{seen}");
        }
        assert!(seen.contains("some lines."), "the long description, to its end");
        screen.keys("d");
        assert_eq!(screen.app.screen(), None);
    }
    let mut nobody = Screen::new(Memory::without_packages(), 80, 24);
    nobody.keys("d");
    assert_eq!((nobody.app.screen(), nobody.message()), (None, "No package is selected."));
}

#[test]
fn the_details_say_in_words_what_the_marks_mean() {
    let mut elsewhere = Elsewhere::default();
    elsewhere.add("/run/current-system/sw".into(), ["/store/git-2.52.0-out".into()]);
    let newer = Package { version: "2.53.0".into(), ..Memory::offered("git") };
    let memory = Memory::with(&["git"]).that_offers(vec![newer]).beside(elsewhere);
    let mut screen = Screen::new(memory, 80, 40);
    screen.keys("ad");
    for part in ["~ staged", "off", "• state", "↑ newer", "= elsewhere", "in the system too"] {
        assert!(screen.shows(part), "no {part} in\n{}", screen.text());
    }
}

#[test]
fn many_outputs_leave_room_for_what_is_told() {
    let mut many = Memory::offered("zlib");
    let output = many.outputs[0].clone();
    many.outputs = (0..30)
        .map(|number| nix_loom::package::PackageOutput { name: format!("o{number:02}"), ..output.clone() })
        .collect();
    let mut screen = Screen::new(Memory::offering(vec![many]), 80, 24);
    screen.keys("2oG");
    assert_eq!(screen.app.focus, Pane::Outputs);
    assert!(screen.shows("o29") && screen.shows("A tick"), "{}", screen.text());
}

#[test]
fn the_signs_are_explained_in_the_help() {
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 500);
    screen.keys("?");
    for (sign, meaning) in nix_loom::tui::words::SIGNS {
        let text = screen.text();
        assert!(text.lines().any(|line| line.contains(meaning) && line.contains(sign)), "{sign}");
    }
}

#[test]
fn pictures_of_the_panes_and_the_details() {
    let elsewhere = || {
        let mut elsewhere = Elsewhere::default();
        let shown = ["/store/git-2.52.0-out", "/store/c74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.7"];
        elsewhere.add("/run/current-system/sw".into(), shown.map(Into::into));
        elsewhere
    };
    let memory = || Memory::with(&["git", "jq", "neovim", "zlib"]).beside(elsewhere());
    let picture = |name: &str, keys: &str| {
        pictures(name, &format!("keys: {keys}"), |columns, rows| {
            let mut screen = Screen::new(memory(), columns, rows);
            screen.keys(keys);
            screen
        });
    };
    picture("marks", "/vim<enter>p<c-u>4<enter>1Oj");
    picture("headers", "/zlib<enter>oj");
    picture("wider", ">>>>o");
    pictures("package-details", "keys: 2d", |columns, rows| {
        let mut screen = Screen::new(Memory::with_shelves(&["git"], shelves()), columns, rows);
        screen.keys("2d");
        screen
    });
}
