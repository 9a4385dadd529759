//! Which pages the dossier of a case has: nobody shows or marks one that it has not, and the record says of which image a page shown was.

use std::collections::HashMap;

use model::{CaseId, DocId, PageRef};

use crate::port::Pages;

/// Whether the dossier has a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It has.
    Yes,
    /// Of a document that was brought in and not let in yet.
    Held,
    /// It has not.
    No,
}

/// Remembered until the dossier changes.
#[derive(Debug, Default)]
pub(crate) struct KnownPages {
    revision: Option<u64>,
    /// Pages of each document, and whether it is held back.
    counts: HashMap<DocId, (usize, bool)>,
    hashes: HashMap<PageRef, String>,
}

impl KnownPages {
    /// Whether there is such a page. Where the dossier cannot be read nothing is refused: the screens say that there is no picture.
    pub(crate) fn has(&mut self, pages: &dyn Pages, case: &CaseId, page: &PageRef) -> Known {
        let revision = pages.revision(case);
        if self.revision != Some(revision) {
            let Ok(catalogue) = pages.catalogue(case) else { return Known::Yes };
            let listed = catalogue.docs.into_iter().map(|d| (d, false));
            let all = listed.chain(catalogue.offered.into_iter().map(|d| (d, true)));
            self.counts = all.map(|(d, held)| (d.doc, (d.pages.len(), held))).collect();
            self.revision = Some(revision);
            self.hashes.clear();
        }
        let (count, held) = self.counts.get(&page.doc).copied().unwrap_or_default();
        match (1..=count).contains(&usize::try_from(page.page).unwrap_or(usize::MAX)) {
            true if held => Known::Held,
            true => Known::Yes,
            false => Known::No,
        }
    }

    /// Whether the dossier's image of a page, if it has been drawn, has another hash. Asked of a page that is there.
    pub(crate) fn differs(&mut self, pages: &dyn Pages, case: &CaseId, page: &PageRef, hash: &str) -> bool {
        if self.hashes.get(page).is_some_and(|known| known == hash) {
            return false;
        }
        // What was remembered may have been drawn anew.
        let Some(drawn) = pages.drawn_hash(case, page) else { return false };
        let differs = drawn != hash;
        self.hashes.insert(page.clone(), drawn);
        differs
    }
}
