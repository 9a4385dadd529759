//! How each microphone is, by its sound alone.
//!
//! ```text
//!   trouble       what is heard                                                       told after    taken back after
//!   dead          the very same sample again and again, or no sound at all            1.2 s         the next sound
//!   loose         the same three times within ten seconds, each for 20 ms at least    the third     10 s without
//!   hum           the mains and its overtones are nearly all there is                 2 s           0.5 s without
//!   clipping      peaks cut off at full scale                                         at once       3 s without
//! ```
//! A microphone that hears an empty room still gives the noise of its own preamplifier: what never changes is no microphone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{AudioFrame, MicTrouble, SeatId};

/// The same sample for so long, and the microphone is dead: with what passes until the bench is told, two seconds.
const DEAD_MS: u64 = 1_200;
/// The same sample for at least so long is a dropout.
const DROPOUT_MS: u64 = 20;
/// So many dropouts within [`LOOSE_MS`] are a loose contact.
const DROPOUTS: usize = 3;
const LOOSE_MS: u64 = 10_000;
/// Peaks this high, so many running, have been cut off.
const PEAK: u16 = 32_700;
const PEAKS_RUNNING: u32 = 3;
const CLIPPING_MS: u64 = 3_000;
/// The mains and its overtones, in Hz.
const MAINS_HZ: [f64; 6] = [50.0, 100.0, 150.0, 200.0, 250.0, 300.0];
/// Sound is looked at for hum in stretches of so long: as many whole waves of the mains.
const STRETCH_MS: u64 = 500;
/// So much of all there is comes from the mains.
const HUM_SHARE: f64 = 0.8;
/// Fainter hum disturbs nobody, in dB below full scale.
const HUM_DB: f64 = -58.0;
const HUM_STRETCHES: u32 = 4;

/// The microphones of a hearing.
#[derive(Debug, Default)]
pub(super) struct Health {
    microphones: BTreeMap<SeatId, Microphone>,
    gated: BTreeSet<SeatId>,
}

impl Health {
    /// `gated`: microphones behind a mixer that gives none of them while it is off.
    pub(super) fn new(gated: BTreeSet<SeatId>) -> Self {
        Self { microphones: BTreeMap::new(), gated }
    }

    /// Hears what was captured.
    pub(super) fn hear(&mut self, frame: &AudioFrame) {
        let microphone = self.microphones.entry(frame.seat.clone()).or_default();
        microphone.gated = self.gated.contains(&frame.seat);
        microphone.hear(&frame.samples, frame.rate_hz);
        // What the device's own clock says, for one that gives nothing any more.
        microphone.heard_ms =
            frame.at.0 + frame.samples.len() as u64 * 1000 / u64::from(frame.rate_hz.max(1));
    }

    /// What is wrong at `now_ms` of the hearing clock, the gravest trouble of each microphone.
    pub(super) fn troubles(&self, now_ms: u64) -> Vec<(SeatId, MicTrouble)> {
        let trouble = |(seat, m): (&SeatId, &Microphone)| Some((seat.clone(), m.trouble(now_ms)?));
        self.microphones.iter().filter_map(trouble).collect()
    }

    /// Forgets all: nothing is heard in a recess, and a device may have been changed in it.
    pub(super) fn interrupt(&mut self) {
        self.microphones.clear();
    }
}

/// One microphone. Its own time counts its samples.
#[derive(Debug, Default)]
struct Microphone {
    /// It may be switched off: silence is no trouble of its own.
    gated: bool,
    /// Hearing time of what was heard last, in milliseconds.
    heard_ms: u64,
    at_ms: u64,
    samples: u64,
    last: Option<i16>,
    /// Samples running that are the same as the last, and how long that is.
    same: u64,
    same_ms: u64,
    dropouts: VecDeque<u64>,
    peaks: u32,
    clipped_ms: Option<u64>,
    stretch: Stretch,
    /// Stretches running that are hum.
    humming: u32,
}

impl Microphone {
    fn hear(&mut self, samples: &[i16], rate_hz: u32) {
        let per_s = u64::from(rate_hz.max(1));
        for &sample in samples {
            self.samples += 1;
            self.at_ms = self.samples * 1000 / per_s;
            if self.last == Some(sample) {
                self.same += 1;
            } else {
                let dropped = (DROPOUT_MS..DEAD_MS).contains(&(self.same * 1000 / per_s));
                if dropped
                    && sample.unsigned_abs() < PEAK
                    && self.last.is_some_and(|l| l.unsigned_abs() < PEAK)
                {
                    self.dropouts.push_back(self.at_ms);
                }
                (self.last, self.same) = (Some(sample), 0);
            }
            self.peaks = if sample.unsigned_abs() >= PEAK { self.peaks + 1 } else { 0 };
            if self.peaks >= PEAKS_RUNNING {
                self.clipped_ms = Some(self.at_ms);
            }
            self.stretch.add(sample, f64::from(rate_hz));
            if self.stretch.len * 1000 >= STRETCH_MS * per_s {
                self.humming = if self.stretch.hums() { self.humming + 1 } else { 0 };
                self.stretch = Stretch::default();
            }
        }
        while self.dropouts.front().is_some_and(|at| at + LOOSE_MS < self.at_ms) {
            self.dropouts.pop_front();
        }
        self.same_ms = self.same * 1000 / per_s;
    }

    fn trouble(&self, now_ms: u64) -> Option<MicTrouble> {
        if self.same_ms >= DEAD_MS && !self.gated || self.heard_ms + DEAD_MS <= now_ms {
            Some(MicTrouble::Dead)
        } else if self.dropouts.len() >= DROPOUTS && !self.gated {
            Some(MicTrouble::Loose)
        } else if self.humming >= HUM_STRETCHES {
            Some(MicTrouble::Hum)
        } else if self.clipped_ms.is_some_and(|at| self.at_ms < at + CLIPPING_MS) {
            Some(MicTrouble::Clipping)
        } else {
            None
        }
    }
}

/// Goertzel's filters at the mains and its overtones, over a stretch of sound.
#[derive(Debug, Default)]
struct Stretch {
    len: u64,
    power: f64,
    sum: f64,
    filters: [(f64, f64); MAINS_HZ.len()],
    turns: [f64; MAINS_HZ.len()],
}

impl Stretch {
    fn add(&mut self, sample: i16, rate_hz: f64) {
        if self.len == 0 {
            self.turns = MAINS_HZ.map(|hz| 2.0 * (std::f64::consts::TAU * hz / rate_hz.max(1.0)).cos());
        }
        self.len += 1;
        let x = f64::from(sample);
        self.power += x * x;
        self.sum += x;
        for ((one, two), turn) in self.filters.iter_mut().zip(self.turns) {
            let next = x + turn * *one - *two;
            (*two, *one) = (*one, next);
        }
    }

    fn hums(&self) -> bool {
        let n = self.len.max(1) as f64;
        // Without what does not swing at all, which nobody hears.
        let power = self.power / n - (self.sum / n).powi(2);
        let of = |((one, two), turn): (&(f64, f64), f64)| {
            2.0 * (one * one + two * two - turn * one * two) / (n * n)
        };
        let mains: f64 = self.filters.iter().zip(self.turns).map(of).sum();
        let db = 10.0 * (power / 32_768f64.powi(2)).max(1e-12).log10();
        db > HUM_DB && mains > power * HUM_SHARE
    }
}

#[cfg(test)]
mod tests {
    use model::HearingTime;

    use super::*;

    const RATE: u64 = 16_000;

    fn seat() -> SeatId {
        SeatId::new("judge").expect("a plain name")
    }

    /// What is said after each 20 ms of `seconds` of a sound that is given by its sample's number.
    fn heard(seconds: f64, sound: impl Fn(u64) -> f64) -> Vec<Option<MicTrouble>> {
        let mut health = Health::default();
        let piece = |n: u64| {
            let samples: Vec<i16> = (n * 320..(n + 1) * 320).map(|i| sound(i) as i16).collect();
            let at = HearingTime(n * 20);
            AudioFrame { seat: seat(), first_sample: n * 320, at, rate_hz: 16_000, samples: samples.into() }
        };
        (0..(seconds * 50.0) as u64)
            .map(|n| {
                health.hear(&piece(n));
                health.troubles((n + 1) * 20).first().map(|(_, trouble)| *trouble)
            })
            .collect()
    }

    /// An empty room: noise of a few steps.
    fn room(n: u64) -> f64 {
        let x = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((x ^ (x >> 31)) >> 40) as f64 % 21.0 - 10.0
    }

    fn wave(n: u64, hz: f64, peak: f64) -> f64 {
        peak * (std::f64::consts::TAU * hz * n as f64 / RATE as f64).sin()
    }

    /// A voice of 125 Hz with its overtones, louder and fainter as syllables are, its pitch never steady.
    fn voice(n: u64) -> f64 {
        let t = n as f64 / RATE as f64;
        let pitch = 125.0 * (1.0 + 0.04 * (std::f64::consts::TAU * 1.3 * t).sin());
        let loud = (std::f64::consts::TAU * 2.0 * t).sin().max(0.0);
        let phase = std::f64::consts::TAU * pitch * t;
        room(n) + loud * (4000.0 * phase.sin() + 3000.0 * (2.0 * phase).sin() + 1500.0 * (5.0 * phase).sin())
    }

    #[test]
    fn an_empty_room_and_a_voice_are_no_trouble() {
        assert!(heard(20.0, room).iter().all(Option::is_none));
        assert!(heard(20.0, voice).iter().all(Option::is_none));
    }

    #[test]
    fn what_never_changes_is_dead_within_one_and_a_half_seconds_and_lives_with_the_next_sound() {
        for still in [0.0, -137.0] {
            let told = heard(6.0, |n| if (RATE..4 * RATE).contains(&n) { still } else { room(n) });
            let first = told.iter().position(|t| *t == Some(MicTrouble::Dead)).expect("it is told") * 20;
            assert!((2_150..2_500).contains(&first), "{first} ms, of which one second was sound");
            assert!(told[(4_000 / 20) + 2..].iter().all(Option::is_none));
        }
    }

    #[test]
    fn one_that_may_be_switched_off_is_not_dead_for_being_still() {
        let mut health = Health::new(BTreeSet::from([seat()]));
        for n in 0..200 {
            let samples = vec![0; 320].into();
            let at = HearingTime(n * 20);
            health.hear(&AudioFrame { seat: seat(), first_sample: n * 320, at, rate_hz: 16_000, samples });
            assert_eq!(health.troubles((n + 1) * 20), []);
        }
        assert_eq!(health.troubles(5_300), [(seat(), MicTrouble::Dead)]);
    }

    #[test]
    fn one_that_gives_nothing_any_more_is_dead_too() {
        let mut health = Health::default();
        let samples: Vec<i16> = (0..320).map(|n| room(n) as i16).collect();
        health.hear(&AudioFrame {
            seat: seat(),
            first_sample: 0,
            at: HearingTime(5_000),
            rate_hz: 16_000,
            samples: samples.into(),
        });
        assert_eq!(health.troubles(6_000), []);
        assert_eq!(health.troubles(6_220), [(seat(), MicTrouble::Dead)]);
        health.interrupt();
        assert_eq!(health.troubles(60_000), []);
    }

    #[test]
    fn a_contact_that_breaks_again_and_again_is_loose_until_it_holds() {
        let breaks = |n: u64| [20_000, 50_000, 90_000].iter().any(|at| (*at..at + 800).contains(&n));
        let told = heard(20.0, |n| if breaks(n) { 0.0 } else { voice(n) + 1.0 });
        let loose: Vec<usize> = told
            .iter()
            .enumerate()
            .filter(|(_, t)| **t == Some(MicTrouble::Loose))
            .map(|(n, _)| n * 20)
            .collect();
        let (first, last) = (*loose.first().expect("it is told"), *loose.last().expect("it is told"));
        assert!((5_600..5_800).contains(&first) && last < 12_000, "{first} to {last} ms");
        let once = |n: u64| (20_000..20_800).contains(&n);
        assert!(heard(5.0, |n| if once(n) { 0.0 } else { voice(n) + 1.0 }).iter().all(Option::is_none));
    }

    #[test]
    fn the_mains_are_hum_alone_and_under_a_faint_room_but_not_under_a_voice() {
        let mains = |n: u64| wave(n, 50.0, 400.0) + wave(n, 150.0, 250.0) + wave(n, 250.0, 90.0);
        let told = heard(5.0, |n| mains(n) + room(n));
        let first = told.iter().position(|t| *t == Some(MicTrouble::Hum)).expect("it is told") * 20;
        assert!((1_900..2_100).contains(&first), "{first}");
        assert!(heard(8.0, |n| mains(n) * 0.3 + voice(n)).iter().any(Option::is_none));
        // A whistle, and hum that nobody hears.
        assert!(heard(5.0, |n| wave(n, 440.0, 2000.0)).iter().all(Option::is_none));
        assert!(heard(5.0, |n| wave(n, 50.0, 12.0) + room(n)).iter().all(Option::is_none));
    }

    #[test]
    fn peaks_that_are_cut_off_are_told_at_once_and_for_three_seconds() {
        let loud = |n: u64| (wave(n, 200.0, 60_000.0)).clamp(-32_768.0, 32_767.0);
        let told = heard(8.0, |n| if (RATE..2 * RATE).contains(&n) { loud(n) } else { voice(n) });
        let first = told.iter().position(Option::is_some).expect("it is told") * 20;
        let last = told.iter().rposition(Option::is_some).expect("it is told") * 20;
        assert!((980..1_100).contains(&first) && (4_900..5_100).contains(&last), "{first} to {last}");
        assert!(told.iter().flatten().all(|t| *t == MicTrouble::Clipping));
        // A full scale that is just reached is none.
        assert!(heard(3.0, |n| wave(n, 500.0, 32_600.0)).iter().all(Option::is_none));
    }
}
