//! A seat: its page, its link, its WebSocket, the check before 开庭.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use hub::Outbox;
use model::{HearingId, SeatId};
use protocol::check::{CheckItem, Finding};
use record::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::{AtSeat, Refusal, Shared, blocking};
use crate::access::Asker;
use crate::metrics::Metrics;
use crate::rights::Who;
use crate::terminals::Peer;
use crate::{access, web, ws};

/// The screens of a seat, for who has its session. Whether there is such a hearing nobody else learns.
pub(super) async fn page(
    State(services): Shared,
    Path((hearing, seat)): Path<(String, String)>,
    asker: Asker,
) -> Response<Body> {
    match services.at_seat(&asker, &hearing, &seat).await {
        Ok(at) => match services.fits(at.who(), &at.computer, Some(&at.seat)) {
            Ok(()) => web::index(),
            Err(_) => services.wrong_computer(&at.computer, Some(&at.seat)),
        },
        Err(refusal) if refusal.is_forbidden() => services.wrong_computer(&asker.computer, None),
        Err(refusal) if refusal.is_no_session() => web::sentence(
            StatusCode::UNAUTHORIZED,
            "这个浏览器没有该席位的会话。请用书记员给的席位链接进入；链接已用过或过期的，请书记员在“席位”中重新发放。",
            "This browser has no session for that seat. Enter by the link the clerk gave; if it has been used or is too old, \
             the clerk hands out a new one under Seats.",
        ),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET api/session`: whether the session still opens this seat.
pub(super) async fn session(_: AtSeat) -> StatusCode {
    StatusCode::NO_CONTENT
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Code {
    /// The code of the link, in letters of any case.
    code: String,
}

/// `GET join?code=…`: a good code becomes a session. A browser that has a session for the seat already is let through, so
/// that opening the link twice does no harm.
pub(super) async fn join(
    State(services): Shared,
    Path((hearing, seat)): Path<(String, String)>,
    Query(Code { code }): Query<Code>,
    asker: Asker,
) -> Response<Body> {
    let path = format!("/h/{hearing}/{seat}/");
    let (Ok(hearing_id), Ok(seat_id)) = (HearingId::new(hearing.as_str()), SeatId::new(seat.as_str())) else {
        return refuse_join(&services.metrics);
    };
    let counts = !services.room.is_meeting(&hearing_id).await;
    // A code is not used up where it opens nothing; whoever has no good one learns nothing.
    match services.may_join(&asker, &hearing_id, &seat_id, &code).await {
        Ok(true) => {}
        Ok(false) => return services.wrong_computer(&asker.computer, Some(&seat_id)),
        Err(refusal) => return refusal.into_response(),
    }
    let terminal = asker.computer.id().map(str::to_owned);
    match services.room.redeem(code, Scope::Seat { hearing: hearing_id, seat: seat_id }, terminal).await {
        Ok(Some(token)) => {
            if counts {
                Metrics::count(&services.metrics.joins);
            }
            let mut response = Redirect::to(&path).into_response();
            if let Some(cookie) = access::cookie(&token, &path, hub::SESSION_LIFETIME_MS, services.secure) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Ok(None) if services.at_seat(&asker, &hearing, &seat).await.is_ok() => {
            Redirect::to(&path).into_response()
        }
        Ok(None) => refuse_join(&services.metrics),
        Err(error) => Refusal::from(error).into_response(),
    }
}

impl super::Services {
    /// Whether whoever has this code may sit at this computer; true as well where the code is not good.
    async fn may_join(
        &self,
        asker: &Asker,
        hearing: &HearingId,
        seat: &SeatId,
        code: &str,
    ) -> Result<bool, Refusal> {
        let scope = Scope::Seat { hearing: hearing.clone(), seat: seat.clone() };
        if !self.room.code_is_good(code.to_owned(), scope).await? {
            return Ok(true);
        }
        let Some(role) = self.room.role_of(hearing, seat).await? else { return Ok(true) };
        let meeting = self.room.is_meeting(hearing).await;
        Ok(self.fits(Who::Seat { role, meeting }, &asker.computer, Some(seat)).is_ok())
    }

    /// The page that says why nothing opens on this computer.
    pub(super) fn wrong_computer(&self, computer: &Peer, seat: Option<&SeatId>) -> Response<Body> {
        Metrics::count(&self.metrics.refused);
        let (zh, en) = super::wrong_computer(computer.at(self.room.name(), seat));
        web::sentence(StatusCode::FORBIDDEN, zh, en)
    }
}

pub(super) fn refuse_join(metrics: &Metrics) -> Response<Body> {
    Metrics::count(&metrics.joins_refused);
    web::sentence(
        StatusCode::FORBIDDEN,
        "席位链接无效或已被使用。请向书记员索取新的链接。",
        "This seat link is wrong or has been used. Ask the clerk for a new one.",
    )
}

pub(super) async fn socket(
    State(services): Shared,
    at: AtSeat,
    request: Request,
) -> Result<Response<Body>, Refusal> {
    let outbox = if at.meeting {
        Outbox::default()
    } else {
        Metrics::count(&services.metrics.sockets);
        Outbox::counted(Arc::clone(&services.metrics.choices))
    };
    let ended = services.live.follow(&at.computer);
    ws::upgrade(request, at.handle, at.seat, (at.until, ended), outbox)
}

/// The check before 开庭: what the machine says of itself, and what the hearing shows.
pub(super) async fn check(State(services): Shared, at: AtSeat) -> Result<Json<Vec<CheckItem>>, Refusal> {
    let source = Arc::clone(&services.check);
    let mut items = blocking(move || source.check()).await?;
    let status = at.handle.status().await?;
    let (ready, pages) = status.pages_ready;
    let of_hearing = [
        if status.sound_ok { Finding::Microphones } else { Finding::MicrophoneSilent },
        if status.picture_ok { Finding::Picture } else { Finding::NoPicture },
        status.model.map_or(Finding::NoModel, |name| Finding::Model { name }),
        Finding::Dossier { pages: pages.into(), ready: ready.into() },
    ];
    items.extend(of_hearing.map(CheckItem::from));
    Ok(Json(items))
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SeatUrl {
    seat: SeatId,
    pub(super) url: String,
}

pub(super) fn seat_url(
    services: &super::Services,
    headers: &HeaderMap,
    hearing: &HearingId,
    seat: SeatId,
    code: &str,
) -> SeatUrl {
    let base = services.base(headers.get(header::HOST));
    let url = format!("{base}/h/{hearing}/{seat}/join?code={code}");
    SeatUrl { seat, url }
}

/// `POST api/seats/<seat>/code`: a new one-time link for a seat.
pub(super) async fn code(
    State(services): Shared,
    Path((_, _, other)): Path<(String, String, String)>,
    at: AtSeat,
    headers: HeaderMap,
) -> Result<Json<SeatUrl>, Refusal> {
    let other = SeatId::new(other).map_err(|e| Refusal::bad(e.to_string()))?;
    at.handle.role(&other).await?.ok_or_else(|| hub::HubError::UnknownSeat(other.clone()))?;
    let code =
        services.room.issue_code(Scope::Seat { hearing: at.hearing.clone(), seat: other.clone() }).await?;
    Ok(Json(seat_url(&services, &headers, &at.hearing, other, &code)))
}

/// `POST api/seats/<seat>/evict`: every session at that seat ends, and its screens close. Whoever belongs there comes in again by a new
/// link, into a meeting by their seat in the hearing.
pub(super) async fn evict(
    State(services): Shared,
    Path((_, _, other)): Path<(String, String, String)>,
    at: AtSeat,
) -> Result<StatusCode, Refusal> {
    let other = SeatId::new(other).map_err(|e| Refusal::bad(e.to_string()))?;
    if other == at.seat {
        return Err(Refusal::bad("this is your own seat; you would be locked out"));
    }
    at.handle.role(&other).await?.ok_or_else(|| hub::HubError::UnknownSeat(other.clone()))?;
    services.room.evict(&at.hearing, &other).await?;
    Ok(StatusCode::NO_CONTENT)
}
