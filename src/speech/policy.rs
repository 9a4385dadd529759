//! What is decoded when: one engine, all microphones.
//!
//! ```text
//!   spoken to its end ──► finals, oldest first ─────────┐
//!   still being spoken ──► interims, longest unseen first ─► one task at a time ──► engine
//! ```
//!
//! Finals always come first. Interims yield in steps as the engine falls behind: they come more rarely the longer a decode
//! takes, and stop altogether while a final has waited for [`INTERIM_LAG_MS`]. Pure: hearing times in, tasks out.

use std::collections::{BTreeMap, VecDeque};

use model::{HearingTime, SeatId};

use crate::segment::Utterance;

/// New sound before an interim is worth decoding, in milliseconds.
const INTERIM_MS: u64 = 800;
/// An interim may take this part of the engine's time: one over it.
const INTERIM_SHARE: u64 = 2;
/// Finals that have waited so long leave no time for interims.
const INTERIM_LAG_MS: u64 = 1500;
/// Utterances that may wait; beyond, the oldest are given up and a fault is shown (about 200 MB of sound).
const FINALS_MAX: usize = 400;

/// Names an utterance: whose, and the hearing time of its first sample.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtteranceId {
    /// Whose.
    pub seat: SeatId,
    /// Its beginning.
    pub from: HearingTime,
}

/// What the engine shall do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// Decode it for good.
    Final(UtteranceId, Utterance),
    /// Decode what has been said so far.
    Interim(UtteranceId),
}

#[derive(Debug)]
struct Speaking {
    from: HearingTime,
    next_at: HearingTime,
    agreement: Agreement,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Policy {
    finals: VecDeque<(UtteranceId, Utterance)>,
    speaking: BTreeMap<SeatId, Speaking>,
    interim_cost_ms: u64,
    given_up: u64,
}

impl Policy {
    /// Somebody began to speak.
    pub fn began(&mut self, id: &UtteranceId) {
        let next_at = id.from.plus(INTERIM_MS);
        let speaking = Speaking { from: id.from, next_at, agreement: Agreement::default() };
        self.speaking.insert(id.seat.clone(), speaking);
    }

    /// What had begun was nothing.
    pub fn dropped(&mut self, id: &UtteranceId) {
        self.silent(id);
    }

    /// An utterance is whole.
    pub fn ended(&mut self, id: UtteranceId, utterance: Utterance) {
        self.silent(&id);
        // By its end: who stopped first has waited longest.
        let at = self.finals.partition_point(|(_, u)| u.to <= utterance.to);
        self.finals.insert(at, (id, utterance));
        if self.finals.len() > FINALS_MAX {
            self.finals.pop_front();
            self.given_up += 1;
        }
    }

    fn silent(&mut self, id: &UtteranceId) {
        if self.speaking.get(&id.seat).is_some_and(|s| s.from == id.from) {
            self.speaking.remove(&id.seat);
        }
    }

    /// Everything is forgotten: another hearing begins.
    pub fn clear(&mut self) {
        *self = Self { interim_cost_ms: self.interim_cost_ms, ..Self::default() };
    }

    /// The next task, with the sound heard up to `now`.
    pub fn next(&mut self, now: HearingTime) -> Option<Task> {
        if let Some((id, utterance)) = self.finals.pop_front() {
            return Some(Task::Final(id, utterance));
        }
        let due =
            self.speaking.iter_mut().filter(|(_, s)| s.next_at <= now).min_by_key(|(_, s)| s.next_at)?;
        let (seat, speaking) = due;
        speaking.next_at = now.plus(INTERIM_MS.max(self.interim_cost_ms * INTERIM_SHARE));
        Some(Task::Interim(UtteranceId { seat: seat.clone(), from: speaking.from }))
    }

    /// Whether an interim may be shown while a final is being decoded or waits: how long the oldest has waited decides.
    #[must_use]
    pub fn lag_ms(&self, now: HearingTime, decoding: Option<HearingTime>) -> u64 {
        let waiting = self.finals.front().map(|(_, u)| u.to);
        let oldest = [waiting, decoding].into_iter().flatten().min();
        oldest.map_or(0, |to| now.0.saturating_sub(to.0))
    }

    /// An interim was decoded in `took_ms`: what of it is to be shown. `None` if its utterance is over.
    pub fn interim(
        &mut self,
        id: &UtteranceId,
        text: &str,
        took_ms: u64,
        now: HearingTime,
    ) -> Option<String> {
        self.interim_cost_ms = (self.interim_cost_ms * 3 + took_ms).div_ceil(4);
        if self.lag_ms(now, None) > INTERIM_LAG_MS {
            return None;
        }
        let speaking = self.speaking.get_mut(&id.seat).filter(|s| s.from == id.from)?;
        Some(speaking.agreement.add(text))
    }

    /// Utterances that had to be given up since the last call.
    pub fn take_given_up(&mut self) -> u64 {
        std::mem::take(&mut self.given_up)
    }
}

/// LocalAgreement-2 on characters: what two decodes in a row agree on stands until the final text; the rest follows the newest.
#[derive(Debug, Default)]
struct Agreement {
    agreed: Vec<char>,
    last: Vec<char>,
}

impl Agreement {
    fn add(&mut self, text: &str) -> String {
        let new: Vec<char> = text.chars().collect();
        let common = self.last.iter().zip(&new).take_while(|(a, b)| a == b).count();
        if common > self.agreed.len() {
            self.agreed = new[..common].to_vec();
        }
        let shown = self.agreed.iter().chain(new.iter().skip(self.agreed.len())).collect();
        self.last = new;
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(seat: &str, from: u64) -> UtteranceId {
        UtteranceId { seat: SeatId::new(seat).expect("a plain name"), from: HearingTime(from) }
    }

    fn utterance(from: u64, to: u64) -> Utterance {
        Utterance { from: HearingTime(from), to: HearingTime(to), samples: Vec::new(), command: false }
    }

    #[test]
    fn finals_come_first_and_in_the_order_of_their_ends() {
        let mut policy = Policy::default();
        policy.began(&id("judge", 0));
        policy.ended(id("clerk", 0), utterance(0, 5000));
        policy.ended(id("plaintiff", 1000), utterance(1000, 3000));
        let order: Vec<_> = std::iter::from_fn(|| policy.next(HearingTime(5000))).take(3).collect();
        assert!(matches!(&order[0], Task::Final(u, _) if *u == id("plaintiff", 1000)));
        assert!(matches!(&order[1], Task::Final(u, _) if *u == id("clerk", 0)));
        assert_eq!(order[2], Task::Interim(id("judge", 0)));
        assert_eq!(policy.next(HearingTime(5000)), None);
    }

    #[test]
    fn an_interim_comes_after_new_sound_and_more_rarely_when_the_engine_is_slow() {
        let mut policy = Policy::default();
        policy.began(&id("judge", 0));
        assert_eq!(policy.next(HearingTime(700)), None);
        assert!(policy.next(HearingTime(800)).is_some());
        assert_eq!(policy.next(HearingTime(1500)), None);
        for _ in 0..20 {
            policy.interim(&id("judge", 0), "现在", 4000, HearingTime(1000));
        }
        assert!(policy.next(HearingTime(1600)).is_some());
        assert_eq!(policy.next(HearingTime(4000)), None);
        assert!(policy.next(HearingTime(10_000)).is_some());
    }

    #[test]
    fn what_was_agreed_on_stays_until_the_final() {
        let mut a = Agreement::default();
        assert_eq!(a.add("现在开亭"), "现在开亭");
        assert_eq!(a.add("现在开庭了"), "现在开庭了");
        // The head was agreed on twice: a later change of mind does not touch it.
        assert_eq!(a.add("先再开庭了请"), "现在开庭了请");
        assert_eq!(a.add("现"), "现在开");
    }

    #[test]
    fn an_interim_of_an_utterance_that_is_over_is_not_shown() {
        let mut policy = Policy::default();
        policy.began(&id("judge", 0));
        policy.ended(id("judge", 0), utterance(0, 900));
        policy.began(&id("judge", 2000));
        assert_eq!(policy.interim(&id("judge", 0), "现在", 50, HearingTime(1000)), None);
        assert!(policy.interim(&id("judge", 2000), "现在", 50, HearingTime(1000)).is_some());
    }

    #[test]
    fn the_lag_is_the_wait_of_who_stopped_first_and_a_flood_is_counted() {
        let mut policy = Policy::default();
        assert_eq!(policy.lag_ms(HearingTime(9000), Some(HearingTime(8000))), 1000);
        for n in 0..FINALS_MAX as u64 + 3 {
            policy.ended(id("judge", n * 10), utterance(n * 10, n * 10 + 9));
        }
        assert_eq!(policy.take_given_up(), 3);
        assert_eq!(policy.lag_ms(HearingTime(1039), None), 1000);
    }
}
