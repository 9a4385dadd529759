//! A microphone per seat without hardware: room noise, until a rehearsal is played into them.
//!
//! ```text
//!   Quiet ──play──► Rehearsing ──last file over, or stop──► Quiet
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::{AudioFrame, AudioSource, HearingTime, SeatId, SourceError, SourceStep};

use super::file::read_wav;
use super::{CaptureError, RATE_HZ, sample_at, time_of};

/// Peak of the noise: uniform noise of ±17 has −70.5 dB below full scale.
const NOISE_PEAK: u64 = 17;
/// Nothing older than this is made up after the process was held up, in samples.
const LATE_MAX: u64 = RATE_HZ as u64;

/// What is said into each seat's microphone in a rehearsal.
#[derive(Debug, Clone)]
pub struct Voices {
    files: BTreeMap<SeatId, Arc<[i16]>>,
    len: u64,
}

impl Voices {
    /// Reads `<seat>.wav` of `dir` for each of the seats; a seat without a file stays quiet. Takes its time: never called on
    /// the capture thread.
    pub fn read(dir: &Path, seats: &[SeatId]) -> Result<Self, CaptureError> {
        let mut files = BTreeMap::new();
        for seat in seats {
            let path = dir.join(format!("{seat}.wav"));
            if path.exists() {
                files.insert(seat.clone(), read_wav(&path)?);
            }
        }
        let len = files.values().map(|f| f.len() as u64).max();
        len.map(|len| Self { files, len }).ok_or_else(|| CaptureError::BadFile {
            path: dir.display().to_string(),
            cause: "it holds no <seat>.wav of this hearing's seats".to_owned(),
            rate_hz: RATE_HZ,
        })
    }
}

#[derive(Debug)]
struct Rehearsal {
    /// Index of its first sample.
    start: u64,
    voices: Voices,
}

/// See the module.
#[derive(Debug)]
pub struct SimulatedMicrophones {
    seats: Vec<SeatId>,
    next: Option<u64>,
    rehearsal: Option<Rehearsal>,
    /// Nobody speaks on for now.
    held: bool,
}

impl SimulatedMicrophones {
    /// One microphone for each seat.
    #[must_use]
    pub fn new(seats: Vec<SeatId>) -> Self {
        Self { seats, next: None, rehearsal: None, held: false }
    }

    /// Plays the voices into their microphones, all from the same sample on; as if they had begun `since` a time before now.
    pub fn play(&mut self, voices: Voices, now: HearingTime, since: Option<HearingTime>) {
        let at = |time: HearingTime| sample_at(time.0 * 1_000_000, RATE_HZ);
        let start = since.map(at).or(self.next).unwrap_or_else(|| at(now));
        self.rehearsal = Some(Rehearsal { start, voices });
    }

    /// Stops the rehearsal, if one is playing.
    pub fn stop(&mut self) {
        self.rehearsal = None;
    }

    /// Holds the rehearsal where it is, as people wait in a recess; or goes on.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// How far the rehearsal is, in milliseconds.
    #[must_use]
    pub fn position_ms(&self) -> Option<u64> {
        let rehearsal = self.rehearsal.as_ref()?;
        Some(self.next?.saturating_sub(rehearsal.start) * 1000 / u64::from(RATE_HZ))
    }

    fn samples(&self, channel: usize, from: u64, to: u64) -> Arc<[i16]> {
        let seat = &self.seats[channel];
        let voice = self
            .rehearsal
            .as_ref()
            .filter(|_| !self.held)
            .and_then(|r| r.voices.files.get(seat).map(|f| (r.start, f)));
        (from..to)
            .map(|n| {
                let spoken = voice.and_then(|(start, file)| {
                    file.get(usize::try_from(n.checked_sub(start)?).ok()?).copied()
                });
                noise(channel as u64, n).saturating_add(spoken.unwrap_or(0))
            })
            .collect()
    }
}

/// Noise that depends on microphone and sample alone, so that every run sounds the same (the finaliser of SplitMix64).
fn noise(channel: u64, n: u64) -> i16 {
    let mut x = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(channel << 56);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let span = NOISE_PEAK * 2 + 1;
    i16::try_from((x ^ (x >> 31)) % span).unwrap_or(0) - NOISE_PEAK as i16
}

impl AudioSource for SimulatedMicrophones {
    fn seats(&self) -> &[SeatId] {
        &self.seats
    }

    fn poll(&mut self, now: HearingTime) -> Result<SourceStep, SourceError> {
        let index = sample_at(now.0 * 1_000_000, RATE_HZ);
        let next = *self.next.get_or_insert(index);
        if index <= next {
            return Ok(SourceStep::Idle);
        }
        let from = next.max(index.saturating_sub(LATE_MAX));
        let frames = (0..self.seats.len())
            .map(|channel| AudioFrame {
                seat: self.seats[channel].clone(),
                first_sample: from,
                at: time_of(from, RATE_HZ),
                rate_hz: RATE_HZ,
                samples: self.samples(channel, from, index),
            })
            .collect();
        self.next = Some(index);
        if let Some(rehearsal) = self.rehearsal.as_mut().filter(|_| self.held) {
            rehearsal.start += index - next;
        }
        if self.rehearsal.as_ref().is_some_and(|r| index >= r.start + r.voices.len) {
            self.rehearsal = None;
        }
        Ok(SourceStep::Frames(frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_quiet_but_not_silent_and_every_run_sounds_the_same() {
        let seat = SeatId::new("judge").expect("a plain name");
        let mut mics = SimulatedMicrophones::new(vec![seat]);
        assert_eq!(mics.poll(HearingTime(1000)), Ok(SourceStep::Idle));
        let Ok(SourceStep::Frames(frames)) = mics.poll(HearingTime(2000)) else {
            panic!("a second has passed")
        };
        let power: f64 = frames[0].samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / 16_000.0;
        let db = 10.0 * (power / 32_768f64.powi(2)).log10();
        assert!((-72.0..-68.0).contains(&db), "{db}");
        assert_eq!(frames[0].samples[77], noise(0, 16_077));
    }

    #[test]
    fn a_rehearsal_that_is_held_goes_on_with_the_next_word() {
        let seat = SeatId::new("judge").expect("a plain name");
        let mut mics = SimulatedMicrophones::new(vec![seat.clone()]);
        // Each sample says its place.
        let spoken: Arc<[i16]> = (0..64_000).map(|n| (n / 2) as i16).collect();
        let voices = Voices { files: BTreeMap::from([(seat, spoken)]), len: 64_000 };
        assert_eq!(mics.poll(HearingTime(1000)), Ok(SourceStep::Idle));
        mics.play(voices, HearingTime(1000), None);
        let mut heard = Vec::new();
        for (now, held) in [(2000, false), (3000, true), (4000, true), (5000, false)] {
            mics.hold(held);
            let Ok(SourceStep::Frames(frames)) = mics.poll(HearingTime(now)) else {
                panic!("a second has passed")
            };
            heard.push((i64::from(frames[0].samples[8_000]), mics.position_ms()));
        }
        let near = |at: usize, said: i64| (heard[at].0 - said).abs() <= NOISE_PEAK as i64;
        assert!(near(0, 4_000) && near(1, 0) && near(2, 0) && near(3, 12_000), "{heard:?}");
        let places: Vec<_> = heard.iter().map(|(_, place)| place.unwrap_or(0)).collect();
        assert_eq!(places, [1000, 1000, 1000, 2000]);
    }
}
