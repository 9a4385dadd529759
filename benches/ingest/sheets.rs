//! Pages of the sample as pictures, and what scanning does to them.

use std::path::{Path, PathBuf};

use image::imageops;
use image::{ImageBuffer, Pixel, RgbImage};

use super::{SAMPLE, TruthFile, seconds_of};

/// As an office scanner scans.
pub(crate) const DPI: &str = "200";
/// A page with fewer characters is a form or a signature.
const CHARS_MIN: usize = 120;

/// A page and what stands on it.
pub(crate) struct Sheet {
    pub(crate) picture: RgbImage,
    pub(crate) text: String,
}

/// The pages of the sample that are full of text, as pictures; nothing without pdftoppm.
pub(crate) fn sheets(files: &[&TruthFile], folder: &Path) -> Option<Vec<Sheet>> {
    let mut sheets = Vec::new();
    for (i, file) in files.iter().enumerate() {
        let out = folder.join(format!("{i:02}"));
        let path = Path::new(SAMPLE).join(&file.file);
        seconds_of("pdftoppm", &["-r", DPI, "-png", path.to_str()?, out.to_str()?])?;
        let mut pictures: Vec<PathBuf> = std::fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&format!("{i:02}-"))))
            .collect();
        pictures.sort();
        for (picture, page) in pictures.iter().zip(&file.pages) {
            if page.text.chars().count() >= CHARS_MIN {
                sheets.push(Sheet { picture: image::open(picture).ok()?.to_rgb8(), text: page.text.clone() });
            }
        }
    }
    Some(sheets)
}

/// A picture in grey or colour.
type Picture<P> = ImageBuffer<P, Vec<u8>>;

/// Turned about its middle, the corners white.
pub(crate) fn leaning<P: Pixel<Subpixel = u8>>(sheet: &Picture<P>, degrees: f64) -> Picture<P> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (f64::from(sheet.width()), f64::from(sheet.height()));
    let white = *P::from_slice(&[255; 4][..usize::from(P::CHANNEL_COUNT)]);
    ImageBuffer::from_fn(sheet.width(), sheet.height(), |x, y| {
        let (dx, dy) = (f64::from(x) - w / 2.0, f64::from(y) - h / 2.0);
        let (sx, sy) = (dx * cos + dy * sin + w / 2.0, dy * cos - dx * sin + h / 2.0);
        imageops::interpolate_bilinear(sheet, sx as f32, sy as f32).unwrap_or(white)
    })
}

/// The grain of a scanner and a soft lens: a sheet is never as sharp and as white as it was drawn.
pub(crate) fn scanned<P: Pixel<Subpixel = u8> + 'static>(sheet: &Picture<P>, seed: u64) -> Picture<P> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = imageops::blur(sheet, 0.7);
    for p in out.pixels_mut() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let grain = (state % 17) as i32 - 8;
        p.apply(|c| (i32::from(c) * 240 / 255 + grain).clamp(0, 255) as u8);
    }
    out
}
