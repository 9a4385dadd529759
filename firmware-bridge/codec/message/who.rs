//! Hub → console: who are you?

use super::{PayloadError, exactly};

/// Asked when a device is opened and every half second since; the console answers with a `Hello` that carries the
/// same sequence number. A console that has not been asked for three seconds knows that no hub listens.
///
/// Kind `0x01`, no payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who;

impl Who {
    /// Second byte of the frame.
    pub const KIND: u8 = 0x01;

    /// The payload.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 0] {
        []
    }

    /// From the payload.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        exactly::<0>(Self::KIND, payload).map(|_| Self)
    }
}
