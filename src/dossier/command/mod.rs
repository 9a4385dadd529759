//! Spoken commands of the bench: from the text of a command to what it asks for. Pure: the catalogue, where the bench
//! stands and a way to search come in, an outcome goes out.
//!
//! A command is compared by ear, syllable by syllable, with the phrases every case has and with the names of this
//! case's documents, so that 源告政据三 is 原告证据三. Numerals and the names of the parties are never taken for others;
//! a page that does not exist is never opened; where two readings remain both are shown.

mod beside;
mod hearing;
mod manners;
mod note;
mod phrase_search;
mod phrases;
mod places;
mod statute;

use std::sync::Arc;

use model::{DocId, PageRef, Side};
use protocol::wire::{Catalogue, CommandOutcome, FoundBy, Hit};

use hearing::Heard;
use phrases::Fixed;
use places::{Places, Reading};
pub use statute::{Law, Laws};

/// What a command can refer to besides the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bearings {
    /// The page that the bench looks at.
    pub page: Option<PageRef>,
    /// The side whose evidence is being examined: bare 证据三 is theirs.
    pub presenting: Option<Side>,
    /// The groups into which the parties put their evidence, in order.
    pub groups: Vec<EvidenceGroup>,
    /// The laws that can be named.
    pub laws: Arc<Laws>,
}

/// 第一组证据 and its like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceGroup {
    /// Whose.
    pub side: Side,
    /// The documents of its pieces, in order.
    pub docs: Vec<DocId>,
}

/// A longer command is no command.
const LETTERS_MAX: usize = 40;
/// So near is as good as written.
const AS_WRITTEN: f32 = 0.05;
/// A bare phrase looked for without any verb has at most so many characters.
const BARE_MAX: usize = 10;

/// What `text`, the words of a command as recognised, asks for. `find` searches the case's dossier, best hits first.
///
/// All of it counts; only where that asks for nothing, what people say around a command is left out.
#[must_use]
pub fn understand(
    text: &str,
    catalogue: &Catalogue,
    bearings: &Bearings,
    find: &dyn Fn(&str) -> Vec<Hit>,
) -> CommandOutcome {
    let places = Places::new(catalogue, bearings);
    // Nobody speaks in pinyin: Latin letters in what was heard are words.
    let find = &|phrase: &str| -> Vec<Hit> {
        find(phrase).into_iter().filter(|hit| hit.by != FoundBy::Pinyin).collect()
    };
    let whole = read(text, &places, bearings, find);
    if let Some(counted) = hearing::counted_from_end(text)
        && let CommandOutcome::Page { page: one, .. } = &whole
        && let CommandOutcome::Page { page: other, .. } = read(&counted, &places, bearings, find)
        && *one != other
    {
        return places.choose(&[one.clone(), other]);
    }
    if answers(&whole) {
        return whole;
    }
    let shorter = manners::without(text).into_iter().map(|words| read(&words, &places, bearings, find));
    shorter.into_iter().find(answers).unwrap_or(whole)
}

fn answers(outcome: &CommandOutcome) -> bool {
    match outcome {
        CommandOutcome::NotUnderstood => false,
        CommandOutcome::Found { hits, .. } => !hits.is_empty(),
        _ => true,
    }
}

fn read(
    text: &str,
    places: &Places<'_>,
    bearings: &Bearings,
    find: &dyn Fn(&str) -> Vec<Hit>,
) -> CommandOutcome {
    let heard = Heard::new(text);
    if let Some(note) = note::ordered(&heard, false) {
        return note;
    }
    if heard.toks.len() > LETTERS_MAX || !hearing::speaks(&heard.toks) {
        return CommandOutcome::NotUnderstood;
    }
    let nearest = nearest(&heard, places);
    if let Some((cost, outcome)) = &nearest
        && *cost <= AS_WRITTEN
    {
        return outcome.clone();
    }
    let spans = spans(&heard);
    let words = |read: &dyn Fn(usize, usize) -> Option<CommandOutcome>| {
        spans.iter().find_map(|&(from, to, _)| read(from, to))
    };
    let search = |phrase: String| phrase_search::found(phrase, find);
    words(&|from, to| statute::article(&heard, from, to, places, &bearings.laws))
        .or_else(|| words(&|from, to| phrase_search::article(&heard, from, to, places, find)))
        .or_else(|| words(&|from, to| beside::asked(&heard, from, to, places)))
        .or_else(|| words(&|from, to| phrase_search::within(&heard, from, to, places, find)))
        .or_else(|| words(&|from, to| phrase_search::asked(&heard, from, to, false).map(search)))
        .or_else(|| nearest.map(|(_, outcome)| outcome))
        .or_else(|| note::ordered(&heard, true))
        .or_else(|| words(&|from, to| phrase_search::asked(&heard, from, to, true).map(search)))
        .or_else(|| words(&|from, to| phrase_search::placed_within(&heard, from, to, places, find)))
        .or_else(|| placed(&heard, &spans).map(|phrase| phrase_search::found_here(phrase, places, find)))
        .or_else(|| bare(&heard, &spans, find))
        .unwrap_or(CommandOutcome::NotUnderstood)
}

/// The documents that are called exactly so: by title, by what a bench calls them, by their number.
#[must_use]
pub fn named(name: &str, catalogue: &Catalogue) -> Vec<DocId> {
    Places::new(catalogue, &Bearings::default()).named(name)
}

/// The pages that the whole of `text` names as it is written: 原告证据三第二页, 借款合同.
#[must_use]
pub fn places(text: &str, catalogue: &Catalogue) -> Vec<PageRef> {
    let heard = Heard::new(text);
    if heard.toks.len() < 2 || heard.toks.len() > LETTERS_MAX {
        return Vec::new();
    }
    let bearings = Bearings::default();
    let read = Places::new(catalogue, &bearings).read(&heard.toks).filter(|r| r.cost <= AS_WRITTEN);
    match read.map(|r| r.outcome) {
        Some(CommandOutcome::Page { page, .. }) => vec![page],
        Some(CommandOutcome::Choose { choices }) => choices.into_iter().map(|c| c.page).collect(),
        _ => Vec::new(),
    }
}

/// Stretches of the command that may be its words, 请书记员, 翻到, 看一下 and their like taken off; the least taken off
/// first.
fn spans(heard: &Heard) -> Vec<(usize, usize, f32)> {
    let mut out = Vec::new();
    for (from, lead) in phrases::beginnings(&heard.toks) {
        for (to, tail) in phrases::endings(&heard.toks[from..]) {
            out.push((from, from + to, lead + tail));
        }
    }
    out.sort_by_key(|&(from, to, _)| std::cmp::Reverse(to - from));
    out
}

/// The fixed phrase or place nearest to the command, with its cost.
fn nearest(heard: &Heard, places: &Places<'_>) -> Option<(f32, CommandOutcome)> {
    let mut best: Option<(f32, CommandOutcome)> = None;
    let mut offer = |cost: f32, outcome: CommandOutcome| {
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, outcome));
        }
    };
    for (from, to, taken) in spans(heard) {
        let toks = &heard.toks[from..to];
        if let Some((cost, fixed)) = phrases::fixed(toks) {
            match fixed {
                Fixed::Outcome(outcome) => offer(cost + taken, outcome),
                Fixed::Neighbour(by) => {
                    offer(cost + taken, places.neighbour(by).unwrap_or(CommandOutcome::NotUnderstood));
                }
                Fixed::Group(by) => {
                    let group = places.neighbour_group(by).or_else(|| places.neighbour(by));
                    offer(cost + taken, group.unwrap_or(CommandOutcome::NotUnderstood));
                }
            }
        }
        if let Some(Reading { cost, outcome }) = places.read(toks) {
            offer(cost + taken, outcome);
        }
    }
    best
}

/// 违约责任那条, without the words that lead to it.
fn placed(heard: &Heard, spans: &[(usize, usize, f32)]) -> Option<String> {
    let sure = |span: &&(usize, usize, f32)| span.2 == 0.0 && phrases::surely_lead(&heard.toks[..span.0]);
    spans.iter().rev().filter(sure).find_map(|&(from, to, _)| phrase_search::placed(heard, from, to))
}

/// Words without any verb are looked for if they stand somewhere as they are.
fn bare(
    heard: &Heard,
    spans: &[(usize, usize, f32)],
    find: &dyn Fn(&str) -> Vec<Hit>,
) -> Option<CommandOutcome> {
    spans.iter().filter(|(from, to, _)| (2..=BARE_MAX).contains(&(to - from))).find_map(|&(from, to, _)| {
        let phrase = heard.words(from, to);
        let mut hits = find(&phrase);
        hits.retain(|h| h.by == FoundBy::Letter);
        (!hits.is_empty()).then_some(CommandOutcome::Found { phrase, hits })
    })
}
