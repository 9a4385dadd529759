//! The names of laws: in full, in short by rule, as it is the custom, and as they sound. Pure.

use std::collections::{BTreeMap, BTreeSet};

use text::normalise;
use text::syllable::is_numeral;

use super::parse::law_name;
use crate::index::{Ear, heard};

/// Short names in use, each with the name it stands for; also at the front of longer names: 民诉法解释.
const ABBREVIATIONS: &str = include_str!("abbreviations.txt");
const ISSUERS: [&str; 3] = ["最高人民法院", "最高人民检察院", "、"];
/// What a judicial interpretation is called.
const KINDS: [&str; 7] = ["解释", "规定", "批复", "意见", "解答", "安排", "规则"];
/// Laws offered where a name fits several.
const SEVERAL_MAX: usize = 3;

/// A law among those that are named, by its place.
pub(super) type LawAt = usize;

/// Every name of every law.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Letters of a name, and whose it is.
    exact: BTreeMap<String, Vec<LawAt>>,
    /// The letters of each law's own name.
    own: Vec<String>,
}

/// Letters and hanzi of a name: brackets and quotation marks are not said.
pub(super) fn letters(name: &str) -> String {
    normalise(name).letters().text()
}

impl Names {
    /// Of laws with these names.
    pub(super) fn new<'a>(laws: impl Iterator<Item = &'a str>) -> Self {
        let mut names = Self::default();
        for (at, law) in laws.enumerate() {
            for name in all_names(law) {
                let of = names.exact.entry(name).or_default();
                if !of.contains(&at) {
                    of.push(at);
                }
            }
            names.own.push(letters(law));
        }
        names
    }

    /// Laws that `said` names, best first: by one of their names, else by characters of their own name in order
    /// (买卖合同解释 of …审理买卖合同纠纷案件…的解释), the shortest first.
    pub(super) fn find(&self, said: &str) -> Vec<LawAt> {
        let said = letters(&law_name(said));
        if let Some(laws) = self.exact.get(&said) {
            return laws.clone();
        }
        if said.chars().count() < 3 {
            return Vec::new();
        }
        let mut near: Vec<LawAt> =
            (0..self.own.len()).filter(|&at| holds_in_order(&self.own[at], &said)).collect();
        near.sort_by_key(|&at| self.own[at].chars().count());
        near.truncate(SEVERAL_MAX);
        near
    }

    /// Laws of just this name.
    pub(super) fn exactly(&self, said: &str) -> &[LawAt] {
        self.exact.get(&letters(&law_name(said))).map_or(&[], Vec::as_slice)
    }

    /// The longest name, of three characters at least, at the front of these letters: its length and whose it is.
    pub(super) fn at_front(&self, said: &[char]) -> Option<(usize, &[LawAt])> {
        (3..=said.len()).rev().find_map(|len| {
            let name: String = said[..len].iter().collect();
            self.exact.get(&name).map(|laws| (len, laws.as_slice()))
        })
    }

    /// The longest name that these syllables begin with: its length and whose it is.
    pub(super) fn sounding_at_front(&self, syllables: &[&str]) -> Option<(usize, &[LawAt])> {
        let sounds = |name: &str| {
            let len = name.chars().count();
            let same = |(c, s): (char, &&str)| heard(c, Ear::Syllable).contains(s);
            (3..=syllables.len()).contains(&len) && name.chars().zip(syllables).all(same)
        };
        let fit = self.exact.iter().filter(|(name, _)| sounds(name));
        fit.map(|(name, laws)| (name.chars().count(), laws.as_slice())).max_by_key(|(len, _)| *len)
    }

    /// Every name with its laws.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &[LawAt])> {
        self.exact.iter().map(|(name, laws)| (name.as_str(), laws.as_slice()))
    }
}

/// Whether the characters of `said` stand in `name` in order, and both end alike: in 法, 规定, 解释 or 解释一.
fn holds_in_order(name: &str, said: &str) -> bool {
    let mut rest = name.chars();
    let kind = name.trim_end_matches(is_numeral);
    let ends = |with: &str| said.chars().next_back() == with.chars().next_back();
    (ends(name) || ends(kind)) && said.chars().all(|c| rest.any(|n| n == c))
}

/// Every name of a law, as letters.
fn all_names(law: &str) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        short_names(law).into_iter().chain([law.to_owned()]).map(|n| letters(&n)).collect();
    for (short, long) in ABBREVIATIONS.lines().filter_map(|l| l.split_once(' ')) {
        let shortened: Vec<String> =
            names.iter().filter_map(|n| n.strip_prefix(long).map(|rest| format!("{short}{rest}"))).collect();
        names.extend(shortened);
    }
    names.retain(|n| n.chars().count() >= 2);
    names
}

/// 最高人民法院关于审理民间借贷案件适用法律若干问题的规定 → 民间借贷规定, 民间借贷案件规定, 民间借贷司法解释.
fn short_names(law: &str) -> Vec<String> {
    let issued = ISSUERS.iter().any(|i| law.starts_with(i));
    let mut rest = law;
    while let Some(cut) = ISSUERS.iter().find_map(|i| rest.strip_prefix(i)) {
        rest = cut;
    }
    let Some(rest) = rest.strip_prefix("关于") else {
        return if issued { vec![rest.to_owned()] } else { Vec::new() };
    };
    let Some((at, kind)) = KINDS.iter().filter_map(|k| Some((rest.rfind(k)?, *k))).max() else {
        return vec![rest.to_owned()];
    };
    let number = rest[at + kind.len()..].replace("（试行）", "");
    let mut out = vec![rest.to_owned()];
    for subject in subjects(&rest[..at]) {
        out.push(format!("{subject}{kind}{number}"));
        out.push(format!("{subject}司法解释{number}"));
    }
    out
}

/// What an interpretation is about, shorter and shorter.
fn subjects(said: &str) -> Vec<String> {
    let tails = ["的", "若干", "有关", "几个", "问题", "具体", "应用法律", "适用法律", "法律适用", "应用"];
    let mut subject = cut_ends(said, &tails);
    for lead in ["人民法院", "在", "适用", "审理", "办理", "处理", "执行", "审查"] {
        subject = subject.strip_prefix(lead).unwrap_or(subject);
    }
    let mut out = vec![subject.to_owned()];
    for tail in ["案件", "刑事", "民事", "行政", "纠纷"] {
        if let Some(shorter) =
            out.last().and_then(|s| s.strip_suffix(tail)).filter(|s| s.chars().count() >= 2)
        {
            out.push(shorter.to_owned());
        }
    }
    // 《民法典》合同编通则 is also said 合同编通则.
    if let Some((_, within)) = subject.strip_prefix('《').and_then(|s| s.split_once('》'))
        && within.chars().count() >= 2
    {
        out.push(within.to_owned());
        out.extend(within.strip_suffix('编').map(str::to_owned));
    }
    out
}

fn cut_ends<'a>(mut text: &'a str, tails: &[&str]) -> &'a str {
    while let Some(cut) = tails.iter().find_map(|t| text.strip_suffix(t)) {
        text = cut;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [&str; 6] = [
        "民法典",
        "民事诉讼法",
        "最高人民法院关于审理民间借贷案件适用法律若干问题的规定",
        "最高人民法院关于适用《民事诉讼法》的解释",
        "最高人民法院关于适用《民法典》婚姻家庭编的解释（一）",
        "最高人民法院关于审理买卖合同纠纷案件适用法律问题的解释",
    ];

    #[test]
    fn a_law_is_found_by_the_names_people_use() {
        let names = Names::new(LAWS.into_iter());
        for (said, law) in [
            ("民法典", 0),
            ("《中华人民共和国民法典》", 0),
            ("民诉法", 1),
            ("民间借贷规定", 2),
            ("民间借贷司法解释", 2),
            ("关于审理民间借贷案件适用法律若干问题的规定", 2),
            ("民诉法解释", 3),
            ("民事诉讼法司法解释", 3),
            ("婚姻家庭编解释一", 4),
            ("民法典婚姻家庭编解释（一）", 4),
            ("买卖合同解释", 5),
            ("买卖合同案件解释", 5),
        ] {
            assert_eq!(names.find(said).first(), Some(&law), "{said}");
        }
        for not in ["刑法", "民", "合同法", ""] {
            assert_eq!(names.find(not), Vec::<LawAt>::new(), "{not}");
        }
    }

    #[test]
    fn a_name_is_found_at_the_front_of_words_and_of_syllables() {
        let names = Names::new(LAWS.into_iter());
        let said: Vec<char> = "民法典违约责任".chars().collect();
        assert_eq!(names.at_front(&said).map(|(len, laws)| (len, laws.to_vec())), Some((3, vec![0])));
        let syllables = ["min", "fa", "dian", "wei", "yue"];
        assert_eq!(
            names.sounding_at_front(&syllables).map(|(len, laws)| (len, laws.to_vec())),
            Some((3, vec![0]))
        );
        assert!(names.sounding_at_front(&["wei", "yue", "jin"]).is_none());
    }
}
