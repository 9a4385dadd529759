//! Words of a case for the recogniser: names, titles, defined terms; pure.

use std::collections::{BTreeSet, HashMap};

use text::is_hanzi;

/// More words would crowd out what was said before in the recogniser's prompt.
const WORDS_MAX: usize = 60;
/// What stands before a person's or company's name.
const BEFORE_NAMES: &[&str] = &[
    "原告：",
    "被告：",
    "第三人：",
    "委托诉讼代理人：",
    "法定代表人：",
    "审判长：",
    "审判员：",
    "书记员：",
    "证人：",
    "甲方（出借人）：",
    "乙方（借款人）：",
    "出借人：",
    "借款人：",
    "收款人：",
    "付款人：",
    "户名：",
];

/// What stands where a name should on a form that nobody filled in.
const NO_NAMES: &str = "原告 被告 第三人 日期 书记员 审判长 审判员 签名 签字 盖章 年月日 代表人 法定代表人 代理人 电话 住址 地址 职务 以下";
/// Words that make a sentence of what stands in quotation marks.
const SPEAKING: &str = "你我他她它们的了吗呢吧这那";
const ACTING: [&str; 4] = ["提交", "提供", "出示", "陈述"];

/// What stands before an address.
const BEFORE_PLACES: [&str; 6] = ["住所地：", "住址：", "住所：", "地址：", "经常居住地：", "户籍地："];
/// With what a part of an address ends.
const PLACE_ENDS: &str = "省市区县镇乡路街村";
/// Amounts that stand on so many pages are what the case is about.
const AMOUNT_PAGES_MIN: usize = 2;
const AMOUNTS_MAX: usize = 8;
/// Smaller ones are fees and copies.
const YUAN_MIN: u64 = 1000;

/// Best first: names by how often they are named, titles, what stands in 《》 and “”, places, amounts as they are spoken.
#[must_use]
pub fn words<'a>(titles: &[String], pages: impl Iterator<Item = &'a str>) -> Vec<String> {
    let (mut names, mut terms) = (HashMap::<String, usize>::new(), HashMap::<String, usize>::new());
    let (mut places, mut amounts) = (HashMap::<String, usize>::new(), HashMap::<String, usize>::new());
    let mut texts = Vec::new();
    for page in pages {
        for name in BEFORE_NAMES.iter().flat_map(|label| page.split(label).skip(1)).filter_map(name_at) {
            *names.entry(name).or_default() += 1;
        }
        for (open, close) in [('《', '》'), ('“', '”')] {
            for term in
                page.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(term, _)| term)
            {
                let term: String = term.chars().filter(|c| !c.is_whitespace()).collect();
                if (2..=8).contains(&term.chars().count()) && term.chars().all(is_hanzi) && is_term(&term) {
                    *terms.entry(term).or_default() += 1;
                }
            }
        }
        for place in BEFORE_PLACES.iter().flat_map(|label| page.split(label).skip(1)).flat_map(places_at) {
            *places.entry(place).or_default() += 1;
        }
        for amount in amounts_of(page) {
            *amounts.entry(amount).or_default() += 1;
        }
        texts.push(page);
    }
    for (name, count) in &mut names {
        *count = texts.iter().map(|t| t.matches(name.as_str()).count()).sum();
    }
    let titles = titles.iter().flat_map(|t| t.split(|c: char| !is_hanzi(c))).map(str::to_owned);
    let titles = titles.filter(|t| (3..=8).contains(&t.chars().count()) && is_term(t));
    amounts.retain(|_, pages| *pages >= AMOUNT_PAGES_MIN);
    let amounts = by_count(amounts).into_iter().take(AMOUNTS_MAX);
    let mut out: Vec<String> = Vec::new();
    for word in by_count(names)
        .into_iter()
        .chain(titles)
        .chain(by_count(terms))
        .chain(by_count(places))
        .chain(amounts)
    {
        if out.len() < WORDS_MAX && !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

/// What somebody said is quoted too, and is no term.
fn is_term(quoted: &str) -> bool {
    !quoted.contains(|c| SPEAKING.contains(c)) && !ACTING.iter().any(|verb| quoted.ends_with(verb))
}

/// The parts of an address: 松江市, 清源区, 建设路.
fn places_at(rest: &str) -> Vec<String> {
    let address: String = rest.trim_start().chars().take_while(|c| is_hanzi(*c)).take(40).collect();
    let parts = address.split_inclusive(|c| PLACE_ENDS.contains(c));
    let named =
        |part: &&str| part.ends_with(|c| PLACE_ENDS.contains(c)) && (3..=6).contains(&part.chars().count());
    parts.filter(named).map(str::to_owned).collect()
}

/// The whole amounts of a page, each once, as they are spoken: 五十万元.
fn amounts_of(page: &str) -> BTreeSet<String> {
    let chars: Vec<char> = page.chars().collect();
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < chars.len() {
        match text::numeral::take_amount(&chars[at..]) {
            Some((text::numeral::Amount(fen), len)) => {
                if fen % 100 == 0 && fen / 100 >= YUAN_MIN {
                    found.insert(format!("{}元", text::numeral::to_chinese(fen / 100)));
                }
                at += len.max(1);
            }
            None => at += 1,
        }
    }
    found
}

/// A name of two to four hanzi, or a longer one of a company or office, up to the next mark.
fn name_at(rest: &str) -> Option<String> {
    let name: String = rest.trim_start().chars().take_while(|c| is_hanzi(*c)).take(20).collect();
    let n = name.chars().count();
    let company = ["公司", "银行", "支行", "事务所", "合作社"].iter().any(|end| name.ends_with(end));
    let blank = NO_NAMES.split_whitespace().any(|word| name == word);
    (!blank && ((2..=4).contains(&n) || (n > 4 && company))).then_some(name)
}

fn by_count(counts: HashMap<String, usize>) -> Vec<String> {
    let mut counted: Vec<_> = counts.into_iter().collect();
    counted.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    counted.into_iter().map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_first_the_most_named_before_the_others() {
        let page = "原告：王建国，男。被告：李志强，男。李志强依《借款合同》收款。委托诉讼代理人：陈晓明，松江明正律师事务所律师。";
        let titles = ["借款合同".to_owned(), "授权委托书、律师事务所函（原告）".to_owned()];
        let words = words(&titles, [page].into_iter());
        assert_eq!(words, ["李志强", "王建国", "陈晓明", "借款合同", "授权委托书", "律师事务所函"]);
    }

    #[test]
    fn places_and_amounts_of_the_case_are_words_too() {
        let page =
            "原告：王建国，住址：松江市清源区建设路五号。借款人民币500,000元（伍拾万元整），诉讼费50元。";
        let again = "还款50万元，另付3,000元";
        let words = words(&["微信聊天记录（被告提交）".to_owned()], [page, again].into_iter());
        assert_eq!(words, ["王建国", "微信聊天记录", "建设路", "松江市", "清源区", "五十万元"]);
    }

    #[test]
    fn an_empty_form_and_what_somebody_said_give_no_terms() {
        let page = "被告：日期 审判长：书记员：李志强称“还差你四十五万”“你说的是”，并签《还款协议》，见“被告提交”“逾期利息”。";
        assert_eq!(words(&[], [page].into_iter()), ["李志强称", "还款协议", "逾期利息"]);
    }
}
