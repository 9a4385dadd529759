//! The record as WebVTT, one cue a line, with the speaker as voice.

use std::fmt::Write as _;

use court::RecordMode;
use model::HearingTime;

use crate::{Record, legible::legible, time::iso};

/// Cues on the hearing clock: its zero is told in a note, as UTC+8 and as the milliseconds of the API.
#[must_use]
pub fn webvtt(record: &Record) -> String {
    let mut out = format!(
        "WEBVTT {} {}\n\nNOTE\norigin {} ({} ms)\n",
        // Escaped, because an arrow there would make it a cue.
        escape(&one_line(&record.number)),
        escape(&one_line(&record.cause)),
        iso(record.origin),
        record.origin.0
    );
    for line in &record.lines {
        let Some(words) = line.reads(RecordMode::Verbatim) else { continue };
        // A cue must last: a typed line has no length of its own.
        let to = line.to.max(line.from.plus(1000));
        let voice =
            if line.name.is_empty() { line.label.clone() } else { format!("{} {}", line.label, line.name) };
        let class = line.seat.as_str();
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "\n{}\n{} --> {}\n<v.{class} {}>{}</v>\n",
            line.line,
            stamp(line.from),
            stamp(to),
            escape(&one_line(&voice)),
            escape(&one_line(&words))
        );
    }
    out
}

fn stamp(t: HearingTime) -> String {
    t.to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escape(text: &str) -> String {
    let text: String = text.chars().map(legible).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
