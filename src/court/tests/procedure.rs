//! Steps of the procedure, witnesses, issues in dispute and the bench's notes, as sentences.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Aspect, Command, Decider, Denial, Earlier, Event, EvidenceDraft, HearingInfo, Input, IssueAct,
    IssueStage, Outline, Process, Recognised, RecordMode, Report, RequestKind, Stamped, Stance, State, Step,
    ViewDraft, proposals,
};
use model::{
    CaseId, CmdId, DocId, EvidenceId, Fragment, HearingId, HearingTime, IssueId, LineId, PageRef, Role,
    Rotation, Seat, SeatId, Side, TrackId, UtcMs,
};

struct Room {
    state: State,
    now: u64,
    commands: u32,
}

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

/// A panel of three, two plaintiffs with an agent each, a witness.
fn seats() -> Vec<Seat> {
    let seat = |s: &str, role, name: &str, authority: &str| Seat {
        id: id(s),
        role,
        name: name.to_owned(),
        authority: authority.to_owned(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    vec![
        seat("judge", Role::PresidingJudge, "周明", ""),
        seat("judge-2", Role::Judge, "吴清", "承办法官"),
        seat("assessor", Role::Assessor, "郑和", ""),
        seat("clerk", Role::Clerk, "钱一", ""),
        seat("plaintiff-1", Role::Plaintiff, "张三", ""),
        seat("plaintiff-2", Role::Plaintiff, "李四", ""),
        seat("agent-1", Role::PlaintiffAgent, "王五", "特别授权"),
        seat("agent-2", Role::PlaintiffAgent, "赵六", "一般代理"),
        seat("defendant", Role::DefendantAgent, "孙七", "特别授权"),
        seat("witness", Role::Witness, "冯八", ""),
        seat("public", Role::Public, "", ""),
    ]
}

fn info() -> HearingInfo {
    HearingInfo {
        hearing: HearingId::new("h1").expect("well formed"),
        case: CaseId::new("c1").expect("well formed"),
        court: "松江市清源区人民法院".to_owned(),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        room: "第三法庭".to_owned(),
        session: 1,
        public: true,
        origin: UtcMs(0),
    }
}

impl Room {
    fn open() -> Self {
        let mut room = Self { state: State::default(), now: 0, commands: 0 };
        let opened = Report::Opened { info: info(), outline: Outline::civil_ordinary(), seats: seats() };
        room.run(&Input::Report { process: Process::Hub, report: opened }).expect("never refused");
        room.must("judge", Command::OpenSession);
        room
    }

    fn act(&mut self, seat: &str, command: Command) -> Result<Vec<Event>, Denial> {
        self.commands += 1;
        let cmd = CmdId::new(format!("c{}", self.commands)).expect("well formed");
        self.run(&Input::Command { seat: id(seat), cmd, command, inside: false })
    }

    fn must(&mut self, seat: &str, command: Command) {
        let done = self.act(seat, command.clone());
        assert!(done.as_ref().is_ok_and(|e| !e.is_empty()), "{seat} {command:?}: {done:?}");
    }

    fn run(&mut self, input: &Input) -> Result<Vec<Event>, Denial> {
        self.now += 1000;
        let events = court::decide(&self.state, HearingTime(self.now), input)?;
        for event in &events {
            let (actor, cmd) = match input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            self.state.apply(&Stamped { at: HearingTime(self.now), actor, cmd, event: event.clone() });
        }
        Ok(events)
    }

    fn says(&mut self, seat: &str, text: &str) -> LineId {
        let from = HearingTime(self.now);
        let recognised = Recognised {
            utterance: self.now,
            seat: id(seat),
            from,
            to: from.plus(900),
            text: text.to_owned(),
            raw: text.to_owned(),
            pieces: Vec::new(),
            repairs: Vec::new(),
        };
        let report = Report::Recognised(recognised);
        self.run(&Input::Report { process: Process::Recogniser, report }).expect("never refused");
        *self.state.lines.keys().next_back().expect("a line")
    }

    fn last_line(&self) -> &str {
        self.state.lines.values().next_back().expect("a line").text()
    }

    fn lists(&mut self, doc: &str) -> EvidenceId {
        let draft = EvidenceDraft {
            side: Side::Plaintiff,
            number: self.state.evidence.len() as u32 + 1,
            name: "借条".to_owned(),
            source: "原告".to_owned(),
            purpose: "证明借款事实".to_owned(),
            doc: Some(DocId::new(doc).expect("well formed")),
        };
        self.must("clerk", Command::ListEvidence { draft });
        *self.state.evidence.keys().next_back().expect("an item")
    }
}

fn step(step: Step) -> Command {
    Command::TakeStep { step }
}

fn issue(act: IssueAct) -> Command {
    Command::ChangeIssues { act }
}

fn add(text: &str) -> Command {
    issue(IssueAct::Add { text: text.to_owned() })
}

fn show(doc: &str) -> Command {
    let page = PageRef { doc: DocId::new(doc).expect("well formed"), page: 1 };
    let page_hash = "0a".repeat(32);
    let (viewport, highlights) = (None, Vec::new());
    Command::Show {
        view: ViewDraft { page, page_hash, rotation: Rotation::None, viewport, highlights, beside: None },
    }
}

#[test]
fn each_step_is_a_fact_and_a_line_with_the_names() {
    let mut room = Room::open();
    room.must("clerk", step(Step::Identity { side: Side::Plaintiff, parties: Vec::new() }));
    for name in ["张三", "李四", "王五（特别授权）", "赵六（一般代理）"] {
        assert!(room.last_line().contains(name), "{}", room.last_line());
    }
    room.must("judge", step(Step::Authority { agent: id("agent-1"), objection: String::new() }));
    assert!(room.last_line().contains("王五的代理权限为特别授权"), "{}", room.last_line());
    room.must("judge", step(Step::NoRecusal { side: Side::Plaintiff, parties: Vec::new() }));
    room.must(
        "judge",
        step(Step::RecusalSought {
            side: Side::Defendant,
            parties: Vec::new(),
            whom: id("judge-2"),
            reason: "与原告系同学".to_owned(),
        }),
    );
    assert!(room.last_line().contains("审判员吴清"), "{}", room.last_line());
    let decided = Step::RecusalDecided {
        whom: id("judge-2"),
        by: Decider::President,
        granted: false,
        reason: String::new(),
    };
    room.must("clerk", step(decided));
    assert_eq!(room.last_line(), "对申请审判员吴清（承办法官）回避一事，经本院院长决定：驳回回避申请。");
    assert_eq!(room.state.steps.len(), 5);
    assert!(room.state.steps.iter().all(|s| room.state.lines.contains_key(&s.line)));
}

#[test]
fn plaintiffs_with_agents_of_their_own_are_asked_apart() {
    let mut room = Room::open();
    for (agent, party) in [("agent-1", "plaintiff-1"), ("agent-2", "plaintiff-2")] {
        let mut seat = room.state.seats[&id(agent)].clone();
        seat.acts_for = vec![id(party)];
        room.must("clerk", Command::SetSeat { seat });
    }
    let of = |party: &str| vec![id(party)];
    let identity = |party| step(Step::Identity { side: Side::Plaintiff, parties: of(party) });
    room.must("clerk", identity("plaintiff-1"));
    let line = room.last_line();
    assert!(
        line.contains("张三") && line.contains("王五") && !line.contains("李四") && !line.contains("赵六"),
        "{line}"
    );
    room.must("clerk", identity("plaintiff-2"));
    room.must("judge", step(Step::NoRecusal { side: Side::Plaintiff, parties: of("plaintiff-1") }));
    assert_eq!(room.last_line(), "询问原告张三是否申请回避，原告张三答：不申请回避。");
    let whom = id("clerk");
    let reason = "有利害关系".to_owned();
    room.must(
        "judge",
        step(Step::RecusalSought { side: Side::Plaintiff, parties: of("plaintiff-2"), whom, reason }),
    );
    assert_eq!(room.state.steps.len(), 4, "what one says does not replace what the other said");

    let agrees =
        |party| step(Step::RecordingConsent { side: Side::Plaintiff, parties: of(party), agreed: true });
    room.must("clerk", agrees("plaintiff-1"));
    assert!(room.state.sides_without_consent().contains(&Side::Plaintiff), "one of two");
    room.must("clerk", agrees("plaintiff-2"));
    assert!(!room.state.sides_without_consent().contains(&Side::Plaintiff));
    room.must(
        "clerk",
        step(Step::RecordingConsent { side: Side::Plaintiff, parties: of("plaintiff-2"), agreed: false }),
    );
    assert!(room.state.sides_without_consent().contains(&Side::Plaintiff));

    for wrong in ["agent-1", "defendant", "nobody"] {
        assert!(room.act("clerk", identity(wrong)).is_err(), "{wrong} is no plaintiff");
    }
}

#[test]
fn a_step_taken_twice_stands_once_and_a_later_word_replaces_the_earlier() {
    let mut room = Room::open();
    room.must("judge", step(Step::NoRecusal { side: Side::Defendant, parties: Vec::new() }));
    assert_eq!(
        room.act("judge", step(Step::NoRecusal { side: Side::Defendant, parties: Vec::new() })),
        Ok(Vec::new())
    );
    let sought = Step::RecusalSought {
        side: Side::Defendant,
        parties: Vec::new(),
        whom: id("clerk"),
        reason: "有利害关系".to_owned(),
    };
    room.must("judge", step(sought.clone()));
    let steps: Vec<_> = room.state.steps.iter().map(|s| &s.step).collect();
    assert_eq!(steps, [&sought]);
}

#[test]
fn steps_belong_to_the_presiding_judge_and_the_clerk_and_a_witness_is_called_by_the_judge_alone() {
    let mut room = Room::open();
    let refused = room.act("agent-1", step(Step::NoRecusal { side: Side::Plaintiff, parties: Vec::new() }));
    assert_eq!(refused, Err(Denial::NotYours { whose: Role::PresidingJudge }));
    let refused = room.act("clerk", step(Step::WitnessCalled { witness: id("witness") }));
    assert_eq!(refused, Err(Denial::NotYours { whose: Role::PresidingJudge }));
    let absent = room.act("judge", step(Step::WitnessCalled { witness: id("defendant") }));
    assert!(matches!(absent, Err(Denial::Malformed { .. })), "{absent:?}");
}

/// [R-CMD-13]
#[test]
fn a_witness_acts_only_on_the_stand_and_a_refusal_tells_nothing_of_the_record() {
    let mut room = Room::open();
    let line = room.says("agent-1", "金丝雀");
    let ask = Command::Ask { want: RequestKind::Speak };
    let peek = Command::Ask {
        want: RequestKind::Correct { line, base: 9, text: "改".to_owned(), reason: String::new() },
    };
    assert!(room.state.waits_to_testify(&id("witness")));
    assert_eq!(room.act("witness", ask.clone()), Err(Denial::NotOnTheStand));
    assert_eq!(room.act("witness", peek.clone()), Err(Denial::NotOnTheStand));
    room.must("judge", step(Step::WitnessCalled { witness: id("witness") }));
    room.must("clerk", step(Step::Undertaking { witness: id("witness") }));
    assert!(!room.state.waits_to_testify(&id("witness")));
    room.must("witness", ask.clone());
    assert_eq!(room.act("witness", peek), Err(Denial::UnknownLine { line }));
    room.must("judge", step(Step::WitnessExcused { witness: id("witness") }));
    assert!(room.state.waits_to_testify(&id("witness")));
    assert_eq!(room.act("witness", ask), Err(Denial::NotOnTheStand));
    // Recalled.
    room.must("judge", step(Step::WitnessCalled { witness: id("witness") }));
    assert!(!room.state.waits_to_testify(&id("witness")));
}

#[test]
fn what_a_party_says_of_the_item_on_the_screens_is_linked_and_proposed_but_never_noted_by_itself() {
    let mut room = Room::open();
    let item = room.lists("iou");
    room.says("defendant", "等一下");
    room.must("judge", show("iou"));
    let line = room.says("defendant", "真实性认可，关联性不认可");
    room.says("judge", "请继续");
    assert_eq!(room.state.said.iter().collect::<Vec<_>>(), [(&line, &item)]);
    assert!(room.state.evidence[&item].opinions.is_empty());
    let proposal = proposals(room.state.lines[&line].text())[0];
    assert_eq!((proposal.aspect, proposal.stance), (Aspect::Authenticity, Stance::Undisputed));
    room.must(
        "judge",
        Command::NoteOpinion {
            evidence: item,
            side: Side::Defendant,
            aspect: proposal.aspect,
            stance: proposal.stance,
            reason: String::new(),
            line: Some(line),
        },
    );
    assert_eq!(room.state.evidence[&item].opinions[0].line, Some(line));
}

#[test]
fn a_party_describes_its_own_evidence_and_the_clerk_any() {
    let mut room = Room::open();
    let item = room.lists("iou");
    let describe = |purpose: &str| Command::DescribeEvidence {
        evidence: item,
        name: "借条原件".to_owned(),
        source: "被告出具".to_owned(),
        purpose: purpose.to_owned(),
    };
    assert!(matches!(room.act("defendant", describe("还款")), Err(Denial::NotYours { .. })));
    room.must("agent-1", describe("证明借款合意"));
    room.must("clerk", describe("证明借款合意与交付"));
    assert_eq!(room.act("clerk", describe("证明借款合意与交付")), Ok(Vec::new()));
    assert_eq!(room.state.evidence[&item].draft.purpose, "证明借款合意与交付");
    assert_eq!(room.state.evidence[&item].draft.number, 1);
}

#[test]
fn the_note_of_the_bench_is_written_by_judges_alone() {
    let mut room = Room::open();
    let item = room.lists("iou");
    let note = |text: &str| Command::NoteForBench { evidence: item, text: text.to_owned() };
    for seat in ["clerk", "agent-1", "defendant"] {
        assert!(matches!(room.act(seat, note("可疑")), Err(Denial::NotYours { .. })), "{seat}");
    }
    room.must("assessor", note("签名需比对"));
    assert_eq!(room.state.bench_notes[&item], "签名需比对");
    room.must("judge", note(""));
    assert!(room.state.bench_notes.is_empty());
}

#[test]
fn issues_are_added_ordered_put_and_settled_and_the_record_says_so() {
    let mut room = Room::open();
    let item = room.lists("iou");
    assert!(matches!(room.act("judge", issue(IssueAct::Settle)), Err(Denial::Malformed { .. })));
    room.must("judge", add("借款是否实际交付"));
    room.must("clerk", add("利息如何计算"));
    room.must("judge", issue(IssueAct::Move { issue: IssueId(2), to: 0 }));
    room.must("judge", issue(IssueAct::Put));
    assert!(room.last_line().contains("1.利息如何计算；2.借款是否实际交付。"), "{}", room.last_line());
    room.must("clerk", issue(IssueAct::NoteView { side: Side::Plaintiff, objection: String::new() }));
    assert_eq!(room.last_line(), "原告方对争议焦点无异议、无补充。");
    assert!(matches!(room.act("clerk", issue(IssueAct::Settle)), Err(Denial::NotYours { .. })));
    room.must("judge", issue(IssueAct::Settle));
    assert!(room.last_line().starts_with("本庭确定本案争议焦点为：1."), "{}", room.last_line());
    let line = room.says("agent-1", "借款已交付");
    let lines = room.state.lines.len();
    room.must("clerk", issue(IssueAct::LinkLine { issue: IssueId(1), line, linked: true }));
    room.must("judge", issue(IssueAct::LinkEvidence { issue: IssueId(1), evidence: item, linked: true }));
    assert_eq!((room.state.issues.stage, room.state.lines.len()), (IssueStage::Settled, lines));
    room.must("judge", issue(IssueAct::Reword { issue: IssueId(1), text: "借款交付了多少".to_owned() }));
    assert_eq!(room.state.issues.stage, IssueStage::Draft);
    let gone = room.act("judge", issue(IssueAct::Remove { issue: IssueId(9) }));
    assert_eq!(gone, Err(Denial::UnknownIssue { issue: IssueId(9) }));
}

#[test]
fn the_next_session_has_the_issues_with_their_evidence_and_the_notes_of_the_bench() {
    let mut room = Room::open();
    let item = room.lists("iou");
    room.must("judge", add("借款是否实际交付"));
    let line = room.says("agent-1", "借款已交付");
    room.must("judge", issue(IssueAct::LinkEvidence { issue: IssueId(1), evidence: item, linked: true }));
    room.must("judge", issue(IssueAct::LinkLine { issue: IssueId(1), line, linked: true }));
    room.must("judge", issue(IssueAct::Settle));
    room.must("judge", Command::NoteForBench { evidence: item, text: "签名需比对".to_owned() });

    let earlier = Box::new(Earlier::of(&room.state).expect("opened"));
    let mut next = Room { state: State::default(), now: 0, commands: 0 };
    let info = HearingInfo { session: 2, hearing: HearingId::new("h2").expect("well formed"), ..info() };
    let report = Report::Continued { info, outline: Outline::civil_ordinary(), seats: seats(), earlier };
    next.run(&Input::Report { process: Process::Hub, report }).expect("never refused");
    let issues = &next.state.issues;
    assert_eq!(issues.stage, IssueStage::Settled);
    assert_eq!((issues.issues[0].evidence.as_slice(), issues.issues[0].lines.len()), ([item].as_slice(), 0));
    assert_eq!(issues.issues[0].session, Some(1));
    assert_eq!(next.state.bench_notes[&item], "签名需比对");
    next.must("judge", add("利息如何计算"));
    assert_eq!(next.state.issues.issues[1].id, IssueId(2));
}

fn keep(mode: RecordMode) -> Command {
    Command::KeepRecord { mode }
}

fn point(line: LineId, base: u32, text: &str) -> Command {
    Command::WordPoint { line, base, text: text.to_owned() }
}

fn fragment(track: &str, seq: u64, sha256: &str) -> Fragment {
    Fragment {
        track: TrackId::new(track).expect("well formed"),
        seq,
        file: format!("{track}/{seq:06}.m4s"),
        offset: 0,
        bytes: 1,
        sha256: sha256.repeat(64),
        from: HearingTime(seq * 1000),
        to: HearingTime(seq * 1000 + 1000),
    }
}

#[test]
fn the_points_record_holds_what_was_taken_over_or_typed_and_leaves_what_was_said() {
    let mut room = Room::open();
    let said = room.says("plaintiff-1", "我在二零二五年三月五号把五万块钱转给了他");
    let unkept = room.says("defendant", "嗯这个怎么说呢");
    room.must("clerk", keep(RecordMode::Points));
    assert!(room.state.lines[&said].point().is_empty());
    let before = room.state.record_digest();
    room.must("clerk", point(said, 0, "2025年3月5日原告向被告转账5万元。"));
    assert_ne!(room.state.record_digest(), before);
    let line = &room.state.lines[&said];
    assert_eq!(line.text(), "我在二零二五年三月五号把五万块钱转给了他");
    assert_eq!(line.reads(RecordMode::Points), "2025年3月5日原告向被告转账5万元。");

    // What is not in it may be corrected without touching it, and a wording based on an older one is refused with the newer.
    let before = room.state.record_digest();
    room.must("clerk", Command::CorrectLine { line: unkept, base: 0, text: "这个怎么说呢".to_owned() });
    assert_eq!(room.state.record_digest(), before);
    let late = room.act("clerk", point(said, 0, "别的"));
    let text = "2025年3月5日原告向被告转账5万元。".to_owned();
    assert_eq!(late, Err(Denial::Stale { line: said, revision: 1, text }));

    // What a person typed is a point by itself, and can be taken out.
    let seat = id("judge");
    room.must("clerk", Command::InsertLine { seat, from: HearingTime(0), text: "现在开庭。".to_owned() });
    let typed = *room.state.lines.keys().next_back().expect("a line");
    assert_eq!(room.state.lines[&typed].point(), "现在开庭。");
    room.must("clerk", point(typed, 0, ""));
    assert_eq!(room.state.lines[&typed].point(), "");
    assert_eq!(room.state.lines[&typed].text(), "现在开庭。");
    assert_eq!(room.act("plaintiff-1", point(said, 1, "x")), Err(Denial::NotYours { whose: Role::Clerk }));

    // 记明: the presiding judge has a line of their own put in, and none of anybody else's.
    let note = |seat: &str| Command::InsertLine {
        seat: id(seat),
        from: HearingTime(0),
        text: "记明：被告认可收条".to_owned(),
    };
    room.must("judge", note("judge"));
    let noted = room.state.lines.values().next_back().expect("a line");
    assert_eq!((noted.text(), &noted.seat), ("记明：被告认可收条", &id("judge")));
    assert_eq!(room.act("judge", note("clerk")), Err(Denial::NotYours { whose: Role::Clerk }));
    assert_eq!(room.act("plaintiff-1", note("plaintiff-1")), Err(Denial::NotYours { whose: Role::Clerk }));
}

#[test]
fn a_granted_correction_of_a_points_record_changes_the_point() {
    let mut room = Room::open();
    let said = room.says("plaintiff-1", "利息是一分五");
    room.must("clerk", keep(RecordMode::Points));
    room.must("clerk", point(said, 0, "约定月利率1.5%。"));
    let want = RequestKind::Correct {
        line: said,
        base: 1,
        text: "口头约定月利率1.5%。".to_owned(),
        reason: "漏记口头".to_owned(),
    };
    room.must("plaintiff-1", Command::Ask { want });
    let request = *room.state.requests.keys().next_back().expect("a request");
    room.must("clerk", Command::Answer { request, granted: true, reason: String::new() });
    let line = &room.state.lines[&said];
    assert_eq!((line.point(), line.text()), ("口头约定月利率1.5%。", "利息是一分五"));
    assert_eq!(line.points[1].basis, court::RevisionBasis::Request { request });
}

#[test]
fn the_recording_replaces_the_record_once_every_party_has_agreed_and_until_one_does_not() {
    let mut room = Room::open();
    let agrees = |side, agreed| step(Step::RecordingConsent { side, parties: Vec::new(), agreed });
    let sides = room.state.sides_without_consent();
    assert!(sides.contains(&Side::Plaintiff) && sides.contains(&Side::Defendant), "{sides:?}");
    let refused = room.act("judge", keep(RecordMode::Recording));
    assert_eq!(refused, Err(Denial::ConsentMissing { sides: sides.clone() }));
    for side in sides {
        room.must("clerk", agrees(side, true));
    }
    assert!(room.last_line().contains("同意以庭审录音录像替代法庭笔录"), "{}", room.last_line());
    let said = room.says("plaintiff-1", "我同意");
    room.must("judge", keep(RecordMode::Recording));
    assert_eq!(room.state.lines[&said].reads(RecordMode::Recording), "", "it stands in the recording");

    // What is signed is the recording: it holds every fragment of every track, in their order.
    let mut seen = std::collections::BTreeSet::from([room.state.record_digest()]);
    for (track, seq, sha) in [("mic-judge", 1, "a"), ("mic-judge", 2, "b"), ("camera", 1, "a")] {
        let report = Report::Fragment(fragment(track, seq, sha));
        room.run(&Input::Report { process: Process::Recorder, report }).expect("never refused");
        assert!(seen.insert(room.state.record_digest()), "{track} {seq} is in it");
    }

    let events = room.act("clerk", agrees(Side::Defendant, false)).expect("possible");
    assert_eq!(events.last(), Some(&Event::RecordKept { mode: RecordMode::Verbatim }));
    assert_eq!(room.state.record_mode, RecordMode::Verbatim);
}

#[test]
fn a_group_of_evidence_is_of_one_side_and_takes_a_view_as_one() {
    let mut room = Room::open();
    let (a, b) = (room.lists("d1"), room.lists("d2"));
    let group = |evidence, group: &str| Command::GroupEvidence { evidence, group: group.to_owned() };
    room.must("agent-1", group(vec![a, b], "第一组 借款交付"));
    assert_eq!(room.state.evidence[&b].group, "第一组 借款交付");
    assert_eq!(room.act("agent-1", group(vec![a, b], "第一组 借款交付")), Ok(Vec::new()));
    let foreign = room.act("defendant", group(vec![a], "别的"));
    assert_eq!(foreign, Err(Denial::NotYours { whose: Role::Clerk }));

    let note = |side| Command::NoteGroupOpinion {
        evidence: vec![a, b],
        side,
        aspects: vec![Aspect::Authenticity, Aspect::Legality],
        stance: Stance::Undisputed,
        reason: "均无异议".to_owned(),
        line: None,
    };
    room.must("clerk", note(Side::Defendant));
    for item in [a, b] {
        let views: Vec<_> = room.state.evidence[&item].opinions.iter().map(|o| (o.side, o.aspect)).collect();
        assert_eq!(views, [(Side::Defendant, Aspect::Authenticity), (Side::Defendant, Aspect::Legality)]);
    }
    assert!(matches!(room.act("clerk", note(Side::Plaintiff)), Err(Denial::Malformed { .. })));
    assert!(matches!(room.act("clerk", group(Vec::new(), "空")), Err(Denial::Malformed { .. })));
    room.must("clerk", group(vec![a], ""));
    assert!(room.state.evidence[&a].group.is_empty());
}

#[test]
fn an_agent_acts_for_parties_of_their_own_side_and_whom_is_part_of_what_is_signed() {
    let mut room = Room::open();
    let agent = |acts_for: &[&str], role| Seat {
        role,
        acts_for: acts_for.iter().map(|s| id(s)).collect(),
        ..room.state.seats[&id("agent-2")].clone()
    };
    let tried = [
        (agent(&["plaintiff-2"], Role::PlaintiffAgent), true),
        (agent(&[], Role::PlaintiffAgent), true),
        (agent(&["defendant"], Role::PlaintiffAgent), false),
        (agent(&["agent-1"], Role::PlaintiffAgent), false),
        (agent(&["nobody"], Role::PlaintiffAgent), false),
        (agent(&["plaintiff-2"], Role::Plaintiff), false),
    ];
    let mut roots = std::collections::BTreeSet::from([room.state.record_digest()]);
    for (seat, fits) in tried {
        let set = room.act("clerk", Command::SetSeat { seat: seat.clone() });
        assert_eq!(set.is_ok(), fits, "{seat:?}: {set:?}");
        roots.insert(room.state.record_digest());
    }
    assert_eq!(roots.len(), 2, "with the principal named and without");
}
