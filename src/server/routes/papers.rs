//! The record as a paper, and the package.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};
use hub::PackageState;

use super::{Refusal, Shared, blocking};
use crate::web;

/// `GET papers/record.html | record.pdf | record.vtt`: the record as it reads now.
pub(super) async fn paper(
    State(services): Shared,
    Path((hearing, seat, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let at = services.at_seat(&headers, &hearing, &seat).await?;
    at.desk()?;
    let state = at.handle.state().await?;
    let font = services.room.font().to_path_buf();
    let wanted = name.clone();
    let paper = blocking(move || {
        let record = papers::Record::of(&state).ok_or_else(|| Refusal::not_found("the record"))?;
        match wanted.as_str() {
            "record.html" => Ok(papers::transcript_html(&record, None).into_bytes()),
            "record.vtt" => Ok(papers::webvtt(&record).into_bytes()),
            "record.pdf" => papers::Fonts::load(&font)
                .and_then(|fonts| papers::transcript_pdf(&record, None, &fonts))
                .map_err(|e| Refusal::internal(e.to_string())),
            _ => Err(Refusal::not_found("this paper")),
        }
    });
    Ok(web::answer(StatusCode::OK, web::media_type(&name), "no-store", paper.await??))
}

pub(super) async fn package_state(
    State(services): Shared,
    Path((hearing, seat)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<PackageState>, Refusal> {
    let at = services.at_seat(&headers, &hearing, &seat).await?;
    at.works()?;
    Ok(Json(services.room.package_state(&at.hearing).await))
}

/// Begins to write the package of a closed hearing, and has it verified.
pub(super) async fn write_package(
    State(services): Shared,
    Path((hearing, seat)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<PackageState>), Refusal> {
    let at = services.at_seat(&headers, &hearing, &seat).await?;
    at.works()?;
    let state = services.room.write_package(&at.hearing).await?;
    Ok((StatusCode::ACCEPTED, Json(state)))
}
