//! A screen's WebSocket: upgrade, first hello, then two tasks that never wait for one another. What the library reads it also answers (pongs,
//! the answer to a close), into the outbox; the one task that writes writes frames that were encoded once for all screens, and nothing else.
//!
//! ```text
//!   Upgrading ──hello within 10 s──► Joined ──bye, end or silence of 60 s──► Left
//!       └────────── what is no WebSocket, no UTF-8, or too large ────────────► Left, with the close code that says so
//! ```

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use court::Denial;
use futures_util::{SinkExt as _, StreamExt as _};
use hub::{Frame, Handle, Msg, Outbox, OutboxItem};
use hyper_util::rt::TokioIo;
use media::clock::utc_now;
use model::{CmdId, SeatId, UtcMs, shown};
use protocol::wire::{ClientMsg, Parting, Resume, ServerMsg};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf, ReadHalf, WriteHalf};
use tokio::sync::SetOnce;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use crate::routes::Refusal;

/// What carries a WebSocket: an upgraded HTTP connection, with or without TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for T {}

/// Largest message of a screen: a stroke of 20,000 points fits.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// How long a peer that was told why may still send what nobody reads.
const LINGER_MAX: Duration = Duration::from_secs(2);
/// Characters of a sentence on what was not understood: it quotes the message, which may be as long as it likes.
const NOT_UNDERSTOOD_CHARS_MAX: usize = 400;
/// No session lasts longer.
const SESSION_MS_MAX: i64 = 7 * 24 * 3_600_000;
/// Messages written in one go.
const BATCH: usize = 64;
/// A screen says little, and there are thousands.
const READ_BUFFER_BYTES: usize = 1 << 10;

/// When a screen ends at the latest, and what ends it before.
pub(crate) type Ends = (UtcMs, CancellationToken);

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
    ends: Ends,
    outbox: Outbox,
) -> Result<Response<axum::body::Body>, Refusal> {
    let key = handshake_key(request.headers())?;
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => {
                session(TokioIo::new(upgraded), hearing, (seat, ends, outbox), Limits::default()).await;
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
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
}

/// A session straight on a TCP connection, without HTTP routes and access: for benches of the fan-out alone, and for tests that wait for no
/// whole minute.
pub async fn bare_session(stream: tokio::net::TcpStream, hearing: Handle, seat: SeatId, limits: Limits) {
    match tokio_tungstenite::accept_async(stream).await {
        Ok(socket) => {
            let ends = (UtcMs(i64::MAX), CancellationToken::new());
            session(socket.into_inner(), hearing, (seat, ends, Outbox::default()), limits).await;
        }
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
    Said(Frame),
    /// What it sends is no WebSocket, no UTF-8, or too large.
    Broken(CloseCode, &'static str),
}

impl End {
    fn of(error: &Error) -> Self {
        match error {
            Error::Protocol(_) => Self::Broken(CloseCode::Protocol, "this is not the WebSocket protocol"),
            Error::Utf8(_) => Self::Broken(CloseCode::Invalid, "a text is not UTF-8"),
            Error::Capacity(_) => Self::Broken(CloseCode::Size, "a message is larger than 1 MiB"),
            _ => Self::Gone,
        }
    }
}

/// A screen's connection as the library sees it: it reads from the peer, and what it writes of its own accord goes into the outbox.
struct Inward<S> {
    from: ReadHalf<S>,
    outbox: Arc<Outbox>,
}

impl<S: Stream> AsyncRead for Inward<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.from).poll_read(context, buffer)
    }
}

impl<S: Stream> AsyncWrite for Inward<S> {
    /// The library gives whole frames, several perhaps, and none of them is longer than a control frame.
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.outbox.answer(Frame::framed(bytes));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

type Socket<S> = WebSocketStream<Inward<S>>;

async fn session<S: Stream>(
    stream: S,
    hearing: Handle,
    (seat, ends, outbox): (SeatId, Ends, Outbox),
    limits: Limits,
) {
    let outbox = Arc::new(outbox);
    let joined = Arc::new(SetOnce::new());
    let (from, to) = tokio::io::split(stream);
    let mut writing =
        tokio::spawn(write(to, Arc::clone(&outbox), (hearing.clone(), Arc::clone(&joined)), limits));
    let inward = Inward { from, outbox: Arc::clone(&outbox) };
    let mut socket = WebSocketStream::from_raw_socket(inward, Role::Server, Some(config())).await;
    // Whichever ends first ends the session: a peer that reads nothing, or one that has gone.
    let end = tokio::select! {
        end = read(&mut socket, &outbox, (&hearing, seat, &joined), limits) => Some(end),
        _ = &mut writing => None,
        () = expire(ends, &outbox) => None,
    };
    if let Some(conn) = joined.get() {
        // The hearing may have ended before the screen did.
        let _ = hearing.send(Msg::Leave { conn: *conn }).await;
    }
    let _ = tokio::time::timeout(LINGER_MAX, part(&mut socket, &outbox, end, &mut writing)).await;
    writing.abort();
}

/// Says why, if there is a reason, and ends. What the peer still sends is read and thrown away for a moment: a connection that is cut off
/// with bytes unread takes the last words with it.
async fn part<S: Stream>(
    socket: &mut Socket<S>,
    outbox: &Outbox,
    end: Option<End>,
    writing: &mut tokio::task::JoinHandle<()>,
) {
    if let Some(end) = end {
        match end {
            // The answer to a close lies in the library.
            End::Gone => drop(socket.flush().await),
            End::Said(frame) => outbox.answer(frame),
            End::Broken(code, reason) => outbox.answer(Frame::close(code.into(), reason)),
        }
        outbox.close();
        let _ = writing.await;
    }
    let mut unread = [0; 512];
    while socket.get_mut().from.read(&mut unread).await.is_ok_and(|n| n > 0) {}
}

/// A screen does not outlive its session or its terminal: it is told so, and the write that is going on ends the socket.
async fn expire((until, revoked): Ends, outbox: &Outbox) {
    let left = until.0.saturating_sub(utc_now().0).clamp(0, SESSION_MS_MAX);
    let (why, sentence) = tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(left.unsigned_abs())) => {
            (Parting::SessionOver, "this session has ended; ask the clerk for a new link")
        }
        () = revoked.cancelled() => {
            (Parting::TerminalRevoked, "this terminal has been revoked; have it added anew")
        }
    };
    let sentence = sentence.to_owned();
    outbox.answer(Frame::text(&ServerMsg::Bye { why, sentence, retry_ms: None }));
    outbox.close();
    std::future::pending().await
}

async fn hello<S: Stream>(socket: &mut Socket<S>) -> Result<Option<Resume>, End> {
    let said = |sentence: String| Err(End::Said(Frame::text(&ServerMsg::Malformed { sentence })));
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Text(text)) => {
                return match serde_json::from_str(&text) {
                    Ok(ClientMsg::Hello { resume }) => Ok(resume),
                    Ok(_) => said("the first message must be hello".to_owned()),
                    Err(error) => {
                        let error = shown(&error.to_string(), NOT_UNDERSTOOD_CHARS_MAX);
                        said(format!("the first message must be hello: {error}"))
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

/// From the first hello to the end.
async fn read<S: Stream>(
    socket: &mut Socket<S>,
    outbox: &Arc<Outbox>,
    (hearing, seat, joined): (&Handle, SeatId, &SetOnce<u64>),
    limits: Limits,
) -> End {
    let resume = match tokio::time::timeout(limits.hello_max, hello(socket)).await {
        Ok(Ok(resume)) => resume,
        Ok(Err(end)) => return end,
        Err(_) => return End::Gone,
    };
    let conn = match hearing.join(seat, resume, Arc::clone(outbox)).await {
        Ok(screen) => screen.conn,
        Err(error) => {
            let (why, sentence) = (Parting::NoSeat, error.to_string());
            return End::Said(Frame::text(&ServerMsg::Bye { why, sentence, retry_ms: Some(2000) }));
        }
    };
    let _ = joined.set(conn);
    loop {
        let message = match tokio::time::timeout(limits.silence_max, socket.next()).await {
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(error))) => return End::of(&error),
            Ok(None) | Err(_) => return End::Gone,
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return End::Gone,
            Message::Binary(_) => {
                let sentence = "this protocol has text messages only".to_owned();
                outbox.answer(Frame::text(&ServerMsg::Malformed { sentence }));
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
            Err(error) => outbox.answer(Frame::text(&not_understood(&text, &error))),
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

/// Writes what comes into the outbox until it is closed or the peer takes no more; then says that this is the end.
async fn write<S: Stream>(
    mut to: WriteHalf<S>,
    outbox: Arc<Outbox>,
    (hearing, joined): (Handle, Arc<SetOnce<u64>>),
    limits: Limits,
) {
    let mut closing = false;
    loop {
        let mut frames = Vec::new();
        let (mut behind, mut closed) = (false, false);
        for item in outbox.next(BATCH).await {
            match item {
                // Nothing may come after a close.
                OutboxItem::Message(_) if closing => {}
                OutboxItem::Message(frame) => {
                    closing = frame.is_close();
                    frames.push(frame);
                }
                OutboxItem::Resync => behind = true,
                OutboxItem::Closed => closed = true,
            }
        }
        if closed && !closing {
            frames.push(Frame::close_bare());
        }
        let written = tokio::time::timeout(limits.write_max, write_all(&mut to, &frames)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
        if behind && hearing.send(Msg::Resync { conn: *joined.wait().await }).await.is_err() {
            return;
        }
        if closed {
            let _ = tokio::time::timeout(limits.write_max, to.shutdown()).await;
            return;
        }
    }
}

/// All of these frames, as many as the connection takes at a time.
async fn write_all<S: Stream>(to: &mut WriteHalf<S>, frames: &[Frame]) -> std::io::Result<()> {
    let (mut first, mut written) = (0, 0);
    while let Some(frame) = frames.get(first) {
        let n = std::future::poll_fn(|context| {
            let mut to = Pin::new(&mut *to);
            let begun = &frame.bytes()[written..];
            if first + 1 == frames.len() {
                return to.as_mut().poll_write(context, begun);
            }
            let mut slices = [IoSlice::new(begun); BATCH];
            let rest = &frames[first + 1..];
            for (slice, frame) in slices[1..].iter_mut().zip(rest) {
                *slice = IoSlice::new(frame.bytes());
            }
            let used = BATCH.min(1 + rest.len());
            to.as_mut().poll_write_vectored(context, &slices[..used])
        });
        written += match n.await? {
            0 => return Err(std::io::ErrorKind::WriteZero.into()),
            n => n,
        };
        while let Some(frame) = frames.get(first).filter(|frame| written >= frame.bytes().len()) {
            written -= frame.bytes().len();
            first += 1;
        }
    }
    to.flush().await
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
                        OutboxItem::Message(frame) => {
                            said.push(String::from_utf8_lossy(frame.payload()).into_owned());
                        }
                        OutboxItem::Closed => return said,
                        OutboxItem::Resync => {}
                    }
                }
            }
        };
        let said = tokio::select! {
            said = told => said,
            () = expire((UtcMs(utc_now().0 - 1), CancellationToken::new()), &outbox) => Vec::new(),
        };
        assert!(
            matches!(&said[..], [bye] if bye.contains("\"type\":\"bye\"") && bye.contains("\"retryMs\":null")),
            "{said:?}"
        );
    }
}
