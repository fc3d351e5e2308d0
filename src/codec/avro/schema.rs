//! Schemas as text, parsed; and the named types inside them.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::schema::Name;
use serde_json::Value;

/// The logical types that change how a field is read. The parser's types for others lose what the bytes look like (a UUID
/// may be a string or fixed), so those are read as the types they annotate, as the specification has it.
const LOGICAL: [&str; 8] = [
    "date",
    "decimal",
    "timestamp-millis",
    "timestamp-micros",
    "timestamp-nanos",
    "local-timestamp-millis",
    "local-timestamp-micros",
    "local-timestamp-nanos",
];

/// Parses a schema; `others` are those it refers to by name.
pub fn parse(text: &str, others: &[String]) -> Result<(Schema, Vec<Schema>), String> {
    let plain = |text: &str| -> Result<String, String> {
        let mut json: Value = serde_json::from_str(text).map_err(|why| format!("not a schema: {why}"))?;
        strip(&mut json);
        Ok(json.to_string())
    };
    let others = others.iter().map(|other| plain(other)).collect::<Result<Vec<_>, _>>()?;
    Schema::parse_str_with_list(&plain(text)?, &others).map_err(|why| format!("not a schema: {why}"))
}

fn strip(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(object) => {
            let unknown = |logical: &Value| logical.as_str().is_none_or(|logical| !LOGICAL.contains(&logical));
            if object.get("logicalType").is_some_and(unknown) {
                object.shift_remove("logicalType");
            }
            object.values_mut().for_each(strip);
        }
        _ => {}
    }
}

/// The named types of a schema, by full name.
pub type Names<'s> = BTreeMap<String, &'s Schema>;

pub fn names<'s>(schema: &'s Schema, found: &mut Names<'s>) {
    match schema {
        Schema::Record(record) => {
            found.insert(full(&record.name), schema);
            record.fields.iter().for_each(|field| names(&field.schema, found));
        }
        Schema::Enum(enumeration) => drop(found.insert(full(&enumeration.name), schema)),
        Schema::Fixed(fixed) => drop(found.insert(full(&fixed.name), schema)),
        Schema::Decimal(decimal) => {
            if let Schema::Fixed(fixed) = &*decimal.inner {
                found.insert(full(&fixed.name), schema);
            }
        }
        Schema::Array(array) => names(&array.items, found),
        Schema::Map(map) => names(&map.types, found),
        Schema::Union(union) => union.variants().iter().for_each(|variant| names(variant, found)),
        _ => {}
    }
}

pub fn full(name: &Name) -> String {
    name.fullname(None)
}
