//! Long answers made by a blocking writer while they are sent. What fails on the way breaks the connection off, so that no
//! browser takes half a file for a whole one.

use std::io::{self, Write};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::{Sender, channel};

/// What is gathered before it is handed on.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that wait for a slow reader; then the writer waits.
const PIECES_MAX: usize = 4;

struct Pieces {
    to: Sender<io::Result<Bytes>>,
    piece: BytesMut,
}

impl Pieces {
    fn hand_on(&mut self) -> io::Result<()> {
        match self.piece.is_empty() {
            true => Ok(()),
            false => self.to.blocking_send(Ok(self.piece.split().freeze())).map_err(|_| gone()),
        }
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the reader has gone")
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()
    }
}

/// A body of what `write` writes, on a blocking thread.
pub(crate) fn body(write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static) -> Body {
    let (to, mut from) = channel(PIECES_MAX);
    tokio::task::spawn_blocking(move || {
        let mut pieces = Pieces { to: to.clone(), piece: BytesMut::with_capacity(PIECE_BYTES) };
        if let Err(error) = write(&mut pieces).and_then(|()| pieces.flush())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            tracing::warn!(%error, "a download broke off");
            let _ = to.blocking_send(Err(error));
        }
    });
    Body::from_stream(futures_util::stream::poll_fn(move |cx| from.poll_recv(cx)))
}
