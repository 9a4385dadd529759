//! The recogniser process between a recorder and a hub, with the demo model, on the scripted hearing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};
use model::{HearingId, HearingTime, SeatId};
use protocol::link::Frame;
use protocol::link::recogniser::{FromRecogniser, ToRecogniser};
use protocol::link::recorder::{FromRecorder, ToRecorder};
use serde::Deserialize;
use speech::recogniser::{self, RecogniserConfig};
use speech::{ModelChoice, cer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Deserialize)]
struct Timeline {
    duration_ms: u64,
    seats: Vec<TimelineSeat>,
    cues: Vec<Cue>,
}

#[derive(Debug, Deserialize)]
struct TimelineSeat {
    id: SeatId,
    file: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Cue {
    kind: String,
    seat: SeatId,
    start_ms: u64,
    end_ms: u64,
    #[serde(default)]
    text: String,
}

fn made(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(path);
    assert!(path.exists(), "{} is missing: run scripts/setup.sh first", path.display());
    path
}

fn timeline() -> Timeline {
    let text = std::fs::read_to_string(made("fixtures/hearing/timeline.json")).expect("readable");
    serde_json::from_str(&text).expect("as render.py writes it")
}

/// When the scripted hearing is declared open, about.
const OPENED_MS: u64 = 20_000;

/// What a recorder gives.
struct Given {
    /// The script's sound between two times, as that of hearing `h-1`; at the second call, that of the second as the sound of
    /// `h-2`, and so on.
    hearings: Vec<(u64, u64)>,
    /// Sound that its ring has lost.
    hole: (u64, u64),
    /// Its recording holds what was said from here on.
    recorded_ms: u64,
}

async fn recorder(socket: PathBuf, given: Given) {
    let listener = UnixListener::bind(socket).expect("a fresh folder");
    let mut served = tokio::task::JoinSet::new();
    let Given { hearings, hole, recorded_ms } = given;
    let mut hearings = (1..).zip(hearings);
    loop {
        let (mut stream, _) = listener.accept().await.expect("the recogniser calls");
        let mut buffer = BytesMut::new();
        let asked = loop {
            match Frame::<ToRecorder>::decode(&mut buffer).expect("ours") {
                Some(frame) => break frame.message,
                None => assert_ne!(stream.read_buf(&mut buffer).await.expect("connected"), 0),
            }
        };
        match asked {
            ToRecorder::Recorded { from, to, .. } => {
                served.spawn(give_recorded(stream, from.0, to.0, recorded_ms));
            }
            _ => {
                let (n, stretch) = hearings.next().expect("no more calls than hearings");
                served.spawn(give(stream, format!("h-{n}"), stretch, hole));
            }
        }
    }
}

/// What each microphone of the scripted hearing heard, 16 kHz.
static SOUND: LazyLock<Vec<(SeatId, Vec<i16>)>> = LazyLock::new(|| {
    let channel = |s: &TimelineSeat| {
        let wav = hound::WavReader::open(made("fixtures/hearing").join(&s.file)).expect("a WAV file");
        (s.id.clone(), wav.into_samples::<i16>().map(|s| s.expect("whole")).collect())
    };
    timeline().seats.iter().map(channel).collect()
});

fn bytes_of(samples: &[i16], from_ms: u64, to_ms: u64) -> Bytes {
    let place = |ms: u64| (ms as usize * 16).min(samples.len());
    samples[place(from_ms)..place(to_ms)].iter().flat_map(|s| s.to_le_bytes()).collect()
}

async fn give_recorded(mut stream: UnixStream, from_ms: u64, to_ms: u64, recorded_ms: u64) {
    let mut out = BytesMut::new();
    let next = if to_ms > recorded_ms { None } else { Some(HearingTime(recorded_ms)) };
    for (seat, samples) in SOUND.iter().filter(|_| next.is_none()) {
        let message =
            FromRecorder::Recorded { seat: seat.clone(), at: HearingTime(from_ms), rate_hz: 16_000 };
        Frame { message, body: bytes_of(samples, from_ms, to_ms) }.encode(&mut out).expect("small");
    }
    Frame::bare(FromRecorder::RecordedEnd { next }).encode(&mut out).expect("small");
    // The recogniser may have ended.
    let _ = stream.write_all(&out).await;
}

/// As fast as it is taken.
async fn give(mut stream: UnixStream, hearing: String, (from_ms, to_ms): (u64, u64), hole: (u64, u64)) {
    let hearing = HearingId::new(hearing).expect("a plain name");
    let state = |recording| FromRecorder::State {
        hearing: Some(hearing.clone()),
        recording,
        sound_ok: true,
        microphones: Vec::new(),
        picture_ok: true,
        disk_minutes_left: 1,
        fault: None,
        rehearsal_ms: None,
    };
    let mut out = BytesMut::new();
    let lost = |ms: u64| (hole.0..hole.1).contains(&ms);
    for ms in (from_ms..to_ms).step_by(100).filter(|ms| !lost(*ms)) {
        // Every second, as the recorder does; before 开庭 nothing is recorded yet.
        if ms == from_ms || ms % 1000 == 0 {
            Frame::bare(state(ms >= OPENED_MS)).encode(&mut out).expect("small");
        }
        if ms > from_ms && lost(ms - 1) {
            for (seat, _) in SOUND.iter() {
                let begins = FromRecorder::RingStart { seat: seat.clone(), first_sample: ms * 16 };
                Frame::bare(begins).encode(&mut out).expect("small");
            }
        }
        for (seat, samples) in SOUND.iter() {
            let body = bytes_of(samples, ms, ms + 100);
            let message = FromRecorder::Audio {
                seat: seat.clone(),
                first_sample: ms * 16,
                at: HearingTime(ms),
                rate_hz: 16_000,
            };
            Frame { message, body }.encode(&mut out).expect("small");
        }
        if stream.write_all(&out).await.is_err() {
            // It listens to another hearing now.
            return;
        }
        out.clear();
    }
    // Held open: a recorder that hangs up would end what is being said.
    std::future::pending::<()>().await;
}

struct Line {
    seat: SeatId,
    from: u64,
    to: u64,
    text: String,
    command: bool,
}

/// Runs the process on the hearing between two times; gives the lines until one ends behind `until_ms`.
async fn run(from_ms: u64, to_ms: u64, until_ms: u64, first: Vec<ToRecogniser>) -> (Vec<Line>, usize) {
    let process = Recogniser::start(vec![(from_ms, to_ms)]);
    let heard = process.hub(first, until_ms).await;
    process.end().await;
    heard
}

/// The process, with a recorder of [`recorder`].
struct Recogniser {
    dir: tempfile::TempDir,
    cancel: CancellationToken,
    process: tokio::task::JoinHandle<Result<(), recogniser::RecogniserError>>,
    recorder: tokio::task::JoinHandle<()>,
}

impl Recogniser {
    fn start(hearings: Vec<(u64, u64)>) -> Self {
        let given = Given { hearings, hole: (0, 0), recorded_ms: u64::MAX };
        Self::start_with(given, ModelChoice::fixed(made("models/ggml-huiting-demo.bin")))
    }

    fn start_with(given: Given, model: ModelChoice) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let run_dir = dir.path().to_owned();
        let recorder = tokio::spawn(recorder(run_dir.join("recorder.sock"), given));
        let config = RecogniserConfig {
            run_dir,
            model,
            small_model: None,
            manifest: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/manifest.toml"),
            threads: None,
        };
        let cancel = CancellationToken::new();
        let process = tokio::spawn(recogniser::run(config, cancel.clone()));
        Self { dir, cancel, process, recorder }
    }

    /// Connects as a hub and says `first`; gives the lines until one ends behind `until_ms`.
    async fn hub(&self, first: Vec<ToRecogniser>, until_ms: u64) -> (Vec<Line>, usize) {
        self.hub_until(first, |lines| lines.last().is_some_and(|l| l.to > until_ms)).await
    }

    /// The same, until they are `enough`.
    async fn hub_until(
        &self,
        first: Vec<ToRecogniser>,
        enough: impl Fn(&[Line]) -> bool,
    ) -> (Vec<Line>, usize) {
        let mut hub = loop {
            match UnixStream::connect(self.dir.path().join("recogniser.sock")).await {
                Ok(stream) => break stream,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let mut out = BytesMut::new();
        for message in first {
            Frame::bare(message).encode(&mut out).expect("small");
        }
        hub.write_all(&out).await.expect("connected");
        listen(hub, enough).await
    }

    /// Connects as the hub of a hearing, and waits until the state is as wanted.
    async fn state(&self, hearing: &str, wanted: impl Fn(Option<&str>, Option<&str>) -> bool) {
        let mut hub = UnixStream::connect(self.dir.path().join("recogniser.sock")).await.expect("it listens");
        let mut out = BytesMut::new();
        Frame::bare(hello_of(hearing, Vec::new())).encode(&mut out).expect("small");
        hub.write_all(&out).await.expect("connected");
        let mut buffer = BytesMut::new();
        loop {
            while let Some(frame) = Frame::<FromRecogniser>::decode(&mut buffer).expect("ours") {
                if let FromRecogniser::State { model, fault, .. } = frame.message
                    && wanted(model.as_deref(), fault.as_deref())
                {
                    return;
                }
            }
            assert_ne!(hub.read_buf(&mut buffer).await.expect("connected"), 0, "the recogniser hung up");
        }
    }

    async fn end(self) {
        self.cancel.cancel();
        self.process.await.expect("no panic").expect("ends in order");
        self.recorder.abort();
    }
}

async fn listen(mut hub: UnixStream, enough: impl Fn(&[Line]) -> bool) -> (Vec<Line>, usize) {
    let (mut lines, mut partials) = (Vec::new(), 0);
    let mut buffer = BytesMut::new();
    'listen: loop {
        while let Some(frame) = Frame::<FromRecogniser>::decode(&mut buffer).expect("ours") {
            match frame.message {
                FromRecogniser::Final { seat, from, to, text, command, .. } => {
                    lines.push(Line { seat, from: from.0, to: to.0, text, command });
                    if enough(&lines) {
                        break 'listen;
                    }
                }
                FromRecogniser::State { fault: Some(fault), model: None, .. }
                    if fault.contains("manifest") =>
                {
                    panic!("{fault}");
                }
                FromRecogniser::Partial { .. } => partials += 1,
                FromRecogniser::State { .. } | FromRecogniser::Dropped { .. } => {}
            }
        }
        assert_ne!(hub.read_buf(&mut buffer).await.expect("connected"), 0, "the recogniser hung up");
    }
    (lines, partials)
}

fn hello(settled_until: Vec<(SeatId, HearingTime)>) -> ToRecogniser {
    hello_of("h-1", settled_until)
}

fn hello_of(hearing: &str, settled_until: Vec<(SeatId, HearingTime)>) -> ToRecogniser {
    ToRecogniser::HubHello { hearing: HearingId::new(hearing).expect("a plain name"), settled_until }
}

/// What a seat said within the lines, joined.
fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scripted_hearing_is_written_down_seat_by_seat() {
    let timeline = timeline();
    let last = timeline.cues.iter().filter(|c| !c.text.is_empty() && c.kind != "act").map(|c| c.end_ms).max();
    let until = last.expect("somebody speaks") - 300;
    let (lines, _) = run(0, timeline.duration_ms, until, vec![hello(Vec::new())]).await;
    let (mut wrong, mut all) = (0, 0);
    for seat in &timeline.seats {
        let said =
            timeline.cues.iter().filter(|c| c.seat == seat.id && c.kind != "act").map(|c| c.text.as_str());
        let want = cer::characters(&text::written(&joined(said)));
        let mut own: Vec<&Line> = lines.iter().filter(|l| l.seat == seat.id).collect();
        own.sort_by_key(|l| l.from);
        let got = cer::characters(&joined(own.iter().map(|l| l.text.as_str())));
        let edits = cer::edits(&want, &got);
        eprintln!("{}: {edits} of {} characters wrong, {} lines", seat.id, want.len(), own.len());
        (wrong, all) = (wrong + edits, all + want.len());
    }
    eprintln!("hearing: {wrong} of {all} characters wrong, {:.2} %", wrong as f64 * 100.0 / all as f64);
    for line in &lines {
        eprintln!("{:>7} {:>7} {:<10} {}", line.from, line.to, line.seat, line.text);
    }
    assert!(wrong * 20 <= all, "more than 5 % of the characters are wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_with_the_key_held_is_a_command() {
    let timeline = timeline();
    let seat = SeatId::new("judge").expect("a plain name");
    let command = timeline.cues.iter().find(|c| c.kind == "command").expect("the script has commands");
    let key = |down, at| ToRecogniser::PushToTalk { seat: seat.clone(), down, at: HearingTime(at) };
    let first = vec![key(true, command.start_ms - 200), key(false, command.end_ms + 200), hello(Vec::new())];
    let (lines, _) = run(command.start_ms - 7_000, command.end_ms + 8_000, command.start_ms + 1, first).await;
    let commands: Vec<_> = lines.iter().filter(|l| l.command).collect();
    assert_eq!(commands.len(), 1);
    assert!(cer::rate(&text::written(&command.text), &commands[0].text) < 0.2, "{}", commands[0].text);
    assert!(lines.iter().filter(|l| l.seat != seat).all(|l| !l.command));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_recogniser_repeats_nothing_that_has_settled() {
    let timeline = timeline();
    let clerk = SeatId::new("clerk").expect("a plain name");
    let (lines, _) = run(0, 30_000, 18_000, vec![hello(vec![(clerk.clone(), HearingTime(9_500))])]).await;
    let clerks: Vec<_> = lines.iter().filter(|l| l.seat == clerk).collect();
    let want: Vec<_> =
        timeline.cues.iter().filter(|c| c.seat == clerk && c.start_ms > 9_500 && c.end_ms < 19_000).collect();
    assert_eq!(clerks.len(), want.len());
    assert!(clerks.iter().all(|l| l.from >= 9_500));
}

/// The recogniser was away for longer than the recorder's ring holds: what was said meanwhile is written from the recording, once, and
/// what is said now first.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_ring_no_longer_holds_is_read_from_the_recording() {
    const KNOWN_MS: u64 = 23_300;
    const RING_MS: u64 = 59_600;
    const END_MS: u64 = 80_000;
    let timeline = timeline();
    let said = |from: u64, to: u64| {
        let of =
            timeline.cues.iter().filter(move |c| c.kind == "speech" && c.start_ms >= from && c.end_ms <= to);
        of.map(|c| (c.seat.clone(), text::written(&c.text))).collect::<Vec<_>>()
    };
    let before = timeline.cues.iter().filter(|c| c.kind == "speech" && c.end_ms <= KNOWN_MS);
    let mut settled: Vec<(SeatId, HearingTime)> = Vec::new();
    before.for_each(|c| settled.push((c.seat.clone(), HearingTime(c.end_ms + 200))));
    assert!(!settled.is_empty());
    let model = ModelChoice::fixed(made("models/ggml-huiting-demo.bin"));
    // The recording begins where the first known line is, so that it is read again and not written again.
    let given = Given { hearings: vec![(RING_MS, END_MS)], hole: (0, 0), recorded_ms: 5_000 };
    let process = Recogniser::start_with(given, model);
    let wanted = said(KNOWN_MS, RING_MS);
    let is_missed = |l: &&Line| l.to < RING_MS && !l.command;
    let enough = |lines: &[Line]| {
        let missed = lines.iter().filter(is_missed).count();
        missed >= wanted.len() && lines.iter().any(|l| l.from >= RING_MS)
    };
    let (lines, _) = process.hub_until(vec![hello(settled.clone())], enough).await;
    process.end().await;
    let mut missed: Vec<&Line> = lines.iter().filter(is_missed).collect();
    missed.sort_by_key(|l| l.from);
    let want = joined(wanted.iter().map(|(_, text)| text.as_str()));
    let got = joined(missed.iter().map(|l| l.text.as_str()));
    assert!(cer::rate(&want, &got) < 0.05, "{got} is not {want}");
    assert!(missed.iter().zip(&wanted).all(|(l, (seat, _))| l.seat == *seat), "each with its speaker");
    assert!(missed.iter().all(|l| l.from + 500 >= KNOWN_MS), "what stands is not written again");
}

/// The recogniser was starved for a while, from the middle of one utterance to the middle of another: both are written whole.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_hole_tears_is_written_whole_from_the_recording() {
    const END_MS: u64 = 80_000;
    let timeline = timeline();
    let is_heard = |c: &&Cue| c.kind == "speech" && c.end_ms < END_MS - 10_000;
    let speech: Vec<&Cue> = timeline.cues.iter().filter(is_heard).collect();
    let long: Vec<&Cue> = speech.iter().copied().filter(|c| c.end_ms > c.start_ms + 2_500).collect();
    let torn = [long[long.len() / 3], long[long.len() * 2 / 3]];
    let amid = |c: &Cue| c.start_ms.midpoint(c.end_ms) / 100 * 100;
    let hole = (amid(torn[0]), amid(torn[1]));
    let model = ModelChoice::fixed(made("models/ggml-huiting-demo.bin"));
    let process = Recogniser::start_with(Given { hearings: vec![(0, END_MS)], hole, recorded_ms: 0 }, model);
    let last = speech.last().expect("somebody speaks");
    let edges = torn.map(|c| [c.start_ms + 500, c.end_ms - 500]).into_iter().flatten();
    let known: Vec<u64> = edges.chain([last.end_ms - 500]).collect();
    let enough = |lines: &[Line]| known.iter().all(|at| lines.iter().any(|l| (l.from..l.to).contains(at)));
    let (mut lines, _) = process.hub_until(vec![hello(Vec::new())], enough).await;
    process.end().await;
    lines.sort_by_key(|l| l.from);
    lines.retain(|l| l.to <= last.end_ms + 500 && !l.command);
    for cue in torn {
        let of: Vec<&Line> = lines.iter().filter(|l| l.from < cue.end_ms && l.to > cue.start_ms).collect();
        let texts: Vec<&str> = of.iter().map(|l| &*l.text).collect();
        assert!(
            of.len() == 1 && of[0].seat == cue.seat,
            "{} is one line of {}: {texts:?}",
            cue.text,
            cue.seat
        );
    }
    let want = joined(speech.iter().map(|c| text::written(&c.text)).collect::<Vec<_>>().iter().map(|t| &**t));
    let got = joined(lines.iter().map(|l| &*l.text));
    assert!(cer::rate(&want, &got) < 0.03, "{got} is not {want}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_hearing_hears_nothing_of_the_one_before() {
    let process = Recogniser::start(vec![(0, 20_000), (60_000, 90_000)]);
    let (before, _) = process.hub(vec![hello_of("h-1", Vec::new())], 8_000).await;
    assert!(before.iter().all(|l| l.to <= 20_000));
    let (next, _) = process.hub(vec![hello_of("h-2", Vec::new())], 65_000).await;
    assert!(!next.is_empty() && next.iter().all(|l| l.from >= 60_000), "{:?}", next[0].text);
    // A hub that comes back within a hearing is told what settled meanwhile, and again nothing of another.
    let (again, _) = process.hub(vec![hello_of("h-2", Vec::new())], 65_000).await;
    assert_eq!(again[0].text, next[0].text);
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_chosen_between_hearings_is_used_from_the_next_on_and_a_bad_one_never() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (folder.path().join("ggml-huiting-demo.bin"), folder.path().join("ggml-other.bin"));
    std::fs::copy(made("models/ggml-huiting-demo.bin"), &first).expect("copied");
    std::fs::copy(&first, &second).expect("copied");
    let choice = ModelChoice { settings: first, chosen: Some(folder.path().join("speech-model")) };
    let given = Given { hearings: vec![(0, 9_000); 4], hole: (0, 0), recorded_ms: u64::MAX };
    let process = Recogniser::start_with(given, choice.clone());
    let (lines, _) = process.hub(vec![hello_of("h-1", Vec::new())], 5_000).await;
    assert!(!lines.is_empty());
    choice.choose(Some("ggml-other.bin")).expect("chosen");
    // The hearing goes on with the model that it began with.
    process.state("h-1", |model, _| model == Some("huiting-demo")).await;
    process.state("h-2", |model, _| model == Some("other")).await;
    std::fs::write(folder.path().join("ggml-bad.bin"), b"no model").expect("written");
    choice.choose(Some("ggml-bad.bin")).expect("chosen");
    let kept = |model: Option<&str>, fault: Option<&str>| {
        model == Some("other") && fault.is_some_and(|f| f.contains("ggml-bad.bin"))
    };
    process.state("h-3", kept).await;
    process.end().await;
}

/// Killed amid an utterance, whoever speaks: its successor writes what was being said whole, and nothing else anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_recogniser_that_dies_amid_an_utterance_loses_nothing_and_adds_nothing() {
    const END_MS: u64 = 110_000;
    let timeline = timeline();
    let (mut whole, _) = run(0, END_MS, END_MS - 12_000, vec![hello(Vec::new())]).await;
    whole.sort_by_key(|l| l.from);
    let cues: Vec<&Cue> =
        timeline.cues.iter().filter(|c| c.kind == "speech" && c.end_ms < END_MS - 15_000).collect();
    let mut wrong = Vec::new();
    for (cue, next) in cues.iter().zip(&cues[1..]).skip(1).step_by(3) {
        let killed_ms = cue.start_ms.midpoint(cue.end_ms);
        let mut settled = std::collections::BTreeMap::new();
        for line in whole.iter().filter(|l| l.to + 500 < killed_ms && !l.command) {
            settled.insert(line.seat.clone(), HearingTime(line.to));
        }
        let settled: Vec<_> = settled.into_iter().collect();
        let from = killed_ms.saturating_sub(60_000) / 100 * 100;
        let heard = run(from, next.end_ms + 3_000, next.start_ms, vec![hello(settled)]);
        let (mut lines, _) = heard.await;
        lines.sort_by_key(|l| l.from);
        let until = cue.end_ms + 400;
        let want: Vec<_> = whole
            .iter()
            .filter(|l| l.to + 500 >= killed_ms && l.to < until)
            .map(|l| (&l.seat, &l.text))
            .collect();
        let got: Vec<_> = lines.iter().filter(|l| l.to < until).map(|l| (&l.seat, &l.text)).collect();
        if want != got {
            wrong.push(format!("killed at {killed_ms}: {got:?}, not {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cues.len(), wrong.join("\n"));
}
