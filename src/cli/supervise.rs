//! `huiting serve`: starts hub, recorder and recogniser as processes of their own and starts them again when they die; the hub does so
//! with the recorder and the recogniser of a meeting.
//! No court logic lives here, so that nothing here can fail with the court.
//!
//! ```text
//!   Starting ──► Running ──exit──► Waiting (0.1 s … 5 s) ──► Starting
//!   any ──stop──► Stopping: hub, recogniser, recorder, in this order
//! ```

use std::path::{Path, PathBuf};
use std::process::Stdio;
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
    program: PathBuf,
    /// Which of [`PROCESSES`].
    processes: &'static [&'static str],
    /// Arguments every process gets (`--config …`).
    arguments: Vec<String>,
    /// Where `<process>.pid` files are kept, for tests and operators.
    run_dir: PathBuf,
    /// They say nothing, and end when their standard input does: with this process, however it ends.
    tied: bool,
}

impl Supervision {
    /// All processes of the appliance. `file`: the settings.
    pub fn of_room(file: Option<PathBuf>, run_dir: PathBuf) -> anyhow::Result<Self> {
        let mut arguments = Vec::new();
        if let Some(file) = file {
            arguments.extend(["--config".to_owned(), std::path::absolute(file)?.display().to_string()]);
        }
        let program = std::env::current_exe()?;
        Ok(Self { program, processes: &PROCESSES, arguments, run_dir, tied: false })
    }

    /// The recorder and the recogniser of one meeting.
    pub fn of_meeting(file: Option<PathBuf>, run_dir: PathBuf) -> anyhow::Result<Self> {
        let mut of_meeting = Self::of_room(file, run_dir)?;
        of_meeting.arguments.extend(["--run-dir".to_owned(), of_meeting.run_dir.display().to_string()]);
        Ok(Self { processes: &PROCESSES[..2], tied: true, ..of_meeting })
    }

    /// Into the log of the machine, unless nothing is to be known there.
    fn say(&self, sentence: String) {
        if !self.tied {
            tracing::warn!("{sentence}");
        }
    }

    async fn end(&self, name: &str, child: &mut Child) {
        if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
            // It may have ended by itself meanwhile.
            let _ = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(STOP_MAX, child.wait()).await.is_err() {
            self.say(format!("{name} did not stop in time and is killed"));
            let _ = child.kill().await;
        }
    }
}

/// Runs until `stop`.
pub async fn run(supervision: Supervision, stop: CancellationToken) -> anyhow::Result<()> {
    std::fs::create_dir_all(&supervision.run_dir)
        .with_context(|| format!("{} cannot be made", supervision.run_dir.display()))?;
    // Each process has its own stop, so that they end one after the other.
    let mut keepers = Vec::new();
    for &name in supervision.processes {
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
                // Waiting for a child closes its input, which would end it: held apart, it is closed when this process ends.
                let _tie = child.stdin.take();
                if let Err(error) = write_pid(&supervision.run_dir, name, child.id()) {
                    supervision.say(format!("the pid file of {name} could not be written: {error}"));
                }
                tokio::select! {
                    status = child.wait() => supervision.say(format!("{name} ended ({status:?}); starting it again")),
                    () = stop.cancelled() => {
                        supervision.end(name, &mut child).await;
                        return;
                    }
                }
            }
            Err(error) => supervision.say(format!("{name} could not be started: {error}")),
        }
        wait = if started.elapsed() > HEALTHY { WAIT_MIN } else { (wait * 2).min(WAIT_MAX) };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Threads of the speech model that wait for each other leave the cores to others meanwhile.
pub const SHARING: [(&str, &str); 1] = [("OMP_WAIT_POLICY", "passive")];

fn start(name: &str, supervision: &Supervision) -> std::io::Result<Child> {
    let mut command = Command::new(&supervision.program);
    if supervision.tied {
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    } else {
        command.stdin(Stdio::null());
    }
    command
        .arg(name)
        .args(&supervision.arguments)
        // Ctrl-C reaches the supervisor alone, which stops the others in order.
        .process_group(0)
        // A court's clock is Beijing's, on the pictures made here too, whatever the machine is set to.
        .env("TZ", "CST-8")
        .envs(SHARING)
        // One that is tied closes its files when its input ends.
        .kill_on_drop(!supervision.tied)
        .spawn()
}

fn write_pid(dir: &Path, name: &str, pid: Option<u32>) -> std::io::Result<()> {
    let Some(pid) = pid else { return Ok(()) };
    // Whoever reads it finds the old number or the new one, never half a file.
    let partial = dir.join(format!("{name}.pid.partial"));
    std::fs::write(&partial, format!("{pid}\n"))?;
    std::fs::rename(&partial, dir.join(format!("{name}.pid")))
}

/// Cancels the token when standard input ends.
pub fn stop_with_input(stop: CancellationToken) {
    std::thread::spawn(move || {
        // An input that cannot be read is one that has ended.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        stop.cancel();
    });
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
