//! One utterance through an engine: decoded, judged, written as it shall stand in the record.

use protocol::link::recogniser::{Piece, Repair};

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
    /// Terms of the case that took the place of what sounded the same, in `text`.
    pub repairs: Vec<Repair>,
}

/// Terms of the case that stand in the prompt; more crowd out the decoder's context.
const PROMPT_TERMS_MAX: usize = 12;

/// What stands before a decode, of the words of a case, best first.
#[must_use]
pub fn prompt(terms: &[String]) -> String {
    terms.iter().take(PROMPT_TERMS_MAX).map(String::as_str).collect::<Vec<_>>().join("、")
}

/// Decodes `samples`; `None` when they hold nothing that was said.
pub fn decode(
    engine: &mut dyn Recognizer,
    samples: &[f32],
    prompt: &str,
    terms: &[String],
) -> Result<Option<Said>, RecognizerError> {
    let duration_ms = samples.len() as u64 / SAMPLES_PER_MS;
    let heard = engine.decode(Request { samples, prompt })?;
    match guard::judge(&heard.text, duration_ms) {
        Verdict::Keep(text) if !prompt.is_empty() && guard::is_sparse(&text, duration_ms) => {
            // Where names follow one another the prompt leads a model from one to the next, over all between.
            let bare = engine.decode(Request { samples, prompt: "" })?;
            match guard::judge(&bare.text, duration_ms) {
                Verdict::Keep(more) if guard::letters(&more) > guard::letters(&text) => {
                    Ok(Some(said(&more, bare, terms)))
                }
                _ => Ok(Some(said(&text, heard, terms))),
            }
        }
        Verdict::Keep(text) => Ok(Some(said(&text, heard, terms))),
        Verdict::Nothing(why) => {
            tracing::debug!(why, raw = heard.text, "nothing was said");
            Ok(None)
        }
        Verdict::Loop(rest) => {
            let again = engine.decode(Request { samples, prompt: "" })?;
            match guard::judge(&again.text, duration_ms) {
                Verdict::Keep(text) => Ok(Some(said(&text, again, terms))),
                Verdict::Nothing(_) | Verdict::Loop(_) => Ok(Some(said(&rest, heard, terms))),
            }
        }
    }
}

/// Simplified, figures as a record writes them, terms of the case in place of what sounds the same, and a sentence ends with a mark.
fn said(text: &str, heard: Transcript, terms: &[String]) -> Said {
    let pieces = heard.pieces.into_iter().map(|p| Piece { text: p.text, confidence: p.confidence }).collect();
    let (mut text, repairs) = text::repair(&text::written(&text::simplify(text.trim())), terms);
    if text.chars().last().is_some_and(|c| c.is_alphanumeric() || c == '%' || c == '‰') {
        text.push('。');
    }
    let repairs = repairs.into_iter();
    let repairs = repairs.map(|r| Repair { from: r.from as u32, to: r.to as u32, heard: r.heard }).collect();
    Said { text, raw: heard.text, pieces, repairs }
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
        decode(&mut engine, &[0.0; 48_000], "违约金", &["欧阳文清".to_owned()])
            .expect("it always answers")
            .map(|s| s.text)
    }

    #[test]
    fn figures_and_names_of_the_case_stand_as_they_are_written() {
        assert_eq!(run("歐陽文青借款五十萬元", "").as_deref(), Some("欧阳文清借款50万元。"));
        let mut engine = Prepared { prompted: "借款百分之三，歐陽文青", bare: "" };
        let said = decode(&mut engine, &[0.0; 48_000], "违约金", &["欧阳文清".to_owned()]);
        let said = said.expect("it answers").expect("something was said");
        assert_eq!((said.text.as_str(), said.raw.as_str()), ("借款3%，欧阳文清。", "借款百分之三，歐陽文青"));
        assert_eq!(said.repairs, [Repair { from: 5, to: 9, heard: "欧阳文青".to_owned() }]);
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
    fn too_few_characters_for_their_time_are_decoded_again_without_the_prompt() {
        let decode = |prompted, bare, seconds: usize| {
            let mut engine = Prepared { prompted, bare };
            let said = decode(&mut engine, &vec![0.0; 16_000 * seconds], "周正、郑文", &[]);
            said.expect("it always answers").expect("something was said").text
        };
        let (short, whole) = ("由审判长周正担任记录。", "由审判长周正和审判员郑文组成合议庭，孙丽担任记录。");
        assert_eq!(decode(short, whole, 7), whole);
        assert_eq!(decode(short, "。", 7), short, "what the prompt gave is better than nothing");
        assert_eq!(decode(short, "由审判长。", 7), short);
        assert_eq!(decode(short, whole, 3), short, "as fast as people speak");
    }

    #[test]
    fn what_is_nothing_is_no_line() {
        assert_eq!(run("字幕by某某", "x"), None);
    }
}
