//! Laws, versions and articles in one SQLite file: an article is asked for by its key far more often than any text is
//! read through, a file is imported whole or not at all, and the command line may import beside a running hub.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::Day;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};
use text::citation::ArticleNumber;

use super::parse::Article;
use super::{StatutesError, VersionKey};

const SCHEMA: &str = "
    CREATE TABLE laws (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE versions (
        law TEXT NOT NULL REFERENCES laws(id), date TEXT NOT NULL, effective TEXT, indexed INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (law, date)) WITHOUT ROWID;
    CREATE TABLE articles (
        law TEXT NOT NULL, date TEXT NOT NULL, article INTEGER NOT NULL, branch INTEGER NOT NULL,
        path TEXT NOT NULL, text TEXT NOT NULL, file TEXT NOT NULL,
        PRIMARY KEY (law, date, article, branch));
    CREATE INDEX articles_of_file ON articles (file);
    CREATE TABLE files (
        path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, law TEXT NOT NULL, date TEXT NOT NULL) WITHOUT ROWID;";
const SCHEMA_VERSION: i64 = 1;

/// A law with its versions, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LawRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) versions: Vec<VersionRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VersionRow {
    pub(super) date: Day,
    pub(super) effective: Option<Day>,
    pub(super) articles: Vec<ArticleNumber>,
}

/// What a file adds to a version.
pub(super) struct FileEntry<'a> {
    /// Its path below the imported folder.
    pub(super) path: &'a str,
    pub(super) sha256: &'a str,
    pub(super) name: &'a str,
    pub(super) date: Day,
    pub(super) effective: Option<Day>,
    pub(super) articles: &'a [Article],
}

/// The file `statutes.sqlite`.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    db: Connection,
}

/// A law's id: made from its name, so that it is the same on every machine and in every import.
pub(super) fn law_id(name: &str) -> String {
    hex::encode(&Sha256::digest(name.as_bytes())[..6])
}

impl Store {
    pub(super) fn open(dir: &Path) -> Result<Self, StatutesError> {
        let path = file(dir);
        std::fs::create_dir_all(dir).map_err(|source| StatutesError::Io { path: dir.to_owned(), source })?;
        let db =
            Connection::open(&path).map_err(|source| StatutesError::Sqlite { path: path.clone(), source })?;
        let store = Self { path, db };
        store.run(|db| {
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.busy_timeout(std::time::Duration::from_secs(5))?;
            let version: i64 = db.pragma_query_value(None, "user_version", |r| r.get(0))?;
            if version == 0 {
                db.execute_batch(&format!(
                    "BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                ))?;
            }
            Ok(())
        })?;
        store.known_version()
    }

    /// For looking up only; `None` where nothing was imported yet.
    pub(super) fn open_read_only(dir: &Path) -> Result<Option<Self>, StatutesError> {
        let path = file(dir);
        if !path.exists() {
            return Ok(None);
        }
        // A reader of a WAL database needs the file's -shm beside it, which only a writable connection may make.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags)
            .map_err(|source| StatutesError::Sqlite { path: path.clone(), source })?;
        let store = Self { path, db };
        store.run(|db| {
            db.busy_timeout(std::time::Duration::from_secs(5))?;
            db.pragma_update(None, "query_only", true)
        })?;
        store.known_version().map(Some)
    }

    fn known_version(self) -> Result<Self, StatutesError> {
        let found: i64 = self.run(|db| db.pragma_query_value(None, "user_version", |r| r.get(0)))?;
        match found {
            SCHEMA_VERSION => Ok(self),
            found => Err(StatutesError::Version { path: self.path, found, known: SCHEMA_VERSION }),
        }
    }

    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StatutesError> {
        work(&self.db).map_err(|source| StatutesError::Sqlite { path: self.path.clone(), source })
    }

    /// Changes whenever another process has written.
    pub(super) fn revision(&self) -> Result<i64, StatutesError> {
        self.run(|db| db.pragma_query_value(None, "data_version", |r| r.get(0)))
    }

    /// The hash a file had when it was imported.
    pub(super) fn imported(&self, path: &str) -> Result<Option<String>, StatutesError> {
        self.run(|db| {
            db.prepare_cached("SELECT sha256 FROM files WHERE path = ?1")?
                .query_row([path], |r| r.get(0))
                .optional()
        })
    }

    /// Puts the articles of a file instead of what it held before, whole or not at all. Gives the numbers of articles
    /// that another file holds otherwise for the same version: the first file stands.
    pub(super) fn put(&mut self, entry: &FileEntry<'_>) -> Result<Vec<ArticleNumber>, StatutesError> {
        let put = put(&mut self.db, entry);
        put.map_err(|source| StatutesError::Sqlite { path: self.path.clone(), source })
    }

    /// Versions whose articles are not all in the index.
    pub(super) fn not_indexed(&self) -> Result<Vec<VersionKey>, StatutesError> {
        self.run(|db| {
            let mut rows =
                db.prepare("SELECT law, date FROM versions WHERE indexed = 0 ORDER BY law, date")?;
            rows.query_map([], |r| Ok(VersionKey { law: r.get(0)?, date: day(r, 1)? }))?.collect()
        })
    }

    pub(super) fn set_indexed(&mut self, versions: &[VersionKey]) -> Result<(), StatutesError> {
        let path = self.path.clone();
        let mut set = || {
            let tx = self.db.transaction()?;
            for v in versions {
                tx.execute(
                    "UPDATE versions SET indexed = 1 WHERE law = ?1 AND date = ?2",
                    params![v.law, v.date.to_string()],
                )?;
            }
            tx.commit()
        };
        set().map_err(|source| StatutesError::Sqlite { path, source })
    }

    /// Every article must be put into the index again.
    pub(super) fn forget_index(&self) -> Result<(), StatutesError> {
        self.run(|db| db.execute("UPDATE versions SET indexed = 0", [])).map(|_| ())
    }

    /// Every law with its versions and the numbers of their articles.
    pub(super) fn laws(&self) -> Result<Vec<LawRow>, StatutesError> {
        self.run(|db| {
            let mut numbers: BTreeMap<(String, String), Vec<ArticleNumber>> = BTreeMap::new();
            let mut rows = db.prepare("SELECT law, date, article, branch FROM articles ORDER BY law, date, article, branch")?;
            let mut rows = rows.query([])?;
            while let Some(r) = rows.next()? {
                numbers.entry((r.get(0)?, r.get(1)?)).or_default().push(number(r, 2)?);
            }
            let mut rows = db.prepare(
                "SELECT id, name, date, effective FROM laws JOIN versions ON law = id ORDER BY name, id, date",
            )?;
            let mut rows = rows.query([])?;
            let mut laws: Vec<LawRow> = Vec::new();
            while let Some(r) = rows.next()? {
                let (id, name, date): (String, String, String) = (r.get(0)?, r.get(1)?, r.get(2)?);
                let articles = numbers.remove(&(id.clone(), date)).unwrap_or_default();
                let version = VersionRow { date: day(r, 2)?, effective: optional_day(r, 3)?, articles };
                match laws.last_mut() {
                    Some(law) if law.id == id => law.versions.push(version),
                    _ => laws.push(LawRow { id, name, versions: vec![version] }),
                }
            }
            Ok(laws)
        })
    }

    /// An article.
    pub(super) fn article(
        &self,
        key: &VersionKey,
        at: ArticleNumber,
    ) -> Result<Option<Article>, StatutesError> {
        self.run(|db| {
            db.prepare_cached(
                "SELECT article, branch, path, text FROM articles WHERE law = ?1 AND date = ?2 AND article = ?3 AND branch = ?4",
            )?
            .query_row(params![key.law, key.date.to_string(), at.article, at.branch], article)
            .optional()
        })
    }

    /// Every article of a version, in order.
    pub(super) fn articles(&self, key: &VersionKey) -> Result<Vec<Article>, StatutesError> {
        self.run(|db| {
            db.prepare_cached(
                "SELECT article, branch, path, text FROM articles WHERE law = ?1 AND date = ?2 ORDER BY article, branch",
            )?
            .query_map(params![key.law, key.date.to_string()], article)?
            .collect()
        })
    }
}

fn file(dir: &Path) -> PathBuf {
    dir.join("statutes.sqlite")
}

fn put(db: &mut Connection, entry: &FileEntry<'_>) -> rusqlite::Result<Vec<ArticleNumber>> {
    let tx = db.transaction()?;
    let (law, date) = (law_id(entry.name), entry.date.to_string());
    let touched = "UPDATE versions SET indexed = 0 WHERE EXISTS \
        (SELECT 1 FROM articles a WHERE a.file = ?1 AND a.law = versions.law AND a.date = versions.date)";
    tx.execute(touched, [entry.path])?;
    tx.execute("DELETE FROM articles WHERE file = ?1", [entry.path])?;
    tx.execute("INSERT OR IGNORE INTO laws (id, name) VALUES (?1, ?2)", params![law, entry.name])?;
    let effective = entry.effective.map(|d| d.to_string());
    tx.execute(
        "INSERT INTO versions (law, date, effective) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET indexed = 0, effective = coalesce(excluded.effective, effective)",
        params![law, date, effective],
    )?;
    let mut otherwise = Vec::new();
    for a in entry.articles {
        let ArticleNumber { article, branch } = a.number;
        let path = a.path.join("\n");
        let added = tx.execute(
            "INSERT OR IGNORE INTO articles (law, date, article, branch, path, text, file) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![law, date, article, branch, path, a.text, entry.path],
        )?;
        if added == 0 {
            let same: bool = tx.query_row(
                "SELECT text = ?5 FROM articles WHERE law = ?1 AND date = ?2 AND article = ?3 AND branch = ?4",
                params![law, date, article, branch, a.text],
                |r| r.get(0),
            )?;
            otherwise.extend((!same).then_some(a.number));
        }
    }
    // A file that was of another law or version before may have left one without articles.
    tx.execute(
        "DELETE FROM versions WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.law = versions.law AND a.date = versions.date)",
        [],
    )?;
    tx.execute("DELETE FROM laws WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.law = id)", [])?;
    tx.execute(
        "INSERT INTO files (path, sha256, law, date) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, law = excluded.law, date = excluded.date",
        params![entry.path, entry.sha256, law, date],
    )?;
    tx.commit()?;
    Ok(otherwise)
}

fn article(r: &Row<'_>) -> rusqlite::Result<Article> {
    let path: String = r.get(2)?;
    let path = path.split('\n').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    Ok(Article { number: number(r, 0)?, path, text: r.get(3)? })
}

fn number(r: &Row<'_>, at: usize) -> rusqlite::Result<ArticleNumber> {
    Ok(ArticleNumber { article: r.get(at)?, branch: r.get(at + 1)? })
}

fn day(r: &Row<'_>, at: usize) -> rusqlite::Result<Day> {
    let written: String = r.get(at)?;
    written
        .parse()
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(e)))
}

fn optional_day(r: &Row<'_>, at: usize) -> rusqlite::Result<Option<Day>> {
    match r.get_ref(at)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => day(r, at).map(Some),
    }
}
