//! What a session of a case hands on to the next one (第N次开庭): its evidence with the views noted, its marks, the
//! clerk's terms, and the digest of its record.

use model::{EvidenceId, HearingId, HearingTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Event, Evidence, IssueList, Mark, State, Terms};

/// Where a carried item was listed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Carried {
    /// The hearing.
    pub hearing: HearingId,
    /// Which session of the case that was.
    pub session: u32,
    /// When it was first on the screens there, on that hearing's clock.
    pub shown: Option<HearingTime>,
}

/// Everything handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The earlier hearing.
    pub hearing: HearingId,
    /// Which session of the case it was.
    pub session: u32,
    /// Digest of its record as it read when it was handed on.
    pub record: String,
    /// Its evidence, as it stands in the next session.
    pub evidence: Vec<Evidence>,
    /// Its marks that stand.
    pub marks: Vec<Mark>,
    /// 争议焦点, with the evidence linked to them.
    pub issues: IssueList,
    /// The bench's notes.
    pub bench_notes: Vec<(EvidenceId, String)>,
    /// What the clerk made of the terms of the case.
    pub terms: Terms,
}

impl Earlier {
    /// What the hearing of `state` hands on; `None` before it was opened.
    ///
    /// Times and lines belong to the hearing in which they were taken: what is carried keeps the session beside them, and
    /// loses the references to lines. What had been carried already keeps the session it came from.
    #[must_use]
    pub fn of(state: &State) -> Option<Self> {
        let info = state.info.as_ref()?;
        let item = |e: &Evidence| {
            let here = || Carried { hearing: info.hearing.clone(), session: info.session, shown: e.shown };
            let mut item = e.clone();
            let shown_before = e.carried.as_ref().is_some_and(|c| c.shown.is_some());
            item.carried = Some(match &e.carried {
                // Listed before, shown only here: here is where its views can be looked up.
                Some(before) if shown_before || e.shown.is_none() => before.clone(),
                _ => here(),
            });
            item.shown = None;
            for opinion in &mut item.opinions {
                opinion.session.get_or_insert(info.session);
                opinion.line = None;
            }
            item
        };
        let mark = |m: &Mark| {
            let mut mark = m.clone();
            mark.session.get_or_insert(info.session);
            mark
        };
        Some(Self {
            hearing: info.hearing.clone(),
            session: info.session,
            record: state.record_digest(),
            evidence: state.evidence.values().map(item).collect(),
            marks: state.marks.values().filter(|m| m.undone.is_none()).map(mark).collect(),
            issues: state.issues.handed_on(info.session),
            bench_notes: state.bench_notes.iter().map(|(e, text)| (*e, text.clone())).collect(),
            terms: state.terms.clone(),
        })
    }

    /// The events that say so in the next session's journal.
    pub(crate) fn events(&self) -> impl Iterator<Item = Event> + '_ {
        let continued = Event::CaseContinued {
            hearing: self.hearing.clone(),
            session: self.session,
            record: self.record.clone(),
        };
        let evidence = self.evidence.iter().map(|item| Event::EvidenceCarried { item: item.clone() });
        let marks = self.marks.iter().map(|mark| Event::MarkCarried { mark: mark.clone() });
        let issues =
            (!self.issues.issues.is_empty()).then(|| Event::IssuesCarried { issues: self.issues.clone() });
        let noted = |(evidence, text): &(EvidenceId, String)| Event::BenchNoted {
            evidence: *evidence,
            text: text.clone(),
        };
        let notes = self.bench_notes.iter().map(noted);
        let terms =
            (self.terms != Terms::default()).then(|| Event::TermsCarried { terms: self.terms.clone() });
        std::iter::once(continued).chain(evidence).chain(marks).chain(issues).chain(notes).chain(terms)
    }
}
