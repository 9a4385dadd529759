//! Citations as they are said or written: a page of a piece of evidence, an article of a law, a case number.

use crate::normal::{fold_char, is_hanzi};
use crate::numeral::{take_number, to_chinese};

/// A citation found in a text; `from` and `to` (exclusive) count characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it cites.
    pub cites: Cites,
}

/// What a citation points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cites {
    /// 原告证据三第十二页.
    Evidence {
        /// The party named before it, if any.
        party: Option<Party>,
        /// The party's own number.
        number: u32,
        /// The page, if any.
        page: Option<u32>,
    },
    /// 民法典第五百七十七条.
    Article {
        /// The law's name as said, without 《》 and 中华人民共和国.
        law: String,
        /// The article.
        article: u32,
    },
    /// （2026）清0102民初318号.
    Case(CaseNumber),
}

/// A party as a citation names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// 原告.
    Plaintiff,
    /// 被告.
    Defendant,
    /// 第三人.
    ThirdParty,
}

/// The number of an article: 第一百二十条之一 is article 120, branch 1. As a key: `120-1`, `577`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleNumber {
    /// The article.
    pub article: u32,
    /// 之一, 之二 …; 0 for the article itself.
    pub branch: u32,
}

impl ArticleNumber {
    /// Reads a key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        };
        match key.split_once('-') {
            Some((article, branch)) => Some(Self { article: number(article)?, branch: number(branch)? }),
            None => Some(Self { article: number(key)?, branch: 0 }),
        }
    }

    /// The key.
    #[must_use]
    pub fn key(self) -> String {
        if self.branch == 0 { self.article.to_string() } else { format!("{}-{}", self.article, self.branch) }
    }
}

impl std::fmt::Display for ArticleNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "第{}条", to_chinese(u64::from(self.article)))?;
        if self.branch > 0 { write!(f, "之{}", to_chinese(u64::from(self.branch))) } else { Ok(()) }
    }
}

/// An article with the paragraph (款) that was said, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArticlePlace {
    /// The article.
    pub number: ArticleNumber,
    /// Its paragraph, from 1.
    pub paragraph: Option<u32>,
}

/// Reads an article from the front of `chars`: 第五百七十七条, 675条, 第一百二十条之一第二款, 第25条第一款第（二）项. Gives it
/// and how many characters it took.
#[must_use]
pub fn take_article_place(chars: &[char]) -> Option<(ArticlePlace, usize)> {
    let mut at = starts(chars, "第").unwrap_or(0);
    let (article, len) = take_small(&chars[at..])?;
    at += len;
    at += starts(&chars[at..], "条")?;
    let mut number = ArticleNumber { article, branch: 0 };
    if let Some(of) = starts(&chars[at..], "之")
        && let Some((branch, len)) = take_small(&chars[at + of..])
    {
        number.branch = branch;
        at += of + len;
    }
    let mut paragraph = None;
    if let Some((n, len)) = take_part(&chars[at..], "款") {
        paragraph = Some(n);
        at += len;
    }
    at += take_part(&chars[at..], "项").map_or(0, |(_, len)| len);
    Some((ArticlePlace { number, paragraph }, at))
}

/// 第二款, 第（二）项.
fn take_part(chars: &[char], unit: &str) -> Option<(u32, usize)> {
    let bracket = |at: usize, which: [char; 2]| usize::from(chars.get(at).is_some_and(|c| which.contains(c)));
    let mut at = starts(chars, "第")?;
    at += bracket(at, ['(', '（']);
    let (n, len) = take_small(&chars[at..])?;
    at += len;
    at += bracket(at, [')', '）']);
    Some((n, at + starts(&chars[at..], unit)?))
}

/// The parts of a case number (案号).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNumber {
    /// Year of filing.
    pub year: u16,
    /// Code of the court, e.g. 清0102.
    pub court: String,
    /// Kind of case, e.g. 民初.
    pub kind: String,
    /// Running number.
    pub number: u32,
}

impl CaseNumber {
    /// Reads a case number that is the whole of `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let chars: Vec<char> = text.trim().chars().map(fold_char).collect();
        take_case(&chars).filter(|&(_, len)| len == chars.len()).map(|(n, _)| n)
    }
}

impl std::fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "（{}）{}{}{}号", self.year, self.court, self.kind, self.number)
    }
}

/// Every citation in the text, in order, none overlapping another.
#[must_use]
pub fn citations(text: &str) -> Vec<Citation> {
    let chars: Vec<char> = text.chars().map(fold_char).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let found = take_case(rest)
            .map(|(n, len)| (Cites::Case(n), len))
            .or_else(|| take_evidence(rest))
            .or_else(|| take_article(rest));
        match found {
            Some((cites, len)) => {
                out.push(Citation { from: at, to: at + len, cites });
                at += len;
            }
            None => at += 1,
        }
    }
    out
}

fn starts(chars: &[char], word: &str) -> Option<usize> {
    let mut len = 0;
    for c in word.chars() {
        if chars.get(len) != Some(&c) {
            return None;
        }
        len += 1;
    }
    Some(len)
}

fn take_small(chars: &[char]) -> Option<(u32, usize)> {
    let (n, len) = take_number(chars)?;
    (1..=99_999).contains(&n).then_some((n as u32, len))
}

fn take_evidence(chars: &[char]) -> Option<(Cites, usize)> {
    let mut at = 0;
    let mut party = None;
    for (word, who) in [("原告", Party::Plaintiff), ("被告", Party::Defendant), ("第三人", Party::ThirdParty)]
    {
        if let Some(len) = starts(chars, word) {
            (party, at) = (Some(who), len);
            for filler in ["提交的", "提供的", "方的", "方", "的"] {
                if let Some(len) = starts(&chars[at..], filler) {
                    at += len;
                    break;
                }
            }
        }
    }
    at += starts(&chars[at..], "证据")?;
    at += starts(&chars[at..], "第").unwrap_or(0);
    let (number, len) = take_small(&chars[at..])?;
    at += len;
    let mut page = None;
    let mut ahead = at + ["的", ",", "，", " "].iter().find_map(|w| starts(&chars[at..], w)).unwrap_or(0);
    ahead += starts(&chars[ahead..], "第").unwrap_or(0);
    if let Some((n, len)) = take_small(&chars[ahead..])
        && let Some(unit) = starts(&chars[ahead + len..], "页")
    {
        page = Some(n);
        at = ahead + len + unit;
    }
    Some((Cites::Evidence { party, number, page }, at))
}

const LAW_ENDINGS: [&str; 6] = ["法", "法典", "条例", "解释", "规定", "办法"];

fn take_article(chars: &[char]) -> Option<(Cites, usize)> {
    let start = usize::from(chars.first() == Some(&'《'));
    let hanzi = chars[start..].iter().take(40).take_while(|&&c| is_hanzi(c)).count();
    (2..=hanzi).find_map(|name_len| {
        let name: String = chars[start..start + name_len].iter().collect();
        if !LAW_ENDINGS.iter().any(|e| name.ends_with(e)) {
            return None;
        }
        let mut at = start + name_len;
        if start == 1 {
            at += starts(&chars[at..], "》")?;
        }
        at += starts(&chars[at..], "的").unwrap_or(0);
        at += starts(&chars[at..], "第").unwrap_or(0);
        let (article, len) = take_small(&chars[at..])?;
        at += len;
        at += starts(&chars[at..], "条")?;
        let law = if start == 1 { name } else { cut_lead(&name) };
        let law = law.strip_prefix("中华人民共和国").map_or_else(|| law.clone(), str::to_owned);
        Some((Cites::Article { law, article }, at))
    })
}

/// Unquoted, a law's name runs on from the words before it: 依照民法典 → 民法典.
fn cut_lead(name: &str) -> String {
    let leads = ["依照", "根据", "依据", "违反", "适用", "按照", "参照", "以及", "和", "及", "与"];
    let cut = leads.iter().filter_map(|l| name.rfind(l).map(|at| at + l.len())).max().unwrap_or(0);
    name[cut..].to_owned()
}

fn take_case(chars: &[char]) -> Option<(CaseNumber, usize)> {
    if !matches!(chars.first(), Some('(' | '[' | '〔')) {
        return None;
    }
    let digits: String = chars[1..].iter().take(4).filter(|c| c.is_ascii_digit()).collect();
    let year: u16 = digits.parse().ok().filter(|y| (1949..=2200).contains(y))?;
    if !matches!(chars.get(5), Some(')' | ']' | '〕')) {
        return None;
    }
    let mut at = 6;
    let take_while = |from: usize, keep: fn(char) -> bool| -> String {
        chars[from..].iter().take(12).copied().take_while(|&c| keep(c)).collect()
    };
    let province = take_while(at, is_hanzi);
    at += province.chars().count();
    let code = take_while(at, |c| c.is_ascii_digit());
    at += code.len();
    let kind = take_while(at, |c| is_hanzi(c) && c != '号');
    at += kind.chars().count();
    let number = take_while(at, |c| c.is_ascii_digit());
    at += number.len();
    if chars.get(at) != Some(&'号') || province.is_empty() || kind.is_empty() {
        return None;
    }
    Some((CaseNumber { year, court: province + &code, kind, number: number.parse().ok()? }, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_of_a_piece_of_evidence_is_cited() {
        let found = citations("请看原告证据三第十二页，以及证据5。");
        assert_eq!(
            found.iter().map(|c| &c.cites).collect::<Vec<_>>(),
            [
                &Cites::Evidence { party: Some(Party::Plaintiff), number: 3, page: Some(12) },
                &Cites::Evidence { party: None, number: 5, page: None },
            ]
        );
        assert_eq!((found[0].from, found[0].to), (2, 11));
    }

    #[test]
    fn an_article_is_cited_with_and_without_quotation_marks() {
        for (text, law, article) in [
            ("依照《中华人民共和国民法典》第五百七十七条", "民法典", 577),
            ("根据民法典第675条", "民法典", 675),
            ("民事诉讼法六十七条", "民事诉讼法", 67),
        ] {
            assert_eq!(
                citations(text).into_iter().map(|c| c.cites).collect::<Vec<_>>(),
                [Cites::Article { law: law.to_owned(), article }],
                "{text}"
            );
        }
        assert!(citations("方法第三条路").iter().all(|c| !matches!(&c.cites, Cites::Case(_))));
    }

    #[test]
    fn an_article_is_read_with_its_branch_and_paragraph() {
        for (said, key, paragraph, len) in [
            ("第五百七十七条", "577", None, 7),
            ("675条的规定", "675", None, 4),
            ("第一百二十条之一第二款", "120-1", Some(2), 11),
            ("第25条第一款第（二）项", "25", Some(1), 12),
            ("第十条之规定", "10", None, 3),
        ] {
            let chars: Vec<char> = said.chars().collect();
            let (place, taken) = take_article_place(&chars).expect("an article");
            assert_eq!(
                (place.number.key().as_str(), place.paragraph, taken),
                (key, paragraph, len),
                "{said}"
            );
            assert_eq!(ArticleNumber::parse(key), Some(place.number));
        }
        assert_eq!(ArticleNumber { article: 120, branch: 1 }.to_string(), "第一百二十条之一");
        for not in ["", "-", "1-", "x", "123456", "+1"] {
            assert_eq!(ArticleNumber::parse(not), None, "{not}");
        }
    }

    #[test]
    fn a_case_number_falls_into_its_parts_and_back() {
        let text = "（2026）清0102民初318号";
        let number = CaseNumber::parse(text).expect("well formed");
        assert_eq!(
            number,
            CaseNumber { year: 2026, court: "清0102".into(), kind: "民初".into(), number: 318 }
        );
        assert_eq!(number.to_string(), text);
        assert_eq!(citations(&format!("本院受理{text}一案")).len(), 1);
        for not in ["2026清0102民初318号", "（2026）清0102民初号", "（26）清民初1号"] {
            assert_eq!(CaseNumber::parse(not), None, "{not}");
        }
    }

    proptest! {
        #[test]
        fn citations_stay_in_order_and_in_bounds(s in "[原被告证据第三十页民法典条（）0-9清初号《》，]{0,40}") {
            let len = s.chars().count();
            let found = citations(&s);
            prop_assert!(found.iter().all(|c| c.from < c.to && c.to <= len));
            prop_assert!(found.windows(2).all(|w| w[0].to <= w[1].from));
        }
    }
}
