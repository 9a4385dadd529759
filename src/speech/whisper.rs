//! The whisper.cpp engine behind [`Recognizer`].
//!
//! Kept to what whisper.cpp does reproducibly: greedy, one temperature, no memory from one decode to the next, one segment, times
//! from our own sample clock. `FullParams` are built once and cloned, since some of their setters leak.

use std::path::Path;

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

use crate::ggml;
use crate::manifest::{ContextRule, Manifest, ModelEntry};
use crate::recognizer::{Recognizer, RecognizerError, Request, Transcript, TranscriptPiece};
use crate::{RATE_HZ, SAMPLES_PER_MS};

/// First id behind the text tokens: end of text; the special ones follow.
const END_OF_TEXT: i32 = 50_257;
/// What stands before the case's words, so that a multilingual model writes simplified characters with marks.
const MANDARIN: &str = "以下是普通话的句子。";
/// Below this the sound filters read out of bounds, and an utterance this short is decoded badly anyway.
const SAMPLES_MIN: usize = RATE_HZ as usize;

/// A loaded model.
pub struct WhisperEngine {
    entry: ModelEntry,
    rule: ContextRule,
    positions_max: u32,
    context: WhisperContext,
    state: WhisperState,
    params: FullParams<'static, 'static>,
    padded: Vec<f32>,
    /// The words last prepared, and their tokens.
    prompt: Option<(String, Vec<i32>)>,
}

impl WhisperEngine {
    /// Checks the file against form and manifest, then loads it. Blocking; seconds for a large model.
    pub fn load(model: &Path, manifest: &Manifest, threads: Option<usize>) -> Result<Self, RecognizerError> {
        let entry = manifest.entry(model);
        let head = ggml::check(model, &entry)?;
        whisper_rs::install_logging_hooks();
        let refused = |what: &dyn std::fmt::Display| {
            RecognizerError::Model(format!(
                "whisper.cpp refused the speech model {}: {what}; name another",
                model.display()
            ))
        };
        let context = WhisperContext::new_with_params(model, WhisperContextParameters::default())
            .map_err(|e| refused(&e))?;
        let state = context.create_state().map_err(|e| refused(&e))?;
        let params = params(&entry, threads.unwrap_or_else(|| threads_for(&head)));
        Ok(Self {
            rule: manifest.audio_ctx,
            positions_max: head.audio_ctx as u32,
            entry,
            context,
            state,
            params,
            padded: Vec::new(),
            prompt: None,
        })
    }

    /// The manifest's entry of the model.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        &self.entry
    }

    fn prepare_prompt(&mut self, words: &str) -> Result<(), RecognizerError> {
        if self.prompt.as_ref().is_some_and(|(prepared, _)| prepared == words) {
            return Ok(());
        }
        let text = if self.entry.demo { words.to_owned() } else { format!("{MANDARIN}{words}") };
        let text = text.replace('\0', "");
        // A token is at least one byte: with room for every byte whisper.cpp never answers "too many", which the binding
        // would take for a length.
        let room = text.len() + 8;
        let mut tokens =
            self.context.tokenize(&text, room).map_err(|e| RecognizerError::Decode(e.to_string()))?;
        // The head of the vocabulary is the best of it.
        tokens.truncate(self.entry.prompt_tokens_max);
        self.prompt = Some((words.to_owned(), tokens));
        Ok(())
    }

    /// Groups tokens into whole characters: one hanzi may be split over two or three of them.
    fn collect(&self) -> Result<Vec<TranscriptPiece>, RecognizerError> {
        let mut pieces = Vec::new();
        let (mut held, mut probability, mut count) = (Vec::<u8>::new(), 0.0, 0u32);
        for segment in self.state.as_iter() {
            for n in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(n).filter(|t| t.token_id() < END_OF_TEXT) else {
                    continue;
                };
                let bytes = token.to_bytes().map_err(|e| RecognizerError::Decode(e.to_string()))?;
                held.extend_from_slice(bytes);
                probability += token.token_probability();
                count += 1;
                if let Ok(text) = std::str::from_utf8(&held) {
                    pieces.push(TranscriptPiece {
                        text: text.to_owned(),
                        confidence: probability / count as f32,
                    });
                    (held, probability, count) = (Vec::new(), 0.0, 0);
                }
            }
        }
        // A model that stops within a character: what is whole is kept, the rest is nothing.
        let text: String = String::from_utf8_lossy(&held).chars().filter(|c| *c != '\u{fffd}').collect();
        if !text.is_empty() {
            pieces.push(TranscriptPiece { text, confidence: probability / count.max(1) as f32 });
        }
        Ok(pieces)
    }
}

/// Threads of one model wait for each other at every step. Where the steps are small and something else wants the cores, that is most of
/// what they do.
fn threads_for(head: &ggml::Head) -> usize {
    const SMALL: i32 = 512;
    const MANY: usize = 8;
    if head.audio_state < SMALL {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, |n| n.get().min(MANY))
}

fn params(entry: &ModelEntry, threads: usize) -> FullParams<'static, 'static> {
    let mut p = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    p.set_n_threads(i32::try_from(threads.clamp(1, 64)).unwrap_or(1));
    p.set_language(Some("zh"));
    p.set_translate(false);
    p.set_no_context(true);
    p.set_single_segment(true);
    p.set_no_timestamps(true);
    p.set_temperature(0.0);
    p.set_temperature_inc(0.0);
    p.set_suppress_blank(entry.suppress_blank);
    p.set_suppress_nst(!entry.demo);
    p.set_print_special(false);
    p.set_print_progress(false);
    p.set_print_realtime(false);
    p.set_print_timestamps(false);
    p
}

impl WhisperEngine {
    /// Whether a decode costs the same however short the sound is.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        !self.entry.audio_ctx_shortening
    }
}

impl Recognizer for WhisperEngine {
    fn name(&self) -> &str {
        &self.entry.name
    }

    fn samples_max(&self) -> usize {
        (self.entry.segment_ms_max.clamp(1000, 29_000) * SAMPLES_PER_MS) as usize
    }

    fn decode(&mut self, request: Request<'_>) -> Result<Transcript, RecognizerError> {
        // whisper.cpp's window is 30 s: what is longer would be decoded in two, the second without its beginning.
        let samples = &request.samples[..request.samples.len().min(29 * RATE_HZ as usize)];
        self.prepare_prompt(request.prompt)?;
        self.padded.clear();
        self.padded.extend_from_slice(samples);
        self.padded.resize(samples.len().max(SAMPLES_MIN).max(self.rule.samples_min as usize), 0.0);
        let mut params: FullParams<'static, '_> = self.params.clone();
        if self.entry.audio_ctx_shortening {
            let positions = self.rule.positions(self.padded.len(), self.positions_max);
            params.set_audio_ctx(i32::try_from(positions).unwrap_or(0));
        }
        // Nobody says more than 16 tokens a second; a loop ends there.
        let seconds = self.padded.len() / RATE_HZ as usize + 1;
        params.set_max_tokens(i32::try_from(16 + 16 * seconds).unwrap_or(220).min(220));
        if let Some((_, tokens)) = self.prompt.as_ref().filter(|(_, tokens)| !tokens.is_empty()) {
            params.set_tokens(tokens);
        }
        self.state.full(params, &self.padded).map_err(|e| RecognizerError::Decode(e.to_string()))?;
        Ok(Transcript::of(self.collect()?))
    }
}
