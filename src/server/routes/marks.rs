//! Pages and marks (标注) to keep: marks as annotations or burnt into a copy of a document, the evidence of a side as a book. Nobody gets a
//! mark that their desk does not show.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use court::{Mark, Shape};
use hub::Repeats;
use media::clock::utc_now;
use model::{DocId, HearingTime, MarkId, PageRef, Side};
use papers::{CopiedPage, CopyKind, Fonts, PageCopy, Record};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::view;
use protocol::wire::{Catalogue, CatalogueDoc};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AtSeat, Refusal, Services, Shared, blocking};
use crate::rights::Act;
use crate::web;

/// Of the pictures in a copy.
const COPY_DPI: u32 = 240;
/// Pages of one copy, which is put together in memory.
const COPY_PAGES_MAX: u32 = 300;

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
    let record = seen(&services, &at, Act::ReadMarks, "marks.jsonld").await?;
    let json = serde_json::to_vec_pretty(&papers::annotations(&record, &Own::of(own, &at)))
        .map_err(|e| Refusal::internal(e.to_string()))?;
    let name = format!("{}-marks.jsonld", at.hearing);
    Ok(to_keep(web::answer(StatusCode::OK, "application/ld+json", "no-store", json), &name, &name))
}

/// Which pages of a copy, counted from 1; all of them without.
#[derive(Default, Deserialize, JsonSchema)]
pub(super) struct Piece {
    /// The first.
    from: Option<u32>,
    /// The last.
    to: Option<u32>,
}

impl Piece {
    /// In the name of a file; nothing where it is the whole.
    fn named(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!(" 第{from}至{to}页"),
            _ => String::new(),
        }
    }

    /// The first page, and how many follow it and it.
    fn of(&self, all: u32) -> Result<(u32, usize), Refusal> {
        let (from, to) = (self.from.unwrap_or(1), self.to.unwrap_or(all).min(all));
        if from == 0 || from > to {
            return Err(Refusal::bad(format!("共{all}页，没有第{from}页至第{to}页")));
        }
        let pages = to - from + 1;
        if pages > COPY_PAGES_MAX {
            let last = from + COPY_PAGES_MAX - 1;
            return Err(Refusal::bad(format!(
                "一次最多{COPY_PAGES_MAX}页，请分册导出：?from={from}&to={last}，然后从{}起",
                last + 1
            )));
        }
        Ok((from, pages as usize))
    }
}

/// `GET` or `POST api/marked/<doc>.pdf`
pub(super) async fn copy(
    State(services): Shared,
    Path((_, _, name)): Path<(String, String, String)>,
    at: AtSeat,
    Query(piece): Query<Piece>,
    own: Option<Json<Own>>,
) -> Result<Response<Body>, Refusal> {
    let none = || Refusal::not_found("this document");
    let doc = DocId::new(stem(&name).ok_or_else(none)?).map_err(|e| Refusal::bad(e.to_string()))?;
    let record = seen(&services, &at, Act::ReadMarks, &name).await?;
    let own = Own::of(own, &at);
    let catalogue = listed(&services, &at).await?;
    let filed = catalogue.docs.into_iter().find(|d| d.doc == doc).ok_or_else(none)?;
    let title = filed.title.clone();
    let label = filed
        .evidence_number
        .map_or_else(|| title.clone(), |n| format!("{} {title}", record.exhibit(filed.side, n)));
    let kept_as = format!("{label}（带标注）{}.pdf", piece.named());
    let kind = CopyKind::Marked { own };
    let pdf = copied(&services, at, record, (title, kind), vec![filed], &piece).await?;
    Ok(to_keep(
        web::answer(StatusCode::OK, "application/pdf", "no-store", pdf),
        &format!("{doc}-marks.pdf"),
        &kept_as,
    ))
}

/// `GET api/exhibits/<side>.pdf`
pub(super) async fn exhibits(
    State(services): Shared,
    Path((_, _, name)): Path<(String, String, String)>,
    at: AtSeat,
    Query(piece): Query<Piece>,
) -> Result<Response<Body>, Refusal> {
    let none = || Refusal::not_found("this book of evidence");
    let side = serde_json::from_value::<Side>(stem(&name).ok_or_else(none)?.into()).map_err(|_| none())?;
    if !side.is_party() {
        return Err(none());
    }
    let record = seen(&services, &at, Act::ReadPage, &format!("exhibits/{name}")).await?;
    let mut docs = listed(&services, &at).await?.docs;
    docs.retain(|d| d.side == side && d.evidence_number.is_some());
    docs.sort_by_key(|d| d.evidence_number.map(|n| (record.place_of(side, n), n)));
    if docs.is_empty() {
        return Err(Refusal::not_found("any evidence of this side"));
    }
    let title = record.book_of(side);
    let kept_as = format!("{title}{}.pdf", piece.named());
    let pdf = copied(&services, at, record, (title, CopyKind::Exhibits), docs, &piece).await?;
    Ok(to_keep(
        web::answer(StatusCode::OK, "application/pdf", "no-store", pdf),
        &format!("exhibits-{name}"),
        &kept_as,
    ))
}

fn stem(name: &str) -> Option<&str> {
    name.strip_suffix(".pdf")
}

async fn listed(services: &Services, at: &AtSeat) -> Result<Catalogue, Refusal> {
    let (pages, case) = (services.room.pages(), at.case.clone());
    blocking(move || pages.catalogue(&case)).await?.map_err(Refusal::internal)
}

/// The pages of documents, one after the other.
async fn copied(
    services: &Services,
    at: AtSeat,
    record: Record,
    (title, kind): (String, CopyKind),
    docs: Vec<CatalogueDoc>,
    piece: &Piece,
) -> Result<Vec<u8>, Refusal> {
    let all: usize = docs.iter().map(|d| d.pages.len()).sum();
    let (first, count) = piece.of(u32::try_from(all).unwrap_or(u32::MAX))?;
    let (pages, case, font) = (services.room.pages(), at.case, services.room.font().to_path_buf());
    let pdf = blocking(move || {
        let each = docs.iter().flat_map(|d| (1..=d.pages.len() as u32).map(move |page| (d, page)));
        let sheets = each.skip(first as usize - 1).take(count).map(|(filed, page)| {
            let at = PageRef { doc: filed.doc.clone(), page };
            let (info, image) = (pages.page(&case, &at)?, pages.image(&case, &at, COPY_DPI)?);
            Ok(CopiedPage {
                at,
                side: filed.side,
                label: filed
                    .evidence_number
                    .map_or_else(|| filed.title.clone(), |n| record.exhibit(filed.side, n)),
                title: filed.title.clone(),
                of: filed.pages.len() as u32,
                size: info.size,
                image: image.bytes.to_vec(),
                media_type: image.media_type,
                lines: info.lines.into_iter().map(|l| (l.text, l.boxes)).collect(),
            })
        });
        let copy = PageCopy { title, made: utc_now(), kind, first };
        let internal = |e: papers::PdfError| Refusal::internal(e.to_string());
        let fonts = Fonts::load(&font).map_err(internal)?;
        papers::page_copy(&record, &copy, sheets, &fonts).map_err(internal)
    });
    pdf.await?
}

/// The record with the marks that the desk sees, and no others.
async fn seen(services: &Services, at: &AtSeat, act: Act, what: &str) -> Result<Record, Refusal> {
    services.note(at, act, what, Repeats::Folded).await?;
    let state = at.handle.state().await?;
    let class = view::class_of(&state, &at.seat).ok_or_else(|| Refusal::not_found("this seat"))?;
    let mut record = Record::of(&state).ok_or_else(|| Refusal::not_found("the record"))?;
    record.marks.retain(|m| view::sees_mark(&state, class, m));
    Ok(record)
}

/// `plain` is for what reads only the letters of a header; `name`, as RFC 6266 has it, for browsers.
fn to_keep(mut response: Response<Body>, plain: &str, name: &str) -> Response<Body> {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let said = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{name}");
    if let Ok(value) = HeaderValue::from_str(&said) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
