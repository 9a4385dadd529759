//! The dossier: takes documents in, keeps their originals byte for byte, reads text and pictures of pages through worker
//! processes, and finds any page by text, by sound or by a spoken command.
//!
//! - [`Dossier`](dossier::Dossier): the room's door: file, list, read, search
//! - [`worker`]: the page worker process, the only place where PDFs and pictures are opened
//! - [`index`]: the full-text index in three tiers (hanzi, syllables, folded syllables)
//! - [`command`]: what a spoken command of the bench means; pure
#![forbid(unsafe_code)]

pub mod command;
pub mod index;
mod page_text;

pub use page_text::PageText;
