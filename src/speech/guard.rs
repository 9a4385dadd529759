//! What an engine writes where nothing was said: subtitles' credits, brackets, loops. A line of a court record is none of these.

use std::sync::LazyLock;

use protocol::link::recogniser::Piece;

/// What is to be done with a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It stands, trimmed.
    Keep(String),
    /// It is nothing that was said; the reason is for the log.
    Nothing(&'static str),
    /// The engine went round in circles: decode once more without a prompt; failing that, this is what is left.
    Loop(String),
}

/// Wherever these stand, the engine is citing its training data.
const CREDITS: [&str; 10] = [
    "字幕by",
    "字幕由",
    "字幕志愿者",
    "字幕组",
    "字幕製作",
    "明镜与点点",
    "点赞订阅",
    "不吝点赞",
    "amara.org",
    "优优独播剧场",
];
/// Whole lines of the same origin.
const FAREWELLS: [&str; 5] = ["谢谢观看", "谢谢大家观看", "感谢观看", "谢谢收看", "下期再见"];
/// Faster than anyone speaks, per second, and what a short utterance may hold beyond it.
const CHARACTERS_PER_S_MAX: usize = 12;
const CHARACTERS_SPARE: usize = 6;
/// A group of up to this many characters may stand so often in a row.
const GROUP_MAX: usize = 12;

static CREDITS_FOLDED: LazyLock<Vec<String>> = LazyLock::new(|| CREDITS.iter().map(|c| fold(c)).collect());

fn fold(text: &str) -> String {
    text::simplify(text).to_lowercase().chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whoever speaks so slowly leaves something out, or the engine does.
const CHARACTERS_PER_S_MIN: f64 = 2.5;
/// Of less sound nothing can be said.
const SPARSE_MS_MIN: u64 = 3000;

/// Letters, figures and hanzi of `text`.
#[must_use]
pub fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Whether `text` is little for its `duration_ms` of speech.
#[must_use]
pub fn is_sparse(text: &str, duration_ms: u64) -> bool {
    duration_ms >= SPARSE_MS_MIN
        && (letters(text) as f64) < CHARACTERS_PER_S_MIN * duration_ms as f64 / 1000.0
}

/// Longer than this, it was no noise.
const NOISE_LETTERS_MAX: usize = 8;
/// Below this mean confidence, few characters are what an engine makes of a sound that all microphones hear alike.
const NOISE_CONFIDENCE: f32 = 0.85;
/// Who answers in a syllable takes no longer over it.
const NOISE_LETTERS_PER_S: f64 = 1.5;

/// Whether what was written of a sound that other microphones heard about as loudly is what an engine makes of a chair or a door: a few
/// characters that it is unsure of, or that are too few for their time. An unsure answer into one's own microphone is a doubt, and no noise.
#[must_use]
pub fn is_noise(raw: &str, pieces: &[Piece], duration_ms: u64) -> bool {
    let letters = letters(raw);
    let logs: f32 = pieces.iter().map(|p| p.confidence.max(1e-4).ln()).sum();
    let confidence = if pieces.is_empty() { 1.0 } else { (logs / pieces.len() as f32).exp() };
    let slow = (letters as f64) < NOISE_LETTERS_PER_S * duration_ms as f64 / 1000.0;
    letters <= NOISE_LETTERS_MAX && (confidence < NOISE_CONFIDENCE || slow)
}

/// Judges `text`, decoded from `duration_ms` of sound.
#[must_use]
pub fn judge(text: &str, duration_ms: u64) -> Verdict {
    let text = text.trim();
    let folded = fold(text);
    let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    if letters.is_empty() {
        return Verdict::Nothing("marks only");
    }
    if CREDITS_FOLDED.iter().any(|c| folded.contains(c.as_str())) {
        return Verdict::Nothing("subtitle credits");
    }
    if FAREWELLS.iter().any(|f| f.chars().eq(letters.iter().copied())) {
        return Verdict::Nothing("subtitle farewell");
    }
    if bracketed(text) {
        return Verdict::Nothing("a remark in brackets");
    }
    if let Some(rest) = unlooped(text) {
        return Verdict::Loop(rest);
    }
    if letters.len() > CHARACTERS_SPARE + CHARACTERS_PER_S_MAX * duration_ms as usize / 1000 {
        return Verdict::Nothing("faster than anyone speaks");
    }
    Verdict::Keep(text.to_owned())
}

fn bracketed(text: &str) -> bool {
    let mut depth = 0usize;
    let outside = text.chars().any(|c| match c {
        '(' | '（' | '[' | '【' | '〔' | '《' => {
            depth += 1;
            false
        }
        ')' | '）' | ']' | '】' | '〕' | '》' => {
            depth = depth.saturating_sub(1);
            false
        }
        c => depth == 0 && c.is_alphanumeric(),
    });
    // A title alone (《借款合同》) is something one says.
    !outside && !text.starts_with('《')
}

/// If a group of characters stands too often in a row: the text with the group once.
fn unlooped(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    for group in 1..=GROUP_MAX.min(chars.len() / 3) {
        let allowed = if group == 1 { 7 } else { 3 };
        let mut at = 0;
        while at + group * (allowed + 1) <= chars.len() {
            let unit = &chars[at..at + group];
            let times = chars[at..].chunks_exact(group).take_while(|c| c == &unit).count();
            if times > allowed && unit.iter().any(|c| c.is_alphanumeric()) {
                let mut rest: String = chars[..at + group].iter().collect();
                rest.extend(&chars[at + group * times..]);
                return Some(unlooped(&rest).unwrap_or(rest));
            }
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_court_stands() {
        for said in ["现在开庭。", "对，对，对。", "《借款合同》", "五十万元整", "一一一号", "没有异议"]
        {
            assert_eq!(judge(said, 2000), Verdict::Keep(said.to_owned()), "{said}");
        }
    }

    #[test]
    fn a_chair_gives_no_characters_and_an_answer_does() {
        let piece = |confidence| Piece { text: String::new(), confidence };
        let noise = |raw: &str, confidence, ms| is_noise(raw, &[piece(confidence)], ms);
        assert!(!noise("是。", 0.95, 500), "a short answer that all microphones hear");
        assert!(noise("外往", 0.3, 1200));
        assert!(noise("录无异事实。", 0.7, 1456));
        assert!(noise("代", 0.96, 1472), "nobody takes so long over a syllable");
        assert!(!noise("原告请求判令被告归还借款本金", 0.4, 3000), "nobody says so much by chance");
    }

    #[test]
    fn what_subtitles_and_captions_say_is_nothing() {
        for heard in ["字幕by索兰娅", "（音乐）", "[掌声]", "谢谢观看！", "請不吝點贊訂閱", "……", "♪♪", ""]
        {
            assert!(matches!(judge(heard, 3000), Verdict::Nothing(_)), "{heard}");
        }
    }

    #[test]
    fn a_loop_is_found_and_its_group_stands_once() {
        let heard = "原告请求原告请求原告请求原告请求原告请求返还本金";
        assert_eq!(judge(heard, 9000), Verdict::Loop("原告请求返还本金".to_owned()));
        assert_eq!(judge(&"是".repeat(40), 9000), Verdict::Loop("是".to_owned()));
    }

    #[test]
    fn more_than_a_mouth_can_say_is_nothing() {
        let text = "被告对原告主张的借款本金利息以及违约金均不予认可请求法院依法驳回";
        assert!(matches!(judge(text, 300), Verdict::Nothing(_)));
        assert!(matches!(judge(text, 5000), Verdict::Keep(_)));
    }
}
