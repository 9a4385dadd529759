//! The rules of the three kinds.
//!
//! 合议: 人民法院组织法, 合议庭工作规定 and 人民陪审员法; 审委会: 审判委员会工作机制. The chair always speaks last.

use std::collections::BTreeSet;

use model::SeatId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Matter, MeetingKind, Member, Outcome, Part, Question};

/// What somebody's turn is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum TurnOf {
    /// 汇报案情.
    Report,
    /// 介绍相关法律和证据规则, where lay assessors sit.
    Law,
    /// 发表意见.
    Opinion,
    /// 最后发表意见并总结.
    Conclusion,
}

/// A turn in the order of speech.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Turn {
    /// Who speaks.
    pub seat: SeatId,
    /// What for.
    pub of: TurnOf,
}

/// Too few are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// So many are.
    pub present: usize,
    /// So many must be.
    pub needed: usize,
}

/// Why a question cannot be settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsettled {
    /// These have not voted.
    VotesMissing(Vec<SeatId>),
    /// These are in the minority and have given no grounds: the minutes must hold them.
    GroundsMissing(Vec<SeatId>),
    /// This meeting advises.
    NoVotes,
}

/// Lay assessors of a panel of so many vote on facts alone.
const LARGE_PANEL: usize = 7;

fn sits(member: &Member) -> bool {
    matches!(member.part, Part::Presiding | Part::Judge | Part::Assessor)
}

/// The order of speech; `members` in the order in which they were named, juniors first in a committee.
///
/// 承办法官 first and the chair last. Where lay assessors sit, 承办法官 first introduces the law, and gives their opinion after the
/// assessors among the judges. A presiding judge in charge of the case speaks last.
#[must_use]
pub fn order(members: &[Member]) -> Vec<Turn> {
    let assessors = members.iter().any(|m| m.part == Part::Assessor);
    let turn = |m: &Member, of| Turn { seat: m.seat.clone(), of };
    let each = |part, but_in_charge: bool| {
        let of_part = members.iter().filter(move |m| m.part == part && !(but_in_charge && m.in_charge));
        of_part.map(move |m| turn(m, TurnOf::Opinion))
    };
    let mut turns = Vec::new();
    for m in members {
        match m.part {
            Part::Reporter => turns.push(turn(m, TurnOf::Report)),
            Part::Presiding | Part::Judge if m.in_charge && assessors => turns.push(turn(m, TurnOf::Law)),
            Part::Judge if m.in_charge => turns.push(turn(m, TurnOf::Opinion)),
            Part::Presiding | Part::Judge | Part::Assessor | Part::Recorder => {}
        }
    }
    turns.extend(each(Part::Assessor, false));
    turns.extend(each(Part::Judge, !assessors));
    turns.extend(members.iter().filter(|m| m.part == Part::Presiding).map(|m| turn(m, TurnOf::Conclusion)));
    turns
}

/// Whether a member may vote on a matter.
#[must_use]
pub fn may_vote(kind: MeetingKind, members: &[Member], member: &Member, matter: Matter) -> bool {
    let large = members.iter().filter(|m| sits(m)).count() >= LARGE_PANEL;
    match (kind, member.part) {
        (MeetingKind::Judges, _) | (_, Part::Reporter | Part::Recorder) => false,
        (MeetingKind::Panel, Part::Assessor) if large => matter == Matter::Facts,
        (MeetingKind::Panel | MeetingKind::Committee, Part::Presiding | Part::Judge | Part::Assessor) => true,
    }
}

/// Whether enough are there: the whole panel; more than half of the committee; anybody in a judges' meeting.
pub fn quorum(kind: MeetingKind, members: &[Member], present: &BTreeSet<SeatId>) -> Result<(), Short> {
    let all = members.iter().filter(|m| sits(m)).count();
    let there = members.iter().filter(|m| sits(m) && present.contains(&m.seat)).count();
    let needed = match kind {
        MeetingKind::Panel => all,
        MeetingKind::Committee => all / 2 + 1,
        MeetingKind::Judges => 1,
    };
    if there >= needed { Ok(()) } else { Err(Short { present: there, needed }) }
}

/// What the votes say, once everybody who is there and may vote has voted.
///
/// A majority is more than half: of those who may vote in a panel, of all members in a committee, whether they are there or not.
pub fn outcome(
    kind: MeetingKind,
    members: &[Member],
    present: &BTreeSet<SeatId>,
    question: &Question,
) -> Result<Outcome, Unsettled> {
    let voters: Vec<_> = members.iter().filter(|m| may_vote(kind, members, m, question.matter)).collect();
    if voters.is_empty() {
        return Err(Unsettled::NoVotes);
    }
    let awaited = voters.iter().filter(|m| kind == MeetingKind::Panel || present.contains(&m.seat));
    let missing: Vec<_> = awaited.map(|m| &m.seat).filter(|s| question.vote(s).is_none()).cloned().collect();
    if !missing.is_empty() {
        return Err(Unsettled::VotesMissing(missing));
    }
    let counted = |v: &&super::Vote| voters.iter().any(|m| m.seat == v.seat);
    let count = |n: u32| question.votes.iter().filter(counted).filter(|v| v.choice == Some(n)).count();
    let carried = (0u32..).zip(&question.options).map(|(n, _)| n).find(|n| count(*n) * 2 > voters.len());
    // Without a majority nobody is the majority: all grounds go to whoever decides next.
    let silent =
        question.votes.iter().filter(|v| (carried.is_none() || v.choice != carried) && v.grounds.is_empty());
    let silent: Vec<_> = silent.map(|v| v.seat.clone()).collect();
    if !silent.is_empty() {
        return Err(Unsettled::GroundsMissing(silent));
    }
    Ok(carried.map_or(Outcome::Undecided, |choice| Outcome::Carried { choice }))
}
