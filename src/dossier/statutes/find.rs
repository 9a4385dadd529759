//! From what is typed or said to articles: 民法典第675条, 第六百七十五条 民法典, minfadian 675, 民法典 违约金, 违约金.

use std::collections::HashMap;

use model::{Day, DocId, PageRef};
use protocol::wire::{FoundBy, StatuteHit};
use text::citation::{ArticleNumber, ArticlePlace, take_article_place};
use text::normalise;
use text::numeral::take_number;
use text::syllable::is_numeral;

use super::names::{LawAt, letters};
use super::parse::law_name;
use super::{Open, StatutesError, VersionKey, index_case, number_of, statute_article};
use crate::index::typed_syllables;

/// Articles shown where a law is named and nothing else.
const BEGINNING: usize = 3;

/// What a query asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// An article of a law.
    Article(Vec<LawAt>, ArticlePlace),
    /// A law from its beginning.
    Law(Vec<LawAt>),
    /// Words, in these laws if any are named.
    Words(String, Vec<LawAt>),
}

/// See [`super::Statutes::find`].
pub(super) fn find(
    open: &Open,
    query: &str,
    date: Day,
    limit: usize,
) -> Result<Vec<StatuteHit>, StatutesError> {
    for asked in readings(open, query) {
        let hits = match asked {
            Asked::Article(laws, place) => article(open, &laws, place, date)?,
            Asked::Law(laws) => beginning(open, &laws, date)?,
            Asked::Words(words, laws) => search(open, &words, &laws, date, limit)?,
        };
        if !hits.is_empty() {
            return Ok(hits.into_iter().take(limit).collect());
        }
    }
    Ok(Vec::new())
}

/// What a query can mean, the most exact first; the words as they are last.
fn readings(open: &Open, query: &str) -> Vec<Asked> {
    let mut out = Vec::new();
    out.extend(numbered(open, query));
    out.extend(in_pinyin(open, query));
    out.extend(of_a_law(open, query));
    out.push(Asked::Words(query.to_owned(), Vec::new()));
    out
}

/// A law with an article, in either order; 民法典577 without 条 too.
fn numbered(open: &Open, query: &str) -> Option<Asked> {
    let chars = normalise(query).chars;
    let names = &open.book.names;
    // 解释三第十条: a numeral may stand before 第, and none begins within another.
    let inside =
        |at: usize| at > 0 && chars[at] != '第' && (is_numeral(chars[at - 1]) || chars[at - 1] == '第');
    let said = (0..chars.len()).filter(|&at| !inside(at)).find_map(|at| {
        let (place, len) = take_article_place(&chars[at..])?;
        Some((at, place, len))
    });
    if let Some((at, place, len)) = said {
        let around: String = chars[..at].iter().chain(&chars[at + len..]).collect();
        let laws = names.find(around.trim_matches(|c: char| c == '的' || c.is_whitespace()));
        return (!laws.is_empty()).then_some(Asked::Article(laws, place));
    }
    let at = (1..chars.len()).find(|&at| is_numeral(chars[at]) && !is_numeral(chars[at - 1]))?;
    let (number, len) = take_number(&chars[at..])?;
    let article = u32::try_from(number).ok().filter(|n| (1..=99_999).contains(n))?;
    let name: String = chars[..at].iter().collect();
    let laws = names.exactly(name.trim_end_matches(['第', ' ']));
    (at + len == chars.len() && !laws.is_empty()).then(|| Asked::Article(laws.to_vec(), place_of(article)))
}

fn place_of(article: u32) -> ArticlePlace {
    ArticlePlace { number: ArticleNumber { article, branch: 0 }, paragraph: None }
}

/// minfadian 577, min fa dian di wu bai qi shi qi tiao, minfadian weiyuejin.
fn in_pinyin(open: &Open, query: &str) -> Option<Asked> {
    let typed = normalise(query).text();
    if !typed.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ') {
        return None;
    }
    let spelled: String = typed.chars().filter(char::is_ascii_alphabetic).collect();
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    typed_syllables(&spelled).into_iter().find_map(|way| {
        let (len, laws) = open.book.names.sounding_at_front(&way)?;
        let laws = laws.to_vec();
        let rest: Vec<&str> = way[len..].iter().copied().filter(|s| *s != "di" && *s != "de").collect();
        let count = match rest.split_last() {
            Some((&"tiao", number)) => number,
            _ => rest.as_slice(),
        };
        let number = if digits.is_empty() {
            numerals(count)
        } else {
            digits.parse().ok().filter(|_| count.is_empty())
        };
        if let Some(number) = number {
            return Some(Asked::Article(laws, place_of(number)));
        }
        if way.len() == len {
            return Some(Asked::Law(laws));
        }
        // As it is typed: the index reads v as ü.
        digits.is_empty().then(|| Asked::Words(way[len..].join(" ").replace('ü', "v"), laws))
    })
}

/// wu bai qi shi qi → 577.
fn numerals(syllables: &[&str]) -> Option<u32> {
    let numeral = |s: &&str| {
        Some(match *s {
            "ling" => '零',
            "yi" | "yao" => '一',
            "er" => '二',
            "liang" => '两',
            "san" => '三',
            "si" => '四',
            "wu" => '五',
            "liu" => '六',
            "qi" => '七',
            "ba" => '八',
            "jiu" => '九',
            "shi" => '十',
            "bai" => '百',
            "qian" => '千',
            _ => return None,
        })
    };
    let written: String = syllables.iter().map(numeral).collect::<Option<_>>()?;
    u32::try_from(text::numeral::number(&written)?).ok()
}

/// 民法典 违约金, 违约金 民法典, 民法典违约金, or a law alone.
fn of_a_law(open: &Open, query: &str) -> Option<Asked> {
    let names = &open.book.names;
    let words: Vec<&str> = query.split_whitespace().collect();
    let named = |word: &str| Some(names.exactly(word).to_vec()).filter(|laws| !laws.is_empty());
    if let Some(laws) = named(&words.concat()) {
        return Some(Asked::Law(laws));
    }
    if let [first, rest @ ..] = words.as_slice()
        && let (Some(laws), false) = (named(first), rest.is_empty())
    {
        return Some(Asked::Words(rest.join(" "), laws));
    }
    if let [rest @ .., last] = words.as_slice()
        && let (Some(laws), false) = (named(last), rest.is_empty())
    {
        return Some(Asked::Words(rest.join(" "), laws));
    }
    let said: Vec<char> = letters(&law_name(query)).chars().collect();
    let (len, laws) = names.at_front(&said)?;
    let rest: String = said[len..].iter().collect();
    let rest = rest.trim_start_matches('的');
    (rest.chars().count() >= 2).then(|| Asked::Words(rest.to_owned(), laws.to_vec()))
}

fn article(
    open: &Open,
    laws: &[LawAt],
    place: ArticlePlace,
    date: Day,
) -> Result<Vec<StatuteHit>, StatutesError> {
    let mut hits = Vec::new();
    for &law in laws {
        let Some((key, version)) = open.book.in_force(law, date) else { continue };
        let Some(article) = open.store.article(&key, place.number)? else { continue };
        let matched = place.paragraph.and_then(|n| paragraph(&article.text, n)).into_iter().collect();
        let article = statute_article(&open.book.laws[law], version, &article);
        hits.push(StatuteHit { article, matched, by: FoundBy::Letter });
    }
    Ok(hits)
}

/// Where paragraph (款) `n` stands: a paragraph is a line with the items （一） … that follow it.
fn paragraph(text: &str, n: u32) -> Option<(u32, u32)> {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        let end = at + line.chars().count() as u32;
        match spans.last_mut() {
            Some(open) if line.starts_with('（') => open.1 = end,
            _ => spans.push((at, end)),
        }
        at = end + 1;
    }
    spans.get(n.checked_sub(1)? as usize).copied()
}

fn beginning(open: &Open, laws: &[LawAt], date: Day) -> Result<Vec<StatuteHit>, StatutesError> {
    let mut hits = Vec::new();
    for &law in laws {
        let Some((key, version)) = open.book.in_force(law, date) else { continue };
        for &number in version.articles.iter().take(BEGINNING) {
            let Some(article) = open.store.article(&key, number)? else { continue };
            let article = statute_article(&open.book.laws[law], version, &article);
            hits.push(StatuteHit { article, matched: Vec::new(), by: FoundBy::Letter });
        }
    }
    Ok(hits)
}

fn search(
    open: &Open,
    words: &str,
    laws: &[LawAt],
    date: Day,
    limit: usize,
) -> Result<Vec<StatuteHit>, StatutesError> {
    let (Some(index), Some(case)) = (&open.index, index_case()) else { return Ok(Vec::new()) };
    let all: Vec<LawAt> = if laws.is_empty() { (0..open.book.laws.len()).collect() } else { laws.to_vec() };
    let in_force: HashMap<DocId, (LawAt, VersionKey)> = all
        .into_iter()
        .filter_map(|law| {
            let (key, _) = open.book.in_force(law, date)?;
            Some((key.doc()?, (law, key)))
        })
        .collect();
    let read = |page: &PageRef| {
        let (_, key) = in_force.get(&page.doc)?;
        open.store.article(key, number_of(page)).unwrap_or_else(|error| {
            tracing::error!(%error, "an article cannot be read");
            None
        })
    };
    let text = |page: &PageRef| read(page).map(|a| a.text);
    let found = index.search_texts(&case, words, limit, &|page| in_force.contains_key(&page.doc), &text)?;
    let hits = found.into_iter().filter_map(|found| {
        let (law, _) = in_force.get(&found.page.doc)?;
        let (_, version) = open.book.in_force(*law, date)?;
        let article = read(&found.page)?;
        let article = statute_article(&open.book.laws[*law], version, &article);
        Some(StatuteHit { article, matched: found.matched, by: found.by })
    });
    Ok(hits.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_a_line_with_its_items() {
        let text = "甲有下列权利：\n（一）点灯；\n（二）熄灯。\n乙没有。";
        assert_eq!(paragraph(text, 1), Some((0, 21)));
        assert_eq!(paragraph(text, 2), Some((22, 26)));
        assert_eq!(paragraph(text, 3), None);
        assert_eq!(paragraph(text, 0), None);
    }

    #[test]
    fn numbers_are_read_from_their_syllables() {
        assert_eq!(numerals(&["wu", "bai", "qi", "shi", "qi"]), Some(577));
        assert_eq!(numerals(&["yi", "qian", "ling", "si", "shi"]), Some(1040));
        assert_eq!(numerals(&["wei", "yue"]), None);
        assert_eq!(numerals(&[]), None);
    }
}
