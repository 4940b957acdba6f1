use proptest::prelude::*;

use super::*;

/// All that can be seen of a listing.
fn seen(listing: &Listing) -> Vec<(Vec<u8>, Listed<'_>)> {
    listing.walk().collect()
}

#[derive(Clone, Debug)]
enum Leaf {
    Directory,
    File(u64, bool, Option<u64>),
    Text(Vec<u8>),
    Symlink(Vec<u8>),
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let letters = prop::collection::vec(prop::sample::select(b"ab.-\xff \n".to_vec()), 1..4);
    prop_oneof![4 => letters, 1 => Just(vec![b'n'; 200])].prop_filter("a name", |name| !matches!(&**name, b"." | b".."))
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..300);
    prop_oneof![
        Just(Leaf::Directory),
        (any::<u64>(), any::<bool>(), any::<Option<u64>>()).prop_map(|(size, x, content)| Leaf::File(size, x, content)),
        bytes().prop_map(Leaf::Text),
        bytes().prop_map(Leaf::Symlink),
    ]
}

fn listing() -> impl Strategy<Value = Listing> {
    let path = prop::collection::vec(name(), 0..5).prop_map(|names| names.join(&b'/'));
    prop::collection::vec((path, leaf()), 0..30).prop_map(|leaves| {
        let mut listing = ListingBuilder::new();
        for (path, leaf) in leaves {
            // Some are listed twice or in what is no directory; what is refused is left out.
            let _ = match leaf {
                Leaf::Directory => listing.directory(&path),
                Leaf::File(size, executable, content) => listing.file(&path, size, executable, content),
                Leaf::Text(bytes) => listing.text(&path, &bytes),
                Leaf::Symlink(target) => listing.symlink(&path, &target),
            };
        }
        listing.finish()
    })
}

/// Bytes with a head that fits them, so that what is behind it is looked at.
fn with_head(rest: &[u8]) -> Vec<u8> {
    [&[VERSION][..], &crc32fast::hash(rest).to_le_bytes(), rest].concat()
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded_as_it_was(listing in listing()) {
        let bytes = encode(&listing);
        let decoded = decode(&bytes).unwrap();
        prop_assert_eq!(seen(&decoded), seen(&listing));
        prop_assert_eq!(decoded.size(), listing.size());
        prop_assert_eq!(encode(&decoded), bytes);
    }

    #[test]
    fn a_single_changed_byte_is_noticed(listing in listing(), at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = encode(&listing);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_part_is_no_listing(listing in listing(), at in any::<prop::sample::Index>()) {
        let bytes = encode(&listing);
        let part = &bytes[..at.index(bytes.len())];
        prop_assert!(decode(part).is_err());
        prop_assert!(decode(&with_head(part.get(HEAD..).unwrap_or_default())).is_err());
        prop_assert!(matches!(decode(&with_head(&[&bytes[HEAD..], b"\0"].concat())), Err(DecodeError::Long)));
    }

    #[test]
    fn rubbish_gives_an_error_or_a_listing(rubbish in prop::collection::vec(prop_oneof![0_u8..8, any::<u8>()], 0..400)) {
        let _ = decode(&rubbish);
        // What is taken for a listing is one.
        if let Ok(listing) = decode(&with_head(&rubbish)) {
            let again = decode(&encode(&listing)).unwrap();
            prop_assert_eq!(seen(&again), seen(&listing));
        }
    }
}

#[test]
fn what_cannot_be_is_told() {
    let told = |rest: &[u8]| decode(&with_head(rest)).unwrap_err().to_string();
    assert_eq!(told(&[9]), "there is no kind 9 of entry");
    assert_eq!(told(&[0]), "there is no kind 0 of entry");
    assert_eq!(told(&[DIRECTORY, 9, 1, b'a', END]), "there is no kind 9 of entry");
    assert_eq!(told(&[DIRECTORY, DIRECTORY, 1, b'a', END]), "it ends too early");
    assert_eq!(told(&[FILE, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]), "a number is too large");
    assert_eq!(told(&[SYMLINK, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), "it ends too early");
    assert!(told(&[DIRECTORY, FILE, 2, b'.', b'.', 0, END]).contains("relative"));
    assert!(told(&[DIRECTORY, FILE, 1, b'b', 0, FILE, 1, b'a', 0, END]).contains("order"));
    assert_eq!(decode(&[2, 0, 0, 0, 0, 1, 0]).unwrap_err().to_string(), "another version of the program wrote it");
    assert_eq!(decode(b"").unwrap_err().to_string(), "it ends too early");
}

#[test]
fn no_depth_is_too_much_for_the_stack() {
    let mut rest = vec![DIRECTORY];
    for _ in 0..1_000_000 {
        rest.extend([DIRECTORY, 1, b'd']);
    }
    assert!(matches!(decode(&with_head(&rest)), Err(DecodeError::Entry(ListingError::TooLong { .. }))));
}

#[test]
fn the_bytes_stay_what_they_are() {
    let mut listing = ListingBuilder::new();
    listing.file(b"bin/a", 300, true, Some(7)).unwrap();
    listing.symlink(b"b", b"bin/a").unwrap();
    let expected = b"\x01\x05\x01b\x05bin/a\x01\x03bin\x03\x01a\xac\x02\x00\x00";
    assert_eq!(&encode(&listing.finish())[HEAD..], expected, "other bytes need another VERSION");
}
