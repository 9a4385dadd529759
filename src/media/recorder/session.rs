//! An open hearing: its devices, its writer, its ring.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use model::{GapCause, HearingTime, MicTrouble, SeatId, TrackId};
use protocol::link::recorder::{FromRecorder, Input};

use tokio::sync::mpsc::error::TrySendError;

use super::desk::{Event, Events};
use super::health::Health;
use super::memory::{Opened, Phase};
use super::ring::Ring;
use super::space::{Room, Space};
use crate::camera::{Camera, CameraInput};
use crate::capture::{Pump, PumpOrder, PumpReport, SoundInput};
use crate::clock::HearingClock;
use crate::layout::{self, MIX, RecordingInfo, TrackInfo, TrackKind};
use crate::recover::{self, TrackEnd};
use crate::writer::{Opening, Order, Writer, opus};

/// Without sound for this long, sound is not all right.
const SOUND_FRESH: Duration = Duration::from_millis(700);
/// Pieces of sound that wait for a desk that is stuck, a minute of four microphones: more than that the recogniser reads from the files.
const FRAMES_WAITING_MAX: usize = 12_000;
/// Opus may exceed its mean for a moment.
const SOUND_BITS_PER_S: u32 = opus::BITS_PER_S * 3 / 2;

/// See the module.
pub(super) struct Session {
    pub(super) opened: Opened,
    pub(super) phase: Phase,
    pub(super) ring: Ring,
    /// Per track, the last sequence that is safe on the disk.
    pub(super) synced: BTreeMap<TrackId, u64>,
    clock: HearingClock,
    writer: Writer,
    pump: Pump,
    cameras: Vec<Camera>,
    space: Space,
    /// What the disk has room for.
    room: Room,
    seats: usize,
    input_faults: BTreeMap<usize, String>,
    /// Per camera: nothing yet, delivers, or why it does not.
    camera_state: BTreeMap<TrackId, Option<Result<(), String>>>,
    writer_fault: Option<String>,
    heard: Option<Instant>,
    rehearsal: Option<(u64, Instant)>,
    health: Health,
    /// Troubles of microphones that were told last.
    told: Vec<(SeatId, MicTrouble)>,
}

/// What opening a directory found.
pub(super) enum Found {
    /// Devices run.
    Running(Box<Session>),
    /// This hearing was closed for good before; its fragments can still be asked for.
    Sealed(Archive),
}

/// A closed hearing whose fragments a hub may still lack.
pub(super) struct Archive {
    pub(super) opened: Opened,
    pub(super) synced: BTreeMap<TrackId, u64>,
}

/// Opens devices and files, and recovers what a predecessor left. Blocking. `phase` is what the predecessor was doing.
pub(super) fn open(
    opened: Opened,
    phase: Phase,
    reserve_minutes: u64,
    events: &Events,
) -> Result<Found, String> {
    let disk = |e: std::io::Error| format!("{} 不能用来录制（{e}）：请检查磁盘", opened.media_dir.display());
    std::fs::create_dir_all(&opened.media_dir).map_err(disk)?;
    let known = layout::recording(&opened.media_dir).map_err(disk)?;
    if known.as_ref().is_some_and(|k| k.hearing != opened.hearing) {
        return Err(format!("{} 属于另一场庭审，不能混用", opened.media_dir.display()));
    }
    let recovered = recover::recover(&opened.media_dir).map_err(disk)?;
    let ends: BTreeMap<TrackId, TrackEnd> =
        recovered.into_iter().filter(|(_, r)| r.end.segment > 0).map(|(t, r)| (t, r.end)).collect();
    let synced = ends.iter().map(|(t, end)| (t.clone(), end.seq)).collect();
    if known.as_ref().is_some_and(|k| k.sealed) {
        return Ok(Found::Sealed(Archive { opened, synced }));
    }
    if known.is_none() {
        let info =
            RecordingInfo { hearing: opened.hearing.clone(), origin: opened.origin.clone(), sealed: false };
        layout::write_json(&opened.media_dir.join("recording.json"), &info).map_err(disk)?;
    }
    Session::start(opened, phase, reserve_minutes, (ends, synced), events)
        .map(|s| Found::Running(Box::new(s)))
}

impl Session {
    fn start(
        opened: Opened,
        phase: Phase,
        reserve_minutes: u64,
        (ends, synced): (BTreeMap<TrackId, TrackEnd>, BTreeMap<TrackId, u64>),
        events: &Events,
    ) -> Result<Self, String> {
        let sounds: Vec<SoundInput> = opened.inputs.iter().filter_map(SoundInput::of).collect();
        let cameras: Vec<CameraInput> = opened.inputs.iter().filter_map(camera_input).collect();
        let tracks = tracks(&sounds, &cameras)?;
        let bytes_per_minute = tracks.iter().map(|t| u64::from(t.bits_per_s) / 8 * 60).sum();
        let space = Space::open(&opened.media_dir, bytes_per_minute, reserve_minutes);
        let clock = HearingClock::new(opened.origin.clone());
        let hole = if phase == Phase::Paused { GapCause::Paused } else { GapCause::RecorderDown };
        let opening =
            Opening { media_dir: opened.media_dir.clone(), clock: clock.clone(), tracks, ends, hole };
        let told = events.clone();
        // The writer waits for the desk, which never waits for the writer.
        let writer = Writer::start(opening, move |report| {
            let _ = told.blocking_send(Event::Writer(report));
        })
        .map_err(|e| e.zh())?;
        let intake = writer.intake().ok_or("写入录音录像的线程已经结束：请重新启动本机的慧庭")?;
        let seats = sounds.iter().map(|s| s.seats().len()).sum();
        let gated = sounds.iter().filter(|s| s.is_gated()).flat_map(SoundInput::seats).collect();
        let (told, waiting) = (events.clone(), RefCell::new(Vec::new()));
        let pump = Pump::start(sounds, clock.clone(), intake.clone(), move |report| match report {
            PumpReport::Sound(frames) => {
                let mut waiting = waiting.borrow_mut();
                waiting.extend(frames);
                // Capture never waits for the desk; what finds no room goes with what comes next.
                if let Err(TrySendError::Full(Event::Sound(frames))) =
                    told.try_send(Event::Sound(std::mem::take(&mut *waiting)))
                {
                    *waiting = frames;
                    let older = waiting.len().saturating_sub(FRAMES_WAITING_MAX);
                    waiting.drain(..older);
                }
            }
            other => drop(told.blocking_send(Event::Pump(other))),
        });
        let pump = pump.map_err(|e| format!("采集声音的线程无法启动（{e}）：请重新启动本机"))?;
        let camera_state = cameras.iter().map(|c| (c.track.clone(), None)).collect();
        let cameras: Result<Vec<Camera>, _> = cameras
            .into_iter()
            .map(|c| {
                let told = events.clone();
                Camera::start(c, clock.clone(), intake.clone(), move |report| {
                    let _ = told.blocking_send(Event::Camera(report));
                })
            })
            .collect();
        let cameras = cameras.map_err(|e| format!("采集画面的线程无法启动（{e}）：请重新启动本机"))?;
        let mut session = Self {
            opened,
            phase: Phase::StandingBy,
            ring: Ring::default(),
            synced,
            clock,
            writer,
            pump,
            cameras,
            seats,
            room: space.room(),
            space,
            input_faults: BTreeMap::new(),
            camera_state,
            writer_fault: None,
            heard: None,
            rehearsal: None,
            health: Health::new(gated),
            told: Vec::new(),
        };
        match phase {
            Phase::StandingBy => {}
            Phase::Recording => session.record(),
            Phase::Paused => session.pause(),
        }
        Ok(session)
    }

    /// Writes from now on.
    pub(super) fn record(&mut self) {
        let now = self.clock.now();
        // The writer first: what comes after must find it ready.
        self.writer.order(Order::Record(now));
        self.pump.set_open(true);
        self.phase = Phase::Recording;
        self.open_cameras(now);
    }

    /// Takes the pictures that the disk has room for.
    fn open_cameras(&self, now: HearingTime) {
        for camera in &self.cameras {
            let needs = if camera.optional { Room::Everything } else { Room::Needed };
            let fits = self.room >= needs;
            self.writer.order(Order::Spare { track: camera.track.clone(), spared: !fits });
            if fits { camera.open_from(now) } else { camera.close() }
        }
    }

    /// Gives back what was used of the room set aside, and leaves pictures out where sound will need their room.
    pub(super) fn mind_space(&mut self) {
        let recording = self.phase == Phase::Recording;
        let room = self.space.used(recording);
        if room != self.room {
            tracing::warn!(?room, minutes = self.space.minutes_left(), "what the disk has room for");
            self.room = room;
            if recording {
                self.open_cameras(self.clock.now());
            }
        }
    }

    /// Stops writing, and closes the room to recognition.
    pub(super) fn pause(&mut self) {
        self.writer.order(Order::Pause(self.clock.now()));
        self.pump.set_open(false);
        self.cameras.iter().for_each(Camera::close);
        self.ring.interrupt();
        self.health.interrupt();
        self.phase = Phase::Paused;
    }

    pub(super) fn rehearse(&self, order: PumpOrder) {
        self.pump.order(order);
    }

    /// Closes devices and files. Blocking. `sealed`: for good.
    pub(super) fn close(mut self: Box<Self>, sealed: bool) -> Result<(), String> {
        let end = self.clock.now();
        self.cameras.iter().for_each(Camera::ask_to_stop);
        self.pump.stop();
        self.cameras.into_iter().for_each(Camera::stop);
        self.writer.seal(end);
        if sealed {
            self.space.end();
            let info =
                RecordingInfo { hearing: self.opened.hearing, origin: self.opened.origin, sealed: true };
            let path = self.opened.media_dir.join("recording.json");
            layout::write_json(&path, &info)
                .map_err(|e| format!("{} 写入失败（{e}）：请检查磁盘", path.display()))?;
        }
        Ok(())
    }

    pub(super) fn heard(&mut self, frames: &[model::AudioFrame]) {
        if self.phase == Phase::Paused {
            return;
        }
        self.heard = Some(Instant::now());
        for frame in frames {
            self.ring.push(frame);
            self.health.hear(frame);
        }
    }

    /// Whether other microphones are in trouble, or otherwise, than was told last.
    pub(super) fn microphones_changed(&mut self) -> bool {
        let now = self.troubles();
        let changed = now != self.told;
        self.told = now;
        changed
    }

    fn troubles(&self) -> Vec<(SeatId, MicTrouble)> {
        match self.phase {
            Phase::Paused => Vec::new(),
            Phase::StandingBy | Phase::Recording => self.health.troubles(self.clock.now().0),
        }
    }

    /// Takes a report in; says whether the state has changed.
    pub(super) fn note_pump(&mut self, report: PumpReport) -> bool {
        match report {
            PumpReport::Input { index, fault } => match fault {
                Some(sentence) => self.input_faults.insert(index, sentence.clone()) != Some(sentence),
                None => self.input_faults.remove(&index).is_some(),
            },
            PumpReport::Rehearsal(position) => {
                let was = self.rehearsal.is_some();
                self.rehearsal = position.map(|ms| (ms, Instant::now()));
                was != self.rehearsal.is_some()
            }
            PumpReport::Sound(_) | PumpReport::Refused(_) => false,
        }
    }

    pub(super) fn note_camera(&mut self, track: TrackId, fault: Option<String>) -> bool {
        let state = Some(fault.map_or(Ok(()), Err));
        self.camera_state.insert(track, state.clone()) != Some(state)
    }

    pub(super) fn note_writer(&mut self, fault: Option<String>) {
        self.writer_fault = fault;
    }

    /// What the hub is told.
    pub(super) fn state(&self) -> FromRecorder {
        let sound_fresh =
            self.phase == Phase::Paused || self.heard.is_some_and(|at| at.elapsed() < SOUND_FRESH);
        let microphones = self.troubles();
        let dead = microphones.iter().any(|(_, trouble)| *trouble == MicTrouble::Dead);
        let camera_fault = self.camera_state.values().flatten().find_map(|s| s.as_ref().err());
        let dropped = self.writer.intake().map_or(0, |i| i.dropped());
        let overrun = (dropped > 0).then(|| format!("磁盘写入过慢，丢失了 {dropped} 段：请更换磁盘"));
        let fault = self.writer_fault.clone().or_else(|| self.input_faults.values().next().cloned());
        FromRecorder::State {
            hearing: Some(self.opened.hearing.clone()),
            recording: self.phase == Phase::Recording,
            sound_ok: self.seats > 0 && self.input_faults.is_empty() && sound_fresh && !dead,
            microphones,
            picture_ok: self.camera_state.values().all(|s| matches!(s, Some(Ok(())))),
            disk_minutes_left: self.space.minutes_left(),
            fault: fault.or(overrun).or_else(|| camera_fault.cloned()),
            rehearsal_ms: self.rehearsal.map(|(ms, at)| ms + at.elapsed().as_millis().min(1000) as u64),
        }
    }

    /// Levels while the room is open.
    pub(super) fn levels(&self) -> Option<Vec<(SeatId, i16)>> {
        let levels = self.ring.levels();
        (self.phase != Phase::Paused && !levels.is_empty()).then_some(levels)
    }

    /// Now, on the hearing clock.
    pub(super) fn now(&self) -> HearingTime {
        self.clock.now()
    }
}

fn camera_input(input: &Input) -> Option<CameraInput> {
    match input.clone() {
        Input::Camera { track, url, width, height, frames_per_s, optional } => {
            Some(CameraInput { track, url, width, height, frames_per_s, optional })
        }
        Input::AudioDevice { .. } | Input::AudioStream { .. } | Input::SimulatedMicrophones { .. } => None,
    }
}

fn tracks(sounds: &[SoundInput], cameras: &[CameraInput]) -> Result<Vec<TrackInfo>, String> {
    let id = |e: model::IdError| e.to_string();
    let sound = |track, what, rate| TrackInfo {
        track,
        what,
        codec: "opus".to_owned(),
        rate,
        bits_per_s: SOUND_BITS_PER_S,
    };
    let mut all = Vec::new();
    for input in sounds {
        for seat in input.seats() {
            let track = layout::microphone_track(&seat).map_err(id)?;
            if all.iter().any(|t: &TrackInfo| t.track == track) {
                return Err(format!("席位 {seat} 设置了两支话筒：请在设置中各留一支"));
            }
            all.push(sound(track, TrackKind::Microphone { seat }, input.rate_hz()));
        }
    }
    if let Some(first) = sounds.first()
        && !all.is_empty()
    {
        all.push(sound(TrackId::new(MIX).map_err(id)?, TrackKind::Mix, first.rate_hz()));
    }
    for c in cameras {
        if all.iter().any(|t| t.track == c.track) {
            return Err(format!("摄像头 {} 设置了两次：请各取一个名称", c.track));
        }
        all.push(TrackInfo {
            track: c.track.clone(),
            what: TrackKind::Camera { width: c.width, height: c.height },
            codec: "avc1".to_owned(),
            rate: c.frames_per_s,
            bits_per_s: crate::camera::BITS_PER_S_MAX,
        });
    }
    Ok(all)
}
