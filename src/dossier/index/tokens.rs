//! What a page or a query falls into: units (a hanzi, a word, a number), values (amounts, dates, rates) and sounds.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::{Deref, RangeInclusive};
use std::sync::{LazyLock, OnceLock};

use text::numeral::{take_amount, take_date, take_rate};
use text::syllable::{folded_readings, is_numeral, readings};
use text::{Amount, Date, Normal, Rate, is_hanzi};

/// What kind of unit it is; only hanzi join into bigrams and have readings to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hanzi,
    Digits,
    Word,
}

/// One searchable unit; `from..to` counts characters of the normalised text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    pub(super) text: UnitText,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The letters of a unit. Those of a hanzi lie in place: a page has five hundred, and twenty pages are read for one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UnitText {
    /// UTF-8, and how many bytes of it.
    Hanzi([u8; 4], u8),
    Run(Box<str>),
}

impl UnitText {
    fn hanzi(c: char) -> Self {
        let mut bytes = [0; 4];
        let len = c.encode_utf8(&mut bytes).len() as u8;
        Self::Hanzi(bytes, len)
    }
}

impl Deref for UnitText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            // What was encoded above decodes.
            Self::Hanzi(bytes, len) => std::str::from_utf8(&bytes[..usize::from(*len)]).unwrap_or_default(),
            Self::Run(text) => text,
        }
    }
}

/// An amount, a date or a rate written in whatever spelling; `from..to` counts characters of the normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Valued {
    pub(super) value: Value,
    pub(super) from: usize,
    pub(super) to: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Amount(Amount),
    Date(Date),
    Rate(Rate),
}

impl Value {
    /// The terms under which a page holding this value is indexed.
    pub(super) fn page_terms(self) -> Vec<String> {
        match self {
            Self::Amount(Amount(fen)) => vec![format!("¥{fen}")],
            Self::Rate(Rate(millionths)) => vec![format!("%{millionths}")],
            Self::Date(Date { year, month, day }) => {
                let mut terms = vec![format!("d{month}-{day}")];
                terms.extend(year.map(|y| format!("d{y}-{month}-{day}")));
                terms
            }
        }
    }

    /// The term that a query for this value asks for: a date without a year asks for any year.
    pub(super) fn query_term(self) -> String {
        match self {
            Self::Amount(Amount(fen)) => format!("¥{fen}"),
            Self::Rate(Rate(millionths)) => format!("%{millionths}"),
            Self::Date(Date { year: Some(y), month, day }) => format!("d{y}-{month}-{day}"),
            Self::Date(Date { year: None, month, day }) => format!("d{month}-{day}"),
        }
    }

    /// Whether `other`, found on a page, answers a query for `self`.
    pub(super) fn matches(self, other: Self) -> bool {
        match (self, other) {
            (Self::Amount(a), Self::Amount(b)) => a == b,
            (Self::Rate(a), Self::Rate(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => {
                (a.month, a.day) == (b.month, b.day) && (a.year.is_none() || a.year == b.year)
            }
            _ => false,
        }
    }
}

/// Splits normalised text into units; punctuation and spaces fall out, so that a phrase is found across them.
pub(super) fn units(text: &Normal) -> Vec<Unit> {
    let chars = &text.chars;
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        let (c, from) = (chars[at], at);
        let kind = if is_hanzi(c) {
            at += 1;
            Kind::Hanzi
        } else if c.is_ascii_digit() {
            at = digits_end(chars, at);
            Kind::Digits
        } else if c.is_alphanumeric() {
            let word = |c: &char| c.is_alphanumeric() && !is_hanzi(*c) && !c.is_ascii_digit();
            at += chars[at..].iter().take_while(|c| word(c)).count();
            Kind::Word
        } else {
            at += 1;
            continue;
        };
        let text = match kind {
            Kind::Hanzi => UnitText::hanzi(c),
            _ => UnitText::Run(chars[from..at].iter().filter(|&&c| c != ',').collect()),
        };
        out.push(Unit { kind, text, from, to: at });
    }
    out
}

/// The end of the run of digits that begins at `at`; 500,000 is one run, 3,5 are two.
fn digits_end(chars: &[char], at: usize) -> usize {
    let run = |from: usize| chars[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let mut end = at + run(at);
    while chars.get(end) == Some(&',') && run(end + 1) == 3 {
        end += 4;
    }
    end
}

/// Below this a bare number is no amount: it counts pages, articles, years of age.
const BARE_AMOUNT_MIN_FEN: u64 = 1000 * 100;
/// A longer run of digits is an account or a telephone number.
const BARE_AMOUNT_DIGITS_MAX: usize = 9;

/// Every amount, date and rate in the text, in order, none overlapping another.
pub(super) fn values(text: &Normal) -> Vec<Valued> {
    let chars = &text.chars;
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let inside = at > 0 && is_numeral(chars[at - 1]);
        let begins = is_numeral(chars[at]) || matches!(chars[at], '¥' | '人');
        match if begins && !inside { value_at(&chars[at..]) } else { None } {
            Some((value, len)) => {
                out.push(Valued { value, from: at, to: at + len });
                at += len;
            }
            None => at += 1,
        }
    }
    out
}

fn value_at(chars: &[char]) -> Option<(Value, usize)> {
    if let Some((rate, len)) = take_rate(chars) {
        return Some((Value::Rate(rate), len));
    }
    if let Some((date, len)) = take_date(chars).or_else(|| packed_date(chars)) {
        return Some((Value::Date(date), len));
    }
    if let Some((amount, len)) = take_amount(chars) {
        return Some((Value::Amount(amount), len));
    }
    // Tables of a bank print amounts without a sign of money: 50,000.00.
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    if !(1..=BARE_AMOUNT_DIGITS_MAX).contains(&digits) {
        return None;
    }
    let signed: Vec<char> = std::iter::once('¥').chain(chars.iter().take(47).copied()).collect();
    let (amount, len) = take_amount(&signed)?;
    let counts = chars.get(len - 1).is_none_or(|&c| c != '年');
    (counts && amount.0 >= BARE_AMOUNT_MIN_FEN).then_some((Value::Amount(amount), len - 1))
}

/// 20240305, as tables print it.
fn packed_date(chars: &[char]) -> Option<(Date, usize)> {
    let digits: Vec<u32> = chars.iter().take(9).map_while(|c| c.to_digit(10)).collect();
    let &[y1, y2, y3, y4, m1, m2, d1, d2] = digits.as_slice() else { return None };
    let (year, month, day) = (y1 * 1000 + y2 * 100 + y3 * 10 + y4, m1 * 10 + m2, d1 * 10 + d2);
    let valid = (1990..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then_some((Date { year: Some(year as u16), month: month as u8, day: day as u8 }, 8))
}

/// How closely sounds are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ear {
    /// Same syllable, tone aside.
    Syllable,
    /// Same syllable after folding what speakers and recognisers confuse.
    Folded,
}

/// One sounding position: any of `alternatives` may be heard. `from..to` counts characters of the normalised text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) alternatives: Cow<'static, [&'static str]>,
    /// A word that is no Chinese sounds as it is written.
    pub(super) written: Option<String>,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Sound {
    /// Whether the two can be the same sound.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (&self.written, &other.written) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.alternatives.iter().any(|a| other.alternatives.contains(a)),
            _ => false,
        }
    }

    /// The terms of this position.
    pub(super) fn terms(&self) -> Vec<&str> {
        match &self.written {
            Some(word) => vec![word.as_str()],
            None => self.alternatives.to_vec(),
        }
    }

    /// The letters with which it may begin in pinyin, each once.
    pub(super) fn initials(&self) -> Vec<&'static str> {
        let mut out: Vec<&'static str> = Vec::new();
        for initial in self.alternatives.iter().map(|a| first_letter(a)) {
            if !out.contains(&initial) {
                out.push(initial);
            }
        }
        out
    }
}

/// What the text sounds like; every digit sounds by itself.
pub(super) fn sounds(text: &Normal, units: &[Unit], ear: Ear) -> Vec<Sound> {
    let mut out = Vec::with_capacity(units.len());
    for unit in units {
        if unit.kind == Kind::Word {
            let (from, to) = (unit.from, unit.to);
            // The sign keeps written words apart from syllables.
            let written = Some(format!("={}", &*unit.text));
            out.push(Sound { alternatives: Cow::Borrowed(&[]), written, from, to });
            continue;
        }
        for at in unit.from..unit.to {
            let c = text.chars[at];
            if c == ',' {
                continue;
            }
            let alternatives = Cow::Borrowed(heard(c, ear));
            let written = alternatives.is_empty().then(|| format!("={c}"));
            out.push(Sound { alternatives, written, from: at, to: at + 1 });
        }
    }
    out
}

struct Heard {
    syllables: Vec<&'static str>,
    folded: Vec<&'static str>,
}

const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;
/// Rare hanzi, and simplified forms of rare ones.
const EXTENSIONS: [RangeInclusive<u32>; 2] = [0x3400..=0x4DBF, 0x20000..=0x323AF];

/// The readings of a character; empty for what has no sound.
pub(crate) fn heard(c: char, ear: Ear) -> &'static [&'static str] {
    static TABLE: LazyLock<Box<[OnceLock<Heard>]>> =
        LazyLock::new(|| (0..=LAST - FIRST).map(|_| OnceLock::new()).collect());
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let c = match c {
        '〇' => '零',
        _ => c.to_digit(10).map_or(c, |d| DIGITS[d as usize]),
    };
    static RARE: LazyLock<HashMap<char, Heard>> = LazyLock::new(|| {
        let all = EXTENSIONS.into_iter().flatten().filter_map(char::from_u32);
        all.map(|c| (c, listen(c))).filter(|(_, heard)| !heard.syllables.is_empty()).collect()
    });
    let code = u32::from(c);
    let heard = if (FIRST..=LAST).contains(&code) {
        TABLE[(code - FIRST) as usize].get_or_init(|| listen(c))
    } else if EXTENSIONS.iter().any(|block| block.contains(&code))
        && let Some(heard) = RARE.get(&c)
    {
        heard
    } else {
        return &[];
    };
    match ear {
        Ear::Syllable => &heard.syllables,
        Ear::Folded => &heard.folded,
    }
}

fn listen(c: char) -> Heard {
    let folded = folded_readings(c).into_iter().filter_map(|f| known_fold(&f)).collect();
    Heard { syllables: readings(c), folded }
}

/// Folded syllables live as long as the program: there are a few hundred.
fn known_fold(folded: &str) -> Option<&'static str> {
    FOLDS.binary_search_by(|known| known.as_str().cmp(folded)).ok().map(|at| FOLDS[at].as_str())
}

static FOLDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = (FIRST..=LAST).filter_map(char::from_u32);
    all.flat_map(folded_readings).collect::<BTreeSet<_>>().into_iter().collect()
});

static SYLLABLES: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| (FIRST..=LAST).filter_map(char::from_u32).flat_map(readings).collect());

/// Ways in which typed Latin letters fall into syllables (weiyuejin → wei yue jin), the fewest syllables first, four
/// at most; none if they do not.
pub(crate) fn typed_syllables(letters: &str) -> Vec<Vec<&'static str>> {
    const LONGEST: usize = 6;
    const WAYS_MAX: usize = 4;
    let typed: Vec<char> = letters.chars().map(|c| if c == 'v' { 'ü' } else { c }).collect();
    if typed.len() > 60 || !typed.iter().all(|c| c.is_alphabetic()) {
        return Vec::new();
    }
    let mut ways: Vec<Vec<Vec<&'static str>>> = vec![vec![Vec::new()]];
    for end in 1..=typed.len() {
        let mut here: Vec<Vec<&'static str>> = Vec::new();
        for begin in end.saturating_sub(LONGEST)..end {
            let syllable: String = typed[begin..end].iter().collect();
            let Some(&known) = SYLLABLES.get(syllable.as_str()) else { continue };
            here.extend(ways[begin].iter().map(|way| way.iter().copied().chain([known]).collect()));
        }
        here.sort_by_key(Vec::len);
        here.truncate(WAYS_MAX);
        ways.push(here);
    }
    ways.pop().unwrap_or_default()
}

pub(super) fn first_letter(syllable: &str) -> &str {
    let end = syllable.chars().next().map_or(0, char::len_utf8);
    &syllable[..end]
}

/// One syllable as an input method lets it be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    Whole(&'static str),
    /// An initial, or what has been typed of the last one.
    Begun(Box<str>),
}

impl Typed {
    pub(super) fn letters(&self) -> &str {
        match self {
            Self::Whole(syllable) => syllable,
            Self::Begun(letters) => letters,
        }
    }

    /// Whether what sounds so may be meant.
    pub(super) fn fits(&self, sound: &Sound) -> bool {
        sound.alternatives.iter().any(|a| match self {
            Self::Whole(syllable) => a == syllable,
            Self::Begun(letters) => a.starts_with(&**letters),
        })
    }
}

const INITIALS: [&str; 26] = [
    "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c",
    "s", "y", "w", "a", "o", "e",
];

/// Ways in which typed Latin letters fall into initials and syllables, the last of which may be unfinished (jkht, jkhetong,
/// jiekuanhet), the fewest syllables first; none if there is but one syllable.
pub(super) fn typed_short(letters: &str) -> Vec<Vec<Typed>> {
    const LONGEST: usize = 6;
    const WAYS_MAX: usize = 8;
    const LETTERS_MAX: usize = 30;
    let typed: Vec<char> = letters.chars().map(|c| if c == 'v' { 'ü' } else { c }).collect();
    if typed.len() > LETTERS_MAX || !typed.iter().all(|c| c.is_alphabetic()) {
        return Vec::new();
    }
    let mut ways: Vec<Vec<Vec<Typed>>> = vec![vec![Vec::new()]];
    for end in 1..=typed.len() {
        let mut here: Vec<Vec<Typed>> = Vec::new();
        for begin in end.saturating_sub(LONGEST)..end {
            let letters: String = typed[begin..end].iter().collect();
            let begun = || Typed::Begun(letters.as_str().into());
            let piece = if end == typed.len() {
                let after = SYLLABLES.range(letters.as_str()..).next();
                after.filter(|s| s.starts_with(&letters)).map(|_| begun())
            } else {
                let whole = SYLLABLES.get(letters.as_str()).filter(|_| letters.len() > 1);
                whole.map(|s| Typed::Whole(s)).or_else(|| INITIALS.contains(&letters.as_str()).then(begun))
            };
            let Some(piece) = piece else { continue };
            here.extend(ways[begin].iter().map(|way| way.iter().cloned().chain([piece.clone()]).collect()));
        }
        here.sort_by_key(Vec::len);
        here.truncate(WAYS_MAX);
        ways.push(here);
    }
    let mut ways = ways.pop().unwrap_or_default();
    ways.retain(|way| way.len() >= 2);
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::normalise;

    fn unit_texts(s: &str) -> Vec<String> {
        units(&normalise(s)).into_iter().map(|u| u.text.to_string()).collect()
    }

    #[test]
    fn a_text_falls_into_hanzi_numbers_and_words() {
        assert_eq!(unit_texts("违约金：¥500,000.50"), ["违", "约", "金", "500000", "50"]);
        assert_eq!(
            unit_texts("Loan contract，清0102民初318号"),
            ["loan", "contract", "清", "0102", "民", "初", "318", "号"]
        );
        assert_eq!(unit_texts("第3,5页"), ["第", "3", "5", "页"]);
    }

    #[test]
    fn amounts_and_dates_have_one_term_in_every_spelling() {
        let term = |s: &str| values(&normalise(s)).first().map(|v| v.value.query_term());
        for spelling in
            ["五万元", "伍万元整", "50,000元", "¥50,000.00", "50,000.00", "5万", "50000", "人民币五万元"]
        {
            assert_eq!(term(spelling).as_deref(), Some("¥5000000"), "{spelling}");
        }
        for spelling in ["2024年3月5日", "2024-03-05", "20240305", "二〇二四年三月五号"] {
            assert_eq!(term(spelling).as_deref(), Some("d2024-3-5"), "{spelling}");
        }
        assert_eq!(term("三月五号那笔").as_deref(), Some("d3-5"));
        for none in ["第七条", "证据三第二页", "2024年", "6222021234567890123"] {
            assert_eq!(term(none), None, "{none}");
        }
    }

    #[test]
    fn typed_letters_fall_into_syllables() {
        assert_eq!(typed_syllables("weiyuejin")[0], ["wei", "yue", "jin"]);
        assert!(typed_syllables("xian").contains(&vec!["xi", "an"]));
        assert!(typed_syllables("loan").is_empty() || typed_syllables("contract").is_empty());
        assert!(typed_syllables("contract").is_empty());
    }

    #[test]
    fn typed_letters_may_be_initials_and_unfinished() {
        let ways = |typed| -> Vec<String> {
            let join = |way: Vec<Typed>| way.iter().map(Typed::letters).collect::<Vec<_>>().join(" ");
            typed_short(typed).into_iter().map(join).collect()
        };
        assert_eq!(ways("jkht"), ["j k h t"]);
        assert_eq!(ways("jkhetong")[0], "j k he tong");
        assert_eq!(ways("jiekuanheton")[0], "jie kuan he ton");
        assert!(ways("zhgs").contains(&"zh g s".to_owned()));
        assert!(ways("lü").is_empty());
        assert!(ways("contract").iter().all(|w| w.starts_with("c o n t r") || w.starts_with("c o n t r")));
        assert!(ways("uvw").is_empty() && ways("i").is_empty());
    }

    #[test]
    fn rare_hanzi_sound_too_and_what_is_none_does_not() {
        // 詷 becomes a simplified form beyond the common block.
        let [simplified] = normalise("詷").chars[..] else { panic!("one to one") };
        assert_eq!(heard(simplified, Ear::Syllable).first(), Some(&"tong"));
        assert_eq!(heard('㐀', Ear::Folded).first(), Some(&"qiu"));
        assert!(heard('α', Ear::Syllable).is_empty() && heard('，', Ear::Syllable).is_empty());
    }

    #[test]
    fn a_character_sounds_in_all_its_readings() {
        let heard = |s: &str, ear| {
            let n = normalise(s);
            sounds(&n, &units(&n), ear)
        };
        assert!(heard("行", Ear::Syllable)[0].agrees(&heard("航", Ear::Syllable)[0]));
        assert!(!heard("证", Ear::Syllable)[0].agrees(&heard("怎", Ear::Syllable)[0]));
        assert!(heard("证", Ear::Folded)[0].agrees(&heard("怎", Ear::Folded)[0]));
        assert!(!heard("十", Ear::Folded)[0].agrees(&heard("四", Ear::Folded)[0]));
        assert_eq!(heard("第12条", Ear::Syllable).len(), 4);
    }
}
