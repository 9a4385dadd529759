//! Marks as W3C Web Annotations.

use court::{Mark, Shape};
use model::{Point, Rect};
use serde_json::{Value, json};

use crate::{Record, time::iso, time::wall};

/// An annotation collection of every mark, undone ones with their time. Targets are `document#page=N` with a fragment or
/// SVG selector in page units (1/100 pt) and, for highlights, the quoted words.
#[must_use]
pub fn annotations(record: &Record) -> Value {
    let items: Vec<_> = record.marks.iter().map(|m| annotation(record, m)).collect();
    json!({
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": format!("urn:huiting:{}:marks", record.hearing),
        "type": "AnnotationCollection",
        "label": format!("{} {}", record.number, record.cause),
        "total": items.len(),
        "first": {
            "id": format!("urn:huiting:{}:marks:1", record.hearing),
            "type": "AnnotationPage",
            "items": items,
        },
    })
}

fn annotation(record: &Record, mark: &Mark) -> Value {
    let creator = record.person(&mark.by);
    let name = creator.map_or_else(|| mark.by.to_string(), |p| format!("{} {}", p.title, p.name));
    let (motivation, body) = match &mark.shape {
        Shape::Note { text, .. } => (
            "commenting",
            json!([{ "type": "TextualBody", "value": text, "format": "text/plain", "language": "zh" }]),
        ),
        _ => ("highlighting", json!([])),
    };
    json!({
        "id": format!("urn:huiting:{}:mark:{}", record.hearing, mark.id),
        "type": "Annotation",
        "motivation": motivation,
        "creator": { "id": format!("urn:huiting:{}:seat:{}", record.hearing, mark.by), "type": "Person", "name": name },
        "created": iso(wall(record.origin, mark.at)),
        "hearingTimeMs": mark.at.0,
        "side": mark.side,
        "undoneMs": mark.undone.map(|t| t.0),
        "body": body,
        "target": {
            "source": format!("urn:huiting:document:{}#page={}", mark.page.doc, mark.page.page),
            "selector": selectors(&mark.shape),
        },
    })
}

fn selectors(shape: &Shape) -> Value {
    match shape {
        Shape::Highlight { rects, quote } => {
            let mut found: Vec<Value> = rects.iter().map(|r| fragment(*r)).collect();
            if !quote.is_empty() {
                found.push(json!({ "type": "TextQuoteSelector", "exact": quote }));
            }
            Value::Array(found)
        }
        Shape::Ink { points } => {
            let points: Vec<_> = points.iter().map(|Point { x, y }| format!("{x},{y}")).collect();
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\"><polyline points=\"{}\"/></svg>",
                points.join(" ")
            );
            json!([{ "type": "SvgSelector", "value": svg }])
        }
        Shape::Box { rect } => json!([fragment(*rect)]),
        Shape::Note { at, .. } => json!([fragment(Rect { x: at.x, y: at.y, w: 0, h: 0 })]),
    }
}

fn fragment(r: Rect) -> Value {
    json!({
        "type": "FragmentSelector",
        "conformsTo": "http://www.w3.org/TR/media-frags/",
        "value": format!("xywh={},{},{},{}", r.x, r.y, r.w, r.h),
    })
}
