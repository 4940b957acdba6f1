//! How long it takes to find what settles collisions, among the packages of a real profile.
//!
//! `cargo bench --bench settle` measures; with `-- --test` it makes one short round. The packages are those of the bench
//! `profile`, beside them pairs that collide.

mod input;

use std::hint::black_box;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use input::{Input, Tree};
use nix_loom::engine::{
    self, Disk, ListingBuilder, Listings, Output, Package, Plan, Remembered, Request, Rules, Suggestion,
};

/// The program's own, so that its figures are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 21;
/// As many as the screen asks for.
const LIMIT: usize = 8;

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let rounds = if is_test { 1 } else { ROUNDS };
    let mut input = Input::load();
    println!("input: {}; medians of {rounds} rounds", input.origin);
    let profile = std::mem::take(&mut input.packages);
    let with = |more: &[(&str, Tree)]| {
        let packages = profile.iter().map(|(name, files)| (name.clone(), files.clone()));
        packages.chain(more.iter().map(|(name, files)| ((*name).to_owned(), files.clone()))).collect::<Vec<_>>()
    };
    let pairs = with(&[
        ("node-18", tree("node", 180, 2_000)),
        ("jpeg", tree("jpeg", 30, 40)),
        ("toolbox", tree("toolbox", 100, 20)),
        ("node-20", tree("node", 180, 2_100)),
        ("mozjpeg", tree("jpeg", 30, 60)),
        ("coreutils", tree("toolbox", 100, 10)),
    ]);
    measure("three pairs among the profile", pairs, rounds);
    let copied = profile.iter().max_by_key(|(_, files)| files.len()).expect("there are packages").1.clone();
    measure("a copy of the largest package among the profile", with(&[("copy", copied)]), rounds);
    let chain = |from: usize| (from..from + 2).map(|link| format!("bin/link-{link}")).collect::<Tree>();
    let chain = with(&[("a", chain(0)), ("b", chain(1)), ("c", chain(2)), ("d", chain(3)), ("e", chain(4))]);
    measure("a chain of five among the profile", chain, rounds);
    let large = tree("large", 100_000, 10);
    measure("a pair with 100,000 collisions", vec![("one".into(), large.clone()), ("other".into(), large)], rounds);
    if is_test {
        println!("one short round: it runs; the times mean nothing");
    }
}

/// `shared` files that every tree of that name has, and some of its own.
fn tree(name: &str, shared: usize, own: usize) -> Tree {
    let shared = (0..shared).map(|number| format!("share/{name}/{}/file-{number}", number % 7));
    let own = (0..own).map(|number| format!("lib/{name}-{own}/{}/file-{number}", number % 11));
    shared.chain(own).collect()
}

fn measure(what: &str, packages: Vec<(String, Tree)>, rounds: usize) {
    let dir = tempfile::tempdir().expect("the temporary directory can be written");
    let base = dir.path().canonicalize().expect("it is there");
    let mut listings = Listings::new(Disk);
    let mut request = Request { rules: Rules::Nix, packages: Vec::new(), compare_contents: false };
    for (name, files) in packages {
        let path = base.join(&name);
        let mut builder = ListingBuilder::new();
        for file in &files {
            builder.file(file.as_bytes(), 0, false, None).expect("paths are sound");
        }
        listings.insert(bytes(&path), Arc::new(builder.finish()));
        let outputs = vec![Output { name: "out".into(), path: bytes(&path).into() }];
        request.packages.push(Package { name: name.into(), priority: 5, active: true, outputs });
    }
    let files = Remembered::new(listings);
    let plan = engine::plan(&request, &files).expect("the packages can be planned");
    let suggest = |plan: &Plan| engine::suggest(&request, &[], plan, &files, LIMIT);
    let suggestions: Vec<Suggestion> = suggest(&plan);
    println!("{what}: {} packages, {} links, {} block", request.packages.len(), plan.links(), plan.blocking().count());
    let changes = suggestions.iter().map(|it| it.settlements.len()).max().unwrap_or_default();
    println!(
        "  {} suggestions of up to {changes} changes; {} build",
        suggestions.len(),
        suggestions.iter().filter(|it| it.builds).count()
    );
    println!("  plan     {}", median(rounds, || engine::plan(&request, &files)));
    println!("  diff     {}", median(rounds, || engine::diff(&plan, &Plan::clone(&plan), &files)));
    println!("  suggest  {}", median(rounds, || suggest(&plan)));
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

fn median<T>(rounds: usize, work: impl Fn() -> T) -> String {
    let mut taken: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            let result = black_box(work());
            let taken = start.elapsed();
            drop(result);
            taken
        })
        .collect();
    taken.sort_unstable();
    let ms = |time: Duration| format!("{:7.2}", time.as_secs_f64() * 1000.0);
    format!("{} ms ({} … {})", ms(taken[taken.len() / 2]), ms(taken[0]), ms(taken[taken.len() - 1]))
}
