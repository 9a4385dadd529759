//! The settings file: read raw, validated once, handed out in slices.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use devices::DeviceConfig;
use model::{SeatId, TrackId};
use protocol::link::recorder::Input;
use serde::Deserialize;
use server::rights::Demand;

/// Every key with its default and meaning; `huiting doctor --print-config` prints it.
pub const COMMENTED: &str = include_str!("../packaging/huiting.toml");

/// The validated settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept.
    pub data: PathBuf,
    /// A second folder for the journals, on another disk.
    pub mirror: Option<PathBuf>,
    /// Minutes of recording for which room is set aside on the disk before a hearing begins.
    pub reserve_minutes: u64,
    /// Address of the web.
    pub listen: SocketAddr,
    /// Certificate and key, if given.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Names for the certificate of our own.
    pub names: Vec<String>,
    /// Who must sit at an enrolled terminal.
    pub demand: Demand,
    /// Name of the courtroom.
    pub room: String,
    /// Name of the court.
    pub court: String,
    /// Microphones and cameras.
    pub inputs: Vec<Input>,
    /// Talk-key consoles and other hardware.
    pub devices: Vec<DeviceConfig>,
    /// The speech model file.
    pub model: PathBuf,
    /// A smaller one, for what has waited too long.
    pub small_model: Option<PathBuf>,
    /// The model that hears a recording again after the hearing; without it, the one in use.
    pub second_model: Option<PathBuf>,
    /// The manifest that describes models.
    pub manifest: PathBuf,
    /// Threads of one decode; without it, as many as the model makes use of.
    pub speech_threads: Option<usize>,
    /// pdfium's library.
    pub pdfium: PathBuf,
    /// Page workers.
    pub page_workers: usize,
    /// Seconds of work one page may take.
    pub page_timeout_s: u64,
    /// The folder that the scanner writes into.
    pub watch: Option<PathBuf>,
    /// A font for papers.
    pub font: PathBuf,
    /// Folder of the court's own outlines.
    pub outlines: PathBuf,
    /// Seats into whose microphones others speak too.
    pub shared: Vec<SeatId>,
    /// Sound files of the rehearsal, if any.
    pub rehearsal: Option<PathBuf>,
    /// Microphones of deliberations, where these are recorded.
    pub deliberation: Option<Vec<Input>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    storage: RawStorage,
    server: RawServer,
    room: RawRoom,
    deliberation: RawDeliberation,
    speech: RawSpeech,
    dossier: RawDossier,
    papers: RawPapers,
    devices: Vec<DeviceConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawStorage {
    data: PathBuf,
    mirror: Option<PathBuf>,
    /// Minutes of recording for which room is set aside on the disk before a hearing begins.
    reserve_minutes: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawServer {
    listen: SocketAddr,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    names: Vec<String>,
    terminals: Demand,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawRoom {
    court: String,
    name: String,
    microphones: Vec<RawMicrophones>,
    cameras: Vec<RawCamera>,
    outlines: Option<PathBuf>,
    rehearsal: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawDeliberation {
    record: bool,
    microphones: Vec<RawMicrophones>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMicrophones {
    device: String,
    seats: Vec<SeatId>,
    #[serde(default)]
    shared: Vec<SeatId>,
    /// The mixer gives nothing of a microphone that is switched off.
    #[serde(default)]
    gated: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCamera {
    track: TrackId,
    url: String,
    #[serde(default = "camera_width")]
    width: u32,
    #[serde(default = "camera_height")]
    height: u32,
    #[serde(default = "camera_rate")]
    frames_per_s: u32,
    /// The first to be left out where the disk is nearly full.
    #[serde(default)]
    optional: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawSpeech {
    model: Option<PathBuf>,
    small_model: Option<PathBuf>,
    second_model: Option<PathBuf>,
    manifest: Option<PathBuf>,
    threads: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawDossier {
    pdfium: Option<PathBuf>,
    workers: usize,
    page_timeout_s: u64,
    watch: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawPapers {
    font: PathBuf,
}

/// A hearing of three hours, and two more.
const RESERVE_MINUTES: u64 = 300;

fn camera_width() -> u32 {
    1280
}
fn camera_height() -> u32 {
    720
}
fn camera_rate() -> u32 {
    15
}

impl Default for RawStorage {
    fn default() -> Self {
        Self { data: "data".into(), mirror: None, reserve_minutes: RESERVE_MINUTES }
    }
}

impl Default for RawServer {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8480)),
            certificate: None,
            key: None,
            names: vec!["localhost".to_owned()],
            terminals: Demand::Nobody,
        }
    }
}

impl Default for RawRoom {
    fn default() -> Self {
        Self {
            court: "××人民法院".to_owned(),
            name: "第一法庭".to_owned(),
            microphones: Vec::new(),
            cameras: Vec::new(),
            outlines: None,
            rehearsal: None,
        }
    }
}

impl Default for RawDossier {
    fn default() -> Self {
        Self { pdfium: None, workers: 2, page_timeout_s: 60, watch: None }
    }
}

impl Default for RawPapers {
    fn default() -> Self {
        Self { font: "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc".into() }
    }
}

impl Config {
    /// Reads and validates the file; without one, the defaults. Relative paths count from the file's folder.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let (text, base) = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("the settings file {} cannot be read", path.display()))?;
                (text, path.parent().unwrap_or(Path::new("")).to_path_buf())
            }
            None => (String::new(), PathBuf::new()),
        };
        Self::parse(&text, &base).with_context(|| match file {
            Some(path) => format!("settings file {}", path.display()),
            None => "default settings".to_owned(),
        })
    }

    /// Validates `text`; relative paths count from `base`.
    pub fn parse(text: &str, base: &Path) -> anyhow::Result<Self> {
        if model::nests_too_deep(text) {
            bail!(
                "braces stand too deep in one another; `huiting doctor --print-config` shows every key as it is written"
            );
        }
        let raw: Raw = toml::from_str(text).map_err(|e| {
            anyhow::anyhow!(
                "{}\nCorrect that line; `huiting doctor --print-config` shows every key with its meaning.",
                model::shown(&e.to_string(), 800)
            )
        })?;
        let at =
            |p: &Path| if p.is_absolute() || base.as_os_str().is_empty() { p.into() } else { base.join(p) };
        let tls = match (&raw.server.certificate, &raw.server.key) {
            (Some(c), Some(k)) => Some((at(c), at(k))),
            (None, None) => None,
            _ => bail!("[server] certificate and key belong together: give both or neither"),
        };
        if raw.server.terminals != Demand::Nobody && tls.is_none() && server::is_plain(&raw.server.listen) {
            bail!(
                "[server] terminals asks for enrolled terminals, and loopback without a certificate is plain HTTP, where none can show who it is: \
                 set listen to an address of the network, or terminals = \"nobody\""
            );
        }
        let range = |what: &str, n: u64, lo: u64, hi: u64| -> anyhow::Result<()> {
            if (lo..=hi).contains(&n) {
                Ok(())
            } else {
                bail!("{what} = {n}: give a number from {lo} to {hi}")
            }
        };
        if let Some(threads) = raw.speech.threads {
            range("[speech] threads", threads as u64, 1, 64)?;
        }
        range("[dossier] workers", raw.dossier.workers as u64, 1, 64)?;
        range("[dossier] page_timeout_s", raw.dossier.page_timeout_s, 1, 3600)?;
        Ok(Self {
            data: at(&raw.storage.data),
            mirror: raw.storage.mirror.as_deref().map(at),
            reserve_minutes: raw.storage.reserve_minutes,
            listen: raw.server.listen,
            tls,
            names: raw.server.names.clone(),
            demand: raw.server.terminals,
            room: raw.room.name.clone(),
            court: raw.room.court.clone(),
            inputs: inputs(&raw.room)?,
            deliberation: deliberation(&raw)?,
            devices: raw.devices,
            model: raw
                .speech
                .model
                .as_deref()
                .map_or_else(|| built("target/models/ggml-huiting-demo.bin"), at),
            small_model: raw.speech.small_model.as_deref().map(at),
            second_model: raw.speech.second_model.as_deref().map(at),
            manifest: raw.speech.manifest.as_deref().map_or_else(|| built("models/manifest.toml"), at),
            speech_threads: raw.speech.threads,
            pdfium: raw.dossier.pdfium.as_deref().map_or_else(|| built("target/pdfium/libpdfium.so"), at),
            page_workers: raw.dossier.workers as usize,
            page_timeout_s: raw.dossier.page_timeout_s,
            watch: raw.dossier.watch.as_deref().map(at),
            font: at(&raw.papers.font),
            shared: raw.room.microphones.iter().flat_map(|m| m.shared.iter().cloned()).collect(),
            outlines: raw.room.outlines.as_deref().map_or_else(|| at(&raw.storage.data).join("outlines"), at),
            rehearsal: raw.room.rehearsal.as_deref().map(at),
        })
    }

    /// The folder of the Unix sockets.
    #[must_use]
    pub fn run_dir(&self) -> PathBuf {
        self.data.join("run")
    }
}

/// A file that the set-up makes, from the folder the program was started in or, where that has none, from the source tree in
/// which the program itself lies.
fn built(file: &str) -> PathBuf {
    let here = PathBuf::from(file);
    if here.exists() {
        return here;
    }
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().skip(1).map(|dir| dir.join(file)).find(|path| path.exists()).unwrap_or(here)
}

fn inputs(room: &RawRoom) -> anyhow::Result<Vec<Input>> {
    let mut inputs = microphones("room", &room.microphones)?;
    inputs.extend(room.cameras.iter().map(|c| Input::Camera {
        track: c.track.clone(),
        url: c.url.clone(),
        width: c.width,
        height: c.height,
        frames_per_s: c.frames_per_s,
        optional: c.optional,
    }));
    Ok(inputs)
}

fn microphones(of: &str, listed: &[RawMicrophones]) -> anyhow::Result<Vec<Input>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut inputs = Vec::with_capacity(listed.len());
    for m in listed {
        if m.seats.is_empty() {
            bail!("[[{of}.microphones]] device \"{}\" carries no seat: list one seat per channel", m.device);
        }
        for seat in &m.seats {
            if !seen.insert(seat.clone()) {
                bail!("[[{of}.microphones]] seat \"{seat}\" has two microphones: give each seat one channel");
            }
        }
        if let Some(seat) = m.shared.iter().find(|s| !m.seats.contains(s)) {
            bail!(
                "[[{of}.microphones]] shared = \"{seat}\", which is none of its seats: name the seat that carries the channel"
            );
        }
        inputs.push(match m.device.as_str() {
            "simulated" => Input::SimulatedMicrophones { seats: m.seats.clone() },
            url if url.contains("://") => {
                Input::AudioStream { url: url.to_owned(), seats: m.seats.clone(), gated: m.gated }
            }
            name => Input::AudioDevice { name: name.to_owned(), seats: m.seats.clone(), gated: m.gated },
        });
    }
    Ok(inputs)
}

/// The microphones of deliberations: their own, or else those of the room.
fn deliberation(raw: &Raw) -> anyhow::Result<Option<Vec<Input>>> {
    let own = microphones("deliberation", &raw.deliberation.microphones)?;
    if !raw.deliberation.record {
        return Ok(None);
    }
    let inputs = if own.is_empty() { microphones("room", &raw.room.microphones)? } else { own };
    if inputs.is_empty() {
        bail!(
            "[deliberation] record = true, and there is no microphone: list some under [[deliberation.microphones]]"
        );
    }
    Ok(Some(inputs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commented_file_says_the_defaults() {
        let commented = Config::parse(COMMENTED, Path::new("")).expect("our own file is valid");
        let defaults = Config::parse("", Path::new("")).expect("defaults are valid");
        assert_eq!(format!("{commented:?}"), format!("{defaults:?}"));
    }

    #[test]
    fn a_wrong_key_or_value_is_refused_with_its_line_and_the_remedy() {
        for (text, says) in [
            ("[server]\nlisten = \"127.0.0.1:8480\"\nport = 1\n", "line 3"),
            ("[speech]\nthreads = 0\n", "from 1 to 64"),
            ("[server]\nlisten = \"somewhere\"\n", "line 2"),
            ("[[room.microphones]]\ndevice = \"x\"\nseats = [\"judge\", \"judge\"]\n", "two microphones"),
            (
                "[[room.microphones]]\ndevice = \"x\"\nseats = [\"a\"]\nshared = [\"b\"]\n",
                "none of its seats",
            ),
            ("[server]\ncertificate = \"a.pem\"\n", "belong together"),
            ("[deliberation]\nrecord = true\n", "there is no microphone"),
            ("[server]\nterminals = \"court\"\n", "an address of the network"),
            ("[server]\nterminals = \"some\"\n", "line 2"),
        ] {
            let error = Config::parse(text, Path::new("")).expect_err(text).to_string();
            assert!(error.contains(says), "{text:?} says {error:?}");
        }
    }

    #[test]
    fn relative_paths_count_from_the_settings_file() {
        let config = Config::parse("[storage]\ndata = \"d\"\n", Path::new("/etc/huiting")).expect("valid");
        assert_eq!(config.data, Path::new("/etc/huiting/d"));
    }

    #[test]
    fn hostile_bytes_in_the_settings_are_refused_with_the_file_named() {
        let commented = include_str!("../packaging/huiting.toml");
        let plain: String = commented.lines().map(|l| format!("{}\n", l.trim_start_matches("# "))).collect();
        let room = "[[room.microphones]]\ndevice = \"default\"\nseats = [\"judge\", \"clerk\"]\n[[room.cameras]]\ntrack = \"cam-1\"\nurl = \"testsrc\"\n";
        hostile::attack_text("settings", &[commented, &plain, room], 1_000, |text| {
            if let Err(refusal) = Config::parse(text, Path::new("/etc/huiting")) {
                hostile::sentence(&format!("{refusal:#}"));
            }
        });
    }
}
