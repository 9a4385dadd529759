//! The room's registry: the imported list, the schedule, what stands in the file of a case, and the facts that the indicators
//! count.
//!
//! ```text
//!   documents.json ─┐
//!   journals ───────┼─ gathered ──► facts ──┐
//!   bench looks ────┘                        ├──► figures of a month
//!   case list ───────────────────────────────┘
//! ```

use std::collections::HashMap;
use std::path::PathBuf;

use media::clock::utc_now;
use model::{CaseId, DocId, HearingId, HearingTime, Side, UtcMs};
use record::{Imported, Store, StoreError};
use registry::{
    CaseFacts, Entry, Fact, Figure, Held, IndicatorSettings, ListedCase, Month, Procedures, Reading,
    RequiredPiece, RequiredPieces, SECONDARY_END, When,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::port::Piece;
use crate::room::{Room, RoomError};

/// How a case list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// As a spreadsheet writes it.
    Csv,
    /// As the API has it.
    Json,
}

impl ListFormat {
    /// Reads a list whose cases may have these outlines.
    pub fn read(self, bytes: &[u8], outlines: &[(String, String)]) -> Result<Reading, RoomError> {
        let known = Procedures(outlines);
        Ok(match self {
            Self::Csv => Reading::of_csv(bytes, known)?,
            Self::Json => Reading::of_json(bytes, known)?,
        })
    }
}

/// Under which id the secondary file (副卷) of a case is kept: a dossier of its own, so that no seat's catalogue, search or page
/// can reach it.
pub fn secondary_of(case: &CaseId) -> Result<CaseId, RoomError> {
    CaseId::new(format!("{case}{SECONDARY_END}")).map_err(|e| RoomError::Seats(e.to_string()))
}

/// Whether a case may have this id: none that could be taken for the secondary file of another.
pub(crate) fn check_case_id(case: &CaseId) -> Result<(), RoomError> {
    if registry::is_case_id(case) {
        return Ok(());
    }
    Err(RoomError::Seats(format!(
        "\"{case}\" is longer than 60 characters or ends with {SECONDARY_END}, which marks secondary files; choose another id"
    )))
}

/// A document in the file of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FiledPiece {
    /// It.
    pub doc: DocId,
    /// In 副卷.
    pub secondary: bool,
    /// Where it is filed.
    pub heading: String,
    /// Its title.
    pub title: String,
    /// Its pages.
    pub pages: u32,
    /// Pages whose text is known.
    pub pages_read: u32,
    /// The machine found the heading.
    pub automatic: bool,
    /// A person put it elsewhere since.
    pub moved: bool,
    /// Drafted from a template.
    pub drafted: bool,
}

/// The file of a case as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseFile {
    /// What the list says of the case.
    pub case: ListedCase,
    /// 正卷目录.
    pub main: Vec<Entry>,
    /// 副卷目录.
    pub secondary: Vec<Entry>,
    /// Every document with how it was filed.
    pub pieces: Vec<FiledPiece>,
    /// What must be there and is not.
    pub missing: Vec<RequiredPiece>,
    /// What is wrong with the court's own list of pieces.
    pub fault: Option<String>,
    /// When it was archived, if it was.
    pub archived: Option<UtcMs>,
}

/// Both parts of a case's dossier, as they are kept.
#[derive(Debug, Clone)]
pub struct BothFiles {
    /// 正卷.
    pub main: Vec<Piece>,
    /// 副卷.
    pub secondary: Vec<Piece>,
}

impl Room {
    /// Takes a case list in: good rows are imported, wrong ones named.
    pub async fn import_list(&self, bytes: Vec<u8>, format: ListFormat) -> Result<Imported, RoomError> {
        let outlines = self.outlines().await?;
        let known: Vec<_> = outlines.offers.into_iter().map(|o| (o.outline.id.0, o.outline.name)).collect();
        let list = format.read(&bytes, &known)?;
        let court = self.court().to_owned();
        self.with_store(move |s| s.import_list(list, &court, utc_now())).await
    }

    /// The case as the list has it.
    pub async fn listed(&self, case: &CaseId) -> Result<ListedCase, RoomError> {
        let id = case.clone();
        match self.with_store(move |s| s.case(&id)).await {
            Ok(row) => Ok(row.listed()),
            Err(RoomError::Store(StoreError::Unknown { .. })) => Err(RoomError::UnknownCase(case.clone())),
            Err(error) => Err(error),
        }
    }

    /// Every document of a case, by file.
    pub async fn both_files(&self, case: &CaseId) -> Result<BothFiles, RoomError> {
        let (pages, main, secondary) = (self.pages(), case.clone(), secondary_of(case)?);
        let read = tokio::task::spawn_blocking(move || BothFiles {
            main: pages.pieces(&main),
            secondary: pages.pieces(&secondary),
        });
        read.await.map_err(|e| RoomError::Broken(e.to_string()))
    }

    /// The file of a case: directories, how every document was filed, and what is missing.
    pub async fn case_file(&self, case: &CaseId) -> Result<CaseFile, RoomError> {
        let listed = self.listed(case).await?;
        let files = self.both_files(case).await?;
        let (required, fault) = self.required_pieces().await?;
        let missing = required.missing(&listed.procedure, When::End, &headings(&files));
        let id = case.clone();
        let archived = self.with_store(move |s| s.archived(&id)).await?;
        let filed = |secondary: bool| {
            move |p: &Piece| FiledPiece {
                doc: p.doc.clone(),
                secondary,
                heading: p.heading.clone(),
                title: p.title.clone(),
                pages: p.pages,
                pages_read: p.pages_read,
                automatic: p.auto.is_some(),
                moved: is_moved(p),
                drafted: p.made.is_some(),
            }
        };
        let mut pieces: Vec<_> = files.main.iter().map(filed(false)).collect();
        pieces.extend(files.secondary.iter().map(filed(true)));
        Ok(CaseFile {
            case: listed,
            main: registry::directory(&held(&files.main), false),
            secondary: registry::directory(&held(&files.secondary), true),
            pieces,
            missing,
            fault,
            archived,
        })
    }

    /// Required pieces by procedure, the court's own file first, and what is wrong with that.
    pub async fn required_pieces(&self) -> Result<(RequiredPieces, Option<String>), RoomError> {
        let path = self.data_dir().join("pieces.toml");
        let read = tokio::task::spawn_blocking(move || read_pieces(&path));
        read.await.map_err(|e| RoomError::Broken(e.to_string()))?
    }

    /// How the indicators are counted, as `indicators.toml` in the data folder says; what is wrong with it, and then the defaults.
    pub async fn indicator_settings(&self) -> Result<(IndicatorSettings, Option<String>), RoomError> {
        let path = self.data_dir().join("indicators.toml");
        let read = tokio::task::spawn_blocking(move || read_indicators(&path));
        read.await.map_err(|e| RoomError::Broken(e.to_string()))?
    }

    /// Puts a document under another heading of its file.
    pub async fn refile(
        &self,
        case: &CaseId,
        doc: DocId,
        secondary: bool,
        heading: String,
    ) -> Result<(), RoomError> {
        let heading = heading.trim().to_owned();
        if heading.is_empty() || heading.chars().count() > 40 {
            return Err(RoomError::Seats("归目用1至40个字".to_owned()));
        }
        let of = if secondary { secondary_of(case)? } else { case.clone() };
        let pages = self.pages();
        let done = tokio::task::spawn_blocking(move || pages.refile(&of, &doc, &heading));
        done.await.map_err(|e| RoomError::Broken(e.to_string()))?.map_err(RoomError::Seats)
    }

    /// The bench has looked into the dossier before the hearing.
    pub async fn note_reading(&self, case: &CaseId, hearing: &HearingId) -> Result<(), RoomError> {
        if !self.readings().lock().await.insert(hearing.clone()) {
            return Ok(());
        }
        let (case, subject) = (case.clone(), hearing.to_string());
        self.with_store(move |s| s.note_fact(&case, &subject, utc_now(), &Fact::Read)).await
    }

    /// The hearings of a case with their folders, the first session first; with `sign`, their journals are signed up to now.
    pub async fn hearings_of(
        &self,
        case: &CaseId,
        sign: bool,
    ) -> Result<Vec<(HearingId, PathBuf)>, RoomError> {
        let mut found: Vec<_> = self.hearings().await?.into_iter().filter(|h| h.case == *case).collect();
        found.sort_by_key(|h| h.session);
        let mut with_dirs = Vec::with_capacity(found.len());
        for hearing in found {
            if sign {
                self.hearing(&hearing.hearing).await?.checkpoint().await?;
            }
            let dir = self.hearing_dir(&hearing.hearing);
            with_dirs.push((hearing.hearing, dir));
        }
        Ok(with_dirs)
    }

    /// The case was archived.
    pub async fn note_archived(&self, case: &CaseId) -> Result<(), RoomError> {
        let files = self.both_files(case).await?;
        let refiled = files.main.iter().chain(&files.secondary).any(is_moved);
        let case = case.clone();
        let fact = Fact::Archived { refiled };
        self.with_store(move |s| s.note_fact(&case, "case", utc_now(), &fact)).await
    }

    /// The figures of some months.
    pub async fn figures(
        &self,
        settings: &IndicatorSettings,
        months: &[Month],
    ) -> Result<Vec<Figure>, RoomError> {
        self.gather().await?;
        let (required, _) = self.required_pieces().await?;
        let cases = self.with_store(move |s| case_facts(s, &required)).await?;
        let now = utc_now();
        Ok(months.iter().flat_map(|m| registry::of_month(settings, &cases, *m, now)).collect())
    }

    /// Notes what dossiers and journals say happened.
    async fn gather(&self) -> Result<(), RoomError> {
        let mut facts = Vec::new();
        for hearing in self.hearings().await? {
            let state = self.hearing(&hearing.hearing).await?.state().await?;
            let (Some(info), Some(opened), true) =
                (state.info.as_ref(), state.opened, state.closed.is_some())
            else {
                continue;
            };
            let transcribed = state.lines.values().any(|l| l.recognised.is_some());
            let fact = Fact::Held { shown: state.views > 0, transcribed };
            facts.push((hearing.case, hearing.hearing.to_string(), after(info.origin, opened), fact));
        }
        // What was restored was filed elsewhere, and counts there.
        let here = |s: &Store| {
            let cases = s.cases()?.into_iter().map(|c| c.case.id);
            cases.filter_map(|c| is_restored(s, &c).map(|r| (!r).then_some(c)).transpose()).collect()
        };
        let cases: Vec<CaseId> = self.with_store(here).await?;
        for case in cases {
            let files = self.both_files(&case).await?;
            let main = files.main.iter().map(|p| (p, ""));
            for (piece, prefix) in main.chain(files.secondary.iter().map(|p| (p, "fu-"))) {
                let Some(at) = piece.at else { continue };
                facts.push((case.clone(), format!("{prefix}{}", piece.doc), at, filed(piece)));
            }
        }
        self.with_store(move |s| s.note_facts(&facts)).await
    }
}

/// The key of the setting that says a case was restored from an archive.
#[must_use]
pub fn restored_key(case: &CaseId) -> String {
    format!("restored/{case}")
}

fn is_restored(store: &Store, case: &CaseId) -> Result<bool, StoreError> {
    Ok(store.setting(&restored_key(case))?.is_some())
}

/// All cases with their facts, as the store has them.
pub fn case_facts(store: &Store, required: &RequiredPieces) -> Result<Vec<CaseFacts>, StoreError> {
    let mut facts: HashMap<CaseId, Vec<(UtcMs, Fact)>> = HashMap::new();
    for (case, at, fact) in store.facts()? {
        facts.entry(case).or_default().push((at, fact));
    }
    let mut scheduled: HashMap<CaseId, Vec<UtcMs>> = HashMap::new();
    for s in store.schedule(UtcMs(i64::MIN), UtcMs(i64::MAX))? {
        scheduled.entry(s.case).or_default().push(s.sitting.at);
    }
    let mut cases = Vec::new();
    for row in store.cases()? {
        if is_restored(store, &row.case.id)? {
            continue;
        }
        let listed = row.listed();
        let intake = required.of(&listed.procedure).iter().filter(|p| p.when == When::Intake);
        cases.push(CaseFacts {
            at_intake: intake.map(|p| p.heading.clone()).collect(),
            scheduled: scheduled.remove(&listed.id).unwrap_or_default(),
            facts: facts.remove(&listed.id).unwrap_or_default(),
            id: listed.id,
            number: listed.number,
            cause: listed.cause,
            branch: listed.branch,
            received: listed.filed,
        });
    }
    Ok(cases)
}

/// Reads the court's own list of required pieces, if there is one.
pub fn read_pieces(path: &std::path::Path) -> Result<(RequiredPieces, Option<String>), RoomError> {
    let own = match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(cause) => return Err(RoomError::Disk { path: path.to_owned(), cause }),
    };
    let (pieces, fault) = RequiredPieces::with(own.as_deref());
    Ok((pieces, fault.map(|f| f.to_string())))
}

/// Reads the court's own settings of the indicators, if there are any.
pub fn read_indicators(path: &std::path::Path) -> Result<(IndicatorSettings, Option<String>), RoomError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Ok((IndicatorSettings::default(), None));
        }
        Err(cause) => return Err(RoomError::Disk { path: path.to_owned(), cause }),
    };
    Ok(match IndicatorSettings::parse(&text) {
        Ok(settings) => (settings, None),
        Err(fault) => (IndicatorSettings::default(), Some(fault)),
    })
}

/// The headings that are there, for what is missing.
#[must_use]
pub fn headings(files: &BothFiles) -> Vec<(String, bool)> {
    let main = files.main.iter().map(|p| (p.heading.clone(), false));
    main.chain(files.secondary.iter().map(|p| (p.heading.clone(), true))).collect()
}

/// Documents as a directory needs them.
#[must_use]
pub fn held(pieces: &[Piece]) -> Vec<Held> {
    let held = |p: &Piece| Held {
        doc: p.doc.clone(),
        heading: p.heading.clone(),
        title: match p.evidence_number {
            Some(n) => format!("证据{n} {}", p.title),
            None => p.title.clone(),
        },
        pages: p.pages,
    };
    pieces.iter().map(held).collect()
}

/// Whether a person changed the place the machine had found, at filing or since.
fn is_moved(piece: &Piece) -> bool {
    piece.moved || piece.auto.as_ref().is_some_and(|a| *a != piece.heading)
}

fn filed(piece: &Piece) -> Fact {
    Fact::Filed {
        heading: piece.heading.clone(),
        court: matches!(piece.side, Side::Bench | Side::Clerk),
        automatic: piece.auto.is_some(),
        moved: is_moved(piece),
        drafted: piece.made.is_some(),
    }
}

fn after(origin: UtcMs, at: HearingTime) -> UtcMs {
    UtcMs(origin.0.saturating_add(i64::try_from(at.0).unwrap_or(i64::MAX)))
}
