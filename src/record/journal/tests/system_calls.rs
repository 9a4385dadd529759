//! The system refuses: each call with which a journal is written fails in turn (by `strace`), once and from then on, and a small real file
//! system becomes full. Nothing acknowledged is lost, and whoever writes is told. The child is this test binary run again.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::*;
use crate::journal::{JournalError, JournalReader};

const CHILD: &str = "HUITING_CALLS_CHILD";
/// Set where the child ends as a kill ends it, without closing.
const LEAVES: &str = "HUITING_CALLS_CHILD_LEAVES";
const FULL: &str = "HUITING_FULL_CHILD";
/// Appends of a child, two entries each: three segments and a half.
const APPENDS: u64 = 7;

fn config_of_child() -> JournalConfig {
    JournalConfig { segment_bytes: 1200, ..config() }
}

/// In the child: opens the journal, appends, and prints what became of each append and what the room was told.
#[test]
fn child_appends_while_calls_fail() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "said {line}").expect("the parent listens");
    match Journal::open(Path::new(&dir), config_of_child()) {
        Err(error) => say(format!("unopened: {error}")),
        Ok((journal, recovered)) => {
            let mut n = recovered.entries.len() as u64;
            for append in 1..=APPENDS {
                match journal.append(vec![entry(n + 1), entry(n + 2)]).wait() {
                    Ok(receipt) => {
                        n = receipt.last_seq;
                        say(format!("acked {n}"));
                    }
                    Err(error) => say(format!("refused: {error}")),
                }
                if append % 3 == 0
                    && let Err(error) = journal.checkpoint().wait()
                {
                    say(format!("unsigned: {error}"));
                }
            }
            journal.take_alarms().into_iter().for_each(|alarm| say(format!("alarm: {}", alarm.0)));
            if std::env::var_os(LEAVES).is_some() {
                std::mem::forget(journal);
            }
        }
    }
    say("done".to_owned());
}

fn child(of: &str, var: &str, dir: &Path) -> Vec<std::ffi::OsString> {
    let exe = std::env::current_exe().expect("this test");
    let test = format!("journal::tests::system_calls::{of}");
    let set = format!("{var}={}", dir.display());
    vec!["env".into(), set.into(), exe.into(), "--exact".into(), test.into(), "--nocapture".into()]
}

/// What a run with a failing call printed, and the calls as they were traced.
struct Run {
    said: Vec<String>,
    calls: Vec<String>,
}

impl Run {
    fn acked(&self) -> u64 {
        self.said.iter().filter_map(|l| l.strip_prefix("acked ")?.parse().ok()).max().unwrap_or(0)
    }

    fn told(&self) -> bool {
        self.said.iter().any(|l| !l.starts_with("acked ") && l != "done")
    }
}

/// Runs the child in `dir` while the `nth` such call on a file of the journal fails, or that and all after it.
fn run_with(dir: &Path, call: &str, error: &str, when: &str, leaves: bool) -> Result<Run, String> {
    let trace = dir.with_extension("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-o"]).arg(&trace);
    strace
        .arg(format!("-etrace={call},pwrite64,fdatasync,ftruncate"))
        .arg(format!("-einject={call}:error={error}:when={when}"));
    let segments = (1..=9).map(|n| format!("{n:06}.seg"));
    for name in
        segments.chain(["spare.seg", "next.tmp", "head.tmp", "head.note", "journal.lock"].map(str::to_owned))
    {
        strace.arg("-P").arg(dir.join(name));
    }
    if leaves {
        strace.env(LEAVES, "1");
    }
    strace.arg("-P").arg(dir).args(child("child_appends_while_calls_fail", CHILD, dir));
    let Output { status, stdout, stderr } =
        strace.output().map_err(|e| format!("strace cannot be started: {e}"))?;
    let (out, err) =
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned());
    let said: Vec<String> = out.lines().filter_map(|l| Some(l.split_once("said ")?.1.to_owned())).collect();
    if said.is_empty() && (err.contains("PTRACE") || err.contains("ptrace")) {
        return Err(format!("strace may not trace here: {}", err.lines().next().unwrap_or_default()));
    }
    let case = format!("{call} {error} {when}");
    assert!(status.success() && said.last().is_some_and(|l| l == "done"), "{case}: {status}\n{out}\n{err}");
    assert!(!err.contains("panicked") && !out.contains("panicked"), "{case}: {err}{out}");
    let calls = std::fs::read_to_string(&trace).unwrap_or_default().lines().map(str::to_owned).collect();
    Ok(Run { said, calls })
}

/// A disk that refused a sync may have dropped what was to be synced: that file is not written or synced again before it was made anew.
fn left_alone(run: &Run, case: &str) {
    let failed = |l: &String| l.contains("fdatasync(") && l.contains("INJECTED");
    let Some(at) = run.calls.iter().position(failed) else { return };
    let path = run.calls[at].split(['<', '>']).nth(1).expect("the call names its file");
    // What was never acknowledged may be cut off at closing.
    let emptied = |l: &String| l.contains("ftruncate(") && l.contains(">, 0)");
    let used = |l: &String| l.contains("fdatasync(") || l.contains("pwrite64(") || emptied(l);
    let first = run.calls[at + 1..].iter().find(|l| l.contains(&format!("<{path}>")) && used(l));
    assert!(first.is_none_or(emptied), "{case}: {path} was used again: {first:?}");
}

#[test]
fn every_call_that_fails_is_told_and_costs_nothing_acknowledged() {
    // What the calls are: those that write, those that make room, those that name.
    let all: [(&str, &[&str]); 11] = [
        ("pwrite64", &["EIO", "ENOSPC"]),
        ("fdatasync", &["EIO", "ENOSPC"]),
        ("fsync", &["EIO"]),
        ("ftruncate", &["EIO"]),
        ("fallocate", &["ENOSPC", "EIO"]),
        ("openat", &["EIO", "ENOSPC", "EMFILE"]),
        ("rename", &["EIO", "ENOSPC"]),
        ("write", &["ENOSPC"]),
        ("unlink", &["EIO"]),
        ("flock", &["EIO"]),
        ("getdents64", &["EIO"]),
    ];
    // In an ordinary run every fifth place of a call; `make torture` takes all, and more of them.
    let thorough = std::env::var_os("HUITING_FUZZ").is_some() || std::env::var_os("HUITING_KILLS").is_some();
    let (mut runs, mut failed) = (0, 0);
    for (call, errors) in all {
        for (e, error) in errors.iter().enumerate() {
            for persistent in [false, true] {
                let mut nth = 1 + if thorough { 0 } else { (2 * e + usize::from(persistent)) % 5 };
                loop {
                    let dir = tempfile::tempdir().expect("a temporary folder");
                    let journal = dir.path().join("journal");
                    std::fs::create_dir(&journal).expect("made");
                    let when = format!("{nth}{}", if persistent { "+" } else { "" });
                    let case = format!("{call} fails with {error} at {when}");
                    let run = match run_with(&journal, call, error, &when, !persistent) {
                        Ok(run) => run,
                        Err(why) => {
                            println!("skipped: {why}");
                            return;
                        }
                    };
                    runs += 1;
                    let injected = run.calls.iter().any(|l| l.contains("INJECTED"));
                    check(&journal, &run, injected, persistent, call, &case);
                    if !injected {
                        break;
                    }
                    failed += 1;
                    nth += if thorough { 1 } else { 5 };
                }
            }
        }
    }
    println!("{runs} runs, in {failed} of them a call failed");
    assert!(failed > 30, "only {failed} calls failed: is the list of files still right?");
}

fn check(dir: &Path, run: &Run, injected: bool, closes: bool, call: &str, case: &str) {
    let said = run.said.join("\n");
    if !injected {
        assert_eq!((run.acked(), run.told()), (2 * APPENDS, false), "{case}: {said}");
    }
    // What fails while something is being recorded is never passed over in silence; at closing there is nobody left to tell.
    let counts = matches!(call, "pwrite64" | "fdatasync" | "rename" | "getdents64" | "flock");
    if injected && (counts && !closes || run.acked() < 2 * APPENDS) {
        assert!(run.told(), "{case}: nobody was told\n{said}");
    }
    run.said.iter().for_each(hostile::sentence);
    left_alone(run, case);
    // Once refused, nothing is acknowledged any more: there is no hole in what is.
    let refused = run.said.iter().position(|l| l.starts_with("refused")).unwrap_or(run.said.len());
    assert!(run.said[refused..].iter().all(|l| !l.starts_with("acked")), "{case}: {said}");
    let read = JournalReader::read(dir, None).expect("readable");
    assert_eq!(read.faults, [], "{case}: {said}");
    let (journal, recovered) =
        Journal::open(dir, config_of_child()).unwrap_or_else(|e| panic!("{case}: {e}\n{said}"));
    let held = recovered.entries.len() as u64;
    assert!(held >= run.acked(), "{case}: {} acknowledged, {held} there\n{said}", run.acked());
    assert_eq!(held % 2, 0, "{case}: half an append is there");
    assert_holds(&recovered, held);
    write(&journal, held + 1, held + 1);
}

/// In the child, alone in a mount namespace: `dir` is a file system of 256 KiB.
#[test]
fn child_fills_its_disk() {
    let Some(dir) = std::env::var_os(FULL).map(PathBuf::from) else { return };
    let config = || JournalConfig { segment_bytes: 32 << 10, ..config() };
    let (journal, _) = Journal::open(&dir.join("journal"), config()).expect("there is room");
    write(&journal, 1, 3);
    assert_eq!(journal.take_alarms(), []);
    // The recording takes all that is left.
    let recording = dir.join("recording.m4s");
    let mut file = std::fs::File::create(&recording).expect("created");
    let mut filled = 0;
    while file.write_all(&[7; 4096]).is_ok() {
        filled += 4096;
    }
    assert!((32 << 10..256 << 10).contains(&filled), "{filled} bytes: is this the small disk?");
    let mut n = 3;
    let error = loop {
        match journal.append(vec![entry(n + 1)]).wait() {
            Ok(_) => n += 1,
            Err(error) => break error,
        }
        assert!(n < 1000, "a full disk took a thousand entries");
    };
    // What was allocated ahead was used to its end: nearly two segments.
    assert!(n as usize * 300 > 48 << 10, "the reserve held {n} entries only");
    let JournalError::DiskFull { dir: where_, .. } = &error else { panic!("{error}") };
    assert_eq!(*where_, dir.join("journal"));
    hostile::sentence(&error);
    let alarms = journal.take_alarms();
    assert!(alarms.iter().any(|a| a.0.contains("no reserve") && a.0.contains("free space")), "{alarms:?}");
    assert!(
        matches!(journal.append(vec![entry(n + 1)]).wait(), Err(JournalError::Dead(_))),
        "refused for good"
    );
    assert!(journal.checkpoint().wait().is_err());
    drop(journal);
    // A hub that is started again before anybody has freed space reads everything, and says what is wrong.
    match Journal::open(&dir.join("journal"), config()) {
        Err(error @ JournalError::DiskFull { .. }) => hostile::sentence(&error),
        Ok((journal, recovered)) => {
            assert_holds(&recovered, n);
            assert!(!journal.take_alarms().is_empty(), "no reserve, and nobody is told");
        }
        Err(error) => panic!("{error}"),
    }
    drop(file);
    std::fs::remove_file(&recording).expect("removed");
    let (journal, recovered) = Journal::open(&dir.join("journal"), config()).expect("there is room again");
    assert_holds(&recovered, n);
    write(&journal, n + 1, n + 200);
    assert_eq!(journal.take_alarms(), []);
    println!("said full after {n}");
}

#[test]
fn a_small_disk_that_fills_up_keeps_what_was_acknowledged_and_goes_on_once_there_is_room() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mounted = "mount -t tmpfs -o size=256k huiting \"$0\" || exit 99; exec \"$@\"";
    let out = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", mounted])
        .arg(dir.path())
        .args(child("child_fills_its_disk", FULL, dir.path()))
        .output();
    let out = match out {
        Ok(out)
            if out.status.code() != Some(99)
                && !String::from_utf8_lossy(&out.stderr).contains("unshare:") =>
        {
            out
        }
        Ok(out) => {
            println!("skipped: no file system can be mounted here: {}", String::from_utf8_lossy(&out.stderr));
            return;
        }
        Err(error) => {
            println!("skipped: unshare cannot be started: {error}");
            return;
        }
    };
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("said full after"), "{said}");
}
