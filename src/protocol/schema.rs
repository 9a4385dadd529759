//! JSON Schemas (2020-12) of what is said on the wire, as `docs/openapi.json` and `docs/asyncapi.json` hold them.
//!
//! What is written and what is read differ: a field that is always written may be left out by who asks. A type that reads otherwise than
//! it writes stands in the document twice, the second time as `<name>Asked`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value};

const WRITTEN: &str = "/components/schemas";
const READ: &str = "/components/asked";

/// Gathers the schemas of one document.
pub struct Schemas {
    written: SchemaGenerator,
    read: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let at = |path: &str| {
            SchemaSettings::draft2020_12().with(|s| {
                s.definitions_path = path.to_owned().into();
                s.meta_schema = None;
            })
        };
        Self {
            written: at(WRITTEN).for_serialize().into_generator(),
            read: at(READ).for_deserialize().into_generator(),
        }
    }
}

impl Schemas {
    /// The schema of what we write; a reference, where the type has a name.
    pub fn written<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// The schema of what we read.
    pub fn read<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// As [`Self::written`], but the schema itself and no reference to it.
    pub fn written_whole<T: JsonSchema>(&mut self) -> Value {
        T::json_schema(&mut self.written).to_value()
    }

    /// As [`Self::read`], but the schema itself and no reference to it.
    pub fn read_whole<T: JsonSchema>(&mut self) -> Value {
        T::json_schema(&mut self.read).to_value()
    }

    /// Puts everything that was referred to under `components.schemas` of `document`, whose references then all lead somewhere.
    pub fn put_into(mut self, document: &mut Value) {
        let mut all = self.written.take_definitions(true);
        let read = self.read.take_definitions(true);
        let other = otherwise(&all, &read);
        let name_of =
            |name: &str| if other.contains(name) { format!("{name}Asked") } else { name.to_owned() };
        let place = |name: &str| format!("#{WRITTEN}/{}", name_of(name));
        for (name, mut schema) in read {
            redirect(&mut schema, &place);
            all.insert(name_of(&name), schema);
        }
        redirect(document, &place);
        document["components"]["schemas"] = Value::Object(all);
    }
}

/// Names of the types that read otherwise than they write, they or something they are made of.
fn otherwise(written: &Map<String, Value>, read: &Map<String, Value>) -> BTreeSet<String> {
    let plain = |name: &str| format!("#{WRITTEN}/{name}");
    let both = || read.iter().filter_map(|(name, schema)| Some((name, schema, written.get(name)?)));
    let mut other: BTreeSet<String> = BTreeSet::new();
    for (name, schema, as_written) in both() {
        let mut schema = schema.clone();
        redirect(&mut schema, &plain);
        if schema != *as_written {
            other.insert(name.clone());
        }
    }
    loop {
        let before = other.len();
        for (name, schema, _) in both() {
            if names_in(schema).iter().any(|n| other.contains(n)) {
                other.insert(name.clone());
            }
        }
        if other.len() == before {
            return other;
        }
    }
}

/// What a schema refers to.
fn names_in(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    each_reference(&mut schema.clone(), &mut |reference| {
        found.extend(reference.rsplit('/').next().map(str::to_owned));
    });
    found
}

fn redirect(value: &mut Value, to: &impl Fn(&str) -> String) {
    each_reference(value, &mut |reference| {
        if let Some(name) = reference.strip_prefix(&format!("#{READ}/")) {
            *reference = to(name);
        }
    });
}

fn each_reference(value: &mut Value, act: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(reference) if key == "$ref" => act(reference),
                    value => each_reference(value, act),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, act)),
        _ => {}
    }
}

/// The schemas a union is made of.
#[must_use]
pub fn branches(schema: &Value) -> &[Value] {
    let of = |key| schema.get(key).and_then(Value::as_array);
    of("oneOf").or_else(|| of("anyOf")).map_or(&[], Vec::as_slice)
}

/// The value a branch of a union has in its tag.
#[must_use]
pub fn tag<'a>(branch: &'a Value, field: &str) -> Option<&'a str> {
    branch.get("properties")?.get(field)?.get("const")?.as_str()
}
