//! Takes the bytes of one segment apart, past damage where there is any.

use super::format::{Body, FRAME_HEAD_BYTES, Frame, HEADER_BYTES};

/// Sums taken in looking for frames behind damage, in bytes for each byte of the segment. Chance asks for a fraction of it; bytes written to look
/// like the beginning of a frame everywhere must not keep anybody waiting for hours.
const SEARCH: usize = 16;

/// A piece of a segment in its order.
#[derive(Debug)]
pub(super) enum Piece {
    /// A frame that reads well by itself.
    Frame { offset: usize, end: usize, frame: Frame },
    /// Bytes that are no frame, up to the next frame or the end of the file.
    Damage {
        offset: usize,
        what: &'static str,
        /// Whether everything behind it was looked through; else frames may stand there unseen.
        searched: bool,
    },
}

/// Cuts the bytes after the header into pieces.
pub(super) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut search = Search { bytes, left: bytes.len().saturating_mul(SEARCH) };
    let mut at = HEADER_BYTES;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let what = match Frame::decode(rest) {
            Ok((frame, len)) => {
                let sealed = matches!(frame.body, Body::Seal { .. });
                found.push(Piece::Frame { offset: at, end: at + len, frame });
                at += len;
                if sealed && at < bytes.len() {
                    "bytes follow the seal of the segment"
                } else {
                    continue;
                }
            }
            Err(what) => {
                if rest.iter().all(|b| *b == 0) {
                    break;
                }
                if rest.iter().take(4).all(|b| *b == 0) {
                    "bytes follow the end of the entries"
                } else {
                    what
                }
            }
        };
        let next = search.next_frame(at);
        found.push(Piece::Damage { offset: at, what, searched: next.is_ok() });
        match next {
            Ok(Some(next)) => at = next,
            Ok(None) | Err(GaveUp) => break,
        }
    }
    found
}

struct Search<'a> {
    bytes: &'a [u8],
    /// Bytes that may still be summed.
    left: usize,
}

struct GaveUp;

impl Search<'_> {
    /// Where the next frame after the damage at `at` begins, if there is one.
    fn next_frame(&mut self, at: usize) -> Result<Option<usize>, GaveUp> {
        // Most damage leaves the length alone: then the next frame is where it says.
        if let Some(len) = self.bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes)
        {
            let next = at.saturating_add(FRAME_HEAD_BYTES).saturating_add(len as usize);
            if len > 0 && self.begins(next)? {
                return Ok(Some(next));
            }
        }
        let mut at = at + 1;
        while let Some(rest) = self.bytes.get(at..) {
            // Zeros are skipped in one go: a segment is allocated far beyond its end, and no length is four of them.
            let Some(zeros) = rest.iter().position(|b| *b != 0) else { return Ok(None) };
            at += zeros.saturating_sub(3);
            if self.begins(at)? {
                return Ok(Some(at));
            }
            at += 1;
        }
        Ok(None)
    }

    /// Whether a frame begins at `at`.
    fn begins(&mut self, at: usize) -> Result<bool, GaveUp> {
        let Some(rest) = self.bytes.get(at..) else { return Ok(false) };
        let Some(cost) = Frame::may_begin(rest) else { return Ok(false) };
        self.left = self.left.checked_sub(cost).ok_or(GaveUp)?;
        Ok(Frame::decode(rest).is_ok())
    }
}
