//! Two folders: one may be damaged, behind or gone, and nothing acknowledged is lost.

use std::path::PathBuf;

use super::faults::{FailingDisk, fail_next_syncs, plan};
use super::*;
use crate::journal::disk::RealDisk;
use crate::journal::{JournalError, JournalReader};

struct Two {
    root: tempfile::TempDir,
}

impl Two {
    fn new() -> Self {
        Self { root: tempfile::tempdir().expect("a temporary folder") }
    }
    fn first(&self) -> PathBuf {
        self.root.path().join("first")
    }
    fn second(&self) -> PathBuf {
        self.root.path().join("second")
    }
    fn config(&self) -> JournalConfig {
        JournalConfig { mirror: Some(self.second()), ..config() }
    }
    fn open(&self) -> Result<(Journal, Recovered), JournalError> {
        Journal::open(&self.first(), self.config())
    }
    /// Opens it, writes on from `from` to `to`, closes it; gives the alarms.
    fn written(&self, from: u64, to: u64) -> Vec<String> {
        let (journal, recovered) = self.open().expect("opens");
        assert_holds(&recovered, from - 1);
        write(&journal, from, to);
        journal.checkpoint().wait().expect("signed");
        journal.take_alarms().into_iter().map(|a| a.0).collect()
    }
    /// Both folders hold the same segments, whole.
    fn assert_level(&self, to: u64) {
        let read =
            |dir: &Path| JournalReader::read(dir, Some(proof::Signer::key(&*signer()))).expect("readable");
        let (a, b) = (read(&self.first()), read(&self.second()));
        assert_eq!((a.faults.len(), b.faults.len()), (0, 0), "{:?} {:?}", a.faults, b.faults);
        assert_eq!((a.entries.len() as u64, &a.entries), (to, &b.entries));
        for segment in &a.segments {
            let bytes = |dir: PathBuf| std::fs::read(dir.join(&segment.file)).expect("there");
            assert_eq!(bytes(self.first()), bytes(self.second()), "{}", segment.file);
        }
    }
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let names = std::fs::read_dir(dir).expect("there").map(|e| e.expect("an entry").path());
    let mut found: Vec<_> = names.filter(|p| p.extension().is_some_and(|e| e == "seg")).collect();
    found.retain(|p| !p.ends_with("spare.seg"));
    found.sort();
    found
}

fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).expect("there");
    bytes[at] ^= 1;
    std::fs::write(file, bytes).expect("written");
}

#[test]
fn both_hold_the_same_bytes_across_segments_and_restarts() {
    let two = Two::new();
    assert_eq!(two.written(1, 60), [""; 0]);
    assert!(segments(&two.first()).len() > 2, "several segments");
    two.assert_level(60);
    assert_eq!(two.written(61, 80), [""; 0]);
    two.assert_level(80);
}

#[test]
fn a_mirror_added_later_is_given_all_that_was_written_before() {
    let two = Two::new();
    let (journal, _) = Journal::open(&two.first(), config()).expect("opens");
    write(&journal, 1, 30);
    drop(journal);
    assert_eq!(two.written(31, 40), [""; 0]);
    two.assert_level(40);
}

#[test]
fn a_second_disk_that_fails_is_left_with_an_alarm_and_brought_level_at_the_next_start() {
    let two = Two::new();
    let failing = plan(i64::MAX);
    let second = Box::new(FailingDisk(std::sync::Arc::clone(&failing)));
    let (journal, _) =
        Journal::open_on(Box::new(RealDisk), second, &two.first(), two.config()).expect("opens");
    write(&journal, 1, 5);
    fail_next_syncs(&failing, 1);
    write(&journal, 6, 40);
    let alarms = journal.take_alarms();
    assert!(alarms.len() == 1 && alarms[0].0.contains("one copy only"), "{alarms:?}");
    drop(journal);
    assert_eq!(two.written(41, 42), [""; 0]);
    two.assert_level(42);
}

#[test]
fn a_second_disk_that_is_not_there_is_told_and_the_first_is_written() {
    let two = Two::new();
    std::fs::write(two.second(), "a file where a folder must be").expect("written");
    let alarms = two.written(1, 5);
    assert!(alarms.len() == 1 && alarms[0].contains("is not written"), "{alarms:?}");
}

#[test]
fn damage_in_the_first_is_repaired_from_the_second_and_kept_beside() {
    let two = Two::new();
    assert_eq!(two.written(1, 60), [""; 0]);
    flip(&segments(&two.first())[0], 400);
    let alarms = two.written(61, 62);
    assert!(alarms.len() == 1 && alarms[0].contains("repaired from its second copy"), "{alarms:?}");
    two.assert_level(62);
    assert!(two.first().join("damaged-1-000001.seg").exists());
}

#[test]
fn damage_in_the_second_is_made_anew_and_kept_beside() {
    let two = Two::new();
    assert_eq!(two.written(1, 60), [""; 0]);
    flip(&segments(&two.second())[0], 400);
    let alarms = two.written(61, 62);
    assert!(alarms.len() == 1 && alarms[0].contains("was made anew"), "{alarms:?}");
    two.assert_level(62);
    assert!(two.second().join("damaged-1-000001.seg").exists());
}

#[test]
fn a_first_folder_that_is_gone_empty_or_old_comes_back_from_the_second() {
    for what in ["gone", "old"] {
        let two = Two::new();
        assert_eq!(two.written(1, 20), [""; 0]);
        let old = two.root.path().join("old");
        std::fs::rename(two.first(), &old).expect("moved");
        copy(&old, &two.first());
        assert_eq!(two.written(21, 40), [""; 0]);
        std::fs::remove_dir_all(two.first()).expect("removed");
        if what == "old" {
            std::fs::rename(&old, two.first()).expect("put back");
        }
        let alarms = two.written(41, 42);
        assert!(alarms.len() == 1 && alarms[0].contains("brought level"), "{what}: {alarms:?}");
        two.assert_level(42);
    }
}

#[test]
fn two_histories_and_damage_on_both_sides_are_refused_and_nothing_is_written() {
    let two = Two::new();
    assert_eq!(two.written(1, 20), [""; 0]);
    let apart = two.root.path().join("apart");
    copy(&two.second(), &apart);
    let (journal, _) = Journal::open(&apart, config()).expect("opens");
    journal.append(vec![entry(99)]).wait().expect("another history");
    drop(journal);
    assert_eq!(two.written(21, 22), [""; 0]);
    std::fs::remove_dir_all(two.second()).expect("removed");
    std::fs::rename(&apart, two.second()).expect("moved");
    assert!(matches!(two.open(), Err(JournalError::TwoHistories { .. })));

    let two = Two::new();
    assert_eq!(two.written(1, 60), [""; 0]);
    flip(&segments(&two.first())[0], 400);
    flip(&segments(&two.second())[1], 400);
    let before =
        segments(&two.first()).iter().map(std::fs::read).collect::<Result<Vec<_>, _>>().expect("read");
    assert!(matches!(two.open(), Err(JournalError::Damaged(_))));
    let after =
        segments(&two.first()).iter().map(std::fs::read).collect::<Result<Vec<_>, _>>().expect("read");
    assert_eq!(before, after);
}

#[test]
fn a_second_copy_that_lacks_what_was_signed_repairs_nothing() {
    let two = Two::new();
    assert_eq!(two.written(1, 20), [""; 0]);
    let (journal, _) = Journal::open(&two.first(), config()).expect("alone");
    write(&journal, 21, 60);
    journal.checkpoint().wait().expect("signed");
    drop(journal);
    flip(&segments(&two.first())[0], 400);
    assert!(matches!(two.open(), Err(JournalError::Damaged(_))));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("there") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}
