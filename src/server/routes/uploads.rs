//! Uploads of documents that go on where they broke off: of a seat into its case, of an officer into any.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use hub::{Deposit, Msg, UploadError, Uploads};
use model::{CaseId, Side};
use protocol::wire::{Taken, Upload};
use schemars::JsonSchema;
use serde::Deserialize;

use super::admin::case_id;
use super::dossier::{Depositor, purpose};
use super::{AtSeat, Refusal, Services, Shared, blocking};
use crate::officer::Officer;

/// Largest chunk.
pub(super) const CHUNK_BYTES_MAX: usize = 16 << 20;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Begun {
    /// The name of the file.
    name: String,
    /// Its length.
    bytes: u64,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct From {
    /// The byte at which the chunk begins: what has been received.
    from: u64,
}

/// How a file is filed.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Filed {
    /// A party's own side is taken, whatever stands here.
    side: Side,
    /// Empty: the machine finds it.
    #[serde(default)]
    heading: String,
    /// Empty: as the file is called.
    #[serde(default)]
    title: String,
    /// The side's own number, if it is evidence.
    #[serde(default)]
    evidence_number: Option<u32>,
    /// Of an encrypted PDF.
    #[serde(default)]
    password: Option<String>,
    /// While the court sits: held back until the presiding judge lets it in. What a party brings in then always is.
    #[serde(default)]
    offer: bool,
    /// What an offered document shall prove.
    #[serde(default)]
    purpose: String,
}

/// Who uploads, and where to.
struct Desk {
    owner: String,
    case: CaseId,
}

impl Desk {
    fn seat(at: &AtSeat) -> Self {
        Self { owner: format!("{}/{}", at.hearing, at.seat), case: at.case.clone() }
    }

    async fn office(services: &Services, case: String, officer: &Officer) -> Result<Self, Refusal> {
        let case = case_id(case)?;
        services.room.known_case(&case).await?;
        Ok(Self { owner: format!("office/{}/{case}", officer.name), case })
    }

    async fn with<T: Send + 'static>(
        self,
        services: &Services,
        work: impl FnOnce(&Uploads, &str) -> Result<T, UploadError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let uploads = services.room.uploads()?;
        blocking(move || work(&uploads, &self.owner)).await?.map_err(refused)
    }

    async fn file(
        self,
        services: &Services,
        id: String,
        by: Depositor,
        filed: Filed,
    ) -> Result<Taken, Refusal> {
        let said = purpose(&filed.purpose)?;
        let (uploads, pages) = (services.room.uploads()?, services.room.pages());
        let taken = blocking(move || {
            let (file, name) = uploads.whole(&self.owner, &id).map_err(refused)?;
            let deposit = Deposit {
                file,
                name,
                side: by.own.unwrap_or(filed.side),
                heading: filed.heading,
                title: filed.title,
                evidence_number: filed.evidence_number,
                made: None,
                password: filed.password.filter(|p| !p.is_empty()),
                offer: by.offer(by.own.unwrap_or(filed.side), filed.offer, said),
            };
            let taken = pages.take(&self.case, deposit);
            let taken = taken.map_err(|s| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, s))?;
            uploads.drop(&self.owner, &id).map_err(refused)?;
            Ok(taken)
        });
        taken.await?
    }
}

fn refused(error: UploadError) -> Refusal {
    let status = match &error {
        UploadError::Unknown => StatusCode::NOT_FOUND,
        UploadError::Elsewhere { .. } | UploadError::Unfinished { .. } => StatusCode::CONFLICT,
        UploadError::Refused(_) => StatusCode::BAD_REQUEST,
        UploadError::Disk(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, error.to_string())
}

pub(super) async fn begin(
    State(services): Shared,
    at: AtSeat,
    Json(Begun { name, bytes }): Json<Begun>,
) -> Result<Json<Upload>, Refusal> {
    Desk::seat(&at).with(&services, move |u, owner| u.begin(owner, &name, bytes)).await.map(Json)
}

type SeatPath = Path<(String, String, String)>;

pub(super) async fn find(
    State(services): Shared,
    Path((_, _, id)): SeatPath,
    at: AtSeat,
) -> Result<Json<Upload>, Refusal> {
    Desk::seat(&at).with(&services, move |u, owner| u.find(owner, &id)).await.map(Json)
}

pub(super) async fn append(
    State(services): Shared,
    Path((_, _, id)): SeatPath,
    Query(From { from }): Query<From>,
    at: AtSeat,
    chunk: Bytes,
) -> Result<Json<Upload>, Refusal> {
    Desk::seat(&at).with(&services, move |u, owner| u.append(owner, &id, from, &chunk)).await.map(Json)
}

pub(super) async fn file(
    State(services): Shared,
    Path((_, _, id)): SeatPath,
    at: AtSeat,
    Json(filed): Json<Filed>,
) -> Result<Json<Taken>, Refusal> {
    let taken = Desk::seat(&at).file(&services, id, Depositor::at(&at).await?, filed).await?;
    at.handle.send(Msg::DossierChanged).await?;
    Ok(Json(taken))
}

pub(super) async fn drop(
    State(services): Shared,
    Path((_, _, id)): SeatPath,
    at: AtSeat,
) -> Result<StatusCode, Refusal> {
    Desk::seat(&at).with(&services, move |u, owner| u.drop(owner, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn begin_office(
    State(services): Shared,
    Path(case): Path<String>,
    officer: Officer,
    Json(Begun { name, bytes }): Json<Begun>,
) -> Result<Json<Upload>, Refusal> {
    let desk = Desk::office(&services, case, &officer).await?;
    desk.with(&services, move |u, owner| u.begin(owner, &name, bytes)).await.map(Json)
}

type CasePath = Path<(String, String)>;

pub(super) async fn find_office(
    State(services): Shared,
    Path((case, id)): CasePath,
    officer: Officer,
) -> Result<Json<Upload>, Refusal> {
    let desk = Desk::office(&services, case, &officer).await?;
    desk.with(&services, move |u, owner| u.find(owner, &id)).await.map(Json)
}

pub(super) async fn append_office(
    State(services): Shared,
    Path((case, id)): CasePath,
    Query(From { from }): Query<From>,
    officer: Officer,
    chunk: Bytes,
) -> Result<Json<Upload>, Refusal> {
    let desk = Desk::office(&services, case, &officer).await?;
    desk.with(&services, move |u, owner| u.append(owner, &id, from, &chunk)).await.map(Json)
}

pub(super) async fn file_office(
    State(services): Shared,
    Path((case, id)): CasePath,
    officer: Officer,
    Json(filed): Json<Filed>,
) -> Result<Json<Taken>, Refusal> {
    let desk = Desk::office(&services, case, &officer).await?;
    desk.file(&services, id, Depositor::default(), filed).await.map(Json)
}

pub(super) async fn drop_office(
    State(services): Shared,
    Path((case, id)): CasePath,
    officer: Officer,
) -> Result<StatusCode, Refusal> {
    let desk = Desk::office(&services, case, &officer).await?;
    desk.with(&services, move |u, owner| u.drop(owner, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
