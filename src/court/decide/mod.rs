//! Judges an input: which events follow, or why none.

mod course;
mod curtain;
mod evidence;
mod floor;
mod issue;
mod meeting;
mod procedure;
mod record;
mod report;
mod signing;
mod term;

use model::{HearingTime, Role, SeatId, Side};

use crate::{Command, Denial, Event, Input, RequestKind, Stage, State, rights};

/// Longest text of one field, in characters.
const TEXT_CHARS_MAX: usize = 4000;

/// Judges `input` at time `now`.
///
/// `Ok` holds the events in order; it is empty for a repeated command or a report that changes nothing.
pub fn decide(state: &State, now: HearingTime, input: &Input) -> Result<Vec<Event>, Denial> {
    match input {
        Input::Report { report, .. } => Ok(report::report(state, now, report)),
        Input::Command { seat, cmd, .. } if state.has_done(seat, cmd) => Ok(Vec::new()),
        Input::Command { command, inside: true, .. } if curtain::is_outlived(state, command) => {
            Err(Denial::CurtainLifted)
        }
        Input::Command { seat, command, .. } => {
            let role = state.role(seat).ok_or_else(|| Denial::UnknownSeat { seat: seat.clone() })?;
            Asker { state, now, seat, role }.judge(command)
        }
    }
}

/// A person's act being judged.
struct Asker<'a> {
    state: &'a State,
    now: HearingTime,
    seat: &'a SeatId,
    role: Role,
}

impl Asker<'_> {
    fn judge(&self, command: &Command) -> Result<Vec<Event>, Denial> {
        use Command as C;
        if self.state.stage == Stage::Sealed && !matches!(command, C::Show { .. } | C::Hide) {
            return Err(Denial::WrongStage { stage: Stage::Sealed });
        }
        // Whoever waits to testify learns nothing by acting either: a refusal tells how things stand.
        // What they said themself they may have corrected, and sign.
        let said = |line| self.state.lines.get(line).is_some_and(|l| l.speaker() == self.seat);
        let own = match command {
            C::Sign { .. } | C::SignRecord { .. } => true,
            C::Ask { want: RequestKind::Correct { line, .. } } => said(line),
            _ => false,
        };
        if self.state.waits_to_testify(self.seat) && !own {
            return Err(Denial::NotOnTheStand);
        }
        // Nor does the gallery while the curtain is down, whatever right it was given.
        if self.role == Role::Public && self.state.curtain().is_some() {
            return Err(Denial::NotYours { whose: Role::PresidingJudge });
        }
        self.only(rights::of(command))?;
        match command {
            C::LowerCurtain { ground } => self.lower_curtain(*ground),
            C::LiftCurtain => self.lift_curtain(),
            C::Meet { act } => self.meet(act),
            C::TakeStep { step } => self.take_step(step),
            C::ChangeIssues { act } => self.change_issues(act),
            C::ChangeTerms { act } => self.change_terms(act),
            C::NoteForBench { evidence, text } => self.note_for_bench(*evidence, text),
            C::OpenSession
            | C::EnterPhase { .. }
            | C::MergePhase { .. }
            | C::TickCheck { .. }
            | C::CallRecess { .. }
            | C::Resume
            | C::CloseSession
            | C::CheckAttendance { .. }
            | C::SetSeat { .. }
            | C::StateFault { .. }
            | C::ReviewFault { .. } => self.course(command),
            C::Show { .. }
            | C::Hide
            | C::Lock
            | C::Unlock
            | C::SetPresenter { .. }
            | C::Ask { .. }
            | C::Answer { .. }
            | C::Withdraw { .. } => self.floor(command),
            C::ListEvidence { .. }
            | C::CheckOriginal { .. }
            | C::NoteOpinion { .. }
            | C::MakeMark { .. }
            | C::DescribeEvidence { .. }
            | C::GroupEvidence { .. }
            | C::NoteGroupOpinion { .. }
            | C::UndoMark { .. } => self.evidence(command),
            C::CorrectLine { .. }
            | C::ReattributeLine { .. }
            | C::SplitLine { .. }
            | C::JoinLines { .. }
            | C::AcceptText { .. }
            | C::DropSuggestion { .. }
            | C::InsertLine { .. }
            | C::CiteStatute { .. }
            | C::KeepRecord { .. }
            | C::WordPoint { .. }
            | C::TakeOver { .. } => self.record(command),
            C::Sign { .. } | C::SignRecord { .. } | C::SealRecord { .. } => self.signing(command),
        }
    }

    fn only_presiding(&self) -> Result<(), Denial> {
        self.only(&[Role::PresidingJudge])
    }

    /// The first of `roles` is the one named in the refusal.
    fn only(&self, roles: &[Role]) -> Result<(), Denial> {
        match roles {
            _ if roles.contains(&self.role) => Ok(()),
            [whose, ..] => Err(Denial::NotYours { whose: *whose }),
            [] => Err(Denial::NotYours { whose: Role::PresidingJudge }),
        }
    }

    fn stage_in(&self, stages: &[Stage]) -> Result<(), Denial> {
        if stages.contains(&self.state.stage) {
            Ok(())
        } else {
            Err(Denial::WrongStage { stage: self.state.stage })
        }
    }

    fn side(&self) -> Side {
        self.role.side()
    }
}

/// A text that shall be recorded: trimmed, not too long; empty only where that is said.
fn tame_text(what: &str, text: &str, may_be_empty: bool) -> Result<String, Denial> {
    let text = text.trim();
    if text.is_empty() && !may_be_empty {
        return Err(Denial::EmptyText { what: what.to_owned() });
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Denial::TextTooLong { what: what.to_owned(), max: TEXT_CHARS_MAX as u32 });
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Denial::Malformed { what: format!("{what} holds control characters; remove them") });
    }
    Ok(text.to_owned())
}
