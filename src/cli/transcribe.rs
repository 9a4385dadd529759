//! `huiting transcribe FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model::SeatId;
use serde::Serialize;
use speech::{Channels, Mode, Transcriber};

use crate::config::Config;

/// Arguments of `huiting transcribe`.
#[derive(Debug, Args)]
pub struct TranscribeArguments {
    /// A WAV file, any rate, one channel to eight: a microphone each.
    file: PathBuf,
    /// In the longest pieces the model bears, instead of as it would be live: by what voice activity finds.
    #[arg(long)]
    whole: bool,
    /// The seats of the channels, in their order, e.g. `judge,plaintiff,defendant`; without it they are called by their numbers.
    #[arg(long, value_delimiter = ',', value_name = "SEAT,…")]
    seats: Vec<SeatId>,
    /// The channels are one sound: they are mixed.
    #[arg(long, conflicts_with = "seats")]
    mix: bool,
    /// One JSON object with the lines.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Out {
    seat: SeatId,
    from_ms: u64,
    to_ms: u64,
    text: String,
    raw: String,
}

/// Does it.
pub fn run(arguments: &TranscribeArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mode = if arguments.whole { Mode::Whole } else { Mode::Streaming };
    let speech = super::processes::speech_config(config);
    let channels = match arguments.mix {
        true => Channels::Mixed,
        false => Channels::Seats(arguments.seats.clone()),
    };
    let speech::Transcribed { lines, torn, copies, .. } =
        Transcriber::load(&speech)?.file(&arguments.file, mode, &channels)?;
    if torn {
        eprintln!(
            "The file ends before its header says, as when a recorder is killed: what there is was transcribed."
        );
    }
    for (copy, first) in copies {
        eprintln!("Channel {} carries the same sound as channel {} and was left out.", copy + 1, first + 1);
    }
    let out =
        |l: speech::Line| Out { seat: l.seat, from_ms: l.from_ms, to_ms: l.to_ms, text: l.text, raw: l.raw };
    let lines: Vec<_> = lines.into_iter().map(out).collect();
    if arguments.json {
        super::print_json(&serde_json::json!({ "lines": lines }))?;
    } else {
        for l in &lines {
            println!("{} {} {}", model::HearingTime(l.from_ms), l.seat, l.text);
        }
    }
    Ok(ExitCode::SUCCESS)
}
