//! What leaves the room on paper or disk: the 法庭笔录 as HTML and PDF, WebVTT, marks, the interruption log, the hearing
//! package, and its verification.
//!
//! ```text
//!   journal ──fold──► court::State ──► Record ──► html / pdf / vtt / json ──┐
//!   journal segments, checkpoint, media ────────────────────────────────────┴──► package ──► verify
//! ```
//!
//! Must not be here: deciding anything, changing anything of a hearing, the network.
#![forbid(unsafe_code)]

mod html;
mod marks;
mod package;
mod pdf;
mod sheet;
mod time;
mod verify;
mod vtt;

pub use html::transcript_html;
pub use marks::annotations;
pub use package::{PackageError, PackageInput, Written, write as write_package};
pub use pdf::{Fonts, PdfError, transcript_pdf};
pub use sheet::{EvidenceRow, PaperLine, Person, Record, Seal, Signed};
pub use verify::{Finding, Report, VerifyError, What, fold, verify};
pub use vtt::webvtt;
