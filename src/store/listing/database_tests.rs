use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::*;
use crate::engine::{Listed, ListingBuilder};

/// A listing that is told from those of other numbers.
fn listing(number: u64) -> Listing {
    let mut listing = ListingBuilder::new();
    for file in 0..=number % 50 {
        listing.file(format!("share/{number}/{file}").as_bytes(), number, false, None).unwrap();
    }
    listing.finish()
}

fn path(number: u64) -> Vec<u8> {
    format!("/nix/store/{number:032}-x").into_bytes()
}

fn write(database: &Database, numbers: impl Iterator<Item = u64>) {
    let listings: Vec<_> = numbers.map(|number| (path(number), listing(number))).collect();
    database.write(listings.iter().map(|(path, listing)| (&**path, listing)));
}

/// Which of these the database has; that each is what was written is checked.
fn has(database: &Database, numbers: impl Iterator<Item = u64>) -> Vec<u64> {
    let paths: Vec<_> = numbers.map(|number| (number, path(number))).collect();
    let mut has = Vec::new();
    database.read(&paths.iter().map(|(_, path)| &**path).collect::<Vec<_>>(), &mut |path, found| {
        let number = paths.iter().find(|(_, it)| it == path).unwrap().0;
        assert_eq!(found.walk().collect::<Vec<(Vec<u8>, Listed)>>(), listing(number).walk().collect::<Vec<_>>());
        has.push(number);
    });
    has
}

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nix-loom/listings.sqlite");
    (folder, file)
}

fn names(file: &Path) -> Vec<String> {
    let names = fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_was_written_is_there_for_the_next_program() {
    let (_folder, file) = in_folder();
    write(&Database::new(file.clone()), 0..100);
    let next = Database::new(file.clone());
    assert_eq!(has(&next, 50..150), (50..100).collect::<Vec<_>>());
    write(&next, 100..101);
    write(&next, 99..101);
    assert_eq!(has(&Database::new(file), 98..105), [98, 99, 100]);
}

/// Damages a database with 200 listings, then uses it.
fn after_damage(damage: impl FnOnce(&Path)) -> (Vec<String>, Vec<u64>, Vec<u64>) {
    let (_folder, file) = in_folder();
    write(&Database::new(file.clone()), 0..200);
    damage(&file);
    let database = Database::new(file.clone());
    let before = has(&database, 0..200);
    write(&database, 0..200);
    let after = has(&Database::new(file.clone()), 0..200);
    (names(&file), before, after)
}

#[test]
fn a_damaged_file_is_put_aside_for_a_new_one() {
    let rubbish = |file: &Path| fs::write(file, "no database at all".repeat(1000)).unwrap();
    let cut = |file: &Path| File::options().write(true).open(file).unwrap().set_len(10_000).unwrap();
    let head = |file: &Path| File::options().write(true).open(file).unwrap().set_len(50).unwrap();
    let pages = |file: &Path| {
        let mut bytes = fs::read(file).unwrap();
        bytes[4096..].fill(0xee);
        fs::write(file, bytes).unwrap();
    };
    let foreign = |file: &Path| {
        fs::remove_file(file).unwrap();
        let connection = Connection::open(file).unwrap();
        connection.execute_batch("CREATE TABLE listings (something TEXT); PRAGMA user_version = 1").unwrap();
    };
    let damages: [&dyn Fn(&Path); 5] = [&rubbish, &cut, &head, &pages, &foreign];
    for (at, damage) in damages.into_iter().enumerate() {
        let (names, _, after) = after_damage(damage);
        assert_eq!(after, (0..200).collect::<Vec<_>>(), "damage {at}");
        assert!(names.contains(&"listings.sqlite.damaged".to_owned()), "damage {at}: {names:?}");
    }
}

#[test]
fn an_empty_file_becomes_a_database() {
    let (names, before, after) = after_damage(|file| fs::write(file, "").unwrap());
    assert_eq!((before.len(), after.len()), (0, 200));
    assert!(!names.contains(&"listings.sqlite.damaged".to_owned()), "{names:?}");
}

#[test]
fn one_damaged_listing_costs_no_other() {
    let (names, before, after) = after_damage(|file| {
        let connection = Connection::open(file).unwrap();
        let damage = "UPDATE listings SET listing = substr(listing, 1, 20) WHERE path = ?";
        assert_eq!(connection.execute(damage, [path(7)]).unwrap(), 1);
        assert_eq!(connection.execute("UPDATE listings SET listing = 5 WHERE path = ?", [path(8)]).unwrap(), 1);
    });
    assert_eq!(before, (0..200).filter(|number| ![7, 8].contains(number)).collect::<Vec<_>>());
    assert_eq!(after.len(), 200);
    assert!(!names.contains(&"listings.sqlite.damaged".to_owned()), "{names:?}");
}

#[test]
fn the_database_of_a_newer_program_is_left_as_it_is() {
    let (_folder, file) = in_folder();
    write(&Database::new(file.clone()), 0..10);
    Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA user_version = 2; ALTER TABLE listings ADD COLUMN x")
        .unwrap();
    let database = Database::new(file.clone());
    write(&database, 10..20);
    assert!(has(&database, 0..20).is_empty());
    let connection = Connection::open(&file).unwrap();
    let rows: i64 = connection.query_row("SELECT count(*) FROM listings", [], |row| row.get(0)).unwrap();
    assert_eq!((rows, version(&connection).unwrap()), (10, 2));
}

#[test]
fn where_no_database_can_be_there_is_none_and_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "kept").unwrap();
    fs::create_dir(folder.path().join("listings.sqlite")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.path().join("pipe"), 0o600.into()).unwrap();
    for place in ["file/listings.sqlite", "listings.sqlite", "pipe"] {
        let database = Database::new(folder.path().join(place));
        write(&database, 0..2);
        assert!(has(&database, 0..2).is_empty(), "{place}");
    }
    // Not even root can write there.
    let database = Database::new("/proc/nix-loom/listings.sqlite".into());
    write(&database, 0..2);
    assert!(has(&database, 0..2).is_empty());
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"kept");
}

#[test]
fn a_full_disk_keeps_what_was_there() {
    let (_folder, file) = in_folder();
    let database = Database::new(file.clone());
    write(&database, 0..50);
    // SQLite then says what it says when the disk is full.
    if let State::Open(connection) = &*database.state.lock().unwrap() {
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 2), [], |_| Ok(())).unwrap();
    }
    write(&database, 0..1000);
    assert_eq!(has(&database, 0..1000), (0..50).collect::<Vec<_>>(), "all of a write or nothing");
    write(&database, 50..51);
    assert_eq!(has(&database, 0..1000).len(), 51, "what fits is kept again");
    assert!(!names(&file).contains(&"listings.sqlite.damaged".to_owned()));
}

/// Where a program that this test started finds the database, and what it shall do with it.
const TO_USE: &str = "NIX_LOOM_TEST_DATABASE";

/// What another program does; only such a one that is started by a test below does anything here.
#[test]
fn another_program() {
    let Some(to_use) = std::env::var_os(TO_USE) else { return };
    let to_use = to_use.into_string().unwrap();
    let (what, file) = to_use.split_once(' ').unwrap();
    let database = Database::new(file.into());
    match what.parse::<u64>() {
        Ok(number) => {
            for at in 0..20 {
                write(&database, std::iter::once(number * 100 + at));
                assert_eq!(has(&database, number * 100..=number * 100 + at).len() as u64, at + 1);
            }
        }
        Err(_) if what == "look" => {
            assert!(has(&database, 0..10).is_empty());
            write(&database, 0..10);
            println!("looked");
        }
        Err(_) => {
            for at in 0.. {
                write(&database, at * 10..at * 10 + 10);
                println!("wrote {}", at * 10 + 10);
            }
        }
    }
}

fn start(what: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let test = format!("{}::another_program", module_path!().split_once("::").unwrap().1);
    command.args(["--exact", &test, "--nocapture", "--test-threads=1"]);
    command.env(TO_USE, format!("{what} {}", file.display())).stdout(Stdio::piped());
    command
}

/// Ten programs write at once, and what each of them wrote is there.
#[track_caller]
fn ten_programs_keep_what_they_write(file: &Path) {
    let programs: Vec<_> = (0..10).map(|number| start(&number.to_string(), file).spawn().unwrap()).collect();
    for program in programs {
        let output = program.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let all = (0..10).flat_map(|number| number * 100..number * 100 + 20);
    assert_eq!(has(&Database::new(file.to_owned()), all.clone()), all.collect::<Vec<_>>());
}

#[test]
fn ten_programs_at_once_keep_all_that_each_of_them_writes() {
    let (_folder, file) = in_folder();
    ten_programs_keep_what_they_write(&file);
    assert!(!names(&file).contains(&"listings.sqlite.damaged".to_owned()));
}

#[test]
fn ten_programs_that_find_rubbish_put_it_aside_and_go_on() {
    let (_folder, file) = in_folder();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "rubbish".repeat(5000)).unwrap();
    ten_programs_keep_what_they_write(&file);
    assert_eq!(fs::read(with_suffix(&file, ".damaged")).unwrap(), "rubbish".repeat(5000).as_bytes());
}

#[test]
fn a_program_killed_while_it_writes_leaves_whole_listings() {
    let (_folder, file) = in_folder();
    for round in 1..=5 {
        let mut program = start("on", &file).spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let wrote = lines.map(|line| line.unwrap()).filter(|line| line.contains("wrote ")).nth(round * 7).unwrap();
        program.kill().unwrap();
        program.wait().unwrap();
        let wrote: u64 = wrote.rsplit(' ').next().unwrap().parse().unwrap();
        let database = Database::new(file.clone());
        let has = has(&database, 0..wrote + 1000);
        assert!(has.len() as u64 >= wrote && has.len().is_multiple_of(10), "{} of {wrote}", has.len());
        let State::Open(connection) = &*database.state.lock().unwrap() else { panic!("it is not open") };
        assert!(is_sound(connection).unwrap());
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_no_harm() {
    let (folder, file) = in_folder();
    write(&Database::new(file.clone()), 20..30);
    let all = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(folder.path(), all(0o755)).unwrap();
    fs::set_permissions(file.parent().unwrap(), all(0o555)).unwrap();
    let before = names(&file);
    let mut look = start("look", &file);
    // Permissions do not keep root from writing.
    if rustix::process::geteuid().is_root() {
        look.uid(65_534).gid(65_534).current_dir("/");
    }
    match look.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success() && said.contains("looked"), "{said}");
        }
        // Another user may not even be let to this test.
        Err(error) => eprintln!("skipped: {error}"),
    }
    assert_eq!(names(&file), before);
    fs::set_permissions(file.parent().unwrap(), all(0o755)).unwrap();
    assert_eq!(has(&Database::new(file), 0..30), (20..30).collect::<Vec<_>>());
}
