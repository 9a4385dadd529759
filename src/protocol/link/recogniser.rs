//! Between the hub and the recogniser.

pub use court::Repair;
use model::{HearingId, HearingTime, SeatId};
use serde::{Deserialize, Serialize};

/// To the recogniser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum ToRecogniser {
    /// The hub's first message: which hearing it speaks for; it is told of no other. Utterances that settled before these
    /// hearing times (per seat) are known already.
    HubHello { hearing: HearingId, settled_until: Vec<(SeatId, HearingTime)> },
    /// Words of the case for the prompt, best first.
    Vocabulary { terms: Vec<String> },
    /// A person writes this utterance: it is decoded for itself, never with others of its microphone.
    TakenOver { seat: SeatId, utterance: u64 },
    /// The bench's push-to-talk goes down or up: speech of `seat` within is a command, not the record.
    PushToTalk { seat: SeatId, down: bool, at: HearingTime },
}

/// One recognised piece of an utterance with its confidence (0–1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// Its characters.
    pub text: String,
    /// Mean token probability.
    pub confidence: f32,
}

/// From the recogniser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum FromRecogniser {
    /// Model loaded, or why not; once a second afterwards with the delay.
    State {
        /// Name of the model in use; `None` while there is none.
        model: Option<String>,
        /// For how long the utterance that ended first has waited for its text, in milliseconds; 0 when none waits.
        lag_ms: u64,
        /// One sentence if something is wrong.
        fault: Option<String>,
    },
    /// Text of an utterance still being spoken; replaces the one before with the same `utterance`.
    Partial { seat: SeatId, utterance: u64, from: HearingTime, text: String },
    /// A whole utterance; never revised.
    Final {
        seat: SeatId,
        utterance: u64,
        from: HearingTime,
        to: HearingTime,
        /// Normalised text, as it shall stand in the record.
        text: String,
        /// Exactly what the engine gave.
        raw: String,
        pieces: Vec<Piece>,
        /// Terms of the case that took the place of what sounded the same.
        repairs: Vec<Repair>,
        /// The push-to-talk key was held: a spoken command.
        command: bool,
        /// How the voice sounds, whatever it says; empty where too little of it was heard. Only voices of one microphone compare.
        #[serde(default)]
        voice: Vec<f32>,
        /// From the last sample of the utterance to this message, in milliseconds.
        latency_ms: u64,
    },
    /// The utterance held no speech after all; drop its partials.
    Dropped { seat: SeatId, utterance: u64 },
}
