//! `speech`: what the streaming policy makes of the room's sound, against the same model's whole-file decode (the floor) and two
//! other policies on the same model (the peers), over a rendered corpus of four microphones.
//!
//! Time is simulated: sound comes in pieces of 20 ms, a decode takes as long as it really took on this machine, and what it gave is
//! there when that time is over. Hours of sound are thus measured as they would run live, in less than their length.
//!
//! `ONLY=names` takes the scenes whose names begin so; `SHOW=1` shows on standard error what was said and what was written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench ends where something is not as it must be"
)]

#[path = "../support/mod.rs"]
mod support;

mod corpus;
mod policies;
mod score;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use corpus::Scene;
use policies::{Agreement2, FixedWindow, Huiting, LocalAgreement, Policy, STREAM, Schedule, Told};
use score::Score;
use speech::whisper::WhisperEngine;
use speech::{Manifest, Recognizer as _};
use support::{Figure, percentile, quick, say, skipped};

/// Sound comes in pieces of this length.
const PIECE_MS: u64 = 20;

/// The figures of each policy, by condition.
type Scores = BTreeMap<String, Score>;

fn main() {
    peers_are_what_they_claim();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/bench").join(if quick() { "speech-quick" } else { "speech" });
    let Some(names) = index(&folder) else {
        return skipped("speech", "the corpus is not there: run `make bench NAME=speech`, which renders it");
    };
    let model = root.join("target/models/ggml-huiting-demo.bin");
    let manifest = Manifest::load(&root.join("models/manifest.toml")).expect("the list of models");
    let mut engine =
        WhisperEngine::load(&model, &manifest, None).expect("the demo model is assembled by make setup");
    // The first decode sets up what later ones find.
    engine.decode(speech::Request { samples: &[0.0; 32_000], prompt: "" }).expect("it decodes");
    let [mut ours, mut plain, mut whole, mut agreement, mut window, mut same] =
        [(); 6].map(|()| Scores::new());
    let mut sitting: Option<Huiting> = None;
    let mut memory: Vec<(f64, f64)> = Vec::new();
    let only = std::env::var("ONLY").unwrap_or_default();
    for name in names.iter().filter(|n| n.starts_with(&only)) {
        let scene = Scene::load(&folder, name);
        let keep = |scores: &mut Scores, score: Score| {
            scores.entry(scene.condition.clone()).or_default().add(&score);
            let part = 100.0 * score.busy_ms / score.sound_ms;
            match score.said {
                0 => format!("{} characters, {part:.0} % busy", score.written),
                _ => format!("CER {:.2} %, {part:.0} % busy", score.cer()),
            }
        };
        // One sitting from the first scene to the last: what grows in it shows.
        let huiting = sitting.get_or_insert_with(|| Huiting::new(&scene.seats, &scene.terms, &engine));
        huiting.go_on(&scene.terms);
        let score = run(&scene, huiting, &mut engine);
        let a = keep(&mut ours, score.clone());
        let hours = memory.last().map_or(0.0, |(hours, _)| *hours) + scene.duration_ms as f64 / 3_600_000.0;
        memory.push((hours, resident_mib()));
        if !scene.terms.is_empty() {
            keep(&mut plain, run(&scene, &mut Huiting::new(&scene.seats, &[], &engine), &mut engine));
        }
        let mut line = format!("{name}: {a}");
        if !scene.own.is_empty() {
            line += &format!("; floor {}", keep(&mut whole, offline(&scene, &mut engine)));
        }
        // The first of each condition is enough to compare: a fixed window decodes far more than it needs.
        if name.ends_with("-0") {
            let mut peer = LocalAgreement::new(scene.seats.len(), &engine);
            line +=
                &format!("; LocalAgreement-2 {}", keep(&mut agreement, run(&scene, &mut peer, &mut engine)));
            let mut peer = FixedWindow::new(scene.seats.len());
            line += &format!("; fixed window {}", keep(&mut window, run(&scene, &mut peer, &mut engine)));
            same.entry(scene.condition.clone()).or_default().add(&score);
        }
        say(&line);
    }
    let peers = Peers { agreement, window, same };
    print(&ours, &plain, &whole, &peers, sitting.map_or(0, |s| s.revised_chars));
    grown(&memory);
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells of a process");
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches("kB").trim().parse::<f64>().expect("a number") / 1024.0
}

/// What the memory of the process grows by in eight hours, by the line through what it was after each scene, the first half hour left out.
fn grown(memory: &[(f64, f64)]) {
    let settled: Vec<_> = memory.iter().filter(|(hours, _)| *hours > 0.5).collect();
    if settled.len() < 3 {
        return skipped("speech_memory_mib_in_8h", "the sitting is too short");
    }
    let n = settled.len() as f64;
    let (x, y) = settled.iter().fold((0.0, 0.0), |(x, y), (hours, mib)| (x + hours / n, y + mib / n));
    let covariance: f64 = settled.iter().map(|(hours, mib)| (hours - x) * (mib - y)).sum();
    let variance: f64 = settled.iter().map(|(hours, _)| (hours - x).powi(2)).sum();
    let hours = memory.last().map_or(0.0, |(hours, _)| *hours);
    Figure::new("speech_memory_mib_in_8h", "MiB", vec![8.0 * covariance / variance])
        .at_most(50.0)
        .note(format!(
            "the whole bench in one sitting of {hours:.2} h, about {y:.0} MiB with engine and corpus"
        ))
        .print();
}

fn index(folder: &Path) -> Option<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Index {
        scenes: Vec<String>,
    }
    let index: PathBuf = folder.join("index.json");
    serde_json::from_slice::<Index>(&std::fs::read(index).ok()?).ok().map(|i| i.scenes)
}

/// Plays a scene to a policy.
fn run(scene: &Scene, policy: &mut dyn Policy, engine: &mut WhisperEngine) -> Score {
    let (mut told, mut busy_ms) = (Vec::<Told>::new(), 0.0);
    let (mut free_at, mut ready_at) = (0.0f64, None::<f64>);
    let mut step = |policy: &mut dyn Policy, now_ms: u64| {
        loop {
            match ready_at {
                Some(at) if at <= now_ms as f64 => {
                    told.extend(policy.ready(at.ceil() as u64));
                    (ready_at, free_at) = (None, at);
                }
                Some(_) => return true,
                None => {
                    let Some(took_ms) = policy.decode(engine, now_ms) else { return false };
                    busy_ms += took_ms;
                    ready_at = Some(free_at.max((now_ms - PIECE_MS) as f64) + took_ms);
                }
            }
        }
    };
    let mut now_ms = 0;
    while now_ms < scene.duration_ms {
        for seat in 0..scene.seats.len() {
            policy.hear(seat, now_ms, scene.chunk(seat, now_ms, PIECE_MS));
        }
        now_ms += PIECE_MS;
        step(policy, now_ms);
    }
    policy.end();
    while step(policy, now_ms) {
        now_ms += PIECE_MS;
    }
    if std::env::var_os("SHOW").is_some() {
        show(scene, &told);
    }
    let mut score = Score::of(scene, &told);
    score.busy_ms = busy_ms;
    score
}

/// For eyes: cues and lines by their times.
fn show(scene: &Scene, told: &[Told]) {
    let mut all: Vec<(u64, String)> =
        scene.cues.iter().map(|c| (c.start_ms, format!("  said {:>9} {}", c.seat, c.text))).collect();
    all.extend(told.iter().filter_map(|t| match t {
        Told::Settled { seat, from_ms, raw, text, .. } => {
            Some((*from_ms, format!("wrote {:>9} {raw}  →  {text}", scene.seats[*seat])))
        }
        Told::Shown { .. } => None,
    }));
    all.sort();
    all.iter().for_each(|(ms, line)| say(&format!("{ms:>7} {line}")));
}

/// The same model over what each seat says, cut where the script says that it begins and ends, without the others' voices in it: no
/// cutting can do better.
fn offline(scene: &Scene, engine: &mut WhisperEngine) -> Score {
    const MARGIN_MS: u64 = 160;
    let mut score = Score { sound_ms: scene.duration_ms as f64, ..Score::default() };
    for (n, seat) in scene.seats.iter().enumerate() {
        let (took_ms, lines) = support::timed(|| {
            let decode = |cue: &corpus::Cue| {
                let sound = scene.alone(n, cue.start_ms.saturating_sub(MARGIN_MS), cue.end_ms + MARGIN_MS);
                let said = speech::utterance::decode(engine, &sound, "", &[]).expect("it decodes");
                said.map(|said| said.raw)
            };
            scene.cues_of(seat).filter_map(decode).collect::<Vec<_>>()
        });
        score.busy_ms += took_ms;
        score.text(&scene.cues_of(seat).collect::<Vec<_>>(), lines.iter().map(String::as_str));
    }
    score
}

/// Each peer does on the published example what was published.
fn peers_are_what_they_claim() {
    // whisper.cpp, examples/stream/README.md: `--step 500 --length 5000` writes a new line after nine steps, and by its source the
    // windows of a line grow by a step from what was kept of the line before.
    let readme = Schedule { step_ms: 500, length_ms: 5000, keep_ms: 200 };
    assert_eq!(readme.steps(), 9);
    assert_eq!(readme.windows(0), (1..=9).map(|n| n * 500).collect::<Vec<_>>());
    assert_eq!(readme.windows(200), (1..=9).map(|n| 200 + n * 500).collect::<Vec<_>>());
    assert_eq!((STREAM.steps(), STREAM.windows(200)), (2, vec![3200, 6200]));
    // whisper_streaming, README: what n consecutive updates agree on as a prefix is confirmed; the rest waits for the next, and at the
    // end all of it is given.
    let mut agreement = Agreement2::default();
    let heard = ["现在", "现在开庭", "现在开听审", "现在开庭审理", "现在开庭审理本案"];
    let confirmed: Vec<String> = heard.iter().map(|h| agreement.add(h)).collect();
    assert_eq!(confirmed, ["", "现在", "开", "", "庭审理"]);
    assert_eq!(agreement.finish("现在开庭审理本案。"), "本案。");
}

fn total(scores: &Scores) -> Score {
    let mut all = Score::default();
    scores.iter().filter(|(_, s)| s.said > 0).for_each(|(_, s)| all.add(s));
    all
}

/// The peers over their scenes, and Huiting over the same.
struct Peers {
    agreement: Scores,
    window: Scores,
    same: Scores,
}

fn print(ours: &Scores, plain: &Scores, whole: &Scores, peers: &Peers, revised: usize) {
    let Peers { agreement, window, same } = peers;
    let (all, floor, la, fw) = (total(ours), total(whole), total(agreement), total(window));
    let same = total(same);
    let figure = |name: &str, unit, of: &dyn Fn(&Score) -> f64, all: &Score, la: &Score, fw: &Score| {
        let figure = Figure::new(name, unit, vec![of(all)]);
        figure.peer("local_agreement_2", &[of(la)]).peer("fixed_window", &[of(fw)])
    };
    let hours = all.sound_ms / 3_600_000.0;
    let corpus =
        format!("{hours:.2} h of four microphones, {} characters; held-out sentences and voices", all.said);
    Figure::new("speech_cer_offline", "%", vec![floor.cer()])
        .note("each cue decoded by itself, cut as the script says, without the others' voices: the floor of what follows")
        .print();
    figure("speech_cer_streaming", "%", &Score::cer, &all, &la, &fw)
        .floor(&[floor.cer()])
        .at_most(floor.cer() + 0.5)
        .note(format!(
            "{corpus}; peers over {:.0} min of it, on which this is {:.2} %",
            same.sound_ms / 60_000.0,
            same.cer()
        ))
        .print();
    for (condition, score) in ours.iter().filter(|(_, s)| s.said > 0) {
        let of = |scores: &Scores| scores.get(condition).cloned().unwrap_or_default();
        figure(&format!("speech_cer_{condition}"), "%", &Score::cer, score, &of(agreement), &of(window))
            .floor(&[of(whole).cer()])
            .print();
    }
    let p = |part: f64| move |s: &Score| percentile(&s.final_ms, part);
    figure("speech_final_p50_ms", "ms", &p(0.5), &all, &la, &fw).floor(&[550.0]).at_most(1000.0).print();
    figure("speech_final_p95_ms", "ms", &p(0.95), &all, &la, &fw)
        .floor(&[550.0])
        .at_most(2000.0)
        .note("floor: the pause that ends an utterance")
        .print();
    let first = |s: &Score| percentile(&s.first_ms, 0.5);
    figure("speech_first_interim_p50_ms", "ms", &first, &all, &la, &fw).at_most(1200.0).print();
    let rtf = |s: &Score| s.busy_ms / s.sound_ms;
    figure("speech_rtf_4ch", "", &rtf, &all, &la, &fw)
        .floor(&[rtf(&floor)])
        .at_most(0.5)
        .note(format!(
            "one thread; a channel of this density takes {:.3}: about {:.0} such channels fill the engine",
            rtf(&all) / 4.0,
            4.0 / rtf(&all)
        ))
        .print();
    let strayed = |s: &Score| 100.0 * s.strayed as f64 / s.written.max(1) as f64;
    let of = |scores: &Scores| scores.get("crosstalk").cloned().unwrap_or_default();
    figure("speech_wrong_speaker", "%", &strayed, &of(ours), &of(agreement), &of(window))
        .at_most(1.0)
        .note("of the characters written, at −15 dB leakage; the peers have no net against leakage")
        .print();
    Figure::new("speech_revised_chars", "characters", vec![revised as f64]).at_most(0.0).print();
    let recall = |s: &Score| 100.0 * s.names_right as f64 / s.names.max(1) as f64;
    let (biased, unbiased) = (ours.get("names"), plain.get("names"));
    if let (Some(biased), Some(unbiased)) = (biased, unbiased) {
        Figure::new("speech_name_recall_plain", "%", vec![recall(unbiased)])
            .note(format!("{} names of the case said", unbiased.names))
            .print();
        Figure::new("speech_name_recall_biased", "%", vec![recall(biased)])
            .at_least(recall(unbiased) + 30.0)
            .print();
        let inserted = 100.0 * biased.inserted as f64 / biased.written.max(1) as f64;
        Figure::new("speech_false_insertions", "%", vec![inserted]).at_most(0.1).print();
    }
    let nobody = |scores: &Scores| {
        scores.values().filter(|s| s.said == 0).fold(Score::default(), |mut all, s| {
            all.add(s);
            all
        })
    };
    let kinds = ours.iter().filter(|(_, s)| s.said == 0).map(|(kind, s)| format!("{kind} {}", s.written));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let empty_h = nobody(ours).sound_ms / 3_600_000.0;
    figure(
        "speech_chars_from_noise_1h",
        "characters",
        &|s| s.written as f64,
        &nobody(ours),
        &nobody(agreement),
        &nobody(window),
    )
    .at_most(0.0)
    .note(format!("{empty_h:.2} h: {kinds}"))
    .print();
}
