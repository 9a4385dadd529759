//! The outline (庭审提纲): phases in their usual order. It guides the desks and never gates an act.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names a phase within its outline, e.g. `investigation`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct PhaseId(pub String);

impl fmt::Display for PhaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    /// Its id.
    pub id: PhaseId,
    /// Chinese name, e.g. 法庭调查.
    pub zh: String,
    /// English name.
    pub en: String,
}

/// The phases of one procedure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Outline {
    /// Chinese name of the procedure, e.g. 民事一审普通程序.
    pub name: String,
    /// In the usual order.
    pub phases: Vec<Phase>,
}

impl Outline {
    /// 民事一审普通程序, in the order of the procedure law.
    #[must_use]
    pub fn civil_ordinary() -> Self {
        let phases = [
            ("preparation", "庭前准备", "Preparation"),
            ("opening", "宣布开庭", "Opening"),
            ("claims", "诉称答辩", "Claim and defence"),
            ("issues", "归纳焦点", "Issues in dispute"),
            ("evidence", "举证质证", "Examination of evidence"),
            ("questions", "法庭发问", "Questions"),
            ("debate", "法庭辩论", "Debate"),
            ("finalViews", "最后意见", "Final views"),
            ("mediation", "调解", "Mediation"),
            ("judgment", "宣判", "Judgment"),
            ("signing", "核对签字", "Checking and signing"),
        ];
        Self {
            name: "民事一审普通程序".to_owned(),
            phases: phases
                .into_iter()
                .map(|(id, zh, en)| Phase {
                    id: PhaseId(id.to_owned()),
                    zh: zh.to_owned(),
                    en: en.to_owned(),
                })
                .collect(),
        }
    }

    /// Looks a phase up.
    #[must_use]
    pub fn find(&self, id: &PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|p| p.id == *id)
    }
}
