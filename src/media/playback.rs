//! Playing what was recorded, while it is being recorded and after: HLS playlists made from the files alone.
//!
//! Every track's decode times are hearing times, so sound and picture fit together whatever gaps they have; a gap stands in
//! the playlist as `EXT-X-GAP` segments of its own length, so that playlist time goes on like the hearing's.
//!
//! URLs: `master.m3u8`, `<track>/playlist.m3u8`, `<track>/init.mp4`, `<track>/000001.m4s`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::{HearingTime, TrackId, UtcMs};

use crate::layout::{self, RecordingInfo, TrackInfo, TrackKind};
use crate::recover;
use crate::writer::fragment::{self, STAMP_BYTES};

/// Segments are meant to be no longer; one that is raises its playlist's target.
const TARGET_S: u64 = 5;
/// An open segment is written to several times a second; one that has been left alone for this long is finished.
const FINISHED_AFTER: Duration = Duration::from_secs(3);
/// Holes shorter than this are left to the player, which passes over them.
const HOLE_MS: u64 = 100;

/// Why there is nothing to play.
#[derive(Debug, thiserror::Error)]
pub enum PlaybackError {
    /// Nothing finished yet.
    #[error(
        "nothing has been recorded that could be played; wait until a few seconds after the recording has begun"
    )]
    Nothing,
    /// The name is none of ours.
    #[error("there is no recorded file of that name; reload the playlist")]
    NoSuchFile,
    /// The disk.
    #[error("the recording at {} cannot be read: {cause}; check the disk", path.display())]
    Disk { path: PathBuf, cause: io::Error },
    /// The decoder of sound.
    #[error("the recorded sound cannot be decoded: {cause}; the rest of the recording is not touched by it")]
    Sound { cause: String },
    /// The decoder.
    #[error("the recorded picture cannot be decoded: {cause}; try again at another moment")]
    Picture { cause: String },
}

/// A run of whole fragments in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    offset: u64,
    bytes: u64,
    from_ms: u64,
    to_ms: u64,
}

/// What is known of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    parts: Vec<Part>,
    file_bytes: u64,
}

/// Where a moment of the hearing lies in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// File name under the media directory, e.g. `cam-1/000003.m4s`.
    pub file: String,
    /// Hearing time at which that segment begins.
    pub segment_from: HearingTime,
    /// From there to the moment, in milliseconds.
    pub offset_ms: u64,
}

/// The recording of one hearing. Keeps what it has learned of finished segments: they never change.
#[derive(Debug)]
pub struct Recording {
    media_dir: PathBuf,
    finished: Mutex<BTreeMap<(TrackId, u32), Segment>>,
}

impl Recording {
    /// The recording in `media_dir`; nothing is read yet.
    #[must_use]
    pub fn at(media_dir: PathBuf) -> Self {
        Self { media_dir, finished: Mutex::default() }
    }

    pub(crate) fn disk(&self, cause: io::Error) -> PlaybackError {
        PlaybackError::Disk { path: self.media_dir.clone(), cause }
    }

    fn info(&self) -> Result<RecordingInfo, PlaybackError> {
        layout::recording(&self.media_dir).map_err(|e| self.disk(e))?.ok_or(PlaybackError::Nothing)
    }

    pub(crate) fn tracks(&self) -> Result<Vec<TrackInfo>, PlaybackError> {
        match layout::tracks(&self.media_dir) {
            Ok(tracks) => Ok(tracks),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(PlaybackError::Nothing),
            Err(e) => Err(self.disk(e)),
        }
    }

    /// The master playlist: the picture of `camera` (or of the first there is), the mix, and every microphone as another
    /// sound to choose.
    pub fn master_playlist(&self, camera: Option<&TrackId>) -> Result<String, PlaybackError> {
        let sealed = self.info()?.sealed;
        let mut playable = Vec::new();
        for track in self.tracks()? {
            if !self.parts(&track.track, sealed)?.is_empty() {
                playable.push(track);
            }
        }
        let cameras = || playable.iter().filter(|t| matches!(t.what, TrackKind::Camera { .. }));
        let picture = cameras().find(|t| camera == Some(&t.track)).or_else(|| cameras().next());
        let mut out = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n".to_owned();
        let (mut sound_bits, mut main_sound) = (0, None);
        for track in &playable {
            let (name, main) = match &track.what {
                TrackKind::Mix => ("mix", "YES"),
                TrackKind::Microphone { seat } => (seat.as_str(), "NO"),
                TrackKind::Camera { .. } => continue,
            };
            sound_bits = sound_bits.max(track.bits_per_s);
            if main == "YES" || main_sound.is_none() {
                main_sound = Some(&track.track);
            }
            let _ = writeln!(
                out,
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"{name}\",DEFAULT={main},AUTOSELECT={main},\
                 CHANNELS=\"1\",URI=\"{}/playlist.m3u8\"",
                track.track
            );
        }
        match (picture, main_sound) {
            (Some(picture), sound) => {
                let TrackKind::Camera { width, height } = picture.what else {
                    return Err(PlaybackError::Nothing);
                };
                let codec = self.picture_codec(&picture.track)?;
                let (codecs, group) = match sound {
                    Some(_) => (format!("{codec},opus"), ",AUDIO=\"sound\""),
                    None => (codec, ""),
                };
                let _ = writeln!(
                    out,
                    "#EXT-X-STREAM-INF:BANDWIDTH={},CODECS=\"{codecs}\",RESOLUTION={width}x{height},\
                     FRAME-RATE={}.000{group}\n{}/playlist.m3u8",
                    picture.bits_per_s + sound_bits,
                    picture.rate,
                    picture.track
                );
            }
            (None, Some(sound)) => {
                let _ = writeln!(
                    out,
                    "#EXT-X-STREAM-INF:BANDWIDTH={sound_bits},CODECS=\"opus\",AUDIO=\"sound\"\n{sound}/playlist.m3u8"
                );
            }
            (None, None) => return Err(PlaybackError::Nothing),
        }
        Ok(out)
    }

    /// One track's playlist: EVENT while the hearing may go on, VOD once it is sealed.
    pub fn track_playlist(&self, track: &TrackId) -> Result<String, PlaybackError> {
        let info = self.info()?;
        let parts = self.parts(track, info.sealed)?;
        let Some((_, first)) = parts.first() else { return Err(PlaybackError::NoSuchFile) };
        let inits = layout::inits(&self.track_dir(track)?).map_err(|e| self.disk(e))?;
        let longest_ms = parts.iter().map(|(_, p)| p.to_ms - p.from_ms).max().unwrap_or(0);
        let target_s = TARGET_S.max(longest_ms.div_ceil(1000));
        let mut list =
            List { out: String::new(), origin: info.origin.utc_ms, target_s, at_ms: first.from_ms, init: 0 };
        let _ = write!(
            list.out,
            "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:{target_s}\n#EXT-X-MEDIA-SEQUENCE:0\n\
             #EXT-X-PLAYLIST-TYPE:{}\n#EXT-X-INDEPENDENT-SEGMENTS\n",
            if info.sealed { "VOD" } else { "EVENT" }
        );
        list.date(first.from_ms);
        for (number, part) in &parts {
            list.init(inits.iter().rev().find(|n| **n <= *number).copied().unwrap_or(1));
            list.part(*number, part, self.is_whole(track, *number));
        }
        if info.sealed {
            list.out.push_str("#EXT-X-ENDLIST\n");
        }
        Ok(list.out)
    }

    /// The path of a file that a playlist names; nothing else can be reached through it.
    pub fn file(&self, track: &TrackId, name: &str) -> Result<PathBuf, PlaybackError> {
        if layout::segment_number(name).is_none() && layout::init_number(name).is_none() {
            return Err(PlaybackError::NoSuchFile);
        }
        let path = self.track_dir(track)?.join(name);
        if path.is_file() { Ok(path) } else { Err(PlaybackError::NoSuchFile) }
    }

    /// Where a moment of the hearing lies in a track; `None` if it falls into a gap or is not finished yet.
    pub fn moment(&self, track: &TrackId, at: HearingTime) -> Result<Option<Moment>, PlaybackError> {
        let parts = self.parts(track, self.info()?.sealed)?;
        let after = parts.partition_point(|(_, p)| p.from_ms <= at.0);
        let Some((number, part)) = after.checked_sub(1).and_then(|n| parts.get(n)) else { return Ok(None) };
        Ok((at.0 < part.to_ms).then(|| Moment {
            file: format!("{track}/{}", layout::segment_name(*number)),
            segment_from: HearingTime(part.from_ms),
            offset_ms: at.0 - part.from_ms,
        }))
    }

    pub(crate) fn track_dir(&self, track: &TrackId) -> Result<PathBuf, PlaybackError> {
        let dir = self.media_dir.join(track.as_str());
        if dir.is_dir() { Ok(dir) } else { Err(PlaybackError::NoSuchFile) }
    }

    /// Everything of a track that is finished, in order.
    fn parts(&self, track: &TrackId, sealed: bool) -> Result<Vec<(u32, Part)>, PlaybackError> {
        let dir = self.track_dir(track)?;
        let numbers = layout::segments(&dir).map_err(|e| self.disk(e))?;
        let mut all = Vec::new();
        for number in &numbers {
            let growing = !sealed
                && Some(number) == numbers.last()
                && !is_old(&dir.join(layout::segment_name(*number)));
            if !growing {
                let segment = self.segment(track, &dir, *number)?;
                all.extend(segment.parts.into_iter().map(|p| (*number, p)));
            }
        }
        Ok(all)
    }

    fn segment(&self, track: &TrackId, dir: &Path, number: u32) -> Result<Segment, PlaybackError> {
        let key = (track.clone(), number);
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        let segment = read_segment(&dir.join(layout::segment_name(number))).map_err(|e| self.disk(e))?;
        // A poisoned lock guards nothing but finished entries.
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).insert(key, segment.clone());
        Ok(segment)
    }

    fn known(&self, key: &(TrackId, u32)) -> Option<Segment> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn is_whole(&self, track: &TrackId, number: u32) -> bool {
        self.known(&(track.clone(), number))
            .is_some_and(|s| s.parts.first().is_some_and(|p| p.offset == 0 && p.bytes == s.file_bytes))
    }

    /// `avc1.` and profile, constraints and level, as the camera's own init file says them.
    fn picture_codec(&self, track: &TrackId) -> Result<String, PlaybackError> {
        let dir = self.track_dir(track)?;
        let last = layout::inits(&dir).map_err(|e| self.disk(e))?.pop().ok_or(PlaybackError::Nothing)?;
        let init = fs::read(dir.join(layout::init_name(last))).map_err(|e| self.disk(e))?;
        // avcC: version, profile, constraints, level.
        let at = init.windows(4).position(|w| w == b"avcC").ok_or(PlaybackError::Nothing)?;
        let bytes = init.get(at + 5..at + 8).ok_or(PlaybackError::Nothing)?;
        Ok(format!("avc1.{}", hex::encode(bytes)))
    }
}

/// A playlist being written.
struct List {
    out: String,
    origin: UtcMs,
    target_s: u64,
    /// Hearing time reached.
    at_ms: u64,
    init: u32,
}

impl List {
    fn date(&mut self, at_ms: u64) {
        let utc = UtcMs(self.origin.0 + i64::try_from(at_ms).unwrap_or(i64::MAX));
        let (year, month, day, hour, minute, second) = utc.beijing();
        let ms = utc.0.rem_euclid(1000);
        let _ = writeln!(
            self.out,
            "#EXT-X-PROGRAM-DATE-TIME:{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}+08:00"
        );
    }

    fn init(&mut self, number: u32) {
        if self.init != number {
            self.init = number;
            let _ = writeln!(self.out, "#EXT-X-MAP:URI=\"{}\"", layout::init_name(number));
        }
    }

    fn part(&mut self, number: u32, part: &Part, whole: bool) {
        let name = layout::segment_name(number);
        if part.from_ms > self.at_ms + HOLE_MS {
            while self.at_ms < part.from_ms {
                let step = (part.from_ms - self.at_ms).min(self.target_s * 1000);
                // The URL of a gap is never loaded; it must only be one.
                let _ = writeln!(self.out, "#EXT-X-GAP\n#EXTINF:{},\ngap.m4s", seconds(step));
                self.at_ms += step;
            }
            self.date(part.from_ms);
        }
        let _ = writeln!(self.out, "#EXTINF:{},", seconds(part.to_ms.saturating_sub(self.at_ms)));
        if !whole {
            let _ = writeln!(self.out, "#EXT-X-BYTERANGE:{}@{}", part.bytes, part.offset);
        }
        let _ = writeln!(self.out, "{name}");
        self.at_ms = part.to_ms;
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|m| m.modified()).map(|m| m.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age > FINISHED_AFTER)
}

/// Goes from stamp to stamp; only if they do not lead to the end, every fragment is verified.
fn read_segment(path: &Path) -> io::Result<Segment> {
    use std::os::unix::fs::FileExt as _;
    let file = fs::File::open(path)?;
    let file_bytes = file.metadata()?.len();
    let (mut at, mut span) = (0, None);
    let mut head = [0; STAMP_BYTES];
    while at < file_bytes && file.read_exact_at(&mut head, at).is_ok() {
        let Some(stamp) = fragment::peek(&head) else { break };
        let (from_ms, _) = span.unwrap_or((stamp.from_ms, 0));
        span = Some((from_ms, stamp.to_ms));
        at += STAMP_BYTES as u64 + u64::from(stamp.body_len);
    }
    let mut parts: Vec<Part> = Vec::new();
    if at == file_bytes {
        parts.extend(span.map(|(from_ms, to_ms)| Part { offset: 0, bytes: file_bytes, from_ms, to_ms }));
        return Ok(Segment { parts, file_bytes });
    }
    for found in recover::scan(&fs::read(path)?) {
        let (offset, bytes) = (found.offset as u64, found.bytes as u64);
        match parts.last_mut() {
            Some(last) if last.offset + last.bytes == offset => {
                last.bytes += bytes;
                last.to_ms = found.stamp.to_ms;
            }
            _ => parts.push(Part { offset, bytes, from_ms: found.stamp.from_ms, to_ms: found.stamp.to_ms }),
        }
    }
    Ok(Segment { parts, file_bytes })
}
