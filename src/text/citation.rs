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
    /// 民法典第五百七十七条; of 民法典第五百七十七条、第五百七十九条 each article.
    Article {
        /// The law's name as said, without 《》 and 中华人民共和国.
        law: String,
        /// Where in it.
        place: ArticlePlace,
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
    /// 我方: the side of whoever speaks.
    Speaker,
    /// 对方: another side than that.
    Opponent,
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
    // Of which the sentence speaks.
    let mut law: Option<String> = None;
    while at < chars.len() {
        let rest = &chars[at..];
        let found = take_case(rest)
            .map(|(n, len)| (Cites::Case(n), len))
            .or_else(|| take_evidence(rest, at.checked_sub(1).map(|before| chars[before])))
            .or_else(|| take_article(rest, &chars[..at]))
            .or_else(|| take_further_article(law.as_deref()?, rest, chars[at.checked_sub(1)?]));
        let Some((cites, len)) = found else {
            if matches!(chars[at], '。' | '!' | '?' | '\n') {
                law = None;
            }
            at += 1;
            continue;
        };
        if let Cites::Article { law: named, .. } = &cites {
            law = Some(named.clone());
        }
        out.push(Citation { from: at, to: at + len, cites: cites.clone() });
        at += len;
        while let Some((link, cites, len)) = take_next(&cites, &chars[at..]) {
            out.push(Citation { from: at + link, to: at + link + len, cites });
            at += link + len;
        }
    }
    out
}

/// Another of the same kind behind a citation: where it begins, what it cites, and its length.
fn take_next(cites: &Cites, chars: &[char]) -> Option<(usize, Cites, usize)> {
    match cites {
        Cites::Article { law, .. } => {
            let (link, place, len) = take_next_article(chars)?;
            Some((link, Cites::Article { law: law.clone(), place }, len))
        }
        Cites::Evidence { party, .. } => take_next_evidence(chars, *party),
        Cites::Case(_) => None,
    }
}

/// 、证据二 behind a piece of evidence, or 、二 and 至三: others of the same party.
fn take_next_evidence(chars: &[char], party: Option<Party>) -> Option<(usize, Cites, usize)> {
    let link = ["、", "和", "以及", "及", "与", "至", "到"].iter().find_map(|w| starts(chars, w))?;
    let rest = &chars[link..];
    if let Some((number, len)) = take_numbered(rest) {
        let (page, len) = take_page_behind(rest, len);
        return Some((link, Cites::Evidence { party, number, page }, len));
    }
    let (number, len) = take_small(rest)?;
    let word = NO_NUMBERS.split_whitespace().any(|word| starts(rest, word).is_some());
    // A number with nothing before it is one of evidence only where nothing behind it says of what else.
    let behind =
        chars.get(link + len).is_none_or(|c| !is_hanzi(*c) && !c.is_alphanumeric() || FOLLOWS.contains(*c));
    (!word && behind).then_some((link, Cites::Evidence { party, number, page: None }, len))
}

/// 、第五百七十九条 behind an article: another one of the same law. Gives where it begins, and its length.
fn take_next_article(chars: &[char]) -> Option<(usize, ArticlePlace, usize)> {
    let link = ["、", ",", "和", "及", "与", "以及", "或者"].iter().find_map(|w| starts(chars, w))?;
    let (place, len) = take_statute_place(&chars[link..])?;
    Some((link, place, len))
}

/// 第六百七十六条 of a law that was named before; 第三条约定 is one of a contract.
fn take_statute_place(chars: &[char]) -> Option<(ArticlePlace, usize)> {
    starts(chars, "第")?;
    let (place, len) = take_article_place(chars)?;
    starts(&chars[len..], "约定").is_none().then_some((place, len))
}

/// How many characters of `chars` a word at their front takes.
pub(crate) fn starts(chars: &[char], word: &str) -> Option<usize> {
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

/// Ways to say a piece of evidence by its number: what stands before the number and behind it.
pub const NUMBERED: [(&str, &str); 11] = [
    ("证据", ""),
    ("证据", "号"),
    ("证据第", ""),
    ("证据第", "号"),
    ("证据材料", ""),
    ("第", "份证据"),
    ("第", "号证据"),
    ("", "号证据"),
    ("第", "项证据"),
    ("第", "个证据"),
    ("第", "件证据"),
];
/// What stands between a party and its evidence.
pub const OWNED: [&str; 6] = ["", "的", "方", "方的", "提交的", "提供的"];
/// The same after who acted for the party, or when: 原告代理人当庭出示的.
const PRODUCED: [&str; 9] =
    ["提交的", "提供的", "出示的", "举示的", "举证的", "提交", "提供", "出示", "举示"];
/// Longest words between a party and 提交的.
const NAMED_MAX: usize = 10;
const PARTIES: [(&str, Party); 6] = [
    ("原告", Party::Plaintiff),
    ("被告", Party::Defendant),
    ("第三人", Party::ThirdParty),
    ("我方", Party::Speaker),
    ("本方", Party::Speaker),
    ("对方", Party::Opponent),
];
/// What is counted, and not numbered: 证据三份, 证据三性.
const COUNTED: &str = "份组件项张个套页种类批次条人年月天元点时性方审者";
/// What may stand behind a number that continues a list of evidence: 证据一、二均有原件.
const FOLLOWS: &str = "和及与至到的均都系是无有不真没经证";
/// Words that only begin like a number.
const NO_NUMBERS: &str = "一共 一致 一直 一并 一经 一旦 一样 一些 一般 一定 一切 一同 一律 一一 一起 一部 一概 一再 一向 一度 一事 一栏 \
    一节 一下 一边 一面 一来 一环 一说 一词 十分 十足 百分 千万 万一";

fn take_evidence(chars: &[char], before: Option<char>) -> Option<(Cites, usize)> {
    let (party, at) = owners(chars)
        .into_iter()
        .find_map(|(party, at)| take_numbered(&chars[at..]).map(|_| (Some(party), at)))
        .unwrap_or((None, 0));
    // 新证据一 and 补充证据一 are counted by themselves, 3月5号 is a day.
    if party.is_none() && before.is_some_and(|c| "新充驳月".contains(c)) {
        return None;
    }
    let (number, len) = take_numbered(&chars[at..])?;
    let (page, to) = take_page_behind(chars, at + len);
    Some((Cites::Evidence { party, number, page }, to))
}

/// The page that is named at `at`, behind its evidence, and where the whole ends.
fn take_page_behind(chars: &[char], at: usize) -> (Option<u32>, usize) {
    let of = ["的", ",", " ", "中", "里"].iter().find_map(|w| starts(&chars[at..], w)).unwrap_or(0);
    take_page(&chars[at + of..]).map_or((None, at), |(n, len)| (Some(n), at + of + len))
}

/// Parties whose evidence may be named at the front, with where its name begins.
fn owners(chars: &[char]) -> Vec<(Party, usize)> {
    let Some((party, at)) = PARTIES.iter().find_map(|(word, who)| Some((*who, starts(chars, word)?))) else {
        return Vec::new();
    };
    let plain = OWNED.iter().filter_map(|link| Some((party, at + starts(&chars[at..], link)?)));
    // The nearest party is the one.
    let other = |at: &usize| PARTIES.iter().any(|(word, _)| starts(&chars[*at..], word).is_some());
    let words = (at..chars.len().min(at + NAMED_MAX)).take_while(|at| is_hanzi(chars[*at]) && !other(at));
    let produced = words.flat_map(|from| {
        PRODUCED.iter().filter_map(move |word| Some((party, from + starts(&chars[from..], word)?)))
    });
    // 被告二 is one of the defendants.
    let nth = (chars.get(at).is_some_and(|c| "一二三四五六七八九".contains(*c))).then_some(at + 1);
    let nth = nth
        .into_iter()
        .flat_map(|at| OWNED.iter().filter_map(move |link| Some((party, at + starts(&chars[at..], link)?))));
    plain.chain(nth).chain(produced).collect()
}

/// A number of evidence, in the longest way of saying it that is there.
fn take_numbered(chars: &[char]) -> Option<(u32, usize)> {
    let ways = NUMBERED.iter().filter_map(|(lead, tail)| {
        let at = starts(chars, lead)?;
        let (number, len) = take_small(&chars[at..])?;
        let behind = at + len;
        if !tail.is_empty() {
            return Some((number, behind + starts(&chars[behind..], tail)?));
        }
        let word = NO_NUMBERS.split_whitespace().any(|word| starts(&chars[at..], word).is_some());
        let counted = chars.get(behind).is_some_and(|c| COUNTED.contains(*c));
        (!word && !counted).then_some((number, behind))
    });
    ways.max_by_key(|(_, len)| *len)
}

fn take_page(chars: &[char]) -> Option<(u32, usize)> {
    let at = starts(chars, "第").unwrap_or(0);
    let (number, len) = take_small(&chars[at..])?;
    Some((number, at + len + starts(&chars[at + len..], "页")?))
}

const LAW_ENDINGS: [&[char]; 5] = [&['法'], &['法', '典'], &['条', '例'], &['解', '释'], &['规', '定']];
/// Words before a law that is named without quotation marks.
const LEADS: &str =
    "依照 根据 依据 违反 适用 按照 参照 以及 符合 违背 援引 引用 认为 属于 构成 规定在 见于 和 及 与";
/// Laws that courts name without quotation marks, whatever runs on before them.
const LAWS: &str = "民法典 民法通则 民法总则 民事诉讼法 民诉法 刑事诉讼法 刑诉法 行政诉讼法 刑法 合同法 劳动合同法 劳动法 担保法 物权法 婚姻法 \
    继承法 侵权责任法 公司法 企业破产法 票据法 保险法 证券法 招标投标法 商标法 专利法 著作权法 反不正当竞争法 反垄断法 \
    消费者权益保护法 道路交通安全法 仲裁法 宪法 立法法 人民法院组织法 人民陪审员法";

/// ；第六百七十六条规定 later in a sentence that has named a law.
fn take_further_article(law: &str, chars: &[char], before: char) -> Option<(Cites, usize)> {
    let (place, len) = take_statute_place(chars).filter(|_| matches!(before, ';' | '；' | ',' | '，'))?;
    Some((Cites::Article { law: law.to_owned(), place }, len))
}

/// An article of a law whose name begins at the front.
///
/// `before`: all that stands before it.
fn take_article(chars: &[char], before: &[char]) -> Option<(Cites, usize)> {
    let start = usize::from(chars.first() == Some(&'《'));
    let hanzi = chars[start..].iter().take(40).take_while(|&&c| is_hanzi(c)).count();
    (2..=hanzi).find_map(|name_len| {
        let name = &chars[start..start + name_len];
        if !LAW_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            return None;
        }
        let mut at = start + name_len;
        if start == 1 {
            at += starts(&chars[at..], "》")?;
        }
        at += starts(&chars[at..], "的").unwrap_or(0);
        let (place, len) = take_article_place(&chars[at..])?;
        let name: String = name.iter().collect();
        let said: String = run_before(before).iter().copied().chain(name.chars()).collect();
        if start == 0 && lead(&said) != said.len() - name.len() {
            return None;
        }
        let law = name.strip_prefix("中华人民共和国").unwrap_or(&name).to_owned();
        Some((Cites::Article { law, place }, at + len))
    })
}

/// The hanzi right before, as many as a name could begin among.
fn run_before(chars: &[char]) -> &[char] {
    let run = chars.iter().rev().take(40).take_while(|c| is_hanzi(**c)).count();
    &chars[chars.len() - run..]
}

/// Bytes before a law's own name, which without quotation marks runs on from the words before it: 依照民法典 → 民法典.
fn lead(name: &str) -> usize {
    if let Some(at) = name.rfind("最高人民法院").or_else(|| name.rfind("中华人民共和国")) {
        return at;
    }
    let known = LAWS.split_whitespace().filter(|law| name.ends_with(law)).map(str::len).max();
    let words = || LEADS.split_whitespace().filter_map(|l| name.rfind(l).map(|at| at + l.len())).max();
    known.map(|len| name.len() - len).or_else(words).unwrap_or(0)
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

    /// Every piece of evidence that is cited: the words, whose, number and page.
    fn evidence(text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let shown = citations(text).into_iter().filter_map(|c| match c.cites {
            Cites::Evidence { party, number, page } => {
                let words: String = chars[c.from..c.to].iter().collect();
                let party = party.map_or_else(String::new, |p| format!("{p:?} "));
                let page = page.map_or_else(String::new, |p| format!("/{p}"));
                Some(format!("{words} = {party}{number}{page}"))
            }
            _ => None,
        });
        shown.collect()
    }

    #[test]
    fn evidence_is_found_however_it_is_said() {
        for (text, found) in [
            ("证据三第十二页", "证据三第十二页 = 3/12"),
            ("请看证据3第12页。", "证据3第12页 = 3/12"),
            ("原告证据三证明借款", "原告证据三 = Plaintiff 3"),
            ("原告提交的第三份证据第二页", "原告提交的第三份证据第二页 = Plaintiff 3/2"),
            ("原告方的证据三", "原告方的证据三 = Plaintiff 3"),
            ("被告证据一不认可", "被告证据一 = Defendant 1"),
            ("被告二的证据一", "被告二的证据一 = Defendant 1"),
            ("第三人证据二十一", "第三人证据二十一 = ThirdParty 21"),
            ("原告王建国提交的证据三", "原告王建国提交的证据三 = Plaintiff 3"),
            ("被告代理人当庭出示的证据２", "被告代理人当庭出示的证据２ = Defendant 2"),
            ("原告对被告提交的证据一无异议", "被告提交的证据一 = Defendant 1"),
            ("我方证据五的第六页", "我方证据五的第六页 = Speaker 5/6"),
            ("对方提供的证据五", "对方提供的证据五 = Opponent 5"),
            ("证据第三号，第四页", "证据第三号，第四页 = 3/4"),
            ("请看三号证据第1页", "三号证据第1页 = 3/1"),
            ("证据材料二", "证据材料二 = 2"),
            ("证据三本身没有签名", "证据三 = 3"),
            ("证据三，共两页", "证据三 = 3"),
            ("证据一、证据二和证据十", "证据一 = 1; 证据二 = 2; 证据十 = 10"),
            ("原告出示证据一、证据二原件", "原告出示证据一 = Plaintiff 1; 证据二 = Plaintiff 2"),
            ("请被告代理人向法庭提交证据三", "被告代理人向法庭提交证据三 = Defendant 3"),
            ("原告证据一、二和三均有原件", "原告证据一 = Plaintiff 1; 二 = Plaintiff 2; 三 = Plaintiff 3"),
            ("对证据一至三无异议", "证据一 = 1; 三 = 3"),
            ("对我方证据一和对方证据一", "我方证据一 = Speaker 1; 对方证据一 = Opponent 1"),
            ("证据一、二审时提交", "证据一 = 1"),
            ("证据一、三份合同", "证据一 = 1"),
            ("证据一和一些照片", "证据一 = 1"),
            ("证据一至2024年止", "证据一 = 1"),
        ] {
            assert_eq!(evidence(text).join("; "), found, "{text}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_number_of_evidence_is_none() {
        for text in [
            "提交证据三份",
            "对证据三性无异议",
            "证据一共五页",
            "证据一致",
            "证据十分充分",
            "证据三十二页",
            "证据一审已经质证",
            "双方证据两组",
            "新证据一",
            "原告补充证据一",
            "3月5号证据已经交换",
            "第三组证据",
            "第三份合同",
            "证据不足",
        ] {
            assert_eq!(evidence(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn an_article_is_cited_with_and_without_quotation_marks() {
        for (text, law) in [
            ("依照《中华人民共和国民法典》第五百七十七条", "民法典:577"),
            ("根据民法典第675条", "民法典:675"),
            ("民事诉讼法六十七条", "民事诉讼法:67"),
            ("我方认为这不合民法典第五百七十七条的规定", "民法典:577"),
            ("被告的行为构成中华人民共和国刑法第一百二十条之一第二款", "刑法:120-1"),
            (
                "应当适用民法典第五百七十七条、第五百七十九条和第五百八十四条",
                "民法典:577 民法典:579 民法典:584",
            ),
            (
                "依最高人民法院关于审理民间借贷案件适用法律若干问题的规定第二十五条",
                "最高人民法院关于审理民间借贷案件适用法律若干问题的规定:25",
            ),
            ("根据担保制度解释第十条", "担保制度解释:10"),
            ("民法典第五百七十七条第一页", "民法典:577"),
            (
                "《民法典》第六百七十五条规定，应当返还；第六百七十六条规定，应当支付；第五百七十七条规定，承担责任",
                "民法典:675 民法典:676 民法典:577",
            ),
            ("《民法典》第六百七十五条规定，应当返还。第六百七十六条规定不明", "民法典:675"),
            ("《民法典》第六百七十五条，第三条约定了利息，合同第七条", "民法典:675"),
        ] {
            let found = citations(text).into_iter().filter_map(|c| match c.cites {
                Cites::Article { law, place } => Some(format!("{law}:{}", place.number.key())),
                _ => None,
            });
            assert_eq!(found.collect::<Vec<_>>().join(" "), law, "{text}");
        }
        // Evidence before it is not swallowed.
        assert_eq!(citations("对原告证据三适用民法典第五百条有异议").len(), 2);
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

        #[test]
        fn a_page_of_evidence_is_found_in_figures_and_hanzi_and_in_every_way(
            way in 0..NUMBERED.len(), party in 0usize..4, link in 0..OWNED.len(),
            number in 1u32..300, page in prop::option::of(1u32..2000), figures in any::<(bool, bool)>(),
        ) {
            let write = |n: u32, figures| if figures { n.to_string() } else { to_chinese(u64::from(n)) };
            let party = PARTIES[..3].get(party);
            let owner = party.map_or_else(String::new, |(word, _)| format!("{word}{}", OWNED[link]));
            let (lead, tail) = NUMBERED[way];
            let paged = page.map_or_else(String::new, |n| format!("第{}页", write(n, figures.1)));
            let said = format!("{owner}{lead}{}{tail}{paged}", write(number, figures.0));
            let found = citations(&format!("请看{said}。"));
            let cites = Cites::Evidence { party: party.map(|p| p.1), number, page };
            prop_assert_eq!(found, vec![Citation { from: 2, to: 2 + said.chars().count(), cites }], "{}", said);
        }
    }
}
