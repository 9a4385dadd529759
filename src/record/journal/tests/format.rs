//! What is written today must be read for sixty years.

use super::*;
use crate::journal::format::{Body, EntryFrame, Frame, Header};
use crate::journal::{FaultKind, JournalReader};
use proof::{Checkpoint, Hash, Signer as _, Tree};

/// A segment whose every byte is fixed: ids and salts are given, not random.
fn golden_segment() -> Vec<u8> {
    let header =
        Header { after_fault: false, number: 1, first_seq: 1, journal: [0xAB; 16], prev: Hash::ZERO };
    let mut bytes = header.encode().to_vec();
    let (mut tree, mut prev) = (Tree::default(), Hash::ZERO);
    for n in 1..=3u64 {
        let meta = format!(
            r#"{{"actor":"judge","at":{},"device":"","kind":"lineSettled","wall":1790000000000}}"#,
            n * 1000
        );
        let mut entry = EntryFrame::new(
            n,
            prev,
            meta.into_bytes(),
            [n as u8; 32],
            b"{\"text\":\"\xe5\xba\xad\"}".to_vec(),
        );
        if n == 2 {
            entry.payload = None;
        }
        prev = entry.hash();
        tree.push(prev);
        Frame { batch: n, last_of_batch: true, body: Body::Entry(entry) }.encode(&mut bytes);
    }
    let note = Checkpoint::of("huiting.test/h1", &tree).sign(&*signer()).expect("a software key");
    Frame { batch: 4, last_of_batch: true, body: Body::Checkpoint(note) }.encode(&mut bytes);
    bytes
}

const GOLDEN: &[u8] = include_bytes!("golden-v1.seg");

#[test]
fn version_1_is_written_byte_for_byte_as_ever() {
    if std::env::var_os("HUITING_WRITE_GOLDEN").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/journal/tests/golden-v1.seg"), golden_segment())
            .expect("written");
    }
    assert!(golden_segment() == GOLDEN, "the format changed: raise its version and keep reading the old one");
}

#[test]
fn version_1_is_read_with_its_withheld_entry() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(dir.path().join("000001.seg"), GOLDEN).expect("written");
    let read = JournalReader::read(dir.path(), Some(signer().key())).expect("readable");
    assert_eq!(read.faults, []);
    let payloads: Vec<_> = read.entries.iter().map(|e| e.payload.is_some()).collect();
    assert_eq!(payloads, [true, false, true]);
    assert_eq!((read.entries[2].at, &*read.entries[2].actor), (HearingTime(3000), "judge"));
    assert_eq!(read.checkpoints.len(), 1);
}

#[test]
fn a_newer_version_is_refused_in_words() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut bytes = GOLDEN.to_vec();
    bytes[8] = 2;
    let crc = crc32fast::hash(&bytes[..124]);
    bytes[124..128].copy_from_slice(&crc.to_le_bytes());
    std::fs::write(dir.path().join("000001.seg"), bytes).expect("written");
    let read = JournalReader::read(dir.path(), None).expect("readable");
    assert_eq!(read.faults[0].kind, FaultKind::Segment);
    assert!(read.faults[0].what.contains("version 2"), "{}", read.faults[0]);
}

/// Whoever repairs checksums after a change still cannot repair the chain and the signed root.
#[test]
fn a_change_with_repaired_checksums_is_found_by_the_hashes() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let read_with = |bytes: &[u8]| {
        std::fs::write(dir.path().join("000001.seg"), bytes).expect("written");
        JournalReader::read(dir.path(), Some(signer().key())).expect("readable")
    };
    let entry = read_with(GOLDEN).entries[0].clone();
    let at = entry.offset as usize;
    let len = u32::from_le_bytes(GOLDEN[at..at + 4].try_into().expect("four bytes")) as usize;
    for i in at + 8 + 10..at + 8 + len {
        let mut bytes = GOLDEN.to_vec();
        bytes[i] ^= 1;
        let mut crc = crc32fast::Hasher::new();
        crc.update(&bytes[at..at + 4]);
        crc.update(&bytes[at + 8..at + 8 + len]);
        bytes[at + 4..at + 8].copy_from_slice(&crc.finalize().to_le_bytes());
        assert!(!read_with(&bytes).faults.is_empty(), "byte {i} was changed unnoticed");
    }
}

proptest::proptest! {
    #[test]
    fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
        let _ = Header::decode(&bytes);
        let _ = Frame::decode(&bytes);
    }

    #[test]
    fn frames_survive_encoding(seq in 1u64.., batch in 0u64.., meta in ".{0,80}", payload in ".{0,200}", last in proptest::bool::ANY) {
        let entry = EntryFrame::new(seq, Hash([3; 32]), meta.into_bytes(), [4; 32], payload.into_bytes());
        let frame = Frame { batch, last_of_batch: last, body: Body::Entry(entry) };
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        proptest::prop_assert_eq!(Frame::decode(&bytes), Ok((frame, bytes.len())));
    }
}
