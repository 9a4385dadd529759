//! What hub and server need of the dossier, as a trait, so that their tests need no PDFs.

use std::path::PathBuf;

use bytes::Bytes;
use court::EvidenceDraft;
use dossier::command::EvidenceGroup;
pub use dossier::{EvidenceOffer, Made, Offered, Piece};
use model::{CaseId, Day, DocId, PageRef, Side};
use protocol::wire::{
    Catalogue, CatalogueDoc, CommandOutcome, Found, Mend, PageInfo, StatutePage, StatuteResults, Taken,
};

/// What a spoken command can refer to besides the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bearings {
    /// The page that the bench looks at, else the one on the screens.
    pub page: Option<PageRef>,
    /// The side whose evidence is being examined.
    pub presenting: Option<Side>,
    /// The groups into which the parties put their evidence, in order.
    pub groups: Vec<EvidenceGroup>,
    /// The day of the hearing: laws are cited as in force then.
    pub day: Option<Day>,
}

/// A file to be filed.
#[derive(Debug, Clone)]
pub struct Deposit {
    /// Where its bytes lie.
    pub file: PathBuf,
    /// The name it came with.
    pub name: String,
    /// Whose it is (`Bench` stands for the court).
    pub side: Side,
    /// Where it is filed; empty: found by itself.
    pub heading: String,
    /// Its title; empty: from its name.
    pub title: String,
    /// The party's evidence number.
    pub evidence_number: Option<u32>,
    /// What it was drafted as, if it comes from a template.
    pub made: Option<Made>,
    /// Opens it, if it is encrypted.
    pub password: Option<String>,
    /// Brought in during a hearing: held back until the court lets it in.
    pub offer: Option<EvidenceOffer>,
}

/// A page image.
#[derive(Debug, Clone)]
pub struct PageImage {
    /// PNG or JPEG.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 (hex) of the bytes.
    pub hash: String,
}

/// The dossier. Calls may take milliseconds to seconds: they are made on blocking threads. Errors are sentences.
pub trait Pages: Send + Sync + 'static {
    /// Pages of the case that hold the text, best first, `most` of them.
    fn search(&self, case: &CaseId, text: &str, most: usize) -> Found;
    /// What a spoken command of the bench means.
    fn understand(&self, case: &CaseId, bearings: &Bearings, text: &str) -> CommandOutcome;
    /// Pages with text, and pages in all.
    fn pages_ready(&self, case: &CaseId) -> (u32, u32);
    /// Raised with every change of the case's catalogue.
    fn revision(&self, case: &CaseId) -> u64;
    /// Words of the case that the recogniser is told to expect, best first.
    fn vocabulary(&self, case: &CaseId) -> Vec<String>;
    /// Which of `terms`, and what else on the pages of the case, sounds like `heard`; nearest first.
    fn alike(&self, case: &CaseId, heard: &str, terms: &[String]) -> Vec<String>;
    /// Evidence items filed with a number, in catalogue order.
    fn evidence(&self, case: &CaseId) -> Vec<EvidenceDraft>;
    /// The catalogue.
    fn catalogue(&self, case: &CaseId) -> Result<Catalogue, String>;
    /// Size, image hash and text of a page (its marks are the court's).
    fn page(&self, case: &CaseId, page: &PageRef) -> Result<PageInfo, String>;
    /// The hash of a page's image as [`PageInfo`] has it, where the page has been drawn; nothing is drawn for it. None: nothing to hold a hash
    /// against.
    fn drawn_hash(&self, _case: &CaseId, _page: &PageRef) -> Option<String> {
        None
    }
    /// The image of a page, about `dpi` dots per inch.
    fn image(&self, case: &CaseId, page: &PageRef, dpi: u32) -> Result<PageImage, String>;
    /// Articles in force on a day that `query` asks for.
    fn statutes(&self, query: &str, date: Day) -> Result<StatuteResults, String>;
    /// An article between its neighbours, if it is there.
    fn statute(&self, law: &str, version: Day, article: &str) -> Result<Option<StatutePage>, String>;
    /// Every document with all that is known of its filing, in the order in which they were filed.
    fn pieces(&self, case: &CaseId) -> Vec<Piece>;
    /// Puts a document under another heading.
    fn refile(&self, case: &CaseId, doc: &DocId, heading: &str) -> Result<(), String>;
    /// Mends the dossier.
    fn mend(&self, case: &CaseId, mend: Mend) -> Result<(), String>;
    /// Files what was handed in: a document, or all that an archive holds.
    fn take(&self, case: &CaseId, deposit: Deposit) -> Result<Taken, String>;
    /// What was brought in during a hearing and waits to be let in.
    fn offered(&self, _case: &CaseId) -> Vec<Offered> {
        Vec::new()
    }
    /// What was brought in so and never let in, also what was refused since, each with its side: not for the others.
    fn withheld(&self, case: &CaseId) -> Vec<(DocId, Side)> {
        self.offered(case).into_iter().map(|o| (o.doc, o.side)).collect()
    }
    /// Lets such a document in, as evidence under `number`. Done already, it changes nothing.
    fn let_in(&self, _case: &CaseId, doc: &DocId, _number: Option<u32>) -> Result<(), String> {
        Err(format!("{doc} was not offered"))
    }
    /// Keeps it out. Done already, it changes nothing.
    fn keep_out(&self, _case: &CaseId, doc: &DocId) -> Result<(), String> {
        Err(format!("{doc} was not offered"))
    }
    /// Files a document.
    fn add(&self, case: &CaseId, deposit: Deposit) -> Result<CatalogueDoc, String>;
}
