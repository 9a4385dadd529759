//! The state of one hearing: a fold over its events.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{
    CaseId, CmdId, EvidenceId, Fragment, HearingId, HearingTime, LineId, MarkId, RequestId, Role, Seat,
    SeatId, Side, TrackId, UtcMs,
};
use proof::Tree;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::signing::Scans;
use crate::{
    Curtain, Evidence, Interruption, IssueList, Line, Mark, Meeting, Outline, PhaseId, RecordMode, Request,
    Screens, Signature, StepDone, Terms,
};

/// What is fixed about a hearing when it opens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HearingInfo {
    /// The hearing.
    pub hearing: HearingId,
    /// Its case.
    pub case: CaseId,
    /// 法院.
    pub court: String,
    /// 案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// 地点.
    pub room: String,
    /// 第几次开庭, from 1.
    pub session: u32,
    /// 是否公开.
    pub public: bool,
    /// UTC at hearing time zero.
    pub origin: UtcMs,
}

/// Where the hearing stands.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Opened in the room, not yet 宣布开庭.
    #[default]
    Preparing,
    /// In session.
    InSession,
    /// Interrupted.
    Recess,
    /// 闭庭; the record is being checked and signed.
    Closed,
    /// The record is sealed.
    Sealed,
}

/// Our own processes, as actors and as states of the court.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Process {
    /// The hub itself.
    Hub,
    /// The recorder.
    Recorder,
    /// The recogniser.
    Recogniser,
    /// The page workers.
    Pages,
    /// The hardware bridge.
    Bridge,
}

/// A ticked item of a check-list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tick {
    /// The phase.
    pub phase: PhaseId,
    /// Which item, from 0.
    pub item: u32,
    /// Who ticked it.
    pub by: SeatId,
    /// When.
    pub at: HearingTime,
}

/// The state. Public to read; only [`State::apply`] writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// What is fixed; `None` before the hearing was opened.
    pub info: Option<HearingInfo>,
    /// The outline.
    pub outline: Option<Outline>,
    /// The phase the bench is in.
    pub phase: Option<PhaseId>,
    /// Phases held together with it, in the order in which they were taken in.
    pub merged: Vec<PhaseId>,
    /// Every phase there has been, in the order in which they were first entered.
    pub visited: Vec<PhaseId>,
    /// Ticked items of the check-lists.
    pub ticks: BTreeMap<(PhaseId, u32), Tick>,
    /// The session this one continues, with the digest of its record.
    pub continues: Option<(HearingId, u32, String)>,
    /// Where the hearing stands.
    pub stage: Stage,
    /// When 宣布开庭 was, and 闭庭.
    pub opened: Option<HearingTime>,
    /// When 闭庭 was.
    pub closed: Option<HearingTime>,
    /// Sound and picture are sealed.
    pub media_sealed: bool,
    /// Who sits where.
    pub seats: BTreeMap<SeatId, Seat>,
    /// The shared screens.
    pub screens: Screens,
    /// Requests of the parties.
    pub requests: BTreeMap<RequestId, Request>,
    /// The side a request was filed from: it stays that side's, whoever its seat is given to.
    pub request_sides: BTreeMap<RequestId, Side>,
    /// The 质证表.
    pub evidence: BTreeMap<EvidenceId, Evidence>,
    /// Marks, undone ones too.
    pub marks: BTreeMap<MarkId, Mark>,
    /// The record.
    pub lines: BTreeMap<LineId, Line>,
    /// How it is kept (笔录方式).
    pub record_mode: RecordMode,
    /// What the clerk made of the terms of the case.
    pub terms: Terms,
    /// The interruption ledger.
    pub ledger: Vec<Interruption>,
    /// Last fragment journalled, per track.
    pub tracks: BTreeMap<TrackId, Fragment>,
    /// Per track, a Merkle tree whose leaves are the digests (hex) of its fragments.
    pub recorded: BTreeMap<TrackId, Tree>,
    /// Processes that are down, with the sentence for the screens.
    pub faults: BTreeMap<Process, String>,
    /// Signatures on the record, the last per seat.
    pub signatures: BTreeMap<SeatId, Signature>,
    /// Scans of signed paper, by their digests.
    pub scans: Scans,
    /// Digest of the sealed record.
    pub sealed_digest: Option<String>,
    /// How many views there have been.
    pub views: u32,
    /// How many acts were refused.
    pub denials: u64,
    /// Steps of the procedure taken, in the order in which they last were.
    pub steps: Vec<StepDone>,
    /// 争议焦点.
    pub issues: IssueList,
    /// The bench's notes on items of evidence; for nobody else.
    pub bench_notes: BTreeMap<EvidenceId, String>,
    /// Which item was on the screens while a party said a line.
    pub said: BTreeMap<LineId, EvidenceId>,
    /// Every time the curtain was down (不公开), oldest first.
    pub curtains: Vec<Curtain>,
    /// Who sits where as far as it was said in public.
    pub seats_outside: BTreeMap<SeatId, Seat>,
    /// The meeting, if this is one (合议, 法官会议, 审委会).
    pub meeting: Option<Meeting>,
    /// Utterances known, so that one sent twice settles once: last per seat.
    pub(crate) heard: BTreeMap<SeatId, BTreeSet<(HearingTime, u64)>>,
    pub(crate) commands: VecDeque<(SeatId, CmdId)>,
}

/// How many command ids are remembered for idempotence.
pub(crate) const COMMANDS_REMEMBERED: usize = 4096;

impl State {
    /// The role of a seat.
    #[must_use]
    pub fn role(&self, seat: &SeatId) -> Option<Role> {
        self.seats.get(seat).map(|s| s.role)
    }

    /// Whether this command of a seat was carried out already. Ids are each seat's own.
    #[must_use]
    pub fn has_done(&self, seat: &SeatId, cmd: &CmdId) -> bool {
        self.commands.iter().any(|(s, c)| s == seat && c == cmd)
    }

    /// Lines in the order in which they are read: by time, then by id.
    #[must_use]
    pub fn lines_in_order(&self) -> Vec<&Line> {
        let mut lines: Vec<_> = self.lines.values().collect();
        lines.sort_by_key(|l| (l.from, l.id));
        lines
    }

    /// Ledger entries that still owe something before archiving (归档).
    pub fn unsettled_gaps(&self) -> impl Iterator<Item = &Interruption> {
        self.ledger.iter().filter(|g| !g.is_settled())
    }
}
