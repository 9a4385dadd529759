//! A serial line, or anything that looks like one.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{ControlModes, OptionalActions, QueueSelector, SpecialCodeIndex};

use super::{OpenError, StreamTransport};
use crate::codec::BAUD;

/// Opens the line at `path` for this program alone, raw, 8N1 at [`BAUD`]; what waited unread on it is dropped.
pub fn open_serial(path: &Path) -> Result<StreamTransport, OpenError> {
    let name = path.display().to_string();
    let refused = |e: Errno| OpenError::Refused { name: name.clone(), cause: e.into() };
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(refused)?;
    if !rustix::termios::isatty(&fd) {
        return Err(OpenError::NotALine { name });
    }
    // Two readers would each get half of the bytes. TIOCEXCL does not bind root, under which a hub may run.
    match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Err(OpenError::InUse { name }),
        Err(e) => return Err(refused(e)),
    }
    make_raw(&fd).map_err(refused)?;
    rustix::termios::tcflush(&fd, QueueSelector::IFlush).map_err(refused)?;
    Ok(StreamTransport::new(fd, name))
}

/// No echo, no translation, no flow control: every byte passes as it is.
pub(super) fn make_raw(fd: &OwnedFd) -> Result<(), Errno> {
    let mut modes = rustix::termios::tcgetattr(fd)?;
    modes.make_raw();
    modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    modes.control_modes -= ControlModes::CRTSCTS | ControlModes::CSTOPB;
    modes.special_codes[SpecialCodeIndex::VMIN] = 1;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    modes.set_speed(BAUD)?;
    rustix::termios::tcsetattr(fd, OptionalActions::Now, &modes)
}
