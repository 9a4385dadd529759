//! A picture file as a document of one page.

use std::path::Path;

use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::{PIXELS_MAX, Unreadable};

/// Width of A4 in page units.
const A4_WIDTH: i32 = 59_528;
/// A density is believed if the page is then between two and seventeen inches wide; cameras write 72 dpi by habit.
const WIDTH_BELIEVED: std::ops::RangeInclusive<f64> = 2.0 * 7200.0..=17.0 * 7200.0;

/// A decoded picture, turned as its camera says.
pub(super) struct Picture {
    image: DynamicImage,
    /// In page units.
    pub(super) size: (i32, i32),
}

impl Picture {
    pub(super) fn open(file: &Path) -> Result<Self, Unreadable> {
        let unreadable = |e: &dyn std::fmt::Display| Unreadable::new(format!("文件无法读取（{e}）"));
        let broken = || Unreadable::new("图片文件已损坏，无法打开，请重新提交");
        let bytes = std::fs::read(file).map_err(|e| unreadable(&e))?;
        let format = image::guess_format(&bytes)
            .map_err(|_| Unreadable::new("文件格式不受支持，请提交PDF、JPEG或PNG文件"))?;
        let reader = ImageReader::with_format(std::io::Cursor::new(&bytes), format);
        let mut decoder = reader.into_decoder().map_err(|_| broken())?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS_MAX || width == 0 || height == 0 {
            return Err(Unreadable::new(format!("图片有{width}×{height}像素，过大，请缩小后提交")));
        }
        let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut image = DynamicImage::from_decoder(decoder).map_err(|_| broken())?;
        image.apply_orientation(turned);
        let size = size(&image, density_dpi(&bytes, format));
        Ok(Self { image, size })
    }

    /// The picture, at most `width_px` wide: never blown up.
    pub(super) fn scaled(&self, width_px: u32) -> DynamicImage {
        if width_px >= self.image.width() {
            return self.image.clone();
        }
        let height = u64::from(self.image.height()) * u64::from(width_px) / u64::from(self.image.width());
        self.image.resize_exact(
            width_px,
            u32::try_from(height).unwrap_or(u32::MAX).max(1),
            FilterType::Triangle,
        )
    }
}

fn size(image: &DynamicImage, density_dpi: Option<f64>) -> (i32, i32) {
    let (w, h) = (f64::from(image.width()), f64::from(image.height()));
    let stated = density_dpi.map(|d| w * 7200.0 / d).filter(|w| WIDTH_BELIEVED.contains(w));
    let width = stated.unwrap_or(f64::from(A4_WIDTH));
    (width.round() as i32, (width * h / w).round().clamp(1.0, 1_440_000.0) as i32)
}

/// The density a JPEG (JFIF) or PNG (pHYs) states, in dots per inch.
fn density_dpi(bytes: &[u8], format: ImageFormat) -> Option<f64> {
    let be16 = |at: usize| Some(f64::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    match format {
        ImageFormat::Jpeg => {
            let jfif = bytes.get(..64)?.windows(5).position(|w| w == b"JFIF\0")?;
            let dots = be16(jfif + 8)?;
            match bytes.get(jfif + 7)? {
                1 => Some(dots),
                2 => Some(dots * 2.54),
                _ => None,
            }
        }
        ImageFormat::Png => {
            let at = bytes.get(..bytes.len().min(4096))?.windows(4).position(|w| w == b"pHYs")? + 4;
            let per_unit = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
            (bytes.get(at + 8) == Some(&1)).then(|| f64::from(per_unit) * 0.0254)
        }
        _ => None,
    }
    .filter(|d| *d > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_without_a_believable_density_is_as_wide_as_a4() {
        let image = DynamicImage::new_luma8(4000, 3000);
        assert_eq!(size(&image, None), (A4_WIDTH, 44_646));
        assert_eq!(size(&image, Some(72.0)), (A4_WIDTH, 44_646));
        assert_eq!(size(&image, Some(400.0)), (72_000, 54_000));
    }

    #[test]
    fn stated_densities_are_read_from_jpeg_and_png() {
        let jpeg =
            [&[0xff, 0xd8, 0xff, 0xe0, 0, 16][..], b"JFIF\0", &[1, 1, 1, 0, 200, 0, 200], &[0; 64]].concat();
        assert_eq!(density_dpi(&jpeg, ImageFormat::Jpeg), Some(200.0));
        let png = [&[0; 40][..], b"pHYs", &11811u32.to_be_bytes(), &11811u32.to_be_bytes(), &[1]].concat();
        assert_eq!(density_dpi(&png, ImageFormat::Png).map(f64::round), Some(300.0));
    }
}
