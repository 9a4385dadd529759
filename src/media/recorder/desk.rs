//! The one task that owns what the recorder is doing. Everyone else sends it an [`Event`]; it never waits for any of them.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use model::{AudioFrame, HearingId, HearingTime, SeatId, TrackId};
use protocol::link::Frame;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::RecorderError;
use super::client::{ClientId, Outgoing};
use super::feed::{self, HubFeed, Pace, Role, SoundFeed};
use super::memory::{Doing, Memory, Opened, Phase};
use super::session::{self, Archive, Found, Session};
use crate::camera::CameraReport;
use crate::capture::{PumpOrder, PumpReport};
use crate::writer::{Report, Written};

/// Events that may wait. Threads that may wait do; sound for recognition does not.
const INBOX: usize = 2048;
const LEVELS_EVERY: Duration = Duration::from_millis(100);
const STATE_EVERY: u32 = 10;

/// Everything that happens to the recorder.
#[derive(Debug)]
pub(super) enum Event {
    Joined {
        id: ClientId,
        out: Outgoing,
    },
    Said {
        id: ClientId,
        message: ToRecorder,
    },
    NotUnderstood {
        id: ClientId,
        sentence: String,
    },
    Left {
        id: ClientId,
    },
    Sound(Vec<AudioFrame>),
    Pump(PumpReport),
    Camera(CameraReport),
    Writer(Report),
    /// A hub has been sent everything up to there; `None`: it has gone.
    CaughtUp {
        id: ClientId,
        sent: Option<BTreeMap<TrackId, u64>>,
    },
    /// Devices and files are closed.
    Closed {
        result: Result<(), String>,
    },
}

/// The way to the desk.
pub(super) type Events = mpsc::Sender<Event>;

/// A new inbox.
pub(super) fn inbox() -> (Events, mpsc::Receiver<Event>) {
    mpsc::channel(INBOX)
}

struct Client {
    out: Outgoing,
    role: Role,
    /// Messages of passing interest that found no room.
    skipped: u64,
}

/// What is being closed, and what comes after.
struct Closing {
    archive: Archive,
    sealed: bool,
    then: Option<Opened>,
}

enum Hearing {
    None,
    Running(Box<Session>),
    Closing(Closing),
    Sealed(Archive),
}

impl Hearing {
    /// Which hearing's files there are, and up to where they are safe on the disk.
    fn files(&self) -> Option<(&Opened, &BTreeMap<TrackId, u64>)> {
        match self {
            Self::Running(s) => Some((&s.opened, &s.synced)),
            Self::Closing(Closing { archive, .. }) | Self::Sealed(archive) => {
                Some((&archive.opened, &archive.synced))
            }
            Self::None => None,
        }
    }
}

/// See the module.
pub(super) struct Desk {
    memory: Memory,
    /// Set aside on the disk for a hearing.
    reserve_minutes: u64,
    resume: Option<Doing>,
    events: Events,
    clients: BTreeMap<ClientId, Client>,
    hearing: Hearing,
    /// Why the last `Open` failed.
    open_fault: Option<String>,
    ending: bool,
}

impl Desk {
    pub(super) fn new(memory: Memory, reserve_minutes: u64, events: Events) -> Result<Self, RecorderError> {
        let resume = memory.read()?;
        Ok(Self {
            memory,
            reserve_minutes,
            resume,
            events,
            clients: BTreeMap::new(),
            hearing: Hearing::None,
            open_fault: None,
            ending: false,
        })
    }

    /// Goes on with what a predecessor was doing.
    pub(super) async fn resume(&mut self) {
        if let Some(Doing { opened, phase }) = self.resume.take() {
            tracing::info!(hearing = %opened.hearing, ?phase, "going on after an interruption");
            self.open(opened, phase).await;
        }
    }

    /// Serves events until cancelled and everything is closed.
    pub(super) async fn run(&mut self, mut inbox: mpsc::Receiver<Event>, cancel: CancellationToken) {
        let mut tick = interval(LEVELS_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut ticks = 0u32;
        loop {
            tokio::select! {
                () = cancel.cancelled(), if !self.ending => {
                    self.ending = true;
                    self.close(false, None);
                }
                Some(event) = inbox.recv() => self.take(event).await,
                _ = tick.tick() => {
                    ticks = ticks.wrapping_add(1);
                    self.tick(ticks.is_multiple_of(STATE_EVERY));
                }
            }
            if self.ending && !matches!(self.hearing, Hearing::Closing(_) | Hearing::Running(_)) {
                return;
            }
        }
    }

    async fn take(&mut self, event: Event) {
        match event {
            Event::Joined { id, out } => {
                self.clients.insert(id, Client { out, role: Role::Unknown, skipped: 0 });
            }
            Event::Left { id } => {
                if let Some(client) = self.clients.remove(&id)
                    && client.skipped > 0
                {
                    tracing::warn!(?id, skipped = client.skipped, "a client was too slow for some messages");
                }
            }
            Event::Said { id, message } => self.said(id, message).await,
            Event::NotUnderstood { id, sentence } => self.refuse(id, sentence),
            Event::Sound(frames) => {
                if let Hearing::Running(session) = &mut self.hearing {
                    session.heard(&frames);
                }
                self.feed_sound();
                self.tell_microphones();
            }
            Event::Pump(report) => self.pump_says(report),
            Event::Camera(CameraReport { track, fault }) => {
                if let Hearing::Running(session) = &mut self.hearing
                    && session.note_camera(track, fault)
                {
                    self.tell_state();
                }
            }
            Event::Writer(report) => self.writer_says(report),
            Event::CaughtUp { id, sent } => self.caught_up(id, sent),
            Event::Closed { result } => self.closed(result).await,
        }
    }

    async fn said(&mut self, id: ClientId, message: ToRecorder) {
        match message {
            ToRecorder::HubHello { hearing, journalled } => {
                let feed = HubFeed { hearing, sent: journalled.into_iter().collect(), pace: Pace::Behind };
                self.role(id, Role::Hub(feed));
                self.feed_hubs();
                self.tell_state();
            }
            ToRecorder::RecogniserHello { from_sample } => {
                self.role(id, Role::Recogniser(SoundFeed { next: from_sample.into_iter().collect() }));
                // Before any sound: it belongs to this hearing's clock.
                self.tell_state();
                self.feed_sound();
            }
            ToRecorder::Open { hearing, origin, media_dir, inputs } => {
                self.open_asked(id, Opened { hearing, origin, media_dir, inputs }).await;
            }
            ToRecorder::Recorded { hearing, from, to } => self.give_recorded(id, &hearing, (from, to)),
            ToRecorder::Record => self.record(id),
            ToRecorder::Pause { ground } => self.pause(id, &ground),
            ToRecorder::Seal => self.seal(id),
            ToRecorder::Rehearse { dir, since } => self.rehearse(id, PumpOrder::Rehearse(dir, since)),
            ToRecorder::StopRehearsal => self.rehearse(id, PumpOrder::StopRehearsal),
            ToRecorder::Ask => {
                let state = self.state();
                self.send(id, state);
            }
        }
    }

    fn role(&mut self, id: ClientId, role: Role) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.role = role;
        }
    }

    async fn open_asked(&mut self, id: ClientId, opened: Opened) {
        match &mut self.hearing {
            Hearing::Running(s) if s.opened.hearing == opened.hearing => {}
            Hearing::Sealed(a) if a.opened.hearing == opened.hearing => {}
            Hearing::Closing(c) if c.archive.opened.hearing == opened.hearing => {}
            Hearing::Closing(c) => c.then = Some(opened),
            Hearing::Running(s) if s.phase != Phase::StandingBy => {
                let sentence = format!("庭审 {} 正在录制：请先闭庭，再开另一场", s.opened.hearing);
                self.refuse(id, sentence);
            }
            Hearing::Running(_) => self.close(false, Some(opened)),
            Hearing::None | Hearing::Sealed(_) => {
                self.open(opened, Phase::StandingBy).await;
                if let Some(sentence) = self.open_fault.clone() {
                    self.refuse(id, sentence);
                }
            }
        }
        self.tell_state();
    }

    async fn open(&mut self, opened: Opened, phase: Phase) {
        let (events, reserve) = (self.events.clone(), self.reserve_minutes);
        let doing = Doing { opened: opened.clone(), phase };
        let found = tokio::task::spawn_blocking(move || session::open(opened, phase, reserve, &events)).await;
        match found.unwrap_or_else(|e| Err(format!("录制没有开始（{e}）：请重新启动本机的慧庭")))
        {
            Ok(Found::Running(session)) => {
                self.hearing = Hearing::Running(session);
                self.open_fault = None;
                // Samples are counted anew.
                for client in self.clients.values_mut() {
                    if let Role::Recogniser(feed) = &mut client.role {
                        feed.next.clear();
                    }
                }
                self.remember(Some(&doing));
            }
            Ok(Found::Sealed(archive)) => {
                self.hearing = Hearing::Sealed(archive);
                self.open_fault = None;
                self.remember(None);
            }
            Err(sentence) => {
                tracing::error!(sentence, "a hearing could not be opened");
                self.hearing = Hearing::None;
                self.open_fault = Some(sentence);
            }
        }
        self.feed_hubs();
        self.tell_state();
    }

    fn remember(&mut self, doing: Option<&Doing>) {
        if let Err(error) = self.memory.write(doing) {
            tracing::error!(%error, "what the recorder is doing could not be noted; a restart would not go on by itself");
        }
    }

    fn remember_phase(&mut self, phase: Phase) {
        if let Hearing::Running(session) = &self.hearing {
            let doing = Doing { opened: session.opened.clone(), phase };
            self.remember(Some(&doing));
        }
    }

    fn record(&mut self, id: ClientId) {
        match &self.hearing {
            Hearing::Running(s) if s.phase == Phase::Recording => {}
            Hearing::Running(_) => {
                self.remember_phase(Phase::Recording);
                if let Hearing::Running(session) = &mut self.hearing {
                    session.record();
                }
            }
            _ => self.refuse(id, "没有打开的庭审，无法录制：请重新启动本机的慧庭".to_owned()),
        }
        self.tell_state();
    }

    fn pause(&mut self, id: ClientId, ground: &str) {
        match &mut self.hearing {
            Hearing::Running(s) if s.phase == Phase::Recording => {
                tracing::info!(ground, at = ?s.now(), "recording is paused");
                s.pause();
                self.remember_phase(Phase::Paused);
            }
            Hearing::Running(s) if s.phase == Phase::Paused => {}
            _ => self.refuse(id, "没有正在进行的录制，无须暂停".to_owned()),
        }
        self.tell_state();
    }

    fn seal(&mut self, id: ClientId) {
        match &mut self.hearing {
            Hearing::Running(_) => self.close(true, None),
            Hearing::Closing(closing) => closing.sealed = true,
            Hearing::Sealed(archive) => {
                let hearing = archive.opened.hearing.clone();
                self.send(id, FromRecorder::Sealed { hearing });
            }
            Hearing::None => self.refuse(id, "没有打开的庭审，无法结束录制".to_owned()),
        }
    }

    fn close(&mut self, sealed: bool, then: Option<Opened>) {
        match std::mem::replace(&mut self.hearing, Hearing::None) {
            Hearing::Running(session) => {
                let archive = Archive { opened: session.opened.clone(), synced: session.synced.clone() };
                self.hearing = Hearing::Closing(Closing { archive, sealed, then });
                let events = self.events.clone();
                // Owned by nobody but the event it ends with: it waits for threads that end within seconds.
                tokio::task::spawn_blocking(move || {
                    let result = session.close(sealed);
                    let _ = events.blocking_send(Event::Closed { result });
                });
            }
            other => self.hearing = other,
        }
        self.tell_state();
    }

    async fn closed(&mut self, result: Result<(), String>) {
        let Hearing::Closing(closing) = std::mem::replace(&mut self.hearing, Hearing::None) else { return };
        if let Err(sentence) = &result {
            tracing::error!(sentence, "the files could not be closed in order");
            self.open_fault = result.as_ref().err().cloned();
        }
        if closing.sealed && result.is_ok() {
            let hearing = closing.archive.opened.hearing.clone();
            self.remember(None);
            self.hearing = Hearing::Sealed(closing.archive);
            self.tell_sealed(&hearing);
        }
        if let Some(opened) = closing.then
            && !self.ending
        {
            self.open(opened, Phase::StandingBy).await;
        }
        self.tell_state();
    }

    /// Hubs that have every fragment are told now; the others when they have caught up.
    fn tell_sealed(&mut self, hearing: &HearingId) {
        let live: Vec<ClientId> = self
            .clients
            .iter()
            .filter(|(_, c)| matches!(&c.role, Role::Hub(f) if f.pace == Pace::Live && f.hearing == *hearing))
            .map(|(id, _)| *id)
            .collect();
        for id in live {
            self.send(id, FromRecorder::Sealed { hearing: hearing.clone() });
        }
    }

    fn rehearse(&mut self, id: ClientId, order: PumpOrder) {
        match &self.hearing {
            Hearing::Running(session) => session.rehearse(order),
            _ => self.refuse(id, "没有打开的庭审，无法演示".to_owned()),
        }
    }

    fn pump_says(&mut self, report: PumpReport) {
        if let PumpReport::Refused(sentence) = &report {
            let refused = FromRecorder::Refused { sentence: sentence.clone() };
            self.tell_hubs(&refused);
        }
        if let Hearing::Running(session) = &mut self.hearing
            && session.note_pump(report)
        {
            self.tell_state();
        }
    }

    fn writer_says(&mut self, report: Report) {
        match report {
            Report::Fault(fault) => {
                if let Hearing::Running(session) = &mut self.hearing {
                    session.note_writer(fault);
                }
                self.tell_state();
            }
            Report::Written(all) => {
                let (hearing, synced) = match &mut self.hearing {
                    Hearing::Running(s) => (s.opened.hearing.clone(), &mut s.synced),
                    Hearing::Closing(c) => (c.archive.opened.hearing.clone(), &mut c.archive.synced),
                    Hearing::None | Hearing::Sealed(_) => return,
                };
                for written in &all {
                    if let Written::Fragment(f) = written {
                        synced.insert(f.track.clone(), f.seq);
                    }
                }
                for client in self.clients.values_mut() {
                    if let Role::Hub(feed) = &mut client.role
                        && feed.pace == Pace::Live
                        && feed.hearing == hearing
                    {
                        give_live(feed, &client.out, &all);
                    }
                }
                self.feed_hubs();
            }
        }
    }

    /// Starts reading back for every hub that is behind.
    fn feed_hubs(&mut self) {
        let Some((opened, synced)) = self.hearing.files() else { return };
        for (id, client) in &mut self.clients {
            let Role::Hub(feed) = &mut client.role else { continue };
            if feed.pace != Pace::Behind || feed.hearing != opened.hearing {
                continue;
            }
            feed.pace = Pace::CatchingUp;
            let (id, out, sent) = (*id, client.out.clone(), feed.sent.clone());
            let (dir, synced, events) = (opened.media_dir.clone(), synced.clone(), self.events.clone());
            // Ends by itself: when it has given everything, or when the client's queue is gone.
            tokio::task::spawn_blocking(move || {
                let sent = feed::catch_up(&dir, sent, &synced, &out);
                let _ = events.blocking_send(Event::CaughtUp { id, sent });
            });
        }
    }

    /// What a recogniser has missed, out of the files.
    fn give_recorded(&mut self, id: ClientId, hearing: &HearingId, stretch: (HearingTime, HearingTime)) {
        let files = self.hearing.files().filter(|(opened, _)| opened.hearing == *hearing);
        let (Some((opened, _)), Some(client)) = (files, self.clients.get(&id)) else {
            return self.refuse(id, format!("庭审 {hearing} 没有打开，读不到它的录音"));
        };
        let seats: Vec<SeatId> = opened.inputs.iter().flat_map(microphones_of).cloned().collect();
        let (dir, scratch, out) = (opened.media_dir.clone(), self.memory.scratch(), client.out.clone());
        // Ends by itself, as catching up does.
        tokio::task::spawn_blocking(move || feed::give_recorded(dir, &seats, stretch, &scratch, &out));
    }

    fn caught_up(&mut self, id: ClientId, sent: Option<BTreeMap<TrackId, u64>>) {
        let Some(Client { role: Role::Hub(feed), .. }) = self.clients.get_mut(&id) else { return };
        let Some(sent) = sent else { return };
        let given = |(track, seq): (&TrackId, &u64)| sent.get(track).is_some_and(|s| s >= seq);
        let files = self.hearing.files().filter(|(opened, _)| opened.hearing == feed.hearing);
        let all = files.is_some_and(|(_, synced)| synced.iter().all(given));
        feed.sent = sent;
        feed.pace = if all { Pace::Live } else { Pace::Behind };
        match &self.hearing {
            Hearing::Sealed(archive) if all => {
                let hearing = archive.opened.hearing.clone();
                self.send(id, FromRecorder::Sealed { hearing });
            }
            _ => self.feed_hubs(),
        }
    }

    fn feed_sound(&mut self) {
        let Hearing::Running(session) = &self.hearing else { return };
        for client in self.clients.values_mut() {
            if let Role::Recogniser(feed) = &mut client.role {
                give_sound(session, feed, &client.out);
            }
        }
    }

    fn tick(&mut self, second: bool) {
        if let Hearing::Running(session) = &self.hearing
            && let Some(levels) = session.levels()
        {
            self.tell_hubs(&FromRecorder::Levels { levels });
        }
        self.feed_sound();
        self.tell_microphones();
        if second {
            if let Hearing::Running(session) = &mut self.hearing {
                session.mind_space();
            }
            self.tell_state();
        }
    }

    /// Tells of a microphone that fell silent as soon as it has.
    fn tell_microphones(&mut self) {
        if let Hearing::Running(session) = &mut self.hearing
            && session.microphones_changed()
        {
            self.tell_state();
        }
    }

    fn state(&self) -> FromRecorder {
        let idle = |hearing: Option<HearingId>| FromRecorder::State {
            hearing,
            recording: false,
            sound_ok: false,
            microphones: Vec::new(),
            picture_ok: false,
            disk_minutes_left: 0,
            fault: self.open_fault.clone(),
            rehearsal_ms: None,
        };
        match &self.hearing {
            Hearing::Running(session) => session.state(),
            Hearing::Closing(closing) => idle(Some(closing.archive.opened.hearing.clone())),
            Hearing::Sealed(archive) => idle(Some(archive.opened.hearing.clone())),
            Hearing::None => idle(None),
        }
    }

    /// To hubs and recognisers alike: what a recogniser hears belongs to the hearing that was named last.
    fn tell_state(&mut self) {
        let state = self.state();
        self.tell_all(&state, |_| true);
    }

    fn tell_hubs(&mut self, message: &FromRecorder) {
        self.tell_all(message, |role| matches!(role, Role::Hub(_)));
    }

    /// For what is soon out of date: a client without room does without.
    fn tell_all(&mut self, message: &FromRecorder, whom: impl Fn(&Role) -> bool) {
        for client in self.clients.values_mut() {
            if whom(&client.role) && client.out.try_send(Frame::bare(message.clone())).is_err() {
                client.skipped += 1;
            }
        }
    }

    fn send(&mut self, id: ClientId, message: FromRecorder) {
        if let Some(client) = self.clients.get_mut(&id)
            && client.out.try_send(Frame::bare(message)).is_err()
        {
            client.skipped += 1;
        }
    }

    fn refuse(&mut self, id: ClientId, sentence: String) {
        tracing::warn!(?id, sentence, "refused");
        self.send(id, FromRecorder::Refused { sentence });
    }
}

/// Gives new fragments and gaps; a hub without room falls behind and will be fed from the files.
fn give_live(feed: &mut HubFeed, out: &Outgoing, all: &[Written]) {
    for written in all {
        let message = match written {
            Written::Fragment(f) => FromRecorder::Fragment(f.clone()),
            Written::Gap(g) => feed::gap_message(g),
        };
        if out.try_send(Frame::bare(message)).is_err() {
            feed.pace = Pace::Behind;
            return;
        }
        if let Written::Fragment(f) = written {
            feed.sent.insert(f.track.clone(), f.seq);
        }
    }
}

/// Gives sound from the ring while there is room, all microphones side by side; what finds none waits in the ring.
fn give_sound(session: &Session, feed: &mut SoundFeed, out: &Outgoing) {
    for seat in session.ring.seats() {
        let Some(start) = session.ring.start(seat) else { continue };
        let next = feed.next.entry(seat.clone()).or_insert(0);
        if *next < start {
            let message = FromRecorder::RingStart { seat: seat.clone(), first_sample: start };
            if out.try_send(Frame::bare(message)).is_err() {
                return;
            }
            *next = start;
        }
    }
    loop {
        let waiting = feed.next.iter_mut().filter_map(|(seat, n)| Some((session.ring.next(seat, *n)?, n)));
        let Some((frame, next)) = waiting.min_by_key(|(frame, _)| frame.at) else { return };
        let body: Bytes = frame.samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        let message = FromRecorder::Audio {
            seat: frame.seat.clone(),
            first_sample: frame.first_sample,
            at: frame.at,
            rate_hz: frame.rate_hz,
        };
        if out.try_send(Frame { message, body }).is_err() {
            return;
        }
        *next = frame.first_sample + frame.samples.len() as u64;
    }
}

fn microphones_of(input: &Input) -> &[SeatId] {
    match input {
        Input::AudioDevice { seats, .. }
        | Input::AudioStream { seats, .. }
        | Input::SimulatedMicrophones { seats } => seats,
        Input::Camera { .. } => &[],
    }
}
