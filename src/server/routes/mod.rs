//! The routes. Each handler authorises first, asks the hub or the dossier, and answers; no rule of the court lives here.

mod accounts;
mod admin;
mod archive;
mod dossier;
mod filing;
mod indicators;
mod media;
mod meetings;
mod papers;
mod scans;
mod seat;
mod statutes;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use hub::{Handle, Room, SeatSession};

use model::{CaseId, HearingId, Role, SeatId};
pub use papers::TemplateSource;
use protocol::check::CheckItem;
use record::StoreError;
use tokio::sync::Mutex;

use crate::metrics::Metrics;
use crate::{access, web};

/// Largest body of a request that carries no file.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Largest upload: a scanned dossier of a thousand pages.
const UPLOAD_BYTES_MAX: usize = 2 << 30;
/// Longest refusal of the framework.
const SENTENCE_BYTES_MAX: usize = 4 << 10;
/// Largest case list.
const LIST_BYTES_MAX: usize = 32 << 20;

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
            E::Busy(_) | E::Store(StoreError::Exists { .. }) => StatusCode::CONFLICT,
            E::Convene(_) | E::NotAMember => StatusCode::BAD_REQUEST,
            E::Seats(_) | E::UnknownProcedure { .. } | E::NotClosed(_) | E::List(_) => {
                StatusCode::BAD_REQUEST
            }
            E::Store(StoreError::BadLogin) => StatusCode::UNAUTHORIZED,
            E::Store(StoreError::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
            E::Store(StoreError::Unfit(_)) => StatusCode::BAD_REQUEST,
            E::Store(StoreError::Unknown { .. }) => StatusCode::NOT_FOUND,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let body = serde_json::json!({ "sentence": self.sentence });
        (self.status, axum::Json(body)).into_response()
    }
}

/// A seat with a valid session.
pub(crate) struct AtSeat {
    pub(crate) hearing: HearingId,
    pub(crate) seat: SeatId,
    pub(crate) handle: Handle,
    pub(crate) case: CaseId,
    pub(crate) role: Role,
    /// The session; none in a meeting.
    pub(crate) session: Option<SeatSession>,
    /// The folder of the hearing.
    pub(crate) dir: PathBuf,
    /// It is a meeting of its members: nothing of it leaves its folder but to them.
    pub(crate) meeting: bool,
}

impl AtSeat {
    /// Bench or clerk.
    pub(crate) fn works(&self) -> Result<(), Refusal> {
        match self.role.side() {
            model::Side::Bench | model::Side::Clerk => Ok(()),
            _ => Err(Refusal::not_yours()),
        }
    }

    /// Who presides, or keeps the record.
    pub(crate) fn leads(&self) -> Result<(), Refusal> {
        match self.role {
            Role::PresidingJudge | Role::Clerk => Ok(()),
            _ => Err(Refusal::not_yours()),
        }
    }

    /// Not in a meeting: what would take something out of it, or has no sense there.
    pub(crate) fn hearing_only(&self) -> Result<(), Refusal> {
        if self.meeting { Err(Refusal::not_yours()) } else { Ok(()) }
    }

    /// Anybody but the gallery and witnesses.
    pub(crate) fn desk(&self) -> Result<(), Refusal> {
        match self.role.side() {
            model::Side::Public | model::Side::Witness => Err(Refusal::not_yours()),
            _ => Ok(()),
        }
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
            return Ok(AtSeat { hearing, seat, handle, case, role, session: None, dir, meeting: true });
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

pub(crate) fn router(services: Arc<Services>) -> Router {
    let seat = Router::new()
        .route("/", get(seat::page))
        .route("/join", get(seat::join))
        .route("/ws", get(seat::socket))
        .route("/api/session", get(seat::session))
        .route("/api/check", get(seat::check))
        .route("/api/seats/{other}/code", post(seat::code))
        .route("/api/seats/{other}/evict", post(seat::evict))
        .route("/api/dossier", get(dossier::catalogue).post(dossier::upload).layer(files()))
        .route("/api/pages/{doc}/{page}", get(dossier::page))
        .route("/api/pages/{doc}/{page}/image", get(dossier::image))
        .route("/api/statutes", get(statutes::find))
        .route("/api/statutes/{law}/{version}/{article}", get(statutes::article))
        .route("/api/meetings", get(meetings::offers).post(meetings::convene))
        .route("/api/meetings/{meeting}/enter", post(meetings::enter))
        .route("/api/scans", post(scans::keep).layer(DefaultBodyLimit::max(scans::SCAN_BYTES_MAX)))
        .route("/api/scans/{sha256}", get(scans::scan))
        .route("/api/papers", get(papers::menu))
        .route("/api/papers/{name}/file", post(filing::file_paper))
        .route("/api/stills", get(media::cameras))
        .route("/api/stills/{track}", get(media::still))
        .route("/package.zip", get(papers::package_zip))
        .route("/api/package", get(papers::package_state).post(papers::write_package))
        .route("/papers/{name}", get(papers::paper))
        .route("/media/master.m3u8", get(media::master))
        .route("/media/{track}/{file}", get(media::file));
    let admin = Router::new()
        .route("/", get(admin::page))
        .route("/join", get(admin::join))
        .route("/api/cases", get(admin::cases).post(admin::create_case))
        .route("/api/cases/{case}/dossier", get(admin::dossier).post(admin::upload).layer(files()))
        .route("/api/cases/{case}/secondary", post(filing::upload_secondary).layer(files()))
        .route("/api/cases/{case}/file", get(archive::file))
        .route("/api/cases/{case}/pieces/{doc}", post(filing::refile))
        .route("/api/cases/{case}/archive", get(archive::archive_state).post(archive::archive))
        .route("/api/cases/{case}/print/{which}", get(archive::print))
        .route("/api/import", post(filing::import).layer(DefaultBodyLimit::max(LIST_BYTES_MAX)))
        .route("/api/schedule", get(filing::schedule))
        .route("/api/indicators", get(indicators::figures))
        .route("/api/indicators.csv", get(indicators::csv))
        .route("/api/login", post(accounts::login))
        .route("/api/logout", post(accounts::logout))
        .route("/api/me", get(accounts::me))
        .route("/api/logins", get(accounts::logins))
        .route("/api/accounts", get(accounts::list).post(accounts::create))
        .route("/api/accounts/{name}/password", post(accounts::password))
        .route("/api/accounts/{name}/closed", post(accounts::close))
        .route("/api/rooms", get(accounts::rooms).post(accounts::add_room).delete(accounts::remove_room))
        .route("/api/code", post(admin::own_code))
        .route("/api/outlines", get(admin::outlines))
        .route("/api/hearings", get(admin::hearings).post(admin::open_hearing))
        .route("/api/hearings/{hearing}/seats/{seat}/code", post(admin::code));
    Router::new()
        .route("/", get(|| async { axum::response::Redirect::temporary("/admin/") }))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(metrics))
        .route("/assets/{*path}", get(asset))
        .route("/favicon.svg", get(favicon))
        .nest("/h/{hearing}/{seat}", seat)
        // Nested routers do not answer the folder itself with its slash.
        .route("/h/{hearing}/{seat}/", get(seat::page))
        .nest("/admin", admin)
        .route("/admin/", get(admin::page))
        .fallback(|| async { Refusal::not_found("this address") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this address is not asked in that way")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&services), guard))
        .with_state(services)
}

/// Bodies of uploads, which are streamed to the disk once the asker is known.
fn files() -> DefaultBodyLimit {
    DefaultBodyLimit::max(UPLOAD_BYTES_MAX)
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
