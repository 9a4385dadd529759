//! Statutes: looked up from every desk, in the versions in force on the day of the hearing or another.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use model::Day;
use protocol::wire::{StatutePage, StatuteResults};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AtSeat, Refusal, Shared, blocking};

/// A longer question is none.
const QUERY_CHARS_MAX: usize = 200;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Question {
    /// What is looked for: words, or a law and an article.
    q: String,
    /// The day whose versions are meant; without it, that of the hearing.
    date: Option<String>,
}

pub(super) async fn find(
    State(services): Shared,
    Query(Question { q, date }): Query<Question>,
    at: AtSeat,
) -> Result<Json<StatuteResults>, Refusal> {
    if q.chars().count() > QUERY_CHARS_MAX {
        return Err(Refusal::bad(format!("a question has at most {QUERY_CHARS_MAX} characters")));
    }
    let date = match date.filter(|d| !d.is_empty()) {
        Some(date) => day(&date)?,
        None => {
            let info = at.handle.state().await?.info;
            info.map(|i| i.origin.beijing_day()).ok_or_else(|| Refusal::not_found("the hearing"))?
        }
    };
    let pages = services.room.pages();
    blocking(move || pages.statutes(&q, date)).await?.map(Json).map_err(Refusal::internal)
}

pub(super) async fn article(
    State(services): Shared,
    Path((_, _, law, version, article)): Path<(String, String, String, String, String)>,
) -> Result<Json<StatutePage>, Refusal> {
    let (pages, version) = (services.room.pages(), day(&version)?);
    let page = blocking(move || pages.statute(&law, version, &article)).await?.map_err(Refusal::internal)?;
    page.map(Json)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "this article is not among the imported statutes"))
}

fn day(written: &str) -> Result<Day, Refusal> {
    written.parse().map_err(|e: model::NoDay| Refusal::bad(e.to_string()))
}
