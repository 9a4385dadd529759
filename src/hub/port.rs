//! What the hub needs of the dossier, as a trait, so that its tests need no PDFs.

use model::{CaseId, PageRef};
use protocol::wire::{CommandOutcome, Hit};

/// What was found, and how long it took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Best first.
    pub hits: Vec<Hit>,
    /// In microseconds.
    pub took_us: u32,
}

/// What a spoken command can refer to besides the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bearings {
    /// The page the judge looks at.
    pub page: Option<PageRef>,
    /// The side whose evidence is being examined.
    pub presenting: Option<model::Side>,
}

/// The dossier as the hub sees it. Calls may take milliseconds: the hub makes them on a blocking thread.
pub trait Pages: Send + Sync + 'static {
    /// Pages of the case that hold the text, best first.
    fn search(&self, case: &CaseId, text: &str) -> Found;
    /// What a spoken command of the bench means.
    fn understand(&self, case: &CaseId, bearings: &Bearings, text: &str) -> CommandOutcome;
    /// Pages with text, and pages in all.
    fn pages_ready(&self, case: &CaseId) -> (u32, u32);
    /// Raised with every change of the case's catalogue.
    fn revision(&self, case: &CaseId) -> u64;
    /// Words for the recogniser's prompt.
    fn vocabulary(&self, case: &CaseId) -> Vec<String>;
}
