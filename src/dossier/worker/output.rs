//! Page images for the screens: small PNG for drawn pages, JPEG for photographed ones.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, RgbImage};

use super::Unreadable;

const JPEG_QUALITY: u8 = 80;
/// Steps per colour channel of a drawn page: four keep text smooth and seals red, and the file small.
const STEPS: usize = 4;
/// Above this distance between channels a pixel has a colour.
const COLOUR: u8 = 24;

/// The media type and bytes of an image. `photo`: scanned or photographed.
pub(super) fn encode(image: &DynamicImage, photo: bool) -> Result<(&'static str, Vec<u8>), Unreadable> {
    let unwritable = |e: &dyn std::fmt::Display| Unreadable::new(format!("页面图像无法生成（{e}）"));
    let rgb = image.to_rgb8();
    let mut out = Vec::new();
    let gray = is_gray(&rgb);
    if photo {
        let encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
        let done =
            if gray { image.to_luma8().write_with_encoder(encoder) } else { rgb.write_with_encoder(encoder) };
        done.map_err(|e| unwritable(&e))?;
        return Ok(("image/jpeg", out));
    }
    let written = if gray { write_gray(&rgb, &mut out) } else { write_palette(&rgb, &mut out) };
    written.map_err(|e| unwritable(&e))?;
    Ok(("image/png", out))
}

fn is_gray(image: &RgbImage) -> bool {
    image.pixels().all(|p| {
        let [r, g, b] = p.0;
        r.max(g).max(b) - r.min(g).min(b) <= COLOUR
    })
}

fn step(v: u8) -> usize {
    (usize::from(v) * (STEPS - 1) + 127) / 255
}

/// Two bits a pixel.
fn write_gray(image: &RgbImage, out: &mut Vec<u8>) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(out, image.width(), image.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let row_bytes = (image.width() as usize).div_ceil(4);
    let mut data = Vec::with_capacity(row_bytes * image.height() as usize);
    for row in image.rows() {
        let levels: Vec<u8> = row.map(|p| step(p.0[1]) as u8).collect();
        data.extend(levels.chunks(4).map(|four| {
            let byte = four.iter().fold(0, |byte, level| byte << 2 | level);
            byte << (2 * (4 - four.len()))
        }));
    }
    encoder.write_header()?.write_image_data(&data)
}

/// A palette of the cube of colour steps.
fn write_palette(image: &RgbImage, out: &mut Vec<u8>) -> Result<(), png::EncodingError> {
    let level = |n: usize| (n * 255 / (STEPS - 1)) as u8;
    let palette: Vec<u8> = (0..STEPS.pow(3))
        .flat_map(|i| [level(i / (STEPS * STEPS)), level(i / STEPS % STEPS), level(i % STEPS)])
        .collect();
    let mut encoder = png::Encoder::new(out, image.width(), image.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let data: Vec<u8> = image
        .pixels()
        .map(|p| (step(p.0[0]) * STEPS * STEPS + step(p.0[1]) * STEPS + step(p.0[2])) as u8)
        .collect();
    encoder.write_header()?.write_image_data(&data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_page_keeps_black_white_and_the_red_of_seals() {
        let mut page = RgbImage::from_pixel(5, 2, image::Rgb([255, 255, 255]));
        page.put_pixel(1, 0, image::Rgb([0, 0, 0]));
        let gray = encode(&page.clone().into(), false).map(|(_, bytes)| bytes).ok();
        page.put_pixel(4, 1, image::Rgb([255, 0, 0]));
        let red = encode(&page.clone().into(), false).map(|(_, bytes)| bytes).ok();
        for (bytes, at, colour) in
            [(&gray, (1, 0), [0, 0, 0]), (&red, (1, 0), [0, 0, 0]), (&red, (4, 1), [255, 0, 0])]
        {
            let bytes = bytes.as_deref().expect("encoded");
            let back = image::load_from_memory(bytes).expect("a PNG").to_rgb8();
            assert_eq!(back.dimensions(), (5, 2));
            assert_eq!(back.get_pixel(at.0, at.1).0, colour);
            assert_eq!(back.get_pixel(0, 0).0, [255, 255, 255]);
        }
    }
}
