//! What is measured, each in a process of its own on the first core: the hub, the floor, and the peers.
//!
//! A connection says by its first bytes what it is: a WebSocket at a seat (hub) or a path (floor and peers); or of the hub a recogniser (`t`),
//! each byte of which makes so many partials at once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use court::{HearingInfo, Outline, Report};
use futures_util::StreamExt;
use hub::{Handle, HearingSetup, LinkEvent, Msg};
use media::clock::HearingClock;
use model::{CaseId, HearingId, HearingTime, Role, Seat, SeatId};
use protocol::link::recogniser::FromRecogniser;
use protocol::link::recorder::ClockOrigin;
use record::{Journal, JournalConfig, Key};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::no_pages::NoPages;
use crate::support::say;

/// Length of the floor's frames: that of an update of ours.
pub(crate) const FRAME_BYTES: usize = 420;
/// Set for a hub that is killed: its folder and its port outlive it.
const FOLDER: &str = "HUITING_FANOUT_FOLDER";
const PORT: &str = "HUITING_FANOUT_PORT";
pub(crate) const ROLE: &str = "HUITING_FANOUT_ROLE";

/// A server process on the first core.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Nothing where a peer does not run here.
    pub(crate) fn start(target: &str) -> Option<Self> {
        Self::start_in(target, None)
    }

    /// A hub in a folder, at a port.
    pub(crate) fn hub(folder: &Path, port: u16) -> Self {
        Self::start_in("hub", Some((folder, port))).expect("the hub starts")
    }

    fn start_in(target: &str, at: Option<(&Path, u16)>) -> Option<Self> {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]);
        match target {
            "ws" => command.arg("node").arg(peers.join("ws.mjs")),
            "uws" => command.arg(python()).arg(peers.join("uws.py")).stderr(Stdio::null()),
            role => command.arg(std::env::current_exe().expect("this program")).env(ROLE, role),
        };
        if let Some((folder, port)) = at {
            command.env(FOLDER, folder).env(PORT, port.to_string());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("taskset starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        let read = std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line);
        match read.ok().and_then(|_| line.trim().parse().ok()) {
            Some(address) => Some(Self { child, address }),
            None => {
                say(&format!("fanout: {target} does not run here"));
                let _ = child.kill();
                let _ = child.wait();
                None
            }
        }
    }

    /// Kilobytes in memory.
    pub(crate) fn resident_kib(&self) -> f64 {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).expect("it runs");
        statm.split(' ').nth(1).and_then(|p| p.parse::<f64>().ok()).expect("pages") * 4.0
    }

    /// Seconds of its core it has used.
    pub(crate) fn cpu_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("it runs");
        let after_name = stat.rsplit(')').next().expect("fields");
        let ticks =
            |n: usize| after_name.split(' ').nth(n).and_then(|t| t.parse::<f64>().ok()).expect("ticks");
        // utime and stime, at the 100 ticks a second of every Linux.
        (ticks(12) + ticks(13)) / 100.0
    }

    /// Ends it as a power cut of the process would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is ours");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that has socketify, if `scripts/bench.sh` could install it.
fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/peers/bin/python");
    if own.exists() { own } else { "python3".into() }
}

/// The floor: a word on the trigger connection writes the same pre-encoded frame to every screen, nothing else.
pub(crate) async fn serve_floor() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    say_address(&listener);
    let mut screens: Vec<TcpStream> = Vec::new();
    let mut frame = vec![0x81, 126];
    frame.extend((FRAME_BYTES as u16).to_be_bytes());
    let text = format!(
        "{{\"type\":\"update\",\"seq\":1,\"at\":1,\"updates\":\"{}\"}}",
        "x".repeat(FRAME_BYTES - 45)
    );
    assert_eq!(text.len(), FRAME_BYTES, "as long as an update of ours");
    frame.extend(text.as_bytes());
    loop {
        let (stream, _) = listener.accept().await.expect("accepted");
        stream.set_nodelay(true).expect("TCP");
        let mut peek = [0; 16];
        let n = stream.peek(&mut peek).await.expect("a request comes");
        let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a WebSocket");
        if !peek[..n].starts_with(b"GET /trigger") {
            screens.push(socket.into_inner());
            continue;
        }
        while let Some(Ok(Message::Text(_))) = socket.next().await {
            for screen in &mut screens {
                screen.write_all(&frame).await.expect("writable");
            }
        }
        screens.clear();
    }
}

#[allow(clippy::print_stdout, reason = "the address goes to the generator")]
fn say_address(listener: &TcpListener) {
    println!("{}", listener.local_addr().expect("bound"));
}

/// A hearing with a real journal behind the server's own WebSocket session; the path names the seat.
pub(crate) async fn serve_hub() {
    let own = tempfile::tempdir_in("target").expect("the target folder is writable");
    let folder = std::env::var_os(FOLDER).map_or_else(|| own.path().to_owned(), PathBuf::from);
    let port: u16 = std::env::var(PORT).ok().and_then(|p| p.parse().ok()).unwrap_or_default();
    let handle = hearing(&folder);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("bound");
    say_address(&listener);
    loop {
        let (stream, _) = listener.accept().await.expect("accepted");
        stream.set_nodelay(true).expect("TCP");
        tokio::spawn(accept(stream, handle.clone()));
    }
}

async fn accept(stream: TcpStream, handle: Handle) {
    let mut peek = [0; 64];
    let Ok(n) = stream.peek(&mut peek).await else { return };
    let Some(path) = peek[..n].strip_prefix(b"GET /") else { return speak(stream, handle).await };
    let seat = path.split(|b| *b == b' ').next().and_then(|s| std::str::from_utf8(s).ok());
    let seat = SeatId::new(seat.expect("a path")).expect("well formed");
    server::bare_session(stream, handle, seat, server::Limits::default()).await;
}

/// Partials as the recogniser sends them: nothing is journalled.
async fn speak(mut stream: TcpStream, handle: Handle) {
    let mut utterance = 0;
    let mut count = [0];
    stream.read_exact(&mut count).await.expect("a kind comes first");
    while stream.read_exact(&mut count).await.is_ok() {
        for _ in 0..count[0] {
            utterance += 1;
            let seat = SeatId::new("judge").expect("well formed");
            let text = "x".repeat(FRAME_BYTES - 110);
            let partial = FromRecogniser::Partial { seat, utterance, from: HearingTime(utterance), text };
            handle.send(Msg::Recogniser(LinkEvent::Message(partial))).await.expect("it runs");
        }
        stream.write_all(b".").await.expect("writable");
    }
}

fn hearing(dir: &Path) -> Handle {
    let signer =
        Key::load_or_create(&dir.join("key")).expect("a key").signer("huiting/bench").expect("a signer");
    let config = JournalConfig::new("huiting/bench", Box::new(signer));
    let (journal, recovered) = Journal::open(&dir.join("journal"), config).expect("the journal opens");
    let recovered = recovered.into_payloads();
    // A hub that comes back goes on with the clock it began with.
    let clock_file = dir.join("clock.json");
    let origin: ClockOrigin = match std::fs::read(&clock_file) {
        Ok(json) => serde_json::from_slice(&json).expect("our own"),
        Err(_) => HearingClock::start_now(),
    };
    std::fs::write(&clock_file, serde_json::to_vec(&origin).expect("encodes")).expect("written");
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
    let seat = |(id, role): (&str, Role)| Seat {
        id: SeatId::new(id).expect("well formed"),
        role,
        name: String::new(),
        authority: String::new(),
        microphone: false,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    let seats = [
        ("judge", Role::PresidingJudge),
        ("clerk", Role::Clerk),
        ("plaintiff", Role::Plaintiff),
        ("public", Role::Public),
    ];
    let opening = Report::Opened {
        info: info.clone(),
        outline: Outline::civil_ordinary(),
        seats: seats.map(seat).to_vec(),
    };
    let opening = recovered.is_empty().then_some(opening);
    Handle::start(HearingSetup {
        hearing: info.hearing,
        case,
        journal,
        recovered,
        opening,
        clock: HearingClock::new(origin),
        pages: Arc::new(NoPages),
        media_dir: dir.join("media"),
        inputs: Vec::new(),
        sockets: None,
        companions: None,
        rehearsal: None,
        secret: false,
    })
    .expect("the hearing starts")
}
