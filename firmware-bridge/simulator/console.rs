//! A push-to-talk console on a pty or a network port: the real [`crate::console::Console`] with a thread for its
//! main loop.
//!
//! ```text
//!   pty:  plugged in ──drop──► unplugged          a host may come and go, the line stays
//!   TCP:  listening ──host connects──► talking ──host leaves──► listening
//! ```

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::codec::message::{KeyLight, Name};
use crate::console::{Console, Identity};
use crate::transport::{Pty, PtyError, StreamTransport, Transport, TransportError, accept_tcp};

/// How long the loop waits for bytes before it looks at its keys.
const TURN: Duration = Duration::from_millis(5);
/// Key strokes and raw bytes that wait for the loop.
const WAITING_MAX: usize = 64;

/// What the simulated console is.
#[derive(Debug, Clone, Copy)]
pub struct ConsoleSettings {
    /// Its name.
    pub name: Name,
    /// Its talk keys, 1–16.
    pub keys: u8,
}

/// Where the simulated console is plugged in.
#[derive(Debug)]
pub enum Line {
    /// A pty.
    Pty(Pty),
    /// A network port that takes one host at a time.
    Tcp(TcpListener),
}

impl Line {
    /// A pty with an optional link to it.
    pub fn pty(link: Option<&Path>) -> Result<Self, PtyError> {
        Pty::new(link).map(Self::Pty)
    }

    /// A network port.
    pub fn tcp(at: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        listener.set_nonblocking(true)?;
        Ok(Self::Tcp(listener))
    }

    fn address(&self) -> String {
        match self {
            Self::Pty(pty) => pty.path().display().to_string(),
            // A bound listener has an address; without one there is nothing to show.
            Self::Tcp(listener) => {
                listener.local_addr().map_or_else(|_| "tcp://?".into(), |a| format!("tcp://{a}"))
            }
        }
    }
}

/// What can be seen on the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The light of each key.
    pub lights: Vec<KeyLight>,
    /// Whether each key's seat has its microphone open.
    pub mics_open: Vec<bool>,
    /// The console has stopped: its line failed.
    pub stopped: Option<String>,
}

enum Stroke {
    Key { key: u8, down: bool },
    Raw(Vec<u8>),
}

struct Seen {
    now: Mutex<Snapshot>,
    changed: Condvar,
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        // Replaced whole each time, so that a panic elsewhere leaves nothing half done.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, snapshot: Snapshot) {
        let mut now = self.lock();
        if *now != snapshot {
            *now = snapshot;
            self.changed.notify_all();
        }
    }
}

/// A console that runs until it is dropped, which unplugs it.
pub struct SimulatedConsole {
    strokes: Option<SyncSender<Stroke>>,
    seen: Arc<Seen>,
    thread: Option<JoinHandle<()>>,
    address: String,
}

impl SimulatedConsole {
    /// Plugs a console in and powers it on.
    pub fn plug_in(settings: ConsoleSettings, line: Line) -> std::io::Result<Self> {
        let identity = Identity { name: settings.name, firmware: (1, 0), keys: settings.keys };
        let keys = usize::from(settings.keys);
        let seen = Arc::new(Seen {
            now: Mutex::new(Snapshot {
                lights: vec![KeyLight::Fault; keys],
                mics_open: vec![false; keys],
                stopped: None,
            }),
            changed: Condvar::new(),
        });
        let (sender, strokes) = sync_channel(WAITING_MAX);
        let address = line.address();
        let board = Board {
            console: Console::new(identity, 0),
            keys: settings.keys,
            line,
            host: None,
            since: Instant::now(),
            seen: Arc::clone(&seen),
        };
        let thread = std::thread::Builder::new().name("console".into()).spawn(move || board.run(&strokes))?;
        Ok(Self { strokes: Some(sender), seen, thread: Some(thread), address })
    }

    /// What a host opens: the pty's path or `tcp://host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Presses or releases a key; false if the console has stopped or is 64 strokes behind.
    #[must_use]
    pub fn press(&self, key: u8, down: bool) -> bool {
        self.stroke(Stroke::Key { key, down })
    }

    /// Puts bytes on the line as they are, as a disturbance does; false as for [`Self::press`].
    #[must_use]
    pub fn disturb(&self, bytes: &[u8]) -> bool {
        self.stroke(Stroke::Raw(bytes.to_vec()))
    }

    /// What can be seen on the console now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.seen.lock().clone()
    }

    /// Waits until the console looks as `wanted`; the last look if it does not within `patience`.
    pub fn wait_until(
        &self,
        patience: Duration,
        wanted: impl Fn(&Snapshot) -> bool,
    ) -> Result<Snapshot, Snapshot> {
        let waited = self.seen.changed.wait_timeout_while(self.seen.lock(), patience, |s| !wanted(s));
        let now = waited.unwrap_or_else(PoisonError::into_inner).0;
        if wanted(&now) { Ok(now.clone()) } else { Err(now.clone()) }
    }

    fn stroke(&self, stroke: Stroke) -> bool {
        let Some(strokes) = &self.strokes else { return false };
        match strokes.try_send(stroke) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

impl Drop for SimulatedConsole {
    fn drop(&mut self) {
        self.strokes = None;
        if let Some(thread) = self.thread.take() {
            // It ends within one turn; if it panicked, its message is on stderr already.
            let _ = thread.join();
        }
    }
}

/// The console's main loop with its line.
struct Board {
    console: Console,
    keys: u8,
    line: Line,
    host: Option<StreamTransport>,
    since: Instant,
    seen: Arc<Seen>,
}

impl Board {
    fn run(mut self, strokes: &Receiver<Stroke>) {
        let stopped = self.turns(strokes).err().map(|e| e.to_string());
        let now = Snapshot { stopped, ..self.look() };
        self.seen.set(now);
    }

    fn turns(&mut self, strokes: &Receiver<Stroke>) -> Result<(), TransportError> {
        loop {
            loop {
                match strokes.try_recv() {
                    Ok(Stroke::Key { key, down }) => self.console.press(key, down, self.now_ms()),
                    Ok(Stroke::Raw(bytes)) => self.write(&bytes)?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            let mut buf = [0; 256];
            let n = self.read(&mut buf)?;
            for &byte in &buf[..n] {
                self.console.receive(byte, self.now_ms());
            }
            while let Some(wire) = self.console.poll(self.now_ms()) {
                self.write(&wire)?;
            }
            self.seen.set(self.look());
        }
    }

    fn look(&self) -> Snapshot {
        let now_ms = self.now_ms();
        Snapshot {
            lights: (0..self.keys).map(|k| self.console.light(k, now_ms)).collect(),
            mics_open: (0..self.keys).map(|k| self.console.mic_open(k)).collect(),
            stopped: None,
        }
    }

    /// Milliseconds since power-on; wraps as a console's counter does.
    fn now_ms(&self) -> u32 {
        self.since.elapsed().as_millis() as u32
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<usize, TransportError> {
        let deadline = Instant::now() + TURN;
        match (&mut self.line, &mut self.host) {
            (Line::Pty(pty), _) => pty.read(buf, deadline),
            (Line::Tcp(_), Some(host)) => match host.read(buf, deadline) {
                Ok(n) => Ok(n),
                // The host left; the next one may connect.
                Err(_) => {
                    self.host = None;
                    Ok(0)
                }
            },
            (Line::Tcp(listener), None) => {
                self.host = accept_tcp(listener).ok();
                if self.host.is_none() {
                    std::thread::sleep(TURN);
                }
                Ok(0)
            }
        }
    }

    /// What nobody takes is lost, as on a real line: the protocol sends it again.
    fn write(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        let deadline = Instant::now() + TURN;
        let written = match (&mut self.line, &mut self.host) {
            (Line::Pty(pty), _) => pty.write_all(bytes, deadline),
            (Line::Tcp(_), Some(host)) => host.write_all(bytes, deadline),
            (Line::Tcp(_), None) => Ok(()),
        };
        match written {
            Err(TransportError::Stalled { .. }) => Ok(()),
            Err(_) if self.host.take().is_some() => Ok(()),
            other => other,
        }
    }
}
