//! Words of the case put in place of what sounds exactly the same: only whole terms of three syllables and more, tone for tone. What is
//! shorter or merely near is for the clerk to decide.

use pinyin::ToPinyin;

use crate::normal::is_hanzi;

/// Fewer syllables are too often something else.
const SYLLABLES_MIN: usize = 3;

/// A term that took the place of what was heard; `from` and `to` (exclusive) count characters of the repaired text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Its first character.
    pub from: usize,
    /// Behind its last.
    pub to: usize,
    /// What stood there.
    pub heard: String,
}

/// The text with terms of the case in place of their exact homophones, and where. Longer terms come first; what is a term already stays.
#[must_use]
pub fn repair(text: &str, terms: &[String]) -> (String, Vec<Repair>) {
    let mut chars: Vec<char> = text.chars().collect();
    let mut terms: Vec<Vec<char>> = terms.iter().map(|t| t.chars().collect()).collect();
    terms.retain(|t| t.len() >= SYLLABLES_MIN && t.iter().all(|c| is_hanzi(*c)));
    terms.sort_by_key(|t| std::cmp::Reverse(t.len()));
    let mut taken = vec![false; chars.len()];
    for term in &terms {
        for at in places(&chars, term, |a, b| a == b) {
            taken[at..at + term.len()].fill(true);
        }
    }
    let mut repairs = Vec::new();
    for term in &terms {
        for at in places(&chars, term, sounds_exactly_as) {
            let range = at..at + term.len();
            if taken[range.clone()].iter().any(|t| *t) {
                continue;
            }
            let heard = chars[range.clone()].iter().collect();
            chars[range.clone()].copy_from_slice(term);
            taken[range.clone()].fill(true);
            repairs.push(Repair { from: range.start, to: range.end, heard });
        }
    }
    repairs.sort_by_key(|r| r.from);
    (chars.into_iter().collect(), repairs)
}

fn places(chars: &[char], term: &[char], same: impl Fn(char, char) -> bool) -> Vec<usize> {
    let fits = |window: &[char]| window.iter().zip(term).all(|(a, b)| same(*a, *b));
    chars.windows(term.len()).enumerate().filter(|(_, w)| fits(w)).map(|(at, _)| at).collect()
}

fn sounds_exactly_as(a: char, b: char) -> bool {
    let usual = |c: char| c.to_pinyin().map(|p| p.with_tone_num_end());
    is_hanzi(a) && (a == b || (usual(a).is_some() && usual(a) == usual(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn repaired(text: &str, terms: &[&str]) -> (String, Vec<String>) {
        let terms: Vec<String> = terms.iter().map(|t| (*t).to_owned()).collect();
        let (text, repairs) = repair(text, &terms);
        (text, repairs.into_iter().map(|r| r.heard).collect())
    }

    #[test]
    fn a_name_of_the_case_takes_the_place_of_its_homophone() {
        let (text, heard) = repaired("证人张剑国与欧阳文青到庭", &["张建国", "欧阳文清"]);
        assert_eq!(text, "证人张建国与欧阳文清到庭");
        assert_eq!(heard, ["张剑国", "欧阳文青"]);
    }

    #[test]
    fn other_tones_shorter_words_and_numbers_of_the_case_stay() {
        for (text, term) in [
            ("欧阳文庆", "欧阳文清"),
            ("订金", "定金"),
            ("王明", "汪明"),
            ("一二三", "医儿山"),
            ("张建国", "张建国"),
        ] {
            assert_eq!(repaired(text, &[term]), (text.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_is_a_term_already_is_not_made_another() {
        let terms = ["松江建设", "松江建社"];
        assert_eq!(repaired("松江建社与松江建设", &terms).1, [""; 0]);
    }

    proptest! {
        #[test]
        fn nothing_but_the_places_told_is_changed(text in "[张建剑国欧阳文清青，。]{0,24}") {
            let terms = ["张建国".to_owned(), "欧阳文清".to_owned()];
            let (out, repairs) = repair(&text, &terms);
            let mut back: Vec<char> = out.chars().collect();
            for r in &repairs {
                back.splice(r.from..r.to, r.heard.chars());
            }
            prop_assert_eq!(back.into_iter().collect::<String>(), text);
            prop_assert_eq!(repair(&out, &terms), (out.clone(), Vec::new()));
        }
    }
}
