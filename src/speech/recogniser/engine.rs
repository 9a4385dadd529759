//! The engine on a thread of its own: one job at a time, since two decodes at once would only share the cores.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc as async_mpsc;

use super::RecogniserConfig;
use crate::manifest::Manifest;
use crate::policy::UtteranceId;
use crate::recognizer::Recognizer;
use crate::utterance::{self, Said};
use crate::whisper::WhisperEngine;

/// A model that could not be loaded is looked for again after this: somebody may have put it there.
const RELOAD: Duration = Duration::from_secs(5);

/// Sound to be decoded.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: UtteranceId,
    pub(super) samples: Vec<f32>,
    pub(super) prompt: Arc<str>,
}

/// What the engine tells the desk.
#[derive(Debug)]
pub(super) enum FromEngine {
    /// A model is loaded: its name, and the longest utterance it bears in samples.
    Loaded { name: String, samples_max: usize },
    /// No model. The sentence says what to do; it is tried again by itself.
    NoModel { sentence: String },
    /// A job is done; exactly one for each.
    Decoded { id: UtteranceId, said: Result<Option<Said>, String>, took_ms: u64 },
}

/// Where jobs go in.
pub(super) type Jobs = mpsc::Sender<Job>;

/// Starts the thread; it ends when `Jobs` is dropped.
pub(super) fn start(
    config: &RecogniserConfig,
    manifest: Manifest,
) -> std::io::Result<(Jobs, async_mpsc::UnboundedReceiver<FromEngine>)> {
    let (jobs, inbox) = mpsc::channel();
    // At most one job is under way: the channel cannot grow.
    let (out, done) = async_mpsc::unbounded_channel();
    let (model, threads) = (config.model.clone(), config.threads);
    std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || work(&model, &manifest, threads, &inbox, &out))?;
    Ok((jobs, done))
}

fn work(
    model: &Path,
    manifest: &Manifest,
    threads: usize,
    inbox: &mpsc::Receiver<Job>,
    out: &async_mpsc::UnboundedSender<FromEngine>,
) {
    let mut engine = loop {
        match WhisperEngine::load(model, manifest, threads) {
            Ok(engine) => break engine,
            Err(error) => {
                tracing::error!(%error, "no speech model");
                if out.send(FromEngine::NoModel { sentence: error.to_string() }).is_err() {
                    return;
                }
                // No job comes before a model is loaded: this only ends early when the desk has gone.
                if matches!(inbox.recv_timeout(RELOAD), Err(RecvTimeoutError::Disconnected)) {
                    return;
                }
            }
        }
    };
    let loaded = FromEngine::Loaded { name: engine.name().to_owned(), samples_max: engine.samples_max() };
    if out.send(loaded).is_err() {
        return;
    }
    while let Ok(job) = inbox.recv() {
        let begun = Instant::now();
        let said = utterance::decode(&mut engine, &job.samples, &job.prompt).map_err(|e| e.to_string());
        let took_ms = begun.elapsed().as_millis() as u64;
        if out.send(FromEngine::Decoded { id: job.id, said, took_ms }).is_err() {
            return;
        }
    }
}
