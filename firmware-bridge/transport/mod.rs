//! How bytes travel between hub and device: [`Transport`], and the ways it is done.

mod address;
mod fake;
mod pty;
mod serial;
mod stream;
mod tcp;

use std::time::Instant;

pub use address::{Address, AddressError};
pub use fake::{FakeTransport, fake_pair};
pub use pty::{Pty, PtyError};
pub use serial::open_serial;
pub use stream::StreamTransport;
pub use tcp::{accept_tcp, open_tcp};

/// A connection to a device, or from the device's side to its host.
///
/// After [`TransportError::Gone`] the value is of no further use: drop it and open another.
pub trait Transport: Send {
    /// What it is connected to, for messages and logs.
    fn name(&self) -> &str;

    /// Waits for bytes until `deadline` and puts some into `buf`; gives their number, 0 if none came in time or
    /// `buf` is empty. A deadline in the past takes what is there already.
    fn read(&mut self, buf: &mut [u8], deadline: Instant) -> Result<usize, TransportError>;

    /// Writes all of `bytes` before `deadline`. After [`TransportError::Stalled`] some of them may have been
    /// written: frames begin with a zero, so that the next one is whole again.
    fn write_all(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), TransportError>;
}

/// Why a connection failed.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The other end closed, or the device was unplugged.
    #[error("{name} is gone: check its cable and power; it is opened again when it is back")]
    Gone {
        /// The transport's name.
        name: String,
    },
    /// The other end takes no bytes.
    #[error("{name} takes no bytes: the device does not read its line; switch it off and on")]
    Stalled {
        /// The transport's name.
        name: String,
    },
    /// The operating system refused.
    #[error("{name}: {cause}; check the device and its cable")]
    Io {
        /// The transport's name.
        name: String,
        /// What it said.
        cause: std::io::Error,
    },
}

/// Why a device could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing there, or no permission.
    #[error("{name} cannot be opened: {cause}; check the address, the cable, and that this user may open it")]
    Refused {
        /// What was to be opened.
        name: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// Another program has it open.
    #[error(
        "{name} is in use by another program, perhaps the hub or `huiting-bridge monitor`; end that one first"
    )]
    InUse {
        /// What was to be opened.
        name: String,
    },
    /// A file that is no serial line.
    #[error("{name} is not a serial line; give the path of one, e.g. from /dev/serial/by-id/")]
    NotALine {
        /// What was to be opened.
        name: String,
    },
}

/// Opens whatever `address` names; gives up on an unreachable network address at `deadline`.
pub fn open(address: &Address, deadline: Instant) -> Result<StreamTransport, OpenError> {
    match address {
        Address::Line(path) => open_serial(path),
        Address::Tcp(host) => open_tcp(host, deadline),
    }
}
