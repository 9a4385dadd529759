//! What the process knows, in one place, and every message's way through it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{HearingId, HearingTime, SeatId};
use protocol::link::recogniser::{FromRecogniser, ToRecogniser};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::engine::{FromEngine, Job, Jobs};
use super::hub::FromHub;
use super::sound::Sound;
use crate::SAMPLES_PER_MS;
use crate::policy::{Policy, Task, UtteranceId};
use crate::room::Room;
use crate::segment::{Cut, SegmentRules};
use crate::utterance::Said;

/// Settled lines kept for a hub that comes back: more than it can miss in a restart.
const HISTORY: usize = 500;
/// Terms of the case that stand in the prompt; more crowd out the decoder's context.
const TERMS_MAX: usize = 12;

/// A job with the engine.
#[derive(Debug)]
struct Busy {
    id: UtteranceId,
    /// `to` and whether it is a command; `None` for an interim.
    last: Option<(HearingTime, bool)>,
}

/// See the module.
pub(super) struct Desk {
    jobs: Jobs,
    /// A hub that has not yet said for which hearing it speaks.
    joining: Option<mpsc::Sender<FromRecogniser>>,
    /// The hub; it is told of `hearing` and of no other.
    hub: Option<mpsc::Sender<FromRecogniser>>,
    /// What is loaded, or why nothing is.
    model: Result<String, String>,
    hearing: Option<HearingId>,
    /// Whose sound the recorder gives.
    sounding: Option<HearingId>,
    room: Room,
    policy: Policy,
    busy: Option<Busy>,
    prompt: Arc<str>,
    /// Per seat: sound before this has been heard or has settled.
    heard_until: BTreeMap<SeatId, HearingTime>,
    history: VecDeque<FromRecogniser>,
    /// When hearing time was zero, by the sound that came soonest.
    epoch: Option<Instant>,
    newest: HearingTime,
    fault: Option<String>,
}

impl Desk {
    pub(super) fn new(jobs: Jobs) -> Self {
        Self {
            jobs,
            joining: None,
            hub: None,
            model: Err("the speech model is being loaded".to_owned()),
            hearing: None,
            sounding: None,
            room: Room::new(SegmentRules::default()),
            policy: Policy::default(),
            busy: None,
            prompt: Arc::from(""),
            heard_until: BTreeMap::new(),
            history: VecDeque::new(),
            epoch: None,
            newest: HearingTime::default(),
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
        cancel: CancellationToken,
    ) {
        let mut following: Option<JoinHandle<()>> = None;
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
        }
        if let Some(following) = following {
            following.abort();
        }
    }

    fn said(&mut self, message: ToRecogniser) {
        match message {
            ToRecogniser::HubHello { hearing, settled_until } => {
                self.hearing(hearing);
                self.hub = self.joining.take().or(self.hub.take());
                for (seat, until) in &settled_until {
                    let heard = self.heard_until.entry(seat.clone()).or_default();
                    *heard = (*heard).max(*until);
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
                self.prompt = terms.into_iter().take(TERMS_MAX).collect::<Vec<_>>().join("、").into();
            }
            ToRecogniser::PushToTalk { seat, down, at } => self.room.key(&seat, down, at),
        }
    }

    fn sound(&mut self, sound: Sound) {
        match sound {
            Sound::Hearing(hearing) => self.sounding = hearing,
            // Of a hearing the hub does not speak for, or not yet: the recorder's ring keeps it.
            Sound::Samples { .. } if self.sounding.is_none() || self.sounding != self.hearing => {}
            Sound::Samples { seat, at, rate_hz, samples } => self.hear(&seat, at, rate_hz, &samples),
            Sound::Lost => {
                self.sounding = None;
                let cuts = self.room.finish();
                self.cuts(cuts);
            }
        }
    }

    /// Another hearing has its own clock and its own lines.
    fn hearing(&mut self, hearing: HearingId) {
        if self.hearing.as_ref() == Some(&hearing) {
            return;
        }
        if self.hearing.is_some() {
            self.room = self.room.emptied();
            if let Some(Busy { last, .. }) = &mut self.busy {
                // Its result belongs to nobody any more.
                *last = None;
            }
            self.policy.clear();
            self.heard_until.clear();
            self.history.clear();
            self.epoch = None;
            self.newest = HearingTime::default();
        }
        self.hearing = Some(hearing);
    }

    fn hear(&mut self, seat: &SeatId, at: HearingTime, rate_hz: u32, samples: &[i16]) {
        let heard = self.heard_until.entry(seat.clone()).or_default();
        let known = (heard.0.saturating_sub(at.0) * u64::from(rate_hz) / 1000) as usize;
        // Whole milliseconds: less than this is a rounded stamp, not sound heard before.
        let known = if known < rate_hz as usize / 200 { 0 } else { known };
        let Some(fresh) = samples.get(known..).filter(|s| !s.is_empty()) else { return };
        let from = at.plus(known as u64 * 1000 / u64::from(rate_hz.max(1)));
        let end = at.plus(samples.len() as u64 * 1000 / u64::from(rate_hz.max(1)));
        *heard = (*heard).max(end);
        self.newest = self.newest.max(end);
        if let Some(zero) = Instant::now().checked_sub(Duration::from_millis(end.0)) {
            self.epoch = Some(self.epoch.map_or(zero, |e| e.min(zero)));
        }
        self.room.hear(seat, from, rate_hz, fresh);
        let cuts = self.room.advance();
        self.cuts(cuts);
    }

    fn cuts(&mut self, cuts: Vec<(SeatId, Cut)>) {
        for (seat, cut) in cuts {
            match cut {
                Cut::Began { from } => self.policy.began(&UtteranceId { seat, from }),
                Cut::Dropped { from } => {
                    let id = UtteranceId { seat, from };
                    self.policy.dropped(&id);
                    self.tell(FromRecogniser::Dropped { seat: id.seat, utterance: id.from.0 });
                }
                Cut::Ended(utterance) => {
                    self.policy.ended(UtteranceId { seat, from: utterance.from }, utterance);
                }
            }
        }
        let given_up = self.policy.take_given_up();
        if given_up > 0 {
            tracing::error!(given_up, "utterances were given up");
            let sentence = format!("语音识别严重滞后，有{given_up}段话未转写；录音完整，请对照录音补记");
            self.fault = Some(sentence);
        }
    }

    /// Gives the engine its next job, if it is free.
    fn work(&mut self) {
        while self.busy.is_none() && self.model.is_ok() {
            let Some(task) = self.policy.next(self.newest) else { return };
            let (id, samples, last) = match task {
                Task::Final(id, u) => (id, u.samples, Some((u.to, u.command))),
                Task::Interim(id) => match self.room.so_far(&id.seat) {
                    // Commands are no part of the record: nothing of them is shown before they are understood.
                    Some((samples, false)) if samples.len() as u64 >= 300 * SAMPLES_PER_MS => {
                        (id, samples, None)
                    }
                    _ => continue,
                },
            };
            let job = Job { id: id.clone(), samples, prompt: Arc::clone(&self.prompt) };
            if self.jobs.send(job).is_err() {
                self.model = Err("the engine has ended; the recogniser is being started again".to_owned());
                return;
            }
            self.busy = Some(Busy { id, last });
        }
    }

    fn engine(&mut self, message: FromEngine) {
        match message {
            FromEngine::Loaded { name, samples_max } => {
                tracing::info!(model = name, "the speech model is loaded");
                self.room.set_long_ms_max(samples_max as u64 / SAMPLES_PER_MS);
                self.model = Ok(name);
                self.tell_state();
            }
            FromEngine::NoModel { sentence } => {
                self.model = Err(sentence);
                self.tell_state();
            }
            FromEngine::Decoded { id, said, took_ms } => self.decoded(&id, said, took_ms),
        }
    }

    fn decoded(&mut self, id: &UtteranceId, said: Result<Option<Said>, String>, took_ms: u64) {
        let Some(busy) = self.busy.take().filter(|b| b.id == *id) else { return };
        let said = said.unwrap_or_else(|error| {
            tracing::error!(error, "a decode failed");
            self.fault = Some(format!("有一段话未能转写（{error}）；录音完整，请对照录音补记"));
            None
        });
        match (busy.last, said) {
            (Some((to, command)), Some(said)) => {
                let line = FromRecogniser::Final {
                    seat: id.seat.clone(),
                    utterance: id.from.0,
                    from: id.from,
                    to,
                    text: said.text,
                    raw: said.raw,
                    pieces: said.pieces,
                    command,
                    latency_ms: self.now().0.saturating_sub(to.0),
                };
                self.history.push_back(line.clone());
                if self.history.len() > HISTORY {
                    self.history.pop_front();
                }
                self.tell(line);
            }
            (Some(_), None) => {
                self.tell(FromRecogniser::Dropped { seat: id.seat.clone(), utterance: id.from.0 })
            }
            (None, said) => {
                let text = said.map(|s| s.text).unwrap_or_default();
                let text = text.trim_end_matches('。');
                let shown = self.policy.interim(id, text, took_ms, self.newest);
                if let Some(text) = shown.filter(|t| !t.is_empty()) {
                    let (seat, utterance, from) = (id.seat.clone(), id.from.0, id.from);
                    self.tell(FromRecogniser::Partial { seat, utterance, from, text });
                }
            }
        }
    }

    /// Now, on the hearing clock.
    fn now(&self) -> HearingTime {
        self.epoch.map_or(self.newest, |e| HearingTime(e.elapsed().as_millis() as u64))
    }

    fn tell_state(&mut self) {
        let decoding = self.busy.as_ref().and_then(|b| b.last).map(|(to, _)| to);
        let lag_ms = self.policy.lag_ms(self.now(), decoding);
        let (model, fault) = match &self.model {
            Ok(name) => (Some(name.clone()), self.fault.clone()),
            Err(sentence) => (None, Some(sentence.clone())),
        };
        self.tell(FromRecogniser::State { model, lag_ms, fault });
        if lag_ms < 1000 {
            // Said once a second while it lasts; the line stays in the record of faults.
            self.fault = None;
        }
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
