//! Pages that are pictures: JPEG, PNG and what else the decoder knows.

use std::io::BufReader;
use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::Unreadable;

/// A picture is shown as wide as A4, in page units.
pub(super) const WIDTH: i32 = 59_500;
/// Larger pictures are refused before memory is taken.
const SIDE_PX_MAX: u32 = 30_000;
const DECODED_BYTES_MAX: u64 = 1 << 30;

/// Size in page units.
pub(super) fn size(file: &Path) -> Result<(i32, i32), Unreadable> {
    let picture = open(file)?;
    let (w, h) = (picture.width(), picture.height());
    Ok((WIDTH, (i64::from(WIDTH) * i64::from(h) / i64::from(w.max(1))) as i32))
}

/// The picture for `dpi`; never larger than it is.
pub(super) fn render(file: &Path, dpi: u32) -> Result<DynamicImage, Unreadable> {
    let picture = open(file)?;
    let width = (WIDTH as u32 / 100 * dpi).div_ceil(72);
    if width >= picture.width() {
        return Ok(picture);
    }
    let height = (u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1))).max(1) as u32;
    Ok(picture.resize_exact(width, height, FilterType::Triangle))
}

fn open(file: &Path) -> Result<DynamicImage, Unreadable> {
    let unreadable =
        |e: &dyn std::fmt::Display| Unreadable(format!("图片无法读取（{e}）：请另存为 JPEG 或 PNG 后再提交"));
    let source = std::fs::File::open(file).map_err(|e| unreadable(&e))?;
    let mut reader = ImageReader::new(BufReader::new(source)).with_guessed_format().map_err(|e| unreadable(&e))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_PX_MAX);
    limits.max_image_height = Some(SIDE_PX_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| unreadable(&e))?;
    // Telephones note how they were held instead of turning the picture.
    let orientation = decoder.orientation().map_err(|e| unreadable(&e))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| unreadable(&e))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}
