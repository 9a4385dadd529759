//! Line breaking for Chinese text: no closing mark at the start of a line, no opening mark at its end (禁则).

use crate::legible::legible;

/// May not begin a line.
const NOT_FIRST: &str = "，。、；：？！,.;:?!）)》」』】〕〉”’…—·%％℃‰～~";
/// May not end a line.
const NOT_LAST: &str = "（(《「『【〔〈“‘¥￥$";

/// One set line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Whether the paragraph goes on: such a line is stretched to the full width.
    pub(super) goes_on: bool,
}

/// Breaks a paragraph into lines of at most `room` (same unit as `width`). Always gives a line, and never an empty one
/// for text that is not.
pub(super) fn break_lines(text: &str, room: f32, width: impl Fn(char) -> f32) -> Vec<Line> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let chars: Vec<char> = paragraph.chars().filter(|c| !c.is_control()).map(legible).collect();
        let mut start = 0;
        loop {
            let end = fill(&chars[start..], room, &width) + start;
            if end >= chars.len() {
                lines.push(Line { text: chars[start..].iter().collect(), goes_on: false });
                break;
            }
            let cut = start + good_break(&chars[start..], end - start);
            let line: String = chars[start..cut].iter().collect();
            lines.push(Line { text: line.trim_end().to_owned(), goes_on: true });
            start = cut + chars[cut..].iter().take_while(|c| **c == ' ').count();
            if start >= chars.len() {
                if let Some(last) = lines.last_mut() {
                    last.goes_on = false;
                }
                break;
            }
        }
    }
    lines
}

/// How many characters fit; at least one.
fn fill(chars: &[char], room: f32, width: impl Fn(char) -> f32) -> usize {
    let mut used = 0.0;
    for (i, c) in chars.iter().enumerate() {
        used += width(*c);
        // A thousandth for what adding up loses.
        if used > room + 0.001 && i > 0 {
            return i;
        }
    }
    chars.len()
}

/// The last good place for a break at or before `end`; `end` itself if there is none in this line.
fn good_break(chars: &[char], end: usize) -> usize {
    (1..=end).rev().find(|i| may_break(chars, *i)).unwrap_or(end)
}

/// Whether a line may end before character `at`.
fn may_break(chars: &[char], at: usize) -> bool {
    let (before, after) = (chars[at - 1], chars[at]);
    if NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    !(in_word(before) && in_word(after))
}

/// Latin words, numbers and amounts stay whole.
fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | ':' | '-' | '/' | '_' | '@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, room: f32) -> Vec<String> {
        let width = |c: char| if c.is_ascii() { 0.5 } else { 1.0 };
        break_lines(text, room, width).into_iter().map(|l| l.text).collect()
    }

    #[test]
    fn a_closing_mark_never_begins_a_line_and_an_opening_one_never_ends_it() {
        assert_eq!(set("原告主张违约金，", 7.0), ["原告主张违约", "金，"]);
        assert_eq!(set("请看合同《借款》", 5.0), ["请看合同", "《借款》"]);
        assert_eq!(set("他说……不同意", 3.0), ["他", "说……", "不同意"]);
    }

    #[test]
    fn amounts_stay_whole_unless_longer_than_a_line() {
        assert_eq!(set("共计500,000.00元", 6.0), ["共计", "500,000.00元"]);
        assert_eq!(set("abcdefghij", 2.0), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn empty_text_is_one_empty_line_and_newlines_break() {
        assert_eq!(set("", 5.0), [""]);
        assert_eq!(set("一\n二", 5.0), ["一", "二"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_long(text in "[一-三，。（）《》a-c0-9 ]{0,60}", room in 2u8..20) {
            let width = |c: char| if c.is_ascii() { 0.5 } else { 1.0 };
            let lines = break_lines(&text, f32::from(room), width);
            let kept = |t: &str| t.chars().filter(|c| *c != ' ').collect::<String>();
            proptest::prop_assert_eq!(kept(&lines.iter().map(|l| l.text.as_str()).collect::<String>()), kept(&text));
            for line in &lines {
                let wide: f32 = line.text.chars().map(width).sum();
                proptest::prop_assert!(wide <= f32::from(room) + 0.001, "{}", line.text);
            }
        }
    }
}
