//! 合议, 法官会议, 审委会 from a seat of the hearing: convened there, entered from there, and unknown to every other seat.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use court::Convening;
use hub::MeetingOffer;
use model::{HearingId, SeatId};
use schemars::JsonSchema;
use serde::Serialize;

use super::seat::seat_url;
use super::{AtSeat, Refusal, Shared};

/// `GET api/meetings`: those this seat is a member of. Everybody else reads what they would read if there were none.
pub(super) async fn offers(State(services): Shared, at: AtSeat) -> Result<Json<Vec<MeetingOffer>>, Refusal> {
    let Some(session) = &at.session else { return Ok(Json(Vec::new())) };
    Ok(Json(services.room.meetings_of(&at.hearing, &at.seat, session.since).await?))
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Convened {
    meeting: HearingId,
    guests: Vec<Invited>,
}

/// A link to be handed to a guest.
#[derive(Serialize, JsonSchema)]
struct Invited {
    name: String,
    url: String,
}

/// `POST api/meetings`: the presiding judge or the clerk convenes one.
pub(super) async fn convene(
    State(services): Shared,
    at: AtSeat,
    headers: HeaderMap,
    Json(convening): Json<Convening>,
) -> Result<(StatusCode, Json<Convened>), Refusal> {
    let convened = services.room.convene(&at.hearing, &at.seat, convening).await?;
    let link = |guest: hub::GuestLink| {
        let link = seat_url(&services, &headers, &convened.meeting, guest.seat, &guest.code);
        Invited { name: guest.name, url: link.url }
    };
    let guests = convened.guests.into_iter().map(link).collect();
    Ok((StatusCode::CREATED, Json(Convened { meeting: convened.meeting.clone(), guests })))
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Door {
    seat: SeatId,
    url: String,
}

/// `POST api/meetings/<meeting>/enter`: a member's way in; 409 where their seat is held by somebody at another screen of it.
pub(super) async fn enter(
    State(services): Shared,
    Path((_, _, meeting)): Path<(String, String, String)>,
    at: AtSeat,
    headers: HeaderMap,
) -> Result<Json<Door>, Refusal> {
    let none = || Refusal::not_found("this meeting");
    let session = at.session.as_ref().ok_or_else(none)?;
    let door = services.room.enter(&at.hearing, &at.seat, session, &meeting).await?.ok_or_else(none)?;
    let hub::Door::Open(code) = door else {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "somebody has entered from another screen of this seat; tell the other members if it was not you",
        ));
    };
    let id = HearingId::new(meeting).map_err(|_| none())?;
    let link = seat_url(&services, &headers, &id, at.seat.clone(), &code);
    Ok(Json(Door { seat: at.seat, url: link.url }))
}
