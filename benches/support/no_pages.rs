//! A dossier without pages, for hearings that need none.

use court::EvidenceDraft;
use hub::{Bearings, Deposit, PageImage, Pages, Piece};
use model::{CaseId, Day, DocId, PageRef};
use protocol::wire::{
    Catalogue, CatalogueDoc, CommandOutcome, Found, Mend, PageInfo, StatutePage, StatuteResults, Taken,
};

/// See the module.
pub(crate) struct NoPages;

impl Pages for NoPages {
    fn search(&self, _: &CaseId, _: &str, _: usize) -> Found {
        Found::default()
    }
    fn understand(&self, _: &CaseId, _: &Bearings, _: &str) -> CommandOutcome {
        CommandOutcome::NotUnderstood
    }
    fn pages_ready(&self, _: &CaseId) -> (u32, u32) {
        (0, 0)
    }
    fn revision(&self, _: &CaseId) -> u64 {
        0
    }
    fn alike(&self, _: &CaseId, _: &str, _: &[String]) -> Vec<String> {
        Vec::new()
    }
    fn vocabulary(&self, _: &CaseId) -> Vec<String> {
        Vec::new()
    }
    fn evidence(&self, _: &CaseId) -> Vec<EvidenceDraft> {
        Vec::new()
    }
    fn catalogue(&self, _: &CaseId) -> Result<Catalogue, String> {
        Err("no dossier here".to_owned())
    }
    fn page(&self, _: &CaseId, _: &PageRef) -> Result<PageInfo, String> {
        Err("no dossier here".to_owned())
    }
    fn image(&self, _: &CaseId, _: &PageRef, _: u32) -> Result<PageImage, String> {
        Err("no dossier here".to_owned())
    }
    fn statutes(&self, query: &str, date: Day) -> Result<StatuteResults, String> {
        Ok(StatuteResults { query: query.to_owned(), date, hits: Vec::new(), laws: 0, took_us: 0 })
    }
    fn statute(&self, _: &str, _: Day, _: &str) -> Result<Option<StatutePage>, String> {
        Ok(None)
    }
    fn pieces(&self, _: &CaseId) -> Vec<Piece> {
        Vec::new()
    }
    fn refile(&self, _: &CaseId, _: &DocId, _: &str) -> Result<(), String> {
        Err("no dossier here".to_owned())
    }
    fn take(&self, _: &CaseId, _: Deposit) -> Result<Taken, String> {
        Err("no dossier here".to_owned())
    }
    fn mend(&self, _: &CaseId, _: Mend) -> Result<(), String> {
        Err("no dossier here".to_owned())
    }
    fn add(&self, _: &CaseId, _: Deposit) -> Result<CatalogueDoc, String> {
        Err("no dossier here".to_owned())
    }
}
