use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::{Disk, EntryKind, Files as _, Listings, join};

#[derive(Clone, Debug, PartialEq)]
enum Model {
    File { size: u64, executable: bool },
    Link(Vec<u8>),
    Directory(BTreeMap<Vec<u8>, Model>),
}

/// How a writer may differ from another.
#[derive(Clone, Copy, Debug)]
struct Style {
    is_sorted: bool,
    has_offsets: bool,
    is_spaced: bool,
}

impl Model {
    /// What a listing says, by the way everybody looks into it.
    fn of(listing: Listing) -> Self {
        let mut listings = Listings::new(Disk);
        listings.insert(b"/listed", Arc::new(listing));
        Self::at(&listings, b"/listed")
    }

    fn at(files: &Listings<Disk>, path: &[u8]) -> Self {
        if let Some(target) = files.read_link(path).unwrap() {
            return Self::Link(target);
        }
        let found = files.find(path).unwrap();
        if found.kind != EntryKind::Directory {
            return Self::File { size: found.size, executable: found.mode & 0o111 != 0 };
        }
        let entries = files.read_dir(path).unwrap();
        let entries = entries.iter().map(|entry| (entry.name.to_vec(), Self::at(files, &join(path, &entry.name))));
        Self::Directory(entries.collect())
    }

    fn write(&self, style: Style, to: &mut Vec<u8>) {
        let mut keys: Vec<(&str, Vec<u8>)> = Vec::new();
        match self {
            Self::File { size, executable } => {
                keys.push(("type", b"\"regular\"".to_vec()));
                keys.push(("size", size.to_string().into_bytes()));
                if *executable {
                    keys.push(("executable", b"true".to_vec()));
                }
                if style.has_offsets {
                    keys.push(("narOffset", b"448".to_vec()));
                    keys.push(("later", b"[{\"type\": null}, \"\xff\"]".to_vec()));
                }
            }
            Self::Link(target) => {
                keys.push(("type", b"\"symlink\"".to_vec()));
                keys.push(("target", quoted(target)));
            }
            Self::Directory(entries) => {
                let mut all = b"{".to_vec();
                for (at, (name, node)) in entries.iter().enumerate() {
                    if at > 0 {
                        all.push(b',');
                    }
                    all.extend(quoted(name));
                    all.push(b':');
                    node.write(style, &mut all);
                }
                all.push(b'}');
                keys.push(("type", b"\"directory\"".to_vec()));
                keys.push(("entries", all));
            }
        }
        if style.is_sorted {
            keys.sort();
        }
        object(&keys, style, to);
    }

    fn document(&self, style: Style) -> Vec<u8> {
        let mut root = Vec::new();
        self.write(style, &mut root);
        let mut keys = [("version", b"1".to_vec()), ("root", root)];
        if style.is_sorted {
            keys.reverse();
        }
        let mut document = Vec::new();
        object(&keys, style, &mut document);
        document
    }
}

fn object(keys: &[(&str, Vec<u8>)], style: Style, to: &mut Vec<u8>) {
    let blank: &[u8] = if style.is_spaced { b"\n  " } else { b"" };
    to.push(b'{');
    for (at, (key, value)) in keys.iter().enumerate() {
        if at > 0 {
            to.push(b',');
        }
        to.extend_from_slice(blank);
        to.extend(quoted(key.as_bytes()));
        to.push(b':');
        to.extend_from_slice(blank);
        to.extend_from_slice(value);
    }
    to.push(b'}');
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let mut quoted = b"\"".to_vec();
    for &byte in text {
        match byte {
            b'"' | b'\\' => quoted.extend([b'\\', byte]),
            ..b' ' => quoted.extend(format!("\\u{byte:04x}").into_bytes()),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'"');
    quoted
}

fn names() -> impl Strategy<Value = Vec<u8>> {
    let usual = "[a-c.]{1,3}".prop_map(String::into_bytes);
    prop_oneof![4 => usual, 1 => prop::collection::vec(1_u8.., 1..6)]
        .prop_filter("no name", |name| !name.contains(&b'/') && name != b"." && name != b"..")
}

fn trees() -> impl Strategy<Value = Model> {
    let file = (0..1_u64 << 40, any::<bool>()).prop_map(|(size, executable)| Model::File { size, executable });
    let link = prop::collection::vec(1_u8.., 1..20).prop_map(Model::Link);
    let leaf = prop_oneof![3 => file, 1 => link, 1 => Just(Model::Directory(BTreeMap::new()))];
    leaf.prop_recursive(6, 60, 6, |inner| directories(inner).boxed())
}

fn directories(of: impl Strategy<Value = Model>) -> impl Strategy<Value = Model> {
    prop::collection::btree_map(names(), of, 0..6).prop_map(Model::Directory)
}

fn styles() -> impl Strategy<Value = Style> {
    any::<[bool; 3]>().prop_map(|[is_sorted, has_offsets, is_spaced]| Style { is_sorted, has_offsets, is_spaced })
}

proptest! {
    #[test]
    fn what_was_written_is_read(tree in trees(), style in styles()) {
        prop_assert_eq!(&Model::of(parse(&tree.document(style)).unwrap()), &tree);
        let mut bare = Vec::new();
        tree.write(style, &mut bare);
        prop_assert_eq!(&Model::of(parse(&bare).unwrap()), &tree);
    }

    #[test]
    fn half_a_listing_is_none(tree in trees(), style in styles(), cut in any::<prop::sample::Index>()) {
        let document = tree.document(style);
        prop_assert!(parse(&document[..cut.index(document.len())]).is_err());
    }

    #[test]
    fn rubbish_is_an_error_and_no_panic(tree in trees(), style in styles(), at in any::<prop::sample::Index>(), with: u8) {
        let mut document = tree.document(style);
        let at = at.index(document.len());
        document[at] = with;
        if let Err(error) = parse(&document) {
            prop_assert!(!error.to_string().contains(char::is_control));
        }
    }
}

#[track_caller]
fn refused(document: impl AsRef<[u8]>) -> String {
    parse(document.as_ref()).unwrap_err().to_string()
}

/// A root with these entries.
fn with(entries: &str) -> String {
    format!(r#"{{"version":1,"root":{{"type":"directory","entries":{{{entries}}}}}}}"#)
}

#[test]
fn a_store_path_may_be_one_file_or_link() {
    let file = br#"{"version":1,"root":{"type":"regular","size":3,"executable":true}}"#;
    assert_eq!(Model::of(parse(file).unwrap()), Model::File { size: 3, executable: true });
    let link = br#"{"target":"/nix/store/x","type":"symlink"}"#;
    assert_eq!(Model::of(parse(link).unwrap()), Model::Link(b"/nix/store/x".to_vec()));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let file = r#"{"type":"regular","size":1}"#;
    let empty = r#"{"type":"directory","entries":{}}"#;
    for (entries, wanted) in [
        (format!(r#""a":{file},"a":{file}"#), "a: it is listed twice"),
        (format!(r#""a":{file},"a":{empty}"#), "a: it is listed twice"),
        (format!(r#""a":{empty},"a":{file}"#), "a: it is listed twice"),
        (format!(r#""a":{empty},"a":{empty}"#), "a: it is listed twice"),
        (format!(r#""a":{file},"..":{file}"#), "..: no entry can be called so"),
        (format!(r#""":{file}"#), "no entry can be called so"),
        (format!(r#"".":{file}"#), "no entry can be called so"),
        (format!(r#""a/b":{file}"#), "a/b: no entry can be called so"),
        (format!(r#""a\u0000b":{file}"#), "a\\x00b: no entry can be called so"),
        (r#""d":{"type":"directory","entries":{"b":{"type":"socket"}}}"#.into(), "d/b: its type is neither"),
        (r#""b":{"type":"regular"}"#.into(), "b: a file without a size"),
        (r#""b":{"type":"regular","size":-1}"#.into(), "b: invalid value: integer `-1`"),
        (r#""b":{"type":"regular","size":1,"size":1}"#.into(), "b: a key is there twice"),
        (r#""b":{"type":"regular","size":1,"entries":{}}"#.into(), "b: a directory has entries"),
        (r#""b":{"type":"directory"}"#.into(), "b: a directory has entries"),
        (r#""b":{"type":"symlink"}"#.into(), "b: a symlink without a target"),
        (r#""b":{"type":"symlink","target":""}"#.into(), "b: no symlink can have such a target"),
        (r#""b":{"size":1}"#.into(), "b: it has no type"),
        (r#""b":[]"#.into(), "b: invalid type: sequence"),
        (format!(r#""x":{{"type":"regular","size":{}}},"y":{file}"#, i64::MAX), "y: larger than any file can be"),
    ] {
        let told = refused(with(&entries));
        assert!(told.starts_with("its listing is damaged: ") && told.contains(wanted), "{told}, wanted {wanted}");
    }
    for (document, wanted) in [
        ("", "cut short"),
        ("{}", "no tree"),
        ("[]", "the root: invalid type: sequence"),
        ("<html>", "expected value"),
        (r#"{"version":2,"root":{"type":"directory","entries":{}}}"#, "the version is 2"),
        (r#"{"version":1}"#, "no root"),
        (r#"{"root":{"type":"directory","entries":{}}}"#, "no version"),
        (r#"{"type":"directory","entries":{},"root":{"type":"directory","entries":{}},"version":1}"#, "two roots"),
        (r#"{"type":"directory","entries":{}} x"#, "trailing characters"),
    ] {
        let told = refused(document);
        assert!(told.contains(wanted), "{told}, wanted {wanted}");
    }
}

#[test]
fn a_listing_without_end_comes_to_an_end() {
    // Brackets only, directories in directories, and what is left out in any case.
    assert!(refused("[".repeat(1_000_000)).contains("sequence"));
    assert!(refused(r#"{"type":"directory","entries":{"a":"#.repeat(100_000)).contains("recursion limit"));
    refused(format!(r#"{{"x":{}"#, "[".repeat(1_000_000)));
    let long = "n".repeat(5000);
    assert!(refused(with(&format!(r#""{long}":{{"type":"regular","size":1}}"#))).contains("its path is too long"));
    // As deep as real outputs are, and deeper.
    let deep = r#""a":{"type":"directory","entries":{"#.repeat(55) + &"}}".repeat(55);
    assert!(parse(with(&deep).as_bytes()).is_ok());
}
