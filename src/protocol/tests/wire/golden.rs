//! One message of each kind, written from Rust values into `web/test/golden`, where the tests of the screens read them.

use court::*;
use model::*;
use protocol::view::{Course, LineView, Said, Snapshot, Update};
use protocol::wire::{
    Choice, ClientMsg, CommandOutcome, Ephemeral, Fault, Found, FoundBy, Hit, Parting, Resume, ServerMsg,
    Status, Within,
};

fn seat(id: &str) -> SeatId {
    SeatId::new(id).expect("well formed")
}

fn cmd(id: &str) -> CmdId {
    CmdId::new(id).expect("well formed")
}

fn track(id: &str) -> TrackId {
    TrackId::new(id).expect("well formed")
}

fn phase(id: &str) -> PhaseId {
    PhaseId(id.to_owned())
}

fn page(doc: &str, page: u32) -> PageRef {
    PageRef { doc: DocId::new(doc).expect("well formed"), page }
}

fn day(written: &str) -> Day {
    written.parse().expect("a day")
}

fn at(ms: u64) -> HearingTime {
    HearingTime(ms)
}

fn digest(byte: &str) -> String {
    byte.repeat(32)
}

fn rect() -> Rect {
    Rect { x: 7200, y: 9000, w: 4000, h: 1200 }
}

fn text(words: &str) -> String {
    words.to_owned()
}

fn judge() -> Seat {
    Seat {
        id: seat("judge"),
        role: Role::PresidingJudge,
        name: text("沈明远"),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: true,
        acts_for: Vec::new(),
    }
}

fn agent() -> Seat {
    Seat {
        id: seat("plaintiff-agent"),
        role: Role::PlaintiffAgent,
        name: text("李文"),
        authority: text("特别授权"),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: vec![seat("plaintiff")],
    }
}

fn citation() -> StatuteCitation {
    StatuteCitation {
        law: text("0a1b"),
        name: text("民法典"),
        version: day("2021-01-01"),
        number: text("577"),
        label: text("第五百七十七条"),
        digest: digest("5e"),
    }
}

fn draft() -> EvidenceDraft {
    EvidenceDraft {
        side: Side::Plaintiff,
        number: 1,
        name: text("借款合同"),
        source: text("原告"),
        purpose: text("证明双方存在借款关系"),
        doc: Some(page("contract", 1).doc),
    }
}

fn view_draft() -> ViewDraft {
    ViewDraft {
        page: page("contract", 2),
        page_hash: digest("0f"),
        rotation: Rotation::Quarter,
        viewport: Some(Rect { x: 0, y: 0, w: 59_500, h: 30_000 }),
        highlights: vec![rect()],
        beside: Some(Beside {
            page: page("transfer", 1),
            page_hash: digest("1e"),
            rotation: Rotation::None,
            viewport: None,
            highlights: Vec::new(),
        }),
    }
}

fn shapes() -> Vec<Shape> {
    vec![
        Shape::Highlight { rects: vec![rect()], quote: text("万分之五") },
        Shape::Ink { points: vec![Point { x: 100, y: 200 }, Point { x: 110, y: 230 }] },
        Shape::Box { rect: rect() },
        Shape::Note { at: Point { x: 100, y: 200 }, text: text("此处有改动") },
        Shape::Arrow { from: Point { x: 100, y: 200 }, to: Point { x: 900, y: 450 } },
        Shape::Stance { at: Point { x: 3000, y: 5000 }, stance: Stance::Disputed },
    ]
}

fn wants() -> Vec<RequestKind> {
    vec![
        RequestKind::Present { page: Some(page("contract", 2)) },
        RequestKind::Speak,
        RequestKind::Correct { line: LineId(3), base: 0, text: text("伍万元"), reason: text("听错") },
        RequestKind::Offer {
            doc: DocId::new("d025").expect("well formed"),
            side: Side::Plaintiff,
            title: text("补充流水"),
            pages: 3,
            purpose: text("还款未付清"),
        },
    ]
}

fn course() -> Course {
    Course {
        phase: Some(phase("evidence")),
        merged: vec![phase("debate")],
        visited: vec![phase("opening"), phase("evidence"), phase("debate")],
        stage: Stage::InSession,
        opened: Some(at(60_000)),
        closed: None,
        media_sealed: false,
        sealed_digest: None,
        record: RecordMode::Points,
        curtain: Some(at(60_900)),
    }
}

fn line() -> LineView {
    LineView {
        id: LineId(3),
        from: at(60_500),
        to: at(61_200),
        seat: seat("judge"),
        text: text("现在开庭"),
        revision: 0,
        pieces: vec![Piece { text: text("现在开庭"), confidence: 910 }],
        doubts: vec![Doubt {
            from: 2,
            to: 4,
            kind: DoubtKind::Repaired,
            confidence: 710,
            heard: Some(text("开厅")),
            matter: None,
        }],
        heard: None,
        suggestion: None,
        whose: Some(vec![seat("clerk")]),
        point: text("宣布开庭"),
        wording: 1,
        cites: None,
        mentions: vec![
            Mention { from: 0, to: 5, names: Named::Evidence { item: EvidenceId(1), page: Some(12) } },
            Mention {
                from: 5,
                to: 8,
                names: Named::Article {
                    law: text("民法典"),
                    number: text("577"),
                    label: text("第五百七十七条"),
                },
            },
        ],
        closed: false,
    }
}

fn corrected() -> LineView {
    LineView {
        id: LineId(4),
        from: at(61_300),
        text: text("引用《民法典》（2021-01-01）第五百七十七条"),
        revision: 1,
        pieces: Vec::new(),
        doubts: Vec::new(),
        heard: Some(text("五百七十七")),
        suggestion: Some(text("第五百七十七条")),
        cites: Some(citation()),
        mentions: Vec::new(),
        closed: true,
        ..line()
    }
}

fn screens() -> Screens {
    let view = View { number: 5, by: seat("judge"), at: at(61_000), draft: view_draft(), closed: false };
    Screens {
        view: Some(view),
        locked: true,
        presenter: Some(seat("plaintiff")),
        confirmed: [(seat("clerk"), at(61_250))].into(),
    }
}

fn marks() -> Vec<Mark> {
    let mark = |(id, shape)| Mark {
        id: MarkId(id),
        page: page("contract", 2),
        shape,
        by: seat("plaintiff"),
        side: Side::Plaintiff,
        at: at(61_100),
        undone: None,
        session: (id == 4).then_some(1),
        closed: id == 3,
    };
    (1..).zip(shapes()).map(mark).collect()
}

fn requests() -> Vec<Request> {
    let states = [
        RequestState::Open,
        RequestState::Granted { by: seat("judge") },
        RequestState::Refused { by: seat("judge"), reason: text("与本案无关") },
        RequestState::Withdrawn,
    ];
    let wants = wants().into_iter().chain([RequestKind::Speak]);
    let request = |(id, (want, state))| Request {
        id: RequestId(id),
        by: seat("plaintiff"),
        at: at(61_000),
        want,
        state,
    };
    (1..).zip(wants.zip(states)).map(request).collect()
}

fn evidence() -> Evidence {
    let opinion = Opinion {
        side: Side::Defendant,
        aspect: Aspect::Authenticity,
        stance: Stance::Disputed,
        reason: text("签名不是本人所签"),
        line: Some(LineId(3)),
        by: seat("clerk"),
        at: at(62_000),
        session: Some(1),
        closed: false,
    };
    Evidence {
        id: EvidenceId(1),
        draft: draft(),
        group: text("第一组"),
        shown: Some(at(61_000)),
        original_checked: true,
        opinions: vec![opinion],
        carried: Some(Carried {
            hearing: HearingId::new("h0").expect("well formed"),
            session: 1,
            shown: Some(at(900)),
        }),
        closed: false,
    }
}

fn ledger() -> Vec<Interruption> {
    let grounds = [
        Ground::Recess,
        Ground::ClosedEvidence,
        Ground::Mediation,
        Ground::Fault { cause: GapCause::RecorderDown },
    ];
    let entry = |(id, ground): (u32, Ground)| Interruption {
        id: GapId(id),
        holes: match ground.is_lawful() {
            true => Vec::new(),
            false => vec![Hole { track: track("mic-judge"), from: at(61_000), to: at(63_000) }],
        },
        ground,
        note: text("十分钟"),
        from: at(61_000),
        to: Some(at(63_000)),
        statement: Some(text("录制进程重启")),
        reviewed_by: Some(seat("judge")),
    };
    (1..).zip(grounds).map(entry).collect()
}

fn hows() -> Vec<How> {
    vec![
        How::Confirmed,
        How::Ink { strokes: vec![vec![(10, 20), (30, 40)]] },
        How::Paper { scan: digest("6e") },
        How::Refused { reason: text("对笔录有异议"), attested_by: Some(seat("judge-2")) },
        How::Later { until: day("2026-03-06") },
    ]
}

fn signatures() -> Vec<Signature> {
    let signature = |(n, how)| Signature {
        seat: seat(&format!("signer-{n}")),
        digest: digest("ab"),
        at: at(90_000),
        how,
        noted_by: (n == 3).then(|| seat("clerk")),
    };
    (1..).zip(hows()).map(signature).collect()
}

fn signers() -> Vec<Signer> {
    let standings = [
        Standing::Missing,
        Standing::Stale,
        Standing::Signed,
        Standing::Refused,
        Standing::Unattested,
        Standing::Later { until: day("2026-03-06") },
    ];
    let signer =
        |(n, standing)| Signer { seat: seat(&format!("signer-{n}")), version: digest("ab"), standing };
    (1..).zip(standings).map(signer).collect()
}

fn steps() -> Vec<Step> {
    let side = Side::Plaintiff;
    let parties = || vec![seat("plaintiff")];
    let whom = || seat("judge");
    let witness = || seat("witness");
    vec![
        Step::Identity { side, parties: Vec::new() },
        Step::Authority { agent: seat("plaintiff-agent"), objection: text("授权期限不明") },
        Step::NoRecusal { side, parties: parties() },
        Step::RecusalSought { side, parties: parties(), whom: whom(), reason: text("与被告系同学") },
        Step::RecusalDecided {
            whom: whom(), by: Decider::President, granted: false, reason: text("不属实")
        },
        Step::RecordingConsent { side, parties: parties(), agreed: true },
        Step::Undertaking { witness: witness() },
        Step::WitnessCalled { witness: witness() },
        Step::WitnessExcused { witness: witness() },
    ]
}

fn steps_done() -> Vec<StepDone> {
    let done =
        |(n, step)| StepDone { step, line: LineId(n), by: (n > 1).then(|| seat("clerk")), at: at(60_200) };
    (1..).zip(steps()).map(done).collect()
}

fn issues() -> IssueList {
    IssueList {
        stage: IssueStage::Put,
        issues: vec![Issue {
            id: IssueId(1),
            text: text("借款本金是多少"),
            evidence: vec![EvidenceId(1)],
            lines: vec![LineId(3)],
            session: Some(1),
            closed: false,
        }],
        views: vec![IssueView { side: Side::Defendant, objection: text("应增加利息起算日") }],
        given: 2,
    }
}

fn meeting() -> Meeting {
    let vote = |n: u32, choice| Vote {
        seat: seat(&format!("member-{n}")),
        choice,
        grounds: text("合同有效"),
        at: at(70_000),
    };
    let question = |id, matter, outcome| Question {
        id: QuestionId(id),
        text: text("是否支持利息请求"),
        matter,
        options: vec![text("支持"), text("不支持")],
        votes: vec![vote(1, Some(0)), vote(2, None)],
        outcome,
    };
    Meeting {
        kind: MeetingKind::Committee,
        members: vec![Member { seat: seat("member-1"), part: Part::Presiding, in_charge: true }],
        order: vec![Turn { seat: seat("member-1"), of: TurnOf::Opinion }],
        turn: Some(1),
        questions: vec![
            question(1, Matter::Facts, Some(Outcome::Carried { choice: 0 })),
            question(2, Matter::Law, Some(Outcome::Undecided)),
        ],
        submitted: Some(text("未形成多数意见")),
    }
}

fn curtains() -> Vec<Curtain> {
    vec![Curtain {
        ground: CurtainGround::TradeSecret,
        from: at(60_900),
        by: Some(seat("judge")),
        line: LineId(3),
        to: Some(at(61_900)),
        lifted_by: Some(seat("judge")),
        lifted_line: Some(LineId(4)),
    }]
}

fn ticks() -> Vec<Tick> {
    vec![Tick { phase: phase("opening"), item: 0, by: seat("clerk"), at: at(60_100) }]
}

fn notes() -> Vec<(EvidenceId, String)> {
    vec![(EvidenceId(1), text("核对签名"))]
}

fn said() -> Said {
    let proposals = vec![Proposal { aspect: Aspect::Authenticity, stance: Stance::Disputed }];
    Said { line: LineId(3), evidence: EvidenceId(1), side: Side::Defendant, proposals }
}

fn terms() -> Terms {
    Terms { own: vec![text("清源支行"), text("违约金")], off: [text("出借人")].into() }
}

fn fault() -> (Process, String) {
    (Process::Recogniser, text("语音识别中断，正在重启"))
}

/// As the hearing was opened, with nothing done yet.
fn before() -> Snapshot {
    Snapshot {
        info: HearingInfo {
            hearing: HearingId::new("h1").expect("well formed"),
            case: CaseId::new("loan-318").expect("well formed"),
            court: text("松江市清源区人民法院"),
            number: text("（2026）清0102民初318号"),
            cause: text("民间借贷纠纷"),
            room: text("第三法庭"),
            session: 2,
            public: true,
            origin: UtcMs(1_772_326_800_000),
        },
        outline: outline(),
        course: Course {
            phase: None,
            merged: Vec::new(),
            visited: Vec::new(),
            stage: Stage::Preparing,
            opened: None,
            closed: None,
            media_sealed: false,
            sealed_digest: None,
            record: RecordMode::Verbatim,
            curtain: None,
        },
        ticks: Vec::new(),
        continues: None,
        seats: Vec::new(),
        screens: Screens::default(),
        requests: Vec::new(),
        evidence: Vec::new(),
        marks: Vec::new(),
        lines: Vec::new(),
        ledger: Vec::new(),
        curtains: Vec::new(),
        signatures: Vec::new(),
        signing: Vec::new(),
        record_digest: None,
        faults: Vec::new(),
        steps: Vec::new(),
        issues: IssueList::default(),
        bench_notes: Vec::new(),
        said: Vec::new(),
        terms: Terms::default(),
        meeting: None,
    }
}

/// The same after all the updates.
fn after() -> Snapshot {
    let mut snapshot = before();
    updates().into_iter().for_each(|update| snapshot.apply(update));
    snapshot
}

fn outline() -> Outline {
    let opening = Phase {
        id: phase("opening"),
        zh: text("宣布开庭"),
        en: text("Opening"),
        utterances: vec![text("现在开庭。")],
        texts: vec![StandardText {
            code: text("fyjl"),
            title: text("法庭纪律"),
            text: text("现在宣布法庭纪律。"),
            speaker: Speaker::Clerk,
        }],
        checks: vec![text("核对当事人身份")],
        merges: vec![phase("evidence")],
    };
    Outline {
        id: OutlineId(text("civil-ordinary")),
        name: text("民事一审普通程序"),
        en: text("Civil first instance"),
        terms: [(text("上诉期"), text("十五日"))].into(),
        texts: Vec::new(),
        phases: vec![opening],
        opens: Some(phase("opening")),
        closes: None,
    }
}

/// The updates, with each kind of what they hold. Each part reads in the end as the last of them says, the lines in an order that is not
/// that of their coming.
pub(crate) fn updates() -> Vec<Update> {
    let fault = fault();
    let mut all = vec![
        Update::Course(course()),
        Update::Continues(None),
        Update::Continues(Some(1)),
        Update::Ticks(ticks()),
        Update::Seat(judge()),
        Update::Seat(agent()),
        Update::Screens(Screens::default()),
        Update::Screens(screens()),
        Update::Evidence(evidence()),
        Update::Line(corrected()),
        Update::Line(line()),
        Update::Curtains(curtains()),
        Update::Signing(signers()),
        Update::RecordDigest(None),
        Update::RecordDigest(Some(digest("ab"))),
        Update::Fault(fault.0, fault.1),
        Update::Fault(Process::Recorder, text("录制中断，正在重启")),
        Update::FaultGone(Process::Recogniser),
        Update::Steps(steps_done()),
        Update::Issues(issues()),
        Update::BenchNotes(notes()),
        Update::Said(said()),
        Update::Terms(terms()),
        Update::Meeting(meeting()),
    ];
    all.extend(requests().into_iter().map(Update::Request));
    all.extend(marks().into_iter().map(Update::Mark));
    all.extend(ledger().into_iter().map(Update::Interruption));
    all.extend(signatures().into_iter().map(Update::Signature));
    all.push(Update::MarkGone(MarkId(1)));
    all
}

/// The commands, with each of the acts they hold.
pub(crate) fn commands() -> Vec<Command> {
    use Command as C;
    let evidence = EvidenceId(1);
    let (line, base) = (LineId(3), 0);
    let mut all = vec![
        C::OpenSession,
        C::EnterPhase { phase: phase("debate") },
        C::MergePhase { phase: phase("debate") },
        C::TickCheck { phase: phase("opening"), item: 0, done: true },
        C::CallRecess { ground: Ground::Recess, note: text("十分钟") },
        C::Resume,
        C::CloseSession,
        C::LowerCurtain { ground: CurtainGround::Privacy },
        C::LiftCurtain,
        C::CheckAttendance { seat: seat("plaintiff"), present: true },
        C::SetSeat { seat: agent() },
        C::Show { view: view_draft() },
        C::Hide,
        C::Lock,
        C::Unlock,
        C::SetPresenter { presenter: Some(seat("plaintiff")) },
        C::SetPresenter { presenter: None },
        C::Answer { request: RequestId(1), granted: false, reason: text("与本案无关") },
        C::Withdraw { request: RequestId(1) },
        C::ListEvidence { draft: draft() },
        C::CheckOriginal { evidence, checked: true },
        C::NoteOpinion {
            evidence,
            side: Side::Defendant,
            aspect: Aspect::Legality,
            stance: Stance::Undisputed,
            reason: String::new(),
            line: Some(line),
        },
        C::GroupEvidence { evidence: vec![evidence], group: text("第一组") },
        C::NoteGroupOpinion {
            evidence: vec![evidence],
            side: Side::Defendant,
            aspects: vec![Aspect::Authenticity, Aspect::Relevance],
            stance: Stance::Reserved,
            reason: text("庭后核实"),
            line: None,
        },
        C::UndoMark { mark: MarkId(1) },
        C::CorrectLine { line, base, text: text("伍万元") },
        C::ReattributeLine { line, base, seat: seat("clerk"), open: false },
        C::SplitLine { line, base, at: 4 },
        C::JoinLines { line, base, with: LineId(8), with_base: 0 },
        C::AcceptText { line, base, from: 2, to: 5, back: false },
        C::DropSuggestion { line },
        C::InsertLine { seat: seat("clerk"), from: at(61_000), text: text("（休庭十分钟）") },
        C::KeepRecord { mode: RecordMode::Points },
        C::WordPoint { line, base, text: text("借款五万元") },
        C::CiteStatute { seat: seat("judge"), statute: citation() },
        C::TakeOver { seat: seat("plaintiff"), utterance: 9, from: at(62_000), text: text("原告没有") },
        C::StateFault { gap: GapId(4), statement: text("录制进程重启") },
        C::ReviewFault { gap: GapId(4) },
        C::SignRecord { digest: digest("ab"), refusal: Some(text("对笔录有异议")) },
        C::SealRecord { digest: digest("ab") },
        C::NoteForBench { evidence, text: text("核对签名") },
        C::DescribeEvidence {
            evidence, name: text("借条"), source: text("原告"), purpose: text("借款事实")
        },
    ];
    all.extend(
        [Ground::ClosedEvidence, Ground::Mediation]
            .map(|ground| C::CallRecess { ground, note: String::new() }),
    );
    // Refused, but understood.
    all.push(C::CallRecess { ground: Ground::Fault { cause: GapCause::Overrun }, note: String::new() });
    all.extend(wants().into_iter().map(|want| C::Ask { want }));
    all.extend(shapes().into_iter().map(|shape| C::MakeMark { page: page("contract", 2), shape }));
    all.extend(sign_acts().into_iter().map(|act| C::Sign { act }));
    all.extend(steps().into_iter().map(|step| C::TakeStep { step }));
    all.extend(issue_acts().into_iter().map(|act| C::ChangeIssues { act }));
    all.extend(term_acts().into_iter().map(|act| C::ChangeTerms { act }));
    all.extend(meeting_acts().into_iter().map(|act| C::Meet { act }));
    all
}

fn sign_acts() -> Vec<SignAct> {
    let seat = || seat("plaintiff");
    let digest = || digest("ab");
    vec![
        SignAct::Ink { seat: seat(), digest: digest(), strokes: vec![vec![(10, 20), (30, 40)]] },
        SignAct::Paper { seat: seat(), digest: digest(), scan: digest() },
        SignAct::Refuse { seat: seat(), digest: digest(), reason: text("对笔录有异议") },
        SignAct::Attest { seat: seat() },
        SignAct::Later { seat: seat(), digest: digest(), until: day("2026-03-06") },
    ]
}

fn term_acts() -> Vec<TermAct> {
    let term = || text("违约金");
    vec![
        TermAct::Add { term: term() },
        TermAct::Remove { term: term() },
        TermAct::Switch { term: term(), on: false },
    ]
}

fn issue_acts() -> Vec<IssueAct> {
    let issue = IssueId(1);
    vec![
        IssueAct::Add { text: text("借款本金是多少") },
        IssueAct::Reword { issue, text: text("借款本金数额") },
        IssueAct::Move { issue, to: 0 },
        IssueAct::Remove { issue },
        IssueAct::LinkEvidence { issue, evidence: EvidenceId(1), linked: true },
        IssueAct::LinkLine { issue, line: LineId(3), linked: false },
        IssueAct::Put,
        IssueAct::NoteView { side: Side::Defendant, objection: String::new() },
        IssueAct::Settle,
    ]
}

fn meeting_acts() -> Vec<MeetingAct> {
    let question = QuestionId(1);
    vec![
        MeetingAct::Arrive,
        MeetingAct::GiveTurn { turn: 1 },
        MeetingAct::Put {
            text: text("是否支持"),
            matter: Matter::Law,
            options: vec![text("支持"), text("不支持")],
        },
        MeetingAct::Vote { question, choice: Some(0), grounds: text("合同有效") },
        MeetingAct::Settle { question },
        MeetingAct::Submit { grounds: text("未形成多数意见") },
    ]
}

fn ephemerals() -> Vec<Ephemeral> {
    let page = || page("contract", 2);
    vec![
        Ephemeral::Pointer { page: page(), at: Some(Point { x: 100, y: 200 }) },
        Ephemeral::Pointer { page: page(), at: None },
        Ephemeral::Drawing { page: page(), shape: shapes().into_iter().nth(1) },
        Ephemeral::Drawing { page: page(), shape: None },
    ]
}

/// What screens say; of the commands one, since [`commands`] has them all.
pub(crate) fn client() -> Vec<ClientMsg> {
    let mut all = vec![
        ClientMsg::Hello { resume: None },
        ClientMsg::Hello { resume: Some(Resume { epoch: 1_788_940_857, seq: 69 }) },
        ClientMsg::Command {
            cmd_id: cmd("0197f1c2-7d1e-7a40-9c55-0d6b1f0a2c11"),
            command: Command::Lock,
            inside: false,
        },
        ClientMsg::Search { query_id: 7, text: text("借款合同"), most: None },
        ClientMsg::Confirm { view: 5 },
        ClientMsg::TalkKey { down: true, at: at(872_069) },
        ClientMsg::LookAt { page: Some(page("statement", 2)) },
        ClientMsg::Ping { sent_ms: 81_230 },
        ClientMsg::Rehearse { play: true },
    ];
    all.extend(ephemerals().into_iter().map(|what| ClientMsg::Ephemeral { what }));
    all
}

fn hit() -> Hit {
    Hit {
        page: page("contract", 2),
        title: text("借款合同"),
        place: text("原告证据 › 证据一"),
        snippet: text("支付违约金，直至"),
        matched: vec![(2, 5)],
        rects: vec![rect()],
        by: FoundBy::Letter,
    }
}

fn outcomes() -> Vec<CommandOutcome> {
    use CommandOutcome as O;
    let page = || page("statement", 2);
    vec![
        O::Page { page: page(), title: text("银行流水"), rects: vec![rect()] },
        O::Choose { choices: vec![Choice { label: text("原告证据三"), page: page() }] },
        O::Found { phrase: text("违约金"), hits: vec![hit()] },
        O::Statute {
            law: text("0a1b"),
            version: day("2021-01-01"),
            number: text("577"),
            title: text("民法典第五百七十七条"),
        },
        O::Desk { act: text("zoom"), amount: -1 },
        O::Compare { choices: vec![Choice { label: text("被告证据二"), page: page() }] },
        O::Prefilled { act: text("callRecess") },
        O::Note { text: text("记明：被告当庭认可收到借款") },
        O::NotUnderstood,
    ]
}

fn denials() -> Vec<Denial> {
    use Denial as D;
    let seats = || vec![seat("plaintiff"), seat("defendant")];
    let line = LineId(3);
    vec![
        D::UnknownSeat { seat: seat("nobody") },
        D::NotYours { whose: Role::PresidingJudge },
        D::WrongStage { stage: Stage::Preparing },
        D::ScreensLocked,
        D::NotPresenting,
        D::UnknownPhase { phase: phase("nope") },
        D::UnknownCheck { phase: phase("opening"), item: 9 },
        D::UnknownLine { line },
        D::UnknownEvidence { evidence: EvidenceId(9) },
        D::UnknownMark { mark: MarkId(9) },
        D::RequestNotOpen { request: RequestId(9) },
        D::NoSuchFault { gap: GapId(9) },
        D::UnlawfulGround { ground: Ground::Fault { cause: GapCause::DeviceLost } },
        D::Stale { line, revision: 1, text: text("伍万元") },
        D::RecordChanged { digest: digest("cd") },
        D::OutsideReadingTerm { from: day("2026-03-01"), last: day("2026-03-06") },
        D::NobodyPresent { side: Side::ThirdParty },
        D::NoAuthority { seat: seat("plaintiff") },
        D::ReadsSoAlready { line },
        D::EmptyText { what: text("the text") },
        D::TextTooLong { what: text("the text"), max: 4000 },
        D::CurtainLifted,
        D::UnknownPage { page: page("contract", 99) },
        D::NotLetIn { page: page("contract", 1) },
        D::PageChanged { page: page("contract", 2) },
        D::NotShownToYou { page: page("contract", 2) },
        D::EvidenceListed { side: Side::Plaintiff, number: 1 },
        D::Malformed { what: text("a rectangle lies outside any sheet") },
        D::AlreadySettled { line },
        D::SignaturesMissing { missing: 2, seats: seats() },
        D::AttestationMissing { seats: seats() },
        D::StillReading { seats: seats(), until: day("2026-03-06") },
        D::CorrectionsOpen { requests: vec![RequestId(3)] },
        D::SignsNot { seat: seat("public") },
        D::SignedAlready { seat: seat("plaintiff") },
        D::UnknownScan { scan: digest("6e") },
        D::NothingToAttest { seat: seat("plaintiff") },
        D::HandMissing,
        D::ConsentMissing { sides: vec![Side::Defendant] },
        D::SpeechUnwritten { seconds: 12 },
        D::NotOnTheStand,
        D::UnknownIssue { issue: IssueId(9) },
        D::CurtainDown,
        D::NoTerm,
        D::TermListed { term: text("违约金") },
        D::UnknownTerm { term: text("违约金") },
        D::TooManyTerms { max: 200 },
        D::MembersAreFixed,
        D::TooFew { present: 1, needed: 3 },
        D::NoVote,
        D::QuestionNotOpen { question: 9 },
        D::VotesMissing { missing: 1 },
        D::GroundsMissing { missing: 1 },
        D::NothingUndecided,
        D::Restored,
        D::NotRecorded { cause: text("no space left on device") },
    ]
}

fn status() -> Status {
    Status {
        now: at(63_000),
        recording: true,
        recorded_ms: 3000,
        sound_ok: true,
        microphones: vec![(seat("clerk"), MicTrouble::Hum)],
        picture_ok: true,
        speech_lag_ms: Some(800),
        model: Some(text("huiting-demo")),
        disk_minutes_left: 5400,
        faults: vec![Fault { process: Process::Pages, sentence: text("a page could not be read") }],
        online: vec![seat("clerk"), seat("judge")],
        rehearsal_ms: Some(12_000),
        can_rehearse: true,
        pages_ready: (58, 60),
    }
}

/// What the hub says; every update is in the one message that has them all.
pub(crate) fn server() -> Vec<ServerMsg> {
    use ServerMsg as S;
    let (epoch, who) = (1_788_940_857, || seat("plaintiff"));
    let welcome = |snapshot| S::Welcome {
        epoch,
        seq: 41,
        seat: seat("clerk"),
        class: ViewClass::Clerk,
        now: at(61_000),
        snapshot,
    };
    let partial = |words: &str| S::Partial { seat: who(), utterance: 9, from: at(62_000), text: text(words) };
    let cmd_id = || cmd("k1");
    let mut all = vec![
        welcome(Some(Box::new(before()))),
        S::Update { seq: 42, at: at(61_234), updates: updates() },
        partial("原告"),
        partial("原告方没有"),
        S::PartialGone { seat: who(), utterance: 9 },
        S::Results {
            query_id: 7,
            text: text("违约金"),
            found: Found { hits: vec![hit()], pages: Some(34), within: None, places: Vec::new() },
            took_us: 420,
        },
        S::Results {
            query_id: 8,
            text: text("原告：违约金"),
            found: Found {
                within: Some(Within {
                    side: Some(Side::Plaintiff),
                    docs: vec![page("statement", 2).doc],
                    words: text("违约金"),
                }),
                places: vec![page("statement", 2)],
                ..Found::default()
            },
            took_us: 420,
        },
        S::Status(status()),
        S::Status(Status::default()),
        S::Levels { levels: vec![(seat("clerk"), -48), (seat("judge"), -22)] },
        S::DossierChanged { revision: 12 },
        S::Pong { sent_ms: 81_230, now: at(80_694), utc: UtcMs(1_772_326_877_082) },
        S::Done { cmd_id: cmd_id() },
        S::Malformed { sentence: text("not understood: unknown field `x`, expected `sentMs`") },
        welcome(None),
        S::Resync { seq: 50, snapshot: Box::new(after()) },
        S::Bye {
            why: Parting::TooManyDenials,
            sentence: text("too many refused acts; reload the page"),
            retry_ms: Some(5000),
        },
        S::Bye { why: Parting::SessionOver, sentence: text("the session has run out"), retry_ms: None },
        S::Bye { why: Parting::TerminalRevoked, sentence: text("the terminal was revoked"), retry_ms: None },
        S::Bye { why: Parting::HubStops, sentence: text("the hub stops"), retry_ms: Some(1000) },
        S::Bye { why: Parting::NoSeat, sentence: text("there is no seat x"), retry_ms: Some(2000) },
    ];
    let heard = |outcome| S::Heard { text: text("请翻到原告证据三第二页"), outcome };
    all.extend(outcomes().into_iter().map(heard));
    all.extend(ephemerals().into_iter().map(|what| S::Ephemeral { by: who(), what }));
    let denied = |denial: Denial| S::Denied { cmd_id: cmd_id(), sentence: denial.to_string(), denial };
    all.extend(denials().into_iter().map(denied));
    all
}
