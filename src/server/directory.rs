//! The court's own directory of people (统一身份认证): where an OpenID Connect provider plugs in. Here is what every such login must get right;
//! an implementation knows only the provider's addresses and how to ask it.
//!
//! ```text
//!   begin ──state, challenge──► the provider ──code, state──► return: same browser, same state, once ──verifier──► who it is
//!                                                                └──────────────► the account of that name, with the role it has here
//! ```

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use media::clock::utc_now;
use model::UtcMs;
use proof::Hash;

/// A directory that can say who somebody is.
pub trait Directory: Send + Sync + 'static {
    /// What the court calls it; stands on the button.
    fn name(&self) -> &str;

    /// The address to which the browser is sent (the authorization request of RFC 6749, with RFC 7636's S256 challenge).
    fn begin(&self, asked: &Asked) -> String;

    /// Trades what came back for the name of the account.
    fn finish(
        &self,
        answered: Answered,
    ) -> Pin<Box<dyn Future<Output = Result<String, DirectoryError>> + Send + '_>>;
}

/// What a login begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Comes back as it is.
    pub state: String,
    /// Base64url of the SHA-256 of the verifier.
    pub challenge: String,
    /// For the identity token.
    pub nonce: String,
    /// Where the provider sends the browser back to.
    pub returns_to: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The provider's code.
    pub code: String,
    /// Belongs to the challenge.
    pub verifier: String,
    /// Must stand in the identity token.
    pub nonce: String,
    /// As it was asked.
    pub returns_to: String,
}

/// Why a directory names nobody.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It says no.
    #[error("统一身份认证没有确认您的身份：{0}。请重新登录，或用本机账号登录。")]
    Refused(String),
    /// It does not answer.
    #[error("统一身份认证没有应答：{0}。请稍后再试，或用本机账号登录。")]
    Silent(String),
}

/// How long somebody may take at the provider.
const PENDING_MS: i64 = 10 * 60_000;
/// Logins that are under way at once; the oldest gives way.
const PENDING_MAX: usize = 1000;

/// Logins that are under way, by their state.
#[derive(Debug, Default)]
pub(crate) struct Pending(Mutex<HashMap<String, Begun>>);

#[derive(Debug, Clone)]
struct Begun {
    verifier: String,
    nonce: String,
    returns_to: String,
    until: UtcMs,
}

impl Pending {
    /// Begins a login that returns to this address.
    pub(crate) fn begin(&self, returns_to: String) -> Result<Asked, record::StoreError> {
        let (state, verifier, nonce) = (secret()?, secret()?, secret()?);
        let challenge = base64url(&Hash::of(&[verifier.as_bytes()]).0);
        let now = utc_now();
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, b| b.until > now);
        if pending.len() >= PENDING_MAX {
            let oldest = pending.iter().min_by_key(|(_, b)| b.until).map(|(s, _)| s.clone());
            oldest.and_then(|s| pending.remove(&s));
        }
        let until = UtcMs(now.0.saturating_add(PENDING_MS));
        let begun = Begun { verifier, nonce: nonce.clone(), returns_to: returns_to.clone(), until };
        pending.insert(state.clone(), begun);
        Ok(Asked { state, challenge, nonce, returns_to })
    }

    /// The login of this state, once.
    pub(crate) fn take(&self, state: &str, code: String) -> Option<Answered> {
        let Begun { verifier, nonce, returns_to, until } =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(state)?;
        (until > utc_now()).then_some(Answered { code, verifier, nonce, returns_to })
    }
}

fn secret() -> Result<String, record::StoreError> {
    Ok(base64url(&record::random::<32>()?))
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
