//! 终端登记: the administration adds a terminal and hands out its code; the terminal trades the code and a certificate request for its
//! certificate.

use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::IntoResponse;
use hub::{Audited, Repeats};
use media::clock::utc_now;
use model::shown;
use record::{NewTerminal, StoreError, Terminal};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Refusal, Shared};
use crate::access::Asker;
use crate::officer::Officer;
use crate::rights::Demand;
use crate::terminals::{EnrolError, enrol as certify};

/// Longest field of the form.
const FIELD_BYTES_MAX: usize = 16 << 10;

/// The schema of the form that [`enrol`] takes.
pub(super) fn form(_: &mut protocol::schema::Schemas) -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "description": "The code of the terminal, in letters of any case.", "type": "string" },
            "request": { "description": "A certificate request (PKCS #10, PEM).", "type": "string" },
        },
        "required": ["code", "request"],
    })
}

/// `POST /enrol`.
pub(super) async fn enrol(
    State(services): Shared,
    mut form: Multipart,
) -> Result<Response<axum::body::Body>, Refusal> {
    let broken =
        |e: axum::extract::multipart::MultipartError| Refusal::bad(format!("the form broke off: {e}"));
    let (mut code, mut request) = (String::new(), String::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let text = field.text().await.map_err(broken)?;
        if text.len() > FIELD_BYTES_MAX {
            return Err(Refusal::bad(
                "a field is longer than 16 KiB; send the code and the certificate request",
            ));
        }
        match name.as_str() {
            "code" => code = text,
            "request" => request = text,
            _ => {}
        }
    }
    let authority = services.terminals.clone().ok_or_else(|| {
        Refusal::new(
            StatusCode::CONFLICT,
            "terminals are enrolled over TLS; give [server] listen an address of the network",
        )
    })?;
    let of = code.clone();
    if let Ok(terminal) = services.room.with_store(move |s| s.terminal_for(&of, utc_now())).await {
        let (what, hearing) = (said(&terminal.name, &terminal.seats), String::new());
        let act = "enrol".to_owned();
        let audited = Audited { hearing, who: terminal.id.clone(), act, what, terminal: terminal.id };
        services.room.note_act(None, audited, Repeats::Each).await?;
    }
    let made = services.room.with_store(move |s| Ok(certify(s, &authority, &code, &request))).await?;
    let certificate = made.map_err(|e| match e {
        EnrolError::Store(StoreError::BadCode) => Refusal::new(
            StatusCode::FORBIDDEN,
            "this code enrols no terminal: it is wrong, used, or older than a day; the administration gives a new one under Terminals",
        ),
        EnrolError::Store(error) => hub::RoomError::from(error).into(),
        EnrolError::Request(_) => Refusal::bad(e.to_string()),
    })?;
    // The certificate before may have been replaced.
    services.live.end_dead(&services.room).await?;
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], certificate).into_response())
}

/// The terminals, and what the house demands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    /// All of them, the revoked ones last.
    terminals: Vec<Terminal>,
    /// Who must sit at one: `nobody`, `court`, `everybody`.
    demand: &'static str,
    /// Whether any can be enrolled here: only with TLS.
    possible: bool,
}

pub(super) async fn list(State(services): Shared) -> Result<Json<Listed>, Refusal> {
    let demand = match services.demand {
        Demand::Nobody => "nobody",
        Demand::Court => "court",
        Demand::Everybody => "everybody",
    };
    let terminals = services.room.with_store(|s| s.terminals()).await?;
    Ok(Json(Listed { terminals, demand, possible: services.terminals.is_some() }))
}

/// What the terminal is enrolled with.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ticket {
    /// The terminal.
    id: String,
    /// Good once, within a day.
    code: String,
    /// The address of this house.
    house: String,
    /// SHA-256 of the certificate that the house shows; nothing without TLS.
    certificate: Option<String>,
}

fn ticket(services: &super::Services, headers: &HeaderMap, id: String, code: String) -> Json<Ticket> {
    let house = services.base(headers.get(header::HOST));
    let certificate = services.terminals.as_ref().map(|a| a.house());
    Json(Ticket { id, code, house, certificate })
}

pub(super) async fn add(
    State(services): Shared,
    officer: Officer,
    asker: Asker,
    headers: HeaderMap,
    Json(new): Json<NewTerminal>,
) -> Result<(StatusCode, Json<Ticket>), Refusal> {
    let audited = Audited {
        hearing: String::new(),
        who: officer.name,
        act: "addTerminal".to_owned(),
        what: said(&new.name, &new.seats),
        terminal: asker.computer.name(),
    };
    services.room.note_act(None, audited, Repeats::Each).await?;
    let room = services.room.name().to_owned();
    let added = services.room.with_store(move |s| s.add_terminal(&new, &room, utc_now())).await?;
    Ok((StatusCode::CREATED, ticket(&services, &headers, added.0.id, added.1)))
}

/// A terminal, in the audit journal.
fn said<S: std::fmt::Display>(name: &str, seats: &[S]) -> String {
    let seats: Vec<_> = seats.iter().map(ToString::to_string).collect();
    shown(
        &format!("{name}: {}", if seats.is_empty() { "every seat".to_owned() } else { seats.join(" ") }),
        200,
    )
}

pub(super) async fn renew(
    State(services): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Ticket>, Refusal> {
    let of = id.clone();
    let code = services.room.with_store(move |s| s.renew_terminal(&of, utc_now())).await?;
    Ok(ticket(&services, &headers, id, code))
}

pub(super) async fn revoke(State(services): Shared, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    services.room.with_store(move |s| s.revoke_terminal(&id, utc_now())).await?;
    services.live.end_dead(&services.room).await?;
    Ok(StatusCode::NO_CONTENT)
}
