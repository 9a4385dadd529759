//! H.264 bytes: from start codes, as encoders and cameras give them, to lengths, as MP4 wants them.

use std::sync::Arc;

use crate::writer::Parameters;

const SLICE_IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
const DELIMITER: u8 = 9;

/// Gathers the parameter sets of a stream and rewrites its pictures.
#[derive(Debug, Default)]
pub(crate) struct Rewriter {
    sps: Option<Vec<u8>>,
    pps: Option<Vec<u8>>,
    parameters: Option<Arc<Parameters>>,
}

/// A picture ready for MP4.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) key: bool,
    pub(crate) data: Vec<u8>,
    pub(crate) parameters: Arc<Parameters>,
}

impl Rewriter {
    fn note(&mut self, nal: &[u8]) {
        let slot = match nal.first().map(|b| b & 31) {
            Some(SPS) => &mut self.sps,
            Some(PPS) => &mut self.pps,
            _ => return,
        };
        if slot.as_deref() != Some(nal) {
            *slot = Some(nal.to_vec());
            self.parameters = None;
        }
    }

    /// Rewrites one coded picture; `None` until the parameter sets are known, or if it holds no picture.
    pub(crate) fn rewrite(&mut self, packet: &[u8]) -> Option<Rewritten> {
        let (mut key, mut data) = (false, Vec::with_capacity(packet.len() + 8));
        for nal in split_start_codes(packet) {
            match nal.first().map(|b| b & 31) {
                Some(SPS | PPS) => self.note(nal),
                Some(DELIMITER) | None => {}
                Some(kind) => {
                    key |= kind == SLICE_IDR;
                    data.extend_from_slice(&u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes());
                    data.extend_from_slice(nal);
                }
            }
        }
        if self.parameters.is_none() {
            let (sps, pps) = (self.sps.clone()?, self.pps.clone()?);
            self.parameters = Some(Arc::new(Parameters { sps, pps }));
        }
        let parameters = self.parameters.clone()?;
        (!data.is_empty()).then_some(Rewritten { key, data, parameters })
    }
}

fn split_start_codes(bytes: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|b| b.windows(3).position(|w| w == [0, 0, 1])) {
        starts.push(at + found);
        at += found + 3;
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let nal = &bytes[start + 3..end];
            let len = nal.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
            &nal[..len]
        })
        .filter(|nal| !nal.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_of_both_lengths_become_lengths_and_parameter_sets_are_taken_out() {
        let mut rewriter = Rewriter::default();
        let stream =
            [0, 0, 0, 1, 0x67, 66, 192, 31, 0, 0, 1, 0x68, 9, 0, 0, 0, 1, 0x65, 1, 2, 0, 0, 1, 0x65, 3];
        let picture = rewriter.rewrite(&stream).expect("parameter sets and a picture");
        assert!(picture.key);
        assert_eq!(picture.data, [0, 0, 0, 3, 0x65, 1, 2, 0, 0, 0, 2, 0x65, 3]);
        assert_eq!(
            (&picture.parameters.sps[..], &picture.parameters.pps[..]),
            (&[0x67, 66, 192, 31][..], &[0x68, 9][..])
        );
    }

    #[test]
    fn a_picture_before_the_parameter_sets_is_not_given() {
        assert_eq!(Rewriter::default().rewrite(&[0, 0, 1, 0x41, 1]), None);
    }
}
