//! A screen's WebSocket: upgrade, first hello, then two pumps that never wait for one another.
//!
//! ```text
//!   Upgrading ──hello within 10 s──► Joined ──bye, end or silence of 60 s──► Left
//!       └────────── what is no WebSocket, no UTF-8, or too large ────────────► Left, with the close code that says so
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
use model::{CmdId, SeatId, UtcMs, shown};
use protocol::wire::{ClientMsg, ServerMsg};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::routes::Refusal;

/// What carries a WebSocket: an upgraded HTTP connection, with or without TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Largest message of a screen: a stroke of 20,000 points fits.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// How long a peer that was told why may still send what nobody reads.
const LINGER_MAX: Duration = Duration::from_secs(2);
/// Characters of a sentence on what was not understood: it quotes the message, which may be as long as it likes.
const NOT_UNDERSTOOD_CHARS_MAX: usize = 400;
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
    outbox: Outbox,
) -> Result<Response<axum::body::Body>, Refusal> {
    let key = handshake_key(request.headers())?;
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => {
                let socket =
                    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config()))
                        .await;
                session(socket, hearing, (seat, until, outbox), Limits::default()).await;
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
        Ok(socket) => session(socket, hearing, (seat, UtcMs(i64::MAX), Outbox::default()), limits).await,
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
            if is_nonce(key)
                && has(header::UPGRADE, "websocket")
                && has(header::CONNECTION, "upgrade")
                && has(header::SEC_WEBSOCKET_VERSION, "13") =>
        {
            Ok(key.to_owned())
        }
        _ => Err(Refusal::bad("this address speaks WebSocket version 13 only")),
    }
}

/// Sixteen bytes in base64, as RFC 6455 wants the key of a handshake.
fn is_nonce(key: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    key.len() == 24 && key.ends_with("==") && key.bytes().take(22).all(plain)
}

/// How a screen's messages end.
enum End {
    /// It closed, fell silent, or the hearing is over.
    Gone,
    /// It said something else than it must.
    Said(String),
    /// What it sends is no WebSocket, no UTF-8, or too large.
    Broken(CloseFrame),
}

impl End {
    fn of(error: &Error) -> Self {
        let (code, reason) = match error {
            Error::Protocol(_) => (CloseCode::Protocol, "this is not the WebSocket protocol"),
            Error::Utf8(_) => (CloseCode::Invalid, "a text is not UTF-8"),
            Error::Capacity(_) => (CloseCode::Size, "a message is larger than 1 MiB"),
            _ => return Self::Gone,
        };
        Self::Broken(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}

async fn session<S: Stream>(
    socket: WebSocketStream<S>,
    hearing: Handle,
    (seat, until, outbox): (SeatId, UtcMs, Outbox),
    limits: Limits,
) {
    let (mut sink, mut stream) = socket.split();
    let resume = match tokio::time::timeout(limits.hello_max, hello(&mut stream)).await {
        Ok(Ok(resume)) => resume,
        Ok(Err(End::Said(sentence))) => {
            return say_and_close(&mut sink, ServerMsg::Malformed { sentence }, limits).await;
        }
        Ok(Err(End::Broken(frame))) => return break_off(sink, stream, frame, limits).await,
        Ok(Err(End::Gone)) => {
            limits.in_time(sink.close()).await;
            return;
        }
        Err(_) => return,
    };
    let outbox = Arc::new(outbox);
    let joined = match hearing.join(seat, resume, Arc::clone(&outbox)).await {
        Ok(joined) => joined,
        Err(error) => {
            let bye = ServerMsg::Bye { sentence: error.to_string(), retry_ms: Some(2000) };
            return say_and_close(&mut sink, bye, limits).await;
        }
    };
    let conn = joined.conn;
    // Whichever ends first ends the session: a peer that reads nothing, or one that has gone.
    let end = tokio::select! {
        () = write(&mut sink, &outbox, (&hearing, conn), limits) => End::Gone,
        end = read(&mut stream, &outbox, (&hearing, conn), limits) => end,
        () = expire(until, &outbox) => End::Gone,
    };
    // The hearing may have ended before the screen did.
    let _ = hearing.send(Msg::Leave { conn }).await;
    match end {
        End::Broken(frame) => break_off(sink, stream, frame, limits).await,
        End::Gone | End::Said(_) => {
            let _ = tokio::time::timeout(LINGER_MAX, sink.close()).await;
        }
    }
}

/// Says why with a close frame and ends. What the peer still sends is read and thrown away for a moment: a connection that is cut off with
/// bytes unread takes the frame with it.
async fn break_off<S: Stream>(
    mut sink: SplitSink<WebSocketStream<S>, Message>,
    stream: SplitStream<WebSocketStream<S>>,
    frame: CloseFrame,
    limits: Limits,
) {
    let lingering = async {
        if !limits.in_time(sink.send(Message::Close(Some(frame)))).await {
            return;
        }
        let Ok(mut socket) = sink.reunite(stream) else { return };
        let raw = socket.get_mut();
        let mut unread = [0; 4 << 10];
        if raw.shutdown().await.is_ok() {
            while raw.read(&mut unread).await.is_ok_and(|n| n > 0) {}
        }
    };
    let _ = tokio::time::timeout(LINGER_MAX, lingering).await;
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
) -> Result<Option<protocol::wire::Resume>, End> {
    while let Some(message) = stream.next().await {
        match message {
            Ok(Message::Text(text)) => {
                return match serde_json::from_str(&text) {
                    Ok(ClientMsg::Hello { resume }) => Ok(resume),
                    Ok(_) => Err(End::Said("the first message must be hello".to_owned())),
                    Err(error) => {
                        let error = shown(&error.to_string(), NOT_UNDERSTOOD_CHARS_MAX);
                        Err(End::Said(format!("the first message must be hello: {error}")))
                    }
                };
            }
            Ok(Message::Close(_)) => break,
            Ok(_) => {}
            Err(error) => return Err(End::of(&error)),
        }
    }
    Err(End::Gone)
}

async fn read<S: Stream>(
    stream: &mut SplitStream<WebSocketStream<S>>,
    outbox: &Outbox,
    (hearing, conn): (&Handle, u64),
    limits: Limits,
) -> End {
    loop {
        let message = match tokio::time::timeout(limits.silence_max, stream.next()).await {
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(error))) => return End::of(&error),
            Ok(None) | Err(_) => return End::Gone,
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return End::Gone,
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
                    return End::Gone;
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
    let sentence = format!("not understood: {}", shown(&error.to_string(), NOT_UNDERSTOOD_CHARS_MAX));
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
