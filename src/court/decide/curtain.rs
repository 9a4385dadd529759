//! The curtain (不公开): the presiding judge's alone.

use super::Asker;
use super::record::next_line;
use crate::{Command, CurtainGround, Denial, Event, Stage, State};

impl Asker<'_> {
    pub(super) fn lower_curtain(&self, ground: CurtainGround) -> Result<Vec<Event>, Denial> {
        self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
        match self.state.curtain() {
            Some(down) if down.ground == ground => Ok(Vec::new()),
            Some(_) => Err(Denial::CurtainDown),
            None => {
                let line = next_line(self.state);
                // The line first, while it is still public: everybody may read that what follows is not.
                Ok(vec![self.tells("以下不公开进行。"), Event::CurtainLowered { ground, line }])
            }
        }
    }

    pub(super) fn lift_curtain(&self) -> Result<Vec<Event>, Denial> {
        Ok(self.lifted().collect())
    }

    /// What lifts the curtain; nothing if it is not down. 闭庭 lifts it too.
    pub(super) fn lifted(&self) -> impl Iterator<Item = Event> + use<'_> {
        let lift = || [Event::CurtainLifted { line: next_line(self.state) }, self.tells("恢复公开进行。")];
        self.state.curtain().map(|_| lift()).into_iter().flatten()
    }

    fn tells(&self, text: &str) -> Event {
        let (line, text) = (next_line(self.state), text.to_owned());
        Event::LineInserted { line, seat: self.presiding(), from: self.now, text, taken_over: None }
    }
}

/// Whether the curtain behind which a command was given has been lifted, and what it does would be public because of that. A line belongs to
/// the time at which it was said or typed, whenever it arrives.
pub(super) fn is_outlived(state: &State, command: &Command) -> bool {
    use Command as C;
    let public = match command {
        C::Show { .. }
        | C::MakeMark { .. }
        | C::SetSeat { .. }
        | C::ListEvidence { .. }
        | C::NoteOpinion { .. }
        | C::GroupEvidence { .. }
        | C::NoteGroupOpinion { .. }
        | C::DescribeEvidence { .. }
        | C::CiteStatute { .. }
        | C::TakeStep { .. }
        | C::ChangeIssues { .. } => true,
        C::OpenSession
        | C::EnterPhase { .. }
        | C::MergePhase { .. }
        | C::TickCheck { .. }
        | C::CallRecess { .. }
        | C::Resume
        | C::CloseSession
        | C::LowerCurtain { .. }
        | C::LiftCurtain
        | C::CheckAttendance { .. }
        | C::Hide
        | C::Lock
        | C::Unlock
        | C::SetPresenter { .. }
        | C::Ask { .. }
        | C::Answer { .. }
        | C::Withdraw { .. }
        | C::CheckOriginal { .. }
        | C::UndoMark { .. }
        | C::CorrectLine { .. }
        | C::ReattributeLine { .. }
        | C::SplitLine { .. }
        | C::JoinLines { .. }
        | C::AcceptText { .. }
        | C::DropSuggestion { .. }
        | C::InsertLine { .. }
        | C::KeepRecord { .. }
        | C::WordPoint { .. }
        | C::TakeOver { .. }
        | C::ChangeTerms { .. }
        | C::StateFault { .. }
        | C::ReviewFault { .. }
        | C::Sign { .. }
        | C::SignRecord { .. }
        | C::SealRecord { .. }
        | C::NoteForBench { .. }
        | C::Meet { .. } => false,
    };
    public && state.curtain().is_none()
}
