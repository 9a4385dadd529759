//! The few HTTP requests of the demonstration: plain HTTP to the hub on loopback.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The session cookie, if one was set (`name=value`).
    pub cookie: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Sends one request on a connection of its own.
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    cookie: Option<&str>,
    body: Option<serde_json::Value>,
) -> anyhow::Result<Answer> {
    let stream = TcpStream::connect(address).await.with_context(|| format!("no hub answers at {address}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, address.to_string());
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let bytes = match body {
        Some(json) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Bytes::from(serde_json::to_vec(&json)?)
        }
        None => Bytes::new(),
    };
    let response = sender.send_request(request.body(Full::new(bytes))?).await?;
    let status = response.status().as_u16();
    let set = response.headers().get(header::SET_COOKIE).and_then(|v| v.to_str().ok());
    let cookie = set.and_then(|c| c.split(';').next()).map(str::to_owned);
    let body = response.into_body().collect().await?.to_bytes();
    driver.abort();
    Ok(Answer { status, cookie, body })
}

/// Sends a request and reads the JSON of a good answer; a bad one becomes an error with its sentence.
pub async fn json<T: serde::de::DeserializeOwned>(
    address: SocketAddr,
    method: &str,
    path: &str,
    cookie: Option<&str>,
    body: Option<serde_json::Value>,
) -> anyhow::Result<T> {
    let answer = send(address, method, path, cookie, body).await?;
    if !(200..300).contains(&answer.status) {
        bail!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    serde_json::from_slice(&answer.body)
        .with_context(|| format!("{method} {path}: the answer is not understood"))
}
