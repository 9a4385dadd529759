//! The headings of the catalogue, from a file that a court can change, and where a document belongs by its title; pure.

use model::Side;
use serde::Deserialize;

/// The headings that come with the product.
const OWN: &str = include_str!("headings.toml");
/// Where what fits nowhere is filed.
const OTHER: &str = "其他材料";
/// A line of a page with more characters is no title.
const TITLE_MAX: usize = 24;
/// So many lines at the head of a page can be its title.
const HEAD_LINES: usize = 6;

/// The title itself, or its end, is a word of the heading.
const SURE_TITLE: u8 = 97;
/// A word of the heading stands in it.
const SURE_WORD: u8 = 85;
/// Two headings have as long a word in it.
const SURE_EITHER: u8 = 50;
/// Nothing fits; what a party files is its evidence.
const SURE_GUESS: u8 = 30;
/// Below this a person should look.
pub(crate) const SURE_ENOUGH: u8 = 70;

/// A file of headings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HeadingsError {
    /// It does not have the shape of one.
    #[error("{0}")]
    Shape(#[from] toml::de::Error),
    /// It has no headings, or one without a name or a word.
    #[error("{0}")]
    Empty(String),
}

/// The headings, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headings(Vec<Heading>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    name: String,
    words: Vec<String>,
    #[serde(default)]
    by_side: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadingsFile {
    heading: Vec<Heading>,
}

/// Where a document belongs, and how sure that is in percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) heading: String,
    pub(crate) sure: u8,
}

impl Default for Headings {
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    fn default() -> Self {
        Self::parse(OWN).expect("the headings that come with the product")
    }
}

impl Headings {
    /// Reads a file of headings.
    pub fn parse(text: &str) -> Result<Self, HeadingsError> {
        let HeadingsFile { heading } = toml::from_str(text)?;
        if heading.is_empty() {
            return Err(HeadingsError::Empty("no [[heading]] stands in it".to_owned()));
        }
        let lacking = |h: &&Heading| h.name.trim().is_empty() || h.words.iter().all(|w| w.trim().is_empty());
        if let Some(h) = heading.iter().find(lacking) {
            return Err(HeadingsError::Empty(format!(
                "the heading \"{}\" lacks its name or its words",
                h.name
            )));
        }
        Ok(Self(heading))
    }

    /// Whether what is filed under `heading` is evidence of a side.
    pub(crate) fn is_evidence(&self, heading: &str) -> bool {
        self.0.iter().any(|h| h.by_side && heading.ends_with(&h.name))
    }

    /// Where a document called `name` belongs. `numbered`: it states a number among the evidence.
    pub(crate) fn judge(&self, side: Side, name: &str, numbered: bool) -> Judged {
        let evidence = self.0.iter().find(|h| h.by_side);
        let judged = |h: Option<&Heading>, sure| Judged { heading: named(h, side), sure };
        if numbered && let Some(evidence) = evidence {
            return judged(Some(evidence), SURE_TITLE);
        }
        // The longest word decides: 送达回证 of an 应诉通知书 is named by both.
        let mut found: Vec<(usize, usize)> = self.fitting(name).collect();
        found.sort_by_key(|&(len, rank)| (std::cmp::Reverse(len), rank));
        match found[..] {
            [] if side.is_party() => judged(evidence, SURE_GUESS),
            [] => Judged { heading: OTHER.to_owned(), sure: SURE_GUESS },
            [(len, rank), (other, another), ..] if len == other && rank != another => {
                judged(self.0.get(rank), SURE_EITHER)
            }
            [(_, rank), ..] => {
                let heading = &self.0[rank];
                let whole = heading.words.iter().any(|w| name.trim().ends_with(w.as_str()));
                judged(Some(heading), if whole { SURE_TITLE } else { SURE_WORD })
            }
        }
    }

    /// The title that the first page of a document bears, and where it belongs by that; `None` if no line says.
    pub(crate) fn judge_page<'t>(
        &self,
        side: Side,
        lines: impl Iterator<Item = &'t str>,
    ) -> Option<(String, Judged)> {
        let titles = lines.take(HEAD_LINES).filter_map(|line| {
            let title: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            let hanzi = title.chars().filter(|c| text::is_hanzi(*c)).count();
            let sentence = title.contains(['，', '。', '；', '：', ':', ',']);
            (hanzi >= 2 && title.chars().count() <= TITLE_MAX && !sentence).then_some(title)
        });
        let judged = titles.map(|title| {
            let judged = self.judge(side, &title, false);
            (title, judged)
        });
        judged.filter(|(_, j)| j.sure >= SURE_ENOUGH).max_by_key(|(_, j)| j.sure)
    }

    /// Where a heading stands in the catalogue; what is no heading of the file comes last.
    pub(crate) fn rank(&self, heading: &str) -> usize {
        let exact = self.0.iter().position(|h| h.name == heading);
        let contained = || self.fitting(heading).max_by_key(|&(len, rank)| (len, std::cmp::Reverse(rank)));
        exact.or_else(|| contained().map(|(_, rank)| rank)).unwrap_or(self.0.len())
    }

    /// Length of the longest word of each heading that stands in `name`, with its rank.
    fn fitting<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        self.0.iter().enumerate().filter_map(move |(rank, h)| {
            let words = h.words.iter().filter(|w| !w.is_empty() && name.contains(w.as_str()));
            words.map(|w| w.chars().count()).max().map(|len| (len, rank))
        })
    }
}

fn named(heading: Option<&Heading>, side: Side) -> String {
    let Some(heading) = heading else { return OTHER.to_owned() };
    let whose = match side {
        Side::Plaintiff => "原告",
        Side::Defendant => "被告",
        Side::ThirdParty => "第三人",
        _ => "",
    };
    if heading.by_side { format!("{whose}{}", heading.name) } else { heading.name.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_come_from_titles() {
        let headings = Headings::default();
        for (side, name, is, sure) in [
            (Side::Plaintiff, "民事起诉状", "起诉状", SURE_TITLE),
            (Side::Defendant, "答辩状", "答辩状", SURE_WORD),
            (Side::Plaintiff, "原告证据目录", "原告证据", SURE_WORD),
            (Side::Plaintiff, "借款合同", "原告证据", SURE_TITLE),
            (Side::Plaintiff, "IMG_2024", "原告证据", SURE_GUESS),
            (Side::Bench, "庭前会议笔录", "庭前会议笔录", SURE_WORD),
            (Side::Bench, "送达回证", "送达回证", SURE_TITLE),
            (Side::Bench, "应诉通知书、举证通知书", "应诉/举证通知及回证", SURE_WORD),
            (Side::Defendant, "授权委托书", "身份证明/授权委托", SURE_TITLE),
            (Side::Bench, "信函", "其他材料", SURE_GUESS),
        ] {
            let judged = headings.judge(side, name, false);
            assert_eq!((judged.heading.as_str(), judged.sure), (is, sure), "{name}");
        }
        assert_eq!(headings.judge(Side::Defendant, "答辩要点的录音", true).heading, "被告证据");
    }

    #[test]
    fn a_page_says_what_it_is() {
        let headings = Headings::default();
        let page = |lines: &[&str]| headings.judge_page(Side::Bench, lines.iter().copied());
        let found = page(&["江州市临江区人民法院", "受 理 案 件 通 知 书", "（2026）江0102民初123号"]);
        let (title, judged) = found.expect("a title");
        assert_eq!((title.as_str(), judged.heading.as_str()), ("受理案件通知书", "立案通知"));
        assert_eq!(page(&["你方诉李明民间借贷纠纷一案，本院已立案受理。"]), None);
        assert_eq!(page(&["IMG", "12:30"]), None);
    }

    #[test]
    fn a_court_brings_its_own_and_a_wrong_file_is_told_of() {
        let own =
            Headings::parse("[[heading]]\nname = \"申请\"\nwords = [\"申请书\"]\n").expect("well formed");
        assert_eq!(own.judge(Side::Bench, "强制执行申请书", false).heading, "申请");
        assert_eq!((own.rank("申请"), own.rank("证据")), (0, 1));
        assert!(Headings::parse("heading = 3").is_err());
        assert!(Headings::parse("heading = []").is_err());
        assert!(Headings::parse("[[heading]]\nname = \"\"\nwords = [\"a\"]").is_err());
    }
}
