//! Papers and packages of a small hearing that really was decided, journalled and recorded.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

mod archive;
mod every_byte;
mod faults;
mod hostile_bytes;
mod minutes;
mod package;
mod papers;
mod support;
