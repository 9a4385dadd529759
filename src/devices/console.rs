//! One console of the settings, kept open by a thread of its own.
//!
//! ```text
//!              opened, Hello fits                      gone · silent · does not fit
//!   away ───────────────────────────► present ──────────────────────────────────────► away
//!     │ ▲                               │  Back, keys, lights                     Lost, keys released
//!     └─┘ again after 0.1 s, doubling to 2 s
//!
//!   Console dropped or closed ──► the thread ends within a turn (while a network address is tried: a second)
//! ```

use std::sync::mpsc::{Receiver as StopReceiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bridge::transport::{Transport, open};
use model::SeatId;
use tokio::sync::{mpsc, watch};

use crate::outlet::Outlet;
use crate::session::{Learned, Session};
use crate::{DeviceConfig, DeviceEvent, SeatLook};

/// Events that wait for the hub at most; a full queue is reported, see [`DeviceEvent::Missed`].
pub const EVENTS_WAITING_MAX: usize = 256;

/// How long the thread waits for bytes before it looks at the lights: what a light is late at most.
const TURN: Duration = Duration::from_millis(10);
const OPEN_PATIENCE: Duration = Duration::from_secs(1);
const WRITE_PATIENCE: Duration = Duration::from_millis(200);
const BACKOFF_MIN: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// Why a console cannot be served, or not be lit.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// No thread could be started.
    #[error("no thread for device \"{device}\": {cause}; the machine is out of memory or processes")]
    Thread {
        /// The device's name in the settings.
        device: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A seat that has no key.
    #[error("no console has a key of seat \"{seat}\"; add the seat to a device of the settings")]
    NoSuchSeat {
        /// The seat.
        seat: SeatId,
    },
    /// The thread has panicked; its message is in the log.
    #[error(
        "the thread of device \"{device}\" has failed; restart the hub and report the message in its log"
    )]
    Failed {
        /// The device's name in the settings.
        device: String,
    },
}

/// One console of the settings. Dropping it ends its thread; [`Console::close`] waits for that.
pub struct Console {
    device: String,
    seats: Vec<SeatId>,
    looks: watch::Sender<Vec<SeatLook>>,
    stop: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Console {
    /// Starts to keep a console open. Never fails for a device that is not there: that is `DeviceEvent::Lost`.
    pub fn open(config: DeviceConfig) -> Result<(Self, mpsc::Receiver<DeviceEvent>), DeviceError> {
        let (sender, events) = mpsc::channel(EVENTS_WAITING_MAX);
        Self::open_into(config, sender).map(|console| (console, events))
    }

    /// As [`Console::open`], its events joining others in one queue.
    pub fn open_into(config: DeviceConfig, events: mpsc::Sender<DeviceEvent>) -> Result<Self, DeviceError> {
        let (looks, wanted) = watch::channel(vec![SeatLook::default(); config.seats.len()]);
        // Nothing is ever sent: the thread hears that the sender is dropped.
        let (stop, stopped) = sync_channel(0);
        let (device, seats) = (config.name.clone(), config.seats.clone());
        let outlet = Outlet::new(device.clone(), seats.clone(), events);
        let keeper = Keeper { config, outlet, wanted, stopped, since: Instant::now() };
        let thread = std::thread::Builder::new()
            .name(format!("device-{device}").chars().take(15).collect())
            .spawn(move || keeper.run())
            .map_err(|cause| DeviceError::Thread { device: device.clone(), cause })?;
        Ok(Self { device, seats, looks, stop, thread })
    }

    /// The seats whose keys this console has.
    #[must_use]
    pub fn seats(&self) -> &[SeatId] {
        &self.seats
    }

    /// Lets a seat's key and microphone show `look`, now and whenever the device comes back.
    pub fn show(&self, seat: &SeatId, look: SeatLook) -> Result<(), DeviceError> {
        let Some(key) = self.seats.iter().position(|s| s == seat) else {
            return Err(DeviceError::NoSuchSeat { seat: seat.clone() });
        };
        self.looks.send_if_modified(|looks| {
            let changed = looks[key] != look;
            looks[key] = look;
            changed
        });
        Ok(())
    }

    /// Ends the thread and waits for it; the device is closed and may be opened by others.
    pub async fn close(self) -> Result<(), DeviceError> {
        let Self { device, stop, thread, looks: _, seats: _ } = self;
        drop(stop);
        match tokio::task::spawn_blocking(move || thread.join()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(DeviceError::Failed { device }),
        }
    }
}

/// The thread's own.
struct Keeper {
    config: DeviceConfig,
    outlet: Outlet,
    wanted: watch::Receiver<Vec<SeatLook>>,
    stopped: StopReceiver<()>,
    since: Instant,
}

/// The console was closed by its owner.
struct Stopped;

impl Keeper {
    fn run(mut self) {
        let mut backoff = BACKOFF_MIN;
        loop {
            let (met, cause) = match open(&self.config.address, Instant::now() + OPEN_PATIENCE) {
                Ok(mut transport) => match self.converse(&mut transport) {
                    Ok(ended) => ended,
                    Err(Stopped) => return,
                },
                Err(e) => (false, e.to_string()),
            };
            if met {
                backoff = BACKOFF_MIN;
            }
            tracing::info!(device = self.config.name, cause, "console lost");
            self.outlet.lost(cause);
            if self.pause(backoff).is_err() {
                return;
            }
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
    }

    /// Speaks with an open device until it ends; whether it was met, and the sentence that says why it ended.
    fn converse(&mut self, transport: &mut dyn Transport) -> Result<(bool, String), Stopped> {
        let mut session = Session::new(self.config.seats.len(), self.now_ms());
        let mut met = false;
        let mut buf = [0; 512];
        loop {
            if self.is_stopped() {
                return Err(Stopped);
            }
            self.outlet.catch_up();
            let looks = self.wanted.borrow_and_update().clone();
            let frames = match session.poll(&looks, self.now_ms()) {
                Ok(frames) => frames,
                Err(over) => return Ok((met, format!("{}: {over}", transport.name()))),
            };
            for wire in frames {
                if let Err(e) = transport.write_all(&wire, Instant::now() + WRITE_PATIENCE) {
                    return Ok((met, e.to_string()));
                }
            }
            let n = match transport.read(&mut buf, Instant::now() + TURN) {
                Ok(n) => n,
                Err(e) => return Ok((met, e.to_string())),
            };
            let now_ms = self.now_ms();
            for learned in session.receive(&buf[..n], now_ms) {
                met = true;
                self.tell(learned);
            }
        }
    }

    fn tell(&mut self, learned: Learned) {
        match learned {
            Learned::Present(hello) => {
                let identity = format!("{} {}.{}", hello.name.as_str(), hello.firmware.0, hello.firmware.1);
                tracing::info!(device = self.config.name, identity, "console present");
                self.outlet.back(identity);
            }
            Learned::Key { key, down, at_ms } => self.outlet.key(key, down, at_ms),
            Learned::GivenUp(count) => self.outlet.console_missed(count),
        }
    }

    /// Milliseconds of this thread's own clock; wraps, as the codec's times do.
    fn now_ms(&self) -> u32 {
        self.since.elapsed().as_millis() as u32
    }

    fn is_stopped(&self) -> bool {
        matches!(self.stopped.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected))
    }

    /// Waits for the next attempt, catching up with the hub meanwhile.
    fn pause(&mut self, how_long: Duration) -> Result<(), Stopped> {
        let end = Instant::now() + how_long;
        loop {
            self.outlet.catch_up();
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            match self.stopped.recv_timeout(left.min(BACKOFF_MIN)) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
            }
        }
    }
}
