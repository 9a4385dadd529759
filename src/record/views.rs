//! What happened in a hearing as a table to ask: rebuilt from the journal, never the truth itself.
//!
//! ```text
//!  absent, unreadable or of another version ──open──► empty ──apply──► follows the journal up to `applied_seq`
//!                        ▲                                                    │
//!                        └────────────────────── drop_all ────────────────────┘
//! ```

use std::path::{Path, PathBuf};

use model::HearingTime;
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::Value};

use crate::Entry;

/// Version of the tables; another one found on disk is dropped and built anew.
const VERSION: i64 = 1;

/// Why the views cannot be used. They can always be deleted and rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// SQLite's own error.
    #[error("the views in {path}: {source}; delete this file, it is rebuilt from the journal")]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// Entries were left out.
    #[error(
        "the views stand at entry {applied}, entry {given} does not follow; apply the journal from entry {applied} on"
    )]
    Hole {
        /// Last applied.
        applied: u64,
        /// First given.
        given: u64,
    },
}

/// A row: an event of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewEntry {
    /// Its place in the journal.
    pub seq: u64,
    /// Hearing time.
    pub at: HearingTime,
    /// What kind, e.g. `shown`.
    pub kind: String,
    /// By whom.
    pub actor: String,
    /// Its JSON; empty if withheld.
    pub json: String,
}

impl From<&Entry> for ViewEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            kind: entry.kind.clone(),
            actor: entry.actor.clone(),
            json: entry
                .payload
                .as_deref()
                .map(|p| String::from_utf8_lossy(p).into_owned())
                .unwrap_or_default(),
        }
    }
}

/// What to look for; `default()` finds everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewQuery {
    /// Any of these kinds; empty: all.
    pub kinds: Vec<String>,
    /// Not before.
    pub from: Option<HearingTime>,
    /// Before.
    pub until: Option<HearingTime>,
    /// By this actor.
    pub actor: Option<String>,
    /// At most so many; `None`: all.
    pub limit: Option<u32>,
}

/// `views.sqlite` of a hearing.
#[derive(Debug)]
pub struct Views {
    path: PathBuf,
    db: Connection,
}

impl Views {
    /// Opens the file; one that is unreadable or of another version is replaced by an empty one.
    pub fn open(path: &Path) -> Result<Self, ViewsError> {
        let sqlite = |source| ViewsError::Sqlite { path: path.to_owned(), source };
        if let Ok(db) = prepare(path) {
            return Ok(Self { path: path.to_owned(), db });
        }
        for suffix in ["", "-wal", "-shm"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            // Absent is what is wanted.
            let _ = std::fs::remove_file(name);
        }
        Ok(Self { path: path.to_owned(), db: prepare(path).map_err(sqlite)? })
    }

    /// The last entry applied; 0: none.
    pub fn applied_seq(&self) -> Result<u64, ViewsError> {
        let seq = self.db.query_row("SELECT coalesce(max(seq), 0) FROM entries", [], |r| r.get::<_, i64>(0));
        seq.map(|s| s as u64).map_err(|e| self.error(e))
    }

    /// Applies entries in order, all or none; those already applied are passed over.
    pub fn apply(&mut self, entries: impl IntoIterator<Item = ViewEntry>) -> Result<(), ViewsError> {
        let mut applied = self.applied_seq()?;
        let path = self.path.clone();
        let sqlite = |source| ViewsError::Sqlite { path: path.clone(), source };
        let tx = self.db.transaction().map_err(sqlite)?;
        {
            let mut insert = tx
                .prepare_cached(
                    "INSERT INTO entries (seq, at, kind, actor, json) VALUES (?1, ?2, ?3, ?4, ?5)",
                )
                .map_err(sqlite)?;
            for e in entries {
                if e.seq <= applied {
                    continue;
                }
                if e.seq != applied + 1 {
                    return Err(ViewsError::Hole { applied, given: e.seq });
                }
                insert
                    .execute(params![e.seq as i64, e.at.0 as i64, e.kind, e.actor, e.json])
                    .map_err(sqlite)?;
                applied = e.seq;
            }
        }
        tx.commit().map_err(sqlite)
    }

    /// Forgets everything; [`Views::apply`] from entry 1 builds it anew.
    pub fn drop_all(&mut self) -> Result<(), ViewsError> {
        self.db.execute("DELETE FROM entries", []).map(drop).map_err(|e| self.error(e))
    }

    /// Entries that fit, in journal order.
    pub fn find(&self, query: &ViewQuery) -> Result<Vec<ViewEntry>, ViewsError> {
        let mut sql = "SELECT seq, at, kind, actor, json FROM entries WHERE 1".to_owned();
        let mut values = Vec::new();
        if !query.kinds.is_empty() {
            sql += &format!(" AND kind IN ({})", vec!["?"; query.kinds.len()].join(","));
            values.extend(query.kinds.iter().cloned().map(Value::Text));
        }
        let bounds = [(" AND at >= ?", query.from), (" AND at < ?", query.until)];
        for (clause, bound) in bounds {
            if let Some(t) = bound {
                sql += clause;
                values.push(Value::Integer(t.0 as i64));
            }
        }
        if let Some(actor) = &query.actor {
            sql += " AND actor = ?";
            values.push(Value::Text(actor.clone()));
        }
        sql += " ORDER BY seq LIMIT ?";
        values.push(Value::Integer(query.limit.map_or(-1, i64::from)));
        let mut statement = self.db.prepare_cached(&sql).map_err(|e| self.error(e))?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), row).map_err(|e| self.error(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.error(e))
    }

    /// The last entry of any of `kinds` at or before `at`: what stood on the screens at a moment.
    pub fn last_before(&self, kinds: &[&str], at: HearingTime) -> Result<Option<ViewEntry>, ViewsError> {
        let marks = vec!["?"; kinds.len()].join(",");
        let sql = format!(
            "SELECT seq, at, kind, actor, json FROM entries WHERE kind IN ({marks}) AND at <= ? ORDER BY seq DESC LIMIT 1"
        );
        let mut values: Vec<_> = kinds.iter().map(|k| Value::Text((*k).to_owned())).collect();
        values.push(Value::Integer(at.0 as i64));
        self.db.query_row(&sql, rusqlite::params_from_iter(values), row).optional().map_err(|e| self.error(e))
    }

    /// How many entries of each kind there are, by kind: for the indicators.
    pub fn counts(&self) -> Result<Vec<(String, u64)>, ViewsError> {
        let sql = "SELECT kind, count(*) FROM entries GROUP BY kind ORDER BY kind";
        let mut statement = self.db.prepare_cached(sql).map_err(|e| self.error(e))?;
        let rows = statement
            .query_map([], |r| Ok((r.get(0)?, r.get::<_, i64>(1)? as u64)))
            .map_err(|e| self.error(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.error(e))
    }

    fn error(&self, source: rusqlite::Error) -> ViewsError {
        ViewsError::Sqlite { path: self.path.clone(), source }
    }
}

fn row(r: &Row<'_>) -> rusqlite::Result<ViewEntry> {
    Ok(ViewEntry {
        seq: r.get::<_, i64>(0)? as u64,
        at: HearingTime(r.get::<_, i64>(1)? as u64),
        kind: r.get(2)?,
        actor: r.get(3)?,
        json: r.get(4)?,
    })
}

/// Fails on a file that is no database or has another version.
fn prepare(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    // Losing the last rows in a power cut is harmless here: they are applied again.
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    let version: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    if version != 0 && version != VERSION {
        return Err(rusqlite::Error::InvalidQuery);
    }
    db.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS entries (
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, json TEXT NOT NULL
         ) STRICT;
         CREATE INDEX IF NOT EXISTS by_kind ON entries (kind, at);
         CREATE INDEX IF NOT EXISTS by_time ON entries (at);
         PRAGMA user_version = {VERSION};"
    ))?;
    Ok(db)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, kind: &str) -> ViewEntry {
        ViewEntry {
            seq,
            at: HearingTime(seq * 100),
            kind: kind.into(),
            actor: "judge".into(),
            json: format!("{{\"n\":{seq}}}"),
        }
    }

    fn some() -> Vec<ViewEntry> {
        ["hearingOpened", "shown", "lineSettled", "shown", "hidden", "lineSettled"]
            .iter()
            .zip(1..)
            .map(|(k, n)| entry(n, k))
            .collect()
    }

    #[test]
    fn rebuilt_views_are_the_same_as_those_that_grew() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut views = Views::open(&dir.path().join("views.sqlite")).expect("opens");
        for e in some() {
            views.apply([e]).expect("applied");
        }
        let grown = views.find(&ViewQuery::default()).expect("found");
        views.drop_all().expect("dropped");
        assert_eq!(views.applied_seq().expect("read"), 0);
        views.apply(some()).expect("applied");
        assert_eq!(views.find(&ViewQuery::default()).expect("found"), grown);
        assert_eq!(grown, some());
    }

    #[test]
    fn entries_applied_twice_count_once_and_a_hole_is_refused() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut views = Views::open(&dir.path().join("views.sqlite")).expect("opens");
        views.apply(some()).expect("applied");
        views.apply(some()).expect("passed over");
        assert_eq!(views.applied_seq().expect("read"), 6);
        let hole = views.apply([entry(7, "shown"), entry(9, "shown")]);
        assert!(matches!(hole, Err(ViewsError::Hole { applied: 7, given: 9 })));
        assert_eq!(views.applied_seq().expect("read"), 6, "all or none");
    }

    #[test]
    fn questions_by_kind_time_and_actor_are_answered() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut views = Views::open(&dir.path().join("views.sqlite")).expect("opens");
        views.apply(some()).expect("applied");
        let seqs = |q: &ViewQuery| views.find(q).expect("found").iter().map(|e| e.seq).collect::<Vec<_>>();
        let lines = ViewQuery { kinds: vec!["lineSettled".into()], ..ViewQuery::default() };
        assert_eq!(seqs(&lines), [3, 6]);
        assert_eq!(seqs(&ViewQuery { from: Some(HearingTime(400)), ..lines.clone() }), [6]);
        assert_eq!(seqs(&ViewQuery { until: Some(HearingTime(300)), ..ViewQuery::default() }), [1, 2]);
        assert!(seqs(&ViewQuery { actor: Some("nobody".into()), ..ViewQuery::default() }).is_empty());
        let shown = views.last_before(&["shown", "hidden"], HearingTime(450)).expect("found");
        assert_eq!(shown.map(|e| e.seq), Some(4));
        assert_eq!(views.last_before(&["shown"], HearingTime(100)).expect("found"), None);
        assert_eq!(views.counts().expect("counted")[2], ("lineSettled".to_owned(), 2));
    }

    #[test]
    fn a_destroyed_file_or_another_version_is_replaced_by_an_empty_one() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("views.sqlite");
        std::fs::write(&path, vec![0x55; 9000]).expect("written");
        let mut views = Views::open(&path).expect("replaced");
        views.apply(some()).expect("applied");
        views.db.pragma_update(None, "user_version", 99).expect("set");
        drop(views);
        assert_eq!(Views::open(&path).expect("replaced").applied_seq().expect("read"), 0);
    }
}
