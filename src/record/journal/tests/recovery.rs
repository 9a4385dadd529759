//! Reopening after a good or a bad end.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::journal::{JournalError, JournalReader};
use proof::Signer as _;

fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(dir)
        .expect("the folder is there")
        .map(|e| e.expect("readable").path())
        .filter(|p| p.extension().is_some_and(|e| e == "seg"))
        .collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("made");
    for e in fs::read_dir(from).expect("readable") {
        let e = e.expect("readable");
        fs::copy(e.path(), to.join(e.file_name())).expect("copied");
    }
}

#[test]
fn what_was_appended_is_there_after_reopening_across_segments() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (journal, recovered) = open(dir.path());
    assert_holds(&recovered, 0);
    write(&journal, 1, 100);
    drop(journal);
    assert!(segments(dir.path()).len() > 3, "8 KiB segments must have been left behind");
    let (journal, recovered) = open(dir.path());
    assert_holds(&recovered, 100);
    assert!(recovered.checkpoint.is_some(), "closing writes a checkpoint");
    write(&journal, 101, 130);
    drop(journal);
    assert_holds(&open(dir.path()).1, 130);
}

#[test]
fn an_end_between_the_seal_and_the_cut_behind_it_leaves_nothing_behind_the_seal() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (journal, _) = open(dir.path());
    write(&journal, 1, 100);
    drop(journal);
    // What a kill there leaves: the sealed segment is the last one, still at its allocated length.
    let all = segments(dir.path());
    let (last, sealed) = (&all[all.len() - 1], &all[all.len() - 2]);
    fs::remove_file(last).expect("removed");
    let _ = fs::remove_file(dir.path().join("head.note"));
    let whole = fs::metadata(sealed).expect("readable").len();
    fs::File::options().write(true).open(sealed).and_then(|f| f.set_len(whole + 4096)).expect("lengthened");
    let (journal, recovered) = open(dir.path());
    let kept = recovered.entries.len() as u64;
    assert_holds(&recovered, kept);
    assert_eq!(fs::metadata(sealed).expect("readable").len(), whole, "nothing may stand behind a seal");
    write(&journal, kept + 1, kept + 1);
    drop(journal);
    assert_holds(&open(dir.path()).1, kept + 1);
}

#[test]
fn a_checkpoint_signs_exactly_what_is_there() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (journal, _) = open(dir.path());
    write(&journal, 1, 9);
    let checkpoint = journal.checkpoint().wait().expect("signed");
    let read = JournalReader::read(dir.path(), Some(signer().key())).expect("readable");
    assert_eq!((checkpoint.size, checkpoint.root), (9, read.root()));
    assert_eq!(read.faults, []);
    let opened = proof::Checkpoint::open(&checkpoint.note, signer().key()).expect("signed by us");
    assert_eq!(opened.root, proof::root_of(&read.leaves()));
}

#[test]
fn entries_appended_without_waiting_keep_their_order_and_share_syncs() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (journal, _) = open(dir.path());
    let pending: Vec<_> = (1..=500).map(|n| journal.append(vec![entry(n)])).collect();
    for (i, p) in pending.into_iter().enumerate() {
        assert_eq!(p.wait().expect("synced").first_seq, i as u64 + 1);
    }
    drop(journal);
    assert_holds(&open(dir.path()).1, 500);
}

#[test]
fn a_checkpoint_follows_by_itself_while_events_flow() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = JournalConfig { checkpoint_every: Duration::from_millis(5), ..config() };
    let (journal, _) = Journal::open(dir.path(), config).expect("opens");
    write(&journal, 1, 3);
    let begun = std::time::Instant::now();
    while !dir.path().join("head.note").exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "no checkpoint came");
        std::thread::yield_now();
    }
}

#[test]
fn two_processes_cannot_have_the_same_journal() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let _first = open(dir.path());
    assert!(matches!(Journal::open(dir.path(), config()), Err(JournalError::InUse(_))));
}

/// A journal with a checkpoint over entry 6 and entries 7 to 9 after it, as a kill leaves it.
fn killed(dir: &Path) -> u64 {
    let (journal, _) = open(dir);
    write(&journal, 1, 6);
    journal.checkpoint().wait().expect("signed");
    write(&journal, 7, 9);
    // What a kill leaves: no closing checkpoint. Copied while open, then the handle may close its own folder.
    let copy_to = dir.with_extension("killed");
    copy(dir, &copy_to);
    let _ = fs::remove_file(copy_to.join("journal.lock"));
    drop(journal);
    copy(&copy_to, dir);
    let read = JournalReader::read(dir, None).expect("readable");
    let whole = read.segments.last().expect("one segment").whole_bytes;
    assert_eq!((read.segments.len(), read.entries.len()), (1, 9));
    whole
}

#[test]
fn cut_at_every_byte_it_recovers_a_prefix_or_refuses_below_the_checkpoint() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (dir, cut) = (root.path().join("whole"), root.path().join("cut"));
    let whole = killed(&dir);
    let bytes = fs::read(dir.join("000001.seg")).expect("readable");
    for len in 0..=whole as usize {
        copy(&dir, &cut);
        fs::write(cut.join("000001.seg"), &bytes[..len]).expect("written");
        match Journal::open(&cut, config()) {
            Ok((journal, recovered)) => {
                let n = recovered.entries.len() as u64;
                assert_holds(&recovered, n);
                // Cut within the checkpoint's own frame takes no entry away; one byte more does and is refused.
                assert!((6..=9).contains(&n), "cut at {len}: {n} entries were accepted");
                write(&journal, n + 1, n + 1);
            }
            Err(JournalError::CutOff { found, known: 6, .. }) => assert!(found < 6),
            Err(JournalError::Damaged(_)) => assert!(len < 128),
            Err(other) => panic!("cut at {len}: {other}"),
        }
    }
}

#[test]
fn every_changed_byte_below_the_last_checkpoint_is_refused_with_its_place() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (dir, changed) = (root.path().join("whole"), root.path().join("changed"));
    killed(&dir);
    let read = JournalReader::read(&dir, None).expect("readable");
    let checkpointed = read.segments[0].checkpointed_bytes as usize;
    let bytes = fs::read(dir.join("000001.seg")).expect("readable");
    copy(&dir, &changed);
    for at in 0..checkpointed {
        let mut other = bytes.clone();
        other[at] ^= 1 << (at % 8);
        fs::write(changed.join("000001.seg"), &other).expect("written");
        match Journal::open(&changed, config()) {
            Err(JournalError::Damaged(fault)) => {
                assert!(fault.place.offset as usize <= at, "byte {at}: {fault}");
                assert_eq!(fault.place.file, "000001.seg");
                let holder = read.entries.iter().rev().find(|e| e.offset as usize <= at);
                if let (Some(holder), Some(seq)) = (holder, fault.seq) {
                    // The checkpoint frame stands behind entry 6: damage there is told as "at entry 7".
                    assert!(seq == holder.seq || seq == holder.seq + 1, "byte {at}: {fault}");
                }
            }
            other => panic!("byte {at}: {:?}", other.map(|(_, r)| r.entries.len())),
        }
    }
    assert_eq!(fs::read(changed.join("000001.seg")).map(|b| b.len()).expect("readable"), bytes.len());
}

#[test]
fn a_changed_byte_above_the_checkpoint_is_refused_unless_it_is_in_the_last_write() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (dir, changed) = (root.path().join("whole"), root.path().join("changed"));
    let whole = killed(&dir) as usize;
    let read = JournalReader::read(&dir, None).expect("readable");
    let (first, last) = (read.entries[6].offset as usize, read.entries[8].offset as usize);
    let bytes = fs::read(dir.join("000001.seg")).expect("readable");
    for at in first..whole {
        copy(&dir, &changed);
        let mut other = bytes.clone();
        other[at] ^= 0x40;
        fs::write(changed.join("000001.seg"), &other).expect("written");
        match Journal::open(&changed, config()) {
            Ok((_, recovered)) => {
                assert!(at >= last, "byte {at} of an earlier write was accepted");
                assert_holds(&recovered, 8);
                assert!(recovered.torn.is_some());
            }
            Err(JournalError::Damaged(_)) => assert!(at < last),
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
}

#[test]
fn a_segment_removed_renamed_or_of_another_journal_is_refused() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (dir, other, changed) = (root.path().join("a"), root.path().join("b"), root.path().join("c"));
    for d in [&dir, &other] {
        let (journal, _) = open(d);
        write(&journal, 1, 120);
    }
    let refused = |what: &str| match Journal::open(&changed, config()) {
        Err(JournalError::Damaged(_) | JournalError::CutOff { .. }) => {}
        other => panic!("{what}: {:?}", other.map(|(_, r)| r.entries.len())),
    };
    let files = segments(&dir);
    for file in &files {
        copy(&dir, &changed);
        let name = file.file_name().expect("a file");
        fs::remove_file(changed.join(name)).expect("removed");
        refused("removed");
        fs::copy(other.join(name), changed.join(name)).expect("copied");
        refused("of another journal");
    }
    copy(&dir, &changed);
    fs::rename(changed.join("000001.seg"), changed.join("x")).expect("renamed");
    fs::rename(changed.join("000002.seg"), changed.join("000001.seg")).expect("renamed");
    fs::rename(changed.join("x"), changed.join("000002.seg")).expect("renamed");
    refused("swapped");
}

#[test]
fn a_checkpoint_of_another_key_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (journal, _) = open(dir.path());
    write(&journal, 1, 3);
    drop(journal);
    let signer = Box::new(Ed25519Signer::new("huiting.test/h1", &[6; 32]).expect("a good name"));
    let other = JournalConfig { signer, ..config() };
    assert!(matches!(Journal::open(dir.path(), other), Err(JournalError::Damaged(_))));
}
