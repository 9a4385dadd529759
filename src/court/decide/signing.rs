//! Signing and sealing.

use model::{Day, Role, SeatId, Side};

use super::{Asker, tame_text};
use crate::signing::PAD;
use crate::{
    Command, Denial, Event, How, RequestKind, RequestState, SignAct, Signature, Stage, Standing, Stroke,
};

/// A name is written in fewer strokes, and a stroke with fewer points.
const STROKES_MAX: usize = 64;
const POINTS_MAX: usize = 2000;
/// What is narrower and lower than this is a slip of the pen.
const INK_SPAN_MIN: u16 = 200;

impl Asker<'_> {
    pub(super) fn signing(&self, command: &Command) -> Result<Vec<Event>, Denial> {
        match command {
            Command::Sign { act } => self.sign(act),
            Command::SignRecord { digest, refusal } => self.confirm(digest, refusal.as_deref()),
            Command::SealRecord { digest } => self.seal(digest),
            _ => Ok(Vec::new()),
        }
    }

    fn sign(&self, act: &SignAct) -> Result<Vec<Event>, Denial> {
        self.stage_in(&[Stage::Closed])?;
        match act {
            SignAct::Ink { seat, digest, strokes } => {
                self.for_seat(seat, digest)?;
                ink_is_sane(strokes)?;
                Ok(self.signed(seat, digest, How::Ink { strokes: strokes.clone() }))
            }
            SignAct::Paper { seat, digest, scan } => {
                self.for_seat(seat, digest)?;
                if !self.state.scans.contains_key(scan) {
                    return Err(Denial::UnknownScan { scan: scan.chars().take(64).collect() });
                }
                Ok(self.signed(seat, digest, How::Paper { scan: scan.clone() }))
            }
            SignAct::Refuse { seat, digest, reason } => {
                self.for_seat(seat, digest)?;
                self.not_signed_yet(seat)?;
                let reason = tame_text("the reason", reason, false)?;
                Ok(self.signed(seat, digest, How::Refused { reason, attested_by: None }))
            }
            SignAct::Attest { seat } => self.attest(seat),
            SignAct::Later { seat, digest, until } => {
                self.for_seat(seat, digest)?;
                self.not_signed_yet(seat)?;
                self.may_read_until(seat, *until)?;
                Ok(self.signed(seat, digest, How::Later { until: *until }))
            }
        }
    }

    /// A signer settles for themself, the clerk for whoever stands at the clerk's desk; always the version that stands.
    fn for_seat(&self, seat: &SeatId, digest: &str) -> Result<(), Denial> {
        if seat != self.seat {
            self.only(&[Role::Clerk])?;
        }
        if !self.state.signers().any(|s| s.id == *seat) {
            return Err(Denial::SignsNot { seat: seat.clone() });
        }
        let current = self.state.version_of(seat);
        if digest == current { Ok(()) } else { Err(Denial::RecordChanged { digest: current }) }
    }

    /// Nobody else's word takes a signature on the current version back.
    fn not_signed_yet(&self, seat: &SeatId) -> Result<(), Denial> {
        match self.state.standing(seat) {
            Standing::Signed => Err(Denial::SignedAlready { seat: seat.clone() }),
            _ => Ok(()),
        }
    }

    fn may_read_until(&self, seat: &SeatId, until: Day) -> Result<(), Denial> {
        let court = matches!(self.state.role(seat).map(Role::side), Some(Side::Bench | Side::Clerk));
        if court {
            return Err(Denial::Malformed {
                what: "the court's own people sign at once; the term to read is for the parties".to_owned(),
            });
        }
        let (today, last) = (self.state.day_at(self.now), self.state.reading_ends());
        if last.is_some_and(|last| (today..=last).contains(&until)) {
            return Ok(());
        }
        Err(Denial::OutsideReadingTerm { from: today, last: last.unwrap_or(today) })
    }

    fn signed(&self, seat: &SeatId, digest: &str, how: How) -> Vec<Event> {
        let noted_by = (seat != self.seat).then(|| self.seat.clone());
        let (seat, digest) = (seat.clone(), digest.to_owned());
        let signature = Signature { seat, digest, at: self.now, how, noted_by };
        if self
            .state
            .signatures
            .get(&signature.seat)
            .is_some_and(|s| Signature { at: self.now, ..s.clone() } == signature)
        {
            return Vec::new();
        }
        vec![Event::RecordSigned { signature }]
    }

    fn attest(&self, seat: &SeatId) -> Result<Vec<Event>, Denial> {
        match self.state.standing(seat) {
            // Nobody attests what they refused themself.
            Standing::Unattested if seat != self.seat => {
                Ok(vec![Event::RefusalAttested { seat: seat.clone() }])
            }
            Standing::Refused => Ok(Vec::new()),
            _ => Err(Denial::NothingToAttest { seat: seat.clone() }),
        }
    }

    /// A meeting's members confirm at their desks; in a hearing one signs by hand.
    fn confirm(&self, digest: &str, refusal: Option<&str>) -> Result<Vec<Event>, Denial> {
        let (seat, digest) = (self.seat.clone(), digest.to_owned());
        match refusal {
            Some(reason) => self.sign(&SignAct::Refuse { seat, digest, reason: reason.to_owned() }),
            None if self.state.meeting.is_none() => Err(Denial::HandMissing),
            None => {
                self.stage_in(&[Stage::Closed])?;
                self.for_seat(&seat, &digest)?;
                Ok(self.signed(&seat, &digest, How::Confirmed))
            }
        }
    }

    fn seal(&self, digest: &str) -> Result<Vec<Event>, Denial> {
        self.stage_in(&[Stage::Closed])?;
        let current = self.state.record_digest();
        if digest != current {
            return Err(Denial::RecordChanged { digest: current });
        }
        let open = |r: &&crate::Request| {
            r.state == RequestState::Open && matches!(r.want, RequestKind::Correct { .. })
        };
        let requests: Vec<_> = self.state.requests.values().filter(open).map(|r| r.id).collect();
        if !requests.is_empty() {
            return Err(Denial::CorrectionsOpen { requests });
        }
        let signing = self.state.signing();
        let those = |wanted: fn(Standing) -> bool| -> Vec<SeatId> {
            signing.iter().filter(|s| wanted(s.standing)).map(|s| s.seat.clone()).collect()
        };
        let seats = those(|s| matches!(s, Standing::Missing | Standing::Stale));
        if !seats.is_empty() {
            return Err(Denial::SignaturesMissing { missing: seats.len() as u32, seats });
        }
        let seats = those(|s| s == Standing::Unattested);
        if !seats.is_empty() {
            return Err(Denial::AttestationMissing { seats });
        }
        let today = self.state.day_at(self.now);
        let reading =
            signing.iter().filter(|s| !s.standing.settles(today)).filter_map(|s| match s.standing {
                Standing::Later { until } => Some((s.seat.clone(), until)),
                _ => None,
            });
        let (seats, days): (Vec<_>, Vec<_>) = reading.unzip();
        if let Some(until) = days.into_iter().max() {
            return Err(Denial::StillReading { seats, until });
        }
        Ok(vec![Event::RecordSealed { digest: current }])
    }
}

/// On the pad, not endless, and more than a slip of the pen.
fn ink_is_sane(strokes: &[Stroke]) -> Result<(), Denial> {
    let points = || strokes.iter().flatten();
    let (wide, high) = PAD;
    if strokes.len() > STROKES_MAX || points().count() > POINTS_MAX {
        return Err(Denial::Malformed {
            what: format!(
                "a signature has at most {STROKES_MAX} strokes and {POINTS_MAX} points; clear the pad and sign again"
            ),
        });
    }
    if points().any(|(x, y)| *x > wide || *y > high) || strokes.iter().any(Vec::is_empty) {
        return Err(Denial::Malformed {
            what: format!("a stroke lies on the pad of {wide} by {high} units"),
        });
    }
    let span = |of: fn(&(u16, u16)) -> u16| {
        let (low, top) = points().map(of).fold((u16::MAX, 0), |(l, t), v| (l.min(v), t.max(v)));
        top.saturating_sub(low)
    };
    if span(|p| p.0).max(span(|p| p.1)) < INK_SPAN_MIN {
        return Err(Denial::Malformed { what: "the pad is empty: sign with your whole name".to_owned() });
    }
    Ok(())
}
