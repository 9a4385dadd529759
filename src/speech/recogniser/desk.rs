//! What the process knows, in one place, and every message's way through it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{HearingId, HearingTime, SeatId};
use protocol::link::recogniser::{FromRecogniser, ToRecogniser};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::engine::{FromEngine, Job, Jobs, ToEngine};
use super::hub::FromHub;
use super::missed::Missed;
use super::sound::Sound;
use crate::SAMPLES_PER_MS;
use crate::live::{Decode, Live};
use crate::policy::UtteranceId;
use crate::segment::SegmentRules;
use crate::utterance::{self, Said};

/// Settled lines kept for a hub that comes back: more than it can miss in a restart.
const HISTORY: usize = 500;

/// Who began to speak so long before has ended by now.
const AMID_MS: u64 = 25_000;

/// Microphones whose sound begins so much later than the first are new ones.
const TOGETHER_MS: u64 = 2000;

/// See the module.
pub(super) struct Desk {
    jobs: Jobs,
    /// A hub that has not yet said for which hearing it speaks.
    joining: Option<mpsc::Sender<FromRecogniser>>,
    /// The hub; it is told of `hearing` and of no other.
    hub: Option<mpsc::Sender<FromRecogniser>>,
    /// What is loaded, or why nothing is.
    model: Result<String, String>,
    /// The smaller one, if there is one.
    small: Option<String>,
    hearing: Option<HearingId>,
    /// Whose sound the recorder gives.
    sounding: Option<HearingId>,
    /// What was being said when the room was closed to the recorder is over; so it is before it was ever open.
    paused: bool,
    live: Live,
    /// What was recorded and not heard.
    missed: Missed,
    /// Per seat, where the sound that came last ended.
    heard: BTreeMap<SeatId, HearingTime>,
    /// When the sound of the first of them began.
    begun: Option<HearingTime>,
    /// Seats whose sound may have been recorded and not come here.
    doubtful: BTreeSet<SeatId>,
    /// Until when the record stands that a predecessor of this process has written.
    predecessor: HearingTime,
    prompt: Arc<str>,
    /// All terms of the case, for repairs.
    terms: Arc<[String]>,
    history: VecDeque<FromRecogniser>,
    /// When hearing time was zero, by the sound that came soonest.
    epoch: Option<Instant>,
    fault: Option<String>,
}

impl Desk {
    pub(super) fn new(jobs: Jobs) -> Self {
        Self {
            jobs,
            joining: None,
            hub: None,
            model: Err("the speech model is being loaded".to_owned()),
            small: None,
            hearing: None,
            sounding: None,
            paused: true,
            live: Live::new(SegmentRules::default()),
            missed: Missed::default(),
            heard: BTreeMap::new(),
            begun: None,
            doubtful: BTreeSet::new(),
            predecessor: HearingTime::default(),
            prompt: Arc::from(""),
            terms: Arc::from([]),
            history: VecDeque::new(),
            epoch: None,
            fault: None,
        }
    }

    /// Serves until cancelled. `follow` begins to listen to the recorder, from what its ring still holds; it is called at a
    /// hub's word for each hearing.
    pub(super) async fn run(
        mut self,
        mut from_hub: mpsc::Receiver<FromHub>,
        mut sound: mpsc::Receiver<Sound>,
        mut done: mpsc::UnboundedReceiver<FromEngine>,
        follow: impl Fn() -> JoinHandle<()>,
        recorded: impl Fn(HearingId, (HearingTime, HearingTime)) -> JoinHandle<()>,
        cancel: CancellationToken,
    ) {
        let mut following: Option<JoinHandle<()>> = None;
        let mut reading: Option<JoinHandle<()>> = None;
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                _ = second.tick() => self.tell_state(),
                message = done.recv() => match message {
                    Some(message) => self.engine(message),
                    None => break,
                },
                message = from_hub.recv() => match message {
                    Some(FromHub::Joined { out }) => {
                        (self.joining, self.hub) = (Some(out), None);
                    }
                    Some(FromHub::Said(said)) => {
                        let before = self.hearing.clone();
                        self.said(said);
                        if self.hearing != before
                            && let Some(following) = following.replace(follow())
                        {
                            following.abort();
                        }
                    }
                    None => break,
                },
                Some(sound) = sound.recv() => self.sound(sound),
            }
            self.work();
            if let (Some(hearing), Some(stretch)) = (self.sounding.clone(), self.wants())
                && let Some(reading) = reading.replace(recorded(hearing, stretch))
            {
                // Of a hearing before; that of this one has ended.
                reading.abort();
            }
        }
        for task in following.into_iter().chain(reading) {
            task.abort();
        }
    }

    fn said(&mut self, message: ToRecogniser) {
        match message {
            ToRecogniser::HubHello { hearing, settled_until } => {
                self.hearing(hearing);
                self.hub = self.joining.take().or(self.hub.take());
                for (seat, until) in &settled_until {
                    self.live.settled(seat, *until);
                    self.missed.settled(seat, *until);
                    self.predecessor = self.predecessor.max(*until);
                }
                let settled: BTreeMap<SeatId, HearingTime> = settled_until.into_iter().collect();
                let missed: Vec<_> = self
                    .history
                    .iter()
                    .filter(|m| match m {
                        FromRecogniser::Final { seat, to, .. } => settled.get(seat).is_none_or(|t| to > t),
                        _ => false,
                    })
                    .cloned()
                    .collect();
                missed.into_iter().for_each(|m| self.tell(m));
                self.tell_state();
            }
            ToRecogniser::Vocabulary { terms } => {
                self.prompt = utterance::prompt(&terms).into();
                self.terms = terms.into();
            }
            // An utterance is named by its beginning.
            ToRecogniser::TakenOver { seat, utterance } => {
                self.live.taken_over(seat, HearingTime(utterance));
            }
            ToRecogniser::PushToTalk { seat, down, at } => {
                self.live.key(&seat, down, at);
                self.missed.key(seat, down, at);
            }
        }
    }

    fn sound(&mut self, sound: Sound) {
        match sound {
            Sound::Hearing { hearing, open } => {
                self.sounding = hearing;
                // Unless sound from before is still to come.
                let ends = !open && !self.paused && self.now().0 < self.live.newest().0 + TOGETHER_MS;
                if ends {
                    self.pause();
                }
                self.paused = !open && (self.paused || ends);
            }
            Sound::Overrun(seat) => {
                self.doubtful.insert(seat);
            }
            // Of a hearing the hub does not speak for, or not yet: the recorder's ring keeps it.
            Sound::Samples { .. } if self.sounding.is_none() || self.sounding != self.hearing => {}
            Sound::Samples { seat, at, rate_hz, samples } => self.hear(&seat, at, rate_hz, &samples),
            Sound::Recorded { sound, to, next } => {
                if let Err(error) = &sound {
                    tracing::error!(error, "what was not heard could not be read from the recording");
                    self.fault = Some(format!("有一段话未能从录音补写（{error}）；请对照录音补记"));
                }
                self.missed.recorded(sound.ok().as_deref(), to, next);
            }
            Sound::Lost => {
                self.sounding = None;
                // The ring of its successor is empty.
                self.doubtful.extend(self.heard.keys().cloned());
                self.pause();
            }
        }
    }

    /// No sound comes for now.
    fn pause(&mut self) {
        let told = self.live.pause();
        self.tell_all(told);
        self.edges();
    }

    fn edges(&mut self) {
        for edge in self.live.take_edges() {
            self.missed.edge(edge);
        }
    }

    /// Another hearing has its own clock and its own lines.
    fn hearing(&mut self, hearing: HearingId) {
        if self.hearing.as_ref() == Some(&hearing) {
            return;
        }
        if self.hearing.is_some() {
            self.live.clear();
            self.missed.clear();
            self.heard.clear();
            self.begun = None;
            self.doubtful.clear();
            self.predecessor = HearingTime::default();
            self.history.clear();
            self.epoch = None;
            // What is under way is decoded first; an engine that has ended is noticed at the next decode.
            let _ = self.jobs.send(ToEngine::Renew);
        }
        self.hearing = Some(hearing);
    }

    fn hear(&mut self, seat: &SeatId, at: HearingTime, rate_hz: u32, samples: &[i16]) {
        let end = at.plus(samples.len() as u64 * 1000 / u64::from(rate_hz.max(1)));
        if let Some(zero) = Instant::now().checked_sub(Duration::from_millis(end.0)) {
            self.epoch = Some(self.epoch.map_or(zero, |e| e.min(zero)));
        }
        let begun = *self.begun.get_or_insert(at);
        let doubtful = self.doubtful.remove(seat);
        // The first sound of this process follows on what a predecessor has left, who may have been amid an utterance.
        let before = match self.heard.get(seat) {
            Some(end) => Some(*end).filter(|_| doubtful),
            None => Some(HearingTime(self.predecessor.0.saturating_sub(AMID_MS)))
                .filter(|_| doubtful || at <= begun.plus(TOGETHER_MS)),
        };
        if before.is_some_and(|before| self.missed.hole(seat, before, at)) {
            self.live.hole(seat);
        }
        let heard = self.heard.entry(seat.clone()).or_default();
        *heard = end.max(*heard);
        let told = self.live.hear(seat, at, rate_hz, samples);
        self.tell_all(told);
        self.edges();
        let given_up = self.live.take_given_up();
        if given_up > 0 {
            tracing::error!(given_up, "utterances were given up");
            let sentence = format!("语音识别严重滞后，有{given_up}段话未转写；录音完整，请对照录音补记");
            self.fault = Some(sentence);
        }
    }

    /// Gives the engine its next job, if it is free.
    fn work(&mut self) {
        if self.model.is_err() {
            return;
        }
        let mut next = self.live.next_decode();
        if next.is_none() && !self.live.is_busy() {
            next = self.missed.next_decode();
        }
        let Some(Decode { id, samples, hurried }) = next else { return };
        let (prompt, terms) = (Arc::clone(&self.prompt), Arc::clone(&self.terms));
        if self.jobs.send(ToEngine::Decode(Job { id, samples, prompt, terms, hurried })).is_err() {
            self.model = Err("the engine has ended; the recogniser is being started again".to_owned());
        }
    }

    /// What is wanted of the recording.
    fn wants(&mut self) -> Option<(HearingTime, HearingTime)> {
        if self.model.is_err() || self.hearing.is_none() || self.sounding != self.hearing {
            return None;
        }
        self.missed.wants(self.now(), self.live.newest())
    }

    fn engine(&mut self, message: FromEngine) {
        match message {
            FromEngine::Loaded { name, small, samples_max, flat } => {
                tracing::info!(model = name, "the speech model is loaded");
                let long_ms_max = samples_max as u64 / SAMPLES_PER_MS;
                self.live.set_long_ms_max(long_ms_max);
                self.missed.set_long_ms_max(long_ms_max);
                // Elsewhere it saves nothing, and several sentences in one decode are where words get lost.
                self.live.set_packed_ms_max(if flat { long_ms_max } else { 0 });
                (self.model, self.small) = (Ok(name), small);
                self.tell_state();
            }
            FromEngine::NoModel { sentence } => {
                self.model = Err(sentence);
                self.tell_state();
            }
            FromEngine::Kept { sentence } => self.fault = Some(sentence),
            FromEngine::Decoded { id, said, took_ms } => self.decoded(&id, said, took_ms),
        }
    }

    fn decoded(&mut self, id: &UtteranceId, said: Result<Option<Said>, String>, took_ms: u64) {
        let said = said.unwrap_or_else(|error| {
            tracing::error!(error, "a decode failed");
            self.fault = Some(format!("有一段话未能转写（{error}）；录音完整，请对照录音补记"));
            None
        });
        let now = self.now();
        let told = match self.missed.decodes(id) {
            true => self.missed.decoded(id, said, took_ms, now),
            false => self.live.decoded(id, said, took_ms, now),
        };
        for message in told {
            if let FromRecogniser::Final { .. } = message {
                self.history.push_back(message.clone());
                if self.history.len() > HISTORY {
                    self.history.pop_front();
                }
            }
            self.tell(message);
        }
    }

    /// Now, on the hearing clock.
    fn now(&self) -> HearingTime {
        self.epoch.map_or(self.live.newest(), |e| HearingTime(e.elapsed().as_millis() as u64))
    }

    fn tell_state(&mut self) {
        let now = self.now();
        let lag_ms = self.live.lag_ms(now).max(self.missed.lag_ms(now));
        let (model, fault) = match &self.model {
            Ok(name) => {
                let hurried = self.small.as_ref().filter(|_| self.live.hurried());
                (Some(hurried.unwrap_or(name).clone()), self.fault.clone())
            }
            Err(sentence) => (None, Some(sentence.clone())),
        };
        self.tell(FromRecogniser::State { model, lag_ms, fault });
        if lag_ms < 1000 {
            // Said once a second while it lasts; the line stays in the record of faults.
            self.fault = None;
        }
    }

    fn tell_all(&mut self, messages: Vec<FromRecogniser>) {
        messages.into_iter().for_each(|m| self.tell(m));
    }

    fn tell(&mut self, message: FromRecogniser) {
        if let Some(hub) = &self.hub
            && hub.try_send(message).is_err()
        {
            // It is stuck or gone. When it comes back it says what it has, and is told the rest.
            self.hub = None;
        }
    }
}
