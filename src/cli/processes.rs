//! The processes of the appliance: each gets its own slice of the settings.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use desk::Door;
use hub::{Deliberation, Room, RoomConfig};
use media::clock::utc_now;
use protocol::check::CheckItem;
use record::Store;
use server::{CheckSource, Given, Services, TlsFiles};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::supervise::{self, Supervision};
use crate::cli::doctor;
use crate::config::Config;

/// `huiting serve`.
pub async fn serve(config: Config, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let stop = supervise::stop_on_signal()?;
    can_listen(config.listen)?;
    supervise::run(Supervision::of_room(file, config.run_dir())?, stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// Says at once what would otherwise be found out by each start of the hub.
pub fn can_listen(address: SocketAddr) -> anyhow::Result<()> {
    TcpListener::bind(address).map(drop).map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is in use by another program (perhaps another Huiting): end that, or choose another port"
        ),
        io::ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!("this machine has no address {}: 0.0.0.0 means all that it has", address.ip())
        }
        io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("port {} is reserved: choose one from 1024 on", address.port())
        }
        _ => anyhow::anyhow!("the hub cannot listen at {address}: {cause}"),
    })
}

/// Where a process meets the others, if that is not the room's folder.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// The folder of the sockets. With it the process ends when its standard input does: with whoever started it.
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
}

impl Place {
    fn settle(self, config: &Config) -> anyhow::Result<(PathBuf, CancellationToken)> {
        let stop = supervise::stop_on_signal()?;
        if self.run_dir.is_some() {
            supervise::stop_with_input(stop.clone());
        }
        Ok((self.run_dir.unwrap_or_else(|| config.run_dir()), stop))
    }
}

/// `huiting recorder`.
pub async fn recorder(config: Config, place: Place) -> anyhow::Result<ExitCode> {
    let (run_dir, stop) = place.settle(&config)?;
    let own = media::recorder::RecorderConfig { run_dir, reserve_minutes: config.reserve_minutes };
    media::recorder::run(own, stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// `huiting recogniser`.
pub async fn recogniser(config: Config, place: Place) -> anyhow::Result<ExitCode> {
    let (run_dir, stop) = place.settle(&config)?;
    let own = speech::recogniser::RecogniserConfig { run_dir, ..speech_config(&config) };
    speech::recogniser::run(own, stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// The processes of meetings: children of the hub that say nothing and end with it.
#[derive(Debug)]
struct OfMeetings {
    /// The settings file.
    file: Option<PathBuf>,
}

impl hub::Companions for OfMeetings {
    fn start(&self, run_dir: PathBuf) -> DropGuard {
        let stop = CancellationToken::new();
        let (file, own) = (self.file.clone(), stop.clone());
        tokio::spawn(async move {
            // Nothing of a meeting goes into the log; its members see on their desks that they are not heard.
            if let Ok(supervision) = Supervision::of_meeting(file, run_dir) {
                let _ = supervise::run(supervision, own).await;
            }
        });
        stop.drop_guard()
    }
}

/// Hears recordings again in a process of its own, at the least priority: whatever else the machine does comes first.
#[derive(Debug)]
struct SecondPass {
    /// The settings file.
    file: Option<PathBuf>,
}

impl server::SecondListener for SecondPass {
    fn command(&self, media_dir: &Path) -> io::Result<tokio::process::Command> {
        let mut command = tokio::process::Command::new(std::env::current_exe()?);
        if let Some(file) = &self.file {
            command.arg("--config").arg(file);
        }
        command.envs(supervise::SHARING).arg("second-pass").arg(media_dir);
        Ok(command)
    }
}

/// `huiting page-worker`.
pub fn page_worker(pdfium: &Path) -> anyhow::Result<ExitCode> {
    dossier::worker::run(pdfium)?;
    Ok(ExitCode::SUCCESS)
}

/// `huiting hub`.
pub async fn hub(config: Config, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let stop = supervise::stop_on_signal()?;
    let (data, mirror) = (config.data.clone(), config.mirror.clone());
    std::fs::create_dir_all(config.run_dir())
        .with_context(|| format!("{} cannot be made", data.display()))?;
    let store = Arc::new(Store::open(&data.join("huiting.sqlite"))?);
    let pages = Arc::new(super::filing::open_pages(&config, true)?);
    let room_config = RoomConfig {
        data,
        mirror,
        court: config.court.clone(),
        room: config.room.clone(),
        inputs: config.inputs.clone(),
        rehearsal: config.rehearsal.clone(),
        font: config.font.clone(),
        outlines: config.outlines.clone(),
        shared: config.shared.clone(),
        deliberation: config
            .deliberation
            .clone()
            .map(|inputs| Deliberation { inputs, companions: Arc::new(OfMeetings { file: file.clone() }) }),
    };
    let packer = Arc::new(super::papers::Packer { data: config.data.clone(), font: config.font.clone() });
    let room = Arc::new(Room::open(room_config, store, pages, packer).await?);
    let devices = super::devices::follow(&config, Arc::clone(&room), &stop)?;
    write_admin_link(&config, &room).await?;
    let tls = tls_files(&config)?;
    let check = Arc::new(Check { config: config.clone() });
    let templates = Arc::new(super::templates::OfCourt { data: config.data.clone() });
    // Only with TLS can a terminal show who it is.
    let authority =
        tls.as_ref().map(|own| server::Authority::open(&config.data.join("terminals"), own)).transpose()?;
    let given = Given {
        check,
        templates,
        secure: tls.is_some(),
        terminals: authority.map(Arc::new),
        demand: config.demand,
        directory: None,
        second: Some(Arc::new(SecondPass { file })),
    };
    let services = Services::new(Arc::clone(&room), given);
    let listener = server::bind(config.listen).await?;
    tracing::info!(address = %config.listen, tls = tls.is_some(), "the hub listens");
    let serving = CancellationToken::new();
    let watching =
        config.watch.clone().map(|dir| tokio::spawn(hub::watch(Arc::clone(&room), dir, serving.clone())));
    let server = tokio::spawn(server::serve(listener, tls, services, serving.clone()));
    let failure = tokio::select! {
        () = stop.cancelled() => None,
        // The supervisor starts a hub whose journal failed anew; recovery folds the journal.
        reason = room.failed() => Some(reason),
    };
    serving.cancel();
    stop.cancel();
    devices.await?;
    if let Some(watching) = watching {
        watching.await?;
    }
    room.close().await;
    server.await??;
    match failure {
        Some(reason) => Err(anyhow::anyhow!(reason)),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// The recogniser's slice.
pub fn speech_config(config: &Config) -> speech::recogniser::RecogniserConfig {
    speech::recogniser::RecogniserConfig {
        run_dir: config.run_dir(),
        model: model_choice(config),
        small_model: config.small_model.clone(),
        manifest: config.manifest.clone(),
        threads: config.speech_threads,
    }
}

/// The model of the settings, or another that was chosen on this machine.
pub fn model_choice(config: &Config) -> speech::ModelChoice {
    speech::ModelChoice { settings: config.model.clone(), chosen: Some(config.data.join("speech-model")) }
}

pub fn tls_files(config: &Config) -> anyhow::Result<Option<TlsFiles>> {
    if let Some((certificate, key)) = &config.tls {
        return Ok(Some(TlsFiles { certificate: certificate.clone(), key: key.clone() }));
    }
    if server::is_plain(&config.listen) {
        return Ok(None);
    }
    let mut names = config.names.clone();
    names.extend([own_address(config.listen).to_string(), "127.0.0.1".to_owned()]);
    Ok(Some(server::own_certificate(&config.data.join("tls"), &names)?))
}

/// The address of this machine that others reach: the one it listens on, or, where it listens on all, the one it would
/// send from. Nothing is sent to find it.
fn own_address(listen: SocketAddr) -> IpAddr {
    if !listen.ip().is_unspecified() {
        return listen.ip();
    }
    let found = UdpSocket::bind(SocketAddr::new(listen.ip(), 0)).and_then(|socket| {
        // An address for documentation (RFC 5737): it lies beyond the default route, and is nobody's.
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    found.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip())
}

/// Name and port under which other machines reach the hub: the first name of the settings that is one outside this
/// machine, else its address.
fn host(config: &Config) -> String {
    let name = config.names.iter().find(|n| !config.listen.ip().is_loopback() && *n != "localhost");
    match name {
        Some(name) => format!("{name}:{}", config.listen.port()),
        None => SocketAddr::new(own_address(config.listen), config.listen.port()).to_string(),
    }
}

/// The way from a process on this machine to its hub.
pub fn door(config: &Config) -> anyhow::Result<Door> {
    match tls_files(config)? {
        Some(files) => Door::secure(config.listen, &host(config), &files.certificate),
        None => Ok(Door::plain(config.listen)),
    }
}

struct Check {
    config: Config,
}

impl CheckSource for Check {
    fn check(&self) -> Vec<CheckItem> {
        doctor::room_items(&self.config)
    }
}

fn admin_link_path(config: &Config) -> PathBuf {
    config.run_dir().join("admin.link")
}

/// Who may read this file on the machine may administer it: a one-time link. One that was never used outlives a restart of
/// the hub, since somebody may have it before them.
async fn write_admin_link(config: &Config, room: &Room) -> anyhow::Result<()> {
    let scheme = if config.tls.is_some() || !server::is_plain(&config.listen) { "https" } else { "http" };
    let door = format!("{scheme}://{}/admin/join?code=", host(config));
    let before = std::fs::read_to_string(admin_link_path(config)).unwrap_or_default();
    if let Some(code) = before.strip_prefix(&door).map(str::to_owned)
        && room.with_store(move |s| s.code_is_good(&record::Scope::Admin, &code, utc_now())).await?
    {
        return Ok(());
    }
    let code = room.issue_code(record::Scope::Admin).await?;
    let link = format!("{door}{code}");
    keep_admin_link(config, &link)?;
    tracing::info!("the administration link is in {}", admin_link_path(config).display());
    Ok(())
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("{} cannot be written", path.display()))
}

/// Notes the administration link that is good now.
pub fn keep_admin_link(config: &Config, link: &str) -> anyhow::Result<()> {
    write_private(&admin_link_path(config), link)
}

/// The administration link the hub wrote at its start.
pub fn admin_link(config: &Config) -> anyhow::Result<String> {
    let path = admin_link_path(config);
    std::fs::read_to_string(&path)
        .with_context(|| format!("{} is missing: is the hub running?", path.display()))
}
