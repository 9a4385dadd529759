//! `huiting second-pass`: recorded speech is decoded again, by a larger model, for whoever asks on standard input. The hub starts it; it
//! ends by itself.

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use media::playback::Recording;
use model::HearingTime;
use protocol::link::second_pass::{FromSecondPass, Passage, ToSecondPass};
use speech::Transcriber;

use crate::config::Config;

/// Decoded from so long before a line and until so long behind it: where a line was cut, a sound may have been.
const AROUND_MS: u64 = 150;
/// The least priority.
const NICENESS: i32 = 19;

/// Arguments of `huiting second-pass`.
#[derive(Debug, Args)]
pub struct SecondPassArguments {
    /// The folder of a hearing's recording.
    media: PathBuf,
}

/// Does it: one JSON line of [`ToSecondPass`] in, JSON lines of [`FromSecondPass`] out.
pub fn run(arguments: SecondPassArguments, config: &Config) -> anyhow::Result<ExitCode> {
    // Whatever else the machine does comes first.
    let _ = rustix::process::nice(NICENESS);
    let mut asked = String::new();
    std::io::stdin().lock().read_line(&mut asked).context("standard input cannot be read")?;
    let asked: ToSecondPass =
        serde_json::from_str(&asked).context("standard input is not what the hub says")?;
    let mut speech = super::processes::speech_config(config);
    if let Some(second) = &config.second_model {
        speech.model = speech::ModelChoice::fixed(second.clone());
    }
    let mut transcriber = Transcriber::load(&speech)?;
    let mut out = std::io::stdout().lock();
    let mut say = |message: &FromSecondPass| -> anyhow::Result<()> {
        writeln!(out, "{}", serde_json::to_string(message)?)?;
        out.flush().context("the hub has gone")
    };
    say(&FromSecondPass::Begun { model: transcriber.model().to_owned() })?;
    let recording = Recording::at(arguments.media);
    let scratch = tempfile::tempdir().context("no folder for passing files")?;
    for Passage { line, seat, from, to } in asked.passages {
        let (from, to) = (HearingTime(from.0.saturating_sub(AROUND_MS)), to.plus(AROUND_MS));
        let track = media::layout::microphone_track(&seat)?;
        let text = match recording.sound(&track, from, to, scratch.path()) {
            Ok(sound) => transcriber.stretch(&sound.samples, sound.rate_hz, &asked.terms)?,
            Err(error) => {
                tracing::warn!(%error, line = line.0, "a line cannot be heard again");
                None
            }
        };
        say(&FromSecondPass::Heard { line, text })?;
    }
    Ok(ExitCode::SUCCESS)
}
