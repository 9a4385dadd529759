//! `fanout`: from a judge's act to its arrival on every screen, over real WebSockets, journalled first.
//!
//! The server runs in a process of its own on one core, the load generator on the other. In the same run, interleaved:
//! the floor (a loop that writes the same bytes to as many sockets) and a peer (npm `ws`, pre-serialised broadcast).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench ends where something is not as it must be"
)]

mod support;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use court::{HearingInfo, Outline, Report, ViewDraft};
use futures_util::{SinkExt, StreamExt};
use hub::{Handle, HearingSetup};
use media::clock::HearingClock;
use model::{CaseId, CmdId, DocId, HearingId, PageRef, Role, Rotation, Seat, SeatId};
use protocol::wire::ClientMsg;
use record::{Journal, JournalConfig, Key};
use support::{Figure, median, ms, percentile, quick, rounds, say, skipped};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

const PATIENCE: Duration = Duration::from_secs(60);
/// Events of one round.
fn events() -> usize {
    if quick() { 20 } else { 100 }
}

#[path = "support/no_pages.rs"]
mod no_pages;

fn main() {
    let role = std::env::var("HUITING_FANOUT_ROLE").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match role.as_str() {
        "hub" => runtime.block_on(serve_hub()),
        "floor" => runtime.block_on(serve_floor()),
        _ => runtime.block_on(measure()),
    }
}

async fn measure() {
    let sizes: &[usize] = if quick() { &[100] } else { &[100, 1000] };
    for &screens in sizes {
        let mut found: HashMap<&str, Vec<Round>> = HashMap::new();
        for round in 0..rounds() {
            say(&format!("fanout: {screens} screens, round {}", round + 1));
            for target in ["hub", "floor", "ws"] {
                let Some(server) = Server::start(target) else { continue };
                found.entry(target).or_default().push(run(&server, target, screens).await);
            }
        }
        let of = |target: &str, pick: Pick| -> Vec<f64> {
            found.get(target).map(|rounds| rounds.iter().map(pick).collect()).unwrap_or_default()
        };
        let picks: [(&str, Pick, f64); 3] = [
            ("p50", |r| r.p50, if screens == 100 { 2.0 } else { 7.0 }),
            ("p99", |r| r.p99, if screens == 100 { 8.0 } else { 20.0 }),
            ("last", |r| r.last, f64::INFINITY),
        ];
        for (name, pick, goal) in picks {
            let mut figure = Figure::new(format!("fanout_{screens}_durable_{name}"), "ms", of("hub", pick))
                .floor(&of("floor", pick));
            if goal.is_finite() {
                figure = figure.at_most(goal);
            }
            let ws = of("ws", pick);
            if !ws.is_empty() {
                figure = figure.peer("ws", &ws);
            }
            figure.print();
        }
    }
    skipped("fanout_5000_durable_p99", "the generator shares two cores with the server here");
}

/// A figure of a round.
type Pick = fn(&Round) -> f64;

struct Round {
    p50: f64,
    p99: f64,
    /// Median over the events of the time to the last screen.
    last: f64,
}

/// Connects the screens, then fires events one by one and waits until each is everywhere.
async fn run(server: &Server, target: &str, screens: usize) -> Round {
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    let mut tasks = Vec::new();
    for _ in 0..screens {
        tasks.push(screen(server.address, target, arrived.clone()).await);
    }
    let mut trigger = Trigger::connect(server.address, target).await;
    let (mut all, mut lasts) = (Vec::new(), Vec::new());
    for n in 0..events() {
        let sent = Instant::now();
        trigger.fire(n).await;
        let mut last = 0.0f64;
        for _ in 0..screens {
            let at: Instant = tokio::time::timeout(PATIENCE, arrivals.recv())
                .await
                .expect("every screen gets every event")
                .expect("the screens live");
            let latency = ms(at.saturating_duration_since(sent));
            all.push(latency);
            last = last.max(latency);
        }
        lasts.push(last);
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    Round { p50: percentile(&all, 0.5), p99: percentile(&all, 0.99), last: median(&lasts) }
}

/// A screen that notes when each event arrives.
async fn screen(
    address: SocketAddr,
    target: &str,
    arrived: mpsc::UnboundedSender<Instant>,
) -> tokio::task::JoinHandle<()> {
    let mut stream = TcpStream::connect(address).await.expect("the server accepts");
    stream.set_nodelay(true).expect("TCP");
    if target == "floor" {
        stream.write_all(b"s").await.expect("writable");
        return tokio::spawn(async move {
            let mut frame = vec![0; FLOOR_FRAME_BYTES];
            while stream.read_exact(&mut frame).await.is_ok() && arrived.send(Instant::now()).is_ok() {}
        });
    }
    let path = if target == "hub" { "public" } else { "screen" };
    let (mut socket, _) =
        tokio_tungstenite::client_async(format!("ws://{address}/{path}"), stream).await.expect("a WebSocket");
    if target == "hub" {
        hello(&mut socket).await;
    }
    tokio::spawn(async move {
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            // The status line of every second is no event.
            if text.starts_with("{\"type\":\"update\"") && arrived.send(Instant::now()).is_err() {
                return;
            }
        }
    })
}

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn hello(socket: &mut Socket) {
    let hello = serde_json::to_string(&ClientMsg::Hello { resume: None }).expect("encodes");
    socket.send(Message::text(hello)).await.expect("writable");
    let welcome = tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time");
    assert!(matches!(welcome, Some(Ok(Message::Text(t))) if t.contains("welcome")), "a welcome comes first");
}

enum Trigger {
    Raw(TcpStream),
    Socket(Box<Socket>),
    Judge(Box<Socket>),
}

impl Trigger {
    async fn connect(address: SocketAddr, target: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("the server accepts");
        stream.set_nodelay(true).expect("TCP");
        if target == "floor" {
            stream.write_all(b"t").await.expect("writable");
            return Self::Raw(stream);
        }
        let path = if target == "hub" { "judge" } else { "trigger" };
        let (mut socket, _) = tokio_tungstenite::client_async(format!("ws://{address}/{path}"), stream)
            .await
            .expect("a WebSocket");
        if target == "hub" {
            hello(&mut socket).await;
            return Self::Judge(Box::new(socket));
        }
        Self::Socket(Box::new(socket))
    }

    async fn fire(&mut self, n: usize) {
        match self {
            Self::Raw(stream) => stream.write_all(b"!").await.expect("writable"),
            Self::Socket(socket) => socket.send(Message::text("!")).await.expect("writable"),
            Self::Judge(socket) => {
                let view = ViewDraft {
                    page: PageRef { doc: DocId::new("doc").expect("well formed"), page: n as u32 + 1 },
                    page_hash: "0".repeat(64),
                    rotation: Rotation::None,
                    viewport: None,
                    highlights: Vec::new(),
                };
                let cmd_id = CmdId::new(format!("c{n}")).expect("well formed");
                let msg = ClientMsg::Command { cmd_id, command: court::Command::Show { view } };
                socket
                    .send(Message::text(serde_json::to_string(&msg).expect("encodes")))
                    .await
                    .expect("writable");
            }
        }
    }
}

/// A server process on the first core.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(target: &str) -> Option<Self> {
        let own = std::env::current_exe().expect("this program");
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]);
        match target {
            "ws" => {
                let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/ws.mjs");
                command.arg("node").arg(peer);
            }
            role => {
                command.arg(own).env("HUITING_FANOUT_ROLE", role);
            }
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("taskset starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        let read = std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line);
        match read.ok().and_then(|_| line.trim().parse().ok()) {
            Some(address) => Some(Self { child, address }),
            None => {
                say(&format!("fanout: {target} did not start"));
                let _ = child.kill();
                let _ = child.wait();
                None
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Length of the floor's frames: that of an update of ours.
const FLOOR_FRAME_BYTES: usize = 420;

/// The floor: one byte on the trigger connection writes the same bytes to every screen, nothing else.
async fn serve_floor() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    println_address(&listener);
    let mut screens: Vec<TcpStream> = Vec::new();
    let frame = vec![b'x'; FLOOR_FRAME_BYTES];
    loop {
        let (mut stream, _) = listener.accept().await.expect("accepted");
        stream.set_nodelay(true).expect("TCP");
        let mut kind = [0];
        stream.read_exact(&mut kind).await.expect("a kind comes first");
        if &kind == b"s" {
            screens.push(stream);
            continue;
        }
        let mut byte = [0];
        while stream.read_exact(&mut byte).await.is_ok() {
            for screen in &mut screens {
                screen.write_all(&frame).await.expect("writable");
            }
        }
    }
}

#[allow(clippy::print_stdout, reason = "the address goes to the generator")]
fn println_address(listener: &TcpListener) {
    println!("{}", listener.local_addr().expect("bound"));
}

/// A hearing with a real journal behind the server's own WebSocket session; the path names the seat.
async fn serve_hub() {
    let folder = tempfile::tempdir_in("target").expect("the target folder is writable");
    let handle = hearing(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    println_address(&listener);
    loop {
        let (stream, _) = listener.accept().await.expect("accepted");
        stream.set_nodelay(true).expect("TCP");
        tokio::spawn(accept(stream, handle.clone()));
    }
}

async fn accept(stream: TcpStream, handle: Handle) {
    // The request line names the seat; the handshake is the server's own.
    let mut peek = [0; 64];
    let n = stream.peek(&mut peek).await.expect("a request comes");
    let seat = if peek[..n].starts_with(b"GET /judge") { "judge" } else { "public" };
    let seat = SeatId::new(seat).expect("well formed");
    server::bare_session(stream, handle, seat, server::Limits::default()).await;
}

fn hearing(dir: &Path) -> Handle {
    let signer =
        Key::load_or_create(&dir.join("key")).expect("a key").signer("huiting/bench").expect("a signer");
    let config = JournalConfig::new("huiting/bench", Box::new(signer));
    let (journal, recovered) = Journal::open(&dir.join("journal"), config).expect("the journal opens");
    let origin = HearingClock::start_now();
    let case = CaseId::new("c1").expect("well formed");
    let info = HearingInfo {
        hearing: HearingId::new("h1").expect("well formed"),
        case: case.clone(),
        court: String::new(),
        number: String::new(),
        cause: String::new(),
        room: String::new(),
        session: 1,
        public: true,
        origin: origin.utc_ms,
    };
    let seat = |id: &str, role| Seat {
        id: SeatId::new(id).expect("well formed"),
        role,
        name: String::new(),
        authority: String::new(),
        microphone: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    let seats =
        vec![seat("judge", Role::PresidingJudge), seat("clerk", Role::Clerk), seat("public", Role::Public)];
    Handle::start(HearingSetup {
        hearing: info.hearing.clone(),
        case,
        journal,
        recovered: recovered.into_payloads(),
        opening: Some(Report::Opened { info, outline: Outline::civil_ordinary(), seats }),
        clock: HearingClock::new(origin),
        pages: Arc::new(no_pages::NoPages),
        media_dir: dir.join("media"),
        inputs: Vec::new(),
        sockets: None,
        companions: None,
        rehearsal: None,
        secret: false,
    })
    .expect("the hearing starts")
}
