//! What people say around a command and a recogniser writes as it likes: 好， before it, 吧 behind it.

use text::syllable::{folded_reading, reading};

/// What 吧 is written as, besides what sounds the same.
const LIKE_BA: &str = "吧不保补发毕布报";
/// What 好 and 嗯 are written as where no mark parts them from the command.
const LIKE_ASSENT: &str = "好号合和何嗯恩与预呃";
/// Whose name it is counts, wherever it stands.
const PARTIES: &str = "原被三";
/// Letters of a word of assent before a command.
const ASSENT_MAX: usize = 2;

/// The text without its first clause, if that is hardly a word; without a last 吧; and without both.
pub(super) fn without(text: &str) -> Vec<String> {
    let (head, tail) = (without_assent(text), without_ba(text));
    let both = head.as_deref().and_then(without_ba);
    [tail, head, both].into_iter().flatten().collect()
}

fn without_assent(text: &str) -> Option<String> {
    let Some((first, rest)) = text.split_once(['，', ',', '。', '、']).filter(|(_, rest)| !rest.is_empty())
    else {
        return text
            .strip_prefix(|c| LIKE_ASSENT.contains(c))
            .filter(|rest| rest.chars().count() > 2)
            .map(str::to_owned);
    };
    let short = first.chars().count() <= ASSENT_MAX && !first.contains(|c| PARTIES.contains(c));
    (short && rest.chars().any(char::is_alphanumeric)).then(|| rest.to_owned())
}

fn without_ba(text: &str) -> Option<String> {
    let words = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut chars = words.chars();
    let last = chars.next_back()?;
    let ba = LIKE_BA.contains(last)
        || reading(last) == Some("ba")
        || folded_reading(last).as_deref() == Some("ba");
    // 十八, 二百零八 are numbers; 三八 is 三, and 吧 behind it.
    let number = last == '八' && chars.clone().next_back().is_some_and(|c| "十百千零〇第".contains(c));
    let rest = chars.as_str().trim_end_matches(|c: char| !c.is_alphanumeric());
    (ba && !number && rest.chars().count() >= 2).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_word_of_the_command_is_left_out() {
        assert_eq!(without("证据三八。"), ["证据三"]);
        assert_eq!(without("好，下一页"), ["下一页"]);
        assert_eq!(without("合往后翻。"), ["往后翻。"]);
        assert_eq!(without("预，起诉状不。"), ["预，起诉状", "起诉状不。", "起诉状"]);
        for text in ["证据十八", "第二百零八", "原告，证据三", "下一页", "请翻到第八", "好的", ""]
        {
            assert!(without(text).is_empty(), "{text}: {:?}", without(text));
        }
    }
}
