//! How the record is kept: verbatim, by points beside the verbatim text, or by the recording itself.
//!
//! ```text
//!                 keepRecord
//!   verbatim ◄──────────────► points
//!      ▲  │
//!      │  │ keepRecord, once every party present has agreed
//!      │  ▼
//!   recording      (a party that takes its agreement back leads to verbatim)
//! ```
//!
//! A point is a layer of its own over a line: what was said stays as it was heard, and the point says it in short.

use model::{HearingTime, Seat, SeatId, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::step::includes;
use crate::{Line, RevisionBasis, State, Step};

/// What counts as the record of the hearing (笔录方式).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum RecordMode {
    /// 全文: every line as it was said.
    #[default]
    Verbatim,
    /// 要点笔录: what the clerk took over or typed.
    Points,
    /// 录音录像替代笔录: the recording; on paper stand the steps, and the digest of the recording (完整性校验值).
    Recording,
}

impl RecordMode {
    /// The Chinese term.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Verbatim => "全文笔录",
            Self::Points => "要点笔录",
            Self::Recording => "录音录像替代笔录",
        }
    }
}

/// One wording of a point.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wording {
    /// How it reads; empty: the line is no point any more.
    pub text: String,
    /// Whose wording.
    pub by: SeatId,
    /// When.
    pub at: HearingTime,
    /// On whose word.
    pub basis: RevisionBasis,
}

impl Line {
    /// How it reads in the points record; empty if it is not in it. What a person typed is there until worded otherwise.
    #[must_use]
    pub fn point(&self) -> &str {
        match self.points.last() {
            Some(wording) => &wording.text,
            None if self.recognised.is_none() => self.text(),
            None => "",
        }
    }

    /// How it reads in a record kept so; empty if it is not in it.
    #[must_use]
    pub fn reads(&self, mode: RecordMode) -> &str {
        match mode {
            RecordMode::Verbatim => self.text(),
            RecordMode::Points => self.point(),
            RecordMode::Recording if self.recognised.is_none() => self.text(),
            RecordMode::Recording => "",
        }
    }
}

impl State {
    /// Sides with somebody present who has not agreed that the recording replaces the record.
    #[must_use]
    pub fn sides_without_consent(&self) -> Vec<Side> {
        let present = self.seats.values().filter(|s| s.present && s.role.side().is_party());
        let mut sides: Vec<_> = present.filter(|s| !self.consents(s)).map(|s| s.role.side()).collect();
        sides.sort_unstable();
        sides.dedup();
        sides
    }

    fn consents(&self, person: &Seat) -> bool {
        self.steps.iter().any(|done| match &done.step {
            Step::RecordingConsent { side, parties, agreed } => {
                *agreed && *side == person.role.side() && includes(parties, person)
            }
            _ => false,
        })
    }
}
