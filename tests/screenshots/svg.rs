//! What is on the cells of a terminal as SVG.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

pub const FONT: &str = "DejaVu Sans Mono";
/// Letters of the font are 9 pixels wide at this size, so that each lies on the pixels in the same way, and lines drawn with
/// box characters join.
const FONT_SIZE: f32 = 14.949;
const CELL: (u16, u16) = (9, 17);
const BASELINE: u16 = 13;
const PADDING: u16 = 10;

/// The sixteen colours of a terminal, and its own two.
#[derive(Clone, Copy, Debug)]
pub enum Palette {
    Dark,
    Light,
}

type Rgb = (u8, u8, u8);

impl Palette {
    fn background(self) -> Rgb {
        match self {
            Self::Dark => (0x16, 0x18, 0x1d),
            Self::Light => (0xfc, 0xfc, 0xfa),
        }
    }

    fn foreground(self) -> Rgb {
        match self {
            Self::Dark => (0xd6, 0xd9, 0xdf),
            Self::Light => (0x2a, 0x2d, 0x33),
        }
    }

    /// `None` for the terminal's own.
    fn colour(self, colour: Color) -> Option<Rgb> {
        Some(match (self, colour) {
            (_, Color::Reset) => return None,
            (_, Color::Rgb(red, green, blue)) => (red, green, blue),
            (Self::Dark, Color::Red) => (0xf0, 0x71, 0x78),
            (Self::Dark, Color::Green) => (0x8f, 0xc9, 0x7a),
            (Self::Dark, Color::Magenta) => (0xc9, 0x93, 0xe0),
            (Self::Dark, Color::Cyan) => (0x5f, 0xc4, 0xd0),
            (Self::Light, Color::Red) => (0xc0, 0x2b, 0x33),
            (Self::Light, Color::Green) => (0x2e, 0x7d, 0x32),
            (Self::Light, Color::Magenta) => (0x8e, 0x35, 0xb0),
            (Self::Light, Color::Cyan) => (0x00, 0x75, 0x8a),
            (_, other) => panic!("no theme had the colour {other} until now"),
        })
    }

    /// Text and background of a cell.
    fn of(self, cell: &Cell) -> (Rgb, Rgb) {
        let back = self.colour(cell.bg).unwrap_or(self.background());
        let mut text = self.colour(cell.fg).unwrap_or(self.foreground());
        if cell.modifier.contains(Modifier::DIM) {
            text = mix(text, back);
        }
        if cell.modifier.contains(Modifier::REVERSED) { (back, text) } else { (text, back) }
    }
}

/// The cells as SVG.
pub fn picture(buffer: &Buffer, cursor: Option<Position>, palette: Palette) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    // Around the cells it looks as in the corner of the terminal.
    let around = palette.of(&buffer[(0, rows - 1)]).1;
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}' font-family='{FONT}' font-size='{FONT_SIZE}'>\
         <rect width='100%' height='100%' fill='{}'/>\n",
        columns * CELL.0 + 2 * PADDING,
        rows * CELL.1 + 2 * PADDING,
        hex(around),
    );
    for y in 0..rows {
        backgrounds(&mut svg, buffer, y, palette, around);
        texts(&mut svg, buffer, y, palette);
        svg.push('\n');
    }
    if let Some(at) = cursor {
        let (left, top) = corner((at.x, at.y));
        rectangle(&mut svg, (left, top + 1), (2, CELL.1 - 2), palette.of(&buffer[at]).0);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The ends of the stretches of a row in which neighbours have the same.
fn stretches<T: PartialEq>(columns: u16, of: impl Fn(u16) -> T) -> Vec<(u16, u16)> {
    let mut stretches = Vec::new();
    let mut from = 0;
    for x in 1..=columns {
        if x == columns || of(x) != of(from) {
            stretches.push((from, x));
            from = x;
        }
    }
    stretches
}

fn backgrounds(svg: &mut String, buffer: &Buffer, y: u16, palette: Palette, around: Rgb) {
    let back = |x: u16| palette.of(&buffer[(x, y)]).1;
    for (from, to) in stretches(buffer.area.width, back) {
        if back(from) != around {
            rectangle(svg, corner((from, y)), ((to - from) * CELL.0, CELL.1), back(from));
        }
    }
}

fn texts(svg: &mut String, buffer: &Buffer, y: u16, palette: Palette) {
    let look = |x: u16| {
        let cell = &buffer[(x, y)];
        let modifier = cell.modifier & (Modifier::BOLD | Modifier::UNDERLINED);
        (palette.of(cell).0, modifier)
    };
    for (from, to) in stretches(buffer.area.width, look) {
        let (colour, modifier) = look(from);
        let cells = (from..to).map(|x| (x, buffer[(x, y)].symbol())).filter(|(_, symbol)| !symbol.trim().is_empty());
        let (mut places, mut letters) = (String::new(), String::new());
        for (x, symbol) in cells {
            assert_eq!(symbol.chars().count(), 1, "a position is that of one letter: {symbol:?}");
            let _ = write!(places, "{} ", corner((x, y)).0);
            letters.push_str(&symbol.replace('&', "&amp;").replace('<', "&lt;"));
        }
        let (left, top) = corner((from, y));
        if !letters.is_empty() {
            let weight = if modifier.contains(Modifier::BOLD) { " font-weight='bold'" } else { "" };
            let (places, baseline, fill) = (places.trim_end(), top + BASELINE, hex(colour));
            let _ = write!(svg, "<text x='{places}' y='{baseline}' fill='{fill}'{weight}>{letters}</text>");
        }
        if modifier.contains(Modifier::UNDERLINED) {
            rectangle(svg, (left, top + BASELINE + 2), ((to - from) * CELL.0, 1), colour);
        }
    }
}

fn corner((x, y): (u16, u16)) -> (u16, u16) {
    (PADDING + x * CELL.0, PADDING + y * CELL.1)
}

fn rectangle(svg: &mut String, (x, y): (u16, u16), (width, height): (u16, u16), fill: Rgb) {
    let fill = hex(fill);
    let _ = write!(svg, "<rect x='{x}' y='{y}' width='{width}' height='{height}' fill='{fill}'/>");
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn mix(a: Rgb, b: Rgb) -> Rgb {
    let part = |a: u8, b: u8| u8::try_from((u16::from(a) * 11 + u16::from(b) * 9) / 20).unwrap_or(a);
    (part(a.0, b.0), part(a.1, b.1), part(a.2, b.2))
}
