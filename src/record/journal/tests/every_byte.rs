//! Every byte of a small journal changed, and every length it can be cut to: nothing wrong is ever read as good, damage is named with its
//! segment and place, and only the last write can be a torn tail.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use proof::Signer as _;

use super::faults::{FailingDisk, fail_next_syncs, plan};
use super::*;
use crate::journal::disk::{Claim, Disk, DiskFile, RealDisk};
use crate::journal::format::{Body, EntryFrame, Frame, HEADER_BYTES};
use crate::journal::{Entry, JournalReader};

/// Files that are read and never written.
#[derive(Clone, Default)]
pub(super) struct Shelf(pub(super) BTreeMap<PathBuf, Vec<u8>>);

impl Shelf {
    pub(super) fn of(dir: &Path) -> Self {
        let files = std::fs::read_dir(dir).expect("there").map(|e| e.expect("readable").path());
        let segments = files.filter(|f| f.extension().is_some_and(|e| e == "seg"));
        let named = |f: PathBuf| PathBuf::from(f.file_name().expect("a file"));
        Self(segments.map(|f| (named(f.clone()), std::fs::read(f).expect("readable"))).collect())
    }

    pub(super) fn read_all(&self) -> JournalReader {
        JournalReader::read_on(self, Path::new(""), Some(signer().key())).expect("every file can be read")
    }
}

fn unwritten<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl Disk for Shelf {
    fn claim(&self, _: &Path) -> io::Result<Option<Claim>> {
        unwritten()
    }
    fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(self.0.keys().filter_map(|f| f.to_str().map(str::to_owned)).collect())
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn create(&self, _: &Path, _: u64) -> io::Result<Box<dyn DiskFile>> {
        unwritten()
    }
    fn open(&self, _: &Path) -> io::Result<Box<dyn DiskFile>> {
        unwritten()
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        unwritten()
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        unwritten()
    }
    fn remove(&self, _: &Path) -> io::Result<()> {
        unwritten()
    }
    fn replace(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        unwritten()
    }
}

fn sized(n: u64, payload: usize) -> NewEntry {
    NewEntry { payload: vec![b'0' + (n % 10) as u8; payload], ..entry(n) }
}

/// A journal with everything there is: sealed segments, appends of one and of several entries, of nothing and of much, checkpoints amid and
/// at the end of a segment, a segment left because its disk failed, a withheld entry; and, behind the last checkpoint, two writes that were
/// acknowledged. As a kill leaves it.
pub(super) fn of_all_kinds() -> Shelf {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let plan = plan(i64::MAX);
    let config = JournalConfig { segment_bytes: 1200, ..config() };
    let disk = Box::new(FailingDisk(Arc::clone(&plan)));
    let (journal, _) = Journal::open_on(disk, Box::new(RealDisk), dir.path(), config).expect("opens");
    let append = |entries: Vec<NewEntry>| {
        journal.append(entries).wait().expect("the disk is well");
    };
    append(vec![sized(1, 0)]);
    append(vec![sized(2, 1), sized(3, 90), sized(4, 7)]);
    journal.checkpoint().wait().expect("signed");
    append(vec![sized(5, 300)]);
    append(vec![sized(6, 200)]);
    append(vec![sized(7, 40)]);
    // What is written and not synced here stays in the segment that is left.
    fail_next_syncs(&plan, 1);
    append(vec![sized(8, 60)]);
    journal.checkpoint().wait().expect("signed");
    append(vec![sized(9, 20)]);
    append(vec![sized(10, 20), sized(11, 20)]);
    let mut shelf = Shelf::of(dir.path());
    shelf.0.remove(Path::new("spare.seg"));
    drop(journal);
    withhold(&mut shelf, 3);
    let read = shelf.read_all();
    assert_eq!((&read.faults[..], &read.torn, read.entries.len()), (&[][..], &None, 11));
    assert_eq!(read.checkpoints.iter().map(|c| c.0).collect::<Vec<_>>(), [4, 8]);
    assert!(read.segments.len() >= 3 && read.segments.iter().any(|s| s.sealed), "{:?}", read.segments);
    assert!(read.segments.iter().rev().skip(1).any(|s| !s.sealed), "one was left because its disk failed");
    assert_eq!(read.entries.iter().filter(|e| e.payload.is_none()).count(), 1);
    shelf
}

/// Takes the payload of an entry away, as the law may want it, and nothing else.
fn withhold(shelf: &mut Shelf, seq: u64) {
    for bytes in shelf.0.values_mut() {
        let spans = frames(bytes);
        let mut out = bytes[..HEADER_BYTES].to_vec();
        for (span, frame) in &spans {
            match &frame.body {
                Body::Entry(e) if e.seq == seq => {
                    let body = Body::Entry(EntryFrame { payload: None, ..e.clone() });
                    Frame { batch: frame.batch, last_of_batch: frame.last_of_batch, body }.encode(&mut out);
                }
                _ => out.extend_from_slice(&bytes[span.clone()]),
            }
        }
        out.extend_from_slice(&bytes[spans.last().map_or(HEADER_BYTES, |(span, _)| span.end)..]);
        *bytes = out;
    }
}

/// The frames of a segment from its start, with the bytes they take.
pub(super) fn frames(bytes: &[u8]) -> Vec<(Range<usize>, Frame)> {
    let (mut found, mut at) = (Vec::new(), HEADER_BYTES);
    while let Some(Ok((frame, len))) = bytes.get(at..).map(Frame::decode) {
        found.push((at..at + len, frame));
        at += len;
    }
    found
}

/// Whatever else is said of it, an entry that is given is the one that was written.
fn only_true_entries(read: &JournalReader, whole: &[Entry], case: &str) {
    for entry in &read.entries {
        let written = usize::try_from(entry.seq).ok().and_then(|seq| whole.get(seq.checked_sub(1)?));
        let place = |e: &Entry| Entry { segment: 0, offset: 0, ..e.clone() };
        assert_eq!(Some(place(entry)), written.map(place), "{case}: a wrong entry was given");
    }
}

/// Where a change may fall.
struct Map {
    /// The last write, whose damage is a torn tail.
    last_write: Range<usize>,
    /// Bytes of a segment that was left, which its successor repeats, and zeros behind the last frame.
    idle: Range<usize>,
}

fn map(shelf: &Shelf, read: &JournalReader, file: &Path) -> Map {
    let bytes = &shelf.0[file];
    let is_last = read.segments.last().is_some_and(|s| Path::new(&s.file) == file);
    let info = read.segments.iter().find(|s| Path::new(&s.file) == file).expect("a segment");
    let whole = info.whole_bytes as usize;
    let spans = frames(bytes);
    let begins = |span: &&(Range<usize>, Frame)| span.1.batch == read.batch;
    let last_write = match spans.iter().find(begins) {
        Some((span, _)) if is_last => span.start..whole,
        _ => 0..0,
    };
    Map { last_write, idle: whole..bytes.len() }
}

#[test]
fn every_changed_byte_is_damage_with_its_place_or_a_torn_last_write() {
    let shelf = of_all_kinds();
    let whole = shelf.read_all();
    let (mut damaged, mut torn, mut idle) = (0, 0, 0);
    for (file, bytes) in &shelf.0 {
        let map = map(&shelf, &whole, file);
        // Behind the frames there are only zeros, a thousand like the first hundred.
        let end = bytes.len().min(map.idle.start + 400);
        for at in 0..end {
            let patterns = [bytes[at] ^ 1 << (at % 8), bytes[at] ^ 0x80, 0x00, 0xff];
            for changed in &patterns[..if std::env::var_os("HUITING_FUZZ").is_some() { 4 } else { 1 }] {
                if *changed == bytes[at] {
                    continue;
                }
                let mut other = shelf.clone();
                other.0.get_mut(file).expect("there")[at] = *changed;
                let read = other.read_all();
                let case = format!("{} byte {at}: {:02x} for {:02x}", file.display(), changed, bytes[at]);
                only_true_entries(&read, &whole.entries, &case);
                if map.last_write.contains(&at) {
                    torn += 1;
                    assert_eq!(read.faults, [], "{case}");
                    let place = &read.torn.as_ref().unwrap_or_else(|| panic!("{case}: not told")).place;
                    assert_eq!(
                        (Path::new(&place.file), place.offset as usize),
                        (&**file, map.last_write.start),
                        "{case}"
                    );
                    assert_eq!(read.entries.len(), 9, "{case}: acknowledged before the last write");
                } else if map.idle.contains(&at) {
                    idle += 1;
                    // What does not count may only ever be told as unfinished, and costs no entry.
                    assert_eq!((&read.faults[..], read.entries.len()), (&[][..], 11), "{case}");
                } else {
                    damaged += 1;
                    let fault = read.faults.first().unwrap_or_else(|| panic!("{case}: unnoticed"));
                    assert_eq!(Path::new(&fault.place.file), file, "{case}: {fault}");
                    assert!(fault.place.offset as usize <= at, "{case}: {fault}");
                    let frame = frames(bytes).into_iter().rev().find(|(span, _)| span.contains(&at));
                    if let Some((span, Frame { body: Body::Entry(entry), .. })) = frame {
                        assert_eq!(
                            (fault.seq, fault.place.offset as usize),
                            (Some(entry.seq), span.start),
                            "{case}: {fault}"
                        );
                    }
                }
            }
        }
    }
    println!("changed: {damaged} damages, {torn} torn tails, {idle} where nothing counts");
    assert!(damaged > 2000 && torn > 250 && idle > 250);
}

#[test]
fn where_a_seal_follows_every_changed_byte_before_it_was_acknowledged() {
    let shelf = of_all_kinds();
    // As a kill between a seal and the next segment leaves it: the sealed segment is the last one.
    let first = PathBuf::from("000001.seg");
    let bytes = shelf.0[&first].clone();
    let alone = |bytes: Vec<u8>| Shelf([(first.clone(), bytes)].into()).read_all();
    let whole = alone(bytes.clone());
    let spans = frames(&bytes);
    let (seal, sealed) = spans.last().expect("frames");
    assert!(matches!(sealed.body, Body::Seal { .. }) && whole.torn.is_none(), "{whole:?}");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let read = alone(changed);
        only_true_entries(&read, &whole.entries, &format!("byte {at}"));
        if at < seal.start {
            assert!(read.faults.iter().any(|f| f.place.offset as usize <= at), "byte {at}: {:?}", read.torn);
        } else {
            assert_eq!(
                (&read.faults[..], read.entries.len()),
                (&[][..], whole.entries.len()),
                "byte {at} of the seal"
            );
        }
    }
}

#[test]
fn cut_to_any_length_it_gives_what_was_whole_and_names_a_segment_whose_end_is_gone() {
    let shelf = of_all_kinds();
    let whole = shelf.read_all();
    let last = PathBuf::from(&whole.segments.last().expect("segments").file);
    for (file, bytes) in &shelf.0 {
        let info = whole.segments.iter().find(|s| Path::new(&s.file) == file).expect("a segment");
        let spans = frames(bytes);
        for len in 0..info.whole_bytes as usize {
            // As a file that ends there, and as one whose rest is still what was allocated.
            for zeros in [0, bytes.len() - len] {
                let mut cut = shelf.clone();
                let kept = cut.0.get_mut(file).expect("there");
                kept.truncate(len);
                kept.resize(len + zeros, 0);
                let read = cut.read_all();
                let case = format!("{} cut to {len} bytes and {zeros} zeros", file.display());
                only_true_entries(&read, &whole.entries, &case);
                if *file != last || len < HEADER_BYTES {
                    let fault = read.faults.first().unwrap_or_else(|| panic!("{case}: unnoticed"));
                    assert_eq!(Path::new(&fault.place.file), file, "{case}: {fault}");
                    continue;
                }
                let before = whole.entries.iter().filter(|e| e.segment != info.number).count();
                let ends = spans.iter().filter(|(_, f)| f.last_of_batch).map(|(span, _)| span.end);
                let end = ends.filter(|end| *end <= len).max().unwrap_or(HEADER_BYTES);
                let entries =
                    |(span, f): &&(Range<usize>, Frame)| span.end <= end && matches!(f.body, Body::Entry(_));
                assert_eq!(
                    (&read.faults[..], read.entries.len()),
                    (&[][..], before + spans.iter().filter(entries).count()),
                    "{case}"
                );
                let torn = read.torn.as_ref().map(|t| t.place.offset as usize);
                let anything = bytes[end..len].iter().any(|b| *b != 0) || (zeros == 0 && len > end);
                assert_eq!(torn, anything.then_some(end), "{case}");
            }
        }
    }
}
