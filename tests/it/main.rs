//! The whole appliance, as real processes: opened, driven through desks over WebSocket, killed with -9, verified.
//!
//! Needs what `scripts/setup.sh` makes (demo model, pdfium, sample case, rendered hearing); says so where it is missing.

mod command_line;
mod faults;
mod support;
