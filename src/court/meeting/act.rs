//! What is done in a meeting besides what is done in any hearing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Matter, QuestionId};

/// An act of a meeting; as it is asked for and as it is journalled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "act", deny_unknown_fields)]
pub enum MeetingAct {
    /// 到会: a member is there.
    Arrive,
    /// Gives the word to a turn of the order, counted from 1; 0 takes it back.
    GiveTurn { turn: u32 },
    /// Puts a question to the vote.
    Put { text: String, matter: Matter, options: Vec<String> },
    /// Votes, or votes anew while the question is open. No choice: 弃权.
    Vote { question: QuestionId, choice: Option<u32>, grounds: String },
    /// Declares what the votes say.
    Settle { question: QuestionId },
    /// 提交审委会, where no majority was found.
    Submit { grounds: String },
}
