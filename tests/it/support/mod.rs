//! A courtroom of its own per test: a free port, a fresh folder, ended when dropped.

#[path = "../../../src/cli/demo/desk.rs"]
pub mod desk;
#[path = "../../../src/cli/demo/http.rs"]
pub mod http;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

pub use desk::Desk;

/// Anything that must come, comes within this time even on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_huiting")
}

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A running demonstration courtroom.
pub struct Courtroom {
    child: Child,
    folder: tempfile::TempDir,
    links: BTreeMap<String, String>,
}

impl Courtroom {
    /// Opens one and waits until its links are there.
    pub fn open() -> Self {
        let folder =
            tempfile::tempdir_in(repository().join("target")).expect("the target folder is writable");
        let links_file = folder.path().join("links.json");
        let log = std::fs::File::create(folder.path().join("log")).expect("writable");
        let child = Command::new(binary())
            .current_dir(repository())
            .args(["demo", "--data"])
            .arg(folder.path().join("data"))
            .args(["--listen", &format!("127.0.0.1:{}", free_port()), "--links"])
            .arg(&links_file)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let mut room = Self { child, folder, links: BTreeMap::new() };
        let started = Instant::now();
        room.links = wait(|| {
            assert!(started.elapsed() < PATIENCE, "no courtroom: {}", room.log());
            let text = std::fs::read(&links_file).ok()?;
            serde_json::from_slice(&text).ok()
        });
        room
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub async fn desk(&self, seat: &str) -> Desk {
        let link = self.links.get(seat).expect("the seat has a link");
        let joined = tokio::time::timeout(PATIENCE, Desk::join(link)).await;
        joined.expect("the desk joins in time").unwrap_or_else(|e| panic!("{seat}: {e:#}\n{}", self.log()))
    }

    pub fn link(&self, seat: &str) -> &str {
        &self.links[seat]
    }

    /// The process id of one of our processes.
    pub fn pid(&self, process: &str) -> i32 {
        let path = self.data().join("run").join(format!("{process}.pid"));
        let text = std::fs::read_to_string(path).expect("the supervisor writes pid files");
        text.trim().parse().expect("a number")
    }

    /// kill -9.
    pub fn kill(&self, process: &str) -> i32 {
        let pid = self.pid(process);
        let target = Pid::from_raw(pid).expect("a real pid");
        kill_process(target, Signal::KILL).expect("our own child can be killed");
        pid
    }

    /// Waits until a killed process has a successor.
    pub fn back(&self, process: &str, old: i32) -> i32 {
        wait(|| Some(self.pid(process)).filter(|p| *p != old))
    }
}

impl Drop for Courtroom {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// Looks until there is something; the caller bounds it.
pub fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Waits for what a desk must come to show.
pub async fn shows<T>(desk: &Desk, ready: impl FnMut(&desk::Seen) -> Option<T>) -> T {
    let found = tokio::time::timeout(PATIENCE, desk.until(ready)).await;
    found.expect("the desk shows it in time").expect("the desk keeps its hearing")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("bound").port()
}
