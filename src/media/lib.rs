//! Hearing clock, capture, recorder, recovery and playback.
//!
//! The recorder is a process of its own: devices → [`capture`] and [`camera`] → [`writer`] (fragments on disk) and the ring
//! that feeds recognition. It keeps recording when the hub is gone, and goes on by itself after its own death.
//! [`recover`] and [`playback`] read what it wrote, with no help from it.

#![forbid(unsafe_code)]

pub mod camera;
pub mod capture;
pub mod clock;
pub mod layout;
#[cfg(test)]
mod outside_bytes;
pub mod playback;
pub mod recorder;
pub mod recover;
pub mod sound;
pub mod still;
pub mod writer;
