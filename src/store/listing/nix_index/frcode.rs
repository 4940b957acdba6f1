//! Lines that share beginnings with the line before: the coding of nix-index' database.
//!
//! `<meta> NUL <difference> <rest of the path> LF`, where the difference is by how much more, or less, of the path
//! before is shared than it was there: one byte from -126 to 126, else 0x80 and two bytes, the high one first. All of it
//! but the meta may hold LF or NUL bytes in the difference alone.

use std::io::{self, BufRead};

/// Longest meta, and longest path: a path or target of Linux, or a line of JSON.
const MAX_PART: usize = 64 << 10;

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub meta: &'a [u8],
    pub path: &'a [u8],
}

/// Reads line by line.
#[derive(Debug)]
pub struct Lines<R> {
    from: R,
    meta: Vec<u8>,
    path: Vec<u8>,
    /// How much of the path is of the line before.
    shared: usize,
}

impl<R: BufRead> Lines<R> {
    pub fn new(from: R) -> Self {
        Self { from, meta: Vec::new(), path: Vec::new(), shared: 0 }
    }

    /// The next line, or `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.meta.clear();
        if !read_until(&mut self.from, 0, &mut self.meta)? {
            return if self.meta.is_empty() { Ok(None) } else { Err(cut_short()) };
        }
        let difference = self.difference()?;
        let shared = self.shared.checked_add_signed(difference).filter(|&shared| shared <= self.path.len());
        self.shared = shared.ok_or_else(|| damaged("a path shares more with the one before than there is"))?;
        self.path.truncate(self.shared);
        if !read_until(&mut self.from, b'\n', &mut self.path)? {
            return Err(cut_short());
        }
        Ok(Some(Line { meta: &self.meta, path: &self.path }))
    }

    fn difference(&mut self) -> io::Result<isize> {
        match self.bytes()? {
            [0x80] => self.bytes().map(|bytes| i16::from_be_bytes(bytes).into()),
            byte => Ok(i8::from_be_bytes(byte).into()),
        }
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Adds what comes before the next `end` to `part`; false if there is no `end` any more.
fn read_until(from: &mut impl BufRead, end: u8, part: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let ready = match from.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            ready => ready?,
        };
        let found = memchr::memchr(end, ready);
        let length = found.unwrap_or(ready.len());
        if part.len() + length > MAX_PART {
            return Err(damaged("a line is longer than any can be"));
        }
        part.extend_from_slice(&ready[..length]);
        let is_over = ready.is_empty();
        from.consume(length + usize::from(found.is_some()));
        if found.is_some() || is_over {
            return Ok(found.is_some());
        }
    }
}

pub(super) fn damaged(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

fn cut_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut short within a line")
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same lines as nix-index would write them.
    pub fn write<'a>(lines: impl IntoIterator<Item = (&'a [u8], &'a [u8])>, to: &mut Vec<u8>) {
        let (mut before, mut shared): (&[u8], isize) = (b"", 0);
        for (meta, path) in lines {
            let now = before.iter().zip(path).take_while(|(a, b)| a == b).count().cast_signed();
            // The line of a package shares nothing.
            let now = if meta == b"p" { 0 } else { now };
            to.extend_from_slice(meta);
            to.push(0);
            match i8::try_from(now - shared) {
                Ok(small) if (-126..=126).contains(&small) => to.push(small.to_be_bytes()[0]),
                _ => {
                    to.push(0x80);
                    to.extend(i16::try_from(now - shared).unwrap().to_be_bytes());
                }
            }
            to.extend_from_slice(&path[now.cast_unsigned()..]);
            to.push(b'\n');
            (before, shared) = (path, now);
        }
    }

    fn read(bytes: &[u8], buffer: usize) -> io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut lines = Lines::new(io::BufReader::with_capacity(buffer, bytes));
        let mut all = Vec::new();
        while let Some(line) = lines.next()? {
            all.push((line.meta.to_vec(), line.path.to_vec()));
        }
        Ok(all)
    }

    /// Paths of which many share a few bytes with the one before, and some hundreds.
    fn lines() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
        let part = prop_oneof![
            "[a-c]{0,3}".prop_map(String::into_bytes),
            (0..400_usize).prop_map(|length| vec![b'x'; length]),
            prop::collection::vec(any::<u8>().prop_filter("LF", |&byte| byte != b'\n'), 0..5),
        ];
        let path = prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat());
        let meta = "[0-9]{0,3}[rxsdp]".prop_map(String::into_bytes);
        prop::collection::vec((meta, path), 0..20)
    }

    fn written(lines: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(lines.iter().map(|(meta, path)| (meta.as_slice(), path.as_slice())), &mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(lines in lines(), buffer in 1..50_usize) {
            prop_assert_eq!(read(&written(&lines), buffer).unwrap(), lines);
        }

        #[test]
        fn half_of_it_gives_the_whole_lines_or_an_error(lines in lines(), cut in any::<prop::sample::Index>()) {
            let bytes = written(&lines);
            if let Ok(read) = read(&bytes[..cut.index(bytes.len() + 1)], 64) {
                prop_assert!(lines.starts_with(&read));
            }
        }

        #[test]
        fn rubbish_is_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes, 16);
        }
    }

    #[test]
    fn differences_are_one_byte_or_three() {
        assert_eq!(read(b"d\0\0/\nd\0\x01a\n", 64).unwrap()[1].1, b"/a");
        let long = [b"1r\0\0".as_slice(), &[b'x'; 300], b"\n2r\0\x80\x01\x2cy\n3r\0\x80\xfe\xd4z\n"].concat();
        let paths: Vec<_> = read(&long, 64).unwrap().into_iter().map(|(_, path)| path).collect();
        assert_eq!(paths[1], [&[b'x'; 300][..], b"y"].concat());
        assert_eq!(paths[2], b"z");
        // A difference may look like the end of a line, or of a meta.
        assert_eq!(read(b"d\0\0/ten bytes\nr\0\n!\n", 64).unwrap()[1].1, b"/ten bytes!");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (bytes, wanted) in [
            (&b"d\0\x01/\n"[..], "shares more"),
            (b"d\0\xff/\n", "shares more"),
            (b"d\0\x80\x7f\xff/\n", "shares more"),
            (b"d", "cut short"),
            (b"d\0\0/", "cut short"),
        ] {
            assert!(read(bytes, 64).unwrap_err().to_string().contains(wanted), "{bytes:?}");
        }
        assert!(read(&[b'x'; 1 << 20], 64).unwrap_err().to_string().contains("longer than any"));
    }
}
