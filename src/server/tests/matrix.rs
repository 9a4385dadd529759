//! Every role at every address and with every command, over real connections, against the tables of rights; and the document that shows
//! the tables. A new command, message or address without a rule does not build, one without a sample fails here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use court::{
    Aspect, Command, CurtainGround, Denial, EvidenceDraft, Ground, IssueAct, Matter, MeetingAct, PhaseId,
    RecordMode, RequestKind, Shape, SignAct, Stance, StatuteCitation, Step, TermAct, ViewDraft,
};
use hub::AUDIT_FOLDER;
use model::{
    CmdId, DocId, EvidenceId, GapId, HearingTime, IssueId, LineId, MarkId, PageRef, Point, RequestId, Role,
    Rotation, Seat, SeatId, Side, ViewClass,
};
use protocol::rights as messages;
use protocol::wire::{ClientMsg, Ephemeral, ServerMsg};
use record::{JournalReader, NewAccount, OfficeRole, Scope};
use serde_json::Value;
use server::rights::{Act, Computer, Demand, Duty, Right, Who, may, permits};
use support::{House, described};

/// What a seat is told whose role has no right.
const CLOSED: &str = "this is not open to your seat";

fn json_name(role: Role) -> String {
    serde_json::to_value(role).expect("JSON").as_str().expect("a name").to_owned()
}

/// The seat of a role; its id is in small letters.
fn id(role: Role) -> SeatId {
    SeatId::new(json_name(role).to_lowercase()).expect("a plain name")
}

fn seats() -> Vec<Seat> {
    let seat = |role: &Role| Seat {
        id: id(*role),
        role: *role,
        name: format!("{role:?}"),
        authority: String::new(),
        microphone: false,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    Role::ALL.iter().map(seat).collect()
}

fn page() -> PageRef {
    PageRef { doc: DocId::new("d1").expect("well formed"), page: 1 }
}

/// One of each command, with each of the acts that have rights of their own.
fn commands() -> Vec<Command> {
    use Command as C;
    let seat = || id(Role::Witness);
    let text = || "字".to_owned();
    let digest = || "0".repeat(64);
    let day = || "2026-03-01".parse().expect("a day");
    let phase = || PhaseId("opening".to_owned());
    let step = |step| C::TakeStep { step };
    let act = |act| C::ChangeIssues { act };
    let meet = |act| C::Meet { act };
    let sign = |act| C::Sign { act };
    vec![
        C::OpenSession,
        C::EnterPhase { phase: phase() },
        C::MergePhase { phase: phase() },
        C::TickCheck { phase: phase(), item: 0, done: true },
        C::CallRecess { ground: Ground::Recess, note: String::new() },
        C::Resume,
        C::LowerCurtain { ground: CurtainGround::Privacy },
        C::LiftCurtain,
        C::CheckAttendance { seat: seat(), present: true },
        C::SetSeat { seat: seats().remove(11) },
        C::Show {
            view: ViewDraft {
                page: page(),
                page_hash: "0a".repeat(32),
                rotation: Rotation::None,
                viewport: None,
                highlights: Vec::new(),
                beside: None,
            },
        },
        C::Hide,
        C::Lock,
        C::Unlock,
        C::SetPresenter { presenter: None },
        C::Ask { want: RequestKind::Speak },
        C::Answer { request: RequestId(1), granted: true, reason: text() },
        C::Withdraw { request: RequestId(1) },
        C::ListEvidence {
            draft: EvidenceDraft {
                side: Side::Plaintiff,
                number: 1,
                name: text(),
                source: String::new(),
                purpose: String::new(),
                doc: None,
            },
        },
        C::CheckOriginal { evidence: EvidenceId(1), checked: true },
        C::NoteOpinion {
            evidence: EvidenceId(1),
            side: Side::Defendant,
            aspect: Aspect::Authenticity,
            stance: Stance::Undisputed,
            reason: String::new(),
            line: None,
        },
        C::GroupEvidence { evidence: vec![EvidenceId(1)], group: text() },
        C::NoteGroupOpinion {
            evidence: vec![EvidenceId(1)],
            side: Side::Defendant,
            aspects: vec![Aspect::Authenticity],
            stance: Stance::Undisputed,
            reason: String::new(),
            line: None,
        },
        C::MakeMark { page: page(), shape: Shape::Note { at: Point { x: 1, y: 1 }, text: text() } },
        C::UndoMark { mark: MarkId(1) },
        C::CorrectLine { line: LineId(1), base: 0, text: text() },
        C::ReattributeLine { line: LineId(1), base: 0, seat: seat(), open: false },
        C::SplitLine { line: LineId(1), base: 0, at: 1 },
        C::JoinLines { line: LineId(1), base: 0, with: LineId(2), with_base: 0 },
        C::AcceptText { line: LineId(1), base: 0, from: 0, to: 1, back: false },
        C::DropSuggestion { line: LineId(1) },
        C::InsertLine { seat: id(Role::Clerk), from: HearingTime(0), text: text() },
        C::KeepRecord { mode: RecordMode::Points },
        C::WordPoint { line: LineId(1), base: 0, text: text() },
        C::CiteStatute {
            seat: id(Role::PresidingJudge),
            statute: StatuteCitation {
                law: "0a1b".to_owned(),
                name: text(),
                version: day(),
                number: "577".to_owned(),
                label: text(),
                digest: digest(),
            },
        },
        C::TakeOver { seat: seat(), utterance: 1, from: HearingTime(0), text: text() },
        C::ChangeTerms { act: TermAct::Add { term: "违约金".to_owned() } },
        C::StateFault { gap: GapId(1), statement: text() },
        C::ReviewFault { gap: GapId(1) },
        sign(SignAct::Ink { seat: seat(), digest: digest(), strokes: Vec::new() }),
        sign(SignAct::Paper { seat: seat(), digest: digest(), scan: digest() }),
        sign(SignAct::Refuse { seat: seat(), digest: digest(), reason: text() }),
        sign(SignAct::Attest { seat: seat() }),
        sign(SignAct::Later { seat: seat(), digest: digest(), until: day() }),
        C::SignRecord { digest: digest(), refusal: None },
        C::SealRecord { digest: digest() },
        step(Step::Identity { side: Side::Plaintiff, parties: Vec::new() }),
        step(Step::WitnessCalled { witness: id(Role::Expert) }),
        act(IssueAct::Add { text: text() }),
        act(IssueAct::Remove { issue: IssueId(9) }),
        act(IssueAct::Put),
        act(IssueAct::Settle),
        C::NoteForBench { evidence: EvidenceId(1), text: text() },
        C::DescribeEvidence { evidence: EvidenceId(1), name: text(), source: text(), purpose: text() },
        meet(MeetingAct::Arrive),
        meet(MeetingAct::GiveTurn { turn: 1 }),
        meet(MeetingAct::Put { text: text(), matter: Matter::Facts, options: Vec::new() }),
        meet(MeetingAct::Vote { question: court::QuestionId(1), choice: None, grounds: text() }),
        meet(MeetingAct::Settle { question: court::QuestionId(1) }),
        meet(MeetingAct::Submit { grounds: text() }),
        // Last: what follows it would be asked of a closed session.
        C::CloseSession,
    ]
}

/// Numbers the commands. Exhaustive, so that a new command needs a number here, and by [`KINDS`] a sample.
fn kind(command: &Command) -> usize {
    use Command as C;
    match command {
        C::OpenSession => 0,
        C::EnterPhase { .. } => 1,
        C::MergePhase { .. } => 2,
        C::TickCheck { .. } => 3,
        C::CallRecess { .. } => 4,
        C::Resume => 5,
        C::CloseSession => 6,
        C::LowerCurtain { .. } => 7,
        C::LiftCurtain => 8,
        C::CheckAttendance { .. } => 9,
        C::SetSeat { .. } => 10,
        C::Show { .. } => 11,
        C::Hide => 12,
        C::Lock => 13,
        C::Unlock => 14,
        C::SetPresenter { .. } => 15,
        C::Ask { .. } => 16,
        C::Answer { .. } => 17,
        C::Withdraw { .. } => 18,
        C::ListEvidence { .. } => 19,
        C::CheckOriginal { .. } => 20,
        C::NoteOpinion { .. } => 21,
        C::GroupEvidence { .. } => 22,
        C::NoteGroupOpinion { .. } => 23,
        C::MakeMark { .. } => 24,
        C::UndoMark { .. } => 25,
        C::CorrectLine { .. } => 26,
        C::ReattributeLine { .. } => 27,
        C::InsertLine { .. } => 28,
        C::KeepRecord { .. } => 29,
        C::WordPoint { .. } => 30,
        C::CiteStatute { .. } => 31,
        C::TakeOver { .. } => 32,
        C::StateFault { .. } => 33,
        C::ReviewFault { .. } => 34,
        C::Sign { .. } => 35,
        C::SignRecord { .. } => 36,
        C::SealRecord { .. } => 37,
        C::TakeStep { .. } => 38,
        C::ChangeIssues { .. } => 39,
        C::NoteForBench { .. } => 40,
        C::DescribeEvidence { .. } => 41,
        C::Meet { .. } => 42,
        C::SplitLine { .. } => 43,
        C::JoinLines { .. } => 44,
        C::AcceptText { .. } => 45,
        C::DropSuggestion { .. } => 46,
        C::ChangeTerms { .. } => 47,
    }
}
const KINDS: usize = 48;

/// The name of a command on the wire, with its act where acts have rights of their own: `sign/ink`, `takeStep/witnessCalled`, `show`.
fn label(command: &Command) -> String {
    let json = serde_json::to_value(command).expect("JSON");
    let name = |v: &Value| v.as_str().map(str::to_owned);
    let act = json.get("act").and_then(|a| a.get("act")).and_then(name);
    let act = act.or_else(|| json.get("step").and_then(|s| s.get("step")).and_then(name));
    let act = act.or_else(|| json.get("act").and_then(|a| a.get("by")).and_then(name));
    let what = name(&json["do"]).expect("a name");
    act.map_or(what.clone(), |act| format!("{what}/{act}"))
}

/// One of each message that is no command.
fn other_messages() -> Vec<ClientMsg> {
    vec![
        ClientMsg::Hello { resume: None },
        ClientMsg::Search { query_id: 1, text: "借".to_owned(), most: None },
        ClientMsg::Confirm { view: 1 },
        ClientMsg::TalkKey { down: true, at: HearingTime(0) },
        ClientMsg::LookAt { page: Some(page()) },
        ClientMsg::Ephemeral { what: Ephemeral::Pointer { page: page(), at: None } },
        ClientMsg::Ping { sent_ms: 0 },
        ClientMsg::Rehearse { play: true },
    ]
}

/// [R-TERM-2]
#[test]
fn no_terminal_opens_what_its_person_may_not_and_none_but_the_right_one_where_one_is_demanded() {
    let seats =
        Role::ALL.iter().flat_map(|role| [true, false].map(|meeting| Who::Seat { role: *role, meeting }));
    let people: Vec<_> = seats.chain([Who::Reader]).chain(OfficeRole::ALL.map(Who::Officer)).collect();
    let acts = Act::ALL.iter().map(|a| Right::Seat(*a));
    let duties = Duty::ALL.iter().map(|d| Right::Office(*d));
    let rights: Vec<_> = acts.chain(duties).chain([Right::Replay, Right::Open]).collect();
    for (who, right) in people.iter().flat_map(|w| rights.iter().map(move |r| (*w, *r))) {
        for demand in Demand::ALL {
            let on = |computer| permits(who, computer, demand, right);
            let what = format!("{who:?} {right:?} {demand:?}");
            if right == Right::Open {
                assert!(Computer::ALL.into_iter().all(on), "{what}");
                continue;
            }
            assert_eq!(on(Computer::Here), may(who, right), "{what}");
            assert!(!on(Computer::Elsewhere) && !on(Computer::Revoked), "{what}");
            let bound = match demand {
                Demand::Nobody => false,
                Demand::Court => who.is_of_the_court(),
                Demand::Everybody => true,
            };
            assert_eq!(on(Computer::Unknown), may(who, right) && !bound, "{what}");
        }
    }
}

#[test]
fn every_command_has_a_sample() {
    let kinds: BTreeSet<_> = commands().iter().map(kind).collect();
    assert_eq!(kinds, (0..KINDS).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_may_give_just_the_commands_of_the_table() {
    let house = House::open(seats()).await;
    let mut cookies = Vec::new();
    for role in Role::ALL {
        cookies.push((*role, house.session(&id(*role)).await));
    }
    let mut screens = Vec::new();
    let mut n = 0;
    for (nth, command) in commands().into_iter().enumerate() {
        // A screen that is refused more than fifty acts within a second is closed.
        if nth % 40 == 0 {
            screens.clear();
            for (role, cookie) in &cookies {
                screens.push((*role, house.screen(&id(*role), cookie).await));
            }
        }
        let rights = court::rights::of(&command);
        for (role, screen) in &mut screens {
            n += 1;
            let cmd_id = CmdId::new(format!("k{n}")).expect("well formed");
            screen
                .say(&ClientMsg::Command { cmd_id: cmd_id.clone(), command: command.clone(), inside: false })
                .await;
            let answer = screen
                .until(|m| match m {
                    ServerMsg::Done { cmd_id: id } | ServerMsg::Denied { cmd_id: id, .. } => *id == cmd_id,
                    _ => false,
                })
                .await;
            let what = format!("{} from {role:?}", label(&command));
            match answer {
                ServerMsg::Denied { denial: Denial::NotYours { whose }, .. } if !rights.contains(role) => {
                    assert_eq!(Some(&whose), rights.first(), "{what}");
                }
                // A witness who waits is told nothing else.
                ServerMsg::Denied { denial: Denial::NotOnTheStand, .. } => {
                    assert_eq!(*role, Role::Witness, "{what}")
                }
                answer => assert!(rights.contains(role), "{what} was answered {answer:?}"),
            }
        }
    }
}

/// [R-HTTP-1] [R-ERR-3]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_opens_just_the_addresses_of_the_table() {
    let house = House::open(seats()).await;
    let mut cookies = Vec::new();
    for role in Role::ALL {
        cookies.push((*role, house.session(&id(*role)).await));
    }
    let doors = server::doors(&house.services);
    let mut asked = 0;
    for door in &doors {
        let Right::Seat(act) = door.right else { continue };
        for (role, cookie) in &cookies {
            let path = address(&door.path, &house, &id(*role));
            let answer = house.ask(door.method.as_str(), &path, cookie).await;
            let permitted = may(Who::Seat { role: *role, meeting: false }, door.right);
            let refused = answer.status == 403 && answer.body.contains(CLOSED);
            // Papers and their filing are judged by the paper, within their handler.
            if !door.path.contains("/papers/") {
                assert_eq!(!refused, permitted, "{role:?} {} {path} ({act:?}): {}", door.method, answer.body);
            }
            assert_ne!(answer.status, 401, "{role:?} {path}");
            // Without a session, or with that of another seat, there is nothing anywhere.
            let strange = &cookies.iter().find(|(r, _)| r != role).expect("another").1;
            for cookie in ["", strange] {
                let answer = house.ask(door.method.as_str(), &path, cookie).await;
                assert_eq!(answer.status, 401, "{role:?} {path} with {cookie:?}");
            }
            asked += 1;
        }
    }
    assert!(asked > 300, "{asked}");
    // The house has no pages, no laws and no unfinished upload.
    let without_pages = [
        "api/dossier",
        "api/dossier/uploads/{id}",
        "api/pages/{doc}/{page}",
        "api/statutes/{law}/{version}/{article}",
    ];
    assert_eq!(silent(&house, "/h/"), without_pages.map(|p| format!("GET /h/{{hearing}}/{{seat}}/{p}")));

    for (name, act) in [
        ("record.html", Act::ReadPaper),
        ("record.docx", Act::ReadPaper),
        ("record.vtt", Act::ReadCopy),
        ("examination.csv", Act::ReadPaper),
        ("deliberation.html", Act::ReadMinutes),
    ] {
        for (role, cookie) in &cookies {
            let may = |act| may(Who::Seat { role: *role, meeting: false }, Right::Seat(act));
            // A party asks for the record and gets its copy.
            let permitted = may(act) || (name == "record.html" && may(Act::ReadCopy));
            let path = format!("/h/{}/{}/papers/{name}", house.hearing, id(*role));
            let answer = house.ask("GET", &path, cookie).await;
            assert_eq!(answer.status == 200, permitted, "{role:?} {name}: {}", answer.status);
        }
    }
}

/// Addresses below `base` that are read as JSON and have not been: of every other an answer was held against the document.
fn silent(house: &House, base: &str) -> Vec<String> {
    let given = house.given.lock().expect("no test has failed");
    let json = |door: &server::Door| {
        let operation =
            &described::document(&house.services)["paths"][&door.path][door.method.as_str().to_lowercase()];
        operation["responses"]["200"]["content"].get("application/json").is_some()
    };
    let doors = server::doors(&house.services).into_iter();
    let read = doors.filter(|d| d.method.as_str() == "GET" && d.path.starts_with(base) && json(d));
    read.map(|d| format!("GET {}", d.path)).filter(|name| !given.contains(name)).collect()
}

/// A pattern with something in its places.
fn address(pattern: &str, house: &House, seat: &SeatId) -> String {
    let mut path = pattern.to_owned();
    for (place, value) in [
        ("{hearing}", house.hearing.as_str()),
        ("{seat}", seat.as_str()),
        ("{other}", "nobody"),
        ("{doc}", "d1"),
        ("{page}", "1"),
        ("{law}", "0a1b"),
        ("{version}", "2020-05-28"),
        ("{article}", "577"),
        ("{meeting}", "m1"),
        ("{sha256}", "00"),
        ("{track}", "cam-1"),
        ("{file}", "playlist.m3u8"),
        ("{name}", "service"),
        ("{line}", "line-9.zip"),
        ("{class}", "bench"),
        ("{case}", "c1"),
        ("{which}", "none.pdf"),
    ] {
        path = path.replace(place, value);
    }
    match pattern.rsplit('/').next() {
        Some("schedule") => path + "?from=2026-03-01&to=2026-04-01",
        Some("statutes") => path + "?q=577",
        Some("alike") => path + "?text=%E5%AE%9A%E9%87%91",
        _ => path,
    }
}

/// [R-ADM-1] [R-ERR-3]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_account_opens_just_the_addresses_of_its_duties_and_no_seat() {
    let house = House::open(seats()).await;
    let seat = house.session(&id(Role::PresidingJudge)).await;
    for role in OfficeRole::ALL {
        let (name, password) = (role.as_str().to_owned(), "correct horse 庭".to_owned());
        let new = NewAccount { person: name.clone(), name: name.clone(), role, password: password.clone() };
        let now = media::clock::utc_now();
        let token = house.room.with_store(move |s| {
            s.add_account(&new, now)?;
            s.login(&name, &password, now, 3_600_000, None)
        });
        let cookie = format!("huiting={}", token.await.expect("logged in").secret());
        let mut doors = server::doors(&house.services);
        // Whoever logs out has no session any more.
        doors.sort_by_key(|d| d.path.ends_with("/logout"));
        for door in doors {
            let path = address(&door.path, &house, &id(Role::Clerk));
            match door.right {
                Right::Office(_) => {
                    let answer = house.ask(door.method.as_str(), &path, &cookie).await;
                    let permitted = may(Who::Officer(role), door.right);
                    assert_eq!(
                        answer.status != 403,
                        permitted,
                        "{role:?} {} {path}: {}",
                        door.method,
                        answer.body
                    );
                    for strange in ["", &seat] {
                        let answer = house.ask(door.method.as_str(), &path, strange).await;
                        assert_eq!(answer.status, 401, "{path} without an account");
                    }
                }
                Right::Seat(_) | Right::Replay => {
                    let answer = house.ask(door.method.as_str(), &path, &cookie).await;
                    assert_eq!(answer.status, 401, "{role:?} at a seat: {path}");
                }
                Right::Open if door.method == "GET" && path.contains("/api/") => {
                    assert_eq!(house.ask("GET", &path, "").await.status, 200, "{path}");
                }
                Right::Open => {}
            }
        }
    }
    let without_pages = ["dossier", "dossier/uploads/{id}"];
    assert_eq!(
        silent(&house, "/admin/"),
        without_pages.map(|p| format!("GET /admin/api/cases/{{case}}/{p}"))
    );
}

/// [R-HTTP-4] [R-ERR-3]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_play_a_hearing_back_may_do_nothing_else_and_nothing_before_it_is_over() {
    let house = House::open(seats()).await;
    let judge = house.session(&id(Role::PresidingJudge)).await;
    let scope = Scope::Replay { hearing: house.hearing.clone(), by: "presidingjudge".to_owned() };
    let code = house.room.issue_code(scope.clone()).await.expect("a code");
    let join = |by: &str| format!("/replay/{}/join?code={code}&by={by}", house.hearing);
    assert_eq!(house.ask("GET", &join("clerk"), "").await.status, 403, "a code goes with its name");
    let token =
        house.room.redeem(code.clone(), scope, None).await.expect("the store answers").expect("a good code");
    let reader = format!("huiting={token}");
    assert_eq!(house.ask("GET", &join("presidingjudge"), "").await.status, 403, "a code works once");
    for door in server::doors(&house.services) {
        let path = address(&door.path, &house, &id(Role::PresidingJudge));
        match door.right {
            Right::Replay => {
                assert!(may(Who::Reader, door.right));
                for strange in ["", &judge] {
                    assert_eq!(house.ask("GET", &path, strange).await.status, 401, "{path} with {strange:?}");
                }
                let answer = house.ask("GET", &path, &reader).await;
                assert!(![401, 403].contains(&answer.status), "{path}: {}", answer.status);
                let over = !path.contains("/reel/");
                assert!(over || answer.status == 409, "{path}: {} {}", answer.status, answer.body);
            }
            Right::Seat(_) | Right::Office(_) => {
                let answer = house.ask(door.method.as_str(), &path, &reader).await;
                assert_eq!(answer.status, 401, "a reader at {path}");
            }
            Right::Open => {}
        }
    }
    // Neither link nor reel before the end.
    let link = format!("/h/{}/presidingjudge/api/replay", house.hearing);
    assert_eq!(house.ask("POST", &link, &judge).await.status, 409);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_is_noted_first_and_what_cannot_be_noted_is_not_read() {
    let house = House::open(seats()).await;
    let judge = id(Role::PresidingJudge);
    let cookie = house.session(&judge).await;
    let at = |path: &str| format!("/h/{}/{judge}/{path}", house.hearing);
    assert_eq!(house.ask("GET", &at("papers/record.html"), &cookie).await.status, 200);
    for _ in 0..3 {
        house.ask("GET", &at("api/pages/d1/1"), &cookie).await;
    }
    for _ in 0..2 {
        let handed = house.ask("POST", &at("api/seats/clerk/code"), &cookie).await;
        assert_eq!(handed.status, 200, "{}", handed.body);
    }
    let journal = JournalReader::read(&house.dir.path().join(AUDIT_FOLDER), None).expect("an audit journal");
    let payloads = journal.entries.iter().filter_map(|e| e.payload.as_deref());
    let noted: Vec<hub::Audited> = payloads.map(|p| serde_json::from_slice(p).expect("JSON")).collect();
    let found: Vec<_> = noted.iter().map(|a| (a.act.as_str(), a.what.as_str())).collect();
    assert_eq!(
        found,
        [
            ("readPaper", "record.html"),
            ("readPage", "d1/1"),
            ("handOutLink", "POST api/seats/clerk/code"),
            ("handOutLink", "POST api/seats/clerk/code"),
        ],
        "three looks within a minute are one, every link that is handed out is another"
    );
    assert!(noted.iter().all(|a| a.who == judge.as_str() && a.hearing == house.hearing.as_str()));

    // A house whose audit journal cannot be opened gives nothing, and says why.
    let other = House::open(seats()).await;
    std::fs::write(other.dir.path().join(AUDIT_FOLDER), "in the way").expect("written");
    let cookie = other.session(&judge).await;
    let path = format!("/h/{}/{judge}/papers/record.html", other.hearing);
    let answer = other.ask("GET", &path, &cookie).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains("audit journal"), "{}", answer.body);
    // What takes nothing off its shelf goes on.
    let check = format!("/h/{}/{judge}/api/check", other.hearing);
    assert_eq!(other.ask("GET", &check, &cookie).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_of_a_line_is_handed_out_and_needs_nothing_but_the_key_in_it() {
    let house = House::open(seats()).await;
    let clerk = id(Role::Clerk);
    let cookie = house.session(&clerk).await;
    let mut screen = house.screen(&clerk, &cookie).await;
    let command =
        Command::InsertLine { seat: clerk.clone(), from: HearingTime(0), text: "现在休庭。".to_owned() };
    let cmd_id = CmdId::new("k1").expect("well formed");
    screen.say(&ClientMsg::Command { cmd_id, command, inside: false }).await;
    screen.until(|m| matches!(m, ServerMsg::Done { .. })).await;
    let at = |path: &str| format!("/h/{}/{clerk}/api/proofs/{path}", house.hearing);
    let zipped = house.bytes(&at("line-1.zip"), &cookie).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zipped)).expect("a zip");
    let names: Vec<_> = zip.file_names().map(|n| n.expect("a plain name").into_owned()).collect();
    let mut text = |name: &str| {
        let mut text = String::new();
        let mut file = zip.by_name(name).expect("there");
        std::io::Read::read_to_string(&mut file, &mut text).expect("text");
        text
    };
    let key = proof::VerifyingKey::parse(text("key.txt").trim()).expect("a key");
    let file = names.iter().find(|n| n.ends_with(".tlog-proof")).expect("a proof");
    let held = text(file);
    let proved = papers::check_proof(&held, &key).expect("it proves the line");
    assert_eq!(proved.event["event"]["text"], "现在休庭。");
    // One letter of what it holds changed: it proves nothing any more.
    let extra = held.lines().find(|l| l.starts_with("extra ")).expect("the entry travels in it");
    let (head, tail) = extra.split_at(extra.len() / 2);
    let other = if tail.starts_with('A') { "B" } else { "A" };
    let changed = held.replace(extra, &format!("{head}{other}{}", &tail[1..]));
    assert!(papers::check_proof(&changed, &key).is_err());
    for (path, status) in [("line-2.zip", 404), ("line-x.zip", 404), ("mark-1.zip", 404)] {
        assert_eq!(house.ask("GET", &at(path), &cookie).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn the_document_shows_the_tables_as_they_are() {
    let house = House::open(seats()).await;
    let text = document(&house);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/access.md");
    if std::env::var_os("HUITING_WRITE_TYPES").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/access.md is not what the tables say: run `make types`");
}

#[tokio::test]
async fn the_document_of_the_addresses_says_what_the_table_says_and_its_references_lead_somewhere() {
    let house = House::open(seats()).await;
    let document = described::document(&house.services);
    let text = serde_json::to_string_pretty(document).expect("JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("HUITING_WRITE_TYPES").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/openapi.json is not what the table says: run `make types`");

    let mut open = vec![document];
    while let Some(value) = open.pop() {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            assert!(target.is_some(), "{reference} leads nowhere");
        }
        open.extend(value.as_object().into_iter().flat_map(|fields| fields.values()));
        open.extend(value.as_array().into_iter().flatten());
    }
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        // A type of the same name as another would be numbered.
        assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "two types are called as {name} is");
        let reference = format!("\"#/components/schemas/{name}\"");
        assert!(text.contains(&reference), "{name} is not referred to");
    }
}

fn row(out: &mut String, name: &str, cells: impl Iterator<Item = bool>) {
    let cells: Vec<_> = cells.map(|yes| if yes { "●" } else { "" }).collect();
    writeln!(out, "| {name} | {} |", cells.join(" | ")).expect("into a String");
}

fn head(out: &mut String, first: &str, columns: &[String]) {
    writeln!(out, "| {first} | {} |", columns.join(" | ")).expect("into a String");
    writeln!(out, "| --- |{}", " :-: |".repeat(columns.len())).expect("into a String");
}

fn document(house: &House) -> String {
    let mut out = String::from(
        "# Who may do what\n\n\
         Written by `make types` from the tables of rights; the tests of `src/server/tests/matrix.rs` try every role at every address and with \
         every command over real connections. What is not in a table is refused. A ● says that the role may; the state of the hearing, one's \
         own side, the right to present and the witness stand decide besides.\n\n## Commands over the WebSocket\n\n",
    );
    let roles: Vec<_> = Role::ALL.iter().map(|r| json_name(*r)).collect();
    head(&mut out, "command", &roles);
    for command in commands() {
        let rights = court::rights::of(&command);
        row(&mut out, &format!("`{}`", label(&command)), Role::ALL.iter().map(|r| rights.contains(r)));
    }
    out.push_str("\n## Other messages\n\n");
    head(&mut out, "message", &roles);
    for msg in other_messages() {
        let class = |r: Role| if r == Role::Witness { ViewClass::Waiting } else { r.side().view_class() };
        let name = format!("`{}`", messages::name(&msg));
        row(&mut out, &name, Role::ALL.iter().map(|r| messages::hears(*r, class(*r), &msg)));
    }
    for (title, meeting) in
        [("At a seat of a hearing", false), ("At a seat of a meeting (合议, 法官会议, 审委会)", true)]
    {
        writeln!(out, "\n## {title}\n").expect("into a String");
        head(&mut out, "act", &roles);
        for act in Act::ALL {
            let may = |r: &Role| may(Who::Seat { role: *r, meeting }, Right::Seat(*act));
            let noted = if act.is_audited() { " (noted)" } else { "" };
            row(&mut out, &format!("`{}`{noted}", act.name()), Role::ALL.iter().map(may));
        }
    }
    out.push_str(
        "\nWhat is noted stands in the audit journal before it is done; a meeting has its own, in its own folder (`huiting audit`).\n\
         A reading that is repeated within ten minutes is one entry; what changes something is an entry each time, with the terminal it came from.\n\
         What is done on the command line of the house's own machine is that machine's to log.\n\n\
         ## In the administration\n\n",
    );
    let offices: Vec<_> = OfficeRole::ALL.iter().map(|r| r.as_str().to_owned()).collect();
    head(&mut out, "duty", &offices);
    for duty in Duty::ALL {
        let may = |r: &OfficeRole| may(Who::Officer(*r), Right::Office(*duty));
        row(&mut out, &format!("`{}`", duty.name()), OfficeRole::ALL.iter().map(may));
    }
    out.push_str(
        "\n## At which computer\n\nA terminal (终端) shows a certificate of the house at every connection; it is enrolled for seats of a room, or for \
         all and the administration. `[server] terminals` says who must sit at one. A session that began at a terminal goes on nowhere else.\n\n",
    );
    let columns: Vec<_> =
        Demand::ALL.iter().flat_map(|d| ["the court", "others"].map(|w| format!("{d:?}: {w}"))).collect();
    head(&mut out, "computer", &columns);
    let seat = |role| Who::Seat { role, meeting: false };
    for computer in Computer::ALL {
        let met = |d: &Demand| [seat(Role::Clerk), seat(Role::Defendant)].map(|who| d.is_met(who, computer));
        row(&mut out, &format!("{computer:?}"), Demand::ALL.iter().flat_map(met));
    }
    out.push_str("\n## Addresses\n\n| | address | takes |\n| --- | --- | --- |\n");
    for door in server::doors(&house.services) {
        let takes = match door.right {
            Right::Open => "nothing".to_owned(),
            Right::Seat(act) => format!("a session of the seat, and `{}`", act.name()),
            Right::Replay => "a session to play this hearing back".to_owned(),
            Right::Office(duty) => format!("a session of the administration, and `{}`", duty.name()),
        };
        writeln!(out, "| {} | `{}` | {takes} |", door.method, door.path).expect("into a String");
    }
    out
}
