//! A picture file as a document.

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::{PIXELS_MAX, Unreadable, scale, tiff};

/// What scanners, cameras and telephones write.
const KNOWN: [ImageFormat; 5] =
    [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::WebP];

/// Width of A4 in page units.
const A4_WIDTH: i32 = 59_528;
/// A density is believed if the page is then between two and seventeen inches wide; cameras write 72 dpi by habit.
const WIDTH_BELIEVED: std::ops::RangeInclusive<f64> = 2.0 * 7200.0..=17.0 * 7200.0;

/// A picture file: one page, or as many as a TIFF holds.
pub(super) struct Picture {
    bytes: Vec<u8>,
    format: ImageFormat,
    /// Where a TIFF's pages are.
    directories: Vec<u64>,
    /// Of its pages, in page units.
    pub(super) sizes: Vec<(i32, i32)>,
    /// The page that was decoded last, turned as its camera says.
    page: (u32, DynamicImage),
}

impl Picture {
    pub(super) fn open(file: &Path) -> Result<Self, Unreadable> {
        let bytes = std::fs::read(file).map_err(|e| Unreadable::new(format!("文件无法读取（{e}）")))?;
        Self::read(bytes)
    }

    fn read(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let format = image::guess_format(&bytes)
            .ok()
            .filter(|f| KNOWN.contains(f))
            .ok_or_else(|| Unreadable::new("文件格式不受支持，请提交PDF、JPEG、PNG、TIFF、BMP或WebP文件"))?;
        let mut picture = Self {
            bytes,
            format,
            directories: Vec::new(),
            sizes: Vec::new(),
            page: (0, DynamicImage::default()),
        };
        if format == ImageFormat::Tiff {
            picture.directories = tiff::pages(&picture.bytes);
        }
        let density = density_dpi(&picture.bytes, format);
        for page in 1..=u32::try_from(picture.directories.len()).unwrap_or(1).max(1) {
            let (mut width, mut height, turned) = {
                let (decoder, turned) = picture.decoder(page)?;
                let (width, height) = decoder.dimensions();
                (width, height, turned)
            };
            if upright_is_across(turned) {
                (width, height) = (height, width);
            }
            picture.sizes.push(size(width, height, density));
        }
        // Of many pages each is its own risk; a file of one that cannot be decoded is refused, not filed.
        if picture.sizes.len() == 1 {
            picture.decode(1)?;
        }
        Ok(picture)
    }

    /// The decoder of a page, and how the page is to be turned. Looks at the header alone.
    fn decoder(&mut self, page: u32) -> Result<(impl ImageDecoder + '_, Orientation), Unreadable> {
        let at = (page as usize).checked_sub(1);
        if let Some(&directory) = at.and_then(|at| self.directories.get(at)) {
            tiff::turn_to(&mut self.bytes, directory);
        }
        let reader = ImageReader::with_format(std::io::Cursor::new(&self.bytes), self.format);
        let mut decoder = reader.into_decoder().map_err(|_| broken())?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS_MAX || width == 0 || height == 0 {
            return Err(Unreadable::new(format!("图片有{width}×{height}像素，过大，请缩小后提交")));
        }
        let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        Ok((decoder, turned))
    }

    fn decode(&mut self, page: u32) -> Result<(), Unreadable> {
        let (decoder, turned) = self.decoder(page)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(|_| broken())?;
        image.apply_orientation(turned);
        self.page = (page, image);
        Ok(())
    }

    /// The page, at most `width_px` wide: never blown up.
    pub(super) fn scaled(&mut self, page: u32, width_px: u32) -> Result<DynamicImage, Unreadable> {
        if self.page.0 != page {
            self.decode(page)?;
        }
        let image = &self.page.1;
        if width_px >= image.width() {
            return Ok(image.clone());
        }
        let height = u64::from(image.height()) * u64::from(width_px) / u64::from(image.width());
        let height = u32::try_from(height).unwrap_or(u32::MAX).max(1);
        Ok(scale::picture(image, width_px, height))
    }
}

fn broken() -> Unreadable {
    Unreadable::new("图片文件已损坏，无法打开，请重新提交")
}

fn upright_is_across(turned: Orientation) -> bool {
    match turned {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
    }
}

/// In page units, of a picture of so many pixels.
fn size(width: u32, height: u32, density_dpi: Option<f64>) -> (i32, i32) {
    let (w, h) = (f64::from(width), f64::from(height));
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
    #![allow(clippy::expect_used, reason = "a test ends where something is not as it must be")]
    use super::*;

    #[test]
    fn a_picture_without_a_believable_density_is_as_wide_as_a4() {
        assert_eq!(size(4000, 3000, None), (A4_WIDTH, 44_646));
        assert_eq!(size(4000, 3000, Some(72.0)), (A4_WIDTH, 44_646));
        assert_eq!(size(4000, 3000, Some(400.0)), (72_000, 54_000));
    }

    #[test]
    fn a_tiff_has_a_page_for_each_picture_in_it_and_a_break_costs_its_own_page() {
        let file = tiff::tests::grey(true, 40, &[10, 120, 250]);
        let mut picture = Picture::read(file.clone()).expect("readable");
        assert_eq!(picture.sizes, [(A4_WIDTH, A4_WIDTH); 3]);
        for (page, shade) in [(3, 250), (1, 10), (2, 120)] {
            let image = picture.scaled(page, 40).expect("decoded").to_luma8();
            assert_eq!(image.get_pixel(20, 20).0, [shade], "page {page}");
        }
        let mut torn = Picture::read(file[..file.len() - 100].to_vec()).expect("its directories are whole");
        assert!(torn.scaled(2, 40).is_ok() && torn.scaled(3, 40).is_err());
        let alone = tiff::tests::grey(false, 40, &[9]);
        assert!(Picture::read(alone[..alone.len() - 100].to_vec()).is_err(), "nothing of it can be read");
    }

    #[test]
    fn stated_densities_are_read_from_jpeg_and_png() {
        let jpeg =
            [&[0xff, 0xd8, 0xff, 0xe0, 0, 16][..], b"JFIF\0", &[1, 1, 1, 0, 200, 0, 200], &[0; 64]].concat();
        assert_eq!(density_dpi(&jpeg, ImageFormat::Jpeg), Some(200.0));
        let png = [&[0; 40][..], b"pHYs", &11811u32.to_be_bytes(), &11811u32.to_be_bytes(), &[1]].concat();
        assert_eq!(density_dpi(&png, ImageFormat::Png).map(f64::round), Some(300.0));
    }

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut out = std::io::Cursor::new(Vec::new());
        let picture = DynamicImage::from(image::RgbImage::from_fn(23, 17, |x, y| {
            image::Rgb([x as u8 * 9, y as u8 * 12, 77])
        }));
        picture.write_to(&mut out, format).expect("encoded");
        out.into_inner()
    }

    #[test]
    fn hostile_bytes_in_a_picture_are_a_page_or_refused_in_words() {
        let files: Vec<Vec<u8>> =
            KNOWN.map(encoded).into_iter().chain([tiff::tests::grey(true, 8, &[10, 120])]).collect();
        hostile::attack("picture", &files, 1_500, |bytes| match Picture::read(bytes.to_vec()) {
            Ok(mut picture) => {
                for page in 1..=u32::try_from(picture.sizes.len()).unwrap_or(1).min(4) {
                    if let Ok(image) = picture.scaled(page, 12) {
                        assert!(image.width() <= 12 && image.height() >= 1);
                    }
                }
            }
            Err(refusal) => hostile::sentence(&refusal.0),
        });
    }
}
