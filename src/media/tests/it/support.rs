//! A recorder process, a client, and FFmpeg's tools.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use media::clock::HearingClock;
use model::{Fragment, HearingId, SeatId, TrackId};
use protocol::link::Frame;
use protocol::link::recorder::{ClockOrigin, FromRecorder, Input, ToRecorder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

pub(crate) const RUN_DIR: &str = "MEDIA_TEST_RUN_DIR";
/// Nothing here takes longer than this unless it is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn seat(name: &str) -> SeatId {
    SeatId::new(name).unwrap()
}

pub(crate) fn track(name: &str) -> TrackId {
    TrackId::new(name).unwrap()
}

/// A place with a recorder in it; killed when dropped.
pub(crate) struct Place {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) origin: ClockOrigin,
    env: Vec<(String, String)>,
    child: Option<Child>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(Vec::new())
    }

    /// A recorder whose files lie on another disk.
    pub(crate) fn on(disk: &Path) -> Self {
        Self::at(tempfile::tempdir_in(disk).unwrap(), Vec::new())
    }

    /// A recorder with more in its environment.
    pub(crate) fn with(env: Vec<(String, String)>) -> Self {
        Self::at(tempfile::tempdir().unwrap(), env)
    }

    fn at(dir: tempfile::TempDir, env: Vec<(String, String)>) -> Self {
        let mut place = Self { dir, origin: HearingClock::start_now(), env, child: None };
        place.start();
        place
    }

    pub(crate) fn run_dir(&self) -> PathBuf {
        self.dir.path().join("run")
    }

    pub(crate) fn media_dir(&self) -> PathBuf {
        self.dir.path().join("media")
    }

    pub(crate) fn start(&mut self) {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "recorder_process", "--nocapture", "--test-threads=1"])
            .env(RUN_DIR, self.run_dir())
            .envs(self.env.iter().cloned())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// As if the machine's memory had run out: no warning, no last word.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn open(&self, inputs: Vec<Input>) -> ToRecorder {
        ToRecorder::Open {
            hearing: HearingId::new("hearing-1").unwrap(),
            origin: self.origin.clone(),
            media_dir: self.media_dir(),
            inputs,
        }
    }

    pub(crate) async fn client(&self) -> Client {
        let socket = self.run_dir().join("recorder.sock");
        let end = Instant::now() + PATIENCE;
        loop {
            match UnixStream::connect(&socket).await {
                Ok(stream) => return Client { stream, buffer: BytesMut::new() },
                Err(e) if Instant::now() > end => panic!("no recorder at {}: {e}", socket.display()),
                // Until the process listens there is nothing to wait for but time.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// A client that has said hello as a hub that holds `journalled`.
    pub(crate) async fn hub(&self, journalled: Vec<(TrackId, u64)>) -> Client {
        let mut client = self.client().await;
        client.say(hello("hearing-1", journalled)).await;
        client
    }
}

/// What a hub says first.
pub(crate) fn hello(hearing: &str, journalled: Vec<(TrackId, u64)>) -> ToRecorder {
    ToRecorder::HubHello { hearing: HearingId::new(hearing).unwrap(), journalled }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

pub(crate) struct Client {
    stream: UnixStream,
    buffer: BytesMut,
}

impl Client {
    pub(crate) async fn say(&mut self, message: ToRecorder) {
        let mut bytes = BytesMut::new();
        Frame::bare(message).encode(&mut bytes).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }

    /// The next frame; `None` when the recorder has closed the connection.
    pub(crate) async fn next(&mut self) -> Option<Frame<FromRecorder>> {
        loop {
            if let Some(frame) = Frame::decode(&mut self.buffer).unwrap() {
                return Some(frame);
            }
            if self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// Reads until `want` gives something; panics after [`PATIENCE`].
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut want: impl FnMut(Frame<FromRecorder>) -> Option<T>,
    ) -> T {
        let search = async {
            loop {
                let frame =
                    self.next().await.unwrap_or_else(|| panic!("the recorder has gone before: {what}"));
                if let Some(found) = want(frame) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.unwrap_or_else(|_| panic!("waited in vain for: {what}"))
    }

    /// Reads until every one of `tracks` has a fragment that ends at or after `ms`; gives all that came.
    pub(crate) async fn fragments_until(&mut self, tracks: &[&str], ms: u64) -> Vec<FromRecorder> {
        let mut seen = Vec::new();
        let mut missing: Vec<TrackId> = tracks.iter().map(|t| track(t)).collect();
        self.until("fragments of every track", |frame| {
            if let FromRecorder::Fragment(f) = &frame.message
                && f.to.0 >= ms
            {
                missing.retain(|t| *t != f.track);
            }
            if !matches!(frame.message, FromRecorder::State { .. } | FromRecorder::Levels { .. }) {
                seen.push(frame.message);
            }
            missing.is_empty().then_some(())
        })
        .await;
        seen
    }

    pub(crate) async fn sealed(&mut self) -> Vec<FromRecorder> {
        let mut seen = Vec::new();
        self.until("the end of the recording", |frame| {
            let end = matches!(frame.message, FromRecorder::Sealed { .. });
            seen.push(frame.message);
            end.then_some(())
        })
        .await;
        seen
    }
}

pub(crate) fn fragments_of(seen: &[FromRecorder], name: &str) -> Vec<Fragment> {
    seen.iter()
        .filter_map(|m| match m {
            FromRecorder::Fragment(f) if f.track == track(name) => Some(f.clone()),
            _ => None,
        })
        .collect()
}

/// A whole track as one file, as a player would see it: init and all segments.
pub(crate) fn joined(media_dir: &Path, name: &str) -> PathBuf {
    let dir = media_dir.join(name);
    let mut bytes = std::fs::read(dir.join("init.mp4")).unwrap();
    for n in media::layout::segments(&dir).unwrap() {
        bytes.extend(std::fs::read(dir.join(media::layout::segment_name(n))).unwrap());
    }
    let path = dir.join("joined.mp4");
    std::fs::write(&path, bytes).unwrap();
    path
}

pub(crate) fn output(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output().unwrap();
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Decoded length of a sound file in samples of 16 kHz, and the samples.
pub(crate) fn decode_sound(path: &Path) -> Vec<i16> {
    let out = Command::new("ffmpeg")
        .args(["-v", "error", "-i", path.to_str().unwrap(), "-f", "s16le", "-ar", "16000", "-ac", "1", "-"])
        .output()
        .unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect()
}

/// Decoded frames of a picture file.
pub(crate) fn count_frames(path: &Path) -> u64 {
    let text = output(
        "ffprobe",
        &[
            "-v",
            "error",
            "-count_frames",
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=nb_read_frames",
            "-of",
            "csv=p=0",
            path.to_str().unwrap(),
        ],
    );
    text.trim().trim_end_matches(',').parse().unwrap()
}
