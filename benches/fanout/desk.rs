//! The screens and the hands of the load generator, on the second core.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use court::ViewDraft;
use futures_util::{SinkExt, StreamExt};
use model::{CmdId, DocId, PageRef, Point, Rotation};
use protocol::wire::{ClientMsg, Ephemeral, Resume};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn open(address: SocketAddr, path: &str) -> Socket {
    let stream = connect(address).await.expect("the server accepts");
    let (socket, _) =
        tokio_tungstenite::client_async(format!("ws://{address}/{path}"), stream).await.expect("a WebSocket");
    socket
}

async fn say(socket: &mut Socket, msg: &ClientMsg) {
    let text = serde_json::to_string(msg).expect("encodes");
    socket.send(Message::text(text)).await.expect("writable");
}

/// The welcome: epoch, sequence, and whether it came with a snapshot.
pub(crate) async fn greet(socket: &mut Socket, resume: Option<Resume>) -> Option<(Resume, bool)> {
    let hello = serde_json::to_string(&ClientMsg::Hello { resume }).expect("encodes");
    socket.send(Message::text(hello)).await.ok()?;
    let welcome = tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time")?.ok()?;
    let welcome: serde_json::Value = serde_json::from_str(welcome.to_text().ok()?).ok()?;
    assert_eq!(welcome["type"], "welcome", "a welcome comes first");
    let resume = Resume { epoch: welcome["epoch"].as_u64()?, seq: welcome["seq"].as_u64()? };
    Some((resume, !welcome["snapshot"].is_null()))
}

/// A socket at a seat, welcomed.
pub(crate) async fn seated(address: SocketAddr, seat: &str) -> Socket {
    let mut socket = open(address, seat).await;
    greet(&mut socket, None).await.expect("welcomed");
    socket
}

/// A socket at a seat, and where it stands.
pub(crate) async fn newcomer(address: SocketAddr, seat: &str) -> (Socket, Resume) {
    let mut socket = open(address, seat).await;
    let (at, _) = greet(&mut socket, None).await.expect("welcomed");
    (socket, at)
}

/// Where a seat's class stands now.
pub(crate) async fn seated_again(address: SocketAddr, seat: &str) -> Resume {
    newcomer(address, seat).await.1
}

/// Comes back to a seat and reads until `missed` updates have come, one after the other; false where a snapshot comes instead.
pub(crate) async fn resumed(address: SocketAddr, seat: &str, at: Resume, missed: u64) -> bool {
    let last = at.seq + missed;
    let mut expected = at.seq + 1;
    let mut socket = open(address, seat).await;
    let (_, whole) = greet(&mut socket, Some(at)).await.expect("welcomed");
    while !whole && expected <= last {
        let message = socket.next().await.expect("open").expect("whole");
        let msg: serde_json::Value = serde_json::from_str(message.to_text().expect("text")).expect("JSON");
        if msg["type"] == "update" {
            assert_eq!(msg["seq"], expected, "nothing is left out");
            expected += 1;
        }
    }
    !whole
}

/// A screen that notes when each event arrives, of whatever kind begins so. It looks at frames no closer than it must: what it costs is
/// no part of what is measured.
pub(crate) async fn screen(
    address: SocketAddr,
    target: &str,
    seat: &str,
    arrived: mpsc::UnboundedSender<Instant>,
) -> JoinHandle<()> {
    let mut stream = connect(address).await.expect("the server accepts");
    let path = if target == "hub" { seat } else { "screen" };
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("writable");
    let mut frames = Frames::default();
    while !frames.skip_head() {
        assert!(frames.read(&mut stream).await, "an answer comes");
    }
    if target == "hub" {
        let hello = serde_json::to_vec(&ClientMsg::Hello { resume: None }).expect("encodes");
        // Masked, as a client must, with a mask of nothing.
        let mut frame = vec![0x81, 0x80 | u8::try_from(hello.len()).expect("short"), 0, 0, 0, 0];
        frame.extend(hello);
        stream.write_all(&frame).await.expect("writable");
        while !frames.take(b"{\"type\":\"welcome\"") {
            assert!(frames.read(&mut stream).await, "a welcome comes");
        }
    }
    tokio::spawn(async move {
        while frames.read(&mut stream).await {
            let now = Instant::now();
            // The status line of every second is no event.
            while let Some(text) = frames.next() {
                let event: [&[u8]; 3] =
                    [b"{\"type\":\"update\"", b"{\"type\": \"update\"", b"{\"type\":\"partial\""];
                if event.iter().any(|e| text.starts_with(e)) && arrived.send(now).is_err() {
                    return;
                }
            }
        }
    })
}

/// Frames of a server, as their bytes come.
#[derive(Default)]
struct Frames {
    bytes: Vec<u8>,
    at: usize,
}

impl Frames {
    /// False at the end.
    async fn read(&mut self, stream: &mut TcpStream) -> bool {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.reserve(8 << 10);
        stream.read_buf(&mut self.bytes).await.is_ok_and(|n| n > 0)
    }

    /// Passes over the answer to the handshake, once all of it is there.
    fn skip_head(&mut self) -> bool {
        let end = self.bytes.windows(4).position(|w| w == b"\r\n\r\n");
        if let Some(end) = end {
            assert!(self.bytes.starts_with(b"HTTP/1.1 101"), "the server speaks WebSocket");
            self.at = end + 4;
        }
        end.is_some()
    }

    /// The payload of the next whole frame.
    fn next(&mut self) -> Option<&[u8]> {
        let frame = &self.bytes[self.at..];
        let (head, len) = match *frame.get(1)? {
            126 => (4, usize::from(u16::from_be_bytes([*frame.get(2)?, *frame.get(3)?]))),
            127 => (10, usize::try_from(u64::from_be_bytes(frame.get(2..10)?.try_into().ok()?)).ok()?),
            short => (2, usize::from(short)),
        };
        frame.get(head + len - 1)?;
        let begins = self.at + head;
        self.at = begins + len;
        Some(&self.bytes[begins..begins + len])
    }

    /// Takes frames up to one that begins so.
    fn take(&mut self, begins: &[u8]) -> bool {
        while let Some(text) = self.next() {
            if text.starts_with(begins) {
                return true;
            }
        }
        false
    }
}

/// A screen that is welcomed and then reads nothing; its own buffers are small.
pub(crate) async fn stalled(address: SocketAddr, seat: &str) -> Socket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 << 10).expect("TCP");
    let stream = socket.connect(address).await.expect("the server accepts");
    let (mut socket, _) =
        tokio_tungstenite::client_async(format!("ws://{address}/{seat}"), stream).await.expect("a WebSocket");
    greet(&mut socket, None).await.expect("welcomed");
    socket
}

/// What makes an event.
pub(crate) enum Trigger {
    /// Of the hub's partials.
    Raw(TcpStream),
    /// Of the floor, or a peer.
    Socket(Box<Socket>),
    /// A judge who puts pages on the screens; no two judges' acts have the same id. The last is that of the next act.
    Judge(Box<Socket>, u64, usize),
}

impl Trigger {
    pub(crate) async fn connect(address: SocketAddr, target: &str) -> Self {
        match target {
            "speech" => {
                let mut stream = connect(address).await.expect("the server accepts");
                stream.write_all(b"t").await.expect("writable");
                Self::Raw(stream)
            }
            "hub" => Self::Judge(Box::new(seated(address, "judge").await), chance(u64::MAX - 1), 0),
            _ => Self::Socket(Box::new(open(address, "trigger").await)),
        }
    }

    /// One event more.
    pub(crate) async fn fire(&mut self) {
        match self {
            Self::Raw(stream) => stream.write_all(&[1]).await.expect("writable"),
            Self::Socket(socket) => socket.send(Message::text("!")).await.expect("writable"),
            Self::Judge(socket, own, n) => {
                let view = ViewDraft {
                    page: page(*n as u32 + 1),
                    page_hash: "0".repeat(64),
                    rotation: Rotation::None,
                    viewport: None,
                    highlights: Vec::new(),
                    beside: None,
                };
                let cmd_id = CmdId::new(format!("c{own}-{n}")).expect("well formed");
                *n += 1;
                say(
                    socket,
                    &ClientMsg::Command { cmd_id, command: court::Command::Show { view }, inside: false },
                )
                .await;
            }
        }
    }

    /// So many partials at once, of the hub's.
    pub(crate) async fn burst(&mut self, count: u8) {
        let Self::Raw(stream) = self else { unreachable!("only speech comes in bursts") };
        stream.write_all(&[count]).await.expect("writable");
    }

    /// Reads what the judge is told up to the answer to the last act, so that their own queue does not fill.
    pub(crate) async fn drain(&mut self) {
        let Self::Judge(socket, own, next) = self else { return };
        let last = format!("\"cmdId\":\"c{own}-{}\"", *next - 1);
        while let Some(Ok(message)) = socket.next().await {
            if message.to_text().is_ok_and(|t| t.contains(&last)) {
                return;
            }
        }
        unreachable!("the judge gets an answer");
    }
}

pub(crate) fn page(page: u32) -> PageRef {
    PageRef { doc: DocId::new("doc").expect("well formed"), page }
}

/// Points at a page.
pub(crate) async fn point(socket: &mut Socket, pen: usize, n: usize) {
    let at = Some(Point { x: n as i32, y: pen as i32 });
    say(socket, &ClientMsg::Ephemeral { what: Ephemeral::Pointer { page: page(1), at } }).await;
}

/// Which pen's which point a message is, if it is one.
pub(crate) fn pointed(message: &Message) -> Option<(usize, usize)> {
    let text = message.to_text().ok().filter(|t| t.starts_with("{\"type\":\"ephemeral\""))?;
    let number = |key: &str| -> Option<usize> {
        let after = text.split_once(key)?.1;
        after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    Some((number("\"y\":")?, number("\"x\":")?))
}

/// A screen as the web has it: comes back by itself, waiting between half and all of 0.25 s × 2ⁿ, and says when it is welcome again.
pub(crate) fn faithful(
    address: SocketAddr,
    mut socket: Socket,
    mut at: Resume,
    welcomed: mpsc::UnboundedSender<Instant>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            while let Some(Ok(_)) = socket.next().await {}
            let mut attempt = 0;
            socket = loop {
                let ceiling = (250 << attempt).min(8000);
                let wait = ceiling / 2 + chance(ceiling / 2);
                tokio::time::sleep(Duration::from_millis(wait)).await;
                attempt += 1;
                let Ok(stream) = connect(address).await else { continue };
                let url = format!("ws://{address}/public");
                let Ok((mut socket, _)) = tokio_tungstenite::client_async(url, stream).await else {
                    continue;
                };
                if let Some((resume, _)) = greet(&mut socket, Some(at)).await {
                    at = resume;
                    break socket;
                }
            };
            if welcomed.send(Instant::now()).is_err() {
                return;
            }
        }
    })
}

fn chance(below: u64) -> u64 {
    u64::from_le_bytes(record::random().expect("chance")) % (below + 1)
}
