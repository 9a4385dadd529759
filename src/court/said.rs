//! What a party said while an item of evidence was on the screens, and the views that can be read out of it. A proposal is
//! offered and never noted by itself.

use model::{LineId, SeatId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Aspect, Stage, Stance, State};

/// A view that a line seems to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// About what.
    pub aspect: Aspect,
    /// Which.
    pub stance: Stance,
}

const ALL: [Aspect; 4] = [Aspect::Authenticity, Aspect::Legality, Aspect::Relevance, Aspect::Purpose];

const ASPECTS: [(&str, &[Aspect]); 5] = [
    ("三性", &[Aspect::Authenticity, Aspect::Legality, Aspect::Relevance]),
    ("真实性", &[Aspect::Authenticity]),
    ("合法性", &[Aspect::Legality]),
    ("关联性", &[Aspect::Relevance]),
    ("证明目的", &[Aspect::Purpose]),
];

/// Longer words before those they contain.
const STANCES: [(&str, Stance); 15] = [
    ("没有异议", Stance::Undisputed),
    ("不持异议", Stance::Undisputed),
    ("没异议", Stance::Undisputed),
    ("无异议", Stance::Undisputed),
    ("不予认可", Stance::Disputed),
    ("不能认可", Stance::Disputed),
    ("不认可", Stance::Disputed),
    ("有异议", Stance::Disputed),
    ("不予确认", Stance::Disputed),
    ("庭后核实", Stance::Reserved),
    ("无法核实", Stance::Reserved),
    ("保留意见", Stance::Reserved),
    ("不发表意见", Stance::Reserved),
    ("予以认可", Stance::Undisputed),
    ("认可", Stance::Undisputed),
];

/// Words between a view and what it is about.
const LINKS: [char; 7] = ['其', '该', '的', '、', '和', '及', '与'];

/// Whether a line takes a view on evidence: nobody does on their own.
pub(crate) fn states_view(text: &str) -> bool {
    STANCES.iter().any(|(word, _)| text.contains(word))
}

/// The views that a line states in fixed words: 真实性认可，关联性不认可; also the other way round, 不认可证明目的. A bare 无异议 is about all four aspects; a bare 有异议
/// could be about any, and proposes nothing.
#[must_use]
pub fn proposals(text: &str) -> Vec<Proposal> {
    let mut found: Vec<Proposal> = Vec::new();
    let mut pending: Vec<Aspect> = Vec::new();
    let mut spoken_of = false;
    let mut bare: Vec<Stance> = Vec::new();
    // The view that was stated just before, about what follows.
    let mut ahead: Option<Stance> = None;
    let note = |found: &mut Vec<Proposal>, aspect: Aspect, stance: Stance| {
        found.retain(|p| p.aspect != aspect);
        found.push(Proposal { aspect, stance });
    };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((word, aspects)) = ASPECTS.iter().find(|(word, _)| rest.starts_with(word)) {
            match ahead {
                Some(stance) => aspects.iter().for_each(|aspect| note(&mut found, *aspect, stance)),
                None => pending.extend_from_slice(aspects),
            }
            spoken_of = true;
            rest = &rest[word.len()..];
        } else if let Some((word, stance)) = STANCES.iter().find(|(word, _)| rest.starts_with(word)) {
            rest = &rest[word.len()..];
            let about_next =
                ASPECTS.iter().any(|(aspect, _)| rest.trim_start_matches(LINKS).starts_with(aspect));
            ahead = (pending.is_empty() && about_next).then_some(*stance);
            // A bare 认可 is of some assertion more often than of the item.
            if pending.is_empty() && !about_next && !word.ends_with("认可") {
                bare.push(*stance);
            }
            pending.drain(..).for_each(|aspect| note(&mut found, aspect, *stance));
        } else {
            if !LINKS.contains(&c) {
                ahead = None;
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    if !spoken_of && bare == [Stance::Undisputed] {
        found.extend(ALL.map(|aspect| Proposal { aspect, stance: Stance::Undisputed }));
    }
    found
}

impl State {
    /// Links a line to the item on the screens, if a party speaks of it in session.
    pub(crate) fn link_said(&mut self, line: LineId, speaker: &SeatId) {
        let party = self.role(speaker).is_some_and(|r| r.side().is_party());
        if self.stage != Stage::InSession || !party {
            return;
        }
        let Some(view) = &self.screens.view else { return };
        let item = self.evidence.values().find(|e| e.draft.doc.as_ref() == Some(&view.draft.page.doc));
        if let Some(item) = item {
            self.said.insert(line, item.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let words: Vec<_> =
            proposals(text).iter().map(|p| format!("{}{}", p.aspect.zh(), p.stance.zh())).collect();
        words.join(" ")
    }

    #[test]
    fn fixed_words_of_an_examination_propose_views() {
        for (text, views) in [
            ("真实性认可，关联性不认可", "真实性无异议 关联性有异议"),
            (
                "对真实性、合法性没有异议，对关联性和证明目的有异议",
                "真实性无异议 合法性无异议 关联性有异议 证明目的有异议",
            ),
            ("三性无异议证明目的不予认可", "真实性无异议 合法性无异议 关联性无异议 证明目的有异议"),
            ("真实性庭后核实", "真实性保留"),
            ("真实性没有异议，但不认可证明目的", "真实性无异议 证明目的有异议"),
            ("认可真实性和合法性，不认可其关联性", "真实性无异议 合法性无异议 关联性有异议"),
            ("对该证据没有异议", "真实性无异议 合法性无异议 关联性无异议 证明目的无异议"),
        ] {
            assert_eq!(read(text), views, "{text}");
        }
    }

    #[test]
    fn words_that_leave_open_what_they_are_about_propose_nothing() {
        for text in [
            "对该证据有异议",
            "没有异议的是借款，真实性请法庭审查",
            "我方认可对方的说法",
            "请法庭注意真实性",
            "我方认为被告应当还款",
            "",
        ] {
            assert_eq!(read(text), "", "{text}");
        }
    }
}
