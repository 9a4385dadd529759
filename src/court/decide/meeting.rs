//! What is done in a meeting of its members.

use std::collections::BTreeSet;

use model::SeatId;

use super::{Asker, tame_text};
use crate::meeting::{may_vote, outcome, quorum};
use crate::{
    Denial, Event, Matter, Meeting, MeetingAct, MeetingKind, Outcome, Question, QuestionId, Stage, State,
    Unsettled,
};

/// Options of a question.
const OPTIONS_MAX: usize = 8;
/// Longest option, in characters.
const OPTION_CHARS_MAX: usize = 200;
/// Questions of a meeting.
const QUESTIONS_MAX: usize = 50;

impl Asker<'_> {
    pub(super) fn meet(&self, act: &MeetingAct) -> Result<Vec<Event>, Denial> {
        let no_meeting =
            || Denial::Malformed { what: "this hearing is no meeting of its members".to_owned() };
        let meeting = self.state.meeting.as_ref().ok_or_else(no_meeting)?;
        match act {
            MeetingAct::Arrive => {
                self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
                let there = self.state.seats.get(self.seat).is_some_and(|s| s.present);
                let arrived = Event::AttendanceChecked { seat: self.seat.clone(), present: true };
                Ok(if there { Vec::new() } else { vec![arrived] })
            }
            MeetingAct::GiveTurn { turn } => {
                self.stage_in(&[Stage::InSession])?;
                if *turn as usize > meeting.order.len() {
                    let what = format!("the order of speech has {} turns", meeting.order.len());
                    return Err(Denial::Malformed { what });
                }
                Ok(met(act.clone()))
            }
            MeetingAct::Put { text, matter, options } => self.put(meeting, text, *matter, options),
            MeetingAct::Vote { question, choice, grounds } => self.vote(meeting, *question, *choice, grounds),
            MeetingAct::Settle { question } => self.settle(meeting, *question),
            MeetingAct::Submit { grounds } => {
                self.stage_in(&[Stage::InSession])?;
                let undecided = meeting.questions.iter().any(|q| q.outcome == Some(Outcome::Undecided));
                if meeting.kind != MeetingKind::Panel || !undecided {
                    return Err(Denial::NothingUndecided);
                }
                let grounds = tame_text("the grounds", grounds, false)?;
                Ok(met(MeetingAct::Submit { grounds }))
            }
        }
    }

    fn put(
        &self,
        meeting: &Meeting,
        text: &str,
        matter: Matter,
        options: &[String],
    ) -> Result<Vec<Event>, Denial> {
        self.may_decide(meeting)?;
        if meeting.kind == MeetingKind::Judges {
            return Err(Denial::NoVote);
        }
        let malformed = |what: String| Denial::Malformed { what };
        if meeting.questions.len() >= QUESTIONS_MAX {
            return Err(malformed(format!(
                "a meeting has at most {QUESTIONS_MAX} questions; convene another"
            )));
        }
        let text = tame_text("the question", text, false)?;
        let options: Vec<_> =
            options.iter().map(|o| tame_text("an option", o, false)).collect::<Result<_, _>>()?;
        let distinct: BTreeSet<_> = options.iter().collect();
        if !(2..=OPTIONS_MAX).contains(&options.len()) || distinct.len() != options.len() {
            return Err(malformed(format!("a question has two to {OPTIONS_MAX} different options")));
        }
        if options.iter().any(|o| o.chars().count() > OPTION_CHARS_MAX || o.contains('\n')) {
            return Err(malformed(format!("an option is one line of at most {OPTION_CHARS_MAX} characters")));
        }
        Ok(met(MeetingAct::Put { text, matter, options }))
    }

    fn vote(
        &self,
        meeting: &Meeting,
        question: QuestionId,
        choice: Option<u32>,
        grounds: &str,
    ) -> Result<Vec<Event>, Denial> {
        self.may_decide(meeting)?;
        let asked = open_question(meeting, question)?;
        let votes = meeting
            .member(self.seat)
            .is_some_and(|m| may_vote(meeting.kind, &meeting.members, m, asked.matter));
        if !votes {
            return Err(Denial::NoVote);
        }
        let known =
            choice.map_or(meeting.kind == MeetingKind::Committee, |n| (n as usize) < asked.options.len());
        if !known {
            return Err(Denial::Malformed { what: "choose one of the options".to_owned() });
        }
        let grounds = tame_text("the grounds", grounds, true)?;
        // 不得仅作同意与否的简单表态: grounds are in the vote, or were given by mouth.
        let spoke = || self.state.lines.values().any(|l| l.speaker() == self.seat && !l.text().is_empty());
        if meeting.kind == MeetingKind::Panel && grounds.is_empty() && !spoke() {
            return Err(Denial::GroundsMissing { missing: 1 });
        }
        Ok(met(MeetingAct::Vote { question, choice, grounds }))
    }

    fn settle(&self, meeting: &Meeting, question: QuestionId) -> Result<Vec<Event>, Denial> {
        self.may_decide(meeting)?;
        let asked = open_question(meeting, question)?;
        match outcome(meeting.kind, &meeting.members, &present(self.state), asked) {
            Ok(outcome) => Ok(vec![Event::QuestionSettled { question, outcome }]),
            Err(Unsettled::VotesMissing(seats)) => Err(Denial::VotesMissing { missing: seats.len() as u32 }),
            Err(Unsettled::GroundsMissing(seats)) => {
                Err(Denial::GroundsMissing { missing: seats.len() as u32 })
            }
            Err(Unsettled::NoVotes) => Err(Denial::NoVote),
        }
    }

    fn may_decide(&self, meeting: &Meeting) -> Result<(), Denial> {
        self.stage_in(&[Stage::InSession])?;
        quorum(meeting.kind, &meeting.members, &present(self.state))
            .map_err(|short| Denial::TooFew { present: short.present as u32, needed: short.needed as u32 })
    }
}

fn met(act: MeetingAct) -> Vec<Event> {
    vec![Event::Met { act }]
}

fn present(state: &State) -> BTreeSet<SeatId> {
    state.seats.values().filter(|s| s.present).map(|s| s.id.clone()).collect()
}

fn open_question(meeting: &Meeting, id: QuestionId) -> Result<&Question, Denial> {
    let found = meeting.question(id).filter(|q| q.outcome.is_none());
    found.ok_or(Denial::QuestionNotOpen { question: id.0 })
}
