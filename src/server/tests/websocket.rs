//! The WebSocket as RFC 6455 has it, byte by byte over the real port: what the Autobahn cases 1 to 7, 9 and 10 ask of a server that reads JSON
//! texts. Where they expect an echo, a valid message must be answered as an unfragmented one; an invalid one must end with the right code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

#[allow(dead_code, reason = "what other tests of the server need besides")]
mod support;

use std::time::Duration;

use hostile::Chance;
use model::{Role, Seat, SeatId};
use support::House;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// Largest message of a screen.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

fn judge() -> SeatId {
    SeatId::new("judge").expect("a plain name")
}

async fn house() -> (House, String) {
    let judge = Seat {
        id: judge(),
        role: Role::PresidingJudge,
        name: String::new(),
        authority: String::new(),
        microphone: true,
        shared: false,
        present: true,
        in_charge: false,
        acts_for: Vec::new(),
    };
    let clerk = Seat { id: SeatId::new("clerk").expect("a plain name"), role: Role::Clerk, ..judge.clone() };
    let house = House::open(vec![judge, clerk]).await;
    let cookie = house.session(&self::judge()).await;
    (house, cookie)
}

/// A masked frame: first byte (FIN, reserved bits, opcode) and payload.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut out = vec![first];
    match payload.len() {
        n @ 0..=125 => out.push(0x80 | n as u8),
        n @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend((n as u16).to_be_bytes());
        }
        n => {
            out.push(0x80 | 127);
            out.extend((n as u64).to_be_bytes());
        }
    }
    out.extend(KEY);
    out.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    out
}

fn fin(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(0x80 | opcode, payload)
}

fn part(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(opcode, payload)
}

/// A text message in fragments.
fn fragments(parts: &[&[u8]]) -> Vec<u8> {
    let last = parts.len() - 1;
    let opcode = |n: usize| if n == 0 { TEXT } else { CONTINUATION };
    parts
        .iter()
        .enumerate()
        .flat_map(|(n, p)| frame(if n == last { 0x80 } else { 0 } | opcode(n), p))
        .collect()
}

/// A message that is answered by `pong` with the same number.
fn ping(number: u64) -> Vec<u8> {
    format!("{{\"type\":\"ping\",\"sentMs\":{number}}}").into_bytes()
}

fn padded(number: u64, bytes: usize) -> Vec<u8> {
    let mut text = ping(number);
    text.resize(bytes, b' ');
    text
}

/// A search is answered with its text: so that a text can be seen to have come through.
fn search(id: u32, text: &str) -> Vec<u8> {
    serde_json::json!({"type": "search", "queryId": id, "text": text}).to_string().into_bytes()
}

fn closing(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), reason].concat()
}

/// A connection by hand.
struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Got {
    Frame(u8, Vec<u8>),
    /// The connection is over.
    Over,
}

impl Wire {
    /// After the handshake, before `hello`.
    async fn open(house: &House, cookie: &str) -> Self {
        let head = format!(
            "GET /h/{}/judge/ws HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            house.hearing, house.address
        );
        let mut stream = TcpStream::connect(house.address).await.expect("the server listens");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut wire = Self { stream, unread: Vec::new() };
        let end = loop {
            if let Some(at) = wire.unread.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(wire.more().await, "the connection ended within the head");
        };
        let head: Vec<u8> = wire.unread.drain(..end).collect();
        let head = String::from_utf8(head).expect("ASCII").to_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        assert!(
            !head.contains("sec-websocket-extensions") && !head.contains("sec-websocket-protocol"),
            "{head}"
        );
        wire
    }

    /// A screen that was welcomed.
    async fn welcomed(house: &House, cookie: &str) -> Self {
        let mut wire = Self::open(house, cookie).await;
        wire.send(&fin(TEXT, br#"{"type":"hello","resume":null}"#)).await;
        wire.text_with("\"type\":\"welcome\"").await;
        wire
    }

    async fn send(&mut self, bytes: &[u8]) {
        // A server that has said its last word may be gone already.
        let _ = self.stream.write_all(bytes).await;
    }

    /// Byte by byte.
    async fn chop(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.send(&[*byte]).await;
        }
    }

    async fn more(&mut self) -> bool {
        let mut piece = vec![0; 16 << 10];
        let read = tokio::time::timeout(Duration::from_secs(20), self.stream.read(&mut piece));
        match read.await.expect("the server says nothing and does not end") {
            Ok(n) if n > 0 => {
                self.unread.extend_from_slice(&piece[..n]);
                true
            }
            _ => false,
        }
    }

    async fn next(&mut self) -> Got {
        loop {
            if let Some((opcode, payload, len)) = whole(&self.unread) {
                self.unread.drain(..len);
                return Got::Frame(opcode, payload);
            }
            if !self.more().await {
                return Got::Over;
            }
        }
    }

    /// The next frame that is no text: the hearing says things of its own in between.
    async fn control(&mut self) -> Got {
        loop {
            match self.next().await {
                Got::Frame(TEXT, _) => {}
                got => return got,
            }
        }
    }

    async fn text_with(&mut self, wanted: &str) -> String {
        loop {
            match self.next().await {
                Got::Frame(TEXT, text) => {
                    let text = String::from_utf8(text).expect("UTF-8");
                    if text.contains(wanted) {
                        return text;
                    }
                }
                got => panic!("{got:?} instead of a text with {wanted}"),
            }
        }
    }

    async fn answers_ping(&mut self, number: u64) {
        self.text_with(&format!("\"type\":\"pong\",\"sentMs\":{number},")).await;
    }

    /// Whether the screen still works.
    async fn lives(&mut self) {
        self.send(&fin(TEXT, &ping(77))).await;
        self.answers_ping(77).await;
    }

    /// The server closes with `code` and ends the connection.
    async fn ends_with(&mut self, code: u16, case: &str) {
        match self.control().await {
            Got::Frame(CLOSE, payload) => {
                let said = payload.first_chunk().map_or(0, |c| u16::from_be_bytes(*c));
                assert_eq!(said, code, "{case}");
                assert!(
                    std::str::from_utf8(&payload[2..]).is_ok_and(|r| !r.is_empty()),
                    "{case}: a reason in words"
                );
            }
            got => panic!("{case}: {got:?} instead of a close frame"),
        }
        assert_eq!(self.control().await, Got::Over, "{case}");
    }
}

/// The frame at the front: opcode, payload, length. A server's frames are whole and bare.
fn whole(bytes: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let (first, len) = (*bytes.first()?, *bytes.get(1)?);
    assert_eq!((first & 0xf0, len & 0x80), (0x80, 0), "whole, no reserved bits, not masked");
    let (at, len) = match len {
        126 => (4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?) as usize),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        n => (2, usize::from(n)),
    };
    Some((first & 0x0f, bytes.get(at..at + len)?.to_vec(), at + len))
}

/// Autobahn 1 and 9: lengths on either side of every change of form, whole and in bytes, up to the limit.
#[tokio::test]
async fn messages_of_every_length_are_read() {
    let (house, cookie) = house().await;
    let mut wire = Wire::welcomed(&house, &cookie).await;
    for (n, bytes) in
        (1..).zip([40, 125, 126, 127, 128, 65_535, 65_536, 65_537, MESSAGE_BYTES_MAX - 1, MESSAGE_BYTES_MAX])
    {
        wire.send(&fin(TEXT, &padded(n, bytes))).await;
        wire.answers_ping(n).await;
    }
    wire.chop(&fin(TEXT, &padded(90, 130))).await;
    wire.answers_ping(90).await;
    // Two messages in one packet, and a half.
    let third = fin(TEXT, &ping(93));
    wire.send(&[fin(TEXT, &ping(91)), fin(TEXT, &ping(92)), third[..9].to_vec()].concat()).await;
    wire.answers_ping(91).await;
    wire.answers_ping(92).await;
    wire.send(&third[9..]).await;
    wire.answers_ping(93).await;
    // A text of nothing, and binary ones, are no messages of this protocol and harm nobody.
    for (opcode, bytes) in [(TEXT, 0), (BINARY, 0), (BINARY, 125), (BINARY, 126), (BINARY, 65_536)] {
        wire.send(&fin(opcode, &vec![0xfe; bytes])).await;
        wire.text_with("\"type\":\"malformed\"").await;
    }
    wire.lives().await;
}

/// Autobahn 2.
#[tokio::test]
async fn pings_come_back_as_they_were() {
    let (house, cookie) = house().await;
    let mut wire = Wire::welcomed(&house, &cookie).await;
    for payload in [&b""[..], b"Hello", &[0x00, 0xff, 0xfe, 0xfd], &[0xfe; 125]] {
        wire.send(&fin(PING, payload)).await;
        assert_eq!(wire.control().await, Got::Frame(PONG, payload.to_vec()));
    }
    wire.chop(&fin(PING, &[0xfe; 125])).await;
    assert_eq!(wire.control().await, Got::Frame(PONG, vec![0xfe; 125]));
    // A pong nobody asked for is nothing, with a payload or without.
    wire.send(&[fin(PONG, b""), fin(PONG, b"unasked"), fin(PING, b"asked")].concat()).await;
    assert_eq!(wire.control().await, Got::Frame(PONG, b"asked".to_vec()));
    // Many at once: the last is answered at the least, and none out of order.
    let many: Vec<u8> = (0..10u8).flat_map(|n| fin(PING, &[n])).collect();
    wire.send(&many).await;
    let mut last = None;
    while last != Some(9) {
        let Got::Frame(PONG, payload) = wire.control().await else { panic!("a pong") };
        assert!(last < Some(payload[0]));
        last = Some(payload[0]);
    }
    wire.lives().await;
    wire.send(&fin(PING, &[0xfe; 126])).await;
    wire.ends_with(1002, "a ping of 126 bytes").await;
}

/// Autobahn 3 and 4, and what 1.* leaves to the standard: what is reserved, unmasked or of a control frame's length is no WebSocket.
#[tokio::test]
async fn what_is_reserved_ends_with_a_protocol_error() {
    let (house, cookie) = house().await;
    let mut bad: Vec<(String, Vec<u8>)> = Vec::new();
    for rsv in 1..=7u8 {
        bad.push((format!("reserved bits {rsv} of a text"), frame(0x80 | rsv << 4 | TEXT, &ping(1))));
        bad.push((format!("reserved bits {rsv} of a ping"), frame(0x80 | rsv << 4 | PING, b"x")));
        bad.push((format!("reserved bits {rsv} of a close"), frame(0x80 | rsv << 4 | CLOSE, &[])));
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        bad.push((format!("opcode {opcode} with nothing"), fin(opcode, b"")));
        bad.push((format!("opcode {opcode} with bytes"), fin(opcode, &ping(1))));
    }
    let mut unmasked = vec![0x80 | TEXT, ping(1).len() as u8];
    unmasked.extend(ping(1));
    bad.push(("a text without a mask".to_owned(), unmasked));
    bad.push(("a ping without a mask".to_owned(), vec![0x80 | PING, 1, b'x']));
    bad.push(("a close of 126 bytes".to_owned(), fin(CLOSE, &closing(1000, &[b'*'; 124]))));
    for (case, bytes) in bad {
        let mut wire = Wire::welcomed(&house, &cookie).await;
        wire.lives().await;
        // What comes behind it does not count.
        wire.send(&[bytes, fin(PING, b"behind")].concat()).await;
        wire.ends_with(1002, &case).await;
    }
    let mut other = Wire::welcomed(&house, &cookie).await;
    other.lives().await;
}

/// Autobahn 5.
#[tokio::test]
async fn a_message_in_fragments_is_one_message_with_control_frames_between() {
    let (house, cookie) = house().await;
    let mut wire = Wire::welcomed(&house, &cookie).await;
    let text = ping(1);
    let (a, b) = text.split_at(11);
    wire.send(&fragments(&[a, b])).await;
    wire.answers_ping(1).await;
    wire.chop(&fragments(&[a, b])).await;
    wire.answers_ping(1).await;
    wire.send(&fragments(&[b"", &text, b""])).await;
    wire.answers_ping(1).await;
    // A ping between two fragments is answered at once, before the message is whole.
    wire.send(&[part(TEXT, a), fin(PING, b"between")].concat()).await;
    assert_eq!(wire.control().await, Got::Frame(PONG, b"between".to_vec()));
    wire.send(&[fin(PONG, b"unasked"), fin(CONTINUATION, b)].concat()).await;
    wire.answers_ping(1).await;
    let each: Vec<&[u8]> = text.chunks(1).collect();
    let mut many = Vec::new();
    for (n, piece) in each.iter().enumerate() {
        many.extend(frame(if n == 0 { TEXT } else { CONTINUATION }, piece));
        many.extend(fin(PING, &[n as u8]));
    }
    many.extend(fin(CONTINUATION, b""));
    wire.send(&many).await;
    wire.answers_ping_past_pongs(1).await;
    wire.lives().await;
    let bad: [(&str, Vec<u8>); 9] = [
        ("a ping in fragments", [part(PING, b"a"), fin(CONTINUATION, b"b")].concat()),
        ("a pong in fragments", [part(PONG, b"a"), fin(CONTINUATION, b"b")].concat()),
        ("a close in fragments", part(CLOSE, &closing(1000, b""))),
        ("an end of nothing", fin(CONTINUATION, &text)),
        ("a middle of nothing", part(CONTINUATION, &text)),
        ("an end of nothing behind a whole message", [fin(TEXT, &ping(5)), fin(CONTINUATION, b)].concat()),
        ("a text within a text", [part(TEXT, a), fin(TEXT, b)].concat()),
        ("a binary message within a text", [part(TEXT, a), fin(BINARY, b)].concat()),
        ("a text that begins twice", [part(TEXT, a), part(TEXT, a)].concat()),
    ];
    for (case, bytes) in bad {
        let mut wire = Wire::welcomed(&house, &cookie).await;
        wire.send(&bytes).await;
        wire.ends_with(1002, case).await;
    }
}

impl Wire {
    async fn answers_ping_past_pongs(&mut self, number: u64) {
        let wanted = format!("\"type\":\"pong\",\"sentMs\":{number},");
        loop {
            match self.next().await {
                Got::Frame(TEXT, text) if String::from_utf8_lossy(&text).contains(&wanted) => return,
                Got::Frame(TEXT | PONG, _) => {}
                got => panic!("{got:?} instead of an answer"),
            }
        }
    }
}

/// Autobahn 6, valid: every kind of character, cut anywhere.
#[tokio::test]
async fn texts_are_utf_8_wherever_they_are_cut() {
    let (house, cookie) = house().await;
    let mut wire = Wire::welcomed(&house, &cookie).await;
    let said = "κόσμε 借款合同 \u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{fffd}\u{fffe}\u{ffff}\u{10000}\u{1f600}\u{10ffff}";
    let text = search(1, said);
    wire.send(&fin(TEXT, &text)).await;
    assert!(wire.text_with("\"queryId\":1,").await.contains(said));
    for cut in 0..=text.len() {
        wire.send(&fragments(&[&text[..cut], &text[cut..]])).await;
        assert!(wire.text_with("\"queryId\":1,").await.contains(said), "cut at {cut}");
    }
    wire.send(&fragments(&text.chunks(1).collect::<Vec<_>>())).await;
    assert!(wire.text_with("\"queryId\":1,").await.contains(said));
    // Characters that mean nothing are characters: not understood, and no reason to end.
    for odd in ["\u{fffe}", "\u{ffff}", "\u{fdd0}", "\u{1fffe}", "\u{10ffff}", "\0", "\u{feff}"] {
        wire.send(&fin(TEXT, odd.as_bytes())).await;
        wire.text_with("\"type\":\"malformed\"").await;
    }
    wire.lives().await;
}

/// Autobahn 6, invalid.
#[tokio::test]
async fn a_text_that_is_not_utf_8_ends_with_1007() {
    let (house, cookie) = house().await;
    let bad: [&[u8]; 24] = [
        // Continuations without a beginning, beginnings without an end.
        b"\x80",
        b"\xbf",
        b"\x80\xbf\x80",
        b"\xc2",
        b"\xe4\xb8",
        b"\xf0\x9f\x98",
        b"\xc2 ",
        b"\xe4\xb8 ",
        b"\xf0\x9f\x98 ",
        // Bytes that are in no character.
        b"\xfe",
        b"\xff",
        b"\xc0",
        b"\xc1\xbf",
        b"\xf5\x80\x80\x80",
        // Longer than they need be.
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xe0\x9f\xbf",
        b"\xf8\x88\x80\x80\x80",
        // Halves of pairs, and what lies beyond the last character.
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xed\xa0\x80\xed\xb0\x80",
        b"\xf4\x90\x80\x80",
        b"\xfc\x84\x80\x80\x80\x80",
    ];
    for bytes in bad {
        let text = [&b"{\"type\":\"search\",\"queryId\":1,\"text\":\""[..], bytes, b"\"}"].concat();
        for sent in [fin(TEXT, &text), fragments(&text.chunks(1).collect::<Vec<_>>()), fin(TEXT, bytes)] {
            let mut wire = Wire::welcomed(&house, &cookie).await;
            wire.send(&sent).await;
            wire.ends_with(1007, &bytes.escape_ascii().to_string()).await;
        }
    }
    // Told as soon as a fragment shows it, not when the message is whole: its end never comes.
    let mut wire = Wire::welcomed(&house, &cookie).await;
    wire.send(&[part(TEXT, "κόσμε".as_bytes()), part(CONTINUATION, b"\xf4\x90\x80\x80")].concat()).await;
    wire.ends_with(1007, "within an unfinished message").await;
    // A binary message may be anything.
    let mut wire = Wire::welcomed(&house, &cookie).await;
    wire.send(&fin(BINARY, b"\xff\xfe")).await;
    wire.text_with("\"type\":\"malformed\"").await;
    wire.lives().await;
}

/// Autobahn 7.
#[tokio::test]
async fn closing_is_answered_with_the_same_code_or_refused_with_1002() {
    let (house, cookie) = house().await;
    for (code, reason) in [
        (1000, &b""[..]),
        (1000, b"bye"),
        (1000, &[b'*'; 123]),
        (1000, "再见".as_bytes()),
        (1001, b""),
        (1002, b""),
        (1003, b""),
        (1007, b""),
        (1008, b""),
        (1009, b""),
        (1010, b""),
        (1011, b""),
        (3000, b""),
        (3999, b""),
        (4000, b""),
        (4999, b"x"),
    ] {
        let mut wire = Wire::welcomed(&house, &cookie).await;
        wire.send(&fin(CLOSE, &closing(code, reason))).await;
        assert_eq!(wire.control().await, Got::Frame(CLOSE, closing(code, reason)), "{code}");
        assert_eq!(wire.control().await, Got::Over, "{code}");
    }
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        let mut wire = Wire::welcomed(&house, &cookie).await;
        wire.send(&fin(CLOSE, &closing(code, b""))).await;
        wire.ends_with(1002, &format!("code {code}")).await;
    }
    let mut wire = Wire::welcomed(&house, &cookie).await;
    wire.send(&fin(CLOSE, b"")).await;
    assert_eq!(wire.control().await, Got::Frame(CLOSE, Vec::new()));
    assert_eq!(wire.control().await, Got::Over);
    let mut wire = Wire::welcomed(&house, &cookie).await;
    wire.send(&fin(CLOSE, &[3])).await;
    wire.ends_with(1002, "half a code").await;
    let mut wire = Wire::welcomed(&house, &cookie).await;
    wire.send(&fin(CLOSE, &closing(1000, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"))).await;
    wire.ends_with(1007, "a reason that is not UTF-8").await;
    // Nothing counts behind a close: no second close, no ping, no text, no rest of a message.
    let half = part(TEXT, &ping(1)[..9]);
    for behind in [
        fin(CLOSE, &closing(1001, b"")),
        fin(PING, b"x"),
        fin(TEXT, &ping(9)),
        fin(CONTINUATION, &ping(1)[9..]),
    ] {
        let mut wire = Wire::welcomed(&house, &cookie).await;
        wire.send(&[half.clone(), fin(CLOSE, &closing(1000, b"")), behind].concat()).await;
        assert_eq!(wire.control().await, Got::Frame(CLOSE, closing(1000, b"")));
        assert_eq!(wire.control().await, Got::Over);
    }
    // What came whole before a close is done.
    let mut wire = Wire::welcomed(&house, &cookie).await;
    wire.send(&[fin(TEXT, &padded(8, 256 << 10)), fin(CLOSE, &closing(1000, b""))].concat()).await;
    assert_eq!(wire.control().await, Got::Frame(CLOSE, closing(1000, b"")));
    let mut other = Wire::welcomed(&house, &cookie).await;
    other.lives().await;
}

/// Autobahn 9 and 10: fragments of any size up to the limit, and not a byte more, whatever a length says.
#[tokio::test]
async fn what_is_larger_than_a_message_may_be_ends_with_1009() {
    let (house, cookie) = house().await;
    let mut wire = Wire::welcomed(&house, &cookie).await;
    for (bytes, piece) in [(65_536, 1300), (MESSAGE_BYTES_MAX, 64), (MESSAGE_BYTES_MAX, 65_536)] {
        let text = padded(4, bytes);
        wire.send(&fragments(&text.chunks(piece).collect::<Vec<_>>())).await;
        wire.answers_ping(4).await;
    }
    let whole = padded(4, MESSAGE_BYTES_MAX + 1);
    let huge = |len: u64| {
        [&[0x80 | TEXT, 0xff][..], &len.to_be_bytes(), &[1, 2, 3, 4], b"only a few bytes"].concat()
    };
    let bad: [(&str, Vec<u8>); 6] = [
        ("one byte too many", fin(TEXT, &whole)),
        ("one byte too many, in fragments", fragments(&whole.chunks(60_000).collect::<Vec<_>>())),
        ("twice as much in a binary message", fin(BINARY, &vec![1; 2 * MESSAGE_BYTES_MAX])),
        ("a length of 2⁶³ − 1", huge((1 << 63) - 1)),
        ("a length of 2⁶⁴ − 1", huge(u64::MAX)),
        ("a length of 1 TiB", huge(1 << 40)),
    ];
    for (case, bytes) in bad {
        let mut wire = Wire::welcomed(&house, &cookie).await;
        wire.send(&bytes).await;
        wire.ends_with(1009, case).await;
    }
    let mut other = Wire::welcomed(&house, &cookie).await;
    other.lives().await;
}

#[tokio::test]
async fn before_hello_the_same_rules_hold() {
    let (house, cookie) = house().await;
    for (code, bytes) in [
        (1002, frame(0x80 | 0x40 | TEXT, b"x")),
        (1007, fin(TEXT, b"\xff")),
        (1009, fin(TEXT, &vec![b' '; MESSAGE_BYTES_MAX + 1])),
    ] {
        let mut wire = Wire::open(&house, &cookie).await;
        wire.send(&[fin(PING, b"first"), bytes].concat()).await;
        wire.ends_with_past_pongs(code).await;
    }
    let mut wire = Wire::open(&house, &cookie).await;
    let endless = format!("{{\"type\":\"{}\"}}", "x".repeat(MESSAGE_BYTES_MAX - 100));
    wire.send(&fin(TEXT, endless.as_bytes())).await;
    let refused = wire.text_with("malformed").await;
    assert!(refused.len() < 1000, "a refusal of {} bytes", refused.len());
    let mut wire = Wire::open(&house, &cookie).await;
    wire.send(&fin(CLOSE, &closing(1001, b""))).await;
    assert_eq!(wire.control().await, Got::Frame(CLOSE, closing(1001, b"")));
    assert_eq!(wire.control().await, Got::Over);
}

impl Wire {
    async fn ends_with_past_pongs(&mut self, code: u16) {
        loop {
            match self.control().await {
                Got::Frame(PONG, _) => {}
                Got::Frame(CLOSE, payload) => {
                    assert_eq!(payload.first_chunk().map(|c| u16::from_be_bytes(*c)), Some(code));
                    return;
                }
                got => panic!("{got:?} instead of {code}"),
            }
        }
    }
}

#[tokio::test]
async fn a_handshake_that_is_none_is_refused() {
    let (house, cookie) = house().await;
    let right = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let changes = [
        ("Connection", "close"),
        ("Upgrade", "h2c"),
        ("Sec-WebSocket-Version", "8"),
        ("Sec-WebSocket-Version", "14"),
        ("Sec-WebSocket-Key", ""),
        ("Sec-WebSocket-Key", "short=="),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==x"),
        ("Sec-WebSocket-Key", "!!!!IHNhbXBsZSBub25jZQ=="),
    ];
    let ask = async |headers: Vec<(&str, &str)>| {
        let headers: String = headers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
        let head = format!(
            "GET /h/{}/judge/ws HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n{headers}\r\n",
            house.hearing, house.address
        );
        let mut stream = TcpStream::connect(house.address).await.expect("the server listens");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.expect("a status");
        String::from_utf8_lossy(&first).into_owned()
    };
    assert_eq!(ask(right.to_vec()).await, "HTTP/1.1 101");
    for (name, value) in changes {
        let headers = right.iter().map(|(n, v)| (*n, if *n == name { value } else { *v })).collect();
        assert_eq!(ask(headers).await, "HTTP/1.1 400", "{name}: {value}");
    }
    for gone in right {
        let headers = right.into_iter().filter(|h| *h != gone).collect();
        assert_eq!(ask(headers).await, "HTTP/1.1 400", "without {}", gone.0);
    }
}

/// Frames, changed anywhere: the connection is answered or ended, and the hearing goes on.
#[tokio::test]
async fn hostile_bytes_on_a_websocket_cost_one_connection_at_most() {
    let (house, cookie) = house().await;
    let samples = [
        [fin(TEXT, &ping(1)), fin(PING, b"x"), fragments(&[b"{\"type\":", b"\"ping\",\"sentMs\":3}"])]
            .concat(),
        [fin(TEXT, &search(1, "借款")), fin(BINARY, b"\0\xff"), fin(CLOSE, &closing(1000, b"bye"))].concat(),
        fin(TEXT, br#"{"type":"command","cmdId":"k1","command":{"do":"openSession"}}"#),
        padded(5, 70_000).chunks(9000).flat_map(|c| fin(TEXT, c)).collect(),
    ];
    let samples: Vec<&[u8]> = samples.iter().map(Vec::as_slice).collect();
    for seed in hostile::seeds(120) {
        let bytes = hostile::change(&samples, &mut Chance::of(seed));
        let mut wire = if seed % 4 == 0 {
            Wire::open(&house, &cookie).await
        } else {
            Wire::welcomed(&house, &cookie).await
        };
        wire.send(&bytes).await;
        let _ = wire.stream.shutdown().await;
        while wire.next().await != Got::Over {}
    }
    let mut other = Wire::welcomed(&house, &cookie).await;
    other.lives().await;
}

/// Requests, changed anywhere: an answer that is no fault of the server, or the end.
#[tokio::test]
async fn hostile_bytes_in_a_request_are_answered_or_refused_and_never_a_fault_of_the_server() {
    let (house, cookie) = house().await;
    let (h, host) = (&house.hearing, house.address);
    let head = |method: &str, path: &str, more: &str| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n{more}\r\n"
        )
    };
    let form = "--b\r\nContent-Disposition: form-data; name=\"heading\"\r\n\r\n原告证据\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; \
                filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4 x\r\n--b--\r\n";
    let upload =
        format!("Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n", form.len());
    let meeting = r#"{"kind":"panel","recorder":null,"seats":["judge"],"guests":[]}"#;
    let json = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", meeting.len());
    let samples = [
        head("GET", &format!("/h/{h}/judge/api/session"), ""),
        head("GET", &format!("/h/{h}/judge/api/pages/d012/1/image?dpi=120"), "If-None-Match: \"0a\"\r\n"),
        head("GET", &format!("/h/{h}/judge/api/statutes?q=%E6%B0%91&date=2024-05-01"), ""),
        head("GET", &format!("/h/{h}/judge/media/mic-judge/000001.m4s"), "Range: bytes=0-99\r\n"),
        head("GET", &format!("/h/{h}/judge/papers/record-copy.pdf"), "Accept-Encoding: gzip\r\n"),
        head("GET", &format!("/h/{h}/judge/join?code=ABCD-EFGH"), ""),
        head("GET", "/admin/api/indicators?month=2026-03&months=12", ""),
        head("POST", &format!("/h/{h}/judge/api/dossier"), &upload) + form,
        head("POST", &format!("/h/{h}/judge/api/meetings"), &json) + meeting,
        head("POST", "/admin/api/login", "Content-Type: application/json\r\nContent-Length: 30\r\n")
            + r#"{"name":"a","password":"bbbbb"}"#,
        head("POST", &format!("/h/{h}/judge/api/scans"), "Transfer-Encoding: chunked\r\n")
            + "5\r\n%PDF-\r\n0\r\n\r\n",
    ];
    let samples: Vec<&[u8]> = samples.iter().map(String::as_bytes).collect();
    let (mut answered, mut refused) = (0, 0);
    for seed in hostile::seeds(500) {
        let bytes = match samples.get(usize::try_from(seed).expect("small")) {
            Some(sample) => sample.to_vec(),
            None => hostile::change(&samples, &mut Chance::of(seed)),
        };
        let mut stream = TcpStream::connect(house.address).await.expect("the server listens");
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "HUITING_SEED={seed}: no end; {}", bytes.escape_ascii());
        if answer.is_empty() {
            refused += 1;
            continue;
        }
        let line = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
        let status: u16 = line
            .strip_prefix("HTTP/1.1 ")
            .or(line.strip_prefix("HTTP/1.0 "))
            .and_then(|s| s.parse().ok())
            .unwrap_or(0);
        // This house has no dossier, and says so; any other fault of the server is one.
        let no_dossier = status == 500 && String::from_utf8_lossy(&answer).contains("no dossier here");
        assert!(
            (200..500).contains(&status) || status == 503 || no_dossier,
            "HUITING_SEED={seed}: {line}; {}",
            bytes.escape_ascii()
        );
        answered += 1;
    }
    println!("{answered} answered, {refused} ended without a word");
    assert!(answered > 0 || refused > 0);
    assert_eq!(house.ask("GET", &format!("/h/{h}/judge/api/session"), &cookie).await.status, 204);
}
