//! Opus through FFmpeg: one packet of 20 ms for every 20 ms of sound.

use std::sync::Once;

use ffmpeg::format::sample::{Sample, Type};
use ffmpeg::{ChannelLayout, Dictionary, Packet, codec, frame};
use ffmpeg_next as ffmpeg;

use super::WriteError;

/// Packets a second.
pub const PACKETS_PER_S: u32 = 50;
/// Ticks of the sound timescale per packet.
pub const PACKET_TICKS: u32 = super::mp4::SOUND_TIMESCALE / PACKETS_PER_S;
/// Speech is transparent at this rate, to a speech model that hears it again too.
pub const BITS_PER_S: u32 = 48_000;
/// Half of libopus' effort: inaudible for speech, about half the processor.
const COMPLEXITY: usize = 5;

static FFMPEG: Once = Once::new();

/// Starts FFmpeg once for the process and keeps it from writing to the terminal.
pub(crate) fn start_ffmpeg() {
    FFMPEG.call_once(|| {
        if let Err(error) = ffmpeg::init() {
            tracing::error!(%error, "FFmpeg could not be started");
        }
        ffmpeg::log::set_level(ffmpeg::log::Level::Fatal);
    });
}

/// Whether libopus takes sound of this rate as it is.
#[must_use]
pub fn rate_fits(rate_hz: u32) -> bool {
    matches!(rate_hz, 8_000 | 12_000 | 16_000 | 24_000 | 48_000)
}

/// An encoder for one channel.
pub struct Encoder {
    inner: codec::encoder::audio::Encoder,
    rate_hz: u32,
    pts: i64,
}

impl Encoder {
    /// For sound of `rate_hz`.
    pub fn new(rate_hz: u32) -> Result<Self, WriteError> {
        start_ffmpeg();
        let failed = |cause: ffmpeg::Error| WriteError::Encoder { what: "libopus", cause: cause.to_string() };
        let missing =
            WriteError::Encoder { what: "libopus", cause: "this FFmpeg was built without it".to_owned() };
        let codec = codec::encoder::find_by_name("libopus").ok_or(missing)?;
        let mut context = codec::Context::new_with_codec(codec).encoder().audio().map_err(failed)?;
        context.set_rate(i32::try_from(rate_hz).unwrap_or(i32::MAX));
        context.set_channel_layout(ChannelLayout::MONO);
        context.set_format(Sample::I16(Type::Packed));
        context.set_time_base((1, i32::try_from(rate_hz).unwrap_or(i32::MAX)));
        context.set_bit_rate(BITS_PER_S as usize);
        context.set_compression(Some(COMPLEXITY));
        let mut options = Dictionary::new();
        // As it sounds: "voip" dresses speech up for the ear, which models of speech stumble over, and takes twice the processor.
        options.set("application", "audio");
        options.set("frame_duration", "20");
        let inner = context.open_with(options).map_err(failed)?;
        Ok(Self { inner, rate_hz, pts: 0 })
    }

    /// Samples per packet.
    #[must_use]
    pub fn frame_len(&self) -> usize {
        (self.rate_hz / PACKETS_PER_S) as usize
    }

    /// Encodes exactly [`Self::frame_len`] samples.
    pub fn encode(&mut self, samples: &[i16]) -> Result<Vec<u8>, WriteError> {
        let failed = |cause: ffmpeg::Error| WriteError::Encoder { what: "libopus", cause: cause.to_string() };
        debug_assert_eq!(samples.len(), self.frame_len());
        let mut frame = frame::Audio::new(Sample::I16(Type::Packed), samples.len(), ChannelLayout::MONO);
        frame.set_rate(self.rate_hz);
        frame.set_pts(Some(self.pts));
        self.pts += samples.len() as i64;
        frame.plane_mut::<i16>(0).copy_from_slice(samples);
        self.inner.send_frame(&frame).map_err(failed)?;
        let mut packet = Packet::empty();
        self.inner.receive_packet(&mut packet).map_err(failed)?;
        packet
            .data()
            .map(<[u8]>::to_vec)
            .ok_or(WriteError::Encoder { what: "libopus", cause: "it gave an empty packet".to_owned() })
    }
}
