//! `docs/asyncapi.json`: the WebSocket as AsyncAPI 3.0, its schemas from the Rust types and its examples from the golden messages.

use std::collections::BTreeSet;

use court::Command;
use jsonschema::{Draft, Validator};
use protocol::schema::{Schemas, branches, tag};
use protocol::view::Update;
use protocol::wire::{ClientMsg, ServerMsg};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{check_file, golden};

/// Whom a message is from, as it stands before its name in the document: `ephemeral` goes both ways.
#[derive(Clone, Copy)]
enum From {
    Screen,
    Hub,
}

impl From {
    fn key(self, kind: &str) -> String {
        match self {
            Self::Screen => format!("screen.{kind}"),
            Self::Hub => format!("hub.{kind}"),
        }
    }
}

/// What is answered on the connection by which it was asked, and with what.
const ANSWERED: [(&str, &[&str]); 4] = [
    ("hello", &["welcome"]),
    ("command", &["done", "denied"]),
    ("search", &["results"]),
    ("ping", &["pong"]),
];

const ABOUT: &str = "How a program takes a seat in a hearing, keeps up with it and acts, on one WebSocket per screen. The rules stand in \
    docs/protocol.md, the addresses in docs/openapi.json. A client passes over messages, parts and fields it does not know \
    (R-VER-2); the hub refuses them (R-VER-3). A schema whose name ends in `Asked` is that of a type as it may be asked, where that \
    differs from how it is answered.";

fn values<T: Serialize>(messages: &[T]) -> Vec<Value> {
    messages.iter().map(|m| serde_json::to_value(m).expect("messages encode")).collect()
}

/// The golden messages, each under a reference to its schema.
pub(crate) fn golden() -> Vec<(String, Vec<Value>)> {
    let mut all = vec![
        ("#/components/schemas/Update".to_owned(), values(&golden::updates())),
        ("#/components/schemas/Command".to_owned(), values(&golden::commands())),
    ];
    let by_kind = |from: From, messages: Vec<Value>| {
        messages.into_iter().map(move |message| {
            let kind = message["type"].as_str().expect("messages have a type");
            (format!("#/components/messages/{}/payload", from.key(kind)), vec![message])
        })
    };
    all.extend(by_kind(From::Hub, values(&golden::server())));
    all.extend(by_kind(From::Screen, values(&golden::client())));
    all
}

/// The messages of one direction by their keys, with the first golden one of each as its example.
fn messages(from: From, union: &Value, golden: &[Value]) -> Map<String, Value> {
    let message = |payload: &Value| {
        let kind = tag(payload, "type").expect("a message has a type");
        let mut payload = payload.clone();
        let about = payload.as_object_mut().expect("an object").remove("description");
        let first = golden.iter().find(|m| m["type"] == kind);
        let message = json!({
            "name": kind,
            "contentType": "application/json",
            "summary": about.unwrap_or_default(),
            "payload": payload,
            "examples": first.iter().map(|m| json!({ "payload": m })).collect::<Vec<_>>(),
        });
        (from.key(kind), message)
    };
    branches(union).iter().map(message).collect()
}

fn on_channel(keys: &[String]) -> Vec<Value> {
    keys.iter().map(|key| json!({ "$ref": format!("#/channels/seat/messages/{key}") })).collect()
}

/// One operation for each message that is answered, one for those that are not, and one for what the hub says by itself.
fn operations(screen: &Map<String, Value>, hub: &Map<String, Value>) -> Value {
    let channel = json!({ "$ref": "#/channels/seat" });
    let mut all = Map::new();
    for (asked, answers) in ANSWERED {
        let answers: Vec<_> = answers.iter().map(|kind| From::Hub.key(kind)).collect();
        all.insert(
            asked.to_owned(),
            json!({
                "action": "receive",
                "channel": channel,
                "summary": screen[&From::Screen.key(asked)]["summary"],
                "messages": on_channel(&[From::Screen.key(asked)]),
                "reply": { "channel": channel, "messages": on_channel(&answers) },
            }),
        );
    }
    let asked: BTreeSet<_> = ANSWERED.iter().map(|(asked, _)| From::Screen.key(asked)).collect();
    let answers: BTreeSet<_> =
        ANSWERED.iter().flat_map(|(_, all)| all.iter()).map(|kind| From::Hub.key(kind)).collect();
    let rest = |all: &Map<String, Value>, without: &BTreeSet<String>| -> Vec<String> {
        all.keys().filter(|key| !without.contains(*key)).cloned().collect()
    };
    for (name, action, summary, keys) in [
        ("say", "receive", "What has no answer if it is taken.", rest(screen, &asked)),
        ("tell", "send", "What the hub says by itself.", rest(hub, &answers)),
    ] {
        let messages = on_channel(&keys);
        all.insert(
            name.to_owned(),
            json!({ "action": action, "channel": channel, "summary": summary, "messages": messages }),
        );
    }
    Value::Object(all)
}

/// The document.
pub(crate) fn document() -> Value {
    let mut schemas = Schemas::default();
    let screen = messages(From::Screen, &schemas.read_whole::<ClientMsg>(), &values(&golden::client()));
    let hub = messages(From::Hub, &schemas.written_whole::<ServerMsg>(), &values(&golden::server()));
    let operations = operations(&screen, &hub);
    let all: Map<_, _> = screen.into_iter().chain(hub).collect();
    let on_channel: Map<_, _> = all
        .keys()
        .map(|key| (key.clone(), json!({ "$ref": format!("#/components/messages/{key}") })))
        .collect();
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Huiting (慧庭): the WebSocket of a seat",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "hub": {
                "host": "{host}",
                "protocol": "wss",
                "description": "The machine in the courtroom; on loopback alone without TLS.",
                "variables": { "host": { "description": "Its name and port, as in the seat's link." } },
                "security": [{ "$ref": "#/components/securitySchemes/session" }],
            },
        },
        "channels": {
            "seat": {
                "address": "/h/{hearing}/{seat}/ws",
                "description": "One screen of a seat. Text messages, one JSON object each; the first is `hello`.",
                "parameters": {
                    "hearing": { "description": "The hearing's id, from the link." },
                    "seat": { "description": "The seat's id, from the link." },
                },
                "servers": [{ "$ref": "#/servers/hub" }],
                "messages": on_channel,
                "bindings": { "ws": { "method": "GET" } },
            },
        },
        "operations": operations,
        "components": {
            "messages": all,
            "securitySchemes": {
                "session": {
                    "type": "httpApiKey",
                    "in": "cookie",
                    "name": "huiting",
                    "description": "Given once for the code of the seat's link (R-JOIN-1).",
                },
            },
        },
    });
    schemas.read::<Command>();
    schemas.written::<Update>();
    schemas.put_into(&mut document);
    document
}

/// A validator of what `reference` leads to within `document`.
fn validator(document: &Value, reference: &str) -> Validator {
    let schema = json!({ "$ref": reference, "components": document["components"] });
    jsonschema::options().with_draft(Draft::Draft202012).build(&schema).expect("a schema")
}

fn check_references(document: &Value, value: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                assert!(target.is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|value| check_references(document, value));
        }
        Value::Array(items) => items.iter().for_each(|value| check_references(document, value)),
        _ => {}
    }
}

#[test]
fn the_document_is_what_the_types_say() {
    let text = serde_json::to_string_pretty(&document()).expect("JSON");
    check_file("docs/asyncapi.json", &(text + "\n"));
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document();
    check_references(&document, &document);
    let text = document.to_string();
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(text.contains(&format!("\"#/components/schemas/{name}\"")), "{name} is not referred to");
    }
    for key in document["components"]["messages"].as_object().expect("messages").keys() {
        let of_operation = format!("\"#/channels/seat/messages/{key}\"");
        assert!(document["operations"].to_string().contains(&of_operation), "{key} belongs to no operation");
    }
}

#[test]
fn every_golden_message_fits_its_schema_and_one_with_a_field_too_few_does_not() {
    let document = document();
    for (reference, messages) in golden() {
        let validator = validator(&document, &reference);
        for message in messages {
            if let Err(error) = validator.validate(&message) {
                panic!("{reference}: {error} at {} in {message}", error.instance_path());
            }
            let tag = ["type", "part", "do"].into_iter().find(|tag| message.get(tag).is_some());
            let mut short = message;
            short.as_object_mut().expect("an object").remove(tag.expect("a tag"));
            assert!(!validator.is_valid(&short), "{reference} takes {short}");
        }
    }
}

#[test]
fn what_the_hub_refuses_the_schemas_refuse_too() {
    let document = document();
    for (kind, message) in [
        ("ping", json!({ "type": "ping", "sentMs": 1, "x": 2 })),
        ("ping", json!({ "type": "ping", "sentMs": -1 })),
        ("ping", json!({ "type": "ping", "sentMs": 1.5 })),
        ("confirm", json!({ "type": "confirm" })),
        ("command", json!({ "type": "command", "cmdId": "K 1", "command": { "do": "lock" } })),
        ("command", json!({ "type": "command", "cmdId": "k1", "command": { "do": "unheardOf" } })),
        (
            "command",
            json!({ "type": "command", "cmdId": "k1", "command": { "do": "undoMark", "mark": 1, "x": 2 } }),
        ),
        ("command", json!({ "type": "command", "cmdId": "-k1", "command": { "do": "lock" } })),
    ] {
        let validator = validator(&document, &format!("#/components/messages/screen.{kind}/payload"));
        assert!(!validator.is_valid(&message), "the schema takes {message}");
        assert!(serde_json::from_value::<ClientMsg>(message.clone()).is_err(), "the hub takes {message}");
    }
}

/// Each schema of the document with its name, and each of those within it.
fn each_schema(document: &Value, act: &mut impl FnMut(&str, &Value)) {
    fn walk(name: &str, schema: &Value, act: &mut impl FnMut(&str, &Value)) {
        act(name, schema);
        for value in schema.as_object().into_iter().flat_map(|fields| fields.values()) {
            walk(name, value, act);
        }
        for value in schema.as_array().into_iter().flatten() {
            walk(name, value, act);
        }
    }
    let components = &document["components"];
    for (name, schema) in components["schemas"].as_object().expect("schemas") {
        walk(name, schema, act);
    }
    for (key, message) in components["messages"].as_object().expect("messages") {
        walk(key, &message["payload"], act);
    }
}

/// [R-VAL-1]
#[test]
fn names_are_in_camel_case_and_unions_have_one_of_the_tags() {
    let camel = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let tags = ["type", "kind", "do", "why", "part", "is", "act", "by", "step"];
    let mut unions = 0;
    each_schema(&document(), &mut |name, schema| {
        for (field, value) in schema["properties"].as_object().into_iter().flatten() {
            assert!(camel(field), "{name} has the field {field}");
            if let Some(word) = value.get("const").and_then(Value::as_str) {
                assert!(tags.contains(&field.as_str()) && camel(word), "{name}: {field} is {word}");
                unions += 1;
            }
        }
        if let Some(word) = schema.get("const").and_then(Value::as_str) {
            assert!(camel(word), "{name} may be {word}");
        }
    });
    assert!(unions > 150, "{unions}");
}

/// [R-VAL-2]
#[test]
fn a_text_id_is_read_just_where_its_schema_says_so() {
    let validator = validator(&document(), "#/components/schemas/CmdId");
    let long = "a".repeat(64);
    for good in ["a", "0", "k-1", "k_1", &long] {
        assert!(validator.is_valid(&json!(good)) && model::CmdId::new(good).is_ok(), "{good}");
    }
    let longer = "a".repeat(65);
    for bad in ["", "A", "-a", "_a", "a b", "a/b", "审", &longer] {
        assert!(!validator.is_valid(&json!(bad)) && model::CmdId::new(bad).is_err(), "{bad}");
    }
}

/// [R-VAL-5]
#[test]
fn what_may_be_null_may_be_left_out_and_the_hub_leaves_out_what_the_rule_names_alone() {
    let document = document();
    let null = |schema: &Value| {
        let types = schema["type"].as_array().into_iter().flatten();
        types.chain(schema["anyOf"].as_array().into_iter().flatten().map(|s| &s["type"])).any(|t| t == "null")
    };
    let mut left_out = BTreeSet::new();
    each_schema(&document, &mut |name, schema| {
        let Some(fields) = schema["properties"].as_object() else { return };
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        // The commands and what only they hold are read, and never written.
        let read = name.ends_with("Asked") || name.starts_with("screen.") || READ.contains(&name);
        for (field, schema) in fields {
            let optional = !required.iter().any(|r| *r == field);
            if read {
                assert!(optional || !null(schema), "{field} of {name} may be null and not be left out");
            } else if optional {
                left_out.insert(field.clone());
            }
        }
    });
    assert_eq!(left_out.into_iter().collect::<Vec<_>>(), ["actsFor", "closes", "opens", "parties", "shared"]);
    // Null and nothing read the same.
    for (with, without) in [
        (json!({ "type": "hello", "resume": null }), json!({ "type": "hello" })),
        (
            json!({ "type": "command", "cmdId": "k", "command": { "do": "setPresenter", "presenter": null } }),
            json!({ "type": "command", "cmdId": "k", "command": { "do": "setPresenter" } }),
        ),
    ] {
        let read = |message: Value| serde_json::from_value::<ClientMsg>(message).expect("understood");
        assert_eq!(read(with), read(without));
    }
}

/// Types of the document that are only read.
const READ: [&str; 7] =
    ["Command", "EvidenceDraft", "IssueAct", "MeetingAct", "Resume", "SignAct", "ViewDraft"];
