//! The room's door.
//!
//! ```text
//!                 add                        read and committed
//!   (no document) ───► filed, images shown ─────────────────────► searchable, page by page
//!          │ refused: a sentence, nothing kept            ▲
//!          ▼                                              │ killed at any time: open goes on with what is missing
//! ```

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::{CaseId, DocId, PageRef, Side, UtcMs};
use protocol::link::pages::{FromPageWorker, Source, ToPageWorker};
use protocol::wire::{Catalogue, CatalogueDoc, Found, Hit, PageInfo};
use sha2::{Digest, Sha256};

use crate::headings::{Headings, SURE_ENOUGH};
use crate::index::{Index, IndexError};
use crate::intake::{self, DPI_READY, Queues, Task};
use crate::offer::EvidenceOffer;
use crate::pool::{Pool, PoolError, Urgency, WorkerCommand};
use crate::quality::PageNote;
use crate::shelf::Shelf;
use crate::store::{Filed, Store};
use crate::{PageText, catalogue, command, narrowing, vocabulary};

/// Hits of one search.
pub const HITS: usize = 20;
/// Texts kept in memory, in pages.
const TEXTS_MAX: usize = 4000;
/// Pages whose text is looked through for names.
const VOCABULARY_PAGES_MAX: usize = 200;
/// Readings offered for what was heard.
const ALIKE_MAX: usize = 9;
/// Pages read and not yet in the index.
const DONE_MAX: usize = 64;
/// The density whose hash [`PageInfo`] names.
const DPI_SHOWN: u32 = 120;

/// What the dossier needs.
#[derive(Debug, Clone)]
pub struct DossierConfig {
    /// The data directory.
    pub dir: PathBuf,
    /// How a page worker is started.
    pub worker: WorkerCommand,
    /// How many read pages at once.
    pub workers: usize,
    /// How long one page may take.
    pub page_timeout: Duration,
}

/// A file to be filed.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Where its bytes lie.
    pub file: PathBuf,
    /// The name it came with.
    pub name: String,
    /// Whose it is (`Bench` stands for the court).
    pub side: Side,
    /// Where it is filed; empty: found from title and name.
    pub heading: String,
    /// Its title; empty: from its name.
    pub title: String,
    /// The party's evidence number; `None` with an empty title: from its name, if that states one.
    pub evidence_number: Option<u32>,
    /// When it is filed.
    pub at: UtcMs,
    /// What it was drafted as, if it comes from a template.
    pub made: Option<Made>,
    /// Opens it, if it is encrypted.
    pub password: Option<String>,
    /// Brought in during a hearing: held back until the court lets it in.
    pub offer: Option<EvidenceOffer>,
}

/// A paper that was drafted from a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its name, e.g. `record`.
    pub paper: String,
    /// Where it goes by itself.
    pub place: String,
}

/// A document with all that is known of its filing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// It.
    pub doc: DocId,
    /// Whose.
    pub side: Side,
    /// Its heading.
    pub heading: String,
    /// Its title.
    pub title: String,
    /// The party's evidence number.
    pub evidence_number: Option<u32>,
    /// The name it came with.
    pub name: String,
    /// SHA-256 of the original, hex.
    pub sha256: String,
    /// Where the original lies.
    pub file: PathBuf,
    /// Its pages.
    pub pages: u32,
    /// Pages with text, or blank.
    pub pages_read: u32,
    /// Pages that could not be read, in words.
    pub unread: Vec<String>,
    /// When it was filed; unknown of documents of older versions.
    pub at: Option<UtcMs>,
    /// The heading the machine found; `None` where a person gave one.
    pub auto: Option<String>,
    /// The paper it was drafted as.
    pub made: Option<String>,
    /// A person put it under another heading since.
    pub moved: bool,
}

/// The image of a page.
#[derive(Debug, Clone)]
pub struct PageImage {
    /// PNG or JPEG.
    pub bytes: Bytes,
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// SHA-256 of the bytes, lower-case hex.
    pub hash: String,
}

/// The dossier could not do it.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The file or page cannot be read; a sentence for who filed it.
    #[error("{0}")]
    Refused(String),
    /// No such document or page.
    #[error("卷宗中没有这一页（{doc} 第{page}页）")]
    NoPage {
        /// The document asked for.
        doc: DocId,
        /// The page asked for.
        page: u32,
    },
    /// The disk refused.
    #[error(
        "the dossier under {path} cannot be read or written ({source}); check the disk and its permissions"
    )]
    Io {
        /// The data directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Page workers cannot be used.
    #[error("{0}")]
    Worker(String),
    /// Opened by [`Dossier::open_read_only`].
    #[error("the dossier was opened for reading; stop the hub, or file the document through it")]
    ReadOnly,
    /// The dossier is being closed.
    #[error("the dossier is being closed")]
    Closed,
}

impl From<PoolError> for DossierError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Closed => Self::Closed,
            PoolError::Died => Self::Refused("读取文件时程序中断，文件可能已损坏，请重新提交".to_owned()),
            PoolError::TooLong(limit) => {
                Self::Refused(format!("超过{}秒仍未读完，请缩小文件或分册提交", limit.as_secs()))
            }
            other @ PoolError::Start { .. } => Self::Worker(other.to_string()),
        }
    }
}

/// Texts in memory, the longest kept leaving first.
#[derive(Debug, Default)]
struct Texts {
    kept: HashMap<(CaseId, PageRef), Arc<PageText>>,
    order: VecDeque<(CaseId, PageRef)>,
}

/// What callers and background threads share.
pub(crate) struct Room {
    dir: PathBuf,
    pub(crate) store: Store,
    pub(crate) pool: Pool,
    pub(crate) queues: Queues,
    /// `None` only where it was opened for reading before there was any.
    pub(crate) index: Option<Index>,
    shelves: Mutex<HashMap<CaseId, Shelf>>,
    changed: Condvar,
    texts: Mutex<Texts>,
    pub(crate) headings: Headings,
    pub(crate) read_only: bool,
}

/// All dossiers on this machine. Calls block for milliseconds to seconds.
pub struct Dossier {
    pub(crate) room: Arc<Room>,
    threads: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dossier").field("dir", &self.room.dir).finish_non_exhaustive()
    }
}

impl Dossier {
    /// Opens for reading and writing and goes on with pages not read yet. Only one process at a time can: the second gets
    /// [`IndexError::Busy`].
    pub fn open(config: DossierConfig) -> Result<Self, DossierError> {
        let index = Index::open(&config.dir.join("index"))?;
        let anew = index.is_new();
        let room = Arc::new(Room::new(&config, Some(index), false)?);
        let mut dossier = Self { room: Arc::clone(&room), threads: Vec::new() };
        room.load(anew)?;
        let (done, read) = sync_channel(DONE_MAX);
        let io = |source| DossierError::Io { path: config.dir.clone(), source };
        let workers = config.workers.max(1);
        for n in 0..=workers {
            let (room, done) = (Arc::clone(&room), done.clone());
            let reader = std::thread::Builder::new().name(format!("intake-{n}"));
            // One more than there are workers, so that none waits while an answer is being kept. It takes what is quick: the page that
            // is looked at must not wait behind two that are recognised.
            let all = n < workers;
            dossier.threads.push(reader.spawn(move || intake::read_pages(&room, &done, all)).map_err(io)?);
        }
        let indexer = std::thread::Builder::new().name("intake-index".to_owned());
        dossier.threads.push(indexer.spawn(move || intake::index_pages(&room, &read)).map_err(io)?);
        Ok(dossier)
    }

    /// Opens for listing and searching, beside a process that writes. Sees the documents there are at this moment.
    pub fn open_read_only(config: DossierConfig) -> Result<Self, DossierError> {
        let index = match Index::open_read_only(&config.dir.join("index")) {
            Ok(index) => Some(index),
            Err(IndexError::Missing(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let room = Arc::new(Room::new(&config, index, true)?);
        room.load(false)?;
        Ok(Self { room, threads: Vec::new() })
    }

    /// The documents of a case in catalogue order; none for a case without any.
    pub fn catalogue(&self, case: &CaseId) -> Result<Catalogue, DossierError> {
        let shelves = self.room.shelves();
        let Some(shelf) = shelves.get(case) else { return Ok(Catalogue::default()) };
        let mut documents: Vec<_> = shelf.documents.iter().collect();
        catalogue::sort(&mut documents, &self.room.headings);
        let entries = |of: fn(&Filed) -> bool| {
            let listed = documents.iter().filter(|d| of(d));
            listed.map(|d| shelf.entry(d)).collect()
        };
        Ok(Catalogue {
            revision: shelf.revision(),
            docs: entries(Filed::stands),
            retired: entries(|d| d.retired.is_some() && !d.unbound),
            offered: entries(|d| d.held && d.retired.is_none()),
        })
    }

    /// Every document with all that is known of its filing, in the order in which they were filed.
    #[must_use]
    pub fn pieces(&self, case: &CaseId) -> Vec<Piece> {
        let shelves = self.room.shelves();
        let Some(shelf) = shelves.get(case) else { return Vec::new() };
        shelf
            .documents
            .iter()
            .filter(|d| d.stands())
            .map(|d| shelf.piece(d, self.room.store.original(case, &d.sha256, &d.ext)))
            .collect()
    }

    /// Puts a document under another heading.
    pub fn refile(&self, case: &CaseId, doc: &DocId, heading: &str) -> Result<(), DossierError> {
        if self.room.read_only {
            return Err(DossierError::ReadOnly);
        }
        self.room.rewrite(case, |documents| {
            let filed = documents.iter_mut().find(|d| d.doc == *doc);
            let filed = filed.ok_or_else(|| DossierError::NoPage { doc: doc.clone(), page: 1 })?;
            filed.moved |= filed.heading != heading;
            filed.sure = 100;
            heading.clone_into(&mut filed.heading);
            Ok(())
        })
    }

    /// Size, image hash and text of a page; no marks. The page goes before all others that are being read.
    pub fn page(&self, case: &CaseId, page: &PageRef) -> Result<PageInfo, DossierError> {
        let known = self.room.known(case, page)?;
        if !known.text_ready && self.room.stands(case, &page.doc) {
            self.room.queues.first(&Task { case: case.clone(), page: page.clone() });
        }
        let image_hash = self.image(case, page, DPI_SHOWN)?.hash;
        let lines = self.text(case, page)?.map(|t| t.lines()).unwrap_or_default();
        Ok(PageInfo { image_hash, lines, ..known })
    }

    /// The image of a page at 40, 120 or 240 dpi, whichever is nearest.
    pub fn image(&self, case: &CaseId, page: &PageRef, dpi: u32) -> Result<PageImage, DossierError> {
        let room = &*self.room;
        room.known(case, page)?;
        let dpi = match dpi {
            0..=60 => 40,
            61..=160 => 120,
            _ => 240,
        };
        let kept = room.store.image(case, page, dpi).map_err(|e| room.io(e))?;
        let (bytes, media_type) = match kept {
            Some((bytes, media_type)) => (bytes, media_type.to_owned()),
            None => room.render(case, page, dpi, Urgency::Now)?,
        };
        let hash = hex::encode(Sha256::digest(&bytes));
        Ok(PageImage { bytes, media_type, hash })
    }

    /// The hash of a page's image as [`PageInfo`] has it, if the page has been drawn.
    pub fn drawn_hash(&self, case: &CaseId, page: &PageRef) -> Result<Option<String>, DossierError> {
        let room = &*self.room;
        let kept = room.store.image(case, page, DPI_SHOWN).map_err(|e| room.io(e))?;
        Ok(kept.map(|(bytes, _)| hex::encode(Sha256::digest(&bytes))))
    }

    /// The text of a page; `None` while it is being read.
    pub fn text(&self, case: &CaseId, page: &PageRef) -> Result<Option<Arc<PageText>>, DossierError> {
        self.room.text(case, page)
    }

    /// Pages of the case that hold the text, best first, `most` of them; and what the text says besides.
    pub fn search(&self, case: &CaseId, text: &str, most: usize) -> Result<Found, DossierError> {
        let room = &*self.room;
        let Some(index) = &room.index else {
            return Err(IndexError::Missing(room.dir.join("index")).into());
        };
        let catalogue = self.catalogue(case).unwrap_or_default();
        let within = narrowing::within(text, &catalogue);
        let docs = within.as_ref().map(|w| w.docs.as_slice());
        let words = within.as_ref().map_or(text, |w| &w.words);
        let answer = index.search_in(case, docs, words, most, &|page| {
            room.text(case, page).unwrap_or_else(|error| {
                tracing::warn!(%case, doc = %page.doc, page = page.page, %error, "a page found has no text");
                None
            })
        })?;
        let shelves = room.shelves();
        let documents = shelves.get(case).map(|s| s.documents.as_slice()).unwrap_or_default();
        let hits = answer.found.into_iter().filter_map(|f| {
            let document = documents.iter().find(|d| d.doc == f.page.doc && d.stands())?;
            let label = catalogue::label(document.evidence_number, &document.title);
            Some(Hit {
                title: document.title.clone(),
                place: format!("{} › {label}", document.heading),
                page: f.page,
                snippet: f.snippet,
                matched: f.matched,
                rects: f.rects,
                by: f.by,
            })
        });
        Ok(Found {
            hits: hits.collect(),
            pages: answer.pages.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
            places: command::places(text, &catalogue),
            within,
        })
    }

    /// Pages that can be found, and pages in all.
    #[must_use]
    pub fn pages_ready(&self, case: &CaseId) -> (u32, u32) {
        self.room.shelves().get(case).map_or((0, 0), Shelf::pages_ready)
    }

    /// Raised with every change of the case's catalogue, also over restarts.
    #[must_use]
    pub fn revision(&self, case: &CaseId) -> u64 {
        self.room.shelves().get(case).map_or(0, Shelf::revision)
    }

    /// Waits until all pages of the case can be found; `false` if that takes longer than `timeout`.
    #[must_use]
    pub fn wait_ready(&self, case: &CaseId, timeout: Duration) -> bool {
        let until = Instant::now() + timeout;
        let mut shelves = self.room.shelves();
        loop {
            let (ready, all) = shelves.get(case).map_or((0, 0), Shelf::pages_ready);
            if ready >= all {
                return true;
            }
            let Some(left) = until.checked_duration_since(Instant::now()) else { return false };
            let waited = self.room.changed.wait_timeout(shelves, left);
            shelves = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Words of the case for the recogniser, best first, sixty at most.
    #[must_use]
    pub fn vocabulary(&self, case: &CaseId) -> Vec<String> {
        let (titles, texts) = self.reads(case);
        vocabulary::words(&titles, texts.iter().map(String::as_str))
    }

    /// Which of `terms`, and what else on the pages of the case, sounds like `heard`; nearest first.
    #[must_use]
    pub fn alike(&self, case: &CaseId, heard: &str, terms: &[String]) -> Vec<String> {
        let (_, texts) = self.reads(case);
        let terms = terms.iter().map(String::as_str);
        text::alike(heard, terms, texts.iter().map(String::as_str), ALIKE_MAX)
    }

    /// Titles of the documents, and the text of the first pages.
    fn reads(&self, case: &CaseId) -> (Vec<String>, Vec<String>) {
        let Ok(listed) = self.catalogue(case) else { return Default::default() };
        let titles: Vec<_> = listed.docs.iter().map(|d| d.title.clone()).collect();
        let pages = listed
            .docs
            .iter()
            .flat_map(|d| (1..=d.pages.len() as u32).map(|page| PageRef { doc: d.doc.clone(), page }));
        let texts = pages
            .take(VOCABULARY_PAGES_MAX)
            .filter_map(|page| self.text(case, &page).ok().flatten())
            .map(|text| text.plain())
            .collect();
        (titles, texts)
    }
}

impl Drop for Dossier {
    fn drop(&mut self) {
        self.room.queues.stop();
        self.room.pool.close();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the dossier panicked");
            }
        }
    }
}

impl Room {
    fn new(config: &DossierConfig, index: Option<Index>, read_only: bool) -> Result<Self, DossierError> {
        let io = |source| DossierError::Io { path: config.dir.clone(), source };
        let workers = if read_only { 1 } else { config.workers.max(1) };
        Ok(Self {
            dir: config.dir.clone(),
            store: Store::new(&config.dir),
            pool: Pool::new(&config.worker, workers, config.page_timeout).map_err(io)?,
            queues: Queues::default(),
            index,
            shelves: Mutex::default(),
            changed: Condvar::new(),
            texts: Mutex::default(),
            headings: own_headings(&config.dir.join("headings.toml")),
            read_only,
        })
    }

    pub(crate) fn io(&self, source: std::io::Error) -> DossierError {
        DossierError::Io { path: self.dir.clone(), source }
    }

    fn shelves(&self) -> MutexGuard<'_, HashMap<CaseId, Shelf>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is filed and queues what is missing. `anew`: the index is empty, every page must be put again. Pages that
    /// could not be read are tried again: the cause may be gone.
    fn load(&self, anew: bool) -> Result<(), DossierError> {
        for case in self.store.cases().map_err(|e| self.io(e))? {
            let documents = self.store.documents(&case).map_err(|e| self.io(e))?;
            if !self.read_only {
                self.store.sweep(&case, &documents).map_err(|e| self.io(e))?;
            }
            let mut shelf = Shelf::new(documents);
            for d in shelf.documents.clone() {
                let mut notes = Vec::new();
                if !anew {
                    notes = self.store.ready(&case, &d.doc).map_err(|e| self.io(e))?;
                    notes.retain(|n| (1..=d.pages.len()).contains(&(n.page as usize)));
                }
                if !self.read_only {
                    notes.retain(|n| n.failed.is_none());
                    let read: HashSet<u32> = notes.iter().map(|n| n.page).collect();
                    let missing =
                        tasks(&case, &d.doc, d.pages.len()).filter(|t| !read.contains(&t.page.page));
                    if d.stands() {
                        self.queues.add_text(missing);
                    }
                    self.queues.add_images(tasks(&case, &d.doc, d.pages.len()));
                }
                notes.into_iter().for_each(|note| shelf.read(&d.doc, note));
            }
            self.shelves().insert(case, shelf);
        }
        Ok(())
    }

    /// The document that is there already, if the bytes were filed under the same side and heading.
    pub(crate) fn duplicate(&self, case: &CaseId, new: &Filed) -> Option<CatalogueDoc> {
        let shelves = self.shelves();
        let shelf = shelves.get(case)?;
        shelf.documents.iter().find(|d| same(d, new)).map(|d| shelf.entry(d))
    }

    pub(crate) fn count_pages(&self, case: &CaseId, filed: &Filed) -> Result<Vec<(i32, i32)>, DossierError> {
        match self.ask(ToPageWorker::Open { source: self.source(case, filed) })? {
            FromPageWorker::Opened { pages } if !pages.is_empty() => Ok(pages),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks a page worker for what somebody waits for. What it cannot read is refused.
    pub(crate) fn ask(&self, request: ToPageWorker) -> Result<FromPageWorker, DossierError> {
        match self.pool.ask(request, Urgency::Now)?.message {
            FromPageWorker::Failed { sentence } => Err(DossierError::Refused(sentence)),
            message => Ok(message),
        }
    }

    /// Removes the original of a refused document, unless another document of the case has the same bytes.
    pub(crate) fn forget_original(&self, case: &CaseId, refused: &Filed) -> Result<(), DossierError> {
        let shelves = self.shelves();
        let mut documents = shelves.get(case).into_iter().flat_map(|s| &s.documents);
        let keeps = |d: &Filed, sha256: &str, ext: &str| {
            let made_from = d.made_from.as_ref().is_some_and(|(s, e)| s == sha256 && e == ext);
            made_from || (d.sha256 == sha256 && d.ext == ext)
        };
        if documents.any(|d| keeps(d, &refused.sha256, &refused.ext)) {
            return Ok(());
        }
        self.store.drop_original(case, &refused.sha256, &refused.ext).map_err(|e| self.io(e))
    }

    /// Enters a document into the list on disk, then in memory. Whether it is new.
    pub(crate) fn file(&self, case: &CaseId, mut filed: Filed) -> Result<(CatalogueDoc, bool), DossierError> {
        let mut shelves = self.shelves();
        let shelf = shelves.entry(case.clone()).or_default();
        if let Some(there) = shelf.documents.iter().find(|d| same(d, &filed)) {
            return Ok((shelf.entry(there), false));
        }
        filed.doc = next_id(&shelf.documents);
        let mut documents = shelf.documents.clone();
        documents.push(filed.clone());
        // Under the lock, so that two filings do not overwrite each other's list.
        self.store.write_documents(case, &documents).map_err(|e| self.io(e))?;
        shelf.documents = documents;
        let entry = shelf.entry(&filed);
        self.changed.notify_all();
        Ok((entry, true))
    }

    /// What is known of a page without looking at it: no image hash, no lines, no marks.
    pub(crate) fn known(&self, case: &CaseId, page: &PageRef) -> Result<PageInfo, DossierError> {
        let shelves = self.shelves();
        let shelf = shelves.get(case);
        let document = shelf.and_then(|s| s.documents.iter().find(|d| d.doc == page.doc));
        let sized =
            document.zip(page.page.checked_sub(1)).and_then(|(d, n)| Some((d, *d.pages.get(n as usize)?)));
        let (document, size) =
            sized.ok_or_else(|| DossierError::NoPage { doc: page.doc.clone(), page: page.page })?;
        Ok(PageInfo {
            side: document.side,
            evidence_number: document.evidence_number,
            title: document.title.clone(),
            size,
            turn: shelf.map_or(0, |s| s.turn(document, page.page)),
            image_hash: String::new(),
            lines: Vec::new(),
            text_ready: shelf.is_some_and(|s| s.has_read(page)),
            marks: Vec::new(),
            links: Vec::new(),
        })
    }

    /// How high a page is, in page units.
    pub(crate) fn height(&self, case: &CaseId, page: &PageRef) -> Option<i32> {
        self.known(case, page).ok().map(|p| p.size.1)
    }

    /// Where the original of a page's document lies.
    pub(crate) fn original(&self, case: &CaseId, page: &PageRef) -> Option<Source> {
        let shelves = self.shelves();
        Some(self.source(case, shelves.get(case)?.document(&page.doc)?))
    }

    pub(crate) fn source(&self, case: &CaseId, filed: &Filed) -> Source {
        let file = self.store.original(case, &filed.sha256, &filed.ext);
        Source { file, password: filed.password.clone() }
    }

    /// Where the page of a document that was bound anew comes from.
    pub(crate) fn leaf(&self, case: &CaseId, page: &PageRef) -> Option<PageRef> {
        let shelves = self.shelves();
        let filed = shelves.get(case)?.document(&page.doc)?;
        filed.leaves.get((page.page as usize).checked_sub(1)?).cloned()
    }

    /// Reads and draws all pages of a document in the background.
    pub(crate) fn queue(&self, case: &CaseId, doc: &DocId, pages: usize) {
        if self.stands(case, doc) {
            self.queues.add_text(tasks(case, doc, pages));
        }
        self.queues.add_images(tasks(case, doc, pages));
    }

    /// What is known of a case's documents, while nothing else changes it; nothing for a case without any.
    pub(crate) fn with_shelf<T>(&self, case: &CaseId, look: impl FnOnce(&mut Shelf) -> T) -> Option<T> {
        self.shelves().get_mut(case).map(look)
    }

    /// Changes the list of documents on disk, then in memory; an error changes nothing.
    pub(crate) fn rewrite(
        &self,
        case: &CaseId,
        change: impl FnOnce(&mut Vec<Filed>) -> Result<(), DossierError>,
    ) -> Result<(), DossierError> {
        let mut shelves = self.shelves();
        let missing = || DossierError::Refused("这个案件还没有卷宗".to_owned());
        let shelf = shelves.get_mut(case).ok_or_else(missing)?;
        let mut documents = shelf.documents.clone();
        change(&mut documents)?;
        // Under the lock, so that two changes do not overwrite each other's list.
        self.store.write_documents(case, &documents).map_err(|e| self.io(e))?;
        shelf.documents = documents;
        shelf.acts += 1;
        self.changed.notify_all();
        Ok(())
    }

    /// The first page of a document was read: it may say what the document is, where nobody has said.
    pub(crate) fn look_at_title(&self, case: &CaseId, doc: &DocId, text: &str) {
        let shelves = self.shelves();
        let Some(filed) = shelves.get(case).and_then(|s| s.document(doc)).cloned() else { return };
        drop(shelves);
        if filed.auto.is_none() || filed.moved || filed.made.is_some() || filed.sure >= SURE_ENOUGH {
            return;
        }
        let Some((title, judged)) = self.headings.judge_page(filed.side, text.lines()) else { return };
        let done = self.rewrite(case, |documents| {
            let filed = documents.iter_mut().find(|d| d.doc == *doc && !d.moved);
            let Some(filed) = filed else { return Ok(()) };
            filed.sure = judged.sure;
            filed.auto = Some(judged.heading.clone());
            filed.heading = judged.heading;
            if std::mem::take(&mut filed.untitled) {
                filed.title = title;
            }
            Ok(())
        });
        if let Err(error) = done {
            tracing::warn!(%case, %doc, %error, "the heading found for a document is not kept");
        }
    }

    /// Makes and keeps an image.
    pub(crate) fn render(
        &self,
        case: &CaseId,
        page: &PageRef,
        dpi: u32,
        urgency: Urgency,
    ) -> Result<(Bytes, String), DossierError> {
        let missing = || DossierError::NoPage { doc: page.doc.clone(), page: page.page };
        let source = self.original(case, page).ok_or_else(missing)?;
        let frame = self.pool.ask(ToPageWorker::Render { source, page: page.page, dpi }, urgency)?;
        match frame.message {
            FromPageWorker::Image { media_type, .. } => {
                if let Err(error) = self.store.write_image(case, page, dpi, &media_type, &frame.body) {
                    tracing::warn!(%error, "a page image is not kept; it is made again when needed");
                }
                Ok((frame.body, media_type))
            }
            FromPageWorker::Failed { sentence } => Err(DossierError::Refused(sentence)),
            other => Err(unexpected(&other)),
        }
    }

    fn text(&self, case: &CaseId, page: &PageRef) -> Result<Option<Arc<PageText>>, DossierError> {
        let key = (case.clone(), page.clone());
        let texts = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts().kept.get(&key) {
            return Ok(Some(Arc::clone(text)));
        }
        let Some((text, _)) = self.store.page(case, page).map_err(|e| self.io(e))? else { return Ok(None) };
        let text = Arc::new(text);
        let mut texts = texts();
        if texts.kept.insert(key.clone(), Arc::clone(&text)).is_none() {
            texts.order.push_back(key);
        }
        while texts.order.len() > TEXTS_MAX {
            if let Some(oldest) = texts.order.pop_front() {
                texts.kept.remove(&oldest);
            }
        }
        Ok(Some(text))
    }

    /// These pages can be found from now on.
    pub(crate) fn mark_ready<'a>(&self, pages: impl Iterator<Item = (&'a Task, &'a PageNote)>) {
        let mut shelves = self.shelves();
        for (task, note) in pages {
            shelves.entry(task.case.clone()).or_default().read(&task.page.doc, note.clone());
        }
        self.changed.notify_all();
    }
}

pub(crate) fn unexpected(answer: &FromPageWorker) -> DossierError {
    DossierError::Worker(format!("a page worker gave another answer than asked for: {answer:?}"))
}

/// The court's own headings, or those of the product.
fn own_headings(path: &Path) -> Headings {
    match std::fs::read_to_string(path) {
        Ok(text) => Headings::parse(&text).unwrap_or_else(|error| {
            tracing::error!(file = %path.display(), %error, "the court's headings are not used; correct the file and start again");
            Headings::default()
        }),
        Err(_) => Headings::default(),
    }
}

/// Whether `there` has the bytes of `new` under the same side and heading. What is held back does not stand in for what is filed.
fn same(there: &Filed, new: &Filed) -> bool {
    let (a, b) = (there, new);
    let came_as = |d: &Filed| d.made_from.clone().map_or_else(|| d.sha256.clone(), |(sha256, _)| sha256);
    let filed_as = |d: &Filed| (d.side, d.auto.clone().unwrap_or_else(|| d.heading.clone()));
    a.retired.is_none() && (!a.held || b.held) && came_as(a) == came_as(b) && filed_as(a) == filed_as(b)
}

pub(crate) fn tasks(case: &CaseId, doc: &DocId, pages: usize) -> impl Iterator<Item = Task> {
    let (case, doc) = (case.clone(), doc.clone());
    (1..=pages as u32).map(move |page| Task { case: case.clone(), page: PageRef { doc: doc.clone(), page } })
}

/// `d001`, `d002` …: documents are never taken out again, so their number says the next.
pub(crate) fn next_id(documents: &[Filed]) -> DocId {
    id(documents.len() + 1)
}

pub(crate) fn first_id() -> DocId {
    id(1)
}

#[expect(
    clippy::expect_used,
    reason = "a letter and digits, far below the length limit, are a well-formed id"
)]
fn id(n: usize) -> DocId {
    DocId::new(format!("d{n:03}")).expect("a letter and digits")
}

/// The extension an original is kept under: short and plain, or `bin`.
pub(crate) fn extension(name: &str) -> String {
    let ext = name.rsplit_once('.').map(|(_, ext)| ext.to_ascii_lowercase()).unwrap_or_default();
    let plain = (1..=5).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { ext } else { "bin".to_owned() }
}

const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Dossier>();
    assert!(DPI_READY[0] == DPI_SHOWN);
};
