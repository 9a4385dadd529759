//! Whatever is said, typed or filed: the readers of citations and numerals take it or leave it.

use crate::citation::{ArticleNumber, CaseNumber, citations, take_article_place};
use crate::numeral::{number, take_amount, take_date, take_number, take_rate, to_chinese};
use crate::{normalise, simplify, syllable};

const SAID: [&str; 13] = [
    "请翻到原告证据三第十二页，再看被告证据1第2页",
    "依照《中华人民共和国民法典》第五百七十七条、第一百二十条之一第二款第（二）项",
    "（2026）清0102民初318号判决书，(2026)最高法民终7号",
    "人民币伍拾万元整，¥500,000.50，1.5万元，三万五千块",
    "二〇二四年三月五日至2024-03-05，三月五号，2024.3.5",
    "一亿零三百万零五，九千九百九十九万九千九百九十九亿，十二，幺二零",
    "第675条第三款，120-1，577",
    "民間借貸糾紛，第三人證據二第三頁",
    "９，９９９，９９９．９９９９万亿元",
    "120-1",
    "百分之三点八五，年利率15.4%，日万分之五，5‰",
    "（2026）清0102民初318号",
    "",
];

#[test]
fn hostile_bytes_in_what_is_said_are_read_within_their_bounds() {
    hostile::attack_text("said", &SAID, 3_000, |text| {
        let chars: Vec<char> = text.chars().collect();
        let taken = [
            take_number(&chars).map(|t| t.1),
            take_amount(&chars).map(|t| t.1),
            take_date(&chars).map(|t| t.1),
            take_rate(&chars).map(|t| t.1),
            take_article_place(&chars).map(|t| t.1),
        ];
        assert!(taken.iter().flatten().all(|len| (1..=chars.len()).contains(len)), "{taken:?}");
        if let Some(n) = number(text) {
            assert_eq!(number(&to_chinese(n)), Some(n));
        }
        let mut end = 0;
        for citation in citations(text) {
            assert!(end <= citation.from && citation.from < citation.to && citation.to <= chars.len());
            end = citation.to;
        }
        if let Some(article) = ArticleNumber::parse(text) {
            assert_eq!(ArticleNumber::parse(&article.key()), Some(article));
        }
        if let Some(case) = CaseNumber::parse(text) {
            assert_eq!(CaseNumber::parse(&case.to_string()), Some(case));
        }
        let normal = normalise(text);
        let whole = normal.original_span(0, normal.text().chars().count());
        assert!(whole.is_none_or(|(from, to)| from <= to && to <= chars.len()));
        assert_eq!(simplify(text).chars().count(), chars.len());
        chars.iter().take(50).for_each(|c| drop(syllable::folded_readings(*c)));
    });
}
