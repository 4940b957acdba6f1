//! What is on the cells of a terminal as SVG, and that as PNG.

use std::fmt::Write as _;
use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

const FONT: &str = "DejaVu Sans Mono";
const FONT_SIZE: f32 = 14.0;
/// With this font and size, lines drawn with box characters join.
const CELL: (f32, f32) = (8.43, 16.5);
const BASELINE: f32 = 12.75;
const PADDING: f32 = 10.0;

/// The sixteen colours of a terminal, and its own two.
#[derive(Clone, Copy)]
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

    /// The colours that the default theme uses.
    fn colour(self, colour: Color) -> Option<Rgb> {
        Some(match (self, colour) {
            (Self::Dark, Color::Red) => (0xf0, 0x71, 0x78),
            (Self::Dark, Color::Green) => (0x8f, 0xc9, 0x7a),
            (Self::Dark, Color::Magenta) => (0xc9, 0x93, 0xe0),
            (Self::Dark, Color::Cyan) => (0x5f, 0xc4, 0xd0),
            (Self::Light, Color::Red) => (0xc0, 0x2b, 0x33),
            (Self::Light, Color::Green) => (0x2e, 0x7d, 0x32),
            (Self::Light, Color::Magenta) => (0x8e, 0x35, 0xb0),
            (Self::Light, Color::Cyan) => (0x00, 0x75, 0x8a),
            _ => return None,
        })
    }

    /// Text and background of a cell.
    fn of(self, cell: &Cell) -> (Rgb, Option<Rgb>) {
        let mut text = self.colour(cell.fg).unwrap_or(self.foreground());
        if cell.modifier.contains(Modifier::DIM) {
            text = mix(text, self.background());
        }
        if cell.modifier.contains(Modifier::REVERSED) {
            return (self.background(), Some(text));
        }
        (text, None)
    }
}

/// The installed fonts, with the one that the cells are made for among them.
pub fn fonts() -> Result<Arc<fontdb::Database>, String> {
    let mut fonts = fontdb::Database::new();
    fonts.load_system_fonts();
    if fonts.faces().any(|face| face.families.iter().any(|(name, _)| name == FONT)) {
        Ok(Arc::new(fonts))
    } else {
        Err(format!("the font {FONT} is not installed (on Debian: package fonts-dejavu-core)"))
    }
}

/// The cells as SVG.
pub fn picture(buffer: &Buffer, cursor: Option<Position>, palette: Palette) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let width = f32::from(columns) * CELL.0 + 2.0 * PADDING;
    let height = f32::from(rows) * CELL.1 + 2.0 * PADDING;
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}' font-family='{FONT}' font-size='{FONT_SIZE}'>\
         <rect width='100%' height='100%' fill='{}'/>",
        width.ceil(),
        height.ceil(),
        hex(palette.background()),
    );
    for y in 0..rows {
        backgrounds(&mut svg, buffer, y, palette);
        for x in 0..columns {
            draw(&mut svg, &buffer[(x, y)], (x, y), palette);
        }
    }
    if let Some(at) = cursor {
        let (left, top) = corner((at.x, at.y));
        rectangle(&mut svg, (left, top + 1.0), (1.6, CELL.1 - 2.0), palette.foreground());
    }
    svg.push_str("</svg>");
    svg
}

/// One rectangle for all neighbours of one colour: between single ones thin lines would show.
fn backgrounds(svg: &mut String, buffer: &Buffer, y: u16, palette: Palette) {
    let colour = |x: u16| palette.of(&buffer[(x, y)]).1;
    let mut x = 0;
    while x < buffer.area.width {
        let from = x;
        while x < buffer.area.width && colour(x) == colour(from) {
            x += 1;
        }
        if let Some(fill) = colour(from) {
            rectangle(svg, corner((from, y)), (f32::from(x - from) * CELL.0, CELL.1), fill);
        }
    }
}

fn draw(svg: &mut String, cell: &Cell, at: (u16, u16), palette: Palette) {
    let (left, top) = corner(at);
    let (text, _) = palette.of(cell);
    let symbol = cell.symbol();
    if !symbol.trim().is_empty() {
        let weight = if cell.modifier.contains(Modifier::BOLD) { " font-weight='bold'" } else { "" };
        let symbol = symbol.replace('&', "&amp;").replace('<', "&lt;");
        let baseline = top + BASELINE;
        let _ = write!(svg, "<text x='{left:.2}' y='{baseline:.2}' fill='{}'{weight}>{symbol}</text>", hex(text));
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        rectangle(svg, (left, top + BASELINE + 1.5), (CELL.0, 1.0), text);
    }
}

fn corner((x, y): (u16, u16)) -> (f32, f32) {
    (PADDING + f32::from(x) * CELL.0, PADDING + f32::from(y) * CELL.1)
}

fn rectangle(svg: &mut String, (x, y): (f32, f32), (width, height): (f32, f32), fill: Rgb) {
    let fill = hex(fill);
    let _ = write!(svg, "<rect x='{x:.2}' y='{y:.2}' width='{width:.2}' height='{height:.2}' fill='{fill}'/>");
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn mix(a: Rgb, b: Rgb) -> Rgb {
    let part = |a: u8, b: u8| u8::try_from((u16::from(a) * 11 + u16::from(b) * 9) / 20).unwrap_or(a);
    (part(a.0, b.0), part(a.1, b.1), part(a.2, b.2))
}

pub fn png(svg: &str, fonts: &Arc<fontdb::Database>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let options = usvg::Options { fontdb: Arc::clone(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let mut picture = Pixmap::new(size.width(), size.height()).ok_or("an empty picture")?;
    resvg::render(&tree, Transform::identity(), &mut picture.as_mut());
    Ok(picture.encode_png()?)
}
