//! The messages, one per file, each with its bytes in its own documentation. Numbers are little-endian.

mod ack;
mod hello;
mod light;
mod mic_state;
mod talk_key;
mod who;

use core::fmt;

pub use ack::{Ack, Status};
pub use hello::{Hello, KEYS_MAX, Name};
pub use light::{KeyLight, Light};
pub use mic_state::MicState;
pub use talk_key::TalkKey;
pub use who::Who;

use super::Bounded;
use super::frame::PAYLOAD_MAX;

/// A payload that is not what its kind says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadError {
    /// No message of this version has this kind.
    UnknownKind(u8),
    /// Too few or too many bytes.
    Length {
        /// The message's kind.
        kind: u8,
        /// Bytes of payload received.
        got: usize,
    },
    /// A byte has a value that means nothing there.
    Value {
        /// The message's kind.
        kind: u8,
        /// Which byte of the payload, from 0.
        offset: usize,
    },
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind(kind) => write!(f, "no message has kind 0x{kind:02x}; see PROTOCOL.md"),
            Self::Length { kind, got } => {
                write!(
                    f,
                    "kind 0x{kind:02x} does not have {got} bytes of payload; see its table in PROTOCOL.md"
                )
            }
            Self::Value { kind, offset } => {
                write!(f, "byte {offset} of kind 0x{kind:02x} has no meaning; see its table in PROTOCOL.md")
            }
        }
    }
}

impl core::error::Error for PayloadError {}

/// Everything that is said on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Hub → console: who are you?
    Who(Who),
    /// Console → hub: this is what I am.
    Hello(Hello),
    /// Console → hub: a talk key is down or up.
    TalkKey(TalkKey),
    /// Hub → console: a seat's microphone is open or closed.
    MicState(MicState),
    /// Hub → console: what the light in a talk key shows.
    Light(Light),
    /// Both ways: the answer to a `TalkKey`, `MicState` or `Light`.
    Ack(Ack),
}

impl Message {
    /// The second byte of the frame.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self {
            Self::Who(_) => Who::KIND,
            Self::Hello(_) => Hello::KIND,
            Self::TalkKey(_) => TalkKey::KIND,
            Self::MicState(_) => MicState::KIND,
            Self::Light(_) => Light::KIND,
            Self::Ack(_) => Ack::KIND,
        }
    }

    pub(super) fn write(&self, payload: &mut Bounded<PAYLOAD_MAX>) {
        let fits = match self {
            Self::Who(m) => payload.extend(&m.to_bytes()),
            Self::Hello(m) => payload.extend(&m.to_bytes()),
            Self::TalkKey(m) => payload.extend(&m.to_bytes()),
            Self::MicState(m) => payload.extend(&m.to_bytes()),
            Self::Light(m) => payload.extend(&m.to_bytes()),
            Self::Ack(m) => payload.extend(&m.to_bytes()),
        };
        // Every `to_bytes` gives fewer than PAYLOAD_MAX bytes: their types say so.
        debug_assert!(fits);
    }

    /// The message of this kind with this payload.
    pub fn parse(kind: u8, payload: &[u8]) -> Result<Self, PayloadError> {
        match kind {
            Who::KIND => Who::parse(payload).map(Self::Who),
            Hello::KIND => Hello::parse(payload).map(Self::Hello),
            TalkKey::KIND => TalkKey::parse(payload).map(Self::TalkKey),
            MicState::KIND => MicState::parse(payload).map(Self::MicState),
            Light::KIND => Light::parse(payload).map(Self::Light),
            Ack::KIND => Ack::parse(payload).map(Self::Ack),
            unknown => Err(PayloadError::UnknownKind(unknown)),
        }
    }
}

impl fmt::Display for Message {
    /// One line, as `huiting-bridge monitor` and the golden traces show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Who(_) => f.write_str("who are you"),
            Self::Hello(m) => write!(
                f,
                "hello \"{}\" firmware {}.{}, keys {}, held {:016b}, up {} ms, given up {}",
                m.name.as_str(),
                m.firmware.0,
                m.firmware.1,
                m.keys,
                m.held,
                m.uptime_ms,
                m.given_up
            ),
            Self::TalkKey(m) => {
                write!(f, "key {} {} at {} ms", m.key, if m.down { "down" } else { "up" }, m.at_ms)
            }
            Self::MicState(m) => write!(f, "microphone {} {}", m.key, if m.open { "open" } else { "closed" }),
            Self::Light(m) => write!(f, "light {} {}", m.key, m.shows.name()),
            Self::Ack(m) => write!(f, "ack {}", m.status.name()),
        }
    }
}

/// The payload as an array of the length its kind has.
fn exactly<const N: usize>(kind: u8, payload: &[u8]) -> Result<[u8; N], PayloadError> {
    payload.try_into().map_err(|_| PayloadError::Length { kind, got: payload.len() })
}

/// A key number below [`KEYS_MAX`].
fn key_number(kind: u8, offset: usize, byte: u8) -> Result<u8, PayloadError> {
    if byte < KEYS_MAX { Ok(byte) } else { Err(PayloadError::Value { kind, offset }) }
}

/// 0 or 1.
fn yes_or_no(kind: u8, offset: usize, byte: u8) -> Result<bool, PayloadError> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(PayloadError::Value { kind, offset }),
    }
}
