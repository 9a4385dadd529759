//! What lies where in a media directory.
//!
//! ```text
//! media/
//!   recording.json         hearing, clock origin, sealed or not
//!   gaps.jsonl             one line a gap, in the order found
//!   mic-judge/             one folder a track
//!     track.json           what it is
//!     init.mp4             how to decode it (init-000012.mp4: from segment 12 on, after a camera changed)
//!     000001.m4s …         segments of about 4 s, made of fragments that carry their own hash
//! ```

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use model::{GapCause, HearingId, HearingTime, SeatId, TrackId, shown};
use protocol::link::recorder::ClockOrigin;
use serde::{Deserialize, Serialize};

/// Name of the mix of all microphones.
pub const MIX: &str = "mix";

/// `recording.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingInfo {
    /// Whose recording.
    pub hearing: HearingId,
    /// Hearing time zero.
    pub origin: ClockOrigin,
    /// Closed for good.
    pub sealed: bool,
}

/// What a track carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum TrackKind {
    /// One microphone.
    Microphone { seat: SeatId },
    /// All microphones together, for listening.
    Mix,
    /// A camera.
    Camera { width: u32, height: u32 },
}

/// `track.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackInfo {
    /// Its id, which is also its folder.
    pub track: TrackId,
    /// What it carries.
    pub what: TrackKind,
    /// As an RFC 6381 codec string, for the master playlist.
    pub codec: String,
    /// Samples per second of sound as captured; frames per second of picture.
    pub rate: u32,
    /// Peak bits per second, for the master playlist.
    pub bits_per_s: u32,
}

/// One line of `gaps.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GapLine {
    /// Which track.
    pub track: TrackId,
    /// Sequence of the last fragment before it; 0: none.
    pub after_seq: u64,
    /// Where the hole begins.
    pub from: HearingTime,
    /// Where it ends.
    pub to: HearingTime,
    /// Why.
    pub cause: GapCause,
}

/// The track of a seat's microphone.
pub fn microphone_track(seat: &SeatId) -> Result<TrackId, model::IdError> {
    TrackId::new(format!("mic-{seat}"))
}

/// `000012.m4s`.
#[must_use]
pub fn segment_name(number: u32) -> String {
    format!("{number:06}.m4s")
}

/// The number in a segment's file name.
#[must_use]
pub fn segment_number(name: &str) -> Option<u32> {
    six_digits(name.strip_suffix(".m4s")?)
}

fn six_digits(digits: &str) -> Option<u32> {
    (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The init file for segments from `number` on.
#[must_use]
pub fn init_name(number: u32) -> String {
    if number <= 1 { "init.mp4".to_owned() } else { format!("init-{number:06}.mp4") }
}

/// The first segment an init file is for.
#[must_use]
pub fn init_number(name: &str) -> Option<u32> {
    if name == "init.mp4" {
        return Some(1);
    }
    six_digits(name.strip_prefix("init-")?.strip_suffix(".mp4")?)
}

/// Numbers of the segments of a track's folder, ascending.
pub fn segments(track_dir: &Path) -> io::Result<Vec<u32>> {
    numbers(track_dir, segment_number)
}

/// First segments of the init files of a track's folder, ascending.
pub fn inits(track_dir: &Path) -> io::Result<Vec<u32>> {
    numbers(track_dir, init_number)
}

fn numbers(dir: &Path, of: fn(&str) -> Option<u32>) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        found.extend(entry?.file_name().to_str().and_then(of));
    }
    found.sort_unstable();
    Ok(found)
}

/// Every track of a media directory, by name.
pub fn tracks(media_dir: &Path) -> io::Result<Vec<TrackInfo>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(media_dir)? {
        let path = entry?.path().join("track.json");
        match fs::read(&path) {
            Ok(bytes) => found.push(parse(&path, &bytes)?),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(e) => return Err(e),
        }
    }
    found.sort_by(|a: &TrackInfo, b| a.track.cmp(&b.track));
    Ok(found)
}

/// Every known gap. A torn last line, left by a crash, is passed over: the gap is found again from the fragments.
pub fn gaps(media_dir: &Path) -> io::Result<Vec<GapLine>> {
    let text = match fs::read_to_string(media_dir.join("gaps.jsonl")) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    Ok(text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect())
}

/// `recording.json`, if there is one.
pub fn recording(media_dir: &Path) -> io::Result<Option<RecordingInfo>> {
    let path = media_dir.join("recording.json");
    match fs::read(&path) {
        Ok(bytes) => parse(&path, &bytes).map(Some),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, bytes: &[u8]) -> io::Result<T> {
    serde_json::from_slice(bytes).map_err(|e| {
        // What it quotes of the file may be anything.
        io::Error::other(format!("{}: {}", path.display(), shown(&e.to_string(), 300)))
    })
}

/// Replaces a small JSON file so that a crash leaves the old or the new one, whole.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    write_whole(path, &serde_json::to_vec_pretty(value).map_err(io::Error::other)?)
}

/// Replaces a file so that a crash leaves the old or the new one, whole.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside: PathBuf = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(dir) = path.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
