//! The dossier: takes documents in, keeps their originals byte for byte, reads text and pictures of pages through worker
//! processes, and finds any page by text, by sound or by a spoken command.
//!
//! - [`Dossier`]: the room's door: file, list, read, search
//! - [`worker`]: the page worker process, the only place where PDFs and pictures are opened
//! - [`index`]: the full-text index in three tiers (hanzi, syllables, folded syllables)
//! - [`statutes`]: laws by version and article: import, look up by number, words and sound
//! - [`command`]: what a spoken command of the bench means; pure
#![forbid(unsafe_code)]

mod catalogue;
pub mod command;
mod dossier;
mod headings;
pub mod index;
mod intake;
mod mend;
mod narrowing;
mod offer;
mod page_text;
mod pool;
mod printed;
mod quality;
mod shelf;
mod sketch;
pub mod statutes;
mod store;
mod take;
pub mod vocabulary;
mod work_time;
pub mod worker;

pub use dossier::{Dossier, DossierConfig, DossierError, HITS, Made, NewDocument, PageImage, Piece};
pub use headings::{Headings, HeadingsError};
pub use offer::{EvidenceOffer, Offered};
pub use page_text::PageText;
pub use pool::WorkerCommand;
