//! Messages as JSON for programs.

use bridge::codec::{Frame, FrameError, Message};
use serde_json::{Value, json};

/// One message, its fields under their own names.
pub(crate) fn frame_json(frame: &Frame) -> Value {
    let (name, fields) = match &frame.message {
        Message::Who(_) => ("who", json!({})),
        Message::Hello(m) => (
            "hello",
            json!({
                "name": m.name.as_str(),
                "firmware": format!("{}.{}", m.firmware.0, m.firmware.1),
                "keys": m.keys,
                "held": (0..m.keys).filter(|k| m.held & (1 << k) != 0).collect::<Vec<_>>(),
                "uptime_ms": m.uptime_ms,
                "given_up": m.given_up,
            }),
        ),
        Message::TalkKey(m) => ("talk-key", json!({"key": m.key, "down": m.down, "at_ms": m.at_ms})),
        Message::MicState(m) => ("mic-state", json!({"key": m.key, "open": m.open})),
        Message::Light(m) => ("light", json!({"key": m.key, "shows": m.shows.name()})),
        Message::Ack(m) => ("ack", json!({"status": m.status.name()})),
    };
    json!({"message": name, "seq": frame.seq, "fields": fields})
}

/// What was no frame.
pub(crate) fn error_json(error: &FrameError) -> Value {
    json!({"message": "not-understood", "error": error.to_string()})
}
