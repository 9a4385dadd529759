//! The documents of a case with what reading their pages has shown.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use model::{DocId, PageRef, Side};
use protocol::wire::{CatalogueDoc, Filing, PageProblem};

use crate::dossier::Piece;
use crate::printed;
use crate::quality::PageNote;
use crate::store::Filed;

#[derive(Debug, Default)]
pub(crate) struct Shelf {
    /// In the order in which they were filed.
    pub(crate) documents: Vec<Filed>,
    /// Pages that can be found.
    ready: HashMap<DocId, BTreeMap<u32, PageNote>>,
    /// Sheets that seem to be there already, each with the one before it.
    twins: HashMap<PageRef, PageRef>,
    /// Pages by what the sketches of their texts have in common, side by side.
    alike: HashMap<(Side, usize, u32), Vec<PageRef>>,
    /// Acts of people upon the catalogue since the start.
    pub(crate) acts: u64,
}

impl Shelf {
    pub(crate) fn new(documents: Vec<Filed>) -> Self {
        Self { documents, ..Self::default() }
    }

    /// Notes what reading a page has shown.
    pub(crate) fn read(&mut self, doc: &DocId, note: PageNote) {
        self.compare(doc, &note);
        self.ready.entry(doc.clone()).or_default().insert(note.page, note);
    }

    pub(crate) fn has_read(&self, page: &PageRef) -> bool {
        self.note(page).is_some()
    }

    fn note(&self, page: &PageRef) -> Option<&PageNote> {
        self.ready.get(&page.doc)?.get(&page.page)
    }

    pub(crate) fn document(&self, doc: &DocId) -> Option<&Filed> {
        self.documents.iter().find(|d| d.doc == *doc)
    }

    /// Looks for the same sheet among those of the side: a paper that both parties file is none too many.
    fn compare(&mut self, doc: &DocId, note: &PageNote) {
        let Some(side) = self.document(doc).map(|d| d.side) else { return };
        let Some(sketch) = &note.sketch else { return };
        let page = PageRef { doc: doc.clone(), page: note.page };
        let keys: Vec<_> = sketch.keys().map(|(lane, value)| (side, lane, value)).collect();
        let others = keys.iter().filter_map(|k| self.alike.get(k)).flatten().filter(|p| **p != page);
        let twin = others.filter(|p| self.note(p).is_some_and(|n| n.same_sheet(note))).min().cloned();
        match twin {
            Some(twin) => self.twins.insert(page.clone(), twin),
            None => self.twins.remove(&page),
        };
        for key in keys {
            let there = self.alike.entry(key).or_default();
            if !there.contains(&page) {
                there.push(page.clone());
            }
        }
    }

    pub(crate) fn entry(&self, filed: &Filed) -> CatalogueDoc {
        let notes = self.ready.get(&filed.doc);
        let (printed, missing) = self.numbering(filed);
        let mut problems: Vec<_> =
            notes.into_iter().flat_map(BTreeMap::values).flat_map(|n| self.problems(filed, n)).collect();
        problems.extend(missing);
        problems.retain(|p| !filed.accepted.contains(p));
        problems.sort_by_key(PageProblem::page);
        let filing = Filing {
            side: filed.side,
            heading: filed.heading.clone(),
            title: filed.title.clone(),
            evidence_number: filed.evidence_number,
        };
        CatalogueDoc {
            pages_ready: notes.map_or(0, |n| n.len() as u32),
            printed,
            problems,
            accepted: filed.accepted.clone(),
            turns: self.turns(filed),
            heading_sure: (filed.auto.is_some() && !filed.moved).then_some(filed.sure),
            leaves: filed.leaves.clone(),
            kept_out: filed.held && filed.retired.is_some(),
            ..CatalogueDoc::new(filed.doc.clone(), filing, filed.pages.clone())
        }
    }

    /// How far each page is turned to be read; empty where none is.
    fn turns(&self, filed: &Filed) -> Vec<u16> {
        let turns: Vec<u16> = (1..=filed.pages.len() as u32).map(|page| self.turn(filed, page)).collect();
        if turns.iter().all(|t| *t == 0) { Vec::new() } else { turns }
    }

    /// As a person has said, or else as the page was read.
    pub(crate) fn turn(&self, filed: &Filed, page: u32) -> u16 {
        filed.turns.get(&page).copied().unwrap_or_else(|| {
            let note = self.note(&PageRef { doc: filed.doc.clone(), page });
            note.and_then(PageNote::turned).map_or(0, |degrees| (360 - degrees) % 360)
        })
    }

    /// What is wrong with a page, by itself and beside the others.
    fn problems(&self, filed: &Filed, note: &PageNote) -> Vec<PageProblem> {
        let mut found = note.problems();
        if filed.turns.contains_key(&note.page) {
            found.retain(|p| !matches!(p, PageProblem::Turned { .. }));
        }
        let page = PageRef { doc: filed.doc.clone(), page: note.page };
        if let Some(of) = self.twins.get(&page) {
            found.push(PageProblem::Twin { page: note.page, of: of.clone() });
        }
        found
    }

    /// The numbers printed on the pages, and those that are missing; known once the whole document is read.
    fn numbering(&self, filed: &Filed) -> (Vec<Option<u32>>, Vec<PageProblem>) {
        let Some(notes) = self.ready.get(&filed.doc).filter(|n| n.len() == filed.pages.len()) else {
            return (Vec::new(), Vec::new());
        };
        let seen: Vec<_> = notes.values().map(|n| n.printed).collect();
        let (mut printed, gaps) = printed::numbering(&seen);
        if printed.iter().all(Option::is_none) {
            printed.clear();
        }
        let missing =
            gaps.into_iter().map(|g| PageProblem::Missing { page: g.after, from: g.from, to: g.to });
        (printed, missing.collect())
    }

    pub(crate) fn pages_ready(&self) -> (u32, u32) {
        let there = || self.documents.iter().filter(|d| d.stands());
        let ready: usize = there().filter_map(|d| self.ready.get(&d.doc)).map(BTreeMap::len).sum();
        let all: usize = there().map(|d| d.pages.len()).sum();
        (ready as u32, all as u32)
    }

    pub(crate) fn piece(&self, filed: &Filed, file: PathBuf) -> Piece {
        let notes = self.ready.get(&filed.doc);
        let unread = |n: &PageNote| n.failed.as_ref().map(|why| format!("第{}页未能读取：{why}", n.page));
        let unread: Vec<_> = notes.into_iter().flat_map(BTreeMap::values).filter_map(unread).collect();
        let f = filed.clone();
        Piece {
            doc: f.doc,
            side: f.side,
            heading: f.heading,
            title: f.title,
            evidence_number: f.evidence_number,
            name: f.name,
            sha256: f.sha256,
            file,
            pages: f.pages.len() as u32,
            pages_read: notes.map_or(0, |n| n.len() as u32).saturating_sub(unread.len() as u32),
            unread,
            at: f.at,
            auto: f.auto,
            made: f.made,
            moved: f.moved,
        }
    }

    /// Documents and pages read are only ever added, and acts counted: over a restart it never goes back below what was seen
    /// of documents and pages.
    pub(crate) fn revision(&self) -> u64 {
        let read: usize = self.ready.values().map(BTreeMap::len).sum();
        (self.documents.len() + read) as u64 + self.acts
    }

    /// What was read of the document is no longer looked at.
    pub(crate) fn forget(&mut self, doc: &DocId) {
        if let Some(notes) = self.ready.remove(doc) {
            self.acts += notes.len() as u64;
        }
        self.twins.retain(|page, of| page.doc != *doc && of.doc != *doc);
        self.alike.values_mut().for_each(|pages| pages.retain(|p| p.doc != *doc));
    }
}
