//! Terminals (终端): the computers of the courtroom, each known by a certificate of the house.
//!
//! ```text
//!   added ──code, within a day──► enrolled ──new code──► added again; the certificate before is dead once the new one is there
//!                                    └──────revoke──────► revoked, with every session that began there
//! ```

use model::{SeatId, UtcMs};
use proof::Hash;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{digest, long_code, random};
use super::{Store, StoreError};

/// How long a code enrols.
const CODE_LIFETIME_MS: i64 = 24 * 3600 * 1000;
const NAME_CHARS_MAX: usize = 40;
const SEATS_MAX: usize = 40;

/// A terminal to be added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTerminal {
    /// What people call it: 审判长席.
    pub name: String,
    /// The ids of the seats it opens; none: every seat, and the administration.
    #[serde(default)]
    pub seats: Vec<String>,
}

/// A terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Terminal {
    /// Tells it from every other.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The courtroom (法庭) it stands in.
    pub room: String,
    /// The seats it opens; none: every seat, and the administration.
    pub seats: Vec<SeatId>,
    /// Until when its code enrols, while it has one.
    pub code_until: Option<UtcMs>,
    /// When it was enrolled.
    pub enrolled: Option<UtcMs>,
    /// When its certificate ends.
    pub expires: Option<UtcMs>,
    /// When it was revoked.
    pub revoked: Option<UtcMs>,
}

/// The certificate a terminal was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// SHA-256 of the certificate's bytes.
    pub fingerprint: Hash,
    /// When it ends.
    pub expires: UtcMs,
}

const COLUMNS: &str = "id, name, room, seats, code_expires, enrolled, expires, revoked";

impl Store {
    /// Adds a terminal of a room; gives it with the code that enrols it once.
    pub fn add_terminal(
        &self,
        new: &NewTerminal,
        room: &str,
        now: UtcMs,
    ) -> Result<(Terminal, String), StoreError> {
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(StoreError::Unfit("终端名称用1至40个字"));
        }
        if new.seats.len() > SEATS_MAX {
            return Err(StoreError::Unfit("一台终端至多登记40个席位"));
        }
        let (id, code) = (hex::encode(random::<6>()?), long_code()?);
        let seats: Result<Vec<_>, _> = new.seats.iter().map(|s| SeatId::new(s.as_str())).collect();
        let seats = seats.map_err(|_| {
            StoreError::Unfit("席位编号用小写字母、数字和连字符，如 judge、plaintiff-agent；多个之间用空格")
        })?;
        let listed: Vec<_> = seats.iter().map(SeatId::as_str).collect();
        let sql = "INSERT INTO terminals (id, name, room, seats, code, code_expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let until = UtcMs(now.0.saturating_add(CODE_LIFETIME_MS));
        let values = params![id, name, room, listed.join(" "), digest(&code), until.0];
        self.db().execute(sql, values).map_err(|e| self.error(e))?;
        let terminal = Terminal {
            id,
            name: name.to_owned(),
            room: room.to_owned(),
            seats,
            code_until: Some(until),
            enrolled: None,
            expires: None,
            revoked: None,
        };
        Ok((terminal, code))
    }

    /// A new code for a terminal: it was set up anew, or its certificate is about to end.
    pub fn renew_terminal(&self, id: &str, now: UtcMs) -> Result<String, StoreError> {
        let code = long_code()?;
        let sql = "UPDATE terminals SET code = ?2, code_expires = ?3 WHERE id = ?1 AND revoked IS NULL";
        let until = now.0.saturating_add(CODE_LIFETIME_MS);
        let changed = self.db().execute(sql, params![id, digest(&code), until]).map_err(|e| self.error(e))?;
        if changed == 0 {
            return Err(StoreError::Unknown { what: "terminal that is not revoked", id: id.to_owned() });
        }
        Ok(code)
    }

    /// Uses a code up for the certificate that `certify` makes; what that refuses leaves the code as it is.
    pub fn enrol_terminal<T, E: From<StoreError>>(
        &self,
        code: &str,
        now: UtcMs,
        certify: impl FnOnce(&Terminal) -> Result<(Enrolled, T), E>,
    ) -> Result<T, E> {
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        let found = with_code(&tx, code, now).map_err(|e| self.error(e))?;
        let terminal = found.ok_or(StoreError::BadCode)??;
        let (made, given) = certify(&terminal)?;
        let sql = "UPDATE terminals SET code = NULL, code_expires = NULL, fingerprint = ?2, enrolled = ?3, expires = ?4
                   WHERE id = ?1";
        let values = params![terminal.id, made.fingerprint.0, now.0, made.expires.0];
        tx.execute(sql, values).map_err(|e| self.error(e))?;
        // What began with the certificate before ends with it.
        end_sessions(&tx, &terminal.id, now).map_err(|e| self.error(e))?;
        tx.commit().map_err(|e| self.error(e))?;
        Ok(given)
    }

    /// The terminal that a code would enrol.
    pub fn terminal_for(&self, code: &str, now: UtcMs) -> Result<Terminal, StoreError> {
        let found = with_code(&self.db(), code, now).map_err(|e| self.error(e))?;
        found.ok_or(StoreError::BadCode)?
    }

    /// The terminal that has this certificate, revoked or not.
    pub fn terminal_with(&self, fingerprint: &Hash) -> Result<Option<Terminal>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM terminals WHERE fingerprint = ?1");
        let found = self.db().query_row(&sql, [fingerprint.0], terminal).optional();
        found.map_err(|e| self.error(e))?.transpose()
    }

    /// All terminals by name; those that are revoked last.
    pub fn terminals(&self) -> Result<Vec<Terminal>, StoreError> {
        let db = self.db();
        let sql = format!("SELECT {COLUMNS} FROM terminals ORDER BY revoked IS NOT NULL, name, id");
        let mut statement = db.prepare(&sql).map_err(|e| self.error(e))?;
        let rows = statement.query_map([], terminal).map_err(|e| self.error(e))?;
        rows.map(|r| r.map_err(|e| self.error(e))?).collect()
    }

    /// Revokes a terminal: neither its certificate nor any session that began there opens anything again.
    pub fn revoke_terminal(&self, id: &str, now: UtcMs) -> Result<(), StoreError> {
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        let sql = "UPDATE terminals SET revoked = coalesce(revoked, ?2), code = NULL, code_expires = NULL WHERE id = ?1";
        if tx.execute(sql, params![id, now.0]).map_err(|e| self.error(e))? == 0 {
            return Err(StoreError::Unknown { what: "terminal", id: id.to_owned() });
        }
        end_sessions(&tx, id, now).map_err(|e| self.error(e))?;
        tx.commit().map_err(|e| self.error(e))
    }

    /// Certificates among these that open nothing any more: revoked, or replaced by a newer one.
    pub fn dead_certificates(&self, among: &[Hash]) -> Result<Vec<Hash>, StoreError> {
        let db = self.db();
        let sql = "SELECT EXISTS (SELECT 1 FROM terminals WHERE fingerprint = ?1 AND revoked IS NULL)";
        let mut statement = db.prepare(sql).map_err(|e| self.error(e))?;
        let mut dead = Vec::new();
        for fingerprint in among {
            let lives: bool =
                statement.query_row([fingerprint.0], |r| r.get(0)).map_err(|e| self.error(e))?;
            if !lives {
                dead.push(*fingerprint);
            }
        }
        Ok(dead)
    }
}

fn with_code(
    db: &Connection,
    code: &str,
    now: UtcMs,
) -> rusqlite::Result<Option<Result<Terminal, StoreError>>> {
    let sql =
        format!("SELECT {COLUMNS} FROM terminals WHERE code = ?1 AND code_expires > ?2 AND revoked IS NULL");
    let code = digest(&code.trim().to_ascii_uppercase());
    db.query_row(&sql, params![code, now.0], terminal).optional()
}

fn end_sessions(tx: &rusqlite::Transaction<'_>, terminal: &str, now: UtcMs) -> rusqlite::Result<()> {
    let sql = "UPDATE sessions SET revoked = ?2 WHERE terminal = ?1 AND revoked IS NULL";
    tx.execute(sql, params![terminal, now.0]).map(drop)
}

fn terminal(row: &Row<'_>) -> rusqlite::Result<Result<Terminal, StoreError>> {
    let seats: String = row.get(3)?;
    let time = |n: usize| row.get::<_, Option<i64>>(n).map(|t| t.map(UtcMs));
    let (id, name, room) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (code_until, enrolled, expires, revoked) = (time(4)?, time(5)?, time(6)?, time(7)?);
    let seat =
        |s: &str| SeatId::new(s).map_err(|_| StoreError::Corrupt { what: "seat id", value: s.to_owned() });
    let seats: Result<Vec<_>, _> = seats.split_whitespace().map(seat).collect();
    Ok(seats.map(|seats| Terminal { id, name, room, seats, code_until, enrolled, expires, revoked }))
}
