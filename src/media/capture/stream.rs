//! Sound by its FFmpeg URL: the mix of an existing hearing host (庭审主机) over RTSP, or a conference system on the network.
//!
//! ```text
//!   thread:  opening ──► decoded, brought to 16 kHz ──► bounded queue ──► poll
//!              └── an error, the end, or 2 s of nothing ──► Lost (the pump drops it and opens it again)
//! ```
//! The stream's own times tell what was lost on the way: a jump ahead is a hole, a jump back is a clock that was set anew.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};

use ffmpeg::format::{Sample, sample};
use ffmpeg::software::resampling;
use ffmpeg::{ChannelLayout, Dictionary, Packet, Rational, codec, format, frame, media};
use ffmpeg_next as ffmpeg;
use model::{AudioFrame, AudioSource, HearingTime, SeatId, SourceError, SourceStep};

use super::{CaptureError, RATE_HZ, sample_at};
use crate::camera::Flags;
use crate::clock::{HearingClock, SampleFit};
use crate::writer::opus::start_ffmpeg;

/// Pieces that may wait: some ten seconds.
const QUEUE: usize = 512;
/// The stream's times and ours may differ by so many samples: what a resampler holds back.
const APART: i64 = RATE_HZ as i64 / 50;
/// A jump ahead by more is no loss but another clock.
const AHEAD_MAX: i64 = RATE_HZ as i64 * 600;

/// A stretch of decoded sound, interleaved.
#[derive(Debug)]
struct Piece {
    samples: Vec<i16>,
    /// Place of the first by the stream's own clock, in samples of ours.
    own: Option<i64>,
    /// When it had arrived.
    at_ns: u64,
}

/// See the module. One seat has the whole stream as one channel; of several, seat n has its channel n.
pub struct StreamSource {
    url: String,
    seats: Vec<SeatId>,
    pieces: Receiver<Result<Piece, String>>,
    flags: Arc<Flags>,
    place: Place,
}

impl StreamSource {
    /// Begins to open `url`; that it cannot be opened, [`AudioSource::poll`] says.
    pub fn open(url: &str, seats: Vec<SeatId>, clock: HearingClock) -> Result<Self, CaptureError> {
        start_ffmpeg();
        let flags = Arc::new(Flags::default());
        let (out, pieces) = sync_channel(QUEUE);
        let (its_flags, its_url, channels) = (flags.clone(), url.to_owned(), seats.len().max(1));
        // It ends by itself soon after its flag is set: whoever drops the source never waits for a network.
        let thread = std::thread::Builder::new().name("sound-stream".to_owned()).spawn(move || {
            let ended = read(&its_url, channels, &clock, &its_flags, &out);
            if let Err(error) = ended {
                // Nobody listens any more: it was dropped.
                let _ = out.send(Err(error));
            }
        });
        thread.map_err(|e| CaptureError::NoDevice {
            name: url.to_owned(),
            cause: e.to_string(),
            known: "streams by their address".to_owned(),
        })?;
        Ok(Self { url: url.to_owned(), seats, pieces, flags, place: Place::default() })
    }

    fn lost(&self, cause: String) -> SourceError {
        SourceError::Lost { name: self.url.clone(), cause }
    }
}

impl AudioSource for StreamSource {
    fn seats(&self) -> &[SeatId] {
        &self.seats
    }

    fn poll(&mut self, _now: HearingTime) -> Result<SourceStep, SourceError> {
        let mut frames = Vec::new();
        loop {
            match self.pieces.try_recv() {
                Ok(Ok(piece)) => frames.extend(self.placed(&piece)),
                Ok(Err(_)) if !frames.is_empty() => self.flags.stop(),
                Ok(Err(cause)) => return Err(self.lost(cause)),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) if !frames.is_empty() => break,
                Err(TryRecvError::Disconnected) => return Err(self.lost("the stream has ended".to_owned())),
            }
        }
        Ok(if frames.is_empty() { SourceStep::Idle } else { SourceStep::Frames(frames) })
    }
}

impl StreamSource {
    fn placed(&mut self, piece: &Piece) -> Vec<AudioFrame> {
        let channels = self.seats.len().max(1);
        let count = piece.samples.len() / channels;
        let (first_sample, at) = self.place.put(piece.own, count as u64, piece.at_ns);
        let one = |(n, seat): (usize, &SeatId)| AudioFrame {
            seat: seat.clone(),
            first_sample,
            at,
            rate_hz: RATE_HZ,
            samples: piece.samples.iter().skip(n).step_by(channels).copied().collect(),
        };
        self.seats.iter().enumerate().map(one).collect()
    }
}

impl Drop for StreamSource {
    fn drop(&mut self) {
        self.flags.stop();
    }
}

/// Where the stream's samples stand among those of the hearing.
#[derive(Debug)]
struct Place {
    /// Index of the next sample.
    next: Option<u64>,
    /// From the stream's own count to ours.
    shift: i64,
    fit: SampleFit,
}

impl Default for Place {
    fn default() -> Self {
        Self { next: None, shift: 0, fit: SampleFit::new(RATE_HZ) }
    }
}

impl Place {
    /// Index of the first of `count` samples that had arrived at `at_ns`, and its hearing time. Never counts back.
    fn put(&mut self, own: Option<i64>, count: u64, at_ns: u64) -> (u64, HearingTime) {
        let arrived = sample_at(at_ns, RATE_HZ).saturating_sub(count);
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let first = match self.next {
            None => {
                self.shift = signed(arrived) - own.unwrap_or(0);
                arrived
            }
            Some(next) => {
                let ahead = own.map_or(0, |own| own.saturating_add(self.shift).saturating_sub(signed(next)));
                if ahead.abs() <= APART {
                    next
                } else {
                    let first = match u64::try_from(ahead) {
                        Ok(lost) if ahead < AHEAD_MAX => next + lost,
                        _ => next.max(arrived),
                    };
                    self.shift = signed(first) - own.unwrap_or(0);
                    self.fit = SampleFit::new(RATE_HZ);
                    first
                }
            }
        };
        self.next = Some(first + count);
        self.fit.observe(first + count, at_ns);
        (first, HearingTime(self.fit.time_ns(first) / 1_000_000))
    }
}

/// Reads and decodes until the stream ends, fails, is silent for two seconds, or the flag says stop.
fn read(
    url: &str,
    channels: usize,
    clock: &HearingClock,
    flags: &Arc<Flags>,
    out: &SyncSender<Result<Piece, String>>,
) -> Result<(), String> {
    let said = |e: ffmpeg::Error| e.to_string();
    flags.opening();
    let watch = flags.clone();
    let mut options = Dictionary::new();
    if url.starts_with("rtsp:") {
        options.set("rtsp_transport", "tcp");
    }
    let mut source =
        format::input_with_interrupt_and_dictionary(url, move || watch.give_up(), options).map_err(said)?;
    let stream = source.streams().best(media::Type::Audio).ok_or("it sends no sound")?;
    let (index, base) = (stream.index(), stream.time_base());
    let mut decoder = codec::Context::from_parameters(stream.parameters())
        .and_then(|context| context.decoder().audio())
        .map_err(said)?;
    let mut to_ours = Resampler { channels, inner: None };
    while !flags.stopped() {
        let mut packet = Packet::empty();
        packet.read(&mut source).map_err(said)?;
        flags.alive();
        // What one packet holds is lost with it, and nothing else.
        if packet.stream() != index || decoder.send_packet(&packet).is_err() {
            continue;
        }
        let mut decoded = frame::Audio::empty();
        while decoder.receive_frame(&mut decoded).is_ok() {
            let own = decoded.pts().map(|pts| in_samples(pts, base));
            let samples = to_ours.run(&mut decoded).map_err(said)?;
            if samples.is_empty() {
                continue;
            }
            match out.try_send(Ok(Piece { samples, own, at_ns: clock.now_ns() })) {
                // What finds no room is a hole that the stream's own times show.
                Ok(()) | Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Disconnected(_)) => return Ok(()),
            }
        }
    }
    Ok(())
}

fn in_samples(pts: i64, base: Rational) -> i64 {
    let samples = i128::from(pts) * i128::from(base.0) * i128::from(RATE_HZ) / i128::from(base.1.max(1));
    i64::try_from(samples).unwrap_or(0)
}

/// To 16 kHz, 16 bit, as many channels as there are seats.
struct Resampler {
    channels: usize,
    inner: Option<(Sample, ChannelLayout, u32, resampling::Context)>,
}

impl Resampler {
    fn run(&mut self, decoded: &mut frame::Audio) -> Result<Vec<i16>, ffmpeg::Error> {
        if decoded.channel_layout().is_empty() {
            decoded.set_channel_layout(ChannelLayout::default(i32::from(decoded.channels())));
        }
        let is = (decoded.format(), decoded.channel_layout(), decoded.rate());
        if self.inner.as_ref().is_none_or(|(f, l, r, _)| (*f, *l, *r) != is) {
            let layout = ChannelLayout::default(i32::try_from(self.channels).unwrap_or(1));
            let packed = Sample::I16(sample::Type::Packed);
            let context = resampling::Context::get(is.0, is.1, is.2, packed, layout, RATE_HZ)?;
            self.inner = Some((is.0, is.1, is.2, context));
        }
        let Some((.., context)) = &mut self.inner else { return Ok(Vec::new()) };
        let mut resampled = frame::Audio::empty();
        context.run(decoded, &mut resampled)?;
        let count = resampled.samples() * self.channels;
        let bytes = resampled.data(0).get(..count * 2).unwrap_or_default();
        Ok(bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = RATE_HZ as u64 / 1000;

    /// Puts pieces of 20 ms and gives the index of each first sample.
    fn put(place: &mut Place, own: i64, at_ms: u64) -> u64 {
        place.put(Some(own), 20 * MS, at_ms * 1_000_000).0
    }

    #[test]
    fn samples_follow_each_other_however_late_they_come_and_a_jump_ahead_is_a_hole() {
        let mut place = Place::default();
        assert_eq!(put(&mut place, 90_000, 1_020), 1_000 * MS);
        assert_eq!(put(&mut place, 90_320, 1_300), 1_020 * MS, "late, and nothing lost");
        assert_eq!(put(&mut place, 90_640 + 100, 1_310), 1_040 * MS, "what a resampler holds back");
        // 500 ms are missing.
        assert_eq!(put(&mut place, 90_960 + 8_000, 1_900), 1_560 * MS);
        assert_eq!(put(&mut place, 91_280 + 8_000, 1_900), 1_580 * MS);
    }

    #[test]
    fn a_clock_that_is_set_anew_counts_on_from_when_the_sound_came_and_never_back() {
        let mut place = Place::default();
        put(&mut place, 5_000_000, 10_020);
        assert_eq!(put(&mut place, 0, 10_520), 10_500 * MS, "set back");
        assert_eq!(put(&mut place, 320, 10_540), 10_520 * MS);
        assert_eq!(put(&mut place, i64::MAX / 2, 10_700), 10_680 * MS, "set far ahead");
        // Set back while what came before was ahead of its time: never twice the same sample.
        assert_eq!(put(&mut place, 0, 10_600), 10_700 * MS);
    }

    #[test]
    fn a_stream_without_times_is_counted() {
        let mut place = Place::default();
        for n in 0..5 {
            let (first, at) = place.put(None, 20 * MS, (1_020 + n * 20) * 1_000_000);
            assert_eq!((first, at.0 / 20), ((1_000 + n * 20) * MS, 50 + n));
        }
    }
}
