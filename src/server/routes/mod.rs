//! The routes. A handler stands behind the gate of its address, asks the hub or the dossier, and answers; no rule of the court lives here.

mod about;
mod accounts;
mod admin;
mod archive;
mod directory;
mod doors;
mod dossier;
mod filing;
mod indicators;
mod lines;
mod marks;
mod media;
mod meetings;
mod papers;

mod replay;
mod scans;
mod seat;
mod second_pass;
mod statutes;
mod table;
mod terminals;
mod uploads;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use hub::{Handle, Room, SeatSession};

pub(crate) use about::{About, Answer, Content, Of, Refused, Sent};
pub use doors::Door;
use model::{CaseId, HearingId, Role, SeatId, UtcMs};
pub use papers::TemplateSource;
use protocol::check::CheckItem;
use record::StoreError;
pub use second_pass::SecondListener;
use table::{REPLAY, SEAT, of_replays, of_seats, of_the_house, of_the_office};
use tokio::sync::Mutex;

use crate::access::Asker;
use crate::directory::{Directory, Pending};
use crate::metrics::Metrics;
use crate::rights::{Act, Computer, Demand, Right, Who, permits};
use crate::terminals::{Authority, Live, Peer, Shown};
use crate::{access, web};

/// Largest body of a request that carries no file.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Longest refusal of the framework.
const SENTENCE_BYTES_MAX: usize = 4 << 10;

/// What the check before 开庭 looks at besides the hearing itself; given by the wiring.
pub trait CheckSource: Send + Sync + 'static {
    /// One item each for disk, clock, model and whatever else the machine can tell. Called on a blocking thread.
    fn check(&self) -> Vec<CheckItem>;
}

/// Everything the routes need.
pub struct Services {
    pub(crate) room: Arc<Room>,
    check: Arc<dyn CheckSource>,
    templates: Arc<dyn TemplateSource>,
    secure: bool,
    terminals: Option<Arc<Authority>>,
    demand: Demand,
    pub(crate) live: Live,
    directory: Option<Arc<dyn Directory>>,
    pending: Pending,
    /// Archives ordered since the start.
    archives: Mutex<HashMap<CaseId, archive::ArchiveState>>,
    pub(crate) metrics: Metrics,
    pub(crate) second: Option<Arc<dyn SecondListener>>,
    pub(crate) passes: second_pass::Passes,
}

/// What the services are given besides the room.
pub struct Given {
    /// What the machine says of itself before 开庭.
    pub check: Arc<dyn CheckSource>,
    /// The forms of papers.
    pub templates: Arc<dyn TemplateSource>,
    /// Served with TLS.
    pub secure: bool,
    /// Certifies terminals; only with TLS can one show who it is.
    pub terminals: Option<Arc<Authority>>,
    /// Who must sit at an enrolled terminal.
    pub demand: Demand,
    /// The court's own directory of people, if it has one.
    pub directory: Option<Arc<dyn Directory>>,
    /// What hears a recording again.
    pub second: Option<Arc<dyn SecondListener>>,
}

impl Given {
    /// The shipped forms, plain HTTP, any computer, accounts of the house alone.
    pub fn plain(check: Arc<dyn CheckSource>) -> Self {
        let templates = Arc::new(papers::Shipped);
        let (terminals, demand, directory, second) = (None, Demand::Nobody, None, None);
        Self { check, templates, secure: false, terminals, demand, directory, second }
    }
}

impl Services {
    /// The services of a room.
    pub fn new(room: Arc<Room>, given: Given) -> Arc<Self> {
        let Given { check, templates, secure, terminals, demand, directory, second } = given;
        let (archives, metrics) = (Mutex::default(), Metrics::default());
        let (live, pending) = (Live::default(), Pending::default());
        let own = Self {
            room,
            check,
            templates,
            secure,
            terminals,
            demand,
            live,
            directory,
            pending,
            archives,
            metrics,
            second,
            passes: second_pass::Passes::default(),
        };
        Arc::new(own)
    }

    /// What lets terminals show who they are.
    pub(crate) fn authority(&self) -> Option<&Authority> {
        self.terminals.as_deref()
    }

    /// A terminal that was one is told so, whatever it asks for.
    pub(crate) fn not_revoked(&self, asker: &Asker) -> Result<(), Refusal> {
        match asker.computer {
            Peer::Dead => {
                Metrics::count(&self.metrics.refused);
                Err(Refusal::computer(Computer::Revoked))
            }
            Peer::Unknown | Peer::Terminal(..) => Ok(()),
        }
    }

    /// Whether somebody may sit at this computer.
    pub(crate) fn fits(&self, who: Who, computer: &Peer, seat: Option<&SeatId>) -> Result<(), Refusal> {
        let computer = computer.at(self.room.name(), seat);
        if self.demand.is_met(who, computer) { Ok(()) } else { Err(Refusal::computer(computer)) }
    }

    /// The beginning of every address of this house.
    pub(crate) fn base(&self, host: Option<&HeaderValue>) -> String {
        let host = host.and_then(|h| h.to_str().ok()).unwrap_or("localhost");
        format!("{}://{host}", if self.secure { "https" } else { "http" })
    }
}

/// What somebody is told who sits at a computer of this kind and may not.
pub(crate) fn wrong_computer(computer: Computer) -> (&'static str, &'static str) {
    match computer {
        Computer::Unknown | Computer::Here => (
            "此处只能在本院登记的终端上打开。请换用登记的终端，或请管理员在“终端”中登记这台电脑。",
            "This opens on an enrolled terminal only. Use one, or have this computer enrolled under Terminals.",
        ),
        Computer::Elsewhere => (
            "这台终端登记给了别的席位或法庭。请到所登记的席位使用，或请管理员为这里的席位另行添加终端。",
            "This terminal is enrolled for another seat or courtroom. Use it there, or have it added anew for this one.",
        ),
        Computer::Revoked => (
            "这台终端已被吊销，或其证书已被更换。如需继续使用，请管理员重新添加并登记。",
            "This terminal has been revoked, or its certificate replaced. To use it again, have it added anew and enrolled.",
        ),
    }
}

pub(crate) type Shared = State<Arc<Services>>;

/// A refusal: a status and a sentence, as JSON.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    sentence: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    fn sentence(&self) -> &str {
        &self.sentence
    }

    pub(crate) fn bad(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    pub(crate) fn internal(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, sentence)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} is not here"))
    }

    fn no_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "this seat has no session here; ask the clerk for a new link")
    }

    fn is_no_session(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    fn is_forbidden(&self) -> bool {
        self.status == StatusCode::FORBIDDEN
    }

    pub(crate) fn no_login() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "请登录，或使用管理链接进入")
    }

    /// From a computer of this kind nothing is opened there.
    pub(crate) fn computer(computer: Computer) -> Self {
        Self::new(StatusCode::FORBIDDEN, wrong_computer(computer).0)
    }

    fn not_yours() -> Self {
        Self::new(StatusCode::FORBIDDEN, "this is not open to your seat")
    }
}

impl From<hub::HubError> for Refusal {
    fn from(error: hub::HubError) -> Self {
        let status = match error {
            hub::HubError::UnknownSeat(_) => StatusCode::NOT_FOUND,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.to_string())
    }
}

impl From<hub::RoomError> for Refusal {
    fn from(error: hub::RoomError) -> Self {
        use hub::RoomError as E;
        if let E::Hearing(error) = error {
            return error.into();
        }
        let status = match error {
            E::UnknownCase(_) | E::UnknownHearing(_) => StatusCode::NOT_FOUND,
            E::Busy(_) | E::NotOver(_) | E::Store(StoreError::Exists { .. }) => StatusCode::CONFLICT,
            E::Convene(_) | E::NotAMember => StatusCode::BAD_REQUEST,
            E::Seats(_) | E::UnknownProcedure { .. } | E::NotClosed(_) | E::List(_) => {
                StatusCode::BAD_REQUEST
            }
            E::Store(StoreError::BadLogin) => StatusCode::UNAUTHORIZED,
            E::Store(StoreError::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
            E::Store(StoreError::Unfit(_)) => StatusCode::BAD_REQUEST,
            E::Audit(_) => StatusCode::SERVICE_UNAVAILABLE,
            E::Store(StoreError::Unknown { .. }) => StatusCode::NOT_FOUND,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        (self.status, axum::Json(Refused { sentence: self.sentence })).into_response()
    }
}

/// A seat with a valid session.
#[derive(Clone)]
pub(crate) struct AtSeat {
    pub(crate) hearing: HearingId,
    pub(crate) seat: SeatId,
    pub(crate) handle: Handle,
    pub(crate) case: CaseId,
    pub(crate) role: Role,
    /// The session; none in a meeting.
    pub(crate) session: Option<SeatSession>,
    /// When the session ends.
    pub(crate) until: UtcMs,
    /// The folder of the hearing.
    pub(crate) dir: PathBuf,
    /// It is a meeting of its members: nothing of it leaves its folder but to them.
    pub(crate) meeting: bool,
    /// The computer they sit at.
    pub(crate) computer: Peer,
    fits: (Computer, Demand),
}

impl AtSeat {
    pub(crate) fn who(&self) -> Who {
        Who::Seat { role: self.role, meeting: self.meeting }
    }

    /// Whether this is open to the seat.
    pub(crate) fn may(&self, act: Act) -> Result<(), Refusal> {
        let who = self.who();
        let (computer, demand) = self.fits;
        match permits(who, computer, demand, Right::Seat(act)) {
            true => Ok(()),
            false if demand.is_met(who, computer) => Err(Refusal::not_yours()),
            false => Err(Refusal::computer(computer)),
        }
    }
}

impl Services {
    /// Who asks, if their session is for just this seat of just this hearing.
    pub(crate) async fn at_seat(&self, asker: &Asker, hearing: &str, seat: &str) -> Result<AtSeat, Refusal> {
        let refused = || {
            Metrics::count(&self.metrics.refused);
            Refusal::no_session()
        };
        self.not_revoked(asker)?;
        let token = asker.token.clone().ok_or_else(refused)?;
        let computer = asker.computer.clone();
        if let Some(m) = self.room.member(hearing, seat, token.clone()).await? {
            if !computer.is(m.terminal.as_deref()) {
                return Err(refused());
            }
            let (hearing, seat, case, role) = (m.meeting, m.seat, m.case, m.role);
            let (handle, dir) = (m.handle, m.dir);
            let until = m.until;
            let fits = (computer.at(self.room.name(), Some(&seat)), self.demand);
            return Ok(AtSeat {
                hearing,
                seat,
                handle,
                case,
                role,
                session: None,
                until,
                dir,
                meeting: true,
                computer,
                fits,
            });
        }
        let Some((at, from, session)) = self.room.seat_session(token).await? else {
            return Err(refused());
        };
        if at.as_str() != hearing || from.as_str() != seat || !computer.is(session.terminal.as_deref()) {
            return Err(refused());
        }
        let fits = (computer.at(self.room.name(), Some(&from)), self.demand);
        let handle = self.room.hearing(&at).await?;
        let place = self.room.place(&at, &from).await?;
        let (case, role, dir) = (place.case, place.role, self.room.hearing_dir(&at));
        Ok(AtSeat {
            hearing: at,
            seat: from,
            handle,
            case,
            role,
            until: session.until,
            session: Some(session),
            dir,
            meeting: false,
            computer,
            fits,
        })
    }
}

/// Runs something that may take a while without holding up the other tasks.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Refusal::internal(format!("the work was broken off: {e}")))
}

/// Every address, with what it takes.
pub fn doors(services: &Arc<Services>) -> Vec<Door> {
    [of_the_house(services), of_seats(services), of_replays(services), of_the_office(services)]
        .into_iter()
        .flat_map(|doors| doors.done().1)
        .collect()
}

pub(crate) fn router(services: Arc<Services>) -> Router {
    let (house, _) = of_the_house(&services).done();
    let (seats, _) = of_seats(&services).done();
    let (replays, _) = of_replays(&services).done();
    let (office, _) = of_the_office(&services).done();
    house
        .nest(SEAT, seats)
        .nest(REPLAY, replays)
        .nest("/admin", office)
        .fallback(|| async { Refusal::not_found("this address") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this address is not asked in that way")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&services), guard))
        .with_state(services)
}

/// What the framework refuses by itself it says in plain text: every refusal is JSON with a sentence.
async fn in_json(response: Response<Body>) -> Response<Body> {
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|t| t.to_str().is_ok_and(|t| t.starts_with("text/plain")));
    let status = response.status();
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let said = axum::body::to_bytes(response.into_body(), SENTENCE_BYTES_MAX).await.unwrap_or_default();
    let sentence = match String::from_utf8_lossy(&said).trim() {
        "" => status.canonical_reason().unwrap_or("refused").to_owned(),
        said => said.to_owned(),
    };
    Refusal::new(status, sentence).into_response()
}

/// Before every handler: the origin of what changes something; after it: the headers that bind the browser.
async fn guard(State(services): Shared, mut request: Request, next: Next) -> Response<Body> {
    Metrics::count(&services.metrics.requests);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let upgrade = request.headers().contains_key(header::UPGRADE);
    if (!safe || upgrade) && !access::same_origin(request.headers()) {
        Metrics::count(&services.metrics.refused);
        return Refusal::new(StatusCode::FORBIDDEN, "requests from other pages are refused").into_response();
    }
    let shown = request.extensions().get::<Shown>().copied();
    let mut response = match Peer::of(&services.room, shown).await {
        Ok(computer) => {
            let token = access::token(request.headers());
            request.extensions_mut().insert(Asker { token, computer });
            in_json(next.run(request).await).await
        }
        Err(error) => Refusal::from(error).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self' blob:; \
             style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn metrics(State(services): Shared) -> String {
    services.metrics.text()
}

async fn asset(axum::extract::Path(path): axum::extract::Path<String>) -> Result<Response<Body>, Refusal> {
    web::asset(&format!("assets/{path}")).ok_or_else(|| Refusal::not_found("this file"))
}

async fn favicon() -> Result<Response<Body>, Refusal> {
    web::asset("favicon.svg").ok_or_else(|| Refusal::not_found("the icon"))
}
