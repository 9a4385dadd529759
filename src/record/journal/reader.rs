//! Reads a journal folder offline and says everything that is wrong with it.

use std::fmt;
use std::path::{Path, PathBuf};

use model::{HearingTime, UtcMs};
use proof::{Checkpoint, Hash, Tree, VerifyingKey};

use super::disk::{Disk, RealDisk};
use super::error::JournalError;
use super::format::{Body, EntryFrame, Frame, HEADER_BYTES, Header, Meta};
use super::scan::{Piece, pieces};

/// Where in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// File name within the folder.
    pub file: String,
    /// Byte in that file.
    pub offset: u64,
}

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A segment's header, or the order of the segments.
    Segment,
    /// Bytes that are no frame.
    Frame,
    /// An entry does not follow the one before.
    Chain,
    /// A payload is not what was committed to.
    Payload,
    /// A checkpoint does not fit the entries, or is not signed by the key.
    Checkpoint,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// The entry, as far as known.
    pub seq: Option<u64>,
    /// Hearing time of that entry or the one before, as far as known.
    pub at: Option<HearingTime>,
    /// What kind.
    pub kind: FaultKind,
    /// One clause.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}", self.place.file, self.place.offset)?;
        match (self.seq, self.at) {
            (Some(seq), Some(at)) => write!(f, " (entry {seq}, hearing time {at})")?,
            (Some(seq), None) => write!(f, " (entry {seq})")?,
            _ => {}
        }
        write!(f, ": {}", self.what)
    }
}

/// An entry as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From 1, without holes.
    pub seq: u64,
    /// What kind of event, e.g. `lineSettled`.
    pub kind: String,
    /// Who: a seat or a process.
    pub actor: String,
    /// From which device; may be empty.
    pub device: String,
    /// Hearing time.
    pub at: HearingTime,
    /// Wall time.
    pub wall: UtcMs,
    /// The event's JSON; `None` if withheld.
    pub payload: Option<Vec<u8>>,
    /// Hash of the entry before.
    pub prev: Hash,
    /// Hash of this entry: link of the chain and leaf of the tree.
    pub hash: Hash,
    /// `SHA-256(salt ‖ payload)`.
    pub commitment: Hash,
    /// Number of the segment it stands in.
    pub segment: u64,
    /// Byte at which its frame begins there.
    pub offset: u64,
}

/// What of an entry is hashed, and what it commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// See [`proof::entry_core`].
    pub core: Vec<u8>,
    /// Salt and payload; `None` if withheld.
    pub payload: Option<([u8; 32], Vec<u8>)>,
}

/// An unfinished write at the end, never acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// Where it begins.
    pub place: Place,
    /// What is wrong with it.
    pub what: String,
}

/// A segment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Its number, from 1.
    pub number: u64,
    /// Its name within the folder.
    pub file: String,
    /// Bytes up to the end of the last whole batch.
    pub whole_bytes: u64,
    /// Bytes up to the end of the last checkpoint in it; 0 if it has none.
    pub checkpointed_bytes: u64,
    /// Whether it was closed for good.
    pub sealed: bool,
}

/// A journal as read from its folder.
#[derive(Debug, Clone, Default)]
pub struct JournalReader {
    /// Entries in order, as far as readable.
    pub entries: Vec<Entry>,
    /// The signed checkpoints: entries covered, and the note.
    pub checkpoints: Vec<(u64, String)>,
    /// Everything that is wrong. Empty: whole.
    pub faults: Vec<Fault>,
    /// An unfinished write at the end: no damage in a journal in use.
    pub torn: Option<TornTail>,
    /// The files.
    pub segments: Vec<SegmentInfo>,
    pub(super) journal: Option<[u8; 16]>,
    pub(super) tree: Tree,
    pub(super) batch: u64,
}

/// Name of a segment file.
pub(super) fn segment_name(number: u64) -> String {
    format!("{number:06}.seg")
}

/// Segment files of a folder by number.
pub(super) fn segment_files(disk: &dyn Disk, dir: &Path) -> Result<Vec<(u64, PathBuf)>, JournalError> {
    let names = disk.list(dir).map_err(|e| JournalError::io(dir, 0, &e))?;
    // 1.seg and +1.seg are no segments: each number has one name.
    let numbered = |name: &String| {
        let number = name.strip_suffix(".seg")?.parse().ok().filter(|n| *n >= 1)?;
        (segment_name(number) == *name).then(|| (number, dir.join(name)))
    };
    let mut found: Vec<(u64, PathBuf)> = names.iter().filter_map(numbered).collect();
    found.sort_unstable();
    Ok(found)
}

impl JournalReader {
    /// Reads every segment of `dir`. Errors only if a file cannot be read at all; what is wrong with the contents is in
    /// [`JournalReader::faults`]. With `key`, the signature of every checkpoint is checked.
    pub fn read(dir: &Path, key: Option<&VerifyingKey>) -> Result<Self, JournalError> {
        Self::read_on(&RealDisk, dir, key)
    }

    pub(super) fn read_on(
        disk: &dyn Disk,
        dir: &Path,
        key: Option<&VerifyingKey>,
    ) -> Result<Self, JournalError> {
        let files = segment_files(disk, dir)?;
        let mut segments = Vec::new();
        for (number, path) in &files {
            let bytes = disk.read(path).map_err(|e| JournalError::io(path, 0, &e))?;
            let header = Header::decode(&bytes);
            segments.push((*number, header, bytes));
        }
        let mut walk = Walk { out: Self::default(), prev: Some(Hash::ZERO), next_seq: 1, at: None, key };
        for (i, (number, header, bytes)) in segments.iter().enumerate() {
            let following = segments.get(i + 1).map(|(_, header, bytes)| Following {
                header: header.as_ref().ok(),
                batch: bytes.get(HEADER_BYTES..).and_then(|b| Frame::decode(b).ok()).map(|(f, _)| f.batch),
            });
            walk.segment(*number, header, bytes, following);
        }
        Ok(walk.out)
    }

    /// The bytes of entries that were read from `dir`, as they were hashed, and what they commit to; each segment is read once where the
    /// entries are in order.
    pub fn bodies(dir: &Path, entries: &[&Entry]) -> Result<Vec<Leaf>, JournalError> {
        let mut segment: Option<(u64, Vec<u8>)> = None;
        let mut leaves = Vec::with_capacity(entries.len());
        for entry in entries {
            let place = Place { file: segment_name(entry.segment), offset: entry.offset };
            let bytes = match &mut segment {
                Some((number, bytes)) if *number == entry.segment => bytes,
                other => {
                    let path = dir.join(&place.file);
                    let bytes = std::fs::read(&path).map_err(|e| JournalError::io(&path, 0, &e))?;
                    &mut other.insert((entry.segment, bytes)).1
                }
            };
            let at = usize::try_from(entry.offset).unwrap_or(usize::MAX);
            let frame = bytes.get(at..).map(Frame::decode);
            let Some(Ok((Frame { body: Body::Entry(found), .. }, _))) = frame else {
                return Err(changed(place, entry));
            };
            if found.hash() != entry.hash {
                return Err(changed(place, entry));
            }
            let core = proof::entry_core(found.seq, &found.prev, &found.commitment, &found.meta);
            leaves.push(Leaf { core, payload: found.payload });
        }
        Ok(leaves)
    }

    /// Leaf hashes for inclusion and consistency proofs.
    #[must_use]
    pub fn leaves(&self) -> Vec<Hash> {
        self.entries.iter().map(|e| e.hash).collect()
    }

    /// The Merkle root over all entries.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.root()
    }
}

fn changed(place: Place, entry: &Entry) -> JournalError {
    let what = "the entry is no longer what it was when the journal was read".to_owned();
    let (seq, at) = (Some(entry.seq), Some(entry.at));
    JournalError::Damaged(Fault { place, seq, at, kind: FaultKind::Frame, what })
}

/// The segment after the one that is read.
#[derive(Clone, Copy)]
struct Following<'h> {
    /// Its header, if readable.
    header: Option<&'h Header>,
    /// The batch it begins with, if its first frame is readable.
    batch: Option<u64>,
}

/// From where on a segment that was left because its disk failed is repeated by its successor.
#[derive(Clone, Copy)]
struct Repeated {
    seq: u64,
    batch: Option<u64>,
}

struct Walk<'k> {
    out: JournalReader,
    /// Hash the next entry must name; `None` after damage.
    prev: Option<Hash>,
    next_seq: u64,
    at: Option<HearingTime>,
    key: Option<&'k VerifyingKey>,
}

impl Walk<'_> {
    fn fault(
        &mut self,
        file: &str,
        offset: usize,
        seq: Option<u64>,
        kind: FaultKind,
        what: impl Into<String>,
    ) {
        let place = Place { file: file.to_owned(), offset: offset as u64 };
        self.out.faults.push(Fault { place, seq, at: self.at, kind, what: what.into() });
    }

    /// `following`: `None` if this is the last segment.
    fn segment(
        &mut self,
        number: u64,
        header: &Result<Header, String>,
        bytes: &[u8],
        following: Option<Following<'_>>,
    ) {
        let file = segment_name(number);
        let kind = FaultKind::Segment;
        let before = number.saturating_sub(1);
        if self.out.segments.last().map_or(0, |s| s.number) != before {
            self.fault(&file, 0, None, kind, format!("segment {before} before it is missing"));
        }
        match header {
            Err(what) => {
                self.fault(&file, 0, None, kind, what.clone());
                self.prev = None;
            }
            Ok(h) => self.check_header(&file, number, h),
        }
        let repeated = following.and_then(|f| {
            let header = f.header.filter(|h| h.after_fault)?;
            Some(Repeated { seq: header.first_seq, batch: f.batch })
        });
        let mut found = pieces(bytes);
        let mut info =
            SegmentInfo { number, file: file.clone(), whole_bytes: 0, checkpointed_bytes: 0, sealed: false };
        let whole = self.cut_tail(&file, &mut found, following.is_none(), repeated);
        info.whole_bytes = whole as u64;
        for piece in &found {
            match piece {
                Piece::Damage { offset, what, .. } => {
                    self.fault(&file, *offset, Some(self.next_seq), FaultKind::Frame, *what);
                    self.prev = None;
                }
                Piece::Frame { offset, end, frame } => {
                    self.frame(&file, number, *offset, frame);
                    if matches!(frame.body, Body::Checkpoint(_)) {
                        info.checkpointed_bytes = *end as u64;
                    }
                    info.sealed |= matches!(frame.body, Body::Seal { .. });
                }
            }
        }
        let short = |r: Repeated, walk: &Self| {
            walk.next_seq < r.seq || r.batch.is_some_and(|b| walk.out.batch.saturating_add(1) < b)
        };
        if self.prev.is_some() && repeated.is_some_and(|r| short(r, self)) {
            let what = "the segment ends before what the next one goes on from: its end is missing";
            self.fault(&file, whole, Some(self.next_seq), kind, what);
            self.prev = None;
        }
        // Whether a segment was left or lost its end is known from the header of the next one; that it is damaged is told there.
        if following.is_some_and(|f| f.header.is_some()) && !info.sealed && repeated.is_none() {
            self.fault(&file, whole, None, kind, "the segment ends without its seal: its end is missing");
        }
        self.out.segments.push(info);
    }

    fn check_header(&mut self, file: &str, number: u64, header: &Header) {
        let kind = FaultKind::Segment;
        if header.number != number {
            self.fault(
                file,
                16,
                None,
                kind,
                format!("the file holds segment {}: it was renamed", header.number),
            );
        }
        if *self.out.journal.get_or_insert(header.journal) != header.journal {
            self.fault(file, 32, None, kind, "the segment belongs to another journal");
        }
        if let Some(prev) = self.prev
            && (header.first_seq != self.next_seq || header.prev != prev)
        {
            let what = format!(
                "the segment begins at entry {}, but entry {} is the next: entries are missing or changed",
                header.first_seq, self.next_seq
            );
            self.fault(file, 24, Some(self.next_seq), kind, what);
            self.prev = None;
        }
    }

    /// Drops what was never acknowledged: in the last segment an unfinished batch, in a segment left because the disk
    /// failed everything that its successor repeats. Gives the byte up to which the segment counts.
    fn cut_tail(
        &mut self,
        file: &str,
        found: &mut Vec<Piece>,
        last: bool,
        repeated: Option<Repeated>,
    ) -> usize {
        if let Some(repeated) = repeated {
            let keep = self.before_repeated(found, repeated);
            found.truncate(keep);
        } else if last {
            let finished = |p: &Piece| matches!(p, Piece::Frame { frame, .. } if frame.last_of_batch);
            // The first damage ends what is known to be good; a later batch proves that the damaged one was synced.
            let damage = found.iter().position(|p| matches!(p, Piece::Damage { .. })).unwrap_or(found.len());
            let whole = found[..damage].iter().rposition(finished).map_or(0, |i| i + 1);
            let batch = found[..whole].last().map_or(self.out.batch, |p| match p {
                Piece::Frame { frame, .. } => frame.batch,
                Piece::Damage { .. } => self.out.batch,
            });
            let later = found[whole..].iter().any(|p| match p {
                // A seal is written once everything before it was synced.
                Piece::Frame { frame, .. } => {
                    frame.batch > batch.saturating_add(1) || matches!(frame.body, Body::Seal { .. })
                }
                // What was not looked through may hold one.
                Piece::Damage { searched, .. } => !searched,
            });
            if !later && whole < found.len() {
                let (offset, what) = match &found[whole] {
                    Piece::Damage { offset, what, .. } => (*offset, (*what).to_owned()),
                    Piece::Frame { offset, .. } => (*offset, "the batch has no end".to_owned()),
                };
                let place = Place { file: file.to_owned(), offset: offset as u64 };
                self.out.torn = Some(TornTail { place, what });
                found.truncate(whole);
            }
        }
        match found.last() {
            Some(Piece::Frame { end, .. }) => *end,
            Some(Piece::Damage { offset, .. }) => *offset,
            None => HEADER_BYTES,
        }
    }

    /// How many of the pieces of a segment that was left count. Damage is an unfinished write only where everything before what is
    /// repeated is there.
    fn before_repeated(&self, found: &[Piece], repeated: Repeated) -> usize {
        let (mut next_seq, mut batch) = (self.next_seq, self.out.batch);
        let begins = found.iter().position(|piece| match piece {
            Piece::Damage { .. } => {
                next_seq >= repeated.seq && repeated.batch.is_none_or(|b| batch.saturating_add(1) >= b)
            }
            Piece::Frame { frame, .. } => {
                if let Body::Entry(entry) = &frame.body {
                    next_seq = entry.seq.saturating_add(1);
                }
                batch = batch.max(frame.batch);
                matches!(&frame.body, Body::Entry(entry) if entry.seq >= repeated.seq)
            }
        });
        begins.unwrap_or(found.len())
    }

    fn frame(&mut self, file: &str, segment: u64, offset: usize, frame: &Frame) {
        self.out.batch = self.out.batch.max(frame.batch);
        match &frame.body {
            Body::Entry(entry) => self.entry(file, segment, offset, entry),
            Body::Checkpoint(note) => self.checkpoint(file, offset, note),
            Body::Seal { last_seq, hash, .. } => {
                if self.prev.is_some_and(|p| p != *hash) || last_seq.checked_add(1) != Some(self.next_seq) {
                    let what = "the seal of the segment names another last entry";
                    self.fault(file, offset, Some(*last_seq), FaultKind::Chain, what);
                }
            }
        }
    }

    fn entry(&mut self, file: &str, segment: u64, offset: usize, frame: &EntryFrame) {
        let hash = frame.hash();
        let meta = serde_json::from_slice::<Meta>(&frame.meta);
        let (before, seq) = (self.at, Some(frame.seq));
        self.at = meta.as_ref().ok().map(|m| m.at).or(before);
        if let Some(prev) = self.prev {
            if frame.seq != self.next_seq {
                let what = format!("entry {} stands where entry {} must be", frame.seq, self.next_seq);
                self.fault(file, offset, seq, FaultKind::Chain, what);
            } else if frame.prev != prev {
                let what = "the entry does not follow from the one before: one of the two was changed";
                self.fault(file, offset, seq, FaultKind::Chain, what);
            }
        }
        if !frame.payload_fits() {
            let what = "the payload is not the one that was committed to";
            self.fault(file, offset, seq, FaultKind::Payload, what);
        }
        match meta {
            Err(error) => {
                self.fault(
                    file,
                    offset,
                    seq,
                    FaultKind::Payload,
                    format!("its meta data cannot be read: {error}"),
                );
            }
            Ok(meta) => self.out.entries.push(Entry {
                seq: frame.seq,
                kind: meta.kind,
                actor: meta.actor,
                device: meta.device,
                at: meta.at,
                wall: meta.wall,
                payload: frame.payload.as_ref().map(|(_, p)| p.clone()),
                prev: frame.prev,
                hash,
                commitment: frame.commitment,
                segment,
                offset: offset as u64,
            }),
        }
        self.out.tree.push(hash);
        self.prev = Some(hash);
        self.next_seq = frame.seq.saturating_add(1);
    }

    fn checkpoint(&mut self, file: &str, offset: usize, note: &str) {
        let kind = FaultKind::Checkpoint;
        let read = match self.key {
            Some(key) => Checkpoint::open(note, key),
            None => Checkpoint::read_unverified(note),
        };
        match read {
            Err(error) => self.fault(file, offset, None, kind, error.to_string()),
            Ok(checkpoint) => {
                let complete = self.out.tree.size() + 1 == self.next_seq;
                if complete
                    && (checkpoint.size != self.out.tree.size() || checkpoint.root != self.out.tree.root())
                {
                    let what = format!("the checkpoint over {} entries does not fit them", checkpoint.size);
                    self.fault(file, offset, Some(checkpoint.size), kind, what);
                }
                self.out.checkpoints.push((checkpoint.size, note.to_owned()));
            }
        }
    }
}
