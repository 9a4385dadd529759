//! Console → hub: a talk key is down or up.

use super::{PayloadError, exactly, key_number, yes_or_no};

/// Sent when a talk key goes down or up, and again every 100 ms until the `Ack` with its sequence number.
///
/// Kind `0x10`, 6 bytes of payload:
///
/// | byte | what |
/// | --- | --- |
/// | 0 | key, 0–15 |
/// | 1 | `1` down, `0` up |
/// | 2–5 | milliseconds since the console's power-on when it happened, wrapping |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TalkKey {
    /// Which key, 0–15.
    pub key: u8,
    /// Down, not up.
    pub down: bool,
    /// Milliseconds since the console's power-on when it happened, wrapping.
    pub at_ms: u32,
}

impl TalkKey {
    /// Second byte of the frame.
    pub const KIND: u8 = 0x10;

    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 6] {
        let [a, b, c, d] = self.at_ms.to_le_bytes();
        [self.key, u8::from(self.down), a, b, c, d]
    }

    /// From the payload.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let [key, down, at @ ..] = exactly::<6>(Self::KIND, payload)?;
        Ok(Self {
            key: key_number(Self::KIND, 0, key)?,
            down: yes_or_no(Self::KIND, 1, down)?,
            at_ms: u32::from_le_bytes(at),
        })
    }
}
