//! `huiting speech-eval DIR`: how well the installed model understands a court's own recordings.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use speech::{Channels, Mode, Transcriber, cer};

use crate::config::Config;

/// Arguments of `huiting speech-eval`.
#[derive(Debug, Args)]
pub struct EvalArguments {
    /// A folder of recordings, `NAME.wav`, each with what was said in `NAME.txt` (UTF-8).
    dir: PathBuf,
    /// In the longest pieces the model bears, instead of as it would be live.
    #[arg(long)]
    whole: bool,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// What a recording came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    file: String,
    /// Characters that were said; marks and blanks do not count.
    characters: usize,
    /// Characters put in, left out or changed.
    edits: usize,
    /// Edits ÷ characters.
    rate: f64,
    sound_ms: u64,
    took_ms: u64,
    heard: String,
}

/// Does it.
pub fn run(arguments: &EvalArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let pairs = pairs(&arguments.dir)?;
    let mode = if arguments.whole { Mode::Whole } else { Mode::Streaming };
    let mut transcriber = Transcriber::load(&super::processes::speech_config(config))?;
    let mut all = Vec::with_capacity(pairs.len());
    for (wav, said) in pairs {
        let measured = measure(&mut transcriber, &wav, &said, mode)?;
        if !arguments.json {
            println!(
                "{:>7.2} %  {:>6} characters  {}",
                measured.rate * 100.0,
                measured.characters,
                measured.file
            );
        }
        all.push(measured);
    }
    let sum = |of: fn(&Measured) -> u64| all.iter().map(of).sum::<u64>();
    let (characters, edits) = (sum(|m| m.characters as u64), sum(|m| m.edits as u64));
    let (sound_ms, took_ms) = (sum(|m| m.sound_ms), sum(|m| m.took_ms));
    let rate = edits as f64 / characters.max(1) as f64;
    let real_time = took_ms as f64 / sound_ms.max(1) as f64;
    if arguments.json {
        super::print_json(&serde_json::json!({
            "model": transcriber.model(), "characters": characters, "edits": edits, "rate": rate,
            "soundMs": sound_ms, "tookMs": took_ms, "realTime": real_time, "files": all,
        }))?;
    } else {
        println!(
            "{}: {:.2} % of {characters} characters wrong; {:.0} s of sound in {:.0} s ({real_time:.2} of real time)",
            transcriber.model(),
            rate * 100.0,
            sound_ms as f64 / 1000.0,
            took_ms as f64 / 1000.0,
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(transcriber: &mut Transcriber, wav: &Path, said: &Path, mode: Mode) -> anyhow::Result<Measured> {
    let text = std::fs::read_to_string(said)
        .with_context(|| format!("{} cannot be read as UTF-8", said.display()))?;
    let begun = Instant::now();
    let found = transcriber.file(wav, mode, &Channels::Mixed)?;
    let took_ms = begun.elapsed().as_millis() as u64;
    let heard: String = found.lines.iter().map(|l| l.text.as_str()).collect();
    // Both as a record writes them: whether 五十万 or 50万 was written down is no error of hearing.
    let want = cer::characters(&text::written(&text::simplify(&text)));
    let edits = cer::edits(&want, &cer::characters(&heard));
    Ok(Measured {
        file: wav.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        characters: want.len(),
        edits,
        rate: edits as f64 / want.len().max(1) as f64,
        sound_ms: found.sound_ms,
        took_ms,
        heard,
    })
}

/// Recordings with their text, by name. One without the other is a mistake worth telling.
fn pairs(dir: &Path) -> anyhow::Result<Vec<(PathBuf, PathBuf)>> {
    let listed = std::fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut files: Vec<PathBuf> = listed.filter_map(|e| e.ok().map(|e| e.path())).collect();
    files.sort();
    let mut pairs = Vec::new();
    for wav in files.iter().filter(|f| f.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav"))) {
        let said = wav.with_extension("txt");
        if !said.exists() {
            bail!("{} has no text: write what was said into {}", wav.display(), said.display());
        }
        pairs.push((wav.clone(), said));
    }
    if pairs.is_empty() {
        bail!("{} holds no NAME.wav with its NAME.txt", dir.display());
    }
    Ok(pairs)
}
