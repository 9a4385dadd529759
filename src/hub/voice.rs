//! Spoken commands: what they may refer to, and what of their outcome the record keeps.

use court::{PhaseId, State};
use model::{PageRef, Side};
use protocol::wire::CommandOutcome;

use crate::port::Bearings;

/// Where the bench stands: the page on the screens and whose evidence is being examined.
pub(crate) fn bearings(state: &State) -> Bearings {
    let view = state.screens.view.as_ref();
    let page = view.map(|v| v.draft.page.clone());
    let of_page = page.as_ref().and_then(|p| {
        state.evidence.values().find(|e| e.draft.doc.as_ref() == Some(&p.doc)).map(|e| e.draft.side)
    });
    let presenter = state.screens.presenter.as_ref().and_then(|s| state.role(s)).map(|r| r.side());
    // At the beginning of the examination it is the plaintiff who presents.
    let examining = state.phase == Some(PhaseId("evidence".to_owned()));
    let first = (examining && state.evidence.values().all(|e| e.shown.is_none())).then_some(Side::Plaintiff);
    Bearings { page, presenting: presenter.filter(|s| s.is_party()).or(of_page).or(first) }
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
        CommandOutcome::Desk { act, amount } => format!("{act} {amount}"),
        CommandOutcome::Prefilled { act } => format!("待确认：{act}"),
        CommandOutcome::NotUnderstood => "未能理解".to_owned(),
    }
}

/// The page an outcome opens, if exactly one.
pub(crate) fn page_of(outcome: &CommandOutcome) -> Option<PageRef> {
    match outcome {
        CommandOutcome::Page { page, .. } => Some(page.clone()),
        CommandOutcome::Found { hits, .. } => hits.first().map(|h| h.page.clone()),
        CommandOutcome::Choose { .. }
        | CommandOutcome::Desk { .. }
        | CommandOutcome::Prefilled { .. }
        | CommandOutcome::NotUnderstood => None,
    }
}
