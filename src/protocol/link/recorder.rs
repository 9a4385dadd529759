//! Between the recorder and its two clients: the hub, which commands it, and the recogniser, which listens.

use std::path::PathBuf;

pub use model::{Fragment, GapCause, MicTrouble};
use model::{HearingId, HearingTime, SeatId, TrackId, UtcMs};
use serde::{Deserialize, Serialize};

/// Where the hearing clock of a hearing has its zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockOrigin {
    /// CLOCK_MONOTONIC at hearing time zero, in nanoseconds; of this boot only.
    pub monotonic_ns: u64,
    /// UTC at hearing time zero, in milliseconds: used when the boot has changed.
    pub utc_ms: UtcMs,
    /// The kernel's boot id, so that a monotonic time of another boot is never used.
    pub boot_id: String,
}

/// A microphone or camera the recorder shall open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Input {
    /// Channels of a cpal device; channel n carries `seats[n]` (empty text: unused). `gated`: the mixer gives nothing of a microphone that
    /// is switched off, so that digital silence is no fault.
    AudioDevice {
        name: String,
        seats: Vec<SeatId>,
        #[serde(default)]
        gated: bool,
    },
    /// Sound by an FFmpeg URL, such as the mix of a hearing host over RTSP: of one seat the whole as one channel, of several seat n has channel n.
    /// `gated` as above.
    AudioStream {
        url: String,
        seats: Vec<SeatId>,
        #[serde(default)]
        gated: bool,
    },
    /// A simulated microphone per seat: silence with room noise until a rehearsal is played into it.
    SimulatedMicrophones { seats: Vec<SeatId> },
    /// A camera by an FFmpeg URL, or the generated picture `testsrc`.
    /// `optional`: the first to be left out where the disk is nearly full.
    Camera {
        track: TrackId,
        url: String,
        width: u32,
        height: u32,
        frames_per_s: u32,
        #[serde(default)]
        optional: bool,
    },
}

/// To the recorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum ToRecorder {
    /// The hub's first message: which hearing it speaks for. Fragments and gaps of that hearing, and of no other, are sent to
    /// it, from behind `journalled` (per track, last journalled sequence) on.
    HubHello { hearing: HearingId, journalled: Vec<(TrackId, u64)> },
    /// The recogniser's first message: sends the sound of each seat from the given sample on (0 for a new one).
    RecogniserHello { from_sample: Vec<(SeatId, u64)> },
    /// A recogniser has missed what the ring no longer holds: gives what the recording has of it, seat by seat, and then a
    /// [`FromRecorder::RecordedEnd`].
    Recorded { hearing: HearingId, from: HearingTime, to: HearingTime },
    /// Opens the inputs for a hearing; capture runs (levels, recognition) but nothing is written yet.
    Open { hearing: HearingId, origin: ClockOrigin, media_dir: PathBuf, inputs: Vec<Input> },
    /// Writes from now on (宣布开庭, or resume after an interruption).
    Record,
    /// Stops writing for a lawful reason; microphones stay closed to recognition as well.
    Pause { ground: String },
    /// Ends recording for good and closes every file.
    Seal,
    /// Plays a directory of `<seat>.wav` files into the simulated microphones, from their start; or, where they began to play
    /// `since` a time of the hearing clock and the recorder was lost meanwhile, from where they would be now.
    Rehearse {
        dir: PathBuf,
        #[serde(default)]
        since: Option<HearingTime>,
    },
    /// Stops the rehearsal.
    StopRehearsal,
    /// Asks for a [`FromRecorder::State`].
    Ask,
}

/// From the recorder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum FromRecorder {
    /// What it is doing; sent on change and once a second, to a recogniser before the sound of another hearing.
    State {
        hearing: Option<HearingId>,
        recording: bool,
        /// Whether sound is being captured from every microphone.
        sound_ok: bool,
        /// Microphones that are not as they should be.
        #[serde(default)]
        microphones: Vec<(SeatId, MicTrouble)>,
        /// Whether every camera delivers.
        picture_ok: bool,
        /// Minutes of recording the disk still holds.
        disk_minutes_left: u64,
        /// One sentence if something is wrong.
        fault: Option<String>,
        /// Whether a rehearsal is playing, and its position in milliseconds.
        rehearsal_ms: Option<u64>,
    },
    /// Written and synced; to be journalled.
    Fragment(Fragment),
    /// A hole in a track.
    Gap { track: TrackId, from: HearingTime, to: HearingTime, cause: GapCause },
    /// Ten times a second while capturing: one entry a seat, in dB below full scale (0 loudest, −120 silence).
    Levels { levels: Vec<(SeatId, i16)> },
    /// All files are closed; nothing more will come for this hearing.
    Sealed { hearing: HearingId },
    /// Sound for the recogniser; the body holds little-endian i16 mono samples.
    Audio { seat: SeatId, first_sample: u64, at: HearingTime, rate_hz: u32 },
    /// For the recogniser: samples before this one are no longer in the ring; read them from the files.
    RingStart { seat: SeatId, first_sample: u64 },
    /// A seat's sound out of the recording, silence where there is none; the body holds little-endian i16 mono samples.
    Recorded { seat: SeatId, at: HearingTime, rate_hz: u32 },
    /// That was all of what was asked for. Where nothing was recorded of it, `next` is when recorded sound goes on, if it does.
    RecordedEnd { next: Option<HearingTime> },
    /// A command could not be obeyed.
    Refused { sentence: String },
}
