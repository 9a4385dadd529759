//! Frames out of a stream of bytes, whatever lies between them.
//!
//! ```text
//!              byte ≠ 0, room                 byte ≠ 0, no room
//!               ┌──────┐                        ┌──────┐
//!               ▼      │                        ▼      │
//!   start ──► gathering ┴──── no room ──────► skipping ┴
//!               ▲  │ 00: frame or FrameError      │ 00: FrameError::TooLong
//!               └──┴──────────────────────────────┘
//! ```

use core::fmt;

use super::frame::{Frame, RAW_MAX, VERSION};
use super::message::PayloadError;
use super::{Bounded, crc16};

/// Bytes between two zeros that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// More bytes between two zeros than any frame has.
    TooLong,
    /// The zeros were not where COBS says.
    Stuffing,
    /// Fewer bytes than version, kind, sequence number and checksum.
    TooShort,
    /// The checksum is wrong: a byte was changed or lost on the line.
    Checksum,
    /// A whole frame of another protocol version.
    Version(u8),
    /// A whole frame whose message is not understood.
    Payload {
        /// The frame's sequence number, to refuse it by.
        seq: u8,
        /// What is wrong with it.
        error: PayloadError,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("too many bytes without a zero; is the baud rate right?"),
            Self::Stuffing => {
                f.write_str("bytes that are not COBS; a frame was cut or its bytes were disturbed")
            }
            Self::TooShort => f.write_str("too few bytes for a frame"),
            Self::Checksum => f.write_str("wrong checksum; the line is disturbed"),
            Self::Version(v) => {
                write!(f, "protocol version {v}, but this side speaks {VERSION}; update the older of the two")
            }
            Self::Payload { seq, error } => write!(f, "frame {seq}: {error}"),
        }
    }
}

impl core::error::Error for FrameError {}

/// Gathers bytes to frames. Never holds more than one frame, never panics, is in step again at the next zero.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    bytes: Bounded<{ RAW_MAX + 1 }>,
    skipping: bool,
}

impl Decoder {
    /// Between frames.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Bounded::new(), skipping: false }
    }

    /// Takes one byte; the frame, or what was no frame, that ends with it.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame, FrameError>> {
        if byte != 0 {
            self.skipping |= !self.bytes.push(byte);
            return None;
        }
        let (bytes, skipped) = (self.bytes, self.skipping);
        self.bytes.clear();
        self.skipping = false;
        match (skipped, bytes.is_empty()) {
            (true, _) => Some(Err(FrameError::TooLong)),
            (false, true) => None,
            (false, false) => Some(unwrap_frame(&bytes)),
        }
    }
}

fn unwrap_frame(stuffed: &[u8]) -> Result<Frame, FrameError> {
    let mut raw = [0; RAW_MAX + 1];
    let report = cobs::decode(stuffed, &mut raw).map_err(|_| FrameError::Stuffing)?;
    let raw = &raw[..report.frame_size()];
    let Some(body_len) = raw.len().checked_sub(2).filter(|n| *n >= 3) else {
        return Err(FrameError::TooShort);
    };
    if crc16(raw) != 0 {
        return Err(FrameError::Checksum);
    }
    if raw[0] != VERSION {
        return Err(FrameError::Version(raw[0]));
    }
    Frame::parse(&raw[..body_len]).map_err(|(seq, error)| FrameError::Payload { seq, error })
}
