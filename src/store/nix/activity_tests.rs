use super::*;
use crate::progress::Recorded;

const HASH: &str = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff";

fn path(name: &str) -> Vec<Field> {
    vec![Field::Text(format!("/s/{HASH}-{name}").into_bytes()), Field::Text(b"elsewhere".to_vec())]
}

fn numbers(numbers: &[u64]) -> Vec<Field> {
    numbers.iter().map(|&number| Field::Number(number)).collect()
}

/// Every step that `events` gives, as `what done/total`.
fn steps(events: impl FnOnce(&mut Activities)) -> Vec<String> {
    let recorded = Recorded::default();
    events(&mut Activities::new(Path::new("/s"), &recorded));
    let steps = recorded.0.into_inner().unwrap();
    steps.into_iter().map(|Step { what, done, total }| format!("{what} {done}/{total}")).collect()
}

#[test]
fn a_build_is_told_by_its_name_and_counted() {
    let steps = steps(|activities| {
        activities.start(1, BUILDS, &[]);
        activities.result(1, PROGRESS, &numbers(&[0, 2, 1, 0]));
        activities.start(2, BUILD, &path("hello-2.12.drv"));
        activities.stop(2);
        activities.result(1, PROGRESS, &numbers(&[1, 2, 1, 0]));
        activities.start(3, BUILD, &path("jq-1.7.drv"));
    });
    assert_eq!(steps, ["building hello-2.12 0/2", "building jq-1.7 1/2"]);
}

#[test]
fn bytes_count_what_is_done_what_runs_and_what_is_announced() {
    let steps = steps(|activities| {
        activities.start(1, 102, &[]);
        activities.result(1, SET_EXPECTED, &numbers(&[COPY_PATH, 300]));
        activities.start(2, SUBSTITUTE, &path("a-1"));
        activities.start(3, COPY_PATH, &path("a-1"));
        activities.result(3, PROGRESS, &numbers(&[50, 100, 0, 0]));
        activities.result(3, PROGRESS, &numbers(&[100, 100, 0, 0]));
        activities.stop(3);
        activities.stop(2);
        activities.start(4, SUBSTITUTE, &path("b-1"));
        activities.start(5, COPY_PATH, &path("b-1"));
        activities.result(5, PROGRESS, &numbers(&[20, 200, 0, 0]));
    });
    assert_eq!(
        steps,
        [
            "fetching a-1 0/300",
            "fetching a-1 50/300",
            "fetching a-1 100/300",
            "fetching b-1 100/300",
            "fetching b-1 120/300"
        ]
    );
}

#[test]
fn several_at_once_are_named_up_to_two_and_then_counted() {
    let steps = steps(|activities| {
        for (id, name) in ["a-1.drv", "b-1.drv", "c-1.drv", "d-1.drv"].into_iter().enumerate() {
            activities.start(id as u64, BUILD, &path(name));
        }
        activities.start(9, SUBSTITUTE, &path("z-1"));
    });
    assert_eq!(
        steps,
        [
            "building a-1 0/0",
            "building a-1 and b-1 0/0",
            "building a-1, b-1 and 1 more 0/0",
            "building a-1, b-1 and 2 more 0/0",
            "fetching z-1, building a-1, b-1 and 2 more 0/0"
        ]
    );
}

#[test]
fn what_is_no_store_path_or_of_an_unknown_kind_is_not_told() {
    let steps = steps(|activities| {
        activities.start(1, BUILD, &[Field::Text(b"/s/\x1b[31mevil".to_vec())]);
        activities.start(2, BUILD, &[Field::Number(7)]);
        activities.start(3, BUILD, &[]);
        activities.start(4, 999, &path("a-1"));
        activities.result(77, PROGRESS, &numbers(&[1, 2]));
        activities.stop(78);
    });
    assert_eq!(steps, [""; 0]);
}

#[test]
fn absurd_numbers_cannot_overflow_who_computes_with_them() {
    let steps = steps(|activities| {
        activities.start(1, COPY_PATH, &path("a-1"));
        activities.start(2, COPY_PATH, &path("b-1"));
        activities.result(1, PROGRESS, &numbers(&[u64::MAX, 1]));
        activities.result(2, PROGRESS, &numbers(&[u64::MAX, u64::MAX]));
        activities.stop(1);
    });
    let last = format!("fetching b-1 {MOST_COUNTED}/{MOST_COUNTED}");
    assert_eq!(steps.last(), Some(&last));
}

#[test]
fn activities_that_never_stop_and_words_without_end_are_kept_up_to_a_limit() {
    let recorded = Recorded::default();
    let mut activities = Activities::new(Path::new("/s"), &recorded);
    for id in 0..10_000 {
        activities.start(id, 0, &[]);
        activities.result(id, BUILD_LOG_LINE, &[Field::Text(format!("line {id}").into_bytes())]);
        activities.tell(format!("message {id}").as_bytes());
    }
    assert_eq!(activities.running.len(), MOST_RUNNING);
    let (told, log) = activities.last_words();
    assert_eq!((told.len(), log.len()), (KEPT_LINES, KEPT_LINES));
    assert_eq!((told[19].as_str(), log[0].as_str()), ("message 9999", "line 9980"));
}

#[test]
fn what_a_user_of_nix_would_see_is_passed_on_line_by_line() {
    let recorded = Recorded::default();
    let mut activities = Activities::new(Path::new("/s"), &recorded);
    activities.announce(3, b"building '/s/hello.drv'");
    activities.announce(4, b"for those who ask for more");
    activities.announce(3, b"");
    activities.start(2, BUILD, &path("hello-2.12.drv"));
    activities.result(2, BUILD_LOG_LINE, &[Field::Text(b"\x1b[1mchecking\x1b[0m for gcc\x07".to_vec())]);
    activities.tell(b"warning: one\nand two\n");
    activities.stop(2);
    activities.result(2, BUILD_LOG_LINE, &[Field::Text(b"too late".to_vec())]);
    let lines = recorded.1.into_inner().unwrap();
    let expected =
        ["building '/s/hello.drv'", "hello-2.12> checking for gcc\\x07", "warning: one", "and two", "too late"];
    assert_eq!(lines, expected);
}
