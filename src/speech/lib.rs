//! From sound to characters: voice activity, whose voice it is, recognition, and when what is decoded.
//!
//! ```text
//!  sound of a seat ─► resample ─► segment (vad) ─► gate ─► Recognizer (whisper) ─► guard
//! ```
//!
//! Laid so far: everything up to the engine. The streaming policy, the recogniser process and WAV files are not written yet.
//!
//! Everything but [`whisper`] (the engine) and [`ggml`] (its files) is pure: samples and times in, values out. Samples are mono
//! at [`RATE_HZ`], `f32` in −1…1.
#![forbid(unsafe_code)]

pub mod cer;
pub mod gate;
pub mod ggml;
pub mod guard;
pub mod manifest;
pub mod recognizer;
pub mod resample;
pub mod room;
pub mod segment;
pub mod vad;
pub mod whisper;

pub use manifest::Manifest;
pub use recognizer::{Recognizer, RecognizerError, Request, Transcript, TranscriptPiece};

/// Samples per second of everything behind the resampler.
pub const RATE_HZ: u32 = 16_000;
/// [`RATE_HZ`] per millisecond.
pub const SAMPLES_PER_MS: u64 = RATE_HZ as u64 / 1000;
