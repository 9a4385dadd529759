//! One conversation with one console, without IO and without a clock.
//!
//! ```text
//!           ┌──── Hello that fits ────► present ── keys and lights ──┐
//!   asking ─┤                              │  ▲                      │
//!     │     └── Hello that does not ──►┐   └──┴──────────────────────┘
//!     │                                ▼   │
//!     └── SILENT_MS without Hello ──► over ◄┘   the caller reports it lost and opens the device anew
//! ```

use bridge::codec::message::{Ack, Hello, KEYS_MAX, KeyLight, Light, MicState, Status, TalkKey, Who};
use bridge::codec::{Decoder, Frame, FrameError, Message, Outbox, Wire};

use crate::SeatLook;

/// Between one `Who` and the next.
pub(crate) const ASK_MS: u32 = 500;
/// Without a Hello for so long, the device is lost.
pub(crate) const SILENT_MS: u32 = 2_000;

/// What the session learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Learned {
    /// The console is there and fits the settings.
    Present(Hello),
    /// A key changed.
    Key { key: u8, down: bool, at_ms: Option<u32> },
    /// The console gave up this many key messages.
    GivenUp(u64),
}

/// Why a session is over; the sentence for `DeviceEvent::Lost`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Over {
    #[error("no answer: is the console powered, and set to 115200 baud?")]
    Silent,
    #[error("only disturbed bytes came ({0}); check the cable and the baud rate")]
    Disturbed(FrameError),
    #[error("{0}")]
    Version(FrameError),
    #[error("the console has {has} keys, but the settings give it {wanted} seats; correct the list of seats")]
    TooFewKeys { has: u8, wanted: usize },
}

/// What a key and its microphone are known to show: `None` before the console has acknowledged it, and while something
/// else is under way, which it may have done although its answer is lost.
#[derive(Debug, Clone, Copy, Default)]
struct Shown {
    light: Option<KeyLight>,
    mic_open: Option<bool>,
}

/// What is known of one open console.
pub(crate) struct Session {
    seats: usize,
    decoder: Decoder,
    outbox: Outbox,
    question: u8,
    asked_ms: Option<u32>,
    heard_ms: u32,
    hello: Option<Hello>,
    disturbed: Option<FrameError>,
    acks: Vec<Wire>,
    held: u16,
    shown: [Shown; KEYS_MAX as usize],
    over: Option<Over>,
}

impl Session {
    /// A device opened at `now_ms` whose first `seats` keys are in use.
    pub(crate) fn new(seats: usize, now_ms: u32) -> Self {
        Self {
            seats: seats.min(KEYS_MAX.into()),
            decoder: Decoder::new(),
            outbox: Outbox::new(),
            question: 0,
            asked_ms: None,
            heard_ms: now_ms,
            hello: None,
            disturbed: None,
            acks: Vec::new(),
            held: 0,
            shown: [Shown::default(); KEYS_MAX as usize],
            over: None,
        }
    }

    /// Takes bytes from the line.
    pub(crate) fn receive(&mut self, bytes: &[u8], now_ms: u32) -> Vec<Learned> {
        let mut learned = Vec::new();
        for &byte in bytes {
            match self.decoder.push(byte) {
                None => {}
                Some(Ok(frame)) => self.hear(frame, now_ms, &mut learned),
                Some(Err(error @ FrameError::Version(_))) if self.hello.is_none() => {
                    self.over = Some(Over::Version(error));
                }
                Some(Err(FrameError::Payload { seq, error })) => {
                    self.acks.push(answer(seq, error.into()));
                }
                // Between whole frames it is noise; a session without one whole frame names it as its end.
                Some(Err(error)) => self.disturbed = Some(error),
            }
        }
        learned
    }

    /// The frames to write now, given what the seats are to show.
    pub(crate) fn poll(&mut self, looks: &[SeatLook], now_ms: u32) -> Result<Vec<Wire>, Over> {
        if let Some(over) = self.over.take() {
            return Err(over);
        }
        if now_ms.wrapping_sub(self.heard_ms) >= SILENT_MS {
            let silent =
                self.disturbed.filter(|_| self.hello.is_none()).map_or(Over::Silent, Over::Disturbed);
            return Err(silent);
        }
        let mut out = std::mem::take(&mut self.acks);
        if self.asked_ms.is_none_or(|asked| now_ms.wrapping_sub(asked) >= ASK_MS) {
            self.asked_ms = Some(now_ms);
            self.question = self.question.wrapping_add(1);
            out.push(Frame { seq: self.question, message: Message::Who(Who) }.to_wire());
        }
        if self.hello.is_some() {
            self.show(looks, now_ms);
            out.extend(self.outbox.poll(now_ms).map(|frame| frame.to_wire()));
        }
        Ok(out)
    }

    /// One difference at a time: what is wanted may change while the last one is under way.
    fn show(&mut self, looks: &[SeatLook], now_ms: u32) {
        if !self.outbox.is_empty() {
            return;
        }
        for (key, (look, shown)) in (0..KEYS_MAX).zip(looks.iter().zip(&mut self.shown)).take(self.seats) {
            let message = if shown.mic_open != Some(look.mic_open) {
                shown.mic_open = None;
                Message::MicState(MicState { key, open: look.mic_open })
            } else if shown.light != Some(look.light) {
                shown.light = None;
                Message::Light(Light { key, shows: look.light })
            } else {
                continue;
            };
            // The outbox is empty. What it gives up stays a difference, and is found here again.
            let _ = self.outbox.push(message, now_ms);
            return;
        }
    }

    fn hear(&mut self, frame: Frame, now_ms: u32, learned: &mut Vec<Learned>) {
        match frame.message {
            Message::Hello(hello) => self.meet(hello, now_ms, learned),
            Message::TalkKey(TalkKey { key, down, at_ms }) => {
                let known = self.hello.is_some_and(|h| key < h.keys);
                if self.hello.is_none() {
                    // Not acknowledged: it comes again when the console has been met.
                    return;
                }
                self.acks.push(answer(frame.seq, if known { Status::Done } else { Status::NoSuchKey }));
                if known {
                    self.set_key(key, down, Some(at_ms), learned);
                }
            }
            Message::Ack(Ack { status }) => {
                if let Some(message) = self.outbox.acknowledged(frame.seq) {
                    self.note_shown(message, status);
                }
            }
            // The hub speaks these: an echo on the line.
            Message::Who(_) | Message::MicState(_) | Message::Light(_) => {}
        }
    }

    fn meet(&mut self, hello: Hello, now_ms: u32, learned: &mut Vec<Learned>) {
        if usize::from(hello.keys) < self.seats {
            self.over = Some(Over::TooFewKeys { has: hello.keys, wanted: self.seats });
            return;
        }
        self.heard_ms = now_ms;
        let before = self.hello.replace(hello);
        let restarted = before.is_some_and(|b| hello.uptime_ms < b.uptime_ms);
        if restarted {
            // Its lights are dark again, and its counts start anew.
            self.shown = [Shown::default(); KEYS_MAX as usize];
            self.outbox.clear();
        }
        if before.is_none() {
            learned.push(Learned::Present(hello));
        }
        let counted_from = match before {
            Some(b) if !restarted => b.given_up,
            Some(_) => 0,
            // What it gave up before it was met, it gave up with no hub there to hear.
            None => hello.given_up,
        };
        let given_up = hello.given_up.wrapping_sub(counted_from);
        if given_up > 0 {
            learned.push(Learned::GivenUp(given_up.into()));
        }
        for key in 0..hello.keys {
            self.set_key(key, hello.held & (1 << key) != 0, None, learned);
        }
    }

    fn set_key(&mut self, key: u8, down: bool, at_ms: Option<u32>, learned: &mut Vec<Learned>) {
        let bit = 1 << key;
        if (self.held & bit != 0) != down && usize::from(key) < self.seats {
            self.held ^= bit;
            learned.push(Learned::Key { key, down, at_ms });
        }
    }

    /// A refusal counts as shown: the console cannot do it, asking again would not teach it.
    fn note_shown(&mut self, message: Message, status: Status) {
        let (Message::MicState(MicState { key, .. }) | Message::Light(Light { key, .. })) = message else {
            return;
        };
        let Some(shown) = self.shown.get_mut(usize::from(key)) else { return };
        match message {
            Message::MicState(m) => shown.mic_open = Some(m.open),
            Message::Light(m) => shown.light = Some(m.shows),
            _ => return,
        }
        if status != Status::Done {
            tracing::warn!(key, status = status.name(), %message, "a console refused what it was to show");
        }
    }
}

fn answer(seq: u8, status: Status) -> Wire {
    Frame { seq, message: Message::Ack(Ack { status }) }.to_wire()
}

#[cfg(test)]
mod tests;
