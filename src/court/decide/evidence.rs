//! Evidence, the views on it, and marks.

use model::{EvidenceId, MarkId, Role, Side};

use super::{Asker, tame_text};
use crate::{Command, Denial, Event, EvidenceDraft, Mark, Shape, Stage};

/// Most points of one pen stroke, and rectangles of one highlight.
const POINTS_MAX: usize = 20_000;

impl Asker<'_> {
    pub(super) fn evidence(&self, command: &Command) -> Result<Vec<Event>, Denial> {
        match command {
            Command::ListEvidence { draft } => self.list(draft),
            Command::CheckOriginal { evidence, checked } => {
                self.only(&[Role::PresidingJudge, Role::Clerk, Role::Judge, Role::JudgeAssistant])?;
                let same = self.item(*evidence)?.original_checked == *checked;
                Ok(if same {
                    Vec::new()
                } else {
                    vec![Event::OriginalChecked { evidence: *evidence, checked: *checked }]
                })
            }
            Command::NoteOpinion { evidence, side, aspect, stance, reason, line } => {
                self.only(&[Role::PresidingJudge, Role::Clerk, Role::Judge, Role::JudgeAssistant])?;
                self.item(*evidence)?;
                if !side.is_party() {
                    return Err(Denial::Malformed { what: "only a party has a view on evidence".to_owned() });
                }
                if let Some(line) = line {
                    self.line(*line)?;
                }
                let reason = tame_text("the reason", reason, true)?;
                Ok(vec![Event::OpinionNoted {
                    evidence: *evidence,
                    side: *side,
                    aspect: *aspect,
                    stance: *stance,
                    reason,
                    line: *line,
                }])
            }
            Command::DescribeEvidence { evidence, name, source, purpose } => {
                self.describe(*evidence, name, source, purpose)
            }
            Command::MakeMark { page, shape } => {
                self.may_present()?;
                if page.page == 0 {
                    return Err(Denial::Malformed { what: "pages count from 1".to_owned() });
                }
                let shape = tame_shape(shape)?;
                let id = MarkId(self.state.marks.keys().next_back().map_or(0, |m| m.0) + 1);
                let mark = Mark {
                    id,
                    page: page.clone(),
                    shape,
                    by: self.seat.clone(),
                    side: self.side(),
                    at: self.now,
                    undone: None,
                    session: None,
                    closed: self.state.curtain().is_some(),
                };
                Ok(vec![Event::MarkMade { mark }])
            }
            Command::UndoMark { mark } => {
                let found = self.state.marks.get(mark).filter(|m| m.undone.is_none());
                let found = found.ok_or(Denial::UnknownMark { mark: *mark })?;
                if found.by != *self.seat {
                    self.only_presiding()?;
                }
                Ok(vec![Event::MarkUndone { mark: *mark }])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn list(&self, draft: &EvidenceDraft) -> Result<Vec<Event>, Denial> {
        let own = self.side() == draft.side && draft.side.is_party();
        if !own {
            self.only(&[Role::Clerk, Role::PresidingJudge, Role::JudgeAssistant])?;
        }
        self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
        if draft.number == 0 {
            return Err(Denial::Malformed { what: "evidence numbers count from 1".to_owned() });
        }
        let listed = |side: Side, number: u32| {
            self.state.evidence.values().any(|e| e.draft.side == side && e.draft.number == number)
        };
        if listed(draft.side, draft.number) {
            return Err(Denial::EvidenceListed { side: draft.side, number: draft.number });
        }
        let draft = EvidenceDraft {
            name: tame_text("the name", &draft.name, false)?,
            source: tame_text("the source", &draft.source, true)?,
            purpose: tame_text("the purpose", &draft.purpose, true)?,
            ..draft.clone()
        };
        Ok(vec![Event::EvidenceListed { evidence: next_evidence(self.state), draft }])
    }

    /// A party describes its own evidence; bench and clerk any.
    fn describe(
        &self,
        evidence: EvidenceId,
        name: &str,
        source: &str,
        purpose: &str,
    ) -> Result<Vec<Event>, Denial> {
        let draft = &self.item(evidence)?.draft;
        if self.side() != draft.side {
            self.only(&[Role::Clerk, Role::PresidingJudge, Role::JudgeAssistant])?;
        }
        self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
        let name = tame_text("the name", name, false)?;
        let source = tame_text("the source", source, true)?;
        let purpose = tame_text("the purpose", purpose, true)?;
        let same = (&draft.name, &draft.source, &draft.purpose) == (&name, &source, &purpose);
        Ok(if same { Vec::new() } else { vec![Event::EvidenceDescribed { evidence, name, source, purpose }] })
    }

    /// The notes of the bench are the judges' own: not even the clerk writes or reads them.
    pub(super) fn note_for_bench(&self, evidence: EvidenceId, text: &str) -> Result<Vec<Event>, Denial> {
        self.only(&[Role::PresidingJudge, Role::Judge, Role::Assessor, Role::JudgeAssistant])?;
        self.item(evidence)?;
        let text = tame_text("the note", text, true)?;
        let same = self.state.bench_notes.get(&evidence).map_or("", String::as_str) == text;
        Ok(if same { Vec::new() } else { vec![Event::BenchNoted { evidence, text }] })
    }

    pub(super) fn item(&self, id: EvidenceId) -> Result<&crate::Evidence, Denial> {
        self.state.evidence.get(&id).ok_or(Denial::UnknownEvidence { evidence: id })
    }
}

pub(super) fn next_evidence(state: &crate::State) -> EvidenceId {
    EvidenceId(state.evidence.keys().next_back().map_or(0, |e| e.0) + 1)
}

fn tame_shape(shape: &Shape) -> Result<Shape, Denial> {
    let wrong = |what: &str| Err(Denial::Malformed { what: what.to_owned() });
    match shape {
        Shape::Highlight { rects, quote } => {
            if rects.is_empty() || rects.len() > POINTS_MAX || !rects.iter().all(|r| r.is_sane()) {
                return wrong("a highlight covers at least one rectangle on the sheet");
            }
            Ok(Shape::Highlight { rects: rects.clone(), quote: tame_text("the quote", quote, true)? })
        }
        Shape::Ink { points } if points.is_empty() || points.len() > POINTS_MAX => {
            wrong("a stroke has between 1 and 20000 points")
        }
        Shape::Box { rect } if !rect.is_sane() => wrong("a box lies on the sheet"),
        Shape::Note { at, text } => Ok(Shape::Note { at: *at, text: tame_text("the note", text, false)? }),
        Shape::Ink { .. } | Shape::Box { .. } => Ok(shape.clone()),
    }
}
