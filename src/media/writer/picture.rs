//! A camera's track: coded pictures in, H.264 fragments out.
//!
//! ```text
//!   Waiting ──key picture──► Run ──pictures──► Run ──hole, loss, close──► Waiting
//! ```

use std::path::Path;

use model::GapCause;

use super::file::{Piece, TrackFile};
use super::mp4::{self, PICTURE_TIMESCALE, Sample};
use super::{Picture, WriteError};
use crate::layout::{TrackInfo, TrackKind};
use crate::recover::TrackEnd;

/// A hole longer than this ends the run; a shorter one is noted and the picture before it stands longer.
const RUN_GAP_MS: u64 = 500;
/// About a third of a second at any rate.
const FRAGMENTS_PER_S: u32 = 3;

/// See the module.
pub(crate) struct PictureTrack {
    pub(crate) file: TrackFile,
    width: u32,
    height: u32,
    frame_ms: u64,
    fragment_len: usize,
    /// The latest picture: its duration is known when the next arrives.
    held: Option<Picture>,
    samples: Vec<Sample>,
    from_ms: u64,
    first_sample: u64,
    count: u64,
    hole: GapCause,
    parameters: Option<std::sync::Arc<super::Parameters>>,
}

fn ticks(ns: u64) -> u64 {
    u64::try_from(u128::from(ns) * u128::from(PICTURE_TIMESCALE) / 1_000_000_000).unwrap_or(u64::MAX)
}

impl PictureTrack {
    pub(crate) fn open(media_dir: &Path, info: &TrackInfo, end: TrackEnd) -> Result<Self, WriteError> {
        let (width, height) = match info.what {
            TrackKind::Camera { width, height } => (width, height),
            TrackKind::Microphone { .. } | TrackKind::Mix => (0, 0),
        };
        let rate = info.rate.max(1);
        let frame_ms = u64::from(1000 / rate).max(1);
        Ok(Self {
            // One and a half frames.
            file: TrackFile::open(media_dir, info, end, frame_ms * 3 / 2)?,
            width,
            height,
            frame_ms,
            fragment_len: (rate / FRAGMENTS_PER_S).max(1) as usize,
            held: None,
            samples: Vec::new(),
            from_ms: 0,
            first_sample: 0,
            count: 0,
            hole: GapCause::DeviceLost,
            parameters: None,
        })
    }

    /// Takes the next picture; `hole` says why, should some be missing before it.
    pub(crate) fn push(&mut self, picture: Picture, hole: GapCause) -> Result<(), WriteError> {
        if picture.lost_before {
            self.end_run()?;
        }
        let Some(held) = self.held.take() else {
            if picture.key {
                self.begin(picture, hole)?;
            }
            return Ok(());
        };
        let step_ms = picture.at_ns.saturating_sub(held.at_ns) / 1_000_000;
        if step_ms >= RUN_GAP_MS {
            self.held = Some(held);
            self.end_run()?;
            if picture.key {
                self.begin(picture, hole)?;
            }
            return Ok(());
        }
        let (next, mut to_ms) = (ticks(picture.at_ns), picture.at_ns / 1_000_000);
        let missing = step_ms > self.frame_ms * 3 / 2;
        if missing {
            to_ms = held.at_ns / 1_000_000 + self.frame_ms;
        }
        self.take(held, next);
        let full = self.samples.len() >= self.fragment_len || picture.key || missing;
        let result = if full { self.flush(next, to_ms) } else { Ok(()) };
        if missing && result.is_ok() {
            self.file.gap(to_ms, picture.at_ns / 1_000_000, hole);
        }
        self.hold(picture)?;
        result
    }

    fn begin(&mut self, picture: Picture, hole: GapCause) -> Result<(), WriteError> {
        self.hole = hole;
        self.hold(picture)
    }

    fn hold(&mut self, picture: Picture) -> Result<(), WriteError> {
        if picture.key && self.parameters.as_ref() != Some(&picture.parameters) {
            let p = &picture.parameters;
            let size = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
            let init = mp4::h264_init(&p.sps, &p.pps, size(self.width), size(self.height));
            self.file.set_init(&init.map_err(WriteError::Boxes)?)?;
            self.parameters = Some(picture.parameters.clone());
        }
        if self.samples.is_empty() {
            self.from_ms = picture.at_ns / 1_000_000;
            self.first_sample = self.count;
        }
        self.count += 1;
        self.held = Some(picture);
        Ok(())
    }

    fn take(&mut self, held: Picture, next_tick: u64) {
        let duration = next_tick.saturating_sub(ticks(held.at_ns));
        self.samples.push(Sample {
            duration: u32::try_from(duration).unwrap_or(u32::MAX),
            key: held.key,
            data: held.data,
        });
    }

    fn flush(&mut self, end_tick: u64, to_ms: u64) -> Result<(), WriteError> {
        let lasting: u64 = self.samples.iter().map(|s| u64::from(s.duration)).sum();
        let piece = Piece {
            samples: &self.samples,
            decode_time: end_tick.saturating_sub(lasting),
            from_ms: self.from_ms,
            to_ms,
            first_sample: self.first_sample,
            hole: self.hole,
        };
        let result = self.file.append(&piece);
        self.hole = if result.is_ok() { GapCause::DeviceLost } else { GapCause::Overrun };
        self.samples.clear();
        result
    }

    /// Ends the run: the last picture stands for one frame.
    pub(crate) fn end_run(&mut self) -> Result<(), WriteError> {
        let Some(held) = self.held.take() else { return Ok(()) };
        let end_ns = held.at_ns + self.frame_ms * 1_000_000;
        self.take(held, ticks(end_ns));
        let result = self.flush(ticks(end_ns), end_ns / 1_000_000);
        self.file.end_run();
        result
    }
}
