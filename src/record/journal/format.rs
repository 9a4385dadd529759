//! The bytes of a segment. All numbers little-endian.
//!
//! ```text
//! header, 128 bytes
//!   0   8  "HUITSEG\n"
//!   8   4  format version, 1
//!  12   4  flags: 1 = the segment before was left because the disk failed; its frames from `first entry` on do not count
//!  16   8  number of the segment, from 1
//!  24   8  sequence number of the first entry
//!  32  16  id of the journal, random
//!  48  32  hash of the entry before the first; zeros for entry 1
//!  80  44  zeros
//! 124   4  CRC-32 of the 124 bytes before
//! frame
//!   0   4  length of the body; 0: end of the segment so far, only zeros follow
//!   4   4  CRC-32 of the four bytes of the length and the body
//!   8   …  body
//! body
//!   0   1  1 entry, 2 checkpoint, 3 seal
//!   1   1  flags: 1 = payload is present, 2 = last frame of its batch
//!   2   8  number of the batch: frames that were synced together
//!  10   …  entry: sequence number (8), hash of the entry before (32), SHA-256(salt ‖ payload) (32), length of the meta data
//!          (4), meta data (JSON), and with the payload: salt (32), length (4), payload (JSON)
//!          checkpoint: a C2SP signed note (UTF-8)
//!          seal: number of the next segment (8), last sequence number (8), its hash (32); nothing follows
//! ```

use model::{HearingTime, UtcMs};
use proof::{Hash, entry_core, entry_hash, payload_commitment};
use serde::{Deserialize, Serialize};

/// What this code writes; older versions are read as well.
pub(crate) const VERSION: u32 = 1;
/// Bytes before the first frame.
pub(crate) const HEADER_BYTES: usize = 128;
/// Length and checksum.
pub(crate) const FRAME_HEAD_BYTES: usize = 8;
/// Bound of a body.
pub(crate) const BODY_BYTES_MAX: usize = 16 << 20;
/// A whole seal frame.
pub(crate) const SEAL_BYTES: usize = FRAME_HEAD_BYTES + BODY_HEAD_BYTES + 48;
const BODY_HEAD_BYTES: usize = 10;
const MAGIC: &[u8; 8] = b"HUITSEG\n";
const AFTER_FAULT: u32 = 1;
const HAS_PAYLOAD: u8 = 1;
const LAST_OF_BATCH: u8 = 2;

/// The first bytes of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) after_fault: bool,
    pub(crate) number: u64,
    pub(crate) first_seq: u64,
    pub(crate) journal: [u8; 16],
    pub(crate) prev: Hash,
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[..8].copy_from_slice(MAGIC);
        out[8..12].copy_from_slice(&VERSION.to_le_bytes());
        let flags = if self.after_fault { AFTER_FAULT } else { 0 };
        out[12..16].copy_from_slice(&flags.to_le_bytes());
        out[16..24].copy_from_slice(&self.number.to_le_bytes());
        out[24..32].copy_from_slice(&self.first_seq.to_le_bytes());
        out[32..48].copy_from_slice(&self.journal);
        out[48..80].copy_from_slice(&self.prev.0);
        let crc = crc32fast::hash(&out[..124]);
        out[124..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads a header; the error says what is wrong with it.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut cut = Cut(bytes);
        let raw = cut.take(HEADER_BYTES).ok_or("the file is shorter than its header")?;
        let mut cut = Cut(raw);
        if cut.take(8) != Some(MAGIC) {
            return Err("the file is not a journal segment".to_owned());
        }
        let mut read = || -> Option<(u32, u32, u64, u64, [u8; 16], Hash)> {
            Some((
                cut.u32()?,
                cut.u32()?,
                cut.u64()?,
                cut.u64()?,
                cut.take(16)?.try_into().ok()?,
                cut.hash()?,
            ))
        };
        let (version, flags, number, first_seq, journal, prev) = read().ok_or("the header is cut off")?;
        if raw[124..] != crc32fast::hash(&raw[..124]).to_le_bytes() {
            return Err("the header's checksum does not fit: it was changed".to_owned());
        }
        if version != VERSION {
            return Err(format!("the segment has format version {version}, this program reads {VERSION}"));
        }
        Ok(Self { after_fault: flags & AFTER_FAULT != 0, number, first_seq, journal, prev })
    }
}

/// What is said about an event beside the event itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) actor: String,
    pub(crate) at: HearingTime,
    pub(crate) device: String,
    pub(crate) kind: String,
    pub(crate) wall: UtcMs,
}

/// An entry as it stands in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryFrame {
    pub(crate) seq: u64,
    pub(crate) prev: Hash,
    pub(crate) commitment: Hash,
    pub(crate) meta: Vec<u8>,
    /// `None`: withheld or lawfully erased; the commitment stays.
    pub(crate) payload: Option<([u8; 32], Vec<u8>)>,
}

impl EntryFrame {
    pub(crate) fn new(seq: u64, prev: Hash, meta: Vec<u8>, salt: [u8; 32], payload: Vec<u8>) -> Self {
        let commitment = payload_commitment(&salt, &payload);
        Self { seq, prev, commitment, meta, payload: Some((salt, payload)) }
    }

    pub(crate) fn hash(&self) -> Hash {
        entry_hash(&entry_core(self.seq, &self.prev, &self.commitment, &self.meta))
    }

    /// Whether payload and salt are what was committed to; a withheld payload is.
    pub(crate) fn payload_fits(&self) -> bool {
        self.payload
            .as_ref()
            .is_none_or(|(salt, payload)| payload_commitment(salt, payload) == self.commitment)
    }
}

/// What a frame holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    Entry(EntryFrame),
    Checkpoint(String),
    Seal { next: u64, last_seq: u64, hash: Hash },
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) batch: u64,
    pub(crate) last_of_batch: bool,
    pub(crate) body: Body,
}

impl Frame {
    /// Appends the frame to `out`.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; FRAME_HEAD_BYTES]);
        let (kind, has_payload) = match &self.body {
            Body::Entry(e) => (1, e.payload.is_some()),
            Body::Checkpoint(_) => (2, false),
            Body::Seal { .. } => (3, false),
        };
        let flags =
            if has_payload { HAS_PAYLOAD } else { 0 } | if self.last_of_batch { LAST_OF_BATCH } else { 0 };
        out.extend_from_slice(&[kind, flags]);
        out.extend_from_slice(&self.batch.to_le_bytes());
        match &self.body {
            Body::Entry(e) => {
                out.extend_from_slice(&entry_core(e.seq, &e.prev, &e.commitment, &e.meta));
                if let Some((salt, payload)) = &e.payload {
                    out.extend_from_slice(salt);
                    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
                    out.extend_from_slice(payload);
                }
            }
            Body::Checkpoint(note) => out.extend_from_slice(note.as_bytes()),
            Body::Seal { next, last_seq, hash } => {
                out.extend_from_slice(&next.to_le_bytes());
                out.extend_from_slice(&last_seq.to_le_bytes());
                out.extend_from_slice(&hash.0);
            }
        }
        let len = ((out.len() - start - FRAME_HEAD_BYTES) as u32).to_le_bytes();
        let crc = checksum(len, &out[start + FRAME_HEAD_BYTES..]);
        out[start..start + 4].copy_from_slice(&len);
        out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    }

    /// How long the frame at the front of `bytes` is if there is one; `None` where none can be. Looks at its head alone.
    pub(crate) fn may_begin(bytes: &[u8]) -> Option<usize> {
        let len = Cut(bytes).u32()? as usize;
        let (kind, flags) = (*bytes.get(FRAME_HEAD_BYTES)?, *bytes.get(FRAME_HEAD_BYTES + 1)?);
        let whole = FRAME_HEAD_BYTES + len;
        let fits = (BODY_HEAD_BYTES..=BODY_BYTES_MAX).contains(&len) && whole <= bytes.len();
        let right = match kind {
            1 | 2 => flags & !(HAS_PAYLOAD | LAST_OF_BATCH) == 0,
            3 => whole == SEAL_BYTES,
            _ => false,
        };
        (fits && right).then_some(whole)
    }

    /// Reads the frame at the front of `bytes`: the frame and its whole length, or what is wrong.
    pub(crate) fn decode(bytes: &[u8]) -> Result<(Self, usize), &'static str> {
        let mut cut = Cut(bytes);
        let len = cut.u32().ok_or("it is cut off")?;
        let crc = cut.u32().ok_or("it is cut off")?;
        if !(BODY_HEAD_BYTES..=BODY_BYTES_MAX).contains(&(len as usize)) {
            return Err("its length makes no sense");
        }
        let body = cut.take(len as usize).ok_or("it is cut off")?;
        if checksum(len.to_le_bytes(), body) != crc {
            return Err("its checksum does not fit");
        }
        let frame = Self::decode_body(body).ok_or("its contents make no sense")?;
        Ok((frame, FRAME_HEAD_BYTES + body.len()))
    }

    fn decode_body(body: &[u8]) -> Option<Self> {
        let mut cut = Cut(body);
        let head = cut.take(2)?;
        let batch = cut.u64()?;
        let body = match head[0] {
            1 => {
                let (seq, prev, commitment) = (cut.u64()?, cut.hash()?, cut.hash()?);
                let meta_len = cut.u32()? as usize;
                let meta = cut.take(meta_len)?.to_vec();
                let payload = if head[1] & HAS_PAYLOAD != 0 {
                    let salt = cut.take(32)?.try_into().ok()?;
                    let len = cut.u32()? as usize;
                    Some((salt, cut.take(len)?.to_vec()))
                } else {
                    None
                };
                Body::Entry(EntryFrame { seq, prev, commitment, meta, payload })
            }
            2 => Body::Checkpoint(String::from_utf8(std::mem::take(&mut cut.0).to_vec()).ok()?),
            3 => Body::Seal { next: cut.u64()?, last_seq: cut.u64()?, hash: cut.hash()? },
            _ => return None,
        };
        cut.0.is_empty().then_some(Self { batch, last_of_batch: head[1] & LAST_OF_BATCH != 0, body })
    }
}

fn checksum(len: [u8; 4], body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&len);
    crc.update(body);
    crc.finalize()
}

/// Takes bytes from the front.
struct Cut<'a>(&'a [u8]);

impl<'a> Cut<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }
    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }
    fn hash(&mut self) -> Option<Hash> {
        self.take(32)?.try_into().ok().map(Hash)
    }
}
