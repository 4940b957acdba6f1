//! Listings as they should not be, and what else goes on while one is read.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;
use crate::progress::{Recorded, Step};

#[test]
fn hostile_texts_stay_as_they_are_up_to_a_length() {
    let letters = "x".repeat(10_000);
    let package =
        only(&json!({"name": "a\u{1b}[31m-1", "meta": {"description": "\u{202e}é\u{0}漢", "homepage": letters}}));
    assert_eq!((&*package.name, &*package.description), ("a\u{1b}[31m", "\u{202e}é\u{0}漢"));
    assert_eq!(package.homepage, letters);

    // A cut never goes through a letter.
    let long = "é".repeat(100_000);
    let meta =
        json!({"description": long, "longDescription": long, "homepage": long, "license": long, "mainProgram": long});
    let cut = format!("x{long}");
    let entry = json!({"name": cut, "outputs": {&cut: null}, "meta": meta});
    let package = packages(&channel(&json!({&cut: entry}))).pop().unwrap();
    let Package { attribute, name, description, long_description, homepage, .. } = package;
    assert_eq!([description.len(), long_description.len(), homepage.len(), package.licenses[0].len()], [65536; 4]);
    assert_eq!(package.main_program.unwrap().len(), 65536);
    assert_eq!([name.len(), package.outputs[0].name.len(), package.default_outputs[0].len()], [65535; 3]);
    assert!(attribute.len() <= 65536);
}

#[test]
fn bytes_that_are_no_utf_8_spoil_no_more_than_themselves() {
    let bytes =
        b"{\"a\":{\"name\":\"a-1\",\"meta\":{\"description\":\"caf\xe9 \xe2\x82\"}},\"b\":{\"name\":\"b-1\"}}".to_vec();
    for bytes in [compressed(&bytes), bytes] {
        let read = packages(&bytes);
        assert_eq!((&*read[0].description, &*read[1].name), ("caf\u{fffd} \u{fffd}", "b"));
    }
}

#[test]
fn letters_at_the_edge_of_a_chunk_are_whole() {
    // Each letter has three bytes, so that every edge falls into one in two of three shifts.
    for shift in 0..3 {
        let description = format!("{}{}", "x".repeat(shift), "漢".repeat(20_000));
        let all: serde_json::Map<String, Value> = (0..5)
            .map(|number| (format!("a{number}"), json!({"name": "a", "meta": {"description": description}})))
            .collect();
        let listing = channel(&Value::Object(all));
        for bytes in [compressed(&listing), listing] {
            let read = packages(&bytes);
            assert_eq!(read.len(), 5);
            assert!(read.iter().all(|package| package.description == description));
        }
    }
}

#[test]
fn what_is_compressed_is_told_by_the_content() {
    let listing = channel(&json!({"jq": jq()}));
    let blanks = [b" \r\n\t", &*listing].concat();
    assert_eq!(packages(&compressed(&listing)), packages(&listing));
    assert_eq!(packages(&blanks), packages(&listing));
}

#[test]
fn what_is_no_listing_is_told_with_the_place_and_the_way_out() {
    for (text, expected) in [
        (&b""[..], "the file is empty, after 0 packages; get the file again, or make one with nix-env"),
        (b"  \n", "neither a JSON object nor one that is compressed"),
        (b"hello", "neither a JSON object nor one that is compressed"),
        (b"[1]", "neither a JSON object nor one that is compressed"),
        (b"\x1f\x8b\x08\x00", "neither a JSON object nor one that is compressed"),
        (b"{", "the file is cut short (EOF"),
        (b"{\"a\":{\"name\":\"a\"},\n!", "line 2 column 1, after 1 packages"),
        (b"{\"a\":{\"name\":\"a\"}} x", "trailing characters"),
        (br#"{"version":"3","packages":{}}"#, "the format version is \"3\", and only 2 is known"),
        (br#"{"packages":{"a":{}},"version":1}"#, "the format version is \"1\", and only 2 is known"),
        (br#"{"version":null,"packages":{}}"#, "the format version is \"\""),
        (br#"{"version":"\u001b","packages":{}}"#, "the format version is \"\\x1b\""),
        (br#"{"version":"2"}"#, "no packages"),
        (br#"{"packages":{"a":{"name":"a"}}}"#, "no format version at line 1"),
        (br#"{"version":"2","packages":[]}"#, "expected an object with packages"),
        (br#"{"name":"x","version":"1.0.0","dependencies":{}}"#, "the format version is \"1.0.0\""),
        (br#"{"a":1,"b":{"c":"d"}}"#, "there are no packages in it"),
    ] {
        let said = problem(text);
        assert!(said.contains(expected), "{said}");
    }
    let missing = read(Path::new("/no/such/file\u{1b}"), &"test".into(), &mut |_| {}, &Silent).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read the listing /no/such/file\\x1b: "), "{missing}");
    let folder = read(Path::new("/"), &"test".into(), &mut |_| {}, &Silent).unwrap_err();
    assert_eq!(folder.to_string(), "cannot read the listing /: it is no file");
}

#[test]
fn nesting_without_end_is_an_error_where_it_is_read_and_passed_over_elsewhere() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let license = format!(r#"{{"a":{{"name":"a","meta":{{"license":{deep}}}}}}}"#);
    assert!(problem(license.as_bytes()).contains("recursion limit"));
    let unknown = format!(r#"{{"a":{{"name":"a","meta":{{"problems":{deep}}}}}}}"#);
    assert_eq!(packages(unknown.as_bytes()).len(), 1);
}

#[test]
fn a_small_file_that_unpacks_to_an_endless_entry_is_an_error() {
    for start in ["{\"a\":{\"name\":\"", "{\"a\":{\"x\":", "{\"a\":{\"name\":\"a\"}, ", "{\"version\":2,\"packages\":{"]
    {
        let filler = if start.ends_with('"') {
            "x"
        } else if start.ends_with(':') {
            "["
        } else {
            " "
        };
        let bytes = compressed(format!("{start}{}", filler.repeat(17 << 20)).as_bytes());
        assert!(bytes.len() < 1 << 20);
        let said = problem(&bytes);
        assert!(said.contains("an entry has more than 16 MiB"), "{said}");
    }
}

/// Stops the work at its first step.
#[derive(Default)]
struct Impatient(AtomicBool);

impl Progress for Impatient {
    fn step(&self, _: Step) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn progress_counts_the_bytes_of_the_file_and_stops_it() {
    let all: serde_json::Map<String, Value> = (0..5000).map(|number| (format!("a{number}"), jq())).collect();
    let listing = channel(&Value::Object(all));
    for bytes in [compressed(&listing), listing] {
        let recorded = Recorded::default();
        assert_eq!(read_with(&bytes, &recorded).0.len(), 5000);
        let steps = recorded.0.into_inner().unwrap();
        assert!(steps.iter().all(|step| step.what == "reading test" && step.total == bytes.len() as u64));
        assert!(steps.is_sorted_by_key(|step| step.done) && steps.len() <= 101);
        assert!(steps.last().unwrap().done > bytes.len() as u64 * 9 / 10);

        let (some, result) = read_with(&bytes, &Impatient::default());
        assert!(matches!(result, Err(ListingError::Cancelled)));
        assert!(some.len() < 5000);
    }
}

#[test]
fn a_fingerprint_changes_with_the_file() {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("packages.json");
    let write = |text: &str| {
        // Replaced as programs do it, and with a time of its own.
        let new = folder.path().join("new");
        fs::write(&new, text).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(NUMBER.fetch_add(1, Ordering::Relaxed));
        fs::File::options().write(true).open(&new).unwrap().set_modified(time).unwrap();
        fs::rename(new, &path).unwrap();
        fingerprint(&path).unwrap()
    };
    let first = write("{}");
    assert_eq!(first, fingerprint(&path).unwrap());
    let second = write("{}");
    assert_ne!(first, second);
    assert_ne!(second, write("{ }"));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert_eq!(fingerprint(&link).unwrap(), fingerprint(&path).unwrap());
    assert!(fingerprint(&folder.path().join("gone")).is_err());
}

#[test]
fn in_a_store_the_path_alone_is_the_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().canonicalize().unwrap();
    for (name, is_in_store) in [
        ("store/rnvhf95ywskwgqzljpklk8hcv04ji6rb-packages.json", true),
        ("store/rnvhf95ywskwgqzljpklk8hcv04ji6rb-source/packages.json", true),
        ("store/rnvhf95ywskwgqzljpklk8hcv04ji6re-packages.json", false),
        ("store/short-packages.json", false),
        ("other/rnvhf95ywskwgqzljpklk8hcv04ji6rb-packages.json", false),
    ] {
        let path = at.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "{}").unwrap();
        assert_eq!(fingerprint(&path).unwrap() == path.to_str().unwrap(), is_in_store, "{name}");
    }
}

proptest! {
    #[test]
    fn random_bytes_are_an_error_or_packages(bytes in prop::collection::vec(any::<u8>(), 0..300), is_object: bool) {
        let bytes = if is_object { [b"{", &*bytes].concat() } else { bytes };
        let _ = read_with(&bytes, &Silent);
    }

    #[test]
    fn a_cut_or_changed_listing_is_an_error_or_packages(
        at in any::<prop::sample::Index>(), change in prop::option::of(any::<u8>()), is_compressed: bool,
    ) {
        let listing = channel(&json!({"jq": jq(), "python3Packages.\"a.b\"": jq(), "c": {"name": "c"}}));
        let mut bytes = if is_compressed { compressed(&listing) } else { listing };
        let at = at.index(bytes.len());
        if let Some(byte) = change {
            bytes[at] = byte;
            prop_assert!(read_with(&bytes, &Silent).0.len() <= 4);
        } else {
            bytes.truncate(at);
            prop_assert!(read_with(&bytes, &Silent).1.is_err());
        }
    }
}
