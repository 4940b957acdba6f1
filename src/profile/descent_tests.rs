use std::time::Duration;

use super::*;

/// A generation whose environment is called like it and whose link is as old as its number.
fn generation(number: u64) -> Generation {
    Generation {
        number,
        current: false,
        created: UNIX_EPOCH + Duration::from_secs(number),
        path: format!("/store/{number}-profile").into(),
    }
}

fn generations(numbers: &[u64]) -> Vec<Generation> {
    numbers.iter().map(|&number| generation(number)).collect()
}

struct Fixture {
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn of(&self, profile: &str) -> Descent {
        let profile = Profile::at(self.dir.path().join(profile));
        Descent::new(Some(&self.dir.path().join("state")), &profile)
    }

    fn descent(&self) -> Descent {
        self.of("profile")
    }

    /// Generation 5 is recorded to be made from 2, and 1 from nothing.
    fn recorded(&self) -> Descent {
        let descent = self.descent();
        let all = generations(&[1, 2, 3, 4, 5]);
        descent.record(&all[0], None, &all);
        descent.record(&all[4], Some(&all[1]), &all);
        descent
    }
}

#[test]
fn what_is_not_recorded_is_probably_made_from_the_newest_below() {
    let fixture = Fixture::new();
    let parents = |numbers: &[u64]| fixture.descent().parents(&generations(numbers));
    assert_eq!(parents(&[1, 2, 4]), [Parent::Nothing, Parent::Probably(1), Parent::Probably(2)]);
    assert_eq!(parents(&[3, 4]), [Parent::Unknown, Parent::Probably(3)], "1 and 2 were deleted");
    assert_eq!(parents(&[]), []);
}

#[test]
fn what_is_recorded_is_known_and_of_a_deleted_parent_its_number_stays() {
    let fixture = Fixture::new();
    let descent = fixture.recorded();
    let parents = descent.parents(&generations(&[1, 2, 3, 4, 5]));
    assert_eq!((parents[0], parents[4]), (Parent::Nothing, Parent::Known(2)));
    assert_eq!(descent.parents(&generations(&[1, 3, 5])).last(), Some(&Parent::Deleted(2)));
    assert_eq!((Parent::Known(2).number(), Parent::Deleted(2).number()), (Some(2), None));
}

#[test]
fn a_record_of_a_link_that_was_replaced_is_not_believed() {
    let fixture = Fixture::new();
    let descent = fixture.recorded();
    let mut all = generations(&[1, 2, 3, 4, 5]);
    all[4].path = "/store/other-profile".into();
    assert_eq!(descent.parents(&all)[4], Parent::Probably(4), "another environment");
    let mut all = generations(&[1, 2, 3, 4, 5]);
    all[4].created += Duration::from_nanos(1);
    assert_eq!(descent.parents(&all)[4], Parent::Probably(4), "the same environment, made again");
    let mut all = generations(&[1, 2, 3, 4, 5]);
    all[1].path = "/store/other-profile".into();
    assert_eq!(descent.parents(&all)[4], Parent::Deleted(2), "2 is not the 2 from which it was made");
    assert_eq!(fixture.of("another").parents(&generations(&[4, 5])), [Parent::Unknown, Parent::Probably(4)]);
}

#[test]
fn damaged_and_unwritable_records_only_cost_the_knowledge() {
    let fixture = Fixture::new();
    let descent = fixture.recorded();
    let file = descent.file.clone().unwrap();
    let all = generations(&[1, 2, 3, 4, 5]);
    let whole = fs::read_to_string(&file).unwrap();
    for damaged in ["", "{", "null", &whole[..whole.len() / 2], &whole.replace("\"version\":1", "\"version\":9"), "\0"]
    {
        fs::write(&file, damaged).unwrap();
        assert_eq!(descent.parents(&all)[4], Parent::Probably(4), "{damaged}");
    }
    descent.record(&all[4], Some(&all[1]), &all);
    assert_eq!(descent.parents(&all)[4], Parent::Known(2), "a damaged file is replaced");

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    descent.record(&all[4], Some(&all[1]), &all);
    assert_eq!(descent.parents(&all)[4], Parent::Probably(4));
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing half written stays");
    let nowhere = Descent::new(None, &Profile::at(fixture.dir.path().join("profile")));
    nowhere.record(&all[4], None, &all);
    assert_eq!(nowhere.parents(&all)[4], Parent::Probably(4));
}

#[test]
fn a_record_that_says_a_parent_is_newer_leads_nowhere() {
    let fixture = Fixture::new();
    let descent = fixture.descent();
    let all = generations(&[1, 2, 3]);
    descent.record(&all[1], Some(&all[2]), &all);
    descent.record(&all[2], Some(&all[1]), &all);
    let parents = descent.parents(&all);
    assert_eq!(parents[1], Parent::Probably(1));
    assert_eq!(ancestors(3, &all, &parents), [2, 1]);
    assert_eq!(ancestors(3, &all, &[Parent::Nothing, Parent::Known(3), Parent::Known(2)]), [2]);
}

#[test]
fn what_was_recorded_of_deleted_generations_is_forgotten() {
    let fixture = Fixture::new();
    let descent = fixture.recorded();
    let left = generations(&[5, 6]);
    descent.record(&left[1], Some(&left[0]), &left);
    assert_eq!(descent.read().iter().map(|record| record.of.number).collect::<Vec<_>>(), [5, 6]);
}
