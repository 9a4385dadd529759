//! 合议, 法官会议, 审委会: hearings of their members alone.
//!
//! A meeting lives in a folder of its own with its own journal, key, codes and sessions, under an id that is chance. It stands in no list of
//! hearings; the log of the machine, the store of cases and the room's recorder and recogniser know nothing of it. Where a court has what
//! is said recorded, a meeting has processes of its own ([`Companions`]).
//!
//! ```text
//!   a member's seat in the hearing ──enter──► code (the meeting's own store) ──join──► session of the meeting
//!        └─ held by another session of that seat ─► refused until those who lead the meeting let the seat go
//! ```

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use court::{Convening, Event, HearingInfo, MeetingKind, Report, Stage};
use media::clock::{HearingClock, utc_now};
use model::{CaseId, HearingId, Role, SeatId, UtcMs};
use protocol::link::recorder::{ClockOrigin, Input as MediaInput};
use record::{Journal, JournalConfig, Key, Scope, Store};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio_util::sync::DropGuard;

use crate::hearing::{Handle, HearingSetup};
use crate::room::{Room, RoomError, media_dir, signer_name, with};
use crate::sessions::SeatSession;

/// Below the folder of everything.
const FOLDER: &str = "meetings";
/// What is fixed about a meeting; beside its journal.
const ORIGIN: &str = "meeting.json";

/// How what is said in meetings is recorded, where a court wants that.
#[derive(Debug, Clone)]
pub struct Deliberation {
    /// Their microphones.
    pub inputs: Vec<MediaInput>,
    /// Who starts a recorder and a recogniser for each.
    pub companions: Arc<dyn Companions>,
}

/// Starts the processes of a meeting: a recorder and a recogniser of its own, so that nothing of it passes through those of the room.
pub trait Companions: std::fmt::Debug + Send + Sync + 'static {
    /// Keeps both running, with their sockets in `run_dir`, until the guard is dropped or this process ends, however it ends. They write
    /// nothing but to `run_dir` and to where they are told to record.
    fn start(&self, run_dir: PathBuf) -> DropGuard;
}

/// Meetings by their id.
#[derive(Default)]
pub(crate) struct Meetings(Mutex<BTreeMap<HearingId, Arc<Meeting>>>);

/// A meeting with its task.
pub(crate) struct Meeting {
    handle: Handle,
    store: Arc<Store>,
    dir: PathBuf,
    origin: Origin,
    /// Held while it is looked at and settled from which session a seat is entered.
    door: Mutex<()>,
}

/// From which session of the hearing a seat of the meeting is entered; in the meeting's store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Holder {
    /// This one and no other.
    By(String),
    /// Any but this one, which was put out.
    Not(String),
}

impl Meeting {
    async fn holder(&self, seat: &SeatId) -> Result<Option<Holder>, RoomError> {
        let key = holder_of(seat);
        let json = with(self.store(), move |s| s.setting(&key)).await?;
        json.map(|j| serde_json::from_str(&j).map_err(|e| RoomError::Broken(e.to_string()))).transpose()
    }

    async fn hold(&self, seat: &SeatId, holder: Option<Holder>) -> Result<(), RoomError> {
        let json = holder.map(|h| serde_json::to_string(&h)).transpose();
        let (key, json) = (holder_of(seat), json.map_err(|e| RoomError::Broken(e.to_string()))?);
        let kept = with(self.store(), move |s| match json {
            Some(json) => s.set_setting(&key, &json),
            None => s.remove_setting(&key),
        });
        kept.await
    }

    pub(crate) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Origin {
    case: CaseId,
    clock: ClockOrigin,
    kind: MeetingKind,
    /// The hearing it was convened from.
    hearing: HearingId,
    /// Seats of that hearing whose people are members, by the names they had then.
    homes: BTreeMap<SeatId, String>,
}

/// The way in for somebody without a seat in the hearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestLink {
    /// Whose.
    pub name: String,
    /// The seat in the meeting.
    pub seat: SeatId,
    /// Good once.
    pub code: String,
}

/// A meeting that was convened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Convened {
    /// Its id.
    pub meeting: HearingId,
    /// Links to be handed to guests.
    pub guests: Vec<GuestLink>,
}

/// A meeting as its members find it at their desks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeetingOffer {
    /// Its id.
    pub meeting: HearingId,
    /// Which kind.
    pub kind: MeetingKind,
    /// Since when.
    pub since: UtcMs,
    /// Where it stands.
    pub stage: Stage,
}

/// What somebody who wants to enter finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// A code, good once.
    Open(String),
    /// Somebody else has entered from another session of that seat.
    Held,
}

/// Somebody with a session of a meeting.
pub struct Member {
    /// The meeting.
    pub meeting: HearingId,
    /// The seat.
    pub seat: SeatId,
    /// Its role.
    pub role: Role,
    /// Its case.
    pub case: CaseId,
    /// Its task.
    pub handle: Handle,
    /// Its folder.
    pub dir: PathBuf,
    /// When the session ends.
    pub until: UtcMs,
    /// The enrolled terminal it began on, if it did.
    pub terminal: Option<String>,
}

impl Room {
    fn meetings_dir(&self) -> PathBuf {
        self.data_dir().join(FOLDER)
    }

    /// Opens every meeting there is. One that cannot be opened says so in its own folder and nowhere else.
    pub(crate) async fn load_meetings(&self) -> Result<(), RoomError> {
        let dir = self.meetings_dir();
        // Always there, so that its being there tells nothing.
        private_dir(&dir).map_err(|cause| RoomError::Disk { path: dir.clone(), cause })?;
        let entries =
            std::fs::read_dir(&dir).map_err(|cause| RoomError::Disk { path: dir.clone(), cause })?;
        let names = entries.filter_map(Result::ok).filter_map(|e| e.file_name().into_string().ok());
        for id in names.filter_map(|n| HearingId::new(n).ok()) {
            if let Err(error) = self.open_meeting(&id, None).await {
                // Nobody is left to tell if this cannot be written either.
                let _ = std::fs::write(dir.join(id.as_str()).join("fault.txt"), format!("{error}\n"));
            }
        }
        Ok(())
    }

    pub(crate) async fn close_meetings(&self) {
        let open = std::mem::take(&mut *self.meetings().0.lock().await);
        for meeting in open.into_values() {
            meeting.handle.stop().await;
        }
    }

    /// A meeting; one whose task has ended is opened again from its journal.
    pub(crate) async fn meeting(&self, id: &HearingId) -> Option<Arc<Meeting>> {
        let found = self.meetings().0.lock().await.get(id).cloned()?;
        if !found.handle.has_ended() {
            return Some(found);
        }
        self.open_meeting(id, None).await.ok()
    }

    /// Whether this is a meeting; asked only where the answer goes to nobody.
    pub async fn is_meeting(&self, id: &HearingId) -> bool {
        self.meetings().0.lock().await.contains_key(id)
    }

    /// Convenes a meeting from a hearing. Who convenes it takes part in it.
    pub async fn convene(
        &self,
        hearing: &HearingId,
        by: &SeatId,
        convening: Convening,
    ) -> Result<Convened, RoomError> {
        let state = self.hearing(hearing).await?.state().await?;
        let of = state.info.clone().ok_or_else(|| RoomError::UnknownHearing(hearing.clone()))?;
        let roster: Vec<_> = state.seats.values().cloned().collect();
        let (meeting, seats) = court::convene(&roster, &convening)?;
        if meeting.member(by).is_none() {
            return Err(RoomError::NotAMember);
        }
        let id = chance_id()?;
        let dir = self.meetings_dir().join(id.as_str());
        let disk = |cause| RoomError::Disk { path: dir.clone(), cause };
        private_dir(&dir).map_err(disk)?;
        let clock = HearingClock::start_now();
        let homes = seats.iter().filter(|s| roster.iter().any(|r| r.id == s.id));
        let origin = Origin {
            case: of.case.clone(),
            clock: clock.clone(),
            kind: meeting.kind,
            hearing: hearing.clone(),
            homes: homes.map(|s| (s.id.clone(), s.name.clone())).collect(),
        };
        let guests: Vec<_> = seats.iter().filter(|s| !origin.homes.contains_key(&s.id)).cloned().collect();
        write_origin(&dir, &origin).map_err(disk)?;
        let info = HearingInfo {
            hearing: id.clone(),
            room: String::new(),
            public: false,
            origin: clock.utc_ms,
            ..of
        };
        let outline = self.outlines().await?.of_meeting(meeting.kind);
        let report = Report::Convened { info, outline, seats, meeting: Box::new(meeting) };
        self.open_meeting(&id, Some(report)).await?;
        let mut links = Vec::with_capacity(guests.len());
        for guest in guests {
            let code = self.issue_code(scope(&id, &guest.id)).await?;
            links.push(GuestLink { name: guest.name, seat: guest.id, code });
        }
        Ok(Convened { meeting: id, guests: links })
    }

    /// The meetings that somebody at a seat of a hearing is a member of. `since`: when they came to that seat; who came by a link
    /// made after a meeting was convened is let in by its members only.
    pub async fn meetings_of(
        &self,
        hearing: &HearingId,
        seat: &SeatId,
        since: UtcMs,
    ) -> Result<Vec<MeetingOffer>, RoomError> {
        let mut offers = Vec::new();
        for (id, meeting) in self.of_home(hearing, seat, since).await? {
            let state = meeting.handle.state().await?;
            let (kind, since) = (meeting.origin.kind, meeting.origin.clock.utc_ms);
            offers.push(MeetingOffer { meeting: id, kind, since, stage: state.stage });
        }
        offers.sort_by_key(|o| o.since);
        Ok(offers)
    }

    /// A code for a member's way from a seat of the hearing into the meeting; nothing for anybody else. The first session of a seat that
    /// enters holds its place: who made a link to a member's seat for themselves either finds it held, or is found out when the member
    /// does.
    pub async fn enter(
        &self,
        hearing: &HearingId,
        seat: &SeatId,
        session: &SeatSession,
        meeting: &str,
    ) -> Result<Option<Door>, RoomError> {
        let homes = self.of_home(hearing, seat, session.since).await?;
        let Some((id, found)) = homes.into_iter().find(|(id, _)| id.as_str() == meeting) else {
            return Ok(None);
        };
        let _door = found.door.lock().await;
        match found.holder(seat).await? {
            Some(Holder::By(mark)) if mark == session.mark => {}
            Some(Holder::By(_)) => return Ok(Some(Door::Held)),
            Some(Holder::Not(mark)) if mark == session.mark => return Ok(Some(Door::Held)),
            Some(Holder::Not(_)) | None => found.hold(seat, Some(Holder::By(session.mark.clone()))).await?,
        }
        self.issue_code(scope(&id, seat)).await.map(|code| Some(Door::Open(code)))
    }

    /// Ends every session at a seat of a hearing or a meeting, and closes its screens. From where a seat of a meeting was entered it is not
    /// entered again, unless it is let go once more.
    pub async fn evict(&self, hearing: &HearingId, seat: &SeatId) -> Result<(), RoomError> {
        let handle = match self.meeting(hearing).await {
            Some(meeting) => {
                let _door = meeting.door.lock().await;
                let put_out = match meeting.holder(seat).await? {
                    Some(Holder::By(mark)) => Some(Holder::Not(mark)),
                    Some(Holder::Not(_)) | None => None,
                };
                meeting.hold(seat, put_out).await?;
                meeting.handle.clone()
            }
            None => self.hearing(hearing).await?,
        };
        let scope = scope(hearing, seat);
        let store = self.store_of(&scope).await;
        with(store, move |s| s.revoke_scope(&scope, utc_now())).await?;
        Ok(handle.send(crate::Msg::Evict { seat: seat.clone() }).await?)
    }

    async fn of_home(
        &self,
        hearing: &HearingId,
        seat: &SeatId,
        since: UtcMs,
    ) -> Result<Vec<(HearingId, Arc<Meeting>)>, RoomError> {
        let ids: Vec<_> = self.meetings().0.lock().await.keys().cloned().collect();
        let state = self.hearing(hearing).await?.state().await?;
        let name = state.seats.get(seat).map(|s| s.name.clone());
        let mut found = Vec::new();
        for id in ids {
            let Some(meeting) = self.meeting(&id).await else { continue };
            let origin = &meeting.origin;
            let member =
                origin.hearing == *hearing && origin.homes.get(seat) == name.as_ref() && name.is_some();
            if member && since <= origin.clock.utc_ms {
                found.push((id, meeting));
            }
        }
        Ok(found)
    }

    /// Who asks, if their session is for just this seat of just this meeting. The same nothing where there is no such meeting.
    pub async fn member(
        &self,
        meeting: &str,
        seat: &str,
        token: String,
    ) -> Result<Option<Member>, RoomError> {
        let Ok(id) = HearingId::new(meeting) else { return Ok(None) };
        let Some(found) = self.meeting(&id).await else { return Ok(None) };
        let session = with(found.store(), move |s| s.session(&token, utc_now())).await?;
        let Some(record::Session { scope: Scope::Seat { hearing, seat: at }, expires: until, terminal }) =
            session
        else {
            return Ok(None);
        };
        if hearing != id || at.as_str() != seat {
            return Ok(None);
        }
        let Some(role) = found.handle.role(&at).await? else { return Ok(None) };
        let (case, handle, dir) = (found.origin.case.clone(), found.handle.clone(), found.dir.clone());
        Ok(Some(Member { meeting: id, seat: at, role, case, handle, dir, until, terminal }))
    }

    async fn open_meeting(&self, id: &HearingId, opening: Option<Report>) -> Result<Arc<Meeting>, RoomError> {
        let dir = self.meetings_dir().join(id.as_str());
        let at = dir.clone();
        let name = signer_name(id);
        let opened = tokio::task::spawn_blocking(move || -> Result<_, RoomError> {
            let disk = |cause| RoomError::Disk { path: at.join(ORIGIN), cause };
            let json = std::fs::read(at.join(ORIGIN)).map_err(disk)?;
            let origin: Origin = serde_json::from_slice(&json).map_err(|e| disk(std::io::Error::other(e)))?;
            let store = Store::open(&at.join("members.sqlite"))?;
            let signer = Key::load_or_create(&at.join("meeting.key"))?.signer(&name)?;
            let config = JournalConfig { quiet: true, ..JournalConfig::new(name, Box::new(signer)) };
            let (journal, recovered) = Journal::open(&at.join("journal"), config)?;
            Ok((origin, store, journal, recovered.into_payloads()))
        });
        let (origin, store, journal, recovered) =
            opened.await.map_err(|e| RoomError::Broken(e.to_string()))??;
        let recorded = self.deliberation().filter(|_| may_be_heard(&recovered));
        let run_dir = dir.join("run");
        let companions = recorded.map(|d| d.companions.start(run_dir.clone()));
        let sockets = recorded.map(|_| (run_dir.join("recorder.sock"), run_dir.join("recogniser.sock")));
        let handle = Handle::start(HearingSetup {
            hearing: id.clone(),
            case: origin.case.clone(),
            journal,
            recovered,
            opening,
            clock: HearingClock::new(origin.clock.clone()),
            pages: self.pages(),
            media_dir: media_dir(&dir),
            inputs: recorded.map(|d| d.inputs.clone()).unwrap_or_default(),
            sockets,
            companions,
            rehearsal: None,
            secret: true,
        })?;
        handle.status().await?;
        let meeting =
            Arc::new(Meeting { handle, store: Arc::new(store), dir, origin, door: Mutex::default() });
        self.meetings().0.lock().await.insert(id.clone(), Arc::clone(&meeting));
        Ok(meeting)
    }
}

/// Whether something is still to be recorded, or to be closed by the recorder.
fn may_be_heard(recovered: &[(u64, Vec<u8>)]) -> bool {
    let events: Vec<_> = recovered.iter().filter_map(|(_, p)| crate::commit::event_of(p).ok()).collect();
    let any = |of: fn(&Event) -> bool| events.iter().any(|s| of(&s.event));
    let closed = any(|e| matches!(e, Event::SessionClosed));
    let recorded = any(|e| matches!(e, Event::FragmentWritten(_)));
    !closed || (recorded && !any(|e| matches!(e, Event::MediaSealed)))
}

/// Where the store of a meeting keeps which session of the hearing a seat was entered from.
fn holder_of(seat: &SeatId) -> String {
    format!("holder/{seat}")
}

fn scope(meeting: &HearingId, seat: &SeatId) -> Scope {
    Scope::Seat { hearing: meeting.clone(), seat: seat.clone() }
}

/// 120 bits of chance: an id that nobody guesses and that tells nothing of the case.
fn chance_id() -> Result<HearingId, RoomError> {
    let mut bytes = [0; 15];
    getrandom::fill(&mut bytes).map_err(|e| RoomError::Broken(e.to_string()))?;
    let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    HearingId::new(text).map_err(|e| RoomError::Broken(e.to_string()))
}

/// For the hub's user alone.
fn private_dir(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write_origin(dir: &Path, origin: &Origin) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    serde_json::to_writer(&mut file, origin)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(ORIGIN))?;
    std::fs::File::open(dir)?.sync_all()
}
