//! The administration: cases, their dossiers, opening a hearing and handing out its seats.

use axum::Json;
use axum::body::Body;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use court::OutlineId;
use hub::{CaseDraft, HearingSummary, Offer, Offers, Opening, Repeats};
use model::{CaseId, HearingId, SeatId};
use protocol::wire::{Catalogue, Mend, Taken};
use record::{OfficeRole, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seat::{SeatUrl, refuse_join, seat_url};
use super::{Refusal, Shared, blocking, dossier as filing};
use crate::access::Asker;
use crate::metrics::Metrics;
use crate::officer::Officer;
use crate::rights::{Duty, Who};
use crate::{access, web};

pub(super) const PATH: &str = "/admin/";

pub(super) async fn page() -> Response<Body> {
    web::index()
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Code {
    /// The code of the link, in letters of any case.
    code: String,
}

pub(super) async fn join(
    State(services): Shared,
    Query(Code { code }): Query<Code>,
    asker: Asker,
) -> Response<Body> {
    if services.fits(Who::Officer(OfficeRole::Administrator), &asker.computer, None).is_err() {
        return services.wrong_computer(&asker.computer, None);
    }
    let terminal = asker.computer.id().map(str::to_owned);
    match services.room.redeem(code, Scope::Admin, terminal).await {
        Ok(Some(token)) => {
            Metrics::count(&services.metrics.joins);
            let mut response = Redirect::to(PATH).into_response();
            if let Some(cookie) = access::cookie(&token, PATH, hub::SESSION_LIFETIME_MS, services.secure) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Ok(None) if services.officer(&asker, Duty::Manage).await.is_ok() => {
            Redirect::to(PATH).into_response()
        }
        Ok(None) => refuse_join(&services.metrics),
        Err(error) => Refusal::from(error).into_response(),
    }
}

pub(super) async fn cases(State(services): Shared) -> Result<Json<Vec<CaseDraft>>, Refusal> {
    Ok(Json(services.room.cases().await?))
}

pub(super) async fn create_case(
    State(services): Shared,
    Json(case): Json<CaseDraft>,
) -> Result<(StatusCode, Json<CaseDraft>), Refusal> {
    services.room.create_case(case.clone()).await?;
    Ok((StatusCode::CREATED, Json(case)))
}

/// An outline in the list to choose from.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OutlineChoice {
    id: OutlineId,
    name: String,
    en: String,
    /// Whether the court changed or added it.
    own: bool,
}

/// `GET /admin/api/outlines`.
#[derive(Serialize, JsonSchema)]
pub(super) struct OutlineChoices {
    outlines: Vec<OutlineChoice>,
    faults: Vec<String>,
}

pub(super) async fn outlines(State(services): Shared) -> Result<Json<OutlineChoices>, Refusal> {
    let Offers { offers, faults, .. } = services.room.outlines().await?;
    let choice = |o: Offer| OutlineChoice {
        id: o.outline.id,
        name: o.outline.name,
        en: o.outline.en,
        own: o.file.is_some(),
    };
    Ok(Json(OutlineChoices { outlines: offers.into_iter().map(choice).collect(), faults }))
}

pub(super) fn case_id(case: String) -> Result<CaseId, Refusal> {
    CaseId::new(case).map_err(|e| Refusal::bad(e.to_string()))
}

/// `GET /admin/api/cases/<case>/prepared`: seats and times of the next hearing, as far as the case list says.
pub(super) async fn prepared(
    State(services): Shared,
    Path(case): Path<String>,
) -> Result<Json<hub::Prepared>, Refusal> {
    let case = case_id(case)?;
    services.room.known_case(&case).await?;
    Ok(Json(services.room.prepared(&case).await?))
}

pub(super) async fn dossier(
    State(services): Shared,
    Path(case): Path<String>,
) -> Result<Json<Catalogue>, Refusal> {
    let (pages, case) = (services.room.pages(), case_id(case)?);
    services.room.known_case(&case).await?;
    blocking(move || pages.catalogue(&case)).await?.map(Json).map_err(Refusal::internal)
}

pub(super) async fn upload(
    State(services): Shared,
    Path(case): Path<String>,
    form: Multipart,
) -> Result<Json<Taken>, Refusal> {
    let case = case_id(case)?;
    services.room.known_case(&case).await?;
    filing::receive(&services, &case, filing::Depositor::default(), form).await.map(Json)
}

/// `POST /admin/api/cases/<case>/dossier/mend`.
pub(super) async fn mend(
    State(services): Shared,
    Path(case): Path<String>,
    asker: Asker,
    officer: Officer,
    Json(mend): Json<Mend>,
) -> Result<Json<Catalogue>, Refusal> {
    let case = case_id(case)?;
    services.room.known_case(&case).await?;
    let what = format!("{case}: {}", filing::said(&mend));
    services.note_office(&asker, &officer, Duty::File, what, Repeats::Each).await?;
    filing::mended(&services, case, mend).await.map(Json)
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Opened {
    hearing: HearingId,
    links: Vec<SeatUrl>,
}

pub(super) async fn open_hearing(
    State(services): Shared,
    headers: HeaderMap,
    Json(opening): Json<Opening>,
) -> Result<Json<Opened>, Refusal> {
    let hub::Opened { hearing, seats } = services.room.open_hearing(opening).await?;
    let mut links = Vec::with_capacity(seats.len());
    for seat in seats {
        let code =
            services.room.issue_code(Scope::Seat { hearing: hearing.clone(), seat: seat.clone() }).await?;
        links.push(seat_url(&services, &headers, &hearing, seat, &code));
    }
    Ok(Json(Opened { hearing, links }))
}

pub(super) async fn hearings(State(services): Shared) -> Result<Json<Vec<HearingSummary>>, Refusal> {
    Ok(Json(services.room.hearings().await?))
}

pub(super) async fn code(
    State(services): Shared,
    Path((hearing, seat)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<SeatUrl>, Refusal> {
    let hearing = HearingId::new(hearing).map_err(|e| Refusal::bad(e.to_string()))?;
    let seat = SeatId::new(seat).map_err(|e| Refusal::bad(e.to_string()))?;
    // Only for a seat the hearing has.
    services.room.place(&hearing, &seat).await?;
    let code = services.room.issue_code(Scope::Seat { hearing: hearing.clone(), seat: seat.clone() }).await?;
    Ok(Json(seat_url(&services, &headers, &hearing, seat, &code)))
}

#[derive(Serialize, JsonSchema)]
pub(super) struct AdminUrl {
    seat: &'static str,
    url: String,
}

/// `POST /admin/api/code`: a further one-time link to the administration.
pub(super) async fn own_code(State(services): Shared, headers: HeaderMap) -> Result<Json<AdminUrl>, Refusal> {
    let code = services.room.issue_code(Scope::Admin).await?;
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    let scheme = if services.secure { "https" } else { "http" };
    Ok(Json(AdminUrl { seat: "admin", url: format!("{scheme}://{host}{PATH}join?code={code}") }))
}
