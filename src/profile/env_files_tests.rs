use std::fs;

use super::*;

fn said(text: &str, names: &[&str]) -> Said {
    let element = |&name: &&str| Element {
        name: name.to_owned(),
        attribute: format!("paths.{name}"),
        source: "/a_env.nix".to_owned(),
        version: "1".to_owned(),
        outputs: vec![ElementOutput { name: "out".into(), path: format!("/store/{name}").into() }],
        priority: -3,
        active: true,
        ..Element::default()
    };
    Said { text: text.to_owned(), elements: names.iter().map(element).collect() }
}

fn file(path: &str) -> RememberedFile {
    RememberedFile {
        path: path.into(),
        relation: Relation::Apart,
        generation: Some(3),
        said: said("x", &["a", "b"]),
        latest: None,
        beside: vec!["c".to_owned()],
        written: Some(Written {
            format: "flake".into(),
            name: "env".into(),
            elements: vec!["a".into()],
            is_unpinned: true,
        }),
    }
}

struct Fixture {
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn of(&self, profile: &str) -> EnvFiles {
        let profile = Profile::at(self.dir.path().join(profile));
        EnvFiles::new(Some(&self.dir.path().join("state")), &profile)
    }

    /// The one file in which the files of the profile are remembered.
    fn place(&self) -> PathBuf {
        self.of("profile").place.unwrap()
    }
}

fn paths(files: &EnvFiles) -> Vec<String> {
    files.all().iter().map(|file| file.path.to_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_remembered_is_read_again_as_it_was_and_each_profile_has_its_own() {
    let fixture = Fixture::new();
    assert!(fixture.of("profile").all().is_empty());
    fixture.of("profile").remember(file("/a")).unwrap();
    fixture.of("other").remember(RememberedFile { written: None, ..file("/b") }).unwrap();
    assert_eq!(fixture.of("profile").all(), [file("/a")]);
    assert_eq!(fixture.of("other").all(), [RememberedFile { written: None, ..file("/b") }]);
}

#[test]
fn the_last_one_comes_first_once_and_only_some_are_kept() {
    let fixture = Fixture::new();
    let files = fixture.of("profile");
    for number in 0..12 {
        files.remember(file(&format!("/{number}"))).unwrap();
    }
    files.remember(file("/9")).unwrap();
    assert_eq!(paths(&files), ["/9", "/11", "/10", "/8", "/7", "/6", "/5", "/4"]);
}

#[test]
fn what_a_file_says_later_is_noted_beside_what_it_said_first() {
    let fixture = Fixture::new();
    let files = fixture.of("profile");
    files.note("/a".as_ref(), &said("y", &[])).unwrap();
    assert!(!fixture.place().exists(), "nothing is noted of what is not remembered");
    files.remember(file("/a")).unwrap();
    files.note("/a".as_ref(), &said("y", &["a"])).unwrap();
    assert_eq!(files.all(), [RememberedFile { latest: Some(said("y", &["a"])), ..file("/a") }]);
    files.note("/a".as_ref(), &file("/a").said).unwrap();
    assert_eq!(files.all(), [file("/a")]);
}

#[test]
fn a_file_is_forgotten_once() {
    let fixture = Fixture::new();
    let files = fixture.of("profile");
    files.remember(file("/a")).unwrap();
    files.remember(file("/b")).unwrap();
    assert!(files.forget("/a".as_ref()).unwrap());
    assert!(!files.forget("/a".as_ref()).unwrap());
    assert_eq!(paths(&files), ["/b"]);
}

#[test]
fn rubbish_is_nothing_and_is_written_over() {
    let fixture = Fixture::new();
    let files = fixture.of("profile");
    files.remember(file("/a")).unwrap();
    let good = fs::read_to_string(fixture.place()).unwrap();
    let other_profile = good.replace("/profile\"", "/another\"");
    let relative = good.replace("\"path\":\"/a\"", "\"path\":\"a\"");
    let newer = good.replace("\"version\":1,", "\"version\":2,");
    let large = format!("{good}{}", " ".repeat(5 << 20));
    let cut = &good[..good.len() / 2];
    for rubbish in ["", "\0\u{1b}[31m", "[]", "{}", cut, &other_profile, &relative, &newer, &large] {
        assert_ne!(rubbish, good);
        fs::write(fixture.place(), rubbish).unwrap();
        assert!(files.all().is_empty(), "{rubbish:.80}");
        files.remember(file("/b")).unwrap();
        assert_eq!(paths(&files), ["/b"], "{rubbish:.80}");
    }
}

#[test]
fn what_cannot_be_written_is_told_and_stays_as_it_was() {
    let fixture = Fixture::new();
    let files = fixture.of("profile");
    fs::create_dir_all(fixture.place()).unwrap();
    let told = files.remember(file("/a")).unwrap_err().to_string();
    assert!(told.contains("no ordinary file"), "{told}");
    assert!(files.all().is_empty());
    // Where there is no place for it, nobody expects it to be remembered.
    let nowhere = EnvFiles::new(None, &Profile::at(fixture.dir.path().join("profile")));
    nowhere.remember(file("/a")).unwrap();
    assert!(nowhere.all().is_empty());
}

#[test]
fn a_file_with_more_than_there_is_room_for_is_left_out_and_the_newest_stay() {
    let fixture = Fixture::new();
    let files = fixture.of("profile");
    files.remember(file("/old")).unwrap();
    let names: Vec<String> = (0..12_000).map(|number| format!("package-{number:0100}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let large = |path: &str| RememberedFile { said: said("x", &names[..6_000]), ..file(path) };
    files.remember(large("/one")).unwrap();
    files.remember(large("/two")).unwrap();
    assert_eq!(paths(&files), ["/two"]);
    files.remember(RememberedFile { said: said("x", &names), ..file("/three") }).unwrap();
    assert_eq!(paths(&files), Vec::<String>::new());
}

#[test]
fn two_programs_at_once_lose_nothing() {
    let fixture = Fixture::new();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let files = fixture.of("profile");
            scope.spawn(move || files.remember(file(&format!("/{number}"))).unwrap());
        }
    });
    let mut all = paths(&fixture.of("profile"));
    all.sort();
    assert_eq!(all, (0..8).map(|number| format!("/{number}")).collect::<Vec<_>>());
    let folder = fixture.place().parent().unwrap().to_owned();
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "and leave nothing lying about");
}
