//! A WAV file to lines, as `huiting transcribe` does it.

use std::path::Path;

use model::{HearingTime, SeatId};
use protocol::link::recogniser::FromRecogniser;

use crate::live::{Decode, Live};
use crate::manifest::{Manifest, ManifestError};
use crate::recogniser::RecogniserConfig;
use crate::recognizer::{Recognizer, RecognizerError, Request};
use crate::resample::Resampler;
use crate::segment::SegmentRules;
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
    /// Whose microphone: the channel's.
    pub seat: SeatId,
    /// From the file's start, in milliseconds.
    pub from_ms: u64,
    /// Its end, likewise.
    pub to_ms: u64,
    /// What was said, as it would stand in the record.
    pub text: String,
    /// Exactly what the engine gave.
    pub raw: String,
}

/// Why a file was not transcribed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not a WAV file that can be read.
    #[error("{path} cannot be read as WAV ({cause}); convert it with: ffmpeg -i {path} -ar 16000 out.wav")]
    Wav {
        /// Its path.
        path: String,
        /// What is wrong.
        cause: hound::Error,
    },
    /// No file that can be opened.
    #[error("{path} cannot be opened ({cause}): name a WAV file that is there")]
    Open {
        /// Its path.
        path: String,
        /// The system's words.
        cause: std::io::Error,
    },
    /// More channels than are kept apart.
    #[error(
        "{path} has {channels} channels, and eight at most are kept apart: leave some out, e.g. with ffmpeg -i {path} -filter_complex \"channelmap=0|1|2|3\" out.wav"
    )]
    Channels {
        /// Its path.
        path: String,
        /// In the file.
        channels: u16,
    },
    /// More or fewer channels than there are names for.
    #[error(
        "{path} has {channels} channels and {seats} seats were named: name one for each, in their order, or mix them"
    )]
    Seats {
        /// Its path.
        path: String,
        /// In the file.
        channels: usize,
        /// Named.
        seats: usize,
    },
    /// The list of models.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The model or a decode.
    #[error(transparent)]
    Engine(#[from] RecognizerError),
}

/// Channels of a file.
const CHANNELS_MAX: u16 = 8;

/// Whose the channels of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channels {
    /// All are one: a mixture.
    Mixed,
    /// A microphone each, of these seats in their order; of `1`, `2` … if none are named.
    Seats(Vec<SeatId>),
}

/// Turns sound files into lines, with one model.
pub struct Transcriber {
    engine: WhisperEngine,
}

impl Transcriber {
    /// Loads the model. Blocking; seconds for a large one.
    pub fn load(config: &RecogniserConfig) -> Result<Self, FileError> {
        let manifest = Manifest::load(&config.manifest)?;
        Ok(Self { engine: WhisperEngine::load(&config.model.now(), &manifest, config.threads)? })
    }

    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        self.engine.name()
    }

    /// What part of real time the model takes on this machine: the median of a few decodes of made-up speech.
    pub fn real_time(&mut self) -> Result<f64, FileError> {
        let samples = babble(TIMED_MS);
        // The first decode sets up what later ones find.
        self.engine.decode(Request { samples: &samples, prompt: "" })?;
        let mut took = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let begun = std::time::Instant::now();
            self.engine.decode(Request { samples: &samples, prompt: "" })?;
            took.push(begun.elapsed().as_secs_f64() * 1000.0 / TIMED_MS as f64);
        }
        took.sort_by(f64::total_cmp);
        Ok(took.get(TIMES / 2).copied().unwrap_or_default())
    }

    /// What is said in a stretch of sound, as it would stand in the record.
    pub fn stretch(
        &mut self,
        samples: &[f32],
        rate_hz: u32,
        terms: &[String],
    ) -> Result<Option<String>, FileError> {
        let mut samples = at_rate(samples.to_vec(), rate_hz);
        samples.truncate(self.engine.samples_max());
        let prompt = utterance::prompt(terms);
        Ok(utterance::decode(&mut self.engine, &samples, &prompt, terms)?.map(|said| said.text))
    }

    /// Transcribes a WAV file of any rate and one to eight channels; lines in the order in which they were begun.
    pub fn file(&mut self, file: &Path, mode: Mode, channels: &Channels) -> Result<Transcribed, FileError> {
        let path = || file.display().to_string();
        let open = |cause| FileError::Open { path: path(), cause };
        if std::fs::metadata(file).map_err(open)?.is_dir() {
            return Err(open(std::io::ErrorKind::IsADirectory.into()));
        }
        let wav = |cause| FileError::Wav { path: path(), cause };
        let reader = hound::WavReader::open(file).map_err(wav)?;
        let channels_in = reader.spec().channels;
        if channels_in > CHANNELS_MAX {
            return Err(FileError::Channels { path: path(), channels: channels_in });
        }
        let (sound, torn) = samples(reader).map_err(wav)?;
        let sound = match channels {
            Channels::Mixed => vec![mixed(&sound)],
            Channels::Seats(_) => sound,
        };
        let seats = match channels {
            Channels::Seats(seats) if !seats.is_empty() => seats.clone(),
            _ => numbered(sound.len()),
        };
        if seats.len() != sound.len() {
            return Err(FileError::Seats { path: path(), channels: sound.len(), seats: seats.len() });
        }
        let longest = sound.iter().map(Vec::len).max().unwrap_or(0);
        let copies = copies(&sound);
        let is_copy = |n: usize| copies.iter().any(|(copy, _)| *copy == n);
        let own = sound.into_iter().zip(seats).enumerate().filter(|(n, _)| !is_copy(*n)).map(|(_, own)| own);
        let (sound, seats): (Vec<_>, Vec<_>) = own.unzip();
        let mut lines = match mode {
            Mode::Streaming => self.as_live(&sound, &seats)?,
            Mode::Whole => self.whole(&sound, &seats)?,
        };
        lines.sort_by_key(|line| line.from_ms);
        Ok(Transcribed { lines, sound_ms: longest as u64 / SAMPLES_PER_MS, torn, copies })
    }

    /// All channels side by side, since a voice is in more than one.
    fn as_live(&mut self, sound: &[Vec<f32>], seats: &[SeatId]) -> Result<Vec<Line>, RecognizerError> {
        const CHUNK: usize = RATE_HZ as usize / 10;
        let mut live = Live::new(SegmentRules::default());
        live.set_long_ms_max(self.engine.samples_max() as u64 / SAMPLES_PER_MS);
        live.set_interims(false);
        let mut lines = Vec::new();
        let longest = sound.iter().map(Vec::len).max().unwrap_or(0);
        for from in (0..longest).step_by(CHUNK) {
            let at = HearingTime(from as u64 / SAMPLES_PER_MS);
            for (seat, samples) in seats.iter().zip(sound) {
                let chunk =
                    samples.get(from..).map(|rest| &rest[..rest.len().min(CHUNK)]).unwrap_or_default();
                let chunk: Vec<i16> = chunk.iter().map(|s| (s * 32_767.0) as i16).collect();
                live.hear(seat, at, RATE_HZ, &chunk);
            }
            self.settle(&mut live, &mut lines)?;
        }
        live.pause();
        self.settle(&mut live, &mut lines)?;
        Ok(lines)
    }

    fn settle(&mut self, live: &mut Live, lines: &mut Vec<Line>) -> Result<(), RecognizerError> {
        while let Some(Decode { id, samples, .. }) = live.next_decode() {
            let said = utterance::decode(&mut self.engine, &samples, "", &[])?;
            for told in live.decoded(&id, said, 0, live.newest()) {
                if let FromRecogniser::Final { seat, from, to, text, raw, .. } = told {
                    lines.push(Line { seat, from_ms: from.0, to_ms: to.0, text, raw });
                }
            }
        }
        Ok(())
    }

    fn whole(&mut self, sound: &[Vec<f32>], seats: &[SeatId]) -> Result<Vec<Line>, RecognizerError> {
        let samples_max = self.engine.samples_max();
        let mut lines = Vec::new();
        for (seat, samples) in seats.iter().zip(sound) {
            for (from_ms, samples) in pieces(samples, samples_max) {
                if let Some(said) = utterance::decode(&mut self.engine, &samples, "", &[])? {
                    let to_ms = from_ms + samples.len() as u64 / SAMPLES_PER_MS;
                    lines.push(Line { seat: seat.clone(), from_ms, to_ms, text: said.text, raw: said.raw });
                }
            }
        }
        Ok(lines)
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcribed {
    /// What was said.
    pub lines: Vec<Line>,
    /// How long it is.
    pub sound_ms: u64,
    /// It ends before its header says.
    pub torn: bool,
    /// Channels that carry the same sound as one before, which they are left out for; counted from 0.
    pub copies: Vec<(usize, usize)>,
}

/// So alike are the two channels of one microphone's sound, compressed or not, and never two microphones'.
const COPY_CORRELATION: f64 = 0.9995;

/// Channels that carry the same sound as one before, however loud, with that one. Silence is nobody's copy.
fn copies(sound: &[Vec<f32>]) -> Vec<(usize, usize)> {
    let power = |a: &[f32]| a.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    let same = |a: &[f32], b: &[f32]| {
        let product: f64 = a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
        let both = (power(a) * power(b)).sqrt();
        both > 0.0 && product / both >= COPY_CORRELATION
    };
    let copy = |n: usize| (0..n).find(|first| same(&sound[*first], &sound[n])).map(|first| (n, first));
    (1..sound.len()).filter_map(copy).collect()
}

/// Sound of one timed decode.
const TIMED_MS: u64 = 5000;
/// Timed decodes.
const TIMES: usize = 3;

/// Something like speech: a buzz of 120 Hz in four syllables a second, that no two of sound alike.
fn babble(ms: u64) -> Vec<f32> {
    let at = |n: u64| {
        let seconds = n as f32 / RATE_HZ as f32;
        let syllable = (seconds * 4.0).floor();
        let loud = (seconds * 4.0 * std::f32::consts::PI).sin().abs();
        let formant = 300.0 + 137.0 * (syllable * 7.0 % 11.0);
        let buzz: f32 = (1..=20)
            .map(|harmonic| {
                let hz = 120.0 * harmonic as f32;
                let near = 1.0 / (1.0 + ((hz - formant) / 150.0).powi(2));
                near * (std::f32::consts::TAU * hz * seconds).sin()
            })
            .sum();
        0.2 * loud * buzz
    };
    (0..ms * SAMPLES_PER_MS).map(at).collect()
}

/// Names for so many channels, all within the rules of seats.
fn numbered(channels: usize) -> Vec<SeatId> {
    (1..=channels).filter_map(|n| SeatId::new(n.to_string()).ok()).collect()
}

fn mixed(channels: &[Vec<f32>]) -> Vec<f32> {
    let longest = channels.iter().map(Vec::len).max().unwrap_or(0);
    let at = |n: usize| channels.iter().filter_map(|c| c.get(n)).sum::<f32>() / channels.len() as f32;
    (0..longest).map(at).collect()
}

/// Samples per second a file may have: what microphones give. Others would cost more in converting than they are worth.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// Every channel, at 16 kHz, and whether the file ends before its header says: a recorder was killed, and what it left is taken.
fn samples(mut reader: hound::WavReader<impl std::io::Read>) -> Result<(Vec<Vec<f32>>, bool), hound::Error> {
    let spec = reader.spec();
    if !RATES_HZ.contains(&spec.sample_rate)
        || !(1..=32).contains(&spec.bits_per_sample)
        || !(1..=CHANNELS_MAX).contains(&spec.channels)
    {
        return Err(hound::Error::Unsupported);
    }
    let (interleaved, torn) = match spec.sample_format {
        hound::SampleFormat::Float => until_torn(reader.samples::<f32>())?,
        hound::SampleFormat::Int => {
            let full = (1u64 << (spec.bits_per_sample - 1)) as f32;
            until_torn(reader.samples::<i32>().map(|s| s.map(|s| s as f32 / full)))?
        }
    };
    let channels = usize::from(spec.channels);
    let of = |n: usize| interleaved.chunks_exact(channels).filter_map(|c| c.get(n).copied()).collect();
    Ok(((0..channels).map(|n| at_rate(of(n), spec.sample_rate)).collect(), torn))
}

/// What there is before the file ends; an error only where that is nothing.
fn until_torn(
    samples: impl Iterator<Item = Result<f32, hound::Error>>,
) -> Result<(Vec<f32>, bool), hound::Error> {
    let mut whole = Vec::new();
    for sample in samples {
        match sample {
            Ok(sample) => whole.push(sample),
            Err(hound::Error::IoError(_) | hound::Error::FormatError(_)) if !whole.is_empty() => {
                return Ok((whole, true));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((whole, false))
}

fn at_rate(mono: Vec<f32>, rate_hz: u32) -> Vec<f32> {
    match Resampler::from(rate_hz) {
        Some(mut resampler) => {
            // A tail of silence, so that the filter gives the last samples too.
            let mut all = resampler.push(&mono);
            all.extend(resampler.push(&vec![0.0; rate_hz as usize / 50]));
            all.truncate(mono.len() * RATE_HZ as usize / rate_hz as usize);
            all
        }
        None => mono,
    }
}

/// Pieces as long as the model bears, cut where it is quiet, each with its beginning in milliseconds.
#[must_use]
pub fn pieces(samples: &[f32], samples_max: usize) -> Vec<(u64, Vec<f32>)> {
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
                    let all: usize = sound.0.iter().map(Vec::len).sum();
                    assert!(all <= bytes.len() * 4, "{all} samples of {} bytes", bytes.len());
                }
                Err(refusal) => hostile::sentence(&refusal),
            }
        });
    }

    #[test]
    fn every_channel_is_read_for_itself_and_a_mixture_is_their_mean() {
        let spec = hound::WavSpec {
            channels: 3,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut out = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut out, spec).expect("a header");
        for n in 0..300i16 {
            writer.write_sample([3000, -6000, 0][n as usize % 3]).expect("written");
        }
        writer.finalize().expect("closed");
        let (sound, _) = samples(hound::WavReader::new(&*out.into_inner()).expect("read")).expect("sound");
        let level = |of: &[f32]| of.iter().sum::<f32>() / of.len() as f32 * 32_768.0;
        assert_eq!(
            sound.iter().map(|c| (c.len(), level(c).round())).collect::<Vec<_>>(),
            [(100, 3000.0), (100, -6000.0), (100, 0.0)]
        );
        assert_eq!(level(&mixed(&sound)).round(), -1000.0);
        assert_eq!(numbered(3).iter().map(SeatId::as_str).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert!(
            hound::WavReader::new(&*wav(16_000, 16, hound::SampleFormat::Int, 10)).and_then(samples).is_err()
        );
    }

    #[test]
    fn a_file_cut_short_gives_what_there_is_and_one_sound_in_two_channels_is_one() {
        let whole = wav(16_000, 16, hound::SampleFormat::Int, 1);
        let torn = |bytes: &[u8]| samples(hound::WavReader::new(bytes).expect("a header"));
        assert!(!torn(&whole).expect("whole").1);
        let (sound, cut) = torn(&whole[..whole.len() - 3]).expect("most of it");
        assert!(cut && sound[0].len() + 2 >= (whole.len() - 44) / 2, "{}", sound[0].len());
        assert!(torn(&whole[..44]).is_err(), "nothing of it");
        let voice = |n: usize| ((n as f32 * 0.1).sin() * (n as f32 * 0.003).sin()) * 0.3;
        let one: Vec<f32> = (0..16_000).map(voice).collect();
        let quieter: Vec<f32> = one.iter().map(|x| x * 0.5).collect();
        let other: Vec<f32> = (0..16_000).map(|n| voice(n + 400)).collect();
        assert_eq!(copies(&[one, other, quieter, vec![0.0; 16_000], vec![0.0; 16_000]]), [(2, 0)]);
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
