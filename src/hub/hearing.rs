//! The task that owns one hearing. Everything reaches it as a [`Msg`]; nobody else touches its state.
//!
//! ```text
//!   Running ──journal fails──► ended (the supervisor starts the hub anew, recovery folds the journal)
//!      └─────── Stop ────────► ended (screens are told to come back)
//! ```

mod facts;
mod offers;
mod screens;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use court::{Command, Denial, Event, Input, Process, Report, Stage, Stamped, State, Term};
use futures_util::stream::{FuturesOrdered, StreamExt};
use model::{CaseId, CmdId, HearingId, SeatId, ViewClass};
use protocol::link::recogniser::{FromRecogniser, ToRecogniser};
use protocol::link::recorder::{FromRecorder, Input as MediaInput, ToRecorder};
use protocol::view;
use protocol::wire::{ClientMsg, CommandOutcome, Ephemeral, Parting, Resume, ServerMsg, Status};
use record::{AppendReceipt, Journal, JournalError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::DropGuard;

use crate::commit::{Commit, InFlight, event_of, recorded_ms};
use crate::fanout::{Conn, Fanout};
use crate::frame::Frame;
use crate::known_pages::KnownPages;
use crate::likeness::Voices;
use crate::link::{Link, LinkEvent};
use crate::outbox::Outbox;
use crate::port::Pages;
use crate::recording::{self, Playing, Seen};
use crate::voice::Memory;
use media::clock::{HearingClock, utc_now};

/// Messages that may wait for the task; senders wait when it is full.
/// A record is not sealed while speech has waited so long for its line.
const UNWRITTEN_MS: u64 = 1500;
const QUEUE: usize = 4096;
/// Decisions in flight; above it no further message is taken.
const IN_FLIGHT_MAX: usize = 1024;
/// Pointers and unfinished strokes go out at this rhythm (30 Hz).
const EPHEMERAL_TICK: Duration = Duration::from_millis(33);
/// Screen confirmations are gathered this long before they are recorded, comings and goings before they are told.
const GATHER_TICK: Duration = Duration::from_millis(250);

/// Why a hearing ended or a screen could not join.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The journal failed: nothing more may happen.
    #[error("the journal failed: {0}; check the disk – the hub starts again by itself and resumes")]
    Journal(#[from] JournalError),
    /// A journalled event cannot be read.
    #[error(
        "entry {seq} of the journal cannot be read by this version: {source}; use the version that wrote it"
    )]
    Unreadable {
        /// Which.
        seq: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// The seat is not of this hearing.
    #[error("seat {0} is not part of this hearing; ask the clerk for a link")]
    UnknownSeat(SeatId),
    /// The task has ended.
    #[error("the hearing is not running; try again in a moment")]
    Gone,
}

/// A screen's place in the hearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The connection's number.
    pub conn: u64,
    /// What it may see.
    pub class: ViewClass,
}

/// Everything that can happen to the task.
#[derive(Debug)]
pub enum Msg {
    /// A screen connects; its welcome goes into the outbox.
    Join {
        seat: SeatId,
        resume: Option<Resume>,
        outbox: Arc<Outbox>,
        reply: oneshot::Sender<Result<Joined, HubError>>,
    },
    /// A screen is gone.
    Leave { conn: u64 },
    /// A screen says something.
    Client { conn: u64, msg: ClientMsg },
    /// A screen fell behind and wants a snapshot.
    Resync { conn: u64 },
    /// The sessions at a seat have been ended: its screens are closed.
    Evict { seat: SeatId },
    /// From the recorder.
    Recorder(LinkEvent<FromRecorder>),
    /// From the recogniser.
    Recogniser(LinkEvent<FromRecogniser>),
    /// The talk key of a console.
    TalkKey { seat: SeatId, down: bool, at: Option<model::HearingTime> },
    /// A fact from the server or a device.
    Report { process: Process, report: Box<Report> },
    /// A spoken command was understood.
    Understood { heard: Heard, outcome: CommandOutcome },
    /// A copy of the state, for papers and the API.
    State { reply: oneshot::Sender<State> },
    /// The terms of the case.
    Terms { reply: oneshot::Sender<Vec<Term>> },
    /// The role of a seat.
    Role { seat: SeatId, reply: oneshot::Sender<Option<model::Role>> },
    /// The health strip.
    Status { reply: oneshot::Sender<Status> },
    /// Signs a checkpoint over everything so far.
    Checkpoint { reply: oneshot::Sender<Result<(), HubError>> },
    /// The dossier of the case has changed.
    DossierChanged,
    /// An answered offer was carried out in the dossier, or could not be.
    OfferSettled {
        /// It was.
        done: bool,
    },
    /// The room's recorder and recogniser serve another hearing now.
    Release,
    /// Ends the task in good order.
    Stop { reply: oneshot::Sender<()> },
}

/// A spoken command as the recogniser gave it.
#[derive(Debug, Clone)]
pub struct Heard {
    seat: SeatId,
    from: model::HearingTime,
    to: model::HearingTime,
    text: String,
}

/// What a hearing needs to run.
pub struct HearingSetup {
    /// The hearing.
    pub hearing: HearingId,
    /// The case.
    pub case: CaseId,
    /// The journal, opened.
    pub journal: Journal,
    /// Its events so far, oldest first, with their sequence numbers.
    pub recovered: Vec<(u64, Vec<u8>)>,
    /// For a hearing that opens now: [`Report::Opened`], or [`Report::Continued`] for a further session of a case.
    pub opening: Option<Report>,
    /// The hearing clock.
    pub clock: HearingClock,
    /// The dossier.
    pub pages: Arc<dyn Pages>,
    /// Where recordings go.
    pub media_dir: PathBuf,
    /// Microphones and cameras.
    pub inputs: Vec<MediaInput>,
    /// Sockets of recorder and recogniser; `None` for a hearing that is only being read and signed.
    pub sockets: Option<(PathBuf, PathBuf)>,
    /// Keeps recorder and recogniser running for this hearing alone; let go when its record is sealed.
    pub companions: Option<DropGuard>,
    /// Sound files of a rehearsal, one a seat, where there is one.
    pub rehearsal: Option<PathBuf>,
    /// A meeting of its members: nothing of it goes into the log of the machine.
    pub secret: bool,
}

/// A handle on a running hearing.
#[derive(Debug, Clone)]
pub struct Handle {
    tx: mpsc::Sender<Msg>,
    ended: watch::Receiver<Option<String>>,
}

impl Handle {
    /// Sends a message; waits while the task is busy.
    pub async fn send(&self, msg: Msg) -> Result<(), HubError> {
        self.tx.send(msg).await.map_err(|_| HubError::Gone)
    }

    /// Joins a screen.
    pub async fn join(
        &self,
        seat: SeatId,
        resume: Option<Resume>,
        outbox: Arc<Outbox>,
    ) -> Result<Joined, HubError> {
        let (reply, answer) = oneshot::channel();
        self.send(Msg::Join { seat, resume, outbox, reply }).await?;
        answer.await.map_err(|_| HubError::Gone)?
    }

    /// A copy of the settled state.
    pub async fn state(&self) -> Result<State, HubError> {
        let (reply, answer) = oneshot::channel();
        self.send(Msg::State { reply }).await?;
        answer.await.map_err(|_| HubError::Gone)
    }

    /// The terms of the case, best first; those in force are the recogniser's.
    pub async fn terms(&self) -> Result<Vec<Term>, HubError> {
        let (reply, answer) = oneshot::channel();
        self.send(Msg::Terms { reply }).await?;
        answer.await.map_err(|_| HubError::Gone)
    }

    /// The role of a seat; `None` if the hearing has no such seat.
    pub async fn role(&self, seat: &SeatId) -> Result<Option<model::Role>, HubError> {
        let (reply, answer) = oneshot::channel();
        self.send(Msg::Role { seat: seat.clone(), reply }).await?;
        answer.await.map_err(|_| HubError::Gone)
    }

    /// The health strip as it stands.
    pub async fn status(&self) -> Result<Status, HubError> {
        let (reply, answer) = oneshot::channel();
        self.send(Msg::Status { reply }).await?;
        answer.await.map_err(|_| HubError::Gone)
    }

    /// Signs a checkpoint over everything journalled so far.
    pub async fn checkpoint(&self) -> Result<(), HubError> {
        let (reply, answer) = oneshot::channel();
        self.send(Msg::Checkpoint { reply }).await?;
        answer.await.map_err(|_| HubError::Gone)?
    }

    /// Ends the task in good order.
    pub async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        if self.send(Msg::Stop { reply }).await.is_ok() {
            let _ = answer.await;
        }
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    /// Waits until the task has ended; gives the reason if it failed.
    pub async fn ended(&self) -> Option<String> {
        let mut ended = self.ended.clone();
        loop {
            if let Some(reason) = ended.borrow_and_update().clone() {
                return Some(reason).filter(|r| !r.is_empty());
            }
            if ended.changed().await.is_err() {
                return None;
            }
        }
    }

    /// Starts the task of a hearing.
    pub fn start(setup: HearingSetup) -> Result<Self, HubError> {
        let (tx, rx) = mpsc::channel(QUEUE);
        let (ended_tx, ended) = watch::channel(None);
        let handle = Self { tx, ended };
        let secret = setup.secret;
        let mut hearing = Hearing::new(setup, handle.clone())?;
        tokio::spawn(async move {
            let outcome = hearing.run(rx).await;
            let reason = match outcome {
                Ok(()) => String::new(),
                Err(error) => {
                    if !secret {
                        tracing::error!(%error, "a hearing ended");
                    }
                    error.to_string()
                }
            };
            let sentence = match reason.as_str() {
                "" => "the hub stops; this screen comes back by itself when it runs again".to_owned(),
                reason => reason.to_owned(),
            };
            let bye = ServerMsg::Bye { why: Parting::HubStops, sentence, retry_ms: Some(1000) };
            hearing.fanout.close_all(&bye);
            let _ = ended_tx.send(Some(reason));
        });
        Ok(handle)
    }
}

type Appends = FuturesOrdered<futures_util::future::BoxFuture<'static, Result<AppendReceipt, JournalError>>>;

/// The task's own.
struct Hearing {
    hearing: HearingId,
    epoch: u64,
    case: CaseId,
    clock: HearingClock,
    journal: Journal,
    appends: Appends,
    commit: Commit,
    fanout: Fanout,
    pages: Arc<dyn Pages>,
    known_pages: KnownPages,
    media_dir: PathBuf,
    inputs: Vec<MediaInput>,
    companions: Option<DropGuard>,
    rehearsal: Option<PathBuf>,
    playing: Playing,
    recorder: Option<Link<ToRecorder>>,
    recogniser: Option<Link<ToRecogniser>>,
    voice: Memory,
    voices: Voices,
    /// What is being said, as far as it was shown.
    partials: BTreeSet<(SeatId, u64)>,
    /// When the recogniser said something last, while it is connected; and whether its silence has been told.
    recogniser_heard: Option<(Instant, bool)>,
    seen: Seen,
    status: Status,
    dossier_revision: u64,
    /// An answered offer is being carried out in the dossier.
    settling_offer: bool,
    /// Terms that the dossier gave at this revision.
    dossier_terms: Vec<String>,
    next_conn: Conn,
    ephemerals: HashMap<Conn, Ephemeral>,
    confirmations: BTreeMap<u32, BTreeSet<SeatId>>,
    /// Somebody came or went since the status was sent.
    status_due: bool,
    denials: HashMap<Conn, u32>,
    /// The journal has raised an alarm in this run.
    alarmed: bool,
    /// The screen at which the talk key is down.
    key_held_at: Option<Conn>,
    handle: Handle,
}

impl Hearing {
    fn new(setup: HearingSetup, handle: Handle) -> Result<Self, HubError> {
        let mut commit = Commit::default();
        let mut events = Vec::with_capacity(setup.recovered.len());
        for (seq, payload) in &setup.recovered {
            events.push(event_of(payload).map_err(|source| HubError::Unreadable { seq: *seq, source })?);
        }
        commit.recover(events);
        let links = setup.sockets.map(|(recorder, recogniser)| {
            (
                Link::open(recorder, deliver(handle.clone(), Msg::Recorder)),
                Link::open(recogniser, deliver(handle.clone(), Msg::Recogniser)),
            )
        });
        let (recorder, recogniser) = links.unzip();
        let mut epoch = [0; 4];
        // Without entropy the epoch only loses its uniqueness, and screens take a snapshot more.
        let _ = getrandom::fill(&mut epoch);
        let mut hearing = Self {
            hearing: setup.hearing,
            epoch: u64::from(u32::from_le_bytes(epoch)),
            case: setup.case,
            clock: setup.clock,
            journal: setup.journal,
            appends: FuturesOrdered::new(),
            commit,
            fanout: Fanout::default(),
            pages: setup.pages,
            known_pages: KnownPages::default(),
            media_dir: setup.media_dir,
            inputs: setup.inputs,
            status: Status { can_rehearse: setup.rehearsal.is_some(), ..Status::default() },
            companions: setup.companions,
            rehearsal: setup.rehearsal,
            playing: Playing::default(),
            recorder,
            recogniser,
            voice: Memory::default(),
            voices: Voices::default(),
            partials: BTreeSet::new(),
            recogniser_heard: None,
            seen: Seen::default(),
            dossier_revision: 0,
            settling_offer: false,
            dossier_terms: Vec::new(),
            next_conn: 1,
            ephemerals: HashMap::new(),
            confirmations: BTreeMap::new(),
            status_due: false,
            denials: HashMap::new(),
            alarmed: false,
            key_held_at: None,
            handle,
        };
        if let Some(opening) = setup.opening {
            hearing.report(Process::Hub, opening);
        }
        Ok(hearing)
    }

    async fn run(&mut self, mut rx: mpsc::Receiver<Msg>) -> Result<(), HubError> {
        // Nobody is answered before the opening is on disk.
        self.drain().await?;
        let mut ephemeral = tokio::time::interval(EPHEMERAL_TICK);
        let mut gather = tokio::time::interval(GATHER_TICK);
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                biased;
                Some(appended) = self.appends.next(), if !self.appends.is_empty() => {
                    if let Err(error) = appended {
                        self.refuse_in_flight(&error);
                        return Err(error.into());
                    }
                    self.settled();
                }
                msg = rx.recv(), if self.commit.in_flight.len() < IN_FLIGHT_MAX => match msg {
                    Some(Msg::Stop { reply }) => {
                        self.drain().await?;
                        let _ = reply.send(());
                        return Ok(());
                    }
                    Some(msg) => self.handle(msg),
                    None => return self.drain().await,
                },
                _ = ephemeral.tick() => self.flush_ephemerals(),
                _ = gather.tick() => self.flush_gathered(),
                _ = second.tick() => self.every_second(),
                () = std::future::ready(()), if self.fanout.is_under_way() => {
                    self.fanout.send_on();
                    // The screens that were just reached are written to before the next ones are.
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    async fn drain(&mut self) -> Result<(), HubError> {
        while let Some(appended) = self.appends.next().await {
            appended?;
            self.settled();
        }
        Ok(())
    }

    fn handle(&mut self, msg: Msg) {
        match msg {
            Msg::Join { seat, resume, outbox, reply } => {
                let joined = self.join(seat, resume, outbox);
                if let Err(Ok(orphan)) = reply.send(joined) {
                    self.fanout.leave(orphan.conn);
                }
            }
            Msg::Leave { conn } => self.leave(conn),
            Msg::Client { conn, msg } => self.client(conn, msg),
            Msg::Resync { conn } => self.resync(conn),
            Msg::Evict { seat } => self.fanout.close_seat(&seat),
            Msg::Recorder(event) => self.recorder_link(event),
            Msg::Recogniser(event) => self.recogniser_link(event),
            Msg::TalkKey { seat, down, at } => self.talk_key(seat, down, at),
            Msg::Report { process, report } => self.report(process, *report),
            Msg::Understood { heard, outcome } => self.understood(heard, outcome),
            Msg::State { reply } => {
                let _ = reply.send(self.commit.settled.clone());
            }
            Msg::Terms { reply } => {
                let _ = reply.send(self.commit.settled.terms_of_case(&self.dossier_terms));
            }
            Msg::Role { seat, reply } => {
                let _ = reply.send(self.commit.settled.role(&seat));
            }
            Msg::Status { reply } => {
                let _ = reply.send(self.status.clone());
            }
            // What came from a backup has its checkpoint already, or can have none.
            Msg::Checkpoint { reply } if self.journal.is_restored() => drop(reply.send(Ok(()))),
            Msg::Checkpoint { reply } => {
                let signed = self.journal.checkpoint();
                tokio::spawn(async move {
                    // Who asked may have gone.
                    let _ = reply.send(signed.await.map(|_| ()).map_err(HubError::from));
                });
            }
            Msg::DossierChanged => self.look_at_dossier(),
            Msg::OfferSettled { done } => self.offer_settled(done),
            Msg::Release => {
                self.recorder = None;
                self.recogniser = None;
            }
            // Handled by the loop.
            Msg::Stop { .. } => {}
        }
    }

    /// A meeting of its members: nothing of it goes into the log of the machine.
    fn secret(&self) -> bool {
        self.commit.ahead.meeting.is_some()
    }

    /// A fact: never refused.
    fn report(&mut self, process: Process, report: Report) {
        let input = Input::Report { process, report };
        if let Err(denial) = self.submit(&input, None)
            && !self.secret()
        {
            tracing::error!(%denial, "a report was refused");
        }
    }

    /// Decides and sends the events on their way. `Ok(true)`: events are in flight, the asker is answered later.
    fn submit(&mut self, input: &Input, asker: Option<(Conn, CmdId)>) -> Result<bool, Denial> {
        let now = self.clock.now();
        let events = court::decide(&self.commit.ahead, now, input)?;
        if events.is_empty() {
            return Ok(false);
        }
        // What is written after it is sealed would be in no record.
        if let (Some(lag_ms @ UNWRITTEN_MS..), true) = (
            self.status.speech_lag_ms,
            matches!(input, Input::Command { command: Command::SealRecord { .. }, .. }),
        ) {
            return Err(Denial::SpeechUnwritten { seconds: lag_ms.div_ceil(1000) as u32 });
        }
        if self.journal.is_restored() {
            return match input {
                Input::Command { .. } => Err(Denial::Restored),
                Input::Report { .. } => Ok(false),
            };
        }
        let (actor, cmd) = match input {
            Input::Command { seat, cmd, .. } => {
                (court::Actor::Seat { seat: seat.clone() }, Some(cmd.clone()))
            }
            Input::Report { process, .. } => (court::Actor::Machine { process: *process }, None),
        };
        let stamp = |event| Stamped { at: now, actor: actor.clone(), cmd: cmd.clone(), event };
        let events = events.into_iter().map(stamp).collect();
        let entries = self.commit.begin(InFlight { events, askers: asker.into_iter().collect() }, utc_now());
        self.appends.push_back(Box::pin(self.journal.append(entries)));
        Ok(true)
    }

    /// The oldest decision is on disk: it may be seen now.
    fn settled(&mut self) {
        let Some(decision) = self.commit.settle() else { return };
        let (mut drive, mut terms, mut offers, mut told) = (false, false, false, None);
        for stamped in &decision.events {
            self.commit.settled.apply(stamped);
            self.reseat(&stamped.event);
            for class in ViewClass::ALL {
                let updates = view::project(&stamped.event, &self.commit.settled, class);
                self.fanout.publish(class, stamped.at, updates);
            }
            if matches!(stamped.event, Event::RecordSealed { .. }) && self.companions.take().is_some() {
                (self.recorder, self.recogniser) = (None, None);
            }
            drive |= matches!(
                stamped.event,
                Event::SessionOpened
                    | Event::SessionClosed
                    | Event::RecessCalled { .. }
                    | Event::Resumed { .. }
                    | Event::HearingOpened { .. }
            );
            terms |= matches!(
                stamped.event,
                Event::TermsChanged { .. } | Event::TermsCarried { .. } | Event::SeatSet { .. }
            );
            offers |= matches!(stamped.event, Event::RequestDecided { .. } | Event::RequestWithdrawn { .. });
            told = self.microphone_told(&stamped.event).or(told);
            if let (Event::LineInserted { seat, taken_over: Some(utterance), .. }, Some(link)) =
                (&stamped.event, &self.recogniser)
            {
                link.send(ToRecogniser::TakenOver { seat: seat.clone(), utterance: *utterance });
            }
            if let Event::LineSettled { recognised, .. } | Event::SuggestionMade { recognised, .. } =
                &stamped.event
            {
                let (seat, utterance) = (recognised.seat.clone(), recognised.utterance);
                self.partial_gone(seat, utterance);
            }
        }
        for (conn, cmd_id) in decision.askers {
            self.fanout.reach(conn);
            if let Some((_, _, outbox)) = self.fanout.screen(conn) {
                outbox.answer(Frame::text(&ServerMsg::Done { cmd_id }));
            }
        }
        if terms {
            self.tell_terms();
        }
        if offers {
            self.settle_offers();
        }
        if let Some(microphone) = told {
            self.liken(&microphone);
        }
        if drive {
            self.drive_recorder();
            self.send_status();
        }
    }

    /// The shared microphone of a line that was said, or whose speaker is told now.
    fn microphone_told(&self, event: &Event) -> Option<SeatId> {
        let (Event::LineSettled { line, .. } | Event::LineRevised { line, .. }) = event else { return None };
        let seat = &self.commit.settled.lines.get(line)?.recognised.as_ref()?.seat;
        self.commit.settled.seats.get(seat).filter(|s| s.shared).map(|s| s.id.clone())
    }

    fn liken(&mut self, microphone: &SeatId) {
        for (line, seats) in self.voices.proposals(&self.commit.settled, microphone) {
            self.report(Process::Hub, Report::VoiceLikened { line, seats });
        }
    }

    fn refuse_in_flight(&mut self, error: &JournalError) {
        let cause = error.to_string();
        let denial = Denial::NotRecorded { cause };
        let in_flight = std::mem::take(&mut self.commit.in_flight);
        for (conn, cmd_id) in in_flight.into_iter().flat_map(|decision| decision.askers) {
            if let Some((_, _, outbox)) = self.fanout.screen(conn) {
                let sentence = denial.to_string();
                outbox.answer(Frame::text(&ServerMsg::Denied { cmd_id, denial: denial.clone(), sentence }));
            }
        }
    }

    fn every_second(&mut self) {
        if self.recorder.is_some() {
            self.drive_recorder();
        }
        let alarms = self.journal.take_alarms();
        self.alarmed |= !alarms.is_empty();
        if !self.alarmed {
            // What was wrong in an earlier run is no longer.
            self.report(Process::Hub, Report::ProcessBack { process: Process::Hub });
        }
        for alarm in alarms {
            self.report(Process::Hub, Report::ProcessFailed { process: Process::Hub, sentence: alarm.0 });
        }
        self.look_at_dossier();
        self.take_offers();
        self.settle_offers();
        self.miss_recogniser();
        self.send_status();
    }

    fn look_at_dossier(&mut self) {
        let revision = self.pages.revision(&self.case);
        self.status.pages_ready = self.pages.pages_ready(&self.case);
        if revision != self.dossier_revision {
            self.dossier_revision = revision;
            self.take_offers();
            for draft in self.pages.evidence(&self.case) {
                self.report(Process::Pages, Report::EvidenceFiled(draft));
            }
            self.follow_rebound();
            // Those who may fetch it, and the screens on which a page may have been turned.
            let reads = |c| view::sees_screens(c) && view::sees_course(&self.commit.settled, c);
            self.fanout.ephemeral(&ServerMsg::DossierChanged { revision }, reads, None);
            self.dossier_terms = self.pages.vocabulary(&self.case);
            self.tell_terms();
        }
    }

    /// Items whose document was bound anew get the one that has its number now.
    fn follow_rebound(&mut self) {
        let retired = self.pages.catalogue(&self.case).map(|c| c.retired).unwrap_or_default();
        if retired.is_empty() {
            return;
        }
        let drafts = self.pages.evidence(&self.case);
        let rebound: Vec<_> = (self.commit.settled.evidence.values())
            .filter(|e| retired.iter().any(|d| Some(&d.doc) == e.draft.doc.as_ref()))
            .filter_map(|e| {
                let same = drafts.iter().find(|d| (d.side, d.number) == (e.draft.side, e.draft.number))?;
                Some((e.id, same.doc.clone()?))
            })
            .collect();
        for (evidence, doc) in rebound {
            self.report(Process::Pages, Report::EvidenceRebound { evidence, doc });
        }
    }

    fn tell_terms(&self) {
        if let Some(link) = &self.recogniser {
            let terms = self.commit.settled.terms_of_case(&self.dossier_terms);
            let terms = terms.into_iter().filter(|t| t.on).map(|t| t.term).collect();
            link.send(ToRecogniser::Vocabulary { terms });
        }
    }

    fn send_status(&mut self) {
        self.status_due = false;
        let now = self.clock.now();
        self.status.now = now;
        self.status.recorded_ms = recorded_ms(&self.commit.settled, now);
        self.status.online = self.fanout.online();
        self.status.faults = self.faults();
        let works = |c: ViewClass| matches!(c, ViewClass::Bench | ViewClass::Clerk);
        self.fanout.ephemeral(&ServerMsg::Status(self.status.clone()), works, None);
        let outside = Status {
            faults: Vec::new(),
            microphones: Vec::new(),
            model: None,
            disk_minutes_left: 0,
            rehearsal_ms: None,
            can_rehearse: false,
            ..self.status.clone()
        };
        let down = self.commit.settled.curtain().is_some();
        let shut_out = |c| down && view::outside(c);
        // Behind the curtain it is not told either who is there and what is filed.
        let told = Status { online: Vec::new(), pages_ready: (0, 0), speech_lag_ms: None, ..outside.clone() };
        self.fanout.ephemeral(&ServerMsg::Status(outside), |c| !works(c) && !shut_out(c), None);
        self.fanout.ephemeral(&ServerMsg::Status(told), shut_out, None);
    }

    fn drive_recorder(&mut self) {
        let Some(link) = &self.recorder else { return };
        let info = self.commit.settled.info.as_ref();
        let Some(hearing) = info.map(|i| i.hearing.clone()) else { return };
        let open = || ToRecorder::Open {
            hearing,
            origin: self.clock.origin().clone(),
            media_dir: self.media_dir.clone(),
            inputs: self.inputs.clone(),
        };
        let next = recording::next_command(&self.commit.settled, &self.seen, open);
        // Nobody speaks after 闭庭, nor after a recorder that was lost begins anew in mid-rehearsal.
        let rehearsal = match self.rehearsal.clone() {
            _ if self.commit.settled.stage >= Stage::Closed => self.playing.stop(),
            Some(dir) if self.seen.open => self.playing.resume(dir),
            _ => None,
        };
        rehearsal.into_iter().chain(next).for_each(|command| {
            link.send(command);
        });
    }
}

fn deliver<T: Send + 'static>(
    handle: Handle,
    wrap: fn(LinkEvent<T>) -> Msg,
) -> impl Fn(LinkEvent<T>) -> futures_util::future::BoxFuture<'static, ()> + Send + Sync + 'static {
    move |event| {
        let tx = handle.tx.clone();
        Box::pin(async move {
            // The task has ended: the link is about to be dropped with it.
            let _ = tx.send(wrap(event)).await;
        })
    }
}
