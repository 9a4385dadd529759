//! Records four simulated microphones and a generated 720p picture and says what it cost.
//!
//! `cargo run --release -p huiting-media --example measure -- DIR SECONDS` leaves the recording in DIR/media, with playlists;
//! a third argument is a directory of `<seat>.wav` to rehearse. In the middle there is a pause of 12 seconds.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;
use std::time::Duration;

use bytes::BytesMut;
use media::clock::HearingClock;
use media::playback::Recording;
use model::{HearingId, SeatId, TrackId};
use protocol::link::Frame;
use protocol::link::recorder::{FromRecorder, Input, ToRecorder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error + Send + Sync>;
const PAUSE_S: u64 = 12;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().ok_or("usage: measure DIR SECONDS [REHEARSAL]")?);
    let seconds: u64 = args.next().ok_or("usage: measure DIR SECONDS [REHEARSAL]")?.parse()?;
    let rehearsal = args.next().map(PathBuf::from);
    let config = media::recorder::RecorderConfig { run_dir: dir.join("run"), reserve_minutes: 0 };
    let (socket, cancel) = (config.socket(), CancellationToken::new());
    let recorder = tokio::spawn(media::recorder::run(config, cancel.clone()));
    let mut stream = loop {
        match UnixStream::connect(&socket).await {
            Ok(stream) => break stream,
            Err(_) if !recorder.is_finished() => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => return Err(error.into()),
        }
    };
    let seats = ["judge", "clerk", "plaintiff", "defendant"]
        .map(SeatId::new)
        .into_iter()
        .collect::<Result<_, _>>()?;
    let inputs = vec![
        Input::SimulatedMicrophones { seats },
        Input::Camera {
            track: TrackId::new("cam-1")?,
            url: "testsrc".to_owned(),
            width: 1280,
            height: 720,
            frames_per_s: 15,
            optional: false,
        },
    ];
    let origin = HearingClock::start_now();
    let hearing = HearingId::new("measure")?;
    let open = ToRecorder::Open { hearing: hearing.clone(), origin, media_dir: dir.join("media"), inputs };
    say(&mut stream, ToRecorder::HubHello { hearing, journalled: vec![] }).await?;
    say(&mut stream, open).await?;
    if let Some(dir) = rehearsal {
        say(&mut stream, ToRecorder::Rehearse { dir, since: None }).await?;
    }
    say(&mut stream, ToRecorder::Record).await?;
    listen(&mut stream, Duration::from_secs(2)).await?;
    let (cpu, rss) = (cpu_ms()?, rss_kib()?);
    listen(&mut stream, Duration::from_secs(seconds)).await?;
    let used = cpu_ms()? - cpu;
    println!(
        "recording: {:.1} % of one core; memory {} KiB, grown by {} KiB",
        used as f64 / seconds as f64 / 10.0,
        rss_kib()?,
        rss_kib()? as i64 - rss as i64
    );
    say(&mut stream, ToRecorder::Pause { ground: "recess".to_owned() }).await?;
    listen(&mut stream, Duration::from_secs(PAUSE_S)).await?;
    say(&mut stream, ToRecorder::Record).await?;
    listen(&mut stream, Duration::from_secs(seconds.min(20))).await?;
    say(&mut stream, ToRecorder::Seal).await?;
    listen(&mut stream, Duration::from_secs(60)).await?;
    cancel.cancel();
    recorder.await??;
    let recording = Recording::at(dir.join("media"));
    std::fs::write(dir.join("media/master.m3u8"), recording.master_playlist(None)?)?;
    for track in media::layout::tracks(&dir.join("media"))? {
        let path = dir.join("media").join(track.track.as_str()).join("playlist.m3u8");
        std::fs::write(path, recording.track_playlist(&track.track)?)?;
    }
    Ok(())
}

async fn say(stream: &mut UnixStream, message: ToRecorder) -> Result<(), Failure> {
    let mut bytes = BytesMut::new();
    Frame::bare(message).encode(&mut bytes)?;
    Ok(stream.write_all(&bytes).await?)
}

/// Reads for a while, or until the recording is sealed.
async fn listen(stream: &mut UnixStream, time: Duration) -> Result<(), Failure> {
    let mut buffer = BytesMut::new();
    let (mut fragments, mut bytes) = (0, 0);
    let read = async {
        loop {
            while let Some(frame) = Frame::<FromRecorder>::decode(&mut buffer)? {
                match frame.message {
                    FromRecorder::Fragment(f) => (fragments, bytes) = (fragments + 1, bytes + f.bytes),
                    FromRecorder::Sealed { .. } => return Ok::<(), Failure>(()),
                    FromRecorder::State { fault: Some(fault), .. } => println!("fault: {fault}"),
                    other @ (FromRecorder::Gap { .. } | FromRecorder::Refused { .. }) => {
                        println!("{other:?}")
                    }
                    _ => {}
                }
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err("the recorder has gone".into());
            }
        }
    };
    let ended = tokio::time::timeout(time, read).await;
    println!("{fragments} fragments, {bytes} bytes");
    ended.unwrap_or(Ok(()))
}

/// User and system time of this process, in milliseconds (the kernel counts in hundredths).
fn cpu_ms() -> Result<u64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit(')').next().ok_or("no stat")?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    Ok((fields[11].parse::<u64>()? + fields[12].parse::<u64>()?) * 10)
}

fn rss_kib() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
