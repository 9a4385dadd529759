//! WAV files as sound: read once, played at the pace of the hearing clock.

use std::path::Path;
use std::sync::Arc;

use model::{AudioFrame, AudioSource, HearingTime, SeatId, SourceError, SourceStep};

use super::{CaptureError, RATE_HZ, sample_at, time_of};

/// Reads a WAV file of 16 kHz, mono, 16 bit.
pub(crate) fn read_wav(path: &Path) -> Result<Arc<[i16]>, CaptureError> {
    let bad =
        |cause: String| CaptureError::BadFile { path: path.display().to_string(), cause, rate_hz: RATE_HZ };
    let mut reader = hound::WavReader::open(path).map_err(|e| bad(e.to_string()))?;
    let spec = reader.spec();
    if spec.sample_rate != RATE_HZ
        || spec.channels != 1
        || spec.bits_per_sample != 16
        || spec.sample_format != hound::SampleFormat::Int
    {
        return Err(bad(format!(
            "it has {} Hz, {} channels, {} bit",
            spec.sample_rate, spec.channels, spec.bits_per_sample
        )));
    }
    let samples: Result<Vec<i16>, _> = reader.samples::<i16>().collect();
    Ok(samples.map_err(|e| bad(e.to_string()))?.into())
}

/// One file as one microphone, paced as if it were spoken now; ends with the file.
#[derive(Debug)]
pub struct PacedFile {
    seats: [SeatId; 1],
    samples: Arc<[i16]>,
    /// Index of the file's first sample.
    start: Option<u64>,
    next: u64,
}

impl PacedFile {
    /// Plays `path` into `seat` from the first poll on.
    pub fn open(path: &Path, seat: SeatId) -> Result<Self, CaptureError> {
        Ok(Self { seats: [seat], samples: read_wav(path)?, start: None, next: 0 })
    }
}

impl AudioSource for PacedFile {
    fn seats(&self) -> &[SeatId] {
        &self.seats
    }

    fn poll(&mut self, now: HearingTime) -> Result<SourceStep, SourceError> {
        let index = sample_at(now.0 * 1_000_000, RATE_HZ);
        let start = *self.start.get_or_insert(index);
        let due = (index.saturating_sub(start)).min(self.samples.len() as u64);
        let (from, to) = (usize::try_from(self.next).unwrap_or(0), usize::try_from(due).unwrap_or(0));
        if from == self.samples.len() {
            return Ok(SourceStep::End);
        }
        if to <= from {
            return Ok(SourceStep::Idle);
        }
        self.next = due;
        let first_sample = start + from as u64;
        Ok(SourceStep::Frames(vec![AudioFrame {
            seat: self.seats[0].clone(),
            first_sample,
            at: time_of(first_sample, RATE_HZ),
            rate_hz: RATE_HZ,
            samples: self.samples[from..to].into(),
        }]))
    }
}
