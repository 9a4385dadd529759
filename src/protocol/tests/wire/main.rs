//! What goes over the WebSocket: a golden message of every kind, which the screens' tests read as well, and `docs/asyncapi.json`, which
//! describes them to other programs. `make types` (HUITING_WRITE_TYPES=1) writes both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it must be"
)]

mod asyncapi;
mod golden;
mod rules;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use court::Command;
use protocol::schema::{branches, tag};
use protocol::view::Update;
use protocol::wire::{ClientMsg, ServerMsg};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Writes a file where that was asked for, and holds it against what it must be.
fn check_file(path: &str, want: &str) {
    let file = root().join(path);
    if std::env::var_os("HUITING_WRITE_TYPES").is_some() {
        std::fs::write(&file, want).expect("written");
    }
    let have = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(have == want, "{path} is not what the types say: run `make types`");
}

/// Writes the messages one a line; each must come back as it went.
fn check_golden<T: Serialize + DeserializeOwned>(path: &str, messages: &[T]) {
    let lines: Vec<_> = messages.iter().map(|m| serde_json::to_string(m).expect("messages encode")).collect();
    check_file(path, &format!("[\n{}\n]\n", lines.join(",\n")));
    let text = std::fs::read_to_string(root().join(path)).expect("there");
    let kept: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    assert_eq!(kept.len(), messages.len());
    for message in kept {
        let read: T = serde_json::from_value(message.clone()).expect("a golden message is understood");
        assert_eq!(serde_json::to_value(&read).expect("messages encode"), message);
    }
}

#[test]
fn every_golden_message_is_read_and_written_back_the_same() {
    check_golden::<ServerMsg>("web/test/golden/server.json", &golden::server());
    check_golden::<ClientMsg>("web/test/golden/client.json", &golden::client());
    check_golden::<Update>("web/test/golden/updates.json", &golden::updates());
    check_golden::<Command>("web/test/golden/commands.json", &golden::commands());
}

/// What the golden messages have of each union of the document: where the union stands, and the tag.
#[derive(Default)]
struct Seen(BTreeSet<(String, String)>);

impl Seen {
    /// Walks a value along its schema.
    fn walk(&mut self, document: &Value, schema: &Value, place: &str, value: &Value) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = document.pointer(&reference[1..]).expect("a reference leads somewhere");
            self.walk(document, target, reference, value);
        }
        for branch in branches(schema) {
            match tag_of(branch) {
                Some((field, word)) if value.get(field).and_then(Value::as_str) == Some(word) => {
                    self.0.insert((place.to_owned(), word.to_owned()));
                    self.walk(document, branch, place, value);
                }
                Some(_) => {}
                None => self.walk(document, branch, place, value),
            }
        }
        if let (Some(Value::Object(fields)), Value::Object(values)) = (schema.get("properties"), value) {
            for (name, schema) in fields {
                if let Some(value) = values.get(name) {
                    self.walk(document, schema, &format!("{place}/{name}"), value);
                }
            }
        }
        if let (Some(schema), Value::Array(values)) = (schema.get("items"), value) {
            values.iter().for_each(|value| self.walk(document, schema, place, value));
        }
        if let (Some(Value::Array(schemas)), Value::Array(values)) = (schema.get("prefixItems"), value) {
            schemas.iter().zip(values).for_each(|(schema, value)| self.walk(document, schema, place, value));
        }
    }
}

/// Field and word of the tag of a union's branch; none, if it is no branch of a tagged union.
fn tag_of(branch: &Value) -> Option<(&str, &str)> {
    let fields = branch.get("properties")?.as_object()?;
    fields.keys().find_map(|field| Some((field.as_str(), tag(branch, field)?)))
}

#[test]
fn every_kind_of_message_and_of_what_is_in_them_has_a_golden_one() {
    let document = asyncapi::document();
    let mut seen = Seen::default();
    for (schema, messages) in asyncapi::golden() {
        let schema = serde_json::json!({ "$ref": schema });
        messages.iter().for_each(|message| seen.walk(&document, &schema, "", message));
    }
    let mut missing = Vec::new();
    for key in document["components"]["messages"].as_object().expect("messages").keys() {
        let place = format!("#/components/messages/{key}/payload");
        if !asyncapi::golden().iter().any(|(schema, _)| *schema == place) {
            missing.push(key.clone());
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        let place = format!("#/components/schemas/{name}");
        for (_, word) in branches(schema).iter().filter_map(tag_of) {
            if !seen.0.contains(&(place.clone(), word.to_owned())) {
                missing.push(format!("{name} {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "add to src/protocol/tests/wire/golden.rs: {missing:#?}");
}
