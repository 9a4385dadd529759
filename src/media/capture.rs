//! Where sound comes from, and the thread that asks for it.
//!
//! ```text
//!   source ──Lost──► waiting (250 ms, doubling to 4 s) ──reopened──► source
//! ```
//! Every source numbers its samples from hearing time zero by its nominal rate when it is opened, and counts on from there:
//! a jump of the index is a hole, and a source opened again, or after a restart of the recorder, never counts backwards.

pub mod device;
pub(crate) mod file;
mod pump;
mod simulated;
mod stream;

pub use device::CpalDevice;
pub use file::PacedFile;
pub(crate) use pump::{Pump, PumpOrder, PumpReport};
pub use simulated::{SimulatedMicrophones, Voices};
pub use stream::StreamSource;

use model::{HearingTime, SeatId};
use protocol::link::recorder::Input;

/// Why an input cannot be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// No such device, or it cannot do what is needed.
    #[error(
        "audio device \"{name}\" cannot be opened: {cause}; devices here: {known}; correct the name in the settings"
    )]
    NoDevice { name: String, cause: String, known: String },
    /// A file that is no sound we can play.
    #[error("{path} cannot be played: {cause}; give a WAV file of 16 bit, mono, {rate_hz} Hz")]
    BadFile { path: String, cause: String, rate_hz: u32 },
    /// Nothing to play into.
    #[error("a rehearsal needs simulated microphones; this hearing has none")]
    NothingToRehearse,
}

impl CaptureError {
    /// The same for the screens of the court.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::NoDevice { name, cause, known } => {
                format!("声音设备“{name}”打不开（{cause}）：请检查接线，或在设置中改用现有设备：{known}")
            }
            Self::BadFile { path, cause, rate_hz } => {
                format!("{path} 无法播放（{cause}）：请用16位、单声道、{rate_hz} Hz 的 WAV 文件")
            }
            Self::NothingToRehearse => "演示庭审需要模拟话筒，本庭没有设置模拟话筒".to_owned(),
        }
    }
}

/// Samples per second of every source we make ourselves.
pub const RATE_HZ: u32 = 16_000;

/// What to open; kept, so that a lost device can be opened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SoundInput {
    Device { name: String, seats: Vec<SeatId>, gated: bool },
    Stream { url: String, seats: Vec<SeatId>, gated: bool },
    Simulated { seats: Vec<SeatId> },
}

impl SoundInput {
    pub(crate) fn of(input: &Input) -> Option<Self> {
        match input {
            Input::AudioDevice { name, seats, gated } => {
                Some(Self::Device { name: name.clone(), seats: seats.clone(), gated: *gated })
            }
            Input::AudioStream { url, seats, gated } => {
                Some(Self::Stream { url: url.clone(), seats: seats.clone(), gated: *gated })
            }
            Input::SimulatedMicrophones { seats } => Some(Self::Simulated { seats: seats.clone() }),
            Input::Camera { .. } => None,
        }
    }

    pub(crate) fn seats(&self) -> Vec<SeatId> {
        match self {
            Self::Device { seats, .. } | Self::Stream { seats, .. } | Self::Simulated { seats } => {
                seats.clone()
            }
        }
    }

    /// Whether it gives nothing of a microphone that is switched off.
    pub(crate) fn is_gated(&self) -> bool {
        matches!(self, Self::Device { gated: true, .. } | Self::Stream { gated: true, .. })
    }

    /// Samples per second it will give.
    pub(crate) fn rate_hz(&self) -> u32 {
        RATE_HZ
    }
}

/// Index of the sample at `at_ns` nanoseconds of hearing time.
pub(crate) fn sample_at(at_ns: u64, rate_hz: u32) -> u64 {
    u64::try_from(u128::from(at_ns) * u128::from(rate_hz) / 1_000_000_000).unwrap_or(u64::MAX)
}

/// Hearing time of a sample of a source that does not drift.
pub(crate) fn time_of(sample: u64, rate_hz: u32) -> HearingTime {
    HearingTime(sample * 1000 / u64::from(rate_hz.max(1)))
}
