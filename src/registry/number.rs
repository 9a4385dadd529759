//! Case numbers (案号): one spelling for comparing, an id for files and addresses, and what kind of case it is.

use model::CaseId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of case a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Branch {
    /// 民商事.
    Civil,
    /// 行政.
    Administrative,
    /// 刑事.
    Criminal,
    /// 国家赔偿.
    Compensation,
    /// 执行.
    Enforcement,
    /// Anything else.
    Other,
}

impl Branch {
    /// From the letters of a case number: （2026）清0102民初318号 is civil. The first that says something decides.
    #[must_use]
    pub fn of(number: &str) -> Self {
        let after_year = number.split_once([')', '）']).map_or(number, |(_, rest)| rest);
        let found = after_year.chars().find_map(|c| match c {
            '民' | '商' => Some(Self::Civil),
            '行' => Some(Self::Administrative),
            '刑' => Some(Self::Criminal),
            '赔' => Some(Self::Compensation),
            '执' => Some(Self::Enforcement),
            _ => None,
        });
        found.unwrap_or(Self::Other)
    }
}

/// The end of the id under which the secondary file of a case is kept; no case's own id may have it.
pub const SECONDARY_END: &str = "_fu";

/// Whether an id can be a case's own: it marks no secondary file, and leaves room for the mark.
#[must_use]
pub fn is_case_id(id: &CaseId) -> bool {
    !id.as_str().ends_with(SECONDARY_END) && id.as_str().len() <= 60
}

/// The number in one spelling, so that （２０２６） and (2026) are the same case.
#[must_use]
pub fn key(number: &str) -> String {
    let plain = |c: char| match c {
        '（' | '〔' | '[' | '【' => '(',
        '）' | '〕' | ']' | '】' => ')',
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        c => c,
    };
    number.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').map(plain).collect()
}

/// The number as courts print it.
pub(crate) fn written(number: &str) -> String {
    key(number).replace('(', "（").replace(')', "）")
}

/// The id of a case that was imported without one: the digits of its number, and a mark that tells numbers apart whose digits
/// are the same (民初 and 行初).
#[must_use]
pub fn case_id(number: &str) -> Option<CaseId> {
    let key = key(number);
    let digits: Vec<_> = key.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).collect();
    // FNV-1a, 32 bits.
    let mark = key.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    let mut id = digits.join("-");
    id.truncate(48);
    if id.is_empty() {
        id.push('c');
    }
    CaseId::new(format!("{id}-{:04x}", (mark >> 16) ^ (mark & 0xffff))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_case_is_read_from_its_number() {
        for (number, is) in [
            ("（2026）清0102民初318号", Branch::Civil),
            ("（2026）清0102行初7号", Branch::Administrative),
            ("(2026)清0102刑初7号", Branch::Criminal),
            ("（2026）清0102执恢7号", Branch::Enforcement),
            ("（2026）清01委赔7号", Branch::Compensation),
            ("（2026）清0102司惩7号", Branch::Other),
        ] {
            assert_eq!(Branch::of(number), is, "{number}");
        }
    }

    #[test]
    fn one_case_has_one_key_however_its_number_is_typed_and_two_have_two_ids() {
        assert_eq!(key("（２０２６）清0102 民初318号"), key("(2026)清0102民初318号"));
        let id = |n: &str| case_id(n).expect("an id").to_string();
        assert!(id("（2026）清0102民初318号").starts_with("2026-0102-318-"));
        assert_ne!(id("（2026）清0102民初318号"), id("（2026）清0102行初318号"));
        assert_eq!(id("（2026）清0102民初318号"), id("(2026)清0102民初318号"));
    }
}
