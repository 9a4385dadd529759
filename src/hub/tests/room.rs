//! The room: which outline a hearing has, and what a further session of a case continues.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[path = "support/room.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use court::{
    Aspect, Command, EvidenceDraft, OutlineId, PhaseId, Process, Report, Shape, Stage, Stance, State,
};
use hub::{CaseDraft, Handle, Msg, Opening, Outbox, Room, RoomError};
use model::{CaseId, CmdId, DocId, EvidenceId, PageRef, Point, Role, Seat, SeatId, Side};
use protocol::wire::ClientMsg;

async fn room(dir: &Path) -> Room {
    support::room(dir, None).await
}

async fn mirrored_room(dir: &Path, mirror: Option<PathBuf>) -> Room {
    support::room(dir, mirror).await
}

fn case() -> CaseId {
    CaseId::new("loan-318").expect("well formed")
}

fn outline(id: &str) -> OutlineId {
    OutlineId(id.to_owned())
}

fn draft(procedure: &str) -> CaseDraft {
    CaseDraft {
        id: case(),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        court: String::new(),
        procedure: outline(procedure),
    }
}

fn opening(procedure: Option<&str>, with_seats: bool) -> Opening {
    let seat = |id: &str, role| Seat {
        id: SeatId::new(id).expect("well formed"),
        role,
        name: id.to_owned(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    let seats = vec![
        seat("judge", Role::PresidingJudge),
        seat("clerk", Role::Clerk),
        seat("plaintiff", Role::Plaintiff),
    ];
    let seats = if with_seats { seats } else { Vec::new() };
    Opening { case: case(), public: true, seats, procedure: procedure.map(outline) }
}

/// Waits until the hearing's state is as it should be.
async fn state(handle: &Handle, good: impl Fn(&State) -> bool) -> State {
    let looked = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let state = handle.state().await.expect("the hearing runs");
            if good(&state) {
                return state;
            }
            tokio::task::yield_now().await;
        }
    });
    looked.await.expect("the state comes in time")
}

/// Does commands at the judge's desk.
async fn judge_does(handle: &Handle, commands: Vec<Command>) {
    state(handle, |s| s.info.is_some()).await;
    let outbox = Arc::new(Outbox::default());
    let judge = SeatId::new("judge").expect("well formed");
    let conn = handle.join(judge, None, outbox).await.expect("the judge joins").conn;
    for (n, command) in commands.into_iter().enumerate() {
        let cmd_id = CmdId::new(format!("j{n}")).expect("well formed");
        let msg = ClientMsg::Command { cmd_id, command, inside: false };
        handle.send(Msg::Client { conn, msg }).await.expect("the hearing runs");
    }
}

fn first_session() -> Vec<Command> {
    let doc = DocId::new("d1").expect("well formed");
    let page = PageRef { doc: doc.clone(), page: 1 };
    let draft = EvidenceDraft {
        side: Side::Plaintiff,
        number: 1,
        name: "借款合同".to_owned(),
        source: String::new(),
        purpose: String::new(),
        doc: Some(doc),
    };
    let opinion = Command::NoteOpinion {
        evidence: EvidenceId(1),
        side: Side::Defendant,
        aspect: Aspect::Purpose,
        stance: Stance::Disputed,
        reason: "违约金约定过高".to_owned(),
        line: None,
    };
    let note = Shape::Note { at: Point { x: 1, y: 1 }, text: "待核".to_owned() };
    vec![
        Command::OpenSession,
        Command::ListEvidence { draft },
        opinion,
        Command::MakeMark { page, shape: note },
        Command::CloseSession,
    ]
}

#[tokio::test]
async fn a_hearing_follows_the_procedure_of_its_case_unless_another_is_chosen() {
    let dir = tempfile::tempdir().expect("a folder");
    let room = room(dir.path()).await;
    let unknown = room.create_case(draft("night-court")).await;
    assert!(
        matches!(&unknown, Err(RoomError::UnknownProcedure { known, .. }) if known.contains("civil-ordinary"))
    );
    room.create_case(draft("inquiry")).await.expect("a new case");
    let opened = room.open_hearing(opening(None, true)).await.expect("a hearing");
    let handle = room.hearing(&opened.hearing).await.expect("it runs");
    let first = state(&handle, |s| s.info.is_some()).await;
    assert_eq!(first.outline.map(|o| o.id), Some(outline("inquiry")));
    assert!(matches!(room.open_hearing(opening(None, true)).await, Err(RoomError::Busy(_))));
    room.close().await;
}

#[tokio::test]
async fn a_further_session_continues_the_case_with_evidence_marks_and_roster_also_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let first_room = room(dir.path()).await;
    first_room.create_case(draft("")).await.expect("a new case");
    let one = first_room.open_hearing(opening(None, true)).await.expect("the first session");
    let handle = first_room.hearing(&one.hearing).await.expect("it runs");
    judge_does(&handle, first_session()).await;
    state(&handle, |s| s.stage == Stage::Closed).await;
    let sealed = Msg::Report { process: Process::Recorder, report: Box::new(Report::MediaSealed) };
    handle.send(sealed).await.expect("the hearing runs");
    let first = state(&handle, |s| s.media_sealed).await;

    let two = first_room.open_hearing(opening(Some("judgment"), false)).await.expect("the second session");
    let roster = |seats: &[SeatId]| seats.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(roster(&two.seats), roster(&one.seats), "the roster is taken over");
    let handle = first_room.hearing(&two.hearing).await.expect("it runs");
    let second = state(&handle, |s| !s.marks.is_empty()).await;
    assert_eq!(second.info.as_ref().map(|i| i.session), Some(2));
    assert_eq!(second.outline.as_ref().map(|o| o.id.clone()), Some(outline("judgment")));
    assert_eq!(second.continues, Some((one.hearing.clone(), 1, first.record_digest())));
    assert_eq!(second.evidence[&EvidenceId(1)].opinions[0].reason, "违约金约定过高");
    assert!(second.seats.values().all(|s| !s.present), "who is present is checked anew");
    first_room.close().await;

    let again = room(dir.path()).await;
    let handle = again.hearing(&two.hearing).await.expect("it goes on");
    // When the missing recorder and recogniser are noticed, and so which of them are noted, is nobody's promise.
    let kept = |mut state: State| {
        state.faults.clear();
        state
    };
    assert_eq!(kept(state(&handle, |s| s.info.is_some()).await), kept(second));
    again.close().await;
}

#[tokio::test]
async fn a_changed_outline_counts_from_the_next_hearing_and_a_wrong_one_stops_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("outlines");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("wrong.toml"), "id = 1\n").expect("writable");
    let room = room(dir.path()).await;
    let own = "id = \"reception\"\nname = \"本院接待\"\nen = \"Own\"\n[[phase]]\nid = \"talk\"\nzh = \"谈话\"\nen = \"Talk\"\n";
    std::fs::write(folder.join("reception.toml"), own).expect("writable");
    room.create_case(draft("reception")).await.expect("a new case");
    let opened = room.open_hearing(opening(None, true)).await.expect("a hearing");
    let handle = room.hearing(&opened.hearing).await.expect("it runs");
    let state = state(&handle, |s| s.info.is_some()).await;
    assert_eq!(state.phase, Some(PhaseId("talk".to_owned())));
    assert_eq!(room.outlines().await.expect("readable").faults.len(), 1);
    room.close().await;
}

#[tokio::test]
async fn a_damaged_journal_comes_back_from_the_second_disk_and_the_desks_are_told() {
    let (dir, second) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let open = || mirrored_room(dir.path(), Some(second.path().to_owned()));
    let before = open().await;
    before.create_case(draft("civil-ordinary")).await.expect("a case");
    let hearing = before.open_hearing(opening(None, true)).await.expect("a hearing").hearing;
    let handle = before.hearing(&hearing).await.expect("it runs");
    judge_does(&handle, first_session()).await;
    let written = state(&handle, |s| s.stage == Stage::Closed).await;
    before.close().await;
    drop((handle, before));
    let segment = dir.path().join("hearings").join(hearing.as_str()).join("journal/000001.seg");
    let mut bytes = std::fs::read(&segment).expect("there");
    bytes[400] ^= 1;
    std::fs::write(&segment, bytes).expect("written");
    let after = open().await;
    let handle = after.hearing(&hearing).await.expect("it runs again");
    let told = state(&handle, |s| s.faults.contains_key(&Process::Hub)).await;
    assert!(told.faults[&Process::Hub].contains("second copy"), "{:?}", told.faults);
    assert_eq!((told.marks.len(), told.evidence.len()), (written.marks.len(), written.evidence.len()));
    after.close().await;
    drop((handle, after));
    // Once all is well again the desks are no longer told of it.
    let well = open().await;
    let handle = well.hearing(&hearing).await.expect("it runs");
    state(&handle, |s| !s.faults.contains_key(&Process::Hub)).await;
    well.close().await;
}
