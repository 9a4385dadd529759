//! Fan-out: each view class has its own dense sequence and ring; a message is encoded once per class, and reaches a crowd go by go.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use model::{HearingTime, SeatId, ViewClass};
use protocol::view::Update;
use protocol::wire::ServerMsg;

use crate::frame::Frame;
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
    ring: VecDeque<(u64, Frame)>,
}

/// Screens are reached by class, so that principals come first, and within a class in the order in which they came.
type Place = (ViewClass, Conn);

/// Screens reached in one go. A crowd is reached go by go, with whatever else there is to do in between: what happens next
/// waits for so many writes and not for those of a whole gallery.
const GO: usize = 64;

/// Messages that may be on their way to a crowd at once; above it all are sent out before anything else happens.
const UNDER_WAY_MAX: usize = 64;

/// Behind every screen.
const END: Place = (ViewClass::Waiting, Conn::MAX);

/// A message on its way: it has reached every screen it is for before `next`.
#[derive(Debug)]
struct UnderWay {
    frame: Frame,
    /// Of those that are durable nobody is left out.
    durable: bool,
    to: Vec<ViewClass>,
    except: Option<Conn>,
    /// Screens that came later have it in their snapshot.
    newest: Conn,
    next: Place,
}

/// All screens of one hearing.
#[derive(Debug, Default)]
pub(crate) struct Fanout {
    streams: HashMap<ViewClass, Stream>,
    screens: BTreeMap<Place, Screen>,
    classes: HashMap<Conn, ViewClass>,
    newest: Conn,
    /// The oldest first; none is further than one before it.
    under_way: VecDeque<UnderWay>,
    /// How many times a screen fell behind and was resynced.
    pub(crate) resyncs: u64,
}

impl UnderWay {
    /// Reaches at most so many screens more, all of them before `until`. Gives how many of them fell behind by it.
    fn advance(&mut self, screens: &BTreeMap<Place, Screen>, most: usize, until: Place) -> u64 {
        let (mut left, mut behind) = (most, 0);
        let (class_now, conn_now) = self.next;
        for class in self.to.iter().filter(|c| **c >= class_now) {
            let from = if *class == class_now { conn_now } else { 0 };
            for (place, screen) in screens.range((*class, from)..=(*class, Conn::MAX)) {
                if left == 0 || *place >= until {
                    self.next = until.min(*place);
                    return behind;
                }
                if place.1 > self.newest || Some(place.1) == self.except {
                    continue;
                }
                left -= 1;
                match self.durable {
                    true => behind += u64::from(screen.outbox.push(self.frame.clone())),
                    false => screen.outbox.push_ephemeral(self.frame.clone()),
                }
            }
        }
        self.next = END;
        behind
    }
}

impl Fanout {
    pub(crate) fn join(&mut self, conn: Conn, seat: SeatId, class: ViewClass, outbox: Arc<Outbox>) {
        self.newest = self.newest.max(conn);
        self.classes.insert(conn, class);
        self.screens.insert((class, conn), Screen { seat, class, outbox });
    }

    pub(crate) fn leave(&mut self, conn: Conn) {
        if let Some(class) = self.classes.remove(&conn) {
            self.screens.remove(&(class, conn));
        }
    }

    /// The screens of a seat that are in another class than `class`, moved into it. What was on its way to them has reached them.
    pub(crate) fn move_seat(&mut self, seat: &SeatId, class: ViewClass) -> Vec<Arc<Outbox>> {
        let of_seat = |s: &Screen| s.seat == *seat && s.class != class;
        let moved: Vec<_> = self.screens.iter().filter(|(_, s)| of_seat(s)).map(|(key, _)| *key).collect();
        if !moved.is_empty() {
            self.send_all();
        }
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
    pub(crate) fn since(&self, class: ViewClass, seq: u64) -> Option<Vec<Frame>> {
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
        let missed: Vec<Frame> =
            stream.ring.iter().filter(|(s, _)| *s > seq).map(|(_, frame)| frame.clone()).collect();
        let bytes: usize = missed.iter().map(Frame::len).sum();
        (missed.len() <= MISSED_MAX && bytes <= outbox::BYTES_MAX / 2).then_some(missed)
    }

    /// Sends updates to every screen of a class. Nothing at all happens for an empty list: the class must not notice.
    pub(crate) fn publish(&mut self, class: ViewClass, at: HearingTime, updates: Vec<Update>) {
        if updates.is_empty() {
            return;
        }
        let stream = self.streams.entry(class).or_default();
        stream.seq += 1;
        let frame = Frame::text(&ServerMsg::Update { seq: stream.seq, at, updates });
        stream.ring.push_back((stream.seq, frame.clone()));
        if stream.ring.len() > RING {
            stream.ring.pop_front();
        }
        self.send(frame, true, vec![class], None);
    }

    /// Sends something that is not recorded to the screens of `classes` (but not back to `except`).
    pub(crate) fn ephemeral(
        &mut self,
        message: &ServerMsg,
        classes: impl Fn(ViewClass) -> bool,
        except: Option<Conn>,
    ) {
        let reached = |c: &ViewClass| classes(*c) && self.of_class(*c).next().is_some();
        let to: Vec<_> = ViewClass::ALL.into_iter().filter(reached).collect();
        if !to.is_empty() {
            self.send(Frame::text(message), false, to, except);
        }
    }

    /// The first go is made at once, as far as nothing older must come first.
    fn send(&mut self, frame: Frame, durable: bool, mut to: Vec<ViewClass>, except: Option<Conn>) {
        to.sort_unstable();
        let until = self.under_way.back().map_or(END, |older| older.next);
        let next = to.first().map_or(END, |first| (*first, 0)).min(until);
        let mut message = UnderWay { frame, durable, to, except, newest: self.newest, next };
        self.resyncs += message.advance(&self.screens, GO, until);
        if message.next != END {
            self.under_way.push_back(message);
        }
        if self.under_way.len() > UNDER_WAY_MAX {
            self.send_all();
        }
    }

    /// Whether a crowd is still to be reached.
    pub(crate) fn is_under_way(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// One go: the next screens get the oldest message that is on its way to them, and with it those that stand where it stood.
    pub(crate) fn send_on(&mut self) {
        let Some(began) = self.under_way.front().map(|oldest| oldest.next) else { return };
        let (mut most, mut until) = (GO, END);
        for message in self.under_way.iter_mut().take_while(|m| m.next == began) {
            self.resyncs += message.advance(&self.screens, most, until);
            (most, until) = (usize::MAX, until.min(message.next));
        }
        self.under_way.retain(|m| m.next != END);
    }

    /// All that is on its way, at once.
    pub(crate) fn send_all(&mut self) {
        while self.is_under_way() {
            self.send_on();
        }
    }

    /// What is on its way to this screen reaches it before anything else.
    pub(crate) fn reach(&mut self, conn: Conn) {
        let Some(class) = self.classes.get(&conn) else { return };
        if self.under_way.back().is_some_and(|m| m.next <= (*class, conn)) {
            self.send_all();
        }
    }

    fn of_class(&self, class: ViewClass) -> impl Iterator<Item = &Screen> {
        self.screens.range((class, 0)..=(class, Conn::MAX)).map(|(_, s)| s)
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
        self.send_all();
        let bye = Frame::text(bye);
        for screen in self.screens.values() {
            screen.outbox.answer(bye.clone());
            screen.outbox.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_screen_is_behind_the_end() {
        assert_eq!(ViewClass::ALL.into_iter().max(), Some(END.0));
    }

    /// Screens of a class, numbered from `first`.
    fn crowd(fanout: &mut Fanout, class: ViewClass, first: Conn, count: usize) -> Vec<Arc<Outbox>> {
        (first..)
            .take(count)
            .map(|conn| {
                let outbox = Arc::new(Outbox::default());
                fanout.join(conn, SeatId::new("seat").expect("well formed"), class, Arc::clone(&outbox));
                outbox
            })
            .collect()
    }

    fn texts(outbox: &Outbox) -> Vec<String> {
        let items = outbox.take(usize::MAX).into_iter();
        items
            .map(|item| match item {
                crate::OutboxItem::Message(frame) => String::from_utf8_lossy(frame.payload()).into_owned(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn updates_of(seqs: std::ops::RangeInclusive<u64>) -> Vec<String> {
        let message = |seq| ServerMsg::Update { seq, at: HearingTime(1), updates: updates() };
        seqs.map(|seq| serde_json::to_string(&message(seq)).expect("encodes")).collect()
    }

    #[test]
    fn a_principal_waits_for_no_gallery() {
        let mut fanout = Fanout::default();
        let bench = crowd(&mut fanout, ViewClass::Bench, 1, 3);
        let gallery = crowd(&mut fanout, ViewClass::Public, 10, 1000);
        fanout.publish(ViewClass::Public, HearingTime(1), updates());
        fanout.publish(ViewClass::Bench, HearingTime(1), updates());
        assert!(bench.iter().all(|b| texts(b) == updates_of(1..=1)));
        let reached = gallery.iter().filter(|g| texts(g) == updates_of(1..=1)).count();
        assert_eq!(reached, GO);
        let mut goes = 0;
        while fanout.is_under_way() {
            fanout.send_on();
            goes += 1;
        }
        assert_eq!(goes, (1000 - GO).div_ceil(GO));
        assert_eq!(gallery.iter().filter(|g| texts(g) == updates_of(1..=1)).count(), 1000 - GO);
    }

    /// [R-SEQ-1]
    #[test]
    fn a_crowd_gets_everything_once_and_in_order_whatever_happens_between_the_goes() {
        let mut chance = 7u64;
        let mut draw = |below: u64| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) % below
        };
        let mut fanout = Fanout::default();
        let (mut conn, mut told) = (0, BTreeMap::<ViewClass, u64>::new());
        // A screen, its class, and the sequence it begins at.
        let mut screens: Vec<(ViewClass, u64, Arc<Outbox>)> = Vec::new();
        for _ in 0..600 {
            let class = ViewClass::ALL[draw(8) as usize];
            let seq = told.entry(class).or_default();
            match draw(5) {
                0 => {
                    for outbox in crowd(&mut fanout, class, conn, draw(90) as usize) {
                        conn += 1;
                        screens.push((class, *seq, outbox));
                    }
                }
                1 => fanout.send_on(),
                2 if conn > 0 => fanout.reach(draw(conn)),
                _ => {
                    *seq += 1;
                    fanout.publish(class, HearingTime(1), updates());
                }
            }
        }
        fanout.send_all();
        assert!(screens.len() > 1000 && told.values().all(|seq| *seq > 20));
        for (class, from, outbox) in screens {
            assert_eq!(texts(&outbox), updates_of(from + 1..=told[&class]));
        }
    }

    #[test]
    fn what_is_merely_seen_goes_to_its_classes_and_not_back() {
        let mut fanout = Fanout::default();
        let bench = crowd(&mut fanout, ViewClass::Bench, 1, 2);
        let public = crowd(&mut fanout, ViewClass::Public, 3, 100);
        let seen = ServerMsg::DossierChanged { revision: 3 };
        fanout.ephemeral(&seen, |c| c != ViewClass::Clerk, Some(2));
        fanout.send_all();
        let said = [serde_json::to_string(&seen).expect("encodes")];
        assert_eq!(texts(&bench[0]), said);
        assert!(texts(&bench[1]).is_empty());
        assert!(public.iter().all(|p| texts(p) == said));
    }

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
