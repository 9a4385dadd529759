//! What waits to be acknowledged: one frame under way, the others behind it.
//!
//! ```text
//!   push ──► waiting ──poll──► under way ──ack──► done
//!                                │  ▲
//!                    RESEND_MS   └──┘        GIVE_UP_MS since it was pushed ──► given up, counted
//! ```
//!
//! One at a time keeps the order without a window, and every acknowledged message tells a state ("key 0 is down"),
//! so that hearing it twice does no harm and no receiver has to remember numbers.

use super::{Frame, Message};

/// A frame not acknowledged is sent again after this many milliseconds.
pub const RESEND_MS: u32 = 100;
/// A message not acknowledged this many milliseconds after it was pushed is given up: a key press of long ago must
/// not open a microphone now. `Hello` tells the keys' true state afterwards, and how many messages were given up.
pub const GIVE_UP_MS: u32 = 1_000;
const WAITING_MAX: usize = 8;

/// Eight messages wait already; the oldest are given up in at most a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxFull;

#[derive(Debug, Clone, Copy)]
struct Entry {
    message: Message,
    pushed_ms: u32,
}

/// Up to eight messages to be acknowledged, sent in order.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    entries: [Option<Entry>; WAITING_MAX],
    seq: u8,
    sent_ms: Option<u32>,
    given_up: u16,
}

impl Outbox {
    /// Nothing waits.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: [None; WAITING_MAX], seq: 1, sent_ms: None, given_up: 0 }
    }

    /// Nothing waits and nothing is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries[0].is_none()
    }

    /// Messages given up or refused for lack of room since the beginning, wrapping.
    #[must_use]
    pub fn given_up(&self) -> u16 {
        self.given_up
    }

    /// Adds a message; refused (and counted) if eight wait.
    pub fn push(&mut self, message: Message, now_ms: u32) -> Result<(), OutboxFull> {
        match self.entries.iter_mut().find(|e| e.is_none()) {
            Some(slot) => *slot = Some(Entry { message, pushed_ms: now_ms }),
            None => {
                self.given_up = self.given_up.wrapping_add(1);
                return Err(OutboxFull);
            }
        }
        Ok(())
    }

    /// The frame to write now, if any: a new one, or the one under way again.
    pub fn poll(&mut self, now_ms: u32) -> Option<Frame> {
        while self.entries[0].is_some_and(|e| now_ms.wrapping_sub(e.pushed_ms) >= GIVE_UP_MS) {
            self.given_up = self.given_up.wrapping_add(1);
            self.next();
        }
        let entry = self.entries[0]?;
        if self.sent_ms.is_some_and(|sent| now_ms.wrapping_sub(sent) < RESEND_MS) {
            return None;
        }
        self.sent_ms = Some(now_ms);
        Some(Frame { seq: self.seq, message: entry.message })
    }

    /// Takes the acknowledgement of `seq`; the message it was for, if that is the one under way.
    pub fn acknowledged(&mut self, seq: u8) -> Option<Message> {
        let under_way = self.sent_ms.is_some() && seq == self.seq;
        let message = self.entries[0].filter(|_| under_way)?.message;
        self.next();
        Some(message)
    }

    /// Forgets what waits, uncounted: for a peer that begins anew.
    pub fn clear(&mut self) {
        self.entries = [None; WAITING_MAX];
        self.sent_ms = None;
        self.seq = self.seq.wrapping_add(1);
    }

    fn next(&mut self) {
        self.entries[0] = None;
        self.entries.rotate_left(1);
        self.sent_ms = None;
        self.seq = self.seq.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::message::TalkKey;

    fn key(down: bool) -> Message {
        Message::TalkKey(TalkKey { key: 0, down, at_ms: 5 })
    }

    #[test]
    fn a_message_is_sent_again_until_it_is_acknowledged_and_the_next_follows() {
        let mut outbox = Outbox::new();
        outbox.push(key(true), 0).unwrap();
        outbox.push(key(false), 10).unwrap();
        let first = outbox.poll(10).unwrap();
        assert_eq!(outbox.poll(10 + RESEND_MS - 1), None);
        assert_eq!(outbox.poll(10 + RESEND_MS), Some(first));
        assert_eq!(outbox.acknowledged(first.seq.wrapping_add(1)), None);
        assert_eq!(outbox.acknowledged(first.seq), Some(key(true)));
        assert_eq!(outbox.acknowledged(first.seq), None);
        assert_eq!(outbox.poll(10 + RESEND_MS).map(|f| f.message), Some(key(false)));
    }

    #[test]
    fn an_old_press_is_given_up_and_counted_not_sent_late() {
        let mut outbox = Outbox::new();
        outbox.push(key(true), u32::MAX - 10).unwrap();
        assert!(outbox.poll(u32::MAX - 10).is_some());
        outbox.push(key(false), 900).unwrap();
        assert_eq!(outbox.poll(GIVE_UP_MS).map(|f| f.message), Some(key(false)));
        assert_eq!(outbox.given_up(), 1);
    }

    #[test]
    fn a_ninth_message_is_refused_and_counted() {
        let mut outbox = Outbox::new();
        for _ in 0..8 {
            outbox.push(key(true), 0).unwrap();
        }
        assert_eq!(outbox.push(key(true), 0), Err(OutboxFull));
        assert_eq!(outbox.given_up(), 1);
    }
}
