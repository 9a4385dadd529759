//! Roles (诉讼地位), sides, seats and view classes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::SeatId;

/// Who somebody is in the hearing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// 审判长 (or the sole 审判员): drives every screen.
    PresidingJudge,
    /// 审判员.
    Judge,
    /// 人民陪审员.
    Assessor,
    /// 法官助理.
    JudgeAssistant,
    /// 书记员.
    Clerk,
    /// 原告.
    Plaintiff,
    /// 原告代理人.
    PlaintiffAgent,
    /// 被告.
    Defendant,
    /// 被告代理人.
    DefendantAgent,
    /// 第三人.
    ThirdParty,
    /// 第三人代理人.
    ThirdPartyAgent,
    /// 证人.
    Witness,
    /// 鉴定人.
    Expert,
    /// 有专门知识的人 (专家辅助人).
    ExpertAssistant,
    /// 翻译.
    Interpreter,
    /// 旁听: the public screen.
    Public,
}

impl Role {
    /// Every role, in the order of a list of people.
    pub const ALL: &[Self] = &[
        Self::PresidingJudge,
        Self::Judge,
        Self::Assessor,
        Self::JudgeAssistant,
        Self::Clerk,
        Self::Plaintiff,
        Self::PlaintiffAgent,
        Self::Defendant,
        Self::DefendantAgent,
        Self::ThirdParty,
        Self::ThirdPartyAgent,
        Self::Witness,
        Self::Expert,
        Self::ExpertAssistant,
        Self::Interpreter,
        Self::Public,
    ];

    /// Whether one acts for others in this role.
    #[must_use]
    pub fn is_agent(self) -> bool {
        matches!(self, Self::PlaintiffAgent | Self::DefendantAgent | Self::ThirdPartyAgent)
    }

    /// The side this role stands on.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Self::PresidingJudge | Self::Judge | Self::Assessor | Self::JudgeAssistant => Side::Bench,
            Self::Clerk => Side::Clerk,
            Self::Plaintiff | Self::PlaintiffAgent => Side::Plaintiff,
            Self::Defendant | Self::DefendantAgent => Side::Defendant,
            Self::ThirdParty | Self::ThirdPartyAgent => Side::ThirdParty,
            Self::Witness | Self::Expert | Self::ExpertAssistant | Self::Interpreter => Side::Witness,
            Self::Public => Side::Public,
        }
    }

    /// The label before a line of the 笔录, without its colon.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::PresidingJudge | Self::Judge | Self::Assessor | Self::JudgeAssistant => "审",
            Self::Clerk => "书",
            Self::Plaintiff => "原",
            Self::PlaintiffAgent => "原代",
            Self::Defendant => "被",
            Self::DefendantAgent => "被代",
            Self::ThirdParty => "三",
            Self::ThirdPartyAgent => "三代",
            Self::Witness => "证",
            Self::Expert => "鉴",
            Self::ExpertAssistant => "专",
            Self::Interpreter => "译",
            Self::Public => "旁",
        }
    }

    /// The role's name in Chinese, as it stands in the head of the 笔录.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::PresidingJudge => "审判长",
            Self::Judge => "审判员",
            Self::Assessor => "人民陪审员",
            Self::JudgeAssistant => "法官助理",
            Self::Clerk => "书记员",
            Self::Plaintiff => "原告",
            Self::PlaintiffAgent => "原告委托诉讼代理人",
            Self::Defendant => "被告",
            Self::DefendantAgent => "被告委托诉讼代理人",
            Self::ThirdParty => "第三人",
            Self::ThirdPartyAgent => "第三人委托诉讼代理人",
            Self::Witness => "证人",
            Self::Expert => "鉴定人",
            Self::ExpertAssistant => "有专门知识的人",
            Self::Interpreter => "翻译人员",
            Self::Public => "旁听席",
        }
    }
}

/// A side of the room.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// 审判席.
    Bench,
    /// 书记员席.
    Clerk,
    /// 原告席.
    Plaintiff,
    /// 被告席.
    Defendant,
    /// 第三人席.
    ThirdParty,
    /// 证人席.
    Witness,
    /// 旁听席.
    Public,
}

impl Side {
    /// Whether this side is a party to the case (原告、被告、第三人).
    #[must_use]
    pub fn is_party(self) -> bool {
        matches!(self, Self::Plaintiff | Self::Defendant | Self::ThirdParty)
    }

    /// What screens on this side may see.
    #[must_use]
    pub fn view_class(self) -> ViewClass {
        match self {
            Self::Bench => ViewClass::Bench,
            Self::Clerk => ViewClass::Clerk,
            Self::Plaintiff => ViewClass::Plaintiff,
            Self::Defendant => ViewClass::Defendant,
            Self::ThirdParty => ViewClass::ThirdParty,
            Self::Witness => ViewClass::Witness,
            Self::Public => ViewClass::Public,
        }
    }
}

/// The set of screens that see the same; events are filtered and encoded once per class.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum ViewClass {
    /// Judges and assistants.
    Bench,
    /// The clerk.
    Clerk,
    /// The plaintiff's side.
    Plaintiff,
    /// The defendant's side.
    Defendant,
    /// Third parties.
    ThirdParty,
    /// Witnesses while they testify, experts, interpreters.
    Witness,
    /// The gallery.
    Public,
    /// Witnesses who have not been called yet or have left the stand (候证): nothing of the hearing but its course.
    Waiting,
}

impl ViewClass {
    /// Every class, principals first.
    pub const ALL: [Self; 8] = [
        Self::Bench,
        Self::Clerk,
        Self::Plaintiff,
        Self::Defendant,
        Self::ThirdParty,
        Self::Witness,
        Self::Public,
        Self::Waiting,
    ];
}

/// A seat of the hearing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    /// Its id within the room.
    pub id: SeatId,
    /// Who sits there in this hearing.
    pub role: Role,
    /// The person's name; empty where nobody in particular sits (the public screen).
    pub name: String,
    /// For an agent: 代理权限, e.g. 特别授权; otherwise empty.
    pub authority: String,
    /// Whether a microphone of its own belongs to the seat.
    pub microphone: bool,
    /// Others speak into it too (共用话筒): who spoke is said line by line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub shared: bool,
    /// Whether the clerk has checked that the person is present (到庭).
    pub present: bool,
    /// The judge in charge of the case (承办法官): one of the judges of the panel.
    #[serde(default)]
    pub in_charge: bool,
    /// For an agent: whom of their side they act for; empty where that is everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<SeatId>>", optional)]
    pub acts_for: Vec<SeatId>,
}

impl Seat {
    /// Where the seat stands in a list of people: by role, an agent behind the first of those they act for.
    #[must_use]
    pub fn rank<'a>(
        &'a self,
        seats: impl IntoIterator<Item = &'a Self>,
    ) -> (Role, &'a SeatId, bool, &'a SeatId) {
        let first =
            seats.into_iter().filter(|s| self.acts_for.contains(&s.id)).min_by_key(|s| (s.role, &s.id));
        match first {
            Some(principal) => (principal.role, &principal.id, true, &self.id),
            None => (self.role, &self.id, false, &self.id),
        }
    }

    /// Whether this is the judge in charge; journals of older versions say so in words.
    #[must_use]
    pub fn is_in_charge(&self) -> bool {
        let judge = matches!(self.role, Role::PresidingJudge | Role::Judge);
        judge && (self.in_charge || self.authority.trim() == IN_CHARGE)
    }

    /// The same seat, no longer in charge.
    #[must_use]
    pub fn relieved(&self) -> Self {
        let mut seat = Self { in_charge: false, ..self.clone() };
        if seat.authority.trim() == IN_CHARGE {
            seat.authority.clear();
        }
        seat
    }
}

/// 承办法官, as clerks wrote it beside a name.
const IN_CHARGE: &str = "承办法官";
