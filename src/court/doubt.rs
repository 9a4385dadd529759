//! What of a line is worth a second listening: where the machine was unsure, and where a wrong character would change the case.
//!
//! Every character of a line has a trust: what the machine heard keeps the machine's, through corrections, splits and joins; what a person
//! typed, or listened to again and accepted, is certain.

use model::LineId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Line, RevisionBasis, State};

/// Trust of what a person typed or accepted, in thousandths.
const CERTAIN: u16 = 1000;
/// Below this the machine was unsure.
pub const UNSURE: u16 = 800;
/// Names are heard again below this, and negations and numbers below the next.
const NAME_SURE: u16 = 950;
const WORD_SURE: u16 = 900;
/// Lines split from lines split from lines …: deeper is nothing a clerk does.
const DEPTH_MAX: usize = 16;
/// What a person typed.
const TYPED: Trust = Trust { of: CERTAIN, heard: None };

/// How far a character can be trusted, and which character of which line the machine gave it as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Trust {
    /// In thousandths.
    of: u16,
    heard: Option<(LineId, u32)>,
}

/// Larger changes are taken as typed anew.
const DIFF_CELLS_MAX: usize = 4_000_000;

/// Why characters are worth a second listening, the gravest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum DoubtKind {
    /// Another model, that heard the recording again, reads it otherwise (复听有异).
    Otherwise,
    /// An amount of money (金额).
    Amount,
    /// A date (日期).
    Date,
    /// Somebody's name (姓名).
    Name,
    /// A denial: 不, 没有, 未 (否定).
    Negation,
    /// A word that sounds like another with other consequences: 定金, 订金 (易混).
    Confusable,
    /// An admission (自认).
    Admission,
    /// A number that is no amount (数字).
    Number,
    /// A term of the case in place of what sounds exactly the same (自动订正).
    Repaired,
    /// The machine was unsure (存疑).
    Unsure,
}

/// Characters worth a second listening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Doubt {
    /// The first, counted in characters.
    pub from: u32,
    /// Behind the last.
    pub to: u32,
    /// Why.
    pub kind: DoubtKind,
    /// The least of the machine's confidences in them, in thousandths.
    pub confidence: u16,
    /// The other reading: what was heard where a term of the case took its place, or what the recording sounds like to another model.
    pub heard: Option<String>,
    /// Of a place that is heard otherwise: what hangs on it besides, in either reading.
    pub matter: Option<DoubtKind>,
}

/// Words that sound alike and decide differently; each is offered in place of the others of its row.
const CONFUSABLE: [&[&str]; 3] = [&["定金", "订金"], &["权利", "权力"], &["截至", "截止"]];

/// With what an amount may begin besides a numeral.
const MONEY: &str = "人¥￥rR";

const NEGATIONS: [&str; 9] = ["没有", "不是", "并非", "不", "没", "未", "无", "非", "否"];
/// Questions: who asks admits nothing.
const QUESTIONS: [&str; 10] = [
    "有没有异议",
    "有没有意见",
    "有无异议",
    "有无意见",
    "是否有异议",
    "是否认可",
    "是否承认",
    "是否同意",
    "是否属实",
    "是不是",
];
/// What holds a character of the above and denies nothing.
const NO_NEGATIONS: [&str; 17] = [
    "不管",
    "不但",
    "不仅",
    "不过",
    "不论",
    "不同",
    "不久",
    "不断",
    "不动产",
    "差不多",
    "无论",
    "非常",
    "除非",
    "未来",
    "没关系",
    "是否",
    "能否",
];
/// Admissions and what takes them back, the longer before what they begin with.
const ADMISSIONS: [&str; 20] = [
    "没有异议",
    "没有意见",
    "不予认可",
    "不予否认",
    "予以认可",
    "不属实",
    "不认可",
    "不承认",
    "不否认",
    "不同意",
    "不是事实",
    "无异议",
    "无意见",
    "有异议",
    "认可",
    "承认",
    "属实",
    "是事实",
    "同意",
    "否认",
];

impl State {
    /// What of a line is worth a second listening, in the order of the text.
    #[must_use]
    pub fn doubts(&self, line: &Line) -> Vec<Doubt> {
        if line.cites.is_some() {
            return Vec::new();
        }
        let chars: Vec<char> = line.text().chars().collect();
        let trust = self.trust(line);
        if trust.iter().all(|t| t.of == CERTAIN) {
            return Vec::new();
        }
        let names: Vec<Vec<char>> = self.seats.values().map(|s| s.name.chars().collect()).collect();
        // Of the court nobody takes an admission.
        let side = self.role(line.speaker()).map(model::Role::side);
        let of_the_court = matches!(side, Some(model::Side::Bench | model::Side::Clerk));
        let mut found = otherwise(line.suggestion.as_deref(), &chars, &trust);
        for doubt in &mut found {
            doubt.matter = matter(doubt, &chars, &names);
        }
        let repaired = self.repaired(&trust);
        let free = |d: &Doubt| found.iter().all(|f| d.to <= f.from || f.to <= d.from);
        let repaired: Vec<_> = repaired.into_iter().filter(free).collect();
        found.extend(repaired);
        let known = found.clone();
        let mut at = 0;
        while at < chars.len() {
            if let Some(known) = known.iter().find(|d| d.from as usize == at) {
                at = known.to as usize;
                continue;
            }
            let risk = risk_at(&chars[at..], &names).unwrap_or(Risk::of(DoubtKind::Unsure, 0));
            let Risk { kind, len, mut sure } = risk;
            match kind {
                DoubtKind::Admission if of_the_court => sure = UNSURE,
                // What a party denies is looked at, however sure the machine was.
                DoubtKind::Negation if !of_the_court => sure = CERTAIN,
                _ => {}
            }
            let clear = !found.iter().any(|d| (d.from as usize) < at + len && at < d.to as usize);
            let confidence = least(trust.get(at..at + len).unwrap_or_default()).unwrap_or(CERTAIN);
            if len > 0 && clear && confidence < sure {
                let (from, to) = (at as u32, (at + len) as u32);
                found.push(Doubt { from, to, kind, confidence, heard: None, matter: None });
                at += len;
            } else {
                // What is sure as a whole has no part that is not.
                at += if clear { len.max(1) } else { 1 };
            }
        }
        add_unsure(&chars, &trust, &mut found);
        found
    }

    /// Terms that took the place of what was heard, where they still stand and nobody has accepted them.
    fn repaired(&self, trust: &[Trust]) -> Vec<Doubt> {
        let mut found = Vec::new();
        for (at, t) in trust.iter().enumerate() {
            let Some((line, place)) = t.heard else { continue };
            let Some(recognised) = self.lines.get(&line).and_then(|l| l.recognised.as_ref()) else {
                continue;
            };
            let Some(repair) = recognised.repairs.iter().find(|r| r.from == place) else { continue };
            let len = repair.to.saturating_sub(repair.from) as usize;
            let Some(stands) = trust.get(at..at + len) else { continue };
            let whole = (repair.from..repair.to).zip(stands).all(|(p, t)| t.heard == Some((line, p)));
            if let Some(confidence) = least(stands).filter(|c| whole && *c < CERTAIN) {
                let (from, to, heard) = (at as u32, (at + len) as u32, Some(repair.heard.clone()));
                found.push(Doubt { from, to, kind: DoubtKind::Repaired, confidence, heard, matter: None });
            }
        }
        found
    }

    /// How far each character of a line's text can be trusted.
    fn trust(&self, line: &Line) -> Vec<Trust> {
        self.trust_at(line, line.revision(), DEPTH_MAX).1
    }

    fn trust_at(&self, line: &Line, revision: u32, depth: usize) -> (Vec<char>, Vec<Trust>) {
        let (mut chars, mut trust) = heard(line);
        accept(line, 0, &mut trust);
        let mut before_that: Vec<(Vec<char>, Vec<Trust>)> = Vec::new();
        for (n, layer) in (1..=revision).zip(&line.revisions) {
            let (before, trusted) = match &layer.basis {
                RevisionBasis::SplitOff { line, revision, at } => {
                    let (mut chars, mut trust) = self.trust_of(*line, *revision, depth);
                    let at = (*at as usize).min(chars.len());
                    (chars.split_off(at), trust.split_off(at))
                }
                RevisionBasis::Joined { with, revision } => {
                    let (more, more_trust) = self.trust_of(*with, *revision, depth);
                    chars.extend(more);
                    trust.extend(more_trust);
                    (chars, trust)
                }
                _ => (chars, trust),
            };
            chars = layer.text.chars().collect();
            // Who brings back what it read before was not listening again: it is as doubtful as it was.
            let reworded = matches!(layer.basis, RevisionBasis::Clerk | RevisionBasis::Request { .. });
            let again = before_that.iter().rev().find(|(text, _)| reworded && *text == chars);
            trust = match again {
                Some((_, trust)) => trust.clone(),
                None => carried(&before, &trusted, &chars, |_| TYPED),
            };
            if again.is_none() && matches!(layer.basis, RevisionBasis::Clerk) {
                look_beside(&before, &chars, &mut trust);
            }
            before_that.push((before, trusted));
            accept(line, n, &mut trust);
        }
        (chars, trust)
    }

    fn trust_of(&self, line: LineId, revision: u32, depth: usize) -> (Vec<char>, Vec<Trust>) {
        match (self.lines.get(&line), depth.checked_sub(1)) {
            (Some(line), Some(depth)) => self.trust_at(line, revision.min(line.revision()), depth),
            _ => (Vec::new(), Vec::new()),
        }
    }
}

/// Characters that decide a case.
#[derive(Debug, Clone, Copy)]
struct Risk {
    kind: DoubtKind,
    len: usize,
    /// Heard again below this.
    sure: u16,
}

impl Risk {
    fn of(kind: DoubtKind, len: usize) -> Self {
        Self { kind, len, sure: must_reach(kind) }
    }
}

/// What decides a case, at the front of `chars`.
fn risk_at(chars: &[char], names: &[Vec<char>]) -> Option<Risk> {
    let first = *chars.first()?;
    if text::syllable::is_numeral(first) || MONEY.contains(first) {
        if let Some((_, len)) = text::numeral::take_amount(chars) {
            return Some(Risk::of(DoubtKind::Amount, len));
        }
        if let Some((_, len)) = text::numeral::take_date(chars) {
            return Some(Risk::of(DoubtKind::Date, len));
        }
    }
    let named = names.iter().filter(|n| n.len() > 1 && chars.starts_with(n)).map(Vec::len).max();
    if let Some(len) = named {
        return Some(Risk::of(DoubtKind::Name, len));
    }
    let starts = |word: &str| {
        let mut rest = chars.iter();
        word.chars().all(|w| rest.next() == Some(&w))
    };
    if let Some(len) = repeated(chars) {
        return Some(Risk { kind: DoubtKind::Unsure, len, sure: CERTAIN });
    }
    let first_of = |words: &[&str]| words.iter().find(|w| starts(w)).map(|w| w.chars().count());
    if let Some(len) = first_of(&QUESTIONS) {
        return Some(Risk::of(DoubtKind::Unsure, len));
    }
    if let Some((row, len)) = CONFUSABLE.iter().enumerate().find_map(|(n, row)| Some((n, first_of(row)?))) {
        // 定金 and 订金 decide a case by themselves; the others are heard again like any word.
        let sure = if row == 0 { CERTAIN } else { WORD_SURE };
        return Some(Risk { kind: DoubtKind::Confusable, len, sure });
    }
    if let Some(len) = first_of(&ADMISSIONS) {
        return Some(Risk::of(DoubtKind::Admission, len));
    }
    if text::syllable::is_numeral(first)
        && let Some((_, len)) = text::numeral::take_number(chars).filter(|(_, len)| *len > 1)
    {
        return Some(Risk::of(DoubtKind::Number, len));
    }
    if let Some(len) = first_of(&NO_NEGATIONS) {
        return Some(Risk::of(DoubtKind::Unsure, len));
    }
    first_of(&NEGATIONS).map(|len| Risk::of(DoubtKind::Negation, len))
}

/// The gravest that a place heard otherwise is part of as it stands, or holds as it was heard.
fn matter(doubt: &Doubt, chars: &[char], names: &[Vec<char>]) -> Option<DoubtKind> {
    const REACH: usize = 12;
    let (from, to) = (doubt.from as usize, doubt.to as usize);
    let grave = |r: &Risk| !matches!(r.kind, DoubtKind::Unsure | DoubtKind::Otherwise | DoubtKind::Repaired);
    let stands = (from.saturating_sub(REACH)..to).filter_map(|at| {
        let risk = risk_at(chars.get(at..)?, names)?;
        (at + risk.len > from).then_some(risk)
    });
    let heard: Vec<char> = doubt.heard.as_deref().unwrap_or_default().chars().collect();
    let sounds = (0..heard.len()).filter_map(|at| risk_at(&heard[at..], names));
    stands.chain(sounds).filter(grave).map(|r| r.kind).min()
}

/// The same words twice over, as a machine that loops writes them: both together.
fn repeated(chars: &[char]) -> Option<usize> {
    let twice = |n: &usize| chars.get(..*n).is_some_and(|once| chars.get(*n..2 * n) == Some(once));
    let words = chars.iter().take_while(|c| c.is_alphabetic()).count();
    (2..=words / 2).take(5).find(twice).map(|n| 2 * n)
}

fn least(trust: &[Trust]) -> Option<u16> {
    trust.iter().map(|t| t.of).min()
}

/// Up to which confidence characters of a kind are heard again: the gravest always, until somebody accepts them.
fn must_reach(kind: DoubtKind) -> u16 {
    match kind {
        DoubtKind::Amount
        | DoubtKind::Date
        | DoubtKind::Confusable
        | DoubtKind::Admission
        | DoubtKind::Otherwise
        | DoubtKind::Repaired => CERTAIN,
        DoubtKind::Name => NAME_SURE,
        DoubtKind::Negation | DoubtKind::Number => WORD_SURE,
        DoubtKind::Unsure => UNSURE,
    }
}

/// The machine's text and its confidence in each character; nothing of a line typed by hand.
fn heard(line: &Line) -> (Vec<char>, Vec<Trust>) {
    let Some(recognised) = &line.recognised else { return (Vec::new(), Vec::new()) };
    let pieces = recognised.pieces.iter();
    let (raw, trust): (Vec<char>, Vec<Trust>) = pieces
        .flat_map(|p| {
            let of = p.confidence.min(CERTAIN - 1);
            text::simplify(&p.text).chars().map(|c| (c, Trust { of, heard: None })).collect::<Vec<_>>()
        })
        .unzip();
    let chars: Vec<char> = recognised.text.chars().collect();
    // A figure in digits is trusted as the words it was said in, and a mark between two as nothing that was heard.
    let mut trust = carried(&raw, &trust, &chars, |replaced| Trust {
        of: least(replaced).unwrap_or(CERTAIN),
        heard: None,
    });
    for (place, t) in (0..).zip(&mut trust) {
        t.heard = Some((line.id, place));
    }
    (chars, trust)
}

fn accept(line: &Line, revision: u32, trust: &mut [Trust]) {
    for a in line.accepted.iter().filter(|a| a.revision == revision) {
        if let Some(accepted) = trust.get_mut(a.from as usize..a.to as usize) {
            accepted.iter_mut().for_each(|t| t.of = CERTAIN);
        }
    }
}

/// Who adds something, and takes away nothing, has looked at what it stands beside.
fn look_beside(before: &[char], after: &[char], trust: &mut [Trust]) {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    if before == after || head + tail < before.len() {
        return;
    }
    for beside in [head.checked_sub(1), Some(after.len() - tail)].into_iter().flatten() {
        if let Some(t) = trust.get_mut(beside) {
            t.of = CERTAIN;
        }
    }
}

/// The trust of characters that stayed; what is new has that which `new` gives for what stood in its place.
fn carried(before: &[char], trust: &[Trust], after: &[char], new: impl Fn(&[Trust]) -> Trust) -> Vec<Trust> {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (old, changed) = (&before[head..], &after[head..]);
    let tail = old.iter().rev().zip(changed.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, changed) = (&old[..old.len() - tail], &changed[..changed.len() - tail]);
    let mut pairs = match old.len() * changed.len() <= DIFF_CELLS_MAX {
        true => common(old, changed),
        false => Vec::new(),
    };
    // Behind the last pair stands the end of both.
    pairs.push((old.len(), changed.len()));
    let mut out = trust.get(..head).unwrap_or_default().to_vec();
    let (mut o, mut n) = (0, 0);
    for (old_at, new_at) in pairs {
        let replaced = trust.get(head + o..head + old_at).unwrap_or_default();
        out.extend(std::iter::repeat_n(new(replaced), new_at - n));
        out.extend(trust.get(head + old_at).filter(|_| new_at < changed.len()));
        (o, n) = (old_at + 1, new_at + 1);
    }
    out.extend(trust.get(before.len() - tail..).unwrap_or_default());
    out.resize(after.len(), TYPED);
    out
}

/// A longest common subsequence: pairs of places.
fn common(old: &[char], new: &[char]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut best = vec![0u16; (old.len() + 1) * width];
    for (o, a) in old.iter().enumerate().rev() {
        for (n, b) in new.iter().enumerate().rev() {
            best[o * width + n] = match a == b {
                true => best[(o + 1) * width + n + 1] + 1,
                false => best[(o + 1) * width + n].max(best[o * width + n + 1]),
            };
        }
    }
    let (mut o, mut n, mut pairs) = (0, 0, Vec::new());
    while o < old.len() && n < new.len() {
        if old[o] == new[n] {
            pairs.push((o, n));
            (o, n) = (o + 1, n + 1);
        } else if best[(o + 1) * width + n] >= best[o * width + n + 1] {
            o += 1;
        } else {
            n += 1;
        }
    }
    pairs
}

/// Where another reading differs from what stands, but for what a person typed or accepted there, and for marks.
fn otherwise(reading: Option<&str>, chars: &[char], trust: &[Trust]) -> Vec<Doubt> {
    let reading: Vec<char> = reading.unwrap_or_default().chars().collect();
    if reading.is_empty() || reading.len() * chars.len() > DIFF_CELLS_MAX {
        return Vec::new();
    }
    let mut pairs = common(chars, &reading);
    pairs.push((chars.len(), reading.len()));
    let mut found = Vec::new();
    let (mut here, mut there) = (0, 0);
    for (here_at, there_at) in pairs {
        let (stands, reads) = (here..here_at, there..there_at);
        (here, there) = (here_at + 1, there_at + 1);
        let says = |text: &[char]| text.iter().any(|c| c.is_alphanumeric());
        if !says(&chars[stands.clone()]) && !says(&reading[reads.clone()]) {
            continue;
        }
        // What is missing altogether is looked for at the character before it.
        let back = usize::from(stands.is_empty() && stands.start > 0 && reads.start > 0);
        let (stands, reads) = (stands.start - back..stands.end, reads.start - back..reads.end);
        let confidence = least(trust.get(stands.clone()).unwrap_or_default()).unwrap_or(CERTAIN);
        if confidence < CERTAIN {
            let (from, to) = (stands.start as u32, stands.end as u32);
            let heard = Some(reading[reads].iter().collect());
            found.push(Doubt { from, to, kind: DoubtKind::Otherwise, confidence, heard, matter: None });
        }
    }
    found
}

/// Runs of characters that the machine was unsure of, outside of what was found already. Marks are no characters to listen to.
fn add_unsure(chars: &[char], trust: &[Trust], found: &mut Vec<Doubt>) {
    let taken = |n: usize| found.iter().any(|d| (d.from as usize..d.to as usize).contains(&n));
    let unsure: Vec<bool> = (chars.iter().zip(trust).enumerate())
        .map(|(n, (c, t))| t.of < UNSURE && c.is_alphanumeric() && !taken(n))
        .collect();
    let mut at = 0;
    while at < unsure.len() {
        let len = unsure[at..].iter().take_while(|u| **u).count();
        if let Some(confidence) = least(&trust[at..at + len]) {
            let (from, to) = (at as u32, (at + len) as u32);
            found.push(Doubt { from, to, kind: DoubtKind::Unsure, confidence, heard: None, matter: None });
        }
        at += len.max(1);
    }
    found.sort_by_key(|d| d.from);
}

/// What may have been said instead of a word, where words of the law sound alike.
#[must_use]
pub fn confused_with(word: &str) -> Vec<&'static str> {
    let row = CONFUSABLE.iter().find(|row| row.contains(&word));
    row.map(|row| row.iter().copied().filter(|w| *w != word).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stayed_keeps_its_trust_and_what_is_new_is_certain() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let trust = |of: &[u16]| of.iter().map(|of| Trust { of: *of, heard: None }).collect::<Vec<_>>();
        let of = |trust: Vec<Trust>| trust.iter().map(|t| t.of).collect::<Vec<_>>();
        let carry = |a: &str, t: &[u16], b: &str| of(carried(&chars(a), &trust(t), &chars(b), |_| TYPED));
        assert_eq!(
            carry("借五万元", &[900, 300, 400, 500], "借款五万元整"),
            [900, 1000, 300, 400, 500, 1000]
        );
        assert_eq!(carry("甲乙丙丁", &[1, 2, 3, 4], "甲丙戊丁"), [1, 3, 1000, 4]);
        assert_eq!(carry("", &[], "新"), [1000]);
        assert_eq!(carry("旧", &[5], ""), [0u16; 0]);
        // As the machine's own layer has it: digits for words.
        let digits = |replaced: &[Trust]| Trust { of: least(replaced).unwrap_or(CERTAIN), heard: None };
        let written =
            carried(&chars("借五十万元吧"), &trust(&[9, 7, 5, 8, 6, 4]), &chars("借50万元吧。"), digits);
        assert_eq!(of(written), [9, 5, 5, 8, 6, 4, 1000]);
    }

    #[test]
    fn words_that_sound_alike_stand_in_for_one_another() {
        assert_eq!(confused_with("定金"), ["订金"]);
        assert_eq!(confused_with("订金"), ["定金"]);
        assert!(confused_with("押金").is_empty());
    }
}
