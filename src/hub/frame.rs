//! What a server writes to a WebSocket, encoded once for all the screens that get it.

use bytes::Bytes;
use protocol::wire::ServerMsg;

/// A whole frame as RFC 6455, 5.2 has it: not masked, not in fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    bytes: Bytes,
    /// Where its payload begins.
    head: usize,
}

/// The longest head of a frame that is not masked.
const HEAD_MAX: usize = 10;
const WHOLE: u8 = 0x80;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
/// Lengths above these take two bytes more, and eight.
const LEN_MAX: usize = 125;
const LEN_16_MAX: usize = 65_535;
/// A reason in a close frame, beside its code.
const REASON_BYTES_MAX: usize = LEN_MAX - 2;

impl Frame {
    /// A message of ours; our own types always encode.
    #[must_use]
    pub fn text(message: &ServerMsg) -> Self {
        let mut bytes = vec![0; HEAD_MAX];
        if let Err(error) = serde_json::to_writer(&mut bytes, message) {
            tracing::error!(%error, "a message of our own could not be encoded");
            bytes.truncate(HEAD_MAX);
            bytes.extend(br#"{"type":"malformed","sentence":"internal error: reload the page"}"#);
        }
        Self::around(TEXT, bytes)
    }

    /// The end, with the reason: what of it is longer than a close frame takes is left out.
    #[must_use]
    pub fn close(code: u16, reason: &str) -> Self {
        let mut bytes = vec![0; HEAD_MAX];
        bytes.extend(code.to_be_bytes());
        let fits = (0..=REASON_BYTES_MAX).rev().find_map(|n| reason.get(..n));
        bytes.extend(
            if reason.len() <= REASON_BYTES_MAX { reason } else { fits.unwrap_or_default() }.as_bytes(),
        );
        Self::around(CLOSE, bytes)
    }

    /// The end, without a reason.
    #[must_use]
    pub fn close_bare() -> Self {
        Self::around(CLOSE, vec![0; HEAD_MAX])
    }

    /// What a WebSocket library has framed: whole frames.
    #[must_use]
    pub fn framed(bytes: &[u8]) -> Self {
        Self { bytes: Bytes::copy_from_slice(bytes), head: bytes.len() }
    }

    /// Puts the head in front of a payload that has left room for the longest.
    fn around(opcode: u8, mut bytes: Vec<u8>) -> Self {
        let len = bytes.len() - HEAD_MAX;
        let mut head = vec![WHOLE | opcode];
        match (u8::try_from(len), u16::try_from(len)) {
            (Ok(short), _) if len <= LEN_MAX => head.push(short),
            (_, Ok(long)) if len <= LEN_16_MAX => {
                head.push(126);
                head.extend(long.to_be_bytes());
            }
            _ => {
                head.push(127);
                head.extend((len as u64).to_be_bytes());
            }
        }
        let begins = HEAD_MAX - head.len();
        bytes.splice(begins..HEAD_MAX, head.iter().copied());
        Self { bytes: Bytes::from(bytes).slice(begins..), head: head.len() }
    }

    /// All of it, as it goes onto the wire.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What it says, without its head; nothing of what a library has framed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    /// Whether nothing may be written after it.
    #[must_use]
    pub fn is_close(&self) -> bool {
        self.bytes.first() == Some(&(WHOLE | CLOSE))
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::wire::ServerMsg;

    fn saying(chars: usize) -> ServerMsg {
        ServerMsg::Malformed { sentence: "x".repeat(chars) }
    }

    #[test]
    fn a_length_takes_one_byte_or_three_or_nine() {
        let around = serde_json::to_vec(&saying(0)).expect("encodes").len();
        for (len, head) in [
            (125, &[0x81, 125][..]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let message = saying(len - around);
            let frame = Frame::text(&message);
            assert_eq!(frame.payload(), serde_json::to_vec(&message).expect("encodes"));
            assert_eq!(frame.bytes()[..frame.len() - len], *head);
            assert!(!frame.is_close());
        }
    }

    #[test]
    fn a_reason_is_cut_where_a_character_ends() {
        let frame = Frame::close(1002, &"庭".repeat(100));
        assert_eq!(frame.bytes()[..4], [0x88, 125, 0x03, 0xea]);
        assert_eq!(std::str::from_utf8(&frame.payload()[2..]), Ok(&*"庭".repeat(41)));
        assert!(frame.is_close() && Frame::close_bare().is_close());
        assert_eq!(Frame::close_bare().bytes()[..], [0x88, 0]);
    }

    #[test]
    fn what_is_framed_stays_as_it_is() {
        let pong = [0x8a, 1, b'x'];
        assert_eq!(
            (Frame::framed(&pong).bytes()[..].to_vec(), Frame::framed(&pong).payload()),
            (pong.to_vec(), &[][..])
        );
    }
}
