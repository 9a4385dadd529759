//! The room's door.
//!
//! ```text
//!   add: original kept ─► pages counted ─► in the catalogue, pages visible
//!                                             └─ readers: text or OCR ─► page file ─► index ─► commit ─► ready
//! ```
//! What is not ready yet is taken up again at the next start. All calls block; none waits for the readers.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::{CaseId, DocId, PageRef, Side};
use protocol::link::pages::{FromPageWorker, ToPageWorker};
use protocol::wire::{Catalogue, CatalogueDoc, Hit, PageInfo};
use sha2::{Digest, Sha256};

use crate::catalogue;
use crate::index::{Index, IndexError};
use crate::page_text::PageText;
use crate::pool::{Pool, Want, WorkerCommand};
use crate::store::{Document, Files, PageRecord};

/// Resolutions of page images, in dots per inch: thumbnail, reading, close reading.
const DPIS: [u32; 3] = [40, 120, 240];
/// The image that `PageInfo` speaks of.
const READING_DPI: u32 = 120;
/// Pages a search gives.
const HITS_MAX: usize = 50;
/// Page texts kept in memory (about 30 KB each).
const TEXTS_KEPT: usize = 4096;
/// The index is committed at most so often.
const COMMIT_EVERY: Duration = Duration::from_millis(250);
/// Fewer letters than this on a page with a picture: the text is a stamp or a page number, the page a scan.
const LETTERS_MIN: usize = 8;

/// The dossier's slice of the settings.
#[derive(Debug, Clone)]
pub struct DossierConfig {
    /// The data directory.
    pub dir: PathBuf,
    /// How page workers are started.
    pub worker: WorkerCommand,
    /// How many.
    pub workers: usize,
    /// A page that takes longer is given up.
    pub page_timeout: Duration,
}

/// A document to be filed.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Where its bytes lie.
    pub file: PathBuf,
    /// The name it came with.
    pub name: String,
    /// Whose it is (`Bench` stands for the court).
    pub side: Side,
    /// Where it is filed; empty: found by its title.
    pub heading: String,
    /// Its title; empty: from its name.
    pub title: String,
    /// The party's evidence number.
    pub evidence_number: Option<u32>,
}

/// A page image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// PNG or JPEG.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 (hex) of the bytes.
    pub hash: String,
}

/// Why the dossier cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// A file or folder.
    #[error("{path}: {cause}; check the disk and its permissions")]
    Disk {
        /// Which.
        path: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The page workers.
    #[error("page workers cannot be started: {0}")]
    Workers(io::Error),
    /// The file is none that can be taken in.
    #[error("{name} 无法收入卷宗：{sentence}")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why, and what to do.
        sentence: String,
    },
    /// No such document or page.
    #[error("卷宗中没有文件 {doc} 第{page}页")]
    NoPage {
        /// Document.
        doc: DocId,
        /// Page.
        page: u32,
    },
    /// A page could not be read or rendered.
    #[error("{0}")]
    Page(String),
    /// Opened for reading only.
    #[error("the dossier is open for reading only: file documents through the running hub")]
    ReadOnly,
}

#[derive(Debug, Default)]
struct Case {
    documents: Vec<Document>,
    revision: u64,
    ready: HashSet<PageRef>,
    problems: HashMap<DocId, Vec<(u32, String)>>,
}

#[derive(Debug, Default)]
struct State {
    cases: HashMap<CaseId, Case>,
    /// Pages without text.
    unread: VecDeque<(CaseId, PageRef)>,
    /// Pages read whose text the index has not committed.
    uncommitted: Vec<(CaseId, PageRef)>,
    /// Pages whose images are not made yet.
    unrendered: VecDeque<(CaseId, PageRef)>,
    texts: HashMap<(CaseId, PageRef), Arc<PageText>>,
}

struct Shared {
    config: DossierConfig,
    files: Files,
    index: Index,
    pool: Option<Pool>,
    state: Mutex<State>,
    /// Something was added, read or committed.
    changed: Condvar,
    stop: AtomicBool,
    revisions: AtomicU64,
}

/// See the module.
pub struct Dossier {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Dossier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dossier").field("dir", &self.shared.config.dir).finish_non_exhaustive()
    }
}

impl Drop for Dossier {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to tell.
            let _ = thread.join();
        }
    }
}

impl Dossier {
    /// Opens the dossiers of all cases, and goes on reading pages where it was interrupted.
    pub fn open(config: DossierConfig) -> Result<Self, DossierError> {
        let index = Index::open(&config.dir.join("index"))?;
        let pool = Pool::start(&config.worker, config.workers, config.page_timeout).map_err(DossierError::Workers)?;
        let workers = config.workers.max(1);
        let shared = Arc::new(Shared::load(config, index, Some(pool))?);
        let mut threads = Vec::new();
        for n in 0..workers {
            let shared = Arc::clone(&shared);
            let name = std::thread::Builder::new().name(format!("reader-{n}"));
            threads.push(name.spawn(move || shared.read_pages()).map_err(DossierError::Workers)?);
        }
        let committing = Arc::clone(&shared);
        let name = std::thread::Builder::new().name("index".to_owned());
        threads.push(name.spawn(move || committing.commit_pages()).map_err(DossierError::Workers)?);
        Ok(Self { shared, threads })
    }

    /// Opens for listing and searching while another process files and reads.
    pub fn open_read_only(config: DossierConfig) -> Result<Self, DossierError> {
        let index = Index::open_read_only(&config.dir.join("index"))?;
        Ok(Self { shared: Arc::new(Shared::load(config, index, None)?), threads: Vec::new() })
    }

    /// Files a document: keeps the original, counts its pages, and has them read in the background. A file that is filed under
    /// the same heading already is given back as it stands.
    pub fn add(&self, case: &CaseId, new: NewDocument) -> Result<CatalogueDoc, DossierError> {
        self.shared.add(case, new)
    }

    /// All documents of a case, in the order of the file.
    pub fn catalogue(&self, case: &CaseId) -> Result<Catalogue, DossierError> {
        let state = self.shared.lock();
        let Some(found) = state.cases.get(case) else { return Ok(Catalogue { revision: 0, docs: Vec::new() }) };
        let mut documents: Vec<&Document> = found.documents.iter().collect();
        catalogue::sort(&mut documents);
        let docs = documents.into_iter().map(|d| found.listed(d)).collect();
        Ok(Catalogue { revision: found.revision, docs })
    }

    /// Size, image hash and text of a page. Marks are the court's and left empty.
    pub fn page(&self, case: &CaseId, page: &PageRef) -> Result<PageInfo, DossierError> {
        let (_, size) = self.shared.find(case, page)?;
        let text = self.shared.text(case, page);
        let image_hash = self.image(case, page, READING_DPI)?.hash;
        let lines = text.as_ref().map(|t| t.lines()).unwrap_or_default();
        Ok(PageInfo { size, image_hash, lines, text_ready: text.is_some(), marks: Vec::new() })
    }

    /// The image of a page in the smallest kept resolution from `dpi` on.
    pub fn image(&self, case: &CaseId, page: &PageRef, dpi: u32) -> Result<Image, DossierError> {
        let dpi = DPIS.into_iter().find(|d| *d >= dpi).unwrap_or(DPIS[2]);
        self.shared.image(case, page, dpi, Want::Now)
    }

    /// The text of a page, once it has been read.
    #[must_use]
    pub fn text(&self, case: &CaseId, page: &PageRef) -> Option<Arc<PageText>> {
        self.shared.text(case, page)
    }

    /// Pages of the case that hold `text`, best first.
    pub fn search(&self, case: &CaseId, text: &str) -> Result<Vec<Hit>, DossierError> {
        let texts = |page: &PageRef| self.shared.text(case, page);
        let found = self.shared.index.search(case, text, HITS_MAX, &texts)?;
        let hits = found.into_iter().filter_map(|f| {
            let (document, _) = self.shared.find(case, &f.page).ok()?;
            Some(Hit {
                place: catalogue::place(&document),
                title: document.title,
                page: f.page,
                snippet: f.snippet,
                matched: f.matched,
                rects: f.rects,
                by_sound: f.by_sound,
            })
        });
        Ok(hits.collect())
    }

    /// Pages that can be searched, and pages in all.
    #[must_use]
    pub fn pages_ready(&self, case: &CaseId) -> (u32, u32) {
        self.shared.lock().cases.get(case).map_or((0, 0), Case::progress)
    }

    /// Raised with every change of the case's catalogue.
    #[must_use]
    pub fn revision(&self, case: &CaseId) -> u64 {
        self.shared.lock().cases.get(case).map_or(0, |c| c.revision)
    }

    /// Waits until every page of the case can be searched; `false` if `timeout` came first.
    #[must_use]
    pub fn wait_ready(&self, case: &CaseId, timeout: Duration) -> bool {
        let until = Instant::now() + timeout;
        let mut state = self.shared.lock();
        loop {
            let (ready, all) = state.cases.get(case).map_or((0, 0), Case::progress);
            if ready >= all {
                return true;
            }
            let Some(left) = until.checked_duration_since(Instant::now()) else { return false };
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Words of the case for the recogniser, best first: titles of evidence, then names that papers introduce.
    #[must_use]
    pub fn vocabulary(&self, case: &CaseId) -> Vec<String> {
        let documents: Vec<Document> =
            self.shared.lock().cases.get(case).map(|c| c.documents.clone()).unwrap_or_default();
        let mut words: Vec<String> = Vec::new();
        for document in &documents {
            for page in 1..=document.pages.len().min(2) as u32 {
                let page = PageRef { doc: document.id.clone(), page };
                if let Some(text) = self.shared.text(case, &page) {
                    words.extend(names(&text.plain()));
                }
            }
        }
        words.extend(documents.iter().filter(|d| d.evidence_number.is_some()).map(|d| d.title.clone()));
        let mut seen = HashSet::new();
        words.retain(|w| (2..=8).contains(&w.chars().count()) && seen.insert(w.clone()));
        words.truncate(60);
        words
    }
}

/// Names behind the words that introduce a person in a court paper.
fn names(text: &str) -> Vec<String> {
    const ROLES: [&str; 8] =
        ["原告：", "被告：", "第三人：", "委托诉讼代理人：", "审判长：", "审判员：", "书记员：", "出借人："];
    let mut found = Vec::new();
    for role in ROLES {
        for (at, _) in text.match_indices(role) {
            let rest = &text[at + role.len()..];
            let name: String = rest.chars().take_while(|c| text::is_hanzi(*c)).collect();
            if (2..=4).contains(&name.chars().count()) {
                found.push(name);
            }
        }
    }
    found
}

impl Case {
    fn progress(&self) -> (u32, u32) {
        let all: usize = self.documents.iter().map(|d| d.pages.len()).sum();
        (self.ready.len() as u32, all as u32)
    }

    fn listed(&self, document: &Document) -> CatalogueDoc {
        let ready = self.ready.iter().filter(|p| p.doc == document.id).count() as u32;
        let mut problems = self.problems.get(&document.id).cloned().unwrap_or_default();
        problems.sort();
        catalogue::listed(document, ready, problems.into_iter().map(|(_, sentence)| sentence).collect())
    }

    fn note_problem(&mut self, page: &PageRef, record: &PageRecord) {
        if let Some(sentence) = catalogue::problem(page.page, record) {
            let problems = self.problems.entry(page.doc.clone()).or_default();
            problems.retain(|(n, _)| *n != page.page);
            problems.push((page.page, sentence));
        }
    }
}

impl Shared {
    fn load(config: DossierConfig, index: Index, pool: Option<Pool>) -> Result<Self, DossierError> {
        let files = Files::at(&config.dir);
        let mut state = State::default();
        let disk = |cause| DossierError::Disk { path: config.dir.clone(), cause };
        for id in files.cases().map_err(disk)? {
            let mut case = Case { documents: files.documents(&id).map_err(disk)?, revision: 1, ..Case::default() };
            for document in case.documents.clone() {
                for page in 1..=document.pages.len() as u32 {
                    let page = PageRef { doc: document.id.clone(), page };
                    // An unreadable page file is as good as none: the page is read again.
                    let record = files.page(&id, &page).unwrap_or_default();
                    match &record {
                        Some(record) => case.note_problem(&page, record),
                        None => state.unread.push_back((id.clone(), page.clone())),
                    }
                    if record.is_some() && files.is_indexed(&id, &page) && !index.is_new() {
                        case.ready.insert(page.clone());
                    } else if let Some(record) = record.filter(|_| pool.is_some()) {
                        index.put(&id, &page, &record.text.plain())?;
                        state.uncommitted.push((id.clone(), page.clone()));
                    }
                    state.unrendered.push_back((id.clone(), page));
                }
            }
            state.cases.insert(id, case);
        }
        Ok(Self {
            files,
            index,
            pool,
            state: Mutex::new(state),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            revisions: AtomicU64::new(1),
            config,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn disk(&self, cause: io::Error) -> DossierError {
        DossierError::Disk { path: self.config.dir.clone(), cause }
    }

    fn pool(&self) -> Result<&Pool, DossierError> {
        self.pool.as_ref().ok_or(DossierError::ReadOnly)
    }

    fn next_revision(&self) -> u64 {
        self.revisions.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn add(&self, case: &CaseId, new: NewDocument) -> Result<CatalogueDoc, DossierError> {
        let pool = self.pool()?;
        let extension = extension(&new.name);
        let kept = self.files.keep_original(case, &new.file, &extension);
        let (sha256, original) = kept.map_err(|cause| DossierError::Disk { path: new.file.clone(), cause })?;
        let title = if new.title.is_empty() { catalogue::title_of(&new.name) } else { new.title };
        let heading = match new.heading.is_empty() {
            true => catalogue::heading_of(new.side, &title, new.evidence_number.is_some()),
            false => new.heading,
        };
        let same = |d: &&Document| d.sha256 == sha256 && d.side == new.side && d.heading == heading;
        if let Some(found) = self.lock().cases.get(case)
            && let Some(known) = found.documents.iter().find(same)
        {
            return Ok(found.listed(known));
        }
        let pages = match pool.ask(ToPageWorker::Open { file: original }, Want::Now) {
            Ok((FromPageWorker::Opened { pages }, _)) => pages,
            Ok(_) => return Err(DossierError::Page("页面处理进程答非所问".to_owned())),
            // The bytes are kept: nothing that was handed in is lost.
            Err(sentence) => return Err(DossierError::Unreadable { name: new.name, sentence }),
        };
        let mut state = self.lock();
        let entry = state.cases.entry(case.clone()).or_default();
        let id = free_id(&sha256, &entry.documents);
        let document = Document {
            id,
            sha256,
            extension,
            name: new.name,
            side: new.side,
            heading,
            title,
            evidence_number: new.evidence_number,
            pages,
        };
        entry.documents.push(document.clone());
        if let Err(cause) = self.files.write_documents(case, &entry.documents) {
            entry.documents.pop();
            return Err(self.disk(cause));
        }
        entry.revision = self.next_revision();
        let listed = entry.listed(&document);
        for page in 1..=document.pages.len() as u32 {
            let page = PageRef { doc: document.id.clone(), page };
            state.unread.push_back((case.clone(), page.clone()));
            state.unrendered.push_back((case.clone(), page));
        }
        drop(state);
        self.changed.notify_all();
        Ok(listed)
    }

    fn find(&self, case: &CaseId, page: &PageRef) -> Result<(Document, (i32, i32)), DossierError> {
        let state = self.lock();
        let found = state.cases.get(case).and_then(|c| c.documents.iter().find(|d| d.id == page.doc));
        let sized = found.and_then(|d| {
            let size = d.pages.get((page.page as usize).checked_sub(1)?)?;
            Some((d.clone(), *size))
        });
        sized.ok_or_else(|| DossierError::NoPage { doc: page.doc.clone(), page: page.page })
    }

    fn text(&self, case: &CaseId, page: &PageRef) -> Option<Arc<PageText>> {
        let key = (case.clone(), page.clone());
        if let Some(text) = self.lock().texts.get(&key) {
            return Some(Arc::clone(text));
        }
        let record = self.files.page(case, page).unwrap_or_else(|error| {
            tracing::error!(%error, doc = %page.doc, page = page.page, "the text of a page cannot be read");
            None
        })?;
        let text = Arc::new(record.text);
        let mut state = self.lock();
        if state.texts.len() >= TEXTS_KEPT {
            state.texts.clear();
        }
        state.texts.insert(key, Arc::clone(&text));
        Some(text)
    }

    fn image(&self, case: &CaseId, page: &PageRef, dpi: u32, want: Want) -> Result<Image, DossierError> {
        let (document, _) = self.find(case, page)?;
        let stored = match self.files.image(case, page, dpi) {
            Some(stored) => stored,
            None => {
                let file = self.files.original(case, &document);
                let request = ToPageWorker::Render { file, page: page.page, dpi };
                match self.pool()?.ask(request, want).map_err(DossierError::Page)? {
                    (FromPageWorker::Image { media_type, .. }, bytes) => {
                        let written = self.files.write_image(case, page, dpi, &media_type, &bytes);
                        written.map_err(|e| self.disk(e))?
                    }
                    _ => return Err(DossierError::Page("页面处理进程答非所问".to_owned())),
                }
            }
        };
        let hash = hex::encode(Sha256::digest(&stored.bytes));
        Ok(Image { bytes: stored.bytes.into(), media_type: stored.media_type.to_owned(), hash })
    }

    /// A reader's life: text first, then images, until the dossier is closed.
    fn read_pages(&self) {
        loop {
            let (read, render) = {
                let mut state = self.lock();
                loop {
                    if self.stop.load(Ordering::Acquire) {
                        return;
                    }
                    if let Some(next) = state.unread.pop_front() {
                        break (Some(next), None);
                    }
                    if let Some(next) = state.unrendered.pop_front() {
                        break (None, Some(next));
                    }
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            };
            if let Some((case, page)) = read {
                self.read_page(&case, &page);
            }
            if let Some((case, page)) = render {
                for dpi in [READING_DPI, DPIS[0]] {
                    if let Err(error) = self.image(&case, &page, dpi, Want::Whenever) {
                        tracing::warn!(%error, doc = %page.doc, page = page.page, "a page image could not be made");
                    }
                }
            }
        }
    }

    fn read_page(&self, case: &CaseId, page: &PageRef) {
        let Ok((document, _)) = self.find(case, page) else { return };
        let record = if self.files.has_text(case, page) {
            self.files.page(case, page).ok().flatten().unwrap_or_default()
        } else {
            let record = self.recognise(case, &document, page);
            if let Err(error) = self.files.write_page(case, page, &record) {
                tracing::error!(%error, "the text of a page could not be kept; it is read again at the next start");
            }
            record
        };
        if let Err(error) = self.index.put(case, page, &record.text.plain()) {
            tracing::error!(%error, "a page could not be put into the index");
        }
        let mut state = self.lock();
        if let Some(found) = state.cases.get_mut(case) {
            found.note_problem(page, &record);
        }
        state.uncommitted.push((case.clone(), page.clone()));
        drop(state);
        self.changed.notify_all();
    }

    fn recognise(&self, case: &CaseId, document: &Document, page: &PageRef) -> PageRecord {
        let (file, number) = (self.files.original(case, document), page.page);
        let failed = |sentence| PageRecord { failed: Some(sentence), ..PageRecord::default() };
        let Ok(pool) = self.pool() else { return PageRecord::default() };
        let answer = pool.ask(ToPageWorker::Text { file: file.clone(), page: number }, Want::Whenever);
        match answer {
            Ok((FromPageWorker::Text { chars, .. }, _)) => {
                let letters = chars.iter().filter(|c| c.c.is_alphanumeric()).count();
                if letters >= LETTERS_MIN {
                    let text = PageText { chars, confidence: 1.0, ocr: false };
                    return PageRecord { text, ..PageRecord::default() };
                }
            }
            Ok(_) => return failed("页面处理进程答非所问".to_owned()),
            Err(sentence) => return failed(sentence),
        }
        match pool.ask(ToPageWorker::Ocr { file, page: number }, Want::Whenever) {
            Ok((FromPageWorker::Text { chars, confidence, rotation_degrees, blank }, _)) => PageRecord {
                text: PageText { chars, confidence, ocr: true },
                turned_degrees: rotation_degrees,
                blank,
                failed: None,
            },
            Ok(_) => failed("页面处理进程答非所问".to_owned()),
            Err(sentence) => failed(sentence),
        }
    }

    /// The committer's life: what was read becomes searchable in batches.
    fn commit_pages(&self) {
        loop {
            let batch = {
                let mut state = self.lock();
                while state.uncommitted.is_empty() {
                    if self.stop.load(Ordering::Acquire) {
                        return;
                    }
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                std::mem::take(&mut state.uncommitted)
            };
            let begun = Instant::now();
            match self.index.commit() {
                Ok(()) => self.committed(batch),
                // They are put again at the next start.
                Err(error) => tracing::error!(%error, "the index could not be committed"),
            }
            let mut state = self.lock();
            while begun.elapsed() < COMMIT_EVERY && !self.stop.load(Ordering::Acquire) {
                let left = COMMIT_EVERY.saturating_sub(begun.elapsed());
                state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn committed(&self, batch: Vec<(CaseId, PageRef)>) {
        for (case, page) in &batch {
            if let Err(error) = self.files.note_indexed(case, page) {
                tracing::warn!(%error, "a page will be put into the index once more at the next start");
            }
        }
        let mut state = self.lock();
        for (id, page) in batch {
            let revision = self.next_revision();
            if let Some(case) = state.cases.get_mut(&id) {
                case.ready.insert(page);
                case.revision = revision;
            }
        }
        drop(state);
        self.changed.notify_all();
    }
}

/// A tame ending for the original's file.
fn extension(name: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    let tame = !ending.is_empty() && ending.len() <= 5 && ending.chars().all(|c| c.is_ascii_alphanumeric());
    if tame { ending } else { "bin".to_owned() }
}

/// An id that is the same for the same file wherever it is filed first.
fn free_id(sha256: &str, documents: &[Document]) -> DocId {
    let base = format!("d{}", &sha256[..sha256.len().min(12)]);
    let taken = |id: &str| documents.iter().any(|d| d.id.as_str() == id);
    let mut n = 1;
    loop {
        let id = if n == 1 { base.clone() } else { format!("{base}-{n}") };
        if !taken(&id)
            && let Ok(id) = DocId::new(id)
        {
            return id;
        }
        n += 1;
    }
}
