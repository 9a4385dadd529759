//! Between the hub and the process that decodes a recording again. One JSON line to it, JSON lines from it.

use model::{HearingTime, LineId, SeatId};
use serde::{Deserialize, Serialize};

/// What is to be heard again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToSecondPass {
    /// Words of the case, best first.
    pub terms: Vec<String>,
    /// The lines, in the order in which they are wanted.
    pub passages: Vec<Passage>,
}

/// A line in the recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passage {
    /// Its id.
    pub line: LineId,
    /// Whose microphone.
    pub seat: SeatId,
    /// Its beginning.
    pub from: HearingTime,
    /// Its end.
    pub to: HearingTime,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum FromSecondPass {
    /// The model is loaded.
    Begun { model: String },
    /// A line was heard; exactly one for each. `None`: nothing was understood.
    Heard { line: LineId, text: Option<String> },
}
