//! The rules `nixpkgs`, rule by rule, and the table of where they differ from `nix`, row by row.

#![allow(clippy::unwrap_used)]

mod support;

use nix_loom::engine::{CollisionKind, Disk, NixpkgsRules, Plan, PlanError, Rules};
use nix_loom::safe;
use support::forest::plant;
use support::rows::{REFUSED, ROWS};
use support::temp_dir;

/// One test for each row, so that a failure names it.
macro_rules! rows_under_nixpkgs {
    ($($claim:ident)*) => {
        mod row {
            $(#[test] fn $claim() { super::check_row(stringify!($claim)); })*
        }
        const TESTED: &[&str] = &[$(stringify!($claim)),*];
    };
}

rows_under_nixpkgs! {
    a_single_package_is_linked_by_whole_directories
    different_files_at_one_priority_are_refused
    equal_files_at_one_priority_keep_the_first_listed
    equal_bytes_with_another_mode_are_refused
    the_lower_number_wins
    a_tie_among_losers_counts_when_the_winner_comes_last
    a_tie_among_losers_does_not_count_when_the_winner_comes_first
    a_better_file_listed_before_a_directory_stays
    a_better_file_listed_after_a_directory_is_refused
    a_better_directory_listed_before_a_file_is_refused_by_nixpkgs_only
    a_better_directory_listed_after_a_file_replaces_it
    a_file_after_two_directories_is_refused_though_it_loses
    a_file_after_two_directories_is_refused_though_it_wins
    a_hidden_file_in_a_merged_directory_is_kept_by_nixpkgs_only
    a_hidden_file_at_a_packages_root_is_kept_by_nixpkgs_only
    a_dangling_link_in_a_merged_directory_is_made_by_nixpkgs_only
    a_dangling_link_before_a_directory_is_refused_by_nixpkgs_only
    a_dangling_link_after_a_directory_is_refused_by_nixpkgs_only
    a_better_dangling_link_beats_a_file_under_nixpkgs_only
    a_directory_and_a_link_to_that_directory_are_one_under_nixpkgs_only
    a_linked_directory_is_merged_through_the_link_or_resolved
    of_two_names_of_one_file_nixpkgs_takes_the_one_that_is_no_link
    manifests_and_nix_support_below_the_root_are_kept_by_nixpkgs_only
    special_names_show_in_a_directory_that_one_package_has
    a_propagated_package_beats_one_listed_at_2000
    a_package_that_is_a_file_is_skipped_by_nix_only
    a_link_that_loops_is_a_dangling_link_to_nixpkgs_only
    lib64_merged_is_resolved_by_nix_for_the_first_package_only
    special_names_are_left_out_where_a_directory_is_walked
    two_outputs_of_one_package_collide_like_two_packages
    a_path_listed_twice_counts_first_for_nixpkgs_and_best_for_nix
}

fn check_row(claim: &str) {
    let row = ROWS.iter().find(|row| row.claim == claim).expect("the table has the row");
    assert_eq!(plant(row.input).outcome(nixpkgs(|_| ())), row.nixpkgs, "{}", row.input);
}

#[test]
fn every_row_has_its_test() {
    assert_eq!(TESTED, ROWS.iter().map(|row| row.claim).collect::<Vec<_>>());
}

#[test]
fn every_row_holds_under_the_rules_nix_too() {
    let wrong: Vec<String> = ROWS
        .iter()
        .map(|row| (row, plant(row.input).outcome(Rules::Nix)))
        .filter(|(row, outcome)| outcome != row.nix)
        .map(|(row, outcome)| format!("{}\n  {}\n  expected {}\n  found    {outcome}", row.claim, row.input, row.nix))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn nixpkgs(change: impl FnOnce(&mut NixpkgsRules)) -> Rules {
    let mut rules = NixpkgsRules::default();
    change(&mut rules);
    Rules::Nixpkgs(rules)
}

fn only(paths: &[&str]) -> Rules {
    nixpkgs(|rules| rules.paths_to_link = paths.iter().map(|path| path.as_bytes().to_vec()).collect())
}

fn ignoring_collisions() -> Rules {
    nixpkgs(|rules| rules.ignore_collisions = true)
}

/// The outcome under the default arguments.
fn outcome(input: &str) -> String {
    plant(input).outcome(nixpkgs(|_| ()))
}

fn plan(input: &str, rules: Rules) -> Plan {
    plant(input).plan(rules).unwrap()
}

/// Path, kind, whether it blocks, and the winner's place among the contenders.
fn collisions(plan: &Plan) -> Vec<(String, CollisionKind, bool, Option<usize>)> {
    plan.collisions.iter().map(|c| (safe::bytes(&c.path), c.kind, c.blocks, c.winner)).collect()
}

// Rule 1

#[test]
fn paths_to_link_and_what_is_above_them_are_real_directories_even_if_empty() {
    let packages = plant("a5: share/doc/x=1 share/man/m=1 bin/b=1");
    assert_eq!(packages.outcome(only(&["/share/doc", "/etc/xdg"])), "etc/xdg/, share/doc/x -> a/share/doc/x");
    assert_eq!(packages.outcome(only(&["/share"])), "share/doc -> a/share/doc, share/man -> a/share/man");
    assert_eq!(packages.plan(only(&["/etc/xdg"])).unwrap().directories(), 2);
}

#[test]
fn a_path_to_link_that_is_a_file_in_a_package_is_refused() {
    assert_eq!(plant("a5: bin/x=1").outcome(only(&["/bin/x"])), REFUSED);
}

// Rule 2

#[test]
fn paths_to_link_are_compared_component_by_component() {
    let packages = plant("a5: share/doc/x=1 share/doc2/y=1 share/do/z=1 sharedoc=1");
    assert_eq!(packages.outcome(only(&["/share/doc"])), "share/doc/x -> a/share/doc/x");
}

#[test]
fn what_lies_outside_paths_to_link_cannot_collide() {
    let packages = plant("a5: bin/x=1 share/s=1 lib=1 | b5: bin/x=2 share/t=1 lib/l=1");
    assert_eq!(packages.outcome(only(&["/share"])), "share/s -> a/share/s, share/t -> b/share/t");
}

// Rule 3

#[test]
fn nix_support_and_propagated_build_inputs_are_skipped_in_the_root_only() {
    assert_eq!(
        outcome(
            "a5: nix-support/setup-hook=1 propagated-build-inputs=1 d/nix-support=1 d/propagated-build-inputs=1 | b5: d/x=1"
        ),
        "d/nix-support -> a/d/nix-support, d/propagated-build-inputs -> a/d/propagated-build-inputs, d/x -> b/d/x"
    );
}

#[test]
fn paths_that_end_in_info_slash_dir_are_skipped() {
    assert_eq!(
        outcome(
            "a5: share/info/dir=1 share/info/a=1 myinfo/dir=1 | b5: share/info/dir=2 share/info/b=1 myinfo/b=1 info/dirs=1"
        ),
        "info -> b/info, myinfo/b -> b/myinfo/b, share/info/a -> a/share/info/a, share/info/b -> b/share/info/b"
    );
}

#[test]
fn of_share_mime_only_what_begins_with_packages_is_linked() {
    assert_eq!(
        outcome(
            "a5: share/mime/packages/a.xml=1 share/mime/mime.cache=1 share/mime/packages.list=1 | b5: share/mime/packages/b.xml=1 share/mime/mime.cache=2"
        ),
        "share/mime/packages.list -> a/share/mime/packages.list, share/mime/packages/a.xml -> a/share/mime/packages/a.xml, \
         share/mime/packages/b.xml -> b/share/mime/packages/b.xml"
    );
    assert_eq!(
        outcome("a5: share/mime/mime.cache=1"),
        "share -> a/share",
        "a directory that one package has is not looked into"
    );
}

#[test]
fn perllocal_pod_and_log_are_skipped_wherever_a_directory_is_walked() {
    assert_eq!(
        outcome(
            "a5: log=1 perllocal.pod=1 lib/perl/perllocal.pod=1 lib/perl/a=1 lib/log/l=1 | b5: lib/perl/perllocal.pod=2 lib/perl/b=1"
        ),
        "lib/perl/a -> a/lib/perl/a, lib/perl/b -> b/lib/perl/b"
    );
}

#[test]
fn a_package_that_is_a_file_is_an_error_or_with_ignore_single_file_outputs_a_warning() {
    let packages = plant("f5: =program | link5: ->@f | b5: x=1");
    let plan = packages.plan(nixpkgs(|_| ())).unwrap();
    let [PlanError::SingleFile { path: f, .. }, PlanError::SingleFile { path: link, .. }] = &*plan.problems else {
        panic!("{:?}", plan.problems)
    };
    assert!(f.ends_with(b"/f") && link.ends_with(b"/link") && !plan.builds());
    assert_eq!(plan.links(), 1, "what else there is is planned");
    let ignoring = nixpkgs(|rules| rules.ignore_single_file_outputs = true);
    let plan = packages.plan(ignoring.clone()).unwrap();
    assert!(plan.warnings.iter().any(|warning| warning.contains("/f")), "{:?}", plan.warnings);
    assert_eq!(packages.outcome(ignoring), "x -> b/x");
}

// Rule 4

#[test]
fn a_dangling_link_is_linked_with_a_warning() {
    let plan = plan("a5: x->gone", nixpkgs(|_| ()));
    assert_eq!((plan.links(), plan.builds()), (1, true));
    assert!(plan.warnings.iter().any(|warning| warning.contains("/a/x")), "{:?}", plan.warnings);
}

#[test]
fn a_better_package_replaces_a_file_and_a_dangling_link_but_not_a_directory() {
    assert_eq!(outcome("a5: x=1 | b4: x=2"), "x -> b/x");
    assert_eq!(outcome("a5: x->gone | b4: x=2"), "x -> b/x");
    assert_eq!(outcome("a5: x->gone | b4: x/y=2"), "x -> b/x");
    assert_eq!(outcome("a5: x=1 | b4: x->gone"), "x -> b/x");
    assert_eq!(outcome("a5: x/y=1 | b4: x=2"), REFUSED);
}

// Rule 5

#[test]
fn one_real_file_is_no_collision_that_blocks_at_any_priority() {
    for input in ["a5: x=1 | b5: x->@a/x", "a5: x=1 | b9: x->@a/x", "b5: x->@a/x | a5: x=1", "b5: x->@a/x | a9: x=1"] {
        let plan = plan(input, nixpkgs(|_| ()));
        assert_eq!(
            plan.collisions.iter().map(|c| (c.kind, c.blocks)).collect::<Vec<_>>(),
            [(CollisionKind::SameFile, false)],
            "{input}"
        );
        assert_eq!(outcome(input), "x -> a/x", "{input}");
    }
    assert_eq!(outcome("a5: x=1 | b4: x->@a/x"), "x -> b/x", "a better number replaces it before that is looked at");
}

#[test]
fn two_links_to_one_file_keep_the_first() {
    assert_eq!(outcome("a5: real/f=1 | b5: x->@a/real/f | c5: x->@a/real/f"), "real -> a/real, x -> b/x");
}

#[test]
fn links_that_dangle_to_one_missing_file_are_one() {
    assert_eq!(outcome("a5: x->../gone | b5: x->../gone"), "x -> a/x");
    assert_eq!(outcome("a5: x->gone | b5: x->gone"), REFUSED);
}

// Rule 6

#[test]
fn a_file_of_a_worse_priority_is_shadowed() {
    let plan = plan("a4: bin/x=1 | b5: bin/x=2", nixpkgs(|_| ()));
    assert_eq!(collisions(&plan), [("bin/x".into(), CollisionKind::Shadowed, false, Some(0))]);
    let contenders: Vec<_> =
        plan.collisions[0].contenders.iter().map(|c| (&*c.package, &*c.output, c.priority, c.is_directory)).collect();
    assert_eq!(contenders, [("element0", "out", 4, false), ("element1", "out", 5, false)]);
}

// Rule 7

#[test]
fn ignore_collisions_does_not_help_where_a_merged_directory_meets_a_file() {
    for input in
        ["a5: x/p=1 | b5: x/q=1 | c9: x=2", "a5: x/p=1 | b5: x/q=1 | c1: x=2", "a5: x/p=1 | b5: x/q=1 | c5: x->gone"]
    {
        assert_eq!(plant(input).outcome(ignoring_collisions()), REFUSED, "{input}");
    }
}

// Rule 8

#[test]
fn children_of_merged_directories_keep_the_priorities_of_their_packages() {
    assert_eq!(outcome("a3: d/x=1 | b7: d/x=2 d/y=2 | c4: d/y=3 d/x=3"), "d/x -> a/d/x, d/y -> c/d/y");
    assert_eq!(outcome("a5: d/e/x=1 | b5: d/e/y=1 | c4: d/e/x=2"), "d/e/x -> c/d/e/x, d/e/y -> b/d/e/y");
}

// Rule 9

#[test]
fn ignore_collisions_keeps_the_first_listed_with_a_warning() {
    let input = "b5: bin/x=1 | a5: bin/x=2 | c4: bin/y=1";
    assert_eq!(plant(input).outcome(ignoring_collisions()), "bin/x -> b/bin/x, bin/y -> c/bin/y");
    let plan = plan(input, ignoring_collisions());
    assert!(plan.warnings.iter().any(|warning| warning.contains("bin/x")), "{:?}", plan.warnings);
    assert_eq!(plan.collisions.iter().map(|c| (c.blocks, c.winner)).collect::<Vec<_>>(), [(false, Some(0))]);
}

#[test]
fn ignore_collisions_keeps_a_first_listed_directory_against_a_file() {
    assert_eq!(plant("a5: x/y=1 | b5: x=1").outcome(ignoring_collisions()), "x -> a/x");
    assert_eq!(plant("a5: x=1 | b5: x/y=1").outcome(ignoring_collisions()), "x -> a/x");
}

#[test]
fn equal_files_collide_when_contents_are_not_checked() {
    let packages = plant("a5: bin/x=1 | b5: bin/x=1");
    assert_eq!(packages.outcome(nixpkgs(|rules| rules.check_collision_contents = false)), REFUSED);
    let plan = packages.plan(nixpkgs(|_| ())).unwrap();
    assert_eq!(collisions(&plan), [("bin/x".into(), CollisionKind::SameContent, false, Some(0))]);
}

#[test]
fn equal_bytes_with_another_mode_block_with_a_warning_and_a_kind_of_their_own() {
    let plan = plan("a5: bin/x=1 | b5: bin/x*=1", nixpkgs(|_| ()));
    assert_eq!(collisions(&plan), [("bin/x".into(), CollisionKind::ModeDiffers, true, None)]);
    assert!(plan.warnings.iter().any(|warning| warning.contains("bin/x")), "{:?}", plan.warnings);
}

#[test]
fn every_collision_is_reported_not_only_the_first() {
    let plan = plan("a5: bin/x=1 bin/y=1 lib=1 | b5: bin/x=2 bin/y=2 lib/l=1 | c5: bin/x=3", nixpkgs(|_| ()));
    let blocking: Vec<_> = plan.collisions.iter().filter(|c| c.blocks).map(|c| safe::bytes(&c.path)).collect();
    assert_eq!(blocking, ["bin/x", "bin/y", "lib"]);
    assert_eq!(plan.collisions[0].contenders.len(), 3);
}

// Rule 10

#[test]
fn only_the_first_line_of_propagated_packages_is_read() {
    let packages = "p: bin/p=1 | q: bin/q=1 | r: bin/r=1";
    let outcome =
        |text: &str| outcome(&format!("a5: bin/a=1 nix-support/propagated-user-env-packages={text} | {packages}"));
    assert_eq!(outcome("@p_@q^@r"), "bin/a -> a/bin/a, bin/p -> p/bin/p, bin/q -> q/bin/q, bin/r -> r/bin/r");
    assert_eq!(outcome("@p~@q_@r"), "bin/a -> a/bin/a, bin/p -> p/bin/p");
    assert_eq!(outcome("~@q"), "bin -> a/bin");
}

#[test]
fn propagated_packages_come_in_rounds_sorted_by_path_each_worse_than_the_one_before() {
    let packages = "r: bin/x=r | q: bin/x=q nix-support/propagated-user-env-packages=@p | p: bin/x=p bin/y=p";
    assert_eq!(
        outcome(&format!("a5: nix-support/propagated-user-env-packages=@r_@q bin/a=1 | {packages}")),
        "bin/a -> a/bin/a, bin/x -> q/bin/x, bin/y -> p/bin/y"
    );
}

#[test]
fn propagated_packages_never_block_and_yield_to_a_listed_one_at_1000() {
    let input = "a1000: x=1 y=1 nix-support/propagated-user-env-packages=@p | p: x=2 y/z=2 z=2";
    assert_eq!(outcome(input), "x -> a/x, y -> a/y, z -> p/z");
    assert!(plan(input, nixpkgs(|_| ())).builds());
}

#[test]
fn a_package_that_propagates_itself_or_a_listed_one_counts_once() {
    let input =
        "a5: x=1 nix-support/propagated-user-env-packages=@a_@b | b5: y=1 nix-support/propagated-user-env-packages=@a";
    assert_eq!(outcome(input), "x -> a/x, y -> b/y");
}

#[test]
fn a_list_of_propagated_packages_that_cannot_be_read_propagates_nothing() {
    let list = "nix-support/propagated-user-env-packages";
    assert_eq!(outcome(&format!("a5: x=1 {list}/")), "x -> a/x");
    assert_eq!(outcome(&format!("a5: x=1 {list}->propagated-user-env-packages")), "x -> a/x");
    assert_eq!(outcome(&format!("a5: x=1 {list}->gone")), "x -> a/x");
}

// Rule 11

#[test]
fn listed_paths_that_do_not_exist_are_skipped_silently() {
    let plan = plan("a5: x=1 | gone5", nixpkgs(|_| ()));
    assert_eq!((plan.links(), plan.warnings.len()), (1, 0));
}

#[test]
fn a_listed_path_that_does_not_exist_is_missed_if_another_package_propagates_it() {
    let input = "gone5 | a5: x=1 nix-support/propagated-user-env-packages=@gone";
    let plan = plant(input).plan(nixpkgs(|_| ())).unwrap();
    assert!(matches!(&*plan.problems, [PlanError::MissingPackage { .. }]), "{:?}", plan.problems);
}

#[test]
fn packages_that_can_be_in_no_environment_are_told_beside_every_collision() {
    let list = "nix-support/propagated-user-env-packages";
    let packages = plant(&format!("f5: =program | a5: x=1 y=1 {list}=relative | b5: x=2 y=2 {list}=@gone"));
    for (rules, problems) in [(Rules::Nix, 2), (nixpkgs(|_| ()), 3)] {
        let plan = packages.plan(rules).unwrap();
        assert_eq!((plan.blocking().count(), plan.problems.len()), (2, problems), "{:?}", plan.problems);
        let out = temp_dir();
        let written = nix_loom::engine::write(&plan, &out.path().join("out"));
        assert!(written.is_err() && !out.path().join("out").exists());
        // What would settle the collisions leaves the problems, so it does not build yet.
        let request = packages.request(if problems == 2 { Rules::Nix } else { nixpkgs(|_| ()) });
        let suggestions = nix_loom::engine::suggest(&request, &[], &plan, &Disk, 8);
        let settled = suggestions.iter().find(|it| it.settles() == 2).unwrap();
        assert!(!settled.builds, "{settled:?}");
    }
}

// The other arguments

#[test]
fn extra_prefix_moves_everything_but_the_manifest() {
    let packages = plant("a5: bin/x=1 | b5: bin/y=1 share/s=1");
    let rules = nixpkgs(|rules| {
        rules.extra_prefix = b"/usr/local".to_vec();
        rules.manifest = Some(b"/manifest/here".to_vec());
    });
    assert_eq!(
        packages.outcome(rules),
        "manifest -> /manifest/here, usr/local/bin/x -> a/bin/x, usr/local/bin/y -> b/bin/y, usr/local/share -> b/share"
    );
}

#[test]
fn extra_paths_come_last_at_priority_1000_and_collide_like_listed_ones() {
    let packages = plant("a5: bin/x=1 | c1000: bin/y=1 | e: bin/x=2 bin/z=2 | f: bin/y=2 | g: =file");
    let extra = |names: &[&str]| {
        let paths: Vec<Vec<u8>> = names.iter().map(|name| packages.path(name).into_bytes()).collect();
        packages.outcome(nixpkgs(|rules| rules.extra_paths = paths))
    };
    assert_eq!(extra(&["e"]), "bin/x -> a/bin/x, bin/y -> c/bin/y, bin/z -> e/bin/z");
    assert_eq!(extra(&["f"]), REFUSED);
    assert_eq!(extra(&["g", "gone"]), "bin/x -> a/bin/x, bin/y -> c/bin/y", "only directories count");
}

#[test]
fn inactive_packages_are_left_out() {
    assert_eq!(outcome("a5!: bin/x=1 | b5: bin/x=2"), "bin -> b/bin");
}

#[test]
fn no_packages_make_an_empty_environment() {
    let plan = plan("", nixpkgs(|_| ()));
    assert_eq!((plan.links(), plan.directories(), plan.builds()), (0, 0, true));
}
