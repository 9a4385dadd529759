//! Accounts of the administration, their logins, and the rooms of the court.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use media::clock::utc_now;
use record::{Account, Login, NewAccount, OfficeRole};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::admin::PATH;
use super::{Refusal, Shared};
use crate::access::{self, Asker};
use crate::officer::Officer;
use crate::rights::{Duty, Who};

/// A working day.
pub(super) const SESSION_LIFETIME_MS: i64 = 12 * 3600 * 1000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    name: String,
    password: String,
}

/// `POST /admin/api/login`: a right password becomes a session.
pub(super) async fn login(
    State(services): Shared,
    asker: Asker,
    Json(Credentials { name, password }): Json<Credentials>,
) -> Result<Response<Body>, Refusal> {
    // Before any password is looked at.
    services.fits(Who::Officer(OfficeRole::Judge), &asker.computer, None)?;
    let opened = services
        .room
        .with_store(move |s| s.login(&name, &password, utc_now(), SESSION_LIFETIME_MS, asker.computer.id()));
    let opened = opened.await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = access::cookie(opened.secret(), PATH, SESSION_LIFETIME_MS, services.secure) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `POST /admin/api/logout`: the session is dead at once.
pub(super) async fn logout(
    State(services): Shared,
    officer: Officer,
    asker: Asker,
) -> Result<StatusCode, Refusal> {
    let token = asker.token.unwrap_or_default();
    let ended = services.room.with_store(move |s| {
        s.revoke_session(&token, utc_now())?;
        s.note_login(&officer.name, "out", utc_now())
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is logged in, and what the page may offer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    name: String,
    role: OfficeRole,
    prepares: bool,
    files: bool,
    archives: bool,
    manages: bool,
}

pub(super) async fn me(officer: Officer) -> Json<Me> {
    let has = |duty| officer.has(duty);
    Json(Me {
        prepares: has(Duty::Prepare),
        files: has(Duty::File),
        archives: has(Duty::Archive),
        manages: has(Duty::Manage),
        role: officer.role,
        name: officer.name,
    })
}

pub(super) async fn list(State(services): Shared) -> Result<Json<Vec<Account>>, Refusal> {
    Ok(Json(services.room.with_store(|s| s.accounts()).await?))
}

pub(super) async fn create(
    State(services): Shared,
    Json(new): Json<NewAccount>,
) -> Result<StatusCode, Refusal> {
    services.room.with_store(move |s| s.add_account(&new, utc_now())).await?;
    Ok(StatusCode::CREATED)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    password: String,
}

pub(super) async fn password(
    State(services): Shared,
    Path(name): Path<String>,
    Json(Password { password }): Json<Password>,
) -> Result<StatusCode, Refusal> {
    services.room.with_store(move |s| s.set_password(&name, &password, utc_now())).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Closed {
    closed: bool,
}

pub(super) async fn close(
    State(services): Shared,
    Path(name): Path<String>,
    Json(Closed { closed }): Json<Closed>,
) -> Result<StatusCode, Refusal> {
    services.room.with_store(move |s| s.close_account(&name, closed, utc_now())).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn logins(State(services): Shared) -> Result<Json<Vec<Login>>, Refusal> {
    Ok(Json(services.room.with_store(|s| s.logins()).await?))
}

pub(super) async fn rooms(State(services): Shared) -> Result<Json<Vec<String>>, Refusal> {
    Ok(Json(services.room.with_store(|s| s.rooms()).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoomName {
    name: String,
}

pub(super) async fn add_room(
    State(services): Shared,
    Json(RoomName { name }): Json<RoomName>,
) -> Result<StatusCode, Refusal> {
    services.room.with_store(move |s| s.add_room(&name)).await?;
    Ok(StatusCode::CREATED)
}

pub(super) async fn remove_room(
    State(services): Shared,
    Json(RoomName { name }): Json<RoomName>,
) -> Result<StatusCode, Refusal> {
    services.room.with_store(move |s| s.remove_room(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}
