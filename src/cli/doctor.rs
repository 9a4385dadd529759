//! `huiting doctor`: looks at the machine and says what to do.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Args;
use media::capture::device;
use media::clock::utc_now;
use protocol::check::{CheckItem, Finding};
use protocol::link::recorder::Input;
use serde::Serialize;
use server::rights::Demand;

use crate::config::{COMMENTED, Config};

/// Recording time a room should have before a hearing, in minutes.
const DISK_MINUTES_MIN: u64 = 8 * 60;
/// Days before the end of a terminal's certificate on which it is time for a new one.
const TERMINAL_DAYS_MIN: i64 = 30;
/// What one minute of recording takes at most: a 720p camera at 4 Mbit/s and eight microphones.
const BYTES_PER_MINUTE: u64 = 40 << 20;

/// Arguments of `huiting doctor`.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Prints every key of the settings with its default and meaning, and ends.
    #[arg(long)]
    print_config: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Looks at everything.
pub fn run(
    arguments: &DoctorArguments,
    load: impl FnOnce() -> anyhow::Result<Config>,
) -> anyhow::Result<ExitCode> {
    if arguments.print_config {
        print!("{COMMENTED}");
        return Ok(ExitCode::SUCCESS);
    }
    let config = load()?;
    let mut items: Vec<Item> = room_items(&config).iter().map(Item::of).collect();
    items.push(model(&config));
    items.push(library(&config.pdfium));
    items.push(program("tesseract", &["--list-langs"], "chi_sim", "tesseract-ocr tesseract-ocr-chi-sim"));
    items.push(font(&config.font));
    items.extend(inputs(&config.inputs));
    items.extend(terminals(&config));
    if arguments.json {
        super::print_json(&items)?;
    } else {
        for item in &items {
            println!("{} {:<12} {}", if item.ok { "✓" } else { "✗" }, item.name, item.sentence);
        }
    }
    Ok(if items.iter().all(|i| i.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Terminals whose certificates end soon: without one a terminal opens nothing where one is demanded.
fn terminals(config: &Config) -> Vec<Item> {
    let file = config.data.join("huiting.sqlite");
    if !file.exists() {
        return Vec::new();
    }
    let listed = match record::Store::open(&file).and_then(|store| store.terminals()) {
        Ok(listed) => listed,
        Err(error) => return vec![item("terminals", Err(error.to_string()))],
    };
    let soon = utc_now().0 + TERMINAL_DAYS_MIN * 86_400_000;
    let ending = |t: &&record::Terminal| t.revoked.is_none() && t.expires.is_some_and(|until| until.0 < soon);
    let ending: Vec<_> = listed.iter().filter(ending).collect();
    let late = ending.iter().map(|t| {
        let days = (t.expires.map_or(0, |until| until.0) - utc_now().0).div_euclid(86_400_000);
        let sentence = if days < 0 {
            format!(
                "the certificate of {} has ended; run `huiting terminal code {}` and enrol it anew",
                t.name, t.id
            )
        } else {
            format!(
                "the certificate of {} ends in {days} days; run `huiting terminal code {}` and enrol it anew",
                t.name, t.id
            )
        };
        item("terminals", Err(sentence))
    });
    let mut late: Vec<_> = late.collect();
    let opens_all = |t: &record::Terminal| t.revoked.is_none() && t.enrolled.is_some() && t.seats.is_empty();
    if config.demand != Demand::Nobody && !listed.iter().any(opens_all) {
        let sentence = "[server] terminals asks for enrolled terminals, and none opens the administration; \
                        run `huiting terminal add NAME` without --seat and enrol it";
        late.push(item("terminals", Err(sentence.to_owned())));
    }
    let enrolled = listed.iter().filter(|t| t.revoked.is_none() && t.enrolled.is_some()).count();
    if late.is_empty() && enrolled > 0 {
        return vec![item(
            "terminals",
            Ok(format!("{enrolled} enrolled, no certificate ends within a month")),
        )];
    }
    late
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Item {
    name: String,
    ok: bool,
    /// What was found; if not ready, what to do.
    sentence: String,
}

impl Item {
    fn of(item: &CheckItem) -> Self {
        Self { name: item.found.subject().to_owned(), ok: item.ok, sentence: item.found.to_string() }
    }
}

fn item(name: impl Into<String>, found: Result<String, String>) -> Item {
    let ok = found.is_ok();
    Item { name: name.into(), ok, sentence: found.unwrap_or_else(|e| e) }
}

/// What the check before 开庭 asks of the machine: disk and clock, and of the court's own outlines and forms of papers.
pub fn room_items(config: &Config) -> Vec<CheckItem> {
    let second = config.mirror.as_deref().map(|mirror| second_copy(&config.data, mirror));
    let others = [clock(), outlines(&config.outlines), super::templates::looked_at(&config.data)];
    [disk(&config.data)].into_iter().chain(second).chain(others).map(CheckItem::from).collect()
}

fn second_copy(data: &Path, mirror: &Path) -> Finding {
    let path = mirror.display().to_string();
    let look = || {
        std::fs::create_dir_all(mirror)?;
        tempfile::tempfile_in(mirror)?;
        let exists = data.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
        Ok(std::fs::metadata(mirror)?.dev() == std::fs::metadata(exists)?.dev())
    };
    match look() {
        Ok(false) => Finding::SecondCopy { path },
        Ok(true) => Finding::SecondCopyTogether { path },
        Err(error) => Finding::SecondCopyLost { path, cause: std::io::Error::to_string(&error) },
    }
}

fn disk(data: &Path) -> Finding {
    let exists = data.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(exists) {
        Ok(s) => {
            let minutes = s.f_bavail * s.f_frsize / BYTES_PER_MINUTE;
            match minutes >= DISK_MINUTES_MIN {
                true => Finding::DiskRoom { hours: minutes / 60 },
                false => Finding::DiskShort { minutes, path: data.display().to_string() },
            }
        }
        Err(error) => Finding::DiskUnknown { path: exists.display().to_string(), cause: error.to_string() },
    }
}

/// A wrong file of the court is left out; whoever opens the hearing must know that its outline is the shipped one.
fn outlines(folder: &Path) -> Finding {
    let hub::Offers { offers, faults, .. } = hub::Offers::read(folder);
    let own = offers.iter().filter(|o| o.file.is_some()).count();
    match faults.is_empty() {
        true => Finding::Outlines { all: offers.len() as u64, own: own as u64 },
        false => Finding::OutlinesLeftOut { faults },
    }
}

/// Whether the kernel's clock is kept by NTP, and its own estimate of its error.
fn clock() -> Finding {
    // systemd-timesyncd and chrony keep this file's time at their last synchronisation; absent where neither runs.
    let synced = ["/run/systemd/timesync/synchronized", "/var/lib/systemd/timesync/clock", "/run/chrony"];
    let utc = utc_now();
    let (y, mo, d, h, mi, s) = utc.beijing();
    let now = format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}");
    match y < 2025 {
        true => Finding::ClockWrong { now },
        false => Finding::Clock { now, kept: synced.iter().any(|p| Path::new(p).exists()) },
    }
}

fn model(config: &Config) -> Item {
    let found = speech::Manifest::load(&config.manifest).map_err(|e| e.to_string()).and_then(|m| {
        let model = super::processes::model_choice(config).now();
        let entry = m.entry(&model);
        speech::ggml::check(&model, &entry).map(|_| entry.name).map_err(|e| e.to_string())
    });
    item(
        "model",
        found.and_then(|name| timed(config, &name)).and_then(|found| others_are_there(config, found)),
    )
}

/// The smaller and the second model of the settings, where some are named.
fn others_are_there(config: &Config, found: String) -> Result<String, String> {
    let named = [("small_model", &config.small_model), ("second_model", &config.second_model)];
    for (key, file) in named.iter().filter_map(|(key, file)| Some((key, file.as_ref()?))) {
        let manifest = speech::Manifest::load(&config.manifest).map_err(|e| e.to_string())?;
        let checked = speech::ggml::check(file, &manifest.entry(file));
        checked.map_err(|e| format!("[speech] {key}: {e}"))?;
    }
    Ok(found)
}

/// Part of the engine's time that lines may take; the rest is for what is still being spoken.
const BUSY_MAX: f64 = 0.7;

/// How the model does on this machine: it must at least keep up with one who speaks.
fn timed(config: &Config, name: &str) -> Result<String, String> {
    let speech = super::processes::speech_config(config);
    let mut transcriber = speech::Transcriber::load(&speech).map_err(|e| e.to_string())?;
    let part = transcriber.real_time().map_err(|e| e.to_string())?;
    let at_once = (BUSY_MAX / part.max(0.001)).floor();
    let taken = format!("{name}: a second of speech takes {part:.2} s here");
    match at_once >= 1.0 {
        true if at_once > 16.0 => Ok(format!("{taken}; it carries more than sixteen channels live")),
        true => Ok(format!("{taken}; it carries {at_once} channels live in which people speak at once")),
        false => Err(format!(
            "{taken}, and the record falls behind whoever speaks: end what else runs here, take a smaller model if there is one, or a machine with a graphics card"
        )),
    }
}

fn library(pdfium: &Path) -> Item {
    let found = match pdfium.exists() {
        true => Ok(pdfium.display().to_string()),
        false => Err(format!("{} is missing: run scripts/setup.sh pdfium", pdfium.display())),
    };
    item("pdfium", found)
}

fn font(path: &Path) -> Item {
    let found = match path.exists() {
        true => Ok(path.display().to_string()),
        false => Err(format!("{} is missing: install fonts-noto-cjk, or set [papers] font", path.display())),
    };
    item("font", found)
}

fn program(name: &str, arguments: &[&str], must_say: &str, packages: &str) -> Item {
    let ran = Command::new(name).args(arguments).output();
    let found = match ran {
        Ok(out) if String::from_utf8_lossy(&out.stdout).contains(must_say) => Ok(format!("with {must_say}")),
        Ok(_) => Err(format!("{must_say} is missing: install {packages}")),
        Err(error) => Err(format!("{error}: install {packages}")),
    };
    item(name, found)
}

/// The inputs of the settings: whether each is there. A camera's address is only tried by the recorder.
fn inputs(inputs: &[Input]) -> Vec<Item> {
    let cards = device::cards();
    let here = match cards.is_empty() {
        true => "this machine has no sound card; `arecord -L` lists what the system sees".to_owned(),
        false => format!("sound cards here: {}", cards.join(", ")),
    };
    let mut items: Vec<Item> = inputs.iter().map(|input| self::input(input, &here)).collect();
    let heard = |i: &Input| !matches!(i, Input::Camera { .. });
    if !inputs.iter().any(heard) {
        let none = format!("none in the settings, nothing would be heard: add [[room.microphones]]; {here}");
        items.push(item("microphones", Err(none)));
    }
    if !inputs.iter().any(|i| matches!(i, Input::Camera { .. })) {
        let none = "none in the settings, hearings are recorded in sound only; [[room.cameras]] adds one";
        items.push(item("cameras", Ok(none.to_owned())));
    }
    items
}

fn input(input: &Input, here: &str) -> Item {
    let for_seats =
        |seats: &[model::SeatId]| seats.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match input {
        Input::AudioDevice { name, seats, .. } => item(
            format!("sound {name}"),
            match device::exists(name) {
                true => Ok(format!("for {}", for_seats(seats))),
                false => Err(format!(
                    "is not connected: check its cable, or name another in [[room.microphones]]; {here}"
                )),
            },
        ),
        Input::AudioStream { url, seats, .. } => item(
            format!("sound {url}"),
            Ok(format!("for {}, tried when the recorder starts", for_seats(seats))),
        ),
        Input::SimulatedMicrophones { seats } => {
            item("microphones", Ok(format!("simulated, for {}", for_seats(seats))))
        }
        Input::Camera { track, url, .. } => item(
            format!("camera {track}"),
            match url.as_str() {
                "testsrc" => Ok("a generated picture".to_owned()),
                file if file.starts_with('/') && !Path::new(file).exists() => {
                    Err(format!("{file} is not there: check the cable, or the url in [[room.cameras]]"))
                }
                url => Ok(format!("{url}, tried when the recorder starts")),
            },
        ),
    }
}
