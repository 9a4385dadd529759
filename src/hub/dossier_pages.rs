//! The dossier as [`Pages`]: the adapter between the hub's port and the dossier room.

use court::EvidenceDraft;
use dossier::command::{self, understand};
use dossier::statutes::Statutes;
use dossier::{Dossier, HITS, NewDocument, Offered, Piece};
use model::{CaseId, Day, DocId, PageRef, Side};
use protocol::wire::{
    Catalogue, CatalogueDoc, CommandOutcome, Found, Mend, PageInfo, StatutePage, StatuteResults, Taken,
};

use crate::port::{Bearings, Deposit, PageImage, Pages};

/// Articles one search of the statutes gives.
pub const STATUTE_HITS_MAX: usize = 20;

/// See the module.
#[derive(Debug)]
pub struct DossierPages {
    dossier: Dossier,
    statutes: Statutes,
}

impl DossierPages {
    /// Serves `dossier` and `statutes`.
    #[must_use]
    pub fn new(dossier: Dossier, statutes: Statutes) -> Self {
        Self { dossier, statutes }
    }

    /// The room itself.
    #[must_use]
    pub fn dossier(&self) -> &Dossier {
        &self.dossier
    }

    /// A fault of the index is logged; who searches sees that nothing was found, and the fault on the health strip.
    fn found(&self, case: &CaseId, text: &str, most: usize) -> Found {
        self.dossier.search(case, text, most).unwrap_or_else(|error| {
            tracing::error!(%error, "the search failed");
            Found::default()
        })
    }
}

impl Pages for DossierPages {
    fn search(&self, case: &CaseId, text: &str, most: usize) -> Found {
        self.found(case, text, most)
    }

    fn understand(&self, case: &CaseId, bearings: &Bearings, text: &str) -> CommandOutcome {
        let Ok(catalogue) = self.dossier.catalogue(case) else { return CommandOutcome::NotUnderstood };
        let laws = bearings.day.map(|day| self.statutes.spoken(day)).transpose().unwrap_or_else(|error| {
            tracing::error!(%error, "no article can be opened by voice");
            None
        });
        let bearings = command::Bearings {
            page: bearings.page.clone(),
            presenting: bearings.presenting,
            groups: bearings.groups.clone(),
            laws: laws.unwrap_or_default(),
        };
        understand(text, &catalogue, &bearings, &|phrase| self.found(case, phrase, HITS).hits)
    }

    fn pages_ready(&self, case: &CaseId) -> (u32, u32) {
        self.dossier.pages_ready(case)
    }

    fn revision(&self, case: &CaseId) -> u64 {
        self.dossier.revision(case)
    }

    fn vocabulary(&self, case: &CaseId) -> Vec<String> {
        self.dossier.vocabulary(case)
    }

    fn alike(&self, case: &CaseId, heard: &str, terms: &[String]) -> Vec<String> {
        self.dossier.alike(case, heard, terms)
    }

    fn evidence(&self, case: &CaseId) -> Vec<EvidenceDraft> {
        let docs = self.dossier.catalogue(case).map(|c| c.docs).unwrap_or_default();
        docs.into_iter()
            .filter(|d| d.side.is_party())
            .filter_map(|d| {
                let number = d.evidence_number?;
                let (source, purpose) = (String::new(), String::new());
                Some(EvidenceDraft { side: d.side, number, name: d.title, source, purpose, doc: Some(d.doc) })
            })
            .collect()
    }

    fn catalogue(&self, case: &CaseId) -> Result<Catalogue, String> {
        self.dossier.catalogue(case).map_err(|e| e.to_string())
    }

    fn page(&self, case: &CaseId, page: &PageRef) -> Result<PageInfo, String> {
        self.dossier.page(case, page).map_err(|e| e.to_string())
    }

    fn drawn_hash(&self, case: &CaseId, page: &PageRef) -> Option<String> {
        self.dossier.drawn_hash(case, page).unwrap_or_else(|error| {
            tracing::warn!(%case, doc = %page.doc, page = page.page, %error, "a page's image cannot be read");
            None
        })
    }

    fn image(&self, case: &CaseId, page: &PageRef, dpi: u32) -> Result<PageImage, String> {
        let image = self.dossier.image(case, page, dpi).map_err(|e| e.to_string())?;
        Ok(PageImage { bytes: image.bytes, media_type: image.media_type, hash: image.hash })
    }

    fn statutes(&self, query: &str, date: Day) -> Result<StatuteResults, String> {
        let begun = std::time::Instant::now();
        let hits = self.statutes.find(query, date, STATUTE_HITS_MAX).map_err(|e| e.to_string())?;
        let laws = self.statutes.count().map_err(|e| e.to_string())?;
        let took_us = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
        Ok(StatuteResults { query: query.to_owned(), date, hits, laws, took_us })
    }

    fn statute(&self, law: &str, version: Day, article: &str) -> Result<Option<StatutePage>, String> {
        self.statutes.page(law, version, article).map_err(|e| e.to_string())
    }

    fn pieces(&self, case: &CaseId) -> Vec<Piece> {
        self.dossier.pieces(case)
    }

    fn refile(&self, case: &CaseId, doc: &DocId, heading: &str) -> Result<(), String> {
        self.dossier.refile(case, doc, heading).map_err(|e| e.to_string())
    }

    fn mend(&self, case: &CaseId, mend: Mend) -> Result<(), String> {
        self.dossier.mend(case, mend, media::clock::utc_now()).map_err(|e| e.to_string())
    }

    fn take(&self, case: &CaseId, deposit: Deposit) -> Result<Taken, String> {
        self.dossier.take(case, new_document(deposit)).map_err(|e| e.to_string())
    }

    fn offered(&self, case: &CaseId) -> Vec<Offered> {
        self.dossier.offered(case)
    }

    fn withheld(&self, case: &CaseId) -> Vec<(DocId, Side)> {
        self.dossier.withheld(case)
    }

    fn let_in(&self, case: &CaseId, doc: &DocId, number: Option<u32>) -> Result<(), String> {
        self.dossier.let_in(case, doc, number).map_err(|e| e.to_string())
    }

    fn keep_out(&self, case: &CaseId, doc: &DocId) -> Result<(), String> {
        self.dossier.keep_out(case, doc).map_err(|e| e.to_string())
    }

    fn add(&self, case: &CaseId, deposit: Deposit) -> Result<CatalogueDoc, String> {
        self.dossier.add(case, new_document(deposit)).map_err(|e| e.to_string())
    }
}

fn new_document(deposit: Deposit) -> NewDocument {
    let Deposit { file, name, side, heading, title, evidence_number, made, password, offer } = deposit;
    let at = media::clock::utc_now();
    NewDocument { file, name, side, heading, title, evidence_number, at, made, password, offer }
}
