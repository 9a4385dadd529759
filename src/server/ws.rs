//! A screen's WebSocket: upgrade, first hello, then two pumps that never wait for one another.
//!
//! ```text
//!   Upgrading ──hello within 10 s──► Joined ──bye, end or silence of 60 s──► Left
//! ```

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use bytes::Bytes;
use court::Denial;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hub::{Handle, Msg, Outbox, OutboxItem};
use hyper_util::rt::TokioIo;
use media::clock::utc_now;
use model::{CmdId, SeatId, UtcMs};
use protocol::wire::{ClientMsg, ServerMsg};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::routes::Refusal;

/// What carries a WebSocket: an upgraded HTTP connection, with or without TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Largest message of a screen: a stroke of 20,000 points fits.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// No session lasts longer.
const SESSION_MS_MAX: i64 = 7 * 24 * 3_600_000;
/// Messages written before one flush.
const BATCH: usize = 64;

/// How long a screen may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For its first hello.
    pub hello_max: Duration,
    /// A screen that says nothing for so long is gone (it pings every few seconds).
    pub silence_max: Duration,
    /// A write that takes longer means the peer is stuck.
    pub write_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello_max: Duration::from_secs(10),
            silence_max: Duration::from_secs(60),
            write_max: Duration::from_secs(20),
        }
    }
}

/// Answers an upgrade request; the session runs on in its own task.
pub(crate) fn upgrade<B>(
    mut request: Request<B>,
    hearing: Handle,
    seat: SeatId,
    until: UtcMs,
) -> Result<Response<axum::body::Body>, Refusal> {
    let key = handshake_key(request.headers())?;
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => {
                let socket =
                    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config()))
                        .await;
                session(socket, hearing, (seat, until), Limits::default()).await;
            }
            Err(error) => tracing::debug!(%error, "an upgrade failed"),
        }
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes()))
        .body(axum::body::Body::empty())
        .map_err(|e| Refusal::internal(e.to_string()))
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(16 << 10)
        .max_write_buffer_size(8 << 20)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
}

/// A session straight on a TCP connection, without HTTP routes and access: for benches of the fan-out alone, and for tests that wait for no
/// whole minute.
pub async fn bare_session(stream: tokio::net::TcpStream, hearing: Handle, seat: SeatId, limits: Limits) {
    match tokio_tungstenite::accept_async_with_config(stream, Some(config())).await {
        Ok(socket) => session(socket, hearing, (seat, UtcMs(i64::MAX)), limits).await,
        Err(error) => tracing::debug!(%error, "a handshake failed"),
    }
}

fn handshake_key(headers: &HeaderMap) -> Result<String, Refusal> {
    let has = |name: header::HeaderName, word: &str| {
        let value = headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|v| v.to_str().ok());
    match key {
        Some(key)
            if has(header::UPGRADE, "websocket")
                && has(header::CONNECTION, "upgrade")
                && has(header::SEC_WEBSOCKET_VERSION, "13") =>
        {
            Ok(key.to_owned())
        }
        _ => Err(Refusal::bad("this address speaks WebSocket version 13 only")),
    }
}

async fn session<S: Stream>(
    socket: WebSocketStream<S>,
    hearing: Handle,
    (seat, until): (SeatId, UtcMs),
    limits: Limits,
) {
    let (mut sink, mut stream) = socket.split();
    let resume = match tokio::time::timeout(limits.hello_max, hello(&mut stream)).await {
        Ok(Ok(resume)) => resume,
        Ok(Err(sentence)) => {
            return say_and_close(&mut sink, ServerMsg::Malformed { sentence }, limits).await;
        }
        Err(_) => return,
    };
    let outbox = Arc::new(Outbox::default());
    let joined = match hearing.join(seat, resume, Arc::clone(&outbox)).await {
        Ok(joined) => joined,
        Err(error) => {
            let bye = ServerMsg::Bye { sentence: error.to_string(), retry_ms: Some(2000) };
            return say_and_close(&mut sink, bye, limits).await;
        }
    };
    let conn = joined.conn;
    // Whichever ends first ends the session: a peer that reads nothing, or one that has gone.
    tokio::select! {
        () = write(&mut sink, &outbox, (&hearing, conn), limits) => {}
        () = read(&mut stream, &outbox, (&hearing, conn), limits) => {}
        () = expire(until, &outbox) => {}
    }
    // The hearing may have ended before the screen did.
    let _ = hearing.send(Msg::Leave { conn }).await;
    let _ = tokio::time::timeout(Duration::from_secs(2), sink.close()).await;
}

/// A screen does not outlive its session: it is told so, and the write that is going on ends the socket.
async fn expire(until: UtcMs, outbox: &Outbox) {
    let left = until.0.saturating_sub(utc_now().0).clamp(0, SESSION_MS_MAX);
    tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
    let sentence = "this session has ended; ask the clerk for a new link".to_owned();
    outbox.answer(encode(&ServerMsg::Bye { sentence, retry_ms: None }));
    outbox.close();
    std::future::pending().await
}

async fn hello<S: Stream>(
    stream: &mut SplitStream<WebSocketStream<S>>,
) -> Result<Option<protocol::wire::Resume>, String> {
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Text(text) => {
                return match serde_json::from_str(&text) {
                    Ok(ClientMsg::Hello { resume }) => Ok(resume),
                    Ok(_) => Err("the first message must be hello".to_owned()),
                    Err(error) => Err(format!("the first message must be hello: {error}")),
                };
            }
            Message::Close(_) => break,
            _ => {}
        }
    }
    Err("the connection ended before hello".to_owned())
}

async fn read<S: Stream>(
    stream: &mut SplitStream<WebSocketStream<S>>,
    outbox: &Outbox,
    (hearing, conn): (&Handle, u64),
    limits: Limits,
) {
    loop {
        let message = match tokio::time::timeout(limits.silence_max, stream.next()).await {
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(_)) | None) | Err(_) => return,
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return,
            Message::Binary(_) => {
                let sentence = "this protocol has text messages only".to_owned();
                outbox.answer(encode(&ServerMsg::Malformed { sentence }));
                continue;
            }
            _ => continue,
        };
        match serde_json::from_str::<ClientMsg>(&text) {
            Ok(msg) => {
                if hearing.send(Msg::Client { conn, msg }).await.is_err() {
                    return;
                }
            }
            Err(error) => outbox.answer(encode(&not_understood(&text, &error))),
        }
    }
}

/// Whoever waits for the answer to a command gets one, even where the command makes no sense.
fn not_understood(text: &str, error: &serde_json::Error) -> ServerMsg {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Asked {
        cmd_id: CmdId,
    }
    let sentence = format!("not understood: {error}");
    match serde_json::from_str::<Asked>(text) {
        Ok(Asked { cmd_id }) => {
            ServerMsg::Denied { cmd_id, denial: Denial::Malformed { what: sentence.clone() }, sentence }
        }
        Err(_) => ServerMsg::Malformed { sentence },
    }
}

async fn write<S: Stream>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    outbox: &Outbox,
    (hearing, conn): (&Handle, u64),
    limits: Limits,
) {
    loop {
        for item in outbox.next(BATCH).await {
            match item {
                OutboxItem::Message(bytes) => {
                    let Some(text) = text(bytes) else { continue };
                    if !limits.in_time(sink.feed(Message::Text(text))).await {
                        return;
                    }
                }
                OutboxItem::Resync => {
                    if hearing.send(Msg::Resync { conn }).await.is_err() {
                        return;
                    }
                }
                OutboxItem::Closed => {
                    limits.in_time(sink.flush()).await;
                    return;
                }
            }
        }
        if !limits.in_time(sink.flush()).await {
            return;
        }
    }
}

impl Limits {
    async fn in_time<E>(self, writing: impl Future<Output = Result<(), E>>) -> bool {
        matches!(tokio::time::timeout(self.write_max, writing).await, Ok(Ok(())))
    }
}

async fn say_and_close<S: Stream>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    message: ServerMsg,
    limits: Limits,
) {
    if let Some(text) = text(encode(&message)) {
        limits.in_time(sink.send(Message::Text(text))).await;
    }
    limits.in_time(sink.close()).await;
}

fn encode(message: &ServerMsg) -> Bytes {
    serde_json::to_vec(message).map(Bytes::from).unwrap_or_default()
}

/// Shares the encoded bytes with every other screen of the class; JSON of ours is always UTF-8.
fn text(bytes: Bytes) -> Option<Utf8Bytes> {
    Utf8Bytes::try_from(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [R-LIVE-1] [R-WS-5]
    #[test]
    fn a_screen_has_the_time_that_the_protocol_says() {
        let seconds = Duration::from_secs;
        let limits = Limits { hello_max: seconds(10), silence_max: seconds(60), write_max: seconds(20) };
        assert_eq!(Limits::default(), limits);
    }

    /// [R-WS-4] [R-BYE-2]
    #[tokio::test]
    async fn a_session_that_has_ended_says_so_and_closes_its_screen() {
        let outbox = Outbox::default();
        let told = async {
            let mut said = Vec::new();
            loop {
                for item in outbox.next(BATCH).await {
                    match item {
                        OutboxItem::Message(bytes) => said.push(String::from_utf8_lossy(&bytes).into_owned()),
                        OutboxItem::Closed => return said,
                        OutboxItem::Resync => {}
                    }
                }
            }
        };
        let said = tokio::select! {
            said = told => said,
            () = expire(UtcMs(utc_now().0 - 1), &outbox) => Vec::new(),
        };
        assert!(
            matches!(&said[..], [bye] if bye.contains("\"type\":\"bye\"") && bye.contains("\"retryMs\":null")),
            "{said:?}"
        );
    }
}
