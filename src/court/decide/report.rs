//! Facts from our own processes. Never refused: a fact that is known already changes nothing.

use model::{HearingTime, LineId, Seat};

use super::course::next_gap;
use super::evidence::next_evidence;
use super::floor::next_request;
use super::record::next_line;
use crate::{
    Event, EvidenceDraft, HearingInfo, Outline, Recognised, Report, Request, RequestKind, RequestState,
    Stage, State,
};

pub(super) fn report(state: &State, now: HearingTime, report: &Report) -> Vec<Event> {
    match report {
        Report::Opened { info, outline, seats } => match state.info {
            Some(_) => Vec::new(),
            None => vec![opened(info, outline, seats)],
        },
        Report::Continued { info, outline, seats, earlier } => match state.info {
            Some(_) => Vec::new(),
            None => std::iter::once(opened(info, outline, seats)).chain(earlier.events()).collect(),
        },
        Report::Convened { info, outline, seats, meeting } => match state.info {
            Some(_) => Vec::new(),
            None => {
                vec![opened(info, outline, seats), Event::MeetingConvened { meeting: (**meeting).clone() }]
            }
        },
        Report::EvidenceFiled(draft) => {
            let same = |e: &crate::Evidence| (e.draft.side, e.draft.number) == (draft.side, draft.number);
            if state.stage > Stage::Recess || state.evidence.values().any(same) {
                return Vec::new();
            }
            listed(state, draft.clone())
        }
        Report::EvidenceOffered { seat, side, doc, title, pages, purpose } => {
            let known = |r: &Request| matches!(&r.want, RequestKind::Offer { doc: d, .. } if d == doc);
            if !state.seats.contains_key(seat) || state.requests.values().any(known) {
                return Vec::new();
            }
            let want = RequestKind::Offer {
                doc: doc.clone(),
                side: *side,
                title: title.clone(),
                pages: *pages,
                purpose: purpose.clone(),
            };
            let (id, by) = (next_request(state), seat.clone());
            let request = Request { id, by, at: now, want, state: RequestState::Open };
            vec![Event::RequestFiled { request }]
        }
        Report::EvidenceRebound { evidence, doc } => {
            let item = state.evidence.get(evidence).filter(|_| state.stage <= Stage::Recess);
            match item {
                Some(item) if item.draft.doc.as_ref() != Some(doc) => {
                    vec![Event::EvidenceRebound { evidence: *evidence, doc: doc.clone() }]
                }
                _ => Vec::new(),
            }
        }
        Report::Recognised(recognised) => recognised_line(state, recognised),
        Report::CommandHeard { seat, from, to, text, understood, page } => vec![Event::CommandHeard {
            seat: seat.clone(),
            from: *from,
            to: *to,
            text: text.clone(),
            understood: understood.clone(),
            page: page.clone(),
        }],
        Report::Fragment(fragment) => {
            let known = state.tracks.get(&fragment.track).is_some_and(|f| f.seq >= fragment.seq);
            if known { Vec::new() } else { vec![Event::FragmentWritten(fragment.clone())] }
        }
        Report::Gap { track, cause, from, to } => {
            let mut holes = state.ledger.iter().flat_map(|g| &g.holes);
            if holes.any(|h| h.track == *track && h.from == *from) {
                return Vec::new();
            }
            let same = state.ledger.iter().rev().find(|g| g.takes(*cause, *from));
            vec![Event::GapFound {
                gap: same.map_or_else(|| next_gap(state), |g| g.id),
                track: track.clone(),
                cause: *cause,
                from: *from,
                to: *to,
            }]
        }
        Report::HeardAgain { line, base, text, model } => heard_again(state, *line, *base, text, model),
        Report::VoiceLikened { line, seats } => {
            let open = state.lines.get(line).and_then(|l| l.whose.as_ref());
            let known = seats.iter().all(|s| state.seats.contains_key(s));
            match open.is_some_and(|whose| whose != seats) && known && state.stage != Stage::Sealed {
                true => vec![Event::VoiceLikened { line: *line, seats: seats.clone() }],
                false => Vec::new(),
            }
        }
        Report::MediaSealed => match state.media_sealed {
            true => Vec::new(),
            false => vec![Event::MediaSealed],
        },
        Report::ScanKept(scan) => {
            let known = state.scans.contains_key(&scan.sha256) || state.stage == Stage::Sealed;
            if known { Vec::new() } else { vec![Event::ScanKept { scan: scan.clone() }] }
        }
        Report::ScreensConfirmed { view, seats } => {
            let current = state.screens.view.as_ref().is_some_and(|v| v.number == *view);
            let new: Vec<_> =
                seats.iter().filter(|s| !state.screens.confirmed.contains_key(s)).cloned().collect();
            if current && !new.is_empty() {
                vec![Event::ScreensConfirmed { view: *view, seats: new }]
            } else {
                Vec::new()
            }
        }
        Report::ProcessFailed { process, sentence } => match state.faults.get(process) == Some(sentence) {
            true => Vec::new(),
            false => vec![Event::ProcessFailed { process: *process, sentence: sentence.clone() }],
        },
        Report::ProcessBack { process } => match state.faults.contains_key(process) {
            true => vec![Event::ProcessBack { process: *process }],
            false => Vec::new(),
        },
        Report::Denied { act, denial } => {
            vec![Event::Denied { act: act.clone(), denial: denial.clone() }]
        }
    }
}

/// A document is evidence now; one that was brought in during the hearing may be on the screens already.
fn listed(state: &State, draft: EvidenceDraft) -> Vec<Event> {
    let evidence = next_evidence(state);
    let mut purposes = state.requests.values().filter_map(|r| match &r.want {
        RequestKind::Offer { doc, purpose, .. } if draft.doc.as_ref() == Some(doc) => Some(purpose.clone()),
        _ => None,
    });
    let purpose = purposes.next_back().unwrap_or_else(|| draft.purpose.clone());
    let shown = state
        .screens
        .view
        .as_ref()
        .is_some_and(|view| view.draft.pages().any(|(page, _)| draft.doc.as_ref() == Some(&page.doc)));
    let mut events = vec![Event::EvidenceListed { evidence, draft: EvidenceDraft { purpose, ..draft } }];
    if shown && state.stage == Stage::InSession {
        events.push(Event::EvidenceShown { evidence });
    }
    events
}

fn opened(info: &HearingInfo, outline: &Outline, seats: &[Seat]) -> Event {
    Event::HearingOpened { info: info.clone(), outline: outline.clone(), seats: seats.to_vec() }
}

/// What a person has touched since is theirs: nothing is offered for it.
fn heard_again(state: &State, line: LineId, base: u32, text: &str, model: &str) -> Vec<Event> {
    let open = state.lines.get(&line).filter(|l| l.recognised.is_some() && l.revision() == base);
    // Marks are not heard.
    let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let news = open.is_some_and(|l| words(l.text()) != words(text) && l.suggestion.as_deref() != Some(text));
    if !news || text.is_empty() || state.stage == Stage::Sealed {
        return Vec::new();
    }
    vec![Event::HeardAgain { line, text: text.to_owned(), model: model.to_owned() }]
}

fn recognised_line(state: &State, recognised: &Recognised) -> Vec<Event> {
    let identity = (recognised.from, recognised.utterance);
    let heard = state.heard.get(&recognised.seat).is_some_and(|h| h.contains(&identity));
    if heard || state.stage == Stage::Sealed || recognised.text.is_empty() {
        return Vec::new();
    }
    let taken_over = state.line_of_utterance(&recognised.seat, recognised.utterance, recognised.from);
    vec![match taken_over {
        Some(line) => Event::SuggestionMade { line, recognised: recognised.clone() },
        None => Event::LineSettled { line: next_line(state), recognised: recognised.clone() },
    }]
}
