//! Courtroom hardware: the wire codec of self-built consoles, the transports it travels on, and a simulated console.
//!
//! ```text
//!   microcontroller / simulator                               hub (`devices`), `huiting-bridge`
//!   console::Console ──frames──► codec ──bytes──► transport ──bytes──► codec ──messages──►
//!        keys, lights            no_std           pty · serial · TCP
//! ```
//!
//! [`codec`] and [`console`] need neither `std` nor an allocator, so the same lines run in a console's firmware
//! and in the simulator that certifies it. `PROTOCOL.md` beside this file is the byte-by-byte description.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

pub mod codec;
pub mod console;
#[cfg(feature = "std")]
pub mod simulator;
#[cfg(feature = "std")]
pub mod transport;
