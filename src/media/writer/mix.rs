//! The mix of all microphones, for listening: each is laid at its hearing time and added.
//!
//! A device's clock drifts against the hearing clock; here, and only here, its sound is put right by leaving out or doubling
//! one sample of a chunk.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use model::{AudioFrame, HearingTime, SeatId};

/// A microphone that is this late is left out, in milliseconds.
const WAIT_MS: u64 = 400;
/// A chunk further than this from where the microphone's last one ended is laid anew.
const JUMP_MS: u64 = 20;

/// Adds microphones of one sampling rate.
pub(crate) struct Mixer {
    rate_hz: u32,
    mix: SeatId,
    /// Index of `sum[0]`, counted from hearing time zero.
    start: u64,
    sum: VecDeque<i32>,
    /// Index after the last sample of each microphone.
    reached: BTreeMap<SeatId, u64>,
}

impl Mixer {
    pub(crate) fn new(mix: SeatId, rate_hz: u32, seats: &[SeatId]) -> Self {
        let reached = seats.iter().map(|s| (s.clone(), 0)).collect();
        Self { rate_hz, mix, start: 0, sum: VecDeque::new(), reached }
    }

    fn index(&self, at: HearingTime) -> u64 {
        at.0 * u64::from(self.rate_hz) / 1000
    }

    /// Adds a chunk.
    pub(crate) fn add(&mut self, frame: &AudioFrame) {
        if frame.rate_hz != self.rate_hz {
            return;
        }
        let wanted = self.index(frame.at);
        let Some(reached) = self.reached.get_mut(&frame.seat) else { return };
        let jump = JUMP_MS * u64::from(self.rate_hz) / 1000;
        let slack = u64::from(self.rate_hz) / 1000;
        let (mut from, mut samples) = (*reached, &frame.samples[..]);
        let mut doubled = None;
        if wanted.abs_diff(from) > jump {
            from = wanted;
        } else if wanted + slack < from {
            samples = &samples[1.min(samples.len())..];
        } else if wanted > from + slack {
            doubled = samples.first().copied();
        }
        *reached = from + samples.len() as u64 + u64::from(doubled.is_some());
        if self.sum.is_empty() {
            self.start = self.start.max(from);
        }
        for (n, sample) in doubled.iter().chain(samples).enumerate() {
            // What comes after its time has been mixed is left out of the mix; its own track has it.
            let Some(at) = (from + n as u64).checked_sub(self.start) else { continue };
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            while self.sum.len() <= at {
                self.sum.push_back(0);
            }
            self.sum[at] += i32::from(*sample);
        }
    }

    /// Takes what every microphone has reached, or what has waited long enough at hearing time `now`.
    pub(crate) fn take(&mut self, now: HearingTime) -> Option<AudioFrame> {
        let late = self.index(HearingTime(now.0.saturating_sub(WAIT_MS)));
        let all = self.reached.values().copied().min().unwrap_or(0);
        let until = all.max(late).min(self.start + self.sum.len() as u64);
        let n = usize::try_from(until.saturating_sub(self.start)).unwrap_or(0);
        if n == 0 {
            return None;
        }
        let first_sample = self.start;
        let limit = |s: i32| i16::try_from(s.clamp(i32::from(i16::MIN), i32::from(i16::MAX))).unwrap_or(0);
        let samples: Arc<[i16]> = self.sum.drain(..n).map(limit).collect();
        self.start = until;
        let at = HearingTime(first_sample * 1000 / u64::from(self.rate_hz));
        Some(AudioFrame { seat: self.mix.clone(), first_sample, at, rate_hz: self.rate_hz, samples })
    }

    /// Forgets what is not yet taken, before a pause.
    pub(crate) fn clear(&mut self) {
        self.start += self.sum.len() as u64;
        self.sum.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(name: &str) -> SeatId {
        SeatId::new(name).expect("plain names are ids")
    }

    fn frame(name: &str, first: u64, at_ms: u64, samples: &[i16]) -> AudioFrame {
        AudioFrame {
            seat: seat(name),
            first_sample: first,
            at: HearingTime(at_ms),
            rate_hz: 16_000,
            samples: samples.into(),
        }
    }

    fn mixer() -> Mixer {
        Mixer::new(seat("mix"), 16_000, &[seat("a"), seat("b")])
    }

    #[test]
    fn two_microphones_are_added_where_they_belong_and_loud_ones_do_not_wrap() {
        let mut mix = mixer();
        mix.add(&frame("a", 1600, 100, &[30_000; 320]));
        assert_eq!(mix.take(HearingTime(120)), None, "the other microphone is awaited");
        mix.add(&frame("b", 1600, 100, &[20_000; 320]));
        let out = mix.take(HearingTime(120)).expect("both are there");
        assert_eq!((out.first_sample, out.at.0, out.samples.len()), (1600, 100, 320));
        assert!(out.samples.iter().all(|s| *s == i16::MAX));
    }

    #[test]
    fn a_dead_microphone_holds_the_mix_up_only_for_a_moment() {
        let mut mix = mixer();
        mix.add(&frame("a", 1600, 100, &[5; 320]));
        let out = mix.take(HearingTime(600)).expect("waited long enough");
        assert_eq!(&out.samples[..], &[5; 320]);
    }

    #[test]
    fn a_slow_device_is_kept_within_two_milliseconds_of_the_hearing_clock() {
        let mut mix = mixer();
        let mut taken = 0;
        for n in 0..5_000u64 {
            // 1000 ppm: every 20 ms chunk lasts 20.02 ms.
            let at_ms = 1000 + n * 20_020 / 1000;
            mix.add(&frame("a", n * 320, at_ms, &[1; 320]));
            mix.add(&frame("b", at_ms * 16, at_ms, &[0; 336]));
            taken += mix.take(HearingTime(at_ms + 20)).map_or(0, |f| f.samples.len() as u64);
            let error = mix.reached[&seat("a")].abs_diff((at_ms + 20) * 16);
            assert!(error <= 64, "{error} samples off after {n}");
        }
        assert!(taken > 0);
    }
}
