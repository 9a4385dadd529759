//! The 法庭笔录 as PDF: A4, subset fonts, text that can be extracted, signature lines and hashes on every page.

mod font;
mod layout;
mod sheet;

pub use font::{Fonts, PdfError};
pub use sheet::transcript_pdf;
