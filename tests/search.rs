//! What a search finds and in which order, over the attributes of the demo set and over hostile ones.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use nix_loom::catalogue::{Catalogue, Query, SearchResult};
use nix_loom::package::{DEFAULT_PRIORITY, Package, PackageOutput};
use proptest::prelude::*;

/// The demo set's attributes: names, versions, descriptions, programs and outputs of 190 packages.
static DEMO: LazyLock<Catalogue> = LazyLock::new(|| {
    let rows: Vec<serde_json::Value> = serde_json::from_str(include_str!("fixtures/demo-attributes.json")).unwrap();
    let packages = rows.iter().map(|row| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let outputs = row["outputs"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        Package {
            name: text("pname"),
            version: text("version"),
            description: text("description"),
            outputs: outputs.map(|name| PackageOutput { name: name.into(), path: None }).collect(),
            main_program: row["mainProgram"].as_str().map(Into::into),
            evaluated: None,
            ..package(&text("attr"))
        }
    });
    Catalogue::of_packages(packages.collect())
});

fn package(attribute: &str) -> Package {
    Package {
        attribute: attribute.into(),
        source: Arc::from("test"),
        name: String::new(),
        version: String::new(),
        description: String::new(),
        long_description: String::new(),
        homepage: String::new(),
        licenses: Vec::new(),
        priority: DEFAULT_PRIORITY,
        outputs: Vec::new(),
        default_outputs: Vec::new(),
        main_program: None,
        obstacles: Vec::new(),
        evaluated: None,
    }
}

fn catalogue_of(attributes: &[&str]) -> Catalogue {
    Catalogue::of_packages(attributes.iter().map(|attribute| package(attribute)).collect())
}

fn search(catalogue: &Catalogue, query: &str) -> SearchResult {
    catalogue.search(&Query::parse(query), usize::MAX)
}

/// The attributes found, best first.
fn found<'a>(catalogue: &'a Catalogue, query: &str) -> Vec<&'a str> {
    let hits = search(catalogue, query).hits;
    hits.iter().map(|hit| catalogue.attribute(hit.package).unwrap()).collect()
}

/// The highlighted letters of an attribute, the others as dots.
fn highlighted(catalogue: &Catalogue, query: &str, attribute: &str) -> String {
    let mut hits = search(catalogue, query).hits.into_iter();
    let hit = hits.find(|hit| catalogue.attribute(hit.package).unwrap() == attribute).unwrap();
    let matched = catalogue.matched(hit.package, &Query::parse(query));
    attribute.char_indices().map(|(at, letter)| if matched.contains(&at) { letter } else { '·' }).collect()
}

fn assert_first(claims: &[(&str, &[&str])]) {
    for (query, expected) in claims {
        let found = found(&DEMO, query);
        assert_eq!(&found[..expected.len().min(found.len())], *expected, "for {query:?}");
    }
}

#[test]
fn the_exact_attribute_comes_before_longer_ones() {
    assert_first(&[
        ("git", &["git", "git-lfs"]),
        ("vim", &["vim", "neovim"]),
        ("gcc", &["gcc"]),
        ("zip", &["zip", "p7zip", "gzip", "bzip2", "unzip"]),
        ("nix", &["nix", "nix-tree"]),
        ("libjpeg", &["libjpeg", "libjpeg_original"]),
        ("netcat", &["netcat", "netcat-gnu", "netcat-openbsd"]),
        ("ctags", &["ctags", "universal-ctags"]),
        ("less", &["less"]),
        ("tree", &["tree", "nix-tree"]),
        ("pkg-config", &["pkg-config", "pkg-config-unwrapped"]),
        ("ed", &["ed"]),
    ]);
}

#[test]
fn the_name_of_a_main_program_finds_its_package() {
    assert_first(&[
        ("rg", &["ripgrep"]),
        ("grep", &["gnugrep", "ripgrep"]),
        ("ssh", &["openssh"]),
        ("nvim", &["neovim"]),
        ("7z", &["p7zip"]),
        ("hg", &["mercurial"]),
        ("svn", &["subversion"]),
        ("mvn", &["maven"]),
        ("gpg", &["gnupg"]),
        ("java", &["jdk17", "jdk21"]),
        ("magick", &["imagemagick"]),
        ("node", &["nodejs_18", "nodejs_20"]),
    ]);
}

#[test]
fn the_last_component_names_a_package_of_a_set() {
    assert_first(&[
        ("requests", &["python312Packages.requests"]),
        ("numpy", &["python312Packages.numpy"]),
        ("pip", &["python312Packages.pip"]),
        ("python312Packages.six", &["python312Packages.six"]),
        ("yaml", &["yq", "python312Packages.pyyaml"]),
    ]);
}

#[test]
fn all_terms_together_choose_the_package() {
    assert_first(&[
        ("node 20", &["nodejs_20"]),
        ("20 node", &["nodejs_20"]),
        ("python requests", &["python312Packages.requests"]),
        ("python 3.12", &["python312"]),
        ("postgresql 16", &["postgresql_16"]),
        ("jdk 21", &["jdk21"]),
        ("libjpeg original", &["libjpeg_original"]),
        ("emacs terminal", &["emacs-nox"]),
        ("image convert", &["imagemagick"]),
        ("coreutils rust", &["uutils-coreutils-noprefix"]),
    ]);
    assert_eq!(found(&DEMO, "node 20 zzz"), [""; 0]);
}

#[test]
fn an_outputs_name_beside_a_package_keeps_the_packages_that_have_it() {
    assert_first(&[("zlib dev", &["zlib"]), ("zlib static", &["zlib"]), ("openssl dev", &["openssl"])]);
    let with_dev = found(&DEMO, "dev");
    assert!(with_dev.contains(&"zlib") && !with_dev.contains(&"ripgrep"));
    // Every package has an `out`: the word says nothing.
    assert!(!found(&DEMO, "out").contains(&"zlib"));
}

#[test]
fn words_of_the_description_find_a_package_after_those_of_that_name() {
    assert_first(&[
        ("multiplexer", &["screen"]),
        ("regular expression", &["ripgrep"]),
        ("proxy", &["haproxy", "nginx"]),
        ("parser", &["bison"]),
    ]);
    assert_eq!(found(&DEMO, "greeting"), ["hello"]);
    let shell = found(&DEMO, "shell");
    assert_eq!(shell[0], "shellcheck");
    assert!(["bash", "zsh", "fish", "dash"].iter().all(|name| shell.contains(name)));
}

#[test]
fn each_kind_of_match_comes_before_the_next() {
    let mut packages: Vec<Package> =
        ["agoodtree", "foo-abcd", "xabcx", "a-b-c", "abc", "abc-x", "abcx", "set.abc"].map(package).into();
    packages.push(Package { main_program: Some("abc".into()), ..package("program") });
    packages.push(Package { description: "An abc of things".into(), ..package("described") });
    packages.push(Package { description: "Xabcx".into(), ..package("within") });
    let catalogue = Catalogue::of_packages(packages);
    let expected = ["abc", "program", "abc-x", "set.abc", "abcx", "foo-abcd", "xabcx", "described", "a-b-c", "within"];
    assert_eq!(found(&catalogue, "abc"), expected);
}

#[test]
fn ties_go_to_the_top_level_then_the_shorter_then_the_alphabet_then_the_source() {
    let mut packages = ["s.foob", "foobbb", "foobb", "foobc", "foob", "set.foob"].map(package).to_vec();
    packages.push(Package { source: Arc::from("other"), ..package("foobb") });
    let catalogue = Catalogue::of_packages(packages);
    let hits = search(&catalogue, "foo").hits;
    let order: Vec<String> = hits
        .iter()
        .map(|hit| catalogue.get(hit.package).unwrap())
        .map(|package| format!("{}@{}", package.attribute, package.source))
        .collect();
    let expected =
        ["foob@test", "foobb@test", "foobb@other", "foobc@test", "foobbb@test", "s.foob@test", "set.foob@test"];
    assert_eq!(order, expected);
}

#[test]
fn letters_far_apart_find_nothing() {
    let catalogue = catalogue_of(&["gxxxxxxxxxixxxxxxxxxxxt", "neovim", "go-ibus-table", "ripgrep"]);
    assert_eq!(found(&catalogue, "git"), ["go-ibus-table"]);
    assert_eq!(found(&catalogue, "nvm"), ["neovim"]);
    assert_eq!(found(&catalogue, "ripgrp"), ["ripgrep"]);
    // Scattered letters must begin a word, and two are too few to say anything.
    assert_eq!(found(&catalogue, "ovm"), [""; 0]);
    assert_eq!(found(&catalogue, "nm"), [""; 0]);
}

#[test]
fn scattered_letters_of_a_description_find_nothing() {
    let described = Package { description: "neat and blue command".into(), ..package("x") };
    assert_eq!(found(&Catalogue::of_packages(vec![described]), "nbc"), [""; 0]);
}

#[test]
fn a_capital_makes_its_term_heed_case() {
    let catalogue = catalogue_of(&["HTTPie", "httpie", "apacheHttpd", "Éclair"]);
    assert_eq!(found(&catalogue, "http").len(), 3);
    assert_eq!(found(&catalogue, "HTTP"), ["HTTPie"]);
    assert_eq!(found(&catalogue, "Http"), ["apacheHttpd"]);
    assert_eq!(found(&catalogue, "aHtpd"), ["apacheHttpd"]);
    assert_eq!(found(&catalogue, "ahtpd"), ["apacheHttpd"]);
    assert_eq!(found(&catalogue, "HTTP pie"), ["HTTPie"]);
    assert_eq!(found(&catalogue, "Écl"), ["Éclair"]);
    assert_eq!(found(&catalogue, "ÉCL"), [""; 0]);
}

#[test]
fn accents_and_case_beyond_ascii_do_not_count() {
    let catalogue = catalogue_of(&["Éclair", "e\u{301}cru", "МИР", "smørrebrød", "日本語"]);
    assert_eq!(found(&catalogue, "eclair"), ["Éclair"]);
    assert_eq!(found(&catalogue, "écru"), ["e\u{301}cru"]);
    assert_eq!(found(&catalogue, "мир"), ["МИР"]);
    assert_eq!(found(&catalogue, "smorre"), ["smørrebrød"]);
    assert_eq!(found(&catalogue, "本"), ["日本語"]);
}

#[test]
fn quotes_of_an_attribute_need_not_be_typed() {
    let catalogue = catalogue_of(&["nerd-fonts.\"m+\"", "aspellDicts.\"or\"", "nodePackages.\"a.b\""]);
    assert_eq!(found(&catalogue, "m+"), ["nerd-fonts.\"m+\""]);
    assert_eq!(found(&catalogue, "aspellDicts.\"or\""), ["aspellDicts.\"or\""]);
    assert_eq!(highlighted(&catalogue, "a.b", "nodePackages.\"a.b\""), "··············a.b·");
}

#[test]
fn the_letters_that_matched_are_highlighted() {
    let requests = "python312Packages.requests";
    assert_eq!(highlighted(&DEMO, "python req", requests), "python············req·····");
    assert_eq!(highlighted(&DEMO, "nvm", "neovim"), "n··v·m");
    assert_eq!(highlighted(&DEMO, "ripgrp", "ripgrep"), "ripgr·p");
    assert_eq!(highlighted(&DEMO, "rg", "ripgrep"), "·······");
    // The best place, not the first.
    assert_eq!(highlighted(&catalogue_of(&["xab-ab"]), "ab", "xab-ab"), "····ab");
    let accents = catalogue_of(&["cafe\u{301}-Éclair"]);
    assert_eq!(highlighted(&accents, "eclair", "cafe\u{301}-Éclair"), "······Éclair");
    assert_eq!(highlighted(&accents, "cafe", "cafe\u{301}-Éclair"), "cafe········");
}

#[test]
fn an_empty_query_gives_everything_in_order() {
    let result = DEMO.search(&Query::parse(" \t"), 5);
    assert_eq!(result.total, DEMO.len());
    assert_eq!(result.hits.iter().map(|hit| hit.package).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn an_empty_catalogue_and_a_limit_of_none_are_searched_too() {
    assert_eq!(search(&catalogue_of(&[]), "git"), SearchResult::default());
    let result = DEMO.search(&Query::parse("git"), 0);
    assert!(result.total > 1 && result.hits.is_empty());
}

#[test]
fn hostile_packages_and_queries_are_searched_like_others() {
    let long = "ab-".repeat(5_000);
    let catalogue = catalogue_of(&[&long, "\u{1b}[31m\0", "\u{202e}gnp", "", ".", "a..b", "👩‍👩‍👧", "\"", "x.\"y"]);
    for query in
        [long.as_str(), &"a ".repeat(9_000), "\u{1b}[31m", "\u{202e}", ".", "..", "\"", "👩", "\u{301}", "ß İ ǅ"]
    {
        search(&catalogue, query);
    }
    assert_eq!(found(&catalogue, "ab-ab-ab"), [long.as_str()]);
    assert_eq!(found(&catalogue, "👩"), ["👩‍👩‍👧"]);
}

#[test]
fn a_search_nobody_wants_any_more_stops_early() {
    let catalogue = Catalogue::of_packages((0..100_000).map(|number| package(&format!("package{number}"))).collect());
    let looks = Cell::new(0);
    let wanted = || {
        looks.set(looks.get() + 1);
        looks.get() < 2
    };
    assert_eq!(catalogue.search_while(&Query::parse("package"), 10, wanted), None);
    assert_eq!(looks.get(), 2);
}

/// What a term may be found in, folded as far as these tests need it.
fn texts(package: &Package) -> Vec<String> {
    let mut texts = vec![package.attribute.clone(), package.name.clone(), package.version.clone()];
    texts.extend([package.description.clone(), package.main_program.clone().unwrap_or_default()]);
    texts.extend(package.outputs.iter().map(|output| output.name.clone()));
    texts.into_iter().map(|text| text.to_lowercase()).collect()
}

fn is_subsequence(letters: &str, text: &str) -> bool {
    let mut text = text.chars();
    letters.chars().all(|letter| text.any(|other| other == letter))
}

fn term() -> impl Strategy<Value = String> {
    let attributes: Vec<&str> = DEMO.known().map(|package| package.attribute.as_str()).collect();
    let part_of_attribute = (proptest::sample::select(attributes), 0..8_usize, 1..6_usize)
        .prop_map(|(attribute, from, length)| attribute.to_lowercase().chars().skip(from).take(length).collect());
    prop_oneof![4 => part_of_attribute, 2 => "[a-z0-9]{1,4}", 1 => "[a-z.+_-]{1,3}"]
}

/// Whether `text` holds the letters of `term` in their order; of three and more letters one may be a slip.
fn holds(text: &str, term: &str) -> bool {
    let without =
        |at: usize| term.chars().enumerate().filter(|(other, _)| *other != at).map(|(_, letter)| letter).collect();
    let letters = term.chars().count();
    is_subsequence(term, text)
        || letters > 2 && (0..letters).map(without).any(|rest: String| is_subsequence(&rest, text))
}

proptest! {
    #[test]
    fn every_hit_holds_the_letters_of_every_term_but_for_one_slip(terms in prop::collection::vec(term(), 1..4)) {
        for hit in search(&DEMO, &terms.join(" ")).hits {
            let texts = texts(&DEMO.get(hit.package).unwrap());
            for term in &terms {
                prop_assert!(texts.iter().any(|text| holds(text, term)), "{term} in {texts:?}");
            }
        }
    }

    #[test]
    fn every_package_that_holds_the_terms_in_its_attribute_is_found(terms in prop::collection::vec(term(), 1..4)) {
        let found: HashSet<&str> = found(&DEMO, &terms.join(" ")).into_iter().collect();
        for package in DEMO.known() {
            let attribute = package.attribute.to_lowercase();
            // A single letter counts only where a word begins.
            if terms.iter().all(|term| term.len() > 1 && attribute.contains(term)) {
                prop_assert!(found.contains(package.attribute.as_str()), "{}", package.attribute);
            }
        }
    }

    #[test]
    fn matched_letters_are_in_order_and_where_characters_begin(attribute in "\\PC{0,20}", query in "\\PC{0,6}") {
        let catalogue = catalogue_of(&[&attribute, "python312Packages.\"é.ß\""]);
        for hit in search(&catalogue, &query).hits {
            let attribute = catalogue.attribute(hit.package).unwrap();
            let matched = catalogue.matched(hit.package, &Query::parse(&query));
            prop_assert!(matched.is_sorted_by(|one, other| one < other));
            prop_assert!(matched.iter().all(|&at| at < attribute.len() && attribute.is_char_boundary(at)));
        }
    }

    #[test]
    fn a_search_gives_the_same_again_and_a_smaller_limit_the_beginning_of_it(query in term(), limit in 0..40_usize) {
        let all = search(&DEMO, &query);
        let some = DEMO.search(&Query::parse(&query), limit);
        prop_assert_eq!(&some.hits[..], &all.hits[..limit.min(all.hits.len())]);
        prop_assert_eq!((some.total, all.total), (all.hits.len(), all.hits.len()));
    }

    #[test]
    fn another_term_never_finds_more(query in term(), more in term()) {
        let before: HashSet<&str> = found(&DEMO, &query).into_iter().collect();
        let after: HashSet<&str> = found(&DEMO, &format!("{query} {more}")).into_iter().collect();
        prop_assert!(after.is_subset(&before));
    }

    #[test]
    fn the_order_of_the_terms_does_not_matter_to_what_is_found(one in term(), other in term()) {
        // The ranking heeds it: words beside each other may be a phrase.
        let all = |query: String| found(&DEMO, &query).into_iter().collect::<HashSet<_>>();
        prop_assert_eq!(all(format!("{one} {other}")), all(format!("{other} {one}")));
    }
}

#[test]
fn every_attribute_finds_itself_first() {
    for package in DEMO.known() {
        let hits = found(&DEMO, &package.attribute);
        assert_eq!(hits.first(), Some(&package.attribute.as_str()));
        assert_eq!(found(&DEMO, &package.attribute.to_lowercase())[0], package.attribute);
    }
}
