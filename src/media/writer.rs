//! The one thread that writes: encodes, cuts into fragments, hashes, writes, and syncs every track twice a second.
//!
//! ```text
//!   producers ──bounded queue (60 s)──► writer ──after fdatasync──► Written::{Fragment, Gap} ──► recorder
//!        │ full: dropped, counted, a gap
//! ```
//! A slow disk holds this thread up, never the devices: the queue lasts a minute.

pub(crate) mod file;
pub mod fragment;
pub(crate) mod mix;
pub mod mp4;
pub mod opus;
pub(crate) mod picture;
pub(crate) mod sound;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use model::{AudioFrame, Fragment, GapCause, HearingTime, SeatId, TrackId};

use crate::clock::HearingClock;
use crate::layout::{GapLine, MIX, TrackInfo, TrackKind};
use crate::recover::TrackEnd;
use mix::Mixer;
use picture::PictureTrack;
use sound::SoundTrack;

/// Jobs that may wait: about 50 of sound and 30 of picture a second, for a minute.
const QUEUE: usize = 5_000;
const SYNC_EVERY: Duration = Duration::from_millis(500);
/// After a pause frames of the time before it may still be on their way for this long.
const PAUSE_SETTLES_MS: u64 = 300;
/// What ends sooner than this before the room is closed was still on its way.
const TAIL_MS: u64 = 1_000;
/// A hole at the very start shorter than this is the device's first breath, not a loss.
const START_MS: u64 = 500;
/// The same for a picture: one that is passed through begins with the camera's next key picture, seconds later with some.
const PICTURE_START_MS: u64 = 5_000;

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file system said no.
    #[error("{} could not be written: {cause}; free or repair the disk, recording tries again by itself", path.display())]
    Disk { path: PathBuf, cause: std::io::Error },
    /// FFmpeg said no.
    #[error("{what} could not encode: {cause}; install FFmpeg with {what}")]
    Encoder { what: &'static str, cause: String },
    /// A box could not be built: a bug, or a camera with nonsensical parameters.
    #[error("an MP4 box could not be written: {0}; check the camera's H.264 parameters")]
    Boxes(mp4_atom::Error),
}

impl WriteError {
    /// The same for the screens of the court.
    pub(crate) fn zh(&self) -> String {
        match self {
            Self::Disk { path, cause } => {
                format!(
                    "录音录像写入 {} 失败（{cause}）：请清理或更换磁盘，录制程序会自动重试",
                    path.display()
                )
            }
            Self::Encoder { what, cause } => format!("{what} 无法编码（{cause}）：请安装带 {what} 的 FFmpeg"),
            Self::Boxes(cause) => format!("画面无法写入（{cause}）：请检查摄像头的 H.264 设置"),
        }
    }

    pub(crate) fn disk(path: &Path, cause: std::io::Error) -> Self {
        Self::Disk { path: path.to_owned(), cause }
    }
}

/// What a decoder must know of a camera's pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Sequence parameter set, without start code.
    pub sps: Vec<u8>,
    /// Picture parameter set, without start code.
    pub pps: Vec<u8>,
}

/// One coded picture of a camera.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Which camera.
    pub track: TrackId,
    /// Hearing time of the picture, in nanoseconds.
    pub at_ns: u64,
    /// An IDR.
    pub key: bool,
    /// NAL units with 4-byte lengths.
    pub data: Vec<u8>,
    /// In force from this picture on.
    pub parameters: Arc<Parameters>,
    /// Pictures before this one were dropped or never came: it does not follow the one before.
    pub lost_before: bool,
}

/// Work for the writer.
#[derive(Debug)]
pub enum Job {
    /// Sound of some microphones; `overrun`: the queue was full before it.
    Sound { frames: Vec<AudioFrame>, overrun: bool },
    /// A picture; `overrun`: the queue was full before it.
    Picture { picture: Picture, overrun: bool },
}

/// What the writer shall do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    /// Write what was captured from this time on.
    Record(HearingTime),
    /// Do not write what was captured from this time on.
    Pause(HearingTime),
    /// Leave a track out, for want of room; or take it again.
    Spare { track: TrackId, spared: bool },
    /// Write what is queued, close every file, end. Nothing after this time is missed.
    Seal(HearingTime),
}

/// What came of it, after it is safe on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A fragment.
    Fragment(Fragment),
    /// A hole.
    Gap(GapLine),
}

/// What the writer tells its owner.
#[derive(Debug)]
pub(crate) enum Report {
    Written(Vec<Written>),
    Fault(Option<String>),
}

/// The bounded way into the writer. Cheap to clone: one for each producer.
#[derive(Debug, Clone)]
pub struct Intake {
    jobs: SyncSender<Job>,
    dropped: Arc<AtomicU64>,
}

impl Intake {
    /// Queues a job without ever waiting; says whether there was room.
    pub fn offer(&self, job: Job) -> bool {
        match self.jobs.try_send(job) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                false
            }
            // The writer has been told to end: nothing is to be recorded any more.
            Err(TrySendError::Disconnected(_)) => true,
        }
    }

    /// Jobs dropped so far because the disk was too slow.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// The running writer; its owner seals it or drops it.
pub(crate) struct Writer {
    orders: Option<std::sync::mpsc::Sender<Order>>,
    intake: Option<Intake>,
    thread: Option<JoinHandle<()>>,
}

/// What a writer is opened with.
pub(crate) struct Opening {
    pub(crate) media_dir: PathBuf,
    pub(crate) clock: HearingClock,
    pub(crate) tracks: Vec<TrackInfo>,
    /// Where the tracks ended, as recovery found them.
    pub(crate) ends: BTreeMap<TrackId, TrackEnd>,
    /// Why there is a hole between those ends and what comes.
    pub(crate) hole: GapCause,
}

impl Writer {
    /// Opens the tracks and starts the thread; `report` is called from it.
    pub(crate) fn start(
        opening: Opening,
        report: impl Fn(Report) + Send + 'static,
    ) -> Result<Self, WriteError> {
        let (jobs, queue) = sync_channel(QUEUE);
        let (orders, order_queue) = std::sync::mpsc::channel();
        let desk = Desk::open(opening)?;
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || desk.run(&queue, &order_queue, &report))
            .map_err(|e| WriteError::disk(Path::new("the writer's thread"), e))?;
        let intake = Intake { jobs, dropped: Arc::default() };
        Ok(Self { orders: Some(orders), intake: Some(intake), thread: Some(thread) })
    }

    pub(crate) fn intake(&self) -> Option<Intake> {
        self.intake.clone()
    }

    pub(crate) fn order(&self, order: Order) {
        if let Some(orders) = &self.orders
            && orders.send(order).is_err()
        {
            tracing::error!("the writer has ended");
        }
    }

    /// Writes what is queued, closes every file and waits for it. Producers must have ended.
    pub(crate) fn seal(mut self, end: HearingTime) {
        self.order(Order::Seal(end));
        self.intake = None;
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer had panicked");
        }
    }
}

/// When writing was allowed.
#[derive(Debug, Default)]
struct Gate {
    /// (from, open), ascending; closed before the first.
    turns: Vec<(u64, bool)>,
}

impl Gate {
    fn is_open(&self, at_ms: u64) -> bool {
        self.turns.iter().rev().find(|(from, _)| *from <= at_ms).is_some_and(|(_, open)| *open)
    }

    fn turn(&mut self, at_ms: u64, open: bool) {
        if self.turns.last().is_none_or(|(_, was)| *was != open) {
            self.turns.push((at_ms, open));
        }
    }

    /// Whether it was shut on purpose somewhere between the two.
    fn shut_within(&self, from_ms: u64, to_ms: u64) -> bool {
        self.turns.iter().any(|(at, open)| !*open && *at + 100 >= from_ms && *at < to_ms)
    }

    /// When it was shut, if it is.
    fn shut_since(&self) -> Option<u64> {
        self.turns.last().filter(|(_, open)| !*open).map(|(at, _)| *at)
    }
}

enum Track {
    Sound(SoundTrack),
    Picture(PictureTrack),
}

impl Track {
    fn file(&mut self) -> &mut file::TrackFile {
        match self {
            Self::Sound(t) => &mut t.file,
            Self::Picture(t) => &mut t.file,
        }
    }

    fn end_run(&mut self) -> Result<(), WriteError> {
        match self {
            Self::Sound(t) => t.end_run(),
            Self::Picture(t) => t.end_run(),
        }
    }
}

/// The writer's own state, on its thread.
struct Desk {
    media_dir: PathBuf,
    clock: HearingClock,
    tracks: BTreeMap<TrackId, Track>,
    seats: BTreeMap<SeatId, TrackId>,
    mixer: Option<(Mixer, TrackId)>,
    gate: Gate,
    /// Tracks whose first fragment after a restart is still to come, and why there is a hole before it.
    resumed: BTreeMap<TrackId, GapCause>,
    /// Left out for want of room.
    spared: BTreeSet<TrackId>,
    settled: bool,
    fault: Option<String>,
    /// When the recording ends.
    sealing: Option<HearingTime>,
}

impl Desk {
    fn open(opening: Opening) -> Result<Self, WriteError> {
        let mut tracks = BTreeMap::new();
        let mut seats = BTreeMap::new();
        let mut mixer = None;
        let rate = opening.tracks.iter().find(|t| t.what == TrackKind::Mix).map(|t| t.rate);
        for info in &opening.tracks {
            let end = opening.ends.get(&info.track).copied().unwrap_or_default();
            let track = match &info.what {
                TrackKind::Camera { .. } => {
                    Track::Picture(PictureTrack::open(&opening.media_dir, info, end)?)
                }
                TrackKind::Microphone { seat } => {
                    seats.insert(seat.clone(), info.track.clone());
                    Track::Sound(SoundTrack::open(&opening.media_dir, info, end)?)
                }
                TrackKind::Mix => Track::Sound(SoundTrack::open(&opening.media_dir, info, end)?),
            };
            tracks.insert(info.track.clone(), track);
        }
        if let (Some(rate), Ok(seat), Ok(track)) = (rate, SeatId::new(MIX), TrackId::new(MIX)) {
            let all: Vec<SeatId> = seats.keys().cloned().collect();
            mixer = Some((Mixer::new(seat, rate, &all), track));
        }
        let resumed = opening.ends.keys().map(|t| (t.clone(), opening.hole)).collect();
        Ok(Self {
            media_dir: opening.media_dir,
            clock: opening.clock,
            tracks,
            seats,
            mixer,
            gate: Gate::default(),
            resumed,
            spared: BTreeSet::new(),
            settled: true,
            fault: None,
            sealing: None,
        })
    }

    fn run(mut self, jobs: &Receiver<Job>, orders: &Receiver<Order>, report: &dyn Fn(Report)) {
        let mut synced = Instant::now();
        loop {
            while let Ok(order) = orders.try_recv() {
                self.obey(order);
            }
            match jobs.recv_timeout(Duration::from_millis(20)) {
                Ok(job) => {
                    // An order given before the job was queued is obeyed before it.
                    while let Ok(order) = orders.try_recv() {
                        self.obey(order);
                    }
                    self.take(job, report);
                }
                Err(RecvTimeoutError::Timeout) if self.sealing.is_some() => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.settle(report);
            if synced.elapsed() >= SYNC_EVERY {
                self.sync(report);
                synced = Instant::now();
            }
        }
        while let Ok(order) = orders.try_recv() {
            self.obey(order);
        }
        self.end_runs(report);
        self.sync(report);
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Record(at) => {
                self.gate.turn(at.0, true);
                self.settled = true;
                for track in self.tracks.values_mut() {
                    let breath = match track {
                        Track::Sound(_) => START_MS,
                        Track::Picture(_) => PICTURE_START_MS,
                    };
                    track.file().expect_from(at.0 + breath);
                }
            }
            Order::Pause(at) => {
                self.gate.turn(at.0, false);
                self.settled = false;
            }
            Order::Spare { track, spared } => {
                if spared && self.spared.insert(track.clone()) {
                    self.resumed.insert(track, GapCause::DiskSpace);
                } else if !spared {
                    self.spared.remove(&track);
                }
            }
            Order::Seal(end) => self.sealing = Some(end),
        }
    }

    /// After a pause, once nothing of the time before it can come any more, ends the runs.
    fn settle(&mut self, report: &dyn Fn(Report)) {
        let shut = self.gate.shut_since();
        if !self.settled && shut.is_some_and(|at| self.clock.now().0 > at + PAUSE_SETTLES_MS) {
            self.settled = true;
            self.end_runs(report);
        }
    }

    fn end_runs(&mut self, report: &dyn Fn(Report)) {
        // Later than any hearing: nothing is waited for.
        self.mix(HearingTime(u64::from(u32::MAX)), report);
        let mut result = Ok(());
        for track in self.tracks.values_mut() {
            result = track.end_run().and(result);
        }
        if let Some((mixer, _)) = &mut self.mixer {
            mixer.clear();
        }
        self.judge(result, report);
        self.note_tails();
    }

    /// What has ended before the room was closed has a hole that nothing will follow.
    fn note_tails(&mut self) {
        let Some(until) = self.gate.shut_since().or(self.sealing.map(|end| end.0)) else { return };
        for (name, track) in &mut self.tracks {
            let file = track.file();
            if let Some(last) = file.last_to_ms()
                && last + TAIL_MS < until
            {
                let cause = match self.resumed.get(name) {
                    Some(cause) if self.spared.contains(name) => *cause,
                    _ => GapCause::DeviceLost,
                };
                file.gap(last, until, cause);
            }
        }
    }

    fn take(&mut self, job: Job, report: &dyn Fn(Report)) {
        match job {
            Job::Sound { frames, overrun } => {
                for frame in frames.iter().filter(|f| self.gate.is_open(f.at.0)).collect::<Vec<_>>() {
                    let Some(track) = self.seats.get(&frame.seat).cloned() else { continue };
                    if let Some((mixer, _)) = &mut self.mixer {
                        mixer.add(frame);
                    }
                    self.push_sound(&track, frame, overrun, report);
                }
                self.mix(self.clock.now(), report);
            }
            Job::Picture { picture, overrun } => {
                let at_ms = picture.at_ns / 1_000_000;
                if !self.gate.is_open(at_ms) {
                    return;
                }
                let track = picture.track.clone();
                if self.spared.contains(&track) {
                    return;
                }
                let hole = self.hole(&track, at_ms, overrun, picture.key);
                if let Some(Track::Picture(t)) = self.tracks.get_mut(&track) {
                    let result = t.push(picture, hole);
                    self.judge(result, report);
                }
            }
        }
    }

    fn mix(&mut self, now: HearingTime, report: &dyn Fn(Report)) {
        let Some((mixer, track)) = &mut self.mixer else { return };
        let track = track.clone();
        if let Some(frame) = mixer.take(now) {
            self.push_sound(&track, &frame, false, report);
        }
    }

    fn push_sound(&mut self, track: &TrackId, frame: &AudioFrame, overrun: bool, report: &dyn Fn(Report)) {
        let hole = self.hole(track, frame.at.0, overrun, true);
        if let Some(Track::Sound(t)) = self.tracks.get_mut(track) {
            let result = t.push(frame, hole);
            self.judge(result, report);
        }
    }

    /// Why there would be a hole between the end of the track and `at_ms`. `begins`: a run can begin with what is there now
    /// (pictures before the first whole one are dropped, and do not use up the cause of the hole).
    fn hole(&mut self, track: &TrackId, at_ms: u64, overrun: bool, begins: bool) -> GapCause {
        let last = self.tracks.get_mut(track).and_then(|t| t.file().last_to_ms()).unwrap_or(at_ms);
        let resumed = if begins { self.resumed.remove(track) } else { self.resumed.get(track).copied() };
        if let Some(cause) = resumed {
            return cause;
        }
        if overrun {
            GapCause::Overrun
        } else if self.gate.shut_within(last, at_ms) {
            GapCause::Paused
        } else {
            GapCause::DeviceLost
        }
    }

    /// A fault is told once, and once more when it is over.
    fn judge(&mut self, result: Result<(), WriteError>, report: &dyn Fn(Report)) {
        let Err(error) = result else { return };
        let fault = Some(error.zh());
        if self.fault != fault {
            tracing::error!(%error, "recording failed");
            report(Report::Fault(fault.clone()));
            self.fault = fault;
        }
    }

    fn sync(&mut self, report: &dyn Fn(Report)) {
        let mut all = Vec::new();
        let mut failed = None;
        for track in self.tracks.values_mut() {
            if !track.file().is_dirty() {
                continue;
            }
            match track.file().sync() {
                Ok(written) => all.extend(written),
                Err(error) => failed = Some(error),
            }
        }
        let gaps: Vec<&GapLine> =
            all.iter().filter_map(|w| if let Written::Gap(g) = w { Some(g) } else { None }).collect();
        if let Err(error) = note_gaps(&self.media_dir, &gaps) {
            failed = Some(error);
        }
        match failed {
            Some(error) => self.judge(Err(error), report),
            None if !all.is_empty() && self.fault.is_some() => {
                self.fault = None;
                report(Report::Fault(None));
            }
            None => {}
        }
        if !all.is_empty() {
            report(Report::Written(all));
        }
    }
}

fn note_gaps(media_dir: &Path, gaps: &[&GapLine]) -> Result<(), WriteError> {
    use std::io::Write as _;
    if gaps.is_empty() {
        return Ok(());
    }
    let path = media_dir.join("gaps.jsonl");
    let failed = |e| WriteError::disk(&path, e);
    let mut text = Vec::new();
    for gap in gaps {
        serde_json::to_writer(&mut text, gap).map_err(|e| failed(e.into()))?;
        text.push(b'\n');
    }
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&path).map_err(failed)?;
    file.write_all(&text).and_then(|()| file.sync_data()).map_err(failed)
}
