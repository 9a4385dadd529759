//! The queue of one screen: bounded, never blocking the one who fills it.
//!
//! ```text
//!   Running ──push over the bound──► Lagging (queue dropped; asks for a snapshot) ──resync──► Running
//!   any ──close──► Closed
//! ```

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// Most messages a screen may be behind before it is brought up to date by a snapshot instead.
const MESSAGES_MAX: usize = 1024;
/// And most bytes.
const BYTES_MAX: usize = 4 << 20;

/// What the session shall do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxItem {
    /// Write this text message.
    Message(Bytes),
    /// The queue overflowed and was dropped: ask the hub for a snapshot.
    Resync,
    /// Close the connection.
    Closed,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Bytes>,
    bytes: usize,
    state: Flow,
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

/// See the module.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    wake: Notify,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is consistent after every statement, so a panic elsewhere does not spoil it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a durable message. Returns whether the screen has just fallen behind.
    pub fn push(&self, message: Bytes) -> bool {
        let mut q = self.lock();
        if q.state != Flow::Running {
            return false;
        }
        let over = q.messages.len() >= MESSAGES_MAX || q.bytes + message.len() > BYTES_MAX;
        if over {
            q.messages.clear();
            q.bytes = 0;
            q.state = Flow::Lagging { told: false };
        } else {
            q.bytes += message.len();
            q.messages.push_back(message);
        }
        drop(q);
        self.wake.notify_one();
        over
    }

    /// Queues a message that may be lost: it is left out when the screen is far behind.
    pub fn push_ephemeral(&self, message: Bytes) {
        let mut q = self.lock();
        if q.state != Flow::Running || q.messages.len() >= MESSAGES_MAX / 8 {
            return;
        }
        q.bytes += message.len();
        q.messages.push_back(message);
        drop(q);
        self.wake.notify_one();
    }

    /// Brings a lagging screen back: `snapshot` replaces everything it missed.
    pub fn resync(&self, snapshot: Bytes) {
        let mut q = self.lock();
        if q.state == Flow::Closed {
            return;
        }
        q.messages.clear();
        q.bytes = snapshot.len();
        q.messages.push_back(snapshot);
        q.state = Flow::Running;
        drop(q);
        self.wake.notify_one();
    }

    /// Ends the session after what is queued.
    pub fn close(&self) {
        self.lock().state = Flow::Closed;
        self.wake.notify_one();
    }

    /// Takes what is there, without waiting; empty if nothing is.
    pub fn take(&self, most: usize) -> Vec<OutboxItem> {
        let mut q = self.lock();
        let n = q.messages.len().min(most);
        let taken: Vec<Bytes> = q.messages.drain(..n).collect();
        q.bytes -= taken.iter().map(Bytes::len).sum::<usize>();
        let mut items: Vec<_> = taken.into_iter().map(OutboxItem::Message).collect();
        match q.state {
            Flow::Lagging { told: false } => {
                q.state = Flow::Lagging { told: true };
                items.push(OutboxItem::Resync);
            }
            Flow::Closed if q.messages.is_empty() => items.push(OutboxItem::Closed),
            Flow::Running | Flow::Lagging { .. } | Flow::Closed => {}
        }
        items
    }

    /// Waits until there is something and takes at most `most` messages.
    pub async fn next(&self, most: usize) -> Vec<OutboxItem> {
        loop {
            let items = self.take(most);
            if !items.is_empty() {
                return items;
            }
            self.wake.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stalled_screen_is_resynced_once_and_costs_bounded_memory() {
        let outbox = Outbox::default();
        let fell_behind = (0..10_000).filter(|_| outbox.push(Bytes::from_static(b"x"))).count();
        assert_eq!(fell_behind, 1);
        assert_eq!(outbox.take(10), [OutboxItem::Resync]);
        assert_eq!(outbox.take(10), []);
        outbox.resync(Bytes::from_static(b"all"));
        outbox.push(Bytes::from_static(b"next"));
        let got = outbox.take(10);
        assert_eq!(
            got,
            [
                OutboxItem::Message(Bytes::from_static(b"all")),
                OutboxItem::Message(Bytes::from_static(b"next"))
            ]
        );
    }

    #[test]
    fn what_is_queued_is_written_before_the_connection_closes() {
        let outbox = Outbox::default();
        outbox.push(Bytes::from_static(b"last words"));
        outbox.close();
        assert_eq!(
            outbox.take(10),
            [OutboxItem::Message(Bytes::from_static(b"last words")), OutboxItem::Closed]
        );
    }
}
