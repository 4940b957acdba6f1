//! How long a profile takes to plan of which no output is here, but every listing is in the database.
//!
//! The same packages as in the bench `profile`. A cold start is a process of its own that opens the database, reads all
//! listings and plans; what it takes is told by itself, from its start on, and by who waits for it. To plan again is what a
//! change of the staged transaction costs: to look whether anything has come into the store, and to plan. Beside the time
//! that passes stands that of the processors, of all threads together, which tells more where others are at work too.

mod input;

use std::fs;
use std::hint::black_box;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use input::Input;
use nix_loom::engine::{self, ListingBuilder, Output, Package, Plan, Request, Rules};
use nix_loom::nix::Installation;
use nix_loom::progress::Silent;
use nix_loom::store::Store;
use nix_loom::store::listing::{Database, Known};
use nix_loom::store::nix::NixStore;
use rustix::time::{ClockId, clock_gettime};

/// The program's own, so that its figures are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 21;

fn main() {
    let begin = Moment::now();
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, command, place] = &arguments[..]
        && command == "--cold"
    {
        let place = Place(place.into());
        let plan = Place::plan(&place.store(), &place.packages());
        let (passed, worked) = begin.elapsed();
        println!("{} {} {}", passed.as_nanos(), worked.as_nanos(), plan.links());
        return;
    }
    let rounds = if arguments.iter().any(|argument| argument == "--test") { 1 } else { ROUNDS };
    let input = Input::load();
    println!("input: {}", input.origin);
    let folder = tempfile::tempdir().expect("the temporary directory can be written");
    let place = Place(folder.path().to_owned());
    place.make(&input);
    let size = fs::metadata(place.database()).expect("it was made").len();
    println!("database: {size} bytes");

    let packages = place.packages();
    let mut times: Vec<(String, Vec<(Duration, Duration)>)> = Vec::new();
    let mut note = |name: &str, taken: (Duration, Duration)| match times.iter_mut().find(|(known, _)| known == name) {
        Some((_, list)) => list.push(taken),
        None => times.push((name.to_owned(), vec![taken])),
    };
    let mut links = None;
    for _ in 0..rounds {
        let begin = Moment::now();
        let exe = std::env::current_exe().expect("this program is somewhere");
        let output = Command::new(exe).arg("--cold").arg(&place.0).output().expect("it can be started again");
        note("cold process, as who waits for it sees it", begin.elapsed());
        let told = String::from_utf8(output.stdout).expect("it prints numbers");
        let told: Vec<u64> = told.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let taken = (Duration::from_nanos(told[0]), Duration::from_nanos(told[1]));
        note("cold process, from its start to the plan", taken);
        assert_eq!(*links.get_or_insert(told[2]), told[2], "the plan is the same each time");

        let begin = Moment::now();
        let store = place.store();
        let paths: Vec<PathBuf> = packages.iter().map(path_of).collect();
        assert_eq!(store.learn(&paths, &Silent), [], "every listing is in the database");
        note("all listings read from the database", begin.elapsed());
        let begin = Moment::now();
        black_box(Place::plan(&store, &packages));
        note("planned for the first time", begin.elapsed());

        let middle = packages.len() / 2;
        let mut fewer = packages.clone();
        let removed = fewer.remove(middle);
        let mut changed = packages.clone();
        changed[middle].priority -= 1;
        let more: Vec<Package> = fewer.iter().cloned().chain([removed]).collect();
        for (change, packages) in [("one removed", fewer), ("one priority changed", changed), ("one added", more)] {
            let begin = Moment::now();
            black_box(Place::plan(&store, &packages));
            note(&format!("planned again, {change}"), begin.elapsed());
        }
        let begin = Moment::now();
        store.learn(&paths, &Silent);
        note("of that, to look what has come", begin.elapsed());
    }
    println!("\nmedian of {rounds} rounds (smallest … largest); the processors' time");
    let ms = |time: Duration| format!("{:7.2}", time.as_secs_f64() * 1000.0);
    for (name, taken) in &times {
        let (mut passed, mut worked): (Vec<_>, Vec<_>) = taken.iter().copied().unzip();
        passed.sort();
        worked.sort();
        let [smallest, median, largest] = [passed[0], passed[rounds / 2], passed[rounds - 1]].map(ms);
        println!("  {name:<42} {median} ms ({smallest} … {largest}); {} ms", ms(worked[rounds / 2]));
    }
    println!("goals: a cold process under 60 ms, planned again under 16 ms");
}

/// A moment by the clock on the wall and by that of this process' work.
struct Moment([Duration; 2]);

impl Moment {
    fn now() -> Self {
        Self([ClockId::Monotonic, ClockId::ProcessCPUTime].map(|clock| {
            let now = clock_gettime(clock);
            Duration::try_from(now).expect("no clock goes before its beginning")
        }))
    }

    /// What has passed since, and what was worked.
    fn elapsed(&self) -> (Duration, Duration) {
        let Self([passed, worked]) = Self::now();
        (passed.saturating_sub(self.0[0]), worked.saturating_sub(self.0[1]))
    }
}

/// A folder with a database and the list of the packages.
struct Place(PathBuf);

impl Place {
    fn database(&self) -> PathBuf {
        self.0.join("listings.sqlite")
    }

    /// Where the packages would lie: no store is there, so none of them is.
    fn directory(&self) -> PathBuf {
        self.0.join("store")
    }

    fn make(&self, input: &Input) {
        let mut listings = Vec::new();
        let mut names = String::new();
        for (number, (name, files)) in input.packages.iter().enumerate() {
            let mut listing = ListingBuilder::new();
            for file in files {
                listing.file(file.as_bytes(), 4321, false, None).expect("paths are sound");
            }
            let name = format!("{number:032}-{name}");
            listings.push((self.directory().join(&name), listing.finish()));
            names.push_str(&name);
            names.push('\n');
        }
        fs::write(self.0.join("names"), names).expect("the place can be written");
        let listings = listings.iter().map(|(path, listing)| (path.as_os_str().as_bytes(), listing));
        Database::new(self.database()).write(listings);
    }

    fn packages(&self) -> Vec<Package> {
        let names = fs::read_to_string(self.0.join("names")).expect("it was made");
        let package = |name: &str| {
            let path = self.directory().join(name).into_os_string().as_bytes().into();
            Package { name: name.into(), priority: 5, active: true, outputs: vec![Output { name: "out".into(), path }] }
        };
        names.lines().map(package).collect()
    }

    fn store(&self) -> NixStore {
        let here = |name: &str| (name == "NIX_STORE_DIR").then(|| self.0.clone().into_os_string());
        let nix = Installation::find(&here).expect("the folder counts as a store");
        let known = Known::new(Some(Database::new(self.database())), Vec::new(), &self.directory());
        NixStore::new(&nix, self.directory(), known)
    }

    /// What a preview does: it learns what is not known yet, and plans.
    fn plan(store: &NixStore, packages: &[Package]) -> Plan {
        let paths: Vec<PathBuf> = packages.iter().map(path_of).collect();
        store.learn(&paths, &Silent);
        let request = Request { rules: Rules::Nix, packages: packages.to_vec(), compare_contents: true };
        let plan = engine::plan(&request, store.files()).expect("the packages can be planned");
        assert!(plan.builds() && plan.unknown.is_empty(), "all is known, and no two packages share a file");
        plan
    }
}

fn path_of(package: &Package) -> PathBuf {
    Path::new(std::ffi::OsStr::from_bytes(&package.outputs[0].path)).to_owned()
}
