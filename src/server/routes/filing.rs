//! Case lists in, papers into the dossier, documents under another heading.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use court::{MeetingKind, Stage};
use hub::{Deposit, ListFormat, Made, Msg, Repeats};
use model::{CaseId, Day, DocId, Side};
use papers::{Fonts, Kind, PaperName, Printing, Record};
use protocol::wire::Taken;
use record::{Imported, Scheduled};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::admin::case_id;
use super::papers::seal;
use super::{AtSeat, Refusal, Services, Shared, blocking, dossier};
use crate::officer::Officer;
use crate::rights::Act;
use crate::rights::Duty;

/// `POST /admin/api/import`: a case list, CSV or (as `application/json`) the JSON of docs/api-cases.md.
pub(super) async fn import(
    State(services): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Imported>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let format = if kind.starts_with("application/json") { ListFormat::Json } else { ListFormat::Csv };
    Ok(Json(services.room.import_list(body.to_vec(), format).await?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Range {
    /// The first day.
    from: Day,
    /// The day after the last.
    to: Day,
}

/// `GET /admin/api/schedule?from=2026-03-01&to=2026-04-01`: hearings from the first day up to the last, without it.
pub(super) async fn schedule(
    State(services): Shared,
    Query(Range { from, to }): Query<Range>,
) -> Result<Json<Vec<Scheduled>>, Refusal> {
    let read = move |s: &record::Store| s.schedule(from.beijing_midnight(), to.beijing_midnight());
    Ok(Json(services.room.with_store(read).await?))
}

/// A document for the secondary file.
pub(super) async fn upload_secondary(
    State(services): Shared,
    Path(case): Path<String>,
    form: Multipart,
) -> Result<Json<Taken>, Refusal> {
    let case = case_id(case)?;
    services.room.known_case(&case).await?;
    dossier::receive(&services, &hub::secondary_of(&case)?, dossier::Depositor::default(), form)
        .await
        .map(Json)
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Place {
    heading: String,
    #[serde(default)]
    secondary: bool,
}

/// `POST /admin/api/cases/<case>/pieces/<doc>`: puts a document under another heading; that a person did is kept.
pub(super) async fn refile(
    State(services): Shared,
    Path((case, doc)): Path<(String, String)>,
    officer: Officer,
    Json(Place { heading, secondary }): Json<Place>,
) -> Result<StatusCode, Refusal> {
    officer.may(if secondary { Duty::Archive } else { Duty::File })?;
    let doc = DocId::new(doc).map_err(|e| Refusal::bad(e.to_string()))?;
    services.room.refile(&case_id(case)?, doc, secondary, heading).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a paper was filed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FiledPaper {
    heading: String,
    secondary: bool,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// Another heading than the paper's own.
    #[serde(default)]
    heading: String,
}

/// `POST api/papers/<name>/file`: the paper as it stands goes into the dossier, under its heading.
pub(super) async fn file_paper(
    State(services): Shared,
    Path((_, _, name)): Path<(String, String, String)>,
    at: AtSeat,
    chosen: Option<Json<Chosen>>,
) -> Result<Json<FiledPaper>, Refusal> {
    let Chosen { heading } = chosen.map(|Json(c)| c).unwrap_or_default();
    let name: PaperName =
        name.parse().map_err(|e: papers::NameError| Refusal::new(StatusCode::NOT_FOUND, e.to_string()))?;
    let act = if name.kind == Kind::Deliberation { Act::FileMinutes } else { Act::FilePaper };
    at.may(act)?;
    services.note(&at, act, &name.to_string(), Repeats::Each).await?;
    let filed = file(&services, &at, name, heading.trim().to_owned(), false).await?;
    at.handle.send(Msg::DossierChanged).await?;
    Ok(Json(filed))
}

/// What a hearing whose record is sealed leaves behind goes into the dossier by itself, each paper once.
pub(super) async fn file_what_the_hearing_made(services: &Arc<Services>, at: &AtSeat) -> Result<(), Refusal> {
    let state = at.handle.state().await?;
    if state.stage < Stage::Sealed {
        return Ok(());
    }
    let Some(record) = Record::of(&state) else { return Ok(()) };
    let made = [
        (Kind::Record, true),
        (Kind::Examination, !record.evidence.is_empty()),
        (Kind::Corrections, !record.corrections.is_empty()),
        (Kind::Interruptions, !(record.interruptions.is_empty() && record.curtains.is_empty())),
    ];
    for (kind, _) in made.into_iter().filter(|(_, there)| *there) {
        file(services, at, PaperName::of(kind), String::new(), true).await?;
    }
    at.handle.send(Msg::DossierChanged).await?;
    Ok(())
}

/// Files a paper. `once`: not if one of that name is in the dossier already.
async fn file(
    services: &Arc<Services>,
    at: &AtSeat,
    name: PaperName,
    heading: String,
    once: bool,
) -> Result<FiledPaper, Refusal> {
    let state = at.handle.state().await?;
    // A return of service is filled in by hand; all else tells of a hearing, and until 闭庭 it is a draft.
    if state.stage < Stage::Closed && name.kind != Kind::Service {
        let sentence = "庭审还没有闭庭，这份材料还是草稿：请闭庭后再归入卷宗";
        return Err(Refusal::new(StatusCode::CONFLICT, sentence));
    }
    let seal = if state.stage < Stage::Closed { None } else { seal(at).await? };
    let (place, secondary) = match state.meeting.as_ref().map(|m| m.kind) {
        Some(MeetingKind::Judges | MeetingKind::Committee) => registry::PLACE_OF_BODIES,
        Some(MeetingKind::Panel) | None => registry::place_of_paper(name.kind.name()),
    };
    let of: CaseId = if secondary { hub::secondary_of(&at.case)? } else { at.case.clone() };
    // What passes through on the way to 副卷 never leaves the meeting's folder either.
    let incoming = match at.meeting {
        true => hub::passing_file(&at.dir)?,
        false => services.room.incoming_file().await?,
    };
    let (pages, font) = (services.room.pages(), services.room.font().to_path_buf());
    let services = Arc::clone(services);
    let filed = blocking(move || {
        let record = Record::of(&state).ok_or_else(|| Refusal::not_found("the record"))?;
        let (templates, _) = services.templates.templates();
        let paper =
            papers::compose(name, &record, &templates, Printing { seal: seal.as_ref(), draft: None })?;
        let made = name.kind.name().to_owned();
        let title = match (name.public, name.copy) {
            (true, _) => format!("{}（公开副本）", paper.name()),
            (_, true) => format!("{}（副本）", paper.name()),
            _ => paper.name().to_owned(),
        };
        let same = |p: &hub::Piece| p.made.as_ref() == Some(&made) && p.title == title;
        if let Some(there) = pages.pieces(&of).iter().find(|p| once && same(p)) {
            return Ok(FiledPaper { heading: there.heading.clone(), secondary });
        }
        let internal = |e: String| Refusal::internal(e);
        let pdf = Fonts::load(&font).and_then(|fonts| papers::pdf(&paper, &fonts));
        let bytes = pdf.map_err(|e| internal(e.to_string()))?;
        std::fs::write(&*incoming, bytes).map_err(|e| internal(format!("the paper is not kept: {e}")))?;
        let deposit = Deposit {
            file: incoming.to_path_buf(),
            name: format!("{title}.pdf"),
            side: Side::Bench,
            heading,
            title,
            evidence_number: None,
            made: Some(Made { paper: made, place: place.to_owned() }),
            password: None,
            offer: None,
        };
        let added = pages.add(&of, deposit).map_err(|s| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, s))?;
        Ok(FiledPaper { heading: added.heading, secondary })
    });
    filed.await?
}
