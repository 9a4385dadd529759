//! What an engine must do, and nothing of how.

use crate::ggml::CheckError;

/// A decode to be done.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Mono, 16 kHz, −1…1; at most [`Recognizer::samples_max`] of them count.
    pub samples: &'a [f32],
    /// Words of the case that may occur, joined; empty for none. A hint, never a rule.
    pub prompt: &'a str,
}

/// A run of characters with the engine's trust in it.
#[derive(Debug, Clone, PartialEq)]
pub struct TranscriptPiece {
    /// Its characters, whole ones.
    pub text: String,
    /// Mean token probability, 0–1.
    pub confidence: f32,
}

/// What an engine heard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transcript {
    /// The characters, as the engine gave them; empty when it heard nothing.
    pub text: String,
    /// The same in pieces; their texts joined are `text`.
    pub pieces: Vec<TranscriptPiece>,
}

impl Transcript {
    /// A transcript of pieces.
    #[must_use]
    pub fn of(pieces: Vec<TranscriptPiece>) -> Self {
        Self { text: pieces.iter().map(|p| p.text.as_str()).collect(), pieces }
    }
}

/// Why an engine cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum RecognizerError {
    /// The model file is not there, not whole or not the pinned one.
    #[error(transparent)]
    File(#[from] CheckError),
    /// The engine cannot use it. The sentence says what to do.
    #[error("{0}")]
    Model(String),
    /// One decode failed; the next may succeed.
    #[error("a decode failed: {0}")]
    Decode(String),
}

impl RecognizerError {
    /// The same for those who sit in court.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::File(error) => error.zh(),
            Self::Model(_) => "语音模型无法使用；请用 huiting models check 检查".to_owned(),
            Self::Decode(why) => format!("一次识别失败（{why}）"),
        }
    }
}

/// Turns samples into characters. Blocking; owned by one thread.
pub trait Recognizer {
    /// Name of the model, for people.
    fn name(&self) -> &str;
    /// The longest utterance it decodes well, in samples.
    fn samples_max(&self) -> usize;
    /// Decodes one utterance or the part of it that is there.
    fn decode(&mut self, request: Request<'_>) -> Result<Transcript, RecognizerError>;
}
