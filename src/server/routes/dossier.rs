//! The dossier: catalogue, pages, images, uploads. Every read is authorised: a page image's hash is no key to it.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use court::{Mark, Stage};
use hub::{Deposit, EvidenceOffer, Msg, Pages, Repeats};
use model::{CaseId, DocId, HearingId, PageRef, Role, SeatId, Side};
use protocol::schema::Schemas;
use protocol::wire::{Catalogue, Mend, PageInfo, Taken};
use protocol::{links, view};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{AtSeat, Refusal, Services, Shared, blocking};
use crate::rights::Act;

pub(super) async fn catalogue(State(services): Shared, at: AtSeat) -> Result<Json<Catalogue>, Refusal> {
    let (pages, case) = (services.room.pages(), at.case.clone());
    let catalogue = blocking(move || pages.catalogue(&case)).await?.map_err(Refusal::internal)?;
    Ok(Json(seen_by(&services, &at, catalogue)))
}

/// What is offered and not let in, or was refused, is seen by the court and by the side that offers it.
fn seen_by(services: &Services, at: &AtSeat, mut catalogue: Catalogue) -> Catalogue {
    let withheld = services.room.pages().withheld(&at.case);
    let kept = |doc: &DocId| withheld.iter().any(|(d, side)| d == doc && !sees_offer(at.role, *side));
    catalogue.offered.retain(|d| !kept(&d.doc));
    catalogue.retired.retain(|d| !kept(&d.doc));
    catalogue
}

fn sees_offer(role: Role, of: Side) -> bool {
    matches!(role.side(), Side::Bench | Side::Clerk) || role.side() == of
}

type PagePath = (String, String, String, u32);

/// A page may be read by the desks; the gallery and witnesses see only the page that is on the screens.
async fn readable(services: &Services, at: &AtSeat, (_, _, doc, page): PagePath) -> Result<PageRef, Refusal> {
    let page = PageRef { doc: DocId::new(doc).map_err(|e| Refusal::bad(e.to_string()))?, page };
    let withheld = services.room.pages().withheld(&at.case).into_iter().find(|(d, _)| *d == page.doc);
    if at.may(Act::ReadPage).is_ok() && withheld.is_none_or(|(_, side)| sees_offer(at.role, side)) {
        services.note(at, Act::ReadPage, &format!("{}/{}", page.doc, page.page), Repeats::Folded).await?;
        return Ok(page);
    }
    let state = at.handle.state().await?;
    let class = view::class_of(&state, &at.seat);
    match class.and_then(|c| view::shown(&state, c)) {
        Some(shown) if shown.draft.shows(&page) => Ok(page),
        _ => Err(Refusal::new(StatusCode::FORBIDDEN, "this page is not on the screens")),
    }
}

pub(super) async fn page(
    State(services): Shared,
    Path(path): Path<PagePath>,
    at: AtSeat,
) -> Result<Json<PageInfo>, Refusal> {
    let page = readable(&services, &at, path).await?;
    let state = at.handle.state().await?;
    // 网上阅卷: who reads before 宣布开庭 has prepared.
    if at.role.side() == Side::Bench && state.opened.is_none() && !at.meeting {
        services.room.note_reading(&at.case, &at.hearing).await?;
    }
    let class = view::class_of(&state, &at.seat);
    let sees = |m: &&Mark| m.page == page && class.is_some_and(|c| view::sees_mark(&state, c, m));
    let marks: Vec<Mark> = state.marks.values().filter(sees).cloned().collect();
    let info = info_of(&services, at.case, page.clone()).await?;
    let links = match class.is_some_and(view::sees_record) {
        true => links::of_page(&state, info.side, &page.doc, &info.lines),
        false => Vec::new(),
    };
    Ok(Json(PageInfo { marks, links, ..info }))
}

/// A page without the marks on it.
pub(super) async fn info_of(services: &Services, case: CaseId, page: PageRef) -> Result<PageInfo, Refusal> {
    let pages = services.room.pages();
    let info = blocking(move || pages.page(&case, &page)).await?;
    info.map_err(|s| Refusal::new(StatusCode::NOT_FOUND, s))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Size {
    /// Dots per inch, from 20 to 600: up to 60 the image of 40 is given, up to 160 that of 120, else that of 240.
    #[serde(default = "reading_dpi")]
    pub(super) dpi: u32,
}

fn reading_dpi() -> u32 {
    120
}

pub(super) async fn image(
    State(services): Shared,
    Path(path): Path<PagePath>,
    Query(Size { dpi }): Query<Size>,
    at: AtSeat,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let page = readable(&services, &at, path).await?;
    image_of(&services, at.case, page, dpi, &headers).await
}

pub(super) async fn image_of(
    services: &Services,
    case: CaseId,
    page: PageRef,
    dpi: u32,
    headers: &HeaderMap,
) -> Result<Response<Body>, Refusal> {
    if !(20..=600).contains(&dpi) {
        return Err(Refusal::bad("dpi lies between 20 and 600"));
    }
    let pages = services.room.pages();
    let image = blocking(move || pages.image(&case, &page, dpi)).await?;
    let image = image.map_err(|s| Refusal::new(StatusCode::NOT_FOUND, s))?;
    let tag = format!("\"{}\"", image.hash);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut response = Response::new(Body::from(image.bytes));
    for (name, value) in [
        (header::CONTENT_TYPE, image.media_type.as_str()),
        (header::ETAG, &tag),
        // Only for this seat's own cache, and asked for again: who may see a page can change.
        (header::CACHE_CONTROL, "private, no-cache"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

pub(super) async fn upload(
    State(services): Shared,
    at: AtSeat,
    form: Multipart,
) -> Result<Json<Taken>, Refusal> {
    let taken = receive(&services, &at.case, Depositor::at(&at).await?, form).await?;
    at.handle.send(Msg::DossierChanged).await?;
    Ok(Json(taken))
}

pub(super) async fn mend(
    State(services): Shared,
    at: AtSeat,
    Json(mend): Json<Mend>,
) -> Result<Json<Catalogue>, Refusal> {
    services.note(&at, Act::MendDossier, &said(&mend), Repeats::Each).await?;
    let catalogue = mended(&services, at.case.clone(), mend).await?;
    at.handle.send(Msg::DossierChanged).await?;
    Ok(Json(seen_by(&services, &at, catalogue)))
}

/// Mends the dossier of a case and gives its catalogue.
pub(super) async fn mended(services: &Services, case: CaseId, mend: Mend) -> Result<Catalogue, Refusal> {
    let pages = services.room.pages();
    let done = blocking(move || {
        pages.mend(&case, mend).map_err(|s| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, s))?;
        pages.catalogue(&case).map_err(Refusal::internal)
    });
    done.await?
}

/// The act as the audit journal has it.
pub(super) fn said(mend: &Mend) -> String {
    match mend {
        Mend::Turn { page, degrees } => format!("{}/{} turned to {degrees}", page.doc, page.page),
        Mend::Accept { doc, problem } => format!("{doc}/{} accepted as it is", problem.page()),
        Mend::Reconsider { doc, problem } => format!("{doc}/{} no longer accepted", problem.page()),
        Mend::Describe { doc, filing } => format!("{doc} filed as {} › {}", filing.heading, filing.title),
        Mend::Bind { from, into } => {
            let names = |docs: &[DocId]| docs.iter().map(DocId::to_string).collect::<Vec<_>>().join(", ");
            let bound = into.iter().map(|b| format!("{} ({} pages)", b.filing.title, b.leaves.len()));
            format!("{} replaced by {}", names(from), bound.collect::<Vec<_>>().join(", "))
        }
        Mend::Restore { doc } => format!("{doc} restored"),
    }
}

/// The schema of the form that [`receive`] takes.
pub(super) fn form(schemas: &mut Schemas) -> Value {
    json!({
        "type": "object",
        "properties": {
            "file": { "description": "PDF, JPEG, PNG, TIFF, BMP or WebP; a ZIP archive of these; DOCX and the like where LibreOffice is installed.", "type": "string", "format": "binary" },
            "heading": { "description": "Empty: the machine finds it.", "type": "string" },
            "title": { "description": "Empty: as the file is called.", "type": "string" },
            "password": { "description": "Of an encrypted PDF.", "type": "string" },
            "evidenceNumber": { "description": "The side's own number, if it is evidence.", "type": "string", "pattern": "^[0-9]*$" },
            "side": schemas.read::<Side>(),
            "offer": { "description": "While the court sits: `true` holds a party's document back until the presiding judge lets it in; what a party brings in then always is, and what lies in an archive of the court's under a party's name.", "type": "string", "enum": ["true", "false"] },
            "purpose": { "description": "What an offered document shall prove.", "type": "string" },
        },
        "required": ["file"],
    })
}

/// Who brings in documents, and whether the court sits.
#[derive(Default)]
pub(super) struct Depositor {
    /// A party files on its own side only.
    pub(super) own: Option<Side>,
    /// In whose hearing at which seat, from 宣布开庭 to 闭庭.
    sitting: Option<(HearingId, SeatId)>,
}

impl Depositor {
    pub(super) async fn at(at: &AtSeat) -> Result<Self, Refusal> {
        let state = at.handle.state().await?;
        let sits = matches!(state.stage, Stage::InSession | Stage::Recess);
        let side = at.role.side();
        Ok(Self {
            own: side.is_party().then_some(side),
            sitting: sits.then(|| (at.hearing.clone(), at.seat.clone())),
        })
    }

    /// While the court sits, what a party brings in is offered, and what the court brings in for one where it says so; of an archive of the
    /// court's, what lies in it under a party's name.
    pub(super) fn offer(&self, side: Side, wanted: bool, purpose: String) -> Option<EvidenceOffer> {
        let (hearing, seat) = self.sitting.clone()?;
        let offers = self.own.is_some() || !side.is_party() || wanted;
        offers.then_some(EvidenceOffer { hearing, seat, purpose })
    }
}

/// Longest purpose of an offer, in characters.
const PURPOSE_MAX: usize = 500;

pub(super) fn purpose(said: &str) -> Result<String, Refusal> {
    let said = said.trim();
    if said.chars().count() > PURPOSE_MAX {
        return Err(Refusal::bad(format!("证明目的最多{PURPOSE_MAX}个字")));
    }
    Ok(said.to_owned())
}

/// Takes a multipart form with `file` and its filing, and files it.
pub(super) async fn receive(
    services: &Services,
    case: &CaseId,
    by: Depositor,
    mut form: Multipart,
) -> Result<Taken, Refusal> {
    let broken =
        |e: axum::extract::multipart::MultipartError| Refusal::bad(format!("the upload broke off: {e}"));
    let incoming = services.room.incoming_file().await?;
    let mut deposit = Deposit {
        file: incoming.to_path_buf(),
        name: String::new(),
        side: by.own.unwrap_or(Side::Bench),
        heading: String::new(),
        title: String::new(),
        evidence_number: None,
        made: None,
        password: None,
        offer: None,
    };
    let (mut offered, mut said) = (false, String::new());
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            deposit.name = field.file_name().unwrap_or_default().to_owned();
            let disk = |e: std::io::Error| Refusal::internal(format!("the upload could not be kept: {e}"));
            let mut file = tokio::fs::File::create(&*incoming).await.map_err(disk)?;
            while let Some(chunk) = field.chunk().await.map_err(broken)? {
                file.write_all(&chunk).await.map_err(disk)?;
            }
            file.sync_all().await.map_err(disk)?;
            continue;
        }
        let value = field.text().await.map_err(broken)?;
        match name.as_str() {
            "side" if by.own.is_none() => {
                deposit.side = serde_json::from_value(Value::String(value.clone())).map_err(|_| {
                    Refusal::bad(format!("\"{value}\" is no side: bench, plaintiff, defendant, thirdParty"))
                })?;
            }
            "heading" => deposit.heading = value,
            "title" => deposit.title = value,
            "offer" => offered = value == "true",
            "purpose" => said = purpose(&value)?,
            "password" if !value.is_empty() => deposit.password = Some(value),
            "evidenceNumber" if !value.is_empty() => {
                let number =
                    value.parse().map_err(|_| Refusal::bad("the evidence number is a whole number"))?;
                deposit.evidence_number = Some(number);
            }
            _ => {}
        }
    }
    deposit.offer = by.offer(deposit.side, offered, said);
    if deposit.name.is_empty() {
        return Err(Refusal::bad("the form holds no file: choose one"));
    }
    let (pages, case): (Arc<dyn Pages>, _) = (services.room.pages(), case.clone());
    let added = blocking(move || {
        // Kept until the dossier has its own copy.
        let _incoming = incoming;
        pages.take(&case, deposit)
    });
    added.await?.map_err(|s| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, s))
}
