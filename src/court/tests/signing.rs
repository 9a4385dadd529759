//! Checking, correcting, signing and sealing the record, as sentences.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use court::{
    Actor, Command, Denial, Event, HearingInfo, How, Input, Outline, Process, Recognised, Report,
    RequestKind, RequestState, RevisionBasis, Scan, ScanFormat, SignAct, Signature, Stage, Stamped, Standing,
    State, Step, Stroke,
};
use model::{CaseId, CmdId, Day, HearingId, HearingTime, LineId, RequestId, Role, Seat, SeatId, UtcMs};
use proptest::prelude::*;

const DAY_MS: u64 = 86_400_000;

struct Room {
    state: State,
    now: u64,
    commands: u32,
}

fn id(s: &str) -> SeatId {
    SeatId::new(s).expect("well formed")
}

fn seat(s: &str, role: Role) -> Seat {
    Seat {
        id: id(s),
        role,
        name: s.to_owned(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    }
}

impl Room {
    /// A hearing of two parties that has been held: three lines were said, the second by a witness.
    fn closed() -> Self {
        let mut room = Self { state: State::default(), now: 0, commands: 0 };
        let seats = vec![
            seat("judge", Role::PresidingJudge),
            seat("assistant", Role::JudgeAssistant),
            seat("clerk", Role::Clerk),
            seat("plaintiff", Role::PlaintiffAgent),
            seat("defendant", Role::DefendantAgent),
            seat("witness", Role::Witness),
            Seat { present: false, ..seat("absent", Role::Defendant) },
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
            // 2026-03-02, nine in the morning in Beijing.
            origin: UtcMs(1_772_413_200_000),
        };
        room.fact(Report::Opened { info, outline: Outline::civil_ordinary(), seats });
        room.must("judge", Command::OpenSession);
        room.hears("plaintiff", 1, "我方出借五万元");
        room.must("judge", Command::TakeStep { step: Step::WitnessCalled { witness: id("witness") } });
        room.hears("witness", 2, "我看见他数钱");
        room.must("judge", Command::TakeStep { step: Step::WitnessExcused { witness: id("witness") } });
        room.hears("defendant", 3, "没有收到");
        room.must("judge", Command::CloseSession);
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
        let at = HearingTime(self.now);
        let events = court::decide(&self.state, at, &input)?;
        for event in &events {
            let (actor, cmd) = match &input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            self.state.apply(&Stamped { at, actor, cmd, event: event.clone() });
        }
        Ok(events)
    }

    fn hears(&mut self, seat: &str, utterance: u64, text: &str) {
        let from = HearingTime(self.now);
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

    fn sign(&mut self, at: &str, act: SignAct) -> Result<Vec<Event>, Denial> {
        self.act(at, Command::Sign { act })
    }

    fn version(&self, seat: &str) -> String {
        self.state.version_of(&id(seat))
    }

    fn ink(&mut self, at: &str, seat: &str) -> Result<Vec<Event>, Denial> {
        let digest = self.version(seat);
        self.sign(at, SignAct::Ink { seat: id(seat), digest, strokes: scribble() })
    }

    fn refuse(&mut self, at: &str, seat: &str, reason: &str) -> Result<Vec<Event>, Denial> {
        let digest = self.version(seat);
        self.sign(at, SignAct::Refuse { seat: id(seat), digest, reason: reason.to_owned() })
    }

    fn later(&mut self, at: &str, seat: &str, until: &str) -> Result<Vec<Event>, Denial> {
        let digest = self.version(seat);
        let until = until.parse::<Day>().expect("a day");
        self.sign(at, SignAct::Later { seat: id(seat), digest, until })
    }

    fn paper(&mut self, seat: &str, scan: &str) -> Result<Vec<Event>, Denial> {
        let digest = self.version(seat);
        self.sign("clerk", SignAct::Paper { seat: id(seat), digest, scan: scan.to_owned() })
    }

    fn seal(&mut self) -> Result<Vec<Event>, Denial> {
        let digest = self.state.record_digest();
        self.act("clerk", Command::SealRecord { digest })
    }

    fn standing(&self, seat: &str) -> Standing {
        self.state.standing(&id(seat))
    }

    fn ask(&mut self, seat: &str, line: u32, text: &str) -> Result<Vec<Event>, Denial> {
        let base = self.state.lines[&LineId(line)].revision();
        let (line, text, reason) = (LineId(line), text.to_owned(), "与录音不符".to_owned());
        self.act(seat, Command::Ask { want: RequestKind::Correct { line, base, text, reason } })
    }
}

fn scribble() -> Vec<Stroke> {
    vec![vec![(500, 400), (900, 900), (1500, 300)], vec![(1600, 800), (2200, 820)]]
}

fn correct(room: &Room, line: u32, text: &str) -> Command {
    let base = room.state.lines[&LineId(line)].revision();
    Command::CorrectLine { line: LineId(line), base, text: text.to_owned() }
}

fn answer(request: u32, granted: bool, reason: &str) -> Command {
    Command::Answer { request: RequestId(request), granted, reason: reason.to_owned() }
}

fn signers(room: &Room) -> Vec<String> {
    room.state.signing().into_iter().map(|s| s.seat.to_string()).collect()
}

#[test]
fn bench_and_clerk_sign_and_who_took_part_and_was_present_and_nobody_else() {
    let mut room = Room::closed();
    assert_eq!(signers(&room), ["clerk", "defendant", "judge", "plaintiff", "witness"]);
    for (at, of) in [("assistant", "assistant"), ("clerk", "absent")] {
        assert_eq!(room.ink(at, of), Err(Denial::SignsNot { seat: id(of) }));
    }
    let gallery = room.ink("public", "public");
    assert!(matches!(gallery, Err(Denial::NotYours { .. })), "the gallery signs nothing: {gallery:?}");
    let not_yours = Err(Denial::NotYours { whose: Role::Clerk });
    assert_eq!(room.ink("plaintiff", "defendant"), not_yours, "nobody signs for the other side");
    assert_eq!(room.ink("judge", "defendant"), not_yours, "the pad for others is the clerk's");
}

/// [R-CMD-10] [R-CMD-13]
#[test]
fn a_signature_binds_one_version_and_sealing_says_who_is_missing() {
    let mut room = Room::closed();
    room.ink("plaintiff", "plaintiff").unwrap();
    room.ink("clerk", "witness").unwrap();
    let read = room.version("plaintiff");
    let change = correct(&room, 1, "我方出借五十万元");
    room.must("clerk", change);
    assert_eq!(room.standing("plaintiff"), Standing::Stale);
    assert_eq!(room.standing("witness"), Standing::Signed, "what the witness said reads as before");
    let old =
        room.sign("defendant", SignAct::Ink { seat: id("defendant"), digest: read, strokes: scribble() });
    assert!(matches!(old, Err(Denial::RecordChanged { .. })));
    for seat in ["judge", "clerk"] {
        room.ink(seat, seat).unwrap();
    }
    let seats = vec![id("defendant"), id("plaintiff")];
    assert_eq!(room.seal(), Err(Denial::SignaturesMissing { missing: 2, seats }));
    room.ink("plaintiff", "plaintiff").unwrap();
    room.refuse("defendant", "defendant", "对第三行有异议").unwrap();
    let root = room.state.record_digest();
    room.seal().unwrap();
    assert_eq!((room.state.stage, room.state.record_digest()), (Stage::Sealed, root));
    let late = correct(&room, 1, "别的");
    for (seat, act) in [("clerk", late), ("judge", Command::Lock), ("judge", Command::Resume)] {
        assert!(matches!(room.act(seat, act), Err(Denial::WrongStage { .. })));
    }
    assert!(room.act("judge", Command::Hide).is_ok(), "pages may still be shown and hidden");
}

#[test]
fn a_changed_roster_makes_signatures_stale_but_another_screen_in_the_gallery_does_not() {
    let mut room = Room::closed();
    room.ink("plaintiff", "plaintiff").unwrap();
    room.must(
        "clerk",
        Command::SetSeat { seat: Seat { name: "大屏".to_owned(), ..seat("public", Role::Public) } },
    );
    assert_eq!(room.standing("plaintiff"), Standing::Signed);
    let named = Seat { authority: "特别授权".to_owned(), ..seat("defendant", Role::DefendantAgent) };
    room.must("clerk", Command::SetSeat { seat: named });
    assert_eq!(room.standing("plaintiff"), Standing::Stale);
}

#[test]
fn a_signature_is_more_than_a_dot_stays_on_the_pad_and_has_an_end() {
    let mut room = Room::closed();
    let digest = room.version("plaintiff");
    let long: Stroke = (0..2001u16).map(|i| (i, 5)).collect();
    for strokes in [
        Vec::new(),
        vec![Vec::new()],
        vec![vec![(5, 5)]],
        vec![vec![(0, 0), (4001, 0)]],
        vec![vec![(0, 0), (0, 1601)]],
        vec![long],
        vec![vec![(0, 0), (900, 0)]; 65],
    ] {
        let act = SignAct::Ink { seat: id("plaintiff"), digest: digest.clone(), strokes: strokes.clone() };
        assert!(matches!(room.sign("plaintiff", act), Err(Denial::Malformed { .. })), "{strokes:?}");
    }
    let key = Command::SignRecord { digest, refusal: None };
    assert_eq!(room.act("plaintiff", key), Err(Denial::HandMissing));
    assert_eq!(room.standing("plaintiff"), Standing::Missing);
}

#[test]
fn paper_counts_once_its_scan_is_kept() {
    let mut room = Room::closed();
    let sha256 = "ab".repeat(32);
    assert_eq!(room.paper("plaintiff", &sha256), Err(Denial::UnknownScan { scan: sha256.clone() }));
    let scan = Scan { sha256: sha256.clone(), format: ScanFormat::Pdf, bytes: 9 };
    assert_eq!(room.fact(Report::ScanKept(scan.clone())).len(), 1);
    assert_eq!(room.fact(Report::ScanKept(scan)), [], "kept once");
    let digest = room.version("plaintiff");
    let own = SignAct::Paper { seat: id("plaintiff"), digest, scan: sha256.clone() };
    assert_eq!(room.sign("plaintiff", own), Err(Denial::NotYours { whose: Role::Clerk }));
    room.paper("plaintiff", &sha256).unwrap();
    let signature = &room.state.signatures[&id("plaintiff")];
    assert_eq!(signature.how, How::Paper { scan: sha256 });
    assert_eq!(signature.noted_by, Some(id("clerk")));
    assert_eq!(room.standing("plaintiff"), Standing::Signed);
}

#[test]
fn a_refusal_that_the_clerk_notes_wants_a_second_person_of_the_court() {
    let mut room = Room::closed();
    for seat in ["judge", "clerk", "plaintiff"] {
        room.ink(seat, seat).unwrap();
    }
    room.ink("clerk", "witness").unwrap();
    assert!(matches!(room.refuse("clerk", "defendant", " "), Err(Denial::EmptyText { .. })));
    room.refuse("clerk", "defendant", "拒绝签名后离开").unwrap();
    assert_eq!(room.seal(), Err(Denial::AttestationMissing { seats: vec![id("defendant")] }));
    let attest = |of: &str| SignAct::Attest { seat: id(of) };
    assert_eq!(
        room.sign("clerk", attest("defendant")),
        Err(Denial::NotYours { whose: Role::PresidingJudge })
    );
    assert_eq!(
        room.sign("judge", attest("plaintiff")),
        Err(Denial::NothingToAttest { seat: id("plaintiff") })
    );
    room.sign("assistant", attest("defendant")).unwrap();
    assert_eq!(room.standing("defendant"), Standing::Refused);
    room.seal().unwrap();
}

#[test]
fn nobody_else_takes_a_signature_back() {
    let mut room = Room::closed();
    room.ink("plaintiff", "plaintiff").unwrap();
    let signed = Err(Denial::SignedAlready { seat: id("plaintiff") });
    assert_eq!(room.refuse("clerk", "plaintiff", "走了"), signed);
    assert_eq!(room.later("clerk", "plaintiff", "2026-03-05"), signed);
}

#[test]
fn who_reads_within_five_days_is_waited_for_until_the_term_has_run_out() {
    let mut room = Room::closed();
    assert!(matches!(room.later("judge", "judge", "2026-03-05"), Err(Denial::Malformed { .. })));
    for seat in ["judge", "clerk", "plaintiff"] {
        room.ink(seat, seat).unwrap();
    }
    room.ink("clerk", "witness").unwrap();
    for wrong in ["2026-03-01", "2026-03-08"] {
        assert!(
            matches!(room.later("defendant", "defendant", wrong), Err(Denial::OutsideReadingTerm { .. })),
            "{wrong}"
        );
    }
    room.later("defendant", "defendant", "2026-03-05").unwrap();
    let until = "2026-03-05".parse::<Day>().expect("a day");
    let waits = Err(Denial::StillReading { seats: vec![id("defendant")], until });
    assert_eq!(room.seal(), waits);
    room.now += 3 * DAY_MS;
    assert_eq!(room.seal(), waits, "the last day is not over");
    room.now += DAY_MS;
    room.seal().unwrap();
    let stood = &room.state.signatures[&id("defendant")].how;
    assert_eq!(stood, &How::Later { until }, "that nobody came is noted");
}

#[test]
fn an_application_for_a_correction_is_open_granted_or_refused_and_only_open_keeps_the_seal_away() {
    let mut room = Room::closed();
    room.ask("plaintiff", 1, "我方出借五十万元").unwrap();
    room.ask("defendant", 5, "收到五万元").unwrap();
    assert!(
        matches!(room.ask("plaintiff", 5, "没有收到"), Err(Denial::ReadsSoAlready { .. })),
        "reads so already"
    );
    assert_eq!(room.seal(), Err(Denial::CorrectionsOpen { requests: vec![RequestId(1), RequestId(2)] }));
    room.must("judge", answer(1, true, ""));
    let line = &room.state.lines[&LineId(1)];
    let layer = line.revisions.last().expect("a layer");
    assert_eq!((line.text(), &layer.by), ("我方出借五十万元", &id("judge")));
    assert_eq!(layer.basis, RevisionBasis::Request { request: RequestId(1) });
    assert_eq!(room.state.requests[&RequestId(1)].by, id("plaintiff"), "who asked and who granted are known");
    assert!(matches!(room.act("clerk", answer(2, false, "")), Err(Denial::EmptyText { .. })));
    room.must("clerk", answer(2, false, "经回放录音，无误"));
    assert!(
        matches!(&room.state.requests[&RequestId(2)].state, RequestState::Refused { reason, .. } if reason == "经回放录音，无误")
    );
    for seat in ["judge", "clerk", "plaintiff", "defendant"] {
        room.ink(seat, seat).unwrap();
    }
    room.ink("clerk", "witness").unwrap();
    room.seal().unwrap();
}

#[test]
fn a_witness_off_the_stand_has_their_own_words_corrected_and_learns_nothing_of_others() {
    let mut room = Room::closed();
    assert_eq!(room.ask("witness", 1, "别的"), Err(Denial::NotOnTheStand));
    room.ask("witness", 3, "我看见他数了钱").unwrap();
    assert!(room.version("witness") != room.state.record_digest());
    room.ink("witness", "witness").unwrap();
    room.must("clerk", answer(1, true, ""));
    assert_eq!(room.standing("witness"), Standing::Stale);
}

#[test]
fn an_open_application_does_not_stop_the_hearing() {
    let mut room = Room { state: State::default(), now: 0, commands: 0 };
    let closed = Room::closed();
    let (info, outline) = (closed.state.info.clone().unwrap(), closed.state.outline.clone().unwrap());
    let seats = closed.state.seats.values().cloned().collect();
    room.fact(Report::Opened { info, outline, seats });
    room.must("judge", Command::OpenSession);
    room.hears("defendant", 1, "没有收到");
    room.ask("defendant", 1, "没有全部收到").unwrap();
    room.hears("plaintiff", 2, "请继续");
    room.must("judge", Command::CloseSession);
}

#[test]
fn an_older_journal_knows_confirmations_and_refusals() {
    let read = |json: &str| serde_json::from_str::<Signature>(json).expect("older journals are read");
    let confirmed = read(r#"{"seat":"plaintiff","digest":"00","refusal":null,"at":7}"#);
    assert_eq!((confirmed.how, confirmed.at), (How::Confirmed, HearingTime(7)));
    let refused = read(r#"{"seat":"plaintiff","digest":"00","refusal":"不签","at":7}"#);
    assert_eq!(refused.how, How::Refused { reason: "不签".to_owned(), attested_by: None });
    let again: Signature = serde_json::from_str(&serde_json::to_string(&refused_twice()).unwrap()).unwrap();
    assert_eq!(again, refused_twice());
}

fn refused_twice() -> Signature {
    let how = How::Refused { reason: "不签".to_owned(), attested_by: Some(id("judge")) };
    Signature {
        seat: id("plaintiff"),
        digest: "00".to_owned(),
        at: HearingTime(7),
        how,
        noted_by: Some(id("clerk")),
    }
}

proptest! {
    /// Whatever line is changed to whatever else, whoever signed the record must sign again.
    #[test]
    fn a_changed_line_makes_every_signature_on_the_record_stale(
        line in prop::sample::select(vec![1u32, 3, 5]), text in "[甲乙丙丁0-9]{1,12}", reattribute in any::<bool>()
    ) {
        let mut room = Room::closed();
        for seat in ["judge", "clerk", "plaintiff", "defendant"] {
            room.ink(seat, seat).unwrap();
        }
        let base = room.state.lines[&LineId(line)].revision();
        let change = match reattribute {
            true => Command::ReattributeLine { line: LineId(line), base, seat: id("judge"), open: false },
            false => correct(&room, line, &text),
        };
        let before = room.state.record_digest();
        room.must("clerk", change);
        prop_assert!(room.state.record_digest() != before);
        for seat in ["judge", "clerk", "plaintiff", "defendant"] {
            prop_assert_eq!(room.standing(seat), Standing::Stale);
        }
    }
}
