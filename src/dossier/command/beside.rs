//! Two documents beside each other: 把借款合同和收条放一起看, 和被告证据二比对.

use std::sync::LazyLock;

use protocol::wire::CommandOutcome;

use super::hearing::{Heard, Tok, at_end, at_front, phrase};
use super::places::Places;

const ASKS: &str = "放在一起看一下 放在一起看 放一起看看 放一起看 放在一起 放一起 并排看 并排放 并排 比对一下 对比一下 比对 对比 对照一下 对照 放旁边 放在旁边 \
    比一下 做比对 做个比对 做对比 一起看 并列 不对 补对";
const AND: &str = "和 跟 与 同 以及";
const LEADS: &str = "比对 对比 对照 并排显示 并排打开 旁边打开 旁边放";

fn list(words: &str) -> Vec<Vec<Tok>> {
    words.split_whitespace().map(phrase).collect()
}

/// The comparison that the words between `from` and `to` ask for, if they name what is to be compared.
pub(super) fn asked(heard: &Heard, from: usize, to: usize, places: &Places<'_>) -> Option<CommandOutcome> {
    static ENDS: LazyLock<Vec<Vec<Tok>>> = LazyLock::new(|| list(ASKS));
    static FRONTS: LazyLock<Vec<Vec<Tok>>> = LazyLock::new(|| list(LEADS));
    let toks = &heard.toks[from..to];
    let longest = |way: &dyn Fn(&[Tok]) -> bool, words: &[Vec<Tok>]| {
        words.iter().filter(|w| way(w)).map(Vec::len).max().unwrap_or(0)
    };
    let end = longest(&|w| at_end(toks, w).is_some(), &ENDS);
    let begin = if end > 0 { 0 } else { longest(&|w| at_front(toks, w).is_some(), &FRONTS) };
    if begin + end == 0 {
        return None;
    }
    named(toks.get(begin..toks.len() - end)?, places)
}

/// A和B, 和B, B.
fn named(toks: &[Tok], places: &Places<'_>) -> Option<CommandOutcome> {
    static LINKS: LazyLock<Vec<Vec<Tok>>> = LazyLock::new(|| list(AND));
    for at in 0..toks.len() {
        let Some(link) = LINKS.iter().find(|l| at_front(&toks[at..], l).is_some()) else { continue };
        let Some(other) = places.only(&toks[at + link.len()..]) else { continue };
        if at == 0 {
            return Some(CommandOutcome::Compare { choices: vec![other] });
        }
        if let Some(one) = places.only(&toks[..at]).filter(|one| one.page != other.page) {
            return Some(CommandOutcome::Compare { choices: vec![one, other] });
        }
    }
    places.only(toks).map(|one| CommandOutcome::Compare { choices: vec![one] })
}
