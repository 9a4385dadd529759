//! The outline (庭审提纲): phases in their usual order with what is said, typed and checked in each. It guides the desks
//! and never gates an act.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names an outline, e.g. `civil-ordinary`; the shipped ones are named like their files.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(transparent)]
pub struct OutlineId(pub String);

impl OutlineId {
    /// The outline of a hearing for which nobody chose one.
    pub const CIVIL_ORDINARY: &'static str = "civil-ordinary";
}

impl fmt::Display for OutlineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names a phase within its outline, e.g. `evidence`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(transparent)]
pub struct PhaseId(pub String);

impl fmt::Display for PhaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who says a standard text: whose line it becomes.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Speaker {
    /// The clerk.
    #[default]
    Clerk,
    /// The presiding judge.
    Judge,
}

/// A text the clerk puts into the record by one key (语句库).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandardText {
    /// 提示码: the initials typed to find it; once in an outline.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// How it reads, with placeholders ([`crate::Fact`]).
    pub text: String,
    /// Whose line it becomes.
    #[serde(default)]
    pub speaker: Speaker,
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    /// Its id.
    pub id: PhaseId,
    /// Chinese name, e.g. 法庭调查.
    pub zh: String,
    /// English name.
    pub en: String,
    /// 提示语: what the judge says, with placeholders, in the usual order.
    #[serde(default)]
    pub utterances: Vec<String>,
    /// The clerk's texts of this phase.
    #[serde(default)]
    pub texts: Vec<StandardText>,
    /// The judge's check-list.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Phases that courts often hold together with this one (法庭调查 with 法庭辩论); a hint, any two may be merged.
    #[serde(default)]
    pub merges: Vec<PhaseId>,
}

/// The phases of one procedure. Journals of older hearings know no more of it than the name and the phases' names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outline {
    /// Its id; empty in journals from before outlines were files.
    #[serde(default)]
    pub id: OutlineId,
    /// Chinese name of the procedure, e.g. 民事一审普通程序.
    pub name: String,
    /// English name.
    #[serde(default)]
    pub en: String,
    /// Words a court may want to change in one place: 最后意见, 上诉期; they fill placeholders of the same name.
    #[serde(default)]
    pub terms: BTreeMap<String, String>,
    /// Texts at hand in every phase.
    #[serde(default)]
    pub texts: Vec<StandardText>,
    /// In the usual order.
    pub phases: Vec<Phase>,
    /// The phase that 宣布开庭 enters, unless the bench is there or beyond already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<PhaseId>,
    /// The same for 闭庭.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<PhaseId>,
}

impl Outline {
    /// Looks a phase up.
    #[must_use]
    pub fn find(&self, id: &PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|p| p.id == *id)
    }

    fn place(&self, id: &PhaseId) -> Option<usize> {
        self.phases.iter().position(|p| p.id == *id)
    }

    /// Whether `to` comes later than `from` in the usual order.
    #[must_use]
    pub fn is_ahead(&self, to: &PhaseId, from: Option<&PhaseId>) -> bool {
        self.place(to) > from.and_then(|p| self.place(p))
    }

    /// The outline as screens outside bench and clerk's desk need it: the names of the phases.
    #[must_use]
    pub fn names_only(&self) -> Self {
        let bare = |p: &Phase| Phase {
            id: p.id.clone(),
            zh: p.zh.clone(),
            en: p.en.clone(),
            utterances: Vec::new(),
            texts: Vec::new(),
            checks: Vec::new(),
            merges: Vec::new(),
        };
        Self {
            id: self.id.clone(),
            name: self.name.clone(),
            en: self.en.clone(),
            terms: BTreeMap::new(),
            texts: Vec::new(),
            phases: self.phases.iter().map(bare).collect(),
            opens: None,
            closes: None,
        }
    }
}
