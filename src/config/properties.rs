//! What holds of any file and any changes of it.

use std::fmt::Write as _;
use std::fs;

use proptest::prelude::*;

use super::{BY_HAND, Place, names, spec};
use crate::config::Config;

/// A change of the property below; numbers are reduced to what there is.
#[derive(Clone, Debug)]
enum Edit {
    Add(usize),
    Remove(usize),
    Rename(usize),
    Enable(usize, bool),
    Move(usize, usize),
    List(usize, bool),
    Pin(usize, Option<u8>),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        any::<usize>().prop_map(Edit::Add),
        any::<usize>().prop_map(Edit::Remove),
        any::<usize>().prop_map(Edit::Rename),
        any::<(usize, bool)>().prop_map(|(at, is_on)| Edit::Enable(at, is_on)),
        any::<(usize, usize)>().prop_map(|(from, to)| Edit::Move(from, to)),
        any::<(usize, bool)>().prop_map(|(at, has)| Edit::List(at, has)),
        any::<(usize, Option<u8>)>().prop_map(|(at, pin)| Edit::Pin(at, pin)),
    ];
    prop::collection::vec(edit, 1..12)
}

/// Files as people write them: comments and blank lines anywhere, settings in any order, each comment another. Those that
/// begin with `file-` stand at no source.
fn files() -> impl Strategy<Value = String> {
    let filler = || prop::collection::vec(0..4_u8, 0..4);
    let source = (filler(), any::<[bool; 7]>(), filler(), filler());
    (filler(), prop::collection::vec(source, 0..5), filler(), any::<bool>()).prop_map(
        |(opening, sources, end, is_ended)| {
            let mut text = String::new();
            let mut comments = 0;
            let mut fill = |text: &mut String, lines: &[u8], owner: &str| {
                for line in lines {
                    comments += 1;
                    match line {
                        0 => text.push('\n'),
                        1 => text.push_str("  \n"),
                        2 => writeln!(text, "# {owner}{comments}.").unwrap(),
                        _ => writeln!(text, "\t# {owner}{comments}. [[source]]").unwrap(),
                    }
                }
            };
            fill(&mut text, &opening, "file-");
            text.push('\n');
            for (number, (above, flags, inside, below)) in sources.iter().enumerate() {
                let owner = format!("of-{number}-");
                fill(&mut text, above, "near-");
                text.push_str(if flags[0] { "[[source]] # head\n" } else { "  [[ 'source' ]]\n" });
                let name = format!("name = \"s{number}\" # {owner}name.\n");
                // Its second line looks like a comment, and is none.
                let location = format!("location = '''\n# <p{number}>'''\n");
                text.push_str(if flags[1] { &name } else { &location });
                fill(&mut text, inside, &owner);
                text.push_str(if flags[1] { &location } else { &name });
                if flags[2] {
                    writeln!(text, "listing = \"https://x.org/{number}.json\" # {owner}listing.").unwrap();
                }
                if flags[6] {
                    writeln!(text, " pin='{}'# {owner}pin.", pin(number)).unwrap();
                }
                if flags[3] {
                    writeln!(text, "\tenabled = {} # {owner}enabled.", flags[4]).unwrap();
                }
                fill(&mut text, below, "near-");
                if flags[5] {
                    text.push_str(&other_settings(number));
                }
            }
            text.push('\n');
            fill(&mut text, &end, "file-");
            if !is_ended {
                text.truncate(text.trim_end_matches('\n').len());
            }
            text
        },
    )
}

fn pin(number: usize) -> String {
    format!("https://x.org/{number:040}.tar.gz?narHash=sha256-{}=", "A".repeat(43))
}

/// Settings of another kind, that may stand after the source of a number.
fn other_settings(number: usize) -> String {
    format!(
        "[ keys . 'p{number}' ] # file-table{number}.\n\treload=[ 'f5',   # file-key{number}.\n]\nhelp = \"[[source]]\"\n"
    )
}

/// Every comment that stands in a text, by the word that makes it one of its kind.
fn comments(text: &str) -> Vec<&str> {
    text.split_whitespace().filter(|word| word.ends_with('.') && word.contains('-')).collect()
}

/// What the model knows of a source: name, location, listing, enabled, pin.
type Known = (String, String, Option<String>, bool, Option<String>);

fn known(config: &Config) -> Vec<Known> {
    let sources = config.sources().iter();
    let known = sources.map(|it| {
        let pin = it.pin.as_ref().map(ToString::to_string);
        (it.name.clone(), it.location.clone(), it.listing.clone(), it.enabled, pin)
    });
    known.collect()
}

proptest! {
    #[test]
    fn any_edits_of_any_file_do_what_they_say_and_keep_every_comment_of_other_sources(
        text in files(),
        edits in edits(),
    ) {
        let place = Place::new(&text);
        let mut config = place.load();
        let mut model = known(&config);
        for (number, edit) in edits.iter().enumerate() {
            let before = place.text();
            let count = model.len();
            let mut removed = None;
            match *edit {
                Edit::Add(at) => {
                    let at = at % (count + 1);
                    let name = format!("new{number}");
                    config.add(&spec(&format!("{name}=<new>")), Some(at)).unwrap();
                    model.insert(at, (name, "<new>".into(), None, true, None));
                }
                _ if count == 0 => continue,
                Edit::Remove(at) => {
                    let (name, ..) = model.remove(at % count);
                    config.remove(&name).unwrap();
                    removed = Some(name);
                }
                Edit::Rename(at) => {
                    let name = format!("named{number}");
                    config.rename(&model[at % count].0, &name).unwrap();
                    model[at % count].0 = name;
                }
                Edit::Enable(at, is_on) => {
                    config.set_enabled(&model[at % count].0, is_on).unwrap();
                    model[at % count].3 = is_on;
                }
                Edit::Move(from, to) => {
                    config.move_to(&model[from % count].0, to % count).unwrap();
                    let source = model.remove(from % count);
                    model.insert(to % count, source);
                }
                Edit::List(at, has) => {
                    let listing = has.then(|| "https://x.org/new.json".to_owned());
                    let place = listing.as_ref().map(|url| url.parse().unwrap());
                    config.set_listing(&model[at % count].0, place.as_ref()).unwrap();
                    model[at % count].2 = listing;
                }
                Edit::Pin(at, number) => {
                    let pin = number.map(|number| pin(number.into()));
                    config.set_pin(&model[at % count].0, pin.as_ref().map(|pin| pin.parse().unwrap()).as_ref()).unwrap();
                    model[at % count].4 = pin;
                }
            }
            prop_assert_eq!(known(&config), model.clone());
            let after = place.text();
            for settings in (0..5).map(other_settings) {
                prop_assert_eq!(before.contains(settings.trim_end()), after.contains(settings.trim_end()), "{}\n->\n{}", before, after);
            }
            let (mut had, mut has) = (comments(&before), comments(&after));
            if removed.is_some() {
                // Only what stood in it or directly at it is gone with it; what is of the file or of another is not.
                let gone: Vec<&str> = had.iter().filter(|comment| !has.contains(comment)).copied().collect();
                prop_assert!(gone.iter().all(|comment| !comment.starts_with("file-")) , "{:?}\n{}\n->\n{}", gone, before, after);
                let mut owners: Vec<&str> = gone.iter().filter_map(|comment| comment.strip_prefix("of-")?.split('-').next()).collect();
                owners.dedup();
                prop_assert!(owners.len() <= 1, "{:?}", gone);
                had.retain(|comment| has.contains(comment));
            }
            had.sort_unstable();
            has.sort_unstable();
            prop_assert_eq!(had, has, "{}\n->\n{}", before, after);
        }
        prop_assert_eq!(place.files(), ["config.toml"]);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..BY_HAND.len(), letter in any::<char>()) {
        let place = Place::empty();
        for content in [bytes, BY_HAND.as_bytes()[..cut].to_vec(), {
            let mut text = BY_HAND.to_owned();
            text.insert(cut, letter);
            text.into_bytes()
        }] {
            fs::write(place.file(), &content).unwrap();
            if let Ok(mut config) = Config::load(&place.file()) {
                config.add(&spec("one-more=<a>"), Some(0)).unwrap();
                prop_assert_eq!(names(&config)[0], "one-more");
            } else {
                prop_assert_eq!(fs::read(place.file()).unwrap(), content);
            }
        }
    }
}
