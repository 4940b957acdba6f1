//! Invents what the files of the demo set hold: two hold the same bytes exactly when their content ids are equal.
//!
//! A file begins with a text and is filled up with zeros to its declared size (sparsely, so it takes no room). Programs
//! are shell scripts that say what they are and end before the zeros.

use std::collections::{HashMap, HashSet};

use super::format::{ContentId, Entry, Record};
use crate::store::local::store_path::Fingerprint;

/// What the texts below are; to be raised when they change, so that store paths change with them.
pub const WORDING: u64 = 1;

/// Content ids have at most this many digits, as they are 64 bit numbers.
const MAX_DIGITS: u64 = 20;

/// What is known of each content id of a set.
pub struct Contents(HashMap<ContentId, Content>);

struct Content {
    /// As declared.
    size: u64,
    /// Executable in at least one place.
    is_program: bool,
    /// The package that has it first.
    package: usize,
}

/// The bytes of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Bytes {
    pub text: Vec<u8>,
    /// Of the whole file: the text, then zeros.
    pub size: u64,
}

impl Contents {
    /// Collects the content ids of all packages.
    ///
    /// Says what is wrong if one id has two sizes, or two ids cannot be told apart in so few bytes.
    pub fn collect(packages: &[Record]) -> Result<Self, String> {
        let mut contents: HashMap<ContentId, Content> = HashMap::with_capacity(1 << 14);
        let mut short = HashSet::new();
        for (package, record) in packages.iter().enumerate() {
            for entry in record.outputs.iter().filter_map(|output| record.files.get(output)).flatten() {
                let Entry::File { size, executable, content: id, path } = entry else { continue };
                let content =
                    contents.entry(*id).or_insert_with(|| Content { size: *size, is_program: false, package });
                content.is_program |= executable;
                if content.size != *size {
                    return Err(format!("content c{} has two sizes, one at {}:{path}", id.0, record.attr));
                }
            }
        }
        for (id, content) in &contents {
            if content.size < MAX_DIGITS
                && !content.is_program
                && !short.insert((content.size, digits(*id, content.size)))
            {
                return Err(format!("content c{} of {} bytes cannot be told from another", id.0, content.size));
            }
        }
        Ok(Self(contents))
    }

    /// Adds all that decides the bytes of this content.
    pub fn describe(&self, id: ContentId, packages: &[Record], to: &mut Fingerprint) {
        let content = &self.0[&id];
        let package = &packages[content.package];
        to.number(id.0).number(content.size).number(content.is_program.into());
        to.bytes(package.pname.as_bytes()).bytes(package.version.as_bytes());
    }

    /// What a file with this content holds.
    pub fn bytes(&self, id: ContentId, packages: &[Record]) -> Bytes {
        let content = &self.0[&id];
        let package = &packages[content.package];
        let text = if content.is_program { program(id, package) } else { plain(id, package, content.size) };
        Bytes { size: content.size.max(text.len() as u64), text }
    }
}

/// A script that says what it is. Every shell reads it line by line, so it never sees the zeros after its end.
fn program(id: ContentId, package: &Record) -> Vec<u8> {
    format!(
        "#!/bin/sh\n\
         printf '%s\\n' \"${{0##*/}}: {} {} would run here; this is a demonstration program from nix-loom's demo set\"\n\
         exit 0\n\
         # c{}\n",
        package.pname, package.version, id.0
    )
    .into_bytes()
}

/// One line; only the id's last digits where the line is longer than the file may be. No line consists of digits.
fn plain(id: ContentId, package: &Record, size: u64) -> Vec<u8> {
    let line = format!("File c{} of nix-loom's demo set, first in {} {}\n", id.0, package.pname, package.version);
    if line.len() as u64 <= size { line.into_bytes() } else { digits(id, size).into_bytes() }
}

/// The last `size` digits of the id, with zeros before it.
fn digits(id: ContentId, size: u64) -> String {
    let size = usize::try_from(size).expect("shorter than a line");
    let digits = format!("{:0size$}", id.0);
    digits[digits.len() - size..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::local::demo::format::parse;

    fn contents(entries: &str) -> Result<(Contents, Vec<Record>), String> {
        let json = format!(
            r#"{{"format":1,"name":"demo","packages":[{{"attr":"a","pname":"a","version":"1","description":"d",
            "homepage":"","license":[],"outputs":["out"],"outputsToInstall":["out"],"files":{{"out":[{entries}]}}}}]}}"#
        );
        let records = parse(json.as_bytes()).unwrap().packages;
        Ok((Contents::collect(&records)?, records))
    }

    #[test]
    fn a_small_program_is_longer_than_declared_and_a_big_one_as_declared() {
        let (contents, records) = contents(r#"["a",5,"x","c1"],["b",5000,"x","c2"]"#).unwrap();
        let small = contents.bytes(ContentId(1), &records);
        assert_eq!(small.size, small.text.len() as u64);
        assert!(small.text.starts_with(b"#!/bin/sh\n"));
        assert_eq!(contents.bytes(ContentId(2), &records).size, 5000);
    }

    #[test]
    fn a_content_that_is_executable_somewhere_is_a_program_everywhere() {
        let (contents, records) = contents(r#"["a",500,"","c1"],["b",500,"x","c1"]"#).unwrap();
        assert!(contents.bytes(ContentId(1), &records).text.starts_with(b"#!"));
    }

    #[test]
    fn tiny_files_keep_their_size_and_differ() {
        let (contents, records) =
            contents(r#"["a",0,"","c1"],["b",1,"","c2"],["c",1,"","c3"],["d",4,"","c11234"],["e",30,"","c7"]"#)
                .unwrap();
        let text = |id| String::from_utf8(contents.bytes(ContentId(id), &records).text).unwrap();
        assert_eq!([text(1), text(2), text(3), text(11234)], ["", "2", "3", "1234"]);
        assert_eq!(text(7), format!("{:030}", 7));
    }

    #[test]
    fn contents_that_cannot_be_told_apart_or_have_two_sizes_are_refused() {
        for entries in [r#"["a",1,"","c11"],["b",1,"","c21"]"#, r#"["a",1,"","c1"],["b",2,"","c1"]"#] {
            assert!(contents(entries).is_err(), "{entries}");
        }
    }
}
