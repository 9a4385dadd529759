//! A paper as PDF: A4, subset fonts, text that can be extracted, signature lines and hashes on every page.
//!
//! Everything is placed first and drawn then, when the number of pages is known.

mod draw;
mod font;
mod foot;
mod layout;
mod page_copy;
mod paper_set;
mod setter;
mod table;

pub use font::{Fonts, PdfError};
pub use page_copy::{CopiedPage, CopyKind, PageCopy, page_copy};
pub use paper_set::{SetPage, paper_set};

use crate::paper::Paper;

/// The paper as PDF.
pub fn pdf(paper: &Paper, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let mut setter = setter::Setter::new(paper, fonts.plain.ruler()?, fonts.bold.ruler()?);
    setter.blocks(&paper.blocks);
    setter.missing_letters();
    setter.feet(&paper.margins);
    draw::draw(&setter, paper, fonts)
}
