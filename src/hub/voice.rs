//! Spoken commands: what they may refer to, and what of their outcome the record keeps.

use court::{PhaseId, State};
use dossier::command::EvidenceGroup;
use model::{HearingTime, PageRef, SeatId, Side};
use protocol::link::recogniser::ToRecogniser;
use protocol::wire::CommandOutcome;

use crate::port::Bearings;

/// The bench's key and commands as far as a restarted recogniser must know them: it listens again to what has not settled.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The last press: whose, when it went down, when up.
    press: Option<(SeatId, HearingTime, Option<HearingTime>)>,
    /// The end of the last command that was heard.
    command: Option<(SeatId, HearingTime)>,
    /// The page that the bench looks at, and from which seat.
    looking: Option<(SeatId, PageRef)>,
}

impl Memory {
    /// The key went down or up.
    pub(crate) fn key(&mut self, seat: &SeatId, down: bool, at: HearingTime) {
        match (&mut self.press, down) {
            (press, true) => *press = Some((seat.clone(), at, None)),
            (Some((_, _, up)), false) => *up = Some(at),
            (None, false) => {}
        }
    }

    /// The desk of a seat looks at this page.
    pub(crate) fn look_at(&mut self, seat: SeatId, page: Option<PageRef>) {
        self.looking = page.map(|page| (seat, page));
    }

    /// The page that a seat looks at, if its desk has told.
    pub(crate) fn looks_at(&self, seat: &SeatId) -> Option<&PageRef> {
        self.looking.as_ref().filter(|(s, _)| s == seat).map(|(_, page)| page)
    }

    /// A command ended there.
    pub(crate) fn heard(&mut self, seat: &SeatId, to: HearingTime) {
        self.command = Some((seat.clone(), to));
    }

    /// Until when commands of a seat have been heard.
    pub(crate) fn command_until(&self) -> Option<(&SeatId, HearingTime)> {
        self.command.as_ref().map(|(seat, to)| (seat, *to))
    }

    /// The last press, to be told again.
    pub(crate) fn keys(&self) -> impl Iterator<Item = ToRecogniser> + '_ {
        self.press.iter().flat_map(|(seat, down_at, up_at)| {
            let key = |down, at| ToRecogniser::PushToTalk { seat: seat.clone(), down, at };
            std::iter::once(key(true, *down_at)).chain(up_at.map(|at| key(false, at)))
        })
    }
}

/// Where the bench stands: the page it looks at, else the one on the screens, and whose evidence is being examined.
pub(crate) fn bearings(state: &State, looks_at: Option<&PageRef>) -> Bearings {
    let view = state.screens.view.as_ref();
    let page = view.map(|v| v.draft.page.clone());
    let of_page = page.as_ref().and_then(|p| {
        state.evidence.values().find(|e| e.draft.doc.as_ref() == Some(&p.doc)).map(|e| e.draft.side)
    });
    let presenter = state.screens.presenter.as_ref().and_then(|s| state.role(s)).map(|r| r.side());
    // At the beginning of the examination it is the plaintiff who presents.
    let evidence = PhaseId("evidence".to_owned());
    let examining = state.phase.as_ref() == Some(&evidence) || state.merged.contains(&evidence);
    let first = (examining && state.evidence.values().all(|e| e.shown.is_none())).then_some(Side::Plaintiff);
    let day = state.info.as_ref().map(|i| i.origin.beijing_day());
    let page = looks_at.cloned().or(page);
    let presenting = presenter.filter(|s| s.is_party()).or(of_page).or(first);
    Bearings { page, day, presenting, groups: groups(state) }
}

/// Groups in the order of their first pieces.
fn groups(state: &State) -> Vec<EvidenceGroup> {
    let mut out: Vec<(&str, EvidenceGroup)> = Vec::new();
    let mut pieces: Vec<_> = state.evidence.values().filter(|e| !e.group.is_empty()).collect();
    pieces.sort_by_key(|e| (e.draft.side, e.draft.number));
    for piece in pieces {
        let Some(doc) = piece.draft.doc.clone() else { continue };
        match out.iter_mut().find(|(name, g)| *name == piece.group && g.side == piece.draft.side) {
            Some((_, group)) => group.docs.push(doc),
            None => out.push((&piece.group, EvidenceGroup { side: piece.draft.side, docs: vec![doc] })),
        }
    }
    out.into_iter().map(|(_, group)| group).collect()
}

/// One line for the journal.
pub(crate) fn describe(outcome: &CommandOutcome) -> String {
    match outcome {
        CommandOutcome::Page { page, title, .. } => format!("打开 {title} 第{}页", page.page),
        CommandOutcome::Choose { choices } => {
            let labels: Vec<_> = choices.iter().map(|c| c.label.as_str()).collect();
            format!("请选择：{}", labels.join("；"))
        }
        CommandOutcome::Found { phrase, hits } => format!("查找“{phrase}”，{}处", hits.len()),
        CommandOutcome::Statute { version, title, .. } => format!("打开 {title}（{version}）"),
        CommandOutcome::Compare { choices } => {
            let labels: Vec<_> = choices.iter().map(|c| c.label.as_str()).collect();
            format!("比对 {}", labels.join("；"))
        }
        CommandOutcome::Desk { act, amount } => format!("{act} {amount}"),
        CommandOutcome::Prefilled { act } => format!("待确认：{act}"),
        CommandOutcome::Note { text } => format!("待确认：{text}"),
        CommandOutcome::NotUnderstood => "未能理解".to_owned(),
    }
}

/// The page an outcome opens, if exactly one.
pub(crate) fn page_of(outcome: &CommandOutcome) -> Option<PageRef> {
    match outcome {
        CommandOutcome::Page { page, .. } => Some(page.clone()),
        CommandOutcome::Found { hits, .. } => hits.first().map(|h| h.page.clone()),
        CommandOutcome::Choose { .. }
        | CommandOutcome::Statute { .. }
        | CommandOutcome::Compare { .. }
        | CommandOutcome::Desk { .. }
        | CommandOutcome::Prefilled { .. }
        | CommandOutcome::Note { .. }
        | CommandOutcome::NotUnderstood => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_about_the_page_that_their_own_desk_looks_at() {
        let seat = |id: &str| SeatId::new(id).expect("a plain name");
        let page = PageRef { doc: model::DocId::new("contract").expect("a plain name"), page: 3 };
        let mut memory = Memory::default();
        memory.look_at(seat("judge"), Some(page.clone()));
        assert_eq!(memory.looks_at(&seat("judge")), Some(&page));
        assert_eq!(memory.looks_at(&seat("clerk")), None);
        assert_eq!(bearings(&State::default(), memory.looks_at(&seat("judge"))).page, Some(page));
        memory.look_at(seat("judge"), None);
        assert_eq!(bearings(&State::default(), memory.looks_at(&seat("judge"))).page, None);
    }
}
