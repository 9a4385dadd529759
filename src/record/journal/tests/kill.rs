//! kill -9 in mid-append, on one disk and on two. The child is this test binary run again with an environment variable.
//! `make torture N=10000` kills more often.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use super::*;

const CHILD: &str = "HUITING_JOURNAL_CHILD";
/// Kills of one journal; then a new one begins, so that reading it stays short.
const KILLS_EACH: u64 = 20;

/// Every second journal has a mirror beside it.
fn config_in(dir: &Path) -> JournalConfig {
    let mirror = dir.join("second");
    JournalConfig { mirror: mirror.exists().then_some(mirror), ..config() }
}

/// In the child: appends for ever, a few at a time, and prints every acknowledged sequence number.
#[test]
fn child_appends_until_killed() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let dir = Path::new(&dir);
    let config = JournalConfig { checkpoint_every: Duration::from_millis(3), ..config_in(dir) };
    let (journal, recovered) = Journal::open(&dir.join("first"), config).expect("the parent left it sound");
    let mut n = recovered.entries.len() as u64;
    let mut out = std::io::stdout().lock();
    loop {
        let pending: Vec<_> = (0..3)
            .map(|_| {
                n += 2;
                journal.append(vec![entry(n - 1), entry(n)])
            })
            .collect();
        for p in pending {
            let receipt = p.wait().expect("the disk is well");
            writeln!(out, "acked {}", receipt.last_seq).expect("the parent listens");
            out.flush().expect("the parent listens");
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_in_many_kills() {
    let mut dir = tempfile::tempdir().expect("a temporary folder");
    let said = tempfile::NamedTempFile::new().expect("a temporary file");
    let kills = std::env::var("HUITING_KILLS").ok().and_then(|k| k.parse().ok()).unwrap_or(40);
    for kill in 0..kills {
        if kill % KILLS_EACH == 0 {
            dir = tempfile::tempdir().expect("a temporary folder");
            if kill / KILLS_EACH % 2 == 1 {
                std::fs::create_dir(dir.path().join("second")).expect("made");
            }
        }
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "journal::tests::kill::child_appends_until_killed", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(said.path()).expect("a temporary file"))
            .spawn()
            .expect("the test binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut acked = 0;
        // A different number of acknowledgements each time: the kill falls into different moments.
        let wanted = 1 + kill * 7 % 40;
        let mut seen = 0;
        while seen < wanted {
            let Some(line) = lines.next() else {
                panic!("kill {kill}: {}", std::fs::read_to_string(said.path()).unwrap_or_default())
            };
            let line = line.expect("text");
            if let Some((_, n)) = line.split_once("acked ") {
                acked = n.parse().expect("a number");
                seen += 1;
            }
        }
        child.kill().expect("killed");
        // What it printed before dying counts as acknowledged too; a last line cut short does not.
        for line in lines.map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("acked ").and_then(|n| n.parse::<u64>().ok())
                && n == acked + 2
            {
                acked = n;
            }
        }
        child.wait().expect("reaped");
        let opened = Journal::open(&dir.path().join("first"), config_in(dir.path()));
        let (_, recovered) = opened.expect("a sound journal opens");
        let held = recovered.entries.len() as u64;
        assert!(held >= acked, "kill {kill}: {acked} acknowledged, {held} there");
        assert_eq!(held % 2, 0, "kill {kill}: half an append is there");
        assert_holds(&recovered, held);
    }
}
