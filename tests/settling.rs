//! What would settle collisions: the ways out of each kind, by name.

#![allow(clippy::unwrap_used)]

mod support;

use nix_loom::engine::{self, Disk, NixpkgsRules, Output, Rules, Settlement, Suggestion};
use support::forest::plant;

const ALL: usize = 100;

/// What would settle the collisions of the packages that a text describes (see `rows::parse`), each as
/// `changes: why`, in order. Packages are called `element0` and so on, their outputs `out`, `dev`, `man`.
fn ways(rules: Rules, text: &str) -> Vec<String> {
    ways_with_spare(rules, text, &[])
}

/// `spare`: position of a package, and the tree that is an output of it which is not installed.
fn ways_with_spare(rules: Rules, text: &str, spare: &[(usize, &str)]) -> Vec<String> {
    let forest = plant(text);
    let mut request = forest.request(rules);
    request.compare_contents = true;
    let mut outputs = vec![Vec::new(); request.packages.len()];
    for (package, tree) in spare {
        outputs[*package].push(Output { name: (*tree).into(), path: forest.path(tree).into_bytes().into() });
    }
    let plan = engine::plan(&request, &Disk).unwrap();
    engine::suggest(&request, &outputs, &plan, &Disk, ALL).iter().map(told).collect()
}

fn told(suggestion: &Suggestion) -> String {
    let settlement = |settlement: &Settlement| match settlement {
        Settlement::Priority { package, priority } => format!("{package}:{priority}"),
        Settlement::DropOutput { package, output } => format!("{package}-{output}"),
        Settlement::TakeOutput { package, instead_of, output } => format!("{package}-{instead_of}+{output}"),
        Settlement::Deactivate { package } => format!("{package} off"),
        Settlement::Remove { package } => format!("{package} gone"),
    };
    let changes: Vec<_> = suggestion.settlements.iter().map(settlement).collect();
    format!("{}: {}", changes.join(" "), suggestion.why)
}

fn nixpkgs() -> Rules {
    Rules::Nixpkgs(NixpkgsRules::default())
}

#[test]
fn of_two_packages_the_one_listed_last_yields_then_wins_then_goes() {
    assert_eq!(
        ways(Rules::Nix, "a5: bin/x=1 | b5: bin/x=2"),
        [
            "element1:6: element0 wins over element1",
            "element1:4: element1 wins over element0",
            "element1 off: leaves them to element0",
            "element0 off: leaves them to element1",
            "element1 gone: leaves them to element0",
            "element0 gone: leaves them to element1",
        ]
    );
    let of_nixpkgs = ways(nixpkgs(), "a5: bin/x=1 | b5: bin/x=2");
    assert!(of_nixpkgs.iter().all(|way| !way.contains(" off")), "nothing is inactive there: {of_nixpkgs:?}");
    assert_eq!(of_nixpkgs[0], "element1:6: element0 wins over element1");
}

#[test]
fn an_environment_that_holds_a_package_beside_it_is_settled_by_removing_the_package() {
    let text =
        "env5: lib/libz->@z/lib/libz include/zlib.h->@z/include/zlib.h bin/more=1 | z5: lib/libz=1 include/zlib.h=2";
    let ways = ways(Rules::Nix, text);
    assert_eq!(ways[0], "element1 gone: the same files: element0 already brings all of element1");
    assert_eq!(ways[1], "element1 off: the same files: element0 already brings all of element1");
    assert!(ways[2].starts_with("element1:6: the same files: "), "{ways:?}");
    assert!(plant(text).plan(nixpkgs()).unwrap().builds(), "they do not block there");
}

#[test]
fn a_copy_that_has_files_of_its_own_is_not_said_to_be_in_the_other() {
    let ways = ways(Rules::Nix, "a5: bin/x=1 bin/a=1 | b5: bin/x=1 bin/b=1");
    assert_eq!(ways[0], "element1:6: the same files: element0 wins over element1");
    assert!(ways.iter().all(|way| !way.contains("already brings")), "{ways:?}");
}

#[test]
fn the_same_bytes_at_another_priority_are_not_said_to_be_the_same_files() {
    // bin/y is another file there: without b something is lost that a does not have.
    let ways = ways(Rules::Nix, "a5: bin/x=1 bin/y=1 | b5: bin/x=1 | +bdev: bin/y=2");
    assert!(ways.iter().all(|way| !way.contains("already brings")), "{ways:?}");
}

#[test]
fn two_outputs_of_one_package_are_settled_by_leaving_one_out() {
    let ways = ways(Rules::Nix, "a5: bin/x=1 bin/y=1 | +adev: bin/x=2");
    assert_eq!(
        ways,
        [
            "element0-out: element0 stays without its output out",
            "element0-dev: element0 stays without its output dev",
            "element0 off: nothing of element0 collides any more",
            "element0 gone: nothing of element0 collides any more",
        ]
    );
}

#[test]
fn a_file_against_a_directory_is_settled_by_priority_only_where_the_directory_wins_alone() {
    let one = ways(Rules::Nix, "a5: x=1 | d5: x/y=2");
    assert!(one.contains(&"element1:4: element1 wins over element0".into()), "{one:?}");
    assert!(!one.iter().any(|way| way.starts_with("element1:6")), "{one:?}");
    let two = ways(Rules::Nix, "d5: x/y=2 | e5: x/z=3 | f5: x=1");
    let all = "leaves them to element0, element1";
    assert_eq!(two, [format!("element2 off: {all}"), format!("element2 gone: {all}")]);
}

#[test]
fn a_chain_of_four_takes_two_changes_and_each_pair_one() {
    let text = "a5: bin/x=1 | b5: bin/x=2 bin/y=2 | c5: bin/y=3 bin/z=3 | d5: bin/z=4";
    let ways = ways(Rules::Nix, text);
    assert!(ways[0].starts_with("element1:") && ways[0].contains(" element3:"), "{ways:?}");
    let single: Vec<_> = ways.iter().filter(|way| !way.split_once(": ").unwrap().0.contains(" element")).collect();
    assert!(!single.is_empty(), "a pair alone takes one change: {ways:?}");
}

#[test]
fn groups_that_share_no_path_are_settled_one_by_one_in_turn() {
    let ways = ways(Rules::Nix, "a5: bin/x=1 | b5: bin/x=2 | c5: bin/y=1 | d5: bin/y=2");
    assert!(ways[0].starts_with("element1:6") && ways[1].starts_with("element3:6"), "{ways:?}");
    assert_eq!(ways.len(), 12, "{ways:?}");
}

#[test]
fn what_uncovers_another_tie_is_no_way_out_alone() {
    // a shadows the tie of b and c at bin/y; without a it would block.
    let ways = ways(Rules::Nix, "a5: bin/x=1 bin/y=1 | z5: bin/x=2 | b6: bin/y=2 | c6: bin/y=3");
    assert!(!ways.iter().any(|way| way.starts_with("element0 gone:") || way.starts_with("element0 off:")), "{ways:?}");
    assert!(!ways.iter().any(|way| way.starts_with("element0:6") || way.starts_with("element0:7")), "{ways:?}");
    assert!(ways[0].starts_with("element1:6"), "{ways:?}");
}

#[test]
fn another_output_is_taken_where_it_collides_with_nobody() {
    let text = "a5: bin/x=1 | b5: bin/x=2 | c: lib/c=1 | d: bin/x=3";
    let ways = ways_with_spare(Rules::Nix, text, &[(1, "c"), (1, "d")]);
    assert!(ways.contains(&"element1-out+c: element1 stays with its output c instead of out".into()), "{ways:?}");
    assert!(!ways.iter().any(|way| way.starts_with("element1-out+d")), "it collides too: {ways:?}");
}

#[test]
fn what_a_package_propagates_is_settled_by_who_brings_it_in() {
    // The propagated directory stands against the file of a: only the propagator, or a, can go.
    let text = "a5: x=1 | w5: bin/w=1 nix-support/propagated-user-env-packages=@p~ | p: x/y=1";
    let ways = ways(Rules::Nix, text);
    assert_eq!(ways.len(), 4, "{ways:?}");
    for package in ["element0", "element1"] {
        assert!(ways.iter().any(|way| way.starts_with(&format!("{package} gone"))), "{ways:?}");
    }
    let both = "a5: x=1 | v5: nix-support/propagated-user-env-packages=@p~ | w5: nix-support/propagated-user-env-packages=@p~ | p: x/y=1";
    let ways = self::ways(Rules::Nix, both);
    assert!(!ways.is_empty() && ways.iter().all(|way| way.starts_with("element0")), "two bring it in: {ways:?}");
}

#[test]
fn a_removed_package_that_another_propagates_comes_back_and_settles_nothing() {
    let text = "a5: x=1 | w5: bin/w=1 nix-support/propagated-user-env-packages=@p~ | p5: x/y=1";
    let ways = ways(Rules::Nix, text);
    assert!(!ways.iter().any(|way| way.starts_with("element2 gone") || way.starts_with("element2 off")), "{ways:?}");
    assert!(ways.iter().any(|way| way.starts_with("element0 gone")), "{ways:?}");
}

#[test]
fn a_package_whose_name_is_not_its_own_is_left_alone() {
    let forest = plant("a5: bin/x=1 | b5: bin/x=2");
    let mut request = forest.request(Rules::Nix);
    request.packages[1].name = request.packages[0].name.clone();
    let plan = engine::plan(&request, &Disk).unwrap();
    assert_eq!(engine::suggest(&request, &[], &plan, &Disk, ALL), []);
}

#[test]
fn priorities_at_the_end_of_their_range_are_not_left() {
    for text in ["a2147483647: bin/x=1 | b2147483647: bin/x=2", "a-2147483648: bin/x=1 | b-2147483648: bin/x=2"] {
        let ways = ways(Rules::Nix, text);
        assert!(ways[0].starts_with("element1:2147483646") || ways[0].starts_with("element1:-2147483647"), "{ways:?}");
        assert!(ways[1].starts_with("element0:2147483646") || ways[1].starts_with("element0:-2147483647"), "{ways:?}");
    }
}
