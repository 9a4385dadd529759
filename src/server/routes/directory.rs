//! Logging in by the court's own directory of people, where there is one.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use media::clock::utc_now;
use record::OfficeRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accounts::SESSION_LIFETIME_MS;
use super::admin::PATH;
use super::{Refusal, Shared};
use crate::access::{self, Asker};
use crate::rights::Who;
use crate::web;

/// Where the directory sends the browser back to.
const RETURN: &str = "/admin/login/return";
/// The cookie that ties a login to the browser it began in. It comes back with a navigation from another site, so it is not strict.
const COOKIE: &str = "huiting-login";

/// The directory, for the button.
#[derive(Serialize, JsonSchema)]
pub(super) struct Known {
    /// What the court calls it; nothing where there is none.
    name: Option<String>,
}

pub(super) async fn known(State(services): Shared) -> Json<Known> {
    Json(Known { name: services.directory.as_ref().map(|d| d.name().to_owned()) })
}

pub(super) async fn begin(
    State(services): Shared,
    asker: Asker,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    services.fits(Who::Officer(OfficeRole::Judge), &asker.computer, None)?;
    let directory = services.directory.as_ref().ok_or_else(|| Refusal::not_found("a directory of people"))?;
    let returns_to = format!("{}{RETURN}", services.base(headers.get(header::HOST)));
    let asked = services.pending.begin(returns_to).map_err(hub::RoomError::from)?;
    let secure = if services.secure { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/admin/login; HttpOnly; SameSite=Lax; Max-Age=600{secure}", asked.state);
    let mut response = Redirect::to(&directory.begin(&asked)).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Returned {
    /// The state the login began with.
    state: String,
    /// The directory's code.
    #[serde(default)]
    code: String,
    /// Why there is no code.
    #[serde(default)]
    error: String,
}

pub(super) async fn finish(
    State(services): Shared,
    asker: Asker,
    Query(Returned { state, code, error }): Query<Returned>,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    services.fits(Who::Officer(OfficeRole::Judge), &asker.computer, None)?;
    let directory = services.directory.as_ref().ok_or_else(|| Refusal::not_found("a directory of people"))?;
    let same_browser = access::cookie_of(&headers, COOKIE).is_some_and(|c| c == state);
    let answered = services.pending.take(&state, code).filter(|_| same_browser);
    let Some(answered) = answered.filter(|_| error.is_empty()) else {
        return Ok(web::sentence(
            StatusCode::FORBIDDEN,
            "登录没有完成或已超时。请回到管理页面重新登录。",
            "The login was not completed, or took too long. Go back to the administration and log in again.",
        ));
    };
    let name = match directory.finish(answered).await {
        Ok(name) => name,
        Err(error) => return Err(Refusal::new(StatusCode::UNAUTHORIZED, error.to_string())),
    };
    let opened = services
        .room
        .with_store(move |s| s.login_known(&name, utc_now(), SESSION_LIFETIME_MS, asker.computer.id()))
        .await?;
    // A page of ours, and no redirect: a strict cookie does not travel with a navigation that began elsewhere.
    let mut response = web::go_on(PATH);
    if let Some(cookie) = access::cookie(opened.secret(), PATH, SESSION_LIFETIME_MS, services.secure) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
