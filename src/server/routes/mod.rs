//! The routes. A handler stands behind the gate of its address, asks the hub or the dossier, and answers; no rule of the court lives here.

mod about;
mod accounts;
mod admin;
mod archive;
mod doors;
mod dossier;
mod filing;
mod indicators;
mod media;
mod meetings;
mod papers;
mod replay;
mod scans;
mod seat;
mod statutes;
mod table;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use hub::{Handle, Room, SeatSession};

pub(crate) use about::{About, Answer, Content, Of, Refused, Sent};
pub use doors::Door;
use model::{CaseId, HearingId, Role, SeatId, UtcMs};
pub use papers::TemplateSource;
use protocol::check::CheckItem;
use record::StoreError;
use table::{REPLAY, SEAT, of_replays, of_seats, of_the_house, of_the_office};
use tokio::sync::Mutex;

use crate::metrics::Metrics;
use crate::rights::{Act, Right, Who, permits};
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
    /// Archives ordered since the start.
    archives: Mutex<HashMap<CaseId, archive::ArchiveState>>,
    pub(crate) metrics: Metrics,
}

impl Services {
    /// `secure`: served with TLS. Papers have the shipped forms.
    pub fn new(room: Arc<Room>, check: Arc<dyn CheckSource>, secure: bool) -> Arc<Self> {
        Self::with_templates(room, check, Arc::new(papers::Shipped), secure)
    }

    /// Papers have the forms of `templates`.
    pub fn with_templates(
        room: Arc<Room>,
        check: Arc<dyn CheckSource>,
        templates: Arc<dyn TemplateSource>,
        secure: bool,
    ) -> Arc<Self> {
        let (archives, metrics) = (Mutex::default(), Metrics::default());
        Arc::new(Self { room, check, templates, secure, archives, metrics })
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

    pub(crate) fn no_login() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "请登录，或使用管理链接进入")
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
}

impl AtSeat {
    /// Whether this is open to the seat.
    pub(crate) fn may(&self, act: Act) -> Result<(), Refusal> {
        let who = Who::Seat { role: self.role, meeting: self.meeting };
        if permits(who, Right::Seat(act)) { Ok(()) } else { Err(Refusal::not_yours()) }
    }
}

impl Services {
    /// Who asks, if their session is for just this seat of just this hearing.
    pub(crate) async fn at_seat(
        &self,
        headers: &HeaderMap,
        hearing: &str,
        seat: &str,
    ) -> Result<AtSeat, Refusal> {
        let refused = || {
            Metrics::count(&self.metrics.refused);
            Refusal::no_session()
        };
        let token = access::token(headers).ok_or_else(refused)?;
        if let Some(m) = self.room.member(hearing, seat, token.clone()).await? {
            let (hearing, seat, case, role) = (m.meeting, m.seat, m.case, m.role);
            let (handle, dir) = (m.handle, m.dir);
            let until = m.until;
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
            });
        }
        let Some((at, from, session)) = self.room.seat_session(token).await? else {
            return Err(refused());
        };
        if at.as_str() != hearing || from.as_str() != seat {
            return Err(refused());
        }
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
async fn guard(State(services): Shared, request: Request, next: Next) -> Response<Body> {
    Metrics::count(&services.metrics.requests);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let upgrade = request.headers().contains_key(header::UPGRADE);
    if (!safe || upgrade) && !access::same_origin(request.headers()) {
        Metrics::count(&services.metrics.refused);
        return Refusal::new(StatusCode::FORBIDDEN, "requests from other pages are refused").into_response();
    }
    let mut response = in_json(next.run(request).await).await;
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
