//! `huiting doctor`: looks at the machine and says what to do.

use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Args;
use protocol::wire::CheckItem;

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
    let mut items = room_items(&config);
    items.push(model(&config));
    items.push(library(&config.pdfium));
    items.push(program("tesseract", &["--list-langs"], "chi_sim", "tesseract-ocr tesseract-ocr-chi-sim"));
    items.push(font(&config.font));
    items.extend(microphones());
    if arguments.json {
        super::print_json(&items)?;
    } else {
        for item in &items {
            println!("{} {:<12} {}", if item.ok { "✓" } else { "✗" }, item.name, item.sentence);
        }
    }
    Ok(if items.iter().all(|i| i.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn item(name: &str, found: Result<String, String>) -> CheckItem {
    let ok = found.is_ok();
    CheckItem { name: name.to_owned(), ok, sentence: found.unwrap_or_else(|e| e) }
}

/// What the check before 开庭 asks of the machine: disk and clock, and of the court's own outlines and forms of papers.
pub fn room_items(config: &Config) -> Vec<CheckItem> {
    let templates = item("templates", super::templates::looked_at(&config.data));
    vec![disk(&config.data), clock(), outlines(&config.outlines), templates]
}

fn disk(data: &Path) -> CheckItem {
    let exists = data.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    let found = match rustix::fs::statvfs(exists) {
        Ok(s) => {
            let minutes = s.f_bavail * s.f_frsize / BYTES_PER_MINUTE;
            match minutes >= DISK_MINUTES_MIN {
                true => Ok(format!("磁盘可录 {} 小时", minutes / 60)),
                false => Err(format!(
                    "磁盘只够再录 {minutes} 分钟：请清理 {} 所在磁盘，或把 [storage] data 指到更大的磁盘",
                    data.display()
                )),
            }
        }
        Err(error) => Err(format!("{}: {error}；请检查磁盘是否已挂载", exists.display())),
    };
    item("disk", found)
}

/// A wrong file of the court is left out; whoever opens the hearing must know that its outline is the shipped one.
fn outlines(folder: &Path) -> CheckItem {
    let hub::Offers { offers, faults } = hub::Offers::read(folder);
    let own = offers.iter().filter(|o| o.file.is_some()).count();
    let found = match faults.is_empty() {
        true => Ok(format!("庭审提纲 {} 份，其中本院自定 {own} 份", offers.len())),
        false => Err(format!("有提纲文件未采用，现用内置提纲；请更正：{}", faults.join("；"))),
    };
    item("outlines", found)
}

/// Whether the kernel's clock is kept by NTP, and its own estimate of its error.
fn clock() -> CheckItem {
    // systemd-timesyncd and chrony keep this file's time at their last synchronisation; absent where neither runs.
    let synced = ["/run/systemd/timesync/synchronized", "/var/lib/systemd/timesync/clock", "/run/chrony"];
    let utc = media::clock::utc_now();
    let (y, mo, d, h, mi, s) = utc.beijing();
    let now = format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}（北京时间）");
    if y < 2025 {
        return item("clock", Err(format!("系统时间 {now} 明显不对：请先校准时间再开庭")));
    }
    let kept = synced.iter().any(|p| Path::new(p).exists());
    let kept = if kept { "网络对时已启用" } else { "未发现网络对时服务，请人工核对" };
    item("clock", Ok(format!("{now}，{kept}")))
}

fn model(config: &Config) -> CheckItem {
    let found = speech::Manifest::load(&config.manifest).map_err(|e| e.to_string()).and_then(|m| {
        let entry = m.entry(&config.model);
        speech::ggml::check(&config.model, &entry).map(|_| entry.name).map_err(|e| e.to_string())
    });
    item("model", found)
}

fn library(pdfium: &Path) -> CheckItem {
    let found = match pdfium.exists() {
        true => Ok(pdfium.display().to_string()),
        false => Err(format!("{} is missing: run scripts/setup.sh pdfium", pdfium.display())),
    };
    item("pdfium", found)
}

fn font(path: &Path) -> CheckItem {
    let found = match path.exists() {
        true => Ok(path.display().to_string()),
        false => Err(format!("{} is missing: install fonts-noto-cjk, or set [papers] font", path.display())),
    };
    item("font", found)
}

fn program(name: &str, arguments: &[&str], must_say: &str, packages: &str) -> CheckItem {
    let ran = Command::new(name).args(arguments).output();
    let found = match ran {
        Ok(out) if String::from_utf8_lossy(&out.stdout).contains(must_say) => Ok(format!("with {must_say}")),
        Ok(_) => Err(format!("{must_say} is missing: install {packages}")),
        Err(error) => Err(format!("{error}: install {packages}")),
    };
    item(name, found)
}

fn microphones() -> Vec<CheckItem> {
    let devices = media::capture::device::names();
    if devices.is_empty() {
        let none = "no audio device: connect one and check `arecord -L`; simulated microphones need none";
        return vec![CheckItem { name: "microphones".to_owned(), ok: true, sentence: none.to_owned() }];
    }
    let found = |d: String| CheckItem { name: "microphones".to_owned(), ok: true, sentence: d };
    devices.into_iter().map(found).collect()
}
