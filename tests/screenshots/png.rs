//! SVG as PNG, which says what SVG it was made from.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};
use sha2::{Digest as _, Sha256};

use super::svg::FONT;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The chunk that holds the hash of the SVG: a keyword, a zero, and the hash in letters.
const KEYWORD: &[u8] = b"Source\0";

/// The fonts in `assets/`; those of the machine are not asked.
pub fn fonts() -> Result<Arc<fontdb::Database>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let mut fonts = fontdb::Database::new();
    for file in ["DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"] {
        fonts.load_font_data(std::fs::read(folder.join(file))?);
    }
    let is_there = fonts.faces().all(|face| face.families.iter().any(|(name, _)| name == FONT));
    if is_there { Ok(Arc::new(fonts)) } else { Err(format!("{} holds other fonts", folder.display()).into()) }
}

/// What a picture says it was made from.
pub fn hash(svg: &str) -> String {
    Sha256::digest(svg).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash in a PNG, if it has one.
pub fn source(png: &[u8]) -> Option<String> {
    let mut rest = png.strip_prefix(SIGNATURE)?;
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        let (name, data) = (rest.get(4..8)?, rest.get(8..8 + length)?);
        if name == b"tEXt"
            && let Some(hash) = data.strip_prefix(KEYWORD)
        {
            return String::from_utf8(hash.to_vec()).ok();
        }
        rest = rest.get(12 + length..)?;
    }
}

pub fn png(svg: &str, fonts: &Arc<fontdb::Database>) -> Result<Vec<u8>> {
    let options = usvg::Options { fontdb: Arc::clone(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let mut picture = Pixmap::new(size.width(), size.height()).ok_or("an empty picture")?;
    resvg::render(&tree, Transform::identity(), &mut picture.as_mut());
    encode(&picture, &hash(svg))
}

/// A PNG with a palette if that is enough, else with three bytes for each pixel.
fn encode(picture: &Pixmap, source: &str) -> Result<Vec<u8>> {
    // Nothing shines through: the background is opaque.
    let pixels: Vec<[u8; 3]> =
        picture.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let palette: Vec<[u8; 3]> = pixels.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let has_palette = palette.len() <= 256;
    let mut rows = Vec::new();
    for row in pixels.chunks(picture.width() as usize) {
        rows.push(0); // no filter
        for pixel in row {
            match palette.binary_search(pixel) {
                Ok(at) if has_palette => rows.push(u8::try_from(at)?),
                _ => rows.extend_from_slice(pixel),
            }
        }
    }
    let mut png = SIGNATURE.to_vec();
    let mut header = [picture.width().to_be_bytes(), picture.height().to_be_bytes()].concat();
    header.extend([8, if has_palette { 3 } else { 2 }, 0, 0, 0]);
    chunk(&mut png, *b"IHDR", &header)?;
    chunk(&mut png, *b"tEXt", &[KEYWORD, source.as_bytes()].concat())?;
    if has_palette {
        chunk(&mut png, *b"PLTE", &palette.concat())?;
    }
    let mut data = ZlibEncoder::new(Vec::new(), Compression::best());
    data.write_all(&rows)?;
    chunk(&mut png, *b"IDAT", &data.finish()?)?;
    chunk(&mut png, *b"IEND", &[])?;
    Ok(png)
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) -> Result<()> {
    png.extend(u32::try_from(data.len())?.to_be_bytes());
    let start = png.len();
    png.extend(name);
    png.extend(data);
    let sum = crc32fast::hash(&png[start..]);
    png.extend(sum.to_be_bytes());
    Ok(())
}
