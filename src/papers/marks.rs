//! Marks as W3C Web Annotations (https://www.w3.org/TR/annotation-model/).

use court::{Mark, Shape};
use model::{Point, Rect};
use serde_json::{Value, json};

use crate::Record;
use crate::sheet::side_zh;
use crate::time::{iso, wall};

/// An annotation collection of the record's marks, undone ones with their time, and of a desk's `own`, which no other desk knows. Targets are `document#page=N`; their selectors count in
/// page units (1/100 pt), as the canvases of IIIF do, and the quoted words stand beside.
#[must_use]
pub fn annotations(record: &Record, own: &[Mark]) -> Value {
    let own = (1..).zip(own).map(|(n, mark)| {
        let mut annotation = annotation(record, mark);
        annotation["id"] = json!(format!("urn:huiting:{}:seat:{}:own:{n}", record.hearing, mark.by));
        annotation["own"] = json!(true);
        annotation
    });
    let items: Vec<_> = record.marks.iter().map(|m| annotation(record, m)).chain(own).collect();
    let collection = format!("urn:huiting:{}:marks", record.hearing);
    json!({
        "@context": [
            "http://www.w3.org/ns/anno.jsonld",
            {
                "huiting": "urn:huiting:terms:",
                "hearingTimeMs": "huiting:hearingTimeMs",
                "undoneMs": "huiting:undoneMs",
                "own": "huiting:own",
                "session": "huiting:session",
                "side": "huiting:side",
                "stance": "huiting:stance",
            },
        ],
        "id": collection,
        "type": "AnnotationCollection",
        "label": format!("{} {}", record.number, record.cause),
        "total": items.len(),
        "first": {
            "id": format!("{collection}:1"),
            "type": "AnnotationPage",
            "partOf": collection,
            "startIndex": 0,
            "items": items,
        },
    })
}

fn annotation(record: &Record, mark: &Mark) -> Value {
    let (motivation, body) = match &mark.shape {
        Shape::Note { text, .. } => ("commenting", vec![said(text, "commenting")]),
        Shape::Stance { stance, .. } => {
            let mut body = said(stance.zh(), "assessing");
            body["stance"] = json!(stance);
            ("assessing", vec![body])
        }
        Shape::Highlight { .. } | Shape::Ink { .. } | Shape::Box { .. } | Shape::Arrow { .. } => {
            ("highlighting", Vec::new())
        }
    };
    let mut annotation = json!({
        "id": format!("urn:huiting:{}:mark:{}", record.hearing, mark.id),
        "type": "Annotation",
        "motivation": motivation,
        "creator": creator(record, mark),
        "hearingTimeMs": mark.at.0,
        "side": mark.side,
        "body": body,
        "target": {
            "source": format!("urn:huiting:document:{}#page={}", mark.page.doc, mark.page.page),
            "scope": format!("urn:huiting:document:{}", mark.page.doc),
            "selector": selectors(&mark.shape),
        },
    });
    match mark.session {
        // Its time is of that hearing, whose beginning is not known here.
        Some(session) => annotation["session"] = json!(session),
        None => annotation["created"] = json!(iso(wall(record.origin, mark.at))),
    }
    if let Some(undone) = mark.undone {
        annotation["undoneMs"] = json!(undone.0);
    }
    annotation
}

fn said(text: &str, purpose: &str) -> Value {
    json!({ "type": "TextualBody", "value": text, "format": "text/plain", "language": "zh", "purpose": purpose })
}

fn creator(record: &Record, mark: &Mark) -> Value {
    json!({ "id": format!("urn:huiting:{}:seat:{}", record.hearing, mark.by), "type": "Person", "name": record.maker(mark) })
}

/// Ways to find the same place, the simplest first.
fn selectors(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Highlight { rects, quote } => {
            let mut found = vec![fragment(around(rects))];
            if rects.len() > 1 {
                let all: String = rects
                    .iter()
                    .map(|Rect { x, y, w, h }| {
                        format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>")
                    })
                    .collect();
                found.push(svg(&all));
            }
            if !quote.is_empty() {
                found.push(json!({ "type": "TextQuoteSelector", "exact": quote }));
            }
            found
        }
        Shape::Ink { points } => {
            let line: Vec<_> = points.iter().map(|Point { x, y }| format!("{x},{y}")).collect();
            vec![
                fragment(around_points(points)),
                svg(&format!("<polyline fill=\"none\" points=\"{}\"/>", line.join(" "))),
            ]
        }
        Shape::Arrow { from, to } => {
            let [one, other] = arrow_head(*from, *to);
            let path = format!(
                "<path fill=\"none\" d=\"M{},{} L{},{} M{},{} L{},{} L{},{}\"/>",
                from.x, from.y, to.x, to.y, one.x, one.y, to.x, to.y, other.x, other.y
            );
            vec![fragment(around_points(&[*from, *to])), svg(&path)]
        }
        Shape::Box { rect } => vec![fragment(*rect)],
        Shape::Note { at, .. } | Shape::Stance { at, .. } => vec![fragment(around_points(&[*at]))],
    }
}

fn svg(inner: &str) -> Value {
    json!({ "type": "SvgSelector", "value": format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{inner}</svg>") })
}

fn fragment(r: Rect) -> Value {
    json!({
        "type": "FragmentSelector",
        "conformsTo": "http://www.w3.org/TR/media-frags/",
        "value": format!("xywh={},{},{},{}", r.x, r.y, r.w, r.h),
    })
}

/// The smallest rectangle around what a mark covers.
pub(crate) fn place(shape: &Shape) -> Rect {
    match shape {
        Shape::Highlight { rects, .. } => around(rects),
        Shape::Ink { points } => around_points(points),
        Shape::Box { rect } => *rect,
        Shape::Arrow { from, to } => around_points(&[*from, *to]),
        Shape::Note { at, .. } | Shape::Stance { at, .. } => around_points(&[*at]),
    }
}

fn around(rects: &[Rect]) -> Rect {
    let corners: Vec<_> = rects
        .iter()
        .flat_map(|r| {
            [Point { x: r.x, y: r.y }, Point { x: r.x.saturating_add(r.w), y: r.y.saturating_add(r.h) }]
        })
        .collect();
    around_points(&corners)
}

fn around_points(points: &[Point]) -> Rect {
    let span = |of: fn(&Point) -> i32| {
        let least = points.iter().map(of).min().unwrap_or_default();
        (least, points.iter().map(of).max().unwrap_or_default().saturating_sub(least))
    };
    let ((x, w), (y, h)) = (span(|p| p.x), span(|p| p.y));
    Rect { x, y, w, h }
}

/// Length of the sides of an arrow's head, in page units; of a short arrow its half.
const HEAD: f32 = 1_400.0;
/// Between the shaft and a side of the head.
const HEAD_DEGREES: f32 = 28.0;

/// The ends of both sides of an arrow's head; screens draw the same.
pub(crate) fn arrow_head(from: Point, to: Point) -> [Point; 2] {
    let (dx, dy) = (from.x as f32 - to.x as f32, from.y as f32 - to.y as f32);
    let length = dx.hypot(dy).max(1.0);
    let share = HEAD.min(length / 2.0) / length;
    [HEAD_DEGREES, -HEAD_DEGREES].map(|degrees| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Point {
            x: to.x.saturating_add(((dx * cos - dy * sin) * share).round() as i32),
            y: to.y.saturating_add(((dx * sin + dy * cos) * share).round() as i32),
        }
    })
}

impl Record {
    /// Who made a mark, by office and name; one that was taken over from an earlier session by its side.
    #[must_use]
    pub fn maker(&self, mark: &Mark) -> String {
        match (mark.session, self.person(&mark.by)) {
            (None, Some(person)) => format!("{} {}", person.title, person.name),
            (None, None) => mark.by.to_string(),
            (Some(_), _) => side_zh(mark.side).to_owned(),
        }
    }
}
