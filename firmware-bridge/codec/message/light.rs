//! Hub → console: what the light in a talk key shows.

use super::{PayloadError, exactly, key_number};

/// Sets the light of one key. A light keeps its state until told otherwise; after three seconds without a `Who` the
/// console shows [`KeyLight::Fault`] by itself, because nobody listens to its keys.
///
/// Kind `0x21`, 2 bytes of payload:
///
/// | byte | what |
/// | --- | --- |
/// | 0 | key, 0–15 |
/// | 1 | `0` off · `1` recording (steady, dim) · `2` microphone open (steady, bright) · `3` fault (blinking) |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Light {
    /// Which key, 0–15.
    pub key: u8,
    /// What it shows.
    pub shows: KeyLight,
}

/// What the light in a talk key shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyLight {
    /// Nothing.
    #[default]
    Off,
    /// The hearing is being recorded.
    Recording,
    /// The seat's microphone is open.
    MicOpen,
    /// Something the seat relies on has failed, or no hub listens.
    Fault,
}

impl KeyLight {
    /// Every light with its byte and its name.
    const ALL: [(Self, &'static str); 4] = [
        (Self::Off, "off"),
        (Self::Recording, "recording"),
        (Self::MicOpen, "mic-open"),
        (Self::Fault, "fault"),
    ];

    /// The name used in programs and logs: `off`, `recording`, `mic-open` or `fault`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[usize::from(self as u8)].1
    }

    fn parse(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).map(|(light, _)| *light)
    }
}

impl Light {
    /// Second byte of the frame.
    pub const KIND: u8 = 0x21;

    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 2] {
        [self.key, self.shows as u8]
    }

    /// From the payload.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let [key, shows] = exactly::<2>(Self::KIND, payload)?;
        let key = key_number(Self::KIND, 0, key)?;
        let shows = KeyLight::parse(shows).ok_or(PayloadError::Value { kind: Self::KIND, offset: 1 })?;
        Ok(Self { key, shows })
    }
}
