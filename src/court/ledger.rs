//! The interruption ledger: every hole in the recording has one of the lawful grounds or a signed statement.

use model::{GapCause, GapId, HearingTime, SeatId, TrackId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why recording was interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Ground {
    /// 休庭.
    Recess,
    /// 不公开质证 within a public hearing.
    ClosedEvidence,
    /// 不宜录制的调解.
    Mediation,
    /// A fault: needs a statement, reviewed by the presiding judge.
    Fault {
        /// What the recorder found.
        cause: GapCause,
    },
}

impl Ground {
    /// Whether the rules on recording name it as a lawful interruption.
    #[must_use]
    pub fn is_lawful(&self) -> bool {
        !matches!(self, Self::Fault { .. })
    }
}

/// Holes of one cause that begin this close together are one interruption: a recorder that dies leaves one in every track.
const TOGETHER_MS: u64 = 2000;

/// What one track lacks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hole {
    /// The track.
    pub track: TrackId,
    /// From when.
    pub from: HearingTime,
    /// Until when.
    pub to: HearingTime,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Interruption {
    /// Its id.
    pub id: GapId,
    /// Why.
    pub ground: Ground,
    /// What the tracks lack, for a fault; an ordered interruption is of all of them.
    pub holes: Vec<Hole>,
    /// A remark; may be empty.
    pub note: String,
    /// From when.
    pub from: HearingTime,
    /// Until when; `None` while it lasts.
    pub to: Option<HearingTime>,
    /// 情况说明: the operator's statement of a fault.
    pub statement: Option<String>,
    /// Who reviewed the statement.
    pub reviewed_by: Option<SeatId>,
}

impl Interruption {
    /// Whether a hole belongs to this interruption: the same fault, begun at the same time, not yet explained.
    pub(crate) fn takes(&self, cause: GapCause, from: HearingTime) -> bool {
        let apart = from.since(self.from).max(self.from.since(from));
        self.ground == Ground::Fault { cause } && apart <= TOGETHER_MS && self.statement.is_none()
    }

    /// Whether nothing more is owed before archiving.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.to.is_some() && (self.ground.is_lawful() || self.reviewed_by.is_some())
    }
}
