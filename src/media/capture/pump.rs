//! The capture thread: asks every source, fifty times a second, and hands the sound on without ever waiting.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use model::{AudioFrame, AudioSource, HearingTime, SourceError, SourceStep};

use super::device::CpalDevice;
use super::simulated::{SimulatedMicrophones, Voices};
use super::stream::StreamSource;
use super::{CaptureError, SoundInput};
use crate::clock::HearingClock;
use crate::writer::{Intake, Job};

const EVERY: Duration = Duration::from_millis(20);
const REOPEN_FIRST: Duration = Duration::from_millis(250);
const REOPEN_LAST: Duration = Duration::from_secs(4);

/// From the capture thread to the recorder.
#[derive(Debug)]
pub(crate) enum PumpReport {
    /// What was captured.
    Sound(Vec<AudioFrame>),
    /// How an input is: one sentence if it is lost.
    Input { index: usize, fault: Option<String> },
    /// Position of the rehearsal, on change of state and with every second.
    Rehearsal(Option<u64>),
    /// A command could not be obeyed.
    Refused(String),
}

/// To the capture thread.
#[derive(Debug)]
pub(crate) enum PumpOrder {
    Rehearse(PathBuf, Option<HearingTime>),
    StopRehearsal,
}

/// Voices that were read, and since when they play if they go on.
type Coming = (Voices, Option<HearingTime>);

/// The running thread; its owner stops it.
pub(crate) struct Pump {
    stop: Arc<AtomicBool>,
    /// Sound of the room is taken; false: it is thrown away where it arises.
    open: Arc<AtomicBool>,
    orders: Sender<PumpOrder>,
    thread: Option<JoinHandle<()>>,
}

impl Pump {
    pub(crate) fn start(
        inputs: Vec<SoundInput>,
        clock: HearingClock,
        intake: Intake,
        report: impl Fn(PumpReport) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, queue) = channel();
        let (stop, open) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
        let state = State {
            slots: inputs.into_iter().map(Slot::new).collect(),
            clock,
            intake,
            overrun: false,
            stop: stop.clone(),
            open: open.clone(),
            told: None,
            coming: None,
        };
        let thread = std::thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || state.run(&queue, &report))?;
        Ok(Self { stop, open, orders, thread: Some(thread) })
    }

    /// Takes the sound of the room, or not.
    pub(crate) fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::Release);
    }

    pub(crate) fn order(&self, order: PumpOrder) {
        if self.orders.send(order).is_err() {
            tracing::error!("the capture thread has ended");
        }
    }

    /// Ends the thread and closes the devices.
    pub(crate) fn stop(mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the capture thread had panicked");
        }
    }
}

/// A source that is open. Simulated ones are known by their type, for they can be played into.
enum Source {
    Simulated(SimulatedMicrophones),
    Device(Box<CpalDevice>),
    Stream(Box<StreamSource>),
}

impl Source {
    fn open(input: &SoundInput, clock: &HearingClock) -> Result<Self, CaptureError> {
        match input {
            SoundInput::Simulated { seats } => Ok(Self::Simulated(SimulatedMicrophones::new(seats.clone()))),
            SoundInput::Device { name, seats, .. } => {
                CpalDevice::open(name, seats.clone(), clock.clone()).map(|d| Self::Device(Box::new(d)))
            }
            SoundInput::Stream { url, seats, .. } => {
                StreamSource::open(url, seats.clone(), clock.clone()).map(|s| Self::Stream(Box::new(s)))
            }
        }
    }

    fn poll(&mut self, now: HearingTime) -> Result<SourceStep, SourceError> {
        match self {
            Self::Simulated(s) => s.poll(now),
            Self::Device(s) => s.poll(now),
            Self::Stream(s) => s.poll(now),
        }
    }
}

struct Slot {
    input: SoundInput,
    source: Option<Source>,
    retry_at: Instant,
    wait: Duration,
    /// It gives sound, and that was told.
    heard: bool,
}

impl Slot {
    fn new(input: SoundInput) -> Self {
        Self { input, source: None, retry_at: Instant::now(), wait: REOPEN_FIRST, heard: false }
    }

    fn lost(&mut self) {
        self.source = None;
        self.heard = false;
        self.retry_at = Instant::now() + self.wait;
        self.wait = (self.wait * 2).min(REOPEN_LAST);
    }
}

struct State {
    slots: Vec<Slot>,
    clock: HearingClock,
    intake: Intake,
    overrun: bool,
    stop: Arc<AtomicBool>,
    open: Arc<AtomicBool>,
    /// What was last told of the rehearsal, in seconds.
    told: Option<u64>,
    /// A rehearsal whose files are being read.
    coming: Option<Receiver<Result<Coming, CaptureError>>>,
}

impl State {
    fn run(mut self, orders: &Receiver<PumpOrder>, report: &dyn Fn(PumpReport)) {
        let mut due = Instant::now();
        while !self.stop.load(Ordering::Acquire) {
            while let Ok(order) = orders.try_recv() {
                self.obey(order, report);
            }
            self.play_what_came(report);
            let open = self.open.load(Ordering::Acquire);
            self.simulated().for_each(|mics| mics.hold(!open));
            let frames = self.poll(report);
            if !frames.is_empty() && open {
                let room = self.intake.offer(Job::Sound { frames: frames.clone(), overrun: self.overrun });
                self.overrun = !room;
                report(PumpReport::Sound(frames));
            }
            self.tell_rehearsal(report);
            due += EVERY;
            let now = Instant::now();
            match due.checked_duration_since(now) {
                Some(wait) => std::thread::sleep(wait),
                None => due = now,
            }
        }
    }

    fn poll(&mut self, report: &dyn Fn(PumpReport)) -> Vec<AudioFrame> {
        let mut frames = Vec::new();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if slot.source.is_none() && Instant::now() >= slot.retry_at {
                match Source::open(&slot.input, &self.clock) {
                    Ok(source) => slot.source = Some(source),
                    Err(error) => {
                        tracing::warn!(%error, "an input cannot be opened");
                        slot.lost();
                        report(PumpReport::Input { index, fault: Some(error.zh()) });
                    }
                }
            }
            let Some(source) = &mut slot.source else { continue };
            match source.poll(self.clock.now()) {
                Ok(SourceStep::Frames(more)) => {
                    slot.wait = REOPEN_FIRST;
                    if !std::mem::replace(&mut slot.heard, true) {
                        report(PumpReport::Input { index, fault: None });
                    }
                    frames.extend(more);
                }
                Ok(SourceStep::Idle | SourceStep::End) => {}
                Err(error) => {
                    tracing::warn!(%error, "an input is lost");
                    slot.lost();
                    report(PumpReport::Input { index, fault: Some(error.zh()) });
                }
            }
        }
        frames
    }

    fn simulated(&mut self) -> impl Iterator<Item = &mut SimulatedMicrophones> {
        self.slots.iter_mut().filter_map(|s| match &mut s.source {
            Some(Source::Simulated(mics)) => Some(mics),
            Some(Source::Device(_) | Source::Stream(_)) | None => None,
        })
    }

    fn obey(&mut self, order: PumpOrder, report: &dyn Fn(PumpReport)) {
        match order {
            PumpOrder::StopRehearsal => {
                self.coming = None;
                self.simulated().for_each(SimulatedMicrophones::stop);
            }
            PumpOrder::Rehearse(dir, since) => {
                let seats: Vec<_> = self.simulated().flat_map(|m| m.seats().to_vec()).collect();
                if seats.is_empty() {
                    report(PumpReport::Refused(CaptureError::NothingToRehearse.zh()));
                    return;
                }
                let (read, coming) = channel();
                self.coming = Some(coming);
                // Reading takes a second or more, and sound does not wait. The thread ends with its files.
                let reader = std::thread::Builder::new().name("rehearsal".to_owned());
                let spawned = reader
                    .spawn(move || drop(read.send(Voices::read(&dir, &seats).map(|voices| (voices, since)))));
                if let Err(error) = spawned {
                    report(PumpReport::Refused(format!("演示庭审的声音无法读取：{error}")));
                }
            }
        }
    }

    /// Begins a rehearsal whose files have been read.
    fn play_what_came(&mut self, report: &dyn Fn(PumpReport)) {
        let Some(came) = self.coming.as_ref().and_then(|c| c.try_recv().ok()) else { return };
        self.coming = None;
        match came {
            Ok((voices, since)) => {
                let now = self.clock.now();
                self.simulated().for_each(|mics| mics.play(voices.clone(), now, since));
            }
            Err(error) => report(PumpReport::Refused(error.zh())),
        }
    }

    fn tell_rehearsal(&mut self, report: &dyn Fn(PumpReport)) {
        let position = self.simulated().find_map(|m| m.position_ms());
        let told = position.map(|ms| ms / 500);
        if told != self.told {
            self.told = told;
            report(PumpReport::Rehearsal(position));
        }
    }
}
