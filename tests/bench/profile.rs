//! How long a real profile takes to plan, to plan again and to write, beside the bare system calls for the same work.
//!
//! `cargo bench` measures; `cargo bench -- --test` makes one short round, to see that it still runs. The packages are
//! read from the file that `NIX_LOOM_PROFILE_TSV` names (lines `PACKAGE<TAB>FILE`, plain or `.xz`); without one, a made-up
//! set of similar shape is used. All measurements of a round follow each other, so that what disturbs one disturbs all.

mod input;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::fs;
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use input::{Input, Tree};
use nix_loom::engine::{
    self, Directory, DirectoryId, Disk, Files, Listing, ListingBuilder, Listings, NixpkgsRules, Node, Output, Package,
    Plan, Request, Rules,
};
use rustix::fs::{Mode, OFlags, RawDir};
use tempfile::TempDir;

/// The program's own, so that its figures are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 21;

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let rounds = if is_test { 1 } else { ROUNDS };
    let input = Input::load();
    let place = memory_dir();
    println!("input: {}", input.origin);
    println!(
        "place: {}, {} cores",
        place.path().display(),
        std::thread::available_parallelism().map_or(1, usize::from)
    );

    let base = place.path().join("packages");
    make_files(&base, &input.packages);
    let packages: Vec<Package> = input.packages.keys().map(|name| package(&base, name)).collect();
    let listings = listings(&base, &input.packages);
    let work = [
        Work::new("nix", Rules::Nix, &packages, &input.packages, place.path()),
        Work::new("nixpkgs", Rules::Nixpkgs(NixpkgsRules::default()), &packages, &input.packages, place.path()),
    ];
    println!(
        "counts: {} packages, {} files",
        packages.len(),
        input.packages.values().map(BTreeSet::len).sum::<usize>()
    );
    for Work { name, calls, .. } in &work {
        let (to_read, directories, links) = calls.counts();
        println!(
            "rules {name}: {to_read} directories that several packages have; {directories} directories and {links} links to make"
        );
        input.check_counts(name, calls.counts());
    }

    let mut times = Times::default();
    for round in 0..rounds {
        for work in &work {
            work.measure(&mut times, &packages, &place.path().join(format!("out{round}")));
        }
        // To plan again is to have planned before.
        drop(plan(Rules::Nix, packages.clone(), &listings));
        let middle = packages.len() / 2;
        let mut fewer = packages.clone();
        let removed = fewer.remove(middle);
        let mut changed = packages.clone();
        changed[middle].priority -= 1;
        let more: Vec<Package> = fewer.iter().cloned().chain([removed]).collect();
        for (change, packages) in CHANGES.into_iter().zip([fewer, changed, more]) {
            times
                .measure(format!("re-plan from memory, rules nix, {change}"), || plan(Rules::Nix, packages, &listings));
        }
    }

    println!("\nmedian of {rounds} rounds (smallest … largest)");
    for (name, taken) in &times.0 {
        let (smallest, largest) = (taken[0], taken[taken.len() - 1]);
        println!("  {name:<56} {} ms ({} … {})", ms(times.median(name)), ms(smallest), ms(largest));
    }
    if is_test {
        println!("\none short round: it runs; the times mean nothing");
        return;
    }
    println!();
    for Work { name, .. } in &work {
        let ratio = times.median(&weave(name)).as_secs_f64() / times.median(&bare(name)).as_secs_f64();
        println!("rules {name}: plan and write / bare system calls: {ratio:.2} (goal: at most 1.2)");
    }
    let replans = CHANGES.iter().map(|change| times.median(&format!("re-plan from memory, rules nix, {change}")));
    println!("slowest re-plan: {} ms (goal: under 10)", ms(replans.max().unwrap_or_default()));
}

const CHANGES: [&str; 3] = ["one removed", "one priority changed", "one added"];

fn weave(rules: &str) -> String {
    format!("plan and write, rules {rules}")
}

fn bare(rules: &str) -> String {
    format!("the bare system calls of that, rules {rules}")
}

/// One rule set: what it makes of the packages, and the calls that this needs.
struct Work {
    name: &'static str,
    rules: Rules,
    plan: Plan,
    calls: Calls,
}

impl Work {
    fn new(
        name: &'static str,
        rules: Rules,
        packages: &[Package],
        files: &BTreeMap<String, Tree>,
        place: &Path,
    ) -> Self {
        let plan = plan(rules.clone(), packages.to_vec(), &Disk);
        let calls = Calls::of(&plan, &place.join("packages"), files, &place.join(format!("bare-{name}")));
        Self { name, rules, plan, calls }
    }

    fn measure(&self, times: &mut Times, packages: &[Package], out: &Path) {
        let write = |plan: &Plan| engine::write(plan, out).expect("the plan can be written");
        times.measure(format!("plan from disk, rules {}", self.name), || {
            plan(self.rules.clone(), packages.to_vec(), &Disk)
        });
        times.measure(format!("write, rules {}", self.name), || write(&self.plan));
        remove(out);
        times.measure(weave(self.name), || write(&plan(self.rules.clone(), packages.to_vec(), &Disk)));
        let (_, directories, links) = self.calls.counts();
        assert_eq!(count(out), (directories, links), "the engine makes what the calls make");
        remove(out);
        times.measure(bare(self.name), || self.calls.run());
        assert_eq!(count(&self.calls.out), (directories, links));
        remove(&self.calls.out);
    }
}

/// Durations by name, in the order of the first round; each list is sorted.
#[derive(Default)]
struct Times(Vec<(String, Vec<Duration>)>);

impl Times {
    fn measure<T>(&mut self, name: String, work: impl FnOnce() -> T) {
        let start = Instant::now();
        let result = black_box(work());
        let taken = start.elapsed();
        drop(result);
        let at = self.0.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.0.push((name, Vec::new()));
            self.0.len() - 1
        });
        let list = &mut self.0[at].1;
        list.insert(list.partition_point(|other| *other < taken), taken);
    }

    fn median(&self, name: &str) -> Duration {
        let taken = &self.0.iter().find(|(known, _)| *known == name).expect("it was measured").1;
        taken[taken.len() / 2]
    }
}

fn ms(time: Duration) -> String {
    format!("{:7.2}", time.as_secs_f64() * 1000.0)
}

fn plan(rules: Rules, packages: Vec<Package>, files: &dyn Files) -> Plan {
    let plan = engine::plan(&Request { rules, packages, compare_contents: false }, files)
        .expect("the packages can be planned");
    assert!(plan.builds(), "no two packages share a file");
    plan
}

fn package(base: &Path, name: &str) -> Package {
    let path = base.join(name).into_os_string().as_bytes().into();
    Package { name: name.into(), priority: 5, active: true, outputs: vec![Output { name: "out".into(), path }] }
}

/// A directory in memory where the system has one (`TMPFS_MAGIC` of statfs(2)), so that no disk is measured.
fn memory_dir() -> TempDir {
    let is_memory = |dir: &str| rustix::fs::statfs(dir).is_ok_and(|fs| fs.f_type == 0x0102_1994);
    if is_memory("/dev/shm") {
        return TempDir::new_in("/dev/shm").expect("/dev/shm can be written");
    }
    println!("note: /dev/shm is not in memory; the disk's speed is measured too");
    TempDir::new().expect("the temporary directory can be written")
}

fn make_files(base: &Path, packages: &BTreeMap<String, Tree>) {
    for (name, files) in packages {
        for file in files {
            let path = base.join(name).join(file);
            fs::create_dir_all(path.parent().expect("a file has a directory")).expect("a directory can be made");
            fs::write(&path, "").expect("a file can be made");
        }
    }
}

fn listings(base: &Path, packages: &BTreeMap<String, Tree>) -> Listings<Disk> {
    let listing = |files: &Tree| -> Listing {
        let mut builder = ListingBuilder::new();
        for file in files {
            builder.file(file.as_bytes(), 0, false, None).expect("paths are sound");
        }
        builder.finish()
    };
    let mut listings = Listings::new(Disk);
    for (name, files) in packages {
        listings.insert(base.join(name).as_os_str().as_bytes(), Arc::new(listing(files)));
    }
    listings
}

/// The system calls that no program can do without, ready to be made.
struct Calls {
    out: PathBuf,
    to_read: Vec<CString>,
    directories: Vec<CString>,
    links: Vec<(CString, CString)>,
}

impl Calls {
    fn of(plan: &Plan, base: &Path, packages: &BTreeMap<String, Tree>, out: &Path) -> Self {
        let mut owners: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
        for (name, files) in packages {
            let directories: BTreeSet<&Path> =
                files.iter().flat_map(|file| Path::new(file).ancestors().skip(1)).collect();
            for directory in directories {
                owners.entry(directory).or_default().push(name);
            }
        }
        let shared = owners.iter().filter(|(_, owners)| owners.len() > 1);
        let to_read = shared
            .flat_map(|(directory, owners)| owners.iter().map(move |name| c(&base.join(name).join(directory))))
            .collect();
        let mut calls = Self { out: out.to_owned(), to_read, directories: vec![c(out)], links: Vec::new() };
        calls.add(plan, plan.directory(DirectoryId::ROOT), out);
        calls
    }

    fn add(&mut self, plan: &Plan, directory: &Directory, place: &Path) {
        for (name, node) in &directory.entries {
            let place = place.join(std::str::from_utf8(name).expect("the input is UTF-8"));
            match node {
                Node::Directory(id) => {
                    self.directories.push(c(&place));
                    self.add(plan, plan.directory(*id), &place);
                }
                Node::Link(target) => self.links.push((CString::new(target.to_vec()).expect("no NUL"), c(&place))),
                Node::File(_) => {}
            }
        }
    }

    /// Directories to read, directories to make with the root, links to make.
    fn counts(&self) -> (usize, usize, usize) {
        (self.to_read.len(), self.directories.len(), self.links.len())
    }

    fn run(&self) {
        let mut buffer = [MaybeUninit::uninit(); 8 * 1024];
        for directory in &self.to_read {
            let fd = rustix::fs::open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
            let mut entries = RawDir::new(fd.expect("it is there"), &mut buffer);
            while let Some(entry) = entries.next() {
                black_box(entry.expect("it can be read").file_name());
            }
        }
        for directory in &self.directories {
            rustix::fs::mkdir(directory, Mode::from_raw_mode(0o755)).expect("it is not there");
        }
        for (target, link) in &self.links {
            rustix::fs::symlink(target, link).expect("it is not there");
        }
    }
}

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).expect("no NUL")
}

/// Directories, `root` included, and links below it.
fn count(root: &Path) -> (usize, usize) {
    let mut counts = (1, 0);
    let mut waiting = vec![root.to_owned()];
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(dir).expect("it is there").flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                counts.0 += 1;
                waiting.push(entry.path());
            } else {
                counts.1 += 1;
            }
        }
    }
    counts
}

fn remove(dir: &Path) {
    fs::remove_dir_all(dir).expect("what was made can be removed");
}
