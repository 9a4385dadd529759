//! The file of a case: its directories, the check before 归档, the archive itself, and the paper set.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Response, StatusCode};
use hub::{CaseFile, Piece};
use model::{CaseId, PageRef};
use papers::{
    ArchiveError, ArchiveHearing, ArchiveInput, ArchivePiece, Fonts, Property, SetPage, check_archive,
    directory_paper, paper_set, write_archive,
};
use record::Key;
use registry::Retention;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::admin::case_id;
use super::{Refusal, Services, Shared, blocking};
use crate::officer::Officer;
use crate::rights::Duty;
use crate::web;

/// Dots per inch of a page that is printed.
const PRINT_DPI: u32 = 240;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Asked {
    /// How long the file is to be kept: what the check says with that.
    retention: Option<Retention>,
    /// Why a missing piece is missing, by heading, as JSON: what the check says with these reasons.
    explained: Option<String>,
}

/// `GET /admin/api/cases/<case>/file`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileView {
    #[serde(flatten)]
    file: CaseFile,
    properties: Vec<Property>,
}

pub(super) async fn file(
    State(services): Shared,
    Path(case): Path<String>,
    Query(Asked { retention, explained }): Query<Asked>,
    officer: Officer,
) -> Result<Json<FileView>, Refusal> {
    let case = case_id(case)?;
    let mut file = services.room.case_file(&case).await?;
    let explained = match explained {
        Some(json) => serde_json::from_str(&json).map_err(|e| Refusal::bad(format!("explained: {e}")))?,
        None => BTreeMap::new(),
    };
    let properties = with_input(&services, &case, retention, explained, false, check_archive).await?;
    if !officer.has(Duty::Archive) {
        // What is in 副卷 is for who archives; that something is missing there is not secret.
        file.secondary.clear();
        file.pieces.retain(|p| !p.secondary);
    }
    Ok(Json(FileView { file, properties }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Order {
    retention: Retention,
    /// Why a missing piece is missing, by heading.
    #[serde(default)]
    explained: BTreeMap<String, String>,
}

/// How far the archive of a case is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "state")]
pub(crate) enum ArchiveState {
    /// Not ordered since this hub started.
    #[default]
    None,
    /// Being written and verified.
    Writing,
    /// Written.
    Done {
        /// Path below the data folder.
        name: String,
        verified: bool,
    },
    /// It could not be written.
    Failed {
        /// Why, and what to do.
        sentence: String,
    },
}

/// `GET /admin/api/cases/<case>/archive`: how far it is.
pub(super) async fn archive_state(
    State(services): Shared,
    Path(case): Path<String>,
) -> Result<Json<ArchiveState>, Refusal> {
    let case = case_id(case)?;
    Ok(Json(services.archives.lock().await.get(&case).cloned().unwrap_or_default()))
}

/// `POST /admin/api/cases/<case>/archive`: checks, and begins to write; large files take minutes.
pub(super) async fn archive(
    State(services): Shared,
    Path(case): Path<String>,
    Json(Order { retention, explained }): Json<Order>,
) -> Result<(StatusCode, Json<ArchiveState>), Refusal> {
    let case = case_id(case)?;
    let properties =
        with_input(&services, &case, Some(retention), explained.clone(), false, check_archive).await?;
    if properties.iter().any(|p| !p.ok) {
        return Err(Refusal::new(StatusCode::CONFLICT, ArchiveError::NotReady(properties).to_string()));
    }
    let before = services.archives.lock().await.insert(case.clone(), ArchiveState::Writing);
    if before != Some(ArchiveState::Writing) {
        tokio::spawn(async move {
            let state = match write(&services, &case, retention, explained).await {
                Ok(done) => done,
                Err(refusal) => ArchiveState::Failed { sentence: refusal.sentence().to_owned() },
            };
            services.archives.lock().await.insert(case, state);
        });
    }
    Ok((StatusCode::ACCEPTED, Json(ArchiveState::Writing)))
}

async fn write(
    services: &std::sync::Arc<Services>,
    case: &CaseId,
    retention: Retention,
    explained: BTreeMap<String, String>,
) -> Result<ArchiveState, Refusal> {
    let written = with_input(services, case, Some(retention), explained, true, write_archive).await?;
    let written = written.map_err(|error| Refusal::internal(error.to_string()))?;
    if written.report.ok {
        services.room.note_archived(case).await?;
    }
    Ok(ArchiveState::Done { name: format!("archive/{}", written.name), verified: written.report.ok })
}

/// Does something with all that the archive of a case is made from.
async fn with_input<T: Send + 'static>(
    services: &std::sync::Arc<Services>,
    case: &CaseId,
    retention: Option<Retention>,
    explained: BTreeMap<String, String>,
    signed: bool,
    act: fn(&ArchiveInput<'_>) -> T,
) -> Result<T, Refusal> {
    let room = &services.room;
    let listed = room.listed(case).await?;
    let file = room.case_file(case).await?;
    let both = room.both_files(case).await?;
    // Looking signs nothing; what is archived is signed up to its end.
    let hearings = room.hearings_of(case, signed).await?;
    let hearings: Vec<_> = hearings.into_iter().map(|(id, dir)| ArchiveHearing { id, dir }).collect();
    let (data, font) = (room.data_dir().to_path_buf(), room.font().to_path_buf());
    let services = std::sync::Arc::clone(services);
    let done = blocking(move || {
        let internal = |e: String| Refusal::internal(e);
        let out_dir = data.join("archive");
        std::fs::create_dir_all(&out_dir).map_err(|e| internal(format!("{}: {e}", out_dir.display())))?;
        let key = Key::load_or_create(&data.join(hub::KEY_FILE)).map_err(|e| internal(e.to_string()))?;
        let (templates, _) = services.templates.templates();
        Ok(act(&ArchiveInput {
            case: &listed,
            retention,
            main: &pieces(&both.main),
            secondary: &pieces(&both.secondary),
            missing: &file.missing,
            explained: &explained,
            hearings: &hearings,
            key: &key,
            signer_of: &|h| hub::signer_of(&data, h).map_err(|e| e.to_string()),
            templates: &templates,
            font: &font,
            out_dir: &out_dir,
            now: media::clock::utc_now(),
        }))
    });
    done.await?
}

fn pieces(kept: &[Piece]) -> Vec<ArchivePiece> {
    let held = hub::held(kept);
    let piece = |(p, held): (&Piece, _)| ArchivePiece {
        held,
        side: p.side,
        evidence_number: p.evidence_number,
        file: p.file.clone(),
        sha256: p.sha256.clone(),
        pages_read: p.pages_read,
        unread: p.unread.clone(),
    };
    kept.iter().zip(held).map(piece).collect()
}

/// `GET /admin/api/cases/<case>/print/main.pdf | secondary.pdf`: 双套制, one print job with the directory first.
pub(super) async fn print(
    State(services): Shared,
    Path((case, which)): Path<(String, String)>,
) -> Result<Response<Body>, Refusal> {
    let case = case_id(case)?;
    let secondary = match which.as_str() {
        "main.pdf" => false,
        "secondary.pdf" => true,
        _ => return Err(Refusal::not_found("this file")),
    };
    let file = services.room.case_file(&case).await?;
    let (pages, font) = (services.room.pages(), services.room.font().to_path_buf());
    let of = if secondary { hub::secondary_of(&case)? } else { case };
    let printed = blocking(move || {
        let entries = if secondary { file.secondary } else { file.main };
        let paper = directory_paper(&file.case, &entries, secondary, None);
        let sheets = entries.iter().flat_map(|e| {
            (e.from..=e.to).map(|number| (number, PageRef { doc: e.doc.clone(), page: number - e.from + 1 }))
        });
        let sheets = sheets.map(|(number, page)| {
            let image = pages.image(&of, &page, PRINT_DPI)?;
            Ok(SetPage { number, image: image.bytes.to_vec(), media_type: image.media_type })
        });
        let fonts = Fonts::load(&font).map_err(|e| Refusal::internal(e.to_string()))?;
        paper_set(&paper, sheets, &fonts).map_err(|e| Refusal::internal(e.to_string()))
    });
    Ok(web::answer(StatusCode::OK, "application/pdf", "no-store", printed.await??))
}
