//! 合议, 法官会议, 审委会: who speaks when, who votes on what, and what decides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::collections::BTreeSet;

use court::{
    Actor, Command, ConveneFault, Convening, Denial, Event, Guest, HearingInfo, Input, Matter, Meeting,
    MeetingAct, MeetingKind, Member, Outcome, Outline, Part, Process, Question, QuestionId, Report, Stage,
    Stamped, State, TurnOf, Unsettled, Vote, convene, decide, may_vote, order, outcome, quorum,
};
use model::{CaseId, CmdId, HearingId, HearingTime, Role, Seat, SeatId, UtcMs};

fn id(s: &str) -> SeatId {
    SeatId::new(s).unwrap()
}

/// `chair`, `judge*`, `lay*`, `reports`, `notes`; with `!`: in charge of the case.
fn members(names: &str) -> Vec<Member> {
    let member = |name: &str| {
        let (seat, in_charge) = name.strip_suffix('!').map_or((name, false), |n| (n, true));
        let part = match seat {
            "chair" => Part::Presiding,
            "reports" => Part::Reporter,
            "notes" => Part::Recorder,
            s if s.starts_with("lay") => Part::Assessor,
            _ => Part::Judge,
        };
        Member { seat: id(seat), part, in_charge }
    };
    names.split(' ').map(member).collect()
}

fn spoken(names: &str) -> String {
    let turn = |t: court::Turn| {
        let of = match t.of {
            TurnOf::Report => "reports",
            TurnOf::Law => "law",
            TurnOf::Opinion => "opinion",
            TurnOf::Conclusion => "concludes",
        };
        format!("{}:{of}", t.seat)
    };
    order(&members(names)).into_iter().map(turn).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_judge_in_charge_speaks_first_and_the_presiding_judge_last() {
    assert_eq!(spoken("chair judge1 judge2! notes"), "judge2:opinion judge1:opinion chair:concludes");
}

#[test]
fn a_presiding_judge_in_charge_speaks_last() {
    assert_eq!(spoken("chair! judge1 judge2"), "judge1:opinion judge2:opinion chair:concludes");
}

#[test]
fn with_lay_assessors_the_law_is_introduced_first_and_assessors_speak_before_judges() {
    let heard = spoken("chair judge1! lay1 lay2");
    assert_eq!(heard, "judge1:law lay1:opinion lay2:opinion judge1:opinion chair:concludes");
    assert_eq!(spoken("chair! lay1 judge1"), "chair:law lay1:opinion judge1:opinion chair:concludes");
}

#[test]
fn a_body_that_is_not_the_panel_hears_the_report_first() {
    let heard = spoken("chair judge1 judge2 reports! notes");
    assert_eq!(heard, "reports:reports judge1:opinion judge2:opinion chair:concludes");
}

fn votes_on(kind: MeetingKind, names: &str, matter: Matter) -> String {
    let all = members(names);
    let voters = all.iter().filter(|m| may_vote(kind, &all, m, matter));
    voters.map(|m| m.seat.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn lay_assessors_of_seven_vote_on_facts_alone_and_of_three_on_everything() {
    let seven = "chair judge1! judge2 lay1 lay2 lay3 lay4 notes";
    assert_eq!(votes_on(MeetingKind::Panel, seven, Matter::Facts), "chair judge1 judge2 lay1 lay2 lay3 lay4");
    assert_eq!(votes_on(MeetingKind::Panel, seven, Matter::Law), "chair judge1 judge2");
    assert_eq!(votes_on(MeetingKind::Panel, "chair lay1 lay2", Matter::Law), "chair lay1 lay2");
}

#[test]
fn a_judges_meeting_votes_on_nothing_and_a_reporter_never_votes() {
    assert_eq!(votes_on(MeetingKind::Judges, "chair judge1 reports!", Matter::Law), "");
    assert_eq!(votes_on(MeetingKind::Committee, "chair judge1 reports! notes", Matter::Law), "chair judge1");
}

#[test]
fn the_whole_panel_must_be_there_and_more_than_half_of_a_committee() {
    let there = |names: &[&str]| names.iter().map(|s| id(s)).collect::<BTreeSet<_>>();
    let panel = members("chair judge1 lay1 notes");
    assert!(quorum(MeetingKind::Panel, &panel, &there(&["chair", "judge1", "notes"])).is_err());
    assert!(quorum(MeetingKind::Panel, &panel, &there(&["chair", "judge1", "lay1"])).is_ok());
    let committee = members("chair judge1 judge2 judge3 reports!");
    let short = quorum(MeetingKind::Committee, &committee, &there(&["chair", "judge1", "reports"]));
    let short = short.expect_err("two of four are not more than half");
    assert_eq!((short.present, short.needed), (2, 3));
    assert!(quorum(MeetingKind::Committee, &committee, &there(&["chair", "judge1", "judge2"])).is_ok());
}

fn question(votes: &[(&str, Option<u32>, &str)]) -> Question {
    let vote = |(seat, choice, grounds): &(&str, Option<u32>, &str)| Vote {
        seat: id(seat),
        choice: *choice,
        grounds: (*grounds).to_owned(),
        at: HearingTime(1),
    };
    Question {
        id: QuestionId(1),
        text: "违约金是否调整".to_owned(),
        matter: Matter::Law,
        options: vec!["调整".to_owned(), "不调整".to_owned(), "部分调整".to_owned()],
        votes: votes.iter().map(vote).collect(),
        outcome: None,
    }
}

#[test]
fn a_majority_decides_once_all_have_voted_and_the_minority_has_given_its_grounds() {
    let panel = members("chair judge1! judge2");
    let all = panel.iter().map(|m| m.seat.clone()).collect();
    let of = |votes| outcome(MeetingKind::Panel, &panel, &all, &question(votes));
    let two = [("chair", Some(0), "过高"), ("judge1", Some(0), "")];
    assert_eq!(of(&two), Err(Unsettled::VotesMissing(vec![id("judge2")])));
    let silent = [two[0], two[1], ("judge2", Some(1), "")];
    assert_eq!(of(&silent), Err(Unsettled::GroundsMissing(vec![id("judge2")])));
    let dissents = [two[0], two[1], ("judge2", Some(1), "约定有效")];
    assert_eq!(of(&dissents), Ok(Outcome::Carried { choice: 0 }));
    let split = [("chair", Some(0), "一"), ("judge1", Some(1), "二"), ("judge2", Some(2), "三")];
    assert_eq!(of(&split), Ok(Outcome::Undecided));
}

#[test]
fn a_committee_counts_all_its_members_whether_they_are_there_or_not() {
    let committee = members("chair judge1 judge2 judge3 judge4");
    let there = ["chair", "judge1", "judge2"].iter().map(|s| id(s)).collect();
    let of = |votes| outcome(MeetingKind::Committee, &committee, &there, &question(votes));
    let two_of_five = [("chair", Some(0), "甲"), ("judge1", Some(0), "乙"), ("judge2", None, "丙")];
    assert_eq!(of(&two_of_five), Ok(Outcome::Undecided));
    let three_of_five = [two_of_five[0], two_of_five[1], ("judge2", Some(0), "")];
    assert_eq!(of(&three_of_five), Ok(Outcome::Carried { choice: 0 }));
}

struct Room {
    state: State,
    now: u64,
}

impl Room {
    fn convene(kind: MeetingKind, names: &str) -> Self {
        let members = members(names);
        let seat = |m: &Member| Seat {
            id: m.seat.clone(),
            role: match m.part {
                Part::Presiding => Role::PresidingJudge,
                Part::Judge | Part::Reporter => Role::Judge,
                Part::Assessor => Role::Assessor,
                Part::Recorder => Role::Clerk,
            },
            name: m.seat.to_string(),
            authority: String::new(),
            microphone: true,
            shared: false,
            present: false,
            in_charge: m.in_charge,
            acts_for: Vec::new(),
        };
        let seats = members.iter().map(seat).collect();
        let order = order(&members);
        let (turn, questions, submitted) = (None, Vec::new(), None);
        let meeting = Meeting { kind, members, order, turn, questions, submitted };
        let info = HearingInfo {
            hearing: HearingId::new("m1").unwrap(),
            case: CaseId::new("c1").unwrap(),
            court: "法院".to_owned(),
            number: "案号".to_owned(),
            cause: "案由".to_owned(),
            room: "合议室".to_owned(),
            session: 1,
            public: false,
            origin: UtcMs(0),
        };
        let outline = Outline::shipped().swap_remove(0);
        let report = Report::Convened { info, outline, seats, meeting: Box::new(meeting) };
        let mut room = Self { state: State::default(), now: 1 };
        let input = Input::Report { process: Process::Hub, report };
        let actor = Actor::Machine { process: Process::Hub };
        for event in decide(&room.state, HearingTime(1), &input).unwrap() {
            room.state.apply(&Stamped { at: HearingTime(1), actor: actor.clone(), cmd: None, event });
        }
        room
    }

    fn act(&mut self, seat: &str, command: Command) -> Result<Vec<Event>, Denial> {
        self.now += 1;
        let (at, cmd) = (HearingTime(self.now), CmdId::new(format!("c{}", self.now)).unwrap());
        let input = Input::Command { seat: id(seat), cmd: cmd.clone(), command, inside: false };
        let events = decide(&self.state, at, &input)?;
        for event in &events {
            let actor = Actor::Seat { seat: id(seat) };
            // As the journal would give it back.
            let event = serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap();
            self.state.apply(&Stamped { at, actor, cmd: Some(cmd.clone()), event });
        }
        Ok(events)
    }

    fn meet(&mut self, seat: &str, act: MeetingAct) -> Result<Vec<Event>, Denial> {
        self.act(seat, Command::Meet { act })
    }

    fn all_arrive(&mut self) {
        for seat in self.state.seats.keys().cloned().collect::<Vec<_>>() {
            self.meet(seat.as_str(), MeetingAct::Arrive).unwrap();
        }
        self.act("chair", Command::OpenSession).unwrap();
    }

    fn meeting(&self) -> &Meeting {
        self.state.meeting.as_ref().unwrap()
    }
}

fn put(matter: Matter) -> MeetingAct {
    let options = ["支持", "驳回", "发回"].map(str::to_owned).to_vec();
    MeetingAct::Put { text: "是否支持诉讼请求".to_owned(), matter, options }
}

fn vote(choice: u32, grounds: &str) -> MeetingAct {
    MeetingAct::Vote { question: QuestionId(1), choice: Some(choice), grounds: grounds.to_owned() }
}

const SETTLE: MeetingAct = MeetingAct::Settle { question: QuestionId(1) };

#[test]
fn a_panel_comes_to_its_decision() {
    let mut room = Room::convene(MeetingKind::Panel, "chair judge1! judge2 notes");
    room.act("chair", Command::OpenSession).unwrap();
    let few = room.meet("chair", put(Matter::Law)).expect_err("nobody is there yet");
    assert_eq!(few, Denial::TooFew { present: 0, needed: 3 });
    for seat in ["chair", "judge1", "judge2", "notes"] {
        room.meet(seat, MeetingAct::Arrive).unwrap();
    }
    assert!(matches!(room.meet("judge1", put(Matter::Law)), Err(Denial::NotYours { .. })));
    room.meet("notes", MeetingAct::GiveTurn { turn: 1 }).unwrap();
    assert_eq!(room.meeting().turn, Some(1));
    assert!(room.meet("chair", MeetingAct::GiveTurn { turn: 4 }).is_err());
    room.meet("chair", put(Matter::Law)).unwrap();
    assert_eq!(room.meet("notes", vote(0, "不归我")), Err(Denial::NoVote));
    assert_eq!(room.meet("judge1", vote(0, " ")), Err(Denial::GroundsMissing { missing: 1 }));
    let (from, text) = (HearingTime(2), "借款事实清楚，应予支持。".to_owned());
    room.act("judge1", Command::InsertLine { seat: id("judge1"), from, text: text.clone() }).unwrap();
    let others = Command::InsertLine { seat: id("chair"), from, text };
    assert!(room.act("judge1", others).is_err(), "only in one's own name");
    room.meet("judge1", vote(0, "")).unwrap();
    room.meet("judge2", vote(1, "证据不足")).unwrap();
    assert_eq!(room.meet("chair", SETTLE), Err(Denial::VotesMissing { missing: 1 }));
    room.meet("chair", vote(1, "同上")).unwrap();
    room.meet("chair", vote(0, "借条真实")).unwrap();
    let voted = room.state.record_digest();
    room.meet("chair", SETTLE).unwrap();
    assert_ne!(room.state.record_digest(), voted, "what is signed holds votes and conclusion");
    let settled = &room.meeting().questions[0];
    assert_eq!(settled.outcome, Some(Outcome::Carried { choice: 0 }));
    assert_eq!(settled.minority().map(|v| v.grounds.as_str()).collect::<Vec<_>>(), ["证据不足"]);
    assert_eq!(room.meet("judge2", vote(0, "改")), Err(Denial::QuestionNotOpen { question: 1 }));
    let submit = MeetingAct::Submit { grounds: "疑难".to_owned() };
    assert_eq!(room.meet("chair", submit), Err(Denial::NothingUndecided));
    room.act("chair", Command::CloseSession).unwrap();
    assert_eq!(room.state.stage, Stage::Closed);
    assert_eq!(room.state.signers().count(), 4, "every member signs the minutes");
}

#[test]
fn without_a_majority_the_presiding_judge_submits_to_the_committee() {
    let mut room = Room::convene(MeetingKind::Panel, "chair judge1! judge2");
    room.all_arrive();
    room.meet("chair", put(Matter::Law)).unwrap();
    for (n, seat) in ["chair", "judge1", "judge2"].into_iter().enumerate() {
        room.meet(seat, vote(n as u32, "各有理由")).unwrap();
    }
    room.meet("chair", SETTLE).unwrap();
    assert_eq!(room.meeting().questions[0].outcome, Some(Outcome::Undecided));
    let submit = MeetingAct::Submit { grounds: "未形成多数意见".to_owned() };
    assert!(matches!(room.meet("judge1", submit.clone()), Err(Denial::NotYours { .. })));
    room.meet("chair", submit).unwrap();
    assert_eq!(room.meeting().submitted.as_deref(), Some("未形成多数意见"));
}

#[test]
fn a_judges_meeting_puts_nothing_to_the_vote_and_members_are_fixed() {
    let mut room = Room::convene(MeetingKind::Judges, "chair judge1 reports! notes");
    room.all_arrive();
    assert_eq!(room.meet("chair", put(Matter::Law)), Err(Denial::NoVote));
    let guest = Seat { id: id("guest"), ..room.state.seats[&id("judge1")].clone() };
    assert_eq!(room.act("chair", Command::SetSeat { seat: guest }), Err(Denial::MembersAreFixed));
}

#[test]
fn only_a_committee_knows_abstention() {
    let abstain =
        || MeetingAct::Vote { question: QuestionId(1), choice: None, grounds: "未参加".to_owned() };
    for (kind, may) in [(MeetingKind::Panel, false), (MeetingKind::Committee, true)] {
        let mut room = Room::convene(kind, "chair judge1 judge2");
        room.all_arrive();
        room.meet("chair", put(Matter::Facts)).unwrap();
        assert_eq!(room.meet("judge1", abstain()).is_ok(), may, "{kind:?}");
    }
}

#[test]
fn a_hearing_is_no_meeting() {
    let mut room = Room::convene(MeetingKind::Panel, "chair judge1 judge2");
    room.state.meeting = None;
    assert!(matches!(room.meet("chair", MeetingAct::Arrive), Err(Denial::Malformed { .. })));
}

/// One judge in charge of a case: who is named later takes it over. Words of older versions count.
#[test]
fn the_panel_has_one_judge_in_charge() {
    let mut room = Room::convene(MeetingKind::Panel, "chair judge1! judge2");
    room.state.meeting = None;
    let seat = |room: &Room, s: &str| room.state.seats[&id(s)].clone();
    let charged = Seat { in_charge: true, ..seat(&room, "judge2") };
    room.act("chair", Command::SetSeat { seat: charged }).unwrap();
    assert!(seat(&room, "judge2").is_in_charge() && !seat(&room, "judge1").is_in_charge());
    let in_words = Seat { authority: "承办法官".to_owned(), ..seat(&room, "chair") };
    assert!(in_words.is_in_charge());
    room.act("chair", Command::SetSeat { seat: in_words }).unwrap();
    assert!(seat(&room, "chair").in_charge && !seat(&room, "judge2").is_in_charge());
    let old: Seat = serde_json::from_str(
        r#"{"id":"j","role":"judge","name":"吴清","authority":"承办法官","microphone":true,"present":true}"#,
    )
    .expect("a seat of an older journal");
    assert!(old.is_in_charge());
    let clerk = Seat { role: Role::Clerk, in_charge: true, ..old };
    assert!(!clerk.is_in_charge(), "a clerk is never in charge");
}

fn roster(seats: &[(&str, Role, bool)]) -> Vec<Seat> {
    let seat = |(s, role, in_charge): &(&str, Role, bool)| Seat {
        id: id(s),
        role: *role,
        name: s.to_uppercase(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: *in_charge,
        acts_for: Vec::new(),
    };
    seats.iter().map(seat).collect()
}

fn convening(kind: MeetingKind) -> Convening {
    Convening { kind, recorder: None, seats: Vec::new(), guests: Vec::new() }
}

fn guest(name: &str, chairs: bool) -> Guest {
    Guest { name: name.to_owned(), chairs }
}

#[test]
fn a_panel_meets_as_a_whole_and_alone() {
    use Role as R;
    let three = [
        ("judge", R::PresidingJudge, false),
        ("second", R::Judge, true),
        ("lay", R::Assessor, false),
        ("clerk", R::Clerk, false),
        ("plaintiff", R::Plaintiff, false),
    ];
    let asked = Convening { recorder: Some(id("clerk")), ..convening(MeetingKind::Panel) };
    let (meeting, seats) = convene(&roster(&three), &asked).expect("a panel");
    assert_eq!(seats.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["judge", "second", "lay", "clerk"]);
    assert!(seats.iter().all(|s| !s.present), "who is there is seen in the meeting");
    assert_eq!(meeting.order.len(), 4, "law, assessor, judge, presiding judge");
    let party = Convening { recorder: Some(id("plaintiff")), ..convening(MeetingKind::Panel) };
    assert_eq!(convene(&roster(&three), &party), Err(ConveneFault::Seat(id("plaintiff"))));
    let open = Convening { guests: vec![guest("客", false)], ..convening(MeetingKind::Panel) };
    assert_eq!(convene(&roster(&three), &open), Err(ConveneFault::NoGuests));
    assert_eq!(convene(&roster(&three[1..]), &convening(MeetingKind::Panel)), Err(ConveneFault::NoPanel(2)));
    let mut nobody = three;
    nobody[1].2 = false;
    let refused = convene(&roster(&nobody), &convening(MeetingKind::Panel));
    assert_eq!(refused, Err(ConveneFault::NobodyInCharge));
}

#[test]
fn a_committee_is_a_body_of_its_own_and_hears_the_judge_in_charge() {
    use Role as R;
    let bench = roster(&[
        ("judge", R::PresidingJudge, false),
        ("guest-1", R::Judge, true),
        ("clerk", R::Clerk, false),
    ]);
    let guests = vec![guest("甲", false), guest("乙", false), guest("院长", true)];
    let asked = Convening { guests, seats: vec![id("judge")], ..convening(MeetingKind::Committee) };
    let (meeting, seats) = convene(&bench, &asked).expect("a committee");
    let parts: Vec<_> = meeting.members.iter().map(|m| m.part).collect();
    use Part as P;
    assert_eq!(parts, [P::Reporter, P::Reporter, P::Judge, P::Judge, P::Presiding]);
    let distinct: BTreeSet<_> = seats.iter().map(|s| s.id.clone()).collect();
    assert_eq!(distinct.len(), seats.len(), "no guest has the id of a seat: {distinct:?}");
    let headless = Convening { guests: vec![guest("甲", false); 1], ..convening(MeetingKind::Committee) };
    assert_eq!(convene(&bench, &headless), Err(ConveneFault::Chair(0)));
    let twice = Convening { guests: vec![guest("甲", false), guest("甲", true)], ..asked.clone() };
    assert_eq!(convene(&bench, &twice), Err(ConveneFault::Names));
    let few = Convening { guests: vec![guest("甲", true)], ..asked };
    assert_eq!(convene(&bench, &few), Err(ConveneFault::TooFew(3)));
    let judges = Convening {
        guests: vec![guest("丙", false)],
        seats: vec![id("judge")],
        ..convening(MeetingKind::Judges)
    };
    let (meeting, _) = convene(&bench, &judges).expect("the presiding judge chairs where nobody else does");
    assert_eq!(meeting.member(&id("judge")).map(|m| m.part), Some(Part::Presiding));
}
