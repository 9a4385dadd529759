//! The court's papers, and the package.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode, header};
use court::Stage;
use hub::{PackageState, Repeats};
use papers::{
    ComposeError, Fonts, Format, Kind, PaperName, Printing, ProveError, Record, Seal, Subject, Templates,
};
use record::JournalReader;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AtSeat, Refusal, Shared, blocking};
use crate::rights::Act;
use crate::{download, web};

/// Where the forms of papers come from; given by the wiring.
pub trait TemplateSource: Send + Sync + 'static {
    /// The templates as they stand now, and a sentence on each file that cannot be used. Called on a blocking thread for every
    /// paper, so that a court sees at once what it changed.
    fn templates(&self) -> (Templates, Vec<String>);
}

/// The forms of the house.
pub(super) struct Shipped;

impl TemplateSource for Shipped {
    fn templates(&self) -> (Templates, Vec<String>) {
        (Templates::shipped(), Vec::new())
    }
}

/// A file that a seat asks for.
enum Wanted {
    Paper(PaperName, Format),
    /// The record as subtitles.
    Vtt,
    /// The same for anybody.
    PublicVtt,
    /// The 质证表 for a spreadsheet.
    Csv,
}

impl Wanted {
    fn parse(name: &str) -> Result<Self, Refusal> {
        let none = |e: papers::NameError| Refusal::new(StatusCode::NOT_FOUND, e.to_string());
        match name.rsplit_once('.') {
            Some(("record", "vtt")) => Ok(Self::Vtt),
            Some(("record-public", "vtt")) => Ok(Self::PublicVtt),
            Some(("examination", "csv")) => Ok(Self::Csv),
            Some((stem, ending)) => {
                Ok(Self::Paper(stem.parse().map_err(none)?, ending.parse().map_err(none)?))
            }
            None => Err(Refusal::not_found("this paper")),
        }
    }

    /// What it takes to have it. A meeting has minutes and nothing else: no other form keeps its place in 副卷.
    fn act(&self) -> Act {
        match self {
            Self::Paper(PaperName { kind: Kind::Deliberation, .. }, _) => Act::ReadMinutes,
            Self::Vtt | Self::PublicVtt => Act::ReadCopy,
            Self::Paper(..) | Self::Csv => Act::ReadPaper,
        }
    }

    /// Bench and clerk have every paper. A party has its copy of the record, to read and to keep: never one to go on writing in.
    fn allowed(self, at: &AtSeat) -> Result<(Act, Self), Refusal> {
        let act = self.act();
        match at.may(act) {
            Ok(()) => Ok((act, self)),
            Err(refusal) => match self {
                Self::Paper(PaperName { kind: Kind::Record, .. }, format) if format != Format::Docx => {
                    at.may(Act::ReadCopy)?;
                    let copy = PaperName { copy: true, ..PaperName::of(Kind::Record) };
                    Ok((Act::ReadCopy, Self::Paper(copy, format)))
                }
                _ => Err(refusal),
            },
        }
    }
}

/// `GET papers/record.html | record.pdf | examination.docx | fault-3.pdf | record-copy.pdf | record.vtt …`
pub(super) async fn paper(
    State(services): Shared,
    Path((_, _, name)): Path<(String, String, String)>,
    at: AtSeat,
) -> Result<Response<Body>, Refusal> {
    let (act, wanted) = Wanted::parse(&name)?.allowed(&at)?;
    services.note(&at, act, &name, Repeats::Folded).await?;
    let state = at.handle.state().await?;
    let font = services.room.font().to_path_buf();
    // Until 闭庭 there is nothing to sign: what is printed is a draft, and says so.
    let going_on = state.stage < Stage::Closed;
    let seal = if going_on { None } else { seal(&at).await? };
    let paper = blocking(move || {
        let record = Record::of(&state).ok_or_else(|| Refusal::not_found("the record"))?;
        let (name, format) = match wanted {
            Wanted::Vtt => return Ok(papers::webvtt(&record).into_bytes()),
            Wanted::PublicVtt => return Ok(papers::webvtt(&record.in_public()).into_bytes()),
            Wanted::Csv => return Ok(papers::examination_csv(&record).into_bytes()),
            Wanted::Paper(name, format) => (name, format),
        };
        let draft = going_on.then(media::clock::utc_now);
        let (templates, _) = services.templates.templates();
        let paper = papers::compose(name, &record, &templates, Printing { seal: seal.as_ref(), draft })?;
        let internal = |sentence: String| Refusal::internal(sentence);
        match format {
            Format::Html => Ok(papers::html(&paper).into_bytes()),
            Format::Docx => papers::docx(&paper).map_err(|e| internal(e.to_string())),
            Format::Pdf => Fonts::load(&font)
                .and_then(|fonts| papers::pdf(&paper, &fonts))
                .map_err(|e| internal(e.to_string())),
        }
    });
    Ok(web::answer(StatusCode::OK, web::media_type(&name), "no-store", paper.await??))
}

/// The journal's root, signed anew if something was journalled since: what is printed then is what will be signed.
pub(super) async fn seal(at: &AtSeat) -> Result<Option<Seal>, Refusal> {
    let journal = at.dir.join("journal");
    let read = move || {
        let read = JournalReader::read(&journal, None).map_err(|e| Refusal::internal(e.to_string()))?;
        Ok::<_, Refusal>((Seal::last_of(&read), read.entries.len() as u64))
    };
    let (seal, entries) = blocking(read.clone()).await??;
    if seal.as_ref().is_some_and(|s| s.entries == entries) {
        return Ok(seal);
    }
    at.handle.checkpoint().await?;
    Ok(blocking(read).await??.0)
}

/// `GET api/proofs/line-12.zip`: a proof for each entry of the journal about the line, and the key to check them with.
pub(super) async fn proofs(
    State(services): Shared,
    Path((_, _, line)): Path<(String, String, String)>,
    at: AtSeat,
) -> Result<Response<Body>, Refusal> {
    let number = line.strip_prefix("line-").and_then(|l| l.strip_suffix(".zip")).and_then(|n| n.parse().ok());
    let number = number.ok_or_else(|| Refusal::not_found("this proof"))?;
    // What was written a moment ago is to be under a signed root too.
    at.handle.checkpoint().await?;
    let (dir, data) = (at.dir.join("journal"), services.room.data_dir().to_path_buf());
    let name = format!("{}-line-{number}", at.hearing);
    let file = name.clone();
    let zipped = blocking(move || {
        let internal = |e: String| Refusal::internal(e);
        let signer = hub::signer_of(&data, &at.hearing)?;
        let key = proof::Signer::key(&signer);
        let proofs = papers::prove(&dir, key, &Subject::Line(number))?;
        papers::zip_proofs(&file, &proofs, key).map_err(|e| internal(e.to_string()))
    });
    let answer = Response::builder()
        .header(header::CONTENT_TYPE, "application/zip")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.zip\""))
        .body(Body::from(zipped.await??));
    answer.map_err(|e| Refusal::internal(e.to_string()))
}

impl From<ProveError> for Refusal {
    fn from(error: ProveError) -> Self {
        let status = match error {
            ProveError::Nothing => StatusCode::NOT_FOUND,
            ProveError::Late(_) | ProveError::NoCheckpoint => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl From<ComposeError> for Refusal {
    fn from(error: ComposeError) -> Self {
        let status = match error {
            ComposeError::NoSuchFault(_) => StatusCode::NOT_FOUND,
            ComposeError::NoTemplate(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

/// What a desk can print.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Menu {
    papers: Vec<MenuItem>,
    /// A sentence on each template of the court's own that cannot be used.
    faults: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MenuItem {
    /// Its name in addresses, without the ending.
    name: String,
    /// Its title, as the template has it.
    title: String,
}

/// `GET api/papers`: every paper there is now, for bench and clerk.
pub(super) async fn menu(State(services): Shared, at: AtSeat) -> Result<Json<Menu>, Refusal> {
    let state = at.handle.state().await?;
    let found = blocking(move || {
        let record = Record::of(&state).ok_or_else(|| Refusal::not_found("the record"))?;
        let (templates, faults) = services.templates.templates();
        let mut papers = Vec::new();
        let minutes = |n: &PaperName| n.kind == Kind::Deliberation;
        for name in papers::names(&record).into_iter().filter(|n| !at.meeting || minutes(n)) {
            let paper = papers::compose(name, &record, &templates, Printing::default())?;
            papers.push(MenuItem { name: name.to_string(), title: paper.name().to_owned() });
        }
        Ok(Menu { papers, faults })
    });
    found.await?.map(Json)
}

pub(super) async fn package_state(
    State(services): Shared,
    at: AtSeat,
) -> Result<Json<PackageState>, Refusal> {
    Ok(Json(services.room.package_state(&at.hearing).await))
}

/// `GET package.zip`: the package that was written, as one file.
pub(super) async fn package_zip(State(services): Shared, at: AtSeat) -> Result<Response<Body>, Refusal> {
    let folder = services.room.package_folder(&at.hearing).await;
    let folder = folder.ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, "no package is written yet: write it first (生成归档包)")
    })?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let body = download::body(move |out| papers::zip_package(&folder, out));
    let answer = Response::builder()
        .header(header::CONTENT_TYPE, "application/zip")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.zip\""))
        .body(body);
    answer.map_err(|e| Refusal::internal(e.to_string()))
}

/// Begins to write the package of a closed hearing, and has it verified.
pub(super) async fn write_package(
    State(services): Shared,
    at: AtSeat,
) -> Result<(StatusCode, Json<PackageState>), Refusal> {
    let state = services.room.write_package(&at.hearing).await?;
    super::filing::file_what_the_hearing_made(&services, &at).await?;
    Ok((StatusCode::ACCEPTED, Json(state)))
}
