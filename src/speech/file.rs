//! A WAV file to lines, as `huiting transcribe` does it.

use std::path::Path;

use model::{HearingTime, SeatId};

use crate::manifest::{Manifest, ManifestError};
use crate::recogniser::RecogniserConfig;
use crate::recognizer::{Recognizer, RecognizerError};
use crate::resample::Resampler;
use crate::room::Room;
use crate::segment::{Cut, SegmentRules};
use crate::vad::level_db;
use crate::whisper::WhisperEngine;
use crate::{RATE_HZ, SAMPLES_PER_MS, utterance};

/// How a file is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As live: utterances found by voice activity.
    Streaming,
    /// In the longest pieces the model bears, cut in the quietest places.
    Whole,
}

/// A line of the transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From the file's start, in milliseconds.
    pub from_ms: u64,
    /// Its end, likewise.
    pub to_ms: u64,
    /// What was said.
    pub text: String,
}

/// Why a file was not transcribed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not a WAV file that can be read.
    #[error(
        "{path} cannot be read as WAV ({cause}); convert it with: ffmpeg -i FILE -ar 16000 -ac 1 out.wav"
    )]
    Wav {
        /// Its path.
        path: String,
        /// What is wrong.
        cause: hound::Error,
    },
    /// The list of models.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The model or a decode.
    #[error(transparent)]
    Engine(#[from] RecognizerError),
}

/// Transcribes a WAV file of any rate, channels mixed to one.
pub fn transcribe_file(file: &Path, config: &RecogniserConfig, mode: Mode) -> Result<Vec<Line>, FileError> {
    let samples = read(file).map_err(|cause| FileError::Wav { path: file.display().to_string(), cause })?;
    let manifest = Manifest::load(&config.manifest)?;
    let mut engine = WhisperEngine::load(&config.model, &manifest, config.threads)?;
    let pieces = match mode {
        Mode::Streaming => utterances(&samples, engine.samples_max()),
        Mode::Whole => pieces(&samples, engine.samples_max()),
    };
    let mut lines = Vec::new();
    for (from_ms, samples) in pieces {
        if let Some(said) = utterance::decode(&mut engine, &samples, "")? {
            let to_ms = from_ms + samples.len() as u64 / SAMPLES_PER_MS;
            lines.push(Line { from_ms, to_ms, text: said.text });
        }
    }
    Ok(lines)
}

/// Mono, 16 kHz.
fn read(file: &Path) -> Result<Vec<f32>, hound::Error> {
    samples(hound::WavReader::open(file)?)
}

/// Samples per second a file may have: what microphones give. Others would cost more in converting than they are worth.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;

fn samples(mut reader: hound::WavReader<impl std::io::Read>) -> Result<Vec<f32>, hound::Error> {
    let spec = reader.spec();
    if !RATES_HZ.contains(&spec.sample_rate) || !(1..=32).contains(&spec.bits_per_sample) {
        return Err(hound::Error::Unsupported);
    }
    let interleaved: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            let full = (1u64 << (spec.bits_per_sample - 1)) as f32;
            reader.samples::<i32>().map(|s| s.map(|s| s as f32 / full)).collect::<Result<_, _>>()?
        }
    };
    let channels = usize::from(spec.channels.max(1));
    let mono: Vec<f32> =
        interleaved.chunks_exact(channels).map(|c| c.iter().sum::<f32>() / channels as f32).collect();
    Ok(match Resampler::from(spec.sample_rate) {
        Some(mut resampler) => {
            // A tail of silence, so that the filter gives the last samples too.
            let mut all = resampler.push(&mono);
            all.extend(resampler.push(&vec![0.0; spec.sample_rate as usize / 50]));
            all.truncate(mono.len() * RATE_HZ as usize / spec.sample_rate as usize);
            all
        }
        None => mono,
    })
}

fn utterances(samples: &[f32], samples_max: usize) -> Vec<(u64, Vec<f32>)> {
    let long_ms_max = samples_max as u64 / SAMPLES_PER_MS;
    let mut room = Room::new(SegmentRules { long_ms_max, ..SegmentRules::default() });
    // A fixed name within the rules of seats.
    let Ok(seat) = SeatId::new("file") else { return Vec::new() };
    let mut cuts = Vec::new();
    for (n, chunk) in samples.chunks(RATE_HZ as usize / 10).enumerate() {
        let chunk: Vec<i16> = chunk.iter().map(|s| (s * 32_767.0) as i16).collect();
        room.hear(&seat, HearingTime(n as u64 * 100), RATE_HZ, &chunk);
        cuts.extend(room.advance());
    }
    cuts.extend(room.finish());
    let ended = cuts.into_iter().filter_map(|(_, cut)| match cut {
        Cut::Ended(u) => Some((u.from.0, u.samples)),
        Cut::Began { .. } | Cut::Dropped { .. } => None,
    });
    ended.collect()
}

fn pieces(samples: &[f32], samples_max: usize) -> Vec<(u64, Vec<f32>)> {
    let mut rest = samples;
    let mut pieces = Vec::new();
    let mut from = 0;
    while !rest.is_empty() {
        let cut = if rest.len() <= samples_max { rest.len() } else { quietest(rest, samples_max) };
        pieces.push((from as u64 / SAMPLES_PER_MS, rest[..cut].to_vec()));
        from += cut;
        rest = &rest[cut..];
    }
    pieces
}

/// The middle of the quietest 160 ms in the later half of the first `max` samples.
fn quietest(samples: &[f32], max: usize) -> usize {
    const WIDTH: usize = 160 * SAMPLES_PER_MS as usize;
    const STEP: usize = WIDTH / 8;
    let starts = (max / 2..max.saturating_sub(WIDTH)).step_by(STEP);
    let best = starts
        .min_by(|a, b| level_db(&samples[*a..*a + WIDTH]).total_cmp(&level_db(&samples[*b..*b + WIDTH])));
    best.map_or(max, |s| s + WIDTH / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sound_is_cut_where_it_is_quiet_and_nothing_is_lost() {
        // One second of tone, 0.2 s of silence, again and again.
        let samples: Vec<f32> = (0..16_000 * 30)
            .map(|n| if n % 19_200 < 16_000 { (n as f32 * 0.2).sin() * 0.3 } else { 0.0 })
            .collect();
        let cut = pieces(&samples, 9_500 * 16);
        assert_eq!(cut.iter().map(|(_, s)| s.len()).sum::<usize>(), samples.len());
        assert!(cut.iter().all(|(_, s)| s.len() <= 9_500 * 16));
        for (from_ms, _) in &cut[1..] {
            assert!((from_ms * 16) % 19_200 >= 16_000, "cut within the tone at {from_ms} ms");
        }
    }

    fn wav(rate: u32, bits: u16, format: hound::SampleFormat, channels: u16) -> Vec<u8> {
        let spec =
            hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: format };
        let mut out = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut out, spec).expect("a header");
        for n in 0..240i32 {
            match format {
                hound::SampleFormat::Int => writer.write_sample(n % 120).expect("written"),
                hound::SampleFormat::Float => writer.write_sample(n as f32 / 300.0).expect("written"),
            }
        }
        writer.finalize().expect("closed");
        out.into_inner()
    }

    #[test]
    fn hostile_bytes_in_a_sound_file_are_sound_or_refused() {
        use hound::SampleFormat::{Float, Int};
        let files = [
            wav(16_000, 16, Int, 1),
            wav(48_000, 24, Int, 2),
            wav(44_100, 8, Int, 1),
            wav(8_000, 32, Float, 2),
        ];
        hostile::attack("sound file", &files, 1_500, |bytes| {
            match hound::WavReader::new(bytes).and_then(samples) {
                Ok(sound) => {
                    assert!(
                        sound.len() <= bytes.len() * 4,
                        "{} samples of {} bytes",
                        sound.len(),
                        bytes.len()
                    );
                }
                Err(refusal) => hostile::sentence(&refusal),
            }
        });
    }

    #[test]
    fn a_rate_that_no_microphone_has_is_refused_before_it_is_converted() {
        for rate in [0, 1, 3_999, 192_001, u32::MAX] {
            let mut file = wav(16_000, 16, hound::SampleFormat::Int, 1);
            file[24..28].copy_from_slice(&rate.to_le_bytes());
            let read = hound::WavReader::new(&*file).and_then(samples);
            assert!(read.is_err(), "{rate} Hz");
        }
    }
}
