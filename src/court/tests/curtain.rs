//! 不公开, as sentences: who lowers and lifts the curtain, and what then counts as behind it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Command, CurtainGround, Denial, Event, HearingInfo, Input, IssueAct, Outline, Process, Recognised,
    Report, Shape, Stage, Stamped, State, ViewDraft,
};
use model::{
    CaseId, CmdId, DocId, HearingId, HearingTime, IssueId, LineId, PageRef, Point, Role, Rotation, Seat,
    SeatId, UtcMs,
};

struct Room {
    state: State,
    now: u64,
    commands: u32,
    journal: Vec<String>,
}

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

impl Room {
    /// A hearing in session.
    fn new() -> Self {
        let mut room = Self { state: State::default(), now: 0, commands: 0, journal: Vec::new() };
        let roles = [
            ("judge", Role::PresidingJudge),
            ("judge-2", Role::Judge),
            ("clerk", Role::Clerk),
            ("plaintiff", Role::PlaintiffAgent),
            ("public", Role::Public),
        ];
        let seat = |(s, role): (&str, Role)| Seat {
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
        let info = HearingInfo {
            hearing: HearingId::new("h1").expect("well formed"),
            case: CaseId::new("c1").expect("well formed"),
            court: "松江市清源区人民法院".to_owned(),
            number: "（2026）清0102民初318号".to_owned(),
            cause: "侵害商业秘密纠纷".to_owned(),
            room: "第三法庭".to_owned(),
            session: 1,
            public: true,
            origin: UtcMs(0),
        };
        let seats = roles.into_iter().map(seat).collect();
        room.fact(Report::Opened { info, outline: Outline::civil_ordinary(), seats });
        room.must("judge", Command::OpenSession);
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

    fn fact(&mut self, report: Report) {
        self.run(Input::Report { process: Process::Hub, report }).expect("facts are never refused");
    }

    fn run(&mut self, input: Input) -> Result<Vec<Event>, Denial> {
        self.now += 1000;
        let events = court::decide(&self.state, HearingTime(self.now), &input)?;
        for event in &events {
            let (actor, cmd) = match &input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            let stamped = Stamped { at: HearingTime(self.now), actor, cmd, event: event.clone() };
            self.journal.push(serde_json::to_string(&stamped).expect("events encode"));
            self.state.apply(&stamped);
        }
        Ok(events)
    }

    fn lower(&mut self) {
        self.must("judge", Command::LowerCurtain { ground: CurtainGround::TradeSecret });
    }

    /// What the recogniser made of speech from then until then.
    fn hears(&mut self, from: u64, to: u64) -> LineId {
        let (from, to, text) = (HearingTime(from), HearingTime(to), "话".to_owned());
        let (utterance, seat) = (from.0, id("plaintiff"));
        let raw = text.clone();
        self.fact(Report::Recognised(Recognised {
            utterance,
            seat,
            from,
            to,
            text,
            raw,
            pieces: Vec::new(),
            repairs: Vec::new(),
        }));
        self.last_line()
    }

    fn last_line(&self) -> LineId {
        *self.state.lines.keys().next_back().expect("a line")
    }

    fn behind(&self, line: LineId) -> bool {
        self.state.is_behind_curtain(&self.state.lines[&line])
    }

    fn says(&self, line: LineId) -> &str {
        self.state.lines[&line].text()
    }
}

fn insert(from: u64, text: &str) -> Command {
    Command::InsertLine { seat: id("judge"), from: HearingTime(from), text: text.to_owned() }
}

fn page() -> PageRef {
    PageRef { doc: DocId::new("d1").expect("well formed"), page: 1 }
}

fn show() -> Command {
    let page_hash = "0a".repeat(32);
    let view = ViewDraft {
        page: page(),
        page_hash,
        rotation: Rotation::None,
        viewport: None,
        highlights: vec![],
        beside: None,
    };
    Command::Show { view }
}

fn issue(text: &str) -> Command {
    Command::ChangeIssues { act: IssueAct::Add { text: text.to_owned() } }
}

#[test]
fn only_the_presiding_judge_lowers_and_lifts_the_curtain_and_both_stand_in_ledger_and_record() {
    let mut room = Room::new();
    let ground = CurtainGround::Privacy;
    for seat in ["judge-2", "clerk", "plaintiff", "public"] {
        let denied = room.act(seat, Command::LowerCurtain { ground });
        assert_eq!(denied, Err(Denial::NotYours { whose: Role::PresidingJudge }), "{seat}");
    }
    assert_eq!(room.act("judge", Command::LiftCurtain), Ok(Vec::new()), "it is not down");
    room.must("judge", Command::LowerCurtain { ground });
    assert_eq!(room.act("judge", Command::LowerCurtain { ground }), Ok(Vec::new()), "down already");
    let other = room.act("judge", Command::LowerCurtain { ground: CurtainGround::Minor });
    assert_eq!(other, Err(Denial::CurtainDown));
    let denied = room.act("clerk", Command::LiftCurtain);
    assert_eq!(denied, Err(Denial::NotYours { whose: Role::PresidingJudge }));
    room.must("judge", Command::LiftCurtain);

    let [curtain] = &room.state.curtains[..] else { panic!("one entry") };
    assert_eq!(
        (curtain.ground, &curtain.by, &curtain.lifted_by),
        (ground, &Some(id("judge")), &Some(id("judge")))
    );
    assert!(curtain.to.is_some_and(|to| to > curtain.from));
    assert_eq!(room.says(curtain.line), "以下不公开进行。");
    let lifted = curtain.lifted_line.expect("lifted");
    assert_eq!(room.says(lifted), "恢复公开进行。");
    assert!(!room.behind(curtain.line) && !room.behind(lifted), "both are for everybody to read");
    assert!(!room.says(curtain.line).contains("隐私"), "the line does not say why");
}

#[test]
fn what_is_said_or_typed_behind_the_curtain_stays_behind_it() {
    let mut room = Room::new();
    let before = room.hears(500, 900);
    room.lower();
    let down = room.state.curtains[0].from.0;
    let across = room.hears(down - 300, down + 300);
    let within = room.hears(down + 400, down + 600);
    let late = room.hears(down - 800, down - 100);
    room.must("clerk", insert(600, "幕后补记"));
    let typed = room.last_line();
    room.must("judge", Command::LiftCurtain);
    let up = room.state.curtains[0].to.expect("lifted").0;
    let settled_later = room.hears(up - 200, up + 400);
    let after = room.hears(up + 500, up + 900);
    room.must("clerk", insert(down + 100, "后来补记的幕后的话"));
    let back_dated = room.last_line();
    room.must("clerk", insert(up + 950, "公开的话"));
    let open = room.last_line();
    for (line, behind, what) in [
        (before, false, "before it"),
        (late, false, "said before it, recognised behind it"),
        (across, true, "begun before it"),
        (within, true, "behind it"),
        (typed, true, "typed behind it"),
        (settled_later, true, "begun behind it"),
        (back_dated, true, "put behind it later"),
        (after, false, "after it"),
        (open, false, "typed after it"),
    ] {
        assert_eq!(room.behind(line), behind, "{what}");
    }
    // A correction of public words is no secret; one of secret words makes them no less so.
    for line in [before, within] {
        room.must("clerk", Command::CorrectLine { line, base: 0, text: "改".to_owned() });
    }
    assert!(!room.behind(before) && room.behind(within));
}

/// [R-CLASS-3]
#[test]
fn what_was_given_behind_it_and_arrives_after_it_was_lifted_is_not_done_for_everybody() {
    let mut room = Room::new();
    let shape = Shape::Note { at: Point { x: 1, y: 1 }, text: "注".to_owned() };
    let late = [show(), Command::MakeMark { page: page(), shape }, issue("幕后焦点")];
    let give = |room: &mut Room, cmd: &str, command: &Command| {
        let cmd = CmdId::new(cmd).expect("well formed");
        room.run(Input::Command { seat: id("judge"), cmd, command: command.clone(), inside: true })
    };
    room.lower();
    assert!(give(&mut room, "in-time", &late[0]).is_ok_and(|events| !events.is_empty()));
    room.must("judge", Command::LiftCurtain);
    for (n, command) in late.iter().enumerate() {
        assert_eq!(give(&mut room, &format!("late-{n}"), command), Err(Denial::CurtainLifted), "{command:?}");
    }
    assert!(room.state.marks.is_empty());
    assert!(room.state.screens.view.as_ref().is_some_and(|v| v.closed));
    // What was done in time is answered so, whenever it is said again; and what is public either way is done.
    assert_eq!(give(&mut room, "in-time", &late[0]), Ok(Vec::new()));
    assert!(give(&mut room, "lock", &Command::Lock).is_ok_and(|events| !events.is_empty()));
}

#[test]
fn pages_marks_and_issues_made_behind_it_are_marked_for_ever_and_a_page_is_shown_anew_to_be_public() {
    let mut room = Room::new();
    room.must("judge", issue("公开焦点"));
    room.lower();
    room.must("judge", show());
    let shape = || Shape::Note { at: Point { x: 1, y: 1 }, text: "注".to_owned() };
    room.must("judge", Command::MakeMark { page: page(), shape: shape() });
    room.must("judge", issue("幕后焦点"));
    room.must("judge", Command::LiftCurtain);
    assert!(room.state.screens.view.as_ref().is_some_and(|v| v.closed));
    assert!(room.state.marks.values().all(|m| m.closed));
    room.must("judge", show());
    assert!(room.state.screens.view.as_ref().is_some_and(|v| !v.closed), "the same page, now for everybody");
    assert_eq!(room.act("judge", show()), Ok(Vec::new()));
    room.must("judge", Command::MakeMark { page: page(), shape: shape() });
    assert_eq!(room.state.marks.values().map(|m| m.closed).collect::<Vec<_>>(), [true, false]);

    room.must("judge", Command::ChangeIssues { act: IssueAct::Settle });
    let said = room.says(room.last_line()).to_owned();
    assert!(said.contains("公开焦点") && said.contains("2.（不公开）") && !said.contains("幕后"), "{said}");
    // Said in public in the same words, it is public.
    let text = "幕后焦点".to_owned();
    room.must("judge", Command::ChangeIssues { act: IssueAct::Reword { issue: IssueId(2), text } });
    assert!(room.state.issues.issues.iter().all(|i| !i.closed));
}

#[test]
fn who_is_brought_in_behind_the_curtain_is_not_named_outside_and_the_gallery_acts_not_at_all() {
    let mut room = Room::new();
    room.lower();
    let child = Seat {
        id: id("child"),
        role: Role::ThirdParty,
        name: "小明".to_owned(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    room.must("clerk", Command::SetSeat { seat: child });
    room.must("clerk", Command::CheckAttendance { seat: id("plaintiff"), present: false });
    assert!(room.state.seats.contains_key(&id("child")));
    assert!(room.state.seats_outside[&id("plaintiff")].present, "not told while it is down");
    room.must("judge", Command::SetPresenter { presenter: Some(id("public")) });
    assert!(room.act("public", show()).is_err());
    room.must("judge", Command::LiftCurtain);
    assert!(!room.state.seats_outside.contains_key(&id("child")));
    assert!(!room.state.seats_outside[&id("plaintiff")].present, "who is there can be seen now");
}

#[test]
fn closing_lifts_it_a_recess_does_not_and_replay_gives_the_same() {
    let mut room = Room::new();
    room.lower();
    let note = String::new();
    room.must("judge", Command::CallRecess { ground: court::Ground::Mediation, note });
    room.must("judge", Command::Resume);
    assert!(room.state.curtain().is_some());
    room.must("judge", show());
    room.must("judge", Command::CloseSession);
    assert_eq!(room.state.stage, Stage::Closed);
    assert!(room.state.curtain().is_none() && room.state.curtains[0].to == room.state.closed);
    let again = room.act("judge", Command::LowerCurtain { ground: CurtainGround::Minor });
    assert_eq!(again, Err(Denial::WrongStage { stage: Stage::Closed }));
    let mut replayed = State::default();
    for line in &room.journal {
        replayed.apply(&serde_json::from_str(line).expect("the journal is readable"));
    }
    assert_eq!(replayed, room.state);
}
