//! What the processes of one machine say to each other over Unix sockets and pipes.
//!
//! A frame on the wire: u32 little-endian length of the JSON part, u32 little-endian length of the binary part (sound,
//! page images), the JSON, the bytes. Both lengths are bounded by [`FRAME_BYTES_MAX`].

pub mod frame;
pub mod pages;
pub mod recogniser;
pub mod recorder;
pub mod second_pass;

pub use frame::{FRAME_BYTES_MAX, Frame, FrameError};
