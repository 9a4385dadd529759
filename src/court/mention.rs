//! Items of evidence that a line names (原告证据三第十二页), for a link that opens them.

use model::{EvidenceId, Role, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use text::citation::{Cites, Party, citations};
use ts_rs::TS;

use crate::said::states_view;
use crate::{Event, Evidence, Line, State};

/// Characters of a line that name an item of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mention {
    /// The first, counted in characters.
    pub from: u32,
    /// Behind the last.
    pub to: u32,
    /// The item.
    pub evidence: EvidenceId,
    /// The page, if one was named; whether the item has it, the dossier knows.
    pub page: Option<u32>,
}

impl State {
    /// Items of the 质证表 that a line names, in the order of the text. What could be another item is none.
    #[must_use]
    pub fn mentions(&self, line: &Line) -> Vec<Mention> {
        let mention = |(from, to, party, number, page)| {
            let item = self.item_meant(line, party, number)?;
            Some(Mention { from, to, evidence: item.id, page })
        };
        evidence_in(line).filter_map(mention).collect()
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
        let names = |line: &&Line| match event {
            Event::EvidenceListed { draft, .. } => {
                evidence_in(line).any(|(_, _, _, number, _)| number == draft.number)
            }
            Event::SeatSet { seat } => *line.speaker() == seat.id && evidence_in(line).next().is_some(),
            _ => false,
        };
        self.lines.values().filter(names).collect()
    }
}

fn the_only<'a>(mut those: impl Iterator<Item = &'a Evidence>) -> Option<&'a Evidence> {
    those.next().filter(|_| those.next().is_none())
}

/// Where a line names evidence, whose, by which number, and the page.
fn evidence_in(line: &Line) -> impl Iterator<Item = (u32, u32, Option<Party>, u32, Option<u32>)> {
    let text = Some(line.text()).filter(|t| line.cites.is_none() && t.contains("证据")).unwrap_or_default();
    citations(text).into_iter().filter_map(|c| match c.cites {
        Cites::Evidence { party, number, page } => Some((c.from as u32, c.to as u32, party, number, page)),
        Cites::Article { .. } | Cites::Case(_) => None,
    })
}
