//! Sound and picture as HLS, for bench and clerk; of a meeting, for its members.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, Response, StatusCode};
use media::playback::PlaybackError;
use model::{HearingId, HearingTime, TrackId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AtSeat, Refusal, Services, Shared, blocking};
use crate::web;

impl From<PlaybackError> for Refusal {
    fn from(error: PlaybackError) -> Self {
        let status = match error {
            PlaybackError::Nothing | PlaybackError::NoSuchFile => StatusCode::NOT_FOUND,
            PlaybackError::Disk { .. } | PlaybackError::Picture { .. } | PlaybackError::Sound { .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self::new(status, error.to_string())
    }
}

/// Hearing time of a still, in milliseconds.
const HEARING_TIME: HeaderName = HeaderName::from_static("hearing-time");

/// `GET api/stills`: the cameras a still can be taken from.
pub(super) async fn cameras(State(services): Shared, at: AtSeat) -> Result<Json<Vec<TrackId>>, Refusal> {
    let recording = services.room.recording(&at.hearing, &at.dir).await;
    match blocking(move || recording.cameras()).await? {
        Ok(cameras) => Ok(Json(cameras)),
        Err(PlaybackError::Nothing) => Ok(Json(Vec::new())),
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Moment {
    /// Hearing time in milliseconds; without it, now.
    at: Option<u64>,
}

/// `GET api/stills/<camera>`: its newest recorded picture, or the one at a moment.
pub(super) async fn still(
    State(services): Shared,
    Path((_, _, track)): Path<(String, String, String)>,
    Query(moment): Query<Moment>,
    at: AtSeat,
) -> Result<Response<Body>, Refusal> {
    let recording = services.room.recording(&at.hearing, &at.dir).await;
    let track = TrackId::new(track).map_err(|e| Refusal::bad(e.to_string()))?;
    let scratch = services.room.incoming_dir()?;
    let still = blocking(move || recording.still(&track, moment.at.map(HearingTime), &scratch)).await??;
    let still = still.ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "the camera has recorded nothing there: the hearing must be in session",
        )
    })?;
    let mut answer = web::answer(StatusCode::OK, web::media_type("png"), "no-store", still.png);
    answer.headers_mut().insert(HEARING_TIME, still.at.0.into());
    Ok(answer)
}

fn playlist(text: String) -> Response<Body> {
    web::answer(StatusCode::OK, web::media_type("m3u8"), "no-store", text.into_bytes())
}

pub(super) async fn master(State(services): Shared, at: AtSeat) -> Result<Response<Body>, Refusal> {
    master_of(&services, &at.hearing, &at.dir).await
}

pub(super) async fn master_of(
    services: &Services,
    hearing: &HearingId,
    dir: &std::path::Path,
) -> Result<Response<Body>, Refusal> {
    let recording = services.room.recording(hearing, dir).await;
    let text = blocking(move || recording.master_playlist(None)).await??;
    Ok(playlist(text))
}

/// A track's playlist, or one of the files it names.
pub(super) async fn file(
    State(services): Shared,
    Path((_, _, track, file)): Path<(String, String, String, String)>,
    at: AtSeat,
) -> Result<Response<Body>, Refusal> {
    file_of(&services, &at.hearing, &at.dir, track, file).await
}

pub(super) async fn file_of(
    services: &Services,
    hearing: &HearingId,
    dir: &std::path::Path,
    track: String,
    file: String,
) -> Result<Response<Body>, Refusal> {
    let recording = services.room.recording(hearing, dir).await;
    let track = TrackId::new(track).map_err(|e| Refusal::bad(e.to_string()))?;
    if file == "playlist.m3u8" {
        let text = blocking(move || recording.track_playlist(&track)).await??;
        return Ok(playlist(text));
    }
    let wanted = file.clone();
    let bytes = blocking(move || {
        let path = recording.file(&track, &wanted)?;
        std::fs::read(&path).map_err(|cause| PlaybackError::Disk { path, cause })
    });
    Ok(web::answer(StatusCode::OK, web::media_type(&file), "private, no-cache", bytes.await??))
}
