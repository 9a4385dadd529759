//! The floor: who may put what on the screens, and what the parties ask for.

use model::{RequestId, Role};

use super::{Asker, tame_text};
use crate::{
    Command, Denial, Event, Request, RequestKind, RequestState, RevisionBasis, Stage, View, ViewDraft,
};

/// Most rectangles of one view.
const HIGHLIGHTS_MAX: usize = 200;

impl Asker<'_> {
    pub(super) fn floor(&self, command: &Command) -> Result<Vec<Event>, Denial> {
        match command {
            Command::Show { view } => self.show(view),
            Command::Hide => {
                self.may_present()?;
                Ok(self.state.screens.view.iter().map(|_| Event::Hidden).collect())
            }
            Command::Lock => Ok(once_unless(self.state.screens.locked, Event::ScreensLocked)),
            Command::Unlock => Ok(once_unless(!self.state.screens.locked, Event::ScreensUnlocked)),
            Command::SetPresenter { presenter } => {
                // A presenter may hand the right back; only the presiding judge gives it.
                let hands_back =
                    presenter.is_none() && self.state.screens.presenter.as_ref() == Some(self.seat);
                if !hands_back {
                    self.only_presiding()?;
                }
                if let Some(seat) = presenter
                    && !self.state.seats.contains_key(seat)
                {
                    return Err(Denial::UnknownSeat { seat: seat.clone() });
                }
                let same = self.state.screens.presenter == *presenter;
                Ok(once_unless(same, Event::PresenterSet { presenter: presenter.clone() }))
            }
            Command::Ask { want } => self.ask(want),
            Command::Answer { request, granted, reason } => self.answer(*request, *granted, reason),
            Command::Withdraw { request } => {
                let open = self.open_request(*request)?;
                if open.by != *self.seat {
                    return Err(Denial::RequestNotOpen { request: *request });
                }
                Ok(vec![Event::RequestWithdrawn { request: *request }])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The presiding judge always; the clerk for the bench and the presenter while the screens are not locked.
    pub(super) fn may_present(&self) -> Result<(), Denial> {
        match self.role {
            Role::PresidingJudge => Ok(()),
            _ if self.state.screens.locked => Err(Denial::ScreensLocked),
            Role::Clerk => Ok(()),
            _ if self.state.screens.presenter.as_ref() == Some(self.seat) => Ok(()),
            _ => Err(Denial::NotPresenting),
        }
    }

    fn show(&self, draft: &ViewDraft) -> Result<Vec<Event>, Denial> {
        self.may_present()?;
        let rects_sane = draft.rects().all(|r| r.is_sane());
        let hash_sane = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let pages_sane = draft.pages().all(|(page, hash)| page.page > 0 && hash_sane(hash));
        let beside = draft.beside.as_ref().map_or(0, |b| b.highlights.len());
        if !pages_sane || !rects_sane || draft.highlights.len().max(beside) > HIGHLIGHTS_MAX {
            return Err(Denial::Malformed {
                what: format!(
                    "a view names a page from 1, its image hash and at most {HIGHLIGHTS_MAX} rectangles on the sheet"
                ),
            });
        }
        let closed = self.state.curtain().is_some();
        // What was put there behind the curtain is shown anew to be shown in public.
        let stands = |v: &View| v.draft == *draft && (closed || !v.closed);
        let same = self.state.screens.view.as_ref().is_some_and(stands);
        if same {
            return Ok(Vec::new());
        }
        let (number, by, draft) = (self.state.views + 1, self.seat.clone(), draft.clone());
        let view = View { number, by, at: self.now, draft: draft.clone(), closed };
        let mut events = vec![Event::Shown { view }];
        let first_shown = self.state.evidence.values().filter(|e| {
            e.shown.is_none() && draft.pages().any(|(p, _)| e.draft.doc.as_ref() == Some(&p.doc))
        });
        if matches!(self.state.stage, Stage::InSession) {
            events.extend(first_shown.map(|e| Event::EvidenceShown { evidence: e.id }));
        }
        Ok(events)
    }

    fn ask(&self, want: &RequestKind) -> Result<Vec<Event>, Denial> {
        let want = match want {
            RequestKind::Correct { line, base, text, reason } => {
                let found = self.line(*line)?;
                // A witness has read nobody else's words, and a refusal shall not tell them.
                if self.side() == model::Side::Witness && found.speaker() != self.seat {
                    return Err(Denial::UnknownLine { line: *line });
                }
                self.fresh_in_record(found, *base)?;
                let text = tame_text("the correction", text, false)?;
                if text == found.reads(self.state.record_mode) {
                    return Err(Denial::ReadsSoAlready { line: *line });
                }
                let reason = tame_text("the reason", reason, false)?;
                RequestKind::Correct { line: *line, base: *base, text, reason }
            }
            RequestKind::Offer { .. } => {
                let what = "a document is offered by bringing it in: choose its file";
                return Err(Denial::Malformed { what: what.to_owned() });
            }
            RequestKind::Present { .. } | RequestKind::Speak => {
                self.stage_in(&[Stage::Preparing, Stage::InSession])?;
                want.clone()
            }
        };
        let twice = self
            .state
            .requests
            .values()
            .any(|r| r.by == *self.seat && r.want == want && r.state == RequestState::Open);
        if twice {
            return Ok(Vec::new());
        }
        let id = next_request(self.state);
        let request = Request { id, by: self.seat.clone(), at: self.now, want, state: RequestState::Open };
        Ok(vec![Event::RequestFiled { request }])
    }

    fn answer(&self, id: RequestId, granted: bool, reason: &str) -> Result<Vec<Event>, Denial> {
        let request = self.open_request(id)?;
        let told = tame_text("the reason", reason, true)?;
        let mut events = vec![Event::RequestDecided { request: id, granted, reason: told }];
        match &request.want {
            RequestKind::Present { .. } => {
                self.only_presiding()?;
                if granted {
                    events.push(Event::PresenterSet { presenter: Some(request.by.clone()) });
                }
            }
            RequestKind::Speak | RequestKind::Offer { .. } => self.only_presiding()?,
            RequestKind::Correct { line, base, text, .. } => {
                if !granted {
                    // The request stays in the record, and so does why it was refused.
                    tame_text("the reason of a refusal", reason, false)?;
                }
                if granted {
                    let found = self.line(*line)?;
                    self.fresh_in_record(found, *base)?;
                    let basis = RevisionBasis::Request { request: id };
                    events.push(self.corrected(found, text.clone(), basis));
                }
            }
        }
        Ok(events)
    }

    fn open_request(&self, id: RequestId) -> Result<&Request, Denial> {
        let found = self.state.requests.get(&id).filter(|r| r.state == RequestState::Open);
        found.ok_or(Denial::RequestNotOpen { request: id })
    }
}

pub(super) fn next_request(state: &crate::State) -> RequestId {
    RequestId(state.requests.keys().next_back().map_or(0, |r| r.0) + 1)
}

fn once_unless(already: bool, event: Event) -> Vec<Event> {
    if already { Vec::new() } else { vec![event] }
}
