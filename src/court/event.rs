//! What happened. Events are the record; their JSON is what the journal keeps, so a field is added, never renamed.

use model::{
    CmdId, DocId, EvidenceId, Fragment, GapId, HearingId, HearingTime, LineId, MarkId, PageRef, RequestId,
    SeatId, TrackId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Aspect, CurtainGround, Denial, Evidence, EvidenceDraft, Ground, HearingInfo, IssueAct, IssueList,
    IssueStage, Mark, Meeting, MeetingAct, Outcome, Outline, PhaseId, Process, QuestionId, Recognised,
    RecordMode, Request, RevisionBasis, Scan, Signature, Stance, StatuteCitation, Step, TermAct, Terms, View,
};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "who")]
pub enum Actor {
    /// A person at a seat.
    Seat {
        /// The seat.
        seat: SeatId,
    },
    /// One of our own processes.
    Machine {
        /// Which.
        process: Process,
    },
}

/// An event with its author and time, as it is journalled and applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stamped {
    /// When, on the hearing clock.
    pub at: HearingTime,
    /// By whom.
    pub actor: Actor,
    /// The command that led to it, so that the same command sent again is known after a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmd: Option<CmdId>,
    /// What.
    pub event: Event,
}

/// Everything that can happen in a hearing and counts as record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "type")]
pub enum Event {
    /// The room was opened for this hearing.
    HearingOpened { info: HearingInfo, outline: Outline, seats: Vec<model::Seat> },
    /// A seat was added or its person changed.
    SeatSet { seat: model::Seat },
    /// The clerk checked whether somebody is present.
    AttendanceChecked { seat: SeatId, present: bool },
    /// 宣布开庭: recording begins.
    SessionOpened,
    /// The hearing moved to a phase.
    PhaseEntered { phase: PhaseId },
    /// A further phase is held together with the current one.
    PhaseMerged { phase: PhaseId },
    /// An item of a phase's check-list was ticked, or that was taken back.
    CheckTicked { phase: PhaseId, item: u32, done: bool },
    /// A lawful interruption began.
    RecessCalled { gap: GapId, ground: Ground, note: String },
    /// It ended.
    Resumed { gap: GapId },
    /// 闭庭.
    SessionClosed,
    /// Every recording file is closed; sound and picture are sealed.
    MediaSealed,

    /// A view was put on the screens.
    Shown { view: View },
    /// 收屏.
    Hidden,
    /// 锁定画面.
    ScreensLocked,
    /// The lock was lifted.
    ScreensUnlocked,
    /// Screens confirmed that they show a view.
    ScreensConfirmed { view: u32, seats: Vec<SeatId> },
    /// The right to present was given (`Some`) or taken back (`None`).
    PresenterSet { presenter: Option<SeatId> },

    /// A party asked for something.
    RequestFiled { request: Request },
    /// The bench or the clerk decided.
    RequestDecided { request: RequestId, granted: bool, reason: String },
    /// The asker took it back.
    RequestWithdrawn { request: RequestId },

    /// An item came on the evidence list.
    EvidenceListed { evidence: EvidenceId, draft: EvidenceDraft },
    /// Its document was bound anew: this one has taken its place.
    EvidenceRebound { evidence: EvidenceId, doc: DocId },
    /// The case is continued from an earlier session, whose record read so (`record` is its digest).
    CaseContinued { hearing: HearingId, session: u32, record: String },
    /// An item of an earlier session with the views noted there.
    EvidenceCarried { item: Evidence },
    /// A mark of an earlier session that still stood at its end.
    MarkCarried { mark: Mark },
    /// It was on the screens for the first time.
    EvidenceShown { evidence: EvidenceId },
    /// The original was compared, or that was taken back.
    OriginalChecked { evidence: EvidenceId, checked: bool },
    /// A side's view was noted.
    OpinionNoted {
        evidence: EvidenceId,
        side: model::Side,
        aspect: Aspect,
        stance: Stance,
        reason: String,
        line: Option<LineId>,
    },
    /// Items are in this group from now on; empty: in none.
    EvidenceGrouped { evidence: Vec<EvidenceId>, group: String },

    /// A mark was committed.
    MarkMade { mark: Mark },
    /// It was taken back.
    MarkUndone { mark: MarkId },

    /// The recogniser settled a line.
    LineSettled { line: LineId, recognised: Recognised },
    /// The clerk typed a line.
    LineInserted { line: LineId, seat: SeatId, from: HearingTime, text: String, taken_over: Option<u64> },
    /// An article of a law was cited in a line of its own.
    StatuteCited { line: LineId, seat: SeatId, from: HearingTime, text: String, statute: StatuteCitation },
    /// A line was split: `head` is left of it, `tail` is the line `into`, said from `from` on.
    LineSplit { line: LineId, at: u32, into: LineId, from: HearingTime, head: String, tail: String },
    /// The line `with` was joined to the end of a line, which reads `text` now.
    LinesJoined { line: LineId, with: LineId, text: String },
    /// Characters of a line were listened to again and are right.
    TextAccepted { line: LineId, from: u32, to: u32 },
    /// That was taken back.
    AcceptanceWithdrawn { line: LineId, from: u32, to: u32 },
    /// Nobody knows who spoke a line after all.
    SpeakerOpened { line: LineId },
    /// A line reads otherwise from now on.
    LineRevised { line: LineId, text: String, seat: SeatId, basis: RevisionBasis },
    /// The record is kept so from now on.
    RecordKept { mode: RecordMode },
    /// The point of a line reads so from now on; empty: it is none.
    PointWorded { line: LineId, text: String, basis: RevisionBasis },
    /// A machine text for a line a person had touched already.
    SuggestionMade { line: LineId, recognised: Recognised },
    /// The recording of a line was heard again by another model, which reads it so: offered, never applied.
    HeardAgain { line: LineId, text: String, model: String },
    /// Nobody has told who spoke a line into a shared microphone; its voice is like those of these seats' lines, the likest first.
    VoiceLikened { line: LineId, seats: Vec<SeatId> },
    /// What was offered for a line is not taken.
    SuggestionDropped { line: LineId },
    /// The clerk changed the terms of the case.
    TermsChanged { act: TermAct },
    /// The clerk's terms of an earlier session.
    TermsCarried { terms: Terms },
    /// A spoken command was heard and understood as told.
    CommandHeard {
        seat: SeatId,
        from: HearingTime,
        to: HearingTime,
        text: String,
        understood: String,
        page: Option<PageRef>,
    },

    /// A piece of the recording is on disk.
    FragmentWritten(Fragment),
    /// The recording has a hole that nobody ordered.
    GapFound { gap: GapId, track: TrackId, cause: model::GapCause, from: HearingTime, to: HearingTime },
    /// 情况说明 for a fault.
    FaultStated { gap: GapId, statement: String },
    /// The presiding judge reviewed it.
    FaultReviewed { gap: GapId },
    /// A process of ours failed.
    ProcessFailed { process: Process, sentence: String },
    /// It is back.
    ProcessBack { process: Process },

    /// A person signed exactly this version of the record, refused to, or put it off.
    RecordSigned { signature: Signature },
    /// A second person of the court attested a refusal.
    RefusalAttested { seat: SeatId },
    /// A scan of signed paper is on disk.
    ScanKept { scan: Scan },
    /// The record is sealed.
    RecordSealed { digest: String },
    /// An act was refused.
    Denied { act: String, denial: Denial },

    /// A step of the procedure was taken; `line` of the record says so.
    StepTaken { step: Step, line: LineId },
    /// The issues in dispute read so from now on, by this act; `was` tells who saw them before it.
    IssuesChanged { act: IssueAct, was: IssueStage, issues: IssueList },
    /// The issues in dispute of an earlier session.
    IssuesCarried { issues: IssueList },
    /// The bench noted something on an item for itself.
    BenchNoted { evidence: EvidenceId, text: String },
    /// An item is described so from now on.
    EvidenceDescribed { evidence: EvidenceId, name: String, source: String, purpose: String },

    /// 不公开 began; `line` of the record says so.
    CurtainLowered { ground: CurtainGround, line: LineId },
    /// 恢复公开; `line` of the record says so.
    CurtainLifted { line: LineId },

    /// The hearing is a meeting of its members (合议, 法官会议, 审委会).
    MeetingConvened { meeting: Meeting },
    /// Something was done in it.
    Met { act: MeetingAct },
    /// What the votes on a question say was declared.
    QuestionSettled { question: QuestionId, outcome: Outcome },
}
