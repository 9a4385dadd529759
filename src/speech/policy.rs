//! What is decoded when: one engine, all microphones.
//!
//! ```text
//!   spoken to its end ──► finals, oldest first ─────────┐
//!   still being spoken ──► interims, longest unseen first ─► one task at a time ──► engine
//! ```
//!
//! Finals always come first. As the engine falls behind, interims come more rarely the longer a decode takes, stop altogether while a
//! final has waited for [`INTERIM_LAG_MS`], and finals of one microphone that follow one another are decoded together once the oldest has waited for
//! [`PACK_LAG_MS`], where a decode costs the same however short it is. Pure: hearing times in, tasks out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{HearingTime, SeatId};

use crate::SAMPLES_PER_MS;
use crate::segment::Utterance;

/// New sound before an interim is worth decoding, in milliseconds.
const INTERIM_MS: u64 = 800;
/// An interim may take this part of the engine's time: one over it.
const INTERIM_SHARE: u64 = 2;
/// Finals that have waited so long leave no time for interims.
const INTERIM_LAG_MS: u64 = 1500;
/// Finals that have waited so long are decoded together with those that follow.
const PACK_LAG_MS: u64 = 5000;
/// A pause within such a line.
const PACK_GAP_MS: u64 = 2000;
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
    /// Decode it for good; those named last are in it.
    Final(UtteranceId, Utterance, Vec<UtteranceId>),
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
    /// Decoded for themselves, however late it is.
    alone: BTreeSet<UtteranceId>,
    /// Only what is spoken to its end is decoded.
    finals_only: bool,
    /// The longest that is decoded together; 0: nothing is.
    packed_ms_max: u64,
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
        let Self { interim_cost_ms, packed_ms_max, finals_only, .. } = *self;
        *self = Self { interim_cost_ms, packed_ms_max, finals_only, ..Self::default() };
    }

    /// How long a decode of several may be; 0: there is none.
    pub fn set_packed_ms_max(&mut self, ms: u64) {
        self.packed_ms_max = ms;
    }

    /// An utterance that a person writes is decoded for itself: its text is offered for their line and belongs to no other.
    pub fn keep_apart(&mut self, id: UtteranceId) {
        self.alone.insert(id);
    }

    /// Whether what is still being said is decoded too.
    pub fn set_interims(&mut self, interims: bool) {
        self.finals_only = !interims;
    }

    /// The next task, with the sound heard up to `now`.
    pub fn next(&mut self, now: HearingTime) -> Option<Task> {
        if let Some((id, utterance)) = self.finals.pop_front() {
            let apart = self.alone.remove(&id);
            let late = !apart && now.0.saturating_sub(utterance.to.0) > PACK_LAG_MS;
            let (utterance, with) = if late { self.packed(&id, utterance) } else { (utterance, Vec::new()) };
            return Some(Task::Final(id, utterance, with));
        }
        if self.finals_only {
            return None;
        }
        let due =
            self.speaking.iter_mut().filter(|(_, s)| s.next_at <= now).min_by_key(|(_, s)| s.next_at)?;
        let (seat, speaking) = due;
        speaking.next_at = now.plus(INTERIM_MS.max(self.interim_cost_ms * INTERIM_SHARE));
        Some(Task::Interim(UtteranceId { seat: seat.clone(), from: speaking.from }))
    }

    /// An utterance with those that follow it at the same microphone, as far as a decode reaches.
    fn packed(&mut self, id: &UtteranceId, mut whole: Utterance) -> (Utterance, Vec<UtteranceId>) {
        let mut with = Vec::new();
        while let Some(at) = self.finals.iter().position(|(other, _)| other.seat == id.seat) {
            let Some((next_id, next)) = self.finals.get(at) else { break };
            let gap_ms = next.from.0.saturating_sub(whole.to.0);
            let long_ms = next.to.0.saturating_sub(whole.from.0);
            let command = whole.command || next.command;
            let apart = self.alone.contains(next_id) || gap_ms > PACK_GAP_MS;
            if command || apart || long_ms > self.packed_ms_max {
                break;
            }
            let Some((other, next)) = self.finals.remove(at) else { break };
            whole.samples.resize(whole.samples.len() + (gap_ms * SAMPLES_PER_MS) as usize, 0.0);
            whole.samples.extend(next.samples);
            whole.to = next.to;
            whole.diffuse &= next.diffuse;
            with.push(other);
        }
        (whole, with)
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

    /// Whether nothing that was spoken to its end waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.finals.is_empty()
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
        Utterance {
            from: HearingTime(from),
            to: HearingTime(to),
            samples: Vec::new(),
            command: false,
            diffuse: false,
        }
    }

    #[test]
    fn finals_come_first_and_in_the_order_of_their_ends() {
        let mut policy = Policy::default();
        policy.began(&id("judge", 0));
        policy.ended(id("clerk", 0), utterance(0, 5000));
        policy.ended(id("plaintiff", 1000), utterance(1000, 3000));
        let order: Vec<_> = std::iter::from_fn(|| policy.next(HearingTime(5000))).take(3).collect();
        assert!(matches!(&order[0], Task::Final(u, _, _) if *u == id("plaintiff", 1000)));
        assert!(matches!(&order[1], Task::Final(u, _, _) if *u == id("clerk", 0)));
        assert_eq!(order[2], Task::Interim(id("judge", 0)));
        assert_eq!(policy.next(HearingTime(5000)), None);
    }

    fn sounding(from: u64, to: u64) -> Utterance {
        Utterance { samples: vec![0.5; ((to - from) * SAMPLES_PER_MS) as usize], ..utterance(from, to) }
    }

    #[test]
    fn what_has_waited_long_is_decoded_with_what_follows_at_the_same_microphone() {
        let waiting = || {
            let mut policy = Policy::default();
            policy.set_packed_ms_max(9000);
            policy.ended(id("judge", 0), sounding(0, 2000));
            policy.ended(id("clerk", 1000), sounding(1000, 2500));
            policy.ended(id("judge", 3000), sounding(3000, 5000));
            policy.ended(id("judge", 7500), sounding(7500, 9000));
            policy
        };
        let Some(Task::Final(first, whole, with)) = waiting().next(HearingTime(6000)) else {
            panic!("a final")
        };
        assert_eq!(
            (first, whole.to, with),
            (id("judge", 0), HearingTime(2000), Vec::new()),
            "it is not late"
        );
        let mut policy = waiting();
        let Some(Task::Final(first, whole, with)) = policy.next(HearingTime(20_000)) else {
            panic!("a final")
        };
        assert_eq!((first, with), (id("judge", 0), vec![id("judge", 3000)]));
        assert_eq!((whole.from, whole.to), (HearingTime(0), HearingTime(5000)));
        assert_eq!(whole.samples.len() as u64, 5000 * SAMPLES_PER_MS, "the pause is in it");
        assert_eq!(whole.samples[2500 * SAMPLES_PER_MS as usize], 0.0);
        // A pause of two and a half seconds is an end, and the clerk speaks for themself.
        let rest: Vec<_> = std::iter::from_fn(|| policy.next(HearingTime(20_000))).collect();
        assert!(matches!(&rest[..], [Task::Final(a, _, none), Task::Final(b, _, _)]
            if *a == id("clerk", 1000) && none.is_empty() && *b == id("judge", 7500)));
        for apart in [0, 3000] {
            let mut policy = waiting();
            policy.keep_apart(id("judge", apart));
            assert!(
                matches!(policy.next(HearingTime(20_000)), Some(Task::Final(_, _, with)) if with.is_empty())
            );
        }
        let mut policy = waiting();
        policy.set_packed_ms_max(4000);
        assert!(matches!(policy.next(HearingTime(20_000)), Some(Task::Final(_, _, with)) if with.is_empty()));
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
