//! The sample case as the bench has it before it, with a real index, and whether a spoken command came to what it meant.
#![allow(dead_code, reason = "each bench uses its part")]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use dossier::PageText;
use dossier::command::{Bearings, Law, Laws, understand};
use dossier::index::Index;
use model::{CaseId, Day, DocId, PageRef, Rect, Side};
use protocol::link::pages::PageChar;
use protocol::wire::{Catalogue, CatalogueDoc, CommandOutcome, Filing, Hit};
use serde::Deserialize;
use text::citation::ArticleNumber;

use crate::spoken::Meant;

const CASE: &str = "target/fixtures/case";

#[derive(Deserialize)]
struct Manifest {
    document: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    file: String,
    party: String,
    heading: String,
    title: String,
    evidence: Option<u32>,
    pages: usize,
}

#[derive(Deserialize)]
struct Truth {
    files: Vec<TruthFile>,
}

#[derive(Deserialize)]
struct TruthFile {
    file: String,
    pages: Vec<TruthPage>,
}

#[derive(Deserialize)]
struct TruthPage {
    page: u32,
    text: String,
}

/// The sample case as the bench has it before it.
pub(crate) struct Sample {
    catalogue: Catalogue,
    bearings: Bearings,
    case: CaseId,
    index: Index,
    texts: HashMap<PageRef, Arc<PageText>>,
}

impl Sample {
    pub(crate) fn load(dir: &Path) -> Option<Self> {
        let manifest: Manifest =
            toml::from_str(&std::fs::read_to_string(format!("{CASE}/case.toml")).ok()?).ok()?;
        let truth: Truth = serde_json::from_slice(&std::fs::read(format!("{CASE}/truth.json")).ok()?).ok()?;
        let case = CaseId::new("sample").ok()?;
        let index = Index::open(&dir.join("commands")).expect("a new index");
        let (mut docs, mut texts) = (Vec::new(), HashMap::new());
        for (n, document) in manifest.document.into_iter().enumerate() {
            let doc = DocId::new(format!("d{:03}", n + 1)).ok()?;
            let file = truth.files.iter().find(|f| f.file == document.file)?;
            for page in &file.pages {
                let at = PageRef { doc: doc.clone(), page: page.page };
                index.put(&case, &at, &page.text).expect("put");
                let chars = page.text.chars().map(|c| PageChar { c, b: Rect { x: 0, y: 0, w: 10, h: 10 } });
                let text = PageText { chars: chars.collect(), confidence: 1.0, ocr: false };
                texts.insert(at, Arc::new(text));
            }
            let filing = Filing {
                side: side(&document.party),
                heading: document.heading,
                title: document.title,
                evidence_number: document.evidence,
            };
            docs.push(CatalogueDoc::new(doc, filing, vec![(59_500, 84_200); document.pages]));
        }
        index.commit().expect("committed");
        let catalogue = Catalogue { revision: 1, docs, ..Catalogue::default() };
        let mut sample = Self { catalogue, bearings: Bearings::default(), case, index, texts };
        let page = PageRef { doc: sample.named("原告证据三"), page: 2 };
        let laws = Arc::new(laws());
        sample.bearings =
            Bearings { page: Some(page), presenting: Some(Side::Plaintiff), laws, ..Bearings::default() };
        Some(sample)
    }

    /// The words of the case, as the recogniser is told them.
    pub(crate) fn vocabulary(&self) -> Vec<String> {
        let titles: Vec<String> = self.catalogue.docs.iter().map(|d| d.title.clone()).collect();
        let pages: Vec<PageRef> = self
            .catalogue
            .docs
            .iter()
            .flat_map(|d| (1..=d.pages.len() as u32).map(|page| PageRef { doc: d.doc.clone(), page }))
            .collect();
        let texts: Vec<String> = pages.iter().filter_map(|p| Some(self.texts.get(p)?.plain())).collect();
        dossier::vocabulary::words(&titles, texts.iter().map(String::as_str))
    }

    /// A document by 原告证据三 or by its title.
    fn named(&self, name: &str) -> DocId {
        let called = |d: &&CatalogueDoc| {
            let party = if d.side == Side::Plaintiff { "原告" } else { "被告" };
            let number =
                d.evidence_number.map(|n| format!("{party}证据{}", text::numeral::to_chinese(n.into())));
            number.as_deref() == Some(name) || d.title == name
        };
        self.catalogue
            .docs
            .iter()
            .find(called)
            .unwrap_or_else(|| panic!("the sample case has no {name}"))
            .doc
            .clone()
    }

    fn find(&self, phrase: &str) -> Vec<Hit> {
        let found = self.index.search(&self.case, phrase, 20, &|page| self.texts.get(page).cloned());
        let hit = |f: dossier::index::Found| Hit {
            title: String::new(),
            place: String::new(),
            page: f.page,
            snippet: f.snippet,
            matched: f.matched,
            rects: f.rects,
            by: f.by,
        };
        found.expect("the index answers").found.into_iter().map(hit).collect()
    }

    pub(crate) fn said(&self, words: &str) -> CommandOutcome {
        understand(words, &self.catalogue, &self.bearings, &|phrase| self.find(phrase))
    }

    /// Whether a phrase, perhaps misheard, led where the meant one leads: to the same words, or first to a page that
    /// holds what was meant.
    fn finds_the_same(&self, meant: &str, phrase: &str, hits: &[Hit]) -> bool {
        let sounds = |words: &str| words.chars().map(text::syllable::reading).collect::<Vec<_>>();
        let wanted = self.find(meant);
        match hits.first() {
            Some(first) => wanted.iter().any(|w| w.page == first.page),
            None => wanted.is_empty() && sounds(meant) == sounds(phrase),
        }
    }

    pub(crate) fn judge(&self, meant: Meant, outcome: &CommandOutcome) -> Verdict {
        let right = match (meant, outcome) {
            (Meant::Page(pages), CommandOutcome::Page { page, .. }) => {
                pages.iter().any(|(doc, n)| self.named(doc) == page.doc && *n == page.page)
            }
            (Meant::Desk(act, amount), CommandOutcome::Desk { act: came, amount: by }) => {
                act == came && (amount == *by || amount == 0)
            }
            (Meant::Key(act), CommandOutcome::Prefilled { act: came }) => act == came,
            (Meant::Find(phrases), CommandOutcome::Found { phrase, hits }) => {
                phrases.iter().any(|meant| self.finds_the_same(meant, phrase, hits))
            }
            (Meant::Nothing, outcome) => {
                matches!(outcome, CommandOutcome::NotUnderstood | CommandOutcome::Found { .. })
            }
            (Meant::Beside(pages), CommandOutcome::Compare { choices }) => {
                pages.len() == choices.len()
                    && pages
                        .iter()
                        .zip(choices)
                        .all(|((doc, n), c)| self.named(doc) == c.page.doc && *n == c.page.page)
            }
            (Meant::Note(words), CommandOutcome::Note { text }) => {
                let sounds = |words: &str| words.chars().map(text::syllable::reading).collect::<Vec<_>>();
                sounds(text.strip_prefix("记明：").unwrap_or(text)).starts_with(&sounds(words))
            }
            (Meant::Statute(law, article), CommandOutcome::Statute { law: came, number, .. }) => {
                law == came && article == number
            }
            _ => false,
        };
        match outcome {
            _ if right => Verdict::Right,
            CommandOutcome::Page { .. } => Verdict::WrongPage,
            _ => Verdict::Missed,
        }
    }
}

/// The laws that a loan is tried by, with as many articles as they have.
fn laws() -> Laws {
    let law = |name: &str, names: &[&str], articles: u32, version: Day| Law {
        id: name.to_owned(),
        name: name.to_owned(),
        version,
        articles: (1..=articles).map(|article| ArticleNumber { article, branch: 0 }).collect(),
        names: names.iter().map(|&n| n.to_owned()).collect(),
    };
    let day = |y, m, d| Day::new(y, m, d).expect("a day");
    Laws::new(vec![
        law("民法典", &["民法典"], 1260, day(2021, 1, 1)),
        law("民事诉讼法", &["民事诉讼法", "民诉法"], 306, day(2024, 1, 1)),
    ])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    /// A page opened that was not meant.
    WrongPage,
    /// Not understood, asked back, or another act.
    Missed,
}

fn side(party: &str) -> Side {
    match party {
        "plaintiff" => Side::Plaintiff,
        "defendant" => Side::Defendant,
        "thirdParty" => Side::ThirdParty,
        _ => Side::Bench,
    }
}

pub(crate) fn short(outcome: &CommandOutcome) -> String {
    match outcome {
        CommandOutcome::Page { page, title, .. } => format!("opens {title} {}", page.page),
        CommandOutcome::Choose { choices } => format!("asks between {}", choices.len()),
        CommandOutcome::Found { phrase, hits } => format!("looks for {phrase}, {} hits", hits.len()),
        CommandOutcome::Desk { act, amount } => format!("does {act} {amount}"),
        CommandOutcome::Compare { choices } => {
            format!("lays {} beside", choices.iter().map(|c| c.label.as_str()).collect::<Vec<_>>().join(", "))
        }
        CommandOutcome::Prefilled { act } => format!("prefills {act}"),
        CommandOutcome::Note { text } => format!("notes {text}"),
        CommandOutcome::Statute { law, number, .. } => format!("opens {law} {number}"),
        CommandOutcome::NotUnderstood => "not understood".to_owned(),
    }
}
