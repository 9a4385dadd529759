//! The wire codec: messages, frames around them, and the resending of what was not acknowledged.
//!
//! Pure: no clock, no IO, no allocation. Time is an argument in milliseconds of any clock that only goes forward.

mod bounded;
mod crc;
mod decoder;
mod frame;
pub mod message;
mod outbox;

pub use bounded::Bounded;
pub use crc::crc16;
pub use decoder::{Decoder, FrameError};
pub use frame::{Frame, PAYLOAD_MAX, RAW_MAX, VERSION, WIRE_MAX, Wire};
pub use message::{Message, PayloadError};
pub use outbox::{GIVE_UP_MS, Outbox, OutboxFull, RESEND_MS};

/// Bits per second of a serial line, 8 data bits, no parity, one stop bit.
pub const BAUD: u32 = 115_200;
