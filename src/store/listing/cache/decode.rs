//! Files of a cache as they were before they were compressed.
//!
//! Nix compresses a listing once, when it is uploaded, and stores it with that `Content-Encoding` whatever is asked for:
//! brotli for years, zstd now. What is not known is an error: a listing misread as an empty one would hide collisions.

use std::io::{self, BufRead, BufReader, Read};

const CHUNK: usize = 64 << 10;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Told by nobody; the first bytes do.
    Unsaid,
    Brotli,
    Zstd,
    Gzip,
}

impl Encoding {
    /// The meaning of a `Content-Encoding`; `None` if it is not known.
    pub fn of_header(value: &str) -> Option<Self> {
        match value.trim().to_ascii_lowercase().as_str() {
            // A mirror that copied the files may have lost the header.
            "" | "identity" | "none" => Some(Self::Unsaid),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            _ => None,
        }
    }

    /// By the first bytes. Brotli has no mark, so it is what is nothing else.
    fn of_content(start: &[u8]) -> io::Result<Option<Self>> {
        match start {
            [] => Ok(None),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Some(Self::Zstd)),
            [0x1f, 0x8b, ..] => Ok(Some(Self::Gzip)),
            [0xfd, b'7', b'z', ..] => Err(io::Error::other("it is compressed with xz, which is not supported")),
            _ if start.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace()) => Ok(None),
            _ => Ok(Some(Self::Brotli)),
        }
    }
}

/// All that `from` holds, decompressed; an error if that is more than `most` bytes, or if it is no longer wanted.
pub(super) fn read(
    from: impl Read,
    encoding: Encoding,
    most: usize,
    is_wanted: &dyn Fn() -> bool,
) -> io::Result<Vec<u8>> {
    let mut from = BufReader::with_capacity(CHUNK, While { from, is_wanted });
    let encoding = match encoding {
        // 16 bytes of text are text; the shortest listing has more.
        Encoding::Unsaid => Encoding::of_content(&from.fill_buf()?.iter().copied().take(16).collect::<Vec<_>>())?,
        said => Some(said),
    };
    let mut decoded: Box<dyn Read> = match encoding {
        None | Some(Encoding::Unsaid) => Box::new(from),
        Some(Encoding::Brotli) => Box::new(brotli::Decompressor::new(from, CHUNK)),
        Some(Encoding::Zstd) => Box::new(zstd::Decoder::with_buffer(from)?),
        Some(Encoding::Gzip) => Box::new(flate2::bufread::MultiGzDecoder::new(from)),
    };
    let mut content = Vec::new();
    // One byte more than there may be tells that there is more.
    let all = decoded.by_ref().take(most as u64 + 1).read_to_end(&mut content);
    if content.len() > most {
        return Err(io::Error::other(format!("it has more than {} MiB", most >> 20)));
    }
    all.map(|_| content)
}

/// Reads only as long as that is wanted.
struct While<'a, R> {
    from: R,
    is_wanted: &'a dyn Fn() -> bool,
}

impl<R: Read> Read for While<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if (self.is_wanted)() { self.from.read(to) } else { Err(io::Error::other("stopped")) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const TEXT: &[u8] =
        br#"{"version":1,"root":{"type":"directory","entries":{"b":{"type":"directory","entries":{}}}}}"#;

    fn brotli(text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        brotli::BrotliCompress(&mut &*text, &mut packed, &brotli::enc::BrotliEncoderParams::default()).unwrap();
        packed
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    fn decode(packed: &[u8], encoding: Encoding) -> Result<Vec<u8>, String> {
        read(packed, encoding, 1 << 20, &|| true).map_err(|error| error.to_string())
    }

    fn all() -> [(Encoding, Vec<u8>); 3] {
        let zstd = zstd::encode_all(TEXT, 3).unwrap();
        [(Encoding::Brotli, brotli(TEXT)), (Encoding::Zstd, zstd), (Encoding::Gzip, gzip(TEXT))]
    }

    #[test]
    fn every_encoding_is_read_whether_it_is_said_or_not() {
        assert_eq!(decode(TEXT, Encoding::Unsaid).unwrap(), TEXT);
        for (encoding, packed) in all() {
            assert_eq!(decode(&packed, encoding).unwrap(), TEXT, "{encoding:?}");
            assert_eq!(decode(&packed, Encoding::Unsaid).unwrap(), TEXT, "{encoding:?}");
        }
    }

    #[test]
    fn what_is_cut_short_or_damaged_is_an_error() {
        for (encoding, packed) in all() {
            for end in 0..packed.len() {
                assert!(decode(&packed[..end], encoding).is_err(), "{encoding:?} {end} of {}", packed.len());
            }
            assert!(decode(b"\x01\x02\x03\xffrubbish", encoding).is_err(), "{encoding:?}");
        }
        assert!(decode(b"\xfd7zXZ\0", Encoding::Unsaid).unwrap_err().contains("xz"));
        assert!(decode(b"\x01\x02\x03\xffrubbish", Encoding::Unsaid).is_err());
    }

    #[test]
    fn a_small_file_that_unpacks_to_much_is_refused() {
        let much = vec![b' '; 2 << 20];
        for packed in [brotli(&much), zstd::encode_all(&*much, 3).unwrap(), gzip(&much), much] {
            assert_eq!(decode(&packed, Encoding::Unsaid).unwrap_err(), "it has more than 1 MiB");
        }
    }

    #[test]
    fn what_is_not_wanted_is_not_read() {
        assert_eq!(read(TEXT, Encoding::Unsaid, 1 << 20, &|| false).unwrap_err().to_string(), "stopped");
    }
}
