//! A paper as DOCX (Office Open XML, ECMA-376): A4, the fonts of Chinese courts, page numbers as fields, tables whose head
//! is repeated. The same paper gives the same bytes.

mod body;
mod edges;
mod parts;

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::paper::Paper;

/// Why there is no DOCX.
#[derive(Debug, thiserror::Error)]
#[error("the DOCX could not be put together ({0}); please report this record to the makers")]
pub struct DocxError(String);

/// The paper as DOCX.
pub fn docx(paper: &Paper) -> Result<Vec<u8>, DocxError> {
    let page = PageSize::of(paper);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // No time of writing: the bytes follow from the paper alone.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let wrong = |e: &dyn std::fmt::Display| DocxError(e.to_string());
    for (name, part) in [
        ("[Content_Types].xml", parts::CONTENT_TYPES.to_owned()),
        ("_rels/.rels", parts::RELATIONS.to_owned()),
        ("docProps/core.xml", parts::properties(paper)),
        ("word/document.xml", body::document(paper, &page)),
        ("word/_rels/document.xml.rels", parts::DOCUMENT_RELATIONS.to_owned()),
        ("word/styles.xml", parts::styles(paper.size_pt)),
        ("word/settings.xml", parts::SETTINGS.to_owned()),
        ("word/fontTable.xml", parts::FONTS.to_owned()),
        ("word/header1.xml", edges::header(&paper.margins.running, &paper.margins.marking, &page)),
        ("word/header2.xml", edges::header("", &paper.margins.marking, &page)),
        ("word/footer1.xml", edges::footer(&paper.margins, &page)),
    ] {
        zip.start_file(name, options).map_err(|e| wrong(&e))?;
        zip.write_all(part.as_bytes()).map_err(|e| wrong(&e))?;
    }
    Ok(zip.finish().map_err(|e| wrong(&e))?.into_inner())
}

/// Lengths in twips (1/1440 inch, 1/20 point).
struct PageSize {
    width: u32,
    height: u32,
    top: u32,
    bottom: u32,
    left: u32,
    right: u32,
}

impl PageSize {
    fn of(paper: &Paper) -> Self {
        let (width, height) = if paper.landscape { (16838, 11906) } else { (11906, 16838) };
        let sign = if paper.margins.sign_each_page { 680 } else { 0 };
        // Room for the foot: page number, hashes, the line to sign on.
        let bottom = 1240 + sign + 200 * u32::try_from(paper.margins.foot.len()).unwrap_or(2);
        Self { width, height, top: 1480, bottom, left: 1580, right: 1360 }
    }

    /// Width of the body.
    fn room(&self) -> u32 {
        self.width - self.left - self.right
    }
}

/// About how wide a text is, in ems: Chinese letters are one, others half.
fn ems(text: &str) -> f32 {
    text.chars().map(|c| if c.is_ascii() { 0.55 } else { 1.0 }).sum()
}

/// Points as twips.
fn twips(points: f32) -> u32 {
    (points * 20.0).round() as u32
}
