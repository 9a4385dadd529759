//! A camera that sends H.264 over RTSP, and can be made to misbehave: silent, cut off, with another clock.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const FPS: u64 = 25;
/// RTP's clock for pictures.
const CLOCK_HZ: u64 = 90_000;
/// Bytes of a picture in one packet.
const PACKET: usize = 1_200;

/// What the test may do to the camera.
#[derive(Default)]
struct Controls {
    stop: AtomicBool,
    /// It sends nothing and keeps the line.
    stalled: AtomicBool,
    /// Added to its clock, in milliseconds.
    shift_ms: AtomicI64,
    /// Pictures still to be left out.
    skip: AtomicU64,
    lines: Mutex<Vec<TcpStream>>,
}

/// The camera; it ends with the value.
pub(crate) struct RtspCamera {
    controls: Arc<Controls>,
    port: u16,
}

impl RtspCamera {
    /// A camera whose moving picture FFmpeg has made in `dir`, a key picture a second.
    pub(crate) fn start(dir: &Path) -> Self {
        let film = dir.join("film.h264");
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-t", "4"])
            .args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-bf", "0"])
            .args(["-x264-params", "aud=1:scenecut=0:sliced-threads=0:threads=1", "-pix_fmt", "yuv420p"])
            .arg(&film)
            .status()
            .unwrap();
        assert!(made.success());
        let pictures = Arc::new(pictures(&std::fs::read(&film).unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let controls = Arc::new(Controls::default());
        let own = controls.clone();
        std::thread::spawn(move || {
            for line in listener.incoming() {
                if own.stop.load(Ordering::Acquire) {
                    return;
                }
                let Ok(line) = line else { continue };
                own.lines.lock().unwrap().push(line.try_clone().unwrap());
                let (pictures, controls) = (pictures.clone(), own.clone());
                // A client that goes away ends its thread.
                std::thread::spawn(move || drop(serve(line, &pictures, &controls)));
            }
        });
        Self { controls, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/camera", self.port)
    }

    pub(crate) fn stall(&self, stalled: bool) {
        self.controls.stalled.store(stalled, Ordering::Release);
    }

    /// As if it had been switched off and on: every line is cut.
    pub(crate) fn reset(&self) {
        for line in self.controls.lines.lock().unwrap().drain(..) {
            // It may be gone already.
            let _ = line.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Its clock is set anew.
    pub(crate) fn jump(&self, ms: i64) {
        self.controls.shift_ms.fetch_add(ms, Ordering::AcqRel);
    }

    /// The next pictures never come, while time goes on.
    pub(crate) fn skip(&self, pictures: u64) {
        self.controls.skip.store(pictures, Ordering::Release);
    }
}

impl Drop for RtspCamera {
    fn drop(&mut self) {
        self.controls.stop.store(true, Ordering::Release);
        self.reset();
        // Wakes the listener, which sees that it shall end.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// The NAL units of each picture, delimiters left out.
fn pictures(stream: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<Vec<u8>>> = Vec::new();
    let starts: Vec<usize> =
        stream.windows(3).enumerate().filter(|(_, w)| *w == [0, 0, 1]).map(|(n, _)| n + 3).collect();
    for (n, start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).map_or(stream.len(), |next| next - 3);
        let nal = stream[*start..end].to_vec();
        let len = nal.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
        match nal[0] & 31 {
            9 => all.push(Vec::new()),
            _ => all.last_mut().unwrap().push(nal[..len].to_vec()),
        }
    }
    all
}

fn serve(line: TcpStream, pictures: &[Vec<Vec<u8>>], controls: &Controls) -> std::io::Result<()> {
    let mut asked = BufReader::new(line.try_clone()?);
    let mut line = line;
    loop {
        let (mut head, mut cseq) = (String::new(), String::new());
        if asked.read_line(&mut head)? == 0 {
            return Ok(());
        }
        loop {
            let mut header = String::new();
            asked.read_line(&mut header)?;
            if header.trim().is_empty() {
                break;
            }
            if let Some(n) = header.strip_prefix("CSeq:") {
                cseq = n.trim().to_owned();
            }
        }
        let (more, body) = match head.split(' ').next().unwrap_or_default() {
            "OPTIONS" => ("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n".to_owned(), String::new()),
            "DESCRIBE" => {
                let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n\
                           a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track\r\n";
                (
                    format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n", sdp.len()),
                    sdp.to_owned(),
                )
            }
            "SETUP" => {
                ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n".to_owned(), String::new())
            }
            _ => ("Session: 1\r\n".to_owned(), String::new()),
        };
        line.write_all(format!("RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n{more}\r\n{body}").as_bytes())?;
        match head.split(' ').next().unwrap_or_default() {
            "PLAY" => break,
            "TEARDOWN" => return Ok(()),
            _ => {}
        }
    }
    // What the client says from here on (reports, a keep-alive) is read away.
    std::thread::spawn(move || {
        let mut waste = [0; 1024];
        while asked.read(&mut waste).is_ok_and(|n| n > 0) {}
    });
    play(&mut line, pictures, controls)
}

fn play(line: &mut TcpStream, pictures: &[Vec<Vec<u8>>], controls: &Controls) -> std::io::Result<()> {
    let begun = Instant::now();
    let mut seq = 0u16;
    for n in 0u64.. {
        let due = begun + Duration::from_nanos(n * 1_000_000_000 / FPS);
        // Paced as a camera is.
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if controls.stop.load(Ordering::Acquire) {
            return Ok(());
        }
        let skipped = controls
            .skip
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1))
            .is_ok();
        if skipped || controls.stalled.load(Ordering::Acquire) {
            continue;
        }
        let shift = controls.shift_ms.load(Ordering::Acquire) * (CLOCK_HZ as i64) / 1000;
        let stamp = ((n * CLOCK_HZ / FPS) as i64 + shift) as u32;
        let nals = &pictures[n as usize % pictures.len()];
        for (at, nal) in nals.iter().enumerate() {
            let last = at + 1 == nals.len();
            if nal.len() <= PACKET {
                send(line, &mut seq, stamp, last, &[], nal)?;
                continue;
            }
            // FU-A: the unit's header is spread over each of its parts.
            let parts: Vec<&[u8]> = nal[1..].chunks(PACKET).collect();
            for (part, bytes) in parts.iter().enumerate() {
                let (first, end) = (part == 0, part + 1 == parts.len());
                let flags = (u8::from(first) << 7) | (u8::from(end) << 6);
                send(
                    line,
                    &mut seq,
                    stamp,
                    last && end,
                    &[(nal[0] & 0xE0) | 28, flags | (nal[0] & 31)],
                    bytes,
                )?;
            }
        }
    }
    Ok(())
}

fn send(
    line: &mut TcpStream,
    seq: &mut u16,
    stamp: u32,
    marker: bool,
    head: &[u8],
    bytes: &[u8],
) -> std::io::Result<()> {
    let len = (12 + head.len() + bytes.len()) as u16;
    let mut packet = vec![b'$', 0];
    packet.extend(len.to_be_bytes());
    packet.extend([0x80, 96 | (u8::from(marker) << 7)]);
    packet.extend(seq.to_be_bytes());
    packet.extend(stamp.to_be_bytes());
    packet.extend(7u32.to_be_bytes());
    packet.extend_from_slice(head);
    packet.extend_from_slice(bytes);
    *seq = seq.wrapping_add(1);
    line.write_all(&packet)
}
