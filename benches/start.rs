//! `start`: from the start of the program to the first answer, memory at rest, size of the binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench ends where something is not as it must be"
)]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Figure, ms, rounds, say};

const PATIENCE: Duration = Duration::from_secs(60);

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("bound")
}

/// Asks until there is an answer; gives the milliseconds since `began`.
fn answers(address: SocketAddr, began: Instant) -> f64 {
    while began.elapsed() < PATIENCE {
        if let Ok(mut stream) = TcpStream::connect(address) {
            let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let mut byte = [0];
            if asked.is_ok() && stream.read_exact(&mut byte).is_ok() {
                return ms(began.elapsed());
            }
        }
        std::thread::park_timeout(Duration::from_millis(2));
    }
    panic!("no answer at {address} within {PATIENCE:?}")
}

fn end(mut child: Child) {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    let _ = child.wait();
}

/// Proportional set size of a process and its children, in MiB.
fn resident_mib(pid: u32) -> f64 {
    let own = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let kib = own.lines().find_map(|l| l.strip_prefix("Pss:")).and_then(|l| l.split_whitespace().next());
    let kib: f64 = kib.and_then(|k| k.parse().ok()).unwrap_or(0.0);
    // A child belongs to the thread that started it.
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children: Vec<u32> = threads
        .filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok())
        .flat_map(|c| c.split_whitespace().filter_map(|c| c.parse().ok()).collect::<Vec<_>>())
        .collect();
    kib / 1024.0 + children.into_iter().map(resident_mib).sum::<f64>()
}

/// Waits until the recogniser has its model: what idles then is the whole appliance.
fn has_model(log: &Path) {
    let began = Instant::now();
    while !std::fs::read_to_string(log).unwrap_or_default().contains("the speech model is loaded") {
        assert!(began.elapsed() < PATIENCE, "no model within {PATIENCE:?}; see {}", log.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn main() {
    let binary = Path::new(env!("CARGO_BIN_EXE_huiting"));
    let (mut serving, mut floor, mut python, mut resident) = (vec![], vec![], vec![], vec![]);
    for round in 0..rounds() {
        say(&format!("start: round {}", round + 1));
        let folder = tempfile::tempdir().expect("temporary folder");
        let address = free_address();
        let settings = folder.path().join("huiting.toml");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = format!(
            "[storage]\ndata = \"data\"\n[server]\nlisten = \"{address}\"\n[speech]\nmodel = {:?}\nmanifest = {:?}\n",
            repository.join("target/models/ggml-huiting-demo.bin"),
            repository.join("models/manifest.toml"),
        );
        std::fs::write(&settings, text).expect("writable");
        let log = folder.path().join("log");
        let began = Instant::now();
        let child = Command::new(binary)
            .arg("--config")
            .arg(&settings)
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).expect("writable"))
            .spawn()
            .expect("the binary starts");
        serving.push(answers(address, began));
        has_model(&log);
        resident.push(resident_mib(child.id()));
        end(child);

        let began = Instant::now();
        let _ = Command::new(binary).arg("--version").stdout(Stdio::null()).status();
        floor.push(ms(began.elapsed()));

        let address = free_address();
        let began = Instant::now();
        let child = Command::new("python3")
            .args(["-m", "http.server", "--bind", "127.0.0.1", &address.port().to_string()])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 starts");
        python.push(answers(address, began));
        end(child);
    }
    Figure::new("start_to_serving_ms", "ms", serving)
        .floor(&floor)
        .peer("python_http_server", &python)
        .note("floor: the same binary printing its version")
        .print();
    Figure::new("resident_idle_mib", "MiB", resident)
        .note("proportional set size of all processes, the speech model loaded")
        .print();
    let bytes = std::fs::metadata(binary).map_or(0, |m| m.len());
    Figure::new("binary_mib", "MiB", vec![bytes as f64 / f64::from(1 << 20)]).print();
}
