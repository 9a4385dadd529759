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

    /// The same of what stands in document `doc` of `side`. A document of a party means its own evidence where it says nothing else, and
    /// none leads to itself.
    #[must_use]
    pub fn mentions_in(&self, text: &str, side: Side, doc: &DocId) -> Vec<Mention> {
        let item = |party, number| {
            let item = self.item_of(party, number, Some(side).filter(|s| s.is_party()))?;
            (item.draft.doc.as_ref() != Some(doc)).then_some(item)
        };
        cited(text).into_iter().filter_map(|c| mention(c, &item)).collect()
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
        let those = || self.evidence.values().filter(|e| e.draft.number == number);
        let of = |side: Side| those().find(|e| e.draft.side == side);
        let other_than = |side: Side| the_only(those().filter(|e| e.draft.side != side));
        let speaks = self.role(line.speaker()).map(Role::side).filter(|s| s.is_party());
        let examined = self.said.get(&line.id).and_then(|id| self.evidence.get(id)).map(|e| e.draft.side);
        match party {
            Some(Party::Plaintiff) => of(Side::Plaintiff),
            Some(Party::Defendant) => of(Side::Defendant),
            Some(Party::ThirdParty) => of(Side::ThirdParty),
            Some(Party::Speaker) => of(speaks?),
            Some(Party::Opponent) => other_than(speaks?),
            None => the_only(those()).or_else(|| of(examined?)).or_else(|| match states_view(line.text()) {
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
