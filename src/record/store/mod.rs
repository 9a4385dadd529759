//! `huiting.sqlite`: cases, hearings, seat codes, sessions, settings. Durable, unlike the views.
//!
//! ```text
//!  code:    issued ──redeem──► used        (or expired, or replaced by a newer code of the same seat)
//!  session: open ──revoke / expire──► dead
//! ```
//!
//! All calls block for a disk write or less; async callers use a blocking thread. Codes and tokens are kept as SHA-256 only:
//! they carry 100 and 256 bits of chance, so that a slow hash adds nothing.

mod access;
mod accounts;
mod cases;
mod listed;
mod schema;
mod terminals;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

pub use access::{Scope, Session, Token, new_password, random};
pub use accounts::{Account, Login, NewAccount, OfficeRole};
pub use cases::{CaseRow, HearingRow, HearingState, NewCase, NewHearing};
pub use listed::{Imported, Scheduled, fact_kind};
pub use terminals::{Enrolled, NewTerminal, Terminal};

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite's own error.
    #[error("the database {path}: {source}; check the disk and the rights of this file")]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// Written by a later version of this program.
    #[error("the database {path} has version {found}, this program knows {known}; use the newer program")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The last one known here.
        known: i64,
    },
    /// Something with this id is there already.
    #[error("{what} \"{id}\" exists already; choose another id")]
    Exists {
        /// Case or hearing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Nothing with this id.
    #[error("there is no {what} \"{id}\"")]
    Unknown {
        /// Case or hearing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The join code is wrong, used or too old. One message for all three: nobody learns which.
    #[error("this link is not valid any more; ask the clerk for a new one")]
    BadCode,
    /// Name or password is wrong, or the account is closed. One message for all: nobody learns which.
    #[error("用户名或密码不正确")]
    BadLogin,
    /// Too many wrong passwords.
    #[error("密码错误次数过多：请{minutes}分钟后再试，或请管理员重设密码")]
    Throttled {
        /// How long to wait.
        minutes: i64,
    },
    /// A name or password that cannot be one.
    #[error("{0}")]
    Unfit(&'static str),
    /// A value in the database is not one of ours.
    #[error("the database holds \"{value}\" as {what}; it was changed by another program")]
    Corrupt {
        /// Which column.
        what: &'static str,
        /// What it holds.
        value: String,
    },
    /// No random numbers.
    #[error("the system gives no random numbers: {0}")]
    Entropy(String),
}

/// Copies a database, ours or another, as it stands at one moment, while others write to it.
pub fn copy_database(from: &Path, to: &Path) -> Result<(), StoreError> {
    let sqlite = |source| StoreError::Sqlite { path: from.to_owned(), source };
    let db = Connection::open(from).map_err(sqlite)?;
    db.busy_timeout(std::time::Duration::from_secs(30)).map_err(sqlite)?;
    let name = to.to_str().ok_or_else(|| sqlite(rusqlite::Error::InvalidPath(to.to_owned())))?;
    db.execute("VACUUM INTO ?1", [name]).map(drop).map_err(sqlite)
}

/// The database behind one connection; share it in an `Arc`.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    db: Mutex<Connection>,
}

impl Store {
    /// Opens or makes the database and brings its tables up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
        let mut db = Connection::open(path).map_err(sqlite)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(sqlite)?;
        db.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
        db.pragma_update(None, "foreign_keys", true).map_err(sqlite)?;
        db.busy_timeout(std::time::Duration::from_secs(5)).map_err(sqlite)?;
        schema::migrate(&mut db, path)?;
        Ok(Self { path: path.to_owned(), db: Mutex::new(db) })
    }

    /// The value of a setting, as JSON text.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        use rusqlite::OptionalExtension as _;
        let db = self.db();
        let value = db.query_row("SELECT json FROM settings WHERE key = ?1", [key], |r| r.get(0)).optional();
        value.map_err(|e| self.error(e))
    }

    /// Sets a setting to JSON text.
    pub fn set_setting(&self, key: &str, json: &str) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO settings (key, json) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET json = ?2";
        self.db().execute(sql, [key, json]).map(drop).map_err(|e| self.error(e))
    }

    /// Removes a setting, if it is set.
    pub fn remove_setting(&self, key: &str) -> Result<(), StoreError> {
        self.db().execute("DELETE FROM settings WHERE key = ?1", [key]).map(drop).map_err(|e| self.error(e))
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic within a call leaves no half transaction: SQLite rolls it back when the guard's statement drops.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Sqlite { path: self.path.clone(), source }
    }
}

fn is_taken(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
    error
        .sqlite_error()
        .is_some_and(|e| matches!(e.extended_code, SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE))
}
