//! The host's end of a line: frames in, frames out, and what can go wrong.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bridge::codec::{Decoder, Frame, FrameError, Message};
use bridge::transport::{Address, OpenError, PtyError, StreamTransport, Transport, TransportError, open};

const OPEN_PATIENCE: Duration = Duration::from_secs(3);
const WRITE_PATIENCE: Duration = Duration::from_millis(500);

/// Why the program ends without success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Pty(#[from] PtyError),
    #[error("the address {address} cannot be used: {cause}; choose another port or address")]
    Listen { address: std::net::SocketAddr, cause: std::io::Error },
    #[error("the simulated console stopped: {0}")]
    Stopped(String),
    #[error("output failed: {0}")]
    Output(#[from] std::io::Error),
    #[error("{0}")]
    Usage(String),
    #[error("{device} does not answer: is it a console, powered, and set to 115200 baud?")]
    Silent { device: String },
    #[error("{device} answers, but not as a console should: {what}")]
    Odd { device: String, what: FrameError },
}

impl Failure {
    /// The exit code, as `--help` explains.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Open(_)
            | Self::Transport(_)
            | Self::Pty(_)
            | Self::Listen { .. }
            | Self::Stopped(_)
            | Self::Output(_) => 1,
            Self::Usage(_) => 2,
            Self::Silent { .. } | Self::Odd { .. } => 3,
        }
    }
}

/// A device opened as the hub opens it.
pub(crate) struct Host {
    transport: StreamTransport,
    decoder: Decoder,
    heard: VecDeque<Result<Frame, FrameError>>,
}

impl Host {
    pub(crate) fn open(address: &Address) -> Result<Self, Failure> {
        let transport = open(address, Instant::now() + OPEN_PATIENCE)?;
        Ok(Self { transport, decoder: Decoder::new(), heard: VecDeque::new() })
    }

    pub(crate) fn say(&mut self, seq: u8, message: Message) -> Result<(), Failure> {
        let wire = Frame { seq, message }.to_wire();
        Ok(self.transport.write_all(&wire, Instant::now() + WRITE_PATIENCE)?)
    }

    /// The next frame, or what was none, before `deadline`.
    pub(crate) fn hear(&mut self, deadline: Instant) -> Result<Option<Result<Frame, FrameError>>, Failure> {
        let mut buf = [0; 256];
        while self.heard.is_empty() {
            let n = self.transport.read(&mut buf, deadline)?;
            if n == 0 {
                return Ok(None);
            }
            let decoder = &mut self.decoder;
            self.heard.extend(buf[..n].iter().filter_map(|&byte| decoder.push(byte)));
        }
        Ok(self.heard.pop_front())
    }
}
