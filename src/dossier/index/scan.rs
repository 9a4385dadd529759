//! Where a found page holds the words, and the text around the first of them.

use text::{Normal, normalise};

use super::query::Word;
use super::tokens::{Ear, Sound, Typed, Unit, Valued, sounds, units, values};

/// How a page was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    Exact,
    BySound(Ear),
    Initials,
}

/// Spans of the page's characters (from, to exclusive) that hold the words: in order, none overlapping another.
pub(super) fn spans(page: &str, words: &[Word], tier: Tier) -> Vec<(usize, usize)> {
    let normal = normalise(page);
    let page_units = units(&normal);
    let valued = words.iter().any(|w| !w.values.is_empty());
    let page_values = if valued { values(&normal) } else { Vec::new() };
    let page_sounds = match tier {
        Tier::Exact => Vec::new(),
        Tier::BySound(ear) => sounds(&normal, &page_units, ear),
        Tier::Initials => sounds(&normal, &page_units, Ear::Syllable),
    };
    let mut found: Vec<(usize, usize)> = Vec::new();
    for word in words {
        let mut here = exact_spans(&page_units, &page_values, word);
        if let Tier::BySound(ear) = tier
            && !word.is_literal()
        {
            if !word.values.is_empty() {
                here.extend(word.rest_sounding(ear).into_iter().flat_map(|w| sound_spans(&page_sounds, w)));
            } else if here.is_empty() {
                here.extend(word.sounding(ear).into_iter().flat_map(|w| sound_spans(&page_sounds, w)));
            }
        }
        if tier == Tier::Initials {
            here.extend(word.short.iter().flat_map(|way| short_spans(&page_sounds, way)));
        }
        let here = here.into_iter().filter_map(|(from, to)| normal.original_span(from, to));
        let stands = |&(from, to): &(usize, usize)| {
            !word.is_literal() || word.stands_as(&page.chars().skip(from).take(to - from).collect::<String>())
        };
        found.extend(here.filter(stands));
    }
    disjoint(found)
}

/// Whether the page holds every word that must stand there as it is: literal ones, amounts and dates.
pub(super) fn stands(page: &str, words: &[Word]) -> bool {
    words
        .iter()
        .filter(|w| w.is_strict())
        .all(|w| !spans(page, std::slice::from_ref(w), Tier::Exact).is_empty())
}

/// Whether the page holds every word as `tier` reads it.
pub(super) fn all_stand(page: &str, words: &[Word], tier: Tier) -> bool {
    words.iter().all(|w| !spans(page, std::slice::from_ref(w), tier).is_empty())
}

fn exact_spans(page: &[Unit], page_values: &[Valued], word: &Word) -> Vec<(usize, usize)> {
    let mut out = if word.has_rate() { Vec::new() } else { unit_spans(page, &word.units) };
    if word.values.is_empty() {
        return out;
    }
    // 五万 within 四十五万 is not five times ten thousand.
    let part = |&(from, to): &(usize, usize)| {
        page_values.iter().any(|v| v.from <= from && to <= v.to && (v.from, v.to) != (from, to))
    };
    out.retain(|span| !part(span));
    for wanted in &word.values {
        let same = page_values.iter().filter(|v| wanted.value.matches(v.value));
        out.extend(same.map(|v| (v.from, v.to)));
    }
    if !out.is_empty() {
        out.extend(word.rest().into_iter().flat_map(|rest| unit_spans(page, rest)));
    }
    out
}

fn unit_spans(page: &[Unit], wanted: &[Unit]) -> Vec<(usize, usize)> {
    let Some(len) = Some(wanted.len()).filter(|&l| l > 0) else { return Vec::new() };
    let same = |w: &&[Unit]| w.iter().zip(wanted).all(|(a, b)| a.text == b.text);
    page.windows(len).filter(same).map(|w| (w[0].from, w[len - 1].to)).collect()
}

fn sound_spans(page: &[Sound], wanted: &[Sound]) -> Vec<(usize, usize)> {
    let Some(len) = Some(wanted.len()).filter(|&l| l > 0) else { return Vec::new() };
    let same = |w: &&[Sound]| w.iter().zip(wanted).all(|(a, b)| a.agrees(b));
    page.windows(len).filter(same).map(|w| (w[0].from, w[len - 1].to)).collect()
}

fn short_spans(page: &[Sound], wanted: &[Typed]) -> Vec<(usize, usize)> {
    let Some(len) = Some(wanted.len()).filter(|&l| l > 0) else { return Vec::new() };
    let same = |w: &&[Sound]| w.iter().zip(wanted).all(|(sound, typed)| typed.fits(sound));
    page.windows(len).filter(same).map(|w| (w[0].from, w[len - 1].to)).collect()
}

fn disjoint(mut spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    spans.sort_by_key(|&(from, to)| (from, std::cmp::Reverse(to)));
    let mut out: Vec<(usize, usize)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match out.last() {
            Some(&(_, end)) if from < end => {}
            _ => out.push((from, to)),
        }
    }
    out
}

/// Characters shown before the first match, and in all.
const BEFORE: usize = 8;
const SNIPPET: usize = 60;

/// The text around the first span, line breaks taken out, and where spans lie in it (in characters). Without spans, the
/// beginning of the page.
pub(super) fn snippet(page: &str, spans: &[(usize, usize)]) -> (String, Vec<(u32, u32)>) {
    let chars: Vec<char> = page.chars().collect();
    let begin = spans.first().map_or(0, |s| s.0.saturating_sub(BEFORE));
    let end = chars.len().min((begin + SNIPPET).max(spans.first().map_or(0, |s| s.1)));
    let mut shown = String::new();
    // Place in the snippet of each page character from `begin` on.
    let mut place = Vec::with_capacity(end - begin + 1);
    let mut len = 0u32;
    for at in begin..end {
        place.push(len);
        let c = chars[at];
        if c.is_control() {
            let beside_latin =
                |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_alphanumeric);
            if !(beside_latin(at.checked_sub(1)) && beside_latin(Some(at + 1))) {
                continue;
            }
        }
        shown.push(if c.is_control() { ' ' } else { c });
        len += 1;
    }
    place.push(len);
    let inside = spans.iter().filter(|s| s.0 >= begin && s.1 <= end);
    let matched = inside.map(|s| (place[s.0 - begin], place[s.1 - begin])).collect();
    (shown, matched)
}

/// The normalised page, for callers that index it.
pub(super) fn read(page: &str) -> (Normal, Vec<Unit>, Vec<Valued>) {
    let normal = normalise(page);
    let (units, values) = (units(&normal), values(&normal));
    (normal, units, values)
}

#[cfg(test)]
mod tests {
    use super::super::query::words;
    use super::*;

    #[test]
    fn a_phrase_is_found_across_a_line_end_and_shown_without_it() {
        let page = "第七条 逾期的，支付违\n约金。";
        let found = spans(page, &words("违约金"), Tier::Exact);
        assert_eq!(found, [(10, 14)]);
        let (shown, matched) = snippet(page, &found);
        assert_eq!(shown, "条 逾期的，支付违约金。", "a few characters stand before it");
        assert_eq!(matched, [(8, 11)]);
    }

    #[test]
    fn an_amount_is_marked_in_the_spelling_of_the_page() {
        let page = "还款伍万元整，余额 450,000.00";
        assert_eq!(spans(page, &words("50,000元"), Tier::Exact), [(2, 6)]);
        assert_eq!(spans(page, &words("四十五万元"), Tier::Exact), [(10, 20)]);
    }

    #[test]
    fn an_amount_within_a_larger_one_is_not_that_amount() {
        let asked = words("五万");
        assert!(spans("还差你四十五万", &asked, Tier::Exact).is_empty());
        assert!(!stands("还差你四十五万", &asked));
        assert_eq!(spans("还差四十五万，先还五万", &asked, Tier::Exact), [(9, 11)]);
    }

    #[test]
    fn by_sound_marks_what_sounds_alike() {
        let page = "约定违约金。";
        assert_eq!(spans(page, &words("维约今"), Tier::BySound(Ear::Syllable)), [(2, 5)]);
        assert_eq!(spans(page, &words("weiyuejin"), Tier::BySound(Ear::Syllable)), [(2, 5)]);
        assert!(spans(page, &words("维约今"), Tier::Exact).is_empty());
    }
}
