//! 庭审回放: a hearing that is over, as each view class saw it, with its pages and its recording. Whoever may see it gets a session for that alone.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use model::{CaseId, DocId, HearingId, PageRef, SeatId, ViewClass};
use protocol::replay::Reel;
use protocol::wire::{Catalogue, PageInfo};
use record::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dossier::Size;
use super::{AtSeat, Refusal, Services, Shared, blocking, dossier, media};
use crate::access::Asker;
use crate::metrics::Metrics;
use crate::officer::Officer;
use crate::rights::Who;
use crate::{access, web};

/// Somebody who may play a hearing back.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) hearing: HearingId,
    pub(crate) case: CaseId,
    /// The seat or the account that asked for the session.
    pub(crate) by: String,
}

impl Services {
    /// Who asks, if their session is for playing back just this hearing.
    pub(crate) async fn reader(&self, asker: &Asker, hearing: &str) -> Result<Reader, Refusal> {
        let refused = || {
            Metrics::count(&self.metrics.refused);
            Refusal::no_session()
        };
        self.not_revoked(asker)?;
        let token = asker.token.clone().ok_or_else(refused)?;
        let session = self.room.session(token).await?.filter(|s| asker.computer.is(s.terminal.as_deref()));
        match session.map(|s| s.scope) {
            Some(Scope::Replay { hearing: of, by }) if of.as_str() == hearing => {
                self.fits(Who::Reader, &asker.computer, SeatId::new(&*by).ok().as_ref())?;
                let (_, case) = self.room.running(&of).await?;
                Ok(Reader { hearing: of, case, by })
            }
            _ => Err(refused()),
        }
    }

    /// A one-time link to play a hearing back.
    async fn replay_link(
        &self,
        headers: &HeaderMap,
        hearing: HearingId,
        by: String,
    ) -> Result<Json<Link>, Refusal> {
        self.room.can_replay(&hearing).await?;
        let code = self.room.issue_code(Scope::Replay { hearing: hearing.clone(), by: by.clone() }).await?;
        let base = self.base(headers.get(header::HOST));
        // The name goes with the code: a session is found by both.
        let by = by.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        Ok(Json(Link { url: format!("{base}/replay/{hearing}/join?code={code}&by={by}") }))
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Link {
    url: String,
}

/// `POST api/replay`, at a seat.
pub(super) async fn link_of_seat(
    State(services): Shared,
    at: AtSeat,
    headers: HeaderMap,
) -> Result<Json<Link>, Refusal> {
    services.replay_link(&headers, at.hearing, at.seat.to_string()).await
}

/// `POST /admin/api/hearings/<hearing>/replay`.
pub(super) async fn link_of_office(
    State(services): Shared,
    Path(hearing): Path<HearingId>,
    officer: Officer,
    headers: HeaderMap,
) -> Result<Json<Link>, Refusal> {
    services.replay_link(&headers, hearing, officer.name).await
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Code {
    /// The code of the link, in letters of any case.
    code: String,
    /// The seat or account that the link was made for.
    #[serde(default)]
    by: String,
}

/// `GET join?code=…`: a good code becomes a session.
pub(super) async fn join(
    State(services): Shared,
    Path(hearing): Path<String>,
    Query(Code { code, by }): Query<Code>,
    asker: Asker,
) -> Response<Body> {
    let path = format!("/replay/{hearing}/");
    let Ok(id) = HearingId::new(hearing.as_str()) else { return no_link(&services.metrics) };
    let seat = SeatId::new(&*by).ok();
    let terminal = asker.computer.id().map(str::to_owned);
    if services.fits(Who::Reader, &asker.computer, seat.as_ref()).is_err() {
        return services.wrong_computer(&asker.computer, seat.as_ref());
    }
    match services.room.redeem(code, Scope::Replay { hearing: id, by }, terminal).await {
        Ok(Some(token)) => {
            Metrics::count(&services.metrics.joins);
            let mut response = Redirect::to(&path).into_response();
            if let Some(cookie) = access::cookie(&token, &path, hub::SESSION_LIFETIME_MS, services.secure) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Ok(None) if services.reader(&asker, &hearing).await.is_ok() => Redirect::to(&path).into_response(),
        Ok(None) => no_link(&services.metrics),
        Err(error) => Refusal::from(error).into_response(),
    }
}

fn no_link(metrics: &Metrics) -> Response<Body> {
    Metrics::count(&metrics.joins_refused);
    web::sentence(
        StatusCode::FORBIDDEN,
        "回放链接无效或已被使用。请在庭审席位的菜单或管理页面重新打开“庭审回放”。",
        "This link is wrong or has been used. Open the replay again from the menu of your seat or from the administration.",
    )
}

/// The page of the replay, for who has its session.
pub(super) async fn page(
    State(services): Shared,
    Path(hearing): Path<String>,
    asker: Asker,
) -> Response<Body> {
    match services.reader(&asker, &hearing).await {
        Ok(_) => web::index(),
        Err(refusal) if refusal.is_no_session() => no_link(&services.metrics),
        Err(refusal) if refusal.is_forbidden() => services.wrong_computer(&asker.computer, None),
        Err(refusal) => refusal.into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct OfClass {
    class: ViewClass,
}

/// `GET api/reel/<class>`.
pub(super) async fn reel(
    State(services): Shared,
    Path(OfClass { class }): Path<OfClass>,
    reader: Reader,
) -> Result<Json<Reel>, Refusal> {
    Ok(Json(services.room.reel(&reader.hearing, class).await?))
}

/// `GET api/dossier`: what the pages are called.
pub(super) async fn catalogue(State(services): Shared, reader: Reader) -> Result<Json<Catalogue>, Refusal> {
    let (pages, case) = (services.room.pages(), reader.case);
    let catalogue = blocking(move || pages.catalogue(&case)).await?;
    catalogue.map(Json).map_err(Refusal::internal)
}

#[derive(Deserialize)]
pub(super) struct OfPage {
    doc: DocId,
    page: u32,
}

impl From<OfPage> for PageRef {
    fn from(OfPage { doc, page }: OfPage) -> Self {
        Self { doc, page }
    }
}

pub(super) async fn page_info(
    State(services): Shared,
    Path(page): Path<OfPage>,
    reader: Reader,
) -> Result<Json<PageInfo>, Refusal> {
    Ok(Json(dossier::info_of(&services, reader.case, page.into()).await?))
}

pub(super) async fn image(
    State(services): Shared,
    Path(page): Path<OfPage>,
    Query(Size { dpi }): Query<Size>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    dossier::image_of(&services, reader.case, page.into(), dpi, &headers).await
}

pub(super) async fn master(State(services): Shared, reader: Reader) -> Result<Response<Body>, Refusal> {
    let dir = services.room.hearing_dir(&reader.hearing);
    media::master_of(&services, &reader.hearing, &dir).await
}

#[derive(Deserialize)]
pub(super) struct OfTrack {
    track: String,
    file: String,
}

pub(super) async fn file(
    State(services): Shared,
    Path(OfTrack { track, file }): Path<OfTrack>,
    reader: Reader,
) -> Result<Response<Body>, Refusal> {
    let dir = services.room.hearing_dir(&reader.hearing);
    media::file_of(&services, &reader.hearing, &dir, track, file).await
}
