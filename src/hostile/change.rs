//! The changes.

use crate::Chance;

/// Bytes of an input above those of the longest sample, at most: parsers are to be tried, not the machine.
const MORE_BYTES_MAX: usize = 64 << 10;

/// Numbers at which arithmetic breaks.
const EXTREMES: [u64; 14] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];

/// Pieces at which parsers of text break.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "'",
    "<",
    ">",
    "&",
    "%",
    "%0A",
    "%00",
    "../",
    "/",
    "\\u0000",
    "\\ud800",
    "\\udfff",
    "null",
    "true",
    "-1",
    "-0",
    "1e999",
    "18446744073709551615",
    "18446744073709551616",
    "0.1e-400",
    "\n",
    "\r\n",
    "\0",
    "\t",
    "\u{FEFF}",
    "\u{202E}",
    "\u{200B}",
    "\u{10FFFF}",
    "第",
    "零",
    "亿亿亿",
    "、",
    "=\"\"",
    "---",
];

/// One of the samples, changed in one to four places.
#[must_use]
pub fn change(samples: &[&[u8]], chance: &mut Chance) -> Vec<u8> {
    if samples.is_empty() {
        return Vec::new();
    }
    let mut bytes = chance.one(samples).to_vec();
    for _ in 0..=chance.below(4) {
        once(&mut bytes, samples, chance);
    }
    // What changed nothing is tried once more.
    if samples.contains(&&*bytes) {
        once(&mut bytes, samples, chance);
    }
    bytes.truncate(samples.iter().map(|s| s.len()).max().unwrap_or(0) + MORE_BYTES_MAX);
    bytes
}

fn once(bytes: &mut Vec<u8>, samples: &[&[u8]], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let len = short(bytes.len() - at, chance);
    match chance.below(14) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..at + len)),
        2 | 3 => flip(bytes, at, chance),
        4 => set(bytes, at, chance),
        5 | 6 => number(bytes, at, chance),
        7 => digits(bytes, chance),
        8 => insert(bytes, at, chance.one(&PIECES).as_bytes()),
        9 => {
            let noise: Vec<u8> = (0..=chance.below(24)).map(|_| chance.number() as u8).collect();
            insert(bytes, at, &noise);
        }
        10 => {
            let piece = bytes[at..at + len].to_vec();
            let to = chance.below(bytes.len() + 1);
            insert(bytes, to, &piece);
        }
        11 => {
            let times = *chance.one(&[2, 3, 16, 300, 4000]);
            let piece = if chance.below(2) == 0 {
                bytes[at..at + len].to_vec()
            } else {
                chance.one(&PIECES).as_bytes().to_vec()
            };
            let piece = piece.repeat(times);
            insert(bytes, at, &piece[..piece.len().min(MORE_BYTES_MAX)]);
        }
        12 => {
            let other = chance.one(samples);
            let from = chance.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            let (other, half) = (chance.below(bytes.len() + 1), len / 2);
            if at + half <= bytes.len() && other + half <= bytes.len() {
                (0..half).for_each(|i| bytes.swap(at + i, other + i));
            }
        }
    }
}

/// Mostly short lengths, seldom all there is.
fn short(rest: usize, chance: &mut Chance) -> usize {
    let most = *chance.one(&[1, 2, 4, 8, 32, 128, usize::MAX]);
    chance.below(rest.min(most).saturating_add(1))
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

fn flip(bytes: &mut [u8], at: usize, chance: &mut Chance) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << chance.below(8);
    }
}

fn set(bytes: &mut [u8], at: usize, chance: &mut Chance) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = *chance.one(&[0, 1, 0x7f, 0x80, 0xfe, 0xff, b'0', b'"', b'\n', b' ']);
    }
}

/// Puts an extreme number, or one a little beside what stands there, over 1, 2, 4 or 8 bytes in either order.
fn number(bytes: &mut [u8], at: usize, chance: &mut Chance) {
    let width = *chance.one(&[1usize, 2, 4, 8]);
    let Some(place) = bytes.get_mut(at..).and_then(|b| b.get_mut(..width)) else { return };
    let big_end = chance.below(2) == 0;
    let mut there = [0; 8];
    there[..width].copy_from_slice(place);
    if big_end {
        there[..width].reverse();
    }
    let beside = chance.number() % 9;
    let number = match chance.below(3) {
        0 => u64::from_le_bytes(there).wrapping_add(beside).wrapping_sub(4),
        _ => *chance.one(&EXTREMES),
    };
    let mut number = number.to_le_bytes();
    if big_end {
        number[..width].reverse();
    }
    place.copy_from_slice(&number[..width]);
}

/// Puts another number in the place of one written in digits.
fn digits(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let begins = |i: &usize| bytes[*i].is_ascii_digit() && (*i == 0 || !bytes[*i - 1].is_ascii_digit());
    let places: Vec<usize> = (0..bytes.len()).filter(begins).collect();
    if places.is_empty() {
        return;
    }
    let at = *chance.one(&places);
    let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let text = match chance.below(4) {
        0 => format!("-{}", chance.one(&EXTREMES)),
        1 => "9".repeat(1 + chance.below(60)),
        2 => format!("{}.{}e{}", chance.below(10), chance.below(1000), chance.below(400)),
        _ => chance.one(&EXTREMES).to_string(),
    };
    bytes.splice(at..end, text.bytes());
}
