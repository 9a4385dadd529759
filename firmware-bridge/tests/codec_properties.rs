//! Whatever comes down the line: no panic, no lie, and in step again with the next whole frame.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

use bridge::codec::message::{Ack, Hello, KeyLight, Light, MicState, Name, Status, TalkKey, Who};
use bridge::codec::{Decoder, Frame, FrameError, Message};
use bridge::console::{Console, Identity};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = Name> {
    "[ -~]{0,16}".prop_map(|text| Name::new(&text).expect("printable ASCII of at most 16 bytes"))
}

fn hello() -> impl Strategy<Value = Message> {
    (1..=16u8, any::<(u16, u32, u16, u8, u8)>(), name()).prop_map(
        |(keys, (held, uptime_ms, given_up, major, minor), name)| {
            let held = held & (u16::MAX >> (16 - keys));
            Message::Hello(Hello { keys, held, uptime_ms, given_up, firmware: (major, minor), name })
        },
    )
}

fn light() -> impl Strategy<Value = KeyLight> {
    prop::sample::select(vec![KeyLight::Off, KeyLight::Recording, KeyLight::MicOpen, KeyLight::Fault])
}

fn status() -> impl Strategy<Value = Status> {
    let all = [Status::Done, Status::UnknownKind, Status::BadPayload, Status::NoSuchKey];
    prop::sample::select(all.to_vec())
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        Just(Message::Who(Who)),
        hello(),
        (0..16u8, any::<bool>(), any::<u32>()).prop_map(|(key, down, at_ms)| Message::TalkKey(TalkKey {
            key,
            down,
            at_ms
        })),
        (0..16u8, any::<bool>()).prop_map(|(key, open)| Message::MicState(MicState { key, open })),
        (0..16u8, light()).prop_map(|(key, shows)| Message::Light(Light { key, shows })),
        status().prop_map(|status| Message::Ack(Ack { status })),
    ]
}

fn frame() -> impl Strategy<Value = Frame> {
    (any::<u8>(), message()).prop_map(|(seq, message)| Frame { seq, message })
}

fn decode(bytes: &[u8]) -> Vec<Result<Frame, FrameError>> {
    let mut decoder = Decoder::new();
    bytes.iter().filter_map(|&b| decoder.push(b)).collect()
}

proptest! {
    #[test]
    fn every_frame_is_read_as_it_was_written(frame in frame()) {
        prop_assert_eq!(decode(&frame.to_wire()), vec![Ok(frame)]);
    }

    #[test]
    fn random_bytes_never_panic_and_the_next_frame_is_whole(
        garbage in prop::collection::vec(any::<u8>(), 0..600), frame in frame()
    ) {
        let mut bytes = garbage;
        bytes.extend_from_slice(&frame.to_wire());
        let got = decode(&bytes);
        prop_assert_eq!(got.last(), Some(&Ok(frame)));
    }

    #[test]
    fn a_frame_cut_anywhere_costs_itself_alone(cut in frame(), at in 0..80usize, frame in frame()) {
        let wire = cut.to_wire();
        // The last byte closes the frame; without it the next frame's first zero does.
        let kept = at.min(wire.len() - 2);
        let mut bytes = wire[..kept].to_vec();
        bytes.extend_from_slice(&frame.to_wire());
        let got = decode(&bytes);
        prop_assert_eq!(got.last(), Some(&Ok(frame)));
        prop_assert!(got.iter().filter(|f| f.is_ok()).count() == 1, "{:?}", got);
    }

    #[test]
    fn a_frame_with_one_changed_bit_is_never_taken_for_another(
        frame in frame(), byte in 1..40usize, bit in 0..8u8
    ) {
        let wire = frame.to_wire();
        let mut bytes = wire.to_vec();
        let at = 1 + (byte - 1) % (bytes.len() - 2);
        bytes[at] ^= 1 << bit;
        let got = decode(&bytes);
        prop_assert!(!got.iter().any(Result::is_ok), "{:?} became {:?}", frame, got);
    }

    #[test]
    fn a_payload_parses_to_the_message_that_writes_it(
        kind in prop_oneof![prop::sample::select(vec![0x01u8, 0x02, 0x10, 0x20, 0x21, 0x7F]), any::<u8>()],
        payload in prop::collection::vec(prop_oneof![0..4u8, any::<u8>()], 0..64),
    ) {
        if let Ok(message) = Message::parse(kind, &payload) {
            let wire = (Frame { seq: 1, message }).to_wire();
            prop_assert_eq!(decode(&wire), vec![Ok(Frame { seq: 1, message })]);
            prop_assert_eq!(message.kind(), kind);
        }
    }

    #[test]
    fn a_console_survives_anything_and_still_answers(
        garbage in prop::collection::vec(any::<u8>(), 0..600),
        frames in prop::collection::vec(frame(), 0..20),
    ) {
        let identity = Identity { name: Name::default(), firmware: (1, 0), keys: 3 };
        let mut console = Console::new(identity, 0);
        for byte in garbage.iter().copied().chain(frames.iter().flat_map(|f| f.to_wire().to_vec())) {
            console.receive(byte, 1);
        }
        while console.poll(2).is_some() {}
        for &byte in (Frame { seq: 77, message: Message::Who(Who) }).to_wire().iter() {
            console.receive(byte, 3);
        }
        let wire = console.poll(4).expect("an answer");
        let got = decode(&wire);
        prop_assert!(matches!(got[..], [Ok(Frame { seq: 77, message: Message::Hello(_) })]), "{:?}", got);
    }
}

/// Frames of the golden traces, byte by byte.
fn traces() -> Vec<Vec<u8>> {
    let files = [
        include_str!("../golden/full_desk.hex"),
        include_str!("../golden/power_on.hex"),
        include_str!("../golden/refused.hex"),
        include_str!("../golden/talk.hex"),
    ];
    let bytes = |line: &str| {
        let hex = line.trim_start_matches(['<', '>', ' ']).split('|').next()?;
        hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).ok()).collect::<Option<Vec<u8>>>()
    };
    files.map(|f| f.lines().filter(|l| !l.starts_with('#')).filter_map(bytes).flatten().collect()).to_vec()
}

#[test]
fn hostile_bytes_on_the_line_are_frames_or_named_noise_and_every_frame_reads_back() {
    hostile::attack("line", &traces(), 2_000, |bytes| {
        for got in decode(bytes) {
            match got {
                Ok(frame) => {
                    assert_eq!(decode(&frame.to_wire()), [Ok(frame)]);
                    hostile::sentence(&frame);
                }
                Err(error) => hostile::sentence(&error),
            }
        }
        // In step again at the next zero.
        let whole = Frame { seq: 9, message: Message::Who(Who) };
        let after: Vec<u8> = bytes.iter().copied().chain([0]).chain(whole.to_wire().to_vec()).collect();
        assert_eq!(decode(&after).last(), Some(&Ok(whole)));
        let identity =
            Identity { name: Name::new("bench").expect("five letters"), firmware: (1, 0), keys: 4 };
        let mut console = Console::new(identity, 0);
        for &byte in bytes {
            console.receive(byte, 5);
            while console.poll(5).is_some() {}
        }
    });
}

/// As one who knows the checksum: any version, kind and payload in a right frame.
#[test]
fn hostile_bytes_in_a_right_frame_are_a_message_or_refused() {
    let samples: Vec<Vec<u8>> = traces()
        .iter()
        .flat_map(|t| t.split(|b| *b == 0).map(<[u8]>::to_vec).collect::<Vec<_>>())
        .filter(|f| f.len() > 3)
        .collect();
    hostile::attack("payload", &samples, 4_000, |stuffed| {
        let mut raw = vec![0; stuffed.len() + 1];
        let Ok(report) = cobs::decode(stuffed, &mut raw) else { return };
        raw.truncate(report.frame_size().saturating_sub(2));
        raw.extend(bridge::codec::crc16(&raw).to_be_bytes());
        let mut wire = vec![0; cobs::max_encoding_length(raw.len())];
        let len = cobs::encode(&raw, &mut wire);
        wire.truncate(len);
        wire.push(0);
        for got in decode(&wire) {
            match got {
                Ok(frame) => hostile::sentence(&frame),
                Err(error) => {
                    assert!(!matches!(error, FrameError::Checksum | FrameError::Stuffing), "{error}");
                    hostile::sentence(&error);
                }
            }
        }
    });
}

#[test]
fn hostile_bytes_in_an_address_are_one_or_refused() {
    let samples = ["/dev/ttyUSB0", "tcp://127.0.0.1:5331", "tcp://[::1]:5331"];
    hostile::attack_text("address", &samples, 4_000, |text| {
        match text.parse::<bridge::transport::Address>() {
            Ok(address) => assert_eq!(address.to_string(), text),
            Err(refusal) => hostile::sentence(&refusal),
        }
    });
}
