//! A fragment as it lies in a segment: an own `uuid` box with sequence, times and hash, then `moof` and `mdat`.
//!
//! ```text
//! 0   u32 size = 96   4 "uuid"   8 [u8;16] extended type
//! 24  u8 version = 1  25 [u8;3] 0
//! 28  u64 seq         36 u64 from_ms   44 u64 to_ms   52 u64 first_sample
//! 60  u32 body_len    64 [u8;32] SHA-256 of bytes 24..64 and of the body
//! 96  moof, mdat: body_len bytes
//! ```
//! All numbers big-endian, as everywhere in MP4.

use sha2::{Digest, Sha256};

/// Bytes of the stamp box.
pub const STAMP_BYTES: usize = 96;
const HEAD: [u8; 24] = [
    0, 0, 0, 96, b'u', b'u', b'i', b'd', // box header
    0x68, 0x75, 0x69, 0x74, 0x69, 0x6e, 0x67, 0x2d, 0x66, 0x72, 0x61, 0x67, 0x6d, 0x65, 0x6e,
    0x74, // "huiting-fragment"
];
const VERSION: u8 = 1;
/// A fragment is well under a second of one track.
const BODY_BYTES_MAX: u32 = 32 << 20;

/// What a fragment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// From 1, without holes, per track.
    pub seq: u64,
    /// Hearing time of its first sample, in milliseconds.
    pub from_ms: u64,
    /// Hearing time after its last.
    pub to_ms: u64,
    /// Index of its first sample by the device's own count (frames for a camera).
    pub first_sample: u64,
    /// Bytes of `moof` and `mdat`.
    pub body_len: u32,
}

/// The whole fragment: stamp and body.
#[must_use]
pub fn seal(stamp: Stamp, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(STAMP_BYTES + body.len());
    out.extend_from_slice(&HEAD);
    out.extend_from_slice(&[VERSION, 0, 0, 0]);
    for n in [stamp.seq, stamp.from_ms, stamp.to_ms, stamp.first_sample] {
        out.extend_from_slice(&n.to_be_bytes());
    }
    out.extend_from_slice(&stamp.body_len.to_be_bytes());
    let hash = own_hash(&out[24..64], body);
    out.extend_from_slice(&hash);
    out.extend_from_slice(body);
    out
}

/// Reads the stamp at the front of `bytes` without looking at the body.
#[must_use]
pub fn peek(bytes: &[u8]) -> Option<Stamp> {
    let head = bytes.get(..STAMP_BYTES)?;
    if head[..24] != HEAD || head[24] != VERSION {
        return None;
    }
    let n = |at: usize| head[at..at + 8].try_into().map_or(0, u64::from_be_bytes);
    let body_len = head[60..64].try_into().map_or(0, u32::from_be_bytes);
    let stamp = Stamp { seq: n(28), from_ms: n(36), to_ms: n(44), first_sample: n(52), body_len };
    (body_len <= BODY_BYTES_MAX && stamp.to_ms >= stamp.from_ms).then_some(stamp)
}

/// Reads the fragment at the front of `bytes`; `None` unless it is whole and its own hash matches.
#[must_use]
pub fn open(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
    let stamp = peek(bytes)?;
    let whole = bytes.get(..STAMP_BYTES + stamp.body_len as usize)?;
    let (head, body) = whole.split_at(STAMP_BYTES);
    (own_hash(&head[24..64], body)[..] == head[64..]).then_some((stamp, whole))
}

/// Where the next stamp may begin at or after `from`.
#[must_use]
pub fn next_head(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(HEAD.len()).position(|w| w == HEAD).map(|at| from + at)
}

fn own_hash(head: &[u8], body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(head);
    hash.update(body);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { seq: 7, from_ms: 160, to_ms: 320, first_sample: 2560, body_len: 5 };

    #[test]
    fn a_fragment_opens_only_while_every_bit_is_as_it_was_sealed() {
        let whole = seal(STAMP, b"hello");
        assert_eq!(open(&whole).map(|(s, w)| (s, w.len())), Some((STAMP, whole.len())));
        for bit in 0..whole.len() * 8 {
            let mut bad = whole.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&bad), None, "bit {bit}");
        }
    }

    #[test]
    fn a_fragment_cut_short_anywhere_does_not_open() {
        let whole = seal(STAMP, b"hello");
        assert!((0..whole.len()).all(|n| open(&whole[..n]).is_none()));
    }
}
