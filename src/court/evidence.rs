//! Evidence items and the views on them: the rows of the 质证表.

use model::{DocId, EvidenceId, HearingTime, LineId, SeatId, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Carried;

/// What a view is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Aspect {
    /// 真实性.
    Authenticity,
    /// 合法性.
    Legality,
    /// 关联性.
    Relevance,
    /// 证明目的.
    Purpose,
}

impl Aspect {
    /// The Chinese term.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Authenticity => "真实性",
            Self::Legality => "合法性",
            Self::Relevance => "关联性",
            Self::Purpose => "证明目的",
        }
    }
}

/// A side's view.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Stance {
    /// 无异议.
    Undisputed,
    /// 有异议.
    Disputed,
    /// 庭后核实 / 不发表意见.
    Reserved,
}

impl Stance {
    /// The Chinese term.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Undisputed => "无异议",
            Self::Disputed => "有异议",
            Self::Reserved => "保留",
        }
    }
}

/// One noted view (质证意见). A later one of the same side on the same aspect replaces it in the table, not in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opinion {
    /// Whose view.
    pub side: Side,
    /// About what.
    pub aspect: Aspect,
    /// Which.
    pub stance: Stance,
    /// Reasons; may be empty.
    pub reason: String,
    /// The line of the record in which it was said, if known.
    pub line: Option<LineId>,
    /// Who noted it.
    pub by: SeatId,
    /// When.
    pub at: HearingTime,
    /// The earlier session of the case in which it was noted; `by` and `at` are of that hearing then.
    #[serde(default)]
    pub session: Option<u32>,
    /// It was noted behind the curtain (不公开): not for a public copy.
    #[serde(default)]
    pub closed: bool,
}

/// An item as listed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceDraft {
    /// The side that offers it.
    pub side: Side,
    /// The side's own number: 证据三 is 3.
    pub number: u32,
    /// 名称.
    pub name: String,
    /// 来源; may be empty.
    pub source: String,
    /// 证明目的; may be empty.
    pub purpose: String,
    /// The document in the dossier.
    pub doc: Option<DocId>,
}

/// A row of the 质证表.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// What it is.
    #[serde(flatten)]
    pub draft: EvidenceDraft,
    /// 证据组, as its side calls it; empty for none.
    #[serde(default)]
    pub group: String,
    /// When it was first on the screens (出示).
    pub shown: Option<HearingTime>,
    /// 原件已核对.
    pub original_checked: bool,
    /// Noted views, at most one per side and aspect.
    pub opinions: Vec<Opinion>,
    /// The earlier session it was brought over from.
    #[serde(default)]
    pub carried: Option<Carried>,
    /// It was listed, described or first shown behind the curtain (不公开): not for a public copy.
    #[serde(default)]
    pub closed: bool,
}
