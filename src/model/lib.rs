//! The words every room shares: ids, hearing time, pages and rectangles, roles, seats and sides, and the audio frame.
//!
//! Nothing here does IO, reads a clock or awaits. Everything is serde data in camelCase.
#![forbid(unsafe_code)]

mod audio;
mod ids;
mod media;
mod page;
mod people;
mod time;
mod words;

pub use audio::{AudioFrame, AudioSource, SourceError, SourceStep};
pub use ids::{
    CaseId, CmdId, DocId, EvidenceId, GapId, HearingId, IdError, IssueId, LineId, MarkId, RequestId, SeatId,
    TrackId,
};
pub use media::{Fragment, GapCause, MicTrouble};
pub use page::{PageRef, Point, Rect, Rotation};
pub use people::{Role, Seat, Side, ViewClass};
pub use time::{Day, HearingTime, NoDay, UtcMs};
pub use words::{nests_too_deep, shown};
