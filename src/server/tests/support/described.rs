//! What `docs/openapi.json` says, held against what is answered.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use server::Services;

/// The document; the same for every house.
pub(crate) fn document(services: &Arc<Services>) -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| match server::openapi(&server::doors(services)) {
        Ok(document) => document,
        Err(sentence) => panic!("{sentence}; see src/server/routes/table.rs"),
    })
}

/// Validators by where their schemas stand.
static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
fn validator(document: &Value, pointer: &str) -> Arc<Validator> {
    let mut all = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(validator) = all.get(pointer) {
        return Arc::clone(validator);
    }
    let mut schema = document.pointer(pointer).expect("a schema").clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&schema).expect("a schema");
    let validator = Arc::new(validator);
    all.insert(pointer.to_owned(), Arc::clone(&validator));
    validator
}

/// The path of the document that an address is of; one without places goes first.
fn path_of<'a>(document: &'a Value, address: &str) -> Option<&'a str> {
    let address = address.split('?').next().unwrap_or_default();
    let parts: Vec<_> = address.split('/').collect();
    let fits = |path: &&String| {
        let pattern: Vec<_> = path.split('/').collect();
        let place = |part: &str| part.starts_with('{') && part.ends_with('}');
        pattern.len() == parts.len()
            && pattern.iter().zip(&parts).all(|(p, a)| if place(p) { !a.is_empty() } else { p == a })
    };
    let paths = document["paths"].as_object()?;
    paths.keys().filter(fits).min_by_key(|path| path.matches('{').count()).map(String::as_str)
}

/// Fails where an address of the document answers what is not said of it. Gives what has answered, where that was JSON and no refusal.
pub(crate) fn check(
    document: &Value,
    method: &str,
    address: &str,
    (status, kind, body): (u16, &str, &[u8]),
) -> Option<String> {
    let Some(path) = path_of(document, address) else {
        assert_eq!(status, 404, "{method} {address} is in no document");
        return None;
    };
    let what = format!("{method} {path} answered {status} ({kind})");
    let method = method.to_lowercase();
    let Some(operation) = document["paths"][path].get(&method) else {
        // HEAD is what GET is, without its body.
        assert!(status == 405 || method == "head", "{what}, which is in no document");
        return None;
    };
    let Some(response) = operation["responses"].get(status.to_string()) else {
        panic!("{what}, of which docs/openapi.json says nothing: {}", String::from_utf8_lossy(body));
    };
    let kind = kind.split(';').next().unwrap_or_default();
    let Some(content) = response.get("content") else {
        assert!(body.is_empty(), "{what} with a body, of which docs/openapi.json says nothing");
        return None;
    };
    assert!(content.get(kind).is_some(), "{what}, and docs/openapi.json expects {content}");
    if kind != "application/json" {
        return None;
    }
    let pointer = |part: &str| part.replace('~', "~0").replace('/', "~1");
    let at = format!("/paths/{}/{method}/responses/{status}/content/application~1json/schema", pointer(path));
    let value: Value = serde_json::from_slice(body).expect("JSON");
    if let Err(error) = validator(document, &at).validate(&value) {
        panic!("{what}: {error} at {}: {value}", error.instance_path());
    }
    // A refusal fits nothing else, and is fitted by nothing else.
    assert!(
        !validator(document, &at).is_valid(&json!({ "unheardOf": 1 })),
        "{what}: its schema takes anything"
    );
    (status < 300).then(|| format!("{} {path}", method.to_uppercase()))
}
