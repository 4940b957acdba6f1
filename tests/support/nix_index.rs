//! A writer of nix-index databases.

// Every test file compiles this module for itself, and none uses all of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::Write;

use serde_json::json;

/// Writes a database to `to`, package by package.
pub struct Writer<W: Write> {
    to: zstd::Encoder<'static, W>,
    before: Vec<u8>,
    shared: usize,
}

impl<W: Write> Writer<W> {
    pub fn new(mut to: W) -> Self {
        to.write_all(b"NIXI\x01\0\0\0\0\0\0\0").unwrap();
        Self { to: zstd::Encoder::new(to, 3).unwrap(), before: Vec::new(), shared: 0 }
    }

    /// What is in a store path (`HASH-NAME`); each file as `300x` or the like, and its path with a slash before it.
    pub fn package<'a>(
        &mut self,
        attribute: &str,
        output: &str,
        path: &str,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        for (meta, path) in files {
            self.line(meta.as_bytes(), path.as_bytes());
        }
        let (hash, name) = path.split_once('-').unwrap();
        // An attribute in brackets is how nix-locate shows what is only referred to.
        let origin = json!({
            "attr": attribute.trim_matches(['(', ')']),
            "output": output,
            "toplevel": !attribute.starts_with('('),
            "system": "x86_64-linux",
        });
        let footer = json!({"store_dir": "/nix/store", "hash": hash, "name": name, "origin": origin});
        self.line(b"p", footer.to_string().as_bytes());
    }

    pub fn finish(self) -> W {
        self.to.finish().unwrap()
    }

    fn line(&mut self, meta: &[u8], path: &[u8]) {
        let common = self.before.iter().zip(path).take_while(|(a, b)| a == b).count();
        let shared = if meta == b"p" { 0 } else { common };
        let difference = shared.cast_signed() - self.shared.cast_signed();
        self.to.write_all(meta).unwrap();
        self.to.write_all(&[0]).unwrap();
        match i8::try_from(difference) {
            Ok(small) if (-126..=126).contains(&small) => self.to.write_all(&small.to_be_bytes()).unwrap(),
            _ => {
                self.to.write_all(&[0x80]).unwrap();
                self.to.write_all(&i16::try_from(difference).unwrap().to_be_bytes()).unwrap();
            }
        }
        self.to.write_all(&path[shared..]).unwrap();
        self.to.write_all(b"\n").unwrap();
        self.before = path.to_vec();
        self.shared = shared;
    }
}
