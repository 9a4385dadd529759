//! A document bound anew out of pages of others: pages of PDFs as they are, pictures as JPEG.

use std::io::Cursor;
use std::path::Path;

use pdfium_render::prelude::*;
use protocol::link::pages::Source;

use super::{Open, Unreadable, Worker, output};

impl Worker<'_> {
    /// Writes a PDF of these pages, in order.
    pub(super) fn bind(&mut self, leaves: &[(Source, u32)], into: &Path) -> Result<(), Unreadable> {
        let failed = |_| Unreadable::new("新的文件无法生成");
        let mut bound = self.pdfium.create_new_pdf().map_err(failed)?;
        for (source, page) in leaves {
            match self.document(source)? {
                Open::Pdf(pdf) => pdf.copy_to(*page, &mut bound)?,
                Open::Picture(picture) => {
                    let at = (*page as usize).checked_sub(1);
                    let size = at.and_then(|at| picture.sizes.get(at)).copied();
                    let size = size.ok_or_else(|| Unreadable::new(format!("没有第{page}页")))?;
                    let (_, jpeg) = output::encode(&picture.scaled(*page, u32::MAX)?, true)?;
                    add_picture(&mut bound, jpeg, size).map_err(failed)?;
                }
            }
        }
        bound.save_to_file(into).map_err(failed)
    }
}

/// Adds a page that is all picture; `size` in page units.
fn add_picture(bound: &mut PdfDocument<'_>, jpeg: Vec<u8>, size: (i32, i32)) -> Result<(), PdfiumError> {
    let points = |units: i32| PdfPoints::new(units as f32 / 100.0);
    let (width, height) = (points(size.0), points(size.1));
    let mut object = PdfPageImageObject::new_from_jpeg_reader(bound, Cursor::new(jpeg))?;
    object.scale(width.value, height.value)?;
    let mut page = bound.pages_mut().create_page_at_end(PdfPagePaperSize::Custom(width, height))?;
    page.objects_mut().add_image_object(object)?;
    Ok(())
}
