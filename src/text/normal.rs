//! One spelling for what a reader takes as the same: width, case, traditional forms, radicals, spaces between hanzi.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Pairs of characters, one pair a line; made by `variants.py`.
const VARIANTS: &str = include_str!("variants.txt");

/// Below this nothing has a common form.
const FIRST: u32 = 0x2E80;

/// The common forms of the characters from [`FIRST`] to the end of the basic plane, by code (every character of every page
/// that is found goes through here), and of those beyond it.
struct Common {
    basic: Vec<char>,
    beyond: HashMap<char, char>,
}

static TO_COMMON: LazyLock<Common> = LazyLock::new(|| {
    let basic = (FIRST..=0xFFFF).map(|code| char::from_u32(code).unwrap_or_default()).collect();
    let mut common = Common { basic, beyond: HashMap::new() };
    for pair in VARIANTS.lines() {
        let mut chars = pair.chars();
        let (Some(variant), Some(form)) = (chars.next(), chars.next()) else { continue };
        match u32::from(variant).checked_sub(FIRST).and_then(|at| common.basic.get_mut(at as usize)) {
            Some(place) => *place = form,
            None => {
                common.beyond.insert(variant, form);
            }
        }
    }
    common
});

/// Whether `c` is a Chinese character (including 〇 and the extensions, not punctuation).
#[must_use]
pub fn is_hanzi(c: char) -> bool {
    matches!(u32::from(c), 0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF)
}

/// Traditional forms, radicals and compatibility ideographs to simplified characters, one to one; the length in
/// characters never changes. Everything else stays.
#[must_use]
pub fn simplify(text: &str) -> String {
    text.chars().map(common_form).collect()
}

fn common_form(c: char) -> char {
    let Some(at) = u32::from(c).checked_sub(FIRST) else { return c };
    TO_COMMON.basic.get(at as usize).or_else(|| TO_COMMON.beyond.get(&c)).copied().unwrap_or(c)
}

/// The form under which a single character is compared: width, case, common form. Whitespace becomes a space.
#[must_use]
pub fn fold_char(c: char) -> char {
    // Most of a page, and without width or case.
    if is_hanzi(c) {
        return common_form(c);
    }
    let c = match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        0x3000 => ' ',
        0xFFE5 | 0xA5 => '¥',
        // Soft hyphen, zero-width marks and byte-order mark: nothing a reader sees.
        0xAD | 0x200B..=0x200F | 0x2060 | 0xFEFF => '\u{200B}',
        _ => c,
    };
    if c.is_ascii() {
        return if c.is_ascii_whitespace() || c.is_ascii_control() { ' ' } else { c.to_ascii_lowercase() };
    }
    if c.is_whitespace() {
        return ' ';
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => common_form(one),
        _ => common_form(c),
    }
}

/// Normalised text with the place of each of its characters in the original.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normal {
    /// The normalised characters.
    pub chars: Vec<char>,
    /// For each of them, the index (in characters) of the original character it comes from; strictly rising.
    pub origin: Vec<u32>,
}

impl Normal {
    /// The normalised text.
    #[must_use]
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// Keeps letters, digits and hanzi only: the form in which phrases are searched, so that punctuation, amounts
    /// with commas and line breaks never hide a phrase.
    #[must_use]
    pub fn letters(mut self) -> Self {
        let mut at = 0;
        let keep: Vec<bool> = self.chars.iter().map(|c| c.is_alphanumeric()).collect();
        self.chars.retain(|_| {
            at += 1;
            keep[at - 1]
        });
        at = 0;
        self.origin.retain(|_| {
            at += 1;
            keep[at - 1]
        });
        self
    }

    /// The original span, from and to (exclusive), of the normalised span; `None` if it is empty or out of bounds.
    #[must_use]
    pub fn original_span(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        if from >= to {
            return None;
        }
        let first = *self.origin.get(from)? as usize;
        let last = *self.origin.get(to - 1)? as usize;
        Some((first, last + 1))
    }
}

/// Normalises `text`: full and half width, case, traditional and radical forms, runs of whitespace to one space, and no
/// space beside a hanzi (OCR and PDF writers put them there).
#[must_use]
pub fn normalise(text: &str) -> Normal {
    normalise_chars(text.chars())
}

/// Like [`normalise`], from characters.
#[must_use]
pub fn normalise_chars(text: impl Iterator<Item = char>) -> Normal {
    let mut out = Normal::default();
    let mut space_at: Option<u32> = None;
    for (at, c) in text.enumerate() {
        let folded = fold_char(c);
        match folded {
            '\u{200B}' => continue,
            ' ' => {
                space_at.get_or_insert(at as u32);
                continue;
            }
            _ => {}
        }
        if let (Some(space), Some(&before)) = (space_at.take(), out.chars.last())
            && !closes_up(before)
            && !closes_up(folded)
        {
            out.chars.push(' ');
            out.origin.push(space);
        }
        out.chars.push(folded);
        out.origin.push(at as u32);
    }
    out
}

fn closes_up(c: char) -> bool {
    is_hanzi(c) || matches!(u32::from(c), 0x3001..=0x301F | 0x2010..=0x2027)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_reader_takes_as_the_same_becomes_the_same() {
        for (written, normal) in [
            ("違約金", "违约金"),
            ("違 約\n金", "违约金"),
            ("ＡＢＣ１２３", "abc123"),
            ("⺠事诉讼法⼀审", "民事诉讼法一审"),
            ("Loan  Contract", "loan contract"),
            ("￥５００，０００", "¥500,000"),
            ("原告\u{200b}王建国", "原告王建国"),
        ] {
            assert_eq!(normalise(written).text(), normal, "{written}");
        }
    }

    #[test]
    fn a_phrase_is_found_through_punctuation_and_leads_back_to_its_original() {
        let written = "逾期按日 万分之五，\n支付違約\n金。";
        let found = normalise(written).letters();
        let at = found.text().chars().collect::<Vec<_>>();
        let from = at.windows(3).position(|w| w == ['违', '约', '金']).expect("the phrase stands there");
        let (a, b) = found.original_span(from, from + 3).expect("within");
        assert_eq!(written.chars().skip(a).take(b - a).collect::<String>(), "違約\n金");
    }

    #[test]
    fn simplifying_keeps_the_length() {
        assert_eq!(simplify("債權債務關係證據"), "债权债务关系证据");
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing_and_the_map_stays_in_order(s in "\\PC{0,60}") {
            let once = normalise(&s);
            prop_assert_eq!(once.chars.len(), once.origin.len());
            prop_assert!(once.origin.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(once.origin.iter().all(|&o| (o as usize) < s.chars().count()));
            let twice = normalise(&once.text());
            prop_assert_eq!(twice.text(), once.text());
            prop_assert_eq!(simplify(&s).chars().count(), s.chars().count());
        }
    }
}
