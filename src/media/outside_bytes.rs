//! Recordings as a crash, a camera or somebody else left them.

use std::fs;

use model::{SeatId, TrackId};
use sha2::{Digest as _, Sha256};

use crate::camera::h264::Rewriter;
use crate::capture::file::read_wav;
use crate::layout;
use crate::recover;
use crate::writer::fragment::{self, STAMP_BYTES, Stamp};
use crate::writer::mp4::{self, Sample};

fn body(seq: u64) -> Vec<u8> {
    let sample = |n: u64| Sample { duration: 960, key: true, data: vec![n as u8; 12 + n as usize] };
    mp4::fragment(seq, seq * 2880, &[sample(1), sample(2), sample(3)]).expect("a fragment")
}

fn sealed(seq: u64) -> Vec<u8> {
    let body = body(seq);
    let body_len = u32::try_from(body.len()).expect("short");
    fragment::seal(
        Stamp { seq, from_ms: seq * 60, to_ms: seq * 60 + 60, first_sample: seq * 960, body_len },
        &body,
    )
}

/// Makes the hash of every fragment that can still be told fit what it says.
fn with_hashes(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(offset) = fragment::next_head(bytes, at) {
        at = offset + 1;
        let Some(stamp) = fragment::peek(&bytes[offset..]) else { continue };
        let end = offset + STAMP_BYTES + stamp.body_len as usize;
        if end > bytes.len() {
            continue;
        }
        let mut hash = Sha256::new();
        hash.update(&bytes[offset + 24..offset + 64]);
        hash.update(&bytes[offset + STAMP_BYTES..end]);
        let hash = hash.finalize();
        bytes[offset + 64..offset + STAMP_BYTES].copy_from_slice(&hash);
        at = end;
    }
}

#[test]
fn hostile_bytes_in_a_segment_give_only_whole_fragments_in_order() {
    let segment: Vec<u8> = (1..=4).flat_map(sealed).collect();
    for fitting in [false, true] {
        hostile::attack("segment", &[&segment], 1_500, |input| {
            let mut bytes = input.to_vec();
            if fitting {
                with_hashes(&mut bytes);
            }
            let mut end = 0;
            for found in recover::scan(&bytes) {
                assert!(found.offset >= end && found.offset + found.bytes <= bytes.len());
                assert!(found.stamp.to_ms >= found.stamp.from_ms);
                end = found.offset + found.bytes;
                let body = &bytes[found.offset + STAMP_BYTES..end];
                if !fitting {
                    assert_eq!(body, self::body(found.stamp.seq), "a changed fragment counts as whole");
                }
                if let Some((_, ranges)) = mp4::read_fragment(body) {
                    assert!(ranges.iter().all(|r| body.get(r.clone()).is_some()));
                }
            }
        });
    }
}

#[test]
fn hostile_bytes_in_a_fragments_boxes_name_no_sample_outside_it() {
    hostile::attack("boxes", &[body(1), body(u64::from(u32::MAX))], 8_000, |bytes| {
        if let Some((_, ranges)) = mp4::read_fragment(bytes) {
            assert!(ranges.iter().all(|r| bytes.get(r.clone()).is_some()));
        }
    });
}

#[test]
fn hostile_bytes_on_the_disk_of_a_recording_are_cut_or_refused_and_played_around() {
    let dir = tempfile::tempdir().expect("a folder");
    let media = dir.path().join("media");
    let track = TrackId::new("mic-judge").expect("a plain name");
    let folder = media.join(track.as_str());
    fs::create_dir_all(&folder).expect("made");
    let what = layout::TrackKind::Microphone { seat: SeatId::new("judge").expect("a plain name") };
    let info = layout::TrackInfo {
        track: track.clone(),
        what,
        codec: "opus".to_owned(),
        rate: 48_000,
        bits_per_s: 32_000,
    };
    let info = serde_json::to_vec(&info).expect("JSON");
    let segment: Vec<u8> = (1..=3).flat_map(sealed).collect();
    hostile::attack("recording", &[segment.clone(), info.clone()], 600, |bytes| {
        let as_segment = bytes.windows(4).any(|w| w == b"uuid");
        fs::write(folder.join("track.json"), if as_segment { &info } else { bytes }).expect("written");
        fs::write(folder.join("000001.m4s"), if as_segment { bytes } else { &segment }).expect("written");
        match recover::recover(&media) {
            Ok(tracks) => {
                for (track, found) in tracks {
                    let left = fs::read(media.join(track.as_str()).join("000001.m4s")).unwrap_or_default();
                    assert!(found.torn_bytes == 0 || left.len() < bytes.len().max(segment.len()));
                    let told = recover::fragments(&media, &track, 0, u64::MAX, |f| f.bytes > 0);
                    assert!(told.is_ok());
                }
            }
            Err(refusal) => hostile::sentence(&refusal),
        }
    });
}

#[test]
fn hostile_bytes_from_a_camera_are_pictures_or_nothing() {
    let picture = [
        &[0, 0, 0, 1, 0x67, 1, 2, 3][..],
        &[0, 0, 1, 0x68, 4, 5],
        &[0, 0, 1, 0x65, 6, 7, 8, 9, 0, 0],
        &[0, 0, 0, 1, 0x41, 1],
    ]
    .concat();
    let mut rewriter = Rewriter::default();
    hostile::attack("camera", &[picture], 6_000, |bytes| {
        if let Some(rewritten) = rewriter.rewrite(bytes) {
            let mut rest = &rewritten.data[..];
            while let Some((len, after)) = rest.split_first_chunk() {
                let len = u32::from_be_bytes(*len) as usize;
                assert!(len > 0 && len <= after.len(), "a length that leads out of the picture");
                rest = &after[len..];
            }
            assert!(rest.is_empty());
        }
    });
}

#[test]
fn hostile_bytes_in_a_wav_file_are_sound_or_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("seat.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).expect("created");
    (0..200i16).for_each(|n| writer.write_sample(n * 50).expect("written"));
    writer.finalize().expect("closed");
    let wav = fs::read(&path).expect("there");
    hostile::attack("wav", &[wav], 2_000, |bytes| {
        fs::write(&path, bytes).expect("written");
        match read_wav(&path) {
            Ok(samples) => assert!(samples.len() * 2 <= bytes.len()),
            Err(refusal) => hostile::sentence(&refusal),
        }
    });
}
