//! From typed or spoken words to index queries, one per tier.

use std::borrow::Cow;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use text::{Normal, normalise};

use super::tokens::{
    Ear, Kind, Sound, Typed, Unit, Value, Valued, first_letter, sounds, typed_short, typed_syllables, units,
    values,
};

/// Combinations of readings asked for; what lies beyond is rare in all its syllables.
const COMBINATIONS_MAX: usize = 8;

/// One word of a query, read in every way the tiers need.
pub(super) struct Word {
    pub(super) units: Vec<Unit>,
    pub(super) values: Vec<Valued>,
    pub(super) syllables: Vec<Sound>,
    pub(super) folded: Vec<Sound>,
    /// Pinyin typed in Latin letters.
    pub(super) typed: Vec<Vec<Sound>>,
    /// Initials typed, or syllables of which the last is unfinished.
    pub(super) short: Vec<Vec<Typed>>,
    /// Written between quotation marks: these characters and no others, see [`Word::stands_as`].
    literal: Option<String>,
}

impl Word {
    fn new(written: &str) -> Self {
        let normal: Normal = normalise(written);
        let units = units(&normal);
        let (syllables, folded) =
            (sounds(&normal, &units, Ear::Syllable), sounds(&normal, &units, Ear::Folded));
        let latin = units.len() == 1 && units[0].kind == Kind::Word && units[0].text.is_ascii();
        let (typed, short) = match latin {
            true => (typed_sounds(&units[0].text), typed_short(&units[0].text)),
            false => (Vec::new(), Vec::new()),
        };
        Self { values: values(&normal), units, syllables, folded, typed, short, literal: None }
    }

    /// Words between quotation marks: no amounts read in them, nothing that sounds alike.
    fn literal(written: &str) -> Self {
        let literal = Some(bare(written));
        Self { values: Vec::new(), typed: Vec::new(), short: Vec::new(), literal, ..Self::new(written) }
    }

    /// Whether its letters can be pinyin, whole or in short.
    pub(super) fn is_pinyin(&self) -> bool {
        !self.typed.is_empty() || !self.short.is_empty()
    }

    /// Whether it was written between quotation marks.
    pub(super) fn is_literal(&self) -> bool {
        self.literal.is_some()
    }

    /// Whether a rate is in it: units do not have its sign, and 10 % is no 10.
    pub(super) fn has_rate(&self) -> bool {
        self.values.iter().any(|v| matches!(v.value, Value::Rate(_)))
    }

    /// Whether a page must hold it as it is: what sounds alike, or is part of another amount, is something else.
    pub(super) fn is_strict(&self) -> bool {
        self.is_literal() || !self.values.is_empty()
    }

    /// Whether these characters of a page are the word: those of a literal one must be, but for spaces and line ends.
    pub(super) fn stands_as(&self, characters: &str) -> bool {
        self.literal.as_ref().is_none_or(|literal| bare(characters) == *literal)
    }

    /// Stretches of units outside amounts and dates.
    pub(super) fn rest(&self) -> Vec<&[Unit]> {
        let inside = |u: &Unit| self.values.iter().any(|v| u.from < v.to && v.from < u.to);
        self.units.split(inside).filter(|s| !s.is_empty()).collect()
    }

    /// What must sound for `ear`: the word itself, or each way its letters can be pinyin.
    pub(super) fn sounding(&self, ear: Ear) -> Vec<&[Sound]> {
        let own = match ear {
            Ear::Syllable => &self.syllables,
            Ear::Folded => &self.folded,
        };
        let typed = self.typed.iter().filter(|_| ear == Ear::Syllable).map(Vec::as_slice);
        std::iter::once(own.as_slice()).chain(typed).collect()
    }

    /// Stretches of sounds outside amounts and dates.
    pub(super) fn rest_sounding(&self, ear: Ear) -> Vec<&[Sound]> {
        let own = match ear {
            Ear::Syllable => &self.syllables,
            Ear::Folded => &self.folded,
        };
        let inside = |s: &Sound| self.values.iter().any(|v| s.from < v.to && v.from < s.to);
        own.split(inside).filter(|s| !s.is_empty()).collect()
    }
}

fn typed_sounds(letters: &str) -> Vec<Vec<Sound>> {
    let sound = |s: &'static str| Sound { alternatives: Cow::Owned(vec![s]), written: None, from: 0, to: 0 };
    typed_syllables(letters).into_iter().map(|way| way.into_iter().map(sound).collect()).collect()
}

/// Without spaces and line ends, and without marks before and behind: no place that is found begins or ends with one.
fn bare(text: &str) -> String {
    let unbroken: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    unbroken.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// Quotation marks, and what closes them.
const QUOTES: [(char, char); 5] = [('"', '"'), ('“', '”'), ('「', '」'), ('『', '』'), ('＂', '＂')];

/// The parts of a query: those between quotation marks, and the rest.
fn quoted(query: &str) -> (Vec<&str>, String) {
    let (mut literal, mut plain, mut rest) = (Vec::new(), String::new(), query);
    while let Some((at, open)) = rest.char_indices().find(|(_, c)| QUOTES.iter().any(|(open, _)| open == c)) {
        let inside = &rest[at + open.len_utf8()..];
        let closing = QUOTES.iter().find(|(o, _)| *o == open).map_or(open, |(_, close)| *close);
        plain.push_str(&rest[..at]);
        plain.push(' ');
        // A mark that is not closed yet is still being typed.
        let Some(end) = inside.find(closing) else {
            rest = inside;
            continue;
        };
        literal.push(&inside[..end]);
        rest = &inside[end + closing.len_utf8()..];
    }
    plain.push_str(rest);
    (literal, plain)
}

/// The words of a query. Latin words that are all pinyin are one phrase besides: "wei yue jin".
pub(super) fn words(query: &str) -> Vec<Word> {
    const WORDS_MAX: usize = 12;
    let (literal, plain) = quoted(query);
    let mut words: Vec<Word> = literal.into_iter().take(WORDS_MAX).map(Word::literal).collect();
    words.retain(|w| !w.units.is_empty());
    words.extend(plain_words(&plain, WORDS_MAX));
    words
}

fn plain_words(query: &str, words_max: usize) -> Vec<Word> {
    let parts: Vec<&str> = query.split_whitespace().take(words_max).collect();
    // j k h t is typed as jkht is.
    let pinyin = |p: &str| {
        p.chars().all(|c| c.is_ascii_alphabetic()) && (p.len() == 1 || !typed_syllables(p).is_empty())
    };
    if parts.len() > 1 && parts.iter().all(|p| pinyin(p)) {
        return vec![Word::new(&parts.concat().to_lowercase())];
    }
    parts.into_iter().map(Word::new).filter(|w| !w.units.is_empty()).collect()
}

/// The index fields a query goes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) case: Field,
    pub(super) doc_key: Field,
    pub(super) hz: Field,
    pub(super) py: Field,
    pub(super) fz: Field,
    /// First letters of the syllables, two by two.
    pub(super) ini: Field,
}

/// Exact text: all words, each as a phrase or, where it holds amounts or dates, by their values.
pub(super) fn exact(fields: Fields, among: &Among<'_>, words: &[Word]) -> Box<dyn Query> {
    let mut all = among.must(fields);
    all.extend(words.iter().map(|word| (Occur::Must, as_written(fields, word))));
    Box::new(BooleanQuery::new(all))
}

fn as_written(fields: Fields, word: &Word) -> Box<dyn Query> {
    let mut ways = if word.has_rate() { Vec::new() } else { vec![unit_phrase(fields.hz, &word.units)] };
    if !word.values.is_empty() {
        let terms = word.values.iter().map(|v| term_query(fields.hz, &v.value.query_term()));
        let rest = word.rest().into_iter().map(|units| unit_phrase(fields.hz, units));
        ways.push(Box::new(BooleanQuery::intersection(terms.chain(rest).collect())));
    }
    any(ways)
}

/// By sound; `None` if the words are too short to be told apart by sound alone.
pub(super) fn by_sound(
    fields: Fields,
    among: &Among<'_>,
    words: &[Word],
    ear: Ear,
) -> Option<Box<dyn Query>> {
    let field = if ear == Ear::Syllable { fields.py } else { fields.fz };
    let mut all = among.must(fields);
    let mut heard = 0;
    for word in words {
        if word.is_literal() {
            all.push((Occur::Must, unit_phrase(fields.hz, &word.units)));
            continue;
        }
        let ways = word.sounding(ear);
        heard += ways.iter().map(|w| w.len()).max().unwrap_or(0);
        // An amount is asked by its value: 5, 0, 0 … would also sound at the front of a larger one.
        let terms = word.values.iter().map(|v| term_query(fields.hz, &v.value.query_term()));
        let phrases = ways.into_iter().filter(|w| !w.is_empty()).map(|w| sound_phrase(field, w));
        let asked = if word.values.is_empty() {
            any(phrases.collect())
        } else {
            let rest = word.rest_sounding(ear).into_iter().map(|w| sound_phrase(field, w));
            Box::new(BooleanQuery::intersection(terms.chain(rest).collect()))
        };
        all.push((Occur::Must, asked));
    }
    (heard >= 2).then(|| Box::new(BooleanQuery::new(all)) as Box<dyn Query>)
}

/// By initials, where some word can be pinyin in short; the others as they are written. Whether the syllables fit the letters
/// typed is for [`super::scan::spans`] to say.
pub(super) fn by_initials(fields: Fields, among: &Among<'_>, words: &[Word]) -> Option<Box<dyn Query>> {
    if words.iter().all(|w| w.short.is_empty()) {
        return None;
    }
    let mut all = among.must(fields);
    for word in words {
        let asked = match word.short.as_slice() {
            [] => as_written(fields, word),
            ways => any(ways.iter().map(|way| initials_phrase(fields, way)).collect()),
        };
        all.push((Occur::Must, asked));
    }
    Some(Box::new(BooleanQuery::new(all)))
}

fn initials_phrase(fields: Fields, way: &[Typed]) -> Box<dyn Query> {
    let first: Vec<&str> = way.iter().map(|piece| first_letter(piece.letters())).collect();
    let terms = cover(first.len(), |at| at + 1 < first.len());
    let terms = terms.into_iter().map(|(at, _)| (at, format!("{}{}", first[at], first[at + 1])));
    let mut must = vec![phrase(fields.ini, terms.collect())];
    // Whole syllables in it are rarer than initials.
    let whole = |piece: &Typed| matches!(piece, Typed::Whole(_));
    for run in way.chunk_by(|a, b| whole(a) && whole(b)).filter(|run| run.iter().all(whole)) {
        let syllables: Vec<&str> = run.iter().map(Typed::letters).collect();
        must.push(syllable_phrase(fields.py, &syllables));
    }
    match must.len() {
        1 => must.remove(0),
        _ => Box::new(BooleanQuery::intersection(must)),
    }
}

/// Where is looked: in a case, or in some of its documents.
pub(super) struct Among<'a> {
    pub(super) case: &'a str,
    /// Keys of the documents; `None`: all of them.
    pub(super) doc_keys: Option<Vec<String>>,
}

impl Among<'_> {
    fn must(&self, fields: Fields) -> Vec<(Occur, Box<dyn Query>)> {
        let term = TermQuery::new(Term::from_field_text(fields.case, self.case), IndexRecordOption::Basic);
        let docs = self.doc_keys.as_ref().map(|keys| {
            let terms = keys.iter().map(|key| Term::from_field_text(fields.doc_key, key));
            Box::new(TermSetQuery::new(terms)) as Box<dyn Query>
        });
        let parts = std::iter::once(Box::new(term) as Box<dyn Query>).chain(docs);
        parts.map(|q| (Occur::Must, Box::new(ConstScoreQuery::new(q, 0.0)) as Box<dyn Query>)).collect()
    }
}

fn any(mut ways: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match ways.len() {
        1 => ways.remove(0),
        _ => Box::new(BooleanQuery::union(ways)),
    }
}

fn term_query(field: Field, term: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs))
}

fn phrase(field: Field, terms: Vec<(usize, String)>) -> Box<dyn Query> {
    match terms.as_slice() {
        [(_, one)] => term_query(field, one),
        _ => {
            let terms = terms.iter().map(|(at, t)| (*at, Term::from_field_text(field, t))).collect();
            Box::new(PhraseQuery::new_with_offset(terms))
        }
    }
}

/// Which positions of a phrase of `len` are asked as pairs: as few as cover it. `pair(i)`: i and i+1 join.
fn cover(len: usize, pair: impl Fn(usize) -> bool) -> Vec<(usize, bool)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < len {
        if at + 1 < len && pair(at) {
            out.push((at, true));
            at += 2;
        } else if at > 0 && at + 1 == len && pair(at - 1) {
            out.push((at - 1, true));
            at += 1;
        } else {
            out.push((at, false));
            at += 1;
        }
    }
    out
}

fn unit_phrase(field: Field, units: &[Unit]) -> Box<dyn Query> {
    let hanzi = |at: usize| units.get(at).is_some_and(|u| u.kind == Kind::Hanzi);
    let terms = cover(units.len(), |at| hanzi(at) && hanzi(at + 1)).into_iter().map(|(at, pair)| {
        let next = if pair { &*units[at + 1].text } else { "" };
        (at, format!("{}{next}", &*units[at].text))
    });
    phrase(field, terms.collect())
}

fn sound_phrase(field: Field, sounds: &[Sound]) -> Box<dyn Query> {
    let mut chosen: Vec<Vec<&str>> = vec![Vec::new()];
    for sound in sounds {
        let terms = sound.terms();
        let keep = if chosen.len() * terms.len() > COMBINATIONS_MAX { 1 } else { terms.len() };
        chosen = chosen
            .iter()
            .flat_map(|way| terms.iter().take(keep).map(move |t| way.iter().copied().chain([*t]).collect()))
            .collect();
    }
    // The usual readings come first and count for more.
    let mut ways = chosen.into_iter().map(|way| syllable_phrase(field, &way));
    let usual = ways.next().map(|q| Box::new(BoostQuery::new(q, 1.5)) as Box<dyn Query>);
    any(usual.into_iter().chain(ways).collect())
}

fn syllable_phrase(field: Field, syllables: &[&str]) -> Box<dyn Query> {
    let terms = cover(syllables.len(), |_| true).into_iter().map(|(at, pair)| {
        (at, if pair { format!("{} {}", syllables[at], syllables[at + 1]) } else { syllables[at].to_owned() })
    });
    phrase(field, terms.collect())
}
