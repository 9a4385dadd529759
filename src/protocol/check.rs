//! The check before 开庭 (设备检测): findings as facts, so that every screen says them in its own language.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One item of the check before 开庭, as `GET …/api/check` lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckItem {
    /// Ready or not.
    pub ok: bool,
    /// What was found.
    pub found: Finding,
}

/// What the check found. Displayed, it is a sentence in English; where something is not ready, it says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Finding {
    /// The disk takes so many hours of recording.
    DiskRoom {
        /// Whole hours.
        hours: u64,
    },
    /// The disk takes less than a day in court.
    DiskShort {
        /// Minutes of recording.
        minutes: u64,
        /// The folder of the data.
        path: String,
    },
    /// The disk does not answer.
    DiskUnknown {
        /// The folder that was asked for.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// The second copy of the journals can be written, on a disk of its own.
    SecondCopy {
        /// Its folder.
        path: String,
    },
    /// It lies on the disk of the first.
    SecondCopyTogether {
        /// Its folder.
        path: String,
    },
    /// It cannot be written.
    SecondCopyLost {
        /// Its folder.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// The machine's clock.
    Clock {
        /// Its time, Beijing time.
        now: String,
        /// Whether a time service keeps it.
        kept: bool,
    },
    /// The clock shows a time that cannot be.
    ClockWrong {
        /// Its time, Beijing time.
        now: String,
    },
    /// All outlines can be used.
    Outlines {
        /// How many there are.
        all: u64,
        /// How many of them are the court's own.
        own: u64,
    },
    /// Files of the court's own that are left out; the shipped outlines stand in.
    OutlinesLeftOut {
        /// A sentence on each file.
        faults: Vec<String>,
    },
    /// All forms of papers can be used.
    Templates {
        /// How many are the court's own.
        own: u64,
    },
    /// Forms of the court's own that cannot be used; the shipped ones stand in.
    TemplatesLeftOut {
        /// A sentence on each file.
        faults: Vec<String>,
    },
    /// Every microphone gives sound.
    Microphones,
    /// At least one microphone gives no sound.
    MicrophoneSilent,
    /// Every camera gives a picture.
    Picture,
    /// At least one camera gives no picture.
    NoPicture,
    /// Speech is recognised with this model.
    Model {
        /// Its name.
        name: String,
    },
    /// No speech model is at work.
    NoModel,
    /// The case's dossier. Pages without text yet can be shown; only search waits for them.
    Dossier {
        /// Pages.
        pages: u64,
        /// Pages whose text is known.
        ready: u64,
    },
}

impl Finding {
    /// Whether the hearing is ready as far as this goes.
    #[must_use]
    pub fn ok(&self) -> bool {
        match self {
            Self::DiskRoom { .. }
            | Self::SecondCopy { .. }
            | Self::Clock { .. }
            | Self::Outlines { .. }
            | Self::Templates { .. }
            | Self::Microphones
            | Self::Picture
            | Self::Model { .. }
            | Self::Dossier { .. } => true,
            Self::DiskShort { .. }
            | Self::DiskUnknown { .. }
            | Self::SecondCopyTogether { .. }
            | Self::SecondCopyLost { .. }
            | Self::ClockWrong { .. }
            | Self::OutlinesLeftOut { .. }
            | Self::TemplatesLeftOut { .. }
            | Self::MicrophoneSilent
            | Self::NoPicture
            | Self::NoModel => false,
        }
    }

    /// What it is about, in one word.
    #[must_use]
    pub fn subject(&self) -> &'static str {
        match self {
            Self::DiskRoom { .. } | Self::DiskShort { .. } | Self::DiskUnknown { .. } => "disk",
            Self::SecondCopy { .. } | Self::SecondCopyTogether { .. } | Self::SecondCopyLost { .. } => {
                "second copy"
            }
            Self::Clock { .. } | Self::ClockWrong { .. } => "clock",
            Self::Outlines { .. } | Self::OutlinesLeftOut { .. } => "outlines",
            Self::Templates { .. } | Self::TemplatesLeftOut { .. } => "templates",
            Self::Microphones | Self::MicrophoneSilent => "microphones",
            Self::Picture | Self::NoPicture => "picture",
            Self::Model { .. } | Self::NoModel => "model",
            Self::Dossier { .. } => "dossier",
        }
    }
}

impl From<Finding> for CheckItem {
    fn from(found: Finding) -> Self {
        Self { ok: found.ok(), found }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DiskRoom { hours } => write!(f, "room for {hours} hours of recording"),
            Self::DiskShort { minutes, path } => write!(
                f,
                "room for {minutes} minutes of recording only: clear the disk of {path}, or set [storage] data to a larger one"
            ),
            Self::DiskUnknown { path, cause } => {
                write!(f, "{path}: {cause}; check that the disk is mounted")
            }
            Self::SecondCopy { path } => write!(f, "the journals are written to {path} as well"),
            Self::SecondCopyTogether { path } => write!(
                f,
                "{path} lies on the same disk as the data: set [storage] mirror to a folder on another one"
            ),
            Self::SecondCopyLost { path, cause } => write!(
                f,
                "{path}: {cause}; the journals are written once only: check that the disk is mounted and may be written"
            ),
            Self::Clock { now, kept: true } => write!(f, "{now} (Beijing), kept by a time service"),
            Self::Clock { now, kept: false } => {
                write!(f, "{now} (Beijing); no time service was found, compare it with a clock you trust")
            }
            Self::ClockWrong { now } => {
                write!(f, "the clock says {now} (Beijing), which cannot be: set it before a hearing")
            }
            Self::Outlines { all, own } => write!(f, "{all}, {own} of the court's own"),
            Self::OutlinesLeftOut { faults } => {
                write!(f, "left out, the shipped ones stand in; mend: {}", faults.join("; "))
            }
            Self::Templates { own } => write!(f, "usable, {own} of the court's own"),
            Self::TemplatesLeftOut { faults } => {
                write!(f, "left out, the shipped ones stand in; mend: {}", faults.join("; "))
            }
            Self::Microphones => write!(f, "every microphone gives sound"),
            Self::MicrophoneSilent => {
                write!(f, "a microphone gives no sound: check its cable and [[room.microphones]]")
            }
            Self::Picture => write!(f, "every camera gives a picture"),
            Self::NoPicture => {
                write!(f, "a camera gives no picture: check its power, its cable and [[room.cameras]]")
            }
            Self::Model { name } => write!(f, "{name}"),
            Self::NoModel => write!(
                f,
                "no speech model at work: the hearing can be held and recorded, its text comes later; run huiting models check"
            ),
            Self::Dossier { pages, ready } => write!(f, "{pages} pages, text known of {ready}"),
        }
    }
}
