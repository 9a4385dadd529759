//! The whole appliance, as real processes: opened, driven through desks over WebSocket, killed with -9, verified.
//!
//! Needs what `scripts/setup.sh` makes (demo model, pdfium, sample case, rendered hearing); says so where it is missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

mod archive;
mod command_line;
mod deliberation;
mod faults;
mod network;
mod ocr_boxes;
mod protocol;
mod registry;
mod support;
