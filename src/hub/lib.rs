//! The hub: one task owns each hearing. Command → `decide` → journal → `apply` → fan-out.
//!
//! ```text
//!   screens ──ClientMsg──►┐                         ┌──► journal (append, synced)
//!   recorder ──facts────► │  hearing task           │         │ receipt
//!   recogniser ──lines──► │  decide on the state ───┘         ▼
//!   console ──keys──────► │  as it will be            projection per class ──► outboxes ──► screens
//!                         └─────────────────────────── done / denied ────────────────────► the asker
//! ```
//!
//! Must not be here: HTTP, TLS, SQL, FFmpeg, whisper. Nothing is shown that is not journalled; pointers and unfinished
//! strokes are shown and never journalled.
#![forbid(unsafe_code)]

mod audit;
mod backup;
mod commit;
mod dossier_pages;
mod fanout;
mod frame;
mod hearing;
mod known_pages;
mod likeness;
mod link;
mod meetings;
mod office;
mod outbox;
mod outlines;
mod port;
mod recording;
mod replay;
mod room;
mod roster;
mod sessions;
mod uploads;
mod voice;
mod watch;

pub use audit::{AUDIT_FOLDER, Audited, Repeats};
pub use backup::{About, Backup, BackupError, JournalAt, STORE_FILE, back_up, check_backup, restore};
pub use dossier_pages::{DossierPages, STATUTE_HITS_MAX};
pub use frame::Frame;
pub use hearing::{Handle, HearingSetup, HubError, Joined, Msg};
pub use link::{Link, LinkEvent};
pub use meetings::{Companions, Convened, Deliberation, Door, GuestLink, MeetingOffer, Member};
pub use office::{
    BothFiles, CaseFile, FiledPiece, ListFormat, case_facts, headings, held, read_indicators, read_pieces,
    restored_key, secondary_of,
};
pub use outbox::{Choices, Outbox, OutboxItem};
pub use outlines::{Offer, Offers};
pub use port::{Bearings, Deposit, EvidenceOffer, Made, Offered, PageImage, Pages, Piece};
pub use room::{
    CaseDraft, HearingSummary, KEY_FILE, Opened, Opening, PackageState, Packed, Packer, Place, Room,
    RoomConfig, RoomError, hearings_on_disk, passing_file, signer_name, signer_of,
};
pub use roster::Prepared;
pub use sessions::{SESSION_LIFETIME_MS, SeatSession};
pub use uploads::{UploadError, Uploads};
pub use watch::watch;
