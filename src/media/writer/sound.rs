//! A microphone's track (or the mix): samples in, Opus fragments out.
//!
//! ```text
//!   Silent ──frame──► Run ──frame that follows──► Run
//!     ▲                │ index jumps, or the writer closes the run
//!     └────────────────┘ (the rest below 20 ms is filled with silence, its end time is the true one)
//! ```

use std::path::Path;

use model::{AudioFrame, GapCause};

use super::WriteError;
use super::file::{Piece, TrackFile};
use super::mp4::{self, OPUS_PRE_SKIP, SOUND_TIMESCALE, Sample};
use super::opus::{Encoder, PACKET_TICKS};
use crate::layout::TrackInfo;
use crate::recover::TrackEnd;

/// Packets per fragment: 160 ms, so that 25 fragments make a segment of 4 s.
const FRAGMENT_PACKETS: usize = 8;
/// A hole shorter than this is not one.
const GAP_MS_MIN: u64 = 10;
/// A device that has drifted this far from the track's clock is put right at the next segment.
const DRIFT_TICKS_MAX: u64 = SOUND_TIMESCALE as u64 * 2 / 1000;

struct Run {
    encoder: Encoder,
    /// Index of the next sample expected from the source.
    next_sample: u64,
    pending: Vec<i16>,
    packets: Vec<Sample>,
    /// Index and tick (of the sound, without the coder's delay) of the first sample of `packets`.
    first_sample: u64,
    tick: u64,
    /// Latest word of the source on when a sample was: (index, tick).
    anchor: (u64, u64),
    hole: GapCause,
}

/// See the module.
pub(crate) struct SoundTrack {
    pub(crate) file: TrackFile,
    rate_hz: u32,
    run: Option<Run>,
}

fn ticks(ms: u64) -> u64 {
    ms * u64::from(SOUND_TIMESCALE) / 1000
}

fn ms(ticks: u64) -> u64 {
    ticks * 1000 / u64::from(SOUND_TIMESCALE)
}

impl SoundTrack {
    pub(crate) fn open(media_dir: &Path, info: &TrackInfo, end: TrackEnd) -> Result<Self, WriteError> {
        let mut file = TrackFile::open(media_dir, info, end, GAP_MS_MIN)?;
        file.set_init(&mp4::opus_init().map_err(WriteError::Boxes)?)?;
        Ok(Self { file, rate_hz: info.rate, run: None })
    }

    /// Takes the next samples; `hole` says why, should some be missing before them.
    pub(crate) fn push(&mut self, frame: &AudioFrame, hole: GapCause) -> Result<(), WriteError> {
        if self.run.as_ref().is_some_and(|r| r.next_sample != frame.first_sample) {
            self.end_run()?;
        }
        if self.run.is_none() {
            self.run = Some(Run {
                encoder: Encoder::new(self.rate_hz)?,
                next_sample: frame.first_sample,
                pending: Vec::new(),
                packets: Vec::new(),
                first_sample: frame.first_sample,
                tick: ticks(frame.at.0),
                anchor: (frame.first_sample, ticks(frame.at.0)),
                hole,
            });
        }
        let Some(run) = &mut self.run else { return Ok(()) };
        run.next_sample += frame.samples.len() as u64;
        run.anchor = (frame.first_sample, ticks(frame.at.0));
        run.pending.extend_from_slice(&frame.samples);
        let len = run.encoder.frame_len();
        while self.run.as_ref().is_some_and(|r| r.pending.len() >= len) {
            self.encode_one(len)?;
        }
        Ok(())
    }

    fn encode_one(&mut self, len: usize) -> Result<(), WriteError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let data = run.encoder.encode(&run.pending[..len])?;
        run.pending.drain(..len);
        run.packets.push(Sample { duration: PACKET_TICKS, key: true, data });
        if run.packets.len() >= FRAGMENT_PACKETS {
            self.flush(None)?;
        }
        Ok(())
    }

    /// Writes the packets at hand; `end_tick` is their true end if it is not that of the last packet.
    fn flush(&mut self, end_tick: Option<u64>) -> Result<(), WriteError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        if run.packets.is_empty() {
            return Ok(());
        }
        if self.file.wants_cut(ms(run.tick)) {
            // Sound by the device's own count, so far; now by the hearing clock, if the two have come apart.
            let since = run.first_sample.abs_diff(run.anchor.0) * u64::from(SOUND_TIMESCALE)
                / u64::from(self.rate_hz);
            let ahead = run.first_sample >= run.anchor.0;
            let true_tick = if ahead { run.anchor.1 + since } else { run.anchor.1.saturating_sub(since) };
            if true_tick.abs_diff(run.tick) > DRIFT_TICKS_MAX {
                run.tick = true_tick;
            }
        }
        let lasting = u64::from(PACKET_TICKS) * run.packets.len() as u64;
        let end = end_tick.unwrap_or(run.tick + lasting);
        let piece = Piece {
            samples: &run.packets,
            decode_time: run.tick.saturating_sub(u64::from(OPUS_PRE_SKIP)),
            from_ms: ms(run.tick),
            to_ms: ms(end),
            first_sample: run.first_sample,
            hole: run.hole,
        };
        let result = self.file.append(&piece);
        run.hole = if result.is_ok() { GapCause::DeviceLost } else { GapCause::Overrun };
        run.first_sample += lasting * u64::from(self.rate_hz) / u64::from(SOUND_TIMESCALE);
        run.tick += lasting;
        run.packets.clear();
        result
    }

    /// Ends the run: fills the last packet with silence and writes what there is.
    pub(crate) fn end_run(&mut self) -> Result<(), WriteError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let sound = run.packets.len() as u64 * u64::from(PACKET_TICKS)
            + run.pending.len() as u64 * u64::from(SOUND_TIMESCALE) / u64::from(self.rate_hz);
        let end_tick = run.tick + sound;
        // One more packet brings out what the coder still holds back.
        let len = run.encoder.frame_len();
        let wanted =
            run.pending.len() + usize::from(OPUS_PRE_SKIP) * self.rate_hz as usize / SOUND_TIMESCALE as usize;
        run.pending.resize(wanted.next_multiple_of(len), 0);
        let mut result = Ok(());
        while result.is_ok() && self.run.as_ref().is_some_and(|r| r.pending.len() >= len) {
            let Some(run) = &mut self.run else { break };
            result = run.encoder.encode(&run.pending[..len]).map(|data| {
                run.pending.drain(..len);
                run.packets.push(Sample { duration: PACKET_TICKS, key: true, data });
            });
        }
        let result = result.and_then(|()| self.flush(Some(end_tick)));
        self.run = None;
        self.file.end_run();
        result
    }
}
