//! Random hearings: the court never panics, replay gives the same state, and every screen that applies its updates shows
//! what a fresh snapshot shows, while classes that may not see the record see none of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Aspect, Command, CurtainGround, Decider, Earlier, EvidenceDraft, Ground, HearingInfo, Input,
    IssueAct, IssueStage, Outline, PhaseId, Process, Recognised, RecordMode, Report, RequestKind, Scan,
    ScanFormat, Screens, Shape, SignAct, Stamped, Stance, State, StatuteCitation, Step as Procedure, TermAct,
    ViewDraft,
};
use model::{
    CaseId, CmdId, Day, DocId, EvidenceId, Fragment, GapCause, GapId, HearingId, HearingTime, IssueId,
    LineId, MarkId, PageRef, Point, Rect, RequestId, Role, Rotation, Seat, SeatId, Side, TrackId, UtcMs,
    ViewClass,
};
use proptest::prelude::*;
use protocol::replay::reel;
use protocol::view::{Snapshot, project, snapshot};

const SEATS: [(&str, Role); 7] = [
    ("judge", Role::PresidingJudge),
    ("clerk", Role::Clerk),
    ("plaintiff", Role::PlaintiffAgent),
    ("defendant", Role::DefendantAgent),
    ("third", Role::ThirdParty),
    ("witness", Role::Witness),
    ("public", Role::Public),
];
/// A word that only the record holds: it must never reach the gallery or a witness.
const CANARY: &str = "金丝雀";
/// A word that only the bench's own notes hold.
const NOTE: &str = "合议庭手记";
/// A term that only the clerk's list holds.
const TERM: &str = "案件热词";
/// The words of every issue in dispute.
const ISSUE: &str = "借款是否交付";
/// The name of whoever sits down later.
const NAME: &str = "何人";
/// What stands in every text, id and page while the curtain is down: it must never come out.
const SECRET: &str = "幕后";
/// A byte of every scan's digest, in hex.
const SCAN: &str = "5c";

fn seat(n: usize) -> SeatId {
    SeatId::new(SEATS[n % SEATS.len()].0).expect("our own ids are well formed")
}

fn page(n: u32) -> PageRef {
    PageRef { doc: DocId::new(format!("doc-{}", n % 3)).expect("well formed"), page: n % 5 }
}

fn command() -> impl Strategy<Value = Command> {
    let n = 0u32..6;
    let text = prop_oneof![
        Just(CANARY.to_owned()),
        Just(String::new()),
        "[一二三四]{1,6}",
        "(对|原告|我方)证据[一二三]不认可"
    ];
    prop_oneof![
        Just(Command::OpenSession),
        Just(Command::Resume),
        Just(Command::CloseSession),
        Just(Command::LowerCurtain { ground: CurtainGround::TradeSecret }),
        Just(Command::LowerCurtain { ground: CurtainGround::Mediation }),
        Just(Command::LiftCurtain),
        (0usize..3, any::<bool>()).prop_map(|(n, present)| Command::SetSeat {
            seat: Seat {
                id: SeatId::new(format!("later-{n}")).expect("well formed"),
                role: [Role::ThirdPartyAgent, Role::Expert, Role::Public][n],
                name: NAME.to_owned(),
                authority: String::new(),
                microphone: true,
                shared: false,
                present,
                in_charge: false,
                acts_for: Vec::new(),
            }
        }),
        Just(Command::Hide),
        Just(Command::Lock),
        Just(Command::Unlock),
        n.clone().prop_map(|i| Command::EnterPhase {
            phase: PhaseId(["opening", "evidence", "debate", "nowhere"][i as usize % 4].to_owned())
        }),
        n.clone().prop_map(|i| Command::MergePhase {
            phase: PhaseId(["opening", "evidence", "debate", "nowhere"][i as usize % 4].to_owned())
        }),
        (n.clone(), any::<bool>()).prop_map(|(item, done)| Command::TickCheck {
            phase: PhaseId(["evidence", "debate"][item as usize % 2].to_owned()),
            item,
            done
        }),
        n.clone().prop_map(|i| Command::CallRecess {
            ground: match i {
                0 => Ground::Recess,
                1 => Ground::Mediation,
                2 => Ground::ClosedEvidence,
                _ => Ground::Fault { cause: GapCause::Overrun },
            },
            note: String::new(),
        }),
        (0usize..7, any::<bool>())
            .prop_map(|(s, present)| Command::CheckAttendance { seat: seat(s), present }),
        n.clone().prop_map(|i| Command::Show {
            view: ViewDraft {
                page: page(i),
                page_hash: "ab".repeat(32),
                rotation: Rotation::Quarter,
                viewport: None,
                highlights: vec![Rect { x: i as i32, y: 0, w: 5, h: 5 }],
                beside: None,
            }
        }),
        (0usize..8).prop_map(|s| Command::SetPresenter { presenter: (s < 7).then(|| seat(s)) }),
        (n.clone(), text.clone()).prop_map(|(i, text)| Command::Ask {
            want: match i % 3 {
                0 => RequestKind::Present { page: Some(page(i)) },
                1 => RequestKind::Speak,
                _ => RequestKind::Correct { line: LineId(i), base: i % 2, text, reason: CANARY.to_owned() },
            }
        }),
        (n.clone(), any::<bool>()).prop_map(|(i, granted)| Command::Answer {
            request: RequestId(i),
            granted,
            reason: String::new()
        }),
        n.clone().prop_map(|i| Command::Withdraw { request: RequestId(i) }),
        (n.clone(), 0usize..2).prop_map(|(i, side)| Command::ListEvidence {
            draft: EvidenceDraft {
                side: [Side::Plaintiff, Side::Defendant][side],
                number: i,
                name: "借条".to_owned(),
                source: String::new(),
                purpose: String::new(),
                doc: Some(page(i).doc),
            }
        }),
        (n.clone(), any::<bool>())
            .prop_map(|(i, checked)| Command::CheckOriginal { evidence: EvidenceId(i), checked }),
        (n.clone(), text.clone()).prop_map(|(i, reason)| Command::NoteOpinion {
            evidence: EvidenceId(i % 3),
            side: Side::Defendant,
            aspect: Aspect::Relevance,
            stance: Stance::Disputed,
            reason,
            line: None,
        }),
        n.clone().prop_map(|i| Command::MakeMark {
            page: page(i),
            shape: Shape::Ink { points: vec![Point { x: 1, y: 2 }; i as usize] }
        }),
        n.clone().prop_map(|i| Command::UndoMark { mark: MarkId(i) }),
        (n.clone(), text.clone()).prop_map(|(i, text)| Command::CorrectLine {
            line: LineId(i),
            base: i % 2,
            text
        }),
        n.clone().prop_map(|i| Command::ReattributeLine {
            line: LineId(i),
            base: 0,
            seat: seat(i as usize),
            open: false
        }),
        (n.clone(), text.clone()).prop_map(|(i, text)| Command::InsertLine {
            seat: seat(i as usize),
            from: HearingTime(u64::from(i) * 900),
            text
        }),
        (n.clone(), text.clone()).prop_map(|(i, text)| Command::TakeOver {
            seat: seat(i as usize),
            utterance: u64::from(i),
            from: HearingTime(u64::from(i) * 1000),
            text
        }),
        (n.clone(), text.clone()).prop_map(|(i, name)| Command::CiteStatute {
            seat: seat(i as usize),
            statute: StatuteCitation {
                law: format!("law-{i}"),
                name,
                version: Day::new(2020, 1, 1 + i as u8).expect("a day"),
                number: i.to_string(),
                label: CANARY.to_owned(),
                digest: "cd".repeat(32),
            }
        }),
        n.clone().prop_map(|i| Command::StateFault { gap: GapId(i), statement: CANARY.to_owned() }),
        n.clone().prop_map(|i| Command::ReviewFault { gap: GapId(i) }),
        (0usize..7, sign_act()).prop_map(|(s, act)| Command::Sign { act: with_seat(act, &seat(s)) }),
        Just(Command::SealRecord { digest: "current".to_owned() }),
        (n.clone(), text.clone()).prop_map(|(i, purpose)| Command::DescribeEvidence {
            evidence: EvidenceId(i % 3),
            name: "借条".to_owned(),
            source: CANARY.to_owned(),
            purpose
        }),
        (0usize..3).prop_map(|i| Command::KeepRecord {
            mode: [RecordMode::Verbatim, RecordMode::Points, RecordMode::Recording][i]
        }),
        (n.clone(), 0u32..2, text.clone()).prop_map(|(i, base, text)| Command::WordPoint {
            line: LineId(i),
            base,
            text
        }),
        (0u32..3, 0u32..3).prop_map(|(a, b)| Command::GroupEvidence {
            evidence: vec![EvidenceId(a), EvidenceId(b)],
            group: CANARY.to_owned()
        }),
        (0u32..3, 0u32..3).prop_map(|(a, b)| Command::NoteGroupOpinion {
            evidence: vec![EvidenceId(a), EvidenceId(b)],
            side: Side::Defendant,
            aspects: vec![Aspect::Authenticity, Aspect::Purpose],
            stance: Stance::Disputed,
            reason: CANARY.to_owned(),
            line: None
        }),
        step_of_procedure(),
        issue_act().prop_map(|act| Command::ChangeIssues { act }),
        prop::sample::select(vec![
            TermAct::Add { term: TERM.to_owned() },
            TermAct::Remove { term: TERM.to_owned() },
            TermAct::Switch { term: TERM.to_owned(), on: false },
        ])
        .prop_map(|act| Command::ChangeTerms { act }),
        (n.clone(), text).prop_map(|(i, text)| Command::NoteForBench {
            evidence: EvidenceId(i % 3),
            text: format!("{NOTE}{text}")
        }),
    ]
}

fn step_of_procedure() -> impl Strategy<Value = Command> {
    let reason = || CANARY.to_owned();
    let witness = || seat(5);
    let steps = prop::sample::select(vec![
        Procedure::Identity { side: Side::Plaintiff, parties: Vec::new() },
        Procedure::NoRecusal { side: Side::Defendant, parties: Vec::new() },
        Procedure::RecusalSought {
            side: Side::Defendant,
            parties: Vec::new(),
            whom: seat(0),
            reason: reason(),
        },
        Procedure::RecusalDecided { whom: seat(0), by: Decider::President, granted: true, reason: reason() },
        Procedure::RecordingConsent { side: Side::Plaintiff, parties: Vec::new(), agreed: true },
        Procedure::RecordingConsent { side: Side::Defendant, parties: Vec::new(), agreed: true },
        Procedure::RecordingConsent { side: Side::Defendant, parties: Vec::new(), agreed: false },
        Procedure::Undertaking { witness: witness() },
        Procedure::WitnessCalled { witness: witness() },
        Procedure::WitnessExcused { witness: witness() },
    ]);
    steps.prop_map(|step| Command::TakeStep { step })
}

fn sign_act() -> impl Strategy<Value = SignAct> {
    let (of, current) = (|| seat(0), || "current".to_owned());
    let until = Day::new(1970, 1, 3).expect("a day");
    prop::sample::select(vec![
        SignAct::Ink { seat: of(), digest: current(), strokes: vec![vec![(7, 7), (777, 777)]] },
        SignAct::Paper { seat: of(), digest: current(), scan: SCAN.repeat(32) },
        SignAct::Refuse { seat: of(), digest: current(), reason: CANARY.to_owned() },
        SignAct::Attest { seat: of() },
        SignAct::Later { seat: of(), digest: current(), until },
    ])
}

fn with_seat(mut act: SignAct, to: &SeatId) -> SignAct {
    match &mut act {
        SignAct::Ink { seat, .. }
        | SignAct::Paper { seat, .. }
        | SignAct::Refuse { seat, .. }
        | SignAct::Attest { seat }
        | SignAct::Later { seat, .. } => *seat = to.clone(),
    }
    act
}

fn issue_act() -> impl Strategy<Value = IssueAct> {
    let n = || (0u32..4).prop_map(IssueId);
    prop_oneof![
        3 => Just(IssueAct::Add { text: ISSUE.to_owned() }),
        1 => n().prop_map(|issue| IssueAct::Reword { issue, text: ISSUE.repeat(2) }),
        1 => (n(), 0u32..4).prop_map(|(issue, to)| IssueAct::Move { issue, to }),
        1 => n().prop_map(|issue| IssueAct::Remove { issue }),
        1 => (n(), 0u32..3, any::<bool>()).prop_map(|(issue, e, linked)| IssueAct::LinkEvidence {
            issue,
            evidence: EvidenceId(e),
            linked
        }),
        1 => (n(), 0u32..6, any::<bool>()).prop_map(|(issue, l, linked)| IssueAct::LinkLine {
            issue,
            line: LineId(l),
            linked
        }),
        1 => Just(IssueAct::Put),
        1 => Just(IssueAct::NoteView { side: Side::Plaintiff, objection: CANARY.to_owned() }),
        2 => Just(IssueAct::Settle),
    ]
}

fn report() -> impl Strategy<Value = Report> {
    let n = 0u32..6;
    prop_oneof![
        (0usize..7, n.clone()).prop_map(|(s, i)| Report::Recognised(Recognised {
            utterance: u64::from(i),
            seat: seat(s),
            from: HearingTime(u64::from(i) * 1000),
            to: HearingTime(u64::from(i) * 1000 + 500),
            text: format!("{CANARY}{i}"),
            raw: format!("{CANARY}{i}"),
            pieces: Vec::new(),
            repairs: Vec::new(),
        })),
        n.clone().prop_map(|i| Report::Fragment(Fragment {
            track: TrackId::new("mic-judge").expect("well formed"),
            seq: u64::from(i),
            file: "mic-judge/000001.m4s".to_owned(),
            offset: 0,
            bytes: 10,
            sha256: "00".repeat(32),
            from: HearingTime(0),
            to: HearingTime(100),
        })),
        n.clone().prop_map(|i| Report::Gap {
            track: TrackId::new("mic-judge").expect("well formed"),
            cause: GapCause::RecorderDown,
            from: HearingTime(u64::from(i)),
            to: HearingTime(u64::from(i) + 50),
        }),
        n.clone().prop_map(|i| Report::EvidenceOffered {
            seat: seat(i as usize % 7),
            side: Side::Plaintiff,
            doc: page(i).doc,
            title: CANARY.to_owned(),
            pages: 3,
            purpose: CANARY.to_owned(),
        }),
        Just(Report::MediaSealed),
        Just(Report::ScanKept(Scan { sha256: SCAN.repeat(32), format: ScanFormat::Png, bytes: 9 })),
        (n.clone(), 0usize..7)
            .prop_map(|(view, s)| Report::ScreensConfirmed { view, seats: vec![seat(s), seat(s + 1)] }),
        Just(Report::ProcessFailed { process: Process::Recogniser, sentence: CANARY.to_owned() }),
        Just(Report::ProcessBack { process: Process::Recogniser }),
    ]
}

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "a step lives for one case")]
enum Step {
    Command(usize, u32, Command),
    Report(Report),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0usize..8, 0u32..200, command()).prop_map(|(s, id, c)| Step::Command(s, id, c)),
        2 => report().prop_map(Step::Report),
    ]
}

/// What an earlier session hands on: evidence with a view, and a mark.
fn earlier() -> Box<Earlier> {
    let mut state = State::default();
    let open = Input::Report { process: Process::Hub, report: opened() };
    let judge = |n: u32, command| Input::Command {
        seat: seat(0),
        cmd: CmdId::new(format!("e{n}")).expect("well formed"),
        command,
        inside: false,
    };
    let (side, doc) = (Side::Plaintiff, Some(page(1).doc));
    let (name, source, purpose) = ("借条".to_owned(), String::new(), CANARY.to_owned());
    let note = Command::NoteOpinion {
        evidence: EvidenceId(1),
        side: Side::Defendant,
        aspect: Aspect::Relevance,
        stance: Stance::Disputed,
        reason: CANARY.to_owned(),
        line: None,
    };
    let rect = Rect { x: 0, y: 0, w: 5, h: 5 };
    let inputs = [
        open,
        judge(
            1,
            Command::ListEvidence { draft: EvidenceDraft { side, number: 9, name, source, purpose, doc } },
        ),
        judge(2, note),
        judge(3, Command::MakeMark { page: page(1), shape: Shape::Box { rect } }),
    ];
    for input in inputs {
        for event in court::decide(&state, HearingTime(7), &input).expect("nothing is refused here") {
            state.apply(&stamped(&input, HearingTime(7), event));
        }
    }
    Box::new(Earlier::of(&state).expect("opened"))
}

/// A further session of the same case.
fn continued() -> Report {
    match opened() {
        Report::Opened { info, outline, seats } => {
            Report::Continued { info: HearingInfo { session: 2, ..info }, outline, seats, earlier: earlier() }
        }
        other => other,
    }
}

fn opened() -> Report {
    Report::Opened {
        info: HearingInfo {
            hearing: HearingId::new("h1").expect("well formed"),
            case: CaseId::new("c1").expect("well formed"),
            court: "松江市清源区人民法院".to_owned(),
            number: "（2026）清0102民初318号".to_owned(),
            cause: "民间借贷纠纷".to_owned(),
            room: "第三法庭".to_owned(),
            session: 1,
            public: true,
            origin: UtcMs(0),
        },
        outline: Outline::civil_ordinary(),
        seats: SEATS
            .iter()
            .map(|(id, role)| Seat {
                id: SeatId::new(*id).expect("well formed"),
                role: *role,
                name: String::new(),
                authority: String::new(),
                microphone: true,
                shared: false,
                present: true,
                in_charge: false,
                acts_for: Vec::new(),
            })
            .collect(),
    }
}

/// Fills in what a real desk would know: the current digest.
fn with_digest(command: Command, state: &State) -> Command {
    match command {
        Command::Sign { mut act } => {
            if let SignAct::Ink { seat, digest, .. }
            | SignAct::Paper { seat, digest, .. }
            | SignAct::Refuse { seat, digest, .. }
            | SignAct::Later { seat, digest, .. } = &mut act
            {
                *digest = state.version_of(seat);
            }
            Command::Sign { act }
        }
        Command::SealRecord { .. } => Command::SealRecord { digest: state.record_digest() },
        other => other,
    }
}

fn input(step: &Step, state: &State) -> Input {
    match step {
        Step::Report(report) => Input::Report { process: Process::Recorder, report: report.clone() },
        Step::Command(s, id, command) => Input::Command {
            seat: if *s < 7 { seat(*s) } else { SeatId::new("stranger").expect("well formed") },
            cmd: CmdId::new(format!("c{id}")).expect("well formed"),
            command: with_digest(command.clone(), state),
            inside: false,
        },
    }
}

/// The same act with the secret in every word of it and on a secret page.
fn secret(input: Input, now: HearingTime) -> Input {
    match input {
        Input::Command { seat, cmd, command, inside } => {
            let mut json = serde_json::to_string(&command).expect("commands encode");
            for word in [CANARY, ISSUE, NAME, TERM, "借条"] {
                json = json.replace(word, SECRET);
            }
            let json = json.replace("doc-", "secret-").replace("later-", "secret-");
            Input::Command {
                seat,
                cmd,
                command: serde_json::from_str(&json).expect("commands decode"),
                inside,
            }
        }
        Input::Report { process, report: Report::Recognised(r) } => {
            let (from, text) = (now, r.text.replace(CANARY, SECRET));
            let r = Recognised { from, to: from.plus(500), raw: text.clone(), text, ..r };
            Input::Report { process, report: Report::Recognised(r) }
        }
        other => other,
    }
}

/// Whether something holds the secret, or a seat or page of it.
fn tells(json: &str) -> bool {
    json.contains(SECRET) || json.contains("secret-")
}

fn stamped(input: &Input, now: HearingTime, event: court::Event) -> Stamped {
    match input {
        Input::Command { seat, cmd, .. } => {
            Stamped { at: now, actor: Actor::Seat { seat: seat.clone() }, cmd: Some(cmd.clone()), event }
        }
        Input::Report { process, .. } => {
            Stamped { at: now, actor: Actor::Machine { process: *process }, cmd: None, event }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// [R-UPD-1] [R-UPD-2] [R-UPD-4] [R-CLASS-2]
    #[test]
    fn every_screen_that_applies_its_updates_shows_what_a_fresh_snapshot_shows(
        steps in prop::collection::vec(step(), 1..120),
        further in any::<bool>(),
    ) {
        let mut state = State::default();
        let mut journal: Vec<String> = Vec::new();
        let report = if further { continued() } else { opened() };
        let open = Input::Report { process: Process::Hub, report };
        let mut screens: Vec<(ViewClass, Snapshot)> = Vec::new();
        for (n, input) in std::iter::once(Ok(open)).chain(steps.iter().map(Err)).enumerate() {
            let now = HearingTime(n as u64 * 400);
            let input = input.unwrap_or_else(|step| self::input(step, &state));
            let Ok(events) = court::decide(&state, now, &input) else { continue };
            for event in events {
                let stamped = stamped(&input, now, event);
                journal.push(serde_json::to_string(&stamped).expect("events encode"));
                state.apply(&stamped);
                for (class, screen) in &mut screens {
                    for update in project(&stamped.event, &state, *class) {
                        let wire = serde_json::to_string(&update).expect("updates encode");
                        if *class == ViewClass::Waiting {
                            let told = [CANARY, ISSUE, NOTE, "doc-"].iter().find(|word| wire.contains(**word));
                            prop_assert_eq!(told, None, "sent to who waits to testify: {}", wire);
                        }
                        screen.apply(serde_json::from_str(&wire).expect("updates decode"));
                    }
                    let fresh = snapshot(&state, *class).expect("the hearing is open");
                    prop_assert_eq!(&*screen, &fresh, "{:?} after {:?}", class, stamped);
                }
                if screens.is_empty() {
                    screens = ViewClass::ALL.iter().filter_map(|c| Some((*c, snapshot(&state, *c)?))).collect();
                }
            }
        }
        let mut replayed = State::default();
        let journal: Vec<Stamped> =
            journal.iter().map(|line| serde_json::from_str(line).expect("the journal is readable")).collect();
        for stamped in &journal {
            replayed.apply(stamped);
        }
        prop_assert_eq!(&replayed, &state);
        for (class, screen) in &screens {
            let reel = reel(&journal, *class).expect("the hearing is open");
            prop_assert!(reel.steps.windows(2).all(|w| w[0].at < w[1].at), "{:?} goes back in time", class);
            let mut seen = reel.start;
            for update in reel.steps.into_iter().flat_map(|s| s.updates) {
                seen.apply(update);
            }
            prop_assert_eq!(&seen, screen, "{:?} replayed", class);
        }
        for (class, screen) in &screens {
            let all = serde_json::to_string(&screen).expect("snapshots encode");
            prop_assert_eq!(
                all.contains(NOTE),
                *class == ViewClass::Bench && !state.bench_notes.is_empty(),
                "{:?} and the notes of the bench",
                class
            );
            let terms = if *class == ViewClass::Clerk { state.terms.clone() } else { Default::default() };
            prop_assert_eq!(&screen.terms, &terms, "{:?} and the clerk's terms", class);
            if !state.issues.issues.is_empty() {
                let open = state.issues.issues.iter().any(|i| !i.closed) && state.curtain().is_none();
                let sees = match state.issues.stage {
                    _ if matches!(class, ViewClass::Public) && !open => false,
                    IssueStage::Draft => matches!(class, ViewClass::Bench | ViewClass::Clerk),
                    IssueStage::Put => !matches!(class, ViewClass::Public | ViewClass::Witness | ViewClass::Waiting),
                    IssueStage::Settled => *class != ViewClass::Waiting,
                };
                prop_assert_eq!(!screen.issues.issues.is_empty(), sees, "{:?} and the issues", class);
            }
            if *class == ViewClass::Waiting {
                let nothing = screen.lines.is_empty() && screen.marks.is_empty() && screen.evidence.is_empty()
                    && screen.screens == Screens::default() && screen.requests.is_empty()
                    && screen.outline.phases.is_empty() && screen.course.phase.is_none();
                prop_assert!(nothing, "who waits to testify sees {all}");
                prop_assert!(!all.contains("doc-"), "who waits to testify sees a page: {all}");
                prop_assert!(!all.contains(CANARY) && !all.contains(ISSUE), "who waits to testify reads {all}");
            }
            if matches!(class, ViewClass::Public | ViewClass::Witness) {
                // A witness may see the requests of their own seat, which here hold the canary too.
                let mut screen = screen.clone();
                screen.requests.clear();
                let seen = serde_json::to_string(&screen).expect("snapshots encode");
                prop_assert!(!seen.contains(CANARY), "{class:?} sees the record: {seen}");
            }
            let works = matches!(class, ViewClass::Bench | ViewClass::Clerk);
            let texts = serde_json::to_string(&screen.outline).expect("outlines encode");
            prop_assert_eq!(texts.contains("归纳本案的争议焦点"), works, "{:?}", class);
            prop_assert!(works || screen.ticks.is_empty(), "{class:?} sees the check-list");
        }
    }

    /// [R-CLASS-3]
    #[test]
    fn nothing_of_what_was_said_or_done_behind_the_curtain_ever_reaches_those_outside(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut state = State::default();
        let open = Input::Report { process: Process::Hub, report: opened() };
        let lower = Step::Command(0, 900, Command::LowerCurtain { ground: CurtainGround::Privacy });
        let lift = Step::Command(0, 901, Command::LiftCurtain);
        // A curtain for the middle third at least; random ones come and go besides.
        let (third, mut all) = (steps.len() / 3, steps.clone());
        all.insert(2 * third, lift);
        all.insert(third, lower);
        for (n, input) in std::iter::once(Ok(open)).chain(all.iter().map(Err)).enumerate() {
            let now = HearingTime(n as u64 * 400);
            let mut input = input.unwrap_or_else(|step| self::input(step, &state));
            if state.curtain().is_some() {
                input = secret(input, now);
            }
            let Ok(events) = court::decide(&state, now, &input) else { continue };
            for event in events {
                state.apply(&stamped(&input, now, event.clone()));
                for class in [ViewClass::Public, ViewClass::Waiting] {
                    let told = serde_json::to_string(&project(&event, &state, class)).expect("updates encode");
                    prop_assert!(!tells(&told), "{class:?} is told {told}");
                    let shown = serde_json::to_string(&snapshot(&state, class)).expect("snapshots encode");
                    prop_assert!(!tells(&shown), "{class:?} is shown {shown}");
                }
            }
        }
    }

    #[test]
    fn a_command_sent_twice_acts_once(steps in prop::collection::vec(step(), 1..60)) {
        let mut state = State::default();
        let open = Input::Report { process: Process::Hub, report: opened() };
        for event in court::decide(&state, HearingTime(0), &open).expect("a report is never refused") {
            state.apply(&stamped(&open, HearingTime(0), event));
        }
        for (n, step) in steps.iter().enumerate() {
            let Step::Command(s, _, command) = step else { continue };
            let unique = Step::Command(*s, 1000 + n as u32, command.clone());
            let input = input(&unique, &state);
            let Ok(events) = court::decide(&state, HearingTime(n as u64), &input) else { continue };
            let acted = !events.is_empty();
            for event in events {
                state.apply(&stamped(&input, HearingTime(n as u64), event));
            }
            if acted {
                prop_assert_eq!(court::decide(&state, HearingTime(n as u64 + 1), &input), Ok(Vec::new()));
            }
        }
    }
}
