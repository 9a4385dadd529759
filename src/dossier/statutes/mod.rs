//! Statutes: laws and judicial interpretations by dated version and article, found by number, words and sound.
//!
//! ```text
//!   folder of Markdown ──import──► statutes.sqlite   laws, versions, articles: what is cited
//!                          │         └─ version not indexed ──► index/ ──► version indexed
//!                          └── killed at any time: the next import goes on with what is missing
//! ```
//!
//! A version is known by its date: the one at the end of its file's name, else the last day its head names on which the
//! law was passed, amended or published. **In force on a day is the newest version whose date is not after that day.** A
//! version that says it applies only from a later day keeps that day beside it, for people to see.
//!
//! SQLite holds the articles, since they are asked for by key and imported while a hub reads; words and sounds go to the
//! same index as the dossier's, in a folder of its own, one entry an article.

mod find;
mod import;
mod names;
mod parse;
mod store;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{CaseId, Day, DocId, PageRef};
use protocol::wire::{StatuteArticle, StatuteHit, StatuteLaw, StatutePage};
use sha2::{Digest, Sha256};
use text::citation::ArticleNumber;

pub use import::{ImportReport, import};

use crate::command::{Law, Laws};
use crate::index::{Index, IndexError};
use names::{LawAt, Names};
use parse::Article;
use store::{LawRow, Store, VersionRow};

/// Articles shown on each side of one that is opened.
const NEIGHBOURS: usize = 2;

/// The statutes cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StatutesError {
    /// The disk refused.
    #[error(
        "the statutes at {path} cannot be read or written ({source}); check the disk and its permissions"
    )]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite's own error.
    #[error("the statutes in {path}: {source}; check the disk and the rights of this file")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// Written by another version of this program.
    #[error(
        "the statutes in {path} have version {found}, this program knows {known}; delete the folder and import them again"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The one known here.
        known: i64,
    },
    /// The index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// A version of a law.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VersionKey {
    pub(crate) law: String,
    pub(crate) date: Day,
}

impl VersionKey {
    /// The id under which the index knows it; ids of laws are hexadecimal, so it is well formed.
    fn doc(&self) -> Option<DocId> {
        DocId::new(format!("{}-{}", self.law, self.date)).ok()
    }
}

/// The statutes of the appliance, for looking up; `import` fills them.
pub struct Statutes {
    dir: PathBuf,
    open: Mutex<Option<Open>>,
}

/// What is open once something was imported.
struct Open {
    store: Store,
    /// `None` while the first import has not written any.
    index: Option<Index>,
    revision: i64,
    book: Arc<Book>,
}

/// Laws, versions and names, as of one revision of the store.
#[derive(Debug, Default)]
struct Book {
    laws: Vec<LawRow>,
    names: Names,
    /// For spoken commands, of the day last asked for.
    spoken: Mutex<Option<(Day, Arc<Laws>)>>,
}

impl Book {
    fn read(store: &Store) -> Result<Self, StatutesError> {
        let laws = store.laws()?;
        let names = Names::new(laws.iter().map(|l| l.name.as_str()));
        Ok(Self { laws, names, spoken: Mutex::default() })
    }

    /// The version of a law in force on a day: the newest whose date is not after it.
    fn in_force(&self, law: LawAt, date: Day) -> Option<(VersionKey, &VersionRow)> {
        let law = self.laws.get(law)?;
        let version = law.versions.iter().rev().find(|v| v.date <= date)?;
        Some((VersionKey { law: law.id.clone(), date: version.date }, version))
    }

    fn spoken(&self, date: Day) -> Arc<Laws> {
        let mut kept = lock(&self.spoken);
        if let Some((of, laws)) = &*kept
            && *of == date
        {
            return Arc::clone(laws);
        }
        let mut said: Vec<Vec<String>> = vec![Vec::new(); self.laws.len()];
        for (name, laws) in self.names.all() {
            laws.iter().for_each(|&at| said[at].push(name.to_owned()));
        }
        let law = |(at, names): (LawAt, Vec<String>)| {
            let (key, version) = self.in_force(at, date)?;
            let articles = version.articles.iter().copied().collect();
            Some(Law { id: key.law, name: self.laws[at].name.clone(), version: key.date, articles, names })
        };
        let laws = Arc::new(Laws::new(said.into_iter().enumerate().filter_map(law).collect()));
        *kept = Some((date, Arc::clone(&laws)));
        laws
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Statutes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statutes").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Statutes {
    /// Those below the data directory; nothing is opened before something is asked.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { dir: folder(data), open: Mutex::new(None) }
    }

    /// Articles in force on `date` that `query` asks for, best first, `limit` at most: by law and number, else by words
    /// (of one law, if the query begins or ends with its name), else by sound.
    pub fn find(&self, query: &str, date: Day, limit: usize) -> Result<Vec<StatuteHit>, StatutesError> {
        self.with_open(Vec::new(), |open| find::find(open, query, date, limit))
    }

    /// An article of a version between its neighbours; `None` if there is none.
    pub fn page(&self, law: &str, version: Day, number: &str) -> Result<Option<StatutePage>, StatutesError> {
        self.with_open(None, |open| {
            let row = open.book.laws.iter().find(|l| l.id == law);
            let version_row = row.and_then(|l| l.versions.iter().find(|v| v.date == version));
            let (Some(row), Some(version_row), Some(number)) =
                (row, version_row, ArticleNumber::parse(number))
            else {
                return Ok(None);
            };
            let key = VersionKey { law: row.id.clone(), date: version };
            let articles = open.store.articles(&key)?;
            let Some(at) = articles.iter().position(|a| a.number == number) else { return Ok(None) };
            let shown = |articles: &[Article]| -> Vec<StatuteArticle> {
                articles.iter().map(|a| statute_article(row, version_row, a)).collect()
            };
            Ok(Some(StatutePage {
                article: statute_article(row, version_row, &articles[at]),
                before: shown(&articles[at.saturating_sub(NEIGHBOURS)..at]),
                after: shown(&articles[at + 1..articles.len().min(at + 1 + NEIGHBOURS)]),
                versions: row.versions.iter().map(|v| v.date).collect(),
            }))
        })
    }

    /// Every law with its versions.
    pub fn list(&self) -> Result<Vec<StatuteLaw>, StatutesError> {
        self.with_open(Vec::new(), |open| {
            let law = |l: &LawRow| StatuteLaw {
                law: l.id.clone(),
                name: l.name.clone(),
                versions: l.versions.iter().map(|v| (v.date, v.articles.len() as u32)).collect(),
            };
            Ok(open.book.laws.iter().map(law).collect())
        })
    }

    /// How many laws there are.
    pub fn count(&self) -> Result<u32, StatutesError> {
        self.with_open(0, |open| Ok(open.book.laws.len() as u32))
    }

    /// The laws in force on `date` as a spoken command can name them.
    pub fn spoken(&self, date: Day) -> Result<Arc<Laws>, StatutesError> {
        self.with_open(Arc::default(), |open| Ok(open.book.spoken(date)))
    }

    /// Runs `work` on what is imported as of now; `nothing` where there is none.
    fn with_open<T>(
        &self,
        nothing: T,
        work: impl FnOnce(&Open) -> Result<T, StatutesError>,
    ) -> Result<T, StatutesError> {
        let mut open = lock(&self.open);
        if open.is_none() {
            let Some(store) = Store::open_read_only(&self.dir)? else { return Ok(nothing) };
            let (revision, book) = (store.revision()?, Arc::new(Book::read(&store)?));
            *open = Some(Open { store, index: None, revision, book });
        }
        let Some(open) = open.as_mut() else { return Ok(nothing) };
        let revision = open.store.revision()?;
        if revision != open.revision {
            open.book = Arc::new(Book::read(&open.store)?);
            open.revision = revision;
        }
        if open.index.is_none() {
            open.index = match Index::open_read_only(&index_folder(&self.dir)) {
                Ok(index) => Some(index),
                Err(IndexError::Missing(_)) => None,
                Err(error) => return Err(error.into()),
            };
        }
        work(open)
    }
}

fn folder(data: &Path) -> PathBuf {
    data.join("statutes")
}

fn index_folder(statutes: &Path) -> PathBuf {
    statutes.join("index")
}

/// The index knows cases; all statutes are one.
fn index_case() -> Option<CaseId> {
    CaseId::new("statutes").ok()
}

/// Articles are the index's pages.
const BRANCHES: u32 = 1000;

fn index_page(doc: &DocId, number: ArticleNumber) -> PageRef {
    PageRef { doc: doc.clone(), page: number.article * BRANCHES + number.branch.min(BRANCHES - 1) }
}

fn number_of(page: &PageRef) -> ArticleNumber {
    ArticleNumber { article: page.page / BRANCHES, branch: page.page % BRANCHES }
}

fn statute_article(law: &LawRow, version: &VersionRow, article: &Article) -> StatuteArticle {
    StatuteArticle {
        law: law.id.clone(),
        name: law.name.clone(),
        version: version.date,
        effective: version.effective,
        number: article.number.key(),
        label: label(article.number, version.articles.len()),
        path: article.path.clone(),
        text: article.text.clone(),
        digest: hex::encode(Sha256::digest(article.text.as_bytes())),
    }
}

/// How an article is cited; what stands before the first is 引言, and a statute without articles is cited whole.
fn label(number: ArticleNumber, articles: usize) -> String {
    match (number == ArticleNumber::default(), articles) {
        (false, _) => number.to_string(),
        (true, 1) => "全文".to_owned(),
        (true, _) => "引言".to_owned(),
    }
}
