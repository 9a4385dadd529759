//! What can go wrong with a journal.

use std::path::{Path, PathBuf};

use super::reader::Fault;

/// Why the journal cannot go on. Cloned to every waiting append.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The disk is full.
    #[error(
        "the disk under {dir} is full: the journal needs {needed_mib} MiB more; free space there, then start again – \
         nothing acknowledged is lost"
    )]
    DiskFull {
        /// Where.
        dir: PathBuf,
        /// For how much.
        needed_mib: u64,
    },
    /// Any other refusal of the system.
    #[error("{path}: {cause}; check the disk and the rights of this folder")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// The system's own words.
        cause: String,
    },
    /// What is on disk was changed or destroyed below the last checkpoint.
    #[error(
        "{0}; nothing was written – put back an undamaged copy of this folder, or keep it as it is for examination"
    )]
    Damaged(Fault),
    /// The log ends before its last known checkpoint.
    #[error(
        "the journal in {dir} ends at entry {found}, but its last checkpoint covers {known} entries; nothing was written – \
         put back the complete folder"
    )]
    CutOff {
        /// Where.
        dir: PathBuf,
        /// Entries found.
        found: u64,
        /// Entries the checkpoint covers.
        known: u64,
    },
    /// Journal and second copy each hold what the other does not.
    #[error(
        "the journal in {dir} and its second copy in {mirror} hold different histories; nothing was written – find out \
         which one is this hearing's, and move the other away"
    )]
    TwoHistories {
        /// The first.
        dir: PathBuf,
        /// The second.
        mirror: PathBuf,
    },
    /// Another process has it.
    #[error("the journal in {0} is in use by another process; end that one first")]
    InUse(PathBuf),
    /// A backup is read, and nothing is added to it.
    #[error(
        "the journal in {0} was restored from a backup and takes nothing more: elsewhere it may have gone on, and two histories must not be signed"
    )]
    Restored(PathBuf),
    /// One entry above the limit.
    #[error("an event of {0} bytes is over the limit of 16 MiB and was not recorded")]
    TooLarge(usize),
    /// The queue of the writer is full.
    #[error("the journal cannot keep up with the disk; nothing of this was recorded, try again")]
    Busy,
    /// The signer refused.
    #[error(transparent)]
    Sign(#[from] proof::SignError),
    /// No entropy for salts.
    #[error("the system gives no random numbers: {0}")]
    Entropy(String),
    /// The writer has ended after an earlier error.
    #[error("the journal has stopped: {0}")]
    Dead(String),
}

impl JournalError {
    /// Wraps a system error of `path`; `bytes` is what was being allocated or written.
    pub(super) fn io(path: &Path, bytes: u64, error: &std::io::Error) -> Self {
        if matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
            let dir = path.parent().unwrap_or(path).to_owned();
            return Self::DiskFull { dir, needed_mib: bytes.div_ceil(1 << 20) };
        }
        Self::Io { path: path.to_owned(), cause: error.to_string() }
    }
}
