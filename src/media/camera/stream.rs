//! A camera (or a file) by its FFmpeg URL. H.264 is passed through; anything else is decoded and encoded again.

use std::sync::Arc;
use std::time::Duration;

use ffmpeg::format::Pixel;
use ffmpeg::software::scaling;
use ffmpeg::{Dictionary, Packet, Rational, codec, format, frame, media};
use ffmpeg_next as ffmpeg;

use super::encode::Encoder;
use super::h264::Rewriter;
use super::{CameraError, CameraInput, Flags, Sink};
use crate::clock::HearingClock;

/// A camera's clock that has come this far from ours is laid anew.
const APART_NS: u64 = 1_000_000_000;
/// Pictures of an H.264 camera that may pass before its parameter sets are given up on.
const PASSED_OVER_MAX: u32 = 30;

/// Gives pictures until the camera ends, fails, is silent for two seconds, or the owner says stop.
pub(super) fn run(
    input: &CameraInput,
    clock: &HearingClock,
    flags: &Arc<Flags>,
    sink: &mut Sink<'_>,
) -> Result<(), CameraError> {
    let open = |cause: String| CameraError::Open { url: input.url.clone(), cause };
    let lost = |cause: String| CameraError::Lost { url: input.url.clone(), cause };
    flags.opening();
    let watch = flags.clone();
    let mut options = Dictionary::new();
    if input.url.starts_with("rtsp:") {
        options.set("rtsp_transport", "tcp");
    }
    // A document camera or a capture card of this machine: Video4Linux gives its own smallest size where none is asked for.
    let device = input.url.starts_with("/dev/");
    if device {
        options.set("video_size", &format!("{}x{}", input.width, input.height));
        options.set("framerate", &input.frames_per_s.to_string());
    }
    let mut source =
        format::input_with_interrupt_and_dictionary(&input.url, move || watch.give_up(), options)
            .map_err(|e| open(e.to_string()))?;
    let stream =
        source.streams().best(media::Type::Video).ok_or_else(|| open("it sends no picture".to_owned()))?;
    let (index, time_base, parameters) = (stream.index(), stream.time_base(), stream.parameters());
    let h264 = parameters.id() == codec::Id::H264;
    let mut anew = Some(Anew::new(input, parameters).map_err(|e| open(e.to_string()))?);
    let mut through = h264.then(Rewriter::default);
    let mut passed_over = 0;
    flags.alive();
    let mut pace = Pace { file: !device && !input.url.contains("://"), zero: None };
    loop {
        // A fresh packet for each read: one that is read into twice may still be shared with the demuxer.
        let mut packet = Packet::empty();
        packet.read(&mut source).map_err(|e| lost(e.to_string()))?;
        if flags.stopped() {
            return Ok(());
        }
        if packet.stream() != index {
            continue;
        }
        let at_ns = pace.place(packet.pts().or(packet.dts()), time_base, clock, flags);
        if let Some(rewriter) = &mut through {
            match packet.data().and_then(|d| rewriter.rewrite(d)) {
                Some(coded) => {
                    sink.give(at_ns, coded.key, coded.data, &coded.parameters);
                    anew = None;
                }
                // Its parameter sets stand outside the stream, where only FFmpeg's own decoder finds them.
                None if anew.is_some() && passed_over > PASSED_OVER_MAX => through = None,
                None => passed_over += 1,
            }
        } else if let Some(anew) = &mut anew {
            anew.take(&packet, at_ns, flags, sink).map_err(|e| lost(e.to_string()))?;
        }
    }
}

/// Lays the camera's own times on the hearing clock: the least delayed picture so far is on time.
struct Pace {
    /// A file would come all at once: it is held to its own pace.
    file: bool,
    /// Hearing time of the camera's time zero, in nanoseconds.
    zero: Option<i64>,
}

impl Pace {
    fn place(&mut self, pts: Option<i64>, base: Rational, clock: &HearingClock, flags: &Flags) -> u64 {
        let now = i64::try_from(clock.now_ns()).unwrap_or(i64::MAX);
        let Some(pts) = pts else { return clock.now_ns() };
        let own = i128::from(pts) * i128::from(base.0) * 1_000_000_000 / i128::from(base.1.max(1));
        let own = i64::try_from(own).unwrap_or(i64::MAX);
        let zero = *self.zero.get_or_insert(now - own);
        let mut at = zero + own;
        if self.file {
            while at > i64::try_from(clock.now_ns()).unwrap_or(i64::MAX) && !flags.stopped() {
                flags.alive();
                std::thread::sleep(Duration::from_millis(5));
            }
        } else if at.abs_diff(now) > APART_NS {
            self.zero = Some(now - own);
            at = now;
        } else if at > now {
            // This one came sooner than any before: it shows how late the others were. Never by more than a little,
            // or a picture would seem to be missing.
            self.zero = Some(zero - (at - now).min(200_000));
        }
        u64::try_from(at).unwrap_or(0)
    }
}

/// Decoder, scaler and encoder of a camera that does not send H.264.
struct Anew {
    decoder: ffmpeg::decoder::Video,
    scaler: Option<scaling::Context>,
    encoder: Encoder,
    size: (u32, u32),
    number: i64,
}

impl Anew {
    fn new(input: &CameraInput, parameters: codec::Parameters) -> Result<Self, ffmpeg::Error> {
        let decoder = codec::Context::from_parameters(parameters)?.decoder().video()?;
        let encoder = Encoder::new(input.width, input.height, input.frames_per_s)?;
        let size = (input.width, input.height);
        Ok(Self { decoder, scaler: None, encoder, size, number: 0 })
    }

    fn take(
        &mut self,
        packet: &Packet,
        at_ns: u64,
        flags: &Flags,
        sink: &mut Sink<'_>,
    ) -> Result<(), ffmpeg::Error> {
        self.decoder.send_packet(packet)?;
        let mut decoded = frame::Video::empty();
        while self.decoder.receive_frame(&mut decoded).is_ok() {
            let (width, height) = self.size;
            let fits = decoded.format() == Pixel::YUV420P && (decoded.width(), decoded.height()) == self.size;
            let mut scaled = frame::Video::empty();
            let picture = if fits {
                &mut decoded
            } else {
                let scaler = match &mut self.scaler {
                    Some(scaler) => scaler,
                    none => none.insert(scaling::Context::get(
                        decoded.format(),
                        decoded.width(),
                        decoded.height(),
                        Pixel::YUV420P,
                        width,
                        height,
                        scaling::Flags::FAST_BILINEAR,
                    )?),
                };
                scaler.run(&decoded, &mut scaled)?;
                &mut scaled
            };
            let coded = self.encoder.encode(picture, self.number, flags.take_want_key())?;
            self.number += 1;
            if let Some(coded) = coded {
                sink.give(at_ns, coded.key, coded.data, &coded.parameters);
            }
        }
        Ok(())
    }
}
