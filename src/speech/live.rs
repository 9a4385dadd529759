//! Speech of a room becoming lines: what is cut, what is decoded next, what is told of it.
//!
//! ```text
//!   sound ─► Room ─cuts─► Policy ─► Decode ─► (an engine, anywhere) ─► decoded ─► Echoes ─► lines
//! ```
//!
//! Pure: sound with hearing times in, one [`Decode`] at a time out, its result back in, messages out. The process and the files go
//! through it alike.

use std::collections::BTreeMap;

use model::{HearingTime, SeatId};
use protocol::link::recogniser::FromRecogniser;

use crate::SAMPLES_PER_MS;
use crate::echo::{Echoes, Sounding};
use crate::guard;
use crate::likeness::Listener;
use crate::policy::{Policy, Task, UtteranceId};
use crate::room::Room;
use crate::segment::{Cut, SegmentRules};
use crate::utterance::Said;
use crate::vad::level_db;

/// Less has been said to no purpose: nothing is decoded of it yet.
const INTERIM_MS_MIN: u64 = 300;
/// Speech that has waited so long is written by a smaller model, until nothing has waited for [`CALM_LAG_MS`].
const HURRY_LAG_MS: u64 = 15_000;
/// See [`HURRY_LAG_MS`].
const CALM_LAG_MS: u64 = 2000;

/// Sound to be decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Decode {
    /// Whose, and since when.
    pub id: UtteranceId,
    /// 16 kHz.
    pub samples: Vec<f32>,
    /// Speech has waited so long that a smaller model shall write it, where there is one.
    pub hurried: bool,
}

/// What a hole in the sound does to what is said at its edges: it is left to who reads it from the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edge {
    /// What was being said since `from` is torn, and dropped here.
    Torn {
        /// Names the utterance.
        id: UtteranceId,
    },
    /// Behind the hole nothing was heard of this seat before `at`.
    Whole {
        /// Whose microphone.
        seat: SeatId,
        /// The end of a pause.
        at: HearingTime,
    },
}

/// Per seat, from when to when.
pub type Within = BTreeMap<SeatId, (HearingTime, HearingTime)>;

/// What is being decoded.
#[derive(Debug)]
struct Busy {
    id: UtteranceId,
    /// `to` and whether it is a command; `None` for an interim.
    last: Option<(HearingTime, bool)>,
    /// Decoded with it.
    with: Vec<UtteranceId>,
    level_db: f32,
    /// It was heard by other microphones as loudly.
    diffuse: bool,
    /// How the voice of a whole utterance sounds.
    voice: Vec<f32>,
}

/// See the module.
pub struct Live {
    room: Room,
    policy: Policy,
    echoes: Echoes,
    listener: Listener,
    busy: Option<Busy>,
    /// Per seat: sound before this has been heard.
    heard_until: BTreeMap<SeatId, HearingTime>,
    edges: Vec<Edge>,
    /// Where set, nothing is written whose middle lies elsewhere.
    within: Option<Within>,
    newest: HearingTime,
    hurried: bool,
}

impl Live {
    /// A room in which nothing has been heard.
    #[must_use]
    pub fn new(rules: SegmentRules) -> Self {
        Self {
            room: Room::new(rules),
            policy: Policy::default(),
            echoes: Echoes::default(),
            listener: Listener::default(),
            busy: None,
            heard_until: BTreeMap::new(),
            edges: Vec::new(),
            within: None,
            newest: HearingTime::default(),
            hurried: false,
        }
    }

    /// Another hearing begins, with its own clock and its own lines.
    pub fn clear(&mut self) {
        self.room = self.room.emptied();
        if let Some(Busy { last, .. }) = &mut self.busy {
            // Its result belongs to nobody any more.
            *last = None;
        }
        self.policy.clear();
        self.echoes.clear();
        self.heard_until.clear();
        self.edges.clear();
        self.within = None;
        self.newest = HearingTime::default();
        self.hurried = false;
    }

    /// How long a decode may be: the model bears no more.
    pub fn set_long_ms_max(&mut self, ms: u64) {
        self.room.set_long_ms_max(ms);
    }

    /// How long what is late may be decoded together; 0: each for itself.
    pub fn set_packed_ms_max(&mut self, ms: u64) {
        self.policy.set_packed_ms_max(ms);
    }

    /// Whether what is still being said is decoded too.
    pub fn set_interims(&mut self, interims: bool) {
        self.policy.set_interims(interims);
    }

    /// What a seat said before `until` stands in the record: it is not written again. It is heard all the same, so that it is known
    /// whose voice the other microphones caught.
    pub fn settled(&mut self, seat: &SeatId, until: HearingTime) {
        self.room.settled(seat, until);
    }

    /// Nothing is written but what is said within.
    pub fn only_within(&mut self, within: Within) {
        self.within = Some(within);
    }

    /// Sound of a seat that was recorded is missing before what comes next.
    pub fn hole(&mut self, seat: &SeatId) {
        self.room.hole(seat);
    }

    /// What holes have done since the last call.
    pub fn take_edges(&mut self) -> Vec<Edge> {
        std::mem::take(&mut self.edges)
    }

    /// A person writes what a seat has been saying since `from`.
    pub fn taken_over(&mut self, seat: SeatId, from: HearingTime) {
        self.policy.keep_apart(UtteranceId { seat, from });
    }

    /// The key of a seat.
    pub fn key(&mut self, seat: &SeatId, down: bool, at: HearingTime) {
        self.room.key(seat, down, at);
    }

    /// Sound of a seat; `at` is the hearing time of its first sample.
    pub fn hear(
        &mut self,
        seat: &SeatId,
        at: HearingTime,
        rate_hz: u32,
        samples: &[i16],
    ) -> Vec<FromRecogniser> {
        let heard = self.heard_until.entry(seat.clone()).or_default();
        let known = (heard.0.saturating_sub(at.0) * u64::from(rate_hz) / 1000) as usize;
        // Whole milliseconds: less than this is a rounded stamp, not sound heard before.
        let known = if known < rate_hz as usize / 200 { 0 } else { known };
        let Some(fresh) = samples.get(known..).filter(|s| !s.is_empty()) else { return Vec::new() };
        let from = at.plus(known as u64 * 1000 / u64::from(rate_hz.max(1)));
        let end = at.plus(samples.len() as u64 * 1000 / u64::from(rate_hz.max(1)));
        *heard = (*heard).max(end);
        self.newest = self.newest.max(end);
        self.room.hear(seat, from, rate_hz, fresh);
        let cuts = self.room.advance();
        self.cuts(cuts)
    }

    /// No more sound comes for now: what was being said is over.
    pub fn pause(&mut self) -> Vec<FromRecogniser> {
        let cuts = self.room.finish();
        self.cuts(cuts)
    }

    fn cuts(&mut self, cuts: Vec<(SeatId, Cut)>) -> Vec<FromRecogniser> {
        let mut told = Vec::new();
        for (seat, cut) in cuts {
            match cut {
                Cut::Began { from } => self.policy.began(&UtteranceId { seat, from }),
                Cut::Dropped { from } => {
                    let id = UtteranceId { seat, from };
                    self.policy.dropped(&id);
                    told.push(dropped(id));
                }
                Cut::Ended(utterance) => {
                    let id = UtteranceId { seat, from: utterance.from };
                    let middle = HearingTime(utterance.from.0.midpoint(utterance.to.0));
                    if self.is_within(&id.seat, middle) {
                        self.policy.ended(id, utterance);
                    } else {
                        self.policy.dropped(&id);
                        told.push(dropped(id));
                    }
                }
                Cut::Torn { from } => {
                    let id = UtteranceId { seat, from };
                    self.policy.dropped(&id);
                    told.push(dropped(id.clone()));
                    self.edges.push(Edge::Torn { id });
                }
                Cut::Whole { at } => self.edges.push(Edge::Whole { seat, at }),
            }
        }
        told
    }

    fn is_within(&self, seat: &SeatId, at: HearingTime) -> bool {
        let Some(within) = &self.within else { return true };
        within.get(seat).is_some_and(|(from, to)| (*from..*to).contains(&at))
    }

    /// Utterances that had to be given up since the last call.
    pub fn take_given_up(&mut self) -> u64 {
        self.policy.take_given_up()
    }

    /// What is to be decoded next; `None` while a decode is under way or there is nothing to do.
    pub fn next_decode(&mut self) -> Option<Decode> {
        while self.busy.is_none() {
            let lag_ms = self.policy.lag_ms(self.newest, None);
            self.hurried = lag_ms >= if self.hurried { CALM_LAG_MS } else { HURRY_LAG_MS };
            let (id, samples, last, with, diffuse) = match self.policy.next(self.newest)? {
                Task::Final(id, u, with) => (id, u.samples, Some((u.to, u.command)), with, u.diffuse),
                Task::Interim(id) => match self.room.so_far(&id.seat) {
                    // Commands are no part of the record: nothing of them is shown before they are understood.
                    Some((samples, false)) if samples.len() as u64 >= INTERIM_MS_MIN * SAMPLES_PER_MS => {
                        (id, samples, None, Vec::new(), false)
                    }
                    _ => continue,
                },
            };
            let record = matches!(last, Some((_, false)));
            let voice = if record { self.listener.voice(&samples) } else { Vec::new() };
            self.busy =
                Some(Busy { id: id.clone(), last, with, level_db: level_db(&samples), diffuse, voice });
            return Some(Decode { id, samples, hurried: self.hurried });
        }
        None
    }

    /// Whether a decode is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    /// Whether nothing waits to be decoded.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.busy.is_none() && self.policy.is_idle()
    }

    /// Whether the decode of `id` is under way.
    #[must_use]
    pub fn decodes(&self, id: &UtteranceId) -> bool {
        self.busy.as_ref().is_some_and(|b| b.id == *id)
    }

    /// What the decode of `id` gave, `took_ms` after it began; `now` is the time at which it is told.
    pub fn decoded(
        &mut self,
        id: &UtteranceId,
        said: Option<Said>,
        took_ms: u64,
        now: HearingTime,
    ) -> Vec<FromRecogniser> {
        let Some(busy) = self.busy.take().filter(|b| b.id == *id) else { return Vec::new() };
        // What they said stands in this line.
        let mut told: Vec<_> = busy.with.into_iter().map(dropped).collect();
        let Some((to, command)) = busy.last else {
            told.extend(self.interim(id, said, took_ms));
            return told;
        };
        let duration_ms = to.0.saturating_sub(id.from.0);
        let noise = |said: &Said| busy.diffuse && guard::is_noise(&said.raw, &said.pieces, duration_ms);
        let said = said.filter(|said| command || !noise(said));
        let said = said.filter(|said| command || !self.echoes.is_echo(sounding(id, to, said, busy.level_db)));
        told.push(match said {
            None => dropped(id.clone()),
            Some(said) => FromRecogniser::Final {
                seat: id.seat.clone(),
                utterance: id.from.0,
                from: id.from,
                to,
                text: said.text,
                raw: said.raw,
                pieces: said.pieces,
                repairs: said.repairs,
                command,
                voice: busy.voice,
                latency_ms: now.0.saturating_sub(to.0),
            },
        });
        told
    }

    fn interim(&mut self, id: &UtteranceId, said: Option<Said>, took_ms: u64) -> Option<FromRecogniser> {
        let text = said.map(|s| s.text).unwrap_or_default();
        let text = text.trim_end_matches('。');
        let text = self.policy.interim(id, text, took_ms, self.newest).filter(|t| !t.is_empty())?;
        Some(FromRecogniser::Partial { seat: id.seat.clone(), utterance: id.from.0, from: id.from, text })
    }

    /// How long the oldest of what waits or is being decoded has waited for its line.
    #[must_use]
    pub fn lag_ms(&self, now: HearingTime) -> u64 {
        let decoding = self.busy.as_ref().and_then(|b| b.last).map(|(to, _)| to);
        self.policy.lag_ms(now, decoding)
    }

    /// Whether a smaller model writes for now.
    #[must_use]
    pub fn hurried(&self) -> bool {
        self.hurried
    }

    /// Behind the newest sound of any seat.
    #[must_use]
    pub fn newest(&self) -> HearingTime {
        self.newest
    }
}

fn dropped(id: UtteranceId) -> FromRecogniser {
    FromRecogniser::Dropped { seat: id.seat, utterance: id.from.0 }
}

fn sounding(id: &UtteranceId, to: HearingTime, said: &Said, level_db: f32) -> Sounding {
    Sounding { seat: id.seat.clone(), from: id.from, to, text: said.text.clone(), level_db }
}
