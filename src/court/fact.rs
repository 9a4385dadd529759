//! Placeholders of an outline's texts: `{原告}` is filled from the hearing, `[…]` is left out where nothing fills it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What of a hearing may fill a placeholder. Desks fill it from case and roster; the type is the whole list of them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
pub enum Fact {
    /// The court.
    #[serde(rename = "法院")]
    Court,
    /// The courtroom.
    #[serde(rename = "法庭")]
    Room,
    /// The case number.
    #[serde(rename = "案号")]
    Number,
    /// The cause.
    #[serde(rename = "案由")]
    Cause,
    /// Which session of the case, as 第{次数}次.
    #[serde(rename = "次数")]
    Session,
    /// 公开 or 不公开.
    #[serde(rename = "公开")]
    Public,
    /// The day, in Beijing time.
    #[serde(rename = "日期")]
    Date,
    /// How the presiding judge is addressed: 审判长, or 审判员 when alone.
    #[serde(rename = "称呼")]
    Address,
    /// 由…独任审理, or 由…组成合议庭.
    #[serde(rename = "审判组织")]
    Tribunal,
    /// Name of the presiding judge.
    #[serde(rename = "审判长")]
    Presiding,
    /// Name of the clerk.
    #[serde(rename = "书记员")]
    Clerk,
    /// The plaintiffs.
    #[serde(rename = "原告")]
    Plaintiff,
    /// Their agents.
    #[serde(rename = "原告代理人")]
    PlaintiffAgent,
    /// The defendants.
    #[serde(rename = "被告")]
    Defendant,
    /// Their agents.
    #[serde(rename = "被告代理人")]
    DefendantAgent,
    /// The third parties.
    #[serde(rename = "第三人")]
    ThirdParty,
    /// Their agents.
    #[serde(rename = "第三人代理人")]
    ThirdPartyAgent,
    /// The witnesses.
    #[serde(rename = "证人")]
    Witness,
    /// The experts.
    #[serde(rename = "鉴定人")]
    Expert,
    /// Parties and agents checked as present, with their titles; nothing until the first is checked, as for those absent.
    #[serde(rename = "到庭人员")]
    Attending,
    /// Parties and agents who are not.
    #[serde(rename = "未到庭人员")]
    Missing,
    /// Plaintiffs for whom nobody is there. A standard text that names such parties is offered only while there are any.
    #[serde(rename = "缺席原告")]
    PlaintiffInDefault,
    /// The same of the defendants.
    #[serde(rename = "缺席被告")]
    DefendantInDefault,
    /// The same of the third parties.
    #[serde(rename = "缺席第三人")]
    ThirdPartyInDefault,
}

impl Fact {
    /// Every fact, in the order in which a refusal lists them.
    pub const ALL: [Self; 24] = [
        Self::Court,
        Self::Room,
        Self::Number,
        Self::Cause,
        Self::Session,
        Self::Public,
        Self::Date,
        Self::Address,
        Self::Tribunal,
        Self::Presiding,
        Self::Clerk,
        Self::Plaintiff,
        Self::PlaintiffAgent,
        Self::Defendant,
        Self::DefendantAgent,
        Self::ThirdParty,
        Self::ThirdPartyAgent,
        Self::Witness,
        Self::Expert,
        Self::Attending,
        Self::Missing,
        Self::PlaintiffInDefault,
        Self::DefendantInDefault,
        Self::ThirdPartyInDefault,
    ];

    /// The word between the braces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Court => "法院",
            Self::Room => "法庭",
            Self::Number => "案号",
            Self::Cause => "案由",
            Self::Session => "次数",
            Self::Public => "公开",
            Self::Date => "日期",
            Self::Address => "称呼",
            Self::Tribunal => "审判组织",
            Self::Presiding => "审判长",
            Self::Clerk => "书记员",
            Self::Plaintiff => "原告",
            Self::PlaintiffAgent => "原告代理人",
            Self::Defendant => "被告",
            Self::DefendantAgent => "被告代理人",
            Self::ThirdParty => "第三人",
            Self::ThirdPartyAgent => "第三人代理人",
            Self::Witness => "证人",
            Self::Expert => "鉴定人",
            Self::Attending => "到庭人员",
            Self::Missing => "未到庭人员",
            Self::PlaintiffInDefault => "缺席原告",
            Self::DefendantInDefault => "缺席被告",
            Self::ThirdPartyInDefault => "缺席第三人",
        }
    }

    /// The fact of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.word() == word)
    }
}

/// What is wrong with the placeholders of a text, with the remedy; `None` if nothing is.
pub(crate) fn fault(text: &str, terms: &BTreeMap<String, String>) -> Option<String> {
    let mut word: Option<String> = None;
    let mut optional = false;
    for c in text.chars() {
        match (c, &mut word) {
            ('{', Some(_)) => {
                return Some("a '{' stands within a placeholder: close it with '}' first".to_owned());
            }
            ('{', None) => word = Some(String::new()),
            ('}', None) => return Some("a '}' closes no placeholder: write {案号}".to_owned()),
            ('}', Some(name)) => {
                if Fact::of(name).is_none() && !terms.contains_key(name.as_str()) {
                    return Some(unknown(name));
                }
                word = None;
            }
            ('[', _) if optional => {
                return Some("a '[' stands within [ ]: optional parts do not nest".to_owned());
            }
            ('[', None) => optional = true,
            (']', None) if optional => optional = false,
            (']', None) => return Some("a ']' closes no optional part: write [，第三人{第三人}]".to_owned()),
            (c, Some(name)) => name.push(c),
            (_, None) => {}
        }
    }
    match (word, optional) {
        (Some(name), _) => Some(format!("the placeholder {{{name} is not closed: write {{{name}}}")),
        (None, true) => Some("a '[' is not closed: write [，第三人{第三人}]".to_owned()),
        (None, false) => None,
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<_> = Fact::ALL.iter().map(|f| f.word()).collect();
    format!(
        "there is no placeholder {{{name}}}: give it a value under [terms], or use one of {}",
        known.join(" ")
    )
}
