//! Every address with its right. A handler is reached past [`permits`] and the audit journal, or not at all: it gets the seat or the officer
//! from this gate and has no other way to ask who is there.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{Method, Response};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, on};
use hub::{Audited, Repeats};
use model::HearingId;

use super::replay::Reader;
use super::{About, AtSeat, Refusal, Services};
use crate::access::Asker;
use crate::officer::Officer;
use crate::rights::{Act, Right};

/// An address of the server.
#[derive(Debug, Clone)]
pub struct Door {
    /// GET, POST, DELETE.
    pub method: Method,
    /// Its pattern, e.g. `/h/{hearing}/{seat}/api/check`.
    pub path: String,
    /// What it takes.
    pub right: Right,
    /// What is said about it.
    pub about: About,
}

/// Builds the routes below a common beginning, and the list of them.
pub(super) struct Doors {
    services: Arc<Services>,
    base: &'static str,
    router: Router<Arc<Services>>,
    list: Vec<Door>,
}

impl Doors {
    pub(super) fn below(services: &Arc<Services>, base: &'static str) -> Self {
        Self { services: Arc::clone(services), base, router: Router::new(), list: Vec::new() }
    }

    pub(super) fn open<H: Handler<T, Arc<Services>>, T: 'static>(
        self,
        method: Method,
        path: &str,
        handler: H,
        about: About,
    ) -> Self {
        self.door((method, path, Right::Open, about), None, handler)
    }

    pub(super) fn at<H: Handler<T, Arc<Services>>, T: 'static>(
        self,
        method: Method,
        path: &str,
        right: Right,
        handler: H,
        about: About,
    ) -> Self {
        self.door((method, path, right, about), None, handler)
    }

    /// With a body of up to so many bytes.
    pub(super) fn taking<H: Handler<T, Arc<Services>>, T: 'static>(
        self,
        bytes_max: usize,
        method: Method,
        path: &str,
        right: Right,
        handler: H,
        about: About,
    ) -> Self {
        self.door((method, path, right, about), Some(bytes_max), handler)
    }

    fn door<H: Handler<T, Arc<Services>>, T: 'static>(
        mut self,
        (method, path, right, about): (Method, &str, Right, About),
        bytes_max: Option<usize>,
        handler: H,
    ) -> Self {
        let filter = match method {
            Method::POST => MethodFilter::POST,
            Method::DELETE => MethodFilter::DELETE,
            Method::PUT => MethodFilter::PUT,
            _ => MethodFilter::GET,
        };
        let mut route = on(filter, handler);
        if let Some(bytes) = bytes_max {
            route = route.layer(axum::extract::DefaultBodyLimit::max(bytes));
        }
        let gate = Gate { services: Arc::clone(&self.services), right };
        let guarded = route.route_layer(middleware::from_fn_with_state(gate, pass));
        self.router = self.router.route(path, guarded);
        self.list.push(Door { method, path: format!("{}{path}", self.base), right, about });
        self
    }

    pub(super) fn done(self) -> (Router<Arc<Services>>, Vec<Door>) {
        (self.router, self.list)
    }
}

#[derive(Clone)]
struct Gate {
    services: Arc<Services>,
    right: Right,
}

async fn pass(
    axum::extract::State(gate): axum::extract::State<Gate>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response<Body> {
    match gate.let_in(&params, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

impl Gate {
    async fn let_in(&self, params: &RawPathParams, mut request: Request) -> Result<Request, Refusal> {
        let param = |name: &str| params.iter().find(|(k, _)| *k == name).map_or("", |(_, v)| v);
        let asker = request.extensions().get::<Asker>().cloned().unwrap_or_default();
        match self.right {
            Right::Open => {}
            Right::Seat(act) => {
                let at = self.services.at_seat(&asker, param("hearing"), param("seat")).await?;
                at.may(act)?;
                let what = what(act, params, &request);
                self.services.note(&at, act, &what, repeats(request.method())).await?;
                request.extensions_mut().insert(at);
            }
            Right::Replay => {
                let reader = self.services.reader(&asker, param("hearing")).await?;
                let what = what_of_replay(params, &request);
                self.services.note_replay(&asker, &reader, what).await?;
                request.extensions_mut().insert(reader);
            }
            Right::Office(duty) => {
                let officer = self.services.officer(&asker, duty).await?;
                if duty.is_audited() || request.method() != Method::GET {
                    let method = request.method().clone();
                    let what = format!(
                        "{method} {}",
                        self.address(param("hearing"), request.uri().path().to_owned()).await
                    );
                    self.services
                        .note_office(&asker, &officer, duty, what, repeats(request.method()))
                        .await?;
                }
                request.extensions_mut().insert(officer);
            }
        }
        Ok(request)
    }

    /// An address of the office, as it is noted: what is no hearing is not named, since it may be a meeting that nobody here knows of.
    async fn address(&self, hearing: &str, path: String) -> String {
        let known = match HearingId::new(hearing) {
            Ok(id) => self.services.room.hearing(&id).await.is_ok(),
            Err(_) => false,
        };
        if hearing.is_empty() || known { path } else { "no hearing".to_owned() }
    }
}

/// What an act is about: the rest of the address; of a recording its track, since it is fetched in many pieces.
fn what(act: Act, params: &RawPathParams, request: &Request) -> String {
    if act == Act::Watch { track(params) } else { rest(request) }
}

/// The same of a replay.
fn what_of_replay(params: &RawPathParams, request: &Request) -> String {
    let media = request.uri().path().contains("/media/");
    if media { track(params) } else { rest(request) }
}

/// The address below the seat or the replay: the router has taken what leads there.
fn rest(request: &Request) -> String {
    format!("{} {}", request.method(), request.uri().path().trim_start_matches('/'))
}

/// What reads may be noted once for several times; what changes something never.
fn repeats(method: &Method) -> Repeats {
    if *method == Method::GET { Repeats::Folded } else { Repeats::Each }
}

/// The recording is fetched in many pieces: what is noted is the track.
fn track(params: &RawPathParams) -> String {
    let track = params.iter().find(|(k, _)| *k == "track").map_or("master", |(_, v)| v);
    format!("recording {track}")
}

impl Services {
    async fn note_replay(&self, asker: &Asker, reader: &Reader, what: String) -> Result<(), Refusal> {
        let (hearing, who) = (reader.hearing.to_string(), reader.by.clone());
        let (act, terminal) = ("replay".to_owned(), asker.computer.name());
        let audited = Audited { hearing, who, act, what, terminal };
        Ok(self.room.note_act(None, audited, Repeats::Folded).await?)
    }

    /// Notes an act at a seat, where such acts are noted; what cannot be noted is refused.
    pub(crate) async fn note(
        &self,
        at: &AtSeat,
        act: Act,
        what: &str,
        repeats: Repeats,
    ) -> Result<(), Refusal> {
        if !act.is_audited() {
            return Ok(());
        }
        let audited = Audited {
            hearing: at.hearing.to_string(),
            who: at.seat.to_string(),
            act: act.name().to_owned(),
            what: what.to_owned(),
            terminal: at.computer.name(),
        };
        let meeting = at.meeting.then_some((at.dir.as_path(), &at.hearing));
        Ok(self.room.note_act(meeting, audited, repeats).await?)
    }

    pub(crate) async fn note_office(
        &self,
        asker: &Asker,
        officer: &Officer,
        duty: crate::rights::Duty,
        what: String,
        repeats: Repeats,
    ) -> Result<(), Refusal> {
        let (hearing, who, act) = (String::new(), officer.name.clone(), duty.name().to_owned());
        let terminal = asker.computer.name();
        Ok(self.room.note_act(None, Audited { hearing, who, act, what, terminal }, repeats).await?)
    }
}

/// What the gate left; a handler behind no gate gets nothing.
fn left<T: Clone + Send + Sync + 'static>(parts: &Parts) -> Result<T, Refusal> {
    let found = parts.extensions.get::<T>().cloned();
    found.ok_or_else(|| Refusal::internal("this address has no gate; tell the maker of Huiting"))
}

impl FromRequestParts<Arc<Services>> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Services>) -> Result<Self, Refusal> {
        left(parts)
    }
}

impl FromRequestParts<Arc<Services>> for AtSeat {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Services>) -> Result<Self, Refusal> {
        left(parts)
    }
}

impl FromRequestParts<Arc<Services>> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Services>) -> Result<Self, Refusal> {
        left(parts)
    }
}

impl FromRequestParts<Arc<Services>> for Officer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Services>) -> Result<Self, Refusal> {
        left(parts)
    }
}
