//! An outline as a file: TOML in, an [`Outline`] or a fault with line and remedy out. Pure: whoever reads the file gives
//! its text. The format is told by the shipped files in `outlines/` and in the README.

use std::collections::{BTreeMap, BTreeSet};

use model::{nests_too_deep, shown};
use serde::Deserialize;
use toml::Spanned;

use crate::{Fact, MeetingKind, Outline, OutlineId, Phase, PhaseId, Speaker, StandardText, fact};

/// Longest text, as for every text that goes into the record.
const TEXT_CHARS_MAX: usize = 4000;
/// Longest name, title or item of a check-list.
const SHORT_CHARS_MAX: usize = 60;
/// Most phases, and most entries of one list.
const ENTRIES_MAX: usize = 60;

/// What is wrong with an outline file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct OutlineFault {
    /// The file, as its reader names it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong and how it is put right.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutline {
    id: Spanned<String>,
    name: Spanned<String>,
    en: Spanned<String>,
    #[serde(default)]
    terms: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    text: Vec<RawText>,
    #[serde(default)]
    phase: Vec<Spanned<RawPhase>>,
    opens: Option<Spanned<String>>,
    closes: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPhase {
    id: Spanned<String>,
    zh: Spanned<String>,
    en: Spanned<String>,
    #[serde(default)]
    utterances: Vec<Spanned<String>>,
    #[serde(default)]
    checks: Vec<Spanned<String>>,
    #[serde(default)]
    merges: Vec<Spanned<String>>,
    #[serde(default)]
    text: Vec<RawText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    code: Spanned<String>,
    title: Spanned<String>,
    text: Spanned<String>,
    #[serde(default)]
    speaker: Speaker,
}

/// A fault quotes the file, which may hold anything.
const WHAT_CHARS_MAX: usize = 800;

/// Reads an outline file. `file` is how faults name it.
pub fn parse_outline(file: &str, text: &str) -> Result<Outline, OutlineFault> {
    let reading = Reading { file, text };
    if nests_too_deep(text) {
        return Err(reading.fault(
            0,
            "braces stand too deep in one another; write it after the pattern of the shipped outlines",
        ));
    }
    let raw: RawOutline = toml::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |s| s.start);
        let message = e.message().trim_end_matches('\n').replace('\n', ", ");
        reading.fault(at, format!("{message}; correct it after the pattern of the shipped outlines"))
    })?;
    reading.outline(raw)
}

/// A file being read: everything that can say where something is wrong.
struct Reading<'a> {
    file: &'a str,
    text: &'a str,
}

type Read<T> = Result<T, OutlineFault>;

impl Reading<'_> {
    fn fault(&self, at: usize, what: impl Into<String>) -> OutlineFault {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        OutlineFault { file: self.file.to_owned(), line, what: shown(&what.into(), WHAT_CHARS_MAX) }
    }

    fn outline(&self, raw: RawOutline) -> Read<Outline> {
        let terms = self.terms(raw.terms)?;
        if raw.phase.is_empty() {
            return Err(self.fault(0, "an outline needs at least one [[phase]]"));
        }
        self.few(raw.phase.iter().map(Spanned::span), "phases")?;
        let ids = self.phase_ids(&raw.phase)?;
        let mut codes = BTreeSet::new();
        let texts = self.texts(raw.text, &terms, &mut codes)?;
        let opens = raw.opens.map(|p| self.known_phase(&p, &ids)).transpose()?;
        let closes = raw.closes.map(|p| self.known_phase(&p, &ids)).transpose()?;
        let phase = |p: Spanned<RawPhase>| self.phase(p.into_inner(), &ids, &terms, &mut codes);
        let phases = raw.phase.into_iter().map(phase).collect::<Read<Vec<_>>>()?;
        Ok(Outline {
            id: OutlineId(self.id(&raw.id)?),
            name: self.short("name", &raw.name)?,
            en: self.short("en", &raw.en)?,
            terms,
            texts,
            phases,
            opens,
            closes,
        })
    }

    fn terms(&self, raw: BTreeMap<String, Spanned<String>>) -> Read<BTreeMap<String, String>> {
        let mut terms = BTreeMap::new();
        for (word, value) in raw {
            let at = value.span().start;
            if Fact::of(&word).is_some() {
                let what = format!("{{{word}}} is filled from the hearing: choose another word for the term");
                return Err(self.fault(at, what));
            }
            if word.trim().is_empty() || word.contains(['{', '}', '[', ']']) {
                return Err(
                    self.fault(at, format!("\"{word}\" cannot be the word of a term: use plain characters"))
                );
            }
            let value = self.short("a term", &value)?;
            if value.contains(['{', '}', '[', ']']) {
                return Err(self.fault(at, "a term is a plain word: no placeholders in it"));
            }
            terms.insert(word, value);
        }
        Ok(terms)
    }

    fn phase_ids(&self, phases: &[Spanned<RawPhase>]) -> Read<BTreeSet<String>> {
        let mut ids = BTreeSet::new();
        for phase in phases {
            let id = &phase.get_ref().id;
            if !ids.insert(self.id(id)?) {
                let what = format!("phase \"{}\" is there twice: give each its own id", id.get_ref());
                return Err(self.fault(id.span().start, what));
            }
        }
        Ok(ids)
    }

    fn known_phase(&self, id: &Spanned<String>, ids: &BTreeSet<String>) -> Read<PhaseId> {
        if !ids.contains(id.get_ref()) {
            let what =
                format!("\"{}\" is no phase of this outline: name one of {}", id.get_ref(), listed(ids));
            return Err(self.fault(id.span().start, what));
        }
        Ok(PhaseId(id.get_ref().clone()))
    }

    fn phase(
        &self,
        raw: RawPhase,
        ids: &BTreeSet<String>,
        terms: &BTreeMap<String, String>,
        codes: &mut BTreeSet<String>,
    ) -> Read<Phase> {
        self.few(raw.utterances.iter().map(Spanned::span), "utterances")?;
        self.few(raw.checks.iter().map(Spanned::span), "checks")?;
        let own = raw.id.get_ref().clone();
        let merge = |m: &Spanned<String>| {
            let id = m.get_ref();
            if *id == own || !ids.contains(id) {
                let what = format!("\"{id}\" is no other phase of this outline: name one of {}", listed(ids));
                return Err(self.fault(m.span().start, what));
            }
            Ok(PhaseId(id.clone()))
        };
        Ok(Phase {
            id: PhaseId(self.id(&raw.id)?),
            zh: self.short("zh", &raw.zh)?,
            en: self.short("en", &raw.en)?,
            utterances: self.each(&raw.utterances, |u| self.filled("an utterance", u, terms))?,
            texts: self.texts(raw.text, terms, codes)?,
            checks: self.each(&raw.checks, |c| {
                self.short("an item of the check-list", c)?;
                self.filled("an item of the check-list", c, terms)
            })?,
            merges: self.each(&raw.merges, merge)?,
        })
    }

    fn each<T>(&self, all: &[Spanned<String>], one: impl Fn(&Spanned<String>) -> Read<T>) -> Read<Vec<T>> {
        all.iter().map(one).collect()
    }

    fn texts(
        &self,
        raw: Vec<RawText>,
        terms: &BTreeMap<String, String>,
        codes: &mut BTreeSet<String>,
    ) -> Read<Vec<StandardText>> {
        self.few(raw.iter().map(|t| t.code.span()), "texts")?;
        let text = |t: RawText| {
            let code = t.code.get_ref().clone();
            let at = t.code.span().start;
            if !(2..=12).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_lowercase()) {
                return Err(self.fault(
                    at,
                    format!("code \"{code}\": use 2 to 12 letters a–z, the initials of the title"),
                ));
            }
            if !codes.insert(code.clone()) {
                return Err(self.fault(at, format!("code \"{code}\" is there twice: give each text its own")));
            }
            Ok(StandardText {
                code,
                title: self.short("title", &t.title)?,
                text: self.filled("text", &t.text, terms)?,
                speaker: t.speaker,
            })
        };
        raw.into_iter().map(text).collect()
    }

    fn id(&self, id: &Spanned<String>) -> Read<String> {
        let text = id.get_ref();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(plain) {
            let what = format!("id \"{text}\": use 1 to 64 letters, digits, '-' and '_'");
            return Err(self.fault(id.span().start, what));
        }
        Ok(text.clone())
    }

    fn short(&self, what: &str, text: &Spanned<String>) -> Read<String> {
        self.tame(what, text, SHORT_CHARS_MAX)
    }

    fn filled(&self, what: &str, text: &Spanned<String>, terms: &BTreeMap<String, String>) -> Read<String> {
        if let Some(wrong) = fact::fault(text.get_ref(), terms) {
            return Err(self.fault(text.span().start, wrong));
        }
        self.tame(what, text, TEXT_CHARS_MAX)
    }

    fn tame(&self, what: &str, text: &Spanned<String>, chars_max: usize) -> Read<String> {
        let trimmed = text.get_ref().trim();
        let at = text.span().start;
        if trimmed.is_empty() {
            return Err(self.fault(at, format!("{what} is empty: write something or leave the entry out")));
        }
        if trimmed.chars().count() > chars_max {
            return Err(self.fault(at, format!("{what} is longer than {chars_max} characters: shorten it")));
        }
        if trimmed.chars().any(|c| c.is_control() && c != '\n') {
            return Err(self.fault(at, format!("{what} holds control characters: remove them")));
        }
        Ok(trimmed.to_owned())
    }

    fn few(&self, mut spans: impl Iterator<Item = std::ops::Range<usize>>, what: &str) -> Read<()> {
        match spans.nth(ENTRIES_MAX) {
            Some(span) => {
                Err(self.fault(span.start, format!("more than {ENTRIES_MAX} {what}: leave some out")))
            }
            None => Ok(()),
        }
    }
}

fn listed(ids: &BTreeSet<String>) -> String {
    ids.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The outlines the product brings along: file name and text.
pub const SHIPPED_OUTLINES: [(&str, &str); 9] = [
    ("civil-ordinary.toml", include_str!("outlines/civil-ordinary.toml")),
    ("civil-simplified.toml", include_str!("outlines/civil-simplified.toml")),
    ("civil-small-claims.toml", include_str!("outlines/civil-small-claims.toml")),
    ("pre-hearing.toml", include_str!("outlines/pre-hearing.toml")),
    ("administrative.toml", include_str!("outlines/administrative.toml")),
    ("inquiry.toml", include_str!("outlines/inquiry.toml")),
    ("reception.toml", include_str!("outlines/reception.toml")),
    ("judgment.toml", include_str!("outlines/judgment.toml")),
    ("mediation.toml", include_str!("outlines/mediation.toml")),
];

/// The outlines of meetings: file name and text.
pub const MEETING_OUTLINES: [(MeetingKind, &str, &str); 3] = [
    (MeetingKind::Panel, "meeting-panel.toml", include_str!("outlines/meeting-panel.toml")),
    (MeetingKind::Judges, "meeting-judges.toml", include_str!("outlines/meeting-judges.toml")),
    (MeetingKind::Committee, "meeting-committee.toml", include_str!("outlines/meeting-committee.toml")),
];

impl OutlineId {
    /// Whether this is the outline of a meeting, which no hearing may have.
    #[must_use]
    pub fn is_meeting(&self) -> bool {
        self.0.starts_with("meeting-")
    }
}

impl MeetingKind {
    /// Its outline, as shipped.
    ///
    /// # Panics
    /// Never: a test reads every shipped file, and the text is part of the binary.
    #[must_use]
    #[allow(clippy::expect_used, reason = "the file is part of the binary, and a test reads it")]
    pub fn outline(self) -> Outline {
        let shipped = MEETING_OUTLINES.iter().find(|(kind, ..)| *kind == self);
        let read = shipped.and_then(|(_, file, text)| parse_outline(file, text).ok());
        read.expect("the shipped outline is read by a test")
    }
}

impl Outline {
    /// The shipped outlines, in the order in which they are offered; 民事一审普通程序 first.
    #[must_use]
    pub fn shipped() -> Vec<Self> {
        SHIPPED_OUTLINES.iter().filter_map(|(file, text)| parse_outline(file, text).ok()).collect()
    }

    /// 民事一审普通程序, as shipped.
    ///
    /// # Panics
    /// Never: a test reads every shipped file, and the text is part of the binary.
    #[must_use]
    #[allow(clippy::expect_used, reason = "the file is part of the binary, and a test reads it")]
    pub fn civil_ordinary() -> Self {
        let (file, text) = SHIPPED_OUTLINES[0];
        parse_outline(file, text).expect("the shipped outline is read by a test")
    }
}
