//! libx264, as sparing as it can be: constrained baseline, one slice a picture, no B-frames, an IDR every second.

use ffmpeg::format::Pixel;
use ffmpeg::{Dictionary, Packet, codec, frame, picture};
use ffmpeg_next as ffmpeg;

use super::h264::{Rewriter, Rewritten};

/// Bits a second the picture may not exceed for long.
pub(crate) const BITS_PER_S_MAX: u32 = 2_000_000;

/// An encoder for pictures in planar 4:2:0.
pub(crate) struct Encoder {
    inner: codec::encoder::video::Encoder,
    rewriter: Rewriter,
}

impl Encoder {
    pub(crate) fn new(width: u32, height: u32, frames_per_s: u32) -> Result<Self, ffmpeg::Error> {
        let codec = codec::encoder::find_by_name("libx264").ok_or(ffmpeg::Error::EncoderNotFound)?;
        let mut context = codec::Context::new_with_codec(codec).encoder().video()?;
        let rate = i32::try_from(frames_per_s.max(1)).unwrap_or(i32::MAX);
        context.set_width(width);
        context.set_height(height);
        context.set_format(Pixel::YUV420P);
        context.set_time_base((1, rate));
        context.set_frame_rate(Some((rate, 1)));
        context.set_gop(frames_per_s);
        context.set_max_b_frames(0);
        let mut options = Dictionary::new();
        options.set("preset", "ultrafast");
        options.set("tune", "zerolatency");
        options.set("profile", "baseline");
        options.set("crf", "25");
        options.set("forced-idr", "1");
        let kbit = BITS_PER_S_MAX / 1000;
        let own = format!(
            "threads=1:sliced-threads=0:scenecut=0:keyint={frames_per_s}:min-keyint={frames_per_s}\
             :vbv-maxrate={kbit}:vbv-bufsize={kbit}"
        );
        options.set("x264-params", &own);
        Ok(Self { inner: context.open_with(options)?, rewriter: Rewriter::default() })
    }

    /// Encodes one picture; `number` counts pictures.
    pub(crate) fn encode(
        &mut self,
        frame: &mut frame::Video,
        number: i64,
        key: bool,
    ) -> Result<Option<Rewritten>, ffmpeg::Error> {
        frame.set_pts(Some(number));
        frame.set_kind(if key { picture::Type::I } else { picture::Type::None });
        self.inner.send_frame(frame)?;
        let mut packet = Packet::empty();
        match self.inner.receive_packet(&mut packet) {
            Ok(()) => Ok(packet.data().and_then(|data| self.rewriter.rewrite(data))),
            Err(ffmpeg::Error::Other { errno }) if errno == ffmpeg::error::EAGAIN => Ok(None),
            Err(error) => Err(error),
        }
    }
}
