//! After a crash: which fragments are whole, by their own hashes and nothing else.
//!
//! Only the last two segments of a track can be damaged by a crash (the one before them was synced when they began), so only
//! they are read before recording goes on; [`fragments`] verifies everything it gives.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use model::{Fragment, HearingTime, TrackId};
use sha2::{Digest, Sha256};

use crate::layout;
use crate::writer::fragment::{self, Stamp};

/// Segments at the end of a track that are looked at before recording goes on.
const TAIL_SEGMENTS: usize = 2;

/// Where a track ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrackEnd {
    /// Sequence of the last whole fragment; 0: none.
    pub seq: u64,
    /// Number of the last segment; 0: none.
    pub segment: u32,
    /// Hearing time after the last whole fragment, in milliseconds.
    pub to_ms: Option<u64>,
}

/// What recovery found of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Where it ends now.
    pub end: TrackEnd,
    /// Bytes that belonged to no whole fragment and were cut off the last segments.
    pub torn_bytes: u64,
}

/// A whole fragment in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it begins in the file.
    pub offset: usize,
    /// Stamp, `moof` and `mdat` together, in bytes.
    pub bytes: usize,
    /// What it says of itself.
    pub stamp: Stamp,
}

/// Every whole fragment of a segment's bytes, in order.
#[must_use]
pub fn scan(segment: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = fragment::next_head(segment, at) {
        match fragment::open(&segment[offset..]) {
            Some((stamp, whole)) => {
                found.push(Found { offset, bytes: whole.len(), stamp });
                at = offset + whole.len();
            }
            // Damaged: the next head may be anywhere behind this one.
            None => at = offset + 1,
        }
    }
    found
}

/// Finds where every track of a media directory ends and cuts off what is torn there, so that players can read the rest.
/// A directory that is not there yet has no tracks.
pub fn recover(media_dir: &Path) -> io::Result<BTreeMap<TrackId, Recovered>> {
    let tracks = match layout::tracks(media_dir) {
        Ok(tracks) => tracks,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(e),
    };
    let mut all = BTreeMap::new();
    for info in tracks {
        let recovered = recover_track(&media_dir.join(info.track.as_str()))?;
        all.insert(info.track, recovered);
    }
    Ok(all)
}

fn recover_track(dir: &Path) -> io::Result<Recovered> {
    let numbers = layout::segments(dir)?;
    let mut end = TrackEnd { segment: numbers.last().copied().unwrap_or(0), ..TrackEnd::default() };
    let mut torn_bytes = 0;
    for (looked_at, number) in numbers.iter().rev().enumerate() {
        if looked_at >= TAIL_SEGMENTS && end.seq > 0 {
            break;
        }
        let path = dir.join(layout::segment_name(*number));
        let bytes = fs::read(&path)?;
        let found = scan(&bytes);
        let valid = found.last().map_or(0, |f| f.offset + f.bytes);
        if valid < bytes.len() {
            torn_bytes += (bytes.len() - valid) as u64;
            let file = OpenOptions::new().write(true).open(&path)?;
            file.set_len(valid as u64)?;
            file.sync_all()?;
        }
        if let Some(last) = found.last()
            && end.seq == 0
        {
            end.seq = last.stamp.seq;
            end.to_ms = Some(last.stamp.to_ms);
        }
    }
    Ok(Recovered { end, torn_bytes })
}

/// The whole fragments of a track after sequence `after`, up to and including `until`, in order, each verified by its own
/// hash. `give` returns whether to go on.
pub fn fragments(
    media_dir: &Path,
    track: &TrackId,
    after: u64,
    until: u64,
    mut give: impl FnMut(Fragment) -> bool,
) -> io::Result<()> {
    let dir = media_dir.join(track.as_str());
    let numbers = layout::segments(&dir)?;
    let first_seq = |n: u32| first_stamp(&dir, n).map(|s| s.map_or(0, |s| s.seq));
    // The last segment that begins at or before the wanted sequence.
    let (mut low, mut high) = (0, numbers.len());
    while low < high {
        let middle = (low + high) / 2;
        if first_seq(numbers[middle])? <= after + 1 { low = middle + 1 } else { high = middle }
    }
    for number in &numbers[low.saturating_sub(1)..] {
        let name = layout::segment_name(*number);
        let bytes = fs::read(dir.join(&name))?;
        for found in scan(&bytes) {
            if found.stamp.seq > until {
                return Ok(());
            }
            if found.stamp.seq > after && !give(as_fragment(track, &name, &bytes, &found)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn as_fragment(track: &TrackId, name: &str, segment: &[u8], found: &Found) -> Fragment {
    Fragment {
        track: track.clone(),
        seq: found.stamp.seq,
        file: format!("{track}/{name}"),
        offset: found.offset as u64,
        bytes: found.bytes as u64,
        sha256: hex::encode(Sha256::digest(&segment[found.offset..found.offset + found.bytes])),
        from: HearingTime(found.stamp.from_ms),
        to: HearingTime(found.stamp.to_ms),
    }
}

/// The stamp at the front of a segment, unverified.
pub(crate) fn first_stamp(dir: &Path, number: u32) -> io::Result<Option<Stamp>> {
    use std::io::Read as _;
    let mut head = Vec::with_capacity(fragment::STAMP_BYTES);
    let file = fs::File::open(dir.join(layout::segment_name(number)))?;
    file.take(fragment::STAMP_BYTES as u64).read_to_end(&mut head)?;
    Ok(fragment::peek(&head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(fragments: u64) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for seq in 1..=fragments {
            let body = vec![seq as u8; 40 + seq as usize * 7];
            let stamp = Stamp {
                seq,
                from_ms: seq * 160,
                to_ms: seq * 160 + 160,
                first_sample: seq * 2560,
                body_len: body.len() as u32,
            };
            bytes.extend(fragment::seal(stamp, &body));
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn a_segment_cut_off_at_any_byte_gives_exactly_the_whole_fragments() {
        let (bytes, ends) = segment(4);
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|e| **e <= cut).count();
            assert_eq!(scan(&bytes[..cut]).len(), whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_zeroed_tail_or_a_damaged_middle_costs_only_the_fragments_it_touches() {
        let (mut bytes, ends) = segment(4);
        bytes[ends[2] + 50..].fill(0);
        bytes[ends[0] + 100] ^= 1;
        let seqs: Vec<_> = scan(&bytes).iter().map(|f| f.stamp.seq).collect();
        assert_eq!(seqs, [1, 3]);
    }
}
