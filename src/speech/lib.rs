//! From sound to characters: voice activity, whose voice it is, recognition, and when what is decoded.
//!
//! ```text
//!  sound of a seat ─► resample ─► segment (vad) ─► gate ─► Recognizer (whisper) ─► guard      all of it together: live
//! ```
//!
//! Two doors: [`recogniser::run`], the process that listens to the recorder and tells the hub; [`Transcriber`] for WAV
//! files. Behind them everything but [`whisper`] (the engine), [`ggml`] (its files) and [`file`] is pure: samples and times in,
//! values out. Samples are mono at [`RATE_HZ`], `f32` in −1…1.
#![forbid(unsafe_code)]

pub mod cer;
pub mod choice;
pub mod echo;
pub mod file;
pub mod gate;
pub mod ggml;
pub mod guard;
pub mod likeness;
pub mod live;
pub mod manifest;
pub mod policy;
pub mod recogniser;
pub mod recognizer;
pub mod resample;
pub mod room;
pub mod segment;
pub mod utterance;
pub mod vad;
pub mod whisper;

pub use choice::ModelChoice;
pub use file::{Channels, FileError, Line, Mode, Transcribed, Transcriber};
pub use manifest::Manifest;
pub use recognizer::{Recognizer, RecognizerError, Request, Transcript, TranscriptPiece};

/// Samples per second of everything behind the resampler.
pub const RATE_HZ: u32 = 16_000;
/// [`RATE_HZ`] per millisecond.
pub const SAMPLES_PER_MS: u64 = RATE_HZ as u64 / 1000;
