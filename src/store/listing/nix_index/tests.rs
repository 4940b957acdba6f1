use std::collections::HashMap;
use std::sync::Mutex;

use super::*;
use crate::progress::Silent;

/// A package as nix-index writes it: lines, hash with name, attribute, output, top level.
struct Package {
    files: Vec<(&'static str, &'static str)>,
    name: &'static str,
    attribute: &'static str,
    output: &'static str,
    is_top_level: bool,
}

const JQ: &str = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.7";
const GOJQ: &str = "d74xkqfhqz9h3d7rffn02cih0fdwb1ff-gojq-0.12";
const BIN_ONLY: &str = "f74xkqfhqz9h3d7rffn02cih0fdwb1ff-bin-only";
const FILE: &str = "g74xkqfhqz9h3d7rffn02cih0fdwb1ff-script";

fn packages() -> Vec<Package> {
    let of = |name, attribute, files| Package { files, name, attribute, output: "out", is_top_level: true };
    vec![
        Package {
            output: "bin",
            ..of(
                JQ,
                "jq",
                vec![("2d", ""), ("1d", "/bin"), ("300x", "/bin/jq"), ("1d", "/share"), ("../bin/jqs", "/share/jq")],
            )
        },
        Package {
            is_top_level: false,
            ..of(GOJQ, "gojq", vec![("1d", ""), ("2d", "/bin"), ("5r", "/bin/gojq"), ("4x", "/bin/jq")])
        },
        of(BIN_ONLY, "small", vec![("7x", "/bin/small")]),
        of(FILE, "script", vec![("9x", "")]),
    ]
}

/// The lines of a database, not yet compressed.
fn lines(packages: &[Package]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut all: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for package in packages {
        all.extend(package.files.iter().map(|(meta, path)| (meta.as_bytes().to_vec(), path.as_bytes().to_vec())));
        let (hash, name) = package.name.split_once('-').unwrap();
        let origin = serde_json::json!({
            "attr": package.attribute, "output": package.output, "toplevel": package.is_top_level, "system": "x86_64-linux"
        });
        let footer = serde_json::json!({"store_dir": "/nix/store", "hash": hash, "name": name, "origin": origin});
        all.push((FOOTER.to_vec(), footer.to_string().into_bytes()));
    }
    frcode::tests::write(all.iter().map(|(meta, path)| (meta.as_slice(), path.as_slice())), &mut bytes);
    bytes
}

fn database(lines: &[u8]) -> Vec<u8> {
    [MAGIC.as_slice(), &VERSION.to_le_bytes(), &zstd::encode_all(lines, 3).unwrap()].concat()
}

struct Written {
    dir: tempfile::TempDir,
}

impl Written {
    fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("files"), bytes).unwrap();
        Self { dir }
    }

    fn index(&self) -> NixIndex {
        NixIndex::at(self.dir.path().join("files"))
    }

    fn find(&self, path: &str) -> Result<Vec<String>, String> {
        let found = self.index().find(path.as_bytes(), &Silent).map_err(|error| error.to_string())?;
        let line = |file: IndexedFile| {
            assert!(file.store_path.starts_with("/nix/store"));
            format!("{}.{} {} {:?}", file.attribute, file.output, String::from_utf8_lossy(&file.path), file.kind)
        };
        Ok(found.into_iter().map(line).collect())
    }

    fn listings(&self, names: &[&str]) -> HashMap<String, Result<Listing, String>> {
        let paths: Vec<PathBuf> = names.iter().map(|name| Path::new("/nix/store").join(name)).collect();
        let found = Mutex::new(HashMap::new());
        let give = |path: &Path, listing| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(found.lock().unwrap().insert(name, listing).is_none(), "told twice");
        };
        self.index().listings(&paths, &give, &Silent);
        found.into_inner().unwrap()
    }
}

#[test]
fn files_are_found_by_path_or_by_name_outputs_of_attributes_first() {
    let written = Written::new(&database(&lines(&packages())));
    let jq = "jq.bin bin/jq Regular { size: 300, executable: true }";
    let gojq = "gojq.out bin/jq Regular { size: 4, executable: true }";
    assert_eq!(written.find("bin/jq").unwrap(), [jq, gojq]);
    assert_eq!(written.find("jq").unwrap(), [jq, "jq.bin share/jq Symlink", gojq]);
    assert_eq!(written.find("/bin/jq").unwrap(), [jq, gojq]);
    assert_eq!(written.find("/jq").unwrap(), [""; 0]);
    assert_eq!(written.find("bin/j").unwrap(), [""; 0]);
    assert_eq!(written.find("q").unwrap(), [""; 0]);
    assert_eq!(written.find("share/bin").unwrap(), [""; 0]);
    assert_eq!(
        written.find("bin").unwrap(),
        ["jq.bin bin Directory { entries: 1 }", "gojq.out bin Directory { entries: 2 }"]
    );
}

#[test]
fn a_listing_is_that_of_the_very_store_path() {
    let written = Written::new(&database(&lines(&packages())));
    let other_build = "z74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.7";
    let other_name = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff-jq-1.6";
    let found = written.listings(&[JQ, GOJQ, other_build, other_name]);
    assert_eq!(found.len(), 2);
    let files = |name: &str| {
        let listing = found[name].as_ref().unwrap();
        let mut files: Vec<_> = listing.files().map(|file| String::from_utf8_lossy(&file).into_owned()).collect();
        files.sort();
        (files, listing.size())
    };
    assert_eq!(files(JQ), (vec!["bin/jq".into(), "share/jq".into()], (300, 2)));
    assert_eq!(files(GOJQ), (vec!["bin/gojq".into(), "bin/jq".into()], (9, 2)));
}

#[test]
fn what_is_not_whole_is_no_listing() {
    let written = Written::new(&database(&lines(&packages())));
    assert!(written.listings(&[BIN_ONLY]).is_empty(), "a database of programs alone knows no listings");
    let file = written.listings(&[FILE]).remove(FILE).unwrap().unwrap();
    assert_eq!((file.size(), file.files().collect::<Vec<_>>()), ((9, 1), vec![Vec::new()]));
    let mut one = packages().remove(0);
    one.files.remove(2);
    assert!(Written::new(&database(&lines(&[one]))).listings(&[JQ]).is_empty());
}

#[test]
fn no_more_than_a_thousand_are_found_and_always_the_same() {
    let attributes: Vec<&'static str> = (0..1500).rev().map(|at| &*format!("a{at:04}").leak()).collect();
    let package =
        |&attribute| Package { files: vec![("1x", "/bin/it")], name: JQ, attribute, output: "out", is_top_level: true };
    let written = Written::new(&database(&lines(&attributes.iter().map(package).collect::<Vec<_>>())));
    let found = written.find("bin/it").unwrap();
    assert_eq!(found.len(), 1000);
    assert!(found[0].starts_with("a0000.") && found[999].starts_with("a0999."));
}

#[test]
fn a_damaged_database_is_told_by_name_and_never_half_believed() {
    let whole = database(&lines(&packages()));
    let is_same = |found: Result<Vec<String>, String>| found.is_ok_and(|found| found.len() == 2);
    for end in 0..whole.len() {
        let written = Written::new(&whole[..end]);
        let told = written.find("bin/jq").unwrap_err();
        assert!(told.contains("the nix-index database /") && told.contains("cut short"), "{end}: {told}");
        assert!(written.listings(&["h74xkqfhqz9h3d7rffn02cih0fdwb1ff-no"]).values().all(Result::is_err));
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        // zstd need not notice every flip, and then a name is another; nothing panics.
        let _ = is_same(Written::new(&bytes).find("bin/jq"));
        let _ = Written::new(&bytes).listings(&[JQ]);
    }
    for (bytes, wanted) in [
        (b"rubbish and more rubbish".to_vec(), "does not begin as one"),
        ([MAGIC.as_slice(), &2_u64.to_le_bytes(), b"x"].concat(), "another version"),
        ([MAGIC.as_slice(), &1_u64.to_le_bytes(), b"no zstd at all"].concat(), "nix-index database"),
        (database(b"p\0\0{}\n"), "tells no package"),
        (database(b"1x\0\0/bin/jq\n"), "cut short within a package"),
        (database(b"1q\0\0/bin/jq\n"), "of no known kind"),
        (database(b"1x\0\x05/bin/jq\n"), "shares more"),
    ] {
        let told = Written::new(&bytes).find("bin/jq").unwrap_err();
        assert!(told.contains(wanted) && told.contains("make it anew with nix-index"), "{told}");
    }
}

#[test]
fn the_database_is_where_nix_locate_looks_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("nix-index/files");
    fs::create_dir(dir.path().join("nix-index")).unwrap();
    let of_user = |variable: &'static str, value: PathBuf| {
        NixIndex::of_user(&move |name| (name == variable).then(|| value.clone().into())).map(|index| index.file)
    };
    assert_eq!(of_user("XDG_CACHE_HOME", dir.path().to_owned()), None);
    fs::write(&file, "").unwrap();
    assert_eq!(of_user("XDG_CACHE_HOME", dir.path().to_owned()), Some(file.clone()));
    assert_eq!(of_user("XDG_CACHE_HOME", "relative".into()), None);
    assert_eq!(of_user("NIX_INDEX_DATABASE", dir.path().join("nix-index")), Some(file));
    assert_eq!(of_user("HOME", dir.path().to_owned()), None);
}

#[test]
fn reading_stops_when_nobody_wants_it() {
    struct Cancelled;
    impl Progress for Cancelled {
        fn step(&self, _: Step) {}
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let written = Written::new(&database(&lines(&packages())));
    let path = Path::new("/nix/store").join(JQ);
    written.index().listings(&[path], &|_, _| panic!("it was not wanted"), &Cancelled);
    assert!(written.index().find(b"bin/jq", &Cancelled).unwrap_err().problem.contains("stopped"));
}
