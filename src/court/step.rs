//! Steps of the procedure that a hearing takes and the record must show: identities, authority, recusal, witnesses.
//!
//! ```text
//!   a witness:  waiting ──WitnessCalled──► on the stand ──WitnessExcused──► waiting
//! ```
//!
//! A step is a fact of the state and a standard line of the record. It guides and never gates: any may be taken at any time,
//! and again.

use model::{HearingTime, LineId, Role, Seat, SeatId, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::State;

/// Who decides on a recusal (回避).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Decider {
    /// 审判委员会: on the president of the court as presiding judge.
    Committee,
    /// 院长: on judges and assessors.
    President,
    /// 审判长 or the sole judge: on everybody else.
    PresidingJudge,
}

impl Decider {
    /// The Chinese term.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Committee => "本院审判委员会",
            Self::President => "本院院长",
            Self::PresidingJudge => "审判长",
        }
    }
}

/// A step.
///
/// `parties` are those of the side whom it concerns, where they litigate apart (plaintiffs with agents of their own); empty
/// for the side as a whole. What a party answers, its agents have answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "step", deny_unknown_fields)]
pub enum Step {
    /// 核对身份 of everybody present on a side.
    Identity {
        side: Side,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<SeatId>>", optional)]
        parties: Vec<SeatId>,
    },
    /// 代理权限 of an agent, with the objection to it; empty for none.
    Authority { agent: SeatId, objection: String },
    /// A side was asked whether it applies for a recusal, and does not.
    NoRecusal {
        side: Side,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<SeatId>>", optional)]
        parties: Vec<SeatId>,
    },
    /// 申请回避 of the person at a seat.
    RecusalSought {
        side: Side,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<SeatId>>", optional)]
        parties: Vec<SeatId>,
        whom: SeatId,
        reason: String,
    },
    /// It was decided.
    RecusalDecided { whom: SeatId, by: Decider, granted: bool, reason: String },
    /// A side was asked whether the recording may replace the record (录音录像替代笔录).
    RecordingConsent {
        side: Side,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<SeatId>>", optional)]
        parties: Vec<SeatId>,
        agreed: bool,
    },
    /// 证人保证书 was signed.
    Undertaking { witness: SeatId },
    /// 传证人到庭.
    WitnessCalled { witness: SeatId },
    /// 证人退庭.
    WitnessExcused { witness: SeatId },
}

impl Step {
    /// Whether `other` says about the same matter, so that the later one stands.
    #[must_use]
    pub fn replaces(&self, other: &Self) -> bool {
        use Step as S;
        match (self, other) {
            (S::Authority { agent: a, .. }, S::Authority { agent: b, .. })
            | (S::RecusalDecided { whom: a, .. }, S::RecusalDecided { whom: b, .. })
            | (S::Undertaking { witness: a }, S::Undertaking { witness: b })
            | (
                S::WitnessCalled { witness: a } | S::WitnessExcused { witness: a },
                S::WitnessCalled { witness: b } | S::WitnessExcused { witness: b },
            ) => a == b,
            (S::Identity { .. }, S::Identity { .. })
            | (S::RecordingConsent { .. }, S::RecordingConsent { .. })
            | (
                S::NoRecusal { .. } | S::RecusalSought { .. },
                S::NoRecusal { .. } | S::RecusalSought { .. },
            ) => self.concerned().zip(other.concerned()).is_some_and(|((a, of_a), (b, of_b))| {
                a == b && (of_a.is_empty() || of_b.is_empty() || of_a.iter().any(|p| of_b.contains(p)))
            }),
            _ => false,
        }
    }

    /// The side a step is about, and which parties of it; none for all of them.
    pub(crate) fn concerned(&self) -> Option<(Side, &[SeatId])> {
        match self {
            Self::Identity { side, parties }
            | Self::NoRecusal { side, parties }
            | Self::RecusalSought { side, parties, .. }
            | Self::RecordingConsent { side, parties, .. } => Some((*side, parties)),
            _ => None,
        }
    }
}

/// Whether what `parties` of a side did is done for a person of that side.
pub(crate) fn includes(parties: &[SeatId], person: &Seat) -> bool {
    let all_of = |whom: &[SeatId]| !whom.is_empty() && whom.iter().all(|p| parties.contains(p));
    parties.is_empty() || parties.contains(&person.id) || all_of(&person.acts_for)
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepDone {
    /// Which.
    pub step: Step,
    /// The line of the record that says so.
    pub line: LineId,
    /// Who took it; `None` for our own processes.
    pub by: Option<SeatId>,
    /// When.
    pub at: HearingTime,
}

impl State {
    pub(crate) fn take_step(&mut self, step: &Step, line: LineId, at: HearingTime, by: Option<&SeatId>) {
        self.steps.retain(|done| !step.replaces(&done.step));
        self.steps.push(StepDone { step: step.clone(), line, by: by.cloned(), at });
    }

    /// How a person is called (称谓): by their role; who judges alone is no 审判长.
    #[must_use]
    pub fn title_of(&self, seat: &Seat) -> &'static str {
        let others = |s: &Seat| matches!(s.role, Role::Judge | Role::Assessor);
        match seat.role {
            Role::PresidingJudge if !self.seats.values().any(others) => Role::Judge.title(),
            role => role.title(),
        }
    }

    /// `原告委托诉讼代理人李四（特别授权）`.
    pub(crate) fn called(&self, seat: &Seat) -> String {
        let authority = match seat.authority.as_str() {
            "" => String::new(),
            words => format!("（{words}）"),
        };
        format!("{}{}{authority}", self.title_of(seat), seat.name)
    }

    /// Whether a witness sits there who has not been called or has left the stand: somebody who must see and hear nothing.
    #[must_use]
    pub fn waits_to_testify(&self, seat: &SeatId) -> bool {
        let called = Step::WitnessCalled { witness: seat.clone() };
        self.role(seat) == Some(Role::Witness) && !self.steps.iter().any(|done| done.step == called)
    }
}
