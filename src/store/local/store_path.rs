//! Names of the local store's paths: `<store>/<32 letters>-<name>`, where the letters are a hash of what is there.
//!
//! They look like Nix' store paths, but are not computed as Nix does: the local store is no Nix store.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Nix' base 32: digits and lower case letters without `e`, `o`, `t` and `u`.
pub const LETTERS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// Bytes of a hash that a path carries (160 bits), as in Nix.
const HASH_BYTES: usize = 20;

/// Most bytes of a path's name after the hash, so that the whole stays well below a file name's limit of 255.
const MAX_NAME: usize = 200;

/// A description, hashed part by part. Lengths are hashed as well, so that different parts never give the same whole.
#[derive(Clone)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// `of` tells apart what is described: descriptions of different things never get the same hash.
    pub fn new(of: &str) -> Self {
        let mut new = Self(Sha256::new());
        new.bytes(of.as_bytes());
        new
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
        self
    }

    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(number.to_le_bytes());
        self
    }

    pub fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

/// Hashes all that is written to it.
pub struct HashWriter(Sha256);

impl HashWriter {
    pub fn new() -> Self {
        Self(Sha256::new())
    }

    pub fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The path of what has this hash and name, in `store`.
///
/// Bytes that Nix would not allow in a store path's name become `_`: such a path can be listed in
/// `propagated-user-env-packages`, whose words are separated by blanks, and is harmless on a terminal.
pub fn store_path(store: &Path, hash: &Hash, name: &[u8]) -> PathBuf {
    let mut file_name = base32(&fold(hash));
    file_name.push('-');
    file_name.extend(name.iter().take(MAX_NAME).map(|&byte| if is_name_byte(byte) { char::from(byte) } else { '_' }));
    store.join(file_name)
}

/// The name in a store path's file name, without the hash; all of it if there is no hash.
pub fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    match name.split_once('-') {
        Some((hash, rest)) if hash.len() == 32 => rest.to_owned(),
        _ => name.into_owned(),
    }
}

/// Whether Nix allows the byte in the name of a store path.
pub fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte)
}

/// Nix shortens a hash by laying its end over its beginning, so that every bit counts.
fn fold(hash: &Hash) -> [u8; HASH_BYTES] {
    let mut folded = [0; HASH_BYTES];
    for (at, byte) in hash.iter().enumerate() {
        folded[at % HASH_BYTES] ^= byte;
    }
    folded
}

/// Nix' notation: five bits a letter, the last bits first.
fn base32(bytes: &[u8; HASH_BYTES]) -> String {
    let letter = |at: usize| {
        let (byte, shift) = (at * 5 / 8, at * 5 % 8);
        let next = bytes.get(byte + 1).copied().unwrap_or(0);
        let bits = u16::from_le_bytes([bytes[byte], next]) >> shift;
        char::from(LETTERS[usize::from(bits & 0x1f)])
    };
    (0..HASH_BYTES * 8 / 5).rev().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_32_is_that_of_nix() {
        // The example of Nix' own tests: nix-hash --type sha1 --to-base32 of this hash.
        let sha1 = [
            0x80, 0x0d, 0x59, 0xcf, 0xcd, 0x3c, 0x05, 0xe9, 0x00, 0xcb, 0x4e, 0x21, 0x4b, 0xe4, 0x8f, 0x6b, 0x88, 0x6a,
            0x08, 0xdf,
        ];
        assert_eq!(base32(&sha1), "vw46m23bizj4n8afrc0fj19wrp7mj3c0");
    }

    #[test]
    fn a_path_holds_only_bytes_that_nix_allows() {
        let path = store_path(Path::new("/s"), &[7; 32], b"caf\xe9 au\nlait-1.0");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(&name[32..], "-caf__au_lait-1.0");
        assert!(name.bytes().all(is_name_byte));
        assert_eq!(name_of(&path), "caf__au_lait-1.0");
    }

    #[test]
    fn a_long_name_still_fits_a_file_name() {
        let path = store_path(Path::new("/s"), &[7; 32], &[b'x'; 255]);
        assert!(path.file_name().unwrap().len() <= 255);
    }

    #[test]
    fn parts_never_run_into_each_other() {
        let hash = |parts: &[&str]| {
            let mut fingerprint = Fingerprint::new("test");
            for part in parts {
                fingerprint.bytes(part.as_bytes());
            }
            fingerprint.finish()
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["ab"]), hash(&["ab", ""]));
    }
}
