//! The traces in `golden/` were written by another implementation of PROTOCOL.md; both must agree on every byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bridge::codec::{Decoder, Frame};

struct Line {
    place: String,
    from_hub: bool,
    wire: Vec<u8>,
    says: String,
}

fn lines() -> Vec<Line> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
            let place = format!("{}:{}", path.display(), n + 1);
            let (bytes, says) = line[2..].split_once(" | ").expect(&place);
            let wire = bytes.split(' ').map(|b| u8::from_str_radix(b, 16).expect(&place)).collect();
            out.push(Line { place, from_hub: line.starts_with('>'), wire, says: says.into() });
        }
    }
    assert!(out.len() > 20, "the traces are missing");
    out
}

fn decode(bytes: &[u8]) -> Vec<Frame> {
    let mut decoder = Decoder::new();
    bytes.iter().filter_map(|&b| decoder.push(b)).map(|f| f.expect("a whole frame")).collect()
}

#[test]
fn every_golden_frame_says_what_is_written_beside_it_and_is_written_back_the_same() {
    for line in lines() {
        let frames = decode(&line.wire);
        let [frame] = frames[..] else { panic!("{}: {} frames", line.place, frames.len()) };
        assert_eq!(frame.to_string(), line.says, "{}", line.place);
        assert_eq!(frame.to_wire()[..], line.wire, "{}", line.place);
    }
}

#[test]
fn the_traces_show_every_message_there_is() {
    let kinds: BTreeSet<(bool, u8)> =
        lines().iter().map(|l| (l.from_hub, decode(&l.wire)[0].message.kind())).collect();
    let hub = [0x01, 0x20, 0x21, 0x7F].map(|k| (true, k));
    let console = [0x02, 0x10, 0x7F].map(|k| (false, k));
    assert_eq!(kinds, hub.into_iter().chain(console).collect());
}

#[test]
fn a_trace_read_in_one_go_gives_the_same_frames_as_read_line_by_line() {
    let lines = lines();
    let all: Vec<u8> = lines.iter().flat_map(|l| l.wire.clone()).collect();
    let says: Vec<String> = decode(&all).iter().map(ToString::to_string).collect();
    assert_eq!(says, lines.iter().map(|l| l.says.clone()).collect::<Vec<_>>());
}
