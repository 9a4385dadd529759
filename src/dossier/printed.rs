//! The numbers printed on pages (印刷页码), beside those that count the sheets: which page says what, and which are not there.

use text::numeral::take_number;

use crate::PageText;

/// The share of a page's height, at its head and at its foot, where its number stands.
const MARGIN: f64 = 0.14;
/// A number above is no page's.
const NUMBER_MAX: u32 = 5_000;
/// A document numbers its pages if so many of them agree.
const AGREEING_MIN: usize = 3;
/// So many pages missing at once are another numbering, not a gap.
const GAP_MAX: u32 = 60;

/// Printed pages that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    /// The last page before it, by its sheet.
    pub(crate) after: u32,
    /// The first printed number that is missing.
    pub(crate) from: u32,
    /// The last.
    pub(crate) to: u32,
}

/// The number that seems to be printed on a page `height` units high: a line at its foot, else at its head, that is nothing else.
pub(crate) fn number(text: &PageText, height: i32) -> Option<u32> {
    let lines = text.lines();
    let at = |line: &protocol::wire::TextLine| {
        let b = line.boxes.iter().find(|b| b.h > 0)?;
        Some(f64::from(b.y + b.h / 2) / f64::from(height.max(1)))
    };
    let foot = lines.iter().rev().filter(|l| at(l).is_some_and(|y| y > 1.0 - MARGIN));
    let head = lines.iter().filter(|l| at(l).is_some_and(|y| y < MARGIN));
    foot.chain(head).find_map(|l| stated(&l.text))
}

/// 第3页, 第三页共十二页, - 3 -, 3/12, Page 3 of 12, 3.
fn stated(line: &str) -> Option<u32> {
    let letters: String = text::normalise(line).chars.iter().filter(|c| !c.is_whitespace()).collect();
    let plain = letters.trim_matches(|c: char| matches!(c, '-' | '—' | '–' | '·' | '.' | '~' | '_' | '|'));
    let (before, rest) = match (plain.strip_prefix('第'), plain.strip_prefix("page")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => (false, plain),
    };
    let chars: Vec<char> = rest.chars().collect();
    let (number, taken) = take_number(&chars)?;
    let after: String = chars[taken..].iter().collect();
    let total = |s: &str| {
        let s = s.trim_matches(|c: char| {
            matches!(c, '/' | '共' | '页' | ',' | '，' | '(' | ')' | '（' | '）' | 'o' | 'f')
        });
        s.is_empty() || s.chars().all(|c| text::syllable::is_numeral(c) || c.is_ascii_digit())
    };
    let arabic = chars[..taken].iter().all(char::is_ascii_digit);
    let whole = match after.chars().next() {
        None => before || arabic,
        Some('页') => total(&after),
        Some('/') => arabic && total(&after),
        Some('o') => before && total(&after),
        _ => false,
    };
    u32::try_from(number).ok().filter(|n| whole && (1..=NUMBER_MAX).contains(n))
}

/// The numbers of a document's sheets, in order, without those that were misread, and the gaps in them. Nothing for a document that does
/// not number its pages.
pub(crate) fn numbering(seen: &[Option<u32>]) -> (Vec<Option<u32>>, Vec<Gap>) {
    let offset = |(sheet, n): (usize, &Option<u32>)| n.map(|n| (sheet, i64::from(n) - sheet as i64));
    let all: Vec<(usize, i64)> = seen.iter().enumerate().filter_map(offset).collect();
    // A number counts if the one before it or after it goes on with it.
    let agrees = |at: usize| {
        let own = all[at].1;
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        beside.filter_map(|i| all.get(i)).any(|(_, o)| *o == own)
    };
    let kept: Vec<(usize, i64)> = (0..all.len()).filter(|&at| agrees(at)).map(|at| all[at]).collect();
    if kept.len() < AGREEING_MIN || kept.len() * 2 < seen.len() {
        return (vec![None; seen.len()], Vec::new());
    }
    let mut printed = vec![None; seen.len()];
    for &(sheet, offset) in &kept {
        printed[sheet] = u32::try_from(sheet as i64 + offset).ok();
    }
    let gaps = kept.windows(2).filter_map(|pair| {
        let [(before, a), (after, b)] = [pair[0], pair[1]];
        let missing = u32::try_from(b - a).ok().filter(|n| (1..=GAP_MAX).contains(n))?;
        let last = u32::try_from(before as i64 + a).ok()?;
        // Sheets between without a number may be the ones that seem to be missing: only what is surely not there is said.
        let between = (after - before - 1) as u32;
        let (from, to) = (last + between + 1, last + between + missing);
        Some(Gap { after: after as u32, from, to })
    });
    let gaps = gaps.collect();
    // Between two numbers that go on, the sheets without one have theirs too.
    for pair in kept.windows(2) {
        let [(before, a), (after, b)] = [pair[0], pair[1]];
        if a == b {
            (before..after).for_each(|sheet| printed[sheet] = u32::try_from(sheet as i64 + a).ok());
        }
    }
    (printed, gaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Rect;
    use protocol::link::pages::PageChar;

    #[test]
    fn a_page_number_is_a_line_that_is_nothing_else() {
        for (line, n) in [
            ("第3页", Some(3)),
            ("第三页共十二页", Some(3)),
            ("第 3 页 / 共 12 页", Some(3)),
            ("- 3 -", Some(3)),
            ("— 12 —", Some(12)),
            ("3/12", Some(3)),
            ("Page 3 of 12", Some(3)),
            ("7", Some(7)),
            ("三", None),
            ("2024年3月5日", None),
            ("第三条", None),
            ("第三页的内容", None),
            ("500,000.00", None),
            ("签字：", None),
            ("0", None),
        ] {
            assert_eq!(stated(line), n, "{line}");
        }
    }

    #[test]
    fn it_stands_at_foot_or_head() {
        let page = |lines: &[(&str, i32)]| {
            let chars = lines.iter().flat_map(|&(line, y)| {
                let placed = move |c| PageChar { c, b: Rect { x: 0, y, w: 300, h: 300 } };
                line.chars().map(placed).chain([PageChar { c: '\n', b: Rect::default() }]).collect::<Vec<_>>()
            });
            PageText { chars: chars.collect(), confidence: 1.0, ocr: false }
        };
        assert_eq!(number(&page(&[("5", 40_000), ("借款合同", 10_000), ("- 2 -", 80_000)]), 84_200), Some(2));
        assert_eq!(number(&page(&[("第4页", 3_000), ("正文", 40_000)]), 84_200), Some(4));
        assert_eq!(number(&page(&[("12", 40_000)]), 84_200), None);
    }

    #[test]
    fn a_gap_is_said_and_a_misread_number_is_not() {
        let some = |n: &[u32]| n.iter().map(|&n| (n > 0).then_some(n)).collect::<Vec<_>>();
        assert_eq!(numbering(&some(&[1, 2, 3, 4, 5])).1, []);
        assert_eq!(numbering(&some(&[1, 2, 3, 6, 7, 8])).1, [Gap { after: 3, from: 4, to: 5 }]);
        assert_eq!(numbering(&some(&[1, 2, 8, 4, 5])), (some(&[1, 2, 3, 4, 5]), vec![]));
        assert_eq!(numbering(&some(&[0, 1, 2, 0, 4, 5])), (some(&[0, 1, 2, 3, 4, 5]), vec![]));
        // Two papers bound together: the second counts anew.
        assert_eq!(numbering(&some(&[1, 2, 3, 1, 2, 3])).1, []);
        assert_eq!(numbering(&some(&[7, 0, 0, 3, 0, 0])).0, some(&[0; 6]));
    }
}
