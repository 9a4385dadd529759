//! A courtroom of its own per test: a free port, a fresh folder, ended when dropped.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

pub(crate) use desk::{Desk, Door};

/// Anything that must come, comes within this time even on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_huiting")
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A running demonstration courtroom.
pub(crate) struct Courtroom {
    child: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
    links: BTreeMap<String, String>,
}

impl Courtroom {
    /// Opens one and waits until its links are there.
    pub(crate) fn open() -> Self {
        Self::listening([127, 0, 0, 1])
    }

    /// The same with the first document of the case alone, for tests of something else: nobody waits for thirty scans to be read.
    pub(crate) fn with_a_thin_dossier() -> Self {
        let folder = new_folder();
        let fixtures = thin_fixtures(folder.path());
        Self::opened([127, 0, 0, 1], folder, &fixtures)
    }

    /// The same on another address.
    pub(crate) fn listening(ip: [u8; 4]) -> Self {
        Self::opened(ip, new_folder(), &repository().join("target/fixtures"))
    }

    fn opened(ip: [u8; 4], folder: tempfile::TempDir, fixtures: &Path) -> Self {
        let links_file = folder.path().join("links.json");
        let log = std::fs::File::create(folder.path().join("log")).expect("writable");
        let address = SocketAddr::from((ip, free_port()));
        let child = Command::new(binary())
            .current_dir(repository())
            .args(["demo", "--data"])
            .arg(folder.path().join("data"))
            .arg("--fixtures")
            .arg(fixtures)
            .args(["--listen", &address.to_string(), "--links"])
            .arg(&links_file)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let mut room = Self { child, folder, address, links: BTreeMap::new() };
        let started = Instant::now();
        room.links = wait(|| {
            assert!(started.elapsed() < PATIENCE, "no courtroom: {}", room.log());
            let text = std::fs::read(&links_file).ok()?;
            serde_json::from_slice(&text).ok()
        });
        room
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) async fn desk(&self, seat: &str) -> Desk {
        let link = self.links.get(seat).expect("the seat has a link");
        let joined = tokio::time::timeout(PATIENCE, Desk::join(&self.door(), link)).await;
        joined.expect("the desk joins in time").unwrap_or_else(|e| panic!("{seat}: {e:#}\n{}", self.log()))
    }

    /// The way to its hub.
    pub(crate) fn door(&self) -> Door {
        if self.address.ip().is_loopback() {
            return Door::plain(self.address);
        }
        let host = self.links["judge"].split('/').nth(2).expect("a link has a host");
        let certificate = self.data().join("tls/certificate.pem");
        Door::secure(self.address, host, &certificate).expect("the courtroom has a certificate")
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn link(&self, seat: &str) -> &str {
        &self.links[seat]
    }

    /// The process id of one of our processes.
    pub(crate) fn pid(&self, process: &str) -> i32 {
        let path = self.data().join("run").join(format!("{process}.pid"));
        let text = std::fs::read_to_string(path).expect("the supervisor writes pid files");
        text.trim().parse().expect("a number")
    }

    /// kill -9.
    pub(crate) fn kill(&self, process: &str) -> i32 {
        let pid = self.pid(process);
        kill(pid);
        pid
    }

    /// From now until it is dropped, processes run for a tenth of the time: they are stopped and continued.
    pub(crate) fn starve(&self, pids: &[i32]) -> Starved {
        const ROUND: Duration = Duration::from_millis(100);
        let pids: Vec<Pid> = pids.iter().filter_map(|pid| Pid::from_raw(*pid)).collect();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let all = |signal| {
                for pid in &pids {
                    // One that has ended meanwhile is missed by the test itself.
                    let _ = kill_process(*pid, signal);
                }
            };
            loop {
                all(Signal::STOP);
                let over = ended.recv_timeout(ROUND * 9 / 10) != Err(RecvTimeoutError::Timeout);
                all(Signal::CONT);
                if over || ended.recv_timeout(ROUND / 10) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        Starved { end: Some(end), thread: Some(thread) }
    }

    /// Waits until a killed process has a successor.
    pub(crate) fn back(&self, process: &str, old: i32) -> i32 {
        wait(|| Some(self.pid(process)).filter(|p| *p != old))
    }
}

/// See [`Courtroom::starve`].
pub(crate) struct Starved {
    end: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Starved {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
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

fn new_folder() -> tempfile::TempDir {
    tempfile::tempdir_in(repository().join("target")).expect("the target folder is writable")
}

/// The sample's fixtures, with the first document of the case alone.
fn thin_fixtures(below: &Path) -> PathBuf {
    let whole = repository().join("target/fixtures");
    let manifest =
        std::fs::read_to_string(whole.join("case/case.toml")).expect("the set-up made the sample case");
    let mut parts = manifest.split("[[document]]");
    let (head, first) = (parts.next().unwrap_or_default(), parts.next().expect("the case has a document"));
    let table: toml::Table = first.parse().expect("a document of the manifest");
    let file = table["file"].as_str().expect("its file");
    let thin = below.join("fixtures");
    std::fs::create_dir_all(thin.join("case")).expect("writable");
    std::fs::write(thin.join("case/case.toml"), format!("{head}[[document]]{first}")).expect("writable");
    std::fs::copy(whole.join("case").join(file), thin.join("case").join(file))
        .expect("the document is there");
    std::os::unix::fs::symlink(whole.join("hearing"), thin.join("hearing")).expect("writable");
    thin
}

/// kill -9 of a process that we started.
pub(crate) fn kill(pid: i32) {
    let target = Pid::from_raw(pid).expect("a real pid");
    kill_process(target, Signal::KILL).expect("our own child can be killed");
}

/// Looks until there is something; the caller bounds it.
pub(crate) fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
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
pub(crate) async fn shows<T>(desk: &Desk, ready: impl FnMut(&desk::Seen) -> Option<T>) -> T {
    let found = tokio::time::timeout(PATIENCE, desk.until(ready)).await;
    found.expect("the desk shows it in time").expect("the desk keeps its hearing")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("bound").port()
}
