//! Evidence brought in during a hearing (当庭提交): held back until the court lets it in.
//!
//! ```text
//!                    let in
//!   offered ──► held ──────► in the catalogue, its text read, found
//!                │ refused, taken back
//!                └─────────► retired (kept byte for byte, readable for court and side)
//! ```

use model::{CaseId, DocId, HearingId, SeatId, Side};
use serde::{Deserialize, Serialize};

use crate::dossier::{Dossier, DossierError, Room};
use crate::mend::gone;
use crate::store::Filed;

/// Who brought a document in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceOffer {
    /// In which hearing.
    pub hearing: HearingId,
    /// At which seat.
    pub seat: SeatId,
    /// What it shall prove; may be empty.
    pub purpose: String,
}

/// A document that waits to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// It.
    pub doc: DocId,
    /// Who brought it in.
    pub offer: EvidenceOffer,
    /// Whose it is.
    pub side: Side,
    /// Its title.
    pub title: String,
    /// Its pages.
    pub pages: u32,
    /// The number that the side gave it.
    pub number: Option<u32>,
    /// It is evidence, and not another paper of the side.
    pub evidence: bool,
}

impl Dossier {
    /// What waits to be let in, in the order in which it came.
    #[must_use]
    pub fn offered(&self, case: &CaseId) -> Vec<Offered> {
        let waits = |d: &Filed| {
            let offer = d.offer.clone().filter(|_| d.held && d.retired.is_none())?;
            Some(Offered {
                doc: d.doc.clone(),
                offer,
                side: d.side,
                title: d.title.clone(),
                pages: d.pages.len() as u32,
                number: d.evidence_number,
                evidence: d.evidence_number.is_some() || self.room.headings.is_evidence(&d.heading),
            })
        };
        let list = |documents: &[Filed]| documents.iter().filter_map(waits).collect();
        self.room.with_shelf(case, |shelf| list(&shelf.documents)).unwrap_or_default()
    }

    /// What was brought in and never let in, also what was refused since, each with its side.
    #[must_use]
    pub fn withheld(&self, case: &CaseId) -> Vec<(DocId, Side)> {
        let list = |documents: &[Filed]| {
            documents.iter().filter(|d| d.held).map(|d| (d.doc.clone(), d.side)).collect()
        };
        self.room.with_shelf(case, |shelf| list(&shelf.documents)).unwrap_or_default()
    }

    /// Lets it in, as evidence under `number`. Done already, it changes nothing.
    pub fn let_in(&self, case: &CaseId, doc: &DocId, number: Option<u32>) -> Result<(), DossierError> {
        let pages = self.settle(case, doc, |filed| {
            filed.held = false;
            filed.evidence_number = number;
        })?;
        self.room.queue(case, doc, pages);
        Ok(())
    }

    /// Keeps it out; it can be restored. Done already, it changes nothing.
    pub fn keep_out(&self, case: &CaseId, doc: &DocId) -> Result<(), DossierError> {
        self.settle(case, doc, |filed| filed.retired = Some(Vec::new())).map(|_| ())
    }

    fn settle(
        &self,
        case: &CaseId,
        doc: &DocId,
        how: impl FnOnce(&mut Filed),
    ) -> Result<usize, DossierError> {
        self.writable()?;
        let mut pages = 0;
        self.room.rewrite(case, |documents| {
            let filed = documents.iter_mut().find(|d| d.doc == *doc).ok_or_else(|| gone(doc))?;
            pages = filed.pages.len();
            if filed.held && filed.retired.is_none() {
                how(filed);
            }
            Ok(())
        })?;
        Ok(pages)
    }
}

impl Room {
    /// Whether it is there and neither held back nor retired: the pages of what is not need not be read.
    pub(crate) fn stands(&self, case: &CaseId, doc: &DocId) -> bool {
        self.with_shelf(case, |s| s.document(doc).is_some_and(Filed::stands)).unwrap_or(false)
    }
}
