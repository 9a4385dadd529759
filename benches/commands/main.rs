//! `commands`: a thousand spoken commands over the sample case, as they are written and as the recogniser writes them: said in voices
//! that training never heard, with the key held, through the room's own cutting, model, words of the case and repairs.
//!
//! `--texts` prints what is to be said, for `fixtures/speech/commands.py`; `SHOW=1` shows what was heard of each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench ends where something is not as it must be"
)]

#[path = "../support/sample.rs"]
mod sample;
#[path = "../support/spoken.rs"]
mod spoken;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use model::{HearingTime, SeatId};
use protocol::link::recogniser::FromRecogniser;
use sample::{Sample, Verdict, short};
use serde::Deserialize;
use speech::live::Live;
use speech::segment::SegmentRules;
use speech::utterance;
use speech::whisper::WhisperEngine;
use speech::{Manifest, RATE_HZ, Recognizer as _};
use spoken::Meant;
use support::{Figure, percentile, quick, say, skipped, timed};

const COMMANDS: usize = 1000;
const QUICK_COMMANDS: usize = 60;
/// The key goes down before the words and comes up after them.
const KEY_BEFORE_MS: u64 = 150;
const KEY_AFTER_MS: u64 = 200;
/// Sound comes in pieces of this length.
const PIECE_MS: u64 = 20;
const PER_MS: usize = RATE_HZ as usize / 1000;

#[derive(Deserialize)]
struct Cue {
    text: String,
    voice: String,
    start_ms: u64,
    end_ms: u64,
}

/// What is said and what it means: every form in every way of saying it, as often as it takes.
fn utterances() -> Vec<(Meant, String)> {
    let forms = spoken::SAID.iter().flat_map(|&(meant, manner, ways)| {
        let ways = ways.split_whitespace();
        ways.flat_map(move |form| spoken::variants(form, manner)).map(move |text| (meant, text))
    });
    let all: Vec<_> = forms.collect();
    let wanted = if quick() { QUICK_COMMANDS } else { COMMANDS };
    // Coprime to what may follow one another, so that a quick round has some of each kind.
    (0..wanted).map(|n| all[(n * 37) % all.len()].clone()).collect()
}

/// As it is spoken: numbers in words.
fn aloud(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if let Ok(number) = digits.parse::<u64>() {
            out.push_str(&text::numeral::to_chinese(number));
            digits.clear();
        }
        out.push(c);
    }
    out.trim_end().to_owned()
}

fn main() {
    let said = utterances();
    if std::env::args().any(|a| a == "--texts") {
        let texts: Vec<String> = said.iter().map(|(_, text)| aloud(text)).collect();
        return println!("{}", serde_json::to_string(&texts).expect("texts"));
    }
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let Some(sample) = Sample::load(folder.path()) else {
        return skipped("commands", "target/fixtures/case is missing or damaged: run fixtures/case/build.py");
    };
    written(&sample, &said);
    recognised(&sample, &said);
}

/// The figures of a round.
#[derive(Default)]
struct Score {
    right: usize,
    wrong_page: usize,
    took_ms: Vec<f64>,
}

impl Score {
    fn add(&mut self, sample: &Sample, meant: Meant, words: &str) -> String {
        let (took_ms, outcome) = timed(|| sample.said(words));
        self.took_ms.push(took_ms);
        match sample.judge(meant, &outcome) {
            Verdict::Right => self.right += 1,
            Verdict::WrongPage => self.wrong_page += 1,
            Verdict::Missed => {}
        }
        short(&outcome)
    }

    fn print(&self, name: &str, of: usize, goal: f64, note: String) {
        let share = |part: usize| vec![100.0 * part as f64 / of as f64];
        Figure::new(name, "%", share(self.right)).at_least(goal).note(note).print();
        let note = format!("{} of the same {of}", self.wrong_page);
        Figure::new(format!("{name}_wrong_page"), "%", share(self.wrong_page))
            .at_most(0.3)
            .note(note)
            .print();
    }
}

fn written(sample: &Sample, said: &[(Meant, String)]) {
    let mut score = Score::default();
    for (meant, text) in said {
        let before = score.right;
        let outcome = score.add(sample, *meant, text);
        if score.right == before {
            say(&format!("commands: {text}: {outcome}"));
        }
    }
    score.print(
        "commands_true_text",
        said.len(),
        98.0,
        format!("{} spoken commands as they are written", said.len()),
    );
    Figure::new("command_to_outcome_p99_ms", "ms", vec![percentile(&score.took_ms, 0.99)])
        .at_most(250.0)
        .note("from the text of a command to what it asks for, searches of the sample case among it")
        .print();
}

fn recognised(sample: &Sample, said: &[(Meant, String)]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/bench").join(if quick() { "commands-quick" } else { "commands" });
    let cues: Option<Vec<Cue>> =
        std::fs::read(folder.join("commands.json")).ok().and_then(|json| serde_json::from_slice(&json).ok());
    let Some(cues) = cues.filter(|cues| cues.iter().map(|c| &c.text).eq(&texts_of(said))) else {
        return skipped(
            "commands_recognised",
            "what is said has not been rendered, or is no longer the same: run `make bench NAME=commands`",
        );
    };
    let samples: Vec<i16> = hound::WavReader::open(folder.join("commands.wav"))
        .expect("what is said")
        .into_samples()
        .collect::<Result<_, _>>()
        .expect("a whole recording");
    let mut court = Court::new(root, sample.vocabulary());
    let (mut score, mut split) = (Score::default(), 0);
    let mut by_voice = std::collections::BTreeMap::<&str, (usize, usize)>::new();
    for (n, (cue, (meant, text))) in cues.iter().zip(said).enumerate() {
        let until =
            cues.get(n + 1).map_or(cue.end_ms + 2000, |next| next.start_ms - KEY_BEFORE_MS - PIECE_MS);
        let heard = court.command(cue, until.min(cue.end_ms + 2000), &samples);
        split += usize::from(heard.len() > 1);
        let before = score.right;
        // The bench sees the last: what it said before that must not have led away.
        let outcome = score.add(sample, *meant, heard.last().map_or("", String::as_str));
        let voice = by_voice.entry(&cue.voice).or_default();
        *voice = (voice.0 + score.right - before, voice.1 + 1);
        if score.right == before || std::env::var_os("SHOW").is_some() {
            say(&format!("commands: {text} heard as {}: {outcome}", heard.join(" | ")));
        }
    }
    let voices: Vec<String> =
        by_voice.iter().map(|(v, (right, all))| format!("{v} {right} of {all}")).collect();
    let note = format!(
        "synthesised in held-out voices ({}), demo model; {split} cut in two by a pause; the demo model's speech had many of these \
         wordings in other voices",
        voices.join(", ")
    );
    score.print("commands_recognised", said.len(), 95.0, note);
}

fn texts_of(said: &[(Meant, String)]) -> Vec<String> {
    said.iter().map(|(_, text)| aloud(text)).collect()
}

/// One microphone with its key, and the recogniser behind it.
struct Court {
    live: Live,
    engine: WhisperEngine,
    seat: SeatId,
    prompt: String,
    terms: Vec<String>,
}

impl Court {
    fn new(root: &Path, terms: Vec<String>) -> Self {
        let model = root.join("target/models/ggml-huiting-demo.bin");
        let manifest = Manifest::load(&root.join("models/manifest.toml")).expect("the list of models");
        let engine =
            WhisperEngine::load(&model, &manifest, None).expect("the demo model is assembled by make setup");
        let mut live = Live::new(SegmentRules::default());
        live.set_long_ms_max(engine.samples_max() as u64 * 1000 / u64::from(RATE_HZ));
        let seat = SeatId::new("judge").expect("a plain name");
        Self { live, engine, seat, prompt: utterance::prompt(&terms), terms }
    }

    /// What is heard of a command.
    fn command(&mut self, cue: &Cue, until_ms: u64, samples: &[i16]) -> Vec<String> {
        let (down, up) = (cue.start_ms.saturating_sub(KEY_BEFORE_MS), cue.end_ms + KEY_AFTER_MS);
        self.live.key(&self.seat, true, HearingTime(down));
        let mut heard = Vec::new();
        let mut at = down;
        while at < until_ms {
            if at <= up && up < at + PIECE_MS {
                self.live.key(&self.seat, false, HearingTime(up));
            }
            let piece = &samples[at as usize * PER_MS..][..PIECE_MS as usize * PER_MS];
            self.live.hear(&self.seat, HearingTime(at), RATE_HZ, piece);
            heard.extend(self.decoded(at + PIECE_MS));
            at += PIECE_MS;
        }
        self.live.pause();
        heard.extend(self.decoded(at));
        heard
    }

    fn decoded(&mut self, now_ms: u64) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(decode) = self.live.next_decode() {
            let said = utterance::decode(&mut self.engine, &decode.samples, &self.prompt, &self.terms);
            for told in self.live.decoded(&decode.id, said.expect("it decodes"), 0, HearingTime(now_ms)) {
                if let FromRecogniser::Final { text, command: true, .. } = told {
                    heard.push(text);
                }
            }
        }
        heard
    }
}
