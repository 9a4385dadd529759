//! How long `huiting verify` takes over an hour of hearing: a camera of 4 Mbit/s, eight microphones, what is said and corrected, and a proof of
//! every line. The floor reads and hashes the same files once.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use court::{
    Actor, Command, HearingInfo, Input, Outline, Process, Recognised, Report, Stamped, State, decide,
};
use model::{CaseId, CmdId, Fragment, HearingId, HearingTime, LineId, Role, Seat, SeatId, TrackId, UtcMs};
use papers::{PackageInput, Templates, write_package};
use proof::Ed25519Signer;
use record::{Journal, JournalConfig, NewEntry};
use sha2::{Digest, Sha256};

use crate::support::{Figure, quick, rounds, say, timed};

const ORIGIN: &str = "huiting/bench";
const START: UtcMs = UtcMs(1_795_395_900_000);
/// Fragments as the recorder makes them: of the camera three a second, of a microphone eight packets of 20 ms.
const CAMERA: (u64, usize) = (333, 166_500);
const MICROPHONE: (u64, usize) = (160, 1_300);
const MICROPHONES: usize = 8;
/// A line every four seconds, and every fifth is corrected.
const LINE_EVERY_MS: u64 = 4_000;

/// Seconds of hearing that are packed; the figure is for an hour.
fn seconds() -> u64 {
    if quick() { 60 } else { 900 }
}

pub(crate) fn measure() {
    let font = Path::new("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc");
    let dir = tempfile::tempdir_in("target").expect("the target folder is writable");
    say("journal: a hearing to be verified");
    held(dir.path());
    let out_dir = dir.path().join("package");
    fs::create_dir_all(&out_dir).expect("a folder");
    let written = write_package(&PackageInput {
        journal_dir: &dir.path().join("journal"),
        media_dir: &dir.path().join("media"),
        scans_dir: &dir.path().join("scans"),
        out_dir: &out_dir,
        font,
        templates: &Templates::shipped(),
        signer: &signer(),
        now: UtcMs(START.0 + 14_400_000),
    });
    let root = written.expect("the package is written").path;
    let (mut own, mut floor, mut python) = (Vec::new(), Vec::new(), Vec::new());
    let per_hour = 3600.0 / seconds() as f64 / 1000.0;
    for round in 0..rounds() {
        say(&format!("journal: verification, round {}", round + 1));
        let (ms, report) = timed(|| papers::verify(&root).expect("a package"));
        assert!(report.ok, "{report}");
        own.push(ms * per_hour);
        floor.push(timed(|| hash_all(&root)).0 * per_hour);
        let script = root.join("verify.py");
        let script = if script.exists() { script } else { root.join("data/verify.py") };
        let (ms, ran) = timed(|| {
            std::process::Command::new("python3")
                .arg("-I")
                .arg(&script)
                .arg(&root)
                .output()
                .expect("Python 3")
        });
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
        python.push(ms * per_hour);
    }
    Figure::new("verify_s_per_hour_of_hearing", "s", own)
        .floor(&floor)
        .peer("verify.py", &python)
        .at_most(15.0)
        .note("a camera of 4 Mbit/s, 8 microphones, 900 lines; files cached; the floor hashes them once")
        .print();
}

fn signer() -> Ed25519Signer {
    Ed25519Signer::new(ORIGIN, &[5; 32]).expect("a signer")
}

fn hash_all(dir: &Path) {
    for entry in fs::read_dir(dir).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            hash_all(&path);
        } else {
            std::hint::black_box(Sha256::digest(fs::read(&path).expect("readable")));
        }
    }
}

/// A hearing as the rules of the court decide it, in a journal, with bytes for its recording.
struct Hearing {
    state: State,
    journal: Journal,
    waiting: Vec<record::Appending>,
    commands: u32,
    now: HearingTime,
}

impl Hearing {
    fn run(&mut self, input: Input) {
        let events = decide(&self.state, self.now, &input).expect("allowed");
        for event in events {
            let (actor, cmd) = match &input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            let stamped = Stamped { at: self.now, actor, cmd, event };
            self.state.apply(&stamped);
            let json = serde_json::to_value(&stamped).expect("encodes");
            let entry = NewEntry {
                kind: json["event"]["type"].as_str().expect("a tag").to_owned(),
                actor: String::new(),
                device: String::new(),
                at: self.now,
                wall: UtcMs(START.0 + self.now.0 as i64),
                payload: serde_json::to_vec(&stamped).expect("encodes"),
            };
            self.waiting.push(self.journal.append(vec![entry]));
        }
    }

    fn act(&mut self, by: &str, command: Command) {
        self.commands += 1;
        let cmd = CmdId::new(format!("c{}", self.commands)).expect("well formed");
        let seat = SeatId::new(by).expect("well formed");
        self.run(Input::Command { seat, cmd, command, inside: false });
    }

    fn fact(&mut self, report: Report) {
        self.run(Input::Report { process: Process::Hub, report });
    }
}

fn held(dir: &Path) {
    let config = JournalConfig::new(ORIGIN, Box::new(signer()));
    let (journal, _) = Journal::open(&dir.join("journal"), config).expect("the journal opens");
    let (state, waiting, now) = (State::default(), Vec::new(), HearingTime(0));
    let mut h = Hearing { state, journal, waiting, commands: 0, now };
    let info = HearingInfo {
        hearing: HearingId::new("h1").expect("well formed"),
        case: CaseId::new("c1").expect("well formed"),
        court: "松江市清源区人民法院".to_owned(),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        room: "第三法庭".to_owned(),
        session: 1,
        public: true,
        origin: START,
    };
    let seat = |(id, role): (&str, Role)| Seat {
        id: SeatId::new(id).expect("well formed"),
        role,
        name: id.to_owned(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    let seats = [("judge", Role::PresidingJudge), ("clerk", Role::Clerk), ("plaintiff", Role::Plaintiff)];
    let seats = seats.map(seat).to_vec();
    h.fact(Report::Opened { info, outline: Outline::civil_ordinary(), seats });
    h.act("judge", Command::OpenSession);
    let mut tracks: Vec<_> = (0..=MICROPHONES).map(|n| Track::new(&dir.join("media"), n)).collect();
    let mut lines = 0;
    for ms in 0..seconds() * 1000 {
        h.now = HearingTime(ms);
        for track in tracks.iter_mut().filter(|t| t.is_due(ms)) {
            h.fact(Report::Fragment(track.write()));
        }
        if ms % LINE_EVERY_MS != 0 {
            continue;
        }
        lines += 1;
        let text = format!("第{lines}句：请求判令被告归还借款本金四十五万元及利息，违约金按日万分之五计算。");
        let from = HearingTime(ms);
        h.fact(Report::Recognised(Recognised {
            utterance: lines,
            seat: SeatId::new("plaintiff").expect("well formed"),
            from,
            to: from.plus(900),
            raw: text.clone(),
            text: text.clone(),
            pieces: Vec::new(),
            repairs: Vec::new(),
        }));
        if lines % 5 == 0 {
            let line = LineId(u32::try_from(h.state.lines.len()).expect("few"));
            h.act("clerk", Command::CorrectLine { line, base: 0, text: text.replace("四十五", "四十六") });
        }
    }
    h.act("judge", Command::CloseSession);
    tracks.into_iter().for_each(Track::end);
    fs::write(dir.join("media/recording.json"), "{\"hearing\":\"h1\",\"sealed\":true}").expect("written");
    h.fact(Report::MediaSealed);
    for waiting in h.waiting {
        waiting.wait().expect("durable");
    }
    h.journal.checkpoint().wait().expect("signed");
}

struct Track {
    name: String,
    file: BufWriter<File>,
    offset: u64,
    seq: u64,
    every_ms: u64,
    bytes: usize,
}

impl Track {
    /// The camera, or a microphone.
    fn new(media: &Path, n: usize) -> Self {
        let (name, (every_ms, bytes)) = match n {
            0 => ("camera-1".to_owned(), CAMERA),
            n => (format!("mic-{n}"), MICROPHONE),
        };
        let dir = media.join(&name);
        fs::create_dir_all(&dir).expect("a folder");
        fs::write(dir.join("init.mp4"), format!("init of {name}")).expect("written");
        fs::write(dir.join("track.json"), format!("{{\"track\":\"{name}\"}}")).expect("written");
        let file = BufWriter::new(File::create(dir.join("000001.m4s")).expect("writable"));
        Self { name, file, offset: 0, seq: 0, every_ms, bytes }
    }

    fn is_due(&self, ms: u64) -> bool {
        ms >= self.seq * self.every_ms
    }

    /// The next piece of it; that the bytes play does not matter to who hashes them.
    fn write(&mut self) -> Fragment {
        let seed = self.seq.wrapping_mul(0x9E37_79B9) as u8;
        let from = HearingTime(self.seq * self.every_ms);
        self.seq += 1;
        let bytes: Vec<u8> = (0..self.bytes).map(|i| (i as u8).wrapping_mul(31) ^ seed).collect();
        self.file.write_all(&bytes).expect("written");
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        Fragment {
            track: TrackId::new(self.name.clone()).expect("well formed"),
            seq: self.seq,
            file: format!("{}/000001.m4s", self.name),
            offset,
            bytes: bytes.len() as u64,
            sha256: hex::encode(Sha256::digest(&bytes)),
            from,
            to: from.plus(self.every_ms),
        }
    }

    fn end(mut self) {
        self.file.flush().expect("written");
    }
}
