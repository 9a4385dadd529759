//! Cameras: one thread each, giving coded H.264 pictures with their hearing time.
//!
//! ```text
//!   opening ──► delivering ──2 s of nothing, an error, or the end──► waiting (250 ms, doubling to 4 s) ──► opening
//! ```
//! A camera that sends H.264 is passed through as it is. The generated picture and everything else is encoded by libx264
//! (constrained baseline, no B-frames, an IDR every second).

mod encode;
mod generated;
pub(crate) mod h264;
mod stream;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use model::{HearingTime, TrackId};

use crate::clock::{HearingClock, monotonic_ns};
use crate::writer::opus::start_ffmpeg;
use crate::writer::{Intake, Job, Parameters, Picture};

/// A camera that gives nothing for this long is taken to be gone.
const WATCHDOG: Duration = Duration::from_secs(2);
/// Opening may take so much longer.
const OPENING: Duration = Duration::from_secs(8);
const REOPEN_FIRST: Duration = Duration::from_millis(250);
const REOPEN_LAST: Duration = Duration::from_secs(4);
/// The URL of the generated picture.
pub const GENERATED: &str = "testsrc";
pub(crate) use encode::BITS_PER_S_MAX;

/// Why a camera gives no picture.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// It cannot be opened.
    #[error(
        "camera {url} cannot be opened: {cause}; check its address and cable, the recorder tries again by itself"
    )]
    Open { url: String, cause: String },
    /// It was open and gives no more.
    #[error("camera {url} gives no picture: {cause}; check its cable, the recorder opens it again by itself")]
    Lost { url: String, cause: String },
    /// The encoder said no.
    #[error("the picture of camera {url} cannot be encoded: {cause}; install FFmpeg with libx264")]
    Encode { url: String, cause: String },
}

impl CameraError {
    /// The same for the screens of the court.
    fn zh(&self, track: &TrackId) -> String {
        match self {
            Self::Open { url, cause } => {
                format!(
                    "摄像头 {track}（{url}）打不开（{cause}）：请检查地址、电源和网线，录制程序会自动重试"
                )
            }
            Self::Lost { url, cause } => {
                format!("摄像头 {track}（{url}）没有画面（{cause}）：请检查电源和网线，恢复后自动续录")
            }
            Self::Encode { url, cause } => {
                format!("摄像头 {track}（{url}）的画面无法编码（{cause}）：请安装带 libx264 的 FFmpeg")
            }
        }
    }
}

/// A camera as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CameraInput {
    pub(crate) track: TrackId,
    pub(crate) url: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames_per_s: u32,
    /// The first to be left out where the disk is nearly full.
    pub(crate) optional: bool,
}

/// From a camera's thread to the recorder: one sentence if it is lost, `None` when it delivers.
#[derive(Debug)]
pub(crate) struct CameraReport {
    pub(crate) track: TrackId,
    pub(crate) fault: Option<String>,
}

/// A running camera; its owner stops it.
pub(crate) struct Camera {
    pub(crate) track: TrackId,
    pub(crate) optional: bool,
    flags: Arc<Flags>,
    thread: Option<JoinHandle<()>>,
}

/// No picture may be seen.
const CLOSED: u64 = u64::MAX;

/// What the owner may say to the thread.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    stop: AtomicBool,
    want_key: AtomicBool,
    /// Pictures from this time on may be seen (nanoseconds on the hearing clock; `CLOSED`: none); others are thrown away where
    /// they arise.
    open_from_ns: AtomicU64,
    /// Monotonic nanoseconds of the last sign of life, for FFmpeg's interrupt callback.
    alive_ns: AtomicU64,
}

impl Flags {
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    pub(crate) fn alive(&self) {
        self.alive_ns.store(monotonic_ns(), Ordering::Release);
    }

    /// Begins to open: a source that must be looked into first, up to its next whole picture, may take its time.
    pub(crate) fn opening(&self) {
        let until = monotonic_ns() + u64::try_from(OPENING.as_nanos()).unwrap_or(0);
        self.alive_ns.store(until, Ordering::Release);
    }

    /// Whether a blocking call shall be given up.
    pub(crate) fn give_up(&self) -> bool {
        let quiet = monotonic_ns().saturating_sub(self.alive_ns.load(Ordering::Acquire));
        self.stopped() || u128::from(quiet) > WATCHDOG.as_nanos()
    }

    /// Whether an IDR is wanted now; asking clears it.
    pub(crate) fn take_want_key(&self) -> bool {
        self.want_key.swap(false, Ordering::AcqRel)
    }
}

/// Where the thread puts its pictures.
pub(crate) struct Sink<'a> {
    track: TrackId,
    intake: Intake,
    flags: Arc<Flags>,
    lost_before: bool,
    overrun: bool,
    healthy: bool,
    report: &'a dyn Fn(CameraReport),
}

impl Sink<'_> {
    /// Hands one coded picture on.
    pub(crate) fn give(&mut self, at_ns: u64, key: bool, data: Vec<u8>, parameters: &Arc<Parameters>) {
        self.flags.alive();
        if !self.healthy {
            self.healthy = true;
            (self.report)(CameraReport { track: self.track.clone(), fault: None });
        }
        let open_from_ns = self.flags.open_from_ns.load(Ordering::Acquire);
        if at_ns < open_from_ns {
            self.lost_before = true;
            // Asked for, and come a moment too early: the next one shall be the first that is seen.
            if key && open_from_ns != CLOSED {
                self.flags.want_key.store(true, Ordering::Release);
            }
            return;
        }
        let picture = Picture {
            track: self.track.clone(),
            at_ns,
            key,
            data,
            parameters: parameters.clone(),
            lost_before: self.lost_before,
        };
        let room = self.intake.offer(Job::Picture { picture, overrun: self.overrun });
        self.overrun = !room;
        self.lost_before = !room;
    }
}

impl Camera {
    pub(crate) fn start(
        input: CameraInput,
        clock: HearingClock,
        intake: Intake,
        report: impl Fn(CameraReport) + Send + 'static,
    ) -> std::io::Result<Self> {
        start_ffmpeg();
        let flags = Arc::new(Flags::default());
        let its_flags = flags.clone();
        let (track, optional) = (input.track.clone(), input.optional);
        let thread = std::thread::Builder::new()
            .name(track.to_string())
            .spawn(move || run(&input, &clock, intake, its_flags, &report))?;
        Ok(Self { track, optional, flags, thread: Some(thread) })
    }

    /// Shows the room from `at` on. The first picture is an IDR.
    pub(crate) fn open_from(&self, at: HearingTime) {
        self.flags.want_key.store(true, Ordering::Release);
        self.flags.open_from_ns.store(at.0.saturating_mul(1_000_000), Ordering::Release);
    }

    /// Shows nothing of the room.
    pub(crate) fn close(&self) {
        self.flags.open_from_ns.store(CLOSED, Ordering::Release);
    }

    /// Tells the thread to end; [`Self::stop`] waits for it.
    pub(crate) fn ask_to_stop(&self) {
        self.flags.stop();
    }

    /// Ends the thread and closes the camera.
    pub(crate) fn stop(mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a camera's thread had panicked");
        }
    }
}

fn run(
    input: &CameraInput,
    clock: &HearingClock,
    intake: Intake,
    flags: Arc<Flags>,
    report: &dyn Fn(CameraReport),
) {
    let mut sink = Sink {
        track: input.track.clone(),
        intake,
        flags: flags.clone(),
        lost_before: true,
        overrun: false,
        healthy: false,
        report,
    };
    let mut wait = REOPEN_FIRST;
    while !flags.stopped() {
        flags.alive();
        let ended = if input.url == GENERATED {
            generated::run(input, clock, &flags, &mut sink)
        } else {
            stream::run(input, clock, &flags, &mut sink)
        };
        if flags.stopped() {
            break;
        }
        if let Err(error) = ended {
            tracing::warn!(%error, track = %input.track, "no picture");
            report(CameraReport { track: input.track.clone(), fault: Some(error.zh(&input.track)) });
        }
        // A camera that had delivered is tried again at once; one that never did, less and less often.
        wait = if sink.healthy { REOPEN_FIRST } else { (wait * 2).min(REOPEN_LAST) };
        sink.healthy = false;
        sink.lost_before = true;
        let until = Instant::now() + wait;
        while Instant::now() < until && !flags.stopped() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
