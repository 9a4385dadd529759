//! Marks (标注) to keep: as annotations, or burnt into a copy of a document. Nobody gets a mark that their desk does not show.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use court::{Mark, Shape};
use hub::Repeats;
use media::clock::utc_now;
use model::{DocId, HearingTime, MarkId, PageRef};
use papers::{Fonts, MarkedCopy, MarkedPage, Record};
use protocol::view;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AtSeat, Refusal, Services, Shared, blocking};
use crate::rights::Act;
use crate::web;

/// Of the pictures in a copy.
const COPY_DPI: u32 = 240;

/// Marks that the desk keeps to itself (仅本席): they are sent to be written into its files, and kept nowhere.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Own {
    own: Vec<OwnMark>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OwnMark {
    page: PageRef,
    shape: Shape,
    /// When it was made.
    at: HearingTime,
}

impl Own {
    fn of(given: Option<Json<Self>>, at: &AtSeat) -> Vec<Mark> {
        let made = |(n, OwnMark { page, shape, at: made }): (u32, OwnMark)| Mark {
            id: MarkId(n),
            page,
            shape,
            by: at.seat.clone(),
            side: at.role.side(),
            at: made,
            undone: None,
            session: None,
            closed: false,
        };
        (1..).zip(given.unwrap_or_default().0.own).map(made).collect()
    }
}

/// `GET` or `POST api/marks.jsonld`
pub(super) async fn annotations(
    State(services): Shared,
    at: AtSeat,
    own: Option<Json<Own>>,
) -> Result<Response<Body>, Refusal> {
    let record = seen(&services, &at, "marks.jsonld").await?;
    let json = serde_json::to_vec_pretty(&papers::annotations(&record, &Own::of(own, &at)))
        .map_err(|e| Refusal::internal(e.to_string()))?;
    let name = format!("{}-marks.jsonld", at.hearing);
    Ok(to_keep(web::answer(StatusCode::OK, "application/ld+json", "no-store", json), &name))
}

/// `GET` or `POST api/marked/<doc>.pdf`
pub(super) async fn copy(
    State(services): Shared,
    Path((_, _, name)): Path<(String, String, String)>,
    at: AtSeat,
    own: Option<Json<Own>>,
) -> Result<Response<Body>, Refusal> {
    let none = || Refusal::not_found("this document");
    let doc = name.strip_suffix(".pdf").ok_or_else(none)?;
    let doc = DocId::new(doc).map_err(|e| Refusal::bad(e.to_string()))?;
    let record = seen(&services, &at, &name).await?;
    let own = Own::of(own, &at);
    let (pages, case, font) = (services.room.pages(), at.case, services.room.font().to_path_buf());
    let kept_as = format!("{doc}-marks.pdf");
    let pdf = blocking(move || {
        let catalogue = pages.catalogue(&case).map_err(Refusal::internal)?;
        let filed = catalogue.docs.into_iter().find(|d| d.doc == doc).ok_or_else(none)?;
        let sheets = (1..=filed.pages.len() as u32).map(|number| {
            let page = PageRef { doc: doc.clone(), page: number };
            let (info, image) = (pages.page(&case, &page)?, pages.image(&case, &page, COPY_DPI)?);
            Ok(MarkedPage {
                number,
                size: info.size,
                image: image.bytes.to_vec(),
                media_type: image.media_type,
                lines: info.lines.into_iter().map(|l| (l.text, l.boxes)).collect(),
            })
        });
        let copy = MarkedCopy { doc: doc.clone(), title: filed.title, made: utc_now(), own };
        let internal = |e: papers::PdfError| Refusal::internal(e.to_string());
        let fonts = Fonts::load(&font).map_err(internal)?;
        papers::marked_copy(&record, &copy, sheets, &fonts).map_err(internal)
    });
    Ok(to_keep(web::answer(StatusCode::OK, "application/pdf", "no-store", pdf.await??), &kept_as))
}

/// The record with the marks that the desk sees, and no others.
async fn seen(services: &Services, at: &AtSeat, what: &str) -> Result<Record, Refusal> {
    services.note(at, Act::ReadMarks, what, Repeats::Folded).await?;
    let state = at.handle.state().await?;
    let class = view::class_of(&state, &at.seat).ok_or_else(|| Refusal::not_found("this seat"))?;
    let mut record = Record::of(&state).ok_or_else(|| Refusal::not_found("the record"))?;
    record.marks.retain(|m| view::sees_mark(&state, class, m));
    Ok(record)
}

fn to_keep(mut response: Response<Body>, name: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
