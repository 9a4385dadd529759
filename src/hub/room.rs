//! The courtroom: its cases, its hearings (one live at a time), its sessions, its packages.
//!
//! ```text
//!   a hearing:  opened ──► live (recorder, recogniser) ──media sealed──► read and signed ──► packed
//!                              └── hub restarts: loaded again from its journal, in whichever state it was
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use court::{Earlier, HearingInfo, Outline, OutlineId, Report, Stage};
use media::clock::{HearingClock, utc_now};
use media::playback::Recording;
use model::{CaseId, HearingId, Role, Seat, SeatId};
use protocol::link::recorder::{ClockOrigin, Input};
use record::{CaseRow, Journal, JournalConfig, Key, NewCase, Store, StoreError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tempfile::TempPath;
use tokio::sync::Mutex;

use crate::audit::Audit;
use crate::hearing::{Handle, HearingSetup, HubError, Msg};
use crate::meetings::{Deliberation, Meetings};
use crate::outlines::Offers;
use crate::port::Pages;
use crate::uploads::Uploads;

/// The room's slice of the settings.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// Where everything is kept.
    pub data: PathBuf,
    /// Where journals are kept once more.
    pub mirror: Option<PathBuf>,
    /// 法院.
    pub court: String,
    /// 法庭.
    pub room: String,
    /// Microphones and cameras.
    pub inputs: Vec<Input>,
    /// Sound files of the rehearsal.
    pub rehearsal: Option<PathBuf>,
    /// Font for papers.
    pub font: PathBuf,
    /// Folder of the court's own outlines.
    pub outlines: PathBuf,
    /// Seats into whose microphones others speak too.
    pub shared: Vec<SeatId>,
    /// How meetings are recorded; `None`: they are not.
    pub deliberation: Option<Deliberation>,
}

/// Why the room cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// No such case.
    #[error("there is no case {0}; create it first")]
    UnknownCase(CaseId),
    /// No such hearing.
    #[error("there is no hearing {0}")]
    UnknownHearing(HearingId),
    /// One hearing at a time.
    #[error("hearing {0} is live in this room; close it (闭庭) before another is opened")]
    Busy(HearingId),
    /// The seats do not make a hearing.
    #[error("{0}")]
    Seats(String),
    /// No such outline.
    #[error(
        "there is no outline \"{procedure}\"; choose one of {known}, or put its file into the folder of outlines"
    )]
    UnknownProcedure {
        /// As asked for.
        procedure: String,
        /// The ids there are.
        known: String,
    },
    /// A case list cannot be read at all.
    #[error(transparent)]
    List(#[from] registry::ListError),
    /// Nobody can meet so.
    #[error(transparent)]
    Convene(#[from] court::ConveneFault),
    /// Who convenes a meeting takes part in it.
    #[error("召集人应当参加会议：审判长为成员或者汇报人，书记员为记录人")]
    NotAMember,
    /// A package needs a closed hearing.
    #[error(
        "hearing {0} has not been closed (闭庭), or its files are still being closed; the package is written after that"
    )]
    NotClosed(HearingId),
    /// A hearing is played back when it is over.
    #[error("庭审尚未闭庭，或者录音录像还在封存；闭庭封存后才能回放")]
    NotOver(HearingId),
    /// A hearing's task.
    #[error(transparent)]
    Hearing(#[from] HubError),
    /// The store of cases and sessions.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A journal.
    #[error("the journal of the hearing cannot be opened: {0}")]
    Journal(#[from] record::JournalError),
    /// The hub's key.
    #[error("the hub's signing key cannot be used: {0}")]
    Key(#[from] record::KeyError),
    /// The name of the hearing does not make a key name.
    #[error(transparent)]
    Note(#[from] proof::NoteError),
    /// A file or folder.
    #[error("{path}: {cause}; check the disk and its permissions")]
    Disk {
        /// Which.
        path: PathBuf,
        /// The system's own words.
        cause: std::io::Error,
    },
    /// What cannot be noted is not done.
    #[error("the audit journal cannot be written, so nothing may be read now: {0}")]
    Audit(String),
    /// A worker thread was lost.
    #[error("the work was broken off: {0}")]
    Broken(String),
}

/// A case as it is created and listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseDraft {
    /// Its id here.
    pub id: CaseId,
    /// 案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// 法院; empty: this room's.
    #[serde(default)]
    pub court: String,
    /// Its procedure: the id of an outline; empty: 民事一审普通程序.
    #[serde(default)]
    pub procedure: OutlineId,
}

/// A hearing to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Opening {
    /// Of which case.
    pub case: CaseId,
    /// 是否公开.
    pub public: bool,
    /// Who sits where; empty: as in the last session of the case.
    #[serde(default)]
    pub seats: Vec<Seat>,
    /// The outline; without it, the one of the case's procedure.
    #[serde(default)]
    pub procedure: Option<OutlineId>,
}

/// A hearing that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// It.
    pub hearing: HearingId,
    /// Its seats, for their links.
    pub seats: Vec<SeatId>,
}

/// A hearing in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HearingSummary {
    /// The hearing.
    pub hearing: HearingId,
    /// Its case.
    pub case: CaseId,
    /// 案号.
    pub number: String,
    /// 案由.
    pub cause: String,
    /// 第几次开庭.
    pub session: u32,
    /// Chinese name of its procedure.
    pub procedure: String,
    /// Where it stands.
    pub stage: Stage,
    /// Sound and picture are sealed.
    pub media_sealed: bool,
    /// From a backup: it is read, and takes nothing.
    pub restored: bool,
    /// Its seats.
    pub seats: Vec<Seat>,
}

/// What a seat stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The hearing's case.
    pub case: CaseId,
    /// The seat's role.
    pub role: Role,
}

/// How far the package of a hearing is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum PackageState {
    /// Not asked for.
    #[default]
    None,
    /// Being written.
    Writing,
    /// Written; below the folder of hearings.
    Done {
        /// Path below the folder of hearings.
        name: String,
        /// Whether it verifies.
        verified: bool,
        /// Whether the record was sealed when it was written.
        sealed: bool,
    },
    /// It could not be written.
    Failed {
        /// Why, and what to do.
        sentence: String,
    },
}

/// A package on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its folder's name below the hearing's `package` folder.
    pub name: String,
    /// Whether it verifies.
    pub verified: bool,
}

/// What writes and verifies packages; given by the wiring, which knows `papers`.
pub trait Packer: Send + Sync + 'static {
    /// Writes the package of a hearing from its folder and verifies it. The journal has a checkpoint over its end.
    fn pack(&self, hearing: &HearingId, hearing_dir: &Path) -> Result<Packed, String>;
}

/// The name under which the hub's key signs a hearing.
#[must_use]
pub fn signer_name(hearing: &HearingId) -> String {
    format!("huiting/{hearing}")
}

/// The key file of the house.
pub const KEY_FILE: &str = "hub.key";

/// Who signs a hearing: the key of the house; for a hearing from a backup, the key of the house it was held in.
pub fn signer_of(data: &Path, hearing: &HearingId) -> Result<proof::Ed25519Signer, RoomError> {
    let own = hearing_dir(data, hearing).join(KEY_FILE);
    let key = if own.exists() { own } else { data.join(KEY_FILE) };
    Ok(Key::load_or_create(&key)?.signer(&signer_name(hearing))?)
}

/// See the module.
pub struct Room {
    config: RoomConfig,
    store: Arc<Store>,
    pages: Arc<dyn Pages>,
    packer: Arc<dyn Packer>,
    running: Mutex<BTreeMap<HearingId, Running>>,
    packages: Arc<Mutex<HashMap<HearingId, PackageState>>>,
    recordings: Mutex<HashMap<HearingId, Arc<Recording>>>,
    /// Hearings whose bench is known to have looked into the dossier before.
    readings: Mutex<BTreeSet<HearingId>>,
    meetings: Meetings,
    pub(crate) audit: Audit,
}

struct Running {
    handle: Handle,
    case: CaseId,
    /// From a backup: it is read, and takes nothing.
    restored: bool,
}

/// A file in `dir` that is only passing through; gone when dropped.
pub fn passing_file(dir: &Path) -> Result<TempPath, RoomError> {
    let disk = |cause| RoomError::Disk { path: dir.to_owned(), cause };
    Ok(tempfile::NamedTempFile::new_in(dir).map_err(disk)?.into_temp_path())
}

/// Does something with a store on a blocking thread.
pub(crate) async fn with<T: Send + 'static>(
    store: Arc<Store>,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, RoomError> {
    let done = tokio::task::spawn_blocking(move || work(&store)).await;
    Ok(done.map_err(|e| RoomError::Broken(e.to_string()))??)
}

/// Where a hearing's clock began; beside its journal.
const CLOCK_FILE: &str = "clock.json";

impl Room {
    /// Opens the room; hearings that had not been packed go on where they stood.
    pub async fn open(
        config: RoomConfig,
        store: Arc<Store>,
        pages: Arc<dyn Pages>,
        packer: Arc<dyn Packer>,
    ) -> Result<Self, RoomError> {
        let room = Self {
            config,
            store,
            pages,
            packer,
            running: Mutex::new(BTreeMap::new()),
            packages: Arc::new(Mutex::new(HashMap::new())),
            recordings: Mutex::new(HashMap::new()),
            readings: Mutex::new(BTreeSet::new()),
            meetings: Meetings::default(),
            audit: Audit::default(),
        };
        for fault in room.outlines().await?.faults {
            tracing::warn!("an outline of the court is left out: {fault}");
        }
        for hearing in ids_on_disk(&room.config.data)? {
            room.load(&hearing).await?;
        }
        room.load_meetings().await?;
        Ok(room)
    }

    /// The dossier.
    #[must_use]
    pub fn pages(&self) -> Arc<dyn Pages> {
        Arc::clone(&self.pages)
    }

    /// Font for papers.
    #[must_use]
    pub fn font(&self) -> &Path {
        &self.config.font
    }

    /// The courtroom (法庭).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.room
    }

    /// The folder of everything.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.config.data
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    pub(crate) fn meetings(&self) -> &Meetings {
        &self.meetings
    }

    pub(crate) fn deliberation(&self) -> Option<&Deliberation> {
        self.config.deliberation.as_ref()
    }

    pub(crate) fn court(&self) -> &str {
        &self.config.court
    }

    pub(crate) fn readings(&self) -> &Mutex<BTreeSet<HearingId>> {
        &self.readings
    }

    /// The folder of a hearing.
    #[must_use]
    pub fn hearing_dir(&self, hearing: &HearingId) -> PathBuf {
        hearing_dir(&self.config.data, hearing)
    }

    /// The recording in the folder of a hearing or a meeting, for playback.
    pub async fn recording(&self, of: &HearingId, dir: &Path) -> Arc<Recording> {
        let mut recordings = self.recordings.lock().await;
        let open = || Arc::new(Recording::at(media_dir(dir)));
        Arc::clone(recordings.entry(of.clone()).or_insert_with(open))
    }

    /// A running hearing.
    pub async fn hearing(&self, hearing: &HearingId) -> Result<Handle, RoomError> {
        Ok(self.running(hearing).await?.0)
    }

    /// A running hearing, and its case.
    pub async fn running(&self, hearing: &HearingId) -> Result<(Handle, CaseId), RoomError> {
        let running = self.running.lock().await;
        let found = running.get(hearing).map(|r| (r.handle.clone(), r.case.clone()));
        found.ok_or_else(|| RoomError::UnknownHearing(hearing.clone()))
    }

    /// Whether a hearing came from a backup.
    pub(crate) async fn is_restored(&self, hearing: &HearingId) -> bool {
        self.running.lock().await.get(hearing).is_some_and(|r| r.restored)
    }

    /// The hearing that is being held now, if any.
    pub async fn live(&self) -> Option<Handle> {
        let running = self.running.lock().await;
        let handles: Vec<_> = running.values().filter(|r| !r.restored).map(|r| r.handle.clone()).collect();
        drop(running);
        for handle in handles.into_iter().rev() {
            if handle.state().await.is_ok_and(|s| s.stage < Stage::Closed) {
                return Some(handle);
            }
        }
        None
    }

    /// What a seat of a hearing stands for.
    pub async fn place(&self, hearing: &HearingId, seat: &SeatId) -> Result<Place, RoomError> {
        let (handle, case) = self.running(hearing).await?;
        let role = handle.role(seat).await?.ok_or_else(|| HubError::UnknownSeat(seat.clone()))?;
        Ok(Place { case, role })
    }

    /// All cases.
    pub async fn cases(&self) -> Result<Vec<CaseDraft>, RoomError> {
        let found = self.with_store(Store::cases).await?;
        let offers = self.outlines().await?;
        let draft = |c: CaseRow| CaseDraft {
            id: c.case.id,
            number: c.case.number,
            cause: c.case.cause,
            court: c.case.court,
            // A case of an older version, or of an outline whose file is gone, is heard by the usual one.
            procedure: offers.find(&c.case.procedure).map_or_else(usual, |o| o.id.clone()),
        };
        Ok(found.into_iter().map(draft).collect())
    }

    /// Creates a case.
    pub async fn create_case(&self, case: CaseDraft) -> Result<(), RoomError> {
        crate::office::check_case_id(&case.id)?;
        let court = if case.court.is_empty() { self.config.court.clone() } else { case.court };
        let asked = if case.procedure.0.is_empty() { usual() } else { case.procedure };
        let procedure = self.outline(&asked).await?.id;
        let new = NewCase {
            id: case.id,
            number: case.number,
            cause: case.cause,
            court,
            procedure: procedure.0,
            json: String::new(),
        };
        self.with_store(move |s| s.add_case(&new, utc_now())).await
    }

    /// The case, or why not.
    pub async fn known_case(&self, case: &CaseId) -> Result<CaseDraft, RoomError> {
        let found = self.cases().await?.into_iter().find(|c| c.id == *case);
        found.ok_or_else(|| RoomError::UnknownCase(case.clone()))
    }

    /// Opens a hearing of a case in the room.
    pub async fn open_hearing(&self, opening: Opening) -> Result<Opened, RoomError> {
        let case = &opening.case;
        let known = self.known_case(case).await?;
        let outline = self.outline(opening.procedure.as_ref().unwrap_or(&known.procedure)).await?;
        let before = self.hearings().await?;
        let last = before.iter().filter(|h| h.case == *case).max_by_key(|h| h.session);
        let mut seats = match last {
            // Who is present is checked anew in every session.
            Some(last) if opening.seats.is_empty() => {
                last.seats.iter().map(|s| Seat { present: false, ..s.clone() }).collect()
            }
            _ => opening.seats.clone(),
        };
        for seat in &mut seats {
            seat.shared |= self.config.shared.contains(&seat.id);
        }
        alone_presides(&mut seats);
        check_seats(&seats)?;
        if let Some(live) =
            before.iter().find(|h| !h.restored && (h.stage < Stage::Closed || !h.media_sealed))
        {
            return Err(RoomError::Busy(live.hearing.clone()));
        }
        for handle in self.running.lock().await.values().map(|r| &r.handle) {
            handle.send(Msg::Release).await?;
        }
        let session = last.map_or(0, |h| h.session) + 1;
        let earlier = match last {
            Some(last) => Earlier::of(&self.hearing(&last.hearing).await?.state().await?),
            None => None,
        };
        let id = HearingId::new(format!("{case}-{session}")).map_err(|e| RoomError::Seats(e.to_string()))?;
        let dir = self.hearing_dir(&id);
        make_dir(&dir.join("media"))?;
        let origin = HearingClock::start_now();
        let info = HearingInfo {
            hearing: id.clone(),
            case: case.clone(),
            court: known.court,
            number: known.number,
            cause: known.cause,
            room: self.config.room.clone(),
            session,
            public: opening.public,
            origin: origin.utc_ms,
        };
        let origin_of = Origin { case: case.clone(), clock: origin.clone() };
        write_origin(&dir, &origin_of).map_err(|cause| RoomError::Disk { path: dir.clone(), cause })?;
        let opened = Opened { hearing: id.clone(), seats: seats.iter().map(|s| s.id.clone()).collect() };
        let report = match earlier {
            Some(earlier) => Report::Continued { info, outline, seats, earlier: Box::new(earlier) },
            None => Report::Opened { info, outline, seats },
        };
        self.start(&id, case.clone(), origin, Some(report)).await?;
        Ok(opened)
    }

    /// The outlines that may be chosen, read anew.
    pub async fn outlines(&self) -> Result<Offers, RoomError> {
        let folder = self.config.outlines.clone();
        let read = tokio::task::spawn_blocking(move || Offers::read(&folder)).await;
        read.map_err(|e| RoomError::Broken(e.to_string()))
    }

    async fn outline(&self, procedure: &OutlineId) -> Result<Outline, RoomError> {
        let offers = self.outlines().await?;
        offers.find(&procedure.0).cloned().ok_or_else(|| {
            let ids: Vec<_> = offers.ids().into_iter().map(|id| id.0).collect();
            RoomError::UnknownProcedure { procedure: procedure.0.clone(), known: ids.join(", ") }
        })
    }

    /// All hearings, newest last.
    pub async fn hearings(&self) -> Result<Vec<HearingSummary>, RoomError> {
        let handles: Vec<(HearingId, Handle, bool)> = {
            let running = self.running.lock().await;
            running.iter().map(|(id, r)| (id.clone(), r.handle.clone(), r.restored)).collect()
        };
        let mut summaries = Vec::with_capacity(handles.len());
        for (hearing, handle, restored) in handles {
            let state = handle.state().await?;
            let Some(info) = state.info else { continue };
            summaries.push(HearingSummary {
                hearing,
                case: info.case,
                number: info.number,
                cause: info.cause,
                session: info.session,
                procedure: state.outline.map(|o| o.name).unwrap_or_default(),
                stage: state.stage,
                media_sealed: state.media_sealed,
                restored,
                seats: state.seats.into_values().collect(),
            });
        }
        Ok(summaries)
    }

    async fn load(&self, hearing: &HearingId) -> Result<(), RoomError> {
        let dir = self.hearing_dir(hearing);
        let Origin { case, clock } =
            Origin::read(&dir).map_err(|cause| RoomError::Disk { path: dir.join(CLOCK_FILE), cause })?;
        self.start(hearing, case, clock, None).await
    }

    async fn start(
        &self,
        hearing: &HearingId,
        case: CaseId,
        origin: ClockOrigin,
        opening: Option<Report>,
    ) -> Result<(), RoomError> {
        let dir = self.hearing_dir(hearing).join("journal");
        let mirror = self.config.mirror.as_deref().map(|m| hearing_dir(m, hearing).join("journal"));
        let (data, of) = (self.config.data.clone(), hearing.clone());
        let opened = tokio::task::spawn_blocking(move || -> Result<_, RoomError> {
            let signer = Box::new(signer_of(&data, &of)?);
            let config = JournalConfig { mirror, ..JournalConfig::new(signer_name(&of), signer) };
            Ok(Journal::open(&dir, config)?)
        });
        let (journal, recovered) = opened.await.map_err(|e| RoomError::Broken(e.to_string()))??;
        let restored = journal.is_restored();
        if let Some(torn) = &recovered.torn {
            tracing::warn!(%hearing, ?torn, "an unfinished write was cut off; nothing of it had been acknowledged");
        }
        let recovered = recovered.into_payloads();
        let sealed = recovered.iter().any(|(_, p)| is_media_sealed(p));
        let run = self.config.data.join("run");
        let setup = HearingSetup {
            hearing: hearing.clone(),
            case: case.clone(),
            journal,
            recovered,
            opening,
            clock: HearingClock::new(origin),
            pages: Arc::clone(&self.pages),
            media_dir: media_dir(&self.hearing_dir(hearing)),
            inputs: self.config.inputs.clone(),
            sockets: (!sealed && !restored).then(|| (run.join("recorder.sock"), run.join("recogniser.sock"))),
            companions: None,
            rehearsal: self.config.rehearsal.clone(),
            secret: false,
        };
        let handle = Handle::start(setup)?;
        handle.status().await?;
        self.running.lock().await.insert(hearing.clone(), Running { handle, case, restored });
        Ok(())
    }

    /// Does something with the store on a blocking thread.
    pub async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, RoomError> {
        with(Arc::clone(&self.store), work).await
    }

    /// The folder of files that are only passing through.
    pub fn incoming_dir(&self) -> Result<PathBuf, RoomError> {
        let dir = self.config.data.join("incoming");
        make_dir(&dir)?;
        Ok(dir)
    }

    /// Uploads that go on where they broke off.
    pub fn uploads(&self) -> Result<Uploads, RoomError> {
        let dir = self.incoming_dir()?.join("uploads");
        Uploads::open(dir.clone()).map_err(|cause| RoomError::Disk { path: dir, cause })
    }

    /// A file for an upload; gone when dropped.
    pub async fn incoming_file(&self) -> Result<TempPath, RoomError> {
        passing_file(&self.incoming_dir()?)
    }

    /// How far the package of a hearing is.
    pub async fn package_state(&self, hearing: &HearingId) -> PackageState {
        self.packages.lock().await.get(hearing).cloned().unwrap_or_default()
    }

    /// The folder of a package that was written.
    pub async fn package_folder(&self, hearing: &HearingId) -> Option<PathBuf> {
        match self.package_state(hearing).await {
            PackageState::Done { name, .. } => {
                let folder = Path::new(&name).file_name()?;
                Some(self.hearing_dir(hearing).join("package").join(folder))
            }
            PackageState::None | PackageState::Writing | PackageState::Failed { .. } => None,
        }
    }

    /// Begins to write the package of a closed hearing.
    pub async fn write_package(&self, hearing: &HearingId) -> Result<PackageState, RoomError> {
        let handle = self.hearing(hearing).await?;
        let state = handle.state().await?;
        if state.stage < Stage::Closed || !state.media_sealed {
            return Err(RoomError::NotClosed(hearing.clone()));
        }
        let mut packages = self.packages.lock().await;
        if packages.get(hearing) == Some(&PackageState::Writing) {
            return Ok(PackageState::Writing);
        }
        packages.insert(hearing.clone(), PackageState::Writing);
        let sealed = state.stage == Stage::Sealed;
        let (packer, dir) = (Arc::clone(&self.packer), self.hearing_dir(hearing));
        let (packages, hearing) = (Arc::clone(&self.packages), hearing.clone());
        tokio::spawn(async move {
            // Everything up to here is on disk before the package is cut.
            let written = match handle.checkpoint().await {
                Ok(()) => {
                    let packed = hearing.clone();
                    tokio::task::spawn_blocking(move || packer.pack(&packed, &dir)).await
                }
                Err(error) => Ok(Err(error.to_string())),
            };
            let outcome = match written {
                Ok(Ok(packed)) => PackageState::Done {
                    name: format!("{hearing}/package/{}", packed.name),
                    verified: packed.verified,
                    sealed,
                },
                Ok(Err(sentence)) => PackageState::Failed { sentence },
                Err(lost) => PackageState::Failed { sentence: lost.to_string() },
            };
            packages.lock().await.insert(hearing, outcome);
        });
        Ok(PackageState::Writing)
    }

    /// Ends every hearing's task in good order.
    pub async fn close(&self) {
        let running = std::mem::take(&mut *self.running.lock().await);
        for (_, hearing) in running {
            hearing.handle.stop().await;
        }
        self.close_meetings().await;
    }

    /// Waits until a hearing's task fails; gives the reason.
    pub async fn failed(&self) -> String {
        loop {
            let handles: Vec<Handle> = self.running.lock().await.values().map(|r| r.handle.clone()).collect();
            let mut watching: futures_util::stream::FuturesUnordered<_> =
                handles.iter().map(Handle::ended).collect();
            let looked = async {
                while let Some(ended) = futures_util::StreamExt::next(&mut watching).await {
                    if let Some(reason) = ended {
                        return reason;
                    }
                }
                std::future::pending().await
            };
            // Hearings are opened while we watch: look again now and then.
            if let Ok(reason) = tokio::time::timeout(std::time::Duration::from_secs(2), looked).await {
                return reason;
            }
        }
    }
}

/// The hearings below the folder of everything with their cases, by their id.
pub fn hearings_on_disk(data: &Path) -> Result<Vec<(HearingId, CaseId)>, RoomError> {
    let all = ids_on_disk(data)?.into_iter().map(|hearing| {
        let dir = hearing_dir(data, &hearing);
        let origin =
            Origin::read(&dir).map_err(|cause| RoomError::Disk { path: dir.join(CLOCK_FILE), cause })?;
        Ok((hearing, origin.case))
    });
    all.collect()
}

/// Without its clock a hearing was never opened.
fn ids_on_disk(data: &Path) -> Result<Vec<HearingId>, RoomError> {
    let dir = data.join("hearings");
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(RoomError::Disk { path: dir, cause }),
    };
    let names = entries.filter_map(Result::ok).filter_map(|e| e.file_name().into_string().ok());
    let mut found: Vec<_> = names.filter_map(|n| HearingId::new(n).ok()).collect();
    found.sort();
    found.retain(|h| dir.join(h.as_str()).join(CLOCK_FILE).exists());
    Ok(found)
}

/// Where the recording of a hearing or a meeting lies, in its folder.
pub(crate) fn media_dir(dir: &Path) -> PathBuf {
    dir.join("media")
}

fn hearing_dir(data: &Path, hearing: &HearingId) -> PathBuf {
    data.join("hearings").join(hearing.as_str())
}

impl Origin {
    fn read(hearing_dir: &Path) -> std::io::Result<Self> {
        let json = std::fs::read(hearing_dir.join(CLOCK_FILE))?;
        serde_json::from_slice(&json).map_err(std::io::Error::other)
    }
}

#[derive(Serialize, Deserialize)]
struct Origin {
    case: CaseId,
    clock: ClockOrigin,
}

fn write_origin(dir: &Path, origin: &Origin) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    serde_json::to_writer(&mut file, origin)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(CLOCK_FILE))?;
    std::fs::File::open(dir)?.sync_all()
}

fn is_media_sealed(payload: &[u8]) -> bool {
    crate::commit::event_of(payload).is_ok_and(|s| s.event == court::Event::MediaSealed)
}

fn usual() -> OutlineId {
    OutlineId(OutlineId::CIVIL_ORDINARY.to_owned())
}

fn make_dir(path: &Path) -> Result<(), RoomError> {
    std::fs::create_dir_all(path).map_err(|cause| RoomError::Disk { path: path.into(), cause })
}

/// Who judges alone presides, whatever they are called.
fn alone_presides(seats: &mut [Seat]) {
    let judges = |s: &&mut Seat| matches!(s.role, Role::PresidingJudge | Role::Judge | Role::Assessor);
    let mut bench = seats.iter_mut().filter(judges);
    if let (Some(alone), None) = (bench.next(), bench.next())
        && alone.role == Role::Judge
    {
        alone.role = Role::PresidingJudge;
    }
}

fn check_seats(seats: &[Seat]) -> Result<(), RoomError> {
    let presiding = seats.iter().filter(|s| s.role == Role::PresidingJudge).count();
    if presiding != 1 {
        return Err(RoomError::Seats(format!(
            "一场庭审有且只有一名审判长（独任审判时为审判员），现在是{presiding}名：请在席位中改正"
        )));
    }
    if !seats.iter().any(|s| s.role == Role::Clerk) {
        return Err(RoomError::Seats("庭审需要书记员：请添加书记员席位".to_owned()));
    }
    let mut ids: Vec<_> = seats.iter().map(|s| &s.id).collect();
    ids.sort();
    ids.dedup();
    match ids.len() == seats.len() {
        true => Ok(()),
        false => Err(RoomError::Seats("有两个席位的编号相同：请各用不同的编号".to_owned())),
    }
}
