//! The engines on a thread of their own: one job at a time, since two decodes at once would only share the cores.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc as async_mpsc;

use super::RecogniserConfig;
use crate::ggml;
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
    pub(super) terms: Arc<[String]>,
    /// For the smaller model, if there is one.
    pub(super) hurried: bool,
}

/// What the desk wants of the engine.
#[derive(Debug)]
pub(super) enum ToEngine {
    /// Decode this.
    Decode(Job),
    /// A hearing begins: another model may have been chosen.
    Renew,
}

/// What the engine tells the desk.
#[derive(Debug)]
pub(super) enum FromEngine {
    /// A model is loaded: its name, that of the smaller one, the longest utterance both bear in samples, and whether a decode costs the
    /// same however short it is.
    Loaded { name: String, small: Option<String>, samples_max: usize, flat: bool },
    /// No model. The sentence says what to do; it is tried again by itself.
    NoModel { sentence: String },
    /// Another model was chosen and cannot be used: the one before stays.
    Kept { sentence: String },
    /// A job is done; exactly one for each.
    Decoded { id: UtteranceId, said: Result<Option<Said>, String>, took_ms: u64 },
}

/// Where jobs go in.
pub(super) type Jobs = mpsc::Sender<ToEngine>;

/// Starts the thread; it ends when `Jobs` is dropped, after the decode that is under way.
pub(super) fn start(
    config: &RecogniserConfig,
    manifest: Manifest,
) -> std::io::Result<(Jobs, async_mpsc::UnboundedReceiver<FromEngine>, JoinHandle<()>)> {
    let (jobs, inbox) = mpsc::channel();
    // At most one job is under way: the channel cannot grow.
    let (out, done) = async_mpsc::unbounded_channel();
    let bench = Bench { config: config.clone(), manifest, inbox, out };
    let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || bench.work())?;
    Ok((jobs, done, thread))
}

/// The models that are loaded.
struct Engines {
    file: PathBuf,
    large: WhisperEngine,
    small: Option<WhisperEngine>,
}

/// What the thread works with.
struct Bench {
    config: RecogniserConfig,
    manifest: Manifest,
    inbox: mpsc::Receiver<ToEngine>,
    out: async_mpsc::UnboundedSender<FromEngine>,
}

impl Bench {
    fn work(self) {
        let Some(mut engines) = self.load() else { return };
        while let Ok(order) = self.inbox.recv() {
            let done = match order {
                ToEngine::Decode(job) => decode(&mut engines, job),
                ToEngine::Renew => match self.renewed(&engines.file) {
                    None => continue,
                    Some(Err(sentence)) => FromEngine::Kept { sentence },
                    Some(Ok(())) => {
                        // Two large models at once may be more than the machine has room for.
                        drop(engines);
                        let Some(new) = self.load() else { return };
                        engines = new;
                        continue;
                    }
                },
            };
            if self.out.send(done).is_err() {
                return;
            }
        }
    }

    /// Whether another model has been chosen since, and whether it can be used.
    fn renewed(&self, current: &Path) -> Option<Result<(), String>> {
        let file = self.config.model.now();
        if file == current {
            return None;
        }
        let checked = ggml::check(&file, &self.manifest.entry(&file));
        Some(checked.map(drop).map_err(|e| format!("{}；仍用原来的语音模型", e.zh())))
    }

    /// Loads what is to be used, again and again until it is there. `None` once the desk has gone.
    fn load(&self) -> Option<Engines> {
        loop {
            let file = self.config.model.now();
            match WhisperEngine::load(&file, &self.manifest, self.config.threads) {
                Ok(large) => {
                    let small = self.config.small_model.as_deref().and_then(|small| self.load_small(small));
                    let longest = [Some(&large), small.as_ref()].into_iter().flatten();
                    let samples_max = longest.map(WhisperEngine::samples_max).min().unwrap_or_default();
                    let loaded = FromEngine::Loaded {
                        name: large.name().to_owned(),
                        small: small.as_ref().map(|s| s.name().to_owned()),
                        samples_max,
                        flat: large.is_flat(),
                    };
                    self.out.send(loaded).ok()?;
                    return Some(Engines { file, large, small });
                }
                Err(error) => {
                    tracing::error!(%error, "no speech model");
                    self.out
                        .send(FromEngine::NoModel {
                            sentence: format!("暂无法自动转写：{}；录音不受影响", error.zh()),
                        })
                        .ok()?;
                    // A job that was on its way to the model before is not kept waiting; a new choice is looked at at once.
                    match self.inbox.recv_timeout(RELOAD) {
                        Ok(ToEngine::Decode(Job { id, .. })) => {
                            let said = Err(error.zh());
                            self.out.send(FromEngine::Decoded { id, said, took_ms: 0 }).ok()?;
                        }
                        Ok(ToEngine::Renew) | Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => return None,
                    }
                }
            }
        }
    }

    fn load_small(&self, file: &Path) -> Option<WhisperEngine> {
        let loaded = WhisperEngine::load(file, &self.manifest, self.config.threads);
        loaded.inspect_err(|error| tracing::error!(%error, "no smaller speech model")).ok()
    }
}

fn decode(engines: &mut Engines, job: Job) -> FromEngine {
    let engine = match &mut engines.small {
        Some(small) if job.hurried => small,
        _ => &mut engines.large,
    };
    let begun = Instant::now();
    let said = utterance::decode(engine, &job.samples, &job.prompt, &job.terms).map_err(|e| e.zh());
    FromEngine::Decoded { id: job.id, said, took_ms: begun.elapsed().as_millis() as u64 }
}
