//! Rules of docs/protocol.md, at a hearing's task with a real journal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[path = "support/desk.rs"]
mod desk;
mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use court::{
    Command, CurtainGround, Denial, EvidenceDraft, RequestKind, Shape, Step, TermAct, TermSource, ViewDraft,
};
use desk::{Desk, insert, is_line};
use hub::{Bearings, Deposit, EvidenceOffer, Handle, LinkEvent, Msg, Offered, PageImage, Pages, Piece};
use media::clock::HearingClock;
use model::{
    CaseId, CmdId, Day, DocId, EvidenceId, HearingId, HearingTime, LineId, MarkId, MicTrouble, PageRef,
    Point, Rect, RequestId, Role, Rotation, Side, ViewClass,
};
use protocol::link::frame::Frame;
use protocol::link::recogniser::{FromRecogniser, ToRecogniser};
use protocol::link::recorder::FromRecorder;
use protocol::view::{LineView, Update};
use protocol::wire::{
    Catalogue, CatalogueDoc, ClientMsg, CommandOutcome, Ephemeral, Found, Mend, PageInfo, ServerMsg, Status,
    StatutePage, StatuteResults, Taken,
};
use support::id as seat;
use support::no_pages::NoPages;
use tokio::io::AsyncReadExt as _;
use tokio::net::{UnixListener, UnixStream};

const SEATS: [(&str, Role); 9] = [
    ("judge", Role::PresidingJudge),
    ("side", Role::Assessor),
    ("clerk", Role::Clerk),
    ("plaintiff", Role::PlaintiffAgent),
    ("defendant", Role::Defendant),
    ("third", Role::ThirdParty),
    ("witness", Role::Witness),
    ("expert", Role::Expert),
    ("public", Role::Public),
];

/// A hearing that has been opened, in a folder that goes with it.
struct Hearing {
    handle: Handle,
    dir: tempfile::TempDir,
}

impl Hearing {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("temporary folder");
        let seats = SEATS.map(|(name, role)| support::seat(name, role)).to_vec();
        let handle = support::start(dir.path(), &HearingClock::start_now(), Some(seats));
        Self { handle, dir }
    }

    /// One whose dossier is `pages`.
    fn over(pages: Arc<dyn Pages>) -> Self {
        let dir = tempfile::tempdir().expect("temporary folder");
        let seats = SEATS.map(|(name, role)| support::seat(name, role)).to_vec();
        let clock = HearingClock::start_now();
        let handle = support::start_with(dir.path(), &clock, Some(seats), |s| s.pages = pages);
        Self { handle, dir }
    }

    async fn desk(&self, name: &str) -> Desk {
        let mut desk = Desk::join(&self.handle, name, None).await;
        desk.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
        desk
    }
}

async fn say(desk: &Desk, msg: ClientMsg) {
    desk.handle.send(Msg::Client { conn: desk.conn, msg }).await.expect("the hearing runs");
}

/// Everything that comes until what was sent before has been looked at.
async fn all_until_pong(desk: &mut Desk, sent_ms: u64) -> Vec<ServerMsg> {
    say(desk, ClientMsg::Ping { sent_ms }).await;
    let mut all = Vec::new();
    loop {
        match desk.next().await {
            ServerMsg::Pong { sent_ms: s, .. } if s == sent_ms => return all,
            msg => all.push(msg),
        }
    }
}

fn page(doc: &str) -> PageRef {
    PageRef { doc: DocId::new(doc).expect("well formed"), page: 1 }
}

fn show(doc: &str) -> Command {
    let (viewport, highlights) = (None, Vec::new());
    let page_hash = "ab".repeat(32);
    Command::Show {
        view: ViewDraft {
            page: page(doc),
            page_hash,
            rotation: Rotation::None,
            viewport,
            highlights,
            beside: None,
        },
    }
}

fn frame() -> Command {
    let rect = Rect { x: 0, y: 0, w: 5, h: 5 };
    Command::MakeMark { page: page("d1"), shape: Shape::Box { rect } }
}

fn draft() -> EvidenceDraft {
    let (source, purpose) = (String::new(), String::new());
    EvidenceDraft { side: Side::Plaintiff, number: 7, name: "借条".to_owned(), source, purpose, doc: None }
}

fn is_done(msg: &ServerMsg) -> bool {
    matches!(msg, ServerMsg::Done { .. })
}

/// [R-VAL-2] [R-CMD-7]
#[tokio::test]
async fn what_is_made_counts_from_one_and_belongs_to_the_seat_of_the_connection() {
    let hearing = Hearing::open();
    let mut judge = hearing.desk("judge").await;
    let mut plaintiff = hearing.desk("plaintiff").await;
    assert!(is_done(&hearing.desk("clerk").await.act(insert("第一行")).await));
    assert!(is_done(&judge.act(frame()).await));
    let ask = Command::Ask { want: RequestKind::Speak };
    assert!(is_done(&plaintiff.act(ask).await));
    assert!(is_done(&plaintiff.act(Command::ListEvidence { draft: draft() }).await));
    let shown = hearing.desk("clerk").await.shown.expect("welcomed");
    assert_eq!(shown.lines.iter().map(|l| l.id).collect::<Vec<_>>(), [LineId(1)]);
    assert_eq!(shown.marks.iter().map(|m| (m.id, m.by.as_str())).collect::<Vec<_>>(), [(MarkId(1), "judge")]);
    let requests: Vec<_> = shown.requests.iter().map(|r| (r.id, r.by.as_str())).collect();
    assert_eq!(requests, [(RequestId(1), "plaintiff")]);
    assert_eq!(shown.evidence.iter().map(|e| e.id).collect::<Vec<_>>(), [EvidenceId(1)]);
}

/// [R-UPD-3]
#[tokio::test]
async fn an_update_has_the_time_of_the_act_behind_it() {
    let hearing = Hearing::open();
    let (mut judge, mut clerk) = (hearing.desk("judge").await, hearing.desk("clerk").await);
    judge.act(frame()).await;
    let update = clerk.until(|m| matches!(m, ServerMsg::Update { .. })).await;
    let ServerMsg::Update { at, updates, .. } = update else { panic!("{update:?}") };
    let [Update::Mark(mark)] = &updates[..] else { panic!("{updates:?}") };
    assert_eq!(at, mark.at);
}

/// [R-CLASS-1]
#[tokio::test]
async fn the_class_of_a_seat_follows_from_its_role_and_a_witness_waits_until_called_and_after_being_excused()
{
    let hearing = Hearing::open();
    for (name, expected) in [
        ("judge", ViewClass::Bench),
        ("side", ViewClass::Bench),
        ("clerk", ViewClass::Clerk),
        ("plaintiff", ViewClass::Plaintiff),
        ("defendant", ViewClass::Defendant),
        ("third", ViewClass::ThirdParty),
        ("witness", ViewClass::Waiting),
        ("expert", ViewClass::Witness),
        ("public", ViewClass::Public),
    ] {
        let mut desk = Desk::join(&hearing.handle, name, None).await;
        let welcome = desk.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
        assert!(
            matches!(welcome, ServerMsg::Welcome { class, .. } if class == expected),
            "{name}: {welcome:?}"
        );
    }
    let (mut judge, mut witness) = (hearing.desk("judge").await, hearing.desk("witness").await);
    judge.act(Command::OpenSession).await;
    for (step, expected) in [
        (Step::WitnessCalled { witness: seat("witness") }, ViewClass::Witness),
        (Step::WitnessExcused { witness: seat("witness") }, ViewClass::Waiting),
    ] {
        judge.act(Command::TakeStep { step }).await;
        witness.until(|m| matches!(m, ServerMsg::Welcome { class, .. } if *class == expected)).await;
    }
}

/// [R-SEQ-2] [R-SEQ-10]
#[tokio::test]
async fn an_epoch_is_of_one_class_and_a_witness_is_never_resumed() {
    let hearing = Hearing::open();
    let mut epochs = Vec::new();
    for name in ["judge", "clerk", "plaintiff", "expert", "public"] {
        let at = hearing.desk(name).await.at.expect("welcomed");
        assert_eq!(at.seq, 0, "{name}");
        epochs.push(at.epoch);
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 5, "{epochs:?}");

    let mut judge = hearing.desk("judge").await;
    judge.act(Command::OpenSession).await;
    judge.act(Command::TakeStep { step: Step::WitnessCalled { witness: seat("witness") } }).await;
    for (name, resumed) in [("plaintiff", true), ("witness", false)] {
        let left = hearing.desk(name).await;
        hearing.handle.send(Msg::Leave { conn: left.conn }).await.expect("runs");
        let mut back = Desk::join(&hearing.handle, name, left.at).await;
        back.shown = left.shown;
        let welcome = back.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
        let ServerMsg::Welcome { snapshot, .. } = welcome else { panic!("{welcome:?}") };
        assert_eq!(snapshot.is_none(), resumed, "{name}");
    }
}

/// [R-CMD-2]
#[tokio::test]
async fn a_command_is_answered_where_it_came_from_and_nowhere_else() {
    let hearing = Hearing::open();
    let (mut clerk, mut beside) = (hearing.desk("clerk").await, hearing.desk("clerk").await);
    assert!(is_done(&clerk.act(insert("第一行")).await));
    assert!(matches!(clerk.act(Command::OpenSession).await, ServerMsg::Denied { .. }));
    beside.until(is_line).await;
    let heard = all_until_pong(&mut beside, 1).await;
    assert!(
        !heard.iter().any(|m| matches!(m, ServerMsg::Done { .. } | ServerMsg::Denied { .. })),
        "{heard:?}"
    );
}

/// [R-CMD-4] [R-CMD-5]
#[tokio::test]
async fn an_id_that_had_an_effect_is_done_whatever_it_says_and_one_that_had_none_is_judged_anew() {
    let hearing = Hearing::open();
    let (mut judge, mut plaintiff) = (hearing.desk("judge").await, hearing.desk("plaintiff").await);
    let answer = async |desk: &mut Desk, id: &str, command: Command| {
        desk.send(CmdId::new(id).expect("well formed"), command).await;
        desk.until(|m| matches!(m, ServerMsg::Done { .. } | ServerMsg::Denied { .. })).await
    };
    // Had an effect.
    assert!(is_done(&answer(&mut judge, "a", show("d1")).await));
    assert!(is_done(&answer(&mut judge, "a", show("d2")).await));
    let state = hearing.handle.state().await.expect("runs");
    assert_eq!(state.screens.view.expect("shown").draft.page, page("d1"));
    // Was denied.
    assert!(matches!(answer(&mut plaintiff, "b", show("d3")).await, ServerMsg::Denied { .. }));
    judge.act(Command::SetPresenter { presenter: Some(seat("plaintiff")) }).await;
    assert!(is_done(&answer(&mut plaintiff, "b", show("d3")).await));
    let state = hearing.handle.state().await.expect("runs");
    assert_eq!(state.screens.view.expect("shown").draft.page, page("d3"));
    // Changed nothing.
    assert!(is_done(&answer(&mut judge, "c", Command::Unlock).await));
    judge.act(Command::Lock).await;
    assert!(is_done(&answer(&mut judge, "c", Command::Unlock).await));
    assert!(!hearing.handle.state().await.expect("runs").screens.locked);
}

/// [R-CMD-8]
#[tokio::test]
async fn a_denial_says_what_is_needed_to_go_on_and_its_sentence_says_the_same() {
    let hearing = Hearing::open();
    let mut clerk = hearing.desk("clerk").await;
    let refused = clerk.act(Command::EnterPhase { phase: court::PhaseId("nope".to_owned()) }).await;
    let ServerMsg::Denied { denial, sentence, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(denial, Denial::UnknownPhase { phase: court::PhaseId("nope".to_owned()) });
    assert_eq!(sentence, denial.to_string());
}

/// [R-CMD-11] [R-BYE-1]
#[tokio::test]
async fn every_refusal_is_journalled_and_a_flood_of_them_ends_the_connection() {
    let hearing = Hearing::open();
    let mut public = hearing.desk("public").await;
    for n in 0..200 {
        public.send(CmdId::new(format!("k{n}")).expect("well formed"), Command::Lock).await;
    }
    let bye = public.until(|m| matches!(m, ServerMsg::Bye { .. })).await;
    assert!(matches!(bye, ServerMsg::Bye { retry_ms: Some(5000), .. }), "{bye:?}");
    assert!(
        public.closed && public.waiting.is_empty(),
        "the farewell is the last message: {:?}",
        public.waiting
    );
    let judged = tokio::time::timeout(Duration::from_secs(10), async {
        while hearing.handle.state().await.expect("runs").denials < 50 {
            tokio::task::yield_now().await;
        }
    });
    judged.await.expect("the refusals are recorded");
}

/// [R-CMD-9]
#[tokio::test]
async fn what_the_disk_did_not_take_is_denied_and_seen_by_nobody() {
    let hearing = Hearing::open();
    let (mut clerk, mut plaintiff) = (hearing.desk("clerk").await, hearing.desk("plaintiff").await);
    assert!(is_done(&clerk.act(insert("在盘上")).await));
    plaintiff.until(is_line).await;
    // The next segment finds no folder to be made in.
    std::fs::remove_dir_all(hearing.dir.path().join("journal")).expect("removed");
    let long = "行".repeat(3900);
    let mut acknowledged = 0;
    let denied = loop {
        match clerk.act(insert(&long)).await {
            ServerMsg::Done { .. } => acknowledged += 1,
            answer => break answer,
        }
        assert!(acknowledged < 500, "the disk takes everything");
    };
    assert!(matches!(denied, ServerMsg::Denied { denial: Denial::NotRecorded { .. }, .. }), "{denied:?}");
    let bye = clerk.until(|m| matches!(m, ServerMsg::Bye { .. })).await;
    assert!(matches!(bye, ServerMsg::Bye { retry_ms: Some(_), .. }), "{bye:?}");
    plaintiff.until(|m| matches!(m, ServerMsg::Bye { .. })).await;
    assert_eq!(plaintiff.lines().len(), acknowledged + 1, "nobody saw what was not recorded");
}

async fn point(desk: &Desk, doc: &str, x: i32) {
    let what = Ephemeral::Pointer { page: page(doc), at: Some(Point { x, y: 0 }) };
    say(desk, ClientMsg::Ephemeral { what }).await;
}

/// Who pointed, and where, until somebody points at `last`.
async fn pointed(desk: &mut Desk, last: i32) -> Vec<(String, i32)> {
    let mut all = Vec::new();
    loop {
        if let ServerMsg::Ephemeral { by, what: Ephemeral::Pointer { at: Some(at), .. } } = desk.next().await
        {
            all.push((by.to_string(), at.x));
            if at.x == last {
                return all;
            }
        }
    }
}

/// [R-EPH-3]
#[tokio::test]
async fn the_bench_points_and_the_presenter_does_unless_the_screens_are_locked() {
    let hearing = Hearing::open();
    let (mut judge, plaintiff) = (hearing.desk("judge").await, hearing.desk("plaintiff").await);
    let mut public = hearing.desk("public").await;
    judge.act(show("d1")).await;
    // Two ticks of the judge: what was sent before the first has gone out by the second.
    let tick = async |public: &mut Desk, judge: &Desk, n: i32| {
        point(judge, "d1", n).await;
        let mut all = pointed(public, n).await;
        point(judge, "d1", n + 1).await;
        all.extend(pointed(public, n + 1).await);
        all.retain(|(by, _)| by != "judge");
        all
    };
    point(&plaintiff, "d1", 1).await;
    assert_eq!(tick(&mut public, &judge, 100).await, []);
    judge.act(Command::SetPresenter { presenter: Some(seat("plaintiff")) }).await;
    point(&plaintiff, "d1", 2).await;
    assert_eq!(tick(&mut public, &judge, 200).await, [("plaintiff".to_owned(), 2)]);
    judge.act(Command::Lock).await;
    point(&plaintiff, "d1", 3).await;
    assert_eq!(tick(&mut public, &judge, 300).await, []);
}

/// [R-EPH-4]
#[tokio::test]
async fn the_last_pointer_of_each_tick_goes_to_those_who_see_its_page_and_not_back() {
    let hearing = Hearing::open();
    let (mut judge, mut public) = (hearing.desk("judge").await, hearing.desk("public").await);
    let mut waiting = hearing.desk("witness").await;
    judge.act(show("d1")).await;
    // Read in private: nobody else sees that page.
    point(&judge, "d2", 1).await;
    for x in 100..=400 {
        point(&judge, "d1", x).await;
    }
    let seen = pointed(&mut public, 400).await;
    assert!(seen.len() < 150, "{} of 301 went out", seen.len());
    assert!(seen.iter().all(|(_, x)| *x >= 100), "{seen:?}");
    for desk in [&mut judge, &mut waiting] {
        let heard = all_until_pong(desk, 9).await;
        assert!(!heard.iter().any(|m| matches!(m, ServerMsg::Ephemeral { .. })), "{heard:?}");
    }
}

/// [R-VIEW-1] [R-VIEW-2] [R-VIEW-3]
#[tokio::test]
async fn a_view_has_a_number_and_only_what_is_shown_is_confirmed_gathered_for_a_quarter_of_a_second() {
    let hearing = Hearing::open();
    let (mut judge, clerk) = (hearing.desk("judge").await, hearing.desk("clerk").await);
    let (plaintiff, waiting) = (hearing.desk("plaintiff").await, hearing.desk("witness").await);
    judge.act(show("d1")).await;
    judge.act(show("d2")).await;
    let view = judge.shown.as_ref().expect("welcomed").screens.view.clone().expect("shown");
    assert_eq!((view.number, &view.draft.page), (2, &page("d2")));
    let confirmed = async |judge: &mut Desk| {
        let is = |u: &Update| matches!(u, Update::Screens(screens) if !screens.confirmed.is_empty());
        judge.until(|m| matches!(m, ServerMsg::Update { updates, .. } if updates.iter().any(is))).await;
        let screens = &judge.shown.as_ref().expect("welcomed").screens;
        screens.confirmed.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    for view in [1, 3, 99] {
        say(&clerk, ClientMsg::Confirm { view }).await;
    }
    say(&waiting, ClientMsg::Confirm { view: 2 }).await;
    say(&judge, ClientMsg::Confirm { view: 2 }).await;
    assert_eq!(confirmed(&mut judge).await, ["judge"]);
    // Right behind one gathering: both are in the next.
    say(&clerk, ClientMsg::Confirm { view: 2 }).await;
    say(&plaintiff, ClientMsg::Confirm { view: 2 }).await;
    assert_eq!(confirmed(&mut judge).await, ["clerk", "judge", "plaintiff"]);
}

/// [R-UPD-7] Two people at one microphone: once the clerk has told a line of each, the lines that wait and those that come are likened to them.
#[tokio::test]
async fn the_voice_of_a_shared_microphone_is_likened_to_those_whom_the_clerk_has_named_there() {
    let hearing = Hearing::open();
    let mut clerk = hearing.desk("clerk").await;
    let shared = model::Seat { shared: true, ..support::seat("plaintiff", Role::PlaintiffAgent) };
    clerk.act(Command::SetSeat { seat: shared }).await;
    let (high, low) = ([1.0, 29.0, 3.0], [4.0, 27.0, 2.0]);
    let mut n = 0;
    let mut says = async |text: &str, voice: [f32; 3]| {
        n += 1;
        let spoken = FromRecogniser::Final {
            seat: seat("plaintiff"),
            utterance: n,
            from: HearingTime(n * 1000),
            to: HearingTime(n * 1000 + 900),
            text: text.to_owned(),
            raw: text.to_owned(),
            pieces: Vec::new(),
            repairs: Vec::new(),
            command: false,
            voice: voice.iter().map(|v| v + n as f32 * 0.02).collect(),
            latency_ms: 1,
        };
        hearing.handle.send(Msg::Recogniser(LinkEvent::Message(spoken))).await.expect("runs");
    };
    for (text, voice) in [("一", high), ("二", low), ("三", low)] {
        says(text, voice).await;
    }
    let read = |text: &'static str, whose: Option<Vec<&str>>| {
        let whose = whose.map(|w| w.into_iter().map(seat).collect::<Vec<_>>());
        move |l: &LineView| l.text == text && l.whose == whose
    };
    let of = |m: &ServerMsg, is: &dyn Fn(&LineView) -> bool| matches!(m, ServerMsg::Update { updates, .. } if updates.iter().any(|u| matches!(u, Update::Line(l) if is(l))));
    let third = read("三", Some(vec![]));
    clerk.until(|m| of(m, &third)).await;
    let named = |line: u32, who: &str| Command::ReattributeLine {
        line: LineId(line),
        base: 0,
        seat: seat(who),
        open: false,
    };
    clerk.act(named(1, "judge")).await;
    clerk.act(named(2, "plaintiff")).await;
    let third = read("三", Some(vec!["plaintiff", "judge"]));
    clerk.until(|m| of(m, &third)).await;
    says("四", high).await;
    let fourth = read("四", Some(vec!["judge", "plaintiff"]));
    clerk.until(|m| of(m, &fourth)).await;
    // As near to one as to the other: nothing is proposed, and no journal holds a voice.
    says("五", [2.5, 28.0, 2.5]).await;
    says("六", high).await;
    let sixth = read("六", Some(vec!["judge", "plaintiff"]));
    clerk.until(|m| of(m, &sixth)).await;
    let state = hearing.handle.state().await.expect("runs");
    let fifth = state.lines.values().find(|l| l.text() == "五").expect("a line");
    assert_eq!(fifth.whose, Some(Vec::new()));
}

/// [R-KEY-4]
#[tokio::test]
async fn what_was_heard_of_a_command_goes_to_every_screen_of_the_bench_and_to_no_other() {
    let hearing = Hearing::open();
    let mut bench = [hearing.desk("judge").await, hearing.desk("side").await];
    let mut clerk = hearing.desk("clerk").await;
    let spoken = FromRecogniser::Final {
        seat: seat("judge"),
        utterance: 1,
        from: HearingTime(1),
        to: HearingTime(2),
        text: "请翻页".to_owned(),
        raw: "请翻页".to_owned(),
        pieces: Vec::new(),
        repairs: Vec::new(),
        command: true,
        voice: Vec::new(),
        latency_ms: 1,
    };
    hearing.handle.send(Msg::Recogniser(LinkEvent::Message(spoken))).await.expect("runs");
    for desk in &mut bench {
        let heard = desk.until(|m| matches!(m, ServerMsg::Heard { .. })).await;
        let ServerMsg::Heard { text, outcome } = heard else { panic!("{heard:?}") };
        assert_eq!((text.as_str(), outcome), ("请翻页", CommandOutcome::NotUnderstood));
    }
    let all = all_until_pong(&mut clerk, 1).await;
    assert!(!all.iter().any(|m| matches!(m, ServerMsg::Heard { .. })), "{all:?}");
    assert!(hearing.handle.state().await.expect("runs").lines.is_empty(), "a command is not record");
}

/// The recogniser's end of its socket.
struct Recogniser {
    stream: UnixStream,
    buffer: BytesMut,
}

impl Recogniser {
    /// The next of what it is told that `wanted` takes.
    async fn next<T>(&mut self, wanted: impl Fn(ToRecogniser) -> Option<T>) -> T {
        let read = async {
            loop {
                while let Some(frame) = Frame::<ToRecogniser>::decode(&mut self.buffer).expect("a frame") {
                    if let Some(found) = wanted(frame.message) {
                        return found;
                    }
                }
                assert_ne!(self.stream.read_buf(&mut self.buffer).await.expect("read"), 0, "the hub is gone");
            }
        };
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("in time")
    }

    /// The next movement of a key that it is told of.
    async fn key(&mut self) -> (String, bool, u64) {
        let key = |m| match m {
            ToRecogniser::PushToTalk { seat, down, at } => Some((seat.to_string(), down, at.0)),
            _ => None,
        };
        self.next(key).await
    }

    /// The next list of terms, the first three of it.
    async fn terms(&mut self) -> Vec<String> {
        let terms = |m| match m {
            ToRecogniser::Vocabulary { terms } => Some(terms.into_iter().take(3).collect()),
            _ => None,
        };
        self.next(terms).await
    }
}

/// [R-KEY-1] [R-KEY-2] [R-KEY-3]
#[tokio::test]
async fn the_key_is_the_presiding_judges_counts_from_when_it_moved_and_comes_up_with_its_screen() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let socket = dir.path().join("recogniser.sock");
    let listener = UnixListener::bind(&socket).expect("bound");
    let seats = SEATS.map(|(name, role)| support::seat(name, role)).to_vec();
    // A hearing that has been open for ten seconds.
    let mut origin = HearingClock::start_now();
    origin.monotonic_ns -= 10_000_000_000;
    let sockets = (dir.path().join("recorder.sock"), socket);
    let handle = support::start_with(dir.path(), &origin, Some(seats), |setup| setup.sockets = Some(sockets));
    let (stream, _) = listener.accept().await.expect("the hub connects");
    let mut recogniser = Recogniser { stream, buffer: BytesMut::new() };
    let hearing = Hearing { handle, dir };
    let (judge, side) = (hearing.desk("judge").await, hearing.desk("side").await);
    let mut clerk = hearing.desk("clerk").await;
    let key = |down, at| ClientMsg::TalkKey { down, at: HearingTime(at) };
    for desk in [&side, &clerk] {
        say(desk, key(true, 9_999)).await;
    }
    // That no recorder answers here is a fault told in its own time, and no answer to the key.
    let unasked = |m: &ServerMsg| match m {
        ServerMsg::Status(_) => true,
        ServerMsg::Update { updates, .. } => updates.iter().all(|u| matches!(u, Update::Fault(..))),
        _ => false,
    };
    let heard = all_until_pong(&mut clerk, 1).await;
    assert!(heard.iter().all(unasked), "no answer: {heard:?}");
    let now = || HearingClock::new(origin.clone()).now().0;
    // Later than now is now; long ago is two seconds ago; between them it is as it says.
    let before = now();
    say(&judge, key(true, u64::from(u32::MAX))).await;
    let (who, down, at) = recogniser.key().await;
    assert_eq!((who.as_str(), down), ("judge", true), "the others were not heard");
    assert!((before..=now()).contains(&at), "{before} {at}");
    let before = now();
    say(&judge, key(false, 0)).await;
    let (_, down, at) = recogniser.key().await;
    assert!(!down && (before - 2000..=now() - 2000).contains(&at), "{before} {at}");
    let moved = now() - 500;
    say(&judge, key(true, moved)).await;
    assert_eq!(recogniser.key().await, ("judge".to_owned(), true, moved));
    hearing.handle.send(Msg::Leave { conn: judge.conn }).await.expect("runs");
    let (who, down, _) = recogniser.key().await;
    assert_eq!((who.as_str(), down), ("judge", false));
}

#[tokio::test]
async fn the_recogniser_is_told_of_the_terms_as_the_clerk_has_them_at_once_and_after_a_restart() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let socket = dir.path().join("recogniser.sock");
    let listener = UnixListener::bind(&socket).expect("bound");
    let origin = HearingClock::start_now();
    let sockets = (dir.path().join("recorder.sock"), socket);
    let start = |seats| {
        let pages = Arc::new(Filed { revision: AtomicU64::new(1), ..Filed::default() });
        support::start_with(dir.path(), &origin, seats, |setup| {
            (setup.sockets, setup.pages) = (Some(sockets.clone()), pages);
        })
    };
    let mut seats = SEATS.map(|(name, role)| support::seat(name, role)).to_vec();
    seats[0].name = "周明".to_owned();
    let handle = start(Some(seats));
    let (stream, _) = listener.accept().await.expect("the hub connects");
    let mut recogniser = Recogniser { stream, buffer: BytesMut::new() };
    while recogniser.terms().await != ["违约金", "清源支行", "周明"] {}
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let add = |term: &str| Command::ChangeTerms { act: TermAct::Add { term: term.to_owned() } };
    let switch = |term: &str, on| Command::ChangeTerms { act: TermAct::Switch { term: term.to_owned(), on } };
    clerk.act(add("清源支行")).await;
    assert_eq!(recogniser.terms().await, ["清源支行", "违约金", "周明"]);
    clerk.act(add("旺达公司")).await;
    assert_eq!(recogniser.terms().await, ["旺达公司", "清源支行", "违约金"]);
    clerk.act(switch("违约金", false)).await;
    assert_eq!(recogniser.terms().await, ["旺达公司", "清源支行", "周明"]);
    let listed = handle.terms().await.expect("runs");
    let of = |term: &str| listed.iter().find(|t| t.term == term).map(|t| (t.from, t.on));
    assert_eq!(of("清源支行"), Some((TermSource::Clerk, true)));
    assert_eq!(of("违约金"), Some((TermSource::Dossier, false)));
    handle.stop().await;
    handle.ended().await;

    let handle = start(None);
    let (stream, _) = listener.accept().await.expect("the hub connects");
    let mut recogniser = Recogniser { stream, buffer: BytesMut::new() };
    while recogniser.terms().await != ["旺达公司", "清源支行", "周明"] {}
    let clerk = Desk::join(&handle, "clerk", None).await;
    clerk.send(CmdId::new("later").expect("well formed"), switch("违约金", true)).await;
    while recogniser.terms().await != ["旺达公司", "清源支行", "违约金"] {}
}

/// [R-FIND-1] [R-FIND-2]
#[tokio::test]
async fn a_search_is_answered_under_its_number_and_one_too_long_or_not_open_finds_nothing() {
    let hearing = Hearing::open();
    let (mut clerk, mut public) = (hearing.desk("clerk").await, hearing.desk("public").await);
    let results =
        |id: u32| move |m: &ServerMsg| matches!(m, ServerMsg::Results { query_id, .. } if *query_id == id);
    say(&clerk, ClientMsg::Search { query_id: 7, text: "借款".to_owned(), most: None }).await;
    let ServerMsg::Results { text, .. } = clerk.until(results(7)).await else { panic!("no results") };
    assert_eq!(text, "借款");
    say(&clerk, ClientMsg::Search { query_id: 8, text: "字".repeat(201), most: None }).await;
    clerk.until(|m| matches!(m, ServerMsg::Malformed { .. })).await;
    say(&public, ClientMsg::Search { query_id: 8, text: "借款".to_owned(), most: None }).await;
    for desk in [&mut clerk, &mut public] {
        let found = desk.until(results(8)).await;
        let ServerMsg::Results { found, took_us, .. } = found else { panic!("{found:?}") };
        assert_eq!((found, took_us), (Found::default(), 0));
    }
}

/// A status that says what the recorder and the recogniser have said.
async fn status(desk: &mut Desk, stop: impl Fn(&Status) -> bool) -> Status {
    let told = desk.until(|m| matches!(m, ServerMsg::Status(status) if stop(status))).await;
    let ServerMsg::Status(status) = told else { panic!("{told:?}") };
    status
}

#[tokio::test]
async fn a_recogniser_that_says_nothing_is_late_by_as_much_and_is_told_of() {
    let hearing = Hearing::open();
    let says = || {
        let model = Some("huiting-demo".to_owned());
        LinkEvent::Message(FromRecogniser::State { model, lag_ms: 40, fault: None })
    };
    for event in [LinkEvent::Up, says()] {
        hearing.handle.send(Msg::Recogniser(event)).await.expect("runs");
    }
    let mut judge = hearing.desk("judge").await;
    let told = status(&mut judge, |s| s.speech_lag_ms > Some(3000)).await;
    assert!(told.faults.is_empty(), "it may only be busy: {:?}", told.faults);
    let told = status(&mut judge, |s| !s.faults.is_empty()).await;
    assert!(told.faults[0].sentence.contains("没有响应") && told.speech_lag_ms >= Some(10_000), "{told:?}");
    hearing.handle.send(Msg::Recogniser(says())).await.expect("runs");
    status(&mut judge, |s| s.faults.is_empty() && s.speech_lag_ms == Some(40)).await;
}

/// [R-STAT-1] [R-STAT-2]
#[tokio::test]
async fn every_class_is_told_the_status_each_second_and_others_than_bench_and_clerk_not_all_of_it() {
    let hearing = Hearing::open();
    let model = Some("huiting-demo".to_owned());
    let state = FromRecogniser::State { model, lag_ms: 40, fault: None };
    hearing.handle.send(Msg::Recogniser(LinkEvent::Message(state))).await.expect("runs");
    let id = hearing.handle.state().await.expect("runs").info.expect("opened").hearing;
    let state = FromRecorder::State {
        hearing: Some(id),
        recording: false,
        sound_ok: true,
        microphones: vec![(seat("plaintiff"), MicTrouble::Dead)],
        picture_ok: true,
        disk_minutes_left: 77,
        fault: Some("the disk is slow".to_owned()),
        rehearsal_ms: Some(5),
    };
    hearing.handle.send(Msg::Recorder(LinkEvent::Message(state))).await.expect("runs");
    let mut judge = hearing.desk("judge").await;
    let mut desks = Vec::new();
    for name in ["judge", "clerk", "plaintiff", "expert", "public", "witness"] {
        desks.push((name, hearing.desk(name).await));
    }
    for (name, mut desk) in desks {
        let first = status(&mut desk, |_| true).await;
        let next = status(&mut desk, |s| s.now.0 >= first.now.0 + 900).await;
        assert!(next.now.0 <= first.now.0 + 2000, "{name}: {} then {}", first.now, next.now);
        let works = ["judge", "clerk"].contains(&name);
        let told = status(&mut desk, |s| s.faults.is_empty() != works).await;
        assert_eq!(told.model.is_some(), works, "{name}");
        assert_eq!(told.microphones.len(), usize::from(works), "{name}");
        assert_eq!(told.disk_minutes_left, if works { 77 } else { 0 }, "{name}");
        assert_eq!(told.rehearsal_ms.is_some(), works, "{name}");
        assert_eq!(told.speech_lag_ms, Some(40), "{name}");
        assert!(!told.online.is_empty(), "{name}");
    }
    judge.act(Command::OpenSession).await;
    judge.act(Command::LowerCurtain { ground: CurtainGround::Privacy }).await;
    for (name, outside) in [("public", true), ("witness", true), ("expert", false)] {
        let mut desk = hearing.desk(name).await;
        let told = status(&mut desk, |_| true).await;
        assert_eq!((told.online.is_empty(), told.speech_lag_ms.is_none()), (outside, outside), "{name}");
        assert_eq!(told.pages_ready, (0, 0), "{name}");
    }
}

/// A dossier that is changed by raising its revision.
#[derive(Default)]
struct Filed {
    revision: AtomicU64,
    offered: Mutex<Vec<Offered>>,
    /// What was let in under a number, and what was kept out.
    settled: Mutex<Vec<(DocId, Option<u32>)>>,
}

impl Filed {
    fn settle(&self, doc: &DocId, number: Option<u32>) -> Result<(), String> {
        self.offered.lock().expect("whole").retain(|o| o.doc != *doc);
        self.settled.lock().expect("whole").push((doc.clone(), number));
        self.revision.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Pages for Filed {
    fn revision(&self, _: &CaseId) -> u64 {
        self.revision.load(Ordering::Relaxed)
    }
    fn search(&self, case: &CaseId, text: &str, most: usize) -> Found {
        NoPages.search(case, text, most)
    }
    fn understand(&self, case: &CaseId, bearings: &Bearings, text: &str) -> CommandOutcome {
        NoPages.understand(case, bearings, text)
    }
    fn pages_ready(&self, case: &CaseId) -> (u32, u32) {
        NoPages.pages_ready(case)
    }
    fn vocabulary(&self, _: &CaseId) -> Vec<String> {
        ["违约金", "清源支行"].map(str::to_owned).to_vec()
    }
    fn alike(&self, case: &CaseId, heard: &str, terms: &[String]) -> Vec<String> {
        NoPages.alike(case, heard, terms)
    }
    fn evidence(&self, case: &CaseId) -> Vec<EvidenceDraft> {
        NoPages.evidence(case)
    }
    fn catalogue(&self, case: &CaseId) -> Result<Catalogue, String> {
        NoPages.catalogue(case)
    }
    fn page(&self, case: &CaseId, page: &PageRef) -> Result<PageInfo, String> {
        NoPages.page(case, page)
    }
    fn drawn_hash(&self, _: &CaseId, page: &PageRef) -> Option<String> {
        // The second page has been drawn, the others not yet.
        (page.page == 2).then(|| "cd".repeat(32))
    }
    fn image(&self, case: &CaseId, page: &PageRef, dpi: u32) -> Result<PageImage, String> {
        NoPages.image(case, page, dpi)
    }
    fn statutes(&self, query: &str, date: Day) -> Result<StatuteResults, String> {
        NoPages.statutes(query, date)
    }
    fn statute(&self, law: &str, version: Day, article: &str) -> Result<Option<StatutePage>, String> {
        NoPages.statute(law, version, article)
    }
    fn pieces(&self, case: &CaseId) -> Vec<Piece> {
        NoPages.pieces(case)
    }
    fn refile(&self, case: &CaseId, doc: &DocId, heading: &str) -> Result<(), String> {
        NoPages.refile(case, doc, heading)
    }
    fn take(&self, case: &CaseId, deposit: Deposit) -> Result<Taken, String> {
        NoPages.take(case, deposit)
    }
    fn mend(&self, case: &CaseId, mend: Mend) -> Result<(), String> {
        NoPages.mend(case, mend)
    }
    fn add(&self, case: &CaseId, deposit: Deposit) -> Result<CatalogueDoc, String> {
        NoPages.add(case, deposit)
    }
    fn offered(&self, _: &CaseId) -> Vec<Offered> {
        self.offered.lock().expect("whole").clone()
    }
    fn let_in(&self, _: &CaseId, doc: &DocId, number: Option<u32>) -> Result<(), String> {
        self.settle(doc, number)
    }
    fn keep_out(&self, _: &CaseId, doc: &DocId) -> Result<(), String> {
        self.settle(doc, None)
    }
}

/// What waits in the dossier stands among the requests at court and side, and the answer is carried out: two let in at once get two
/// numbers.
#[tokio::test]
async fn what_is_offered_is_let_in_or_kept_out_as_it_is_answered() {
    let filed = Arc::new(Filed::default());
    let hearing = Hearing::over(filed.clone());
    let mut judge = hearing.desk("judge").await;
    let mut plaintiff = hearing.desk("plaintiff").await;
    let mut defendant = hearing.desk("defendant").await;
    assert!(is_done(&judge.act(Command::OpenSession).await));
    let draft = EvidenceDraft { number: 1, ..draft() };
    assert!(is_done(&judge.act(Command::ListEvidence { draft }).await));
    let id = hearing.handle.state().await.expect("runs").info.expect("opened").hearing;
    let offer = |doc: &str, hearing: &HearingId| Offered {
        doc: page(doc).doc,
        offer: EvidenceOffer {
            hearing: hearing.clone(),
            seat: seat("plaintiff"),
            purpose: "还款未付清".to_owned(),
        },
        side: Side::Plaintiff,
        title: "补充流水".to_owned(),
        pages: 3,
        number: None,
        evidence: true,
    };
    // An earlier session, whose seat is not at this one, left one unanswered.
    let earlier = HearingId::new("earlier").expect("well formed");
    let mut left = offer("d4", &earlier);
    left.offer.seat = seat("plaintiff-before");
    *filed.offered.lock().expect("whole") =
        ["d1", "d2", "d3"].map(|d| offer(d, &id)).into_iter().chain([left]).collect();
    filed.revision.store(7, Ordering::Relaxed);
    hearing.handle.send(Msg::DossierChanged).await.expect("runs");
    let asked = |desk: &Desk| desk.shown.as_ref().expect("welcomed").requests.len();
    while asked(&judge) < 4 {
        judge.until(|m| matches!(m, ServerMsg::Update { .. })).await;
    }
    for desk in [&mut plaintiff, &mut defendant] {
        say(desk, ClientMsg::Ping { sent_ms: 1 }).await;
        desk.until(|m| matches!(m, ServerMsg::Pong { .. })).await;
    }
    assert_eq!((asked(&judge), asked(&plaintiff), asked(&defendant)), (4, 4, 0));
    let by: Vec<_> = judge.shown.iter().flat_map(|s| s.requests.iter().map(|r| r.by.clone())).collect();
    assert_eq!(by[3], seat("plaintiff"), "the side asks again");

    let answer = |n, granted| Command::Answer { request: RequestId(n), granted, reason: String::new() };
    assert!(is_done(&judge.act(answer(1, true)).await));
    assert!(is_done(&judge.act(answer(2, false)).await));
    assert!(is_done(&plaintiff.act(Command::Withdraw { request: RequestId(3) }).await));
    let settled = || filed.settled.lock().expect("whole").clone();
    while settled().len() < 3 {
        // Each settled offer tells of a changed dossier.
        judge.until(|m| matches!(m, ServerMsg::DossierChanged { .. })).await;
    }
    let doc = |d: &str| page(d).doc;
    assert_eq!(settled(), [(doc("d1"), Some(2)), (doc("d2"), None), (doc("d3"), None)]);
    assert_eq!(
        filed.offered.lock().expect("whole").len(),
        1,
        "that of another hearing is none of this one's"
    );
}

/// [R-EPH-6]
#[tokio::test]
async fn that_the_dossier_has_changed_is_told_to_all_who_see_the_screens() {
    let filed = Arc::new(Filed::default());
    let hearing = Hearing::over(filed.clone());
    let mut desks = Vec::new();
    for (name, told) in
        [("judge", true), ("clerk", true), ("plaintiff", true), ("public", true), ("witness", false)]
    {
        desks.push((name, told, hearing.desk(name).await));
    }
    filed.revision.store(7, Ordering::Relaxed);
    hearing.handle.send(Msg::DossierChanged).await.expect("runs");
    for (name, told, desk) in &mut desks {
        let heard = all_until_pong(desk, 1).await;
        let revisions =
            heard.iter().filter(|m| matches!(m, ServerMsg::DossierChanged { revision: 7 })).count();
        assert_eq!(revisions, usize::from(*told), "{name}: {heard:?}");
    }
}

/// [R-VIEW-4]
#[tokio::test]
async fn what_is_shown_is_the_image_that_the_dossier_has() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let seats = SEATS.map(|(name, role)| support::seat(name, role)).to_vec();
    let pages: Arc<dyn Pages> = Arc::new(Filed::default());
    let handle =
        support::start_with(dir.path(), &HearingClock::start_now(), Some(seats), |s| s.pages = pages);
    let hearing = Hearing { handle, dir };
    let mut judge = hearing.desk("judge").await;
    let mut show_as = async |page: u32, hash: &str| {
        let Command::Show { mut view } = show("contract") else { unreachable!("it shows") };
        (view.page.page, view.page_hash) = (page, hash.repeat(32));
        match judge.act(Command::Show { view }).await {
            ServerMsg::Denied { denial, .. } => Some(denial),
            _ => None,
        }
    };
    let drawn_anew = |page| Denial::PageChanged { page: PageRef { page, ..self::page("contract") } };
    assert_eq!(show_as(2, "ab").await, Some(drawn_anew(2)));
    assert_eq!(show_as(2, "cd").await, None);
    assert_eq!(show_as(2, "ab").await, Some(drawn_anew(2)), "and again");
    assert_eq!(show_as(1, "ab").await, None, "one that is not drawn yet has nothing to be held against");
}

/// [R-STAT-3]
#[tokio::test]
async fn a_rehearsal_that_there_is_not_or_that_is_not_theirs_is_malformed() {
    let hearing = Hearing::open();
    for name in ["judge", "clerk", "plaintiff", "public"] {
        let mut desk = hearing.desk(name).await;
        say(&desk, ClientMsg::Rehearse { play: true }).await;
        desk.until(|m| matches!(m, ServerMsg::Malformed { .. })).await;
    }
}

/// [R-WS-9]
#[tokio::test]
async fn a_second_hello_changes_nothing_and_has_no_answer() {
    let hearing = Hearing::open();
    let mut clerk = hearing.desk("clerk").await;
    say(&clerk, ClientMsg::Hello { resume: None }).await;
    let heard = all_until_pong(&mut clerk, 3).await;
    assert!(heard.iter().all(|m| matches!(m, ServerMsg::Status(_))), "{heard:?}");
}
