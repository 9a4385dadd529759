//! The recorder's connection: sound in, connected again by itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use model::{HearingId, HearingTime, SeatId};
use protocol::link::recorder::{FromRecorder, ToRecorder};
use protocol::link::{Frame, FrameError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

use super::missed::Recorded;

/// A few seconds of a recording are read in less, even where the disk is busy.
const RECORDED_MAX: Duration = Duration::from_secs(20);

/// What comes from the recorder.
#[derive(Debug)]
pub(super) enum Sound {
    /// The hearing it has open, and whether the room is open to it.
    Hearing { hearing: Option<HearingId>, open: bool },
    /// Older sound of a seat than what comes next is no longer in the ring.
    Overrun(SeatId),
    /// Sound of a microphone; `at` is the hearing time of the first sample.
    Samples { seat: SeatId, at: HearingTime, rate_hz: u32, samples: Vec<i16> },
    /// What the recording had of a stretch until `to`, or why it could not be read; see [`FromRecorder::RecordedEnd`] for `next`.
    Recorded { sound: Result<Vec<Recorded>, String>, to: HearingTime, next: Option<HearingTime> },
    /// It is gone, and is being called again.
    Lost,
}

/// Asks the recorder for what it recorded of a stretch.
pub(super) async fn recorded(
    socket: PathBuf,
    hearing: HearingId,
    (from, to): (HearingTime, HearingTime),
    desk: mpsc::Sender<Sound>,
) {
    let (mut sound, mut next) = (Vec::new(), None);
    let ask = Frame::bare(ToRecorder::Recorded { hearing, from, to });
    let read = read_recorded(&socket, &ask, &mut sound, &mut next);
    let read = tokio::time::timeout(RECORDED_MAX, read).await;
    let read = read.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    let sound = read.map(|()| sound).map_err(|error| error.to_string());
    // The desk may have ended.
    let _ = desk.send(Sound::Recorded { sound, to, next }).await;
}

async fn read_recorded(
    socket: &Path,
    ask: &Frame<ToRecorder>,
    sound: &mut Vec<Recorded>,
    next: &mut Option<HearingTime>,
) -> std::io::Result<()> {
    let mut stream = UnixStream::connect(socket).await?;
    let mut buffer = BytesMut::with_capacity(64 << 10);
    ask.encode(&mut buffer).map_err(std::io::Error::other)?;
    stream.write_all(&buffer).await?;
    buffer.clear();
    loop {
        while let Some(frame) = Frame::<FromRecorder>::decode(&mut buffer).map_err(std::io::Error::other)? {
            match frame.message {
                FromRecorder::Recorded { seat, at, rate_hz } => {
                    sound.push(Recorded { seat, at, rate_hz, samples: samples_of(&frame.body) });
                }
                FromRecorder::RecordedEnd { next: goes_on } => {
                    *next = goes_on;
                    return Ok(());
                }
                FromRecorder::Refused { sentence } => return Err(std::io::Error::other(sentence)),
                _ => {}
            }
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::Error::other("the recorder closed the connection"));
        }
    }
}

fn samples_of(body: &[u8]) -> Vec<i16> {
    body.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect()
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
            Some(Sound::Samples { seat, at, rate_hz, samples: samples_of(body) })
        }
        FromRecorder::State { hearing, recording, .. } => Some(Sound::Hearing { hearing, open: recording }),
        FromRecorder::RingStart { seat, .. } => Some(Sound::Overrun(seat)),
        FromRecorder::Recorded { .. }
        | FromRecorder::RecordedEnd { .. }
        | FromRecorder::Fragment(_)
        | FromRecorder::Gap { .. }
        | FromRecorder::Levels { .. }
        | FromRecorder::Sealed { .. }
        | FromRecorder::Refused { .. } => None,
    }
}
