//! The last minute of every microphone, in frames of 100 ms, for recognition.

use std::collections::{BTreeMap, VecDeque};

use model::{AudioFrame, HearingTime, SeatId};

/// Frames kept per microphone: 65 s.
const FRAMES: usize = 650;
const FRAMES_PER_S: u32 = 10;
/// Level of digital silence, in dB.
const SILENCE_DB: i16 = -120;

/// One microphone's ring.
#[derive(Debug, Default)]
struct Channel {
    frames: VecDeque<AudioFrame>,
    /// Samples of the frame being filled: (index and time of the first, rate, samples).
    filling: Option<(u64, HearingTime, u32, Vec<i16>)>,
    level_db: i16,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ring {
    channels: BTreeMap<SeatId, Channel>,
}

impl Ring {
    /// Adds what was captured, in pieces of any length.
    pub(super) fn push(&mut self, frame: &AudioFrame) {
        let channel = self.channels.entry(frame.seat.clone()).or_default();
        let follows =
            |(first, _, _, held): &(u64, _, _, Vec<i16>)| first + held.len() as u64 == frame.first_sample;
        if !channel.filling.as_ref().is_some_and(follows) {
            channel.finish(&frame.seat);
        }
        let len = (frame.rate_hz / FRAMES_PER_S).max(1) as usize;
        let mut rest = &frame.samples[..];
        let mut first = frame.first_sample;
        while !rest.is_empty() {
            let offset_ms = (first - frame.first_sample) * 1000 / u64::from(frame.rate_hz.max(1));
            let fresh =
                || (first, HearingTime(frame.at.0 + offset_ms), frame.rate_hz, Vec::with_capacity(len));
            let held = channel.filling.get_or_insert_with(fresh);
            let n = rest.len().min(len - held.3.len());
            held.3.extend_from_slice(&rest[..n]);
            rest = &rest[n..];
            first += n as u64;
            if held.3.len() == len {
                channel.finish(&frame.seat);
            }
        }
    }

    /// The oldest sample of a microphone that is still here.
    pub(super) fn start(&self, seat: &SeatId) -> Option<u64> {
        self.channels.get(seat)?.frames.front().map(|f| f.first_sample)
    }

    /// Seats that have sound.
    pub(super) fn seats(&self) -> impl Iterator<Item = &SeatId> {
        self.channels.keys()
    }

    /// The first whole frame that ends after `sample`.
    pub(super) fn next(&self, seat: &SeatId, sample: u64) -> Option<&AudioFrame> {
        let frames = &self.channels.get(seat)?.frames;
        let at = frames.partition_point(|f| f.first_sample + f.samples.len() as u64 <= sample);
        frames.get(at)
    }

    /// Levels of the latest frames, in dB below full scale.
    pub(super) fn levels(&self) -> Vec<(SeatId, i16)> {
        self.channels.iter().map(|(seat, c)| (seat.clone(), c.level_db)).collect()
    }

    /// The room is closed to recognition: what is half full goes no further.
    pub(super) fn interrupt(&mut self) {
        for channel in self.channels.values_mut() {
            channel.filling = None;
            channel.level_db = SILENCE_DB;
        }
    }
}

impl Channel {
    fn finish(&mut self, seat: &SeatId) {
        let Some((first_sample, at, rate_hz, samples)) = self.filling.take() else { return };
        self.level_db = level_db(&samples);
        self.frames.push_back(AudioFrame {
            seat: seat.clone(),
            first_sample,
            at,
            rate_hz,
            samples: samples.into(),
        });
        if self.frames.len() > FRAMES {
            self.frames.pop_front();
        }
    }
}

fn level_db(samples: &[i16]) -> i16 {
    let power: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len().max(1) as f64;
    let db = 10.0 * (power / 32_768f64.powi(2)).log10();
    // −∞ for silence becomes the floor.
    db.max(f64::from(SILENCE_DB)).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat() -> SeatId {
        SeatId::new("judge").expect("a plain name")
    }

    fn piece(first: u64, len: usize) -> AudioFrame {
        let at = HearingTime(first / 16);
        AudioFrame { seat: seat(), first_sample: first, at, rate_hz: 16_000, samples: vec![3277; len].into() }
    }

    /// [R-EPH-5]
    #[test]
    fn pieces_of_any_length_become_frames_of_100_ms_that_follow_each_other() {
        let mut ring = Ring::default();
        let mut first = 16_000;
        for len in [320, 320, 1000, 5000, 37, 1323] {
            ring.push(&piece(first, len));
            first += len as u64;
        }
        let (mut at, mut frames) = (0, 0);
        while let Some(frame) = ring.next(&seat(), at) {
            assert_eq!((frame.first_sample, frame.samples.len()), (16_000 + frames * 1600, 1600));
            // Pieces are stamped in whole milliseconds.
            assert!(frame.at.0.abs_diff(1000 + frames * 100) <= 1);
            at = frame.first_sample + 1600;
            frames += 1;
        }
        assert_eq!(frames, 5);
        assert_eq!(ring.levels(), [(seat(), -20)]);
    }

    #[test]
    fn a_hole_ends_a_frame_early_rather_than_gluing_sound_together() {
        let mut ring = Ring::default();
        ring.push(&piece(0, 320));
        ring.push(&piece(9600, 1600));
        let firsts: Vec<_> =
            [0, 320].iter().filter_map(|s| ring.next(&seat(), *s)).map(|f| f.first_sample).collect();
        assert_eq!(firsts, [0, 9600]);
    }

    #[test]
    fn a_minute_is_kept_and_no_more() {
        let mut ring = Ring::default();
        (0..70 * 50).for_each(|n| ring.push(&piece(n * 320, 320)));
        assert_eq!(ring.start(&seat()), Some(5 * 16_000));
    }
}
