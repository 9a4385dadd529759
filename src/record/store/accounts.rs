//! Accounts of the administration: roles, passwords, logins and their throttling, rooms.
//!
//! ```text
//!   login ──right──► session (opaque token) ──logout / expiry / account closed──► dead
//!     └─wrong──► noted; five in a quarter of an hour: no more tries for this name until they are older
//! ```

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use model::UtcMs;
use rusqlite::{OptionalExtension as _, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{digest, random};
use super::{Store, StoreError, Token, is_taken};

/// Wrong passwords a name may have within [`WINDOW_MS`].
const WRONG_MAX: i64 = 5;
/// Wrong passwords all names together may have within a minute: guessing names is slowed as well.
const WRONG_A_MINUTE_MAX: i64 = 60;
const WINDOW_MS: i64 = 15 * 60_000;
const PASSWORD_CHARS_MIN: usize = 10;
const PASSWORD_BYTES_MAX: usize = 512;
/// Lines of the list of logins.
const LOGINS_MAX: u32 = 500;

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OfficeRole {
    /// 管理员: everything.
    Administrator,
    /// 法官: sees cases, schedule and indicators.
    Judge,
    /// 书记员: also brings in cases and papers, and opens hearings.
    Clerk,
    /// 档案员: also files and archives.
    Archivist,
}

impl OfficeRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Judge, Self::Clerk, Self::Archivist];

    /// Its name in the database, in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Judge => "judge",
            Self::Clerk => "clerk",
            Self::Archivist => "archivist",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// An account to be made.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAccount {
    /// What is typed to log in.
    pub name: String,
    /// Whose it is.
    pub person: String,
    /// What it may do.
    pub role: OfficeRole,
    /// The password; kept as argon2id only.
    pub password: String,
}

impl std::fmt::Debug for NewAccount {
    /// Never the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount")
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// What is typed to log in.
    pub name: String,
    /// Whose it is.
    pub person: String,
    /// What it may do.
    pub role: OfficeRole,
    /// Whether it is closed.
    pub closed: bool,
}

/// A try to log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    /// When.
    pub at: UtcMs,
    /// The name that was typed.
    pub account: String,
    /// `in`, `wrong`, `throttled` or `out`.
    pub outcome: String,
}

impl Store {
    /// Makes an account.
    pub fn add_account(&self, new: &NewAccount, now: UtcMs) -> Result<(), StoreError> {
        let tame = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
        if new.name.is_empty() || new.name.chars().count() > 40 || !new.name.chars().all(tame) {
            return Err(StoreError::Unfit("用户名用1至40个字母、汉字、数字或 - _ . @"));
        }
        let password = hashed(&new.password)?;
        let sql = "INSERT INTO accounts (name, person, role, password, created) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![new.name, new.person, new.role.as_str(), password, now.0];
        self.db().execute(sql, values).map(drop).map_err(|e| match is_taken(&e) {
            true => StoreError::Exists { what: "account", id: new.name.clone() },
            false => self.error(e),
        })
    }

    /// Sets a new password; sessions that were open end.
    pub fn set_password(&self, name: &str, password: &str, now: UtcMs) -> Result<(), StoreError> {
        let password = hashed(password)?;
        let sql = "UPDATE accounts SET password = ?2 WHERE name = ?1";
        let changed = self.db().execute(sql, params![name, password]).map_err(|e| self.error(e))?;
        if changed == 0 {
            return Err(StoreError::Unknown { what: "account", id: name.to_owned() });
        }
        let sql = "UPDATE sessions SET revoked = ?2 WHERE account = ?1 AND revoked IS NULL";
        self.db().execute(sql, params![name, now.0]).map(drop).map_err(|e| self.error(e))?;
        // Who was locked out may try again.
        self.note_login(name, "reset", now)
    }

    /// Closes an account, or opens it again. Its sessions are dead at once.
    pub fn close_account(&self, name: &str, closed: bool, now: UtcMs) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET disabled = ?2 WHERE name = ?1";
        let changed = self.db().execute(sql, params![name, closed.then_some(now.0)]);
        match changed.map_err(|e| self.error(e))? {
            0 => Err(StoreError::Unknown { what: "account", id: name.to_owned() }),
            _ => Ok(()),
        }
    }

    /// All accounts by name.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let db = self.db();
        let sql = "SELECT name, person, role, disabled FROM accounts ORDER BY name";
        let mut statement = db.prepare(sql).map_err(|e| self.error(e))?;
        let rows = statement.query_map([], |r| {
            let role: String = r.get(2)?;
            Ok((r.get(0)?, r.get(1)?, role, r.get::<_, Option<i64>>(3)?.is_some()))
        });
        let account = |(name, person, role, closed): (String, String, String, bool)| {
            let role = OfficeRole::parse(&role).ok_or(StoreError::Corrupt { what: "role", value: role })?;
            Ok(Account { name, person, role, closed })
        };
        rows.map_err(|e| self.error(e))?.map(|r| account(r.map_err(|e| self.error(e))?)).collect()
    }

    /// Opens a session for name and password. Every try is noted.
    pub fn login(
        &self,
        name: &str,
        password: &str,
        now: UtcMs,
        lifetime_ms: i64,
        terminal: Option<&str>,
    ) -> Result<Token, StoreError> {
        let name = name.trim();
        if let Some(minutes) = self.throttled(name, now)? {
            self.note_login(name, "throttled", now)?;
            return Err(StoreError::Throttled { minutes });
        }
        let sql = "SELECT password FROM accounts WHERE name = ?1 AND disabled IS NULL";
        let kept: Option<String> =
            self.db().query_row(sql, [name], |r| r.get(0)).optional().map_err(|e| self.error(e))?;
        // A name that is not there takes as long as one that is.
        let against = match &kept {
            Some(hash) => hash.as_str(),
            None => nobody()?,
        };
        if !fits(password, against) || kept.is_none() {
            self.note_login(name, "wrong", now)?;
            return Err(StoreError::BadLogin);
        }
        self.let_in(name, now, lifetime_ms, terminal)
    }

    /// Opens a session for an account whose holder the court's own directory vouches for. An account that is not here, or closed, gets none:
    /// what each may do is decided here.
    pub fn login_known(
        &self,
        name: &str,
        now: UtcMs,
        lifetime_ms: i64,
        terminal: Option<&str>,
    ) -> Result<Token, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM accounts WHERE name = ?1 AND disabled IS NULL)";
        let open: bool = self.db().query_row(sql, [name], |r| r.get(0)).map_err(|e| self.error(e))?;
        if !open {
            self.note_login(name, "wrong", now)?;
            return Err(StoreError::BadLogin);
        }
        self.let_in(name, now, lifetime_ms, terminal)
    }

    fn let_in(
        &self,
        name: &str,
        now: UtcMs,
        lifetime_ms: i64,
        terminal: Option<&str>,
    ) -> Result<Token, StoreError> {
        let sql =
            "INSERT INTO sessions (hash, created, expires, account, terminal) VALUES (?1, ?2, ?3, ?4, ?5)";
        let token = hex::encode(random::<32>()?);
        let values = params![digest(&token), now.0, now.0.saturating_add(lifetime_ms), name, terminal];
        self.db().execute(sql, values).map_err(|e| self.error(e))?;
        self.note_login(name, "in", now)?;
        Ok(Token(token))
    }

    /// Notes a try, an end, or a new password.
    pub fn note_login(&self, name: &str, outcome: &str, now: UtcMs) -> Result<(), StoreError> {
        let name: String = name.chars().take(40).collect();
        let sql = "INSERT INTO logins (at, account, outcome) VALUES (?1, ?2, ?3)";
        self.db().execute(sql, params![now.0, name, outcome]).map(drop).map_err(|e| self.error(e))
    }

    /// The last tries to log in, the latest first.
    pub fn logins(&self) -> Result<Vec<Login>, StoreError> {
        let db = self.db();
        let sql = "SELECT at, account, outcome FROM logins ORDER BY at DESC, rowid DESC LIMIT ?1";
        let mut statement = db.prepare(sql).map_err(|e| self.error(e))?;
        let rows = statement.query_map([LOGINS_MAX], |r| {
            Ok(Login { at: UtcMs(r.get(0)?), account: r.get(1)?, outcome: r.get(2)? })
        });
        rows.map_err(|e| self.error(e))?.map(|r| r.map_err(|e| self.error(e))).collect()
    }

    /// Minutes until the next try, if there may be none now.
    fn throttled(&self, name: &str, now: UtcMs) -> Result<Option<i64>, StoreError> {
        let db = self.db();
        // Since the last good one or new password, if that is younger.
        let sql = "SELECT count(*), min(at) FROM logins WHERE account = ?1 AND outcome = 'wrong' AND at > ?2
                   AND at > coalesce((SELECT max(at) FROM logins WHERE account = ?1 AND outcome IN ('in', 'reset')), 0)";
        let (wrong, first): (i64, Option<i64>) = db
            .query_row(sql, params![name, now.0 - WINDOW_MS], |r| Ok((r.get(0)?, r.get(1)?)))
            .map_err(|e| self.error(e))?;
        let sql = "SELECT count(*) FROM logins WHERE outcome = 'wrong' AND at > ?1";
        let all: i64 = db.query_row(sql, [now.0 - 60_000], |r| r.get(0)).map_err(|e| self.error(e))?;
        if wrong >= WRONG_MAX {
            let until = first.unwrap_or(now.0) + WINDOW_MS - now.0;
            return Ok(Some((until + 59_999) / 60_000));
        }
        Ok((all >= WRONG_A_MINUTE_MAX).then_some(1))
    }

    /// The rooms (法庭) of the court, by name.
    pub fn rooms(&self) -> Result<Vec<String>, StoreError> {
        let db = self.db();
        let mut statement = db.prepare("SELECT name FROM rooms ORDER BY name").map_err(|e| self.error(e))?;
        let rows = statement.query_map([], |r| r.get(0)).map_err(|e| self.error(e))?;
        rows.map(|r| r.map_err(|e| self.error(e))).collect()
    }

    /// Adds a room; one that is there stays.
    pub fn add_room(&self, name: &str) -> Result<(), StoreError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 40 {
            return Err(StoreError::Unfit("法庭名称用1至40个字"));
        }
        let sql = "INSERT OR IGNORE INTO rooms (name) VALUES (?1)";
        self.db().execute(sql, [name]).map(drop).map_err(|e| self.error(e))
    }

    /// Takes a room out of the list; hearings scheduled there stay.
    pub fn remove_room(&self, name: &str) -> Result<(), StoreError> {
        self.db().execute("DELETE FROM rooms WHERE name = ?1", [name]).map(drop).map_err(|e| self.error(e))
    }
}

/// A hash of nobody's password, made as all others are.
fn nobody() -> Result<&'static str, StoreError> {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash);
    }
    let hash = hashed("nobody has this password")?;
    Ok(HASH.get_or_init(|| hash))
}

fn hashed(password: &str) -> Result<String, StoreError> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(StoreError::Unfit("密码至少10个字符，至多500个字节"));
    }
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|h| h.to_string()).map_err(|e| StoreError::Entropy(e.to_string()))
}

fn fits(password: &str, hash: &str) -> bool {
    password.len() <= PASSWORD_BYTES_MAX
        && PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
