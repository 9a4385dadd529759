//! Items of evidence (原告证据三第十二页) and articles of laws (民法典第五百七十七条) that a line of the record or a document names, for a link
//! that opens them.

use model::{DocId, EvidenceId, Role, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use text::citation::{Citation, Cites, Party, citations};
use ts_rs::TS;

use crate::said::states_view;
use crate::{Event, Evidence, Line, State};

/// Characters of a text that name an item of evidence or an article of a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mention {
    /// The first, counted in characters.
    pub from: u32,
    /// Behind the last.
    pub to: u32,
    /// What they name.
    pub names: Named,
}

/// What a line names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Named {
    /// An item of evidence.
    Evidence {
        /// The item.
        item: EvidenceId,
        /// The page, if one was named; whether the item has it, the dossier knows.
        page: Option<u32>,
    },
    /// An article of a law; whether there is one, the library of statutes knows.
    Article {
        /// The law as the line names it, without 《》.
        law: String,
        /// Key of the article: `577`, `120-1`.
        number: String,
        /// The same as it is written: 第五百七十七条.
        label: String,
    },
}

impl State {
    /// Items of the 质证表 and articles that a line names, in the order of the text. What could be another item is none.
    #[must_use]
    pub fn mentions(&self, line: &Line) -> Vec<Mention> {
        let item = |party, number| self.item_meant(line, party, number);
        cited_in(line).into_iter().filter_map(|c| mention(c, &item)).collect()
    }

    /// The same of what stands in document `doc` of `side`. A document of a party means its own evidence where it says nothing else; in a
    /// record of what was said, each speaker means what they would in a hearing. None leads to itself.
    #[must_use]
    pub fn mentions_in(&self, text: &str, side: Side, doc: &DocId) -> Vec<Mention> {
        let turns = if side.is_party() { Vec::new() } else { turns(text) };
        let mut treated = None;
        let found = cited(text).into_iter().filter_map(|c| {
            let turn = turns.iter().rfind(|t| t.from <= c.from && c.from < t.to);
            let item = |party, number| match turn {
                None => self.item_of(party, number, Some(side).filter(|s| s.is_party())),
                Some(turn) => {
                    let on = if turn.speaks.is_none() { treated } else { None };
                    self.item_said(party, number, turn.speaks, on, turn.view)
                }
            };
            let mention = mention(c, &item)?;
            if let Named::Evidence { item, .. } = mention.names {
                let draft = &self.evidence.get(&item)?.draft;
                treated = Some(draft.side);
                if draft.doc.as_ref() == Some(doc) {
                    return None;
                }
            }
            Some(mention)
        });
        found.collect()
    }

    /// Whose item of that number a document means, written by `writes` if by a party.
    fn item_of(&self, party: Option<Party>, number: u32, writes: Option<Side>) -> Option<&Evidence> {
        let those = || self.evidence.values().filter(|e| e.draft.number == number);
        let of = |side: Side| those().find(|e| e.draft.side == side);
        match (party, writes) {
            (Some(Party::Plaintiff), _) => of(Side::Plaintiff),
            (Some(Party::Defendant), _) => of(Side::Defendant),
            (Some(Party::ThirdParty), _) => of(Side::ThirdParty),
            (Some(Party::Speaker), writes) => of(writes?),
            (Some(Party::Opponent), writes) => {
                let own = writes?;
                the_only(those().filter(|e| e.draft.side != own))
            }
            (None, Some(own)) => of(own).or_else(|| the_only(those())),
            (None, None) => the_only(those()),
        }
    }

    /// Whose item of that number is meant: of the side that is named; else the only one there is; else of the side whose item was on the
    /// screens; else, of a party, its own, or the other's where it takes a view on it.
    fn item_meant(&self, line: &Line, party: Option<Party>, number: u32) -> Option<&Evidence> {
        let speaks = self.role(line.speaker()).map(Role::side).filter(|s| s.is_party());
        let examined = self.said.get(&line.id).and_then(|id| self.evidence.get(id)).map(|e| e.draft.side);
        self.item_said(party, number, speaks, examined, states_view(line.text()))
    }

    /// The same of what a party, or the bench, says while an item of `examined` is treated; `view`: they take a view on it.
    fn item_said(
        &self,
        party: Option<Party>,
        number: u32,
        speaks: Option<Side>,
        examined: Option<Side>,
        view: bool,
    ) -> Option<&Evidence> {
        let those = || self.evidence.values().filter(|e| e.draft.number == number);
        let of = |side: Side| those().find(|e| e.draft.side == side);
        let other_than = |side: Side| the_only(those().filter(|e| e.draft.side != side));
        match party {
            Some(Party::Plaintiff) => of(Side::Plaintiff),
            Some(Party::Defendant) => of(Side::Defendant),
            Some(Party::ThirdParty) => of(Side::ThirdParty),
            Some(Party::Speaker) => of(speaks?),
            Some(Party::Opponent) => other_than(speaks?),
            None => the_only(those()).or_else(|| of(examined?)).or_else(|| match view {
                true => other_than(speaks?),
                false => of(speaks?),
            }),
        }
    }

    /// Lines that may name other items since `event`, besides the line it is about.
    #[must_use]
    pub fn mentions_changed(&self, event: &Event) -> Vec<&Line> {
        let evidence = |line: &Line, which: &dyn Fn(u32) -> bool| {
            let cited = cited_in(line);
            cited.iter().any(|c| matches!(c.cites, Cites::Evidence { number, .. } if which(number)))
        };
        let names = |line: &&Line| match event {
            Event::EvidenceListed { draft, .. } => evidence(line, &|number| number == draft.number),
            Event::SeatSet { seat } => *line.speaker() == seat.id && evidence(line, &|_| true),
            _ => false,
        };
        self.lines.values().filter(names).collect()
    }
}

/// What one speaker says in a record, counted in characters.
struct Turn {
    from: usize,
    to: usize,
    /// The party that speaks; none: the bench, the clerk or a witness.
    speaks: Option<Side>,
    /// Whether a view on evidence is taken.
    view: bool,
}

/// Longest 原告委托诉讼代理人（王某） before a colon.
const LABEL_MAX: usize = 16;

/// What is said in a record, by whom: 审：……, 原代：……. A speaker's words end with the paragraph, or before the next speaker.
fn turns(text: &str) -> Vec<Turn> {
    let chars: Vec<char> = text.chars().collect();
    let ends = |c: char| matches!(c, '\n' | '。' | '？' | '！' | '；' | '…' | '”' | '）' | '?' | '!');
    let mut turns: Vec<Turn> = Vec::new();
    let mut from = 0;
    while from < chars.len() {
        let open = chars[from..].iter().position(|c| !c.is_whitespace()).map_or(chars.len(), |n| from + n);
        let label = chars[open..].iter().take(LABEL_MAX).take_while(|c| !ends(**c) || **c == '）');
        let label: String = label.take_while(|c| !matches!(c, '：' | ':')).collect();
        let behind = open + label.chars().count();
        let colon = matches!(chars.get(behind), Some('：' | ':'));
        let to = chars[open..].iter().position(|c| ends(*c)).map_or(chars.len(), |n| open + n + 1);
        match speaker(&label).filter(|_| colon) {
            Some(speaks) => turns.push(Turn { from: behind, to: to.max(behind), speaks, view: false }),
            // The words go on, unless a paragraph has ended.
            None if chars[from.saturating_sub(1)..open].contains(&'\n') => {}
            None => turns.last_mut().filter(|t| t.to == from).into_iter().for_each(|t| t.to = to),
        }
        from = to.max(behind);
    }
    for turn in &mut turns {
        turn.view = states_view(&chars[turn.from..turn.to].iter().collect::<String>());
    }
    turns
}

/// Who a label of a record means: a party, or somebody of none.
fn speaker(label: &str) -> Option<Option<Side>> {
    const LABELS: [(&str, Option<Side>); 10] = [
        ("原", Some(Side::Plaintiff)),
        ("被", Some(Side::Defendant)),
        ("第三人", Some(Side::ThirdParty)),
        ("三", Some(Side::ThirdParty)),
        ("审", None),
        ("法", None),
        ("书", None),
        ("证人", None),
        ("鉴", None),
        ("翻", None),
    ];
    LABELS.iter().find(|(word, _)| label.starts_with(word)).map(|(_, side)| *side)
}

fn the_only<'a>(mut those: impl Iterator<Item = &'a Evidence>) -> Option<&'a Evidence> {
    those.next().filter(|_| those.next().is_none())
}

fn mention<'a>(c: Citation, item: &dyn Fn(Option<Party>, u32) -> Option<&'a Evidence>) -> Option<Mention> {
    let names = match c.cites {
        Cites::Evidence { party, number, page } => Named::Evidence { item: item(party, number)?.id, page },
        Cites::Article { law, place } => {
            Named::Article { law, number: place.number.key(), label: place.number.to_string() }
        }
        Cites::Case(_) => return None,
    };
    Some(Mention { from: c.from as u32, to: c.to as u32, names })
}

/// What a line cites; nothing of one that is itself a citation.
fn cited_in(line: &Line) -> Vec<Citation> {
    if line.cites.is_none() { cited(line.text()) } else { Vec::new() }
}

fn cited(text: &str) -> Vec<Citation> {
    let may = text.contains("证据") || text.contains('条');
    if may { citations(text) } else { Vec::new() }
}
