//! Huiting's policy and its peers, each as a machine that is given sound and time and does one decode at a time.

use std::collections::VecDeque;
use std::time::Instant;

use model::{HearingTime, SeatId};
use protocol::link::recogniser::FromRecogniser;
use speech::gate::Judged;
use speech::live::{Decode, Live};
use speech::segment::{Cut, SegmentRules, Segmenter};
use speech::utterance::{self, Said};
use speech::vad::{Earshot, FRAME, FRAME_MS};
use speech::whisper::WhisperEngine;
use speech::{RATE_HZ, Recognizer as _, Request};

/// What a reader of the screen gets.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// Text of who is speaking, that may change.
    Shown { seat: usize, at_ms: u64 },
    /// Text that stays.
    Settled { seat: usize, from_ms: u64, to_ms: u64, raw: String, text: String, at_ms: u64 },
}

/// A decode that has been made; its result counts from `ready_ms` on.
pub(crate) struct Made<T> {
    pub(crate) result: T,
    pub(crate) took_ms: f64,
}

/// A streaming policy.
pub(crate) trait Policy {
    /// Sound of a seat.
    fn hear(&mut self, seat: usize, at_ms: u64, samples: &[i16]);
    /// Makes the decode that is due, if one is: how long it took.
    fn decode(&mut self, engine: &mut WhisperEngine, now_ms: u64) -> Option<f64>;
    /// The result of that decode is there.
    fn ready(&mut self, now_ms: u64) -> Vec<Told>;
    /// No more sound comes.
    fn end(&mut self);
}

fn raw_decode(engine: &mut WhisperEngine, samples: &[f32]) -> Made<String> {
    let began = Instant::now();
    let heard = engine.decode(Request { samples, prompt: "" }).expect("the engine decodes");
    Made { result: heard.text, took_ms: began.elapsed().as_secs_f64() * 1000.0 }
}

/// Huiting's own.
pub(crate) struct Huiting {
    live: Live,
    /// Where the scene being played begins in the sitting.
    since_ms: u64,
    seats: Vec<SeatId>,
    prompt: String,
    terms: Vec<String>,
    made: Option<(Decode, Made<Option<Said>>)>,
    /// Lines that were told twice: the engine must never do that.
    settled: std::collections::BTreeSet<(usize, u64)>,
    pub(crate) revised_chars: usize,
}

impl Huiting {
    pub(crate) fn new(seats: &[SeatId], terms: &[String], engine: &WhisperEngine) -> Self {
        let mut live = Live::new(SegmentRules::default());
        live.set_long_ms_max(longest_ms(engine));
        Self {
            live,
            since_ms: 0,
            seats: seats.to_vec(),
            prompt: utterance::prompt(terms),
            terms: terms.to_vec(),
            made: None,
            settled: std::collections::BTreeSet::new(),
            revised_chars: 0,
        }
    }

    /// The sitting goes on with another scene, of a case with these terms.
    pub(crate) fn go_on(&mut self, terms: &[String]) {
        self.since_ms = self.live.newest().0 + BREAK_MS;
        (self.prompt, self.terms) = (utterance::prompt(terms), terms.to_vec());
    }
}

/// Between two scenes of a sitting nothing is said for so long.
const BREAK_MS: u64 = 5000;

/// The longest utterance that the model bears.
pub(crate) fn longest_ms(engine: &WhisperEngine) -> u64 {
    engine.samples_max() as u64 * 1000 / u64::from(RATE_HZ)
}

impl Policy for Huiting {
    fn hear(&mut self, seat: usize, at_ms: u64, samples: &[i16]) {
        self.live.hear(&self.seats[seat], HearingTime(self.since_ms + at_ms), RATE_HZ, samples);
    }

    fn decode(&mut self, engine: &mut WhisperEngine, _now_ms: u64) -> Option<f64> {
        let decode = self.live.next_decode()?;
        let began = Instant::now();
        let said = utterance::decode(engine, &decode.samples, &self.prompt, &self.terms).expect("it decodes");
        let took_ms = began.elapsed().as_secs_f64() * 1000.0;
        self.made = Some((decode, Made { result: said, took_ms }));
        Some(took_ms)
    }

    fn ready(&mut self, now_ms: u64) -> Vec<Told> {
        let Some((decode, made)) = self.made.take() else { return Vec::new() };
        let now = HearingTime(self.since_ms + now_ms);
        let told = self.live.decoded(&decode.id, made.result, made.took_ms as u64, now);
        let mut out = Vec::new();
        for told in told {
            let at = |seat: &SeatId| self.seats.iter().position(|s| s == seat).expect("a seat");
            match told {
                FromRecogniser::Partial { seat, .. } => {
                    out.push(Told::Shown { seat: at(&seat), at_ms: now_ms })
                }
                FromRecogniser::Final { seat, utterance, from, to, text, raw, .. } => {
                    let seat = at(&seat);
                    if !self.settled.insert((seat, utterance)) {
                        self.revised_chars += text.chars().count();
                    }
                    let [from_ms, to_ms] = [from, to].map(|t| t.0.saturating_sub(self.since_ms));
                    out.push(Told::Settled { seat, from_ms, to_ms, raw, text, at_ms: now_ms });
                }
                FromRecogniser::Dropped { .. } | FromRecogniser::State { .. } => {}
            }
        }
        out
    }

    fn end(&mut self) {
        self.live.pause();
    }
}

/// LocalAgreement-2 as whisper_streaming does it (Macháček, Dabre, Bojar: Turning Whisper into a Real-Time Transcription System, 2023)
/// with voice activity detection: every second the whole utterance so far is decoded, and what two decodes in a row agree on is
/// committed for good. At the end of the voice it decodes once more, which the original leaves out, and commits the rest. Kinder to
/// it than the original too: nothing is trimmed by the model's own times, and its voice detector is ours.
pub(crate) struct LocalAgreement {
    channels: Vec<Channel>,
    long_ms_max: u64,
    made: Option<(usize, LastOf, Made<String>)>,
    due: VecDeque<usize>,
}

/// Whether a decode is an utterance's last, and its times.
#[derive(Debug, Clone, Copy)]
struct LastOf {
    from_ms: u64,
    /// `None`: it goes on.
    to_ms: Option<u64>,
}

struct Channel {
    segmenter: Segmenter,
    partial: Vec<f32>,
    frames: u64,
    /// Since when somebody speaks, and how much of it has been decoded.
    from_ms: Option<u64>,
    next_ms: u64,
    ended: VecDeque<(u64, u64, Vec<f32>)>,
    agreement: Agreement2,
}

/// New sound before the next decode: `--min-chunk-size 1.0`.
const CHUNK_MS: u64 = 1000;

impl LocalAgreement {
    pub(crate) fn new(seats: usize, engine: &WhisperEngine) -> Self {
        let rules = SegmentRules { long_ms_max: longest_ms(engine), ..SegmentRules::default() };
        let channel = || Channel {
            segmenter: Segmenter::new(rules, Box::<Earshot>::default()),
            partial: Vec::new(),
            frames: 0,
            from_ms: None,
            next_ms: 0,
            ended: VecDeque::new(),
            agreement: Agreement2::default(),
        };
        Self {
            channels: (0..seats).map(|_| channel()).collect(),
            long_ms_max: rules.long_ms_max,
            made: None,
            due: (0..seats).collect(),
        }
    }
}

impl Channel {
    fn cut(&mut self, cuts: Vec<Cut>) {
        for cut in cuts {
            match cut {
                Cut::Began { from } => (self.from_ms, self.next_ms) = (Some(from.0), from.0 + CHUNK_MS),
                Cut::Dropped { .. } | Cut::Torn { .. } | Cut::Whole { .. } => self.from_ms = None,
                Cut::Ended(u) => {
                    self.ended.push_back((u.from.0, u.to.0, u.samples));
                    self.from_ms = None;
                }
            }
        }
    }
}

impl Policy for LocalAgreement {
    fn hear(&mut self, seat: usize, _at_ms: u64, samples: &[i16]) {
        let channel = &mut self.channels[seat];
        channel.partial.extend(samples.iter().map(|s| f32::from(*s) / 32_768.0));
        while let Some(frame) = channel.partial.first_chunk::<FRAME>().copied() {
            channel.partial.drain(..FRAME);
            let at = HearingTime(channel.frames * FRAME_MS);
            channel.frames += 1;
            let cuts = channel.segmenter.frame(at, &frame, Judged::default());
            channel.cut(cuts);
        }
    }

    fn decode(&mut self, engine: &mut WhisperEngine, now_ms: u64) -> Option<f64> {
        // Whoever was served last waits longest.
        for turn in 0..self.due.len() {
            let seat = self.due[turn];
            let channel = &mut self.channels[seat];
            let (last, samples) = if let Some((from_ms, to_ms, samples)) = channel.ended.pop_front() {
                (LastOf { from_ms, to_ms: Some(to_ms) }, samples)
            } else if let Some(from_ms) = channel.from_ms.filter(|_| now_ms >= channel.next_ms) {
                channel.next_ms = now_ms + CHUNK_MS;
                let Some((samples, _)) = channel.segmenter.so_far() else { continue };
                (LastOf { from_ms, to_ms: None }, samples)
            } else {
                continue;
            };
            self.due.remove(turn);
            self.due.push_back(seat);
            debug_assert!(samples.len() as u64 <= (self.long_ms_max + 1000) * 16);
            let made = raw_decode(engine, &samples);
            let took_ms = made.took_ms;
            self.made = Some((seat, last, made));
            return Some(took_ms);
        }
        None
    }

    fn ready(&mut self, now_ms: u64) -> Vec<Told> {
        let Some((seat, LastOf { from_ms, to_ms }, made)) = self.made.take() else { return Vec::new() };
        let agreement = &mut self.channels[seat].agreement;
        let new = match to_ms {
            None => agreement.add(&made.result),
            Some(_) => std::mem::take(agreement).finish(&made.result),
        };
        if new.is_empty() && to_ms.is_none() {
            return Vec::new();
        }
        let shown = Told::Shown { seat, at_ms: now_ms };
        // Only the last of an utterance is known to reach to its end.
        let to_ms = to_ms.unwrap_or(from_ms);
        let settled = Told::Settled { seat, from_ms, to_ms, raw: new.clone(), text: new, at_ms: now_ms };
        vec![shown, settled]
    }

    fn end(&mut self) {
        for channel in &mut self.channels {
            let cuts = channel.segmenter.interrupt();
            channel.cut(cuts);
        }
    }
}

/// What two hypotheses in a row agree on, from their beginning, is committed.
#[derive(Debug, Default)]
pub(crate) struct Agreement2 {
    committed: Vec<char>,
    last: Vec<char>,
}

impl Agreement2 {
    /// A hypothesis over all the sound so far: what is newly committed.
    pub(crate) fn add(&mut self, text: &str) -> String {
        let rest = self.beyond(text);
        let agreed = self.last.iter().zip(&rest).take_while(|(a, b)| a == b).count();
        let new = rest[..agreed].to_vec();
        self.committed.extend(&new);
        self.last = rest[agreed..].to_vec();
        new.into_iter().collect()
    }

    /// The last one: all that is not committed yet.
    pub(crate) fn finish(self, text: &str) -> String {
        self.beyond(text).into_iter().collect()
    }

    /// A hypothesis behind what is committed: where its head is most like that. The original goes by the model's times.
    fn beyond(&self, text: &str) -> Vec<char> {
        let text: Vec<char> = text.chars().collect();
        let cut = (0..=text.len()).min_by_key(|n| {
            (speech::cer::edits(&self.committed, &text[..*n]), n.abs_diff(self.committed.len()))
        });
        text[cut.unwrap_or(0)..].to_vec()
    }
}

/// whisper.cpp's `stream` with its defaults: every 3 s the window of what came since the line began is decoded, voice or not; after
/// two steps the line stands, and the next begins with the last 200 ms of it.
pub(crate) struct FixedWindow {
    windows: Vec<Window>,
    schedule: Schedule,
    made: Option<(usize, u64, u64, bool, Made<String>)>,
    due: VecDeque<usize>,
}

/// How a fixed window goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    pub(crate) step_ms: u64,
    pub(crate) length_ms: u64,
    pub(crate) keep_ms: u64,
}

/// whisper.cpp's defaults.
pub(crate) const STREAM: Schedule = Schedule { step_ms: 3000, length_ms: 10_000, keep_ms: 200 };

impl Schedule {
    /// Steps of a line.
    pub(crate) fn steps(self) -> u64 {
        (self.length_ms / self.step_ms).saturating_sub(1).max(1)
    }

    /// Length of the window at each step of a line that begins with `kept_ms`.
    pub(crate) fn windows(self, mut kept_ms: u64) -> Vec<u64> {
        let step = |_| {
            kept_ms = kept_ms.min(self.keep_ms + self.length_ms - self.step_ms) + self.step_ms;
            kept_ms
        };
        (0..self.steps()).map(step).collect()
    }
}

#[derive(Default)]
struct Window {
    /// Since the line began, with what was kept.
    sound: Vec<f32>,
    /// Not yet in `sound`.
    new: Vec<f32>,
    /// Hearing time behind `new`.
    until_ms: u64,
    step: u64,
}

impl FixedWindow {
    pub(crate) fn new(seats: usize) -> Self {
        Self {
            windows: (0..seats).map(|_| Window::default()).collect(),
            schedule: STREAM,
            made: None,
            due: (0..seats).collect(),
        }
    }
}

impl Policy for FixedWindow {
    fn hear(&mut self, seat: usize, at_ms: u64, samples: &[i16]) {
        let window = &mut self.windows[seat];
        window.new.extend(samples.iter().map(|s| f32::from(*s) / 32_768.0));
        window.until_ms = at_ms + samples.len() as u64 * 1000 / u64::from(RATE_HZ);
    }

    fn decode(&mut self, engine: &mut WhisperEngine, _now_ms: u64) -> Option<f64> {
        let per_ms = RATE_HZ as usize / 1000;
        let Schedule { step_ms, length_ms, keep_ms } = self.schedule;
        let turn = self.due.iter().position(|s| self.windows[*s].new.len() >= step_ms as usize * per_ms)?;
        let seat = self.due.remove(turn)?;
        self.due.push_back(seat);
        let window = &mut self.windows[seat];
        let keep = (keep_ms + length_ms) as usize * per_ms;
        let take = keep.saturating_sub(window.new.len()).min(window.sound.len());
        window.sound.drain(..window.sound.len() - take);
        window.sound.append(&mut window.new);
        window.step += 1;
        let made = raw_decode(engine, &window.sound);
        let took_ms = made.took_ms;
        let to_ms = window.until_ms;
        let from_ms = to_ms.saturating_sub((window.sound.len() / per_ms) as u64);
        let ends = window.step == self.schedule.steps();
        if ends {
            window.step = 0;
            window.sound.drain(..window.sound.len().saturating_sub(keep_ms as usize * per_ms));
        }
        self.made = Some((seat, from_ms, to_ms, ends, made));
        Some(took_ms)
    }

    fn ready(&mut self, now_ms: u64) -> Vec<Told> {
        let Some((seat, from_ms, to_ms, ends, made)) = self.made.take() else { return Vec::new() };
        let mut told = Vec::new();
        if !made.result.is_empty() {
            told.push(Told::Shown { seat, at_ms: now_ms });
        }
        if ends {
            let (raw, text) = (made.result.clone(), made.result);
            told.push(Told::Settled { seat, from_ms, to_ms, raw, text, at_ms: now_ms });
        }
        told
    }

    fn end(&mut self) {
        // What is left is decoded as if it had gone on in silence.
        let schedule = self.schedule;
        for window in &mut self.windows {
            let left = schedule.steps() - window.step;
            let wanted = (left * schedule.step_ms) as usize * RATE_HZ as usize / 1000;
            let silent = wanted.saturating_sub(window.new.len()).min(schedule.step_ms as usize * 16);
            window.new.resize(window.new.len() + silent, 0.0);
        }
    }
}
