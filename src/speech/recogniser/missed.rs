//! Speech that was recorded while nobody heard it: the ring of the recorder had run over. It is read from the recording, a few seconds
//! at a time, and written whenever nothing that is being said now waits.
//!
//! ```text
//!   a hole, per seat:   …said whole ▏said, torn │ not heard │ said, torn ▏said whole…
//!   read and written:               ├──────────────────────────────────────┤
//! ```
//!
//! Holes of several microphones at one time are read together, side by side, and of each only what is said within its own.

use std::collections::{BTreeMap, VecDeque};

use model::{HearingTime, SeatId};
use protocol::link::recogniser::FromRecogniser;

use crate::live::{Decode, Edge, Live, Within};
use crate::policy::UtteranceId;
use crate::segment::SegmentRules;
use crate::utterance::Said;

/// Shorter holes are no loss.
const HOLE_MS: u64 = 500;
/// Asked for at once: less than what makes [`Live`] think it is late.
const CHUNK_MS: u64 = 4000;
/// Fed at once, so that the microphones are heard side by side.
const SLICE_MS: u64 = 100;
/// Read before a hole, so that the noise of the room is known where it begins.
const LEAD_MS: u64 = 500;
/// What was said so long ago has been synced to the recording's disk, or never will be.
const SYNCED_MS: u64 = 4000;
/// Longer nobody speaks without a pause: a seat of which so long nothing came is gone.
const PATIENCE_MS: u64 = 25_000;
/// What is read of the recording begins where it began live, give or take this.
const SAME_MS: u64 = 300;
/// Presses of keys that are remembered.
const KEYS: usize = 1000;

/// A seat's recorded sound; `at` is the hearing time of its first sample.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) seat: SeatId,
    pub(super) at: HearingTime,
    pub(super) rate_hz: u32,
    pub(super) samples: Vec<i16>,
}

/// What a seat said and nobody heard.
#[derive(Debug, Clone, Copy)]
struct Hole {
    from: HearingTime,
    /// Sound came again.
    until: HearingTime,
    /// It is heard whole again.
    to: Option<HearingTime>,
}

/// Holes whose edges are known, to be read from `from` to `to`.
#[derive(Debug)]
struct Stretch {
    from: HearingTime,
    to: HearingTime,
    /// Per seat; `None` once it is being read.
    holes: Option<Within>,
}

/// See the module.
pub(super) struct Missed {
    live: Live,
    /// Whose edges are not all known.
    open: BTreeMap<SeatId, Hole>,
    /// What is to be read; the first is being read.
    stretches: VecDeque<Stretch>,
    asked: bool,
    /// Lines that stand already are not written again.
    settled: BTreeMap<SeatId, HearingTime>,
    /// Utterances that were begun live and torn: what the rest of the house knows them by.
    torn: Vec<UtteranceId>,
    /// What is said with the key held is no part of the record, and as a command comes too late.
    keys: Vec<(SeatId, bool, HearingTime)>,
}

impl Default for Missed {
    fn default() -> Self {
        let mut live = Live::new(SegmentRules::default());
        live.set_interims(false);
        Self {
            live,
            open: BTreeMap::new(),
            stretches: VecDeque::new(),
            asked: false,
            settled: BTreeMap::new(),
            torn: Vec::new(),
            keys: Vec::new(),
        }
    }
}

impl Missed {
    /// Another hearing begins.
    pub(super) fn clear(&mut self) {
        self.live.clear();
        self.open.clear();
        self.stretches.clear();
        self.asked = false;
        self.settled.clear();
        self.torn.clear();
        self.keys.clear();
    }

    pub(super) fn set_long_ms_max(&mut self, ms: u64) {
        self.live.set_long_ms_max(ms);
    }

    /// What a seat said before `until` stands in the record.
    pub(super) fn settled(&mut self, seat: &SeatId, until: HearingTime) {
        let known = self.settled.entry(seat.clone()).or_default();
        *known = (*known).max(until);
    }

    /// The key of a seat.
    pub(super) fn key(&mut self, seat: SeatId, down: bool, at: HearingTime) {
        self.keys.push((seat, down, at));
        if self.keys.len() > KEYS {
            self.keys.remove(0);
        }
    }

    /// Sound of a seat came at `until`, and the last before it ended at `from`. Says whether that is a loss.
    pub(super) fn hole(&mut self, seat: &SeatId, from: HearingTime, until: HearingTime) -> bool {
        let lost = until.0 >= from.0 + HOLE_MS;
        if lost {
            tracing::warn!(%seat, ?from, ?until, "sound was not heard; it is read from the recording");
            let hole = self.open.entry(seat.clone()).or_insert(Hole { from, until, to: None });
            (hole.until, hole.to) = (until, None);
        }
        lost
    }

    /// What is said at the edges of a hole belongs to it.
    pub(super) fn edge(&mut self, edge: Edge) {
        match edge {
            Edge::Torn { id } => {
                if let Some(hole) = self.open.get_mut(&id.seat) {
                    hole.from = hole.from.min(id.from);
                }
                self.torn.push(id);
            }
            Edge::Whole { seat, at } => {
                if let Some(hole) = self.open.get_mut(&seat).filter(|h| at > h.until) {
                    hole.to = Some(at);
                }
            }
        }
    }

    /// What to ask of the recording next; `newest` is the time of the newest sound of any seat.
    pub(super) fn wants(
        &mut self,
        now: HearingTime,
        newest: HearingTime,
    ) -> Option<(HearingTime, HearingTime)> {
        self.close(newest);
        // One after the other, so that little waits in memory.
        let stretch = self.stretches.front_mut().filter(|_| !self.asked && self.live.is_idle())?;
        let to = stretch.to.min(stretch.from.plus(CHUNK_MS));
        if now.0 < to.0 + SYNCED_MS {
            return None;
        }
        if let Some(holes) = stretch.holes.take() {
            self.live.clear();
            self.live.only_within(holes);
        }
        self.asked = true;
        Some((stretch.from, to))
    }

    /// Holes whose edges are all known become a stretch to be read.
    fn close(&mut self, newest: HearingTime) {
        let end = |hole: &Hole| {
            let gone = hole.until.plus(PATIENCE_MS);
            hole.to.or(Some(gone).filter(|gone| newest > *gone))
        };
        let Some(ends) = self.open.values().map(end).collect::<Option<Vec<_>>>() else { return };
        let Some(from) = self.open.values().map(|h| h.from).min() else { return };
        let to = ends.iter().copied().max().unwrap_or(from);
        let mut holes = Within::new();
        for ((seat, hole), end) in std::mem::take(&mut self.open).into_iter().zip(ends) {
            let known = self.settled.get(&seat).copied().unwrap_or_default();
            holes.insert(seat, (hole.from.max(known), end));
        }
        let from = HearingTime(from.0.saturating_sub(LEAD_MS));
        self.stretches.push_back(Stretch { from, to, holes: Some(holes) });
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
        let Some(stretch) = self.stretches.front() else { return };
        let (from, end) = (stretch.from, stretch.to);
        for (seat, down, at) in self.keys.extract_if(.., |(_, _, at)| *at < to) {
            self.live.key(&seat, down, at);
        }
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
            front.from = goes_on;
        }
    }

    pub(super) fn next_decode(&mut self) -> Option<Decode> {
        self.live.next_decode()
    }

    /// Whether the decode of `id` was asked for here.
    pub(super) fn decodes(&self, id: &UtteranceId) -> bool {
        self.live.decodes(id)
    }

    /// The line that a decode gave.
    pub(super) fn decoded(
        &mut self,
        id: &UtteranceId,
        said: Option<Said>,
        took_ms: u64,
        now: HearingTime,
    ) -> Vec<FromRecogniser> {
        let mut told = self.live.decoded(id, said, took_ms, now);
        // Nothing else of it was shown.
        told.retain(|m| matches!(m, FromRecogniser::Final { command: false, .. }));
        for message in &mut told {
            if let FromRecogniser::Final { seat, utterance, .. } = message {
                let same = |id: &UtteranceId| id.seat == *seat && id.from.0.abs_diff(*utterance) <= SAME_MS;
                if let Some(at) = self.torn.iter().position(same) {
                    *utterance = self.torn.swap_remove(at).from.0;
                }
            }
        }
        told
    }

    /// How far behind it is.
    pub(super) fn lag_ms(&self, now: HearingTime) -> u64 {
        let stretches = self.stretches.iter().map(|s| s.from);
        let oldest = stretches.chain(self.open.values().map(|h| h.from)).min();
        // A hole begins well before what a predecessor has left: what it wrote is not late.
        let written = self.settled.values().max().copied().unwrap_or_default();
        let reading = oldest.map_or(0, |from| now.0.saturating_sub(from.max(written).0));
        reading.max(self.live.lag_ms(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_read_from_where_it_tore_to_the_pause_behind_it_however_late_it_is() {
        let seat = |name: &str| SeatId::new(name).expect("a plain name");
        let at = HearingTime;
        let mut missed = Missed::default();
        assert!(!missed.hole(&seat("judge"), at(10_000), at(10_400)), "too short to matter");
        assert!(missed.hole(&seat("judge"), at(10_000), at(20_000)));
        assert!(missed.hole(&seat("clerk"), at(10_000), at(20_000)));
        missed.edge(Edge::Torn { id: UtteranceId { seat: seat("judge"), from: at(8_000) } });
        // The present is far ahead: what is read out of the ring now is long past.
        let now = at(120_000);
        assert_eq!(missed.wants(now, at(20_100)), None);
        missed.edge(Edge::Whole { seat: seat("judge"), at: at(21_000) });
        assert_eq!(missed.wants(now, at(21_000)), None);
        missed.edge(Edge::Whole { seat: seat("clerk"), at: at(23_000) });
        assert_eq!(missed.wants(at(11_000), at(23_000)), None, "not yet on the disk");
        assert_eq!(missed.wants(now, at(23_000)), Some((at(7_500), at(11_500))));
        assert_eq!(missed.wants(now, at(23_000)), None, "asked already");
        missed.recorded(Some(&[]), at(11_500), Some(at(22_000)));
        assert_eq!(missed.wants(now, at(23_000)), Some((at(22_000), at(23_000))));
        missed.recorded(None, at(23_000), None);
        assert_eq!(missed.wants(now, at(24_000)), None);
        // A microphone of which nothing more comes holds nobody up.
        assert!(missed.hole(&seat("judge"), at(30_000), at(40_000)));
        assert_eq!(missed.wants(now, at(60_000)), None);
        assert_eq!(missed.wants(now, at(65_001)), Some((at(29_500), at(33_500))));
    }
}
