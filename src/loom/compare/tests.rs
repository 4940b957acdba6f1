use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::engine::{Disk, ListingBuilder, Listings, Remembered};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(name)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.at(name), bytes).unwrap();
        self.at(name)
    }

    fn link(&self, name: &str, target: &str) -> PathBuf {
        symlink(target, self.at(name)).unwrap();
        self.at(name)
    }
}

fn compared(left: &Path, right: &Path) -> FileComparison {
    compare(&Disk, [left.as_os_str().as_bytes(), right.as_os_str().as_bytes()], &|| true)
}

/// The lines of a text difference, each after its mark and its numbers.
fn shown(contents: &Contents) -> Vec<String> {
    let Contents::Text { lines, .. } = contents else { panic!("no text: {contents:?}") };
    let number = |number: Option<u32>| number.map_or("_".to_owned(), |number| number.to_string());
    let line = |line: &DiffLine| {
        let mark = match line.change {
            DiffChange::Same => ' ',
            DiffChange::Removed => '-',
            DiffChange::Added => '+',
            DiffChange::Gap => return "gap".to_owned(),
        };
        let text = String::from_utf8_lossy(&line.text);
        format!("{mark}{}:{} {text}{}", number(line.left), number(line.right), if line.is_unended { "$" } else { "" })
    };
    lines.iter().map(line).collect()
}

fn why(contents: &Contents) -> &str {
    match contents {
        Contents::Incomparable(why) | Contents::Unknown(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_lines_of_two_texts_are_told_with_their_numbers_and_surroundings() {
    let folder = Folder::new();
    let numbered = |change: &[(usize, &str)]| {
        let line = |at: usize| change.iter().find(|it| it.0 == at).map_or(format!("line {at}"), |it| it.1.to_owned());
        (1..=30).map(|at| line(at) + "\n").collect::<String>()
    };
    let left = folder.file("left", numbered(&[]));
    let right = folder.file("right", numbered(&[(5, "five"), (20, "twenty")]));
    let comparison = compared(&left, &right);
    let expected = [
        " 2:2 line 2",
        " 3:3 line 3",
        " 4:4 line 4",
        "-5:_ line 5",
        "+_:5 five",
        " 6:6 line 6",
        " 7:7 line 7",
        " 8:8 line 8",
        "gap",
        " 17:17 line 17",
        " 18:18 line 18",
        " 19:19 line 19",
        "-20:_ line 20",
        "+_:20 twenty",
        " 21:21 line 21",
        " 22:22 line 22",
        " 23:23 line 23",
    ];
    assert_eq!(shown(&comparison.contents), expected);
}

#[test]
fn texts_that_differ_in_line_ends_only_do_differ() {
    let folder = Folder::new();
    let (ended, unended, other) = (folder.file("a", "x\n"), folder.file("b", "x"), folder.file("c", "x\r\n"));
    assert_eq!(shown(&compared(&ended, &unended).contents), ["-1:_ x", "+_:1 x$"]);
    assert_eq!(shown(&compared(&ended, &other).contents), ["-1:_ x", "+_:1 x\r"]);
}

#[test]
fn a_long_difference_is_cut_and_says_so() {
    let folder = Folder::new();
    let left = folder.file("left", "");
    let right = folder.file("right", "line\n".repeat(100_000));
    let Contents::Text { lines, is_cut } = compared(&left, &right).contents else { panic!("no text") };
    assert!(is_cut);
    assert_eq!(lines.len(), 2000);
    assert!(lines.iter().all(|line| line.change == DiffChange::Added));
}

/// The worst case of a difference of lines: nothing in common, and a million bytes of it.
#[test]
fn a_hard_difference_ends_soon() {
    let folder = Folder::new();
    let lines = |seed: u64| {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 60
        };
        (0..500_000)
            .flat_map(|_| [char::from_digit(u32::try_from(next()).unwrap(), 16).unwrap(), '\n'])
            .collect::<String>()
    };
    let (left, right) = (folder.file("left", lines(1)), folder.file("right", lines(2)));
    let start = std::time::Instant::now();
    let comparison = compared(&left, &right);
    assert!(matches!(comparison.contents, Contents::Text { is_cut: true, .. }));
    assert!(start.elapsed() < std::time::Duration::from_mins(1), "{:?}", start.elapsed());
}

#[test]
fn what_is_no_text_is_told_by_its_first_different_byte_and_its_kind() {
    let folder = Folder::new();
    let program = folder.file("program", b"\x7fELF\x02\x01\0\0one");
    let other = folder.file("other", b"\x7fELF\x02\x01\0\0two");
    let longer = folder.file("longer", b"\x7fELF\x02\x01\0\0one and more");
    let text = folder.file("text", "text\n");
    let bytes = |left: &Path, right: &Path| compared(left, right).contents;
    assert_eq!(bytes(&program, &other), Contents::Bytes { first: Some(8), types: ["ELF", "ELF"] });
    assert_eq!(bytes(&program, &longer), Contents::Bytes { first: None, types: ["ELF", "ELF"] });
    assert_eq!(bytes(&text, &program), Contents::Bytes { first: Some(0), types: ["text", "ELF"] });
}

#[test]
fn large_files_are_compared_beyond_what_is_held_in_memory() {
    let folder = Folder::new();
    let mut bytes = vec![b'x'; 3 << 20];
    let left = folder.file("left", &bytes);
    let same = folder.file("same", &bytes);
    let shorter = folder.file("shorter", &bytes[..(2 << 20) + 5]);
    bytes[(2 << 20) + 7] = b'y';
    let right = folder.file("right", &bytes);
    let first = Some((2 << 20) + 7);
    assert_eq!(compared(&left, &right).contents, Contents::Bytes { first, types: ["text", "text"] });
    assert_eq!(compared(&left, &shorter).contents, Contents::Bytes { first: None, types: ["text", "text"] });
    assert_eq!(compared(&left, &same).contents, Contents::SameBytes);
}

#[test]
fn files_without_end_are_given_up_and_so_is_what_nobody_wants_any_more() {
    let folder = Folder::new();
    let sparse = |name: &str, size: u64| {
        fs::File::create(folder.at(name)).unwrap().set_len(size).unwrap();
        folder.at(name)
    };
    let (left, right, larger) = (sparse("left", 1 << 40), sparse("right", 1 << 40), sparse("larger", (1 << 40) + 1));
    assert_eq!(
        why(&compared(&left, &right).contents),
        "their first 256 MiB are the same, and the rest was not compared"
    );
    assert!(why(&compared(&left, &larger).contents).starts_with("they are of different sizes; their first 256 MiB"));
    let paths = [left.as_os_str().as_bytes(), right.as_os_str().as_bytes()];
    assert_eq!(why(&compare(&Disk, paths, &|| false).contents), "it was not asked for any more");
}

#[test]
fn one_real_file_by_two_names_is_the_same_file() {
    let folder = Folder::new();
    let file = folder.file("file", "x");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let link = folder.link("link", "./file");
    let comparison = compared(&file, &link);
    assert_eq!(comparison.contents, Contents::SameFile);
    let [left, right] = comparison.sides;
    assert_eq!((left.kind, left.target, left.real), (Some(FileKind::File), None, None));
    assert_eq!(right.kind, Some(FileKind::Symlink));
    assert_eq!(right.target.as_deref(), Some(&b"./file"[..]));
    assert_eq!(right.real.as_deref(), Some(file.as_os_str().as_bytes()));
    assert_eq!((right.size, right.mode), (Some(1), Some(0o755)));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let folder = Folder::new();
    let file = folder.file("file", "x");
    fs::create_dir(folder.at("directory")).unwrap();
    fs::create_dir(folder.at("another")).unwrap();
    let directory = folder.at("directory");
    let pipe = folder.at("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let (dangling, circle) = (folder.link("dangling", "nowhere"), folder.link("circle", "circle"));
    for (left, right, expected) in [
        (&file, &directory, "a directory and something that is none"),
        (&folder.at("another"), &directory, "both are directories"),
        (&file, &pipe, "a pipe, socket or device"),
        (&dangling, &file, "leads nowhere"),
        (&file, &circle, "in a circle"),
        (&file, &folder.at("vanished"), "cannot be read: no such file"),
    ] {
        let comparison = compared(left, right);
        assert!(why(&comparison.contents).contains(expected), "{comparison:?}");
    }
    let comparison = compared(&dangling, &file);
    assert_eq!(comparison.sides[0].kind, Some(FileKind::Symlink));
    assert_eq!((comparison.sides[0].size, comparison.sides[0].real.as_deref()), (None, None));
}

#[test]
fn a_file_that_vanishes_while_it_is_looked_at_is_unknown() {
    let folder = Folder::new();
    let (file, other) = (folder.file("file", "x"), folder.file("other", "y"));
    let remembered = Remembered::new(Disk);
    let paths = [file.as_os_str().as_bytes(), other.as_os_str().as_bytes()];
    assert!(matches!(compare(&remembered, paths, &|| true).contents, Contents::Text { .. }));
    fs::remove_file(&other).unwrap();
    let comparison = compare(&remembered, paths, &|| true);
    assert_eq!(why(&comparison.contents), format!("{} cannot be read: no such file or directory", other.display()));
}

#[test]
fn what_is_only_listed_is_known_by_size_and_where_the_listing_tells_by_content() {
    let mut builder = ListingBuilder::new();
    for (name, size, content) in [("a", 5, None), ("b", 5, None), ("c", 6, None), ("d", 5, Some(1)), ("e", 5, Some(1))]
    {
        builder.file(name.as_bytes(), size, false, content).unwrap();
    }
    builder.file(b"f", 5, true, Some(2)).unwrap();
    let mut listings = Listings::new(Disk);
    listings.insert(b"/listed/x", Arc::new(builder.finish()));
    let compared = |left: &[u8], right: &[u8]| {
        compare(&listings, [&[b"/listed/x/", left].concat(), &[b"/listed/x/", right].concat()], &|| true)
    };
    let unknown = |left: &[u8], right: &[u8]| why(&compared(left, right).contents).to_owned();
    assert_eq!(unknown(b"a", b"b"), "whether they differ is not known until it is fetched");
    assert_eq!(unknown(b"a", b"c"), "they are of different sizes; what differs is not known until it is fetched");
    assert_eq!(unknown(b"d", b"f"), "they are different; what differs is not known until it is fetched");
    assert_eq!(compared(b"d", b"e").contents, Contents::SameBytes);
    let [left, right] = compared(b"a", b"f").sides;
    assert_eq!((left.size, left.mode, right.mode), (Some(5), Some(0o444), Some(0o555)));
}
