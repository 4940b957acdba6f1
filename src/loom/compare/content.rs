//! What a file holds, by its first bytes.

/// How far a file is looked at for bytes that text has not, in bytes.
const LOOKED_AT: usize = 8 << 10;

/// First bytes that tell a kind of content, as the formats' own documents give them.
const MAGIC: [(&[u8], &str); 24] = [
    (b"\x7fELF", "ELF"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"!<arch>\n", "ar"),
    (b"!<thin>\n", "ar"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF-", "PDF"),
    (b"\0asm", "WebAssembly"),
    (b"\xca\xfe\xba\xbe", "Mach-O or Java class"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"\xde\x12\x04\x95", "gettext catalogue"),
    (b"\x95\x04\x12\xde", "gettext catalogue"),
    (b"SQLite format 3\0", "SQLite"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"OTTO", "font"),
    (b"\0\x01\0\0\0", "font"),
    (b"nix-archive-1", "NAR"),
];

/// The kind of content that begins with `head`: a format, `script`, `text`, `empty` or `data`.
pub(super) fn kind(head: &[u8]) -> &'static str {
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return name;
    }
    match head {
        [] => "empty",
        _ if head.get(257..262) == Some(b"ustar") => "tar",
        _ if head.starts_with(b"#!") && is_text(head) => "script",
        _ if is_text(head) => "text",
        _ => "data",
    }
}

/// Whether it is UTF-8 or mostly printable, without NUL: at most one byte in ten that is neither.
pub(super) fn is_text(head: &[u8]) -> bool {
    let head = &head[..head.len().min(LOOKED_AT)];
    let odd =
        |byte: &&u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c' | b'\x08' | b'\x1b');
    let odd: usize = head
        .utf8_chunks()
        .map(|chunk| chunk.valid().as_bytes().iter().filter(odd).count() + chunk.invalid().len())
        .sum();
    !head.contains(&0) && odd * 10 <= head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_told_by_their_first_bytes() {
        for (head, name) in [
            (&b"\x7fELF\x02\x01"[..], "ELF"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"#!/bin/sh\n", "script"),
            (b"plain\n", "text"),
            (b"", "empty"),
            (b"\x00\x01\x02", "data"),
            (b"BZ", "text"),
        ] {
            assert_eq!(kind(head), name, "{head:?}");
        }
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(kind(&tar), "tar");
    }

    #[test]
    fn text_is_what_a_person_can_read() {
        assert!(is_text("naïve, 日本語\n".as_bytes()));
        assert!(is_text(b"mostly latin-1: M\xfcller and others\n"));
        assert!(!is_text(b"\xff\xfe\xfd\xfc"));
        assert!(!is_text(b"text with a \0 in it"));
        // A letter that is cut where the look ends is no reason to call it data.
        let long = "é".repeat(LOOKED_AT);
        assert!(is_text(&long.as_bytes()[1..]));
    }
}
