//! The timeline of the scripted hearing, as `fixtures/hearing/render.py` writes it (format: fixtures/hearing/README.md).

use std::path::Path;

use anyhow::Context;
use model::{SeatId, Side};
use serde::Deserialize;

/// The whole script with its times.
#[derive(Debug, Clone, Deserialize)]
pub struct Timeline {
    /// In order of time.
    pub cues: Vec<Cue>,
}

/// Something said or done.
#[derive(Debug, Clone, Deserialize)]
pub struct Cue {
    /// Its name in the script.
    pub id: String,
    /// Who.
    pub seat: SeatId,
    /// From the beginning of the sound files.
    pub start_ms: u64,
    /// The end; equal to the start for an act.
    pub end_ms: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happens at a cue.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum What {
    /// Said for the record.
    Speech {
        /// What the recogniser should write.
        text: String,
    },
    /// Said with the talk key held.
    Command {
        /// What the recogniser should write.
        text: String,
        /// Where it must lead.
        expect: Place,
    },
    /// Done.
    Act {
        /// Which act, with its parameters.
        #[serde(flatten)]
        act: Act,
    },
}

/// A page as it is named in court.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// Whose evidence.
    pub party: Side,
    /// The party's own number.
    pub evidence: u32,
    /// Page of the document, from 1; left out where any page will do.
    #[serde(default)]
    pub page: Option<u32>,
}

/// The acts of the script.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// 宣布开庭.
    Open,
    /// To a phase.
    Phase { phase: court::PhaseId },
    /// 申请展示.
    PresentRequest,
    /// Allows it.
    Grant { party: SeatId },
    /// Takes it back.
    TakeBack { party: SeatId },
    /// A page on every screen.
    Show { page: Place },
    /// A mark on a phrase.
    Mark { page: Place, phrase: String },
    /// A typed search.
    Search { query: String, expect: Place },
    /// A view noted on evidence.
    Examine { party: Side, evidence: u32, by: Side, views: Views, note: String },
    /// The clerk corrects a line.
    Correct { line: String, text: String },
    /// 休庭.
    Recess,
    /// 继续开庭.
    Resume,
    /// 闭庭.
    Close,
}

/// The four aspects of a view on evidence.
#[derive(Debug, Clone, Deserialize)]
pub struct Views {
    /// 真实性.
    pub authenticity: Word,
    /// 合法性.
    pub legality: Word,
    /// 关联性.
    pub relevance: Word,
    /// 证明目的.
    pub purpose: Word,
}

/// Accepted or disputed.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// 认可.
    Accepted,
    /// 不认可.
    Disputed,
}

impl Timeline {
    /// Reads `timeline.json` of a rendered hearing.
    pub fn load(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join("timeline.json");
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "{} is missing: run `scripts/setup.sh fixtures` to render the scripted hearing",
                path.display()
            )
        })?;
        serde_json::from_str(&text).with_context(|| format!("{} is not understood", path.display()))
    }
}
