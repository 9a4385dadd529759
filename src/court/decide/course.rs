//! The course of the hearing: opening, phases, interruptions, closing, attendance, faults.

use model::{GapId, Role, Seat, SeatId};

use super::{Asker, tame_text};
use crate::{Command, Denial, Event, Ground, Outline, Phase, PhaseId, Stage};

impl Asker<'_> {
    pub(super) fn course(&self, command: &Command) -> Result<Vec<Event>, Denial> {
        match command {
            Command::OpenSession => {
                self.stage_in(&[Stage::Preparing])?;
                Ok(self.turn(Event::SessionOpened, |outline| outline.opens.as_ref()))
            }
            Command::EnterPhase { phase } => {
                self.phase(phase)?;
                Ok(vec![Event::PhaseEntered { phase: phase.clone() }])
            }
            Command::MergePhase { phase } => {
                self.phase(phase)?;
                let held = self.state.phase.as_ref() == Some(phase) || self.state.merged.contains(phase);
                Ok(if held { Vec::new() } else { vec![Event::PhaseMerged { phase: phase.clone() }] })
            }
            Command::TickCheck { phase, item, done } => self.tick(phase, *item, *done),
            Command::CallRecess { ground, note } => self.call_recess(ground, note),
            Command::Resume => {
                self.stage_in(&[Stage::Recess])?;
                let open = self.state.ledger.iter().find(|g| g.to.is_none()).map(|g| g.id);
                // A recess without an open entry cannot arise; resuming must still be possible.
                Ok(vec![Event::Resumed { gap: open.unwrap_or_default() }])
            }
            Command::CloseSession => {
                self.stage_in(&[Stage::InSession, Stage::Recess])?;
                Ok(self.lifted().chain(self.turn(Event::SessionClosed, |o| o.closes.as_ref())).collect())
            }
            Command::CheckAttendance { seat, present } => {
                self.known_seat(seat)?;
                Ok(vec![Event::AttendanceChecked { seat: seat.clone(), present: *present }])
            }
            Command::SetSeat { seat } => {
                // Who is a member was said when the meeting was convened.
                if self.state.meeting.is_some() {
                    return Err(Denial::MembersAreFixed);
                }
                let mut seat = seat.clone();
                seat.name = tame_text("the name", &seat.name, true)?;
                seat.authority = tame_text("the authority", &seat.authority, true)?;
                let presiding = self.state.seats.values().find(|s| s.role == Role::PresidingJudge);
                let taken =
                    presiding.is_some_and(|p| (p.id == seat.id) != (seat.role == Role::PresidingJudge));
                if taken {
                    return Err(Denial::Malformed {
                        what: "a hearing has exactly one presiding judge".to_owned(),
                    });
                }
                self.acts_for(&seat)?;
                Ok(self.seated(seat))
            }
            Command::StateFault { gap, statement } => {
                self.fault(*gap)?;
                let statement = tame_text("the statement", statement, false)?;
                Ok(vec![Event::FaultStated { gap: *gap, statement }])
            }
            Command::ReviewFault { gap } => {
                if self.fault(*gap)?.statement.is_none() {
                    return Err(Denial::NoSuchFault { gap: *gap });
                }
                Ok(vec![Event::FaultReviewed { gap: *gap }])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// An agent acts for parties of their own side.
    fn acts_for(&self, agent: &Seat) -> Result<(), Denial> {
        let party = |id: &SeatId| {
            let seat = self.state.seats.get(id).filter(|s| s.id != agent.id);
            seat.is_some_and(|s| s.role.side() == agent.role.side() && !s.role.is_agent())
        };
        match agent.acts_for.is_empty() || (agent.role.is_agent() && agent.acts_for.iter().all(party)) {
            true => Ok(()),
            false => {
                Err(Denial::Malformed { what: "an agent acts for parties of their own side".to_owned() })
            }
        }
    }

    /// A case has one judge in charge: who was until now is so no longer.
    fn seated(&self, mut seat: Seat) -> Vec<Event> {
        seat.in_charge = seat.is_in_charge();
        let others =
            self.state.seats.values().filter(|s| seat.in_charge && s.id != seat.id && s.is_in_charge());
        let relieved = others.map(|s| Event::SeatSet { seat: s.relieved() }).collect::<Vec<_>>();
        relieved.into_iter().chain([Event::SeatSet { seat }]).collect()
    }

    /// 开庭 and 闭庭 take the bench along to the phase the outline names for it, never back.
    fn turn(&self, event: Event, leads: fn(&Outline) -> Option<&PhaseId>) -> Vec<Event> {
        let outline = self.state.outline.as_ref();
        let to = outline.and_then(|o| leads(o).filter(|to| o.is_ahead(to, self.state.phase.as_ref())));
        let entered = to.map(|phase| Event::PhaseEntered { phase: phase.clone() });
        std::iter::once(event).chain(entered).collect()
    }

    fn phase(&self, id: &PhaseId) -> Result<&Phase, Denial> {
        let found = self.state.outline.as_ref().and_then(|o| o.find(id));
        found.ok_or_else(|| Denial::UnknownPhase { phase: id.clone() })
    }

    fn tick(&self, phase: &PhaseId, item: u32, done: bool) -> Result<Vec<Event>, Denial> {
        if self.phase(phase)?.checks.get(item as usize).is_none() {
            return Err(Denial::UnknownCheck { phase: phase.clone(), item });
        }
        let same = self.state.ticks.contains_key(&(phase.clone(), item)) == done;
        Ok(if same { Vec::new() } else { vec![Event::CheckTicked { phase: phase.clone(), item, done }] })
    }

    fn call_recess(&self, ground: &Ground, note: &str) -> Result<Vec<Event>, Denial> {
        self.stage_in(&[Stage::InSession])?;
        if !ground.is_lawful() {
            return Err(Denial::UnlawfulGround { ground: ground.clone() });
        }
        let note = tame_text("the note", note, true)?;
        Ok(vec![Event::RecessCalled { gap: next_gap(self.state), ground: ground.clone(), note }])
    }

    fn known_seat(&self, seat: &SeatId) -> Result<(), Denial> {
        match self.state.seats.contains_key(seat) {
            true => Ok(()),
            false => Err(Denial::UnknownSeat { seat: seat.clone() }),
        }
    }

    fn fault(&self, gap: GapId) -> Result<&crate::Interruption, Denial> {
        let found = self.state.ledger.iter().find(|g| g.id == gap && !g.ground.is_lawful());
        found.ok_or(Denial::NoSuchFault { gap })
    }
}

pub(super) fn next_gap(state: &crate::State) -> GapId {
    GapId(state.ledger.last().map_or(0, |g| g.id.0) + 1)
}
