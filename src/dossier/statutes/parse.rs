//! A statute in Markdown: its name and dates, and its articles with the headings they stand under. Pure.
//!
//! ```text
//!   # name            the law; a further `#` is a part of it (the Civil Code comes in seven files)
//!   … 通过 / 施行      dates, up to the line INFO END
//!   text              before the first article: article 0
//!   ## 第一章 …        headings, one level a `#`
//!   第一条 …           an article, up to the next article or heading
//! ```
//!
//! Statutes without 第N条 count their points 一、二、三、 or 1. 2. 3.; what counts nothing is one article, number 0.

use model::Day;
use text::citation::{ArticleNumber, take_article_place};
use text::numeral::{take_date, take_number};
use text::{Date, is_hanzi};

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statute {
    /// The law's name without 中华人民共和国.
    pub(super) name: String,
    /// The last day on which it was passed, amended or published, as its head says.
    pub(super) passed: Option<Day>,
    /// The last day from which it applies, as its head says.
    pub(super) effective: Option<Day>,
    /// In order; each number once.
    pub(super) articles: Vec<Article>,
}

/// An article as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Article {
    pub(super) number: ArticleNumber,
    /// The headings over it, outermost first.
    pub(super) path: Vec<String>,
    /// One paragraph a line; without 第N条 at its front.
    pub(super) text: String,
}

/// Why a file is no statute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoStatute {
    /// No name.
    #[error("it does not begin with a line \"# name of the law\"")]
    NoName,
    /// No text.
    #[error("it holds no text below its head")]
    NoText,
}

const HEAD_ENDS: &str = "INFO END";
const STATE: &str = "中华人民共和国";

/// Reads a file.
pub(super) fn parse(markdown: &str) -> Result<Statute, NoStatute> {
    let mut lines = markdown.trim_start_matches('\u{FEFF}').lines().map(visible);
    let title = lines.by_ref().find(|l| !l.is_empty()).unwrap_or_default();
    let name = title.strip_prefix("# ").map(law_name).filter(|n| !n.is_empty()).ok_or(NoStatute::NoName)?;
    let lines: Vec<String> = lines.filter(|l| !l.is_empty()).collect();
    let body = lines.iter().position(|l| l.contains(HEAD_ENDS)).map_or(0, |at| at + 1);
    let (head, body) = lines.split_at(body);
    let parts = head.iter().filter_map(|l| l.strip_prefix("# ")).map(heading).collect();
    let dated = |line: &String| Some((day_at_front(line)?, line.contains("施行")));
    let dates: Vec<(Day, bool)> = head.iter().filter_map(dated).collect();
    let articles = articles(parts, body);
    if articles.is_empty() {
        return Err(NoStatute::NoText);
    }
    Ok(Statute {
        name,
        passed: dates.iter().filter(|d| !d.1).map(|d| d.0).max().or(dates.iter().map(|d| d.0).max()),
        effective: dates.iter().filter(|d| d.1).map(|d| d.0).max(),
        articles,
    })
}

/// Without marks that nobody sees and spaces at its ends.
fn visible(line: &str) -> String {
    let seen: String = line.chars().filter(|c| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}')).collect();
    seen.trim().to_owned()
}

/// The name under which a law is known: no spaces, one kind of brackets, no 中华人民共和国.
pub(super) fn law_name(title: &str) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    let mut name = String::new();
    for word in words {
        if name.ends_with("最高人民法院") && word.starts_with("最高人民检察院") {
            name.push('、');
        }
        name.push_str(word);
    }
    let name = name.replace('(', "（").replace(')', "）").replace('〈', "《").replace('〉', "》");
    match name.replace(STATE, "") {
        short if short.is_empty() => name,
        short => short,
    }
}

/// 第一编　总 则 → 第一编 总则.
fn heading(line: &str) -> String {
    let mut words = line.trim_start_matches('#').split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    let rest: String = words.collect();
    let counts = first.starts_with('第') && first.ends_with(['编', '章', '节', '款']);
    if rest.is_empty() || !counts { first + &rest } else { format!("{first} {rest}") }
}

fn day_at_front(line: &str) -> Option<Day> {
    let chars: Vec<char> = line.chars().take(20).collect();
    match take_date(&chars)?.0 {
        Date { year: Some(year), month, day } => Day::new(year, month, day),
        Date { year: None, .. } => None,
    }
}

/// How a statute counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// 第一条.
    Articles,
    /// 一、
    Points,
    /// 1.
    Digits,
}

impl Count {
    /// The number at the front of a line, and where its text begins.
    fn number(self, line: &str) -> Option<(ArticleNumber, usize)> {
        let chars: Vec<char> = line.chars().take(24).collect();
        if self == Self::Articles {
            if chars.first() != Some(&'第') {
                return None;
            }
            let (place, len) = take_article_place(&chars)?;
            let alone = place.paragraph.is_none() && chars.get(len).is_none_or(|c| c.is_whitespace());
            return alone.then_some((place.number, len + 1));
        }
        let (n, len) = take_number(&chars)?;
        let (digits, mark) = (chars[0].is_ascii_digit(), chars.get(len)?);
        let counts = match self {
            Self::Points => !digits && *mark == '、',
            // 1.5 is no point of a list.
            _ => {
                digits
                    && matches!(mark, '.' | '．' | '、')
                    && chars.get(len + 1).is_some_and(|c| is_hanzi(*c))
            }
        };
        let article = u32::try_from(n).ok().filter(|n| (1..=9999).contains(n))?;
        // A point keeps its own number in its text: it is cited by it in more than one way.
        counts.then_some((ArticleNumber { article, branch: 0 }, 0))
    }

    /// Whether the body counts so, from the beginning and without beginning anew.
    fn of(self, body: &[String]) -> bool {
        let mut numbers = body.iter().filter_map(|l| self.number(l)).map(|(n, _)| n.article);
        match self {
            Self::Articles => numbers.next().is_some(),
            _ => numbers.next() == Some(1) && numbers.all(|n| n > 1),
        }
    }
}

fn articles(parts: Vec<String>, body: &[String]) -> Vec<Article> {
    let count = [Count::Articles, Count::Points, Count::Digits].into_iter().find(|c| c.of(body));
    let mut out: Vec<Article> = Vec::new();
    // The headings over the current line, each with its level.
    let mut over: Vec<(usize, String)> = parts.into_iter().map(|part| (1, part)).collect();
    let path = |over: &[(usize, String)]| over.iter().map(|(_, h)| h.clone()).collect::<Vec<_>>();
    let mut current = Article { path: path(&over), ..Article::default() };
    for line in body {
        let level = line.chars().take_while(|&c| c == '#').count();
        if level > 0 {
            over.retain(|(l, _)| *l < level);
            over.push((level, heading(line)));
            // What follows a heading and is no article yet belongs to what stands before: 序言, an appendix.
            continue;
        }
        let begins = count.and_then(|c| c.number(line)).filter(|(n, _)| *n > current.number);
        let Some((number, text_at)) = begins else {
            if current.text.is_empty() && current.number == ArticleNumber::default() {
                current.path = path(&over);
            }
            push_line(&mut current.text, line);
            continue;
        };
        let text: String = line.chars().skip(text_at).collect();
        let next = Article { number, path: path(&over), text: text.trim().to_owned() };
        out.push(std::mem::replace(&mut current, next));
    }
    out.push(current);
    out.retain(|a| !a.text.is_empty());
    out
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(statute: &Statute) -> Vec<String> {
        statute.articles.iter().map(|a| a.number.key()).collect()
    }

    const LAW: &str = "# 中华人民共和国 灯塔法\n\n2001年3月1日 第一次会议通过\n\n2019年5月2日 修正\n\n2019年7月1日 施行\n\n\
        <!-- INFO END -->\n\n灯塔照亮航路。\n\n## 第一编　总 则\n\n\u{200b}\n\n### 第一章  一般规定\n\n第一条 灯塔归海。\n\n\
        守灯人不得熄灯。\n\n第二条\u{3000}灯塔高于浪。\n\n第二条之一 浪高于灯塔的，加高灯塔。\n\n## 第二编 附则\n\n\
        第三条 下列船只应当看灯：\n\n（一）帆船；\n\n（二）依照第一条的规定点灯的船。\n";

    #[test]
    fn a_law_falls_into_articles_under_their_headings() {
        let law = parse(LAW).expect("a law");
        assert_eq!(law.name, "灯塔法");
        assert_eq!(law.passed, Day::new(2019, 5, 2));
        assert_eq!(law.effective, Day::new(2019, 7, 1));
        assert_eq!(numbers(&law), ["0", "1", "2", "2-1", "3"]);
        assert_eq!(law.articles[0].text, "灯塔照亮航路。");
        assert_eq!(law.articles[1].text, "灯塔归海。\n守灯人不得熄灯。");
        assert_eq!(law.articles[1].path, ["第一编 总则", "第一章 一般规定"]);
        assert_eq!(law.articles[4].path, ["第二编 附则"]);
        assert_eq!(law.articles[4].text.lines().count(), 3);
    }

    #[test]
    fn a_part_of_a_law_keeps_its_name_as_the_first_heading() {
        let part = parse(
            "# 中华人民共和国灯塔法\n# 守灯编\n2020年1月1日 通过\n<!-- INFO END -->\n## 第一章 灯\n第四十条 点灯。",
        );
        assert_eq!(part.expect("a part").articles[0].path, ["守灯编", "第一章 灯"]);
    }

    #[test]
    fn statutes_that_count_otherwise_are_split_by_what_they_count() {
        let head = "# 最高人民法院 最高人民检察院关于灯塔的解释\n<!-- INFO END -->\n";
        let points =
            parse(&format!("{head}现答复如下：\n一、灯塔亮。\n二、灯塔不亮的，补灯。\n“第一条 引文。"))
                .expect("points");
        assert_eq!(points.name, "最高人民法院、最高人民检察院关于灯塔的解释");
        assert_eq!(numbers(&points), ["0", "1", "2"]);
        assert_eq!(points.articles[2].text, "二、灯塔不亮的，补灯。\n“第一条 引文。");
        let digits = parse(&format!("{head}## 一、灯\n1.点灯。\n（1）早点；\n2.熄灯。")).expect("digits");
        assert_eq!(numbers(&digits), ["1", "2"]);
        let anew =
            parse(&format!("{head}## 一、灯\n1.点灯。\n2.熄灯。\n## 二、塔\n1.建塔。")).expect("whole");
        assert_eq!(numbers(&anew), ["0"]);
        assert_eq!(anew.articles[0].path, ["一、灯"]);
    }

    #[test]
    fn an_article_named_again_or_out_of_order_is_text_of_the_one_it_stands_in() {
        let law = parse(
            "# 灯塔法\n<!-- INFO END -->\n第一条 亮。\n第三条 将第二条改为：\n第二条 引文。\n第四条 施行。",
        )
        .expect("a law");
        assert_eq!(numbers(&law), ["1", "3", "4"]);
        assert_eq!(law.articles[1].text, "将第二条改为：\n第二条 引文。");
    }

    #[test]
    fn what_is_no_statute_is_refused() {
        assert_eq!(parse("---\nbook: true\n---\n"), Err(NoStatute::NoName));
        assert_eq!(parse(""), Err(NoStatute::NoName));
        assert_eq!(
            parse("# 灯塔法\n2020年1月1日 通过\n<!-- INFO END -->\n## 第一章 空\n"),
            Err(NoStatute::NoText)
        );
    }

    #[test]
    fn a_file_without_the_end_of_its_head_is_all_text() {
        let law = parse("# 灯塔法\n第一条 亮。").expect("a law");
        assert_eq!(numbers(&law), ["1"]);
    }

    #[test]
    fn hostile_bytes_in_a_statute_are_articles_in_order_or_no_statute() {
        hostile::attack_text(
            "statute",
            &[LAW, "# 关于灯塔的解释\n<!-- INFO END -->\n一、亮。\n二、灭。", "# 甲法\n1.点灯。\n2.熄灯。"],
            3_000,
            |text| match parse(text) {
                Ok(statute) => {
                    assert!(!statute.name.is_empty() && !statute.articles.is_empty());
                    let numbers: Vec<_> = statute.articles.iter().map(|a| a.number).collect();
                    assert!(
                        numbers.windows(2).all(|n| n[0] < n[1]),
                        "each number once, in order: {numbers:?}"
                    );
                    let chars: usize = statute.articles.iter().map(|a| a.text.chars().count()).sum();
                    assert!(chars <= text.chars().count());
                }
                Err(refusal) => hostile::sentence(&refusal),
            },
        );
    }
}
