//! Channels of a sound card through cpal.
//!
//! ```text
//!   closed ──open──► streaming ──first fatal error, or 2 s of nothing──► Lost (the pump drops it and opens it again)
//! ```
//! The device's callback only copies into a lock-free ring of ten seconds; it allocates nothing and takes no lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, SampleFormat, StreamConfig};
use model::{AudioFrame, AudioSource, HearingTime, SeatId, SourceError, SourceStep};
use rtrb::{Consumer, Producer, RingBuffer};

use super::{CaptureError, RATE_HZ, sample_at};
use crate::clock::{HearingClock, SampleFit};

const RING_S: usize = 10;
/// A device that gives nothing for this long is taken to be gone.
const SILENT_MAX: Duration = Duration::from_secs(2);
/// Samples that are this late for a whole second were lost on the way.
const LOST_S: f64 = 0.03;

/// What callback and source share.
#[derive(Debug, Default)]
struct Shared {
    /// Samples per channel for which the ring had no room.
    overrun: AtomicU64,
    /// An error after which the stream is worth nothing.
    dead: AtomicBool,
}

/// When a number of samples per channel had arrived.
#[derive(Debug, Clone, Copy)]
struct Mark {
    count: u64,
    at_ns: u64,
}

/// See the module. Channel n of the device carries `seats[n]`.
pub struct CpalDevice {
    name: String,
    seats: Vec<SeatId>,
    channels: usize,
    /// `None` only while the value is dropped.
    stream: Option<cpal::Stream>,
    samples: Consumer<i16>,
    marks: Consumer<Mark>,
    shared: Arc<Shared>,
    causes: Receiver<String>,
    /// Index of the device's sample 0; set with the first mark, raised by every loss.
    base: Option<u64>,
    taken: u64,
    overrun_seen: u64,
    fit: SampleFit,
    /// Least lateness since, and when that was begun to be watched.
    late: (f64, Instant),
    heard: Instant,
}

impl CpalDevice {
    /// Opens `name` (ALSA's name of a device, its description, or `default`) for as many channels as there are seats, 16 kHz, 16 bit.
    pub fn open(name: &str, seats: Vec<SeatId>, clock: HearingClock) -> Result<Self, CaptureError> {
        let no =
            |cause: String| CaptureError::NoDevice { name: name.to_owned(), cause, known: known_devices() };
        let device = find(name).ok_or_else(|| no("no input device has that name".to_owned()))?;
        let channels = seats.len().max(1);
        let config = StreamConfig {
            channels: u16::try_from(channels).unwrap_or(u16::MAX),
            sample_rate: RATE_HZ,
            buffer_size: BufferSize::Default,
        };
        let (producer, samples) = RingBuffer::new(RING_S * RATE_HZ as usize * channels);
        let (mark_in, marks) = RingBuffer::new(4096);
        let shared = Arc::new(Shared::default());
        let (cause_in, causes) = sync_channel(1);
        let feed = Feed { producer, marks: mark_in, clock, shared: shared.clone(), channels, count: 0 };
        let stream = build(&device, config, feed, error_sink(shared.clone(), cause_in));
        let stream = stream.map_err(|e| no(e.to_string()))?;
        stream.play().map_err(|e| no(e.to_string()))?;
        let now = Instant::now();
        Ok(Self {
            name: name.to_owned(),
            seats,
            channels,
            stream: Some(stream),
            samples,
            marks,
            shared,
            causes,
            base: None,
            taken: 0,
            overrun_seen: 0,
            fit: SampleFit::new(RATE_HZ),
            late: (f64::MAX, now),
            heard: now,
        })
    }

    /// Drift of the device against the hearing clock in parts per million; positive: it is slow.
    #[must_use]
    pub fn drift_ppm(&self) -> f64 {
        self.fit.ppm()
    }

    fn lost(&self, cause: String) -> SourceError {
        SourceError::Lost { name: self.name.clone(), cause }
    }

    /// Follows the marks: places the device's count on the hearing clock, and finds what was lost on the way.
    fn follow(&mut self) {
        while let Ok(mark) = self.marks.pop() {
            let base =
                *self.base.get_or_insert_with(|| sample_at(mark.at_ns, RATE_HZ).saturating_sub(mark.count));
            let late_s = self.fit.residual_s(base + mark.count, mark.at_ns);
            self.fit.observe(base + mark.count, mark.at_ns);
            self.late.0 = self.late.0.min(late_s);
        }
        if self.late.1.elapsed() >= Duration::from_secs(1) {
            let (late_s, _) = std::mem::replace(&mut self.late, (f64::MAX, Instant::now()));
            if late_s > LOST_S && late_s < 3600.0 {
                self.skip((late_s * f64::from(RATE_HZ)) as u64);
            }
        }
        let overrun = self.shared.overrun.load(Ordering::Acquire);
        if overrun > self.overrun_seen {
            self.skip(overrun - self.overrun_seen);
            self.overrun_seen = overrun;
        }
    }

    /// Samples are missing: the index jumps, which is a hole in the track.
    fn skip(&mut self, samples: u64) {
        self.base = self.base.map(|b| b + samples);
        self.fit = SampleFit::new(RATE_HZ);
    }
}

impl AudioSource for CpalDevice {
    fn seats(&self) -> &[SeatId] {
        &self.seats
    }

    fn poll(&mut self, _now: HearingTime) -> Result<SourceStep, SourceError> {
        if self.shared.dead.load(Ordering::Acquire) {
            let cause = self.causes.try_recv().unwrap_or_else(|_| "the stream failed".to_owned());
            return Err(self.lost(cause));
        }
        self.follow();
        let frames = self.samples.slots() / self.channels;
        let Some(base) = self.base.filter(|_| frames > 0) else {
            if self.heard.elapsed() > SILENT_MAX {
                return Err(self.lost("it has given no sound for two seconds".to_owned()));
            }
            return Ok(SourceStep::Idle);
        };
        self.heard = Instant::now();
        let Ok(chunk) = self.samples.read_chunk(frames * self.channels) else { return Ok(SourceStep::Idle) };
        let mut split = vec![Vec::with_capacity(frames); self.channels];
        for (n, sample) in chunk.into_iter().enumerate() {
            split[n % self.channels].push(sample);
        }
        let first_sample = base + self.taken;
        self.taken += frames as u64;
        let at = HearingTime(self.fit.time_ns(first_sample) / 1_000_000);
        let frame = |(seat, samples): (&SeatId, Vec<i16>)| AudioFrame {
            seat: seat.clone(),
            first_sample,
            at,
            rate_hz: RATE_HZ,
            samples: samples.into(),
        };
        Ok(SourceStep::Frames(self.seats.iter().zip(split).map(frame).collect()))
    }
}

/// The callback's side.
struct Feed {
    producer: Producer<i16>,
    marks: Producer<Mark>,
    clock: HearingClock,
    shared: Arc<Shared>,
    channels: usize,
    count: u64,
}

impl Feed {
    fn take(&mut self, data: impl ExactSizeIterator<Item = i16>) {
        let at_ns = self.clock.now_ns();
        let frames = data.len() / self.channels;
        let room = self.producer.slots() / self.channels;
        let kept = frames.min(room);
        if let Ok(chunk) = self.producer.write_chunk_uninit(kept * self.channels) {
            chunk.fill_from_iter(data);
        }
        if kept < frames {
            self.shared.overrun.fetch_add((frames - kept) as u64, Ordering::AcqRel);
        }
        self.count += kept as u64;
        // Marks only steady the clock: one that finds no room is not missed.
        let _ = self.marks.push(Mark { count: self.count, at_ns });
    }
}

fn build(
    device: &cpal::Device,
    config: StreamConfig,
    mut feed: Feed,
    on_error: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<cpal::Stream, cpal::Error> {
    let formats: Vec<SampleFormat> = device.supported_input_configs()?.map(|c| c.sample_format()).collect();
    if formats.contains(&SampleFormat::I16) || !formats.contains(&SampleFormat::F32) {
        device.build_input_stream::<i16, _, _>(
            config,
            move |data, _| feed.take(data.iter().copied()),
            on_error,
            Some(SILENT_MAX),
        )
    } else {
        let to_i16 = |s: &f32| (s.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16;
        device.build_input_stream::<f32, _, _>(
            config,
            move |data, _| feed.take(data.iter().map(to_i16)),
            on_error,
            Some(SILENT_MAX),
        )
    }
}

fn error_sink(shared: Arc<Shared>, causes: SyncSender<String>) -> impl FnMut(cpal::Error) + Send + 'static {
    move |error| {
        // A lost buffer shows as a jump of the sample count; these alone leave the stream alive.
        if matches!(error.kind(), ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied) {
            return;
        }
        // ALSA may report hundreds of thousands of errors in seconds: the first is the one that counts.
        if !shared.dead.swap(true, Ordering::AcqRel) {
            let _ = causes.try_send(error.to_string());
        }
    }
}

impl Drop for CpalDevice {
    /// Closing a device whose sound server has died may block for good inside ALSA: never on the thread that records.
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else { return };
        let closing = std::thread::Builder::new().name("device-close".to_owned()).spawn(move || drop(stream));
        if let Err(error) = closing {
            tracing::warn!(device = self.name, %error, "no thread to close a sound device; it was closed at once");
        }
    }
}

fn find(name: &str) -> Option<cpal::Device> {
    let host = cpal::default_host();
    if name == "default" {
        return host.default_input_device();
    }
    host.input_devices().ok()?.find(|d| names_of(d).iter().any(|n| n == name))
}

fn names_of(device: &cpal::Device) -> Vec<String> {
    let mut names = vec![device.to_string()];
    names.extend(device.id().ok().map(|id| id.to_string()));
    if let Ok(description) = device.description() {
        names.push(description.name().to_owned());
        // ALSA's own name of the device, e.g. `hw:CARD=1,DEV=0` or `pulse`.
        names.extend(description.driver().map(str::to_owned));
    }
    names
}

/// Names of the inputs here, as settings may give them; empty if there is none or no sound system. ALSA counts every plug-in
/// among them.
fn names() -> Vec<String> {
    let inputs = cpal::default_host().input_devices();
    inputs.map(|all| all.filter_map(|d| names_of(&d).pop()).collect()).unwrap_or_default()
}

/// Names of the inputs that are hardware or a sound server, as settings may give them.
#[must_use]
pub fn cards() -> Vec<String> {
    let real = |name: &String| name.starts_with("hw:") || name == "pulse" || name == "pipewire";
    names().into_iter().filter(real).collect()
}

/// Whether there is an input of that name now.
#[must_use]
pub fn exists(name: &str) -> bool {
    find(name).is_some()
}

fn known_devices() -> String {
    let names = names();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
