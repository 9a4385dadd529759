//! The clerk's work on lines, as sentences: split, joined, accepted; and what of them is worth a second listening.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Command, CurtainGround, Denial, Doubt, DoubtKind, Event, HearingInfo, Input, Outline, Piece,
    Process, Recognised, Repair, Report, RevisionBasis, Stamped, State,
};
use model::{CaseId, CmdId, HearingId, HearingTime, LineId, Role, Seat, SeatId, UtcMs};
use proptest::prelude::*;

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

struct Room {
    state: State,
    now: u64,
    commands: u32,
}

impl Room {
    fn new() -> Self {
        let mut room = Self { state: State::default(), now: 0, commands: 0 };
        let roles = [
            ("judge", Role::PresidingJudge, "周明"),
            ("clerk", Role::Clerk, "李芳"),
            ("plaintiff", Role::PlaintiffAgent, "欧阳文清"),
            ("public", Role::Public, ""),
        ];
        let seat = |(s, role, name): (&str, Role, &str)| Seat {
            id: id(s),
            role,
            name: name.to_owned(),
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
            court: String::new(),
            number: String::new(),
            cause: String::new(),
            room: String::new(),
            session: 1,
            public: true,
            origin: UtcMs(0),
        };
        let seats = roles.into_iter().map(seat).collect();
        room.run(Input::Report {
            process: Process::Hub,
            report: Report::Opened { info, outline: Outline::civil_ordinary(), seats },
        })
        .expect("facts are never refused");
        room.must("judge", Command::OpenSession);
        room
    }

    fn act(&mut self, seat: &str, command: Command) -> Result<Vec<Event>, Denial> {
        self.commands += 1;
        let cmd = CmdId::new(format!("c{}", self.commands)).expect("well formed");
        self.run(Input::Command { seat: id(seat), cmd, command, inside: true })
    }

    fn must(&mut self, seat: &str, command: Command) {
        let done = self.act(seat, command.clone());
        assert!(done.as_ref().is_ok_and(|e| !e.is_empty()), "{seat} {command:?}: {done:?}");
    }

    fn run(&mut self, input: Input) -> Result<Vec<Event>, Denial> {
        self.now += 1000;
        let events = court::decide(&self.state, HearingTime(self.now), &input)?;
        for event in &events {
            let (actor, cmd) = match &input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            let event: Event =
                serde_json::from_str(&serde_json::to_string(event).expect("encodes")).expect("decodes");
            self.state.apply(&Stamped { at: HearingTime(self.now), actor, cmd, event });
        }
        Ok(events)
    }

    /// An utterance of two seconds, in pieces with the machine's confidence in each.
    fn hears(&mut self, pieces: &[(&str, u16)]) -> LineId {
        self.hears_as(pieces, None, Vec::new())
    }

    /// The same, written otherwise than it was said.
    fn hears_as(&mut self, pieces: &[(&str, u16)], reads: Option<&str>, repairs: Vec<Repair>) -> LineId {
        let text: String = pieces.iter().map(|(text, _)| *text).collect();
        let recognised = Recognised {
            utterance: self.now,
            seat: id("plaintiff"),
            from: HearingTime(self.now),
            to: HearingTime(self.now + 2000),
            text: reads.map_or_else(|| format!("{text}。"), str::to_owned),
            raw: text,
            pieces: pieces
                .iter()
                .map(|(text, c)| Piece { text: (*text).to_owned(), confidence: *c })
                .collect(),
            repairs,
        };
        self.run(Input::Report { process: Process::Recogniser, report: Report::Recognised(recognised) })
            .expect("facts are never refused");
        // Who speaks next waits for the end.
        self.now += 3000;
        *self.state.lines.keys().next_back().expect("a line")
    }

    fn text(&self, line: LineId) -> &str {
        self.state.lines[&line].text()
    }

    fn base(&self, line: LineId) -> u32 {
        self.state.lines[&line].revision()
    }

    /// What is worth a second listening: the words, and why.
    fn doubts(&self, line: LineId) -> Vec<(String, DoubtKind)> {
        let line = &self.state.lines[&line];
        let cut =
            |d: &Doubt| line.text().chars().skip(d.from as usize).take((d.to - d.from) as usize).collect();
        self.state.doubts(line).iter().map(|d| (cut(d), d.kind)).collect()
    }

    fn split(&mut self, line: LineId, at: u32) -> Result<LineId, Denial> {
        let events = self.act("clerk", Command::SplitLine { line, base: self.base(line), at })?;
        match &events[..] {
            [Event::LineSplit { into, .. }] => Ok(*into),
            other => panic!("{other:?}"),
        }
    }

    fn join(&mut self, line: LineId, with: LineId) -> Result<Vec<Event>, Denial> {
        let (base, with_base) = (self.base(line), self.base(with));
        self.act("clerk", Command::JoinLines { line, base, with, with_base })
    }

    fn correct(&mut self, line: LineId, text: &str) {
        let base = self.base(line);
        self.must("clerk", Command::CorrectLine { line, base, text: text.to_owned() });
    }

    fn accept(&mut self, line: LineId, from: u32, to: u32) {
        let base = self.base(line);
        self.must("clerk", Command::AcceptText { line, base, from, to, back: false });
    }
}

fn found(words: &[(&str, DoubtKind)]) -> Vec<(String, DoubtKind)> {
    words.iter().map(|(word, kind)| ((*word).to_owned(), *kind)).collect()
}

#[test]
fn what_decides_the_case_is_heard_again_and_what_the_machine_was_unsure_of() {
    let mut room = Room::new();
    let line = room.hears(&[
        ("原告欧阳文清于", 930),
        ("二〇二四年三月一日", 990),
        ("支付", 610),
        ("定金", 990),
        ("五十万元", 999),
    ]);
    use DoubtKind::{Admission, Amount, Confusable, Date, Name, Negation, Unsure};
    assert_eq!(
        room.doubts(line),
        found(&[
            ("欧阳文清", Name),
            ("二〇二四年三月一日", Date),
            ("支付", Unsure),
            ("定金", Confusable),
            ("五十万元", Amount)
        ])
    );
    // What a party denies or admits is heard again, however sure the machine was.
    let line =
        room.hears(&[("我方没有收到", 960), ("，不动产", 500), ("未", 870), ("登记，对此没有异议", 999)]);
    assert_eq!(
        room.doubts(line),
        found(&[("没有", Negation), ("不动产", Unsure), ("未", Negation), ("没有异议", Admission)])
    );
    // A machine that loops writes words twice.
    let line = room.hears(&[("有没有没有补充，好好休息", 990)]);
    assert_eq!(room.doubts(line), found(&[("有没有没", Unsure)]));
    // Who asks admits nothing, and a word that sounds like another is believed where the machine is.
    let line = room.hears(&[("对方有无异议？是否认可", 990), ("诉讼权利", 970), ("，权利", 860)]);
    assert_eq!(room.doubts(line), found(&[("权利", Confusable)]));
}

#[test]
fn what_a_person_typed_or_accepted_is_certain_and_stays_so() {
    let mut room = Room::new();
    let line = room.hears(&[("借款五万元", 500), ("，已还两千元", 700)]);
    use DoubtKind::{Amount, Unsure};
    assert_eq!(
        room.doubts(line),
        found(&[("借款", Unsure), ("五万元", Amount), ("已还", Unsure), ("两千元", Amount)])
    );
    room.accept(line, 2, 5);
    assert_eq!(room.doubts(line), found(&[("借款", Unsure), ("已还", Unsure), ("两千元", Amount)]));
    room.correct(line, "原告出借五万元，已还两万元。");
    // 两…元 stayed as the machine heard it, and only a person is certain of 万.
    assert_eq!(room.doubts(line), found(&[("借", Unsure), ("已还", Unsure), ("两万元", Amount)]));
    room.correct(line, "原告出借五万元，归还三万圆整。");
    assert_eq!(room.doubts(line), found(&[("借", Unsure), ("还", Unsure)]));
    let again = room.base(line);
    let nothing = room.act("clerk", Command::AcceptText { line, base: again, from: 0, to: 99, back: false });
    assert!(matches!(nothing, Err(Denial::Malformed { .. })));
    room.accept(line, 0, 14);
    assert!(room.doubts(line).is_empty());
    let events = room.act("clerk", Command::AcceptText { line, base: again, from: 3, to: 5, back: false });
    assert_eq!(events, Ok(Vec::new()), "it is known already");
}

#[test]
fn who_types_beside_a_character_has_looked_at_it() {
    let mut room = Room::new();
    let line = room.hears(&[("请", 990), ("书", 300), ("到庭的", 990), ("诺", 300), ("人", 990)]);
    let unsure = |room: &Room| {
        let doubts = room.state.doubts(&room.state.lines[&line]).into_iter();
        doubts.map(|d| (d.from, d.kind)).collect::<Vec<_>>()
    };
    assert_eq!(unsure(&room), [(1, DoubtKind::Unsure), (5, DoubtKind::Unsure)]);
    let text = "请书记员到庭的诺人。".to_owned();
    room.must("clerk", Command::CorrectLine { line, base: 0, text });
    assert_eq!(unsure(&room), [(7, DoubtKind::Unsure)], "what is not beside it is as doubtful as it was");
}

#[test]
fn a_term_of_the_case_that_took_the_place_of_what_was_heard_is_told_until_somebody_accepts_it() {
    let mut room = Room::new();
    let repair = |from, to, heard: &str| Repair { from, to, heard: heard.to_owned() };
    let said = [("证人", 990), ("张剑国", 980), ("借给欧阳文青五十", 990), ("万元", 900)];
    let repairs = vec![repair(2, 5, "张剑国"), repair(7, 11, "欧阳文青")];
    let line = room.hears_as(&said, Some("证人张建国借给欧阳文清50万元。"), repairs);
    let heard = |room: &Room, line: LineId| -> Vec<(u32, Option<String>)> {
        let doubts = room.state.doubts(&room.state.lines[&line]);
        doubts.into_iter().map(|d| (d.from, d.heard)).collect()
    };
    use DoubtKind::{Amount, Repaired};
    let all = [("张建国", Repaired), ("欧阳文清", Repaired), ("50万元", Amount)];
    assert_eq!(room.doubts(line), found(&all));
    let was = |text: &str| Some(text.to_owned());
    assert_eq!(heard(&room, line), [(2, was("张剑国")), (7, was("欧阳文青")), (11, None)]);
    // The digits are trusted as the words they were said in.
    assert_eq!(room.state.doubts(&room.state.lines[&line])[2].confidence, 900);
    room.accept(line, 2, 5);
    assert_eq!(room.doubts(line), found(&all[1..]));
    // It keeps its mark where it goes, and loses it when it is put back.
    let rest = room.split(line, 5).expect("split");
    assert_eq!(heard(&room, rest), [(2, was("欧阳文青")), (6, None)]);
    room.correct(rest, "借给欧阳文青50万元。");
    assert_eq!(room.doubts(rest), found(&all[2..]));
}

#[test]
fn a_split_line_keeps_its_sound_and_its_doubts_and_can_be_joined_again() {
    let mut room = Room::new();
    let line = room.hears(&[("是的", 990), ("我不", 600), ("同意", 990)]);
    let (from, to) = (room.state.lines[&line].from, room.state.lines[&line].to);
    let whole = room.doubts(line);
    let rest = room.split(line, 2).expect("split");
    assert_eq!((room.text(line), room.text(rest)), ("是的", "我不同意。"));
    let (head, tail) = (&room.state.lines[&line], &room.state.lines[&rest]);
    assert_eq!((head.from, head.to, tail.from, tail.to), (from, tail.from, head.to, to));
    assert!(tail.from > from && tail.from < to);
    assert_eq!(
        head.recognised.as_ref().map(|r| r.text.as_str()),
        Some("是的我不同意。"),
        "what was heard stays"
    );
    use DoubtKind::{Admission, Unsure};
    assert_eq!(room.doubts(rest), found(&[("我", Unsure), ("不同意", Admission)]));
    room.accept(rest, 0, 2);
    room.join(line, rest).expect("joined");
    assert_eq!((room.text(line), room.text(rest)), ("是的我不同意。", ""));
    assert_eq!(room.state.lines[&line].to, to);
    assert_eq!(room.doubts(line), found(&[("不同意", Admission)]));
    assert!(whole.len() > 1 && room.doubts(rest).is_empty());
    let basis = &room.state.lines[&line].revisions.last().expect("a layer").basis;
    assert_eq!(*basis, RevisionBasis::Joined { with: rest, revision: 1 });
}

#[test]
fn halves_are_given_to_whom_they_belong() {
    let mut room = Room::new();
    let line = room.hears(&[("有异议吗没有", 990)]);
    let rest = room.split(line, 4).expect("split");
    let base = room.base(rest);
    room.must("clerk", Command::ReattributeLine { line: rest, base, seat: id("judge"), open: false });
    assert_eq!(room.state.lines[&rest].speaker(), &id("judge"));
    assert_eq!(room.state.lines[&line].speaker(), &id("plaintiff"));
}

/// A microphone that goes from hand to hand: who spoke is told line by line, by one act, and what a voice is like is a proposal.
#[test]
fn of_what_is_said_into_a_shared_microphone_the_clerk_tells_who_spoke() {
    let mut room = Room::new();
    let whose = |room: &Room, line: LineId| room.state.lines[&line].whose.clone();
    let liken = |room: &mut Room, line: LineId, seat: &str| {
        let report = Report::VoiceLikened { line, seats: vec![id(seat)] };
        room.run(Input::Report { process: Process::Hub, report }).expect("facts are never refused")
    };
    let before = room.hears(&[("现在开庭", 990)]);
    let seat = Seat { shared: true, ..room.state.seats[&id("plaintiff")].clone() };
    let set = |room: &mut Room, n: &str, seat: Seat| {
        let (cmd, command) = (CmdId::new(n).expect("well formed"), Command::SetSeat { seat });
        room.run(Input::Command { seat: id("clerk"), cmd, command, inside: false }).expect("the clerk may");
    };
    set(&mut room, "on", seat.clone());
    let line = room.hears(&[("有异议吗没有", 990)]);
    let other = room.hears(&[("没有了", 990)]);
    assert_eq!([before, line, other].map(|l| whose(&room, l)), [None, Some(Vec::new()), Some(Vec::new())]);

    assert_eq!(liken(&mut room, line, "judge").len(), 1);
    assert!(liken(&mut room, line, "judge").is_empty(), "that is known");
    assert!(liken(&mut room, before, "judge").is_empty(), "nobody asked");
    assert!(liken(&mut room, line, "nobody").is_empty());
    assert_eq!(whose(&room, line), Some(vec![id("judge")]));
    assert_eq!(room.state.lines[&line].speaker(), &id("plaintiff"), "a proposal changes nothing");

    // Other words leave it open, and each half of a line has a speaker of its own.
    room.must("clerk", Command::CorrectLine { line, base: 0, text: "有异议吗？没有。".to_owned() });
    assert_eq!(whose(&room, line), Some(vec![id("judge")]));
    let rest = room.split(line, 5).expect("split");
    assert_eq!((whose(&room, line), whose(&room, rest)), (Some(vec![id("judge")]), Some(Vec::new())));
    let base = room.base(line);
    room.must("clerk", Command::ReattributeLine { line, base, seat: id("judge"), open: false });
    // It was who sits at the microphone: that is told too, once.
    let base = room.base(rest);
    room.must("clerk", Command::ReattributeLine { line: rest, base, seat: id("plaintiff"), open: false });
    let base = room.base(rest);
    let again =
        room.act("clerk", Command::ReattributeLine { line: rest, base, seat: id("plaintiff"), open: false });
    assert_eq!(again, Ok(Vec::new()));
    assert_eq!((whose(&room, line), whose(&room, rest)), (None, None));
    assert_eq!(room.state.lines[&line].speaker(), &id("judge"));
    assert!(liken(&mut room, rest, "judge").is_empty(), "it is told");

    set(&mut room, "off", Seat { shared: false, ..seat });
    let later = room.hears(&[("好", 990)]);
    assert_eq!((whose(&room, other), whose(&room, later)), (Some(Vec::new()), None));
}

/// What was taken back is as doubtful as it was before.
#[test]
fn an_acceptance_a_correction_and_a_speaker_are_taken_back() {
    use DoubtKind::{Amount, Unsure};
    let mut room = Room::new();
    let line = room.hears(&[("借款五万元", 990), ("，已还清", 700)]);
    let doubtful = found(&[("五万元", Amount), ("已还清", Unsure)]);
    room.accept(line, 2, 5);
    let back = Command::AcceptText { line, base: 0, from: 2, to: 5, back: true };
    room.must("clerk", back.clone());
    assert_eq!(room.doubts(line), doubtful);
    assert_eq!(room.act("clerk", back), Ok(Vec::new()), "it is taken back");
    room.correct(line, "借款六万元，已还清。");
    assert_eq!(room.doubts(line), found(&[("六万元", Amount), ("已还清", Unsure)]));
    room.accept(line, 2, 5);
    room.correct(line, "借款五万元，已还清。");
    assert_eq!(room.doubts(line), doubtful);

    let tells = |room: &Room, seat: &str, open| Command::ReattributeLine {
        line,
        base: room.base(line),
        seat: id(seat),
        open,
    };
    let told = tells(&room, "judge", false);
    room.must("clerk", told);
    let opened = tells(&room, "plaintiff", true);
    room.must("clerk", opened);
    let speaker = |room: &Room| {
        let line = &room.state.lines[&line];
        (line.speaker().clone(), line.whose.clone())
    };
    assert_eq!(speaker(&room), (id("plaintiff"), Some(Vec::new())));
    let again = tells(&room, "plaintiff", true);
    assert_eq!(room.act("clerk", again), Ok(Vec::new()), "it waits already");
}

#[test]
fn lines_are_not_cut_where_there_is_nothing_nor_joined_backwards() {
    let mut room = Room::new();
    let first = room.hears(&[("现在", 990)]);
    let second = room.hears(&[("开庭", 990)]);
    for at in [0, 3, 4] {
        assert!(room.split(first, at).is_err(), "at {at}");
    }
    assert!(matches!(room.join(second, first), Err(Denial::Malformed { .. })));
    assert!(matches!(room.join(first, first), Err(Denial::Malformed { .. })));
    let stale = Command::SplitLine { line: first, base: 7, at: 1 };
    assert!(matches!(room.act("clerk", stale), Err(Denial::Stale { .. })));
    let stale = Command::JoinLines { line: first, base: 0, with: second, with_base: 1 };
    assert!(matches!(room.act("clerk", stale), Err(Denial::Stale { line, .. }) if line == second));
    for seat in ["judge", "plaintiff", "public"] {
        let refused = room.act(seat, Command::SplitLine { line: first, base: 0, at: 1 });
        assert!(matches!(refused, Err(Denial::NotYours { whose: Role::Clerk })), "{seat}: {refused:?}");
    }
}

#[test]
fn what_was_said_behind_the_curtain_stays_there_when_it_is_split_and_is_joined_to_nothing_outside() {
    let mut room = Room::new();
    let open = room.hears(&[("公开的话", 990)]);
    room.must("judge", Command::LowerCurtain { ground: CurtainGround::TradeSecret });
    room.now += 5000;
    let closed = room.hears(&[("客户名单", 990), ("在此", 990)]);
    room.now += 5000;
    room.must("judge", Command::LiftCurtain);
    room.now += 5000;
    let later = room.hears(&[("再说一句", 990)]);
    let rest = room.split(closed, 4).expect("split");
    assert!(room.state.is_behind_curtain(&room.state.lines[&rest]));
    let half = room.split(open, 2).expect("split");
    assert!(!room.state.is_behind_curtain(&room.state.lines[&half]));
    for (line, with) in [(half, closed), (rest, later)] {
        assert!(matches!(room.join(line, with), Err(Denial::Malformed { .. })));
    }
    assert!(room.join(closed, rest).is_ok());
}

#[test]
fn another_reading_of_the_recording_is_a_doubt_where_it_differs_until_it_is_taken_or_dropped() {
    let mut room = Room::new();
    let line = room.hears(&[("被告向原告借款四万元，没有归还", 990)]);
    let again = |text: &str| Input::Report {
        process: Process::Recogniser,
        report: Report::HeardAgain { line, base: 0, text: text.to_owned(), model: "large".to_owned() },
    };
    assert_eq!(room.run(again("被告向原告借款四万元，没有归还")).expect("a fact"), [], "it reads the same");
    let offered = room.run(again("被告向原告借款十万元，至今没有归还。")).expect("a fact");
    assert_eq!(offered.len(), 1);
    assert_eq!(room.run(again("被告向原告借款十万元，至今没有归还。")).expect("a fact"), [], "known already");
    let others = |room: &Room| {
        let doubts = room.state.doubts(&room.state.lines[&line]).into_iter();
        let others = doubts.filter(|d| d.kind == DoubtKind::Otherwise);
        others.map(|d| (d.from, d.to, d.heard.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!(others(&room), [(7, 8, "十".to_owned()), (10, 11, "，至今".to_owned())]);
    let doubts = room.state.doubts(&room.state.lines[&line]);
    let matter = |from| doubts.iter().find(|d| d.from == from).expect("a place").matter;
    assert_eq!(
        (matter(7), matter(10)),
        (Some(DoubtKind::Amount), None),
        "an amount that is heard otherwise is one still"
    );
    assert_eq!(room.state.lines[&line].text(), "被告向原告借款四万元，没有归还。", "nothing is overwritten");
    // One is taken, the other was right as it stood.
    let text = "被告向原告借款十万元，没有归还。".to_owned();
    room.must("clerk", Command::CorrectLine { line, base: 0, text });
    assert_eq!(others(&room), [(10, 11, "，至今".to_owned())]);
    room.must("clerk", Command::AcceptText { line, base: 1, from: 10, to: 11, back: false });
    assert_eq!(others(&room), []);
    // What a person has touched is not offered anything any more.
    assert_eq!(room.run(again("被告向原告借款百万元")).expect("a fact"), []);
    room.must("clerk", Command::DropSuggestion { line });
    assert_eq!(room.state.lines[&line].suggestion, None);
    assert!(room.act("clerk", Command::DropSuggestion { line }).expect("nothing to do").is_empty());
    assert!(room.act("judge", Command::DropSuggestion { line }).is_err());
}

proptest! {
    /// However lines are split, joined, corrected and accepted, nothing that was said is lost, and no doubt lies outside of its line.
    #[test]
    fn no_word_is_lost_by_cutting(acts in proptest::collection::vec((0u8..4, any::<u16>(), 0u32..12), 1..40)) {
        let mut room = Room::new();
        for n in 0..4u16 {
            room.hears(&[("被告没有", 500 + n), ("归还", 950), ("三千元", 700)]);
        }
        let said = |room: &Room| {
            let lines = room.state.lines_in_order();
            lines.iter().map(|l| l.text()).collect::<String>()
        };
        let all = said(&room);
        for (what, which, at) in acts {
            let lines: Vec<LineId> =
                room.state.lines_in_order().iter().filter(|l| !l.text().is_empty()).map(|l| l.id).collect();
            let n = usize::from(which) % lines.len();
            match what {
                0 => drop(room.split(lines[n], at)),
                1 if n + 1 < lines.len() => drop(room.join(lines[n], lines[n + 1])),
                _ => {
                    let (line, base) = (lines[n], room.base(lines[n]));
                    drop(room.act("clerk", Command::AcceptText { line, base, from: at / 2, to: at / 2 + 1, back: false }));
                }
            }
            prop_assert_eq!(&said(&room), &all);
            for line in room.state.lines.values() {
                let mut behind = 0;
                for doubt in room.state.doubts(line) {
                    prop_assert!(doubt.from >= behind && doubt.from < doubt.to);
                    behind = doubt.to;
                }
                prop_assert!(behind as usize <= line.text().chars().count());
            }
        }
    }
}
