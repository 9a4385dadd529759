//! One-time codes and the sessions they become.

use std::borrow::Cow;

use model::{HearingId, SeatId, UtcMs};
use proof::Hash;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::{OfficeRole, Store, StoreError};

/// What a code or session is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One seat of one hearing.
    Seat {
        /// The hearing.
        hearing: HearingId,
        /// The seat.
        seat: SeatId,
    },
    /// A hearing that is over, to be played back.
    Replay {
        /// The hearing.
        hearing: HearingId,
        /// The seat or the account that asked for it; empty for who has the administration's one-time link.
        by: String,
    },
    /// The administrator's pages, by a one-time link.
    Admin,
    /// The pages of the administration, by an account. Only read from a session; codes are for the others.
    Account {
        /// Its name.
        name: String,
        /// What it may do.
        role: OfficeRole,
    },
}

impl Scope {
    /// Hearing, and who in it; no id of a seat begins like a replay.
    fn columns(&self) -> (Option<&str>, Option<Cow<'_, str>>) {
        match self {
            Self::Seat { hearing, seat } => (Some(hearing.as_str()), Some(seat.as_str().into())),
            Self::Replay { hearing, by } => (Some(hearing.as_str()), Some(format!("{REPLAY}{by}").into())),
            Self::Admin | Self::Account { .. } => (None, None),
        }
    }
}

const REPLAY: &str = "replay:";

/// The secret of a session, for its cookie alone. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub(super) String);

impl Token {
    /// The secret, 64 hex characters.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What it may open.
    pub scope: Scope,
    /// Until when.
    pub expires: UtcMs,
    /// The terminal it began on, if that is enrolled: it opens nothing on any other computer.
    pub terminal: Option<String>,
}

/// Without letters and digits that are taken for one another when read aloud or copied by hand.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_CHARS: usize = 20;

impl Store {
    /// A new one-time code; earlier unused codes of the same scope end. `lifetime_ms` is how long it may be used.
    pub fn issue_code(&self, scope: &Scope, now: UtcMs, lifetime_ms: i64) -> Result<String, StoreError> {
        let code = long_code()?;
        let (hearing, seat) = scope.columns();
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        tx.execute(
            "DELETE FROM codes WHERE used IS NULL AND hearing IS ?1 AND seat IS ?2",
            params![hearing, seat],
        )
        .map_err(|e| self.error(e))?;
        tx.execute(
            "INSERT INTO codes (hash, hearing, seat, expires) VALUES (?1, ?2, ?3, ?4)",
            params![digest(&code), hearing, seat, now.0.saturating_add(lifetime_ms)],
        )
        .map_err(|e| self.error(e))?;
        tx.commit().map_err(|e| self.error(e))?;
        Ok(code)
    }

    /// Whether the code would still open a session of this scope.
    pub fn code_is_good(&self, scope: &Scope, code: &str, now: UtcMs) -> Result<bool, StoreError> {
        let (hearing, seat) = scope.columns();
        let found = self.db().query_row(
            "SELECT EXISTS (SELECT 1 FROM codes
             WHERE hash = ?1 AND hearing IS ?2 AND seat IS ?3 AND used IS NULL AND expires > ?4)",
            params![digest(code), hearing, seat, now.0],
            |row| row.get(0),
        );
        found.map_err(|e| self.error(e))
    }

    /// Uses a code up and opens a session of `lifetime_ms`, on that enrolled terminal alone if it began there. Used twice, even at the same
    /// moment, a code works once.
    pub fn redeem_code(
        &self,
        scope: &Scope,
        code: &str,
        now: UtcMs,
        lifetime_ms: i64,
        terminal: Option<&str>,
    ) -> Result<Token, StoreError> {
        let (hearing, seat) = scope.columns();
        let code = code.trim().to_ascii_uppercase();
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        let used = tx
            .execute(
                "UPDATE codes SET used = ?4
                 WHERE hash = ?1 AND hearing IS ?2 AND seat IS ?3 AND used IS NULL AND expires > ?4",
                params![digest(&code), hearing, seat, now.0],
            )
            .map_err(|e| self.error(e))?;
        if used != 1 {
            return Err(StoreError::BadCode);
        }
        let token = self.insert_session(&tx, scope, now, lifetime_ms, terminal)?;
        tx.commit().map_err(|e| self.error(e))?;
        Ok(token)
    }

    /// A session without a code, for a program on this machine: whoever can write this store needs no other proof.
    pub fn open_session(&self, scope: &Scope, now: UtcMs, lifetime_ms: i64) -> Result<Token, StoreError> {
        self.insert_session(&self.db(), scope, now, lifetime_ms, None)
    }

    fn insert_session(
        &self,
        db: &Connection,
        scope: &Scope,
        now: UtcMs,
        lifetime_ms: i64,
        terminal: Option<&str>,
    ) -> Result<Token, StoreError> {
        let (hearing, seat) = scope.columns();
        let token = hex::encode(random::<32>()?);
        db.execute(
            "INSERT INTO sessions (hash, hearing, seat, created, expires, terminal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![digest(&token), hearing, seat, now.0, now.0.saturating_add(lifetime_ms), terminal],
        )
        .map_err(|e| self.error(e))?;
        Ok(Token(token))
    }

    /// The live session of a token, if it is one.
    pub fn session(&self, token: &str, now: UtcMs) -> Result<Option<Session>, StoreError> {
        let sql = "SELECT hearing, seat, s.expires, account, a.role, s.terminal FROM sessions s
                   LEFT JOIN accounts a ON a.name = s.account AND a.disabled IS NULL
                   WHERE hash = ?1 AND revoked IS NULL AND s.expires > ?2";
        let row = self
            .db()
            .query_row(sql, params![digest(token), now.0], |r| {
                let account = (r.get::<_, Option<String>>(3)?, r.get::<_, Option<String>>(4)?);
                let place = (r.get::<_, Option<String>>(0)?, r.get::<_, Option<String>>(1)?);
                Ok((place, UtcMs(r.get(2)?), account, r.get(5)?))
            })
            .optional()
            .map_err(|e| self.error(e))?;
        let Some(((hearing, seat), expires, account, terminal)) = row else { return Ok(None) };
        if let (Some(name), role) = account {
            // Closed since: the session is dead.
            let Some(role) = role else { return Ok(None) };
            let role = OfficeRole::parse(&role).ok_or(StoreError::Corrupt { what: "role", value: role })?;
            return Ok(Some(Session { scope: Scope::Account { name, role }, expires, terminal }));
        }
        let scope = match (hearing, seat) {
            (Some(h), Some(s)) => {
                let corrupt = |what, value| StoreError::Corrupt { what, value };
                let hearing = HearingId::new(&*h).map_err(|_| corrupt("hearing id", h))?;
                match s.strip_prefix(REPLAY) {
                    Some(by) => Scope::Replay { hearing, by: by.to_owned() },
                    None => {
                        Scope::Seat { hearing, seat: SeatId::new(&*s).map_err(|_| corrupt("seat id", s))? }
                    }
                }
            }
            _ => Scope::Admin,
        };
        Ok(Some(Session { scope, expires, terminal }))
    }

    /// Ends one session.
    pub fn revoke_session(&self, token: &str, now: UtcMs) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET revoked = ?2 WHERE hash = ?1 AND revoked IS NULL";
        self.db().execute(sql, params![digest(token), now.0]).map(drop).map_err(|e| self.error(e))
    }

    /// Ends every session and unused code there is: what opened another house opens nothing here.
    pub fn end_all_sessions(&self, now: UtcMs) -> Result<(), StoreError> {
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        tx.execute("DELETE FROM codes WHERE used IS NULL", []).map_err(|e| self.error(e))?;
        tx.execute("UPDATE sessions SET revoked = ?1 WHERE revoked IS NULL", [now.0])
            .map_err(|e| self.error(e))?;
        tx.commit().map_err(|e| self.error(e))
    }

    /// Ends every session and unused code of a scope; gives how many sessions.
    pub fn revoke_scope(&self, scope: &Scope, now: UtcMs) -> Result<usize, StoreError> {
        let (hearing, seat) = scope.columns();
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.error(e))?;
        tx.execute(
            "DELETE FROM codes WHERE used IS NULL AND hearing IS ?1 AND seat IS ?2",
            params![hearing, seat],
        )
        .map_err(|e| self.error(e))?;
        let ended = tx
            .execute(
                "UPDATE sessions SET revoked = ?3
                 WHERE hearing IS ?1 AND seat IS ?2 AND account IS NULL AND revoked IS NULL",
                params![hearing, seat, now.0],
            )
            .map_err(|e| self.error(e))?;
        tx.commit().map_err(|e| self.error(e))?;
        Ok(ended)
    }
}

pub(super) fn digest(secret: &str) -> [u8; 32] {
    Hash::of(&[secret.as_bytes()]).0
}

/// `N` random characters of 5 bits each that can be read aloud.
fn readable<const N: usize>() -> Result<String, StoreError> {
    Ok(random::<N>()?.iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect())
}

/// A code of 100 bits.
pub(super) fn long_code() -> Result<String, StoreError> {
    readable::<CODE_CHARS>()
}

/// A password of 80 bits, in groups of four.
pub fn new_password() -> Result<String, StoreError> {
    let groups: Result<Vec<_>, _> = (0..4).map(|_| readable::<4>()).collect();
    Ok(groups?.join("-"))
}

/// So many bytes that nobody can guess.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| StoreError::Entropy(e.to_string()))?;
    Ok(bytes)
}
