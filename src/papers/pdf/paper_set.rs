//! 双套制: a whole file as one print job, its directory first, every page with its number in the file.

use krilla::color::rgb;
use krilla::geom::{Point, Size, Transform};
use krilla::image::Image;
use krilla::page::PageSettings;
use krilla::paint::Fill;

use super::draw::draw_sheets;
use super::font::{Fonts, PdfError};
use super::setter::Setter;
use crate::paper::Paper;

/// A page of the file to be printed.
#[derive(Debug, Clone)]
pub struct SetPage {
    /// Its number in the file.
    pub number: u32,
    /// Its image.
    pub image: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
}

/// A4 in points, and the white edge that a printer needs.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const EDGE: f32 = 14.0;
/// Size of a page's number.
const NUMBER: f32 = 11.0;

/// The directory and behind it every page, fitted to A4. Pages are asked for one after the other: a file of a thousand pages is
/// not in memory twice.
pub fn paper_set(
    directory: &Paper,
    pages: impl Iterator<Item = Result<SetPage, String>>,
    fonts: &Fonts,
) -> Result<Vec<u8>, PdfError> {
    let mut setter = Setter::new(directory, fonts.plain.ruler()?, fonts.bold.ruler()?);
    setter.blocks(&directory.blocks);
    setter.missing_letters();
    setter.feet(&directory.margins);
    let mut document = krilla::Document::new();
    draw_sheets(&mut document, &setter, fonts)?;
    for page in pages {
        draw_page(&mut document, &page.map_err(PdfError::Write)?, &setter, fonts)?;
    }
    document.finish().map_err(|e| PdfError::Write(format!("{e:?}")))
}

fn draw_page(
    document: &mut krilla::Document,
    page: &SetPage,
    setter: &Setter<'_>,
    fonts: &Fonts,
) -> Result<(), PdfError> {
    let bytes = page.image.clone();
    let image = match page.media_type.as_str() {
        "image/png" => Image::from_png(bytes.into(), false),
        _ => Image::from_jpeg(bytes.into(), false),
    };
    let image = image.map_err(PdfError::Write)?;
    let (w, h) = image.size();
    // A sheet that lies is printed lying.
    let (width, height) = if w > h { (HEIGHT, WIDTH) } else { (WIDTH, HEIGHT) };
    let no_page = || PdfError::Write("A4 is no page size".to_owned());
    let settings = PageSettings::from_wh(width, height).ok_or_else(no_page)?;
    let scale = ((width - 2.0 * EDGE) / w as f32).min((height - 2.0 * EDGE) / h as f32);
    let (wide, high) = (w as f32 * scale, h as f32 * scale);
    let mut sheet = document.start_page_with(settings);
    let mut surface = sheet.surface();
    let corner = Transform::from_translate((width - wide) / 2.0, (height - high) / 2.0);
    surface.push_transform(&corner);
    surface.draw_image(image, Size::from_wh(wide, high).ok_or_else(no_page)?);
    surface.pop();
    let text = page.number.to_string();
    surface.set_fill(Some(Fill { paint: rgb::Color::new(0, 0, 0).into(), ..Fill::default() }));
    let at = Point::from_xy(width - EDGE - 8.0 - setter.plain.text_width(&text) * NUMBER, EDGE + NUMBER);
    let glyphs = setter.plain.glyphs(&text, 0.0);
    surface.draw_glyphs(at, &glyphs, fonts.plain.font.clone(), &text, NUMBER, false);
    surface.finish();
    sheet.finish();
    Ok(())
}
