//! Pictures made larger or smaller: what lies between pixels, or the mean of those that fall together.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::imageops;
use image::{DynamicImage, GrayImage, RgbImage};

/// A grey picture of another size.
pub(super) fn gray(picture: &GrayImage, width: u32, height: u32) -> GrayImage {
    let scaled = resized(picture.as_raw(), picture.dimensions(), (width, height), PixelType::U8);
    scaled
        .and_then(|pixels| GrayImage::from_raw(width, height, pixels))
        .unwrap_or_else(|| imageops::resize(picture, width, height, imageops::FilterType::Triangle))
}

/// A picture of another size.
pub(super) fn picture(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    let scaled = match picture {
        DynamicImage::ImageLuma8(p) => return gray(p, width, height).into(),
        DynamicImage::ImageRgb8(p) => resized(p.as_raw(), p.dimensions(), (width, height), PixelType::U8x3)
            .and_then(|pixels| RgbImage::from_raw(width, height, pixels)),
        _ => None,
    };
    scaled.map_or_else(|| picture.resize_exact(width, height, imageops::FilterType::Triangle), Into::into)
}

/// `None` for a picture without pixels.
fn resized(pixels: &[u8], from: (u32, u32), to: (u32, u32), kind: PixelType) -> Option<Vec<u8>> {
    let source = fast_image_resize::images::ImageRef::new(from.0, from.1, pixels, kind).ok()?;
    let mut scaled = Image::new(to.0, to.1, kind);
    let how = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    Resizer::new().resize(&source, &mut scaled, &how).ok()?;
    Some(scaled.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgb};

    #[test]
    fn a_picture_is_scaled_as_the_slow_way_does() {
        let rgb = RgbImage::from_fn(97, 61, |x, y| Rgb([(x * 2) as u8, (y * 4) as u8, (x ^ y) as u8]));
        let grey = GrayImage::from_fn(97, 61, |x, y| Luma([((x * y) % 251) as u8]));
        for (w, h) in [(40, 25), (97, 61), (240, 150), (1, 1)] {
            let near =
                |a: &[u8], b: &[u8]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 2);
            let slow = imageops::resize(&grey, w, h, imageops::FilterType::Triangle);
            assert!(near(gray(&grey, w, h).as_raw(), slow.as_raw()), "grey {w}×{h}");
            let slow = imageops::resize(&rgb, w, h, imageops::FilterType::Triangle);
            let fast = picture(&rgb.clone().into(), w, h).to_rgb8();
            assert!(near(fast.as_raw(), slow.as_raw()), "colour {w}×{h}");
        }
    }
}
