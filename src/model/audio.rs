//! Sound as it travels between adapters.

use std::sync::Arc;

use crate::{HearingTime, SeatId};

/// A run of samples of one microphone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFrame {
    /// Whose microphone.
    pub seat: SeatId,
    /// Index of the first sample, counted from the microphone's start without gaps.
    pub first_sample: u64,
    /// Hearing time of the first sample, by the fit of the device's sample count to the hearing clock.
    pub at: HearingTime,
    /// Samples per second.
    pub rate_hz: u32,
    /// Mono, 16 bit.
    pub samples: Arc<[i16]>,
}

impl AudioFrame {
    /// How long the frame lasts, in milliseconds, rounded down.
    #[must_use]
    pub fn duration_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / u64::from(self.rate_hz.max(1))
    }
}

/// What a source gives when asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceStep {
    /// Samples of every channel of the source, one frame a channel.
    Frames(Vec<AudioFrame>),
    /// Nothing yet; ask again.
    Idle,
    /// The source has come to its end (a file); a device never does.
    End,
}

/// Why a source cannot give sound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The device is gone or was never there.
    #[error("audio device \"{name}\" is lost: {cause}; check the cable, the recorder reopens it by itself")]
    Lost {
        /// The device's name in the settings.
        name: String,
        /// The system's own words.
        cause: String,
    },
}

impl SourceError {
    /// The same for the screens of the court.
    #[must_use]
    pub fn zh(&self) -> String {
        let Self::Lost { name, cause } = self;
        format!("声音设备“{name}”中断（{cause}）：请检查电源和接线，恢复后自动续录")
    }
}

/// Where sound comes from: a device or a paced file. Implemented by `media` alone, faked by its contract suite.
pub trait AudioSource: Send {
    /// The seats whose microphones this source carries, one a channel.
    fn seats(&self) -> &[SeatId];
    /// Gives what has arrived since the last call, without waiting.
    fn poll(&mut self, now: HearingTime) -> Result<SourceStep, SourceError>;
}
