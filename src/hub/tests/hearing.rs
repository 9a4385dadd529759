//! A hearing's task with a real journal and desks that are outboxes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[path = "../../../benches/support/no_pages.rs"]
mod no_pages;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use court::{Command, HearingInfo, Outline, Report, RequestKind};
use hub::{Handle, HearingSetup, Msg, Outbox, OutboxItem};
use media::clock::HearingClock;
use model::{CaseId, CmdId, HearingId, HearingTime, Role, Seat, SeatId};
use protocol::link::recorder::ClockOrigin;
use protocol::view::Snapshot;
use protocol::wire::{ClientMsg, Resume, ServerMsg};
use record::{Journal, JournalConfig, Key};

fn seat(id: &str) -> SeatId {
    SeatId::new(id).expect("well formed")
}

fn seats() -> Vec<Seat> {
    let of = |id: &str, role| Seat {
        id: seat(id),
        role,
        name: String::new(),
        authority: String::new(),
        microphone: true,
        present: true,
    };
    vec![
        of("judge", Role::PresidingJudge),
        of("clerk", Role::Clerk),
        of("plaintiff", Role::PlaintiffAgent),
        of("public", Role::Public),
    ]
}

fn start(dir: &Path, origin: &ClockOrigin, opens: bool) -> Handle {
    let signer =
        Key::load_or_create(&dir.join("key")).expect("a key").signer("huiting/h1").expect("a signer");
    let config = JournalConfig::new("huiting/h1", Box::new(signer));
    let (journal, recovered) = Journal::open(&dir.join("journal"), config).expect("the journal opens");
    let info = HearingInfo {
        hearing: HearingId::new("h1").expect("well formed"),
        case: CaseId::new("c1").expect("well formed"),
        court: "松江市清源区人民法院".to_owned(),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        room: "第三法庭".to_owned(),
        session: 1,
        public: true,
        origin: origin.utc_ms,
    };
    Handle::start(HearingSetup {
        case: CaseId::new("c1").expect("well formed"),
        journal,
        recovered: recovered.into_payloads(),
        opening: opens.then(|| Report::Opened { info, outline: Outline::civil_ordinary(), seats: seats() }),
        clock: HearingClock::new(origin.clone()),
        pages: Arc::new(no_pages::NoPages),
        media_dir: dir.join("media"),
        inputs: Vec::new(),
        sockets: None,
        rehearsal: None,
    })
    .expect("the hearing starts")
}

/// A desk: an outbox and what it shows.
struct Desk {
    handle: Handle,
    conn: u64,
    outbox: Arc<Outbox>,
    waiting: std::collections::VecDeque<ServerMsg>,
    shown: Option<Snapshot>,
    at: Option<Resume>,
    commands: u32,
}

impl Desk {
    async fn join(handle: &Handle, name: &str, resume: Option<Resume>) -> Self {
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
        let waiting = std::collections::VecDeque::new();
        Self { handle, conn: joined.conn, outbox, waiting, shown: None, at: resume, commands: 0 }
    }

    async fn next(&mut self) -> ServerMsg {
        loop {
            if let Some(msg) = self.waiting.pop_front() {
                return msg;
            }
            let items = tokio::time::timeout(Duration::from_secs(10), self.outbox.next(64)).await;
            for item in items.expect("the hub says something in time") {
                match item {
                    OutboxItem::Message(bytes) => {
                        self.waiting.push_back(serde_json::from_slice(&bytes).expect("a message"));
                    }
                    OutboxItem::Resync => {
                        let conn = self.conn;
                        self.handle.send(Msg::Resync { conn }).await.expect("the hearing runs");
                    }
                    OutboxItem::Closed => panic!("the hub closed the desk"),
                }
            }
        }
    }

    /// Reads on until `stop` says so, applying what changes the screen.
    async fn until(&mut self, stop: impl Fn(&ServerMsg) -> bool) -> ServerMsg {
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

    async fn act(&mut self, command: Command) -> ServerMsg {
        self.commands += 1;
        let cmd_id = CmdId::new(format!("c-{}-{}", self.conn, self.commands)).expect("well formed");
        self.send(cmd_id.clone(), command).await;
        self.until(|m| match m {
            ServerMsg::Done { cmd_id: id } | ServerMsg::Denied { cmd_id: id, .. } => *id == cmd_id,
            _ => false,
        })
        .await
    }

    async fn send(&self, cmd_id: CmdId, command: Command) {
        let msg = ClientMsg::Command { cmd_id, command };
        self.handle.send(Msg::Client { conn: self.conn, msg }).await.expect("the hearing runs");
    }

    fn lines(&self) -> Vec<String> {
        self.shown.iter().flat_map(|s| s.lines.iter().map(|l| l.text.clone())).collect()
    }
}

fn insert(text: &str) -> Command {
    Command::InsertLine { seat: seat("clerk"), from: HearingTime(0), text: text.to_owned() }
}

fn is_line(m: &ServerMsg) -> bool {
    matches!(m, ServerMsg::Update { updates, .. } if updates.iter().any(|u| matches!(u, protocol::view::Update::Line(_))))
}

#[tokio::test]
async fn what_one_desk_does_every_desk_of_its_right_sees() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let handle = start(dir.path(), &HearingClock::start_now(), true);
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let mut plaintiff = Desk::join(&handle, "plaintiff", None).await;
    let mut public = Desk::join(&handle, "public", None).await;
    let done = clerk.act(insert("现在开庭")).await;
    assert!(matches!(done, ServerMsg::Done { .. }));
    plaintiff.until(is_line).await;
    assert_eq!(plaintiff.lines(), ["现在开庭"]);
    let ask = Command::Ask { want: RequestKind::Present { page: None } };
    assert!(matches!(plaintiff.act(ask).await, ServerMsg::Done { .. }));
    // The gallery's next update is the opening: nothing before it was even counted.
    let mut judge = Desk::join(&handle, "judge", None).await;
    judge.act(Command::OpenSession).await;
    let seen = public.until(|m| matches!(m, ServerMsg::Update { .. })).await;
    assert!(matches!(seen, ServerMsg::Update { seq: 1, .. }), "{seen:?}");
    assert!(public.lines().is_empty());
}

#[tokio::test]
async fn a_refusal_reaches_the_one_who_asked_and_stands_in_the_journal() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let handle = start(dir.path(), &HearingClock::start_now(), true);
    let mut plaintiff = Desk::join(&handle, "plaintiff", None).await;
    let refused = plaintiff.act(Command::OpenSession).await;
    let ServerMsg::Denied { sentence, .. } = refused else { panic!("{refused:?}") };
    assert!(sentence.contains("PresidingJudge"), "{sentence}");
    let denied = tokio::time::timeout(Duration::from_secs(10), async {
        while handle.state().await.expect("runs").denials == 0 {
            tokio::task::yield_now().await;
        }
    });
    denied.await.expect("the refusal is recorded");
}

#[tokio::test]
async fn a_desk_that_comes_back_gets_only_what_it_missed() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let handle = start(dir.path(), &HearingClock::start_now(), true);
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let mut plaintiff = Desk::join(&handle, "plaintiff", None).await;
    clerk.act(insert("第一行")).await;
    plaintiff.until(is_line).await;
    let (at, shown) = (plaintiff.at, plaintiff.shown.clone());
    handle.send(Msg::Leave { conn: plaintiff.conn }).await.expect("runs");
    clerk.act(insert("第二行")).await;
    clerk.act(insert("第三行")).await;
    let mut back = Desk::join(&handle, "plaintiff", at).await;
    back.shown = shown;
    let welcome = back.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
    assert!(matches!(welcome, ServerMsg::Welcome { snapshot: None, .. }), "a delta, not a snapshot");
    back.until(is_line).await;
    back.until(is_line).await;
    assert_eq!(back.lines(), ["第一行", "第二行", "第三行"]);
}

#[tokio::test]
async fn after_a_restart_nothing_acknowledged_is_missing_and_a_command_sent_again_acts_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let origin = HearingClock::start_now();
    let handle = start(dir.path(), &origin, true);
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let again = CmdId::new("again").expect("well formed");
    clerk.send(again.clone(), insert("只此一行")).await;
    clerk.until(|m| matches!(m, ServerMsg::Done { .. })).await;
    let epoch = clerk.at.map(|r| r.epoch);
    handle.stop().await;
    handle.ended().await;

    let handle = start(dir.path(), &origin, false);
    let mut clerk = Desk::join(&handle, "clerk", clerk.at).await;
    let welcome = clerk.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
    assert!(matches!(welcome, ServerMsg::Welcome { snapshot: Some(_), .. }), "another run: a snapshot");
    assert_ne!(clerk.at.map(|r| r.epoch), epoch);
    assert_eq!(clerk.lines(), ["只此一行"]);
    clerk.send(again, insert("只此一行")).await;
    clerk.until(|m| matches!(m, ServerMsg::Done { .. })).await;
    let state = handle.state().await.expect("runs");
    assert_eq!(state.lines.len(), 1);
}

#[tokio::test]
async fn a_stalled_desk_slows_nobody_and_is_brought_up_to_date_by_a_snapshot() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let handle = start(dir.path(), &HearingClock::start_now(), true);
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let mut stalled = Desk::join(&handle, "plaintiff", None).await;
    stalled.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
    for n in 0..1500 {
        clerk.act(insert(&format!("第{n}行"))).await;
    }
    stalled.until(|m| matches!(m, ServerMsg::Resync { .. })).await;
    assert_eq!(stalled.lines().len(), 1500);
    clerk.act(insert("末行")).await;
    stalled.until(is_line).await;
    assert_eq!(stalled.lines().len(), 1501);
}
