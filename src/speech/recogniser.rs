//! The recogniser process: listens to the recorder, tells the hub.
//!
//! ```text
//!   recorder.sock ──sound──► desk: Room (cuts) ─► Policy ─task─► engine thread
//!                             │  ▲                                  │
//!   hub ◄──lines── recogniser.sock  └────────── what was said ──────┘
//! ```
//!
//! It may die at any time: it keeps nothing on disk. On its start it waits for the hub, which says until when speech has settled,
//! and has the recorder play what came after from its ring. The other way round, a hub that comes back is told again what
//! settled while it was away.

mod desk;
mod engine;
mod hub;
mod missed;
mod sound;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::choice::ModelChoice;
use crate::manifest::{Manifest, ManifestError};

/// Sound and messages that may wait for the desk; the recorder's ring holds what does not fit.
const QUEUE: usize = 256;

/// How long a decode that is under way is waited for at the end.
const ENGINE_MAX: Duration = Duration::from_secs(20);

/// What the recogniser needs to know before anyone speaks to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecogniserConfig {
    /// Folder of `recorder.sock` and `recogniser.sock`.
    pub run_dir: PathBuf,
    /// The ggml model file; looked up again at each new hearing.
    pub model: ModelChoice,
    /// A smaller one, for what has waited too long.
    pub small_model: Option<PathBuf>,
    /// The list of models.
    pub manifest: PathBuf,
    /// Threads of a decode; without it, as many as the model makes use of.
    pub threads: Option<usize>,
}

/// Why the recogniser process cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RecogniserError {
    /// The socket cannot be had.
    #[error("the recogniser cannot listen on {}: {cause}; make the folder writable and end any other recogniser", path.display())]
    Listen { path: PathBuf, cause: std::io::Error },
    /// The engine's thread cannot be started.
    #[error("the recogniser's engine thread cannot be started: {0}")]
    Thread(std::io::Error),
    /// The list of models.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Runs until cancelled. A model that cannot be loaded is a fault told to the hub and tried again, not an end.
pub async fn run(config: RecogniserConfig, cancel: CancellationToken) -> Result<(), RecogniserError> {
    let manifest = Manifest::load(&config.manifest)?;
    let listener = listen(&config.run_dir.join("recogniser.sock"))?;
    let (jobs, done, thread) = engine::start(&config, manifest).map_err(RecogniserError::Thread)?;
    let (to_desk, from_hub) = mpsc::channel(QUEUE);
    let (sound_out, sound) = mpsc::channel(QUEUE);
    let hubs = tokio::spawn(hub::accept(listener, to_desk));
    let desk = desk::Desk::new(jobs);
    let recorder = config.run_dir.join("recorder.sock");
    let (files, read) = (recorder.clone(), sound_out.clone());
    // The recorder is asked for sound only when a hub has said what is settled.
    desk.run(
        from_hub,
        sound,
        done,
        move || tokio::spawn(sound::follow(recorder.clone(), sound_out.clone())),
        move |hearing, stretch| tokio::spawn(sound::recorded(files.clone(), hearing, stretch, read.clone())),
        cancel,
    )
    .await;
    hubs.abort();
    // Whoever ends the process under a decode takes the library's own tables away from it: it crashes at its end.
    let ended = tokio::task::spawn_blocking(move || thread.join());
    if tokio::time::timeout(ENGINE_MAX, ended).await.is_err() {
        tracing::warn!("the engine is still decoding as the recogniser ends");
    }
    Ok(())
}

fn listen(path: &Path) -> Result<UnixListener, RecogniserError> {
    let failed = |cause| RecogniserError::Listen { path: path.to_owned(), cause };
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    // A socket left by a killed recogniser is nobody's; one that answers is not ours to take.
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err(failed(std::io::ErrorKind::AddrInUse.into()));
    }
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(e)),
        _ => {}
    }
    UnixListener::bind(path).map_err(failed)
}
