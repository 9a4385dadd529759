//! What the hub hears of its devices, and what it lets them show.

use bridge::codec::message::KeyLight;
use model::SeatId;

/// What the hub hears of a device.
///
/// The first event of a device is `Back` or `Lost`. Between `Lost` and `Back` no key is down: a key held when the
/// device is lost is reported as released before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceEvent {
    /// A seat's talk key changed.
    TalkKey {
        /// Whose key.
        seat: SeatId,
        /// Down, not up.
        down: bool,
        /// Milliseconds since the console's power-on when it happened, wrapping at 2³²; `None` when the bridge
        /// learned the state otherwise (device lost, or found with the key held).
        at_raw: Option<u32>,
    },
    /// The device is not there, or not as the settings say.
    Lost {
        /// The device's name in the settings.
        device: String,
        /// What is wrong and what to do.
        cause: String,
    },
    /// The device answers.
    Back {
        /// The device's name in the settings.
        device: String,
        /// What it calls itself, with its firmware version.
        identity: String,
    },
    /// Key changes never reached the hub. The keys' true state has been reported since.
    Missed {
        /// The device's name in the settings.
        device: String,
        /// How many.
        count: u64,
        /// Where they were lost.
        by: MissedBy,
    },
}

/// Where key changes were lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissedBy {
    /// The console gave them up, because nobody acknowledged them in time.
    Console,
    /// The hub's queue of events was full.
    Hub,
}

/// What a seat's key and microphone show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeatLook {
    /// The light in the talk key.
    pub light: KeyLight,
    /// The microphone is open.
    pub mic_open: bool,
}
