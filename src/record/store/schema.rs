//! Tables and how older ones become newer: step n brings version n to n + 1.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

const STEPS: [&str; 3] = ["
    CREATE TABLE cases (
        id TEXT PRIMARY KEY, number TEXT NOT NULL, cause TEXT NOT NULL, court TEXT NOT NULL, procedure TEXT NOT NULL,
        created INTEGER NOT NULL, json TEXT NOT NULL
    ) STRICT;
    CREATE TABLE hearings (
        id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases (id), session INTEGER NOT NULL,
        state TEXT NOT NULL, dir TEXT NOT NULL, created INTEGER NOT NULL, opened INTEGER, closed INTEGER,
        json TEXT NOT NULL, UNIQUE (case_id, session)
    ) STRICT;
    CREATE TABLE codes (
        hash BLOB PRIMARY KEY, hearing TEXT, seat TEXT, expires INTEGER NOT NULL, used INTEGER
    ) STRICT;
    CREATE TABLE sessions (
        hash BLOB PRIMARY KEY, hearing TEXT, seat TEXT, created INTEGER NOT NULL, expires INTEGER NOT NULL,
        revoked INTEGER
    ) STRICT;
    CREATE INDEX sessions_by_seat ON sessions (hearing, seat);
    CREATE TABLE settings (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
", "
    CREATE TABLE sittings (
        case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE, at INTEGER NOT NULL, room TEXT NOT NULL,
        PRIMARY KEY (case_id, at)
    ) STRICT;
    CREATE INDEX sittings_by_time ON sittings (at);
    CREATE TABLE rooms (name TEXT PRIMARY KEY) STRICT;
    CREATE TABLE accounts (
        name TEXT PRIMARY KEY, person TEXT NOT NULL, role TEXT NOT NULL, password TEXT NOT NULL,
        created INTEGER NOT NULL, disabled INTEGER
    ) STRICT;
    CREATE TABLE logins (at INTEGER NOT NULL, account TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
    CREATE INDEX logins_by_account ON logins (account, at);
    ALTER TABLE sessions ADD COLUMN account TEXT;
    CREATE TABLE facts (
        case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE, kind TEXT NOT NULL, subject TEXT NOT NULL,
        at INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (case_id, kind, subject)
    ) STRICT;
", "
    CREATE TABLE terminals (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, room TEXT NOT NULL, seats TEXT NOT NULL, code BLOB UNIQUE,
        code_expires INTEGER, fingerprint BLOB UNIQUE, enrolled INTEGER, expires INTEGER, revoked INTEGER
    ) STRICT;
    ALTER TABLE sessions ADD COLUMN terminal TEXT;
"];

/// Applies the steps that are missing, each in a transaction of its own.
pub(super) fn migrate(db: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
    loop {
        // Read within the transaction: two processes starting at once take turns.
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(sqlite)?;
        let found: i64 = tx.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(sqlite)?;
        let known = STEPS.len() as i64;
        if found > known || found < 0 {
            return Err(StoreError::Newer { path: path.to_owned(), found, known });
        }
        let Some(step) = STEPS.get(found as usize) else { return Ok(()) };
        tx.execute_batch(step).map_err(sqlite)?;
        tx.pragma_update(None, "user_version", found + 1).map_err(sqlite)?;
        tx.commit().map_err(sqlite)?;
    }
}
