//! Evidence brought in during the hearing: what waits in the dossier becomes a request, and its answer is carried out there. Both
//! are done again until they are done, so that a kill in between loses neither.

use std::sync::Arc;

use court::{Process, Report, RequestKind, RequestState, Stage};
use dossier::Offered;
use model::{Role, SeatId, Side};

use super::{Hearing, Msg};

impl Hearing {
    /// What waits in the dossier stands among the requests.
    pub(super) fn take_offers(&mut self) {
        for Offered { doc, offer, side, title, pages, .. } in self.offered() {
            let Some(seat) = self.asks_now(offer.seat, side) else { continue };
            let purpose = offer.purpose;
            self.report(Process::Pages, Report::EvidenceOffered { seat, side, doc, title, pages, purpose });
        }
    }

    /// What was answered is carried out, one after the other: the number of the next follows from this one.
    pub(super) fn settle_offers(&mut self) {
        if self.settling_offer {
            return;
        }
        for offered in self.offered() {
            let asked = self
                .commit
                .settled
                .requests
                .values()
                .rev()
                .find(|r| matches!(&r.want, RequestKind::Offer { doc, .. } if *doc == offered.doc));
            let let_in = match asked.map(|r| &r.state) {
                Some(RequestState::Granted { .. }) => true,
                Some(RequestState::Refused { .. } | RequestState::Withdrawn) => false,
                Some(RequestState::Open) | None => continue,
            };
            let number = self.number_of(&offered);
            let (pages, case, handle) = (Arc::clone(&self.pages), self.case.clone(), self.handle.clone());
            tokio::task::spawn_blocking(move || {
                let done = match let_in {
                    true => pages.let_in(&case, &offered.doc, number),
                    false => pages.keep_out(&case, &offered.doc),
                };
                if let Err(error) = &done {
                    tracing::error!(%case, doc = %offered.doc, %error, "an offer is not carried out; it is tried again");
                }
                // A hearing that has ended looks when it is opened again.
                let _ = handle.tx.blocking_send(Msg::OfferSettled { done: done.is_ok() });
            });
            self.settling_offer = true;
            return;
        }
    }

    pub(super) fn offer_settled(&mut self, done: bool) {
        self.settling_offer = false;
        self.look_at_dossier();
        // What failed waits for the next second.
        if done {
            self.settle_offers();
        }
    }

    /// What was brought in here, and what an earlier session of the case left unanswered, once the court sits again.
    fn offered(&self) -> Vec<Offered> {
        let sits = matches!(self.commit.settled.stage, Stage::InSession | Stage::Recess);
        let mut offered = self.pages.offered(&self.case);
        offered.retain(|o| sits || o.offer.hearing == self.hearing);
        offered
    }

    /// The seat that asks: of an earlier session that may be another of the same side.
    fn asks_now(&self, seat: SeatId, side: Side) -> Option<SeatId> {
        let seats = &self.commit.ahead.seats;
        if seats.contains_key(&seat) {
            return Some(seat);
        }
        let of = |role: Role| role.side() == side || role == Role::Clerk;
        let found = seats.values().filter(|s| of(s.role)).min_by_key(|s| s.role == Role::Clerk);
        found.map(|s| s.id.clone())
    }

    /// The number that its side gave it, or the next, if that is taken or missing.
    fn number_of(&self, offered: &Offered) -> Option<u32> {
        if !offered.evidence {
            return None;
        }
        let own = self.commit.ahead.evidence.values().filter(|e| e.draft.side == offered.side);
        let taken: Vec<u32> = own.map(|e| e.draft.number).collect();
        let next = taken.iter().max().map_or(1, |last| last + 1);
        Some(offered.number.filter(|n| !taken.contains(n)).unwrap_or(next))
    }
}
