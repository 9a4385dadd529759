//! Sessions and one-time codes: who a request is from.
//!
//! ```text
//!   code issued ──join──► session (cookie, 16 h) ──revoke or expiry──► gone
//!        └─ used or older than a day ─► refused
//! ```

use axum::http::{HeaderMap, HeaderValue, header};

use crate::terminals::Peer;

/// Name of the cookie that carries a session.
pub const COOKIE: &str = "huiting";

/// The session token of a request.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    cookie_of(headers, COOKIE)
}

/// The cookie of that name.
pub(crate) fn cookie_of(headers: &HeaderMap, called: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
    let mut pairs = cookies.flat_map(|c| c.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(name, _)| *name == called).map(|(_, value)| value.to_owned())
}

/// Who knocks: the token their browser has, and the computer it runs on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker {
    pub(crate) token: Option<String>,
    pub(crate) computer: Peer,
}

/// The cookie that carries a session of `lifetime_ms`, bound to a path.
pub(crate) fn cookie(token: &str, path: &str, lifetime_ms: i64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let seconds = lifetime_ms / 1000;
    HeaderValue::from_str(&format!(
        "{COOKIE}={token}; Path={path}; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    ))
    .ok()
}

/// Whether a request that changes something or opens a WebSocket comes from a page of ours. Browsers always say where a
/// page is from; programs that are no browsers say nothing and cannot be abused by a page.
pub(crate) fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let (Ok(origin), Some(Ok(host))) = (origin.to_str(), headers.get(header::HOST).map(HeaderValue::to_str))
    else {
        return false;
    };
    origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) == Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.clone(), HeaderValue::from_str(v).expect("plain text"))).collect()
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        let ours = headers(&[(header::HOST, "127.0.0.1:8480"), (header::ORIGIN, "http://127.0.0.1:8480")]);
        let theirs = headers(&[(header::HOST, "127.0.0.1:8480"), (header::ORIGIN, "http://evil.example")]);
        let opaque = headers(&[(header::HOST, "127.0.0.1:8480"), (header::ORIGIN, "null")]);
        assert!(same_origin(&ours));
        assert!(!same_origin(&theirs));
        assert!(!same_origin(&opaque));
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let h = headers(&[(header::COOKIE, "a=b; huiting=abc123; c=d")]);
        assert_eq!(token(&h).as_deref(), Some("abc123"));
        assert_eq!(token(&headers(&[(header::COOKIE, "nothuiting=abc")])), None);
    }
}
