//! One picture out of the recording, as a page of evidence: the newest of a camera that looks at a thing on the table (实物展台),
//! or the one at a moment of the hearing. It is decoded from the recorded fragments, so it can be found there again.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use ffmpeg::format::Pixel;
use ffmpeg::software::scaling;
use ffmpeg::{Packet, codec, format, frame, media};
use ffmpeg_next as ffmpeg;
use model::{HearingTime, TrackId};

use crate::layout::{self, TrackKind};
use crate::playback::{PlaybackError, Recording};
use crate::recover::{Found, scan};
use crate::writer::opus::start_ffmpeg;

/// A picture of a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Still {
    /// When it was taken.
    pub at: HearingTime,
    /// The picture, losslessly, as PNG.
    pub png: Vec<u8>,
}

impl Recording {
    /// The cameras that were recorded, by name.
    pub fn cameras(&self) -> Result<Vec<TrackId>, PlaybackError> {
        let cameras = self.tracks()?.into_iter().filter(|t| matches!(t.what, TrackKind::Camera { .. }));
        Ok(cameras.map(|t| t.track).collect())
    }

    /// The picture of camera `track` at a moment, or without one its newest; nothing if none was recorded there. `scratch` is
    /// a folder for a file that lives as long as the call.
    pub fn still(
        &self,
        track: &TrackId,
        at: Option<HearingTime>,
        scratch: &Path,
    ) -> Result<Option<Still>, PlaybackError> {
        let dir = self.track_dir(track)?;
        let numbers = layout::segments(&dir).map_err(|e| self.disk(e))?;
        let inits = layout::inits(&dir).map_err(|e| self.disk(e))?;
        // The moment lies in the last segment that begins before it.
        for number in numbers.into_iter().rev() {
            let bytes = fs::read(dir.join(layout::segment_name(number))).map_err(|e| self.disk(e))?;
            let fragments = scan(&bytes);
            let Some(first) = fragments.first() else { continue };
            if at.is_some_and(|at| at.0 < first.stamp.from_ms) {
                continue;
            }
            let Some(last) = wanted(&fragments, at) else { return Ok(None) };
            let init = inits.iter().rev().find(|n| **n <= number).copied().unwrap_or(1);
            let init = fs::read(dir.join(layout::init_name(init))).map_err(|e| self.disk(e))?;
            let whole = &bytes[first.offset..last.offset + last.bytes];
            let mut file = tempfile::NamedTempFile::new_in(scratch).map_err(|e| self.disk(e))?;
            file.write_all(&init).and_then(|()| file.write_all(whole)).map_err(|e| self.disk(e))?;
            let unreadable = |e: ffmpeg::Error| PlaybackError::Picture { cause: e.to_string() };
            return decode(file.path(), at).map_err(unreadable);
        }
        Ok(None)
    }
}

/// The fragment that holds the moment, or the last one.
fn wanted(fragments: &[Found], at: Option<HearingTime>) -> Option<&Found> {
    match at {
        None => fragments.last(),
        Some(at) => fragments.iter().find(|f| f.stamp.from_ms <= at.0 && at.0 < f.stamp.to_ms),
    }
}

/// The last picture of a file that is not after `until`.
fn decode(path: &Path, until: Option<HearingTime>) -> Result<Option<Still>, ffmpeg::Error> {
    start_ffmpeg();
    let mut source = format::input(path)?;
    let stream = source.streams().best(media::Type::Video).ok_or(ffmpeg::Error::StreamNotFound)?;
    let (index, base) = (stream.index(), stream.time_base());
    let mut decoder = codec::Context::from_parameters(stream.parameters())?.decoder().video()?;
    let mut best: Option<(HearingTime, frame::Video)> = None;
    let mut take = |decoder: &mut ffmpeg::decoder::Video| {
        let mut picture = frame::Video::empty();
        while decoder.receive_frame(&mut picture).is_ok() {
            let ticks = i128::from(picture.pts().unwrap_or(0));
            let ms = ticks * i128::from(base.0) * 1000 / i128::from(base.1.max(1));
            let at = HearingTime(u64::try_from(ms).unwrap_or(0));
            if until.is_none_or(|until| at <= until) || best.is_none() {
                best = Some((at, picture.clone()));
            }
        }
    };
    loop {
        let mut packet = Packet::empty();
        match packet.read(&mut source) {
            Ok(()) if packet.stream() == index => {
                decoder.send_packet(&packet)?;
                take(&mut decoder);
            }
            Ok(()) => {}
            Err(ffmpeg::Error::Eof) => break,
            Err(error) => return Err(error),
        }
    }
    decoder.send_eof()?;
    take(&mut decoder);
    best.map(|(at, picture)| Ok(Still { at, png: png(&picture)? })).transpose()
}

fn png(picture: &frame::Video) -> Result<Vec<u8>, ffmpeg::Error> {
    let (width, height) = (picture.width(), picture.height());
    let mut rgb = frame::Video::empty();
    scaling::Context::get(
        picture.format(),
        width,
        height,
        Pixel::RGB24,
        width,
        height,
        scaling::Flags::BICUBIC | scaling::Flags::ACCURATE_RND,
    )?
    .run(picture, &mut rgb)?;
    rgb.set_pts(Some(0));
    let codec = codec::encoder::find(codec::Id::PNG).ok_or(ffmpeg::Error::EncoderNotFound)?;
    let mut context = codec::Context::new_with_codec(codec).encoder().video()?;
    context.set_width(width);
    context.set_height(height);
    context.set_format(Pixel::RGB24);
    context.set_time_base((1, 1));
    let mut encoder = context.open()?;
    encoder.send_frame(&rgb)?;
    encoder.send_eof()?;
    let mut packet = Packet::empty();
    encoder.receive_packet(&mut packet)?;
    Ok(packet.data().unwrap_or_default().to_vec())
}
