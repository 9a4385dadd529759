//! One append-only log per hearing.
//!
//! ```text
//!            open                 append / checkpoint                       disk refuses twice
//!  (nothing) ────► recovering ────► Writing ──sync fails──► new segment ──┬──────────► Dead (every append is refused)
//!                     │               ▲                                   │
//!                     │               └───────── batch written again ─────┘
//!                     └─ damage below the last checkpoint ─► refused: nothing is written
//! ```
//!
//! On disk: `000001.seg`, `000002.seg` … (see [`format`]), `spare.seg` (the next segment, allocated ahead so that a full
//! disk stops recordings before it stops the journal), `head.note` (the last checkpoint once more, so that a log cut off
//! at its end is noticed), `journal.lock`. The same once more where there is a mirror (see [`mirror`]).

mod disk;
mod error;
pub(crate) mod format;
mod handle;
mod key;
mod mirror;
mod reader;
mod scan;
#[cfg(test)]
mod tests;
mod writer;

pub use error::JournalError;
pub use handle::{
    Alarm, AppendReceipt, Appending, Checkpointed, Journal, JournalConfig, NewEntry, Pending, RESTORED_FILE,
    Recovered,
};
pub use key::{Key, KeyError};
pub use reader::{Entry, Fault, FaultKind, JournalReader, Leaf, Place, SegmentInfo, TornTail};
