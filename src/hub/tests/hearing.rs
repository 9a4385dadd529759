//! A hearing's task with a real journal and desks that are outboxes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[path = "support/desk.rs"]
mod desk;
mod support;

use std::path::Path;
use std::time::Duration;

use court::{Command, Ground, IssueAct, RequestKind, Shape, Stage, Step, ViewDraft};
use desk::{Desk, insert, is_line};
use hub::{Handle, Msg};
use media::clock::HearingClock;
use model::{CmdId, DocId, LineId, PageRef, Point, Role, Rotation, Seat, ViewClass};
use protocol::link::recorder::ClockOrigin;
use protocol::view::Update;
use protocol::wire::{ClientMsg, Ephemeral, ServerMsg};
use support::id as seat;

fn seats() -> Vec<Seat> {
    let roles = [
        ("judge", Role::PresidingJudge),
        ("clerk", Role::Clerk),
        ("plaintiff", Role::PlaintiffAgent),
        ("witness", Role::Witness),
        ("public", Role::Public),
    ];
    roles.map(|(name, role)| support::seat(name, role)).to_vec()
}

fn start(dir: &Path, origin: &ClockOrigin, opens: bool) -> Handle {
    support::start(dir, origin, opens.then(seats))
}

/// [R-SEQ-1]
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

/// [R-CMD-11]
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

/// [R-SEQ-3]
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

/// [R-SEQ-2] [R-SEQ-3] [R-CMD-4] [R-VER-5]
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

/// [R-SEQ-6]
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

fn show(doc: &str) -> Command {
    let page = PageRef { doc: DocId::new(doc).expect("well formed"), page: 1 };
    let page_hash = "ab".repeat(32);
    let (viewport, highlights) = (None, Vec::new());
    Command::Show {
        view: ViewDraft { page, page_hash, rotation: Rotation::None, viewport, highlights, beside: None },
    }
}

fn note(doc: &str, text: &str) -> Command {
    let page = PageRef { doc: DocId::new(doc).expect("well formed"), page: 1 };
    Command::MakeMark { page, shape: Shape::Note { at: Point { x: 1, y: 1 }, text: text.to_owned() } }
}

fn is_welcome(m: &ServerMsg, wanted: ViewClass) -> bool {
    matches!(m, ServerMsg::Welcome { class, .. } if *class == wanted)
}

fn course_is(m: &ServerMsg, stage: Stage) -> bool {
    let is = |u: &Update| matches!(u, Update::Course(course) if course.stage == stage);
    matches!(m, ServerMsg::Update { updates, .. } if updates.iter().any(is))
}

async fn recess_and_back(judge: &mut Desk, witness: &mut Desk) {
    judge.act(Command::CallRecess { ground: Ground::Recess, note: String::new() }).await;
    witness.until(|m| course_is(m, Stage::Recess)).await;
    judge.act(Command::Resume).await;
    witness.until(|m| course_is(m, Stage::InSession)).await;
}

/// [R-SEQ-9] [R-CLASS-1]
#[tokio::test]
async fn not_a_byte_of_the_hearing_reaches_a_witness_before_being_called_or_after_leaving_the_stand() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let handle = start(dir.path(), &HearingClock::start_now(), true);
    let mut judge = Desk::join(&handle, "judge", None).await;
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let mut witness = Desk::join(&handle, "witness", None).await;
    let secret = |wire: &str, n: u32| {
        ["金丝雀", "secret-doc", "争点词"].iter().any(|w| wire.contains(&format!("{w}{n}")))
    };
    let goings_on = async |judge: &mut Desk, clerk: &mut Desk, n: u32| {
        clerk.act(insert(&format!("金丝雀{n}"))).await;
        judge.act(show(&format!("secret-doc{n}"))).await;
        judge.act(note(&format!("secret-doc{n}"), &format!("金丝雀{n}"))).await;
        let point = Ephemeral::Pointer {
            page: PageRef { doc: DocId::new(format!("secret-doc{n}")).expect("well formed"), page: 1 },
            at: Some(Point { x: 5, y: 5 }),
        };
        let msg = ClientMsg::Ephemeral { what: point };
        judge.handle.send(Msg::Client { conn: judge.conn, msg }).await.expect("the hearing runs");
        judge.act(Command::ChangeIssues { act: IssueAct::Add { text: format!("争点词{n}") } }).await;
        judge.act(Command::ChangeIssues { act: IssueAct::Settle }).await;
    };

    judge.act(Command::OpenSession).await;
    goings_on(&mut judge, &mut clerk, 1).await;
    recess_and_back(&mut judge, &mut witness).await;
    assert!(!secret(&witness.wire, 1), "before being called: {}", witness.wire);
    let peek =
        RequestKind::Correct {
            line: LineId(1), base: 7, text: "改".to_owned(), reason: "漏字".to_owned()
        };
    assert!(matches!(witness.act(Command::Ask { want: peek }).await, ServerMsg::Denied { .. }));
    assert!(!secret(&witness.wire, 1), "by a refusal: {}", witness.wire);

    judge.act(Command::TakeStep { step: Step::WitnessCalled { witness: seat("witness") } }).await;
    witness.until(|m| is_welcome(m, ViewClass::Witness)).await;
    goings_on(&mut judge, &mut clerk, 2).await;
    recess_and_back(&mut judge, &mut witness).await;
    assert!(witness.wire.contains("secret-doc2"), "on the stand the screens are seen");
    assert!(!witness.wire.contains("金丝雀2\",\"revision"), "never the record: {}", witness.wire);

    let on_the_stand = witness.at;
    judge.act(Command::TakeStep { step: Step::WitnessExcused { witness: seat("witness") } }).await;
    witness.until(|m| is_welcome(m, ViewClass::Waiting)).await;
    witness.wire.clear();
    goings_on(&mut judge, &mut clerk, 3).await;
    recess_and_back(&mut judge, &mut witness).await;
    assert!(!secret(&witness.wire, 3), "after leaving the stand: {}", witness.wire);

    // Coming back with the count of the stand gives a snapshot of one who waits, nothing else.
    handle.send(Msg::Leave { conn: witness.conn }).await.expect("runs");
    let mut back = Desk::join(&handle, "witness", on_the_stand).await;
    back.until(|m| is_welcome(m, ViewClass::Waiting)).await;
    recess_and_back(&mut judge, &mut back).await;
    assert!((1..=3).all(|n| !secret(&back.wire, n)), "after coming back: {}", back.wire);
}

/// [R-SEQ-9]
#[tokio::test]
async fn who_comes_back_in_another_role_gets_a_snapshot_and_never_the_deltas_of_the_other_class() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let handle = start(dir.path(), &HearingClock::start_now(), true);
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let mut plaintiff = Desk::join(&handle, "plaintiff", None).await;
    clerk.act(insert("第一行")).await;
    plaintiff.until(is_line).await;
    handle.send(Msg::Leave { conn: plaintiff.conn }).await.expect("runs");
    let shown = clerk.shown.as_ref().expect("welcomed");
    let gallery = shown.seats.iter().find(|s| s.id == seat("plaintiff")).expect("a seat").clone();
    clerk.act(Command::SetSeat { seat: Seat { role: Role::Public, ..gallery } }).await;
    clerk.act(insert("旁听人看不到的一行")).await;
    let mut back = Desk::join(&handle, "plaintiff", plaintiff.at).await;
    let welcome = back.until(|m| matches!(m, ServerMsg::Welcome { .. })).await;
    assert!(matches!(welcome, ServerMsg::Welcome { snapshot: Some(_), .. }), "{welcome:?}");
    handle.send(Msg::Client { conn: back.conn, msg: ClientMsg::Ping { sent_ms: 1 } }).await.expect("runs");
    back.until(|m| matches!(m, ServerMsg::Pong { .. })).await;
    assert!(!back.wire.contains("旁听人看不到"), "{}", back.wire);
}

#[tokio::test]
async fn a_command_is_known_again_by_its_seat_and_id_and_another_seat_may_use_the_same_id() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let handle = start(dir.path(), &HearingClock::start_now(), true);
    let mut clerk = Desk::join(&handle, "clerk", None).await;
    let mut judge = Desk::join(&handle, "judge", None).await;
    let same = CmdId::new("same").expect("well formed");
    let done = |m: &ServerMsg| matches!(m, ServerMsg::Done { .. });
    for _ in 0..2 {
        clerk.send(same.clone(), insert("书记员写一次")).await;
        clerk.until(done).await;
    }
    judge.send(same, Command::OpenSession).await;
    judge.until(done).await;
    let state = handle.state().await.expect("runs");
    assert_eq!((state.lines.len(), state.stage), (1, Stage::InSession));
}
