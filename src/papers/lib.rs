//! What leaves the room on paper or disk: the court's papers as HTML, PDF and DOCX, WebVTT, marks, the interruption log, the
//! hearing package, and its verification.
//!
//! ```text
//!   journal ──fold──► court::State ──► Record ──► values ─┐
//!                                        │     templates ─┴─► Paper ──► html / pdf / docx ──┐
//!                                        └──► vtt / json ───────────────────────────────────┤
//!   journal segments, checkpoint, media ────────────────────────────────────────────────────┴──► package ──► verify
//!   packages of all hearings, originals of 正卷 and 副卷 ────► archive ──► verify, and restored elsewhere
//! ```
//!
//! Must not be here: deciding anything, changing anything of a hearing, the network.
#![forbid(unsafe_code)]

mod archive;
mod compose;
mod csv;
mod docx;
mod html;
mod kind;
mod legible;
mod marks;
mod minutes;
mod package;
mod paper;
mod pdf;
mod proofs;
mod public;
mod scan;
mod sheet;
mod template;
mod time;
mod values;
mod verify;
mod vtt;

pub use archive::{
    ArchiveError, ArchiveHearing, ArchiveInput, ArchivePiece, Archived, ArchivedPiece,
    Manifest as ArchiveManifest, Property, PropertyName, check as check_archive, directory_paper,
    read_manifest, write as write_archive,
};
pub use compose::{ComposeError, Printing, compose, names};
pub use csv::examination_csv;
pub use docx::{DocxError, docx};
pub use html::html;
pub use kind::{Format, Kind, NameError, PaperName};
pub use marks::annotations;
pub use package::{PackageError, PackageInput, Written, unzip_package, write as write_package, zip_package};
pub use paper::Paper;
pub use pdf::{CopiedPage, CopyKind, Fonts, PageCopy, PdfError, SetPage, page_copy, paper_set, pdf};
pub use proofs::{EntryProof, ProveError, Proved, Subject, check_proof, prove, zip_proofs};
pub use scan::{ScanError, keep_scan};
pub use sheet::{CorrectionRow, EvidenceRow, Outcome, PaperLine, Person, Record, Seal, Signed};
pub use template::{TemplateFault, Templates, template_words};
pub use verify::{Finding, Report, VerifyError, What, fold, verify};
pub use vtt::webvtt;
