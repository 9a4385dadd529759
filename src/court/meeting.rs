//! 合议, 法官会议, 审委会 in one room: who speaks when, who votes on what, and what decides. Pure functions of roster and votes.
//!
//! ```text
//!   question put ──votes──► settled: carried (more than half) │ undecided ──presiding judge──► submitted to 审委会
//!                              └─ refused while a vote is missing or the minority has not given its grounds
//! ```

mod act;
mod convene;
mod rules;

use std::collections::BTreeMap;

use model::{HearingTime, SeatId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Event, State};

pub use act::MeetingAct;
pub use convene::{ConveneFault, Convening, Guest, convene};
pub use rules::{Short, Turn, TurnOf, Unsettled, may_vote, order, outcome, quorum};

/// What kind of meeting it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum MeetingKind {
    /// 合议: the panel decides.
    Panel,
    /// 法官会议: advises and does not vote.
    Judges,
    /// 审委会: more than half of all its members decides.
    Committee,
}

impl MeetingKind {
    /// All of them, the most frequent first.
    pub const ALL: [Self; 3] = [Self::Panel, Self::Judges, Self::Committee];

    /// Its name; the forms of minutes go by it.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Panel => "合议庭评议",
            Self::Judges => "法官会议",
            Self::Committee => "审判委员会讨论",
        }
    }

    /// Its English name.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Panel => "Panel deliberation",
            Self::Judges => "Judges' meeting",
            Self::Committee => "Adjudication committee",
        }
    }
}

/// As what somebody takes part.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// 审判长, or who chairs the meeting.
    Presiding,
    /// 审判员, or a member of the committee.
    Judge,
    /// 人民陪审员.
    Assessor,
    /// 汇报人: reports the case to a body that is not theirs.
    Reporter,
    /// 记录人.
    Recorder,
}

/// Somebody in the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The seat in the meeting.
    pub seat: SeatId,
    /// As what.
    pub part: Part,
    /// The judge in charge of the case (承办法官).
    pub in_charge: bool,
}

/// Counts questions from 1.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(transparent)]
pub struct QuestionId(pub u32);

/// What a question is about: lay assessors of a panel of seven vote on facts alone.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Matter {
    /// 事实认定.
    Facts,
    /// 法律适用和裁判结果.
    Law,
}

/// A member's vote.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    /// Whose.
    pub seat: SeatId,
    /// Which option, from 0; `None`: 弃权 (committee alone).
    pub choice: Option<u32>,
    /// 理由.
    pub grounds: String,
    /// When.
    pub at: HearingTime,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Outcome {
    /// More than half of those who decide are for this option.
    Carried { choice: u32 },
    /// 未形成多数意见.
    Undecided,
}

/// Something to vote on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// Its number.
    pub id: QuestionId,
    /// How it reads.
    pub text: String,
    /// What it is about.
    pub matter: Matter,
    /// What may be chosen.
    pub options: Vec<String>,
    /// Votes by seat, the last of each.
    pub votes: Vec<Vote>,
    /// What became of it.
    pub outcome: Option<Outcome>,
}

impl Question {
    /// The vote of a seat.
    #[must_use]
    pub fn vote(&self, seat: &SeatId) -> Option<&Vote> {
        self.votes.iter().find(|v| v.seat == *seat)
    }

    /// Votes for an option.
    #[must_use]
    pub fn count(&self, choice: u32) -> usize {
        self.votes.iter().filter(|v| v.choice == Some(choice)).count()
    }

    /// Those who voted otherwise than was carried (少数意见).
    pub fn minority(&self) -> impl Iterator<Item = &Vote> {
        let carried = match self.outcome {
            Some(Outcome::Carried { choice }) => Some(choice),
            Some(Outcome::Undecided) | None => None,
        };
        self.votes.iter().filter(move |v| carried.is_some() && v.choice != carried)
    }
}

/// A meeting as it stands, within its hearing's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meeting {
    /// Which kind.
    pub kind: MeetingKind,
    /// Everybody in it.
    pub members: Vec<Member>,
    /// The order of speech.
    pub order: Vec<Turn>,
    /// Whose turn it is, counted from 1; `None` while nobody has the word.
    pub turn: Option<u32>,
    /// What was and is voted on.
    pub questions: Vec<Question>,
    /// 提交审委会 by the presiding judge, with the grounds.
    pub submitted: Option<String>,
}

impl Meeting {
    /// The member at a seat.
    #[must_use]
    pub fn member(&self, seat: &SeatId) -> Option<&Member> {
        self.members.iter().find(|m| m.seat == *seat)
    }

    /// A question.
    #[must_use]
    pub fn question(&self, id: QuestionId) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == id)
    }

    /// Who may vote on a matter.
    pub fn voters(&self, matter: Matter) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |m| may_vote(self.kind, &self.members, m, matter))
    }

    /// What the members sign besides what was said: per question `question \n id \t facts|law \t text`, per option
    /// `option \n id \t n \t text`, per vote `vote \n id \t seat \t n|- \t grounds`, then `outcome \n id \t n|-`; and
    /// `submitted \n grounds`. Options count from 0; `-` is an abstention, or no majority.
    #[must_use]
    pub fn leaves(&self) -> Vec<String> {
        let number = |n: Option<u32>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let mut leaves = Vec::new();
        for q in &self.questions {
            let id = q.id.0;
            let matter = match q.matter {
                Matter::Facts => "facts",
                Matter::Law => "law",
            };
            leaves.push(format!("question\n{id}\t{matter}\t{}", q.text));
            let options = q.options.iter().enumerate();
            leaves.extend(options.map(|(n, option)| format!("option\n{id}\t{n}\t{option}")));
            let vote = |v: &Vote| format!("vote\n{id}\t{}\t{}\t{}", v.seat, number(v.choice), v.grounds);
            leaves.extend(q.votes.iter().map(vote));
            leaves.extend(q.outcome.map(|outcome| match outcome {
                Outcome::Carried { choice } => format!("outcome\n{id}\t{choice}"),
                Outcome::Undecided => format!("outcome\n{id}\t-"),
            }));
        }
        leaves.extend(self.submitted.iter().map(|grounds| format!("submitted\n{grounds}")));
        leaves
    }

    /// How many options have votes, by option.
    #[must_use]
    pub fn tally(&self, question: &Question) -> BTreeMap<u32, usize> {
        (0u32..).zip(&question.options).map(|(n, _)| (n, question.count(n))).collect()
    }
}

impl State {
    pub(crate) fn apply_meeting(&mut self, at: HearingTime, by: Option<&SeatId>, event: &Event) {
        if let Event::MeetingConvened { meeting } = event {
            self.meeting = Some(meeting.clone());
            return;
        }
        let Some(meeting) = &mut self.meeting else { return };
        match (event, by) {
            (Event::Met { act }, Some(by)) => meeting.apply(at, by, act),
            (Event::QuestionSettled { question, outcome }, _) => {
                if let Some(q) = meeting.questions.iter_mut().find(|q| q.id == *question) {
                    q.outcome = Some(*outcome);
                }
            }
            _ => {}
        }
    }
}

impl Meeting {
    fn apply(&mut self, at: HearingTime, by: &SeatId, act: &MeetingAct) {
        match act {
            MeetingAct::GiveTurn { turn } => self.turn = Some(*turn).filter(|t| *t > 0),
            MeetingAct::Put { text, matter, options } => {
                let id = QuestionId(self.questions.last().map_or(0, |q| q.id.0) + 1);
                let (text, options) = (text.clone(), options.clone());
                let question =
                    Question { id, text, matter: *matter, options, votes: Vec::new(), outcome: None };
                self.questions.push(question);
            }
            MeetingAct::Vote { question, choice, grounds } => {
                if let Some(q) = self.questions.iter_mut().find(|q| q.id == *question) {
                    q.votes.retain(|v| v.seat != *by);
                    q.votes.push(Vote { seat: by.clone(), choice: *choice, grounds: grounds.clone(), at });
                    q.votes.sort_by(|a, b| a.seat.cmp(&b.seat));
                }
            }
            MeetingAct::Submit { grounds } => self.submitted = Some(grounds.clone()),
            // Both have events of their own.
            MeetingAct::Arrive | MeetingAct::Settle { .. } => {}
        }
    }
}
