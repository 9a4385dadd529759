//! The hub's end of the courtroom hardware bridge: the consoles of the settings, kept open, heard and lit.
//!
//! ```text
//!   settings ─► DeviceConfig ─► Console ── one thread: Session over a Transport ──► DeviceEvent ─► hub
//!                                  ▲                                                (bounded)
//!   hub ── Console::show ──────────┘  (the latest state per seat; older ones are of no interest)
//! ```
//!
//! What is not here: what a talk key *means*. The court knows whose key makes commands and who may speak.
#![forbid(unsafe_code)]

mod config;
mod console;
mod event;
mod outlet;
mod room;
mod session;

pub use bridge::codec::message::KeyLight;
pub use config::{DeviceConfig, DeviceConfigError};
pub use console::{Console, DeviceError, EVENTS_WAITING_MAX};
pub use event::{DeviceEvent, MissedBy, SeatLook};
pub use room::Room;
