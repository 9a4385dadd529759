//! Takes the bytes of one segment apart, past damage where there is any.

use super::format::{Body, FRAME_HEAD_BYTES, Frame, HEADER_BYTES};

/// A piece of a segment in its order.
#[derive(Debug)]
pub(super) enum Piece {
    /// A frame that reads well by itself.
    Frame { offset: usize, end: usize, frame: Frame },
    /// Bytes that are no frame, up to the next frame or the end of the file.
    Damage { offset: usize, what: &'static str },
}

/// Cuts the bytes after the header into pieces.
pub(super) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut found = Vec::new();
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
        found.push(Piece::Damage { offset: at, what });
        match next_frame(bytes, at) {
            Some(next) => at = next,
            None => break,
        }
    }
    found
}

/// Where the next frame after the damage at `at` begins, if there is one.
fn next_frame(bytes: &[u8], at: usize) -> Option<usize> {
    // Most damage leaves the length alone: then the next frame is where it says.
    if let Some(len) = bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes) {
        let next = at.saturating_add(FRAME_HEAD_BYTES).saturating_add(len as usize);
        if len > 0 && next < bytes.len() && Frame::decode(&bytes[next..]).is_ok() {
            return Some(next);
        }
    }
    let mut at = at + 1;
    while at < bytes.len() {
        // Zeros are skipped in one go: a segment is allocated far beyond its end.
        at += bytes[at..].iter().position(|b| *b != 0)?;
        let earliest = at.saturating_sub(3).max(HEADER_BYTES);
        for start in earliest..=at {
            if Frame::decode(&bytes[start..]).is_ok() {
                return Some(start);
            }
        }
        at += 1;
    }
    None
}
