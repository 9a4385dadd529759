//! Pieces of a recording and its holes, as the recorder writes them and the journal keeps them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{HearingTime, TrackId};

/// One written and synced piece of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fragment {
    /// Which track.
    pub track: TrackId,
    /// From 1, without holes, per track.
    pub seq: u64,
    /// File name under the media directory, e.g. `mic-judge/000003.m4s`.
    pub file: String,
    /// Where in the file it begins, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of those bytes, lower-case hex.
    pub sha256: String,
    /// Hearing time of its first sample or frame.
    pub from: HearingTime,
    /// Hearing time after its last.
    pub to: HearingTime,
}

/// What is wrong with a microphone, by its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MicTrouble {
    /// It gives nothing: no sound arrives, or one that never changes.
    Dead,
    /// It breaks off again and again: a loose contact.
    Loose,
    /// The mains are nearly all that is heard: a broken shield, or a ground loop.
    Hum,
    /// Peaks are cut off: it is set too loud.
    Clipping,
}

/// Why a track has a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum GapCause {
    /// A lawful pause was commanded.
    Paused,
    /// The device went away.
    DeviceLost,
    /// A queue overflowed: the disk was too slow.
    Overrun,
    /// The recorder itself was down.
    RecorderDown,
    /// The disk was nearly full: pictures gave way to sound.
    DiskSpace,
}
