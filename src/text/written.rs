//! Speech as a record writes it: amounts, dates, percentages, counts and case numbers in digits, laws in their brackets.
//!
//! What is said stays as it is wherever digits could change it: names, articles (第五百七十七条 is how a law is cited), the
//! numbers of evidence, small counts, and what only sounds like a number (十分清楚, 万一, 三五天, 二十多年).

use crate::citation::{starts, take_article_place};
use crate::normal::is_hanzi;
use crate::numeral::{number, take_number};
use crate::syllable::is_numeral;

/// Laws that need no library to be known as such.
const LAWS: [&str; 30] = [
    "民法典",
    "民事诉讼法",
    "刑事诉讼法",
    "行政诉讼法",
    "劳动合同法",
    "劳动法",
    "公司法",
    "合同法",
    "担保法",
    "物权法",
    "婚姻法",
    "继承法",
    "侵权责任法",
    "消费者权益保护法",
    "道路交通安全法",
    "保险法",
    "著作权法",
    "专利法",
    "商标法",
    "反不正当竞争法",
    "企业破产法",
    "票据法",
    "仲裁法",
    "刑法",
    "行政处罚法",
    "行政许可法",
    "土地管理法",
    "城市房地产管理法",
    "招标投标法",
    "个人信息保护法",
];

/// What is counted in digits from ten on.
const MEASURES: [&str; 25] = [
    "平方米",
    "公里",
    "公斤",
    "小时",
    "分钟",
    "个月",
    "周岁",
    "工作日",
    "米",
    "吨",
    "天",
    "日",
    "年",
    "岁",
    "次",
    "份",
    "张",
    "页",
    "台",
    "套",
    "件",
    "户",
    "名",
    "周",
    "个",
];
/// After a number these make it a rough one, or none.
const ROUGH: [&str; 9] = ["多", "余", "几", "来", "年代", "分清", "分明", "分之", "大"];
/// Digits read one by one: telephone, account and identity numbers.
const ROW_MIN: usize = 5;
/// An amount up to which 万 stays: 五十万元 is 50万元, and 一万二千元 12000元.
const WAN: u64 = 10_000;

/// See the module.
#[must_use]
pub fn written(said: &str) -> String {
    let chars: Vec<char> = said.chars().collect();
    let mut out = String::with_capacity(said.len());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let before = at.checked_sub(1).map(|n| chars[n]);
        let taken = law(rest, before)
            .or_else(|| case_number(rest))
            .or_else(|| percent(rest))
            .or_else(|| if joined(before) { None } else { figure(rest, before) });
        let (text, len) = taken.unwrap_or_else(|| {
            // A number that stays as it was said stays so to its end.
            let len = rest.iter().take_while(|c| is_numeral(**c)).count().max(1);
            (rest[..len].iter().collect(), len)
        });
        out.push_str(&text);
        at += len;
    }
    out
}

/// Whether a number here would be the rest of a longer one, or of a word.
fn joined(before: Option<char>) -> bool {
    before.is_some_and(|c| is_numeral(c) || matches!(c, '点' | '.' | '几' | '数' | '第'))
}

fn first_of<'a>(chars: &[char], words: &[&'a str]) -> Option<&'a str> {
    words.iter().copied().find(|w| starts(chars, w).is_some())
}

/// 民法典第五百七十七条 → 《民法典》第五百七十七条.
fn law(chars: &[char], before: Option<char>) -> Option<(String, usize)> {
    if before == Some('《') {
        return None;
    }
    let full = starts(chars, "中华人民共和国").unwrap_or(0);
    let name = first_of(&chars[full..], &LAWS)?;
    let of = full + name.chars().count();
    let linked = usize::from(chars.get(of) == Some(&'的') && chars.get(of + 1) == Some(&'第'));
    let place = &chars[of + linked..];
    let (_, len) = take_article_place(place).filter(|_| starts(place, "第").is_some())?;
    let article: String = place[..len].iter().collect();
    let name: String = chars[..of].iter().collect();
    Some((format!("《{name}》{article}"), of + linked + len))
}

/// 二零二六清零一零二民初三百一十八号 → （2026）清0102民初318号.
fn case_number(chars: &[char]) -> Option<(String, usize)> {
    let digits = |from: usize, most: usize| -> Option<(String, usize)> {
        let len = chars[from..].iter().take(most).take_while(|c| is_digit_said(**c)).count();
        let text: Option<String> = chars[from..from + len].iter().map(|c| digit_of(*c)).collect();
        text.filter(|t| !t.is_empty()).map(|t| (t, from + len))
    };
    let open = usize::from(matches!(chars.first(), Some('（' | '(')));
    let (year, mut at) = digits(open, 4)?;
    if year.len() != 4 || !(year.starts_with("19") || year.starts_with("20")) {
        return None;
    }
    at += usize::from(matches!(chars.get(at), Some('）' | ')' | '年')));
    // The court: one or two characters and its number.
    let court = chars[at..]
        .iter()
        .take(3)
        .take_while(|c| is_hanzi(**c) && !is_numeral(**c) && !"年月".contains(**c))
        .count();
    if !(1..=2).contains(&court) {
        return None;
    }
    let place: String = chars[at..at + court].iter().collect();
    at += court;
    let (code, behind) = digits(at, 4)?;
    at = behind;
    let kinds = [
        "民初", "民终", "民再", "民申", "民特", "民辖", "刑初", "刑终", "行初", "行终", "执异", "执恢",
        "执保", "执", "财保",
    ];
    let kind = first_of(&chars[at..], &kinds)?;
    at += kind.chars().count();
    let (n, len) = take_number(&chars[at..])?;
    at += len;
    (chars.get(at) == Some(&'号')).then(|| (format!("（{year}）{place}{code}{kind}{n}号"), at + 1))
}

fn is_digit_said(c: char) -> bool {
    digit_of(c).is_some()
}

fn digit_of(c: char) -> Option<char> {
    Some(match c {
        '零' | '〇' => '0',
        '一' | '幺' => '1',
        '二' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        '0'..='9' => c,
        _ => return None,
    })
}

/// 百分之三点八五 → 3.85%, 千分之五 → 5‰.
fn percent(chars: &[char]) -> Option<(String, usize)> {
    let (sign, of) =
        [("百分之", '%'), ("千分之", '‰')].into_iter().find(|(word, _)| starts(chars, word).is_some())?;
    let lead = sign.chars().count();
    let (value, len) = decimal(&chars[lead..])?;
    let rest = &chars[lead + len..];
    let rough = first_of(rest, &ROUGH).is_some();
    (!rough).then(|| (format!("{value}{of}"), lead + len))
}

/// A number, with what is behind its point; never a bare unit, and no row of digits that says less than it seems.
fn decimal(chars: &[char]) -> Option<(String, usize)> {
    let (whole, mut len) = take_number(chars)?;
    let mut text = whole.to_string();
    if matches!(chars.get(len), Some('点' | '.')) {
        let behind = chars[len + 1..].iter().take(6).take_while(|c| is_digit_said(**c)).count();
        if behind > 0 {
            text.push('.');
            text.extend(chars[len + 1..len + 1 + behind].iter().filter_map(|c| digit_of(*c)));
            len += 1 + behind;
        }
    }
    Some((text, len))
}

fn figure(chars: &[char], before: Option<char>) -> Option<(String, usize)> {
    date(chars).or_else(|| amount(chars)).or_else(|| row(chars)).or_else(|| count(chars, before))
}

/// 二〇二四年三月五日 → 2024年3月5日, 二零二四年 → 2024年, 三月五日 → 3月5日. 五号 stays 号.
fn date(chars: &[char]) -> Option<(String, usize)> {
    let part = |from: usize, unit: &[char], most: u64| -> Option<(String, usize)> {
        let (n, len) = take_number(&chars[from..])?;
        let unit = chars.get(from + len).filter(|c| unit.contains(c))?;
        (1..=most).contains(&n).then(|| (format!("{n}{unit}"), from + len + 1))
    };
    let year = || -> Option<(String, usize)> {
        let digits: Option<String> = chars.iter().take(4).map(|c| digit_of(*c)).collect();
        let digits = digits.filter(|d| d.len() == 4 && (d.starts_with("19") || d.starts_with("20")))?;
        (chars.get(4) == Some(&'年')).then(|| (format!("{digits}年"), 5))
    };
    let (mut text, mut at) = year().unwrap_or_default();
    let of_year = at > 0;
    let Some((month, behind)) = part(at, &['月'], 12) else { return of_year.then_some((text, at)) };
    let day = part(behind, &['日', '号'], 31);
    // 三月 alone is a month; 三月内 or 三月份 too. Without a year it takes a day, or 份, to be sure of that.
    let named = of_year || day.is_some() || matches!(chars.get(behind), Some('份' | '底' | '初'));
    if !named {
        return None;
    }
    text.push_str(&month);
    at = behind;
    if let Some((day, behind)) = day {
        text.push_str(&day);
        at = behind;
    }
    Some((text, at))
}

/// 五十万元 → 50万元, 一万二千元 → 12000元, 三点五万元 → 3.5万元.
fn amount(chars: &[char]) -> Option<(String, usize)> {
    let (plain, len) = decimal(chars)?;
    let money = |at: usize| first_of(&chars[at..], &["元", "圆", "块钱", "美元", "欧元", "港元"]);
    if let Some(unit) = money(len) {
        return Some((format!("{}{unit}", in_wan(&plain)), len + unit.chars().count()));
    }
    // 三点五万元: the unit stands behind the point.
    let big = chars.get(len).copied().filter(|c| matches!(c, '万' | '亿') && plain.contains('.'))?;
    let unit = money(len + 1)?;
    Some((format!("{plain}{big}{unit}"), len + 1 + unit.chars().count()))
}

fn in_wan(plain: &str) -> String {
    match plain.parse::<u64>() {
        Ok(n) if n >= WAN * WAN && n.is_multiple_of(WAN * WAN) => format!("{}亿", n / (WAN * WAN)),
        Ok(n) if n >= WAN && n.is_multiple_of(WAN) => format!("{}万", n / WAN),
        _ => plain.to_owned(),
    }
}

/// A row of digits, read one by one.
fn row(chars: &[char]) -> Option<(String, usize)> {
    let len = chars.iter().take_while(|c| is_digit_said(**c)).count();
    let text: Option<String> = chars[..len].iter().map(|c| digit_of(*c)).collect();
    // 一一二二 is a row, and what has a unit in it or behind it is a number.
    let number = chars.get(len).is_some_and(|c| is_numeral(*c));
    text.filter(|_| len >= ROW_MIN && !number).map(|text| (text, len))
}

/// 三十天 → 30天, 第十二页 → 第12页; 三个月, 十分 and 二十多年 stay.
fn count(chars: &[char], before: Option<char>) -> Option<(String, usize)> {
    let (n, len) = take_number(chars)?;
    let said: String = chars[..len].iter().collect();
    let rest = &chars[len..];
    // 三五天 is three to five, and no 35.
    let in_row = said.chars().count() > 1 && said.chars().all(is_digit_said);
    if n < 10 || in_row || before == Some('第') || first_of(rest, &ROUGH).is_some() || number(&said).is_none()
    {
        return None;
    }
    let measure = first_of(rest, &MEASURES)?;
    // 十个 counts; 十个月 is found above, longer words first.
    Some((format!("{n}{measure}"), len + measure.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_stand_in_digits() {
        for (said, reads) in [
            ("借款五十万元", "借款50万元"),
            ("一万二千元", "12000元"),
            ("三千二百五十元整", "3250元整"),
            ("两千块钱", "2000块钱"),
            ("三点五万元", "3.5万元"),
            ("十二点三四元", "12.34元"),
            ("一亿元", "1亿元"),
            ("五万零五百元", "50500元"),
            ("二〇二四年三月一日", "2024年3月1日"),
            ("二零二四年三月支付", "2024年3月支付"),
            ("二零一九年", "2019年"),
            ("三月五号", "3月5号"),
            ("十二月份", "12月份"),
            ("年利率百分之十五", "年利率15%"),
            ("百分之三点八五", "3.85%"),
            ("千分之五", "5‰"),
            ("三十天内", "30天内"),
            ("十五个工作日", "15个工作日"),
            ("二十四个月", "24个月"),
            ("一百二十平方米", "120平方米"),
            ("电话一三八零零一三八零零零", "电话13800138000"),
        ] {
            assert_eq!(written(said), reads, "{said}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_number_stays_as_it_was_said() {
        for said in [
            "十分清楚",
            "万一",
            "张三、李四",
            "三五天",
            "二十多年",
            "十几天",
            "九十年代",
            "三个月",
            "一次",
            "证据三",
            "第三组证据",
            "千万不要",
            "一方当事人",
            "第二被告",
            "三月",
            "百分之百分",
            "万分之五",
            "一一对应",
            "五百七十七",
            "两次",
            "第五百七十七条",
            "一审",
            "二审",
        ] {
            assert_eq!(written(said), said);
        }
    }

    #[test]
    fn laws_stand_in_brackets_and_their_articles_as_the_law_has_them() {
        for (said, reads) in [
            ("依照民法典第五百七十七条", "依照《民法典》第五百七十七条"),
            ("民事诉讼法第六十七条第一款", "《民事诉讼法》第六十七条第一款"),
            ("中华人民共和国民法典的第六百七十五条", "《中华人民共和国民法典》第六百七十五条"),
            ("《民法典》第一条", "《民法典》第一条"),
            ("民法典实施以后", "民法典实施以后"),
        ] {
            assert_eq!(written(said), reads, "{said}");
        }
    }

    #[test]
    fn a_case_number_stands_as_on_the_file() {
        for said in [
            "二零二六清零一零二民初三百一十八号",
            "（二〇二六）清〇一〇二民初三一八号",
            "二零二六年清零一零二民初三百一十八号",
        ] {
            assert_eq!(written(said), "（2026）清0102民初318号", "{said}");
        }
        assert_eq!(written("二零二六年清零"), "2026年清零");
    }

    proptest! {
        /// Nothing but numbers is ever touched, whatever stands around them; and what is written stays as it is.
        #[test]
        fn words_without_numbers_stay(text in "[\u{4e00}-\u{9fa5}，。a-z《》]{0,40}") {
            let plain: String = text.chars().filter(|c| !is_numeral(*c)).collect();
            prop_assume!(!LAWS.iter().any(|l| plain.contains(l)));
            prop_assert_eq!(written(&plain), plain);
        }

        #[test]
        fn written_again_nothing_changes(text in "[零一二三四五六七八九十百千万亿点元年月日号第条页天个分之百的民法典清初0-9]{0,24}") {
            let once = written(&text);
            prop_assert_eq!(written(&once), once.clone(), "{}", text);
        }
    }
}
