//! The layered record: what the machine heard never changes; every correction lies on top with its author.

use model::{Day, HearingTime, LineId, RequestId, SeatId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Wording;

/// A piece of recognised text with its confidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// Its characters.
    pub text: String,
    /// Confidence in thousandths.
    pub confidence: u16,
}

/// A term of the case that the recogniser put in place of what it heard, because it sounds exactly the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Repair {
    /// Its first character in the text.
    pub from: u32,
    /// Behind its last.
    pub to: u32,
    /// What was heard.
    pub heard: String,
}

/// What the recogniser made of an utterance. Immutable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recognised {
    /// The recogniser's number of the utterance, per seat.
    pub utterance: u64,
    /// Whose microphone.
    pub seat: SeatId,
    /// Beginning of speech.
    pub from: HearingTime,
    /// End of speech.
    pub to: HearingTime,
    /// Normalised text.
    pub text: String,
    /// The engine's own output.
    pub raw: String,
    /// The raw text in pieces, for the confidence underline.
    pub pieces: Vec<Piece>,
    /// Terms of the case that took the place of what sounded the same.
    #[serde(default)]
    pub repairs: Vec<Repair>,
}

/// On whose word a revision was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum RevisionBasis {
    /// The clerk's own hearing.
    Clerk,
    /// A granted 补正申请.
    Request {
        /// Which.
        request: RequestId,
    },
    /// The clerk split the line: what followed stands in `into`.
    Split {
        /// The new line.
        into: LineId,
    },
    /// It is what followed character `at` of `line`, as that read at `revision`.
    SplitOff {
        /// The line that was split.
        line: LineId,
        /// How many layers lay on it.
        revision: u32,
        /// Where, in characters.
        at: u32,
    },
    /// The clerk joined `with` to the line's end, as that read at `revision`.
    Joined {
        /// The line that followed.
        with: LineId,
        /// How many layers lay on it.
        revision: u32,
    },
    /// What it said stands at the end of `line`.
    JoinedTo {
        /// The line before.
        line: LineId,
    },
}

/// A part of a line that the clerk has listened to again and found right.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// How many layers lay on the line.
    pub revision: u32,
    /// Its first character.
    pub from: u32,
    /// Behind its last.
    pub to: u32,
    /// Who listened.
    pub by: SeatId,
    /// When.
    pub at: HearingTime,
}

/// A layer over a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// The whole text of the line.
    pub text: String,
    /// The speaker.
    pub seat: SeatId,
    /// Who made it.
    pub by: SeatId,
    /// When.
    pub at: HearingTime,
    /// Why.
    pub basis: RevisionBasis,
}

/// An article of a law as it was cited: law, version and text are pinned, whatever becomes of the library.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatuteCitation {
    /// The law's id in the library of statutes.
    pub law: String,
    /// Its name, e.g. 民法典.
    pub name: String,
    /// The date of the version.
    pub version: Day,
    /// The article as a key: `577`, `120-1`.
    pub number: String,
    /// As it is cited: 第五百七十七条.
    pub label: String,
    /// SHA-256 (hex) of the article's text.
    pub digest: String,
}

impl std::fmt::Display for StatuteCitation {
    /// As the record reads.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "引用《{}》（{}）{}", self.name, self.version, self.label)
    }
}

/// A line of the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// Beginning, on the hearing clock.
    pub from: HearingTime,
    /// End.
    pub to: HearingTime,
    /// The speaker before any revision.
    pub seat: SeatId,
    /// The machine's layer; `None` for a line typed by hand.
    pub recognised: Option<Recognised>,
    /// The layers on top, oldest first.
    pub revisions: Vec<Revision>,
    /// Its wordings in the points record, oldest first.
    #[serde(default)]
    pub points: Vec<Wording>,
    /// Parts that were listened to again and found right, oldest first.
    #[serde(default)]
    pub accepted: Vec<Accepted>,
    /// A machine text that came after a person had touched the line: offered, never applied.
    pub suggestion: Option<String>,
    /// The utterance that was taken over before it settled, if any.
    pub taken_over: Option<u64>,
    /// Said into a shared microphone, and nobody has told who spoke: whose voice it is like, the likest first. `None`: the speaker is known.
    #[serde(default)]
    pub whose: Option<Vec<SeatId>>,
    /// The article of a law that the line cites, if it was made by citing one.
    pub cites: Option<StatuteCitation>,
    /// It was typed while the curtain was down; whether it counts as not public, [`crate::State::is_behind_curtain`] says.
    #[serde(default)]
    pub behind_curtain: bool,
}

impl Line {
    /// The text that counts.
    #[must_use]
    pub fn text(&self) -> &str {
        match (self.revisions.last(), &self.recognised) {
            (Some(r), _) => &r.text,
            (None, Some(r)) => &r.text,
            (None, None) => "",
        }
    }

    /// How it read when so many layers lay on it.
    #[must_use]
    pub fn text_at(&self, revision: u32) -> &str {
        match (revision.checked_sub(1).and_then(|n| self.revisions.get(n as usize)), &self.recognised) {
            (Some(r), _) => &r.text,
            (None, Some(r)) => &r.text,
            (None, None) => "",
        }
    }

    /// The speaker that counts.
    #[must_use]
    pub fn speaker(&self) -> &SeatId {
        self.revisions.last().map_or(&self.seat, |r| &r.seat)
    }

    /// The base of a wording of its point: how many there are.
    #[must_use]
    pub fn wording(&self) -> u32 {
        self.points.len() as u32
    }

    /// The revision number a correction must be based on: how many layers lie on the line.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.revisions.len() as u32
    }
}
