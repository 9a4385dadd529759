//! `huiting serve`: starts hub, recorder and recogniser as processes of their own and starts them again when they die.
//! No court logic lives here, so that nothing here can fail with the court.
//!
//! ```text
//!   Starting ──► Running ──exit──► Waiting (0.1 s … 5 s) ──► Starting
//!   any ──stop──► Stopping: hub, recogniser, recorder, in this order
//! ```

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// A process that ran so long was healthy: the next failure waits the shortest time again.
const HEALTHY: Duration = Duration::from_secs(30);
const WAIT_MIN: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How long a process may take to close its files.
const STOP_MAX: Duration = Duration::from_secs(15);

/// The processes in the order in which they start; they stop in the reverse order, so that the recorder is last.
pub const PROCESSES: [&str; 3] = ["recorder", "recogniser", "hub"];

/// What the supervisor needs to know.
#[derive(Debug, Clone)]
pub struct Supervision {
    /// This program.
    pub program: PathBuf,
    /// Arguments every process gets (`--config …`).
    pub arguments: Vec<String>,
    /// Where `<process>.pid` files are kept, for tests and operators.
    pub run_dir: PathBuf,
}

/// Runs until `stop`.
pub async fn run(supervision: Supervision, stop: CancellationToken) -> anyhow::Result<()> {
    std::fs::create_dir_all(&supervision.run_dir)
        .with_context(|| format!("{} cannot be made", supervision.run_dir.display()))?;
    // Each process has its own stop, so that they end one after the other.
    let mut keepers = Vec::new();
    for name in PROCESSES {
        let own_stop = CancellationToken::new();
        let task = tokio::spawn(keep(name, supervision.clone(), own_stop.clone()));
        keepers.push((own_stop, task));
    }
    stop.cancelled().await;
    while let Some((own_stop, task)) = keepers.pop() {
        own_stop.cancel();
        task.await.context("a keeper of a process failed")?;
    }
    Ok(())
}

async fn keep(name: &'static str, supervision: Supervision, stop: CancellationToken) {
    let mut wait = WAIT_MIN;
    loop {
        let started = Instant::now();
        match start(name, &supervision) {
            Ok(mut child) => {
                write_pid(&supervision.run_dir, name, child.id());
                tokio::select! {
                    status = child.wait() => tracing::warn!(process = name, ?status, "ended; starting it again"),
                    () = stop.cancelled() => {
                        end(name, &mut child).await;
                        return;
                    }
                }
            }
            Err(error) => tracing::error!(process = name, %error, "could not be started"),
        }
        wait = if started.elapsed() > HEALTHY { WAIT_MIN } else { (wait * 2).min(WAIT_MAX) };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn start(name: &str, supervision: &Supervision) -> std::io::Result<Child> {
    Command::new(&supervision.program)
        .arg(name)
        .args(&supervision.arguments)
        .stdin(std::process::Stdio::null())
        // Ctrl-C reaches the supervisor alone, which stops the others in order.
        .process_group(0)
        // A court's clock is Beijing's, on the pictures made here too, whatever the machine is set to.
        .env("TZ", "CST-8")
        .kill_on_drop(true)
        .spawn()
}

async fn end(name: &str, child: &mut Child) {
    if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        // It may have ended by itself meanwhile.
        let _ = kill_process(pid, Signal::TERM);
    }
    if tokio::time::timeout(STOP_MAX, child.wait()).await.is_err() {
        tracing::warn!(process = name, "did not stop in time and is killed");
        let _ = child.kill().await;
    }
}

fn write_pid(dir: &Path, name: &str, pid: Option<u32>) {
    let Some(pid) = pid else { return };
    let path = dir.join(format!("{name}.pid"));
    // Whoever reads it finds the old number or the new one, never half a file.
    let partial = dir.join(format!("{name}.pid.partial"));
    let written =
        std::fs::write(&partial, format!("{pid}\n")).and_then(|()| std::fs::rename(&partial, &path));
    if let Err(error) = written {
        tracing::warn!(path = %path.display(), %error, "the pid file could not be written");
    }
}

/// A token that is cancelled by SIGTERM or Ctrl-C.
pub fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        token.cancel();
    });
    Ok(stop)
}
