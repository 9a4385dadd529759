//! The pure courtroom machine. [`decide`] judges an input against the state and says which events follow or why not;
//! [`State::apply`] is the only thing that changes state, and replaying the events gives the same state again.
//!
//! ```text
//!                 openSession             closeSession            sealRecord
//!  Preparing ────────────────► InSession ─────────────► Closed ─────────────► Sealed
//!                               │     ▲                  ▲
//!                      callRecess     resume             │ closeSession
//!                               ▼     │                  │
//!                              Recess ───────────────────┘
//! ```
//!
//! The outline guides and never gates: no phase appears in any rule of [`decide`].
//!
//! Must not be here: IO, clocks, async, randomness. Time is an argument; ids are counters of the state.
#![forbid(unsafe_code)]

mod apply;
mod command;
mod curtain;
mod decide;
mod denial;
mod doubt;
mod earlier;
mod event;
mod evidence;
mod fact;
mod floor;
mod issue;
mod keeping;
mod ledger;
mod mark;
mod meeting;
mod mention;
mod outline;
mod outline_file;
#[cfg(test)]
mod outside_bytes;
pub mod rights;
mod said;
mod signing;
mod state;
mod step;
mod term;
mod transcript;
mod view;

pub use command::{Command, Input, Report};
pub use curtain::{Curtain, CurtainGround};
pub use decide::decide;
pub use denial::Denial;
pub use doubt::{Doubt, DoubtKind, UNSURE, confused_with};
pub use earlier::{Carried, Earlier};
pub use event::{Actor, Event, Stamped};
pub use evidence::{Aspect, Evidence, EvidenceDraft, Opinion, Stance};
pub use fact::Fact;
pub use floor::{Request, RequestKind, RequestState};
pub use issue::{Issue, IssueAct, IssueList, IssueStage, IssueView};
pub use keeping::{RecordMode, Wording};
pub use ledger::{Ground, Hole, Interruption};
pub use mark::{Mark, Shape};
pub use meeting::{
    ConveneFault, Convening, Guest, Matter, Meeting, MeetingAct, MeetingKind, Member, Outcome, Part,
    Question, QuestionId, Short, Turn, TurnOf, Unsettled, Vote, convene, may_vote, order, outcome, quorum,
};
pub use mention::{Mention, Named};
pub use outline::{Outline, OutlineId, Phase, PhaseId, Speaker, StandardText};
pub use outline_file::{MEETING_OUTLINES, OutlineFault, SHIPPED_OUTLINES, parse_outline};
pub use said::{Proposal, proposals};
pub use signing::{How, PAD, READING_DAYS, Scan, ScanFormat, SignAct, Signature, Signer, Standing, Stroke};
pub use state::{HearingInfo, Process, Stage, State, Tick};
pub use step::{Decider, Step, StepDone};
pub use term::{Term, TermAct, TermSource, Terms};
pub use transcript::{Accepted, Line, Piece, Recognised, Repair, Revision, RevisionBasis, StatuteCitation};
pub use view::{Beside, Screens, View, ViewDraft};
