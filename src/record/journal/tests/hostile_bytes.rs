//! Segments that somebody wrote who knows the format: checksums fit, lengths and numbers are what they like.

use std::path::PathBuf;

use hostile::Chance;
use proof::Checkpoint;

use super::every_byte::{Shelf, frames, of_all_kinds};
use super::*;
use crate::journal::disk::RealDisk;
use crate::journal::format::{HEADER_BYTES, Header};
use crate::journal::writer::known_size;
use crate::journal::{JournalReader, Key};

/// Makes the checksums of a segment fit again, header and every frame that can still be told.
fn with_checksums(bytes: &mut [u8]) {
    if let Some(head) = bytes.get_mut(..HEADER_BYTES) {
        let crc = crc32fast::hash(&head[..124]);
        head[124..].copy_from_slice(&crc.to_le_bytes());
    }
    let mut at = HEADER_BYTES;
    while let Some(len) = bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes) {
        let end = at.saturating_add(8).saturating_add(len as usize);
        if len == 0 || end > bytes.len() {
            return;
        }
        let mut crc = crc32fast::Hasher::new();
        crc.update(&bytes[at..at + 4]);
        crc.update(&bytes[at + 8..end]);
        let crc = crc.finalize();
        bytes[at + 4..at + 8].copy_from_slice(&crc.to_le_bytes());
        at = end;
    }
}

/// What a checkpoint covers is what was written, whatever somebody did to the files.
fn signed_is_true(read: &JournalReader, whole: &JournalReader, case: &str) {
    if !read.faults.is_empty() {
        read.faults.iter().for_each(hostile::sentence);
        return;
    }
    let signed = read.checkpoints.iter().map(|c| c.0).max().unwrap_or(0);
    for (entry, written) in
        read.entries.iter().zip(&whole.entries).take(usize::try_from(signed).unwrap_or(usize::MAX))
    {
        assert_eq!((entry.hash, &entry.payload), (written.hash, &written.payload), "{case}");
    }
}

#[test]
fn hostile_bytes_in_a_segment_never_pass_for_what_was_signed() {
    let shelf = of_all_kinds();
    let whole = shelf.read_all();
    let files: Vec<PathBuf> = shelf.0.keys().cloned().collect();
    for (n, file) in files.iter().enumerate() {
        let bytes = &shelf.0[file];
        let end = frames(bytes).last().map_or(HEADER_BYTES, |(span, _)| span.end);
        let name = format!("segment {}", n + 1);
        for fitting in [true, false] {
            hostile::attack(&name, &[&bytes[..end]], 300, |input| {
                let mut other = shelf.clone();
                let mut changed = input.to_vec();
                if fitting {
                    with_checksums(&mut changed);
                }
                other.0.insert(file.clone(), changed);
                signed_is_true(&other.read_all(), &whole, &name);
            });
        }
    }
}

#[test]
fn hostile_names_and_orders_of_segments_are_told() {
    let shelf = of_all_kinds();
    let whole = shelf.read_all();
    let names = [
        "000000.seg",
        "1.seg",
        "+1.seg",
        "000001.seg",
        "000002.seg",
        "18446744073709551615.seg",
        "00000001.seg",
        "000004.seg",
        "x.seg",
        ".seg",
    ];
    for seed in hostile::seeds(800) {
        let mut chance = Chance::of(seed);
        let mut other = Shelf::default();
        for _ in 0..=chance.below(4) {
            let mut bytes = chance.one(&shelf.0.values().collect::<Vec<_>>()).to_vec();
            if chance.below(3) == 0 {
                let number = *chance.one(&[0, 1, 2, u64::MAX]);
                let first_seq = *chance.one(&[0, 1, 5, u64::MAX]);
                let header = Header {
                    after_fault: chance.below(2) == 0,
                    number,
                    first_seq,
                    ..Header::decode(&bytes).expect("sound")
                };
                bytes[..HEADER_BYTES].copy_from_slice(&header.encode());
            }
            other.0.insert(PathBuf::from(chance.one(&names)), bytes);
        }
        let read = other.read_all();
        signed_is_true(&read, &whole, &format!("HUITING_SEED={seed}"));
    }
}

/// A page of noise, or of frames that seem to begin at every byte, costs no more than reading it a few times.
#[test]
fn a_large_damage_is_passed_over_in_bounded_time() {
    let shelf = of_all_kinds();
    let whole = shelf.read_all();
    let first = PathBuf::from("000001.seg");
    let patterns: [&[u8]; 4] = [&[1, 0, 1, 0], &[0, 0, 1], &[0xff, 0x00], &[10, 0, 0, 0, 9, 9, 9, 9, 1, 3]];
    for pattern in patterns {
        let mut other = shelf.clone();
        let bytes = other.0.get_mut(&first).expect("there");
        let rest = bytes.split_off(frames(bytes)[1].0.start);
        let middle: Vec<u8> = pattern.iter().copied().cycle().take(1 << 20).collect();
        bytes.extend(middle);
        bytes.extend(rest);
        hostile::attack("damage", &[pattern], 1, |_| {
            let read = other.read_all();
            assert!(!read.faults.is_empty());
            assert!(read.entries.iter().all(|e| whole.entries[e.seq as usize - 1].hash == e.hash));
        });
        // As the last segment: what stands behind so much damage is not known, so it is no torn tail.
        let alone = Shelf([(first.clone(), other.0[&first].clone())].into());
        let read = alone.read_all();
        assert!(!read.faults.is_empty() && read.torn.is_none(), "{:?}", read.torn);
    }
}

#[test]
fn hostile_bytes_beside_the_segments_say_nothing_or_are_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (journal, _) = open(dir.path());
    write(&journal, 1, 3);
    drop(journal);
    let note = std::fs::read(dir.path().join("head.note")).expect("kept");
    hostile::attack("head.note", &[note], 500, |bytes| {
        std::fs::write(dir.path().join("head.note"), bytes).expect("written");
        let size = known_size(&RealDisk, dir.path());
        let read = std::str::from_utf8(bytes).ok().and_then(|n| Checkpoint::read_unverified(n).ok());
        assert_eq!(size, read.map_or(0, |c| c.size));
    });
    let path = dir.path().join("key");
    Key::load_or_create(&path).expect("made");
    let key = std::fs::read(&path).expect("there");
    hostile::attack("key file", &[key], 500, |bytes| {
        std::fs::write(&path, bytes).expect("written");
        if let Err(refusal) = Key::load_or_create(&path) {
            hostile::sentence(&refusal);
        }
    });
}
