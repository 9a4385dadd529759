//! The queue of one screen: bounded, never blocking the one who fills it.
//!
//! ```text
//!   Running ──push over the bound──► Lagging (updates dropped; asks for a snapshot) ──resync──► Running
//!   any ──close, or answers over the bound──► Closed
//! ```
//!
//! Answers to what the screen itself asked are never dropped: it waits for them. A whole picture of the hearing (welcome, snapshot)
//! stands apart from the queue and its bounds, however large it is.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::frame::Frame;

/// Most messages a screen may be behind before it is brought up to date by a snapshot instead.
pub(crate) const MESSAGES_MAX: usize = 1024;
/// And most bytes.
pub(crate) const BYTES_MAX: usize = 4 << 20;

/// What the session shall do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxItem {
    /// Write this.
    Message(Frame),
    /// The queue overflowed and was dropped: ask the hub for a snapshot.
    Resync,
    /// Close the connection.
    Closed,
}

#[derive(Debug, Default)]
struct Queue {
    /// What replaces everything; written before all that is queued.
    whole: Option<Frame>,
    messages: VecDeque<Queued>,
    bytes: usize,
    state: Flow,
    /// The session that waits for more.
    waits: Option<Waker>,
}

#[derive(Debug)]
struct Queued {
    message: Frame,
    answer: bool,
}

impl Queue {
    fn is_full_for(&self, message: &Frame) -> bool {
        self.messages.len() >= MESSAGES_MAX || self.bytes + message.len() > BYTES_MAX
    }

    fn push(&mut self, message: Frame, answer: bool) {
        self.bytes += message.len();
        self.messages.push_back(Queued { message, answer });
    }

    fn keep_answers(&mut self) {
        self.messages.retain(|q| q.answer);
        self.bytes = self.messages.iter().map(|q| q.message.len()).sum();
    }

    fn take(&mut self, most: usize) -> Vec<OutboxItem> {
        let n = self.messages.len().min(most.saturating_sub(self.whole.iter().len()));
        let mut items = Vec::with_capacity(self.whole.iter().len() + n);
        items.extend(self.whole.take().map(OutboxItem::Message));
        let mut taken = 0;
        items.extend(self.messages.drain(..n).map(|queued| {
            taken += queued.message.len();
            OutboxItem::Message(queued.message)
        }));
        self.bytes -= taken;
        match self.state {
            Flow::Lagging { told: false } => {
                self.state = Flow::Lagging { told: true };
                items.push(OutboxItem::Resync);
            }
            Flow::Closed if self.messages.is_empty() => items.push(OutboxItem::Closed),
            Flow::Running | Flow::Lagging { .. } | Flow::Closed => {}
        }
        items
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Flow {
    #[default]
    Running,
    /// `told`: the session has been asked to resync already.
    Lagging {
        told: bool,
    },
    Closed,
}

/// How often a queue had to choose what a screen gets; shared by the screens that are counted.
#[derive(Debug, Default)]
pub struct Choices {
    /// A screen fell behind: a snapshot took the place of its updates.
    pub resyncs: AtomicU64,
    /// Something that may be lost was left out for a screen that is far behind.
    pub ephemerals_left_out: AtomicU64,
    /// A screen that asked and read nothing was closed.
    pub closed_unread: AtomicU64,
}

/// There is something for the session that waits.
fn wake(mut q: MutexGuard<'_, Queue>) {
    let waits = q.waits.take();
    drop(q);
    if let Some(session) = waits {
        session.wake();
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    choices: Option<Arc<Choices>>,
}

impl Outbox {
    /// One whose choices are counted.
    #[must_use]
    pub fn counted(choices: Arc<Choices>) -> Self {
        Self { choices: Some(choices), ..Self::default() }
    }

    fn count(&self, choice: fn(&Choices) -> &AtomicU64) {
        if let Some(choices) = &self.choices {
            choice(choices).fetch_add(1, Ordering::Relaxed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is consistent after every statement, so a panic elsewhere does not spoil it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a durable message. Returns whether the screen has just fallen behind.
    pub fn push(&self, message: Frame) -> bool {
        let mut q = self.lock();
        if q.state != Flow::Running {
            return false;
        }
        let over = q.is_full_for(&message);
        if over {
            q.keep_answers();
            q.state = Flow::Lagging { told: false };
            self.count(|c| &c.resyncs);
        } else {
            q.push(message, false);
        }
        wake(q);
        over
    }

    /// Queues the answer to something the screen asked. One that asks and reads nothing is left.
    pub fn answer(&self, message: Frame) {
        let mut q = self.lock();
        if q.state == Flow::Closed {
            return;
        }
        if q.is_full_for(&message) {
            q.keep_answers();
            let unread = q.is_full_for(&message);
            self.count(if unread { |c| &c.closed_unread } else { |c| &c.resyncs });
            q.state = if unread { Flow::Closed } else { Flow::Lagging { told: false } };
        }
        q.push(message, true);
        wake(q);
    }

    /// Queues a message that may be lost: it is left out when the screen is far behind.
    pub fn push_ephemeral(&self, message: Frame) {
        let mut q = self.lock();
        if q.state != Flow::Running || q.messages.len() >= MESSAGES_MAX / 8 {
            self.count(|c| &c.ephemerals_left_out);
            return;
        }
        q.push(message, false);
        wake(q);
    }

    /// Greets a screen: `whole` tells it who it is and replaces everything.
    pub fn welcome(&self, whole: Frame) {
        self.replace(whole, |state| *state != Flow::Closed);
    }

    /// Brings a lagging screen up to date: `whole` replaces everything it missed. One that has been welcomed since it asked lags no more.
    pub fn resync(&self, whole: Frame) {
        self.replace(whole, |state| matches!(state, Flow::Lagging { .. }));
    }

    fn replace(&self, whole: Frame, fits: impl Fn(&Flow) -> bool) {
        let mut q = self.lock();
        if !fits(&q.state) {
            return;
        }
        q.keep_answers();
        q.whole = Some(whole);
        q.state = Flow::Running;
        wake(q);
    }

    /// Ends the session after what is queued.
    pub fn close(&self) {
        let mut q = self.lock();
        q.state = Flow::Closed;
        wake(q);
    }

    /// Takes what is there, without waiting; empty if nothing is.
    pub fn take(&self, most: usize) -> Vec<OutboxItem> {
        self.lock().take(most)
    }

    /// Waits until there is something and takes at most `most` messages. One session waits at a time.
    pub async fn next(&self, most: usize) -> Vec<OutboxItem> {
        poll_fn(|context| {
            let mut q = self.lock();
            let items = q.take(most);
            if !items.is_empty() {
                return Poll::Ready(items);
            }
            match &mut q.waits {
                Some(waits) => waits.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_counted() {
        let choices = Arc::new(Choices::default());
        let outbox = Outbox::counted(Arc::clone(&choices));
        let small = || message("x");
        let counts = || {
            [&choices.resyncs, &choices.ephemerals_left_out, &choices.closed_unread]
                .map(|c| c.load(Ordering::Relaxed))
        };
        (0..MESSAGES_MAX / 8 + 3).for_each(|_| outbox.push_ephemeral(small()));
        assert_eq!(counts(), [0, 3, 0]);
        assert_eq!((0..MESSAGES_MAX).filter(|_| outbox.push(small())).count(), 1);
        assert_eq!(counts(), [1, 3, 0]);
        (0..MESSAGES_MAX + 1).for_each(|_| outbox.answer(small()));
        assert_eq!(counts(), [1, 3, 1]);
    }

    #[test]
    fn a_stalled_screen_is_resynced_once_and_costs_bounded_memory() {
        let outbox = Outbox::default();
        let fell_behind = (0..10_000).filter(|_| outbox.push(message("x"))).count();
        assert_eq!(fell_behind, 1);
        assert_eq!(outbox.take(10), [OutboxItem::Resync]);
        assert_eq!(outbox.take(10), []);
        outbox.resync(message("all"));
        outbox.push(message("next"));
        let got = outbox.take(10);
        assert_eq!(got, [OutboxItem::Message(message("all")), OutboxItem::Message(message("next"))]);
    }

    #[test]
    fn what_is_queued_is_written_before_the_connection_closes() {
        let outbox = Outbox::default();
        outbox.push(message("last words"));
        outbox.close();
        assert_eq!(outbox.take(10), [OutboxItem::Message(message("last words")), OutboxItem::Closed]);
    }

    /// A frame of a plain text.
    fn message(text: &str) -> Frame {
        Frame::framed(text.as_bytes())
    }

    /// [R-SEQ-6]
    #[test]
    fn answers_survive_a_resync_and_a_screen_that_only_asks_is_left() {
        let outbox = Outbox::default();
        outbox.answer(message("done 1"));
        (0..2000).for_each(|_| {
            outbox.push(message("x"));
        });
        outbox.answer(message("done 2"));
        outbox.resync(message("all"));
        outbox.push(message("next"));
        let got: Vec<_> = outbox
            .take(10)
            .into_iter()
            .filter_map(|item| match item {
                OutboxItem::Message(bytes) => Some(bytes),
                OutboxItem::Resync | OutboxItem::Closed => None,
            })
            .collect();
        assert_eq!(got, ["all", "done 1", "done 2", "next"].map(message));
        (0..2000).for_each(|_| outbox.answer(message("done")));
        assert_eq!(outbox.take(2000).last(), Some(&OutboxItem::Closed));
    }

    /// [R-SEQ-6]
    #[test]
    fn a_screen_may_be_1024_messages_or_4_mib_behind_and_no_more() {
        let outbox = Outbox::default();
        assert_eq!((0..1024).filter(|_| outbox.push(message("x"))).count(), 0);
        assert!(outbox.push(message("x")));
        let outbox = Outbox::default();
        assert!(!outbox.push(message(&" ".repeat(4 << 20))));
        assert!(outbox.push(message("x")));
    }

    /// [R-EPH-1]
    #[test]
    fn what_is_merely_seen_is_left_out_for_a_screen_128_messages_behind() {
        let outbox = Outbox::default();
        (0..127).for_each(|_| {
            outbox.push(message("x"));
        });
        outbox.push_ephemeral(message("seen"));
        outbox.push_ephemeral(message("lost"));
        outbox.push(message("last"));
        let got: Vec<_> = outbox.take(2000);
        assert_eq!(got.len(), 129);
        assert_eq!(got[127..], ["seen", "last"].map(|text| OutboxItem::Message(message(text))));
    }

    /// [R-SEQ-8]
    #[test]
    fn a_whole_picture_over_the_bound_does_not_make_the_screen_fall_behind() {
        let outbox = Outbox::default();
        let whole = message(&" ".repeat(BYTES_MAX + 1));
        outbox.welcome(whole.clone());
        assert!(!outbox.push(message("next")));
        assert_eq!(outbox.take(10), [OutboxItem::Message(whole), OutboxItem::Message(message("next"))]);
    }

    /// [R-SEQ-8] [R-SEQ-9]
    #[test]
    fn a_welcome_comes_first_even_where_the_screen_falls_behind_before_reading_it() {
        let outbox = Outbox::default();
        outbox.welcome(message("welcome"));
        (0..2000).for_each(|_| {
            outbox.push(message("x"));
        });
        assert_eq!(outbox.take(10), [OutboxItem::Message(message("welcome")), OutboxItem::Resync]);
        // Moved into another class meanwhile: what it asked for before is out of date.
        outbox.welcome(message("welcome elsewhere"));
        outbox.resync(message("all"));
        assert_eq!(outbox.take(10), [OutboxItem::Message(message("welcome elsewhere"))]);
    }
}
