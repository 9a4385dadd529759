//! Issues in dispute (争议焦点).
//!
//! ```text
//!   Draft ──PutToParties──► Put ──Settle──► Settled
//!     ▲  └────────────────Settle────────────►  │
//!     └──────────── any change of words ◄──────┘
//! ```
//!
//! A draft is the bench's and the clerk's; put, it is before the parties; settled, on every screen. Links to evidence and
//! lines may change at any time and change nothing of that.

use model::{EvidenceId, IssueId, LineId, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who sees the list.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum IssueStage {
    /// Being written.
    #[default]
    Draft,
    /// 征求意见.
    Put,
    /// 归纳完毕.
    Settled,
}

/// One issue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    /// Its id.
    pub id: IssueId,
    /// Its words.
    pub text: String,
    /// Evidence that belongs to it.
    pub evidence: Vec<EvidenceId>,
    /// What was said on it.
    pub lines: Vec<LineId>,
    /// The session of the case from which it comes, if not this one.
    pub session: Option<u32>,
    /// It was worded behind the curtain (不公开): never for the gallery.
    #[serde(default)]
    pub closed: bool,
}

/// What a side said to the list when it was put.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueView {
    /// Whose.
    pub side: Side,
    /// The objection or addition; empty: 无异议.
    pub objection: String,
}

/// The list, in the order in which it is dealt with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueList {
    /// Who sees it.
    pub stage: IssueStage,
    /// The issues.
    pub issues: Vec<Issue>,
    /// The sides' views on the list as it was put.
    pub views: Vec<IssueView>,
    /// Ids given so far.
    pub given: u32,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "act", deny_unknown_fields)]
pub enum IssueAct {
    /// Adds one at the end.
    Add { text: String },
    /// Words it anew.
    Reword { issue: IssueId, text: String },
    /// Moves it to a place, counted from 0.
    Move { issue: IssueId, to: u32 },
    /// Takes it off.
    Remove { issue: IssueId },
    /// Links an item of evidence, or unlinks it.
    LinkEvidence { issue: IssueId, evidence: EvidenceId, linked: bool },
    /// Links a line of the record, or unlinks it.
    LinkLine { issue: IssueId, line: LineId, linked: bool },
    /// Puts the list to the parties.
    Put,
    /// Notes what a side says to it; empty: no objection.
    NoteView { side: Side, objection: String },
    /// Settles it.
    Settle,
}

impl IssueList {
    /// The list in one sentence: `1.…；2.…`. `closed_too`: with the words found behind the curtain (不公开).
    #[must_use]
    pub fn sentence(&self, closed_too: bool) -> String {
        let numbered = |(n, issue): (usize, &Issue)| match issue.closed && !closed_too {
            true => format!("{}.（不公开）", n + 1),
            false => format!("{}.{}", n + 1, issue.text.trim_end_matches(['。', '；', ';'])),
        };
        let all: Vec<_> = self.issues.iter().enumerate().map(numbered).collect();
        format!("{}。", all.join("；"))
    }

    /// As the next session of the case gets it: lines belong to the hearing in which they were said.
    #[must_use]
    pub(crate) fn handed_on(&self, session: u32) -> Self {
        let mut list = self.clone();
        for issue in &mut list.issues {
            issue.lines.clear();
            issue.session.get_or_insert(session);
        }
        list
    }
}
