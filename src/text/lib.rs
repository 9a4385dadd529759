//! What the house knows about written and spoken Chinese: normalisation with a map back to the original, syllables and
//! their folding, numerals and dates, case numbers and citations.
//!
//! Pure: text in, values out; no IO, no clock. Offsets are in characters, never bytes.
#![forbid(unsafe_code)]

pub mod alike;
pub mod citation;
pub mod normal;
pub mod numeral;
pub mod repair;
pub mod syllable;
pub mod written;

#[cfg(test)]
mod outside_bytes;

pub use alike::alike;
pub use normal::{Normal, is_hanzi, normalise, simplify};
pub use numeral::{Amount, Date, Rate};
pub use repair::{Repair, repair};
pub use written::written;
