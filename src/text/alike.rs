//! What else may have been said: words and stretches of text that sound like what was written down.

use std::collections::BTreeMap;

use pinyin::ToPinyin;

use crate::normal::{fold_char, is_hanzi};
use crate::syllable::folded_readings;

/// Stretches of text longer than this are not looked for.
const CHARS_MAX: usize = 12;
/// A word may differ from what was heard in one sound of so many.
const SOUNDS_PER_SLIP: usize = 3;

/// How near something is to what was heard: first the sounds that differ, then the tones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Nearness {
    sounds: usize,
    /// A stretch of text that is no word of its own.
    no_word: bool,
    tones: usize,
}

/// Up to `most` readings of what was heard as `heard`, nearest first: `words` in whole, and what stands in `texts` and sounds
/// the same. What was heard itself is none of them.
#[must_use]
pub fn alike<'a>(
    heard: &str,
    words: impl IntoIterator<Item = &'a str>,
    texts: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<String> {
    let chars: Vec<char> = heard.chars().map(fold_char).collect();
    if chars.len() < 2 || chars.len() > CHARS_MAX || !chars.iter().all(|c| is_hanzi(*c)) {
        return Vec::new();
    }
    let sounds: Vec<Vec<String>> = chars.iter().map(|c| folded_readings(*c)).collect();
    // How near, and how often it was met.
    let mut found: BTreeMap<String, (Nearness, usize)> = BTreeMap::new();
    let mut meet = |text: &[char], nearness: Nearness| {
        if text != chars {
            let met = found.entry(text.iter().collect()).or_insert((nearness, 0));
            *met = (met.0.min(nearness), met.1 + 1);
        }
    };
    for word in words {
        let word: Vec<char> = word.chars().map(fold_char).collect();
        if word.len() < 2 || word.len() > CHARS_MAX + 2 || !word.iter().all(|c| is_hanzi(*c)) {
            continue;
        }
        let slips = slips(&sounds, &word);
        if slips <= chars.len() / SOUNDS_PER_SLIP {
            meet(&word, Nearness { sounds: slips, no_word: false, tones: tones(&chars, &word) });
        }
    }
    for text in texts {
        let text: Vec<char> = text.chars().map(fold_char).collect();
        for stretch in text.windows(chars.len()) {
            let same = stretch.iter().zip(&sounds).all(|(c, s)| sounds_as(*c, s));
            if same {
                meet(stretch, Nearness { sounds: 0, no_word: true, tones: tones(&chars, stretch) });
            }
        }
    }
    // Once is chance: the end of one word and the beginning of the next.
    found.retain(|_, (nearness, times)| !nearness.no_word || *times > 1);
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (nearness, times))| (*nearness, usize::MAX - times));
    found.into_iter().take(most).map(|(text, _)| text).collect()
}

fn sounds_as(c: char, sounds: &[String]) -> bool {
    is_hanzi(c) && folded_readings(c).iter().any(|s| sounds.contains(s))
}

/// Fewest sounds to be changed, left out or put in.
fn slips(heard: &[Vec<String>], word: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (i, sounds) in heard.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, c) in word.iter().enumerate() {
            let changed = diagonal + usize::from(!sounds_as(*c, sounds));
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[word.len()]
}

/// Characters whose usual reading differs, tone and all.
fn tones(a: &[char], b: &[char]) -> usize {
    let usual = |c: &char| c.to_pinyin().map(|p| p.with_tone_num_end());
    a.iter().zip(b).filter(|(a, b)| usual(a) != usual(b)).count() + a.len().abs_diff(b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_case_are_offered_the_same_tones_first() {
        let words = ["欧阳文庆", "欧阳文清", "张建国", "文清"];
        assert_eq!(alike("欧阳文青", words, [], 5), ["欧阳文清", "欧阳文庆"]);
        assert_eq!(alike("张剑果", words, [], 5), ["张建国"]);
        // A sound left out, and the confusions of speakers: n and l, ing and in.
        assert_eq!(alike("南京新城", ["兰京新村", "蓝金信城"], [], 5), ["蓝金信城", "兰京新村"]);
    }

    #[test]
    fn what_stands_in_the_dossier_and_sounds_the_same_is_offered_most_often_met_first() {
        let page = "双方签订购销合同，购销合同第三条；购销合同；构消合同，构消合同。购削合同";
        assert_eq!(alike("购销合桐", [], [page], 5), ["购销合同", "构消合同"]);
        assert_eq!(alike("购销合同", ["购销合同"], [page], 5), ["构消合同"], "not what was heard");
    }

    #[test]
    fn marks_single_characters_and_whole_sentences_are_not_looked_for() {
        for heard in ["", "钱", "张，国", "abc", "这是一个很长很长很长的句子啊"] {
            assert!(alike(heard, ["张国"], ["张国"], 5).is_empty(), "{heard}");
        }
    }
}
