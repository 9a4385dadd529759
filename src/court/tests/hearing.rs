//! The rules of the courtroom, as sentences.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Aspect, Beside, Command, Denial, Event, EvidenceDraft, Ground, HearingInfo, Input, Outline,
    PhaseId, Process, Recognised, Report, RequestKind, Shape, Stage, Stamped, Stance, State, StatuteCitation,
    ViewDraft,
};
use model::{
    CaseId, CmdId, Day, DocId, EvidenceId, GapCause, GapId, HearingId, HearingTime, LineId, PageRef, Point,
    RequestId, Role, Rotation, Seat, SeatId, Side, TrackId, UtcMs,
};

struct Room {
    state: State,
    now: u64,
    commands: u32,
}

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

impl Room {
    fn new() -> Self {
        let mut room = Self { state: State::default(), now: 0, commands: 0 };
        let seat = |s: &str, role| Seat {
            id: id(s),
            role,
            name: s.to_owned(),
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
            seat("plaintiff", Role::PlaintiffAgent),
            seat("defendant", Role::DefendantAgent),
            seat("public", Role::Public),
        ];
        let info = HearingInfo {
            hearing: HearingId::new("h1").expect("well formed"),
            case: CaseId::new("c1").expect("well formed"),
            court: "松江市清源区人民法院".to_owned(),
            number: "（2026）清0102民初318号".to_owned(),
            cause: "民间借贷纠纷".to_owned(),
            room: "第三法庭".to_owned(),
            session: 1,
            public: true,
            origin: UtcMs(0),
        };
        room.fact(Report::Opened { info, outline: Outline::civil_ordinary(), seats });
        room
    }

    fn act(&mut self, seat: &str, command: Command) -> Result<Vec<Event>, Denial> {
        self.commands += 1;
        let cmd = CmdId::new(format!("c{}", self.commands)).expect("well formed");
        self.run(Input::Command { seat: id(seat), cmd, command, inside: false })
    }

    fn must(&mut self, seat: &str, command: Command) {
        let done = self.act(seat, command.clone());
        assert!(done.as_ref().is_ok_and(|e| !e.is_empty()), "{seat} {command:?}: {done:?}");
    }

    fn fact(&mut self, report: Report) -> Vec<Event> {
        self.run(Input::Report { process: Process::Hub, report }).expect("facts are never refused")
    }

    fn run(&mut self, input: Input) -> Result<Vec<Event>, Denial> {
        self.now += 1000;
        let events = court::decide(&self.state, HearingTime(self.now), &input)?;
        for event in &events {
            let (actor, cmd) = match &input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            self.state.apply(&Stamped { at: HearingTime(self.now), actor, cmd, event: event.clone() });
        }
        Ok(events)
    }

    fn hears(&mut self, seat: &str, utterance: u64, text: &str) {
        let from = HearingTime(utterance * 1000);
        self.fact(Report::Recognised(Recognised {
            utterance,
            seat: id(seat),
            from,
            to: from.plus(900),
            text: text.to_owned(),
            raw: text.to_owned(),
            pieces: Vec::new(),
            repairs: Vec::new(),
        }));
    }
}

fn view(doc: &str, page: u32) -> ViewDraft {
    ViewDraft {
        page: PageRef { doc: DocId::new(doc).expect("well formed"), page },
        page_hash: "0a".repeat(32),
        rotation: Rotation::None,
        viewport: None,
        highlights: Vec::new(),
        beside: None,
    }
}

fn correct(line: u32, base: u32, text: &str) -> Command {
    Command::CorrectLine { line: LineId(line), base, text: text.to_owned() }
}

#[test]
fn two_pages_side_by_side_are_one_view_and_both_have_been_shown() {
    let mut room = Room::new();
    let item = |number: u32, doc: &str| EvidenceDraft {
        side: Side::Plaintiff,
        number,
        name: doc.to_owned(),
        source: String::new(),
        purpose: String::new(),
        doc: Some(DocId::new(doc).expect("well formed")),
    };
    room.must("clerk", Command::ListEvidence { draft: item(1, "d1") });
    room.must("clerk", Command::ListEvidence { draft: item(2, "d2") });
    room.must("judge", Command::OpenSession);
    let beside = |hash: &str| {
        let page = view("d2", 3).page;
        Some(Beside {
            page,
            page_hash: hash.to_owned(),
            rotation: Rotation::None,
            viewport: None,
            highlights: Vec::new(),
        })
    };
    let bad = ViewDraft { beside: beside("no hash"), ..view("d1", 1) };
    assert!(matches!(room.act("judge", Command::Show { view: bad }), Err(Denial::Malformed { .. })));
    let both = ViewDraft { beside: beside(&"0b".repeat(32)), ..view("d1", 1) };
    room.must("judge", Command::Show { view: both.clone() });
    assert!(room.state.evidence.values().all(|e| e.shown.is_some()));
    let shown = room.state.screens.view.clone().expect("on the screens").draft;
    assert!(shown.shows(&view("d1", 1).page) && shown.shows(&view("d2", 3).page));
    assert!(!shown.shows(&view("d2", 1).page));
    assert_eq!(room.act("judge", Command::Show { view: both }), Ok(Vec::new()), "they are there already");
}

#[test]
fn a_party_presents_only_while_the_bench_lets_it() {
    let mut room = Room::new();
    room.must("judge", Command::OpenSession);
    assert_eq!(room.act("plaintiff", Command::Show { view: view("d1", 1) }), Err(Denial::NotPresenting));
    room.must("plaintiff", Command::Ask { want: RequestKind::Present { page: None } });
    room.must("judge", Command::Answer { request: RequestId(1), granted: true, reason: String::new() });
    room.must("plaintiff", Command::Show { view: view("d1", 1) });
    let ink = Shape::Ink { points: vec![Point { x: 1, y: 1 }] };
    room.must("plaintiff", Command::MakeMark { page: view("d1", 1).page, shape: ink });
    room.must("judge", Command::Lock);
    assert_eq!(room.act("plaintiff", Command::Show { view: view("d1", 2) }), Err(Denial::ScreensLocked));
    room.must("judge", Command::Show { view: view("d1", 2) });
    room.must("judge", Command::Unlock);
    room.must("judge", Command::SetPresenter { presenter: None });
    assert_eq!(room.act("plaintiff", Command::Hide), Err(Denial::NotPresenting));
}

/// [R-MARK-1]
#[test]
fn a_stance_is_a_partys_own_on_evidence_of_others_that_was_shown() {
    let mut room = Room::new();
    room.must("judge", Command::OpenSession);
    let offered = |side, number, doc: &str| Command::ListEvidence {
        draft: EvidenceDraft {
            side,
            number,
            name: "银行流水".to_owned(),
            source: String::new(),
            purpose: String::new(),
            doc: Some(DocId::new(doc).unwrap()),
        },
    };
    room.must("clerk", offered(Side::Plaintiff, 1, "d1"));
    room.must("clerk", offered(Side::Defendant, 1, "d2"));
    let stamp = |doc: &str| Command::MakeMark {
        page: view(doc, 1).page,
        shape: Shape::Stance { at: Point { x: 20_000, y: 30_000 }, stance: Stance::Disputed },
    };
    let not_shown = |doc: &str| Err(Denial::NotShownToYou { page: view(doc, 1).page });
    assert_eq!(room.act("defendant", stamp("d1")), not_shown("d1"), "it was not shown yet");
    room.must("judge", Command::Show { view: view("d1", 2) });
    room.must("judge", Command::Show { view: view("d2", 1) });
    room.must("defendant", stamp("d1"));
    assert_eq!(room.act("defendant", stamp("d2")), not_shown("d2"), "its own evidence");
    assert_eq!(room.act("defendant", stamp("d3")), not_shown("d3"), "no evidence at all");
    for seat in ["judge", "clerk", "public"] {
        assert_eq!(room.act(seat, stamp("d1")), Err(Denial::NotYours { whose: Role::Plaintiff }), "{seat}");
    }
    room.must("judge", Command::Lock);
    assert_eq!(room.act("plaintiff", stamp("d2")), Err(Denial::ScreensLocked));
    room.must("judge", Command::Unlock);
    room.must("plaintiff", stamp("d2"));
    let sides: Vec<_> = room.state.marks.values().map(|m| m.side).collect();
    assert_eq!(sides, [Side::Defendant, Side::Plaintiff]);
    let defendants = *room.state.marks.keys().next().expect("made above");
    let undo = Command::UndoMark { mark: defendants };
    assert_eq!(room.act("judge", undo.clone()), Err(Denial::NotYours { whose: Role::DefendantAgent }));
    room.must("defendant", undo);
    let off = Shape::Arrow { from: Point { x: 0, y: 0 }, to: Point { x: i32::MAX, y: i32::MIN } };
    let off = room.act("judge", Command::MakeMark { page: view("d1", 1).page, shape: off });
    assert!(matches!(off, Err(Denial::Malformed { .. })), "{off:?}");
}

/// [R-CMD-12]
#[test]
fn the_outline_never_gates_an_act() {
    let mut room = Room::new();
    for phase in ["judgment", "opening", "debate", "evidence"] {
        room.must("judge", Command::EnterPhase { phase: PhaseId(phase.to_owned()) });
        room.must("judge", Command::Show { view: view("d1", room.now as u32) });
    }
    let nowhere = PhaseId("nowhere".to_owned());
    assert!(matches!(
        room.act("judge", Command::EnterPhase { phase: nowhere }),
        Err(Denial::UnknownPhase { .. })
    ));
}

/// [R-CMD-4]
#[test]
fn the_ids_of_the_last_4096_commands_that_had_an_effect_are_known_again() {
    let mut room = Room::new();
    room.must("judge", Command::Lock);
    let first = CmdId::new("c1").expect("well formed");
    for n in 1..4096 {
        room.must("judge", if n % 2 == 1 { Command::Unlock } else { Command::Lock });
    }
    assert!(room.state.has_done(&id("judge"), &first));
    room.must("judge", Command::Lock);
    assert!(!room.state.has_done(&id("judge"), &first));
}

/// [R-CMD-10]
#[test]
fn a_stale_correction_is_refused_with_the_text_that_stands() {
    let mut room = Room::new();
    room.hears("plaintiff", 1, "借款五万元");
    room.must("clerk", correct(1, 0, "借款五十万元"));
    let refused = room.act("clerk", correct(1, 0, "借款十五万元"));
    assert_eq!(refused, Err(Denial::Stale { line: LineId(1), revision: 1, text: "借款五十万元".to_owned() }));
    assert_eq!(room.state.lines[&LineId(1)].text(), "借款五十万元");
    assert_eq!(room.state.lines[&LineId(1)].recognised.as_ref().map(|r| r.text.as_str()), Some("借款五万元"));
}

#[test]
fn the_machine_never_overwrites_what_the_clerk_took_over() {
    let mut room = Room::new();
    room.now = 8000;
    let from = HearingTime(7000);
    let text = "真实性无异议".to_owned();
    room.must("clerk", Command::TakeOver { seat: id("defendant"), utterance: 7, from, text });
    room.hears("defendant", 7, "真实性有异议");
    let line = &room.state.lines[&LineId(1)];
    assert_eq!((line.text(), line.suggestion.as_deref()), ("真实性无异议", Some("真实性有异议")));
    assert_eq!(room.state.lines.len(), 1);
}

#[test]
fn an_utterance_sent_twice_settles_once() {
    let mut room = Room::new();
    room.hears("judge", 3, "现在开庭");
    room.hears("judge", 3, "现在开庭");
    assert_eq!(room.state.lines.len(), 1);
}

#[test]
fn an_interruption_has_a_lawful_ground_or_a_reviewed_statement() {
    let mut room = Room::new();
    room.must("judge", Command::OpenSession);
    let track = TrackId::new("mic-judge").expect("well formed");
    let fault = Ground::Fault { cause: GapCause::DeviceLost };
    let unlawful = room.act("judge", Command::CallRecess { ground: fault, note: String::new() });
    assert!(matches!(unlawful, Err(Denial::UnlawfulGround { .. })));
    room.must("judge", Command::CallRecess { ground: Ground::Recess, note: "休息十分钟".to_owned() });
    room.must("judge", Command::Resume);
    let (from, to) = (HearingTime(5000), HearingTime(5600));
    // A recorder that dies leaves a hole in every track, and is one interruption.
    let picture = TrackId::new("cam-1").expect("well formed");
    room.fact(Report::Gap { track, cause: GapCause::RecorderDown, from, to });
    room.fact(Report::Gap {
        track: picture.clone(),
        cause: GapCause::RecorderDown,
        from: HearingTime(4300),
        to: HearingTime(6100),
    });
    assert_eq!(room.state.unsettled_gaps().count(), 1);
    let whole = room.state.ledger.last().expect("found");
    assert_eq!((whole.from, whole.to, whole.holes.len()), (HearingTime(4300), Some(HearingTime(6100)), 2));
    let later = HearingTime(9000);
    room.fact(Report::Gap {
        track: picture,
        cause: GapCause::RecorderDown,
        from: later,
        to: HearingTime(9500),
    });
    assert_eq!(room.state.unsettled_gaps().count(), 2);
    room.must("clerk", Command::StateFault { gap: GapId(3), statement: "录音进程又重启".to_owned() });
    room.must("judge", Command::ReviewFault { gap: GapId(3) });
    room.must("clerk", Command::StateFault { gap: GapId(2), statement: "录音进程重启".to_owned() });
    assert!(room.act("clerk", Command::ReviewFault { gap: GapId(2) }).is_err());
    room.must("judge", Command::ReviewFault { gap: GapId(2) });
    assert_eq!(room.state.unsettled_gaps().count(), 0);
    room.must("judge", Command::CloseSession);
    assert_eq!(room.state.stage, Stage::Closed);
}

#[test]
fn a_refused_correction_request_stays_in_the_record() {
    let mut room = Room::new();
    room.hears("defendant", 1, "违约金过高");
    let reason = "听错了".to_owned();
    let want = RequestKind::Correct { line: LineId(1), base: 0, text: "违约金不高".to_owned(), reason };
    room.must("defendant", Command::Ask { want });
    room.must(
        "clerk",
        Command::Answer {
            request: RequestId(1), granted: false, reason: "经回放录音，无误".to_owned()
        },
    );
    assert_eq!(room.state.lines[&LineId(1)].text(), "违约金过高");
    assert!(room.state.requests.contains_key(&RequestId(1)));
}

#[test]
fn evidence_counts_as_shown_once_its_page_is_on_the_screens_in_session() {
    let mut room = Room::new();
    let draft = EvidenceDraft {
        side: Side::Plaintiff,
        number: 3,
        name: "银行流水".to_owned(),
        source: String::new(),
        purpose: "证明款项交付".to_owned(),
        doc: Some(view("d3", 1).page.doc),
    };
    room.must("clerk", Command::ListEvidence { draft: draft.clone() });
    assert!(matches!(room.act("clerk", Command::ListEvidence { draft }), Err(Denial::EvidenceListed { .. })));
    room.must("judge", Command::Show { view: view("d3", 1) });
    assert_eq!(room.state.evidence[&EvidenceId(1)].shown, None);
    room.must("judge", Command::OpenSession);
    room.must("judge", Command::Show { view: view("d3", 2) });
    assert!(room.state.evidence[&EvidenceId(1)].shown.is_some());
    let opinion = |stance| Command::NoteOpinion {
        evidence: EvidenceId(1),
        side: Side::Defendant,
        aspect: Aspect::Authenticity,
        stance,
        reason: String::new(),
        line: None,
    };
    room.must("judge", opinion(Stance::Disputed));
    room.must("judge", opinion(Stance::Undisputed));
    let opinions = &room.state.evidence[&EvidenceId(1)].opinions;
    assert_eq!(opinions.iter().map(|o| o.stance).collect::<Vec<_>>(), [Stance::Undisputed]);
}

fn citation() -> StatuteCitation {
    StatuteCitation {
        law: "0a1b2c".to_owned(),
        name: "灯塔法".to_owned(),
        version: Day::new(2020, 5, 1).expect("a day"),
        number: "2-1".to_owned(),
        label: "第二条之一".to_owned(),
        digest: "0a".repeat(32),
    }
}

#[test]
fn a_cited_article_is_a_line_of_the_record_that_keeps_its_version_and_digest() {
    let mut room = Room::new();
    room.must("judge", Command::OpenSession);
    room.must("judge", Command::CiteStatute { seat: id("judge"), statute: citation() });
    let before = room.state.record_digest();
    room.must("clerk", Command::CiteStatute { seat: id("plaintiff"), statute: citation() });
    assert_ne!(room.state.record_digest(), before, "what is cited is signed with the record");
    let line = &room.state.lines[&LineId(2)];
    assert_eq!((line.text(), line.speaker()), ("引用《灯塔法》（2020-05-01）第二条之一", &id("plaintiff")));
    room.must("clerk", correct(2, 1, "原告引用灯塔法第二条之一"));
    assert_eq!(
        room.state.lines[&LineId(2)].cites,
        Some(citation()),
        "a corrected line still leads to its article"
    );
}

#[test]
fn only_bench_and_clerk_cite_into_the_record_and_only_what_is_well_formed() {
    let mut room = Room::new();
    let cite = |seat: &str, statute| Command::CiteStatute { seat: id(seat), statute };
    for (asker, speaker) in [("plaintiff", "plaintiff"), ("public", "public"), ("judge", "plaintiff")] {
        let denied = room.act(asker, cite(speaker, citation()));
        assert_eq!(denied, Err(Denial::NotYours { whose: Role::Clerk }), "{asker} for {speaker}");
    }
    assert!(matches!(room.act("clerk", cite("nobody", citation())), Err(Denial::UnknownSeat { .. })));
    let odd = |change: fn(&mut StatuteCitation)| {
        let mut statute = citation();
        change(&mut statute);
        statute
    };
    for statute in [
        odd(|s| s.law = "../x".to_owned()),
        odd(|s| s.law = String::new()),
        odd(|s| s.number = "第二条".to_owned()),
        odd(|s| s.digest = "0A".repeat(32)),
        odd(|s| s.digest.truncate(63)),
        odd(|s| s.name = "灯塔法\n第二行".to_owned()),
        odd(|s| s.name = "法".repeat(201)),
        odd(|s| s.label = " ".to_owned()),
    ] {
        let denied = room.act("clerk", cite("judge", statute.clone()));
        assert!(matches!(denied, Err(Denial::Malformed { .. } | Denial::EmptyText { .. })), "{statute:?}");
    }
    assert!(room.state.lines.is_empty());
}

#[test]
fn nobody_acts_from_a_seat_that_is_not_of_this_hearing() {
    let mut room = Room::new();
    assert!(matches!(room.act("stranger", Command::OpenSession), Err(Denial::UnknownSeat { .. })));
    assert!(matches!(room.act("public", Command::Show { view: view("d1", 1) }), Err(Denial::NotPresenting)));
    assert!(matches!(
        room.act("defendant", Command::OpenSession),
        Err(Denial::NotYours { whose: Role::PresidingJudge })
    ));
}

#[test]
fn a_document_brought_in_during_the_hearing_is_let_in_by_the_presiding_judge() {
    let mut room = Room::new();
    room.must("judge", Command::OpenSession);
    let doc = DocId::new("d9").unwrap();
    let offered = Report::EvidenceOffered {
        seat: id("plaintiff"),
        side: Side::Plaintiff,
        doc: doc.clone(),
        title: "补充流水".to_owned(),
        pages: 3,
        purpose: "还款未付清".to_owned(),
    };
    room.fact(offered.clone());
    room.fact(offered);
    assert_eq!(room.state.requests.len(), 1, "it is told again and again until it is settled");
    let request = RequestId(1);
    let want = room.state.requests[&request].want.clone();
    assert!(matches!(room.act("plaintiff", Command::Ask { want }), Err(Denial::Malformed { .. })));
    let answer = |granted| Command::Answer { request, granted, reason: String::new() };
    assert!(room.act("clerk", answer(true)).is_err(), "the clerk has it scanned and does not let it in");
    // It may be looked at by all before it is let in.
    room.must("judge", Command::Show { view: view("d9", 1) });
    room.must("judge", answer(true));
    let draft = EvidenceDraft {
        side: Side::Plaintiff,
        number: 6,
        name: "补充流水".to_owned(),
        source: String::new(),
        purpose: String::new(),
        doc: Some(doc),
    };
    room.fact(Report::EvidenceFiled(draft));
    let item = room.state.evidence.values().last().expect("listed");
    assert_eq!((item.draft.number, item.draft.purpose.as_str()), (6, "还款未付清"));
    assert!(item.shown.is_some(), "it was on the screens when it was let in");
}
