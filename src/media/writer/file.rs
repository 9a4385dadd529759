//! A track's files: fragments appended to segments, sequence and gaps kept, synced in batches.
//!
//! ```text
//!   no segment ──append──► open segment ──4 s and a key sample──► next segment
//!        ▲                     │ write error: cut back, abandon
//!        └──────end_run────────┘   (a hole follows: the next fragment begins a new segment)
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use model::{Fragment, GapCause, HearingTime, TrackId};
use sha2::{Digest, Sha256};

use super::fragment::{self, Stamp};
use super::mp4::{self, Sample};
use super::{WriteError, Written};
use crate::layout::{self, GapLine, TrackInfo};
use crate::recover::TrackEnd;

/// Segments are cut at the first key sample after this.
const SEGMENT_MS: u64 = 4_000;

/// One fragment to be written.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) samples: &'a [Sample],
    pub(crate) decode_time: u64,
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
    pub(crate) first_sample: u64,
    /// Why there is a hole before it, should there be one.
    pub(crate) hole: GapCause,
}

struct Segment {
    file: File,
    number: u32,
    bytes: u64,
    from_ms: u64,
}

/// See the module.
pub(crate) struct TrackFile {
    dir: PathBuf,
    track: TrackId,
    /// Holes shorter than this are measuring noise.
    gap_ms_min: u64,
    segment: Option<Segment>,
    /// Segments that are closed but not synced.
    unsynced: Vec<File>,
    /// The folder itself has new names.
    dir_dirty: bool,
    dirty: bool,
    end: TrackEnd,
    /// Written, not yet synced; fragments and gaps in their order.
    written: Vec<Written>,
}

impl TrackFile {
    pub(crate) fn open(
        media_dir: &Path,
        info: &TrackInfo,
        end: TrackEnd,
        gap_ms_min: u64,
    ) -> Result<Self, WriteError> {
        let dir = media_dir.join(info.track.as_str());
        let failed = |e| WriteError::disk(&dir, e);
        fs::create_dir_all(&dir).map_err(failed)?;
        if end.seq == 0 {
            layout::write_json(&dir.join("track.json"), info).map_err(failed)?;
        }
        Ok(Self {
            track: info.track.clone(),
            gap_ms_min,
            segment: None,
            unsynced: Vec::new(),
            dir_dirty: true,
            dirty: false,
            written: Vec::new(),
            end,
            dir,
        })
    }

    /// Time after the last written sample.
    pub(crate) fn last_to_ms(&self) -> Option<u64> {
        self.end.to_ms
    }

    /// A hole before the very first fragment counts from here.
    pub(crate) fn expect_from(&mut self, from_ms: u64) {
        self.end.to_ms.get_or_insert(from_ms);
    }

    /// Writes an init file for the segments to come, unless the one in force says the same.
    pub(crate) fn set_init(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let dir = self.dir.clone();
        let failed = |e| WriteError::disk(&dir, e);
        let last = layout::inits(&self.dir).map_err(failed)?.pop();
        let same =
            last.is_some_and(|n| fs::read(self.dir.join(layout::init_name(n))).is_ok_and(|b| b == bytes));
        if same {
            return Ok(());
        }
        self.end_run();
        let number = if last.is_some() { self.end.segment + 1 } else { 1 };
        layout::write_whole(&self.dir.join(layout::init_name(number)), bytes).map_err(failed)
    }

    /// Whether a fragment that begins at `from_ms` with a key sample shall begin a new segment.
    pub(crate) fn wants_cut(&self, from_ms: u64) -> bool {
        self.segment.as_ref().is_none_or(|s| from_ms.saturating_sub(s.from_ms) + 20 >= SEGMENT_MS)
    }

    /// The sound or picture is interrupted here: the next fragment begins a new segment.
    pub(crate) fn end_run(&mut self) {
        if let Some(segment) = self.segment.take() {
            self.unsynced.push(segment.file);
        }
    }

    /// Notes a hole that is not followed by a new run at once.
    pub(crate) fn gap(&mut self, from_ms: u64, to_ms: u64, cause: GapCause) {
        self.written.push(Written::Gap(GapLine {
            track: self.track.clone(),
            after_seq: self.end.seq,
            from: HearingTime(from_ms),
            to: HearingTime(to_ms),
            cause,
        }));
        self.end.to_ms = Some(to_ms);
    }

    /// Writes one fragment. On an error nothing of it remains and the next one will find the hole.
    pub(crate) fn append(&mut self, piece: &Piece<'_>) -> Result<(), WriteError> {
        let key = piece.samples.first().is_some_and(|s| s.key);
        if key && self.wants_cut(piece.from_ms) {
            self.end_run();
        }
        if let Some(last) = self.end.to_ms
            && piece.from_ms >= last + self.gap_ms_min
        {
            self.end_run();
            self.gap(last, piece.from_ms, piece.hole);
        }
        let whole = self.sealed(piece)?;
        if self.segment.is_none() {
            self.next_segment(piece.from_ms)?;
        }
        let Some(segment) = &mut self.segment else { return Ok(()) };
        if let Err(error) = segment.file.write_all(&whole) {
            // Whatever was written of it is cut off; recovery would pass over it all the same.
            if let Err(error) = segment.file.set_len(segment.bytes) {
                tracing::warn!(%error, "a torn fragment could not be cut off");
            }
            self.end_run();
            return Err(WriteError::disk(&self.dir, error));
        }
        self.written.push(Written::Fragment(Fragment {
            track: self.track.clone(),
            seq: self.end.seq + 1,
            file: format!("{}/{}", self.track, layout::segment_name(segment.number)),
            offset: segment.bytes,
            bytes: whole.len() as u64,
            sha256: hex::encode(Sha256::digest(&whole)),
            from: HearingTime(piece.from_ms),
            to: HearingTime(piece.to_ms),
        }));
        segment.bytes += whole.len() as u64;
        self.end.seq += 1;
        self.end.to_ms = Some(piece.to_ms);
        self.dirty = true;
        Ok(())
    }

    fn sealed(&self, piece: &Piece<'_>) -> Result<Vec<u8>, WriteError> {
        let seq = self.end.seq + 1;
        let body = mp4::fragment(seq, piece.decode_time, piece.samples).map_err(WriteError::Boxes)?;
        let stamp = Stamp {
            seq,
            from_ms: piece.from_ms,
            to_ms: piece.to_ms.max(piece.from_ms),
            first_sample: piece.first_sample,
            body_len: u32::try_from(body.len()).unwrap_or(u32::MAX),
        };
        Ok(fragment::seal(stamp, &body))
    }

    fn next_segment(&mut self, from_ms: u64) -> Result<(), WriteError> {
        let number = self.end.segment + 1;
        let path = self.dir.join(layout::segment_name(number));
        // `create_new`: nothing that was recorded is ever overwritten.
        let file = OpenOptions::new().append(true).create_new(true).open(&path);
        let file = file.map_err(|e| WriteError::disk(&path, e))?;
        self.end.segment = number;
        self.dir_dirty = true;
        self.segment = Some(Segment { file, number, bytes: 0, from_ms });
        Ok(())
    }

    /// Bytes written and not yet on the disk, as far as the kernel tells: whether there is anything to sync.
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty || !self.unsynced.is_empty() || !self.written.is_empty()
    }

    /// Brings everything written to the disk and gives what may be reported.
    ///
    /// After an error the segment is given up: what the kernel failed to write once it may never write, and says so once.
    pub(crate) fn sync(&mut self) -> Result<Vec<Written>, WriteError> {
        let result = self.sync_all();
        if result.is_err() {
            self.end_run();
        }
        result
    }

    fn sync_all(&mut self) -> Result<Vec<Written>, WriteError> {
        let failed = |e| WriteError::disk(&self.dir, e);
        if self.dir_dirty {
            File::open(&self.dir).and_then(|d| d.sync_all()).map_err(failed)?;
            self.dir_dirty = false;
        }
        for file in self.unsynced.drain(..) {
            file.sync_data().map_err(failed)?;
        }
        if self.dirty
            && let Some(segment) = &self.segment
        {
            segment.file.sync_data().map_err(failed)?;
        }
        self.dirty = false;
        Ok(std::mem::take(&mut self.written))
    }
}
