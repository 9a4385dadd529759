//! Commands that look for words: 找违约金, 违约责任那条, 合同第七条, 民法典第六百七十五条.

use protocol::wire::{CommandOutcome, FoundBy, Hit};
use text::citation::{Cites, citations};
use text::numeral::{take_amount, take_date, to_chinese};

use super::hearing::{Heard, Tok, at_end, at_front, numbers, phrase};
use super::places::Places;

type Find<'a> = &'a dyn Fn(&str) -> Vec<Hit>;

const VERBS: &str = "查找一下 搜索一下 检索一下 查找 搜索 检索 搜一下 找一下 查一下 找找 找 搜 查 哪儿写了 哪里写了 哪儿写着 哪里写着 哪里提到 哪儿提到 \
    哪里提到了 哪儿提到了 哪里有 哪儿有 哪一页写了 哪页写了 哪里说了 哪儿说了 哪份材料提到 哪一页有";
const TAILS: &str = "在哪里写的 在哪儿写的 写在哪里 写在哪儿 在什么地方 在哪一页 在哪里 在哪儿 在哪页 在哪 是怎么写的 怎么写的 怎么约定的";
/// 违约责任那条, 五万那笔: the word for a place after what stands there.
const PLACES: &str = "那一条 那条 那一段 那段 那一笔 那笔 那一句 那句 那一处 那处 那一页 那页 那个地方 的地方 那一款 那款 的那条 的那段 的那笔 的那句 的那页 那一部分 那部分 页";

fn list(words: &str) -> Vec<Vec<Tok>> {
    words.split_whitespace().map(phrase).collect()
}

/// A phrase asked for with a verb of looking: 找…, 哪儿写了…, …在哪儿. The longest verb counts. A verb may be written as
/// it sounds if `by_ear`.
pub(super) fn asked(heard: &Heard, from: usize, to: usize, by_ear: bool) -> Option<String> {
    let toks = &heard.toks[from..to];
    let verb = list(VERBS).into_iter().filter(|v| at_front(toks, v).is_some_and(|c| by_ear || c == 0.0));
    let verb = verb.map(|v| v.len()).max();
    let begin = from + verb.unwrap_or(0);
    let rest = &heard.toks[begin..to];
    let tail = list(TAILS).into_iter().filter(|t| at_end(rest, t).is_some_and(|c| by_ear || c == 0.0));
    let tail = tail.map(|t| t.len()).max();
    if verb.is_none() && tail.is_none() {
        return None;
    }
    let end = to - tail.unwrap_or(0);
    let end = place_taken(heard, begin, end).unwrap_or(end);
    phrase_of(heard, begin, end)
}

/// A phrase named with its place: 违约责任那条, 签字那页, 五万那笔; or an amount or a date alone.
pub(super) fn placed(heard: &Heard, from: usize, to: usize) -> Option<String> {
    if let Some(end) = place_taken(heard, from, to) {
        return phrase_of(heard, from, end);
    }
    let words: Vec<char> = heard.words(from, to).chars().collect();
    let amount = take_amount(&words).map(|t| t.1);
    let whole = amount.or_else(|| take_date(&words).map(|t| t.1)) == Some(words.len());
    whole.then(|| words.into_iter().collect())
}

fn place_taken(heard: &Heard, from: usize, to: usize) -> Option<usize> {
    let toks = &heard.toks[from..to];
    let len = list(PLACES).into_iter().filter(|t| at_end(toks, t).is_some()).map(|t| t.len()).max()?;
    // What is left must be words: 十二页 is a page.
    let end = to - len;
    (end > from + 1 && (len > 1 || !heard.toks[end - 1].numeral)).then_some(end)
}

fn phrase_of(heard: &Heard, from: usize, to: usize) -> Option<String> {
    let fillers = ['的', '那', '个', '着', '了', '一', '下'];
    let mut words = heard.words(from, to);
    if let Some(cut) = words.strip_prefix(&fillers[..2]) {
        words = cut.to_owned();
    }
    Some(words).filter(|w| w.chars().count() >= 2)
}

/// What a place is called by, and what may stand there instead: a bench says 签字那页 where the paper has 签名.
const SAME: [&str; 2] = ["签字 签名 签章 捺印", "盖章 公章 印章 签章 加盖"];

/// Looks for a phrase that was named with its place: what stands in the document on the screens first.
pub(super) fn found_here(phrase: String, places: &Places<'_>, find: Find<'_>) -> CommandOutcome {
    let mut hits = alike(&phrase, find);
    if let Some(shown) = places.shown().filter(|_| is_same(&phrase).is_some()) {
        hits.sort_by_key(|h| h.page.doc != shown.doc);
    }
    CommandOutcome::Found { phrase, hits }
}

fn is_same(phrase: &str) -> Option<&'static str> {
    SAME.into_iter().find(|words| words.split(' ').any(|w| w == phrase))
}

/// Hits of a phrase and of what may stand there instead, each page once, those by letter first.
fn alike(phrase: &str, find: Find<'_>) -> Vec<Hit> {
    let mut hits = find(phrase);
    for other in is_same(phrase).into_iter().flat_map(|words| words.split(' ')).filter(|w| *w != phrase) {
        for hit in find(other) {
            match hits.iter_mut().find(|h| h.page == hit.page) {
                Some(known) if by_sound(known) && !by_sound(&hit) => *known = hit,
                Some(_) => {}
                None => hits.push(hit),
            }
        }
    }
    hits.sort_by_key(by_sound);
    hits
}

fn by_sound(hit: &Hit) -> bool {
    hit.by == FoundBy::Sound
}

/// 起诉状诉讼请求那段, 合同的签字页: a phrase named with its place and its document.
pub(super) fn placed_within(
    heard: &Heard,
    from: usize,
    to: usize,
    places: &Places<'_>,
    find: Find<'_>,
) -> Option<CommandOutcome> {
    let end = place_taken(heard, from, to)?;
    (from + 2..end.saturating_sub(1)).rev().find_map(|at| {
        let docs = places.documents(&heard.toks[from..at]);
        let phrase = phrase_of(heard, at, end).filter(|_| !docs.is_empty())?;
        let mut hits = alike(&phrase, find);
        hits.retain(|h| docs.iter().any(|d| places.doc(d.0).doc == h.page.doc));
        (!hits.is_empty()).then_some(CommandOutcome::Found { phrase, hits })
    })
}

/// Looks for a phrase everywhere.
pub(super) fn found(phrase: String, find: Find<'_>) -> CommandOutcome {
    let hits = find(&phrase);
    CommandOutcome::Found { phrase, hits }
}

/// 合同第七条, 第七条: an article of a document; 民法典第六百七十五条: an article of a law.
pub(super) fn article(
    heard: &Heard,
    from: usize,
    to: usize,
    places: &Places<'_>,
    find: Find<'_>,
) -> Option<CommandOutcome> {
    let words = heard.words(from, to);
    let cited = citations(&words).into_iter().find_map(|c| match c.cites {
        Cites::Article { law, place } if c.to == words.chars().count() => Some((law, place.number.article)),
        _ => None,
    });
    if let Some((law, article)) = cited {
        let phrase = format!("{law}第{}条", to_chinese(u64::from(article)));
        return Some(found(phrase, find));
    }
    let (head, number) = article_ending(&heard.toks[from..to])?;
    let clause = format!("第{}条", to_chinese(u64::from(number)));
    let within: Vec<usize> = if head == 0 {
        Vec::new()
    } else {
        places.documents(&heard.toks[from..from + head]).into_iter().map(|d| d.0).collect()
    };
    if head > 0 && within.is_empty() {
        return None;
    }
    let docs: Vec<_> = match within.as_slice() {
        [] => places.shown().into_iter().collect(),
        several => several.iter().map(|&at| places.doc(at)).collect(),
    };
    let mut hits = find(&clause);
    if !hits.iter().any(|h| docs.iter().any(|d| d.doc == h.page.doc)) {
        hits.extend(find(&format!("第{number}条")));
    }
    let inside: Vec<&Hit> = hits.iter().filter(|h| docs.iter().any(|d| d.doc == h.page.doc)).collect();
    // The article itself stands before those that refer to it.
    let begins = inside.iter().min_by_key(|h| refers(h));
    Some(match begins {
        Some(hit) => CommandOutcome::Page {
            page: hit.page.clone(),
            title: hit.title.clone(),
            rects: hit.rects.first().copied().into_iter().collect(),
        },
        None => CommandOutcome::Found { phrase: clause, hits },
    })
}

/// An article's own line follows the end of a sentence, and its text or title follows it; a reference stands within a sentence. The
/// less, the more it is the article itself.
fn refers(hit: &Hit) -> u8 {
    let Some(&(from, to)) = hit.matched.first() else { return 3 };
    let snippet: Vec<char> = hit.snippet.chars().collect();
    let before = from.checked_sub(1).and_then(|at| snippet.get(at as usize));
    let after: String = snippet.iter().skip(to as usize).take(2).collect();
    let goes_on =
        ["约定", "承担", "计算", "规定", "关于", "执行", "处理"].iter().any(|w| after.starts_with(w));
    let within = goes_on || after.starts_with(['的', '、', '和', '及', '第', '之']);
    let place = before.map_or(0, |c| {
        if "。；：!！?？".contains(*c) {
            0
        } else if " \u{3000}）)".contains(*c) {
            1
        } else {
            2
        }
    });
    place + u8::from(within)
}

fn article_ending(toks: &[Tok]) -> Option<(usize, u32)> {
    let (ordinal, unit) = (phrase("第"), phrase("条"));
    let (last, front) = toks.split_last()?;
    if last.differs(&unit[0]) >= 0.5 {
        return None;
    }
    (front.len().saturating_sub(7)..front.len()).rev().find_map(|begin| {
        let [number] = numbers(&front[begin..])[..] else { return None };
        let has_ordinal = begin > 0 && front[begin - 1].differs(&ordinal[0]) < 0.5;
        let inside = begin > 0 && front[begin - 1].numeral;
        if inside || !(has_ordinal || front[begin..].iter().all(|t| t.numeral)) {
            return None;
        }
        let head = if has_ordinal { begin - 1 } else { begin };
        Some((if head > 0 && front[head - 1].possessive() { head - 1 } else { head }, number))
    })
}

/// 借款合同里的违约金, 在流水中找五万元: a phrase within a document.
pub(super) fn within(
    heard: &Heard,
    from: usize,
    to: usize,
    places: &Places<'_>,
    find: Find<'_>,
) -> Option<CommandOutcome> {
    let toks = &heard.toks[from..to];
    let begin = usize::from(toks.first().is_some_and(|t| t.c == '在'));
    for link in list("里面的 里面找 里边的 里的 中的 里找 中找 上的 里面 里") {
        for at in begin + 2..toks.len().saturating_sub(link.len() + 1) {
            if at_front(&toks[at..], &link) != Some(0.0) {
                continue;
            }
            let docs = places.documents(&toks[begin..at]);
            let Some(phrase) = phrase_of(heard, from + at + link.len(), to) else { continue };
            if docs.is_empty() {
                continue;
            }
            let end = place_taken(heard, from + at + link.len(), to);
            let phrase = end.and_then(|e| phrase_of(heard, from + at + link.len(), e)).unwrap_or(phrase);
            let mut hits = find(&phrase);
            hits.retain(|h| docs.iter().any(|d| places.doc(d.0).doc == h.page.doc));
            return Some(CommandOutcome::Found { phrase, hits });
        }
    }
    None
}
