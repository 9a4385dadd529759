//! Which pages the dossier of a case has: nobody shows or marks one that it has not.

use std::collections::HashMap;

use model::{CaseId, DocId, PageRef};

use crate::port::Pages;

/// Remembered until the dossier changes.
#[derive(Debug, Default)]
pub(crate) struct KnownPages {
    revision: Option<u64>,
    counts: HashMap<DocId, usize>,
}

impl KnownPages {
    /// Whether there is such a page. Where the dossier cannot be read nothing is refused: the screens say that there is no picture.
    pub(crate) fn has(&mut self, pages: &dyn Pages, case: &CaseId, page: &PageRef) -> bool {
        let revision = pages.revision(case);
        if self.revision != Some(revision) {
            let Ok(catalogue) = pages.catalogue(case) else { return true };
            self.counts = catalogue.docs.into_iter().map(|d| (d.doc, d.pages.len())).collect();
            self.revision = Some(revision);
        }
        let count = self.counts.get(&page.doc).copied().unwrap_or_default();
        (1..=count).contains(&usize::try_from(page.page).unwrap_or(usize::MAX))
    }
}
