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
const DRIFT_MS: u64 = 24;
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
    /// Frames not yet judged; `None` marks a gap.
    queue: VecDeque<(HearingTime, Option<Box<[f32; FRAME]>>)>,
    /// Slot of the newest frame.
    newest: u64,
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
        if off_ms.abs() > GAP_MS as f64 {
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
                    && let Some((at, samples)) = c.queue.pop_front()
                {
                    match samples {
                        Some(samples) => frame = Some((at, samples)),
                        None => {
                            cuts.extend(c.segmenter.interrupt().into_iter().map(|cut| (c.seat.clone(), cut)))
                        }
                    }
                }
                frames.push(frame);
            }
            let levels: Vec<f32> =
                frames.iter().map(|f| f.as_ref().map_or(-120.0, |(_, s)| level_db(&s[..]))).collect();
            let leaked = self.gate.push(&levels);
            for ((c, frame), leaked) in self.channels.iter_mut().zip(frames).zip(leaked) {
                if let Some((at, samples)) = frame {
                    let more = c.segmenter.frame(at, &samples, leaked);
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
        });
        self.channels.len() - 1
    }
}

impl Channel {
    fn gap(&mut self, at: HearingTime) {
        if self.clock.is_some() {
            // Before the frames that follow, so that their slot is not yet reached.
            self.queue.push_back((at, None));
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
            self.queue.push_back((at, Some(Box::new(*frame))));
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
