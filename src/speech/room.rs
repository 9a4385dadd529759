//! All microphones of the room side by side: sound in, in any order of arrival, utterances of each seat out.
//!
//! Pure. Frames of the same 16 ms are judged together for leakage; a channel that falls silent altogether (its device is gone) is
//! waited for half a second of the others' sound, no longer.

use std::collections::VecDeque;

use model::{HearingTime, SeatId};

use crate::RATE_HZ;
use crate::gate::Gate;
use crate::resample::Resampler;
use crate::segment::{Cut, SegmentRules, Segmenter};
use crate::vad::{Earshot, FRAME, FRAME_MS, VoiceDetector, level_db};

/// Frames that a channel may be behind the foremost and still be waited for.
const PATIENCE: u64 = 500 / FRAME_MS;
/// A stamp may differ so far from the count of samples before the count is set by it.
const DRIFT_MS: u64 = 8;
/// A jump of the stamp by more than this is a gap in the sound.
const GAP_MS: u64 = 120;

/// Sound of one seat.
struct Channel {
    seat: SeatId,
    segmenter: Segmenter,
    resampler: Option<Resampler>,
    rate_hz: u32,
    /// Less than a frame.
    partial: Vec<f32>,
    /// Hearing time of `partial[0]`, in fractions of a millisecond, once sound has come.
    clock: Option<f64>,
    /// What is not yet judged.
    queue: VecDeque<(HearingTime, Piece)>,
    /// Slot of the newest frame.
    newest: u64,
    /// What is missing before the sound that comes next was recorded.
    hole: bool,
}

enum Piece {
    Frame(Box<[f32; FRAME]>),
    /// Nothing was to be heard.
    Gap,
    /// It was recorded, and is missing here.
    Hole,
}

/// See the module.
pub struct Room {
    rules: SegmentRules,
    detector: fn() -> Box<dyn VoiceDetector>,
    channels: Vec<Channel>,
    gate: Gate,
}

impl Room {
    /// An empty room, with `earshot` at every microphone.
    #[must_use]
    pub fn new(rules: SegmentRules) -> Self {
        Self::with_detector(rules, || Box::<Earshot>::default())
    }

    /// An empty room with another detector.
    #[must_use]
    pub fn with_detector(rules: SegmentRules, detector: fn() -> Box<dyn VoiceDetector>) -> Self {
        Self { rules, detector, channels: Vec::new(), gate: Gate::default() }
    }

    /// An empty room by the same rules.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self::with_detector(self.rules, self.detector)
    }

    /// Cuts at the latest after `ms` from now on: a model bears no more.
    pub fn set_long_ms_max(&mut self, ms: u64) {
        self.rules.long_ms_max = ms;
        self.channels.iter_mut().for_each(|c| c.segmenter.set_long_ms_max(ms));
    }

    /// Sound of a seat, in the order of its channel; `at` is the hearing time of its first sample.
    pub fn hear(&mut self, seat: &SeatId, at: HearingTime, rate_hz: u32, samples: &[i16]) {
        let n = self.channel(seat);
        let channel = &mut self.channels[n];
        if channel.rate_hz != rate_hz {
            channel.rate_hz = rate_hz;
            channel.resampler = Resampler::from(rate_hz);
        }
        let expected = channel.clock.map(|c| c + channel.partial.len() as f64 * 1000.0 / f64::from(RATE_HZ));
        let off_ms = expected.map_or(f64::INFINITY, |e| at.0 as f64 - e);
        if channel.hole || off_ms.abs() > GAP_MS as f64 {
            channel.gap(at);
        } else if off_ms.abs() > DRIFT_MS as f64 {
            channel.clock = channel.clock.map(|c| c + off_ms);
        }
        let samples: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32_768.0).collect();
        match &mut channel.resampler {
            Some(r) => {
                let converted = r.push(&samples);
                channel.take(&converted);
            }
            None => channel.take(&samples),
        }
    }

    /// What a seat said before `until` is of no interest any more.
    pub fn settled(&mut self, seat: &SeatId, until: HearingTime) {
        let n = self.channel(seat);
        self.channels[n].segmenter.settled(until);
    }

    /// Sound of a seat that was recorded is missing before what comes next.
    pub fn hole(&mut self, seat: &SeatId) {
        let n = self.channel(seat);
        self.channels[n].hole = true;
    }

    /// The key of a seat.
    pub fn key(&mut self, seat: &SeatId, down: bool, at: HearingTime) {
        let n = self.channel(seat);
        self.channels[n].segmenter.key(down, at);
    }

    /// Judges every frame that all living channels have. Gives cuts in the order of time.
    pub fn advance(&mut self) -> Vec<(SeatId, Cut)> {
        let newest = self.channels.iter().map(|c| c.newest).max().unwrap_or(0);
        let living = self.channels.iter().filter(|c| c.newest + PATIENCE >= newest);
        let until = living.map(|c| c.newest).min().unwrap_or(0);
        self.judge(until)
    }

    /// No more sound comes: judges the rest and ends what is being said.
    pub fn finish(&mut self) -> Vec<(SeatId, Cut)> {
        let mut cuts = self.judge(u64::MAX);
        for c in &mut self.channels {
            cuts.extend(c.segmenter.interrupt().into_iter().map(|cut| (c.seat.clone(), cut)));
        }
        cuts
    }

    /// What a seat has said so far, if it is speaking, and whether with the key held.
    #[must_use]
    pub fn so_far(&self, seat: &SeatId) -> Option<(Vec<f32>, bool)> {
        self.channels.iter().find(|c| c.seat == *seat)?.segmenter.so_far()
    }

    fn judge(&mut self, until: u64) -> Vec<(SeatId, Cut)> {
        let mut cuts = Vec::new();
        loop {
            let slots = self.channels.iter().filter_map(|c| c.queue.front().map(|(at, _)| slot(*at)));
            let Some(now) = slots.min().filter(|s| *s <= until) else { return cuts };
            let mut frames: Vec<Option<(HearingTime, Box<[f32; FRAME]>)>> =
                Vec::with_capacity(self.channels.len());
            for c in &mut self.channels {
                let mut frame = None;
                if c.queue.front().is_some_and(|(at, _)| slot(*at) == now)
                    && let Some((at, piece)) = c.queue.pop_front()
                {
                    let more = match piece {
                        Piece::Frame(samples) => {
                            frame = Some((at, samples));
                            Vec::new()
                        }
                        Piece::Gap => c.segmenter.interrupt(),
                        Piece::Hole => c.segmenter.tear(),
                    };
                    cuts.extend(more.into_iter().map(|cut| (c.seat.clone(), cut)));
                }
                frames.push(frame);
            }
            let levels: Vec<f32> =
                frames.iter().map(|f| f.as_ref().map_or(-120.0, |(_, s)| level_db(&s[..]))).collect();
            let judged = self.gate.push(&levels);
            for ((c, frame), judged) in self.channels.iter_mut().zip(frames).zip(judged) {
                if let Some((at, samples)) = frame {
                    let more = c.segmenter.frame(at, &samples, judged);
                    cuts.extend(more.into_iter().map(|cut| (c.seat.clone(), cut)));
                }
            }
        }
    }

    fn channel(&mut self, seat: &SeatId) -> usize {
        if let Some(n) = self.channels.iter().position(|c| c.seat == *seat) {
            return n;
        }
        self.channels.push(Channel {
            seat: seat.clone(),
            segmenter: Segmenter::new(self.rules, (self.detector)()),
            resampler: None,
            rate_hz: RATE_HZ,
            partial: Vec::with_capacity(FRAME),
            clock: None,
            queue: VecDeque::new(),
            newest: 0,
            hole: false,
        });
        self.channels.len() - 1
    }
}

impl Channel {
    fn gap(&mut self, at: HearingTime) {
        // Before the frames that follow, so that their slot is not yet reached.
        if std::mem::take(&mut self.hole) {
            self.queue.push_back((at, Piece::Hole));
        } else if self.clock.is_some() {
            self.queue.push_back((at, Piece::Gap));
        }
        self.partial.clear();
        self.clock = Some(at.0 as f64);
        self.resampler = Resampler::from(self.rate_hz);
    }

    fn take(&mut self, samples: &[f32]) {
        self.partial.extend_from_slice(samples);
        let mut done = 0;
        while let Some(frame) = self.partial[done..].first_chunk::<FRAME>() {
            let clock = self.clock.get_or_insert(0.0);
            let at = HearingTime(clock.round().max(0.0) as u64);
            self.queue.push_back((at, Piece::Frame(Box::new(*frame))));
            self.newest = slot(at);
            *clock += FRAME_MS as f64;
            done += FRAME;
        }
        self.partial.drain(..done);
    }
}

fn slot(at: HearingTime) -> u64 {
    at.0 / FRAME_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is loud is a voice.
    struct Loud;

    impl VoiceDetector for Loud {
        fn score(&mut self, frame: &[f32; FRAME]) -> f32 {
            f32::from(u8::from(level_db(frame) > -30.0))
        }
        fn reset(&mut self) {}
    }

    fn room() -> Room {
        Room::with_detector(SegmentRules::default(), || Box::new(Loud))
    }

    fn seat(name: &str) -> SeatId {
        SeatId::new(name).expect("a plain name")
    }

    /// One second of sound in every twenty, from the fifth on, at a seat whose turn it is: two at once would be taken for one voice.
    fn sample(seconds: f64, turn: u64) -> i16 {
        let speaks = seconds as u64 / 20 % 2 == turn && seconds as u64 % 20 == 5;
        if speaks { ((seconds * 2000.0).sin() * 12_000.0) as i16 } else { 0 }
    }

    /// Beginnings of what each of two seats says, who are given sound in pieces of a second that have `rates` samples.
    fn begun(seconds: u64, rates: [f64; 2], label: impl Fn(u64) -> u32) -> Vec<(SeatId, u64)> {
        let mut room = room();
        let seats = [seat("judge"), seat("clerk")];
        let mut begun = Vec::new();
        let mut given = [0u64; 2];
        for second in 0..seconds {
            for (n, seat) in seats.iter().enumerate() {
                // As many as the card's own clock has counted by now.
                let scale = f64::from(label(second)) / 16_000.0;
                let per_second = rates[n] * scale;
                let count = ((second + 1) as f64 * rates[n]).floor() as u64 - given[n];
                given[n] += count;
                let count = (count as f64 * scale) as u64;
                let samples: Vec<i16> =
                    (0..count).map(|i| sample(second as f64 + i as f64 / per_second, n as u64)).collect();
                room.hear(seat, HearingTime(second * 1000), label(second), &samples);
            }
            for (seat, cut) in room.advance() {
                if let Cut::Ended(u) = cut {
                    begun.push((seat, u.from.0 + SegmentRules::default().pre_roll_ms));
                }
            }
        }
        begun
    }

    fn off_ms(begun: &[(SeatId, u64)]) -> u64 {
        begun.iter().map(|(_, at)| (at % 20_000).abs_diff(5000)).max().unwrap_or(u64::MAX)
    }

    #[test]
    fn clocks_that_drift_by_100_ppm_stay_within_20_ms_for_two_and_a_half_hours() {
        let begun = begun(9000, [16_001.6, 15_998.4], |_| 16_000);
        assert_eq!(begun.len(), 450);
        // Drift is 900 ms by then, were it left alone; the first voiced frame is known to 16 ms.
        let late: Vec<_> = begun.iter().rev().take(20).cloned().collect();
        assert!(off_ms(&begun) <= 20 + FRAME_MS, "{} ms: {late:?}", off_ms(&begun));
        let skew = |n: usize| begun[n].1.abs_diff(begun[n + 1].1).abs_diff(20_000);
        let worst = (0..begun.len() - 1).map(skew).max();
        assert!(worst <= Some(20 + FRAME_MS), "{worst:?} ms between channels");
    }

    #[test]
    fn a_card_that_changes_its_rate_in_mid_hearing_is_heard_on_at_the_same_times() {
        let begun = begun(120, [16_000.0; 2], |second| [16_000, 48_000, 44_100][second as usize / 40]);
        assert_eq!(begun.len(), 6);
        assert!(off_ms(&begun) <= 40, "{begun:?}");
    }
}
