//! `huiting demo`: a courtroom with the sample case. With `--once` the scripted hearing plays by itself, from 宣布开庭 to the
//! verified package, and one report is printed.

mod driver;
mod report;
mod script;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use court::{Command, SignAct, Signer, Stage, Stroke};
use desk::Desk;
use model::{CaseId, HearingId, SeatId};
use protocol::check::CheckItem;
use protocol::wire::ClientMsg;
use tokio_util::sync::CancellationToken;

use self::driver::{Desks, Driver, Played};
use self::report::Report;
use self::script::Timeline;
use super::case::Manifest;
use super::supervise::{self, Supervision};
use crate::config::Config;

/// Seats with a desk in the demonstration.
const DESKS: [&str; 5] = ["judge", "clerk", "plaintiff", "defendant", "public"];
/// How long the hub may take to answer after the start.
const START_MAX: Duration = Duration::from_secs(60);
/// How long files may take to close, and the package to be written.
const CLOSE_MAX: Duration = Duration::from_secs(120);

/// Arguments of `huiting demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Plays the scripted hearing without a browser, prints a report and ends.
    #[arg(long)]
    once: bool,
    /// The report as one JSON object.
    #[arg(long)]
    json: bool,
    /// Where the demonstration keeps its case and hearings.
    #[arg(long, value_name = "DIR", default_value = "target/demo")]
    data: PathBuf,
    /// Address of the web. On any address but loopback it is served with TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// Also writes the seat links as one JSON object to this file.
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
    /// Folder of the sample case and the rendered hearing, as the set-up makes them.
    #[arg(long, value_name = "DIR", default_value = "target/fixtures")]
    fixtures: PathBuf,
}

/// Runs the demonstration.
pub async fn run(arguments: DemoArguments, config: Config) -> anyhow::Result<ExitCode> {
    let stop = supervise::stop_on_signal()?;
    super::processes::can_listen(arguments.listen)?;
    if arguments.data.join("huiting.toml").exists() {
        super::filing::must_be_free(&Config::load(Some(&arguments.data.join("huiting.toml")))?)?;
    }
    if arguments.once && arguments.data.exists() {
        std::fs::remove_dir_all(&arguments.data)
            .with_context(|| format!("{} cannot be cleared", arguments.data.display()))?;
    }
    std::fs::create_dir_all(&arguments.data)
        .with_context(|| format!("{} cannot be made", arguments.data.display()))?;
    let settings = write_settings(&arguments, &config)?;
    let config = Config::load(Some(&settings))?;
    let manifest = super::case::import(&arguments.fixtures.join("case"), &config)?;
    let supervision = Supervision::of_room(Some(settings), config.run_dir())?;
    let processes = CancellationToken::new();
    let supervisor = tokio::spawn(supervise::run(supervision, processes.clone()));
    let room = tokio::select! {
        room = open_room(&config, &manifest) => room,
        () = stop.cancelled() => Err(anyhow::anyhow!("stopped")),
    };
    let outcome = match room {
        Ok(room) if arguments.once => once(&arguments, &config, room).await,
        Ok(room) => stay(&arguments, room, &stop).await,
        Err(error) => Err(error),
    };
    processes.cancel();
    supervisor.await??;
    outcome
}

/// The settings of the demonstration: simulated microphones, a generated picture, the rehearsal.
fn write_settings(arguments: &DemoArguments, config: &Config) -> anyhow::Result<PathBuf> {
    let absolute = |p: &Path| {
        std::path::absolute(p).map(|p| p.display().to_string()).with_context(|| p.display().to_string())
    };
    let hearing = arguments.fixtures.join("hearing");
    let mut other_models = String::new();
    for (key, file) in [("small_model", &config.small_model), ("second_model", &config.second_model)] {
        if let Some(file) = file {
            other_models += &format!("{key} = {:?}\n", absolute(file)?);
        }
    }
    let text = format!(
        "# Written by `huiting demo`.\n\
         [storage]\ndata = {data:?}\nreserve_minutes = 10\n\
         [server]\nlisten = \"{listen}\"\nnames = {names:?}\n\
         [room]\ncourt = \"松江市清源区人民法院\"\nname = \"第三法庭\"\nrehearsal = {rehearsal:?}\n\
         [[room.microphones]]\ndevice = \"simulated\"\nseats = [\"judge\", \"clerk\", \"plaintiff\", \"defendant\"]\n\
         [[room.cameras]]\ntrack = \"cam-1\"\nurl = \"testsrc\"\n\
         [deliberation]\nrecord = true\n\
         [speech]\nmodel = {model:?}\nmanifest = {manifest:?}\n{other_models}{threads}\
         [dossier]\npdfium = {pdfium:?}\nworkers = {workers}\n\
         [papers]\nfont = {font:?}\n",
        data = absolute(&arguments.data)?,
        listen = arguments.listen,
        names = config.names,
        rehearsal = absolute(&hearing)?,
        model = absolute(&config.model)?,
        manifest = absolute(&config.manifest)?,
        threads = config.speech_threads.map_or_else(String::new, |n| format!("threads = {n}\n")),
        pdfium = absolute(&config.pdfium)?,
        workers = config.page_workers,
        font = absolute(&config.font)?,
    );
    let path = arguments.data.join("huiting.toml");
    std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

/// A hearing that is open, with the links of its seats.
struct OpenRoom {
    links: BTreeMap<String, String>,
    /// The desks of the script.
    desks: Desks,
}

#[derive(Debug, serde::Deserialize)]
struct Opened {
    hearing: HearingId,
}

#[derive(Debug, serde::Deserialize)]
struct Running {
    hearing: HearingId,
    case: CaseId,
    stage: Stage,
}

#[derive(Debug, serde::Deserialize)]
struct SeatLink {
    seat: String,
    url: String,
}

async fn open_room(config: &Config, manifest: &Manifest) -> anyhow::Result<OpenRoom> {
    let door = super::processes::door(config)?;
    let started = tokio::time::timeout(START_MAX, async {
        while door.send("GET", "/healthz", None, None).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    started
        .await
        .with_context(|| format!("the hub did not answer at {} within {START_MAX:?}", config.listen))?;
    let link = super::processes::admin_link(config)?;
    let joined = door.send("GET", door.path_of(&link)?, None, None).await?;
    let cookie = joined.cookie.context("the administration link was not accepted")?;
    let running: Vec<Running> = door.json("GET", "/admin/api/hearings", Some(&cookie), None).await?;
    let hearing = match running.into_iter().find(|h| h.case == *manifest.id() && h.stage < Stage::Sealed) {
        // The demonstration was stopped before the record was sealed: it goes on where it was.
        Some(Running { hearing, .. }) => hearing,
        None => {
            let body =
                serde_json::json!({ "case": manifest.id(), "public": true, "seats": manifest.seats()? });
            let opened: Opened = door.json("POST", "/admin/api/hearings", Some(&cookie), Some(body)).await?;
            opened.hearing
        }
    };
    // A link works once: the script's own desks take theirs before new ones are made for people.
    let mut room = OpenRoom { links: BTreeMap::new(), desks: Desks::new() };
    for seat in DESKS {
        let path = format!("/admin/api/hearings/{}/seats/{seat}/code", hearing);
        let own: SeatLink = door.json("POST", &path, Some(&cookie), None).await?;
        room.desks.insert(SeatId::new(seat)?, Arc::new(Desk::join_without_screen(&door, &own.url).await?));
        let link: SeatLink = door.json("POST", &path, Some(&cookie), None).await?;
        room.links.insert(link.seat, link.url);
    }
    let SeatLink { url, .. } = door.json("POST", "/admin/api/code", Some(&cookie), None).await?;
    super::processes::keep_admin_link(config, &url)?;
    room.links.insert("admin".to_owned(), url);
    Ok(room)
}

/// Prints the links and follows every rehearsal until stopped.
async fn stay(
    arguments: &DemoArguments,
    room: OpenRoom,
    stop: &CancellationToken,
) -> anyhow::Result<ExitCode> {
    if let Some(path) = &arguments.links {
        let partial = path.with_extension("partial");
        std::fs::write(&partial, serde_json::to_vec_pretty(&room.links)?)?;
        std::fs::rename(&partial, path)?;
    }
    println!("\n慧庭 · 演示法庭已就绪 / the demonstration courtroom is open\n");
    for (seat, name) in
        DESKS.iter().chain(&["admin"]).zip(["审判席", "书记员席", "原告席", "被告席", "旁听屏", "管理"])
    {
        if let Some(link) = room.links.get(*seat) {
            println!("  {name:　<5} {link}");
        }
    }
    println!("\n打开审判席与书记员席，按“演示庭审”播放脚本庭审；Ctrl+C 结束。");
    println!(
        "Open the judge's and the clerk's desk and press 演示庭审 to play the scripted hearing; Ctrl+C ends it.\n"
    );
    let timeline = Timeline::load(&arguments.fixtures.join("hearing"))?;
    // Each time it is played; a closed hearing does not play.
    let rehearsals = async {
        loop {
            let mut driver = Driver::when_it_plays(room.desks.clone(), timeline.clone()).await?;
            match driver.play().await {
                Played::Stopped => tracing::info!("the scripted hearing was stopped"),
                Played::Whole => tracing::info!("the scripted hearing has been played"),
            }
            driver.troubles.iter().for_each(|t| tracing::warn!("not as the script has it: {t}"));
            let judge = driver::desk(&room.desks, "judge")?;
            judge.until(|s| s.status.rehearsal_ms.is_none().then_some(())).await?;
        }
    };
    let ended: anyhow::Result<std::convert::Infallible> = tokio::select! {
        ended = rehearsals => ended,
        () = stop.cancelled() => return Ok(ExitCode::SUCCESS),
    };
    let Err(error) = ended;
    tracing::warn!("the scripted hearing could not be followed: {error:#}");
    stop.cancelled().await;
    Ok(ExitCode::SUCCESS)
}

/// Plays the hearing, signs, seals, packs, verifies and reports.
async fn once(arguments: &DemoArguments, config: &Config, room: OpenRoom) -> anyhow::Result<ExitCode> {
    let timeline = Timeline::load(&arguments.fixtures.join("hearing"))?;
    let desks = room.desks;
    let judge = Arc::clone(driver::desk(&desks, "judge")?);
    let clerk = Arc::clone(driver::desk(&desks, "clerk")?);
    ready(&judge).await?;
    judge.say(ClientMsg::Rehearse { play: true }).await?;
    let mut driver = Driver::when_it_plays(desks.clone(), timeline).await?;
    if driver.play().await == Played::Stopped {
        bail!("the rehearsal was stopped before its end");
    }
    if let Some(trouble) = driver.troubles.first() {
        bail!("the scripted hearing did not go as written: {trouble}");
    }
    let sealed = judge.until(|s| s.snapshot.as_ref()?.course.media_sealed.then_some(()));
    tokio::time::timeout(CLOSE_MAX, sealed).await.context("sound and picture were not sealed in time")??;
    sign(&desks).await?;
    let (package, findings) = pack(&clerk, config).await?;
    let seen = clerk.seen();
    let (lines, cer, latency_ms) = report::compare(driver.timeline(), driver.zero(), &seen);
    let ledger = seen.snapshot.as_ref().map_or(&[][..], |s| &s.ledger[..]);
    let report = Report {
        lines,
        cer,
        commands: std::mem::take(&mut driver.commands),
        latency_ms,
        gaps: ledger.iter().filter(|g| !g.ground.is_lawful()).count(),
        verified: findings.is_empty(),
        package: Some(package.display().to_string()),
        findings,
    };
    let good = report.verified && report.gaps == 0 && report.commands.iter().all(|c| c.right);
    if arguments.json {
        super::print_json(&report)?;
    } else {
        print_report(&report);
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Waits until the check before 开庭 finds everything ready; says what is not.
async fn ready(judge: &Desk) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + CLOSE_MAX;
    loop {
        let items: Vec<CheckItem> = judge.get("api/check").await?;
        let wrong: Vec<_> = items.iter().filter(|i| !i.ok).map(|i| i.found.to_string()).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            bail!("the room is not ready: {}", wrong.join("; "));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// A hand's strokes on the pad.
fn written() -> Vec<Stroke> {
    let wave = |from: u16, to: u16, high: u16| {
        (from..to).step_by(40).map(|x| (x, 800 + (x / 40 % 7) * high - (x / 40 % 3) * 60)).collect()
    };
    vec![wave(600, 1600, 30), wave(1700, 2400, 50), wave(2500, 3400, 20)]
}

async fn sign(desks: &Desks) -> anyhow::Result<()> {
    let clerk = driver::desk(desks, "clerk")?;
    // The last words settle a moment after 闭庭.
    let idle = clerk.until(|s| (s.status.speech_lag_ms.unwrap_or(0) == 0).then_some(()));
    tokio::time::timeout(CLOSE_MAX, idle).await.context("the transcript did not catch up")??;
    // Who has a desk here signs at it, everybody else on the clerk's pad.
    let signers =
        clerk.until(|s| Some(s.snapshot.as_ref()?.signing.clone()).filter(|s| !s.is_empty())).await?;
    for Signer { seat, version: digest, .. } in signers {
        let desk = desks.get(&seat).unwrap_or(clerk);
        let act = SignAct::Ink { seat, digest, strokes: written() };
        desk.must(Command::Sign { act }).await?;
    }
    let digest = clerk.until(|s| s.snapshot.as_ref()?.record_digest.clone()).await?;
    clerk.must(Command::SealRecord { digest }).await
}

#[derive(Debug, serde::Deserialize)]
struct PackageState {
    state: String,
    name: Option<String>,
    sentence: Option<String>,
}

async fn pack(clerk: &Desk, config: &Config) -> anyhow::Result<(PathBuf, Vec<String>)> {
    let mut state: PackageState = clerk.post("api/package").await?;
    let deadline = tokio::time::Instant::now() + CLOSE_MAX;
    while state.state == "writing" {
        if tokio::time::Instant::now() > deadline {
            bail!("the package was not written within {CLOSE_MAX:?}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        state = clerk.get("api/package").await?;
    }
    let Some(name) = state.name.filter(|_| state.state == "done") else {
        bail!("the package could not be written: {}", state.sentence.unwrap_or_default());
    };
    let path = config.data.join("hearings").join(name);
    let findings = super::papers::findings(&path)?;
    Ok((path, findings))
}

fn print_report(report: &Report) {
    for line in &report.lines {
        let mark = if line.edits == 0 { ' ' } else { '≠' };
        println!("{mark} {:<10} {}\n             {}", line.seat, line.expected, line.recognised);
    }
    println!("character error rate {:.2} %", report.cer * 100.0);
    for c in &report.commands {
        println!("{} {} → {:?} in {} ms", if c.right { "✓" } else { "✗" }, c.spoken, c.reached, c.latency_ms);
    }
    println!("latency {:?}, gaps {}", report.latency_ms, report.gaps);
    println!("package {:?}: {}", report.package, if report.verified { "whole" } else { "NOT whole" });
    report.findings.iter().for_each(|f| println!("  {f}"));
}
