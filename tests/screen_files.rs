//! The files screen and who has a file, driven by key scripts over a backend in memory.

#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used)]

#[path = "support/screen.rs"]
#[allow(dead_code)] // each test program uses its own part of it
mod driver;
#[path = "support/screen_memory.rs"]
#[allow(dead_code)]
mod memory;
#[path = "support/pictures.rs"]
#[allow(dead_code)]
mod pictures;

use std::path::PathBuf;
use std::sync::Arc;

use driver::Screen;
use memory::Memory;
use nix_loom::engine::{Disk, ListingBuilder, Listings};
use nix_loom::loom::{Asked, FileTree, Found, NIX_INDEX, Provider};
use nix_loom::profile::Change;
use nix_loom::tui::action::Action;
use nix_loom::tui::app::{Pane, Screen as Shown};
use nix_loom::tui::effect::{Effect, Reply};
use pictures::pictures;
use proptest::prelude::*;

const INSTALLED: &[&str] = &["git", "jq", "nodejs_18", "zlib"];
/// Stages what shadows: vim wins bin/vi over neovim.
const STAGE: &str = "/neovim<enter><space>p<c-u>6<enter>/<c-u>vim<enter><space>1";

fn screen(keys: &str) -> Screen {
    let mut screen = Screen::new(Memory::with(INSTALLED), 120, 40);
    screen.keys(keys);
    screen
}

fn of_memory(name: &str, memory: impl Fn() -> Memory, keys: &str) {
    pictures(name, &format!("keys: {keys}"), |columns, rows| {
        let mut screen = Screen::new(memory(), columns, rows);
        screen.keys(keys);
        screen
    });
}

fn of_keys(name: &str, keys: &str) {
    of_memory(name, || Memory::with(INSTALLED), keys);
}

#[test]
fn pictures_of_a_packages_outputs() {
    of_keys("files-of-package", "jjjjflj");
    of_memory("files-unknown", || Memory::with(INSTALLED).unlisted(&["git"]), "f");
}

#[test]
fn pictures_of_the_profile_with_what_is_shadowed() {
    of_keys("files-of-profile", "Fljjjj");
    of_keys("files-of-plan", &format!("{STAGE}F<tab>l/vi<enter>"));
    of_keys("files-filter", "F/man node");
}

#[test]
fn pictures_of_who_has_a_file() {
    of_keys("which", "wvi");
    of_keys("which-part", "wno");
    of_keys("which-nothing", "wno such file");
    of_memory("which-index", || Memory::with(INSTALLED).unlisted(&["bat"]).with_index("netcat-openbsd"), "wnc");
}

/// The path of what is selected.
fn selected(screen: &Screen) -> String {
    let row = screen.app.lists.files.selected().unwrap();
    let at = screen.app.files.node(row).unwrap();
    String::from_utf8(screen.app.files.tree().unwrap().path(at)).unwrap()
}

/// The paths of all rows.
fn rows(screen: &Screen) -> Vec<String> {
    let tree = screen.app.files.tree().unwrap();
    let path = |&at: &u32| String::from_utf8(tree.path(at)).unwrap();
    screen.app.files.rows.list().iter().map(path).collect()
}

#[test]
fn the_files_of_the_selected_package_open_with_one_key_and_close_with_one() {
    let mut screen = screen("jf");
    assert_eq!(screen.app.screen(), Some(Shown::Files));
    assert!(screen.shows("Files of jq"), "{}", screen.text());
    assert_eq!(rows(&screen), ["bin", "man", "dev", "out"]);
    assert!(screen.shows("installed · default · 1 file"), "{}", screen.text());
    screen.keys("q");
    assert_eq!(screen.app.screen(), None);
}

#[test]
fn directories_with_one_directory_alone_unfold_together_and_left_leads_up() {
    let mut screen = screen("Fjjjl");
    let unfolded = ["bin", "lib", "libexec", "share", "share/man", "share/man/man1", "share/man/man3"];
    assert_eq!((selected(&screen), rows(&screen)), ("share".into(), unfolded.map(String::from).to_vec()));
    screen.keys("jjl");
    assert!(rows(&screen).contains(&"share/man/man1/git.1.gz".to_owned()));
    screen.keys("jh");
    assert_eq!(selected(&screen), "share/man/man1", "a file leads to its directory");
    screen.keys("h");
    assert_eq!(rows(&screen), unfolded, "a directory folds");
    screen.keys("hhhh");
    assert_eq!(rows(&screen), ["bin", "lib", "libexec", "share"]);
    screen.keys("g*");
    assert!(rows(&screen).contains(&"bin/node".to_owned()));
    screen.keys("e");
    assert_eq!(rows(&screen), ["bin", "lib", "libexec", "share"]);
    screen.keys("<enter>jl");
    screen.keys("l");
    assert_eq!(screen.message(), "There is nothing to unfold here.");
}

#[test]
fn a_filter_shows_what_holds_every_word_and_what_was_found_stays_selected_without_it() {
    let mut screen = screen("F/node man");
    assert_eq!(rows(&screen), ["share", "share/man", "share/man/man1", "share/man/man1/node.1.gz"]);
    assert_eq!(selected(&screen), "share/man/man1/node.1.gz");
    assert!(screen.shows("1 of 13 files"), "{}", screen.text());
    screen.keys("<enter><esc>");
    assert_eq!(screen.app.screen(), Some(Shown::Files), "Esc clears the filter first");
    assert_eq!(selected(&screen), "share/man/man1/node.1.gz");
    assert!(rows(&screen).contains(&"bin".to_owned()));
    screen.keys("/nothing holds this");
    assert!(screen.shows("No path holds all of these words"), "{}", screen.text());
    screen.keys("<esc><esc>");
    assert_eq!(screen.app.screen(), None);
}

#[test]
fn tab_shows_the_profile_as_it_would_be_with_what_was_unfolded() {
    let mut screen = screen("F<tab>");
    assert_eq!(screen.message(), "Nothing is staged: the profile would stay as it is.");
    screen.keys("q/vim<enter><space>F<enter><tab>");
    assert!(screen.shows("as it would be"), "{}", screen.text());
    assert!(rows(&screen).contains(&"bin/vim".to_owned()));
    screen.keys("<tab>");
    assert!(!rows(&screen).contains(&"bin/vim".to_owned()) && rows(&screen).contains(&"bin/git".to_owned()));
}

#[test]
fn who_stands_back_is_marked_in_its_row_and_named_beside_it() {
    let mut screen = screen(STAGE);
    screen.keys("F<tab>/bin/vi<enter>g");
    let row = rows(&screen).iter().position(|path| path == "bin/vi").unwrap();
    screen.keys(&"j".repeat(row));
    assert_eq!(selected(&screen), "bin/vi");
    assert!(screen.shows("▾     vi*"), "{}", screen.text());
    assert!(screen.shows("vim has the lowest number (5)"), "{}", screen.text());
    assert!(
        screen.shows("neovim (out) · priority 6") && screen.shows("has neovim-0.11.5-out/bin/vi"),
        "{}",
        screen.text()
    );
}

#[test]
fn an_output_whose_files_nobody_knows_says_so() {
    let mut screen = Screen::new(Memory::with(INSTALLED).unlisted(&["git"]), 120, 40);
    screen.keys("f");
    assert!(
        screen.shows("unknown until fetched · inst") && screen.shows("they are known once it is fetched"),
        "{}",
        screen.text()
    );
    screen.keys("qF");
    assert!(screen.shows("?   git: unknown until fetched"), "{}", screen.text());
}

#[test]
fn the_answer_to_an_older_question_is_dropped() {
    let mut screen = screen("");
    screen.hold();
    screen.keys("wv");
    let Some(Effect::Which { request, .. }) = screen.waiting.pop_back() else { panic!("it is asked") };
    screen.keys("i");
    screen.act(Action::Reply(Reply::Which { request, found: Ok(provided(&["stale".to_owned()])) }));
    assert!(screen.app.which.found.is_none() && screen.shows("looking…"), "{}", screen.text());
    screen.go_on();
    assert_eq!(screen.app.which.providers().len(), 3);
}

#[test]
fn what_has_a_command_is_staged_from_the_list_and_taken_back() {
    let mut screen = screen("wbusybox<space>");
    let is_busybox = |change: &Change| matches!(change, Change::Install { attribute, .. } if attribute == "busybox");
    assert!(screen.app.staged.changes().iter().any(is_busybox), "{:?}", screen.app.staged.changes());
    assert!(screen.shows("+ busybox") && screen.shows("staged"), "{}", screen.text());
    screen.keys("<space>");
    assert!(screen.app.staged.is_empty());
}

#[test]
fn the_output_that_has_the_file_comes_with_what_is_usual_or_to_what_is_installed() {
    let mut one = screen("wjq.h<space>");
    assert!(
        matches!(one.app.staged.changes(), [Change::Outputs { name, outputs }] if name == "jq" && *outputs == ["bin", "man", "dev"]),
        "{:?}",
        one.app.staged.changes()
    );
    one.keys("<space>");
    assert!(one.app.staged.is_empty(), "{:?}", one.app.staged.changes());
    let other = screen("wlibavcodec<space>");
    assert!(
        matches!(other.app.staged.changes(), [Change::Install { outputs: Some(outputs), .. }] if *outputs == ["bin", "man", "dev"]),
        "{:?}",
        other.app.staged.changes()
    );
}

#[test]
fn enter_goes_to_the_package_installed_or_on_offer() {
    let mut one = screen("wnpm<enter>");
    assert_eq!((one.app.screen(), one.app.focus), (None, Pane::Installed));
    assert_eq!(one.app.subject().unwrap().name(), "nodejs_18");
    let mut other = screen("wrg<enter>");
    assert_eq!((other.app.screen(), other.app.focus), (None, Pane::Available));
    assert_eq!(other.app.subject().unwrap().name(), "ripgrep");
    other.keys("<space>");
    assert!(matches!(other.app.staged.changes(), [Change::Install { attribute, .. }] if attribute == "ripgrep"));
    one.keys("w<enter>");
    assert_eq!(one.message(), "There is no package to go to.");
}

#[test]
fn a_search_that_found_no_package_is_what_is_asked_of_files_next() {
    let mut screen = screen("/bin/npm<enter>");
    assert!(screen.shows("No package matches"));
    screen.keys("w");
    assert_eq!(screen.app.which.input.text(), "bin/npm");
    assert!(screen.app.which.providers().iter().any(|provider| provider.package == "nodejs_18"), "{}", screen.text());
    screen.keys("rg");
    assert_eq!(screen.app.which.input.text(), "rg", "what is typed takes its place");
    screen.keys("<esc><esc>/zlib<enter>w");
    assert!(screen.app.which.input.is_empty(), "it found a package");
}

#[test]
fn the_files_of_a_generation_are_shown_from_the_history_which_is_where_one_gets_back_to() {
    let mut screen = screen("H");
    let number = screen.app.selected_generation().unwrap().number;
    screen.keys("f");
    assert!(screen.shows(&format!("generation {number}")), "{}", screen.text());
    assert!(screen.app.files.tree().is_some_and(|tree| tree.find(b"bin/jq").is_some()), "{}", screen.text());
    screen.keys("<esc>");
    assert_eq!(screen.app.screen(), Some(Shown::Generations));
}

#[test]
fn what_only_nix_index_knows_is_shown_and_says_why_it_cannot_be_installed() {
    let mut screen = Screen::new(Memory::with(INSTALLED).with_index("netcat-openbsd"), 120, 40);
    screen.keys("wnc<end>");
    let row = screen.app.which.providers().iter().position(|provider| provider.source == NIX_INDEX).unwrap();
    screen.keys(&"<down>".repeat(row)).keys("<space>");
    assert!(screen.message().contains("only nix-index's database knows it"), "{}", screen.message());
}

/// Texts as no friendly source has them.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned()),
        Just("\u{9b}31m\r\n\t\u{7f}".to_owned()),
        Just("\u{202e}gnp.exe\u{2066}\u{200f}שלום".to_owned()),
        Just("日本語ｗｉｄｅ👩\u{200d}💻🏳\u{fe0f}\u{200d}🌈".to_owned()),
        Just("e\u{301}".to_owned() + &"\u{35c}".repeat(50)),
        Just("x".repeat(250)),
        "[a-z]{1,12}",
        any::<String>(),
    ]
}

fn provided(names: &[String]) -> Found {
    let provider = |name: &String| Provider {
        package: name.clone(),
        source: name.clone(),
        output: name.clone(),
        path: format!("bin/{name}\u{ff}").into_bytes().into(),
        installed: name.len().is_multiple_of(2),
        on_offer: true,
        shadowed: name.len().is_multiple_of(4),
    };
    Found { providers: names.iter().map(provider).collect(), unlisted: usize::MAX, ..Found::default() }
}

/// A package whose outputs, files and links are called so.
fn tree(names: &[String]) -> FileTree {
    let mut listing = ListingBuilder::new();
    let clean = |name: &String| name.replace(['/', '\0'], "_");
    for (at, name) in names.iter().enumerate() {
        let path = format!("{at}{}/{at}{}", clean(name), clean(name));
        let (link, target) = (format!("{path}-link"), format!("{name}x"));
        let _ = listing.file(&[path.as_bytes(), b"\xff"].concat(), u64::MAX, true, None);
        let _ = listing.symlink(link.as_bytes(), target.replace('\0', "_").as_bytes());
    }
    let mut listings = Listings::new(Disk);
    listings.insert(b"/store/hostile", Arc::new(listing.finish()));
    let asked = |name: &String| Asked {
        package: name.clone(),
        version: name.clone(),
        output: name.clone(),
        path: name.len().is_multiple_of(2).then(|| PathBuf::from("/store/hostile")),
        priority: Some(i64::MIN),
    };
    FileTree::of_outputs(&names.iter().map(asked).collect::<Vec<_>>(), &listings, &|| true).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_name_of_a_file_or_a_package_reaches_the_terminal_raw(names in prop::collection::vec(hostile(), 1..6)) {
        for script in ["F", "w"] {
            let mut screen = screen("");
            screen.hold();
            screen.keys(script);
            match screen.waiting.pop_back() {
                Some(Effect::Files { request, .. }) => {
                    screen.act(Action::Reply(Reply::Files { request, tree: Ok(Arc::new(tree(&names))) }));
                    screen.keys("*G*k");
                }
                Some(Effect::Which { request, .. }) => {
                    screen.act(Action::Reply(Reply::Which { request, found: Ok(provided(&names)) }));
                }
                effect => panic!("{effect:?}"),
            }
            for (columns, rows) in [(160, 50), (120, 40), (80, 24), (50, 15), (40, 8)] {
                screen.resize(columns, rows);
                let (buffer, _) = screen.draw();
                for cell in buffer.content() {
                    let is_bad = |letter: char| {
                        letter.is_control() || ('\u{202a}'..='\u{202e}').contains(&letter) || ('\u{2066}'..='\u{2069}').contains(&letter)
                    };
                    prop_assert!(!cell.symbol().chars().any(is_bad), "{:?} at {columns}×{rows}", cell.symbol());
                }
                for y in 1..rows.saturating_sub(5) {
                    let is_border = "│┃╮╯┤├".contains(buffer[(columns - 1, y)].symbol());
                    prop_assert!(is_border, "row {y} at {columns}×{rows}:\n{}", screen.text());
                }
            }
        }
    }
}
