//! What each view class may see: projection of the court's state and events. Every filter of the product stands here.
//!
//! Updates are absolute ("this line reads so"), so a screen applies them by replacing and never computes.

mod curtain;

use court::{
    Curtain, Doubt, Event, Evidence, HearingInfo, Interruption, IssueAct, IssueList, IssueStage, Line, Mark,
    Meeting, Mention, Outline, PhaseId, Piece, Process, Proposal, RecordMode, Request, Screens, Signature,
    Signer, Stage, State, StatuteCitation, StepDone, Terms, Tick,
};
use model::{EvidenceId, HearingTime, LineId, Seat, SeatId, Side, ViewClass};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use curtain::{outside, sees_course, sees_mark, shown};

/// A line as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineView {
    /// Its id.
    pub id: LineId,
    /// Beginning of speech: clicking the line plays from here.
    pub from: HearingTime,
    /// End of speech.
    pub to: HearingTime,
    /// The speaker.
    pub seat: SeatId,
    /// How it reads.
    pub text: String,
    /// Base for a correction.
    pub revision: u32,
    /// Confidence by pieces while nobody has touched the line (bench and clerk).
    pub pieces: Vec<Piece>,
    /// What is worth a second listening, in the order of the text (clerk).
    pub doubts: Vec<Doubt>,
    /// What the machine heard, where a person changed it (bench and clerk).
    pub heard: Option<String>,
    /// A machine text offered for a line taken over (clerk).
    pub suggestion: Option<String>,
    /// Said into a shared microphone, and nobody has told yet who spoke: whose voice it is like, the likest first (clerk; empty for others).
    pub whose: Option<Vec<SeatId>>,
    /// How it reads in the points record (要点笔录); empty: it is not in it.
    pub point: String,
    /// Base for a wording of the point.
    pub wording: u32,
    /// The article of a law that the line cites: a link.
    pub cites: Option<StatuteCitation>,
    /// Items of evidence and articles of laws that it names: links to them.
    pub mentions: Vec<Mention>,
    /// It was said behind the curtain (不公开).
    pub closed: bool,
}

/// Course and fixed facts of the hearing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Course {
    /// The phase the bench is in.
    pub phase: Option<PhaseId>,
    /// Phases held together with it.
    pub merged: Vec<PhaseId>,
    /// Every phase there has been, in the order in which they were first entered.
    pub visited: Vec<PhaseId>,
    /// Preparing, in session …
    pub stage: Stage,
    /// When 宣布开庭 was.
    pub opened: Option<HearingTime>,
    /// When 闭庭 was.
    pub closed: Option<HearingTime>,
    /// Sound and picture are sealed.
    pub media_sealed: bool,
    /// Digest of the sealed record.
    pub sealed_digest: Option<String>,
    /// How the record is kept (笔录方式), for those who see it.
    pub record: RecordMode,
    /// Since when the curtain is down (不公开); `None`: the hearing is public.
    pub curtain: Option<HearingTime>,
}

/// Everything a screen of a class shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Fixed facts.
    pub info: HearingInfo,
    /// The outline; what is said, typed and checked in its phases is for bench and clerk.
    pub outline: Outline,
    /// Where the hearing stands.
    pub course: Course,
    /// Ticked items of the check-lists (bench and clerk), by phase and item.
    pub ticks: Vec<Tick>,
    /// Which session of the case this one continues.
    pub continues: Option<u32>,
    /// Who sits where.
    pub seats: Vec<Seat>,
    /// The shared screens.
    pub screens: Screens,
    /// Requests this class may see.
    pub requests: Vec<Request>,
    /// The 质证表.
    pub evidence: Vec<Evidence>,
    /// Marks that stand.
    pub marks: Vec<Mark>,
    /// The record, in reading order.
    pub lines: Vec<LineView>,
    /// The interruption ledger.
    pub ledger: Vec<Interruption>,
    /// Every time the curtain was down, for those inside.
    pub curtains: Vec<Curtain>,
    /// Signatures.
    pub signatures: Vec<Signature>,
    /// Who must settle the record, with the version that is theirs and where they stand, once the hearing is closed.
    pub signing: Vec<Signer>,
    /// Digest of the record as it reads now, once the hearing is closed.
    pub record_digest: Option<String>,
    /// Faults of our own processes.
    pub faults: Vec<(Process, String)>,
    /// Steps of the procedure taken (核对身份, 代理权限, 回避, 证人).
    pub steps: Vec<StepDone>,
    /// 争议焦点, as far as this class may see them.
    pub issues: IssueList,
    /// The bench's notes on items of evidence (bench alone).
    pub bench_notes: Vec<(EvidenceId, String)>,
    /// Lines that parties said of the item on the screens, with the views they seem to state (bench and clerk).
    pub said: Vec<Said>,
    /// What the clerk made of the terms of the case (clerk alone).
    pub terms: Terms,
    /// The meeting, where the hearing is one of its members.
    pub meeting: Option<Meeting>,
}

/// A line said of an item of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The line.
    pub line: LineId,
    /// The item that was on the screens.
    pub evidence: EvidenceId,
    /// Whose words.
    pub side: Side,
    /// Views that may be noted from it by key.
    pub proposals: Vec<Proposal>,
}

/// A part of the snapshot that reads otherwise now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "part", content = "is")]
pub enum Update {
    /// Replaces the course.
    Course(Course),
    /// Replaces the session that is continued.
    Continues(Option<u32>),
    /// Replaces all ticks.
    Ticks(Vec<Tick>),
    /// Replaces or adds a seat.
    Seat(Seat),
    /// Replaces the screens.
    Screens(Screens),
    /// Replaces or adds a request.
    Request(Request),
    /// Replaces or adds an item.
    Evidence(Evidence),
    /// Adds a mark.
    Mark(Mark),
    /// Removes a mark.
    MarkGone(model::MarkId),
    /// Replaces or adds a line; lines are ordered by `(from, id)`.
    Line(LineView),
    /// Replaces or adds an entry.
    Interruption(Interruption),
    /// Replaces all entries of the curtain.
    Curtains(Vec<Curtain>),
    /// Replaces or adds a signature (by seat).
    Signature(Signature),
    /// Replaces who must settle the record.
    Signing(Vec<Signer>),
    /// Replaces the digest.
    RecordDigest(Option<String>),
    /// A process is down.
    Fault(Process, String),
    /// It is back.
    FaultGone(Process),
    /// Replaces the steps taken.
    Steps(Vec<StepDone>),
    /// Replaces the issues.
    Issues(IssueList),
    /// Replaces the bench's notes.
    BenchNotes(Vec<(EvidenceId, String)>),
    /// Replaces or adds what was said of an item (by line).
    Said(Said),
    /// Replaces the clerk's terms.
    Terms(Terms),
    /// Replaces the meeting.
    Meeting(Meeting),
}

/// Whether a class sees the record (settled lines). The gallery gets none: subtitles are off unless a court turns them
/// on; a witness must not hear what others say before testifying.
#[must_use]
pub fn sees_record(class: ViewClass) -> bool {
    !matches!(class, ViewClass::Public | ViewClass::Witness | ViewClass::Waiting)
}

/// What the screens of a seat see now; `None` if there is no such seat. A witness sees something only on the stand.
#[must_use]
pub fn class_of(state: &State, seat: &SeatId) -> Option<ViewClass> {
    let class = state.role(seat)?.side().view_class();
    Some(if state.waits_to_testify(seat) { ViewClass::Waiting } else { class })
}

/// Whether a class sees the shared screens, the marks on them and who points where.
#[must_use]
pub fn sees_screens(class: ViewClass) -> bool {
    class != ViewClass::Waiting
}

fn sees_evidence_table(class: ViewClass) -> bool {
    sees_record(class)
}

fn sees_works(class: ViewClass) -> bool {
    matches!(class, ViewClass::Bench | ViewClass::Clerk)
}

fn sees_request(class: ViewClass, state: &State, request: &Request) -> bool {
    sees_works(class) || state.request_sides.get(&request.id).is_some_and(|s| s.view_class() == class)
}

fn course(state: &State, class: ViewClass) -> Course {
    let curtain = curtain::since(state);
    if !sees_course(state, class) {
        // Whether it goes on and when it has ended: enough to wait by.
        let (opened, closed) = (state.opened, state.closed);
        let (stage, media_sealed) = (state.stage, state.media_sealed);
        let (phase, merged, visited, sealed_digest) = (None, Vec::new(), Vec::new(), None);
        let record = RecordMode::default();
        return Course {
            phase,
            merged,
            visited,
            stage,
            opened,
            closed,
            media_sealed,
            sealed_digest,
            record,
            curtain,
        };
    }
    Course {
        phase: state.phase.clone(),
        merged: state.merged.clone(),
        visited: state.visited.clone(),
        stage: state.stage,
        opened: state.opened,
        closed: state.closed,
        media_sealed: state.media_sealed,
        sealed_digest: state.sealed_digest.clone(),
        record: if sees_record(class) { state.record_mode } else { RecordMode::default() },
        curtain,
    }
}

fn outline_view(outline: &Outline, class: ViewClass) -> Outline {
    let mut seen = if sees_works(class) { outline.clone() } else { outline.names_only() };
    if !sees_screens(class) {
        seen.phases.clear();
    }
    seen
}

fn steps(state: &State, class: ViewClass) -> Vec<StepDone> {
    if sees_record(class) { state.steps.clone() } else { Vec::new() }
}

/// A draft is for those who write it; put, for the parties; settled, for every screen.
fn sees_issues(stage: IssueStage, class: ViewClass) -> bool {
    match stage {
        IssueStage::Draft => sees_works(class),
        IssueStage::Put => sees_record(class),
        IssueStage::Settled => sees_screens(class),
    }
}

/// Who sees no record sees the words alone.
fn issues(state: &State, class: ViewClass) -> IssueList {
    if !sees_issues(state.issues.stage, class) || curtain::shut_out(state, class) {
        return IssueList::default();
    }
    let mut list = state.issues.clone();
    list.issues.retain(|i| curtain::sees_issue(i, class));
    if !sees_record(class) {
        list.views.clear();
        for issue in &mut list.issues {
            issue.evidence.clear();
            issue.lines.clear();
        }
    }
    list
}

fn bench_notes(state: &State, class: ViewClass) -> Vec<(EvidenceId, String)> {
    match class {
        ViewClass::Bench => state.bench_notes.iter().map(|(e, text)| (*e, text.clone())).collect(),
        _ => Vec::new(),
    }
}

fn terms(state: &State, class: ViewClass) -> Terms {
    if class == ViewClass::Clerk { state.terms.clone() } else { Terms::default() }
}

fn said(state: &State, line: LineId, class: ViewClass) -> Option<Said> {
    let evidence = *state.said.get(&line).filter(|_| sees_works(class))?;
    let said = state.lines.get(&line)?;
    let side = state.role(said.speaker())?.side();
    Some(Said { line, evidence, side, proposals: court::proposals(said.text()) })
}

fn ticks(state: &State, class: ViewClass) -> Vec<Tick> {
    if sees_works(class) { state.ticks.values().cloned().collect() } else { Vec::new() }
}

fn line_view(state: &State, line: &Line, class: ViewClass) -> LineView {
    let works = sees_works(class);
    let touched = line.revision() > 0;
    LineView {
        id: line.id,
        from: line.from,
        to: line.to,
        seat: line.speaker().clone(),
        text: line.text().to_owned(),
        revision: line.revision(),
        pieces: match &line.recognised {
            Some(r) if works && !touched => r.pieces.clone(),
            _ => Vec::new(),
        },
        doubts: if class == ViewClass::Clerk { state.doubts(line) } else { Vec::new() },
        heard: line.recognised.as_ref().filter(|_| works && touched).map(|r| r.text.clone()),
        suggestion: line.suggestion.clone().filter(|s| class == ViewClass::Clerk && s != line.text()),
        whose: line.whose.as_ref().map(|seats| {
            let proposed = seats.iter().filter(|_| class == ViewClass::Clerk);
            proposed.cloned().collect()
        }),
        point: line.point().to_owned(),
        wording: line.wording(),
        cites: line.cites.clone(),
        mentions: state.mentions(line),
        closed: state.is_behind_curtain(line),
    }
}

/// People's names and presence are for everyone; what an agent may do is for the desks.
fn seat_view(seat: &Seat, class: ViewClass) -> Seat {
    let mut seat = seat.clone();
    if matches!(class, ViewClass::Public | ViewClass::Waiting) {
        seat.authority = String::new();
    }
    seat
}

/// Everything `class` may see of `state`; `None` before the hearing was opened.
#[must_use]
pub fn snapshot(state: &State, class: ViewClass) -> Option<Snapshot> {
    let mut lines = state.lines_in_order();
    lines.retain(|l| curtain::sees_line(state, class, l));
    Some(Snapshot {
        info: state.info.clone()?,
        outline: outline_view(state.outline.as_ref()?, class),
        course: course(state, class),
        ticks: ticks(state, class),
        continues: state.continues.as_ref().map(|c| c.1),
        seats: state.seats.keys().filter_map(|id| curtain::seat(state, id, class)).collect(),
        screens: curtain::screens(state, class),
        requests: state.requests.values().filter(|r| sees_request(class, state, r)).cloned().collect(),
        evidence: match sees_evidence_table(class) {
            true => state.evidence.values().cloned().collect(),
            false => Vec::new(),
        },
        marks: state.marks.values().filter(|m| sees_mark(state, class, m)).cloned().collect(),
        lines: lines.into_iter().map(|l| line_view(state, l, class)).collect(),
        ledger: if sees_works(class) { state.ledger.clone() } else { Vec::new() },
        curtains: if sees_record(class) { state.curtains.clone() } else { Vec::new() },
        signatures: match sees_record(class) {
            true => state.signatures.values().cloned().collect(),
            false => Vec::new(),
        },
        signing: signing(state, class),
        record_digest: digest(state, class),
        faults: match sees_works(class) {
            true => state.faults.iter().map(|(p, s)| (*p, s.clone())).collect(),
            false => Vec::new(),
        },
        steps: steps(state, class),
        issues: issues(state, class),
        bench_notes: bench_notes(state, class),
        said: state.said.keys().filter_map(|line| said(state, *line, class)).collect(),
        terms: terms(state, class),
        meeting: meeting(state, class),
    })
}

/// A meeting is for its members: bench and its recorder.
fn meeting(state: &State, class: ViewClass) -> Option<Meeting> {
    state.meeting.clone().filter(|_| sees_works(class))
}

fn digest(state: &State, class: ViewClass) -> Option<String> {
    (sees_record(class) && state.closed.is_some()).then(|| state.record_digest())
}

fn signing(state: &State, class: ViewClass) -> Vec<Signer> {
    if sees_record(class) && state.closed.is_some() { state.signing() } else { Vec::new() }
}

/// What `event` changes on screens of `class`, given the state after it. Empty: this class must not notice.
#[must_use]
pub fn project(event: &Event, after: &State, class: ViewClass) -> Vec<Update> {
    use Event as E;
    let works = sees_works(class);
    match event {
        E::CurtainLowered { .. } => curtain::lowered(after, class),
        E::CurtainLifted { .. } => curtain::lifted(after, class),
        _ if curtain::shut_out(after, class) => curtain::told_outside(event, after, class),
        E::HearingOpened { .. } => Vec::new(),
        E::SeatSet { seat: Seat { id, .. } } | E::AttendanceChecked { seat: id, .. } => {
            let seat = curtain::seat(after, id, class).map(Update::Seat);
            let lines = mentions_changed(event, after, class);
            seat.into_iter().chain(version_updates(after, class)).chain(lines).collect()
        }
        E::Shown { .. }
        | E::Hidden
        | E::ScreensLocked
        | E::ScreensUnlocked
        | E::ScreensConfirmed { .. }
        | E::PresenterSet { .. }
        | E::MarkMade { .. }
        | E::MarkCarried { .. }
        | E::MarkUndone { .. }
        | E::PhaseEntered { .. }
        | E::PhaseMerged { .. }
            if !sees_screens(class) =>
        {
            Vec::new()
        }
        // That a page from behind the curtain still stands there, nobody outside notices.
        E::ScreensConfirmed { .. } if sees_screens(class) && shown(after, class).is_none() => Vec::new(),
        E::SessionOpened
        | E::PhaseEntered { .. }
        | E::PhaseMerged { .. }
        | E::MediaSealed
        | E::RecordSealed { .. } => {
            vec![Update::Course(course(after, class))]
        }
        E::RecordKept { .. } if sees_record(class) => vec![Update::Course(course(after, class))],
        // Where the recording is the record, it grows until its files are closed.
        E::FragmentWritten(_) if after.record_mode == RecordMode::Recording => {
            version_updates(after, class).collect()
        }
        E::CheckTicked { .. } if works => vec![Update::Ticks(ticks(after, class))],
        E::CaseContinued { session, .. } => vec![Update::Continues(Some(*session))],
        E::RecessCalled { .. } | E::Resumed { .. } | E::SessionClosed => {
            let mut updates =
                vec![Update::Course(course(after, class)), Update::Screens(curtain::screens(after, class))];
            if works {
                let touched = |entry: &&Interruption| match event {
                    E::RecessCalled { gap, .. } | E::Resumed { gap } => entry.id == *gap,
                    // Ends whatever is still open; which those were can no longer be told.
                    _ => true,
                };
                updates.extend(after.ledger.iter().filter(touched).cloned().map(Update::Interruption));
            }
            updates.extend(version_updates(after, class));
            updates
        }
        E::Shown { .. }
        | E::Hidden
        | E::ScreensLocked
        | E::ScreensUnlocked
        | E::ScreensConfirmed { .. }
        | E::PresenterSet { .. } => vec![Update::Screens(curtain::screens(after, class))],
        E::MeetingConvened { .. } | E::Met { .. } | E::QuestionSettled { .. } => {
            meeting(after, class).map(Update::Meeting).into_iter().collect()
        }
        E::StepTaken { .. } if sees_record(class) => vec![Update::Steps(steps(after, class))],
        E::IssuesChanged { .. } | E::IssuesCarried { .. } => issues_update(event, after, class),
        E::BenchNoted { .. } if class == ViewClass::Bench => {
            vec![Update::BenchNotes(bench_notes(after, class))]
        }
        E::TermsChanged { .. } | E::TermsCarried { .. } if class == ViewClass::Clerk => {
            vec![Update::Terms(terms(after, class))]
        }
        E::RequestFiled { request } => request_update(after, request.id, class),
        E::RequestDecided { request, .. } | E::RequestWithdrawn { request } => {
            request_update(after, *request, class)
        }
        E::EvidenceCarried { item } => evidence_update(after, item.id, class),
        E::EvidenceListed { evidence, .. } => {
            let item = evidence_update(after, *evidence, class);
            item.into_iter().chain(mentions_changed(event, after, class)).collect()
        }
        E::EvidenceShown { evidence }
        | E::EvidenceRebound { evidence, .. }
        | E::OriginalChecked { evidence, .. }
        | E::EvidenceDescribed { evidence, .. }
        | E::OpinionNoted { evidence, .. } => evidence_update(after, *evidence, class),
        E::EvidenceGrouped { evidence, .. } => {
            evidence.iter().flat_map(|id| evidence_update(after, *id, class)).collect()
        }
        E::MarkMade { mark } | E::MarkCarried { mark } => Some(mark)
            .filter(|m| curtain::of_class(m, class))
            .cloned()
            .map(Update::Mark)
            .into_iter()
            .collect(),
        E::MarkUndone { mark } => {
            let seen = after.marks.get(mark).is_some_and(|m| curtain::of_class(m, class));
            if seen { vec![Update::MarkGone(*mark)] } else { Vec::new() }
        }
        E::LineSettled { line, .. }
        | E::LineInserted { line, .. }
        | E::StatuteCited { line, .. }
        | E::LineRevised { line, .. }
        | E::TextAccepted { line, .. }
        | E::AcceptanceWithdrawn { line, .. }
        | E::SpeakerOpened { line }
        | E::PointWorded { line, .. } => line_update(after, *line, class),
        E::SuggestionMade { line, .. }
        | E::HeardAgain { line, .. }
        | E::VoiceLikened { line, .. }
        | E::SuggestionDropped { line } => line_update(after, *line, class),
        E::LineSplit { line, into: other, .. } | E::LinesJoined { line, with: other, .. } => {
            [*line, *other].into_iter().flat_map(|line| line_update(after, line, class)).collect()
        }
        E::GapFound { gap, .. } | E::FaultStated { gap, .. } | E::FaultReviewed { gap } => {
            let entry = after.ledger.iter().find(|g| g.id == *gap).filter(|_| works);
            entry.cloned().map(Update::Interruption).into_iter().collect()
        }
        E::RecordSigned { signature: Signature { seat, .. } } | E::RefusalAttested { seat }
            if sees_record(class) =>
        {
            let signature = after.signatures.get(seat).cloned().map(Update::Signature);
            signature.into_iter().chain([Update::Signing(signing(after, class))]).collect()
        }
        E::ProcessFailed { process, sentence } if works => vec![Update::Fault(*process, sentence.clone())],
        E::ProcessBack { process } if works => vec![Update::FaultGone(*process)],
        E::StepTaken { .. }
        | E::BenchNoted { .. }
        | E::RecordSigned { .. }
        | E::RefusalAttested { .. }
        | E::ScanKept { .. }
        | E::CheckTicked { .. }
        | E::ProcessFailed { .. }
        | E::ProcessBack { .. }
        | E::CommandHeard { .. }
        | E::TermsChanged { .. }
        | E::TermsCarried { .. }
        | E::FragmentWritten(_)
        | E::RecordKept { .. }
        | E::Denied { .. } => Vec::new(),
    }
}

/// Nothing where the class saw none before and sees none after: a draft being written must not be noticed.
fn issues_update(event: &Event, after: &State, class: ViewClass) -> Vec<Update> {
    use IssueAct as A;
    let (was, links) = match event {
        Event::IssuesChanged { act, was, .. } => {
            (*was, matches!(act, A::LinkEvidence { .. } | A::LinkLine { .. } | A::NoteView { .. }))
        }
        _ => (IssueStage::Draft, false),
    };
    let seen = sees_issues(was, class) || sees_issues(after.issues.stage, class);
    // Who sees the words alone learns nothing of links and views.
    let noticed = seen && (sees_record(class) || !links);
    if noticed { vec![Update::Issues(issues(after, class))] } else { Vec::new() }
}

/// The record reads otherwise than before: its digest, and who has signed another version.
fn version_updates(after: &State, class: ViewClass) -> impl Iterator<Item = Update> {
    let updates = digest(after, class)
        .map(|digest| [Update::RecordDigest(Some(digest)), Update::Signing(signing(after, class))]);
    updates.into_iter().flatten()
}

fn request_update(after: &State, id: model::RequestId, class: ViewClass) -> Vec<Update> {
    let visible = after.requests.get(&id).filter(|r| sees_request(class, after, r));
    visible.cloned().map(Update::Request).into_iter().collect()
}

fn evidence_update(after: &State, id: EvidenceId, class: ViewClass) -> Vec<Update> {
    let item = after.evidence.get(&id).filter(|_| sees_evidence_table(class));
    item.cloned().map(Update::Evidence).into_iter().collect()
}

/// Lines that name other items of evidence than before.
fn mentions_changed(event: &Event, after: &State, class: ViewClass) -> impl Iterator<Item = Update> {
    let lines = if sees_record(class) { after.mentions_changed(event) } else { Vec::new() };
    let lines = lines.into_iter().filter(move |l| curtain::sees_line(after, class, l));
    lines.map(move |l| Update::Line(line_view(after, l, class)))
}

fn line_update(after: &State, id: LineId, class: ViewClass) -> Vec<Update> {
    let Some(line) = after.lines.get(&id).filter(|l| curtain::sees_line(after, class, l)) else {
        return Vec::new();
    };
    let mut updates = vec![Update::Line(line_view(after, line, class))];
    updates.extend(said(after, id, class).map(Update::Said));
    updates.extend(version_updates(after, class));
    updates
}

impl Snapshot {
    /// Applies an update as every screen does: replace, add or remove, nothing else.
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Course(course) => self.course = course,
            Update::Continues(session) => self.continues = session,
            Update::Ticks(ticks) => self.ticks = ticks,
            Update::Seat(seat) => replace(&mut self.seats, seat, |s| s.id.clone()),
            Update::Screens(screens) => self.screens = screens,
            Update::Request(request) => replace(&mut self.requests, request, |r| r.id),
            Update::Evidence(item) => replace(&mut self.evidence, item, |e| e.id),
            Update::Mark(mark) => replace(&mut self.marks, mark, |m| m.id),
            Update::MarkGone(id) => self.marks.retain(|m| m.id != id),
            Update::Line(line) => {
                self.lines.retain(|l| l.id != line.id);
                let at = self.lines.partition_point(|l| (l.from, l.id) < (line.from, line.id));
                self.lines.insert(at, line);
            }
            Update::Interruption(entry) => {
                self.ledger.retain(|g| g.id != entry.id);
                let at = self.ledger.partition_point(|g| g.id < entry.id);
                self.ledger.insert(at, entry);
            }
            Update::Curtains(entries) => self.curtains = entries,
            Update::Signature(signature) => replace(&mut self.signatures, signature, |s| s.seat.clone()),
            Update::Signing(signers) => self.signing = signers,
            Update::RecordDigest(digest) => self.record_digest = digest,
            Update::Fault(process, sentence) => replace(&mut self.faults, (process, sentence), |f| f.0),
            Update::FaultGone(process) => self.faults.retain(|f| f.0 != process),
            Update::Steps(steps) => self.steps = steps,
            Update::Issues(issues) => self.issues = issues,
            Update::BenchNotes(notes) => self.bench_notes = notes,
            Update::Said(said) => replace(&mut self.said, said, |s| s.line),
            Update::Terms(terms) => self.terms = terms,
            Update::Meeting(meeting) => self.meeting = Some(meeting),
        }
    }
}

/// Replaces the element with the same key, or inserts so that keys stay in order.
fn replace<T, K: Ord>(all: &mut Vec<T>, new: T, key: impl Fn(&T) -> K) {
    match all.binary_search_by(|old| key(old).cmp(&key(&new))) {
        Ok(at) => all[at] = new,
        Err(at) => all.insert(at, new),
    }
}
