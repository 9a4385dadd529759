//! `huiting doctor`: looks at the machine and says what to do.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Args;
use media::capture::device;
use protocol::check::{CheckItem, Finding};
use protocol::link::recorder::Input;
use serde::Serialize;

use crate::config::{COMMENTED, Config};

/// Recording time a room should have before a hearing, in minutes.
const DISK_MINUTES_MIN: u64 = 8 * 60;
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
    if arguments.json {
        super::print_json(&items)?;
    } else {
        for item in &items {
            println!("{} {:<12} {}", if item.ok { "✓" } else { "✗" }, item.name, item.sentence);
        }
    }
    Ok(if items.iter().all(|i| i.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
    let utc = media::clock::utc_now();
    let (y, mo, d, h, mi, s) = utc.beijing();
    let now = format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}");
    match y < 2025 {
        true => Finding::ClockWrong { now },
        false => Finding::Clock { now, kept: synced.iter().any(|p| Path::new(p).exists()) },
    }
}

fn model(config: &Config) -> Item {
    let found = speech::Manifest::load(&config.manifest).map_err(|e| e.to_string()).and_then(|m| {
        let entry = m.entry(&config.model);
        speech::ggml::check(&config.model, &entry).map(|_| entry.name).map_err(|e| e.to_string())
    });
    item("model", found)
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
    let heard = |i: &Input| matches!(i, Input::AudioDevice { .. } | Input::SimulatedMicrophones { .. });
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
        Input::AudioDevice { name, seats } => item(
            format!("sound {name}"),
            match device::exists(name) {
                true => Ok(format!("for {}", for_seats(seats))),
                false => Err(format!(
                    "is not connected: check its cable, or name another in [[room.microphones]]; {here}"
                )),
            },
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
