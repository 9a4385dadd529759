//! A message with its version, kind and sequence number, and its form on the wire.
//!
//! ```text
//!   00 │ COBS( version kind seq payload… crc_hi crc_lo ) │ 00
//! ```
//!
//! COBS leaves no zero inside, so a zero is always a frame's edge. The zero in front costs one byte and makes every
//! frame safe from what a cut write left before it.

use core::fmt;

use super::message::{self, Message};
use super::{Bounded, crc16};

/// The version of this protocol, the first byte of every frame.
pub const VERSION: u8 = 1;
/// Bytes of payload at most.
pub const PAYLOAD_MAX: usize = 64;
/// Bytes of a frame before COBS at most: version, kind, sequence number, payload, checksum.
pub const RAW_MAX: usize = 3 + PAYLOAD_MAX + 2;
/// Bytes of a frame on the wire at most: two zeros, one byte of COBS overhead.
pub const WIRE_MAX: usize = RAW_MAX + 3;

/// A frame ready to be written.
pub type Wire = Bounded<WIRE_MAX>;

/// One message and the number that ties it to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Of a `TalkKey`, `MicState`, `Light` or `Who`: counted up by its sender, wrapping. Of an `Ack` or `Hello`: the
    /// number of the frame it answers; 0 in a `Hello` nobody asked for.
    pub seq: u8,
    /// What is said.
    pub message: Message,
}

impl Frame {
    /// The frame as written on the wire, with both zeros.
    #[must_use]
    pub fn to_wire(&self) -> Wire {
        let mut payload = Bounded::<PAYLOAD_MAX>::new();
        self.message.write(&mut payload);
        wrap(VERSION, self.message.kind(), self.seq, &payload)
    }

    /// A frame from its bytes between version and checksum, the version known to be ours.
    pub(super) fn parse(raw: &[u8]) -> Result<Self, (u8, message::PayloadError)> {
        let [_, kind, seq, payload @ ..] = raw else {
            return Err((0, message::PayloadError::Length { kind: 0, got: 0 }));
        };
        Message::parse(*kind, payload).map(|message| Self { seq: *seq, message }).map_err(|e| (*seq, e))
    }
}

impl fmt::Display for Frame {
    /// Sequence number and message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.seq, self.message)
    }
}

/// Checksum and framing around any payload, also such as this version does not know.
fn wrap(version: u8, kind: u8, seq: u8, payload: &Bounded<PAYLOAD_MAX>) -> Wire {
    let mut raw = Bounded::<RAW_MAX>::new();
    let mut fits = raw.extend(&[version, kind, seq]) && raw.extend(payload);
    let crc = crc16(&raw);
    fits &= raw.extend(&crc.to_be_bytes());
    let mut stuffed = [0; RAW_MAX + 1];
    let n = cobs::encode(&raw, &mut stuffed);
    let mut wire = Wire::new();
    fits &= wire.push(0) && wire.extend(&stuffed[..n]) && wire.push(0);
    // PAYLOAD_MAX, RAW_MAX and WIRE_MAX are each the sum of what goes in.
    debug_assert!(fits);
    wire
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Decoder, FrameError};

    #[test]
    fn the_longest_payload_fits_its_frame() {
        for fill in [0x00, 0x01, 0xFF] {
            let payload = Bounded::from_slice(&[fill; PAYLOAD_MAX]).unwrap();
            let wire = wrap(VERSION, 0xEE, 9, &payload);
            assert_eq!((wire.len(), wire[1..WIRE_MAX - 1].contains(&0)), (WIRE_MAX, false));
        }
    }

    #[test]
    fn a_frame_of_another_version_says_which() {
        let wire = wrap(2, 0x01, 0, &Bounded::new());
        let mut decoder = Decoder::new();
        let got: Vec<_> = wire.iter().filter_map(|&b| decoder.push(b)).collect();
        assert_eq!(got, [Err(FrameError::Version(2))]);
    }
}
