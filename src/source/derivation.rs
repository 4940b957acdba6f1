//! Store derivations (`.drv`), which Nix writes when it evaluates a package: which outputs one has, what it takes, and the
//! arguments that its builder gets. All versions of Nix write them alike (Nix, `src/libstore/derivations.cc`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::safe;

/// No derivation is longer: that of an environment of 10,000 packages has some 2 MB.
const MAX_BYTES: u64 = 64 << 20;

/// What a `.drv` says, as far as it is needed here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Derivation {
    /// Name and path of each output, sorted by name; no path where only the build tells it.
    pub outputs: Vec<(String, Option<PathBuf>)>,
    /// The derivations of which it takes outputs.
    pub inputs: Vec<PathBuf>,
    pub system: String,
    pub builder: String,
    /// The variables of its builder; structured attributes are in `__json`.
    pub variables: BTreeMap<String, String>,
}

impl Derivation {
    /// The error says what is wrong, and is safe for a terminal.
    pub fn load(path: &Path) -> Result<Self, String> {
        let cannot = |why: String| format!("{} cannot be read: {why}", safe::path(path));
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| cannot(error.to_string()))?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot(error.to_string()))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(cannot("it is too long".to_owned()));
        }
        Self::parse(&bytes).ok_or_else(|| cannot("it is not written as Nix writes derivations".to_owned()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut text = Text(bytes.strip_prefix(b"Derive(")?);
        let mut derivation = Self::default();
        text.list(|text| {
            text.expect(b"(")?;
            let name = text.string()?;
            text.expect(b",")?;
            let path = PathBuf::from(text.string()?);
            // How it is hashed, and the hash.
            for _ in 0..2 {
                text.expect(b",")?;
                text.string()?;
            }
            derivation.outputs.push((name, Some(path).filter(|path| path.is_absolute())));
            text.expect(b")")
        })?;
        text.expect(b",")?;
        text.list(|text| {
            text.expect(b"(")?;
            derivation.inputs.push(text.string()?.into());
            text.expect(b",")?;
            text.list(|text| text.string().map(drop))?;
            text.expect(b")")
        })?;
        text.expect(b",")?;
        text.list(|text| text.string().map(drop))?;
        text.expect(b",")?;
        derivation.system = text.string()?;
        text.expect(b",")?;
        derivation.builder = text.string()?;
        text.expect(b",")?;
        text.list(|text| text.string().map(drop))?;
        text.expect(b",")?;
        text.list(|text| {
            text.expect(b"(")?;
            let name = text.string()?;
            text.expect(b",")?;
            derivation.variables.insert(name, text.string()?);
            text.expect(b")")
        })?;
        text.expect(b")")?;
        Some(derivation)
    }
}

/// What is still to be read.
struct Text<'a>(&'a [u8]);

impl Text<'_> {
    fn expect(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    fn list(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b"[")?;
        while self.expect(b"]").is_none() {
            item(self)?;
            // Between two items.
            if self.0.first() != Some(&b']') {
                self.expect(b",")?;
            }
        }
        Some(())
    }

    /// A string in quotes. What is not UTF-8 in it is replaced: no name of a package is anything else.
    fn string(&mut self) -> Option<String> {
        self.expect(b"\"")?;
        let mut bytes = Vec::new();
        loop {
            let at = self.0.iter().position(|&byte| matches!(byte, b'"' | b'\\'))?;
            bytes.extend_from_slice(&self.0[..at]);
            let is_end = self.0[at] == b'"';
            self.0 = &self.0[at + 1..];
            if is_end {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
            let (&letter, rest) = self.0.split_first()?;
            bytes.push(match letter {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => other,
            });
            self.0 = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &[u8] = br#"Derive([("dev","/s/d","",""),("out","","r:sha256","")],[("/s/a.drv",["dev","out"]),("/s/b.drv",["out"])],["/s/x.sh"],"system","/bin/sh",["-e","/s/x.sh"],[("empty",""),("text","a\"b\\\n\r\t${x}"),("out","")])"#;

    #[test]
    fn what_nix_writes_is_read() {
        let read = Derivation::parse(WRITTEN).unwrap();
        assert_eq!(read.outputs, [("dev".to_owned(), Some("/s/d".into())), ("out".to_owned(), None)]);
        assert_eq!(read.inputs, [Path::new("/s/a.drv"), Path::new("/s/b.drv")]);
        assert_eq!((&*read.system, &*read.builder), ("system", "/bin/sh"));
        assert_eq!(read.variables["text"], "a\"b\\\n\r\t${x}");
        assert_eq!(read.variables.len(), 3);
    }

    #[test]
    fn whatever_is_cut_off_is_no_derivation() {
        for end in 0..WRITTEN.len() {
            assert_eq!(Derivation::parse(&WRITTEN[..end]), None, "{end}");
        }
        assert!(Derivation::load(Path::new("/no/such.drv")).unwrap_err().starts_with("/no/such.drv cannot be read: "));
    }
}
