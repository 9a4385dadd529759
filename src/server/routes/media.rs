//! Sound and picture, as HLS.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};

use super::{Refusal, Shared, blocking};
use crate::web;

pub(super) async fn master(
    State(services): Shared,
    Path((hearing, seat)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    todo!()
}
