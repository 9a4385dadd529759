//! A non-blocking file descriptor waited for with `poll`: the one way for serial lines, ptys and TCP.

use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{Transport, TransportError};

/// A connection over a file descriptor.
#[derive(Debug)]
pub struct StreamTransport {
    fd: OwnedFd,
    name: String,
}

impl StreamTransport {
    /// `fd` must be non-blocking.
    pub(super) fn new(fd: OwnedFd, name: String) -> Self {
        Self { fd, name }
    }

    /// Waits for `flags`, for the other end to hang up, or for `deadline`; false at the deadline.
    fn wait(&self, flags: PollFlags, deadline: Instant) -> Result<bool, TransportError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = Timespec {
                tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            match poll(&mut [PollFd::new(&self.fd, flags)], Some(&timeout)) {
                Ok(0) => return Ok(false),
                Ok(_) => return Ok(true),
                // A signal came in between; the deadline stays where it is.
                Err(Errno::INTR) => {}
                Err(e) => return Err(self.failed(e)),
            }
        }
    }

    fn gone(&self) -> TransportError {
        TransportError::Gone { name: self.name.clone() }
    }

    fn failed(&self, error: Errno) -> TransportError {
        const GONE: [Errno; 7] = [
            Errno::IO,
            Errno::NODEV,
            Errno::NXIO,
            Errno::PIPE,
            Errno::CONNRESET,
            Errno::CONNABORTED,
            Errno::TIMEDOUT,
        ];
        if GONE.contains(&error) {
            return self.gone();
        }
        TransportError::Io { name: self.name.clone(), cause: error.into() }
    }
}

impl Transport for StreamTransport {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&mut self, buf: &mut [u8], deadline: Instant) -> Result<usize, TransportError> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.wait(PollFlags::IN, deadline)? {
                return Ok(0);
            }
            match rustix::io::read(&self.fd, &mut *buf) {
                Ok(0) => return Err(self.gone()),
                Ok(n) => return Ok(n),
                // Somebody else's wake-up; a deadline that has passed ends it in `wait`.
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(e) => return Err(self.failed(e)),
            }
        }
    }

    fn write_all(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), TransportError> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.fd, bytes) {
                Ok(n) => bytes = &bytes[n..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if !self.wait(PollFlags::OUT, deadline)? {
                        return Err(TransportError::Stalled { name: self.name.clone() });
                    }
                }
                Err(e) => return Err(self.failed(e)),
            }
        }
        Ok(())
    }
}
