//! A disk that fails.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::journal::disk::{Claim, Disk, DiskFile, RealDisk};
use crate::journal::{JournalError, JournalReader};

/// How many more operations succeed; below zero they fail. Negative from the start: never fails until armed.
#[derive(Debug)]
pub(super) struct Plan {
    syncs_left: AtomicI64,
    /// Syncs that fail once `syncs_left` is used up; then all is well again.
    failures: AtomicI64,
    /// Bytes that may still be allocated.
    room: AtomicI64,
}

#[derive(Clone)]
pub(super) struct FailingDisk(pub(super) Arc<Plan>);

struct FailingFile(Box<dyn DiskFile>, Arc<Plan>);

pub(super) fn plan(room: i64) -> Arc<Plan> {
    Arc::new(Plan { syncs_left: i64::MAX.into(), failures: 0.into(), room: room.into() })
}

impl Disk for FailingDisk {
    fn claim(&self, dir: &Path) -> io::Result<Option<Claim>> {
        RealDisk.claim(dir)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        RealDisk.read(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        RealDisk.replace(path, bytes)
    }
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile>> {
        let left = self.0.room.fetch_sub(bytes as i64, Ordering::SeqCst) - bytes as i64;
        if left < 0 {
            self.0.room.fetch_add(bytes as i64, Ordering::SeqCst);
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(Box::new(FailingFile(RealDisk.create(path, bytes)?, Arc::clone(&self.0))))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FailingFile(RealDisk.open(path)?, Arc::clone(&self.0))))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.sync_dir(dir)
    }
}

impl DiskFile for FailingFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_at(bytes, offset)
    }
    fn sync(&mut self) -> io::Result<()> {
        if self.1.syncs_left.fetch_sub(1, Ordering::SeqCst) <= 0
            && self.1.failures.fetch_sub(1, Ordering::SeqCst) > 0
        {
            return Err(io::Error::other("simulated write-back error"));
        }
        self.0.sync()
    }
    fn cut_and_allocate(&mut self, keep: u64, bytes: u64) -> io::Result<()> {
        self.0.cut_and_allocate(keep, bytes)
    }
}

pub(super) fn fail_next_syncs(plan: &Plan, failures: i64) {
    plan.failures.store(failures, Ordering::SeqCst);
    plan.syncs_left.store(0, Ordering::SeqCst);
}

#[test]
fn a_failed_sync_leaves_the_segment_writes_the_batch_anew_and_raises_an_alarm() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let plan = plan(i64::MAX);
    let disk = Box::new(FailingDisk(Arc::clone(&plan)));
    let (journal, _) = Journal::open_on(disk, Box::new(RealDisk), dir.path(), config()).expect("opens");
    write(&journal, 1, 5);
    fail_next_syncs(&plan, 1);
    write(&journal, 6, 8);
    let alarms = journal.take_alarms();
    assert!(alarms.len() == 1 && alarms[0].0.contains("simulated"), "{alarms:?}");
    drop(journal);
    let (journal, recovered) = open(dir.path());
    assert_holds(&recovered, 8);
    write(&journal, 9, 9);
    drop(journal);
    let read = JournalReader::read(dir.path(), None).expect("readable");
    assert_eq!((read.faults.len(), read.segments.len(), read.entries.len()), (0, 2, 9));
}

#[test]
fn when_the_new_segment_fails_too_every_append_is_refused_and_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let plan = plan(i64::MAX);
    let disk = Box::new(FailingDisk(Arc::clone(&plan)));
    let (journal, _) = Journal::open_on(disk, Box::new(RealDisk), dir.path(), config()).expect("opens");
    write(&journal, 1, 5);
    fail_next_syncs(&plan, 2);
    assert!(matches!(journal.append(vec![entry(6)]).wait(), Err(JournalError::Io { .. })));
    assert!(matches!(journal.append(vec![entry(6)]).wait(), Err(JournalError::Dead(_))));
    drop(journal);
    let recovered = open(dir.path()).1;
    assert!((5..=6).contains(&recovered.entries.len()));
    assert_holds(&recovered, recovered.entries.len() as u64);
}

#[test]
fn a_full_disk_is_told_while_the_reserve_lasts_and_then_refuses_with_what_to_do() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    // Room for the first segment and one reserve, no more.
    let disk = Box::new(FailingDisk(plan(2 * (8 << 10))));
    let (journal, _) = Journal::open_on(disk, Box::new(RealDisk), dir.path(), config()).expect("opens");
    let mut n = 0;
    let error = loop {
        match journal.append(vec![entry(n + 1)]).wait() {
            Ok(_) => n += 1,
            Err(error) => break error,
        }
        assert!(n < 1000, "a disk of 16 KiB took a thousand entries");
    };
    assert!(matches!(error, JournalError::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains("is full") && error.to_string().contains("free space"), "{error}");
    let read = JournalReader::read(dir.path(), None).expect("readable");
    assert_eq!(read.segments.len(), 2, "the reserve was used");
    assert!(journal.take_alarms()[0].0.contains("no reserve"));
    drop(journal);
    assert_holds(&open(dir.path()).1, n);
}
