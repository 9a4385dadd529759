//! One conversation, byte by byte, against the console of the bridge and against a hand-written one.

use bridge::codec::message::Name;
use bridge::codec::{BAUD, crc16};
use bridge::console::{Console, Identity};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;

fn hello(keys: u8, held: u16, uptime_ms: u32, given_up: u16) -> Message {
    let name = Name::new("bench").expect("five letters");
    Message::Hello(Hello { keys, held, uptime_ms, given_up, firmware: (1, 0), name })
}

fn key(key: u8, down: bool, at_ms: u32) -> Message {
    Message::TalkKey(TalkKey { key, down, at_ms })
}

fn wire(seq: u8, message: Message) -> Vec<u8> {
    Frame { seq, message }.to_wire().to_vec()
}

fn frames(wires: &[Wire]) -> Vec<(u8, Message)> {
    let mut decoder = Decoder::new();
    let bytes = wires.iter().flat_map(|w| w.to_vec());
    bytes
        .filter_map(|b| decoder.push(b))
        .map(|f| f.expect("a whole frame"))
        .map(|f| (f.seq, f.message))
        .collect()
}

/// A session of two seats that has met a console of two keys at time 0 and asked its first question.
fn met() -> Session {
    let mut session = Session::new(2, 0);
    session.receive(&wire(0, hello(2, 0, 0, 0)), 0);
    let said = frames(&session.poll(&[SeatLook::default(); 2], 0).expect("the console has just spoken"));
    assert_eq!(said[0], (1, Message::Who(Who)));
    session
}

fn learned_key(key: u8, down: bool, at_ms: Option<u32>) -> Learned {
    Learned::Key { key, down, at_ms }
}

#[test]
fn it_asks_at_once_and_every_half_second_with_a_number_that_counts_up() {
    let mut session = Session::new(1, 0);
    let mut asked = Vec::new();
    for now_ms in (0..SILENT_MS).step_by(10) {
        let said = frames(&session.poll(&[SeatLook::default()], now_ms).expect("not yet silent"));
        asked.extend(said.into_iter().map(|(seq, message)| (now_ms, seq, message)));
    }
    let who = Message::Who(Who);
    let expected = [(0, 1, who), (ASK_MS, 2, who), (2 * ASK_MS, 3, who), (3 * ASK_MS, 4, who)];
    assert_eq!(asked, expected);
}

#[test]
fn two_seconds_without_a_hello_end_it_whether_the_console_was_met_or_not() {
    let mut session = Session::new(2, 0);
    assert_eq!(session.poll(&[], SILENT_MS), Err(Over::Silent));
    let mut session = met();
    session.receive(&wire(2, hello(2, 0, 1_500, 0)), 1_500);
    assert!(session.poll(&[], 1_500 + SILENT_MS - 1).is_ok());
    assert_eq!(session.poll(&[], 1_500 + SILENT_MS), Err(Over::Silent));
}

#[test]
fn a_line_with_nothing_but_noise_names_the_noise() {
    let mut session = Session::new(1, 0);
    session.receive(&[0, 0x31, 0x41, 0x59, 0], 5);
    assert!(matches!(session.poll(&[], SILENT_MS), Err(Over::Disturbed(_))));
    // Once met, the same noise is only noise.
    let mut session = met();
    session.receive(&[0, 0x31, 0x41, 0x59, 0], 5);
    assert_eq!(session.poll(&[], SILENT_MS), Err(Over::Silent));
}

#[test]
fn a_console_of_another_version_ends_it_with_both_versions_in_the_sentence() {
    let raw = [2, 1, 1];
    let crc = crc16(&raw).to_be_bytes();
    assert!(!crc.contains(&0), "COBS below is written for bytes without a zero");
    let mut session = Session::new(1, 0);
    session.receive(&[&[0, 6][..], &raw, &crc, &[0]].concat(), 1);
    let over = session.poll(&[], 1).expect_err("another version");
    assert_eq!(over.to_string(), "protocol version 2, but this side speaks 1; update the older of the two");
}

#[test]
fn a_console_with_fewer_keys_than_seats_is_refused() {
    let mut session = Session::new(3, 0);
    assert_eq!(session.receive(&wire(0, hello(2, 0, 0, 0)), 0), []);
    assert_eq!(session.poll(&[], 0), Err(Over::TooFewKeys { has: 2, wanted: 3 }));
}

#[test]
fn a_press_is_learned_once_and_acknowledged_as_often_as_it_comes() {
    let mut session = met();
    let press = wire(9, key(1, true, 77));
    assert_eq!(session.receive(&press, 10), [learned_key(1, true, Some(77))]);
    assert_eq!(session.receive(&press, 110), []);
    let acks = frames(&session.poll(&[], 110).expect("met"));
    let done = (9, Message::Ack(Ack { status: Status::Done }));
    assert_eq!(acks[..2], [done, done]);
}

#[test]
fn a_press_before_the_console_was_met_is_left_unanswered_and_comes_again() {
    let mut session = Session::new(2, 0);
    assert_eq!(session.receive(&wire(1, key(0, true, 5)), 1), []);
    assert_eq!(frames(&session.poll(&[], 1).expect("not silent")), [(1, Message::Who(Who))]);
    let met = session.receive(&wire(1, hello(2, 1, 6, 0)), 2);
    assert!(matches!(met[0], Learned::Present(_)));
    assert_eq!(met[1..], [learned_key(0, true, None)], "the Hello told it meanwhile");
    assert_eq!(session.receive(&wire(1, key(0, true, 5)), 3), [], "known already");
}

#[test]
fn keys_that_do_not_exist_are_refused_and_keys_without_a_seat_are_not_told() {
    let mut session = Session::new(1, 0);
    session.receive(&wire(0, hello(2, 0, 0, 0)), 0);
    assert_eq!(session.receive(&wire(4, key(1, true, 1)), 1), [], "key 1 has no seat");
    assert_eq!(session.receive(&wire(5, key(7, true, 1)), 1), [], "there is no key 7");
    let said = frames(&session.poll(&[SeatLook::default()], 1).expect("met"));
    assert_eq!(said[0], (4, Message::Ack(Ack { status: Status::Done })));
    assert_eq!(said[1], (5, Message::Ack(Ack { status: Status::NoSuchKey })));
}

#[test]
fn what_cannot_be_understood_is_refused_by_its_number() {
    // Kind 0x55 is no message of this version.
    let raw = [1, 0x55, 8];
    let crc = crc16(&raw).to_be_bytes();
    assert!(!crc.contains(&0), "COBS below is written for bytes without a zero");
    let mut session = met();
    session.receive(&[&[0, 6][..], &raw, &crc, &[0]].concat(), 1);
    let said = frames(&session.poll(&[SeatLook::default(); 2], 1).expect("met"));
    assert_eq!(said[0], (8, Message::Ack(Ack { status: Status::UnknownKind })));
}

#[test]
fn a_lost_release_is_learned_from_the_next_hello() {
    let mut session = met();
    session.receive(&wire(1, key(0, true, 10)), 10);
    assert_eq!(
        session.receive(&wire(2, hello(2, 0, 900, 1)), 900),
        [Learned::GivenUp(1), learned_key(0, false, None)]
    );
}

#[test]
fn losses_are_counted_from_the_meeting_on_also_over_a_wrap_and_a_restart() {
    let mut session = Session::new(2, 0);
    let losses = |learned: Vec<Learned>| -> Vec<u64> {
        learned.into_iter().filter_map(|l| if let Learned::GivenUp(n) = l { Some(n) } else { None }).collect()
    };
    assert_eq!(
        losses(session.receive(&wire(0, hello(2, 0, 5_000, 65_534)), 0)),
        [0_u64; 0],
        "nobody listened then"
    );
    assert_eq!(losses(session.receive(&wire(0, hello(2, 0, 5_500, 1)), 500)), [3]);
    assert_eq!(losses(session.receive(&wire(0, hello(2, 0, 40, 2)), 900)), [2], "it was switched off and on");
}

#[test]
fn microphone_and_light_are_set_one_after_another_and_again_after_a_restart() {
    let mut session = met();
    let wanted = [SeatLook { light: KeyLight::MicOpen, mic_open: true }, SeatLook::default()];
    let set = |session: &mut Session, from_ms: u32| {
        let mut done = Vec::new();
        for now_ms in (from_ms..from_ms + 200).step_by(10) {
            for (seq, message) in frames(&session.poll(&wanted, now_ms).expect("met")) {
                if matches!(message, Message::Who(_)) {
                    continue;
                }
                done.push(message);
                session.receive(&wire(seq, Message::Ack(Ack { status: Status::Done })), now_ms);
            }
        }
        done
    };
    let expected = [
        Message::MicState(MicState { key: 0, open: true }),
        Message::Light(Light { key: 0, shows: KeyLight::MicOpen }),
        Message::MicState(MicState { key: 1, open: false }),
        Message::Light(Light { key: 1, shows: KeyLight::Off }),
    ];
    // `met` polled once already, with everything dark: that frame is under way and answered first.
    let first = set(&mut session, 100);
    assert_eq!(first.last(), expected.last());
    assert!(first.windows(2).any(|w| w == &expected[..2]), "{first:?}");
    session.receive(&wire(0, hello(2, 0, 400, 0)), 400);
    assert_eq!(set(&mut session, 410), [], "everything is shown");
    session.receive(&wire(0, hello(2, 0, 10, 0)), 800);
    assert_eq!(set(&mut session, 810), expected, "after a restart its lights are dark again");
}

#[test]
fn a_refused_microphone_and_light_are_not_asked_for_again() {
    let mut session = Session::new(1, 0);
    session.receive(&wire(0, hello(1, 0, 0, 0)), 0);
    let mut asked = 0;
    for now_ms in (0..1_500).step_by(10) {
        for (seq, message) in frames(&session.poll(&[SeatLook::default()], now_ms).expect("met")) {
            if !matches!(message, Message::Who(_)) {
                asked += 1;
                session.receive(&wire(seq, Message::Ack(Ack { status: Status::NoSuchKey })), now_ms);
            }
        }
    }
    assert_eq!(asked, 2);
}

#[test]
fn what_was_done_but_not_acknowledged_is_set_right_when_the_wish_changes_back() {
    let mut session = met();
    let (dark, open) = (SeatLook::default(), SeatLook { light: KeyLight::MicOpen, mic_open: false });
    let mut light = KeyLight::Off;
    for now_ms in (0..4_000).step_by(10) {
        // For a second the console's answers are lost, as long as it is wanted open.
        let lossy = (1_000..2_500).contains(&now_ms);
        let looks = if (1_000..1_500).contains(&now_ms) { [open, dark] } else { [dark, dark] };
        session.receive(&wire(0, hello(2, 0, now_ms, 0)), now_ms);
        for (seq, message) in frames(&session.poll(&looks, now_ms).expect("met")) {
            if let Message::Light(Light { key: 0, shows }) = message {
                light = shows;
            }
            if !lossy && !matches!(message, Message::Who(_)) {
                session.receive(&wire(seq, Message::Ack(Ack { status: Status::Done })), now_ms);
            }
        }
        assert!(now_ms != 1_490 || light == KeyLight::MicOpen);
    }
    assert_eq!(light, KeyLight::Off);
}

/// Bytes on their way; some are lost, some are changed.
struct Line {
    rng: SmallRng,
    faults: bool,
}

impl Line {
    fn carry(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for &byte in bytes {
            match self.rng.random_range(0..150) {
                0 if self.faults => {}
                1 if self.faults => out.push(byte ^ 1 << self.rng.random_range(0..8)),
                _ => out.push(byte),
            }
        }
        out
    }
}

/// A session and the real console, milliseconds at a time, with seats and keys doing as they please.
#[test]
fn over_a_line_that_loses_bytes_both_sides_agree_once_it_is_quiet() {
    for seed in 0..200 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut line = Line { rng: SmallRng::seed_from_u64(seed ^ 0x5EED), faults: true };
        let name = Name::new("bench").expect("five letters");
        let mut console = Console::new(Identity { name, firmware: (1, 0), keys: 3 }, 0);
        let (mut session, mut looks, mut down) = (Session::new(3, 0), [SeatLook::default(); 3], [false; 3]);
        for now_ms in 0..8_000u32 {
            // In the last two seconds nothing is touched and nothing is disturbed.
            line.faults = now_ms < 6_000;
            if line.faults && rng.random_range(0..50) == 0 {
                let k = rng.random_range(0..3u8);
                console.press(k, !console.is_held(k), now_ms);
            }
            if line.faults && rng.random_range(0..80) == 0 {
                let light = [KeyLight::Off, KeyLight::Recording, KeyLight::MicOpen][rng.random_range(0..3)];
                looks[rng.random_range(0..3)] = SeatLook { light, mic_open: rng.random_range(0..2) == 0 };
            }
            let said = match session.poll(&looks, now_ms) {
                Ok(said) => said,
                Err(_) => {
                    // As the keeper does: no key stays down, and the device is opened anew.
                    (session, down) = (Session::new(3, now_ms), [false; 3]);
                    continue;
                }
            };
            for byte in line.carry(&said.iter().flat_map(|w| w.to_vec()).collect::<Vec<_>>()) {
                console.receive(byte, now_ms);
            }
            let mut answered = Vec::new();
            while let Some(wire) = console.poll(now_ms) {
                answered.extend(line.carry(&wire));
            }
            for learned in session.receive(&answered, now_ms) {
                if let Learned::Key { key, down: now_down, .. } = learned {
                    assert_ne!(down[usize::from(key)], now_down, "seed {seed}: told twice");
                    down[usize::from(key)] = now_down;
                }
            }
        }
        for key in 0..3u8 {
            let at = usize::from(key);
            assert_eq!(down[at], console.is_held(key), "seed {seed}, key {key}");
            let shown = SeatLook { light: console.light(key, 8_000), mic_open: console.mic_open(key) };
            assert_eq!(shown, looks[at], "seed {seed}, key {key}");
        }
    }
}

#[test]
fn the_longest_exchange_of_a_turn_fits_the_line() {
    // Per turn of 10 ms at most: a question, a light and an answer; 115200 baud carry 115 bytes in it.
    let longest = wire(255, hello(16, 0xFFFF, u32::MAX, u16::MAX)).len();
    assert!(longest * 10 * 1000 / (BAUD as usize) < 4, "{longest} bytes take too long");
}

#[test]
fn hostile_bytes_from_a_console_end_in_a_sentence_and_never_hold_a_key_that_is_not_there() {
    let said: Vec<Vec<u8>> =
        [hello(2, 0b01, 70, 0), hello(16, 0xFFFF, u32::MAX, u16::MAX), key(0, true, 90), key(1, false, 95)]
            .into_iter()
            .enumerate()
            .map(|(n, message)| {
                [wire(n as u8, message), wire(9, Message::Ack(Ack { status: Status::Done }))].concat()
            })
            .collect();
    hostile::attack("console", &said, 6_000, |bytes| {
        for mut session in [met(), Session::new(2, 0)] {
            for (turn, part) in (0u32..).zip(bytes.chunks(11)) {
                let now_ms = turn * 7;
                for learned in session.receive(part, now_ms) {
                    if let Learned::Key { key, .. } = learned {
                        assert!(key < 2);
                    }
                }
                match session.poll(&[SeatLook::default(); 2], now_ms) {
                    Ok(wires) => assert!(
                        wires.len() <= 64 + part.len(),
                        "{} frames for {} bytes",
                        wires.len(),
                        part.len()
                    ),
                    Err(over) => {
                        hostile::sentence(&over);
                        break;
                    }
                }
            }
        }
    });
}
