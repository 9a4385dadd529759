//! Both ways: the answer to a `TalkKey`, `MicState` or `Light`.

use super::{PayloadError, exactly};

/// Carries the sequence number of the frame it answers.
///
/// Kind `0x7F`, 1 byte of payload:
///
/// | byte | what |
/// | --- | --- |
/// | 0 | `0` done · `1` unknown kind · `2` payload not understood · `3` no such key |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ack {
    /// What became of the message.
    pub status: Status,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Received and done.
    Done,
    /// The receiver knows no message of this kind.
    UnknownKind,
    /// The payload was too long, too short or without meaning.
    BadPayload,
    /// The receiver has no key of this number.
    NoSuchKey,
}

impl Status {
    /// Every status with its name, in the order of its bytes.
    const ALL: [(Self, &'static str); 4] = [
        (Self::Done, "done"),
        (Self::UnknownKind, "unknown-kind"),
        (Self::BadPayload, "bad-payload"),
        (Self::NoSuchKey, "no-such-key"),
    ];

    /// The name used in programs and logs: `done`, `unknown-kind`, `bad-payload` or `no-such-key`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[usize::from(self as u8)].1
    }
}

impl From<PayloadError> for Status {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::UnknownKind(_) => Self::UnknownKind,
            PayloadError::Length { .. } | PayloadError::Value { .. } => Self::BadPayload,
        }
    }
}

impl Ack {
    /// Second byte of the frame.
    pub const KIND: u8 = 0x7F;

    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 1] {
        [self.status as u8]
    }

    /// From the payload.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let [status] = exactly::<1>(Self::KIND, payload)?;
        match Status::ALL.get(usize::from(status)) {
            Some((status, _)) => Ok(Self { status: *status }),
            None => Err(PayloadError::Value { kind: Self::KIND, offset: 0 }),
        }
    }
}
