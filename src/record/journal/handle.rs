//! The hub's end of the journal.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use model::{HearingTime, UtcMs};
use proof::{Hash, Signer};
use tokio::sync::oneshot;

use super::disk::{Disk, RealDisk};
use super::error::JournalError;
use super::reader::{Entry, JournalReader, TornTail};
use super::writer::{Request, Writer};

/// Requests that may wait for the writer; above it appends are refused as [`JournalError::Busy`].
const QUEUE: usize = 8192;

/// How a journal is written.
pub struct JournalConfig {
    /// First line of every checkpoint; also the key's name. No spaces, no `+`.
    pub origin: String,
    /// Who signs checkpoints; its key's name must be `origin`.
    pub signer: Box<dyn Signer>,
    /// Size of a segment, in bytes.
    pub segment_bytes: u64,
    /// Entries that are synced together at most; one append is never cut.
    pub batch_entries_max: usize,
    /// A checkpoint follows an entry after this time at the latest.
    pub checkpoint_every: Duration,
    /// A second folder, on another disk: an entry is acknowledged once both hold it.
    pub mirror: Option<PathBuf>,
    /// Says nothing in the log of the machine, which must not tell that this journal exists; alarms still come.
    pub quiet: bool,
}

impl JournalConfig {
    /// 64 MiB segments, 64 entries a batch, a checkpoint every second.
    #[must_use]
    pub fn new(origin: impl Into<String>, signer: Box<dyn Signer>) -> Self {
        Self {
            origin: origin.into(),
            signer,
            segment_bytes: 64 << 20,
            batch_entries_max: 64,
            checkpoint_every: Duration::from_secs(1),
            mirror: None,
            quiet: false,
        }
    }
}

impl std::fmt::Debug for JournalConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JournalConfig").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// An event on its way into the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// What kind of event, e.g. `lineSettled`.
    pub kind: String,
    /// Who: a seat or a process.
    pub actor: String,
    /// From which device; may be empty.
    pub device: String,
    /// Hearing time.
    pub at: HearingTime,
    /// Wall time.
    pub wall: UtcMs,
    /// Canonical JSON of the event, up to 16 MiB.
    pub payload: Vec<u8>,
}

/// The entries are on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendReceipt {
    /// Sequence number of the first; one above `last_seq` if the append was empty.
    pub first_seq: u64,
    /// Of the last.
    pub last_seq: u64,
    /// Hash of the last.
    pub hash: Hash,
}

/// A signed checkpoint that is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpointed {
    /// Entries it covers.
    pub size: u64,
    /// The Merkle root over them.
    pub root: Hash,
    /// The signed note.
    pub note: String,
}

/// Something the room must be told although the journal goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm(
    /// One sentence.
    pub String,
);

/// What a journal held when it was opened.
#[derive(Debug, Clone, Default)]
pub struct Recovered {
    /// Every entry, oldest first.
    pub entries: Vec<Entry>,
    /// The last checkpoint, if there was one.
    pub checkpoint: Option<String>,
    /// An unfinished write that was cut off; nothing of it had been acknowledged.
    pub torn: Option<TornTail>,
}

impl Recovered {
    /// Sequence number and payload of every entry that has its payload.
    #[must_use]
    pub fn into_payloads(self) -> Vec<(u64, Vec<u8>)> {
        self.entries.into_iter().filter_map(|e| Some((e.seq, e.payload?))).collect()
    }
}

/// An append (or checkpoint) in flight: a future, or [`Pending::wait`] from a thread that may block. Dropping it does not
/// take the append back.
#[derive(Debug)]
pub struct Pending<T>(oneshot::Receiver<Result<T, JournalError>>);

/// An append in flight.
pub type Appending = Pending<AppendReceipt>;

impl<T> Pending<T> {
    /// Blocks until it is on disk. Not from async code.
    pub fn wait(self) -> Result<T, JournalError> {
        self.0.blocking_recv().unwrap_or_else(|_| Err(gone()))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, JournalError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|r| r.unwrap_or_else(|_| Err(gone())))
    }
}

fn gone() -> JournalError {
    JournalError::Dead("its writer has ended; start the hub again".to_owned())
}

/// A file in the folder of a journal that came from a backup: elsewhere that journal may have gone on, so nothing is appended to it here.
pub const RESTORED_FILE: &str = "restored.note";

/// An open journal: one thread owns the files. Closed by drop, which waits for the last checkpoint (one sync). One that was restored from a
/// backup has no such thread: it is read, and takes nothing.
pub struct Journal {
    dir: PathBuf,
    restored: bool,
    requests: Option<SyncSender<Request>>,
    writer: Option<JoinHandle<()>>,
    alarms: Arc<Mutex<Vec<Alarm>>>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal in `dir`, which is created where missing, and recovers what it holds: a torn tail is cut off,
    /// damage below the last checkpoint is repaired from the mirror or refused. Blocks while reading.
    pub fn open(dir: &Path, config: JournalConfig) -> Result<(Self, Recovered), JournalError> {
        if dir.join(RESTORED_FILE).exists() {
            return Self::open_restored(dir, &config);
        }
        Self::open_on(Box::new(RealDisk), Box::new(RealDisk), dir, config)
    }

    fn open_restored(dir: &Path, config: &JournalConfig) -> Result<(Self, Recovered), JournalError> {
        let read = JournalReader::read(dir, Some(config.signer.key()))?;
        if let Some(fault) = read.faults.into_iter().next() {
            return Err(JournalError::Damaged(fault));
        }
        let (alarms, dir) = (Arc::default(), dir.to_owned());
        let checkpoint = read.checkpoints.last().map(|(_, note)| note.clone());
        let recovered = Recovered { entries: read.entries, checkpoint, torn: read.torn };
        Ok((Self { dir, restored: true, requests: None, writer: None, alarms }, recovered))
    }

    /// Whether it came from a backup, and takes nothing.
    #[must_use]
    pub fn is_restored(&self) -> bool {
        self.restored
    }

    /// `second`: the disk of the mirror, if there is to be one.
    pub(super) fn open_on(
        disk: Box<dyn Disk>,
        second: Box<dyn Disk>,
        dir: &Path,
        config: JournalConfig,
    ) -> Result<(Self, Recovered), JournalError> {
        let alarms = Arc::new(Mutex::new(Vec::new()));
        let (writer, recovered) = Writer::recover(disk, second, dir, config, Arc::clone(&alarms))?;
        let (requests, queue) = sync_channel(QUEUE);
        let spawned =
            std::thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run(&queue));
        let writer = spawned.map_err(|e| JournalError::io(dir, 0, &e))?;
        let dir = dir.to_owned();
        Ok((Self { dir, restored: false, requests: Some(requests), writer: Some(writer), alarms }, recovered))
    }

    /// Hands entries to the writer at once, in the order of the calls; the future resolves when they are synced. Entries
    /// of one append are kept whole: after a crash all of them are there or none.
    pub fn append(&self, entries: Vec<NewEntry>) -> Appending {
        let (reply, receipt) = oneshot::channel();
        self.send(Request::Append(entries, reply));
        Pending(receipt)
    }

    /// Signs and writes a checkpoint over everything appended so far.
    pub fn checkpoint(&self) -> Pending<Checkpointed> {
        let (reply, receipt) = oneshot::channel();
        self.send(Request::Checkpoint(reply));
        Pending(receipt)
    }

    /// Takes what the room must be told since the last call.
    #[must_use]
    pub fn take_alarms(&self) -> Vec<Alarm> {
        std::mem::take(&mut *self.alarms.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn send(&self, request: Request) {
        let Some(requests) = &self.requests else {
            return request.refuse(JournalError::Restored(self.dir.clone()));
        };
        // Never waits: the hub's task must not block on the disk.
        if let Err(TrySendError::Full(request)) = requests.try_send(request) {
            request.refuse(JournalError::Busy);
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the journal's writer panicked");
        }
    }
}
