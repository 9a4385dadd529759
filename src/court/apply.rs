//! The only place that changes state.

use model::{GapId, HearingTime, LineId, SeatId};

use crate::state::COMMANDS_REMEMBERED;
use crate::{
    Accepted, Actor, Event, Evidence, Ground, Hole, Interruption, Line, Opinion, PhaseId, Recognised,
    RequestKind, RequestState, Revision, RevisionBasis, Stage, Stamped, State, Tick, Wording,
};

impl State {
    /// Applies one event. Total: an event about something unknown changes nothing, so that a newer journal never panics.
    pub fn apply(&mut self, stamped: &Stamped) {
        if let (Some(cmd), Actor::Seat { seat }) = (&stamped.cmd, &stamped.actor)
            && self.commands.back().is_none_or(|(s, c)| (s, c) != (seat, cmd))
        {
            self.commands.push_back((seat.clone(), cmd.clone()));
            if self.commands.len() > COMMANDS_REMEMBERED {
                self.commands.pop_front();
            }
        }
        let at = stamped.at;
        let by = match &stamped.actor {
            Actor::Seat { seat } => Some(seat.clone()),
            Actor::Machine { .. } => None,
        };
        match &stamped.event {
            Event::HearingOpened { info, outline, seats } => {
                self.info = Some(info.clone());
                self.phase = outline.phases.first().map(|p| p.id.clone());
                self.visited = self.phase.iter().cloned().collect();
                self.outline = Some(outline.clone());
                self.seats = seats.iter().map(|s| (s.id.clone(), s.clone())).collect();
                self.seats_outside = self.seats.clone();
            }
            Event::CaseContinued { hearing, session, record } => {
                self.continues = Some((hearing.clone(), *session, record.clone()));
            }
            Event::SeatSet { seat } => {
                if self.curtain().is_none() {
                    self.seats_outside.insert(seat.id.clone(), seat.clone());
                }
                self.seats.insert(seat.id.clone(), seat.clone());
            }
            Event::AttendanceChecked { seat, present } => {
                let open = self.curtain().is_none();
                let outside = self.seats_outside.get_mut(seat).filter(|_| open);
                for s in self.seats.get_mut(seat).into_iter().chain(outside) {
                    s.present = *present;
                }
            }
            Event::Denied { .. } => self.denials += 1,
            Event::ProcessFailed { process, sentence } => {
                self.faults.insert(*process, sentence.clone());
            }
            Event::ProcessBack { process } => {
                self.faults.remove(process);
            }
            Event::SessionOpened
            | Event::PhaseEntered { .. }
            | Event::PhaseMerged { .. }
            | Event::CheckTicked { .. }
            | Event::RecessCalled { .. }
            | Event::Resumed { .. }
            | Event::SessionClosed
            | Event::MediaSealed
            | Event::FragmentWritten(_)
            | Event::GapFound { .. }
            | Event::FaultStated { .. }
            | Event::FaultReviewed { .. } => self.apply_course(at, by.as_ref(), &stamped.event),
            Event::Shown { .. }
            | Event::Hidden
            | Event::ScreensLocked
            | Event::ScreensUnlocked
            | Event::ScreensConfirmed { .. }
            | Event::PresenterSet { .. }
            | Event::RequestFiled { .. }
            | Event::RequestDecided { .. }
            | Event::RequestWithdrawn { .. } => self.apply_floor(at, by.as_ref(), &stamped.event),
            Event::EvidenceListed { .. }
            | Event::EvidenceRebound { .. }
            | Event::EvidenceCarried { .. }
            | Event::MarkCarried { .. }
            | Event::EvidenceShown { .. }
            | Event::OriginalChecked { .. }
            | Event::OpinionNoted { .. }
            | Event::EvidenceDescribed { .. }
            | Event::EvidenceGrouped { .. }
            | Event::MarkMade { .. }
            | Event::MarkUndone { .. } => self.apply_evidence(at, by.as_ref(), &stamped.event),
            Event::LineSettled { .. }
            | Event::LineInserted { .. }
            | Event::StatuteCited { .. }
            | Event::LineRevised { .. }
            | Event::LineSplit { .. }
            | Event::LinesJoined { .. }
            | Event::TextAccepted { .. }
            | Event::AcceptanceWithdrawn { .. }
            | Event::SpeakerOpened { .. }
            | Event::RecordKept { .. }
            | Event::PointWorded { .. }
            | Event::SuggestionMade { .. }
            | Event::VoiceLikened { .. }
            | Event::HeardAgain { .. }
            | Event::SuggestionDropped { .. }
            | Event::CommandHeard { .. } => self.apply_record(at, by.as_ref(), &stamped.event),
            Event::RecordSigned { .. }
            | Event::RefusalAttested { .. }
            | Event::ScanKept { .. }
            | Event::RecordSealed { .. } => self.apply_signing(by.as_ref(), &stamped.event),
            Event::CurtainLowered { .. } | Event::CurtainLifted { .. } => {
                self.apply_curtain(at, by.as_ref(), &stamped.event);
            }
            Event::MeetingConvened { .. } | Event::Met { .. } | Event::QuestionSettled { .. } => {
                self.apply_meeting(at, by.as_ref(), &stamped.event);
            }
            Event::StepTaken { step, line } => self.take_step(step, *line, at, by.as_ref()),
            Event::IssuesChanged { issues, .. } | Event::IssuesCarried { issues } => {
                self.issues = issues.clone();
            }
            Event::TermsChanged { act } => self.terms.apply(act),
            Event::TermsCarried { terms } => self.terms = terms.clone(),
            Event::BenchNoted { evidence, text } => match text.is_empty() {
                true => drop(self.bench_notes.remove(evidence)),
                false => drop(self.bench_notes.insert(*evidence, text.clone())),
            },
        }
    }

    fn apply_course(&mut self, at: HearingTime, by: Option<&SeatId>, event: &Event) {
        match event {
            Event::SessionOpened => {
                self.stage = Stage::InSession;
                self.opened = Some(at);
            }
            Event::PhaseEntered { phase } => {
                self.phase = Some(phase.clone());
                self.merged.clear();
                self.visit(phase);
            }
            Event::PhaseMerged { phase } => {
                self.merged.push(phase.clone());
                self.visit(phase);
            }
            Event::CheckTicked { phase, item, done } => {
                let key = (phase.clone(), *item);
                match (done, by) {
                    (true, Some(by)) => {
                        let tick = Tick { phase: phase.clone(), item: *item, by: by.clone(), at };
                        self.ticks.insert(key, tick);
                    }
                    _ => drop(self.ticks.remove(&key)),
                }
            }
            Event::RecessCalled { gap, ground, note } => {
                self.stage = Stage::Recess;
                self.ledger.push(interruption(*gap, ground.clone(), note.clone(), at, None));
            }
            Event::Resumed { gap } => {
                self.stage = Stage::InSession;
                self.close_gap(*gap, at);
            }
            Event::SessionClosed => {
                let open: Vec<GapId> = self.ledger.iter().filter(|g| g.to.is_none()).map(|g| g.id).collect();
                open.into_iter().for_each(|gap| self.close_gap(gap, at));
                self.stage = Stage::Closed;
                self.closed = Some(at);
                self.screens.presenter = None;
            }
            Event::MediaSealed => self.media_sealed = true,
            Event::FragmentWritten(fragment) => {
                let leaf = proof::leaf_hash(fragment.sha256.as_bytes());
                self.recorded.entry(fragment.track.clone()).or_default().push(leaf);
                self.tracks.insert(fragment.track.clone(), fragment.clone());
            }
            Event::GapFound { gap, track, cause, from, to } => {
                let (from, to) = (*from, *to);
                let hole = Hole { track: track.clone(), from, to };
                match self.ledger.iter_mut().find(|g| g.id == *gap) {
                    Some(same) => {
                        same.from = same.from.min(from);
                        same.to = same.to.max(Some(to));
                        same.holes.push(hole);
                    }
                    None => {
                        let ground = Ground::Fault { cause: *cause };
                        let found = interruption(*gap, ground, String::new(), from, Some(to));
                        self.ledger.push(Interruption { holes: vec![hole], ..found });
                    }
                }
            }
            Event::FaultStated { gap, statement } => {
                if let Some(g) = self.ledger.iter_mut().find(|g| g.id == *gap) {
                    g.statement = Some(statement.clone());
                }
            }
            Event::FaultReviewed { gap } => {
                if let Some(g) = self.ledger.iter_mut().find(|g| g.id == *gap) {
                    g.reviewed_by = by.cloned();
                }
            }
            _ => {}
        }
    }

    fn visit(&mut self, phase: &PhaseId) {
        if !self.visited.contains(phase) {
            self.visited.push(phase.clone());
        }
    }

    fn close_gap(&mut self, gap: GapId, at: HearingTime) {
        if let Some(g) = self.ledger.iter_mut().find(|g| g.id == gap) {
            g.to = Some(at);
        }
    }

    fn apply_floor(&mut self, at: HearingTime, by: Option<&SeatId>, event: &Event) {
        match event {
            Event::Shown { view } => {
                self.views = view.number;
                self.screens.view = Some(view.clone());
                self.screens.confirmed.clear();
            }
            Event::Hidden => {
                self.screens.view = None;
                self.screens.confirmed.clear();
            }
            Event::ScreensLocked => self.screens.locked = true,
            Event::ScreensUnlocked => self.screens.locked = false,
            Event::ScreensConfirmed { view, seats } => {
                if self.screens.view.as_ref().is_some_and(|v| v.number == *view) {
                    self.screens.confirmed.extend(seats.iter().map(|s| (s.clone(), at)));
                }
            }
            Event::PresenterSet { presenter } => self.screens.presenter = presenter.clone(),
            Event::RequestFiled { request } => {
                let side = match &request.want {
                    RequestKind::Offer { side, .. } => Some(*side),
                    _ => self.role(&request.by).map(|role| role.side()),
                };
                self.request_sides.extend(side.map(|side| (request.id, side)));
                self.requests.insert(request.id, request.clone());
            }
            Event::RequestDecided { request, granted, reason } => {
                if let (Some(r), Some(by)) = (self.requests.get_mut(request), by) {
                    r.state = if *granted {
                        RequestState::Granted { by: by.clone() }
                    } else {
                        RequestState::Refused { by: by.clone(), reason: reason.clone() }
                    };
                }
            }
            Event::RequestWithdrawn { request } => {
                if let Some(r) = self.requests.get_mut(request) {
                    r.state = RequestState::Withdrawn;
                }
            }
            _ => {}
        }
    }

    fn apply_evidence(&mut self, at: HearingTime, by: Option<&SeatId>, event: &Event) {
        let closed = self.curtain().is_some();
        match event {
            Event::EvidenceListed { evidence, draft } => {
                let item = Evidence {
                    id: *evidence,
                    draft: draft.clone(),
                    group: String::new(),
                    shown: None,
                    original_checked: false,
                    opinions: Vec::new(),
                    carried: None,
                    closed,
                };
                self.evidence.insert(*evidence, item);
            }
            Event::EvidenceRebound { evidence, doc } => {
                if let Some(e) = self.evidence.get_mut(evidence) {
                    e.draft.doc = Some(doc.clone());
                }
            }
            Event::EvidenceCarried { item } => {
                self.evidence.insert(item.id, item.clone());
            }
            Event::MarkCarried { mark } => {
                self.marks.insert(mark.id, mark.clone());
            }
            Event::EvidenceShown { evidence } => {
                if let Some(e) = self.evidence.get_mut(evidence) {
                    e.closed |= closed && e.shown.is_none();
                    e.shown.get_or_insert(at);
                }
            }
            Event::OriginalChecked { evidence, checked } => {
                if let Some(e) = self.evidence.get_mut(evidence) {
                    e.original_checked = *checked;
                }
            }
            Event::EvidenceDescribed { evidence, name, source, purpose } => {
                if let Some(e) = self.evidence.get_mut(evidence) {
                    e.closed |= closed;
                    e.draft.name.clone_from(name);
                    e.draft.source.clone_from(source);
                    e.draft.purpose.clone_from(purpose);
                }
            }
            Event::EvidenceGrouped { evidence, group } => {
                for id in evidence {
                    if let Some(e) = self.evidence.get_mut(id) {
                        e.closed |= closed;
                        e.group.clone_from(group);
                    }
                }
            }
            Event::OpinionNoted { evidence, side, aspect, stance, reason, line } => {
                if let (Some(e), Some(by)) = (self.evidence.get_mut(evidence), by) {
                    e.opinions.retain(|o| (o.side, o.aspect) != (*side, *aspect));
                    e.opinions.push(Opinion {
                        side: *side,
                        aspect: *aspect,
                        stance: *stance,
                        reason: reason.clone(),
                        line: *line,
                        by: by.clone(),
                        at,
                        session: None,
                        closed,
                    });
                    e.opinions.sort_by_key(|o| (o.side, o.aspect));
                }
            }
            Event::MarkMade { mark } => {
                self.marks.insert(mark.id, mark.clone());
            }
            Event::MarkUndone { mark } => {
                if let Some(m) = self.marks.get_mut(mark) {
                    m.undone.get_or_insert(at);
                }
            }
            _ => {}
        }
    }

    fn apply_record(&mut self, at: HearingTime, by: Option<&SeatId>, event: &Event) {
        let behind_curtain = self.curtain().is_some();
        match event {
            Event::LineSettled { line, recognised } => {
                self.remember(recognised);
                let shared = self.seats.get(&recognised.seat).is_some_and(|s| s.shared);
                let whose = shared.then(Vec::new);
                self.lines.insert(*line, Line { whose, ..settled(*line, recognised) });
                self.link_said(*line, &recognised.seat);
            }
            Event::LineInserted { line, seat, from, text, taken_over } => {
                let Some(by) = by else { return };
                let typed = typed(*line, seat, *from, text, (by, at));
                self.lines.insert(*line, Line { taken_over: *taken_over, behind_curtain, ..typed });
            }
            Event::StatuteCited { line, seat, from, text, statute } => {
                let Some(by) = by else { return };
                let typed = typed(*line, seat, *from, text, (by, at));
                self.lines.insert(*line, Line { cites: Some(statute.clone()), behind_curtain, ..typed });
            }
            Event::LineRevised { line, text, seat, basis } => {
                if let (Some(l), Some(by)) = (self.lines.get_mut(line), by) {
                    // A layer that changes no word tells who spoke.
                    if seat != l.speaker() || text == l.text() {
                        l.whose = None;
                    }
                    l.revisions.push(Revision {
                        text: text.clone(),
                        seat: seat.clone(),
                        by: by.clone(),
                        at,
                        basis: basis.clone(),
                    });
                }
            }
            Event::LineSplit { line, at: place, into, from, head, tail } => {
                let Some(by) = by else { return };
                let Some(parent) = self.lines.get(line) else { return };
                let behind_curtain = self.is_behind_curtain(parent);
                let (seat, revision, to) = (parent.speaker().clone(), parent.revision(), parent.to);
                let whose = parent.whose.as_ref().map(|_| Vec::new());
                let mut rest = typed(*into, &seat, *from, tail, (by, at));
                if let Some(first) = rest.revisions.first_mut() {
                    first.basis = RevisionBasis::SplitOff { line: *line, revision, at: *place };
                }
                self.lines.insert(*into, Line { to, behind_curtain, whose, ..rest });
                if let Some(l) = self.lines.get_mut(line) {
                    (l.to, l.suggestion) = (*from, None);
                    let (text, by, basis) = (head.clone(), by.clone(), RevisionBasis::Split { into: *into });
                    l.revisions.push(Revision { text, seat, by, at, basis });
                }
            }
            Event::LinesJoined { line, with, text } => {
                let Some(by) = by else { return };
                let Some(other) = self.lines.get_mut(with) else { return };
                let (revision, to) = (other.revision(), other.to);
                let (seat, basis) = (other.speaker().clone(), RevisionBasis::JoinedTo { line: *line });
                other.whose = None;
                other.revisions.push(Revision { text: String::new(), seat, by: by.clone(), at, basis });
                if let Some(l) = self.lines.get_mut(line) {
                    (l.to, l.suggestion) = (l.to.max(to), None);
                    let (text, by, seat) = (text.clone(), by.clone(), l.speaker().clone());
                    let basis = RevisionBasis::Joined { with: *with, revision };
                    l.revisions.push(Revision { text, seat, by, at, basis });
                }
            }
            Event::TextAccepted { line, from, to } => {
                if let (Some(l), Some(by)) = (self.lines.get_mut(line), by) {
                    let (revision, by) = (l.revision(), by.clone());
                    l.accepted.push(Accepted { revision, from: *from, to: *to, by, at });
                }
            }
            Event::AcceptanceWithdrawn { line, from, to } => {
                if let Some(l) = self.lines.get_mut(line) {
                    let revision = l.revision();
                    l.accepted.retain(|a| (a.revision, a.from, a.to) != (revision, *from, *to));
                }
            }
            Event::SpeakerOpened { line } => {
                if let Some(l) = self.lines.get_mut(line) {
                    l.whose = Some(Vec::new());
                }
            }
            Event::RecordKept { mode } => self.record_mode = *mode,
            Event::PointWorded { line, text, basis } => {
                if let (Some(l), Some(by)) = (self.lines.get_mut(line), by) {
                    let (text, by, basis) = (text.clone(), by.clone(), basis.clone());
                    l.points.push(Wording { text, by, at, basis });
                }
            }
            Event::HeardAgain { line, text, .. } => {
                if let Some(l) = self.lines.get_mut(line) {
                    l.suggestion = Some(text.clone());
                }
            }
            Event::SuggestionDropped { line } => {
                if let Some(l) = self.lines.get_mut(line) {
                    l.suggestion = None;
                }
            }
            Event::VoiceLikened { line, seats } => {
                if let Some(whose) = self.lines.get_mut(line).and_then(|l| l.whose.as_mut()) {
                    whose.clone_from(seats);
                }
            }
            Event::SuggestionMade { line, recognised } => {
                self.remember(recognised);
                if let Some(l) = self.lines.get_mut(line) {
                    l.to = recognised.to.max(l.from);
                    l.suggestion = Some(recognised.text.clone());
                    l.recognised = Some(recognised.clone());
                }
            }
            _ => {}
        }
    }

    fn remember(&mut self, recognised: &Recognised) {
        let heard = self.heard.entry(recognised.seat.clone()).or_default();
        heard.insert((recognised.from, recognised.utterance));
    }
}

fn settled(id: LineId, recognised: &Recognised) -> Line {
    Line {
        id,
        from: recognised.from,
        to: recognised.to,
        seat: recognised.seat.clone(),
        recognised: Some(recognised.clone()),
        revisions: Vec::new(),
        points: Vec::new(),
        accepted: Vec::new(),
        suggestion: None,
        taken_over: None,
        whose: None,
        cites: None,
        behind_curtain: false,
    }
}

/// A line that a person made, and when.
fn typed(id: LineId, seat: &SeatId, from: HearingTime, text: &str, (by, at): (&SeatId, HearingTime)) -> Line {
    let (text, basis) = (text.to_owned(), RevisionBasis::Clerk);
    let revision = Revision { text, seat: seat.clone(), by: by.clone(), at, basis };
    Line {
        id,
        from,
        to: from,
        seat: seat.clone(),
        recognised: None,
        revisions: vec![revision],
        points: Vec::new(),
        accepted: Vec::new(),
        suggestion: None,
        taken_over: None,
        whose: None,
        cites: None,
        behind_curtain: false,
    }
}

fn interruption(
    id: GapId,
    ground: Ground,
    note: String,
    from: HearingTime,
    to: Option<HearingTime>,
) -> Interruption {
    Interruption { id, ground, holes: Vec::new(), note, from, to, statement: None, reviewed_by: None }
}
