//! Who may sit where: one-time codes and the sessions they become. Those of a meeting are kept in its own folder.

use std::sync::Arc;

use media::clock::utc_now;
use model::{HearingId, Role, SeatId, UtcMs};
use record::{Scope, Session, Store, StoreError};

use crate::room::{Room, RoomError, with};

/// A session at a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatSession {
    /// When it began.
    pub since: UtcMs,
    /// When it ends.
    pub until: UtcMs,
    /// Tells it from every other session, and opens nothing.
    pub mark: String,
    /// The enrolled terminal it began on, if it did.
    pub terminal: Option<String>,
}

/// How long a seat link may be used.
const CODE_LIFETIME_MS: i64 = 24 * 3600 * 1000;
/// How long a session at a seat lasts.
pub const SESSION_LIFETIME_MS: i64 = 16 * 3600 * 1000;

/// When a session began that ends then.
fn begun(expires: UtcMs) -> UtcMs {
    UtcMs(expires.0.saturating_sub(SESSION_LIFETIME_MS))
}

impl Room {
    /// The seat that a session token opens, and the session.
    pub async fn seat_session(
        &self,
        token: String,
    ) -> Result<Option<(HearingId, SeatId, SeatSession)>, RoomError> {
        let mark = proof::Hash::of(&[token.as_bytes()]).to_string();
        let found = self.with_store(move |s| s.session(&token, utc_now())).await?;
        Ok(found.and_then(|s| match s.scope {
            Scope::Seat { hearing, seat } => {
                let (since, until, terminal) = (begun(s.expires), s.expires, s.terminal);
                Some((hearing, seat, SeatSession { since, until, mark, terminal }))
            }
            Scope::Replay { .. } | Scope::Admin | Scope::Account { .. } => None,
        }))
    }

    /// What a session token opens.
    pub async fn session(&self, token: String) -> Result<Option<Session>, RoomError> {
        self.with_store(move |s| s.session(&token, utc_now())).await
    }

    /// Redeems a one-time code for just this scope; gives the session's token, or nothing if the code is not good. A session that begins on an
    /// enrolled terminal stays there.
    pub async fn redeem(
        &self,
        code: String,
        scope: Scope,
        terminal: Option<String>,
    ) -> Result<Option<String>, RoomError> {
        let store = self.store_of(&scope).await;
        let redeemed = with(store, move |s| {
            match s.redeem_code(&scope, &code, utc_now(), SESSION_LIFETIME_MS, terminal.as_deref()) {
                Ok(token) => Ok(Some(token.secret().to_owned())),
                Err(StoreError::BadCode) => Ok(None),
                Err(error) => Err(error),
            }
        });
        redeemed.await
    }

    /// Whether a code would still open a session of just this scope.
    pub async fn code_is_good(&self, code: String, scope: Scope) -> Result<bool, RoomError> {
        let store = self.store_of(&scope).await;
        with(store, move |s| s.code_is_good(&scope, code.trim().to_ascii_uppercase().as_str(), utc_now()))
            .await
    }

    /// What a seat of a hearing or a meeting stands for; nothing where there is neither.
    pub async fn role_of(&self, hearing: &HearingId, seat: &SeatId) -> Result<Option<Role>, RoomError> {
        let handle = match self.meeting(hearing).await {
            Some(meeting) => meeting.handle().clone(),
            None => match self.hearing(hearing).await {
                Ok(handle) => handle,
                Err(_) => return Ok(None),
            },
        };
        Ok(handle.role(seat).await?)
    }

    /// Makes a one-time code; an earlier unused one of the same scope ends.
    pub async fn issue_code(&self, scope: Scope) -> Result<String, RoomError> {
        let store = self.store_of(&scope).await;
        with(store, move |s| s.issue_code(&scope, utc_now(), CODE_LIFETIME_MS)).await
    }

    /// Codes and sessions of a meeting are kept in its own folder.
    pub(crate) async fn store_of(&self, scope: &Scope) -> Arc<Store> {
        let meeting = match scope {
            Scope::Seat { hearing, .. } => self.meeting(hearing).await,
            Scope::Replay { .. } | Scope::Admin | Scope::Account { .. } => None,
        };
        meeting.map_or_else(|| Arc::clone(self.store()), |m| m.store())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [R-JOIN-2] [R-JOIN-4]
    #[test]
    fn a_link_lasts_a_day_and_a_session_sixteen_hours() {
        const HOUR_MS: i64 = 3_600_000;
        assert_eq!((CODE_LIFETIME_MS, SESSION_LIFETIME_MS), (24 * HOUR_MS, 16 * HOUR_MS));
    }
}
