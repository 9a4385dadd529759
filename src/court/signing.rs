//! 签名: after 闭庭 everybody who must settles exactly one version of the record.
//!
//! ```text
//!   Missing ──Ink / Paper──► Signed ──a line or the roster changes──► Stale ──signed again──► Signed
//!      ├──Refuse──► Refused        (noted by the clerk: Unattested ──Attest, a second person of the court──► Refused)
//!      └──Later───► Later          (五日内补阅: until that day somebody else's desk waits; then the record may be sealed)
//! ```
//!
//! A version is named by a Merkle root (RFC 6962): over the hearing, the roster and the lines as they read. A witness signs
//! the part that is theirs: their own row of the roster and their own lines.

use std::collections::BTreeMap;

use model::{Day, HearingTime, Role, Seat, SeatId, Side, UtcMs};
use proof::{Tree, leaf_hash};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Event, Line, Meeting, RecordMode, Stage, State};

/// The pad on which somebody signs, in units: points lie within.
pub const PAD: (u16, u16) = (4000, 1600);
/// Days within which the record may be read and signed after 闭庭 (五日内补阅).
pub const READING_DAYS: u32 = 5;

const DAY_MS: i64 = 86_400_000;

/// A stroke of the pen: points from its touching the pad to its leaving it, x to the right, y downwards.
pub type Stroke = Vec<(u16, u16)>;

/// How somebody settled the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum How {
    /// Confirmed at the desk: the members of a meeting, and hearings of older journals.
    #[default]
    Confirmed,
    /// Signed on the pad.
    Ink {
        /// The strokes.
        strokes: Vec<Stroke>,
    },
    /// Signed on paper and scanned back.
    Paper {
        /// SHA-256 (hex) of the scan.
        scan: String,
    },
    /// Refused to sign.
    Refused {
        /// Why.
        reason: String,
        /// The second person of the court who saw it, where the clerk noted it.
        attested_by: Option<SeatId>,
    },
    /// Reads and signs until that day.
    Later {
        /// The last day.
        until: Day,
    },
}

/// How a seat settled the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", from = "Stored")]
pub struct Signature {
    /// Whose.
    pub seat: SeatId,
    /// Of exactly this version ([`State::version_of`]).
    pub digest: String,
    /// When.
    pub at: HearingTime,
    /// How.
    pub how: How,
    /// The clerk, who noted it for somebody without a desk of their own.
    pub noted_by: Option<SeatId>,
}

/// As journals hold it; older ones have a refusal's reason, if any, and nothing of how it was signed.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Stored {
    seat: SeatId,
    digest: String,
    at: HearingTime,
    #[serde(default)]
    refusal: Option<String>,
    how: Option<How>,
    #[serde(default)]
    noted_by: Option<SeatId>,
}

impl From<Stored> for Signature {
    fn from(stored: Stored) -> Self {
        let Stored { seat, digest, at, refusal, how, noted_by } = stored;
        let refused = |reason| How::Refused { reason, attested_by: None };
        let how = how.or(refusal.map(refused)).unwrap_or_default();
        Self { seat, digest, at, how, noted_by }
    }
}

/// A scan of signed paper, kept under its digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scan {
    /// SHA-256 (hex) of its bytes.
    pub sha256: String,
    /// What it is.
    pub format: ScanFormat,
    /// Its length.
    pub bytes: u64,
}

impl Scan {
    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.{}", self.sha256, self.format.ending())
    }
}

/// What a scan may be.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum ScanFormat {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl ScanFormat {
    /// What these bytes are, by how they begin; `None`: nothing that a scan may be.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            _ => None,
        }
    }

    /// The ending of its file's name.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// An act of settling the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "by", deny_unknown_fields)]
pub enum SignAct {
    /// With the pen: at one's own desk, or on the clerk's pad.
    Ink { seat: SeatId, digest: String, strokes: Vec<Stroke> },
    /// On paper: the clerk has scanned it back.
    Paper { seat: SeatId, digest: String, scan: String },
    /// Refuses, at one's own desk; or the clerk notes it.
    Refuse { seat: SeatId, digest: String, reason: String },
    /// A second person of the court attests a refusal that the clerk noted.
    Attest { seat: SeatId },
    /// Reads it until that day (五日内补阅).
    Later { seat: SeatId, digest: String, until: Day },
}

/// Where a signer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum Standing {
    /// Has not done anything yet.
    Missing,
    /// Signed a version that is not the current one.
    Stale,
    /// Signed the current version.
    Signed,
    /// Refused.
    Refused,
    /// Refused, as the clerk noted; a second person of the court has not attested it yet.
    Unattested,
    /// Reads it until that day.
    Later {
        /// The last day.
        until: Day,
    },
}

impl Standing {
    /// Whether the record may be sealed as far as this signer is concerned.
    #[must_use]
    pub fn settles(self, today: Day) -> bool {
        match self {
            Self::Signed | Self::Refused => true,
            Self::Later { until } => today > until,
            Self::Missing | Self::Stale | Self::Unattested => false,
        }
    }
}

/// Somebody who must settle the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Signer {
    /// Who.
    pub seat: SeatId,
    /// The version that is theirs to sign now.
    pub version: String,
    /// Where they stand.
    pub standing: Standing,
}

impl State {
    /// Seats whose person must settle the record: bench and clerk; parties, their agents, witnesses and experts who were
    /// present; in a meeting, everybody who was.
    pub fn signers(&self) -> impl Iterator<Item = &Seat> {
        let must = |s: &&Seat| match (self.meeting.is_some(), s.role) {
            (true, _) => s.present,
            (false, Role::PresidingJudge | Role::Judge | Role::Assessor | Role::Clerk) => true,
            (false, Role::JudgeAssistant | Role::Public) => false,
            (false, _) => s.present,
        };
        self.seats.values().filter(must)
    }

    /// Merkle root (hex) of the record as it reads now: what a person signs. Of a sealed record, the sealed one.
    ///
    /// Leaves: `hearing \n id`; per seat but the gallery's, by id, `seat \n id \t title \t name \t authority \t present`
    /// and `\t id` of each they act for;
    /// per line of the record in reading order, `line \n from-ms \t seat \t text`; where the record is not verbatim,
    /// `kept \n 要点笔录` or `kept \n 录音录像替代笔录` after the hearing; where the recording is the record, per track by its
    /// name `track \n name \t root` ([`State::recorded`]); of a meeting, what was voted on and how ([`Meeting::leaves`]).
    #[must_use]
    pub fn record_digest(&self) -> String {
        match (&self.sealed_digest, self.stage) {
            (Some(sealed), Stage::Sealed) => sealed.clone(),
            _ => self.root_of(|_| true, |_| true),
        }
    }

    /// The version that is a seat's to sign: the whole record; for who testified, the part that is theirs.
    #[must_use]
    pub fn version_of(&self, seat: &SeatId) -> String {
        let testified = self.meeting.is_none() && self.role(seat).is_some_and(|r| r.side() == Side::Witness);
        if testified {
            self.root_of(|s| s.id == *seat, |l| l.speaker() == seat)
        } else {
            self.record_digest()
        }
    }

    fn root_of(&self, seats: impl Fn(&Seat) -> bool, lines: impl Fn(&Line) -> bool) -> String {
        let mut tree = Tree::default();
        let hearing = self.info.as_ref().map(|i| i.hearing.to_string()).unwrap_or_default();
        tree.push(leaf_hash(format!("hearing\n{hearing}").as_bytes()));
        let mode = self.record_mode;
        if mode != RecordMode::Verbatim {
            tree.push(leaf_hash(format!("kept\n{}", mode.zh()).as_bytes()));
        }
        for s in self.seats.values().filter(|s| s.role != Role::Public && seats(s)) {
            let (title, present) = (s.role.title(), if s.present { "present" } else { "absent" });
            let mut row = format!("seat\n{}\t{title}\t{}\t{}\t{present}", s.id, s.name, s.authority);
            for principal in &s.acts_for {
                row.push_str(&format!("\t{principal}"));
            }
            tree.push(leaf_hash(row.as_bytes()));
        }
        for l in self.lines_in_order().into_iter().filter(|l| lines(l)) {
            let text = l.reads(mode);
            if mode == RecordMode::Verbatim || !text.is_empty() {
                tree.push(leaf_hash(format!("line\n{}\t{}\t{text}", l.from.0, l.speaker()).as_bytes()));
            }
        }
        if mode == RecordMode::Recording {
            for (track, fragments) in &self.recorded {
                tree.push(leaf_hash(format!("track\n{track}\t{}", fragments.root().hex()).as_bytes()));
            }
        }
        for leaf in self.meeting.iter().flat_map(Meeting::leaves) {
            tree.push(leaf_hash(leaf.as_bytes()));
        }
        tree.root().hex()
    }

    /// Where a signer stands.
    #[must_use]
    pub fn standing(&self, seat: &SeatId) -> Standing {
        let Some(signature) = self.signatures.get(seat) else { return Standing::Missing };
        match &signature.how {
            How::Refused { attested_by: None, .. } if signature.noted_by.is_some() => Standing::Unattested,
            How::Refused { .. } => Standing::Refused,
            How::Later { until } => Standing::Later { until: *until },
            How::Confirmed | How::Ink { .. } | How::Paper { .. } => {
                if signature.digest == self.version_of(seat) { Standing::Signed } else { Standing::Stale }
            }
        }
    }

    /// Everybody who must settle the record, with the version that is theirs.
    #[must_use]
    pub fn signing(&self) -> Vec<Signer> {
        let signer = |s: &Seat| Signer {
            seat: s.id.clone(),
            version: self.version_of(&s.id),
            standing: self.standing(&s.id),
        };
        self.signers().map(signer).collect()
    }

    /// The day in Beijing at a time of the hearing clock.
    #[must_use]
    pub fn day_at(&self, at: HearingTime) -> Day {
        let origin = self.info.as_ref().map_or(0, |i| i.origin.0);
        UtcMs(origin.saturating_add(i64::try_from(at.0).unwrap_or(i64::MAX))).beijing_day()
    }

    /// The last day on which the record may be read and signed; `None` before 闭庭.
    #[must_use]
    pub fn reading_ends(&self) -> Option<Day> {
        let closed = self.day_at(self.closed?).beijing_midnight();
        Some(UtcMs(closed.0 + i64::from(READING_DAYS) * DAY_MS).beijing_day())
    }

    pub(crate) fn apply_signing(&mut self, by: Option<&SeatId>, event: &Event) {
        match event {
            Event::RecordSigned { signature } => {
                self.signatures.insert(signature.seat.clone(), signature.clone());
            }
            Event::RefusalAttested { seat } => {
                if let Some(Signature { how: How::Refused { attested_by, .. }, .. }) =
                    self.signatures.get_mut(seat)
                {
                    *attested_by = by.cloned();
                }
            }
            Event::ScanKept { scan } => {
                self.scans.insert(scan.sha256.clone(), scan.clone());
            }
            Event::RecordSealed { digest } => {
                self.stage = Stage::Sealed;
                self.sealed_digest = Some(digest.clone());
            }
            _ => {}
        }
    }
}

/// Scans of signed paper by their digests.
pub(crate) type Scans = BTreeMap<String, Scan>;
