//! PDFs through pdfium.

use std::path::{Path, PathBuf};

use image::DynamicImage;
use model::Rect;
use pdfium_render::prelude::*;
use protocol::link::pages::PageChar;

use super::{Unreadable, WorkerError};

/// More pixels than any page is shown with; a page of absurd size is rendered smaller.
const PIXELS_MAX: f32 = 12_000.0;

/// The library, and the document that was asked for last.
pub(super) struct Pdfs {
    pdfium: &'static Pdfium,
    open: Option<(PathBuf, PdfDocument<'static>)>,
}

impl Pdfs {
    pub(super) fn load(library: &Path) -> Result<Self, WorkerError> {
        let bindings = Pdfium::bind_to_library(library)
            .map_err(|e| WorkerError::Pdfium { path: library.to_owned(), cause: e.to_string() })?;
        // For the life of the process: documents borrow it.
        Ok(Self { pdfium: Box::leak(Box::new(Pdfium::new(bindings))), open: None })
    }

    fn document(&mut self, file: &Path) -> Result<&PdfDocument<'static>, Unreadable> {
        let kept = self.open.take().filter(|(path, _)| path == file);
        let opened = match kept {
            Some(kept) => kept,
            None => {
                let document = self.pdfium.load_pdf_from_file(file, None).map_err(sentence)?;
                (file.to_owned(), document)
            }
        };
        Ok(&self.open.insert(opened).1)
    }

    /// Sizes as shown, in page units.
    pub(super) fn sizes(&mut self, file: &Path) -> Result<Vec<(i32, i32)>, Unreadable> {
        let sizes = self.document(file)?.pages().page_sizes().map_err(sentence)?;
        if sizes.is_empty() {
            return Err(Unreadable("文件没有页面：请重新导出为 PDF 后再提交".to_owned()));
        }
        Ok(sizes.iter().map(|r| (units(r.width().value), units(r.height().value))).collect())
    }

    /// Characters with boxes, in reading order.
    pub(super) fn text(&mut self, file: &Path, page: u32) -> Result<Vec<PageChar>, Unreadable> {
        let page = self.page(file, page)?;
        let place = Place::of(&page);
        let text = page.text().map_err(sentence)?;
        let mut chars: Vec<PageChar> = Vec::new();
        for c in text.chars().iter() {
            let Some(letter) = c.unicode_char() else { continue };
            match letter {
                '\r' => {}
                '\n' => chars.push(PageChar { c: '\n', b: Rect::default() }),
                // What pdfium puts in for a missing mapping, and soft hyphens at line ends.
                '\0' | '\u{2}' | '\u{fffe}' | '\u{ffff}' => {}
                letter => {
                    let bounds = c.loose_bounds().map_err(sentence)?;
                    chars.push(PageChar { c: letter, b: place.rect(&bounds) });
                }
            }
        }
        Ok(chars)
    }

    pub(super) fn render(&mut self, file: &Path, page: u32, dpi: u32) -> Result<DynamicImage, Unreadable> {
        let page = self.page(file, page)?;
        let longest = page.width().value.max(page.height().value).max(1.0);
        let scale = (dpi as f32 / 72.0).min(PIXELS_MAX / longest);
        let config = PdfRenderConfig::new().scale_page_by_factor(scale).use_lcd_text_rendering(false);
        page.render_with_config(&config).and_then(|b| b.as_image()).map_err(sentence)
    }

    fn page(&mut self, file: &Path, page: u32) -> Result<PdfPage<'static>, Unreadable> {
        let index = i32::try_from(page).unwrap_or(0) - 1;
        let document = self.document(file)?;
        document.pages().get(index as PdfPageIndex).map_err(|_| Unreadable(format!("没有第{page}页")))
    }
}

fn sentence(error: PdfiumError) -> Unreadable {
    Unreadable(match error {
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => {
            "PDF 设有密码：请先解除密码再提交".to_owned()
        }
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::FormatError) => {
            "PDF 已损坏，无法打开：请重新导出或扫描后再提交".to_owned()
        }
        other => format!("PDF 无法读取（{other:?}）：请重新导出或扫描后再提交"),
    })
}

/// Points to page units.
fn units(points: f32) -> i32 {
    (points * 100.0).round() as i32
}

/// From the PDF's own space (origin below left, before its own rotation) to the page as shown (origin above left).
#[derive(Debug, Clone, Copy)]
struct Place {
    left: f32,
    bottom: f32,
    width: f32,
    height: f32,
    quarters: u8,
}

impl Place {
    fn of(page: &PdfPage<'_>) -> Self {
        let quarters = match page.rotation() {
            Ok(PdfPageRenderRotation::Degrees90) => 1,
            Ok(PdfPageRenderRotation::Degrees180) => 2,
            Ok(PdfPageRenderRotation::Degrees270) => 3,
            Ok(PdfPageRenderRotation::None) | Err(_) => 0,
        };
        let (shown_w, shown_h) = (page.width().value, page.height().value);
        let (width, height) = if quarters % 2 == 0 { (shown_w, shown_h) } else { (shown_h, shown_w) };
        let bounds = page.boundaries().crop().or_else(|_| page.boundaries().media());
        let (left, bottom) = bounds.map_or((0.0, 0.0), |b| (b.bounds.left().value, b.bounds.bottom().value));
        Self { left, bottom, width, height, quarters }
    }

    fn rect(&self, r: &PdfRect) -> Rect {
        let (x0, x1) = (r.left().value - self.left, r.right().value - self.left);
        // Downwards from the top.
        let (y0, y1) = (self.height - (r.top().value - self.bottom), self.height - (r.bottom().value - self.bottom));
        let (a, b, c, d) = match self.quarters {
            1 => (self.height - y1, x0, self.height - y0, x1),
            2 => (self.width - x1, self.height - y1, self.width - x0, self.height - y0),
            3 => (y0, self.width - x1, y1, self.width - x0),
            _ => (x0, y0, x1, y1),
        };
        let (x, y) = (units(a.min(c)), units(b.min(d)));
        Rect { x, y, w: units(a.max(c)) - x, h: units(b.max(d)) - y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_follow_the_rotation_that_a_page_carries() {
        let corner = PdfRect::new_from_values(690.0, 10.0, 710.0, 40.0); // bottom, left, top, right
        let rect = |quarters| Place { left: 0.0, bottom: 0.0, width: 600.0, height: 800.0, quarters }.rect(&corner);
        assert_eq!(rect(0), Rect { x: 1000, y: 9000, w: 3000, h: 2000 });
        // Turned clockwise, what was at the left stands at the top.
        assert_eq!(rect(1), Rect { x: 69_000, y: 1000, w: 2000, h: 3000 });
        assert_eq!(rect(2), Rect { x: 56_000, y: 69_000, w: 3000, h: 2000 });
        assert_eq!(rect(3), Rect { x: 9000, y: 56_000, w: 2000, h: 3000 });
    }
}
