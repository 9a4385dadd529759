//! The hub's connection. Only one counts: a hub that connects takes the place of the one before.

use bytes::BytesMut;
use protocol::link::recogniser::{FromRecogniser, ToRecogniser};
use protocol::link::{Frame, FrameError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

/// Messages that may wait for a hub; a hub that is further behind is disconnected and told anew when it comes back.
const QUEUE: usize = 1024;

/// What a hub's connection tells the desk.
#[derive(Debug)]
pub(super) enum FromHub {
    /// A hub is there; messages for it go into `out`.
    Joined { out: mpsc::Sender<FromRecogniser> },
    /// A message of it.
    Said(ToRecogniser),
}

/// Accepts hubs until aborted.
pub(super) async fn accept(listener: UnixListener, desk: mpsc::Sender<FromHub>) {
    let mut current: Option<tokio::task::JoinHandle<()>> = None;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Some(before) = current.take() {
                    before.abort();
                }
                current = Some(tokio::spawn(serve(stream, desk.clone())));
            }
            Err(error) => {
                tracing::warn!(%error, "a hub could not be accepted");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: UnixStream, desk: mpsc::Sender<FromHub>) {
    let (reader, writer) = stream.into_split();
    let (out, queue) = mpsc::channel(QUEUE);
    if desk.send(FromHub::Joined { out }).await.is_err() {
        return;
    }
    tokio::select! {
        end = read(reader, &desk) => tracing::debug!(end, "the hub has gone"),
        end = write(writer, queue) => tracing::debug!(end, "the hub has gone"),
    }
}

async fn read(mut reader: OwnedReadHalf, desk: &mpsc::Sender<FromHub>) -> String {
    let mut buffer = BytesMut::with_capacity(4096);
    loop {
        loop {
            match Frame::<ToRecogniser>::decode(&mut buffer) {
                Ok(Some(frame)) => {
                    if desk.send(FromHub::Said(frame.message)).await.is_err() {
                        return "the recogniser ends".to_owned();
                    }
                }
                Ok(None) => break,
                // One message of a newer hub is no reason to lose it.
                Err(FrameError::Json(error)) => {
                    tracing::warn!(%error, "a message of the hub was not understood")
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

async fn write(mut writer: OwnedWriteHalf, mut queue: mpsc::Receiver<FromRecogniser>) -> String {
    let mut buffer = BytesMut::new();
    while let Some(message) = queue.recv().await {
        buffer.clear();
        if let Err(error) = Frame::bare(message).encode(&mut buffer) {
            return error.to_string();
        }
        if let Err(error) = writer.write_all(&buffer).await {
            return error.to_string();
        }
    }
    "it fell too far behind".to_owned()
}
