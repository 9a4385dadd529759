//! The clerk's list of terms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Command, Denial, Earlier, Event, HearingInfo, Input, Outline, Process, Report, Stamped, State,
    TermAct, TermSource,
};
use model::{CaseId, CmdId, HearingId, HearingTime, Role, Seat, SeatId, UtcMs};
use proptest::prelude::*;

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

fn info(session: u32) -> HearingInfo {
    HearingInfo {
        hearing: HearingId::new(format!("h{session}")).expect("well formed"),
        case: CaseId::new("c1").expect("well formed"),
        court: String::new(),
        number: String::new(),
        cause: String::new(),
        room: String::new(),
        session,
        public: true,
        origin: UtcMs(0),
    }
}

fn seats() -> Vec<Seat> {
    let roles = [
        ("assistant", Role::JudgeAssistant, ""),
        ("clerk", Role::Clerk, "李芳"),
        ("judge", Role::PresidingJudge, "周明"),
        ("plaintiff", Role::Plaintiff, "王建国"),
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
    roles.into_iter().map(seat).collect()
}

#[derive(Default)]
struct Room {
    state: State,
    commands: u32,
}

impl Room {
    fn open() -> Self {
        let mut room = Self::default();
        let (info, outline, seats) = (info(1), Outline::civil_ordinary(), seats());
        room.report(Report::Opened { info, outline, seats });
        room
    }

    fn report(&mut self, report: Report) {
        self.run(Input::Report { process: Process::Hub, report }).expect("facts are never refused");
    }

    fn act(&mut self, seat: &str, act: TermAct) -> Result<Vec<Event>, Denial> {
        self.commands += 1;
        let cmd = CmdId::new(format!("c{}", self.commands)).expect("well formed");
        let command = Command::ChangeTerms { act };
        self.run(Input::Command { seat: id(seat), cmd, command, inside: false })
    }

    fn must(&mut self, act: TermAct) {
        let done = self.act("clerk", act.clone());
        assert!(done.as_ref().is_ok_and(|e| e.len() == 1), "{act:?}: {done:?}");
    }

    fn run(&mut self, input: Input) -> Result<Vec<Event>, Denial> {
        let now = HearingTime(1000);
        let events = court::decide(&self.state, now, &input)?;
        for event in &events {
            let actor = match &input {
                Input::Command { seat, .. } => Actor::Seat { seat: seat.clone() },
                Input::Report { process, .. } => Actor::Machine { process: *process },
            };
            let event =
                serde_json::from_str(&serde_json::to_string(event).expect("encodes")).expect("decodes");
            self.state.apply(&Stamped { at: now, actor, cmd: None, event });
        }
        Ok(events)
    }

    /// The list, with 清源支行 and 王建国 in the dossier; what is switched off in brackets.
    fn list(&self) -> String {
        let dossier = ["清源支行", "王建国"].map(str::to_owned);
        let shown = self.state.terms_of_case(&dossier).into_iter().map(|t| {
            let from = match t.from {
                TermSource::Clerk => "书",
                TermSource::Dossier => "卷",
                TermSource::Roster => "席",
            };
            if t.on { format!("{from}{}", t.term) } else { format!("{from}[{}]", t.term) }
        });
        shown.collect::<Vec<_>>().join(" ")
    }
}

fn add(term: &str) -> TermAct {
    TermAct::Add { term: term.to_owned() }
}

fn remove(term: &str) -> TermAct {
    TermAct::Remove { term: term.to_owned() }
}

fn switch(term: &str, on: bool) -> TermAct {
    TermAct::Switch { term: term.to_owned(), on }
}

#[test]
fn every_term_stands_once_the_clerks_first_and_the_newest_of_them_before_the_others() {
    let mut room = Room::open();
    assert_eq!(room.list(), "卷清源支行 卷王建国 席李芳 席周明");
    room.must(add(" 旺达公司 "));
    room.must(add("LPR"));
    // What the dossier has far behind is brought to the front.
    room.must(add("王建国"));
    assert_eq!(room.list(), "书王建国 书LPR 书旺达公司 卷清源支行 席李芳 席周明");
    room.must(remove("王建国"));
    room.must(remove("LPR"));
    assert_eq!(room.list(), "书旺达公司 卷清源支行 卷王建国 席李芳 席周明");
}

#[test]
fn what_misleads_is_switched_off_and_on_again_wherever_it_comes_from() {
    let mut room = Room::open();
    room.must(switch("王建国", false));
    room.must(switch("周明", false));
    assert_eq!(room.list(), "卷清源支行 卷[王建国] 席李芳 席[周明]");
    assert_eq!(room.act("clerk", switch("周明", false)), Ok(Vec::new()), "off already");
    room.must(switch("周明", true));
    assert_eq!(room.act("clerk", switch("周明", true)), Ok(Vec::new()), "on already");
    // Whoever adds a term wants it.
    room.must(add("王建国"));
    assert_eq!(room.list(), "书王建国 卷清源支行 席李芳 席周明");
}

#[test]
fn what_is_no_term_is_listed_already_or_is_not_the_clerks_own_is_refused_and_says_why() {
    let mut room = Room::open();
    for wrong in
        ["", "王", "  王 ", "违约、金", "二十五字".repeat(7).as_str(), "两 词", "行\n行", "<b>甲</b>"]
    {
        assert_eq!(room.act("clerk", add(wrong)), Err(Denial::NoTerm), "{wrong}");
    }
    room.must(add("阿依古丽·买买提"));
    let again = room.act("clerk", add("阿依古丽·买买提 "));
    assert_eq!(again, Err(Denial::TermListed { term: "阿依古丽·买买提".to_owned() }));
    let other = room.act("clerk", remove("清源支行"));
    assert_eq!(other, Err(Denial::UnknownTerm { term: "清源支行".to_owned() }));
    for wrong in ["", "行\n行", "字".repeat(61).as_str()] {
        assert_eq!(room.act("clerk", switch(wrong, false)), Err(Denial::NoTerm), "{wrong}");
    }
    for n in 1..200 {
        room.must(add(&format!("词条{n}")));
    }
    assert_eq!(room.act("clerk", add("再多一个")), Err(Denial::TooManyTerms { max: 200 }));
    room.must(remove("词条1"));
    room.must(add("再多一个"));
}

#[test]
fn the_list_is_the_clerks_alone() {
    let mut room = Room::open();
    for seat in ["judge", "assistant", "plaintiff"] {
        let refused = room.act(seat, add("旺达公司"));
        assert_eq!(refused, Err(Denial::NotYours { whose: Role::Clerk }), "{seat}");
    }
}

#[test]
fn the_next_session_of_the_case_has_the_list_as_it_stood() {
    let mut room = Room::open();
    room.must(add("旺达公司"));
    room.must(switch("周明", false));
    let earlier = Box::new(Earlier::of(&room.state).expect("opened"));
    let mut next = Room::default();
    let (info, outline, seats) = (info(2), Outline::civil_ordinary(), seats());
    next.report(Report::Continued { info, outline, seats, earlier });
    assert_eq!(next.list(), "书旺达公司 卷清源支行 卷王建国 席李芳 席[周明]");
}

proptest! {
    #[test]
    fn whatever_the_clerk_does_no_term_stands_twice_and_none_is_lost(
        acts in prop::collection::vec((0usize..4, "[王建国清源]{1,3}"), 0..60)
    ) {
        let mut room = Room::open();
        for (what, term) in acts {
            let act = [add(&term), remove(&term), switch(&term, false), switch(&term, true)][what].clone();
            drop(room.act("clerk", act));
            let list = room.state.terms_of_case(&["清源支行", "王建国"].map(str::to_owned));
            let mut terms: Vec<_> = list.iter().map(|t| t.term.as_str()).collect();
            let own = room.state.terms.own.len();
            prop_assert!(list[..own].iter().all(|t| t.from == TermSource::Clerk), "{:?}", list);
            prop_assert!(["清源支行", "王建国", "李芳", "周明"].iter().all(|t| terms.contains(t)), "{:?}", list);
            terms.sort_unstable();
            prop_assert!(terms.windows(2).all(|w| w[0] != w[1]), "{:?}", list);
        }
    }
}
