//! A link to another of our processes: a Unix socket that is connected again by itself.
//!
//! ```text
//!   Down ──connect──► Up ──error or end──► Down (wait 50 ms … 2 s) ──► …
//! ```

use std::path::PathBuf;
use std::time::Duration;

use bytes::BytesMut;
use protocol::link::{Frame, FrameError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages that may wait for a link; more means that the other process is stuck.
const QUEUE: usize = 1024;

/// What a link tells its owner.
#[derive(Debug)]
pub enum LinkEvent<T> {
    /// Connected (again): say hello.
    Up,
    /// A message.
    Message(T),
    /// Lost; it is being connected again.
    Down(String),
}

/// See the module. Dropping it ends the link.
#[derive(Debug)]
pub struct Link<Out> {
    out: mpsc::Sender<Out>,
    task: JoinHandle<()>,
}

impl<Out> Drop for Link<Out> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<Out: Serialize + Send + Sync + 'static> Link<Out> {
    /// Connects to `socket` and hands everything to `deliver`, which must not block for long.
    pub fn open<In, F>(socket: PathBuf, deliver: F) -> Self
    where
        In: DeserializeOwned + Send + 'static,
        F: Fn(LinkEvent<In>) -> futures_util::future::BoxFuture<'static, ()> + Send + Sync + 'static,
    {
        let (out, mut queue) = mpsc::channel::<Out>(QUEUE);
        let task = tokio::spawn(async move {
            let mut wait = Duration::from_millis(50);
            loop {
                let lost = match UnixStream::connect(&socket).await {
                    Ok(stream) => {
                        wait = Duration::from_millis(50);
                        // What was queued for the connection before is out of date: the owner says everything anew.
                        while queue.try_recv().is_ok() {}
                        deliver(LinkEvent::Up).await;
                        run(stream, &mut queue, &deliver).await
                    }
                    Err(error) => format!("{}: {error}", socket.display()),
                };
                deliver(LinkEvent::Down(lost)).await;
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
        });
        Self { out, task }
    }

    /// Queues a message; says whether there was room. A message to a link that is down is dropped by design: on `Up` the
    /// owner states everything anew.
    pub fn send(&self, message: Out) -> bool {
        self.out.try_send(message).is_ok()
    }
}

async fn run<In, Out, F>(stream: UnixStream, queue: &mut mpsc::Receiver<Out>, deliver: &F) -> String
where
    In: DeserializeOwned,
    Out: Serialize,
    F: Fn(LinkEvent<In>) -> futures_util::future::BoxFuture<'static, ()>,
{
    let (mut reader, mut writer) = stream.into_split();
    let mut incoming = BytesMut::with_capacity(64 << 10);
    let mut outgoing = BytesMut::new();
    loop {
        loop {
            match Frame::<In>::decode(&mut incoming) {
                Ok(Some(frame)) => deliver(LinkEvent::Message(frame.message)).await,
                Ok(None) => break,
                // One message of a newer process is no reason to lose the link.
                Err(FrameError::Json(error)) => tracing::warn!(%error, "a message was not understood"),
                Err(error) => return error.to_string(),
            }
        }
        tokio::select! {
            read = reader.read_buf(&mut incoming) => match read {
                Ok(0) => return "the other process closed the connection".to_owned(),
                Ok(_) => {}
                Err(error) => return error.to_string(),
            },
            message = queue.recv() => {
                let Some(message) = message else { return "the link was closed".to_owned() };
                outgoing.clear();
                if let Err(error) = Frame::bare(message).encode(&mut outgoing) {
                    tracing::error!(%error, "a message could not be encoded");
                    continue;
                }
                if let Err(error) = writer.write_all(&outgoing).await {
                    return error.to_string();
                }
            }
        }
    }
}
