//! One connection: frames in become events for the desk, a bounded queue goes out.

use bytes::BytesMut;
use protocol::link::recorder::{FromRecorder, ToRecorder};
use protocol::link::{Frame, FrameError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;

use super::desk::{Event, Events};

/// Messages that may wait for a client; see the desk for what happens when it is full.
pub(super) const QUEUE: usize = 512;

/// Names a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClientId(pub(super) u64);

/// What goes out.
pub(super) type Outgoing = mpsc::Sender<Frame<FromRecorder>>;

/// Serves a connection until either side ends it.
pub(super) async fn serve(id: ClientId, stream: UnixStream, events: Events) {
    let (reader, writer) = stream.into_split();
    let (out, queue) = mpsc::channel(QUEUE);
    if events.send(Event::Joined { id, out }).await.is_err() {
        return;
    }
    tokio::select! {
        end = read(id, reader, &events) => tracing::debug!(?id, end, "a client has gone"),
        end = write(writer, queue) => tracing::debug!(?id, end, "a client has gone"),
    }
    // The desk may have ended before; then there is nobody to tell.
    let _ = events.send(Event::Left { id }).await;
}

async fn read(id: ClientId, mut reader: tokio::net::unix::OwnedReadHalf, events: &Events) -> String {
    let mut buffer = BytesMut::with_capacity(4096);
    loop {
        loop {
            match Frame::<ToRecorder>::decode(&mut buffer) {
                Ok(Some(frame)) => {
                    let event = Event::Said { id, message: frame.message };
                    if events.send(event).await.is_err() {
                        return "the recorder is ending".to_owned();
                    }
                }
                Ok(None) => break,
                // One message of a newer process is no reason to lose the connection, but it must not be silent.
                Err(FrameError::Json(error)) => {
                    let sentence = format!("a message was not understood: {error}");
                    if events.send(Event::NotUnderstood { id, sentence }).await.is_err() {
                        return "the recorder is ending".to_owned();
                    }
                }
                Err(error) => return error.to_string(),
            }
        }
        match reader.read_buf(&mut buffer).await {
            Ok(0) => return "it closed the connection".to_owned(),
            Ok(_) => {}
            Err(error) => return error.to_string(),
        }
    }
}

async fn write(mut writer: OwnedWriteHalf, mut queue: mpsc::Receiver<Frame<FromRecorder>>) -> String {
    let mut buffer = BytesMut::new();
    while let Some(frame) = queue.recv().await {
        buffer.clear();
        let mut encoded = frame.encode(&mut buffer);
        // Whatever else is ready goes with the same write.
        while encoded.is_ok()
            && buffer.len() < 64 << 10
            && let Ok(more) = queue.try_recv()
        {
            encoded = more.encode(&mut buffer);
        }
        if let Err(error) = encoded {
            return error.to_string();
        }
        if let Err(error) = writer.write_all(&buffer).await {
            return error.to_string();
        }
    }
    "the recorder closed the connection".to_owned()
}
