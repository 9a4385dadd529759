//! One utterance through an engine: decoded, judged, written as it shall stand in the record.

use protocol::link::recogniser::Piece;

use crate::SAMPLES_PER_MS;
use crate::guard::{self, Verdict};
use crate::recognizer::{Recognizer, RecognizerError, Request, Transcript};

/// What was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// As it shall stand in the record: simplified characters, ended by a mark.
    pub text: String,
    /// Exactly what the engine gave.
    pub raw: String,
    /// `raw` in pieces.
    pub pieces: Vec<Piece>,
}

/// Decodes `samples`; `None` when they hold nothing that was said.
pub fn decode(
    engine: &mut dyn Recognizer,
    samples: &[f32],
    prompt: &str,
) -> Result<Option<Said>, RecognizerError> {
    let duration_ms = samples.len() as u64 / SAMPLES_PER_MS;
    let heard = engine.decode(Request { samples, prompt })?;
    match guard::judge(&heard.text, duration_ms) {
        Verdict::Keep(text) => Ok(Some(said(&text, heard))),
        Verdict::Nothing(why) => {
            tracing::debug!(why, raw = heard.text, "nothing was said");
            Ok(None)
        }
        Verdict::Loop(rest) => {
            let again = engine.decode(Request { samples, prompt: "" })?;
            match guard::judge(&again.text, duration_ms) {
                Verdict::Keep(text) => Ok(Some(said(&text, again))),
                Verdict::Nothing(_) | Verdict::Loop(_) => Ok(Some(said(&rest, heard))),
            }
        }
    }
}

fn said(text: &str, heard: Transcript) -> Said {
    let pieces = heard.pieces.into_iter().map(|p| Piece { text: p.text, confidence: p.confidence }).collect();
    Said { text: written(text), raw: heard.text, pieces }
}

/// Simplified, and a sentence ends with a mark.
fn written(text: &str) -> String {
    let mut text = text::simplify(text.trim());
    if text.chars().last().is_some_and(char::is_alphanumeric) {
        text.push('。');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::TranscriptPiece;

    /// Gives prepared answers, with or without a prompt.
    struct Prepared {
        prompted: &'static str,
        bare: &'static str,
    }

    impl Recognizer for Prepared {
        fn name(&self) -> &str {
            "prepared"
        }
        fn samples_max(&self) -> usize {
            160_000
        }
        fn decode(&mut self, request: Request<'_>) -> Result<Transcript, RecognizerError> {
            let text = if request.prompt.is_empty() { self.bare } else { self.prompted };
            Ok(Transcript::of(vec![TranscriptPiece { text: text.to_owned(), confidence: 0.9 }]))
        }
    }

    fn run(prompted: &'static str, bare: &'static str) -> Option<String> {
        let mut engine = Prepared { prompted, bare };
        decode(&mut engine, &[0.0; 48_000], "违约金").expect("it always answers").map(|s| s.text)
    }

    #[test]
    fn traditional_characters_are_folded_and_a_sentence_is_ended() {
        assert_eq!(run("現在開庭", "").as_deref(), Some("现在开庭。"));
        assert_eq!(run("有異議嗎？", "").as_deref(), Some("有异议吗？"));
    }

    #[test]
    fn a_loop_is_decoded_again_without_the_prompt() {
        let looping = "违约金违约金违约金违约金违约金违约金";
        assert_eq!(run(looping, "请求支付违约金").as_deref(), Some("请求支付违约金。"));
        assert_eq!(run(looping, looping).as_deref(), Some("违约金。"));
    }

    #[test]
    fn what_is_nothing_is_no_line() {
        assert_eq!(run("字幕by某某", "x"), None);
    }
}
