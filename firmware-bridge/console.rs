//! The console's side of the protocol, for a microcontroller and for the simulator alike.
//!
//! ```text
//!                 receive(byte, now)                    poll(now)
//!   line ───────────────────────────► Console ───────────────────────────► line
//!   keys ── press(key, down, now) ──►    │ light(key, now), mic_open(key) ──► lamps, microphones
//!
//!   alone ──── Who ────► known ──── HUB_SILENT_MS without Who ────► alone
//!   alone: every light shows Fault, key messages are held back until they are given up
//! ```
//!
//! No IO and no clock: the caller owns the UART, the debounced keys and a millisecond counter that wraps.

use crate::codec::message::{Ack, Hello, KEYS_MAX, KeyLight, Light, MicState, Name, Status, TalkKey};
use crate::codec::{Decoder, Frame, FrameError, Message, Outbox, Wire};

/// Milliseconds without a `Who` after which no hub is there.
pub const HUB_SILENT_MS: u32 = 3_000;
/// Answers that wait to be written. The hub sends one message at a time, so that two are enough.
const ANSWERS_MAX: usize = 4;

/// What a console says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// Its name.
    pub name: Name,
    /// Version of its firmware, major and minor.
    pub firmware: (u8, u8),
    /// Its talk keys, 1–16; other numbers are taken as the nearest of these.
    pub keys: u8,
}

/// The state of one console.
#[derive(Debug, Clone)]
pub struct Console {
    identity: Identity,
    powered_ms: u32,
    held: u16,
    lights: [KeyLight; KEYS_MAX as usize],
    mics: u16,
    asked_ms: Option<u32>,
    decoder: Decoder,
    outbox: Outbox,
    answers: [Option<Frame>; ANSWERS_MAX],
}

impl Console {
    /// A console powered on at `now_ms`; its first frame is an unasked `Hello`.
    #[must_use]
    pub fn new(mut identity: Identity, now_ms: u32) -> Self {
        identity.keys = identity.keys.clamp(1, KEYS_MAX);
        let mut console = Self {
            identity,
            powered_ms: now_ms,
            held: 0,
            lights: [KeyLight::Off; KEYS_MAX as usize],
            mics: 0,
            asked_ms: None,
            decoder: Decoder::new(),
            outbox: Outbox::new(),
            answers: [None; ANSWERS_MAX],
        };
        console.answer(0, console.hello(now_ms));
        console
    }

    /// A key went down or up, debounced. A key the console does not have, or one that was so already, is nothing.
    pub fn press(&mut self, key: u8, down: bool, now_ms: u32) {
        if key >= self.identity.keys || self.is_held(key) == down {
            return;
        }
        self.held ^= 1 << key;
        let at_ms = now_ms.wrapping_sub(self.powered_ms);
        // A full outbox counts the loss itself, and the next Hello tells both the count and the keys as they are.
        let _ = self.outbox.push(Message::TalkKey(TalkKey { key, down, at_ms }), now_ms);
    }

    /// Takes one byte from the line; true if a light or a microphone may have changed.
    pub fn receive(&mut self, byte: u8, now_ms: u32) -> bool {
        match self.decoder.push(byte) {
            None => false,
            Some(Ok(frame)) => self.hear(frame, now_ms),
            Some(Err(FrameError::Payload { seq, error })) => {
                self.answer(seq, Message::Ack(Ack { status: error.into() }));
                false
            }
            // Noise, or a hub of another version: it hears our version in our Hello and says so.
            Some(Err(_)) => false,
        }
    }

    /// The next frame to write, if any; call again until it gives `None`.
    pub fn poll(&mut self, now_ms: u32) -> Option<Wire> {
        if let Some(frame) = self.answers[0].take() {
            self.answers.rotate_left(1);
            return Some(frame.to_wire());
        }
        let frame = self.outbox.poll(now_ms);
        frame.filter(|_| self.hub_listens(now_ms)).map(|frame| frame.to_wire())
    }

    /// What the light of `key` shows now.
    #[must_use]
    pub fn light(&self, key: u8, now_ms: u32) -> KeyLight {
        let light = self.lights.get(usize::from(key)).copied().unwrap_or_default();
        if self.hub_listens(now_ms) { light } else { KeyLight::Fault }
    }

    /// Whether the microphone of `key`'s seat is open.
    #[must_use]
    pub fn mic_open(&self, key: u8) -> bool {
        key < KEYS_MAX && self.mics & (1 << key) != 0
    }

    /// Whether `key` is down.
    #[must_use]
    pub fn is_held(&self, key: u8) -> bool {
        key < KEYS_MAX && self.held & (1 << key) != 0
    }

    fn hub_listens(&self, now_ms: u32) -> bool {
        self.asked_ms.is_some_and(|asked| now_ms.wrapping_sub(asked) < HUB_SILENT_MS)
    }

    fn hear(&mut self, frame: Frame, now_ms: u32) -> bool {
        match frame.message {
            Message::Who(_) => {
                let listened = self.hub_listens(now_ms);
                self.asked_ms = Some(now_ms);
                self.answer(frame.seq, self.hello(now_ms));
                !listened
            }
            Message::Light(Light { key, shows }) => {
                let known = key < self.identity.keys;
                if known {
                    self.lights[usize::from(key)] = shows;
                }
                self.acknowledge(frame.seq, known)
            }
            Message::MicState(MicState { key, open }) => {
                let known = key < self.identity.keys;
                if known {
                    self.mics = self.mics & !(1 << key) | u16::from(open) << key;
                }
                self.acknowledge(frame.seq, known)
            }
            Message::Ack(_) => {
                self.outbox.acknowledged(frame.seq);
                false
            }
            // A console speaks these, it does not hear them: an echo on the line.
            Message::Hello(_) | Message::TalkKey(_) => false,
        }
    }

    fn acknowledge(&mut self, seq: u8, known: bool) -> bool {
        let status = if known { Status::Done } else { Status::NoSuchKey };
        self.answer(seq, Message::Ack(Ack { status }));
        known
    }

    fn hello(&self, now_ms: u32) -> Message {
        Message::Hello(Hello {
            keys: self.identity.keys,
            held: self.held,
            uptime_ms: now_ms.wrapping_sub(self.powered_ms),
            given_up: self.outbox.given_up(),
            firmware: self.identity.firmware,
            name: self.identity.name,
        })
    }

    fn answer(&mut self, seq: u8, message: Message) {
        // With no room left the answer is not given, and the hub asks again.
        if let Some(slot) = self.answers.iter_mut().find(|a| a.is_none()) {
            *slot = Some(Frame { seq, message });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::message::Who;

    fn console() -> Console {
        Console::new(Identity { name: Name::new("bench").unwrap(), firmware: (1, 0), keys: 2 }, 0)
    }

    fn says(console: &mut Console, now_ms: u32) -> Vec<Frame> {
        let mut decoder = Decoder::new();
        let mut out = Vec::new();
        while let Some(wire) = console.poll(now_ms) {
            out.extend(wire.iter().filter_map(|&b| decoder.push(b)).map(Result::unwrap));
        }
        out
    }

    fn hears(console: &mut Console, seq: u8, message: Message, now_ms: u32) {
        for &byte in (Frame { seq, message }).to_wire().iter() {
            console.receive(byte, now_ms);
        }
    }

    #[test]
    fn a_console_names_itself_when_powered_on_and_when_asked() {
        let mut console = console();
        assert!(matches!(says(&mut console, 0)[..], [Frame { seq: 0, message: Message::Hello(_) }]));
        hears(&mut console, 7, Message::Who(Who), 10);
        assert!(matches!(says(&mut console, 10)[..], [Frame { seq: 7, message: Message::Hello(_) }]));
    }

    #[test]
    fn a_press_waits_for_a_hub_and_is_forgotten_when_none_comes_in_time() {
        let mut console = console();
        console.press(1, true, 5);
        assert_eq!(says(&mut console, 5).len(), 1, "only the first Hello");
        hears(&mut console, 1, Message::Who(Who), 2_000);
        let said = says(&mut console, 2_000);
        console.press(1, false, 2_010);
        let [Frame { message: Message::Hello(hello), .. }] = said[..] else { panic!("{said:?}") };
        assert_eq!(hello.held, 0b10, "the hub learns from the Hello what is held");
        let said = says(&mut console, 2_010);
        let [Frame { message: Message::TalkKey(key), .. }] = said[..] else { panic!("{said:?}") };
        assert_eq!(key, TalkKey { key: 1, down: false, at_ms: 2_010 });
    }

    #[test]
    fn every_light_shows_a_fault_when_the_hub_falls_silent() {
        let mut console = console();
        hears(&mut console, 1, Message::Who(Who), 100);
        hears(&mut console, 2, Message::Light(Light { key: 0, shows: KeyLight::Recording }), 110);
        assert_eq!(console.light(0, 120), KeyLight::Recording);
        assert_eq!(console.light(0, 100 + HUB_SILENT_MS), KeyLight::Fault);
    }

    #[test]
    fn a_light_the_console_does_not_have_is_refused_by_name() {
        let mut console = console();
        says(&mut console, 0);
        hears(&mut console, 9, Message::Light(Light { key: 5, shows: KeyLight::Off }), 1);
        let refused = Frame { seq: 9, message: Message::Ack(Ack { status: Status::NoSuchKey }) };
        assert_eq!(says(&mut console, 1), [refused]);
    }
}
