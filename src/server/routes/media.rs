//! Sound and picture as HLS, for bench and clerk.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};
use media::playback::PlaybackError;
use model::TrackId;

use super::{Refusal, Services, Shared, blocking};
use crate::web;

impl From<PlaybackError> for Refusal {
    fn from(error: PlaybackError) -> Self {
        let status = match error {
            PlaybackError::Nothing | PlaybackError::NoSuchFile => StatusCode::NOT_FOUND,
            PlaybackError::Disk { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

fn playlist(text: String) -> Response<Body> {
    web::answer(StatusCode::OK, web::media_type("m3u8"), "no-store", text.into_bytes())
}

async fn recording(
    services: &Services,
    headers: &HeaderMap,
    hearing: &str,
    seat: &str,
) -> Result<std::sync::Arc<media::playback::Recording>, Refusal> {
    let at = services.at_seat(headers, hearing, seat).await?;
    at.works()?;
    Ok(services.room.recording(&at.hearing).await)
}

pub(super) async fn master(
    State(services): Shared,
    Path((hearing, seat)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let recording = recording(&services, &headers, &hearing, &seat).await?;
    let text = blocking(move || recording.master_playlist(None)).await??;
    Ok(playlist(text))
}

/// A track's playlist, or one of the files it names.
pub(super) async fn file(
    State(services): Shared,
    Path((hearing, seat, track, file)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let recording = recording(&services, &headers, &hearing, &seat).await?;
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
