//! A sound card without hardware: a private PulseAudio.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::PATIENCE;

/// The channels of the room, in order.
pub(crate) const CHANNELS: &str = "front-left,front-right,rear-left,rear-right";

/// Half a minute of a tone of its own for each channel, at 48 kHz.
pub(crate) fn write_tones(path: &Path, hz: &[f64]) {
    let spec = hound::WavSpec {
        channels: hz.len() as u16,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..48_000 * 30 {
        for hz in hz {
            let phase = f64::from(n) * hz / 48_000.0 * std::f64::consts::TAU;
            writer.write_sample((phase.sin() * 8_000.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
}

/// A private PulseAudio with one sink of four channels whose monitor is the sound card; it ends with the value.
pub(crate) struct Pulse {
    server: Child,
    dir: PathBuf,
}

impl Pulse {
    pub(crate) fn start(dir: &Path) -> Option<Self> {
        let socket = dir.join("pulse");
        let child = Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-target=null"])
            .args([
                "-L",
                &format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display()),
            ])
            .args([
                "-L",
                &format!("module-null-sink sink_name=room rate=48000 channels=4 channel_map={CHANNELS}"),
            ])
            .env("PULSE_RUNTIME_PATH", dir)
            .env("XDG_RUNTIME_DIR", dir)
            .env("HOME", dir)
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let pulse = Self { server: child, dir: dir.to_owned() };
        let end = Instant::now() + PATIENCE;
        while !pulse.command("pactl").args(["info"]).output().ok()?.status.success() {
            assert!(Instant::now() < end, "PulseAudio answers");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(pulse)
    }

    /// What a program needs to have the room as its sound card.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        let server = format!("unix:{}", self.dir.join("pulse").display());
        let home = self.dir.display().to_string();
        [
            ("PULSE_SERVER", server.as_str()),
            ("PULSE_SOURCE", "room.monitor"),
            ("PULSE_LATENCY_MSEC", "20"),
            ("HOME", &home),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.env());
        command
    }

    /// Plays a file into the channels of the room, by their names.
    pub(crate) fn play(&self, path: &Path, channels: &str) -> Child {
        self.command("paplay")
            .args([&format!("--channel-map={channels}"), "--no-remix", "-d", "room"])
            .arg(path)
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
