//! A small hearing: decided by the court's rules, written into a journal, with a recording beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::time::Duration;

use court::{
    Actor, Aspect, Command, EvidenceDraft, Ground, HearingInfo, Input, Meeting, Outline, Process, Recognised,
    Report, Scan, ScanFormat, Shape, SignAct, Stamped, Stance, State, ViewDraft,
};
use model::{
    CaseId, CmdId, DocId, EvidenceId, Fragment, GapCause, GapId, HearingId, HearingTime, LineId, PageRef,
    Rect, Role, Rotation, Seat, SeatId, Side, TrackId, UtcMs,
};
use papers::{PackageInput, Record, Templates, Written, write_package};
use proof::Ed25519Signer;
use record::{Journal, JournalConfig, NewEntry};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) const ORIGIN: &str = "huiting.test/h1";
pub(crate) const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";
/// 2026-11-23 09:05:00 in Beijing.
pub(crate) const START: UtcMs = UtcMs(1_795_395_900_000);
/// What somebody could try to smuggle into a page.
pub(crate) const HOSTILE: &str = "<script>alert('1')</script> & \"x\" --> \u{202E}额金";

/// A scan of signed paper: what is compared is its digest, whatever it shows.
pub(crate) const SCAN: &[u8] = b"%PDF-1.7 the last page of the record, signed by hand";

/// A person signs with two strokes.
fn ink(who: &str, digest: &str) -> Command {
    let strokes = vec![vec![(400, 300), (1200, 900), (1600, 700)], vec![(1800, 400), (2600, 1000)]];
    Command::Sign { act: SignAct::Ink { seat: seat(who), digest: digest.to_owned(), strokes } }
}

pub(crate) fn seat(s: &str) -> SeatId {
    SeatId::new(s).unwrap()
}

fn info() -> HearingInfo {
    HearingInfo {
        hearing: HearingId::new("h1").unwrap(),
        case: CaseId::new("c1").unwrap(),
        court: "松江市清源区人民法院".to_owned(),
        number: "（2026）清0102民初318号".to_owned(),
        cause: "民间借贷纠纷".to_owned(),
        room: "第三法庭".to_owned(),
        session: 1,
        public: true,
        origin: START,
    }
}

/// The hearing while it goes on: state, events so far, fragments of the recording.
pub(crate) struct Hearing {
    pub(crate) state: State,
    pub(crate) events: Vec<Stamped>,
    now: u64,
    commands: u32,
}

impl Hearing {
    pub(crate) fn unopened() -> Self {
        Self { state: State::default(), events: Vec::new(), now: 0, commands: 0 }
    }

    /// Becomes a meeting of its members.
    pub(crate) fn convened(&mut self, meeting: Meeting, seats: Vec<Seat>) {
        let outline = Outline { name: meeting.kind.zh().to_owned(), ..Outline::civil_ordinary() };
        let info = HearingInfo { public: false, room: String::new(), ..info() };
        self.fact(Report::Convened { info, outline, seats, meeting: Box::new(meeting) });
    }

    pub(crate) fn open() -> Self {
        let mut hearing = Self::unopened();
        let person = |s: &str, role, name: &str| Seat {
            id: seat(s),
            role,
            name: name.to_owned(),
            authority: if role == Role::PlaintiffAgent { "特别授权".to_owned() } else { String::new() },
            microphone: true,
            shared: false,
            present: true,
            in_charge: false,
            acts_for: Vec::new(),
        };
        let seats = vec![
            person("judge", Role::PresidingJudge, "周正"),
            person("clerk", Role::Clerk, "孙丽"),
            person("plaintiff", Role::PlaintiffAgent, "陈晓明"),
            person("defendant", Role::DefendantAgent, "赵敏"),
            person("public", Role::Public, ""),
        ];
        hearing.fact(Report::Opened { info: info(), outline: Outline::civil_ordinary(), seats });
        hearing
    }

    pub(crate) fn must(&mut self, by: &str, command: Command) {
        self.commands += 1;
        let cmd = CmdId::new(format!("c{}", self.commands)).unwrap();
        self.run(Input::Command { seat: seat(by), cmd, command, inside: false });
    }

    pub(crate) fn fact(&mut self, report: Report) {
        self.run(Input::Report { process: Process::Hub, report });
    }

    fn run(&mut self, input: Input) {
        self.now += 1000;
        let at = HearingTime(self.now);
        let events = court::decide(&self.state, at, &input).unwrap_or_else(|e| panic!("{input:?}: {e}"));
        assert!(!events.is_empty(), "{input:?} changed nothing");
        for event in events {
            let (actor, cmd) = match &input {
                Input::Command { seat, cmd, .. } => (Actor::Seat { seat: seat.clone() }, Some(cmd.clone())),
                Input::Report { process, .. } => (Actor::Machine { process: *process }, None),
            };
            let stamped = Stamped { at, actor, cmd, event };
            self.state.apply(&stamped);
            self.events.push(stamped);
        }
    }

    pub(crate) fn hears(&mut self, by: &str, utterance: u64, text: &str) {
        let from = HearingTime(utterance * 1000);
        let (text, raw) = (text.to_owned(), text.to_owned());
        let said = Recognised {
            utterance,
            seat: seat(by),
            from,
            to: from.plus(900),
            text,
            raw,
            pieces: Vec::new(),
            repairs: Vec::new(),
        };
        self.fact(Report::Recognised(said));
    }

    /// A whole hearing with every kind of thing papers tell; its recording is written into `media`.
    pub(crate) fn held(media: &Path) -> Self {
        let mut h = Self::open();
        h.must("judge", Command::OpenSession);
        for fragment in record_media(media) {
            h.fact(Report::Fragment(fragment));
        }
        let draft = EvidenceDraft {
            side: Side::Plaintiff,
            number: 3,
            name: "银行流水".to_owned(),
            source: "松江银行".to_owned(),
            purpose: "证明款项交付".to_owned(),
            doc: Some(DocId::new("d3").unwrap()),
        };
        h.must("clerk", Command::ListEvidence { draft });
        let page = PageRef { doc: DocId::new("d3").unwrap(), page: 2 };
        let view = ViewDraft {
            page: page.clone(),
            page_hash: "0a".repeat(32),
            rotation: Rotation::None,
            viewport: None,
            highlights: Vec::new(),
            beside: None,
        };
        h.must("judge", Command::Show { view });
        let rects = vec![Rect { x: 100, y: 200, w: 300, h: 40 }];
        h.must(
            "judge",
            Command::MakeMark { page, shape: Shape::Highlight { rects, quote: "500,000.00".to_owned() } },
        );
        h.must(
            "judge",
            Command::NoteOpinion {
                evidence: EvidenceId(1),
                side: Side::Defendant,
                aspect: Aspect::Purpose,
                stance: Stance::Disputed,
                reason: "另有现金三万元".to_owned(),
                line: None,
            },
        );
        h.hears("judge", 12, "现在开庭，请原告陈述诉讼请求。");
        h.hears(
            "plaintiff",
            15,
            "请求判令被告归还借款本金四十五万元及利息、违约金，违约金按日万分之五计算。",
        );
        h.hears("defendant", 18, "已归还八万元，违约金过高，请求法庭予以调整。");
        h.hears("defendant", 21, HOSTILE);
        let text = "已归还八万元，其中三万元为现金；违约金过高，请求法庭予以调整。".to_owned();
        h.must("clerk", Command::CorrectLine { line: LineId(3), base: 0, text });
        let track = TrackId::new("mic-judge").unwrap();
        let (from, to) = (HearingTime(9_000), HearingTime(9_400));
        h.fact(Report::Gap { track, cause: GapCause::RecorderDown, from, to });
        h.must("clerk", Command::StateFault { gap: GapId(1), statement: "录音进程重启".to_owned() });
        h.must("judge", Command::ReviewFault { gap: GapId(1) });
        h.must("judge", Command::CallRecess { ground: Ground::Recess, note: "休息".to_owned() });
        h.must("judge", Command::Resume);
        h.must("judge", Command::CloseSession);
        h.fact(Report::MediaSealed);
        let digest = h.state.record_digest();
        h.must("plaintiff", ink("plaintiff", &digest));
        let (seat, reason) = (SeatId::new("defendant").unwrap(), "对第四行有异议".to_owned());
        h.must("defendant", Command::Sign { act: SignAct::Refuse { seat, digest: digest.clone(), reason } });
        h.must("judge", ink("judge", &digest));
        let scan = Scan {
            sha256: hex::encode(Sha256::digest(SCAN)),
            format: ScanFormat::Pdf,
            bytes: SCAN.len() as u64,
        };
        let scans = media.parent().unwrap().join("scans");
        fs::create_dir_all(&scans).unwrap();
        fs::write(scans.join(scan.file()), SCAN).unwrap();
        h.fact(Report::ScanKept(scan.clone()));
        let seat = SeatId::new("clerk").unwrap();
        h.must(
            "clerk",
            Command::Sign { act: SignAct::Paper { seat, digest: digest.clone(), scan: scan.sha256 } },
        );
        h.must("clerk", Command::SealRecord { digest });
        h
    }

    pub(crate) fn record(&self) -> Record {
        Record::of(&self.state).expect("the hearing was opened")
    }
}

/// Two tracks of bytes: what is compared is their hash, whatever they decode to.
fn record_media(media: &Path) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    for track in ["camera-1", "mic-judge"] {
        let dir = media.join(track);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("init.mp4"), format!("init of {track}")).unwrap();
        fs::write(dir.join("track.json"), format!("{{\"track\":\"{track}\"}}")).unwrap();
        for (segment, seqs) in [("000001.m4s", 1..=2u64), ("000002.m4s", 3..=4)] {
            let mut file = Vec::new();
            for seq in seqs {
                let bytes: Vec<u8> =
                    (0..200u64).map(|i| (i * 7 + seq * 31 + track.len() as u64) as u8).collect();
                fragments.push(Fragment {
                    track: TrackId::new(track).unwrap(),
                    seq,
                    file: format!("{track}/{segment}"),
                    offset: file.len() as u64,
                    bytes: bytes.len() as u64,
                    sha256: hex::encode(Sha256::digest(&bytes)),
                    from: HearingTime((seq - 1) * 1000),
                    to: HearingTime(seq * 1000),
                });
                file.extend(bytes);
            }
            fs::write(dir.join(segment), file).unwrap();
        }
    }
    fs::write(media.join("recording.json"), "{\"hearing\":\"h1\",\"sealed\":true}").unwrap();
    fragments
}

pub(crate) fn signer() -> Ed25519Signer {
    Ed25519Signer::new(ORIGIN, &[5; 32]).unwrap()
}

/// Events as the hub journals them.
pub(crate) fn entry(stamped: &Stamped) -> NewEntry {
    let json = serde_json::to_value(stamped).unwrap();
    let actor = match &stamped.actor {
        Actor::Seat { seat } => seat.to_string(),
        Actor::Machine { process } => format!("{process:?}").to_lowercase(),
    };
    NewEntry {
        kind: json["event"]["type"].as_str().expect("every event has its tag").to_owned(),
        actor,
        device: String::new(),
        at: stamped.at,
        wall: UtcMs(START.0 + i64::try_from(stamped.at.0).unwrap()),
        payload: serde_json::to_vec(stamped).unwrap(),
    }
}

/// Small segments, so that a hearing has several; checkpoints only on request.
pub(crate) fn journal(dir: &Path) -> Journal {
    let config = JournalConfig {
        segment_bytes: 4 << 10,
        checkpoint_every: Duration::from_secs(3600),
        ..JournalConfig::new(ORIGIN, Box::new(signer()))
    };
    Journal::open(dir, config).unwrap().0
}

/// A folder with the hearing in it and its package.
pub(crate) struct Packed {
    pub(crate) dir: TempDir,
    pub(crate) hearing: Hearing,
    pub(crate) written: Written,
}

impl Packed {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hearing = Hearing::held(&dir.path().join("media"));
        let log = journal(&dir.path().join("journal"));
        for stamped in &hearing.events {
            log.append(vec![entry(stamped)]).wait().unwrap();
        }
        log.checkpoint().wait().unwrap();
        drop(log);
        let written = write(dir.path()).unwrap();
        Self { dir, hearing, written }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.written.path
    }

    /// A copy of the package to do harm to.
    pub(crate) fn copy(&self) -> (TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("package");
        for file in files(self.root()) {
            fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
            fs::copy(self.root().join(&file), to.join(&file)).unwrap();
        }
        (dir, to)
    }
}

pub(crate) fn write(dir: &Path) -> Result<Written, papers::PackageError> {
    let out_dir = dir.join("package");
    fs::create_dir_all(&out_dir).unwrap();
    write_package(&PackageInput {
        journal_dir: &dir.join("journal"),
        media_dir: &dir.join("media"),
        scans_dir: &dir.join("scans"),
        out_dir: &out_dir,
        font: Path::new(FONT),
        templates: &Templates::shipped(),
        signer: &signer(),
        now: UtcMs(START.0 + 3_600_000),
    })
}

/// Every file below `root`, relative to it.
pub(crate) fn files(root: &Path) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![root.to_owned()]);
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn flip(root: &Path, file: &str, at: usize) {
    let mut bytes = fs::read(root.join(file)).unwrap();
    bytes[at] ^= 1;
    fs::write(root.join(file), bytes).unwrap();
}

/// What the package's own script says of `root`: exit status and text.
pub(crate) fn python(script: &Path, root: &Path) -> (i32, String) {
    let out =
        Program::new("/usr/bin/python3").arg("-I").arg(script).arg(root).output().expect("Python 3 is there");
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    (out.status.code().expect("it ends by itself"), String::from_utf8(out.stdout).unwrap())
}
