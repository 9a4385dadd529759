//! `docs/openapi.json`: every address as OpenAPI 3.1, from the list that also builds the routes and their gates.

use std::collections::BTreeMap;

use axum::http::Method;
use model::{CaseId, Day, DocId, HearingId, SeatId, TrackId, ViewClass};
use protocol::schema::Schemas;
use serde_json::{Map, Value, json};

use crate::access::COOKIE;
use crate::rights::Right;
use crate::routes::{Answer, Content, Door, Of, Refused, Sent};

const ABOUT: &str = "The addresses of a courtroom: those of a seat, below the path of its link, those of a replay, and those of the administration. Who may use \
    which is in docs/access.md, the rules are in docs/protocol.md, and what goes over the WebSocket in docs/asyncapi.json. A request of a page \
    of another site is refused with 403 wherever it could change something (R-WS-2); a body of more than 1 MiB with 413, but for files and lists. A schema \
    whose name ends in `Asked` is that of a type as it may be asked, where that differs from how it is answered.";

/// What the places of paths are, wherever they stand; `None` for a schema that is a plain text.
const PLACES: [(&str, Option<Of>, &str); 16] = [
    ("hearing", Some(Schemas::read::<HearingId>), "The hearing, or the meeting."),
    ("seat", Some(Schemas::read::<SeatId>), "The seat."),
    ("other", Some(Schemas::read::<SeatId>), "Another seat of the hearing."),
    ("meeting", Some(Schemas::read::<HearingId>), "The meeting."),
    ("case", Some(Schemas::read::<CaseId>), "The case."),
    ("doc", Some(Schemas::read::<DocId>), "The document."),
    ("page", Some(Schemas::read::<u32>), "The page, from 1."),
    ("class", Some(Schemas::read::<ViewClass>), "The view class."),
    ("track", Some(Schemas::read::<TrackId>), "The track."),
    ("version", Some(Schemas::read::<Day>), "The day of the law's version."),
    ("law", None, "The law's id, as a search gives it."),
    ("article", None, "The article as a key: `577`, `120-1`."),
    ("sha256", None, "SHA-256 (hex) of the scan."),
    ("line", None, "`line-12.zip` for line 12."),
    ("file", None, "`playlist.m3u8`, or a file that it names."),
    ("path", None, "A file of the screens."),
];

/// Places whose handlers say what is wrong with them.
const PARSED: [&str; 6] = ["other", "case", "doc", "page", "track", "version"];

/// The document on `doors`. The error names an address of which something is not said.
pub fn openapi(doors: &[Door]) -> Result<Value, String> {
    let mut schemas = Schemas::default();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for door in doors {
        let operation = operation(door, &mut schemas)?;
        // A wildcard has no name of its own kind there.
        let path = door.path.replace("{*", "{");
        paths.entry(path).or_default().insert(door.method.as_str().to_lowercase(), operation);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Huiting (慧庭): HTTP",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{
            "url": "https://{host}",
            "description": "The machine in the courtroom.",
            "variables": { "host": { "default": "localhost:8480", "description": "Its name and port, as in the seat's link." } },
        }],
        "tags": [
            { "name": "house", "description": "For anybody." },
            { "name": "seat", "description": "Of a seat of a hearing or a meeting." },
            { "name": "replay", "description": "Of a hearing that is over." },
            { "name": "administration", "description": "Of the administration." },
        ],
        "paths": paths,
        "components": { "securitySchemes": {
            "seat": cookie("The session of a seat, given for the code of its link (R-JOIN-1)."),
            "replay": cookie("The session of a replay, given for the code of its link."),
            "administration": cookie("The session of an account, or of a link to the administration."),
        } },
    });
    schemas.put_into(&mut document);
    Ok(document)
}

fn cookie(description: &str) -> Value {
    json!({ "type": "apiKey", "in": "cookie", "name": COOKIE, "description": description })
}

fn operation(door: &Door, schemas: &mut Schemas) -> Result<Value, String> {
    let about = &door.about;
    let said = |what: &str| format!("{} {} says no {what}", door.method, door.path);
    if about.summary.is_empty() {
        return Err(said("summary"));
    }
    if about.answers.is_empty() {
        return Err(said("answer"));
    }
    let mut parameters = Vec::new();
    for name in places(&door.path) {
        let own = about.places.iter().find(|(n, _)| *n == name).map(|(_, what)| (None, *what));
        let common = || PLACES.iter().find(|(n, ..)| *n == name).map(|(_, of, what)| (*of, *what));
        let (of, what) = own.or_else(common).ok_or_else(|| said(&format!("what {{{name}}} is")))?;
        let schema = of.map_or_else(|| json!({ "type": "string" }), |of| of(schemas));
        parameters.push(
            json!({ "name": name, "in": "path", "required": true, "description": what, "schema": schema }),
        );
    }
    if let Some(of) = about.query {
        parameters.extend(query(&of(schemas)).ok_or_else(|| said("what a field of its query is"))?);
    }
    let mut operation = json!({
        "summary": about.summary,
        "description": takes(door),
        "tags": [tag(door)],
        "parameters": parameters,
        "responses": responses(door, schemas),
        "security": security(door),
    });
    if let Some(body) = &about.body {
        operation["requestBody"] = request_body(body, schemas);
    }
    Ok(operation)
}

/// The names in `{…}` of a path, in order.
fn places(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(|name| name.trim_start_matches('*'))
}

fn tag(door: &Door) -> &'static str {
    match door.path.split('/').nth(1) {
        Some("h") => "seat",
        Some("replay") => "replay",
        Some("admin") => "administration",
        _ => "house",
    }
}

fn takes(door: &Door) -> String {
    match door.right {
        Right::Open => "Takes nothing.".to_owned(),
        Right::Seat(act) => format!("Takes a session of the seat, and `{}`.", act.name()),
        Right::Replay => "Takes a session to play this hearing back.".to_owned(),
        Right::Office(duty) => format!("Takes a session of the administration, and `{}`.", duty.name()),
    }
}

fn security(door: &Door) -> Value {
    match door.right {
        Right::Open => json!([]),
        Right::Seat(_) => json!([{ "seat": [] }]),
        Right::Replay => json!([{ "replay": [] }]),
        Right::Office(_) => json!([{ "administration": [] }]),
    }
}

/// The fields of a schema as parameters, if each says what it is; what may be left out is never `null` in an address.
fn query(schema: &Value) -> Option<Vec<Value>> {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let field = |(name, schema): (&String, &Value)| {
        let mut schema = without_null(schema);
        let description = schema.as_object_mut()?.remove("description")?;
        Some(json!({
            "name": name,
            "in": "query",
            "required": required.iter().any(|r| *r == name),
            "description": description,
            "schema": schema,
        }))
    };
    schema["properties"].as_object()?.iter().map(field).collect()
}

fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(fields) = schema.as_object_mut() {
        if let Some(Value::Array(types)) = fields.get("type") {
            let left = types.iter().find(|t| *t != "null").cloned();
            fields.extend(left.map(|t| ("type".to_owned(), t)));
        }
        if let Some(Value::Array(any)) = fields.remove("anyOf") {
            let left = any.into_iter().find(|s| s["type"] != "null");
            fields.extend(left.and_then(|s| s.as_object().cloned()).unwrap_or_default());
        }
        if fields.get("default") == Some(&Value::Null) {
            fields.remove("default");
        }
    }
    schema
}

fn request_body(body: &Sent, schemas: &mut Schemas) -> Value {
    let of = |of: &Of, schemas: &mut Schemas| json!({ "schema": of(schemas) });
    let (required, content) = match body {
        Sent::Json { of: schema, required } => {
            (*required, json!({ "application/json": of(schema, schemas) }))
        }
        Sent::JsonOrTable { of: schema } => (
            true,
            json!({ "application/json": of(schema, schemas), "text/csv": { "schema": { "type": "string" } } }),
        ),
        Sent::Form { of: schema } => (true, json!({ "multipart/form-data": of(schema, schemas) })),
        Sent::File { types } => (true, files(types)),
    };
    json!({ "required": required, "content": content })
}

/// A file is bytes of its type, and has no schema.
fn files(types: &[&str]) -> Value {
    types.iter().map(|t| ((*t).to_owned(), json!({}))).collect::<Map<_, _>>().into()
}

/// Those of the address itself, and what everybody may meet at an address with such a right and such a body.
fn responses(door: &Door, schemas: &mut Schemas) -> Value {
    let about = &door.about;
    let mut all = Map::new();
    let refused = schemas.written::<Refused>();
    for status in refusals(door) {
        let response = json!({
            "description": phrase(status),
            "content": { "application/json": { "schema": refused } },
        });
        all.insert(status.to_string(), response);
    }
    for status in &about.pages {
        let page = json!({ "description": phrase(*status), "content": files(&["text/html"]) });
        all.insert(status.to_string(), page);
    }
    for Answer { status, content } in &about.answers {
        let mut answer = json!({ "description": phrase(*status) });
        match content {
            Content::Nothing => {}
            Content::Json(of) => answer["content"] = json!({ "application/json": { "schema": of(schemas) } }),
            Content::File(types) => answer["content"] = files(types),
        }
        all.insert(status.to_string(), answer);
    }
    all.into()
}

fn refusals(door: &Door) -> Vec<u16> {
    let about = &door.about;
    let mut all = about.refusals.clone();
    if door.right != Right::Open {
        all.extend([401, 403, 500, 503]);
    }
    if door.method != Method::GET {
        all.push(403);
    }
    // An id that is none is not understood; that of the gate's own hearing and seat opens nothing.
    if about.query.is_some() || places(&door.path).any(|name| PARSED.contains(&name)) {
        all.push(400);
    }
    match &about.body {
        Some(Sent::Json { .. }) => all.extend([400, 413, 415, 422]),
        Some(Sent::JsonOrTable { .. } | Sent::File { .. }) => all.push(413),
        Some(Sent::Form { .. }) => all.extend([400, 413, 422]),
        None => {}
    }
    all
}

fn phrase(status: u16) -> &'static str {
    match status {
        101 => "The WebSocket is open.",
        200 => "Here it is.",
        201 => "Made.",
        202 => "Begun; ask how far it is.",
        204 => "Done.",
        303 | 307 => "Go on there.",
        304 => "As it was.",
        400 => "Not understood.",
        401 => "No session: get a new link, or log in.",
        403 => "Not for this seat or account, or asked by a page of another site.",
        404 => "It is not here.",
        409 => "Not as things stand.",
        413 => "Too long.",
        415 => "Another kind of body is expected.",
        422 => "The body is not what it should be.",
        429 => "Too often: wait.",
        500 => "It failed here.",
        503 => "Come back later.",
        _ => "Refused.",
    }
}
