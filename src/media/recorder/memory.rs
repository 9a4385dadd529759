//! What the recorder is doing, on disk, for the one that comes after a kill.

use std::fs;
use std::io;
use std::path::PathBuf;

use model::HearingId;
use protocol::link::recorder::{ClockOrigin, Input};
use serde::{Deserialize, Serialize};

use super::RecorderError;
use crate::layout;

/// What an `Open` said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    pub(super) hearing: HearingId,
    pub(super) origin: ClockOrigin,
    pub(super) media_dir: PathBuf,
    pub(super) inputs: Vec<Input>,
}

/// How far the hearing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Phase {
    /// Inputs open, nothing written yet.
    StandingBy,
    Recording,
    Paused,
}

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Doing {
    #[serde(flatten)]
    pub(super) opened: Opened,
    pub(super) phase: Phase,
}

/// The file.
pub(super) struct Memory {
    path: PathBuf,
}

impl Memory {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// A folder for files of a moment.
    pub(super) fn scratch(&self) -> PathBuf {
        self.path.parent().map_or_else(std::env::temp_dir, PathBuf::from)
    }

    /// What the predecessor was doing when it ended without closing the hearing.
    pub(super) fn read(&self) -> Result<Option<Doing>, RecorderError> {
        let failed = |cause| RecorderError::Memory { path: self.path.clone(), cause };
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| failed(io::Error::other(e))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed(e)),
        }
    }

    /// Says whether it could be written.
    pub(super) fn write(&self, doing: Option<&Doing>) -> io::Result<()> {
        match doing {
            Some(doing) => layout::write_json(&self.path, doing),
            None => match fs::remove_file(&self.path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            },
        }
    }
}
