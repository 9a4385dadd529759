//! Evidence and articles of laws that a line names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Command, Event, EvidenceDraft, HearingInfo, Input, Named, Outline, Process, Recognised, Report,
    Stamped, State, ViewDraft,
};
use model::{
    CaseId, CmdId, DocId, HearingId, HearingTime, LineId, PageRef, Role, Rotation, Seat, SeatId, Side, UtcMs,
};

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

fn seat(s: &str, role: Role) -> Seat {
    Seat {
        id: id(s),
        role,
        name: String::new(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    }
}

struct Room {
    state: State,
    now: u64,
}

impl Room {
    /// 原告证据一, 原告证据二, 原告证据三, 被告证据一, 被告证据二.
    fn open() -> Self {
        let info = HearingInfo {
            hearing: HearingId::new("h1").expect("well formed"),
            case: CaseId::new("c1").expect("well formed"),
            court: String::new(),
            number: String::new(),
            cause: String::new(),
            room: String::new(),
            session: 1,
            public: true,
            origin: UtcMs(0),
        };
        let roles = [
            ("clerk", Role::Clerk),
            ("defendant", Role::Defendant),
            ("judge", Role::PresidingJudge),
            ("plaintiff", Role::PlaintiffAgent),
        ];
        let seats = roles.map(|(s, role)| seat(s, role)).to_vec();
        let mut room = Self { state: State::default(), now: 0 };
        room.report(Report::Opened { info, outline: Outline::civil_ordinary(), seats });
        room.act("judge", Command::OpenSession);
        for (side, number) in [
            (Side::Plaintiff, 1),
            (Side::Plaintiff, 2),
            (Side::Plaintiff, 3),
            (Side::Defendant, 1),
            (Side::Defendant, 2),
        ] {
            room.files(side, number);
        }
        room
    }

    fn files(&mut self, side: Side, number: u32) -> Vec<Event> {
        let doc = Some(DocId::new(format!("{side:?}{number}").to_lowercase()).expect("well formed"));
        let (name, source, purpose) = ("借条".to_owned(), String::new(), String::new());
        self.report(Report::EvidenceFiled(EvidenceDraft { side, number, name, source, purpose, doc }))
    }

    fn report(&mut self, report: Report) -> Vec<Event> {
        self.run(Input::Report { process: Process::Hub, report })
    }

    fn act(&mut self, seat: &str, command: Command) -> Vec<Event> {
        let cmd = CmdId::new(format!("c{}", self.now)).expect("well formed");
        self.run(Input::Command { seat: id(seat), cmd, command, inside: false })
    }

    fn run(&mut self, input: Input) -> Vec<Event> {
        self.now += 1000;
        let now = HearingTime(self.now);
        let events = court::decide(&self.state, now, &input).expect("not refused");
        for event in &events {
            let actor = match &input {
                Input::Command { seat, .. } => Actor::Seat { seat: seat.clone() },
                Input::Report { process, .. } => Actor::Machine { process: *process },
            };
            self.state.apply(&Stamped { at: now, actor, cmd: None, event: event.clone() });
        }
        events
    }

    fn shows(&mut self, doc: &str) {
        let page = PageRef { doc: DocId::new(doc).expect("well formed"), page: 1 };
        let (viewport, highlights) = (None, Vec::new());
        let page_hash = "ab".repeat(32);
        let view =
            ViewDraft { page, page_hash, rotation: Rotation::None, viewport, highlights, beside: None };
        self.act("judge", Command::Show { view });
    }

    fn says(&mut self, seat: &str, text: &str) -> LineId {
        let recognised = Recognised {
            utterance: self.now,
            seat: id(seat),
            from: HearingTime(self.now),
            to: HearingTime(self.now + 500),
            text: text.to_owned(),
            raw: text.to_owned(),
            pieces: Vec::new(),
            repairs: Vec::new(),
        };
        self.report(Report::Recognised(recognised));
        *self.state.lines.keys().next_back().expect("a line")
    }

    /// What a line leads to: the words, the document and the page.
    fn leads(&self, line: LineId) -> String {
        let line = &self.state.lines[&line];
        let shown = self.state.mentions(line).into_iter().map(|m| {
            let words: String =
                line.text().chars().skip(m.from as usize).take((m.to - m.from) as usize).collect();
            match m.names {
                Named::Evidence { item, page } => {
                    let doc = self.state.evidence[&item].draft.doc.clone().expect("filed");
                    let page = page.map_or_else(String::new, |p| format!("/{p}"));
                    format!("{words} → {doc}{page}")
                }
                Named::Article { law, number, .. } => format!("{words} → {law}:{number}"),
            }
        });
        shown.collect::<Vec<_>>().join("; ")
    }
}

/// [R-UPD-6]
#[test]
fn evidence_is_of_the_side_that_is_named_else_the_only_one_of_its_number_else_the_speakers() {
    let mut room = Room::open();
    for (who, said, leads) in [
        ("judge", "请看原告证据三第十二页", "原告证据三第十二页 → plaintiff3/12"),
        ("judge", "被告提交的第一份证据第2页", "被告提交的第一份证据第2页 → defendant1/2"),
        ("judge", "证据三有没有原件", "证据三 → plaintiff3"),
        ("judge", "证据一有没有原件", ""),
        ("judge", "原告证据九", ""),
        ("plaintiff", "证据一证明借款已经交付", "证据一 → plaintiff1"),
        ("defendant", "证据一证明借款已经归还", "证据一 → defendant1"),
        ("defendant", "我方证据二和对方证据二", "我方证据二 → defendant2; 对方证据二 → plaintiff2"),
        ("judge", "我方证据二", ""),
        (
            "plaintiff",
            "被告应依照民法典第577条、第五百七十九条对证据二承担责任",
            "民法典第577条 → 民法典:577; 第五百七十九条 → 民法典:579; 证据二 → plaintiff2",
        ),
        // Nobody takes a view on their own evidence.
        ("defendant", "对证据一的真实性有异议", "证据一 → plaintiff1"),
        ("plaintiff", "证据二不予认可", "证据二 → defendant2"),
    ] {
        let line = room.says(who, said);
        assert_eq!(room.leads(line), leads, "{who}: {said}");
    }
}

#[test]
fn where_the_words_leave_it_open_what_is_on_the_screens_decides() {
    let mut room = Room::open();
    room.shows("plaintiff2");
    let line = room.says("defendant", "请法庭看证据一");
    assert_eq!(room.leads(line), "证据一 → plaintiff1");
    room.act("judge", Command::Hide);
    let line = room.says("defendant", "请法庭看证据一");
    assert_eq!(room.leads(line), "证据一 → defendant1");
    assert_eq!(room.leads(LineId(1)), "证据一 → plaintiff1", "as it was when it was said");
}

#[test]
fn a_line_leads_where_it_reads_now_and_what_is_filed_later_or_sits_elsewhere_changes_the_lines_it_concerns() {
    let mut room = Room::open();
    let line = room.says("judge", "证据三有没有原件");
    let other = room.says("judge", "证据二有没有原件");
    assert_eq!(room.leads(line), "证据三 → plaintiff3");
    let filed = room.files(Side::Defendant, 3);
    let changed: Vec<_> = filed.iter().flat_map(|e| room.state.mentions_changed(e)).map(|l| l.id).collect();
    assert_eq!(changed, [line], "not {other}");
    assert_eq!(room.leads(line), "", "there are two now");
    let text = "被告证据三有没有原件".to_owned();
    room.act("clerk", Command::CorrectLine { line, base: 0, text });
    assert_eq!(room.leads(line), "被告证据三 → defendant3");

    let own = room.says("plaintiff", "证据一");
    let set = room.act("clerk", Command::SetSeat { seat: seat("plaintiff", Role::DefendantAgent) });
    let changed: Vec<_> = set.iter().flat_map(|e| room.state.mentions_changed(e)).map(|l| l.id).collect();
    assert_eq!(changed, [own]);
    assert_eq!(room.leads(own), "证据一 → defendant1");
}

#[test]
fn a_document_means_the_evidence_of_its_own_side_and_never_itself() {
    let room = Room::open();
    let leads = |side, doc: &str, text: &str| {
        let doc = DocId::new(doc).expect("well formed");
        let named = room.state.mentions_in(text, side, &doc).into_iter().map(|m| match m.names {
            Named::Evidence { item, page } => {
                let doc = room.state.evidence[&item].draft.doc.clone().expect("filed");
                page.map_or_else(|| doc.to_string(), |p| format!("{doc}/{p}"))
            }
            Named::Article { law, number, .. } => format!("{law}:{number}"),
        });
        named.collect::<Vec<_>>().join("; ")
    };
    for (side, doc, text, names) in [
        (Side::Plaintiff, "complaint", "借款已交付（见证据一第2页）", "plaintiff1/2"),
        (Side::Defendant, "answer", "已归还（见证据一），原告证据二不实", "defendant1; plaintiff2"),
        (Side::Defendant, "answer", "见证据三", "plaintiff3"),
        (Side::Bench, "minutes", "见证据一", ""),
        (Side::Bench, "minutes", "见证据三，依据《民法典》第六百七十五条", "plaintiff3; 民法典:675"),
        (Side::Plaintiff, "plaintiff1", "证据一：借款合同", ""),
        // In a record each speaker means what they would in a hearing.
        (Side::Bench, "minutes", "原代：证据一，借款合同。证据二，凭证。", "plaintiff1; plaintiff2"),
        (
            Side::Bench,
            "minutes",
            "审：请原告举证。原代：证据一，合同。审：证据一有没有原件？",
            "plaintiff1; plaintiff1",
        ),
        (Side::Bench, "minutes", "审：证据一有没有原件？\n被代：证据一是原件。", "defendant1"),
        (Side::Bench, "minutes", "被代：请求调减。对证据二没有异议。\n以上证据一属实", "plaintiff2"),
        (Side::Bench, "minutes", "原告（反诉被告）：对证据一不予认可", "defendant1"),
        (Side::Bench, "minutes", "（原告出示证据一、证据二原件）", "plaintiff1; plaintiff2"),
        (Side::Bench, "minutes", "时间：2026年4月16日。见证据一", ""),
    ] {
        assert_eq!(leads(side, doc, text), names, "{text}");
    }
}
