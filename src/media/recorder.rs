//! The recorder process: devices to disk, whoever else lives or dies.
//!
//! ```text
//!            Open                    Record                 Seal
//!   Idle ───────────► Standing by ───────────► Recording ───────────► Idle
//!                        │  ▲                    │    ▲
//!                        │  └──(nothing written) │    │ Record
//!                        │                 Pause ▼    │
//!                        └──────Seal──◄──────── Paused
//! ```
//! One task owns all of this ([`desk`]); clients, the capture thread, cameras and the writer send it events. What it is doing
//! stands in a small file ([`memory`]), so that a recorder that was killed goes on by itself.

mod client;
mod desk;
mod feed;
mod health;
mod memory;
mod ring;
mod session;
mod space;

use std::path::{Path, PathBuf};

use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

/// Clients at the same time: hub, recogniser, and room for a second of each while they reconnect.
const CLIENTS_MAX: usize = 8;

/// What the recorder needs to know before anyone speaks to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecorderConfig {
    /// Folder for `recorder.sock` and for `recorder.json`, which tells a restarted recorder what it was doing.
    pub run_dir: PathBuf,
    /// Minutes of recording that are set aside on the disk before a hearing begins.
    pub reserve_minutes: u64,
}

impl RecorderConfig {
    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.run_dir.join("recorder.sock")
    }
}

/// Why the recorder process cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// The socket cannot be had.
    #[error("the recorder cannot listen on {}: {cause}; make the folder writable and end any other recorder", path.display())]
    Listen { path: PathBuf, cause: std::io::Error },
    /// Its memory of the last run cannot be read.
    #[error("{} cannot be read: {cause}; move it away, then open the hearing again", path.display())]
    Memory { path: PathBuf, cause: std::io::Error },
}

/// Runs the recorder until cancelled: listens on the socket, and first of all goes on with what a killed predecessor was
/// doing. Cancelling closes every file in order; the hearing stays open and goes on with the next start.
pub async fn run(config: RecorderConfig, cancel: CancellationToken) -> Result<(), RecorderError> {
    let listener = listen(&config.socket())?;
    let memory = memory::Memory::at(config.run_dir.join("recorder.json"));
    let (events, inbox) = desk::inbox();
    let mut desk = desk::Desk::new(memory, config.reserve_minutes, events.clone())?;
    let accepting = tokio::spawn(accept(listener, events, cancel.clone()));
    desk.resume().await;
    desk.run(inbox, cancel).await;
    accepting.abort();
    Ok(())
}

fn listen(path: &Path) -> Result<UnixListener, RecorderError> {
    let failed = |cause| RecorderError::Listen { path: path.to_owned(), cause };
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    // A socket left by a killed recorder is nobody's; one that answers is not ours to take.
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err(failed(std::io::ErrorKind::AddrInUse.into()));
    }
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(e)),
        _ => {}
    }
    UnixListener::bind(path).map_err(failed)
}

async fn accept(listener: UnixListener, events: desk::Events, cancel: CancellationToken) {
    let mut tasks = tokio::task::JoinSet::new();
    let mut next = 0u64;
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if tasks.len() < CLIENTS_MAX => {
                    next += 1;
                    tasks.spawn(client::serve(client::ClientId(next), stream, events.clone()));
                }
                Ok(_) => tracing::warn!("a client too many was turned away"),
                Err(error) => {
                    tracing::warn!(%error, "a client could not be accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            },
        }
    }
}
