//! Chinese numerals, amounts and dates, both ways.

use crate::normal::fold_char;

/// The largest number understood: one below 10¹⁶.
pub const NUMBER_MAX: u64 = 9_999_999_999_999_999;

/// An amount of money in fen (分), so that 0.1 元 is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub u64);

/// A rate in millionths, so that 万分之零点五 is exact: 10 % are 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(pub u64);

/// A calendar date; year absent where none was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year.
    pub year: Option<u16>,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
}

fn digit(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' | '0' => 0,
        '一' | '幺' | '壹' | '1' => 1,
        '二' | '两' | '贰' | '2' => 2,
        '三' | '叁' | '3' => 3,
        '四' | '肆' | '4' => 4,
        '五' | '伍' | '5' => 5,
        '六' | '陆' | '6' => 6,
        '七' | '柒' | '7' => 7,
        '八' | '捌' | '8' => 8,
        '九' | '玖' | '9' => 9,
        _ => return None,
    })
}

fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

fn big_unit(c: char) -> Option<u64> {
    Some(match c {
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

fn is_number_char(c: char) -> bool {
    digit(c).is_some() || unit(c).is_some() || big_unit(c).is_some()
}

/// Reads a number from the front of `chars`: Chinese (一百零三, 五十万, 一二三 read digit by digit), Arabic with
/// separators (500,000) or mixed (5万). Gives the number and how many characters it took.
#[must_use]
pub fn take_number(chars: &[char]) -> Option<(u64, usize)> {
    let folded: Vec<char> = chars.iter().take(40).map(|&c| fold_char(c)).collect();
    let mut len = 0;
    while len < folded.len() {
        let separator = folded[len] == ','
            && len > 0
            && folded[len - 1].is_ascii_digit()
            && folded[len + 1..].iter().take_while(|c| c.is_ascii_digit()).count() >= 3;
        if !separator && !is_number_char(folded[len]) {
            break;
        }
        len += 1;
    }
    let mut digits: Vec<char> = folded[..len].iter().copied().filter(|&c| c != ',').collect();
    // "第十、百般" must not end on half a number; a bare 万 or 千 says nothing.
    while !digits.is_empty() {
        if let Some(value) = value_of(&digits) {
            return Some((value, len));
        }
        digits.pop();
        len -= 1;
        while len > 0 && folded[len - 1] == ',' {
            len -= 1;
        }
    }
    None
}

/// The number a whole text says, or `None` if it says anything else.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let chars: Vec<char> = text.chars().collect();
    take_number(&chars).filter(|&(_, len)| len == chars.len()).map(|(n, _)| n)
}

fn value_of(chars: &[char]) -> Option<u64> {
    let positional = chars.iter().all(|&c| digit(c).is_some());
    if positional {
        return chars
            .iter()
            .try_fold(0u64, |sum, &c| sum.checked_mul(10)?.checked_add(digit(c)?))
            .filter(|&n| n <= NUMBER_MAX);
    }
    let (mut total, mut section, mut pending) = (0u64, 0u64, None::<u64>);
    let mut last_unit = 1u64;
    let mut said = false;
    let mut skipped_zero = false;
    for &c in chars {
        if let Some(d) = digit(c) {
            said = true;
            if c.is_ascii_digit() {
                pending = Some(pending.unwrap_or(0).checked_mul(10)?.checked_add(d)?);
            } else if d == 0 {
                skipped_zero = true;
            } else if pending.is_some() {
                return None;
            } else {
                pending = Some(d);
            }
        } else if let Some(u) = unit(c) {
            // 十二 stands without its 一; 百 and 千 do not.
            let d = match pending.take() {
                Some(d) => d,
                None if u == 10 => 1,
                None => return None,
            };
            section = section.checked_add(d.checked_mul(u)?)?;
            (last_unit, skipped_zero, said) = (u, false, true);
        } else if let Some(big) = big_unit(c) {
            let part = section.checked_add(pending.take().unwrap_or(0))?;
            if part == 0 && total == 0 {
                return None;
            }
            total = if big == 100_000_000 {
                total.checked_add(part)?.checked_mul(big)?
            } else {
                total.checked_add(part.checked_mul(big)?)?
            };
            (section, last_unit, skipped_zero) = (0, big, false);
        }
    }
    if let Some(d) = pending {
        // 一百二 is 120, 三万五 is 35000; 一百零二 is 102.
        let short = last_unit >= 100 && !skipped_zero && d < 10;
        section = section.checked_add(if short { d * (last_unit / 10) } else { d })?;
    }
    Some(total.checked_add(section)?).filter(|&n| said && n <= NUMBER_MAX)
}

/// Writes a number in Chinese: 103 → 一百零三, 12 → 十二, 500000 → 五十万.
#[must_use]
pub fn to_chinese(n: u64) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    if n == 0 {
        return "零".to_owned();
    }
    let mut out = String::new();
    let mut rest = n;
    let mut sections = Vec::new();
    while rest > 0 {
        sections.push(rest % 10_000);
        rest /= 10_000;
    }
    const BIG: [&str; 5] = ["", "万", "亿", "万亿", "亿亿"];
    let mut zero = false;
    for (place, &section) in sections.iter().enumerate().rev() {
        if section == 0 {
            zero = !out.is_empty();
            continue;
        }
        if zero || (!out.is_empty() && section < 1000) {
            out.push('零');
        }
        zero = false;
        let mut gap = false;
        let mut begun = false;
        for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let d = (section / unit % 10) as usize;
            if d == 0 {
                gap = begun;
                continue;
            }
            if gap {
                out.push('零');
                gap = false;
            }
            if !(d == 1 && unit == 10 && out.is_empty()) {
                out.push(DIGITS[d]);
            }
            out.push_str(name);
            begun = true;
        }
        // 万亿: the 亿 is said once, after the last section that belongs to it.
        match (place, sections[2.min(sections.len() - 1)]) {
            (3, low) if low != 0 => out.push('万'),
            (place, _) => out.push_str(BIG[place.min(4)]),
        }
    }
    out
}

/// Reads an amount of money at the front: 五十万元, ¥500,000, 500000.50元, 5万, 两万三, 人民币伍万元整, 三元五角; 三块五 not.
/// Gives the amount and how many characters it took. A number without any sign of money is none.
#[must_use]
pub fn take_amount(chars: &[char]) -> Option<(Amount, usize)> {
    let folded: Vec<char> = chars.iter().take(48).map(|&c| fold_char(c)).collect();
    let mut at = 0;
    let mut money = false;
    for sign in ["人民币", "¥", "rmb"] {
        let sign: Vec<char> = sign.chars().collect();
        if folded[at..].starts_with(&sign) {
            at += sign.len();
            money = true;
        }
    }
    let (whole, len) = take_number(&folded[at..])?;
    let mut big = folded[at..at + len].iter().any(|&c| big_unit(c).is_some());
    at += len;
    let mut fen = whole.checked_mul(100)?;
    if folded.get(at) == Some(&'.') {
        let decimals: Vec<u64> = folded[at + 1..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .take(4)
            .map(|&c| digit(c).unwrap_or(0))
            .collect();
        if !decimals.is_empty() {
            at += 1 + decimals.len();
            let multiplier = folded.get(at).and_then(|&c| big_unit(c));
            if multiplier.is_some() {
                at += 1;
                big = true;
            }
            let m = multiplier.unwrap_or(1);
            fen = fen.checked_mul(m)?;
            let mut place = 100u64.checked_mul(m)?;
            for d in decimals {
                place /= 10;
                fen = fen.checked_add(d * place)?;
            }
        }
    }
    let yuan = matches!(folded.get(at), Some('元' | '圆' | '块'));
    if yuan {
        at += 1;
        // 一千二百三十四元五角六分, 三元零五分.
        if matches!(folded.get(at), Some('零' | '〇')) && folded.get(at + 2) == Some(&'分') {
            at += 1;
        }
        for (name, worth) in [('角', 10), ('分', 1)] {
            if let (Some(d), Some(&c)) = (folded.get(at).and_then(|&c| digit(c)), folded.get(at + 1))
                && c == name
            {
                fen = fen.checked_add(d * worth)?;
                at += 2;
            }
        }
        if matches!(folded.get(at), Some('整' | '正')) {
            at += 1;
        }
    }
    (money || yuan || big).then_some((Amount(fen), at))
}

/// Reads a rate at the front: 百分之十, 百分之三点八五, 千分之五, 万分之五, 10%, 3.85 %, 5‰. Gives it and how many characters it
/// took.
#[must_use]
pub fn take_rate(chars: &[char]) -> Option<(Rate, usize)> {
    let folded: Vec<char> = chars.iter().take(32).map(|&c| fold_char(c)).collect();
    let lead = match folded.first_chunk::<3>() {
        Some(['百', '分', '之']) => Some(10_000),
        Some(['千', '分', '之']) => Some(1_000),
        Some(['万', '分', '之']) => Some(100),
        _ => None,
    };
    let from = if lead.is_some() { 3 } else { 0 };
    let (whole, len) = take_number(&folded[from..])?;
    let mut at = from + len;
    let point = matches!(folded.get(at), Some('.' | '点'));
    let decimals =
        if point { folded[at + 1..].iter().map_while(|&c| digit(c)).collect() } else { Vec::new() };
    if !decimals.is_empty() {
        at += 1 + decimals.len();
    }
    let millionths = match lead {
        Some(millionths) => millionths,
        None => {
            at += folded[at..].iter().take_while(|&&c| c == ' ').count();
            let sign = *folded.get(at)?;
            at += 1;
            match sign {
                '%' => 10_000,
                '‰' => 1_000,
                '‱' => 100,
                _ => return None,
            }
        }
    };
    let mut rate = whole.checked_mul(millionths)?;
    let mut place = millionths;
    for d in decimals {
        place /= 10;
        rate = rate.checked_add(d * place)?;
    }
    Some((Rate(rate), at))
}

/// Reads a date at the front: 2024年3月5日, 二〇二四年三月五日, 三月五号, 2024-03-05, 2024.3.5, 2024/3/5.
#[must_use]
pub fn take_date(chars: &[char]) -> Option<(Date, usize)> {
    let folded: Vec<char> = chars.iter().take(24).map(|&c| fold_char(c)).collect();
    let (first, mut at) = take_number(&folded)?;
    let next = *folded.get(at)?;
    let (year, month);
    if next == '年' || matches!(next, '-' | '.' | '/') {
        let (m, len) = take_number(&folded[at + 1..])?;
        (year, month) = (Some(u16::try_from(first).ok()?), m);
        at += 1 + len;
        let separator = *folded.get(at)?;
        if next == '年' && separator != '月' || next != '年' && separator != next {
            return None;
        }
        at += 1;
    } else if next == '月' {
        (year, month) = (None, first);
        at += 1;
    } else {
        return None;
    }
    let (day, len) = take_number(&folded[at..])?;
    at += len;
    if matches!(next, '年' | '月') {
        if !matches!(folded.get(at), Some('日' | '号')) {
            return None;
        }
        at += 1;
    }
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && year.is_none_or(|y| (1900..=2200).contains(&y));
    valid.then_some((Date { year, month: month as u8, day: day as u8 }, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chars(s: &str) -> Vec<char> {
        s.chars().collect()
    }

    #[test]
    fn numbers_are_read_as_they_are_spoken() {
        for (said, n) in [
            ("十二", 12),
            ("一百零三", 103),
            ("一百二", 120),
            ("两百", 200),
            ("幺二", 12),
            ("二〇二四", 2024),
            ("五十万", 500_000),
            ("5万", 50_000),
            ("500,000", 500_000),
            ("三万五", 35_000),
            ("十", 10),
            ("二十", 20),
            ("一千零一", 1001),
            ("一亿零三百万", 103_000_000),
            ("伍拾万", 500_000),
            ("〇", 0),
            ("６７５", 675),
            ("五百七十七", 577),
            ("一万零五百", 10_500),
        ] {
            assert_eq!(number(said), Some(n), "{said}");
        }
        for not in ["", "百", "万", "证据", "三证", "十百"] {
            assert_eq!(number(not), None, "{not}");
        }
    }

    #[test]
    fn rates_are_read_in_every_writing() {
        for (said, millionths) in [
            ("百分之十", 100_000),
            ("百分之一百零五", 1_050_000),
            ("百分之三点八五，", 38_500),
            ("10%", 100_000),
            ("3.85 ％", 38_500),
            ("5%", 50_000),
            ("千分之五", 5_000),
            ("5‰", 5_000),
            ("万分之五", 500),
            ("0.05%", 500),
            ("0.5‱", 50),
        ] {
            assert_eq!(take_rate(&chars(said)).map(|(rate, _)| rate), Some(Rate(millionths)), "{said}");
        }
        assert_eq!(take_rate(&chars("百分之三点八五，")).map(|t| t.1), Some(7));
        assert_eq!(take_rate(&chars("10％的违约金")).map(|t| t.1), Some(3));
        for none in ["百分", "10", "十分之一", "百分之", "10元", "%"] {
            assert_eq!(take_rate(&chars(none)), None, "{none}");
        }
    }

    #[test]
    fn amounts_are_exact() {
        for (said, fen) in [
            ("五十万元", 50_000_000),
            ("¥500,000", 50_000_000),
            ("￥500,000.50", 50_000_050),
            ("5万", 5_000_000),
            ("人民币伍万元整", 5_000_000),
            ("两万三千", 2_300_000),
            ("两万三", 2_300_000),
            ("贰万叁仟元整", 2_300_000),
            ("一千二百三十四元五角", 123_450),
            ("壹仟贰佰叁拾肆元伍角陆分整", 123_456),
            ("三元零五分", 305),
            ("1.5万元", 1_500_000),
            ("8万元", 8_000_000),
        ] {
            assert_eq!(take_amount(&chars(said)), Some((Amount(fen), said.chars().count())), "{said}");
        }
        assert_eq!(take_amount(&chars("第三页")), None);
        assert_eq!(take_amount(&chars("12页")), None);
    }

    #[test]
    fn dates_are_read_in_every_spelling() {
        let date = Date { year: Some(2024), month: 3, day: 5 };
        for said in
            ["2024年3月5日", "二〇二四年三月五日", "2024-03-05", "2024.3.5", "2024/3/5", "２０２４年３月５日"]
        {
            assert_eq!(take_date(&chars(said)), Some((date, said.chars().count())), "{said}");
        }
        assert_eq!(take_date(&chars("三月五号那笔")), Some((Date { year: None, month: 3, day: 5 }, 4)));
        for not in ["十三月五日", "三月四十日", "2024-3.5", "三月"] {
            assert_eq!(take_date(&chars(not)), None, "{not}");
        }
    }

    proptest! {
        #[test]
        fn a_number_written_in_chinese_reads_as_itself(n in prop_oneof![0u64..100_000, 0u64..NUMBER_MAX]) {
            prop_assert_eq!(number(&to_chinese(n)), Some(n), "{}", to_chinese(n));
        }

        #[test]
        fn an_arabic_number_reads_as_itself(n in 0u64..NUMBER_MAX) {
            prop_assert_eq!(number(&n.to_string()), Some(n));
        }

        #[test]
        fn nothing_makes_the_readers_panic(s in "[0-9零一二两三十百千万亿,.年月日元¥-]{0,30}") {
            let chars: Vec<char> = s.chars().collect();
            for taken in [take_number(&chars).map(|t| t.1), take_amount(&chars).map(|t| t.1), take_date(&chars).map(|t| t.1)] {
                prop_assert!(taken.is_none_or(|len| len <= chars.len()));
            }
        }
    }
}
