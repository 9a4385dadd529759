//! `mic_to_line`: last sample of an utterance in → its settled line on a desk, in the scripted hearing of four microphones, with
//! recording, recognition and all screens on this machine. Plays in real time, so a round is as long as the hearing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench ends where something is not as it must be"
)]

mod support;

use std::process::{Command, Stdio};

use support::{Figure, quick, say, skipped};

fn main() {
    let mut line_p50 = Vec::new();
    let mut line_p95 = Vec::new();
    let mut first = Vec::new();
    let mut cer = Vec::new();
    // Five hearings would take half an hour.
    for round in 0..if quick() { 1 } else { 2 } {
        say(&format!("mic_to_line: hearing {}", round + 1));
        let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
        let out = Command::new(env!("CARGO_BIN_EXE_huiting"))
            .args(["demo", "--once", "--json", "--listen", "127.0.0.1:8497", "--data"])
            .arg(folder.path().join("data"))
            .stderr(Stdio::inherit())
            .output()
            .expect("the binary starts");
        let Ok(report) = serde_json::from_slice::<serde_json::Value>(&out.stdout) else {
            for name in ["mic_to_line_p50_ms", "mic_to_line_p95_ms"] {
                skipped(name, "the scripted hearing did not run to its end: see standard error");
            }
            return;
        };
        let latency = |key: &str| report["latency_ms"][key].as_f64();
        line_p50.extend(latency("line_p50"));
        line_p95.extend(latency("line_p95"));
        first.extend(latency("first_text_p50"));
        cer.extend(report["cer"].as_f64().map(|c| c * 100.0));
    }
    let hangover = "the voice-activity hangover of 500–600 ms is part of it: no engine can settle before it";
    Figure::new("mic_to_line_p50_ms", "ms", line_p50).floor(&[500.0]).at_most(1000.0).note(hangover).print();
    Figure::new("mic_to_line_p95_ms", "ms", line_p95).floor(&[500.0]).at_most(2000.0).note(hangover).print();
    Figure::new("speech_first_interim_p50_ms", "ms", first).at_most(1200.0).print();
    Figure::new("speech_cer_demo_hearing", "%", cer).at_most(5.0).print();
    skipped(
        "mic_to_line peers",
        "whisper_streaming and whisper.cpp's stream need their own weights and capture: compared in `speech`",
    );
}
