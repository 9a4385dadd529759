//! How a character sounds: toneless pinyin with all readings, and the folding of sounds that speakers and recognisers
//! confuse. Numerals are never folded: 十 must not become 四.

use pinyin::{ToPinyin, ToPinyinMulti};

use crate::normal::fold_char;

/// Readings kept per character; more are rare words or names.
pub const READINGS_MAX: usize = 4;

/// The toneless readings of a character, the usual one first, without repeats. A letter or digit reads as itself;
/// Arabic digits read as the Chinese numeral.
#[must_use]
pub fn readings(c: char) -> Vec<&'static str> {
    let c = spoken(fold_char(c));
    let mut out: Vec<&'static str> = Vec::new();
    if let Some(usual) = c.to_pinyin() {
        out.push(usual.plain());
    }
    if let Some(all) = c.to_pinyin_multi() {
        for reading in all {
            let plain = reading.plain();
            if !out.contains(&plain) && out.len() < READINGS_MAX {
                out.push(plain);
            }
        }
    }
    out
}

/// The usual toneless reading, if the character has one.
#[must_use]
pub fn reading(c: char) -> Option<&'static str> {
    match spoken(fold_char(c)) {
        '〇' => Some("ling"),
        '幺' => Some("yao"),
        c => c.to_pinyin().map(|p| p.plain()),
    }
}

fn spoken(c: char) -> char {
    match c {
        '0' => '零',
        '1' => '一',
        '2' => '二',
        '3' => '三',
        '4' => '四',
        '5' => '五',
        '6' => '六',
        '7' => '七',
        '8' => '八',
        '9' => '九',
        '〇' => '零',
        _ => c,
    }
}

/// Whether the character is a numeral or counts like one (十, 百, 万, 两, 幺, 第 not).
#[must_use]
pub fn is_numeral(c: char) -> bool {
    "零〇一二三四五六七八九十百千万亿两幺壹贰叁肆伍陆柒捌玖拾佰仟萬億".contains(c) || c.is_ascii_digit()
}

/// Folds a toneless syllable: zh/z, ch/c, sh/s, n/l, hu/fu, and the endings ang/an, eng/en, ing/in.
#[must_use]
pub fn fold(syllable: &str) -> String {
    let mut s = syllable.to_owned();
    for (from, to) in [("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("hu", "fu")] {
        if let Some(rest) = s.strip_prefix(from) {
            s = format!("{to}{rest}");
            break;
        }
    }
    // "fu" with a glide after it: hua → fa, hui → fei; the glide is what is lost.
    if syllable.starts_with("hu") && syllable.len() > 2 {
        s = match &s[..] {
            "fui" => "fei".to_owned(),
            "fun" => "fen".to_owned(),
            other => other.replacen("fu", "f", 1),
        };
    }
    for ending in ["ang", "eng", "ing"] {
        if s.ends_with(ending) {
            s.pop();
            break;
        }
    }
    s
}

/// The sound of one character for comparison: `None` for what has no sound (punctuation).
///
/// Folded unless it is a numeral, whose sound is kept whole and set apart with `#`.
#[must_use]
pub fn folded_reading(c: char) -> Option<String> {
    let plain = reading(c)?;
    Some(if is_numeral(fold_char(c)) { format!("#{plain}") } else { fold(plain) })
}

/// All folded readings of a character, see [`folded_reading`].
#[must_use]
pub fn folded_readings(c: char) -> Vec<String> {
    let numeral = is_numeral(fold_char(c));
    let mut out: Vec<String> = Vec::new();
    for plain in readings(c) {
        let folded = if numeral { format!("#{plain}") } else { fold(plain) };
        if !out.contains(&folded) {
            out.push(folded);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn characters_have_all_their_readings_the_usual_first() {
        assert_eq!(readings('行').first(), Some(&"xing"));
        assert!(readings('行').contains(&"hang"));
        assert!(readings('还').contains(&"huan") && readings('还').contains(&"hai"));
        assert_eq!(readings('違'), ["wei"]);
        assert_eq!(readings('7'), ["qi"]);
        assert!(readings('，').is_empty());
    }

    #[test]
    fn sounds_that_are_confused_fold_together() {
        for (a, b) in [
            ("zhang", "zan"),
            ("chi", "ci"),
            ("shi", "si"),
            ("nan", "lan"),
            ("hui", "fei"),
            ("huang", "fang"),
            ("ping", "pin"),
            ("sheng", "sen"),
            ("zheng", "zen"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("hai"), fold("fai"));
        assert_ne!(fold("jie"), fold("qie"));
    }

    #[test]
    fn numerals_are_never_folded() {
        assert_ne!(folded_reading('十'), folded_reading('四'));
        assert_ne!(folded_reading('四'), folded_reading('是'));
        assert_ne!(folded_reading('六'), folded_reading('牛'));
        assert_eq!(folded_reading('5'), folded_reading('五'));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(c in proptest::char::range('一', '龥')) {
            for plain in readings(c) {
                let once = fold(plain);
                prop_assert_eq!(fold(&once), once.clone());
            }
        }
    }
}
