//! What may be asked of the court: commands of people and reports of our own processes.

use model::{
    CmdId, DocId, EvidenceId, Fragment, GapCause, GapId, HearingTime, LineId, MarkId, PageRef, RequestId,
    Seat, SeatId, Side, TrackId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Aspect, CurtainGround, Earlier, EvidenceDraft, Ground, HearingInfo, IssueAct, Meeting, MeetingAct,
    Outline, PhaseId, Process, Recognised, RecordMode, RequestKind, Scan, Shape, SignAct, Stance,
    StatuteCitation, Step, TermAct, ViewDraft,
};

/// An act of a person at a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "do", deny_unknown_fields)]
pub enum Command {
    /// 宣布开庭.
    OpenSession,
    /// To any phase, at any time.
    EnterPhase { phase: PhaseId },
    /// Holds a further phase together with the current one (法庭调查 with 法庭辩论), until another is entered.
    MergePhase { phase: PhaseId },
    /// Ticks an item of a phase's check-list (counted from 0), or takes the tick back.
    TickCheck { phase: PhaseId, item: u32, done: bool },
    /// 休庭, closed evidence or mediation.
    CallRecess { ground: Ground, note: String },
    /// Goes on.
    Resume,
    /// 闭庭.
    CloseSession,
    /// 不公开: takes screens, marks and record out of the gallery's reach.
    LowerCurtain { ground: CurtainGround },
    /// 恢复公开.
    LiftCurtain,
    /// Presence of a person.
    CheckAttendance { seat: SeatId, present: bool },
    /// Adds a seat or changes who sits there.
    SetSeat { seat: Seat },

    /// 投屏.
    Show { view: ViewDraft },
    /// 收屏.
    Hide,
    /// 锁定画面.
    Lock,
    /// Lifts the lock.
    Unlock,
    /// Gives the right to present to a seat, or takes it back.
    SetPresenter { presenter: Option<SeatId> },
    /// Files a request.
    Ask { want: RequestKind },
    /// Decides one.
    Answer { request: RequestId, granted: bool, reason: String },
    /// Takes one's own back.
    Withdraw { request: RequestId },

    /// Lists an item.
    ListEvidence { draft: EvidenceDraft },
    /// 原件已核对.
    CheckOriginal { evidence: EvidenceId, checked: bool },
    /// Notes a side's view.
    NoteOpinion {
        evidence: EvidenceId,
        side: Side,
        aspect: Aspect,
        stance: Stance,
        reason: String,
        line: Option<LineId>,
    },
    /// Puts items of one side into a group (证据组), or out of theirs with an empty name.
    GroupEvidence { evidence: Vec<EvidenceId>, group: String },
    /// Notes a side's view on several items at once, as it is given on a group.
    NoteGroupOpinion {
        evidence: Vec<EvidenceId>,
        side: Side,
        aspects: Vec<Aspect>,
        stance: Stance,
        reason: String,
        line: Option<LineId>,
    },

    /// Commits a mark; a stance only a party on evidence that was shown to it.
    MakeMark { page: PageRef, shape: Shape },
    /// Takes back one's own mark (the presiding judge: any).
    UndoMark { mark: MarkId },

    /// Corrects the text of a line, based on the revision that was on the screen.
    CorrectLine { line: LineId, base: u32, text: String },
    /// Gives a line to another speaker. `open`: to whose microphone it was, since nobody knows who spoke after all.
    ReattributeLine {
        line: LineId,
        base: u32,
        seat: SeatId,
        #[serde(default)]
        open: bool,
    },
    /// Splits a line in two before character `at`.
    SplitLine { line: LineId, base: u32, at: u32 },
    /// Joins the line `with`, which follows, to the end of a line.
    JoinLines { line: LineId, base: u32, with: LineId, with_base: u32 },
    /// Says that characters of a line were listened to again and are right; `back` takes that back.
    AcceptText {
        line: LineId,
        base: u32,
        from: u32,
        to: u32,
        #[serde(default)]
        back: bool,
    },
    /// What a machine offered for a line is not taken.
    DropSuggestion { line: LineId },
    /// Types a line by hand.
    InsertLine { seat: SeatId, from: HearingTime, text: String },
    /// Says how the record is kept: verbatim, by points, by the recording.
    KeepRecord { mode: RecordMode },
    /// Words the point of a line, based on the wording that was on the screen; empty takes the line out of the points record.
    WordPoint { line: LineId, base: u32, text: String },
    /// Cites an article of a law in the record, as said by `seat` now.
    CiteStatute { seat: SeatId, statute: StatuteCitation },
    /// Freezes an utterance still being recognised at the clerk's text.
    TakeOver { seat: SeatId, utterance: u64, from: HearingTime, text: String },

    /// Changes the terms of the case (案件热词) that the recogniser is told of.
    ChangeTerms { act: TermAct },

    /// 情况说明 for a fault of the recording.
    StateFault { gap: GapId, statement: String },
    /// Reviews it.
    ReviewFault { gap: GapId },
    /// Settles the record: signs it, refuses, or puts it off.
    Sign { act: SignAct },
    /// A meeting's member confirms the minutes as they read now (`digest`); or one refuses with a reason.
    SignRecord { digest: String, refusal: Option<String> },
    /// Seals the record.
    SealRecord { digest: String },

    /// Records a step of the procedure: 核对身份, 代理权限, 回避, 证人保证书, 传唤, 退庭.
    TakeStep { step: Step },
    /// Changes the issues in dispute (争议焦点).
    ChangeIssues { act: IssueAct },
    /// The bench's own note on an item of evidence; empty takes it back.
    NoteForBench { evidence: EvidenceId, text: String },
    /// Says anew what an item is called, where it is from and what it shall prove.
    DescribeEvidence { evidence: EvidenceId, name: String, source: String, purpose: String },

    /// An act of a meeting (合议, 法官会议, 审委会).
    Meet { act: MeetingAct },
}

/// What our own processes report. Reports are facts: they are never refused, at most they change nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The room opens; only into an empty state.
    Opened { info: HearingInfo, outline: Outline, seats: Vec<Seat> },
    /// The room opens for a further session of a case, with what the last one hands on; only into an empty state.
    Continued { info: HearingInfo, outline: Outline, seats: Vec<Seat>, earlier: Box<Earlier> },
    /// The room opens for a meeting of its members; only into an empty state.
    Convened { info: HearingInfo, outline: Outline, seats: Vec<Seat>, meeting: Box<Meeting> },
    /// The dossier holds this as evidence.
    EvidenceFiled(EvidenceDraft),
    /// A document was brought in at a seat during the hearing, and is held back.
    EvidenceOffered { seat: SeatId, side: Side, doc: DocId, title: String, pages: u32, purpose: String },
    /// The document of an item was bound anew.
    EvidenceRebound { evidence: EvidenceId, doc: DocId },
    /// An utterance has settled.
    Recognised(Recognised),
    /// A line that nobody has touched since revision `base` was heard again in the recording, by `model`.
    HeardAgain { line: LineId, base: u32, text: String, model: String },
    /// Whose voice a line said into a shared microphone is like, the likest first.
    VoiceLikened { line: LineId, seats: Vec<SeatId> },
    /// A spoken command was heard.
    CommandHeard {
        seat: SeatId,
        from: HearingTime,
        to: HearingTime,
        text: String,
        understood: String,
        page: Option<PageRef>,
    },
    /// A fragment is on disk.
    Fragment(Fragment),
    /// A track has a hole.
    Gap { track: TrackId, cause: GapCause, from: HearingTime, to: HearingTime },
    /// All files are closed.
    MediaSealed,
    /// A scan of signed paper is on disk.
    ScanKept(Scan),
    /// Screens show a view.
    ScreensConfirmed { view: u32, seats: Vec<SeatId> },
    /// A process failed.
    ProcessFailed { process: Process, sentence: String },
    /// A process is back.
    ProcessBack { process: Process },
    /// The server refused something before it reached the court.
    Denied { act: String, denial: crate::Denial },
}

/// An input of the machine with its author.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "an input lives for one call of `decide`; a box would only cost"
)]
pub enum Input {
    /// A person's act.
    Command {
        /// From which seat (the server knows from the session, never from the message).
        seat: SeatId,
        /// The client's id of it.
        cmd: CmdId,
        /// The act.
        command: Command,
        /// Given while the curtain was down on that screen.
        inside: bool,
    },
    /// A report.
    Report {
        /// Whose.
        process: Process,
        /// The fact.
        report: Report,
    },
}
