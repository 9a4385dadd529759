//! The frame codec: pure, so that sockets, pipes and tests share it.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::{Serialize, de::DeserializeOwned};

/// Upper bound of each part of a frame, in bytes (32 MiB: a page image at 400 % fits).
pub const FRAME_BYTES_MAX: usize = 32 << 20;
const HEAD_BYTES: usize = 8;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Larger than [`FRAME_BYTES_MAX`]: the peer is not one of ours, close the connection.
    #[error("a frame of {0} bytes is over the limit; the peer does not speak this protocol")]
    TooLarge(usize),
    /// The JSON part is not the expected message.
    #[error("a frame could not be understood: {0}; both processes must be of the same version")]
    Json(#[from] serde_json::Error),
}

/// A message with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<T> {
    /// The message.
    pub message: T,
    /// Bytes that belong to it; often empty.
    pub body: Bytes,
}

impl<T> Frame<T> {
    /// A message without bytes.
    pub fn bare(message: T) -> Self {
        Self { message, body: Bytes::new() }
    }
}

impl<T: Serialize> Frame<T> {
    /// Appends the encoded frame to `out`.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), FrameError> {
        let json = serde_json::to_vec(&self.message)?;
        for len in [json.len(), self.body.len()] {
            if len > FRAME_BYTES_MAX {
                return Err(FrameError::TooLarge(len));
            }
        }
        out.reserve(HEAD_BYTES + json.len() + self.body.len());
        out.put_u32_le(json.len() as u32);
        out.put_u32_le(self.body.len() as u32);
        out.put_slice(&json);
        out.put_slice(&self.body);
        Ok(())
    }
}

impl<T: DeserializeOwned> Frame<T> {
    /// Takes one whole frame from the front of `buffer`, or `None` if more bytes are needed.
    pub fn decode(buffer: &mut BytesMut) -> Result<Option<Self>, FrameError> {
        if buffer.len() < HEAD_BYTES {
            return Ok(None);
        }
        let mut head = &buffer[..HEAD_BYTES];
        let (json_len, body_len) = (head.get_u32_le() as usize, head.get_u32_le() as usize);
        for len in [json_len, body_len] {
            if len > FRAME_BYTES_MAX {
                return Err(FrameError::TooLarge(len));
            }
        }
        if buffer.len() < HEAD_BYTES + json_len + body_len {
            return Ok(None);
        }
        buffer.advance(HEAD_BYTES);
        let json = buffer.split_to(json_len);
        let body = buffer.split_to(body_len).freeze();
        Ok(Some(Self { message: serde_json::from_slice(&json)?, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_being_cut_anywhere() {
        let sent = [
            Frame { message: "一".to_owned(), body: Bytes::from_static(&[0, 1, 2]) },
            Frame::bare("二".to_owned()),
        ];
        let mut wire = BytesMut::new();
        sent.iter().for_each(|f| f.encode(&mut wire).expect("small frames fit"));
        for cut in 0..=wire.len() {
            let mut buffer = BytesMut::from(&wire[..cut]);
            let mut got = Vec::new();
            while let Some(f) = Frame::<String>::decode(&mut buffer).expect("valid so far") {
                got.push(f);
            }
            buffer.extend_from_slice(&wire[cut..]);
            while let Some(f) = Frame::<String>::decode(&mut buffer).expect("valid to the end") {
                got.push(f);
            }
            assert_eq!(got, sent);
        }
    }

    #[test]
    fn an_absurd_length_is_refused_before_memory_is_taken() {
        let mut wire = BytesMut::from(&[255u8; 16][..]);
        assert!(matches!(Frame::<String>::decode(&mut wire), Err(FrameError::TooLarge(_))));
    }
}
