//! A command as it sounds: characters with their syllables, and how far two texts are from each other by ear.

use text::numeral::{take_number, to_chinese};
use text::syllable::is_numeral;
use text::{Normal, is_hanzi, normalise};

use crate::index::{Ear, heard};

/// The costs of comparing by ear. A whole wrong syllable costs 1.
const SAME_SYLLABLE: f32 = 0.15;
const SAME_FOLDED: f32 = 0.3;
/// 转 as 准: the consonants nearly so, the vowels another. No word of one syllable may be heard through it.
const SAME_ROUGHLY: f32 = 0.5;
const FILLER: f32 = 0.2;
/// What must never be taken for something else: a numeral, the name of a party.
const NEVER: f32 = 10.0;

/// One character of a command or of a phrase of the grammar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tok {
    pub(super) c: char,
    syllables: &'static [&'static str],
    folded: &'static [&'static str],
    pub(super) numeral: bool,
    /// A bit for each of its sounds, however compared: without a common bit two never sound alike.
    sounds: u64,
    /// The same for what its syllables are like.
    roughly: u64,
    /// What it costs to leave it out, or to have said it besides.
    omitted: f32,
    /// Index of the letter it comes from, see [`Heard::letters`].
    from: usize,
    to: usize,
}

impl Tok {
    fn new(c: char, from: usize, to: usize) -> Self {
        let (syllables, folded) = (heard(c, Ear::Syllable), heard(c, Ear::Folded));
        let numeral = is_numeral(c);
        let of_syllables = syllables.iter().chain(folded).map(|s| bit(s.trim_start_matches('#')));
        let none = if syllables.is_empty() { bit(&c.to_string()) } else { 0 };
        let roughly = syllables.iter().filter_map(|s| rough(s)).fold(0, |all, (i, f)| all | rough_bit(i, f));
        let sounds = of_syllables.fold(none | roughly, |a, b| a | b);
        let de = c == '的' || syllables.first() == Some(&"de");
        let omitted = match c {
            _ if numeral || critical(c) => NEVER,
            _ if de || "了啊吧呢个那这嗯呃哦请".contains(c) => FILLER,
            _ => 1.0,
        };
        Self { c, syllables, folded, numeral, sounds, roughly, omitted, from, to }
    }

    /// 的, or a character that sounds like nothing else.
    pub(super) fn possessive(&self) -> bool {
        self.c == '的' || self.syllables.first() == Some(&"de")
    }

    /// What it costs to take this for `other`.
    pub(super) fn differs(&self, other: &Self) -> f32 {
        if self.c == other.c {
            return 0.0;
        }
        let share = |a: &[&str], b: &[&str]| a.iter().any(|s| b.contains(s));
        match (self.numeral, other.numeral) {
            (true, true) => return NEVER,
            (false, false) => {}
            // A recogniser may write 三 as 山 or 散; 是 and 思 may be 十 and may be 四.
            (true, false) | (false, true) => {
                let (numeral, plain) = if self.numeral { (self, other) } else { (other, self) };
                let hiss = matches!(numeral.c, '十' | '四') && share(plain.syllables, &["shi", "si"]);
                let same = hiss || share(numeral.syllables, plain.syllables);
                return if same { SAME_FOLDED } else { NEVER };
            }
        }
        if share(self.syllables, other.syllables) {
            SAME_SYLLABLE
        } else if share(self.folded, other.folded) {
            SAME_FOLDED
        } else if critical(self.c) || critical(other.c) {
            NEVER
        } else if self.roughly & other.roughly != 0 {
            SAME_ROUGHLY
        } else {
            1.0
        }
    }
}

/// Consonants that are taken for each other, by group; the longest of a group's first letters first.
const INITIALS: [&[&str]; 12] = [
    &["zh", "ch", "z", "c"],
    &["sh", "s"],
    &["b", "p"],
    &["d", "t"],
    &["g", "k"],
    &["j", "q"],
    &["l", "n"],
    &["h", "f"],
    &["m"],
    &["x"],
    &["r"],
    &["y", "w"],
];

/// The group of a syllable's consonant and how the rest of it ends: in n or ng, in a gliding i, in u or o, or in a vowel of its own.
fn rough(syllable: &str) -> Option<(usize, u32)> {
    let (at, initial) = INITIALS
        .iter()
        .enumerate()
        .find_map(|(at, group)| group.iter().find(|i| syllable.starts_with(**i)).map(|i| (at, i.len())))?;
    let rest = &syllable[initial..];
    let ends = |with: &[&str]| with.iter().any(|w| rest.ends_with(w));
    let last = match () {
        () if ends(&["n", "ng"]) => 0,
        () if ends(&["ai", "ei", "ui"]) => 1,
        () if ends(&["u", "o"]) => 2,
        () if ends(&["a"]) => 3,
        () if ends(&["e"]) => 4,
        () => return None,
    };
    Some((at, last))
}

/// 12 × 5 kinds fit into 64 bits.
fn rough_bit(initial: usize, last: u32) -> u64 {
    1 << (initial as u32 * 5 + last)
}

fn bit(sound: &str) -> u64 {
    1 << (sound.bytes().fold(7u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b))) % 64)
}

fn critical(c: char) -> bool {
    matches!(c, '原' | '被')
}

/// A command as heard.
pub(super) struct Heard {
    /// Letters, digits and hanzi of the text, as heard.
    pub(super) letters: Vec<char>,
    /// The same with every number written in Chinese.
    pub(super) toks: Vec<Tok>,
    /// The text with its marks, and where in it each letter stands.
    original: Vec<char>,
    origin: Vec<u32>,
}

impl Heard {
    pub(super) fn new(text: &str) -> Self {
        let original: Vec<char> = text.chars().collect();
        let Normal { chars: letters, origin } = normalise(text).letters();
        let toks = toks(&letters);
        Self { letters, toks, original, origin }
    }

    /// The text for a stretch of toks, with the marks in it and behind it.
    pub(super) fn written(&self, from: usize, to: usize) -> String {
        let place =
            |tok: usize| self.toks.get(tok).and_then(|t| self.origin.get(t.from)).map(|&o| o as usize);
        let end = place(to).unwrap_or(self.original.len());
        place(from)
            .filter(|&begin| begin < end)
            .map_or_else(String::new, |begin| self.original[begin..end].iter().collect())
    }

    /// The words as heard for a stretch of toks.
    pub(super) fn words(&self, from: usize, to: usize) -> String {
        match (self.toks.get(from), to.checked_sub(1).and_then(|l| self.toks.get(l))) {
            (Some(first), Some(last)) if from < to => self.letters[first.from..last.to].iter().collect(),
            _ => String::new(),
        }
    }
}

/// A phrase of the grammar.
pub(super) fn phrase(written: &str) -> Vec<Tok> {
    toks(&normalise(written).letters().chars)
}

/// Numbers become Chinese numerals in their usual form: 12, 幺二 and 十二 compare the same.
fn toks(letters: &[char]) -> Vec<Tok> {
    let mut out = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        if is_numeral(letters[at])
            && let Some((number, len)) = take_number(&letters[at..])
        {
            out.extend(to_chinese(number).chars().map(|c| Tok::new(c, at, at + len)));
            at += len;
            continue;
        }
        out.push(Tok::new(letters[at], at, at + 1));
        at += 1;
    }
    out
}

/// How far a phrase of this many syllables may be from what was heard: at most two, less for short ones, and always
/// enough for one that only sounds alike.
pub(super) fn patience(len: usize) -> f32 {
    (len as f32 * SAME_FOLDED).clamp(2.0 * SAME_FOLDED, 2.0) + 0.01
}

/// The cost of the cheapest way from `heard` to `meant`; `None` beyond the patience for `meant`.
pub(super) fn distance(heard: &[Tok], meant: &[Tok]) -> Option<f32> {
    let limit = patience(meant.len());
    if heard.len().abs_diff(meant.len()) > 4 {
        return None;
    }
    // What has no like on the other side must be left out or taken for something else: a quick look before a long one.
    let lacking = |a: &[Tok], b: &[Tok]| {
        let sounds = b.iter().fold(0, |all, t| all | t.sounds);
        a.iter().filter(|t| t.sounds & sounds == 0).map(|t| t.omitted.min(1.0)).sum::<f32>()
    };
    if lacking(heard, meant) > limit || lacking(meant, heard) > limit {
        return None;
    }
    let mut row: Vec<f32> = std::iter::once(0.0)
        .chain(meant.iter().scan(0.0, |sum, t| {
            *sum += t.omitted;
            Some(*sum)
        }))
        .collect();
    for said in heard {
        let mut diagonal = row[0];
        row[0] += said.omitted;
        let mut least = row[0];
        for (at, tok) in meant.iter().enumerate() {
            let cost =
                (diagonal + said.differs(tok)).min(row[at + 1] + said.omitted).min(row[at] + tok.omitted);
            diagonal = std::mem::replace(&mut row[at + 1], cost);
            least = least.min(cost);
        }
        if least > limit {
            return None;
        }
    }
    row.last().copied().filter(|&cost| cost <= limit)
}

/// The cost of `meant` standing at the front of `heard`, syllable by syllable; `None` if one sounds different.
pub(super) fn at_front(heard: &[Tok], meant: &[Tok]) -> Option<f32> {
    let front = heard.get(..meant.len())?;
    let costs = front.iter().zip(meant).map(|(a, b)| a.differs(b));
    let (sum, most) = costs.fold((0.0f32, 0.0f32), |(sum, most), c| (sum + c, most.max(c)));
    // A word of one syllable must have that very syllable: too much sounds nearly like it.
    (most < 0.5 && (meant.len() > 1 || sum <= SAME_SYLLABLE)).then_some(sum)
}

/// Like [`at_front`], at the end.
pub(super) fn at_end(heard: &[Tok], meant: &[Tok]) -> Option<f32> {
    at_front(&heard[heard.len().checked_sub(meant.len())?..], meant)
}

/// Numbers a stretch can say, written right or heard as other characters.
pub(super) fn numbers(heard: &[Tok]) -> Vec<u32> {
    if heard.is_empty() || heard.len() > 7 {
        return Vec::new();
    }
    let mut ways: Vec<String> = vec![String::new()];
    for tok in heard {
        let chars: Vec<char> = if tok.numeral {
            vec![tok.c]
        } else {
            let sounds_like = |n: char| tok.differs(&Tok::new(n, 0, 0)) < 1.0;
            let numerals = "一二三四五六七八九十百".chars().filter(|&n| sounds_like(n));
            let numerals = numerals.chain(sounds_like('两').then_some('二'));
            numerals.collect()
        };
        ways = ways.iter().flat_map(|w| chars.iter().map(move |c| format!("{w}{c}"))).take(16).collect();
    }
    let mut out: Vec<u32> = ways
        .iter()
        .filter_map(|way| {
            let n = text::numeral::number(way)?;
            (to_chinese(n) == *way).then(|| u32::try_from(n).ok()).flatten()
        })
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// 翻到倒数第二页 of which 数 was not heard: nobody says 翻到到. `None` where that cannot be.
pub(super) fn counted_from_end(text: &str) -> Option<String> {
    let toks = Heard::new(text).toks;
    let asked = phrase("到到第");
    let at = toks
        .windows(asked.len())
        .position(|w| w.iter().zip(&asked).all(|(a, b)| a.differs(b) <= SAME_SYLLABLE))?;
    let front = toks[..=at].iter().map(|t| t.c);
    Some(front.chain("倒数".chars()).chain(toks[at + 2..].iter().map(|t| t.c)).collect())
}

/// Whether a command is worth understanding at all.
pub(super) fn speaks(toks: &[Tok]) -> bool {
    toks.iter().any(|t| is_hanzi(t.c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(a: &str, b: &str) -> Option<f32> {
        distance(&Heard::new(a).toks, &phrase(b))
    }

    #[test]
    fn what_sounds_alike_is_near_and_numerals_are_never_exchanged() {
        assert_eq!(apart("原告证据三", "原告证据三"), Some(0.0));
        assert!(apart("源告政据三", "原告证据三").is_some_and(|d| d < 0.5));
        assert_eq!(apart("原告证据四", "原告证据三"), None);
        assert_eq!(apart("被告证据三", "原告证据三"), None);
        assert_eq!(apart("原告证据十", "原告证据四"), None);
        assert_eq!(apart("原告证据3", "原告证据三"), Some(0.0));
        assert!(apart("下一夜", "下一页").is_some());
        assert_eq!(apart("下一页", "上一页"), None);
        assert_eq!(apart("下一页的那个", "下一页").map(|d| d > 0.3), Some(true));
    }

    #[test]
    fn what_is_only_roughly_alike_is_near_enough_in_longer_words() {
        assert!(apart("准证凭证", "转账凭证").is_some());
        assert!(apart("准过来", "转过来").is_some());
        assert!(apart("书屏", "收屏").is_some());
        assert_eq!(apart("被告证据三", "元高证据三"), None);
        assert_eq!(apart("放大", "翻到"), None);
        assert_eq!(apart("传票", "转款"), None);
    }

    #[test]
    fn numbers_are_heard_through_other_characters() {
        let said = |s: &str| numbers(&Heard::new(s).toks);
        assert_eq!(said("十二"), [12]);
        assert_eq!(said("12"), [12]);
        assert_eq!(said("幺二"), [12]);
        assert_eq!(said("山"), Vec::<u32>::new());
        assert_eq!(said("散"), [3]);
        assert_eq!(said("是"), [4, 10]);
        assert_eq!(said("是二"), [12]);
        assert_eq!(said("量"), [2]);
        assert!(said("证").is_empty());
    }
}
