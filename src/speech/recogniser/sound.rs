//! The recorder's connection: sound in, connected again by itself.

use std::path::PathBuf;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use model::{HearingId, HearingTime, SeatId};
use protocol::link::recorder::{FromRecorder, ToRecorder};
use protocol::link::{Frame, FrameError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

/// What comes from the recorder.
#[derive(Debug)]
pub(super) enum Sound {
    /// The hearing it has open.
    Hearing(Option<HearingId>),
    /// Sound of a microphone; `at` is the hearing time of the first sample.
    Samples { seat: SeatId, at: HearingTime, rate_hz: u32, samples: Vec<i16> },
    /// It is gone, and is being called again.
    Lost,
}

/// Follows the recorder until aborted or until the desk has gone.
pub(super) async fn follow(socket: PathBuf, desk: mpsc::Sender<Sound>) {
    let mut wait = Duration::from_millis(50);
    loop {
        if let Ok(stream) = UnixStream::connect(&socket).await {
            wait = Duration::from_millis(50);
            let end = listen(stream, &desk).await;
            tracing::warn!(end, "the recorder has gone");
            if desk.send(Sound::Lost).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}

async fn listen(mut stream: UnixStream, desk: &mpsc::Sender<Sound>) -> String {
    // From the ring's start: what was heard before is told by its hearing time, since a restarted recorder counts samples anew.
    let mut buffer = BytesMut::with_capacity(64 << 10);
    let hello = Frame::bare(ToRecorder::RecogniserHello { from_sample: Vec::new() });
    if let Err(error) = hello.encode(&mut buffer) {
        return error.to_string();
    }
    if let Err(error) = stream.write_all(&buffer).await {
        return error.to_string();
    }
    buffer.clear();
    loop {
        loop {
            match Frame::<FromRecorder>::decode(&mut buffer) {
                Ok(Some(frame)) => {
                    let Some(sound) = understood(frame.message, &frame.body) else { continue };
                    if desk.send(sound).await.is_err() {
                        return "the recogniser ends".to_owned();
                    }
                }
                Ok(None) => break,
                Err(FrameError::Json(error)) => {
                    tracing::warn!(%error, "a message of the recorder was not understood")
                }
                Err(error) => return error.to_string(),
            }
        }
        match stream.read_buf(&mut buffer).await {
            Ok(0) => return "it closed the connection".to_owned(),
            Ok(_) => {}
            Err(error) => return error.to_string(),
        }
    }
}

fn understood(message: FromRecorder, body: &Bytes) -> Option<Sound> {
    match message {
        FromRecorder::Audio { seat, at, rate_hz, .. } => {
            let samples = body.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
            Some(Sound::Samples { seat, at, rate_hz, samples })
        }
        FromRecorder::State { hearing, .. } => Some(Sound::Hearing(hearing)),
        // A ring that begins later is seen as a gap in the sound.
        FromRecorder::RingStart { .. }
        | FromRecorder::Fragment(_)
        | FromRecorder::Gap { .. }
        | FromRecorder::Levels { .. }
        | FromRecorder::Sealed { .. }
        | FromRecorder::Refused { .. } => None,
    }
}
