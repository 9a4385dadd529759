//! Fan-out: each view class has its own dense sequence and ring; a message is encoded once per class.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use model::{HearingTime, SeatId, ViewClass};
use protocol::view::Update;
use protocol::wire::ServerMsg;

use crate::outbox::{self, Outbox};

/// Updates kept per class for screens that come back.
const RING: usize = 2048;

/// Most updates sent to a screen that comes back; above it a snapshot is smaller, and what happens meanwhile still finds room.
const MISSED_MAX: usize = outbox::MESSAGES_MAX / 2;

/// A connection's number within this run of the hub.
pub(crate) type Conn = u64;

#[derive(Debug)]
struct Screen {
    seat: SeatId,
    class: ViewClass,
    outbox: Arc<Outbox>,
}

#[derive(Debug, Default)]
struct Stream {
    seq: u64,
    ring: VecDeque<(u64, Bytes)>,
}

/// All screens of one hearing.
#[derive(Debug, Default)]
pub(crate) struct Fanout {
    streams: HashMap<ViewClass, Stream>,
    /// Ordered by class, so that principals are written first.
    screens: BTreeMap<(ViewClass, Conn), Screen>,
    classes: HashMap<Conn, ViewClass>,
    /// How many times a screen fell behind and was resynced.
    pub(crate) resyncs: u64,
}

/// Encodes a message; our own types always encode.
pub(crate) fn encode(message: &ServerMsg) -> Bytes {
    match serde_json::to_vec(message) {
        Ok(json) => Bytes::from(json),
        Err(error) => {
            tracing::error!(%error, "a message of our own could not be encoded");
            Bytes::from_static(br#"{"type":"malformed","sentence":"internal error: reload the page"}"#)
        }
    }
}

impl Fanout {
    pub(crate) fn join(&mut self, conn: Conn, seat: SeatId, class: ViewClass, outbox: Arc<Outbox>) {
        self.classes.insert(conn, class);
        self.screens.insert((class, conn), Screen { seat, class, outbox });
    }

    pub(crate) fn leave(&mut self, conn: Conn) {
        if let Some(class) = self.classes.remove(&conn) {
            self.screens.remove(&(class, conn));
        }
    }

    /// The screens of a seat that are in another class than `class`, moved into it.
    pub(crate) fn move_seat(&mut self, seat: &SeatId, class: ViewClass) -> Vec<Arc<Outbox>> {
        let of_seat = |s: &Screen| s.seat == *seat && s.class != class;
        let moved: Vec<_> = self.screens.iter().filter(|(_, s)| of_seat(s)).map(|(key, _)| *key).collect();
        let mut outboxes = Vec::with_capacity(moved.len());
        for key in moved {
            let Some(screen) = self.screens.remove(&key) else { continue };
            outboxes.push(Arc::clone(&screen.outbox));
            self.join(key.1, screen.seat, class, screen.outbox);
        }
        outboxes
    }

    pub(crate) fn seq(&self, class: ViewClass) -> u64 {
        self.streams.get(&class).map_or(0, |s| s.seq)
    }

    /// Messages after `seq`, if the ring still holds them all and a queue takes them.
    pub(crate) fn since(&self, class: ViewClass, seq: u64) -> Option<Vec<Bytes>> {
        let Some(stream) = self.streams.get(&class) else {
            return (seq == 0).then(Vec::new);
        };
        if seq > stream.seq {
            return None;
        }
        let oldest = stream.ring.front().map_or(stream.seq + 1, |(s, _)| *s);
        if seq + 1 < oldest {
            return None;
        }
        let missed: Vec<Bytes> =
            stream.ring.iter().filter(|(s, _)| *s > seq).map(|(_, b)| b.clone()).collect();
        let bytes: usize = missed.iter().map(Bytes::len).sum();
        (missed.len() <= MISSED_MAX && bytes <= outbox::BYTES_MAX / 2).then_some(missed)
    }

    /// Sends updates to every screen of a class. Nothing at all happens for an empty list: the class must not notice.
    pub(crate) fn publish(&mut self, class: ViewClass, at: HearingTime, updates: Vec<Update>) {
        if updates.is_empty() {
            return;
        }
        let stream = self.streams.entry(class).or_default();
        stream.seq += 1;
        let message = encode(&ServerMsg::Update { seq: stream.seq, at, updates });
        stream.ring.push_back((stream.seq, message.clone()));
        if stream.ring.len() > RING {
            stream.ring.pop_front();
        }
        let behind = self.of_class(class).filter(|s| s.outbox.push(message.clone())).count();
        self.resyncs += behind as u64;
    }

    fn of_class(&self, class: ViewClass) -> impl Iterator<Item = &Screen> {
        self.screens.range((class, 0)..=(class, Conn::MAX)).map(|(_, s)| s)
    }

    /// Sends something that is not recorded to the screens of `classes` (but not back to `except`).
    pub(crate) fn ephemeral(
        &self,
        message: &ServerMsg,
        classes: impl Fn(ViewClass) -> bool,
        except: Option<Conn>,
    ) {
        let mut encoded: Option<Bytes> = None;
        for ((class, conn), screen) in &self.screens {
            if classes(*class) && Some(*conn) != except {
                let bytes = encoded.get_or_insert_with(|| encode(message));
                screen.outbox.push_ephemeral(bytes.clone());
            }
        }
    }

    pub(crate) fn screen(&self, conn: Conn) -> Option<(&SeatId, ViewClass, &Arc<Outbox>)> {
        let class = *self.classes.get(&conn)?;
        self.screens.get(&(class, conn)).map(|s| (&s.seat, s.class, &s.outbox))
    }

    /// Seats with at least one live screen.
    pub(crate) fn online(&self) -> Vec<SeatId> {
        let mut seats: Vec<_> = self.screens.values().map(|s| s.seat.clone()).collect();
        seats.sort();
        seats.dedup();
        seats
    }

    /// Closes the screens of a seat; they come back only with a session that is still good.
    pub(crate) fn close_seat(&self, seat: &SeatId) {
        self.screens.values().filter(|s| s.seat == *seat).for_each(|s| s.outbox.close());
    }

    pub(crate) fn close_all(&mut self, bye: &ServerMsg) {
        let bytes = encode(bye);
        for screen in self.screens.values() {
            screen.outbox.answer(bytes.clone());
            screen.outbox.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn updates() -> Vec<Update> {
        vec![Update::RecordDigest(None)]
    }

    /// [R-SEQ-1]
    #[test]
    fn a_class_that_sees_nothing_of_an_event_keeps_its_sequence() {
        let mut fanout = Fanout::default();
        fanout.publish(ViewClass::Bench, HearingTime(1), updates());
        fanout.publish(ViewClass::Public, HearingTime(1), Vec::new());
        assert_eq!((fanout.seq(ViewClass::Bench), fanout.seq(ViewClass::Public)), (1, 0));
    }

    /// [R-SEQ-7]
    #[test]
    fn a_screen_that_comes_back_gets_exactly_what_it_missed_or_a_snapshot() {
        let mut fanout = Fanout::default();
        for _ in 0..RING + 10 {
            fanout.publish(ViewClass::Bench, HearingTime(1), updates());
        }
        let head = fanout.seq(ViewClass::Bench);
        assert_eq!(fanout.since(ViewClass::Bench, head - 3).map(|m| m.len()), Some(3));
        assert_eq!(fanout.since(ViewClass::Bench, head).map(|m| m.len()), Some(0));
        assert_eq!(fanout.since(ViewClass::Bench, 1), None);
        assert_eq!(fanout.since(ViewClass::Bench, head - 512).map(|m| m.len()), Some(512));
        assert_eq!(fanout.since(ViewClass::Bench, head - 513), None, "a snapshot is shorter");
        assert_eq!((RING, fanout.streams[&ViewClass::Bench].ring.len()), (2048, 2048));
        let long = || vec![Update::RecordDigest(Some("a".repeat(1 << 20)))];
        (0..2).for_each(|_| fanout.publish(ViewClass::Bench, HearingTime(1), long()));
        let head = fanout.seq(ViewClass::Bench);
        assert_eq!(fanout.since(ViewClass::Bench, head - 1).map(|m| m.len()), Some(1));
        assert_eq!(fanout.since(ViewClass::Bench, head - 2), None, "more than 2 MiB");
        assert_eq!(fanout.since(ViewClass::Bench, head + 1), None);
    }
}
