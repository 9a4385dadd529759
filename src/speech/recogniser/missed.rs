//! Speech that was recorded while nobody heard it: the ring of the recorder had run over. It is read from the recording, a few seconds
//! at a time, and written whenever nothing that is being said now waits.

use std::collections::{BTreeMap, VecDeque};

use model::{HearingTime, SeatId};
use protocol::link::recogniser::FromRecogniser;

use crate::live::{Decode, Live};
use crate::policy::UtteranceId;
use crate::segment::SegmentRules;
use crate::utterance::Said;

/// Shorter holes are no loss.
const HOLE_MS: u64 = 500;
/// Asked for at once: less than what makes [`Live`] think it is late.
const CHUNK_MS: u64 = 4000;
/// Fed at once, so that the microphones are heard side by side.
const SLICE_MS: u64 = 100;

/// A seat's recorded sound; `at` is the hearing time of its first sample.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) seat: SeatId,
    pub(super) at: HearingTime,
    pub(super) rate_hz: u32,
    pub(super) samples: Vec<i16>,
}

/// See the module.
pub(super) struct Missed {
    live: Live,
    /// The first is being read.
    stretches: VecDeque<(HearingTime, HearingTime)>,
    asked: bool,
    /// Before this all is known or noted.
    noted: HearingTime,
    /// Lines that stand already are not written again.
    settled: BTreeMap<SeatId, HearingTime>,
}

impl Default for Missed {
    fn default() -> Self {
        let mut live = Live::new(SegmentRules::default());
        live.set_interims(false);
        Self {
            live,
            stretches: VecDeque::new(),
            asked: false,
            noted: HearingTime::default(),
            settled: BTreeMap::new(),
        }
    }
}

impl Missed {
    /// Another hearing begins.
    pub(super) fn clear(&mut self) {
        self.live.clear();
        self.stretches.clear();
        self.asked = false;
        self.noted = HearingTime::default();
        self.settled.clear();
    }

    pub(super) fn set_long_ms_max(&mut self, ms: u64) {
        self.live.set_long_ms_max(ms);
    }

    /// What a seat said before `until` stands in the record.
    pub(super) fn settled(&mut self, seat: &SeatId, until: HearingTime) {
        let known = self.settled.entry(seat.clone()).or_default();
        *known = (*known).max(until);
    }

    /// Sound came at `to`, and the last before it ended at `from`. Each microphone tells of the same hole.
    pub(super) fn hole(&mut self, from: HearingTime, to: HearingTime) {
        let from = from.max(self.noted);
        if to.0 >= from.0 + HOLE_MS {
            tracing::warn!(?from, ?to, "sound was not heard; it is read from the recording");
            self.stretches.push_back((from, to));
            self.noted = to;
        }
    }

    /// What to ask of the recording next.
    pub(super) fn wants(&mut self) -> Option<(HearingTime, HearingTime)> {
        let &(from, to) = self.stretches.front().filter(|_| !self.asked && !self.live.is_busy())?;
        self.asked = true;
        Some((from, to.min(from.plus(CHUNK_MS))))
    }

    /// What the recording had of what was asked for last, up to `to`; `None` where it could not be read. Where it had nothing, it goes on
    /// at `next` or not at all.
    pub(super) fn recorded(
        &mut self,
        sound: Option<&[Recorded]>,
        to: HearingTime,
        next: Option<HearingTime>,
    ) {
        if !std::mem::take(&mut self.asked) {
            return;
        }
        let Some(&(from, end)) = self.stretches.front() else { return };
        for slice in (from.0..to.0).step_by(SLICE_MS as usize) {
            for Recorded { seat, at, rate_hz, samples } in sound.unwrap_or_default() {
                let place = |ms: u64| {
                    let n = ms.saturating_sub(at.0) * u64::from(*rate_hz) / 1000;
                    (n as usize).min(samples.len())
                };
                let piece = &samples[place(slice)..place((slice + SLICE_MS).min(to.0))];
                self.live.hear(seat, HearingTime(slice), *rate_hz, piece);
            }
        }
        let goes_on = match sound {
            Some([]) => next.unwrap_or(end).max(to),
            _ => to,
        };
        if goes_on >= end {
            self.live.pause();
            self.stretches.pop_front();
        } else if let Some(front) = self.stretches.front_mut() {
            if goes_on > to {
                self.live.pause();
            }
            front.0 = goes_on;
        }
    }

    pub(super) fn next_decode(&mut self) -> Option<Decode> {
        self.live.next_decode()
    }

    /// Whether the decode of `id` was asked for here.
    pub(super) fn decodes(&self, id: &UtteranceId) -> bool {
        self.live.decodes(id)
    }

    /// The line that a decode gave, unless it stands already.
    pub(super) fn decoded(
        &mut self,
        id: &UtteranceId,
        said: Option<Said>,
        took_ms: u64,
        now: HearingTime,
    ) -> Vec<FromRecogniser> {
        let mut told = self.live.decoded(id, said, took_ms, now);
        told.retain(|m| match m {
            FromRecogniser::Final { seat, from, to, .. } => {
                self.settled.get(seat).is_none_or(|known| from.0.midpoint(to.0) > known.0)
            }
            // Nothing of it was shown.
            _ => false,
        });
        told
    }

    /// How far behind it is.
    pub(super) fn lag_ms(&self, now: HearingTime) -> u64 {
        let reading = self.stretches.front().map_or(0, |(from, _)| now.0.saturating_sub(from.0));
        reading.max(self.live.lag_ms(now))
    }
}
