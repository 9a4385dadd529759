//! What a recogniser that only hears writes instead of a character.

use std::collections::BTreeMap;

use text::syllable::{is_numeral, reading};

use crate::court_text::Random;

/// Hanzi by their usual toneless syllable; numerals are left out, a recogniser writes them rightly.
pub(crate) struct Homophones(BTreeMap<&'static str, Vec<char>>);

impl Homophones {
    pub(crate) fn new() -> Self {
        let mut by_sound: BTreeMap<&'static str, Vec<char>> = BTreeMap::new();
        for c in ('一'..='龥').filter(|&c| !is_numeral(c)) {
            if let Some(sound) = reading(c) {
                by_sound.entry(sound).or_default().push(c);
            }
        }
        Self(by_sound)
    }

    /// The text with `of_hundred` of its hanzi replaced by others that sound the same.
    pub(crate) fn misheard(&self, text: &str, of_hundred: usize, random: &mut Random) -> String {
        let swapped = |c: char| {
            let same = self.0.get(reading(c).filter(|_| text::is_hanzi(c) && !is_numeral(c))?)?;
            random.chance(of_hundred).then(|| same[random.below(same.len())])
        };
        let mut swapped = swapped;
        text.chars().map(|c| swapped(c).unwrap_or(c)).collect()
    }
}
