//! Random package sets: small, with few names, so that paths really meet; about half of them can be built.

use std::fmt;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;

use super::forest::{Element, Forest};
use super::tree::{Node, Tree, join};

/// A package set before it has a place; shrinks towards fewer and plainer packages.
#[derive(Clone)]
pub struct PackageSet {
    packages: Vec<Package>,
    elements: Vec<(Vec<usize>, i32, bool)>,
}

#[derive(Clone, Debug)]
struct Package {
    root: Root,
    entries: Vec<(Vec<Name>, Kind)>,
    propagates: Option<Propagates>,
}

#[derive(Clone, Copy, Debug)]
enum Root {
    Directory,
    File,
    LinkToDirectory,
    LinkToFile,
    Missing,
}

#[derive(Clone, Debug)]
enum Name {
    Is(&'static [u8]),
    /// A name that no other package has.
    Own,
}

#[derive(Clone, Debug)]
enum Kind {
    File {
        content: u8,
        executable: bool,
    },
    Directory,
    Link(&'static [u8]),
    /// An absolute link into another package.
    LinkInto(usize, &'static [u8]),
}

#[derive(Clone, Debug)]
enum Propagates {
    /// Packages, each with what stands behind it; an index that no package has is a path to nothing.
    These(Vec<(usize, &'static str)>),
    RelativePath,
    ADirectory,
    ALink(&'static [u8]),
}

const PROPAGATED: &[u8] = b"nix-support/propagated-user-env-packages";

/// Package sets of every shape; `wild` ones also have what makes no sense, such as missing packages and loops.
pub fn package_set(wild: bool) -> impl Strategy<Value = PackageSet> {
    (2..=5_usize).prop_flat_map(move |count| {
        let packages = prop::collection::vec(package(count, wild), count);
        let inactive = prop::bool::weighted(0.93);
        let element = (prop::collection::vec(0..count, 1..=2), priority(), inactive);
        let elements = prop::collection::vec(element, count - 1..=count + 1);
        (packages, elements).prop_map(|(packages, elements)| PackageSet { packages, elements })
    })
}

fn priority() -> impl Strategy<Value = i32> {
    prop_oneof![
        4 => Just(5),
        16 => -10..=15_i32,
        1 => select(vec![998, 999, 1000, 1001, 1002, 2000, -2000, i32::MAX, i32::MIN]),
    ]
}

fn package(count: usize, wild: bool) -> impl Strategy<Value = Package> {
    let odd = u32::from(wild);
    let root = prop_oneof![
        120 => Just(Root::Directory),
        2 * odd => Just(Root::File),
        4 * odd => Just(Root::LinkToDirectory),
        odd => Just(Root::LinkToFile),
        odd => Just(Root::Missing),
    ];
    let entries = prop::collection::vec(entry(count, wild), 0..=20);
    (root, entries, prop::option::weighted(0.25, propagates(count, wild)))
        .prop_map(|(root, entries, propagates)| Package { root, entries, propagates })
}

fn entry(count: usize, wild: bool) -> impl Strategy<Value = (Vec<Name>, Kind)> {
    let kind = prop_oneof![
        12 => (0..3_u8, prop::bool::weighted(0.3)).prop_map(|(content, executable)| Kind::File { content, executable }),
        2 => Just(Kind::Directory),
        3 => link(wild),
        1 => (0..count, select(INSIDE.to_vec())).prop_map(|(package, path)| Kind::LinkInto(package, path)),
    ];
    let usual: Vec<(Vec<Name>, Kind)> = vec![
        (vec![Name::Is(b"lib64")], Kind::Link(b"lib")),
        (vec![Name::Is(b"sbin")], Kind::Link(b"bin")),
        (vec![Name::Is(b"share"), Name::Is(b"man")], Kind::Link(b"../man")),
        (vec![Name::Is(b"share"), Name::Is(b"info"), Name::Is(b"dir")], Kind::File { content: 0, executable: false }),
    ];
    prop_oneof![
        12 => (prop_oneof![
            4 => prop::collection::vec(select(DIRECTORIES.to_vec()), 1..=1),
            3 => prop::collection::vec(select(DIRECTORIES.to_vec()), 0..=3),
        ], leaf(), kind).prop_map(|(above, leaf, kind)| {
            (above.into_iter().map(Name::Is).chain([leaf]).collect(), kind)
        }),
        1 => select(usual),
    ]
}

/// Few, so that packages share them.
const DIRECTORIES: [&[u8]; 12] = [
    b"bin",
    b"bin",
    b"bin",
    b"lib",
    b"lib",
    b"share",
    b"share",
    b"man",
    b"lib64",
    b"info",
    b"with space",
    b".hidden-directory",
];
const INSIDE: [&[u8]; 6] = [b"", b"/bin", b"/lib", b"/share/man", b"/bin/shared", b"/nowhere"];
const SHARED: [&[u8]; 4] = [b"shared", b"shared", b"tool", b"nicht-\xfcblich"];
/// Names that one rule set or the other leaves out, and names that are hard to handle.
const SPECIAL: [&[u8]; 15] = [
    b"log",
    b"manifest.nix",
    b"manifest.json",
    b"nix-support",
    b"propagated-build-inputs",
    b"perllocal.pod",
    b"info",
    b"dir",
    b".hidden",
    b"..twodots",
    b"mime",
    b"\xff\xfe",
    b"quote\"'\\$",
    b"new\nline",
    b"\xf0\x9f\x8e\x81",
];

fn leaf() -> impl Strategy<Value = Name> {
    prop_oneof![
        12 => Just(Name::Own),
        8 => select(SHARED.to_vec()).prop_map(Name::Is),
        3 => select(SPECIAL.to_vec()).prop_map(Name::Is),
        1 => select(DIRECTORIES.to_vec()).prop_map(Name::Is),
    ]
}

fn link(wild: bool) -> impl Strategy<Value = Kind> {
    let inside: Vec<&[u8]> =
        vec![b"lib", b"bin", b"../lib", b"../bin/shared", b"shared", b"share/man", b"lib/", b"bin/..//lib"];
    // Loops, the directory itself, the one above (which may hold all packages), and nothing at all.
    let odd: Vec<&[u8]> =
        vec![b".", b"..", b"./.", b"../..", b"tool", b"gone", b"/gone/for/good", b"shared/below-a-file"];
    prop_oneof![
        3 => select(inside),
        u32::from(wild) => select(odd),
    ]
    .prop_map(Kind::Link)
}

fn propagates(count: usize, wild: bool) -> impl Strategy<Value = Propagates> {
    let odd = u32::from(wild);
    let separator = prop_oneof![20 => select(vec!["\n", " ", "  \n", ""]), odd => Just("\t")];
    let these = prop::collection::vec((0..count, separator.clone()), 0..=3).prop_map(Propagates::These);
    let missing = prop::collection::vec((0..=count, separator), 0..=3).prop_map(Propagates::These);
    prop_oneof![
        24 => these,
        odd => missing,
        odd => Just(Propagates::RelativePath),
        odd => Just(Propagates::ADirectory),
        odd => select(vec![b"gone".as_slice(), b"propagated-user-env-packages", b"../bin", b"../bin/shared"]).prop_map(Propagates::ALink),
    ]
}

/// As its packages read, for the message of a failed test.
impl fmt::Debug for PackageSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.forest(Path::new("")))
    }
}

impl PackageSet {
    /// The set as packages below `base`.
    ///
    /// They lie some directories deeper, so that links upwards meet nothing but this set.
    pub fn forest(&self, base: &Path) -> Forest {
        let mut forest = Forest::new(&base.join("up/up/up"));
        for (at, package) in self.packages.iter().enumerate() {
            let mut tree = Tree::default();
            if let Some(propagates) = &package.propagates {
                tree.insert(PROPAGATED, propagates.node(&forest));
            }
            tree.insert(b"", Node::Directory);
            for (names, kind) in &package.entries {
                let own = format!("own-{at}").into_bytes();
                let names = names.iter().map(|name| match name {
                    Name::Is(name) => name,
                    Name::Own => own.as_slice(),
                });
                let path = names.fold(Vec::new(), |path, name| join(&path, name));
                tree.insert(&path, kind.node(&forest));
            }
            package.root.plant(&mut forest, &name(at), tree);
        }
        forest.elements = self
            .elements
            .iter()
            .map(|(packages, priority, active)| {
                let trees = packages.iter().map(|&at| name(at)).collect();
                Element { trees, priority: *priority, active: *active }
            })
            .collect();
        forest
    }
}

/// Names in the order of the packages, so that sorting by path and by list differ only through the elements.
fn name(at: usize) -> String {
    format!("p{at}")
}

impl Root {
    fn plant(self, forest: &mut Forest, name: &str, tree: Tree) {
        let file = || {
            let mut tree = Tree::default();
            tree.0.insert(Vec::new(), Node::File { bytes: b"a program".to_vec(), executable: true });
            tree
        };
        let link = || {
            let mut tree = Tree::default();
            tree.0.insert(Vec::new(), Node::Link(format!("real-{name}").into_bytes()));
            tree
        };
        match self {
            Self::Directory => _ = forest.trees.insert(name.to_owned(), tree),
            Self::File => _ = forest.trees.insert(name.to_owned(), file()),
            Self::LinkToDirectory => {
                forest.trees.insert(name.to_owned(), link());
                forest.trees.insert(format!("real-{name}"), tree);
            }
            Self::LinkToFile => {
                forest.trees.insert(name.to_owned(), link());
                forest.trees.insert(format!("real-{name}"), file());
            }
            Self::Missing => {}
        }
    }
}

impl Kind {
    fn node(&self, forest: &Forest) -> Node {
        match self {
            Self::File { content, executable } => Node::File { bytes: vec![b'0' + content], executable: *executable },
            Self::Directory => Node::Directory,
            Self::Link(target) => Node::Link(target.to_vec()),
            Self::LinkInto(package, path) => Node::Link([forest.path(&name(*package)).as_bytes(), path].concat()),
        }
    }
}

impl Propagates {
    fn node(&self, forest: &Forest) -> Node {
        let text = |text: String| Node::File { bytes: text.into_bytes(), executable: false };
        match self {
            Self::These(packages) => {
                // Without a separator between them two paths would be one.
                let words = packages.iter().map(|(at, separator)| {
                    let separator = if separator.is_empty() { "\n" } else { separator };
                    forest.path(&name(*at)) + separator
                });
                text(words.collect())
            }
            Self::RelativePath => text("p0\n".to_owned()),
            Self::ADirectory => Node::Directory,
            Self::ALink(target) => Node::Link(target.to_vec()),
        }
    }
}
