//! A rendered page as a file for the browser: small for text, faithful for photographs.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder};

use super::Unreadable;

const JPEG_QUALITY: u8 = 82;
/// Grey levels of a page of text: more only cost bytes.
const LEVELS: u16 = 16;
/// A pixel is coloured when its channels lie so far apart.
const COLOUR: u8 = 24;

/// Media type and bytes.
pub(super) fn encode(page: &DynamicImage) -> Result<(&'static str, Vec<u8>), Unreadable> {
    let rgb = page.to_rgb8();
    let total = (rgb.width() as usize * rgb.height() as usize).max(1);
    let (mut coloured, mut middle) = (0usize, 0usize);
    for p in rgb.pixels() {
        let [r, g, b] = p.0;
        coloured += usize::from(r.max(g).max(b) - r.min(g).min(b) > COLOUR);
        middle += usize::from((48..=232).contains(&g));
    }
    let mut out = Vec::new();
    // Text is black on white with thin edges; a scan or photograph is mostly in between.
    if middle * 4 > total {
        JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY).encode_image(&rgb)?;
        return Ok(("image/jpeg", out));
    }
    let (w, h) = (rgb.width(), rgb.height());
    let png = PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Adaptive);
    if coloured * 5000 > total {
        png.write_image(rgb.as_raw(), w, h, ExtendedColorType::Rgb8)?;
    } else {
        let mut grey = page.to_luma8();
        grey.pixels_mut().for_each(|p| p.0[0] = quantised(p.0[0]));
        png.write_image(grey.as_raw(), w, h, ExtendedColorType::L8)?;
    }
    Ok(("image/png", out))
}

fn quantised(v: u8) -> u8 {
    let step = 255.0 / f32::from(LEVELS - 1);
    ((f32::from(v) / step).round() * step).round() as u8
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    #[test]
    fn a_page_of_text_becomes_png_and_a_photograph_jpeg() {
        let text = GrayImage::from_fn(200, 200, |x, y| Luma([if x % 9 == 0 && y % 5 < 3 { 10 } else { 255 }]));
        let photo = GrayImage::from_fn(200, 200, |x, y| Luma([80 + ((x * 7 + y * 3) % 90) as u8]));
        assert_eq!(encode(&text.into()).map(|(t, _)| t).map_err(|e| e.0), Ok("image/png"));
        assert_eq!(encode(&photo.into()).map(|(t, _)| t).map_err(|e| e.0), Ok("image/jpeg"));
    }
}
