//! Pages of a PDF through pdfium: sizes, text with a box per character, pictures.

use image::DynamicImage;
use model::Rect;
use pdfium_render::prelude::*;
use protocol::link::pages::{PageChar, Source};

use super::Unreadable;

/// A page whose pictures cover more of it than this is a scan or a photo.
const SCAN_COVER: f32 = 0.5;
/// With fewer characters than this over such a picture, the text is in the picture.
const SCAN_CHARS_MAX: usize = 60;
/// With fewer characters than this a page has no text worth the name.
const CHARS_MIN: usize = 4;
/// A document with more pages is refused: no dossier volume has them.
const PAGES_MAX: i32 = 20_000;

/// An open PDF.
pub(super) struct Pdf<'p> {
    document: PdfDocument<'p>,
}

impl<'p> Pdf<'p> {
    pub(super) fn open(pdfium: &'p Pdfium, source: &Source) -> Result<Self, Unreadable> {
        let given = source.password.as_deref();
        let document = pdfium.load_pdf_from_file(&source.file, given).map_err(|e| {
            Unreadable::new(match e {
                PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => match given {
                    Some(_) => "打开密码不对，请核对后重新提交",
                    None => "文件设有打开密码，请填写密码后打开",
                },
                PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
                    "文件的加密方式不受支持，请提交不加密的文件"
                }
                _ => "PDF文件已损坏，无法打开，请重新提交",
            })
        })?;
        Ok(Self { document })
    }

    /// Sizes of all pages as they are shown, in page units.
    pub(super) fn sizes(&self) -> Result<Vec<(i32, i32)>, Unreadable> {
        match self.document.pages().len() {
            0 => Err(Unreadable::new("PDF文件中没有页面")),
            n if n > PAGES_MAX => Err(Unreadable::new(format!("文件有{n}页，超过{PAGES_MAX}页，请分册提交"))),
            n => (1..=n as u32).map(|page| self.size(page)).collect(),
        }
    }

    /// Adds a copy of a page at the end of another document.
    pub(super) fn copy_to(&self, number: u32, other: &mut PdfDocument<'_>) -> Result<(), Unreadable> {
        let at = other.pages().len();
        let copied = other.pages_mut().copy_page_from_document(&self.document, index(number)?, at);
        copied.map_err(|_| Unreadable::new(format!("第{number}页无法并入")))
    }

    /// Size of a page as it is shown, in page units.
    pub(super) fn size(&self, page: u32) -> Result<(i32, i32), Unreadable> {
        let index = index(page)?;
        let size = self.document.pages().page_size(index).map_err(|_| missing(page))?;
        Ok((units(size.width().value), units(size.height().value)))
    }

    fn page(&self, page: u32) -> Result<PdfPage<'_>, Unreadable> {
        self.document.pages().get(index(page)?).map_err(|_| missing(page))
    }

    /// The characters in pdfium's reading order; none where the text must be recognised from the picture.
    pub(super) fn text(&self, number: u32) -> Result<Vec<PageChar>, Unreadable> {
        let page = self.page(number)?;
        let text = page.text().map_err(|_| Unreadable::new(format!("第{number}页的文字无法读取")))?;
        let place = Place::of(&page);
        let mut chars = Vec::new();
        let (mut good, mut bad) = (0usize, 0usize);
        for char in text.chars().iter() {
            match char.unicode_char() {
                Some('\n') => push_line_end(&mut chars),
                Some(c) if c.is_whitespace() => {
                    if chars.last().is_some_and(|l: &PageChar| !l.c.is_whitespace()) {
                        chars.push(PageChar { c: ' ', b: place.rect(&char) });
                    }
                }
                Some(c) if unreadable(c) => bad += 1,
                Some(c) => {
                    good += 1;
                    chars.push(PageChar { c, b: place.rect(&char) });
                }
                None => {}
            }
        }
        while chars.last().is_some_and(|l| l.c.is_whitespace()) {
            chars.pop();
        }
        let in_picture = good < SCAN_CHARS_MAX && picture_cover(&page) > SCAN_COVER;
        if good < CHARS_MIN || bad > good / 2 || in_picture {
            chars.clear();
        }
        Ok(chars)
    }

    /// The picture of a page, `width_px` wide, and whether the page is a scan or a photo.
    pub(super) fn image(&self, number: u32, width_px: u32) -> Result<(DynamicImage, bool), Unreadable> {
        let page = self.page(number)?;
        let size = self.size(number)?;
        let height_px = (i64::from(size.1) * i64::from(width_px) / i64::from(size.0.max(1))).max(1);
        let config = PdfRenderConfig::new()
            .set_fixed_size(width_px as i32, i32::try_from(height_px).unwrap_or(i32::MAX))
            .render_form_data(true);
        let bitmap = page.render_with_config(&config).and_then(|b| b.as_image());
        let image = bitmap.map_err(|_| Unreadable::new(format!("第{number}页无法显示")))?;
        Ok((image, picture_cover(&page) > SCAN_COVER))
    }
}

fn index(page: u32) -> Result<i32, Unreadable> {
    page.checked_sub(1).and_then(|p| i32::try_from(p).ok()).ok_or_else(|| missing(page))
}

fn missing(page: u32) -> Unreadable {
    Unreadable::new(format!("第{page}页无法读取，文件可能已损坏"))
}

fn units(points: f32) -> i32 {
    (points * 100.0).round().clamp(1.0, 1_440_000.0) as i32
}

/// Replacement characters, private use and controls: fonts without a map to Unicode give them.
fn unreadable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{fffd}' | '\u{fffe}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

fn push_line_end(chars: &mut Vec<PageChar>) {
    if chars.last().is_some_and(|l| l.c == ' ') {
        chars.pop();
    }
    if chars.last().is_some_and(|l| l.c != '\n') {
        chars.push(PageChar { c: '\n', b: Rect::default() });
    }
}

/// The share of the page that its pictures cover; more than one where they overlap.
fn picture_cover(page: &PdfPage<'_>) -> f32 {
    let area = page.width().value * page.height().value;
    let pictures = page.objects().iter().filter(|o| o.as_image_object().is_some());
    let covered: f32 =
        pictures.filter_map(|o| o.bounds().ok()).map(|b| b.width().value * b.height().value).sum();
    covered / area.max(1.0)
}

/// From PDF coordinates (origin bottom left of the crop box, before /Rotate) to page units of the page as shown.
struct Place {
    left: f32,
    bottom: f32,
    width: f32,
    height: f32,
    turned: PdfPageRenderRotation,
}

impl Place {
    fn of(page: &PdfPage<'_>) -> Self {
        let turned = page.rotation().unwrap_or(PdfPageRenderRotation::None);
        let (w, h) = (page.width().value, page.height().value);
        let sideways = matches!(turned, PdfPageRenderRotation::Degrees90 | PdfPageRenderRotation::Degrees270);
        let (width, height) = if sideways { (h, w) } else { (w, h) };
        let seen = page.boundaries().bounding().map(|b| b.bounds);
        let (left, bottom) = seen.map_or((0.0, 0.0), |b| (b.left().value, b.bottom().value));
        Self { left, bottom, width, height, turned }
    }

    fn rect(&self, char: &PdfPageTextChar<'_>) -> Rect {
        let Ok(b) = char.loose_bounds().or_else(|_| char.tight_bounds()) else { return Rect::default() };
        let (x0, x1) = (b.left().value - self.left, b.right().value - self.left);
        let (y0, y1) =
            (self.height - (b.top().value - self.bottom), self.height - (b.bottom().value - self.bottom));
        let (x0, y0, x1, y1) = match self.turned {
            PdfPageRenderRotation::None => (x0, y0, x1, y1),
            PdfPageRenderRotation::Degrees90 => (self.height - y1, x0, self.height - y0, x1),
            PdfPageRenderRotation::Degrees180 => {
                (self.width - x1, self.height - y1, self.width - x0, self.height - y0)
            }
            PdfPageRenderRotation::Degrees270 => (y0, self.width - x1, y1, self.width - x0),
        };
        let unit = |v: f32| (v * 100.0).round().clamp(-1_440_000.0, 1_440_000.0) as i32;
        let (x, y) = (unit(x0), unit(y0));
        Rect { x, y, w: (unit(x1) - x).max(0), h: (unit(y1) - y).max(0) }
    }
}
