//! Outlines: the files, and every shipped one played through at the court's edge in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::collections::BTreeSet;

use court::{
    Actor, Aspect, Command, Denial, Earlier, Event, EvidenceDraft, Fact, Ground, HearingInfo, Input, Outline,
    PhaseId, Process, Report, SHIPPED_OUTLINES, Shape, Speaker, Stage, Stamped, Stance, State, ViewDraft,
    parse_outline,
};
use model::{
    CaseId, CmdId, DocId, EvidenceId, HearingId, HearingTime, LineId, MarkId, PageRef, Point, Role, Rotation,
    Seat, SeatId, Side, UtcMs,
};
use proptest::prelude::*;

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

fn phase(s: &str) -> PhaseId {
    PhaseId(s.to_owned())
}

/// A hearing in virtual time: a second passes with every act.
struct Room {
    state: State,
    now: u64,
    acts: u32,
    journal: Vec<Stamped>,
}

impl Room {
    fn open(outline: Outline, session: u32, earlier: Option<Earlier>) -> Self {
        let mut room = Self { state: State::default(), now: 0, acts: 0, journal: Vec::new() };
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
            seat("assessor", Role::Assessor),
            seat("clerk", Role::Clerk),
            seat("plaintiff", Role::PlaintiffAgent),
            seat("defendant", Role::DefendantAgent),
        ];
        let info = HearingInfo {
            hearing: HearingId::new(format!("c1-{session}")).expect("well formed"),
            case: CaseId::new("c1").expect("well formed"),
            court: "松江市清源区人民法院".to_owned(),
            number: "（2026）清0102民初318号".to_owned(),
            cause: "民间借贷纠纷".to_owned(),
            room: "第三法庭".to_owned(),
            session,
            public: true,
            origin: UtcMs(0),
        };
        let report = match earlier {
            Some(earlier) => Report::Continued { info, outline, seats, earlier: Box::new(earlier) },
            None => Report::Opened { info, outline, seats },
        };
        room.run(Input::Report { process: Process::Hub, report }).expect("facts are never refused");
        room
    }

    fn act(&mut self, seat: &str, command: Command) -> Result<Vec<Event>, Denial> {
        self.acts += 1;
        let cmd = CmdId::new(format!("c{}", self.acts)).expect("well formed");
        self.run(Input::Command { seat: id(seat), cmd, command, inside: false })
    }

    /// Does something that nothing may block.
    fn free(&mut self, seat: &str, command: Command) {
        if let Err(denial) = self.act(seat, command.clone()) {
            panic!("{seat} was blocked: {command:?}: {denial}");
        }
    }

    fn run(&mut self, input: Input) -> Result<Vec<Event>, Denial> {
        self.now += 1000;
        let at = HearingTime(self.now);
        let events = court::decide(&self.state, at, &input)?;
        for event in &events {
            let (actor, cmd) = match &input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            let stamped = Stamped { at, actor, cmd, event: event.clone() };
            self.state.apply(&stamped);
            self.journal.push(stamped);
        }
        Ok(events)
    }

    fn outline(&self) -> Outline {
        self.state.outline.clone().expect("the hearing is open")
    }

    /// What the clerk's keyboard does in a phase: enters it, puts each text into the record, ticks the check-list.
    fn runs(&mut self, at: &PhaseId) {
        let outline = self.outline();
        self.free("clerk", Command::EnterPhase { phase: at.clone() });
        assert_eq!((self.state.phase.as_ref(), self.state.merged.len()), (Some(at), 0));
        let here = outline.find(at).expect("a phase of its own");
        for text in here.texts.iter().chain(&outline.texts) {
            let seat = id(if text.speaker == Speaker::Judge { "judge" } else { "clerk" });
            let from = HearingTime(self.now);
            self.free("clerk", Command::InsertLine { seat, from, text: filled(&outline, &text.text) });
        }
        for item in 0..here.checks.len() as u32 {
            self.free("clerk", Command::TickCheck { phase: at.clone(), item, done: true });
        }
        for with in &here.merges {
            self.free("judge", Command::MergePhase { phase: with.clone() });
            assert!(self.state.merged.contains(with));
        }
    }

    /// Everything written can be read again, and gives the same state.
    fn replays(&self) {
        let mut again = State::default();
        for stamped in &self.journal {
            let json = serde_json::to_string(stamped).expect("events encode");
            again.apply(&serde_json::from_str(&json).expect("the journal is readable"));
        }
        assert_eq!(again, self.state);
    }
}

/// A text with every placeholder filled, as a desk does it.
fn filled(outline: &Outline, text: &str) -> String {
    let mut text = text.to_owned();
    for fact in Fact::ALL {
        text = text.replace(&format!("{{{}}}", fact.word()), "某");
    }
    for (word, value) in &outline.terms {
        text = text.replace(&format!("{{{word}}}"), value);
    }
    let text = text.replace(['[', ']'], "");
    assert!(!text.contains(['{', '}']), "an unknown placeholder is left: {text}");
    text
}

#[test]
fn every_shipped_outline_is_read_and_is_whole() {
    let mut ids = BTreeSet::new();
    for (file, text) in SHIPPED_OUTLINES {
        let outline = parse_outline(file, text).unwrap_or_else(|fault| panic!("{fault}"));
        assert!(ids.insert(outline.id.clone()), "{file}: {} is there twice", outline.id);
        assert_eq!(file, format!("{}.toml", outline.id));
        for phase in &outline.phases {
            assert!(!phase.utterances.is_empty(), "{file}: nothing to say in {}", phase.id);
            assert!(!phase.checks.is_empty(), "{file}: nothing to check in {}", phase.id);
            phase.utterances.iter().chain(&phase.checks).for_each(|u| drop(filled(&outline, u)));
        }
        assert!(
            outline.phases.iter().any(|p| p.id == phase("signing")),
            "{file}: the record is never signed"
        );
    }
    assert_eq!(Outline::shipped().len(), SHIPPED_OUTLINES.len());
    assert_eq!(Outline::civil_ordinary().id.0, court::OutlineId::CIVIL_ORDINARY);
}

#[test]
fn civil_outlines_speak_of_final_views_never_of_final_statements() {
    for outline in Outline::shipped().iter().filter(|o| o.id.0.starts_with("civil")) {
        let text = format!("{outline:?}");
        assert!(!text.contains("最后陈述"), "{}", outline.id);
        assert!(text.contains("最后意见"), "{}", outline.id);
    }
}

const SMALL: &str = "id = \"own\"\nname = \"本院程序\"\nen = \"Own\"\n[terms]\n\"期限\" = \"三日\"\n\
    [[phase]]\nid = \"one\"\nzh = \"一\"\nen = \"One\"\nutterances = [\"{原告}在{期限}内\"]\n\
    [[phase]]\nid = \"two\"\nzh = \"二\"\nen = \"Two\"\nmerges = [\"one\"]\n\
    [[phase.text]]\ncode = \"ab\"\ntitle = \"题\"\ntext = \"请[{第三人}]发言\"\nspeaker = \"judge\"\n";

#[test]
fn a_wrong_file_is_refused_with_its_line_and_the_remedy() {
    let small = parse_outline("own.toml", SMALL).expect("valid");
    assert_eq!((small.phases.len(), small.phases[1].texts[0].speaker), (2, Speaker::Judge));
    for (from, to, line, says) in [
        ("id = \"own\"", "id = \"my own\"", 1, "use 1 to 64 letters"),
        ("name = \"本院程序\"", "name = \"\"", 2, "write something"),
        ("en = \"Own\"", "en = Own", 3, "correct it"),
        ("\"期限\"", "\"原告\"", 5, "choose another word"),
        ("{期限}", "{期间}", 10, "give it a value under [terms]"),
        ("{原告}", "{原告", 10, "close it"),
        ("id = \"two\"", "id = \"one\"", 12, "give each its own id"),
        ("merges = [\"one\"]", "merges = [\"three\"]", 15, "name one of one, two"),
        ("merges = [\"one\"]", "merges = [\"two\"]", 15, "name one of one, two"),
        ("code = \"ab\"", "code = \"AB\"", 17, "the initials of the title"),
        ("title = \"题\"", "titel = \"题\"", 18, "titel"),
        ("[{第三人}]", "[{第三人}", 19, "not closed"),
        ("speaker = \"judge\"", "speaker = \"party\"", 20, "judge"),
    ] {
        let wrong = SMALL.replacen(from, to, 1);
        let fault = parse_outline("own.toml", &wrong).expect_err(to);
        assert_eq!((fault.file.as_str(), fault.line), ("own.toml", line), "{to}: {fault}");
        assert!(fault.to_string().contains(says), "{to} says {fault}");
    }
    let again = format!("{SMALL}[[phase.text]]\ncode = \"ab\"\ntitle = \"又\"\ntext = \"又\"\n");
    assert_eq!(parse_outline("own.toml", &again).expect_err("twice").line, 22);
    let nowhere = format!("closes = \"three\"\n{SMALL}");
    assert!(parse_outline("own.toml", &nowhere).expect_err("no such phase").what.contains("one of one, two"));
    let none = "id = \"own\"\nname = \"本院程序\"\nen = \"Own\"\n";
    assert!(parse_outline("own.toml", none).expect_err("no phase").what.contains("[[phase]]"));
}

/// As written before outlines were files.
const OLD_OPENING: &str = r#"{"at":0,"actor":{"who":"machine","process":"hub"},"event":{"type":"hearingOpened","info":{"hearing":"loan-318-1","case":"loan-318","court":"松江市清源区人民法院","number":"（2026）清0102民初318号","cause":"民间借贷纠纷","room":"第三法庭","session":1,"public":true,"origin":1780000000000},"outline":{"name":"民事一审普通程序","phases":[{"id":"preparation","zh":"庭前准备","en":"Preparation"},{"id":"opening","zh":"宣布开庭","en":"Opening"}]},"seats":[{"id":"judge","role":"presidingJudge","name":"周正","authority":"","microphone":true,"present":true}]}}"#;
const OLD_MARK: &str = r#"{"at":5,"actor":{"who":"seat","seat":"judge"},"cmd":"c1","event":{"type":"markMade","mark":{"id":1,"page":{"doc":"d1","page":1},"shape":{"kind":"note","at":{"x":1,"y":1},"text":"看这里"},"by":"judge","side":"bench","at":5,"undone":null}}}"#;

#[test]
fn a_journal_from_before_outlines_were_files_is_still_read() {
    let mut state = State::default();
    for old in [OLD_OPENING, OLD_MARK] {
        state.apply(&serde_json::from_str(old).expect("an older journal is readable"));
    }
    let outline = state.outline.as_ref().expect("opened");
    assert_eq!((outline.name.as_str(), outline.phases.len()), ("民事一审普通程序", 2));
    assert_eq!(state.phase, Some(phase("preparation")));
    assert_eq!(state.marks[&MarkId(1)].session, None);
    // It goes on under today's rules.
    let enter = Command::EnterPhase { phase: phase("opening") };
    let cmd = CmdId::new("c2").expect("well formed");
    let done = court::decide(
        &state,
        HearingTime(9),
        &Input::Command { seat: id("judge"), cmd, command: enter, inside: false },
    );
    assert_eq!(done, Ok(vec![Event::PhaseEntered { phase: phase("opening") }]));
}

#[test]
fn every_outline_runs_in_order_and_backwards() {
    for outline in Outline::shipped() {
        let phases: Vec<_> = outline.phases.iter().map(|p| p.id.clone()).collect();
        let mut room = Room::open(outline.clone(), 1, None);
        room.free("judge", Command::OpenSession);
        phases.iter().chain(phases.iter().rev()).for_each(|p| room.runs(p));
        let visited: BTreeSet<_> = room.state.visited.iter().cloned().collect();
        assert_eq!(visited, phases.into_iter().collect(), "{}", outline.id);
        room.free("judge", Command::CloseSession);
        // The record is still worked on after 闭庭, in the phase of signing.
        room.runs(&phase("signing"));
        room.replays();
    }
}

#[test]
fn opening_and_closing_take_the_bench_along_and_never_back() {
    for outline in Outline::shipped() {
        let mut room = Room::open(outline.clone(), 1, None);
        room.free("judge", Command::OpenSession);
        assert_eq!(room.state.phase, Some(phase("opening")), "{}", outline.id);
        room.free("judge", Command::CloseSession);
        assert_eq!(room.state.phase, Some(phase("signing")), "{}", outline.id);
        room.replays();
    }
    let mut room = Room::open(Outline::civil_ordinary(), 1, None);
    room.free("judge", Command::EnterPhase { phase: phase("evidence") });
    room.free("judge", Command::OpenSession);
    assert_eq!(room.state.phase, Some(phase("evidence")));
}

#[test]
fn a_merged_phase_is_held_with_the_current_one_until_another_is_entered() {
    let mut room = Room::open(Outline::civil_ordinary(), 1, None);
    let merge = |p: &str| Command::MergePhase { phase: phase(p) };
    room.free("judge", Command::EnterPhase { phase: phase("evidence") });
    // Any two phases may be merged, also those no file speaks of.
    for with in ["debate", "mediation"] {
        room.free("judge", merge(with));
    }
    assert_eq!(room.state.merged, [phase("debate"), phase("mediation")]);
    for held in ["debate", "evidence"] {
        assert_eq!(room.act("judge", merge(held)), Ok(Vec::new()));
    }
    assert!(matches!(room.act("judge", merge("nowhere")), Err(Denial::UnknownPhase { .. })));
    assert!(matches!(room.act("plaintiff", merge("debate")), Err(Denial::NotYours { .. })));
    room.free("judge", Command::EnterPhase { phase: phase("debate") });
    assert!(room.state.merged.is_empty());
    assert!(room.state.visited.contains(&phase("mediation")));
}

#[test]
fn a_tick_is_record_and_can_be_taken_back() {
    let mut room = Room::open(Outline::civil_ordinary(), 1, None);
    let tick = |item, done| Command::TickCheck { phase: phase("evidence"), item, done };
    room.free("assessor", tick(0, true));
    let key = (phase("evidence"), 0);
    assert_eq!(room.state.ticks[&key].by, id("assessor"));
    assert_eq!(room.act("judge", tick(0, true)), Ok(Vec::new()));
    room.free("judge", tick(0, false));
    assert!(room.state.ticks.is_empty());
    assert!(matches!(room.act("judge", tick(99, true)), Err(Denial::UnknownCheck { item: 99, .. })));
    assert!(matches!(room.act("plaintiff", tick(0, true)), Err(Denial::NotYours { .. })));
    room.replays();
}

fn evidence_shown_and_disputed(room: &mut Room) {
    let doc = DocId::new("d3").expect("well formed");
    let draft = EvidenceDraft {
        side: Side::Plaintiff,
        number: 3,
        name: "银行流水".to_owned(),
        source: String::new(),
        purpose: "证明款项交付".to_owned(),
        doc: Some(doc.clone()),
    };
    room.free("clerk", Command::ListEvidence { draft: draft.clone() });
    room.free("clerk", Command::ListEvidence { draft: EvidenceDraft { number: 4, doc: None, ..draft } });
    let page = PageRef { doc, page: 1 };
    let view = ViewDraft {
        page: page.clone(),
        page_hash: "0a".repeat(32),
        rotation: Rotation::None,
        viewport: None,
        highlights: Vec::new(),
        beside: None,
    };
    room.free("judge", Command::Show { view });
    let note = |text: &str| Shape::Note { at: Point { x: 1, y: 1 }, text: text.to_owned() };
    room.free("judge", Command::MakeMark { page: page.clone(), shape: note("第二页待核") });
    room.free("judge", Command::MakeMark { page, shape: note("写错了") });
    room.free("judge", Command::UndoMark { mark: MarkId(2) });
    let from = HearingTime(room.now);
    room.free("clerk", Command::InsertLine { seat: id("defendant"), from, text: "不认可".to_owned() });
    room.free(
        "judge",
        Command::NoteOpinion {
            evidence: EvidenceId(1),
            side: Side::Defendant,
            aspect: Aspect::Relevance,
            stance: Stance::Disputed,
            reason: "不能反映现金还款".to_owned(),
            line: Some(LineId(1)),
        },
    );
}

#[test]
fn a_further_session_continues_evidence_views_and_notes_and_names_the_record_it_continues() {
    let mut first = Room::open(Outline::civil_ordinary(), 1, None);
    first.free("judge", Command::OpenSession);
    evidence_shown_and_disputed(&mut first);
    first.free("judge", Command::CloseSession);
    let earlier = Earlier::of(&first.state).expect("opened");
    let mut second = Room::open(Outline::civil_ordinary(), 2, Some(earlier));
    second.replays();
    let hearing = HearingId::new("c1-1").expect("well formed");
    assert_eq!(second.state.continues, Some((hearing.clone(), 1, first.state.record_digest())));
    let item = &second.state.evidence[&EvidenceId(1)];
    let carried = item.carried.as_ref().expect("brought over");
    assert_eq!((&carried.hearing, carried.session, carried.shown.is_some()), (&hearing, 1, true));
    assert_eq!((item.shown, item.opinions.len()), (None, 1));
    assert_eq!((item.opinions[0].session, item.opinions[0].line), (Some(1), None));
    assert_eq!(second.state.marks.keys().copied().collect::<Vec<_>>(), [MarkId(1)]);
    assert_eq!((second.state.marks[&MarkId(1)].session, second.state.lines.len()), (Some(1), 0));
    // The second session's own view replaces the first one's; the next number is free.
    second.free("judge", Command::OpenSession);
    let opinion = Command::NoteOpinion {
        evidence: EvidenceId(1),
        side: Side::Defendant,
        aspect: Aspect::Relevance,
        stance: Stance::Undisputed,
        reason: String::new(),
        line: None,
    };
    second.free("judge", opinion);
    assert_eq!(second.state.evidence[&EvidenceId(1)].opinions[0].session, None);
    let third = Earlier::of(&second.state).expect("opened");
    let (one, two) = (&third.evidence[0], &third.evidence[1]);
    assert_eq!((one.opinions[0].session, one.carried.as_ref().map(|c| c.session)), (Some(2), Some(1)));
    assert_eq!(two.carried.as_ref().map(|c| (c.session, c.shown)), Some((1, None)));
}

#[test]
fn what_the_dossier_files_again_is_not_listed_twice_in_a_further_session() {
    let mut first = Room::open(Outline::civil_ordinary(), 1, None);
    first.free("judge", Command::OpenSession);
    evidence_shown_and_disputed(&mut first);
    let earlier = Earlier::of(&first.state).expect("opened");
    let mut second = Room::open(Outline::civil_ordinary(), 2, Some(earlier));
    let draft = first.state.evidence[&EvidenceId(1)].draft.clone();
    let filed = Input::Report { process: Process::Pages, report: Report::EvidenceFiled(draft) };
    assert_eq!(second.run(filed), Ok(Vec::new()));
}

/// What may happen between two phases.
#[derive(Debug, Clone, Copy)]
enum Between {
    Nothing,
    Recess,
    Mediation,
    NextSession,
}

fn between() -> impl Strategy<Value = Between> {
    prop_oneof![
        4 => Just(Between::Nothing),
        1 => Just(Between::Recess),
        1 => Just(Between::Mediation),
        1 => Just(Between::NextSession),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_outline_runs_in_any_order_over_recesses_and_sessions_without_being_blocked(
        which in 0..SHIPPED_OUTLINES.len(),
        walk in prop::collection::vec((any::<prop::sample::Index>(), between()), 1..24),
    ) {
        let outline = Outline::shipped().swap_remove(which);
        let mut room = Room::open(outline.clone(), 1, None);
        let mut session = 1;
        room.free("judge", Command::OpenSession);
        evidence_shown_and_disputed(&mut room);
        for (at, between) in walk {
            room.runs(&at.get(&outline.phases).id);
            let recess = |ground| Command::CallRecess { ground, note: String::new() };
            match between {
                Between::Nothing => {}
                Between::Recess | Between::Mediation => {
                    let ground = match between {
                        Between::Mediation => Ground::Mediation,
                        _ => Ground::Recess,
                    };
                    room.free("judge", recess(ground));
                    // The record goes on while the hearing rests.
                    room.runs(&at.get(&outline.phases).id);
                    room.free("judge", Command::Resume);
                }
                Between::NextSession => {
                    room.free("judge", Command::CloseSession);
                    room.replays();
                    session += 1;
                    let earlier = Earlier::of(&room.state);
                    room = Room::open(outline.clone(), session, earlier);
                    room.free("judge", Command::OpenSession);
                }
            }
        }
        prop_assert_eq!(room.state.stage, Stage::InSession);
        prop_assert_eq!(room.state.evidence[&EvidenceId(1)].opinions.len(), 1);
        prop_assert_eq!(room.state.unsettled_gaps().count(), 0);
        room.replays();
    }
}
