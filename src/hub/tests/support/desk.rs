//! A desk without sockets: an outbox, and what it shows.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use court::Command;
use hub::{Handle, Msg, Outbox, OutboxItem};
use model::{CmdId, HearingTime};
use protocol::view::{Snapshot, Update};
use protocol::wire::{ClientMsg, Resume, ServerMsg};

use super::support::id as seat;

/// A desk: an outbox and what it shows.
pub(crate) struct Desk {
    pub(crate) handle: Handle,
    pub(crate) conn: u64,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) waiting: VecDeque<ServerMsg>,
    pub(crate) shown: Option<Snapshot>,
    pub(crate) at: Option<Resume>,
    pub(crate) commands: u32,
    /// Every byte that reached this desk.
    pub(crate) wire: String,
    /// The hub has closed it; what was said before is read first.
    pub(crate) closed: bool,
}

impl Desk {
    pub(crate) async fn join(handle: &Handle, name: &str, resume: Option<Resume>) -> Self {
        // The hearing's opening is journalled first; a seat exists after that.
        let joined = tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                let outbox = Arc::new(Outbox::default());
                if let Ok(joined) = handle.join(seat(name), resume, Arc::clone(&outbox)).await {
                    return (joined, outbox);
                }
                tokio::task::yield_now().await;
            }
        });
        let (joined, outbox) = joined.await.expect("the desk joins");
        let handle = handle.clone();
        let waiting = VecDeque::new();
        Self {
            handle,
            conn: joined.conn,
            outbox,
            waiting,
            shown: None,
            at: resume,
            commands: 0,
            wire: String::new(),
            closed: false,
        }
    }

    pub(crate) async fn next(&mut self) -> ServerMsg {
        loop {
            if let Some(msg) = self.waiting.pop_front() {
                return msg;
            }
            assert!(!self.closed, "the hub closed the desk");
            let items = tokio::time::timeout(Duration::from_secs(10), self.outbox.next(64)).await;
            for item in items.expect("the hub says something in time") {
                match item {
                    OutboxItem::Message(frame) => {
                        self.wire.push_str(&String::from_utf8_lossy(frame.payload()));
                        self.waiting.push_back(serde_json::from_slice(frame.payload()).expect("a message"));
                    }
                    OutboxItem::Resync => {
                        let conn = self.conn;
                        self.handle.send(Msg::Resync { conn }).await.expect("the hearing runs");
                    }
                    OutboxItem::Closed => self.closed = true,
                }
            }
        }
    }

    /// Reads on until `stop` says so, applying what changes the screen.
    pub(crate) async fn until(&mut self, stop: impl Fn(&ServerMsg) -> bool) -> ServerMsg {
        loop {
            let msg = self.next().await;
            match &msg {
                ServerMsg::Welcome { epoch, seq, snapshot, .. } => {
                    self.at = Some(Resume { epoch: *epoch, seq: *seq });
                    if let Some(snapshot) = snapshot {
                        self.shown = Some((**snapshot).clone());
                    }
                }
                ServerMsg::Resync { seq, snapshot } => {
                    self.at = self.at.map(|r| Resume { seq: *seq, ..r });
                    self.shown = Some((**snapshot).clone());
                }
                ServerMsg::Update { seq, updates, .. } => {
                    let at = self.at.as_mut().expect("a welcome comes first");
                    assert_eq!(*seq, at.seq + 1, "the sequence of a class is dense");
                    at.seq = *seq;
                    let shown = self.shown.as_mut().expect("a snapshot comes first");
                    updates.iter().cloned().for_each(|u| shown.apply(u));
                }
                _ => {}
            }
            if stop(&msg) {
                return msg;
            }
        }
    }

    pub(crate) async fn act(&mut self, command: Command) -> ServerMsg {
        self.commands += 1;
        let cmd_id = CmdId::new(format!("c-{}-{}", self.conn, self.commands)).expect("well formed");
        self.send(cmd_id.clone(), command).await;
        self.until(|m| match m {
            ServerMsg::Done { cmd_id: id } | ServerMsg::Denied { cmd_id: id, .. } => *id == cmd_id,
            _ => false,
        })
        .await
    }

    pub(crate) async fn send(&self, cmd_id: CmdId, command: Command) {
        let msg = ClientMsg::Command { cmd_id, command, inside: false };
        self.handle.send(Msg::Client { conn: self.conn, msg }).await.expect("the hearing runs");
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.shown.iter().flat_map(|s| s.lines.iter().map(|l| l.text.clone())).collect()
    }
}

pub(crate) fn insert(text: &str) -> Command {
    Command::InsertLine { seat: seat("clerk"), from: HearingTime(0), text: text.to_owned() }
}

pub(crate) fn is_line(m: &ServerMsg) -> bool {
    matches!(m, ServerMsg::Update { updates, .. } if updates.iter().any(|u| matches!(u, Update::Line(_))))
}
