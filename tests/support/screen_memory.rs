//! A backend of the screen in memory: a few packages, a profile, and generations. Plans are the engine's own, over listings.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use nix_loom::catalogue::{Catalogue, Part};
use nix_loom::engine::{
    self, Collision, Disk, Entry, FileError, Files, ListingBuilder, Listings, Output, Plan, PlanError, Request, Rules,
};
use nix_loom::env_file::{Nearby, WriteError};
use nix_loom::loom::{
    About, Applied, Asked, Built, Changed, Consequence, DeletionPreview, Elsewhere, ExplainedLine, ExportFile,
    Exported, Fetch, FileComparison, FileContents, FileFacts, FileState, FileStatus, FileTree, FilesError, FilesOf,
    Found, GenerationDiff, GenerationFacts, GenerationSummary, Imported, Likeness, LoomError, Meaning, OutputInfo,
    Owner, PinMove, Preview, Provider, Size, Snapshot, SourceChange, SourceRow, SourcesView, Status, Stopped, ToBuild,
    Upgrade, UpgradeWeight, Woven,
};
use nix_loom::package::{DEFAULT_PRIORITY, EvaluationError, Package, PackageOutput};
use nix_loom::profile::{
    Change, Contents, Deletion, Element, ElementOutput, Generation, ManifestKind, Parent, Profile, Transaction,
    ancestors,
};
use nix_loom::progress::{Progress, Step};
use nix_loom::store::{Presence, StoreError};
use nix_loom::tui::backend::Backend;

/// A lock that no other thread takes cannot be poisoned.
const ALONE: &str = "one thread only";

/// Attribute, version, description, default outputs, outputs with their files.
type Offered = (&'static str, &'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

#[rustfmt::skip]
const OFFERED: &[Offered] = &[
    ("bat", "0.26.1", "Shows files with syntax colours", "out", &[("out", "bin/bat share/man/man1/bat.1.gz")]),
    ("busybox", "1.37.0", "Many small Unix tools in one program", "out", &[("out", "bin/busybox bin/ls bin/vi bin/wget")]),
    ("corepack", "0.34.0", "Runs the package manager that a project asks for", "out", &[("out", "bin/corepack bin/pnpm bin/yarn")]),
    ("coreutils", "9.9", "GNU tools for files, shells and text", "out", &[("out", "bin/cat bin/ls bin/sort share/info/coreutils.info"), ("debug", "lib/debug/cat")]),
    ("ffmpeg", "8.0.1", "Records, converts and streams audio and video", "bin man", &[("bin", "bin/ffmpeg bin/ffprobe"), ("man", "share/man/man1/ffmpeg.1.gz"), ("dev", "include/libavcodec.h"), ("out", "")]),
    ("git", "2.52.0", "Distributed version control", "out", &[("out", "bin/git bin/git-shell libexec/git share/man/man1/git.1.gz"), ("doc", "share/doc/git.html")]),
    ("jq", "1.8.1", "Processes JSON on the command line", "bin man", &[("bin", "bin/jq"), ("man", "share/man/man1/jq.1.gz"), ("dev", "include/jq.h"), ("out", "lib/libjq.so")]),
    ("neovim", "0.11.5", "Text editor for those who know Vim", "out", &[("out", "bin/nvim bin/vi share/nvim/runtime.vim")]),
    ("nodejs_18", "18.20.8", "JavaScript runtime, the release of 2022", "out", &[("out", "bin/node bin/npm bin/npx bin/corepack share/man/man1/node.1.gz"), ("libv8", "lib/libv8.a")]),
    ("nodejs_24", "24.11.1", "JavaScript runtime, the release with long support", "out", &[("out", "bin/node bin/npm bin/npx bin/corepack share/man/man1/node.1.gz"), ("libv8", "lib/libv8.a")]),
    ("nodePackages.prettier", "3.6.2", "Formats source code", "out", &[("out", "bin/prettier")]),
    ("python313", "3.13.9", "Programming language that reads like a note", "out", &[("out", "bin/python3 bin/pip lib/libpython3.so")]),
    ("ripgrep", "15.1.0", "Searches files for a pattern, fast", "out", &[("out", "bin/rg share/man/man1/rg.1.gz")]),
    ("vim", "9.1.1918", "Text editor with modes", "out", &[("out", "bin/vi bin/vim share/vim/vimrc")]),
    ("zlib", "1.3.1", "Compression library for the DEFLATE format", "out", &[("out", "lib/libz.so share/man/man3/zlib.3.gz"), ("dev", "include/zlib.h lib/pkgconfig/zlib.pc"), ("static", "lib/libz.a")]),
    ("日本語-辞書", "2026", "名前の幅が二倍の辞書", "out", &[("out", "share/dict/日本語")]),
];

/// A source that Nix would evaluate.
pub const MINE: &str = "mine";
/// An attribute of it that cannot be evaluated.
pub const BROKEN: &str = "broken";

#[path = "screen_imports.rs"]
pub mod imports;
#[path = "screen_shelves.rs"]
mod shelves;
pub use shelves::Shelves;
#[path = "screen_upgrades.rs"]
mod upgrades;

/// The backend; see the module.
pub struct Memory {
    /// The sources that can be changed, if it has such.
    shelves: Option<Mutex<Shelves>>,
    catalogue: Mutex<Arc<Catalogue>>,
    /// Packages of the source [`MINE`] as an evaluation tells of them; it has [`BROKEN`] too.
    evaluated: Vec<Package>,
    /// Packages that no row shows.
    deep: Vec<Package>,
    files: Listings<Disk>,
    state: Mutex<State>,
    /// This many collisions more are reported by every preview, for tests of long lists.
    extra_collisions: usize,
    fails_to_apply: bool,
    /// What every comparison of two files tells of their contents.
    contents: FileContents,
    /// Outputs of which no listing is known.
    unlisted: Mutex<Vec<PathBuf>>,
    /// What the order of PATH makes of every plan.
    meanings: Vec<Meaning>,
    elsewhere: Elsewhere,
    /// Whether it passes for a store of Nix.
    is_nix: bool,
    /// Whether there is one more source to ask for upgrades.
    has_other_source: bool,
    /// What nix-index's database has for everything, if there is one.
    indexed: Option<String>,
    /// What was built last to be looked at.
    built: Mutex<Vec<Element>>,
    /// The files of the profile, as they stand by their word and as they say now.
    env_files: Mutex<Vec<[FileStatus; 2]>>,
    /// Files that are there, with what is written into them.
    written: Mutex<BTreeMap<PathBuf, String>>,
}

struct State {
    kind: ManifestKind,
    generations: Vec<(u64, Vec<Element>)>,
    /// From which each was made, as far as that is recorded.
    parents: BTreeMap<u64, Option<u64>>,
    current: usize,
}

impl Memory {
    /// A package of this attribute too, which no row shows: otherwise as the offered one of the other attribute.
    pub fn with_deep(mut self, attribute: &str, like: &str) -> Self {
        self.deep.push(Package { attribute: attribute.into(), evaluated: Some(Arc::default()), ..Self::offered(like) });
        self
    }

    /// One more source can be asked for upgrades, and fails.
    pub fn with_other_source(self) -> Self {
        Self { has_other_source: true, ..self }
    }

    /// The same as a store of Nix.
    pub fn of_nix(self) -> Self {
        Self { is_nix: true, ..self }
    }

    /// A profile with these attributes installed, one generation for each.
    pub fn with(installed: &[&str]) -> Self {
        let packages: Vec<Package> = OFFERED.iter().map(package).collect();
        let mut elements = Vec::new();
        let mut generations = Vec::new();
        for (number, attribute) in (1..).zip(installed) {
            let package = packages.iter().find(|package| package.attribute == *attribute).expect("offered");
            elements.push(element(package, &package.default_outputs, package.priority));
            generations.push((number, elements.clone()));
        }
        let parents = (1..).zip(&generations).map(|(number, _)| (number, (number > 1).then(|| number - 1))).collect();
        let current = generations.len().saturating_sub(1);
        Self {
            shelves: None,
            catalogue: Mutex::new(Arc::new(Catalogue::of_packages(packages))),
            evaluated: Vec::new(),
            deep: Vec::new(),
            files: listings(),
            state: Mutex::new(State { kind: ManifestKind::NixProfile, generations, parents, current }),
            extra_collisions: 0,
            contents: FileContents::Bytes { first: Some(24), types: ["ELF", "script"] },
            unlisted: Mutex::default(),
            fails_to_apply: false,
            meanings: Vec::new(),
            elsewhere: Elsewhere::default(),
            is_nix: false,
            has_other_source: false,
            indexed: None,
            built: Mutex::default(),
            env_files: Mutex::default(),
            written: Mutex::default(),
        }
    }

    pub fn with_collisions(installed: &[&str], extra_collisions: usize) -> Self {
        Self { extra_collisions, ..Self::with(installed) }
    }

    /// Every two files differ in this.
    pub fn differing(self, contents: FileContents) -> Self {
        Self { contents, ..self }
    }

    /// The files of these attributes' outputs are not known until they are fetched.
    pub fn unlisted(self, attributes: &[&str]) -> Self {
        let of = |attribute: &&str| Self::offered(attribute).outputs;
        let paths = attributes.iter().flat_map(of).filter_map(|output| output.path);
        Self { unlisted: Mutex::new(paths.collect()), ..self }
    }

    /// What a generation has; `None`: nothing.
    fn elements_of(&self, number: Option<u64>) -> Vec<Element> {
        let state = self.state.lock().expect(ALONE);
        let of = |wanted: u64| state.generations.iter().find(|(number, _)| *number == wanted).expect("a generation");
        number.map(|number| of(number).1.clone()).unwrap_or_default()
    }

    /// The bytes of all files of a generation's outputs.
    fn bytes(&self, number: Option<u64>) -> u64 {
        let size = |output: &ElementOutput| {
            let of_all = OFFERED.iter().flat_map(|offered| offered.4.iter().map(move |it| (path(offered, it.0), it.1)));
            let files =
                of_all.filter(|(path, _)| *path == output.path).map(|(_, files)| files.split_whitespace().count());
            files.max().unwrap_or(0) as u64 * 412_345
        };
        self.elements_of(number).iter().flat_map(|element| &element.outputs).map(size).sum()
    }

    fn is_unlisted(&self, path: &[u8]) -> bool {
        let path = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
        self.unlisted.lock().expect(ALONE).iter().any(|output| path.starts_with(output))
    }

    fn facts(&self, path: &[u8]) -> FileFacts {
        let found = if self.is_unlisted(path) { None } else { self.files.find(path).ok() };
        FileFacts {
            path: path.into(),
            kind: found.map(|found| found.kind),
            size: found.map(|found| found.size),
            mode: found.map(|found| found.mode),
            target: None,
            real: None,
        }
    }

    /// The user has a database of nix-index, which knows a package that has everything.
    pub fn with_index(self, attribute: &str) -> Self {
        Self { indexed: Some(attribute.into()), ..self }
    }

    /// A file of the profile: how it stands by its word, and as it says now.
    pub fn with_env_file(self, by_its_word: FileStatus, now: FileStatus) -> Self {
        self.env_files.lock().expect(ALONE).push([by_its_word, now]);
        self
    }

    fn status_of(&self, which: usize) -> Status {
        let snapshot = self.snapshot().expect("it is in memory");
        Status {
            kind: snapshot.kind,
            generation: snapshot.generation,
            is_made_here: true,
            packages: snapshot.elements.len(),
            inactive: 0,
            collisions: None,
            files: self.env_files.lock().expect(ALONE).iter().map(|file| file[which].clone()).collect(),
        }
    }

    /// A file that nobody should lose.
    pub fn with_file(self, path: &str, content: &str) -> Self {
        self.written.lock().expect(ALONE).insert(path.into(), content.into());
        self
    }

    /// Every apply fails, as on a full disk.
    pub fn that_fails_to_apply(installed: &[&str]) -> Self {
        Self { fails_to_apply: true, ..Self::with(installed) }
    }

    /// On a machine with these other environments.
    pub fn beside(self, elsewhere: Elsewhere) -> Self {
        Self { elsewhere, ..self }
    }

    /// The order of PATH makes this of every plan.
    pub fn on_path(self, meanings: Vec<Meaning>) -> Self {
        Self { meanings, ..self }
    }

    /// Of no generation it is recorded from which it was made.
    pub fn unrecorded(self) -> Self {
        self.state.lock().expect(ALONE).parents.clear();
        self
    }

    /// Its last generation made again as often as is said, each on the one before.
    pub fn again(self, times: usize) -> Self {
        let mut state = self.state.lock().expect(ALONE);
        for _ in 0..times {
            let (number, elements) = state.generations.last().expect("a generation").clone();
            state.generations.push((number + 1, elements));
            state.parents.insert(number + 1, Some(number));
        }
        state.current = state.generations.len() - 1;
        drop(state);
        self
    }

    fn elements(&self) -> Vec<Element> {
        let state = self.state.lock().expect(ALONE);
        state.generations.get(state.current).map(|(_, elements)| elements.clone()).unwrap_or_default()
    }

    /// A machine without any source.
    pub fn without_packages() -> Self {
        Self { catalogue: Mutex::new(Arc::new(Catalogue::default())), ..Self::with(&[]) }
    }

    /// A source that offers exactly these packages, and none of them installed.
    pub fn offering(packages: Vec<Package>) -> Self {
        Self { catalogue: Mutex::new(Arc::new(Catalogue::of_packages(packages))), ..Self::with(&[]) }
    }

    /// The same with other packages on offer.
    pub fn that_offers(self, packages: Vec<Package>) -> Self {
        Self { catalogue: Mutex::new(Arc::new(Catalogue::of_packages(packages))), ..self }
    }

    /// With sources that can be changed.
    pub fn with_shelves(installed: &[&str], shelves: Shelves) -> Self {
        let memory = Self { shelves: Some(Mutex::new(shelves)), ..Self::with(installed) };
        memory.follow_shelves();
        memory
    }

    fn follow_shelves(&self) {
        if let Some(shelves) = &self.shelves {
            *self.catalogue.lock().expect(ALONE) = Arc::new(shelves.lock().expect(ALONE).catalogue());
        }
    }

    /// The package of that attribute, as it is on offer.
    pub fn offered(attribute: &str) -> Package {
        package(OFFERED.iter().find(|offered| offered.0 == attribute).expect("offered"))
    }

    /// A profile beside a source that has to be loaded and offers these attributes. Another one cannot be loaded.
    pub fn with_source(installed: &[&str], attributes: &[&str]) -> Self {
        let offered = |attribute: &&str| OFFERED.iter().find(|offered| offered.0 == *attribute).expect("offered");
        let evaluated = attributes.iter().map(|attribute| {
            let package = package(offered(attribute));
            Package {
                source: MINE.into(),
                version: format!("{}-mine", package.version),
                evaluated: Some(Arc::default()),
                ..package
            }
        });
        Self { evaluated: evaluated.collect(), ..Self::with(installed) }
    }

    fn find(&self, attribute: &str, source: Option<&str>) -> Result<Option<Package>, EvaluationError> {
        if source == Some(MINE) && attribute == BROKEN {
            let message = "it is marked as broken, refusing to evaluate".to_owned();
            return Err(EvaluationError { attribute: attribute.into(), source_name: MINE.into(), message });
        }
        if let Some(package) = source.and_then(|source| imports::find(attribute, source)) {
            return Ok(Some(package));
        }
        let catalogue = self.catalogue();
        let known = catalogue.known().filter(|package| !package.is_unevaluated());
        let is_meant = |package: &&Package| {
            package.attribute == attribute && source.is_none_or(|source| source == &*package.source)
        };
        Ok(self.evaluated.iter().chain(known).find(is_meant).cloned())
    }

    fn request(elements: &[Element]) -> Request {
        let output = |output: &ElementOutput| Output {
            name: output.name.as_str().into(),
            path: output.path.as_os_str().as_bytes().into(),
        };
        let package = |element: &Element| engine::Package {
            name: element.name.as_str().into(),
            priority: element.priority,
            active: element.active,
            outputs: element.outputs.iter().map(output).collect(),
        };
        Request { rules: Rules::Nix, packages: elements.iter().map(package).collect(), compare_contents: true }
    }

    fn plan(&self, elements: &[Element]) -> Result<Plan, LoomError> {
        Ok(self.plan_of(Self::request(elements))?)
    }

    /// Without what is not listed.
    fn plan_of(&self, mut request: Request) -> Result<Plan, PlanError> {
        let mut unknown = Vec::new();
        for output in request.packages.iter_mut().flat_map(|package| &mut package.outputs) {
            if self.is_unlisted(&output.path) {
                unknown.push(std::mem::take(&mut output.path));
            }
        }
        for package in &mut request.packages {
            package.outputs.retain(|output| !output.path.is_empty());
        }
        let mut plan = engine::plan(&request, &self.files)?;
        plan.unknown = unknown.iter().map(|path| (**path).into()).collect();
        Ok(plan)
    }
}

/// The files as they are known: not those of what is not listed.
struct Hidden<'a>(&'a Memory);

impl Hidden<'_> {
    fn known(&self, path: &[u8]) -> Result<&Listings<Disk>, FileError> {
        if self.0.is_unlisted(path) { Err(FileError::Unknown) } else { Ok(&self.0.files) }
    }
}

impl Files for Hidden<'_> {
    fn read_dir(&self, dir: &[u8]) -> Result<Arc<[Entry]>, FileError> {
        self.known(dir)?.read_dir(dir)
    }
    fn find(&self, path: &[u8]) -> Result<engine::Found, FileError> {
        self.known(path)?.find(path)
    }
    fn canonicalize(&self, path: &[u8]) -> Result<Arc<[u8]>, FileError> {
        self.known(path)?.canonicalize(path)
    }
    fn read_link(&self, path: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        self.known(path)?.read_link(path)
    }
    fn read(&self, path: &[u8]) -> Result<Vec<u8>, FileError> {
        self.known(path)?.read(path)
    }
    fn same_bytes(&self, a: &[u8], b: &[u8]) -> Result<Option<bool>, FileError> {
        self.known(a)?.same_bytes(a, b)
    }
}

/// When a generation is made: each a day and two hours after the one before.
fn created(number: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000 + number * 93_784)
}

/// The files of some outputs of a package on offer; equal numbers mean equal contents.
fn contents(attribute: &str, outputs: &[&str]) -> Vec<(&'static str, u64)> {
    let all = OFFERED.iter().flat_map(|offered| {
        offered
            .4
            .iter()
            .flat_map(move |(output, paths)| paths.split_whitespace().map(move |path| (offered.0, *output, path)))
    });
    let wanted = (1..).zip(all).filter(|(_, (of, output, _))| *of == attribute && outputs.contains(output));
    wanted.map(|(content, (.., path))| (path, content)).collect()
}

/// All outputs of all packages on offer, and the environments of files.
fn listings() -> Listings<Disk> {
    let mut listings = Listings::new(Disk);
    imports::insert(&mut listings);
    for offered in OFFERED {
        for (output, _) in offered.4 {
            let mut listing = ListingBuilder::new();
            for (path, content) in contents(offered.0, &[output]) {
                listing.file(path.as_bytes(), 412_345, path.starts_with("bin/"), Some(content)).expect("a good path");
            }
            listings.insert(path(offered, output).as_os_str().as_bytes(), Arc::new(listing.finish()));
        }
    }
    listings
}

fn path(offered: &Offered, output: &str) -> PathBuf {
    PathBuf::from(format!("/store/{}-{}-{output}", offered.0, offered.1))
}

fn package(offered: &Offered) -> Package {
    let &(attribute, version, description, defaults, outputs) = offered;
    let output = |&(name, _): &(&str, &str)| PackageOutput { name: name.into(), path: Some(path(offered, name)) };
    Package {
        attribute: attribute.into(),
        source: "demo".into(),
        name: attribute.rsplit('.').next().unwrap_or(attribute).into(),
        version: version.into(),
        description: description.into(),
        long_description: String::new(),
        homepage: format!("https://example.org/{attribute}"),
        licenses: vec!["MIT".into()],
        priority: DEFAULT_PRIORITY,
        outputs: outputs.iter().map(output).collect(),
        default_outputs: defaults.split(' ').map(String::from).collect(),
        main_program: None,
        obstacles: Vec::new(),
        evaluated: None,
    }
}

fn element(package: &Package, outputs: &[String], priority: i64) -> Element {
    let output = |name: &String| ElementOutput {
        name: name.clone(),
        path: package.output(name).and_then(|output| output.path.clone()).expect("an output of the package"),
    };
    Element {
        name: package.attribute.clone(),
        attribute: package.attribute.clone(),
        source: package.source.to_string(),
        version: package.version.clone(),
        outputs: outputs.iter().map(output).collect(),
        priority,
        active: true,
        extra: serde_json::Map::new(),
    }
}

/// The names in `bin/` among the files.
fn commands(files: &Changed<Box<[u8]>>) -> Changed<Box<[u8]>> {
    let names =
        |paths: &[Box<[u8]>]| paths.iter().filter_map(|path| path.strip_prefix(b"bin/")).map(Into::into).collect();
    Changed { added: names(&files.added), removed: names(&files.removed), changed: names(&files.changed) }
}

fn is_here(path: &std::path::Path) -> bool {
    path.to_string_lossy().len().is_multiple_of(3)
}

/// Where the outputs of an evaluated package are.
fn outputs(package: &Package) -> Vec<OutputInfo> {
    let offered = OFFERED.iter().find(|offered| offered.0 == package.attribute).map_or(&[][..], |offered| offered.4);
    let info = |output: &PackageOutput| {
        let files = offered
            .iter()
            .find(|(name, _)| *name == output.name)
            .map_or(0, |(_, files)| files.split_whitespace().count());
        let size = (files as u64) * 412_345;
        let presence = if output.path.as_deref().is_none_or(is_here) {
            Presence::Here
        } else {
            Presence::Fetch { download_bytes: size / 3, unpacked_bytes: size }
        };
        OutputInfo {
            name: output.name.clone(),
            path: output.path.clone(),
            is_default: package.default_outputs.contains(&output.name),
            presence,
            size: Some(size),
            files: Some(files as u64),
        }
    };
    package.outputs.iter().map(info).collect()
}

impl Backend for Memory {
    fn about(&self) -> About {
        About {
            profile: "/home/user/.local/state/nix-loom/profile".into(),
            store: "local store".into(),
            store_directory: "/store".into(),
            is_nix: self.is_nix,
            sources: {
                let parts = self.catalogue();
                let names = parts.parts().iter().map(|part| part.source().to_string());
                names.chain(self.has_other_source.then(|| upgrades::OTHER.to_owned())).collect()
            },
        }
    }

    fn snapshot(&self) -> Result<Snapshot, LoomError> {
        let state = self.state.lock().expect(ALONE);
        let generation = state.generations.get(state.current).map(|(number, _)| *number);
        let kind = Some(state.kind);
        drop(state);
        Ok(Snapshot { kind, generation, elements: self.elements() })
    }

    fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.lock().expect(ALONE))
    }

    fn has_unloaded_sources(&self) -> bool {
        if let Some(shelves) = &self.shelves {
            return shelves.lock().expect(ALONE).has_unread();
        }
        !self.evaluated.is_empty() && self.catalogue().known().all(|package| &*package.source != MINE)
    }

    fn load_sources(&self, progress: &dyn Progress) -> Vec<EvaluationError> {
        if let Some(shelves) = &self.shelves {
            let errors = shelves.lock().expect(ALONE).read(progress);
            self.follow_shelves();
            return errors;
        }
        progress.step(Step { what: format!("loading {MINE}"), done: 0, total: 0 });
        let mut catalogue = self.catalogue.lock().expect(ALONE);
        let attributes = self.evaluated.iter().map(|package| package.attribute.as_str()).chain([BROKEN]);
        let rows = attributes.map(|attribute| Package::unevaluated(attribute.into(), MINE.into()));
        let packages = rows.chain(catalogue.known().cloned()).collect();
        *catalogue = Arc::new(Catalogue::of_packages(packages));
        vec![EvaluationError {
            attribute: String::new(),
            source_name: "theirs".into(),
            message: "syntax error, unexpected end of file".into(),
        }]
    }

    fn package(
        &self,
        attribute: &str,
        source: Option<&str>,
        _: &dyn Progress,
    ) -> Result<Option<Package>, EvaluationError> {
        match self.find(attribute, source)? {
            None => Ok(self.deep.iter().find(|package| package.attribute == attribute).cloned()),
            found => Ok(found),
        }
    }

    fn look(&self, package: &Package, progress: &dyn Progress) -> Result<(Package, Vec<OutputInfo>), EvaluationError> {
        if !package.is_unevaluated() || &*package.source != MINE {
            return Ok((package.clone(), outputs(package)));
        }
        progress.step(Step { what: format!("evaluating {}", package.attribute), done: 0, total: 0 });
        let package = self.find(&package.attribute, Some(MINE))?.expect("offered");
        let outputs = outputs(&package);
        Ok((package, outputs))
    }

    fn preview(&self, transaction: &Transaction, _: &dyn Progress) -> Result<Preview, LoomError> {
        let before = self.elements();
        let contents = Contents { kind: ManifestKind::NixProfile, elements: before.clone() };
        let elements = transaction.apply_to(&contents, &|attribute, source| self.find(attribute, source))?;
        let old = self.plan(&before)?;
        let mut plan = self.plan(&elements)?;
        let suggestions = engine::suggest(&Self::request(&elements), &[], &plan, &self.files, 8);
        if let Some(sample) = plan.collisions.first().cloned() {
            let path = |number: usize| format!("share/many/{number:06}").into_bytes().into();
            plan.collisions
                .extend((0..self.extra_collisions).map(|number| Collision { path: path(number), ..sample.clone() }));
        }
        let difference = engine::diff(&old, &plan, &self.files)?;
        let files = Changed { added: difference.added, removed: difference.removed, changed: difference.changed };
        let outputs = elements.iter().flat_map(|element| &element.outputs);
        let missing = outputs.filter(|output| !is_here(&output.path)).count();
        Ok(Preview {
            origins: nix_loom::loom::origins(&old, &plan),
            links_before: old.links(),
            directories_before: old.directories(),
            commands: commands(&files),
            files,
            meanings: self.meanings.clone(),
            missing_from_path: None,
            fetch: Fetch {
                paths: missing,
                download_bytes: missing as u64 * 4_100_000,
                unpacked_bytes: missing as u64 * 12_300_000,
                unknown: plan.unknown.iter().map(|path| PathBuf::from(std::ffi::OsStr::from_bytes(path))).collect(),
                ..Fetch::default()
            },
            suggestions,
            wanted: Vec::new(),
            environments: Vec::new(),
            doubles: nix_loom::loom::doubles(&plan, &elements, &before, Path::new("/store")),
            store: "/store".into(),
            elements,
            plan,
        })
    }

    fn consequences(
        &self,
        staged: &Transaction,
        then: &[Transaction],
        progress: &dyn Progress,
        tell: &dyn Fn(usize, Result<Consequence, LoomError>),
    ) -> Result<(), LoomError> {
        let contents = Contents { kind: ManifestKind::NixProfile, elements: self.elements() };
        let plan = |transaction: &Transaction| {
            let elements = transaction.apply_to(&contents, &|attribute, source| self.find(attribute, source))?;
            self.plan(&elements)
        };
        let now = plan(staged)?;
        for (at, transaction) in then.iter().enumerate() {
            if progress.is_cancelled() {
                return Ok(());
            }
            let consequence = plan(transaction).and_then(|after| Ok(Consequence::between(&now, &after, &self.files)?));
            tell(at, consequence);
        }
        Ok(())
    }

    fn upgrades(
        &self,
        names: &[String],
        from: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<Upgrade>, LoomError> {
        progress.step(Step { what: "evaluating 5 packages of demo".to_owned(), done: 0, total: 0 });
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        let elements = self.elements();
        let asked = elements.iter().filter(|element| names.is_empty() || names.contains(&element.name));
        Ok(asked.map(|element| upgrades::upgrade(element, from)).collect())
    }

    fn weigh_upgrade(&self, change: &Change, progress: &dyn Progress) -> Result<UpgradeWeight, LoomError> {
        let transaction = Transaction { changes: vec![change.clone()] };
        let preview = self.preview(&transaction, progress)?;
        let before = self.plan(&self.elements())?;
        let consequence = Consequence::between(&before, &preview.plan, &self.files)?;
        Ok(UpgradeWeight { consequence, fetch: preview.fetch })
    }

    fn compare_files(&self, left: &[u8], right: &[u8], _: &dyn Fn() -> bool) -> FileComparison {
        let sides = [left, right].map(|path| self.facts(path));
        let is_unknown = sides.iter().any(|facts| facts.kind.is_none());
        let contents = if is_unknown {
            FileContents::Unknown("what it is is not known until it is fetched".into())
        } else {
            self.contents.clone()
        };
        FileComparison { sides, contents }
    }

    fn files(&self, of: &FilesOf, progress: &dyn Progress) -> Result<FileTree, FilesError> {
        let is_wanted = || !progress.is_cancelled();
        let files = Hidden(self);
        let elements = match of {
            FilesOf::Package { element, package } => {
                let asked = Asked::of(element.as_deref(), package.as_deref());
                return FileTree::of_outputs(&asked, &files, &is_wanted).map_err(|Stopped| FilesError::Stopped);
            }
            FilesOf::Profile => self.elements(),
            FilesOf::Generation(number) => self.elements_of(Some(*number)),
            FilesOf::Plan(transaction) => self.preview(transaction, progress)?.elements,
            FilesOf::Woven(Woven { plan, elements }) => {
                return FileTree::of_plan(plan, Owner::of_profile(elements), &files, &is_wanted)
                    .map_err(|Stopped| FilesError::Stopped);
            }
            FilesOf::Built(_) => self.built.lock().expect(ALONE).clone(),
        };
        let plan = self.plan(&elements)?;
        FileTree::of_plan(&plan, Owner::of_profile(&elements), &files, &is_wanted)
            .map_err(|Stopped| FilesError::Stopped)
    }

    fn seek(&self, question: &str, _: &dyn Progress, tell: &dyn Fn(&Found)) -> Result<Found, LoomError> {
        let (elements, plan) = (self.elements(), self.plan(&self.elements())?);
        let mut found = Found { unlisted: self.unlisted.lock().expect(ALONE).len(), ..Found::default() };
        if question.is_empty() {
            return Ok(found);
        }
        let mut all = Vec::new();
        for (offered, (output, paths)) in OFFERED.iter().flat_map(|it| it.4.iter().map(move |output| (it, output))) {
            let element = elements.iter().find(|it| it.name == offered.0 && it.output(output).is_some());
            for file in paths.split_whitespace() {
                let shown = plan.source_of(file.as_bytes());
                let source = path(offered, output).join(file).into_os_string().into_encoded_bytes();
                all.push(Provider {
                    package: offered.0.into(),
                    source: "demo".into(),
                    output: (*output).into(),
                    path: file.as_bytes().into(),
                    installed: element.is_some(),
                    on_offer: element.is_none(),
                    shadowed: element.is_some() && shown.is_none_or(|shown| shown != source),
                });
            }
        }
        all.sort_by_key(|provider| !provider.installed);
        let command = format!("bin/{question}");
        let is_exact = |it: &&Provider| *it.path == *question.as_bytes() || *it.path == *command.as_bytes();
        found.providers = all.iter().filter(is_exact).cloned().collect();
        if found.providers.is_empty() {
            found.likeness = Likeness::Part;
            let is_part = |it: &&Provider| memchr::memmem::find(&it.path, question.as_bytes()).is_some();
            found.providers = all.iter().filter(is_part).cloned().collect();
        }
        if let Some(indexed) = &self.indexed {
            found.has_index = true;
            tell(&Found { is_reading_index: true, ..found.clone() });
            found.providers.push(Provider {
                package: indexed.clone(),
                source: nix_loom::loom::NIX_INDEX.into(),
                output: "out".into(),
                path: command.into_bytes().into(),
                installed: false,
                on_offer: false,
                shadowed: false,
            });
        }
        Ok(found)
    }

    fn fetch_for_preview(&self, _: &Transaction, progress: &dyn Progress) -> Result<(), LoomError> {
        progress.step(Step { what: "fetching nodejs_24-24.11.1".into(), done: 1, total: 4 });
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        self.unlisted.lock().expect(ALONE).clear();
        Ok(())
    }

    fn import(&self, file: &Path, progress: &dyn Progress) -> Result<Imported, LoomError> {
        progress.step(Step { what: "evaluating the file".into(), done: 0, total: 0 });
        progress.line("evaluating file '/home/user/myproject_env.nix'");
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        imports::import(file, &self.elements(), &|request| self.plan_of(request))
    }

    fn folder(&self, folder: &Path, _: &dyn Fn() -> bool) -> std::io::Result<Vec<Nearby>> {
        imports::folder(folder)
    }

    fn export(&self, wanted: &ExportFile, progress: &dyn Progress) -> Result<Exported, LoomError> {
        progress.step(Step { what: "evaluating jq".into(), done: 1, total: 3 });
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        let mut written = self.written.lock().expect(ALONE);
        if !wanted.out.is_absolute() {
            let error = std::io::ErrorKind::PermissionDenied.into();
            return Err(WriteError::Failed { path: wanted.out.clone(), error }.into());
        }
        if !wanted.is_over && written.contains_key(&wanted.out) {
            return Err(WriteError::Exists(wanted.out.clone()).into());
        }
        let chosen = &wanted.export.elements;
        let elements = self.elements();
        let names: Vec<_> = elements
            .iter()
            .filter(|it| chosen.is_empty() || chosen.contains(&it.name))
            .map(|it| it.name.as_str())
            .collect();
        for [quick, now] in self.env_files.lock().expect(ALONE).iter_mut().filter(|it| it[0].file == wanted.out) {
            let agrees = FileStatus { state: FileState::Agrees, differences: Vec::new(), ..quick.clone() };
            *now = FileStatus { is_asked: true, ..agrees.clone() };
            *quick = agrees;
        }
        written.insert(wanted.out.clone(), format!("{} = {}", wanted.export.name, names.join(" ")));
        let (path, notes) = (wanted.out.clone(), Vec::new());
        Ok(Exported { path, packages: names.len(), noted: 1, notes, unremembered: None })
    }

    fn quick_status(&self) -> Result<Status, LoomError> {
        Ok(self.status_of(0))
    }

    fn status(&self, progress: &dyn Progress) -> Result<Status, LoomError> {
        progress.step(Step { what: "evaluating my_env.nix".into(), done: 0, total: 0 });
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        Ok(self.status_of(1))
    }

    fn forget_file(&self, file: &Path) -> Result<(), LoomError> {
        self.env_files.lock().expect(ALONE).retain(|known| known[0].file != file);
        Ok(())
    }

    fn explain(&self, transaction: &Transaction, _: &dyn Progress) -> Result<Vec<ExplainedLine>, LoomError> {
        let changes = transaction.changes.len();
        let comment = format!("Nix makes {changes} generations of this, one with each command; nix-loom makes one");
        let command = |change: &Change| {
            ExplainedLine::Command(format!(
                "nix profile add 'nixpkgs#{change}' --profile /home/user/.local/state/nix/profiles/profile"
            ))
        };
        Ok(std::iter::once(ExplainedLine::Comment(comment)).chain(transaction.changes.iter().map(command)).collect())
    }

    fn build(&self, what: &ToBuild, link: Option<&Path>, progress: &dyn Progress) -> Result<Built, LoomError> {
        // Of a file what is installed, as long as nobody looks closer.
        let nothing = Transaction::default();
        let transaction = if let ToBuild::Changes(transaction) = what { transaction } else { &nothing };
        let preview = self.preview(transaction, progress)?;
        let blocking = preview.plan.blocking().count();
        if blocking > 0 {
            return Err(LoomError::Collisions { count: blocking, preview: Box::new(preview) });
        }
        progress.step(Step { what: "building the environment".into(), done: 0, total: 2 });
        if progress.is_cancelled() {
            return Err(StoreError::Cancelled.into());
        }
        self.built.lock().expect(ALONE).clone_from(&preview.elements);
        Ok(Built {
            path: "/store/built-profile".into(),
            link: link.map(|link| Path::new("/home/user/work").join(link)),
            warnings: Vec::new(),
            preview: Some(Box::new(preview)),
        })
    }

    fn apply(&self, transaction: &Transaction, progress: &dyn Progress) -> Result<Applied, LoomError> {
        let preview = self.preview(transaction, progress)?;
        let blocking = preview.plan.blocking().count();
        if blocking > 0 {
            return Err(LoomError::Collisions { count: blocking, preview: Box::new(preview) });
        }
        for done in 1..=2 {
            if progress.is_cancelled() {
                return Err(StoreError::Cancelled.into());
            }
            progress.step(Step { what: "putting nodejs_24-24.11.1 into the store".into(), done, total: 2 });
        }
        if self.fails_to_apply {
            return Err(StoreError::NotAvailable { path: "/store/nodejs_24-24.11.1-out".into() }.into());
        }
        let mut state = self.state.lock().expect(ALONE);
        let generation = state.generations.last().map_or(0, |(number, _)| *number) + 1;
        let before = state.generations.get(state.current).map(|(number, _)| *number);
        state.generations.push((generation, preview.elements.clone()));
        state.parents.insert(generation, before);
        state.current = state.generations.len() - 1;
        Ok(Applied { generation, before, unchanged: false, rebased: false, warnings: Vec::new(), preview })
    }

    fn generations(&self) -> Result<Vec<Generation>, LoomError> {
        let state = self.state.lock().expect(ALONE);
        let generation = |(at, (number, _)): (usize, &(u64, Vec<Element>))| Generation {
            number: *number,
            current: at == state.current,
            created: created(*number),
            path: format!("/store/profile-{number}").into(),
        };
        Ok(state.generations.iter().enumerate().map(generation).collect())
    }

    /// Two hours after the fifth generation is made.
    fn now(&self) -> SystemTime {
        created(5) + Duration::from_hours(2)
    }

    fn parents(&self, generations: &[Generation]) -> Vec<Parent> {
        let state = self.state.lock().expect(ALONE);
        let parent = |(at, generation): (usize, &Generation)| {
            let is_there = |number: u64| generations.iter().any(|generation| generation.number == number);
            match state.parents.get(&generation.number) {
                Some(None) => Parent::Nothing,
                Some(&Some(parent)) if is_there(parent) => Parent::Known(parent),
                Some(&Some(parent)) => Parent::Deleted(parent),
                None if generation.number == 1 => Parent::Nothing,
                None => at.checked_sub(1).map_or(Parent::Unknown, |below| Parent::Probably(generations[below].number)),
            }
        };
        generations.iter().enumerate().map(parent).collect()
    }

    fn summarise(&self, tell: &dyn Fn(GenerationSummary), progress: &dyn Progress) -> Result<(), LoomError> {
        let generations = self.generations()?;
        let parents = self.parents(&generations);
        let mut summaries = Vec::new();
        for (generation, parent) in generations.iter().zip(parents).rev() {
            if progress.is_cancelled() {
                return Ok(());
            }
            let elements = self.elements_of(Some(generation.number));
            let names = |elements: Vec<Element>| elements.into_iter().map(|element| element.name).collect();
            let changed = (parent == Parent::Nothing || parent.number().is_some()).then(|| {
                let diff = self.diff(parent.number(), generation.number).expect("generations that are there");
                Changed {
                    added: names(diff.packages_added),
                    removed: names(diff.packages_removed),
                    changed: names(diff.packages_changed.into_iter().map(|(_, after)| after).collect()),
                }
            });
            let facts = Ok(GenerationFacts { packages: elements.len(), changed, size: None });
            summaries.push(GenerationSummary { number: generation.number, parent, same_as: None, facts });
            tell(summaries[summaries.len() - 1].clone());
        }
        for mut summary in summaries {
            let size = Size { bytes: self.bytes(Some(summary.number)), is_closure: self.is_nix, is_least: false };
            summary.facts.as_mut().expect("it can be read").size = Some(size);
            tell(summary);
        }
        Ok(())
    }

    fn weigh_deletion(&self, deletions: &[Deletion]) -> Result<DeletionPreview, LoomError> {
        let all = self.generations()?;
        let profile = Profile::at("/nowhere/profile".into());
        let numbers = profile.chosen(deletions, &all, self.now())?;
        let goes = |number: &u64| numbers.contains(number);
        let (going, staying): (Vec<_>, Vec<_>) = all.iter().map(|generation| generation.number).partition(goes);
        let outputs = |numbers: &[u64]| -> BTreeSet<PathBuf> {
            let elements = numbers.iter().flat_map(|&number| self.elements_of(Some(number)));
            elements.flat_map(|element| element.outputs).map(|output| output.path).collect()
        };
        let paths = outputs(&going).difference(&outputs(&staying)).count();
        let size = Size { bytes: paths as u64 * 824_690, is_closure: self.is_nix, is_least: false };
        let current = all.iter().find(|generation| generation.current).expect("one is current").number;
        let mut line = ancestors(current, &all, &self.parents(&all));
        line.retain(goes);
        line.sort_unstable();
        Ok(DeletionPreview {
            generations: all.into_iter().filter(|generation| goes(&generation.number)).collect(),
            ancestors: line,
            only_theirs: (!numbers.is_empty()).then_some((paths, size)),
            is_collected: self.is_nix,
        })
    }

    fn diff(&self, from: Option<u64>, to: u64) -> Result<GenerationDiff, LoomError> {
        let (before, after) = (self.elements_of(from), self.elements_of(Some(to)));
        let only = |some: &[Element], others: &[Element]| -> Vec<Element> {
            some.iter().filter(|element| others.iter().all(|other| other.name != element.name)).cloned().collect()
        };
        let pairs = before.iter().filter_map(|old| {
            Some((old.clone(), after.iter().find(|new| new.name == old.name && *new != old)?.clone()))
        });
        let difference = engine::diff(&self.plan(&before)?, &self.plan(&after)?, &self.files)?;
        let files = Changed { added: difference.added, removed: difference.removed, changed: difference.changed };
        Ok(GenerationDiff {
            packages_added: only(&after, &before),
            packages_removed: only(&before, &after),
            packages_changed: pairs.collect(),
            commands: commands(&files),
            files,
        })
    }

    fn convert(&self, to: ManifestKind, progress: &dyn Progress) -> Result<Applied, LoomError> {
        self.state.lock().expect(ALONE).kind = to;
        self.apply(&Transaction::default(), progress)
    }

    fn delete_generations(&self, deletions: &[Deletion]) -> Result<Vec<u64>, LoomError> {
        let profile = Profile::at("/nowhere/profile".into());
        let numbers = profile.chosen(deletions, &self.generations()?, self.now())?;
        let mut state = self.state.lock().expect(ALONE);
        let current = state.generations[state.current].0;
        state.generations.retain(|(there, _)| !numbers.contains(there));
        state.current = state.generations.iter().position(|(there, _)| *there == current).expect("it is kept");
        Ok(numbers)
    }

    fn sources(&self) -> SourcesView {
        if let Some(shelves) = &self.shelves {
            return shelves.lock().expect(ALONE).view.clone();
        }
        let row = |part: &Part| SourceRow {
            name: part.source().to_string(),
            is_on: true,
            is_from_command_line: true,
            packages: Some(part.index().len()),
            ..SourceRow::default()
        };
        let is_loaded = self.catalogue().parts().iter().any(|part| &**part.source() == MINE);
        let failed = is_loaded.then(|| SourceRow {
            name: "theirs".into(),
            is_on: true,
            problem: Some("syntax error, unexpected end of file".into()),
            ..SourceRow::default()
        });
        SourcesView { configured: self.catalogue().parts().iter().map(row).chain(failed).collect(), found: Vec::new() }
    }

    fn find_pin(&self, name: &str, _: Option<&str>, progress: &dyn Progress) -> Result<PinMove, LoomError> {
        let shelves = self.shelves.as_ref().ok_or(LoomError::SourcesAreFixed)?;
        shelves.lock().expect(ALONE).find_pin(name, progress)
    }

    fn change_source(&self, change: &SourceChange) -> Result<(), LoomError> {
        if matches!(change, SourceChange::Reread(_)) && self.shelves.is_none() {
            return Ok(());
        }
        let shelves = self.shelves.as_ref().ok_or(LoomError::SourcesAreFixed)?;
        shelves.lock().expect(ALONE).change(change)?;
        self.follow_shelves();
        Ok(())
    }

    fn elsewhere(&self) -> Elsewhere {
        self.elsewhere.clone()
    }

    fn rollback(&self, to: Option<u64>) -> Result<u64, LoomError> {
        let mut state = self.state.lock().expect(ALONE);
        let at = match to {
            Some(to) => state.generations.iter().position(|(number, _)| *number == to).expect("a generation"),
            None => state.current - 1,
        };
        state.current = at;
        Ok(state.generations[at].0)
    }
}
