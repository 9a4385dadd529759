//! An article of a law as it is said: 民法典第六百七十五条, 民诉法六十七条. Laws are named by ear, numbers never.

use std::collections::BTreeSet;

use model::Day;
use protocol::wire::CommandOutcome;
use text::citation::ArticleNumber;

use super::hearing::{Heard, Tok, distance, numbers, phrase};
use super::places::Places;

/// A name with a whole syllable wrong is not that name: 劳动合同 is a document, not 劳动合同法.
const WRONG_SYLLABLE: f32 = 1.0;
/// Laws this near to the best are as good.
const AS_GOOD: f32 = 0.1;
/// Syllables of the longest number of an article.
const NUMBER_MAX: usize = 7;

/// A law in force, as a command can name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Law {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version in force.
    pub version: Day,
    /// The articles of that version.
    pub articles: BTreeSet<ArticleNumber>,
    /// The ways to name it.
    pub names: Vec<String>,
}

/// The laws that can be named, with how their names sound.
#[derive(Debug, Default)]
pub struct Laws {
    laws: Vec<Law>,
    forms: Vec<(Vec<Tok>, usize)>,
}

impl Laws {
    /// These laws.
    #[must_use]
    pub fn new(laws: Vec<Law>) -> Self {
        let named =
            laws.iter().enumerate().flat_map(|(at, law)| law.names.iter().map(move |n| (phrase(n), at)));
        let forms = named.filter(|(toks, _)| toks.len() >= 2).collect();
        Self { laws, forms }
    }

    /// Laws that `heard` names, nearest first, with their costs; only those as good as the best.
    fn named(&self, heard: &[Tok]) -> Vec<(&Law, f32)> {
        let near = self.forms.iter().filter_map(|(toks, at)| Some((*at, distance(heard, toks)?)));
        let mut near: Vec<(usize, f32)> = near.filter(|(_, cost)| *cost < WRONG_SYLLABLE).collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1));
        let best = near.first().map_or(0.0, |n| n.1);
        near.retain(|(_, cost)| *cost <= best + AS_GOOD);
        near.into_iter().map(|(at, cost)| (&self.laws[at], cost)).collect()
    }
}

impl PartialEq for Laws {
    fn eq(&self, other: &Self) -> bool {
        self.laws == other.laws
    }
}

impl Eq for Laws {}

/// The article that the words between `from` and `to` name, if there is such a law with such an article.
pub(super) fn article(
    heard: &Heard,
    from: usize,
    to: usize,
    places: &Places<'_>,
    laws: &Laws,
) -> Option<CommandOutcome> {
    let toks = &heard.toks[from..to];
    ends(toks).into_iter().find_map(|(head, articles)| {
        let name = &toks[..head];
        let document = places.documents(name).first().map_or(f32::INFINITY, |d| d.1);
        laws.named(name).into_iter().filter(|(_, cost)| *cost < document).find_map(|(law, _)| {
            let mut there = articles.iter().filter(|a| law.articles.contains(a));
            let (number, None) = (there.next()?, there.next()) else { return None };
            Some(CommandOutcome::Statute {
                law: law.id.clone(),
                version: law.version,
                number: number.key(),
                title: format!("{} {number}", law.name),
            })
        })
    })
}

/// Ways in which the end of `toks` says an article: the length of what stands before it, and the articles it may be.
fn ends(toks: &[Tok]) -> Vec<(usize, Vec<ArticleNumber>)> {
    let (ordinal, unit, of) = (phrase("第"), phrase("条"), phrase("之"));
    let is = |at: usize, what: &[Tok]| toks.get(at).is_some_and(|t| t.differs(&what[0]) < 0.5);
    let mut out = Vec::new();
    // 条 last, or with 之一, 第二款 after it.
    for unit_at in (1..toks.len()).rev().filter(|&at| is(at, &unit)).take(2) {
        let after = &toks[unit_at + 1..];
        let branches = match after {
            [] => vec![0],
            [first, number @ ..] if first.differs(&of[0]) < 0.5 && !number.is_empty() => numbers(number),
            [first, number @ .., last] if first.differs(&ordinal[0]) < 0.5 && is_paragraph(last) => {
                if numbers(number).is_empty() {
                    Vec::new()
                } else {
                    vec![0]
                }
            }
            _ => Vec::new(),
        };
        for begin in unit_at.saturating_sub(NUMBER_MAX)..unit_at {
            let number = &toks[begin..unit_at];
            let has_ordinal = begin > 0 && is(begin - 1, &ordinal);
            let inside = begin > 0 && toks[begin - 1].numeral;
            if inside || !(has_ordinal || number.iter().all(|t| t.numeral)) {
                continue;
            }
            let head = if has_ordinal { begin - 1 } else { begin };
            let head = if head > 0 && toks[head - 1].possessive() { head - 1 } else { head };
            let said = numbers(number);
            let pairs = said
                .iter()
                .flat_map(|&article| branches.iter().map(move |&branch| ArticleNumber { article, branch }));
            let articles: Vec<ArticleNumber> = pairs.collect();
            if head >= 2 && !articles.is_empty() {
                out.push((head, articles));
            }
        }
    }
    out
}

fn is_paragraph(tok: &Tok) -> bool {
    tok.differs(&phrase("款")[0]) < 0.5
}
