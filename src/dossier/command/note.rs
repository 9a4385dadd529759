//! 记明: what the bench orders to be put into the record.

use std::sync::LazyLock;

use protocol::wire::CommandOutcome;

use super::hearing::{Heard, Tok, at_front, phrase};

const ORDERS: &str = "请书记员记明 书记员记明 请记明 法庭记明 本庭记明 记明 请书记员记录在案 请记录在案 记录在案 请书记员记入笔录 记入笔录 写进笔录 写入笔录";
/// A note has at most so many characters.
const LETTERS_MAX: usize = 300;

/// The note that is ordered, with its words as they were said. The order may be written as it sounds if `by_ear`.
pub(super) fn ordered(heard: &Heard, by_ear: bool) -> Option<CommandOutcome> {
    static FORMS: LazyLock<Vec<Vec<Tok>>> = LazyLock::new(|| ORDERS.split_whitespace().map(phrase).collect());
    let said = |form: &&Vec<Tok>| at_front(&heard.toks, form).is_some_and(|cost| by_ear || cost == 0.0);
    let order = FORMS.iter().filter(said).map(Vec::len).max()?;
    let words = heard.written(order, heard.toks.len());
    let text = words.trim_matches(|c: char| c.is_whitespace() || "，、：:,。".contains(c));
    (text.chars().count() <= LETTERS_MAX).then(|| line(text))
}

/// The line of the record that begins so.
pub(super) fn line(words: &str) -> CommandOutcome {
    CommandOutcome::Note { text: format!("记明：{words}") }
}
