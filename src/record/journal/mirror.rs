//! The second folder, on another disk: brought level with the first when a journal opens, written along with it from then on.
//!
//! ```text
//!   first whole,   second behind, empty or damaged ─► copied to the second
//!   first damaged, behind or gone, second whole    ─► copied back to the first; what was damaged is kept beside
//!   each whole, and neither a part of the other    ─► refused: two histories
//!   both damaged                                   ─► refused
//! ```

use std::path::Path;

use proof::VerifyingKey;

use super::disk::Disk;
use super::error::JournalError;
use super::reader::{JournalReader, SegmentInfo, segment_files};
use super::writer::known_size;

/// A folder on a disk.
#[derive(Clone, Copy)]
pub(super) struct Copy<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) dir: &'a Path,
}

/// Why the two could not be made level.
#[derive(Debug)]
pub(super) enum LevelError {
    /// Nothing may be written.
    Refused(JournalError),
    /// The second one cannot be used; the first can.
    SecondUnusable(JournalError),
}

/// Makes both hold the same entries. Gives what the room must be told.
pub(super) fn level(
    first: Copy<'_>,
    second: Copy<'_>,
    key: &VerifyingKey,
) -> Result<Option<String>, LevelError> {
    use LevelError::{Refused, SecondUnusable};
    let mine = first.look(key).map_err(Refused)?;
    let theirs = second.look(key).map_err(SecondUnusable)?;
    match (mine.wrong, theirs.wrong) {
        (None, None) => {
            if theirs.read.journal.is_none() {
                mine.read.copy(first, second).map_err(SecondUnusable)?;
                return Ok(None);
            }
            if mine.read.journal.is_some() && !follows(&mine.read, &theirs.read) {
                let (dir, mirror) = (first.dir.to_owned(), second.dir.to_owned());
                return Err(Refused(JournalError::TwoHistories { dir, mirror }));
            }
            let (own, other) = (mine.read.entries.len(), theirs.read.entries.len());
            if other <= own && mine.read.journal.is_some() {
                mine.read.copy(first, second).map_err(SecondUnusable)?;
                return Ok(None);
            }
            theirs.read.copy_back(second, first).map_err(Refused)?;
            Ok(Some(format!(
                "the journal in {} held {own} entries and its second copy {other}: it was brought level from there; look \
                 at that disk",
                first.dir.display()
            )))
        }
        (None, Some(wrong)) => {
            if mine.read.journal.is_none() {
                return Err(Refused(wrong));
            }
            let fresh = second.set_aside().and_then(|()| mine.read.copy(first, second));
            fresh.map_err(SecondUnusable)?;
            Ok(Some(format!(
                "the second copy of the journal was damaged ({wrong}): it was made anew, what was damaged is kept beside; \
                 look at that disk"
            )))
        }
        (Some(wrong), None) => {
            // What was signed over more than the second one has would be lost.
            let signed = mine.read.checkpoints.iter().map(|(size, _)| *size).max().unwrap_or(0);
            let covers = theirs.read.entries.len() as u64 >= signed.max(mine.known);
            let same = mine.read.journal.is_none() || mine.read.journal == theirs.read.journal;
            if theirs.read.journal.is_none() || !covers || !same {
                return Err(Refused(wrong));
            }
            let back = first.set_aside().and_then(|()| theirs.read.copy_back(second, first));
            back.map_err(Refused)?;
            Ok(Some(format!(
                "the journal was damaged ({wrong}): it was repaired from its second copy, what was damaged is kept beside; \
                 look at that disk"
            )))
        }
        (Some(wrong), Some(_)) => Err(Refused(wrong)),
    }
}

/// What was found in a folder.
struct Found {
    read: JournalReader,
    /// Entries that its last signed checkpoint covers, as it stands beside the segments.
    known: u64,
    /// Why it cannot be gone on with.
    wrong: Option<JournalError>,
}

impl Copy<'_> {
    fn look(self, key: &VerifyingKey) -> Result<Found, JournalError> {
        let read = JournalReader::read_on(self.disk, self.dir, Some(key))?;
        let (known, found) = (known_size(self.disk, self.dir), read.entries.len() as u64);
        let cut = (known > found).then(|| JournalError::CutOff { dir: self.dir.to_owned(), found, known });
        let wrong = read.faults.first().cloned().map(JournalError::Damaged).or(cut);
        Ok(Found { read, known, wrong })
    }

    /// Renames every segment, so that it is no longer one and still there.
    fn set_aside(self) -> Result<(), JournalError> {
        for (_, path) in segment_files(self.disk, self.dir)? {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let taken = self.disk.list(self.dir).map_err(|e| JournalError::io(self.dir, 0, &e))?;
            let names = (1..).map(|n| format!("damaged-{n}-{name}"));
            let Some(aside) = names.into_iter().find(|n| !taken.contains(n)) else { continue };
            self.disk.rename(&path, &self.dir.join(aside)).map_err(|e| JournalError::io(&path, 0, &e))?;
        }
        Ok(())
    }
}

/// Whether one is a part of the other from its first entry on.
fn follows(a: &JournalReader, b: &JournalReader) -> bool {
    let common = a.entries.len().min(b.entries.len());
    let same_end = common == 0 || a.entries[common - 1].hash == b.entries[common - 1].hash;
    a.journal == b.journal && same_end
}

impl JournalReader {
    /// The same from the second to the first. What stands behind the last whole batch is cut off in the second too: the writer cuts only
    /// what it finds in the first.
    fn copy_back(&self, second: Copy<'_>, first: Copy<'_>) -> Result<(), JournalError> {
        self.segments.iter().try_for_each(|segment| {
            let (path, whole) = (second.dir.join(&segment.file), segment.whole_bytes);
            let cut = second.disk.open(&path).and_then(|mut file| file.cut_and_allocate(whole, whole));
            cut.map_err(|e| JournalError::io(&path, 0, &e))
        })?;
        self.copy(second, first)
    }

    /// Makes `to` hold the segments that were read from `from`, up to their last whole batch.
    fn copy(&self, from: Copy<'_>, to: Copy<'_>) -> Result<(), JournalError> {
        let there = segment_files(to.disk, to.dir)?;
        for (_, path) in &there {
            let name = path.file_name().and_then(|n| n.to_str());
            if !self.segments.iter().any(|s| Some(s.file.as_str()) == name) {
                to.disk.remove(path).map_err(|e| JournalError::io(path, 0, &e))?;
            }
        }
        self.segments.iter().try_for_each(|segment| copy_segment(segment, from, to))
    }
}

fn copy_segment(segment: &SegmentInfo, from: Copy<'_>, to: Copy<'_>) -> Result<(), JournalError> {
    let (source, target) = (from.dir.join(&segment.file), to.dir.join(&segment.file));
    let mut bytes = from.disk.read(&source).map_err(|e| JournalError::io(&source, 0, &e))?;
    bytes.truncate(usize::try_from(segment.whole_bytes).unwrap_or(usize::MAX));
    let whole = bytes.len() as u64;
    let io = |e: std::io::Error| JournalError::io(&target, whole, &e);
    let there = to.disk.read(&target).unwrap_or_default();
    if there.len() >= bytes.len() && there[..bytes.len()] == bytes {
        if there.len() > bytes.len() {
            to.disk.open(&target).and_then(|mut file| file.cut_and_allocate(whole, whole)).map_err(io)?;
        }
        return Ok(());
    }
    let beside = to.dir.join("copy.tmp");
    let copy = || {
        let mut file = to.disk.create(&beside, whole)?;
        file.write_at(&bytes, 0)?;
        file.sync()?;
        to.disk.rename(&beside, &target)
    };
    copy().map_err(io)
}
