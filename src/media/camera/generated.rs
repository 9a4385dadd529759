//! A picture made here, for rooms without a camera and for rehearsals: colour bars and a running clock.

use std::time::Duration;

use ffmpeg::{filter, frame};
use ffmpeg_next as ffmpeg;

use super::encode::Encoder;
use super::{CameraError, CameraInput, Flags, Sink};
use crate::clock::HearingClock;

/// Pictures later than this are left out when the process was held up.
const LATE_NS_MAX: u64 = 2_000_000_000;

/// Gives pictures at the configured rate until told to stop.
pub(super) fn run(
    input: &CameraInput,
    clock: &HearingClock,
    flags: &Flags,
    sink: &mut Sink<'_>,
) -> Result<(), CameraError> {
    let encode =
        |cause: ffmpeg::Error| CameraError::Encode { url: input.url.clone(), cause: cause.to_string() };
    let rate = u64::from(input.frames_per_s.max(1));
    let step_ns = 1_000_000_000 / rate;
    let mut graph = bars(input, true).or_else(|_| bars(input, false)).map_err(encode)?;
    let mut encoder = Encoder::new(input.width, input.height, input.frames_per_s).map_err(encode)?;
    // Pictures stand at whole steps of the hearing clock, however late this thread is woken.
    let mut tick = clock.now_ns() / step_ns + 1;
    let mut number = 0;
    while !flags.stopped() {
        let now = clock.now_ns();
        if let Some(wait) = (tick * step_ns).checked_sub(now) {
            std::thread::sleep(Duration::from_nanos(wait.min(100_000_000)));
            continue;
        }
        if now - tick * step_ns > LATE_NS_MAX {
            tick = now / step_ns;
        }
        let mut picture = frame::Video::empty();
        let mut out = graph.get("out").ok_or(ffmpeg::Error::FilterNotFound).map_err(encode)?;
        out.sink().frame(&mut picture).map_err(encode)?;
        let coded = encoder.encode(&mut picture, number, flags.take_want_key()).map_err(encode)?;
        if let Some(coded) = coded {
            sink.give(tick * step_ns, coded.key, coded.data, &coded.parameters);
        }
        number += 1;
        tick += 1;
    }
    Ok(())
}

fn bars(input: &CameraInput, with_clock: bool) -> Result<filter::Graph, ffmpeg::Error> {
    let mut graph = filter::Graph::new();
    let missing = || ffmpeg::Error::FilterNotFound;
    let source = filter::find("smptehdbars").ok_or_else(missing)?;
    let size = format!("size={}x{}:rate={}", input.width, input.height, input.frames_per_s.max(1));
    graph.add(&source, "in", &size)?;
    graph.add(&filter::find("buffersink").ok_or_else(missing)?, "out", "")?;
    let clock = if with_clock {
        let size = input.height / 15;
        format!(
            ",drawtext=text='%{{localtime\\:%F %T}}':fontsize={size}:x=(w-tw)/2:y=h/12:box=1:boxborderw=8\
             :boxcolor=black@0.7:fontcolor=white"
        )
    } else {
        String::new()
    };
    graph.output("in", 0)?.input("out", 0)?.parse(&format!("format=yuv420p{clock}"))?;
    graph.validate()?;
    Ok(graph)
}
