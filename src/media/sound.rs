//! Sound out of the recording: what a microphone heard between two moments, as samples.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use ffmpeg::format::sample::Type::Planar;
use ffmpeg::{Packet, codec, format, frame, media};
use ffmpeg_next as ffmpeg;
use model::{HearingTime, TrackId};

use crate::layout;
use crate::playback::{PlaybackError, Recording};
use crate::recover::scan;
use crate::writer::opus::start_ffmpeg;

/// Decoded from so long before the beginning: an Opus decoder needs 80 ms to find its way in.
const RUN_UP_MS: u64 = 200;

/// A stretch of sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Samples per second.
    pub rate_hz: u32,
    /// One channel, −1…1; silence where nothing was recorded.
    pub samples: Vec<f32>,
}

impl Recording {
    /// What track `track` holds from `from` until `to`. `scratch` is a folder for a file that lives as long as the call.
    pub fn sound(
        &self,
        track: &TrackId,
        from: HearingTime,
        to: HearingTime,
        scratch: &Path,
    ) -> Result<Sound, PlaybackError> {
        let dir = self.track_dir(track)?;
        let inits = layout::inits(&dir).map_err(|e| self.disk(e))?;
        let mut sound = Stretch { from, to, rate_hz: 0, samples: Vec::new() };
        for number in layout::segments(&dir).map_err(|e| self.disk(e))? {
            let bytes = fs::read(dir.join(layout::segment_name(number))).map_err(|e| self.disk(e))?;
            let fragments = scan(&bytes);
            let wanted =
                |f: &&crate::recover::Found| f.stamp.to_ms + RUN_UP_MS > from.0 && f.stamp.from_ms < to.0;
            let (Some(first), Some(last)) =
                (fragments.iter().find(wanted), fragments.iter().rev().find(wanted))
            else {
                continue;
            };
            let init = inits.iter().rev().find(|n| **n <= number).copied().unwrap_or(1);
            let init = fs::read(dir.join(layout::init_name(init))).map_err(|e| self.disk(e))?;
            let mut file = tempfile::NamedTempFile::new_in(scratch).map_err(|e| self.disk(e))?;
            let part = &bytes[first.offset..last.offset + last.bytes];
            file.write_all(&init).and_then(|()| file.write_all(part)).map_err(|e| self.disk(e))?;
            sound.decode(file.path()).map_err(|e| PlaybackError::Sound { cause: e.to_string() })?;
        }
        Ok(Sound { rate_hz: sound.rate_hz.max(1), samples: sound.samples })
    }

    /// When the first fragment of track `track` begins that begins at `from` or later.
    pub(crate) fn goes_on(
        &self,
        track: &TrackId,
        from: HearingTime,
    ) -> Result<Option<HearingTime>, PlaybackError> {
        let dir = self.track_dir(track)?;
        for number in layout::segments(&dir).map_err(|e| self.disk(e))? {
            let bytes = fs::read(dir.join(layout::segment_name(number))).map_err(|e| self.disk(e))?;
            if let Some(found) = scan(&bytes).iter().map(|f| f.stamp.from_ms).find(|ms| *ms >= from.0) {
                return Ok(Some(HearingTime(found)));
            }
        }
        Ok(None)
    }
}

/// What is being put together.
struct Stretch {
    from: HearingTime,
    to: HearingTime,
    rate_hz: u32,
    samples: Vec<f32>,
}

impl Stretch {
    fn decode(&mut self, path: &Path) -> Result<(), ffmpeg::Error> {
        start_ffmpeg();
        let mut source = format::input(path)?;
        let stream = source.streams().best(media::Type::Audio).ok_or(ffmpeg::Error::StreamNotFound)?;
        let (index, base) = (stream.index(), stream.time_base());
        let mut decoder = codec::Context::from_parameters(stream.parameters())?.decoder().audio()?;
        let rate_hz = decoder.rate();
        if self.samples.is_empty() {
            let count = self.to.0.saturating_sub(self.from.0) * u64::from(rate_hz) / 1000;
            self.rate_hz = rate_hz;
            self.samples = vec![0.0; count as usize];
        }
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut source) {
                Ok(()) if packet.stream() == index => {
                    // What one packet holds is lost with it, and nothing else.
                    if decoder.send_packet(&packet).is_ok() {
                        self.take(&mut decoder, base);
                    }
                }
                Ok(()) => {}
                Err(ffmpeg::Error::Eof) => break,
                Err(error) => return Err(error),
            }
        }
        decoder.send_eof()?;
        self.take(&mut decoder, base);
        Ok(())
    }

    fn take(&mut self, decoder: &mut ffmpeg::decoder::Audio, base: ffmpeg::Rational) {
        let mut piece = frame::Audio::empty();
        while decoder.receive_frame(&mut piece).is_ok() {
            if piece.format() != format::Sample::F32(Planar) {
                continue;
            }
            let ticks = i128::from(piece.pts().unwrap_or(0));
            let rate = i128::from(self.rate_hz);
            let at = ticks * i128::from(base.0) * rate / i128::from(base.1.max(1));
            let begin = at - i128::from(self.from.0) * rate / 1000;
            for (n, sample) in (begin..).zip(piece.plane::<f32>(0)) {
                let place = usize::try_from(n).ok().and_then(|n| self.samples.get_mut(n));
                if let Some(place) = place {
                    *place = *sample;
                }
            }
        }
    }
}
