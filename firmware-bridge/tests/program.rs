//! `huiting-bridge` as an integrator runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_huiting-bridge"))
}

/// A simulated console as another process.
struct Simulated {
    child: Child,
    keys: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
    address: String,
}

impl Simulated {
    fn new(arguments: &[&str]) -> Self {
        let mut child = program()
            .args(["simulate", "console"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut says = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        says.read_line(&mut address).unwrap();
        let keys = child.stdin.take();
        Self { child, keys, says, address: address.trim().into() }
    }

    fn type_line(&mut self, line: &str) {
        writeln!(self.keys.as_mut().unwrap(), "{line}").unwrap();
    }

    fn wait_for(&mut self, line: &str) {
        let mut heard = String::new();
        while heard.trim() != line {
            heard.clear();
            assert_ne!(
                self.says.read_line(&mut heard).unwrap(),
                0,
                "the simulator ended before it said {line}"
            );
        }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.keys = None;
        let ended = self.child.wait().unwrap();
        assert!(ended.success() || std::thread::panicking(), "{ended}");
    }
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn link(folder: &Path) -> PathBuf {
    folder.join("console")
}

#[test]
fn probe_names_a_simulated_console_by_its_link() {
    let folder = tempfile::tempdir().unwrap();
    let link = link(folder.path());
    let path = link.to_str().unwrap();
    let _console =
        Simulated::new(&["--seat", "judge", "--seat", "clerk", "--pty-link", path, "--name", "desk 1"]);
    let out = run(&["probe", path, "--json"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&said["message"], &said["fields"]["name"]), (&"hello".into(), &"desk 1".into()));
    assert_eq!(said["fields"]["keys"], 2);
}

#[test]
fn monitor_shows_a_key_going_down_and_up_on_a_pty_and_on_the_network() {
    for place in [&["--seat", "judge"][..], &["--seat", "judge", "--listen", "127.0.0.1:0"][..]] {
        let mut console = Simulated::new(place);
        let mut monitor = program()
            .args(["monitor", &console.address, "--json", "--count", "3"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(monitor.stdout.take().unwrap()).lines();
        let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
        let hello = next();
        assert_eq!(hello["message"], "hello");
        // The hub is known to the console once its first light is no longer a fault.
        console.wait_for("light judge off");
        console.type_line("down");
        console.type_line("up");
        let (down, up) = (next(), next());
        for (said, is_down) in [(&down, true), (&up, false)] {
            assert_eq!(said["message"], "talk-key", "{said}");
            assert_eq!(said["fields"]["down"], is_down);
        }
        assert!(monitor.wait().unwrap().success());
    }
}

#[test]
fn monitor_ends_with_a_sentence_when_the_device_is_unplugged() {
    let mut console = Simulated::new(&["--seat", "judge"]);
    let mut monitor = program()
        .args(["monitor", &console.address])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(monitor.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("hello \"simulated\""), "{first}");
    console.type_line("quit");
    let out = monitor.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("check its cable"), "{}", text(&out.stderr));
}

#[test]
fn a_device_that_is_not_there_a_wrong_address_and_a_silent_line_have_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let missing = run(&["probe", link(folder.path()).to_str().unwrap()]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("cannot be opened"), "{}", text(&missing.stderr));
    let wrong = run(&["probe", "ttyUSB0"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("tcp://host:port"), "{}", text(&wrong.stderr));
    let silent = bridge::transport::Pty::new(None).unwrap();
    let out = run(&["probe", silent.path().to_str().unwrap(), "--timeout", "400"]);
    assert_eq!(out.status.code(), Some(3));
    assert!(text(&out.stderr).contains("does not answer"), "{}", text(&out.stderr));
}

#[test]
fn a_line_in_use_by_a_monitor_is_refused_to_a_probe() {
    let console = Simulated::new(&["--seat", "judge"]);
    let mut monitor = program()
        .args(["monitor", &console.address])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(monitor.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let out = run(&["probe", &console.address]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("in use"), "{}", text(&out.stderr));
    drop(console);
    assert_eq!(monitor.wait().unwrap().code(), Some(1));
}
