//! Scans of paper that was signed by hand.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderValue, Response, StatusCode, header};
use court::{Process, Report, Scan, ScanFormat};
use hub::Msg;
use papers::ScanError;

use super::{AtSeat, Refusal, blocking};

/// Largest scan: some pages in colour.
pub(super) const SCAN_BYTES_MAX: usize = 64 << 20;

/// `POST api/scans` with the file's bytes: kept, journalled, and answered with its digest.
pub(super) async fn keep(at: AtSeat, bytes: Bytes) -> Result<Json<Scan>, Refusal> {
    let folder = at.dir.join("scans");
    let kept = blocking(move || papers::keep_scan(&folder, &bytes)).await?;
    let scan = kept.map_err(|e| match e {
        ScanError::Unknown => Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, e.to_string()),
        ScanError::Disk(_) => Refusal::internal(e.to_string()),
    })?;
    let report = Box::new(Report::ScanKept(scan.clone()));
    at.handle.send(Msg::Report { process: Process::Hub, report }).await?;
    Ok(Json(scan))
}

/// `GET api/scans/<sha256>`: for bench and clerk.
pub(super) async fn scan(
    Path((_, _, sha256)): Path<(String, String, String)>,
    at: AtSeat,
) -> Result<Response<Body>, Refusal> {
    let state = at.handle.state().await?;
    let scan = state.scans.get(&sha256).ok_or_else(|| Refusal::not_found("this scan"))?;
    let path = at.dir.join("scans").join(scan.file());
    let bytes = blocking(move || std::fs::read(path)).await?;
    let bytes = bytes.map_err(|e| Refusal::internal(format!("the scan could not be read: {e}")))?;
    let media_type = match scan.format {
        ScanFormat::Pdf => "application/pdf",
        ScanFormat::Jpeg => "image/jpeg",
        ScanFormat::Png => "image/png",
    };
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    Ok(response)
}
