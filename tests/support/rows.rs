//! The table of where the two rule sets differ, row by row, as inputs with what each rule set makes of them.

use std::path::Path;

use super::forest::{Element, Forest};
use super::tree::{Node, Tree};

/// Neither builds it.
pub const REFUSED: &str = "REFUSED";

/// One row.
pub struct Row {
    /// A claim, by which a failed test names the row.
    pub claim: &'static str,
    /// See [`parse`].
    pub input: &'static str,
    /// The environment as [`Forest::describe`] writes it, joined by a comma, or [`REFUSED`].
    pub nixpkgs: &'static str,
    pub nix: &'static str,
}

/// Reads packages from text, in the order of the list: `a5: bin/x=1 | b4: bin/x=2 lib64->lib`.
///
/// - `a5:` is package `a` at priority 5; `+b:` a further output of the package before; `p:` one that nobody lists, which
///   only others propagate; `a1` without a colon lists `a` once more; `a5!:` is inactive.
/// - `bin/x=1` is a file with that content, `bin/x*=1` an executable one, `lib64->lib` a link, `share/` a directory; an
///   empty path is the package's root.
/// - In contents and targets `@` is the directory of all packages, `~` a new line, `_` a space and `^` a tab.
pub fn parse(base: &Path, text: &str) -> Forest {
    let mut forest = Forest::new(base);
    for package in text.split('|').map(str::trim).filter(|package| !package.is_empty()) {
        let (head, entries) = package.split_once(':').unwrap_or((package, ""));
        let (head, active) = head.strip_suffix('!').map_or((head, true), |head| (head, false));
        let name_ends = head.find(|letter: char| letter.is_ascii_digit() || letter == '-').unwrap_or(head.len());
        let (name, priority) = (head[..name_ends].trim_start_matches('+').to_owned(), &head[name_ends..]);
        if head.starts_with('+') {
            forest.elements.last_mut().expect("`+` follows a package").trees.push(name.clone());
        } else if !priority.is_empty() {
            let priority = priority.parse().expect("a priority");
            forest.elements.push(Element { trees: vec![name.clone()], priority, active });
        }
        if package.contains(':') {
            let tree = tree(&forest, entries);
            forest.trees.insert(name, tree);
        }
    }
    forest
}

fn tree(forest: &Forest, entries: &str) -> Tree {
    let expand = |text: &str| {
        text.replace('@', &forest.path("")).replace('~', "\n").replace('_', " ").replace('^', "\t").into_bytes()
    };
    let mut tree = Tree::default();
    for entry in entries.split_whitespace() {
        let (path, node) = if let Some((path, target)) = entry.split_once("->") {
            (path, Node::Link(expand(target)))
        } else if let Some((path, content)) = entry.split_once('=') {
            let (path, executable) = path.strip_suffix('*').map_or((path, false), |path| (path, true));
            (path, Node::File { bytes: expand(content), executable })
        } else {
            (entry.strip_suffix('/').expect("an entry is a file, link or directory"), Node::Directory)
        };
        tree.insert(path.as_bytes(), node);
    }
    if tree.0.is_empty() {
        tree.insert(b"", Node::Directory);
    }
    tree
}

/// The table itself; rows with settings of `buildEnv` are tests of their own.
pub const ROWS: &[Row] = &[
    Row {
        claim: "a_single_package_is_linked_by_whole_directories",
        input: "a5: bin/x=1",
        nixpkgs: "bin -> a/bin",
        nix: "bin -> a/bin",
    },
    Row {
        claim: "different_files_at_one_priority_are_refused",
        input: "a5: bin/x=1 | b5: bin/x=2",
        nixpkgs: REFUSED,
        nix: REFUSED,
    },
    Row {
        claim: "equal_files_at_one_priority_keep_the_first_listed",
        input: "b5: bin/x=1 | a5: bin/x=1",
        nixpkgs: "bin/x -> b/bin/x",
        nix: REFUSED,
    },
    Row {
        claim: "equal_bytes_with_another_mode_are_refused",
        input: "a5: bin/x=1 | b5: bin/x*=1",
        nixpkgs: REFUSED,
        nix: REFUSED,
    },
    Row {
        claim: "the_lower_number_wins",
        input: "a5: bin/x=1 | b4: bin/x=2",
        nixpkgs: "bin/x -> b/bin/x",
        nix: "bin/x -> b/bin/x",
    },
    Row {
        claim: "a_tie_among_losers_counts_when_the_winner_comes_last",
        input: "b5: bin/x=1 | c5: bin/x=2 | a4: bin/x=3",
        nixpkgs: REFUSED,
        nix: "bin/x -> a/bin/x",
    },
    Row {
        claim: "a_tie_among_losers_does_not_count_when_the_winner_comes_first",
        input: "a4: bin/x=3 | b5: bin/x=1 | c5: bin/x=2",
        nixpkgs: "bin/x -> a/bin/x",
        nix: "bin/x -> a/bin/x",
    },
    Row {
        claim: "a_better_file_listed_before_a_directory_stays",
        input: "a4: x=1 | d5: x/y=2",
        nixpkgs: "x -> a/x",
        nix: REFUSED,
    },
    Row {
        claim: "a_better_file_listed_after_a_directory_is_refused",
        input: "d5: x/y=2 | a4: x=1",
        nixpkgs: REFUSED,
        nix: REFUSED,
    },
    Row {
        claim: "a_better_directory_listed_before_a_file_is_refused_by_nixpkgs_only",
        input: "d4: x/y=2 | a5: x=1",
        nixpkgs: REFUSED,
        nix: "x -> d/x",
    },
    Row {
        claim: "a_better_directory_listed_after_a_file_replaces_it",
        input: "a5: x=1 | d4: x/y=2",
        nixpkgs: "x -> d/x",
        nix: "x -> d/x",
    },
    Row {
        claim: "a_file_after_two_directories_is_refused_though_it_loses",
        input: "a5: x/p=1 | b5: x/q=1 | c9: x=2",
        nixpkgs: REFUSED,
        nix: REFUSED,
    },
    Row {
        claim: "a_file_after_two_directories_is_refused_though_it_wins",
        input: "a5: x/p=1 | b5: x/q=1 | c1: x=2",
        nixpkgs: REFUSED,
        nix: REFUSED,
    },
    Row {
        claim: "a_hidden_file_in_a_merged_directory_is_kept_by_nixpkgs_only",
        input: "a5: bin/.h=1 bin/x=1 | b5: bin/y=1",
        nixpkgs: "bin/.h -> a/bin/.h, bin/x -> a/bin/x, bin/y -> b/bin/y",
        nix: "bin/x -> a/bin/x, bin/y -> b/bin/y",
    },
    Row {
        claim: "a_hidden_file_at_a_packages_root_is_kept_by_nixpkgs_only",
        input: "a5: .h=1 x=1",
        nixpkgs: ".h -> a/.h, x -> a/x",
        nix: "x -> a/x",
    },
    Row {
        claim: "a_dangling_link_in_a_merged_directory_is_made_by_nixpkgs_only",
        input: "a5: d/l->gone d/x=1 | b5: d/y=1",
        nixpkgs: "d/l -> a/d/l, d/x -> a/d/x, d/y -> b/d/y",
        nix: "d/x -> a/d/x, d/y -> b/d/y",
    },
    Row {
        claim: "a_dangling_link_before_a_directory_is_refused_by_nixpkgs_only",
        input: "a5: x->gone | d5: x/y=1",
        nixpkgs: REFUSED,
        nix: "x -> d/x",
    },
    Row {
        claim: "a_dangling_link_after_a_directory_is_refused_by_nixpkgs_only",
        input: "d5: x/y=1 | a5: x->gone",
        nixpkgs: REFUSED,
        nix: "x -> d/x",
    },
    Row {
        claim: "a_better_dangling_link_beats_a_file_under_nixpkgs_only",
        input: "a4: x->gone | b5: x=1",
        nixpkgs: "x -> a/x",
        nix: "x -> b/x",
    },
    Row {
        claim: "a_directory_and_a_link_to_that_directory_are_one_under_nixpkgs_only",
        input: "a5: lib/x=1 | b5: lib->@a/lib",
        nixpkgs: "lib -> a/lib",
        nix: REFUSED,
    },
    Row {
        claim: "a_linked_directory_is_merged_through_the_link_or_resolved",
        input: "a5: lib->real real/x=1 | b5: lib/y=1",
        nixpkgs: "lib/x -> a/lib/x, lib/y -> b/lib/y, real -> a/real",
        nix: "lib/x -> a/real/x, lib/y -> b/lib/y, real -> a/real",
    },
    Row {
        claim: "of_two_names_of_one_file_nixpkgs_takes_the_one_that_is_no_link",
        input: "b5: bin/x->@a/bin/x | a5: bin/x=1",
        nixpkgs: "bin/x -> a/bin/x",
        nix: REFUSED,
    },
    Row {
        claim: "manifests_and_nix_support_below_the_root_are_kept_by_nixpkgs_only",
        input: "a5: manifest.json=1 share/manifest.nix=1 share/nix-support/f=1 share/x=1 | b5: share/y=1",
        nixpkgs: "manifest.json -> a/manifest.json, share/manifest.nix -> a/share/manifest.nix, \
                  share/nix-support -> a/share/nix-support, share/x -> a/share/x, share/y -> b/share/y",
        nix: "share/x -> a/share/x, share/y -> b/share/y",
    },
    Row {
        claim: "special_names_show_in_a_directory_that_one_package_has",
        input: "a5: share/log=1 share/info/dir=1",
        nixpkgs: "share -> a/share",
        nix: "share -> a/share",
    },
    Row {
        claim: "a_propagated_package_beats_one_listed_at_2000",
        input: "a5: bin/y=1 nix-support/propagated-user-env-packages=@p~ | p: bin/x=1 | b2000: bin/x=2",
        nixpkgs: "bin/x -> p/bin/x, bin/y -> a/bin/y",
        nix: "bin/x -> p/bin/x, bin/y -> a/bin/y",
    },
    Row {
        claim: "a_package_that_is_a_file_is_skipped_by_nix_only",
        input: "a5: =1 | b5: x=1",
        nixpkgs: REFUSED,
        nix: "x -> b/x",
    },
    Row {
        claim: "a_link_that_loops_is_a_dangling_link_to_nixpkgs_only",
        input: "a5: x->x y=1",
        nixpkgs: "x -> a/x, y -> a/y",
        nix: REFUSED,
    },
    Row {
        claim: "lib64_merged_is_resolved_by_nix_for_the_first_package_only",
        input: "a5: lib/x=1 lib64->lib | b5: lib/y=1 lib64->lib",
        nixpkgs: "lib/x -> a/lib/x, lib/y -> b/lib/y, lib64/x -> a/lib64/x, lib64/y -> b/lib64/y",
        nix: "lib/x -> a/lib/x, lib/y -> b/lib/y, lib64/x -> a/lib/x, lib64/y -> b/lib64/y",
    },
    Row {
        claim: "special_names_are_left_out_where_a_directory_is_walked",
        input: "a5: log/f=1 perllocal.pod/f=1 manifest.nix/f=1 share/log=1 share/info/dir=1 share/x=1 | b5: share/info/z=1",
        nixpkgs: "manifest.nix -> a/manifest.nix, share/info/z -> b/share/info/z, share/x -> a/share/x",
        nix: "share/info/z -> b/share/info/z, share/x -> a/share/x",
    },
    Row {
        claim: "two_outputs_of_one_package_collide_like_two_packages",
        input: "a5: bin/x=1 | +b: bin/x=2",
        nixpkgs: REFUSED,
        nix: REFUSED,
    },
    Row {
        claim: "a_path_listed_twice_counts_first_for_nixpkgs_and_best_for_nix",
        input: "a5: bin/x=1 | b3: bin/x=2 | a1",
        nixpkgs: "bin/x -> b/bin/x",
        nix: "bin/x -> a/bin/x",
    },
];
