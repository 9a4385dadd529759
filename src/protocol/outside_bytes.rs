//! What screens and our own processes send, changed: it is understood or refused with a sentence, and what is understood the court decides
//! without a panic, whatever it says.

use bytes::BytesMut;
use court::{Actor, HearingInfo, Input, Outline, Process, Report, Stamped, State};
use model::{CaseId, HearingId, HearingTime, Role, Seat, SeatId, UtcMs, ViewClass};

use crate::link::pages::{FromPageWorker, Source, ToPageWorker};
use crate::link::recogniser::{FromRecogniser, ToRecogniser};
use crate::link::recorder::{FromRecorder, ToRecorder};
use crate::link::{Frame, FrameError};
use crate::view::{project, snapshot};
use crate::wire::ClientMsg;

/// Every message and every act.
const MESSAGES: &str = include_str!("outside_bytes.jsonl");

const SEATS: [(&str, Role); 6] = [
    ("judge", Role::PresidingJudge),
    ("clerk", Role::Clerk),
    ("plaintiff", Role::PlaintiffAgent),
    ("defendant", Role::DefendantAgent),
    ("witness", Role::Witness),
    ("public", Role::Public),
];

fn seat(id: &str) -> SeatId {
    SeatId::new(id).expect("a plain name")
}

fn opened() -> Report {
    let info = HearingInfo {
        hearing: HearingId::new("h1").expect("a plain name"),
        case: CaseId::new("c1").expect("a plain name"),
        court: "松江市清源区人民法院".to_owned(),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        room: "第三法庭".to_owned(),
        session: 1,
        public: true,
        origin: UtcMs(1_790_000_000_000),
    };
    let person = |(id, role): (&str, Role)| Seat {
        id: seat(id),
        role,
        name: String::new(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    Report::Opened { info, outline: Outline::civil_ordinary(), seats: SEATS.map(person).to_vec() }
}

/// A court that takes whatever it is given.
struct Court {
    state: State,
    now: u64,
}

impl Court {
    fn open() -> Self {
        let mut court = Self { state: State::default(), now: 0 };
        court.take(&Input::Report { process: Process::Hub, report: opened() });
        court
    }

    fn take(&mut self, input: &Input) {
        self.now += 10;
        let at = HearingTime(self.now);
        let actor = match input {
            Input::Command { seat, .. } => Actor::Seat { seat: seat.clone() },
            Input::Report { process, .. } => Actor::Machine { process: *process },
        };
        match court::decide(&self.state, at, input) {
            Ok(events) => {
                for event in events {
                    let stamped = Stamped { at, actor: actor.clone(), cmd: None, event };
                    self.state.apply(&stamped);
                    for class in ViewClass::ALL {
                        drop(project(&stamped.event, &self.state, class));
                    }
                }
            }
            Err(denial) => hostile::sentence(&denial),
        }
    }
}

#[test]
fn hostile_bytes_from_a_screen_are_understood_or_refused_and_never_break_the_court() {
    let samples: Vec<&str> = MESSAGES.lines().collect();
    let (mut court, mut understood) = (Court::open(), 0u64);
    hostile::attack("screen", &samples, 20_000, |bytes| match serde_json::from_slice::<ClientMsg>(bytes) {
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
        Ok(ClientMsg::Command { cmd_id, command, inside }) => {
            understood += 1;
            for (id, _) in SEATS {
                let input =
                    Input::Command { seat: seat(id), cmd: cmd_id.clone(), command: command.clone(), inside };
                court.take(&input);
            }
            // A sealed hearing takes nothing: begin anew now and then.
            if understood.is_multiple_of(200) {
                let _ = serde_json::to_string(&ViewClass::ALL.map(|c| snapshot(&court.state, c)));
                court = Court::open();
            }
        }
        Ok(_) => {}
    });
    assert!(
        understood > 100 || std::env::var_os("HUITING_SEED").is_some(),
        "{understood} were understood: too few to try the court"
    );
}

#[test]
fn every_message_of_the_samples_is_understood() {
    for line in MESSAGES.lines() {
        let read: Result<ClientMsg, _> = serde_json::from_str(line);
        assert!(read.is_ok(), "{line}: {read:?}");
    }
}

fn frames<T: serde::Serialize>(messages: Vec<(T, &'static [u8])>) -> Vec<Vec<u8>> {
    let encoded = messages.into_iter().map(|(message, body)| {
        let mut out = BytesMut::new();
        let frame = Frame { message, body: bytes::Bytes::from_static(body) };
        frame.encode(&mut out).expect("small");
        out.to_vec()
    });
    encoded.collect()
}

/// Decodes a stream to its end; gives whether something was refused.
fn drain<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> bool {
    let mut buffer = BytesMut::from(bytes);
    loop {
        let before = buffer.len();
        match Frame::<T>::decode(&mut buffer) {
            Ok(Some(frame)) => assert!(buffer.len() + 8 + frame.body.len() <= before),
            Ok(None) => return false,
            Err(refusal @ FrameError::TooLarge(_)) => {
                hostile::sentence(&refusal);
                return true;
            }
            Err(FrameError::Json(_)) => return true,
        }
    }
}

#[test]
fn hostile_bytes_between_our_processes_end_the_line_and_nothing_else() {
    let (s, t) = (|| seat("judge"), || model::TrackId::new("mic-judge").expect("a plain name"));
    let at = HearingTime(1000);
    let hearing = HearingId::new("h1").expect("a plain name");
    let to_recorder = frames(vec![
        (ToRecorder::HubHello { hearing: hearing.clone(), journalled: vec![(t(), 7)] }, b""),
        (ToRecorder::RecogniserHello { from_sample: vec![(s(), 16_000)] }, b""),
        (ToRecorder::Rehearse { dir: "/tmp/x".into(), since: Some(at) }, b""),
        (ToRecorder::Pause { ground: "recess".to_owned() }, b""),
    ]);
    hostile::attack("to the recorder", &to_recorder, 2_000, |bytes| {
        drain::<ToRecorder>(bytes);
    });
    let from_recorder = frames(vec![
        (FromRecorder::Audio { seat: s(), first_sample: 5, at, rate_hz: 16_000 }, b"\0\x01\x02\x03"),
        (FromRecorder::Levels { levels: vec![(s(), -23)] }, b""),
        (FromRecorder::Sealed { hearing: hearing.clone() }, b""),
        (FromRecorder::Gap { track: t(), from: at, to: at, cause: model::GapCause::RecorderDown }, b""),
    ]);
    hostile::attack("from the recorder", &from_recorder, 2_000, |bytes| {
        drain::<FromRecorder>(bytes);
    });
    let to_recogniser = frames(vec![
        (ToRecogniser::HubHello { hearing, settled_until: vec![(s(), at)] }, b""),
        (ToRecogniser::TakenOver { seat: s(), utterance: 7 }, b""),
        (ToRecogniser::Vocabulary { terms: vec!["违约金".to_owned()] }, b""),
        (ToRecogniser::PushToTalk { seat: s(), down: true, at }, b""),
    ]);
    hostile::attack("to the recogniser", &to_recogniser, 2_000, |bytes| {
        drain::<ToRecogniser>(bytes);
    });
    let from_recogniser = frames(vec![
        (FromRecogniser::Partial { seat: s(), utterance: 3, from: at, text: "报告审判长".to_owned() }, b""),
        (FromRecogniser::Dropped { seat: s(), utterance: 3 }, b""),
    ]);
    hostile::attack("from the recogniser", &from_recogniser, 2_000, |bytes| {
        drain::<FromRecogniser>(bytes);
    });
    let source = || Source { file: "/x.pdf".into(), password: Some("1".to_owned()) };
    let to_pages = frames(vec![
        (ToPageWorker::Open { source: source() }, b""),
        (ToPageWorker::Render { source: source(), page: 3, dpi: 120 }, b""),
    ]);
    hostile::attack("to a page worker", &to_pages, 2_000, |bytes| {
        drain::<ToPageWorker>(bytes);
    });
    let from_pages = frames(vec![
        (FromPageWorker::Opened { pages: vec![(59_528, 84_189)] }, b""),
        (FromPageWorker::Image { width_px: 4, height_px: 4, media_type: "image/png".to_owned() }, b"\x89PNG"),
        (FromPageWorker::Failed { sentence: "文件已损坏".to_owned() }, b""),
    ]);
    hostile::attack("from a page worker", &from_pages, 2_000, |bytes| {
        drain::<FromPageWorker>(bytes);
    });
}
