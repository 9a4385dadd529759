//! Evidence, the views on it, and marks.

use model::{EvidenceId, LineId, MarkId, PageRef, Point, Rect, Role, Side};

use super::{Asker, tame_text};
use crate::{Aspect, Command, Denial, Event, EvidenceDraft, Mark, Shape, Stage, Stance};

/// Most points of one pen stroke, and rectangles of one highlight.
const POINTS_MAX: usize = 20_000;
/// Most items of one act.
const ITEMS_MAX: usize = 500;
/// Longest name of a group, in characters.
const GROUP_CHARS_MAX: usize = 60;
/// Who has a view on evidence.
const PARTIES: &[Role] = &[
    Role::Plaintiff,
    Role::PlaintiffAgent,
    Role::Defendant,
    Role::DefendantAgent,
    Role::ThirdParty,
    Role::ThirdPartyAgent,
];

impl Asker<'_> {
    pub(super) fn evidence(&self, command: &Command) -> Result<Vec<Event>, Denial> {
        match command {
            Command::ListEvidence { draft } => self.list(draft),
            Command::CheckOriginal { evidence, checked } => {
                let same = self.item(*evidence)?.original_checked == *checked;
                Ok(if same {
                    Vec::new()
                } else {
                    vec![Event::OriginalChecked { evidence: *evidence, checked: *checked }]
                })
            }
            Command::NoteOpinion { evidence, side, aspect, stance, reason, line } => {
                self.note(&[*evidence], *side, &[*aspect], (*stance, reason, *line))
            }
            Command::NoteGroupOpinion { evidence, side, aspects, stance, reason, line } => {
                self.note(evidence, *side, aspects, (*stance, reason, *line))
            }
            Command::GroupEvidence { evidence, group } => self.group(evidence, group),
            Command::DescribeEvidence { evidence, name, source, purpose } => {
                self.describe(*evidence, name, source, purpose)
            }
            Command::MakeMark { page, shape } => {
                match shape {
                    Shape::Stance { .. } => self.may_take_a_stance(page)?,
                    _ => self.may_present()?,
                }
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
                    // What a party has declared is not the bench's to take back.
                    if matches!(found.shape, Shape::Stance { .. }) {
                        let maker = self.state.seats.get(&found.by).map_or(Role::Plaintiff, |s| s.role);
                        return Err(Denial::NotYours { whose: maker });
                    }
                }
                Ok(vec![Event::MarkUndone { mark: *mark }])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// A party stamps evidence of others once it has been shown. Its view is its own to give: it needs no right to present.
    fn may_take_a_stance(&self, page: &PageRef) -> Result<(), Denial> {
        self.only(PARTIES)?;
        if self.state.screens.locked {
            return Err(Denial::ScreensLocked);
        }
        let side = self.side();
        let mut items = self.state.evidence.values().filter(|e| e.draft.doc.as_ref() == Some(&page.doc));
        if items.any(|e| e.shown.is_some() && e.draft.side != side) {
            Ok(())
        } else {
            Err(Denial::NotShownToYou { page: page.clone() })
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

    /// One view on several items and aspects.
    fn note(
        &self,
        evidence: &[EvidenceId],
        side: Side,
        aspects: &[Aspect],
        (stance, reason, line): (Stance, &str, Option<LineId>),
    ) -> Result<Vec<Event>, Denial> {
        few(evidence)?;
        if !side.is_party() {
            return Err(Denial::Malformed { what: "only a party has a view on evidence".to_owned() });
        }
        if let Some(line) = line {
            self.line(line)?;
        }
        let reason = tame_text("the reason", reason, true)?;
        let mut events = Vec::new();
        for id in evidence {
            if evidence.len() > 1 && self.item(*id)?.draft.side == side {
                let what = "a side has no view on its own evidence; leave its items out";
                return Err(Denial::Malformed { what: what.to_owned() });
            }
            self.item(*id)?;
            let noted = |aspect: &Aspect| Event::OpinionNoted {
                evidence: *id,
                side,
                aspect: *aspect,
                stance,
                reason: reason.clone(),
                line,
            };
            events.extend(aspects.iter().map(noted));
        }
        Ok(events)
    }

    /// A party groups its own evidence; bench and clerk any.
    fn group(&self, evidence: &[EvidenceId], group: &str) -> Result<Vec<Event>, Denial> {
        few(evidence)?;
        let items = evidence.iter().map(|id| self.item(*id)).collect::<Result<Vec<_>, _>>()?;
        let Some(side) = items.first().map(|e| e.draft.side) else { return Ok(Vec::new()) };
        if items.iter().any(|e| e.draft.side != side) {
            let what = "a group holds evidence of one side; group each side's by itself";
            return Err(Denial::Malformed { what: what.to_owned() });
        }
        if self.side() != side {
            self.only(&[Role::Clerk, Role::PresidingJudge, Role::JudgeAssistant])?;
        }
        self.stage_in(&[Stage::Preparing, Stage::InSession, Stage::Recess])?;
        let group = tame_text("the group", group, true)?;
        if group.chars().count() > GROUP_CHARS_MAX || group.contains('\n') {
            let what = format!("a group's name is one line of at most {GROUP_CHARS_MAX} characters");
            return Err(Denial::Malformed { what });
        }
        let moved = items.into_iter().filter(|e| e.group != group);
        let evidence: Vec<_> = moved.map(|e| e.id).collect();
        Ok(if evidence.is_empty() { Vec::new() } else { vec![Event::EvidenceGrouped { evidence, group }] })
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
        self.item(evidence)?;
        let text = tame_text("the note", text, true)?;
        let same = self.state.bench_notes.get(&evidence).map_or("", String::as_str) == text;
        Ok(if same { Vec::new() } else { vec![Event::BenchNoted { evidence, text }] })
    }

    pub(super) fn item(&self, id: EvidenceId) -> Result<&crate::Evidence, Denial> {
        self.state.evidence.get(&id).ok_or(Denial::UnknownEvidence { evidence: id })
    }
}

fn few(evidence: &[EvidenceId]) -> Result<(), Denial> {
    if (1..=ITEMS_MAX).contains(&evidence.len()) {
        Ok(())
    } else {
        Err(Denial::Malformed { what: format!("choose between 1 and {ITEMS_MAX} items of evidence") })
    }
}

pub(super) fn next_evidence(state: &crate::State) -> EvidenceId {
    EvidenceId(state.evidence.keys().next_back().map_or(0, |e| e.0) + 1)
}

fn on_sheet(Point { x, y }: Point) -> bool {
    Rect { x, y, w: 0, h: 0 }.is_sane()
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
        Shape::Arrow { from, to } if from == to || !on_sheet(*from) || !on_sheet(*to) => {
            wrong("an arrow leads from one place of the sheet to another")
        }
        Shape::Stance { at, .. } if !on_sheet(*at) => wrong("a stance lies on the sheet"),
        Shape::Ink { .. } | Shape::Box { .. } | Shape::Arrow { .. } | Shape::Stance { .. } => {
            Ok(shape.clone())
        }
    }
}
