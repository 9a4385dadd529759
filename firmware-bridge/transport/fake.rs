//! Two ends of a line in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{Transport, TransportError};

/// Bytes one way may hold unread, as a small device's line does.
const ROOM: usize = 4096;

#[derive(Debug, Default)]
struct Pipe {
    state: Mutex<PipeState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct PipeState {
    bytes: VecDeque<u8>,
    closed: bool,
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, PipeState> {
        // The state is whole after every statement, so that a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `ready` or `deadline`.
    fn wait(&self, deadline: Instant, ready: impl Fn(&PipeState) -> bool) -> MutexGuard<'_, PipeState> {
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self.changed.wait_timeout_while(self.lock(), left, |s| !ready(s));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

/// One end of a line in memory. Dropping it is unplugging.
#[derive(Debug)]
pub struct FakeTransport {
    name: String,
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
}

/// The two ends of one line: the host's and the device's.
#[must_use]
pub fn fake_pair() -> (FakeTransport, FakeTransport) {
    let (a, b) = (Arc::new(Pipe::default()), Arc::new(Pipe::default()));
    let end = |name: &str, incoming: &Arc<Pipe>, outgoing: &Arc<Pipe>| FakeTransport {
        name: name.into(),
        incoming: Arc::clone(incoming),
        outgoing: Arc::clone(outgoing),
    };
    (end("fake device", &a, &b), end("fake host", &b, &a))
}

impl Transport for FakeTransport {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&mut self, buf: &mut [u8], deadline: Instant) -> Result<usize, TransportError> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.incoming.wait(deadline, |s| s.closed || !s.bytes.is_empty());
        if state.bytes.is_empty() && state.closed {
            return Err(TransportError::Gone { name: self.name.clone() });
        }
        let n = buf.len().min(state.bytes.len());
        for (slot, byte) in buf.iter_mut().zip(state.bytes.drain(..n)) {
            *slot = byte;
        }
        self.incoming.changed.notify_all();
        Ok(n)
    }

    fn write_all(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), TransportError> {
        while !bytes.is_empty() {
            let mut state = self.outgoing.wait(deadline, |s| s.closed || s.bytes.len() < ROOM);
            if state.closed {
                return Err(TransportError::Gone { name: self.name.clone() });
            }
            let n = bytes.len().min(ROOM - state.bytes.len());
            if n == 0 {
                return Err(TransportError::Stalled { name: self.name.clone() });
            }
            state.bytes.extend(&bytes[..n]);
            bytes = &bytes[n..];
            self.outgoing.changed.notify_all();
        }
        Ok(())
    }
}

impl Drop for FakeTransport {
    fn drop(&mut self) {
        self.incoming.close();
        self.outgoing.close();
    }
}
