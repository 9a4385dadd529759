//! Who may do what over HTTP: one decision, default deny. Commands over the WebSocket have their table in `court::rights`.
//!
//! ```text
//!   session     ──► Who { role at a seat | reader | officer } ──┐
//!   certificate ──► Computer { unknown | here | elsewhere | … } ─┤
//!   settings    ──► Demand { nobody | court | everybody } ───────┤
//!   route       ──► Right { open | act | duty } ─────────────────┴──► permits ──► audit ──► handler
//! ```
//!
//! A route is registered with its right ([`crate::Door`]); its handler can only be reached past this decision.
//! `docs/access.md` shows the whole table.

use model::{Role, Side};
use record::OfficeRole;
use serde::Deserialize;

/// What somebody at a seat does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Has a screen: its socket, and whether its session holds.
    Enter,
    /// The check before 开庭.
    SeeCheck,
    /// Makes a one-time link for a seat.
    HandOutLink,
    /// Ends the sessions of another seat.
    PutOut,
    /// The catalogue of the dossier.
    ReadCatalogue,
    /// Any page of the dossier.
    ReadPage,
    /// The page that is on the screens.
    ReadShownPage,
    /// The marks one sees, as files to keep.
    ReadMarks,
    /// Adds a document.
    FileDocument,
    /// Turns, re-files and binds anew what is in the dossier.
    MendDossier,
    /// Laws and judicial interpretations.
    ReadStatutes,
    /// The meetings one is a member of.
    SeeMeetings,
    /// Calls one.
    Convene,
    /// Enters one, as its member.
    EnterMeeting,
    /// What may have been said instead of what the machine heard.
    HearAlike,
    /// Has the recording heard again by a larger model.
    HearAgain,
    /// The terms of the case that the machine is told of.
    ReadTerms,
    /// A scan of signed paper is kept.
    KeepScan,
    /// Such a scan.
    ReadScan,
    /// What can be printed.
    ListPapers,
    /// A party's copy of the record, or the record as subtitles.
    ReadCopy,
    /// Minutes of a meeting.
    ReadMinutes,
    /// Any other paper.
    ReadPaper,
    /// Minutes go into 副卷.
    FileMinutes,
    /// A paper goes into the dossier.
    FilePaper,
    /// Sound and picture, and stills of the cameras.
    Watch,
    /// Plays the hearing back, once it is over.
    Replay,
    /// Proofs that a line stands in the journal.
    ReadProof,
    /// The package.
    ReadPackage,
    /// Has it written.
    WritePackage,
}

impl Act {
    /// Every act.
    pub const ALL: &[Self] = &[
        Self::Enter,
        Self::SeeCheck,
        Self::HandOutLink,
        Self::PutOut,
        Self::ReadCatalogue,
        Self::ReadPage,
        Self::ReadShownPage,
        Self::ReadMarks,
        Self::FileDocument,
        Self::MendDossier,
        Self::ReadStatutes,
        Self::SeeMeetings,
        Self::Convene,
        Self::EnterMeeting,
        Self::HearAlike,
        Self::HearAgain,
        Self::ReadTerms,
        Self::KeepScan,
        Self::ReadScan,
        Self::ListPapers,
        Self::ReadCopy,
        Self::ReadMinutes,
        Self::ReadPaper,
        Self::FileMinutes,
        Self::FilePaper,
        Self::Watch,
        Self::Replay,
        Self::ReadProof,
        Self::ReadPackage,
        Self::WritePackage,
    ];

    /// Its name in the audit journal and in the documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::SeeCheck => "seeCheck",
            Self::HandOutLink => "handOutLink",
            Self::PutOut => "putOut",
            Self::ReadCatalogue => "readCatalogue",
            Self::ReadPage => "readPage",
            Self::ReadShownPage => "readShownPage",
            Self::ReadMarks => "readMarks",
            Self::FileDocument => "fileDocument",
            Self::MendDossier => "mendDossier",
            Self::ReadStatutes => "readStatutes",
            Self::SeeMeetings => "seeMeetings",
            Self::Convene => "convene",
            Self::EnterMeeting => "enterMeeting",
            Self::HearAlike => "hearAlike",
            Self::HearAgain => "hearAgain",
            Self::ReadTerms => "readTerms",
            Self::KeepScan => "keepScan",
            Self::ReadScan => "readScan",
            Self::ListPapers => "listPapers",
            Self::ReadCopy => "readCopy",
            Self::ReadMinutes => "readMinutes",
            Self::ReadPaper => "readPaper",
            Self::FileMinutes => "fileMinutes",
            Self::FilePaper => "filePaper",
            Self::Watch => "watch",
            Self::Replay => "replay",
            Self::ReadProof => "readProof",
            Self::ReadPackage => "readPackage",
            Self::WritePackage => "writePackage",
        }
    }

    /// Whether it is noted in the audit journal before it is done: what takes dossier, recording or papers off their shelf.
    #[must_use]
    pub fn is_audited(self) -> bool {
        match self {
            Self::ReadCatalogue
            | Self::ReadPage
            | Self::ReadMarks
            | Self::ReadScan
            | Self::ReadCopy
            | Self::ReadMinutes
            | Self::ReadPaper
            | Self::Watch
            | Self::Replay
            | Self::ReadProof
            | Self::ReadPackage
            | Self::WritePackage
            | Self::FileDocument
            | Self::MendDossier
            | Self::FilePaper
            | Self::FileMinutes
            | Self::HandOutLink
            | Self::PutOut => true,
            // The page on the screens is shown to everybody, and the record says so.
            Self::ReadShownPage
            | Self::Enter
            | Self::SeeCheck
            | Self::ReadStatutes
            | Self::SeeMeetings
            | Self::Convene
            | Self::EnterMeeting
            | Self::HearAlike
            | Self::HearAgain
            | Self::ReadTerms
            | Self::KeepScan
            | Self::ListPapers => false,
        }
    }
}

/// What an officer of the administration does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// See cases, hearings, schedule and indicators.
    Look,
    /// Bring in cases, open hearings, hand out seats.
    Prepare,
    /// See and add to the file of a case.
    File,
    /// Archive, print and move what is in 副卷.
    Archive,
    /// Accounts, rooms, links.
    Manage,
}

impl Duty {
    /// Every duty.
    pub const ALL: &[Self] = &[Self::Look, Self::Prepare, Self::File, Self::Archive, Self::Manage];

    /// Its name in the audit journal and in the documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Prepare => "prepare",
            Self::File => "file",
            Self::Archive => "archive",
            Self::Manage => "manage",
        }
    }

    /// Whether even looking is noted; changes always are.
    #[must_use]
    pub fn is_audited(self) -> bool {
        match self {
            Self::File | Self::Archive => true,
            Self::Look | Self::Prepare | Self::Manage => false,
        }
    }
}

/// What a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Nothing: pages without contents, and the doors at which a session begins.
    Open,
    /// A session of the seat in the address, and this.
    Seat(Act),
    /// A session to play back the hearing in the address.
    Replay,
    /// A session of the administration, and this.
    Office(Duty),
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Somebody with a session for a seat.
    Seat {
        /// Whose seat it is.
        role: Role,
        /// Of a meeting: nothing of it leaves its folder but to its members.
        meeting: bool,
    },
    /// Somebody with a session to play a hearing back.
    Reader,
    /// An account of the administration.
    Officer(OfficeRole),
}

impl Who {
    /// Whether they sit for the court: bench, clerk, administration, and whoever plays a hearing back for one of these.
    #[must_use]
    pub fn is_of_the_court(self) -> bool {
        match self {
            Self::Seat { role, .. } => matches!(role.side(), Side::Bench | Side::Clerk),
            Self::Reader | Self::Officer(_) => true,
        }
    }
}

/// What the computer they ask from is, to the place they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Computer {
    /// It shows no certificate of the house.
    Unknown,
    /// A terminal that was enrolled for this place.
    Here,
    /// A terminal of another room, or of other seats.
    Elsewhere,
    /// A terminal that was revoked, or whose certificate was replaced.
    Revoked,
}

impl Computer {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Here, Self::Elsewhere, Self::Revoked];
}

/// Who must sit at an enrolled terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// Nobody; one that is enrolled still opens nothing but its own places.
    #[default]
    Nobody,
    /// Bench, clerk and administration.
    Court,
    /// Everybody.
    Everybody,
}

impl Demand {
    /// Every demand.
    pub const ALL: [Self; 3] = [Self::Nobody, Self::Court, Self::Everybody];

    /// Whether somebody may sit at such a computer.
    #[must_use]
    pub fn is_met(self, who: Who, computer: Computer) -> bool {
        match computer {
            Computer::Here => true,
            Computer::Elsewhere | Computer::Revoked => false,
            Computer::Unknown => match self {
                Self::Nobody => true,
                Self::Court => !who.is_of_the_court(),
                Self::Everybody => false,
            },
        }
    }
}

/// The decision.
#[must_use]
pub fn permits(who: Who, computer: Computer, demand: Demand, right: Right) -> bool {
    right == Right::Open || (demand.is_met(who, computer) && may(who, right))
}

/// The half of the decision that is about people alone.
#[must_use]
pub fn may(who: Who, right: Right) -> bool {
    match (who, right) {
        (_, Right::Open) | (Who::Reader, Right::Replay) => true,
        (Who::Seat { role, meeting }, Right::Seat(act)) => seat(role, meeting, act),
        (Who::Officer(role), Right::Office(duty)) => office(role, duty),
        (Who::Seat { .. } | Who::Reader | Who::Officer(_), _) => false,
    }
}

fn seat(role: Role, meeting: bool, act: Act) -> bool {
    let court = matches!(role.side(), Side::Bench | Side::Clerk);
    let leads = matches!(role, Role::PresidingJudge | Role::Clerk);
    // Neither the gallery nor whoever testifies.
    let desk = court || role.side().is_party();
    match act {
        Act::Enter | Act::ReadShownPage | Act::SeeMeetings | Act::EnterMeeting => true,
        Act::SeeCheck
        | Act::ReadScan
        | Act::ListPapers
        | Act::Watch
        | Act::ReadMinutes
        | Act::FileMinutes => court,
        Act::HandOutLink => leads || (court && !meeting),
        Act::PutOut => leads,
        Act::ReadCatalogue | Act::ReadPage | Act::ReadStatutes => desk,
        // What would take something out of a meeting, or has no sense there.
        Act::FileDocument | Act::ReadCopy | Act::ReadMarks => desk && !meeting,
        Act::Convene => leads && !meeting,
        Act::HearAlike | Act::ReadTerms | Act::KeepScan => role == Role::Clerk,
        Act::HearAgain => role == Role::Clerk && !meeting,
        Act::MendDossier => court && !meeting,
        Act::ReadPaper
        | Act::FilePaper
        | Act::Replay
        | Act::ReadProof
        | Act::ReadPackage
        | Act::WritePackage => court && !meeting,
    }
}

fn office(role: OfficeRole, duty: Duty) -> bool {
    use OfficeRole as R;
    match duty {
        Duty::Look => true,
        Duty::Prepare => matches!(role, R::Administrator | R::Clerk),
        Duty::File => matches!(role, R::Administrator | R::Clerk | R::Archivist),
        Duty::Archive => matches!(role, R::Administrator | R::Archivist),
        Duty::Manage => role == R::Administrator,
    }
}
