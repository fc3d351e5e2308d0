//! An Avro schema that can hold every record an [`Input`] can be sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::codec::input::Input;
use crate::event::Kind;

const NUMBER: &[&str] = &["null", "double"];
const BOOL: &[&str] = &["null", "boolean", "int"];
const CATEGORY: &[&str] = &["null", "boolean", "long", "string"];
const TEXT: &[&str] = &["null", "string"];
const ANY: &[&str] = &["null", "boolean", "long", "double", "string"];
/// Integers past 64 bits go to the string, which comes first.
const ID: &[&str] = &["null", "boolean", "long", "string", "double"];

enum Node {
    Leaf(&'static [&'static str]),
    Record(BTreeMap<String, Node>),
}

/// Every configured field as a union of null and the types that its kind reads.
pub fn schema(input: &Input) -> String {
    let mut root = BTreeMap::new();
    for (path, kind) in &input.features {
        let types = match kind {
            Kind::Number => NUMBER,
            Kind::Bool => BOOL,
            Kind::Category => CATEGORY,
            Kind::Text => TEXT,
        };
        insert(&mut root, path, types);
    }
    for (role, path) in input.roles() {
        // Where a field has two uses, the one that takes more types counts.
        let types = match role {
            "id" => ID,
            "weight" => NUMBER,
            _ => ANY,
        };
        insert(&mut root, path, types);
    }
    record("Event", &root).to_string()
}

fn insert(fields: &mut BTreeMap<String, Node>, path: &str, types: &'static [&'static str]) {
    match path.split_once('.') {
        Some((name, rest)) => {
            if let Node::Record(inside) = fields.entry(name.to_owned()).or_insert_with(|| Node::Record(BTreeMap::new()))
            {
                insert(inside, rest, types);
            }
        }
        None => drop(fields.insert(path.to_owned(), Node::Leaf(types))),
    }
}

fn record(name: &str, fields: &BTreeMap<String, Node>) -> Value {
    let field = |(field, node): (&String, &Node)| {
        let kind = match node {
            Node::Leaf(types) => json!(types),
            Node::Record(inside) => json!(["null", record(&format!("{name}_{field}"), inside)]),
        };
        json!({ "name": field, "type": kind, "default": null })
    };
    json!({ "type": "record", "name": name, "fields": fields.iter().map(field).collect::<Vec<_>>() })
}
