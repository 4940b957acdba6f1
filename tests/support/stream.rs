//! What a program has written to its terminal, taken apart: text and control sequences, as ECMA-48 and xterm have them.

use std::collections::BTreeMap;

/// One part of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Printable text and single control characters.
    Text(&'a [u8]),
    /// `ESC [ parameters final`.
    Control { parameters: &'a [u8], last: u8 },
    /// `ESC ] text` up to its end.
    Command(&'a [u8]),
    /// Any other sequence that begins with an escape.
    Other(&'a [u8]),
}

/// Begins and ends a synchronised update.
const BEGIN: Part = Part::Control { parameters: b"?2026", last: b'h' };
const END: Part = Part::Control { parameters: b"?2026", last: b'l' };

pub fn parts(mut stream: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(&first) = stream.first() {
        let end = |is_end: &dyn Fn(&[u8]) -> bool| (2..stream.len()).find(|&at| is_end(&stream[at..]));
        let (part, length) = match (first, stream.get(1)) {
            (0x1b, Some(b'[')) => match end(&|rest| (0x40..=0x7e).contains(&rest[0])) {
                Some(at) => (Part::Control { parameters: &stream[2..at], last: stream[at] }, at + 1),
                None => (Part::Other(stream), stream.len()),
            },
            (0x1b, Some(b']')) => match end(&|rest| rest[0] == 7 || rest.starts_with(b"\x1b\\")) {
                Some(at) => (Part::Command(&stream[2..at]), at + if stream[at] == 7 { 1 } else { 2 }),
                None => (Part::Other(stream), stream.len()),
            },
            (0x1b, Some(_)) => (Part::Other(&stream[..2]), 2),
            // What is not written to its end yet.
            (0x1b, None) => (Part::Other(stream), 1),
            _ => {
                let length = stream.iter().position(|&byte| byte == 0x1b).unwrap_or(stream.len());
                (Part::Text(&stream[..length]), length)
            }
        };
        parts.push(part);
        stream = &stream[length..];
    }
    parts
}

/// The private modes (`ESC [ ? number h`) that were ever set, each with whether it is set at the end.
pub fn private_modes(stream: &[u8]) -> BTreeMap<String, bool> {
    let mut modes = BTreeMap::new();
    for part in parts(stream) {
        if let Part::Control { parameters: [b'?', numbers @ ..], last: last @ (b'h' | b'l') } = part {
            for number in String::from_utf8_lossy(numbers).split(';') {
                modes.insert(number.to_owned(), last == b'h');
            }
        }
    }
    modes
}

/// Whether a mode by which a terminal tells of its mouse was ever set.
pub fn asks_for_mouse(stream: &[u8]) -> bool {
    const MOUSE: [&str; 8] = ["9", "1000", "1001", "1002", "1003", "1005", "1006", "1015"];
    parts(stream).iter().any(|part| match part {
        Part::Control { parameters: [b'?', numbers @ ..], last: b'h' } => {
            String::from_utf8_lossy(numbers).split(';').any(|number| MOUSE.contains(&number))
        }
        _ => false,
    })
}

/// The parameters of the first style (`ESC [ … m`) that asks for a colour. That of the terminal itself (39, 49) is none.
pub fn colour(stream: &[u8]) -> Option<String> {
    parts(stream).into_iter().find_map(|part| {
        let Part::Control { parameters, last: b'm' } = part else { return None };
        let style = String::from_utf8_lossy(parameters).into_owned();
        let is_colour =
            style.split([';', ':']).any(|number| matches!(number.parse(), Ok(30..=38 | 40..=48 | 58 | 90..=107_u32)));
        is_colour.then_some(style)
    })
}

/// The number of synchronised updates. Fails if one lies in another, if one is not ended, or if anything that is seen is
/// written outside of them before the last.
#[track_caller]
pub fn frames(stream: &[u8]) -> usize {
    let mut frames = 0;
    let mut is_inside = false;
    let parts = parts(stream);
    let last = parts.iter().rposition(|part| *part == END).map_or(0, |at| at + 1);
    for (at, part) in parts[..last].iter().enumerate() {
        match part {
            _ if *part == BEGIN => {
                assert!(!is_inside, "an update in an update");
                is_inside = true;
                frames += 1;
            }
            // The program ends one more when it gives the terminal back.
            _ if *part == END => is_inside = false,
            Part::Text(text) => {
                assert!(is_inside, "{:?} outside of an update, part {at}", String::from_utf8_lossy(text));
            }
            _ => {}
        }
    }
    assert!(!is_inside, "an update is not ended");
    frames
}

/// Fails if the terminal is not left in the state that it was in before the program began.
#[track_caller]
pub fn assert_given_back(stream: &[u8]) {
    for (mode, is_set) in private_modes(stream) {
        // All are off in a new terminal, but for the cursor, which is shown.
        assert_eq!(is_set, mode == "25", "the private mode {mode} is left");
    }
    let mut titles = 0;
    let mut is_styled = false;
    for part in parts(stream) {
        match part {
            Part::Control { parameters: b"22;0", last: b't' } => titles += 1,
            Part::Control { parameters: b"23;0", last: b't' } => titles -= 1,
            Part::Control { parameters, last: b'm' } => is_styled = !matches!(parameters, b"" | b"0"),
            // Sets what the keypad sends; modes without a number are set nowhere.
            Part::Other(b"\x1b=") => panic!("the keypad's mode is set"),
            Part::Control { parameters, last: b'h' } if !parameters.starts_with(b"?") => panic!("a mode is set"),
            Part::Control { parameters, last: b'r' } => panic!("scrolls only in {parameters:?}"),
            _ => {}
        }
    }
    assert_eq!(titles, 0, "the title is taken back as often as it was kept");
    assert!(!is_styled, "the style at the end is the terminal's own");
}
