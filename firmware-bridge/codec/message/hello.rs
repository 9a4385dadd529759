//! Console → hub: this is what I am.

use core::fmt;

use super::{PayloadError, exactly};

/// Talk keys of one console at most.
pub const KEYS_MAX: u8 = 16;

/// Answers `Who`, and is sent unasked after power-on.
///
/// Kind `0x02`, 28 bytes of payload:
///
/// | byte | what |
/// | --- | --- |
/// | 0 | kind of device: `0x01` talk-key console |
/// | 1 | talk keys, 1–16 |
/// | 2–3 | keys held down now: bit *n* is key *n* |
/// | 4–7 | milliseconds since power-on, wrapping |
/// | 8–9 | key messages given up since power-on, wrapping |
/// | 10 | firmware version, major |
/// | 11 | firmware version, minor |
/// | 12–27 | name in printable ASCII (0x20–0x7E), filled up with zeros |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hello {
    /// Talk keys, 1–16.
    pub keys: u8,
    /// Keys held down now: bit n is key n.
    pub held: u16,
    /// Milliseconds since power-on, wrapping.
    pub uptime_ms: u32,
    /// Key messages given up since power-on, wrapping.
    pub given_up: u16,
    /// Firmware version, major and minor.
    pub firmware: (u8, u8),
    /// The console's name, e.g. as written on its case.
    pub name: Name,
}

const CONSOLE: u8 = 0x01;

impl Hello {
    /// Second byte of the frame.
    pub const KIND: u8 = 0x02;

    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 28] {
        let mut out = [0; 28];
        out[0] = CONSOLE;
        out[1] = self.keys;
        out[2..4].copy_from_slice(&self.held.to_le_bytes());
        out[4..8].copy_from_slice(&self.uptime_ms.to_le_bytes());
        out[8..10].copy_from_slice(&self.given_up.to_le_bytes());
        out[10] = self.firmware.0;
        out[11] = self.firmware.1;
        out[12..].copy_from_slice(&self.name.0);
        out
    }

    /// From the payload.
    pub fn parse(payload: &[u8]) -> Result<Self, PayloadError> {
        let b = exactly::<28>(Self::KIND, payload)?;
        let wrong = |offset| PayloadError::Value { kind: Self::KIND, offset };
        if b[0] != CONSOLE {
            return Err(wrong(0));
        }
        if !(1..=KEYS_MAX).contains(&b[1]) {
            return Err(wrong(1));
        }
        let held = u16::from_le_bytes([b[2], b[3]]);
        if u32::from(held) >> b[1] != 0 {
            return Err(wrong(2));
        }
        let mut name = [0; 16];
        name.copy_from_slice(&b[12..]);
        Ok(Self {
            keys: b[1],
            held,
            uptime_ms: u32::from_le_bytes([b[4], b[5], b[6], b[7]]),
            given_up: u16::from_le_bytes([b[8], b[9]]),
            firmware: (b[10], b[11]),
            name: Name::from_padded(name).map_err(|at| wrong(12 + at))?,
        })
    }
}

/// Up to 16 characters of printable ASCII.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Name([u8; 16]);

impl Name {
    /// `None` if `text` is longer than 16 bytes or not printable ASCII.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        if text.bytes().any(|b| b == 0) { None } else { Self::from_padded(bytes).ok() }
    }

    /// The place of the first wrong byte otherwise.
    fn from_padded(bytes: [u8; 16]) -> Result<Self, usize> {
        let len = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        let wrong = |(at, b): (usize, &u8)| {
            let right = if at < len { (0x20..=0x7E).contains(b) } else { *b == 0 };
            (!right).then_some(at)
        };
        match bytes.iter().enumerate().find_map(wrong) {
            Some(at) => Err(at),
            None => Ok(Self(bytes)),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let len = self.0.iter().position(|b| *b == 0).unwrap_or(self.0.len());
        // Only ASCII gets in, so the other arm is never taken.
        core::str::from_utf8(&self.0[..len]).unwrap_or("")
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
