//! The readable files of a package. Every byte of them follows from the journal, so that a changed one can be compared.

use record::Entry;
use serde_json::{Value, json};

use crate::time::{iso, wall};
use crate::{Record, Seal, annotations, transcript_html, webvtt};

/// Path below `data/` and contents.
pub(crate) fn documents(record: &Record, seal: &Seal, entries: &[Entry]) -> Vec<(&'static str, String)> {
    vec![
        ("record/record.html", transcript_html(record, Some(seal))),
        ("record/record.vtt", webvtt(record)),
        ("record/record.json", pretty(&record)),
        ("evidence.json", pretty(&record.evidence)),
        ("marks.json", pretty(&annotations(record))),
        ("interruptions.json", pretty(&interruptions(record))),
        ("log.jsonl", log(entries)),
    ]
}

fn pretty(value: &impl serde::Serialize) -> String {
    // Plain data with text keys always encodes.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// 中断记录: every interruption with its ground, and whether anything is still owed.
fn interruptions(record: &Record) -> Value {
    let rows: Vec<_> = record
        .interruptions
        .iter()
        .map(|g| {
            json!({
                "interruption": g,
                "fromBeijing": iso(wall(record.origin, g.from)),
                "toBeijing": g.to.map(|t| iso(wall(record.origin, t))),
                "lawful": g.ground.is_lawful(),
                "settled": g.is_settled(),
            })
        })
        .collect();
    Value::Array(rows)
}

/// One line an entry: what the segments hold, to read. The segments are the evidence.
fn log(entries: &[Entry]) -> String {
    let mut out = String::new();
    for e in entries {
        let payload = e.payload.as_deref().map(|p| serde_json::from_slice::<Value>(p).unwrap_or(Value::Null));
        let line = json!({
            "seq": e.seq,
            "at": e.at,
            "wall": iso(e.wall),
            "actor": e.actor,
            "kind": e.kind,
            "hash": e.hash,
            "payload": payload,
        });
        out.push_str(&line.to_string());
        out.push('\n');
    }
    out
}
