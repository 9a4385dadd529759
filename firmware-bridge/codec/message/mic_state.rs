//! Hub → console: a seat's microphone is open or closed.

use super::{PayloadError, exactly, key_number, yes_or_no};

/// Tells a console with its own microphone whether to let it through; a console without one acknowledges it.
///
/// Kind `0x20`, 2 bytes of payload:
///
/// | byte | what |
/// | --- | --- |
/// | 0 | key of the seat, 0–15 |
/// | 1 | `1` open, `0` closed |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MicState {
    /// The key of the seat, 0–15.
    pub key: u8,
    /// The microphone is open.
    pub open: bool,
}

impl MicState {
    /// Second byte of the frame.
    pub const KIND: u8 = 0x20;

    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 2] {
        [self.key, u8::from(self.open)]
    }

    /// From the payload.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let [key, open] = exactly::<2>(Self::KIND, payload)?;
        Ok(Self { key: key_number(Self::KIND, 0, key)?, open: yes_or_no(Self::KIND, 1, open)? })
    }
}
