//! The readable files of a package. Every byte of them follows from the journal, so that a changed one can be compared.

use record::Entry;
use serde_json::{Value, json};

use crate::time::{iso, wall};
use crate::{
    ComposeError, Kind, Paper, PaperName, Printing, Record, Seal, Templates, annotations, compose, html,
    webvtt,
};

/// The papers of a package, and the path of each below `data/` without its ending.
pub(crate) const PAPERS: [(Kind, &str); 3] = [
    (Kind::Record, "record/record"),
    (Kind::Examination, "record/examination"),
    (Kind::Corrections, "record/corrections"),
];

/// One of [`PAPERS`], with the journal's root in its foot.
pub(crate) fn paper(
    kind: Kind,
    record: &Record,
    seal: &Seal,
    templates: &Templates,
) -> Result<Paper, ComposeError> {
    compose(PaperName::of(kind), record, templates, Printing { seal: Some(seal), draft: None })
}

/// Path below `data/` and contents. Without `templates` the papers are left out: how they were set is not known then.
pub(crate) fn documents(
    record: &Record,
    seal: &Seal,
    entries: &[Entry],
    templates: Option<&Templates>,
) -> Result<Vec<(String, String)>, ComposeError> {
    let mut out = vec![
        ("record/record.vtt".to_owned(), webvtt(record)),
        ("record/record.json".to_owned(), pretty(&record)),
        ("evidence.json".to_owned(), pretty(&record.evidence)),
        ("marks.json".to_owned(), pretty(&annotations(record, &[]))),
        ("interruptions.json".to_owned(), pretty(&interruptions(record))),
        ("log.jsonl".to_owned(), log(entries)),
    ];
    for (kind, path) in PAPERS {
        let Some(templates) = templates else { continue };
        out.push((format!("{path}.html"), html(&paper(kind, record, seal, templates)?)));
        out.push((format!("templates/{}", kind.file()), templates.source(kind).to_owned()));
    }
    Ok(out)
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
