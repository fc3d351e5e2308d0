//! `[input.features]`, written flat with dotted keys or as nested tables: TOML reads `customer.age = "number"` as a table.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::event::Kind;

#[derive(Deserialize)]
#[serde(untagged, expecting = "must be \"number\", \"category\", \"bool\" or \"text\"")]
enum Node {
    Leaf(Kind),
    Table(BTreeMap<String, Node>),
}

pub(super) fn nested_or_dotted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Kind>, D::Error> {
    let mut flat = BTreeMap::new();
    flatten("", BTreeMap::deserialize(deserializer)?, &mut flat);
    Ok(flat)
}

fn flatten(path: &str, table: BTreeMap<String, Node>, flat: &mut BTreeMap<String, Kind>) {
    for (name, node) in table {
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        match node {
            Node::Leaf(kind) => drop(flat.insert(path, kind)),
            Node::Table(table) => flatten(&path, table, flat),
        }
    }
}
