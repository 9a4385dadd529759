//! Why an act is refused. The server maps a denial to the wire once; every refusal reaches the one who asked.

use model::{Day, EvidenceId, GapId, IssueId, LineId, MarkId, PageRef, RequestId, Role, SeatId, Side, shown};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Ground, PhaseId, Stage};

/// A refusal with what the asker needs to go on. The text is English; screens translate by `why`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema, thiserror::Error)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "why")]
pub enum Denial {
    /// The seat is not of this hearing.
    #[error("seat {seat} is not part of this hearing; ask the clerk for a seat link")]
    UnknownSeat { seat: SeatId },
    /// The role may not do that.
    #[error("this act is not open to this seat; it belongs to {whose:?}")]
    NotYours { whose: Role },
    /// Not at this stage.
    #[error("the hearing is {stage:?}; this act is not possible now")]
    WrongStage { stage: Stage },
    /// The screens are locked.
    #[error("the presiding judge has locked the screens; ask to present when they are released")]
    ScreensLocked,
    /// No right to present.
    #[error("you do not hold the right to present; ask for it first")]
    NotPresenting,
    /// Nobody by that id.
    #[error("there is no phase {} in this outline", shown(&phase.0, 60))]
    UnknownPhase { phase: PhaseId },
    /// No such item in the phase's check-list.
    #[error("phase {} has no item {item} in its check-list", shown(&phase.0, 60))]
    UnknownCheck { phase: PhaseId, item: u32 },
    /// No such line.
    #[error("there is no line {line}")]
    UnknownLine { line: LineId },
    /// No such evidence.
    #[error("there is no evidence {evidence}")]
    UnknownEvidence { evidence: EvidenceId },
    /// No such mark, or already undone.
    #[error("there is no mark {mark} to take back")]
    UnknownMark { mark: MarkId },
    /// No such request, or decided already.
    #[error("request {request} is not open")]
    RequestNotOpen { request: RequestId },
    /// No such fault entry.
    #[error("entry {gap} of the ledger is not a fault that waits for this")]
    NoSuchFault { gap: GapId },
    /// An interruption must be one of the lawful grounds.
    #[error("recording may be interrupted only for a recess, closed evidence or mediation")]
    UnlawfulGround { ground: Ground },
    /// The line has changed since.
    #[error(
        "line {line} has changed meanwhile: it now reads \"{text}\" (revision {revision}); look again and decide"
    )]
    Stale { line: LineId, revision: u32, text: String },
    /// The record reads otherwise than the one signed.
    #[error("the record has changed since you read it; read it again before you sign")]
    RecordChanged { digest: String },
    /// 补阅 ends within five days of 闭庭.
    #[error(
        "the record is read within five days of 闭庭: choose a day from {from} to {last}, or note a refusal"
    )]
    OutsideReadingTerm { from: Day, last: Day },
    /// Nobody to check the identity of.
    #[error("nobody of this side is marked as present; check the attendance first")]
    NobodyPresent { side: Side },
    /// An agent without 代理权限.
    #[error("this seat is not an agent with an authority; enter 代理权限 at the seat first")]
    NoAuthority { seat: SeatId },
    /// The correction changes nothing.
    #[error("the line reads so already; write how it shall read")]
    ReadsSoAlready { line: LineId },
    /// A text that may not be empty.
    #[error("{what} is empty; write something")]
    EmptyText { what: String },
    /// A text that is too long.
    #[error("{what} is longer than {max} characters; split it")]
    TextTooLong { what: String, max: u32 },
    /// It was given behind the curtain, which has been lifted: the gallery would see it.
    #[error("the hearing is public again, so this was not done; do it again to do it for everybody")]
    CurtainLifted,
    /// The dossier has no such page.
    #[error("the dossier has no page {} of {}; open it from the catalogue", page.page, page.doc)]
    UnknownPage { page: PageRef },
    /// The document was brought in during the hearing and waits to be let in; until then the presiding judge alone shows it.
    #[error("{} waits to be let in; until then the presiding judge alone shows it", page.doc)]
    NotLetIn { page: PageRef },
    /// The dossier's image of the page is another than the one whose hash was given.
    #[error("page {} of {} has been drawn anew since; open it again", page.page, page.doc)]
    PageChanged { page: PageRef },
    /// A stance is taken on evidence of another side that has been shown.
    #[error("page {} of {} is no evidence of another side that has been shown; a stance is for such", page.page, page.doc)]
    NotShownToYou { page: PageRef },
    /// The item is listed already.
    #[error("{side:?} evidence {number} is listed already")]
    EvidenceListed { side: Side, number: u32 },
    /// Something empty, too long or out of range.
    #[error("{what}")]
    Malformed { what: String },
    /// The same utterance was settled before the clerk took it over.
    #[error("this utterance has settled as line {line}; correct that line instead")]
    AlreadySettled { line: LineId },
    /// Signatures are missing.
    #[error("{missing} have neither signed the record as it reads now nor refused: {}", listed(seats))]
    SignaturesMissing {
        missing: u32,
        #[serde(default)]
        seats: Vec<SeatId>,
    },
    /// A refusal noted by the clerk wants a second person.
    #[error("a second person of the court must attest the refusal of {}", listed(seats))]
    AttestationMissing { seats: Vec<SeatId> },
    /// Somebody still has time to read.
    #[error(
        "{} may read the record until {until}; seal it when they have signed, or after that day",
        listed(seats)
    )]
    StillReading { seats: Vec<SeatId>, until: Day },
    /// Applications for a correction wait.
    #[error(
        "the applications for correction {} are open; grant or refuse each of them, then seal the record",
        listed(requests)
    )]
    CorrectionsOpen { requests: Vec<RequestId> },
    /// This seat does not sign.
    #[error("seat {seat} does not sign the record; those sign who took part and were present")]
    SignsNot { seat: SeatId },
    /// The current version is signed.
    #[error("seat {seat} has signed this version of the record already")]
    SignedAlready { seat: SeatId },
    /// No such scan.
    #[error("there is no scan {scan}; scan the signed paper and upload it first")]
    UnknownScan { scan: String },
    /// Nothing waits to be attested.
    #[error("seat {seat} has not refused by the clerk's note, so there is nothing to attest")]
    NothingToAttest { seat: SeatId },
    /// In a hearing one signs by hand.
    #[error("sign on the pad, or on paper that the clerk scans; a key alone is no signature")]
    HandMissing,
    /// The recording replaces the record only with the agreement of every party.
    #[error(
        "not every party present has agreed that the recording replaces the record; ask them and note it first"
    )]
    ConsentMissing { sides: Vec<Side> },
    /// Speech is still being written: sealed now, the record would lack it.
    #[error(
        "speech of {seconds} s ago is still being written; seal the record when recognition has caught up"
    )]
    SpeechUnwritten { seconds: u32 },
    /// A witness acts only while on the stand.
    #[error("a witness takes part only between being called and leaving the stand")]
    NotOnTheStand,
    /// No such issue.
    #[error("there is no issue {issue} in the list")]
    UnknownIssue { issue: IssueId },
    /// No term.
    #[error("a term has 2 to 24 characters: hanzi, letters and digits")]
    NoTerm,
    /// The clerk has added it already.
    #[error("the term {} is in the list already", shown(term, 60))]
    TermListed { term: String },
    /// The clerk has not added it.
    #[error("the term {} is not one that was added here; switch it off instead", shown(term, 60))]
    UnknownTerm { term: String },
    /// The list is full.
    #[error("the list holds {max} terms; take away what is no longer needed")]
    TooManyTerms { max: u32 },
    /// It is down already, on another ground.
    #[error(
        "this part of the hearing is not public already; make it public again before you give another ground"
    )]
    CurtainDown,
    /// The members of a meeting are those it was convened with.
    #[error("the members of this meeting are those it was convened with; convene another")]
    MembersAreFixed,
    /// Too few members are there.
    #[error("{present} members are there and {needed} must be; wait for the others to arrive")]
    TooFew { present: u32, needed: u32 },
    /// This member does not vote on it.
    #[error("this member does not vote on this question")]
    NoVote,
    /// No such question, or settled already.
    #[error("question {question} is not open")]
    QuestionNotOpen { question: u32 },
    /// Somebody has not voted.
    #[error("{missing} members have not voted yet")]
    VotesMissing { missing: u32 },
    /// A vote without grounds.
    #[error("{missing} members have given no grounds; the minutes must hold them")]
    GroundsMissing { missing: u32 },
    /// There is a majority.
    #[error("the panel has found a majority; only a question without one is submitted to the committee")]
    NothingUndecided,
    /// The hearing is from a backup.
    #[error(
        "this hearing was restored from a backup: it is read and printed here; open the next session of the case to go on"
    )]
    Restored,
    /// The journal could not take the event.
    #[error("the act could not be recorded and was not done: {cause}")]
    NotRecorded { cause: String },
}

fn listed(of: &[impl std::fmt::Display]) -> String {
    of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
