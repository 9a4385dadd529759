//! `huiting transcribe FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use speech::Mode;

use crate::config::Config;

/// Arguments of `huiting transcribe`.
#[derive(Debug, Args)]
pub struct TranscribeArguments {
    /// A WAV file, any rate, one channel or more (mixed to one).
    file: PathBuf,
    /// As it would be live: segments found by voice activity. Without it the whole file is decoded piece by piece.
    #[arg(long)]
    live: bool,
    /// One JSON object with the lines.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Out {
    from_ms: u64,
    to_ms: u64,
    text: String,
}

/// Does it.
pub fn run(arguments: &TranscribeArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mode = if arguments.live { Mode::Streaming } else { Mode::Whole };
    let speech = super::processes::speech_config(config);
    let lines = speech::transcribe_file(&arguments.file, &speech, mode)?;
    let lines: Vec<_> =
        lines.into_iter().map(|l| Out { from_ms: l.from_ms, to_ms: l.to_ms, text: l.text }).collect();
    if arguments.json {
        super::print_json(&serde_json::json!({ "lines": lines }))?;
    } else {
        for l in &lines {
            println!("{} {}", model::HearingTime(l.from_ms), l.text);
        }
    }
    Ok(ExitCode::SUCCESS)
}
